//! Reads the particulars of a claim: quantities, place, time, condition, and whom it accuses.
//!
//! Knows clauses and phrases in the content, and the figures and dates of the text. Must not know
//! who said it, nor how a figure is read.

use std::ops::Range;

use chrono::{Datelike, Days, NaiveDate};

use super::entities::Entities;
use super::gazetteer::{self, PlaceKind};
use super::lexicon;
use super::mention;
use super::tree::{Tree, WordRange};
use crate::domain::claim::Act;
use crate::domain::moment::{Basis, Date, Moment, Period};
use crate::domain::quantity::{Quantity, QuantityFields};
use crate::domain::source::SourceKind;
use crate::reading::numeral::{self, Figure, FigureKind, Numerals, When};
use crate::reading::syntax::Tag;

/// The figures and dates of one zone.
pub(super) struct ZoneFigures {
    figures: Vec<Figure>,
    dates: Vec<When>,
    published: Option<NaiveDate>,
}

/// Whether a word may belong to a figure or a date.
fn counts(tree: &Tree<'_>, at: usize) -> bool {
    tree.tag(at) == Tag::CD
        || tree.word(at).starts_with(|letter: char| letter.is_ascii_digit())
        || matches!(
            tree.tag(at),
            Tag::NN | Tag::NNS | Tag::NNP | Tag::NNPS | Tag::RB | Tag::JJ | Tag::DT | Tag::PDT
        ) && lexicon::is_of_time_or_number(tree.word(at))
}

/// The largest distance in words from a cue to a date that says when something was said.
const NEAR: usize = 14;

impl ZoneFigures {
    /// Reads only the sentences that may contain figures or dates, because most contain none and
    /// reading takes long.
    pub(super) fn of(tree: &Tree<'_>, published: Option<NaiveDate>) -> Self {
        let mut all = Self { figures: Vec::new(), dates: Vec::new(), published };
        for sentence in &tree.sentences {
            if sentence.clone().any(|at| counts(tree, at)) {
                all.read(tree.text, tree.bytes(sentence));
            }
        }
        all.figures.retain(|figure| !matches!(figure.kind, FigureKind::Age | FigureKind::Multiple));
        all.figures.sort_by_key(|figure| figure.start);
        all
    }

    fn read(&mut self, text: &str, bytes: Range<usize>) {
        let from = bytes.start;
        let Numerals { figures, dates } = numeral::numerals(&text[bytes], self.published);
        self.figures.extend(figures.into_iter().map(|mut figure| {
            figure.start += from;
            figure.end += from;
            figure
        }));
        self.dates.extend(dates.into_iter().map(|mut when| {
            when.start += from;
            when.end += from;
            when
        }));
    }

    /// The figures within a byte range of the text.
    pub(super) fn figures(&self, bytes: &Range<usize>) -> &[Figure] {
        let first = self.figures.partition_point(|figure| figure.start < bytes.start);
        let rest = &self.figures[first..];
        &rest[..rest.partition_point(|figure| figure.start < bytes.end)]
    }

    fn dates(&self, bytes: &Range<usize>) -> &[When] {
        let first = self.dates.partition_point(|when| when.start < bytes.start);
        let rest = &self.dates[first..];
        &rest[..rest.partition_point(|when| when.start < bytes.end)]
    }

    /// The quantities of a content; all are estimates if the act is an estimate.
    pub(super) fn quantities(
        &self,
        tree: &Tree<'_>,
        content: &[WordRange],
        act: Act,
        is_estimate: bool,
    ) -> Vec<Quantity> {
        let found = content.iter().flat_map(|words| self.figures(&tree.bytes(words)));
        let found = found.map(|figure| figure.quantity.clone());
        if act != Act::Estimates || !is_estimate {
            return found.collect();
        }
        found.filter_map(estimated).collect()
    }

