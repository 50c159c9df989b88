//! Turns panics in third-party code into errors: such code panics on damaged files and unforeseen
//! pages, and that must not end the program.
//!
//! Knows how to catch a panic and silence it. Must not know what code it calls.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The most characters kept of the message of a panic or a store: messages can quote whole pages.
const LONGEST: usize = 200;

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside [`catch_panic`]: a panic here is reported as an error, so the
/// program's panic hook need not print it.
pub fn is_guarded() -> bool {
    CONTAINED.get()
}

/// Calls code that may panic on damaged files, and returns a panic's message as a one-line error.
/// After a panic, whatever the code was working on must be dropped or only read: nothing may rely
/// on half-finished state.
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
    one_line(text.unwrap_or("it gave no reason"))
}

/// Joins the lines of a message into one, cut to a length that can be shown.
pub fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_message() {
        let fault = catch_panic::<()>(|| {
            assert!(is_guarded());
            panic!("page {} is\n   gone", 7)
        });
        assert_eq!(fault.unwrap_err(), "page 7 is gone");
        assert!(!is_guarded());
    }
}
