//! The ledger's promises: what it refuses to open, what a crash leaves, and what a commit is.

use std::fs;
use std::time::Duration;

use crate::support::blocks;
use crate::support::workshop::{WAIT, Workshop, ana, asserted, draft, named};
use redb::{ReadableTable as _, TableDefinition};
use serde_json::json;
use testimony::decide::Refusal;
use testimony::draft::Draft;
use testimony::event::{Body, Event, LedgerOpened, NoteAdded, Target};
use testimony::id::{DocumentId, EventId, Sequence, SourceId};
use testimony::ledger::{
    Behind, Ledger, OpenError, Options, RecordError, RecordOutcome, StateError,
    WriteCheckpointError,
};
use testimony::log::sled;
use testimony::projection::ProjectError;
use testimony::view::fold::{Fold, FoldError};
use testimony::view::query::{Audience, Inquiry, Question};
use testimony::view::{Snapshot, ViewError, Views, difference};

const TEXT: &str =
    "Ana said that calls end. Ben said that calls go on. Calls, said Cleo, are calls.";

fn slugs(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| named(&format!("s-{number}"))).collect()
}

fn asked(snapshot: &Snapshot, before: Option<Sequence>, question: &Question) -> Vec<u64> {
    let inquiry = Inquiry::new(snapshot, before, Audience::Anyone).unwrap();
    inquiry.assertions(question).unwrap().all.into_iter().map(Sequence::get).collect()
}

fn by(slug: &str) -> Question {
    Question { source: Some(SourceId::Named(slug.parse().unwrap())), ..Question::default() }
}

/// Checks that the views are what a fold of the whole log gives.
#[track_caller]
fn views_are_the_logs(workshop: &Workshop) {
    let views = workshop.read().snapshot;
    let copy = workshop.beside("rebuilt");
    workshop.copy(&workshop.folder(), &copy);
    Ledger::rebuild(&copy, &Options::default()).unwrap();
    let rebuilt = Ledger::read(&copy, &Options::default()).unwrap().snapshot;
    assert_eq!(difference::between(&views, &rebuilt).unwrap(), []);
    fs::remove_dir_all(copy).unwrap();
}

#[test]
fn a_log_shorter_than_its_checkpoint_does_not_open() {
    let workshop = Workshop::new();
    workshop.record(&slugs(0..5));
    let (short, whole) = (workshop.beside("short"), workshop.beside("whole"));
    let log = workshop.layout().log();
    workshop.copy(&log, &short);
    workshop.record(&slugs(5..9));
    workshop.copy(&log, &whole);
    workshop.put_back(&short, &log);
    let refusal = workshop.refusal();
    assert!(matches!(refusal, OpenError::Log(sled::OpenLogError::Suspect { .. })), "{refusal}");
    // Nor where nothing beside the log says what it was.
    fs::remove_file(log.with_extension("closed")).unwrap();
    fs::remove_file(log.with_extension("acknowledged")).unwrap();
    let refusal = workshop.refusal();
    assert!(matches!(refusal, OpenError::Log(sled::OpenLogError::Suspect { .. })), "{refusal}");
    assert!(refusal.to_string().contains("only 6 entries in it can be read, but 10 "), "{refusal}");
    workshop.put_back(&whole, &log);
    assert_eq!(workshop.length(), 10);
    workshop.audit();
}

#[test]
fn a_log_that_does_not_extend_its_checkpoint_does_not_open() {
    let workshop = Workshop::new();
    let twin = workshop.beside("twin");
    workshop.copy(&workshop.folder(), &twin);
    workshop.record(&slugs(0..3));
    let mut other = Ledger::open(&twin, &Options::default(), workshop.surroundings()).unwrap();
    other.record(vec![draft(&named("other")), draft(&named("another"))], &ana()).unwrap();
    other.close().unwrap();
    let (checkpoint, own) = (workshop.layout().checkpoint(), workshop.beside("own"));
    workshop.copy(&checkpoint, &own);
    workshop.put_back(&twin.join("checkpoint"), &checkpoint);
    let refusal = workshop.refusal();
    assert!(matches!(refusal, OpenError::Forked { signed: 3 }), "{refusal}");
    workshop.put_back(&own, &checkpoint);
    workshop.audit();
}

