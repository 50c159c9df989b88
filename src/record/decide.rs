//! Decides on drafts: a draft becomes an event, or is refused with the reason.
//!
//! Pure: it reads what is known and changes nothing. Knows what makes a record valid: words that
//! occur where it says, sources that have a name, references that exist. Must not know how events
//! are sealed or where they are kept.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use thiserror::Error;

use crate::domain::claim::{Capacity, ClaimAsserted, ClaimError, Hop, OneOrMore, Voice};
use crate::domain::digest::{ContentHash, Identity};
use crate::domain::document::{DocumentCaptured, Fetched, Metadata, Reader};
use crate::domain::id::{AssertionId, DocumentId, EventId, IdError, Sequence, Slug, SourceId};
use crate::domain::reference::{Reference, digits};
use crate::domain::resolve::Candidates;
use crate::domain::selector::{IndexedText, Selector, TextSelector, Zone};
use crate::domain::source::{Principal, SourceDescribed, SourceNamed};
use crate::domain::text::{Name, Text, TextError};
use crate::record::draft::{
    DocumentReference, Draft, DraftAssertion, DraftBody, DraftCapacity, DraftHop, Passage,
    SourceReference,
};
use crate::record::event::{
    AssertionChecked, AssertionRetracted, AssertionsRelated, Body, ClaimReviewed, EncodeError,
    Event, EventWithdrawn, Kind, Recorder, Relation, SourcesMerged, Target,
};

mod locate;

pub use locate::{
    Alike, LetterFold, LocateError, LookAlike, SpellingDifference, locate, shows_itself,
};

/// The parts of a document needed for deciding.
#[derive(Debug, Clone)]
pub struct KnownDocument {
    /// Its number.
    pub id: DocumentId,
    /// Its body.
    pub body: IndexedText,
    /// Its title.
    pub title: Option<IndexedText>,
}

/// The queries needed for deciding. An error of a query is not a refusal: it is passed on
/// unchanged.
pub trait Known {
    /// The error of a query.
    type Error;

    /// The document with that number.
    fn document(&self, id: DocumentId) -> Result<Option<Arc<KnownDocument>>, Self::Error>;

    /// The documents found at a URL.
    fn documents_at(&self, url: &str) -> Result<Vec<DocumentId>, Self::Error>;

    /// The capture with that number, unless it does not exist or is confidential.
    fn open_capture(&self, id: DocumentId) -> Result<Option<DocumentCaptured>, Self::Error>;

    /// The documents whose text's or original's hash begins with these digits.
    fn documents_by_hash(&self, prefix: &str) -> Result<Vec<DocumentId>, Self::Error>;

    /// The latest naming of a source, and the sequence at which it was recorded.
    fn source(&self, slug: &Slug) -> Result<Option<(Sequence, SourceNamed)>, Self::Error>;

    /// Whether a source has a name.
    fn is_named(&self, slug: &Slug) -> Result<bool, Self::Error> {
        Ok(self.source(slug)?.is_some())
    }

    /// The sources to propose for a reference that is not a source's slug: no confidential ones,
    /// because proposing one would reveal it.
    fn proposals(&self, reference: &str) -> Result<Candidates, Self::Error>;

    /// Whether a source is withheld from those who do not ask for confidential events.
    fn is_withheld(&self, slug: &Slug) -> Result<bool, Self::Error>;

    /// The kind of the event at a sequence.
    fn kind(&self, at: Sequence) -> Result<Option<Kind>, Self::Error>;

    /// The sources that this one was merged into by the merges in force, each with its merge.
    fn merged_into(&self, source: &SourceId) -> Result<Vec<(Sequence, SourceId)>, Self::Error>;

    /// The sources that this one was merged into, or that were merged into it, by the merges in
    /// force.
    fn merged_with(&self, source: &SourceId) -> Result<Vec<SourceId>, Self::Error>;

    /// The documents that this one revises or derives from, according to its latest metadata.
    fn rests_on(&self, document: DocumentId) -> Result<Vec<DocumentId>, Self::Error>;

