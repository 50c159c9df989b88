//! `rebuild`: makes the views anew from the log.
//!
//! Knows how to say what was done. Must not know how a fold goes.

use serde_json::json;

use super::super::exit::{Outcome, Trouble};
use super::super::place::Place;
use super::super::render::count;
use crate::ledger::Ledger;

/// Arguments of `rebuild`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Rebuild {}

impl Rebuild {
    pub(in crate::cli) fn run(self, place: Place<'_>) -> Result<Outcome, Trouble> {
        let folded = Ledger::rebuild(&place.ledger, &place.options)?;
        if place.json {
            place.page.json(&json!({ "entries": folded }))?;
        } else {
            let entries = count(folded, "entry", "entries");
            place.page.line(format_args!("made the views anew from {entries}"))?;
        }
        Ok(Outcome::Clean)
    }
}