#[test]
fn a_checkpoint_that_does_not_verify_or_read_keeps_the_ledger_shut() {
    let workshop = Workshop::new();
    let (checkpoint, own) = (workshop.layout().checkpoint(), workshop.beside("own"));
    workshop.copy(&checkpoint, &own);
    let other = Workshop::new();
    workshop.put_back(&other.layout().checkpoint(), &checkpoint);
    assert!(matches!(workshop.refusal(), OpenError::Checkpoint(_)));
    fs::write(&checkpoint, "nonsense").unwrap();
    assert!(matches!(workshop.refusal(), OpenError::Checkpoint(_)));
    fs::remove_file(&checkpoint).unwrap();
    fs::create_dir(&checkpoint).unwrap();
    assert!(matches!(workshop.refusal(), OpenError::CheckpointFile(_)));
    workshop.put_back(&own, &checkpoint);
    workshop.audit();
}

#[test]
fn another_key_or_none_is_refused_and_unsigned_writing_leaves_the_checkpoint() {
    let workshop = Workshop::new();
    let (key, away) = (workshop.layout().key(), workshop.beside("away"));
    let other = Workshop::new();
    let options = Options { key: Some(other.layout().key()), ..Options::default() };
    let opened = Ledger::open(&workshop.folder(), &options, workshop.surroundings());
    assert!(matches!(opened.err(), Some(OpenError::OtherKey(_))));
    fs::rename(&key, &away).unwrap();
    assert!(matches!(workshop.refusal(), OpenError::NoKey(_)));

    let signed = fs::read(workshop.layout().checkpoint()).unwrap();
    let unsigned = Options { unsigned: true, ..Options::default() };
    let mut ledger = Ledger::open(&workshop.folder(), &unsigned, workshop.surroundings()).unwrap();
    ledger.record(vec![draft(&named("x"))], &ana()).unwrap();
    assert!(matches!(ledger.checkpoint(), Err(WriteCheckpointError::Unsigned)));
    ledger.close().unwrap();
    assert_eq!(fs::read(workshop.layout().checkpoint()).unwrap(), signed);

    fs::rename(&away, &key).unwrap();
    workshop.open().close().unwrap();
    assert_ne!(fs::read(workshop.layout().checkpoint()).unwrap(), signed, "it catches up");
    workshop.audit();
}

#[test]
fn no_ledger_is_opened_where_none_is_and_none_is_made_where_something_is() {
    let workshop = Workshop::new();
    let nowhere = workshop.beside("nowhere");
    let opened = Ledger::open(&nowhere, &Options::default(), workshop.surroundings());
    assert!(matches!(opened.err(), Some(OpenError::Absent(_))));
    assert!(matches!(
        Ledger::read(&nowhere, &Options::default()).err(),
        Some(OpenError::Absent(_))
    ));
    let create = |folder: &std::path::Path| {
        let name = "example.org/again".parse().unwrap();
        Ledger::create(folder, name, &Options::default(), workshop.surroundings())
    };
    assert!(matches!(create(&workshop.folder()), Err(OpenError::Exists(_))));
    fs::write(workshop.beside("file"), "").unwrap();
    let within = workshop.beside("file").join("ledger");
    assert!(matches!(create(&within), Err(OpenError::Folder { .. })));
    workshop.audit();
}

#[test]
fn a_ledger_without_randomness_is_not_made() {
    let workshop = Workshop::new();
    let mut surroundings = workshop.surroundings();
    surroundings.random = Box::new(|| Err(testimony::seal::SaltError));
    let folder = workshop.beside("second");
    let name = "example.org/second".parse().unwrap();
    let made = Ledger::create(&folder, name, &Options::default(), surroundings);
    assert!(matches!(made, Err(OpenError::Salt(_))));
    assert!(!folder.exists());

    let mut surroundings = workshop.surroundings();
    surroundings.random = Box::new(|| Err(testimony::seal::SaltError));
    let mut ledger = Ledger::open(&workshop.folder(), &Options::default(), surroundings).unwrap();
    let recorded = ledger.record(vec![draft(&named("x"))], &ana());
    assert!(matches!(recorded, Err(RecordError::Salt(_))));
    drop(ledger);
    assert_eq!(workshop.length(), 1);
    workshop.audit();
}

