//! Remembers the state of a store's files when it was last closed, to recognise whether they
//! changed.
//!
//! Knows bytes and file metadata. Must not open a store, or know what a segment contains.
//!
//! sled repairs what it opens. It takes the first message that it cannot read for the end of what
//! it had written, and fills the rest of that segment, and later segments, with zeros: one flipped
//! bit loses every entry after it, including readable ones. So a store is opened in place only once
//! it is known to be whole, which can usually be determined at once. `log.closed`, next to the
//! store, is written whenever a store is closed properly. It contains
//!
//! - how long the log was;
//! - the size of each file, its inode number, and its modification and change times. If none of
//!   these differs, nothing has written to the file since: a program can set the modification time
//!   back, but not the change time;
//! - the hash of each segment and of each other file, for a store that was copied or restored: its
//!   metadata differ, and its bytes do not.
//!
//! It distinguishes accidents from normal operation, and does not stop anyone from rewriting all of
//! it: checkpoints are for that. It is not synced: if a power cut loses it, the store is examined
//! as after a killed process.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::{self, FileFault};
use super::store::SEGMENT_BYTES;
use crate::domain::digest::ContentHash;
use crate::domain::id::Sequence;
use crate::platform::parallel;
use crate::platform::regular_file;

/// The version of the file.
const VERSION: u32 = 1;

/// The largest file that is accepted: enough for a store of some 200 GB.
const MOST_BYTES: u64 = 16 << 20;

/// The most threads that hash.
const MOST_THREADS: usize = 4;

/// The size of a segment's header: a checksum, its place in the order of writing, and how far that
/// was stable then.
const HEADER_BYTES: usize = 20;

/// The state of a store when it was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Closed {
    version: u32,
    /// The number of its records.
    pub(super) length: Sequence,
    /// The place, in the order of writing, of the segment written last. Later writes go into it, or
    /// into segments with a later place.
    last: i64,
    files: Vec<Stamp>,
    /// The hashes of the segments, in the order of the file.
    segments: Vec<ContentHash>,
}

/// One file of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stamp {
    name: String,
    size: u64,
    /// `None` if the operating system does not report when a file was changed.
    written: Option<Written>,
    /// `None` for the file of segments.
    hash: Option<ContentHash>,
}

/// What changes when a file is written: its inode number if it is replaced, and its times in
/// nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    inode: u64,
    modified: i64,
    changed: i64,
}

/// How a store differs from its state when it was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoreDifference {
    /// Not at all.
    None,
    /// It may have been written to properly, by a process that was killed.
    Later,
    /// Its file of segments differs near this byte, in a place that is never written again.
    Damaged(u64),
}

impl Closed {
    /// Reads the `log.closed` of the store at `dir`; `None` if it is missing or not readable.
    pub(super) fn read(dir: &Path) -> Option<Self> {
        let mut bytes = Vec::new();
        regular_file::read(&files::closed(dir))
            .ok()?
            .take(MOST_BYTES)
            .read_to_end(&mut bytes)
            .ok()?;
        let closed: Self = serde_json::from_slice(&bytes).ok()?;
        (closed.version == VERSION).then_some(closed)
    }

    /// Describes the store at `dir`, which is closed and has this length. Segments that are as in
    /// `before` are not read again, since nothing was written to them.
    pub(super) fn of(
        dir: &Path,
        length: Sequence,
        before: Option<&Self>,
    ) -> Result<Self, FileFault> {
        let data = files::data(dir);
        let stamps = stamps(dir, &data)?;
        let unread = |offset: u64, header: &[u8]| -> Option<ContentHash> {
            let before = before?;
            let unwritten = place(header).is_some_and(|place| place < before.last);
            let index = usize::try_from(offset / SEGMENT_BYTES as u64).ok()?;
            before.segments.get(index).copied().filter(|_| unwritten)
        };
        let mut last = 0;
        let mut segments = Vec::new();
        each_segment(&data, unread, |segment| {
            last = last.max(segment.place.unwrap_or(0));
            segments.push(segment.hash);
            true
        })
        .map_err(FileFault::at(&data))?;
        Ok(Self { version: VERSION, length, last, files: stamps, segments })
    }

    /// Writes it next to the store at `dir`, whole or not at all.
    pub(super) fn write(&self, dir: &Path) -> Result<(), FileFault> {
        let path = files::closed(dir);
        let unfinished = files::unfinished(dir);
        files::remove_file(&unfinished)?;
        let bytes = serde_json::to_vec(self).map_err(io::Error::other);
        let mut options = regular_file::private();
        let mut file = || regular_file::open(&unfinished, options.write(true).create_new(true));
        let written = bytes.and_then(|bytes| file()?.write_all(&bytes));
        written.and_then(|()| fs::rename(&unfinished, &path)).map_err(FileFault::at(&path))
    }

    /// Whether the files' metadata show that nothing wrote to the store at `dir` since.
    pub(super) fn is_untouched(&self, dir: &Path) -> bool {
        let now = |path: &Path| stamp(path, false).ok();
        let Ok(paths) = files::contents(dir) else { return false };
        paths.len() == self.files.len()
            && paths.iter().zip(&self.files).all(|(path, then)| {
                now(path).is_some_and(|now| {
                    now.written.is_some()
                        && (now.name, now.size, now.written)
                            == (then.name.clone(), then.size, then.written.clone())
                })
            })
    }

