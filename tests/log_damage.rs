//! What the log on disk does when its files are not what it wrote, or not its own alone.
//!
//! Knows the files of a store and breaks them. Must not know what is in an entry.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that fails says so by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::forge::quiet_contained_panics;
use testimony::id::Sequence;
use testimony::log::sled::{OpenLogError, SledLog};
use testimony::log::{AppendError, EraseError, Log};
use testimony::seal::{Payload, Record, Salt};

const WAIT: Duration = Duration::from_secs(5);
const RECORDS: usize = 1200;

/// A small generator of reproducible noise (splitmix64).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

fn at(value: u64) -> Sequence {
    Sequence::new(value).unwrap()
}

fn record(noise: &mut Noise, event: usize) -> Record {
    let salt = Salt::from_bytes(noise.bytes(32).try_into().unwrap());
    Record { entry: noise.bytes(220), payload: Some(Payload { salt, event: noise.bytes(event) }) }
}

/// A record of which most was said before, as events are, so that it shares a compressed block.
fn alike(noise: &mut Noise, event: usize) -> Record {
    let words = ["{\"by\":\"ana\",\"words\":\"", "the sea is salt ", "\",\"role\":\"said\"}"];
    let mut said = noise.next().to_string().into_bytes();
    while said.len() < event {
        said.extend_from_slice(words[(noise.next() % 3) as usize].as_bytes());
    }
    let Record { entry, payload } = record(noise, 0);
    Record { entry, payload: payload.map(|payload| Payload { event: said, ..payload }) }
}

/// A log with blocks, parts and a few openings behind it.
fn written(dir: &Path) -> Vec<Record> {
    written_of(dir, record)
}

fn written_of(dir: &Path, record: fn(&mut Noise, usize) -> Record) -> Vec<Record> {
    let mut noise = Noise(41);
    let size = |number: usize| if number == 150 { 50_000 } else { 300 + number % 1200 };
    let records: Vec<_> = (0..RECORDS).map(|number| record(&mut noise, size(number))).collect();
    drop(SledLog::create(dir, WAIT).unwrap());
    for (start, batch) in (0..).step_by(80).zip(records.chunks(80)) {
        SledLog::open(dir, WAIT).unwrap().append(at(start), batch).unwrap();
    }
    records
}

/// Every file under `dir` with its bytes.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// What a reader of a damaged log is told.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Clone, Copy)]
enum Told {
    Nothing,
    Shorter,
    Errors,
    Unopened,
}

/// Reads the log as audit does; whatever is given must be what was written, and whatever is not
/// must be told, in an error or in the length.
fn audited(dir: &Path, records: &[Record]) -> Told {
    let scratch = tempfile::tempdir().unwrap();
    let log = match SledLog::open_copy(dir, scratch.path(), WAIT) {
        Ok(log) => log,
        Err(OpenLogError::Busy { .. } | OpenLogError::Absent(_)) => panic!("nobody else is here"),
        Err(error) => {
            assert!(error.to_string().contains("cannot be opened"), "{error}");
            return Told::Unopened;
        }
    };
    let mut missing: BTreeSet<Sequence> = (0..records.len() as u64).map(at).collect();
    let mut errors = 0;
    for read in log.read(Sequence::ZERO) {
        match read {
            Ok((sequence, record)) => {
                assert_eq!(record, records[usize::try_from(sequence.get()).unwrap()]);
                assert!(missing.remove(&sequence), "{sequence} came twice");
            }
            Err(error) => {
                errors += 1;
                assert!(!error.to_string().contains('\n'), "{error}");
                let lost = error.lost();
                missing.retain(|&sequence| lost.is_none_or(|lost| !lost.holds(sequence)));
            }
        }
    }
    let shorter = log.length() < at(records.len() as u64);
    assert!(missing.iter().all(|&sequence| sequence >= log.length()), "{missing:?} untold");
    match (errors, shorter) {
        (0, false) => Told::Nothing,
        (0, true) => Told::Shorter,
        _ => Told::Errors,
    }
}

/// Flips a bit at a time, of those that are picked, and says what a reader was told of each, by file.
fn flip_bits(
    dir: &Path,
    records: &[Record],
    mut pick: impl FnMut(usize, &mut Noise) -> (PathBuf, usize),
) -> BTreeMap<(OsString, Told), usize> {
    let pristine = files(dir);
    let long = std::env::var_os("TESTIMONY_LONG").is_some();
    let mut noise = Noise(7);
    let mut told = BTreeMap::new();
    for trial in 0..if long { 500 } else { 60 } {
        let (path, bit) = pick(trial, &mut noise);
        let bytes = &pristine[&path];
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &flipped).unwrap();

        let started = Instant::now();
        let answer = audited(dir, records);
        assert!(started.elapsed() < Duration::from_secs(30), "bit {bit} of {path:?} takes long");

        *told.entry((path.file_name().unwrap().to_owned(), answer)).or_insert(0) += 1;
        assert!(fs::read(&path).unwrap() == flipped, "bit {bit} of {path:?}: the file was written");
        fs::write(&path, bytes).unwrap();
    }
    assert!(files(dir) == pristine);
    assert_eq!(audited(dir, records), Told::Nothing);
    told
}

