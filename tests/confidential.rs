//! What is confidential is in no output but `show` and `list` with `--confidential`: not its words,
//! not its names, not in a count, not by the way a refusal is worded.
//!
//! Two ledgers are told the same, and one of them secrets besides. Whoever may not see the secrets
//! gets the same answers from both.

use crate::support::blocks;
use crate::support::program::{Desk, Said};
use crate::support::workshop::{WAIT, Workshop};
use redb::{ReadableTable as _, TableDefinition};
use serde_json::{Value, json};
use testimony::audit::{self, audit};
use testimony::event::Event;
use testimony::ledger::{Ledger, Options};

/// A word of everything that is secret.
const SECRETS: [&str; 3] = ["zebra", "heron", "ibis"];

const OPEN: &str = "SOAX counted 11 users. The heron left early. The ibis stayed late. Calls end.";
const OTHER: &str = "SOAX counted 12 users. Nobody disagreed.";
const SHARED_URL: &str = "https://example.org/page";

fn named(slug: &str, name: &str, more: Value) -> Value {
    let mut named = json!({"slug": slug, "name": name, "kind": "person"});
    for (field, value) in more.as_object().unwrap() {
        named[field] = value.clone();
    }
    json!({"event": {"source_named": named}})
}

fn asserted(document: u64, words: &str, source: &str, amount: Option<&str>) -> Value {
    let quantities: Vec<Value> =
        amount.map(|amount| json!({"amount": amount, "unit": "users"})).into_iter().collect();
    json!({"event": {"claim_asserted": {
        "document": document,
        "content": [words],
        "hops": [{"sources": [source], "role": "said"}],
        "claim": {"quantities": quantities},
    }}})
}

fn confidential(mut draft: Value) -> Value {
    draft["confidential"] = true.into();
    draft
}

fn record(desk: &Desk, drafts: &[Value]) {
    desk.record(&drafts.iter().map(Value::to_string).collect::<Vec<_>>()).clean();
}

/// #1 and #2: outlets; #3 and #4: documents; #5: SOAX; #6 and #7: assertions; #8: a note.
fn open() -> Desk {
    let desk = Desk::new();
    for (outlet, file, text) in [("Tribune", "open.txt", OPEN), ("Herald", "other.txt", OTHER)] {
        let kind = ["name", outlet, "--kind", "outlet"];
        desk.run(&kind).clean();
        let file = desk.file(file, text.as_bytes());
        let mut arguments = vec!["capture", &file, "--title", "On users", "--publisher", outlet];
        if outlet == "Tribune" {
            arguments.extend(["--url", SHARED_URL]);
        }
        desk.run(&arguments).clean();
    }
    let note =
        json!({"event": {"note_added": {"target": {"assertion": 6}, "text": "Counted twice."}}});
    let drafts = [
        named("soax", "SOAX", json!({})),
        asserted(2, "11 users", "soax", Some("11")),
        asserted(4, "12 users", "soax", Some("12")),
        note,
    ];
    record(&desk, &drafts);
    desk
}

