//! Part-of-speech tags, from left to right, each chosen by what stands around it.
//!
//! Knows spellings and the tags before. Must not know trees, or the text.

use super::grammar::Tag;
use super::lexeme::{CAPITAL, CAPITALS, LETTER, Lexeme, OUTSIDE};
use super::table::{CLASSES, Sparse, feature};

/// How many features a choice has.
pub const FEATURES: usize = 22;

/// A shape bit: in a line of capitals, as headlines are, a capital tells nothing.
const HEADLINE: u8 = 64;

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

/// A sentence about to be tagged.
#[derive(Debug)]
pub struct Tagging<'a> {
    words: &'a [Lexeme],
    headline: bool,
}

impl<'a> Tagging<'a> {
    /// Begins with these words.
    pub fn new(words: &'a [Lexeme]) -> Self {
        Self { words, headline: is_headline(words) }
    }

    fn word(&self, at: usize) -> Lexeme {
        self.words.get(at).copied().unwrap_or(OUTSIDE)
    }

    fn shape(&self, at: usize) -> u32 {
        let shape = self.word(at).shape;
        let seen = if self.headline { shape & !(CAPITAL | CAPITALS) | HEADLINE } else { shape };
        u32::from(seen)
    }

    /// What the choice of the tag of word `at` depends on; `tags` has those before it.
    #[inline(always)]
    pub fn features(&self, at: usize, tags: &[Tag]) -> [u64; FEATURES] {
        let word = self.word(at);
        let (before, earlier) = (self.word(at.wrapping_sub(1)), self.word(at.wrapping_sub(2)));
        let (next, later) = (self.word(at + 1), self.word(at + 2));
        let tag = |back: usize| match at.checked_sub(back).and_then(|at| tags.get(at)) {
            Some(tag) => *tag as u32,
            None => CLASSES as u32,
        };
        let (last, second) = (tag(1), tag(2));
        let shape = self.shape(at) | u32::from(at == 0) << 8;
        let three = word.end & 0xFF_FFFF;
        [
            feature(1, word.form, 0, 0),
            feature(2, word.form, shape, 0),
            feature(3, word.end, 0, 0),
            feature(4, three, shape, 0),
            feature(5, word.end & 0xFFFF, shape, 0),
            feature(6, word.end & 0xFF, shape, 0),
            feature(7, word.start, shape, 0),
            feature(8, shape, self.shape(at.wrapping_sub(1)), self.shape(at + 1)),
            feature(9, last, shape, 0),
            feature(10, last, second, 0),
            feature(11, last, word.form, 0),
            feature(12, last, next.form, 0),
            feature(13, before.form, 0, 0),
            feature(14, earlier.form, before.form, 0),
            feature(15, next.form, self.shape(at + 1), 0),
            feature(16, later.form, next.form, 0),
            feature(17, before.form, word.form, 0),
            feature(18, word.form, next.form, 0),
            feature(19, last, next.end & 0xFF_FFFF, three),
            feature(20, last, second, word.form),
            feature(21, next.end & 0xFF_FFFF, three, 0),
            feature(22, last, later.form, 0),
        ]
    }
}

/// The tags of a sentence's words.
pub fn tag(words: &[Lexeme], weights: &Sparse<'_>, tags: &mut Vec<Tag>) {
    tags.clear();
    let tagging = Tagging::new(words);
    for at in 0..words.len() {
        let mut scores = [0; CLASSES];
        weights.add(&tagging.features(at, tags), &mut scores);
        tags.push(Tag::numbered(best(&scores[..Tag::ALL.len()])));
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
