//! Deciding: a draft becomes an event, or is refused with the reason.
//!
//! Pure: it asks what is known and changes nothing. Knows what makes a record sound: words that
//! stand where they are said to, sources that have a name, references that exist. Must not know how
//! events are sealed or where they are kept.

use std::sync::Arc;

use thiserror::Error;

use crate::claim::{ClaimAsserted, ClaimError, Hop, OneOrMore, Voice, Words};
use crate::digest::{ContentHash, Identity};
use crate::document::{DocumentCaptured, Metadata, Reader};
use crate::draft::{
    DocumentReference, Draft, DraftAssertion, DraftBody, DraftHop, Passage, SourceReference,
};
use crate::event::{
    AssertionChecked, AssertionRetracted, AssertionsRelated, Body, Event, Kind, Recorder,
    SourcesMerged, Target,
};
use crate::id::{AssertionId, DocumentId, EventId, IdError, Sequence, Slug, SourceId};
use crate::selector::{IndexedText, Selector, TextSelector, Zone};
use crate::source::SourceNamed;

mod locate;

pub use locate::{Alike, Difference, Fold, LocateError, LookAlike, locate, shows_itself};

/// A document as far as deciding needs it.
#[derive(Debug, Clone)]
pub struct KnownDocument {
    /// Its number.
    pub id: DocumentId,
    /// Its body.
    pub body: IndexedText,
    /// Its title.
    pub title: Option<IndexedText>,
}

/// What deciding asks. A failure to answer is not a refusal: it is passed on as it is.
pub trait Known {
    /// How asking can fail.
    type Error;

    /// The document of that number.
    fn document(&self, id: DocumentId) -> Result<Option<Arc<KnownDocument>>, Self::Error>;

    /// The documents found at a URL.
    fn documents_at(&self, url: &str) -> Result<Vec<DocumentId>, Self::Error>;

    /// The documents whose text's or original's hash begins with these digits.
    fn documents_by_hash(&self, prefix: &str) -> Result<Vec<DocumentId>, Self::Error>;

    /// The last naming of a source, and where it was recorded.
    fn source(&self, slug: &Slug) -> Result<Option<(Sequence, SourceNamed)>, Self::Error>;

    /// Whether a source has a name.
    fn is_named(&self, slug: &Slug) -> Result<bool, Self::Error> {
        Ok(self.source(slug)?.is_some())
    }

    /// Sources whose names resemble `name`.
    fn sources_like(&self, name: &str) -> Result<Vec<Slug>, Self::Error>;

    /// The kind of the event at a sequence.
    fn kind(&self, at: Sequence) -> Result<Option<Kind>, Self::Error>;

    /// The entry that has this identity.
    fn holder(&self, identity: &Identity) -> Result<Option<Sequence>, Self::Error>;
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is to be recorded as this event, which has this identity.
    Record(Box<Event>, Option<Identity>),
    /// It is recorded already.
    Already(Sequence),
}

