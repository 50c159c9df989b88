//! Answers questions: which sources assert what about something, and lists by source, topic and
//! time.
//!
//! Knows how terms combine to an answer, and what is left out of it. Must not know how an answer is
//! displayed. No question reads more rows than it returns.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::graph::{Merges, spokespeople};
use super::withheld::Withheld;
use super::{
    Clock, Fingerprint, Mark, Snapshot, Term, ViewError, day_term, lookup, sequence_key,
    sequence_of, words,
};
use crate::answers::posting::{intersect, subtract, union};
use crate::domain::claim::{Capacity, ClaimAsserted, Hop, OneOrMore, Resolution, Role};
use crate::domain::document::DocumentCaptured;
use crate::domain::id::{AssertionId, DocumentId, Sequence, Slug, SourceId, TopicId};
use crate::domain::moment::Timestamp;
use crate::domain::resolve::Sources;
use crate::domain::selector::Selector;
use crate::domain::source::SourceNamed;
use crate::record::event::{Body, Event, Kind, Recorder, Target};

/// The audience of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Audience {
    /// Anyone: confidential events, and everything that names a confidential source or document,
    /// are left out, also from counts.
    #[default]
    Anyone,
    /// People who may see confidential data.
    Confidants,
}

/// The conditions of a question. All that are given must hold.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// Words, each of which must match the words of an assertion, its subject, its topic, or the
    /// name of a source in its chain.
    pub text: String,
    /// A source in the hops, or one that is the same or speaks for it.
    pub source: Option<SourceId>,
    /// An outlet that published or republished the document.
    pub publisher: Option<SourceId>,
    /// The topic that the claim is about.
    pub about: Option<TopicId>,
    /// A topic that was assigned later.
    pub topic: Option<TopicId>,
    /// The document.
    pub document: Option<DocumentId>,
    /// On or after this day, by this clock.
    pub since: Option<(Clock, NaiveDate)>,
    /// Only assertions made by a program that nobody has checked.
    pub unchecked: bool,
}

/// An assertion with later statements about it.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// Its number.
    pub id: AssertionId,
    /// When it was recorded.
    pub at: Timestamp,
    /// The recorder.
    pub by: Recorder,
    /// Whether it was recorded as confidential.
    pub confidential: bool,
    /// The recorded claim.
    pub asserted: ClaimAsserted,
    /// Checks, voidings, retractions, relations, notes and reviews since, oldest first.
    pub later: Vec<(Sequence, Event)>,
}

impl Assertion {
    /// Whether a program made it and nobody has checked it.
    pub fn unchecked(&self) -> bool {
        let checked = |event: &Event| matches!(event.body, Body::AssertionChecked(_));
        self.asserted.machine_made() && !self.later.iter().any(|(_, event)| checked(event))
    }

    /// Whether it was voided because it was recorded wrongly.
    pub fn voided(&self) -> bool {
        self.later.iter().any(|(_, event)| matches!(event.body, Body::AssertionVoided(_)))
    }
}

/// A document with its metadata at that time.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its number.
    pub id: DocumentId,
    /// When it was recorded.
    pub at: Timestamp,
    /// Whether it was recorded as confidential.
    pub confidential: bool,
    /// Its capture, with the metadata as last corrected.
    pub captured: DocumentCaptured,
}

/// A source as last named; an unnamed one has only its slug.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its slug.
    pub id: SourceId,
    /// Its naming, if it has one.
    pub naming: Option<super::Naming>,
    /// The source it was merged into.
    pub merged_into: Option<SourceId>,
    /// The number of assertions with it in their chain.
    pub assertions: usize,
}

/// The sequences that answer a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    /// The answer is as of before this entry.
    pub before: Sequence,
    /// All matches, ascending.
    pub all: Vec<Sequence>,
}

impl Numbers {
    /// The newest `most`, ascending.
    pub fn newest(&self, most: usize) -> &[Sequence] {
        &self.all[self.all.len().saturating_sub(most)..]
    }
}

/// Queries one snapshot, with withheld data and merges looked up once.
pub struct Inquiry<'a> {
    snapshot: &'a Snapshot,
    before: Sequence,
    merges: Merges,
    withheld: Withheld,
    /// Withdrawn events, each with the first event that withdrew it.
    withdrawn: BTreeMap<Sequence, Sequence>,
    /// Voided assertions, looked up on first use.
    voided: OnceCell<Vec<Sequence>>,
}

