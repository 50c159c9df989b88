//! Reads dates relative to another: today, last month, three years ago, the next two weeks.
//!
//! Knows the words that make a date relative. Must not know the names of months and days, except in
//! phrases such as "next June".

use chrono::{Datelike, NaiveDate};

use crate::domain::moment::Date;
use crate::reading::numeral::calendar::{self, DateRange, around, stepped, weekday_of};
use crate::reading::numeral::number::{Letters, number};
use crate::reading::numeral::word::{CutText, Meaning, TimeStretch};

use super::reading::DateReading;

/// The date at `at` that is relative to `today`.
pub(super) fn date(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    near(words, at, today)
        .or_else(|| pointed(words, at, today))
        .or_else(|| after_next(words, at, today))
        .or_else(|| stepped_off(words, at, today))
        .or_else(|| ahead(words, at, today))
}

fn one_day(day: NaiveDate, end: usize) -> Option<DateReading> {
    Some(DateReading::reckoned(end, DateRange::day(day)?))
}

/// The date of "today", "yesterday" or "the day after tomorrow".
fn near(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let anchored = |at: usize| match words.term(at) {
        Meaning::Today => Some(0),
        Meaning::Tomorrow => Some(1),
        Meaning::Yesterday => Some(-1),
        _ => None,
    };
    let day = |step: i64, end: usize| one_day(stepped(today, step, TimeStretch::Day)?, end);
    if let Some(step) = anchored(at) {
        return day(step, at + 1);
    }
    if words.begin_with(at, &["day", "after", "tomorrow"])
        || words.begin_with(at, &["day", "after", "tmrw"])
    {
        return day(2, at + 3);
    }
    words.begin_with(at, &["day", "before", "yesterday"]).then(|| day(-2, at + 3))?
}

/// The number of time units: "3", "two", "few", "a couple of".
pub(super) fn count(words: &CutText<'_>, at: usize) -> Option<(i64, usize)> {
    let start = if words.term(at) == Meaning::Article { at + 1 } else { at };
    if words.is(start, "few") || words.is(start, "several") {
        return Some((3, start + 1));
    }
    if words.begin_with(start, &["couple", "of"]) {
        return Some((2, start + 2));
    }
    if start > at {
        return Some((1, start));
    }
    let found = number(words, at, Letters::OfAnything)?;
    let count = found.value.as_whole().and_then(|count| i64::try_from(count).ok())?;
    (count < 10_000).then_some((count, found.end))
}

/// The time unit that the word at `at` names.
pub(super) fn stretch(words: &CutText<'_>, at: usize) -> Option<TimeStretch> {
    match words.term(at) {
        Meaning::Stretch(stretch) => Some(stretch),
        Meaning::Quarter | Meaning::Quarters => Some(TimeStretch::Quarter),
        _ => None,
    }
}

/// "this week", "last Friday", "next June", "past 3 weeks".
fn pointed(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let step = match words.term(at) {
        Meaning::This => 0,
        Meaning::Last => -1,
        Meaning::Next => 1,
        _ if words.is(at, "that") && words.is(at + 1, "weekend") => 0,
        _ => return None,
    };
    let next = at + 1;
    if let Some(stretch) = stretch(words, next) {
        return pointed_stretch(words, next, step, stretch, today);
    }
    match words.term(next) {
        Meaning::Weekday(weekday) => {
            let week = stepped(today, step, TimeStretch::Week)?;
            return one_day(weekday_of(week, weekday)?, next + 1);
        }
        Meaning::Month(month) | Meaning::MonthOrWord(month) => {
            let extent = pointed_month(today, step, month.into())?;
            return Some(DateReading::reckoned(next + 1, extent));
        }
        Meaning::Season(season) => {
            let year = pointed_season(today, step, season);
            return Some(DateReading::reckoned(next + 1, calendar::season(year, season)?));
        }
        _ => {}
    }
    let (count, end) = count(words, next).filter(|_| step != 0)?;
    let unit = stretch(words, end)?;
    Some(DateReading::counted(end + 1, run(today, count * step, unit)?))
}

