//! `diff`: compares the assertions of two outlets or documents.
//!
//! Knows how the two sides are found and how a comparison is displayed. Must not know how they are
//! compared.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::argument::{self, Subject};
use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::super::render::{
    FAINT, LEFT, NOTICE, NUMBER, RIGHT, STRONG, Screen, content, grouped, styled, visible,
};
use crate::answers::compare::{Comparison, Figures, Pair, Side, Verdict, WordChange, compare};
use crate::answers::view::Snapshot;
use crate::answers::view::query::{Audience, Inquiry, Question, origin};
use crate::domain::id::{AssertionId, Sequence, SourceId};

/// The maximum number of assertions compared on each side.
const MOST: usize = 5000;

/// Arguments of `diff`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DiffArguments {
    /// A document such as #12, or an outlet's slug or name
    left: String,
    /// The document or outlet to compare it with
    right: String,
    /// Show the results as of this entry or time
    #[arg(long, value_name = "SEQ or TIME")]
    as_of: Option<String>,
}

/// One side of the comparison with its display name.
struct NamedSide {
    called: String,
    sides: Vec<Side>,
}

/// The comparison as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    left: &'a str,
    right: &'a str,
    before: Sequence,
    unchecked: Vec<AssertionId>,
    comparison: &'a Comparison,
}

impl DiffArguments {
    pub(in crate::cli) fn run(self, context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let reading = super::read(&context)?;
        let snapshot = &reading.snapshot;
        let before =
            self.as_of.as_deref().map(|text| argument::point(snapshot, text)).transpose()?;
        let inquiry = Inquiry::new(snapshot, before, Audience::Anyone)?;
        let left = side(&inquiry, snapshot, &self.left)?;
        let right = side(&inquiry, snapshot, &self.right)?;
        let comparison = compare(&left.sides, &right.sides);
        let unchecked = unchecked(&left, &right);
        if context.json {
            let (left, right) = (left.called.as_str(), right.called.as_str());
            let (before, comparison) = (inquiry.before(), &comparison);
            context.screen.json(&Answer { left, right, before, unchecked, comparison })?;
        } else {
            let sheet = Sheet::new(&inquiry, &left, &right)?;
            sheet.print(&comparison, context.screen)?;
            tell_unchecked(&unchecked, context.screen)?;
        }
        comparison.bounds.iter().for_each(super::warn);
        Ok(super::outcome(!comparison.is_same()))
    }
}

fn side(inquiry: &Inquiry<'_>, snapshot: &Snapshot, text: &str) -> Result<NamedSide, Trouble> {
    let (called, question) = match argument::named(inquiry, snapshot, text)? {
        None => return Err(argument::nothing(inquiry, text)?),
        Some(Subject::Source(outlet)) => {
            let called = super::called(inquiry, &outlet)?;
            (called, Question { publisher: Some(outlet), ..Question::default() })
        }
        Some(Subject::Entry(sequence)) => {
            let document = argument::document_at(inquiry, snapshot, sequence)?;
            let document = document.ok_or_else(|| {
                let message = format!(
                    "{text} is neither a document nor an outlet: see `testimony list documents`"
                );
                Trouble::new(ErrorTag::Usage, message)
            })?;
            let found = inquiry.document(document)?.ok_or_else(|| argument::absent(text))?;
            let called = format!("{} {}", super::outlet(inquiry, &found)?, document);
            (called, Question { document: Some(document), ..Question::default() })
        }
    };
    let numbers = inquiry.assertions(&question)?;
    if numbers.all.len() > MOST {
        let message =
            format!("{called} has more than {MOST} assertions: compare single documents instead");
        return Err(Trouble::new(ErrorTag::Usage, message));
    }
    let mut sides = Vec::with_capacity(numbers.all.len());
    for seq in numbers.all {
        let Some(assertion) = inquiry.assertion(seq)? else { continue };
        let (mut speakers, mut principals) = (BTreeSet::new(), BTreeSet::new());
        for source in origin(&assertion.asserted) {
            let whole = inquiry.merges().whole(source);
            let known = inquiry.naming(&whole)?;
            let named = known.map(|naming| naming.named.speaks_for).unwrap_or_default();
            principals.extend(named.into_iter().map(|principal| principal.source));
            principals.insert(whole.clone());
            speakers.insert(whole);
        }
        sides.push(Side { assertion, speakers, principals });
    }
    Ok(NamedSide { called, sides })
}

