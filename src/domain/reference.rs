//! Classifies what a text refers to, as far as its spelling shows.
//!
//! Knows numbers, hashes and other texts. Must not know whether anything it refers to exists.

use crate::domain::id::{IdError, Sequence};

/// The fewest digits of a hash that make a reference.
const LEAST_DIGITS: usize = 6;

/// What a text may refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference<'t> {
    /// `#41`: an entry and nothing else.
    Number(Sequence),
    /// `41`: an entry, unless there is no entry with that number.
    Bare(Sequence),
    /// Six or more hexadecimal digits, in lower case: the beginning of a hash, or a name.
    Digits(String),
    /// An address, a slug, a name, or words.
    Text(&'t str),
}

impl<'t> Reference<'t> {
    /// Classifies a text.
    ///
    /// # Errors
    ///
    /// The text begins with `#` and is not a number.
    pub fn of(text: &'t str) -> Result<Self, IdError> {
        if text.starts_with('#') {
            return text.parse().map(Self::Number);
        }
        if let Ok(sequence) = text.parse() {
            return Ok(Self::Bare(sequence));
        }
        Ok(digits(text).map_or(Self::Text(text), Self::Digits))
    }
}

/// The text as the digits of a hash in lower case, if it can be one.
pub fn digits(text: &str) -> Option<String> {
    let is_hash = text.len() >= LEAST_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_a_hash_sign_is_a_number_or_nothing() {
        let at = |number| Sequence::new(number).unwrap();
        assert_eq!(Reference::of("#41"), Ok(Reference::Number(at(41))));
        for wrong in ["#", "#x", "#4a", "##4", "# 4", "#MeToo", "#9007199254740992"] {
            assert!(Reference::of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn digits_are_a_number_first_and_a_hash_only_if_they_are_many() {
        let at = |number| Sequence::new(number).unwrap();
        assert_eq!(Reference::of("41"), Ok(Reference::Bare(at(41))));
        assert_eq!(Reference::of("123456"), Ok(Reference::Bare(at(123_456))));
        assert_eq!(digits("123456"), Some("123456".into()));
        assert_eq!(Reference::of("Facade"), Ok(Reference::Digits("facade".into())));
        assert_eq!(Reference::of("abcde"), Ok(Reference::Text("abcde")));
        assert_eq!(Reference::of("SOAX"), Ok(Reference::Text("SOAX")));
    }
}
