//! `ingest`: captures documents, and proposes what is attributed in them.
//!
//! Knows the ways in which proposals are handed on. Must not know how attributions are read.

use std::path::PathBuf;

use super::super::exit::{Outcome, Trouble};
use super::super::place::Place;

mod annotated;

/// Arguments of `ingest`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Ingest {
    /// Read an annotated corpus instead (JSON lines, gzip or plain), and print what is found in each
    /// of its articles, for a scorer; this needs no ledger
    #[arg(long, value_name = "FILE", required = true)]
    annotated: PathBuf,
}

impl Ingest {
    pub(in crate::cli) fn run(self, place: Place<'_>) -> Result<Outcome, Trouble> {
        annotated::run(&self.annotated, place.page)
    }
}
