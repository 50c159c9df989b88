//! The only writer of a ledger: it decides on drafts, appends entries, and updates the views.
//!
//! Knows the order in which a commit is made durable. Must not know how a draft is decided on, how
//! bytes are stored, or how answers look.
//!
//! A commit takes these steps, and a crash after any of them leaves a ledger that opens:
//!
//! 1. Every draft and capture of the commit is decided on in memory. If one is refused, nothing is
//!    kept. Otherwise the bytes of the captures are written to the archive.
//! 2. The events are sealed into entries that continue the hash chain.
//! 3. The views are durably marked stale, once per open ledger.
//! 4. The entries are appended to the log, flushed and synced. Now they are *acknowledged*: the
//!    commit is durable.
//! 5. The tree takes their hashes. The checkpoint is signed and replaced at most once a second, and
//!    when the ledger is closed: it may lag behind the log but never leads it.
//! 6. The views fold the entries that they do not have yet, when the caller calls
//!    [`Ledger::settle`].
//!
//! ```
//! use testimony::draft::Draft;
//! use testimony::event::Recorder;
//! use testimony::ledger::{Capture, Ledger, Options, RecordOutcome, Environment};
//! use testimony::page::{self, Format};
//! use testimony::source::{SourceKind, SourceNamed};
//! use testimony::view::query::{Inquiry, Question};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let scratch = tempfile::tempdir()?;
//! # let folder = scratch.path().join("ledger");
//! Ledger::create(&folder, "example.org/ledger".parse()?, &Options::default(), Environment::system())?;
//! let mut ledger = Ledger::open(&folder, &Options::default(), Environment::system())?;
//! let ana = Recorder::person("Ana".parse()?);
//!
//! let bytes = b"According to SOAX, there were 11.8 million Telegram users.";
//! let page = page::read(bytes, Format::Plain)?;
//! let document = ledger.capture(Capture::of(bytes, page, ana.clone()))?.at();
//! ledger.record([SourceNamed::called("SOAX", SourceKind::Organisation)?], &ana)?;
//! let claim = Draft::claim(document, "there were 11.8 million Telegram users")
//!     .said_by("soax")
//!     .cue("According to");
//! let outcomes = ledger.record([claim], &ana)?;
//! assert!(matches!(outcomes[0], RecordOutcome::Recorded(at) if at.get() == 3));
//! ledger.close()?;
//!
//! // Who asserts what about Telegram?
//! let reading = Ledger::read(&folder, &Options::default())?;
//! let inquiry = Inquiry::new(&reading.snapshot, None, Default::default())?;
//! let question = Question { text: "telegram".into(), ..Question::default() };
//! let speaking = inquiry.speaking(inquiry.assertions(&question)?.newest(100))?;
//! assert_eq!(speaking[0].speaker, "SOAX");
//! assert_eq!(speaking[0].assertions[0].assertion.id.sequence(), outcomes[0].at());
//! # Ok(())
//! # }
//! ```

use std::fs;
use std::path::Path;
use std::time::Duration;

use thiserror::Error;

use crate::answers::view::fold::Fold;
use crate::answers::view::query::Audience;
use crate::answers::view::{Snapshot, ViewError, Views};
use crate::domain::digest::ContentHash;
use crate::domain::document::{DocumentCaptured, Fetched, Metadata};
use crate::domain::id::{DocumentId, LogName, Sequence, Slug};
use crate::domain::moment::Timestamp;
use crate::domain::resolve::Sources;
use crate::domain::source::SourceNamed;
use crate::domain::text::Name;
use crate::ledger::intake::outlets::{GivenOutlets, OutletError, Outlets};
use crate::ledger::projection::{ProjectError, bring_up, catch_up, fold_on, make_anew};
use crate::reading::page::Page;
use crate::record::archive::{Archive, PutError};
use crate::record::decide::{self, Refusal, decide_capture};
use crate::record::draft::Draft;
use crate::record::event::{EncodeError, Recorder};
use crate::record::layout::Layout;
use crate::record::log::sled::{self, SledLog};
use crate::record::log::{AppendError, Log};
use crate::record::seal::{HashChain, Record, Salt, SaltError};
use crate::record::tree::checkpoint::key::Signer;
use crate::record::tree::checkpoint::{self, CheckpointError, FileError};
use crate::record::tree::{self, Frontier, TreeHead};

mod deciding;
mod environment;
pub mod intake;
pub mod projection;
mod state;

mod opening;