    /// The time for which the content holds: its first date.
    pub(super) fn holds(&self, tree: &Tree<'_>, content: &[WordRange]) -> Option<Period> {
        let found =
            content.iter().find_map(|words| Some((words, self.dates(&tree.bytes(words)).first()?)));
        let (words, when) = found?;
        let written = &tree.text[when.start..when.end];
        let is_weekday = mention::is_weekday(&written.to_ascii_lowercase());
        if is_weekday && words.clone().any(|at| tree.tag(at) == Tag::MD) {
            return Some(self.coming(when.period));
        }
        Some(when.period)
    }

    /// For a statement about the future, the weekday after publication.
    fn coming(&self, period: Period) -> Period {
        let day = period.days().0.filter(|day| self.published.is_some_and(|it| *day < it));
        let next = day.and_then(|day| day.checked_add_days(Days::new(7)));
        next.map_or(period, |next| Period::at(Date::Day(next), Basis::Inferred))
    }

    /// When it was said: the date closest to the cue in its sentence, outside the content.
    pub(super) fn said(
        &self,
        tree: &Tree<'_>,
        content: &[WordRange],
        cue: usize,
    ) -> Option<Moment> {
        let sentence = tree.sentence(cue);
        let start = sentence.start.max(cue.saturating_sub(NEAR));
        let end = sentence.end.min(cue + NEAR);
        let bytes = tree.bytes(&(start..end));
        let within = |at: usize| content.iter().any(|words| tree.bytes(words).contains(&at));
        let here = tree.words[cue].start as usize;
        let outside = self.dates(&bytes).iter().filter(|when| !within(when.start));
        outside.min_by_key(|when| when.start.abs_diff(here)).and_then(|when| self.moment(when))
    }

    fn moment(&self, when: &When) -> Option<Moment> {
        let (first, last) = when.period.days();
        let (first, last) = (first?, last?);
        if self.published.is_some_and(|published| first > published) {
            return None;
        }
        let at = date(first, last)?;
        let basis = if when.relative { Basis::Inferred } else { Basis::Printed };
        Some(Moment { at, basis })
    }

    /// Whether the words contain a figure or an "as of" date, for which the outlet itself is
    /// responsible.
    pub(super) fn is_measured(&self, tree: &Tree<'_>, words: &WordRange) -> bool {
        let counts = |figure: &Figure| {
            matches!(
                figure.kind,
                FigureKind::Count
                    | FigureKind::Share
                    | FigureKind::Percent
                    | FigureKind::Currency
                    | FigureKind::Dimension
            )
        };
        let bytes = tree.bytes(words);
        self.figures(&bytes).iter().any(counts)
            || self.dates(&bytes).iter().any(|when| {
                tree.text.get(..when.start).is_some_and(|before| before.ends_with("as of "))
                    || tree.text.get(when.start..when.end).is_some_and(|it| it.starts_with("as of"))
            })
    }
}

/// A period as a single date of the same precision, if it is one.
fn date(first: NaiveDate, last: NaiveDate) -> Option<Date> {
    let year = u16::try_from(first.year()).ok()?;
    let month = u8::try_from(first.month()).ok()?;
    [Date::Day(first), Date::Month(year, month), Date::Year(year)]
        .into_iter()
        .find(|date| (date.first_day(), date.last_day()) == (first, last))
}

fn estimated(quantity: Quantity) -> Option<Quantity> {
    QuantityFields { estimated: true, ..QuantityFields::from(quantity) }.try_into().ok()
}

/// The place for which the content holds: "in" a place that it names.
pub(super) fn place(
    tree: &Tree<'_>,
    cast: &Entities<'_>,
    content: &[WordRange],
) -> Option<WordRange> {
    content.iter().find_map(|words| {
        let mut at = words.start;
        while at + 1 < words.end {
            let is_in = matches!(tree.word(at), "in" | "across" | "throughout" | "inside");
            let start = at + 1 + usize::from(tree.word(at + 1) == "the" && at + 2 < words.end);
            if is_in && mention::is_name_word(tree, start) {
                let end = mention::name_end(tree, start).min(words.end);
                if is_place(tree, cast, &(start..end), words.end) {
                    return Some(start..end);
                }
            }
            at += 1;
        }
        None
    })
}

