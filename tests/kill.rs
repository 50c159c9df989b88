//! A writer killed while it records, again and again: what it said was recorded is there.
//!
//! Knows how to kill a process, and what a writer promises. Must not know how it keeps that promise.
//! The writer is this very test program, started once more; it records until it dies.

#![allow(clippy::print_stdout, reason = "a long test says how far it came")]
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use crate::support::forge::{Forge, ana, at, captured, draft};
use serde_json::json;
use testimony::event::{Body, Event};
use testimony::ledger::{Environment, Ledger, Options, RecordOutcome};
use testimony::log::Log as _;
use testimony::log::sled::SledLog;

/// Names the ledger to the writer, and makes a test program one.
const LEDGER: &str = "TESTIMONY_TEST_KILLED_WRITER";
/// How a line begins that says: this entry, with these words, is recorded.
const RECORDED: &str = "recorded ";

/// Not a test of its own: the writer, when there is a ledger to write to.
#[test]
#[ignore = "other tests run it, and kill it"]
fn the_writer_that_is_killed() {
    let folder = std::env::var_os(LEDGER).expect("a ledger to write to");
    let options = Options::default();
    let mut ledger = Ledger::open(Path::new(&folder), &options, Environment::system()).unwrap();
    let mut out = std::io::stdout();
    for round in 0.. {
        let seed = format!("{}-{round}", std::process::id());
        let words: Vec<String> =
            (0..round % 7 + 1).map(|number| format!("{seed}-{number}")).collect();
        let lines = words.iter().map(|words| {
            let note = json!({ "target": { "source": "soax" }, "text": words });
            draft(&json!({ "event": { "note_added": note } }).to_string())
        });
        let receipts = ledger.record(lines, &ana()).unwrap();
        for (receipt, words) in receipts.iter().zip(&words) {
            writeln!(out, "{RECORDED}{} {words}", receipt.at().get()).unwrap();
        }
        if round % 3 == 0 {
            let receipt = ledger.capture(captured(&seed, r#"{"publisher":"courier"}"#)).unwrap();
            assert!(matches!(receipt, RecordOutcome::Recorded(_)));
            writeln!(out, "{RECORDED}{} {seed}", receipt.at().get()).unwrap();
        }
        out.flush().unwrap();
        if round % 5 == 4 {
            ledger.settle().unwrap();
        }
        if round % 4 == 3 {
            ledger.checkpoint().unwrap();
        }
    }
}

fn start(folder: &Path) -> (Child, Receiver<(u64, String)>) {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["kill::the_writer_that_is_killed", "--exact", "--ignored", "--nocapture"])
        .env(LEDGER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in lines {
            // The last line may have been cut: what was not said whole was not said.
            let Ok(line) = line else { return };
            let said = line.strip_prefix(RECORDED).and_then(|said| said.split_once(' '));
            let Some((number, words)) = said else { continue };
            let _ = sender.send((number.parse().unwrap(), words.to_owned()));
        }
    });
    (writer, receiver)
}

/// Kills the writer some time after it first said something, or before it could.
fn killed_after(folder: &Path, patience: Duration, early: bool) -> Vec<(u64, String)> {
    let (mut writer, said) = start(folder);
    let mut heard = Vec::new();
    if !early {
        heard.extend(said.recv_timeout(Duration::from_secs(60)));
        assert!(!heard.is_empty(), "the writer said nothing");
    }
    thread::sleep(patience);
    writer.kill().unwrap();
    writer.wait().unwrap();
    heard.extend(said.iter());
    heard
}

/// Every entry that was said to be recorded, with its words.
fn all_there(forge: &Forge, said: &BTreeMap<u64, String>) {
    let log = SledLog::open(&forge.path("log"), Duration::from_secs(30)).unwrap();
    let first = said.keys().next().copied().unwrap_or_default();
    let mut wanted = said.clone();
    for read in log.read(at(first)) {
        let (seq, record) = read.unwrap();
        let Some(words) = wanted.remove(&seq.get()) else { continue };
        match Event::decode(&record.payload.unwrap().event).unwrap().body {
            Body::NoteAdded(note) => assert_eq!(note.text.as_str(), words),
            Body::DocumentCaptured(captured) => {
                let text = testimony::digest::ContentHash::of(words.as_bytes());
                assert_eq!(captured.text, text);
            }
            other => panic!("{seq} is {other:?}"),
        }
    }
    assert!(wanted.is_empty(), "{wanted:?} were said to be recorded and are gone");
}

#[test]
fn a_killed_writer_loses_nothing_it_acknowledged() {
    let forge = Forge::recorded();
    let long = std::env::var_os("TESTIMONY_LONG").is_some();
    let rounds = if long { 200 } else { 8 };
    let (mut total, mut unfinished) = (0, 0);
    for round in 0..rounds {
        // Spread over the writer's life: opening, folding, appending, signing.
        let patience = Duration::from_millis(round * 37 % 113);
        let heard = killed_after(&forge.folder(), patience, round % 4 == 3);
        total += heard.len();
        all_there(&forge, &heard.into_iter().collect());
        // Its checkpoint may trail the log and never leads it, or this would not be clean. A capture
        // cut short leaves an unfinished file, which is no finding and which the next writer removes.
        let report = forge.audit();
        assert!(report.clean(), "after {round} kills: {:?}", report.findings);
        unfinished += report.files.unfinished;
    }
    assert!(total > 0);
    forge.open().close().unwrap();
    let report = forge.audit();
    assert!(report.clean(), "{:?}", report.findings);
    assert_eq!(report.files.unfinished, 0, "of {unfinished} unfinished files");
    assert!(!report.views.stale && report.unsigned == 0);
    println!("{rounds} kills, {total} entries acknowledged, {} recorded", report.entries);
}
