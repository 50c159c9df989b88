//! Checks provenance: that someone is responsible for each document, and that chains lead back to
//! an origin.
//!
//! Knows sources, documents and assertions as they are at the end of the log. Must not know where
//! words are quoted, nor how entries are chained.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::answers::finding::{FindingPlace, Findings, Problem, Ring};
use crate::domain::claim::{ClaimAsserted, Voice};
use crate::domain::document::Metadata;
use crate::domain::id::{DocumentId, Sequence, SourceId};
use crate::domain::union_find::UnionFind;
use crate::record::event::{Body, Event, Relation};

/// The basis of a document, as last stated.
struct DocumentBasis {
    /// Whether an outlet published it.
    published: bool,
    rests_on: Vec<Sequence>,
}

impl DocumentBasis {
    fn of(metadata: &Metadata) -> Self {
        Self {
            published: metadata.sources().next().is_some(),
            rests_on: metadata.references().map(|document| document.sequence()).collect(),
        }
    }
}

/// Numbers for sources, because a million chains name the same few.
#[derive(Default)]
struct SourceNumbers {
    numbers: HashMap<SourceId, u32>,
    sources: Vec<SourceId>,
}

impl SourceNumbers {
    fn number(&mut self, source: &SourceId) -> u32 {
        if let Some(number) = self.numbers.get(source) {
            return *number;
        }
        let number = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        self.sources.push(source.clone());
        self.numbers.insert(source.clone(), number);
        number
    }
}

/// The sources, documents and assertions so far.
#[derive(Default)]
pub(super) struct Provenance {
    speaks_for: BTreeMap<SourceId, Vec<SourceId>>,
    merges: BTreeMap<Sequence, (SourceId, SourceId)>,
    documents: HashMap<Sequence, DocumentBasis>,
    /// Assertions without hops: whether they are attributed, and their document.
    sourceless: Vec<(Sequence, bool, DocumentId)>,
    sources: SourceNumbers,
    /// Chains of several hops: the assertion, and where its chain begins in `links`.
    chains: Vec<(Sequence, usize)>,
    /// A hop and a source for each link.
    links: Vec<(u16, u32)>,
    /// Relations by which assertions revise others, unless withdrawn: the revising assertion, and
    /// what it revises.
    revises: BTreeMap<Sequence, [Vec<Sequence>; 2]>,
    machine_made: Vec<Sequence>,
    checked: HashSet<Sequence>,
    voided: HashSet<Sequence>,
    /// The number of assertions.
    pub(super) assertions: u64,
}

impl Provenance {
    /// Records the event at `at`.
    pub(super) fn learn(&mut self, at: Sequence, event: &Event) {
        match &event.body {
            Body::SourceNamed(named) => {
                let source = SourceId::Named(named.slug.clone());
                let principals = named.speaks_for.iter().map(|principal| principal.source.clone());
                self.speaks_for.insert(source, principals.collect());
            }
            Body::SourcesMerged(merged) => {
                self.merges.insert(at, (merged.from.clone(), merged.into.clone()));
            }
            Body::MergeUndone(undone) => {
                self.merges.remove(&undone.merge.sequence());
            }
            Body::DocumentCaptured(captured) => {
                self.documents.insert(at, DocumentBasis::of(&captured.metadata));
            }
            Body::DocumentCorrected(corrected) => {
                if let Some(standing) = self.documents.get_mut(&corrected.document.sequence()) {
                    *standing = DocumentBasis::of(&corrected.metadata);
                }
            }
            Body::ClaimAsserted(asserted) => self.assert(at, asserted),
            Body::AssertionChecked(checked) => {
                self.checked.insert(checked.assertion.sequence());
            }
            Body::AssertionVoided(voided) => {
                self.voided.insert(voided.assertion.sequence());
            }
            Body::AssertionsRelated(related) if related.relation == Relation::Revises => {
                let sides = [&related.left, &related.right];
                let sides = sides.map(|side| side.as_slice().iter().map(|one| one.sequence()));
                self.revises.insert(at, sides.map(Iterator::collect));
            }
            Body::EventWithdrawn(withdrawn) => {
                self.revises.remove(&withdrawn.event.sequence());
            }
            _ => {}
        }
    }

    fn assert(&mut self, at: Sequence, asserted: &ClaimAsserted) {
        self.assertions += 1;
        if asserted.machine_made() {
            self.machine_made.push(at);
        }
        if asserted.hops.is_empty() {
            let attributed = asserted.voice == Voice::Attributed;
            self.sourceless.push((at, attributed, asserted.document));
        }
        if asserted.hops.len() < 2 {
            return;
        }
        self.chains.push((at, self.links.len()));
        for (hop, place) in asserted.hops.iter().zip(0..) {
            for source in hop.sources.as_slice() {
                self.links.push((place, self.sources.number(source)));
            }
        }
    }

    /// The number of documents.
    pub(super) fn documents(&self) -> u64 {
        self.documents.len() as u64
    }

    /// The number of named sources.
    pub(super) fn sources(&self) -> u64 {
        self.speaks_for.len() as u64
    }

    /// The number of assertions made by a program that nobody has checked or voided.
    pub(super) fn unchecked(&self) -> u64 {
        let waits = |at: &&Sequence| !self.checked.contains(at) && !self.voided.contains(at);
        self.machine_made.iter().filter(waits).count() as u64
    }

