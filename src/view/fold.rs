//! Folding: each entry of the log, in order, becomes rows, terms and marks.
//!
//! Knows what every kind of event adds to the tables. Must not know what will be asked of them. Two
//! folds of one log hold the same, however they were cut into commits.

use std::collections::HashMap;
use std::time::Duration;

use redb::{Database, ReadableTable as _};
use thiserror::Error;

use super::{
    Clock, Cursor, HASHES, IDENTITIES, MARKS, Mark, ROWS, Row, STATE, Snapshot, TERMS, TILES, Term,
    ViewError, Views, day_term, identity_key, mark_key, sequence_key, store, tile_key, words,
};
use crate::claim::ClaimAsserted;
use crate::digest::EntryHash;
use crate::document::{DocumentCaptured, Metadata};
use crate::event::{Body, DecodeError, Event, Target};
use crate::id::{DocumentId, Sequence, Slug, SourceId};
use crate::moment::Moment;
use crate::posting;
use crate::seal::{ChainError, Entry, EntryError, Record, entry_hash};
use crate::source::SourceNamed;
use crate::tree::{self, Frontier, LeafHash};

/// Entries folded in one commit: enough that a term's list is written seldom.
const COMMIT_ENTRIES: usize = 25_000;

/// Documents whose titles are remembered while their assertions are folded.
const REMEMBERED: usize = 4_096;

/// Why an entry cannot be folded.
#[derive(Debug, Error)]
pub enum FoldError {
    /// It is no entry.
    #[error("entry {at}: {error}: run `testimony audit`")]
    Entry {
        /// Where it should stand.
        at: Sequence,
        /// What is wrong with it.
        error: EntryError,
    },
    /// It does not follow what was folded before.
    #[error("entry {at} does not follow what the views hold: {error}: run `testimony audit`")]
    Chain {
        /// Where it should stand.
        at: Sequence,
        /// What is wrong with it.
        error: ChainError,
    },
    /// The tree that the views keep is not one.
    #[error("the tree kept in the views is damaged ({0}): run `testimony rebuild`")]
    Tree(String),
    /// The views.
    #[error(transparent)]
    View(#[from] ViewError),
}

/// An entry made ready for folding: decoded and hashed, which takes most of the work and can be
/// done on another thread.
#[derive(Debug)]
pub struct Prepared {
    entry: Entry,
    hash: EntryHash,
    leaf: LeafHash,
    bytes: Option<Vec<u8>>,
    event: Option<Event>,
}

impl Prepared {
    /// Reads a record. An event that this version does not read keeps its bytes and adds no terms.
    pub fn of(at: Sequence, record: Record) -> Result<Self, FoldError> {
        let entry = Entry::decode(&record.entry).map_err(|error| FoldError::Entry { at, error })?;
        let bytes = record.payload.map(|payload| payload.event);
        let event: Option<Result<Event, DecodeError>> = bytes.as_deref().map(Event::decode_trusted);
        Ok(Self {
            entry,
            hash: entry_hash(&record.entry),
            leaf: tree::leaf_hash(&record.entry),
            bytes,
            event: event.and_then(Result::ok),
        })
    }
}

/// What of a document its assertions are found by.
#[derive(Default)]
struct Remembered {
    title: Vec<String>,
    publishers: Vec<SourceId>,
    published: Option<Moment>,
}

impl Remembered {
    fn of(metadata: &Metadata) -> Self {
        Self {
            title: metadata.title.as_ref().map(|title| words(title.as_str())).unwrap_or_default(),
            publishers: metadata.sources().cloned().collect(),
            published: metadata.published,
        }
    }
}

/// A fold under way. It holds the views' file until it is finished.
pub struct Fold {
    database: Database,
    cursor: Cursor,
    tree: Frontier,
    folded: usize,
    rows: Vec<(u64, Vec<u8>)>,
    terms: HashMap<Vec<u8>, Vec<u64>>,
    identities: Vec<([u8; 16], u64)>,
    hashes: Vec<u8>,
    marks: Vec<(Vec<u8>, Vec<u8>)>,
    tiles: Vec<(Vec<u8>, Vec<u8>)>,
    documents: HashMap<DocumentId, Remembered>,
    scratch: Vec<u8>,
}

impl Fold {
    /// Takes up the fold where it stopped, from the beginning where there are no views.
    pub fn resume(views: &Views, wait: Duration) -> Result<Self, FoldError> {
        let database = views.write(wait)?;
        let (cursor, kept) = match Snapshot::of(&database) {
            Ok(snapshot) => (snapshot.cursor.clone(), Some(snapshot.tree)),
            Err(ViewError::Missing) => (Cursor::START, None),
            Err(error) => return Err(error.into()),
        };
        let tree = match kept {
            None => Frontier::default(),
            Some(bytes) => {
                Frontier::from_bytes(&bytes).map_err(|error| FoldError::Tree(error.to_string()))?
            }
        };
        if tree.size() != cursor.next.get() {
            return Err(FoldError::Tree(format!("it has {} leaves", tree.size())));
        }
        Ok(Self {
            database,
            cursor,
            tree,
            folded: 0,
            rows: Vec::new(),
            terms: HashMap::new(),
            identities: Vec::new(),
            hashes: Vec::new(),
            marks: Vec::new(),
            tiles: Vec::new(),
            documents: HashMap::new(),
            scratch: Vec::new(),
        })
    }

