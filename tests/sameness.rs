//! What answers "already", and what is new; what a later event changes of it; and what is shown of
//! sources that a document leaves unnamed, of whom they speak for, and since when.

use crate::support::program::Desk;
use serde_json::{Value, json};

const TEXT: &str = "The Harbour Ministry's press office said the quay will close in May. Jo Tander, \
                    a spokesperson for the port, said ships wait. Critics object.";

/// A ledger with a document, #1, and Jo Tander, #3, who speaks for the port, #2.
fn desk() -> Desk {
    let desk = Desk::with_document(TEXT);
    desk.run(&["name", "Port", "--kind", "organisation"]).clean();
    desk.run(&["name", "Jo Tander", "--kind", "person", "--speaks-for", "port"]).clean();
    desk
}

const QUAY: [&str; 6] =
    ["record", "--document", "1", "--quote", "the quay will close in May", "--source"];

fn quay<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&QUAY, &["port"][..], more].concat()
}

fn event(event: Value) -> String {
    json!({ "event": event }).to_string()
}

#[test]
fn what_tells_two_assertions_apart_makes_another() {
    let desk = desk();
    assert_eq!(desk.run(&quay(&[])).clean(), "recorded #4\n");
    assert_eq!(desk.run(&quay(&[])).clean(), "already recorded as #4\n");
    for (at, more) in (5..).zip([
        ["--said", "2026-03-02"],
        ["--voice", "implied"],
        ["--against", "jo-tander"],
        ["--condition", "Critics object"],
        ["--framing", "distancing"],
    ]) {
        assert_eq!(desk.run(&quay(&more)).clean(), format!("recorded #{at}\n"), "{more:?}");
        assert_eq!(
            desk.run(&quay(&more)).clean(),
            format!("already recorded as #{at}\n"),
            "{more:?}"
        );
    }
    desk.audit();
}

#[test]
fn a_voided_assertion_never_answers_and_one_whose_void_is_withdrawn_does() {
    let desk = desk();
    desk.run(&quay(&[])).clean();
    let void = event(json!({"assertion_voided": {"assertion": 4, "why": "A slip."}}));
    desk.record(std::slice::from_ref(&void)).clean();
    assert_eq!(desk.run(&quay(&[])).clean(), "recorded #6\n");
    assert_eq!(desk.run(&quay(&[])).clean(), "already recorded as #6\n");
    // Withdrawn, the void of #4 is as if it had never been; both stand.
    desk.record(&[event(json!({"event_withdrawn": {"event": 5, "why": "It was right."}}))]).clean();
    let listed = desk.run(&["list", "claims", "--json"]).json();
    assert_eq!(listed.len(), 2);
    // In one commit: void, record again, and the same once more.
    let again = event(json!({"claim_asserted": {
        "document": 1,
        "content": ["the quay will close in May"],
        "hops": [{"sources": ["port"], "role": "said"}],
    }}));
    let voids = [4, 6].map(|assertion| {
        event(json!({"assertion_voided": {"assertion": assertion, "why": "A slip."}}))
    });
    let lines = [voids[0].clone(), voids[1].clone(), again.clone(), again];
    let said = desk.record(&lines).clean();
    assert_eq!(said, "line 4: already recorded as #10\nrecorded 3 events; 1 already recorded\n");
    // What is no check, void, topic and the like is not withdrawn.
    let refused = desk.record(&[event(json!({"event_withdrawn": {"event": 3, "why": "x"}}))]);
    assert!(refused.refusal().contains("#3 is not a check, void"), "{refused:?}");
    desk.audit();
}

