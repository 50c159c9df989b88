//! Splits text into words by the conventions of English treebanks: *do n't*, *X 's*, *$ 5*, *U.S.*,
//! *data - driven*.
//!
//! Knows characters and how words are joined. Must not know where sentences end, or any tag.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The place of a word, in bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteSpan {
    /// The position of its first byte.
    pub(crate) start: u32,
    /// The position after its last byte.
    pub(crate) end: u32,
}

impl ByteSpan {
    /// The word itself.
    pub(crate) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// What may follow an abbreviation written with a full stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abbreviation {
    /// A name: *Mr.*
    Title,
    /// A number; without one it is an ordinary word: *No. 5*
    Number,
    /// Anything, including a new sentence: *Inc.*
    Any,
}

static ABBREVIATIONS: LazyLock<HashMap<&str, Abbreviation>> = LazyLock::new(|| {
    let lines = include_str!("abbreviations.txt").lines().filter(|line| !line.starts_with('#'));
    let entries = lines.filter_map(|line| line.split_once(' '));
    let kind = |kind| match kind {
        "title" => Abbreviation::Title,
        "number" => Abbreviation::Number,
        _ => Abbreviation::Any,
    };
    entries.map(|(word, follows)| (word, kind(follows))).collect()
});

/// The longest entry of the lexicon, in bytes.
const LONGEST_ABBREVIATION: usize = 8;

/// Whether a word, without its full stop, is in the lexicon of abbreviations.
pub(crate) fn abbreviation(word: &str) -> Option<Abbreviation> {
    let is_short = word.len() <= LONGEST_ABBREVIATION;
    is_short.then(|| ABBREVIATIONS.get(word.to_lowercase().as_str()).copied())?
}

/// How a character behaves in a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CharacterClass {
    Space,
    Letter,
    Digit,
    Sign,
    /// Nothing by itself: it joins the characters around it.
    Joiner,
}

fn kind(one: char) -> CharacterClass {
    match one {
        'a'..='z' | 'A'..='Z' | '_' => CharacterClass::Letter,
        '0'..='9' => CharacterClass::Digit,
        ' ' | '\n' => CharacterClass::Space,
        _ if one.is_ascii() => {
            if one.is_ascii_control() {
                CharacterClass::Space
            } else {
                CharacterClass::Sign
            }
        }
        '\u{AD}' | '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' => CharacterClass::Joiner,
        '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' => CharacterClass::Space,
        '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' => CharacterClass::Space,
        _ if one.is_whitespace() || one.is_control() => CharacterClass::Space,
        _ if one.is_alphanumeric() => CharacterClass::Letter,
        '\u{A1}'..='\u{BF}' | '×' | '÷' => CharacterClass::Sign,
        '\u{2010}'..='\u{2BFF}' | '\u{2E00}'..='\u{303F}' => CharacterClass::Sign,
        '\u{FE10}'..='\u{FE6F}' | '\u{FF00}'..='\u{FFEF}' | '\u{1F000}'..='\u{1FAFF}' => {
            CharacterClass::Sign
        }
        _ => CharacterClass::Letter,
    }
}

fn is_apostrophe(one: char) -> bool {
    matches!(one, '\'' | '’')
}

/// The words of a text; anything beyond 4 GiB is ignored.
pub(crate) fn split(text: &str) -> Vec<ByteSpan> {
    let most = text.len().min(u32::MAX as usize);
    let end = (most.saturating_sub(3)..=most).rev().find(|at| text.is_char_boundary(*at));
    let text = &text[..end.unwrap_or(0)];
    let mut splitting = WordSplitting { text, words: Vec::with_capacity(text.len() / 5) };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b' ' || byte == b'\n' {
            at += 1;
            continue;
        }
        let plain = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if plain > 0 && matches!(bytes.get(at + plain), None | Some(b' ' | b'\n')) {
            splitting.push_word(at, at + plain);
            at += plain;
        } else {
            at = splitting.chunk(at);
        }
    }
    splitting.words
}

struct WordSplitting<'a> {
    text: &'a str,
    words: Vec<ByteSpan>,
}

