//! Splits a text into words, numbers and signs, each with its possible meaning in a figure or a
//! date.
//!
//! Knows where words begin and end, and the closed lists of words that matter here. Must not know
//! how they combine.

mod lexicon;

pub(super) use lexicon::{Meaning, TimeStretch};

/// A word, a run of digits or a sign.
#[derive(Debug, Clone, Copy)]
struct NumeralWord {
    start: usize,
    end: usize,
    term: Meaning,
    /// Whether it directly follows its neighbour, without a space.
    glued: bool,
}

/// A text, split.
#[derive(Debug)]
pub(super) struct CutText<'a> {
    text: &'a str,
    list: Vec<NumeralWord>,
    is_typed: bool,
}

impl<'a> CutText<'a> {
    /// Splits `text`, in one pass.
    pub(super) fn cut(text: &'a str) -> Self {
        let list = Vec::with_capacity(text.len() / 5);
        let mut words = Self { text, list, is_typed: false };
        words.cut_part(0, text.len());
        words
    }

    /// Splits a phrase that a user typed as a figure: a passage in quotation marks is one word of
    /// it, and a number is never a date or a name.
    pub(super) fn typed(text: &'a str) -> Self {
        let mut words = Self { text, list: Vec::new(), is_typed: true };
        let mut at = 0;
        while let Some((start, end)) = quoted(text, at) {
            words.cut_part(at, start);
            words.push(start, end, Meaning::Quoted);
            at = end;
        }
        words.cut_part(at, text.len());
        words
    }

    /// Whether a user typed it as a figure.
    pub(super) const fn is_typed(&self) -> bool {
        self.is_typed
    }

    fn cut_part(&mut self, mut at: usize, end: usize) {
        let text = self.text;
        for chunk in text[at..end].split(char::is_whitespace) {
            let end = at + chunk.len();
            if is_address(chunk) {
                self.push(at, end, Meaning::Opaque);
            } else {
                self.cut_chunk(at, end);
            }
            at = end + text[end..].chars().next().map_or(0, char::len_utf8);
        }
    }

    fn push(&mut self, start: usize, end: usize, term: Meaning) {
        let glued = self.list.last().is_some_and(|last| last.end == start);
        self.list.push(NumeralWord { start, end, term, glued });
    }

    fn cut_chunk(&mut self, mut at: usize, end: usize) {
        while let Some(first) = self.text[at..end].chars().next() {
            let chunk = &self.text[at..end];
            let length = if first.is_ascii_digit() {
                chunk.bytes().take_while(u8::is_ascii_digit).count()
            } else if first.is_alphabetic() {
                letters(chunk)
            } else {
                first.len_utf8()
            };
            let term = match first {
                '0'..='9' => Meaning::Digits,
                _ if first.is_alphabetic() => lexicon::term(&chunk[..length]),
                _ => Meaning::Sign(first),
            };
            self.push(at, at + length, term);
            at += length;
        }
    }

    /// The number of words.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The possible meaning of the word at `at`.
    pub(super) fn term(&self, at: usize) -> Meaning {
        self.list.get(at).map_or(Meaning::End, |word| word.term)
    }

    /// The possible meaning of the word `back` places before `at`.
    pub(super) fn before(&self, at: usize, back: usize) -> Meaning {
        at.checked_sub(back).map_or(Meaning::End, |at| self.term(at))
    }

