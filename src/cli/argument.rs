//! Resolves an argument to an entry or a source: by number, hash, URL, slug, name or words.
//!
//! Knows the order in which these are tried, and how an error lists the candidates. Must not know which
//! command asks. Sources are looked up by [`called`].

use super::exit::{ErrorTag, Trouble};
use super::render::quoted;
use crate::answers::view::query::{Inquiry, Question};
use crate::answers::view::{Snapshot, lookup};
use crate::domain::id::{DocumentId, IdError, Sequence, SourceId};
use crate::domain::moment::Date;
use crate::domain::reference::{Reference, digits};
use crate::domain::resolve::{self, Candidates, Resolved, Sources, called};
use crate::domain::source::{NamingError, SourceNamed};
use crate::record::decide::Refusal;
use crate::record::event::Kind;

/// The maximum number of entries that an error lists.
const MOST_LISTED: usize = 8;

/// The item that an argument refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    Entry(Sequence),
    Source(SourceId),
}

/// The point in the log that an argument gives: `#41`, `41` or a time. Returns the entry after it.
pub(super) fn point(snapshot: &Snapshot, text: &str) -> Result<Sequence, Trouble> {
    match Reference::of(text)? {
        Reference::Number(sequence) | Reference::Bare(sequence) => Ok(sequence.next()),
        Reference::Digits(_) | Reference::Text(_) => {
            let date: Date = text.parse().map_err(|error| Trouble::new(ErrorTag::Usage, error))?;
            Ok(Inquiry::first_after(snapshot, date.last_instant())?)
        }
    }
}

/// The entry number that an argument spells, if it spells one.
pub(super) fn number(text: &str) -> Result<Option<Sequence>, Trouble> {
    match Reference::of(text)? {
        Reference::Number(sequence) | Reference::Bare(sequence) => Ok(Some(sequence)),
        Reference::Digits(_) | Reference::Text(_) => Ok(None),
    }
}

/// The item that an argument identifies: `#41`, or `41` if that entry exists; six or more digits of a
/// hash that match nothing else; a document's URL; a source's slug or name.
pub(super) fn named(
    inquiry: &Inquiry<'_>,
    snapshot: &Snapshot,
    text: &str,
) -> Result<Option<Subject>, Trouble> {
    match Reference::of(text)? {
        Reference::Number(sequence) => return Ok(Some(Subject::Entry(sequence))),
        Reference::Bare(sequence) if sequence < snapshot.cursor().next => {
            return Ok(Some(Subject::Entry(sequence)));
        }
        _ => {}
    }
    let mut found = Vec::new();
    if let Some(digits) = digits(text)
        && called(inquiry, text)? == Resolved::None
    {
        found = inquiry.entries_by_hash(&digits, MOST_LISTED + 1)?;
        let documents = lookup::documents_by_hash(snapshot, &digits)?;
        found.extend(documents.into_iter().map(DocumentId::sequence));
    }
    found.extend(lookup::documents_at(snapshot, text)?.into_iter().map(DocumentId::sequence));
    found.retain(|seq| !inquiry.withheld().event(*seq));
    found.sort_unstable();
    found.dedup();
    match found.as_slice() {
        [] => Ok(found_source(inquiry, text)?.map(Subject::Source)),
        [one] => Ok(Some(Subject::Entry(*one))),
        many => Err(several_entries(text, many, &Candidates::default())),
    }
}

/// The item that an argument identifies, or else the only assertion that contains its words. A number
/// is not searched for as words. Words that also occur in a source's names are ambiguous.
pub(super) fn subject(
    inquiry: &Inquiry<'_>,
    snapshot: &Snapshot,
    text: &str,
) -> Result<Subject, Trouble> {
    if let Some(subject) = named(inquiry, snapshot, text)? {
        return Ok(subject);
    }
    if number(text)?.is_some() || crate::answers::view::words(text).is_empty() {
        return Err(absent(text));
    }
    let question = Question { text: text.to_owned(), ..Question::default() };
    let found = inquiry.assertions(&question)?.all;
    let like = resolve::like(inquiry, text)?;
    match found.as_slice() {
        [] => Err(absent_but(text, &like)),
        [one] if like.is_empty() => Ok(Subject::Entry(*one)),
        many => Err(several_entries(text, many, &like)),
    }
}

/// The document that an argument identifies; anything else is an error.
pub(super) fn document(
    inquiry: &Inquiry<'_>,
    snapshot: &Snapshot,
    text: &str,
) -> Result<DocumentId, Trouble> {
    let found = match named(inquiry, snapshot, text)? {
        Some(Subject::Entry(sequence)) => document_at(inquiry, snapshot, sequence)?,
        Some(Subject::Source(_)) | None => None,
    };
    found.ok_or_else(|| absent(text))
}

