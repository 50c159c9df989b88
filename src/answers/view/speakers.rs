//! Who is heard in assertions, and what each of them asserts.
//!
//! Knows who speaks in an assertion, how speakers are called, and that sources that were merged speak
//! as one. Must not know what was asked, nor how an answer is shown.

use std::collections::BTreeMap;

use super::ViewError;
use super::query::{Assertion, Document, Inquiry, origin};
use crate::domain::claim::ClaimAsserted;
use crate::domain::id::{Sequence, SourceId};
use crate::domain::source::SourceKind;

/// What an outlet is called whose document does not name it.
const NOT_NAMED: &str = "outlet (not named)";

/// What one speaker asserts.
#[derive(Debug, Clone)]
pub struct Speaking {
    /// How the speaker is called: `SOAX`; `Ana Dal and Bo Ek` where several are heard together;
    /// `critics (unnamed, in #3)`; `outlet (not named)`.
    pub speaker: String,
    /// The source that speaks, where it is one.
    pub source: Option<SourceId>,
    /// What kind of speaker it is, where it is one and was named.
    pub kind: Option<SourceKind>,
    /// What is asserted, in the order in which it was asked for.
    pub assertions: Vec<Heard>,
}

/// An assertion, and the document that it stands in.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The assertion.
    pub assertion: Assertion,
    /// Its document.
    pub document: Option<Document>,
}

/// Who speaks, and the numbers of what is asserted: as much as stays small however much that is.
#[derive(Debug)]
pub struct Hearing {
    /// How the speaker is called, as [`Speaking`] has it.
    pub speaker: String,
    /// The source that speaks, where it is one.
    pub source: Option<SourceId>,
    /// What kind of speaker it is, where it is one and was named.
    pub kind: Option<SourceKind>,
    /// What was read to learn who speaks, and is kept: the first of the numbers.
    kept: Vec<Heard>,
    /// The numbers of the rest.
    rest: Vec<Sequence>,
}

impl Hearing {
    /// How much is asserted.
    pub fn count(&self) -> usize {
        self.kept.len() + self.rest.len()
    }

    /// What is asserted, one by one, in the order in which it was asked for.
    pub fn assertions(
        self,
        inquiry: &Inquiry<'_>,
    ) -> impl Iterator<Item = Result<Heard, ViewError>> {
        let again = self.rest.into_iter().filter_map(|seq| inquiry.heard(seq).transpose());
        self.kept.into_iter().map(Ok).chain(again)
    }
}

/// Assertions that are kept when they were read to learn who speaks; the others are read again.
const KEPT: usize = 1000;

impl Inquiry<'_> {
    /// Puts assertions together under whoever is heard in them; speakers come in the order in which
    /// they are first heard. A number that is no assertion's is passed over.
    pub fn speaking(&self, numbers: &[Sequence]) -> Result<Vec<Speaking>, ViewError> {
        let speaking = |hearing: Hearing| {
            let (speaker, source, kind) =
                (hearing.speaker.clone(), hearing.source.clone(), hearing.kind);
            let assertions = hearing.assertions(self).collect::<Result<_, _>>()?;
            Ok(Speaking { speaker, source, kind, assertions })
        };
        self.hearing(numbers)?.into_iter().map(speaking).collect()
    }

    /// The same without what is asserted, for answers that are longer than should stand in memory.
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

    /// An assertion with its document; none where that sequence is no assertion.
    pub fn heard(&self, seq: Sequence) -> Result<Option<Heard>, ViewError> {
        let Some(assertion) = self.assertion(seq)? else { return Ok(None) };
        let document = self.document(assertion.asserted.document)?;
        Ok(Some(Heard { assertion, document }))
    }

    /// Who speaks, with nothing asserted yet.
    fn silent(&self, speakers: &[SourceId]) -> Result<Hearing, ViewError> {
        let source = if let [one] = speakers { Some(one.clone()) } else { None };
        let naming = source.as_ref().map(|id| self.naming(id)).transpose()?.flatten();
        let kind = naming.map(|naming| naming.named.kind);
        let (kept, rest) = (Vec::new(), Vec::new());
        Ok(Hearing { speaker: self.call(speakers)?, source, kind, kept, rest })
    }

    /// Who is heard in an assertion: its [origin], or the outlet where no source is given, or nobody
    /// where the outlet is not named. Of sources that were merged it is the one that is left, once.
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

    /// How speakers are called together; with none, the outlet is not named.
    pub fn call(&self, speakers: &[SourceId]) -> Result<String, ViewError> {
        if speakers.is_empty() {
            return Ok(NOT_NAMED.into());
        }
        let names: Result<Vec<String>, ViewError> =
            speakers.iter().map(|source| self.name_of(source)).collect();
        Ok(names?.join(" and "))
    }

    /// How a source is called: by its name, or as its document calls it.
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
