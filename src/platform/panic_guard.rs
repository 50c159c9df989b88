//! Where panics of other crates end: on damaged files and on pages that nobody thought of they panic,
//! and that must be no more than an answer.
//!
//! Knows how to catch a panic and keep it quiet. Must not know what was called.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The most characters kept of what a panic or a store says: they can quote whole pages.
const LONGEST: usize = 200;

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is within [`catch_panic`], so that a panic here will be reported as an error and
/// the program's panic hook need not print it.
pub fn is_guarded() -> bool {
    CONTAINED.get()
}

/// Calls into what may panic on damaged files, and gives a panic's words back as an error, in one
/// line. What is called must be dropped, or only read, after a panic: nothing half-done may be built
/// upon.
///
/// # Errors
///
/// The call panicked.
pub fn catch_panic<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    let outer = CONTAINED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(call));
    CONTAINED.set(outer);
    outcome.map_err(|panic| words(panic.as_ref()))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    one_line(text.unwrap_or("it does not say why"))
}

/// A message of several lines as one, cut to a length that can be shown.
pub fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_words() {
        let fault = catch_panic::<()>(|| {
            assert!(is_guarded());
            panic!("page {} is\n   gone", 7)
        });
        assert_eq!(fault.unwrap_err(), "page 7 is gone");
        assert!(!is_guarded());
    }
}