/// The same and then secrets, from #9 on. One source is secret only at last, so that there is much in
/// the open that names it.
fn with_secrets() -> Desk {
    let desk = open();
    // #9: a source that will be confidential; #10: a document that is.
    record(&desk, &[named("zebra-voice", "Zebra Voice", json!({}))]);
    let file = desk.file("zebra.txt", b"The zebra file: SOAX never counted users.");
    desk.run(&[
        "capture",
        &file,
        "--title",
        "Zebra file",
        "--url",
        SHARED_URL,
        "--confidential",
        "--publisher",
        "tribune",
    ])
    .clean();
    let event = |body: Value| json!({"event": body});
    record(
        &desk,
        &[
            // #11: in the open document, by the secret source. #12: in the secret document, by SOAX.
            asserted(2, "The heron left early", "zebra-voice", Some("13")),
            asserted(10, "SOAX never counted users", "soax", Some("14")),
            // #13: secret itself. #14, #15: secret words on an open assertion.
            confidential(asserted(2, "The ibis stayed late", "soax", None)),
            confidential(event(
                json!({"note_added": {"target": {"assertion": 6}, "text": "The zebra said so."}}),
            )),
            confidential(event(json!({"assertion_checked": {"assertion": 6, "quote": "wrong"}}))),
            // What follows is not marked, and names what is secret.
            event(
                json!({"note_added": {"target": {"source": "zebra-voice"}, "text": "Zebra works at SOAX."}}),
            ),
            event(json!({"note_added": {"target": {"document": 10}, "text": "Zebra papers."}})),
            event(json!({"note_added": {"target": {"assertion": 11}, "text": "Zebra again."}})),
            event(
                json!({"topic_assigned": {"topic": "zebra-affair", "targets": [{"source": "zebra-voice"}, {"assertion": 6}]}}),
            ),
            event(
                json!({"assertions_related": {"left": 6, "right": 11, "relation": "contradicts", "why": "Zebra disagrees."}}),
            ),
            event(
                json!({"claim_reviewed": {"assertion": 6, "reviewer": "zebra-voice", "rating": "Zebra false"}}),
            ),
            event(
                json!({"assertion_retracted": {"assertion": 7, "by_source": "zebra-voice", "why": "Zebra takes it back."}}),
            ),
            event(json!({"assertion_voided": {"assertion": 13, "why": "No zebra."}})),
            named("aide", "Zebra aide", json!({"speaks_for": "zebra-voice"})),
            event(
                json!({"sources_merged": {"from": "soax", "into": "zebra-voice", "why": "One zebra."}}),
            ),
            asserted(4, "Nobody disagreed", "zebra-voice", None),
            confidential(named("zebra-voice", "Zebra Voice", json!({"aliases": ["SOAX insider"]}))),
        ],
    );
    desk
}

/// Removes from JSON what differs between any two ledgers: times, hashes, lengths.
fn without_accidents(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for accident in ["recorded", "before", "entry", "named_at"] {
                fields.remove(accident);
            }
            fields.values_mut().for_each(without_accidents);
        }
        Value::Array(items) => items.iter_mut().for_each(without_accidents),
        _ => {}
    }
}

fn comparable(said: &Said) -> Said {
    let line = |line: &str| match serde_json::from_str::<Value>(line) {
        Ok(mut value) => {
            without_accidents(&mut value);
            value.to_string()
        }
        Err(_) if line.contains("commitment ") || line.contains("hash ") => String::new(),
        Err(_) => line.split(" recorded 2").next().unwrap_or_default().to_owned(),
    };
    let out = said.out.lines().map(line).collect::<Vec<_>>().join("\n");
    Said { out, ..said.clone() }
}

const QUESTIONS: [&[&str]; 30] = [
    &["who", "users"],
    &["who", "soax"],
    &["who", "tribune"],
    &["who", "counted"],
    &["who", "insider"],
    &["who", "left early"],
    &["who", "stayed"],
    &["who", "voice"],
    &["who", "disagreed"],
    &["who", "affair"],
    &["who", "file"],
    &["list", "claims"],
    &["list", "claims", "--source", "soax"],
    &["list", "claims", "--source", "SOAX insider"],
    &["list", "claims", "--document", "#2"],
    &["list", "claims", "--topic", "affair"],
    &["list", "claims", "--since", "2000"],
    &["list", "claims", "--unchecked"],
    &["list", "sources"],
    &["list", "documents"],
    &["list", "documents", "--source", "tribune"],
    &["show", "#1"],
    &["show", "#2"],
    &["show", "#6"],
    &["show", "#7"],
    &["show", "soax"],
    &["show", SHARED_URL],
    &["show", "11 users"],
    &["diff", "#2", "#4"],
    &["diff", "tribune", "herald"],
];

#[test]
fn whoever_may_not_see_the_secrets_gets_the_answers_of_a_ledger_without_them() {
    let (open, secret) = (open(), with_secrets());
    for question in QUESTIONS {
        for as_json in [false, true] {
            let mut arguments = question.to_vec();
            arguments.extend(as_json.then_some("--json"));
            let (expected, said) = (open.run(&arguments), secret.run(&arguments));
            assert_eq!(comparable(&said), comparable(&expected), "{arguments:?}");
        }
    }
    open.audit();
    secret.audit();
}

