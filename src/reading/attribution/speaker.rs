//! Resolves mentions to speakers: finds the fullest name, and what a pronoun or a description
//! refers to if the text makes it certain.
//!
//! Knows the document's names and the earlier speakers. Must not know what was said.

use super::bound::MOST_SPEAKERS;
use super::entities::Entities;
use super::gazetteer::{self, Gender};
use super::mention::{self, Mention, Pronoun};
use super::proposal::{Span, Speaker};
use super::tree::{Tree, WordRange};
use crate::domain::claim::Resolution;
use crate::domain::id::Name;
use crate::domain::selector::Zone;
use crate::domain::source::SourceKind;

/// An earlier speaker, with what matters for resolving later mentions.
#[derive(Debug, Clone)]
struct EarlierSpeaker {
    /// The word of the mention.
    at: usize,
    speaker: Speaker,
    who: Option<usize>,
    gender: Gender,
    is_plural: bool,
    /// The noun that describes an unnamed speaker, as in the text.
    noun: Option<usize>,
}

/// How many sentences back a pronoun can refer.
const REACH: usize = 3;

/// How many earlier speakers are considered.
const REMEMBERED: usize = 64;

/// Resolves the mentions of one zone, in the order of the text.
pub(super) struct Speakers<'a> {
    tree: &'a Tree<'a>,
    zone: Zone,
    /// The named entities of the document; its own zone may have another tree.
    cast: &'a Entities<'a>,
    cast_tree: &'a Tree<'a>,
    heard: Vec<EarlierSpeaker>,
}

impl<'a> Speakers<'a> {
    pub(super) fn new(
        tree: &'a Tree<'a>,
        zone: Zone,
        cast: &'a Entities<'a>,
        cast_tree: &'a Tree<'a>,
    ) -> Self {
        Self { tree, zone, cast, cast_tree, heard: Vec::new() }
    }

    /// The speakers mentioned in the words, who count as earlier speakers from now on. Must be
    /// called in the order of the text.
    pub(super) fn hear(&mut self, words: &WordRange) -> (Vec<Speaker>, Resolution) {
        let identified = self.identified(words);
        let resolution = resolution(&identified);
        let mut speakers = Vec::new();
        for (heard, _) in identified {
            speakers.push(heard.speaker.clone());
            if self.heard.last().is_none_or(|last| last.at <= heard.at) {
                self.heard.push(heard);
            }
        }
        (speakers, resolution)
    }

    /// The speakers mentioned inside the words of another, to whom "I" and "we" refer.
    pub(super) fn within(
        &self,
        words: &WordRange,
        quoted: &[Speaker],
    ) -> (Vec<Speaker>, Resolution) {
        let is_quoted = matches!(self.tree.word(words.start), "i" | "we") && words.len() == 1;
        if is_quoted && !quoted.is_empty() {
            let mention = self.span(words);
            let same = quoted.iter().cloned().map(|it| Speaker { mention, ..it });
            return (same.collect(), Resolution::Resolved);
        }
        let identified = self.identified(words);
        let resolution = resolution(&identified);
        (identified.into_iter().map(|(heard, _)| heard.speaker).collect(), resolution)
    }

    fn identified(&self, words: &WordRange) -> Vec<(EarlierSpeaker, bool)> {
        let mentions = mention::mentions(self.tree, words);
        let identified = mentions.iter().filter_map(|mention| self.identify(mention));
        // One more than is proposed, so that the caller can tell when one is left out.
        identified.take(MOST_SPEAKERS + 1).collect()
    }

    fn span(&self, words: &WordRange) -> Span {
        let (start, end) = self.tree.points(words);
        Span { zone: self.zone, start, end }
    }

    fn identify(&self, mention: &Mention) -> Option<(EarlierSpeaker, bool)> {
        if let Some(pronoun) = mention.pronoun {
            if let Some(antecedent) = self.antecedent(pronoun, mention.words.start) {
                return Some((self.again(mention, &antecedent), true));
            }
        } else if let Some(name) = &mention.name {
            return self.by_name(mention, name);
        } else if let Some(found) = self.by_description(mention) {
            return Some((found, true));
        }
        Some((self.unnamed(mention)?, false))
    }

    /// The same speaker, for this mention.
    fn again(&self, mention: &Mention, antecedent: &EarlierSpeaker) -> EarlierSpeaker {
        let mut heard = antecedent.clone();
        heard.at = mention.words.start;
        heard.speaker.mention = self.span(&mention.words);
        heard
    }

    fn by_name(&self, mention: &Mention, name: &WordRange) -> Option<(EarlierSpeaker, bool)> {
        let lower = self.tree.lower(name);
        let Some(who) = self.cast.find(lower) else {
            let words = without_article(self.tree, name);
            let speaker = self.speaker(mention, plain(&self.tree.text[self.tree.bytes(&words)])?);
            return Some((Self::heard(mention, speaker), false));
        };
        let mut heard = self.heard_as(mention, who)?;
        if heard.speaker.speaks_for.is_none() {
            heard.speaker.speaks_for = self.principal(mention);
        }
        let is_short = self.cast_tree.lower(&self.cast.named(who).name) != lower;
        Some((heard, is_short))
    }

