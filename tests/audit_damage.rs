//! Damage to a ledger's files and entries: an audit names the place of each.
//!
//! Knows how to break a ledger. Must not know how an audit looks.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::disk::Disk;
use crate::support::forge::{Forge, WAIT, at, chain_anew, files, quiet_contained_panics, told};
use testimony::audit::{AuditError, AuditOptions, Report, audit};
use testimony::finding::{FindingPlace, Problem};
use testimony::log::sled::SledLog;
use testimony::seal::{Entry, Payload, Salt};

/// Whether `place` is, or holds, the entry of that number.
fn names(place: &FindingPlace, number: u64) -> bool {
    match place {
        FindingPlace::Entry(seq) => *seq == at(number),
        FindingPlace::Entries { first, last } => {
            *first <= at(number) && last.is_none_or(|last| at(number) <= last)
        }
        _ => false,
    }
}

#[track_caller]
fn tells_of(report: &Report, number: u64) {
    let found = report.findings.iter().any(|finding| names(&finding.place, number));
    assert!(found, "#{number} is not named: {:?}", report.findings);
}

#[track_caller]
fn tells(report: &Report, place: &FindingPlace, tag: &str) {
    let told: Vec<_> = report.findings.iter().map(told).collect();
    assert!(told.contains(&(place.clone(), tag)), "no {tag} at {place}: {told:?}");
}

fn file(path: &Path, forge: &Forge) -> FindingPlace {
    FindingPlace::File(path.strip_prefix(forge.folder()).unwrap().to_owned())
}

