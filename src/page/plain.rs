//! From bytes to characters: UTF-8 text with `\n` at the ends of its lines.
//!
//! Knows encodings. Must not know what the text means; nothing in it is moved, joined or mended,
//! for a byte that was guessed at could be quoted as if it had stood there.

use thiserror::Error;

/// Changes whenever other text would be read from the same bytes.
pub(super) const VERSION: &str = "1";

/// Why bytes are no text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TextError {
    /// Begins with a byte order mark of UTF-16 or UTF-32.
    #[error("the page is in UTF-16 or UTF-32: convert it to UTF-8, as iconv does, and give that")]
    Utf16,
    /// Bytes that are no character.
    #[error("byte {offset} is not UTF-8: convert the page to UTF-8, as iconv does, and give that")]
    NotUtf8 {
        /// Where, counted from 0.
        offset: usize,
    },
    /// A NUL: pictures and programs have them, and UTF-16 without a mark.
    #[error("byte {offset} is NUL, so this is no text: give a text file, in UTF-8")]
    Nul {
        /// Where, counted from 0.
        offset: usize,
    },
}

/// The characters of `bytes`, without a byte order mark or the `\r` of `\r\n`.
pub(super) fn read(bytes: &[u8]) -> Result<String, TextError> {
    // UTF-32, little end first, begins as UTF-16 does; the other way round it begins with NULs.
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(TextError::Utf16);
    }
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mark = bytes.len() - unmarked.len();
    let text = std::str::from_utf8(unmarked)
        .map_err(|stop| TextError::NotUtf8 { offset: mark + stop.valid_up_to() })?;
    if let Some(offset) = text.find('\0') {
        return Err(TextError::Nul { offset: mark + offset });
    }
    Ok(text.replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_mark_and_carriage_returns_before_newlines_are_dropped() {
        let text = |bytes: &[u8]| read(bytes).unwrap();
        assert_eq!(text(b"\xef\xbb\xbfa\r\nb\rc\n\n d \n"), "a\nb\rc\n\n d \n");
        let kept = "\u{202e}abc\u{202c} \u{200b}e\u{301}\u{feff}";
        assert_eq!(text(kept.as_bytes()), kept);
    }

    #[test]
    fn what_is_no_utf_8_is_refused_with_its_place() {
        assert_eq!(read(b"\xff\xfea\0"), Err(TextError::Utf16));
        assert_eq!(read(b"\xfe\xff\0a"), Err(TextError::Utf16));
        assert_eq!(read(b"caf\xe9"), Err(TextError::NotUtf8 { offset: 3 }));
        assert_eq!(read(b"\xef\xbb\xbfa\xff"), Err(TextError::NotUtf8 { offset: 4 }));
        assert_eq!(read(b"\xef\xbb\xbfab\0"), Err(TextError::Nul { offset: 5 }));
    }
}
