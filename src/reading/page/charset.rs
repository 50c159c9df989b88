//! Decodes the bytes of a page: finds its character set and converts it to UTF-8.
//!
//! Knows byte order marks, declarations and the typical bytes of each character set. Must not know
//! what the characters mean. In plain text and Markdown no byte is guessed at, because a guessed
//! character could later be quoted as if the page had contained it.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use memchr::memmem;
use thiserror::Error;

/// How far into a page a declaration of its character set is looked for, in bytes. Browsers stop at
/// 1,024, but saved pages often declare it later.
const DECLARED_WITHIN: usize = 4096;

/// Why bytes are not accepted as text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CharsetError {
    /// The page begins with a byte order mark of UTF-32.
    #[error("the page is in UTF-32: convert it to UTF-8, for example with iconv, and try again")]
    Utf32,
    /// The page is UTF-8, by its byte order mark or by most of its bytes, but has invalid bytes.
    #[error(
        "byte {offset} is not UTF-8: convert the page to UTF-8, for example with iconv, and try \
         again"
    )]
    NotUtf8 {
        /// The first invalid byte, counted from 0.
        offset: usize,
    },
    /// The page is in no known character set, or is not text at all.
    #[error(
        "the page is neither UTF-8 nor {charset}, the closest match: if it is text, \
         convert it to UTF-8, for example with iconv, and try again"
    )]
    NotText {
        /// The character set that fits best.
        charset: &'static str,
    },
    /// The page has a NUL byte, as images, programs and UTF-16 without a mark do.
    #[error("byte {offset} is NUL, so this is not a text file: use a text file in UTF-8")]
    Nul {
        /// The NUL byte, counted from 0.
        offset: usize,
    },
}

/// The decoded characters of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded<'a> {
    /// The characters, without a byte order mark.
    pub(super) text: Cow<'a, str>,
    /// The original character set, by its name in the Encoding Standard; none for UTF-8.
    pub(super) charset: Option<&'static str>,
}

impl<'a> Decoded<'a> {
    fn new(text: impl Into<Cow<'a, str>>, charset: &'static Encoding) -> Self {
        Self { text: text.into(), charset: (charset != UTF_8).then(|| charset.name()) }
    }
}

/// Decodes plain text or Markdown: as UTF-8 if it is valid; else by its byte order mark; else in
/// the character set that it most resembles. Text with a byte that is not a character is refused.
pub(super) fn of_text(bytes: &[u8]) -> Result<Decoded<'_>, CharsetError> {
    let (marked, rest) = mark(bytes)?;
    let skipped = bytes.len() - rest.len();
    if marked.is_none_or(|charset| charset == UTF_8) {
        match std::str::from_utf8(rest) {
            Ok(text) => {
                return match text.find('\0') {
                    Some(offset) => Err(CharsetError::Nul { offset: skipped + offset }),
                    None => Ok(Decoded::new(text, UTF_8)),
                };
            }
            Err(stop) if marked.is_some() || is_mostly_utf8(rest) => {
                return Err(CharsetError::NotUtf8 { offset: skipped + stop.valid_up_to() });
            }
            Err(_) => {}
        }
    }
    let charset = match (marked, memchr::memchr(0, rest)) {
        (Some(charset), _) => charset,
        (None, Some(offset)) => return Err(CharsetError::Nul { offset }),
        (None, None) => detect(rest),
    };
    let text = charset.decode_without_bom_handling_and_without_replacement(rest);
    match text.filter(|text| !text.chars().any(is_no_letter)) {
        Some(text) => Ok(Decoded::new(text, charset)),
        None => Err(CharsetError::NotText { charset: charset.name() }),
    }
}

