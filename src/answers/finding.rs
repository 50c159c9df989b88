//! Audit findings: where a problem is, what is wrong, and what to do about it.
//!
//! Knows the closed list of problems, each with its wire tag, message and advice. Must not know how any
//! of them is detected.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::domain::digest::{ContentHash, EntryHash};
use crate::domain::id::{DocumentId, Sequence, SourceId};
use crate::domain::moment::Timestamp;

/// The maximum number of findings kept of each kind; further ones are only counted.
pub const MOST_OF_A_KIND: u64 = 1000;

/// The place of a problem. In JSON: `"ledger"`, `"checkpoint"`, `"views"`, `{"entry":41}`,
/// `{"entries":{"first":3,"last":8}}` (`last` is `null` if the end is unknown),
/// `{"block":"block #41"}`, `{"file":"archive/ab/cd…"}`, `{"source":"soax"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingPlace {
    /// The ledger as a whole.
    Ledger,
    /// One entry.
    Entry(Sequence),
    /// A range of entries.
    Entries {
        /// The first.
        first: Sequence,
        /// The last, if known.
        last: Option<Sequence>,
    },
    /// A part of the log's store, as the store describes it.
    Block(String),
    /// A file or folder, by its path relative to the ledger folder.
    File(#[serde(serialize_with = "as_shown")] PathBuf),
    /// The checkpoint.
    Checkpoint,
    /// The views.
    Views,
    /// A source.
    Source(SourceId),
}

fn as_shown<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    // A file name that is not UTF-8 must not prevent the report from being written.
    serializer.serialize_str(&path.to_string_lossy())
}

impl fmt::Display for FindingPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger => f.write_str("the ledger"),
            Self::Entry(seq) => write!(f, "entry {seq}"),
            Self::Entries { first, last: Some(last) } if first == last => {
                write!(f, "entry {first}")
            }
            Self::Entries { first, last: Some(last) } => write!(f, "entries {first} to {last}"),
            Self::Entries { first, last: None } => write!(f, "entry {first} and all later entries"),
            Self::Block(block) => f.write_str(block),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Checkpoint => f.write_str("the checkpoint"),
            Self::Views => f.write_str("the views"),
            Self::Source(source) => write!(f, "source {source}"),
        }
    }
}

/// The evidence that entries are missing from the end of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownFrom {
    /// The signed checkpoint.
    Checkpoint,
    /// The views.
    Views,
}

impl fmt::Display for KnownFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Checkpoint => "the checkpoint covers them",
            Self::Views => "the views were made from them",
        })
    }
}

/// One of the two files of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRole {
    /// The original bytes.
    Original,
    /// The extracted text.
    Text,
}

impl fmt::Display for FileRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Original => "original",
            Self::Text => "text",
        })
    }
}

macro_rules! problems {
    ($(
        $(#[$doc:meta])*
        $variant:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty),* $(,)? } = $tag:literal,
        $says:literal, $advice:literal;
    )+) => {
        /// A problem: a closed list of kinds, each with its wire tag.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "problem")]
        pub enum Problem {
            $($(#[$doc])* #[serde(rename = $tag)] $variant { $($(#[$field_doc])* $field: $kind),* },)+
        }

        impl Problem {
            /// Every wire tag.
            pub const TAGS: &[&'static str] = &[$($tag),+];

            /// The wire tag.
            pub const fn tag(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $tag),+ }
            }

            /// What to do about it.
            pub const fn advice(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $advice),+ }
            }
        }

        impl fmt::Display for Problem {
            #[allow(unused_variables, reason = "not every field appears in the message")]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$variant { $($field),* } => write!(f, $says)),+ }
            }
        }
    };
}

