//! From bytes to characters: which character set a page is written in, and its letters.
//!
//! Knows the marks, the declarations and the habits by which a character set is told. Must not know
//! what the letters mean; in text and Markdown no byte is guessed at, for what was guessed could be
//! quoted as if it had stood there.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use memchr::memmem;
use thiserror::Error;

/// How far into a page its declaration is looked for, in bytes: browsers stop at 1,024, and pages
/// that say it later are none the less saved.
const DECLARED_WITHIN: usize = 4096;

/// Why bytes are no text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CharsetError {
    /// Begins with a byte order mark of UTF-32.
    #[error("the page is in UTF-32: convert it to UTF-8, as iconv does, and give that")]
    Utf32,
    /// UTF-8 by its mark or by most of it, but for bytes that are no character.
    #[error("byte {offset} is not UTF-8: convert the page to UTF-8, as iconv does, and give that")]
    NotUtf8 {
        /// Where, counted from 0.
        offset: usize,
    },
    /// In no character set that is known, or no text at all.
    #[error(
        "the page is neither UTF-8 nor text in {charset}, which comes nearest: if it is text, \
         convert it to UTF-8, as iconv does, and give that"
    )]
    NotText {
        /// The character set that came nearest.
        charset: &'static str,
    },
    /// A NUL: pictures and programs have them, and UTF-16 without a mark.
    #[error("byte {offset} is NUL, so this is no text: give a text file, in UTF-8")]
    Nul {
        /// Where, counted from 0.
        offset: usize,
    },
}

/// The characters of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded<'a> {
    /// Them, without a byte order mark.
    pub(super) text: Cow<'a, str>,
    /// The character set they were in, by its name in the Encoding Standard; none for UTF-8.
    pub(super) charset: Option<&'static str>,
}

impl<'a> Decoded<'a> {
    fn new(text: impl Into<Cow<'a, str>>, charset: &'static Encoding) -> Self {
        Self { text: text.into(), charset: (charset != UTF_8).then(|| charset.name()) }
    }
}

/// The characters of plain text or Markdown: UTF-8 where it is that; else what its byte order mark
/// says; else the character set that it looks like. Every byte is a character, or it is refused.
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

/// The characters of HTML, as a browser has them: by its byte order mark; else UTF-8 where it is
/// that; else as it declares; else as it looks. Bytes that are no character become U+FFFD, and NULs
/// are dropped.
pub(super) fn of_html(bytes: &[u8]) -> Result<Decoded<'_>, CharsetError> {
    let (marked, rest) = mark(bytes)?;
    let declared = || declared(&rest[..rest.len().min(DECLARED_WITHIN)]);
    // Pages that were converted on the way go on declaring what they were written in; ISO-2022-JP
    // alone looks like UTF-8, for all its bytes are ASCII.
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

/// The character set that a byte order mark tells, and what stands after the mark.
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
    // Whatever could be read as a declaration is in neither of these.
    Some(match charset {
        wide if wide == UTF_16LE || wide == UTF_16BE => UTF_8,
        private if private == X_USER_DEFINED => WINDOWS_1252,
        _ => charset,
    })
}

/// The value in `key = value`, out of its quotes.
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

/// Whether more characters of several bytes stand here in UTF-8 than bytes that are none: a page of
/// another character set hardly ever has two bytes in a row that would be one.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole > broken
}

/// Controls that no text has: in a legacy character set they tell that it was the wrong one.
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
