//! Intake: what was found in a document, on its way to the drafts that record it.
//!
//! Knows the shape that findings have between whoever made them and the ledger: sources as they
//! would be named, and assertions that speak of them. Must not know how any were found, nor where
//! they go. A child turns the grammar's proposals into findings, another has them from a program
//! outside, a third leaves out what is not to be proposed, and a fourth holds their sources against
//! those that the ledger knows; a fifth finds the outlets of a page.

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

/// A document as it is read: what can be quoted of it, and what is said about it.
#[derive(Debug, Clone)]
pub struct ReadDocument {
    /// Its number.
    pub id: DocumentId,
    /// Its title, a text of its own.
    pub title: Option<IndexedText>,
    /// Its body.
    pub body: IndexedText,
    /// Its publisher's slug.
    pub publisher: Option<String>,
    /// When it was published, as precisely as that is known.
    pub published: Option<crate::domain::moment::Date>,
    /// Its language.
    pub language: Option<Language>,
}

impl ReadDocument {
    /// The text of a zone, where the document has one.
    pub const fn zone(&self, zone: Zone) -> Option<&IndexedText> {
        match zone {
            Zone::Body => Some(&self.body),
            Zone::Title => self.title.as_ref(),
        }
    }
}

/// What was found in one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Sources that the assertions speak of by these slugs, as they would be named.
    pub sources: Vec<SourceNamed>,
    /// The assertions, in the order in which they were found.
    pub assertions: Vec<FoundAssertion>,
}

/// One assertion that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAssertion {
    /// It, as it would be recorded.
    pub draft: DraftAssertion,
    /// The line that it came on, where it came on one.
    pub line: Option<u64>,
}

impl FoundAssertion {
    /// How sure whoever found it is; none where that was not said.
    pub fn confidence(&self) -> Option<Confidence> {
        match self.draft.found_by {
            Some(FoundBy::Extractor { confidence, .. }) => confidence,
            _ => None,
        }
    }
}

/// Whether a program would be taken for this one.
pub fn is_our_name(name: &Name) -> bool {
    Slug::from_name(name.as_str()).is_ok_and(|slug| slug.as_str() == EXTRACTOR)
}
