//! Locates quoted words in a text: finds their one place, or says why there is none.
//!
//! Knows one text and one passage. Never accepts a look-alike: one is looked for only to be shown
//! in an error, with its differences.

use memchr::memmem;
use thiserror::Error;

use crate::domain::selector::{IndexedText, TextSelector, Zone};
use crate::record::draft::Passage;

mod alike;

pub use alike::{LetterFold, SpellingDifference, shows_itself};

/// The most places shown in an error.
const SHOWN: usize = 3;

/// The most words of a text that are searched for look-alikes; in longer texts none are shown.
const SEARCHED_WORDS: usize = 200_000;

/// Why a passage does not have one place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LocateError {
    /// The words do not occur.
    #[error("“{exact}” does not occur in the {zone}{}", nearest_words(nearest))]
    Absent {
        /// The words, shortened.
        exact: String,
        /// `body` or `title`.
        zone: &'static str,
        /// Similar passages, each with the position at which it begins.
        nearest: Vec<(usize, String)>,
    },
    /// The words occur, apart from differences that readers overlook.
    #[error("{}", alike.said(&json_string))]
    Alike {
        /// The places and the differences.
        alike: Box<Alike>,
    },
    /// The words occur, but not at the given position.
    #[error(
        "“{exact}” is not at {start}–{end} of the {zone}, where there is “{found}”{}",
        places_words(places)
    )]
    Elsewhere {
        /// The words, shortened.
        exact: String,
        /// `body` or `title`.
        zone: &'static str,
        /// The start that was given.
        start: u32,
        /// The end that was given.
        end: u32,
        /// The words at that position, shortened.
        found: String,
        /// The positions at which the words occur.
        places: Vec<usize>,
    },
    /// The words occur, but not with the given context.
    #[error(
        "“{exact}” occurs in the {zone} at {}, but not with that `prefix` and `suffix` around it: \
         correct them or leave them out",
        list(places)
    )]
    OtherContext {
        /// The words, shortened.
        exact: String,
        /// `body` or `title`.
        zone: &'static str,
        /// The first positions.
        places: Vec<usize>,
    },
    /// The words occur more than once.
    #[error(
        "“{exact}” occurs {count} times in the {zone}, at {}: quote more of it, or give \
         `start` and `end`, or more `prefix` or `suffix`",
        list(places)
    )]
    Ambiguous {
        /// The words, shortened.
        exact: String,
        /// `body` or `title`.
        zone: &'static str,
        /// The number of occurrences.
        count: usize,
        /// The first positions.
        places: Vec<usize>,
    },
    /// The document has no title.
    #[error("the document has no title to select “{0}” from: select from the body")]
    NoTitle(String),
    /// The text is longer than a selector can address.
    #[error("the words begin later in the text than a selector can express: split the document")]
    Beyond,
}

/// Words that occur only with differences that readers overlook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// The words, shortened.
    pub exact: String,
    /// `body` or `title`.
    pub zone: &'static str,
    /// Whether there was white space around the given words.
    pub padded: bool,
    /// The number of such places.
    pub count: usize,
    /// The first such places.
    pub places: Vec<LookAlike>,
}

/// A place where the words occur with differences that readers overlook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookAlike {
    /// The position of its first code point.
    pub place: usize,
    /// The document's own words, in full.
    pub words: String,
    /// Whether these words occur only once, so that they identify the place.
    pub stands_once: bool,
    /// The first differences.
    pub differences: Vec<SpellingDifference>,
    /// The number of differences.
    pub count: usize,
}

impl LocateError {
    /// The error without any of the document's words, for someone from whom they are withheld.
    #[must_use]
    pub fn without_words(self) -> Self {
        match self {
            Self::Absent { exact, zone, .. }
            | Self::Elsewhere { exact, zone, .. }
            | Self::OtherContext { exact, zone, .. } => {
                Self::Absent { exact, zone, nearest: Vec::new() }
            }
            Self::Alike { alike } => {
                let Alike { exact, zone, .. } = *alike;
                Self::Absent { exact, zone, nearest: Vec::new() }
            }
            other @ (Self::Ambiguous { .. } | Self::NoTitle(_) | Self::Beyond) => other,
        }
    }

    /// The error message, with the document's own words, if it has them, formatted by `form` so
    /// that they can be given again.
    pub fn said(&self, form: &dyn Fn(&str) -> String) -> String {
        match self {
            Self::Alike { alike } => alike.said(form),
            other => other.to_string(),
        }
    }
}

