//! Prepares runs of records for folding, without access to the views.
//!
//! Knows what every kind of event adds to the tables. Must not know what the tables contain:
//! anything that depends on them, such as the title of an assertion's document, is left to the
//! fold. This is most of the work, and several runs can be prepared at once on several threads.

use std::collections::HashMap;

use thiserror::Error;

use super::gather::{Flat, Gathered};
use crate::answers::fingerprint::{HASH_BYTES, kept_of};
use crate::answers::view::{
    Block, Clock, Fingerprint, Mark, Row, RowPacker, Term, day_term, each_word, mark_key,
    sequence_key, words,
};
use crate::domain::claim::ClaimAsserted;
use crate::domain::digest::EntryHash;
use crate::domain::document::{DocumentCaptured, Metadata};
use crate::domain::id::{DocumentId, EventId, Sequence, Slug, SourceId};
use crate::domain::moment::Moment;
use crate::domain::resolve::folded_names;
use crate::domain::source::{Principal, SourceDescribed, SourceNamed};
use crate::record::decide::requested;
use crate::record::event::{Body, Event, Target};
use crate::record::seal::{Entry, EntryError, Record, entry_hash};
use crate::record::tree::{self, LeafHash};

/// Why a record cannot be folded.
#[derive(Debug, Error)]
#[error("entry {at}: {error}: run `testimony audit`")]
pub struct PrepareError {
    /// Its expected sequence.
    pub at: Sequence,
    /// What is wrong with it.
    pub error: EntryError,
}

/// The parts of an entry that the hash chain and the tree need.
#[derive(Debug)]
pub(super) struct ChainLink {
    pub(super) entry: Entry,
    pub(super) hash: EntryHash,
    pub(super) leaf: LeafHash,
}

/// A decoded entry, with its event if this version can read it. An event that it cannot read keeps
/// its bytes and adds no terms.
#[derive(Debug, Clone, Copy)]
pub struct ReadEntry<'a> {
    /// The entry.
    pub entry: Entry,
    /// The hash of its bytes.
    pub hash: EntryHash,
    /// Its leaf hash in the tree.
    pub leaf: LeafHash,
    /// The event's bytes; none if it was erased.
    pub bytes: Option<&'a [u8]>,
    /// The event.
    pub event: Option<&'a Event>,
}

/// A run of records prepared for folding.
#[derive(Debug, Default)]
pub struct Prepared {
    pub(super) links: Vec<ChainLink>,
    pub(super) blocks: Vec<Block>,
    pub(super) terms: Flat,
    /// Terms of older entries, which are not in order.
    pub(super) older: Vec<(Vec<u8>, u64)>,
    pub(super) fingerprints: Vec<(Fingerprint, [u8; HASH_BYTES], u64)>,
    pub(super) marks: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) scenes: Vec<Scene>,
    pub(super) log: Option<String>,
    pub(super) key: Option<String>,
}

/// The events up to the next new statement about a document.
#[derive(Debug, Default)]
pub(super) struct Scene {
    /// The statements about documents at its beginning, or before their first assertions.
    pub(super) said: Vec<(DocumentId, Inherited)>,
    /// Assertions by their documents.
    pub(super) assertions: HashMap<DocumentId, Vec<u64>>,
}

/// The terms of a document that also apply to its assertions.
#[derive(Debug, Clone, Default)]
pub(super) struct Inherited(pub(super) Vec<Vec<u8>>);

impl Inherited {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let term = |term: Term, value: &[u8]| [&[term as u8], value].concat();
        let title = metadata.title.as_ref().map(|title| words(title.as_str())).unwrap_or_default();
        let mut terms: Vec<Vec<u8>> =
            title.iter().map(|word| term(Term::TitleWord, word.as_bytes())).collect();
        let outlets = metadata.sources().map(|outlet| outlet.to_string());
        terms.extend(outlets.map(|outlet| term(Term::Outlet, outlet.as_bytes())));
        let days = [(Clock::Published, metadata.published), (Clock::Retrieved, metadata.retrieved)];
        for (clock, moment) in days {
            let day = moment.map(|moment| day_term(clock, moment.at.first_day()));
            terms.extend(day.map(|day| term(Term::DocumentDay, &day)));
        }
        terms.sort_unstable();
        terms.dedup();
        Self(terms)
    }
}

/// Prepares consecutive runs.
#[derive(Debug, Default)]
pub struct Preparer {
    gathered: Gathered,
    prepared: Prepared,
    packer: RowPacker,
    term: Vec<u8>,
    folded: String,
}

