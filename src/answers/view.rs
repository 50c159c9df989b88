//! The views: indexes folded from the log, so that questions are answered without reading it.
//!
//! Knows the tables and their keys, in a redb file that contains nothing that could not be folded
//! from the log again. Must not know how entries are made, nor how answers are displayed. The
//! children use what is defined here: `fold` writes; `lookup` answers the writer; `query` answers
//! people, using `graph` for who speaks for whom and `withheld` for what is confidential;
//! `speakers` groups answers by speaker; `difference` compares two folds.
//!
//! Readers open the file without the log, even while a writer folds: they see its last commit. The
//! file `stale` beside it says that the log may be ahead.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use redb::{
    Builder, ConcurrencyMode, DatabaseError, ReadOnlyDatabase, ReadOnlyTable, ReadableDatabase,
    StorageError, TableDefinition, TableError,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::answers::checksummed::ChecksummedFile;
use crate::answers::fingerprint::{self, HASH_BYTES, kept_of};
use crate::answers::posting;
use crate::domain::digest::{Commitment, EntryHash};
use crate::domain::document::Metadata;
use crate::domain::id::{DocumentId, Sequence, Slug, SourceId};
use crate::domain::moment::Timestamp;
use crate::domain::source::{SourceDescribed, SourceNamed};
use crate::platform::panic_guard::catch_panic;
use crate::platform::regular_file::{self, NotRegular};
use crate::record::event::{Body, DecodeError, Event, Kind};
use crate::record::seal::{Entry, HashChain};
use crate::record::tree::{Frontier, TileId, TileSource};
use packed::{Block, Chunk, RowPacker};
use unsynced::{Unsynced, Writing};

pub mod difference;
pub mod fold;
pub mod graph;
pub mod lookup;
mod packed;
mod unsynced;
pub mod withheld;

pub mod query;

pub mod speakers;

/// The version of the tables below. Views of another version are rebuilt.
pub const FORMAT: u32 = 6;

/// The memory for a reader's page cache, in bytes.
const READER_CACHE: usize = 16 << 20;

/// The memory for a writer's page cache, in bytes.
const WRITER_CACHE: usize = 64 << 20;

/// The memory for the page cache of temporary views, in bytes; the operating system caches them
/// too.
const PASSING_CACHE: usize = 32 << 20;

/// One process folds while any number of them read: a reader sees the last commit and never waits.
const SHARED: ConcurrencyMode = ConcurrencyMode::SingleWriter;

/// The bytes at the beginning of a redb file that identify it.
const MAGIC_BYTES: usize = 9;

type Bytes = &'static [u8];

/// First sequence → the rows of consecutive entries, one row per entry, packed: time, commitment,
/// hash, event.
const ROWS: TableDefinition<'_, u64, Bytes> = TableDefinition::new("rows");
/// Term ‖ first sequence → a packed list of the sequences that contain the term.
const TERMS: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("terms");
/// Fingerprint kind ‖ first bits of a hash ‖ first sequence → a run of hashes that begin with these
/// bits, with their entries.
const FINGERPRINTS: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("fingerprints");
/// First sequence → the first 8 bytes of each entry's hash, for finding an entry by a prefix of its
/// hash.
const HASHES: TableDefinition<'_, u64, Bytes> = TableDefinition::new("hashes");
/// Later statements about something: kind ‖ subject ‖ 0 ‖ sequence → detail.
const MARKS: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("marks");
/// Tile level ‖ index → 256 hashes of the tree.
const TILES: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("tiles");
/// How far the fold has come.
const STATE: TableDefinition<'_, &'static str, Bytes> = TableDefinition::new("state");

/// Why views cannot be used.
#[derive(Debug, Error)]
pub enum ViewError {
    /// There are no views.
    #[error("the views are missing: run `testimony rebuild`")]
    Missing,
    /// The views cannot be read.
    #[error("the views are damaged ({0}): run `testimony rebuild`")]
    Damaged(String),
    /// A writer was interrupted during a commit.
    #[error("a writer was interrupted and left the views unfinished: run `testimony rebuild`")]
    Unfinished,
    /// The views were made by another version.
    #[error(
        "the views have format {0}, but this version reads format {FORMAT}: run `testimony rebuild`"
    )]
    OtherFormat(u32),
    /// Another process holds them.
    #[error("the views are being written by another process: try again when it is done")]
    Busy,
    /// Something other than a file or folder is in their place.
    #[error(transparent)]
    NotRegular(NotRegular),
    /// An input or output error.
    #[error("the views cannot be read or written: {0}")]
    Io(io::Error),
}