#[test]
fn a_flipped_bit_anywhere_loses_nothing_silently() {
    quiet_contained_panics();
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("log");
    let records = written(&dir);
    let pristine = files(&dir);
    let told = flip_bits(&dir, &records, |trial, noise| {
        // Most bits lie in the unused rest of a segment; every second trial takes a small file.
        let small = |bytes: &Vec<u8>| trial % 2 == 0 || bytes.len() < 1 << 16;
        let candidates: Vec<_> = pristine.iter().filter(|(_, bytes)| small(bytes)).collect();
        let total: usize = candidates.iter().map(|(_, bytes)| bytes.len() * 8).sum();
        let mut bit = noise.next() as usize % total;
        let mut file = candidates.iter();
        loop {
            let (path, bytes) = file.next().unwrap();
            if bit < bytes.len() * 8 {
                return ((*path).clone(), bit);
            }
            bit -= bytes.len() * 8;
        }
    });
    println!("{told:?}");
}

#[test]
fn a_flipped_bit_in_a_compressed_block_loses_nothing_silently() {
    quiet_contained_panics();
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("log");
    let records = written_of(&dir, alike);
    let (path, bytes) = files(&dir).into_iter().max_by_key(|(_, bytes)| bytes.len()).unwrap();
    // A salt stands in a compressed block as it is, and so tells where one lies; what is said again
    // and again does not.
    let payload = |record: &Record| record.payload.clone().unwrap();
    assert!(places_of(&bytes, &payload(&records[3]).event).is_empty(), "it is compressed");
    let told = flip_bits(&dir, &records, |_, noise| {
        let record = &records[noise.next() as usize % records.len()];
        // Its ends may have been found elsewhere, by accident. The store writes a block several times.
        let salts = places_of(&bytes, &payload(record).salt.as_bytes()[4..28]);
        let salt = salts[noise.next() as usize % salts.len()];
        let near = salt - 200 + noise.next() as usize % 400;
        (path.clone(), near * 8 + noise.next() as usize % 8)
    });
    println!("{told:?}");
    let located = told.keys().any(|(_, answer)| *answer == Told::Errors);
    assert!(located, "no flip met a block that is read: {told:?}");
}

/// Where `needle` stands in `bytes`.
fn places_of(bytes: &[u8], needle: &[u8]) -> Vec<usize> {
    memchr::memmem::find_iter(bytes, needle).collect()
}

#[test]
fn a_cut_file_loses_nothing_silently() {
    quiet_contained_panics();
    let home = tempfile::tempdir().unwrap();
    let mut noise = Noise(3);
    for (name, record) in [("noise", record as fn(&mut Noise, usize) -> Record), ("alike", alike)] {
        let dir = home.path().join(name);
        let records = written_of(&dir, record);
        let pristine = files(&dir);
        for (path, bytes) in pristine.iter().cycle().take(24) {
            let cut = noise.next() as usize % (bytes.len() + 1);
            fs::write(path, &bytes[..cut]).unwrap();
            audited(&dir, &records);
            fs::write(path, bytes).unwrap();
        }
    }
}

#[test]
fn after_erasing_no_file_holds_the_bytes() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("log");
    let records = written(&dir);
    let holds = |needle: &[u8]| {
        let window = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        files(home.path()).values().any(|bytes| window(bytes))
    };
    let piece = |number: usize| &records[number].payload.as_ref().unwrap().event[100..164];
    let salt = |number: usize| *records[number].payload.as_ref().unwrap().salt.as_bytes();
    let erased = [0, 150, 222, RECORDS - 1];
    assert!(erased.iter().all(|&number| holds(piece(number)) && holds(&salt(number))));

    let mut log = SledLog::open(&dir, WAIT).unwrap();
    log.erase(&erased.iter().map(|&number| at(number as u64)).collect()).unwrap();

    assert!(erased.iter().all(|&number| !holds(piece(number)) && !holds(&salt(number))));
    assert!(erased.iter().all(|&number| holds(&records[number].entry)));
    assert!(holds(piece(1)));
}