impl Alike {
    fn said(&self, form: &dyn Fn(&str) -> String) -> String {
        let Self { exact, zone, padded, count, places } = self;
        let mut said = format!("“{exact}” does not occur exactly in the {zone}; ");
        if *count > 1 {
            said.push_str(&format!("it occurs in {count} places, with these differences: "));
        }
        let mut forms: Vec<String> = Vec::new();
        for (place, number) in places.iter().zip(0..) {
            let between = if number > 0 { "; " } else { "" };
            let does = if *count > 1 { " " } else { " it occurs with these differences: " };
            let mut differences: Vec<String> =
                place.differences.iter().map(SpellingDifference::to_string).collect();
            if *padded {
                differences.push("the words given have white space around them".into());
            }
            said.push_str(&format!("{between}at {}{does}{}", place.place, differences.join("; ")));
            if place.count > place.differences.len() {
                said.push_str(&format!("; and {} more", place.count - place.differences.len()));
            }
            let form = form(&place.words);
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        let forms = forms.join(" or ");
        let advice = match places.iter().all(|place| place.stands_once) {
            true if *count > 1 => {
                format!(": give the intended one in the document's own characters, {forms}")
            }
            true => format!(": give the document's own characters, {forms}"),
            false => format!(": quote more of it, in the document's own characters, as in {forms}"),
        };
        said + &advice
    }
}

impl std::fmt::Display for SpellingDifference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let near = clip(&self.near);
        let here = match self.document.starts_with(char::is_whitespace) {
            _ if near.is_empty() => "at their beginning".to_owned(),
            true => format!("after “{near}”"),
            false => format!("in “{near}”"),
        };
        let breaks = |text: &str| text.contains(is_line_end);
        if self.folds.contains(&LetterFold::LineEnd)
            && breaks(&self.document)
            && !breaks(&self.given)
        {
            return write!(f, "the document breaks the line {here}");
        }
        if self.folds == [LetterFold::Composition] {
            return write!(
                f,
                "the accents {here} are composed differently (Unicode normalization)"
            );
        }
        let (document, given) = (letters(&self.document), letters(&self.given));
        write!(f, "the document has {document} {here}, the words given {given}")?;
        match self.folds.contains(&LetterFold::Composition) {
            true => f.write_str(", and accents are composed differently (Unicode normalization)"),
            false => Ok(()),
        }
    }
}

const fn is_line_end(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Letters by name, if they are not visible.
fn letters(text: &str) -> String {
    const MOST: usize = 4;
    let count = text.chars().count();
    let Some(first) = text.chars().next() else { return "nothing".into() };
    if text.chars().all(char::is_alphanumeric) && (count > 1 || first.is_ascii()) {
        return format!("“{}”", clip(text));
    }
    if count > 1 && text.chars().all(|letter| letter == first) && !leaves_a_mark(first) {
        return format!("{count} {}s", name(first));
    }
    let article = |letter| if leaves_a_mark(letter) { "" } else { "a " };
    let named =
        text.chars().take(MOST).map(|letter| format!("{}{}", article(letter), name(letter)));
    let mut named = named.collect::<Vec<_>>().join(" and ");
    if count > MOST {
        named.push_str(&format!(" and {} more", count - MOST));
    }
    named
}

/// Whether a character is visible in a text.
fn leaves_a_mark(letter: char) -> bool {
    letter != ' ' && shows_itself(letter)
}

fn name(letter: char) -> String {
    let name = match letter {
        ' ' => "space",
        '\t' => "tab",
        '\n' => "line end",
        '\r' => "carriage return",
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{2009}' => "thin space",
        '\u{200b}' => "zero-width space",
        '\u{200c}' => "zero-width non-joiner",
        '\u{200d}' => "zero-width joiner",
        '\u{202f}' => "narrow no-break space",
        '\u{2060}' => "word joiner",
        '\u{3000}' => "wide space",
        '\u{feff}' => "byte order mark",
        seen if seen.is_ascii_graphic() => return seen.to_string(),
        seen if shows_itself(seen) => return format!("{seen} (U+{:04X})", u32::from(seen)),
        hidden => return format!("character U+{:04X}", u32::from(hidden)),
    };
    name.to_owned()
}

/// `words` as a JSON string without invisible characters.
fn json_string(words: &str) -> String {
    let mut string = String::from("\"");
    for letter in words.chars() {
        match letter {
            '"' | '\\' => string.extend(['\\', letter]),
            '\n' => string.push_str("\\n"),
            '\t' => string.push_str("\\t"),
            seen if shows_itself(seen) => string.push(seen),
            hidden => {
                let units = hidden.encode_utf16(&mut [0; 2]).to_vec();
                string.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
            }
        }
    }
    string + "\""
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
        return ": the words are nowhere in it".into();
    }
    format!("; it occurs at {}", list(places))
}

