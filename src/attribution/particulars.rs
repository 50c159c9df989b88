//! The particulars of a claim: on what condition, against whom, when and where, and how much.
//!
//! Knows clauses and phrases within the content, and figures and dates where they stand. Must not
//! know who said it, nor how a figure is read.
