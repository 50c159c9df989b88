//! Signals that end the program: temporary files are removed first.
//!
//! Knows SIGHUP, SIGINT and SIGTERM. Must not know which files are removed. Nothing else needs to be
//! done: a ledger loses no data when the process ends at any moment.

/// Starts watching for signals. Each of them removes the temporary files and then ends the program by
/// its default action. Signals that the parent process set to be ignored, as `nohup` does, remain
/// ignored.
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
        tracing::warn!(
            "cannot watch for signals, so an interrupt may leave temporary files behind: {error}"
        );
    }
}

/// A set of signals, as a bit mask in the format of Linux.
#[cfg(unix)]
struct Signalled(u64);

#[cfg(unix)]
impl Signalled {
    const fn has(&self, signal: i32) -> bool {
        self.0 >> (signal - 1) & 1 == 1
    }
}

/// The signals that the process ignores, if the system reports them.
#[cfg(unix)]
fn ignored() -> Signalled {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let digits = told.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    Signalled(digits.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or(0))
}

/// On other systems, signals are not watched, and temporary files are left to the system.
#[cfg(not(unix))]
pub(super) fn watch() {}
