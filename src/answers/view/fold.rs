//! Folds the log into the views: turns each entry, in order, into rows, terms, fingerprints and
//! marks.
//!
//! Knows in what order the tables are written, and what of an entry depends on earlier ones. Must
//! not know which questions will be asked. Two folds of one log have the same content, however they
//! were divided into commits.

use std::collections::HashMap;
use std::time::Duration;

use redb::{ReadableTable as _, Table, WriteTransaction};
use thiserror::Error;

use super::{
    Cursor, FINGERPRINTS, Fingerprint, HASHES, MARKS, ROWS, STATE, Snapshot, TERMS, TILES,
    ViewError, Views, Writing, fingerprint_key, store, tile_key,
};
use crate::answers::fingerprint::{self, HASH_BYTES, HashNumber};
use crate::answers::posting;
use crate::domain::id::{DocumentId, Sequence};
use crate::record::seal::ChainError;
use crate::record::tree::Frontier;

mod gather;

mod prepare;

use gather::Gathered;
use prepare::{ChainLink, Inherited, Scene};
pub use prepare::{PrepareError, Prepared, Preparer, ReadEntry};

/// The most entries folded in one commit: enough that a term's list is seldom rewritten.
const COMMIT_ENTRIES: usize = 200_000;

/// The most bytes of terms gathered in one commit.
const COMMIT_BYTES: usize = 32 << 20;

/// The most documents that are remembered while their assertions are folded.
const REMEMBERED: usize = 1 << 14;

/// Why an entry cannot be folded.
#[derive(Debug, Error)]
pub enum FoldError {
    /// It cannot be decoded.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// It does not follow the entries folded before.
    #[error("entry {at} does not follow the entries in the views: {error}: run `testimony audit`")]
    Chain {
        /// Its expected sequence.
        at: Sequence,
        /// What is wrong with it.
        error: ChainError,
    },
    /// The tree in the views is invalid.
    #[error("the tree kept in the views is damaged ({0}): run `testimony rebuild`")]
    Tree(String),
    /// The views cannot be used.
    #[error(transparent)]
    View(#[from] ViewError),
}

/// A fold in progress. It holds the views' file until it is finished.
pub struct Fold {
    /// The uncommitted changes; declared before the database, so that they are dropped first.
    writing: Option<WriteTransaction>,
    database: Writing,
    cursor: Cursor,
    tree: Frontier,
    /// The first entry since the last commit.
    first: Sequence,
    terms: Gathered,
    older: Vec<(Vec<u8>, u64)>,
    fingerprints: Vec<(Fingerprint, [u8; HASH_BYTES], u64)>,
    hashes: Vec<u8>,
    marks: Vec<(Vec<u8>, Vec<u8>)>,
    tiles: Vec<(Vec<u8>, Vec<u8>)>,
    /// Includes every document with a statement about it since the last commit.
    documents: HashMap<DocumentId, Inherited>,
}

impl Fold {
    /// Continues the fold where it stopped, or from the beginning if there are no views.
    pub fn resume(views: &Views, wait: Duration) -> Result<Self, FoldError> {
        let database = views.write(wait)?;
        let (cursor, kept) = match Snapshot::of(database.database()) {
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
            writing: None,
            database,
            first: cursor.next,
            cursor,
            tree,
            terms: Gathered::default(),
            older: Vec::new(),
            fingerprints: Vec::new(),
            hashes: Vec::new(),
            marks: Vec::new(),
            tiles: Vec::new(),
            documents: HashMap::new(),
        })
    }

    /// The next entry to fold.
    pub const fn next(&self) -> Sequence {
        self.cursor.next
    }

    /// Folds a run of entries.
    pub fn push(&mut self, prepared: Prepared) -> Result<(), FoldError> {
        for link in &prepared.links {
            self.follow(link)?;
        }
        self.write_rows(&prepared.blocks)?;
        self.cursor.log = prepared.log.or(self.cursor.log.take());
        self.cursor.key = prepared.key.or(self.cursor.key.take());
        self.terms.join(&prepared.terms);
        self.older.extend(prepared.older);
        self.fingerprints.extend(prepared.fingerprints);
        self.marks.extend(prepared.marks);
        for scene in prepared.scenes {
            self.play(scene)?;
        }
        let entries = self.cursor.next.get() - self.first.get();
        if entries >= COMMIT_ENTRIES as u64 || self.terms.weight() >= COMMIT_BYTES {
            self.commit()?;
        }
        Ok(())
    }

