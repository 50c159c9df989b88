//! Views that are damaged: nothing of them is believed, nobody blames the log for them, and no writer
//! goes on from them.
//!
//! Knows what readers show, and the views' file as bytes. Must not know how the views are kept.

use std::fs;
use std::path::PathBuf;

use crate::support::blocks;
use crate::support::forge::quiet_contained_panics;
use crate::support::workshop::{WAIT, Workshop, ana, asserted, draft, named};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use redb::{ReadableTable as _, TableDefinition};
use testimony::audit::{self, audit};
use testimony::finding::FindingPlace;
use testimony::id::Sequence;
use testimony::ledger::{Ledger, Options};
use testimony::view::query::{Audience, Inquiry, Question};
use testimony::view::{Snapshot, ViewError, Views};

const TEXT: &str =
    "Ana said that calls end. Ben said that calls go on. Cleo said that 12 calls were made.";

const STATE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("state");

fn workshop() -> Workshop {
    let workshop = Workshop::new();
    let document = workshop.capture(TEXT, None).sequence().get();
    let mut lines: Vec<String> = ["ana", "ben", "cleo"].map(named).into();
    lines.extend((0..120).map(|number| named(&format!("other-{number}"))));
    workshop.record(&lines);
    workshop.record(&[
        asserted(document, "calls end", "ana"),
        asserted(document, "calls go on", "ben"),
        asserted(document, "12 calls were made", "cleo"),
    ]);
    workshop
}

fn file(workshop: &Workshop) -> PathBuf {
    workshop.layout().views().join("views.redb")
}

/// All that readers show: the rows, the claims, the sources, and what is found by words and names.
fn shown(snapshot: &Snapshot) -> Result<Vec<String>, ViewError> {
    let mut shown = Vec::new();
    for seq in 0..snapshot.cursor().next.get() {
        let row = snapshot.row(Sequence::new(seq).unwrap())?;
        shown.push(format!("{row:?}"));
    }
    let inquiry = Inquiry::new(snapshot, None, Audience::Anyone)?;
    for text in ["", "calls", "ana", "other"] {
        let question = Question { text: text.into(), ..Question::default() };
        let numbers = inquiry.assertions(&question)?;
        shown.push(format!("{numbers:?} {:?}", inquiry.speaking(&numbers.all)?));
    }
    shown.push(format!("{:?}", inquiry.sources()?));
    shown.push(format!("{:?}", inquiry.documents(None, None)?));
    Ok(shown)
}

/// What befalls a file.
#[derive(Debug, Clone)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Bytes(prop::sample::Index, Vec<u8>),
    Cut(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index, usize),
    Zeros(prop::sample::Index, usize),
}

