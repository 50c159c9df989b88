//! Splits text into sentences: at full stops that do not belong to an abbreviation, at empty lines
//! and at headings.
//!
//! Knows words, the gaps between them, and abbreviations. Must not know tags or trees.

use std::ops::Range;

use super::parser::LONGEST;
use super::word::{Abbreviation, ByteSpan, abbreviation};

/// What was found at the end of the words so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Nothing that ends a sentence.
    None,
    /// An abbreviation after which a sentence may begin.
    Abbreviation,
    /// A full stop.
    Stop,
    /// A question mark, an exclamation mark or dots, with which a quotation may end within a
    /// sentence.
    Mark,
    /// Like `Mark`, with closing quotation marks after it.
    QuotedMark,
}

/// Words that begin a sentence more often than they follow an abbreviation.
const STARTERS: &[&str] = &[
    "The",
    "This",
    "That",
    "These",
    "Those",
    "It",
    "He",
    "She",
    "They",
    "We",
    "You",
    "I",
    "In",
    "On",
    "At",
    "But",
    "And",
    "If",
    "When",
    "While",
    "As",
    "For",
    "There",
    "A",
    "An",
    "His",
    "Her",
    "Their",
    "Its",
    "Our",
    "My",
    "After",
    "Before",
    "Since",
    "However",
    "Although",
    "Though",
    "Some",
    "Many",
    "Most",
    "What",
    "Who",
    "How",
    "Why",
    "So",
    "Now",
    "Then",
    "According",
    "With",
    "By",
    "From",
    "To",
    "One",
    "Two",
    "No",
    "Not",
    "Yet",
    "Still",
    "Also",
    "Asked",
    "Despite",
    "During",
    "Even",
];

/// Verbs that report a question or an exclamation just quoted.
const REPORTS: &[&str] = &[
    "said",
    "says",
    "asked",
    "asks",
    "wrote",
    "writes",
    "added",
    "tweeted",
    "told",
    "replied",
    "exclaimed",
    "shouted",
    "wondered",
    "quipped",
    "continued",
    "demanded",
    "joked",
    "declared",
];

/// Endings that a heading does not have.
const UNFINISHED: &[&str] = &[
    ",", ";", "-", "and", "or", "the", "of", "to", "a", "an", "in", "on", "at", "by", "for",
    "with", "from", "that", "which", "is", "are", "was", "were", "has", "have", "had", "will",
    "as",
];

/// The sentences of a text, as ranges of its words.
pub(crate) fn split(text: &str, words: &[ByteSpan]) -> Vec<Range<usize>> {
    let mut sentences = Vec::with_capacity(words.len() / 20 + 1);
    let mut splitting = SentenceSplitting { text, words, ending: Ending::None, line: 0 };
    let mut start = 0;
    for at in 0..words.len() {
        splitting.see(at);
        let is_last = at + 1 == words.len();
        if is_last || at + 1 - start == LONGEST || splitting.ends(at) {
            sentences.push(start..at + 1);
            start = at + 1;
            splitting.ending = Ending::None;
        }
    }
    sentences
}

struct SentenceSplitting<'a> {
    text: &'a str,
    words: &'a [ByteSpan],
    ending: Ending,
    /// The first word of the current line.
    line: usize,
}

