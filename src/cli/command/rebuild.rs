//! `rebuild`: rebuilds the views from the log.
//!
//! Knows how the result is printed. Must not know how the log is folded into views.

use serde_json::json;

use super::super::context::Context;
use super::super::exit::{CommandOutcome, Trouble};
use super::super::render::count;
use crate::ledger::Ledger;

/// Arguments of `rebuild`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RebuildArguments {}

impl RebuildArguments {
    pub(in crate::cli) fn run(self, context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let folded = Ledger::rebuild(&context.ledger, &context.options)?;
        if context.json {
            context.screen.json(&json!({ "entries": folded }))?;
        } else {
            let entries = count(folded, "entry", "entries");
            context.screen.line(format_args!("rebuilt the views from {entries}"))?;
        }
        Ok(CommandOutcome::Clean)
    }
}
