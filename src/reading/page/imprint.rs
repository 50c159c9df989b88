//! The imprint: what a page says about itself, such as its publisher, authors and dates.
//!
//! Knows which keys mean what. Must not know where in a page they were found, apart from the line
//! number.

use thiserror::Error;

use crate::domain::document::{Address, AddressError, Metadata};
use crate::domain::moment::{Basis, Moment, MomentError};
use crate::domain::text::{Language, Name, TextError, Title};

/// Why a statement of a page about itself is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImprintError {
    /// The value is not a valid name, title or language.
    #[error("line {line}, {key}: {source}")]
    Name {
        /// Counted from 1.
        line: usize,
        /// The key as written.
        key: String,
        /// What is wrong with it.
        source: TextError,
    },
    /// The value is not a web address.
    #[error("line {line}, {key}: {source}")]
    Address {
        /// Counted from 1.
        line: usize,
        /// The key as written.
        key: String,
        /// What is wrong with it.
        source: AddressError,
    },
    /// The value is not a date or time.
    #[error("line {line}, {key}: {source}")]
    Date {
        /// Counted from 1.
        line: usize,
        /// The key as written.
        key: String,
        /// What is wrong with it.
        source: MomentError,
    },
    /// The value is a list, or a text over several lines.
    #[error("line {line}, {key}: give one value, on this line, plain or in quotes")]
    NotFlat {
        /// Counted from 1.
        line: usize,
        /// The key as written.
        key: String,
    },
    /// The same field was given before with a different value.
    #[error("line {line}, {key}: an earlier line gives a different value: keep one of them")]
    Contradicts {
        /// The later line, counted from 1.
        line: usize,
        /// The key as written.
        key: String,
    },
}

/// What a page says about itself; nothing comes from anywhere else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imprint {
    /// The title, from `title`.
    pub title: Option<Title>,
    /// The publisher's name as printed, from `publisher` or `site`.
    pub publisher: Option<Name>,
    /// The republishers by name, in order; only for an article that was split from a larger page.
    pub republishers: Vec<Name>,
    /// The credit line, from `credit`.
    pub credit: Option<Name>,
    /// The authors as printed, one each, from `author`.
    pub authors: Vec<Name>,
    /// The address where it was found, from `url`.
    pub url: Option<Address>,
    /// The address that the page gives as its own, from `canonical_url`.
    pub canonical_url: Option<Address>,
    /// The language, from `language` or `lang`; only the form is checked, not that the language
    /// exists.
    pub language: Option<Language>,
    /// When it was published, from `published` or `date`, with its precision and its basis.
    pub published: Option<Moment>,
    /// When it was last changed, from `modified` or `updated`.
    pub modified: Option<Moment>,
}

impl Imprint {
    /// The part of the imprint that can be recorded without further lookup. The publisher and
    /// republishers are only names here and must be resolved to sources, which `intake::outlets`
    /// does.
    pub fn metadata(&self) -> Metadata {
        Metadata {
            title: self.title.clone(),
            url: self.url.clone(),
            canonical_url: self.canonical_url.clone(),
            credit: self.credit.clone(),
            authors: self.authors.clone(),
            language: self.language.clone(),
            published: self.published,
            modified: self.modified,
            ..Metadata::default()
        }
    }

    /// Records what `key` says at `line`. Unknown keys and empty values are ignored. `value` is
    /// none if the page gives something other than one flat value, which is an error only for a
    /// known key.
    pub(super) fn take(
        &mut self,
        line: usize,
        key: &str,
        value: Option<&str>,
    ) -> Result<(), ImprintError> {
        let place = FieldPlace { line, key };
        let known = key.to_lowercase();
        match (known.as_str(), value) {
            (_, Some("")) => Ok(()),
            ("title", _) => place.fill(&mut self.title, place.title(value)?),
            ("publisher" | "site", _) => place.fill(&mut self.publisher, place.name(value)?),
            ("author", _) => {
                let mut author = self.authors.pop();
                place.fill(&mut author, place.name(value)?)?;
                self.authors.extend(author);
                Ok(())
            }
            ("url", _) => place.fill(&mut self.url, place.address(value)?),
            ("canonical_url", _) => place.fill(&mut self.canonical_url, place.address(value)?),
            ("language" | "lang", _) => place.fill(&mut self.language, place.language(value)?),
            ("credit", _) => place.fill(&mut self.credit, place.name(value)?),
            ("published" | "date", _) => place.fill(&mut self.published, place.date(value)?),
            ("modified" | "updated", _) => place.fill(&mut self.modified, place.date(value)?),
            _ => Ok(()),
        }
    }
}

/// The place of a field, for error messages.
#[derive(Clone, Copy)]
struct FieldPlace<'a> {
    line: usize,
    key: &'a str,
}

