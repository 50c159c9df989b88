//! Reads numbers in digits: grouped, with a decimal point, as a fraction, with an exponent.
//!
//! Knows how digits are written. Must not know number words.

use crate::reading::numeral::value::Value;
use crate::reading::numeral::word::{CutText, Meaning};

/// Which scales a letter may stand for: `m` means a million for money and for people, and otherwise
/// a metre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reading::numeral) enum Letters {
    /// `m` is a million.
    OfMoney,
    /// `m` is a million only before a noun that is counted.
    OfAnything,
}

/// The most groups of three digits in a number; a longer one is not a figure.
const MOST_GROUPS: usize = 9;

/// The number in digits that begins at `at`, and the word after it.
pub(super) fn literal(words: &CutText<'_>, at: usize) -> Option<(Value, usize)> {
    if let Some(part) = fraction(words, at) {
        return Some(part);
    }
    let (value, end) = decimal(words, at)?;
    let (value, end) = exponent(words, value, end)?;
    // "2½", "10 1/2": the fraction belongs to the number.
    if value.as_whole().is_some()
        && let Some((part, after)) = fraction(words, end)
        && (!words.is_glued(end) || !words.is_sign(end, '/'))
    {
        return Some((value.plus(part)?, after));
    }
    let is_power = words.is_sign(end, '^') || is_glued_to_digits(words, end);
    (!is_power).then_some((value, end))
}

/// Whether more digits are attached: an IP address, a version, a date.
fn is_glued_to_digits(words: &CutText<'_>, end: usize) -> bool {
    let hangs = matches!(words.term(end), Meaning::Sign('.' | ':' | '/'));
    hangs
        && words.is_glued(end)
        && words.is_glued(end + 1)
        && words.term(end + 1) == Meaning::Digits
}

/// Denominators that are written with a slash; other numbers with a slash are dates, scores and
/// names.
fn is_denominator(number: u64) -> bool {
    matches!(number, 2 | 3 | 4 | 5 | 6 | 8 | 10 | 16 | 20 | 32 | 50 | 64 | 100)
}

/// "3/4" or "¾".
pub(super) fn fraction(words: &CutText<'_>, at: usize) -> Option<(Value, usize)> {
    if let Meaning::Sign(sign) = words.term(at) {
        let (over, under) = vulgar(sign)?;
        return Some((Value::fraction(over, under), at + 1));
    }
    let over = words.digits(at)?;
    let is_joined = words.is_sign(at + 1, '/') && words.is_glued(at + 1) && words.is_glued(at + 2);
    let under = words.digits(at + 2)?;
    let goes_on = words.is_glued(at + 3) && matches!(words.term(at + 3), Meaning::Sign('/' | '-'));
    let is_likely = over > 0 && over < under && is_denominator(under);
    let is_meant = words.is_typed() && under > 1;
    (is_joined && !goes_on && (is_likely || is_meant))
        .then(|| (Value::fraction(over, under), at + 3))
}

const fn vulgar(sign: char) -> Option<(u64, u64)> {
    Some(match sign {
        '½' => (1, 2),
        '⅓' => (1, 3),
        '⅔' => (2, 3),
        '¼' => (1, 4),
        '¾' => (3, 4),
        '⅕' => (1, 5),
        '⅖' => (2, 5),
        '⅗' => (3, 5),
        '⅘' => (4, 5),
        '⅙' => (1, 6),
        '⅚' => (5, 6),
        '⅛' => (1, 8),
        '⅜' => (3, 8),
        '⅝' => (5, 8),
        '⅞' => (7, 8),
        _ => return None,
    })
}

/// Whether the word at `at` is this sign, directly between its neighbours, with digits after it.
fn joins_digits(words: &CutText<'_>, at: usize, sign: char) -> bool {
    words.is_sign(at, sign)
        && words.is_glued(at)
        && words.is_glued(at + 1)
        && words.term(at + 1) == Meaning::Digits
}

/// Digits with their groups and their decimal places.
fn decimal(words: &CutText<'_>, at: usize) -> Option<(Value, usize)> {
    if words.is_sign(at, '.') && words.is_glued(at + 1) && !words.is_glued(at) {
        let digits = short(words, at + 1)?;
        return Some((Value::written(digits, digits.len())?, at + 2));
    }
    let mut digits = short(words, at)?.to_owned();
    let mut end = at + 1;
    let separator = grouped(words, &mut digits, &mut end)?;
    let point = match separator {
        // "1.111,11"
        Some('.') => ',',
        _ => '.',
    };
    let is_comma = separator.is_none()
        && !(words.is_glued(at) && words.before(at, 1) == Meaning::Sign(','))
        && joins_digits(words, end, ',')
        && !joins_digits(words, end + 2, ',')
        && words.word(end + 1).len() < 3;
    let is_point = joins_digits(words, end, point) && !joins_digits(words, end + 2, point);
    if is_point || is_comma {
        let places = short(words, end + 1)?;
        digits.push_str(places);
        return Some((Value::written(&digits, places.len())?, end + 2));
    }
    Some((Value::written(&digits, 0)?, end))
}