impl<'a> Inquiry<'a> {
    /// An inquiry into the ledger as it was before `before`, or as it is now.
    pub fn new(
        snapshot: &'a Snapshot,
        before: Option<Sequence>,
        audience: Audience,
    ) -> Result<Self, ViewError> {
        let end = snapshot.cursor().next;
        let before = before.map_or(end, |before| before.min(end));
        let withheld = match audience {
            Audience::Anyone => Withheld::from(snapshot)?,
            Audience::Confidants => Withheld::default(),
        };
        let merges = Merges::by(snapshot, |at| at < before && !withheld.event(at))?;
        let mut withdrawn = BTreeMap::new();
        for (event, by, _) in snapshot.marks_of(Mark::Withdrawn)? {
            if let Some(event) = sequence_of(&event) {
                withdrawn.entry(event).or_insert(by);
            }
        }
        let voided = OnceCell::new();
        Ok(Self { snapshot, before, merges, withheld, withdrawn, voided })
    }

    /// The entry before which the answers hold.
    pub const fn before(&self) -> Sequence {
        self.before
    }

    /// Which sources are the same.
    pub const fn merges(&self) -> &Merges {
        &self.merges
    }

    /// What this audience may not see.
    pub const fn withheld(&self) -> &Withheld {
        &self.withheld
    }

    /// Whether an entry was recorded before that moment and is visible.
    fn counts(&self, at: Sequence) -> bool {
        at < self.before && !self.withheld.event(at)
    }

    /// Whether an entry counts and was not withdrawn by another one that counts.
    fn holds(&self, at: Sequence) -> bool {
        self.counts(at) && !self.withdrawn.get(&at).is_some_and(|by| self.counts(*by))
    }

    /// The assertions that answer a question.
    pub fn assertions(&self, question: &Question) -> Result<Numbers, ViewError> {
        let mut all: Option<Vec<Sequence>> = None;
        let mut narrow = |list: Vec<Sequence>| match &mut all {
            None => all = Some(list),
            Some(all) => intersect(all, &list),
        };
        for word in words(&question.text) {
            narrow(self.with_word(&word)?);
        }
        if let Some(source) = &question.source {
            narrow(self.by_source(source)?);
        }
        if let Some(publisher) = &question.publisher {
            narrow(self.with_parts(Term::Outlet, publisher)?);
        }
        if let Some(about) = &question.about {
            narrow(self.snapshot.list(Term::About, about.slug().as_str().as_bytes())?);
        }
        if let Some(topic) = &question.topic {
            narrow(self.under_topic(topic)?);
        }
        if let Some(document) = question.document {
            narrow(self.snapshot.list(Term::Document, &sequence_key(document.sequence()))?);
        }
        if let Some((clock, day)) = question.since {
            // The publication and retrieval days of an assertion are those of its document.
            let term = match clock {
                Clock::Published | Clock::Retrieved => Term::DocumentDay,
                Clock::Holds | Clock::Said => Term::Day,
            };
            let high = super::term_key(term, &day_term(clock, NaiveDate::MAX), u64::MAX);
            let low = super::term_key(term, &day_term(clock, day), 0);
            narrow(self.snapshot.lists_between(&low, &high)?);
        }
        if question.unchecked {
            let mut unchecked = self.snapshot.list(Term::MachineMade, b"")?;
            subtract(&mut unchecked, &self.marked(Mark::Checked)?);
            narrow(unchecked);
        }
        // All conditions list only assertions, so the results need not be intersected with the list
        // of all assertions, which grows with the ledger.
        let mut all = match all {
            None => self.snapshot.of_kind(Kind::ClaimAsserted)?,
            Some(all) => all,
        };
        all.truncate(all.partition_point(|seq| *seq < self.before));
        subtract(&mut all, self.voided()?);
        subtract(&mut all, self.withheld.events());
        Ok(Numbers { before: self.before, all })
    }

