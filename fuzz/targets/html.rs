//! Reads an HTML page from any bytes, and everything that is then read from its text.

#![no_main]

use std::panic;

use libfuzzer_sys::fuzz_target;
use testimony::page::{self, Format};
use testimony::panic_guard;

fuzz_target!(init: { let_guarded_panics_pass() }, |bytes: &[u8]| {
    let page = match page::read(bytes, Format::Html) {
        Ok(page) => page,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert!(!page.text.trim().is_empty());
    let _ = page.metadata();
    let mut end = 0;
    for span in page::unread(&page.text) {
        assert!(end <= span.start && page.text.get(span.clone()).is_some());
        end = span.end;
    }
    if let Ok(parts) = page.parts(None) {
        assert!(!parts.is_empty());
    }
});

/// The fuzzer ends the process at every panic. One in a third-party crate that the library turns into
/// an answer is no failure.
fn let_guarded_panics_pass() {
    let abort = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !panic_guard::is_guarded() {
            abort(panic);
        }
    }));
}
