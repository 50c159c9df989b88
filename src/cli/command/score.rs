//! `score`: scores predicted attributions against annotated articles.
//!
//! Knows the two files and how scores are displayed. Must not know how scores are computed.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::super::render::{Screen, visible};
use crate::reading::annotation;
use crate::reading::evaluation::score::{
    Decile, Kinds, ScoreError, ScoreFigure, ScoreReport, score,
};

/// Arguments of `score`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ScoreArguments {
    /// Articles annotated by people, one JSON object per line; may be gzipped
    gold: PathBuf,
    /// Attributions predicted for them, as printed by `ingest --annotated`
    predicted: PathBuf,
    /// Count the errors by kind and by rule
    #[arg(long)]
    errors: bool,
    /// Show how often predictions are right at each level of confidence
    #[arg(long)]
    calibration: bool,
}

impl ScoreArguments {
    pub(in crate::cli) fn run(self, context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        if [&self.gold, &self.predicted].iter().all(|file| **file == Path::new("-")) {
            return Err(Trouble::new(
                ErrorTag::Usage,
                "GOLD and PREDICTED cannot both be standard input: give a file for one of them",
            ));
        }
        let opened = |file: &Path| {
            annotation::lines(super::input(file)?).map_err(|error| super::unread(file, error))
        };
        let (mut gold, mut predicted) = (opened(&self.gold)?, opened(&self.predicted)?);
        let report = score(&mut gold, &mut predicted).map_err(|error| self.trouble(error))?;
        if context.json {
            context.screen.json(&self.as_json(&report))?;
        } else {
            self.print(&report, context.screen)?;
        }
        Ok(CommandOutcome::Clean)
    }

    fn trouble(&self, error: ScoreError) -> Trouble {
        let path = match error {
            ScoreError::Gold(error) => return super::unread(&self.gold, error),
            ScoreError::Predicted(error) => return super::unread(&self.predicted, error),
            ScoreError::Unknown(_) => &self.predicted,
            ScoreError::Crowded(_) => &self.gold,
        };
        Trouble::new(ErrorTag::Input, format!("{}: {error}", path.display()))
    }

    fn print(&self, report: &ScoreReport, page: &mut Screen) -> Result<(), Trouble> {
        for (name, figure) in figures(report) {
            page.line(format_args!(
                "{name:8} P {:>5}  R {:>5}  F1 {:>5}  ({} of {} predicted, {} gold)",
                tenths(figure.precision()),
                tenths(figure.recall()),
                tenths(figure.f1()),
                figure.hits,
                figure.predicted,
                figure.gold
            ))?;
        }
        if self.errors {
            errors(report, page)?;
        }
        if self.calibration {
            calibration(report, page)?;
        }
        Ok(())
    }

    fn as_json(&self, report: &ScoreReport) -> Value {
        let mut all = json!({});
        for (name, figure) in figures(report) {
            all[name] = json!({
                "precision": tenths(figure.precision()),
                "recall": tenths(figure.recall()),
                "f1": tenths(figure.f1()),
                "hits": figure.hits, "predicted": figure.predicted, "gold": figure.gold,
            });
        }
        if self.errors {
            let rules = report.rules.iter();
            let rules: serde_json::Map<String, Value> =
                rules.map(|(rule, kinds)| (rule.clone(), kinds_json(kinds, false))).collect();
            all["errors"] = kinds_json(&report.kinds, true);
            all["rules"] = rules.into();
        }
        if self.calibration {
            let deciles = report.deciles.iter().enumerate();
            let deciles: Vec<Value> = deciles.map(|(at, decile)| decile_json(at, decile)).collect();
            all["calibration"] = deciles.into();
        }
        all
    }
}

const fn figures(report: &ScoreReport) -> [(&'static str, ScoreFigure); 3] {
    [("exact", report.exact), ("iou80", report.iou80), ("speaker", report.speaker)]
}

fn tenths(value: u64) -> String {
    format!("{}.{}", value / 10, value % 10)
}

/// `part` of `whole` as a percentage.
fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".into();
    }
    tenths(ScoreFigure { hits: part, predicted: whole, gold: whole }.precision())
}

const fn kinds(kinds: &Kinds) -> [(&'static str, u64); 8] {
    [
        ("right", kinds.right),
        ("other_speaker", kinds.other_speaker),
        ("no_speaker", kinds.no_speaker),
        ("speaker_of_none", kinds.speaker_of_none),
        ("other_start", kinds.other_start),
        ("other_end", kinds.other_end),
        ("other_bounds", kinds.other_bounds),
        ("spurious", kinds.spurious),
    ]
}

fn kinds_json(of: &Kinds, with_missed: bool) -> Value {
    let mut counted = json!({});
    for (name, count) in kinds(of) {
        counted[name] = json!(count);
    }
    if with_missed {
        counted["missed"] = json!(of.missed);
    }
    counted
}

fn decile_json(at: usize, decile: &Decile) -> Value {
    json!({
        "from": at * 10, "predicted": decile.predicted,
        "confidence": share(decile.confidence, 100 * decile.predicted),
        "iou80": share(decile.contents, decile.predicted),
        "speaker": share(decile.speakers, decile.predicted),
    })
}

fn errors(report: &ScoreReport, page: &mut Screen) -> Result<(), Trouble> {
    page.gap()?;
    for (name, count) in kinds(&report.kinds).into_iter().chain([("missed", report.kinds.missed)]) {
        page.line(format_args!("{:16} {count:>6}", name.replace('_', " ")))?;
    }
    if report.rules.is_empty() {
        return Ok(());
    }
    page.gap()?;
    page.line("predicted  iou80  speaker  bounds  spurious  rule")?;
    for (rule, kinds) in &report.rules {
        let bounds = kinds.other_start + kinds.other_end + kinds.other_bounds;
        let all = kinds.predicted();
        page.line(format_args!(
            "{all:>9}  {:>5}  {:>7}  {:>6}  {:>8}  {}",
            share(kinds.contents(), all),
            share(kinds.right, all),
            share(bounds, all),
            share(kinds.spurious, all),
            visible(rule)
        ))?;
    }
    Ok(())
}

fn calibration(report: &ScoreReport, page: &mut Screen) -> Result<(), Trouble> {
    page.gap()?;
    page.line("confidence  predicted   mean  iou80  speaker")?;
    for (at, decile) in report.deciles.iter().enumerate() {
        page.line(format_args!(
            "{:>10}  {:>9}  {:>5}  {:>5}  {:>7}",
            format!("{} to {}", at * 10, if at == 9 { 100 } else { at * 10 + 9 }),
            decile.predicted,
            share(decile.confidence, 100 * decile.predicted),
            share(decile.contents, decile.predicted),
            share(decile.speakers, decile.predicted)
        ))?;
    }
    Ok(())
}
