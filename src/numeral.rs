//! Figures and dates read from English prose.
//!
//! Knows how numbers, units, money and times are written. Must not know who gives them, nor what a
//! claim is. No figure passes through a float; the same text gives the same figures for ever.

mod calendar;
mod figure;
mod number;
mod value;
mod when;
mod word;
mod year;

pub use figure::{Figure, FigureKind, figures};
pub use when::{When, dates};
