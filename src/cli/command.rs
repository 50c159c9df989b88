//! The commands, one file each.
//!
//! Knows what several of them need: opening the ledger, finding what an argument names. Must not
//! know what any one of them is for.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::exit::{Outcome, Tag, Trouble};
use super::place::Place;
use super::render;
use super::render::{Page, quoted};
use crate::annotation::ReadError;
use crate::claim::ClaimAsserted;
use crate::decide::Undecided;
use crate::event::Kind;
use crate::id::{DocumentId, Sequence, SourceId};
use crate::ledger::{Ledger, OpenError, Reading, RecordError, StateError, Surroundings};
use crate::lines::LineError;
use crate::log::sled;
use crate::moment::Date;
use crate::view::query::{Audience, Document, Inquiry, Question, Source};
use crate::view::{Snapshot, ViewError, known};

pub(super) mod audit;
pub(super) mod capture;
pub(super) mod check;
pub(super) mod checkpoint;
pub(super) mod demo;
pub(super) mod diff;
pub(super) mod ingest;
pub(super) mod init;
pub(super) mod list;
pub(super) mod log;
pub(super) mod name;
pub(super) mod rebuild;
pub(super) mod record;
pub(super) mod score;
pub(super) mod show;
pub(super) mod train;
pub(super) mod who;

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Self {
        let tag = match &error {
            OpenError::Log(sled::OpenError::Busy { .. }) | OpenError::View(ViewError::Busy) => {
                Tag::Busy
            }
            OpenError::Absent(_) => Tag::Absent,
            OpenError::Folder { .. } | OpenError::Exists(_) => Tag::File,
            OpenError::Log(
                sled::OpenError::NotWritable { .. }
                | sled::OpenError::Full { .. }
                | sled::OpenError::Files { .. },
            ) => Tag::File,
            _ => Tag::Ledger,
        };
        Self::new(tag, error)
    }
}

impl From<RecordError> for Trouble {
    fn from(error: RecordError) -> Self {
        let tag = match &error {
            RecordError::Refused { .. } | RecordError::Encode { .. } => Tag::Refused,
            RecordError::Archive(_) | RecordError::Append(_) | RecordError::Checkpoint(_) => {
                Tag::File
            }
            _ => Tag::Ledger,
        };
        Self::new(tag, error)
    }
}

impl From<ViewError> for Trouble {
    fn from(error: ViewError) -> Self {
        let tag = if matches!(error, ViewError::Busy) { Tag::Busy } else { Tag::Ledger };
        Self::new(tag, error)
    }
}

impl From<StateError> for Trouble {
    fn from(error: StateError) -> Self {
        Self::new(Tag::Ledger, error)
    }
}

impl From<Undecided<StateError>> for Trouble {
    fn from(error: Undecided<StateError>) -> Self {
        match error {
            Undecided::Refused(refusal) => Self::new(Tag::Refused, refusal),
            Undecided::Failed(error) => error.into(),
        }
    }
}

impl From<LineError> for Trouble {
    fn from(error: LineError) -> Self {
        let tag = if matches!(error, LineError::Unreadable(_)) { Tag::File } else { Tag::Input };
        let trouble = Self::new(tag, &error);
        match error.line() {
            Some(line) => trouble.at_line(line),
            None => trouble,
        }
    }
}

/// Why annotated text in a file cannot be read.
fn unread(file: &Path, error: ReadError) -> Trouble {
    let is_file = matches!(error, ReadError::Line(LineError::Unreadable(_)));
    let tag = if is_file { Tag::File } else { Tag::Input };
    let trouble = Trouble::new(tag, format!("{}: {error}", file.display()));
    match error.line() {
        Some(line) => trouble.at_line(line),
        None => trouble,
    }
}

/// What is handed in: a file, or standard input for `-`.
fn input(file: &Path) -> Result<Box<dyn BufRead>, Trouble> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let opened = File::open(file).map_err(|error| {
        Trouble::new(Tag::File, format!("{} cannot be read: {error}", file.display()))
    })?;
    Ok(Box::new(BufReader::with_capacity(1 << 16, opened)))
}

/// Opens the ledger for writing.
fn open(place: &Place<'_>) -> Result<Ledger, Trouble> {
    Ok(Ledger::open(&place.ledger, &place.options, Surroundings::system())?)
}