/// Why a draft cannot be recorded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No document of that number, hash or URL.
    #[error("there is no document {0}: capture it first, or see `testimony list documents`")]
    NoDocument(String),
    /// Several documents answer to it.
    #[error(
        "{reference} could be document {}: give the number of the one meant",
        numbers(candidates)
    )]
    SeveralDocuments {
        /// What was given.
        reference: String,
        /// The documents it could be.
        candidates: Vec<DocumentId>,
    },
    /// Words that do not stand where they should.
    #[error("{what}: {error}")]
    Locate {
        /// Which words: `content`, `cue`…
        what: &'static str,
        /// Why they have no one place.
        error: LocateError,
    },
    /// A source nobody has named.
    #[error(
        "no source is called `{reference}`{}: name it first (`testimony name`), or write `{}@` for \
         someone whom this document leaves unnamed",
        like(candidates),
        Slug::from_name(reference).map_or_else(|_| "critics".into(), String::from)
    )]
    UnknownSource {
        /// What was given.
        reference: String,
        /// Sources with such a name.
        candidates: Vec<Slug>,
    },
    /// A source that is no slug.
    #[error(transparent)]
    NotSource(#[from] IdError),
    /// An unnamed source of another document.
    #[error("{0} belongs to another document: write it without the number for this one's")]
    OtherDocuments(SourceId),
    /// An attributed assertion without anyone it is attributed to.
    #[error(
        "the assertion has no source: name who said it (--source, or `hops` in JSON), or give a \
         `voice` of outlet, hearsay or implied"
    )]
    NoSource,
    /// A claim whose words cannot be a claim's.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// A reference to something that is not there or not of that kind.
    #[error("{at} is no {expected}{}: see `testimony log`", found.map_or("", |_| " but another event"))]
    NotKind {
        /// The sequence.
        at: Sequence,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: Option<Kind>,
    },
    /// Something related to, merged with or speaking for itself.
    #[error("{0} cannot stand in a relation to itself: name two different ones")]
    Itself(String),
    /// Speaking for one another in a ring.
    #[error("{0} would come to speak for itself through {1}: correct who speaks for whom")]
    Ring(SourceId, SourceId),
    /// A check that checks nothing.
    #[error("nothing was checked: give an outcome for quote, speaker, chain or numbers")]
    NothingChecked,
}

fn numbers(documents: &[DocumentId]) -> String {
    documents.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

fn like(candidates: &[Slug]) -> String {
    if candidates.is_empty() {
        return String::new();
    }
    let slugs: Vec<&str> = candidates.iter().map(Slug::as_str).collect();
    format!(" (there is {})", slugs.join(", "))
}

/// A refusal, or a failure to ask.
#[derive(Debug)]
pub enum Undecided<E> {
    /// The draft cannot be recorded.
    Refused(Refusal),
    /// What is known could not be asked.
    Failed(E),
}

impl<E, R: Into<Refusal>> From<R> for Undecided<E> {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal.into())
    }
}

type Decided<T, K> = Result<T, Undecided<<K as Known>::Error>>;

fn ask<T, E>(answer: Result<T, E>) -> Result<T, Undecided<E>> {
    answer.map_err(Undecided::Failed)
}

/// Decides what becomes of a draft that `by` hands in, unless the draft says who does.
pub fn decide<K: Known>(known: &K, draft: Draft, by: &Recorder) -> Decided<Decision, K> {
    let Draft { by: own, confidential, event } = draft;
    let mut identity = None;
    let body = match event {
        DraftBody::ClaimAsserted(draft) => {
            let asserted = assertion(known, *draft)?;
            let own = asserted.identity();
            if let Some(holder) = ask(known.holder(&own))? {
                return Ok(Decision::Already(holder));
            }
            identity = Some(own);
            Body::ClaimAsserted(asserted)
        }
        DraftBody::SourceNamed(named) => {
            match ask(known.source(&named.slug))? {
                Some((at, last)) if last == named => return Ok(Decision::Already(at)),
                _ => speaker(known, &named)?,
            }
            Body::SourceNamed(named)
        }
        DraftBody::SourcesMerged(merged) => Body::SourcesMerged(merge(known, merged)?),
        DraftBody::MergeUndone(undone) => {
            expect(known, undone.merge, Kind::SourcesMerged, "merge")?;
            Body::MergeUndone(undone)
        }
        DraftBody::DocumentCorrected(corrected) => {
            captured(known, corrected.document)?;
            described(known, &corrected.metadata)?;
            Body::DocumentCorrected(*corrected)
        }
        DraftBody::AssertionChecked(checked) => Body::AssertionChecked(check(known, checked)?),
        DraftBody::AssertionVoided(voided) => {
            asserted(known, voided.assertion)?;
            Body::AssertionVoided(voided)
        }
        DraftBody::AssertionRetracted(retracted) => {
            Body::AssertionRetracted(retract(known, *retracted)?)
        }
        DraftBody::AssertionsRelated(related) => Body::AssertionsRelated(relate(known, related)?),
        DraftBody::TopicAssigned(assigned) => {
            for target in assigned.targets.as_slice() {
                aimed(known, target)?;
            }
            Body::TopicAssigned(assigned)
        }
        DraftBody::NoteAdded(note) => {
            aimed(known, &note.target)?;
            Body::NoteAdded(note)
        }
        DraftBody::ClaimReviewed(review) => {
            asserted(known, review.assertion)?;
            named(known, &review.reviewer)?;
            Body::ClaimReviewed(*review)
        }
    };
    let by = own.unwrap_or_else(|| by.clone());
    let event = Event { by, confidential, imported_from: None, body };
    Ok(Decision::Record(Box::new(event), identity))
}

