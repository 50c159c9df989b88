//! Collects the entities that a document names: every proper name in it, with its fuller form and
//! its descriptions.
//!
//! Knows names and descriptions as given in the text. Must not know who said what.

use std::collections::HashMap;

use super::gazetteer::{self, Gender, PlaceKind};
use super::mention::{self, Mention};
use super::tree::{Tree, WordRange};
use crate::domain::source::SourceKind;
use crate::reading::syntax::Tag;

/// A named entity, under the fullest name in the document.
#[derive(Debug)]
pub(super) struct Entity<'a> {
    pub(super) name: WordRange,
    lower: &'a str,
    pub(super) kind: SourceKind,
    pub(super) gender: Gender,
    /// The nouns that describe it, each with the word where it first does so.
    nouns: Vec<(&'a str, usize)>,
    pub(super) principal: Option<WordRange>,
    /// The entity with the fuller name, if this is a short form.
    fuller: Option<usize>,
}

/// A place where the document names an entity.
#[derive(Debug)]
pub(super) struct NameOccurrence {
    pub(super) at: usize,
    pub(super) who: usize,
    pub(super) is_subject: bool,
}

/// All entities that a document names.
pub(super) struct Entities<'a> {
    everyone: Vec<Entity<'a>>,
    by_name: HashMap<&'a str, usize>,
    /// For each noun, the entities that it describes, and from which word on.
    by_noun: HashMap<&'a str, Vec<(usize, usize)>>,
    /// Every place where an entity is named, in the order of the text.
    namings: Vec<NameOccurrence>,
}

/// The most entities that are distinguished: a page with more names is not an article.
const MOST: usize = 4000;

/// How many entities described by the same noun are kept: two already make it ambiguous.
const SAME: usize = 8;

impl<'a> Entities<'a> {
    pub(super) fn of(tree: &'a Tree<'_>) -> Self {
        let mut cast = Self {
            everyone: Vec::new(),
            by_name: HashMap::new(),
            by_noun: HashMap::new(),
            namings: Vec::new(),
        };
        let mut at = 0;
        while at < tree.words.len() {
            if mention::is_name_word(tree, at) {
                let end = mention::name_end(tree, at);
                cast.meet(tree, at..end);
                at = end;
            } else {
                at += 1;
            }
        }
        cast.link(tree);
        cast.index(tree);
        cast
    }

    /// Adds a run of name words and the phrase around it.
    fn meet(&mut self, tree: &'a Tree<'_>, run: WordRange) {
        let phrase = mention::phrase_start(tree, run.start)..run.end;
        let found = mention::mention(tree, &phrase);
        let Some(name) = found.name.clone().filter(|name| name.end <= run.end) else { return };
        let lower = tree.lower(&name);
        if self.everyone.len() >= MOST && !self.by_name.contains_key(lower) {
            return;
        }
        let who = *self.by_name.entry(lower).or_insert_with(|| {
            self.everyone.push(Entity {
                name: name.clone(),
                lower,
                kind: SourceKind::Unknown,
                gender: Gender::Either,
                nouns: Vec::new(),
                principal: None,
                fuller: None,
            });
            self.everyone.len() - 1
        });
        self.learn(tree, who, &found);
        if let Some(before) = introduction(tree, &phrase, &name) {
            self.learn(tree, who, &before);
        }
        let is_subject = mention::is_subject(tree, &phrase);
        self.namings.push(NameOccurrence { at: name.start, who, is_subject });
        self.abbreviate(tree, who, run.end);
    }

    fn learn(&mut self, tree: &'a Tree<'_>, who: usize, found: &Mention) {
        let named = &mut self.everyone[who];
        if named.kind == SourceKind::Unknown {
            named.kind = found.kind;
        }
        if named.gender == Gender::Either {
            named.gender = found.gender;
        }
        if named.principal.is_none() {
            named.principal.clone_from(&found.principal);
        }
        let described = found.noun.filter(|(noun, _)| !is_former(tree, *noun));
        let noun = described.map(|(at, singular)| singular.unwrap_or_else(|| tree.word(at)));
        for noun in noun.into_iter().chain(found.titles.iter().copied()) {
            if !named.nouns.iter().any(|(known, _)| *known == noun) && named.nouns.len() < 8 {
                named.nouns.push((noun, found.words.start));
            }
        }
    }

    /// Once "the Human Rights Board (HRB)" has been named, "HRB" means the same entity.
    fn abbreviate(&mut self, tree: &'a Tree<'_>, who: usize, at: usize) {
        let is_bracketed = at + 2 < tree.words.len()
            && tree.tag(at) == Tag::OpenBracket
            && tree.tag(at + 2) == Tag::CloseBracket;
        if !is_bracketed || self.everyone.len() >= MOST {
            return;
        }
        let word = at + 1..at + 2;
        let is_short = tree.text[tree.bytes(&word)].chars().all(char::is_uppercase);
        let lower = tree.lower(&word);
        if !is_short || word.is_empty() || self.by_name.contains_key(lower) {
            return;
        }
        self.by_name.insert(lower, self.everyone.len());
        self.everyone.push(Entity {
            name: word,
            lower,
            kind: self.everyone[who].kind,
            gender: Gender::Either,
            nouns: Vec::new(),
            principal: None,
            fuller: Some(who),
        });
    }

