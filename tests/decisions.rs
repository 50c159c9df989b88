//! Every reason for which a draft is refused, and every way in which a projection fails.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::workshop::{WAIT, Workshop, ana, named};
use testimony::archive::Archive;
use testimony::decide::{LocateError, Refusal};
use testimony::document::{DocumentCaptured, Metadata, Reader};
use testimony::draft::Draft;
use testimony::event::{Body, Event, Kind};
use testimony::id::Sequence;
use testimony::ledger::{RecordError, StateError};
use testimony::log::memory::MemoryLog;
use testimony::log::{AppendError, EraseError, Log, Place, ReadError, Records, Span};
use testimony::moment::Timestamp;
use testimony::projection::{ProjectError, catch_up};
use testimony::seal::{Chain, Record, Salt};
use testimony::view::Views;
use testimony::view::fold::FoldError;

const TEXT: &str = "Ana said that calls end. Ben said that calls go on. Ana left.";

/// #1: the document, #2: Ana, #3: an assertion.
fn told() -> Workshop {
    let workshop = Workshop::new();
    workshop.capture(TEXT, Some("https://example.org/one"));
    workshop.record(&[named("ana"), asserted(json!({}))]);
    workshop
}

fn line(event: &Value) -> String {
    json!({ "event": event }).to_string()
}

fn asserted(changes: Value) -> String {
    let mut assertion = json!({
        "document": 1,
        "content": ["calls end"],
        "hops": [{"sources": ["ana"], "role": "said"}],
    });
    for (field, value) in changes.as_object().unwrap() {
        assertion[field] = value.clone();
    }
    line(&json!({"claim_asserted": assertion}))
}

/// Why a line is refused; nothing of it stays.
#[track_caller]
fn refusal(workshop: &Workshop, line: &str) -> Refusal {
    let before = workshop.length();
    let refusal = match workshop.try_record(&[line.to_owned()]) {
        Err(RecordError::Refused { index: 0, refusal }) => refusal,
        other => panic!("{other:?}"),
    };
    assert_eq!(workshop.length(), before);
    let words = refusal.to_string();
    assert!(!words.is_empty() && !words.contains('\n'), "{words}");
    refusal
}

#[test]
fn a_document_must_be_there_and_be_one() {
    let workshop = told();
    for document in [json!(9), json!("#9"), json!("abcdef0123"), json!("https://example.org/two")] {
        let refusal = refusal(&workshop, &asserted(json!({"document": document})));
        assert!(matches!(refusal, Refusal::NoDocument(_)), "{refusal}");
    }
    let source = refusal(&workshop, &asserted(json!({"document": 2})));
    assert!(matches!(source, Refusal::NoDocument(_)), "{source}");
    workshop.capture("Another capture.", Some("https://example.org/one"));
    let refusal = refusal(&workshop, &asserted(json!({"document": "https://example.org/one"})));
    let two =
        matches!(&refusal, Refusal::SeveralDocuments { candidates, .. } if candidates.len() == 2);
    assert!(two, "{refusal}");
    workshop.audit();
}

#[test]
fn words_must_have_one_place() {
    let workshop = told();
    let located =
        |passage: Value| match refusal(&workshop, &asserted(json!({"content": [passage]}))) {
            Refusal::Locate { what: "content", error } => error,
            other => panic!("{other}"),
        };
    let text = |fields: Value| json!({ "text": fields });
    assert!(matches!(located(json!("calls ended")), LocateError::Absent { .. }));
    assert!(matches!(located(json!("said that")), LocateError::Ambiguous { count: 2, .. }));
    let elsewhere = located(text(json!({"exact": "Ben", "start": 0, "end": 3})));
    assert!(matches!(elsewhere, LocateError::Elsewhere { .. }), "{elsewhere}");
    let beyond = located(text(json!({"exact": "Ben", "start": 4_000_000_000_u32})));
    assert!(matches!(beyond, LocateError::Elsewhere { .. }), "{beyond}");
    let context = located(text(json!({"exact": "Ben", "suffix": " left"})));
    assert!(matches!(context, LocateError::OtherContext { .. }), "{context}");
    let title = located(text(json!({"exact": "Ben", "zone": "title"})));
    assert!(matches!(title, LocateError::NoTitle(_)), "{title}");
    let cue = json!([{"sources": ["ana"], "role": "said", "cue": ["alleged"]}]);
    let refused = refusal(&workshop, &asserted(json!({"hops": cue})));
    assert!(matches!(refused, Refusal::Locate { what: "cue", .. }), "{refused}");
    let refused = refusal(&workshop, &asserted(json!({"condition": "if asked"})));
    assert!(matches!(refused, Refusal::Locate { what: "condition", .. }), "{refused}");
    workshop.audit();
}

