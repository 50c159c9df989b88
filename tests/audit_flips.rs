//! Bits flipped anywhere in a ledger's files: an audit locates each, or everything reads back as it
//! was. Nothing panics, nothing hangs, and the damaged files are left as they were.
//!
//! Knows files and bits. Must not know what any of them means.

#![allow(clippy::print_stdout, reason = "a long test says what it met")]
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::forge::{Forge, WAIT, ana, at, draft, files, quiet_contained_panics};
use serde_json::json;
use testimony::audit::Report;
use testimony::finding::FindingPlace;
use testimony::log::Log as _;
use testimony::log::sled::SledLog;
use testimony::seal::Record;

/// The longest an audit of a small ledger may take, however it is damaged.
const LONGEST: Duration = Duration::from_secs(90);

/// A small generator of reproducible noise (splitmix64).
struct Noise(u64);

impl Noise {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end
    }
}

/// A ledger of some blocks, with several openings behind it.
fn written() -> Forge {
    let forge = Forge::recorded();
    for round in 0..4 {
        let mut ledger = forge.open();
        let lines = (0..40).map(|number| {
            let words = format!("{round}-{number} ").repeat(1 + number * 3 % 17);
            let note = json!({ "target": { "source": "soax" }, "text": words });
            draft(&json!({ "event": { "note_added": note } }).to_string())
        });
        ledger.record(lines, &ana()).unwrap();
        ledger.close().unwrap();
    }
    forge
}

/// A bit of one of these files. Most bits lie in the unused rest of a large file, so that every
/// second comes from a small one.
fn a_bit_of<'a>(
    files: &'a BTreeMap<PathBuf, Vec<u8>>,
    trial: u64,
    noise: &mut Noise,
) -> (&'a Path, &'a [u8], u64) {
    let small = files.values().any(|bytes| bytes.len() < 1 << 16);
    let eligible = |bytes: &Vec<u8>| {
        !bytes.is_empty() && (trial.is_multiple_of(2) || !small || bytes.len() < 1 << 16)
    };
    let candidates: Vec<_> = files.iter().filter(|(_, bytes)| eligible(bytes)).collect();
    let total: u64 = candidates.iter().map(|(_, bytes)| bytes.len() as u64 * 8).sum();
    let mut bit = noise.below(total);
    for (path, bytes) in candidates {
        let bits = bytes.len() as u64 * 8;
        if bit < bits {
            return (path, bytes, bit);
        }
        bit -= bits;
    }
    unreachable!("the bit is below the total")
}

/// Flips bits of the files under `within`, and gives each audit to `judge`.
fn flip(forge: &Forge, within: &str, trials: u64, mut judge: impl FnMut(&Path, u64, Report)) {
    quiet_contained_panics();
    let pristine = match fs::metadata(forge.path(within)).unwrap().is_dir() {
        true => files(&forge.path(within)),
        false => BTreeMap::from([(forge.path(within), fs::read(forge.path(within)).unwrap())]),
    };
    let mut noise = Noise(41);
    for trial in 0..trials {
        let (path, bytes, bit) = a_bit_of(&pristine, trial, &mut noise);
        let mut flipped = bytes.to_vec();
        flipped[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
        // Files of an archive are read-only, and are replaced.
        fs::remove_file(path).unwrap();
        fs::write(path, &flipped).unwrap();
        let started = Instant::now();
        // That nothing in the folder was written is looked at with every audit.
        let report = forge.audit();
        assert!(started.elapsed() < LONGEST, "bit {bit} of {} takes long", path.display());
        judge(path, bit, report);
        fs::write(path, bytes).unwrap();
    }
    let report = forge.audit();
    assert!(report.clean(), "{:?}", report.findings);
}

fn trials(short: u64, long: u64) -> u64 {
    if std::env::var_os("TESTIMONY_LONG").is_some() { long } else { short }
}

fn readable(forge: &Forge) -> Vec<Record> {
    let scratch = tempfile::tempdir().unwrap();
    let log = SledLog::open_copy(&forge.path("log"), scratch.path(), WAIT).unwrap();
    log.read(at(0)).map(|read| read.unwrap().1).collect()
}

#[test]
fn a_flipped_bit_of_the_log_is_located_or_changes_nothing() {
    let forge = written();
    let records = readable(&forge);
    let (mut located, mut harmless) = (BTreeMap::<&str, u64>::new(), 0);
    flip(&forge, "log", trials(60, 500), |path, bit, report| {
        if report.clean() {
            harmless += 1;
            assert!(readable(&forge) == records, "bit {bit} of {} is untold", path.display());
            return;
        }
        let in_the_log = |place: &FindingPlace| match place {
            FindingPlace::Entry(_) | FindingPlace::Entries { .. } | FindingPlace::Block(_) => true,
            FindingPlace::File(file) => file == Path::new("log"),
            _ => false,
        };
        let first = report.findings.iter().find(|finding| in_the_log(&finding.place));
        let first = first.unwrap_or_else(|| panic!("{:?} locates nothing", report.findings));
        *located.entry(first.problem.tag()).or_default() += 1;
    });
    println!("harmless: {harmless}; located: {located:?}");
}

#[test]
fn a_flipped_bit_of_the_views_is_found_or_changes_nothing() {
    let forge = written();
    let (mut found, mut harmless) = (0, 0);
    flip(&forge, "views", trials(60, 500), |_, _, report| {
        // What differs is the views alone: the log beside them is sound, and says so.
        let views = report.findings.iter().all(|finding| finding.place == FindingPlace::Views);
        assert!(views, "{:?}", report.findings);
        assert_eq!(report.checkpoint, report.tree);
        if report.clean() { harmless += 1 } else { found += 1 }
    });
    println!("harmless: {harmless}; found: {found}");
}

#[test]
fn a_flipped_bit_of_an_archived_file_is_found_in_that_file() {
    let forge = written();
    let folder = forge.folder();
    flip(&forge, "archive", trials(30, 300), |path, bit, report| {
        let place = FindingPlace::File(path.strip_prefix(&folder).unwrap().to_owned());
        let told = report.findings.iter().any(|finding| finding.place == place);
        assert!(told, "bit {bit} of {place} is untold");
    });
}

#[test]
fn a_flipped_bit_of_the_checkpoint_is_found_there() {
    let forge = written();
    flip(&forge, "checkpoint", trials(60, 500), |_, bit, report| {
        let told = report.findings.iter().any(|finding| finding.place == FindingPlace::Checkpoint);
        assert!(told, "bit {bit} is untold");
    });
}