#[test]
fn a_log_whose_first_entry_opens_nothing_is_no_ledger() {
    let workshop = Workshop::new();
    let event = |body: Body| Event {
        by: ana(),
        request: None,
        confidential: false,
        imported_from: None,
        body,
    };
    let whole = workshop.beside("whole");
    workshop.copy(&workshop.folder(), &whole);
    let target = Target::Event(EventId::at(Sequence::ZERO));
    let note = NoteAdded { target, text: "First.".parse().unwrap() };
    workshop.begin_anew(&event(Body::NoteAdded(note)));
    assert!(matches!(workshop.refusal(), OpenError::NotOpened(_)));
    workshop.put_back(&whole, &workshop.folder());
    let opened = LedgerOpened {
        log: "example.org/workshop".parse().unwrap(),
        key: "no key".parse().unwrap(),
        next_key: None,
        format: testimony::event::FORMAT,
    };
    workshop.begin_anew(&event(Body::LedgerOpened(opened)));
    assert!(matches!(workshop.refusal(), OpenError::BadKey(_)));
    workshop.put_back(&whole, &workshop.folder());
    workshop.audit();
}

#[test]
fn views_that_are_missing_damaged_or_of_another_format_are_made_anew() {
    let workshop = Workshop::new();
    workshop.capture(TEXT, None);
    workshop.record(&slugs(0..3));
    let views = workshop.layout().views().join("views.redb");
    let spoil: [&dyn Fn(); 4] = [
        &|| fs::remove_file(&views).unwrap(),
        &|| fs::write(&views, "no views").unwrap(),
        &|| fs::write(&views, vec![0; 100_000]).unwrap(),
        &|| {
            const STATE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("state");
            blocks::change(&views, |database| {
                let writing = database.begin_write().unwrap();
                let mut state = writing.open_table(STATE).unwrap();
                let cursor = state.get("cursor").unwrap().unwrap().value().to_vec();
                let cursor = String::from_utf8(cursor).unwrap();
                let newer = cursor.replacen("\"format\":", "\"format\":9", 1);
                assert_ne!(newer, cursor);
                state.insert("cursor", newer.as_bytes()).unwrap();
                drop(state);
                writing.commit().unwrap();
            });
        },
    ];
    for (way, spoil) in spoil.iter().enumerate() {
        spoil();
        let kept = Views::at(&workshop.layout().views()).read(WAIT).err();
        match way {
            0 => assert!(matches!(kept, Some(ViewError::Missing)), "{kept:?}"),
            3 => assert!(matches!(kept, Some(ViewError::OtherFormat(_))), "{kept:?}"),
            _ => assert!(matches!(kept, Some(ViewError::Damaged(_))), "{way}: {kept:?}"),
        }
        let reading = workshop.read();
        assert!(reading.behind.is_none(), "{way}: {:?}", reading.behind);
        assert_eq!(reading.snapshot.cursor().next.get(), 5, "{way}");
        drop(reading);
        spoil();
        assert_eq!(workshop.length(), 5, "a writer mends them too: {way}");
        views_are_the_logs(&workshop);
    }
    workshop.audit();
}

#[test]
fn views_are_shared_with_readers_and_not_with_a_second_writer() {
    let workshop = Workshop::new();
    let views = Views::at(&workshop.layout().views());
    let fold = Fold::resume(&views, WAIT).unwrap();
    assert!(views.read(Duration::ZERO).is_ok(), "a reader waits for no writer");
    let second = Fold::resume(&views, Duration::ZERO).err();
    assert!(matches!(second, Some(FoldError::View(ViewError::Busy))));
    drop(fold);
    let file = workshop.layout().views().join("views.redb");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(matches!(views.read(Duration::ZERO).err(), Some(ViewError::NotRegular(_))));
    let read = Ledger::read(&workshop.folder(), &Options::default());
    assert!(matches!(read.err(), Some(OpenError::View(ViewError::NotRegular(_)))));
    assert!(matches!(workshop.refusal(), OpenError::Project(ProjectError::View(_))));
    fs::remove_dir(&file).unwrap();
    assert_eq!(workshop.length(), 1);
    workshop.audit();
}

