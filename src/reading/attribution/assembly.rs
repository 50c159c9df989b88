//! Turns the grammar's choices into proposals: spans of the text, chains, and how the words are
//! reported.
//!
//! Knows the modules that read each part of a proposal. Must not know the grammar.

use std::ops::Range;

use chrono::NaiveDate;

use super::bound::{self, Bounds, MOST_HOPS, MOST_SPEAKERS, MOST_WEIGHT, ProposalBound};
use super::candidate::{Candidate, Rule};
use super::chain::Chains;
use super::choice::Choice;
use super::entities::Entities;
use super::manner::{self, Manner};
use super::mention;
use super::own_voice::{self, Statement};
use super::particulars::{self, ZoneFigures};
use super::proposal::{Link, Proposal, Span, Speaker};
use super::speaker::Speakers;
use super::tree::{Tree, WordRange};
use crate::domain::claim::{Act, Confidence, Form, Framing, Polarity, Role, Voice};
use crate::domain::id::Name;
use crate::domain::selector::Zone;
use crate::reading::syntax::Tag;

/// One zone of an article, with what is known about the whole article.
pub(super) struct ZoneReading<'a> {
    pub(super) tree: &'a Tree<'a>,
    pub(super) zone: Zone,
    pub(super) cast: &'a Entities<'a>,
    /// The tree from which the entities were read: the body's.
    pub(super) cast_tree: &'a Tree<'a>,
    pub(super) published: Option<NaiveDate>,
    pub(super) publisher: Option<&'a str>,
    /// In bytes of the zone.
    pub(super) skip: &'a [Range<usize>],
}

impl ZoneReading<'_> {
    pub(super) fn span(&self, words: &WordRange) -> Span {
        let (start, end) = self.tree.points(words);
        Span { zone: self.zone, start, end }
    }
}

/// The proposals of one zone, in the order of the text, within the limits.
pub(super) fn proposals(
    reading: &ZoneReading<'_>,
    mut choices: Vec<Choice>,
    bounds: &mut Bounds,
) -> Vec<Proposal> {
    choices.retain(|choice| !is_link(choice) && !is_skipped(reading, &choice.candidate));
    for choice in &mut choices {
        mend(reading.tree, &mut choice.candidate);
    }
    let numbers = ZoneFigures::of(reading.tree, reading.published);
    let mut speakers = Speakers::new(reading.tree, reading.zone, reading.cast, reading.cast_tree);
    let publisher = reading.publisher.map(|name| {
        let name = name.to_lowercase();
        name.strip_prefix("the ").map_or(name.clone(), str::to_owned)
    });
    let chains = Chains { tree: reading.tree, zone: reading.zone, choices: &choices, publisher };
    let links = chains.links(&mut speakers);
    if let Some(cut) = links.cut {
        bounds.meet(ProposalBound::Document, reading.span(&choices[cut].candidate.content[0]));
    }
    let maker = Maker { reading, numbers: &numbers, speakers: &speakers };
    let attributed = choices.iter().enumerate().flat_map(|(at, choice)| {
        let whole = maker.proposal(choice, chains.chain(at, &links));
        let parts = whole.as_ref().map(|whole| maker.parts(choice, whole));
        whole.into_iter().chain(parts.into_iter().flatten())
    });
    let own = || if reading.zone == Zone::Body { maker.own(&choices) } else { Vec::new() };
    // Evaluated only when reached, so that attributed words come first.
    let own = std::iter::once_with(own).flatten();
    let mut made = Made { proposals: Vec::new(), left: MOST_WEIGHT, bounds };
    for proposal in attributed.chain(own) {
        if !made.takes(proposal) {
            break;
        }
    }
    let mut made = made.proposals;
    if reading.zone == Zone::Body {
        made.sort_by_key(|proposal| proposal.content[0].start);
    }
    made
}

/// The proposals so far, and how many more are allowed.
struct Made<'b> {
    proposals: Vec<Proposal>,
    left: usize,
    bounds: &'b mut Bounds,
}

