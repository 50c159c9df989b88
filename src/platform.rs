//! Wraps what the program needs from the operating system: files, scratch folders, threads, line
//! input, and a guard against panics in third-party code.
//!
//! Knows the operating system. Must not know what a ledger is.

pub mod lines;
pub(crate) mod lock;
pub mod panic_guard;
pub(crate) mod parallel;
pub mod regular_file;

pub(crate) mod scratch;
