//! Reads input line by line: JSON, one object per line.
//!
//! Knows where a line ends, how long it may be, what may precede the first, and that the input may
//! be compressed. Must not know what the lines mean. Lines end in LF or CRLF, and a byte order mark
//! at the start of the input, which some editors write, is not part of the first line.

use std::io::{self, BufRead, BufReader, Read as _};

use thiserror::Error;

/// The byte order mark, U+FEFF, in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// How input in other encodings begins. The longer marks come first, since one is a prefix of
/// another.
const ENCODINGS: [(&[u8], &str); 4] = [
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
];

/// Why a line cannot be read.
#[derive(Debug, Error)]
pub enum LineError {
    /// The input cannot be read.
    #[error("the input cannot be read: {0}")]
    Unreadable(io::Error),
    /// The line is too long.
    #[error("the line is longer than {most} bytes: shorten it or split it")]
    Long {
        /// The line, counted from 1.
        line: u64,
        /// The most bytes that a line may have.
        most: usize,
    },
    /// A byte order mark between or within lines, as in concatenated files.
    #[error(
        "a byte order mark (U+FEFF) is at byte {at} of the line: only the start of the input \
         may have one, so remove it"
    )]
    Mark {
        /// The line, counted from 1.
        line: u64,
        /// The position in the line, in bytes counted from 0.
        at: usize,
    },
    /// The input is in another encoding.
    #[error("the input begins with the byte order mark of {0}: save it as UTF-8")]
    Encoding(&'static str),
}

impl LineError {
    /// The line at fault, counted from 1; `None` if it is the input as a whole.
    pub const fn line(&self) -> Option<u64> {
        match self {
            Self::Long { line, .. } | Self::Mark { line, .. } => Some(*line),
            Self::Encoding(_) => Some(1),
            Self::Unreadable(_) => None,
        }
    }
}

/// The lines of an input, counted from 1; empty lines are skipped.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    most: usize,
    number: u64,
    buffer: Vec<u8>,
}

/// The input, decompressed if it begins as gzip does.
///
/// # Errors
///
/// The beginning of the input cannot be read.
pub fn unpacked<'a>(input: impl BufRead + 'a) -> Result<Box<dyn BufRead + 'a>, LineError> {
    let mut input = input;
    let head = input.fill_buf().map_err(LineError::Unreadable)?;
    let is_packed = head.starts_with(&[0x1f, 0x8b]);
    Ok(if is_packed {
        Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(input)))
    } else {
        Box::new(input)
    })
}

impl<R: BufRead> Lines<R> {
    /// The lines of `input`, each of at most `most` bytes without its line ending.
    pub const fn of(input: R, most: usize) -> Self {
        Self { input, most, number: 0, buffer: Vec::new() }
    }

    /// The number of the line read last.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The next line that is not blank, with its number; `None` at the end.
    ///
    /// # Errors
    ///
    /// The input cannot be read, or the line is not valid.
    pub fn advance(&mut self) -> Result<Option<(u64, &[u8])>, LineError> {
        loop {
            self.buffer.clear();
            // Space for a mark, the line and its ending: input that fills all of it is too long.
            let room = (self.most + MARK.len() + 3) as u64;
            let mut limited = (&mut self.input).take(room);
            let read = limited.read_until(b'\n', &mut self.buffer);
            if read.map_err(LineError::Unreadable)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let (from, to) = line(&self.buffer, self.number, self.most)?;
            if from < to {
                return Ok(Some((self.number, &self.buffer[from..to])));
            }
        }
    }
}

/// The span of the line in what was read, without the white space around it.
fn line(read: &[u8], number: u64, most: usize) -> Result<(usize, usize), LineError> {
    if number == 1
        && let Some((_, name)) = ENCODINGS.iter().find(|(mark, _)| read.starts_with(mark))
    {
        return Err(LineError::Encoding(name));
    }
    let bare = if number == 1 { read.strip_prefix(MARK).unwrap_or(read) } else { read };
    let ended = bare.strip_suffix(b"\n").unwrap_or(bare);
    let ended = ended.strip_suffix(b"\r").unwrap_or(ended);
    if ended.len() > most {
        return Err(LineError::Long { line: number, most });
    }
    if let Some(at) = stray_mark(ended) {
        return Err(LineError::Mark { line: number, at });
    }
    let skipped = read.len() - bare.len() + (ended.len() - ended.trim_ascii_start().len());
    Ok((skipped, skipped + ended.trim_ascii().len()))
}