fn is_place(tree: &Tree<'_>, cast: &Entities<'_>, name: &WordRange, limit: usize) -> bool {
    let lower = tree.lower(name);
    match gazetteer::place(lower) {
        Some(PlaceKind::Adjective) => return false,
        Some(_) => return true,
        None => {}
    }
    let goes_on = name.end < limit && (tree.is_noun(name.end) || tree.tag(name.end) == Tag::POS);
    let kind = cast.find(lower).map_or(SourceKind::Unknown, |who| cast.named(who).kind);
    let is_body = name.clone().any(|at| gazetteer::body(tree.word(at)).is_some());
    let is_short = tree.text[tree.bytes(name)].chars().all(char::is_uppercase);
    kind == SourceKind::Unknown && !goes_on && !is_body && !is_short
}

/// The condition under which the content is said to hold: a clause in it.
pub(super) fn condition(tree: &Tree<'_>, content: &[WordRange]) -> Option<WordRange> {
    content.iter().find_map(|words| {
        let first = tree.trimmed(words.clone())?;
        (first.start..first.end).find_map(|at| conditional(tree, &first, at))
    })
}

fn conditional(tree: &Tree<'_>, content: &WordRange, at: usize) -> Option<WordRange> {
    let word = tree.word(at);
    let always = matches!(word, "if" | "unless" | "provided");
    let in_future = matches!(word, "once" | "until" | "after" | "when" | "before");
    if !always && !in_future {
        return None;
    }
    if at > content.start
        && matches!(tree.word(at - 1), "as" | "even" | "asked" | "know" | "see" | "only")
    {
        return None;
    }
    let sentence = tree.sentence(at);
    let stop = (at + 1..sentence.end.min(content.end))
        .find(|end| matches!(tree.tag(*end), Tag::Comma | Tag::Colon | Tag::Period));
    let clause = tree.trimmed(at..stop.unwrap_or(sentence.end.min(content.end)))?;
    let present = clause
        .clone()
        .skip(1)
        .find(|at| matches!(tree.tag(*at), Tag::VBP | Tag::VBZ | Tag::VBD | Tag::MD))?;
    let has_subject = (clause.start + 1..present)
        .any(|at| tree.is_noun(at) || matches!(tree.tag(at), Tag::PRP | Tag::DT | Tag::EX));
    let is_present = matches!(tree.tag(present), Tag::VBP | Tag::VBZ);
    let is_future = || {
        sentence.clone().filter(|at| content.contains(at) && !clause.contains(at)).any(|at| {
            matches!(tree.word(at), "will" | "’ll" | "'ll" | "wo" | "would" | "can" | "cannot")
        })
    };
    (has_subject && (always || is_present && is_future())).then_some(clause)
}

/// The targets of an accusation: the object of its cue or the subject of its content.
pub(super) fn accused(
    tree: &Tree<'_>,
    key: &str,
    cue: &WordRange,
    content: &[WordRange],
) -> Option<WordRange> {
    let takes = matches!(
        key.split(' ').next().unwrap_or_default(),
        "accuse"
            | "blame"
            | "fault"
            | "charge"
            | "sue"
            | "criticise"
            | "criticize"
            | "condemn"
            | "denounce"
            | "slam"
            | "blast"
            | "lambast"
            | "lambaste"
            | "rebuke"
            | "castigate"
    );
    let first = tree.trimmed(content.first()?.clone())?;
    if takes {
        let end = tree.sentence(cue.start).end;
        let phrase = phrase(tree, cue.end, end)?;
        return phrase.clone().any(|at| mention::is_name_word(tree, at)).then_some(phrase);
    }
    let phrase = phrase(tree, first.start, first.end)?;
    let follows =
        phrase.end < first.end && (tree.is_verb(phrase.end) || tree.tag(phrase.end) == Tag::MD);
    let found = mention::mention(tree, &phrase);
    (follows && found.name.is_some()).then_some(phrase)
}

