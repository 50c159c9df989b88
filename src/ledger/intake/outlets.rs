//! Finds the outlets of a page: the sources that are its publisher and republishers.
//!
//! Naming a publisher implies that it is an outlet: if no source has that name, a new outlet is
//! named. Knows names, and the outlets that are new. Must not know how a page was read, how the
//! ledger keeps sources, or who may see which.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::domain::document::Metadata;
use crate::domain::id::{Name, Slug, SourceId};
use crate::domain::resolve::{Candidates, Resolved, Sources, called, called_by_name};
use crate::domain::source::{NamingError, SourceKind, SourceNamed};
use crate::reading::page::Page;
use crate::record::decide::Refusal;

/// Why an outlet is not found, and cannot be named either.
#[derive(Debug, Error)]
pub enum OutletError<E> {
    /// The given text is a number.
    #[error("“{0}” is a number, and sources do not have numbers: give a slug or name")]
    Number(String),
    /// The given text could mean several sources.
    #[error("“{text}” could be {candidates}: give the slug")]
    Several {
        /// The text, as given.
        text: String,
        /// The candidates.
        candidates: Candidates,
    },
    /// The name on the page could mean several sources, and none of them was given.
    #[error(
        "the page names “{name}”, which could be {candidates}: give the slug of the one that is meant"
    )]
    Printed {
        /// The name.
        name: Name,
        /// The candidates.
        candidates: Candidates,
    },
    /// It cannot be named: its slug belongs to another source.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It cannot have that name.
    #[error(transparent)]
    Name(#[from] NamingError),
    /// The sources could not be read.
    #[error("{0}")]
    Failed(E),
}

/// The outlets that the user gives for a page, each by slug or name.
#[derive(Debug, Clone, Copy, Default)]
pub struct GivenOutlets<'g> {
    /// The publisher, whatever the page states.
    pub publisher: Option<&'g str>,
    /// Republishers in addition to those that the page names, in order.
    pub republishers: &'g [String],
}

/// Finds the outlets of one page after another among the known sources, and collects the new ones.
pub struct Outlets<S> {
    known: S,
    new: BTreeMap<Slug, SourceNamed>,
}

impl<S: Sources> Outlets<S> {
    /// A finder to which no outlet is new yet.
    pub const fn among(known: S) -> Self {
        Self { known, new: BTreeMap::new() }
    }

    /// All the metadata that a page states, with its outlets as sources: those that it names and
    /// those that are given. New ones are added to [`namings`](Self::namings).
    ///
    /// A given publisher takes precedence. Each republisher is listed once, those that the page
    /// names first.
    pub fn metadata(
        &mut self,
        page: &Page,
        given: GivenOutlets<'_>,
    ) -> Result<Metadata, OutletError<S::Error>> {
        let imprint = &page.imprint;
        let publisher = match (given.publisher, &imprint.publisher) {
            (Some(given), _) => Some(self.given(given)?),
            (None, Some(printed)) => Some(self.printed(printed, &[])?),
            (None, None) => None,
        };
        let given = given.republishers.iter().map(|text| self.given(text));
        let given: Vec<SourceId> = given.collect::<Result<_, _>>()?;
        let mut republishers = Vec::with_capacity(imprint.republishers.len() + given.len());
        for printed in &imprint.republishers {
            republishers.push(self.printed(printed, &given)?);
        }
        republishers.extend(given);
        let mut seen = BTreeSet::new();
        republishers.retain(|outlet| seen.insert(outlet.clone()));
        Ok(Metadata { publisher, republishers, ..page.metadata() })
    }

    /// The namings of the new outlets, to be recorded before the documents that refer to them.
    pub fn namings(self) -> Vec<SourceNamed> {
        self.new.into_values().collect()
    }

    /// The outlet that the user means.
    fn given(&mut self, text: &str) -> Result<SourceId, OutletError<S::Error>> {
        if text.starts_with('#') {
            return Err(OutletError::Number(text.into()));
        }
        match called(&self.known, text).map_err(OutletError::Failed)? {
            Resolved::One(known) => Ok(SourceId::Named(known.slug)),
            Resolved::None => self.name(text),
            Resolved::Several(many) => {
                let candidates = many.iter().collect();
                Err(OutletError::Several { text: text.into(), candidates })
            }
        }
    }

    /// The outlet that a page names. If several have that name, it is the one that was given.
    fn printed(
        &mut self,
        name: &Name,
        given: &[SourceId],
    ) -> Result<SourceId, OutletError<S::Error>> {
        match called_by_name(&self.known, name.as_str()).map_err(OutletError::Failed)? {
            Resolved::One(known) => Ok(SourceId::Named(known.slug)),
            Resolved::None => self.name(name.as_str()),
            Resolved::Several(many) => {
                let slugs = many.iter().map(|one| SourceId::Named(one.slug.clone()));
                let chosen: Vec<SourceId> = slugs.filter(|one| given.contains(one)).collect();
                match chosen.as_slice() {
                    [one] => Ok(one.clone()),
                    _ => {
                        let candidates = many.iter().collect();
                        Err(OutletError::Printed { name: name.clone(), candidates })
                    }
                }
            }
        }
    }

