//! `ingest`: captures documents and proposes the attributions in them: as lines to record, as recorded
//! events, or one by one for review at the terminal.
//!
//! Knows the order in which documents are captured, read and linked to the ledger, which is never open
//! while an extractor runs or a reviewer thinks. Must not know how attributions are found, nor how a
//! review works.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::TypedValueParser as _;

use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::super::render::{Screen, count, visible};
use super::capture::{CapturedFile, Description};
use super::train;
use crate::answers::view::lookup;
use crate::answers::view::query::Inquiry;
use crate::domain::claim::Confidence;
use crate::domain::id::{DocumentId, Name};
use crate::domain::selector::IndexedText;
use crate::ledger::RecordOutcome;
use crate::ledger::intake::drafting::draft;
use crate::ledger::intake::extractor::{Extractor, ExtractorError, ExtractorName};
use crate::ledger::intake::linking::{LinkedDocument, Linker};
use crate::ledger::intake::{Found, ReadDocument, is_our_name};
use crate::reading::annotation;
use crate::reading::attribution::{self, Article, Model, ProposalBoundMet, Proposed};
use crate::reading::evaluation::annotator;
use crate::reading::page;
use crate::record::event::Recorder;

mod batch;
mod remembered;
mod sentence;

mod review;

mod screen;

mod interview;

use batch::Batch;

/// Arguments of `ingest`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
In a pipe or with --json, the output is JSON lines for `testimony record -`. On a terminal, each \
proposal is shown for review. docs/attribution.md describes what is found and how reliably.")]
pub(in crate::cli) struct IngestArguments {
    /// Files in HTML, Markdown or plain text; `-` reads standard input
    #[arg(required_unless_present = "annotated", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Record every proposal without review, as unchecked
    #[arg(long)]
    record: bool,
    /// Leave out proposals below this confidence, in percent
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u8).range(0..=100).try_map(Confidence::try_from)
    )]
    min_confidence: Option<Confidence>,
    /// Include proposals of any confidence and, in a review, those skipped earlier
    #[arg(long, conflicts_with = "min_confidence")]
    all: bool,
    /// Use a model made by `testimony train` in addition to the grammar
    #[arg(long, value_name = "FILE", conflicts_with = "extractor")]
    model: Option<PathBuf>,
    /// Run this program on each document, passed on standard input as docs/json.md describes
    #[arg(long, value_name = "COMMAND")]
    extractor: Option<String>,
    /// The extractor's name to record if its output does not give one
    #[arg(long, value_name = "NAME", requires = "extractor", requires = "extractor_version")]
    extractor_name: Option<Name>,
    /// The extractor's version to record if its output does not give one
    #[arg(long, value_name = "VERSION", requires = "extractor", requires = "extractor_name")]
    extractor_version: Option<Name>,
    /// The time limit of the extractor for one document
    #[arg(
        long,
        value_name = "SECONDS",
        requires = "extractor",
        default_value = "300",
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    extractor_timeout: u64,
    /// Instead, print predictions for each article of an annotated corpus (JSON lines, may be
    /// gzipped), for `testimony score`; needs no ledger
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["files", "record", "extractor", "all"]
    )]
    annotated: Option<PathBuf>,
    /// Split each file into several articles, each with its own outlet and title
    #[arg(long)]
    split: bool,
    #[command(flatten)]
    description: Description,
}

/// The finder of attributions: the built-in grammar or an external program.
enum Finder {
    Grammar(Option<Box<Model>>),
    Program(Extractor),
}

impl Finder {
    /// Reads a document and returns the proposals and the bounds that were reached.
    fn read(&self, reading: &ReadDocument) -> Result<(Found, Vec<ProposalBoundMet>), Trouble> {
        match self {
            Self::Grammar(model) => {
                let skip = page::unread(reading.body.as_str());
                let publisher = reading.publisher.as_ref().map(|slug| slug.replace('-', " "));
                let article = Article {
                    title: reading.title.as_ref().map(IndexedText::as_str),
                    body: reading.body.as_str(),
                    published: reading.published.map(|date| date.first_day()),
                    publisher: publisher.as_deref(),
                    skip: &skip,
                };
                let Proposed { proposals, bounds } =
                    attribution::propose(&article, model.as_deref());
                Ok((draft(reading, proposals), bounds))
            }
            Self::Program(extractor) => Ok((extractor.read(reading)?, Vec::new())),
        }
    }
}

impl From<ExtractorError> for Trouble {
    fn from(error: ExtractorError) -> Self {
        let tag = match &error {
            ExtractorError::Command(_) => ErrorTag::Usage,
            ExtractorError::Line { .. } | ExtractorError::TooMany => ErrorTag::Input,
            _ => ErrorTag::File,
        };
        let trouble = Self::new(tag, &error);
        match error.line() {
            Some(line) => trouble.at_line(line),
            None => trouble,
        }
    }
}

impl IngestArguments {
    pub(in crate::cli) fn run(self, mut context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        if let Some(corpus) = &self.annotated {
            return self.annotate(corpus, context.screen);
        }
        let reader = self.reader()?;
        let by = context.recorder()?;
        let unsaid = |_: &[CapturedFile], _: &mut Context<'_>| Ok(());
        let captured =
            self.description.capture(&self.files, self.split, &mut context, &by, unsaid)?;
        let receipts: Vec<RecordOutcome> = captured.iter().map(|one| one.receipt).collect();
        // The documents stay recorded even if reading them fails.
        let proposed = self.propose(&mut context, &reader, captured, &by);
        proposed.map_err(|trouble| super::though(trouble, &receipts))
    }