use deciding::{DecidedEvent, Pending, Ready, Unready};
use environment::told;
pub use environment::{ClockDoubt, Environment, Options};
pub use opening::OpenError;
use opening::{
    clear, end_of, look_at, open_log, opening, recorded_key, signing_key, stands, vouched,
    workplace,
};
use state::State;
pub use state::StateError;

/// The least time between two checkpoints while a writer records, in microseconds.
const CHECKPOINT_MICROS: u64 = 1_000_000;

/// Why nothing was recorded. A failure after the commit is durable is not reported here: a
/// checkpoint that could not be signed is signed later, at the latest by [`Ledger::close`], which
/// reports why it was not.
#[derive(Debug, Error)]
pub enum RecordError {
    /// A draft was refused; nothing of its commit was recorded.
    #[error("{refusal}")]
    Refused {
        /// The index of the draft, counted from 0.
        index: usize,
        /// The reason.
        refusal: Refusal,
    },
    /// An event is too large; nothing of its commit was recorded.
    #[error("{error}")]
    Encode {
        /// The index of the draft, counted from 0.
        index: usize,
        /// The reason.
        error: EncodeError,
    },
    /// The current state could not be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The system gave no random bytes.
    #[error(transparent)]
    Salt(#[from] SaltError),
    /// The views could not be marked stale.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The clock gives a time that cannot be recorded.
    #[error(transparent)]
    Clock(#[from] ClockDoubt),
    /// The log could not be appended to.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The archive could not be written.
    #[error(transparent)]
    Archive(#[from] PutError),
}

impl From<Unready<StateError>> for RecordError {
    fn from(unready: Unready<StateError>) -> Self {
        match unready {
            Unready::Refused { index, refusal } => Self::Refused { index, refusal },
            Unready::Encode { index, error } => Self::Encode { index, error },
            Unready::Failed(error) => Self::State(error),
        }
    }
}

/// Why a checkpoint was not written.
#[derive(Debug, Error)]
pub enum WriteCheckpointError {
    /// There is no signing key.
    #[error("a checkpoint needs the signing key: give it with --key")]
    Unsigned,
    /// The checkpoint cannot be signed.
    #[error(transparent)]
    Sign(#[from] CheckpointError),
    /// The checkpoint's file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The outcome of one draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordOutcome {
    /// It was recorded, at this sequence.
    Recorded(Sequence),
    /// It had already been recorded, at this sequence; nothing was written.
    Already(Sequence),
}

impl RecordOutcome {
    /// The sequence at which it is recorded.
    pub const fn at(self) -> Sequence {
        match self {
            Self::Recorded(at) | Self::Already(at) => at,
        }
    }
}

/// A document to capture.
#[derive(Debug, Clone)]
pub struct Capture {
    /// The original bytes, unchanged.
    pub original: Vec<u8>,
    /// The page that was read from them.
    pub page: Page,
    /// The media type of the bytes: the one they were served with, otherwise that of the format
    /// they were read as.
    pub media_type: Option<Name>,
    /// The name of the file they came from, without its folders.
    pub file_name: Option<Name>,
    /// How the bytes were fetched.
    pub fetched: Option<Fetched>,
    /// The earlier capture of the same bytes, when they are read again by another reader.
    pub rereads: Option<DocumentId>,
    /// What is recorded about the document.
    pub metadata: Metadata,
    /// Who or what captures it.
    pub by: Recorder,
    /// Whether to keep it out of every output that does not ask for confidential documents.
    pub confidential: bool,
}

impl Capture {
    /// A capture with all the metadata that the page states, including its publisher and
    /// republishers. Those that are new sources are added to the namings of `outlets`, to be
    /// recorded in the same commit:
    ///
    /// ```
    /// # use testimony::draft::Draft;
    /// # use testimony::event::Recorder;
    /// # use testimony::intake::outlets::Outlets;
    /// # use testimony::ledger::{Capture, Ledger, Options, Environment};
    /// # use testimony::page::{self, Format};
    /// # use testimony::view::query::Audience;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let scratch = tempfile::tempdir()?;
    /// # let folder = scratch.path().join("ledger");
    /// # let options = Options::default();
    /// # Ledger::create(&folder, "example.org/ledger".parse()?, &options, Environment::system())?;
    /// # let mut ledger = Ledger::open(&folder, &options, Environment::system())?;
    /// # let ana = Recorder::person("Ana".parse()?);
    /// let bytes = b"<meta property='og:site_name' content='The Post'><p>The quay will close.</p>";
    /// let page = page::read(bytes, Format::Html)?;
    /// let mut outlets = Outlets::among(ledger.sources(Audience::Anyone));
    /// let capture = Capture::told(bytes, page, &mut outlets, ana.clone())?;
    /// let namings = outlets.namings();
    /// let namings = namings.into_iter().map(Draft::from).collect();
    /// let outcomes = ledger.capture_with(namings, &[capture], &ana)?;
    /// # let document = outcomes.last().unwrap().at();
    /// # let captured = ledger.captured(testimony::id::DocumentId::at(document))?.unwrap();
    /// # assert_eq!(captured.metadata.publisher.unwrap().to_string(), "the-post");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The sources cannot be read, an outlet's name fits several sources, or an outlet cannot be
    /// named.
    pub fn told<S: Sources>(
        original: &[u8],
        page: Page,
        outlets: &mut Outlets<S>,
        by: Recorder,
    ) -> Result<Self, OutletError<S::Error>> {
        let metadata = outlets.metadata(&page, GivenOutlets::default())?;
        Ok(Self::described(original, page, metadata, by))
    }

    /// The part that is decided on, with hashes in place of the bytes.
    fn to_decide(&self) -> decide::CaptureDraft {
        decide::CaptureDraft {
            by: self.by.clone(),
            confidential: self.confidential,
            original: ContentHash::of(&self.original),
            text: ContentHash::of(self.page.text.as_bytes()),
            reader: self.page.reader.clone(),
            media_type: self.media_type.clone(),
            file_name: self.file_name.clone(),
            fetched: self.fetched.clone(),
            rereads: self.rereads,
            metadata: self.metadata.clone(),
        }
    }

    /// A capture with all the metadata that the page states, except its publisher and republishers,
    /// which are sources: for a page that names none, such as plain text. See [`told`](Self::told).
    pub fn of(original: &[u8], page: Page, by: Recorder) -> Self {
        let metadata = page.metadata();
        Self::described(original, page, metadata, by)
    }

    /// A capture with exactly this metadata, whatever the page states.
    pub fn described(original: &[u8], page: Page, metadata: Metadata, by: Recorder) -> Self {
        Self {
            original: original.to_vec(),
            media_type: page.format.media_type().parse().ok(),
            page,
            file_name: None,
            fetched: None,
            rereads: None,
            metadata,
            by,
            confidential: false,
        }
    }
}

/// Views opened for queries.
pub struct Reading {
    /// The views.
    pub snapshot: Snapshot,
    /// Why the views may be behind the log, if they may be.
    pub behind: Option<Behind>,
}

/// Why the views could not be brought up to date before they were queried.
#[derive(Debug, Error)]
pub enum Behind {
    /// Another process is writing.
    #[error(
        "another process is recording, so this answer may lack the newest entries: ask again when it has finished"
    )]
    Writing,
    /// The log could not be read or the views could not be written.
    #[error(
        "the views could not be brought up to date ({0}), so this answer may lack the newest entries"
    )]
    Failed(String),
    /// The log is missing.
    #[error(
        "the log is missing, and this answer comes from the views alone: restore the ledger from a backup"
    )]
    Gone,
    /// The checkpoint does not confirm the views.
    #[error("no valid checkpoint covers this answer ({0}): run `testimony audit`")]
    Unverified(String),
    /// There is no checkpoint.
    #[error(
        "no checkpoint covers this answer, because there is none: run `testimony audit`, then \
         `testimony checkpoint` to sign the ledger as it is"
    )]
    Unsigned,
}

