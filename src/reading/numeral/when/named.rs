//! Reads dates by name: months, weekdays, seasons, quarters, decades, years.
//!
//! Knows the names of days and months, and the order in which they are written. Must not know dates
//! computed relative to today, except to fill in a missing year.

use chrono::{Datelike, NaiveDate};

use crate::reading::numeral::calendar::{
    self, DateRange, decade, latest_weekday, nearest, nearest_year, nth_weekday, quarter,
};
use crate::reading::numeral::number::below_hundred;
use crate::reading::numeral::word::{CutText, Meaning, TimeStretch};
use crate::reading::numeral::year::{in_digits, in_words, of_two_digits, year};

use super::reading::DateReading;

/// The named date at `at`.
pub(super) fn date(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    weekday_and_day(words, at, today)
        .or_else(|| month_first(words, at, today))
        .or_else(|| day_first(words, at, today))
        .or_else(|| year_first(words, at))
        .or_else(|| quarter_or_half(words, at, today))
        .or_else(|| decade_of(words, at))
        .or_else(|| century(words, at))
        .or_else(|| season(words, at, today))
        .or_else(|| month_alone(words, at, today))
}

/// The month that a word names next to a day or a year.
pub(super) fn month(words: &CutText<'_>, at: usize) -> Option<u32> {
    match words.term(at) {
        Meaning::Month(month) => Some(month.into()),
        Meaning::MonthOrWord(month) if words.is_capital(at) => Some(month.into()),
        _ => None,
    }
}

/// The day of the month at `at`: "2", "2nd", "second", "twenty-first".
pub(super) fn day(words: &CutText<'_>, at: usize) -> Option<(u32, usize)> {
    let (day, end, _) = day_and_form(words, at)?;
    Some((day, end))
}

/// The day, the word after it, and whether it is an ordinal.
fn day_and_form(words: &CutText<'_>, at: usize) -> Option<(u32, usize, bool)> {
    let (day, end, is_ordinal) = match words.term(at) {
        Meaning::Digits if words.word(at).len() <= 2 => {
            let has_end = words.is_glued(at + 1)
                && ["st", "nd", "rd", "th"].iter().any(|end| words.is(at + 1, end));
            (words.digits(at)?, at + 1 + usize::from(has_end), has_end)
        }
        Meaning::Ordinal(day) => (day, at + 1, true),
        Meaning::Tens(tens) => {
            let next = if words.is_dash(at + 1) { at + 2 } else { at + 1 };
            match words.term(next) {
                Meaning::Ordinal(unit @ 1..=9) => (tens + unit, next + 1, true),
                _ => {
                    let (day, end) = below_hundred(words, at)?;
                    (day, end, false)
                }
            }
        }
        Meaning::Small(day) => (day, at + 1, false),
        _ => return None,
    };
    let is_joined = words.is_glued(end)
        && matches!(words.term(end), Meaning::Sign(',' | '.' | ':' | '/'))
        && words.is_glued(end + 1)
        && words.term(end + 1) == Meaning::Digits
        && words.word(end + 1).len() != 4;
    // "6,107.31 August"
    let is_rest = words.is_glued(at)
        && matches!(words.before(at, 1), Meaning::Sign('.' | ','))
        && words.before(at, 2) == Meaning::Digits;
    let is_letters = words.is_glued(end) && words.is_letters(end) || is_rest;
    let day = u32::try_from(day).ok().filter(|day| (1..=31).contains(day))?;
    (!is_joined && !is_letters).then_some((day, end, is_ordinal))
}

/// Whether the words after a number show that it is not a day.
fn counts(words: &CutText<'_>, end: usize) -> bool {
    matches!(
        words.term(end),
        Meaning::Percent
            | Meaning::Scale(_)
            | Meaning::Sign('%')
            | Meaning::Currency
            | Meaning::Measure
            | Meaning::Hundred
    ) || words.term(end) == Meaning::Collective
        || words.term(end) == Meaning::Per && words.is(end + 1, "cent")
}

fn skip_comma(words: &CutText<'_>, at: usize) -> usize {
    at + usize::from(words.is_sign(at, ','))
}

/// The year after a day or a month, with a comma or an "of" skipped.
fn year_after(words: &CutText<'_>, end: usize) -> Option<(i32, usize)> {
    let start = skip_comma(words, end);
    let start = if words.term(start) == Meaning::Of { start + 1 } else { start };
    let (found, after) = year(words, start)?;
    // "on May 5, 2000 people came"
    (!counts(words, after)).then_some((found, after))
}

