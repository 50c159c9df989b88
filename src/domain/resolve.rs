//! Resolves a text to a source: to one, to several candidates, or to none.
//!
//! Every lookup goes through this module, whether the text comes from an argument, a line of JSON
//! or a name found in a page. A name belongs to a source if both fold to the same slug: case and
//! the like are ignored, and mere resemblance does not count. Knows names and slugs. Must not know
//! where sources are kept, or who may see which: its caller passes in the visible ones.

use std::collections::BTreeSet;
use std::fmt;

use crate::domain::id::{Name, Slug, SourceId};
use crate::domain::source::SourceNamed;

/// The most sources that are listed for someone to choose from.
const MOST_LISTED: usize = 8;

/// The sources to search, limited to those the asker may see.
pub trait Sources {
    /// The error of a lookup.
    type Error;

    /// A source under its latest naming.
    fn named(&self, slug: &Slug) -> Result<Option<SourceNamed>, Self::Error>;

    /// The slugs of all sources that have, or once had, a name that folds to this slug.
    fn with_name(&self, folded: &Slug) -> Result<Vec<Slug>, Self::Error>;

    /// The slugs of all sources that have, or once had, every word of a text in their names.
    fn with_words(&self, text: &str) -> Result<Vec<Slug>, Self::Error>;

    /// The source that a source was merged into; the source itself if it was not merged.
    fn whole(&self, source: &SourceId) -> Result<SourceId, Self::Error>;

    /// Whether a source has this slug, even one that the asker may not see.
    fn is_taken(&self, slug: &Slug) -> Result<bool, Self::Error>;
}

/// The source that a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// Exactly one.
    One(Box<SourceNamed>),
    /// Several that fit equally well.
    Several(Vec<SourceNamed>),
    /// None.
    None,
}

/// Resolves a text: to the source with exactly that slug, otherwise to the source with that name. A
/// text that begins with `#` is an entry number and never a source.
pub fn called<S: Sources + ?Sized>(sources: &S, text: &str) -> Result<Resolved, S::Error> {
    if text.starts_with('#') {
        return Ok(Resolved::None);
    }
    if let Ok(slug) = Slug::new(text)
        && let Some(named) = sources.named(&slug)?
    {
        return Ok(Resolved::One(Box::new(named)));
    }
    called_by_name(sources, text)
}

/// Resolves a name. Merged sources count as one: the source they were merged into.
pub fn called_by_name<S: Sources + ?Sized>(sources: &S, name: &str) -> Result<Resolved, S::Error> {
    let Ok(folded) = Slug::from_name(name) else { return Ok(Resolved::None) };
    let (mut called, mut wholes) = (Vec::new(), BTreeSet::new());
    for slug in sources.with_name(&folded)? {
        let Some(named) = sources.named(&slug)?.filter(|named| goes_by(named, &folded)) else {
            continue;
        };
        let whole = sources.whole(&SourceId::Named(slug))?;
        if !wholes.insert(whole.clone()) {
            continue;
        }
        let left = match whole {
            SourceId::Named(slug) => sources.named(&slug)?,
            SourceId::Unnamed { .. } => None,
        };
        called.push(left.unwrap_or(named));
    }
    Ok(match called.len() {
        0 => Resolved::None,
        1 => called.pop().map_or(Resolved::None, |named| Resolved::One(Box::new(named))),
        _ => Resolved::Several(called),
    })
}

/// Whether one of a source's names folds to this slug.
fn goes_by(source: &SourceNamed, folded: &Slug) -> bool {
    names(source).any(|name| Slug::from_name(name.as_str()).as_ref() == Ok(folded))
}

/// All names of a source.
pub fn names(source: &SourceNamed) -> impl Iterator<Item = &Name> {
    source.aliases.iter().chain([&source.name])
}

/// The slugs that the names of a source fold to.
pub fn folded_names(source: &SourceNamed) -> BTreeSet<Slug> {
    names(source).filter_map(|name| Slug::from_name(name.as_str()).ok()).collect()
}

/// The sources to propose for a text that is not a slug: those with that name, otherwise those
/// whose names contain every word of it.
pub fn proposals<S: Sources + ?Sized>(sources: &S, text: &str) -> Result<Candidates, S::Error> {
    match called(sources, text)? {
        Resolved::One(named) => Ok(std::iter::once(&*named).collect()),
        Resolved::Several(many) => Ok(many.iter().collect()),
        Resolved::None => like(sources, text),
    }
}

/// The sources whose names contain every word of a text, to propose when none has that name.
pub fn like<S: Sources + ?Sized>(sources: &S, text: &str) -> Result<Candidates, S::Error> {
    let mut like = Vec::new();
    for slug in sources.with_words(text)? {
        like.extend(sources.named(&slug)?);
        // One more than is listed shows that there are more.
        if like.len() > MOST_LISTED {
            break;
        }
    }
    Ok(like.iter().collect())
}

/// Sources listed for someone to choose from, by slug and name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidates(Vec<(Slug, Name)>);

impl Candidates {
    /// Whether the list is empty.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their slugs.
    pub fn slugs(&self) -> impl Iterator<Item = &Slug> {
        self.0.iter().map(|(slug, _)| slug)
    }

    /// ` (there is soax “SOAX”)`, or nothing if the list is empty.
    pub fn proposed(&self) -> String {
        if self.is_empty() { String::new() } else { format!(" (there is {self})") }
    }
}

