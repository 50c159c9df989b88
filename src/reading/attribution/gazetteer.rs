//! Word lists about speakers: given names, titles, nouns for speakers, organisations and places.
//!
//! Knows the data files in `lexicon`, one entry per line. Must not know how a mention is built.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::lexicon::entries;
use crate::domain::source::SourceKind;

/// The gender that a word implies for the person it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gender {
    Male,
    Female,
    /// No gender in particular.
    Either,
}

/// A common noun for a speaker.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpeakingNoun {
    pub(super) kind: SourceKind,
    pub(super) gender: Gender,
    /// Whether the speaker speaks for another, as a spokesperson does.
    pub(super) speaks_for: bool,
}

/// A word before a person's name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Title {
    /// The noun for the holder of the title: "senator" for "Sen.".
    pub(super) noun: Option<&'static str>,
    pub(super) gender: Gender,
}

/// The role of a place in attribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlaceKind {
    /// A country, or a capital that stands for its government.
    State,
    Other,
    /// The adjective of a place or of a faith.
    Adjective,
}

fn gender(word: Option<&str>) -> Gender {
    match word {
        Some("m") => Gender::Male,
        Some("f") => Gender::Female,
        _ => Gender::Either,
    }
}

/// The kind of speaker that a list names; a test of each list finds misspelt kinds.
fn kind(word: Option<&str>) -> SourceKind {
    word.and_then(|word| word.parse().ok()).unwrap_or(SourceKind::Unknown)
}

static GIVEN_NAMES: LazyLock<FxHashMap<&'static str, Gender>> = LazyLock::new(|| {
    let lines = entries(include_str!("lexicon/given_names.txt"));
    lines
        .filter_map(|line| line.split_once(' '))
        .map(|(name, of)| (name, gender(Some(of))))
        .collect()
});

static TITLES: LazyLock<FxHashMap<&'static str, Title>> = LazyLock::new(|| {
    let title = |line: &'static str| {
        let mut fields = line.split(' ');
        let word = fields.next()?;
        let noun = fields.next().filter(|noun| *noun != "-");
        Some((word, Title { noun, gender: gender(fields.next()) }))
    };
    entries(include_str!("lexicon/titles.txt")).filter_map(title).collect()
});

static NOUNS: LazyLock<FxHashMap<&'static str, SpeakingNoun>> = LazyLock::new(|| {
    let noun = |line: &'static str| {
        let mut fields = line.split(' ');
        let word = fields.next()?;
        let kind = kind(fields.next());
        let rest = fields.clone().next();
        let speaks_for = fields.any(|field| field == "speaks");
        Some((word, SpeakingNoun { kind, gender: gender(rest), speaks_for }))
    };
    entries(include_str!("lexicon/nouns.txt")).filter_map(noun).collect()
});

static BODIES: LazyLock<FxHashMap<&'static str, SourceKind>> = LazyLock::new(|| {
    let lines = entries(include_str!("lexicon/bodies.txt"));
    lines.filter_map(|line| line.split_once(' ')).map(|(word, of)| (word, kind(Some(of)))).collect()
});

static KNOWN: LazyLock<FxHashMap<&'static str, SourceKind>> = LazyLock::new(|| {
    let lines = entries(include_str!("lexicon/known.txt"));
    lines.filter_map(|line| line.split_once(' ')).map(|(of, name)| (name, kind(Some(of)))).collect()
});

static PLACES: LazyLock<FxHashMap<&'static str, PlaceKind>> = LazyLock::new(|| {
    let lines = entries(include_str!("lexicon/places.txt"));
    let place = |of| match of {
        "place" => PlaceKind::Other,
        "adjective" => PlaceKind::Adjective,
        _ => PlaceKind::State,
    };
    lines.filter_map(|line| line.split_once(' ')).map(|(of, name)| (name, place(of))).collect()
});

/// The gender that a given name, in lower case, usually has.
pub(super) fn given_name(word: &str) -> Option<Gender> {
    GIVEN_NAMES.get(word).copied()
}

/// The title that a word, in lower case, stands for.
pub(super) fn title(word: &str) -> Option<Title> {
    TITLES.get(word).copied()
}

/// The kind of organisation that a word of a name, in lower case, indicates.
pub(super) fn body(word: &str) -> Option<SourceKind> {
    BODIES.get(word).copied()
}

/// The kind of a well-known name, in lower case and without "the".
pub(super) fn known(name: &str) -> Option<SourceKind> {
    KNOWN.get(name).copied()
}

/// The kind of place that a name, in lower case, stands for.
pub(super) fn place(name: &str) -> Option<PlaceKind> {
    PLACES.get(name).copied()
}

/// The speaker noun for a word in lower case, singular or plural, and its singular.
pub(super) fn noun(word: &str) -> Option<(&'static str, SpeakingNoun)> {
    let exact = |word: &str| NOUNS.get_key_value(word).map(|(key, noun)| (*key, *noun));
    exact(word)
        .or_else(|| word.strip_suffix('s').and_then(exact))
        .or_else(|| word.strip_suffix("es").and_then(exact))
        .or_else(|| replaced(word, "ies", "y").and_then(|word| exact(&word)))
        .or_else(|| replaced(word, "men", "man").and_then(|word| exact(&word)))
        .or_else(|| word.split_once('-').map(|(_, end)| end).and_then(exact))
}

fn replaced(word: &str, ending: &str, by: &str) -> Option<String> {
    word.strip_suffix(ending).map(|stem| format!("{stem}{by}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_are_known_in_the_singular_and_the_plural() {
        for (word, singular) in [
            ("critic", "critic"),
            ("critics", "critics"),
            ("agencies", "agency"),
            ("spokesmen", "spokesman"),
            ("businesses", "business"),
            ("vice-president", "president"),
        ] {
            assert_eq!(noun(word).map(|(key, _)| key), Some(singular), "{word}");
        }
        assert!(noun("table").is_none());
    }

    #[test]
    fn lists_tell_kind_gender_and_whether_one_speaks_for_another() {
        assert_eq!(given_name("maria"), Some(Gender::Female));
        assert_eq!(title("sen.").and_then(|title| title.noun), Some("senator"));
        assert_eq!(body("ministry"), Some(SourceKind::Government));
        assert_eq!(known("reuters"), Some(SourceKind::Agency));
        assert_eq!(place("moscow"), Some(PlaceKind::State));
        assert!(
            noun("spokeswoman")
                .is_some_and(|(_, noun)| noun.speaks_for && noun.gender == Gender::Female)
        );
    }
}
