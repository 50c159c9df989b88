//! Locating: the one place where words stand in a text, or why there is none.
//!
//! Knows one text and one passage. Never takes a look-alike: what is nearest is found only to be
//! shown in a refusal.

use memchr::memmem;
use thiserror::Error;

use crate::draft::Passage;
use crate::selector::{IndexedText, TextSelector, Zone};

/// Places shown in a refusal at most.
const SHOWN: usize = 3;

/// Words of a text that are searched for look-alikes at most; beyond, none are shown.
const SEARCHED_WORDS: usize = 200_000;

/// Why a passage has no one place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LocateError {
    /// The words stand nowhere.
    #[error("“{exact}” does not stand in the {zone}{}", nearest_words(nearest))]
    Absent {
        /// The words, shortened.
        exact: String,
        /// `body` or `title`.
        zone: &'static str,
        /// What looks like them, with where it begins.
        nearest: Vec<(usize, String)>,
    },
    /// They stand somewhere, but not where the passage says.
    #[error(
        "“{exact}” does not stand at {start}–{end} of the {zone}, where there is “{found}”{}",
        places_words(places)
    )]
    Elsewhere {
        /// The words, shortened.
        exact: String,
        /// `body` or `title`.
        zone: &'static str,
        /// The span that was given.
        start: u32,
        /// Its end.
        end: u32,
        /// What stands there, shortened.
        found: String,
        /// Where the words do stand.
        places: Vec<usize>,
    },
    /// They stand somewhere, but not between those words.
    #[error(
        "“{exact}” stands in the {zone} at {}, but not with that `prefix` and `suffix` around it: \
         correct them or leave them out",
        list(places)
    )]
    OtherContext {
        /// The words, shortened.
        exact: String,
        /// `body` or `title`.
        zone: &'static str,
        /// The first places.
        places: Vec<usize>,
    },
    /// They stand in more than one place.
    #[error(
        "“{exact}” stands {count} times in the {zone}, at {}: quote more of it, or give \
         `start` and `end`, or more `prefix` or `suffix`",
        list(places)
    )]
    Ambiguous {
        /// The words, shortened.
        exact: String,
        /// `body` or `title`.
        zone: &'static str,
        /// How many times.
        count: usize,
        /// The first places.
        places: Vec<usize>,
    },
    /// The document has no title.
    #[error("the document has no title to select “{0}” from: select from the body")]
    NoTitle(String),
    /// The text is longer than a selector can reach.
    #[error("the place lies beyond what a selector can say: split the document")]
    Beyond,
}

fn nearest_words(nearest: &[(usize, String)]) -> String {
    let shown: Vec<String> =
        nearest.iter().map(|(place, words)| format!("at {place} “{words}”")).collect();
    if shown.is_empty() {
        return ": quote its exact words".into();
    }
    format!("; nearest: {}: quote the exact words", shown.join("; "))
}

fn places_words(places: &[usize]) -> String {
    if places.is_empty() {
        return ": it stands nowhere in it".into();
    }
    format!("; it stands at {}", list(places))
}

fn list(places: &[usize]) -> String {
    places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The first code points of a text on one line, for a refusal.
fn clip(text: &str) -> String {
    let mut clipped: String = text.chars().take(60).map(visible).collect();
    if text.chars().nth(60).is_some() {
        clipped.push('…');
    }
    clipped
}

fn visible(letter: char) -> char {
    if letter.is_whitespace() {
        ' '
    } else if letter.is_control() {
        '\u{fffd}'
    } else {
        letter
    }
}

const fn zone_name(zone: Zone) -> &'static str {
    match zone {
        Zone::Body => "body",
        Zone::Title => "title",
    }
}

/// The selector of the one place where a passage stands in its zone's text.
///
/// # Errors
///
/// It stands in none, or in more than one.
pub fn locate(passage: &Passage, text: &IndexedText) -> Result<TextSelector, LocateError> {
    if let (Some(start), Some(end)) = (passage.start, passage.end) {
        return at(passage, text, start, end);
    }
    let found = places(passage, text, true);
    match (found.as_slice(), passage.start, passage.end) {
        ([], _, _) => Err(absent(passage, text)),
        ([one], None, None) => select(passage, text, *one),
        (many, None, None) => Err(LocateError::Ambiguous {
            exact: clip(&passage.exact),
            zone: zone_name(passage.zone),
            count: many.len(),
            places: many.iter().take(SHOWN).map(|&byte| text.point_of(byte)).collect(),
        }),
        // One end and the length of the words give the other.
        (_, start, end) => {
            let length = u32::try_from(passage.exact.chars().count()).unwrap_or(u32::MAX);
            let start = start.or_else(|| end?.checked_sub(length)).unwrap_or(0);
            at(passage, text, start, start.saturating_add(length))
        }
    }
}

fn select(passage: &Passage, text: &IndexedText, byte: usize) -> Result<TextSelector, LocateError> {
    text.select(passage.zone, byte, byte + passage.exact.len()).ok_or(LocateError::Beyond)
}

fn fits(passage: &Passage, whole: &str, from: usize, to: usize) -> bool {
    whole[from..to] == *passage.exact
        && whole[..from].ends_with(&passage.prefix)
        && whole[to..].starts_with(&passage.suffix)
}

