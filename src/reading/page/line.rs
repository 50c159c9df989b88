//! Splits a text into lines, each with its position.
//!
//! Knows bytes and code points. Must not know what any line says.

use std::ops::Range;

/// A line that is not blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// The line without surrounding space.
    pub(super) words: &'a str,
    /// The position of its first code point in the text.
    pub(super) start: usize,
    /// The position after its last code point.
    pub(super) end: usize,
    /// The position of its first byte in the text.
    pub(super) byte: usize,
}

impl Line<'_> {
    /// Its range in code points of the text.
    pub(super) const fn span(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// The lines of `text` that are not blank, in order.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let (mut byte, mut point) = (0, 0);
    text.split_inclusive('\n').filter_map(move |whole| {
        let (first, start) = (byte, point);
        byte += whole.len();
        point += whole.chars().count();
        let begun = whole.trim_start();
        let words = begun.trim_end();
        let before = &whole[..whole.len() - begun.len()];
        let start = start + before.chars().count();
        let line =
            Line { words, start, end: start + words.chars().count(), byte: first + before.len() };
        (!words.is_empty()).then_some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_their_places_in_code_points_and_bytes() {
        let text = " é a \n\n\tb\r\nç";
        let found: Vec<_> =
            lines(text).map(|line| (line.words, line.start, line.end, line.byte)).collect();
        assert_eq!(found, [("é a", 1, 4, 1), ("b", 8, 9, 9), ("ç", 11, 12, 12)]);
        assert_eq!(lines("\n \n").count(), 0);
    }
}
