//! Who rests on whom: sources that are one, and sources that speak for others.
//!
//! Knows merges and principals as they stood at a sequence. Must not know what was said.

use std::collections::{BTreeMap, BTreeSet};

use super::{Mark, Snapshot, ViewError};
use crate::id::{Sequence, SourceId};

/// A merge in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Where it was recorded.
    pub at: Sequence,
    /// What was merged.
    pub from: SourceId,
    /// Into what.
    pub into: SourceId,
}

/// The merges in force by the entries that count, oldest first.
pub fn merges_in_force(
    snapshot: &Snapshot,
    counts: impl Fn(Sequence) -> bool,
) -> Result<Vec<Merge>, ViewError> {
    let undone: BTreeSet<Vec<u8>> = snapshot
        .marks_of(Mark::Unmerged)?
        .into_iter()
        .filter(|(_, at, _)| counts(*at))
        .map(|(merge, _, _)| merge)
        .collect();
    let mut merges = Vec::new();
    for (_, at, pair) in snapshot.marks_of(Mark::Merged)? {
        if !counts(at) || undone.contains(super::sequence_key(at).as_slice()) {
            continue;
        }
        let pair = String::from_utf8_lossy(&pair).into_owned();
        if let Some((from, into)) = pair.split_once('\n')
            && let (Ok(from), Ok(into)) = (from.parse(), into.parse())
        {
            merges.push(Merge { at, from, into });
        }
    }
    Ok(merges)
}

/// Which sources are one, by the merges in force.
#[derive(Debug, Default)]
pub struct Merges {
    into: BTreeMap<SourceId, SourceId>,
}

impl Merges {
    /// The merges in force by the entries that count.
    pub fn by(snapshot: &Snapshot, counts: impl Fn(Sequence) -> bool) -> Result<Self, ViewError> {
        let mut merges = Self::default();
        for Merge { from, into, .. } in merges_in_force(snapshot, counts)? {
            merges.join(from, into);
        }
        Ok(merges)
    }

    fn join(&mut self, from: SourceId, into: SourceId) {
        let (from, into) = (self.whole(&from), self.whole(&into));
        if from != into {
            self.into.insert(from, into);
        }
    }

    /// The source that `source` is part of; itself where it was not merged.
    pub fn whole(&self, source: &SourceId) -> SourceId {
        let mut whole = source;
        // Each step leaves a key behind, since only wholes are ever joined: this cannot go round.
        while let Some(into) = self.into.get(whole) {
            whole = into;
        }
        whole.clone()
    }

    /// Every source that is one with `source`, itself among them.
    pub fn parts(&self, source: &SourceId) -> BTreeSet<SourceId> {
        let whole = self.whole(source);
        let parts = self.into.keys().filter(|part| self.whole(part) == whole).cloned();
        parts.chain([whole.clone(), source.clone()]).collect()
    }
}

/// The sources that speak for `principal`, by a naming before entry `before`.
pub fn spokespeople(
    snapshot: &Snapshot,
    principal: &SourceId,
    before: Sequence,
) -> Result<BTreeSet<SourceId>, ViewError> {
    let mut speakers = BTreeSet::new();
    for (at, slug) in snapshot.marks(Mark::SpokenFor, principal.to_string().as_bytes())? {
        let Ok(slug) = String::from_utf8_lossy(&slug).parse() else { continue };
        let last = snapshot.naming(&slug, before)?;
        // Only the last naming says for whom a source speaks now.
        if at < before && last.is_some_and(|naming| naming.at == at) {
            speakers.insert(SourceId::Named(slug));
        }
    }
    Ok(speakers)
}