    /// Proposes the attributions in documents in the requested way.
    fn propose(
        &self,
        context: &mut Context<'_>,
        reader: &Finder,
        captured: Vec<CapturedFile>,
        by: &Recorder,
    ) -> Result<CommandOutcome, Trouble> {
        captured.iter().try_for_each(CapturedFile::loses_nothing)?;
        let readings = self.readings(context, &captured)?;
        let (mut found, mut bounds) = (Vec::with_capacity(readings.len()), Vec::new());
        for reading in &readings {
            let (mut here, met) = reader.read(reading)?;
            met.iter().for_each(|met| tell(&format!("{}: {met}", reading.id)));
            bounds.extend(met.into_iter().map(|met| (reading.id, met)));
            here.keep_sure(self.least());
            tell_unanswered(here.keep_answered_for(reading), reading);
            found.push(here);
        }
        let matched = self.matched(context, found)?;
        let confidential = self.description.confidential;
        let batch = Batch { matched, readings, confidential, bounds };
        if self.record {
            return batch.record(context, by, |context| {
                captured.iter().try_for_each(|one| one.say(context))
            });
        }
        let at_a_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        if at_a_terminal && !context.json {
            for one in &captured {
                one.say(context)?;
            }
            return interview::hold(context, batch, by, self.all);
        }
        if matches!(reader, Finder::Program(_)) {
            batch.rehearse(context, by)?;
        }
        batch.print(context)
    }

    /// Prints a line of predictions for each article of a corpus.
    fn annotate(&self, corpus: &Path, page: &mut Screen) -> Result<CommandOutcome, Trouble> {
        let model = self.model()?;
        let least = self.min_confidence.unwrap_or(Confidence::NONE).percent();
        let unread = |error| super::unread(corpus, error);
        let mut lines = annotation::lines(super::input(corpus)?).map_err(unread)?;
        while let Some(article) = lines.article().map_err(unread)? {
            page.bare_json(&annotator::predict(&article, model.as_deref(), least))?;
        }
        Ok(CommandOutcome::Clean)
    }

    fn model(&self) -> Result<Option<Box<Model>>, Trouble> {
        self.model.as_deref().map(train::model).transpose().map(|model| model.map(Box::new))
    }

    fn reader(&self) -> Result<Finder, Trouble> {
        let Some(command) = &self.extractor else { return Ok(Finder::Grammar(self.model()?)) };
        let pair = self.extractor_name.clone().zip(self.extractor_version.clone());
        let called = pair.map(|(name, version)| ExtractorName { name, version });
        if called.as_ref().is_some_and(|called| is_our_name(&called.name)) {
            let message =
                "--extractor-name is the name of this program: give the extractor's own name";
            return Err(Trouble::new(ErrorTag::Usage, message));
        }
        let timeout = Duration::from_secs(self.extractor_timeout);
        Ok(Finder::Program(Extractor::new(command, timeout, called)?))
    }

    /// The least confidence of a proposal, if given.
    const fn least(&self) -> Option<Confidence> {
        if self.all { Some(Confidence::NONE) } else { self.min_confidence }
    }

    /// The documents as recorded: a document that was already captured keeps its title.
    fn readings(
        &self,
        context: &Context<'_>,
        captured: &[CapturedFile],
    ) -> Result<Vec<ReadDocument>, Trouble> {
        let views = super::read(context)?;
        let audience = super::audience(self.description.confidential);
        let inquiry = Inquiry::new(&views.snapshot, None, audience)?;
        captured
            .iter()
            .map(|one| {
                let id = DocumentId::at(one.receipt.at());
                if inquiry.withheld().document(id) {
                    let message = format!("{id} is confidential: add --confidential to ingest it");
                    return Err(Trouble::new(ErrorTag::Refused, message));
                }
                // Selectors refer to the title as it was captured.
                let title = lookup::document(&views.snapshot, id)?
                    .and_then(|captured| captured.metadata.title)
                    .map(|title| IndexedText::new(title.to_string()));
                let metadata = inquiry.document(id)?.map(|document| document.captured.metadata);
                let metadata = metadata.unwrap_or_default();
                Ok(ReadDocument {
                    id,
                    title,
                    body: IndexedText::new(one.text.clone()),
                    publisher: metadata.publisher.map(|publisher| publisher.to_string()),
                    published: metadata.published.map(|published| published.at),
                    language: metadata.language,
                })
            })
            .collect()
    }

    /// Links the sources of what was found to known sources. Doubts are printed to standard error.
    fn matched(
        &self,
        context: &Context<'_>,
        found: Vec<Found>,
    ) -> Result<Vec<LinkedDocument>, Trouble> {
        let views = super::read(context)?;
        let audience = super::audience(self.description.confidential);
        let known = Inquiry::new(&views.snapshot, None, audience)?;
        let mut matching = Linker::against(&known);
        let matched: Result<Vec<_>, Trouble> =
            found.into_iter().map(|found| Ok(matching.settle(found)?)).collect();
        let matched = matched?;
        let doubts: BTreeSet<String> =
            matched.iter().flat_map(LinkedDocument::doubts).map(ToString::to_string).collect();
        doubts.iter().for_each(|doubt| tell(doubt));
        Ok(matched)
    }
}

/// Warns about proposals that were left out because they have no speaker and no publisher.
fn tell_unanswered(left_out: usize, reading: &ReadDocument) {
    if left_out > 0 {
        let left_out = count(left_out as u64, "proposal", "proposals");
        tell(&format!(
            "left out {left_out} without a speaker because {} has no publisher: capture it with \
             --publisher",
            reading.id
        ));
    }
}

/// Prints a note to standard error. If that is closed, the command still continues.
fn tell(note: &str) {
    let note = visible(note);
    let _ = io::Write::write_fmt(&mut anstream::stderr(), format_args!("testimony: {note}\n"));
}
