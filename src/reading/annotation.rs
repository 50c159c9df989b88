//! Reads annotated text: articles in which attributions have been marked, one line of
//! JSON each.
//!
//! Knows the format in which people and programs mark attributions, and is the only module that
//! reads it, line by line, compressed or not. Must not know how attributions are found, nor what is
//! measured on them. docs/attribution.md describes the format.

use std::io::BufRead;

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::moment::Date;
use crate::domain::objects;
use crate::platform::lines::{self, LineError};
use crate::platform::panic_guard::one_line;

/// The longest line that is read, in bytes: an article with all its marks.
pub const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// A range of the text in code points, end exclusive: `[start, end]` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
pub struct Stretch {
    /// The position of its first code point.
    pub start: u32,
    /// The position after its last code point.
    pub end: u32,
}

impl Stretch {
    /// The number of code points in it.
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether it is empty.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The number of code points in both ranges.
    pub fn shared(self, other: Self) -> u32 {
        self.end.min(other.end).saturating_sub(self.start.max(other.start))
    }
}

impl From<(u32, u32)> for Stretch {
    fn from((start, end): (u32, u32)) -> Self {
        Self { start, end }
    }
}

impl From<Stretch> for (u32, u32) {
    fn from(stretch: Stretch) -> Self {
        (stretch.start, stretch.end)
    }
}

/// One marked attribution, with the pieces of each part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// The attributed words.
    pub content: Vec<Stretch>,
    /// The words that name the speaker; empty if nobody is mentioned.
    #[serde(default)]
    pub source: Vec<Stretch>,
    /// The words that attribute, such as "said".
    #[serde(default)]
    pub cue: Vec<Stretch>,
}

/// An article with its marks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotated {
    /// Its id in the file.
    pub id: String,
    /// The publication day, as `2026-03-02` or as an instant on that day, or less precisely the
    /// month or the year.
    #[serde(default)]
    pub date: Option<String>,
    /// Its whole text, including the title.
    pub text: String,
    /// Every attribution marked in it.
    #[serde(default)]
    pub attributions: Vec<Marked>,
}

impl Annotated {
    /// The publication day, if it is known to the day. For an instant with an offset, this is the
    /// local day.
    pub fn published(&self) -> Option<NaiveDate> {
        self.date.as_deref().and_then(day)
    }

    /// Refuses an invalid date, and marks beyond the end of the text.
    fn check(&self) -> Result<(), Fault> {
        let is_date = |date: &str| date.parse::<Date>().is_ok() || day(date).is_some();
        if let Some(date) = self.date.as_deref().filter(|date| !is_date(date)) {
            return Err(Fault::Date(one_line(date)));
        }
        let length = self.text.chars().count();
        let marks = self.attributions.iter();
        let stretches = marks.flat_map(|it| [&it.content, &it.source, &it.cue]).flatten();
        within(&self.id, length, stretches)
    }
}

/// The day at the start of a date or an instant.
fn day(date: &str) -> Option<NaiveDate> {
    let (day, rest) = date.split_at_checked(10)?;
    let is_whole = rest.is_empty() || rest.starts_with(['T', ' ']);
    match day.parse() {
        Ok(Date::Day(day)) if is_whole => Some(day),
        _ => None,
    }
}

/// One attribution that a program found: a single unbroken piece of content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predicted {
    /// The attributed words.
    pub content: Stretch,
    /// The words that name the speaker.
    #[serde(default)]
    pub source: Option<Stretch>,
    /// The words that attribute.
    #[serde(default)]
    pub cue: Option<Stretch>,
    /// The name of the rule that found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// How likely it is to be right, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
}

/// What a program found in one article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prediction {
    /// The article's id.
    pub id: String,
    /// What it found.
    pub attributions: Vec<Predicted>,
}

/// Why annotated text cannot be read.
#[derive(Debug, Error)]
pub enum AnnotationError {
    /// A line cannot be read.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A line has invalid content.
    #[error("{fault}")]
    Fault {
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        fault: Fault,
    },
}

impl AnnotationError {
    /// The faulty line, counted from 1; none if the fault is in the input as a whole.
    pub const fn line(&self) -> Option<u64> {
        match self {
            Self::Line(error) => error.line(),
            Self::Fault { line, .. } => Some(*line),
        }
    }
}

/// What is wrong with a line of annotated text.
#[derive(Debug, Error)]
pub enum Fault {
    /// The line does not follow the format.
    #[error("this is not an article in the format of docs/attribution.md: {0}")]
    Format(String),
    /// The date is invalid.
    #[error(
        "“{0}” is not a date: give the publication day in the form 2026-03-02, or leave it out"
    )]
    Date(String),
    /// A mark reaches beyond the end of the text.
    #[error(
        "{id} has a mark up to code point {end}, but its text ends at {length}: correct the mark"
    )]
    Beyond {
        /// The article's id.
        id: String,
        /// The end of the mark, in code points.
        end: u32,
        /// The length of the text, in code points.
        length: usize,
    },
}

