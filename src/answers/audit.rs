//! The audit: reads everything in a ledger again and checks that it is consistent.
//!
//! Knows the order of the checks, and which module makes each. Must not write a byte into the
//! ledger's folder: the log is read from a copy, made while no writer is active. Each child makes
//! one part: `reading` how records are read, `examined` a single record, `entries` the hash chain,
//! `keys` whose log it is, `references` what events refer to, `quotes` where quoted words are,
//! `captured` the archive, `signed` the checkpoint, `folded` the views, `provenance` who is
//! responsible for what, `secrecy` what findings must not reveal.
//!
//! The log is read once. Records are examined on several threads, independently, and put back in
//! order on one, so that the findings do not depend on the number of threads; another thread folds
//! the records into new views, with which the kept views are compared. Memory does not grow with
//! texts or events, only by about 50 bytes per entry.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use serde::Serialize;
use thiserror::Error;

use crate::answers::finding::{Finding, FindingPlace, Findings, Problem};
use crate::answers::view::fold::FoldError;
use crate::answers::view::{ViewError, Views};
use crate::domain::digest::EntryHash;
use crate::domain::id::{LogName, Sequence};
use crate::platform::panic_guard::catch_panic;
use crate::platform::scratch::ScratchFolder;
use crate::record::event::Event;
use crate::record::layout::Layout;
use crate::record::log::sled::{self, SledLog};
use crate::record::log::{Log, ReadError};
use crate::record::tree::TreeHead;
use crate::record::tree::checkpoint;

mod captured;
mod examined;
mod folded;
mod keys;
mod provenance;
mod quotes;
mod references;
mod secrecy;
mod signed;

mod entries;
mod reading;

pub use captured::Files;

use captured::{DocumentFiles, Inventory};
use entries::Entries;
use examined::{Content, Examined};
use folded::KeptViews;
use keys::Keys;
use provenance::Provenance;
use quotes::Quotes;
use references::References;
use secrecy::Secrecy;
use signed::Note;

/// How many runs may be on their way to the fold.
const UNDER_WAY: usize = 2;

/// How many of the entries written by a newer version are listed.
const LISTED: usize = 100;

/// Findings which say that entries were changed, but not where.
const TELL_OF_CHANGE: &[&str] =
    &["chain_broken", "entry_malformed", "time_backwards", "root_differs", "entries_lost"];

/// The options of an audit.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    /// How long to wait for an active writer.
    pub wait: Duration,
    /// A folder for a copy of the log and for the rebuilt views: it needs space for both, and for a
    /// copy of the kept views if a writer was interrupted. Nothing is left in it.
    pub scratch: PathBuf,
    /// Whether findings include confidential details; otherwise they say that there are some.
    pub confidential: bool,
}

/// Why an audit was not completed. None of these says anything about the ledger.
#[derive(Debug, Error)]
pub enum AuditError {
    /// There is no ledger in the folder.
    #[error(
        "there is no ledger at {}: make one with `testimony init`, or name another with --ledger",
        .0.display()
    )]
    Absent(PathBuf),
    /// A writer was active for the whole waiting time.
    #[error("{0}")]
    Busy(sled::OpenLogError),
    /// The log could not be copied.
    #[error(transparent)]
    Log(sled::OpenLogError),
    /// The scratch folder cannot be used.
    #[error(
        "the scratch folder {} cannot be used ({source}): free some space in it, or set TMPDIR to \
         another folder",
        path.display()
    )]
    Scratch {
        /// The folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The views could not be copied.
    #[error(
        "the views cannot be copied ({0}): check their permissions and the free space in TMPDIR"
    )]
    Views(ViewError),
    /// The log could not be folded into new views.
    #[error("the views cannot be rebuilt for comparison ({0}): check the free space in TMPDIR")]
    Rebuild(FoldError),
}

/// The size and root of the log, as computed or as signed in the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stated {
    /// The number of entries.
    pub size: u64,
    /// The root of the tree over them, in base64.
    pub root: String,
}

impl From<TreeHead> for Stated {
    fn from(head: TreeHead) -> Self {
        Self { size: head.size, root: head.root.to_string() }
    }
}

/// Entries written by a newer version. Not a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Newer {
    /// The number of entries.
    pub count: u64,
    /// The first hundred.
    pub entries: Vec<Sequence>,
}

/// The result for the views.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Folded {
    /// The number of entries from which they were made; `null` if they cannot be read.
    pub entries: Option<u64>,
    /// Whether they are marked as behind the log: a writer was interrupted, or has not finished.
    pub stale: bool,
    /// Whether they were compared with rebuilt views. They are not if the log itself is damaged,
    /// because they may then hold what it lost.
    pub compared: bool,
}