    /// What has a mark of this kind, ascending.
    fn marked(&self, mark: Mark) -> Result<Vec<Sequence>, ViewError> {
        let marks = self.snapshot.marks_of(mark)?;
        let mut marked: Vec<Sequence> = marks
            .into_iter()
            .filter(|(_, at, _)| self.holds(*at))
            .filter_map(|(what, _, _)| sequence_of(&what))
            .collect();
        marked.sort_unstable();
        marked.dedup();
        Ok(marked)
    }

    fn voided(&self) -> Result<&[Sequence], ViewError> {
        if self.voided.get().is_none() {
            let voided = self.marked(Mark::Voided)?;
            return Ok(self.voided.get_or_init(|| voided));
        }
        Ok(self.voided.get().map_or(&[], Vec::as_slice))
    }

    fn with_word(&self, word: &str) -> Result<Vec<Sequence>, ViewError> {
        let mut found = self.snapshot.list(Term::Word, word.as_bytes())?;
        found = union(found, self.snapshot.list(Term::TitleWord, word.as_bytes())?);
        for slug in self.snapshot.sources_with_word(word)? {
            let Ok(slug) = Slug::new(&slug) else { continue };
            let source = SourceId::Named(slug);
            for term in [Term::Source, Term::Against, Term::Outlet] {
                found = union(found, self.with_parts(term, &source)?);
            }
        }
        let mut topics: Vec<Vec<u8>> = Vec::new();
        for (_, topic) in self.snapshot.marks(Mark::TopicWord, word.as_bytes())? {
            if !topics.contains(&topic) {
                topics.push(topic);
            }
        }
        for topic in topics {
            if let Ok(slug) = String::from_utf8_lossy(&topic).parse() {
                found = union(found, self.under_topic(&TopicId::new(slug))?);
            }
        }
        Ok(found)
    }

    fn with_parts(&self, term: Term, source: &SourceId) -> Result<Vec<Sequence>, ViewError> {
        let mut found = Vec::new();
        for part in self.merges.parts(source) {
            found = union(found, self.snapshot.list(term, part.to_string().as_bytes())?);
        }
        Ok(found)
    }

    fn by_source(&self, source: &SourceId) -> Result<Vec<Sequence>, ViewError> {
        let mut through = Vec::new();
        for speaker in spokespeople(self.snapshot, source, self.before)? {
            let mut said = self.with_parts(Term::Source, &speaker.source)?;
            if speaker.at_times {
                self.keep_said_for(source, &mut said)?;
            }
            through = union(through, said);
        }
        // If the document states the principals, nothing else counts.
        if !through.is_empty() {
            subtract(&mut through, &self.snapshot.list(Term::Capacity, b"")?);
        }
        let stated = self.with_parts(Term::SpokenFor, source)?;
        let own = self.with_parts(Term::Source, source)?;
        Ok(union(union(own, stated), through))
    }

    /// Keeps the assertions whose speakers spoke for a source on that day.
    fn keep_said_for(&self, source: &SourceId, said: &mut Vec<Sequence>) -> Result<(), ViewError> {
        let parts = self.merges.parts(source);
        let mut kept = Vec::new();
        for seq in said.drain(..) {
            let Some(Event { body: Body::ClaimAsserted(asserted), .. }) =
                self.snapshot.event(seq)?
            else {
                continue;
            };
            for hop in &asserted.hops {
                if self.principals(&asserted, hop)?.iter().any(|one| parts.contains(one)) {
                    kept.push(seq);
                    break;
                }
            }
        }
        *said = kept;
        Ok(())
    }

    /// The assertions under a topic.
    fn under_topic(&self, topic: &TopicId) -> Result<Vec<Sequence>, ViewError> {
        let mut found = Vec::new();
        for (at, _) in self.snapshot.marks(Mark::Topic, topic.slug().as_str().as_bytes())? {
            if !self.holds(at) {
                continue;
            }
            let Some(Event { body: Body::TopicAssigned(assigned), .. }) =
                self.snapshot.event(at)?
            else {
                continue;
            };
            for target in assigned.targets.as_slice() {
                let list = match target {
                    Target::Assertion(assertion) => vec![assertion.sequence()],
                    Target::Event(event) => self.if_asserted(event.sequence())?,
                    Target::Document(document) => {
                        self.snapshot.list(Term::Document, &sequence_key(document.sequence()))?
                    }
                    Target::Source(source) => self.by_source(source)?,
                };
                found = union(found, list);
            }
        }
        Ok(found)
    }

