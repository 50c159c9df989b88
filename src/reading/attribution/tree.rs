//! Combines the words of an article with their trees and quotations, for the questions that
//! attribution needs answered.
//!
//! Knows subjects, clauses and phrases. Must not know which words attribute.

use std::ops::Range;

use super::lexicon;
use super::quotation::{self, Quotation};
use crate::reading::syntax::{self, NO_HEAD, Relation, Syntax, Tag, Word};

/// A range of word indexes, end exclusive.
pub(super) type WordRange = Range<usize>;

/// An article's body or title, parsed.
pub(super) struct Tree<'a> {
    pub(super) text: &'a str,
    pub(super) words: Vec<Word>,
    pub(super) sentences: Vec<WordRange>,
    pub(super) quotations: Vec<Quotation>,
    /// The text in lower case, where that keeps every byte in its place.
    lower: String,
    /// For each word, the first and the last of the words in its subtree.
    reach: Vec<(u32, u32)>,
    /// For each word, the number of its quotation, counted from 1; 0 for none.
    quoted: Vec<u32>,
    /// For each word, where its children begin in `children`.
    offsets: Vec<u32>,
    children: Vec<u32>,
    /// For each quotation, its words.
    quoted_words: Vec<WordRange>,
    sentence: Vec<u32>,
    line: Vec<u32>,
    /// For each verb, its base form, if known.
    verbs: Vec<Option<&'static str>>,
    /// For each word, whether it is a verb of speech.
    speech: Vec<bool>,
    /// For each word, its first code point and the position after its last.
    points: Vec<(usize, usize)>,
}

