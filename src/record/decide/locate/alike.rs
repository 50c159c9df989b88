//! Finds look-alikes: passages that differ from given words only in ways that readers overlook, and
//! the differences.
//!
//! Knows one text, one passage's words, and a closed list of folds. Must not know how a look-alike
//! is used: it is only shown in an error, and never accepted for the words.

use std::collections::VecDeque;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{canonical_combining_class, decompose_canonical};

/// The most differences of a look-alike that are described; the rest are counted.
const TOLD: usize = 3;

/// A kind of difference that readers overlook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterFold {
    /// A line end in place of a space.
    LineEnd,
    /// A tab, a no-break space or another space in place of a space.
    Space,
    /// Several spaces in place of one, or several hyphens in place of a dash.
    Doubled,
    /// Letters and accents in one character or in several: NFC and NFD.
    Composition,
    /// Quotation marks and apostrophes of any shape.
    Quotation,
    /// Hyphens and dashes of any length.
    Dash,
    /// An ellipsis in place of full stops.
    Ellipsis,
    /// A ligature in place of its letters.
    Ligature,
    /// Soft hyphens, zero-width characters and direction marks in place of nothing.
    Invisible,
    /// Capitals in place of small letters.
    Case,
}

impl LetterFold {
    /// Every fold.
    pub const ALL: [Self; 10] = [
        Self::LineEnd,
        Self::Space,
        Self::Doubled,
        Self::Composition,
        Self::Quotation,
        Self::Dash,
        Self::Ellipsis,
        Self::Ligature,
        Self::Invisible,
        Self::Case,
    ];

    /// The fold that replaces a letter, and its replacement.
    fn replacing(letter: char) -> Option<(Self, &'static str)> {
        Some(match letter {
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                (Self::LineEnd, " ")
            }
            ' ' => return None,
            space if space.is_whitespace() => (Self::Space, " "),
            '\u{2018}'..='\u{201f}'
            | '\u{2032}'..='\u{2037}'
            | '\u{ab}'
            | '\u{bb}'
            | '\u{2039}'
            | '\u{203a}'
            | '"'
            | '`'
            | '\u{b4}'
            | '\u{2b9}'..='\u{2bd}'
            | '\u{2ee}'
            | '\u{55a}'
            | '\u{5f3}'
            | '\u{5f4}'
            | '\u{275b}'..='\u{275e}'
            | '\u{300c}'..='\u{300f}'
            | '\u{301d}'..='\u{301f}'
            | '\u{ff02}'
            | '\u{ff07}' => (Self::Quotation, "'"),
            '\u{2010}'..='\u{2015}'
            | '\u{2043}'
            | '\u{2212}'
            | '\u{2e3a}'
            | '\u{2e3b}'
            | '\u{5be}'
            | '\u{fe58}'
            | '\u{fe63}'
            | '\u{ff0d}' => (Self::Dash, "-"),
            '\u{2024}' => (Self::Ellipsis, "."),
            '\u{2025}' => (Self::Ellipsis, ".."),
            '\u{2026}' => (Self::Ellipsis, "..."),
            '\u{fb00}' => (Self::Ligature, "ff"),
            '\u{fb01}' => (Self::Ligature, "fi"),
            '\u{fb02}' => (Self::Ligature, "fl"),
            '\u{fb03}' => (Self::Ligature, "ffi"),
            '\u{fb04}' => (Self::Ligature, "ffl"),
            '\u{fb05}' | '\u{fb06}' => (Self::Ligature, "st"),
            hidden if is_invisible(hidden) => (Self::Invisible, ""),
            _ => return None,
        })
    }
}

/// Whether a character leaves nothing visible, not even a gap.
pub(super) const fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e01ef}'
    )
}

/// Whether a letter is merely another code point for a letter, as the sign Å is for the letter Å.
fn is_singleton(letter: char) -> bool {
    std::iter::once(letter).nfc().ne([letter])
}

/// Words without the white space around them, which quotations never need.
pub(super) fn bare(exact: &str) -> &str {
    exact.trim_matches(|letter: char| letter.is_whitespace() || is_invisible(letter))
}

/// Whether a character can be told from every other by its appearance.
pub fn shows_itself(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_control();
    }
    // Jamo look like the syllable they form, and singletons like what they decompose to.
    let is_jamo = matches!(letter, '\u{1100}'..='\u{11ff}');
    let is_seen = !letter.is_whitespace() && !letter.is_control() && !is_invisible(letter);
    is_seen && !is_singleton(letter) && !is_jamo && canonical_combining_class(letter) == 0
}

/// All folds, or all but one.
#[derive(Clone, Copy)]
struct Folds {
    without: Option<LetterFold>,
}

impl Folds {
    const ALL: Self = Self { without: None };

    fn has(self, fold: LetterFold) -> bool {
        self.without != Some(fold)
    }

    fn letter(self, letter: char, folded: &mut Vec<char>) {
        match LetterFold::replacing(letter) {
            Some((fold, others)) if self.has(fold) => folded.extend(others.chars()),
            // Its capitals may come from another fold: one fold must not do the work of two.
            Some(_) => folded.push(letter),
            None => self.cased(letter, folded),
        }
    }