#[test]
fn sources_must_have_a_name_or_belong_to_the_document() {
    let workshop = told();
    workshop.capture("Critics speak.", None);
    let by = |source: &str| asserted(json!({"hops": [{"sources": [source], "role": "said"}]}));
    let unknown = refusal(&workshop, &by("ann"));
    assert!(matches!(unknown, Refusal::UnknownSource { .. }), "{unknown}");
    let like = refusal(&workshop, &by("Ana"));
    assert!(
        matches!(&like, Refusal::UnknownSource { candidates, .. } if candidates.len() == 1),
        "{like}"
    );
    let long = refusal(&workshop, &by(&"a".repeat(80)));
    assert!(matches!(long, Refusal::NotSource(_)), "{long}");
    let others = refusal(&workshop, &by("critics@4"));
    assert!(matches!(others, Refusal::OtherDocuments(_)), "{others}");
    let none = refusal(&workshop, &asserted(json!({"hops": []})));
    assert!(matches!(none, Refusal::NoSource), "{none}");
    let against = refusal(&workshop, &asserted(json!({"against": ["nobody"]})));
    assert!(matches!(against, Refusal::UnknownSource { .. }), "{against}");
    workshop.audit();
}

#[test]
fn a_claim_must_have_words_of_a_bearable_length() {
    let workshop = told();
    let long = format!("Long: {}.", "word ".repeat(2000));
    let document = workshop.capture(&long, None).sequence().get();
    let whole = long.trim_end_matches('.').to_owned();
    let refused = refusal(&workshop, &asserted(json!({"document": document, "content": [whole]})));
    assert!(matches!(refused, Refusal::Text(_)), "{refused}");
    workshop.audit();
}

#[test]
fn references_must_be_there_and_of_their_kind() {
    let workshop = told();
    let events = [
        json!({"assertion_checked": {"assertion": 2, "quote": "right"}}),
        json!({"assertion_voided": {"assertion": 99, "why": "x"}}),
        json!({"assertion_retracted": {"assertion": 1, "why": "x"}}),
        json!({"assertions_related": {"left": 3, "right": 1, "relation": "same", "why": "x"}}),
        json!({"claim_reviewed": {"assertion": 1, "reviewer": "ana", "rating": "False"}}),
        json!({"merge_undone": {"merge": 3, "why": "x"}}),
        json!({"document_corrected": {"document": 3, "metadata": {}, "why": "x"}}),
        json!({"document_corrected": {"document": 1, "metadata": {"revises": 3}, "why": "x"}}),
        json!({"note_added": {"target": {"event": 99}, "text": "x"}}),
        json!({"note_added": {"target": {"document": 3}, "text": "x"}}),
        json!({"note_added": {"target": {"source": "critics@3"}, "text": "x"}}),
        json!({"topic_assigned": {"topic": "x", "targets": [{"assertion": 1}]}}),
    ];
    for event in events {
        let refused = refusal(&workshop, &line(&event));
        assert!(matches!(refused, Refusal::NotKind { .. }), "{event}: {refused}");
        let found = matches!(refused, Refusal::NotKind { found: Some(Kind::LedgerOpened), .. });
        assert!(!found, "{event}: {refused}");
    }
    workshop.audit();
}

#[test]
fn nothing_stands_in_a_relation_to_itself_and_a_check_checks_something() {
    let workshop = told();
    for event in [
        json!({"assertions_related": {"left": 3, "right": 3, "relation": "same", "why": "x"}}),
        json!({"sources_merged": {"from": "ana", "into": "ana", "why": "x"}}),
    ] {
        let refused = refusal(&workshop, &line(&event));
        assert!(matches!(refused, Refusal::Itself(_)), "{event}: {refused}");
    }
    // A line that checks nothing is no draft; the command's own way is in tests/refusals.rs.
    let nothing = line(&json!({"assertion_checked": {"assertion": 3}}));
    let refused = Draft::from_line(nothing.as_bytes()).unwrap_err().to_string();
    assert!(refused.contains("nothing was checked"), "{refused}");
    workshop.audit();
}