/// What is uncertain about answers from a snapshot; an error if its checkpoint belongs to other
/// entries.
fn doubt(
    note: Option<&[u8]>,
    snapshot: &Snapshot,
    folder: &Path,
) -> Result<Option<Behind>, OpenError> {
    match vouched(note, snapshot, folder) {
        Ok(Some(_)) => Ok(None),
        Ok(None) => Ok(Some(Behind::Unsigned)),
        Err(
            error @ (OpenError::Checkpoint(_) | OpenError::BadKey(_) | OpenError::NotOpened(_)),
        ) => Ok(Some(Behind::Unverified(error.to_string()))),
        Err(error) => Err(error),
    }
}

/// The views when the log is missing; an error if they hold fewer entries than were signed.
fn without_log(
    (note, signed): (Option<&[u8]>, u64),
    views: &Views,
    folder: &Path,
    wait: Duration,
    gone: OpenError,
) -> Result<Reading, OpenError> {
    match views.read(wait) {
        Ok(snapshot) if signed <= snapshot.cursor().next.get() => {
            doubt(note, &snapshot, folder)?;
            Ok(Reading { snapshot, behind: Some(Behind::Gone) })
        }
        _ => Err(gone),
    }
}

/// The records that a commit is to append, and the outcomes to return.
struct Commit {
    chain: HashChain,
    records: Vec<Record>,
    outcomes: Vec<RecordOutcome>,
}

