//! Reads pages and finds the attributions in them: file formats, English syntax, figures and dates,
//! and who said what.
//!
//! Knows text. Must not know that anything is recorded.

pub mod annotation;
pub mod numeral;
pub mod page;
pub mod syntax;

pub mod attribution;

pub mod evaluation;