/// Files of the archive are read-only, so damage comes under their names.
fn overwrite(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_ledger_with_every_kind_of_event_is_clean() {
    let forge = Forge::full();
    let report = forge.audit();
    assert!(report.clean(), "{:#?}", report.findings);
    assert_eq!(report.log.as_ref().unwrap().as_str(), "example.org/ledger");
    assert_eq!((report.entries, report.payloads, report.erased), (26, 25, 1));
    assert_eq!((report.newer.count, report.newer.entries.as_slice()), (1, &[at(25)][..]));
    assert_eq!((report.sources, report.documents, report.assertions), (4, 2, 4));
    assert_eq!((report.unchecked, report.quotes, report.quotes_unread), (1, 9, 0));
    // A plain page without a byte order mark is its own text: one file.
    assert_eq!((report.files.sound, report.files.unreferenced), (3, 0));
    assert_eq!(report.checkpoint, report.tree);
    assert_eq!((report.unsigned, report.undecided), (0, 0));
    assert_eq!(
        (report.views.entries, report.views.stale, report.views.compared),
        (Some(26), false, true)
    );
}

#[test]
fn no_byte_of_an_entry_can_be_changed() {
    let forge = Forge::recorded();
    let records = forge.records();
    // One in the middle, and the last, which no later entry names.
    for number in [8, records.len() - 1] {
        let length = records[number].entry.len();
        for place in (0..length).step_by(7).chain([length - 1]) {
            let mut changed = records.clone();
            changed[number].entry[place] ^= 1;
            forge.put(&changed);
            tells_of(&forge.audit(), number as u64);
        }
    }
    forge.put(&records);
    assert!(forge.audit().clean());
}

#[test]
fn no_byte_of_a_salt_or_an_event_can_be_changed() {
    let forge = Forge::recorded();
    let records = forge.records();
    for place in (0..32).step_by(5) {
        let mut changed = records.clone();
        let payload = changed[8].payload.as_mut().unwrap();
        let mut salt = *payload.salt.as_bytes();
        salt[place] ^= 1;
        payload.salt = Salt::from_bytes(salt);
        forge.put(&changed);
        tells(&forge.audit(), &FindingPlace::Entry(at(8)), "commitment_broken");
    }
    let length = records[8].payload.as_ref().unwrap().event.len();
    for place in (0..length).step_by(40) {
        let mut changed = records.clone();
        changed[8].payload.as_mut().unwrap().event[place] ^= 1;
        forge.put(&changed);
        tells(&forge.audit(), &FindingPlace::Entry(at(8)), "commitment_broken");
    }
    forge.put(&records);
    assert!(forge.audit().clean());
}

#[test]
fn a_payload_that_vanished_is_told_from_one_that_was_erased() {
    let forge = Forge::full();
    let mut records = forge.records();
    records[12].payload = None;
    forge.put(&records);
    // The views still have it, so nobody is told to make them anew.
    assert_eq!(forge.found(), [(FindingPlace::Entry(at(12)), "payload_missing")]);
    let kept = Payload { salt: Salt::from_bytes([0; 32]), event: b"{}".to_vec() };
    records[16].payload = Some(kept);
    forge.put(&records);
    tells(&forge.audit(), &FindingPlace::Entry(at(16)), "commitment_broken");
}

#[test]
fn an_entry_dropped_is_named_where_it_stood() {
    let forge = Forge::recorded();
    let mut records = forge.records();
    records.remove(9);
    forge.put(&records);
    let report = forge.audit();
    tells(&report, &FindingPlace::Entry(at(9)), "out_of_sequence");
    // Chained anew, it is the checkpoint that knows better, and the views know from where on.
    chain_anew(&mut records);
    forge.put(&records);
    let report = forge.audit();
    tells_of(&report, 9);
    let lost = FindingPlace::Entries { first: at(21), last: Some(at(21)) };
    tells(&report, &lost, "entries_lost");
}

#[test]
fn entries_that_swapped_places_are_named() {
    let forge = Forge::recorded();
    let records = forge.records();
    let mut swapped = records.clone();
    swapped.swap(8, 9);
    forge.put(&swapped);
    let report = forge.audit();
    tells(&report, &FindingPlace::Entry(at(8)), "out_of_sequence");
    tells(&report, &FindingPlace::Entry(at(9)), "out_of_sequence");
    // Only what they hold swapped: each entry commits to its own.
    let mut swapped = records.clone();
    (swapped[8].payload, swapped[9].payload) =
        (records[9].payload.clone(), records[8].payload.clone());
    forge.put(&swapped);
    let report = forge.audit();
    tells(&report, &FindingPlace::Entry(at(8)), "commitment_broken");
    tells(&report, &FindingPlace::Entry(at(9)), "commitment_broken");
    // Swapped and chained anew.
    let mut swapped = records;
    swapped.swap(8, 9);
    chain_anew(&mut swapped);
    forge.put(&swapped);
    let report = forge.audit();
    tells(&report, &FindingPlace::Checkpoint, "root_differs");
    tells_of(&report, 8);
}

#[test]
fn a_tail_cut_off_is_told_up_to_the_checkpoint_and_by_the_views_beyond() {
    let forge = Forge::recorded();
    let records = forge.records();
    forge.put(&records[..15]);
    let lost = FindingPlace::Entries { first: at(15), last: Some(at(21)) };
    let told = forge.found();
    assert_eq!(told, [(lost.clone(), "entries_lost"), (lost, "entries_lost")]);
    // Beyond the checkpoint, the views are the only witness.
    forge.sign(&records[..15]);
    assert_eq!(forge.found().len(), 1);
    forge.put(&records);
    let report = forge.audit();
    assert!(report.clean(), "{:?}", report.findings);
    assert_eq!(report.unsigned, 7);
}

#[test]
fn no_byte_of_the_checkpoint_can_be_changed() {
    let forge = Forge::recorded();
    let path = forge.path("checkpoint");
    let note = fs::read(&path).unwrap();
    for place in (0..note.len()).step_by(3) {
        let mut changed = note.clone();
        changed[place] ^= 1;
        fs::write(&path, &changed).unwrap();
        let report = forge.audit();
        let told: Vec<_> = report.findings.iter().map(|finding| &finding.place).collect();
        assert!(told.contains(&&FindingPlace::Checkpoint), "byte {place}: {told:?}");
    }
    fs::write(&path, &note).unwrap();
    assert!(forge.audit().clean());
}

#[test]
fn every_file_of_the_archive_is_read_again() {
    let forge = Forge::recorded();
    for (path, bytes) in files(&forge.path("archive")) {
        for place in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[place] ^= 0x20;
            overwrite(&path, &changed);
            tells(&forge.audit(), &file(&path, &forge), "file_damaged");
        }
        overwrite(&path, &bytes[..bytes.len() - 1]);
        tells(&forge.audit(), &file(&path, &forge), "file_damaged");
        fs::remove_file(&path).unwrap();
        tells(&forge.audit(), &file(&path, &forge), "file_missing");
        fs::write(&path, &bytes).unwrap();
    }
    assert!(forge.audit().clean());
}

