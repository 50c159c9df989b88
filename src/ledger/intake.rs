//! Takes in the attributions found in a document, and turns them into the drafts that record them.
//!
//! Knows the form that they have between the programs that find them and the ledger: sources as
//! they would be named, and assertions that refer to them. Must not know how they are found, or
//! where they go. The child modules: `drafting` turns the grammar's proposals into this form,
//! `extractor` obtains them from an external program, `filtering` leaves out what is not to be
//! proposed, `linking` matches their sources to those that the ledger knows, and `outlets` finds
//! the outlets of a page.

pub mod drafting;
pub mod extractor;
mod filtering;
pub mod linking;
pub mod outlets;

use crate::domain::claim::{Confidence, FoundBy};
use crate::domain::id::{DocumentId, Name, Slug};
use crate::domain::selector::{IndexedText, Zone};
use crate::domain::source::SourceNamed;
use crate::domain::text::Language;
use crate::reading::attribution::EXTRACTOR;
use crate::record::draft::DraftAssertion;

/// A document to be read: the texts that can be quoted, and its metadata.
#[derive(Debug, Clone)]
pub struct ReadDocument {
    /// Its number.
    pub id: DocumentId,
    /// Its title, a separate text.
    pub title: Option<IndexedText>,
    /// Its body.
    pub body: IndexedText,
    /// Its publisher's slug.
    pub publisher: Option<String>,
    /// When it was published, as precisely as is known.
    pub published: Option<crate::domain::moment::Date>,
    /// Its language.
    pub language: Option<Language>,
}

impl ReadDocument {
    /// The text of a zone, if the document has it.
    pub const fn zone(&self, zone: Zone) -> Option<&IndexedText> {
        match zone {
            Zone::Body => Some(&self.body),
            Zone::Title => self.title.as_ref(),
        }
    }
}

/// The attributions found in one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The sources that the assertions refer to by slug, as they would be named.
    pub sources: Vec<SourceNamed>,
    /// The assertions, in the order in which they were found.
    pub assertions: Vec<FoundAssertion>,
}

/// One assertion that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAssertion {
    /// The assertion as it would be recorded.
    pub draft: DraftAssertion,
    /// The line of input that it came from, if any.
    pub line: Option<u64>,
}

impl FoundAssertion {
    /// The confidence of the program that found it; `None` if not stated.
    pub fn confidence(&self) -> Option<Confidence> {
        match self.draft.found_by {
            Some(FoundBy::Extractor { confidence, .. }) => confidence,
            _ => None,
        }
    }
}

/// Whether a program of this name would be mistaken for this one.
pub fn is_our_name(name: &Name) -> bool {
    Slug::from_name(name.as_str()).is_ok_and(|slug| slug.as_str() == EXTRACTOR)
}
