//! Every kind of finding, made on purpose: an audit tells it, at its place.
//!
//! Knows what makes each problem. Must not know how an audit looks.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::blocks;
use crate::support::forge::{Forge, WAIT, at, chain_anew, files, push, quiet_contained_panics};
use redb::{ReadableTable as _, TableDefinition};
use serde_json::{Value, json};
use testimony::digest::ContentHash;
use testimony::finding::{FindingPlace, Problem};
use testimony::log::Log as _;
use testimony::log::sled::SledLog;
use testimony::seal::Entry;
use testimony::tree::checkpoint::key::{Signer, VerifierKey};

/// A problem's tag, where it is to be found, and how it is made from a ledger of every kind.
type Case = (&'static str, fn() -> FindingPlace, fn(&Forge));

fn entry(number: u64) -> FindingPlace {
    FindingPlace::Entry(at(number))
}

fn entries(first: u64, last: u64) -> FindingPlace {
    FindingPlace::Entries { first: at(first), last: Some(at(last)) }
}

fn source(name: &str) -> FindingPlace {
    FindingPlace::Source(name.parse().unwrap())
}

/// The store as sled has it, past all that the log checks.
fn store(forge: &Forge) -> sled::Db {
    sled::Config::new().path(forge.path("log")).segment_size(1 << 20).open().unwrap()
}

/// The key of the block that begins at `first`.
fn key(first: u64) -> [u8; 10] {
    let mut key = [0; 10];
    key[..8].copy_from_slice(&first.to_be_bytes());
    key
}

/// A ledger of two blocks, the second of them beginning at `second`.
fn in_two_blocks(forge: &Forge, second: usize) {
    let records = forge.records();
    fs::remove_dir_all(forge.path("log")).unwrap();
    let mut log = SledLog::create(&forge.path("log"), WAIT).unwrap();
    log.append(at(0), &records[..second]).unwrap();
    log.append(at(second as u64), &records[second..]).unwrap();
}

fn archived(forge: &Forge, bytes: &[u8]) -> String {
    let hash = ContentHash::of(bytes).to_string();
    let path = forge.path("archive").join(&hash[..2]).join(&hash[2..]);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    hash
}

/// A claim in document #5, with its hops.
fn claim(hops: Option<Value>) -> String {
    let content = json!([{ "text": { "exact": "Ministry", "start": 0, "end": 8 } }]);
    let mut asserted = json!({ "document": 5, "content": content });
    if let Some(hops) = hops {
        asserted["hops"] = hops;
    }
    asserted["claim"] = json!({ "words": "Ministry" });
    json!({ "claim_asserted": asserted }).to_string()
}

fn hops(sources: &[&str]) -> String {
    let hop = |name: &&str| json!({ "sources": [name], "role": "said" });
    claim(Some(sources.iter().map(hop).collect()))
}

fn corrected(document: u64, metadata: &str) -> String {
    let metadata: Value = serde_json::from_str(metadata).unwrap();
    let corrected = json!({ "document": document, "metadata": metadata, "why": "So." });
    json!({ "document_corrected": corrected }).to_string()
}

fn merged(from: &str, into: &str) -> String {
    json!({ "sources_merged": { "from": from, "into": into, "why": "One." } }).to_string()
}

fn opened(log: &str, key: &VerifierKey, format: u32) -> String {
    let opened = json!({ "log": log, "key": key.to_string(), "format": format });
    json!({ "ledger_opened": opened }).to_string()
}

/// A log that begins with this event.
fn begin_with(forge: &Forge, body: &str) {
    let mut records = Vec::new();
    push(&mut records, &crate::support::forge::event(body).encode().unwrap());
    forge.put(&records);
}

fn appended(forge: &Forge, bytes: &[u8]) {
    let mut records = forge.records();
    push(&mut records, bytes);
    forge.put_all(&records);
}

fn changed(forge: &Forge, number: usize, change: fn(&mut Entry)) {
    let mut records = forge.records();
    let mut entry = Entry::decode(&records[number].entry).unwrap();
    change(&mut entry);
    records[number].entry = entry.encode();
    forge.put(&records);
}

const STORE: &[Case] = &[
    (
        "log_missing",
        || FindingPlace::File("log".into()),
        |forge| {
            fs::remove_dir_all(forge.path("log")).unwrap();
        },
    ),
    (
        "log_unopenable",
        || FindingPlace::File("log".into()),
        |forge| {
            fs::write(forge.path("log/conf"), "no configuration").unwrap();
        },
    ),
    (
        "block_damaged",
        || entries(0, 9),
        |forge| {
            in_two_blocks(forge, 10);
            let store = store(forge);
            let mut block = store.get(key(0)).unwrap().unwrap().to_vec();
            block[100] ^= 1;
            store.insert(key(0), block).unwrap();
        },
    ),
    (
        "entries_missing",
        || entries(0, 9),
        |forge| {
            in_two_blocks(forge, 10);
            store(forge).remove(key(0)).unwrap();
        },
    ),
    (
        "blocks_overlap",
        || entries(10, 11),
        |forge| {
            in_two_blocks(forge, 10);
            let later = store(forge).get(key(10)).unwrap().unwrap();
            in_two_blocks(forge, 12);
            store(forge).insert(key(10), later).unwrap();
        },
    ),
    (
        "block_stray",
        || FindingPlace::Block("key 737472616e6765".into()),
        |forge| {
            store(forge).insert("strange", "value").unwrap();
        },
    ),
    (
        "erasure_unfinished",
        || FindingPlace::File("log.old".into()),
        |forge| {
            fs::create_dir(forge.path("log.old")).unwrap();
        },
    ),
];

const CHAIN: &[Case] = &[
    (
        "entry_malformed",
        || entry(8),
        |forge| {
            let mut records = forge.records();
            records[8].entry[2] ^= 1;
            forge.put(&records);
        },
    ),
    (
        "out_of_sequence",
        || entry(9),
        |forge| {
            let mut records = forge.records();
            records.remove(9);
            forge.put(&records);
        },
    ),
    (
        "chain_broken",
        || entries(8, 9),
        |forge| {
            changed(forge, 8, |entry| entry.at = "2031-01-01T00:00:00.000000Z".parse().unwrap());
        },
    ),
    (
        "time_backwards",
        || entry(8),
        |forge| {
            changed(forge, 8, |entry| entry.at = "1999-01-01T00:00:00.000000Z".parse().unwrap());
        },
    ),
    (
        "entry_changed",
        || entries(8, 8),
        |forge| {
            changed(forge, 8, |entry| entry.at = "2031-01-01T00:00:00.000000Z".parse().unwrap());
        },
    ),
    (
        "commitment_broken",
        || entry(8),
        |forge| {
            changed(forge, 8, |entry| entry.commit = "ab".repeat(32).parse().unwrap());
        },
    ),
    (
        "payload_missing",
        || entry(8),
        |forge| {
            let mut records = forge.records();
            records[8].payload = None;
            forge.put(&records);
        },
    ),
    (
        "payload_kept",
        || entry(12),
        |forge| {
            forge.record(&[r#"{"event_erased":{"events":[12],"why":"Asked for."}}"#]);
        },
    ),
    (
        "erasure_forbidden",
        || entry(26),
        |forge| {
            forge.record(&[r#"{"event_erased":{"events":[0],"why":"Asked for."}}"#]);
        },
    ),
    (
        "event_malformed",
        || entry(26),
        |forge| {
            appended(forge, br#"{"by":{"person":"Ana"},"event":{"note_added":{}}}"#);
        },
    ),
    (
        "event_not_canonical",
        || entry(26),
        |forge| {
            appended(
                forge,
                br#"{"by":{"person":"Ana"}, "event":{"event_disclosed":{"events":[21]}}}"#,
            );
        },
    ),
];

const KEYS: &[Case] = &[
    (
        "not_opened",
        || entry(0),
        |forge| {
            begin_with(forge, r#"{"source_named":{"slug":"soax","name":"SOAX","kind":"unknown"}}"#);
        },
    ),
    (
        "opened_again",
        || entry(26),
        |forge| {
            let key = forge.signer.verifier_key();
            forge.record(&[&opened("example.org/ledger", key, 0)]);
        },
    ),
    (
        "format_unknown",
        || entry(0),
        |forge| {
            let key = forge.signer.verifier_key();
            begin_with(forge, &opened("example.org/ledger", key, 7));
        },
    ),
    (
        "key_unfit",
        || entry(26),
        |forge| {
            forge.record(&[r#"{"key_rotated":{"key":"none","why":"So."}}"#]);
        },
    ),
    (
        "key_unfit",
        || entry(0),
        |forge| {
            let key = forge.signer.verifier_key();
            begin_with(forge, &opened("other", key, 0));
        },
    ),
    (
        "endorsement_wrong",
        || entry(26),
        |forge| {
            let key = forge.signer.verifier_key();
            let endorsement = "A".repeat(86) + "==";
            let rotated =
                json!({ "key": key.to_string(), "endorsement": endorsement, "why": "So." });
            forge.record(&[&json!({ "key_rotated": rotated }).to_string()]);
        },
    ),
];

const REFERENCES: &[Case] = &[
    (
        "reference_ahead",
        || entry(26),
        |forge| {
            forge.record(&[r#"{"note_added":{"target":{"event":26},"text":"Of itself."}}"#]);
        },
    ),
    (
        "reference_unfit",
        || entry(26),
        |forge| {
            forge.record(&[r#"{"assertion_voided":{"assertion":5,"why":"No assertion."}}"#]);
        },
    ),
    (
        "source_dangling",
        || entry(1),
        |forge| {
            // Nothing was erased before it, so nothing can have named it.
            let mut records = forge.records();
            records.truncate(1);
            let note = r#"{"note_added":{"target":{"source":"nobody"},"text":"Who?"}}"#;
            push(&mut records, &crate::support::forge::event(note).encode().unwrap());
            forge.put(&records);
        },
    ),
    (
        "source_of_other_document",
        || entry(26),
        |forge| {
            forge.record(&[&hops(&["critics@6"])]);
        },
    ),
    (
        "quote_astray",
        || entry(26),
        |forge| {
            forge.record(&[&hops(&["soax"])
                .replace(r#""start":0,"#, r#""start":1,"#)
                .replace("8}}", "9}}")]);
        },
    ),
    (
        "quote_astray",
        || entry(26),
        |forge| {
            let title = r#""zone":"title","exact":"Ministry""#;
            forge.record(&[&hops(&["soax"]).replace(r#""exact":"Ministry""#, title)]);
        },
    ),
];

const ARCHIVE: &[Case] = &[
    (
        "archive_missing",
        || FindingPlace::File("archive".into()),
        |forge| {
            fs::remove_dir_all(forge.path("archive")).unwrap();
        },
    ),
    (
        "archive_missing",
        || FindingPlace::File("archive".into()),
        |forge| {
            fs::remove_dir_all(forge.path("archive")).unwrap();
            fs::write(forge.path("archive"), "").unwrap();
        },
    ),
    (
        "file_missing",
        || first_file("file"),
        |forge| {
            fs::remove_file(files(&forge.path("archive")).keys().next().unwrap()).unwrap();
        },
    ),
    (
        "file_damaged",
        || first_file("file"),
        |forge| {
            let path = files(&forge.path("archive")).into_keys().next().unwrap();
            fs::remove_file(&path).unwrap();
            fs::write(path, "other").unwrap();
        },
    ),
    (
        "file_strange",
        || FindingPlace::File("archive/notes.txt".into()),
        |forge| {
            fs::write(forge.path("archive/notes.txt"), "").unwrap();
        },
    ),
    (
        "text_not_utf8",
        || kept(b"\xff"),
        |forge| {
            let (original, text) = (archived(forge, b"original"), archived(forge, b"\xff"));
            let reader = json!({ "name": "plain", "version": "1" });
            let captured = json!({
                "original": original.to_string(),
                "text": text.to_string(),
                "reader": reader,
                "metadata": {},
            });
            forge.record(&[&json!({ "document_captured": captured }).to_string()]);
        },
    ),
];

/// Where the archive keeps these bytes.
fn kept(bytes: &[u8]) -> FindingPlace {
    let hash = ContentHash::of(bytes).to_string();
    FindingPlace::File(Path::new("archive").join(&hash[..2]).join(&hash[2..]))
}

/// The first of the archive's three files, in the order of their hashes.
fn first_file(_: &str) -> FindingPlace {
    let text = crate::support::forge::COURIER.trim_start_matches('\u{feff}').replace('\r', "");
    let texts = [crate::support::forge::COURIER, &text, crate::support::forge::CORRECTION];
    let first = texts.iter().min_by_key(|text| ContentHash::of(text.as_bytes())).unwrap();
    kept(first.as_bytes())
}

const CHECKPOINT: &[Case] = &[
    (
        "checkpoint_missing",
        || FindingPlace::Checkpoint,
        |forge| {
            fs::remove_file(forge.path("checkpoint")).unwrap();
        },
    ),
    (
        "checkpoint_unreadable",
        || FindingPlace::Checkpoint,
        |forge| {
            fs::remove_file(forge.path("checkpoint")).unwrap();
            fs::create_dir(forge.path("checkpoint")).unwrap();
        },
    ),
    (
        "checkpoint_unfit",
        || FindingPlace::Checkpoint,
        |forge| {
            fs::write(forge.path("checkpoint"), "no note").unwrap();
        },
    ),
    (
        "checkpoint_unfit",
        || FindingPlace::Checkpoint,
        |forge| {
            fs::write(forge.path("checkpoint"), "x".repeat(70_000)).unwrap();
        },
    ),
    (
        "checkpoint_unfit",
        || FindingPlace::Checkpoint,
        |forge| {
            // Signed by the key that was in force before, over entries that another key signs for.
            let old = Signer::open(&forge.path("key")).unwrap();
            assert_ne!(old.verifier_key(), forge.signer.verifier_key());
            forge.sign_with(&old, &forge.records());
        },
    ),
    (
        "root_differs",
        || FindingPlace::Checkpoint,
        |forge| {
            let mut records = forge.records();
            records.swap(8, 9);
            chain_anew(&mut records);
            forge.put(&records);
        },
    ),
    (
        "entries_lost",
        || entries(20, 25),
        |forge| {
            let records = forge.records();
            forge.put(&records[..20]);
        },
    ),
];

const VIEWS: &[Case] = &[
    (
        "views_missing",
        || FindingPlace::Views,
        |forge| {
            fs::remove_dir_all(forge.path("views")).unwrap();
        },
    ),
    (
        "views_damaged",
        || FindingPlace::Views,
        |forge| {
            fs::write(forge.path("views/views.redb"), "no store").unwrap();
        },
    ),
    (
        "views_of_other_format",
        || FindingPlace::Views,
        |forge| {
            with_cursor(forge, |cursor| cursor.replace("\"format\":", "\"format\":9"));
        },
    ),
    (
        "views_damaged",
        || FindingPlace::Views,
        |forge| {
            with_cursor(forge, |cursor| cursor.replace("\"next\":26", "\"next\":99"));
        },
    ),
    (
        "views_behind",
        || FindingPlace::Views,
        |forge| {
            let mut records = forge.records();
            let note = r#"{"event_disclosed":{"events":[21]}}"#;
            push(&mut records, &crate::support::forge::event(note).encode().unwrap());
            forge.put(&records);
        },
    ),
    (
        "views_differ",
        || FindingPlace::Views,
        |forge| {
            with_cursor(forge, |cursor| {
                cursor.replace("example.org/ledger\"", "example.org/other\"")
            });
        },
    ),
];

fn with_cursor(forge: &Forge, change: fn(String) -> String) {
    const STATE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("state");
    blocks::change(&forge.path("views/views.redb"), |database| {
        let writing = database.begin_write().unwrap();
        {
            let mut state = writing.open_table(STATE).unwrap();
            let kept = state.get("cursor").unwrap().unwrap().value().to_vec();
            let cursor = String::from_utf8(kept).unwrap();
            let changed = change(cursor.clone());
            assert_ne!(changed, cursor);
            state.insert("cursor", changed.as_bytes()).unwrap();
        }
        writing.commit().unwrap();
    });
}

const PROVENANCE: &[Case] = &[
    ("no_source", || entry(26), |forge| forge.record(&[&claim(None)])),
    ("nobody_stands", || entry(9), |forge| forge.record(&[&corrected(5, "{}")])),
    (
        "chain_round",
        || entry(26),
        |forge| {
            forge.record(&[&hops(&["soax", "ministry", "soax"])]);
        },
    ),
    (
        "chain_round",
        || entry(26),
        |forge| {
            // Two that were one all along.
            forge.record(&[&hops(&["soax", "ministry"]), &merged("ministry", "soax")]);
        },
    ),
    (
        "speakers_round",
        || source("ministry"),
        |forge| {
            forge.record(&[
            r#"{"source_named":{"slug":"ministry","name":"M","kind":"government","speaks_for":"spokesman"}}"#,
        ]);
        },
    ),
    (
        "merges_round",
        || source("ministry"),
        |forge| {
            forge.record(&[&merged("ministry", "soax"), &merged("soax", "ministry")]);
        },
    ),
    (
        "documents_round",
        || entry(5),
        |forge| {
            let first = json!({ "publisher": "courier", "revises": 6 });
            let second = json!({ "title": "Correction", "publisher": "courier", "revises": 5 });
            forge.record(&[&corrected(5, &first.to_string()), &corrected(6, &second.to_string())]);
        },
    ),
    (
        "revisions_round",
        || entry(7),
        |forge| {
            forge.record(&[
            r#"{"assertions_related":{"left":7,"right":8,"relation":"revises","why":"Newer."}}"#,
        ]);
        },
    ),
];

/// Problems that take a disk that fails, or a system that refuses. The audit's own tests make them.
const MADE_ELSEWHERE: &[&str] = &["store_fails", "folder_unreadable", "file_unreadable"];

fn each_is_told(cases: &[Case]) {
    quiet_contained_panics();
    for (tag, place, make) in cases {
        let forge = Forge::full();
        make(&forge);
        let found = forge.found();
        assert!(found.contains(&(place(), tag)), "no {tag} at {}: {found:?}", place());
    }
}

#[test]
fn what_is_wrong_with_the_store_is_told() {
    each_is_told(STORE);
}

#[test]
fn what_is_wrong_with_the_chain_and_its_events_is_told() {
    each_is_told(CHAIN);
}

#[test]
fn what_is_wrong_with_the_opening_and_the_keys_is_told() {
    each_is_told(KEYS);
}

#[test]
fn what_is_wrong_with_references_and_quotations_is_told() {
    each_is_told(REFERENCES);
}

#[test]
fn what_is_wrong_with_the_archive_is_told() {
    each_is_told(ARCHIVE);
}

#[test]
fn what_is_wrong_with_the_checkpoint_is_told() {
    each_is_told(CHECKPOINT);
}

#[test]
fn what_is_wrong_with_the_views_is_told() {
    each_is_told(VIEWS);
}

#[test]
fn what_is_wrong_with_provenance_is_told_alone() {
    each_is_told(PROVENANCE);
    for (tag, place, make) in PROVENANCE {
        let forge = Forge::full();
        make(&forge);
        assert_eq!(forge.found(), [(place(), *tag)]);
    }
}

#[test]
fn every_problem_is_made_by_some_test() {
    let all = [STORE, CHAIN, KEYS, REFERENCES, ARCHIVE, CHECKPOINT, VIEWS, PROVENANCE];
    let made =
        all.into_iter().flatten().map(|(tag, ..)| *tag).chain(MADE_ELSEWHERE.iter().copied());
    let made: BTreeSet<&str> = made.collect();
    assert_eq!(made, Problem::TAGS.iter().copied().collect::<BTreeSet<&str>>());
}

#[test]
fn what_is_voided_is_not_held_against_anyone() {
    let forge = Forge::full();
    let void = |number: u64| {
        json!({ "assertion_voided": { "assertion": number, "why": "Wrongly recorded." } })
            .to_string()
    };
    forge.record(&[&claim(None), &hops(&["soax", "soax"]), &void(26), &void(27), &void(9)]);
    forge.record(&[&corrected(5, "{}")]);
    let report = forge.audit();
    assert!(report.clean(), "{:?}", report.findings);
    assert_eq!(report.unchecked, 0);
}

#[test]
fn a_source_that_an_erased_event_may_have_named_is_counted_and_not_held_against_anyone() {
    let forge = Forge::full();
    forge.record(&[r#"{"note_added":{"target":{"source":"nobody"},"text":"Who?"}}"#]);
    let report = forge.audit();
    assert!(report.clean(), "{:?}", report.findings);
    assert_eq!(report.undecided, 1);
}
