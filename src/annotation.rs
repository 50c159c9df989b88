//! Annotated text: articles in which somebody has marked what is attributed, a line of JSON each.
//!
//! Knows the format in which attributions are marked, by people and by programs, and reads it line
//! by line, compressed or not. Must not know how attributions are found, nor what is measured on
//! them. docs/attribution.md gives the format.

use std::io::{self, BufRead, BufReader, Read};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The longest line that is read, in bytes: an article with all its marks.
pub const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// A stretch of the text in code points, end exclusive: `[start, end]` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
pub struct Stretch {
    /// Its first code point.
    pub start: u32,
    /// The code point after its last.
    pub end: u32,
}

impl Stretch {
    /// How many code points it covers.
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers none.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// How many code points both cover.
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

/// One attribution as it is marked, each part in its pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// The words attributed.
    pub content: Vec<Stretch>,
    /// Who says them; empty where nobody is mentioned.
    #[serde(default)]
    pub source: Vec<Stretch>,
    /// The words that attribute.
    #[serde(default)]
    pub cue: Vec<Stretch>,
}

/// An article with its marks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotated {
    /// What the file calls it.
    pub id: String,
    /// The day it was published, as `2026-03-02`.
    #[serde(default)]
    pub date: Option<String>,
    /// Its whole text, the title with it.
    pub text: String,
    /// Every attribution marked in it.
    #[serde(default)]
    pub attributions: Vec<Marked>,
}

impl Annotated {
    /// The day it was published, where that is given as a day.
    pub fn published(&self) -> Option<NaiveDate> {
        self.date.as_deref().and_then(|date| date.parse().ok())
    }
}

/// One attribution as a program found it: an unbroken piece of content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predicted {
    /// The words attributed.
    pub content: Stretch,
    /// Who says them.
    #[serde(default)]
    pub source: Option<Stretch>,
    /// The words that attribute.
    #[serde(default)]
    pub cue: Option<Stretch>,
    /// What found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// How sure that is, in percent.
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
pub enum ReadError {
    /// The file itself.
    #[error("the file cannot be read: {0}")]
    File(#[from] io::Error),
    /// A line that never ends.
    #[error("the line is longer than {LONGEST_LINE} bytes: write one article a line")]
    Long,
    /// Not what the format says.
    #[error("this is no article in the format of docs/attribution.md: {0}")]
    Line(#[from] serde_json::Error),
    /// A mark where no text is.
    #[error("{id} has a mark up to code point {end}, but its text ends at {length}")]
    Beyond {
        /// The article.
        id: String,
        /// Where the mark ends.
        end: u32,
        /// Where the text ends.
        length: usize,
    },
}

/// The lines of a file, each as what it holds. Lines are counted from 1.
pub struct Lines<R> {
    file: R,
    line: u64,
    buffer: Vec<u8>,
}

/// Lines of a file that may be compressed, as its first bytes tell.
pub fn lines<'a>(file: impl BufRead + 'a) -> Result<Lines<Box<dyn BufRead + 'a>>, ReadError> {
    let mut file = file;
    let is_compressed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let file: Box<dyn BufRead + 'a> = if is_compressed {
        Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    };
    Ok(Lines { file, line: 0, buffer: Vec::new() })
}

impl<R: BufRead> Lines<R> {
    /// The number of the line that was read last.
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The next line that is not empty; none at the end.
    fn advance(&mut self) -> Result<Option<&[u8]>, ReadError> {
        loop {
            self.buffer.clear();
            self.line += 1;
            let mut limited = (&mut self.file).take(LONGEST_LINE + 1);
            if limited.read_until(b'\n', &mut self.buffer)? == 0 {
                return Ok(None);
            }
            if self.buffer.len() as u64 > LONGEST_LINE {
                return Err(ReadError::Long);
            }
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(Some(self.buffer.trim_ascii()));
            }
        }
    }

    /// The next article, its marks within its text.
    pub fn article(&mut self) -> Result<Option<Annotated>, ReadError> {
        let Some(line) = self.advance()? else { return Ok(None) };
        let article: Annotated = serde_json::from_slice(line)?;
        let length = article.text.chars().count();
        for marked in &article.attributions {
            for part in [&marked.content, &marked.source, &marked.cue] {
                within(&article.id, length, part)?;
            }
        }
        Ok(Some(article))
    }

    /// The next line of what a program found.
    pub fn prediction(&mut self) -> Result<Option<Prediction>, ReadError> {
        let Some(line) = self.advance()? else { return Ok(None) };
        Ok(Some(serde_json::from_slice(line)?))
    }
}

/// Refuses stretches that reach beyond the text.
pub fn within<'s>(
    id: &str,
    length: usize,
    stretches: impl IntoIterator<Item = &'s Stretch>,
) -> Result<(), ReadError> {
    let is_beyond = |stretch: &&Stretch| stretch.end as usize > length;
    match stretches.into_iter().find(is_beyond) {
        Some(stretch) => Err(ReadError::Beyond { id: id.to_owned(), end: stretch.end, length }),
        None => Ok(()),
    }
}
