//! A ledger of the format's first draft is refused in one clear line, whoever asks, and keeps its
//! bytes.
//!
//! `tests/fixtures/ledger-v0` is the bundled demonstration and one event more of each kind, as the
//! first draft wrote it: log, archive and checkpoint, without views and without the key. It is never
//! written anew: no program of this repository can.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use testimony::audit::{self, AuditError};
use testimony::ledger::{Environment, Ledger, OpenError, Options};
use testimony::log::sled::{self, SledLog};

/// What every command says.
const REFUSAL: &str = "has format 0, the first draft, but this version reads format 1: keep the old \
                       program for it, and record its claims again in a new ledger";

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
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ledger-v0");
    copy(&fixture, &folder);
    (scratch, folder)
}

/// Its key was thrown away.
fn keyless() -> Options {
    Options { unsigned: true, ..Options::default() }
}

fn testimony(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_testimony"));
    command.env_remove("TESTIMONY_LEDGER").env_remove("TESTIMONY_BY").arg("--ledger").arg(folder);
    command.args(arguments).output().unwrap()
}

#[test]
fn the_library_refuses_it_wherever_it_is_opened() {
    let (_scratch, folder) = old_ledger();
    let is_draft =
        |error: &OpenError| matches!(error, OpenError::Log(sled::OpenLogError::FirstDraft(_)));
    let opened = Ledger::open(&folder, &keyless(), Environment::system()).err().unwrap();
    assert!(is_draft(&opened), "{opened}");
    let read = Ledger::read(&folder, &keyless()).err().unwrap();
    assert!(is_draft(&read), "{read}");
    let rebuilt = Ledger::rebuild(&folder, &keyless()).unwrap_err();
    assert!(is_draft(&rebuilt), "{rebuilt}");
    let scratch = tempfile::tempdir().unwrap();
    let options = audit::AuditOptions {
        wait: keyless().wait,
        scratch: scratch.path().to_owned(),
        confidential: false,
    };
    let audited = audit::audit(&folder, &options).unwrap_err();
    assert!(matches!(audited, AuditError::Log(sled::OpenLogError::FirstDraft(_))), "{audited}");
    assert!(audited.to_string().contains(&*folder.join("log").to_string_lossy()), "{audited}");
}

#[test]
fn every_command_says_so_once() {
    let (_scratch, folder) = old_ledger();
    let page = folder.with_file_name("page.txt");
    fs::write(&page, "There were 11.8 million of them, said SOAX.").unwrap();
    let page = page.to_str().unwrap();
    let commands: [&[&str]; 9] = [
        &["audit"],
        &["rebuild"],
        &["who", "telegram"],
        &["list", "sources"],
        &["show", "#2"],
        &["log"],
        &["--unsigned", "--by", "Ana", "capture", page],
        &["--unsigned", "--by", "Ana", "name", "SOAX", "--kind", "dataset"],
        &["checkpoint"],
    ];
    for arguments in commands {
        let said = testimony(&folder, arguments);
        let error = String::from_utf8_lossy(&said.stderr).into_owned();
        assert_eq!(said.status.code(), Some(2), "{arguments:?}: {error}");
        assert_eq!(error.matches(REFUSAL).count(), 1, "{arguments:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{arguments:?}: {error}");
        assert!(said.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn it_is_not_taken_for_damage_nor_damage_for_it() {
    let (_scratch, folder) = old_ledger();
    let scratch = tempfile::tempdir().unwrap();
    let log = folder.join("log");
    let refused = SledLog::open_copy(&log, scratch.path(), keyless().wait).err().unwrap();
    assert!(matches!(refused, sled::OpenLogError::FirstDraft(_)), "{refused}");
    // One byte of its first event changed: sled or the check sees it, and it is no draft any more.
    let db = log.join("db");
    let mut bytes = fs::read(&db).unwrap();
    let opening = b"ledger_opened";
    let places: Vec<usize> = (0..bytes.len() - opening.len())
        .filter(|&place| bytes[place..].starts_with(opening))
        .collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place] ^= 1;
    }
    fs::write(&db, bytes).unwrap();
    let refused = SledLog::open(&log, keyless().wait).err();
    assert!(!matches!(refused, Some(sled::OpenLogError::FirstDraft(_))), "{refused:?}");
    assert!(refused.is_some(), "whatever it is, it is no log of this version");
}
