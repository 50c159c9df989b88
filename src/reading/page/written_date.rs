//! Parses dates as pages write them, in a head or on a line of their own.
//!
//! Knows the forms that publishers use besides RFC 3339. Must not know what a date refers to, and
//! never makes one more precise than it was written.

use chrono::{DateTime, Datelike, NaiveDate};

use crate::domain::moment::Date;

/// The longest text that can be a date, in bytes.
const LONGEST: usize = 64;

/// The accepted forms of a day.
const DAYS: &[&str] =
    &["%Y/%m/%d", "%Y%m%d", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%a, %d %b %Y"];

/// The date in `text`, if it is one.
pub(super) fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() > LONGEST {
        return None;
    }
    // Joins a time zone set off by a space, and drops a fraction of `.000`.
    let joined = text.replace(" UTC", "Z").replace(" GMT", "Z").replace(" +", "+");
    if let Ok(date) = joined.replace(" -", "-").replace(".000", "").parse() {
        return Some(date);
    }
    if let Ok(instant) = DateTime::parse_from_rfc2822(text) {
        // Parsed again from its text, so that years and leap seconds follow a single rule.
        return instant.to_rfc3339().parse().ok();
    }
    // A year of two digits is not accepted.
    let is_whole = |day: &NaiveDate| day.year() >= 1000;
    let day = DAYS.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok());
    if let Some(day) = day.filter(is_whole) {
        return day.to_string().parse().ok();
    }
    // If the time of day cannot be parsed, the day before it still counts.
    let day = text.get(..10)?;
    let rest = text[10..].trim_start_matches(['T', ' ']);
    rest.starts_with(|digit: char| digit.is_ascii_digit()).then(|| day.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        date(text).map(|date| date.to_string())
    }

    #[test]
    fn dates_are_read_in_the_forms_that_pages_have() {
        for (text, expected) in [
            ("2025-08-14", "2025-08-14"),
            ("2025-08", "2025-08"),
            (" 2025-08-14T09:30:00Z ", "2025-08-14T09:30:00Z"),
            ("2025-08-14T09:30:00.000Z", "2025-08-14T09:30:00Z"),
            ("2025-08-14T12:30:00+03:00", "2025-08-14T12:30:00+03:00"),
            ("2025-08-14T12:30:00+0300", "2025-08-14T12:30:00+03:00"),
            ("2025-08-14 12:30:00 +0300", "2025-08-14T12:30:00+03:00"),
            ("2025-08-14T22:30:00.5-03:00", "2025-08-14T22:30:00.5-03:00"),
            ("2025-08-14 09:30:00 UTC", "2025-08-14T09:30:00Z"),
            ("2025-08-14T09:30Z", "2025-08-14T09:30Z"),
            ("Thu, 14 Aug 2025 09:30:00 GMT", "2025-08-14T09:30:00Z"),
            ("Thu, 14 Aug 2025 09:30:00 +0200", "2025-08-14T09:30:00+02:00"),
            ("2025-08-14T09:30:00", "2025-08-14T09:30:00"),
            ("2025-08-14 09:30", "2025-08-14T09:30"),
            ("2025-08-14 9:30", "2025-08-14"),
            ("2025/08/14", "2025-08-14"),
            ("20250814", "2025-08-14"),
            ("August 14, 2025", "2025-08-14"),
            ("14 Aug 2025", "2025-08-14"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "yesterday", "2025-13-01", "2025-08-14?", "14/08/25", "99999-01-01", "é"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&"2025-08-14T".repeat(100)), None);
    }
}