fn list(places: &[usize]) -> String {
    places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The first code points of a text on one line, for an error.
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

/// The selector of the one place where a passage occurs in its zone's text.
///
/// # Errors
///
/// The passage does not occur, or occurs in more than one place.
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
        // One end and the length of the words determine the other end.
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
            if found.is_empty()
                && let Some(alike) = alike(passage, text)
            {
                return Err(alike);
            }
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

/// The bytes at which the passage's words occur, with their context or anywhere.
fn places(passage: &Passage, text: &IndexedText, with_context: bool) -> Vec<usize> {
    let whole = text.as_str();
    let fits =
        |begin: &usize| !with_context || fits(passage, whole, *begin, *begin + passage.exact.len());
    occurrences(&passage.exact, whole).filter(fits).collect()
}

/// The bytes at which `words` begin in `whole`. Overlapping occurrences all count.
fn occurrences<'a>(words: &'a str, whole: &'a str) -> impl Iterator<Item = usize> + 'a {
    let finder = memmem::Finder::new(words.as_bytes());
    let mut from = 0;
    std::iter::from_fn(move || {
        let begin = from + finder.find(whole.as_bytes().get(from..)?)?;
        from = begin + whole[begin..].chars().next().map_or(1, char::len_utf8);
        Some(begin)
    })
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
    alike(passage, text).unwrap_or_else(|| LocateError::Absent {
        exact: clip(&passage.exact),
        zone: zone_name(passage.zone),
        nearest: nearest(&passage.exact, text),
    })
}

/// The error for words that occur with differences that readers overlook.
fn alike(passage: &Passage, text: &IndexedText) -> Option<LocateError> {
    let exact = &*passage.exact;
    let found = alike::alike(exact, text.as_str());
    if found.is_empty() {
        return None;
    }
    let places = found.iter().take(SHOWN).map(|found| {
        let words = &text.as_str()[found.from..found.to];
        let (differences, count) = alike::differences(exact, words);
        LookAlike {
            place: text.point_of(found.from),
            words: words.to_owned(),
            stands_once: occurrences(words, text.as_str()).nth(1).is_none(),
            differences,
            count,
        }
    });
    let alike = Alike {
        exact: clip(exact),
        zone: zone_name(passage.zone),
        padded: alike::bare(exact).len() < exact.len(),
        count: found.len(),
        places: places.collect(),
    };
    Some(LocateError::Alike { alike: Box::new(alike) })
}

/// The stretches that share the most words with `exact`, best first. Each word of the text is
/// visited twice, whatever the passage.
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
    if wanted.is_empty() || stands.is_empty() || stands.len() == SEARCHED_WORDS {
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
        let refusal = locate(&Passage::of("Calls then were cut"), &text()).unwrap_err();
        let LocateError::Absent { nearest, .. } = refusal else { panic!("{refusal}") };
        assert_eq!(nearest, [(28, "so. ‘Calls’ were cut,".to_owned())]);
    }

    /// A document's text, the words given, the folds between them, and the expected message.
    const LOOK_ALIKES: &[(&str, &str, &[LetterFold], &str)] = &[
        ("for more\nthan ten", "more than", &[LetterFold::LineEnd], "breaks the line after “more”"),
        (
            "for more\r\nthan ten",
            "more than",
            &[LetterFold::LineEnd, LetterFold::Doubled],
            "breaks the line",
        ),
        ("for more\u{2028}than ten", "more than", &[LetterFold::LineEnd], "breaks the line"),
        (
            "for more than ten",
            "more\nthan",
            &[LetterFold::LineEnd],
            "has a space after “more”, the words given a line end",
        ),
        (
            "of the\u{a0}port",
            "the port",
            &[LetterFold::Space],
            "has a no-break space after “the”, the words given a space",
        ),
        ("of the\tport", "the port", &[LetterFold::Space], "has a tab after “the”"),
        ("of the\u{202f}port", "the port", &[LetterFold::Space], "narrow no-break space"),
        ("of the\u{2003}port", "the port", &[LetterFold::Space], "character U+2003 after “the”"),
        (
            "of the  port",
            "the port",
            &[LetterFold::Doubled],
            "has 2 spaces after “the”, the words given a space",
        ),
        (
            "of the port",
            "the   port",
            &[LetterFold::Doubled],
            "has a space after “the”, the words given 3 spaces",
        ),
        (
            "le cafe\u{301} est",
            "café est",
            &[LetterFold::Composition],
            "the accents in “cafe\u{301}” are composed differently (Unicode normalization)",
        ),
        ("le café est", "cafe\u{301} est", &[LetterFold::Composition], "composed differently"),
        ("a \u{1112}\u{1161}\u{11ab} b", "\u{d55c} b", &[LetterFold::Composition], "composed"),
        ("x o\u{323}\u{302} y", "x o\u{302}\u{323} y", &[LetterFold::Composition], "composed"),
        ("5 \u{212b} wide", "\u{c5} wide", &[LetterFold::Composition], "composed"),
        (
            "The ‘end’ came",
            "'end' came",
            &[LetterFold::Quotation],
            "has ‘ (U+2018) in “‘end’”, the words given '",
        ),
        ("The “end” came", "\"end\" came", &[LetterFold::Quotation], "“ (U+201C) in"),
        ("The «end» came", "“end” came", &[LetterFold::Quotation], "« (U+00AB)"),
        ("It wasn’t so", "wasn't so", &[LetterFold::Quotation], "’ (U+2019) in “wasn’t”"),
        ("ten–twelve days", "ten-twelve", &[LetterFold::Dash], "– (U+2013) in"),
        ("it — so", "it - so", &[LetterFold::Dash], "— (U+2014)"),
        ("it — so", "it -- so", &[LetterFold::Doubled, LetterFold::Dash], "— (U+2014)"),
        ("\u{2212}5 degrees", "-5 degrees", &[LetterFold::Dash], "(U+2212)"),
        ("we wait… so", "wait... so", &[LetterFold::Ellipsis], "… (U+2026) in “wait…”"),
        ("we wait... so", "wait… so", &[LetterFold::Ellipsis], "the words given … (U+2026)"),
        ("an o\u{fb03}ce so", "office so", &[LetterFold::Ligature], "(U+FB03)"),
        (
            "a port\u{ad}master",
            "portmaster",
            &[LetterFold::Invisible],
            "soft hyphen in “port\u{ad}",
        ),
        ("a port\u{200b}master", "portmaster", &[LetterFold::Invisible], "zero-width space"),
        ("a \u{feff}port so", "a port", &[LetterFold::Invisible], "byte order mark"),
        (
            "a port so",
            "a \u{200f}port",
            &[LetterFold::Invisible],
            "nothing in “port”, the words given a character U+200F",
        ),
        ("The Port said", "the port", &[LetterFold::Case], "has “T” in “The”, the words given “t”"),
        (
            "GROẞE worte",
            "große worte",
            &[LetterFold::Case],
            "has “GROẞE” in “GROẞE”, the words given “große”",
        ),
        ("Ο ΛΌΓΟΣ", "λόγος", &[LetterFold::Case], "the words given “λόγος”"),
    ];

    fn refused(exact: &str, text: &str) -> Alike {
        match locate(&Passage::of(exact), &IndexedText::new(text.into())) {
            Err(LocateError::Alike { alike }) => *alike,
            other => panic!("{exact:?} in {text:?}: {other:?}"),
        }
    }

    #[test]
    fn every_fold_is_named_and_the_documents_own_words_are_then_taken() {
        let mut shown: Vec<LetterFold> = Vec::new();
        for (document, given, folds, said) in LOOK_ALIKES {
            let alike = refused(given, document);
            let [one] = alike.places.as_slice() else { panic!("{alike:?}") };
            let by: Vec<LetterFold> =
                one.differences.iter().flat_map(|difference| difference.folds.clone()).collect();
            assert!(folds.iter().all(|fold| by.contains(fold)), "{given:?}: {one:?}");
            assert!(by.iter().all(|fold| folds.contains(fold)), "{given:?}: {one:?}");
            shown.extend(*folds);
            let words = LocateError::Alike { alike: Box::new(alike.clone()) }.to_string();
            assert!(words.contains(said), "{given:?}: {words}");
            assert!(!words.contains(['\n', '\r', '\u{2028}']), "{words}");
            let json = &words[words.find("characters, ").unwrap() + "characters, ".len()..];
            let again: String = serde_json::from_str(json).unwrap();
            assert_eq!(again, one.words, "{json}");
            let selector =
                locate(&Passage::of(&again), &IndexedText::new((*document).into())).unwrap();
            assert_eq!(selector.span().0 as usize, one.place, "{given:?}");
        }
        let untold: Vec<LetterFold> =
            LetterFold::ALL.into_iter().filter(|fold| !shown.contains(fold)).collect();
        assert_eq!(untold, []);
    }

    #[test]
    fn several_folds_at_once_are_each_named() {
        let alike = refused("Rene\u{301}e's cafe...", "A\nRENÉE’S\u{a0}Cafe… so");
        let folds: Vec<Vec<LetterFold>> =
            alike.places[0].differences.iter().map(|one| one.folds.clone()).collect();
        assert_eq!(alike.places[0].words, "RENÉE’S\u{a0}Cafe…");
        assert!(alike.places[0].count > folds.len(), "{alike:?}");
        assert_eq!(folds[0], [LetterFold::Case], "{alike:?}");
        assert_eq!(folds[1], [LetterFold::Composition, LetterFold::Case], "{alike:?}");
    }

    #[test]
    fn white_space_around_the_words_is_reported() {
        let alike = refused(" said so.\n", "He said so.");
        assert!(alike.padded && alike.places[0].differences.is_empty(), "{alike:?}");
        let words = LocateError::Alike { alike: Box::new(alike) }.to_string();
        assert!(words.contains("the words given have white space around them"), "{words}");
        assert!(words.ends_with("characters, \"said so.\""), "{words}");
    }

    #[test]
    fn several_look_alikes_are_counted_and_shown() {
        let two = "The end. Then THE END.";
        let alike = refused("the end", two);
        assert_eq!((alike.count, alike.places.len()), (2, 2));
        let words = LocateError::Alike { alike: Box::new(alike) }.to_string();
        assert!(words.contains("in 2 places"), "{words}");
        assert!(
            words.ends_with(r#"in the document's own characters, "The end" or "THE END""#),
            "{words}"
        );
        let same = refused("the\nend", &"x the end. ".repeat(5));
        assert_eq!((same.count, same.places.len()), (5, SHOWN));
        let words = LocateError::Alike { alike: Box::new(same) }.to_string();
        assert!(words.contains("quote more of it"), "{words}");
    }

    #[test]
    fn half_a_letter_is_no_look_alike() {
        for (given, document) in [
            ("Cafe", "le cafe\u{301} est"),
            ("WAIT.", "we wait… so"),
            ("OF", "an o\u{fb03}ce"),
            ("\u{1112}\u{1161}", "a \u{d55c} b"),
            (" ", "a\u{a0}b"),
            ("\u{ad}", "ab"),
        ] {
            let refusal = locate(&Passage::of(given), &IndexedText::new(document.into()));
            assert!(matches!(refusal, Err(LocateError::Absent { .. })), "{given:?}: {refusal:?}");
        }
    }

    #[test]
    fn a_span_that_misses_look_alikes_says_what_differs() {
        let mut passage = Passage::of("the port");
        (passage.start, passage.end) = (Some(3), Some(11));
        let refusal = locate(&passage, &IndexedText::new("of the\u{a0}port".into()));
        assert!(matches!(refusal, Err(LocateError::Alike { .. })), "{refusal:?}");
    }

    #[test]
    fn texts_full_of_such_letters_are_searched() {
        // A quadratic algorithm would take minutes.
        const LONG: usize = 400_000;
        let cases = [
            ("\u{a0}", "a    b".to_owned()),
            ("a\u{301}", "á".repeat(5_000)),
            ("\u{301}", "é".to_owned()),
            ("…", ".".repeat(5_001)),
            ("\u{ad}", "a-b".to_owned()),
            ("—", "-".repeat(5_000) + "x"),
            ("A", "a".repeat(5_000) + "b"),
            ("A", "a".repeat(5_000)),
            ("“\n", "\" ".repeat(2_000) + "x"),
        ];
        for (letter, given) in cases {
            let text = IndexedText::new(letter.repeat(LONG));
            assert!(locate(&Passage::of(&given), &text).is_err(), "{letter:?}");
        }
    }

    #[test]
    fn a_wrong_span_is_refused_with_what_stands_there() {
        let mut passage = Passage::of("regulator");
        (passage.start, passage.end) = (Some(5), Some(14));
        let refusal = locate(&passage, &text()).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "“regulator” is not at 5–14 of the body, where there is “egulator ”; it occurs at 4"
        );
        (passage.start, passage.end) = (Some(500), Some(509));
        assert!(matches!(locate(&passage, &text()), Err(LocateError::Elsewhere { .. })));
    }
}
