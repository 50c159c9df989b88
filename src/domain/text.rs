//! Defines the texts that people write and read: names, titles, notes and languages, each with its
//! bounds.
//!
//! Knows letters. Must not know what a text is about. Lengths are counted in characters (Unicode
//! code points), so that a headline in Hindi may be as long as one in English.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::domain::spelling::{is_line, spelt};

/// Why a text cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TextError {
    /// Not usable as a name.
    #[error(
        "`{0}` is not a name: give 1 to 300 characters, without control characters or spaces at \
         either end"
    )]
    NotName(String),
    /// Not usable as a title.
    #[error(
        "`{0}…` is not a title: give 1 to 2,000 characters, without control characters or \
         spaces at either end"
    )]
    NotTitle(String),
    /// Blank, or too long for a note.
    #[error("a text is blank or too long: give 1 to 8,192 characters")]
    NotText,
    /// Not a language tag.
    #[error("`{0}` is not a language: give a BCP 47 tag, as in en, pt-BR or zh-Hant")]
    NotLanguage(String),
}

/// The first characters of the input, fit for a one-line error.
fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

macro_rules! line {
    ($(#[$doc:meta])* $name:ident, $most:literal, $refusal:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The maximum length, in characters.
            pub const MAX_CHARACTERS: usize = $most;

            /// Accepts `text` unchanged, or refuses it.
            pub fn new(text: &str) -> Result<Self, TextError> {
                if is_line(text, Self::MAX_CHARACTERS) {
                    Ok(Self(text.into()))
                } else {
                    Err(TextError::$refusal(clip(&text.escape_debug().to_string())))
                }
            }

            /// The value as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                Self::new(text)
            }
        }
    };
}

line! {
    /// A name as written and shown: 1 to 300 characters, no control characters, no leading or
    /// trailing spaces.
    Name, 300, NotName
}

line! {
    /// A title: 1 to 2,000 characters, no control characters, no leading or trailing spaces.
    Title, 2000, NotTitle
}

/// A language, as its BCP 47 tag (RFC 5646) in the case that section 2.1.1 recommends: `pt-BR`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(Box<str>);

impl Language {
    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Language {
    type Err = TextError;

    /// Reads a tag in any case, also with `_` in place of `-`, as some pages write it.
    fn from_str(text: &str) -> Result<Self, TextError> {
        let refusal = || TextError::NotLanguage(clip(&text.escape_debug().to_string()));
        if text.len() > 35 {
            return Err(refusal());
        }
        let mut tag = String::with_capacity(text.len());
        let mut after_singleton = false;
        for (place, part) in text.split(['-', '_']).enumerate() {
            let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let letters = part.bytes().all(|byte| byte.is_ascii_alphabetic());
            let fits = if place == 0 { (2..=8).contains(&part.len()) && letters } else { true };
            if !plain || !fits || !(1..=8).contains(&part.len()) {
                return Err(refusal());
            }
            let part = part.to_ascii_lowercase();
            match part.len() {
                2 if place > 0 && !after_singleton => tag.push_str(&part.to_ascii_uppercase()),
                4 if place > 0 && !after_singleton && letters => {
                    tag.push_str(&part[..1].to_ascii_uppercase());
                    tag.push_str(&part[1..]);
                }
                _ => tag.push_str(&part),
            }
            after_singleton |= part.len() == 1;
            tag.push('-');
        }
        tag.pop();
        Ok(Self(tag.into()))
    }
}

/// What a claim says, or what a person adds in their own words: 1 to 8,192 characters, not all
/// blank, of any number of lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text(Box<str>);

impl Text {
    /// The maximum length, in characters.
    pub const MAX_CHARACTERS: usize = 8192;

    /// Accepts `text` unchanged, or refuses it.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let fits =
            text.len() <= Self::MAX_CHARACTERS || text.chars().nth(Self::MAX_CHARACTERS).is_none();
        if fits && !text.trim().is_empty() {
            Ok(Self(text.into()))
        } else {
            Err(TextError::NotText)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Text {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::new(text)
    }
}

spelt!(Name, Title, Text, Language);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_it_is() {
        assert_eq!(Name::new("Al Jazeera").unwrap().to_string(), "Al Jazeera");
        assert!(Name::new(&"न".repeat(300)).is_ok());
        for wrong in ["", " x", "a\u{1b}[31m", &"न".repeat(301)] {
            assert!(matches!(Name::new(wrong), Err(TextError::NotName(_))), "{wrong:?}");
        }
    }

    #[test]
    fn a_language_has_one_spelling() {
        for (given, kept) in [
            ("EN", "en"),
            ("pt_br", "pt-BR"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("en-x-us", "en-x-us"),
            ("de-CH-1996", "de-CH-1996"),
        ] {
            assert_eq!(given.parse::<Language>().unwrap().as_str(), kept);
        }
        for wrong in ["", "e", "english language", "en-", "12", "en--GB", "toolonglanguage"] {
            assert!(matches!(wrong.parse::<Language>(), Err(TextError::NotLanguage(_))), "{wrong}");
        }
    }

    #[test]
    fn titles_and_notes_are_counted_in_characters() {
        assert!(Title::new(&"ख".repeat(2000)).is_ok());
        assert!(matches!(Title::new(&"ख".repeat(2001)), Err(TextError::NotTitle(_))));
        assert!(matches!(Title::new("two\nlines"), Err(TextError::NotTitle(_))));
        assert!(Text::new(&"ख".repeat(8192)).is_ok());
        assert_eq!(Text::new(&"x".repeat(8193)), Err(TextError::NotText));
        assert_eq!(Text::new(" \n"), Err(TextError::NotText));
        assert!(Text::new("two\nlines").is_ok());
    }
}