impl<'a> Tree<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let Syntax { words, sentences } = syntax::read(text);
        let quotations = quotation::quotations(text);
        let mut sentence = vec![0; words.len()];
        for (number, words) in (0..).zip(&sentences) {
            sentence[words.clone()].fill(number);
        }
        let quoted = quoted(&words, &quotations);
        let quoted_words = quoted_words(&quoted, quotations.len());
        let (offsets, children) = children(&words);
        let reach = reach(&words, &sentences);
        let line = lines(text, &words);
        let points = points(text, &words);
        let lower = text.to_ascii_lowercase();
        let verbs = verbs(&lower, &words);
        let speech = verbs.iter().map(|verb| verb.is_some_and(lexicon::is_speech)).collect();
        Self {
            text,
            words,
            sentences,
            quotations,
            lower,
            reach,
            quoted,
            offsets,
            children,
            quoted_words,
            sentence,
            line,
            verbs,
            speech,
            points,
        }
    }

    /// The word in lower case.
    pub(super) fn word(&self, at: usize) -> &str {
        let word = &self.words[at];
        &self.lower[word.start as usize..word.end as usize]
    }

    /// The text of the words, including everything between them, in lower case.
    pub(super) fn lower(&self, words: &WordRange) -> &str {
        &self.lower[self.bytes(words)]
    }

    /// Whether the word begins with a capital letter.
    pub(super) fn is_capital(&self, at: usize) -> bool {
        self.text[self.words[at].start as usize..].starts_with(char::is_uppercase)
    }

    /// Whether the word begins its sentence, or a quotation in it.
    pub(super) fn begins_sentence(&self, at: usize) -> bool {
        let start = self.sentence(at).start;
        (start..at).rev().all(|before| self.is_punctuation(before))
            || at > start && self.is_quotation_mark(at - 1)
    }

    /// The base form of a verb.
    pub(super) fn verb(&self, at: usize) -> &str {
        self.verbs[at].unwrap_or_else(|| self.word(at))
    }

    pub(super) fn tag(&self, at: usize) -> Tag {
        self.words[at].tag
    }

    pub(super) fn relation(&self, at: usize) -> Relation {
        self.words[at].relation
    }

    pub(super) fn head(&self, at: usize) -> Option<usize> {
        let head = self.words[at].head;
        (head != NO_HEAD).then_some(head as usize)
    }

    /// The sentence that contains the word, as a word range.
    pub(super) fn sentence(&self, at: usize) -> WordRange {
        self.sentences[self.sentence[at] as usize].clone()
    }

    /// The number of the line in which the word begins.
    pub(super) fn line(&self, at: usize) -> u32 {
        self.line[at]
    }

    /// The words of each quotation, including its marks.
    pub(super) fn quotation_words(&self) -> impl Iterator<Item = WordRange> + '_ {
        self.quoted_words.iter().cloned()
    }

    /// The words of one quotation.
    pub(super) fn quoted_words(&self, quotation: usize) -> WordRange {
        self.quoted_words[quotation].clone()
    }

    pub(super) fn is_quotation_mark(&self, at: usize) -> bool {
        matches!(self.word(at), "\"" | "''" | "``" | "'" | "`" | "“" | "”" | "‘" | "’" | "„" | "‟")
    }

    /// Whether the word is a form of a verb that reports words as spoken.
    pub(super) fn is_speech(&self, at: usize) -> bool {
        self.speech[at]
    }

    /// The direct children of the word, in the order of the text.
    pub(super) fn children(&self, at: usize) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let range = self.offsets[at] as usize..self.offsets[at + 1] as usize;
        self.children[range].iter().map(|child| *child as usize)
    }

    /// The first child with that relation.
    pub(super) fn child(&self, at: usize, relation: Relation) -> Option<usize> {
        self.children(at).find(|child| self.relation(*child) == relation)
    }

    /// The word and all its descendants.
    pub(super) fn subtree(&self, at: usize) -> WordRange {
        let (first, last) = self.reach[at];
        first as usize..last as usize + 1
    }

    /// The quotation that contains the word.
    pub(super) fn quotation(&self, at: usize) -> Option<usize> {
        (self.quoted[at] as usize).checked_sub(1)
    }

    /// Whether a quotation continues from the previous word.
    pub(super) fn is_mid_quotation(&self, at: usize) -> bool {
        at > 0
            && self.quoted[at] != 0
            && self.quoted[at] == self.quoted[at - 1]
            && !self.is_quotation_mark(at - 1)
    }

    pub(super) fn is_verb(&self, at: usize) -> bool {
        matches!(self.tag(at), Tag::VB | Tag::VBD | Tag::VBG | Tag::VBN | Tag::VBP | Tag::VBZ)
    }

    pub(super) fn is_noun(&self, at: usize) -> bool {
        matches!(self.tag(at), Tag::NN | Tag::NNS | Tag::NNP | Tag::NNPS)
    }

    pub(super) fn is_punctuation(&self, at: usize) -> bool {
        matches!(self.relation(at), Relation::Punct)
            || !self.word(at).bytes().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii())
    }

    /// Whether a verb is in the passive.
    pub(super) fn is_passive(&self, at: usize) -> bool {
        self.tag(at) == Tag::VBN
            && (self.child(at, Relation::AuxPass).is_some()
                || self.child(at, Relation::NsubjPass).is_some())
    }

    /// The subject of a verb or of a word in place of one: its own, or one that it shares with
    /// another verb.
    pub(super) fn subject(&self, at: usize) -> Option<usize> {
        let mut at = at;
        for _ in 0..8 {
            let own = self.children(at).find(|child| {
                matches!(self.relation(*child), Relation::Nsubj | Relation::NsubjPass)
            });
            if own.is_some() {
                return own;
            }
            let head = self.head(at)?;
            match self.relation(at) {
                Relation::Conj | Relation::Advcl | Relation::Parataxis | Relation::Dep => at = head,
                Relation::Xcomp => {
                    if let Some(object) = self.child(head, Relation::Obj) {
                        return Some(object);
                    }
                    at = head;
                }
                Relation::Acl | Relation::AclRelcl => return Some(head),
                _ => return None,
            }
        }
        None
    }

    /// The words without punctuation at their edges; none if there is nothing else.
    pub(super) fn trimmed(&self, words: WordRange) -> Option<WordRange> {
        let Range { mut start, mut end } = words;
        while start < end && self.is_punctuation(start) {
            start += 1;
        }
        while end > start && self.is_punctuation(end - 1) {
            end -= 1;
        }
        (start < end).then_some(start..end)
    }

    /// The words, extended to the end of the quotation in which their sentence ends.
    pub(super) fn to_quotation_end(&self, words: &WordRange) -> WordRange {
        let Some(quotation) = self.quotation(words.end - 1) else { return words.clone() };
        let around = self.quoted_words(quotation);
        let opens_within = around.start >= words.start && around.end > words.end;
        if opens_within { words.start..around.end } else { words.clone() }
    }

    /// A noun with its names and descriptions, without a clause that follows it.
    pub(super) fn mention(&self, at: usize) -> WordRange {
        let Range { start, mut end } = self.subtree(at);
        for child in self.children(at).filter(|child| *child > at) {
            let leaves = matches!(
                self.relation(child),
                Relation::AclRelcl | Relation::Parataxis | Relation::Advcl | Relation::Dep
            );
            if leaves {
                end = end.min(self.subtree(child).start);
            }
        }
        let end = end.max(at + 1);
        self.trimmed(start.min(at)..end).unwrap_or(at..at + 1)
    }

    /// The code points from the first word's start to the last word's end.
    pub(super) fn points(&self, words: &WordRange) -> (usize, usize) {
        (self.points[words.start].0, self.points[words.end - 1].1)
    }

    /// The first word that ends after that code point.
    pub(super) fn after_point(&self, point: usize) -> usize {
        self.points.partition_point(|(_, end)| *end <= point)
    }

    /// The bytes from the first word's start to the last word's end.
    pub(super) fn bytes(&self, words: &WordRange) -> Range<usize> {
        self.words[words.start].start as usize..self.words[words.end - 1].end as usize
    }
}

