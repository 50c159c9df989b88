//! Describes a document: one capture of one text, and what is recorded about its page.
//!
//! Knows a page's metadata. Must not know its bytes, only their hashes.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::digest::{ContentHash, Identity};
use crate::domain::id::{DocumentId, EventId, SourceId};
use crate::domain::moment::{Date, Moment};
use crate::domain::recorder::Recorder;
use crate::domain::spelling::{closed_list, spelt};
use crate::domain::text::{Language, Name, Text, Title};

/// Why a text is not a web address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` is not a web address: give one that begins with http:// or https://, without spaces"
)]
pub struct AddressError(String);

/// A web address, kept exactly as given: http or https, at most 2,048 bytes, no spaces or control
/// characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address(Box<str>);

impl Address {
    /// Accepts `text` unchanged, or refuses it.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let plain = |letter: char| !letter.is_whitespace() && !letter.is_control();
        if text.len() <= 2048
            && rest.is_some_and(|rest| !rest.is_empty())
            && text.chars().all(plain)
        {
            Ok(Self(text.into()))
        } else {
            Err(AddressError(text.escape_debug().take(60).collect()))
        }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::new(text)
    }
}

spelt!(Address);

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The program that read the text from the original bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reader {
    /// The reader's name: `plain`, `markdown`, `html`; with the character set if it was not UTF-8,
    /// as in `html/windows-1252`, and with the number of the article if the page had several, as in
    /// `plain/part-2`.
    pub name: Name,
    /// Its version: the same reader and version read the same text from the same bytes.
    pub version: Name,
}

closed_list! {
    /// How a text was derived from another.
    pub enum Derivation = "derivation" {
        /// Transcribed from speech.
        Transcript = "transcript",
        /// Recognised from an image.
        Ocr = "ocr",
        /// Translated from another language.
        Translation = "translation",
    }
}

/// The origin of a derived text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DerivedFrom {
    /// The document it was derived from, if that was captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
    /// How it was derived.
    pub how: Derivation,
    /// Who or what derived it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Name>,
}

/// What is recorded about a document. All of it can be corrected later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// The title: a text of its own that selectors can address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// The address at which it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Address>,
    /// The canonical address that the page states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<Address>,
    /// The address at which an archive keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive_url: Option<Address>,
    /// The publisher; `None` if the page does not name its outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<SourceId>,
    /// The republishers, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub republishers: Vec<SourceId>,
    /// The credit line: `Agencies`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<Name>,
    /// The authors as printed, one per item.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Name>,
    /// The language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Moment>,
    /// When it was last modified, according to the page itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Moment>,
    /// When it was fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrieved: Option<Moment>,
    /// The earlier capture of the same page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revises: Option<DocumentId>,
    /// The text it was derived from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived_from: Option<DerivedFrom>,
    /// The notices of corrections and updates on the page, in its own words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Text>,
}

impl Metadata {
    /// The documents it refers to.
    pub fn references(&self) -> impl Iterator<Item = EventId> {
        let made_from = self.derived_from.as_ref().and_then(|derived| derived.document);
        self.revises.into_iter().chain(made_from).map(|document| EventId::at(document.sequence()))
    }

    /// The sources it refers to: publisher, then republishers.
    pub fn sources(&self) -> impl Iterator<Item = &SourceId> {
        self.publisher.iter().chain(&self.republishers)
    }
}

closed_list! {
    /// How the bytes of a document were obtained.
    pub enum FetchedHow = "way of fetching" {
        /// Requested from the address itself.
        Request = "request",
        /// Saved by a browser that showed the page.
        Browser = "browser",
        /// Taken from a file of archived pages, such as WARC or WACZ.
        ArchiveFile = "archive_file",
        /// Requested from a web archive.
        ArchiveService = "archive_service",
    }
}

/// A response header worth keeping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name, in lower case.
    pub name: Name,
    /// Its value.
    pub value: Text,
}

/// How a document was fetched. Corrections do not change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetched {
    /// The way it was fetched.
    pub how: FetchedHow,
    /// Who or what fetched it, if that is not who captured it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Recorder>,
    /// The address that was requested.
    pub requested: Address,
    /// The address that answered, if it is a different one.
    #[serde(default, rename = "final", skip_serializing_if = "Option::is_none")]
    pub answered: Option<Address>,
    /// The HTTP status of the response, 100 to 599.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Headers of the response.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// When it was fetched.
    pub at: Date,
    /// The identifier of the record in its archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Name>,
}

/// Why a number is not an HTTP status.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0} is not an HTTP status: give a number from 100 to 599")]
pub struct StatusError(u16);

/// The status code of an HTTP response (RFC 9110, section 15): 100 to 599.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Status(u16);

impl TryFrom<u16> for Status {
    type Error = StatusError;

    fn try_from(code: u16) -> Result<Self, StatusError> {
        if (100..600).contains(&code) { Ok(Self(code)) } else { Err(StatusError(code)) }
    }
}

impl From<Status> for u16 {
    fn from(status: Status) -> u16 {
        status.0
    }
}

/// `document_captured`: the only event that holds hashes of archived bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentCaptured {
    /// The hash of the original bytes.
    pub original: ContentHash,
    /// The hash of the text read from them, in UTF-8.
    pub text: ContentHash,
    /// The reader that read it.
    pub reader: Reader,
    /// The media type of the original, as served: `text/html; charset=utf-8`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<Name>,
    /// The name of the file it came from, without its folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<Name>,
    /// How it was fetched; `None` if it came from a file and its origin is not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<Fetched>,
    /// The earlier capture of the same bytes, if another reader read them again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rereads: Option<DocumentId>,
    /// What is recorded about it.
    pub metadata: Metadata,
}

impl DocumentCaptured {
    /// The hash that decides whether two captures are the same: over the text's hash, the
    /// publisher, the URL, the title and the time of publication.
    pub fn identity(&self) -> Identity {
        let Metadata { publisher, url, title, published, .. } = &self.metadata;
        let mut fields = Vec::with_capacity(256);
        // Encoding into memory cannot fail: these are strings.
        let _ = serde_json::to_writer(&mut fields, &(&self.text, publisher, url, title, published));
        Identity::from_bytes(blake3::derive_key("testimony 2026-11 v1 document identity", &fields))
    }

    /// The documents it refers to.
    pub fn references(&self) -> impl Iterator<Item = EventId> {
        let reread = self.rereads.map(|document| EventId::at(document.sequence()));
        reread.into_iter().chain(self.metadata.references())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_web_address() {
        assert!(Address::new("https://example.org/a?b=c").is_ok());
        for wrong in ["", "https://", "ftp://example.org", "javascript:alert(1)", "https://a b"] {
            assert!(Address::new(wrong).is_err(), "{wrong}");
        }
    }
}