#[test]
fn the_log_has_every_entry_and_withholds_what_is_secret() {
    let secret = with_secrets();
    let text = secret.run(&["log"]).clean();
    let lower = text.to_lowercase();
    assert!(SECRETS.iter().all(|word| !lower.contains(word)), "{text}");
    let entries = secret.run(&["log", "--json"]).json();
    assert_eq!(entries.len() as u64, secret.entries());
    for entry in entries {
        let is_secret = entry["seq"].as_u64().unwrap() >= 9;
        assert_eq!(entry["withheld"], is_secret, "{entry}");
        assert_eq!(entry["event"].is_null(), is_secret, "{entry}");
        assert_eq!(entry["hash"].as_str().unwrap().len(), 64, "it is in the chain: {entry}");
    }
    secret.audit();
}

#[test]
fn a_secret_is_answered_like_what_is_not_there() {
    let secret = with_secrets();
    let alike = |arguments: &dyn Fn(&'static str) -> Vec<&'static str>, hidden, absent: &str| {
        let (said, other) =
            (secret.run(&arguments(hidden)), secret.run(&arguments(absent_of(absent))));
        let expected = Said {
            out: other.out.replace(absent, hidden),
            err: other.err.replace(absent, hidden),
            ..other
        };
        assert_eq!(said, expected, "{:?}", arguments(hidden));
    };
    let numbers =
        ["#9", "#10", "#11", "#12", "#13", "#14", "#15", "#16", "#17", "#18", "#19", "#20"];
    for number in numbers.into_iter().chain(["#21", "#22", "#23", "#24", "#25", "#26"]) {
        alike(&|id| vec!["show", id], number, "#999");
        alike(&|id| vec!["show", id, "--json"], number, "#999");
        alike(&|id| vec!["diff", id, "#2"], number, "#999");
        alike(&|id| vec!["list", "claims", "--document", id], number, "#999");
    }
    for name in ["zebra-voice", "Zebra Voice", "aide", "Zebra file", "The heron left early"] {
        alike(&|id| vec!["show", id], name, "nobody-here");
        alike(&|id| vec!["show", id, "--json"], name, "nobody-here");
        alike(&|id| vec!["who", id], name, "nobody-here");
        alike(&|id| vec!["who", id, "--json"], name, "nobody-here");
        alike(&|id| vec!["list", "claims", "--source", id], name, "nobody-here");
        alike(&|id| vec!["list", "documents", "--source", id], name, "nobody-here");
        alike(&|id| vec!["diff", id, "#2"], name, "nobody-here");
    }
    secret.audit();
}

/// The stand-ins for what is not there, as long as the program runs.
fn absent_of(absent: &str) -> &'static str {
    if absent == "#999" { "#999" } else { "nobody-here" }
}

#[test]
fn a_hash_of_what_is_secret_finds_nothing() {
    let secret = with_secrets();
    let shown = secret.run(&["show", "#10", "--confidential", "--json"]).json();
    for hash in [&shown[0]["text"], &shown[0]["original"], &shown[0]["entry"]["hash"]] {
        let prefix = &hash.as_str().unwrap()[..12];
        let said = secret.run(&["show", prefix]);
        assert!(said.refusal().contains("nothing in this ledger matches"), "{said:?}");
    }
    secret.audit();
}

#[test]
fn who_asks_for_what_is_confidential_by_name_is_shown_it() {
    let secret = with_secrets();
    let mut all = String::new();
    for arguments in [
        &["list", "claims"][..],
        &["list", "sources"],
        &["list", "documents"],
        &["show", "#6"],
        &["show", "#10"],
        &["show", "#11"],
        &["show", "#14"],
        &["show", "zebra-voice"],
        &["show", "#9", "--json"],
        &["list", "claims", "--json"],
    ] {
        let mut asked = arguments.to_vec();
        asked.push("--confidential");
        let text = secret.run(&asked).clean();
        all.push_str(&text.to_lowercase());
    }
    for word in
        SECRETS.into_iter().take(2).chain(["zebra voice", "the zebra said so", "confidential"])
    {
        assert!(all.contains(word), "{word}");
    }
    secret.audit();
}

