//! Links the sources that were found to those that the ledger knows.
//!
//! A source is a known one if exactly one of these has its name (see
//! [`called`](crate::domain::resolve)); it is new if none has. A doubtful source becomes an unnamed
//! source of its document, for a person to decide. Knows which found sources are the same. Must not
//! know how the ledger keeps sources, or who may see which.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use thiserror::Error;

use super::{Found, FoundAssertion};
use crate::domain::claim::OneOrMore;
use crate::domain::id::{Name, Slug, SourceId};
use crate::domain::resolve::{Candidates, Resolved, Sources, called_by_name, folded_names};
use crate::domain::source::{SourceKind, SourceNamed};
use crate::record::draft::{DraftAssertion, SourceReference};

/// Why a source with a name was left unnamed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Doubt {
    /// Several known sources have the name.
    #[error("“{name}” could be {candidates}: it stays an unnamed source of its document")]
    Several {
        /// The name.
        name: Name,
        /// The candidates.
        candidates: Candidates,
    },
    /// The source with that name is a person and the one found is not, or the reverse.
    #[error(
        "“{name}” has the name of {slug}, which is of the kind `{}`: it stays an \
         unnamed source of its document",
        kind.tag()
    )]
    OtherKind {
        /// The name.
        name: Name,
        /// The source with that name.
        slug: Slug,
        /// Its kind.
        kind: SourceKind,
    },
    /// The slug it would get belongs to another source.
    #[error(
        "“{name}” would get the slug {slug}, which belongs to another source: it stays an unnamed \
         source of its document"
    )]
    Taken {
        /// The name.
        name: Name,
        /// The slug.
        slug: Slug,
    },
}

/// The result of linking one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkOutcome {
    /// A source that the ledger knows.
    Known(SourceNamed),
    /// A source that still has to be named.
    New(SourceNamed),
    /// A source that could not be decided on.
    Doubtful(Doubt),
}

/// Links what is found in one document after another to the ledger. A source that is new in one
/// document is known in the next.
pub struct Linker<'a, S> {
    known: &'a S,
    new: New,
}

/// The sources that are new.
#[derive(Default)]
struct New {
    sources: BTreeMap<Slug, SourceNamed>,
    /// Their slugs, by what each of their names folds to.
    names: BTreeMap<Slug, BTreeSet<Slug>>,
}

impl New {
    fn learn(&mut self, named: &SourceNamed) {
        if self.sources.contains_key(&named.slug) {
            return;
        }
        for folded in folded_names(named) {
            self.names.entry(folded).or_default().insert(named.slug.clone());
        }
        self.sources.insert(named.slug.clone(), named.clone());
    }
}

impl Sources for New {
    type Error = Infallible;

    fn named(&self, slug: &Slug) -> Result<Option<SourceNamed>, Infallible> {
        Ok(self.sources.get(slug).cloned())
    }

    fn with_name(&self, folded: &Slug) -> Result<Vec<Slug>, Infallible> {
        Ok(self.names.get(folded).into_iter().flatten().cloned().collect())
    }

    fn with_words(&self, _text: &str) -> Result<Vec<Slug>, Infallible> {
        Ok(Vec::new())
    }

    fn whole(&self, source: &SourceId) -> Result<SourceId, Infallible> {
        Ok(source.clone())
    }

    fn is_taken(&self, slug: &Slug) -> Result<bool, Infallible> {
        Ok(self.sources.contains_key(slug))
    }
}

/// The attributions found in a document, with their sources linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedDocument {
    /// The result for each slug that they use.
    pub sources: BTreeMap<Slug, LinkOutcome>,
    /// The assertions, which refer to sources as the ledger will.
    pub assertions: Vec<FoundAssertion>,
}

impl LinkedDocument {
    /// The sources that must be named before the assertions can be recorded, with those that others
    /// speak for first.
    pub fn namings(&self) -> Vec<SourceNamed> {
        self.namings_of(self.assertions.iter().map(|finding| &finding.draft))
    }

