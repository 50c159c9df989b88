//! Locates words in a document: W3C Web Annotation selectors over its text.
//!
//! Knows code points. Must not know where texts are kept. Matching is exact: a look-alike is never
//! accepted for the words; look-alikes are only shown in an error.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::spelling::{closed_list, tagged};

closed_list! {
    /// The text of a document that a selector refers to.
    pub enum Zone = "zone", default Body {
        /// The body: the text read from the page.
        Body = "body",
        /// The title.
        Title = "title",
    }
}

impl Zone {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A place in a document. New kinds of place get their own tags.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
pub enum Selector {
    /// Words in a text.
    Text(TextSelector),
    /// Words in a text that is divided into pages.
    Page(PageSelector),
}

tagged!(Selector);

impl Selector {
    /// The words it selects.
    pub fn exact(&self) -> &str {
        self.text().exact()
    }

    /// Its words and their position in the whole text.
    pub const fn text(&self) -> &TextSelector {
        match self {
            Self::Text(text) => text,
            Self::Page(page) => &page.text,
        }
    }

    /// Whether the words, and the context around them, occur in `text` at this position and on this
    /// page.
    pub fn stands_in(&self, text: &IndexedText) -> bool {
        match self {
            Self::Text(words) => words.stands_in(text),
            Self::Page(page) => {
                page.text.stands_in(text) && text.page_of(page.text.start) == Some(page.page)
            }
        }
    }
}

/// The character between two pages of a text: U+000C, form feed.
pub const PAGE_BREAK: char = '\u{c}';

/// Words in the body of a paged document: their position in the whole text, and the page on which
/// they begin, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "PageSelectorFields", into = "PageSelectorFields")]
pub struct PageSelector {
    page: u32,
    text: TextSelector,
}

impl PageSelector {
    /// Words of the body, on a page.
    pub fn new(page: u32, text: TextSelector) -> Result<Self, SelectorError> {
        if page == 0 || text.zone != Zone::Body {
            return Err(SelectorError::Page);
        }
        Ok(Self { page, text })
    }

    /// The page on which the words begin, counted from 1.
    pub const fn page(&self) -> u32 {
        self.page
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageSelectorFields {
    page: u32,
    exact: Box<str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    prefix: Box<str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    suffix: Box<str>,
    start: u32,
    end: u32,
}

impl TryFrom<PageSelectorFields> for PageSelector {
    type Error = SelectorError;

    fn try_from(fields: PageSelectorFields) -> Result<Self, SelectorError> {
        let PageSelectorFields { page, exact, prefix, suffix, start, end } = fields;
        let zone = Zone::Body;
        Self::new(page, TextSelectorFields { zone, exact, prefix, suffix, start, end }.try_into()?)
    }
}

impl From<PageSelector> for PageSelectorFields {
    fn from(selector: PageSelector) -> Self {
        let TextSelector { exact, prefix, suffix, start, end, .. } = selector.text;
        Self { page: selector.page, exact, prefix, suffix, start, end }
    }
}

/// Words in a text: a TextQuoteSelector and a TextPositionSelector of the W3C Web Annotation Data
/// Model in one, so that each confirms the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "TextSelectorFields")]
pub struct TextSelector {
    #[serde(skip_serializing_if = "Zone::is_default")]
    zone: Zone,
    exact: Box<str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    prefix: Box<str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    suffix: Box<str>,
    start: u32,
    end: u32,
}

/// The fields of a [`TextSelector`], before they are checked for consistency.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSelectorFields {
    /// Title or body.
    #[serde(default, skip_serializing_if = "Zone::is_default")]
    pub zone: Zone,
    /// The words.
    pub exact: Box<str>,
    /// Up to 32 code points before them.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub prefix: Box<str>,
    /// Up to 32 code points after them.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub suffix: Box<str>,
    /// The position of the first code point.
    pub start: u32,
    /// The position after the last code point.
    pub end: u32,
}

/// The number of code points of context kept on each side of a selection.
pub const CONTEXT: usize = 32;

/// Why fields are not a selector.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SelectorError {
    /// No words are selected.
    #[error("a selector has no words: give them in `exact`")]
    Empty,
    /// The length of the words and the span disagree.
    #[error(
        "the span {start}–{end} does not match the {length} code points of `exact`: correct `start` and `end`"
    )]
    Length {
        /// The start, as given.
        start: u32,
        /// The end, as given.
        end: u32,
        /// The number of code points in `exact`.
        length: usize,
    },
    /// Page 0, or a page of the title.
    #[error("the page is not valid: count pages from 1, and give one only for words of the body")]
    Page,
    /// More context than is allowed.
    #[error("`{0}` is longer than 32 code points: shorten it or leave it out")]
    Context(&'static str),
}

