//! What the program needs of the machine: files, scratch folders, threads, input in lines, and a
//! guard against panics of other crates.
//!
//! Knows the operating system. Must not know what a ledger is.

pub mod lines;
pub mod panic_guard;
pub(crate) mod parallel;
pub mod regular_file;

pub(crate) mod scratch;
