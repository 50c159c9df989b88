//! Reads dates in prose: single days, months and years, and what is built from them: ranges, parts,
//! weeks.
//!
//! Knows how dates combine. Must not know the current time: the reference day for phrases such as
//! "last month" is an argument.

mod reading;

mod named;
mod numeric;
mod relative;

use chrono::{Datelike, NaiveDate};

use crate::domain::moment::{Basis, Date, Period};

use super::calendar::{self, DateRange, around, stepped};
use super::word::{CutText, Meaning, TimeStretch};
use super::year;

use reading::DateReading;

/// A date or period, and its range in the text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// The position of its first byte.
    pub start: usize,
    /// The position after its last byte.
    pub end: usize,
    /// The period. Its basis is printed if the text states all of it, and inferred if the reference
    /// date was needed.
    pub period: Period,
    /// Whether the reference date was needed.
    pub relative: bool,
}

/// The dates of a text, and which of its words belong to one and are therefore not figures. An
/// expression that counts time units, such as "three years ago", stays a figure.
pub(super) struct Dated {
    pub(super) found: Vec<When>,
    pub(super) marks: Vec<bool>,
}

/// Every date, in order; without a reference date, those that need one are left out.
pub(super) fn read(words: &CutText<'_>, reference: Option<NaiveDate>) -> Dated {
    let mut dated = Dated { found: Vec::new(), marks: vec![false; words.len()] };
    let today = reference.unwrap_or_default();
    each(words, today, |at, reading| {
        if !reading.counts {
            dated.marks[at..reading.end].fill(true);
        }
        let basis = if reading.relative { Basis::Inferred } else { Basis::Printed };
        let is_known = reference.is_some() || !reading.relative;
        let Some((start, period)) = period(words, at, &reading, basis, today).filter(|_| is_known)
        else {
            return;
        };
        let (start, end) = words.bytes(start, reading.end);
        dated.found.push(When { start, end, period, relative: reading.relative });
    });
    dated
}

/// The period of a date as read, with the "since" or "until" before it.
fn period(
    words: &CutText<'_>,
    at: usize,
    reading: &DateReading,
    basis: Basis,
    today: NaiveDate,
) -> Option<(usize, Period)> {
    let lead = if words.end_with(at, &["the"]) { at - 1 } else { at };
    let is_since = words.end_with(lead, &["since"]);
    let reading = if is_since { reading.behind(today) } else { *reading };
    let DateRange { from, to } = reading.extent;
    let is_range = matches!(words.term(at), Meaning::From | Meaning::Between);
    if is_since && !is_range {
        return Period::between(Some(from), None, basis).ok().map(|period| (lead - 1, period));
    }
    // "from 2022" alone, or with "onwards"; otherwise "from" gives an origin.
    let is_onwards = ["on", "onward", "onwards"].iter().any(|word| words.is(reading.end, word));
    let (is_from, is_to) =
        (words.before(at, 1) == Meaning::From, words.before(at, 1) == Meaning::To);
    if is_from && (at == 1 || is_onwards) {
        return Period::between(Some(from), None, basis).ok().map(|period| (at - 1, period));
    }
    if is_to && at == 1 {
        return Period::between(None, Some(to), basis).ok().map(|period| (at - 1, period));
    }
    if words.before(lead, 1) == Meaning::Until && !words.is(lead - 1, "through") && !is_range {
        return Period::between(None, Some(to), basis).ok().map(|period| (lead - 1, period));
    }
    let period = if from == to {
        Some(Period::at(from, basis))
    } else {
        Period::between(Some(from), Some(to), basis).ok()
    };
    // "the 1985 massacre": the article belongs to the noun.
    let is_year = reading.extent.as_year().is_some() && words.term(at) == Meaning::The;
    period.map(|period| (at + usize::from(is_year && at + 1 < reading.end), period))
}

/// Calls `visit` with every date; none lies inside another.
fn each(words: &CutText<'_>, today: NaiveDate, mut visit: impl FnMut(usize, DateReading)) {
    let mut at = 0;
    while at < words.len() {
        let found = may_begin(words, at).then(|| date(words, at, today)).flatten();
        match found.filter(|reading| reading.end > at && reading.end <= words.len()) {
            Some(reading) => {
                visit(at, reading);
                at = reading.end;
            }
            None => at += 1,
        }
    }
}