impl WordSplitting<'_> {
    fn push(&mut self, start: usize, end: usize) {
        if start < end {
            self.words.push(ByteSpan { start: start as u32, end: end as u32 });
        }
    }

    fn char(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    fn char_before(&self, at: usize) -> Option<char> {
        self.text[..at].chars().next_back()
    }

    fn is(&self, at: usize, expected: CharacterClass) -> bool {
        self.char(at).is_some_and(|one| kind(one) == expected)
    }

    fn is_before(&self, at: usize, expected: CharacterClass) -> bool {
        self.char_before(at).is_some_and(|one| kind(one) == expected)
    }

    /// Splits the text between spaces that begins at `start`, and returns where it ends.
    fn chunk(&mut self, start: usize) -> usize {
        let rest = &self.text[start..];
        let end = rest
            .find(|one| kind(one) == CharacterClass::Space)
            .map_or(self.text.len(), |at| start + at);
        if start == end {
            return start + self.char(start).map_or(1, char::len_utf8);
        }
        let mut at = self.address(start, end);
        while at < end {
            at = match self.char(at).map(kind) {
                Some(CharacterClass::Letter | CharacterClass::Digit) => self.word(at, end),
                Some(CharacterClass::Sign) => self.sign(at, end),
                Some(CharacterClass::Joiner | CharacterClass::Space) => {
                    at + self.char(at).map_or(1, char::len_utf8)
                }
                None => end,
            };
        }
        end
    }

    /// Takes a web or mail address as one word, without the punctuation that follows it.
    fn address(&mut self, start: usize, end: usize) -> usize {
        let chunk = &self.text[start..end];
        let is_mail = chunk.find('@').is_some_and(|at| {
            let (user, host) = (&chunk[..at], &chunk[at + 1..]);
            user.ends_with(|one: char| one.is_alphanumeric()) && host.contains('.')
        });
        if !(is_mail || chunk.contains("://") || chunk.starts_with("www.")) {
            return start;
        }
        let opening = |one: char| matches!(one, '(' | '[' | '<' | '"' | '“' | '‘' | '\'');
        let closing = |one: char| {
            opening(one)
                || matches!(one, ')' | ']' | '>' | '”' | '’' | '.' | ',' | ';' | ':' | '!' | '?')
        };
        let inner = chunk.trim_start_matches(opening);
        let from = end - inner.len();
        let to = from + inner.trim_end_matches(closing).len();
        let mut at = start;
        while at < from {
            at = self.sign(at, from);
        }
        self.push(from, to);
        to.max(from)
    }

    /// Takes the word that begins at `start`, and splits it where words are joined.
    fn word(&mut self, start: usize, end: usize) -> usize {
        let mut at = start;
        let mut segment = start;
        while at < end {
            let Some(one) = self.char(at) else { break };
            let after = at + one.len_utf8();
            match kind(one) {
                CharacterClass::Letter | CharacterClass::Digit | CharacterClass::Joiner => {}
                CharacterClass::Space => break,
                CharacterClass::Sign if one == '.' => {
                    if !self.goes_on_after_stop(segment, at, after, end) {
                        let whole = self.keeps_stop(start, segment, at, after, end);
                        at = if whole { after } else { at };
                        break;
                    }
                    segment = after;
                }
                CharacterClass::Sign => {
                    if !(after < end && self.joins(one, start, at, after)) {
                        break;
                    }
                }
            }
            at = after;
        }
        self.push_word(start, at);
        at
    }

    /// Whether a full stop is inside a word: 3.5, U.S.A, example.org.
    fn goes_on_after_stop(&self, segment: usize, at: usize, after: usize, end: usize) -> bool {
        if after >= end {
            return false;
        }
        let (Some(before), Some(next)) = (self.char_before(at), self.char(after)) else {
            return false;
        };
        let is_single = at - segment == before.len_utf8();
        let both = |test: fn(char) -> bool| test(before) && test(next);
        both(|one| one.is_ascii_digit())
            || is_single && both(char::is_alphabetic)
            || both(|one| one.is_ascii_lowercase())
            || matches!(&self.text[segment..at], "Ph" | "ph")
    }

    /// Whether a full stop at the end belongs to the word: U.S., Mr., J. Smith.
    fn keeps_stop(
        &self,
        start: usize,
        segment: usize,
        at: usize,
        after: usize,
        end: usize,
    ) -> bool {
        if self.char(after) == Some('.') {
            return false;
        }
        let word = &self.text[start..at];
        let is_single = self.text[segment..at].chars().count() == 1;
        let is_letter = self.is_before(at, CharacterClass::Letter);
        if segment > start {
            return is_letter && (is_single || word.eq_ignore_ascii_case("ph.d"));
        }
        let next = self.text[after..].chars().find(|one| kind(*one) != CharacterClass::Space);
        match abbreviation(word) {
            Some(Abbreviation::Number) => next.is_some_and(|one| one.is_ascii_digit()),
            Some(Abbreviation::Title | Abbreviation::Any) => true,
            None => {
                let is_initial = is_single && word.chars().all(char::is_uppercase) && word != "I";
                is_initial && after == end && next.is_some_and(char::is_uppercase)
            }
        }
    }

    /// Whether a sign between two characters is inside a word: 1,000, 10:30, AT&T, O'Brien,
    /// co-author.
    fn joins(&self, one: char, start: usize, at: usize, after: usize) -> bool {
        let between = |kind| self.is_before(at, kind) && self.is(after, kind);
        match one {
            ',' | ':' | '/' => between(CharacterClass::Digit),
            '&' => {
                let is_capital =
                    |one: Option<char>| one.is_some_and(|one| one.is_ascii_uppercase());
                is_capital(self.char_before(at)) && is_capital(self.char(after))
            }
            '\'' | '’' => between(CharacterClass::Letter),
            '-' | '\u{2010}' | '\u{2011}' => {
                let first = &self.text[start..at];
                let is_prefix = PREFIXES.iter().any(|prefix| first.eq_ignore_ascii_case(prefix));
                is_prefix && self.is(after, CharacterClass::Letter)
            }
            _ => false,
        }
    }

    /// Adds a word, splitting contractions: *do n't*, *X 's*, *can not*.
    fn push_word(&mut self, start: usize, end: usize) {
        let word = &self.text[start..end];
        let cut = if word.len() < 3 { None } else { clitic(word) };
        let cut = cut.map_or(start, |at| start + at);
        self.push(start, cut);
        self.push(cut, end);
    }

    /// Takes a sign, or a word that begins with a sign.
    fn sign(&mut self, start: usize, end: usize) -> usize {
        let Some(one) = self.char(start) else { return end };
        let single = start + one.len_utf8();
        let stop = match one {
            '.' | '-' | '!' | '?' | '*' | '=' | '~' => {
                let is_other = |other: char| {
                    !(other == one || matches!((one, other), ('!', '?') | ('?', '!')))
                };
                self.text[start..end].find(is_other).map_or(end, |at| start + at)
            }
            '\'' | '`' if self.char(single) == Some(one) => single + 1,
            '\'' | '’' => self.apostrophe(start, single, end),
            '#' | '@' if self.is(single, CharacterClass::Letter) => self.run(single, end),
            _ => single,
        };
        self.push(start, stop);
        stop
    }

    fn run(&self, start: usize, end: usize) -> usize {
        let is_other = |one| {
            !matches!(
                kind(one),
                CharacterClass::Letter | CharacterClass::Digit | CharacterClass::Joiner
            )
        };
        self.text[start..end].find(is_other).map_or(end, |at| start + at)
    }

    /// The end of what begins with an apostrophe: *'s* after a sign, *'90s*, else the apostrophe
    /// itself.
    fn apostrophe(&self, start: usize, single: usize, end: usize) -> usize {
        let stop = self.run(single, end);
        let rest = &self.text[single..stop];
        let follows = self.words.last().is_some_and(|word| word.end as usize == start);
        let is_clitic = ENDINGS.iter().any(|ending| rest.eq_ignore_ascii_case(ending));
        let is_decade = rest.len() == 3
            && rest.ends_with('s')
            && rest.starts_with(|one: char| one.is_ascii_digit());
        if follows && is_clitic || is_decade { stop } else { single }
    }
}

