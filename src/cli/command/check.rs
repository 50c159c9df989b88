//! `check`: records the outcome of checking an assertion against its document.
//!
//! Knows the options for what was checked. Must not know how a check affects any view.

use serde_json::json;

use super::super::argument::{self, Subject};
use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use crate::answers::view::query::Inquiry;
use crate::domain::id::AssertionId;
use crate::domain::text::Text;
use crate::record::draft::{Draft, DraftBody};
use crate::record::event::{AssertionChecked, Outcome as Checked};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CheckArguments {
    /// The assertion: `#41`, six or more digits of its entry's hash, or words that only it contains
    #[arg(value_name = "ID")]
    assertion: String,
    /// The outcome for the quoted words
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME")]
    quote: Option<Checked>,
    /// The outcome for the speaker
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME", hide_possible_values = true)]
    speaker: Option<Checked>,
    /// The outcome for the attribution chain
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME", hide_possible_values = true)]
    chain: Option<Checked>,
    /// The outcome for the figures
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME", hide_possible_values = true)]
    numbers: Option<Checked>,
    /// The outcome for the dates: when it holds and when it was said
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME", hide_possible_values = true)]
    dates: Option<Checked>,
    /// The outcome for the context: whether the assertion keeps the intended meaning
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME", hide_possible_values = true)]
    context: Option<Checked>,
    /// The outcome for all six, unless one of them is given separately
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME", hide_possible_values = true)]
    all: Option<Checked>,
    /// A note on the check
    #[arg(long, value_parser = note)]
    note: Option<Text>,
    /// Mark it as confidential; other commands show it only with --confidential
    #[arg(long)]
    confidential: bool,
}

fn note(text: &str) -> Result<Text, String> {
    Text::new(text).map_err(|error| error.to_string())
}

impl CheckArguments {
    pub(in crate::cli) fn run(self, mut context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let assertion = self.assertion(&context)?;
        let checked = AssertionChecked {
            assertion,
            quote: self.quote.or(self.all),
            speaker: self.speaker.or(self.all),
            chain: self.chain.or(self.all),
            numbers: self.numbers.or(self.all),
            dates: self.dates.or(self.all),
            context: self.context.or(self.all),
            note: self.note,
        };
        let event = DraftBody::AssertionChecked(checked);
        let draft = Draft::new(event).confidential(self.confidential);
        let by = context.recorder()?;
        let mut ledger = super::open(&context)?;
        let receipts = ledger.record(vec![draft], &by)?;
        super::finish(ledger, &mut context, &receipts, |context| {
            if context.json {
                context
                    .screen
                    .json(&json!({ "at": receipts.first().map(|receipt| receipt.at()) }))?;
            } else {
                super::say_receipts(context.screen, &receipts)?;
            }
            Ok(())
        })?;
        Ok(CommandOutcome::Clean)
    }

    fn assertion(&self, context: &Context<'_>) -> Result<AssertionId, Trouble> {
        let text = &self.assertion;
        if let Some(number) = argument::number(text)? {
            return Ok(AssertionId::at(number));
        }
        let reading = super::read(context)?;
        let snapshot = &reading.snapshot;
        let inquiry = Inquiry::new(snapshot, None, super::audience(self.confidential))?;
        match argument::subject(&inquiry, snapshot, text)? {
            Subject::Entry(sequence) => Ok(AssertionId::at(sequence)),
            Subject::Source(source) => {
                let message =
                    format!("{source} is a source, not an assertion: give an entry number");
                Err(Trouble::new(ErrorTag::Usage, message))
            }
        }
    }
}