    /// The sequence if its event is an assertion, else none.
    fn if_asserted(&self, seq: Sequence) -> Result<Vec<Sequence>, ViewError> {
        let event = self.snapshot.event(seq)?;
        let asserted = event.filter(|event| matches!(event.body, Body::ClaimAsserted(_)));
        Ok(asserted.map(|_| seq).into_iter().collect())
    }

    /// One assertion with later statements about it; none if the sequence is not an assertion.
    pub fn assertion(&self, seq: Sequence) -> Result<Option<Assertion>, ViewError> {
        let Some(row) = self.snapshot.row(seq)? else { return Ok(None) };
        let Some(Ok(Event { by, confidential, body: Body::ClaimAsserted(asserted), .. })) =
            row.event()
        else {
            return Ok(None);
        };
        if self.withheld.hides(seq, confidential) {
            return Ok(None);
        }
        let later = self.later(&sequence_key(seq))?;
        let id = AssertionId::at(seq);
        Ok(Some(Assertion { id, at: row.at, by, confidential, asserted, later }))
    }

    /// The later statements about something, oldest first, that this audience may see.
    pub fn later(&self, what: &[u8]) -> Result<Vec<(Sequence, Event)>, ViewError> {
        const KINDS: [Mark; 8] = [
            Mark::Checked,
            Mark::Voided,
            Mark::Retracted,
            Mark::Related,
            Mark::Noted,
            Mark::Reviewed,
            Mark::Corrected,
            Mark::Disclosed,
        ];
        let mut later = Vec::new();
        for mark in KINDS {
            for (at, _) in self.snapshot.marks(mark, what)? {
                let event = if self.holds(at) { self.snapshot.event(at)? } else { None };
                let event = event.filter(|event| !self.withheld.hides(at, event.confidential));
                later.extend(event.map(|event| (at, event)));
            }
        }
        later.sort_by_key(|(at, _)| *at);
        Ok(later)
    }

    /// The later statements about an entry.
    pub fn later_of(&self, seq: Sequence) -> Result<Vec<(Sequence, Event)>, ViewError> {
        self.later(&sequence_key(seq))
    }

    /// One document; none if the sequence is not a capture.
    pub fn document(&self, id: DocumentId) -> Result<Option<Document>, ViewError> {
        let Some(row) = self.snapshot.row(id.sequence())? else { return Ok(None) };
        let Some(Ok(Event { confidential, body: Body::DocumentCaptured(mut captured), .. })) =
            row.event()
        else {
            return Ok(None);
        };
        if self.withheld.hides(id.sequence(), confidential) {
            return Ok(None);
        }
        if let Some(metadata) = self.snapshot.metadata(id, |at| self.counts(at))? {
            captured.metadata = metadata;
        }
        Ok(Some(Document { id, at: row.at, confidential, captured }))
    }

    /// The documents of a publisher, published on or after a day, ascending.
    pub fn documents(
        &self,
        publisher: Option<&SourceId>,
        since: Option<(Clock, NaiveDate)>,
    ) -> Result<Numbers, ViewError> {
        let mut all = self.snapshot.of_kind(Kind::DocumentCaptured)?;
        if let Some(publisher) = publisher {
            intersect(&mut all, &self.with_parts(Term::Publisher, publisher)?);
        }
        if let Some((clock, day)) = since {
            let high = super::term_key(Term::Day, &day_term(clock, NaiveDate::MAX), u64::MAX);
            let low = super::term_key(Term::Day, &day_term(clock, day), 0);
            intersect(&mut all, &self.snapshot.lists_between(&low, &high)?);
        }
        all.truncate(all.partition_point(|seq| *seq < self.before));
        subtract(&mut all, self.withheld.events());
        Ok(Numbers { before: self.before, all })
    }

    /// The naming of a source in force, if there is one. The cost does not depend on the number of
    /// its assertions.
    pub fn naming(&self, id: &SourceId) -> Result<Option<super::Naming>, ViewError> {
        let SourceId::Named(slug) = id else { return Ok(None) };
        let naming = self.snapshot.naming(slug, self.before)?;
        Ok(naming.filter(|one| !self.withheld.hides(one.at, one.confidential)))
    }