impl Made<'_> {
    /// Adds a proposal, cut to the limits. If it would exceed the document's limit, it is not added
    /// and the result is false.
    fn takes(&mut self, mut proposal: Proposal) -> bool {
        let at = proposal.content[0];
        if proposal.hops.len() > MOST_HOPS {
            proposal.hops.truncate(MOST_HOPS);
            self.bounds.meet(ProposalBound::Hops, at);
        }
        let together = proposal.hops.iter_mut().map(|hop| &mut hop.speakers);
        for speakers in together.chain([&mut proposal.against]) {
            if speakers.len() > MOST_SPEAKERS {
                speakers.truncate(MOST_SPEAKERS);
                self.bounds.meet(ProposalBound::Speakers, at);
            }
        }
        let Some(left) = self.left.checked_sub(bound::weight(&proposal)) else {
            self.bounds.meet(ProposalBound::Document, at);
            return false;
        };
        self.left = left;
        self.proposals.push(proposal);
        true
    }
}

/// A single candidate without chain and particulars, as counted on annotated text.
pub(super) fn bare(tree: &Tree<'_>, candidate: Candidate) -> Proposal {
    let span = |words: &WordRange| {
        let (start, end) = tree.points(words);
        Span { zone: Zone::Body, start, end }
    };
    let manner = manner::manner(tree, &candidate, None);
    Proposal {
        content: candidate.content.iter().map(span).collect(),
        cue: vec![span(&candidate.cue)],
        ..empty(manner, candidate.rule.name(), candidate.key, false)
    }
}

/// A proposal without words.
fn empty(manner: Manner, rule: &'static str, key: String, is_nested: bool) -> Proposal {
    let Manner { voice, form, framing, polarity, act } = manner;
    Proposal {
        content: Vec::new(),
        hops: Vec::new(),
        cue: Vec::new(),
        voice,
        form,
        framing,
        polarity,
        act,
        against: Vec::new(),
        condition: None,
        said: None,
        quantities: Vec::new(),
        place: None,
        holds: None,
        is_nested,
        rule,
        key,
        confidence: Confidence::NONE,
    }
}

/// "quoting police" is a link in the attribution beside it, and not an attribution of its own.
fn is_link(choice: &Choice) -> bool {
    let candidate = &choice.candidate;
    let key = candidate.key.split(' ').next().unwrap_or_default();
    matches!(key, "quote" | "cite")
        && candidate.content.iter().all(|words| words.len() < 8)
        && candidate.rule != Rule::Quotation
}

/// Completes the name of a source, or finds the source before its verb; removes from a content the
/// day before it and other statements by its speaker.
fn mend(tree: &Tree<'_>, candidate: &mut Candidate) {
    if candidate.source.as_ref().is_some_and(|words| mention::is_date(tree, words))
        || candidate.source.is_none() && is_active(tree, candidate)
    {
        candidate.source = mention::before_verb(tree, &candidate.cue);
    }
    if let Some(other) = candidate.source.as_ref().and_then(|it| actor(tree, it, &candidate.cue)) {
        candidate.source = Some(other);
    }
    if let Some(words) = &mut candidate.source {
        *words = mention::whole(tree, words, &candidate.cue);
    }
    if candidate.content.len() > 1 {
        candidate.content.retain(|words| !begins_link(tree, words));
    }
    let is_phrase = matches!(candidate.rule, Rule::Object | Rule::Preposition);
    let [words] = candidate.content.as_mut_slice() else { return };
    while words.len() > 1 && mention::is_weekday(tree.word(words.start)) {
        words.start += 1;
    }
    let adds = |at: &usize| {
        tree.tag(*at) == Tag::Comma && tree.tag(*at + 1) == Tag::VBG && tree.is_speech(*at + 1)
    };
    if is_phrase && let Some(comma) = (words.start + 1..words.end - 1).find(adds) {
        words.end = comma;
    }
}

/// ", quoting police": a part of the sentence that adds a link and is not part of what was said.
fn begins_link(tree: &Tree<'_>, words: &WordRange) -> bool {
    let first = words.clone().find(|at| !tree.is_punctuation(*at));
    first.is_some_and(|first| matches!(tree.word(first), "quoting" | "citing"))
}