    /// Checks everything that was recorded.
    pub(super) fn finish(&self, findings: &mut Findings) {
        self.answerable(findings);
        self.round_chains(findings);
        for ring in rings(&self.speaks_for) {
            let place = FindingPlace::Source(ring[0].clone());
            findings.add(place, Problem::SpeakersRound { ring: Ring(ring) });
        }
        let mut merges: BTreeMap<SourceId, Vec<SourceId>> = BTreeMap::new();
        for (from, into) in self.merges.values() {
            merges.entry(from.clone()).or_default().push(into.clone());
        }
        for ring in rings(&merges) {
            let place = FindingPlace::Source(ring[0].clone());
            findings.add(place, Problem::MergesRound { ring: Ring(ring) });
        }
        let resting = self.documents.iter().filter(|(_, standing)| !standing.rests_on.is_empty());
        let documents = resting.map(|(at, standing)| (*at, standing.rests_on.clone())).collect();
        for ring in rings(&documents) {
            findings
                .add(FindingPlace::Entry(ring[0]), Problem::DocumentsRound { ring: Ring(ring) });
        }
        let mut revises: BTreeMap<Sequence, Vec<Sequence>> = BTreeMap::new();
        for [left, right] in self.revises.values() {
            for left in left.iter().filter(|left| !self.voided.contains(left)) {
                revises.entry(*left).or_default().extend(right);
            }
        }
        for ring in rings(&revises) {
            findings
                .add(FindingPlace::Entry(ring[0]), Problem::RevisionsRound { ring: Ring(ring) });
        }
    }

    fn answerable(&self, findings: &mut Findings) {
        for &(at, attributed, document) in &self.sourceless {
            let standing = self.documents.get(&document.sequence());
            if self.voided.contains(&at) {
                continue;
            }
            if attributed {
                findings.add(FindingPlace::Entry(at), Problem::NoSource {});
            } else if standing.is_some_and(|standing| !standing.published) {
                findings.add(FindingPlace::Entry(at), Problem::NobodyStands { document });
            }
        }
    }

    /// Reports chains in which a source occurs in two hops, including as another source with which
    /// it was merged.
    fn round_chains(&self, findings: &mut Findings) {
        let wholes = self.wholes();
        let ends = self.chains.iter().skip(1).map(|(_, start)| *start).chain([self.links.len()]);
        for (&(at, start), end) in self.chains.iter().zip(ends) {
            if self.voided.contains(&at) {
                continue;
            }
            let mut met: Vec<(u16, u32)> = Vec::new();
            for &(hop, source) in &self.links[start..end] {
                let whole = wholes.get(&source).copied().unwrap_or(source);
                if met.iter().any(|&(other, known)| known == whole && other != hop) {
                    let source = self.sources.sources[whole as usize].clone();
                    findings.add(FindingPlace::Entry(at), Problem::ChainRound { source });
                    break;
                }
                met.push((hop, whole));
            }
        }
    }

    /// For each merged source in a chain, the number that stands for all sources merged with it.
    fn wholes(&self) -> HashMap<u32, u32> {
        let mut places: BTreeMap<&SourceId, u32> = BTreeMap::new();
        let mut grouping = UnionFind::default();
        for (from, into) in self.merges.values() {
            let from = *places.entry(from).or_insert_with(|| grouping.add());
            let into = *places.entry(into).or_insert_with(|| grouping.add());
            grouping.join(from, into);
        }
        // The number is that of the first source of each group that occurs in a chain.
        let mut firsts: HashMap<u32, u32> = HashMap::new();
        let mut wholes = HashMap::new();
        for (source, place) in places {
            if let Some(number) = self.sources.numbers.get(source) {
                let first = *firsts.entry(grouping.head(place)).or_insert(*number);
                wholes.insert(*number, first);
            }
        }
        wholes
    }
}

/// The cycles in a graph, each once, with its members in order from the first edge that closes it.
fn rings<K: Ord + Clone>(edges: &BTreeMap<K, Vec<K>>) -> Vec<Vec<K>> {
    let mut found = Vec::new();
    let mut done: BTreeSet<&K> = BTreeSet::new();
    for start in edges.keys() {
        // The path from the start to the current node, with the number of edges followed at each
        // step; and the position of each step in it, because a path can be as long as the log.
        let mut way: Vec<(&K, usize)> = Vec::new();
        let mut places: BTreeMap<&K, usize> = BTreeMap::new();
        if done.insert(start) {
            way.push((start, 0));
            places.insert(start, 0);
        }
        while let Some((here, followed)) = way.last_mut() {
            let Some(next) = edges.get(*here).and_then(|to| to.get(*followed)) else {
                places.remove(*here);
                way.pop();
                continue;
            };
            *followed += 1;
            if let Some(&first) = places.get(next) {
                found.push(way[first..].iter().map(|(step, _)| (*step).clone()).collect());
            } else if done.insert(next) {
                places.insert(next, way.len());
                way.push((next, 0));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(edges: &[(u8, &[u8])]) -> Vec<Vec<u8>> {
        rings(&edges.iter().map(|(from, to)| (*from, to.to_vec())).collect())
    }

    #[test]
    fn each_ring_is_found_once_and_what_only_meets_is_none() {
        assert_eq!(found(&[(1, &[2, 3]), (2, &[4]), (3, &[4])]), Vec::<Vec<u8>>::new());
        assert_eq!(found(&[(1, &[1])]), [[1]]);
        assert_eq!(found(&[(1, &[2]), (2, &[3]), (3, &[2])]), [[2, 3]]);
        assert_eq!(found(&[(1, &[2]), (2, &[1]), (5, &[6]), (6, &[5])]), [[1, 2], [5, 6]]);
    }

    #[test]
    fn a_long_way_is_walked_without_recursion() {
        let edges = (0..200_000_u32).map(|step| (step, vec![step + 1])).collect();
        assert_eq!(rings(&edges), Vec::<Vec<u32>>::new());
    }
}
