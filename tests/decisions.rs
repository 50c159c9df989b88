//! Every reason for which a draft is refused, and every way in which a projection fails.

use std::collections::BTreeSet;

use crate::support::workshop::{WAIT, Workshop, ana, draft, named};
use serde_json::{Value, json};
use testimony::archive::Archive;
use testimony::decide::{LocateError, Refusal};
use testimony::document::{DocumentCaptured, Metadata, Reader};
use testimony::draft::Draft;
use testimony::event::{Body, Event, Kind};
use testimony::id::{DocumentId, Sequence};
use testimony::ledger::{Capture, RecordError, StateError};
use testimony::log::memory::MemoryLog;
use testimony::log::{AppendError, EraseError, Log, ReadError, Records, SequenceSpan, StorePlace};
use testimony::moment::Timestamp;
use testimony::page::{self, Format};
use testimony::projection::{ProjectError, catch_up};
use testimony::seal::{HashChain, Record, Salt};
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
        matches!(&like, Refusal::UnknownSource { candidates, .. } if candidates.slugs().count() == 1),
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

fn merged(from: &str, into: &str) -> String {
    line(&json!({"sources_merged": {"from": from, "into": into, "why": "One."}}))
}

fn undone(merge: Sequence) -> String {
    line(&json!({"merge_undone": {"merge": merge.get(), "why": "Two."}}))
}

#[test]
fn sources_are_not_merged_in_a_ring() {
    let workshop = told();
    workshop.record(&[named("ben"), named("cleo"), named("dora")]);
    let first = workshop.record(&[merged("ana", "ben")])[0];
    let back = refusal(&workshop, &merged("ben", "ana"));
    assert!(matches!(&back, Refusal::MergeRing { merge, between, .. }
        if *merge == Some(first) && between.is_empty()));
    assert!(back.to_string().contains(&format!("undo the merge {first} first")), "{back}");
    let second = workshop.record(&[merged("ben", "cleo")])[0];
    let round = refusal(&workshop, &merged("cleo", "ana"));
    assert!(
        matches!(&round, Refusal::MergeRing { merge, between, .. }
        if *merge == Some(first) && between.len() == 1),
        "{round}"
    );
    // Two ways to one source are no ring, nor is the same merge twice.
    workshop.record(&[merged("ana", "cleo"), merged("ana", "ben")]);
    // Undone, each of them lets the other way round be.
    workshop.record(&[undone(second)]);
    let still = refusal(&workshop, &merged("cleo", "ana"));
    assert!(matches!(still, Refusal::MergeRing { .. }), "{still}");
    workshop.record(&[merged("cleo", "ben")]);
    workshop.audit();
}

#[test]
fn what_a_commit_stages_counts_for_rings() {
    let workshop = told();
    let before = workshop.length();
    let last = |lines: &[String], at: usize| match workshop.try_record(lines) {
        Err(RecordError::Refused { index, refusal }) => {
            assert_eq!((index, workshop.length()), (at, before));
            refusal
        }
        other => panic!("{other:?}"),
    };
    let ring = [named("ben"), merged("ana", "ben"), merged("ben", "ana")];
    let refused = last(&ring, 2);
    assert!(matches!(refused, Refusal::MergeRing { .. }), "{refused}");
    // What was refused leaves nothing behind.
    let at = Sequence::new(before + 1).unwrap();
    let again = [named("ben"), merged("ben", "ana"), undone(at), merged("ana", "ben")];
    workshop.record(&again);
    // In one writer's life, before the views are brought up.
    let mut ledger = workshop.open();
    let mut tell = |line: String| ledger.record(vec![draft(&line)], &ana());
    tell(named("cleo")).unwrap();
    tell(merged("ben", "cleo")).unwrap();
    let refused = tell(merged("cleo", "ana"));
    assert!(
        matches!(refused, Err(RecordError::Refused { refusal: Refusal::MergeRing { .. }, .. })),
        "{refused:?}"
    );
    ledger.close().unwrap();
    workshop.audit();
}

