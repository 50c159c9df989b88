//! Manages the files around the store: its lock, copying it, and swapping in a rewritten one.
//!
//! Knows directories, what survives a power cut, and that a store may contain only regular files
//! and folders. Must not open a store or look into one.
//!
//! A store `log` has these neighbours, in the same directory:
//!
//! - `log.lock`, an empty file. A process that opens the store holds its flock. sled locks `log/db`
//!   too, but that file is replaced by a swap, and a lock on it would let another process open the
//!   store that is being replaced.
//! - `log.new`, a rewritten store to be swapped in, and `log.old`, the one it replaces: both exist
//!   only during a swap.
//!
//! - `log.closed`, the state of the store when it was last closed, and `log.acknowledged`, a lower
//!   bound on the number of its records.
//! - `log.copy`, a copy that is examined before the store is opened. It is removed afterwards or,
//!   after an interruption, at the next opening.
//!
//! The swap, under the lock; everything in `log.new` is synced before it begins:
//!
//! 0. remove `log.closed`, which describes the old store
//! 1. rename `log` to `log.old`; sync the directory
//! 2. rename `log.new` to `log`; sync the directory
//! 3. remove `log.old`; sync the directory
//!
//! An interrupted swap leaves one of these states, and the next opening completes it:
//!
//! - `log`, perhaps with `log.new`, no `log.old`: the swap never began. `log.new` may be incomplete
//!   and is removed.
//! - no `log`, but `log.new` and `log.old`: between 1 and 2. It continues with 2.
//! - `log` and `log.old`: before the end of 3. It continues with 3, because `log.old` holds what
//!   was to be erased.
//!
//! An opening that is interrupted, by a crash or a full disk, can leave `log/snap.….generating`.
//! The next time, sled 0.34.7 takes it for a snapshot, finds it damaged and never opens again. The
//! previous snapshot is removed only after it is renamed, so it is always safe to remove, and this
//! module does.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::platform::lock;
use crate::platform::regular_file;
use crate::platform::scratch::ScratchFolder;

/// A file or directory that could not be used.
#[derive(Debug, Error)]
#[error("{}: {source}", path.display())]
pub(super) struct FileFault {
    /// The file.
    pub(super) path: PathBuf,
    /// The operating system's error.
    pub(super) source: io::Error,
}

impl FileFault {
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { path, source }
    }
}

/// Why the lock was not taken.
#[derive(Debug, Error)]
pub(super) enum LockFault {
    /// Another process held it the whole time.
    #[error("another process holds it")]
    Busy,
    /// The lock file could not be used.
    #[error(transparent)]
    File(#[from] FileFault),
}

/// The store's lock, held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the store at `dir`, waiting at most `wait`.
    pub(super) fn take(dir: &Path, wait: Duration) -> Result<Self, LockFault> {
        let path = beside(dir, ".lock");
        let opened =
            regular_file::open(&path, File::options().create(true).truncate(false).write(true));
        let file = opened.map_err(FileFault::at(&path))?;
        Self::hold(file, &path, wait)
    }

    /// Takes the lock without creating or changing a file; `None` if there is no lock file, and so
    /// no process that could hold it.
    pub(super) fn take_unwritten(path: &Path, wait: Duration) -> Result<Option<Self>, LockFault> {
        match regular_file::read(path) {
            Ok(file) => Self::hold(file, path, wait).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FileFault::at(path)(error).into()),
        }
    }

    fn hold(file: File, path: &Path, wait: Duration) -> Result<Self, LockFault> {
        match lock::within(wait, || file.try_lock()) {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockFault::Busy),
            Err(TryLockError::Error(error)) => Err(FileFault::at(path)(error).into()),
        }
    }
}

/// The file in which sled keeps its segments, and which it locks.
pub(super) fn data(dir: &Path) -> PathBuf {
    dir.join("db")
}

/// The lock file of the store at `dir`.
pub(super) fn lock(dir: &Path) -> PathBuf {
    beside(dir, ".lock")
}

/// The file with the state of the store at `dir` when it was last closed.
pub(super) fn closed(dir: &Path) -> PathBuf {
    beside(dir, ".closed")
}

/// The file to which that is written before it replaces the previous one.
pub(super) fn unfinished(dir: &Path) -> PathBuf {
    beside(dir, ".closed.unfinished")
}

