//! All or nothing, and told truly: a capture is one commit, receipts are what was recorded, and what
//! fails behind a commit says first what stays.
//!
//! Knows the program's streams and a ledger's files. Must not know how a commit is made.

#![cfg(unix)]

use std::fs;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::forge::{ana, captured};
use crate::support::program::{BINARY, Desk, Said};
use crate::support::workshop::{Workshop, named};
use serde_json::json;
use testimony::draft::Draft;
use testimony::ledger::{Environment, Ledger, Options, RecordError, RecordOutcome};
use testimony::moment::Timestamp;

fn naming(slug: &str) -> String {
    json!({"event": {"source_named": {"slug": slug, "name": slug, "kind": "person"}}}).to_string()
}

fn many(count: usize) -> String {
    (0..count).map(|number| naming(&format!("s-{number}")) + "\n").collect()
}

fn files(folder: &Path) -> usize {
    let within = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    within.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

#[test]
fn a_capture_that_is_refused_leaves_nothing() {
    let desk = Desk::with_document("A first page.");
    let archive = desk.ledger().join("archive");
    let before = (desk.entries(), files(&archive), desk.checkpoint());
    let one = desk.file("one.txt", b"One page.");
    let two = desk.file("two.html", b"<meta property='og:site_name' content='The Owl'><p>Two.</p>");
    for arguments in [
        &["capture", &one, &two, "--publisher", "The Post", "--revises", "#99"][..],
        &["capture", &one, &two, "--republisher", "Wire", "--revises", "#0"],
        &["capture", &one, "--publisher", "The Post", "--revises", "#99", "--confidential"],
        &["ingest", &one, "--record", "--publisher", "The Post", "--revises", "#99"],
    ] {
        let refused = desk.run(arguments);
        assert!(refused.refusal().contains("is not a document"), "{refused:?}");
        assert_eq!(refused.out, "");
        let after = (desk.entries(), files(&archive), desk.checkpoint());
        assert_eq!(after, before, "{arguments:?}");
    }
    // Refused among several, it is named.
    let refused = desk.run(&["capture", &one, &two, "--revises", "#99"]);
    assert!(refused.refusal().contains("one.txt: "), "{refused:?}");
    desk.audit();
}

#[test]
fn a_capture_is_one_commit_with_the_outlets_it_names() {
    let workshop = Workshop::new();
    let mut ledger = workshop.open();
    let outlet = |slug: &str| Draft::from_line(named(slug).as_bytes()).unwrap();
    let page = |text: &str, slug: &str| captured(text, &json!({ "publisher": slug }).to_string());
    let pages = [page("One.", "courier"), page("Two.", "owl"), page("One.", "courier")];
    let archive = workshop.layout().archive();
    let none = files(&archive);
    // The second names nobody's outlet: nothing is kept of the first, nor of the naming.
    let refused = ledger.capture_with(vec![outlet("courier")], &pages, &ana());
    assert!(matches!(refused, Err(RecordError::Refused { index: 2, .. })), "{refused:?}");
    assert_eq!((ledger.length().get(), files(&archive)), (1, none));
    let receipts =
        ledger.capture_with(vec![outlet("courier"), outlet("owl")], &pages, &ana()).unwrap();
    let at: Vec<u64> = receipts.iter().map(|receipt| receipt.at().get()).collect();
    assert_eq!(at, [1, 2, 3, 4, 3]);
    assert!(matches!(receipts[4], RecordOutcome::Already(_)), "the same page twice is kept once");
    let again = ledger.capture_with(Vec::new(), &pages, &ana()).unwrap();
    assert!(again.iter().all(|receipt| matches!(receipt, RecordOutcome::Already(_))));
    ledger.close().unwrap();
    workshop.audit();
}

/// Runs a command whose standard output is this.
fn into(desk: &Desk, arguments: &[&str], out: Stdio) -> Said {
    let mut command = desk.command(arguments);
    Said::of(&command.stdin(Stdio::null()).stdout(out).output().unwrap())
}

#[test]
fn a_reader_who_goes_away_ends_no_recording_but_is_told_of() {
    let desk = Desk::new();
    let lines = desk.file("lines.jsonl", many(3500).as_bytes());
    let mut command = desk.command(&["--json", "record", &lines]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut heard = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut heard).unwrap();
    assert_eq!(heard, "{\"line\":1,\"at\":1,\"already\":false}\n");
    let said = Said::of(&child.wait_with_output().unwrap());
    let error = said.refusal_json();
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("recorded 3500 events, but the output"), "{message}");
    assert_eq!(desk.entries(), 3501, "what was begun was done");
    // Who only reads may go away.
    let mut command = desk.command(&["--json", "log", "--limit", "100000"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let said = Said::of(&child.wait_with_output().unwrap());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    desk.audit();
}

#[test]
fn receipts_come_a_commit_at_a_time() {
    let desk = Desk::new();
    let mut command = desk.command(&["--json", "record", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(many(1000).as_bytes()).unwrap();
    // The input is not at its end: the receipts come all the same, or this waits for ever.
    let mut receipts = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(receipts.by_ref().take(1000).filter(|line| line.is_ok()).count(), 1000);
    drop(input);
    assert!(receipts.next().unwrap().unwrap().contains("\"recorded\":1000"));
    assert!(child.wait().unwrap().success());
    desk.audit();
}

#[test]
fn what_fails_behind_a_commit_says_first_what_was_recorded() {
    let desk = Desk::with_document("“The quay is closed,” said Ana Berg, a spokesperson.");
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let page = desk.file("page.txt", b"Another page.");
    let third = desk.file("third.txt", b"\"The port is closed,\" said Ben Ek on Monday.");
    let mut next = desk.entries();
    for (arguments, recorded) in [
        (&["name", "Zed", "--kind", "person"][..], 1),
        (&["capture", &page, "--publisher", "The Post"], 2),
        (&["record", "--document", "1", "--quote", "The quay is closed", "--source", "zed"], 1),
        (&["check", "#5", "--quote", "right"], 1),
        (&["ingest", &third, "--record", "--publisher", "The Post"], 0),
    ] {
        let said = into(&desk, arguments, full());
        let after = desk.entries();
        let first = match recorded {
            1 => format!("testimony: recorded #{next}, but the output cannot be written"),
            2 => format!("testimony: recorded #{next} and #{}, but the output", next + 1),
            _ => format!("testimony: recorded #{next} and #{}", next + 1),
        };
        assert!(said.refusal().starts_with(&first), "{said:?}");
        assert!(if recorded > 0 { after == next + recorded } else { after > next }, "{said:?}");
        next = after;
    }
    // Nothing was recorded, and so nothing is said to be.
    let said = into(&desk, &["name", "Zed", "--kind", "person"], full());
    assert!(said.refusal().starts_with("testimony: the output"), "{said:?}");
    // The checkpoint cannot be replaced: what was recorded is said on both streams.
    let (checkpoint, own) = (desk.ledger().join("checkpoint"), desk.ledger().join("own"));
    let mut ledger =
        Ledger::open(desk.ledger(), &Options::default(), Environment::system()).unwrap();
    fs::rename(&checkpoint, &own).unwrap();
    fs::create_dir(&checkpoint).unwrap();
    let draft = Draft::from_line(naming("ben").as_bytes()).unwrap();
    let receipts = ledger.record([draft], &ana()).unwrap();
    assert_eq!(receipts[0].at().get(), next);
    assert!(ledger.close().is_err(), "and closing says why it is not signed");
    fs::remove_dir(&checkpoint).unwrap();
    fs::rename(&own, &checkpoint).unwrap();
    desk.run(&["name", "Cleo", "--kind", "person"]).clean();
    desk.audit();
}

/// Runs a command for another ledger than a desk's.
fn run(arguments: &[&str]) -> Said {
    let mut command = Command::new(BINARY);
    command.env_remove("TESTIMONY_LEDGER").env("TESTIMONY_BY", "Ana").args(arguments);
    Said::of(&command.stdin(Stdio::null()).output().unwrap())
}

#[test]
fn a_clock_that_does_not_go_with_the_newest_entry_is_said() {
    for (seconds, words) in [
        (1_000_000_000, "days after the newest entry"),
        (4_000_000_000_u64, "is before the newest entry"),
    ] {
        let workshop = Workshop::new();
        let folder = workshop.beside("dated");
        let clock = || Environment {
            now: Box::new(move || Timestamp::from_micros(seconds * 1_000_000)),
            ..Environment::system()
        };
        let (name, options) = ("example.org/dated".parse().unwrap(), Options::default());
        Ledger::create(&folder, name, &options, clock()).unwrap();
        let folder = folder.to_str().unwrap();
        let said = run(&["--ledger", folder, "name", "Zed", "--kind", "person"]);
        assert_eq!((said.code, said.out.as_str()), (Some(0), "named zed #1\n"), "{said:?}");
        assert_eq!(said.err.lines().count(), 1, "{said:?}");
        assert!(said.err.contains(words) && said.err.contains("clock"), "{said:?}");
        // Dated now, or at the time that the newest has; a second time nothing need be said where the
        // clock is ahead.
        let again = run(&["--ledger", folder, "name", "Ben", "--kind", "person"]);
        assert_eq!(again.err.is_empty(), seconds < 2_000_000_000, "{again:?}");
        run(&["--ledger", folder, "audit"]).clean();
    }
}

#[test]
fn a_folder_whose_name_steers_a_terminal_is_shown_harmless() {
    let desk = Desk::new();
    for command in ["init", "demo"] {
        let folder = desk.folder().join(format!("{command}\u{1b}[31mred\u{202e}"));
        let folder = folder.to_str().unwrap();
        let said = match command {
            "init" => run(&["--ledger", folder, "init"]),
            _ => run(&["demo", folder]),
        };
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(!said.out.contains(['\u{1b}', '\u{202e}']), "{said:?}");
        assert!(Path::new(folder).join("log").exists());
        let again = match command {
            "init" => run(&["--ledger", folder, "init"]),
            _ => run(&["demo", folder]),
        };
        assert!(!(again.out + &again.err).contains(['\u{1b}', '\u{202e}']));
        run(&["--ledger", folder, "audit"]).clean();
    }
}

#[test]
fn a_log_that_is_gone_is_no_ledger_to_be_made() {
    for gone in ["log", "log/db"] {
        let desk = Desk::with_document("A page about quays.");
        let (log, away) = (desk.ledger().join(gone), desk.folder().join("away"));
        fs::rename(&log, &away).unwrap();
        for arguments in [&["name", "Zed", "--kind", "person"][..], &["rebuild"], &["checkpoint"]] {
            let said = desk.run(arguments);
            let refusal = said.refusal();
            assert!(!refusal.contains("init"), "{refusal}");
            assert!(refusal.contains("is missing: restore it from a backup"), "{refusal}");
        }
        let demo = run(&["demo", desk.ledger().to_str().unwrap()]);
        assert!(demo.code == Some(2) && demo.err.contains("contains another ledger"), "{demo:?}");
        let said = desk.run(&["list", "documents"]);
        assert_eq!(said.code, Some(0), "the views still answer: {said:?}");
        assert!(said.err.contains("the log is missing"), "{said:?}");
        let said = desk.run(&["audit"]);
        assert_eq!(said.code, Some(1), "{said:?}");
        // Without views there is nothing to answer from.
        fs::rename(desk.ledger().join("views"), desk.folder().join("views")).unwrap();
        let said = desk.run(&["list", "documents"]);
        assert!(said.refusal().contains("restore it from a backup"), "{said:?}");
        fs::rename(desk.folder().join("views"), desk.ledger().join("views")).unwrap();
        fs::rename(&away, &log).unwrap();
        desk.audit();
        let nowhere = desk.folder().join("nowhere");
        let said = run(&["--ledger", nowhere.to_str().unwrap(), "rebuild"]);
        assert!(said.refusal().contains("make one with `testimony init`"), "{said:?}");
    }
}