/// "S wrote to T saying that C": the speaker is the subject of the preceding verb, not T.
fn actor(tree: &Tree<'_>, source: &WordRange, cue: &WordRange) -> Option<WordRange> {
    let is_addressed = tree.tag(cue.end - 1) == Tag::VBG
        && source.start < cue.start
        && (source.start.saturating_sub(1)..=source.start).any(|at| tree.word(at) == "to");
    if !is_addressed {
        return None;
    }
    let sentence = tree.sentence(cue.start);
    let verb = (sentence.start..source.start)
        .rev()
        .find(|at| matches!(tree.tag(*at), Tag::VBD | Tag::VBZ | Tag::VBP | Tag::VBN))?;
    mention::before_verb(tree, &(verb..verb + 1))
}

/// Whether the subject of the cue's verb precedes it.
fn is_active(tree: &Tree<'_>, candidate: &Candidate) -> bool {
    matches!(
        candidate.rule,
        Rule::That
            | Rule::Clause
            | Rule::PlainThat
            | Rule::Plain
            | Rule::Object
            | Rule::Urged
            | Rule::Question
    ) && tree.is_verb(candidate.at)
        && tree.tag(candidate.at) != Tag::VBG
        && !(candidate.cue.start..candidate.at).any(|at| tree.verb(at) == "be")
}

fn is_skipped(reading: &ZoneReading<'_>, candidate: &Candidate) -> bool {
    let tree = reading.tree;
    !reading.skip.is_empty()
        && [&candidate.content[0], &candidate.cue]
            .into_iter()
            .any(|words| is_in(reading.skip, tree.words[words.start].start as usize))
}

/// Whether a byte lies in one of the ranges, which are in order.
fn is_in(stretches: &[Range<usize>], byte: usize) -> bool {
    let next = stretches.partition_point(|stretch| stretch.end <= byte);
    stretches.get(next).is_some_and(|stretch| stretch.start <= byte)
}

/// The words of a content as a reader would copy them: a full quotation without its marks, and for
/// a refusal to comment, the words for declining.
fn shown(tree: &Tree<'_>, candidate: &Candidate, polarity: Polarity) -> Vec<WordRange> {
    let declines = polarity == Polarity::NoComment && candidate.rule == Rule::Infinitive;
    let shown = |words: &WordRange| {
        let last = words.end - 1;
        let is_whole = words.len() > 2
            && tree.is_quotation_mark(words.start)
            && tree.is_quotation_mark(last)
            && tree.quotation(words.start) == tree.quotation(last);
        match words {
            WordRange { start, .. } if is_whole => start + 1..last,
            WordRange { end, .. } if declines => candidate.at..*end,
            words => words.clone(),
        }
    };
    candidate.content.iter().map(shown).collect()
}

/// Less than the confidence of the whole, so that two parts never count more than the whole.
fn part_of(whole: Confidence) -> Confidence {
    let percent = u16::from(whole.percent()) + u16::from(LEAST_OF_PARTS);
    u8::try_from(percent / 2).ok().and_then(|half| half.try_into().ok()).unwrap_or(whole)
}

/// A part's confidence is halfway between that of the whole and this one, in percent.
const LEAST_OF_PARTS: u8 = 25;

struct Maker<'a, 'b> {
    reading: &'a ZoneReading<'a>,
    numbers: &'b ZoneFigures,
    speakers: &'b Speakers<'a>,
}

impl Maker<'_, '_> {
    fn proposal(&self, choice: &Choice, hops: Vec<Link>) -> Option<Proposal> {
        let Choice { candidate, confidence, is_nested } = choice;
        let (tree, content) = (self.reading.tree, &candidate.content);
        let origin = hops.iter().find(|hop| hop.role != Role::BasedOn);
        let kind = origin.and_then(|hop| hop.speakers.first()).map(|it| it.kind);
        let manner = manner::manner(tree, candidate, kind);
        let is_estimate = manner::is_estimate(&candidate.key);
        let against = matches!(manner.act, Act::Accuses | Act::Condemns)
            .then(|| self.against(candidate, &hops))
            .unwrap_or_default();
        let cue = vec![self.span(&candidate.cue)];
        let is_held = hops.iter().any(|hop| hop.cue == cue);
        Some(Proposal {
            content: shown(tree, candidate, manner.polarity)
                .iter()
                .map(|it| self.span(it))
                .collect(),
            cue: if is_held { Vec::new() } else { cue },
            hops,
            against,
            condition: particulars::condition(tree, content).map(|words| self.span(&words)),
            said: self.numbers.said(tree, content, candidate.at),
            quantities: self.numbers.quantities(tree, content, manner.act, is_estimate),
            place: self.place(content),
            holds: self.numbers.holds(tree, content),
            confidence: Confidence::try_from(*confidence).ok()?,
            ..empty(manner, candidate.rule.name(), candidate.key.clone(), *is_nested)
        })
    }

