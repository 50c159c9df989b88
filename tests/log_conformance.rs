//! The contract of the log, held against every engine: what holds for one holds for all.
//!
//! Knows the trait and how an engine is made and opened again. Must not know how one keeps bytes.

#![allow(clippy::unwrap_used, reason = "a test that fails says so by panicking")]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;
use tempfile::TempDir;
use testimony::id::Sequence;
use testimony::log::memory::MemoryLog;
use testimony::log::sled::SledLog;
use testimony::log::{AppendError, EraseError, Log, ReadError};
use testimony::seal::{MAX_ENTRY_BYTES, MAX_EVENT_BYTES, Payload, Record, Salt};

const WAIT: Duration = Duration::from_secs(5);

/// An engine, and what it takes to open it again.
trait Engine: Log + Sized {
    type Home;
    fn made() -> (Self, Self::Home);
    fn again(self, home: &Self::Home) -> Self;
}

impl Engine for MemoryLog {
    type Home = ();

    fn made() -> (Self, ()) {
        (Self::new(), ())
    }

    fn again(self, (): &()) -> Self {
        self
    }
}

impl Engine for SledLog {
    type Home = (PathBuf, TempDir);

    fn made() -> (Self, Self::Home) {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("log");
        (Self::create(&dir, WAIT).unwrap(), (dir, home))
    }

    fn again(self, (dir, _): &Self::Home) -> Self {
        drop(self);
        Self::open(dir, WAIT).unwrap()
    }
}

fn at(value: u64) -> Sequence {
    Sequence::new(value).unwrap()
}

fn record(number: usize, entry: usize, event: usize) -> Record {
    let byte = u8::try_from(number % 251).unwrap();
    let event = (0..event).map(|place| byte.wrapping_add((place % 7) as u8)).collect();
    let payload = Payload { salt: Salt::from_bytes([byte; 32]), event };
    Record { entry: vec![byte; entry], payload: Some(payload) }
}

fn records(count: usize) -> Vec<Record> {
    (0..count).map(|number| record(number, 220, 300 + number % 1200)).collect()
}

fn all(log: &impl Log, from: u64) -> Vec<(Sequence, Record)> {
    log.read(at(from)).collect::<Result<_, ReadError>>().unwrap()
}

fn numbered(records: &[Record], from: usize) -> Vec<(Sequence, Record)> {
    (from as u64..).map(at).zip(records[from.min(records.len())..].iter().cloned()).collect()
}

fn set(sequences: &[u64]) -> BTreeSet<Sequence> {
    sequences.iter().copied().map(at).collect()
}

fn what_is_appended_is_read_back_in_order_from_anywhere<E: Engine>() {
    let (mut log, home) = E::made();
    let records = records(100);
    log.append(at(0), &records[..1]).unwrap();
    log.append(at(1), &records[1..60]).unwrap();
    log.append(at(60), &records[60..]).unwrap();
    let log = log.again(&home);
    assert_eq!(log.length(), at(100));
    for from in [0, 1, 2, 59, 60, 61, 99, 100, 5000] {
        assert_eq!(all(&log, from), numbered(&records, from as usize), "from {from}");
    }
    for number in [0, 1, 59, 60, 99] {
        assert_eq!(log.get(at(number)).unwrap().as_ref(), records.get(number as usize));
    }
    assert_eq!(log.get(at(100)), Ok(None));
}

fn a_writer_who_was_overtaken_is_refused<E: Engine>() {
    let (mut log, _home) = E::made();
    log.append(at(0), &records(3)).unwrap();
    for wrong in [0, 2, 4] {
        let refusal = log.append(at(wrong), &records(1)).unwrap_err();
        let moved = matches!(
            refusal,
            AppendError::Moved { expected, actual } if expected == at(wrong) && actual == at(3)
        );
        assert!(moved, "{refusal}");
    }
    log.append(at(3), &records(1)).unwrap();
    assert_eq!(log.length(), at(4));
}

fn nothing_appended_is_nothing_done<E: Engine>() {
    let (mut log, home) = E::made();
    log.append(at(7), &[]).unwrap();
    let log = log.again(&home);
    assert_eq!(log.length(), at(0));
    assert_eq!(all(&log, 0), []);
}

fn the_largest_fit_and_one_byte_more_is_refused_before_writing<E: Engine>() {
    let (mut log, home) = E::made();
    let kept = [
        record(1, 220, 900),
        record(2, MAX_ENTRY_BYTES, MAX_EVENT_BYTES),
        record(3, 220, 7000),
        record(4, MAX_ENTRY_BYTES, MAX_EVENT_BYTES),
        record(5, 0, 0),
    ];
    log.append(at(0), &kept).unwrap();
    let entry = [record(6, 1, 1), record(7, MAX_ENTRY_BYTES + 1, 1)];
    let event = [record(6, 1, 1), record(7, 1, MAX_EVENT_BYTES + 1)];
    assert!(matches!(
        log.append(at(5), &entry),
        Err(AppendError::EntryTooLarge { sequence, found: 1025 }) if sequence == at(6)
    ));
    assert!(matches!(
        log.append(at(5), &event),
        Err(AppendError::EventTooLarge { sequence, found: 65_537 }) if sequence == at(6)
    ));
    let log = log.again(&home);
    for from in 0..6 {
        assert_eq!(all(&log, from), numbered(&kept, from as usize), "from {from}");
    }
}

