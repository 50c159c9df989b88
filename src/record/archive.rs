//! Stores captured bytes: originals and texts, each under the hash of its content.
//!
//! Knows files, folders and BLAKE3. Must not know what the bytes mean, which document they belong
//! to, or how large they may be: the caller decides that.
//!
//! A file is at `ab/cdef…`: the first two digits of its hash, then the other 62. It gets that name
//! only when it is complete and synced, so a damaged file there was damaged later. Until then it is
//! `.unfinished-…` next to these folders, where the next writer finds it. One writer at a time is
//! assumed; readers need no lock.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::vec;

use thiserror::Error;

use crate::domain::digest::ContentHash;
use crate::platform::regular_file::{self, NotRegular};

/// The prefix of a file whose writing was not finished. No hash begins with a dot.
const UNFINISHED: &str = ".unfinished-";

/// How many hexadecimal digits of the hash form the name of the folder.
const FOLDER_DIGITS: usize = 2;

/// Why an archive cannot be opened or created.
#[derive(Debug, Error)]
pub enum OpenArchiveError {
    /// There is no folder there.
    #[error("no archive at {path}: check the ledger's folder, or restore it from a backup")]
    Missing {
        /// The path at which the archive was expected.
        path: PathBuf,
    },
    /// There is something other than a folder.
    #[error(
        "{path} is not a folder, or is a link to one: move it away, because the archive belongs there"
    )]
    NotFolder {
        /// The path at which the archive was expected.
        path: PathBuf,
    },
    /// The operating system reported an error.
    #[error("cannot open the archive at {path}: {source}; check the folder's permissions")]
    Io {
        /// The folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
}

/// Why bytes were not stored. Whatever was stored under their hash before is unchanged.
#[derive(Debug, Error)]
pub enum PutError {
    /// The file system is read-only.
    #[error("cannot write {path}: the file system is read-only; mount it writable, then retry")]
    ReadOnly {
        /// The path that was to be written.
        path: PathBuf,
    },
    /// There is something other than a folder, perhaps a link that leads out of the archive.
    #[error(
        "{path} is not a folder: move it away, because captured files belong in a folder there"
    )]
    NotFolder {
        /// The path of the obstacle.
        path: PathBuf,
    },
    /// The operating system reported an error.
    #[error("cannot write {path}: {source}; check the disk, then capture again")]
    Io {
        /// The path that was to be written, or read for comparison.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
}

/// Why archived bytes cannot be returned.
#[derive(Debug, Error)]
pub enum GetError {
    /// Nothing is stored under that hash.
    #[error("{path} is missing: restore it from a backup, or capture the document again")]
    Missing {
        /// The path at which it belongs.
        path: PathBuf,
    },
    /// The stored bytes are no longer those that were captured.
    #[error("{path} is damaged, its content hashes to {found}: restore it from a backup")]
    Damaged {
        /// The path of the file.
        path: PathBuf,
        /// The hash of the bytes that are there now.
        found: ContentHash,
    },
    /// There is a link, folder or device. It is never followed or opened.
    #[error("{path} is not a regular file: move it away, then restore the file from a backup")]
    NotFile {
        /// The path of the obstacle.
        path: PathBuf,
    },
    /// The operating system reported an error.
    #[error("cannot read {path}: {source}; check the disk and the permissions, then retry")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
}

/// Why a part of the archive could not be listed.
#[derive(Debug, Error)]
pub enum WalkError {
    /// The operating system reported an error.
    #[error("cannot list {path}: {source}; check its permissions, then retry")]
    Io {
        /// The folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
}

/// Why unfinished files could not be removed.
#[derive(Debug, Error)]
pub enum SweepError {
    /// A folder could not be listed.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// The operating system reported an error.
    #[error("cannot remove {path}: {source}; check its permissions, or remove it by hand")]
    Io {
        /// The unfinished file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
}

/// What a file in the archive is, judged by its name and type alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tenant {
    /// A file under this hash. [`Archive::check`] tells whether its content agrees.
    Kept(ContentHash),
    /// A file whose writing was interrupted, or is in progress. [`Archive::sweep`] removes it.
    Unfinished,
    /// Anything else: a name that is not a hash, a link, a device, a misplaced folder.
    Unknown,
}

/// One item found on a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveItem {
    /// Its path, beginning with the archive's own.
    pub path: PathBuf,
    /// What it is.
    pub tenant: Tenant,
}

