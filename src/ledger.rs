//! The only writer.

pub mod draft;