fn check<K: Known>(known: &K, checked: AssertionChecked) -> Decided<AssertionChecked, K> {
    asserted(known, checked.assertion)?;
    if checked.outcomes().next().is_none() {
        return Err(Refusal::NothingChecked.into());
    }
    Ok(checked)
}

fn retract<K: Known>(known: &K, retracted: AssertionRetracted) -> Decided<AssertionRetracted, K> {
    asserted(known, retracted.assertion)?;
    if let Some(source) = &retracted.by_source {
        named(known, source)?;
    }
    if let Some(document) = retracted.document {
        let document = numbered(known, document)?;
        for selector in &retracted.content {
            stands(&document, selector)?;
        }
    }
    Ok(retracted)
}

fn relate<K: Known>(known: &K, related: AssertionsRelated) -> Decided<AssertionsRelated, K> {
    asserted(known, related.left)?;
    asserted(known, related.right)?;
    if let Some(source) = &related.said_by {
        named(known, source)?;
    }
    if related.left == related.right {
        return Err(Refusal::Itself(related.left.to_string()).into());
    }
    Ok(related)
}

/// What is captured: the hashes of archived bytes, and what is said about them.
#[derive(Debug, Clone)]
pub struct Capture {
    /// Who captures it.
    pub by: Recorder,
    /// Keep it out of every output that does not ask for it by name.
    pub confidential: bool,
    /// The original's hash.
    pub original: ContentHash,
    /// The text's hash.
    pub text: ContentHash,
    /// What read the text.
    pub reader: Reader,
    /// What is said about it.
    pub metadata: Metadata,
}

/// Decides whether a capture is to be recorded.
pub fn decide_capture<K: Known>(known: &K, capture: Capture) -> Decided<Decision, K> {
    let Capture { by, confidential, original, text, reader, metadata } = capture;
    described(known, &metadata)?;
    let captured = DocumentCaptured { original, text, reader, metadata };
    let identity = captured.identity();
    if let Some(holder) = ask(known.holder(&identity))? {
        return Ok(Decision::Already(holder));
    }
    let body = Body::DocumentCaptured(captured);
    let event = Event { by, confidential, imported_from: None, body };
    Ok(Decision::Record(Box::new(event), Some(identity)))
}

fn described<K: Known>(known: &K, metadata: &Metadata) -> Decided<(), K> {
    for source in metadata.sources() {
        named(known, source)?;
    }
    for event in metadata.references() {
        expect(known, event, Kind::DocumentCaptured, "document")?;
    }
    Ok(())
}

fn expect<K: Known>(
    known: &K,
    event: EventId,
    kind: Kind,
    expected: &'static str,
) -> Decided<(), K> {
    let at = event.sequence();
    match ask(known.kind(at))? {
        Some(found) if found == kind => Ok(()),
        found => Err(Refusal::NotKind { at, expected, found }.into()),
    }
}

fn captured<K: Known>(known: &K, document: DocumentId) -> Decided<(), K> {
    expect(known, EventId::at(document.sequence()), Kind::DocumentCaptured, "document")
}