    /// A named entity of the document, for this mention.
    fn heard_as(&self, mention: &Mention, who: usize) -> Option<EarlierSpeaker> {
        let named = self.cast.named(who);
        let tree = self.cast_tree;
        let words = without_article(tree, &named.name);
        let name = plain(&tree.text[tree.bytes(&words)])?;
        let kind = if named.kind == SourceKind::Unknown { mention.kind } else { named.kind };
        let speaks_for = named.principal.as_ref();
        let speaks_for = speaks_for.and_then(|words| plain(&tree.text[tree.bytes(words)]));
        let speaker = Speaker {
            mention: self.span(&mention.words),
            name,
            is_named: true,
            kind,
            speaks_for: speaks_for
                .filter(|_| kind == SourceKind::Person || kind == SourceKind::Unknown),
        };
        let gender = if named.gender == Gender::Either { mention.gender } else { named.gender };
        Some(EarlierSpeaker { who: Some(who), gender, ..Self::heard(mention, speaker) })
    }

    fn heard(mention: &Mention, speaker: Speaker) -> EarlierSpeaker {
        EarlierSpeaker {
            at: mention.words.start,
            speaker,
            who: None,
            gender: mention.gender,
            is_plural: mention.is_plural,
            noun: mention.noun.map(|(at, _)| at),
        }
    }

    fn speaker(&self, mention: &Mention, name: Name) -> Speaker {
        Speaker {
            mention: self.span(&mention.words),
            name,
            is_named: mention.name.is_some(),
            kind: mention.kind,
            speaks_for: self.principal(mention),
        }
    }

    /// A speaker without a name, called by the words of the mention.
    fn unnamed(&self, mention: &Mention) -> Option<EarlierSpeaker> {
        let words = without_article(self.tree, &mention.words);
        let mut text = self.tree.text[self.tree.bytes(&words)].to_owned();
        let begins = words.start < self.tree.words.len()
            && self.tree.begins_sentence(words.start)
            && !mention::is_name_word(self.tree, words.start)
            && gazetteer::place(self.tree.word(words.start)).is_none();
        if begins && let Some(first) = text.chars().next() {
            let rest = text.split_off(first.len_utf8());
            text = first.to_lowercase().chain(rest.chars()).collect();
        }
        let speaker = self.speaker(mention, plain(&text)?);
        Some(Self::heard(mention, speaker))
    }

    /// The name of the principal, for whom a mention speaks.
    fn principal(&self, mention: &Mention) -> Option<Name> {
        let words = mention.principal.as_ref()?;
        let tree = self.tree;
        let is_named = words.clone().any(|at| mention::is_name_word(tree, at));
        if let Some(who) = self.cast.find(tree.lower(words)) {
            let full = without_article(self.cast_tree, &self.cast.named(who).name);
            return plain(&self.cast_tree.text[self.cast_tree.bytes(&full)]);
        }
        if is_named {
            let words = without_article(tree, words);
            return plain(&tree.text[tree.bytes(&words)]);
        }
        let inner = mention::mention(tree, words);
        let (heard, _) = self.identify(&inner).filter(|(heard, _)| heard.speaker.is_named)?;
        Some(heard.speaker.name)
    }

    /// "the regulator": the only entity with that description, or the earlier speaker with it.
    fn by_description(&self, mention: &Mention) -> Option<EarlierSpeaker> {
        let (at, singular) = mention.noun?;
        let noun = singular.unwrap_or_else(|| self.tree.word(at));
        if !mention.is_definite || mention.is_plural {
            return None;
        }
        if mention.principal.is_some() {
            return self.same_office(mention, at);
        }
        if at != mention.words.start + 1 || noun == "government" {
            return None;
        }
        let before = if self.zone == Zone::Body { mention.words.start } else { 0 };
        let who = self.cast.described(noun, before)?;
        self.heard_as(mention, who)
    }

    /// "the Acme representative" is the earlier "representative of Acme".
    fn same_office(&self, mention: &Mention, noun: usize) -> Option<EarlierSpeaker> {
        let principal = self.principal(mention)?;
        let same = |heard: &&EarlierSpeaker| {
            heard.speaker.speaks_for.as_ref() == Some(&principal)
                && heard.noun.is_some_and(|other| self.tree.word(other) == self.tree.word(noun))
        };
        let before = self.heard.partition_point(|heard| heard.at < mention.words.start);
        let mut latest = self.heard[..before].iter().rev().take(REMEMBERED);
        latest.find(same).map(|heard| self.again(mention, heard))
    }

    /// The referent of a pronoun, if there is only one possibility.
    fn antecedent(&self, pronoun: Pronoun, at: usize) -> Option<EarlierSpeaker> {
        if matches!(pronoun, Pronoun::First) {
            return None;
        }
        if pronoun == Pronoun::Relative {
            return self.before_relative(at);
        }
        let near = self.reach(at);
        let before = self.heard.partition_point(|heard| heard.at < at);
        let within = self.heard[..before].iter().rev().take_while(|heard| near <= heard.at);
        let last = within
            .take(REMEMBERED)
            .find(|heard| agrees(pronoun, heard.speaker.kind, heard.gender, heard.is_plural));
        match last {
            Some(heard) if !self.has_rival(pronoun, heard, at) => Some(heard.clone()),
            Some(_) => None,
            None => self.only_subject(pronoun, near, at),
        }
    }

