//! Measures how well attributions are found, by comparing what was proposed with what people
//! marked.
//!
//! Knows proposals and annotated articles. Must not know the ledger.

pub mod annotator;
pub mod score;