/// The file with the lower bound on the number of records of the store at `dir`.
pub(super) fn acknowledged(dir: &Path) -> PathBuf {
    beside(dir, ".acknowledged")
}

/// The directory in which a copy of the store at `dir` is examined.
pub(super) fn examined(dir: &Path) -> PathBuf {
    beside(dir, ".copy")
}

/// The directory in which a rewritten store is built.
pub(super) fn incoming(dir: &Path) -> PathBuf {
    beside(dir, ".new")
}

fn outgoing(dir: &Path) -> PathBuf {
    beside(dir, ".old")
}

fn beside(dir: &Path, ending: &str) -> PathBuf {
    let mut name = dir.file_name().map(OsString::from).unwrap_or_default();
    name.push(ending);
    dir.with_file_name(name)
}

/// The directory that holds `dir`.
pub(super) fn parent(dir: &Path) -> &Path {
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Refuses anything other than regular files and folders, both next to the store at `dir` and in
/// it, because sled opens files there by name and follows links.
pub(super) fn look_at(dir: &Path) -> Result<(), FileFault> {
    for file in [lock(dir), closed(dir), acknowledged(dir)] {
        regular_file::is_file(&file).map_err(FileFault::at(&file))?;
    }
    for store in [dir.to_owned(), incoming(dir), outgoing(dir), examined(dir)] {
        if regular_file::is_folder(&store).map_err(FileFault::at(&store))? {
            look_within(&store)?;
        }
    }
    Ok(())
}

/// A store consists of files and one folder of files. Another process may be working in it, so a
/// listed name may have disappeared.
fn look_within(store: &Path) -> Result<(), FileFault> {
    let blobs = store.join("blobs");
    for path in list_if_there(store)?.into_iter().filter(|path| *path != blobs) {
        regular_file::is_file(&path).map_err(FileFault::at(&path))?;
    }
    if regular_file::is_folder(&blobs).map_err(FileFault::at(&blobs))? {
        for path in list_if_there(&blobs)? {
            regular_file::is_file(&path).map_err(FileFault::at(&path))?;
        }
    }
    Ok(())
}

fn list_if_there(dir: &Path) -> Result<Vec<PathBuf>, FileFault> {
    match list(dir) {
        Err(fault) if fault.source.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed,
    }
}

/// The current location of the store, also in the middle of an interrupted swap.
pub(super) fn standing(dir: &Path) -> PathBuf {
    let swapping = !dir.exists() && outgoing(dir).exists() && incoming(dir).exists();
    if swapping { incoming(dir) } else { dir.to_owned() }
}

/// The stores left by an interrupted swap.
pub(super) fn leftovers(dir: &Path) -> Vec<PathBuf> {
    [outgoing(dir), incoming(dir)].into_iter().filter(|store| store.exists()).collect()
}

/// Cleans up after an interrupted swap or opening, as the module documentation describes. Requires
/// the lock.
pub(super) fn recover(dir: &Path) -> Result<(), FileFault> {
    recover_swap(dir)?;
    remove(&examined(dir))?;
    remove_file(&unfinished(dir))?;
    if dir.exists() { drop_unfinished(dir) } else { Ok(()) }
}

fn recover_swap(dir: &Path) -> Result<(), FileFault> {
    let (incoming, outgoing) = (incoming(dir), outgoing(dir));
    if outgoing.exists() {
        tracing::warn!("completing an interrupted erasure");
        forget(dir)?;
        if !dir.exists() && incoming.exists() {
            rename(&incoming, dir)?;
        }
        if dir.exists() {
            return remove(&outgoing);
        }
    } else if incoming.exists() {
        tracing::warn!("removing the incomplete store of an interrupted erasure");
        return remove(&incoming);
    }
    Ok(())
}

fn drop_unfinished(dir: &Path) -> Result<(), FileFault> {
    for path in list(dir)?.into_iter().filter(|path| is_unfinished(path)) {
        remove_file(&path)?;
    }
    Ok(())
}

/// Removes a file, or a link to one, if it exists.
pub(super) fn remove_file(path: &Path) -> Result<(), FileFault> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileFault::at(path)(error)),
        _ => Ok(()),
    }
}

fn is_unfinished(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "generating")
}