    /// One source; none if it was never named, and for an unnamed one, if it is not used.
    pub fn source(&self, id: &SourceId) -> Result<Option<Source>, ViewError> {
        let naming = self.naming(id)?;
        let mut numbers = self.snapshot.list(Term::Source, id.to_string().as_bytes())?;
        numbers.retain(|seq| *seq < self.before);
        subtract(&mut numbers, self.voided()?);
        // An unnamed source that occurs only in withheld data does not exist for this audience.
        subtract(&mut numbers, self.withheld.events());
        if naming.is_none() && numbers.is_empty() {
            return Ok(None);
        }
        let whole = self.merges.whole(id);
        let merged_into = (whole != *id).then_some(whole);
        Ok(Some(Source { id: id.clone(), naming, merged_into, assertions: numbers.len() }))
    }

    /// The words that a document uses for an unnamed source: from its description, or else from the
    /// first mention of it alone that needs no resolution.
    pub fn words_for(&self, source: &SourceId) -> Result<Option<String>, ViewError> {
        let SourceId::Unnamed { slug, .. } = source else { return Ok(None) };
        if let Some(described) = self.snapshot.description(source, |at| self.counts(at))? {
            return Ok(Some(described.name.to_string()));
        }
        let numbers = self.snapshot.list(Term::Source, source.to_string().as_bytes())?;
        for at in numbers.into_iter().filter(|at| self.counts(*at)).take(MOST_MENTIONS) {
            let Some(Event { body: Body::ClaimAsserted(asserted), .. }) =
                self.snapshot.event(at)?
            else {
                continue;
            };
            let words = asserted.hops.iter().find_map(|hop| mentioned(hop, source, slug));
            if words.is_some() {
                return Ok(words);
            }
        }
        Ok(None)
    }

    /// The principals of a hop's speakers: as stated by the document, or else as known for the
    /// day on which it was said or, without that, published.
    pub fn principals(
        &self,
        asserted: &ClaimAsserted,
        hop: &Hop,
    ) -> Result<Vec<SourceId>, ViewError> {
        let stated = hop.capacity.as_ref().map_or(&[][..], Capacity::speaks_for);
        if !stated.is_empty() {
            return Ok(stated.to_vec());
        }
        let document = self.snapshot.metadata(asserted.document, |at| self.counts(at))?;
        let published = document.and_then(|metadata| metadata.published);
        let day = asserted.said.or(published).map(|moment| moment.at.first_day());
        let mut principals = Vec::new();
        for source in hop.sources.as_slice() {
            let known = match source {
                SourceId::Named(slug) => {
                    let naming = self.snapshot.naming(slug, self.before)?;
                    naming.map(|naming| naming.named.speaks_for)
                }
                SourceId::Unnamed { .. } => {
                    let described = self.snapshot.description(source, |at| self.counts(at))?;
                    described.map(|described| described.speaks_for)
                }
            };
            let then = known.unwrap_or_default().into_iter().filter(|principal| principal.on(day));
            principals.extend(then.map(|principal| principal.source));
        }
        principals.dedup();
        Ok(principals)
    }

    /// Every source that was named or has spoken, ordered by slug.
    pub fn sources(&self) -> Result<Vec<Source>, ViewError> {
        let mut ids: BTreeSet<SourceId> = BTreeSet::new();
        for (slug, at, _) in self.snapshot.marks_of(Mark::Named)? {
            if at < self.before
                && let Ok(slug) = String::from_utf8_lossy(&slug).parse()
            {
                ids.insert(SourceId::Named(slug));
            }
        }
        ids.extend(self.snapshot.values_of(Term::Source)?.iter().filter_map(|id| id.parse().ok()));
        let mut sources = Vec::new();
        for id in ids {
            if !self.withheld.source(&id) {
                sources.extend(self.source(&id)?);
            }
        }
        Ok(sources)
    }

