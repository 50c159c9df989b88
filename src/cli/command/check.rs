//! `check`: says that an assertion was checked against its document.
//!
//! Knows the flags for what was checked. Must not know what a check changes in any view.

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
    /// The assertion: `#41`, six or more digits of its entry's hash, or words that it alone has
    #[arg(value_name = "ID")]
    assertion: String,
    /// The words: right, wrong or unclear
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME")]
    quote: Option<Checked>,
    /// Who said them, likewise
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME", hide_possible_values = true)]
    speaker: Option<Checked>,
    /// Through whom, likewise
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME", hide_possible_values = true)]
    chain: Option<Checked>,
    /// The figures, likewise
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME", hide_possible_values = true)]
    numbers: Option<Checked>,
    /// When it holds and when it was said, likewise
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME", hide_possible_values = true)]
    dates: Option<Checked>,
    /// Whether it is given as it was meant, likewise
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME", hide_possible_values = true)]
    context: Option<Checked>,
    /// All six at once; an outcome given for one of them counts instead
    #[arg(long, value_parser = super::tag::<Checked>(), value_name = "OUTCOME", hide_possible_values = true)]
    all: Option<Checked>,
    /// A remark
    #[arg(long, value_parser = note)]
    note: Option<Text>,
    /// Keep it out of every output that does not ask for it
    #[arg(long)]
    confidential: bool,
}

fn note(text: &str) -> Result<Text, String> {
    Text::new(text).map_err(|error| error.to_string())
}

impl CheckArguments {
    pub(in crate::cli) fn run(self, mut place: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let assertion = self.assertion(&place)?;
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
        let by = place.recorder()?;
        let mut ledger = super::open(&place)?;
        let receipts = ledger.record(vec![draft], &by)?;
        super::finish(ledger, &mut place, &receipts, |place| {
            if place.json {
                place.page.json(&json!({ "at": receipts.first().map(|receipt| receipt.at()) }))?;
            } else {
                super::say_receipts(place.page, &receipts)?;
            }
            Ok(())
        })?;
        Ok(CommandOutcome::Clean)
    }

    fn assertion(&self, place: &Context<'_>) -> Result<AssertionId, Trouble> {
        let text = &self.assertion;
        if let Some(number) = argument::number(text)? {
            return Ok(AssertionId::at(number));
        }
        let reading = super::read(place)?;
        let snapshot = &reading.snapshot;
        let inquiry = Inquiry::new(snapshot, None, super::audience(self.confidential))?;
        match argument::subject(&inquiry, snapshot, text)? {
            Subject::Entry(sequence) => Ok(AssertionId::at(sequence)),
            Subject::Source(source) => {
                let message = format!("{source} is a source, and no assertion: give its number");
                Err(Trouble::new(ErrorTag::Usage, message))
            }
        }
    }
}
