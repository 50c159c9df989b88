//! What an audit keeps to itself: whatever a finding would tell of what is confidential.
//!
//! Knows which fields of a finding have words of events in them. Must not know how anything is found.
//! That something is wrong, where, and of which kind is told to everyone.

use crate::answers::finding::{Finding, FindingPlace, Problem};
use crate::answers::view::withheld::Withheld;
use crate::answers::view::{Snapshot, Term};
use crate::domain::id::{Sequence, SourceId};
use crate::record::event::Event;

/// Whether anything in the log is confidential, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Secrecy {
    any: bool,
}

/// What is kept back.
enum Hidden {
    /// What the views made anew from all of the log withhold.
    These(Withheld),
    /// Every word of an event: nobody can say which of them are confidential.
    All,
}

impl Secrecy {
    /// Takes note of an event.
    pub(super) fn learn(&mut self, event: &Event) {
        self.any |= event.confidential;
    }

    /// Takes note of what the views remember: the log may have lost it.
    pub(super) fn remember(&mut self, kept: &Snapshot) {
        let found = kept.list(Term::Confidential, b"");
        self.any |= found.is_ok_and(|found| !found.is_empty());
    }

    /// Keeps back what the findings would tell of it. `rebuilt` are views made anew of a log of so
    /// many entries, where it could be folded whole.
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
            // Keys of these have words and slugs in them.
            Problem::ViewsDiffer { table, .. } => {
                ["terms", "marks", "fingerprints"].contains(table)
            }
            // What a reader of JSON says quotes it.
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