    /// The sources that must be named before these assertions can be recorded.
    pub fn namings_of<'d>(
        &self,
        drafts: impl IntoIterator<Item = &'d DraftAssertion>,
    ) -> Vec<SourceNamed> {
        let new: BTreeMap<&str, &SourceNamed> = self.sources.values().filter_map(new).collect();
        let (mut namings, mut seen) = (Vec::new(), BTreeSet::new());
        for reference in drafts.into_iter().flat_map(references) {
            let mut chain = Vec::new();
            let mut next = new.get(reference.0.as_str());
            while let Some(named) = next.filter(|named| seen.insert(&named.slug)) {
                chain.push((*named).clone());
                let principal = named.speaks_for.first().map(|principal| principal.source.slug());
                next = principal.and_then(|slug| new.get(slug.as_str()));
            }
            namings.extend(chain.into_iter().rev());
        }
        namings
    }

    /// The doubts about the sources that the assertions refer to.
    pub fn doubts(&self) -> Vec<&Doubt> {
        let drafts = self.assertions.iter().map(|finding| &finding.draft);
        let unnamed: BTreeSet<&str> =
            drafts.flat_map(references).filter_map(|source| source.0.strip_suffix('@')).collect();
        let standings = self.sources.iter().filter(|(slug, _)| unnamed.contains(slug.as_str()));
        let doubts = standings.filter_map(|(_, standing)| match standing {
            LinkOutcome::Doubtful(doubt) => Some(doubt),
            _ => None,
        });
        doubts.collect()
    }
}

/// The sources that must be named before what was found in several documents can be recorded, each
/// once, with those that others speak for first.
pub fn namings<'m>(all: impl IntoIterator<Item = &'m LinkedDocument>) -> Vec<SourceNamed> {
    let mut seen = BTreeSet::new();
    let mut namings: Vec<SourceNamed> = all.into_iter().flat_map(LinkedDocument::namings).collect();
    namings.retain(|named| seen.insert(named.slug.clone()));
    namings
}

/// The `namings` whose sources have not been named in the meantime. Naming a source again would
/// replace what was recorded about it.
///
/// # Errors
///
/// The sources could not be read.
pub fn unnamed_yet<S: Sources>(
    sources: &S,
    namings: impl IntoIterator<Item = SourceNamed>,
) -> Result<Vec<SourceNamed>, S::Error> {
    let mut unnamed = Vec::new();
    for named in namings {
        if !sources.is_taken(&named.slug)? {
            unnamed.push(named);
        }
    }
    Ok(unnamed)
}

/// The `namings` that an assertion needs, in their order: those of the sources in it, and of those
/// that they speak for. An edit may have replaced one source by another.
pub fn needed<'n>(draft: &DraftAssertion, namings: &'n [SourceNamed]) -> Vec<&'n SourceNamed> {
    let mut needed: BTreeSet<&str> = references(draft).map(|source| source.0.as_str()).collect();
    // A source may come before or after the one it speaks for, so this repeats.
    loop {
        let those: Vec<_> =
            namings.iter().filter(|named| needed.contains(named.slug.as_str())).collect();
        let before = needed.len();
        let behind = those.iter().flat_map(|named| &named.speaks_for);
        needed.extend(behind.filter_map(|principal| match &principal.source {
            SourceId::Named(slug) => Some(slug.as_str()),
            SourceId::Unnamed { .. } => None,
        }));
        if needed.len() == before {
            return those;
        }
    }
}

fn new(standing: &LinkOutcome) -> Option<(&str, &SourceNamed)> {
    match standing {
        LinkOutcome::New(named) => Some((named.slug.as_str(), named)),
        _ => None,
    }
}

/// Every source that a draft refers to.
fn references(draft: &DraftAssertion) -> impl Iterator<Item = &SourceReference> {
    draft.hops.iter().flat_map(|hop| hop.sources.as_slice()).chain(&draft.against)
}

impl<'a, S: Sources> Linker<'a, S> {
    /// A linker to which no source is new yet.
    pub fn against(known: &'a S) -> Self {
        Self { known, new: New::default() }
    }

