//! Every integration test, in one program: linking one executable takes a second, linking fifty took most
//! of a minute.
//!
//! Run a part with `cargo test MODULE::`. Long runs are ignored or ask for `TESTIMONY_LONG`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

/// What tests of several modules read: the tables of docs/format.md.
mod page {
    pub(crate) mod checker;
    pub(crate) mod probes;
    pub(crate) mod samples;
    pub(crate) mod tables;
}

/// Pages and texts made to break a reader.
mod hostile {
    pub(crate) mod figures;
    pub(crate) mod pages;
    pub(crate) mod shapes;
}

// The sources themselves.
mod conventions;
mod layers;

// Reading: pages, English, figures, attributions.
mod attribution_gold;
mod attribution_told;
mod bounds;
mod gold_converts;
mod hostile_articles;
mod pages;
mod quantities;
mod score;
mod train;
mod typed_figures;

// The format, and other programs that read it.
mod format_example;
mod format_page;
mod golden;
mod old_ledger;
mod tree_vectors;
mod verifier;

// The record: what is refused, what is kept, what is durable.
mod decisions;
mod disk;
mod kill;
mod ledger;
mod log_conformance;
mod log_damage;
mod power;
mod property;
mod safe_hands;
mod strange_files;
mod whole;

// Answers and audits.
mod articles;
mod audit_damage;
mod audit_findings;
mod audit_flips;
mod audit_scale;
mod confidential;
mod damaged_views;
mod names;
mod sameness;
mod surface;

// The command line, and the documentation that shows it.
mod examples_stand;
mod ingest;
mod json_page;
mod refusals;
mod screens;
mod transcripts;