fn damages() -> impl Strategy<Value = Damage> {
    let at = any::<prop::sample::Index>;
    let size = || prop_oneof![Just(64usize), Just(512), Just(4096), Just(4100)];
    prop_oneof![
        6 => (at(), 0u8..8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        3 => (at(), vec(any::<u8>(), 1..64)).prop_map(|(at, bytes)| Damage::Bytes(at, bytes)),
        1 => at().prop_map(Damage::Cut),
        2 => (at(), at(), size()).prop_map(|(one, other, size)| Damage::Swap(one, other, size)),
        2 => (at(), size()).prop_map(|(at, size)| Damage::Zeros(at, size)),
    ]
}

fn damaged(whole: &[u8], damage: &Damage) -> Vec<u8> {
    // Most of a new file is empty: damage goes where something is written.
    let used: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
    let mut bytes = whole.to_vec();
    match damage {
        Damage::Flip(at, bit) => bytes[*at.get(&used)] ^= 1 << bit,
        Damage::Bytes(at, new) => {
            let at = *at.get(&used);
            let length = new.len().min(bytes.len() - at);
            bytes[at..at + length].copy_from_slice(&new[..length]);
        }
        Damage::Cut(at) => bytes.truncate(at.index(whole.len())),
        Damage::Swap(one, other, size) => {
            let place = |at: &prop::sample::Index| *at.get(&used) / size * size;
            let (one, other) = (place(one), place(other));
            if one.max(other) + size <= bytes.len() {
                bytes[one..one + size].copy_from_slice(&whole[other..other + size]);
                bytes[other..other + size].copy_from_slice(&whole[one..one + size]);
            }
        }
        Damage::Zeros(at, size) => {
            let at = at.get(&used) / size * size;
            let end = (at + size).min(bytes.len());
            bytes[at..end].fill(0);
        }
    }
    bytes
}

#[test]
fn damaged_views_are_told_or_answer_as_they_did() {
    quiet_contained_panics();
    let workshop = workshop();
    let expected = shown(&workshop.read().snapshot).unwrap();
    let whole = fs::read(file(&workshop)).unwrap();
    let (views, mut told) = (Views::at(&workshop.layout().views()), 0);
    let cases = if std::env::var_os("TESTIMONY_LONG").is_some() { 5000 } else { 250 };
    let told_of = std::cell::RefCell::new(&mut told);
    let trial = |damage: Damage| {
        fs::write(file(&workshop), damaged(&whole, &damage)).unwrap();
        match views.read(WAIT).and_then(|snapshot| shown(&snapshot)) {
            Ok(answers) => prop_assert!(answers == expected, "they are silently wrong"),
            Err(ViewError::Damaged(_) | ViewError::Unfinished | ViewError::Missing) => {
                **told_of.borrow_mut() += 1;
            }
            Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
        }
        Ok(())
    };
    TestRunner::new(ProptestConfig::with_cases(cases)).run(&damages(), trial).unwrap();
    assert!(told > cases / 3, "{told} of {cases}");
    fs::write(file(&workshop), &whole).unwrap();
    workshop.audit();
}

#[test]
fn every_flip_of_a_word_in_the_views_is_told() {
    let workshop = workshop();
    let whole = fs::read(file(&workshop)).unwrap();
    let views = Views::at(&workshop.layout().views());
    let expected = shown(&workshop.read().snapshot).unwrap();
    let places: Vec<usize> =
        (0..whole.len() - 4).filter(|at| &whole[*at..*at + 4] == b"ther").collect();
    assert!(places.len() > 20, "{places:?}");
    let mut told = 0;
    for at in places {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(file(&workshop), bytes).unwrap();
        match views.read(WAIT).and_then(|snapshot| shown(&snapshot)) {
            Ok(answers) => assert_eq!(answers, expected, "at {at}"),
            Err(error) => {
                assert!(error.to_string().contains("damaged"), "{error}");
                assert!(error.to_string().contains("testimony rebuild"), "{error}");
                told += 1;
            }
        }
    }
    assert!(told > 10, "{told}");
    fs::write(file(&workshop), &whole).unwrap();
    workshop.audit();
}

/// Has the views say another cursor, as if that had been written.
fn with_cursor(workshop: &Workshop, change: impl Fn(&mut serde_json::Value)) {
    blocks::change(&file(workshop), |database| {
        let writing = database.begin_write().unwrap();
        {
            let mut state = writing.open_table(STATE).unwrap();
            let kept = state.get("cursor").unwrap().unwrap().value().to_vec();
            let mut cursor = serde_json::from_slice(&kept).unwrap();
            change(&mut cursor);
            state.insert("cursor", serde_json::to_vec(&cursor).unwrap().as_slice()).unwrap();
        }
        writing.commit().unwrap();
    });
}

#[test]
fn a_writer_has_time_and_chain_from_the_log_and_never_from_the_views() {
    let workshop = workshop();
    for (field, value) in [("latest", "2926-01-01T00:00:00.000000Z"), ("log", "example.org/other")]
    {
        with_cursor(&workshop, |cursor| cursor[field] = value.into());
        let mut ledger = workshop.open();
        ledger.record(vec![draft(&named(&format!("after-{field}")))], &ana()).unwrap();
        ledger.close().unwrap();
        let snapshot = workshop.read().snapshot;
        let last = snapshot.cursor().next.get() - 1;
        let row = snapshot.row(Sequence::new(last).unwrap()).unwrap().unwrap();
        assert!(row.at.to_string().as_str() < "2900", "{}", row.at);
    }
    Ledger::rebuild(&workshop.folder(), &Options::default()).unwrap();
    workshop.audit();
}

#[test]
fn a_tree_of_another_log_in_the_views_is_no_fault_of_the_log() {
    let (workshop, other) = (workshop(), workshop());
    let tree = {
        let mut tree = Vec::new();
        blocks::change(&file(&other), |database| {
            let reading = redb::ReadableDatabase::begin_read(database).unwrap();
            tree =
                reading.open_table(STATE).unwrap().get("tree").unwrap().unwrap().value().to_vec();
        });
        tree
    };
    let asks: [fn(&Workshop); 2] =
        [|workshop| assert!(workshop.read().behind.is_none()), |workshop| drop(workshop.open())];
    for ask in asks {
        blocks::change(&file(&workshop), |database| {
            let writing = database.begin_write().unwrap();
            let before = writing.open_table(STATE).unwrap();
            assert_ne!(before.get("tree").unwrap().unwrap().value(), tree);
            drop(before);
            writing.open_table(STATE).unwrap().insert("tree", tree.as_slice()).unwrap();
            writing.commit().unwrap();
        });
        ask(&workshop);
        assert!(workshop.read().behind.is_none());
    }
    workshop.audit();
}

#[test]
fn views_that_are_cut_off_anywhere_never_stop_an_audit() {
    quiet_contained_panics();
    let workshop = workshop();
    let whole = fs::read(file(&workshop)).unwrap();
    let lengths = [0, 1, 8, 320, 512, 4095, 4096, 4099, 4100, 8192, 8200, whole.len() / 2];
    for length in lengths.into_iter().chain([whole.len() - 4100, whole.len() - 1]) {
        fs::write(file(&workshop), &whole[..length]).unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let options = audit::AuditOptions {
            wait: WAIT,
            scratch: scratch.path().to_owned(),
            confidential: false,
        };
        let report = audit(&workshop.folder(), &options).unwrap();
        let elsewhere = report.findings.iter().find(|finding| finding.place != FindingPlace::Views);
        assert!(elsewhere.is_none(), "cut to {length}: {elsewhere:?}");
        if length < whole.len() / 2 {
            assert!(!report.clean(), "cut to {length}");
        }
    }
    fs::write(file(&workshop), &whole).unwrap();
    workshop.audit();
}

#[test]
fn views_from_before_blocks_had_checks_are_of_another_format() {
    let workshop = workshop();
    let expected = shown(&workshop.read().snapshot).unwrap();
    with_cursor(&workshop, |cursor| cursor["format"] = 5.into());
    let kept = fs::read(file(&workshop)).unwrap();
    fs::write(file(&workshop), blocks::plain(&kept)).unwrap();
    let read = Views::at(&workshop.layout().views()).read(WAIT).err();
    assert!(matches!(read, Some(ViewError::OtherFormat(5))), "{read:?}");
    assert_eq!(shown(&workshop.read().snapshot).unwrap(), expected);
    workshop.audit();
}