#[test]
fn a_tree_in_the_views_that_is_none_is_made_anew() {
    const STATE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("state");
    let workshop = Workshop::new();
    for ask in
        [|workshop: &Workshop| drop(workshop.read()), |workshop: &Workshop| drop(workshop.open())]
    {
        blocks::change(&workshop.layout().views().join("views.redb"), |database| {
            let writing = database.begin_write().unwrap();
            writing.open_table(STATE).unwrap().insert("tree", &b"no tree"[..]).unwrap();
            writing.commit().unwrap();
        });
        ask(&workshop);
        views_are_the_logs(&workshop);
    }
    assert_eq!(workshop.length(), 1);
    workshop.audit();
}

#[test]
fn a_reader_beside_a_writer_answers_as_of_the_views_and_says_so() {
    let workshop = Workshop::new();
    let mut ledger = workshop.open();
    ledger.record(vec![draft(&named("x"))], &ana()).unwrap();
    let reading = workshop.read();
    assert!(matches!(reading.behind, Some(Behind::Writing)));
    assert_eq!(reading.snapshot.cursor().next.get(), 1);
    drop(reading);
    ledger.close().unwrap();
    let reading = workshop.read();
    assert!(reading.behind.is_none());
    assert_eq!(reading.snapshot.cursor().next.get(), 2);
    workshop.audit();
}

#[test]
fn a_reader_without_views_waits_for_whoever_has_the_log() {
    let workshop = Workshop::new();
    let ledger = workshop.open();
    fs::remove_file(workshop.layout().views().join("views.redb")).unwrap();
    let reading = std::thread::scope(|threads| {
        let reader = threads.spawn(|| workshop.read());
        std::thread::sleep(Duration::from_millis(200));
        drop(ledger);
        reader.join().unwrap()
    });
    assert!(reading.behind.is_none(), "{:?}", reading.behind);
    assert_eq!(reading.snapshot.cursor().next.get(), 1);
    workshop.audit();
}

#[test]
fn a_crash_between_append_and_fold_is_caught_up_by_the_next_reader() {
    let workshop = Workshop::new();
    let mut ledger = workshop.open();
    ledger.record(slugs(0..3).iter().map(|line| draft(line)), &ana()).unwrap();
    drop(ledger);
    let reading = workshop.read();
    assert!(reading.behind.is_none());
    assert_eq!(reading.snapshot.cursor().next.get(), 4);
    drop(reading);
    views_are_the_logs(&workshop);
    workshop.audit();
}

#[test]
fn what_a_reader_cannot_catch_up_is_said() {
    let workshop = Workshop::new();
    let unsigned = Options { unsigned: true, ..Options::default() };
    let mut ledger = Ledger::open(&workshop.folder(), &unsigned, workshop.surroundings()).unwrap();
    ledger.record(vec![draft(&named("x"))], &ana()).unwrap();
    drop(ledger);
    let (log, away) = (workshop.layout().log(), workshop.beside("away"));
    fs::rename(&log, &away).unwrap();
    fs::create_dir(&log).unwrap();
    let reading = workshop.read();
    assert!(matches!(reading.behind, Some(Behind::Gone)), "{:?}", reading.behind);
    assert_eq!(reading.snapshot.cursor().next.get(), 1);
    drop(reading);
    assert!(matches!(workshop.refusal(), OpenError::Gone(_)));
    workshop.put_back(&away, &log);
    assert_eq!(workshop.length(), 2);
    workshop.audit();
}

#[test]
fn views_ahead_of_the_log_are_refused_until_they_are_made_anew() {
    let workshop = Workshop::new();
    let old = workshop.beside("old");
    workshop.copy(&workshop.folder(), &old);
    workshop.record(&slugs(0..4));
    for part in ["log", "log.closed", "log.acknowledged", "checkpoint"] {
        workshop.put_back(&old.join(part), &workshop.folder().join(part));
    }
    let refusal = workshop.refusal();
    assert!(matches!(refusal, OpenError::Project(ProjectError::Ahead { .. })), "{refusal}");
    assert_eq!(Ledger::rebuild(&workshop.folder(), &Options::default()).unwrap(), 1);
    assert_eq!(workshop.length(), 1);
    workshop.audit();
}