    fn follow(&mut self, link: &ChainLink) -> Result<(), FoldError> {
        let at = self.cursor.next;
        let mut chain = self.cursor.chain();
        chain.follow(&link.entry, link.hash).map_err(|error| FoldError::Chain { at, error })?;
        (self.cursor.next, self.cursor.head, self.cursor.latest) =
            (chain.next, chain.head, chain.latest);
        for tile in self.tree.push(link.leaf) {
            self.tiles.push((tile_key(tile.id), tile.hashes));
        }
        self.hashes.extend_from_slice(&link.hash.as_bytes()[..8]);
        Ok(())
    }

    /// Adds what assertions inherit from their documents.
    fn play(&mut self, scene: Scene) -> Result<(), FoldError> {
        self.documents.extend(scene.said);
        let mut inherited: HashMap<Vec<u8>, Vec<u64>> = HashMap::new();
        for (document, assertions) in scene.assertions {
            self.remember(document)?;
            for term in self.documents.get(&document).map_or(&[][..], |said| &said.0) {
                match inherited.get_mut(term) {
                    Some(list) => list.extend(&assertions),
                    None => drop(inherited.insert(term.clone(), assertions.clone())),
                }
            }
        }
        for (term, mut list) in inherited {
            list.sort_unstable();
            for entry in list {
                self.terms.add(&term, entry);
            }
        }
        Ok(())
    }

    /// Loads the document of an assertion, with its metadata as of this point. Documents with
    /// statements since the last commit are already in memory.
    fn remember(&mut self, document: DocumentId) -> Result<(), ViewError> {
        if !self.documents.contains_key(&document) {
            let metadata = match Snapshot::of(self.database.database()) {
                Ok(snapshot) => snapshot.metadata(document, |at| at < self.cursor.next)?,
                Err(ViewError::Missing) => None,
                Err(error) => return Err(error),
            };
            let inherited = metadata.as_ref().map(Inherited::of).unwrap_or_default();
            self.documents.insert(document, inherited);
        }
        Ok(())
    }

    fn write_rows(&mut self, blocks: &[(u64, Vec<u8>)]) -> Result<(), ViewError> {
        let writing = match &self.writing {
            Some(writing) => writing,
            None => self.writing.insert(self.database.database().begin_write().map_err(store)?),
        };
        let mut rows = writing.open_table(ROWS).map_err(store)?;
        for (first, block) in blocks {
            rows.insert(first, block.as_slice()).map_err(store)?;
        }
        Ok(())
    }

    /// The views as last committed.
    pub fn snapshot(&self) -> Result<Snapshot, ViewError> {
        Snapshot::of(self.database.database())
    }

    /// Writes everything folded since the last commit, with keys in order.
    pub fn commit(&mut self) -> Result<(), ViewError> {
        let Some(writing) = self.writing.take() else { return Ok(()) };
        self.write_terms(&writing)?;
        self.write_older(&writing)?;
        self.write_fingerprints(&writing)?;
        let mut hashes = writing.open_table(HASHES).map_err(store)?;
        hashes.insert(self.first.get(), self.hashes.as_slice()).map_err(store)?;
        self.hashes.clear();
        drop(hashes);
        self.marks.sort_unstable();
        for (table, pairs) in [(MARKS, &mut self.marks), (TILES, &mut self.tiles)] {
            let mut table = writing.open_table(table).map_err(store)?;
            for (key, value) in pairs.drain(..) {
                table.insert(key.as_slice(), value.as_slice()).map_err(store)?;
            }
        }
        let mut state = writing.open_table(STATE).map_err(store)?;
        let cursor = serde_json::to_vec(&self.cursor)
            .map_err(|error| ViewError::Damaged(error.to_string()))?;
        state.insert("cursor", cursor.as_slice()).map_err(store)?;
        state.insert("tree", self.tree.to_bytes().as_slice()).map_err(store)?;
        drop(state);
        writing.commit().map_err(store)?;
        self.first = self.cursor.next;
        if self.documents.len() > REMEMBERED {
            self.documents.clear();
        }
        Ok(())
    }