impl TextSelector {
    /// Title or body.
    pub const fn zone(&self) -> Zone {
        self.zone
    }

    /// The words.
    pub fn exact(&self) -> &str {
        &self.exact
    }

    /// The context before.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The context after.
    pub fn suffix(&self) -> &str {
        &self.suffix
    }

    /// The position of the first code point, and the one after the last.
    pub const fn span(&self) -> (u32, u32) {
        (self.start, self.end)
    }

    /// Whether the words, and the context around them, occur in `text` at this position.
    pub fn stands_in(&self, text: &IndexedText) -> bool {
        let Some((from, to)) = text.bytes_of(self.start, self.end) else { return false };
        let whole = text.as_str();
        whole[from..to] == *self.exact
            && whole[..from].ends_with(&*self.prefix)
            && whole[to..].starts_with(&*self.suffix)
    }
}

impl TryFrom<TextSelectorFields> for TextSelector {
    type Error = SelectorError;

    fn try_from(fields: TextSelectorFields) -> Result<Self, SelectorError> {
        let TextSelectorFields { zone, exact, prefix, suffix, start, end } = fields;
        let length = exact.chars().count();
        if length == 0 {
            return Err(SelectorError::Empty);
        }
        if usize::try_from(u64::from(end).saturating_sub(start.into())) != Ok(length) {
            return Err(SelectorError::Length { start, end, length });
        }
        for (name, context) in [("prefix", &prefix), ("suffix", &suffix)] {
            if context.chars().count() > CONTEXT {
                return Err(SelectorError::Context(name));
            }
        }
        Ok(Self { zone, exact, prefix, suffix, start, end })
    }
}

impl From<TextSelector> for TextSelectorFields {
    fn from(selector: TextSelector) -> Self {
        let TextSelector { zone, exact, prefix, suffix, start, end } = selector;
        Self { zone, exact, prefix, suffix, start, end }
    }
}

/// A text with an index of its code points, so that a position deep in it is found without counting
/// from the beginning.
#[derive(Debug, Clone)]
pub struct IndexedText {
    text: String,
    /// The byte at which every `STRIDE`th code point begins; empty for ASCII, where the two are
    /// equal.
    strides: Vec<usize>,
    length: usize,
}

const STRIDE: usize = 256;