/// A day of a month, in the stated year or the closest one.
fn day_of(
    words: &CutText<'_>,
    month: u32,
    day: u32,
    end: usize,
    today: NaiveDate,
) -> Option<DateReading> {
    if let Some((year, end)) = year_after(words, end) {
        let day = NaiveDate::from_ymd_opt(year, month, day)?;
        return Some(DateReading::dated(end, DateRange::day(day)?));
    }
    let found = nearest(today, month, day)?;
    Some(DateReading::floating(end, DateRange::day(found)?, month, day))
}

/// Skips the full stop of an abbreviation, a dash or a slash.
fn after_month(words: &CutText<'_>, at: usize) -> usize {
    let is_joined = matches!(words.term(at), Meaning::Sign('.' | '-' | '/')) && words.is_glued(at);
    let at = at + usize::from(is_joined);
    if words.term(at) == Meaning::The { at + 1 } else { at }
}

/// "January 12th, 2016", "Oct. 2", "June 2016".
fn month_first(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let lower = matches!(words.term(at), Meaning::MonthOrWord(_)) && !words.is_capital(at);
    let month =
        month(words, at).or_else(|| lower.then_some(if words.is(at, "may") { 5 } else { 3 }))?;
    let next = after_month(words, at + 1);
    if let Some((year, end)) = year_after(words, next) {
        // "2016 saw" is not a day; "two thousand" is not a year of a single word.
        return Some(DateReading::dated(end, DateRange::month(year, month)?));
    }
    if let Some((found, end, is_ordinal)) = day_and_form(words, next).filter(|_| !lower)
        && !counts(words, end)
        && (is_ordinal
            || words.term(next) == Meaning::Digits
            || words.term(next - 1) != Meaning::The)
    {
        return day_of(words, month, found, end, today);
    }
    let short =
        words.digits(next).filter(|year| (32..100).contains(year) && words.word(next).len() == 2);
    let year = of_two_digits(i32::try_from(short?).ok()?);
    let ends = !words.is_letters(next + 1) && !words.is_sign(next + 1, '%');
    ends.then(|| DateRange::month(year, month).map(|extent| DateReading::dated(next + 1, extent)))?
}

/// "12 January 2016", "the tenth of September", "22nd of Jan".
fn day_first(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let start = if words.term(at) == Meaning::The { at + 1 } else { at };
    let (found, end, is_ordinal) = day_and_form(words, start)?;
    let mut next = after_month(words, end);
    let is_of = words.term(next) == Meaning::Of;
    if is_of {
        next += 1;
    }
    let is_day = is_ordinal || words.term(start) == Meaning::Digits;
    let month = month(words, next).filter(|_| is_day)?;
    let is_point = words.is_sign(next + 1, '.') && words.word(next).len() <= 4;
    let is_joined = words.is_dash(next + 1) && words.is_glued(next + 1);
    let end = next
        + 1
        + usize::from(
            is_point && year(words, next + 2).is_some()
                || is_joined && in_digits(words, next + 2).is_some(),
        );
    day_of(words, month, found, end, today)
}

/// "Wednesday, January 22", "Friday the 11th".
fn weekday_and_day(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let Meaning::Weekday(weekday) = words.term(at) else { return None };
    let point = at + 1 + usize::from(words.is_sign(at + 1, '.'));
    let next = skip_comma(words, point);
    if let Some(found) = month_first(words, next, today).or_else(|| day_first(words, next, today)) {
        let is_day = found.extent.from == found.extent.to && found.extent.as_month().is_none();
        return is_day.then_some(found);
    }
    let is_the = words.term(next) == Meaning::The;
    let (day, end) = day(words, next + 1).filter(|_| is_the)?;
    // The closest month in which the day falls on that weekday.
    let months = (-2i64..=2).filter_map(|step| {
        let month = calendar::stepped(today.with_day(1)?, step, TimeStretch::Month)?;
        month.with_day(day).filter(|day| day.weekday().num_days_from_monday() == u32::from(weekday))
    });
    let found = months.min_by_key(|day| day.signed_duration_since(today).num_days().abs());
    let plain = || today.with_day(day);
    Some(DateReading::reckoned(end, DateRange::day(found.or_else(plain)?)?))
}

/// "2016, November", "2019-Sep-1".
fn year_first(words: &CutText<'_>, at: usize) -> Option<DateReading> {
    let (year, end) = in_digits(words, at)?;
    let is_joined = matches!(words.term(end), Meaning::Sign('-' | '/')) && words.is_glued(end);
    let next = if is_joined { end + 1 } else { skip_comma(words, end) };
    let month = month(words, next)?;
    if is_joined && words.is_sign(next + 1, '-') | words.is_sign(next + 1, '/') {
        let (day, end) = day(words, next + 2)?;
        let day = NaiveDate::from_ymd_opt(year, month, day)?;
        return Some(DateReading::dated(end, DateRange::day(day)?));
    }
    // "in 2016 May 5 was": the day belongs to another date.
    (day(words, next + 1).is_none())
        .then(|| DateRange::month(year, month).map(|extent| DateReading::dated(next + 1, extent)))?
}