impl<'a> SentenceSplitting<'a> {
    fn word(&self, at: usize) -> &'a str {
        self.words.get(at).map_or("", |span| span.of(self.text))
    }

    /// The text between a word and the next.
    fn gap(&self, at: usize) -> &'a str {
        match (self.words.get(at), self.words.get(at + 1)) {
            (Some(one), Some(next)) => {
                self.text.get(one.end as usize..next.start as usize).unwrap_or_default()
            }
            _ => "",
        }
    }

    /// Records the effect of a word on the end of a sentence.
    fn see(&mut self, at: usize) {
        let word = self.word(at);
        let bytes = word.as_bytes();
        let follows = at > 0 && self.gap(at - 1).is_empty();
        self.ending = match bytes {
            b"." => Ending::Stop,
            [b'.' | b'!' | b'?', ..] => Ending::Mark,
            _ if word == "…" => Ending::Mark,
            _ if follows && self.ending != Ending::None && is_closing(word) => {
                let quoted = self.ending == Ending::Mark && !matches!(bytes, b")" | b"]");
                if quoted { Ending::QuotedMark } else { self.ending }
            }
            [.., b'.'] => Ending::Abbreviation,
            _ => Ending::None,
        };
    }

    /// Whether the sentence ends after a word.
    fn ends(&mut self, at: usize) -> bool {
        let gap = self.gap(at);
        let lines = match gap.len() {
            0 => return self.is_run_together(at),
            1 => usize::from(gap == "\n"),
            _ => gap.bytes().filter(|byte| *byte == b'\n').count(),
        };
        let ends = match lines {
            0 => self.ends_within_line(at),
            1 => self.ends_with_line(at),
            _ => true,
        };
        if lines > 0 {
            self.line = at + 1;
        }
        ends
    }

    /// Whether a sentence ends within the word because a space is missing: *End.Begin*.
    fn is_run_together(&self, at: usize) -> bool {
        if self.ending != Ending::Stop || at == 0 {
            return false;
        }
        let begins = |word: &str, test: fn(char) -> bool| word.chars().next().is_some_and(test);
        let next = self.word(at + 1);
        let is_new = next.len() > 1 && begins(next, char::is_uppercase);
        is_new && self.word(at - 1).len() > 1 && !begins(self.word(at - 1), |one| one.is_numeric())
    }

    fn ends_within_line(&self, at: usize) -> bool {
        if self.ending == Ending::None {
            return false;
        }
        let next = self.word(at + 1);
        let begins = next.chars().next().is_some_and(|one| !one.is_lowercase());
        let goes_on =
            matches!(next, "," | ";" | ":" | ")" | "]" | "-" | "--" | "—" | "–" | "’" | "”" | "%");
        if !begins || goes_on {
            return false;
        }
        match self.ending {
            Ending::None => false,
            Ending::Stop | Ending::Mark => true,
            Ending::QuotedMark => !self.is_reported(at),
            Ending::Abbreviation => self.begins_after_abbreviation(at),
        }
    }

    fn begins_after_abbreviation(&self, at: usize) -> bool {
        let next = self.word(at + 1);
        let word = self.word(at).trim_end_matches('.');
        if abbreviation(word) == Some(Abbreviation::Title) {
            return false;
        }
        matches!(next, "“" | "\"" | "``" | "‘") && word.len() > 1 || STARTERS.contains(&next)
    }

    /// Whether a reporting clause follows, a name of a few words and a verb of saying: *“Why?”
    /// Smith asked*.
    fn is_reported(&self, at: usize) -> bool {
        for next in at + 1..at + 7 {
            let word = self.word(next);
            if REPORTS.contains(&word) {
                return true;
            }
            let is_name = word.chars().next().is_some_and(char::is_uppercase);
            if !is_name {
                return false;
            }
        }
        false
    }

    fn ends_with_line(&self, at: usize) -> bool {
        if self.ending != Ending::None {
            return true;
        }
        let next = self.word(at + 1);
        if matches!(next, "-" | "*" | "•" | "–" | "—" | "▪" | "·") && !self.gap(at + 1).is_empty()
        {
            return true;
        }
        let begins = next.chars().next().is_some_and(|one| !one.is_lowercase());
        let start = self.words.get(self.line).map_or(0, |span| span.start);
        let end = self.words.get(at).map_or(0, |span| span.end);
        let is_short = end.saturating_sub(start) < 60 && at + 1 - self.line <= 12;
        begins && is_short && !UNFINISHED.contains(&self.word(at))
    }
}

fn is_closing(word: &str) -> bool {
    matches!(word, "\"" | "”" | "''" | "'" | "’" | ")" | "]" | "»" | "“")
}
