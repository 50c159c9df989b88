//! Encodes the spelling of a word for the tagger and the parser, as hashes and a shape.
//!
//! Knows letters, digits and quotation marks. Must not know the word's position, or any treebank.

use super::table::atom;

/// The spelling of one word, as used in features.
///
/// Case is folded, every digit becomes 0, and quotation marks, dashes and apostrophes become the
/// plain ones, so that typography makes no difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lexeme {
    /// Hash of the whole word.
    pub form: u64,
    /// Hashes of its last byte, its last two bytes, and so on to four.
    pub ends: [u64; 4],
    /// Hash of its first three bytes.
    pub start: u64,
    /// Its shape, as a combination of the bits below.
    pub shape: u8,
}

/// Shape bit: begins with a capital.
pub const CAPITAL: u8 = 1;
/// Shape bit: has more than one letter, and all are capitals.
pub const CAPITALS: u8 = 2;
/// Shape bit: has a digit.
pub const DIGIT: u8 = 4;
/// Shape bit: has a letter.
pub const LETTER: u8 = 8;
/// Shape bit: has another character, such as a full stop or a hyphen.
pub const SIGN: u8 = 16;
/// Shape bit: has more than four bytes.
pub const LONG: u8 = 32;

/// Shape bit: has no letter or digit, and follows the previous word without a space.
pub const JOINED: u8 = 128;

/// Stands for the missing words before the first and after the last.
pub const OUTSIDE: Lexeme = Lexeme { form: atom(WORD, 0), ends: [0; 4], start: 0, shape: 0 };

const WORD: u64 = 1;
const START: u64 = 2;
const END: u64 = 3;

impl Lexeme {
    /// The lexeme of this word; `joined` if no space precedes it.
    pub fn at(word: &str, joined: bool) -> Self {
        let mut lexeme = Self::of(word);
        if joined && lexeme.shape & (LETTER | DIGIT) == 0 {
            lexeme.shape |= JOINED;
        }
        lexeme
    }

    /// The lexeme of this word.
    pub fn of(word: &str) -> Self {
        if let Some(plain) = plain(word) {
            return Self::of(plain);
        }
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        let (mut end, mut start) = (0_u64, 0);
        let mut lexeme = Self::default();
        let (mut capitals, mut letters) = (0, 0);
        let bytes = word.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let (byte, step) = match byte {
                0xE2 if bytes[at..].starts_with("’".as_bytes()) => (b'\'', 3),
                byte => (byte, 1),
            };
            at += step;
            let folded = match byte {
                b'0'..=b'9' => {
                    lexeme.shape |= DIGIT;
                    b'0'
                }
                b'A'..=b'Z' => {
                    capitals += 1;
                    letters += 1;
                    byte | 0x20
                }
                b'a'..=b'z' => {
                    letters += 1;
                    byte
                }
                0x80.. => {
                    letters += 1;
                    byte
                }
                _ => {
                    lexeme.shape |= SIGN;
                    byte
                }
            };
            hash = (hash ^ u64::from(folded)).wrapping_mul(0x0000_0100_0000_01B3);
            end = end << 8 | u64::from(folded);
            if at == 3 {
                start = end;
            }
        }
        lexeme.form = atom(WORD, hash);
        lexeme.start = atom(START, start);
        for (length, stands) in lexeme.ends.iter_mut().enumerate() {
            *stands = atom(END + length as u64, end & (0xFFFF_FFFF >> (24 - 8 * length)));
        }
        let first = word.chars().next();
        let is_capital = first.is_some_and(char::is_uppercase);
        let bits = [
            (is_capital, CAPITAL),
            (capitals > 1 && capitals == letters, CAPITALS),
            (letters > 0, LETTER),
            (bytes.len() > 4, LONG),
        ];
        for (_, bit) in bits.into_iter().filter(|(holds, _)| *holds) {
            lexeme.shape |= bit;
        }
        lexeme
    }
}

/// The plain form of a typographic character.
fn plain(word: &str) -> Option<&'static str> {
    match word {
        "“" | "”" | "„" | "‟" | "«" | "»" | "``" | "''" | "❝" | "❞" => Some("\""),
        "’" | "‘" | "‚" | "‛" | "‹" | "›" | "`" | "´" => Some("'"),
        "–" | "—" | "―" | "‒" | "--" => Some("-"),
        "‐" | "‑" | "−" => Some("-"),
        "…" | "...." | ". . ." => Some("..."),
        _ => None,
    }
}