/// A folder of captured bytes.
#[derive(Debug, Clone)]
pub struct Archive {
    dir: PathBuf,
}

impl Archive {
    /// Opens the archive at `dir`, which must be a folder and not a link to one.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, OpenArchiveError> {
        let path = dir.into();
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => Ok(Self { dir: path }),
            Ok(_) => Err(OpenArchiveError::NotFolder { path }),
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                Err(OpenArchiveError::Missing { path })
            }
            Err(source) => Err(OpenArchiveError::Io { path, source }),
        }
    }

    /// Creates the folder `dir`, accessible only to its owner, and opens it. An existing folder is
    /// opened as it is, so that an interrupted creation can be repeated. The parent folder must
    /// exist.
    pub fn create(dir: impl Into<PathBuf>) -> Result<Self, OpenArchiveError> {
        let path = dir.into();
        match regular_file::make_new_folder(&path) {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                return Err(OpenArchiveError::Io { path, source });
            }
            _ => {}
        }
        let archive = Self::open(path)?;
        let parent = match archive.dir.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => return Ok(archive),
        };
        match sync_folder(parent) {
            Ok(()) => Ok(archive),
            Err(source) => Err(OpenArchiveError::Io { path: parent.into(), source }),
        }
    }

    /// The path of the bytes with that hash, whether or not they are stored.
    pub fn path(&self, hash: ContentHash) -> PathBuf {
        let digits = hash.to_string();
        let (folder, name) = digits.split_at(FOLDER_DIGITS);
        self.dir.join(folder).join(name)
    }

    /// Stores `bytes`, and returns once they are safe from a power cut.
    ///
    /// Bytes that are already stored are not written again; a damaged copy of them is replaced.
    pub fn put(&self, bytes: &[u8]) -> Result<ContentHash, PutError> {
        let hash = ContentHash::of(bytes);
        let path = self.path(hash);
        let folder = path.parent().unwrap_or(&self.dir);
        make_folder(folder)?;
        match self.check(hash) {
            Ok(_) => {}
            Err(GetError::Io { path, source }) => return Err(PutError::of(&path, source)),
            Err(_) => {
                write(bytes, &self.dir, &path).map_err(|source| PutError::of(&path, source))?
            }
        }
        // Even if nothing was written: an earlier writer may have been interrupted just before its
        // own syncs, and then the names, or the folder itself, would not survive a power cut.
        for synced in [folder, &self.dir] {
            sync_folder(synced).map_err(|source| PutError::of(synced, source))?;
        }
        Ok(hash)
    }

    /// The bytes with that hash, whole and checked.
    pub fn get(&self, hash: ContentHash) -> Result<Vec<u8>, GetError> {
        let (path, mut file) = self.file(hash)?;
        let mut bytes = Vec::new();
        if let Err(source) = file.read_to_end(&mut bytes) {
            return Err(GetError::Io { path, source });
        }
        let found = ContentHash::of(&bytes);
        if found == hash { Ok(bytes) } else { Err(GetError::Damaged { path, found }) }
    }

    /// Reads the file with that hash once, without holding it in memory, and returns its size in
    /// bytes if its content agrees with the hash.
    pub fn check(&self, hash: ContentHash) -> Result<u64, GetError> {
        let (path, file) = self.file(hash)?;
        let mut hasher = blake3::Hasher::new();
        if let Err(source) = hasher.update_reader(file) {
            return Err(GetError::Io { path, source });
        }
        let found = ContentHash::from_bytes(*hasher.finalize().as_bytes());
        if found == hash { Ok(hasher.count()) } else { Err(GetError::Damaged { path, found }) }
    }

    /// The regular file with that hash, opened. Anything else is refused before it is opened: a
    /// link could lead out of the archive, and a pipe could block forever.
    fn file(&self, hash: ContentHash) -> Result<(PathBuf, File), GetError> {
        let path = self.path(hash);
        let folder = path.parent().unwrap_or(&self.dir);
        let opened = match (kind_of(folder), kind_of(&path)) {
            (Ok(kind), _) if !kind.is_dir() => {
                return Err(GetError::NotFile { path: folder.into() });
            }
            (Ok(_), Ok(kind)) if !kind.is_file() => return Err(GetError::NotFile { path }),
            (Err(source), _) | (_, Err(source)) => Err(source),
            _ => regular_file::read(&path),
        };
        match opened {
            Ok(file) => Ok((path, file)),
            Err(source) => Err(match NotRegular::told_by(source) {
                Ok(NotRegular { path, .. }) => GetError::NotFile { path },
                Err(source) => GetError::of(path, source),
            }),
        }
    }

    /// Everything in the archive, in the order of the names, with one folder's names in memory at a
    /// time. Nothing is opened and no link is followed. A folder that cannot be read yields one
    /// error, and the walk continues after it.
    pub fn walk(&self) -> Walk {
        let start = vec![Step::Archive(self.dir.clone())];
        Walk { top: start.into_iter(), within: Vec::new().into_iter() }
    }

    /// Removes the files that an interrupted writer left in their usual place, and returns how
    /// many. It takes no longer than listing the archive's own folder. Only the writer may call it.
    pub fn clear(&self) -> Result<usize, SweepError> {
        let unfinished = entries(&self.dir)?.into_iter().filter(FolderEntry::is_unfinished);
        unfinished.map(|entry| remove(entry.path)).try_fold(0, |sum, one| one.map(|()| sum + 1))
    }

    /// Removes everything that [`Tenant::Unfinished`] describes, wherever it is, and returns how
    /// many files that were. Only the writer may call it: a file that another process is writing
    /// looks the same.
    pub fn sweep(&self) -> Result<usize, SweepError> {
        let mut removed = 0;
        for found in self.walk() {
            let ArchiveItem { path, tenant } = found?;
            if tenant != Tenant::Unfinished {
                continue;
            }
            remove(path)?;
            removed += 1;
        }
        Ok(removed)
    }
}