    fn cased(self, letter: char, folded: &mut Vec<char>) {
        if !self.has(LetterFold::Case) {
            folded.push(letter);
        } else if letter.is_ascii() {
            folded.push(letter.to_ascii_lowercase());
        } else if is_singleton(letter) {
            // Its small letter is another letter's, which is up to another fold.
            folded.push(letter);
        } else {
            // To small letters, capitals and back, so that ς matches σ, and ẞ and ß match ss.
            let capitals = letter.to_lowercase().flat_map(char::to_uppercase);
            folded.extend(capitals.flat_map(char::to_lowercase));
        }
    }

    /// Folds all of `text`.
    fn whole(self, text: &str) -> Vec<char> {
        let mut units = Units::of(text, self);
        let mut whole = Vec::new();
        while units.step() {
            whole.extend_from_slice(&units.folded);
        }
        whole
    }
}

/// A text divided into the smallest stretches that fold independently: a character with its
/// combining marks.
struct Units<'a> {
    text: &'a str,
    folds: Folds,
    /// The bytes of the unit.
    from: usize,
    to: usize,
    /// What it folds to; empty if it is invisible or repeats the previous unit.
    folded: Vec<char>,
    /// Whether it repeats the previous unit.
    doubles: bool,
    /// The last letter of the folded text so far.
    last: Option<char>,
    parts: Vec<char>,
}

impl<'a> Units<'a> {
    const fn of(text: &'a str, folds: Folds) -> Self {
        Self {
            text,
            folds,
            from: 0,
            to: 0,
            folded: Vec::new(),
            doubles: false,
            last: None,
            parts: Vec::new(),
        }
    }

    /// Moves to the next unit, if there is one.
    fn step(&mut self) -> bool {
        let mut letters = self.text[self.to..].chars();
        let Some(first) = letters.next() else { return false };
        self.from = self.to;
        self.to += first.len_utf8();
        self.folded.clear();
        let next_is_plain = letters.as_str().bytes().next().is_none_or(|byte| byte.is_ascii());
        if self.folds.has(LetterFold::Composition) && !(first.is_ascii() && next_is_plain) {
            self.parts.clear();
            decompose_canonical(first, |part| self.parts.push(part));
            for mark in letters {
                let begins = self.parts.len();
                decompose_canonical(mark, |part| self.parts.push(part));
                if self.parts.get(begins).is_none_or(|part| canonical_combining_class(*part) == 0) {
                    self.parts.truncate(begins);
                    break;
                }
                self.to += mark.len_utf8();
            }
            // Marks of different classes may be in any order; the first part stays first, since a
            // unit's own class is 0, or it is at the beginning of the text.
            self.parts.sort_by_key(|part| canonical_combining_class(*part));
            for part in &self.parts {
                self.folds.letter(*part, &mut self.folded);
            }
        } else {
            self.folds.letter(first, &mut self.folded);
        }
        self.doubles = self.folds.has(LetterFold::Doubled)
            && matches!(self.folded.as_slice(), [one @ (' ' | '-')] if self.last == Some(*one));
        if self.doubles {
            self.folded.clear();
        }
        self.last = self.folded.last().copied().or(self.last);
        true
    }
}

/// A place where words occur apart from folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AlikePlace {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The bytes at which `exact` occurs in `text` apart from folds, without the white space around it.
/// Each letter of the text is visited once (Knuth, Morris, Pratt), whatever the two are.
pub(super) fn alike(exact: &str, text: &str) -> Vec<AlikePlace> {
    let wanted = Folds::ALL.whole(bare(exact));
    let mut found: Vec<AlikePlace> = Vec::new();
    if wanted.is_empty() {
        return found;
    }
    let falls = falls(&wanted);
    let mut units = Units::of(text, Folds::ALL);
    // The origins of the letters in the last stretch that is as long as the words, for those that
    // began a unit.
    let mut origins: VecDeque<Option<usize>> = VecDeque::with_capacity(wanted.len() + 1);
    let mut matched = 0;
    while units.step() {
        if let Some(last) = found.last_mut()
            && units.doubles
            && last.to == units.from
        {
            last.to = units.to;
        }
        for (place, letter) in units.folded.iter().enumerate() {
            origins.push_back((place == 0).then_some(units.from));
            if origins.len() > wanted.len() {
                origins.pop_front();
            }
            while matched > 0 && wanted.get(matched) != Some(letter) {
                matched = falls[matched - 1];
            }
            matched += usize::from(wanted[matched] == *letter);
            if matched == wanted.len() {
                let ends = place + 1 == units.folded.len();
                if let Some(from) = origins.front().copied().flatten().filter(|_| ends) {
                    found.push(AlikePlace { from, to: units.to });
                }
                matched = falls[matched - 1];
            }
        }
    }
    found
}

