//! Views that are folded to be compared and thrown away: their file is never synced.
//!
//! Knows how a store reaches its file. Must not know what is kept in it.

use std::fs::File;
use std::io;
use std::path::Path;

use redb::StorageBackend;
use redb::backends::FileBackend;

/// A file that a power cut may spoil.
#[derive(Debug)]
pub(super) struct Unsynced(FileBackend);

impl Unsynced {
    /// Makes a new file at `path`.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
        FileBackend::new(file).map(Self).map_err(|error| io::Error::other(error.to_string()))
    }
}

impl StorageBackend for Unsynced {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }
}
