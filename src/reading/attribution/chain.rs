//! Builds the attribution chain: who said it, to whom, what it is based on, and who passed it on.
//!
//! Knows the phrases beside a reporting clause, and attributions inside the words of another. Must
//! not know how a mention is resolved.

use super::bound::{MOST_HOPS, MOST_WEIGHT};
use super::candidate::{Candidate, Rule};
use super::choice::Choice;
use super::gazetteer;
use super::mention::{self, Mention};
use super::proposal::{Link, Span, Speaker};
use super::speaker::Speakers;
use super::tree::{Tree, WordRange};
use crate::domain::claim::Role;
use crate::domain::selector::Zone;
use crate::domain::source::SourceKind;
use crate::reading::syntax::Tag;

/// Builds the chains of one zone.
pub(super) struct Chains<'a, 'b> {
    pub(super) tree: &'a Tree<'a>,
    pub(super) zone: Zone,
    pub(super) choices: &'b [Choice],
    /// In lower case and without "the".
    pub(super) publisher: Option<String>,
}

/// The links that one attribution contributes, before those of the surrounding attributions are
/// added.
#[derive(Debug, Clone, Default)]
struct Own {
    before: Vec<Link>,
    said: Option<Link>,
    after: Vec<Link>,
}

impl Own {
    fn weight(&self) -> usize {
        let links = self.before.iter().chain(&self.said).chain(&self.after);
        links.map(|link| 1 + link.speakers.len()).sum()
    }
}

/// The links that each attribution contributes to its chain. The chains are built from these one at
/// a time, because all of them together can be too large for memory.
pub(super) struct Links {
    parents: Vec<Option<usize>>,
    own: Vec<Own>,
    /// The first attribution whose speakers were not resolved, because the limit had been reached.
    pub(super) cut: Option<usize>,
}

impl Chains<'_, '_> {
    /// The links that each choice contributes.
    pub(super) fn links(&self, speakers: &mut Speakers<'_>) -> Links {
        let parents = self.parents();
        let mut order: Vec<usize> = (0..self.choices.len()).collect();
        order.sort_by_key(|at| (parents[*at].is_some(), self.place(*at)));
        let mut links = Links { own: vec![Own::default(); self.choices.len()], parents, cut: None };
        let mut left = MOST_WEIGHT;
        for at in order {
            let own = self.own(at, links.parents[at], &links.own, speakers);
            let Some(rest) = left.checked_sub(own.weight()) else {
                links.cut = Some(links.cut.map_or(at, |cut| cut.min(at)));
                left = 0;
                continue;
            };
            left = rest;
            links.own[at] = own;
        }
        links
    }

    /// The chain of a choice, origin first. It has one link more than the limit if there are more.
    pub(super) fn chain(&self, at: usize, links: &Links) -> Vec<Link> {
        let mut chain = self.whole(at, &links.parents, &links.own);
        chain.truncate(MOST_HOPS + 1);
        chain
    }

    fn place(&self, at: usize) -> usize {
        let candidate = &self.choices[at].candidate;
        candidate.source.as_ref().map_or(candidate.at, |source| source.start)
    }

    /// For each choice, the innermost other choice whose content contains it.
    fn parents(&self) -> Vec<Option<usize>> {
        let length = |at: &usize| -> usize {
            self.choices[*at].candidate.content.iter().map(WordRange::len).sum()
        };
        let mut order: Vec<usize> = (0..self.choices.len()).collect();
        order.sort_by_key(|at| (usize::MAX - length(at), *at));
        let mut inside: Vec<Option<usize>> = vec![None; self.tree.words.len()];
        let mut parents = vec![None; self.choices.len()];
        for at in order {
            let candidate = &self.choices[at].candidate;
            parents[at] = inside[candidate.at];
            for words in &candidate.content {
                inside[words.clone()].fill(Some(at));
            }
        }
        parents
    }