/// The report of an audit. In JSON, an object with these fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The log's name; `null` if its opening cannot be read.
    pub log: Option<LogName>,
    /// The number of entries in the log.
    pub entries: u64,
    /// The hash of the last entry.
    pub last: EntryHash,
    /// The tree over all entries; `null` if any of them cannot be read.
    pub tree: Option<Stated>,
    /// The size and root in the checkpoint; `null` if there is no checkpoint with a valid
    /// signature.
    pub checkpoint: Option<Stated>,
    /// Entries beyond the checkpoint, which are not signed yet. Not a finding.
    pub unsigned: u64,
    /// Events that were read again and match their entries' commitments.
    pub payloads: u64,
    /// Events that were erased.
    pub erased: u64,
    /// Events written by a newer version, of which only the hash chain was checked. Not a finding.
    pub newer: Newer,
    /// References to sources that an erased or unread event may have named. Not a finding.
    pub undecided: u64,
    /// The number of named sources.
    pub sources: u64,
    /// The number of documents.
    pub documents: u64,
    /// The number of assertions.
    pub assertions: u64,
    /// Assertions that a program made and nobody has checked. Not a finding.
    pub unchecked: u64,
    /// Quotations that were found again at their place.
    pub quotes: u64,
    /// Quotations that were not looked up, because their document or its text cannot be read.
    pub quotes_unread: u64,
    /// The result for the archive.
    pub files: Files,
    /// The result for the views.
    pub views: Folded,
    /// The number of findings of each kind, by its tag.
    pub counts: BTreeMap<&'static str, u64>,
    /// The findings, at most a thousand of each kind.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether there are no findings.
    pub fn clean(&self) -> bool {
        self.counts.is_empty()
    }

    /// The number of findings, including those that are counted but not listed.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }
}

/// The files beside the log, as they were while no writer was active.
struct Beside {
    note: Note,
    inventory: Inventory,
    stale: bool,
}

type Opened = (Option<Box<dyn Log>>, Beside, Result<KeptViews, ViewError>);

impl Beside {
    /// Reads all of them, and opens the views.
    fn of(layout: &Layout, scratch: &Path) -> (Self, Result<KeptViews, ViewError>) {
        let views = Views::at(&layout.views());
        let stale = views.stale();
        let note = checkpoint::read(&layout.checkpoint());
        let inventory = Inventory::of(layout.archive());
        (Self { note, inventory, stale }, folded::open(&views, stale, scratch))
    }
}

/// Audits the ledger in `folder`. Neither its key nor write access to it is needed.
///
/// # Errors
///
/// If the audit could not be made. What is wrong with the ledger itself is in the report.
pub fn audit(folder: &Path, options: &AuditOptions) -> Result<Report, AuditError> {
    let layout = Layout::of(folder);
    let leftovers = SledLog::leftovers(&layout.log());
    let any = layout.exists() || layout.archive().exists() || layout.checkpoint().exists();
    if !any && leftovers.is_empty() {
        return Err(AuditError::Absent(folder.to_owned()));
    }
    let scratch = scratch_in(&options.scratch)?;
    let mut findings = Findings::default();
    for path in leftovers {
        let path = path.strip_prefix(folder).unwrap_or(&path).to_owned();
        findings.add(FindingPlace::File(path), Problem::ErasureUnfinished {});
    }
    let (log, beside, views) = open(&layout, scratch.path(), options, &mut findings)?;
    let kept = match views {
        Ok(kept) => Some(kept),
        Err(error @ (ViewError::Io(_) | ViewError::Busy)) => return Err(AuditError::Views(error)),
        Err(error) => {
            findings.add(FindingPlace::Views, folded::unusable(&error));
            None
        }
    };
    let mut secrecy = Secrecy::default();
    kept.iter().filter_map(KeptViews::snapshot).for_each(|kept| secrecy.remember(kept));
    let Some(log) = log else { return Ok(without_log(&layout, &beside, kept, findings)) };
    let rebuilt = Views::passing(&scratch.path().join("rebuilt"));
    // Views that have more entries than the log belong to another log, so there is nothing to
    // compare.
    let limit = kept.as_ref().map(|kept| kept.cursor.next);
    let limit = limit.filter(|next| *next > Sequence::ZERO && *next <= log.length());
    let fold = limit.map(|limit| (limit, &rebuilt));
    let mut pass = Pass::over(&*log, &beside, fold, findings, secrecy)?;
    let secrecy = std::mem::take(&mut pass.secrecy);
    let mut report = pass.finish(&layout, &beside, kept.as_ref(), &rebuilt);
    if !options.confidential {
        let rebuilt = folded::rebuilt(&rebuilt);
        secrecy.withhold(&mut report.findings, rebuilt, report.entries);
    }
    Ok(report)
}