    /// The entry that comes next.
    pub const fn next(&self) -> Sequence {
        self.cursor.next
    }

    /// Folds one entry.
    pub fn push(&mut self, prepared: Prepared) -> Result<(), FoldError> {
        let Prepared { entry, hash, leaf, bytes, event } = prepared;
        if let Some(Event { body: Body::ClaimAsserted(asserted), .. }) = &event {
            // This may commit, so it comes before anything of this entry: no commit splits one.
            self.remember(asserted.document)?;
        }
        let at = self.cursor.next;
        let mut chain = self.cursor.chain();
        chain.follow(&entry, hash).map_err(|error| FoldError::Chain { at, error })?;
        (self.cursor.next, self.cursor.head, self.cursor.latest) =
            (chain.next, chain.head, chain.latest);
        self.keep_tile(leaf);
        self.hashes.extend_from_slice(&hash.as_bytes()[..8]);
        self.rows.push((at.get(), Row::encode(&entry, hash, bytes.as_deref())));
        if let Some(event) = event {
            self.fold(at, event);
        }
        self.folded += 1;
        if self.folded >= COMMIT_ENTRIES {
            self.commit()?;
        }
        Ok(())
    }

    fn keep_tile(&mut self, leaf: LeafHash) {
        for tile in self.tree.push(leaf) {
            self.tiles.push((tile_key(tile.id), tile.hashes));
        }
    }

    fn term(&mut self, term: Term, value: &[u8], seq: Sequence) {
        self.scratch.clear();
        self.scratch.push(term as u8);
        self.scratch.extend_from_slice(value);
        let list = match self.terms.get_mut(&self.scratch) {
            Some(list) => list,
            None => self.terms.entry(self.scratch.clone()).or_default(),
        };
        if list.last() != Some(&seq.get()) {
            list.push(seq.get());
        }
    }

    fn mark(&mut self, mark: Mark, what: &[u8], at: Sequence, detail: &[u8]) {
        self.marks.push((mark_key(mark, what, at.get()), detail.to_vec()));
    }

    fn day(&mut self, clock: Clock, moment: Option<&Moment>, seq: Sequence) {
        if let Some(moment) = moment {
            self.term(Term::Day, &day_term(clock, moment.at.first_day()), seq);
        }
    }

    fn fold(&mut self, at: Sequence, event: Event) {
        self.term(Term::Kind, event.body.kind().tag().as_bytes(), at);
        if event.confidential {
            self.term(Term::Confidential, b"", at);
        }
        if !matches!(event.body, Body::ClaimAsserted(_)) {
            self.names(at, &event);
        }
        let on = |sequence: Sequence| sequence_key(sequence);
        match event.body {
            Body::LedgerOpened(opened) => {
                self.cursor.log = Some(opened.log.to_string());
                self.cursor.key = Some(opened.key.to_string());
            }
            Body::KeyRotated(rotated) => self.cursor.key = Some(rotated.key.to_string()),
            Body::SourceNamed(named) => self.name(at, &named),
            Body::SourcesMerged(merged) => {
                let pair = format!("{}\n{}", merged.from, merged.into);
                self.mark(Mark::Merged, b"", at, pair.as_bytes());
            }
            Body::MergeUndone(undone) => {
                self.mark(Mark::Unmerged, &on(undone.merge.sequence()), at, b"");
            }
            Body::DocumentCaptured(captured) => self.capture(at, &captured),
            Body::DocumentCorrected(corrected) => {
                let document = corrected.document;
                self.mark(Mark::Corrected, &on(document.sequence()), at, b"");
                self.find_document_by(at, document.sequence(), &corrected.metadata);
                self.documents.remove(&document);
            }
            Body::ClaimAsserted(asserted) => self.assert(at, &asserted),
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
                self.mark(Mark::Related, &on(related.left.sequence()), at, b"");
                self.mark(Mark::Related, &on(related.right.sequence()), at, b"");
            }
            Body::TopicAssigned(assigned) => {
                let slug = assigned.topic.slug().as_str();
                self.mark(Mark::Topic, slug.as_bytes(), at, b"");
                self.mark_words(Mark::TopicWord, &words(slug), slug, at);
            }
            Body::NoteAdded(note) => match &note.target {
                Target::Source(source) => {
                    self.mark(Mark::Noted, source.to_string().as_bytes(), at, b"");
                }
                target => {
                    let event = target.reference().map_or(at, |event| event.sequence());
                    self.mark(Mark::Noted, &on(event), at, b"");
                }
            },
            Body::ClaimReviewed(review) => {
                self.mark(Mark::Reviewed, &on(review.assertion.sequence()), at, b"");
            }
            Body::EventDisclosed(disclosed) => {
                self.mark(Mark::Disclosed, &on(disclosed.event.sequence()), at, b"");
            }
            Body::EventErased(erased) => {
                self.mark(Mark::Erased, &on(erased.event.sequence()), at, b"");
            }
        }
    }