#[test]
fn a_refused_quotation_tells_nothing_of_a_document_that_is_secret() {
    let secret = with_secrets();
    // Nearly its words; its words but for a look-alike; its words elsewhere.
    let quotes = ["SOAX never counts", "SOAX never\u{a0}counted users", "the Zebra file"];
    for quote in quotes {
        let arguments = ["record", "--document", "10", "--quote", quote, "--source", "soax"];
        for extra in [None, Some("--json"), Some("-v")] {
            let said = secret.run(&arguments.into_iter().chain(extra).collect::<Vec<_>>());
            assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
            // Nothing follows the words that were given.
            let (_, told) = said.err.split_once('”').unwrap();
            let told = told.trim_end().trim_end_matches("\"}}");
            assert_eq!(told, " does not occur in the body: quote its exact words", "{said:?}");
        }
    }
    let near = ["record", "--document", "10", "--quote", "SOAX never counts", "--source", "soax"];
    let asked = secret.run(&near.into_iter().chain(["--confidential"]).collect::<Vec<_>>());
    assert!(asked.refusal().contains("nearest"), "{asked:?}");
    secret.audit();
}

#[test]
fn an_address_finds_no_document_that_is_secret() {
    let (open, secret) = (open(), with_secrets());
    let there = ["record", "--document", SHARED_URL, "--quote", "Calls end", "--source", "crew@"];
    for desk in [&open, &secret] {
        let recorded = desk.run(&there.into_iter().chain(["--json"]).collect::<Vec<_>>()).json();
        let at = recorded[0]["at"].as_u64().unwrap();
        let shown = desk.run(&["show", &format!("#{at}"), "--json"]).json();
        assert_eq!(shown[0]["asserted"]["document"], 2, "{shown:?}");
    }
    open.audit();
    secret.audit();
}

#[test]
fn an_outlet_that_is_secret_is_never_met_in_silence() {
    let desk = open();
    let hidden = json!({"slug": "hw", "name": "Hidden Wire", "kind": "outlet"});
    record(&desk, &[confidential(json!({"event": {"source_named": hidden}}))]);
    let html = b"<meta property='og:site_name' content='Hidden Wire'><p>The quay will close.</p>";
    let (page, plain) = (desk.file("page.html", html), desk.file("page.txt", b"The quay is open."));
    let given = [
        vec!["capture", &plain, "--publisher", "hw"],
        vec!["capture", &plain, "--publisher", "tribune", "--republisher", "hw"],
    ];
    for arguments in given {
        let said = desk.run(&arguments);
        assert!(said.refusal().contains("taken"), "{said:?}");
    }
    // By its name it is as one that nobody has named: what is captured is another's, in the open.
    desk.run(&["capture", &page]).clean();
    desk.run(&["capture", &plain, "--publisher", "tribune", "--republisher", "Hidden Wire"])
        .clean();
    let listed = desk.run(&["list", "documents", "--source", "hidden-wire", "--json"]).json();
    assert!(!listed.is_empty());
    let asked = desk.run(&["list", "documents", "--confidential", "--json"]).json();
    assert!(asked.iter().all(|document| document["publisher"] != "hw"), "{asked:?}");
    desk.audit();
}

#[test]
fn a_page_that_names_a_source_that_is_secret_meets_none() {
    let desk = open();
    record(&desk, &[confidential(named("zebra-voice", "Zebra Voice", json!({})))]);
    let page = desk.file("page.txt", "“The quay will close,” said Zebra Voice.".as_bytes());
    let said = desk.run(&["ingest", &page, "--publisher", "tribune", "--all"]);
    assert!(said.err.contains("stays an unnamed source"), "{said:?}");
    assert!(!said.err.contains("confidential"), "{said:?}");
    for line in said.out.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let hops = line["event"]["claim_asserted"]["hops"].to_string();
        assert!(!hops.contains("\"zebra-voice\""), "{line}");
    }
    desk.audit();
}

