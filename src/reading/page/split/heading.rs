//! Reads the lines at the head of an article on a page of several: the author, the outlet and the
//! age.
//!
//! Knows single lines. Must not know the lines around them.

use chrono::{Months, TimeDelta};

use super::super::written_date::date;
use crate::domain::moment::Date;

/// The longest line that can give an article's author, outlet or date, in bytes.
const LONGEST: usize = 200;

/// The separators between an author, an outlet and a date on one line.
const MARKS: &[&str] = &[" | ", " · ", " • ", " – ", " — ", " - ", " / "];

/// A unit of age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgeUnit {
    /// Sixty seconds.
    Minute,
    /// Sixty minutes.
    Hour,
    /// A calendar day.
    Day,
    /// Seven days.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

/// How long before the page was fetched an article was published, as the page states it: "5 hours
/// ago".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Age {
    /// How many units.
    pub count: u16,
    /// The unit.
    pub unit: AgeUnit,
}

impl Age {
    /// The publication time for a page fetched on `seen`, no more precise than both allow: five
    /// hours before some time on a Thursday may have been on Wednesday.
    pub fn before(self, seen: Date) -> Option<Date> {
        let count = i64::from(self.count);
        let (back, is_clock) = match self.unit {
            AgeUnit::Minute => (TimeDelta::try_minutes(count)?, true),
            AgeUnit::Hour => (TimeDelta::try_hours(count)?, true),
            AgeUnit::Day => (TimeDelta::try_days(count)?, false),
            AgeUnit::Week => (TimeDelta::try_weeks(count)?, false),
            AgeUnit::Month | AgeUnit::Year => return self.month_before(seen),
        };
        match seen {
            Date::Time(seen) => seen.earlier(back).map(|then| then.local().date()),
            Date::Day(seen) if !is_clock => seen.checked_sub_signed(back),
            _ => None,
        }
        .and_then(|day| day.to_string().parse().ok())
    }

    fn month_before(self, seen: Date) -> Option<Date> {
        let count = u32::from(self.count);
        match (self.unit, seen) {
            (AgeUnit::Month, Date::Time(_) | Date::Day(_) | Date::Month(..)) => {
                let then = seen.first_day().checked_sub_months(Months::new(count))?;
                then.format("%Y-%m").to_string().parse().ok()
            }
            (AgeUnit::Year, _) => {
                let then = seen.first_day().checked_sub_months(Months::new(12 * count))?;
                then.format("%Y").to_string().parse().ok()
            }
            _ => None,
        }
    }
}

/// What a line at the head of an article says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) author: Option<String>,
    pub(super) outlet: Option<String>,
    pub(super) age: Option<Age>,
    pub(super) date: Option<Date>,
}

impl Told {
    /// Whether it names an author or a time: an outlet's name alone could be anything.
    fn is_sure(&self) -> bool {
        self.author.is_some() || self.age.is_some() || self.date.is_some()
    }

    /// Adds what another line says.
    pub(super) fn join(&mut self, other: Self) {
        self.author = self.author.take().or(other.author);
        self.outlet = self.outlet.take().or(other.outlet);
        self.age = self.age.or(other.age);
        self.date = self.date.or(other.date);
    }
}

/// What `line` says, if all of it describes an article: "By Ana Lund | Island Gazette | 3 March
/// 2026", "Island Gazette · 5 hours ago".
pub(super) fn told(line: &str) -> Option<Told> {
    if line.len() > LONGEST || line.ends_with(['.', '!', '?', '”', '"']) {
        return None;
    }
    let mut told = Told::default();
    let mut outlets = 0;
    for part in parts(line) {
        if let Some(age) = age(part) {
            told.age = told.age.or(Some(age));
        } else if let Some(date) = dated(part) {
            told.date = told.date.or(Some(date));
        } else if let Some(author) = author(part) {
            told.author = told.author.or_else(|| Some(author.to_owned()));
        } else if is_outlet(part) {
            outlets += 1;
            told.outlet = told.outlet.or_else(|| Some(part.to_owned()));
        } else {
            return None;
        }
    }
    (told.is_sure() && outlets <= 1).then_some(told)
}

/// The outlet in "- Island Gazette".
pub(super) fn dashed(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(['-', '–', '—'])?;
    let outlet = rest.strip_prefix(' ')?.trim();
    is_outlet(outlet).then_some(outlet)
}

