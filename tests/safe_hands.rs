//! What could be saved is not destroyed: a damaged log is not opened, not folded and not signed, so
//! that the bit put back, or an audit, finds all that was there.
//!
//! Knows a ledger's files, and the calls that open its log. Must not know how a store is recognised.

#![allow(clippy::print_stdout, reason = "a long test says what it met")]
use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::support::forge::{files, quiet_contained_panics};
use crate::support::workshop::{WAIT, Workshop, named};
use testimony::ledger::{Behind, Ledger, OpenError, Options};
use testimony::log::sled::{self, SledLog};

/// What someone is called, and whether what they do came to an end without a refusal.
type Way = (&'static str, fn(&Workshop) -> bool);

/// Every way in which a log is opened.
const WAYS: [Way; 4] = [
    ("a writer", |workshop| {
        let opened = Ledger::open(&workshop.folder(), &Options::default(), workshop.surroundings());
        opened.is_ok_and(|ledger| ledger.close().is_ok())
    }),
    ("a rebuild", |workshop| Ledger::rebuild(&workshop.folder(), &Options::default()).is_ok()),
    ("a reader that finds the mark of a writer cut short", |workshop| {
        fs::write(workshop.layout().views().join("stale"), "").unwrap();
        let reading = Ledger::read(&workshop.folder(), &Options::default());
        reading.is_ok_and(|reading| reading.behind.is_none())
    }),
    ("a reader without views", |workshop| {
        fs::remove_file(workshop.layout().views().join("views.redb")).unwrap();
        Ledger::read(&workshop.folder(), &Options::default()).is_ok()
    }),
];

/// A ledger of several openings and commits.
fn written() -> Workshop {
    let workshop = Workshop::new();
    for round in 0..6 {
        let slugs = (0..8).map(|number| named(&format!("s-{round}-{number}")));
        workshop.record(&slugs.collect::<Vec<_>>());
    }
    workshop
}

fn entries(folder: &Path) -> u64 {
    let scratch = tempfile::tempdir().unwrap();
    let copy = SledLog::open_copy(&folder.join("log"), scratch.path(), WAIT).unwrap();
    testimony::log::Log::length(&copy).get()
}

/// Writes bytes to a file as someone who hides it does: its size and time of change stay.
fn write_unseen(path: &Path, bytes: &[u8]) {
    let modified = fs::metadata(path).and_then(|found| found.modified()).unwrap();
    fs::write(path, bytes).unwrap();
    let times = FileTimes::new().set_modified(modified).set_accessed(SystemTime::now());
    File::options().write(true).open(path).unwrap().set_times(times).unwrap();
}

fn trials(short: usize, long: usize) -> usize {
    if std::env::var_os("TESTIMONY_LONG").is_some() { long } else { short }
}

/// The places of so many bytes, spread over those that are not zero.
fn places(bytes: &[u8], count: usize) -> Vec<usize> {
    let used: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
    (0..count).map(|trial| used[(trial * 7919 + 13) * 31 % used.len()]).collect()
}

/// Flips a bit, goes a way, and puts the bit back: what refuses leaves the log's files as they were,
/// and all entries are there again.
fn flip_and_put_back(count: usize, write: impl Fn(&Path, &[u8])) -> BTreeMap<String, usize> {
    quiet_contained_panics();
    let workshop = written();
    let (folder, whole) = (workshop.folder(), workshop.beside("whole"));
    workshop.copy(&folder, &whole);
    let data = folder.join("log/db");
    let pristine = fs::read(&data).unwrap();
    let mut met = BTreeMap::new();
    for place in places(&pristine, count) {
        for (way, go) in WAYS {
            let mut flipped = pristine.clone();
            flipped[place] ^= 1 << (place % 8);
            write(&data, &flipped);
            let went = go(&workshop);
            *met.entry(format!("{way}: {}", if went { "went" } else { "refused" })).or_default() +=
                1;
            if !went {
                assert!(fs::read(&data).unwrap() == flipped, "{way} wrote to `db`, bit of {place}");
                fs::write(&data, &pristine).unwrap();
                assert_eq!(entries(&folder), 49, "{way}, bit of {place}");
            }
            fs::remove_dir_all(&folder).unwrap();
            workshop.copy(&whole, &folder);
        }
    }
    workshop.audit();
    met
}

#[test]
fn a_bit_that_is_put_back_costs_nothing() {
    let met = flip_and_put_back(trials(6, 150), |path, bytes| fs::write(path, bytes).unwrap());
    println!("{met:#?}");
    assert!(met.keys().all(|way| way.ends_with("refused")), "{met:#?}");
}

#[test]
fn a_bit_that_flipped_unseen_costs_nothing() {
    let met = flip_and_put_back(trials(6, 150), write_unseen);
    println!("{met:#?}");
    assert!(met.keys().all(|way| way.ends_with("refused")), "{met:#?}");
}

#[test]
fn a_log_that_was_not_closed_is_examined_before_it_is_opened() {
    quiet_contained_panics();
    // given: a writer that was killed, so that nothing says what its log was when it was closed
    let workshop = written();
    let folder = workshop.folder();
    fs::remove_file(folder.join("log.closed")).unwrap();
    let pristine = fs::read(folder.join("log/db")).unwrap();
    let whole = workshop.beside("whole");
    workshop.copy(&folder, &whole);
    for place in places(&pristine, trials(8, 100)) {
        let mut flipped = pristine.clone();
        flipped[place] ^= 0x10;
        let data = folder.join("log/db");
        fs::write(&data, &flipped).unwrap();
        // when: it is opened
        let opened = Ledger::open(&folder, &Options::default(), workshop.surroundings());
        // then: it holds everything, or it is not opened and nothing was written
        match opened {
            Ok(ledger) => {
                assert_eq!(ledger.length().get(), 49, "bit of {place}");
                ledger.close().unwrap();
            }
            Err(error) => {
                let suspect = matches!(error, OpenError::Log(sled::OpenLogError::Suspect { .. }));
                assert!(suspect, "{error}");
                assert!(fs::read(&data).unwrap() == flipped, "bit of {place}: {error}");
                assert!(!folder.join("log.copy").exists(), "the copy stays");
            }
        }
        fs::remove_dir_all(&folder).unwrap();
        workshop.copy(&whole, &folder);
    }
    workshop.audit();
}

#[test]
fn a_ledger_that_was_copied_or_restored_opens() {
    let workshop = written();
    let copy = workshop.beside("copy");
    workshop.copy(&workshop.folder(), &copy);
    // given: a copy, whose files have other numbers and times
    let ledger = Ledger::open(&copy, &Options::default(), workshop.surroundings()).unwrap();
    // then: it opens, and the next time it is recognised
    assert_eq!(ledger.length().get(), 49);
    ledger.close().unwrap();
    let ledger = Ledger::open(&copy, &Options::default(), workshop.surroundings()).unwrap();
    ledger.close().unwrap();
    workshop.audit();
}

#[test]
fn what_a_killed_writer_had_acknowledged_is_known_without_checkpoint_and_views() {
    quiet_contained_panics();
    // given: entries that neither the checkpoint nor the views have, and a writer that is killed
    let workshop = written();
    let folder = workshop.folder();
    let (checkpoint, views) = (workshop.layout().checkpoint(), workshop.layout().views());
    let (old_note, old_views) = (workshop.beside("note"), workshop.beside("views"));
    workshop.copy(&checkpoint, &old_note);
    workshop.copy(&views, &old_views);
    let before = fs::read(folder.join("log/db")).unwrap();
    workshop.record(&[named("late")]);
    fs::remove_file(folder.join("log.closed")).unwrap();
    workshop.put_back(&old_note, &checkpoint);
    workshop.put_back(&old_views, &views);
    // when: the last bytes that were written are damaged
    let mut after = fs::read(folder.join("log/db")).unwrap();
    let last = (0..after.len()).rfind(|at| before.get(*at) != Some(&after[*at])).unwrap();
    let used = (0..=last).rfind(|at| after[*at] != 0).unwrap();
    after[used - 40] ^= 1;
    fs::write(folder.join("log/db"), &after).unwrap();
    // then: the log is not opened as if it had never held them
    let refusal = workshop.refusal().to_string();
    assert!(refusal.contains("and was not opened"), "{refusal}");
    assert!(fs::read(folder.join("log/db")).unwrap() == after);
    after[used - 40] ^= 1;
    fs::write(folder.join("log/db"), &after).unwrap();
    assert_eq!(workshop.length(), 50);
    workshop.audit();
}

/// An older state of a ledger's log, views or both, put beside a checkpoint that is newer.
fn older(workshop: &Workshop, parts: &[&str]) -> Vec<(PathBuf, PathBuf)> {
    let folder = workshop.folder();
    parts
        .iter()
        .map(|part| {
            let kept = workshop.beside(&format!("older-{}", part.replace('/', "-")));
            workshop.copy(&folder.join(part), &kept);
            (kept, folder.join(part))
        })
        .collect()
}

#[test]
fn nothing_is_made_of_a_log_that_is_shorter_than_its_checkpoint() {
    // given: a log from before the last commits, with all that stands beside it, and the checkpoint
    let workshop = written();
    let folder = workshop.folder();
    let kept = older(&workshop, &["log", "log.closed", "log.acknowledged"]);
    workshop.record(&[named("late"), named("later")]);
    let (views, note) = (workshop.layout().views(), workshop.layout().checkpoint());
    for (from, to) in &kept {
        workshop.put_back(from, to);
    }
    let (views_before, note_before) = (files(&views), fs::read(&note).unwrap());
    // when: it is rebuilt, opened, read
    let rebuilt = Ledger::rebuild(&folder, &Options::default());
    // then: each refuses, and the views, which have the last copy of the lost events, are left alone
    assert!(matches!(rebuilt, Err(OpenError::Shortened { length: 49, signed: 51 })), "{rebuilt:?}");
    let refusal = workshop.refusal();
    assert!(matches!(refusal, OpenError::Shortened { length: 49, signed: 51 }), "{refusal}");
    assert!(files(&views) == views_before, "the views were touched");
    assert_eq!(fs::read(&note).unwrap(), note_before);
    // and: without the views there is no answer, not an empty one
    fs::remove_file(views.join("views.redb")).unwrap();
    let read = Ledger::read(&folder, &Options::default());
    assert!(matches!(read.err(), Some(OpenError::Shortened { .. })));
    assert!(!views.join("views.redb").exists(), "views were made of what is left");
}

#[test]
fn views_that_are_older_than_the_checkpoint_do_not_answer_for_less() {
    // given: views from before the last commit, not marked, and a log that another file stands in for
    let workshop = written();
    let folder = workshop.folder();
    let kept = older(&workshop, &["views"]);
    workshop.record(&[named("late")]);
    workshop.put_back(&kept[0].0, &kept[0].1);
    let (log, away) = (folder.join("log"), workshop.beside("log-away"));
    fs::rename(&log, &away).unwrap();
    fs::write(&log, "").unwrap();
    // then: they are not asked, whatever keeps the log from being read
    let read = Ledger::read(&folder, &Options::default());
    assert!(read.is_err(), "answered from {:?}", read.map(|it| it.snapshot.cursor().next).ok());
    // and: with the log they are brought up
    fs::remove_file(&log).unwrap();
    fs::rename(&away, &log).unwrap();
    assert_eq!(workshop.read().snapshot.cursor().next.get(), 50);
    workshop.audit();
}

#[test]
fn views_of_other_entries_than_the_checkpoints_do_not_answer() {
    // given: two ledgers of one beginning, and the views of one in the other
    let workshop = written();
    let twin = workshop.beside("twin");
    workshop.copy(&workshop.folder(), &twin);
    workshop.record(&[named("own")]);
    let mut other = Ledger::open(&twin, &Options::default(), workshop.surroundings()).unwrap();
    other
        .record(
            [crate::support::workshop::draft(&named("other"))],
            &crate::support::workshop::ana(),
        )
        .unwrap();
    other.close().unwrap();
    let views = workshop.layout().views();
    workshop.put_back(&twin.join("views"), &views);
    // then: they are not taken for this ledger's: what answers was made of its log
    let snapshot = workshop.read().snapshot;
    let knows = |slug: &str| {
        let before = snapshot.cursor().next;
        snapshot.naming(&slug.parse().unwrap(), before).unwrap().is_some()
    };
    assert!(knows("own") && !knows("other"));
    workshop.audit();
}

#[test]
fn a_missing_checkpoint_is_said_and_signed_only_on_request() {
    let workshop = written();
    let note = workshop.layout().checkpoint();
    fs::remove_file(&note).unwrap();
    assert!(matches!(workshop.read().behind, Some(Behind::Unsigned)));
    workshop.record(&[named("late")]);
    assert!(!note.exists(), "it was signed unasked");
    let mut ledger = workshop.open();
    ledger.checkpoint().unwrap();
    ledger.close().unwrap();
    assert!(workshop.read().behind.is_none());
    workshop.record(&[named("later")]);
    workshop.audit();
}

#[test]
fn a_damaged_checkpoint_is_said_beside_the_answer() {
    let workshop = written();
    let note = workshop.layout().checkpoint();
    let pristine = fs::read(&note).unwrap();
    let mut damaged = pristine.clone();
    let end = damaged.len() - 4;
    damaged[end] ^= 1;
    fs::write(&note, damaged).unwrap();
    let behind = workshop.read().behind;
    assert!(matches!(behind, Some(Behind::Unverified(_))), "{behind:?}");
    fs::write(&note, pristine).unwrap();
    workshop.audit();
}