fn erasing_takes_the_payload_and_keeps_the_entry<E: Engine>() {
    let (mut log, home) = E::made();
    let mut records = records(80);
    records.insert(40, record(40, 220, MAX_EVENT_BYTES));
    log.append(at(0), &records).unwrap();
    log.erase(&set(&[0, 40, 80])).unwrap();
    log.erase(&set(&[40, 41])).unwrap();
    log.erase(&set(&[])).unwrap();
    for number in [0, 40, 41, 80] {
        records[number].payload = None;
    }
    assert_eq!(all(&log, 0), numbered(&records, 0));
    log.append(at(81), &records[1..2]).unwrap();
    records.push(records[1].clone());
    assert_eq!(all(&log.again(&home), 0), numbered(&records, 0));
}

fn what_is_not_there_cannot_be_erased<E: Engine>() {
    let (mut log, _home) = E::made();
    log.append(at(0), &records(3)).unwrap();
    let refusal = log.erase(&set(&[1, 3])).unwrap_err();
    assert!(matches!(
        refusal,
        EraseError::Beyond { sequence, length } if sequence == at(3) && length == at(3)
    ));
    assert_eq!(all(&log, 0), numbered(&records(3), 0));
}

#[derive(Debug, Clone)]
enum Step {
    Append(Vec<(usize, usize)>),
    Erase(Vec<prop::sample::Index>),
    Again,
}

fn step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![8 => 0usize..2000, 1 => 7000usize..40_000];
    prop_oneof![
        6 => prop::collection::vec((0usize..400, size), 1..30).prop_map(Step::Append),
        1 => prop::collection::vec(any::<prop::sample::Index>(), 1..4).prop_map(Step::Erase),
        1 => Just(Step::Again),
    ]
}

fn any_history_ends_as_a_plain_vector_says<E: Engine>(cases: u32) {
    // A failing history is shrunk and printed; a file of seeds beside the test is not needed.
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let histories = prop::collection::vec(step(), 1..9);
    let outcome = runner.run(&(histories, any::<prop::sample::Index>()), |(steps, from)| {
        let (mut log, home) = E::made();
        let mut model: Vec<Record> = Vec::new();
        for step in steps {
            match step {
                Step::Append(sizes) => {
                    let sizes = sizes.into_iter().zip(model.len()..);
                    let added: Vec<_> = sizes
                        .map(|((entry, event), number)| record(number, entry, event))
                        .collect();
                    log.append(log.length(), &added).unwrap();
                    model.extend(added);
                }
                Step::Erase(_) if model.is_empty() => {}
                Step::Erase(picks) => {
                    let picks: Vec<_> = picks.iter().map(|pick| pick.index(model.len())).collect();
                    log.erase(&picks.iter().map(|&pick| at(pick as u64)).collect()).unwrap();
                    picks.iter().for_each(|&pick| model[pick].payload = None);
                }
                Step::Again => log = log.again(&home),
            }
        }
        let from = from.index(model.len() + 1);
        prop_assert_eq!(log.length(), at(model.len() as u64));
        prop_assert_eq!(all(&log, 0), numbered(&model, 0));
        prop_assert_eq!(all(&log, from as u64), numbered(&model, from));
        Ok(())
    });
    outcome.unwrap();
}

macro_rules! conformance {
    ($engine:ident, $log:ty, $cases:literal, $($law:ident)*) => {
        mod $engine {
            use super::*;

            $(
                #[test]
                fn $law() {
                    super::$law::<$log>();
                }
            )*

            #[test]
            fn any_history_ends_as_a_plain_vector_says() {
                super::any_history_ends_as_a_plain_vector_says::<$log>($cases);
            }
        }
    };
    ($engine:ident, $log:ty, $cases:literal) => {
        conformance!(
            $engine, $log, $cases,
            what_is_appended_is_read_back_in_order_from_anywhere
            a_writer_who_was_overtaken_is_refused
            nothing_appended_is_nothing_done
            the_largest_fit_and_one_byte_more_is_refused_before_writing
            erasing_takes_the_payload_and_keeps_the_entry
            what_is_not_there_cannot_be_erased
        );
    };
}

conformance!(in_memory, MemoryLog, 64);
conformance!(in_sled, SledLog, 12);