    fn reach(&self, at: usize) -> usize {
        let mut start = self.tree.sentence(at).start;
        for _ in 1..REACH {
            if start > 0 {
                start = self.tree.sentence(start - 1).start;
            }
        }
        start
    }

    /// Whether another possible referent has been a subject since.
    fn has_rival(&self, pronoun: Pronoun, heard: &EarlierSpeaker, at: usize) -> bool {
        self.zone == Zone::Body
            && self.cast.namings_between(heard.at + 1, at).any(|(naming, who)| {
                let named = self.cast.named(who);
                let is_other = heard.who != Some(who) && !heard.covers(naming.at);
                is_other && naming.is_subject && could_be(pronoun, named.kind, named.gender)
            })
    }

    /// The only possible referent named as a subject within reach.
    fn only_subject(&self, pronoun: Pronoun, near: usize, at: usize) -> Option<EarlierSpeaker> {
        if self.zone != Zone::Body || pronoun == Pronoun::They {
            return None;
        }
        let mut found = None;
        for (naming, who) in self.cast.namings_between(near, at) {
            let named = self.cast.named(who);
            if !could_be(pronoun, named.kind, named.gender) {
                continue;
            }
            let is_sure = naming.is_subject && agrees(pronoun, named.kind, named.gender, false);
            if found.is_some_and(|other| other != who) || found.is_none() && !is_sure {
                return None;
            }
            found = Some(who);
        }
        let mention = mention::mention(self.tree, &(at..at + 1));
        self.heard_as(&mention, found?)
    }

    /// "Ann Lee, who said": the noun phrase before a relative pronoun.
    fn before_relative(&self, at: usize) -> Option<EarlierSpeaker> {
        let tree = self.tree;
        let mut end = at;
        while end > tree.sentence(at).start && tree.is_punctuation(end - 1) {
            end -= 1;
        }
        let last = end.checked_sub(1).filter(|last| *last >= tree.sentence(at).start)?;
        if !tree.is_noun(last) && !mention::is_name_word(tree, last) {
            return None;
        }
        let name =
            mention::is_name_word(tree, last).then(|| mention::name_around(tree, last).start);
        let start = mention::phrase_start(tree, name.unwrap_or(last));
        let mention = mention::mention(tree, &(start..end));
        self.identify(&mention).map(|(heard, _)| heard)
    }
}

fn resolution(identified: &[(EarlierSpeaker, bool)]) -> Resolution {
    if identified.iter().any(|(_, is_resolved)| *is_resolved) {
        Resolution::Resolved
    } else {
        Resolution::Explicit
    }
}

impl EarlierSpeaker {
    fn covers(&self, at: usize) -> bool {
        self.at == at
    }
}

/// Whether a pronoun agrees with what is known about a speaker.
fn agrees(pronoun: Pronoun, kind: SourceKind, gender: Gender, is_plural: bool) -> bool {
    let is_person = matches!(kind, SourceKind::Person);
    match pronoun {
        Pronoun::He => is_person && gender != Gender::Female && !is_plural,
        Pronoun::She => is_person && gender != Gender::Male && !is_plural,
        Pronoun::It => {
            !is_plural
                && !matches!(kind, SourceKind::Person | SourceKind::Group | SourceKind::Unknown)
        }
        Pronoun::They => is_plural || kind == SourceKind::Group,
        Pronoun::First | Pronoun::Relative => false,
    }
}

/// Whether a pronoun could refer to a speaker about whom little is known.
fn could_be(pronoun: Pronoun, kind: SourceKind, gender: Gender) -> bool {
    match (pronoun, kind) {
        (Pronoun::He, SourceKind::Person) => gender != Gender::Female,
        (Pronoun::She, SourceKind::Person) => gender != Gender::Male,
        (Pronoun::He | Pronoun::She, _) => false,
        (Pronoun::It, kind) => !matches!(kind, SourceKind::Person | SourceKind::Group),
        _ => false,
    }
}

/// The words without a leading article.
fn without_article(tree: &Tree<'_>, words: &WordRange) -> WordRange {
    let is_article = matches!(tree.word(words.start), "the" | "a" | "an");
    if is_article && words.len() > 1 { words.start + 1..words.end } else { words.clone() }
}

/// A name on one line and within the length limit.
fn plain(text: &str) -> Option<Name> {
    let mut name = String::with_capacity(text.len().min(300));
    for word in text.split(|letter: char| letter.is_whitespace() || letter.is_control()) {
        if word.is_empty() {
            continue;
        }
        let space = usize::from(!name.is_empty());
        if name.len() + space + word.len() > 300 {
            break;
        }
        if space == 1 {
            name.push(' ');
        }
        name.push_str(word);
    }
    Name::new(&name).ok()
}