/// Whether a date can begin with this word; most words cannot.
fn may_begin(words: &CutText<'_>, at: usize) -> bool {
    match words.term(at) {
        Meaning::The => {
            let next = words.term(at + 1);
            next != Meaning::The && (may_begin(words, at + 1) || words.is_sign(at + 1, '\''))
        }
        Meaning::Article => matches!(
            words.term(at + 1),
            Meaning::Stretch(_) | Meaning::Pointer | Meaning::Part | Meaning::Quarter
        ),
        Meaning::Sign('\'') => words.term(at + 1) == Meaning::Digits,
        Meaning::In => matches!(
            words.term(at + 1),
            Meaning::Digits
                | Meaning::Small(_)
                | Meaning::Tens(_)
                | Meaning::Article
                | Meaning::Pointer
        ),
        Meaning::Stretch(stretch) => {
            !matches!(stretch, TimeStretch::Second | TimeStretch::Minute | TimeStretch::Hour)
        }
        Meaning::Digits
        | Meaning::Small(_)
        | Meaning::Tens(_)
        | Meaning::Ordinal(_)
        | Meaning::From
        | Meaning::Between
        | Meaning::Month(_)
        | Meaning::MonthOrWord(_)
        | Meaning::Weekday(_)
        | Meaning::Season(_)
        | Meaning::Decade(_)
        | Meaning::Today
        | Meaning::Tomorrow
        | Meaning::Yesterday
        | Meaning::This
        | Meaning::Last
        | Meaning::Next
        | Meaning::Part
        | Meaning::Pointer => true,
        _ => false,
    }
}

/// The longest date that begins at `at`.
fn date(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    days_of_month(words, at, today)
        .or_else(|| range(words, at, today))
        .or_else(|| single(words, at, today))
}

/// A date that is not a range.
fn single(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    part(words, at, today).or_else(|| whole(words, at, today))
}

/// A date without a word for a part of it.
fn whole(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let start = if words.term(at) == Meaning::The { at + 1 } else { at };
    nth(words, start, today)
        .or_else(|| week(words, start, today))
        .or_else(|| plain(words, start, today))
        .or_else(|| (start > at).then(|| the(words, start, today))?)
}

/// A day, month, year or other time unit.
fn plain(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let found = numeric::date(words, at, today)
        .or_else(|| day_of_pointed(words, at, today))
        .or_else(|| named::date(words, at, today))
        .or_else(|| relative::date(words, at, today))
        .or_else(|| weekday_of_week(words, at, today))
        .or_else(|| named::weekday(words, at, today))
        .or_else(|| named::year_alone(words, at))?;
    in_pointed_year(words, found, today).or(Some(found))
}

/// "June next year", "Friday next week".
fn in_pointed_year(
    words: &CutText<'_>,
    found: DateReading,
    today: NaiveDate,
) -> Option<DateReading> {
    let (month, day) = found.floating?;
    let at = if words.term(found.end) == Meaning::Of { found.end + 1 } else { found.end };
    let step = pointer(words, at).filter(|_| words.is(at + 1, "year"))?;
    let year = today.year() + step;
    let extent = match day {
        0 => DateRange::month(year, month),
        day => DateRange::day(NaiveDate::from_ymd_opt(year, month, day)?),
    };
    Some(DateReading::reckoned(at + 2, extent?))
}

fn pointer(words: &CutText<'_>, at: usize) -> Option<i32> {
    match words.term(at) {
        Meaning::This => Some(0),
        Meaning::Last => Some(-1),
        Meaning::Next => Some(1),
        _ => None,
    }
}

/// "Friday next week", "Sunday of next week".
fn weekday_of_week(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let Meaning::Weekday(weekday) = words.term(at) else { return None };
    let next = if words.term(at + 1) == Meaning::Of { at + 2 } else { at + 1 };
    let step = pointer(words, next).filter(|_| words.is(next + 1, "week"))?;
    let week = stepped(today, step.into(), TimeStretch::Week)?;
    let day = calendar::weekday_of(week, weekday)?;
    Some(DateReading::reckoned(next + 2, DateRange::day(day)?))
}

