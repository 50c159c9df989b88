//! Who speaks: the kinds of source, and what is known of one.
//!
//! Knows names. Must not know what a source said.

use serde::{Deserialize, Serialize};

use crate::id::{Name, Slug, SourceId};

/// What kind of speaker a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// One human being.
    Person,
    /// A newspaper, broadcaster, site or channel that publishes.
    Outlet,
    /// A news agency.
    Agency,
    /// A company, association, court or other body.
    Organisation,
    /// A government, ministry, police force or other arm of a state.
    Government,
    /// A report, letter, statement or other document that is cited as a speaker.
    Report,
    /// A collection of data.
    Dataset,
    /// People known only together.
    Group,
    /// Nobody has said yet.
    Unknown,
}

impl SourceKind {
    /// The kind's wire tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Outlet => "outlet",
            Self::Agency => "agency",
            Self::Organisation => "organisation",
            Self::Government => "government",
            Self::Report => "report",
            Self::Dataset => "dataset",
            Self::Group => "group",
            Self::Unknown => "unknown",
        }
    }
}

/// `source_named`: a source gets its name, kind, aliases and principal. Naming a slug again
/// replaces all four; the log keeps what they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceNamed {
    /// The slug by which events refer to it.
    pub slug: Slug,
    /// The name as it is written.
    pub name: Name,
    /// What kind of speaker it is.
    pub kind: SourceKind,
    /// Other names it goes by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Name>,
    /// Whom it speaks for, as a spokesperson does for a company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaks_for: Option<SourceId>,
}
