//! Groups assertions by speaker.
//!
//! Knows who speaks in an assertion, how speakers are called, and that merged sources speak as one.
//! Must not know what was asked, nor how an answer is displayed.

use std::collections::BTreeMap;

use super::ViewError;
use super::query::{Assertion, Document, Inquiry, origin};
use crate::domain::claim::ClaimAsserted;
use crate::domain::id::{Sequence, SourceId};
use crate::domain::source::SourceKind;

/// The name for the outlet of a document that does not name it.
const NOT_NAMED: &str = "outlet (not named)";

/// A speaker with all its assertions.
#[derive(Debug, Clone)]
pub struct Speaking {
    /// The speaker's name: `SOAX`; `Ana Dal and Bo Ek` for several together; `critics (unnamed, in
    /// #3)`; `outlet (not named)`.
    pub speaker: String,
    /// The source that speaks, if it is a single one.
    pub source: Option<SourceId>,
    /// The kind of speaker, if it is a single source that was named.
    pub kind: Option<SourceKind>,
    /// The assertions, in the requested order.
    pub assertions: Vec<Heard>,
}

/// An assertion, and its document.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The assertion.
    pub assertion: Assertion,
    /// Its document.
    pub document: Option<Document>,
}

/// A speaker with the numbers of its assertions, which stays small however many there are.
#[derive(Debug)]
pub struct Hearing {
    /// The speaker's name, as in [`Speaking`].
    pub speaker: String,
    /// The source that speaks, if it is a single one.
    pub source: Option<SourceId>,
    /// The kind of speaker, if it is a single source that was named.
    pub kind: Option<SourceKind>,
    /// Assertions that were read to find the speaker and are kept: those for the first of the
    /// numbers.
    kept: Vec<Heard>,
    /// The numbers of the others.
    rest: Vec<Sequence>,
}

impl Hearing {
    /// The number of assertions.
    pub fn count(&self) -> usize {
        self.kept.len() + self.rest.len()
    }

    /// The assertions one by one, in the requested order.
    pub fn assertions(
        self,
        inquiry: &Inquiry<'_>,
    ) -> impl Iterator<Item = Result<Heard, ViewError>> {
        let again = self.rest.into_iter().filter_map(|seq| inquiry.heard(seq).transpose());
        self.kept.into_iter().map(Ok).chain(again)
    }
}

/// How many of the assertions read to find the speaker are kept; the others are read again.
const KEPT: usize = 1000;

impl Inquiry<'_> {
    /// Groups assertions by speaker; speakers are in the order in which they first occur. A number
    /// that is not an assertion is skipped.
    pub fn speaking(&self, numbers: &[Sequence]) -> Result<Vec<Speaking>, ViewError> {
        let speaking = |hearing: Hearing| {
            let (speaker, source, kind) =
                (hearing.speaker.clone(), hearing.source.clone(), hearing.kind);
            let assertions = hearing.assertions(self).collect::<Result<_, _>>()?;
            Ok(Speaking { speaker, source, kind, assertions })
        };
        self.hearing(numbers)?.into_iter().map(speaking).collect()
    }

    /// The same without the assertions, for answers that are too long for memory.
    pub fn hearing(&self, numbers: &[Sequence]) -> Result<Vec<Hearing>, ViewError> {
        let mut all: Vec<Hearing> = Vec::new();
        let mut places: BTreeMap<Vec<SourceId>, usize> = BTreeMap::new();
        let mut kept = 0;
        for &seq in numbers {
            let Some(heard) = self.heard(seq)? else { continue };
            let speakers = self.speakers(&heard.assertion.asserted, heard.document.as_ref());
            let place = match places.get(&speakers) {
                Some(place) => *place,
                None => {
                    all.push(self.silent(&speakers)?);
                    places.insert(speakers, all.len() - 1);
                    all.len() - 1
                }
            };
            if kept < KEPT {
                all[place].kept.push(heard);
                kept += 1;
            } else {
                all[place].rest.push(seq);
            }
        }
        Ok(all)
    }

    /// An assertion with its document; none if the sequence is not an assertion.
    pub fn heard(&self, seq: Sequence) -> Result<Option<Heard>, ViewError> {
        let Some(assertion) = self.assertion(seq)? else { return Ok(None) };
        let document = self.document(assertion.asserted.document)?;
        Ok(Some(Heard { assertion, document }))
    }

    /// A speaker without assertions yet.
    fn silent(&self, speakers: &[SourceId]) -> Result<Hearing, ViewError> {
        let source = if let [one] = speakers { Some(one.clone()) } else { None };
        let naming = source.as_ref().map(|id| self.naming(id)).transpose()?.flatten();
        let kind = naming.map(|naming| naming.named.kind);
        let (kept, rest) = (Vec::new(), Vec::new());
        Ok(Hearing { speaker: self.call(speakers)?, source, kind, kept, rest })
    }

    /// The speakers of an assertion: its [origin], or the outlet if there is no source, or nobody
    /// if the outlet is not named. Merged sources are replaced by the remaining one, which occurs
    /// once.
    pub fn speakers(&self, asserted: &ClaimAsserted, document: Option<&Document>) -> Vec<SourceId> {
        let outlet = document.and_then(|document| document.captured.metadata.publisher.as_ref());
        let heard = match origin(asserted) {
            [] => outlet.map(std::slice::from_ref).unwrap_or_default(),
            origin => origin,
        };
        let mut speakers = Vec::with_capacity(heard.len());
        for source in heard {
            let whole = self.merges().whole(source);
            if !speakers.contains(&whole) {
                speakers.push(whole);
            }
        }
        speakers
    }

    /// The name of several speakers together; without any, the outlet is not named.
    pub fn call(&self, speakers: &[SourceId]) -> Result<String, ViewError> {
        if speakers.is_empty() {
            return Ok(NOT_NAMED.into());
        }
        let names: Result<Vec<String>, ViewError> =
            speakers.iter().map(|source| self.name_of(source)).collect();
        Ok(names?.join(" and "))
    }

    /// The name of a source, or the words that its document uses for it.
    pub fn name_of(&self, source: &SourceId) -> Result<String, ViewError> {
        let whole = self.merges().whole(source);
        if let Some(naming) = self.naming(&whole)? {
            return Ok(naming.named.name.to_string());
        }
        Ok(match &whole {
            SourceId::Unnamed { slug, document } => {
                let words = self.words_for(&whole)?;
                let words = words.unwrap_or_else(|| slug.as_str().replace('-', " "));
                format!("{words} (unnamed, in {document})")
            }
            SourceId::Named(slug) => slug.to_string(),
        })
    }
}
