//! Checks the references between events: that the target exists, came before and is of the right
//! kind; and that every missing event was erased.
//!
//! Knows sequences and names. Must not know whether what an event says is sound.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::answers::finding::{FindingPlace, Findings, Problem};
use crate::domain::claim::ClaimAsserted;
use crate::domain::document::Metadata;
use crate::domain::id::{DocumentId, EventId, Sequence, Slug, SourceId};
use crate::domain::source::Principal;
use crate::record::event::{Body, Event, Kind, Target};

/// The most consecutive missing entries after which kinds are still stored. Otherwise a forged
/// block with a very large sequence could exhaust the memory.
const WIDEST_GAP: usize = 1 << 20;

/// The possible targets so far.
#[derive(Default)]
pub(super) struct References {
    kinds: Vec<Option<Kind>>,
    named: HashSet<Slug>,
    erased: BTreeSet<Sequence>,
    erasures: BTreeMap<Sequence, Sequence>,
    /// Whether any event so far could not be read: it may have named any source.
    hidden: bool,
    /// References to sources that an unreadable event may have named.
    pub(super) undecided: u64,
}

/// The references of an event.
#[derive(Default)]
struct Referred<'a> {
    events: Vec<(Sequence, Option<Kind>)>,
    sources: Vec<&'a SourceId>,
    /// Withdrawn events; not every kind of event can be withdrawn.
    withdrawn: Vec<Sequence>,
}

impl References {
    /// Records a missing payload.
    pub(super) fn gone(&mut self, at: Sequence) {
        self.erased.insert(at);
        self.unread(at);
    }

    /// Records an event that could not be read.
    pub(super) fn unread(&mut self, at: Sequence) {
        self.hidden = true;
        self.remember(at, None);
    }

    /// Checks the references of the event at `at` against the events before it, and records it.
    pub(super) fn learn(&mut self, at: Sequence, event: &Event, findings: &mut Findings) {
        let place = || FindingPlace::Entry(at);
        let referred = Referred::by(&event.body);
        for (to, expected) in referred.events {
            self.refers(at, to, expected, findings);
        }
        for to in referred.withdrawn {
            self.withdraws(at, to, findings);
        }
        for source in referred.sources {
            self.known(at, source, findings);
        }
        match &event.body {
            Body::ClaimAsserted(asserted) => {
                for source in strangers(asserted) {
                    let source = source.clone();
                    findings.add(place(), Problem::SourceOfOtherDocument { source });
                }
            }
            Body::SourceNamed(named) => {
                self.named.insert(named.slug.clone());
            }
            Body::EventErased(erased) => {
                for event in erased.events.as_slice() {
                    self.erasures.insert(event.sequence(), at);
                }
            }
            _ => {}
        }
        self.remember(at, Some(event.body.kind()));
    }

    /// Compares erasures with missing payloads, once all entries have been recorded.
    pub(super) fn finish(&self, findings: &mut Findings) {
        for at in &self.erased {
            if !self.erasures.contains_key(at) {
                findings.add(FindingPlace::Entry(*at), Problem::PayloadMissing {});
            }
        }
        for (&to, &erasure) in &self.erasures {
            match self.kind(to) {
                Some(kind) if kind.erasable() => {
                    findings.add(FindingPlace::Entry(to), Problem::PayloadKept { erasure });
                }
                Some(kind) => {
                    let problem = Problem::ErasureForbidden { to, kind: kind.tag() };
                    findings.add(FindingPlace::Entry(erasure), problem);
                }
                None => {}
            }
        }
    }

    fn remember(&mut self, at: Sequence, kind: Option<Kind>) {
        let place = usize::try_from(at.get()).unwrap_or(usize::MAX);
        if place.saturating_sub(self.kinds.len()) <= WIDEST_GAP {
            self.hidden |= place > self.kinds.len();
            self.kinds.resize(self.kinds.len().max(place + 1), None);
            self.kinds[place] = kind;
        }
    }

    /// The kind of the event at `at`; none if it could not be read.
    fn kind(&self, at: Sequence) -> Option<Kind> {
        let place = usize::try_from(at.get()).ok()?;
        self.kinds.get(place).copied().flatten()
    }

    fn refers(&self, at: Sequence, to: Sequence, expected: Option<Kind>, findings: &mut Findings) {
        if to >= at {
            return findings.add(FindingPlace::Entry(at), Problem::ReferenceAhead { to });
        }
        if let (Some(expected), Some(found)) = (expected, self.kind(to))
            && expected != found
        {
            let (expected, found) = (expected.tag(), found.tag());
            findings.add(FindingPlace::Entry(at), Problem::ReferenceUnfit { to, expected, found });
        }
    }