#[test]
fn an_erasure_cut_short_is_finished_or_undone_at_the_next_opening() {
    let home = tempfile::tempdir().unwrap();
    let place = |name: &str| home.path().join(name);
    let dir = place("log");
    let records = written(&dir);
    let erased = BTreeSet::from([at(5)]);
    let keep = |name: &str| fs::rename(&dir, place(name)).unwrap();
    let copy = |from: &Path, to: &Path| {
        for (path, bytes) in files(from) {
            let path = to.join(path.strip_prefix(from).unwrap());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    };
    copy(&dir, &place("before"));
    SledLog::open(&dir, WAIT).unwrap().erase(&erased).unwrap();
    keep("after");

    for (old, new, current, is_erased) in [
        (None, Some("after"), Some("before"), false),
        (Some("before"), Some("after"), None, true),
        (Some("before"), None, Some("after"), true),
    ] {
        // It is of the store that was closed last, and a swap begins by removing it.
        let _ = fs::remove_file(place("log.closed"));
        for (name, state) in [("log.old", old), ("log.new", new), ("log", current)] {
            let _ = fs::remove_dir_all(place(name));
            if let Some(state) = state {
                copy(&place(state), &place(name));
            }
        }
        let copied = SledLog::open_copy(&dir, home.path(), WAIT).unwrap();
        assert_eq!(copied.length(), at(RECORDS as u64));
        drop(copied);
        let log = SledLog::open(&dir, WAIT).unwrap();
        let read: Vec<_> = log.read(at(0)).map(|read| read.unwrap().1).collect();
        assert_eq!(read[5].payload.is_none(), is_erased);
        assert_eq!(read[6..], records[6..]);
        assert!(!place("log.old").exists() && !place("log.new").exists());
    }
}

#[test]
fn an_opening_cut_short_does_not_keep_the_next_one_out() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("log");
    let records = written(&dir);
    fs::write(dir.join("snap.00000000FFFFFFFF.generating"), b"half").unwrap();
    assert_eq!(audited(&dir, &records), Told::Nothing);
    assert_eq!(SledLog::open(&dir, WAIT).unwrap().length(), at(RECORDS as u64));
}

#[test]
fn a_second_opener_waits_and_is_then_told() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("log");
    let log = SledLog::create(&dir, WAIT).unwrap();
    let short = Duration::from_millis(100);
    let refusals = [
        SledLog::open(&dir, short).unwrap_err(),
        SledLog::create(&dir, short).unwrap_err(),
        SledLog::open_copy(&dir, home.path(), short).unwrap_err(),
    ];
    for refusal in refusals {
        assert!(matches!(refusal, OpenLogError::Busy { .. }), "{refusal}");
    }
    let waiting = std::thread::spawn({
        let dir = dir.clone();
        move || SledLog::open(&dir, WAIT).map(|log| log.length())
    });
    std::thread::sleep(short);
    drop(log);
    assert_eq!(waiting.join().unwrap().unwrap(), at(0));
}

#[test]
fn there_is_one_log_in_a_directory_or_none() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("log");
    assert!(matches!(SledLog::open(&dir, WAIT), Err(OpenLogError::Absent(_))));
    assert!(matches!(SledLog::open_copy(&dir, home.path(), WAIT), Err(OpenLogError::Absent(_))));
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    drop(SledLog::create(&dir, WAIT).unwrap());
    assert!(matches!(SledLog::create(&dir, WAIT), Err(OpenLogError::Exists(_))));
}

#[test]
fn a_copy_is_read_and_never_written() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("log");
    let records = written(&dir);
    let before = files(home.path());
    let mut copy = SledLog::open_copy(&dir, &std::env::temp_dir(), WAIT).unwrap();
    let refusal = copy.append(at(RECORDS as u64), &records[..1]);
    assert!(matches!(refusal, Err(AppendError::ReadOnly)));
    assert!(matches!(copy.erase(&BTreeSet::from([at(0)])), Err(EraseError::ReadOnly)));
    drop(copy);
    assert!(files(home.path()) == before);
}

#[test]
fn no_page_outgrows_the_synced_file() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("log");
    let mut noise = Noise(1);
    // Records of which each fills a block: the largest pages there can be.
    let records: Vec<_> = (0..60).map(|_| record(&mut noise, 7910)).collect();
    drop(SledLog::create(&dir, WAIT).unwrap());
    for round in 0..10 {
        let mut log = SledLog::open(&dir, WAIT).unwrap();
        log.append(at(round * 60), &records).unwrap();
    }
    assert_eq!(fs::read_dir(dir.join("blobs")).unwrap().count(), 0);
}
