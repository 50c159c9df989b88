//! Defines identifiers: names and numbers by which things refer to one another, each of its own
//! type.
//!
//! Knows how an identifier is spelled. Must not know what it identifies, or whether that exists.
//!
//! A document's number cannot be used where an assertion's is expected:
//!
//! ```compile_fail,E0308
//! use testimony::id::{AssertionId, DocumentId, Sequence};
//! let document = DocumentId::at(Sequence::new(3).unwrap());
//! let assertion: AssertionId = document;
//! ```

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::domain::spelling::{Spelt, spelt};
pub use crate::domain::text::Name;

/// Why something is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// Beyond 2^53 - 1, from where JSON readers lose precision.
    #[error("{0} is too large for a sequence number: the largest is 9007199254740991")]
    SequenceTooLarge(u64),
    /// Not `#` and digits.
    #[error("`{0}` is not an entry: give its number, as in #41")]
    NotSequence(String),
    /// Empty, or with no letters or digits.
    #[error("a name is empty: give at least one letter or digit")]
    Empty,
    /// Longer than 64 letters.
    #[error("the slug `{0}…` is longer than 64 letters: shorten it")]
    SlugTooLong(String),
    /// Contains characters that a slug may not have, or is not in normal form.
    #[error("`{found}` is not a slug: use letters, digits, `-`, `_` and `.`, as in `{proposal}`")]
    NotSlug {
        /// What was given.
        found: String,
        /// The nearest slug.
        proposal: String,
    },
    /// The part after `@` is not a document.
    #[error("`{0}` is not an unnamed source: give a slug, `@` and a document, as in critics@12")]
    NotUnnamed(String),
    /// Not usable as a request id.
    #[error("`{0}` is not a request id: give 1 to 64 visible ASCII characters without spaces")]
    NotRequest(String),
    /// Not usable as the first line of a signed note.
    #[error("`{0}` is not a log name: use no spaces, no `+`, and at most 120 bytes")]
    NotLogName(String),
}

/// The position of an entry in the log, counted from 0, at most 2^53 - 1.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "u64", into = "u64")]
pub struct Sequence(u64);

impl Sequence {
    /// The sequence of the first entry.
    pub const ZERO: Self = Self(0);
    /// The largest possible value.
    pub const MAX: u64 = (1 << 53) - 1;

    /// The sequence `value`, unless it is beyond 2^53 - 1.
    pub fn new(value: u64) -> Result<Self, IdError> {
        if value > Self::MAX { Err(IdError::SequenceTooLarge(value)) } else { Ok(Self(value)) }
    }

    /// The number itself.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The sequence that follows.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The sequence `count` places later.
    #[must_use]
    pub const fn plus(self, count: u64) -> Self {
        Self(self.0 + count)
    }
}

impl TryFrom<u64> for Sequence {
    type Error = IdError;

    fn try_from(value: u64) -> Result<Self, IdError> {
        Self::new(value)
    }
}

impl From<Sequence> for u64 {
    fn from(sequence: Sequence) -> u64 {
        sequence.0
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl FromStr for Sequence {
    type Err = IdError;

    /// Reads `#41` or `41`.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = text.strip_prefix('#').unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let value = plain.then(|| digits.parse().ok()).flatten();
        Self::new(value.ok_or_else(|| IdError::NotSequence(clip(text)))?)
    }
}

const LONG_NAME_CONTEXT: &str = "testimony 2026-11 v1 long name";

macro_rules! reference {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Sequence);

        impl $name {
            /// The identifier for `sequence`; it is up to the ledger whether that exists.
            pub const fn at(sequence: Sequence) -> Self {
                Self(sequence)
            }

