//! Deciding: a draft becomes an event, or is refused with the reason.
//!
//! Pure: it asks what is known and changes nothing. Knows what makes a record sound: words that
//! stand where they are said to, sources that have a name, references that exist. Must not know how
//! events are sealed or where they are kept.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
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

    /// The sources that this one was merged into, by the merges in force, each with its merge.
    fn merged_into(&self, source: &SourceId) -> Result<Vec<(Sequence, SourceId)>, Self::Error>;

    /// The sources that this one was merged into or that were merged into it, by the merges in
    /// force.
    fn merged_with(&self, source: &SourceId) -> Result<Vec<SourceId>, Self::Error>;

    /// The documents that this one revises or derives from, as was last said.
    fn rests_on(&self, document: DocumentId) -> Result<Vec<DocumentId>, Self::Error>;

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
    /// Merged into one another in a ring.
    #[error(
        "{from} cannot be merged into {into}, since {into} was merged into {from}{}: leave this \
         out, or undo the merge{} first (`merge_undone`)",
        through(between),
        merge.map_or_else(String::new, |merge| format!(" {merge}"))
    )]
    MergeRing {
        /// The source to be merged.
        from: SourceId,
        /// Into which.
        into: SourceId,
        /// The sources between `into` and `from`.
        between: Vec<SourceId>,
        /// The merge of `into`.
        merge: Option<Sequence>,
    },
    /// A chain that comes back to a source.
    #[error(
        "{source_twice} comes in two hops of one chain{}: name each source in one hop{}",
        merged_as(source_twice, met_as),
        unless_merged(source_twice, met_as)
    )]
    ChainRound {
        /// The source, as it comes the second time.
        source_twice: SourceId,
        /// The source as which it came before: itself, or one that it is merged with.
        met_as: SourceId,
    },
    /// Documents that rest on each other in a ring.
    #[error(
        "{document} would come to rest on itself, since {on} revises or derives from it{}: \
         correct which of them came from which",
        through(between)
    )]
    DocumentRing {
        /// The document that is corrected.
        document: DocumentId,
        /// What it is said to revise or derive from.
        on: DocumentId,
        /// The documents between `on` and `document`.
        between: Vec<DocumentId>,
    },
    /// A check that checks nothing.
    #[error("nothing was checked: give an outcome for quote, speaker, chain or numbers")]
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
            leads_on(known, &asserted.hops)?;
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
    let wholes = |source: &SourceId| -> Decided<Vec<SourceId>, K> {
        Ok(ask(known.merged_into(source))?.into_iter().map(|(_, whole)| whole).collect())
    };
    let Some(between) = way(&merged.into, &merged.from, wholes)? else { return Ok(merged) };
    let SourcesMerged { from, into, .. } = merged;
    let next = between.first().unwrap_or(&from);
    let merges = ask(known.merged_into(&into))?;
    let merge = merges.iter().find(|(_, whole)| whole == next).map(|(at, _)| *at);
    Err(Refusal::MergeRing { from, into, between, merge }.into())
}

/// What stands between `from` and `to` on a way along `next`, if one leads there.
fn way<T: Ord + Clone, E>(
    from: &T,
    to: &T,
    mut next: impl FnMut(&T) -> Result<Vec<T>, E>,
) -> Result<Option<Vec<T>>, E> {
    // Each that was reached, with the one it was reached from.
    let mut reached: BTreeMap<T, Option<T>> = BTreeMap::from([(from.clone(), None)]);
    let mut waiting = vec![from.clone()];
    while let Some(here) = waiting.pop() {
        if here == *to {
            let before = |step: &T| reached.get(step).cloned().flatten();
            let back = std::iter::successors(before(&here), before);
            let mut between: Vec<T> = back.take_while(|step| step != from).collect();
            between.reverse();
            return Ok(Some(between));
        }
        for step in next(&here)? {
            if !reached.contains_key(&step) {
                reached.insert(step.clone(), Some(here.clone()));
                waiting.push(step);
            }
        }
    }
    Ok(None)
}

/// Refuses a chain in which a source comes in two hops, also as one that it is merged with.
fn leads_on<K: Known>(known: &K, hops: &[Hop]) -> Decided<(), K> {
    if hops.len() < 2 {
        return Ok(());
    }
    // By any source that a source is one with: the hop and the source that came first.
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

/// Refuses to let a document rest on itself. A capture cannot: nothing knows its number before.
fn rests<K: Known>(known: &K, document: DocumentId, metadata: &Metadata) -> Decided<(), K> {
    for reference in metadata.references() {
        let on = DocumentId::at(reference.sequence());
        if on == document {
            return Err(Refusal::Itself(document.to_string()).into());
        }
        if let Some(between) = way(&on, &document, |one| ask(known.rests_on(*one)))? {
            return Err(Refusal::DocumentRing { document, on, between }.into());
        }
    }
    Ok(())
}

/// Follows whom a source speaks for, and refuses to close a ring.
fn speaker<K: Known>(known: &K, naming: &SourceNamed) -> Decided<(), K> {
    let own = SourceId::Named(naming.slug.clone());
    let Some(first) = &naming.speaks_for else { return Ok(()) };
    if *first == own {
        return Err(Refusal::Itself(own.to_string()).into());
    }
    named(known, first)?;
    let principal = |source: &SourceId| -> Decided<Vec<SourceId>, K> {
        let SourceId::Named(slug) = source else { return Ok(Vec::new()) };
        let last = ask(known.source(slug))?;
        Ok(last.and_then(|(_, named)| named.speaks_for).into_iter().collect())
    };
    match way(first, &own, principal)? {
        None => Ok(()),
        Some(between) => {
            let last = between.last().unwrap_or(first).clone();
            Err(Refusal::Ring(own, last).into())
        }
    }
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