/// The level and the words of a Markdown heading.
pub(super) fn heading(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    let words = rest.strip_prefix(' ')?.trim().trim_end_matches('#').trim_end();
    ((1..=6).contains(&level) && !words.is_empty()).then_some((level, words))
}

/// Whether a line can be the name of an outlet: a few words written as names are, or a domain.
pub(super) fn is_outlet(line: &str) -> bool {
    if line.len() > 60 || line.ends_with(['.', ',', ';', ':', '!', '?', '”', '"', '’']) {
        return false;
    }
    const SMALL: &[&str] =
        &["of", "the", "and", "for", "in", "on", "de", "la", "le", "du", "del", "&"];
    let is_name = |word: &str| {
        SMALL.contains(&word)
            || word
                .chars()
                .next()
                .is_some_and(|first| first.is_alphanumeric() && !first.is_lowercase())
    };
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    let is_domain = first.contains('.') && words.next().is_none();
    is_domain
        || (!first.is_empty()
            && !SMALL[2..].contains(&first)
            && line.split_whitespace().count() <= 6
            && line.split_whitespace().all(is_name))
}

/// Whether a line can be a title.
pub(super) fn is_title(line: &str) -> bool {
    let first = line.trim_start_matches(['“', '"', '‘', '\'', '«', '(', '[']).chars().next();
    let short = line.len() <= 300 && line.chars().count() <= 200;
    short
        && first.is_some_and(|first| first.is_alphanumeric() && !first.is_lowercase())
        && !line.ends_with(['.', ',', ';', ':', '。'])
}

/// Whether a line is a paragraph of prose: long, and ending as a sentence does.
pub(super) fn is_prose(line: &str) -> bool {
    let end = line.trim_end_matches(['”', '"', '’', '\'', '»', ')', ']', '」', '』']);
    end.ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '।']) && line.len() >= 60
}

fn parts(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let first = MARKS.iter().filter_map(|mark| Some((text.find(mark)?, mark.len()))).min();
        let (part, after) = match first {
            Some((at, length)) => (&text[..at], Some(&text[at + length..])),
            None => (text, None),
        };
        rest = after;
        Some(part.trim())
    })
}

fn author(part: &str) -> Option<&str> {
    let by = part.get(..3).filter(|by| by.eq_ignore_ascii_case("by "))?;
    let name = part[by.len()..].trim();
    let begins = name.chars().next().is_some_and(|first| !first.is_lowercase());
    (begins && name.len() <= 120 && name.split_whitespace().count() <= 12).then_some(name)
}

fn dated(part: &str) -> Option<Date> {
    let mut rest = part;
    for word in ["Published", "Posted", "on", "at", ":"] {
        rest = rest.strip_prefix(word).unwrap_or(rest).trim_start();
    }
    // Drops the day of the week, and the time of day, whose time zone is not known.
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    if DAYS.iter().any(|day| rest.starts_with(day)) {
        rest = rest.split_once(' ')?.1.trim_start();
    }
    if let Some(date) = date(rest) {
        return Some(date);
    }
    let words: Vec<&str> = rest.split_whitespace().take(8).collect();
    let day = words.get(..3)?.join(" ");
    let after = words.get(3..)?;
    let is_clock = |word: &&str| {
        word.len() <= 8 && (word.contains(':') || word.chars().all(|one| one.is_ascii_uppercase()))
            || word.starts_with(|digit: char| digit.is_ascii_digit())
            || *word == "at"
    };
    after.iter().all(is_clock).then(|| date(day.trim_end_matches(','))).flatten()
}