/// "February", where it means the month of some year.
fn month_alone(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let found = month(words, at)?;
    let led = matches!(
        words.before(at, 1),
        Meaning::In
            | Meaning::Of
            | Meaning::Until
            | Meaning::From
            | Meaning::To
            | Meaning::This
            | Meaning::Last
            | Meaning::Next
            | Meaning::Between
    ) || [
        "since", "by", "during", "early", "late", "mid", "before", "after", "end", "for", "and",
    ]
    .iter()
    .any(|word| words.end_with(at, &[word]))
        || words.is_dash(at.wrapping_sub(1)) && words.is_glued(at);
    let is_sure = matches!(words.term(at), Meaning::Month(_)) && words.word(at).len() > 3;
    let is_possessed = words.word(at).contains(['\'', '’']);
    let is_name = words.is_capital(at + 1) && !is_sure && !led;
    let year = nearest_year(today, found);
    let extent =
        DateRange::month(year, found).filter(|_| (led || is_sure) && !is_name && !is_possessed)?;
    Some(DateReading::floating(at + 1, extent, found, 0))
}

/// A weekday alone: the most recent one, because news reports the past.
pub(super) fn weekday(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let Meaning::Weekday(weekday) = words.term(at) else { return None };
    let is_abbreviation = words.word(at).len() < 6;
    let is_led = matches!(
        words.before(at, 1),
        Meaning::On | Meaning::From | Meaning::To | Meaning::Between | Meaning::And
    );
    if is_abbreviation && !(words.is_capital(at) && is_led) || words.word(at).ends_with('s') {
        return None;
    }
    Some(DateReading::reckoned(at + 1, DateRange::day(latest_weekday(today, weekday)?)?))
}

/// The year after a quarter or a season, or else the year closest to `today` by `month`.
fn year_or_near(
    words: &CutText<'_>,
    end: usize,
    today: NaiveDate,
    month: u32,
) -> (i32, usize, bool) {
    let start = skip_comma(words, end);
    let start =
        if matches!(words.term(start), Meaning::Of | Meaning::In) { start + 1 } else { start };
    let short = words.is_sign(start, '\'').then(|| words.digits(start + 1)).flatten();
    if let Some((year, end)) = year(words, start) {
        return (year, end, false);
    }
    if let Some(year) = short.and_then(|year| i32::try_from(year).ok()).filter(|year| *year < 100) {
        return (of_two_digits(year), start + 2, false);
    }
    let start = if words.term(start) == Meaning::The { start + 1 } else { start };
    let step = match (words.term(start), words.term(start + 1)) {
        (Meaning::This, Meaning::Stretch(TimeStretch::Year)) => Some(0),
        (Meaning::Last, Meaning::Stretch(TimeStretch::Year)) => Some(-1),
        (Meaning::Next, Meaning::Stretch(TimeStretch::Year)) => Some(1),
        _ => None,
    };
    match step {
        Some(step) => (today.year() + step, start + 2, true),
        None => (nearest_year(today, month), end, true),
    }
}

/// "Q3 2016", "the third quarter of this year", "H1 2016", "the first half of 2016".
fn quarter_or_half(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let (before, start) = match in_digits(words, at) {
        Some((year, end)) => (Some(year), end),
        None => match year_and_letters(words, at) {
            Some((year, end)) => (Some(year), end),
            None => (None, at),
        },
    };
    let start = if words.term(start) == Meaning::The { start + 1 } else { start };
    let (is_half, part, end) = part_of_year(words, start)?;
    let extent = |year: i32| if is_half { calendar::half(year, part) } else { quarter(year, part) };
    if let Some(year) = before {
        return Some(DateReading::dated(end, extent(year)?));
    }
    let (year, after, relative) =
        year_or_near(words, end, today, if is_half { part * 6 - 3 } else { part * 3 - 1 });
    // Halves may be of games, and quarters of a business year: only with a year are they dates.
    let is_letter = words.term(start + 1) == Meaning::Digits;
    if after == end && (is_half || !is_letter) {
        return None;
    }
    let found = extent(year)?;
    Some(if relative {
        DateReading::reckoned(after, found)
    } else {
        DateReading::dated(after, found)
    })
}

