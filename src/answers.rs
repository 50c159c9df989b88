//! Answers questions about the record: views folded from the log, comparisons, and the audit.
//!
//! Knows how to read a ledger. Must not know how to write to one.

pub(crate) mod checksummed;
pub mod finding;
pub(crate) mod fingerprint;
pub(crate) mod posting;

pub mod view;

pub mod audit;
pub mod compare;