impl<'s> FromIterator<&'s SourceNamed> for Candidates {
    fn from_iter<I: IntoIterator<Item = &'s SourceNamed>>(sources: I) -> Self {
        Self(sources.into_iter().map(|one| (one.slug.clone(), one.name.clone())).collect())
    }
}

/// `soax “SOAX” or soax-group “SOAX”`.
impl fmt::Display for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.len();
        let listed = all.min(MOST_LISTED);
        for (place, (slug, name)) in self.0.iter().take(listed).enumerate() {
            match place {
                0 => {}
                _ if place + 1 == all => f.write_str(" or ")?,
                _ => f.write_str(", ")?,
            }
            write!(f, "{slug} “{name}”")?;
        }
        if listed < all { f.write_str(", or others") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::domain::source::SourceKind;

    /// Sources, each with the slug it was merged into.
    struct Known(Vec<(SourceNamed, Option<&'static str>)>);

    impl Sources for Known {
        type Error = Infallible;

        fn named(&self, slug: &Slug) -> Result<Option<SourceNamed>, Infallible> {
            Ok(self.0.iter().map(|(named, _)| named).find(|named| named.slug == *slug).cloned())
        }

        fn with_name(&self, _: &Slug) -> Result<Vec<Slug>, Infallible> {
            // More than was asked for, as former names would add.
            Ok(self.0.iter().map(|(named, _)| named.slug.clone()).collect())
        }

        fn with_words(&self, text: &str) -> Result<Vec<Slug>, Infallible> {
            let has = |named: &SourceNamed| names(named).any(|name| name.as_str().contains(text));
            let all = self.0.iter().map(|(named, _)| named);
            Ok(all.filter(|named| has(named)).map(|named| named.slug.clone()).collect())
        }

        fn whole(&self, source: &SourceId) -> Result<SourceId, Infallible> {
            let one = self.0.iter().find(|(named, _)| named.slug == *source.slug());
            let into = one.and_then(|(_, into)| *into).map(|into| into.parse().unwrap());
            Ok(into.unwrap_or_else(|| source.clone()))
        }

        fn is_taken(&self, slug: &Slug) -> Result<bool, Infallible> {
            Ok(self.named(slug)?.is_some())
        }
    }

    fn source(slug: &str, name: &str, aliases: &[&str]) -> SourceNamed {
        let aliases = aliases.iter().map(|alias| alias.parse().unwrap()).collect();
        let (slug, name) = (slug.parse().unwrap(), name.parse().unwrap());
        SourceNamed { slug, name, kind: SourceKind::Unknown, aliases, speaks_for: Vec::new() }
    }

    #[track_caller]
    fn slugs(called: Result<Resolved, Infallible>) -> Vec<String> {
        let Ok(called) = called;
        let slug = |named: &SourceNamed| named.slug.to_string();
        match called {
            Resolved::One(named) => vec![slug(&named)],
            Resolved::Several(many) => {
                assert!(many.len() > 1);
                many.iter().map(slug).collect()
            }
            Resolved::None => Vec::new(),
        }
    }

    #[test]
    fn a_slug_goes_before_names_and_names_are_folded() {
        let known = Known(vec![
            (source("post", "The Post", &[]), None),
            (source("gazette", "Island Gazette", &["Post", "O’Brien’s"]), None),
            (source("two", "#2", &[]), None),
        ]);
        assert_eq!(slugs(called(&known, "post")), ["post"]);
        assert_eq!(slugs(called(&known, "POST")), ["gazette"]);
        assert_eq!(slugs(called_by_name(&known, "post")), ["gazette"]);
        assert_eq!(slugs(called(&known, "the  post")), ["post"]);
        assert_eq!(slugs(called(&known, "OBriens")), ["gazette"]);
        assert_eq!(slugs(called_by_name(&known, "#2")), ["two"]);
        for none in ["#2", "Gazette", "island", "", "…", "Post Office"] {
            assert_eq!(slugs(called(&known, none)), [""; 0], "{none}");
        }
    }

    #[test]
    fn several_are_several_and_merged_ones_are_the_one_that_is_left() {
        let mut all = vec![
            (source("jo-a", "Jo Tander", &[]), None),
            (source("jo-b", "J. T.", &["Jo Tander"]), Some("jo-c")),
            (source("jo-c", "Jo T.", &[]), None),
            (source("jo-d", "jo tander", &[]), Some("jo-c")),
        ];
        assert_eq!(slugs(called(&Known(all.clone()), "Jo Tander")), ["jo-a", "jo-c"]);
        assert_eq!(slugs(called(&Known(all.clone()), "jo-b")), ["jo-b"], "a slug is that source");
        all.remove(0);
        assert_eq!(slugs(called(&Known(all), "Jo Tander")), ["jo-c"]);
    }

    #[test]
    fn candidates_are_listed_by_slug_and_name_and_not_without_end() {
        let one = |number: usize| source(&format!("s-{number}"), &format!("S {number}"), &[]);
        let listed = |count: usize| {
            let known = Known((0..count).map(|number| (one(number), None)).collect());
            let Ok(like) = like(&known, "S");
            like.proposed()
        };
        assert_eq!(listed(0), "");
        assert_eq!(listed(1), " (there is s-0 “S 0”)");
        assert_eq!(listed(3), " (there is s-0 “S 0”, s-1 “S 1” or s-2 “S 2”)");
        assert!(listed(8).ends_with(" or s-7 “S 7”)"));
        assert!(listed(50).ends_with(", s-7 “S 7”, or others)"));
    }
}