            /// The sequence at which it was recorded.
            pub const fn sequence(self) -> Sequence {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

reference! {
    /// A captured document, by the sequence of its `document_captured`.
    DocumentId
}

reference! {
    /// An assertion, by the sequence of its `claim_asserted`.
    AssertionId
}

reference! {
    /// Any event, by its sequence.
    EventId
}

/// A short name in normal form: NFKC, lower case, any script, at most 64 code points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(Box<str>);

impl Slug {
    /// The longest slug, in code points.
    pub const MAX_LETTERS: usize = 64;

    /// The version of Unicode that folding uses.
    pub const UNICODE_VERSION: (u8, u8, u8) = char::UNICODE_VERSION;

    /// The number of hexadecimal digits of the hash that ends a shortened name: 48 bits.
    const HASH_DIGITS: usize = 12;

    /// Accepts `text` only if it is already in normal form.
    pub fn new(text: &str) -> Result<Self, IdError> {
        if text.is_empty() {
            return Err(IdError::Empty);
        }
        if text.len() > Self::MAX_LETTERS && text.chars().count() > Self::MAX_LETTERS {
            return Err(IdError::SlugTooLong(clip(text)));
        }
        if is_plain(text) {
            return Ok(Self(text.into()));
        }
        let proposal = fold(text);
        if proposal == text {
            return Ok(Self(text.into()));
        }
        let proposal = if proposal.is_empty() { "soax".into() } else { proposal };
        Err(IdError::NotSlug { found: clip(text), proposal })
    }

    /// Folds a name to a slug: `The Data Report` becomes `the-data-report`. A name too long for a
    /// slug is cut and ends in a hash of the whole name, so that two long names with the same
    /// beginning get different slugs.
    pub fn from_name(name: &str) -> Result<Self, IdError> {
        let folded = fold(name);
        if folded.is_empty() {
            return Err(IdError::Empty);
        }
        if folded.chars().count() <= Self::MAX_LETTERS {
            return Ok(Self(folded.into()));
        }
        let hash = blake3::derive_key(LONG_NAME_CONTEXT, folded.as_bytes());
        let hash = blake3::Hash::from_bytes(hash).to_hex();
        let kept = Self::MAX_LETTERS - Self::HASH_DIGITS - 1;
        let head: String = folded.chars().take(kept).collect();
        // Cutting can bring together marks that normalisation reorders.
        Ok(Self(fold(&format!("{}-{}", fold(&head), &hash[..Self::HASH_DIGITS])).into()))
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether an ASCII text is unchanged by [`fold`], as nearly every slug is; this is tested without
/// normalising it.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = bytes.first().is_some_and(letter) && bytes.last().is_some_and(letter);
    let kept = bytes.iter().all(|byte| letter(byte) || matches!(byte, b'_' | b'.' | b'-'));
    ends && kept && !bytes.windows(2).any(|pair| pair == b"--")
}

/// Folds to NFKC lower case, and everything except letters, digits, marks, `_` and `.` to single
/// hyphens. Leaving characters out can bring together marks that normalisation reorders, so this
/// repeats until nothing changes.
fn fold(name: &str) -> String {
    let mut folded = fold_once(name);
    loop {
        let again = fold_once(&folded);
        if again == folded {
            return folded;
        }
        folded = again;
    }
}

fn fold_once(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    // Lower-casing can undo normalisation and the reverse, so normalise before and after.
    let lower: String = name.nfkc().collect::<String>().to_lowercase();
    for letter in lower.nfkc() {
        let keep = letter.is_alphanumeric()
            || letter == '_'
            || letter == '.'
            || unicode_normalization::char::is_combining_mark(letter);
        if keep && (letter.is_alphanumeric() || !folded.is_empty()) {
            folded.push(letter);
        } else if !folded.is_empty() && !folded.ends_with('-') && !matches!(letter, '\'' | '’') {
            folded.push('-');
        }
    }
    folded.trim_end_matches(['-', '.', '_']).to_owned()
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Slug {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::new(text)
    }
}

/// A source: named across the ledger (`soax`), or unnamed within one document (`critics@12`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceId {
    /// Known by name; the ledger holds a `source_named` for it.
    Named(Slug),
    /// Known only from its document, and never merged with a source of another document.
    Unnamed {
        /// What the document calls it.
        slug: Slug,
        /// The document it belongs to.
        document: DocumentId,
    },
}

impl SourceId {
    /// The slug without the document.
    pub fn slug(&self) -> &Slug {
        match self {
            Self::Named(slug) | Self::Unnamed { slug, .. } => slug,
        }
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(slug) => slug.fmt(f),
            Self::Unnamed { slug, document } => write!(f, "{slug}@{}", document.sequence().get()),
        }
    }
}

impl FromStr for SourceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let Some((slug, document)) = text.split_once('@') else {
            return Slug::new(text).map(Self::Named);
        };
        let canonical = document == "0" || !document.starts_with(['0', '#', '+']);
        let sequence: Option<Sequence> = document.parse().ok();
        match sequence {
            Some(sequence) if canonical => {
                Ok(Self::Unnamed { slug: Slug::new(slug)?, document: DocumentId::at(sequence) })
            }
            _ => Err(IdError::NotUnnamed(clip(text))),
        }
    }
}

impl TryFrom<String> for SourceId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<SourceId> for String {
    fn from(source: SourceId) -> String {
        source.to_string()
    }
}

/// Identifies a request, so that a retry is not recorded twice: chosen by the requester, 1 to 64
/// visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(Box<str>);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RequestId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (1..=64).contains(&text.len()) {
            Ok(Self(text.into()))
        } else {
            Err(IdError::NotRequest(clip(&text.escape_debug().to_string())))
        }
    }
}

/// A topic, or anything else that a claim is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopicId(Slug);

