//! `checkpoint`: signs the current log and prints the checkpoint.
//!
//! Knows that signing needs the key. Must not know the format of a checkpoint.

use serde_json::json;

use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use crate::ledger::{Environment, Ledger};
use crate::record::layout::Layout;
use crate::record::tree::checkpoint;

/// Arguments of `checkpoint`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CheckpointArguments {}

impl CheckpointArguments {
    /// With `--unsigned`, prints the last checkpoint without signing.
    pub(in crate::cli) fn run(self, context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        if !context.options.unsigned {
            // This command may sign a ledger whose checkpoint is missing.
            let environment = Environment::system();
            let mut ledger = Ledger::open(&context.ledger, &context.options, environment)?;
            ledger.checkpoint().map_err(|error| Trouble::new(ErrorTag::File, error))?;
            ledger.close()?;
        }
        let path = Layout::of(&context.ledger).checkpoint();
        let note = checkpoint::read(&path).map_err(|error| Trouble::new(ErrorTag::File, error))?;
        let note = note.ok_or_else(|| {
            Trouble::new(
                ErrorTag::Absent,
                "there is no checkpoint yet: run `testimony checkpoint` with the signing key",
            )
        })?;
        let note = String::from_utf8_lossy(&note).into_owned();
        if context.json {
            context.screen.json(&json!({ "checkpoint": note }))?;
        } else {
            context.screen.line(note.trim_end_matches('\n'))?;
        }
        Ok(CommandOutcome::Clean)
    }
}
