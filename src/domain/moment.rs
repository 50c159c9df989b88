//! Represents times as claims and documents give them, each with its precision and basis; and
//! recording times from the local clock, as a separate type so that the two cannot be mixed.
//!
//! Knows the calendar. Must not know what the times belong to.

use std::fmt;
use std::str::FromStr;

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _, Utc,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::spelling::closed_list;

/// Why a text is not a time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MomentError {
    /// Matches none of the precisions.
    #[error(
        "`{0}` is not a time: give a year, a month, a day, or a time of day with or without its \
         zone, as in 2025, 2025-08, 2025-08-14, 2025-08-14T09:30 or 2025-08-14T09:30:00+02:00"
    )]
    NotDate(String),
    /// Neither a moment nor a range, or both, or a range that ends before it begins.
    #[error("a period is not valid: give `at` alone, or `from`, `to` or both with `from` first")]
    NotPeriod,
    /// Not an RFC 3339 instant in UTC with six fractional digits.
    #[error("`{0}` is not a recording time: write it as in 2026-11-24T21:14:56.123456Z")]
    NotTimestamp(String),
}

/// A calendar day, in microseconds; leap seconds are not counted.
const DAY_MICROS: i64 = 86_400_000_000;

fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A date as precise as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Date {
    /// A year, 1 to 9999.
    Year(u16),
    /// A year and month.
    Month(u16, u8),
    /// A calendar day.
    Day(NaiveDate),
    /// A time of day, by the clock of the place where it was given.
    Time(LocalTime),
}

impl Date {
    /// The first day it covers, in the calendar of the place where it was given.
    pub fn first_day(&self) -> NaiveDate {
        let day = match *self {
            Self::Year(year) => NaiveDate::from_ymd_opt(year.into(), 1, 1),
            Self::Month(year, month) => NaiveDate::from_ymd_opt(year.into(), month.into(), 1),
            Self::Day(day) => Some(day),
            Self::Time(time) => Some(time.local.date()),
        };
        day.unwrap_or_default()
    }

    /// The last day it covers.
    pub fn last_day(&self) -> NaiveDate {
        let first = self.first_day();
        let following = match *self {
            Self::Year(year) => NaiveDate::from_ymd_opt(i32::from(year) + 1, 1, 1),
            Self::Month(year, 12) => NaiveDate::from_ymd_opt(i32::from(year) + 1, 1, 1),
            Self::Month(year, month) => {
                NaiveDate::from_ymd_opt(year.into(), u32::from(month) + 1, 1)
            }
            Self::Day(_) | Self::Time(_) => None,
        };
        following.and_then(|day| day.pred_opt()).unwrap_or(first)
    }

    /// The last instant it covers, for comparison with recording times: everything recorded by then
    /// was known then. Recording times are in UTC, and a date without a zone is taken as UTC here.
    pub fn last_instant(&self) -> Timestamp {
        let micros = match *self {
            Self::Time(time) => time.last_instant().timestamp_micros(),
            _ => {
                self.last_day().and_time(NaiveTime::MIN).and_utc().timestamp_micros() + DAY_MICROS
                    - 1
            }
        };
        Timestamp::from_micros(u64::try_from(micros).unwrap_or(0))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Day(day) => write!(f, "{}", day.format("%Y-%m-%d")),
            Self::Time(time) => time.fmt(f),
        }
    }
}

impl FromStr for Date {
    type Err = MomentError;

    /// Reads any of the precisions. It adds no zone, seconds or fraction that are not given, and
    /// cuts a fraction at the microsecond.
    fn from_str(text: &str) -> Result<Self, MomentError> {
        let refusal = || MomentError::NotDate(clip(text));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = text.split('-').collect();
        let date = match parts.as_slice() {
            [year] if year.len() == 4 && digits(year) => year.parse().ok().map(Self::Year),
            [year, month] if text.len() == 7 && digits(year) && digits(month) => year
                .parse()
                .ok()
                .zip(month.parse().ok())
                .map(|(year, month)| Self::Month(year, month)),
            _ if text.len() == 10 => {
                let plain = parts.len() == 3 && parts.iter().all(|part| digits(part));
                plain
                    .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Self::Day))
                    .flatten()
            }
            _ => LocalTime::read(text).map(Self::Time),
        };
        let date = date.ok_or_else(refusal)?;
        let valid = match date {
            Self::Year(year) => year >= 1,
            Self::Month(year, month) => year >= 1 && (1..=12).contains(&month),
            Self::Day(_) | Self::Time(_) => (1..=9999).contains(&date.first_day().year()),
        };
        if valid { Ok(date) } else { Err(refusal()) }
    }
}