    fn withdraws(&self, at: Sequence, to: Sequence, findings: &mut Findings) {
        self.refers(at, to, None, findings);
        if let Some(found) = self.kind(to).filter(|kind| to < at && !kind.withdrawable()) {
            let (expected, found) = (Kind::NoteAdded.tag(), found.tag());
            findings.add(FindingPlace::Entry(at), Problem::ReferenceUnfit { to, expected, found });
        }
    }

    fn known(&mut self, at: Sequence, source: &SourceId, findings: &mut Findings) {
        match source {
            SourceId::Unnamed { document, .. } => {
                self.refers(at, document.sequence(), Some(Kind::DocumentCaptured), findings);
            }
            SourceId::Named(slug) if self.named.contains(slug) => {}
            SourceId::Named(_) if self.hidden => self.undecided += 1,
            SourceId::Named(_) => {
                let source = source.clone();
                findings.add(FindingPlace::Entry(at), Problem::SourceDangling { source });
            }
        }
    }
}

/// The unnamed sources of an assertion that belong to a document other than its own.
fn strangers(asserted: &ClaimAsserted) -> impl Iterator<Item = &SourceId> {
    asserted.sources().filter(|source| match source {
        SourceId::Named(_) => false,
        SourceId::Unnamed { document, .. } => *document != asserted.document,
    })
}

impl<'a> Referred<'a> {
    fn by(body: &'a Body) -> Self {
        let mut referred = Self::default();
        match body {
            Body::LedgerOpened(_) | Body::KeyRotated(_) => {}
            Body::SourceNamed(named) => referred.principals(&named.speaks_for),
            Body::SourceDescribed(described) => {
                referred.sources.push(&described.source);
                referred.principals(&described.speaks_for);
            }
            Body::SourcesMerged(merged) => referred.sources.extend([&merged.from, &merged.into]),
            Body::MergeUndone(undone) => {
                referred.event(undone.merge.sequence(), Kind::SourcesMerged);
            }
            Body::DocumentCaptured(captured) => {
                referred.metadata(&captured.metadata);
                referred.document(captured.rereads);
            }
            Body::DocumentCorrected(corrected) => {
                referred.event(corrected.document.sequence(), Kind::DocumentCaptured);
                referred.metadata(&corrected.metadata);
            }
            Body::ClaimAsserted(asserted) => {
                referred.event(asserted.document.sequence(), Kind::DocumentCaptured);
                referred.sources.extend(asserted.sources());
                if let Some(replaced) = asserted.replaces {
                    referred.assertion(replaced.sequence());
                }
            }
            Body::AssertionChecked(checked) => referred.assertion(checked.assertion.sequence()),
            Body::AssertionVoided(voided) => referred.assertion(voided.assertion.sequence()),
            Body::AssertionRetracted(retracted) => {
                referred.assertion(retracted.assertion.sequence());
                referred.sources.extend(&retracted.by_source);
                referred.document(retracted.document);
            }
            Body::AssertionsRelated(related) => {
                related.assertions().for_each(|one| referred.assertion(one.sequence()));
                referred.sources.extend(&related.said_by);
            }
            Body::TopicAssigned(assigned) => {
                assigned.targets.as_slice().iter().for_each(|target| referred.target(target));
            }
            Body::NoteAdded(note) => referred.target(&note.target),
            Body::ClaimReviewed(review) => {
                referred.assertion(review.assertion.sequence());
                referred.sources.push(&review.reviewer);
                referred.document(review.document);
            }
            Body::EventWithdrawn(withdrawn) => {
                referred.withdrawn.push(withdrawn.event.sequence());
            }
            Body::EventDisclosed(disclosed) => referred.any(disclosed.events.as_slice()),
            Body::EventErased(erased) => referred.any(erased.events.as_slice()),
        }
        referred
    }

    fn event(&mut self, to: Sequence, kind: Kind) {
        self.events.push((to, Some(kind)));
    }

    fn any(&mut self, events: &[EventId]) {
        self.events.extend(events.iter().map(|event| (event.sequence(), None)));
    }

    fn document(&mut self, document: Option<DocumentId>) {
        if let Some(document) = document {
            self.event(document.sequence(), Kind::DocumentCaptured);
        }
    }

    fn principals(&mut self, principals: &'a [Principal]) {
        self.sources.extend(principals.iter().map(|principal| &principal.source));
    }

    fn assertion(&mut self, to: Sequence) {
        self.event(to, Kind::ClaimAsserted);
    }

    fn metadata(&mut self, metadata: &'a Metadata) {
        self.sources.extend(metadata.sources());
        for document in metadata.references() {
            self.event(document.sequence(), Kind::DocumentCaptured);
        }
    }

    fn target(&mut self, target: &'a Target) {
        match target {
            Target::Assertion(assertion) => self.assertion(assertion.sequence()),
            Target::Document(document) => {
                self.event(document.sequence(), Kind::DocumentCaptured);
            }
            Target::Source(source) => self.sources.push(source),
            Target::Event(event) => self.events.push((event.sequence(), None)),
        }
    }
}