impl From<io::Error> for ViewError {
    fn from(error: io::Error) -> Self {
        NotRegular::told_by(error).map_or_else(Self::Io, Self::NotRegular)
    }
}

/// Converts a failure of the store to an error that a caller can act on.
fn store(error: impl Into<redb::Error>) -> ViewError {
    match error.into() {
        redb::Error::Io(error) if error.kind() == io::ErrorKind::NotFound => ViewError::Missing,
        redb::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            ViewError::Damaged(error.to_string())
        }
        redb::Error::Io(error) => error.into(),
        redb::Error::DatabaseAlreadyOpen => ViewError::Busy,
        other => ViewError::Damaged(other.to_string().replace('\n', " ")),
    }
}

/// Kinds of term. The number is the first byte of a key, so it must not change within a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Term {
    /// A word of an assertion's content or claim, or of its subject.
    Word = 1,
    /// A source in an assertion's hops.
    Source = 2,
    /// A source that an assertion accuses.
    Against = 3,
    /// A topic that a claim is about.
    About = 4,
    /// The document of an assertion.
    Document = 5,
    /// The outlet that published or republished a document; lists the document itself.
    Publisher = 6,
    /// A kind of event.
    Kind = 7,
    /// Confidential events.
    Confidential = 8,
    /// Assertions made by a program.
    MachineMade = 9,
    /// A day of one clock: for an assertion, when it was said or holds; for a document, when it was
    /// published or fetched.
    Day = 10,
    /// A document's text, by its hash.
    TextHash = 11,
    /// A document's original, by its hash.
    OriginalHash = 12,
    /// A document's URL.
    Url = 13,
    /// A word of the title of an assertion's document.
    TitleWord = 14,
    /// The outlet that published or republished an assertion's document.
    Outlet = 15,
    /// The days on which an assertion's document was published and fetched.
    DocumentDay = 16,
    /// Another event, by its sequence, or a source that is named in an event other than an
    /// assertion.
    Names = 17,
    /// A principal of an assertion's speakers, as stated by its document.
    SpokenFor = 18,
    /// Assertions whose document states the speakers' principals.
    Capacity = 19,
}

/// Kinds of fingerprint: hashes in random order that are only looked up whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
enum Fingerprint {
    /// The identity of an assertion or document, which is equal for duplicates.
    Identity = 1,
    /// A claim.
    Claim = 2,
}

/// The key of the fingerprints like `hash`, in the part that begins with `first`. It has enough
/// bits of the hash that a run of a million entries' fingerprints fits in a few pages.
fn fingerprint_key(kind: Fingerprint, hash: &[u8; HASH_BYTES], first: u64) -> [u8; 11] {
    let mut key = [0; 11];
    key[..3].copy_from_slice(&[kind as u8, hash[0], hash[1] & 0xf0]);
    key[3..].copy_from_slice(&first.to_be_bytes());
    key
}

/// The clocks by whose days assertions and documents can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Clock {
    /// When a claim holds, according to its text.
    Holds = 1,
    /// When it was said.
    Said = 2,
    /// When its document was published.
    Published = 3,
    /// When its document was fetched.
    Retrieved = 4,
}

/// The value of a [`Term::Day`]: the clock, then the day in a byte-sortable form.
fn day_term(clock: Clock, day: NaiveDate) -> Vec<u8> {
    use chrono::Datelike;
    let ordered = day.num_days_from_ce().cast_unsigned();
    let mut value = vec![clock as u8];
    value.extend(ordered.to_be_bytes());
    value
}

/// The key of the part of a term's list that begins with `first`.
fn term_key(term: Term, value: &[u8], first: u64) -> Vec<u8> {
    let mut key = Vec::with_capacity(value.len() + 10);
    key.push(term as u8);
    key.extend_from_slice(value);
    key.push(0);
    key.extend_from_slice(&first.to_be_bytes());
    key
}