fn pointed_stretch(
    words: &CutText<'_>,
    at: usize,
    step: i64,
    stretch: TimeStretch,
    today: NaiveDate,
) -> Option<DateReading> {
    if matches!(stretch, TimeStretch::Second | TimeStretch::Minute | TimeStretch::Hour) {
        return None;
    }
    // "the last day of the trial" is not a calendar date.
    let is_part = matches!(words.term(at + 1), Meaning::Of) && !words.is(at, "week");
    let is_same = words.is(at - 1, "same") && stretch == TimeStretch::Day;
    let is_plural = words.word(at).ends_with('s');
    if is_part || is_same || is_plural && !words.is(at, "days") {
        return None;
    }
    let extent = around(stepped(today, step, stretch)?, stretch)?;
    if stretch == TimeStretch::Week
        && let Some((weekday, end)) = weekday_within(words, at + 1)
    {
        return one_day(weekday_of(extent.first_day(), weekday)?, end);
    }
    Some(DateReading::reckoned(at + 1, extent))
}

/// The weekday of "next week Friday", "next week on Friday".
fn weekday_within(words: &CutText<'_>, at: usize) -> Option<(u8, usize)> {
    let at = if words.term(at) == Meaning::On { at + 1 } else { at };
    match words.term(at) {
        Meaning::Weekday(weekday) => Some((weekday, at + 1)),
        _ => None,
    }
}

fn pointed_month(today: NaiveDate, step: i64, month: u32) -> Option<DateRange> {
    let year = match step {
        0 => today.year(),
        1 if month > today.month() => today.year(),
        1 => today.year() + 1,
        _ if month < today.month() && today.month() - month <= 10 && today.month() - month > 2 => {
            today.year()
        }
        _ => today.year() - 1,
    };
    DateRange::month(year, month)
}

fn pointed_season(today: NaiveDate, step: i64, season: u8) -> i32 {
    let first = u32::from(season) * 3 + 3;
    match step {
        1 if first > today.month() => today.year(),
        1 => today.year() + 1,
        -1 if first + 2 < today.month() => today.year(),
        -1 => today.year() - 1,
        _ => today.year(),
    }
}

/// The time units from today on, or up to today if `count` is negative.
fn run(today: NaiveDate, count: i64, unit: TimeStretch) -> Option<DateRange> {
    if unit == TimeStretch::Decade {
        let first = today.year() - today.year().rem_euclid(10);
        let years = i32::try_from(count).ok()?.checked_mul(10)?;
        return if years < 0 {
            DateRange::years(first + years, first - 1)
        } else {
            DateRange::years(first + 10, first + 9 + years)
        };
    }
    let other = stepped(today, count, unit)?;
    if count < 0 {
        DateRange::days(other, stepped(today, -1, TimeStretch::Day)?)
    } else {
        DateRange::days(stepped(today, 1, TimeStretch::Day)?, other)
    }
}

/// "the week after next".
fn after_next(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let stretch = stretch(words, at)?;
    let end = if words.begin_with(at + 1, &["after", "next"]) {
        at + 3
    } else if words.begin_with(at + 1, &["after", "the", "next"]) {
        at + 4
    } else {
        return None;
    };
    Some(DateReading::reckoned(end, around(stepped(today, 2, stretch)?, stretch)?))
}

/// Several counts of time units, added up: "2 years 1 month and 21 days".
fn sum(
    words: &CutText<'_>,
    at: usize,
    from: NaiveDate,
    sign: i64,
) -> Option<(NaiveDate, TimeStretch, usize)> {
    let (mut day, mut end, mut finest) = (from, at, TimeStretch::Year);
    let order = |stretch: TimeStretch| match stretch {
        TimeStretch::Day => 0,
        TimeStretch::Week | TimeStretch::Fortnight => 1,
        TimeStretch::Month => 2,
        _ => 3,
    };
    for round in 0..4 {
        let joint =
            usize::from(round > 0 && matches!(words.term(end), Meaning::And | Meaning::Sign(',')));
        let Some((count, next)) = count(words, end + joint) else { break };
        let Some(unit) = stretch(words, next).filter(|unit| *unit != TimeStretch::Quarter) else {
            break;
        };
        day = stepped(day, count.checked_mul(sign)?, unit)?;
        if order(unit) < order(finest) || round == 0 {
            finest = unit;
        }
        end = next + 1;
    }
    (end > at).then_some((day, finest, end))
}