/// Opens the views for questions, and says on standard error where they may be behind.
fn read(place: &Place<'_>) -> Result<Reading, Trouble> {
    let reading = Ledger::read(&place.ledger, &place.options)?;
    if let Some(behind) = &reading.behind {
        // Standard error may be closed; the answer is still worth giving.
        let _ = io::Write::write_fmt(
            &mut anstream::stderr(),
            format_args!(
                "testimony: {behind} (entry {} is next)\n",
                reading.snapshot.cursor().next
            ),
        );
    }
    Ok(reading)
}

/// A value that the format spells with a wire tag, read from an argument.
fn tagged<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|error| {
        let told = error.to_string();
        told.replace("unknown variant ", "").replace(", expected one of ", " is none of ")
    })
}

/// A point in the log: `#41`, `41`, or a time; what is asked is answered as it stood then.
fn point(snapshot: &Snapshot, text: &str) -> Result<Sequence, Trouble> {
    if let Ok(sequence) = text.parse::<Sequence>() {
        return Ok(sequence.next());
    }
    let date: Date = text.parse().map_err(|error| Trouble::new(Tag::Usage, error))?;
    Ok(Inquiry::first_after(snapshot, date.last_instant())?)
}

/// What an argument names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Entry(Sequence),
    Source(SourceId),
}

/// Finds what an argument names: `#41`, six or more digits of a hash, a slug or a source's name, a
/// document's URL, or words that one assertion has.
fn subject(inquiry: &Inquiry<'_>, snapshot: &Snapshot, text: &str) -> Result<Subject, Trouble> {
    if let Ok(sequence) = text.parse::<Sequence>() {
        return Ok(Subject::Entry(sequence));
    }
    if let Some(source) = source(inquiry, snapshot, text)? {
        return Ok(Subject::Source(source));
    }
    let digits = text.len() >= 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digits {
        let prefix = text.to_lowercase();
        let mut entries = inquiry.entries_by_hash(&prefix, 8)?;
        let documents = known::documents_by_hash(snapshot, &prefix)?;
        entries.extend(documents.into_iter().map(DocumentId::sequence));
        entries.retain(|seq| !inquiry.withheld().event(*seq));
        return one(entries, text).map(Subject::Entry);
    }
    let mut documents = known::documents_at(snapshot, text)?;
    documents.retain(|document| !inquiry.withheld().document(*document));
    if !documents.is_empty() {
        return one(documents.into_iter().map(DocumentId::sequence).collect(), text)
            .map(Subject::Entry);
    }
    let question = Question { text: text.to_owned(), ..Question::default() };
    let matching = if crate::view::words(text).is_empty() {
        Vec::new()
    } else {
        inquiry.assertions(&question)?.all
    };
    one(matching.into_iter().filter_map(|seq| Sequence::new(seq).ok()).collect(), text)
        .map(Subject::Entry)
}

/// The only one of several, or a refusal that lists them.
fn one(mut found: Vec<Sequence>, text: &str) -> Result<Sequence, Trouble> {
    found.sort_unstable();
    found.dedup();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(absent(text)),
        many => {
            let mut numbers: Vec<String> = many.iter().take(8).map(ToString::to_string).collect();
            if many.len() > 8 {
                numbers.push(format!("{} more", many.len() - 8));
            }
            let numbers = numbers.join(", ");
            Err(Trouble::new(
                Tag::Ambiguous,
                format!("{} could be {numbers}: give the number", quoted(text)),
            ))
        }
    }
}

fn absent(text: &str) -> Trouble {
    Trouble::new(
        Tag::Absent,
        format!(
            "nothing here is called {}: see `testimony list`, or `testimony who`",
            quoted(text)
        ),
    )
}

/// The source of that slug, name or alias, or the only one that has all these words in its names, of
/// those that this audience may see.
fn source(
    inquiry: &Inquiry<'_>,
    snapshot: &Snapshot,
    text: &str,
) -> Result<Option<SourceId>, Trouble> {
    let (mut called, mut like) = (Vec::new(), Vec::new());
    called.extend(text.parse::<SourceId>());
    for slug in known::sources_like(snapshot, text, 64)? {
        let Some(naming) = snapshot.naming(&slug, inquiry.before())? else { continue };
        let mut names = naming.named.aliases.iter().chain([&naming.named.name]);
        let exact = names.any(|name| name.as_str().to_lowercase() == text.to_lowercase());
        let list = if exact { &mut called } else { &mut like };
        list.push(SourceId::Named(slug));
    }
    let seen = |candidates: Vec<SourceId>| {
        let mut seen = Vec::new();
        for candidate in candidates {
            let withheld = inquiry.withheld().source(&candidate);
            if !withheld && inquiry.source(&candidate)?.is_some() {
                seen.push(candidate);
            }
        }
        Ok::<_, Trouble>(seen)
    };
    if let Some(called) = seen(called)?.into_iter().next() {
        return Ok(Some(called));
    }
    let mut like = seen(like)?;
    Ok(if like.len() == 1 { like.pop() } else { None })
}

