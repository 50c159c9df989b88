//! Computes with calendar days: weeks, quarters, halves of a year, and steps of time.
//!
//! Knows how long months are. Must not know the words for any of it.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::domain::moment::Date;

use super::word::TimeStretch;

/// The dates from one to another, both included; a single date if they are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateRange {
    pub(super) from: Date,
    pub(super) to: Date,
}

/// The years that are accepted.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

impl DateRange {
    pub(super) const fn at(date: Date) -> Self {
        Self { from: date, to: date }
    }

    pub(super) fn year(year: i32) -> Option<Self> {
        let year = u16::try_from(year).ok().filter(|year| YEARS.contains(&i32::from(*year)))?;
        Some(Self::at(Date::Year(year)))
    }

    pub(super) fn month(year: i32, month: u32) -> Option<Self> {
        let Date::Year(year) = Self::year(year)?.from else { return None };
        let month = u8::try_from(month).ok().filter(|month| (1..=12).contains(month))?;
        Some(Self::at(Date::Month(year, month)))
    }

    pub(super) fn day(day: NaiveDate) -> Option<Self> {
        YEARS.contains(&day.year()).then(|| Self::at(Date::Day(day)))
    }

    /// From the first day to the last; none if the last is before the first.
    pub(super) fn days(first: NaiveDate, last: NaiveDate) -> Option<Self> {
        let (from, to) = (Self::day(first)?.from, Self::day(last)?.from);
        (first <= last).then_some(Self { from, to })
    }

    /// Consecutive months of a year, from the first to the last.
    pub(super) fn months(year: i32, first: u32, last: u32) -> Option<Self> {
        Some(Self { from: Self::month(year, first)?.from, to: Self::month(year, last)?.from })
    }

    pub(super) fn years(first: i32, last: i32) -> Option<Self> {
        Some(Self { from: Self::year(first)?.from, to: Self::year(last)?.from })
    }

    /// From the beginning of this range to the end of the other.
    pub(super) fn through(self, other: Self) -> Option<Self> {
        (self.first_day() <= other.last_day()).then_some(Self { from: self.from, to: other.to })
    }

    pub(super) fn first_day(&self) -> NaiveDate {
        self.from.first_day()
    }

    pub(super) fn last_day(&self) -> NaiveDate {
        self.to.last_day()
    }

    /// The year, if the range is one year.
    pub(super) fn as_year(&self) -> Option<i32> {
        match (self.from, self.to) {
            (Date::Year(year), Date::Year(last)) if year == last => Some(year.into()),
            _ => None,
        }
    }

    /// Year and month, if the range is one month.
    pub(super) fn as_month(&self) -> Option<(i32, u32)> {
        match (self.from, self.to) {
            (Date::Month(year, month), Date::Month(..)) if self.from == self.to => {
                Some((year.into(), month.into()))
            }
            _ => None,
        }
    }
}

/// The day `count` time units later, or earlier if `count` is negative.
pub(super) fn stepped(day: NaiveDate, count: i64, stretch: TimeStretch) -> Option<NaiveDate> {
    let months = |count: i64| {
        let months = Months::new(u32::try_from(count.unsigned_abs()).ok()?);
        if count < 0 { day.checked_sub_months(months) } else { day.checked_add_months(months) }
    };
    let days = |count: i64| {
        let days = Days::new(count.unsigned_abs());
        if count < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) }
    };
    match stretch {
        TimeStretch::Day => days(count),
        TimeStretch::Week | TimeStretch::Weekend => days(count.checked_mul(7)?),
        TimeStretch::Fortnight => days(count.checked_mul(14)?),
        TimeStretch::Month => months(count),
        TimeStretch::Quarter => months(count.checked_mul(3)?),
        TimeStretch::Year => months(count.checked_mul(12)?),
        TimeStretch::Decade => months(count.checked_mul(120)?),
        TimeStretch::Century => months(count.checked_mul(1200)?),
        TimeStretch::Second | TimeStretch::Minute | TimeStretch::Hour => None,
    }
}

/// The Monday of the week.
pub(super) fn monday(day: NaiveDate) -> Option<NaiveDate> {
    stepped(day, -i64::from(day.weekday().num_days_from_monday()), TimeStretch::Day)
}