fn scratch_in(path: &Path) -> Result<ScratchFolder, AuditError> {
    ScratchFolder::private_in(path, "testimony-audit-")
        .map_err(|source| AuditError::Scratch { path: path.to_owned(), source })
}

/// A copy of the log, if it opens, the files beside it, and the views.
fn open(
    layout: &Layout,
    scratch: &Path,
    options: &AuditOptions,
    findings: &mut Findings,
) -> Result<Opened, AuditError> {
    let mut beside = None;
    let opened = SledLog::open_copy_with(&layout.log(), scratch, options.wait, || {
        beside = Some(Beside::of(layout, scratch));
    });
    // Without a log there is no writer to lock out.
    let (beside, views) = beside.unwrap_or_else(|| Beside::of(layout, scratch));
    let place = FindingPlace::File("log".into());
    match opened {
        Ok(log) => return Ok((Some(Box::new(log)), beside, views)),
        Err(sled::OpenLogError::Absent(_)) => findings.add(place, Problem::LogMissing {}),
        Err(sled::OpenLogError::NotRegular(told)) => {
            findings.add(place, Problem::LogUnopenable { fault: told.in_short() });
        }
        Err(sled::OpenLogError::Damaged { fault, .. }) => {
            findings.add(place, Problem::LogUnopenable { fault });
        }
        Err(error @ sled::OpenLogError::Busy { .. }) => return Err(AuditError::Busy(error)),
        Err(error) => return Err(AuditError::Log(error)),
    }
    Ok((None, beside, views))
}

/// The report when no entry can be read: whether the other files exist and are intact.
fn without_log(
    layout: &Layout,
    beside: &Beside,
    kept: Option<KeptViews>,
    findings: Findings,
) -> Report {
    let mut pass = Pass::new(beside, findings);
    let files = pass.captured.check(&beside.inventory, layout.folder(), &mut pass.findings);
    signed::verify(&beside.note, None, false, &mut pass.findings);
    let entries = kept.map(|kept| kept.cursor.next.get());
    pass.report(None, files, Folded { entries, stale: beside.stale, compared: false })
}

/// One pass over the entries, and its results.
struct Pass {
    findings: Findings,
    entries: Entries,
    keys: Keys,
    references: References,
    quotes: Quotes,
    captured: DocumentFiles,
    provenance: Provenance,
    secrecy: Secrecy,
    erased: u64,
    newer: Newer,
    /// Whether every entry so far is sound, so that it can be folded.
    sound: bool,
}

impl Pass {
    fn new(beside: &Beside, findings: Findings) -> Self {
        Self {
            findings,
            entries: Entries::new(signed::claimed_size(&beside.note)),
            keys: Keys::default(),
            references: References::default(),
            quotes: Quotes::new(beside.inventory.archive().cloned()),
            captured: DocumentFiles::default(),
            provenance: Provenance::default(),
            secrecy: Secrecy::default(),
            erased: 0,
            newer: Newer::default(),
            sound: true,
        }
    }

    /// Reads every entry, and folds those before a limit into new views.
    fn over(
        log: &dyn Log,
        beside: &Beside,
        fold: Option<(Sequence, &Views)>,
        findings: Findings,
        secrecy: Secrecy,
    ) -> Result<Self, AuditError> {
        let mut pass = Self { secrecy, ..Self::new(beside, findings) };
        let Some((limit, rebuilt)) = fold else {
            reading::each_run(log, Sequence::ZERO, |records, _| {
                pass.take(records);
            });
            return Ok(pass);
        };
        let (sender, receiver) = sync_channel(UNDER_WAY);
        let folding = thread::scope(|threads| {
            let folding = threads.spawn(|| catch_panic(|| folded::rebuild(rebuilt, receiver)));
            reading::each_run(log, limit, |records, prepared| {
                pass.take(records);
                // After the first fault nothing is folded or compared. A fold whose channel is
                // closed has failed, and returns its error when it is joined.
                if let Some(prepared) = prepared.filter(|_| pass.sound) {
                    let _ = sender.send(prepared);
                }
            });
            drop(sender);
            folding.join()
        });
        let failed = |words| AuditError::Rebuild(FoldError::View(ViewError::Damaged(words)));
        match folding {
            Ok(Ok(Ok(()))) => Ok(pass),
            // Faults in the log have been reported, and nothing is compared with a fold of it.
            _ if !pass.sound => Ok(pass),
            Ok(Ok(Err(error))) => Err(AuditError::Rebuild(error)),
            Ok(Err(words)) => Err(failed(words)),
            Err(_) => Err(failed("the fold stopped".into())),
        }
    }