fn asserted<K: Known>(known: &K, assertion: AssertionId) -> Decided<(), K> {
    expect(known, EventId::at(assertion.sequence()), Kind::ClaimAsserted, "assertion")
}

fn named<K: Known>(known: &K, source: &SourceId) -> Decided<(), K> {
    match source {
        SourceId::Named(slug) if !ask(known.is_named(slug))? => Err(unknown(known, slug.as_str())?),
        SourceId::Unnamed { document, .. } => captured(known, *document),
        SourceId::Named(_) => Ok(()),
    }
}

fn unknown<K: Known>(known: &K, reference: &str) -> Decided<Undecided<K::Error>, K> {
    let candidates = ask(known.sources_like(reference))?;
    let reference = reference.chars().take(64).collect();
    Ok(Refusal::UnknownSource { reference, candidates }.into())
}

fn aimed<K: Known>(known: &K, target: &Target) -> Decided<(), K> {
    match target {
        Target::Assertion(assertion) => asserted(known, *assertion),
        Target::Document(document) => captured(known, *document),
        Target::Source(source) => named(known, source),
        Target::Event(event) => match ask(known.kind(event.sequence()))? {
            Some(_) => Ok(()),
            None => {
                let at = event.sequence();
                Err(Refusal::NotKind { at, expected: "event", found: None }.into())
            }
        },
    }
}

fn merge<K: Known>(known: &K, merged: SourcesMerged) -> Decided<SourcesMerged, K> {
    named(known, &merged.from)?;
    named(known, &merged.into)?;
    if merged.from == merged.into {
        return Err(Refusal::Itself(merged.from.to_string()).into());
    }
    Ok(merged)
}

/// Follows whom a source speaks for, and refuses to close a ring.
fn speaker<K: Known>(known: &K, naming: &SourceNamed) -> Decided<(), K> {
    let own = SourceId::Named(naming.slug.clone());
    let mut principal = naming.speaks_for.clone();
    if let Some(first) = &principal {
        if *first == own {
            return Err(Refusal::Itself(own.to_string()).into());
        }
        named(known, first)?;
    }
    // Namings so far form no ring, so this ends; a bound keeps it so on a damaged ledger.
    for _ in 0..64 {
        let Some(SourceId::Named(slug)) = principal else { return Ok(()) };
        let next = ask(known.source(&slug))?.and_then(|(_, named)| named.speaks_for);
        if next.as_ref() == Some(&own) {
            return Err(Refusal::Ring(own, SourceId::Named(slug)).into());
        }
        principal = next;
    }
    Ok(())
}

fn assertion<K: Known>(known: &K, draft: DraftAssertion) -> Decided<ClaimAsserted, K> {
    let document = referenced(known, &draft.document)?;
    let content = pieces(&document, draft.content.as_slice(), "content")?;
    let mut hops = Vec::with_capacity(draft.hops.len());
    for hop in draft.hops {
        hops.push(link(known, &document, hop)?);
    }
    if draft.voice == Voice::Attributed && hops.is_empty() {
        return Err(Refusal::NoSource.into());
    }
    let mut against = Vec::with_capacity(draft.against.len());
    for source in &draft.against {
        against.push(speaking(known, &document, source)?);
    }
    let condition = draft.condition.map(|passage| found(&document, &passage, "condition"));
    let words = content.iter().map(Selector::exact).collect::<Vec<_>>().join(" … ");
    let claim = match &draft.claim.words {
        Some(own) => own.clone(),
        None => Words::new(&words)?,
    };
    Ok(ClaimAsserted {
        document: document.id,
        content: OneOrMore::try_from(content)?,
        hops,
        voice: draft.voice,
        form: draft.form,
        framing: draft.framing,
        polarity: draft.polarity,
        act: draft.act,
        against,
        condition: condition.transpose()?,
        said: draft.said,
        claim: draft.claim.with_words(claim),
        found_by: draft.found_by,
    })
}