/// The position of a byte order mark outside of every JSON string. Within a string it is an
/// ordinary character, which a quotation may contain.
fn stray_mark(line: &[u8]) -> Option<usize> {
    if !line.contains(&MARK[0]) {
        return None;
    }
    let (mut is_string, mut is_escaped) = (false, false);
    for (at, byte) in line.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            _ if !is_string && line[at..].starts_with(MARK) => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 16;

    /// Every line with its number, until one is refused.
    fn read(input: &[u8]) -> (Vec<(u64, String)>, Option<LineError>) {
        let mut lines = Lines::of(input, MOST);
        let mut taken = Vec::new();
        loop {
            match lines.advance() {
                Ok(Some((number, line))) => {
                    taken.push((number, String::from_utf8_lossy(line).into_owned()));
                }
                Ok(None) => return (taken, None),
                Err(error) => return (taken, Some(error)),
            }
        }
    }

    #[track_caller]
    fn taken(input: &[u8], expected: &[(u64, &str)]) {
        let (lines, error) = read(input);
        assert!(error.is_none(), "{error:?}");
        let lines: Vec<(u64, &str)> = lines.iter().map(|(at, line)| (*at, line.as_str())).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn lines_end_as_unix_or_windows_has_them_and_empty_ones_are_passed_over() {
        taken(b"", &[]);
        taken(b"a", &[(1, "a")]);
        taken(b"a\r\n\r\n \t\nb \r\n", &[(1, "a"), (4, "b")]);
        taken(b"\n\na", &[(3, "a")]);
    }

    #[test]
    fn a_mark_at_the_head_is_skipped() {
        taken(b"\xef\xbb\xbf", &[]);
        taken(b"\xef\xbb\xbf\n", &[]);
        taken(b"\xef\xbb\xbf\r\n\r\na\r\n", &[(3, "a")]);
        taken(b"\xef\xbb\xbf a", &[(1, "a")]);
        taken(b"\"\xef\xbb\xbf\"", &[(1, "\"\u{feff}\"")]);
        taken(b"\"\\\"\xef\xbb\xbf\"", &[(1, "\"\\\"\u{feff}\"")]);
    }

    #[test]
    fn a_mark_anywhere_else_is_refused_by_name() {
        for (input, line, at) in [
            (&b"\xef\xbb\xbf\xef\xbb\xbfa"[..], 1, 0),
            (b"\n\xef\xbb\xbfa", 2, 0),
            (b"a\n \xef\xbb\xbfa", 2, 1),
            (b"a\xef\xbb\xbf\n", 1, 1),
            (b"\"a\\\\\"\xef\xbb\xbf", 1, 5),
        ] {
            let error = read(input).1.unwrap();
            assert!(
                matches!(error, LineError::Mark { line: l, at: a } if (l, a) == (line, at)),
                "{input:?}: {error:?}"
            );
            assert_eq!(error.line(), Some(line));
            assert!(error.to_string().contains("byte order mark"), "{error}");
        }
    }

    #[test]
    fn other_encodings_are_named() {
        for (input, name) in [
            (&b"\xff\xfe{\x00}\x00"[..], "UTF-16"),
            (b"\xfe\xff\x00{", "UTF-16"),
            (b"\xff\xfe", "UTF-16"),
            (b"\xff\xfe\x00\x00{\x00\x00\x00", "UTF-32"),
            (b"\x00\x00\xfe\xff", "UTF-32"),
        ] {
            let error = read(input).1.unwrap();
            assert!(matches!(error, LineError::Encoding(named) if named == name), "{input:?}");
        }
    }

    #[test]
    fn a_line_has_as_many_bytes_as_it_may_and_no_more() {
        let full = "x".repeat(MOST);
        for head in ["", "\u{feff}"] {
            for end in ["", "\n", "\r\n"] {
                taken(format!("{head}{full}{end}").as_bytes(), &[(1, &full)]);
                for longer in [1, 2, 3, 7, 100] {
                    let input = format!("{head}{full}{}{end}", " ".repeat(longer));
                    let error = read(input.as_bytes()).1.unwrap();
                    assert!(matches!(error, LineError::Long { line: 1, most: MOST }), "{input:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_packed_is_unpacked_and_its_mark_skipped() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        io::Write::write_all(&mut packed, b"\xef\xbb\xbfa\r\n").unwrap();
        let packed = packed.finish().unwrap();
        let mut lines = Lines::of(unpacked(packed.as_slice()).unwrap(), MOST);
        assert_eq!(lines.advance().unwrap(), Some((1, &b"a"[..])));
        let mut cut = Lines::of(unpacked(&packed[..12]).unwrap(), MOST);
        assert!(matches!(cut.advance(), Err(LineError::Unreadable(_))));
    }
}