    /// Links the sources of the attributions found in a document.
    ///
    /// # Errors
    ///
    /// The sources of the ledger could not be read.
    pub fn settle(&mut self, found: Found) -> Result<LinkedDocument, S::Error> {
        let mut waiting: BTreeMap<Slug, SourceNamed> = BTreeMap::new();
        let order: Vec<Slug> = found.sources.iter().map(|source| source.slug.clone()).collect();
        for source in found.sources {
            waiting.entry(source.slug.clone()).or_insert(source);
        }
        let own: BTreeSet<Slug> = waiting.keys().cloned().collect();
        let mut sources = BTreeMap::new();
        for slug in order {
            // Sources that others speak for come first. A cycle ends where it would begin again.
            let mut chain = Vec::new();
            let mut next = waiting.remove(&slug);
            while let Some(source) = next {
                let principal =
                    source.speaks_for.first().map(|principal| principal.source.slug().clone());
                chain.push(source);
                next = principal.and_then(|slug| waiting.remove(&slug));
            }
            for source in chain.into_iter().rev() {
                self.stand(source, &mut sources, &own)?;
            }
        }
        let assertions = found.assertions.into_iter().map(|finding| {
            let FoundAssertion { mut draft, line } = finding;
            for hop in &mut draft.hops {
                hop.sources = settled(&hop.sources, &sources);
            }
            draft.against.iter_mut().for_each(|source| rename(source, &sources));
            FoundAssertion { draft, line }
        });
        Ok(LinkedDocument { assertions: assertions.collect(), sources })
    }

    /// Links one source. Those it speaks for are linked already, unless they are not among the
    /// sources that were found (`own`), and then they are the ledger's, or the two speak for each
    /// other.
    fn stand(
        &mut self,
        mut source: SourceNamed,
        sources: &mut BTreeMap<Slug, LinkOutcome>,
        own: &BTreeSet<Slug>,
    ) -> Result<(), S::Error> {
        let found_as = source.slug.clone();
        source.speaks_for.retain_mut(|principal| {
            let SourceId::Named(slug) = &principal.source else { return false };
            match sources.get(slug) {
                Some(LinkOutcome::Known(named) | LinkOutcome::New(named)) => {
                    principal.source = SourceId::Named(named.slug.clone());
                    true
                }
                Some(LinkOutcome::Doubtful(_)) => false,
                None => !own.contains(slug),
            }
        });
        let standing = self.standing(source)?;
        if let LinkOutcome::New(named) = &standing {
            self.new.learn(named);
        }
        sources.insert(found_as, standing);
        Ok(())
    }

    fn standing(&self, source: SourceNamed) -> Result<LinkOutcome, S::Error> {
        let name = source.name.clone();
        let known = called_by_name(self.known, name.as_str())?;
        let is_new = known == Resolved::None;
        let called = if is_new {
            let Ok(called) = called_by_name(&self.new, name.as_str());
            called
        } else {
            known
        };
        Ok(match called {
            Resolved::One(one) if !is_compatible(one.kind, source.kind) => {
                let (slug, kind) = (one.slug, one.kind);
                LinkOutcome::Doubtful(Doubt::OtherKind { name, slug, kind })
            }
            Resolved::One(one) if is_new => LinkOutcome::New(*one),
            Resolved::One(one) => LinkOutcome::Known(*one),
            Resolved::Several(many) => {
                let candidates = many.iter().collect();
                LinkOutcome::Doubtful(Doubt::Several { name, candidates })
            }
            Resolved::None if self.is_taken(&source.slug)? => {
                LinkOutcome::Doubtful(Doubt::Taken { name, slug: source.slug })
            }
            Resolved::None => LinkOutcome::New(source),
        })
    }

    fn is_taken(&self, slug: &Slug) -> Result<bool, S::Error> {
        Ok(self.new.sources.contains_key(slug) || self.known.is_taken(slug)?)
    }
}

/// Whether both can be the same source: a person is never an organisation. Other kinds are too
/// easily confused to count.
const fn is_compatible(one: SourceKind, other: SourceKind) -> bool {
    use SourceKind::{Group, Person, Unknown};
    match (one, other) {
        (Unknown | Group, _) | (_, Unknown | Group) => true,
        (Person, Person) => true,
        (Person, _) | (_, Person) => false,
        _ => true,
    }
}

fn settled(
    list: &OneOrMore<SourceReference>,
    sources: &BTreeMap<Slug, LinkOutcome>,
) -> OneOrMore<SourceReference> {
    let mut settled: Vec<SourceReference> = Vec::new();
    for source in list.as_slice() {
        let mut source = source.clone();
        rename(&mut source, sources);
        if !settled.contains(&source) {
            settled.push(source);
        }
    }
    // At most as many as before, and there was at least one.
    OneOrMore::try_from(settled).unwrap_or_else(|_| list.clone())
}

