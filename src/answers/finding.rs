//! What an audit finds: where, what is wrong, and what to do about it.
//!
//! Knows the closed list of problems, each with its wire tag, its words and its advice. Must not know
//! how any of them is found.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::domain::digest::{ContentHash, EntryHash};
use crate::domain::id::{DocumentId, Sequence, SourceId};
use crate::domain::moment::Timestamp;

/// Findings of one kind that are kept; more are counted only.
pub const MOST_OF_A_KIND: u64 = 1000;

/// Where something is wrong. In JSON: `"ledger"`, `"checkpoint"`, `"views"`, `{"entry":41}`,
/// `{"entries":{"first":3,"last":8}}` (`last` is `null` where nobody knows how far),
/// `{"block":"block #41"}`, `{"file":"archive/ab/cd…"}`, `{"source":"soax"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingPlace {
    /// The ledger as a whole.
    Ledger,
    /// One entry.
    Entry(Sequence),
    /// Several entries in a row.
    Entries {
        /// The first.
        first: Sequence,
        /// The last, where that is known.
        last: Option<Sequence>,
    },
    /// A part of the log's store, in the store's own words.
    Block(String),
    /// A file or folder, by its path within the ledger's folder.
    File(#[serde(serialize_with = "as_shown")] PathBuf),
    /// The checkpoint.
    Checkpoint,
    /// The views.
    Views,
    /// A source.
    Source(SourceId),
}

fn as_shown<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    // A name that is not UTF-8 must not keep a report from being written.
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
            Self::Entries { first, last: None } => write!(f, "entry {first} and what follows"),
            Self::Block(block) => f.write_str(block),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Checkpoint => f.write_str("the checkpoint"),
            Self::Views => f.write_str("the views"),
            Self::Source(source) => write!(f, "source {source}"),
        }
    }
}

/// What remembers entries that the log no longer holds.
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
            Self::Checkpoint => "the checkpoint vouches for them",
            Self::Views => "the views were made from them",
        })
    }
}

/// Which of a document's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRole {
    /// The bytes as they came.
    Original,
    /// The text read from them.
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
        /// What is wrong: a closed list, each kind with its wire tag.
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
            #[allow(unused_variables, reason = "not every field is told in words")]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self { $(Self::$variant { $($field),* } => write!(f, $says)),+ }
            }
        }
    };
}

