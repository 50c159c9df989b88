//! A date as it was read, on its way to a period.
//!
//! Knows what is said outright and what was reckoned. Must not know words.

use chrono::{Datelike, NaiveDate};

use crate::reading::numeral::calendar::{DateRange, latest, nearest};

/// A date, and where it ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct DateReading {
    /// The word after it.
    pub(super) end: usize,
    pub(super) extent: DateRange,
    /// Whether it was reckoned from the reference date.
    pub(super) relative: bool,
    /// Month and day, where the year is unsaid; day 0 for the whole month.
    pub(super) floating: Option<(u32, u32)>,
    /// Whether it counts stretches, so that its number is a figure as well: "three years ago".
    pub(super) counts: bool,
}

impl DateReading {
    /// Said outright.
    pub(super) const fn dated(end: usize, extent: DateRange) -> Self {
        Self { end, extent, relative: false, floating: None, counts: false }
    }

    /// Reckoned from the reference date.
    pub(super) const fn reckoned(end: usize, extent: DateRange) -> Self {
        Self { end, extent, relative: true, floating: None, counts: false }
    }

    /// Reckoned by so many stretches.
    pub(super) const fn counted(end: usize, extent: DateRange) -> Self {
        Self { end, extent, relative: true, floating: None, counts: true }
    }

    /// Of a year unsaid.
    pub(super) const fn floating(end: usize, extent: DateRange, month: u32, day: u32) -> Self {
        Self { end, extent, relative: true, floating: Some((month, day)), counts: false }
    }

    /// The same with another extent.
    pub(super) const fn with(self, extent: DateRange) -> Self {
        Self { extent, floating: None, ..self }
    }

    /// The same in the last year that is not after `day`.
    pub(super) fn behind(self, day: NaiveDate) -> Self {
        let extent = self.floating.and_then(|(month, day_of_month)| match day_of_month {
            0 => DateRange::month(latest(day, month, 1)?.year(), month),
            _ => DateRange::day(latest(day, month, day_of_month)?),
        });
        Self { extent: extent.unwrap_or(self.extent), ..self }
    }

    /// The same in the year nearest to `day`.
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
