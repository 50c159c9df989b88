//! Disks that fill up or take no writes: what was acknowledged stays, and the refusal is one line.
//! Where the system lets a test mount nothing, only folders without permission are tried.

#![cfg(target_os = "linux")]
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::disk::Disk;
use crate::support::program::Desk;
use serde_json::json;
use testimony::draft::Draft;
use testimony::event::Recorder;
use testimony::ledger::{Environment, Ledger, Options, RecordError};
use testimony::log::AppendError;

fn named(number: usize) -> String {
    let name = format!("Speaker {number} {}", "of some length ".repeat(18));
    let slug = format!("s-{number}");
    json!({"event": {"source_named": {"slug": slug, "name": name.trim(), "kind": "person"}}})
        .to_string()
}

#[test]
#[ignore = "mounts a tmpfs, which takes Linux and the right to do so"]
fn a_read_only_disk_is_read_and_not_written() {
    let mut disk = Disk::of(32);
    let desk = Desk::on(&disk.top());
    desk.record(&[named(1), named(2)]).clean();
    let (entries, checkpoint) = (desk.entries(), desk.checkpoint());
    disk.set_read_only(true);
    let said = desk.record(&[named(3)]);
    assert!(said.refusal().contains("Read-only file system"), "{said:?}");
    let error = desk.feed(&["record", "-", "--json"], b"{}").refusal_json();
    assert_eq!(error["kind"], "file", "{error}");
    assert_eq!(desk.run(&["list", "sources", "--json"]).json().len(), 2);
    assert_eq!((desk.entries(), desk.checkpoint()), (entries, checkpoint));
    disk.set_read_only(false);
    desk.record(&[named(3)]).clean();
    assert_eq!(desk.entries(), entries + 1);
    desk.audit();
}

#[test]
#[ignore = "mounts a tmpfs, which takes Linux and the right to do so"]
fn a_new_ledger_on_a_read_only_disk_is_refused_whole() {
    let mut disk = Disk::of(32);
    let desk = Desk::on(&disk.top());
    fs::rename(desk.ledger(), disk.top().join("away")).unwrap();
    disk.set_read_only(true);
    let said = desk.run(&["init"]);
    assert!(said.refusal().contains("cannot be created"), "{said:?}");
    disk.set_read_only(false);
    assert_eq!(fs::read_dir(disk.top()).unwrap().count(), 1, "nothing is left behind");
    fs::rename(disk.top().join("away"), desk.ledger()).unwrap();
    desk.audit();
}

#[test]
#[ignore = "mounts a tmpfs, which takes Linux and the right to do so"]
fn a_full_disk_keeps_what_was_acknowledged_and_goes_on_once_there_is_room() {
    for room in [0, 16, 64, 256, 900] {
        let mut disk = Disk::of(24);
        let desk = Desk::on(&disk.top());
        desk.record(&(0..10).map(named).collect::<Vec<_>>()).clean();
        disk.fill_but(room);
        let said = desk.record(&(10..20_000).map(named).collect::<Vec<_>>());
        let line = said.refusal();
        let earlier = line.split_once(" events before").and_then(|(said, _)| said.rsplit_once('('));
        let acknowledged: u64 = earlier.map_or(0, |(_, number)| number.parse().unwrap());
        disk.make_room();
        let entries = desk.entries();
        assert!(entries >= 11 + acknowledged, "{room}: {entries} entries after: {line}");
        let sources = desk.run(&["list", "sources", "--json"]).json();
        assert_eq!(sources.len() as u64, entries - 1, "{room}: the views are as the log");
        desk.audit();
        desk.record(&(0..20).map(named).collect::<Vec<_>>()).clean();
        desk.audit();
    }
}

#[test]
#[ignore = "mounts a tmpfs, which takes Linux and the right to do so"]
fn a_writer_whose_disk_is_full_writes_nothing_more_until_it_is_opened_again() {
    let mut disk = Disk::of(24);
    let desk = Desk::on(&disk.top());
    // Unsigned, so that the log is the first that finds no room.
    let options = Options { unsigned: true, ..Options::default() };
    let open = || Ledger::open(desk.ledger(), &options, Environment::system()).unwrap();
    let by = Recorder::person("Ana".parse().unwrap());
    let draft = |number| Draft::from_line(named(number).as_bytes()).unwrap();
    let mut ledger = open();
    disk.fill_but(0);
    let failed = (0..20_000)
        .step_by(500)
        .find_map(|from| ledger.record((from..from + 500).map(draft), &by).err());
    assert!(matches!(failed, Some(RecordError::Append(AppendError::Full { .. }))), "{failed:?}");
    disk.make_room();
    let after = ledger.record(vec![draft(20_000)], &by);
    let poisoned = matches!(after, Err(RecordError::Append(AppendError::Poisoned { .. })));
    assert!(poisoned, "{after:?}");
    drop(ledger);
    let mut ledger = open();
    ledger.record(vec![draft(20_000)], &by).unwrap();
    ledger.close().unwrap();
    desk.audit();
}

#[test]
#[ignore = "mounts a tmpfs, which takes Linux and the right to do so"]
fn a_full_disk_refuses_a_capture_on_one_line() {
    let mut disk = Disk::of(24);
    let desk = Desk::on(&disk.top());
    let page = desk.file("page.txt", &b"A page of some length.\n".repeat(100_000));
    disk.fill_but(64);
    let said = desk.run(&["capture", &page]);
    assert!(said.refusal().contains("No space left"), "{said:?}");
    disk.make_room();
    assert_eq!(desk.entries(), 1);
    desk.audit();
    desk.run(&["capture", &page]).clean();
    desk.audit();
}

#[test]
fn a_folder_without_permission_is_refused_on_one_line() {
    let desk = Desk::new();
    let log = desk.ledger().join("log");
    fs::set_permissions(&log, fs::Permissions::from_mode(0o555)).unwrap();
    // Whoever may write everywhere is not kept out by permissions.
    if fs::write(log.join("probe"), "").is_ok() {
        fs::remove_file(log.join("probe")).unwrap();
    } else {
        desk.record(&[named(1)]).refusal();
    }
    fs::set_permissions(&log, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(desk.entries(), 1);
    desk.audit();
}
