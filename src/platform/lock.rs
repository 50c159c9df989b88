//! Waits for a file lock that another process holds.
//!
//! Knows how often to try. Must not know what is locked, or how.

use std::fs::TryLockError;
use std::thread;
use std::time::{Duration, Instant};

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// Takes a lock by `try_lock`, retrying for at most `wait` while another process holds it.
///
/// # Errors
///
/// [`TryLockError::WouldBlock`] if it is still held then; an error of the system at once.
pub(crate) fn within(
    wait: Duration,
    try_lock: impl Fn() -> Result<(), TryLockError>,
) -> Result<(), TryLockError> {
    let deadline = Instant::now() + wait;
    loop {
        match try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(PAUSE),
            tried => return tried,
        }
    }
}