/// Decodes HTML as a browser does: by its byte order mark; else as UTF-8 if it is valid; else as it
/// declares; else in the character set that it most resembles. Invalid bytes become U+FFFD, and
/// NULs are dropped.
pub(super) fn of_html(bytes: &[u8]) -> Result<Decoded<'_>, CharsetError> {
    let (marked, rest) = mark(bytes)?;
    let declared = || declared(&rest[..rest.len().min(DECLARED_WITHIN)]);
    // Pages converted on the way to the reader often still declare their original character set.
    // Only ISO-2022-JP can look like UTF-8, because all its bytes are ASCII.
    let charset = match marked {
        Some(charset) => charset,
        None => match (std::str::from_utf8(rest).is_ok(), declared()) {
            (true, Some(charset)) if charset == ISO_2022_JP => charset,
            (true, _) => UTF_8,
            (false, Some(charset)) if charset != UTF_8 => charset,
            (false, _) if is_mostly_utf8(rest) => UTF_8,
            (false, _) => detect(rest),
        },
    };
    let (text, _) = charset.decode_without_bom_handling(rest);
    let text = if text.contains('\0') { text.replace('\0', "").into() } else { text };
    Ok(Decoded { text, charset: (charset != UTF_8).then(|| charset.name()) })
}

/// The character set that a byte order mark stands for, and the bytes after the mark.
fn mark(bytes: &[u8]) -> Result<(Option<&'static Encoding>, &[u8]), CharsetError> {
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) || bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Err(CharsetError::Utf32);
    }
    let marks: [(&[u8], &'static Encoding); 3] =
        [(b"\xef\xbb\xbf", UTF_8), (b"\xff\xfe", UTF_16LE), (b"\xfe\xff", UTF_16BE)];
    let found = marks
        .into_iter()
        .find_map(|(mark, charset)| bytes.strip_prefix(mark).map(|rest| (Some(charset), rest)));
    Ok(found.unwrap_or((None, bytes)))
}

/// The character set that the head of an HTML page declares.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.to_ascii_lowercase();
    let told = if head.starts_with(b"<?xml") {
        let end = memmem::find(&head, b"?>").unwrap_or(head.len());
        after_key(&head[..end], b"encoding")
    } else {
        None
    };
    let told = told.or_else(|| {
        memmem::find_iter(&head, b"<meta").find_map(|at| {
            let meta = &head[at..];
            let end = memchr::memchr(b'>', meta).unwrap_or(meta.len());
            after_key(&meta[..end], b"charset")
        })
    })?;
    let charset = Encoding::for_label(told)?;
    // A page whose declaration can be read as ASCII is in neither of these; the substitutes are
    // those of the HTML Standard.
    Some(match charset {
        wide if wide == UTF_16LE || wide == UTF_16BE => UTF_8,
        private if private == X_USER_DEFINED => WINDOWS_1252,
        _ => charset,
    })
}

/// The value in `key = value`, without its quotes.
fn after_key<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let at = memmem::find(text, key)? + key.len();
    let value = text[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b';' | b'/');
    Some(&value[..value.iter().position(ends).unwrap_or(value.len())])
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// Whether valid multi-byte UTF-8 characters outnumber invalid bytes. Text in another character set
/// hardly ever has two adjacent bytes that form a UTF-8 character.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole > broken
}

