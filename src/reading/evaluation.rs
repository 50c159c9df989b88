//! How well attributions are found: what is proposed, held against what people marked.
//!
//! Knows proposals and annotated articles. Must not know the ledger.

pub mod annotator;
pub mod score;
