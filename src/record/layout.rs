//! Locates the files in a ledger's folder.
//!
//! Knows their names. Must not know the contents of any of them.

use std::fs;
use std::path::{Path, PathBuf};

/// A ledger's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    folder: PathBuf,
}

impl Layout {
    /// The layout of the ledger in `folder`, whether or not there is one.
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The store of entries, salts and events.
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The views.
    pub fn views(&self) -> PathBuf {
        self.folder.join("views")
    }

    /// Originals and texts.
    pub fn archive(&self) -> PathBuf {
        self.folder.join("archive")
    }

    /// The newest signed checkpoint.
    pub fn checkpoint(&self) -> PathBuf {
        self.folder.join("checkpoint")
    }

    /// The signing key, unless it is kept elsewhere.
    pub fn key(&self) -> PathBuf {
        self.folder.join("key")
    }

    /// What became of proposals in reviews. It is not part of the record: if it is lost, the
    /// proposals are merely offered again.
    pub fn review(&self) -> PathBuf {
        self.folder.join("review")
    }

    /// Whether there is a ledger: its log exists, or something in its place.
    pub fn exists(&self) -> bool {
        fs::symlink_metadata(self.log()).is_ok()
    }
}