    fn take(&mut self, records: &[Result<Examined, ReadError>]) {
        for record in records {
            match record {
                Ok(examined) => self.record(examined),
                Err(error) => {
                    self.sound = false;
                    self.entries.miss(error, &mut self.findings);
                }
            }
        }
    }

    fn record(&mut self, examined: &Examined) {
        let at = examined.at;
        let before = self.findings.total();
        self.entries.take(examined, &mut self.findings);
        // Findings about what events say come later, because the fold takes events as they are.
        self.sound &= self.findings.total() == before;
        match (&examined.entry, &examined.content) {
            (Ok(entry), Content::Event(event)) if entry.seq == at => self.learn(at, event),
            (Ok(entry), content) if entry.seq == at => self.unread(at, content),
            // If an event is in another's place, its references count from its own.
            _ => {
                self.keys.learn(at, None, &mut self.findings);
                self.references.unread(at);
            }
        }
    }

    fn learn(&mut self, at: Sequence, event: &Event) {
        let findings = &mut self.findings;
        self.keys.learn(at, Some(event), findings);
        self.references.learn(at, event, findings);
        self.quotes.learn(at, event, findings);
        self.captured.learn(at, event);
        self.provenance.learn(at, event);
        self.secrecy.learn(event);
    }

    fn unread(&mut self, at: Sequence, content: &Content) {
        self.keys.learn(at, None, &mut self.findings);
        match content {
            Content::Erased => {
                self.erased += 1;
                self.references.gone(at);
            }
            Content::Newer => {
                self.newer.count += 1;
                if self.newer.entries.len() < LISTED {
                    self.newer.entries.push(at);
                }
                self.references.unread(at);
            }
            Content::Event(_) | Content::Unfit(_) => self.references.unread(at),
        }
    }

    fn finish(
        mut self,
        layout: &Layout,
        beside: &Beside,
        kept: Option<&KeptViews>,
        rebuilt: &Views,
    ) -> Report {
        let length = self.entries.next();
        self.references.finish(&mut self.findings);
        // A checkpoint of an empty log is signed with the first key.
        let size = signed::claimed_size(&beside.note).unwrap_or(u64::MAX).max(1);
        let key = self.keys.in_force(size);
        let vouched = signed::verify(&beside.note, key, self.sound, &mut self.findings);
        if let Some(vouched) = vouched {
            let found = self.entries.vouched_head();
            signed::compare(vouched, length, found, &mut self.findings);
        }
        let files = self.captured.check(&beside.inventory, layout.folder(), &mut self.findings);
        let compared = kept.is_some_and(|kept| self.views(kept, length, beside.stale, rebuilt));
        self.provenance.finish(&mut self.findings);
        let entries = kept.map(|kept| kept.cursor.next.get());
        self.report(vouched, files, Folded { entries, stale: beside.stale, compared })
    }

    /// Compares the views with the log and with the rebuilt views, and returns whether the latter
    /// was done.
    fn views(&mut self, kept: &KeptViews, length: Sequence, stale: bool, rebuilt: &Views) -> bool {
        let folded = kept.cursor.next;
        folded::measure(folded, length, stale, &mut self.findings);
        // The views can hold what the log lost, so the user must not be told to rebuild them then.
        let whole = self.sound && !self.findings.any(&["payload_missing"]);
        let compared = whole
            && folded > Sequence::ZERO
            && folded <= length
            && folded::compare(kept, rebuilt, &mut self.findings);
        if self.findings.any(TELL_OF_CHANGE) && !self.findings.any(&["out_of_sequence"]) {
            folded::recollect(kept, self.entries.hashes(), &mut self.findings);
        }
        compared
    }

    fn report(self, vouched: Option<TreeHead>, files: Files, views: Folded) -> Report {
        let entries = self.entries.next().get();
        let (findings, counts) = self.findings.into_parts();
        Report {
            log: self.keys.log().cloned(),
            entries,
            last: self.entries.last(),
            tree: self.entries.head().map(Stated::from),
            unsigned: entries.saturating_sub(vouched.map_or(0, |head| head.size)),
            checkpoint: vouched.map(Stated::from),
            payloads: self.entries.payloads,
            erased: self.erased,
            newer: self.newer,
            undecided: self.references.undecided,
            sources: self.provenance.sources(),
            documents: self.provenance.documents(),
            assertions: self.provenance.assertions,
            unchecked: self.provenance.unchecked(),
            quotes: self.quotes.found,
            quotes_unread: self.quotes.unread,
            files,
            views,
            counts,
            findings,
        }
    }
}