fn through(hops: &[&[&str]]) -> String {
    let hop = |sources: &&[&str]| json!({"sources": sources, "role": "said"});
    asserted(json!({"hops": hops.iter().map(hop).collect::<Vec<_>>()}))
}

#[test]
fn a_chain_does_not_come_back_to_a_source() {
    let workshop = told();
    workshop.record(&[named("ben"), named("cleo"), named("dora")]);
    for chain in [
        [&["ana"][..], &["ana"], &["ben"]],
        [&["ana"], &["ben"], &["ana"]],
        [&["ana"], &["ben"], &["cleo", "ana"]],
        [&["critics@"], &["ana"], &["critics@"]],
    ] {
        let refused = refusal(&workshop, &through(&chain));
        let Refusal::ChainRound { source_twice, met_as } = &refused else { panic!("{refused}") };
        assert_eq!(source_twice, met_as);
    }
    // Within one hop nobody is passed on to.
    workshop.record(&[through(&[&["ana", "ben"], &["cleo"]])]);
    let first = workshop.record(&[merged("ben", "dora"), merged("dora", "cleo")])[0];
    let refused = refusal(&workshop, &through(&[&["ben"], &["ana"], &["cleo"]]));
    assert!(
        matches!(&refused, Refusal::ChainRound { source_twice, met_as }
            if source_twice.to_string() == "cleo" && met_as.to_string() == "ben"),
        "{refused}"
    );
    workshop.record(&[undone(first), through(&[&["ben"], &["ana"], &["cleo"]])]);
    workshop.record(&[through(&[&["ben"], &["ana"], &["dora"]])]);
}

#[test]
fn assertions_do_not_revise_themselves() {
    let workshop = told();
    let claims = ["three", "two", "one"].map(|words| {
        let mut claim: Value = serde_json::from_str(&asserted(json!({}))).unwrap();
        claim["event"]["claim_asserted"]["claim"] = json!({"words": words});
        claim.to_string()
    });
    let [one, two, three] = claims.map(|claim| workshop.record(&[claim])[0].get());
    let revises = |left: Value, right: Value| {
        line(&json!({"assertions_related":
            {"left": left, "right": right, "relation": "revises", "why": "x"}}))
    };
    let first = workshop.record(&[revises(json!(two), json!(one))])[0].get();
    let refused = refusal(&workshop, &revises(json!(one), json!(two)));
    assert!(matches!(&refused, Refusal::RevisionRing { between, .. } if between.is_empty()));
    workshop.record(&[revises(json!(three), json!(two))]);
    let round = refusal(&workshop, &revises(json!([one]), json!([three])));
    let is_long = matches!(&round, Refusal::RevisionRing { between, .. } if between.len() == 1);
    assert!(is_long, "{round}");
    assert!(round.to_string().contains("withdraw the relation"), "{round}");
    // Another relation goes where it likes, and one that is withdrawn counts no more: nor does the
    // audit find it.
    let other = revises(json!(one), json!(two)).replace("revises", "responds_to");
    let withdrawn = line(&json!({"event_withdrawn": {"event": first, "why": "x"}}));
    workshop.record(&[other, withdrawn, revises(json!(one), json!(two))]);
    let back = refusal(&workshop, &revises(json!(two), json!(three)));
    assert!(matches!(back, Refusal::RevisionRing { .. }), "{back}");
    // What a commit says of one relation, the next of it sees.
    let more = json!({"claim": {"words": "four"}});
    let four = workshop.record(&[asserted(more)])[0].get();
    let ring = [revises(json!(four), json!(three)), revises(json!(two), json!(four))];
    let ring = workshop.try_record(&ring);
    assert!(matches!(ring, Err(RecordError::Refused { index: 1, .. })), "{ring:?}");
    workshop.audit();
}