/// "20th of next month".
fn day_of_pointed(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let (day, end) = named::day(words, at)?;
    let next = if words.term(end) == Meaning::Of { end + 1 } else { return None };
    let step = pointer(words, next).filter(|_| words.is(next + 1, "month"))?;
    let month = around(stepped(today, step.into(), TimeStretch::Month)?, TimeStretch::Month)?;
    Some(DateReading::reckoned(next + 2, DateRange::day(month.first_day().with_day(day)?)?))
}

/// A date that needs its article: "the weekend", "the 27th".
fn the(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    if words.is(at, "weekend") {
        let end = at + 1;
        return Some(DateReading::reckoned(end, around(today, TimeStretch::Weekend)?));
    }
    let (day, end) = named::day(words, at)?;
    let is_ordinal = words.term(end - 1) != Meaning::Digits
        && !matches!(words.term(end - 1), Meaning::Small(_) | Meaning::Tens(_));
    let is_led = matches!(words.before(at, 2), Meaning::On)
        || words.end_with(at - 1, &["for"])
        || words.end_with(at - 1, &["by"]);
    let ends = !words.is_letters(end) && !words.is_glued(end)
        || matches!(words.term(end), Meaning::End | Meaning::Sign('.' | ',' | '!' | '?'));
    if !is_ordinal && !words.end_with(at - 1, &["for"]) || !is_led || !ends {
        return None;
    }
    let months = (-2i64..=2)
        .filter_map(|step| stepped(today.with_day(1)?, step, TimeStretch::Month)?.with_day(day));
    let found = months.min_by_key(|day| day.signed_duration_since(today).num_days().abs())?;
    Some(DateReading::reckoned(end, DateRange::day(found)?))
}

/// "first", "second", "last" as a number; 0 is the last.
fn ordinal(words: &CutText<'_>, at: usize) -> Option<u32> {
    match words.term(at) {
        Meaning::Ordinal(number @ 1..=53) => u32::try_from(number).ok(),
        Meaning::Last if words.is(at, "last") => Some(0),
        _ => None,
    }
}

/// "the first Friday of July", "the third week of 2027", "second Sunday".
fn nth(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let nth = ordinal(words, at)?;
    let is_of = matches!(words.term(at + 2), Meaning::Of | Meaning::In);
    let start = if is_of { at + 3 } else { at + 2 };
    let start = if words.term(start) == Meaning::The && is_of { start + 1 } else { start };
    let within = || {
        plain(words, start, today)
            .filter(|found| found.extent.as_month().is_some() || found.extent.as_year().is_some())
    };
    match words.term(at + 1) {
        Meaning::Weekday(weekday) => {
            if let Some(found) = within().filter(|_| is_of) {
                return Some(found.with(named::nth_of(&found.extent, nth, weekday)?));
            }
            let month = around(today, TimeStretch::Month)?;
            let extent = named::nth_of(&month, nth, weekday).filter(|_| nth > 0)?;
            Some(DateReading::reckoned(at + 2, extent))
        }
        Meaning::Stretch(TimeStretch::Week) => {
            let found = within()?;
            Some(found.with(calendar::nth_week(&found.extent, nth)?))
        }
        _ => None,
    }
}

/// "week of September 16", "the week starting February 4", "week 31".
fn week(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let is_month = words.is(at, "month") && words.term(at + 1) == Meaning::Of;
    let is_commencing = words.begin_with(at, &["w", "/", "c"]);
    if !words.is(at, "week") && !is_month && !is_commencing {
        return None;
    }
    let stretch = if is_month { TimeStretch::Month } else { TimeStretch::Week };
    if let Some(number) = words.digits(at + 1).filter(|number| (1..=53).contains(number)) {
        let year = around(today, TimeStretch::Year)?;
        let extent = calendar::nth_week(&year, u32::try_from(number).ok()?)?;
        return Some(DateReading::reckoned(at + 2, extent));
    }
    let starts = ["of", "starting", "commencing", "beginning"];
    let start = if is_commencing {
        at + 3
    } else if starts.iter().any(|word| words.is(at + 1, word)) {
        at + 2
    } else {
        return None;
    };
    let start = if words.term(start) == Meaning::On { start + 1 } else { start };
    let start = if words.term(start) == Meaning::The { start + 1 } else { start };
    let found = plain(words, start, today).or_else(|| {
        let (day, end) = named::day(words, start)?;
        Some(DateReading::reckoned(end, DateRange::day(today.with_day(day)?)?))
    })?;
    Some(found.with(around(found.extent.first_day(), stretch)?))
}

