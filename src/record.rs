//! Defines what is recorded and how its integrity is proved: events, drafts, decisions on drafts,
//! seals, the hash tree, the log and the archive.
//!
//! Knows the format of a ledger on disk. Must not know which questions are asked of it.

pub mod archive;
pub mod event;
pub mod layout;
pub mod tree;

pub mod draft;
pub mod seal;

pub mod decide;
pub mod log;
