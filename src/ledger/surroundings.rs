//! What a ledger is opened with: where its key is, how long to wait, and what comes from outside.
//!
//! Knows the clock and the generator of random bytes as things that are handed in. Must not know
//! what they are used for.

use std::path::PathBuf;
use std::time::Duration;

use crate::moment::Timestamp;
use crate::seal::SaltError;

/// How a ledger is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long another process is waited for.
    pub wait: Duration,
    /// Where the signing key is, if not in the ledger's folder.
    pub key: Option<PathBuf>,
    /// Write without the signing key: the checkpoint then stays as it is.
    pub unsigned: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { wait: Duration::from_secs(5), key: None, unsigned: false }
    }
}

/// What a writer needs from outside: the time, and random bytes.
pub struct Surroundings {
    /// Tells the time.
    pub now: Box<dyn FnMut() -> Timestamp + Send>,
    /// Gives 32 random bytes.
    pub random: Box<dyn FnMut() -> Result<[u8; 32], SaltError> + Send>,
}

impl Surroundings {
    /// The system's clock and generator.
    pub fn system() -> Self {
        // Drawn in bulk: a call for each salt would cost more than sealing the event.
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
