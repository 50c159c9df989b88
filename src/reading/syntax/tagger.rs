//! Tags parts of speech from left to right, each from the words and tags around it.
//!
//! Knows spellings and the previous tags. Must not know trees, or the text.

use super::grammar::Tag;
use super::lexeme::{CAPITAL, CAPITALS, LETTER, Lexeme, OUTSIDE};
use super::table::{CLASSES, Certain, Sparse, atom, feature};

/// The number of features for each choice.
pub const FEATURES: usize = 22;

/// A shape bit for lines of capitalised words, such as headlines, in which a capital carries no
/// information.
const HEADLINE: u8 = 64;

const SHAPE: u64 = 16;
const TAG: u64 = 17;

/// Whether the words are capitalised as in a headline.
fn is_headline(words: &[Lexeme]) -> bool {
    let long = words.iter().filter(|word| word.shape & LETTER != 0);
    let (mut all, mut capital) = (0, 0);
    for word in long {
        all += 1;
        capital += usize::from(word.shape & CAPITAL != 0);
    }
    all >= 4 && capital * 3 >= all * 2
}

/// A sentence being tagged.
#[derive(Debug)]
pub struct Tagging<'a> {
    words: &'a [Lexeme],
    headline: bool,
}

impl<'a> Tagging<'a> {
    /// Starts with these words.
    pub fn new(words: &'a [Lexeme]) -> Self {
        Self { words, headline: is_headline(words) }
    }

    fn word(&self, at: usize) -> Lexeme {
        self.words.get(at).copied().unwrap_or(OUTSIDE)
    }

    fn shape(&self, at: usize) -> u64 {
        let shape = self.word(at).shape;
        let seen = if self.headline { shape & !(CAPITAL | CAPITALS) | HEADLINE } else { shape };
        atom(SHAPE, u64::from(seen) | u64::from(at == 0) << 8)
    }

    /// The features for the tag of word `at`; `tags` has the tags before it.
    #[inline(always)]
    pub fn features(&self, at: usize, tags: &[Tag]) -> [u64; FEATURES] {
        let word = self.word(at);
        let (before, earlier) = (self.word(at.wrapping_sub(1)), self.word(at.wrapping_sub(2)));
        let (next, later) = (self.word(at + 1), self.word(at + 2));
        let tag = |back: usize| match at.checked_sub(back).and_then(|at| tags.get(at)) {
            Some(tag) => atom(TAG, *tag as u64),
            None => atom(TAG, CLASSES as u64),
        };
        let (last, second) = (tag(1), tag(2));
        let shape = self.shape(at);
        let ends = word.ends;
        [
            feature(1, [word.form]),
            feature(2, [word.form, shape]),
            feature(3, [ends[3]]),
            feature(4, [ends[2], shape]),
            feature(5, [ends[1], shape]),
            feature(6, [ends[0], shape]),
            feature(7, [word.start, shape]),
            feature(8, [shape, self.shape(at.wrapping_sub(1)), self.shape(at + 1)]),
            feature(9, [last, shape]),
            feature(10, [last, second]),
            feature(11, [last, word.form]),
            feature(12, [last, next.form]),
            feature(13, [before.form]),
            feature(14, [earlier.form, before.form]),
            feature(15, [next.form, self.shape(at + 1)]),
            feature(16, [later.form, next.form]),
            feature(17, [before.form, word.form]),
            feature(18, [word.form, next.form]),
            feature(19, [last, next.ends[2], ends[2]]),
            feature(20, [last, second, word.form]),
            feature(21, [next.ends[2], ends[2]]),
            feature(22, [last, later.form]),
        ]
    }
}

/// The feature whose row gives the tag of a word that has only one: *the*, *of*.
#[inline(always)]
pub fn certain(word: &Lexeme) -> u64 {
    feature(0, [word.form])
}

/// The tags of a sentence's words.
pub fn tag(words: &[Lexeme], settled: &Certain<'_>, weights: &Sparse<'_>, tags: &mut Vec<Tag>) {
    tags.clear();
    let tagging = Tagging::new(words);
    for (at, word) in words.iter().enumerate() {
        let class = settled.class(certain(word)).unwrap_or_else(|| {
            let mut scores = [0; CLASSES];
            weights.add(&tagging.features(at, tags), &mut scores);
            best(&scores[..Tag::ALL.len()])
        });
        tags.push(Tag::numbered(class));
    }
}

/// The first of the highest scores.
fn best(scores: &[i32]) -> usize {
    let mut best = 0;
    for (class, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = class;
        }
    }
    best
}