/// Kinds of mark: later statements about an assertion, document, source or topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Mark {
    /// An assertion was checked.
    Checked = 1,
    /// An assertion was voided.
    Voided = 2,
    /// An assertion was retracted.
    Retracted = 3,
    /// An assertion was related to another.
    Related = 4,
    /// Something was assigned a topic; keyed by topic.
    Topic = 5,
    /// A note was added to something.
    Noted = 6,
    /// A claim was reviewed.
    Reviewed = 7,
    /// A document's metadata was replaced.
    Corrected = 8,
    /// A source was named; keyed by slug.
    Named = 9,
    /// A word of a source's name; keyed by word, with the slug as its detail.
    NameWord = 10,
    /// Sources were merged; all under one key.
    Merged = 11,
    /// A merge was undone.
    Unmerged = 12,
    /// A confidential event was disclosed.
    Disclosed = 13,
    /// An event was erased.
    Erased = 14,
    /// A source speaks for another; keyed by that other, with the speaker as its detail.
    SpokenFor = 15,
    /// A word of a topic; keyed by word, with the topic as its detail.
    TopicWord = 16,
    /// A name of a source; keyed by its folded form, with the slug as its detail.
    FoldedName = 17,
    /// An event was withdrawn.
    Withdrawn = 18,
    /// An unnamed source was described; keyed by its name in events.
    Described = 19,
}

fn tile_key(tile: TileId) -> Vec<u8> {
    let mut key = vec![tile.level];
    key.extend(tile.index.to_be_bytes());
    key
}

fn mark_key(mark: Mark, what: &[u8], at: u64) -> Vec<u8> {
    let mut key = Vec::with_capacity(what.len() + 10);
    key.push(mark as u8);
    key.extend_from_slice(what);
    key.push(0);
    key.extend_from_slice(&at.to_be_bytes());
    key
}

/// The key of a mark on an event that is referred to by sequence.
fn sequence_key(sequence: Sequence) -> [u8; 8] {
    sequence.get().to_be_bytes()
}

/// The event with this key.
fn sequence_of(key: &[u8]) -> Option<Sequence> {
    key.try_into().ok().map(u64::from_be_bytes).and_then(|seq| Sequence::new(seq).ok())
}

/// The searchable words of a text: in NFKC, lower case, without possessive endings, at most 64
/// bytes each.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    each_word(text, &mut String::new(), |word| words.push(word.to_owned()));
    words
}

/// Passes the searchable words of a text to `word` one by one, without storing any.
fn each_word(text: &str, folded: &mut String, mut word: impl FnMut(&str)) {
    folded.clear();
    if text.is_ascii() {
        folded.push_str(text);
        folded.make_ascii_lowercase();
    } else {
        folded.push_str(&text.nfkc().collect::<String>().to_lowercase());
    }
    for whole in folded.unicode_words() {
        let stem = whole.split(['\'', '’']).next().unwrap_or(whole);
        if !stem.is_empty() && stem.len() <= 64 {
            word(stem);
        }
    }
}

/// How far the log has been folded: the end of the folded hash chain, and the log's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    format: u32,
    /// The next entry to fold, which is also the number of folded entries.
    pub next: Sequence,
    /// The hash of the last entry folded.
    pub head: EntryHash,
    /// Its time.
    pub latest: Timestamp,
    /// The log's name, once entry 0 is folded.
    pub log: Option<String>,
    /// The public key in force.
    pub key: Option<String>,
}

impl Cursor {
    /// The cursor before the first entry.
    pub const START: Self = Self {
        format: FORMAT,
        next: Sequence::ZERO,
        head: EntryHash::ZERO,
        latest: Timestamp::EPOCH,
        log: None,
        key: None,
    };

    /// The end of the folded hash chain.
    pub const fn chain(&self) -> HashChain {
        HashChain { next: self.next, head: self.head, latest: self.latest }
    }
}

/// One entry, as stored in the views.
#[derive(Debug)]
pub struct Row {
    /// Its sequence.
    pub seq: Sequence,
    /// When it was recorded.
    pub at: Timestamp,
    /// The commitment to its event.
    pub commit: Commitment,
    /// The hash of its bytes.
    pub hash: EntryHash,
    /// The event's bytes; none if it was erased.
    pub bytes: Option<Vec<u8>>,
}

impl Row {
    /// Appends an encoded row to `rows`.
    fn encode(entry: &Entry, hash: EntryHash, event: &[u8], rows: &mut Vec<u8>) {
        rows.extend_from_slice(&entry.at.micros().to_be_bytes());
        rows.extend_from_slice(entry.commit.as_bytes());
        rows.extend_from_slice(hash.as_bytes());
        // Events have at most 64 KiB.
        let length = u32::try_from(event.len()).unwrap_or(u32::MAX);
        rows.extend_from_slice(&length.to_be_bytes());
        rows.extend_from_slice(event);
    }

    /// Splits the first row off `rows`.
    fn split(rows: &[u8]) -> Option<(RowBytes<'_>, &[u8])> {
        let (at, rest) = rows.split_first_chunk::<8>()?;
        let (commit, rest) = rest.split_first_chunk::<32>()?;
        let (hash, rest) = rest.split_first_chunk::<32>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (event, rest) = rest.split_at_checked(length)?;
        Some((RowBytes { at: *at, commit: *commit, hash: *hash, event }, rest))
    }