    /// The word itself; empty beyond the end.
    pub(super) fn word(&self, at: usize) -> &'a str {
        self.list.get(at).map_or("", |word| &self.text[word.start..word.end])
    }

    /// Whether the word at `at` is `word`, in any case.
    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        // Compares the length first, because this is called for most words and seldom true.
        let has_length = |found: &&NumeralWord| found.end - found.start == word.len();
        let found = self.list.get(at).filter(has_length);
        found.is_some_and(|found| {
            let bytes = &self.text.as_bytes()[found.start..found.end];
            bytes.eq_ignore_ascii_case(word.as_bytes())
        })
    }

    /// Whether the words before `at` are `words`.
    pub(super) fn end_with(&self, at: usize, words: &[&str]) -> bool {
        let Some(start) = at.checked_sub(words.len()) else { return false };
        words.iter().enumerate().all(|(place, word)| self.is(start + place, word))
    }

    /// Whether the words from `at` on are `words`.
    pub(super) fn begin_with(&self, at: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(place, word)| self.is(at + place, word))
    }

    /// Whether the word at `at` directly follows the one before it.
    pub(super) fn is_glued(&self, at: usize) -> bool {
        self.list.get(at).is_some_and(|word| word.glued)
    }

    /// Whether the word at `at` is this sign.
    pub(super) fn is_sign(&self, at: usize, sign: char) -> bool {
        self.term(at) == Meaning::Sign(sign)
    }

    /// Whether the word at `at` is a hyphen or dash.
    pub(super) fn is_dash(&self, at: usize) -> bool {
        matches!(self.term(at), Meaning::Sign('-' | '‐' | '‑' | '–' | '—' | '−'))
    }

    /// Whether the word at `at` consists of letters.
    pub(super) fn is_letters(&self, at: usize) -> bool {
        !matches!(
            self.term(at),
            Meaning::End | Meaning::Opaque | Meaning::Quoted | Meaning::Digits | Meaning::Sign(_)
        )
    }

    /// Whether the word at `at` begins with a capital.
    pub(super) fn is_capital(&self, at: usize) -> bool {
        self.word(at).starts_with(char::is_uppercase)
    }

    /// Whether the word at `at` looks like the plural of a noun.
    pub(super) fn is_plural(&self, at: usize) -> bool {
        match self.term(at) {
            Meaning::Collective => true,
            term if term.ends_phrase() => false,
            Meaning::Plain
            | Meaning::Piece
            | Meaning::Stretch(_)
            | Meaning::Measure
            | Meaning::Currency => {
                let word = self.word(at);
                let ends = |end: &str| word.len() > 3 && word.ends_with(end);
                ends("s") && !ends("ss") && !ends("us") && !ends("is") && !ends("'s") && !ends("’s")
            }
            _ => false,
        }
    }

    /// The number in digits at `at`, if it has few enough digits.
    pub(super) fn digits(&self, at: usize) -> Option<u64> {
        let is_short = self.term(at) == Meaning::Digits && self.word(at).len() <= 18;
        is_short.then(|| self.word(at).parse().ok()).flatten()
    }

    /// The byte range from word `from` to before word `to`.
    pub(super) fn bytes(&self, from: usize, to: usize) -> (usize, usize) {
        let start = self.list.get(from).map_or(self.text.len(), |word| word.start);
        let end = to.checked_sub(1).and_then(|last| self.list.get(last));
        (start, end.map_or(start, |word| word.end.max(start)))
    }

    /// The text inside the quotation marks of the word at `at`, if it has any.
    pub(super) fn unquoted(&self, at: usize) -> Option<String> {
        if self.term(at) != Meaning::Quoted {
            return None;
        }
        let mut inside = self.word(at).chars();
        let escapes = inside.next() == Some('"');
        inside.next_back();
        let mut text = String::new();
        while let Some(next) = inside.next() {
            text.push(if escapes && next == '\\' { inside.next()? } else { next });
        }
        Some(text)
    }

    /// The text from word `from` to before word `to`.
    pub(super) fn passage(&self, from: usize, to: usize) -> &'a str {
        let (start, end) = self.bytes(from, to);
        &self.text[start..end]
    }
}

/// The next passage in quotation marks, including them: either `“…”`, or `"…"` with `\` before a
/// mark that is part of it. A mark that touches the text outside it does not enclose anything.
fn quoted(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut before = None;
    let mut opened = None;
    let mut is_escaped = false;
    for (at, next) in text.char_indices().skip_while(|&(at, _)| at < from) {
        let end = at + next.len_utf8();
        match opened {
            None if matches!(next, '"' | '“') && before.is_none_or(char::is_whitespace) => {
                opened = Some((at, if next == '"' { '"' } else { '”' }));
            }
            None => {}
            Some(_) if is_escaped => is_escaped = false,
            Some((_, '"')) if next == '\\' => is_escaped = true,
            Some((start, closing)) if next == closing => {
                let after = text[end..].chars().next();
                let is_closed =
                    after.is_none_or(|sign| sign.is_whitespace() || matches!(sign, ':' | ')'));
                return is_closed.then_some((start, end));
            }
            Some(_) => {}
        }
        before = Some(next);
    }
    None
}

/// Whether a run without spaces is a web or mail address, in which no number is a figure.
fn is_address(chunk: &str) -> bool {
    let is_web = chunk.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."));
    let mut signs = chunk.bytes().enumerate().filter(|(_, byte)| matches!(byte, b':' | b'@'));
    is_web
        || signs.any(|(at, byte)| match byte {
            b'@' => at > 0,
            _ => chunk.as_bytes()[at..].starts_with(b"://"),
        })
}

/// The length of a word: letters, with apostrophes between them.
fn letters(chunk: &str) -> usize {
    let ascii = chunk.bytes().take_while(u8::is_ascii_alphabetic).count();
    if chunk.as_bytes().get(ascii).is_none_or(|next| next.is_ascii() && *next != b'\'') {
        return ascii;
    }
    let mut end = 0;
    let mut rest = chunk.char_indices().peekable();
    while let Some((at, next)) = rest.next() {
        let joins = matches!(next, '\'' | '’')
            && rest.peek().is_some_and(|&(_, after)| after.is_alphabetic());
        if !next.is_alphabetic() && !joins {
            break;
        }
        end = at + next.len_utf8();
    }
    end
}
