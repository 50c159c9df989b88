//! Manages temporary folders: copies under examination, or a ledger under construction. They are
//! removed when they are dropped, and when a signal ends the process.
//!
//! Knows which of them exist. Must not know what is in them, or which signals end a process: the
//! code that receives the signal calls [`end`].

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::platform::regular_file;

/// How many times to retry removing a folder that another thread still writes to, and the pause in
/// between.
const ATTEMPTS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(5);

/// How often in a row a folder must be found missing before the process ends: a store that another
/// thread is opening in it creates it again.
const LOOKS: u32 = 4;

/// The existing folders. Locked while one is created or removed, so that none is missed.
static STANDING: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn standing() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    STANDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder that is removed with its contents when this is dropped.
#[derive(Debug)]
pub(crate) struct ScratchFolder {
    path: PathBuf,
}

impl ScratchFolder {
    /// Creates a folder in `folder`, accessible only to its owner, with a unique name that has this
    /// prefix.
    ///
    /// # Errors
    ///
    /// The operating system reports an error.
    pub(crate) fn private_in(folder: &Path, prefix: &str) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        Self::made(|| Ok(builder.prefix(prefix).tempdir_in(folder)?.keep()))
    }

    /// As [`private_in`](Self::private_in), but with the default permissions of a new folder: for
    /// one that is kept once it is complete.
    ///
    /// # Errors
    ///
    /// The operating system reports an error.
    pub(crate) fn open_in(folder: &Path, prefix: &str) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        Self::made(|| Ok(builder.prefix(prefix).tempdir_in(folder)?.keep()))
    }

    /// Creates a folder at `path`, which must not exist yet, accessible only to its owner.
    ///
    /// # Errors
    ///
    /// The operating system reports an error.
    pub(crate) fn private_at(path: &Path) -> io::Result<Self> {
        Self::made(|| regular_file::make_new_folder(path).map(|()| path.to_owned()))
    }

    fn made(make: impl FnOnce() -> io::Result<PathBuf>) -> io::Result<Self> {
        let mut standing = standing();
        let path = make()?;
        standing.insert(path.clone());
        Ok(Self { path })
    }

    /// The path of the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the folder to `to`, where it is kept.
    ///
    /// # Errors
    ///
    /// The operating system reports an error; the folder is then removed.
    pub(crate) fn settle(self, to: &Path) -> io::Result<()> {
        let mut standing = standing();
        let settled = fs::rename(&self.path, to);
        if settled.is_ok() {
            standing.remove(&self.path);
        }
        drop(standing);
        settled
    }

    /// Removes the folder now, and reports whether that succeeded.
    ///
    /// # Errors
    ///
    /// The operating system reports an error.
    pub(crate) fn remove(self) -> io::Result<()> {
        self.clear()
    }

    /// Removes the folder once only: a later folder of the same name belongs to someone else.
    fn clear(&self) -> io::Result<()> {
        let mut standing = standing();
        if standing.remove(&self.path) { fs::remove_dir_all(&self.path) } else { Ok(()) }
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        if let Err(error) = self.clear() {
            tracing::warn!("{} could not be removed: {error}", self.path.display());
        }
    }
}

/// Removes all existing folders, for a process that is about to end. None can be created
/// afterwards, and a thread that drops one blocks forever, so that no thread goes on to report that
/// its folder is missing.
pub(crate) fn end() {
    let standing = standing();
    standing.iter().for_each(|path| remove_for_good(path));
    std::mem::forget(standing);
}

/// Removes a folder to which another thread may be writing.
fn remove_for_good(path: &Path) {
    let mut missing = 0;
    for _ in 0..ATTEMPTS {
        let _ = fs::remove_dir_all(path);
        missing = if fs::symlink_metadata(path).is_err() { missing + 1 } else { 0 };
        if missing == LOOKS {
            return;
        }
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_removed_with_its_contents_unless_it_settles() {
        let home = tempfile::tempdir().unwrap();
        let scratch = ScratchFolder::private_in(home.path(), "copy-").unwrap();
        let path = scratch.path().to_owned();
        fs::write(path.join("file"), "abc").unwrap();
        drop(scratch);
        assert!(!path.exists());

        let scratch = ScratchFolder::open_in(home.path(), "new-").unwrap();
        let path = scratch.path().to_owned();
        fs::write(path.join("file"), "abc").unwrap();
        scratch.settle(&home.path().join("there")).unwrap();
        assert!(!path.exists());
        assert_eq!(fs::read(home.path().join("there/file")).unwrap(), b"abc");

        // A folder that cannot be moved is removed nevertheless.
        let scratch = ScratchFolder::open_in(home.path(), "new-").unwrap();
        let path = scratch.path().to_owned();
        scratch.settle(&home.path().join("no/where")).unwrap_err();
        assert!(!path.exists());
        assert!(
            ScratchFolder::private_at(&home.path().join("there")).is_err(),
            "nothing is taken over"
        );
        assert!(home.path().join("there/file").exists());
    }

    #[test]
    fn a_folder_that_is_created_again_is_removed_again() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("copy");
        fs::create_dir(&path).unwrap();
        let again = path.clone();
        let opening = thread::spawn(move || {
            while fs::symlink_metadata(&again).is_ok() {
                thread::yield_now();
            }
            fs::create_dir_all(again.join("log")).unwrap();
        });
        remove_for_good(&path);
        opening.join().unwrap();
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_private_folder_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let named = ScratchFolder::private_in(home.path(), "copy-").unwrap();
        let placed = ScratchFolder::private_at(&home.path().join("copy")).unwrap();
        for scratch in [&named, &placed] {
            let mode = fs::metadata(scratch.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }
}