problems! {
    // The store.

    /// The log's store is missing.
    LogMissing {} = "log_missing",
        "the log is missing", "restore it from a backup";
    /// The log's store cannot be opened, so nothing in it could be read.
    LogUnopenable {
        /// The error that the store reported.
        fault: String,
    } = "log_unopenable",
        "the store cannot be opened: {fault}",
        "keep a copy of the folder, then restore a backup";
    /// A block of the log is damaged.
    BlockDamaged {
        /// The block.
        block: String,
        /// The fault.
        fault: String,
    } = "block_damaged",
        "cannot be read because {block} is damaged: {fault}",
        "keep a copy of the folder, then restore a backup";
    /// The store reports an error when a part of the log is read.
    StoreFails {
        /// The error that the store reported.
        fault: String,
    } = "store_fails",
        "cannot be read because of an error in the store: {fault}",
        "keep a copy of the folder, then restore a backup";
    /// These entries are in no block of the store.
    EntriesMissing {} = "entries_missing",
        "missing from the store", "keep a copy of the folder, then restore a backup";
    /// Two blocks contain the same entries.
    BlocksOverlap {
        /// The later block.
        block: String,
    } = "blocks_overlap",
        "stored a second time in {block}",
        "the first copy was audited; keep a copy of the folder, then restore a backup";
    /// Something in the store is not a block of the log.
    BlockStray {} = "block_stray",
        "not part of a log", "find out what else writes to the store, then restore a backup";
    /// An erasure was interrupted.
    ErasureUnfinished {} = "erasure_unfinished",
        "an erasure was interrupted, so this may still contain erased data",
        "run any command that records: it completes the erasure";

    // The chain.

    /// Bytes that are not a valid entry.
    EntryMalformed {
        /// The fault.
        fault: String,
    } = "entry_malformed",
        "not a valid entry: {fault}", "its bytes were changed; restore a backup";
    /// An entry is at the position of another.
    OutOfSequence {
        /// The sequence number expected there.
        expected: Sequence,
        /// The sequence number in the entry.
        found: Sequence,
    } = "out_of_sequence",
        "numbered {found} where {expected} is expected",
        "entries were removed or reordered; restore a backup";
    /// An entry does not contain the hash of its predecessor.
    ChainBroken {
        /// The hash of the predecessor.
        expected: EntryHash,
        /// The hash in the entry.
        found: EntryHash,
    } = "chain_broken",
        "the chain is broken: the first hashes to {expected}, but the second refers to {found}",
        "one of the two was changed; restore a backup";
    /// An entry is dated earlier than its predecessor.
    TimeBackwards {
        /// The time of the predecessor.
        before: Timestamp,
        /// The time of the entry.
        found: Timestamp,
    } = "time_backwards",
        "dated {found}, which is earlier than its predecessor ({before})",
        "no version of testimony writes this; restore a backup";
    /// An entry differs from the one that the views were made from.
    EntryChanged {} = "entry_changed",
        "differs from the entry that the views were made from",
        "it was changed later; restore a backup, and keep the views until then";

    // The events.

    /// A payload does not match the commitment in its entry.
    CommitmentBroken {} = "commitment_broken",
        "its event or salt does not match its commitment",
        "the event was changed; restore a backup";
    /// A payload is missing, and no erasure covers it.
    PayloadMissing {} = "payload_missing",
        "its event is missing, and no erasure covers it", "restore a backup";
    /// A payload is still stored although its erasure is recorded.
    PayloadKept {
        /// The erasure that covers it.
        erasure: Sequence,
    } = "payload_kept",
        "its event is still stored although {erasure} says that it was erased",
        "repeat the erasure";
    /// An erasure covers an event of a kind that must not be erased.
    ErasureForbidden {
        /// The event it covers.
        to: Sequence,
        /// The kind of that event.
        kind: &'static str,
    } = "erasure_forbidden",
        "erases {to}, a `{kind}`, which must not be erased",
        "no version of testimony writes this; find out which program did";
    /// Bytes that are not a valid event.
    EventMalformed {
        /// The fault.
        fault: String,
    } = "event_malformed",
        "its event cannot be read: {fault}",
        "another program wrote it; find out which, then restore a backup";
    /// An event that is not in canonical form.
    EventNotCanonical {} = "event_not_canonical",
        "its event is not in canonical form",
        "another program wrote it; find out which, then restore a backup";
    /// The log does not begin with the event that opens a ledger.
    NotOpened {} = "not_opened",
        "does not open the ledger, as the first entry must", "restore a backup";
    /// A second event that opens the ledger.
    OpenedAgain {} = "opened_again",
        "opens the ledger a second time",
        "find out which program wrote it, then restore a backup";
    /// A format that this version cannot read.
    FormatUnknown {
        /// The format.
        format: u32,
    } = "format_unknown",
        "the ledger has format {format}, which this version cannot read",
        "update testimony, then audit again";
    /// A key that is invalid or belongs to another log.
    KeyUnfit {
        /// The fault.
        fault: String,
    } = "key_unfit",
        "its key cannot sign for this log: {fault}",
        "rotate the key, and check who had write access to the ledger";
    /// A new key whose endorsement is not a signature by the old key.
    EndorsementWrong {} = "endorsement_wrong",
        "the new key does not carry a valid signature by the old key",
        "ask the owner of the key whether they rotated it; if not, rotate it again";

    // References of events.

    /// A reference to an entry that comes later or does not exist.
    ReferenceAhead {
        /// The entry referred to.
        to: Sequence,
    } = "reference_ahead",
        "refers to {to}, which is not an earlier entry",
        "record it again with the correct number, then void this one or add a note to it";
    /// A reference to an entry of the wrong kind.
    ReferenceUnfit {
        /// The entry referred to.
        to: Sequence,
        /// The kind it should have.
        expected: &'static str,
        /// The kind it has.
        found: &'static str,
    } = "reference_unfit",
        "refers to {to} as a `{expected}`, but that is a `{found}`",
        "record it again with the correct number, then void this one or add a note to it";
    /// A source that has not been named.
    SourceDangling {
        /// The source.
        source: SourceId,
    } = "source_dangling",
        "refers to the source {source}, which had not been named",
        "name the source with `testimony name`, then record this again";
    /// An unnamed source that belongs to another document.
    SourceOfOtherDocument {
        /// The source.
        source: SourceId,
    } = "source_of_other_document",
        "uses the unnamed source {source}, which belongs to another document",
        "void it, then record it again with an unnamed source of its own document";
    /// A quotation that is not in the document at its recorded position.
    QuoteAstray {
        /// The document.
        document: DocumentId,
        /// The quoted words, cut to 80 characters.
        exact: String,
        /// The position of the first code point.
        start: u32,
        /// The position after the last code point.
        end: u32,
        /// How often the words occur elsewhere in that text.
        elsewhere: usize,
    } = "quote_astray",
        "“{exact}” is not at {start} to {end} in document {document} (found elsewhere: {elsewhere})",
        "void it, then record it again with the exact words of the document";

    // The archive.

    /// The archive cannot be opened.
    ArchiveMissing {
        /// The error that the operating system reported.
        fault: String,
    } = "archive_missing",
        "the archive cannot be opened: {fault}", "restore it from a backup";
    /// A folder of the archive cannot be listed.
    FolderUnreadable {
        /// The error that the operating system reported.
        fault: String,
    } = "folder_unreadable",
        "cannot be listed: {fault}", "check its permissions and the disk, then audit again";
    /// A file of a document is missing.
    FileMissing {
        /// The document.
        document: DocumentId,
        /// Which of the document's files it is.
        role: FileRole,
    } = "file_missing",
        "the {role} of document {document} is missing",
        "restore it from a backup, or capture the document again";
    /// The content of a file does not match the hash in its name.
    FileDamaged {
        /// The hash of its content.
        found: ContentHash,
    } = "file_damaged",
        "its content hashes to {found}, which does not match its name",
        "restore it from a backup, or capture the document again";
    /// A file cannot be read.
    FileUnreadable {
        /// The error that the operating system reported.
        fault: String,
    } = "file_unreadable",
        "cannot be read: {fault}", "check its permissions and the disk, then audit again";
    /// A file or folder in the archive that does not belong there.
    FileStrange {} = "file_strange",
        "does not belong in the archive: its name is not a hash, or it is not a regular file",
        "move it out of the archive";
    /// A document's text that is not UTF-8.
    TextNotUtf8 {
        /// The document.
        document: DocumentId,
    } = "text_not_utf8",
        "the text of document {document} is not UTF-8",
        "capture the document again";

    // The checkpoint.

    /// There is no checkpoint.
    CheckpointMissing {} = "checkpoint_missing",
        "missing, so no signature covers the log",
        "compare the log with a backup, then sign it with `testimony checkpoint`";
    /// The checkpoint file cannot be read.
    CheckpointUnreadable {
        /// The error that the operating system reported.
        fault: String,
    } = "checkpoint_unreadable",
        "cannot be read: {fault}", "check its permissions and the disk, then audit again";
    /// The checkpoint has no valid signature for this log.
    CheckpointUnfit {
        /// The fault.
        fault: String,
    } = "checkpoint_unfit",
        "does not verify: {fault}",
        "restore it from a backup; sign the log again only if you trust it";
    /// The log differs from the one that the checkpoint covers.
    RootDiffers {
        /// How many entries the checkpoint covers.
        size: u64,
    } = "root_differs",
        "does not match the first {size} entries of the log",
        "entries were changed and rechained, or the log was replaced; restore a backup";
    /// Entries are missing from the end of the log.
    EntriesLost {
        /// The evidence that they existed.
        known_from: KnownFrom,
    } = "entries_lost",
        "missing from the end of the log, although {known_from}",
        "restore a backup; `testimony rebuild` would only drop them from the views too";

    // The views.

    /// The views are missing.
    ViewsMissing {} = "views_missing",
        "missing", "run `testimony rebuild`";
    /// The views cannot be read.
    ViewsDamaged {
        /// The error that the store reported.
        fault: String,
    } = "views_damaged",
        "cannot be read: {fault}", "run `testimony rebuild`";
    /// The views have a format that this version cannot read.
    ViewsOfOtherFormat {
        /// The format.
        format: u32,
    } = "views_of_other_format",
        "have format {format}, which this version cannot read", "run `testimony rebuild`";
    /// The views lack entries but are not marked as stale.
    ViewsBehind {
        /// The number of entries they were made from.
        folded: u64,
    } = "views_behind",
        "contain only the first {folded} entries but are not marked as stale",
        "run `testimony rebuild`";
    /// The views differ from a rebuild from the log.
    ViewsDiffer {
        /// The table.
        table: &'static str,
        /// The key in readable form.
        key: String,
    } = "views_differ",
        "differ from a rebuild from the log in `{table}` at {key}", "run `testimony rebuild`";

    // Provenance.

    /// An attributed assertion without a source.
    NoSource {} = "no_source",
        "is attributed but has no source", "void it, then record it again with its source";
    /// An assertion in the outlet's voice, in a document that has no publisher.
    NobodyStands {
        /// The document.
        document: DocumentId,
    } = "nobody_stands",
        "has no source, and document {document} has no publisher",
        "correct the document to name its publisher, or void this assertion";
    /// A source that appears twice in one attribution chain.
    ChainRound {
        /// The source.
        source: SourceId,
    } = "chain_round",
        "its attribution chain is circular: {source} appears in two hops",
        "void it, then record it again with each source once";
    /// A source that speaks for itself through others.
    SpeakersRound {
        /// The sources, each speaking for the next and the last for the first.
        ring: Ring<SourceId>,
    } = "speakers_round",
        "speaks for itself: {ring}",
        "name one of these sources again with the correct `--speaks-for`";
    /// A circle of merges.
    MergesRound {
        /// The sources, each merged into the next and the last into the first.
        ring: Ring<SourceId>,
    } = "merges_round",
        "is merged into itself: {ring}", "undo one of the merges";
    /// Documents that revise themselves or derive from themselves.
    DocumentsRound {
        /// The documents, each based on the next and the last on the first.
        ring: Ring<Sequence>,
    } = "documents_round",
        "revises or derives from itself: {ring}", "correct one of the documents";
    /// Assertions that revise themselves.
    RevisionsRound {
        /// The assertions, each revising the next and the last the first.
        ring: Ring<Sequence>,
    } = "revisions_round",
        "revises itself: {ring}",
        "withdraw one of the relations, or void an assertion that was related by mistake";
}

