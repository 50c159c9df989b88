//! What stands in a ledger never steers a terminal: no control, no reversal, nothing hidden gets
//! out as it is, in no command's output and in no refusal.

use crate::support::program::{Desk, Said};
use serde_json::{Value, json};

/// Colour, cursor, bell, a title for the window, backspace, delete, C1, bidi, zero width, tags.
const HOSTILE: &str = "red \u{1b}[31mnow\u{1b}[0m \u{1b}]0;title\u{7} up\u{8}\u{7f} \u{9b}2J \
                       \u{202e}back\u{202c} \u{2066}in\u{2069} zero\u{200b}width \u{feff} \u{e0041}";

fn is_hostile(letter: char) -> bool {
    (letter.is_control() && letter != '\n')
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(letter, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[track_caller]
fn is_harmless(said: &Said) {
    for text in [&said.out, &said.err] {
        let hostile: Vec<char> = text.chars().filter(|letter| is_hostile(*letter)).collect();
        assert!(hostile.is_empty(), "{hostile:?} in {text:?}");
    }
}

fn line(event: &Value) -> String {
    json!({ "event": event }).to_string()
}

/// A ledger in which every free text is hostile.
fn desk() -> Desk {
    let desk = Desk::new();
    let name = "\u{202e}Evil\u{2066} name\u{200b}";
    let named =
        json!({"slug": "evil", "name": name, "kind": "outlet", "aliases": [format!("{name} two")]});
    desk.record(&[line(&json!({ "source_named": named }))]).clean();
    for (file, text) in
        [("one.txt", format!("Say {HOSTILE} one.")), ("two.txt", format!("Say {HOSTILE} two."))]
    {
        let file = desk.file(file, text.as_bytes());
        let arguments =
            ["capture", &file, "--title", name, "--publisher", "evil", "--author", name];
        desk.run(&arguments).clean();
    }
    let asserted = |document: u64| {
        line(&json!({"claim_asserted": {
            "document": document,
            "content": [HOSTILE],
            "hops": [{"sources": ["evil"], "role": "said", "cue": ["Say"]}],
            "claim": {
                "words": format!("{HOSTILE} in document {document}"),
                "where": name,
                "quantities": [{"amount": "1", "unit": "u\u{202e}sers"}],
            },
        }}))
    };
    let lines = [
        asserted(2),
        asserted(3),
        line(&json!({"note_added": {"target": {"assertion": 4}, "text": HOSTILE}})),
        line(&json!({"assertion_checked": {"assertion": 4, "quote": "right", "note": HOSTILE}})),
        line(&json!({"topic_assigned": {"topic": "evil", "targets": [{"assertion": 4}]}})),
    ];
    desk.record(&lines).clean();
    desk
}

#[test]
fn no_answer_carries_a_control() {
    let desk = desk();
    for arguments in [
        &["who", "red"][..],
        &["who", "evil"],
        &["show", "#1"],
        &["show", "#2"],
        &["show", "#4"],
        &["show", "#6"],
        &["show", "evil"],
        &["list", "claims"],
        &["list", "sources"],
        &["list", "documents"],
        &["log"],
        &["diff", "#2", "#3"],
        &["diff", "evil", "#3"],
        &["audit"],
    ] {
        for as_json in [false, true] {
            let mut asked = arguments.to_vec();
            asked.extend(as_json.then_some("--json"));
            let said = desk.run(&asked);
            assert_ne!(said.code, Some(2), "{asked:?}: {said:?}");
            is_harmless(&said);
        }
    }
    desk.audit();
}

#[test]
fn json_gives_back_what_was_told_to_the_letter() {
    let desk = desk();
    let shown = desk.run(&["show", "#4", "--json"]).json();
    assert_eq!(shown[0]["asserted"]["content"][0]["text"]["exact"], HOSTILE);
    desk.audit();
}

#[test]
fn no_refusal_carries_a_control() {
    let desk = desk();
    let absent = format!("{HOSTILE} never said");
    let unknown = json!({"claim_asserted": {
        "document": 2, "content": ["Say"], "hops": [{"sources": [HOSTILE], "role": "said"}],
    }});
    let nowhere = json!({"claim_asserted": {"document": HOSTILE, "content": ["Say"]}});
    let quoted = json!({"claim_asserted": {"document": 2, "content": [absent], "voice": "outlet"}});
    let field = json!({ HOSTILE: 1 });
    for event in [unknown, nowhere, quoted, field] {
        let lines = [line(&event)];
        is_harmless(&desk.record(&lines));
        is_harmless(&desk.feed(&["record", "-", "--json"], lines[0].as_bytes()));
    }
    let hostile_file = format!("{HOSTILE}.txt");
    for arguments in [
        &["show", HOSTILE][..],
        &["who", HOSTILE],
        &["list", "claims", "--source", HOSTILE],
        &["diff", HOSTILE, "#2"],
        &["capture", &hostile_file],
        &["list", HOSTILE],
        &[HOSTILE],
    ] {
        for as_json in [false, true] {
            let mut asked = arguments.to_vec();
            asked.extend(as_json.then_some("--json"));
            is_harmless(&desk.run(&asked));
        }
    }
    desk.audit();
}