/// "2016" of "2016H2".
fn year_and_letters(words: &CutText<'_>, at: usize) -> Option<(i32, usize)> {
    let is_part = words.is(at + 1, "h") || words.is(at + 1, "q");
    let is_glued = words.is_glued(at + 1) && words.is_glued(at + 2);
    let year = words.digits(at).filter(|_| is_part && is_glued && words.word(at).len() == 4)?;
    Some((i32::try_from(year).ok()?, at + 1))
}

/// Whether it is a half, its number, and the word after it.
fn part_of_year(words: &CutText<'_>, at: usize) -> Option<(bool, u32, usize)> {
    if (words.word(at) == "Q" || words.word(at) == "H") && words.is_glued(at + 1) {
        let is_half = words.word(at) == "H";
        let most = if is_half { 2 } else { 4 };
        let part = words.digits(at + 1).filter(|part| (1..=most).contains(part))?;
        return Some((is_half, u32::try_from(part).ok()?, at + 2));
    }
    let part = match words.term(at) {
        Meaning::Ordinal(part @ 1..=4) => u32::try_from(part).ok()?,
        Meaning::Last => 0,
        _ => return None,
    };
    match words.term(at + 1) {
        Meaning::Quarter => Some((false, if part == 0 { 4 } else { part }, at + 2)),
        Meaning::Half if part <= 2 => Some((true, if part == 0 { 2 } else { part }, at + 2)),
        _ => None,
    }
}

/// "the 1970s", "the '40s", "the seventies", "the nineteen seventies", "the twenty-tens".
fn decade_of(words: &CutText<'_>, at: usize) -> Option<DateReading> {
    let is_s = |at: usize| {
        words.is_glued(at) && words.word(at) == "s"
            || words.is_glued(at)
                && matches!(words.term(at), Meaning::Sign('\'' | '’'))
                && words.is_glued(at + 1)
                && words.word(at + 1) == "s"
    };
    let after_s = |at: usize| if words.word(at) == "s" { at + 1 } else { at + 2 };
    let led = matches!(words.before(at, 1), Meaning::The | Meaning::In)
        || words.is_dash(at.wrapping_sub(1))
        || ["early", "late", "mid"].iter().any(|word| words.end_with(at, &[word]));
    if let Some(digits) = words.digits(at).filter(|digits| digits % 10 == 0 && is_s(at + 1)) {
        let digits = i32::try_from(digits).ok()?;
        let first = match words.word(at).len() {
            4 if (1000..2100).contains(&digits) => digits,
            2 if led && digits >= 50 || words.is_sign(at.wrapping_sub(1), '\'') => {
                century_of(digits)
            }
            _ => return None,
        };
        return Some(DateReading::dated(after_s(at + 1), decade(first)?));
    }
    if let Meaning::Decade(years) = words.term(at) {
        // "in his twenties"
        return led.then(|| {
            decade(century_of(years.into())).map(|extent| DateReading::dated(at + 1, extent))
        })?;
    }
    let (century, next) =
        below_hundred(words, at).filter(|(number, _)| (16..=20).contains(number))?;
    let next = if words.is_dash(next) { next + 1 } else { next };
    let years = match words.term(next) {
        Meaning::Decade(years) => years,
        Meaning::TensOf if led => 10,
        _ => return None,
    };
    let first = i32::try_from(century).ok()? * 100 + i32::from(years);
    Some(DateReading::dated(next + 1, decade(first)?))
}

/// The years of "the seventies": in the last century, from the thirties on.
const fn century_of(years: i32) -> i32 {
    if years < 30 { 2000 + years } else { 1900 + years }
}

/// "the 21st century".
fn century(words: &CutText<'_>, at: usize) -> Option<DateReading> {
    let (number, end, is_ordinal) = day_and_form(words, at)?;
    let end = if words.is_dash(end) { end + 1 } else { end };
    let is_century = words.is(end, "century") && is_ordinal;
    let number = i32::try_from(number).ok().filter(|_| is_century)?;
    let first = (number - 1) * 100;
    Some(DateReading::dated(end + 1, DateRange::years(first.max(1), first + 99)?))
}

/// "summer 2016", "the spring of 1978".
fn season(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let Meaning::Season(season) = words.term(at) else { return None };
    let month = u32::from(season) * 3 % 12 + 4;
    let (year, end, relative) = year_or_near(words, at + 1, today, month);
    let is_led = matches!(words.before(at, 1), Meaning::The | Meaning::In);
    let extent = calendar::season(year, season)?;
    if !relative {
        return Some(DateReading::dated(end, extent));
    }
    let ends = !words.is_letters(end) || words.term(end).ends_phrase();
    let is_season = end > at + 1 || is_led && ends && season != 0;
    is_season.then_some(DateReading::reckoned(end, extent))
}