    /// The assertions that this one revises by the relations in force; none if it is voided.
    fn revises(&self, assertion: AssertionId) -> Result<Vec<AssertionId>, Self::Error>;

    /// The newest entry that has this identity and was not voided.
    fn holder(&self, identity: &Identity) -> Result<Option<Sequence>, Self::Error>;
}

/// The outcome for a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The draft is to be recorded.
    Record {
        /// The event to record.
        event: Box<Event>,
        /// The event's encoding.
        bytes: Vec<u8>,
        /// The hashes by which a later event is recognised as the same.
        identities: Vec<Identity>,
    },
    /// It is already recorded, at this sequence.
    Already(Sequence),
}

/// Why a draft cannot be recorded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No document has that number, hash or URL.
    #[error("there is no document {0}: capture it first, or see `testimony list documents`")]
    NoDocument(String),
    /// Several documents match.
    #[error(
        "{reference} could be document {}: give the number of the intended one",
        numbers(candidates)
    )]
    SeveralDocuments {
        /// The reference, as given.
        reference: String,
        /// The documents that match.
        candidates: Vec<DocumentId>,
    },
    /// Words that do not have one place in their document.
    #[error("{what}: {error}")]
    Locate {
        /// The field with the words: `content`, `cue`…
        what: &'static str,
        /// Why they do not have one place.
        error: LocateError,
    },
    /// A source that has not been named.
    #[error(
        "no source is called `{reference}`{}: name it first (`testimony name`), or write `{}@` for \
         a source that this document does not name",
        candidates.proposed(),
        Slug::from_name(reference).map_or_else(|_| "critics".into(), |slug| slug.to_string())
    )]
    UnknownSource {
        /// The reference, as given.
        reference: String,
        /// Sources with such a name.
        candidates: Candidates,
    },
    /// The slug belongs to another source, which must not be revealed.
    #[error(
        "the slug `{0}` is taken: choose another for this source (`testimony name NAME --slug SLUG`)"
    )]
    SlugTaken(Slug),
    /// The reference is not a slug.
    #[error(transparent)]
    NotSource(#[from] IdError),
    /// An unnamed source of another document.
    #[error("{0} belongs to another document: leave out the number to mean a source of this one")]
    OtherDocuments(SourceId),
    /// An attributed assertion without a source.
    #[error(
        "the assertion has no source: name who said it (--source, or `hops` in JSON), or give a \
         `voice` of outlet, hearsay or implied"
    )]
    NoSource,
    /// The fields of the claim are not valid.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The words of the claim are not valid.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The words are on another page than the one given.
    #[error("`{0}` is not on that page: give the page on which the words begin")]
    OtherPage(String),
    /// Words without the document in which they occur.
    #[error("`content` needs a `document`: give the number of the one that contains the words")]
    WordsOfNowhere,
    /// A description of a source that has a name.
    #[error(
        "{0} has a name, and only unnamed sources are described: name it again with `source_named`"
    )]
    Named(SourceId),
    /// The id of a request that asked for something else before.
    #[error(
        "this request id was already used for {at}, which has a different content: use a new id for a \
         new request"
    )]
    OtherRequest {
        /// The event of the earlier request.
        at: Sequence,
    },
    /// A reference to something that does not exist or is of another kind.
    #[error("{at} is not {expected}{}: see `testimony log`", found.map_or("", |_| " but another event"))]
    NotKind {
        /// The referenced sequence.
        at: Sequence,
        /// What it should be, with its article: `a document`.
        expected: &'static str,
        /// What it is.
        found: Option<Kind>,
    },
    /// Something related to itself, merged into itself or speaking for itself.
    #[error("{0} cannot be related to itself: give two different ones")]
    Itself(String),
    /// Sources that would speak for one another in a cycle.
    #[error("{0} would speak for itself through {1}: correct who speaks for whom")]
    Ring(SourceId, SourceId),
    /// More speakers or merges than are followed.
    #[error(
        "more than {MOST_STEPS} sources are connected to {0}, by speaking for one another or by \
         merges, which is more than are followed: refer to the intended source directly"
    )]
    TooFar(SourceId),
    /// Sources that would be merged into one another in a cycle.
    #[error(
        "{from} cannot be merged into {into}, because {into} was merged into {from}{}: leave this \
         out, or undo the merge{} first (`merge_undone`)",
        through(between),
        merge.map_or_else(String::new, |merge| format!(" {merge}"))
    )]
    MergeRing {
        /// The source to be merged.
        from: SourceId,
        /// The source it is to be merged into.
        into: SourceId,
        /// The sources between `into` and `from`.
        between: Vec<SourceId>,
        /// The merge of `into`.
        merge: Option<Sequence>,
    },
    /// A chain that returns to a source.
    #[error(
        "{source_twice} appears in two hops of one chain{}: name each source in only one hop{}",
        merged_as(source_twice, met_as),
        unless_merged(source_twice, met_as)
    )]
    ChainRound {
        /// The source in its second hop.
        source_twice: SourceId,
        /// The source in the earlier hop: the same one, or one that it is merged with.
        met_as: SourceId,
    },
    /// Documents that would revise or derive from one another in a cycle.
    #[error(
        "{document} would revise or derive from itself, because {on} revises or derives from it{}: \
         correct which of them is the earlier one",
        through(between)
    )]
    DocumentRing {
        /// The document that is corrected.
        document: DocumentId,
        /// The document that it is said to revise or derive from.
        on: DocumentId,
        /// The documents between `on` and `document`.
        between: Vec<DocumentId>,
    },
    /// Assertions that would revise one another in a cycle.
    #[error(
        "{assertion} would revise itself, because {revised} revises it{}: withdraw the relation \
         that is wrong first (`event_withdrawn`)",
        through(between)
    )]
    RevisionRing {
        /// The assertion that is to revise another.
        assertion: AssertionId,
        /// The assertion it is to revise.
        revised: AssertionId,
        /// The assertions between `revised` and `assertion`.
        between: Vec<AssertionId>,
    },
    /// A check without any outcome.
    #[error(
        "nothing was checked: give an outcome for quote, speaker, chain, numbers, dates or context"
    )]
    NothingChecked,
}

