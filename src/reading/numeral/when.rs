//! Dates in prose: one day or month or year, and what is made of them: ranges, parts, weeks.
//!
//! Knows how dates combine. Must not know whose time it is; the day that "last month" is reckoned
//! from is handed in.

mod reading;

mod named;
mod numeric;
mod relative;

use chrono::{Datelike, NaiveDate};

use crate::domain::moment::{Basis, Date, Period};

use super::calendar::{self, Extent, around, stepped};
use super::word::{Stretch, Term, Words};
use super::year;

use reading::Reading;

/// A date or period, and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// What it says. Printed where it says all of it, inferred where the reference date was needed.
    pub period: Period,
    /// Whether the reference date was needed.
    pub relative: bool,
}

/// The dates of a text, and which of its words belong to one, so that they are no figures. What
/// counts stretches, as "three years ago" does, stays a figure.
pub(super) struct Dated {
    pub(super) found: Vec<When>,
    pub(super) marks: Vec<bool>,
}

/// Every date, in its order; those that need a reference date are left out without one.
pub(super) fn read(words: &Words<'_>, reference: Option<NaiveDate>) -> Dated {
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

/// The period of a reading, with the "since" or "until" before it.
fn period(
    words: &Words<'_>,
    at: usize,
    reading: &Reading,
    basis: Basis,
    today: NaiveDate,
) -> Option<(usize, Period)> {
    let lead = if words.end_with(at, &["the"]) { at - 1 } else { at };
    let is_since = words.end_with(lead, &["since"]);
    let reading = if is_since { reading.behind(today) } else { *reading };
    let Extent { from, to } = reading.extent;
    let is_range = matches!(words.term(at), Term::From | Term::Between);
    if is_since && !is_range {
        return Period::between(Some(from), None, basis).ok().map(|period| (lead - 1, period));
    }
    // "from 2022" by itself, or "onwards": else it is whence a thing comes.
    let is_onwards = ["on", "onward", "onwards"].iter().any(|word| words.is(reading.end, word));
    let (is_from, is_to) = (words.before(at, 1) == Term::From, words.before(at, 1) == Term::To);
    if is_from && (at == 1 || is_onwards) {
        return Period::between(Some(from), None, basis).ok().map(|period| (at - 1, period));
    }
    if is_to && at == 1 {
        return Period::between(None, Some(to), basis).ok().map(|period| (at - 1, period));
    }
    if words.before(lead, 1) == Term::Until && !words.is(lead - 1, "through") && !is_range {
        return Period::between(None, Some(to), basis).ok().map(|period| (lead - 1, period));
    }
    let period = if from == to {
        Some(Period::at(from, basis))
    } else {
        Period::between(Some(from), Some(to), basis).ok()
    };
    // "the 1985 massacre": the article is the massacre's.
    let is_year = reading.extent.as_year().is_some() && words.term(at) == Term::The;
    period.map(|period| (at + usize::from(is_year && at + 1 < reading.end), period))
}

/// Calls `visit` with every date, none within another.
fn each(words: &Words<'_>, today: NaiveDate, mut visit: impl FnMut(usize, Reading)) {
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

/// Whether a date can begin with this word: most cannot.
fn may_begin(words: &Words<'_>, at: usize) -> bool {
    match words.term(at) {
        Term::The => {
            let next = words.term(at + 1);
            next != Term::The && (may_begin(words, at + 1) || words.is_sign(at + 1, '\''))
        }
        Term::Article => matches!(
            words.term(at + 1),
            Term::Stretch(_) | Term::Pointer | Term::Part | Term::Quarter
        ),
        Term::Sign('\'') => words.term(at + 1) == Term::Digits,
        Term::In => matches!(
            words.term(at + 1),
            Term::Digits | Term::Small(_) | Term::Tens(_) | Term::Article | Term::Pointer
        ),
        Term::Stretch(stretch) => {
            !matches!(stretch, Stretch::Second | Stretch::Minute | Stretch::Hour)
        }
        Term::Digits
        | Term::Small(_)
        | Term::Tens(_)
        | Term::Ordinal(_)
        | Term::From
        | Term::Between
        | Term::Month(_)
        | Term::MonthOrWord(_)
        | Term::Weekday(_)
        | Term::Season(_)
        | Term::Decade(_)
        | Term::Today
        | Term::Tomorrow
        | Term::Yesterday
        | Term::This
        | Term::Last
        | Term::Next
        | Term::Part
        | Term::Pointer => true,
        _ => false,
    }
}

/// The longest date from `at`.
fn date(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
    days_of_month(words, at, today)
        .or_else(|| range(words, at, today))
        .or_else(|| single(words, at, today))
}

/// A date that is no range.
fn single(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
    part(words, at, today).or_else(|| whole(words, at, today))
}

/// A date without a word that takes a part of it.
fn whole(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
    let start = if words.term(at) == Term::The { at + 1 } else { at };
    nth(words, start, today)
        .or_else(|| week(words, start, today))
        .or_else(|| plain(words, start, today))
        .or_else(|| (start > at).then(|| the(words, start, today))?)
}

/// A day, month, year or stretch.
fn plain(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
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
fn in_pointed_year(words: &Words<'_>, found: Reading, today: NaiveDate) -> Option<Reading> {
    let (month, day) = found.floating?;
    let at = if words.term(found.end) == Term::Of { found.end + 1 } else { found.end };
    let step = pointer(words, at).filter(|_| words.is(at + 1, "year"))?;
    let year = today.year() + step;
    let extent = match day {
        0 => Extent::month(year, month),
        day => Extent::day(NaiveDate::from_ymd_opt(year, month, day)?),
    };
    Some(Reading::reckoned(at + 2, extent?))
}

fn pointer(words: &Words<'_>, at: usize) -> Option<i32> {
    match words.term(at) {
        Term::This => Some(0),
        Term::Last => Some(-1),
        Term::Next => Some(1),
        _ => None,
    }
}

/// "Friday next week", "Sunday of next week".
fn weekday_of_week(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
    let Term::Weekday(weekday) = words.term(at) else { return None };
    let next = if words.term(at + 1) == Term::Of { at + 2 } else { at + 1 };
    let step = pointer(words, next).filter(|_| words.is(next + 1, "week"))?;
    let week = stepped(today, step.into(), Stretch::Week)?;
    let day = calendar::weekday_of(week, weekday)?;
    Some(Reading::reckoned(next + 2, Extent::day(day)?))
}

/// "20th of next month".
fn day_of_pointed(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
    let (day, end) = named::day(words, at)?;
    let next = if words.term(end) == Term::Of { end + 1 } else { return None };
    let step = pointer(words, next).filter(|_| words.is(next + 1, "month"))?;
    let month = around(stepped(today, step.into(), Stretch::Month)?, Stretch::Month)?;
    Some(Reading::reckoned(next + 2, Extent::day(month.first_day().with_day(day)?)?))
}

/// What only the article makes a date: "the weekend", "the 27th".
fn the(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
    if words.is(at, "weekend") {
        let end = at + 1;
        return Some(Reading::reckoned(end, around(today, Stretch::Weekend)?));
    }
    let (day, end) = named::day(words, at)?;
    let is_ordinal = words.term(end - 1) != Term::Digits
        && !matches!(words.term(end - 1), Term::Small(_) | Term::Tens(_));
    let is_led = matches!(words.before(at, 2), Term::On)
        || words.end_with(at - 1, &["for"])
        || words.end_with(at - 1, &["by"]);
    let ends = !words.is_letters(end) && !words.is_glued(end)
        || matches!(words.term(end), Term::End | Term::Sign('.' | ',' | '!' | '?'));
    if !is_ordinal && !words.end_with(at - 1, &["for"]) || !is_led || !ends {
        return None;
    }
    let months = (-2i64..=2)
        .filter_map(|step| stepped(today.with_day(1)?, step, Stretch::Month)?.with_day(day));
    let found = months.min_by_key(|day| day.signed_duration_since(today).num_days().abs())?;
    Some(Reading::reckoned(end, Extent::day(found)?))
}

/// "first", "second", "last" as a number; 0 is the last.
fn ordinal(words: &Words<'_>, at: usize) -> Option<u32> {
    match words.term(at) {
        Term::Ordinal(number @ 1..=53) => u32::try_from(number).ok(),
        Term::Last if words.is(at, "last") => Some(0),
        _ => None,
    }
}

/// "the first Friday of July", "the third week of 2027", "second Sunday".
fn nth(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
    let nth = ordinal(words, at)?;
    let is_of = matches!(words.term(at + 2), Term::Of | Term::In);
    let start = if is_of { at + 3 } else { at + 2 };
    let start = if words.term(start) == Term::The && is_of { start + 1 } else { start };
    let within = || {
        plain(words, start, today)
            .filter(|found| found.extent.as_month().is_some() || found.extent.as_year().is_some())
    };
    match words.term(at + 1) {
        Term::Weekday(weekday) => {
            if let Some(found) = within().filter(|_| is_of) {
                return Some(found.with(named::nth_of(&found.extent, nth, weekday)?));
            }
            let month = around(today, Stretch::Month)?;
            let extent = named::nth_of(&month, nth, weekday).filter(|_| nth > 0)?;
            Some(Reading::reckoned(at + 2, extent))
        }
        Term::Stretch(Stretch::Week) => {
            let found = within()?;
            Some(found.with(calendar::nth_week(&found.extent, nth)?))
        }
        _ => None,
    }
}

/// "week of September 16", "the week starting February 4", "week 31".
fn week(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
    let is_month = words.is(at, "month") && words.term(at + 1) == Term::Of;
    let is_commencing = words.begin_with(at, &["w", "/", "c"]);
    if !words.is(at, "week") && !is_month && !is_commencing {
        return None;
    }
    let stretch = if is_month { Stretch::Month } else { Stretch::Week };
    if let Some(number) = words.digits(at + 1).filter(|number| (1..=53).contains(number)) {
        let year = around(today, Stretch::Year)?;
        let extent = calendar::nth_week(&year, u32::try_from(number).ok()?)?;
        return Some(Reading::reckoned(at + 2, extent));
    }
    let starts = ["of", "starting", "commencing", "beginning"];
    let start = if is_commencing {
        at + 3
    } else if starts.iter().any(|word| words.is(at + 1, word)) {
        at + 2
    } else {
        return None;
    };
    let start = if words.term(start) == Term::On { start + 1 } else { start };
    let start = if words.term(start) == Term::The { start + 1 } else { start };
    let found = plain(words, start, today).or_else(|| {
        let (day, end) = named::day(words, start)?;
        Some(Reading::reckoned(end, Extent::day(today.with_day(day)?)?))
    })?;
    Some(found.with(around(found.extent.first_day(), stretch)?))
}

/// Which part of a stretch is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
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
fn part(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
    let at = if words.term(at) == Term::The { at + 1 } else { at };
    let (part, is_noun) = match words.word(at).to_ascii_lowercase().as_str() {
        "early" => (Part::Early, false),
        "late" => (Part::Late, false),
        "mid" => (Part::Mid, false),
        "earlier" => (Part::Earlier, false),
        "later" => (Part::Later, false),
        "start" | "beginning" => (Part::Start, true),
        "middle" => (Part::Middle, true),
        "end" | "close" => (Part::End, true),
        "rest" => (Part::Rest, true),
        _ => return None,
    };
    let mut next = at + 1;
    if words.is_dash(next) && !is_noun {
        next += 1;
    }
    if words.term(next) == Term::Of {
        next += 1;
    } else if is_noun && part != Part::Rest && !is_pointer_or_month(words, next) {
        return None;
    }
    let is_in = words.term(next) == Term::In
        && matches!(part, Part::Early | Part::Late | Part::Earlier | Part::Later);
    let next = if is_in { next + 1 } else { next };
    let found = inner(words, next, today, part, is_in)?;
    let extent = taken(&found.extent, part, today)?;
    let relative = found.relative || matches!(part, Part::Earlier | Part::Later | Part::Rest);
    Some(Reading { relative, ..found.with(extent) })
}

fn is_pointer_or_month(words: &Words<'_>, at: usize) -> bool {
    matches!(
        words.term(at),
        Term::This | Term::Last | Term::Next | Term::Month(_) | Term::MonthOrWord(_)
    )
}

/// What a part is of: a date, or "the week" where the part itself points.
fn inner(
    words: &Words<'_>,
    at: usize,
    today: NaiveDate,
    part: Part,
    is_in: bool,
) -> Option<Reading> {
    let is_pointing = part == Part::Rest || matches!(part, Part::Earlier | Part::Later) && is_in;
    let is_the = words.term(at) == Term::The || words.is(at, "my");
    let start = at + usize::from(is_the);
    if let Some(stretch) = relative::stretch(words, start).filter(|_| is_pointing) {
        return Some(Reading::reckoned(start + 1, around(today, stretch)?));
    }
    let found = plain(words, start, today)?;
    let is_pointed = words.term(start) == Term::This;
    let fits = !matches!(part, Part::Earlier | Part::Later) || is_pointed || is_in;
    fits.then_some(found)
}

/// The part of an extent.
fn taken(extent: &Extent, part: Part, today: NaiveDate) -> Option<Extent> {
    let (first, last) = (extent.first_day(), extent.last_day());
    let yesterday = || stepped(today, -1, Stretch::Day);
    match part {
        Part::Earlier => return Extent::days(first, yesterday()?),
        Part::Later | Part::Rest => return Extent::days(today.max(first), last),
        _ => {}
    }
    if let Some(year) = extent.as_year() {
        return match part {
            Part::Early => Extent::months(year, 1, 6),
            Part::Late => Extent::months(year, 7, 12),
            Part::Mid | Part::Middle => Extent::months(year, 5, 8),
            Part::Start => Extent::month(year, 1),
            _ => Extent::month(year, 12),
        };
    }
    if let (Date::Year(from), Date::Year(to)) = (extent.from, extent.to) {
        let (from, to) = (i32::from(from), i32::from(to));
        let third = (to - from + 1) / 3;
        return match part {
            Part::Early | Part::Start => Extent::years(from, from + third),
            Part::Mid | Part::Middle => Extent::years(from + third, to - third),
            _ => Extent::years(to - third, to),
        };
    }
    let days = last.signed_duration_since(first).num_days() + 1;
    let day = |step: i64| stepped(first, step, Stretch::Day);
    // A week has three days early and four late, a month fifteen and the rest.
    let half = days / 2;
    match part {
        Part::Early | Part::Start => Extent::days(first, day(half - 1)?),
        Part::Mid | Part::Middle => {
            let quarter = (days / 4).max(1);
            Extent::days(
                day(quarter)?,
                stepped(last, 1 - 2 * quarter.min(1) - (quarter - 1), Stretch::Day)?,
            )
        }
        _ => Extent::days(day(if days > 20 { 15 } else { half })?, last),
    }
}

/// Whether a word joins the two ends of a range that begins with "between", "from" or nothing.
fn joins(words: &Words<'_>, at: usize, lead: Term) -> bool {
    match words.term(at) {
        Term::And => lead == Term::Between,
        Term::To | Term::Until => true,
        _ => words.is_dash(at),
    }
}

/// "from 1980 to 2000", "between May and June 2015", "Oct. 2 to October 22", "2014-2018".
fn range(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
    let lead = match words.term(at) {
        lead @ (Term::Between | Term::From) => lead,
        _ => Term::End,
    };
    let start = if lead == Term::End { at } else { at + 1 };
    let first = now(words, start, today).or_else(|| {
        if lead == Term::End { plain(words, start, today) } else { single(words, start, today) }
    })?;
    if !joins(words, first.end, lead) {
        return within_week(words, first, today);
    }
    let last = end_of_range(words, first, first.end + 1, today)?;
    let is_spaced = words.is_dash(first.end) && !words.is_glued(first.end);
    if is_spaced && lead == Term::End && last.extent.as_year().is_some() {
        return None;
    }
    let (first, last) = settled(first, last)?;
    let extent = first.extent.through(last.extent)?;
    let relative = first.relative || last.relative;
    Some(Reading { end: last.end, extent, relative, floating: None, counts: false })
}

/// "now", as the end of a range.
fn now(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
    words.is(at, "now").then(|| Extent::day(today).map(|day| Reading::reckoned(at + 1, day)))?
}

fn end_of_range(words: &Words<'_>, first: Reading, at: usize, today: NaiveDate) -> Option<Reading> {
    if let Some(found) = now(words, at, today).or_else(|| single(words, at, today)) {
        return Some(found);
    }
    // "1999-2004" is read above; "2014–18" leaves out the century, "May 2-5" the month.
    let number = words.digits(at).filter(|_| words.word(at).len() == 2)?;
    let year = first.extent.as_year().filter(|_| words.is_glued(at) && words.is_glued(at - 1))?;
    let last = year - year.rem_euclid(100) + i32::try_from(number).ok()?;
    let is_glued = words.is_glued(at + 1) && words.term(at + 1) != Term::Sign('.');
    (last > year && !is_glued)
        .then(|| Extent::year(last).map(|extent| Reading::dated(at + 1, extent)))?
}

/// Both ends with their years: one that is left out is taken from the other.
fn settled(first: Reading, last: Reading) -> Option<(Reading, Reading)> {
    if first.floating.is_some() && last.floating.is_none() && !last.relative {
        let near = first.near(last.extent.last_day())?;
        let is_before = near.extent.first_day() <= last.extent.last_day();
        let back = stepped(last.extent.last_day(), -1, Stretch::Year)?;
        let near = if is_before { near } else { first.near(back)? };
        return Some((Reading { relative: false, ..near }, last));
    }
    if last.floating.is_some() {
        let near = last.near(first.extent.first_day())?;
        let is_after = first.extent.first_day() <= near.extent.last_day();
        let ahead = stepped(first.extent.first_day(), 1, Stretch::Year)?;
        return Some((first, if is_after { near } else { last.near(ahead)? }));
    }
    Some((first, last))
}

/// "next week between Wednesday and Friday".
fn within_week(words: &Words<'_>, week: Reading, today: NaiveDate) -> Option<Reading> {
    let lead = words.term(week.end);
    let is_week = week.relative && week.extent == around(week.extent.first_day(), Stretch::Week)?;
    let is_lead = matches!(lead, Term::Between | Term::From);
    let _ = today;
    if !is_week || !is_lead || !joins(words, week.end + 2, lead) {
        return None;
    }
    let day = |at: usize| match words.term(at) {
        Term::Weekday(weekday) => calendar::weekday_of(week.extent.first_day(), weekday),
        _ => None,
    };
    let extent = Extent::days(day(week.end + 1)?, day(week.end + 3)?)?;
    Some(Reading::reckoned(week.end + 4, extent))
}

/// "from 4 to 22 January, 1995", "between 3 and 12 of Sept", "November 19-20", "4 to 23 next month".
fn days_of_month(words: &Words<'_>, at: usize, today: NaiveDate) -> Option<Reading> {
    if let Some(month) = named::month(words, at) {
        return month_and_days(words, at, month, today);
    }
    let lead = match words.term(at) {
        lead @ (Term::Between | Term::From) => lead,
        _ => Term::End,
    };
    let start = if lead == Term::End { at } else { at + 1 };
    let (first, end) = named::day(words, start)?;
    if !joins(words, end, lead) && !words.is_dash(end) {
        return None;
    }
    if let Some(last) = plain(words, end + 1, today)
        .filter(|_| words.term(start) == Term::Digits && lead != Term::End)
    {
        // "from 4 to January 22, 1995"
        let day = last.extent.last_day();
        let is_day = matches!(last.extent.from, Date::Day(_)) && last.extent.from == last.extent.to;
        let is_month_first = named::month(words, end + 1).is_some();
        if is_day && is_month_first {
            return Some(Reading {
                floating: None,
                ..last.with(Extent::days(day.with_day(first)?, day)?)
            });
        }
    }
    let (last, end) = named::day(words, end + 1)?;
    let next = if matches!(words.term(end), Term::Of | Term::In) { end + 1 } else { end };
    let month = plain(words, next, today).filter(|found| found.extent.as_month().is_some())?;
    let day = month.extent.first_day();
    let extent = Extent::days(day.with_day(first)?, day.with_day(last)?)?;
    Some(month.with(extent))
}

/// "November 19-20", "Feb between 2-7, 2018".
fn month_and_days(words: &Words<'_>, at: usize, month: u32, today: NaiveDate) -> Option<Reading> {
    let lead = if words.term(at + 1) == Term::Between { Term::Between } else { Term::End };
    let start = at + 1 + usize::from(lead == Term::Between);
    let (first, end) = named::day(words, start)?;
    if !joins(words, end, lead) {
        return None;
    }
    let (last, end) = named::day(words, end + 1)?;
    // "May 2 to 5 June" has two months.
    if named::month(words, end).is_some() || words.term(end) == Term::Of {
        return None;
    }
    let comma = end + usize::from(words.is_sign(end, ','));
    let (year, end, relative) = match year::year(words, comma) {
        Some((year, end)) => (year, end, false),
        None => (calendar::nearest_year(today, month), end, true),
    };
    let day = NaiveDate::from_ymd_opt(year, month, first)?;
    let extent = Extent::days(day, day.with_day(last)?)?;
    Some(if relative { Reading::reckoned(end, extent) } else { Reading::dated(end, extent) })
}
