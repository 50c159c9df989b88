//! Opens regular files and folders, and refuses everything else: in a folder from an untrusted
//! origin, a link can lead to someone else's file, a pipe can block forever, and a device may never
//! end.
//!
//! Knows links, pipes and devices, and how to open none of them. Must not know what a file is for.
//! It is for a ledger's own files; a file that a user names may be anything readable.
//!
//! The path is checked before it is opened, because opening some devices has side effects. It is
//! opened without following a link or waiting on a pipe, and checked again once open, because
//! something else could have taken its place between the two.

use std::fs::{self, File, FileType, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

const FILE: &str = "a regular file";
const FOLDER: &str = "a folder";

/// Something other than the expected kind of file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{} is {found} where {wanted} belongs, and was not opened: find out how it got there, and move it \
     away",
    path.display()
)]
pub struct NotRegular {
    /// Its path.
    pub path: PathBuf,
    /// What it is, as it follows "is".
    pub found: &'static str,
    /// What belongs there.
    pub wanted: &'static str,
}

impl NotRegular {
    fn at(path: &Path, kind: FileType, wanted: &'static str) -> io::Error {
        let told = Self { path: path.to_owned(), found: called(kind), wanted };
        io::Error::new(io::ErrorKind::InvalidInput, told)
    }

    /// Extracts this error from an error of this module's functions, or returns any other error
    /// unchanged.
    ///
    /// # Errors
    ///
    /// The error, if it is a different one.
    pub fn told_by(error: io::Error) -> Result<Self, io::Error> {
        error.downcast()
    }

    /// The error without the path of the containing folder, for callers that report that
    /// themselves.
    pub fn in_short(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!("`{name}` is {} where {} belongs", self.found, self.wanted)
    }
}

#[cfg(unix)]
fn called(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match kind {
        kind if kind.is_symlink() => "a link",
        kind if kind.is_dir() => FOLDER,
        kind if kind.is_file() => FILE,
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn called(kind: FileType) -> &'static str {
    match kind {
        kind if kind.is_symlink() => "a link",
        kind if kind.is_dir() => FOLDER,
        kind if kind.is_file() => FILE,
        _ => "a device",
    }
}

/// Whether there is a regular file at `path`; false if there is nothing.
///
/// # Errors
///
/// There is something else ([`NotRegular`]), or the operating system reports an error.
pub fn is_file(path: &Path) -> io::Result<bool> {
    stands(path, FileType::is_file, FILE)
}

/// Whether there is a folder, not a link to one, at `path`; false if there is nothing.
///
/// # Errors
///
/// There is something else ([`NotRegular`]), or the operating system reports an error.
pub fn is_folder(path: &Path) -> io::Result<bool> {
    stands(path, FileType::is_dir, FOLDER)
}

fn stands(path: &Path, wanted: fn(&FileType) -> bool, called: &'static str) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(found) if wanted(&found.file_type()) => Ok(true),
        Ok(found) => Err(NotRegular::at(path, found.file_type(), called)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Opens the regular file at `path` with these options, or creates one if they say so.
///
/// # Errors
///
/// There is something else ([`NotRegular`]), or the operating system reports an error.
pub fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    is_file(path)?;
    follow_nothing(options);
    let file = options.open(path).map_err(|error| {
        // A link took its place since the check; the system's error for that is less clear.
        is_file(path).err().unwrap_or(error)
    })?;
    let kind = file.metadata()?.file_type();
    if kind.is_file() { Ok(file) } else { Err(NotRegular::at(path, kind, FILE)) }
}

/// Opens the regular file at `path` for reading.
///
/// # Errors
///
/// As [`open`].
pub fn read(path: &Path) -> io::Result<File> {
    open(path, File::options().read(true))
}

#[cfg(unix)]
fn follow_nothing(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
}

#[cfg(not(unix))]
fn follow_nothing(_: &mut OpenOptions) {}

/// Options that make a new file accessible only to its owner. They open nothing by themselves.
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates the folder `path` and its missing parents, accessible only to their owner.
///
/// # Errors
///
/// There is something else ([`NotRegular`]), or the operating system reports an error.
pub fn make_folder(path: &Path) -> io::Result<()> {
    if is_folder(path)? {
        return Ok(());
    }
    maker().recursive(true).create(path)
}

/// Creates the folder `path`, which must not exist yet, accessible only to its owner.
///
/// # Errors
///
/// The operating system reports an error.
pub fn make_new_folder(path: &Path) -> io::Result<()> {
    maker().create(path)
}

fn maker() -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    fn found(error: io::Error) -> &'static str {
        NotRegular::told_by(error).unwrap().found
    }

    #[test]
    fn what_is_not_a_regular_file_is_reported_and_never_opened() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::write(at("file"), "abc").unwrap();
        fs::create_dir(at("folder")).unwrap();
        symlink(at("file"), at("link")).unwrap();
        symlink("/dev/zero", at("device")).unwrap();
        symlink(at("nothing"), at("dangling")).unwrap();
        assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let _socket = UnixListener::bind(at("socket")).unwrap();
        let strange = [
            ("folder", "a folder"),
            ("link", "a link"),
            ("device", "a link"),
            ("dangling", "a link"),
            ("pipe", "a named pipe"),
            ("socket", "a socket"),
        ];
        for (name, kind) in strange {
            assert_eq!(found(is_file(&at(name)).unwrap_err()), kind);
            assert_eq!(found(read(&at(name)).unwrap_err()), kind);
            let written = open(&at(name), File::options().write(true).create(true));
            assert_eq!(found(written.unwrap_err()), kind);
        }
        assert_eq!(found(read(Path::new("/dev/zero")).unwrap_err()), "a device");
        assert!(!at("nothing").exists(), "a link was followed");
        assert!(is_file(&at("file")).unwrap() && !is_file(&at("none")).unwrap());
        assert_eq!(io::read_to_string(read(&at("file")).unwrap()).unwrap(), "abc");
        assert_eq!(read(&at("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(NotRegular::told_by(read(&at("none")).unwrap_err()).is_err());
    }

    #[test]
    fn a_link_that_took_the_place_between_two_checks_is_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let (file, link) = (home.path().join("file"), home.path().join("link"));
        fs::write(&file, "abc").unwrap();
        symlink(&file, &link).unwrap();
        // As `open` does after its check.
        let mut options = File::options();
        follow_nothing(options.read(true));
        assert!(options.open(&link).is_err());
    }

    #[test]
    fn a_folder_is_made_for_its_owner_alone_and_never_through_a_link() {
        let home = tempfile::tempdir().unwrap();
        let (made, link) = (home.path().join("made"), home.path().join("link"));
        make_folder(&made).unwrap();
        make_folder(&made).unwrap();
        assert_eq!(fs::metadata(&made).unwrap().permissions().mode() & 0o777, 0o700);
        symlink(&made, &link).unwrap();
        assert_eq!(found(make_folder(&link).unwrap_err()), "a link");
        assert_eq!(found(is_folder(&link).unwrap_err()), "a link");
        assert!(!is_folder(&home.path().join("none")).unwrap());
        let file = open(&made.join("file"), private().write(true).create(true)).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