/// For each word, its code points.
fn points(text: &str, words: &[Word]) -> Vec<(usize, usize)> {
    let (mut at, mut point) = (0, 0);
    words
        .iter()
        .map(|word| {
            point += text[at..word.start as usize].chars().count();
            let start = point;
            point += text[word.start as usize..word.end as usize].chars().count();
            at = word.end as usize;
            (start, point)
        })
        .collect()
}

/// For each verb, its base form, if known.
fn verbs(lower: &str, words: &[Word]) -> Vec<Option<&'static str>> {
    let verb = |word: &Word| {
        matches!(word.tag, Tag::VB | Tag::VBD | Tag::VBG | Tag::VBN | Tag::VBP | Tag::VBZ)
            .then(|| lexicon::verb(&lower[word.start as usize..word.end as usize]))
            .flatten()
    };
    words.iter().map(verb).collect()
}

/// For each word, the number of its line.
fn lines(text: &str, words: &[Word]) -> Vec<u32> {
    let (mut line, mut at) = (0, 0);
    words
        .iter()
        .map(|word| {
            let breaks = text.as_bytes()[at..word.start as usize].iter().filter(|b| **b == b'\n');
            line += u32::try_from(breaks.count()).unwrap_or(0);
            at = word.start as usize;
            line
        })
        .collect()
}

/// For each word, the quotation around it, counted from 1.
fn quoted(words: &[Word], quotations: &[Quotation]) -> Vec<u32> {
    let mut next = 0;
    words
        .iter()
        .map(|word| {
            while quotations.get(next).is_some_and(|it| it.outer.end <= word.start as usize) {
                next += 1;
            }
            let within =
                quotations.get(next).is_some_and(|it| it.outer.start <= word.start as usize);
            if within { u32::try_from(next + 1).unwrap_or(0) } else { 0 }
        })
        .collect()
}

/// For each quotation, its words.
fn quoted_words(quoted: &[u32], count: usize) -> Vec<WordRange> {
    let mut ranges = vec![0..0; count];
    let mut at = 0;
    while at < quoted.len() {
        let end = (at..quoted.len()).find(|it| quoted[*it] != quoted[at]).unwrap_or(quoted.len());
        if let Some(quotation) = (quoted[at] as usize).checked_sub(1) {
            ranges[quotation] = at..end;
        }
        at = end;
    }
    ranges
}

fn children(words: &[Word]) -> (Vec<u32>, Vec<u32>) {
    let mut offsets = vec![0u32; words.len() + 2];
    for word in words.iter().filter(|word| word.head != NO_HEAD) {
        offsets[word.head as usize + 2] += 1;
    }
    for at in 1..offsets.len() {
        offsets[at] += offsets[at - 1];
    }
    let mut children = vec![0; offsets[words.len() + 1] as usize];
    for (number, word) in (0..).zip(words).filter(|(_, word)| word.head != NO_HEAD) {
        let place = &mut offsets[word.head as usize + 1];
        children[*place as usize] = number;
        *place += 1;
    }
    (offsets, children)
}

/// For each word, the first and last of its subtree. A sentence has a bounded number of words, so
/// climbing from each is linear in the text.
fn reach(words: &[Word], sentences: &[WordRange]) -> Vec<(u32, u32)> {
    let mut reach: Vec<(u32, u32)> = (0..).zip(words).map(|(at, _)| (at, at)).collect();
    for at in sentences.iter().cloned().flatten() {
        let own = u32::try_from(at).unwrap_or(NO_HEAD);
        let mut above = words[at].head;
        while above != NO_HEAD {
            let (first, last) = &mut reach[above as usize];
            if *first <= own && own <= *last {
                break;
            }
            (*first, *last) = ((*first).min(own), (*last).max(own));
            above = words[above as usize].head;
        }
    }
    reach
}