/// Control characters that no text contains: in a legacy character set they show that it was the
/// wrong one.
fn is_no_letter(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\t' | '\n' | '\r' | '\x0c' | '\x1b' | '\u{85}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Result<(String, Option<&'static str>), CharsetError> {
        of_text(bytes).map(|decoded| (decoded.text.into_owned(), decoded.charset))
    }

    fn html(bytes: &[u8]) -> (String, Option<&'static str>) {
        let decoded = of_html(bytes).unwrap();
        (decoded.text.into_owned(), decoded.charset)
    }

    const RUSSIAN: &str = "Связь через мессенджеры ограничена, сообщили в ведомстве в среду.";
    const JAPANESE: &str = "県は水曜日、新しいフェリーの運航を始めたと発表した。";
    const ARABIC: &str = "قالت الوزارة يوم الأربعاء إن العبارة الجديدة نقلت آلاف الركاب.";
    const FRENCH: &str = "« Le bac a été remis à flot », a déclaré l’armateur, jeudi à Saint‑Malo…";

    fn legacy(label: &str, text: &str) -> Vec<u8> {
        let charset = Encoding::for_label(label.as_bytes()).unwrap();
        charset.encode(text).0.into_owned()
    }

    #[test]
    fn utf_8_is_read_as_it_is_but_for_its_mark() {
        let kept = "\u{202e}abc\u{202c} \u{200b}e\u{301}\u{feff}\r\n\u{1b}";
        assert_eq!(text(kept.as_bytes()), Ok((kept.into(), None)));
        assert_eq!(text(b"\xef\xbb\xbfa"), Ok(("a".into(), None)));
    }

    #[test]
    fn marked_utf_16_is_read_and_utf_32_is_not() {
        assert_eq!(text(b"\xff\xfea\0\xe9\0"), Ok(("aé".into(), Some("UTF-16LE"))));
        assert_eq!(text(b"\xfe\xff\0a\0\xe9"), Ok(("aé".into(), Some("UTF-16BE"))));
        assert_eq!(text(b"\xff\xfe\0\0a\0\0\0"), Err(CharsetError::Utf32));
        assert_eq!(text(b"\xff\xfe\0\xd8"), Err(CharsetError::NotText { charset: "UTF-16LE" }));
    }

    #[test]
    fn text_in_another_character_set_is_read_in_the_one_it_looks_like() {
        let french = FRENCH.replace('\u{2011}', "-");
        for (label, name, said) in [
            ("windows-1252", "windows-1252", french.as_str()),
            ("windows-1251", "windows-1251", RUSSIAN),
            ("koi8-u", "KOI8-U", RUSSIAN),
            ("shift_jis", "Shift_JIS", JAPANESE),
            ("euc-jp", "EUC-JP", JAPANESE),
            ("windows-1256", "windows-1256", ARABIC),
        ] {
            let bytes = legacy(label, said);
            assert_eq!(text(&bytes), Ok((said.to_owned(), Some(name))), "{label}");
            assert_eq!(html(&bytes), (said.to_owned(), Some(name)), "{label}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        assert_eq!(text(b"\xef\xbb\xbfa\xff"), Err(CharsetError::NotUtf8 { offset: 4 }));
        assert_eq!(text("été, né\u{e9}".as_bytes()).unwrap().1, None);
        assert_eq!(text(b"\xc3\xa9t\xc3\xa9 \xff"), Err(CharsetError::NotUtf8 { offset: 6 }));
        assert_eq!(text(b"ab\0"), Err(CharsetError::Nul { offset: 2 }));
        assert_eq!(text(b"\xffab\0"), Err(CharsetError::Nul { offset: 3 }));
        let noise: Vec<u8> = (1..=255).cycle().take(4096).collect();
        assert!(matches!(text(&noise), Err(CharsetError::NotText { .. })));
    }

    #[test]
    fn html_is_read_as_it_declares_unless_it_is_utf_8() {
        let page = |head: &str, label: &str, said: &str| {
            let mut bytes = head.as_bytes().to_vec();
            bytes.extend(legacy(label, said));
            html(&bytes)
        };
        for head in [
            "<meta charset=koi8-r>",
            "<META  CharSet = 'KOI8-R' >",
            "<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>",
            "<?xml version='1.0' encoding=\"koi8-r\"?>",
        ] {
            let (read, charset) = page(head, "koi8-r", "Да, это так.");
            assert_eq!((read.ends_with("Да, это так."), charset), (true, Some("KOI8-R")), "{head}");
            let (read, charset) = page(head, "utf-8", "Да, это так.");
            assert_eq!((read.ends_with("Да, это так."), charset), (true, None), "{head}");
        }
        let (read, charset) = page("<meta charset=iso-2022-jp>", "iso-2022-jp", JAPANESE);
        assert_eq!((read.ends_with(JAPANESE), charset), (true, Some("ISO-2022-JP")));
        assert_eq!(html(b"<meta charset=utf-16>caf\xe9 ol\xe9").1, Some("windows-1252"));
        assert_eq!(html(b"<meta charset=klingon>a").1, None);
        assert_eq!(html(b"<meta charset").1, None);
    }

    #[test]
    fn broken_bytes_in_html_are_seen_as_such_and_nuls_are_dropped() {
        assert_eq!(html(b"\xc3\xa9\xc3\xa9\xff<p>\0a"), ("éé\u{fffd}<p>a".into(), None));
        assert_eq!(html(b"<\0p>"), ("<p>".into(), None));
    }
}