    /// The topics assigned so far, each with the number of assertions under it.
    pub fn topics(&self) -> Result<BTreeMap<TopicId, usize>, ViewError> {
        let mut topics = BTreeMap::new();
        for (slug, at, _) in self.snapshot.marks_of(Mark::Topic)? {
            let known = self.holds(at);
            let Ok(slug) = String::from_utf8_lossy(&slug).parse() else { continue };
            if known {
                let topic = TopicId::new(slug);
                let mut under = self.under_topic(&topic)?;
                subtract(&mut under, self.withheld.events());
                topics.insert(topic, under.len());
            }
        }
        Ok(topics)
    }

    /// Other assertions of the same claim, ascending.
    pub fn same_claim(&self, assertion: &Assertion) -> Result<Vec<Sequence>, ViewError> {
        let hash = assertion.asserted.claim.hash();
        let mut same = self.snapshot.with_fingerprint(Fingerprint::Claim, hash.as_bytes())?;
        same.retain(|seq| *seq < self.before && *seq != assertion.id.sequence());
        subtract(&mut same, self.voided()?);
        subtract(&mut same, self.withheld.events());
        Ok(same)
    }

    /// Entries whose hash begins with these hexadecimal digits, at most `most`.
    pub fn entries_by_hash(&self, prefix: &str, most: usize) -> Result<Vec<Sequence>, ViewError> {
        let found = self.snapshot.entries_with_prefix(prefix, most)?;
        Ok(found.into_iter().filter(|seq| *seq < self.before).collect())
    }

    /// The first entry recorded after an instant: the ledger at that instant is what precedes it.
    pub fn first_after(snapshot: &Snapshot, instant: Timestamp) -> Result<Sequence, ViewError> {
        let (mut low, mut high) = (0, snapshot.cursor().next.get());
        while low < high {
            let middle = low + (high - low) / 2;
            let at = Sequence::new(middle).ok().map(|seq| snapshot.row(seq)).transpose()?.flatten();
            if at.is_none_or(|row| row.at > instant) { high = middle } else { low = middle + 1 }
        }
        Sequence::new(low).map_err(|error| ViewError::Damaged(error.to_string()))
    }
}

/// The most assertions searched for the words that a document uses for an unnamed source.
const MOST_MENTIONS: usize = 16;

/// The words of a hop's first mention of a source, if it is alone there and is named by them, or if
/// its slug was made from them.
fn mentioned(hop: &Hop, source: &SourceId, slug: &Slug) -> Option<String> {
    if !hop.sources.as_slice().contains(source) {
        return None;
    }
    let words = || hop.mention.iter().map(Selector::exact).map(clean);
    let folded = |words: &String| Slug::from_name(words).as_ref() == Ok(slug);
    let alone = hop.sources.as_slice().len() == 1 && hop.resolution == Resolution::Explicit;
    words().find(folded).or_else(|| words().next().filter(|_| alone))
}

/// Words on a single line.
fn clean(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The sources that this audience may see, as of the time asked about.
impl Sources for Inquiry<'_> {
    type Error = ViewError;

    fn named(&self, slug: &Slug) -> Result<Option<SourceNamed>, ViewError> {
        if self.withheld.source(&SourceId::Named(slug.clone())) {
            return Ok(None);
        }
        Ok(self.snapshot.naming(slug, self.before)?.map(|naming| naming.named))
    }

    fn with_name(&self, folded: &Slug) -> Result<Vec<Slug>, ViewError> {
        lookup::sources_with_name(self.snapshot, folded)
    }

    fn with_words(&self, text: &str) -> Result<Vec<Slug>, ViewError> {
        lookup::sources_with_words(self.snapshot, text)
    }

    fn whole(&self, source: &SourceId) -> Result<SourceId, ViewError> {
        Ok(self.merges.whole(source))
    }

    fn is_taken(&self, slug: &Slug) -> Result<bool, ViewError> {
        let end = self.snapshot.cursor().next;
        Ok(self.snapshot.naming(slug, end)?.is_some())
    }
}

/// The speakers of an assertion: the sources of its first hop that speaks. A source that a claim is
/// only based on does not speak: an estimate derived from a report belongs to the person who made
/// it, not to the report.
pub fn origin(asserted: &ClaimAsserted) -> &[SourceId] {
    let speaks = |hop: &&Hop| hop.role != Role::BasedOn;
    let first = asserted.hops.iter().find(speaks).or(asserted.hops.first());
    first.map(|hop| &hop.sources).map_or(&[], OneOrMore::as_slice)
}