fn age(part: &str) -> Option<Age> {
    let said = part.to_lowercase();
    let said = said.strip_prefix("updated ").or(said.strip_prefix("published ")).unwrap_or(&said);
    if said == "just now" {
        return Some(Age { count: 0, unit: AgeUnit::Minute });
    }
    let said = said.strip_suffix(" ago")?;
    let digits = said.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = match digits {
        0 => {
            let (article, unit) = said.split_once(' ')?;
            (matches!(article, "a" | "an" | "one").then_some(1)?, unit)
        }
        1..=4 => (said[..digits].parse().ok()?, said[digits..].trim_start()),
        _ => return None,
    };
    let unit = match unit.strip_suffix('s').filter(|unit| unit.len() > 1).unwrap_or(unit) {
        "m" | "min" | "minute" => AgeUnit::Minute,
        "h" | "hr" | "hour" => AgeUnit::Hour,
        "d" | "day" => AgeUnit::Day,
        "w" | "wk" | "week" => AgeUnit::Week,
        "mo" | "month" => AgeUnit::Month,
        "y" | "yr" | "year" => AgeUnit::Year,
        _ => return None,
    };
    Some(Age { count, unit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_as_pages_write_them() {
        for (text, count, unit) in [
            ("5 hours ago", 5, AgeUnit::Hour),
            ("An hour ago", 1, AgeUnit::Hour),
            ("12 mins ago", 12, AgeUnit::Minute),
            ("3h ago", 3, AgeUnit::Hour),
            ("Updated 2 days ago", 2, AgeUnit::Day),
            ("1 week ago", 1, AgeUnit::Week),
            ("Just now", 0, AgeUnit::Minute),
        ] {
            assert_eq!(age(text), Some(Age { count, unit }), "{text}");
        }
        for text in ["5 hours", "long ago", "99999 days ago", "some days ago", " ago", "5 ago"] {
            assert_eq!(age(text), None, "{text}");
        }
    }

    #[test]
    fn an_age_gives_a_time_no_more_precise_than_it_is() {
        let before = |count, unit, seen: &str| {
            let then = Age { count, unit }.before(seen.parse().unwrap());
            then.map(|then| then.to_string())
        };
        let (instant, day) = ("2026-03-03T02:00:00Z", "2026-03-03");
        assert_eq!(before(5, AgeUnit::Hour, instant).as_deref(), Some("2026-03-02"));
        assert_eq!(before(5, AgeUnit::Hour, day), None);
        assert_eq!(before(2, AgeUnit::Day, day).as_deref(), Some("2026-03-01"));
        assert_eq!(before(1, AgeUnit::Week, instant).as_deref(), Some("2026-02-24"));
        assert_eq!(before(3, AgeUnit::Month, day).as_deref(), Some("2025-12"));
        assert_eq!(before(1, AgeUnit::Year, "2026").as_deref(), Some("2025"));
        assert_eq!(before(1, AgeUnit::Day, "2026"), None);
        assert_eq!(before(9999, AgeUnit::Year, day), None);
    }

    #[test]
    fn a_line_tells_by_whom_where_and_when_in_any_order() {
        let line = told("By Ana Lund | Island Gazette | 3 March 2026").unwrap();
        assert_eq!(line.author.as_deref(), Some("Ana Lund"));
        assert_eq!(line.outlet.as_deref(), Some("Island Gazette"));
        assert_eq!(line.date.unwrap().to_string(), "2026-03-03");
        let line = told("Island Gazette · 5 hours ago").unwrap();
        assert_eq!((line.outlet.as_deref(), line.author), (Some("Island Gazette"), None));
        assert!(told("Published: Tue, 3 March 2026 09:30 GMT").unwrap().date.is_some());
        for line in [
            "Island Gazette",
            "He left 5 hours ago",
            "By the time the ferry came | nobody was there.",
            "By the harbour",
            "Ferry - harbour - 5 hours ago",
            "",
        ] {
            assert_eq!(told(line), None, "{line}");
        }
    }

    #[test]
    fn outlets_titles_and_prose_are_told_apart() {
        assert!(is_outlet("Island Gazette") && is_outlet("gazette.example") && is_outlet("島新聞"));
        assert!(!is_outlet("the harbour") && !is_outlet("It was closed."));
        assert!(
            is_title("Ferry carries 12,000: ‘a record’") && is_title("“A record,” says Brandt")
        );
        assert!(!is_title("It was closed.") && !is_title("and then"));
        assert!(is_prose(&format!("{} ends here.”", "The harbour office said that it".repeat(3))));
        assert!(!is_prose("Short.") && !is_prose(&"Harbour ".repeat(30)));
        assert_eq!(dashed("- Island Gazette"), Some("Island Gazette"));
        assert_eq!(heading("## Harbour ##"), Some((2, "Harbour")));
        assert_eq!(heading("#harbour"), None);
    }
}
