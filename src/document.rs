//! Where words were read: one capture of one text.
//!
//! Knows what is said about a page. Must not know its bytes, only their hashes.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::digest::{ContentHash, Identity};
use crate::id::{DocumentId, EventId, Name, SourceId};
use crate::moment::Moment;
use crate::spelling::spelt;

/// Why something is no web address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no address: give one that begins with http:// or https://, without spaces")]
pub struct AddressError(String);

/// A web address, kept as it was given: http or https, at most 2,048 bytes, no spaces or controls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address(Box<str>);

impl Address {
    /// Accepts `text` as it is, or refuses it.
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

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::new(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.0.into()
    }
}

/// What read the text from the original bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reader {
    /// The reader's name: `plain`, `markdown`, `html`; with the character set where that was not
    /// UTF-8, as in `html/windows-1252`, and with the number of the article where the page had
    /// several, as in `plain/part-2`.
    pub name: Name,
    /// Its version: the same reader and version read the same text from the same bytes.
    pub version: Name,
}

/// How a text came from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Derivation {
    /// Written down from speech.
    Transcript,
    /// Read from a picture.
    Ocr,
    /// Put into another language.
    Translation,
}

/// That a text came from another, and by whose hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DerivedFrom {
    /// The document it came from, where that was captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
    /// How.
    pub how: Derivation,
    /// Who or what did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Name>,
}

/// What is said about a document. All of it can be corrected later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// The title: a text of its own, which selectors can address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Name>,
    /// Where it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Address>,
    /// Where it says it belongs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical_url: Option<Address>,
    /// Where an archive keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive_url: Option<Address>,
    /// Who published it; none where the page does not name its outlet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<SourceId>,
    /// Who carried it on, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub republishers: Vec<SourceId>,
    /// The credit line: `Agencies`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<Name>,
    /// The author as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Name>,
    /// The language, as a BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Name>,
    /// When it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Moment>,
    /// When it was fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrieved: Option<Moment>,
    /// The earlier capture of the same page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revises: Option<DocumentId>,
    /// What it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived_from: Option<DerivedFrom>,
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

/// `document_captured`: the one event that holds hashes of archived bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentCaptured {
    /// The bytes as they came.
    pub original: ContentHash,
    /// The text read from them, in UTF-8.
    pub text: ContentHash,
    /// What read it.
    pub reader: Reader,
    /// What is said about it.
    pub metadata: Metadata,
}

impl DocumentCaptured {
    /// What makes two captures the same: the text's hash, the publisher and the URL.
    pub fn identity(&self) -> Identity {
        let mut fields = Vec::with_capacity(256);
        let identifying = (&self.text, &self.metadata.publisher, &self.metadata.url);
        // Encoding into memory cannot fail: these are strings.
        let _ = serde_json::to_writer(&mut fields, &identifying);
        Identity::from_bytes(blake3::derive_key("testimony 2026-11 v0 document identity", &fields))
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
