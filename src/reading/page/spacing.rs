//! Writes text with the right space between its pieces, for formats that are read block by block.
//!
//! Knows which of several gaps wins. Must not know any format.

/// The space between two pieces of text; of several in a row, the widest wins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    #[default]
    None,
    Space,
    Tab,
    Line,
    Paragraph,
}

impl Gap {
    const fn written(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Space => " ",
            Self::Tab => "\t",
            Self::Line => "\n",
            Self::Paragraph => "\n\n",
        }
    }
}

/// A text being written. A gap is written only when words follow it, so that no text begins or ends
/// with one.
#[derive(Default)]
pub(super) struct SpacedText {
    text: String,
    gap: Gap,
}

impl SpacedText {
    /// Makes the gap before the next words at least this wide.
    pub(super) fn widen(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    /// The gap before the next words.
    pub(super) const fn gap(&self) -> Gap {
        self.gap
    }

    /// Adds words after the gap; an empty text changes nothing.
    pub(super) fn push(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        let gap = std::mem::take(&mut self.gap);
        if !self.text.is_empty() {
            self.text.push_str(gap.written());
        }
        self.text.push_str(words);
    }

    /// The text so far.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Keeps only the first `length` bytes, which end at a character boundary.
    pub(super) fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
    }

    /// The finished text.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_gap_is_written_and_only_between_words() {
        let mut text = SpacedText::default();
        text.widen(Gap::Paragraph);
        text.push("a");
        text.widen(Gap::Space);
        text.widen(Gap::Line);
        text.push("");
        text.widen(Gap::Tab);
        text.push("b");
        text.push("c");
        text.widen(Gap::Paragraph);
        assert_eq!(text.as_str(), "a\nbc");
        text.truncate(1);
        text.push("d");
        assert_eq!(text.into_text(), "a\n\nd");
    }
}
