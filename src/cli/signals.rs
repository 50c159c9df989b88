//! Signals that end the program: what it has for a while only is removed first.
//!
//! Knows SIGHUP, SIGINT and SIGTERM. Must not know what is removed. Everything else is left to the
//! system: a ledger loses nothing with a process that ends at any moment.

/// From here on, a signal that ends the program has its copies removed first. Then the program ends as
/// it would have. Signals that whoever started it has it ignore, as `nohup` does, stay ignored.
#[cfg(unix)]
pub(super) fn watch() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    let ignored = ignored();
    let heeded = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| !ignored.has(*signal));
    let watched = Signals::new(heeded).and_then(|mut signals| {
        std::thread::Builder::new().name("testimony-signals".into()).spawn(move || {
            if let Some(signal) = signals.forever().next() {
                crate::platform::scratch::end();
                let _ = emulate_default_handler(signal);
            }
        })
    });
    if let Err(error) = watched {
        tracing::warn!("signals are not watched, and one may leave a copy behind: {error}");
    }
}

/// A set of signals, as Linux tells it.
#[cfg(unix)]
struct Signalled(u64);

#[cfg(unix)]
impl Signalled {
    const fn has(&self, signal: i32) -> bool {
        self.0 >> (signal - 1) & 1 == 1
    }
}

/// The signals that are ignored, where the system tells.
#[cfg(unix)]
fn ignored() -> Signalled {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let digits = told.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    Signalled(digits.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or(0))
}

/// Elsewhere the system ends the program, and copies are left to it.
#[cfg(not(unix))]
pub(super) fn watch() {}