/// The document at a sequence, if there is one that may be shown.
pub(super) fn document_at(
    inquiry: &Inquiry<'_>,
    snapshot: &Snapshot,
    sequence: Sequence,
) -> Result<Option<DocumentId>, Trouble> {
    let is_document = lookup::kind(snapshot, sequence)? == Some(Kind::DocumentCaptured)
        && !inquiry.withheld().event(sequence);
    Ok(is_document.then(|| DocumentId::at(sequence)))
}

/// The source that an argument identifies, among those that may be shown.
pub(super) fn source(inquiry: &Inquiry<'_>, text: &str) -> Result<SourceId, Trouble> {
    match found_source(inquiry, text)? {
        Some(source) => Ok(source),
        None => Err(nothing(inquiry, text)?),
    }
}

fn found_source(inquiry: &Inquiry<'_>, text: &str) -> Result<Option<SourceId>, Trouble> {
    if let Some(unnamed) = unnamed(text) {
        let is_seen = !inquiry.withheld().source(&unnamed) && inquiry.source(&unnamed)?.is_some();
        return Ok(is_seen.then_some(unnamed));
    }
    Ok(known_source(inquiry, text)?.map(|named| SourceId::Named(named.slug)))
}

/// An unnamed source such as `critics@12`, which cannot be found by name.
fn unnamed(text: &str) -> Option<SourceId> {
    text.parse().ok().filter(|source| matches!(source, SourceId::Unnamed { .. }))
}

/// The named source that an argument identifies, if there is one.
pub(super) fn known_source<S: Sources>(
    sources: &S,
    text: &str,
) -> Result<Option<SourceNamed>, Trouble>
where
    Trouble: From<S::Error>,
{
    if text.starts_with('#') {
        return Err(number_for_source(text));
    }
    match called(sources, text)? {
        Resolved::One(named) => Ok(Some(*named)),
        Resolved::Several(many) => Err(several(text, &many.iter().collect())),
        Resolved::None => Ok(None),
    }
}

/// The source that an argument identifies, for recording. An unnamed source is taken as given.
pub(super) fn source_to_record<S: Sources>(sources: &S, text: &str) -> Result<SourceId, Trouble>
where
    Trouble: From<S::Error>,
{
    if let Some(unnamed) = unnamed(text) {
        return Ok(unnamed);
    }
    if let Some(named) = known_source(sources, text)? {
        return Ok(SourceId::Named(named.slug));
    }
    let candidates = resolve::like(sources, text)?;
    let reference = text.chars().take(64).collect();
    Err(Trouble::new(ErrorTag::Refused, Refusal::UnknownSource { reference, candidates }))
}

/// The error for an entry number in place of a source.
pub(super) fn number_for_source(text: &str) -> Trouble {
    let message =
        format!("{} is an entry number, not a source: give a slug or a name", quoted(text));
    Trouble::new(ErrorTag::Usage, message)
}

/// The error for a text that matches several sources.
pub(super) fn several(text: &str, candidates: &Candidates) -> Trouble {
    let message = format!("{} could be {candidates}: give the slug", quoted(text));
    Trouble::new(ErrorTag::Ambiguous, message)
}

fn several_entries(text: &str, entries: &[Sequence], like: &Candidates) -> Trouble {
    let listed = entries.iter().take(MOST_LISTED).map(ToString::to_string);
    let mut numbers: Vec<String> = listed.collect();
    if entries.len() > MOST_LISTED {
        numbers.push(format!("{} more", entries.len() - MOST_LISTED));
    }
    let numbers = numbers.join(", ");
    let could = if like.is_empty() {
        format!("{numbers}: give the number")
    } else {
        format!("{numbers}, or the source {like}: give the number or the slug")
    };
    Trouble::new(ErrorTag::Ambiguous, format!("{} could be {could}", quoted(text)))
}

/// The error for a text that matches nothing.
pub(super) fn absent(text: &str) -> Trouble {
    absent_but(text, &Candidates::default())
}

/// The error for a text that matches nothing, listing sources with its words in their names.
pub(super) fn nothing(inquiry: &Inquiry<'_>, text: &str) -> Result<Trouble, Trouble> {
    Ok(absent_but(text, &resolve::like(inquiry, text)?))
}

fn absent_but(text: &str, like: &Candidates) -> Trouble {
    let message = format!(
        "nothing in this ledger matches {}{}: search with `testimony list` or `testimony who`",
        quoted(text),
        like.proposed()
    );
    Trouble::new(ErrorTag::Absent, message)
}

/// The error for an invalid source name.
impl From<NamingError> for Trouble {
    fn from(error: NamingError) -> Self {
        Self::new(ErrorTag::Usage, error)
    }
}

/// The error for an invalid identifier.
impl From<IdError> for Trouble {
    fn from(error: IdError) -> Self {
        Self::new(ErrorTag::Usage, error)
    }
}
