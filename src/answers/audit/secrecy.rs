//! Removes confidential details from findings.
//!
//! Knows which fields of a finding contain words from events. Must not know how anything is found.
//! The fact that something is wrong, its place and its kind are always reported.

use crate::answers::finding::{Finding, FindingPlace, Problem};
use crate::answers::view::withheld::Withheld;
use crate::answers::view::{Snapshot, Term};
use crate::domain::id::{Sequence, SourceId};
use crate::record::event::Event;

/// What in the log is confidential, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Secrecy {
    any: bool,
}

/// What is hidden.
enum Hidden {
    /// What the views rebuilt from the whole log withhold.
    These(Withheld),
    /// Every word of an event, because it is unknown which of them are confidential.
    All,
}

impl Secrecy {
    /// Records an event.
    pub(super) fn learn(&mut self, event: &Event) {
        self.any |= event.confidential;
    }

    /// Records what the views contain, because the log may have lost it.
    pub(super) fn remember(&mut self, kept: &Snapshot) {
        let found = kept.list(Term::Confidential, b"");
        self.any |= found.is_ok_and(|found| !found.is_empty());
    }

    /// Removes confidential details from the findings. `rebuilt` are views rebuilt from a log of
    /// that many entries, if it could be folded completely.
    pub(super) fn withhold(
        &self,
        findings: &mut [Finding],
        rebuilt: Option<Snapshot>,
        entries: u64,
    ) {
        if !self.any || findings.is_empty() {
            return;
        }
        let whole = |snapshot: &Snapshot| snapshot.cursor().next.get() == entries;
        let snapshot = rebuilt.filter(whole);
        let withheld = snapshot.and_then(|snapshot| Withheld::from(&snapshot).ok());
        let hidden = withheld.map_or(Hidden::All, Hidden::These);
        for finding in findings {
            finding.withheld = hidden.has(finding);
        }
    }
}

impl Hidden {
    fn has(&self, finding: &Finding) -> bool {
        let names = sources(&finding.problem);
        let place =
            if let FindingPlace::Source(source) = &finding.place { Some(source) } else { None };
        match &finding.problem {
            // Keys of these tables contain words and slugs.
            Problem::ViewsDiffer { table, .. } => {
                ["terms", "marks", "fingerprints"].contains(table)
            }
            // The JSON parser's message quotes the event.
            Problem::EventMalformed { .. } => true,
            Problem::QuoteAstray { document, .. } => {
                self.event(document.sequence()) || self.is_at(&finding.place)
            }
            _ if names.is_empty() && place.is_none() => false,
            _ => {
                names.into_iter().chain(place).any(|source| self.source(source))
                    || self.is_at(&finding.place)
            }
        }
    }

    fn event(&self, seq: Sequence) -> bool {
        match self {
            Self::These(withheld) => withheld.event(seq),
            Self::All => true,
        }
    }

    fn source(&self, source: &SourceId) -> bool {
        match self {
            Self::These(withheld) => withheld.source(source),
            Self::All => true,
        }
    }

    fn is_at(&self, place: &FindingPlace) -> bool {
        matches!(place, FindingPlace::Entry(seq) if self.event(*seq))
    }
}

/// The sources that a problem names.
fn sources(problem: &Problem) -> Vec<&SourceId> {
    match problem {
        Problem::SourceDangling { source }
        | Problem::SourceOfOtherDocument { source }
        | Problem::ChainRound { source } => vec![source],
        Problem::SpeakersRound { ring } | Problem::MergesRound { ring } => ring.0.iter().collect(),
        _ => Vec::new(),
    }
}