problems! {
    // The store.

    /// The log's store is not there.
    LogMissing {} = "log_missing",
        "the log is gone", "restore it from a backup";
    /// The log's store does not open, so that nothing in it could be read.
    LogUnopenable {
        /// What the store said.
        fault: String,
    } = "log_unopenable",
        "the store does not open, {fault}",
        "keep a copy of the folder, and restore a backup";
    /// A block of the log is not what was written.
    BlockDamaged {
        /// The block.
        block: String,
        /// What is wrong with it.
        fault: String,
    } = "block_damaged",
        "cannot be read, for {block} is damaged: {fault}",
        "keep a copy of the folder, and restore a backup";
    /// The store fails at a place of the log.
    StoreFails {
        /// What the store said.
        fault: String,
    } = "store_fails",
        "cannot be read, for the store fails there: {fault}",
        "keep a copy of the folder, and restore a backup";
    /// No block holds these entries.
    EntriesMissing {} = "entries_missing",
        "nothing in the store holds this", "keep a copy of the folder, and restore a backup";
    /// Two blocks hold the same entries.
    BlocksOverlap {
        /// The later block.
        block: String,
    } = "blocks_overlap",
        "{block} holds this a second time",
        "the first is what was audited; keep a copy of the folder, and restore a backup";
    /// Something in the store is no block.
    BlockStray {} = "block_stray",
        "it is no part of a log", "find out what else writes there, and restore a backup";
    /// An erasure was cut short.
    ErasureUnfinished {} = "erasure_unfinished",
        "an erasure was cut short, and this may still hold what was to be erased",
        "open the ledger for writing, which finishes it";

    // The chain.

    /// Bytes that are no entry.
    EntryMalformed {
        /// What is wrong with them.
        fault: String,
    } = "entry_malformed",
        "is no entry: {fault}", "its bytes were changed; restore a backup";
    /// An entry stands where another belongs.
    OutOfSequence {
        /// The sequence that belongs there.
        expected: Sequence,
        /// What the entry there says.
        found: Sequence,
    } = "out_of_sequence",
        "calls itself {found}, where {expected} belongs",
        "entries were dropped or swapped; restore a backup";
    /// An entry does not name the one before it.
    ChainBroken {
        /// The hash of the entry before.
        expected: EntryHash,
        /// What it names.
        found: EntryHash,
    } = "chain_broken",
        "do not fit together: the first hashes to {expected}, and the second names {found}",
        "one of the two was changed; restore a backup";
    /// An entry says that it was recorded before the one before it.
    TimeBackwards {
        /// The time of the entry before.
        before: Timestamp,
        /// What it says.
        found: Timestamp,
    } = "time_backwards",
        "says it was recorded at {found}, before its predecessor at {before}",
        "no version of this program writes that; restore a backup";
    /// An entry is another than the one the views were made from.
    EntryChanged {} = "entry_changed",
        "is not what the views were made from",
        "it was changed since; restore a backup, and keep the views until then";

    // The events.

    /// A payload is not what its entry commits to.
    CommitmentBroken {} = "commitment_broken",
        "its event or salt is not what it commits to",
        "the event was changed; restore a backup";
    /// A payload is gone, and nothing says that it was erased.
    PayloadMissing {} = "payload_missing",
        "its event is gone, and no erasure names it", "restore a backup";
    /// A payload is there that was to be erased.
    PayloadKept {
        /// The erasure that names it.
        erasure: Sequence,
    } = "payload_kept",
        "its event is still there, though {erasure} says it was erased",
        "whoever erased it should do so again";
    /// An erasure names what cannot be erased.
    ErasureForbidden {
        /// What it names.
        to: Sequence,
        /// Of which kind that is.
        kind: &'static str,
    } = "erasure_forbidden",
        "erases {to}, which is a `{kind}` and cannot be erased",
        "no version of this program writes that; find out what did";
    /// Bytes that are no event.
    EventMalformed {
        /// What is wrong with them.
        fault: String,
    } = "event_malformed",
        "its event cannot be read: {fault}",
        "another program wrote it; find out which, and restore a backup";
    /// An event in another spelling than its one encoding.
    EventNotCanonical {} = "event_not_canonical",
        "its event is not in the one encoding of what it says",
        "another program wrote it; find out which, and restore a backup";
    /// The log does not begin with an opening.
    NotOpened {} = "not_opened",
        "does not open the ledger, as the first must", "restore a backup";
    /// A second opening.
    OpenedAgain {} = "opened_again",
        "opens the ledger a second time", "find out what wrote it, and restore a backup";
    /// A format that this version does not know.
    FormatUnknown {
        /// The format.
        format: u32,
    } = "format_unknown",
        "the ledger is of format {format}, which this version does not read",
        "update testimony, and audit again";
    /// A key that is none, or another log's.
    KeyUnfit {
        /// What is wrong with it.
        fault: String,
    } = "key_unfit",
        "the key it gives cannot sign for this log: {fault}",
        "rotate the key, and check who could write to the ledger";
    /// A new key whose endorsement is not the old key's.
    EndorsementWrong {} = "endorsement_wrong",
        "the old key has not signed the new one, though it says so",
        "ask the keeper whether they rotated the key, and rotate it again if not";

    // What events refer to.

    /// A reference to something that is not there yet, or not at all.
    ReferenceAhead {
        /// What it refers to.
        to: Sequence,
    } = "reference_ahead",
        "refers to {to}, which does not come before it",
        "record it again with the right number, and void or note this one";
    /// A reference to something of another kind.
    ReferenceUnfit {
        /// What it refers to.
        to: Sequence,
        /// What that should be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    } = "reference_unfit",
        "refers to {to} as a `{expected}`, which is a `{found}`",
        "record it again with the right number, and void or note this one";
    /// A source that nobody named.
    SourceDangling {
        /// The source.
        source: SourceId,
    } = "source_dangling",
        "refers to the source {source}, which nobody had named",
        "name it with `testimony name`, then record this again";
    /// An unnamed source of another document.
    SourceOfOtherDocument {
        /// The source.
        source: SourceId,
    } = "source_of_other_document",
        "has the unnamed source {source}, which belongs to another document",
        "void it, and record it again with this document's own";
    /// A quotation that does not stand at its place.
    QuoteAstray {
        /// The document.
        document: DocumentId,
        /// The words, cut to 80 characters.
        exact: String,
        /// The first code point of their place.
        start: u32,
        /// The code point after the last.
        end: u32,
        /// How often the words stand elsewhere in that text.
        elsewhere: usize,
    } = "quote_astray",
        "“{exact}” does not stand at {start} to {end} in document {document} (elsewhere: {elsewhere})",
        "void it, and record it again with the words as they stand";

    // The archive.

    /// The archive cannot be opened.
    ArchiveMissing {
        /// What the system said.
        fault: String,
    } = "archive_missing",
        "the archive cannot be opened: {fault}", "restore it from a backup";
    /// A folder of the archive cannot be looked through.
    FolderUnreadable {
        /// What the system said.
        fault: String,
    } = "folder_unreadable",
        "cannot be looked through: {fault}", "see to its permissions and the disk, then audit again";
    /// A document's file is not there.
    FileMissing {
        /// The document.
        document: DocumentId,
        /// Which of its files.
        role: FileRole,
    } = "file_missing",
        "the {role} of document {document} is missing",
        "restore it from a backup, or capture the document again";
    /// A file's content is not what its name says.
    FileDamaged {
        /// The hash of what it holds.
        found: ContentHash,
    } = "file_damaged",
        "its content hashes to {found}, not to its name",
        "restore it from a backup, or capture the document again";
    /// A file cannot be read.
    FileUnreadable {
        /// What the system said.
        fault: String,
    } = "file_unreadable",
        "cannot be read: {fault}", "see to its permissions and the disk, then audit again";
    /// Something in the archive that does not belong there.
    FileStrange {} = "file_strange",
        "does not belong in an archive: its name is no hash, or it is no plain file",
        "move it away";
    /// A document's text that is not UTF-8.
    TextNotUtf8 {
        /// The document.
        document: DocumentId,
    } = "text_not_utf8",
        "it is the text of document {document}, and is not UTF-8",
        "capture the document again";

    // The checkpoint.

    /// There is no checkpoint.
    CheckpointMissing {} = "checkpoint_missing",
        "there is none, so that nobody vouches for the log's length",
        "compare the log with a backup, then sign it with `testimony checkpoint`";
    /// The checkpoint's file cannot be read.
    CheckpointUnreadable {
        /// What the system said.
        fault: String,
    } = "checkpoint_unreadable",
        "cannot be read: {fault}", "see to its permissions and the disk, then audit again";
    /// The checkpoint is not signed for this log.
    CheckpointUnfit {
        /// What is wrong with it.
        fault: String,
    } = "checkpoint_unfit",
        "does not verify: {fault}",
        "restore it from a backup; sign anew only once you trust the log";
    /// The log is another than the one the checkpoint vouches for.
    RootDiffers {
        /// How many entries the checkpoint vouches for.
        size: u64,
    } = "root_differs",
        "it vouches for other entries than the log's first {size}",
        "entries were changed and chained anew, or the log is another; restore a backup";
    /// Entries are gone from the log's end.
    EntriesLost {
        /// What remembers them.
        known_from: KnownFrom,
    } = "entries_lost",
        "the log ends before this, and {known_from}",
        "restore a backup; `testimony rebuild` only makes the views forget";

    // The views.

    /// There are no views.
    ViewsMissing {} = "views_missing",
        "there are none", "run `testimony rebuild`";
    /// The views cannot be read.
    ViewsDamaged {
        /// What the store said.
        fault: String,
    } = "views_damaged",
        "cannot be read: {fault}", "run `testimony rebuild`";
    /// The views are of another version's format.
    ViewsOfOtherFormat {
        /// The format.
        format: u32,
    } = "views_of_other_format",
        "are of format {format}, which this version does not read", "run `testimony rebuild`";
    /// The views lack entries, and nothing says so.
    ViewsBehind {
        /// How many entries they were made from.
        folded: u64,
    } = "views_behind",
        "were made from the first {folded} entries only, and are not marked as stale",
        "run `testimony rebuild`";
    /// The views are not what the log folds to.
    ViewsDiffer {
        /// The table.
        table: &'static str,
        /// The key, readable.
        key: String,
    } = "views_differ",
        "differ from what the log folds to, in `{table}` at {key}", "run `testimony rebuild`";

    // Provenance.

    /// An attributed assertion without anyone it is attributed to.
    NoSource {} = "no_source",
        "attributes its words to nobody", "void it, and record it again with its source";
    /// An assertion in its outlet's voice, in a document that no outlet stands for.
    NobodyStands {
        /// The document.
        document: DocumentId,
    } = "nobody_stands",
        "has no source, and document {document} has no publisher",
        "correct the document to say who published it, or void this";
    /// A source that comes twice in one chain.
    ChainRound {
        /// The source.
        source: SourceId,
    } = "chain_round",
        "its chain goes round: {source} comes in two of its hops",
        "void it, and record it again with each source once";
    /// A source that speaks for itself through others.
    SpeakersRound {
        /// The sources, each speaking for the next and the last for the first.
        ring: Ring<SourceId>,
    } = "speakers_round",
        "speaks for itself: {ring}", "name one of them again, and say for whom it speaks";
    /// Merges that lead back to where they began.
    MergesRound {
        /// The sources, each merged into the next and the last into the first.
        ring: Ring<SourceId>,
    } = "merges_round",
        "is merged into itself: {ring}", "undo one of the merges";
    /// Documents that revise, or are derived from, themselves.
    DocumentsRound {
        /// The documents, each resting on the next and the last on the first.
        ring: Ring<Sequence>,
    } = "documents_round",
        "revises or derives from itself: {ring}", "correct one of the documents";
    /// Assertions that revise themselves.
    RevisionsRound {
        /// The assertions, each revising the next and the last the first.
        ring: Ring<Sequence>,
    } = "revisions_round",
        "revises itself: {ring}", "withdraw one of the relations, or void what was related wrongly";
}

/// What goes round, in order; the first follows the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Ring<T>(pub Vec<T>);

impl<T: fmt::Display> fmt::Display for Ring<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A ring of thousands would make no line.
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

/// One thing that is wrong. In JSON an object: `place`, `problem` (the tag), the problem's own
/// fields, `says` (what is wrong, in words) and `advice` (what to do).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: FindingPlace,
    /// What.
    pub problem: Problem,
    /// Whether it would name what is confidential to someone who did not ask for that. Then its place
    /// and its kind are told, and no more.
    pub withheld: bool,
}

/// What is said in place of what is confidential.
const WITHHELD: &str = "names what is confidential: ask with --confidential";

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

/// Findings as they are made: of each kind the first are kept, and all are counted.
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

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Whether one of these kinds is among them.
    pub fn any(&self, tags: &[&str]) -> bool {
        tags.iter().any(|tag| self.counts.contains_key(tag))
    }

    /// The findings kept, in the order they were made, and how many there are of each kind.
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
            "entry #4: calls itself #5, where #4 belongs; entries were dropped or swapped; \
             restore a backup"
        );
        assert_eq!(
            serde_json::to_string(&finding).unwrap(),
            "{\"place\":{\"entry\":4},\"problem\":\"out_of_sequence\",\"expected\":4,\"found\":5,\
             \"says\":\"calls itself #5, where #4 belongs\",\
             \"advice\":\"entries were dropped or swapped; restore a backup\"}"
        );
    }

    #[test]
    fn places_are_told_apart() {
        let span = |last| FindingPlace::Entries { first: at(3), last };
        for (place, words) in [
            (span(Some(at(8))), "entries #3 to #8"),
            (span(Some(at(3))), "entry #3"),
            (span(None), "entry #3 and what follows"),
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
