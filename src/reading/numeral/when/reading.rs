//! Holds a date as it was read, before it becomes a period.
//!
//! Knows which parts were stated and which computed. Must not know words.

use chrono::{Datelike, NaiveDate};

use crate::reading::numeral::calendar::{DateRange, latest, nearest};

/// A date, and where it ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct DateReading {
    /// The word after it.
    pub(super) end: usize,
    pub(super) extent: DateRange,
    /// Whether it was computed from the reference date.
    pub(super) relative: bool,
    /// Month and day, if the year is missing; day 0 means the whole month.
    pub(super) floating: Option<(u32, u32)>,
    /// Whether it counts time units, so that its number is also a figure: "three years ago".
    pub(super) counts: bool,
}

impl DateReading {
    /// A date stated in full.
    pub(super) const fn dated(end: usize, extent: DateRange) -> Self {
        Self { end, extent, relative: false, floating: None, counts: false }
    }

    /// A date computed from the reference date.
    pub(super) const fn reckoned(end: usize, extent: DateRange) -> Self {
        Self { end, extent, relative: true, floating: None, counts: false }
    }

    /// A date computed by counting time units.
    pub(super) const fn counted(end: usize, extent: DateRange) -> Self {
        Self { end, extent, relative: true, floating: None, counts: true }
    }

    /// A date without a year.
    pub(super) const fn floating(end: usize, extent: DateRange, month: u32, day: u32) -> Self {
        Self { end, extent, relative: true, floating: Some((month, day)), counts: false }
    }

    /// The same date with another range.
    pub(super) const fn with(self, extent: DateRange) -> Self {
        Self { extent, floating: None, ..self }
    }

    /// The same date in the last year in which it is not after `day`.
    pub(super) fn behind(self, day: NaiveDate) -> Self {
        let extent = self.floating.and_then(|(month, day_of_month)| match day_of_month {
            0 => DateRange::month(latest(day, month, 1)?.year(), month),
            _ => DateRange::day(latest(day, month, day_of_month)?),
        });
        Self { extent: extent.unwrap_or(self.extent), ..self }
    }

    /// The same date in the year closest to `day`.
    pub(super) fn near(self, day: NaiveDate) -> Option<Self> {
        let Some((month, day_of_month)) = self.floating else { return Some(self) };
        if day_of_month == 0 {
            let found = nearest(day, month, 15)?;
            return Some(Self { extent: DateRange::month(found.year(), month)?, ..self });
        }
        let found = nearest(day, month, day_of_month)?;
        Some(Self { extent: DateRange::day(found)?, ..self })
    }
}
