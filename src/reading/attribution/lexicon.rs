//! Word lists: the forms of verbs, and the properties of words that attribute.
//!
//! Knows the data files beside it, one entry per line. Must not know how a sentence is built.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

/// The entries of a data file, without its header and empty lines.
pub(super) fn entries(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

static VERBS: LazyLock<FxHashSet<&'static str>> =
    LazyLock::new(|| entries(include_str!("lexicon/verbs.txt")).collect());

static IRREGULAR: LazyLock<FxHashMap<&'static str, &'static str>> = LazyLock::new(|| {
    entries(include_str!("lexicon/irregular.txt")).filter_map(|line| line.split_once(' ')).collect()
});

static SPEECH: LazyLock<FxHashSet<&'static str>> =
    LazyLock::new(|| entries(include_str!("lexicon/speech.txt")).collect());

static TIME_AND_NUMBER: LazyLock<FxHashSet<&'static str>> =
    LazyLock::new(|| entries(include_str!("lexicon/time-and-number.txt")).collect());

/// Whether the word may be part of a figure or a date.
pub(super) fn is_of_time_or_number(word: &str) -> bool {
    TIME_AND_NUMBER.contains(word)
}

/// Whether a verb reports words as they were spoken or written.
pub(super) fn is_speech(verb: &str) -> bool {
    SPEECH.contains(verb)
}

/// The endings of verb forms, and what may replace each in the base form.
const ENDINGS: &[(&str, &[&str])] = &[
    ("ies", &["y", "ie"]),
    ("ied", &["y", "ie"]),
    ("ying", &["y", "ie"]),
    ("es", &["e", ""]),
    ("ed", &["e", ""]),
    ("ing", &["e", ""]),
    ("s", &[""]),
    ("d", &[""]),
];

/// The base form of a verb's form, in lower case: "say" for "said". None if no known verb fits.
pub(super) fn verb(form: &str) -> Option<&'static str> {
    let known = IRREGULAR.get(form).or_else(|| VERBS.get(form)).copied();
    known.or_else(|| {
        ENDINGS
            .iter()
            .find_map(|(ending, places)| regular(form.strip_suffix(ending)?, ending, places))
    })
}

fn regular(stem: &str, ending: &str, places: &[&str]) -> Option<&'static str> {
    let mut letters = stem.bytes().rev();
    let is_doubled = matches!(ending, "ed" | "ing") && letters.next() == letters.next();
    let single = is_doubled.then(|| stem.get(..stem.len().saturating_sub(1))).flatten();
    let whole = places.iter().find_map(|place| {
        if place.is_empty() {
            return VERBS.get(stem).copied();
        }
        let mut written = String::with_capacity(stem.len() + place.len());
        written.push_str(stem);
        written.push_str(place);
        VERBS.get(written.as_str()).copied()
    });
    whole.or_else(|| VERBS.get(single?).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_leads_to_its_verb() {
        for (form, expected) in [
            ("said", "say"),
            ("says", "say"),
            ("saying", "say"),
            ("noted", "note"),
            ("denies", "deny"),
            ("denied", "deny"),
            ("denying", "deny"),
            ("planned", "plan"),
            ("called", "call"),
            ("asking", "ask"),
            ("argues", "argue"),
            ("stressed", "stress"),
            ("hoped", "hope"),
            ("sought", "seek"),
            ("agreed", "agree"),
            ("accuses", "accuse"),
        ] {
            assert_eq!(verb(form), Some(expected));
        }
    }
}
