//! Determines what is withheld from those who may not see it: confidential events, and everything
//! that names them.
//!
//! Knows which events name which events and sources. Must not know what was asked. It uses the
//! current state of the ledger, so that an answer about an earlier moment does not show what became
//! confidential later.

use std::collections::BTreeSet;

use super::{Mark, Snapshot, Term, ViewError, sequence_key, sequence_of};
use crate::domain::id::{DocumentId, Sequence, SourceId};
use crate::record::event::{Body, Kind};

/// What may not be seen.
#[derive(Debug, Default)]
pub struct Withheld {
    events: Vec<Sequence>,
    sources: BTreeSet<SourceId>,
    /// Whether an event's own flag counts as well, whatever the lists above say.
    heeded: bool,
    disclosed: BTreeSet<Sequence>,
}

impl Withheld {
    /// Events recorded as confidential and not disclosed since; events that name one of them, a
    /// source named by one of them, or something in one of their documents; and so on.
    pub fn from(snapshot: &Snapshot) -> Result<Self, ViewError> {
        let mut disclosed = BTreeSet::new();
        for (event, _, _) in snapshot.marks_of(Mark::Disclosed)? {
            disclosed.extend(sequence_of(&event));
        }
        let mut open = snapshot.list(Term::Confidential, b"")?;
        open.retain(|seq| !disclosed.contains(seq));
        if open.is_empty() {
            return Ok(Self { heeded: true, disclosed, ..Self::default() });
        }
        let documents = snapshot.of_kind(Kind::DocumentCaptured)?;
        let namings = snapshot.of_kind(Kind::SourceNamed)?;
        let (mut events, mut sources) = (BTreeSet::new(), BTreeSet::new());
        while let Some(seq) = open.pop() {
            if !events.insert(seq) {
                continue;
            }
            open.extend(snapshot.list(Term::Names, &sequence_key(seq))?);
            if documents.binary_search(&seq).is_ok() {
                open.extend(snapshot.list(Term::Document, &sequence_key(seq))?);
            } else if namings.binary_search(&seq).is_ok()
                && let Some(Body::SourceNamed(named)) = snapshot.event(seq)?.map(|event| event.body)
            {
                let source = SourceId::Named(named.slug);
                open.extend(naming(snapshot, &source)?);
                sources.insert(source);
            }
        }
        Ok(Self { events: events.into_iter().collect(), sources, heeded: true, disclosed })
    }

    /// The events, ascending.
    pub fn events(&self) -> &[Sequence] {
        &self.events
    }

    /// Whether an event is withheld.
    pub fn event(&self, seq: Sequence) -> bool {
        self.events.binary_search(&seq).is_ok()
    }

    /// Whether an event with this flag is withheld. The flag counts in case the event is missing
    /// from the list of confidential ones.
    pub fn hides(&self, seq: Sequence, confidential: bool) -> bool {
        self.event(seq) || (self.heeded && confidential && !self.disclosed.contains(&seq))
    }

    /// Whether a source is withheld; an unnamed one is withheld with its document.
    pub fn source(&self, source: &SourceId) -> bool {
        match source {
            SourceId::Named(_) => self.sources.contains(source),
            SourceId::Unnamed { document, .. } => self.document(*document),
        }
    }

    /// Whether a document is withheld.
    pub fn document(&self, document: DocumentId) -> bool {
        self.event(document.sequence())
    }
}

/// Every event that names a source, including its own namings.
fn naming(snapshot: &Snapshot, source: &SourceId) -> Result<Vec<Sequence>, ViewError> {
    let slug = source.to_string();
    let mut naming = Vec::new();
    for term in [Term::Source, Term::Against, Term::Publisher, Term::Outlet, Term::Names] {
        naming.extend(snapshot.list(term, slug.as_bytes())?);
    }
    let namings = snapshot.marks(Mark::Named, slug.as_bytes())?;
    naming.extend(namings.into_iter().map(|(at, _)| at));
    Ok(naming)
}