fn at(
    passage: &Passage,
    text: &IndexedText,
    start: u32,
    end: u32,
) -> Result<TextSelector, LocateError> {
    let bytes = text.bytes_of(start, end);
    match bytes {
        Some((from, to)) if fits(passage, text.as_str(), from, to) => select(passage, text, from),
        _ => {
            let found = places(passage, text, false);
            Err(LocateError::Elsewhere {
                exact: clip(&passage.exact),
                zone: zone_name(passage.zone),
                start,
                end,
                found: bytes.map(|(from, to)| clip(&text.as_str()[from..to])).unwrap_or_default(),
                places: found.iter().take(SHOWN).map(|&byte| text.point_of(byte)).collect(),
            })
        }
    }
}

/// The bytes at which the passage's words stand, with their context or wherever.
fn places(passage: &Passage, text: &IndexedText, with_context: bool) -> Vec<usize> {
    let whole = text.as_str();
    let finder = memmem::Finder::new(passage.exact.as_bytes());
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(place) = finder.find(&whole.as_bytes()[from..]) {
        let begin = from + place;
        if !with_context || fits(passage, whole, begin, begin + passage.exact.len()) {
            found.push(begin);
        }
        // Overlapping occurrences count: a place is a place.
        from = begin + whole[begin..].chars().next().map_or(1, char::len_utf8);
    }
    found
}

fn absent(passage: &Passage, text: &IndexedText) -> LocateError {
    let elsewhere = places(passage, text, false);
    if !elsewhere.is_empty() {
        return LocateError::OtherContext {
            exact: clip(&passage.exact),
            zone: zone_name(passage.zone),
            places: elsewhere.iter().take(SHOWN).map(|&byte| text.point_of(byte)).collect(),
        };
    }
    LocateError::Absent {
        exact: clip(&passage.exact),
        zone: zone_name(passage.zone),
        nearest: nearest(&passage.exact, text),
    }
}

/// The stretches that share most words with `exact`, best first. Each word of the text is looked
/// at twice, whatever the passage.
fn nearest(exact: &str, text: &IndexedText) -> Vec<(usize, String)> {
    let fold = |word: &str| -> String {
        word.chars()
            .filter(|letter| letter.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let wanted: Vec<String> =
        exact.split_whitespace().map(fold).filter(|word| !word.is_empty()).collect();
    let whole = text.as_str();
    let stands: Vec<(usize, &str)> = whole
        .split_whitespace()
        .take(SEARCHED_WORDS)
        .map(|word| (word.as_ptr() as usize - whole.as_ptr() as usize, word))
        .collect();
    if wanted.is_empty() || stands.len() == SEARCHED_WORDS {
        return Vec::new();
    }
    let shared: Vec<bool> = stands.iter().map(|(_, word)| wanted.contains(&fold(word))).collect();
    let width = wanted.len().min(stands.len());
    let mut scored: Vec<(usize, usize)> = Vec::new();
    let mut score = shared[..width].iter().filter(|shared| **shared).count();
    for from in 0..=stands.len() - width {
        scored.push((score, from));
        score -= usize::from(shared[from]);
        score += usize::from(shared.get(from + width).copied().unwrap_or(false));
    }
    scored.sort_by_key(|(score, from)| (std::cmp::Reverse(*score), *from));
    let mut chosen: Vec<(usize, String)> = Vec::new();
    let mut taken: Vec<usize> = Vec::new();
    for (score, from) in scored {
        let near = score * 2 >= wanted.len() && score > 0;
        if !near || chosen.len() == 2 {
            break;
        }
        if taken.iter().all(|other| other.abs_diff(from) >= width) {
            let (begin, _) = stands[from];
            let (last, word) = stands[from + width - 1];
            chosen.push((text.point_of(begin), clip(&whole[begin..last + word.len()])));
            taken.push(from);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "The regulator said: it said so. ‘Calls’ were cut, it said.";

    fn text() -> IndexedText {
        IndexedText::new(TEXT.into())
    }

    #[test]
    fn words_that_stand_once_are_located() {
        let selector = locate(&Passage::of("‘Calls’"), &text()).unwrap();
        assert_eq!(selector.span(), (32, 39));
        assert_eq!(selector.prefix(), "The regulator said: it said so. ");
    }

    #[test]
    fn words_that_stand_twice_need_their_context_or_span() {
        let mut passage = Passage::of("it said");
        let refusal = locate(&passage, &text()).unwrap_err();
        assert!(
            matches!(&refusal, LocateError::Ambiguous { count: 2, places, .. } if *places == [20, 50])
        );
        passage.prefix = "cut, ".into();
        assert_eq!(locate(&passage, &text()).unwrap().span(), (50, 57));
        passage.start = Some(50);
        assert_eq!(locate(&passage, &text()).unwrap().span(), (50, 57));
        (passage.start, passage.prefix) = (None, "never".into());
        let refusal = locate(&passage, &text()).unwrap_err();
        assert!(
            matches!(&refusal, LocateError::OtherContext { places, .. } if *places == [20, 50])
        );
    }

    #[test]
    fn a_look_alike_is_shown_and_not_taken() {
        let refusal = locate(&Passage::of("'Calls' were cut"), &text()).unwrap_err();
        let LocateError::Absent { nearest, .. } = refusal else { panic!("{refusal}") };
        assert_eq!(nearest, [(32, "‘Calls’ were cut,".to_owned())]);
    }

    #[test]
    fn a_wrong_span_is_refused_with_what_stands_there() {
        let mut passage = Passage::of("regulator");
        (passage.start, passage.end) = (Some(5), Some(14));
        let refusal = locate(&passage, &text()).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "“regulator” does not stand at 5–14 of the body, where there is “egulator ”; it stands at 4"
        );
        (passage.start, passage.end) = (Some(500), Some(509));
        assert!(matches!(locate(&passage, &text()), Err(LocateError::Elsewhere { .. })));
    }
}