impl FieldPlace<'_> {
    fn fill<T: PartialEq>(self, slot: &mut Option<T>, said: T) -> Result<(), ImprintError> {
        match slot {
            Some(earlier) if *earlier != said => {
                Err(ImprintError::Contradicts { line: self.line, key: self.key.into() })
            }
            _ => {
                *slot = Some(said);
                Ok(())
            }
        }
    }

    fn flat(self, value: Option<&str>) -> Result<&str, ImprintError> {
        value.ok_or_else(|| ImprintError::NotFlat { line: self.line, key: self.key.into() })
    }

    fn name(self, value: Option<&str>) -> Result<Name, ImprintError> {
        Name::new(self.flat(value)?).map_err(|source| ImprintError::Name {
            line: self.line,
            key: self.key.into(),
            source,
        })
    }

    fn title(self, value: Option<&str>) -> Result<Title, ImprintError> {
        Title::new(self.flat(value)?).map_err(|source| ImprintError::Name {
            line: self.line,
            key: self.key.into(),
            source,
        })
    }

    fn address(self, value: Option<&str>) -> Result<Address, ImprintError> {
        Address::new(self.flat(value)?).map_err(|source| ImprintError::Address {
            line: self.line,
            key: self.key.into(),
            source,
        })
    }

    fn date(self, value: Option<&str>) -> Result<Moment, ImprintError> {
        match self.flat(value)?.parse() {
            Ok(at) => Ok(Moment { at, basis: Basis::Metadata }),
            Err(source) => {
                Err(ImprintError::Date { line: self.line, key: self.key.into(), source })
            }
        }
    }

    fn language(self, value: Option<&str>) -> Result<Language, ImprintError> {
        self.flat(value)?.parse().map_err(|source| ImprintError::Name {
            line: self.line,
            key: self.key.into(),
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(key: &str, value: Option<&str>) -> ImprintError {
        Imprint::default().take(7, key, value).unwrap_err()
    }

    #[test]
    fn known_keys_are_taken_and_others_are_not() {
        let mut imprint = Imprint::default();
        for (key, value) in [
            ("Title", "A title"),
            ("site", "Daily8"),
            ("author", "Ana"),
            ("credit", "Agencies"),
            ("updated", "2025-09"),
            ("url", "https://example.org/a"),
            ("canonical_url", "https://example.org/b"),
            ("lang", "pt-BR"),
            ("date", "2025-08"),
            ("layout", "post"),
            ("publisher", ""),
            ("publisher", "Daily8"),
        ] {
            imprint.take(1, key, Some(value)).unwrap();
        }
        imprint.take(1, "tags", None).unwrap();
        let name = |text| Some(Name::new(text).unwrap());
        let address = |text| Some(Address::new(text).unwrap());
        let expected = Imprint {
            title: Some(Title::new("A title").unwrap()),
            publisher: name("Daily8"),
            republishers: Vec::new(),
            credit: name("Agencies"),
            authors: vec![Name::new("Ana").unwrap()],
            url: address("https://example.org/a"),
            canonical_url: address("https://example.org/b"),
            language: Some("pt-BR".parse().unwrap()),
            published: Some(Moment { at: "2025-08".parse().unwrap(), basis: Basis::Metadata }),
            modified: Some(Moment { at: "2025-09".parse().unwrap(), basis: Basis::Metadata }),
        };
        assert_eq!(imprint, expected);
        let metadata = Metadata {
            title: expected.title,
            credit: expected.credit,
            authors: expected.authors,
            url: expected.url,
            canonical_url: expected.canonical_url,
            language: expected.language,
            published: expected.published,
            modified: expected.modified,
            ..Metadata::default()
        };
        assert_eq!(imprint.metadata(), metadata);
    }

    #[test]
    fn a_bad_value_is_refused_with_its_line_and_key() {
        let long = "x".repeat(2001);
        assert!(matches!(refusal("title", Some(&long)), ImprintError::Name { line: 7, .. }));
        assert!(matches!(refusal("url", Some("x")), ImprintError::Address { line: 7, .. }));
        assert!(matches!(refusal("date", Some("May")), ImprintError::Date { line: 7, .. }));
        assert!(matches!(refusal("author", None), ImprintError::NotFlat { line: 7, .. }));
        for wrong in ["English (UK)", "e", "en-", "en-abcdefghi"] {
            let refusal = refusal("lang", Some(wrong));
            assert!(matches!(refusal, ImprintError::Name { line: 7, .. }), "{wrong}");
        }
        assert!(refusal("date", Some("May")).to_string().starts_with("line 7, date: `May` is not"));
    }

    #[test]
    fn a_page_that_contradicts_itself_is_refused() {
        let mut imprint = Imprint::default();
        imprint.take(2, "published", Some("2025")).unwrap();
        imprint.take(3, "date", Some("2025")).unwrap();
        let refusal = imprint.take(4, "date", Some("2024")).unwrap_err();
        assert_eq!(refusal, ImprintError::Contradicts { line: 4, key: "date".into() });
    }
}