    fn own(
        &self,
        at: usize,
        parent: Option<usize>,
        others: &[Own],
        speakers: &mut Speakers<'_>,
    ) -> Own {
        let candidate = &self.choices[at].candidate;
        let mut own = Own::default();
        if let Some(source) = &candidate.source {
            let source = &(source.start..source.end.min(source.start + 2 * LONGEST_PHRASE));
            let (found, resolution) = match parent.and_then(|parent| others[parent].said.as_ref()) {
                Some(around) => speakers.within(source, &around.speakers),
                None => speakers.hear(source),
            };
            let cue = vec![self.span(&candidate.cue)];
            let role = Role::Said;
            own.said = (!found.is_empty()).then_some(Link {
                speakers: found,
                role,
                cue,
                resolution,
                content: Vec::new(),
            });
        }
        self.beside(candidate, speakers, &mut own);
        own
    }

    /// The chain including the surrounding attributions.
    fn whole(&self, at: usize, parents: &[Option<usize>], own: &[Own]) -> Vec<Link> {
        let Own { mut before, said, after } = own[at].clone();
        let mut is_cited = self.choices[at].candidate.rule == Rule::According;
        let mut around = parents[at];
        let mut inner = said.clone();
        let mut links: Vec<Link> = Vec::new();
        links.append(&mut before);
        links.extend(said.map(|link| match around {
            Some(parent) if is_cited && own[parent].said.is_some() => {
                Link { role: Role::Quoted, ..link }
            }
            _ => link,
        }));
        links.extend(after);
        while let Some(parent) = around {
            let outer = &own[parent];
            if let Some(said) = outer.said.as_ref().filter(|_| !self.is_occasion(parent)) {
                if inner.as_ref().is_none_or(|inner| !is_same(inner, said)) {
                    links.push(self.around(parent, said, is_cited, inner.is_some()));
                }
                inner = Some(said.clone());
                is_cited = false;
            }
            links.extend(outer.after.iter().cloned());
            around = parents[parent];
            if links.len() > MOST_HOPS {
                break;
            }
        }
        links.retain(|link| !self.is_publisher(link));
        links
    }

    /// "In a statement, …" names an occasion, and not a speaker if another one is named.
    fn is_occasion(&self, at: usize) -> bool {
        let Candidate { rule, source, .. } = &self.choices[at].candidate;
        let mut words = source.iter().cloned().flatten();
        *rule == Rule::Opening && words.any(|at| is_occasion(self.tree.word(at)))
    }

    /// The link of the speaker who reports what another said.
    fn around(&self, parent: usize, said: &Link, is_cited: bool, has_inner: bool) -> Link {
        let content = &self.choices[parent].candidate.content;
        match (has_inner, is_cited) {
            (false, _) => said.clone(),
            (true, true) => {
                let content = content.iter().map(|words| self.span(words)).collect();
                Link { content, ..said.clone() }
            }
            (true, false) => Link { role: Role::Relayed, ..said.clone() },
        }
    }

    fn is_publisher(&self, link: &Link) -> bool {
        let Some(publisher) = &self.publisher else { return false };
        matches!(link.role, Role::ToldTo | Role::Relayed)
            && link.speakers.iter().all(|it| it.name.as_str().to_lowercase() == *publisher)
    }

    /// The links from phrases beside the clause: told to whom, citing whom, based on what.
    fn beside(&self, candidate: &Candidate, speakers: &Speakers<'_>, own: &mut Own) {
        own.after.extend(self.told(candidate, speakers));
        let sentence = self.tree.sentence(candidate.at);
        for at in sentence.clone() {
            if own.before.len().max(own.after.len()) > MOST_HOPS {
                break;
            }
            if is_within(candidate, at) {
                continue;
            }
            let Some(found) = self.phrase(at, &sentence) else { continue };
            if is_within(candidate, found.words.start) {
                continue;
            }
            let Some(link) = self.link(&found, speakers) else { continue };
            match link.role {
                Role::BasedOn | Role::Quoted => own.before.push(link),
                _ if own.after.iter().all(|other| !is_same(other, &link)) => own.after.push(link),
                _ => {}
            }
        }
    }

