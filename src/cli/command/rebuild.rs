//! `rebuild`: makes the views anew from the log.
//!
//! Knows how to say what was done. Must not know how a fold goes.

use serde_json::json;

use super::super::context::Context;
use super::super::exit::{CommandOutcome, Trouble};
use super::super::render::count;
use crate::ledger::Ledger;

/// Arguments of `rebuild`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RebuildArguments {}

impl RebuildArguments {
    pub(in crate::cli) fn run(self, place: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let folded = Ledger::rebuild(&place.ledger, &place.options)?;
        if place.json {
            place.page.json(&json!({ "entries": folded }))?;
        } else {
            let entries = count(folded, "entry", "entries");
            place.page.line(format_args!("made the views anew from {entries}"))?;
        }
        Ok(CommandOutcome::Clean)
    }
}