    /// The row of `seq` in the block that begins at `first`, if the block reaches that far.
    fn within(block: &[u8], first: u64, seq: Sequence) -> Result<Option<Self>, ViewError> {
        let damaged = |place| ViewError::Damaged(format!("row #{place} is truncated"));
        let (mut rest, mut place) = (block, first);
        while !rest.is_empty() {
            let (chunk, behind) = Chunk::split(rest).ok_or_else(|| damaged(place))?;
            if seq.get() >= place + chunk.rows {
                (place, rest) = (place + chunk.rows, behind);
                continue;
            }
            let rows = chunk.unpack().ok_or_else(|| damaged(place))?;
            let mut rest = rows.as_slice();
            loop {
                let (row, behind) = Self::split(rest).ok_or_else(|| damaged(place))?;
                if place == seq.get() {
                    return Ok(Some(row.decode(seq)));
                }
                (place, rest) = (place + 1, behind);
            }
        }
        Ok(None)
    }

    /// The event, if it was not erased and this version can read it.
    pub fn event(&self) -> Option<Result<Event, DecodeError>> {
        // The fold validated the encoding when it wrote the row, so a reader need not do so again.
        self.bytes.as_deref().map(Event::decode_trusted)
    }
}

/// A row inside a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RowBytes<'a> {
    at: [u8; 8],
    commit: [u8; 32],
    hash: [u8; 32],
    event: &'a [u8],
}

impl RowBytes<'_> {
    fn decode(&self, seq: Sequence) -> Row {
        Row {
            seq,
            at: Timestamp::from_micros(u64::from_be_bytes(self.at)),
            commit: Commitment::from_bytes(self.commit),
            hash: EntryHash::from_bytes(self.hash),
            bytes: (!self.event.is_empty()).then(|| self.event.to_vec()),
        }
    }
}

/// The location of a ledger's views.
#[derive(Debug, Clone)]
pub struct Views {
    folder: PathBuf,
    passing: bool,
}

