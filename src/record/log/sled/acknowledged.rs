//! How many records were acknowledged, kept beside a store for the case that its writer is killed.
//!
//! Knows one number in one file. Must not know what a record is.
//!
//! `log.acknowledged` is written behind every append, and is not synced: what a killed process wrote
//! is there all the same, and where the power failed it says less than was acknowledged, never more.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::files::{self, FileFault};
use crate::domain::id::Sequence;
use crate::platform::regular_file;

/// Digits of the number, with zeros before it, so that a shorter one leaves nothing of a longer.
const DIGITS: usize = 20;

/// The file, open for writing.
#[derive(Debug)]
pub(super) struct Acknowledged(File);

impl Acknowledged {
    /// Opens the file of the store at `dir`, made where there is none.
    pub(super) fn open(dir: &Path) -> Result<Self, FileFault> {
        let path = files::acknowledged(dir);
        let mut options = regular_file::private();
        let opened = regular_file::open(&path, options.create(true).truncate(false).write(true));
        opened.map(Self).map_err(FileFault::at(&path))
    }

    /// Notes that so many were. A number that could not be written is smaller than it might be, which
    /// is right as far as it goes.
    pub(super) fn note(&mut self, length: Sequence) {
        let line = format!("{:0DIGITS$}\n", length.get());
        let written =
            self.0.seek(SeekFrom::Start(0)).and_then(|_| self.0.write_all(line.as_bytes()));
        if let Err(error) = written {
            tracing::warn!("how many entries were acknowledged could not be noted: {error}");
        }
    }

    /// How many the store at `dir` had at least; none where nothing says so.
    pub(super) fn of(dir: &Path) -> Sequence {
        let mut line = [0; DIGITS];
        let read = regular_file::read(&files::acknowledged(dir))
            .and_then(|mut file| file.read_exact(&mut line));
        let number = read.ok().and_then(|()| std::str::from_utf8(&line).ok()?.parse().ok());
        number.and_then(|number: u64| Sequence::new(number).ok()).unwrap_or(Sequence::ZERO)
    }
}