#[test]
fn files_nobody_refers_to_are_read_and_counted() {
    let forge = Forge::recorded();
    let bytes = b"kept by a capture that was refused";
    let hash = testimony::digest::ContentHash::of(bytes).to_string();
    let path = forge.path("archive").join(&hash[..2]).join(&hash[2..]);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    let report = forge.audit();
    assert!(report.clean(), "{:?}", report.findings);
    let listed = PathBuf::from("archive").join(&hash[..2]).join(&hash[2..]);
    assert_eq!(report.files.unreferenced_paths, [listed.to_string_lossy()]);
    fs::write(&path, b"changed").unwrap();
    tells(&forge.audit(), &file(&path, &forge), "file_damaged");
}

#[test]
fn a_changed_view_is_found_by_folding_the_log_anew() {
    let (forge, other) = (Forge::recorded(), Forge::recorded());
    fs::copy(other.path("views/views.redb"), forge.path("views/views.redb")).unwrap();
    let report = forge.audit();
    assert!(report.counts.keys().eq(&["views_differ"]), "{:?}", report.findings);
    forge.rebuild();
    assert!(forge.audit().clean());
}

#[test]
fn a_writer_cut_short_leaves_a_ledger_that_is_clean_and_behind() {
    let forge = Forge::recorded();
    let mut ledger = forge.open();
    let line = r#"{"event":{"note_added":{"target":{"source":"soax"},"text":"Late."}}}"#;
    ledger.record(vec![crate::support::forge::draft(line)], &crate::support::forge::ana()).unwrap();
    // Gone without closing: neither views nor checkpoint have followed.
    drop(ledger);
    let report = forge.audit();
    assert!(report.clean(), "{:?}", report.findings);
    assert!(report.views.stale && report.views.compared);
    assert_eq!((report.views.entries, report.entries), (Some(22), 23));
    // It may even have gone before the views were there at all.
    let views = fs::read(forge.path("views/views.redb")).unwrap();
    fs::remove_file(forge.path("views/views.redb")).unwrap();
    let report = forge.audit();
    assert!(report.clean(), "{:?}", report.findings);
    assert!(report.views.stale && !report.views.compared);
    // Without its mark, nothing would tell a reader.
    fs::write(forge.path("views/views.redb"), views).unwrap();
    fs::remove_file(forge.path("views/stale")).unwrap();
    tells(&forge.audit(), &FindingPlace::Views, "views_behind");
    forge.rebuild();
    assert!(forge.audit().clean());
}

#[test]
fn views_are_not_held_against_a_log_that_is_damaged_and_what_they_remember_is_told() {
    let forge = Forge::recorded();
    let mut records = forge.records();
    let mut entry = Entry::decode(&records[21].entry).unwrap();
    entry.at = "2031-01-01T00:00:00.000000Z".parse().unwrap();
    records[21].entry = entry.encode();
    forge.put(&records);
    let report = forge.audit();
    let last = FindingPlace::Entries { first: at(21), last: Some(at(21)) };
    tells(&report, &last, "entry_changed");
    tells(&report, &FindingPlace::Checkpoint, "root_differs");
}