impl Views {
    /// The views in `folder`, whether or not they exist yet.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), passing: false }
    }

    /// Temporary views in `folder`, to be folded once, compared and deleted; they are never synced.
    pub fn passing(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), passing: true }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("views.redb")
    }

    fn mark(&self) -> PathBuf {
        self.folder.join(unsynced::MARK)
    }

    /// Refuses anything but regular files and folders in place of the views, because the store
    /// opens its file by name and would follow a link.
    ///
    /// # Errors
    ///
    /// [`ViewError::NotRegular`], or an error of the operating system.
    pub fn look_at(&self) -> Result<(), ViewError> {
        for folder in [&self.folder, &self.beside().folder] {
            regular_file::is_folder(folder)?;
        }
        for file in [self.file(), self.mark()] {
            regular_file::is_file(&file)?;
        }
        Ok(())
    }

    /// Whether the log may be ahead of the views.
    pub fn stale(&self) -> bool {
        fs::symlink_metadata(self.mark()).is_ok()
    }

    /// Marks the views, durably, as possibly behind the log. An existing mark may be from a writer
    /// that could not sync it.
    pub fn mark_stale(&self) -> Result<(), ViewError> {
        self.look_at()?;
        regular_file::make_folder(&self.folder)?;
        unsynced::mark(&self.mark())?.sync_all()?;
        Ok(File::open(&self.folder)?.sync_all()?)
    }

    /// Marks the views as current.
    pub fn mark_current(&self) -> Result<(), ViewError> {
        match fs::remove_file(self.mark()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The place for new views beside these, which replace them once they are known to be correct.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self { folder: self.folder.join("unfinished"), passing: self.passing }
    }

    /// Replaces these views by those made beside them, which must be closed. Readers of the old
    /// ones can go on reading them.
    pub fn replace_by(&self, beside: &Self) -> Result<(), ViewError> {
        self.look_at()?;
        fs::rename(beside.file(), self.file())?;
        beside.remove_folder()?;
        Ok(File::open(&self.folder)?.sync_all()?)
    }

    /// Deletes the views.
    pub fn remove(&self) -> Result<(), ViewError> {
        match fs::remove_file(self.file()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Deletes unfinished views that an interrupted process left beside these. The caller must
    /// ensure that no other process is making any.
    ///
    /// # Errors
    ///
    /// An error of the operating system.
    pub fn remove_beside(&self) -> Result<(), ViewError> {
        self.look_at()?;
        self.beside().remove_folder()
    }

    fn remove_folder(&self) -> Result<(), ViewError> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Opens the views for reading, waiting up to `wait` for a writer to release them.
    pub fn read(&self, wait: Duration) -> Result<Snapshot, ViewError> {
        self.look_at()?;
        let path = self.file();
        let read = patiently(wait, || open_read_only(&path))
            .and_then(|database| asked(|| Snapshot::of(&database)));
        match read {
            Err(ViewError::Damaged(words)) => Err(match self.unchecked_format() {
                Some(format) => ViewError::OtherFormat(format),
                None => ViewError::Damaged(words),
            }),
            read => read,
        }
    }

    /// The format of views from before blocks had checksums, if these are such views.
    fn unchecked_format(&self) -> Option<u32> {
        let format = catch_panic(|| {
            let database = Builder::new().open_read_only(self.file()).ok()?;
            let state = database.begin_read().ok()?.open_table(STATE).ok()?;
            let kept = state.get("cursor").ok()??;
            Some(serde_json::from_slice::<Cursor>(kept.value()).ok()?.format)
        });
        format.ok().flatten().filter(|format| *format < FORMAT)
    }

    /// Copies the views into a new `folder`, so that they can be read while others write. They are
    /// not opened, so that damaged ones can be copied too.
    pub fn copy_to(&self, folder: &Path) -> Result<Self, ViewError> {
        let copy = Self::at(folder);
        regular_file::make_folder(folder)?;
        let mut file = match regular_file::read(&self.file()) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ViewError::Missing);
            }
            Err(error) => return Err(error.into()),
        };
        io::copy(&mut file, &mut File::create(copy.file())?)?;
        Ok(copy)
    }

    /// Undoes the unfinished changes of an interrupted writer, without which the views cannot be
    /// read. It writes to them. Views that were just being created count as missing.
    pub fn mend(&self) -> Result<(), ViewError> {
        let mut magic = [0; MAGIC_BYTES];
        let read = match regular_file::read(&self.file()) {
            Ok(file) => file.take(magic.len() as u64).read(&mut magic)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error.into()),
        };
        // redb writes its magic number last when it creates a file.
        if magic[..read].iter().all(|byte| *byte == 0) {
            return Err(ViewError::Missing);
        }
        self.write(Duration::ZERO)?.close().map_err(store)
    }

    /// Opens the views for folding, and creates them if there are none. Views that were not closed
    /// may be incomplete after a power failure, and are used only after all of them has been
    /// verified.
    fn write(&self, wait: Duration) -> Result<Writing, ViewError> {
        regular_file::make_folder(&self.folder)?;
        self.look_at()?;
        let path = self.file();
        let synced = Arc::new(AtomicBool::new(!self.passing));
        if self.passing {
            let file = Unsynced::open(&path, &synced).map_err(store)?;
            let made = Builder::new().set_cache_size(PASSING_CACHE).create_with_backend(file);
            return Ok(Writing::new(made.map_err(store)?, synced, true));
        }
        let new = !path.exists();
        let database = patiently(wait, || {
            let read = open_read_only(&path);
            let unclosed = matches!(read, Err(DatabaseError::RepairAborted));
            drop(read);
            let file = Unsynced::open(&path, &synced)?;
            let mut builder = Builder::new();
            builder.set_concurrency_mode(SHARED).set_cache_size(WRITER_CACHE);
            builder.set_check_integrity_on_open(unclosed).create_with_backend(file)
        })?;
        if new {
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(Writing::new(database, synced, false))
    }
}

fn open_read_only(path: &Path) -> Result<ReadOnlyDatabase, DatabaseError> {
    let mut builder = Builder::new();
    builder.set_concurrency_mode(SHARED).set_cache_size(READER_CACHE);
    builder.open_read_only_with_backend(ChecksummedFile::over(File::open(path)?)?)
}

/// Opens a store, retrying while another process holds it; a panic in the store counts as damage.
fn patiently<D>(
    wait: Duration,
    open: impl Fn() -> Result<D, DatabaseError>,
) -> Result<D, ViewError> {
    let deadline = Instant::now() + wait;
    loop {
        let opened = catch_panic(&open).map_err(ViewError::Damaged)?;
        match opened {
            Err(DatabaseError::DatabaseAlreadyOpen) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            // Only a writer can repair a file that a writer left unfinished.
            Err(DatabaseError::RepairAborted) => {
                return Err(ViewError::Unfinished);
            }
            Err(DatabaseError::Storage(StorageError::Io(error)))
                if error.kind() == io::ErrorKind::InvalidData =>
            {
                return Err(ViewError::Damaged(error.to_string()));
            }
            other => return other.map_err(store),
        }
    }
}