/// A workshop in which an event in secret speaks of a source that nobody named.
fn forged() -> Workshop {
    let workshop = Workshop::new();
    let line = r#"{"by":{"person":"Ana"},"confidential":true,"event":{"note_added":{"target":{"source":"zebra-voice"},"text":"A heron."}}}"#;
    let at = workshop.slip_in(&Event::decode(line.as_bytes()).unwrap());
    assert_eq!(at.get(), 1);
    workshop
}

fn audited(workshop: &Workshop, confidential: bool) -> (String, Value) {
    let scratch = tempfile::tempdir().unwrap();
    let options =
        audit::AuditOptions { wait: WAIT, scratch: scratch.path().to_owned(), confidential };
    let report = audit(&workshop.folder(), &options).unwrap();
    let words: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    (words.join("\n"), serde_json::to_value(&report).unwrap())
}

#[test]
fn an_audit_says_that_something_is_wrong_with_a_secret_and_not_what_the_secret_is() {
    let workshop = forged();
    // Views that are behind, views of it all, and views that are wrong.
    for round in 0..3 {
        if round > 0 {
            Ledger::rebuild(&workshop.folder(), &Options::default()).unwrap();
        }
        if round == 2 {
            const MARKS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("marks");
            const TERMS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("terms");
            blocks::change(&workshop.layout().views().join("views.redb"), |database| {
                let writing = database.begin_write().unwrap();
                for table in [MARKS, TERMS] {
                    writing.open_table(table).unwrap().retain(|_, _| false).unwrap();
                }
                writing.commit().unwrap();
            });
        }
        let (words, report) = audited(&workshop, false);
        assert_eq!(report["counts"]["source_dangling"], 1, "{report}");
        assert_eq!(report["counts"].get("views_differ").is_some(), round == 2, "{report}");
        for told in [words, report.to_string()] {
            assert!(told.contains("source_dangling") && told.contains("--confidential"), "{told}");
            assert!(!told.contains("zebra") && !told.contains("heron"), "{told}");
        }
        let (words, report) = audited(&workshop, true);
        assert!(words.contains("zebra-voice"), "{words}");
        assert!(report.to_string().contains("zebra-voice"), "{report}");
    }
}

#[test]
fn what_an_event_says_of_itself_counts_whatever_the_views_list() {
    const TERMS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("terms");
    const CONFIDENTIAL: u8 = 8;
    let desk = open();
    record(
        &desk,
        &[
            confidential(
                json!({"event": {"note_added": {"target": {"assertion": 6}, "text": "A zebra."}}}),
            ),
            confidential(asserted(2, "The ibis stayed late", "soax", None)),
            confidential(named("heron-voice", "Heron Voice", json!({}))),
        ],
    );
    blocks::change(&desk.ledger().join("views/views.redb"), |database| {
        let writing = database.begin_write().unwrap();
        let mut terms = writing.open_table(TERMS).unwrap();
        let before = terms.iter().unwrap().count();
        terms.retain(|key, _| key[0] != CONFIDENTIAL).unwrap();
        assert!(terms.iter().unwrap().count() < before);
        drop(terms);
        writing.commit().unwrap();
    });
    for question in [
        &["show", "#6"][..],
        &["show", "#9"],
        &["show", "#10"],
        &["show", "#11"],
        &["log"],
        &["list", "claims"],
        &["who", "ibis"],
        &["show", "heron-voice"],
        &["list", "documents"],
    ] {
        for as_json in [false, true] {
            let said = desk.run(
                &question.iter().copied().chain(as_json.then_some("--json")).collect::<Vec<_>>(),
            );
            let out = said.out.to_lowercase().replace("the ibis stayed late. calls", "");
            for word in ["a zebra", "heron voice", "heron-voice\""] {
                assert!(!out.contains(word), "{question:?}: {said:?}");
            }
            assert!(!out.contains("“the ibis stayed late”"), "{question:?}: {said:?}");
        }
    }
    desk.run(&["rebuild"]).clean();
    desk.audit();
}