    /// The targets of an accusation, other than the speaker.
    fn against(&self, candidate: &Candidate, hops: &[Link]) -> Vec<Speaker> {
        let Candidate { key, cue, content, .. } = candidate;
        let Some(words) = particulars::accused(self.reading.tree, key, cue, content) else {
            return Vec::new();
        };
        let (mut accused, _) = self.speakers.within(&words, &[]);
        let speaks =
            |name: &Name| hops.iter().flat_map(|hop| &hop.speakers).any(|it| it.name == *name);
        accused.retain(|it| it.is_named && !speaks(&it.name));
        accused
    }

    fn place(&self, content: &[WordRange]) -> Option<Name> {
        let words = particulars::place(self.reading.tree, self.reading.cast, content)?;
        Name::new(&self.reading.tree.text[self.reading.tree.bytes(&words)]).ok()
    }

    /// A proposal for each of the claims that are joined in one content.
    fn parts(&self, choice: &Choice, whole: &Proposal) -> Vec<Proposal> {
        let tree = self.reading.tree;
        let parts = particulars::conjuncts(tree, self.numbers, &choice.candidate.content);
        let parts = parts.into_iter().map(|words| {
            let content = [words];
            let candidate = Candidate { content: content.to_vec(), ..choice.candidate.clone() };
            let kind = whole.hops.first().and_then(|hop| hop.speakers.first()).map(|it| it.kind);
            let act = manner::manner(tree, &candidate, kind).act;
            let is_estimate = manner::is_estimate(&candidate.key);
            Proposal {
                content: content.iter().map(|words| self.span(words)).collect(),
                act,
                quantities: self.numbers.quantities(tree, &content, act, is_estimate),
                place: self.place(&content),
                holds: self.numbers.holds(tree, &content),
                condition: None,
                against: Vec::new(),
                is_nested: true,
                confidence: part_of(whole.confidence),
                ..whole.clone()
            }
        });
        parts.collect()
    }

    /// The statements in the outlet's own voice.
    fn own(&self, choices: &[Choice]) -> Vec<Proposal> {
        let tree = self.reading.tree;
        let mut is_taken = vec![false; tree.words.len()];
        let candidates: Vec<&Candidate> = choices.iter().map(|it| &it.candidate).collect();
        for candidate in &candidates {
            for words in candidate.content.iter().chain([&candidate.cue]) {
                is_taken[words.clone()].fill(true);
            }
        }
        for (at, word) in tree.words.iter().enumerate() {
            is_taken[at] = is_taken[at] || is_in(self.reading.skip, word.start as usize);
        }
        let found = own_voice::statements(tree, self.numbers, &candidates, &is_taken);
        found.into_iter().filter_map(|statement| self.statement(statement)).collect()
    }

    fn statement(&self, statement: Statement) -> Option<Proposal> {
        let Statement { rule, key, content, cue, voice, polarity, act, against, confidence } =
            statement;
        let tree = self.reading.tree;
        let framing = if voice == Voice::Hearsay { Framing::Distancing } else { Framing::Neutral };
        let form = manner::form(tree, &content);
        let form = if form == Form::Direct { Form::Mixed } else { form };
        let manner = Manner { voice, form, framing, polarity, act };
        let is_silent = polarity == Polarity::NoComment;
        let (against, _) =
            against.map(|words| self.speakers.within(&words, &[])).unwrap_or_default();
        Some(Proposal {
            content: content.iter().map(|words| self.span(words)).collect(),
            cue: cue.iter().map(|words| self.span(words)).collect(),
            against,
            quantities: self.numbers.quantities(tree, &content, act, false),
            place: self.place(&content).filter(|_| !is_silent),
            holds: self.numbers.holds(tree, &content),
            confidence: Confidence::try_from(confidence).ok()?,
            ..empty(manner, rule, key, false)
        })
    }

    fn span(&self, words: &WordRange) -> Span {
        self.reading.span(words)
    }
}