/// Runs a query on the store, and turns its panics on damaged data into errors.
fn asked<T>(ask: impl FnOnce() -> Result<T, ViewError>) -> Result<T, ViewError> {
    catch_panic(ask).unwrap_or_else(|words| Err(ViewError::Damaged(words)))
}

/// Whether the hexadecimal digits of `hash` begin with `prefix`, as far as `hash` is long.
fn begins_with(hash: &[u8], prefix: &[u8]) -> bool {
    let digit = |place: usize| {
        let byte = hash[place / 2];
        let value = if place.is_multiple_of(2) { byte >> 4 } else { byte & 15 };
        b"0123456789abcdef"[usize::from(value)]
    };
    let compared = prefix.len().min(hash.len() * 2);
    (0..compared).all(|place| digit(place) == prefix[place])
}

type Rows = ReadOnlyTable<u64, Bytes>;
type ByBytes = ReadOnlyTable<Bytes, Bytes>;

/// The views as of one moment, for any number of questions.
pub struct Snapshot {
    cursor: Cursor,
    tree: Vec<u8>,
    rows: Rows,
    terms: ByBytes,
    fingerprints: ByBytes,
    hashes: Rows,
    marks: ByBytes,
    tiles: ByBytes,
}

impl Snapshot {
    fn of(database: &impl ReadableDatabase) -> Result<Self, ViewError> {
        let reading = database.begin_read().map_err(store)?;
        let state = match reading.open_table(STATE) {
            Ok(state) => state,
            Err(TableError::TableDoesNotExist(_)) => return Err(ViewError::Missing),
            Err(error) => return Err(store(error)),
        };
        let kept = state.get("cursor").map_err(store)?.ok_or(ViewError::Missing)?;
        let cursor: Cursor = serde_json::from_slice(kept.value())
            .map_err(|error| ViewError::Damaged(error.to_string()))?;
        if cursor.format != FORMAT {
            return Err(ViewError::OtherFormat(cursor.format));
        }
        let tree = state.get("tree").map_err(store)?;
        Ok(Self {
            cursor,
            tree: tree.map(|kept| kept.value().to_vec()).unwrap_or_default(),
            rows: reading.open_table(ROWS).map_err(store)?,
            terms: reading.open_table(TERMS).map_err(store)?,
            fingerprints: reading.open_table(FINGERPRINTS).map_err(store)?,
            hashes: reading.open_table(HASHES).map_err(store)?,
            marks: reading.open_table(MARKS).map_err(store)?,
            tiles: reading.open_table(TILES).map_err(store)?,
        })
    }

    /// How far the log had been folded.
    pub const fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The tree over the folded entries; its full tiles are read from the snapshot.
    pub fn tree(&self) -> Result<Frontier, ViewError> {
        Frontier::from_bytes(&self.tree).map_err(|error| ViewError::Damaged(error.to_string()))
    }

    /// The row of one entry; none if it had not been folded.
    pub fn row(&self, seq: Sequence) -> Result<Option<Row>, ViewError> {
        if seq >= self.cursor.next {
            return Ok(None);
        }
        let row = asked(|| match self.rows.range(..=seq.get()).map_err(store)?.next_back() {
            None => Ok(None),
            Some(kept) => {
                let (first, block) = kept.map_err(store)?;
                Row::within(block.value(), first.value(), seq)
            }
        });
        // Every folded entry has a row.
        row?.map(Some).ok_or_else(|| ViewError::Damaged(format!("row {seq} is missing")))
    }

    /// The entry of a row, with the same bytes as were hashed.
    pub fn entry(&self, row: &Row) -> Result<Entry, ViewError> {
        let before = row.seq.get().checked_sub(1).map(Sequence::new).and_then(Result::ok);
        let before = before.map(|before| self.row(before)).transpose()?.flatten();
        let prev = before.map_or(EntryHash::ZERO, |before| before.hash);
        Ok(Entry { seq: row.seq, prev, at: row.at, commit: row.commit })
    }

    /// The event of one entry, if there is one that this version can read.
    pub fn event(&self, seq: Sequence) -> Result<Option<Event>, ViewError> {
        Ok(self.row(seq)?.and_then(|row| row.event()).and_then(Result::ok))
    }

    /// The sequences that contain a term, ascending.
    pub fn list(&self, term: Term, value: &[u8]) -> Result<Vec<Sequence>, ViewError> {
        let (low, high) = (term_key(term, value, 0), term_key(term, value, u64::MAX));
        self.lists_between(&low, &high)
    }