/// How precisely a time of day was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// To the minute.
    Minute,
    /// To the second.
    Second,
    /// To this many decimal places of a second, 1 to 6.
    Fraction(u8),
}

/// A time of day as a clock showed it, with the zone if one was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime {
    local: NaiveDateTime,
    precision: Precision,
    /// Minutes by which the clock was ahead of UTC.
    offset: Option<i16>,
}

/// The largest offset, in minutes: one minute less than a day.
const MOST_OFFSET: i32 = 24 * 60 - 1;

impl LocalTime {
    /// An instant, by a clock in UTC.
    pub fn utc(instant: DateTime<Utc>) -> Self {
        let precision = match instant.timestamp_subsec_micros() {
            0 => Precision::Second,
            _ => Precision::Fraction(6),
        };
        let micros = instant.timestamp_micros();
        let local = DateTime::from_timestamp_micros(micros).unwrap_or(instant).naive_utc();
        Self { local, precision, offset: Some(0) }
    }

    /// The time that the clock showed.
    pub const fn local(&self) -> NaiveDateTime {
        self.local
    }

    /// How far the clock was ahead of UTC, if that was given.
    pub fn offset(&self) -> Option<FixedOffset> {
        FixedOffset::east_opt(i32::from(self.offset?) * 60)
    }

    /// The time this much earlier, by the same clock.
    pub fn earlier(self, by: chrono::TimeDelta) -> Option<Self> {
        Some(Self { local: self.local.checked_sub_signed(by)?, ..self })
    }

    /// The last microsecond that it covers, in UTC; a time without a zone is taken as UTC.
    fn last_instant(&self) -> DateTime<Utc> {
        let micros = match self.precision {
            Precision::Minute => 59_999_999,
            Precision::Second => 999_999,
            Precision::Fraction(digits) => 10_i64.pow(6 - u32::from(digits.min(6))) - 1,
        };
        let ahead = chrono::TimeDelta::minutes(i64::from(self.offset.unwrap_or(0)));
        self.local.and_utc() - ahead + chrono::TimeDelta::microseconds(micros)
    }

    /// Reads `2025-08-14T09:30`, optionally with seconds, a fraction and a zone.
    fn read(text: &str) -> Option<Self> {
        let (day, time) = text.split_at_checked(10)?;
        let Ok(Date::Day(day)) = day.parse() else { return None };
        let time = time.strip_prefix(['T', 't', ' '])?;
        let (time, offset) = zone(time)?;
        let (clock, fraction) = match time.split_once('.') {
            Some((clock, fraction)) => (clock, Some(fraction)),
            None => (time, None),
        };
        let parts: Vec<u32> = clock.split(':').map(two_digits).collect::<Option<_>>()?;
        let (hour, minute, second) = match (parts.as_slice(), fraction) {
            (&[hour, minute], None) => (hour, minute, None),
            (&[hour, minute, second], _) => (hour, minute, Some(second)),
            _ => return None,
        };
        let (micros, digits) = fraction.map_or(Some((0, 0)), microseconds)?;
        let precision = match (second, digits) {
            (None, _) => Precision::Minute,
            (Some(_), 0) => Precision::Second,
            (Some(_), digits) => Precision::Fraction(digits),
        };
        let local = day.and_hms_micro_opt(hour, minute, second.unwrap_or(0), micros)?;
        Some(Self { local, precision, offset })
    }
}