#[test]
fn an_audit_needs_no_key_and_no_right_to_write() {
    let forge = Forge::recorded();
    fs::remove_file(forge.path("key")).unwrap();
    for path in files(&forge.folder()).keys() {
        let mut rights = fs::metadata(path).unwrap().permissions();
        rights.set_readonly(true);
        fs::set_permissions(path, rights).unwrap();
    }
    assert!(forge.audit().clean());
}

#[test]
fn a_ledger_in_use_or_absent_is_trouble_and_no_finding() {
    let forge = Forge::recorded();
    let scratch = tempfile::tempdir().unwrap();
    let wait = std::time::Duration::from_millis(50);
    let options = AuditOptions { wait, scratch: scratch.path().to_owned(), confidential: false };
    let ledger = forge.open();
    assert!(matches!(audit(&forge.folder(), &options), Err(AuditError::Busy(_))));
    ledger.close().unwrap();
    let none = audit(&forge.path("none"), &options);
    assert!(matches!(none, Err(AuditError::Absent(_))));
    let nowhere = AuditOptions { scratch: scratch.path().join("none"), ..options.clone() };
    let refusal = audit(&forge.folder(), &nowhere);
    assert!(matches!(refusal, Err(AuditError::Scratch { .. })));
    fs::remove_dir_all(forge.path("views")).unwrap();
    fs::create_dir_all(forge.path("views/views.redb")).unwrap();
    let report = audit(&forge.folder(), &options).unwrap();
    let told = report.findings.iter().any(|found| {
        matches!(&found.problem, Problem::ViewsDamaged { fault } if fault.contains("is a folder"))
    });
    assert!(told, "{:?}", report.findings);
    drop(SledLog::open(&forge.path("log"), WAIT).unwrap());
}

/// Copies a ledger to another disk.
fn copied(forge: &Forge, to: &Path) {
    for (path, bytes) in files(&forge.folder()) {
        let path = to.join(path.strip_prefix(forge.folder()).unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
#[ignore = "mounts a tmpfs, which takes Linux and the right to do so"]
fn a_ledger_on_a_read_only_disk_is_audited() {
    let mut disk = Disk::of(64);
    let forge = Forge::recorded();
    let folder = disk.top().join("ledger");
    copied(&forge, &folder);
    disk.set_read_only(true);
    let scratch = tempfile::tempdir().unwrap();
    let report = audit(
        &folder,
        &AuditOptions { wait: WAIT, scratch: scratch.path().into(), confidential: false },
    )
    .unwrap();
    assert!(report.clean(), "{:?}", report.findings);
    assert!(report.views.compared);
}

#[test]
#[ignore = "mounts a tmpfs, which takes Linux and the right to do so"]
fn a_disk_without_room_for_the_copies_is_trouble_and_no_finding() {
    quiet_contained_panics();
    let mut disk = Disk::of(32);
    let forge = Forge::recorded();
    let (mut log, mut rebuild, mut room, mut step) = (0, 0, 20, 200);
    loop {
        disk.fill_but(room);
        let options = AuditOptions { wait: WAIT, scratch: disk.top(), confidential: false };
        let audited = audit(&forge.folder(), &options);
        disk.make_room();
        match audited {
            Err(AuditError::Log(_)) => log += 1,
            Err(AuditError::Rebuild(_)) => rebuild += 1,
            Err(error) => panic!("{room} KiB: {error}"),
            // There is a point at which the log fits and the views do not: it is gone to again,
            // more slowly.
            Ok(report) if step > 10 => {
                assert!(report.clean(), "{room} KiB: {:?}", report.findings);
                (room, step) = (room - step, 10);
            }
            Ok(report) => {
                assert!(report.clean(), "{room} KiB: {:?}", report.findings);
                break;
            }
        }
        room += step;
    }
    assert!(log > 0 && rebuild > 0, "{log} {rebuild}");
    assert!(forge.audit().clean());
}