/// Prefixes that a hyphen does not separate from the word after it.
const PREFIXES: &[&str] = &[
    "e", "co", "ex", "non", "pre", "re", "anti", "multi", "semi", "sub", "un", "post", "pro",
    "vice", "mid", "mis", "counter", "inter", "intra", "ultra", "over", "bi", "de",
];

/// Endings that an apostrophe joins to the word before it.
const ENDINGS: &[&str] = &["s", "re", "ve", "ll", "d", "m"];

/// Where a contraction is split, if the word is one.
fn clitic(word: &str) -> Option<usize> {
    let bytes = word.as_bytes();
    if !matches!(
        bytes.last(),
        Some(
            b't' | b'T'
                | b's'
                | b'S'
                | b'e'
                | b'E'
                | b'l'
                | b'L'
                | b'd'
                | b'D'
                | b'm'
                | b'M'
                | b'a'
                | b'A'
        )
    ) {
        return None;
    }
    let pairs: &[(&str, usize)] = &[("cannot", 3), ("gonna", 3), ("wanna", 3), ("gotta", 3)];
    if let Some((_, at)) = pairs.iter().find(|(joined, _)| word.eq_ignore_ascii_case(joined)) {
        return Some(*at);
    }
    let (at, mark) = word.char_indices().rev().take(4).find(|(_, one)| is_apostrophe(*one))?;
    let ending = &word[at + mark.len_utf8()..];
    if ending.eq_ignore_ascii_case("t") && word[..at].ends_with(['n', 'N']) {
        return (at > 1).then_some(at - 1);
    }
    let is_known = ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known));
    (is_known && at > 0).then_some(at)
}