fn two_digits(digits: &str) -> Option<u32> {
    let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// The microseconds in the decimal places of a second, and how many places count.
fn microseconds(places: &str) -> Option<(u32, u8)> {
    if places.is_empty() || !places.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kept = &places[..places.len().min(6)];
    let micros: u32 = format!("{kept:0<6}").parse().ok()?;
    Some((micros, u8::try_from(kept.len()).ok()?))
}

/// Splits the zone from the end of a time: `Z`, `+02:00` and so on.
fn zone(time: &str) -> Option<(&str, Option<i16>)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, Some(0)));
    }
    let Some(sign) = time.rfind(['+', '-']) else { return Some((time, None)) };
    let digits: String = time[sign + 1..].chars().filter(|letter| *letter != ':').collect();
    let (hours, minutes) = match digits.len() {
        2 => (two_digits(&digits)?, 0),
        4 => (two_digits(&digits[..2])?, two_digits(&digits[2..])?),
        _ => return None,
    };
    let minutes = i32::try_from(hours * 60 + minutes).ok().filter(|_| minutes < 60)?;
    let ahead = if time[sign..].starts_with('-') { -minutes } else { minutes };
    let ahead = i16::try_from(ahead).ok().filter(|_| minutes <= MOST_OFFSET)?;
    Some((&time[..sign], Some(ahead)))
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.local.format("%Y-%m-%dT%H:%M"))?;
        if self.precision >= Precision::Second {
            write!(f, ":{:02}", self.local.second())?;
        }
        if let Precision::Fraction(digits) = self.precision {
            let micros = format!("{:06}", self.local.nanosecond() / 1000);
            write!(f, ".{}", &micros[..usize::from(digits.min(6))])?;
        }
        match self.offset {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(ahead) => {
                let (sign, minutes) = if ahead < 0 { ('-', -ahead) } else { ('+', ahead) };
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

impl TryFrom<String> for Date {
    type Error = MomentError;

    fn try_from(text: String) -> Result<Self, MomentError> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> String {
        date.to_string()
    }
}

closed_list! {
    /// How a time is known.
    pub enum Basis = "basis", default Printed {
        /// It is printed in the text.
        Printed = "printed",
        /// It is given in the page's metadata.
        Metadata = "metadata",
        /// Someone inferred it.
        Inferred = "inferred",
        /// Not stated.
        Unknown = "unknown",
    }
}

/// A time with its basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// The time, as precise as it was given.
    pub at: Date,
    /// How it is known.
    #[serde(default)]
    pub basis: Basis,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.fmt(f)?;
        match self.basis {
            Basis::Printed => Ok(()),
            Basis::Metadata => f.write_str(" (metadata)"),
            Basis::Inferred => f.write_str(" (inferred)"),
            Basis::Unknown => f.write_str(" (basis unknown)"),
        }
    }
}

/// When a claim holds: at one time, or in a range with one end open or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "PeriodFields", into = "PeriodFields")]
pub struct Period {
    span: DaySpan,
    basis: Basis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum DaySpan {
    At(Date),
    From(Date),
    To(Date),
    Between(Date, Date),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodFields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<Date>,
    #[serde(default)]
    basis: Basis,
}

impl Period {
    /// A period at one date.
    pub const fn at(date: Date, basis: Basis) -> Self {
        Self { span: DaySpan::At(date), basis }
    }

    /// A period from, to, or both.
    pub fn between(
        from: Option<Date>,
        to: Option<Date>,
        basis: Basis,
    ) -> Result<Self, MomentError> {
        Self::try_from(PeriodFields { at: None, from, to, basis })
    }

    /// The first and last days it covers, if it has them.
    pub fn days(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        match self.span {
            DaySpan::At(date) => (Some(date.first_day()), Some(date.last_day())),
            DaySpan::From(from) => (Some(from.first_day()), None),
            DaySpan::To(to) => (None, Some(to.last_day())),
            DaySpan::Between(from, to) => (Some(from.first_day()), Some(to.last_day())),
        }
    }

    /// How it is known.
    pub const fn basis(&self) -> Basis {
        self.basis
    }
}

impl TryFrom<PeriodFields> for Period {
    type Error = MomentError;