#[test]
fn a_request_is_carried_out_once_and_says_one_thing() {
    let desk = desk();
    let note = |request: &str, text: &str| {
        let note = json!({"note_added": {"target": {"source": "port"}, "text": text}});
        json!({"request": request, "event": note}).to_string()
    };
    let first = desk.record(&[note("r-1", "First."), note("r-2", "First.")]).clean();
    assert_eq!(first, "recorded 2 events; 0 already recorded\n");
    let retried =
        desk.record(&[note("r-1", "First."), note("r-3", "Third."), note("r-3", "Third.")]);
    assert_eq!(
        retried.clean(),
        "line 1: already recorded as #4\nline 3: already recorded as #6\nrecorded 1 event; 2 already recorded\n"
    );
    let refused = desk.record(&[note("r-1", "Another.")]);
    assert!(refused.refusal().contains("already used for #4, which has a different content"));
    let within = desk.record(&[note("r-9", "One."), note("r-9", "Another.")]);
    assert!(within.refusal().contains("has a different content"), "{within:?}");
    assert_eq!(desk.entries(), 7);
    // Another recorder's requests are another's.
    let other = note("r-1", "First.").replacen('{', r#"{"by":{"person":"Bo"},"#, 1);
    assert_eq!(desk.record(&[other]).clean(), "recorded 1 event; 0 already recorded\n");
    desk.audit();
}

#[test]
fn a_new_headline_over_the_same_text_is_a_revision() {
    let desk = Desk::new();
    let page = desk.file("a.txt", b"The board met on Tuesday.");
    let capture = |more: &[&str]| {
        desk.run(&[&["capture", &page, "--url", "https://radio.example/a"], more].concat())
    };
    capture(&["--title", "Board meets"]).clean();
    assert_eq!(
        capture(&["--title", "Board meets"]).clean(),
        "already captured as #1 “Board meets”\n"
    );
    let second = capture(&["--title", "Board admits leak"]).clean();
    assert_eq!(
        second,
        "captured #2 “Board admits leak”\n  revises #1, an earlier capture of the same URL\n"
    );
    let dated = capture(&["--title", "Board admits leak", "--published", "2026-03-02"]).clean();
    assert!(dated.contains("captured #3") && dated.contains("revises #2"), "{dated}");
    // Another address is another page.
    let other = ["capture", &page, "--url", "https://radio.example/b", "--title", "Board meets"];
    assert_eq!(desk.run(&other).clean(), "captured #4 “Board meets”\n");
    desk.audit();
}

#[test]
fn what_is_confidential_is_not_named_as_what_a_public_capture_revises() {
    let desk = Desk::new();
    let page = desk.file("a.txt", b"The board met on Tuesday.");
    let url = "https://radio.example/a";
    desk.run(&["capture", &page, "--url", url, "--title", "Secret", "--confidential"]).clean();
    let said = desk.run(&["capture", &page, "--url", url, "--title", "Open"]).clean();
    assert_eq!(said, "captured #2 “Open”\n");
    desk.audit();
}

#[test]
fn options_that_would_change_nothing_are_refused() {
    let desk = desk();
    let page = desk.file("a.txt", b"The board met on Tuesday.");
    desk.run(&["capture", &page, "--credit", "Agencies"]).clean();
    desk.run(&["capture", &page, "--credit", "Agencies"]).clean();
    let refused = desk.run(&["capture", &page, "--credit", "Reuters", "--language", "en"]);
    let line = refused.refusal();
    assert!(line.contains("#4 is already captured, so --credit and --language would have"));
    let open = |arguments: &[&str]| {
        let refused = desk.run(&[arguments, &["--confidential"]].concat());
        assert!(refused.refusal().contains("--confidential would have no effect"), "{refused:?}");
    };
    desk.run(&quay(&[])).clean();
    open(&quay(&[]));
    open(&["capture", &page]);
    open(&["name", "Port", "--kind", "organisation"]);
    assert_eq!(desk.entries(), 6);
    desk.audit();
}

#[test]
fn of_several_what_was_recorded_is_said_before_what_was_refused() {
    let desk = desk();
    let kept = desk.file("a.txt", b"The board met on Tuesday.");
    let (one, two) = (desk.file("b.txt", b"It rained."), desk.file("c.txt", b"It snowed."));
    desk.run(&["capture", &kept, "--credit", "Agencies"]).clean();
    let refused = desk.run(&["capture", &one, &kept, &two, "--credit", "Reuters"]);
    assert!(refused.refusal().contains("#4 is already captured, so --credit would have"));
    assert_eq!(refused.out, "captured #5, untitled\ncaptured #6, untitled\n");
    // Both are kept with the credit, so that to say so again is no trouble.
    let again = desk.run(&["capture", &one, &two, "--credit", "Reuters"]).clean();
    assert_eq!(again, "already captured as #5, untitled\nalready captured as #6, untitled\n");
    let three = desk.file("d.txt", b"It thawed.");
    let refused = desk.run(&["capture", &one, &three, "--confidential"]);
    assert!(refused.refusal().contains("--confidential would have no effect"), "{refused:?}");
    assert_eq!(refused.out, "captured #7, untitled\n");
    let four = desk.file("e.txt", b"It froze.");
    let refused = desk.run(&["capture", &kept, &four, "--json", "--credit", "Reuters"]);
    assert_eq!(refused.refusal_json()["kind"], "refused");
    let line: Value = serde_json::from_str(&refused.out).unwrap();
    assert_eq!((&line["document"], &line["already"]), (&json!(8), &json!(false)));
    // Nothing is proposed of what was not captured as it was asked.
    let refused = desk.run(&["ingest", &kept, "--credit", "Reuters", "--all"]);
    assert!(refused.refusal().contains("--credit would have no effect"), "{refused:?}");
    assert_eq!((refused.out.as_str(), desk.entries()), ("", 9));
    desk.audit();
}

#[test]
fn an_unnamed_source_is_shown_by_the_words_of_its_document() {
    let desk = desk();
    let said = |slug: &str, mention: &str, content: &str| {
        event(json!({"claim_asserted": {
            "document": 1,
            "content": [content],
            "hops": [{"sources": [format!("{slug}@")], "role": "said", "mention": [mention]}],
        }}))
    };
    desk.record(&[
        said(
            "harbour-ministrys-press-office",
            "Harbour Ministry's press office",
            "the quay will close",
        ),
        said("critics", "Critics", "object"),
    ])
    .clean();
    let shown = desk.run(&["who", "quay"]).clean();
    assert!(shown.contains("Harbour Ministry's press office (unnamed, in #1)"), "{shown}");
    // Described, it has the words, and speaks for whom the document says.
    let described = json!({"source_described": {
        "source": "critics@1",
        "name": "Critics of the quay",
        "kind": "group",
        "speaks_for": ["port"],
    }});
    desk.record(&[event(described)]).clean();
    let shown = desk.run(&["show", "#5"]).clean();
    assert!(shown.contains("Critics of the quay (unnamed, in #1)"), "{shown}");
    assert!(shown.contains("speaks for Port"), "{shown}");
    let named =
        event(json!({"source_described": {"source": "port", "name": "x", "kind": "group"}}));
    assert!(desk.record(&[named]).refusal().contains("port has a name"));
    desk.audit();
}

#[test]
fn a_spokesperson_speaks_for_whom_they_did_then_and_for_whom_the_document_says() {
    let desk = Desk::with_document(TEXT);
    let naming = json!({"source_named": {
        "slug": "jo-tander",
        "name": "Jo Tander",
        "kind": "person",
        "speaks_for": [
            {"source": "port", "during": {"to": "2025", "basis": "printed"}},
            {"source": "city", "during": {"from": "2026", "basis": "printed"}},
        ],
    }});
    desk.run(&["name", "Port", "--kind", "organisation"]).clean();
    desk.run(&["name", "City", "--kind", "government"]).clean();
    let said = |at: &str, capacity: Value| {
        let mut hop = json!({"sources": ["jo-tander"], "role": "said"});
        if !capacity.is_null() {
            hop["capacity"] = capacity;
        }
        event(json!({"claim_asserted": {
            "document": 1, "content": ["ships wait"], "hops": [hop], "said": {"at": at},
        }}))
    };
    let aide = json!({"words": "an aide", "speaks_for": ["port"]});
    let lines = [
        event(naming),
        said("2025-06-01", Value::Null),
        said("2026-06-01", Value::Null),
        said("2026-06-02", aide),
    ];
    desk.record(&lines).clean();
    let numbers = |source: &str| -> Vec<u64> {
        let listed = desk.run(&["list", "claims", "--source", source, "--json"]).json();
        let mut numbers: Vec<u64> =
            listed.iter().map(|one| one["assertion"].as_u64().unwrap()).collect();
        numbers.sort_unstable();
        numbers
    };
    assert_eq!(numbers("port"), [5, 7]);
    assert_eq!(numbers("city"), [6]);
    assert_eq!(numbers("jo-tander"), [5, 6, 7]);
    let shown = desk.run(&["show", "#7"]).clean();
    assert!(shown.contains("speaks for Port · as “an aide”"), "{shown}");
    desk.audit();
}