fn referenced<K: Known>(
    known: &K,
    reference: &DocumentReference,
) -> Decided<Arc<KnownDocument>, K> {
    let text = match reference {
        DocumentReference::Number(number) => {
            return numbered(known, DocumentId::at(Sequence::new(*number)?));
        }
        DocumentReference::Text(text) => text,
    };
    if text.starts_with('#') {
        return numbered(known, DocumentId::at(text.parse()?));
    }
    let digits = text.len() >= 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let candidates =
        if digits { ask(known.documents_by_hash(text))? } else { ask(known.documents_at(text))? };
    let reference = || text.chars().take(80).collect();
    match candidates.as_slice() {
        [] => Err(Refusal::NoDocument(reference()).into()),
        [one] => numbered(known, *one),
        _ => Err(Refusal::SeveralDocuments { reference: reference(), candidates }.into()),
    }
}

fn numbered<K: Known>(known: &K, id: DocumentId) -> Decided<Arc<KnownDocument>, K> {
    ask(known.document(id))?.ok_or_else(|| Refusal::NoDocument(id.to_string()).into())
}

fn link<K: Known>(known: &K, document: &KnownDocument, draft: DraftHop) -> Decided<Hop, K> {
    let mut sources = Vec::with_capacity(draft.sources.as_slice().len());
    for source in draft.sources.as_slice() {
        sources.push(speaking(known, document, source)?);
    }
    Ok(Hop {
        sources: OneOrMore::try_from(sources)?,
        role: draft.role,
        mention: pieces(document, &draft.mention, "mention")?,
        cue: pieces(document, &draft.cue, "cue")?,
        resolution: draft.resolution,
        content: pieces(document, &draft.content, "content of a hop")?,
    })
}

fn speaking<K: Known>(
    known: &K,
    document: &KnownDocument,
    reference: &SourceReference,
) -> Decided<SourceId, K> {
    let text = reference.0.as_str();
    if let Some(slug) = text.strip_suffix('@') {
        return Ok(SourceId::Unnamed { slug: Slug::new(slug)?, document: document.id });
    }
    let source: SourceId = match text.parse() {
        Ok(source) => source,
        Err(IdError::NotSlug { .. }) => return Err(unknown(known, text)?),
        Err(error) => return Err(error.into()),
    };
    match &source {
        SourceId::Unnamed { document: other, .. } if *other != document.id => {
            Err(Refusal::OtherDocuments(source).into())
        }
        SourceId::Unnamed { .. } => Ok(source),
        SourceId::Named(_) => named(known, &source).map(|()| source),
    }
}

fn pieces(
    document: &KnownDocument,
    passages: &[Passage],
    what: &'static str,
) -> Result<Vec<Selector>, Refusal> {
    passages.iter().map(|passage| found(document, passage, what)).collect()
}

fn found(
    document: &KnownDocument,
    passage: &Passage,
    what: &'static str,
) -> Result<Selector, Refusal> {
    let text = match passage.zone {
        Zone::Body => &document.body,
        Zone::Title => document.title.as_ref().ok_or_else(|| Refusal::Locate {
            what,
            error: LocateError::NoTitle(passage.exact.chars().take(60).collect()),
        })?,
    };
    let selector = locate::locate(passage, text);
    selector.map(Selector::Text).map_err(|error| Refusal::Locate { what, error })
}

/// Holds a finished selector against its document.
fn stands(document: &KnownDocument, selector: &Selector) -> Result<(), Refusal> {
    let Selector::Text(text) = selector;
    found(document, &passage_of(text), "content").map(|_| ())
}

fn passage_of(selector: &TextSelector) -> Passage {
    let (start, end) = selector.span();
    Passage {
        zone: selector.zone(),
        exact: selector.exact().into(),
        prefix: selector.prefix().into(),
        suffix: selector.suffix().into(),
        start: Some(start),
        end: Some(end),
    }
}