    fn try_from(fields: PeriodFields) -> Result<Self, MomentError> {
        let span = match (fields.at, fields.from, fields.to) {
            (Some(at), None, None) => DaySpan::At(at),
            (None, Some(from), None) => DaySpan::From(from),
            (None, None, Some(to)) => DaySpan::To(to),
            (None, Some(from), Some(to)) if from.first_day() <= to.last_day() => {
                DaySpan::Between(from, to)
            }
            _ => return Err(MomentError::NotPeriod),
        };
        Ok(Self { span, basis: fields.basis })
    }
}

impl From<Period> for PeriodFields {
    fn from(period: Period) -> Self {
        let (at, from, to) = match period.span {
            DaySpan::At(at) => (Some(at), None, None),
            DaySpan::From(from) => (None, Some(from), None),
            DaySpan::To(to) => (None, None, Some(to)),
            DaySpan::Between(from, to) => (None, Some(from), Some(to)),
        };
        Self { at, from, to, basis: period.basis }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.span {
            DaySpan::At(at) => Moment { at, basis: self.basis }.fmt(f),
            DaySpan::From(from) => write!(f, "from {}", Moment { at: from, basis: self.basis }),
            DaySpan::To(to) => write!(f, "to {}", Moment { at: to, basis: self.basis }),
            DaySpan::Between(from, to) => {
                write!(f, "{from} to {}", Moment { at: to, basis: self.basis })
            }
        }
    }
}

/// When an entry was recorded, by the local clock: microseconds since 1970 in UTC, always written
/// with six fractional digits, from 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(u64);

impl Timestamp {
    /// 1970-01-01T00:00:00.000000Z.
    pub const EPOCH: Self = Self(0);
    const MAX_MICROS: u64 = 253_402_300_799_999_999;

    /// This many microseconds after the epoch, at most the end of the year 9999.
    pub const fn from_micros(micros: u64) -> Self {
        if micros > Self::MAX_MICROS { Self(Self::MAX_MICROS) } else { Self(micros) }
    }

    /// Microseconds after the epoch.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// The current time of the system clock.
    pub fn now() -> Self {
        Self::from_micros(u64::try_from(Utc::now().timestamp_micros()).unwrap_or(0))
    }

    fn instant(self) -> DateTime<Utc> {
        let micros = i64::try_from(self.0).unwrap_or(i64::MAX);
        DateTime::from_timestamp_micros(micros).unwrap_or_default()
    }

    /// The day it falls on, in UTC.
    pub fn day(self) -> NaiveDate {
        self.instant().date_naive()
    }
}

impl fmt::Display for Timestamp {
    /// Writes the digits directly: this runs once per entry, and a general formatter is ten times
    /// slower.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.day();
        let micros = self.0 % 86_400_000_000;
        let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
        let numbers: [(u64, usize, u8); 7] = [
            (u64::from(day.year().unsigned_abs()), 4, b'-'),
            (u64::from(day.month()), 2, b'-'),
            (u64::from(day.day()), 2, b'T'),
            (seconds / 3600, 2, b':'),
            (seconds / 60 % 60, 2, b':'),
            (seconds % 60, 2, b'.'),
            (fraction, 6, b'Z'),
        ];
        let mut text = [0u8; 27];
        let mut end = 0;
        for (number, width, closing) in numbers {
            let mut rest = number;
            for digit in text[end..end + width].iter_mut().rev() {
                *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
                rest /= 10;
            }
            text[end + width] = closing;
            end += width + 1;
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl FromStr for Timestamp {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        let parsed = DateTime::parse_from_rfc3339(text).ok();
        let micros = parsed.and_then(|instant| u64::try_from(instant.timestamp_micros()).ok());
        micros
            .map(Self::from_micros)
            .filter(|timestamp| timestamp.to_string() == text)
            .ok_or_else(|| MomentError::NotTimestamp(clip(text)))
    }
}

impl TryFrom<String> for Timestamp {
    type Error = MomentError;