    /// What an event names; of an assertion, terms of their own tell.
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
        if let Some(principal) = &named.speaks_for {
            self.mark(Mark::SpokenFor, principal.to_string().as_bytes(), at, slug);
        }
    }

    fn mark_words(&mut self, mark: Mark, words: &[String], slug: &str, at: Sequence) {
        for word in words {
            self.mark(mark, word.as_bytes(), at, slug.as_bytes());
        }
    }

    fn capture(&mut self, at: Sequence, captured: &DocumentCaptured) {
        self.term(Term::TextHash, captured.text.as_bytes(), at);
        self.term(Term::OriginalHash, captured.original.as_bytes(), at);
        self.identities.push((identity_key(&captured.identity()), at.get()));
        self.find_document_by(at, at, &captured.metadata);
        self.documents.insert(DocumentId::at(at), Remembered::of(&captured.metadata));
    }

    /// A correction adds ways to find a document; it takes none away, so that it can still be found
    /// by what was once said of it. Its marks keep when.
    fn find_document_by(&mut self, at: Sequence, document: Sequence, metadata: &Metadata) {
        for source in metadata.sources() {
            self.term(Term::Publisher, source.to_string().as_bytes(), document);
        }
        let addresses = [&metadata.url, &metadata.canonical_url, &metadata.archive_url];
        for address in addresses.into_iter().flatten() {
            self.term(Term::Url, address.as_str().as_bytes(), document);
        }
        if at == document {
            self.day(Clock::Published, metadata.published.as_ref(), document);
            self.day(Clock::Retrieved, metadata.retrieved.as_ref(), document);
        }
    }

    fn assert(&mut self, at: Sequence, asserted: &ClaimAsserted) {
        if let Some(document) = self.documents.remove(&asserted.document) {
            for word in &document.title {
                self.term(Term::Word, word.as_bytes(), at);
            }
            for publisher in &document.publishers {
                self.term(Term::Publisher, publisher.to_string().as_bytes(), at);
            }
            self.day(Clock::Published, document.published.as_ref(), at);
            self.documents.insert(asserted.document, document);
        }
        let claim = &asserted.claim;
        let content = asserted.content.as_slice().iter().map(|selector| selector.exact());
        let mut contents = content.collect::<Vec<_>>();
        if contents != [claim.words.as_str()] {
            contents.push(claim.words.as_str());
        }
        for word in contents.into_iter().flat_map(words) {
            self.term(Term::Word, word.as_bytes(), at);
        }
        for hop in &asserted.hops {
            for source in hop.sources.as_slice() {
                self.term(Term::Source, source.to_string().as_bytes(), at);
                if let SourceId::Unnamed { slug, .. } = source {
                    self.words_of(slug, at);
                }
            }
        }
        for source in &asserted.against {
            self.term(Term::Against, source.to_string().as_bytes(), at);
        }
        for topic in &claim.about {
            self.term(Term::About, topic.slug().as_str().as_bytes(), at);
            self.words_of(topic.slug(), at);
        }
        self.term(Term::Document, &sequence_key(asserted.document.sequence()), at);
        self.term(Term::Claim, &claim.hash().as_bytes()[..8], at);
        if asserted.machine_made() {
            self.term(Term::MachineMade, b"", at);
        }
        self.day(Clock::Said, asserted.said.as_ref(), at);
        if let Some(first) = claim.holds.and_then(|period| period.days().0) {
            self.term(Term::Day, &day_term(Clock::Holds, first), at);
        }
        self.identities.push((identity_key(&asserted.identity()), at.get()));
    }

    fn words_of(&mut self, slug: &Slug, at: Sequence) {
        for word in words(slug.as_str()) {
            self.term(Term::Word, word.as_bytes(), at);
        }
    }

    /// Looks up a document that an assertion stands in, as it was said to be at this point.
    fn remember(&mut self, document: DocumentId) -> Result<(), FoldError> {
        if self.documents.contains_key(&document) {
            return Ok(());
        }
        if self.documents.len() >= REMEMBERED {
            self.documents.clear();
        }
        // What was pushed since the last commit is not in the tables yet.
        self.commit()?;
        let snapshot = Snapshot::of(&self.database)?;
        let metadata = snapshot.metadata(document, |_| true)?;
        let remembered = metadata.as_ref().map(Remembered::of).unwrap_or_default();
        self.documents.insert(document, remembered);
        Ok(())
    }

    /// Writes all that was folded since the last commit, keys in order.
    fn commit(&mut self) -> Result<(), FoldError> {
        if self.folded == 0 {
            return Ok(());
        }
        Ok(self.write()?)
    }

    fn write(&mut self) -> Result<(), ViewError> {
        let writing = self.database.begin_write().map_err(store)?;
        {
            let first = self.rows.first().map_or(0, |(seq, _)| *seq);
            let mut rows = writing.open_table(ROWS).map_err(store)?;
            for (seq, row) in self.rows.drain(..) {
                rows.insert(seq, row.as_slice()).map_err(store)?;
            }
            let mut terms = writing.open_table(TERMS).map_err(store)?;
            let mut lists: Vec<(Vec<u8>, Vec<u64>)> = self.terms.drain().collect();
            lists.sort_unstable_by(|left, right| left.0.cmp(&right.0));
            for (mut key, mut list) in lists {
                list.sort_unstable();
                list.dedup();
                key.push(0);
                key.extend(first.to_be_bytes());
                // A correction puts an older document under a term, so a list can begin before the
                // commit does; distances are then counted from zero.
                let base = if list[0] < first { 0 } else { first };
                if base != first {
                    let end = key.len() - 8;
                    key[end..].copy_from_slice(&base.to_be_bytes());
                    if let Some(kept) = terms.get(key.as_slice()).map_err(store)? {
                        let mut all = Vec::new();
                        posting::unpack(base, kept.value(), &mut all)
                            .map_err(|error| ViewError::Damaged(error.to_string()))?;
                        list = posting::union(all, list);
                    }
                }
                let packed = posting::pack(base, &list);
                terms.insert(key.as_slice(), packed.as_slice()).map_err(store)?;
            }
            let mut identities = writing.open_table(IDENTITIES).map_err(store)?;
            self.identities.sort_unstable();
            for (identity, seq) in self.identities.drain(..) {
                if identities.get(identity.as_slice()).map_err(store)?.is_none() {
                    identities.insert(identity.as_slice(), seq).map_err(store)?;
                }
            }
            let mut hashes = writing.open_table(HASHES).map_err(store)?;
            hashes.insert(first, self.hashes.as_slice()).map_err(store)?;
            self.hashes.clear();
            let mut marks = writing.open_table(MARKS).map_err(store)?;
            self.marks.sort_unstable();
            for (key, detail) in self.marks.drain(..) {
                marks.insert(key.as_slice(), detail.as_slice()).map_err(store)?;
            }
            let mut tiles = writing.open_table(TILES).map_err(store)?;
            for (key, hashes) in self.tiles.drain(..) {
                tiles.insert(key.as_slice(), hashes.as_slice()).map_err(store)?;
            }
            let mut state = writing.open_table(STATE).map_err(store)?;
            let cursor = serde_json::to_vec(&self.cursor)
                .map_err(|error| ViewError::Damaged(error.to_string()))?;
            state.insert("cursor", cursor.as_slice()).map_err(store)?;
            state.insert("tree", self.tree.to_bytes().as_slice()).map_err(store)?;
        }
        writing.commit().map_err(store)?;
        self.folded = 0;
        Ok(())
    }

    /// Writes what is left and lets go of the file.
    pub fn finish(mut self) -> Result<(), FoldError> {
        self.commit()?;
        Ok(self.database.close().map_err(store)?)
    }
}