/// The members of a circle in order; the first follows the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Ring<T>(pub Vec<T>);

impl<T: fmt::Display> fmt::Display for Ring<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A ring of thousands would not fit on one line.
        const MOST: usize = 8;
        for part in self.0.iter().take(MOST) {
            write!(f, "{part} → ")?;
        }
        if self.0.len() > MOST {
            f.write_str("… → ")?;
        }
        self.0.first().map_or(Ok(()), |first| first.fmt(f))
    }
}

/// A problem found by an audit. In JSON an object: `place`, `problem` (the tag), the problem's own
/// fields, `says` (the message) and `advice` (what to do).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where the problem is.
    pub place: FindingPlace,
    /// What is wrong.
    pub problem: Problem,
    /// Whether the details are confidential and the caller did not ask for them. If so, only the place
    /// and the kind are reported.
    pub withheld: bool,
}

/// The message in place of confidential details.
const WITHHELD: &str = "concerns confidential data: audit with --confidential for details";

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.withheld {
            let tag = self.problem.tag();
            return match &self.place {
                FindingPlace::Source(_) => write!(f, "a source: `{tag}` {WITHHELD}"),
                place => write!(f, "{place}: `{tag}` {WITHHELD}"),
            };
        }
        write!(f, "{}: {}; {}", self.place, self.problem, self.problem.advice())
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape<'a> {
            place: &'a FindingPlace,
            #[serde(flatten)]
            problem: &'a Problem,
            says: String,
            advice: &'static str,
        }
        #[derive(Serialize)]
        struct WithheldWords<'a> {
            place: Option<&'a FindingPlace>,
            problem: &'static str,
            withheld: bool,
            says: &'static str,
            advice: &'static str,
        }
        let (place, problem) = (&self.place, &self.problem);
        if self.withheld {
            let place = Some(place).filter(|place| !matches!(place, FindingPlace::Source(_)));
            let (tag, advice) = (problem.tag(), problem.advice());
            let told =
                WithheldWords { place, problem: tag, withheld: true, says: WITHHELD, advice };
            return told.serialize(serializer);
        }
        let says = problem.to_string();
        Shape { place, problem, says, advice: problem.advice() }.serialize(serializer)
    }
}