/// The iterator of [`Archive::walk`].
#[derive(Debug)]
pub struct Walk {
    /// The rest of the archive's own folder: foreign items, and folders still to be opened.
    top: vec::IntoIter<Step>,
    /// The rest of the folder opened last.
    within: vec::IntoIter<ArchiveItem>,
}

#[derive(Debug)]
enum Step {
    Archive(PathBuf),
    Folder(PathBuf, String),
    Other(ArchiveItem),
}

impl Walk {
    fn take(&mut self, step: Step) -> Result<(), WalkError> {
        match step {
            Step::Archive(path) => {
                let steps: Vec<Step> = entries(&path)?.into_iter().map(Step::of).collect();
                self.top = steps.into_iter();
            }
            Step::Folder(path, digits) => {
                let found =
                    entries(&path)?.into_iter().map(|entry| ArchiveItem::of(entry, &digits));
                self.within = found.collect::<Vec<ArchiveItem>>().into_iter();
            }
            Step::Other(found) => self.within = vec![found].into_iter(),
        }
        Ok(())
    }
}

impl Iterator for Walk {
    type Item = Result<ArchiveItem, WalkError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(found) = self.within.next() {
                return Some(Ok(found));
            }
            let step = self.top.next()?;
            if let Err(refusal) = self.take(step) {
                return Some(Err(refusal));
            }
        }
    }
}

/// A name in a folder, and the type of what has that name.
struct FolderEntry {
    path: PathBuf,
    name: String,
    kind: fs::FileType,
}

