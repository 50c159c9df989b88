//! A batch: the attributions found in a run, printed as lines or recorded in one commit.
//!
//! Knows the order in which they can be recorded, and which line caused an error. Must not know how
//! they were found.

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::exit::{CommandOutcome, Trouble};
use crate::cli::render::count;
use crate::domain::id::DocumentId;
use crate::domain::resolve::Sources;
use crate::domain::source::SourceNamed;
use crate::ledger::intake::ReadDocument;
use crate::ledger::intake::linking::{self, LinkedDocument, unnamed_yet};
use crate::ledger::{Ledger, RecordError, RecordOutcome, StateError};
use crate::reading::attribution::ProposalBoundMet;
use crate::record::draft::{Draft, DraftBody};
use crate::record::event::Recorder;

/// The attributions found in all documents of a run.
pub(super) struct Batch {
    /// The attributions found in each document, with their sources linked.
    pub(super) matched: Vec<LinkedDocument>,
    /// The documents.
    pub(super) readings: Vec<ReadDocument>,
    /// Whether everything is confidential.
    pub(super) confidential: bool,
    /// The bounds that were reached while reading them.
    pub(super) bounds: Vec<(DocumentId, ProposalBoundMet)>,
}

impl Batch {
    /// Makes a draft of the run.
    pub(super) fn draft(&self, event: DraftBody) -> Draft {
        Draft::new(event).confidential(self.confidential)
    }

    /// The namings that must be recorded first.
    fn namings(&self) -> Vec<SourceNamed> {
        linking::namings(&self.matched)
    }

    /// Drafts of these namings and then of every assertion, each with its input line.
    fn drafts(
        &self,
        namings: Vec<SourceNamed>,
    ) -> impl Iterator<Item = (Option<u64>, Draft)> + use<'_> {
        let named = |named| (None, self.draft(DraftBody::SourceNamed(named)));
        let findings = self.matched.iter().flat_map(|matched| &matched.assertions);
        let asserted = findings.map(|finding| {
            let event = DraftBody::ClaimAsserted(Box::new(finding.draft.clone()));
            (finding.line, self.draft(event))
        });
        namings.into_iter().map(named).chain(asserted)
    }

    /// The sources that the run may use.
    pub(super) fn sources<'l>(
        &self,
        ledger: &'l Ledger,
    ) -> impl Sources<Error = StateError> + use<'l> {
        ledger.sources(super::super::audience(self.confidential))
    }

    /// Prints every draft as a line to record.
    pub(super) fn print(&self, context: &mut Context<'_>) -> Result<CommandOutcome, Trouble> {
        for (_, draft) in self.drafts(self.namings()) {
            context.screen.json(&draft)?;
        }
        Ok(CommandOutcome::Clean)
    }

    /// Checks that everything could be recorded. Attributions from an external program are
    /// validated here before they are printed.
    pub(super) fn rehearse(&self, context: &Context<'_>, by: &Recorder) -> Result<(), Trouble> {
        let (lines, drafts): (Vec<_>, Vec<_>) = self.drafts(self.namings()).unzip();
        let mut ledger = super::super::open(context)?;
        let rehearsed = ledger.rehearse(drafts, by).map_err(|error| refused(error, &lines));
        ledger.close()?;
        rehearsed.map(|_| ())
    }

    /// Records everything in one commit and prints the result after the output of `first`.
    pub(super) fn record(
        &self,
        context: &mut Context<'_>,
        by: &Recorder,
        first: impl FnOnce(&mut Context<'_>) -> Result<(), Trouble>,
    ) -> Result<CommandOutcome, Trouble> {
        let mut ledger = super::super::open(context)?;
        let namings = unnamed_yet(&self.sources(&ledger), self.namings())?;
        let (lines, drafts): (Vec<_>, Vec<_>) = self.drafts(namings).unzip();
        let are_assertions: Vec<bool> =
            drafts.iter().map(|draft| matches!(draft.event, DraftBody::ClaimAsserted(_))).collect();
        let recorded = ledger.record(drafts, by).map_err(|error| refused(error, &lines));
        let receipts = match recorded {
            Ok(receipts) => receipts,
            Err(trouble) => {
                ledger.close()?;
                return Err(trouble);
            }
        };
        let mut tally = BatchTally { bounds: self.bounds.clone(), ..BatchTally::default() };
        for (receipt, is_assertion) in receipts.iter().zip(are_assertions) {
            let counted = match (receipt, is_assertion) {
                (RecordOutcome::Recorded(_), true) => &mut tally.assertions,
                (RecordOutcome::Recorded(_), false) => &mut tally.sources,
                (RecordOutcome::Already(_), true) => &mut tally.already,
                (RecordOutcome::Already(_), false) => continue,
            };
            *counted += 1;
        }
        super::super::finish(ledger, context, &receipts, |context| {
            first(context)?;
            tally.say(context)
        })?;
        Ok(CommandOutcome::Clean)
    }
}

/// The result of recording a batch.
#[derive(Default)]
struct BatchTally {
    assertions: u64,
    already: u64,
    sources: u64,
    bounds: Vec<(DocumentId, ProposalBoundMet)>,
}

impl BatchTally {
    fn say(&self, context: &mut Context<'_>) -> Result<(), Trouble> {
        let Self { assertions, already, sources, bounds } = self;
        let (assertions, already, sources) = (*assertions, *already, *sources);
        if context.json {
            let mut said = json!({ "recorded": assertions, "already": already, "named": sources });
            if !bounds.is_empty() {
                said["bounds"] =
                    bounds.iter().map(|(document, met)| bounded(*document, met)).collect();
            }
            context.screen.json(&said)?;
        } else {
            let assertions = count(assertions, "assertion", "assertions");
            let sources = count(sources, "source", "sources");
            context.screen.line(format_args!(
                "recorded {assertions}, unchecked, and named {sources}; {already} already recorded"
            ))?;
        }
        Ok(())
    }
}

/// A bound that was reached, as JSON.
fn bounded(document: DocumentId, met: &ProposalBoundMet) -> Value {
    json!({
        "document": document, "bound": met.bound, "most": met.bound.most(), "times": met.times,
        "zone": met.first.zone, "at": met.first.start,
    })
}

/// Converts an error of a batch, adding the line of the extractor that caused it.
pub(super) fn refused(error: RecordError, lines: &[Option<u64>]) -> Trouble {
    let line = match &error {
        RecordError::Refused { index, .. } | RecordError::Encode { index, .. } => {
            lines.get(*index).copied().flatten()
        }
        _ => None,
    };
    match line {
        Some(line) => Trouble::from(error).at_line(line),
        None => error.into(),
    }
}