/// Which part of a time unit is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StretchPart {
    Early,
    Mid,
    Late,
    Start,
    Middle,
    End,
    Earlier,
    Later,
    Rest,
}

/// "early next year", "the end of March", "mid-2024", "earlier this month", "rest of the week".
fn part(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let at = if words.term(at) == Meaning::The { at + 1 } else { at };
    let (part, is_noun) = match words.word(at).to_ascii_lowercase().as_str() {
        "early" => (StretchPart::Early, false),
        "late" => (StretchPart::Late, false),
        "mid" => (StretchPart::Mid, false),
        "earlier" => (StretchPart::Earlier, false),
        "later" => (StretchPart::Later, false),
        "start" | "beginning" => (StretchPart::Start, true),
        "middle" => (StretchPart::Middle, true),
        "end" | "close" => (StretchPart::End, true),
        "rest" => (StretchPart::Rest, true),
        _ => return None,
    };
    let mut next = at + 1;
    if words.is_dash(next) && !is_noun {
        next += 1;
    }
    if words.term(next) == Meaning::Of {
        next += 1;
    } else if is_noun && part != StretchPart::Rest && !is_pointer_or_month(words, next) {
        return None;
    }
    let is_in = words.term(next) == Meaning::In
        && matches!(
            part,
            StretchPart::Early | StretchPart::Late | StretchPart::Earlier | StretchPart::Later
        );
    let next = if is_in { next + 1 } else { next };
    let found = inner(words, next, today, part, is_in)?;
    let extent = taken(&found.extent, part, today)?;
    let relative = found.relative
        || matches!(part, StretchPart::Earlier | StretchPart::Later | StretchPart::Rest);
    Some(DateReading { relative, ..found.with(extent) })
}

fn is_pointer_or_month(words: &CutText<'_>, at: usize) -> bool {
    matches!(
        words.term(at),
        Meaning::This | Meaning::Last | Meaning::Next | Meaning::Month(_) | Meaning::MonthOrWord(_)
    )
}

/// The whole of a part: a date, or "the week" if the part itself is relative, such as "rest of".
fn inner(
    words: &CutText<'_>,
    at: usize,
    today: NaiveDate,
    part: StretchPart,
    is_in: bool,
) -> Option<DateReading> {
    let is_pointing = part == StretchPart::Rest
        || matches!(part, StretchPart::Earlier | StretchPart::Later) && is_in;
    let is_the = words.term(at) == Meaning::The || words.is(at, "my");
    let start = at + usize::from(is_the);
    if let Some(stretch) = relative::stretch(words, start).filter(|_| is_pointing) {
        return Some(DateReading::reckoned(start + 1, around(today, stretch)?));
    }
    let found = plain(words, start, today)?;
    let is_pointed = words.term(start) == Meaning::This;
    let fits = !matches!(part, StretchPart::Earlier | StretchPart::Later) || is_pointed || is_in;
    fits.then_some(found)
}