impl Step {
    fn of(entry: FolderEntry) -> Self {
        let hexadecimal = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
        let named = entry.name.len() == FOLDER_DIGITS && entry.name.bytes().all(hexadecimal);
        if named && entry.kind.is_dir() {
            Self::Folder(entry.path, entry.name)
        } else {
            let is_unfinished = entry.is_unfinished();
            let tenant = if is_unfinished { Tenant::Unfinished } else { Tenant::Unknown };
            Self::Other(ArchiveItem { path: entry.path, tenant })
        }
    }
}

impl FolderEntry {
    fn is_unfinished(&self) -> bool {
        self.kind.is_file() && self.name.starts_with(UNFINISHED)
    }
}

impl ArchiveItem {
    fn of(entry: FolderEntry, digits: &str) -> Self {
        let hash = format!("{digits}{}", entry.name).parse();
        let tenant = match hash {
            _ if !entry.kind.is_file() => Tenant::Unknown,
            Ok(hash) => Tenant::Kept(hash),
            Err(_) if entry.is_unfinished() => Tenant::Unfinished,
            Err(_) => Tenant::Unknown,
        };
        Self { path: entry.path, tenant }
    }
}

/// The items in `folder`, by name. A name that is not UTF-8 is not a hash, so it may be read
/// lossily.
fn entries(folder: &Path) -> Result<Vec<FolderEntry>, WalkError> {
    let read = || -> io::Result<Vec<FolderEntry>> {
        fs::read_dir(folder)?
            .map(|entry| {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                Ok(FolderEntry { path: entry.path(), name, kind: entry.file_type()? })
            })
            .collect()
    };
    let mut entries = read().map_err(|source| WalkError::Io { path: folder.into(), source })?;
    entries.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    Ok(entries)
}

/// The type of the item itself, without following links.
fn kind_of(place: &Path) -> io::Result<fs::FileType> {
    fs::symlink_metadata(place).map(|found| found.file_type())
}

fn make_folder(folder: &Path) -> Result<(), PutError> {
    match regular_file::make_new_folder(folder) {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
            return Err(PutError::of(folder, source));
        }
        _ => {}
    }
    match kind_of(folder) {
        Ok(kind) if kind.is_dir() => Ok(()),
        Ok(_) => Err(PutError::NotFolder { path: folder.into() }),
        Err(source) => Err(PutError::of(folder, source)),
    }
}

/// The file is renamed only once its content is on disk, so that a power cut leaves the old file,
/// the new one or none, never half of one.
fn write(bytes: &[u8], archive: &Path, path: &Path) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    // A file named after its content is never written again, and only its owner reads it.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o400));
    let mut unfinished = builder.tempfile_in(archive)?;
    unfinished.write_all(bytes)?;
    unfinished.as_file().sync_all()?;
    unfinished.persist(path)?;
    Ok(())
}

fn remove(path: PathBuf) -> Result<(), SweepError> {
    fs::remove_file(&path).map_err(|source| SweepError::Io { path, source })
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

impl PutError {
    fn of(path: &Path, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            _ => Self::Io { path, source },
        }
    }
}