/// The assertions that were made by a program and have not been checked.
fn unchecked(left: &NamedSide, right: &NamedSide) -> Vec<AssertionId> {
    let sides = left.sides.iter().chain(&right.sides);
    let unchecked = sides.filter(|side| side.assertion.unchecked());
    let numbers: BTreeSet<AssertionId> = unchecked.map(|side| side.assertion.id).collect();
    numbers.into_iter().collect()
}

fn tell_unchecked(unchecked: &[AssertionId], page: &mut Screen) -> Result<(), Trouble> {
    if unchecked.is_empty() {
        return Ok(());
    }
    let numbers: Vec<String> = unchecked.iter().map(ToString::to_string).collect();
    page.gap()?;
    let first = styled(NOTICE, "machine-made, unchecked: ");
    Ok(page.wrapped(&first, 2, &numbers.join(" "))?)
}

/// The printed comparison.
struct Sheet<'a> {
    left: &'a str,
    right: &'a str,
    sides: BTreeMap<AssertionId, &'a Side>,
    speakers: BTreeMap<AssertionId, String>,
    names: BTreeMap<SourceId, String>,
}

impl<'a> Sheet<'a> {
    fn new(
        inquiry: &Inquiry<'_>,
        left: &'a NamedSide,
        right: &'a NamedSide,
    ) -> Result<Self, Trouble> {
        let mut sheet = Self {
            left: &left.called,
            right: &right.called,
            sides: BTreeMap::new(),
            speakers: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        for side in left.sides.iter().chain(&right.sides) {
            let document = inquiry.document(side.assertion.asserted.document)?;
            let id = side.assertion.id;
            let speaker = super::speaker(inquiry, &side.assertion.asserted, document.as_ref())?;
            sheet.speakers.insert(id, speaker);
            for source in &side.speakers {
                sheet.names.insert(source.clone(), super::called(inquiry, source)?);
            }
            sheet.sides.insert(id, side);
        }
        Ok(sheet)
    }

    fn print(&self, comparison: &Comparison, page: &mut Screen) -> Result<(), Trouble> {
        let (left, right) = (styled(LEFT, self.left), styled(RIGHT, self.right));
        page.line(format_args!("{left} compared with {right}"))?;
        let (same, other): (Vec<&Pair>, Vec<&Pair>) =
            comparison.pairs.iter().partition(|pair| pair.is_same());
        self.section(page, "the same on both sides", &same, |sheet, page, pair| {
            sheet.line(page, &format!("{} {}", pair.left, pair.right), pair.left)
        })?;
        self.section(page, "the same statement, reported differently", &other, Self::different)?;
        let only = |page: &mut Screen, called: &str, ids: &[AssertionId]| {
            self.section(page, &format!("only in {called}"), ids, |sheet, page, id| {
                sheet.line(page, &id.to_string(), *id)
            })
        };
        only(page, self.left, &comparison.only_left)?;
        only(page, self.right, &comparison.only_right)?;
        let title =
            "no comment on one side, a comment on the other: a sequence, not a contradiction";
        self.section(page, title, &comparison.sequels, |sheet, page, sequel| {
            sheet.line(page, &sequel.silence.to_string(), sequel.silence)?;
            for comment in &sequel.comments {
                sheet.line(page, &format!("  then {comment}"), *comment)?;
            }
            Ok(())
        })?;
        self.section(page, "similar figures", &comparison.figures, Self::figures)
    }

    fn section<T>(
        &self,
        page: &mut Screen,
        title: &str,
        items: &[T],
        print: impl Fn(&Self, &mut Screen, &T) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        if items.is_empty() {
            return Ok(());
        }
        page.gap()?;
        page.line(format_args!("{} ({})", styled(STRONG, title), items.len()))?;
        items.iter().try_for_each(|item| print(self, page, item))
    }

    fn line(&self, page: &mut Screen, first: &str, id: AssertionId) -> Result<(), Trouble> {
        let (Some(side), Some(speaker)) = (self.sides.get(&id), self.speakers.get(&id)) else {
            return Ok(());
        };
        let first = format!("  {} {speaker}: ", styled(NUMBER, first));
        Ok(page.wrapped(&first, 6, &content(&side.assertion.asserted))?)
    }

    fn different(&self, page: &mut Screen, pair: &&Pair) -> Result<(), Trouble> {
        let numbers = format!("{} {}", pair.left, pair.right);
        if pair.wording.is_empty() {
            self.line(page, &numbers, pair.left)?;
        } else {
            let words = pair.wording.iter().map(|run| match run.change {
                WordChange::Same => visible(&run.words),
                WordChange::Left => styled(LEFT, format_args!("[-{}-]", visible(&run.words))),
                WordChange::Right => styled(RIGHT, format_args!("{{+{}+}}", visible(&run.words))),
            });
            let words = words.collect::<Vec<_>>().join(" ");
            let likeness = styled(FAINT, format_args!("({} percent similar)", pair.likeness));
            let speaker = self.speakers.get(&pair.left).map(String::as_str).unwrap_or_default();
            let first = format!("  {} {speaker} {likeness}: ", styled(NUMBER, numbers));
            page.wrapped(&first, 6, &words)?;
        }
        if let Some((longer, words)) = &pair.cut {
            let shorter = if *longer == WordChange::Left { self.right } else { self.left };
            let note = format!("{shorter} ends early, omitting “{}”", visible(words));
            page.wrapped("      ", 6, &styled(NOTICE, note))?;
        }
        if let Some(speakers) = &pair.speakers {
            let names = |ids: &BTreeSet<SourceId>| {
                let names = ids.iter().map(|id| self.names.get(id).cloned().unwrap_or_default());
                let names = names.collect::<Vec<_>>().join(" and ");
                if names.is_empty() { "the outlet".to_owned() } else { names }
            };
            let note = self.contrast("speaker", &names(&speakers.left), &names(&speakers.right));
            page.wrapped("      ", 6, &note)?;
        }
        if let (Some(cue), Some(_)) = (&pair.cue, &pair.framing) {
            let quote = |cue: &str| {
                if cue.is_empty() { "none".into() } else { format!("“{}”", visible(cue)) }
            };
            page.wrapped(
                "      ",
                6,
                &self.contrast("cue", &quote(&cue.left), &quote(&cue.right)),
            )?;
        }
        if let Some(framing) = &pair.framing {
            let note = self.contrast("framing", framing.left.tag(), framing.right.tag());
            page.wrapped("      ", 6, &note)?;
        }
        if let Some(polarity) = &pair.polarity {
            let note = self.contrast("polarity", polarity.left.tag(), polarity.right.tag());
            page.wrapped("      ", 6, &note)?;
        }
        Ok(())
    }

    fn contrast(&self, what: &str, left: &str, right: &str) -> String {
        format!("{what}: {} · {}", styled(LEFT, left), styled(RIGHT, right))
    }

    fn figures(&self, page: &mut Screen, figures: &Figures) -> Result<(), Trouble> {
        let of = |id: &AssertionId, figure: &str| {
            let speaker = self.speakers.get(id).map(String::as_str).unwrap_or_default();
            format!("{} {} ({speaker})", styled(NUMBER, id), grouped(&visible(figure)))
        };
        let (left, right) =
            (of(&figures.left, &figures.left_figure), of(&figures.right, &figures.right_figure));
        let verdict = match &figures.verdict {
            Verdict::Agree => "they agree".to_owned(),
            Verdict::Differ => styled(NOTICE, "they measure the same thing and differ"),
            Verdict::CannotCompare(obstacles) => {
                let words: Vec<&str> = obstacles.iter().map(|obstacle| obstacle.words()).collect();
                format!("not comparable: {}", words.join(", "))
            }
        };
        page.wrapped("  ", 6, &format!("{left} and {right}: {verdict}"))?;
        Ok(())
    }
}