/// The part of a date range.
fn taken(extent: &DateRange, part: StretchPart, today: NaiveDate) -> Option<DateRange> {
    let (first, last) = (extent.first_day(), extent.last_day());
    let yesterday = || stepped(today, -1, TimeStretch::Day);
    match part {
        StretchPart::Earlier => return DateRange::days(first, yesterday()?),
        StretchPart::Later | StretchPart::Rest => return DateRange::days(today.max(first), last),
        _ => {}
    }
    if let Some(year) = extent.as_year() {
        return match part {
            StretchPart::Early => DateRange::months(year, 1, 6),
            StretchPart::Late => DateRange::months(year, 7, 12),
            StretchPart::Mid | StretchPart::Middle => DateRange::months(year, 5, 8),
            StretchPart::Start => DateRange::month(year, 1),
            _ => DateRange::month(year, 12),
        };
    }
    if let (Date::Year(from), Date::Year(to)) = (extent.from, extent.to) {
        let (from, to) = (i32::from(from), i32::from(to));
        let third = (to - from + 1) / 3;
        return match part {
            StretchPart::Early | StretchPart::Start => DateRange::years(from, from + third),
            StretchPart::Mid | StretchPart::Middle => DateRange::years(from + third, to - third),
            _ => DateRange::years(to - third, to),
        };
    }
    let days = last.signed_duration_since(first).num_days() + 1;
    let day = |step: i64| stepped(first, step, TimeStretch::Day);
    // A week has three early days and four late ones, a month fifteen and the rest.
    let half = days / 2;
    match part {
        StretchPart::Early | StretchPart::Start => DateRange::days(first, day(half - 1)?),
        StretchPart::Mid | StretchPart::Middle => {
            let quarter = (days / 4).max(1);
            DateRange::days(
                day(quarter)?,
                stepped(last, 1 - 2 * quarter.min(1) - (quarter - 1), TimeStretch::Day)?,
            )
        }
        _ => DateRange::days(day(if days > 20 { 15 } else { half })?, last),
    }
}

/// Whether a word joins the two ends of a range that begins with "between", "from" or no word.
fn joins(words: &CutText<'_>, at: usize, lead: Meaning) -> bool {
    match words.term(at) {
        Meaning::And => lead == Meaning::Between,
        Meaning::To | Meaning::Until => true,
        _ => words.is_dash(at),
    }
}

/// "from 1980 to 2000", "between May and June 2015", "Oct. 2 to October 22", "2014-2018".
fn range(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    let lead = match words.term(at) {
        lead @ (Meaning::Between | Meaning::From) => lead,
        _ => Meaning::End,
    };
    let start = if lead == Meaning::End { at } else { at + 1 };
    let first = now(words, start, today).or_else(|| {
        if lead == Meaning::End { plain(words, start, today) } else { single(words, start, today) }
    })?;
    if !joins(words, first.end, lead) {
        return within_week(words, first, today);
    }
    let last = end_of_range(words, first, first.end + 1, today)?;
    let is_spaced = words.is_dash(first.end) && !words.is_glued(first.end);
    if is_spaced && lead == Meaning::End && last.extent.as_year().is_some() {
        return None;
    }
    let (first, last) = settled(first, last)?;
    let extent = first.extent.through(last.extent)?;
    let relative = first.relative || last.relative;
    Some(DateReading { end: last.end, extent, relative, floating: None, counts: false })
}

/// "now", as the end of a range.
fn now(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    words
        .is(at, "now")
        .then(|| DateRange::day(today).map(|day| DateReading::reckoned(at + 1, day)))?
}

fn end_of_range(
    words: &CutText<'_>,
    first: DateReading,
    at: usize,
    today: NaiveDate,
) -> Option<DateReading> {
    if let Some(found) = now(words, at, today).or_else(|| single(words, at, today)) {
        return Some(found);
    }
    // "1999-2004" is handled above; "2014–18" leaves out the century, "May 2-5" the month.
    let number = words.digits(at).filter(|_| words.word(at).len() == 2)?;
    let year = first.extent.as_year().filter(|_| words.is_glued(at) && words.is_glued(at - 1))?;
    let last = year - year.rem_euclid(100) + i32::try_from(number).ok()?;
    let is_glued = words.is_glued(at + 1) && words.term(at + 1) != Meaning::Sign('.');
    (last > year && !is_glued)
        .then(|| DateRange::year(last).map(|extent| DateReading::dated(at + 1, extent)))?
}

