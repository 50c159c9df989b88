//! Folders that are for a while: copies that are examined, a ledger in the making. They go when they are
//! dropped, and when the process is told to end.
//!
//! Knows which of them stand. Must not know what is in them, nor how a process is told to end: whoever
//! is told calls [`end`].

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::platform::regular_file;

/// How often a folder in which somebody still writes is removed again, and after which pause.
const ATTEMPTS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(5);

/// Those that stand. Held while one is made or removed, so that none is forgotten.
static STANDING: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn standing() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    STANDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder that is removed with all that is in it once this is dropped.
#[derive(Debug)]
pub(crate) struct ScratchFolder {
    path: PathBuf,
}

impl ScratchFolder {
    /// Makes one in `folder`, for its owner alone, under a name that begins so and that nobody has.
    ///
    /// # Errors
    ///
    /// The system refused.
    pub(crate) fn private_in(folder: &Path, prefix: &str) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        Self::made(|| Ok(builder.prefix(prefix).tempdir_in(folder)?.keep()))
    }

    /// As [`private_in`](Self::private_in), with the rights that any new folder has: one that stays
    /// once it is whole.
    ///
    /// # Errors
    ///
    /// The system refused.
    pub(crate) fn open_in(folder: &Path, prefix: &str) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        Self::made(|| Ok(builder.prefix(prefix).tempdir_in(folder)?.keep()))
    }

    /// Makes one at `path`, where nothing may stand, for its owner alone.
    ///
    /// # Errors
    ///
    /// The system refused.
    pub(crate) fn private_at(path: &Path) -> io::Result<Self> {
        Self::made(|| regular_file::make_new_folder(path).map(|()| path.to_owned()))
    }

    fn made(make: impl FnOnce() -> io::Result<PathBuf>) -> io::Result<Self> {
        let mut standing = standing();
        let path = make()?;
        standing.insert(path.clone());
        Ok(Self { path })
    }

    /// Where it stands.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Moves it to `to`, where it stays.
    ///
    /// # Errors
    ///
    /// The system refused. It is removed then.
    pub(crate) fn settle(self, to: &Path) -> io::Result<()> {
        let mut standing = standing();
        let settled = fs::rename(&self.path, to);
        if settled.is_ok() {
            standing.remove(&self.path);
        }
        drop(standing);
        settled
    }

    /// Removes it now, and says whether that could be done.
    ///
    /// # Errors
    ///
    /// The system refused.
    pub(crate) fn remove(self) -> io::Result<()> {
        self.clear()
    }

    /// Once only: whoever has a folder of the same name later has another.
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

/// Removes all that stand, for a process that is about to end: none can be made thereafter, and who
/// drops one waits for ever, so that nobody goes on to tell of a folder that is gone.
pub(crate) fn end() {
    let standing = standing();
    for path in &*standing {
        // Another thread may be writing into it.
        for _ in 0..ATTEMPTS {
            let _ = fs::remove_dir_all(path);
            if fs::symlink_metadata(path).is_err() {
                break;
            }
            thread::sleep(PAUSE);
        }
    }
    std::mem::forget(standing);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_with_what_is_in_it_unless_it_settles() {
        let home = tempfile::tempdir().unwrap();
        let passing = ScratchFolder::private_in(home.path(), "copy-").unwrap();
        let path = passing.path().to_owned();
        fs::write(path.join("file"), "abc").unwrap();
        drop(passing);
        assert!(!path.exists());

        let passing = ScratchFolder::open_in(home.path(), "new-").unwrap();
        let path = passing.path().to_owned();
        fs::write(path.join("file"), "abc").unwrap();
        passing.settle(&home.path().join("there")).unwrap();
        assert!(!path.exists());
        assert_eq!(fs::read(home.path().join("there/file")).unwrap(), b"abc");

        // One that cannot settle goes all the same.
        let passing = ScratchFolder::open_in(home.path(), "new-").unwrap();
        let path = passing.path().to_owned();
        passing.settle(&home.path().join("no/where")).unwrap_err();
        assert!(!path.exists());
        assert!(
            ScratchFolder::private_at(&home.path().join("there")).is_err(),
            "nothing is taken over"
        );
        assert!(home.path().join("there/file").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_private_one_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let named = ScratchFolder::private_in(home.path(), "copy-").unwrap();
        let placed = ScratchFolder::private_at(&home.path().join("copy")).unwrap();
        for passing in [&named, &placed] {
            let mode = fs::metadata(passing.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
    }
}