    /// The sequences that contain any term from `low` to `high`, ascending.
    fn lists_between(&self, low: &[u8], high: &[u8]) -> Result<Vec<Sequence>, ViewError> {
        let mut numbers = Vec::new();
        asked(|| {
            for part in self.terms.range(low..=high).map_err(store)? {
                let (key, packed) = part.map_err(store)?;
                let first = key.value().last_chunk::<8>().copied().map_or(0, u64::from_be_bytes);
                posting::unpack(first, packed.value(), &mut numbers)
                    .map_err(|error| ViewError::Damaged(error.to_string()))?;
            }
            Ok(())
        })?;
        if !numbers.is_sorted() {
            numbers.sort_unstable();
        }
        numbers.dedup();
        Ok(numbers)
    }

    /// The entries with a hash, ascending.
    fn with_fingerprint(
        &self,
        kind: Fingerprint,
        hash: &[u8; 32],
    ) -> Result<Vec<Sequence>, ViewError> {
        let hash = kept_of(hash);
        let (low, high) = (fingerprint_key(kind, &hash, 0), fingerprint_key(kind, &hash, u64::MAX));
        let mut numbers = Vec::new();
        asked(|| {
            let parts = self.fingerprints.range(low.as_slice()..=high.as_slice());
            for part in parts.map_err(store)? {
                let (_, run) = part.map_err(store)?;
                fingerprint::find(run.value(), &hash, &mut numbers);
            }
            Ok(())
        })?;
        numbers.sort_unstable();
        let entries: Result<Vec<_>, _> = numbers.into_iter().map(Sequence::new).collect();
        entries.map_err(|error| ViewError::Damaged(error.to_string()))
    }

    /// Every value of a kind of term, in order.
    fn values_of(&self, term: Term) -> Result<Vec<String>, ViewError> {
        let mut values: Vec<String> = Vec::new();
        let (low, high) = ([term as u8], [term as u8 + 1]);
        asked(|| {
            for part in self.terms.range(low.as_slice()..high.as_slice()).map_err(store)? {
                let (key, _) = part.map_err(store)?;
                let value =
                    key.value()[1..].split_last_chunk::<8>().map_or(&[][..], |(value, _)| value);
                let value = String::from_utf8_lossy(value.strip_suffix(&[0]).unwrap_or(value));
                if values.last().map(String::as_str) != Some(&*value) {
                    values.push(value.into_owned());
                }
            }
            Ok(values)
        })
    }

    /// Entries whose hash begins with these hexadecimal digits, at most `most`.
    fn entries_with_prefix(&self, prefix: &str, most: usize) -> Result<Vec<Sequence>, ViewError> {
        let mut found = Vec::new();
        asked(|| {
            for part in self.hashes.range(0..).map_err(store)? {
                let (first, hashes) = part.map_err(store)?;
                for (place, hash) in hashes.value().chunks_exact(8).enumerate() {
                    if begins_with(hash, prefix.as_bytes()) && found.len() < most {
                        let seq = first.value() + u64::try_from(place).unwrap_or_default();
                        found.extend(Sequence::new(seq));
                    }
                }
            }
            Ok(())
        })?;
        // Only 8 bytes of each hash are in the table; a longer prefix is compared with the row.
        let mut whole = Vec::new();
        for seq in found {
            let row = self.row(seq)?;
            if row.is_some_and(|row| row.hash.to_string().starts_with(prefix)) {
                whole.push(seq);
            }
        }
        Ok(whole)
    }

    /// The marks of one kind on `what`, oldest first: their sequences and details.
    fn marks(&self, mark: Mark, what: &[u8]) -> Result<Vec<(Sequence, Vec<u8>)>, ViewError> {
        let (low, high) = (mark_key(mark, what, 0), mark_key(mark, what, u64::MAX));
        let found = self.marks_between(&low, &high)?;
        // Slugs and words contain no zero byte, and sequences all have the same length, so this is
        // exact.
        Ok(found.into_iter().map(|(_, at, detail)| (at, detail)).collect())
    }

    /// Every mark of one kind: its subject, sequence and detail.
    fn marks_of(&self, mark: Mark) -> Result<Vec<MarkRow>, ViewError> {
        self.marks_between(&[mark as u8], &[mark as u8 + 1])
    }

