//! What the tagger and the parser see of a word's spelling: hashes and a shape.
//!
//! Knows letters, digits and quotation marks. Must not know where the word stands, or a treebank.

/// The spelling of one word, as features take it.
///
/// Case is folded, every digit is a 0, and quotation marks, dashes and apostrophes are the plain
/// ones, so that typography changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lexeme {
    /// Stands for the whole word.
    pub form: u32,
    /// The last four bytes, the very last in the lowest.
    pub end: u32,
    /// The first three bytes.
    pub start: u32,
    /// What it looks like: the bits below.
    pub shape: u8,
}

/// Begins with a capital.
pub const CAPITAL: u8 = 1;
/// Has more than one letter, and all are capitals.
pub const CAPITALS: u8 = 2;
/// Has a digit.
pub const DIGIT: u8 = 4;
/// Has a letter.
pub const LETTER: u8 = 8;
/// Has something else, such as a full stop or a hyphen.
pub const SIGN: u8 = 16;
/// Has more than four bytes.
pub const LONG: u8 = 32;

/// No word: what stands before the first and after the last.
pub const OUTSIDE: Lexeme = Lexeme { form: 1, end: 0, start: 0, shape: 0 };

impl Lexeme {
    /// The spelling of this word.
    pub fn of(word: &str) -> Self {
        if let Some(plain) = plain(word) {
            return Self::of(plain);
        }
        let mut hash = 0x811C_9DC5_u32;
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
            hash = (hash ^ u32::from(folded)).wrapping_mul(0x0100_0193);
            lexeme.end = lexeme.end << 8 | u32::from(folded);
            if at == 3 {
                lexeme.start = lexeme.end;
            }
        }
        lexeme.form = hash ^ hash >> 15;
        let first = word.chars().next();
        let is_capital = first.is_some_and(char::is_uppercase);
        lexeme.shape |= u8::from(is_capital) * CAPITAL
            | u8::from(capitals > 1 && capitals == letters) * CAPITALS
            | u8::from(letters > 0) * LETTER
            | u8::from(bytes.len() > 4) * LONG;
        lexeme
    }
}

/// The plain sign for a typographic one.
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