#[test]
fn a_tree_whose_tiles_are_gone_is_made_anew() {
    let workshop = Workshop::new();
    workshop.record(&slugs(0..400));
    let unsigned = Options { unsigned: true, ..Options::default() };
    let mut ledger = Ledger::open(&workshop.folder(), &unsigned, workshop.surroundings()).unwrap();
    ledger.record(slugs(400..600).iter().map(|line| draft(line)), &ana()).unwrap();
    ledger.close().unwrap();
    {
        const TILES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("tiles");
        let views = workshop.layout().views().join("views.redb");
        blocks::change(&views, |database| {
            let writing = database.begin_write().unwrap();
            writing.open_table(TILES).unwrap().retain(|_, _| false).unwrap();
            writing.commit().unwrap();
        });
    }
    assert_eq!(workshop.length(), 601);
    views_are_the_logs(&workshop);
    workshop.audit();
}

#[test]
fn a_missing_archive_or_a_lost_text_is_told() {
    let workshop = Workshop::new();
    workshop.capture(TEXT, None);
    workshop.record(&[named("ana")]);
    let (archive, away) = (workshop.layout().archive(), workshop.beside("away"));
    fs::rename(&archive, &away).unwrap();
    assert!(matches!(workshop.refusal(), OpenError::Archive(_)));
    fs::create_dir(&archive).unwrap();
    let recorded = workshop.try_record(&[asserted(1, "calls end", "ana")]);
    assert!(matches!(recorded, Err(RecordError::State(StateError::Archive(_)))), "{recorded:?}");
    workshop.put_back(&away, &archive);
    workshop.record(&[asserted(1, "calls end", "ana")]);
    workshop.audit();
}

#[test]
fn a_commit_is_recorded_whole_or_not_at_all() {
    let workshop = Workshop::new();
    let good = [named("ana"), named("ben")];
    let bad = [named("ana"), named("ben"), asserted(9, "x", "ana"), named("cleo")];
    let refused = workshop.try_record(&bad);
    assert!(matches!(refused, Err(RecordError::Refused { index: 2, .. })), "{refused:?}");
    assert_eq!(workshop.length(), 1);

    let mut ledger = workshop.open();
    ledger.record(bad.iter().map(|line| draft(line)), &ana()).unwrap_err();
    let ghost = r#"{"event":{"note_added":{"target":{"source":"ana"},"text":"A ghost."}}}"#;
    let refused = ledger.record(vec![draft(ghost)], &ana()).unwrap_err();
    assert!(
        matches!(&refused, RecordError::Refused { refusal: Refusal::UnknownSource { .. }, .. }),
        "what was not recorded is not known: {refused}"
    );
    let receipts = ledger.record(good.iter().map(|line| draft(line)), &ana()).unwrap();
    assert_eq!(receipts.iter().map(|one| one.at().get()).collect::<Vec<_>>(), [1, 2]);
    ledger.close().unwrap();
    views_are_the_logs(&workshop);
    workshop.audit();
}

#[test]
fn an_event_too_large_ends_its_commit() {
    let workshop = Workshop::new();
    let targets = vec![json!({ "event": 0 }); 8000];
    let large = json!({ "event": { "topic_assigned": { "topic": "x", "targets": targets } } });
    let large = large.to_string();
    let refused = workshop.try_record(&[named("ana"), large]);
    assert!(matches!(refused, Err(RecordError::Encode { index: 1, .. })), "{refused:?}");
    assert_eq!(workshop.length(), 1);
    workshop.audit();
}