impl TopicId {
    /// The topic with this slug.
    pub const fn new(slug: Slug) -> Self {
        Self(slug)
    }

    /// The slug.
    pub const fn slug(&self) -> &Slug {
        &self.0
    }
}

impl fmt::Display for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The log's name: the first line of every checkpoint, which C2SP calls its origin. It should be a
/// URL, without the scheme, that the log's operator controls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LogName(Box<str>);

impl LogName {
    /// Accepts what C2SP signed-note accepts as a key name, up to 120 bytes and without control
    /// characters.
    pub fn new(text: &str) -> Result<Self, IdError> {
        let plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && letter != '+';
        if text.is_empty() || text.len() > 120 || !text.chars().all(plain) {
            return Err(IdError::NotLogName(clip(text)));
        }
        Ok(Self(text.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LogName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::new(text)
    }
}

/// The first characters of the input, fit for a one-line error.
fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

spelt!(Slug, RequestId, LogName);

impl Serialize for SourceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Named(slug) => slug.serialize(serializer),
            Self::Unnamed { .. } => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for SourceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Spelt(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_fold_to_slugs_in_any_script() {
        let folded = |name| Slug::from_name(name).map(|slug| slug.to_string());
        assert_eq!(folded("The Data Report"), Ok("the-data-report".into()));
        assert_eq!(folded("Роскомнадзор"), Ok("роскомнадзор".into()));
        assert_eq!(
            folded("Peru's Truth & Reconciliation"),
            Ok("perus-truth-reconciliation".into())
        );
        assert_eq!(folded("ＳＯＡＸ"), Ok("soax".into()));
        assert_eq!(folded("\u{1e01b}'\u{1bc9e}"), Ok("\u{1bc9e}\u{1e01b}".into()));
        assert_eq!(folded(" !! "), Err(IdError::Empty));
    }

    #[test]
    fn a_slug_not_in_normal_form_is_refused_with_a_proposal() {
        let refusal = Slug::new("SOAX Ltd").unwrap_err();
        assert_eq!(
            refusal,
            IdError::NotSlug { found: "SOAX Ltd".into(), proposal: "soax-ltd".into() }
        );
        assert!(matches!(Slug::new(&"é".repeat(65)), Err(IdError::SlugTooLong(_))));
        assert!(Slug::new(&"é".repeat(64)).is_ok());
        assert_eq!(Slug::new(""), Err(IdError::Empty));
    }

    #[test]
    fn an_unnamed_source_belongs_to_its_document() {
        let critics: SourceId = "critics@12".parse().unwrap();
        assert_eq!(critics.to_string(), "critics@12");
        for wrong in ["critics@", "critics@x", "critics@012", "critics@#12"] {
            assert!(matches!(wrong.parse::<SourceId>(), Err(IdError::NotUnnamed(_))), "{wrong}");
        }
    }

    #[test]
    fn sequences_and_log_names_have_bounds() {
        assert_eq!("#41".parse(), Sequence::new(41));
        assert!(matches!(Sequence::new(1 << 53), Err(IdError::SequenceTooLarge(_))));
        assert!(matches!("#x".parse::<Sequence>(), Err(IdError::NotSequence(_))));
        assert!(LogName::new("example.org/ledger").is_ok());
        for wrong in ["", "two words", "a+b", "tab\t", &"x".repeat(121)] {
            assert!(matches!(LogName::new(wrong), Err(IdError::NotLogName(_))), "{wrong:?}");
        }
    }

    #[test]
    fn long_names_are_told_apart_by_all_of_their_letters() {
        let ministry = |of: &str| {
            format!("Министерство здравоохранения и социального развития населения Республики {of}")
        };
        let (one, other) = (ministry("Татарстан"), ministry("Дагестан"));
        let (one, other) = (Slug::from_name(&one).unwrap(), Slug::from_name(&other).unwrap());
        assert_ne!(one, other);
        assert_eq!(one.as_str().chars().count(), Slug::MAX_LETTERS);
        assert_eq!(
            one.as_str(),
            "министерство-здравоохранения-и-социального-развития-e188889013a7"
        );
        assert_eq!(Slug::new(one.as_str()), Ok(one));
    }

    #[test]
    fn a_request_id_is_short_and_visible() {
        assert!("019a-3f/ü".parse::<RequestId>().is_err());
        assert!("019a-3f:check#41".parse::<RequestId>().is_ok());
        assert!("x".repeat(65).parse::<RequestId>().is_err());
    }

    proptest! {
        #[test]
        fn folding_is_stable_and_accepted(name in "\\PC{0,160}") {
            if let Ok(slug) = Slug::from_name(&name) {
                prop_assert_eq!(Slug::new(slug.as_str()), Ok(slug.clone()));
            }
        }
    }
}