fn rename(source: &mut SourceReference, sources: &BTreeMap<Slug, LinkOutcome>) {
    let Ok(slug) = Slug::new(&source.0) else { return };
    match sources.get(&slug) {
        Some(LinkOutcome::Known(named) | LinkOutcome::New(named)) => {
            source.0 = named.slug.to_string()
        }
        Some(LinkOutcome::Doubtful(_)) => source.0.push('@'),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::draft::{Draft, DraftBody};

    fn known(sources: Vec<SourceNamed>) -> New {
        let mut known = New::default();
        sources.iter().for_each(|source| known.learn(source));
        known
    }

    fn source(slug: &str, name: &str, kind: SourceKind) -> SourceNamed {
        let (slug, name) = (slug.parse().unwrap(), name.parse().unwrap());
        SourceNamed { slug, name, kind, aliases: Vec::new(), speaks_for: Vec::new() }
    }

    fn found(sources: Vec<SourceNamed>) -> Found {
        let slugs: Vec<String> =
            sources.iter().map(|source| format!("\"{}\"", source.slug)).collect();
        let line = format!(
            r#"{{"event":{{"claim_asserted":{{"document":1,"content":["a"],"hops":[{{"sources":[{}],"role":"said"}}]}}}}}}"#,
            slugs.join(",")
        );
        let Ok(Draft { event: DraftBody::ClaimAsserted(draft), .. }) =
            Draft::from_line(line.as_bytes())
        else {
            panic!("{line}")
        };
        Found { sources, assertions: vec![FoundAssertion { draft: *draft, line: None }] }
    }

    fn spoken(matched: &LinkedDocument) -> Vec<&str> {
        references(&matched.assertions[0].draft).map(|source| source.0.as_str()).collect()
    }

    #[test]
    fn exactly_the_same_name_is_a_known_source_and_a_like_one_is_not() {
        let mut soax = source("soax-ltd", "SOAX", SourceKind::Organisation);
        soax.aliases = vec!["Soax Limited".parse().unwrap()];
        let known = known(vec![soax]);
        let called = [
            source("soax", "Soax", SourceKind::Unknown),
            source("soax-limited", "SOAX limited", SourceKind::Organisation),
            source("soax-group", "SOAX Group", SourceKind::Organisation),
        ];
        let matched = Linker::against(&known).settle(found(called.to_vec())).unwrap();
        assert_eq!(spoken(&matched), ["soax-ltd", "soax-group"]);
        assert_eq!(matched.namings(), [called[2].clone()]);
    }

    #[test]
    fn whatever_is_in_doubt_stays_with_its_document() {
        let mut other = source("smith", "Smith", SourceKind::Person);
        other.aliases = vec!["Dal".parse().unwrap()];
        let known = known(vec![
            other,
            source("ada-smith", "Smith", SourceKind::Person),
            source("washington", "Washington", SourceKind::Government),
            source("dale", "Dal", SourceKind::Person),
            source("rome", "Ministry in Rome", SourceKind::Government),
        ]);
        let called = vec![
            source("smith", "Smith", SourceKind::Person),
            source("washington", "Washington", SourceKind::Person),
            source("rome", "Rome", SourceKind::Government),
        ];
        let matched = Linker::against(&known).settle(found(called)).unwrap();
        assert_eq!(spoken(&matched), ["smith@", "washington@", "rome@"]);
        assert_eq!(matched.namings(), []);
        let doubts: Vec<String> = matched.doubts().into_iter().map(ToString::to_string).collect();
        assert_eq!(
            doubts,
            [
                "“Rome” would get the slug rome, which belongs to another source: it stays an unnamed source of its document",
                "“Smith” could be ada-smith “Smith” or smith “Smith”: it stays an unnamed source of its document",
                "“Washington” has the name of washington, which is of the kind `government`: it stays an unnamed source of its document",
            ]
        );
    }

    #[test]
    fn principals_are_named_before_their_speakers_and_cycles_are_cut() {
        let known = known(vec![source("fl", "Fjord Lines", SourceKind::Organisation)]);
        let mut clerk = source("clerk", "Clerk of Lund", SourceKind::Person);
        clerk.speaks_for = vec!["lund".parse::<SourceId>().unwrap().into()];
        let mut pilot = source("pilot", "Pilot", SourceKind::Person);
        pilot.speaks_for = vec!["fjord-lines".parse::<SourceId>().unwrap().into()];
        let mut one = source("one", "One", SourceKind::Unknown);
        one.speaks_for = vec!["two".parse::<SourceId>().unwrap().into()];
        let mut two = source("two", "Two", SourceKind::Unknown);
        two.speaks_for = vec!["one".parse::<SourceId>().unwrap().into()];
        let lund = source("lund", "Lund", SourceKind::Unknown);
        let fjord = source("fjord-lines", "Fjord Lines", SourceKind::Unknown);
        let all = vec![clerk, pilot, one, two, lund, fjord];
        let matched = Linker::against(&known).settle(found(all)).unwrap();
        let namings = matched.namings();
        let named: Vec<_> = namings
            .iter()
            .map(|named| {
                (named.slug.as_str(), named.speaks_for.first().map(|it| it.source.to_string()))
            })
            .collect();
        let expected = [
            ("lund", None),
            ("clerk", Some("lund".into())),
            ("pilot", Some("fl".into())),
            ("two", None),
            ("one", Some("two".into())),
        ];
        assert_eq!(named, expected);
    }

    #[test]
    fn what_is_new_in_one_document_is_known_in_the_next() {
        let known = known(Vec::new());
        let mut matching = Linker::against(&known);
        let mut first = source(
            "world-health-organization",
            "World Health Organization",
            SourceKind::Organisation,
        );
        first.aliases = vec!["WHO".parse().unwrap()];
        matching.settle(found(vec![first])).unwrap();
        let next = matching.settle(found(vec![source("who", "WHO", SourceKind::Unknown)])).unwrap();
        assert_eq!(spoken(&next), ["world-health-organization"]);
        assert_eq!(next.namings().len(), 1);
    }

    #[test]
    fn what_several_documents_need_is_named_once() {
        let known = known(Vec::new());
        let mut matching = Linker::against(&known);
        let all: Vec<LinkedDocument> = [["ana", "bo"], ["bo", "cleo"]]
            .map(|slugs| {
                let sources = slugs.map(|slug| source(slug, slug, SourceKind::Person)).to_vec();
                matching.settle(found(sources)).unwrap()
            })
            .into();
        let namings = namings(&all);
        let slugs: Vec<&str> = namings.iter().map(|named| named.slug.as_str()).collect();
        assert_eq!(slugs, ["ana", "bo", "cleo"]);
    }

    #[test]
    fn a_source_named_meanwhile_is_not_named_again() {
        let known = known(vec![source("ana", "Ana Berg", SourceKind::Person)]);
        let ana = source("ana", "Ana", SourceKind::Unknown);
        let bo = source("bo", "Ana Berg", SourceKind::Person);
        let Ok(unnamed) = unnamed_yet(&known, [ana, bo.clone()]);
        assert_eq!(unnamed, [bo], "slugs count, names do not");
    }

    #[test]
    fn an_edited_assertion_needs_its_sources_and_their_principals() {
        let behind = |slug: &str, principal: &str| {
            let mut named = source(slug, slug, SourceKind::Unknown);
            named.speaks_for = vec![principal.parse::<SourceId>().unwrap().into()];
            named
        };
        let plain = |slug: &str| source(slug, slug, SourceKind::Unknown);
        // Principals may come first or last in the list; a source that speaks for an unnamed one of
        // a document does not cause another of the same name to be named.
        let namings = [
            plain("state"),
            behind("port", "state"),
            behind("clerk", "port"),
            behind("pilot", "crew@3"),
            behind("ring", "other"),
            behind("other", "ring"),
            plain("crew"),
            plain("ana"),
        ];
        let needs = |slug: &str| -> Vec<String> {
            let draft = found(vec![plain(slug)]).assertions.remove(0).draft;
            needed(&draft, &namings).iter().map(|named| named.slug.to_string()).collect()
        };
        assert_eq!(needs("clerk"), ["state", "port", "clerk"]);
        assert_eq!(needs("pilot"), ["pilot"]);
        assert_eq!(needs("ring"), ["ring", "other"]);
        assert_eq!(needs("ana"), ["ana"]);
        assert_eq!(needs("nobody"), [""; 0]);
        let mut against = found(vec![plain("nobody")]).assertions.remove(0).draft;
        against.against = vec![SourceReference("port".into())];
        let slugs: Vec<&str> =
            needed(&against, &namings).iter().map(|named| named.slug.as_str()).collect();
        assert_eq!(slugs, ["state", "port"]);
    }
}