#[test]
fn a_retraction_quotes_its_document_exactly() {
    let workshop = told();
    let selector = json!({"text": {"zone": "body", "exact": "Ben", "prefix": "", "suffix": "", "start": 0, "end": 3}});
    let retracted = json!({"assertion": 3, "document": 1, "content": [selector], "why": "x"});
    let refused = refusal(&workshop, &line(&json!({"assertion_retracted": retracted})));
    assert!(matches!(refused, Refusal::Locate { .. }), "{refused}");
    workshop.audit();
}

#[test]
fn an_archived_text_that_is_no_text_is_told() {
    let workshop = told();
    let archive = Archive::open(workshop.layout().archive()).unwrap();
    let bytes = archive.put(b"\xff\xfe").unwrap();
    let reader = Reader { name: "raw".parse().unwrap(), version: "1".parse().unwrap() };
    let captured = DocumentCaptured {
        original: bytes,
        text: bytes,
        reader,
        media_type: None,
        file_name: None,
        fetched: None,
        rereads: None,
        metadata: Metadata::default(),
    };
    let body = Body::DocumentCaptured(captured);
    let event = Event { by: ana(), request: None, confidential: false, imported_from: None, body };
    let whole = workshop.beside("whole");
    workshop.copy(&workshop.folder(), &whole);
    let document = workshop.slip_in(&event).get();
    let recorded = workshop.try_record(&[asserted(json!({"document": document}))]);
    assert!(matches!(recorded, Err(RecordError::State(StateError::NotText(_)))), "{recorded:?}");
    workshop.put_back(&whole, &workshop.folder());
    workshop.audit();
}

/// A log of which one record cannot be read.
#[derive(Default)]
struct TornLog(MemoryLog);

impl Log for TornLog {
    fn append(&mut self, expected: Sequence, records: &[Record]) -> Result<(), AppendError> {
        self.0.append(expected, records)
    }

    fn length(&self) -> Sequence {
        self.0.length()
    }

    fn read(&self, from: Sequence) -> Records<'_> {
        let damaged = ReadError::Damaged {
            lost: Span::of(from),
            place: Place::named("a block"),
            fault: "it is torn".into(),
        };
        Box::new(std::iter::once(Err(damaged)))
    }

    fn erase(&mut self, sequences: &BTreeSet<Sequence>) -> Result<(), EraseError> {
        self.0.erase(sequences)
    }
}

/// Records that follow one another.
fn records(count: u64) -> Vec<Record> {
    let mut chain = Chain::EMPTY;
    let event = br#"{"by":{"person":"Ana"},"merge_undone":{}}"#.to_vec();
    let seal = |number| {
        chain.seal(event.clone(), Salt::from_bytes([1; 32]), Timestamp::from_micros(number)).record
    };
    (0..count).map(seal).collect()
}

#[test]
fn a_projection_says_what_in_the_log_it_could_not_fold() {
    let folder = tempfile::tempdir().unwrap();
    let project = |name: &str, log: &dyn Log| {
        catch_up(log, &Views::at(&folder.path().join(name)), WAIT).unwrap_err()
    };
    let mut torn = TornLog::default();
    torn.append(Sequence::ZERO, &records(3)).unwrap();
    assert!(matches!(project("torn", &torn), ProjectError::Read(ReadError::Damaged { .. })));

    let mut nonsense = MemoryLog::new();
    let record = Record { entry: b"no entry".to_vec(), payload: None };
    nonsense.append(Sequence::ZERO, &[record]).unwrap();
    let error = project("nonsense", &nonsense);
    assert!(matches!(error, ProjectError::Fold(FoldError::Prepare(_))), "{error}");

    let mut swapped = MemoryLog::new();
    let mut order = records(3);
    order.swap(1, 2);
    swapped.append(Sequence::ZERO, &order).unwrap();
    let error = project("swapped", &swapped);
    assert!(matches!(error, ProjectError::Fold(FoldError::Chain { .. })), "{error}");

    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = project("file", &swapped);
    assert!(matches!(error, ProjectError::Fold(FoldError::View(_))), "{error}");
}