/// Both ends with their years: if one has no year, it gets the year of the other.
fn settled(first: DateReading, last: DateReading) -> Option<(DateReading, DateReading)> {
    if first.floating.is_some() && last.floating.is_none() && !last.relative {
        let near = first.near(last.extent.last_day())?;
        let is_before = near.extent.first_day() <= last.extent.last_day();
        let back = stepped(last.extent.last_day(), -1, TimeStretch::Year)?;
        let near = if is_before { near } else { first.near(back)? };
        return Some((DateReading { relative: false, ..near }, last));
    }
    if last.floating.is_some() {
        let near = last.near(first.extent.first_day())?;
        let is_after = first.extent.first_day() <= near.extent.last_day();
        let ahead = stepped(first.extent.first_day(), 1, TimeStretch::Year)?;
        return Some((first, if is_after { near } else { last.near(ahead)? }));
    }
    Some((first, last))
}

/// "next week between Wednesday and Friday".
fn within_week(words: &CutText<'_>, week: DateReading, today: NaiveDate) -> Option<DateReading> {
    let lead = words.term(week.end);
    let is_week =
        week.relative && week.extent == around(week.extent.first_day(), TimeStretch::Week)?;
    let is_lead = matches!(lead, Meaning::Between | Meaning::From);
    let _ = today;
    if !is_week || !is_lead || !joins(words, week.end + 2, lead) {
        return None;
    }
    let day = |at: usize| match words.term(at) {
        Meaning::Weekday(weekday) => calendar::weekday_of(week.extent.first_day(), weekday),
        _ => None,
    };
    let extent = DateRange::days(day(week.end + 1)?, day(week.end + 3)?)?;
    Some(DateReading::reckoned(week.end + 4, extent))
}

/// "from 4 to 22 January, 1995", "between 3 and 12 of Sept", "November 19-20", "4 to 23 next month".
fn days_of_month(words: &CutText<'_>, at: usize, today: NaiveDate) -> Option<DateReading> {
    if let Some(month) = named::month(words, at) {
        return month_and_days(words, at, month, today);
    }
    let lead = match words.term(at) {
        lead @ (Meaning::Between | Meaning::From) => lead,
        _ => Meaning::End,
    };
    let start = if lead == Meaning::End { at } else { at + 1 };
    let (first, end) = named::day(words, start)?;
    if !joins(words, end, lead) && !words.is_dash(end) {
        return None;
    }
    if let Some(last) = plain(words, end + 1, today)
        .filter(|_| words.term(start) == Meaning::Digits && lead != Meaning::End)
    {
        // "from 4 to January 22, 1995"
        let day = last.extent.last_day();
        let is_day = matches!(last.extent.from, Date::Day(_)) && last.extent.from == last.extent.to;
        let is_month_first = named::month(words, end + 1).is_some();
        if is_day && is_month_first {
            return Some(DateReading {
                floating: None,
                ..last.with(DateRange::days(day.with_day(first)?, day)?)
            });
        }
    }
    let (last, end) = named::day(words, end + 1)?;
    let next = if matches!(words.term(end), Meaning::Of | Meaning::In) { end + 1 } else { end };
    let month = plain(words, next, today).filter(|found| found.extent.as_month().is_some())?;
    let day = month.extent.first_day();
    let extent = DateRange::days(day.with_day(first)?, day.with_day(last)?)?;
    Some(month.with(extent))
}

/// "November 19-20", "Feb between 2-7, 2018".
fn month_and_days(
    words: &CutText<'_>,
    at: usize,
    month: u32,
    today: NaiveDate,
) -> Option<DateReading> {
    let lead = if words.term(at + 1) == Meaning::Between { Meaning::Between } else { Meaning::End };
    let start = at + 1 + usize::from(lead == Meaning::Between);
    let (first, end) = named::day(words, start)?;
    if !joins(words, end, lead) {
        return None;
    }
    let (last, end) = named::day(words, end + 1)?;
    // "May 2 to 5 June" names two months.
    if named::month(words, end).is_some() || words.term(end) == Meaning::Of {
        return None;
    }
    let comma = end + usize::from(words.is_sign(end, ','));
    let (year, end, relative) = match year::year(words, comma) {
        Some((year, end)) => (year, end, false),
        None => (calendar::nearest_year(today, month), end, true),
    };
    let day = NaiveDate::from_ymd_opt(year, month, first)?;
    let extent = DateRange::days(day, day.with_day(last)?)?;
    Some(if relative {
        DateReading::reckoned(end, extent)
    } else {
        DateReading::dated(end, extent)
    })
}
