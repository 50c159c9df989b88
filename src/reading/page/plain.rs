//! Reads plain text: its characters as they are, with every line ending in `\n`.
//!
//! Knows line ends. Must not know what the text means; nothing in it is moved, joined or corrected.

/// Changes whenever the same characters would be read as a different text.
pub(super) const VERSION: &str = "1";

/// The text with `\r\n` replaced by `\n`.
pub(super) fn read(text: &str) -> String {
    text.replace("\r\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_carriage_returns_before_newlines_are_dropped() {
        assert_eq!(read("a\r\nb\rc\n\n d \n"), "a\nb\rc\n\n d \n");
        let kept = "\u{202e}abc\u{202c} \u{200b}e\u{301}\u{feff}";
        assert_eq!(read(kept), kept);
    }
}