/// The noun phrase that begins with the word, without the words after its head.
fn phrase(tree: &Tree<'_>, start: usize, limit: usize) -> Option<WordRange> {
    let limit = limit.min(start + NEAR);
    let mut end = start;
    while end < limit {
        let stays = mention::is_name_word(tree, end)
            || tree.is_noun(end)
            || matches!(
                tree.tag(end),
                Tag::DT | Tag::JJ | Tag::POS | Tag::PRPS | Tag::HYPH | Tag::CD | Tag::NNP
            );
        if !stays {
            break;
        }
        end = if mention::is_name_word(tree, end) {
            mention::name_end(tree, end).min(limit)
        } else {
            end + 1
        };
    }
    tree.trimmed(start..end)
}

/// The claims joined in a content, if one of them has a figure of its own: "its 5 million readers
/// and the rival's 3 million", "it runs 5 shops, and sells books".
pub(super) fn conjuncts(
    tree: &Tree<'_>,
    numbers: &ZoneFigures,
    content: &[WordRange],
) -> Vec<WordRange> {
    let [words] = content else { return Vec::new() };
    if tree.sentence(words.start).end < words.end {
        return Vec::new();
    }
    let bytes = tree.bytes(words);
    let figures = numbers.figures(&bytes);
    let Some(last) = figures.last() else { return Vec::new() };
    let joint = (words.start + 1..words.end.saturating_sub(1)).rev().find(|at| {
        matches!(tree.word(*at), "and" | "but") && (tree.words[*at].start as usize) < last.start
    });
    let Some(joint) = joint else { return Vec::new() };
    let before = figures.iter().rev().find(|it| it.start < tree.words[joint].start as usize);
    phrases(tree, words, joint, before.zip(Some(last)))
        .or_else(|| predicates(tree, words, joint))
        .unwrap_or_default()
}

/// Two phrases, each with a figure and without a verb between them.
fn phrases(
    tree: &Tree<'_>,
    words: &WordRange,
    joint: usize,
    figures: Option<(&Figure, &Figure)>,
) -> Option<Vec<WordRange>> {
    let (first, last) = figures?;
    let at_byte = |byte: usize| words.clone().find(|at| tree.words[*at].start as usize >= byte);
    let first = at_byte(first.start)?;
    let last = at_byte(last.start)?;
    let has_verb = |mut range: WordRange| {
        range.any(|at| tree.is_verb(at) && tree.tag(at) != Tag::VBN || tree.tag(at) == Tag::MD)
    };
    if first >= joint || has_verb(first..last) || has_verb(last..words.end) {
        return None;
    }
    let start = mention::phrase_start(tree, first).max(words.start);
    let left = tree.trimmed(start..joint)?;
    let right = tree.trimmed(joint + 1..words.end)?;
    Some(vec![left, right])
}

/// Two predicates of one subject, the second with a figure.
fn predicates(tree: &Tree<'_>, words: &WordRange, joint: usize) -> Option<Vec<WordRange>> {
    let verb = (joint + 1..words.end).find(|at| !tree.is_punctuation(*at))?;
    let is_finite = |at: usize| matches!(tree.tag(at), Tag::VBZ | Tag::VBP | Tag::VBD);
    let main = words.clone().find(|at| is_finite(*at))?;
    let same = is_finite(verb) && tree.tag(main) == tree.tag(verb) && main < joint;
    let left = tree.trimmed(words.start..joint)?;
    let right = tree.trimmed(joint + 1..words.end)?;
    same.then(|| vec![left, right])
}