impl Preparer {
    /// Reads consecutive records.
    pub fn prepare(
        &mut self,
        records: impl IntoIterator<Item = (Sequence, Record)>,
    ) -> Result<Prepared, PrepareError> {
        self.prepared.scenes.push(Scene::default());
        for (at, record) in records {
            let entry = Entry::decode(&record.entry).map_err(|error| PrepareError { at, error })?;
            let bytes = record.payload.as_ref().map(|payload| payload.event.as_slice());
            let event = bytes.and_then(|bytes| Event::decode_trusted(bytes).ok());
            let (hash, leaf) = (entry_hash(&record.entry), tree::leaf_hash(&record.entry));
            self.add(ReadEntry { entry, hash, leaf, bytes, event: event.as_ref() });
        }
        Ok(self.take())
    }

    /// Takes consecutive entries that were decoded elsewhere.
    pub fn prepare_checked<'a>(
        &mut self,
        entries: impl IntoIterator<Item = ReadEntry<'a>>,
    ) -> Prepared {
        self.prepared.scenes.push(Scene::default());
        entries.into_iter().for_each(|checked| self.add(checked));
        self.take()
    }

    fn add(&mut self, checked: ReadEntry<'_>) {
        let ReadEntry { entry, hash, leaf, bytes, event: said } = checked;
        let at = entry.seq;
        let event = bytes.unwrap_or_default();
        let write = |chunk: &mut Vec<u8>| Row::encode(&entry, hash, event, chunk);
        self.packer.push(at.get(), write, &mut self.prepared.blocks);
        self.prepared.links.push(ChainLink { entry, hash, leaf });
        if let Some(said) = said {
            self.event(at, said, event);
        }
    }

    fn take(&mut self) -> Prepared {
        self.packer.close(&mut self.prepared.blocks);
        self.prepared.terms = self.gathered.flatten();
        std::mem::take(&mut self.prepared)
    }

    fn term(&mut self, term: Term, value: &[u8], seq: Sequence) {
        self.term.clear();
        self.term.push(term as u8);
        self.term.extend_from_slice(value);
        self.gathered.add(&self.term, seq.get());
    }

    fn words(&mut self, text: &str, seq: Sequence) {
        let (gathered, term) = (&mut self.gathered, &mut self.term);
        each_word(text, &mut self.folded, |word| {
            term.clear();
            term.push(Term::Word as u8);
            term.extend_from_slice(word.as_bytes());
            gathered.add(term, seq.get());
        });
    }

    fn mark(&mut self, mark: Mark, what: &[u8], at: Sequence, detail: &[u8]) {
        self.prepared.marks.push((mark_key(mark, what, at.get()), detail.to_vec()));
    }

    fn day(&mut self, clock: Clock, moment: Option<&Moment>, seq: Sequence) {
        if let Some(moment) = moment {
            self.term(Term::Day, &day_term(clock, moment.at.first_day()), seq);
        }
    }

    fn fingerprint(&mut self, kind: Fingerprint, hash: &[u8; 32], at: Sequence) {
        self.prepared.fingerprints.push((kind, kept_of(hash), at.get()));
    }

    fn event(&mut self, at: Sequence, event: &Event, bytes: &[u8]) {
        self.term(Term::Kind, event.body.kind().tag().as_bytes(), at);
        if event.confidential {
            self.term(Term::Confidential, b"", at);
        }
        if !matches!(event.body, Body::ClaimAsserted(_)) {
            self.names(at, event);
        }
        for identity in requested(event).into_iter().flatten() {
            self.fingerprint(Fingerprint::Identity, identity.as_bytes(), at);
        }
        let on = |sequence: Sequence| sequence_key(sequence);
        match &event.body {
            Body::LedgerOpened(opened) => {
                self.prepared.log = Some(opened.log.to_string());
                self.prepared.key = Some(opened.key.to_string());
            }
            Body::KeyRotated(rotated) => self.prepared.key = Some(rotated.key.to_string()),
            Body::SourceNamed(named) => self.name(at, named),
            Body::SourceDescribed(described) => self.describe(at, described),
            Body::SourcesMerged(merged) => {
                let pair = format!("{}\n{}", merged.from, merged.into);
                self.mark(Mark::Merged, b"", at, pair.as_bytes());
            }
            Body::MergeUndone(undone) => {
                self.mark(Mark::Unmerged, &on(undone.merge.sequence()), at, b"");
            }
            Body::DocumentCaptured(captured) => self.capture(at, captured),
            Body::DocumentCorrected(corrected) => {
                let document = corrected.document;
                self.mark(Mark::Corrected, &on(document.sequence()), at, b"");
                self.find_document_by(at, document.sequence(), &corrected.metadata);
                // Assertions so far belong to the document as it was described until now.
                self.prepared.scenes.push(Scene::default());
                self.say(document, &corrected.metadata);
            }
            Body::ClaimAsserted(asserted) => self.assert(at, asserted, bytes),
            Body::AssertionChecked(checked) => {
                self.mark(Mark::Checked, &on(checked.assertion.sequence()), at, b"");
            }
            Body::AssertionVoided(voided) => {
                self.mark(Mark::Voided, &on(voided.assertion.sequence()), at, b"");
            }
            Body::AssertionRetracted(retracted) => {
                self.mark(Mark::Retracted, &on(retracted.assertion.sequence()), at, b"");
            }
            Body::AssertionsRelated(related) => {
                let assertions = related.assertions().map(|one| EventId::at(one.sequence()));
                self.mark_all(Mark::Related, &assertions.collect::<Vec<_>>(), at);
            }
            Body::TopicAssigned(assigned) => {
                let slug = assigned.topic.slug().as_str();
                self.mark(Mark::Topic, slug.as_bytes(), at, b"");
                self.mark_words(Mark::TopicWord, &words(slug), slug, at);
            }
            Body::NoteAdded(note) => self.note(at, &note.target),
            Body::ClaimReviewed(review) => {
                self.mark(Mark::Reviewed, &on(review.assertion.sequence()), at, b"");
            }
            Body::EventWithdrawn(withdrawn) => {
                self.mark(Mark::Withdrawn, &on(withdrawn.event.sequence()), at, b"");
            }
            Body::EventDisclosed(disclosed) => {
                self.mark_all(Mark::Disclosed, disclosed.events.as_slice(), at);
            }
            Body::EventErased(erased) => self.mark_all(Mark::Erased, erased.events.as_slice(), at),
        }
    }

    fn mark_all(&mut self, mark: Mark, events: &[EventId], at: Sequence) {
        for event in events {
            self.mark(mark, &sequence_key(event.sequence()), at, b"");
        }
    }

    fn note(&mut self, at: Sequence, target: &Target) {
        match target {
            Target::Source(source) => {
                self.mark(Mark::Noted, source.to_string().as_bytes(), at, b"");
            }
            target => {
                let event = target.reference().map_or(at, |event| event.sequence());
                self.mark(Mark::Noted, &sequence_key(event), at, b"");
            }
        }
    }

    /// Records what an event names; assertions have terms of their own for this.
    fn names(&mut self, at: Sequence, event: &Event) {
        for reference in event.references() {
            self.term(Term::Names, &sequence_key(reference.sequence()), at);
        }
        for source in event.sources() {
            self.term(Term::Names, source.to_string().as_bytes(), at);
            if let SourceId::Unnamed { document, .. } = source {
                self.term(Term::Names, &sequence_key(document.sequence()), at);
            }
        }
    }

    fn name(&mut self, at: Sequence, named: &SourceNamed) {
        let slug = named.slug.as_str().as_bytes();
        self.mark(Mark::Named, slug, at, b"");
        let names = named.aliases.iter().chain([&named.name]);
        let mut name_words: Vec<String> = names.flat_map(|name| words(name.as_str())).collect();
        name_words.extend(words(named.slug.as_str()));
        name_words.sort_unstable();
        name_words.dedup();
        self.mark_words(Mark::NameWord, &name_words, named.slug.as_str(), at);
        for folded in folded_names(named) {
            self.mark(Mark::FoldedName, folded.as_str().as_bytes(), at, slug);
        }
        for Principal { source, .. } in &named.speaks_for {
            self.mark(Mark::SpokenFor, source.to_string().as_bytes(), at, slug);
        }
    }

    fn describe(&mut self, at: Sequence, described: &SourceDescribed) {
        let source = described.source.to_string();
        self.mark(Mark::Described, source.as_bytes(), at, b"");
        for principal in &described.speaks_for {
            let principal = principal.source.to_string();
            self.mark(Mark::SpokenFor, principal.as_bytes(), at, source.as_bytes());
        }
    }

    fn mark_words(&mut self, mark: Mark, words: &[String], slug: &str, at: Sequence) {
        for word in words {
            self.mark(mark, word.as_bytes(), at, slug.as_bytes());
        }
    }

    fn say(&mut self, document: DocumentId, metadata: &Metadata) {
        if let Some(scene) = self.prepared.scenes.last_mut() {
            scene.said.push((document, Inherited::of(metadata)));
        }
    }

    fn capture(&mut self, at: Sequence, captured: &DocumentCaptured) {
        self.term(Term::TextHash, captured.text.as_bytes(), at);
        self.term(Term::OriginalHash, captured.original.as_bytes(), at);
        self.fingerprint(Fingerprint::Identity, captured.identity().as_bytes(), at);
        self.find_document_by(at, at, &captured.metadata);
        self.say(DocumentId::at(at), &captured.metadata);
    }

    /// A correction adds terms for a document but removes none, so that the document can still be
    /// found by its earlier metadata. Its marks record the time.
    fn find_document_by(&mut self, at: Sequence, document: Sequence, metadata: &Metadata) {
        let outlets = metadata.sources().map(|source| (Term::Publisher, source.to_string()));
        let addresses = [&metadata.url, &metadata.canonical_url, &metadata.archive_url];
        let addresses = addresses.into_iter().flatten();
        let addresses = addresses.map(|address| (Term::Url, address.as_str().to_owned()));
        for (term, value) in outlets.chain(addresses).collect::<Vec<_>>() {
            if at == document {
                self.term(term, value.as_bytes(), document);
            } else {
                let key = [&[term as u8], value.as_bytes()].concat();
                self.prepared.older.push((key, document.get()));
            }
        }
        if at == document {
            self.day(Clock::Published, metadata.published.as_ref(), document);
            self.day(Clock::Retrieved, metadata.retrieved.as_ref(), document);
        }
    }

    fn assert(&mut self, at: Sequence, asserted: &ClaimAsserted, bytes: &[u8]) {
        if let Some(scene) = self.prepared.scenes.last_mut() {
            scene.assertions.entry(asserted.document).or_default().push(at.get());
        }
        let claim = &asserted.claim;
        for selector in asserted.content.as_slice() {
            self.words(selector.exact(), at);
        }
        let alone = asserted.content.as_slice().len() == 1;
        if !alone || asserted.content.first().exact() != claim.words.as_str() {
            self.words(claim.words.as_str(), at);
        }
        for source in asserted.hops.iter().flat_map(|hop| hop.sources.as_slice()) {
            self.source(Term::Source, source, at);
            if let SourceId::Unnamed { slug, .. } = source {
                self.words(slug.as_str(), at);
            }
        }
        for capacity in asserted.hops.iter().filter_map(|hop| hop.capacity.as_ref()) {
            for source in capacity.speaks_for() {
                self.source(Term::SpokenFor, source, at);
                self.term(Term::Capacity, b"", at);
            }
            if let Some(words) = capacity.words() {
                self.words(words.as_str(), at);
            }
        }
        for source in &asserted.against {
            self.source(Term::Against, source, at);
        }
        for topic in &claim.about {
            self.term(Term::About, topic.slug().as_str().as_bytes(), at);
            self.words(topic.slug().as_str(), at);
        }
        self.term(Term::Document, &sequence_key(asserted.document.sequence()), at);
        if asserted.machine_made() {
            self.term(Term::MachineMade, b"", at);
        }
        self.day(Clock::Said, asserted.said.as_ref(), at);
        if let Some(first) = claim.holds.and_then(|period| period.days().0) {
            self.term(Term::Day, &day_term(Clock::Holds, first), at);
        }
        let (claim, identity) = match Event::encoded_assertion(bytes) {
            Some(encoded) => (encoded.claim_hash(), encoded.identity()),
            // Only bytes with an invalid encoding lead here; an audit reports them.
            None => (claim.hash(), asserted.identity()),
        };
        self.fingerprint(Fingerprint::Claim, claim.as_bytes(), at);
        self.fingerprint(Fingerprint::Identity, identity.as_bytes(), at);
    }

    fn source(&mut self, term: Term, source: &SourceId, at: Sequence) {
        match source {
            SourceId::Named(slug) => self.named(term, slug, at),
            SourceId::Unnamed { .. } => self.term(term, source.to_string().as_bytes(), at),
        }
    }

    fn named(&mut self, term: Term, slug: &Slug, at: Sequence) {
        self.term(term, slug.as_str().as_bytes(), at);
    }
}
