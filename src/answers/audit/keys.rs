//! Checks whose log it is: its opening, and the keys that sign its checkpoints.
//!
//! Knows the opening and key events. Must not know what a checkpoint says.

use crate::answers::finding::{FindingPlace, Findings, Problem};
use crate::domain::id::{LogName, Name, Sequence};
use crate::record::event::{Body, Event, FORMAT, KeyRotated, LedgerOpened};
use crate::record::tree::checkpoint::key::{Rotation, VerifierKey};

/// The keys that a log has had.
#[derive(Default)]
pub(super) struct Keys {
    log: Option<LogName>,
    given: Vec<(Sequence, Option<VerifierKey>)>,
}

impl Keys {
    /// The log's name, once its opening has been read.
    pub(super) const fn log(&self) -> Option<&LogName> {
        self.log.as_ref()
    }

    /// The key that signs a checkpoint of the first `size` entries.
    pub(super) fn in_force(&self, size: u64) -> Option<&VerifierKey> {
        let before = self.given.iter().rfind(|(at, _)| at.get() < size);
        before.and_then(|(_, key)| key.as_ref())
    }

    /// Records the event at `at`; none if it was erased, or this version cannot read it.
    pub(super) fn learn(&mut self, at: Sequence, event: Option<&Event>, findings: &mut Findings) {
        match event.map(|event| &event.body) {
            Some(Body::LedgerOpened(opened)) if at == Sequence::ZERO => {
                self.open(at, opened, findings);
            }
            Some(Body::LedgerOpened(_)) => {
                findings.add(FindingPlace::Entry(at), Problem::OpenedAgain {})
            }
            _ if at == Sequence::ZERO => {
                findings.add(FindingPlace::Entry(at), Problem::NotOpened {})
            }
            Some(Body::KeyRotated(rotated)) => self.rotate(at, rotated, findings),
            _ => {}
        }
    }

    fn open(&mut self, at: Sequence, opened: &LedgerOpened, findings: &mut Findings) {
        if opened.format > FORMAT {
            findings.add(FindingPlace::Entry(at), Problem::FormatUnknown { format: opened.format });
        }
        self.log = Some(opened.log.clone());
        self.give(at, &opened.key, findings);
    }

    fn rotate(&mut self, at: Sequence, rotated: &KeyRotated, findings: &mut Findings) {
        let old = self.in_force(at.get()).cloned();
        self.give(at, &rotated.key, findings);
        if let (Some(endorsement), Some(old)) = (&rotated.endorsement, old)
            && !old.endorses(
                &Rotation {
                    log: old.log_name(),
                    at,
                    key: rotated.key.as_str(),
                    next: rotated.next_key.as_ref(),
                },
                endorsement.as_str(),
            )
        {
            findings.add(FindingPlace::Entry(at), Problem::EndorsementWrong {});
        }
    }

    fn give(&mut self, at: Sequence, key: &Name, findings: &mut Findings) {
        let key = match VerifierKey::new(key.as_str()) {
            Ok(key) if self.log.as_ref().is_none_or(|log| log.as_str() == key.log_name()) => {
                Some(key)
            }
            Ok(key) => {
                let fault = format!("it is the key of `{}`", key.log_name());
                findings.add(FindingPlace::Entry(at), Problem::KeyUnfit { fault });
                None
            }
            Err(_) => {
                let fault = "it is not a verifier key".to_owned();
                findings.add(FindingPlace::Entry(at), Problem::KeyUnfit { fault });
                None
            }
        };
        self.given.push((at, key));
    }
}
