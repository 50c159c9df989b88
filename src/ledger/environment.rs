//! Defines what a ledger is opened with: its options, and its environment, the clock and the random
//! bytes.
//!
//! Knows the clock and the generator of random bytes as values that are passed in. Must not know
//! what they are used for.

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

use crate::domain::moment::Timestamp;
use crate::record::seal::SaltError;

const MINUTE_MICROS: u64 = 60 * 1_000_000;
const DAY_MICROS: u64 = 24 * 60 * MINUTE_MICROS;

/// In days: a ledger unused for longer than this is less likely than a wrong clock.
const MOST_DAYS: u64 = 400;

/// Why the clock's time is doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClockDoubt {
    /// It is before 1970, where times in a ledger begin.
    #[error("the clock is set before 1970, and no entry can have such a time: correct the clock")]
    BeforeAll,
    /// It is before the newest entry, and later entries cannot be before that one.
    #[error(
        "the clock says {now}, which is before the newest entry ({newest}): new entries get that \
         entry's time until the clock has passed it; set the clock if it is wrong, or restore a \
         backup if the clock was wrong when that entry was recorded"
    )]
    Behind {
        /// The clock's time.
        now: Timestamp,
        /// The time of the newest entry.
        newest: Timestamp,
    },
    /// It is long after the newest entry.
    #[error(
        "the clock says {now}, which is {days} days after the newest entry ({newest}): no later entry \
         can have a time before this one; go on if the clock is right, otherwise set it first"
    )]
    Ahead {
        /// The clock's time.
        now: Timestamp,
        /// How many days later that is.
        days: u64,
        /// The time of the newest entry.
        newest: Timestamp,
    },
}

/// The time, or an error if it is before 1970.
pub(super) fn told(now: Timestamp) -> Result<Timestamp, ClockDoubt> {
    if now == Timestamp::EPOCH { Err(ClockDoubt::BeforeAll) } else { Ok(now) }
}

/// Checks that the time is plausible after the newest entry's. It may be up to a minute earlier, as
/// after a clock is corrected.
pub(super) fn goes_with(now: Timestamp, newest: Timestamp) -> Result<(), ClockDoubt> {
    told(now)?;
    let days = now.micros().saturating_sub(newest.micros()) / DAY_MICROS;
    if days > MOST_DAYS {
        return Err(ClockDoubt::Ahead { now, days, newest });
    }
    if newest.micros().saturating_sub(now.micros()) > MINUTE_MICROS {
        return Err(ClockDoubt::Behind { now, newest });
    }
    Ok(())
}

/// The options for opening a ledger.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long to wait for another process.
    pub wait: Duration,
    /// The path of the signing key, if it is not in the ledger's folder.
    pub key: Option<PathBuf>,
    /// Whether to write without the signing key: the checkpoint then stays as it is.
    pub unsigned: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { wait: Duration::from_secs(5), key: None, unsigned: false }
    }
}

/// What a writer needs from outside: the time, and random bytes.
pub struct Environment {
    /// Returns the current time.
    pub now: Box<dyn FnMut() -> Timestamp + Send>,
    /// Returns 32 random bytes.
    pub random: Box<dyn FnMut() -> Result<[u8; 32], SaltError> + Send>,
}

impl Environment {
    /// The system's clock and random number generator.
    pub fn system() -> Self {
        // Drawn in bulk: a system call for each salt would cost more than sealing the event.
        let mut drawn: Vec<[u8; 32]> = Vec::new();
        let random = move || {
            if drawn.is_empty() {
                let mut bytes = [0; 32 * 64];
                getrandom::fill(&mut bytes).map_err(|_| SaltError)?;
                drawn.extend(bytes.as_chunks::<32>().0);
            }
            drawn.pop().ok_or(SaltError)
        };
        Self { now: Box::new(Timestamp::now), random: Box::new(random) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_goes_with_the_newest_entry_or_is_doubted() {
        let newest = Timestamp::from_micros(1_767_225_600 * 1_000_000);
        let at = |micros: u64| goes_with(Timestamp::from_micros(micros), newest);
        let here = newest.micros();
        for fits in [0, 1, DAY_MICROS, (MOST_DAYS + 1) * DAY_MICROS - 1] {
            assert_eq!(at(here + fits), Ok(()), "{fits}");
        }
        assert_eq!(at(here - MINUTE_MICROS), Ok(()));
        assert!(matches!(at(here - MINUTE_MICROS - 1), Err(ClockDoubt::Behind { .. })));
        assert!(matches!(at(1), Err(ClockDoubt::Behind { .. })));
        let far = at(here + (MOST_DAYS + 1) * DAY_MICROS);
        assert!(matches!(far, Err(ClockDoubt::Ahead { days: 401, .. })), "{far:?}");
        assert!(matches!(at(u64::MAX), Err(ClockDoubt::Ahead { .. })));
        assert_eq!(at(0), Err(ClockDoubt::BeforeAll));
    }
}