    /// Links each name of one word to the only fuller name that it abbreviates.
    fn link(&mut self, tree: &Tree<'_>) {
        let mut by_first: HashMap<&str, Option<usize>> = HashMap::new();
        let mut by_last: HashMap<&str, Option<usize>> = HashMap::new();
        for (who, named) in self.everyone.iter().enumerate().filter(|(_, it)| it.name.len() > 1) {
            let is_person = matches!(named.kind, SourceKind::Person | SourceKind::Unknown);
            if is_person {
                let last = by_last.entry(tree.word(named.name.end - 1));
                last.and_modify(|one| *one = None).or_insert(Some(who));
            }
            if named.kind != SourceKind::Person {
                let first = by_first.entry(tree.word(named.name.start));
                first.and_modify(|one| *one = None).or_insert(Some(who));
            }
        }
        for who in 0..self.everyone.len() {
            let named = &self.everyone[who];
            if named.name.len() > 1 || named.fuller.is_some() || is_alone(named) {
                continue;
            }
            let last = by_last.get(named.lower).copied();
            let fuller = last.unwrap_or_else(|| by_first.get(named.lower).copied().flatten());
            let Some(fuller) = fuller else { continue };
            let (short_kind, gender) = (named.kind, named.gender);
            let first_noun = self.everyone[who].nouns.clone();
            self.everyone[who].fuller = Some(fuller);
            let full = &mut self.everyone[fuller];
            // An entity called by a last name alone is a person.
            if full.kind == SourceKind::Unknown {
                full.kind = if last.is_some() { SourceKind::Person } else { short_kind };
            }
            if full.gender == Gender::Either {
                full.gender = gender;
            }
            full.nouns.extend(first_noun);
        }
    }

    /// The entity with that name, in lower case, resolved to its fullest name.
    pub(super) fn find(&self, lower: &str) -> Option<usize> {
        let who = *self.by_name.get(lower)?;
        Some(self.everyone[who].fuller.unwrap_or(who))
    }

    pub(super) fn named(&self, who: usize) -> &Entity<'a> {
        &self.everyone[who]
    }

    /// The only entity that a noun describes before a place in the text: "the regulator".
    pub(super) fn described(&self, noun: &str, before: usize) -> Option<usize> {
        let mut all = self.by_noun.get(noun)?.iter().filter(|(_, at)| *at < before);
        let (first, _) = all.next()?;
        all.all(|(who, _)| who == first).then_some(*first)
    }

    fn index(&mut self, tree: &'a Tree<'_>) {
        for (who, named) in self.everyone.iter().enumerate() {
            let who = named.fuller.unwrap_or(who);
            let ends = [named.name.start, named.name.end - 1];
            let bodies = ends.into_iter().filter(|_| named.name.len() > 1);
            let bodies = bodies.map(|at| (tree.word(at), named.name.start));
            let bodies = bodies.filter(|(word, _)| gazetteer::body(word).is_some());
            for (noun, at) in named.nouns.iter().copied().chain(bodies) {
                let all = self.by_noun.entry(noun).or_default();
                if all.len() < SAME {
                    all.push((who, at));
                }
            }
        }
    }

    /// The places between two words where an entity is named, closest to the later word first.
    pub(super) fn namings_between(
        &self,
        start: usize,
        end: usize,
    ) -> impl Iterator<Item = (&NameOccurrence, usize)> {
        let first = self.namings.partition_point(|naming| naming.at < start);
        let last = self.namings.partition_point(|naming| naming.at < end).max(first);
        let full = |naming: &NameOccurrence| self.everyone[naming.who].fuller.unwrap_or(naming.who);
        self.namings[first..last].iter().rev().map(move |naming| (naming, full(naming)))
    }
}

/// "the city's mayor, Ann Lee,": the description before a name in apposition.
fn introduction(tree: &Tree<'_>, phrase: &WordRange, name: &WordRange) -> Option<Mention> {
    let comma = phrase.start.checked_sub(1)?;
    let noun =
        comma.checked_sub(1).filter(|noun| tree.tag(comma) == Tag::Comma && tree.is_noun(*noun))?;
    let mut start = mention::phrase_start(tree, noun);
    // "media and sports regulator" is one description.
    while start > 0 && tree.tag(start - 1) == Tag::CC && start > tree.sentence(noun).start + 1 {
        start = mention::phrase_start(tree, start - 2);
    }
    let found = mention::mention(tree, &(start..comma));
    (found.name.as_ref() == Some(name)).then_some(found)
}

/// Names that are never a short form: places, and organisations known by one word.
fn is_alone(named: &Entity<'_>) -> bool {
    let place = gazetteer::place(named.lower).is_some_and(|place| place != PlaceKind::Adjective);
    place || gazetteer::known(named.lower).is_some_and(|kind| kind != SourceKind::Organisation)
}

/// Whether a description is of a past office: "former", "ex-".
fn is_former(tree: &Tree<'_>, noun: usize) -> bool {
    let start = tree.sentence(noun).start.max(noun.saturating_sub(4));
    (start..noun).any(|at| matches!(tree.word(at), "former" | "ex" | "late" | "then"))
}