/// The nth weekday of a range: "the first Friday of July".
pub(super) fn nth_of(extent: &DateRange, nth: u32, weekday: u8) -> Option<DateRange> {
    DateRange::day(nth_weekday(extent, nth, weekday)?)
}

/// Nouns that follow a number which could be a year but is a count.
const COUNTED: &[&str] = &[
    "soldiers",
    "workers",
    "employees",
    "jobs",
    "homes",
    "houses",
    "migrants",
    "protesters",
    "deaths",
    "families",
    "buildings",
    "prisoners",
    "refugees",
    "residents",
    "students",
    "passengers",
    "members",
    "civilians",
    "delegates",
    "units",
    "copies",
    "patients",
    "schools",
];

/// A year alone, in digits; in words only after "in" or "of".
pub(super) fn year_alone(words: &CutText<'_>, at: usize) -> Option<DateReading> {
    if words.is(at, "year") && !words.is_glued(at + 1) {
        return numbered_year(words, at);
    }
    let led = is_led(words, at);
    let Some((year, end)) = in_digits(words, at) else {
        let (year, end) = in_words(words, at).filter(|_| led)?;
        let ends = !words.is_letters(end);
        return ends
            .then(|| DateRange::year(year).map(|extent| DateReading::dated(end, extent)))?;
    };
    let is_known = if led { (1000..=2150).contains(&year) } else { (1500..=2100).contains(&year) };
    let before = words.before(at, 1);
    let is_glued = words.is_glued(at)
        && !matches!(
            before,
            Meaning::Sign('(' | '[' | '-' | '–' | '—' | '"' | '“' | '‘' | '\'' | '’' | '/')
        );
    let is_bounded = [
        "than",
        "least",
        "over",
        "about",
        "some",
        "nearly",
        "almost",
        "around",
        "up",
        "to",
        "under",
        "above",
        "below",
        "exceeding",
        "exceeded",
    ]
    .iter()
    .any(|word| words.end_with(at, &[word]) && !led);
    let is_base = words.is(end, "levels");
    // "40 percent of 1250 wells"
    let is_whole = words.before(at, 1) == Meaning::Of
        && matches!(words.before(at, 2), Meaning::Percent | Meaning::Sign('%') | Meaning::Half);
    let is_whole = (is_whole || !(1500..=2100).contains(&year)) && words.is_plural(end);
    let is_people =
        words.term(end) == Meaning::Collective || COUNTED.iter().any(|word| words.is(end, word));
    let is_counted = counts(words, end)
        || is_whole
        || is_people && !led
        || matches!(
            words.term(end),
            Meaning::Pounds | Meaning::Code | Meaning::Degrees | Meaning::Stretch(_)
        );
    let is_marked =
        matches!(before, Meaning::Sign('$' | '€' | '£' | '#' | '<' | '>' | '~' | '=' | '+'));
    let is_joined = words.is_dash(end)
        && words.is_glued(end)
        && words.is_glued(end + 1)
        && words.is_letters(end + 1)
        && is_unit(words, end + 1);
    let is_year = is_known
        && !is_glued
        && (!is_bounded || is_base)
        && !is_counted
        && !is_marked
        && !is_joined;
    is_year.then(|| DateRange::year(year).map(|extent| DateReading::dated(end, extent)))?
}

/// Whether the word before introduces a date, as "in" and "since" do.
fn is_led(words: &CutText<'_>, at: usize) -> bool {
    let leads = ["since", "by", "during", "before", "after", "year", "early", "late", "mid"];
    matches!(
        words.before(at, 1),
        Meaning::In | Meaning::Of | Meaning::From | Meaning::Until | Meaning::To | Meaning::Between
    ) || leads.iter().any(|word| words.end_with(at, &[word]))
}

fn is_unit(words: &CutText<'_>, at: usize) -> bool {
    matches!(words.term(at), Meaning::Measure | Meaning::Currency | Meaning::Stretch(_))
}

/// "year 247".
fn numbered_year(words: &CutText<'_>, at: usize) -> Option<DateReading> {
    let spelt = || {
        let found = crate::reading::numeral::number::number(
            words,
            at + 1,
            crate::reading::numeral::number::Letters::OfAnything,
        )?;
        Some((found.value.as_whole()?, found.end))
    };
    let (number, end) = words.digits(at + 1).map(|number| (number, at + 2)).or_else(spelt)?;
    let number = i32::try_from(number).ok().filter(|number| (100..=2150).contains(number))?;
    Some(DateReading::dated(end, DateRange::year(number)?))
}