/// Reads annotated text line by line.
pub struct AnnotatedLines<R> {
    lines: lines::Lines<R>,
}

/// The lines of an input; its first bytes show whether it is compressed.
///
/// # Errors
///
/// If the beginning of the input cannot be read.
pub fn lines<'a>(
    input: impl BufRead + 'a,
) -> Result<AnnotatedLines<Box<dyn BufRead + 'a>>, AnnotationError> {
    let input = lines::unpacked(input)?;
    Ok(AnnotatedLines { lines: lines::Lines::of(input, LONGEST_LINE) })
}

impl<R: BufRead> AnnotatedLines<R> {
    /// The number of the line read last, counted from 1.
    pub const fn line(&self) -> u64 {
        self.lines.number()
    }

    /// The next article, with all marks inside its text; none at the end.
    ///
    /// # Errors
    ///
    /// If the line cannot be read or is not a valid article.
    pub fn article(&mut self) -> Result<Option<Annotated>, AnnotationError> {
        let Some(article) = self.parsed::<Annotated>()? else { return Ok(None) };
        let line = self.line();
        article.check().map_err(|fault| AnnotationError::Fault { line, fault })?;
        Ok(Some(article))
    }

    /// The next line of a program's predictions; none at the end.
    ///
    /// # Errors
    ///
    /// If the line cannot be read or is not a valid prediction.
    pub fn prediction(&mut self) -> Result<Option<Prediction>, AnnotationError> {
        self.parsed()
    }

    fn parsed<T: DeserializeOwned>(&mut self) -> Result<Option<T>, AnnotationError> {
        let Some((line, text)) = self.lines.advance()? else { return Ok(None) };
        let parsed = objects::from_slice(text).map_err(|error| {
            // The parser sees one line at a time, so its own line number is always 1.
            let what = error.to_string().replace(" at line 1 column ", ", at column ");
            AnnotationError::Fault { line, fault: Fault::Format(what) }
        })?;
        Ok(Some(parsed))
    }
}

/// Refuses ranges that reach beyond the end of the text.
///
/// # Errors
///
/// If a range reaches beyond the end of the text.
pub fn within<'s>(
    id: &str,
    length: usize,
    stretches: impl IntoIterator<Item = &'s Stretch>,
) -> Result<(), Fault> {
    let is_beyond = |stretch: &&Stretch| stretch.end as usize > length;
    match stretches.into_iter().find(is_beyond) {
        Some(stretch) => Err(Fault::Beyond { id: id.to_owned(), end: stretch.end, length }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(date: &str) -> Result<Option<NaiveDate>, String> {
        let line = format!(r#"{{"id":"a","text":"T","date":"{date}"}}"#);
        let article = lines(line.as_bytes()).unwrap().article();
        Ok(article.map_err(|error| error.to_string())?.unwrap().published())
    }

    #[test]
    fn a_date_is_a_day_or_known_less_precisely_or_refused() {
        let day = NaiveDate::from_ymd_opt(2016, 9, 12);
        for date in
            ["2016-09-12", "2016-09-12T23:30:00-05:00", "2016-09-12T23:30", "2016-09-12 23:30"]
        {
            assert_eq!(read(date), Ok(day), "{date}");
        }
        for date in ["2016", "2016-09"] {
            assert_eq!(read(date), Ok(None), "{date}");
        }
        for date in [
            "",
            "May",
            "2016-13",
            "2016-09-31",
            "2016-9-12",
            "2016-09-123",
            "0000-01-01",
            "2016-0é-12",
        ] {
            assert!(read(date).is_err_and(|error| error.contains("is not a date")), "{date}");
        }
    }

    #[test]
    fn the_line_to_blame_is_told() {
        let good = r#"{"id":"a","text":"Tea"}"#;
        let beyond = r#"{"id":"a","text":"Tea","attributions":[{"content":[[0,4]]}]}"#;
        for bad in [beyond, r#"{"id":1}"#, "[]", "\u{feff}{}", "nothing"] {
            let text = format!("{good}\r\n\r\n{bad}\r\n");
            let mut lines = lines(text.as_bytes()).unwrap();
            assert!(lines.article().unwrap().is_some() && lines.line() == 1);
            assert_eq!(lines.article().unwrap_err().line(), Some(3), "{bad}");
        }
    }
}