impl GetError {
    fn of(path: PathBuf, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            _ => Self::Io { path, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive() -> (tempfile::TempDir, Archive) {
        let home = tempfile::tempdir().unwrap();
        let archive = Archive::create(home.path().join("archive")).unwrap();
        (home, archive)
    }

    fn tenants(archive: &Archive) -> Vec<Tenant> {
        archive.walk().map(|found| found.unwrap().tenant).collect()
    }

    /// Archived files are read-only, so this simulates disk damage: bytes change under the same
    /// name.
    fn overwrite(path: &Path, bytes: &[u8]) {
        fs::remove_file(path).unwrap();
        fs::write(path, bytes).unwrap();
    }

    #[test]
    fn what_was_put_comes_back_from_its_place() {
        let (home, archive) = archive();
        let hash = archive.put(b"abc").unwrap();
        assert_eq!(archive.get(hash).unwrap(), b"abc");
        assert_eq!(archive.check(hash).unwrap(), 3);
        let place = "64/37b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";
        assert_eq!(archive.path(hash), home.path().join("archive").join(place));
        assert_eq!(tenants(&archive), [Tenant::Kept(hash)]);
        let reopened = Archive::open(home.path().join("archive")).unwrap();
        assert_eq!(reopened.get(hash).unwrap(), b"abc");
    }

    #[test]
    fn nothing_at_all_is_kept_too() {
        let (_home, archive) = archive();
        let hash = archive.put(b"").unwrap();
        assert_eq!(archive.get(hash).unwrap(), b"");
    }

    #[cfg(unix)]
    #[test]
    fn the_same_bytes_are_written_once() {
        use std::os::unix::fs::MetadataExt as _;
        let (_home, archive) = archive();
        let hash = archive.put(b"abc").unwrap();
        let before = fs::metadata(archive.path(hash)).unwrap().ino();
        // A second file in between keeps the first one's inode number from being reused.
        archive.put(b"other").unwrap();
        assert_eq!(archive.put(b"abc").unwrap(), hash);
        assert_eq!(fs::metadata(archive.path(hash)).unwrap().ino(), before);
    }

    #[test]
    fn a_damaged_file_is_reported_and_then_replaced() {
        let (_home, archive) = archive();
        let hash = archive.put(b"abc").unwrap();
        overwrite(&archive.path(hash), b"abd");
        let refusal = archive.get(hash).unwrap_err();
        assert!(
            matches!(&refusal, GetError::Damaged { found, .. } if *found == ContentHash::of(b"abd"))
        );
        assert!(matches!(archive.check(hash), Err(GetError::Damaged { .. })));
        archive.put(b"abc").unwrap();
        assert_eq!(archive.get(hash).unwrap(), b"abc");
        assert_eq!(tenants(&archive), [Tenant::Kept(hash)]);
    }

    #[test]
    fn what_was_never_put_is_missing_and_says_where_it_belongs() {
        let (_home, archive) = archive();
        let hash = ContentHash::of(b"abc");
        let refusal = archive.get(hash).unwrap_err();
        assert!(matches!(&refusal, GetError::Missing { path } if *path == archive.path(hash)));
        assert!(matches!(archive.check(hash), Err(GetError::Missing { .. })));
        assert_eq!(tenants(&archive), []);
    }

    #[test]
    fn a_walk_is_sorted_and_distinguishes_foreign_unfinished_and_kept_files() {
        let (home, archive) = archive();
        let mut kept: Vec<ContentHash> =
            (0..60_u16).map(|n| archive.put(&n.to_le_bytes()).unwrap()).collect();
        kept.sort();
        let dir = home.path().join("archive");
        let folder = archive.path(kept[0]).parent().unwrap().to_owned();
        fs::write(folder.join(".unfinished-x"), "ab").unwrap();
        fs::write(dir.join(".unfinished-y"), "ab").unwrap();
        fs::create_dir(dir.join(".unfinished-folder")).unwrap();
        fs::write(folder.join("zz"), "").unwrap();
        fs::write(dir.join("zz"), "").unwrap();
        fs::create_dir(dir.join("ZZ")).unwrap();

        let found: Vec<ArchiveItem> = archive.walk().map(Result::unwrap).collect();
        assert!(found.is_sorted_by(|left, right| left.path < right.path));
        let of = |tenant| found.iter().filter(|found| found.tenant == tenant).count();
        assert_eq!(of(Tenant::Unfinished), 2);
        assert_eq!(of(Tenant::Unknown), 4);
        let hashes: Vec<ContentHash> = found
            .iter()
            .filter_map(|found| match found.tenant {
                Tenant::Kept(hash) => Some(hash),
                _ => None,
            })
            .collect();
        assert_eq!(hashes, kept);

        assert_eq!(archive.clear().unwrap(), 1, "the one where writers leave theirs");
        assert_eq!(archive.sweep().unwrap(), 1);
        assert_eq!(tenants(&archive).len(), 64);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_a_foreign_item_and_is_never_followed() {
        use std::os::unix::fs::symlink;
        let (home, archive) = archive();
        let outside = home.path().join("outside");
        fs::write(&outside, b"abc").unwrap();
        let hash = archive.put(b"abc").unwrap();
        fs::remove_file(archive.path(hash)).unwrap();
        symlink(&outside, archive.path(hash)).unwrap();
        assert!(matches!(archive.get(hash), Err(GetError::NotFile { .. })));
        assert!(matches!(archive.check(hash), Err(GetError::NotFile { .. })));
        assert_eq!(tenants(&archive), [Tenant::Unknown]);

        archive.put(b"abc").unwrap();
        assert_eq!(tenants(&archive), [Tenant::Kept(hash)]);
        assert!(fs::symlink_metadata(&outside).unwrap().is_file());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_a_link_is_not_written_through() {
        let (home, archive) = archive();
        let elsewhere = home.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        let hash = ContentHash::of(b"abc");
        let folder = archive.path(hash).parent().unwrap().to_owned();
        std::os::unix::fs::symlink(&elsewhere, &folder).unwrap();
        let refusal = archive.put(b"abc").unwrap_err();
        assert!(matches!(refusal, PutError::NotFolder { path } if path == folder));
        assert!(matches!(archive.get(hash), Err(GetError::NotFile { path }) if path == folder));
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
        assert_eq!(tenants(&archive), [Tenant::Unknown]);
    }

    #[test]
    fn an_archive_is_opened_where_there_is_one_and_made_where_there_is_none() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("archive");
        assert!(matches!(Archive::open(&dir), Err(OpenArchiveError::Missing { .. })));
        Archive::create(&dir).unwrap();
        Archive::create(&dir).unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(Archive::open(&file), Err(OpenArchiveError::NotFolder { .. })));
        assert!(matches!(Archive::create(&file), Err(OpenArchiveError::NotFolder { .. })));
        assert!(matches!(Archive::open(file.join("archive")), Err(OpenArchiveError::Io { .. })));
        let orphan = home.path().join("none/archive");
        assert!(matches!(Archive::create(orphan), Err(OpenArchiveError::Io { .. })));
    }

    #[test]
    fn an_error_of_the_system_is_reported_with_the_path() {
        let (home, archive) = archive();
        let path = archive.path(ContentHash::of(b"abc"));
        // A folder cannot be replaced by a file.
        fs::create_dir_all(path.join("in the way")).unwrap();
        let refusal = archive.put(b"abc").unwrap_err();
        assert!(matches!(refusal, PutError::Io { path: at, .. } if at == path));
        assert_eq!(tenants(&archive), [Tenant::Unknown]);

        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let no_archive = Archive { dir: file.clone() };
        let hash = ContentHash::of(b"abc");
        assert!(matches!(no_archive.get(hash), Err(GetError::Io { .. })));
        assert!(matches!(remove(file.join("x")), Err(SweepError::Io { .. })));
        let locked = io::Error::from(io::ErrorKind::ReadOnlyFilesystem);
        let refusal = PutError::of(&path, locked);
        assert!(matches!(refusal, PutError::ReadOnly { .. }));
        assert!(refusal.to_string().contains("read-only"));

        fs::remove_dir_all(home.path().join("archive")).unwrap();
        let walked: Vec<_> = archive.walk().collect();
        assert!(matches!(walked.as_slice(), [Err(WalkError::Io { .. })]));
        assert!(matches!(archive.sweep(), Err(SweepError::Walk(_))));
        assert!(matches!(archive.put(b"abc"), Err(PutError::Io { .. })));
    }

    #[test]
    fn a_failed_put_leaves_no_unfinished_file() {
        let (_home, archive) = archive();
        let path = archive.path(ContentHash::of(b"abc"));
        fs::create_dir_all(path.join("in the way")).unwrap();
        archive.put(b"abc").unwrap_err();
        assert_eq!(archive.sweep().unwrap(), 0);
    }
}