    fn try_from(text: String) -> Result<Self, MomentError> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> String {
        timestamp.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_instant_of_a_date_is_the_microsecond_before_the_next() {
        let last = |text: &str| text.parse::<Date>().unwrap().last_instant().to_string();
        assert_eq!(last("2024"), "2024-12-31T23:59:59.999999Z");
        assert_eq!(last("2024-02"), "2024-02-29T23:59:59.999999Z");
        assert_eq!(last("2025-08-14"), "2025-08-14T23:59:59.999999Z");
        assert_eq!(last("2025-08-14T09:30:00Z"), "2025-08-14T09:30:00.999999Z");
        assert_eq!(last("2025-08-14T09:30:00.5Z"), "2025-08-14T09:30:00.599999Z");
        assert_eq!(last("2025-08-14T09:30:00.123456Z"), "2025-08-14T09:30:00.123456Z");
        assert_eq!(last("9999"), "9999-12-31T23:59:59.999999Z");
    }

    #[test]
    fn a_date_keeps_its_precision() {
        for text in [
            "2025",
            "2025-08",
            "2025-08-14",
            "2025-08-14T09:30",
            "2025-08-14T09:30Z",
            "2025-08-14T09:30:00Z",
            "2025-08-14T09:30:00.5+02:00",
            "2025-08-14T09:30:00.250000-09:30",
        ] {
            assert_eq!(text.parse::<Date>().unwrap().to_string(), text);
        }
        let month: Date = "2024-02".parse().unwrap();
        assert_eq!(month.last_day().to_string(), "2024-02-29");
    }

    #[test]
    fn a_time_keeps_its_day_and_gets_neither_zone_nor_seconds() {
        let tokyo: Date = "2025-11-24T00:30+09:00".parse().unwrap();
        assert_eq!(tokyo.first_day().to_string(), "2025-11-24");
        assert_eq!(tokyo.last_instant().to_string(), "2025-11-23T15:30:59.999999Z");
        for (given, kept) in [
            ("2025-11-24T00:30:00+00:00", "2025-11-24T00:30:00Z"),
            ("2025-11-24T00:30:00-00:00", "2025-11-24T00:30:00Z"),
            ("2025-11-24 00:30:00+0900", "2025-11-24T00:30:00+09:00"),
            ("2025-11-24t00:30:00.123456789z", "2025-11-24T00:30:00.123456Z"),
        ] {
            assert_eq!(given.parse::<Date>().unwrap().to_string(), kept);
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "25",
            "2025-13",
            "2025-02-30",
            "0000",
            "+025",
            "2025-8",
            "last month",
            "2025-11-24T",
            "2025-11-24T24:00",
            "2025-11-24T09:60",
            "2025-11-24T09:30:60Z",
            "2025-11-24T09",
            "2025-11-24T09:30:00.",
            "2025-11-24T09:30+24:00",
            "2025-11-24T09:30.5",
            "2025-11-24T9:30",
            "2025-11-24T09:30+02:60",
            "2025-11-24T09:30 UTC",
        ] {
            assert!(matches!(text.parse::<Date>(), Err(MomentError::NotDate(_))), "{text}");
        }
    }

    #[test]
    fn a_period_is_a_moment_or_a_range_in_order() {
        let read =
            |json: &str| serde_json::from_str::<Period>(json).map(|period| period.to_string());
        assert_eq!(read(r#"{"at":"2025-01","basis":"printed"}"#).unwrap(), "2025-01");
        assert_eq!(read(r#"{"from":"1980","to":"2000"}"#).unwrap(), "1980 to 2000");
        for wrong in ["{}", r#"{"from":"2000","to":"1980"}"#, r#"{"at":"1","from":"2"}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Period::between(None, None, Basis::Printed), Err(MomentError::NotPeriod));
    }

    #[test]
    fn a_recorded_time_has_one_spelling() {
        let text = "2026-11-24T21:14:56.123456Z";
        assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        for other in [
            "2026-11-24T21:14:56Z",
            "2026-11-24T21:14:56.123456+00:00",
            "1969-12-31T00:00:00.000000Z",
        ] {
            assert!(matches!(other.parse::<Timestamp>(), Err(MomentError::NotTimestamp(_))));
        }
        assert_eq!(Timestamp::from_micros(u64::MAX).to_string(), "9999-12-31T23:59:59.999999Z");
    }

    proptest! {
        #[test]
        fn every_recorded_time_comes_back(micros in 0..=Timestamp::MAX_MICROS) {
            let timestamp = Timestamp::from_micros(micros);
            prop_assert_eq!(timestamp.to_string().parse(), Ok(timestamp));
        }
    }
}