#[test]
fn what_is_there_already_is_not_recorded_again() {
    let workshop = Workshop::new();
    let document = workshop.capture(TEXT, None);
    assert_eq!(workshop.capture(TEXT, None), document);
    let line = asserted(1, "calls end", "ana");
    let receipts =
        workshop.try_record(&[named("ana"), line.clone(), named("ana"), line.clone()]).unwrap();
    let at = |number: u64| Sequence::new(number).unwrap();
    let expected = [
        RecordOutcome::Recorded(at(2)),
        RecordOutcome::Recorded(at(3)),
        RecordOutcome::Already(at(2)),
        RecordOutcome::Already(at(3)),
    ];
    assert_eq!(receipts, expected);
    let by_other = line.replacen('{', r#"{"by":{"person":"Ben"},"#, 1);
    let spelled =
        line.replace(r#"["calls end"]"#, r#"[{"text":{"exact":"calls end","start":14}}]"#);
    for again in [line, by_other, spelled] {
        assert_eq!(workshop.try_record(&[again]).unwrap(), [RecordOutcome::Already(at(3))]);
    }
    let other = asserted(1, "calls go on", "ana");
    assert_eq!(workshop.try_record(&[other]).unwrap(), [RecordOutcome::Recorded(at(4))]);
    workshop.audit();
}

fn note(of: Sequence, text: &str) -> String {
    let note = json!({ "target": { "assertion": of }, "text": text });
    json!({ "event": { "note_added": note } }).to_string()
}

fn check(of: Sequence, outcome: &str) -> String {
    let of = of.get();
    format!(r#"{{"event":{{"assertion_checked":{{"assertion":{of}{outcome}}}}}}}"#)
}

const RIGHT: &str = r#","quote":"right""#;

/// What is accepted is there with its check, or not at all.
#[test]
fn what_refers_to_an_assertion_is_recorded_in_the_same_commit_or_nothing_is() {
    let workshop = Workshop::new();
    let document = workshop.capture(TEXT, None);
    let mut ledger = workshop.open();
    let drafts = || {
        vec![draft(&named("ana")), draft(&asserted(document.sequence().get(), "calls end", "ana"))]
    };
    let length = ledger.length();
    let refused = ledger.record_then(
        drafts(),
        |receipts| {
            vec![draft(&note(receipts[1].at(), "n")), draft(&check(receipts[0].at(), RIGHT))]
        },
        &ana(),
    );
    assert!(
        matches!(refused, Err(RecordError::Refused { index: 3, refusal: Refusal::NotKind { .. } })),
        "{refused:?}"
    );
    assert_eq!(ledger.length(), length, "nothing of a refused commit is recorded");
    let other = ledger.record_then(
        drafts(),
        |receipts| vec![draft(&check(receipts[0].at(), r#","quote":"right""#))],
        &ana(),
    );
    assert!(matches!(other, Err(RecordError::Refused { index: 2, .. })), "{other:?}");
    let right =
        |receipts: &[RecordOutcome]| vec![draft(&check(receipts[1].at(), r#","quote":"right""#))];
    let receipts = ledger.record_then(drafts(), right, &ana()).unwrap();
    let next = |by: u64| RecordOutcome::Recorded(Sequence::new(length.get() + by).unwrap());
    assert_eq!(receipts, [next(0), next(1), next(2)]);
    ledger.close().unwrap();
    views_are_the_logs(&workshop);
    workshop.audit();
}

#[test]
fn a_capture_keeps_what_the_page_says_of_itself() {
    let text = "---\ntitle: Calls\nauthor: Ana\ndate: 2026-03-02\nlang: en\n\
                canonical_url: https://example.org/c\n---\n\nCalls end.\n";
    let page = testimony::page::read(text.as_bytes(), testimony::page::Format::Markdown).unwrap();
    let capture = testimony::ledger::Capture::of(text.as_bytes(), page, ana());
    let metadata = capture.metadata;
    assert_eq!(metadata.title.unwrap().as_str(), "Calls");
    assert_eq!(metadata.authors, ["Ana".parse().unwrap()]);
    assert_eq!(metadata.language.unwrap().as_str(), "en");
    assert!(metadata.published.is_some() && metadata.canonical_url.is_some());
}

#[test]
fn a_writer_that_settles_goes_on_where_it_was() {
    let workshop = Workshop::new();
    let mut ledger = workshop.open();
    let tell = |ledger: &mut Ledger, line: &str| ledger.record(vec![draft(line)], &ana());
    tell(&mut ledger, &named("ana")).unwrap();
    ledger.settle().unwrap();
    assert_eq!(ledger.snapshot().cursor().next.get(), 2);
    let page = testimony::page::read(TEXT.as_bytes(), testimony::page::Format::Plain).unwrap();
    ledger.capture(testimony::ledger::Capture::of(TEXT.as_bytes(), page, ana())).unwrap();
    ledger.settle().unwrap();
    let receipts = tell(&mut ledger, &asserted(2, "calls end", "ana")).unwrap();
    assert_eq!(receipts[0].at().get(), 3);
    ledger.settle().unwrap();
    let receipts = tell(&mut ledger, &asserted(2, "calls end", "ana")).unwrap();
    assert!(matches!(receipts[0], RecordOutcome::Already(at) if at.get() == 3));
    ledger.close().unwrap();
    views_are_the_logs(&workshop);
    workshop.audit();
}

#[test]
fn what_was_asserted_is_answered_as_the_ledger_stood() {
    let workshop = Workshop::new();
    workshop.capture(TEXT, None);
    workshop.record(&[named("ana"), asserted(1, "calls end", "ana")]);
    let second = workshop.record(&[asserted(1, "calls go on", "ana")])[0];
    let voided = workshop
        .record(&[r#"{"event":{"assertion_voided":{"assertion":3,"why":"Misread."}}}"#.to_owned()])
        [0];
    let snapshot = workshop.read().snapshot;
    let all = Question { text: "calls".into(), ..Question::default() };
    assert_eq!(asked(&snapshot, Some(second), &all), [3]);
    assert_eq!(asked(&snapshot, Some(voided), &all), [3, 4]);
    assert_eq!(asked(&snapshot, None, &all), [4], "what was voided is gone");
    let when = snapshot.row(second).unwrap().unwrap().at;
    let earlier = testimony::moment::Timestamp::from_micros(when.micros() - 1);
    assert_eq!(Inquiry::first_after(&snapshot, when).unwrap(), voided);
    assert_eq!(Inquiry::first_after(&snapshot, earlier).unwrap(), second);
    workshop.audit();
}

#[test]
fn merged_sources_are_found_under_both_until_the_merge_is_undone() {
    let workshop = Workshop::new();
    workshop.capture(TEXT, None);
    workshop.record(&[named("ana"), named("anna"), named("ben")]);
    workshop.record(&[
        asserted(1, "calls end", "ana"),
        asserted(1, "calls go on", "anna"),
        asserted(1, "are calls", "ben"),
    ]);
    let merge = r#"{"event":{"sources_merged":{"from":"anna","into":"ana","why":"One person."}}}"#;
    let merged = workshop.record(&[merge.to_owned()])[0];
    let snapshot = workshop.read().snapshot;
    for slug in ["ana", "anna"] {
        assert_eq!(asked(&snapshot, None, &by(slug)), [5, 6], "{slug}");
    }
    assert_eq!(asked(&snapshot, None, &by("ben")), [7]);
    drop(snapshot);
    let undo =
        json!({ "event": { "merge_undone": { "merge": merged, "why": "Two." } } }).to_string();
    let undone = workshop.record(std::slice::from_ref(&undo))[0];
    workshop.record(&[undo]);
    let snapshot = workshop.read().snapshot;
    assert_eq!(asked(&snapshot, None, &by("ana")), [5]);
    assert_eq!(asked(&snapshot, None, &by("anna")), [6]);
    assert_eq!(asked(&snapshot, Some(undone), &by("ana")), [5, 6], "as it stood then");
    workshop.audit();
}

#[test]
fn whoever_speaks_for_others_does_not_come_to_speak_for_itself() {
    let workshop = Workshop::new();
    let speaks = |slug: &str, principal: &str| {
        let named =
            json!({ "slug": slug, "name": slug, "kind": "person", "speaks_for": principal });
        json!({ "event": { "source_named": named } }).to_string()
    };
    workshop.record(&[named("a"), speaks("b", "a"), speaks("c", "b")]);
    let refusal = |line: String| match workshop.try_record(&[line]) {
        Err(RecordError::Refused { refusal, .. }) => refusal,
        other => panic!("{other:?}"),
    };
    assert!(matches!(refusal(speaks("a", "c")), Refusal::Ring(_, _)));
    assert!(matches!(refusal(speaks("a", "b")), Refusal::Ring(_, _)));
    assert!(matches!(refusal(speaks("a", "a")), Refusal::Itself(_)));
    assert_eq!(workshop.length(), 4);
    workshop.audit();
}

#[test]
fn what_cannot_be_written_beside_the_log_is_told_apart() {
    let workshop = Workshop::new();
    let layout = workshop.layout();
    let mut ledger = workshop.open();
    let (views, away) = (layout.views(), workshop.beside("away"));
    fs::rename(&views, &away).unwrap();
    fs::write(&views, "no folder").unwrap();
    let recorded = ledger.record(vec![draft(&named("x"))], &ana());
    assert!(matches!(recorded, Err(RecordError::View(_))), "{recorded:?}");
    drop(ledger);
    workshop.put_back(&away, &views);

    let mut ledger = workshop.open();
    let (checkpoint, own) = (layout.checkpoint(), workshop.beside("own"));
    fs::rename(&checkpoint, &own).unwrap();
    fs::create_dir(&checkpoint).unwrap();
    let recorded = ledger.record(vec![draft(&named("x"))], &ana());
    let recorded = recorded.expect("recorded, whatever becomes of the checkpoint");
    let closed = ledger.close();
    assert!(matches!(closed, Err(OpenError::CheckpointFile(_))), "{closed:?}");
    workshop.put_back(&own, &checkpoint);
    assert_eq!((recorded[0].at().get(), workshop.length()), (1, 2));

    let mut ledger = workshop.open();
    let (archive, kept) = (layout.archive(), workshop.beside("kept"));
    fs::rename(&archive, &kept).unwrap();
    fs::write(&archive, "no folder").unwrap();
    let page = testimony::page::read(b"Text.", testimony::page::Format::Plain).unwrap();
    let captured = ledger.capture(testimony::ledger::Capture::of(b"Text.", page, ana()));
    assert!(matches!(captured, Err(RecordError::Archive(_))), "{captured:?}");
    drop(ledger);
    workshop.put_back(&kept, &archive);
    workshop.open().close().unwrap();
    workshop.audit();
}

#[test]
fn a_draft_is_read_or_refused_by_its_line() {
    let refusal = |line: &[u8]| Draft::from_line(line).unwrap_err();
    use testimony::draft::{DraftError, MAX_LINE_BYTES};
    assert!(matches!(refusal(&vec![b' '; MAX_LINE_BYTES + 1]), DraftError::TooLong));
    assert!(matches!(refusal(b"\xff"), DraftError::NotUtf8(0)));
    assert!(matches!(refusal(br#"{"event":{"rumour":{}}}"#), DraftError::UnknownTag(_)));
    assert!(matches!(refusal(b"{}"), DraftError::Malformed(_)));
}

#[test]
fn a_document_is_named_by_number_hash_or_address() {
    let workshop = Workshop::new();
    let document = workshop.capture(TEXT, Some("https://example.org/calls"));
    workshop.record(&[named("ana")]);
    let snapshot = workshop.read().snapshot;
    let captured = testimony::view::lookup::document(&snapshot, document).unwrap().unwrap();
    drop(snapshot);
    let hash = captured.text.to_string();
    let line = |reference: &str, words: &str| {
        asserted(1, words, "ana").replace("\"document\":1", &format!("\"document\":{reference}"))
    };
    let references = [
        "1".to_owned(),
        "\"#1\"".into(),
        format!("\"{}\"", &hash[..6]),
        "\"https://example.org/calls\"".into(),
    ];
    for reference in references {
        let receipts = workshop.try_record(&[line(&reference, "calls end")]).unwrap();
        assert_eq!(receipts[0].at().get(), 3, "{reference}");
    }
    assert_eq!(document, DocumentId::at(Sequence::new(1).unwrap()));
    workshop.audit();
}