/// The time unit that contains `day`: its week, month, year.
pub(super) fn around(day: NaiveDate, stretch: TimeStretch) -> Option<DateRange> {
    let year = day.year();
    match stretch {
        TimeStretch::Day => DateRange::day(day),
        TimeStretch::Week | TimeStretch::Fortnight => {
            let first = monday(day)?;
            DateRange::days(first, stepped(first, 6, TimeStretch::Day)?)
        }
        TimeStretch::Weekend => {
            let first = stepped(monday(day)?, 5, TimeStretch::Day)?;
            DateRange::days(first, stepped(first, 1, TimeStretch::Day)?)
        }
        TimeStretch::Month => DateRange::month(year, day.month()),
        TimeStretch::Quarter => quarter(year, day.month0() / 3 + 1),
        TimeStretch::Year => DateRange::year(year),
        TimeStretch::Decade => decade(year - year.rem_euclid(10)),
        TimeStretch::Century => {
            DateRange::years((year - year.rem_euclid(100)).max(1), year - year.rem_euclid(100) + 99)
        }
        TimeStretch::Second | TimeStretch::Minute | TimeStretch::Hour => None,
    }
}

pub(super) fn quarter(year: i32, quarter: u32) -> Option<DateRange> {
    (1..=4).contains(&quarter).then(|| DateRange::months(year, quarter * 3 - 2, quarter * 3))?
}

pub(super) fn half(year: i32, half: u32) -> Option<DateRange> {
    (1..=2).contains(&half).then(|| DateRange::months(year, half * 6 - 5, half * 6))?
}

/// Ten years from `first` on.
pub(super) fn decade(first: i32) -> Option<DateRange> {
    DateRange::years(first, first + 9)
}

/// The three months of a season in the northern hemisphere; a winter ends in the next year.
pub(super) fn season(year: i32, season: u8) -> Option<DateRange> {
    match season {
        3 => DateRange::month(year, 12)?.through(DateRange::month(year + 1, 2)?),
        season => DateRange::months(year, u32::from(season) * 3 + 3, u32::from(season) * 3 + 5),
    }
}

/// The day closest to `today` with this month and day of the month. News reports more often on the
/// past than on the future, so a day ahead counts twice as far.
pub(super) fn nearest(today: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    let years = (today.year() - 4)..=(today.year() + 4);
    let days = years.filter_map(|year| NaiveDate::from_ymd_opt(year, month, day));
    days.min_by_key(|day| {
        let ahead = day.signed_duration_since(today).num_days();
        (if ahead < 0 { -ahead } else { 2 * ahead }, *day)
    })
}

/// The last day on or before `today` with this month and day.
pub(super) fn latest(today: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    let years = (today.year() - 4)..=today.year();
    let days = years.filter_map(|year| NaiveDate::from_ymd_opt(year, month, day));
    days.filter(|day| *day <= today).max()
}

/// The year in which a month is closest to `today`.
pub(super) fn nearest_year(today: NaiveDate, month: u32) -> i32 {
    nearest(today, month, 15).map_or(today.year(), |day| day.year())
}

/// The last day on or before `today` with this weekday; Monday is 0.
pub(super) fn latest_weekday(today: NaiveDate, weekday: u8) -> Option<NaiveDate> {
    let back = (today.weekday().num_days_from_monday() + 7 - u32::from(weekday % 7)) % 7;
    stepped(today, -i64::from(back), TimeStretch::Day)
}

/// The day with this weekday in the week of `day`.
pub(super) fn weekday_of(day: NaiveDate, weekday: u8) -> Option<NaiveDate> {
    stepped(monday(day)?, i64::from(weekday % 7), TimeStretch::Day)
}

/// The nth day with this weekday within a range; the last one for 0.
pub(super) fn nth_weekday(extent: &DateRange, nth: u32, weekday: u8) -> Option<NaiveDate> {
    let found = if nth == 0 {
        latest_weekday(extent.last_day(), weekday)?
    } else {
        let first = latest_weekday(stepped(extent.first_day(), 6, TimeStretch::Day)?, weekday)?;
        stepped(first, i64::from(nth - 1) * 7, TimeStretch::Day)?
    };
    (extent.first_day() <= found && found <= extent.last_day()).then_some(found)
}

/// The nth week of a year or month; the first week is the one that contains its first Thursday. The
/// last week for 0.
pub(super) fn nth_week(extent: &DateRange, nth: u32) -> Option<DateRange> {
    around(nth_weekday(extent, nth, 3)?, TimeStretch::Week)
}
