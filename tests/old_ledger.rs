//! A ledger written long ago still opens, rebuilds, answers and audits clean.
//!
//! `tests/fixtures/ledger-v0` is the bundled demonstration and one event more of each kind that can
//! be drafted, as the first version of the format wrote it: log, archive and checkpoint, without
//! views and without the key. It must not be written anew while the format's version is 0; a new
//! version gets a folder of its own beside it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use testimony::draft::Draft;
use testimony::event::{Event, Kind, Recorder};
use testimony::id::DocumentId;
use testimony::ledger::{Ledger, Options, Surroundings};
use testimony::log::Log;
use testimony::log::sled::SledLog;
use testimony::view::query::{Inquiry, Question, origin};

/// Entries in the fixture.
const ENTRIES: u64 = 90;

/// One event of each kind that can be drafted and that the demonstration has none of.
const MORE: &[&str] = &[
    r#"{"event":{"source_named":{"slug":"soax-ltd","name":"SOAX Ltd","kind":"organisation"}}}"#,
    r#"{"event":{"sources_merged":{"from":"soax-ltd","into":"soax","why":"one company"}}}"#,
    r#"{"event":{"merge_undone":{"merge":MERGE,"why":"for the sake of the example"}}}"#,
    r#"{"event":{"document_corrected":{"document":DOCUMENT,"metadata":METADATA,"why":"an example"}}}"#,
    r#"{"event":{"assertion_checked":{"assertion":ONE,"quote":"right","speaker":"right"}}}"#,
    r#"{"event":{"assertions_related":{"left":OTHER,"right":ONE,"relation":"different","why":"an example"}}}"#,
    r#"{"event":{"topic_assigned":{"topic":"calls","targets":[{"assertion":ONE}]}}}"#,
    r#"{"event":{"note_added":{"target":{"document":DOCUMENT},"text":"an example"}}}"#,
    r#"{"event":{"claim_reviewed":{"assertion":OTHER,"reviewer":"soax","rating":"an example"}}}"#,
    r#"{"event":{"assertion_retracted":{"assertion":OTHER,"why":"an example"}}}"#,
    r#"{"event":{"assertion_voided":{"assertion":OTHER,"why":"an example"}}}"#,
];

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ledger-v0")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(source, target).unwrap();
        }
    }
}

/// The old ledger, copied so that opening it changes nothing here.
fn old_ledger() -> (tempfile::TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("ledger");
    copy(&fixture(), &folder);
    (scratch, folder)
}

/// Its key was thrown away.
fn keyless() -> Options {
    Options { unsigned: true, ..Options::default() }
}

fn testimony(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_testimony"));
    command.env_remove("TESTIMONY_LEDGER").env_remove("TESTIMONY_BY").arg("--ledger").arg(folder);
    command.args(arguments).output().unwrap()
}

#[test]
fn an_old_log_is_read_strictly_to_its_end() {
    let (_scratch, folder) = old_ledger();
    let log = SledLog::open(&folder.join("log"), keyless().wait).unwrap();
    assert_eq!(log.length().get(), ENTRIES);
    let mut kinds = Vec::new();
    for (_, record) in log.read(Default::default()).map(Result::unwrap) {
        kinds.push(Event::decode(&record.payload.unwrap().event).unwrap().body.kind());
    }
    let lacking = [Kind::EventDisclosed, Kind::EventErased, Kind::KeyRotated];
    for kind in Kind::ALL.iter().filter(|kind| !lacking.contains(kind)) {
        assert!(kinds.contains(kind), "no {}", kind.tag());
    }
}

#[test]
fn an_old_ledger_rebuilds_and_answers() {
    let (_scratch, folder) = old_ledger();
    assert_eq!(Ledger::rebuild(&folder, &keyless()).unwrap(), ENTRIES);
    let reading = Ledger::read(&folder, &keyless()).unwrap();
    let inquiry = Inquiry::new(&reading.snapshot, None, Default::default()).unwrap();
    let question = Question { text: "11.8 million".into(), ..Question::default() };
    let found = inquiry.assertions(&question).unwrap().all;
    let assertion = inquiry.assertion(found[0].try_into().unwrap()).unwrap().unwrap();
    assert_eq!(origin(&assertion.asserted)[0].to_string(), "soax");
}

#[test]
fn an_old_ledger_stands_by_its_checkpoint_and_goes_on() {
    let (_scratch, folder) = old_ledger();
    // Opening verifies the checkpoint's signature, and that the log extends it.
    let mut ledger = Ledger::open(&folder, &keyless(), Surroundings::system()).unwrap();
    let note = r#"{"event":{"note_added":{"target":{"event":0},"text":"still here"}}}"#;
    let drafts = vec![Draft::from_line(note.as_bytes()).unwrap()];
    let receipts = ledger.record(drafts, &Recorder::person("Ana".parse().unwrap())).unwrap();
    assert_eq!(receipts[0].at().get(), ENTRIES);
    ledger.close().unwrap();
}

#[test]
fn an_old_ledger_audits_clean() {
    let (_scratch, folder) = old_ledger();
    Ledger::rebuild(&folder, &keyless()).unwrap();
    let audited = testimony(&folder, &["--unsigned", "audit"]);
    let said = String::from_utf8_lossy(&audited.stdout).into_owned();
    assert_eq!(
        audited.status.code(),
        Some(0),
        "{said}{}",
        String::from_utf8_lossy(&audited.stderr)
    );
}

/// What of a folder is fixed: not the views, which are made anew, nor the key, which is secret.
fn freeze(folder: &Path) {
    fs::remove_dir_all(folder.join("views")).unwrap();
    fs::remove_file(folder.join("key")).unwrap();
    fs::remove_file(folder.join("log.lock")).unwrap();
    // Empty folders are lost in version control: the fixture must not need them.
    fs::remove_dir(folder.join("log/blobs")).unwrap();
    let _ = fs::remove_dir_all(fixture());
    copy(folder, &fixture());
}

/// For a new version of the format, under a new folder's name:
/// `cargo test --test old_ledger -- --ignored`.
#[test]
#[ignore = "writes the fixture anew"]
fn write_an_old_ledger() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("ledger");
    let made = testimony(&folder, &["demo", folder.to_str().unwrap()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut ledger = Ledger::open(&folder, &Options::default(), Surroundings::system()).unwrap();
    let inquiry = Inquiry::new(ledger.snapshot(), None, Default::default()).unwrap();
    let assertions = inquiry.assertions(&Question::default()).unwrap().all;
    let document = inquiry.documents(None, None).unwrap().all[0];
    let known = inquiry.document(DocumentId::at(document.try_into().unwrap())).unwrap().unwrap();
    let mut metadata = known.captured.metadata;
    metadata.authors = vec!["An Author".parse().unwrap()];
    let metadata = serde_json::to_string(&metadata).unwrap();
    // The naming goes first, so that the merge is the entry after it.
    let merge = ledger.length().get() + 1;
    let names = [
        ("MERGE", merge),
        ("DOCUMENT", document),
        ("ONE", assertions[0]),
        ("OTHER", assertions[1]),
    ];
    let drafts = MORE.iter().map(|line| {
        let fill =
            |line: String, (name, number): &(&str, u64)| line.replace(name, &number.to_string());
        let line = line.replace("METADATA", &metadata);
        let line = names.iter().fold(line, fill);
        Draft::from_line(line.as_bytes()).unwrap()
    });
    let drafts: Vec<Draft> = drafts.collect();
    ledger.record(drafts, &Recorder::person("Ana".parse().unwrap())).unwrap();
    ledger.close().unwrap();
    freeze(&folder);
}
