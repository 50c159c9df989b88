//! Looks up what already exists, for the writer before it records an event.
//!
//! Knows how to look up documents, sources and identities. Must not know what is about to be
//! recorded.

use super::{Fingerprint, Mark, Snapshot, Term, ViewError, sequence_key, words};
use crate::domain::digest::{ContentHash, Identity};
use crate::domain::document::DocumentCaptured;
use crate::domain::id::{AssertionId, DocumentId, Sequence, Slug};
use crate::record::event::{Body, Event, Kind, Relation};

/// The capture of a document, if the sequence is one.
pub fn document(
    snapshot: &Snapshot,
    document: DocumentId,
) -> Result<Option<DocumentCaptured>, ViewError> {
    Ok(match snapshot.event(document.sequence())? {
        Some(Event { body: Body::DocumentCaptured(captured), .. }) => Some(captured),
        _ => None,
    })
}

/// The entries that already have an identity, ascending; there are several if all but one were
/// voided.
pub fn holders(snapshot: &Snapshot, identity: &Identity) -> Result<Vec<Sequence>, ViewError> {
    snapshot.with_fingerprint(Fingerprint::Identity, identity.as_bytes())
}

/// The events that void an assertion, whether withdrawn or not.
pub fn voids(snapshot: &Snapshot, assertion: Sequence) -> Result<Vec<Sequence>, ViewError> {
    let marks = snapshot.marks(Mark::Voided, &sequence_key(assertion))?;
    Ok(marks.into_iter().map(|(at, _)| at).collect())
}

/// Whether an event was withdrawn.
pub fn withdrawn(snapshot: &Snapshot, event: Sequence) -> Result<bool, ViewError> {
    Ok(!snapshot.marks(Mark::Withdrawn, &sequence_key(event))?.is_empty())
}

/// What an assertion revises, by each relation that says so, whether withdrawn or not.
pub fn revised(
    snapshot: &Snapshot,
    assertion: AssertionId,
) -> Result<Vec<(Sequence, Vec<AssertionId>)>, ViewError> {
    let mut found = Vec::new();
    for (at, _) in snapshot.marks(Mark::Related, &sequence_key(assertion.sequence()))? {
        if let Some(Event { body: Body::AssertionsRelated(related), .. }) = snapshot.event(at)?
            && related.relation == Relation::Revises
            && related.left.as_slice().contains(&assertion)
        {
            found.push((at, related.right.as_slice().to_vec()));
        }
    }
    Ok(found)
}

/// The kind of the event at a sequence.
pub fn kind(snapshot: &Snapshot, at: Sequence) -> Result<Option<Kind>, ViewError> {
    Ok(snapshot.event(at)?.map(|event| event.body.kind()))
}

/// The documents found at a URL, oldest first.
pub fn documents_at(snapshot: &Snapshot, url: &str) -> Result<Vec<DocumentId>, ViewError> {
    Ok(documents(snapshot.list(Term::Url, url.as_bytes())?))
}

/// The documents whose text or original has a hash with these hexadecimal digits as its prefix,
/// oldest first.
pub fn documents_by_hash(snapshot: &Snapshot, prefix: &str) -> Result<Vec<DocumentId>, ViewError> {
    let padded = |filler: &str| {
        let digits = format!("{prefix}{}", filler.repeat(64usize.saturating_sub(prefix.len())));
        digits.parse::<ContentHash>().ok()
    };
    let (Some(low), Some(high)) = (padded("0"), padded("f")) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for term in [Term::TextHash, Term::OriginalHash] {
        let low = super::term_key(term, low.as_bytes(), 0);
        let high = super::term_key(term, high.as_bytes(), u64::MAX);
        found.extend(snapshot.lists_between(&low, &high)?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(documents(found))
}

fn documents(sequences: Vec<Sequence>) -> Vec<DocumentId> {
    sequences.into_iter().map(DocumentId::at).collect()
}

/// The slugs of sources whose current or earlier names contain every word of a text, in order.
pub fn sources_with_words(snapshot: &Snapshot, text: &str) -> Result<Vec<Slug>, ViewError> {
    let mut common: Option<Vec<String>> = None;
    for word in words(text) {
        let mut named = snapshot.sources_with_word(&word)?;
        if let Some(before) = common {
            named.retain(|slug| before.binary_search(slug).is_ok());
        }
        common = Some(named);
    }
    Ok(slugs(common.unwrap_or_default()))
}

/// The slugs of sources with a current or earlier name that folds to this, in order.
pub fn sources_with_name(snapshot: &Snapshot, folded: &Slug) -> Result<Vec<Slug>, ViewError> {
    Ok(slugs(snapshot.sources_marked(Mark::FoldedName, folded.as_str())?))
}

fn slugs(found: Vec<String>) -> Vec<Slug> {
    found.iter().filter_map(|slug| Slug::new(slug).ok()).collect()
}