impl IndexedText {
    /// Indexes `text` once.
    pub fn new(text: String) -> Self {
        if text.is_ascii() {
            let length = text.len();
            return Self { text, strides: Vec::new(), length };
        }
        let mut strides = Vec::new();
        let mut length = 0;
        for (byte, _) in text.char_indices() {
            if length % STRIDE == 0 {
                strides.push(byte);
            }
            length += 1;
        }
        Self { text, strides, length }
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The byte at which code point `point` begins; for the length of the text, its end.
    fn byte_of(&self, point: usize) -> Option<usize> {
        if point > self.length {
            return None;
        }
        if point == self.length {
            return Some(self.text.len());
        }
        let Some(&base) = self.strides.get(point / STRIDE) else { return Some(point) };
        self.text[base..].char_indices().nth(point % STRIDE).map(|(byte, _)| base + byte)
    }

    /// The bytes that code points `start` to `end` cover.
    pub fn bytes_of(&self, start: u32, end: u32) -> Option<(usize, usize)> {
        let from = self.byte_of(usize::try_from(start).ok()?)?;
        let to = self.byte_of(usize::try_from(end).ok()?)?;
        (from <= to).then_some((from, to))
    }

    /// The page of a code point, counted from 1.
    pub fn page_of(&self, point: u32) -> Option<u32> {
        let byte = self.byte_of(usize::try_from(point).ok()?)?;
        u32::try_from(self.text[..byte].matches(PAGE_BREAK).count() + 1).ok()
    }

    /// The code point that begins at `byte`, which must be a boundary.
    pub fn point_of(&self, byte: usize) -> usize {
        if self.strides.is_empty() {
            return byte;
        }
        let stride = self.strides.partition_point(|&base| base <= byte).saturating_sub(1);
        stride * STRIDE + self.text[self.strides[stride]..byte].chars().count()
    }

    /// Selects the bytes `from..to`, with the context around them.
    pub fn select(&self, zone: Zone, from: usize, to: usize) -> Option<TextSelector> {
        let start = u32::try_from(self.point_of(from)).ok()?;
        let end = u32::try_from(self.point_of(to)).ok()?;
        let before = self.text[..from].char_indices().rev().take(CONTEXT).last();
        let after = self.text[to..].char_indices().nth(CONTEXT);
        let fields = TextSelectorFields {
            zone,
            exact: self.text[from..to].into(),
            prefix: self.text[before.map_or(from, |(byte, _)| byte)..from].into(),
            suffix: self.text[to..after.map_or(self.text.len(), |(byte, _)| to + byte)].into(),
            start,
            end,
        };
        fields.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(exact: &str, start: u32, end: u32) -> TextSelectorFields {
        TextSelectorFields {
            zone: Zone::Body,
            exact: exact.into(),
            prefix: "".into(),
            suffix: "".into(),
            start,
            end,
        }
    }

    #[test]
    fn words_stand_where_they_stand_and_nowhere_else() {
        let text = IndexedText::new("Das Ministerium sagte: „Nein“, dann „Nein“.".into());
        let from = text.as_str().rfind("Nein").unwrap();
        let second = text.select(Zone::Body, from, from + 4).unwrap();
        assert_eq!(second.span(), (37, 41));
        assert!(second.stands_in(&text));
        let mut moved = TextSelectorFields::from(second);
        (moved.start, moved.end) = (24, 28);
        assert!(!TextSelector::try_from(moved).unwrap().stands_in(&text));
    }

    #[test]
    fn a_selector_holds_its_own_length() {
        assert_eq!(TextSelector::try_from(fields("", 1, 1)), Err(SelectorError::Empty));
        let short = TextSelector::try_from(fields("abc", 1, 3));
        assert_eq!(short, Err(SelectorError::Length { start: 1, end: 3, length: 3 }));
        let backwards = TextSelector::try_from(fields("abc", 3, 1));
        assert!(matches!(backwards, Err(SelectorError::Length { .. })));
        let mut long = fields("abc", 0, 3);
        long.suffix = "x".repeat(33).into();
        assert_eq!(TextSelector::try_from(long), Err(SelectorError::Context("suffix")));
    }

    #[test]
    fn a_page_is_held_to_the_page_breaks_before_it() {
        let text = IndexedText::new("One page.\u{c}Zwei Fähren.\u{c}Three.".into());
        let read = |json: &str| serde_json::from_str::<Selector>(json);
        let json = |page: u32| {
            format!(
                r#"{{"page":{{"page":{page},"exact":"Fähren","prefix":"Zwei ","start":15,"end":21}}}}"#
            )
        };
        let second = read(&json(2)).unwrap();
        assert!(second.stands_in(&text));
        assert_eq!(serde_json::to_string(&second).unwrap(), json(2));
        assert!(!read(&json(1)).unwrap().stands_in(&text));
        assert!(read(&json(0)).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_selected_is_found_again(
            text in "(\\PC|a|é|語){1,700}",
            from: proptest::sample::Index,
            to: proptest::sample::Index,
        ) {
            let places: Vec<usize> =
                text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
            let (from, to) = (from.index(places.len()), to.index(places.len()));
            prop_assume!(from < to);
            let indexed = IndexedText::new(text.clone());
            let selector = indexed.select(Zone::Body, places[from], places[to]).unwrap();
            prop_assert_eq!(selector.span(), (from as u32, to as u32));
            prop_assert!(selector.stands_in(&indexed));
        }
    }
}