    fn link(&self, found: &Phrase, speakers: &Speakers<'_>) -> Option<Link> {
        let (named, resolution) = speakers.within(&found.words, &[]);
        let role = match found.role {
            Role::Quoted if found.is_citing && named.iter().all(is_paper) => Role::BasedOn,
            role => role,
        };
        let cue = vec![self.span(&found.cue)];
        (!named.is_empty()).then_some(Link {
            speakers: named,
            role,
            cue,
            resolution,
            content: Vec::new(),
        })
    }

    /// "S told the paper that C".
    fn told(&self, candidate: &Candidate, speakers: &Speakers<'_>) -> Option<Link> {
        let tree = self.tree;
        if !matches!(tree.verb(candidate.at), "tell" | "inform") {
            return None;
        }
        let words = self.noun_phrase(candidate.cue.end, tree.sentence(candidate.at).end)?;
        let words = words.start..words.end.min(self.content_after(candidate, words.start));
        if words.is_empty() || !self.listens(&words) {
            return None;
        }
        let found =
            Phrase { cue: candidate.cue.clone(), words, role: Role::ToldTo, is_citing: false };
        self.link(&found, speakers)
    }

    fn content_after(&self, candidate: &Candidate, from: usize) -> usize {
        let starts = candidate.content.iter().map(|words| words.start);
        starts.filter(|start| *start >= from).min().unwrap_or(usize::MAX)
    }

    /// The phrase that begins with the word at `at` and adds a link, if there is one.
    fn phrase(&self, at: usize, sentence: &WordRange) -> Option<Phrase> {
        let tree = self.tree;
        let next =
            |ahead: usize| if at + ahead < sentence.end { tree.word(at + ahead) } else { "" };
        let (length, role) = match (tree.word(at), next(1), next(2)) {
            ("quoting" | "citing", _, _) => (1, Role::Quoted),
            ("quoted", "by", _) => (2, Role::Relayed),
            ("drawing" | "based" | "relying" | "building", "on" | "from" | "upon", _) => {
                (2, Role::BasedOn)
            }
            ("using", "data" | "figures" | "information", "from") => (3, Role::BasedOn),
            ("through" | "via", _, _) => return self.through(at, sentence),
            ("to" | "with" | "for" | "on", _, _) => return self.reached(at, sentence),
            _ => return None,
        };
        let words = self.noun_phrase(at + length, sentence.end)?;
        let is_citing = tree.word(at) == "citing";
        Some(Phrase { cue: at..at + length, words, role, is_citing })
    }

    /// "said through a spokesman".
    fn through(&self, at: usize, sentence: &WordRange) -> Option<Phrase> {
        let words = self.noun_phrase(at + 1, sentence.end)?;
        let (noun, _) = mention::mention(self.tree, &words).noun?;
        let speaks = gazetteer::noun(self.tree.word(noun)).is_some_and(|(_, noun)| noun.speaks_for);
        let is_speaking = at > sentence.start && self.tree.word(at - 1) == "speaking";
        let cue = at - usize::from(is_speaking)..at + 1;
        speaks.then_some(Phrase { cue, words, role: Role::Relayed, is_citing: false })
    }

    /// "in a statement to the paper", "speaking to the paper", "on the channel".
    fn reached(&self, at: usize, sentence: &WordRange) -> Option<Phrase> {
        let tree = self.tree;
        let start = self.occasion(at, sentence)?;
        let words = self.noun_phrase(at + 1, sentence.end)?;
        if !self.listens(&words) {
            return None;
        }
        let is_air = tree.word(at) == "on" && start == at;
        let airs = gazetteer::known(tree.lower(&words)) == Some(SourceKind::Outlet);
        let cue = start..at + 1;
        (!is_air || airs).then_some(Phrase { cue, words, role: Role::ToldTo, is_citing: false })
    }