/// The document that an argument names.
fn document(
    inquiry: &Inquiry<'_>,
    snapshot: &Snapshot,
    text: &str,
) -> Result<Option<DocumentId>, Trouble> {
    let sequence = match subject(inquiry, snapshot, text)? {
        Subject::Entry(sequence) => sequence,
        Subject::Source(_) => return Ok(None),
    };
    let is_document = known::kind(snapshot, sequence)? == Some(Kind::DocumentCaptured)
        && !inquiry.withheld().event(sequence);
    Ok(is_document.then(|| DocumentId::at(sequence)))
}

/// For whom an answer is.
const fn audience(confidential: bool) -> Audience {
    if confidential { Audience::Confidants } else { Audience::Anyone }
}

/// How a source is called on a screen: its name, or what its document calls it.
fn called(inquiry: &Inquiry<'_>, id: &SourceId) -> Result<String, Trouble> {
    let whole = inquiry.merges().whole(id);
    Ok(match inquiry.source(&whole)? {
        Some(Source { naming: Some(naming), .. }) => render::visible(naming.named.name.as_str()),
        _ => match &whole {
            SourceId::Unnamed { slug, document } => {
                format!("{} (unnamed, in {document})", slug.as_str().replace('-', " "))
            }
            SourceId::Named(slug) => slug.to_string(),
        },
    })
}

/// How the sources of a list are called.
fn all_called<'s>(
    inquiry: &Inquiry<'_>,
    ids: impl IntoIterator<Item = &'s SourceId>,
) -> Result<String, Trouble> {
    let names = ids.into_iter().map(|id| called(inquiry, id));
    Ok(names.collect::<Result<Vec<_>, _>>()?.join(" and "))
}

/// Where a document comes from: its number, title, outlet, those who carried it on, and its date.
fn provenance(inquiry: &Inquiry<'_>, document: &Document) -> Result<String, Trouble> {
    let metadata = &document.captured.metadata;
    let mut parts = vec![match &metadata.title {
        Some(title) => format!("{} {}", document.id, quoted(title.as_str())),
        None => format!("{}, untitled", document.id),
    }];
    parts.push(outlet(inquiry, document)?);
    for republisher in &metadata.republishers {
        parts.push(format!("via {}", called(inquiry, republisher)?));
    }
    parts.extend(metadata.published.map(|published| published.to_string()));
    Ok(parts.join(", "))
}

/// The outlet of a document, or that it is not named.
fn outlet(inquiry: &Inquiry<'_>, document: &Document) -> Result<String, Trouble> {
    match &document.captured.metadata.publisher {
        Some(publisher) => called(inquiry, publisher),
        None => Ok("outlet (not named)".into()),
    }
}

/// Who is heard in an assertion: the origin, or the outlet, or nobody in particular.
fn speaker(
    inquiry: &Inquiry<'_>,
    asserted: &ClaimAsserted,
    document: Option<&Document>,
) -> Result<String, Trouble> {
    let origin = crate::view::query::origin(asserted);
    if !origin.is_empty() {
        return all_called(inquiry, origin);
    }
    match document {
        Some(document) => outlet(inquiry, document),
        None => Ok("outlet (not named)".into()),
    }
}

/// What becomes of each draft, said in a line each.
fn say_receipts(
    page: &mut Page,
    receipts: &[crate::ledger::Receipt],
) -> Result<(u64, u64), Trouble> {
    let (mut recorded, mut already) = (0, 0);
    for receipt in receipts {
        match receipt {
            crate::ledger::Receipt::Recorded(_) => recorded += 1,
            crate::ledger::Receipt::Already(_) => already += 1,
        }
    }
    if let [only] = receipts {
        match only {
            crate::ledger::Receipt::Recorded(at) => page.line(format_args!("recorded {at}"))?,
            crate::ledger::Receipt::Already(at) => page.line(format_args!("already {at}"))?,
        }
    }
    Ok((recorded, already))
}

/// Clean, unless something was found.
const fn outcome(found: bool) -> Outcome {
    if found { Outcome::Found } else { Outcome::Clean }
}