impl Commit {
    const fn after(chain: HashChain) -> Self {
        Self { chain, records: Vec::new(), outcomes: Vec::new() }
    }
}

/// A ledger open for writing.
pub struct Ledger {
    layout: Layout,
    log: Box<dyn Log>,
    archive: Archive,
    views: Views,
    signer: Option<Signer>,
    chain: HashChain,
    tree: Frontier,
    state: State,
    /// The fold, kept after the first settling; readers may share the views with it.
    fold: Option<Fold>,
    environment: Environment,
    wait: Duration,
    /// How many entries the checkpoint covers. `None` without a checkpoint: then one is signed only
    /// on request.
    signed: Option<u64>,
    checkpointed: Timestamp,
    /// Whether this writer has durably marked the views stale.
    marked: bool,
    /// Whether an append failed, so that the log may hold entries that were never acknowledged.
    unsure: bool,
}

impl Ledger {
    /// Creates a ledger with a new key in `folder`, which must be empty or absent. The ledger is
    /// built next to the folder and moved into place whole, so that a crash leaves either no ledger
    /// or a complete one.
    pub fn create(
        folder: &Path,
        name: LogName,
        options: &Options,
        mut environment: Environment,
    ) -> Result<(), OpenError> {
        if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(OpenError::Exists(folder.to_owned()));
        }
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| OpenError::Folder { path, source }
        };
        fs::create_dir_all(parent).map_err(at(parent))?;
        let (beside, lock) = workplace(parent, options.wait).map_err(at(parent))?;
        let layout = Layout::of(beside.path());
        let key = options.key.clone().unwrap_or_else(|| layout.key());
        let signer = Signer::create(&key, &name, &(environment.random)()?)?;
        Archive::create(layout.archive())?;
        let mut log = SledLog::create(&layout.log(), options.wait)?;
        let salt = Salt::from_bytes((environment.random)()?);
        let sealed = opening(name, &signer, salt, told((environment.now)())?)?;
        log.append(Sequence::ZERO, std::slice::from_ref(&sealed.record))?;
        let mut tree = Frontier::default();
        let _ = tree.push(tree::leaf_hash(&sealed.record.entry));
        checkpoint::write(&layout.checkpoint(), &checkpoint::sign(&signer, tree.head())?)?;
        let views = Views::at(&layout.views());
        catch_up(&log, &views, options.wait)?;
        drop(log);
        beside.settle(folder).map_err(at(folder))?;
        drop(lock);
        fs::File::open(parent).and_then(|parent| parent.sync_all()).map_err(at(parent))
    }

    /// Opens the ledger in `folder` for writing and locks out other writers.
    ///
    /// Refuses a log that is shorter than its checkpoint or does not extend it.
    pub fn open(
        folder: &Path,
        options: &Options,
        environment: Environment,
    ) -> Result<Self, OpenError> {
        let layout = Layout::of(folder);
        stands(&layout)?;
        look_at(&layout)?;
        let note = checkpoint::read(&layout.checkpoint())?;
        let log: Box<dyn Log> = Box::new(open_log(&layout, note.as_deref(), options.wait)?);
        let archive = Archive::open(layout.archive())?;
        clear(&layout, &archive);
        let views = Views::at(&layout.views());
        let mut signed = None;
        bring_up(&*log, &views, options.wait, |snapshot| {
            signed = vouched(note.as_deref(), snapshot, folder)?;
            Ok::<_, OpenError>(())
        })?;
        let snapshot = views.read(options.wait)?;
        let key = recorded_key(&snapshot, folder)?;
        let tree = snapshot.tree()?;
        // The time and the hash chain continue from the log itself, since the views can be wrong.
        let chain = end_of(&*log, folder)?;
        let signer = if options.unsigned {
            None
        } else {
            Some(signing_key(options.key.as_deref(), &layout, &key)?)
        };
        let state = State::new(snapshot, archive.clone());
        Ok(Self {
            layout,
            log,
            archive,
            views,
            signer,
            chain,
            tree,
            state,
            fold: None,
            environment,
            wait: options.wait,
            signed: signed.map(|head| head.size),
            checkpointed: Timestamp::EPOCH,
            marked: false,
            unsure: false,
        })
    }

    /// Opens the views of the ledger in `folder` for queries, without opening the log if they are
    /// current. If they may be behind, they are first brought up to date, unless another process is
    /// writing.
    pub fn read(folder: &Path, options: &Options) -> Result<Reading, OpenError> {
        let layout = Layout::of(folder);
        let gone = match stands(&layout) {
            Ok(()) => None,
            Err(error @ OpenError::Gone(_)) => Some(error),
            Err(error) => return Err(error),
        };
        look_at(&layout)?;
        let views = Views::at(&layout.views());
        views.look_at()?;
        let note = checkpoint::read(&layout.checkpoint())?;
        let signed = note.as_deref().and_then(checkpoint::claimed_size).unwrap_or(0);
        if let Some(error) = gone {
            return without_log((note.as_deref(), signed), &views, folder, options.wait, error);
        }
        let stale = views.stale();
        let kept = views.read(options.wait);
        // Without views there is nothing to answer from, so wait for the process that holds the
        // log.
        let patience = if kept.is_ok() { Duration::ZERO } else { options.wait };
        let mut doubted = None;
        if !stale
            && let Ok(snapshot) = kept
            && signed <= snapshot.cursor().next.get()
        {
            match doubt(note.as_deref(), &snapshot, folder) {
                Ok(behind) => return Ok(Reading { snapshot, behind }),
                // The views may be the ones that are wrong: the log decides.
                Err(error) => doubted = Some(error),
            }
        }
        let failed = match open_log(&layout, note.as_deref(), patience) {
            Err(OpenError::Log(sled::OpenLogError::Busy { .. })) => {
                if let Some(error) = doubted {
                    return Err(error);
                }
                let snapshot = views.read(options.wait)?;
                return Ok(Reading { snapshot, behind: Some(Behind::Writing) });
            }
            Err(error @ OpenError::Log(sled::OpenLogError::FirstDraft(_))) => return Err(error),
            Err(error) => Some(error),
            Ok(log) => {
                let held = |snapshot: &Snapshot| doubt(note.as_deref(), snapshot, folder).map(drop);
                let brought = bring_up(&log, &views, options.wait, held);
                brought.and_then(|_| Ok(views.mark_current()?)).err()
            }
        };
        let snapshot = match (views.read(options.wait), failed) {
            (Ok(snapshot), None) => snapshot,
            // Views that hold everything that was signed can be queried; others would leave entries
            // out.
            (Ok(snapshot), Some(error)) if signed <= snapshot.cursor().next.get() => {
                doubt(note.as_deref(), &snapshot, folder)?;
                let behind = Some(Behind::Failed(error.to_string()));
                return Ok(Reading { snapshot, behind });
            }
            (_, Some(error)) => return Err(error),
            (Err(error), None) => return Err(error.into()),
        };
        let behind = doubt(note.as_deref(), &snapshot, folder)?;
        Ok(Reading { snapshot, behind })
    }

    /// Folds the views from the log again, next to the existing ones, and replaces those. Returns
    /// how many entries were folded.
    ///
    /// Refuses a log that is shorter than its checkpoint or differs from it.
    pub fn rebuild(folder: &Path, options: &Options) -> Result<u64, OpenError> {
        let layout = Layout::of(folder);
        stands(&layout)?;
        look_at(&layout)?;
        let note = checkpoint::read(&layout.checkpoint())?;
        let log = open_log(&layout, note.as_deref(), options.wait)?;
        if let Ok(archive) = Archive::open(layout.archive()) {
            clear(&layout, &archive);
            let _ = archive.sweep();
        }
        let views = Views::at(&layout.views());
        let held = |snapshot: &Snapshot| doubt(note.as_deref(), snapshot, folder).map(drop);
        let folded = make_anew(&log, &views, options.wait, held)?;
        views.mark_current()?;
        Ok(folded)
    }

    /// The number of entries in the log.
    pub const fn length(&self) -> Sequence {
        self.chain.next
    }

    /// Records drafts as one commit: all of them, or none. When this returns they are durable.
    pub fn record<D: Into<Draft>>(
        &mut self,
        drafts: impl IntoIterator<Item = D>,
        by: &Recorder,
    ) -> Result<Vec<RecordOutcome>, RecordError> {
        let drafts = drafts.into_iter().map(Into::into).collect();
        self.record_then(drafts, |_| Vec::new(), by)
    }

    /// Records drafts, and in the same commit the drafts that `then` makes from their outcomes,
    /// which can therefore refer to an assertion that is not recorded yet, such as a check of it or
    /// a note on it. If a draft from `then` is refused, its index counts on from the first drafts,
    /// and nothing of the commit is recorded.
    ///
    /// # Errors
    ///
    /// As for [`record`](Self::record).
    pub fn record_then(
        &mut self,
        drafts: Vec<Draft>,
        then: impl FnOnce(&[RecordOutcome]) -> Vec<Draft>,
        by: &Recorder,
    ) -> Result<Vec<RecordOutcome>, RecordError> {
        let mut commit = Commit::after(self.chain);
        let decided = self.decide_on(drafts, by, &mut commit).and_then(|()| {
            let more = then(&commit.outcomes);
            self.decide_on(more, by, &mut commit)
        });
        if let Err(error) = decided {
            self.state.discard();
            return Err(error);
        }
        self.append(commit.chain, commit.records)?;
        Ok(commit.outcomes)
    }

    /// Decides on drafts as [`record`](Self::record) would, and keeps nothing: the outcomes say
    /// what would be recorded at which sequence, and what is already recorded.
    ///
    /// # Errors
    ///
    /// As for `record`, except errors of appending.
    pub fn rehearse(
        &mut self,
        drafts: Vec<Draft>,
        by: &Recorder,
    ) -> Result<Vec<RecordOutcome>, RecordError> {
        let mut commit = Commit::after(self.chain);
        let decided = self.decide_on(drafts, by, &mut commit);
        self.state.discard();
        decided.map(|()| commit.outcomes)
    }

    /// Decides on every draft and links the new events to the end of the commit.
    fn decide_on(
        &mut self,
        drafts: Vec<Draft>,
        by: &Recorder,
        commit: &mut Commit,
    ) -> Result<(), RecordError> {
        let before = commit.outcomes.len();
        let mut drafts = (before..).zip(drafts).peekable();
        while let Some((index, draft)) = drafts.next() {
            let alone = deciding::stands_alone(&draft);
            let mut pending = vec![Pending { index, draft, salt: self.salt()? }];
            while let Some((index, draft)) =
                drafts.next_if(|(_, next)| alone && deciding::stands_alone(next))
            {
                pending.push(Pending { index, draft, salt: self.salt()? });
            }
            for decided in deciding::decide_all(&self.state, pending, by) {
                self.chain(decided?, commit)?;
            }
        }
        Ok(())
    }

    /// Captures a document: writes its bytes and text to the archive, then the event to the log.
    pub fn capture(&mut self, capture: Capture) -> Result<RecordOutcome, RecordError> {
        let by = capture.by.clone();
        let outcomes = self.capture_with(Vec::new(), &[capture], &by)?;
        Ok(outcomes[0])
    }

    /// Records drafts, and captures documents that may refer to them, such as to an outlet that one
    /// of the drafts names: all in one commit, or nothing. No bytes are written to the archive
    /// before the whole commit is decided on. The outcomes are those of the drafts, then those of
    /// the captures; the index of a refused capture counts on from the drafts.
    ///
    /// # Errors
    ///
    /// As for [`record`](Self::record), and errors of the archive.
    pub fn capture_with(
        &mut self,
        drafts: Vec<Draft>,
        captures: &[Capture],
        by: &Recorder,
    ) -> Result<Vec<RecordOutcome>, RecordError> {
        let commit = self.decide_on_captures(drafts, captures, by).and_then(|commit| {
            for capture in captures {
                self.archive.put(&capture.original)?;
                self.archive.put(capture.page.text.as_bytes())?;
            }
            Ok(commit)
        });
        let commit = commit.inspect_err(|_| self.state.discard())?;
        self.append(commit.chain, commit.records)?;
        Ok(commit.outcomes)
    }

    /// Decides on drafts and then on captures; each sees those before it.
    fn decide_on_captures(
        &mut self,
        drafts: Vec<Draft>,
        captures: &[Capture],
        by: &Recorder,
    ) -> Result<Commit, RecordError> {
        let mut commit = Commit::after(self.chain);
        self.decide_on(drafts, by, &mut commit)?;
        for capture in captures {
            let salt = self.salt()?;
            let decision = decide_capture(&self.state, capture.to_decide());
            let decided = deciding::ready(decision, salt, commit.outcomes.len())?;
            self.chain(decided, &mut commit)?;
        }
        Ok(commit)
    }

    fn salt(&mut self) -> Result<Salt, SaltError> {
        Ok(Salt::from_bytes((self.environment.random)()?))
    }

    /// Links a decided event to the end of the commit and makes it visible to later drafts.
    fn chain(&mut self, decided: DecidedEvent, commit: &mut Commit) -> Result<(), ClockDoubt> {
        let outcome = match decided {
            DecidedEvent::Already(at) => RecordOutcome::Already(at),
            DecidedEvent::Ready(ready) => match self.state.staged_any(&ready.identities) {
                Some(at) => RecordOutcome::Already(at),
                None => {
                    let Ready { event, identities, payload, commitment } = ready;
                    let at = commit.chain.next;
                    self.state.stage(at, event.as_deref(), &identities);
                    let now = told((self.environment.now)())?;
                    commit.records.push(commit.chain.link(payload, commitment, now).record);
                    RecordOutcome::Recorded(at)
                }
            },
        };
        commit.outcomes.push(outcome);
        Ok(())
    }

    fn append(&mut self, chain: HashChain, records: Vec<Record>) -> Result<(), RecordError> {
        if records.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.mark_stale() {
            self.state.discard();
            return Err(error.into());
        }
        if let Err(error) = self.log.append(self.chain.next, &records) {
            self.state.discard();
            self.unsure = true;
            return Err(error.into());
        }
        self.state.keep();
        tracing::debug!("{} entries are durable, from {}", records.len(), self.chain.next);
        self.chain = chain;
        for record in &records {
            // The views keep full tiles; the writer needs only the right edge.
            let _ = self.tree.push(tree::leaf_hash(&record.entry));
        }
        let now = (self.environment.now)();
        if now.micros().saturating_sub(self.checkpointed.micros()) >= CHECKPOINT_MICROS
            && let Err(error) = self.sign()
        {
            // The entries are recorded even if this fails; closing tries again and reports the
            // error.
            tracing::warn!("the checkpoint was not written: {error}");
        }
        Ok(())
    }

    /// Durably marks the views stale. A mark left by another writer may not be durable, so it is
    /// not relied on.
    fn mark_stale(&mut self) -> Result<(), ViewError> {
        if !self.marked {
            self.views.mark_stale()?;
            self.marked = true;
        }
        Ok(())
    }

    /// Signs the log if there is a key and something new to sign. A missing checkpoint may have
    /// covered entries that are lost, so replacing it is left to a person.
    fn sign(&mut self) -> Result<(), WriteCheckpointError> {
        let new = self.signed.is_some_and(|signed| signed < self.tree.size());
        if self.signer.is_some() && new {
            self.checkpoint()?;
        }
        Ok(())
    }

    /// Checks that the clock's time is plausible after the newest entry.
    ///
    /// # Errors
    ///
    /// The clock is well before the newest entry, or so far after it that one of the two is
    /// probably wrong.
    pub fn clock(&self, now: Timestamp) -> Result<(), ClockDoubt> {
        environment::goes_with(now, self.chain.latest)
    }

    /// Whether there is a checkpoint, so that the next one is signed automatically.
    pub const fn is_signed(&self) -> bool {
        self.signed.is_some()
    }

    /// Signs the log at its current length and replaces the checkpoint.
    pub fn checkpoint(&mut self) -> Result<TreeHead, WriteCheckpointError> {
        let signer = self.signer.as_ref().ok_or(WriteCheckpointError::Unsigned)?;
        let head = self.tree.head();
        checkpoint::write(&self.layout.checkpoint(), &checkpoint::sign(signer, head)?)?;
        self.signed = Some(head.size);
        tracing::info!("signed a checkpoint of {} entries", head.size);
        self.checkpointed = (self.environment.now)();
        Ok(head)
    }

    /// Brings the views up to date with the log.
    pub fn settle(&mut self) -> Result<(), OpenError> {
        let mut fold = match self.fold.take() {
            Some(fold) => fold,
            None => Fold::resume(&self.views, self.wait).map_err(ProjectError::from)?,
        };
        fold_on(&*self.log, &mut fold)?;
        self.state.refresh(fold.snapshot()?);
        self.fold = Some(fold);
        Ok(())
    }

    /// The views as of the last time they were brought up to date.
    pub const fn snapshot(&self) -> &Snapshot {
        self.state.snapshot()
    }

    /// The sources that this audience may see, for looking up a source by name.
    pub fn sources(&self, audience: Audience) -> impl Sources<Error = StateError> + '_ {
        self.state.sources(audience)
    }

    /// The capture of a document, if `id` is that of one.
    pub fn captured(&self, id: DocumentId) -> Result<Option<DocumentCaptured>, StateError> {
        self.state.captured(id)
    }

    /// The latest naming of a source.
    pub fn source(&self, slug: &Slug) -> Result<Option<SourceNamed>, StateError> {
        Ok(decide::Known::source(&self.state, slug)?.map(|(_, named)| named))
    }

    /// Brings the views up to date, signs what is unsigned, and releases the ledger. It signs even
    /// if the views cannot be brought up to date. After a failed append the views stay marked
    /// stale: the log may hold entries that were never acknowledged, and the next opening checks.
    pub fn close(mut self) -> Result<(), OpenError> {
        let settled = self.settle_to_close();
        let signed = match self.sign() {
            Ok(()) | Err(WriteCheckpointError::Unsigned) => Ok(()),
            Err(WriteCheckpointError::File(error)) => Err(error.into()),
            Err(WriteCheckpointError::Sign(error)) => Err(error.into()),
        };
        settled.and(signed)
    }

    fn settle_to_close(&mut self) -> Result<(), OpenError> {
        self.settle()?;
        if let Some(fold) = self.fold.take() {
            fold.finish().map_err(ProjectError::from)?;
        }
        if !self.unsure {
            self.views.mark_current()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::source::SourceKind;
    use crate::record::log::{EraseError, Records};

    /// A log whose disk fails.
    struct Failing(Box<dyn Log>);

    impl Log for Failing {
        fn append(&mut self, _: Sequence, _: &[Record]) -> Result<(), AppendError> {
            Err(AppendError::Failed { fault: "the disk fails".into() })
        }

        fn length(&self) -> Sequence {
            self.0.length()
        }

        fn read(&self, from: Sequence) -> Records<'_> {
            self.0.read(from)
        }

        fn erase(&mut self, sequences: &BTreeSet<Sequence>) -> Result<(), EraseError> {
            self.0.erase(sequences)
        }
    }

    fn ledger(folder: &Path) -> Ledger {
        let options = Options::default();
        if !Layout::of(folder).exists() {
            let name = "example.org/ledger".parse().unwrap();
            Ledger::create(folder, name, &options, Environment::system()).unwrap();
        }
        Ledger::open(folder, &options, Environment::system()).unwrap()
    }

    fn named(name: &str) -> [SourceNamed; 1] {
        [SourceNamed::called(name, SourceKind::Person).unwrap()]
    }

    #[test]
    fn views_stay_marked_after_an_append_that_failed() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("ledger");
        let by = Recorder::person("Ana".parse().unwrap());
        let mut ledger = ledger(&folder);
        ledger.record(named("Ben"), &by).unwrap();
        let whole = std::mem::replace(
            &mut ledger.log,
            Box::new(crate::record::log::memory::MemoryLog::default()),
        );
        ledger.log = Box::new(Failing(whole));
        let failed = ledger.record(named("Cleo"), &by);
        assert!(matches!(failed, Err(RecordError::Append(_))), "{failed:?}");
        let views = ledger.views.clone();
        ledger.close().unwrap();
        assert!(views.stale(), "the log may hold what failed");
        let ledger = self::ledger(&folder);
        assert_eq!(ledger.length().get(), 2);
        ledger.close().unwrap();
        assert!(!views.stale());
    }

    #[test]
    fn a_clock_before_1970_dates_nothing() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("ledger");
        let stopped =
            || Environment { now: Box::new(|| Timestamp::EPOCH), ..Environment::system() };
        let (options, name) =
            (Options::default(), "example.org/ledger".parse::<LogName>().unwrap());
        let created = Ledger::create(&folder, name, &options, stopped());
        assert!(matches!(created, Err(OpenError::Clock(ClockDoubt::BeforeAll))), "{created:?}");
        assert!(!folder.exists());
        ledger(&folder).close().unwrap();
        let mut ledger = Ledger::open(&folder, &options, stopped()).unwrap();
        let by = Recorder::person("Ana".parse().unwrap());
        let recorded = ledger.record(named("Ben"), &by);
        assert!(matches!(recorded, Err(RecordError::Clock(ClockDoubt::BeforeAll))), "{recorded:?}");
        ledger.close().unwrap();
        let ledger = self::ledger(&folder);
        assert_eq!(ledger.length().get(), 1);
    }
}