    /// How the store at `dir` differs from this state. Reads all of it once.
    pub(super) fn difference(&self, dir: &Path) -> Result<StoreDifference, FileFault> {
        let data = files::data(dir);
        let (mut index, mut difference) = (0, StoreDifference::None);
        each_segment(
            &data,
            |_, _| None,
            |segment| {
                let kind = self.segment_differs(index, &segment);
                index += 1;
                match kind {
                    StoreDifference::None => {}
                    kind => difference = kind,
                }
                !matches!(difference, StoreDifference::Damaged(_))
            },
        )
        .map_err(FileFault::at(&data))?;
        if difference != StoreDifference::None || index != self.segments.len() {
            return Ok(match difference {
                StoreDifference::None => StoreDifference::Later,
                difference => difference,
            });
        }
        let stamps = stamps(dir, &data)?;
        let bytes = |stamps: &[Stamp]| -> Vec<_> {
            stamps.iter().map(|it| (it.name.clone(), it.size, it.hash)).collect()
        };
        let same = bytes(&stamps) == bytes(&self.files);
        Ok(if same { StoreDifference::None } else { StoreDifference::Later })
    }

    fn segment_differs(&self, index: usize, now: &SegmentState) -> StoreDifference {
        match self.segments.get(index) {
            None => StoreDifference::Later,
            Some(then) if *then == now.hash => StoreDifference::None,
            // Written since, or abandoned and filled with zeros.
            Some(_) if now.place.is_some_and(|place| place >= self.last) => StoreDifference::Later,
            Some(_) if now.is_filler => StoreDifference::Later,
            Some(_) => StoreDifference::Damaged(now.offset),
        }
    }
}

/// What this module knows about a segment.
struct SegmentState {
    offset: u64,
    hash: ContentHash,
    /// Its place in the order of writing; `None` if its header is damaged.
    place: Option<i64>,
    /// Whether all of its bytes are the same.
    is_filler: bool,
}

/// The place in a segment's header, if the header's checksum is right.
fn place(header: &[u8]) -> Option<i64> {
    let (sum, fields) = header.get(..HEADER_BYTES)?.split_first_chunk::<4>()?;
    let right = crc32fast::hash(fields) ^ u32::MAX == u32::from_le_bytes(*sum);
    let place = i64::from_le_bytes(*fields.first_chunk::<8>()?) ^ i64::MAX;
    right.then_some(place)
}

/// Reads the segments of a file on several threads, and passes them to `take` in order until it
/// returns false. A segment whose hash `unread` knows from its offset and header is not read
/// further.
fn each_segment(
    data: &Path,
    unread: impl Fn(u64, &[u8]) -> Option<ContentHash> + Sync,
    mut take: impl FnMut(SegmentState) -> bool,
) -> io::Result<()> {
    let size = fs::metadata(data)?.len();
    let offsets = (0..size).step_by(SEGMENT_BYTES);
    let threads = parallel::threads(MOST_THREADS).min(offsets.clone().count());
    let worker = || {
        let mut file = regular_file::read(data);
        let mut bytes = vec![0; SEGMENT_BYTES];
        let unread = &unread;
        move |offset: u64| -> io::Result<SegmentState> {
            let file = file.as_mut().map_err(|error| io::Error::from(error.kind()))?;
            segment(file, offset, &mut bytes, unread)
        }
    };
    let mut failed = Ok(());
    let taken = parallel::in_order(
        threads,
        || offsets,
        worker,
        |segment| match segment.map(&mut take) {
            Ok(true) => Ok(()),
            Ok(false) => Err(()),
            Err(error) => {
                failed = Err(error);
                Err(())
            }
        },
    );
    // Stopping early is not an error.
    let _ = taken;
    failed
}

fn segment(
    file: &mut File,
    offset: u64,
    bytes: &mut [u8],
    unread: impl Fn(u64, &[u8]) -> Option<ContentHash>,
) -> io::Result<SegmentState> {
    file.seek(SeekFrom::Start(offset))?;
    let header = read_up_to(file, &mut bytes[..HEADER_BYTES])?;
    let place = place(&bytes[..header]);
    if let Some(hash) = unread(offset, &bytes[..header]) {
        return Ok(SegmentState { offset, hash, place, is_filler: false });
    }
    let read = header + read_up_to(file, &mut bytes[header..])?;
    let bytes = &bytes[..read];
    let is_filler = bytes.iter().all(|byte| Some(byte) == bytes.first());
    Ok(SegmentState { offset, hash: ContentHash::of(bytes), place, is_filler })
}

/// Reads until `bytes` are full or the file ends, and returns how many were read.
fn read_up_to(file: &mut File, bytes: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < bytes.len() {
        match file.read(&mut bytes[read..])? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

fn hash(path: &Path) -> io::Result<ContentHash> {
    let mut bytes = Vec::new();
    regular_file::read(path)?.read_to_end(&mut bytes)?;
    Ok(ContentHash::of(&bytes))
}

/// The metadata of a store's files, each with its hash except the file of segments, `data`.
fn stamps(dir: &Path, data: &Path) -> Result<Vec<Stamp>, FileFault> {
    let stamped = |path: &PathBuf| stamp(path, path != data).map_err(FileFault::at(path));
    files::contents(dir)?.iter().map(stamped).collect()
}

fn stamp(path: &Path, hashed: bool) -> io::Result<Stamp> {
    let hash = if hashed { Some(hash(path)?) } else { None };
    let metadata = fs::symlink_metadata(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Stamp { name, size: metadata.len(), written: written(&metadata), hash })
}

#[cfg(unix)]
fn written(metadata: &Metadata) -> Option<Written> {
    use std::os::unix::fs::MetadataExt as _;
    let nanoseconds =
        |seconds: i64, rest: i64| seconds.checked_mul(1_000_000_000)?.checked_add(rest);
    Some(Written {
        inode: metadata.ino(),
        modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec())?,
        changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec())?,
    })
}

#[cfg(not(unix))]
fn written(_: &Metadata) -> Option<Written> {
    None
}
