//! Reads years, in digits and in words.
//!
//! Knows how a year is spelt. Must not know the dates around it.

use super::number::{Letters, below_hundred, number};
use super::word::{CutText, Meaning};

/// A year of four digits at `at`, and the word after it.
pub(super) fn in_digits(words: &CutText<'_>, at: usize) -> Option<(i32, usize)> {
    if words.word(at).len() != 4 {
        return None;
    }
    let year = i32::try_from(words.digits(at)?).ok().filter(|year| (1000..=2999).contains(year))?;
    let joins = |sign: char| {
        words.is_sign(at + 1, sign)
            && words.is_glued(at + 1)
            && words.is_glued(at + 2)
            && words.term(at + 2) == Meaning::Digits
    };
    let hangs = words.is_glued(at + 1) && words.is_letters(at + 1) || joins('.') || joins(',');
    (!hangs && !joins(':')).then_some((year, at + 1))
}

/// "nineteen seventy-eight", "two thousand and eighteen", "nineteen zero one".
pub(super) fn in_words(words: &CutText<'_>, at: usize) -> Option<(i32, usize)> {
    if !matches!(words.term(at), Meaning::Small(_) | Meaning::Tens(_)) {
        return None;
    }
    let pair = || {
        let (century, end) =
            below_hundred(words, at).filter(|(number, _)| (10..=29).contains(number))?;
        let (start, is_zero) = match words.term(end) {
            Meaning::Small(0) => (end + 1, true),
            _ => (end, false),
        };
        let (rest, end) = below_hundred(words, start)?;
        let fits = if is_zero { rest < 10 } else { (10..100).contains(&rest) };
        fits.then_some((century * 100 + rest, end))
    };
    let whole = || {
        // A number in words, such as "two thousand and eighteen"; "one thousand" is too small for a
        // year.
        let number = number(words, at, Letters::OfAnything)?;
        Some((number.value.as_whole().filter(|year| (1600..=2999).contains(year))?, number.end))
    };
    let (year, end) = pair().or_else(whole)?;
    Some((i32::try_from(year).ok()?, end))
}

/// A year in digits or in words.
pub(super) fn year(words: &CutText<'_>, at: usize) -> Option<(i32, usize)> {
    in_digits(words, at).or_else(|| in_words(words, at))
}

/// The year that two digits stand for.
pub(super) const fn of_two_digits(year: i32) -> i32 {
    if year < 50 { 2000 + year } else { 1900 + year }
}