    /// A new outlet with this name.
    fn name(&mut self, name: &str) -> Result<SourceId, OutletError<S::Error>> {
        let named = SourceNamed::called(name, SourceKind::Outlet)?;
        let slug = named.slug.clone();
        if self.known.is_taken(&slug).map_err(OutletError::Failed)? {
            return Err(Refusal::SlugTaken(slug).into());
        }
        // Another name that folds to the same slug counts as the same name.
        self.new.entry(slug.clone()).or_insert(named);
        Ok(SourceId::Named(slug))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::domain::resolve::names;
    use crate::reading::page::{Format, Imprint};

    /// Visible sources, and slugs of hidden ones.
    struct Known(Vec<SourceNamed>, &'static [&'static str]);

    impl Sources for Known {
        type Error = Infallible;

        fn named(&self, slug: &Slug) -> Result<Option<SourceNamed>, Infallible> {
            Ok(self.0.iter().find(|named| named.slug == *slug).cloned())
        }

        fn with_name(&self, _: &Slug) -> Result<Vec<Slug>, Infallible> {
            Ok(self.0.iter().map(|named| named.slug.clone()).collect())
        }

        fn with_words(&self, text: &str) -> Result<Vec<Slug>, Infallible> {
            let has = |named: &&SourceNamed| names(named).any(|name| name.as_str().contains(text));
            Ok(self.0.iter().filter(has).map(|named| named.slug.clone()).collect())
        }

        fn whole(&self, source: &SourceId) -> Result<SourceId, Infallible> {
            Ok(source.clone())
        }

        fn is_taken(&self, slug: &Slug) -> Result<bool, Infallible> {
            Ok(self.named(slug)?.is_some() || self.1.contains(&slug.as_str()))
        }
    }

    fn known() -> Known {
        let named = |slug: &str, name: &str| SourceNamed {
            slug: slug.parse().unwrap(),
            ..SourceNamed::called(name, SourceKind::Outlet).unwrap()
        };
        let known = [("post", "The Post"), ("radio-a", "Radio"), ("radio-b", "Radio")];
        Known(known.map(|(slug, name)| named(slug, name)).to_vec(), &["owl"])
    }

    fn page(publisher: Option<&str>, republishers: &[&str]) -> Page {
        let name = |text: &str| text.parse::<Name>().unwrap();
        let republishers = republishers.iter().map(|text| name(text)).collect();
        let imprint =
            Imprint { publisher: publisher.map(name), republishers, ..Imprint::default() };
        Page { imprint, ..crate::reading::page::read(b"The ferry leaks.", Format::Plain).unwrap() }
    }

    fn slugs(outlets: impl IntoIterator<Item = SourceId>) -> Vec<String> {
        outlets.into_iter().map(|outlet| outlet.to_string()).collect()
    }

    #[test]
    fn what_a_page_names_is_a_known_source_or_a_new_outlet() {
        let mut outlets = Outlets::among(known());
        let said = page(Some("the post"), &["Nova", "NOVA", "Wire"]);
        let said = outlets.metadata(&said, GivenOutlets::default()).unwrap();
        assert_eq!(slugs(said.publisher), ["post"]);
        assert_eq!(slugs(said.republishers), ["nova", "wire"]);
        // An outlet that is new on one page is the same on the next.
        let said = outlets.metadata(&page(Some("nova"), &[]), GivenOutlets::default()).unwrap();
        assert_eq!(slugs(said.publisher), ["nova"]);
        let namings = outlets.namings();
        let names: Vec<&str> = namings.iter().map(|named| named.name.as_str()).collect();
        assert_eq!(names, ["Nova", "Wire"]);
        assert!(namings.iter().all(|named| named.kind == SourceKind::Outlet));
    }

    #[test]
    fn a_given_outlet_takes_precedence_over_a_printed_one_and_decides_between_several() {
        let mut outlets = Outlets::among(known());
        let republishers = ["Wire".to_owned(), "radio-b".to_owned()];
        let given = GivenOutlets { publisher: Some("post"), republishers: &republishers };
        let said = outlets.metadata(&page(Some("Nova"), &["Radio"]), given).unwrap();
        assert_eq!(slugs(said.publisher), ["post"]);
        assert_eq!(slugs(said.republishers), ["radio-b", "wire"]);
        let slugs: Vec<String> =
            outlets.namings().iter().map(|named| named.slug.to_string()).collect();
        assert_eq!(slugs, ["wire"], "an outlet that is not the publisher is not named as one");
    }

    #[test]
    fn whatever_is_in_doubt_is_refused() {
        let told = |page: &Page, given: Option<&str>| {
            let given = GivenOutlets { publisher: given, ..GivenOutlets::default() };
            Outlets::among(known()).metadata(page, given).unwrap_err()
        };
        let error = told(&page(Some("Radio"), &[]), None);
        assert!(matches!(&error, OutletError::Printed { .. }), "{error}");
        assert!(error.to_string().contains("radio-a “Radio” or radio-b “Radio”"), "{error}");
        let error = told(&page(None, &["Radio"]), None);
        assert!(matches!(error, OutletError::Printed { .. }), "{error}");
        let nothing = page(None, &[]);
        let error = told(&nothing, Some("Radio"));
        assert!(matches!(error, OutletError::Several { .. }), "{error}");
        let error = told(&nothing, Some("#4"));
        assert!(matches!(error, OutletError::Number(_)), "{error}");
        let error = told(&nothing, Some("…"));
        assert!(matches!(error, OutletError::Name(_)), "{error}");
        // A hidden source keeps its slug.
        let error = told(&page(Some("Owl"), &[]), None);
        assert!(matches!(error, OutletError::Refused(Refusal::SlugTaken(_))), "{error}");
    }
}
