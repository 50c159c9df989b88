//! Defines the vocabulary of the ledger: claims, sources, documents, and the values in them.
//!
//! Knows which values are valid and how they are spelled. Must not know events, files, or how text
//! is read.

pub mod digest;
pub(crate) mod objects;
pub mod spelling;
pub(crate) mod union_find;

pub mod moment;
pub mod quantity;
pub mod selector;
pub mod text;

pub mod id;
pub mod recorder;

pub mod claim;
pub mod document;
pub mod reference;
pub mod source;

pub mod resolve;