/// Replaces the old store with the rewritten one. Requires the lock, with both stores closed.
pub(super) fn swap(dir: &Path) -> Result<(), FileFault> {
    forget(dir)?;
    rename(dir, &outgoing(dir))?;
    rename(&incoming(dir), dir)?;
    remove(&outgoing(dir))
}

/// Removes the files that describe a store about to be replaced.
fn forget(dir: &Path) -> Result<(), FileFault> {
    let path = closed(dir);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileFault::at(&path)(error)),
        _ => Ok(()),
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), FileFault> {
    fs::rename(from, to).map_err(FileFault::at(from))?;
    sync_directory(parent(from))
}

/// Removes a store, if it exists.
pub(super) fn remove(dir: &Path) -> Result<(), FileFault> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileFault::at(dir)(error)),
        _ => sync_directory(parent(dir)),
    }
}

/// Syncs a store's files and directories, and its parent directory, so that its current state
/// survives a power cut. sled syncs none of them when it creates a store.
pub(super) fn sync_store(dir: &Path) -> Result<(), FileFault> {
    for entry in list(dir)? {
        if is_folder(&entry)? {
            sync_directory(&entry)?;
        } else {
            let file = regular_file::read(&entry).and_then(|file| file.sync_all());
            file.map_err(FileFault::at(&entry))?;
        }
    }
    sync_directory(dir)?;
    sync_directory(parent(dir))
}

fn sync_directory(dir: &Path) -> Result<(), FileFault> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(FileFault::at(dir))
}

/// Creates the directory that is to contain a store.
pub(super) fn make_parent(dir: &Path) -> Result<(), FileFault> {
    fs::create_dir_all(parent(dir)).map_err(FileFault::at(parent(dir)))
}

/// Copies a store's files into the empty directory `to`. Only the contents are copied, so a copy of
/// a read-only file can be written. On Linux `io::copy` asks the kernel for the copy
/// (copy_file_range), and a file system that shares blocks between files, such as Btrfs or XFS,
/// copies nothing until one of them is written.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), FileFault> {
    for entry in list(from)?.into_iter().filter(|path| !is_unfinished(path)) {
        let Some(name) = entry.file_name() else { continue };
        let target = to.join(name);
        if is_folder(&entry)? {
            fs::create_dir(&target).map_err(FileFault::at(&target))?;
            copy(&entry, &target)?;
        } else {
            let mut source = regular_file::read(&entry).map_err(FileFault::at(&entry))?;
            let mut file = File::create(&target).map_err(FileFault::at(&target))?;
            io::copy(&mut source, &mut file).map_err(FileFault::at(&target))?;
        }
    }
    Ok(())
}

/// Creates a directory for a store, accessible only to its owner, if it does not exist.
pub(super) fn make_private(dir: &Path) -> Result<(), FileFault> {
    regular_file::make_folder(dir).map_err(FileFault::at(dir))
}

/// Copies the store at `dir` to the place where it is examined. The copy is accessible only to its
/// owner and is removed afterwards.
pub(super) fn copy_aside(dir: &Path) -> Result<ScratchFolder, FileFault> {
    let path = examined(dir);
    remove(&path)?;
    let aside = ScratchFolder::private_at(&path).map_err(FileFault::at(&path))?;
    copy(dir, aside.path())?;
    Ok(aside)
}

/// The files of a store, in the order of their paths; a store contains nothing else.
pub(super) fn contents(dir: &Path) -> Result<Vec<PathBuf>, FileFault> {
    let mut found = Vec::new();
    for path in list(dir)? {
        if is_folder(&path)? {
            found.extend(contents(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether an item in a store is a folder; otherwise it is a file.
fn is_folder(path: &Path) -> Result<bool, FileFault> {
    let found = fs::symlink_metadata(path).map_err(FileFault::at(path))?;
    if !found.is_dir() {
        regular_file::is_file(path).map_err(FileFault::at(path))?;
    }
    Ok(found.is_dir())
}

fn list(dir: &Path) -> Result<Vec<PathBuf>, FileFault> {
    let entries = fs::read_dir(dir).map_err(FileFault::at(dir))?;
    let paths: io::Result<Vec<_>> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    paths.map_err(FileFault::at(dir))
}

/// The length of the store's file of segments, in bytes.
pub(super) fn size(dir: &Path) -> u64 {
    fs::metadata(data(dir)).map_or(0, |metadata| metadata.len())
}