    fn marks_between(&self, low: &[u8], high: &[u8]) -> Result<Vec<MarkRow>, ViewError> {
        let mut found = Vec::new();
        asked(|| {
            for kept in self.marks.range(low..=high).map_err(store)? {
                let (key, detail) = kept.map_err(store)?;
                let Some((what, at)) = key.value()[1..].split_last_chunk::<8>() else { continue };
                let at = Sequence::new(u64::from_be_bytes(*at))
                    .map_err(|error| ViewError::Damaged(error.to_string()))?;
                let what = what.strip_suffix(&[0]).unwrap_or(what);
                found.push((what.to_vec(), at, detail.value().to_vec()));
            }
            Ok(found)
        })
    }

    /// The metadata of a document: from the last correction that counts, or its capture.
    pub fn metadata(
        &self,
        document: DocumentId,
        counts: impl Fn(Sequence) -> bool,
    ) -> Result<Option<Metadata>, ViewError> {
        let corrections = self.marks(Mark::Corrected, &sequence_key(document.sequence()))?;
        let last = corrections.into_iter().rfind(|(at, _)| counts(*at));
        let said = match last {
            Some((at, _)) => self.event(at)?,
            None => self.event(document.sequence())?,
        };
        Ok(match said.map(|event| event.body) {
            Some(Body::DocumentCorrected(corrected)) => Some(corrected.metadata),
            Some(Body::DocumentCaptured(captured)) => Some(captured.metadata),
            _ => None,
        })
    }

    /// The last naming of a source before entry `before`.
    pub fn naming(&self, slug: &Slug, before: Sequence) -> Result<Option<Naming>, ViewError> {
        let namings = self.marks(Mark::Named, slug.as_str().as_bytes())?;
        let Some((at, _)) = namings.into_iter().rfind(|(at, _)| *at < before) else {
            return Ok(None);
        };
        Ok(match self.event(at)? {
            Some(Event { body: Body::SourceNamed(named), confidential, .. }) => {
                Some(Naming { at, named, confidential })
            }
            _ => None,
        })
    }

    /// The last description of an unnamed source among the entries that count.
    pub fn description(
        &self,
        source: &SourceId,
        counts: impl Fn(Sequence) -> bool,
    ) -> Result<Option<SourceDescribed>, ViewError> {
        let described = self.marks(Mark::Described, source.to_string().as_bytes())?;
        let last = described.into_iter().rfind(|(at, _)| counts(*at));
        let event = last.map(|(at, _)| self.event(at)).transpose()?.flatten();
        Ok(match event.map(|event| event.body) {
            Some(Body::SourceDescribed(described)) => Some(described),
            _ => None,
        })
    }

    /// The slugs of sources that have a name with this word, in order.
    fn sources_with_word(&self, word: &str) -> Result<Vec<String>, ViewError> {
        self.sources_marked(Mark::NameWord, word)
    }

    fn sources_marked(&self, mark: Mark, what: &str) -> Result<Vec<String>, ViewError> {
        let marks = self.marks(mark, what.as_bytes())?;
        let mut slugs: Vec<String> =
            marks.into_iter().filter_map(|(_, slug)| String::from_utf8(slug).ok()).collect();
        slugs.sort_unstable();
        slugs.dedup();
        Ok(slugs)
    }

    /// The events of one kind, ascending.
    pub fn of_kind(&self, kind: Kind) -> Result<Vec<Sequence>, ViewError> {
        self.list(Term::Kind, kind.tag().as_bytes())
    }
}

impl TileSource for Snapshot {
    type Error = ViewError;

    fn full_tile(&self, id: TileId) -> Result<Option<Vec<u8>>, ViewError> {
        asked(|| {
            let kept = self.tiles.get(tile_key(id).as_slice()).map_err(store)?;
            Ok(kept.map(|hashes| hashes.value().to_vec()))
        })
    }
}

/// A naming that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// The sequence at which it was recorded.
    pub at: Sequence,
    /// Its content.
    pub named: SourceNamed,
    /// Whether it was recorded as confidential.
    pub confidential: bool,
}

/// The subject of a mark, its sequence, and its detail.
type MarkRow = (Vec<u8>, Sequence, Vec<u8>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_lose_their_possessives() {
        assert_eq!(
            words("Telegram's 11.8 million users"),
            ["telegram", "11.8", "million", "users"]
        );
        assert_eq!(words("Роскомнадзор сообщил"), ["роскомнадзор", "сообщил"]);
        assert_eq!(words("…"), Vec::<String>::new());
    }

    #[test]
    fn days_keep_their_order_as_bytes() {
        let day = |text: &str| day_term(Clock::Holds, text.parse().unwrap());
        assert!(day("1980-01-01") < day("2025-08-14"));
    }
}