/// For each beginning of the words: the length of the longest shorter one that it ends with.
fn falls(wanted: &[char]) -> Vec<usize> {
    let mut falls = vec![0; wanted.len()];
    let mut length = 0;
    for place in 1..wanted.len() {
        while length > 0 && wanted[length] != wanted[place] {
            length = falls[length - 1];
        }
        length += usize::from(wanted[length] == wanted[place]);
        falls[place] = length;
    }
    falls
}

/// A difference between the document's words and those given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpellingDifference {
    /// The folds that make them the same.
    pub folds: Vec<LetterFold>,
    /// The code point of the document's words at which it begins, counted from their first.
    pub place: usize,
    /// The document's word that contains it, or precedes it.
    pub near: String,
    /// The given text.
    pub given: String,
    /// The document's text.
    pub document: String,
}

/// The first differences between words that are the same apart from folds, and how many there are.
pub(super) fn differences(given: &str, document: &str) -> (Vec<SpellingDifference>, usize) {
    let (mut ours, mut theirs) = (ComparedText::of(bare(given)), ComparedText::of(document));
    let mut apart: Vec<Apart> = Vec::new();
    while ours.goes_on() && theirs.goes_on() {
        let (from, begins) = (ours.at, theirs.at);
        loop {
            let shorter = if ours.length <= theirs.length { &mut ours } else { &mut theirs };
            if !shorter.take() {
                break;
            }
            if ours.length == theirs.length {
                break;
            }
        }
        ours.take_the_unseen();
        theirs.take_the_unseen();
        let (given, document) = ((from, ours.at), (begins, theirs.at));
        let (one, other) = (&ours.text[from..ours.at], &theirs.text[begins..theirs.at]);
        if one == other {
            continue;
        }
        let folds = needed(one, other);
        match apart.last_mut() {
            Some(last) if last.document.1 == begins && last.folds == folds => {
                (last.given.1, last.document.1) = (ours.at, theirs.at);
            }
            _ => apart.push(Apart { given, document, folds }),
        }
    }
    let told = apart.iter().take(TOLD).map(|here| here.told(&ours, &theirs)).collect();
    (told, apart.len())
}

/// The folds without which two stretches would differ.
fn needed(given: &str, document: &str) -> Vec<LetterFold> {
    let is_needed = |fold: &LetterFold| {
        let folds = Folds { without: Some(*fold) };
        folds.whole(given) != folds.whole(document)
    };
    LetterFold::ALL.into_iter().filter(is_needed).collect()
}

/// Stretches of both sides that are the same under these folds.
struct Apart {
    given: (usize, usize),
    document: (usize, usize),
    folds: Vec<LetterFold>,
}

impl Apart {
    fn told(&self, ours: &ComparedText<'_>, theirs: &ComparedText<'_>) -> SpellingDifference {
        let mut given = &ours.text[self.given.0..self.given.1];
        let mut document = &theirs.text[self.document.0..self.document.1];
        let folds = self.folds.clone();
        let mut begins = self.document.0;
        // An invisible character follows a letter that is the same on both sides.
        if let (Some(left), Some(right)) = (given.chars().next(), document.chars().next())
            && left == right
            && (given.len() == left.len_utf8() || document.len() == left.len_utf8())
            && !folds.contains(&LetterFold::Doubled)
        {
            (given, document) = (&given[left.len_utf8()..], &document[left.len_utf8()..]);
            begins += left.len_utf8();
        }
        let whole = theirs.text;
        let stretch = |text: &str| text.len() - text.trim_start().len();
        let before = whole[..begins].trim_end();
        let word = before.rfind(char::is_whitespace).map_or(0, |gap| gap + stretch(&before[gap..]));
        let in_gap = document.starts_with(char::is_whitespace);
        let (from, to) = if in_gap {
            (word, before.len())
        } else {
            let from = if before.len() == begins { word } else { begins };
            let rest = &whole[begins..];
            (from, begins + rest.find(char::is_whitespace).unwrap_or(rest.len()))
        };
        SpellingDifference {
            folds,
            place: whole[..begins].chars().count(),
            near: whole[from..to].to_owned(),
            given: given.to_owned(),
            document: document.to_owned(),
        }
    }
}

/// One side of a comparison, and how far it has been read.
struct ComparedText<'a> {
    text: &'a str,
    units: Vec<(usize, usize)>,
    next: usize,
    /// The byte position, and the length of the folded text up to it.
    at: usize,
    length: usize,
}

impl<'a> ComparedText<'a> {
    fn of(text: &'a str) -> Self {
        let mut units = Units::of(text, Folds::ALL);
        let mut ends = Vec::new();
        let mut length = 0;
        while units.step() {
            length += units.folded.len();
            ends.push((units.to, length));
        }
        Self { text, units: ends, next: 0, at: 0, length: 0 }
    }

    fn goes_on(&self) -> bool {
        self.next < self.units.len()
    }

    fn take(&mut self) -> bool {
        let Some(&(at, length)) = self.units.get(self.next) else { return false };
        (self.at, self.length) = (at, length);
        self.next += 1;
        true
    }

    fn take_the_unseen(&mut self) {
        while self.units.get(self.next).is_some_and(|&(_, length)| length == self.length) {
            self.take();
        }
    }
}