/// The date as precise as the units counted: "years ago" gives a year, "days ago" a day.
fn as_precise(day: NaiveDate, finest: TimeStretch) -> Option<DateRange> {
    let date = match finest {
        TimeStretch::Day | TimeStretch::Week | TimeStretch::Fortnight | TimeStretch::Weekend => {
            Date::Day(day)
        }
        TimeStretch::Month | TimeStretch::Quarter => {
            return DateRange::month(day.year(), day.month());
        }
        _ => return DateRange::year(day.year()),
    };
    Some(DateRange::at(date)).filter(|_| (1..=9999).contains(&day.year()))
}

/// "three years ago", "two weeks from now", "four days from yesterday".
fn stepped_off(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    if let Some(found) = weekdays_off(words, at, today) {
        return Some(found);
    }
    let (_, _, end) = sum(words, at, today, 1)?;
    let (sign, step, after) = if words.term(end) == Meaning::Ago {
        (-1, 0, end + 1)
    } else if words.begin_with(end, &["from", "now"]) {
        (1, 0, end + 2)
    } else if words.begin_with(end, &["in", "the", "future"]) {
        return ahead_of(words, at, today, end + 3);
    } else if words.is(end, "hence") {
        return ahead_of(words, at, today, end + 1);
    } else if words.is(end, "later") && (1..6).any(|back| words.is(at.wrapping_sub(back), "will")) {
        (1, 0, end + 1)
    } else {
        let sign = match words.word(end) {
            "from" | "after" => 1,
            "before" => -1,
            _ => return None,
        };
        let step = match words.term(end + 1) {
            Meaning::Today => 0,
            Meaning::Tomorrow => 1,
            Meaning::Yesterday => -1,
            _ => return None,
        };
        (sign, step, end + 2)
    };
    let (day, finest, _) = sum(words, at, stepped(today, step, TimeStretch::Day)?, sign)?;
    Some(DateReading::counted(after, as_precise(day, finest)?))
}

/// From tomorrow up to `count` time units ahead.
fn ahead_of(words: &CutText<'_>, at: usize, today: NaiveDate, end: usize) -> Option<DateReading> {
    let (last, ..) = sum(words, at, today, 1)?;
    Some(DateReading::counted(end, DateRange::days(stepped(today, 1, TimeStretch::Day)?, last)?))
}

/// "two Sundays from now".
fn weekdays_off(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let (count, next) = count(words, at)?;
    let Meaning::Weekday(weekday) = words.term(next) else { return None };
    let end = if words.begin_with(next + 1, &["from", "now"]) {
        next + 3
    } else if words.is(next + 1, "later") {
        next + 2
    } else {
        return None;
    };
    let tomorrow = stepped(today, 7, TimeStretch::Day)?;
    let first = calendar::latest_weekday(tomorrow, weekday)?;
    one_day(stepped(first, count - 1, TimeStretch::Week)?, end)
        .map(|found| DateReading { counts: true, ..found })
}

/// "within 5 days", "within the next 3 years", "will … in 3 weeks".
fn ahead(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    if words.is(at, "within") {
        let start = if words.term(at + 1) == Meaning::The { at + 2 } else { at + 1 };
        let start = if words.term(start) == Meaning::Next { start + 1 } else { start };
        let (last, _, end) = sum(words, start, today, 1)?;
        let is_from = words.begin_with(end, &["from", "today"]);
        return Some(DateReading::counted(
            if is_from { end + 2 } else { end },
            DateRange::days(today, last)?,
        ));
    }
    let is_future = (1..9).any(|back| words.is(at.wrapping_sub(back), "will"));
    if words.term(at) != Meaning::In || !is_future {
        return None;
    }
    let (day, finest, end) = sum(words, at + 1, today, 1)?;
    let is_day = matches!(finest, TimeStretch::Day | TimeStretch::Week | TimeStretch::Month);
    Some(DateReading::counted(end, as_precise(day, finest).filter(|_| is_day)?))
}