fn corrected(document: u64, metadata: Value) -> String {
    line(&json!({"document_corrected": {"document": document, "metadata": metadata, "why": "x"}}))
}

#[test]
fn documents_do_not_rest_on_themselves() {
    let workshop = told();
    let [one, two, three] =
        ["One.", "Two.", "Three."].map(|text| workshop.capture(text, None).sequence().get());
    let itself = refusal(&workshop, &corrected(one, json!({"revises": one})));
    assert!(matches!(itself, Refusal::Itself(_)), "{itself}");
    let from = |document: u64| json!({"derived_from": {"document": document, "how": "ocr"}});
    let itself = refusal(&workshop, &corrected(one, from(one)));
    assert!(matches!(itself, Refusal::Itself(_)), "{itself}");
    workshop.record(&[corrected(two, json!({"revises": one})), corrected(three, from(two))]);
    for (metadata, steps) in [
        (json!({"revises": two}), 0),
        (from(two), 0),
        (json!({"revises": three}), 1),
        (from(three), 1),
    ] {
        let refused = refusal(&workshop, &corrected(one, metadata));
        let Refusal::DocumentRing { between, .. } = &refused else { panic!("{refused}") };
        assert_eq!(between.len(), steps, "{refused}");
    }
    // In one commit, and once what stood in the way was corrected.
    let both = [corrected(one, json!({})), corrected(two, json!({})), corrected(one, from(three))];
    workshop.record(&both[1..]);
    let refused = refusal(&workshop, &corrected(three, json!({"revises": one})));
    assert!(matches!(refused, Refusal::DocumentRing { .. }), "{refused}");
    let turned = [both[0].clone(), corrected(three, json!({"revises": one}))];
    workshop.record(&turned);
    workshop.audit();
}

#[test]
fn a_capture_cannot_rest_on_itself() {
    let workshop = told();
    let next = workshop.length();
    let mut ledger = workshop.open();
    let page = page::read(b"Later.", Format::Plain).unwrap();
    let mut capture = Capture::of(b"Later.", page, ana());
    capture.metadata.revises = Some(DocumentId::at(Sequence::new(next).unwrap()));
    let refused = ledger.capture(capture.clone());
    let is_refused = matches!(
        refused,
        Err(RecordError::Refused { refusal: Refusal::NotKind { found: None, .. }, .. })
    );
    assert!(is_refused, "{refused:?}");
    capture.metadata.revises = Some(DocumentId::at(Sequence::new(1).unwrap()));
    ledger.capture(capture).unwrap();
    // Not brought up to the views yet: the capture counts as it was said.
    let back = draft(&corrected(1, json!({"revises": next})));
    let refused = ledger.record(vec![back], &ana());
    let is_ring =
        matches!(refused, Err(RecordError::Refused { refusal: Refusal::DocumentRing { .. }, .. }));
    assert!(is_ring, "{refused:?}");
    ledger.close().unwrap();
    workshop.audit();
}

#[test]
fn a_long_line_of_speakers_makes_no_ring_either() {
    let workshop = told();
    let speaks = |slug: &str, principal: Option<String>| {
        let mut naming = json!({"slug": slug, "name": slug, "kind": "person"});
        if let Some(principal) = principal {
            naming["speaks_for"] = principal.into();
        }
        line(&json!({"source_named": naming}))
    };
    let line_of = (0..100_u32).map(|step| {
        speaks(&format!("s{step}"), step.checked_sub(1).map(|before| format!("s{before}")))
    });
    workshop.record(&line_of.collect::<Vec<_>>());
    let refused = refusal(&workshop, &speaks("s0", Some("s99".into())));
    assert!(matches!(refused, Refusal::Ring(..)), "{refused}");
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
            lost: SequenceSpan::of(from),
            place: StorePlace::named("a block"),
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
    let mut chain = HashChain::EMPTY;
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