    fn write_terms(&mut self, writing: &WriteTransaction) -> Result<(), ViewError> {
        let mut terms = writing.open_table(TERMS).map_err(store)?;
        let first = self.first.get();
        let (mut key, mut packed) = (Vec::new(), Vec::new());
        for (term, list) in self.terms.in_order() {
            key.clear();
            key.extend_from_slice(term);
            key.push(0);
            key.extend_from_slice(&first.to_be_bytes());
            packed.clear();
            list.pack_into(first, &mut packed);
            terms.insert(key.as_slice(), packed.as_slice()).map_err(store)?;
        }
        self.terms.empty();
        Ok(())
    }

    /// A correction adds an older document to a term's list, so a list can begin before the commit
    /// does; its differences are then counted from zero.
    fn write_older(&mut self, writing: &WriteTransaction) -> Result<(), ViewError> {
        let mut terms = writing.open_table(TERMS).map_err(store)?;
        for (mut key, entry) in self.older.drain(..) {
            key.extend_from_slice(&[0; 9]);
            let mut all = Vec::new();
            if let Some(kept) = terms.get(key.as_slice()).map_err(store)? {
                posting::unpack(0, kept.value(), &mut all)
                    .map_err(|error| ViewError::Damaged(error.to_string()))?;
            }
            let packed = posting::pack(0, &posting::union(all, vec![entry]));
            terms.insert(key.as_slice(), packed.as_slice()).map_err(store)?;
        }
        Ok(())
    }

    fn write_fingerprints(&mut self, writing: &WriteTransaction) -> Result<(), ViewError> {
        let mut table = writing.open_table(FINGERPRINTS).map_err(store)?;
        self.fingerprints.sort_unstable();
        let like = |one: &(Fingerprint, [u8; HASH_BYTES], u64),
                    other: &(Fingerprint, [u8; HASH_BYTES], u64)| {
            fingerprint_key(one.0, &one.1, 0) == fingerprint_key(other.0, &other.1, 0)
        };
        for alike in self.fingerprints.chunk_by(like) {
            let (kind, hash, _) = alike[0];
            let pairs: Vec<HashNumber> =
                alike.iter().map(|(_, hash, entry)| (*hash, *entry)).collect();
            let mut run = fingerprint::pack(&pairs);
            let mut key = fingerprint_key(kind, &hash, self.first.get());
            let low = fingerprint_key(kind, &hash, 0);
            // Runs grow as in a binary counter: each is merged with the earlier ones that are not
            // longer, so that there are few runs, and each pair is seldom rewritten.
            while let Some((before, other)) = last_run(&table, &low, &key)?
                && other.len() <= run.len()
            {
                run = fingerprint::merge(&other, &run);
                table.remove(before.as_slice()).map_err(store)?;
                key.copy_from_slice(&before);
            }
            table.insert(key.as_slice(), run.as_slice()).map_err(store)?;
        }
        self.fingerprints.clear();
        Ok(())
    }

    /// Writes the rest and releases the file.
    pub fn finish(mut self) -> Result<(), FoldError> {
        self.commit()?;
        Ok(self.database.close().map_err(store)?)
    }
}

/// A run of fingerprints under its key.
type FingerprintRun = (Vec<u8>, Vec<u8>);

/// The last run between two keys.
fn last_run(
    table: &Table<'_, &'static [u8], &'static [u8]>,
    low: &[u8],
    high: &[u8],
) -> Result<Option<FingerprintRun>, ViewError> {
    let last = table.range(low..high).map_err(store)?.next_back().transpose().map_err(store)?;
    Ok(last.map(|(key, run)| (key.value().to_vec(), run.value().to_vec())))
}