/// Collects findings: keeps the first of each kind and counts all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    kept: Vec<Finding>,
    counts: BTreeMap<&'static str, u64>,
}

impl Findings {
    /// Adds a finding.
    pub fn add(&mut self, place: FindingPlace, problem: Problem) {
        let count = self.counts.entry(problem.tag()).or_default();
        *count += 1;
        if *count <= MOST_OF_A_KIND {
            self.kept.push(Finding { place, problem, withheld: false });
        }
    }

    /// The number of findings.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Whether there is a finding of one of these kinds.
    pub fn any(&self, tags: &[&str]) -> bool {
        tags.iter().any(|tag| self.counts.contains_key(tag))
    }

    /// The findings kept, in order, and the number of findings of each kind.
    pub fn into_parts(self) -> (Vec<Finding>, BTreeMap<&'static str, u64>) {
        (self.kept, self.counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(value: u64) -> Sequence {
        Sequence::new(value).unwrap()
    }

    #[test]
    fn a_finding_says_where_what_and_what_to_do_in_one_line() {
        let problem = Problem::OutOfSequence { expected: at(4), found: at(5) };
        let finding = Finding { place: FindingPlace::Entry(at(4)), problem, withheld: false };
        assert_eq!(
            finding.to_string(),
            "entry #4: numbered #5 where #4 is expected; entries were removed or reordered; \
             restore a backup"
        );
        assert_eq!(
            serde_json::to_string(&finding).unwrap(),
            "{\"place\":{\"entry\":4},\"problem\":\"out_of_sequence\",\"expected\":4,\"found\":5,\
             \"says\":\"numbered #5 where #4 is expected\",\
             \"advice\":\"entries were removed or reordered; restore a backup\"}"
        );
    }

    #[test]
    fn each_kind_of_place_has_its_own_words() {
        let span = |last| FindingPlace::Entries { first: at(3), last };
        for (place, words) in [
            (span(Some(at(8))), "entries #3 to #8"),
            (span(Some(at(3))), "entry #3"),
            (span(None), "entry #3 and all later entries"),
            (FindingPlace::File("archive/ab".into()), "archive/ab"),
            (FindingPlace::Source("soax".parse().unwrap()), "source soax"),
        ] {
            assert_eq!(place.to_string(), words);
        }
    }

    #[test]
    fn a_long_ring_is_cut() {
        assert_eq!(Ring(vec![1, 2]).to_string(), "1 → 2 → 1");
        assert!(Ring((0..99).collect::<Vec<_>>()).to_string().ends_with("7 → … → 0"));
    }

    #[test]
    fn only_the_first_of_a_kind_are_kept_and_all_are_counted() {
        let mut findings = Findings::default();
        for _ in 0..MOST_OF_A_KIND + 5 {
            findings.add(FindingPlace::Ledger, Problem::NoSource {});
        }
        findings.add(FindingPlace::Views, Problem::ViewsMissing {});
        assert_eq!(findings.total(), MOST_OF_A_KIND + 6);
        let (kept, counts) = findings.into_parts();
        assert_eq!(kept.len() as u64, MOST_OF_A_KIND + 1);
        assert_eq!(counts["no_source"], MOST_OF_A_KIND + 5);
    }

    #[test]
    fn no_tag_is_used_twice() {
        let mut tags = Problem::TAGS.to_vec();
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), Problem::TAGS.len());
    }
}
