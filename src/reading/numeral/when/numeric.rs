//! Reads dates in digits: 2016-11-07, 21/04/2016, 4/22.
//!
//! Knows the orders in which day, month and year are written. Must not know the names of months.

use chrono::NaiveDate;

use crate::reading::numeral::calendar::{DateRange, nearest};
use crate::reading::numeral::word::{CutText, Meaning};
use crate::reading::numeral::year::of_two_digits;

use super::reading::DateReading;

/// Numbers joined by one sign, and the word after them.
struct Joined {
    numbers: [(u32, usize); 3],
    count: usize,
    sign: char,
    end: usize,
}

fn joined(words: &CutText<'_>, at: usize) -> Option<Joined> {
    let number = |at: usize| {
        let length = words.word(at).len();
        Some((u32::try_from(words.digits(at)?).ok()?, length)).filter(|_| length <= 4)
    };
    let Meaning::Sign(sign @ ('-' | '/' | '.')) = words.term(at + 1) else { return None };
    let mut numbers = [number(at)?, (0, 0), (0, 0)];
    let (mut count, mut end) = (1, at + 1);
    while count < 3 {
        // "08/12,2015" has a comma before its year.
        let is_comma = count == 2 && sign == '/' && words.is_sign(end, ',');
        let is_next = words.is_sign(end, sign) || is_comma;
        let is_glued = words.is_glued(end) && words.is_glued(end + 1);
        let Some(next) = number(end + 1).filter(|_| is_next && is_glued) else { break };
        numbers[count] = next;
        count += 1;
        end += 2;
    }
    let goes_on = words.is_glued(end)
        && (words.is_letters(end)
            || matches!(words.term(end), Meaning::Sign('-' | '/' | ':' | '.'))
                && words.is_glued(end + 1)
                && words.term(end + 1) == Meaning::Digits);
    (count > 1 && !goes_on).then_some(Joined { numbers, count, sign, end })
}

/// The numeric date at `at`.
pub(super) fn date(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let is_apart = !words.is_glued(at)
        || matches!(words.before(at, 1), Meaning::Sign('(' | '[' | '"' | '“' | '\'' | '‘' | '|'));
    let joined = joined(words, at).filter(|_| is_apart)?;
    let [first, second, third] = joined.numbers;
    if joined.count == 3 {
        let day = if first.1 == 4 {
            NaiveDate::from_ymd_opt(i32::try_from(first.0).ok()?, second.0, third.0)
        } else {
            let year = i32::try_from(third.0).ok()?;
            let year = if third.1 == 4 { year } else { of_two_digits(year) };
            let is_year = third.1 == 4 || third.1 == 2 && joined.sign != '.';
            in_order(year, first.0, second.0, joined.sign).filter(|_| is_year)
        };
        return Some(DateReading::dated(joined.end, DateRange::day(day?)?));
    }
    month(&joined).or_else(|| without_year(words, at, &joined, today))
}

/// Month before day, in American order, unless a full stop as separator or the numbers require
/// otherwise.
fn in_order(year: i32, first: u32, second: u32, sign: char) -> Option<NaiveDate> {
    let (month, day) = (
        NaiveDate::from_ymd_opt(year, first, second),
        NaiveDate::from_ymd_opt(year, second, first),
    );
    if sign == '.' { day.or(month) } else { month.or(day) }
}

/// 2016-11, 11/2016.
fn month(joined: &Joined) -> Option<DateReading> {
    let [first, second, _] = joined.numbers;
    let (year, month) = if first.1 == 4 { (first, second) } else { (second, first) };
    let is_month = year.1 == 4 && month.1 <= 2 && (1500..=2100).contains(&year.0);
    let year = i32::try_from(year.0).ok().filter(|_| is_month)?;
    Some(DateReading::dated(joined.end, DateRange::month(year, month.0)?))
}

/// 4/22, or "on 4-22".
fn without_year(
    words: &CutText<'_>,
    at: usize,
    joined: &Joined,
    today: NaiveDate,
) -> Option<DateReading> {
    let [first, second, _] = joined.numbers;
    let is_led = matches!(words.before(at, 1), Meaning::On | Meaning::From | Meaning::Between);
    let is_range_end = matches!(words.before(at, 1), Meaning::To | Meaning::Until);
    let is_pair =
        first.1 <= 2 && second.1 == 2 || joined.sign == '/' && first.1 <= 2 && second.1 <= 2;
    let ends = !words.is_letters(joined.end) || words.term(joined.end).ends_phrase();
    // 3/4 is a fraction, 9/11 a name, 24/7 an idiom.
    let is_date = match joined.sign {
        '/' => is_led || is_range_end || second.0 > 12 || first.0 > 12,
        sign => is_led && (sign == '-' || second.1 == 2),
    };
    let is_name = words.word(at) == "9" && words.word(at + 2) == "11";
    if !is_pair || !is_date || !ends || is_name {
        return None;
    }
    let of = |month, day| nearest(today, month, day).map(|found| (found, month, day));
    let (found, month, day) = of(first.0, second.0).or_else(|| of(second.0, first.0))?;
    Some(DateReading::floating(joined.end, DateRange::day(found)?, month, day))
}