fn numbers(documents: &[DocumentId]) -> String {
    documents.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

fn through<T: std::fmt::Display>(between: &[T]) -> String {
    if between.is_empty() {
        return String::new();
    }
    let between: Vec<String> = between.iter().map(ToString::to_string).collect();
    format!(" through {}", between.join(", "))
}

fn merged_as(source: &SourceId, met_as: &SourceId) -> String {
    if source == met_as {
        String::new()
    } else {
        format!(", once as {met_as}, with which it is merged")
    }
}

fn unless_merged(source: &SourceId, met_as: &SourceId) -> &'static str {
    if source == met_as { "" } else { ", or undo the merge first (`merge_undone`)" }
}

/// A refusal, or the error of a query.
#[derive(Debug)]
pub enum Undecided<E> {
    /// The draft cannot be recorded.
    Refused(Refusal),
    /// Its event cannot be encoded.
    Encode(EncodeError),
    /// A query failed.
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

/// Decides on a draft, recorded by `by` unless the draft names another recorder.
pub fn decide<K: Known>(known: &K, draft: Draft, by: &Recorder) -> Decided<Decision, K> {
    let Draft { by: own, request, confidential, event } = draft;
    let by = own.unwrap_or_else(|| by.clone());
    let body = match event {
        DraftBody::ClaimAsserted(draft) => {
            Body::ClaimAsserted(attributed(known, *draft, confidential)?)
        }
        DraftBody::SourceNamed(named) => {
            // Even reporting that it is the same would reveal it.
            if !confidential && ask(known.is_withheld(&named.slug))? {
                return Err(Refusal::SlugTaken(named.slug).into());
            }
            // A cycle that it would close is reported, so its sources must be visible.
            seen(known, confidential, named.speaks_for.iter().map(|one| &one.source))?;
            match ask(known.source(&named.slug))? {
                Some((at, last)) if last == named => return Ok(Decision::Already(at)),
                _ => speaker(known, &named)?,
            }
            Body::SourceNamed(named)
        }
        DraftBody::SourceDescribed(described) => Body::SourceDescribed(describe(known, described)?),
        DraftBody::SourcesMerged(merged) => {
            seen(known, confidential, [&merged.from, &merged.into])?;
            Body::SourcesMerged(merge(known, merged)?)
        }
        DraftBody::MergeUndone(undone) => {
            expect(known, undone.merge, Kind::SourcesMerged, "a merge")?;
            Body::MergeUndone(undone)
        }
        DraftBody::DocumentCorrected(corrected) => {
            captured(known, corrected.document)?;
            described(known, &corrected.metadata)?;
            rests(known, corrected.document, &corrected.metadata)?;
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
        DraftBody::ClaimReviewed(review) => Body::ClaimReviewed(reviewed(known, *review)?),
        DraftBody::EventWithdrawn(withdrawn) => Body::EventWithdrawn(withdraw(known, withdrawn)?),
    };
    record(known, Event { by, request, confidential, imported_from: None, body })
}

/// Decides on an event that may be recorded already: an assertion, or a retry.
fn record<K: Known>(known: &K, event: Event) -> Decided<Decision, K> {
    seen(known, event.confidential, event.sources())?;
    let bytes = event.encode().map_err(Undecided::Encode)?;
    let mut identities = Vec::new();
    if let Body::ClaimAsserted(asserted) = &event.body {
        let encoded = Event::encoded_assertion(&bytes);
        let own = encoded.map_or_else(|| asserted.identity(), |encoded| encoded.identity());
        if let Some(holder) = ask(known.holder(&own))? {
            return Ok(Decision::Already(holder));
        }
        leads_on(known, &asserted.hops)?;
        identities.push(own);
    }
    carried_out(known, event, bytes, identities)
}

/// Refuses a non-confidential event that names a withheld source: to those who do not ask for
/// confidential events, that source does not exist. The event would be withheld along with it, even
/// from its recorder.
fn seen<'s, K: Known>(
    known: &K,
    confidential: bool,
    sources: impl IntoIterator<Item = &'s SourceId>,
) -> Decided<(), K> {
    for source in sources {
        if let SourceId::Named(slug) = source
            && !confidential
            && ask(known.is_withheld(slug))?
        {
            return Err(unknown(known, slug.as_str())?);
        }
    }
    Ok(())
}

/// Decides on an event that may be a retry: a request is carried out once, with one content.
fn carried_out<K: Known>(
    known: &K,
    event: Event,
    bytes: Vec<u8>,
    mut identities: Vec<Identity>,
) -> Decided<Decision, K> {
    if let Some([request, content]) = requested(&event) {
        if let Some(holder) = ask(known.holder(&content))? {
            return Ok(Decision::Already(holder));
        }
        if let Some(at) = ask(known.holder(&request))? {
            return Err(Refusal::OtherRequest { at }.into());
        }
        identities.extend([request, content]);
    }
    Ok(Decision::Record { event: Box::new(event), bytes, identities })
}

/// The identity of an event's request, and the identity of the request with its content.
pub fn requested(event: &Event) -> Option<[Identity; 2]> {
    let request = event.request_identity()?;
    let mut fields = request.as_bytes().to_vec();
    // Encoding into memory cannot fail: an event that is recorded was encoded once already.
    let _ = serde_json::to_writer(&mut fields, &event.body);
    let content = blake3::derive_key("testimony 2026-11 v1 request content", &fields);
    Some([request, Identity::from_bytes(content)])
}

fn describe<K: Known>(known: &K, described: SourceDescribed) -> Decided<SourceDescribed, K> {
    let SourceId::Unnamed { document, .. } = &described.source else {
        return Err(Refusal::Named(described.source).into());
    };
    captured(known, *document)?;
    for principal in &described.speaks_for {
        if principal.source == described.source {
            return Err(Refusal::Itself(described.source.to_string()).into());
        }
        named(known, &principal.source)?;
    }
    Ok(described)
}

fn reviewed<K: Known>(known: &K, review: ClaimReviewed) -> Decided<ClaimReviewed, K> {
    asserted(known, review.assertion)?;
    named(known, &review.reviewer)?;
    quoted(known, review.document, &review.content)?;
    Ok(review)
}

fn withdraw<K: Known>(known: &K, withdrawn: EventWithdrawn) -> Decided<EventWithdrawn, K> {
    let at = withdrawn.event.sequence();
    match ask(known.kind(at))? {
        Some(kind) if kind.withdrawable() => Ok(withdrawn),
        found => {
            let expected = "a check, void, retraction, relation, topic, note or review";
            Err(Refusal::NotKind { at, expected, found }.into())
        }
    }
}

/// Checks quoted words against their document.
fn quoted<K: Known>(
    known: &K,
    document: Option<DocumentId>,
    content: &[Selector],
) -> Decided<(), K> {
    let Some(document) = document else {
        return if content.is_empty() { Ok(()) } else { Err(Refusal::WordsOfNowhere.into()) };
    };
    let document = numbered(known, document)?;
    for selector in content {
        stands(&document, selector)?;
    }
    Ok(())
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
    quoted(known, retracted.document, &retracted.content)?;
    Ok(retracted)
}

fn relate<K: Known>(known: &K, related: AssertionsRelated) -> Decided<AssertionsRelated, K> {
    for assertion in related.assertions() {
        asserted(known, assertion)?;
    }
    if let Some(source) = &related.said_by {
        named(known, source)?;
    }
    let left = related.left.as_slice();
    if let Some(both) = related.right.as_slice().iter().find(|right| left.contains(right)) {
        return Err(Refusal::Itself(both.to_string()).into());
    }
    if related.relation == Relation::Revises {
        revises_on(known, &related)?;
    }
    Ok(related)
}

/// Refuses to let an assertion revise itself through others.
fn revises_on<K: Known>(known: &K, related: &AssertionsRelated) -> Decided<(), K> {
    let (left, right) = (related.left.as_slice(), related.right.as_slice());
    for &assertion in left {
        for &revised in right {
            // The other assertions on the left of this event revise those on its right too.
            let next = |one: &AssertionId| -> Decided<Vec<AssertionId>, K> {
                let mut revised = ask(known.revises(*one))?;
                revised.extend(right.iter().filter(|_| left.contains(one)));
                Ok(revised)
            };
            if let Way::Through(between) = way(&revised, &assertion, usize::MAX, next)? {
                return Err(Refusal::RevisionRing { assertion, revised, between }.into());
            }
        }
    }
    Ok(())
}

/// A capture to decide on: the hashes of archived bytes, and what is recorded about them.
#[derive(Debug, Clone)]
pub struct CaptureDraft {
    /// Who or what captures it.
    pub by: Recorder,
    /// Whether to keep it out of every output that does not ask for confidential documents.
    pub confidential: bool,
    /// The original's hash.
    pub original: ContentHash,
    /// The text's hash.
    pub text: ContentHash,
    /// The reader that read the text.
    pub reader: Reader,
    /// The media type of the original.
    pub media_type: Option<Name>,
    /// The name of the file it came from.
    pub file_name: Option<Name>,
    /// How it was fetched.
    pub fetched: Option<Fetched>,
    /// The earlier capture of the same bytes by another reader.
    pub rereads: Option<DocumentId>,
    /// What is recorded about it.
    pub metadata: Metadata,
}

/// Decides on a capture.
pub fn decide_capture<K: Known>(known: &K, capture: CaptureDraft) -> Decided<Decision, K> {
    let CaptureDraft { by, confidential, original, text, reader, .. } = capture;
    let CaptureDraft { media_type, file_name, fetched, rereads, metadata, .. } = capture;
    seen(known, confidential, metadata.sources())?;
    described(known, &metadata)?;
    if let Some(reread) = rereads {
        captured(known, reread)?;
    }
    let mut captured = DocumentCaptured {
        original,
        text,
        reader,
        media_type,
        file_name,
        fetched,
        rereads,
        metadata,
    };
    let identity = captured.identity();
    if let Some(holder) = ask(known.holder(&identity))? {
        return Ok(Decision::Already(holder));
    }
    if captured.metadata.revises.is_none() {
        captured.metadata.revises = earlier(known, &captured)?;
    }
    let body = Body::DocumentCaptured(captured);
    let event = Event { by, request: None, confidential, imported_from: None, body };
    let bytes = event.encode().map_err(Undecided::Encode)?;
    Ok(Decision::Record { event: Box::new(event), bytes, identities: vec![identity] })
}

/// The newest capture of the same page: from the same address and publisher. If a page has several
/// articles, a capture of one counts only if its text is the same.
fn earlier<K: Known>(known: &K, captured: &DocumentCaptured) -> Decided<Option<DocumentId>, K> {
    let Some(url) = &captured.metadata.url else { return Ok(None) };
    let is_part = |captured: &DocumentCaptured| captured.reader.name.as_str().contains("/part-");
    for document in ask(known.documents_at(url.as_str()))?.into_iter().rev() {
        let Some(other) = ask(known.open_capture(document))? else { continue };
        let is_same_page = other.metadata.url.as_ref() == Some(url)
            && other.metadata.publisher == captured.metadata.publisher;
        let is_whole = !is_part(&other) && !is_part(captured);
        if is_same_page && (is_whole || other.text == captured.text) {
            return Ok(Some(document));
        }
    }
    Ok(None)
}

fn described<K: Known>(known: &K, metadata: &Metadata) -> Decided<(), K> {
    for source in metadata.sources() {
        named(known, source)?;
    }
    for event in metadata.references() {
        expect(known, event, Kind::DocumentCaptured, "a document")?;
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
    expect(known, EventId::at(document.sequence()), Kind::DocumentCaptured, "a document")
}

fn asserted<K: Known>(known: &K, assertion: AssertionId) -> Decided<(), K> {
    expect(known, EventId::at(assertion.sequence()), Kind::ClaimAsserted, "an assertion")
}

fn named<K: Known>(known: &K, source: &SourceId) -> Decided<(), K> {
    match source {
        SourceId::Named(slug) if !ask(known.is_named(slug))? => Err(unknown(known, slug.as_str())?),
        SourceId::Unnamed { document, .. } => captured(known, *document),
        SourceId::Named(_) => Ok(()),
    }
}

fn unknown<K: Known>(known: &K, reference: &str) -> Decided<Undecided<K::Error>, K> {
    let candidates = ask(known.proposals(reference))?;
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
                Err(Refusal::NotKind { at, expected: "an event", found: None }.into())
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
    let wholes = |source: &SourceId| -> Decided<Vec<SourceId>, K> {
        Ok(ask(known.merged_into(source))?.into_iter().map(|(_, whole)| whole).collect())
    };
    let between = match way(&merged.into, &merged.from, MOST_STEPS, wholes)? {
        Way::None => return Ok(merged),
        Way::Long => return Err(Refusal::TooFar(merged.into).into()),
        Way::Through(between) => between,
    };
    let SourcesMerged { from, into, .. } = merged;
    let next = between.first().unwrap_or(&from);
    let merges = ask(known.merged_into(&into))?;
    let merge = merges.iter().find(|(_, whole)| whole == next).map(|(at, _)| *at);
    Err(Refusal::MergeRing { from, into, between, merge }.into())
}

/// The most sources that are followed from one that is merged or named, to find cycles: far more
/// than have ever spoken for one another, and few enough to follow at every naming.
const MOST_STEPS: usize = 4096;

/// Whether a path leads from one thing to another.
enum Way<T> {
    /// There is no path.
    None,
    /// There is a path, through these.
    Through(Vec<T>),
    /// The path has more things than are followed.
    Long,
}

/// The path from `from` to `to` along `next`, if there is one within the limit.
fn way<T: Ord + Clone, E>(
    from: &T,
    to: &T,
    most: usize,
    next: impl Fn(&T) -> Result<Vec<T>, E>,
) -> Result<Way<T>, E> {
    // Each thing that was reached, with the one it was reached from.
    let mut reached: BTreeMap<T, Option<T>> = BTreeMap::from([(from.clone(), None)]);
    let mut waiting = vec![from.clone()];
    while let Some(here) = waiting.pop() {
        if here == *to {
            let before = |step: &T| reached.get(step).cloned().flatten();
            let back = std::iter::successors(before(&here), before);
            let mut between: Vec<T> = back.take_while(|step| step != from).collect();
            between.reverse();
            return Ok(Way::Through(between));
        }
        for step in next(&here)? {
            if !reached.contains_key(&step) {
                reached.insert(step.clone(), Some(here.clone()));
                waiting.push(step);
            }
        }
        if reached.len() > most {
            return Ok(Way::Long);
        }
    }
    Ok(Way::None)
}

/// Refuses a chain with the same source in two hops, including merged sources.
fn leads_on<K: Known>(known: &K, hops: &[Hop]) -> Decided<(), K> {
    if hops.len() < 2 {
        return Ok(());
    }
    // By each source that a source is merged with: the hop, and the source that appeared in it.
    let mut met: HashMap<SourceId, (usize, &SourceId)> = HashMap::new();
    for (place, hop) in hops.iter().enumerate() {
        for source in hop.sources.as_slice() {
            if let Some((before, met_as)) = met.get(source)
                && *before != place
            {
                let (source_twice, met_as) = (source.clone(), (*met_as).clone());
                return Err(Refusal::ChainRound { source_twice, met_as }.into());
            }
            let mut waiting = vec![source.clone()];
            while let Some(one) = waiting.pop() {
                if let Entry::Vacant(vacant) = met.entry(one) {
                    waiting.extend(ask(known.merged_with(vacant.key()))?);
                    vacant.insert((place, source));
                }
            }
        }
    }
    Ok(())
}

/// Refuses to let a document revise or derive from itself. A capture cannot: its number is not
/// known beforehand.
fn rests<K: Known>(known: &K, document: DocumentId, metadata: &Metadata) -> Decided<(), K> {
    for reference in metadata.references() {
        let on = DocumentId::at(reference.sequence());
        if on == document {
            return Err(Refusal::Itself(document.to_string()).into());
        }
        // A page that is captured often has a long history, all of which counts.
        let rests_on = |one: &DocumentId| ask(known.rests_on(*one));
        if let Way::Through(between) = way(&on, &document, usize::MAX, rests_on)? {
            return Err(Refusal::DocumentRing { document, on, between }.into());
        }
    }
    Ok(())
}

/// Follows whom a source speaks for, and refuses to close a cycle, whatever the periods.
fn speaker<K: Known>(known: &K, naming: &SourceNamed) -> Decided<(), K> {
    let own = SourceId::Named(naming.slug.clone());
    // No source speaks for another before it is named.
    let is_new = ask(known.source(&naming.slug))?.is_none();
    for Principal { source, .. } in &naming.speaks_for {
        if *source == own {
            return Err(Refusal::Itself(own.to_string()).into());
        }
        named(known, source)?;
        let principals = |source: &SourceId| -> Decided<Vec<SourceId>, K> {
            let SourceId::Named(slug) = source else { return Ok(Vec::new()) };
            let last = ask(known.source(slug))?.map(|(_, named)| named.speaks_for);
            Ok(last.unwrap_or_default().into_iter().map(|principal| principal.source).collect())
        };
        if is_new {
            continue;
        }
        match way(source, &own, MOST_STEPS, principals)? {
            Way::None => {}
            Way::Long => return Err(Refusal::TooFar(source.clone()).into()),
            Way::Through(between) => {
                let last = between.last().unwrap_or(source).clone();
                return Err(Refusal::Ring(own, last).into());
            }
        }
    }
    Ok(())
}

/// The assertion of a draft, in the document that it refers to. If the asker did not ask for
/// confidential events, a refusal does not reveal the contents of a confidential document.
fn attributed<K: Known>(
    known: &K,
    draft: DraftAssertion,
    confidential: bool,
) -> Decided<ClaimAsserted, K> {
    let document = referenced(known, &draft.document, confidential)?;
    match assertion(known, &document, draft) {
        Err(Undecided::Refused(Refusal::Locate { what, error }))
            if !confidential && ask(known.open_capture(document.id))?.is_none() =>
        {
            Err(Refusal::Locate { what, error: error.without_words() }.into())
        }
        decided => decided,
    }
}

fn assertion<K: Known>(
    known: &K,
    document: &KnownDocument,
    draft: DraftAssertion,
) -> Decided<ClaimAsserted, K> {
    let content = pieces(document, draft.content.as_slice(), "content")?;
    let mut hops = Vec::with_capacity(draft.hops.len());
    for hop in draft.hops {
        hops.push(link(known, document, hop)?);
    }
    if draft.voice == Voice::Attributed && hops.is_empty() {
        return Err(Refusal::NoSource.into());
    }
    if let Some(replaced) = draft.replaces {
        asserted(known, replaced)?;
    }
    let mut against = Vec::with_capacity(draft.against.len());
    for source in &draft.against {
        against.push(speaking(known, document, source)?);
    }
    let condition = draft.condition.map(|passage| found(document, &passage, "condition"));
    let words = content.iter().map(Selector::exact).collect::<Vec<_>>().join(" … ");
    let claim = match &draft.claim.words {
        Some(own) => own.clone(),
        None => Text::new(&words)?,
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
        translated_from: draft.translated_from,
        claim: draft.claim.with_words(claim),
        found_by: draft.found_by,
        replaces: draft.replaces,
    })
}

fn referenced<K: Known>(
    known: &K,
    reference: &DocumentReference,
    confidential: bool,
) -> Decided<Arc<KnownDocument>, K> {
    let text = match reference {
        DocumentReference::Number(number) => {
            return numbered(known, DocumentId::at(Sequence::new(*number)?));
        }
        DocumentReference::Text(text) => text,
    };
    let digits = match Reference::of(text)? {
        Reference::Number(number) => return numbered(known, DocumentId::at(number)),
        Reference::Bare(number) => {
            let digits = digits(text);
            if digits.is_none() || ask(known.document(DocumentId::at(number)))?.is_some() {
                return numbered(known, DocumentId::at(number));
            }
            digits
        }
        Reference::Digits(digits) => Some(digits),
        Reference::Text(_) => None,
    };
    let mut candidates = match digits {
        Some(digits) => ask(known.documents_by_hash(&digits))?,
        None => ask(known.documents_at(text))?,
    };
    if !confidential {
        // A document referred to by its address or hash is looked up only among visible ones.
        let mut open = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            open.extend(ask(known.open_capture(candidate))?.map(|_| candidate));
        }
        candidates = open;
    }
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
        capacity: draft.capacity.map(|draft| capacity(known, document, draft)).transpose()?,
        content: pieces(document, &draft.content, "content of a hop")?,
    })
}

fn capacity<K: Known>(
    known: &K,
    document: &KnownDocument,
    draft: DraftCapacity,
) -> Decided<Capacity, K> {
    let mut speaks_for = Vec::with_capacity(draft.speaks_for.len());
    for principal in &draft.speaks_for {
        speaks_for.push(speaking(known, document, principal)?);
    }
    Ok(Capacity::new(draft.words, speaks_for)?)
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

/// Checks a finished selector against its document.
fn stands(document: &KnownDocument, selector: &Selector) -> Result<(), Refusal> {
    found(document, &passage_of(selector.text()), "content")?;
    if selector.stands_in(&document.body) || selector.text().zone() == Zone::Title {
        Ok(())
    } else {
        Err(Refusal::OtherPage(selector.exact().chars().take(60).collect()))
    }
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