    /// Where the words for the occasion of a statement begin.
    fn occasion(&self, at: usize, sentence: &WordRange) -> Option<usize> {
        let tree = self.tree;
        let before = at.checked_sub(1).filter(|before| *before >= sentence.start)?;
        if matches!(tree.word(before), "speaking" | "talking" | "speak" | "spoke") {
            return Some(before);
        }
        let first = sentence.start.max(at.saturating_sub(6));
        let noun = (first..at).rev().find(|word| is_occasion(tree.word(*word)));
        let Some(noun) = noun else { return (tree.word(at) == "on").then_some(at) };
        (first..noun).rev().find(|word| matches!(tree.word(*word), "in" | "during"))
    }

    /// Whether the one mentioned passes on what they are told.
    fn listens(&self, words: &WordRange) -> bool {
        let found: Vec<Mention> = mention::mentions(self.tree, words);
        found.iter().all(|it| {
            let is_press = it.noun.is_some_and(|(at, _)| is_press(self.tree.word(at)))
                || it.titles.iter().any(|title| is_press(title));
            is_press || matches!(it.kind, SourceKind::Outlet | SourceKind::Agency)
        })
    }

    /// The noun phrase that begins with the word; none if it is too long to name a speaker.
    fn noun_phrase(&self, start: usize, limit: usize) -> Option<WordRange> {
        let tree = self.tree;
        let mut end = start;
        while end < limit {
            if end - start > LONGEST_PHRASE {
                return None;
            }
            let stops = match tree.tag(end) {
                Tag::Comma
                | Tag::Colon
                | Tag::Period
                | Tag::OpenQuote
                | Tag::CloseQuote
                | Tag::OpenBracket
                | Tag::WP
                | Tag::WDT
                | Tag::WRB
                | Tag::VBD
                | Tag::VBZ
                | Tag::VBP
                | Tag::MD => !mention::is_name_word(tree, end),
                Tag::IN => !matches!(tree.word(end), "of" | "for"),
                Tag::NNP => mention::is_weekday(tree.word(end)),
                _ => tree.is_quotation_mark(end),
            };
            if stops {
                break;
            }
            end += 1;
        }
        tree.trimmed(start..end)
    }

    fn span(&self, words: &WordRange) -> Span {
        let (start, end) = self.tree.points(words);
        Span { zone: self.zone, start, end }
    }
}

/// The most words in the mention of a speaker; several speakers together may have twice as many.
const LONGEST_PHRASE: usize = 60;

/// The words beside a reporting clause that add a link to its chain.
struct Phrase {
    cue: WordRange,
    words: WordRange,
    role: Role,
    is_citing: bool,
}

fn is_within(candidate: &Candidate, at: usize) -> bool {
    let inside = |words: &WordRange| words.contains(&at);
    candidate.content.iter().any(inside) || candidate.source.as_ref().is_some_and(inside)
}

fn is_same(one: &Link, other: &Link) -> bool {
    let names = |link: &Link| -> Vec<String> {
        link.speakers.iter().map(|it| it.name.as_str().to_owned()).collect()
    };
    names(one) == names(other)
}

fn is_paper(speaker: &Speaker) -> bool {
    matches!(speaker.kind, SourceKind::Report | SourceKind::Dataset)
}

fn is_press(noun: &str) -> bool {
    matches!(
        noun,
        "reporter"
            | "reporters"
            | "journalist"
            | "journalists"
            | "correspondent"
            | "correspondents"
            | "interviewer"
            | "press"
            | "media"
            | "newspaper"
            | "newspapers"
    )
}

fn is_occasion(noun: &str) -> bool {
    matches!(
        noun,
        "statement"
            | "statements"
            | "interview"
            | "interviews"
            | "letter"
            | "email"
            | "e-mail"
            | "emails"
            | "message"
            | "remarks"
            | "comments"
            | "comment"
            | "note"
            | "conversation"
            | "briefing"
            | "appearance"
            | "call"
            | "op-ed"
            | "column"
            | "article"
            | "essay"
    )
}