fn short<'a>(words: &CutText<'a>, at: usize) -> Option<&'a str> {
    let word = words.word(at);
    (words.term(at) == Meaning::Digits && word.len() <= 30).then_some(word)
}

/// Adds the groups of three digits, and returns their separator. `None` if there are too many.
fn grouped(words: &CutText<'_>, digits: &mut String, end: &mut usize) -> Option<Option<char>> {
    if digits.len() > 3 {
        return Some(None);
    }
    let is_three = |at: usize| words.word(at).len() == 3;
    if joins_digits(words, *end, ',') {
        let groups = commas(words, *end);
        let last = *end + 2 * groups;
        let middle = (0..groups.saturating_sub(1)).map(|group| words.word(*end + 2 * group + 1));
        // Groups of three throughout, or of two in all but the last, as lakhs are written.
        let is_grouped = is_three(last - 1)
            && (middle.clone().all(|group| group.len() == 3)
                || middle.clone().all(|group| group.len() == 2));
        if groups > MOST_GROUPS || groups > 1 && !is_grouped {
            return (groups <= MOST_GROUPS).then_some(None);
        }
        if is_grouped {
            (0..groups).for_each(|group| digits.push_str(words.word(*end + 2 * group + 1)));
            *end = last;
            return Some(Some(','));
        }
        return Some(None);
    }
    let european = joins_digits(words, *end, '.')
        && is_three(*end + 1)
        && joins_digits(words, *end + 2, ',')
        && !joins_digits(words, *end + 4, ',');
    if european {
        digits.push_str(words.word(*end + 1));
        *end += 2;
        return Some(Some('.'));
    }
    let first = *end;
    while words.term(*end) == Meaning::Digits && is_three(*end) && !words.is_glued(*end) {
        let groups = *end - first;
        if groups >= MOST_GROUPS {
            return None;
        }
        let hangs = words.is_glued(*end + 1)
            && !matches!(words.term(*end + 1), Meaning::Sign('.' | ',' | ')' | '"' | '”' | '%'));
        if hangs {
            break;
        }
        digits.push_str(words.word(*end));
        *end += 1;
    }
    Some(None)
}

/// The number of groups that follow, each after a comma; if there are too many, one more than the
/// maximum.
fn commas(words: &CutText<'_>, at: usize) -> usize {
    (0..=MOST_GROUPS).take_while(|group| joins_digits(words, at + 2 * group, ',')).count()
}

/// "1e10", "1.3x10^6".
fn exponent(words: &CutText<'_>, value: Value, end: usize) -> Option<(Value, usize)> {
    let plain = Some((value, end));
    let is_times = words.is(end, "x") && words.word(end + 1) == "10" && words.is_sign(end + 2, '^');
    let is_letter = words.is(end, "e") && words.is_glued(end) && words.is_glued(end + 1);
    let mut at = match (is_times, is_letter) {
        (true, _) => end + 3,
        (_, true) => end + 1,
        _ => return plain,
    };
    let is_negative = words.is_sign(at, '-');
    if is_negative || words.is_sign(at, '+') {
        at += 1;
    }
    let Some(exponent) = words.digits(at).and_then(|number| u8::try_from(number).ok()) else {
        return plain;
    };
    let value = if is_negative { value.lowered(exponent) } else { value.raised(exponent) };
    value.map(|value| (value, at + 1))
}

/// The exponent that a letter after digits stands for: `k`, `M`, `bn`.
pub(super) fn scale_letter(words: &CutText<'_>, at: usize, letters: Letters) -> Option<u8> {
    let is_glued = words.is_glued(at);
    let is_word = !(words.is_glued(at + 1)
        && (words.is_letters(at + 1) || words.term(at + 1) == Meaning::Digits));
    let is_money = letters == Letters::OfMoney;
    let exponent = match words.word(at) {
        "k" => 3,
        "K" if is_glued => 3,
        "M" => 6,
        "m" if is_money && is_glued => 6,
        "m" if is_glued && words.is_plural(at + 1) => 6,
        "MM" | "mm" if is_glued && is_money => 6,
        "MM" if is_glued => 6,
        "b" | "B" if is_glued => 9,
        "G" => 9,
        "T" | "t" if is_glued && is_money => 12,
        _ => return None,
    };
    is_word.then_some(exponent)
}
