//! Bad input is refused: one clear line, exit code 2, and nothing recorded.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::program::{BINARY, Desk, Said};
use serde_json::{Value, json};
use testimony::ledger::{Environment, Ledger, Options};

const TEXT: &str =
    "According to SOAX, there were 11.8 million users. Users said so, and users left.";

/// A ledger with a document, #1, and a source, #2.
fn desk() -> Desk {
    let desk = Desk::with_document(TEXT);
    desk.record(&[named("soax")]).clean();
    desk
}

fn named(slug: &str) -> String {
    json!({"event": {"source_named": {"slug": slug, "name": slug, "kind": "organisation"}}})
        .to_string()
}

/// An assertion that can be recorded, with some of its fields replaced.
fn asserted(changes: Value) -> String {
    let mut assertion = json!({
        "document": 1,
        "content": ["there were 11.8 million users"],
        "hops": [{"sources": ["soax"], "role": "said", "cue": ["According to"]}],
    });
    for (field, value) in changes.as_object().unwrap() {
        assertion[field] = value.clone();
    }
    json!({"event": {"claim_asserted": assertion}}).to_string()
}

/// Checks that a run is refused on one line that says all of `words`, and that nothing of it stays.
#[track_caller]
fn refused(desk: &Desk, words: &[&str], run: impl FnOnce() -> Said) {
    let before = (desk.entries(), desk.checkpoint());
    let said = run();
    let line = said.refusal();
    for word in words {
        assert!(line.contains(word), "no {word:?} in: {line}");
    }
    assert_eq!(said.out, "", "nothing was done, so nothing is said of it");
    assert_eq!((desk.entries(), desk.checkpoint()), before, "something stays of: {line}");
    desk.audit();
}

/// Checks that `line`, after a good one, is refused to a person and to a program.
#[track_caller]
fn line_is_refused(line: &[u8], kind: &str, words: &[&str]) {
    let desk = desk();
    let mut input = named("good").into_bytes();
    input.push(b'\n');
    input.extend_from_slice(line);
    input.push(b'\n');
    let mut expected = vec!["line 2: "];
    expected.extend(words);
    refused(&desk, &expected, || desk.feed(&["record", "-"], &input));
    let error = desk.feed(&["record", "-", "--json"], &input).refusal_json();
    assert_eq!((&error["kind"], &error["line"]), (&json!(kind), &json!(2)), "{error}");
    assert!(words.iter().all(|word| error["message"].as_str().unwrap().contains(word)), "{error}");
    assert_eq!(desk.entries(), 3);
}

#[test]
fn malformed_json_is_refused() {
    line_is_refused(br#"{"event":{"note_added":"#, "input", &["column", "docs/json.md"]);
    line_is_refused(b"telegram is blocked", "input", &["expected"]);
    line_is_refused(br#"{"event":{}}"#, "input", &["column"]);
}

#[test]
fn an_unknown_field_is_refused() {
    line_is_refused(asserted(json!({"speaker": "soax"})).as_bytes(), "input", &["`speaker`"]);
    let outer = named("x").replace("{\"event\"", "{\"when\":1,\"event\"");
    line_is_refused(outer.as_bytes(), "input", &["`when`"]);
}

#[test]
fn a_duplicate_key_is_refused() {
    let twice = asserted(json!({})).replace("\"document\":1", "\"document\":1,\"document\":2");
    line_is_refused(twice.as_bytes(), "input", &["duplicate field `document`"]);
    let slugs = named("x").replace("\"slug\":\"x\"", "\"slug\":\"x\",\"slug\":\"y\"");
    line_is_refused(slugs.as_bytes(), "input", &["duplicate field `slug`"]);
    let events =
        format!("{{{0},{0}}}", r#""event":{"note_added":{"target":{"event":0},"text":"x"}}"#);
    line_is_refused(events.as_bytes(), "input", &["duplicate field `event`"]);
}

#[test]
fn words_that_do_not_stand_in_the_text_are_refused_with_what_is_nearest() {
    let line = asserted(json!({"content": ["there were 11.9 million users"]}));
    line_is_refused(
        line.as_bytes(),
        "refused",
        &["does not occur", "nearest: at 19", "11.8 million"],
    );
}

#[test]
fn words_that_stand_twice_are_refused_with_their_places() {
    let line = asserted(json!({"content": ["users"]}));
    line_is_refused(line.as_bytes(), "refused", &["occurs 2 times", "at 43, 69"]);
}

#[test]
fn a_line_that_is_no_utf8_is_refused() {
    line_is_refused(b"{\"event\":\xff}", "input", &["not UTF-8 from byte 9"]);
}

#[test]
fn an_amount_that_is_no_decimal_is_refused() {
    for amount in [json!("eleven"), json!("1e6"), json!("11,8"), json!(11.8), json!("")] {
        let quantity = json!({"amount": amount, "unit": "users"});
        let line = asserted(json!({"claim": {"quantities": [quantity]}}));
        line_is_refused(line.as_bytes(), "input", &["column"]);
    }
}

#[test]
fn an_unknown_event_tag_is_refused_as_perhaps_newer() {
    let words = ["unknown variant `rumour_spread`", "newer version"];
    line_is_refused(br#"{"event":{"rumour_spread":{}}}"#, "input", &words);
}

#[test]
fn an_unknown_source_is_refused_and_none_is_invented() {
    let line = asserted(json!({"hops": [{"sources": ["soaks"], "role": "said"}]}));
    line_is_refused(line.as_bytes(), "refused", &["no source is called `soaks`", "testimony name"]);
    let desk = desk();
    desk.record(&[line]).refusal();
    let sources = desk.run(&["list", "sources", "--json"]).json();
    assert_eq!(sources.len(), 1, "{sources:?}");
    desk.audit();
}

#[test]
fn an_attributed_assertion_without_a_source_is_refused() {
    line_is_refused(asserted(json!({"hops": []})).as_bytes(), "refused", &["has no source"]);
}

#[test]
fn nesting_of_10000_levels_is_refused() {
    let deep = format!("{{\"event\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    line_is_refused(deep.as_bytes(), "input", &["column"]);
    let deep = format!("{}1{}", "{\"event\":".repeat(10_000), "}".repeat(10_000));
    line_is_refused(deep.as_bytes(), "input", &["column"]);
}

#[test]
fn an_event_over_64_kib_is_refused() {
    let targets = vec![json!({"event": 0}); 8000];
    let assigned = json!({"topic": "telegram", "targets": targets});
    let line = json!({"event": {"topic_assigned": assigned}}).to_string();
    line_is_refused(line.as_bytes(), "refused", &["the limit is 65536"]);
}

#[test]
fn a_text_over_8192_characters_is_refused() {
    let note = json!({"target": {"event": 0}, "text": "x".repeat(9000)});
    let line = json!({"event": {"note_added": note}}).to_string();
    line_is_refused(line.as_bytes(), "input", &["8,192 characters"]);
}

/// What editors on Windows put before the first line is no part of it.
#[test]
fn a_byte_order_mark_is_skipped_at_the_head_and_named_anywhere_else() {
    let desk = desk();
    let note = |text: &str| {
        json!({"event": {"note_added": {"target": {"document": 1}, "text": text}}}).to_string()
    };
    let before = desk.entries();
    for (input, recorded) in [
        ("\u{feff}".to_owned(), 0),
        ("\u{feff}\r\n\r\n".to_owned(), 0),
        (format!("\u{feff}{}\r\n\r\n{}\r\n", note("a"), note("b\u{feff}c")), 2),
        (format!("\u{feff}\n{}", note("d")), 1),
    ] {
        let file = desk.file("lines.jsonl", input.as_bytes());
        let said = desk.run(&["record", &file, "--json"]).json();
        assert_eq!(said.last().unwrap()["recorded"], recorded, "{input:?}");
    }
    assert_eq!(desk.entries(), before + 3);
    for (input, words) in [
        (format!("{}\n\u{feff}{}\n", note("e"), note("f")), "line 2: a byte order mark (U+FEFF)"),
        (format!("\u{feff}\u{feff}{}", note("e")), "line 1: a byte order mark (U+FEFF)"),
        (format!("{}\u{feff}", note("e")), "line 1: a byte order mark (U+FEFF)"),
    ] {
        let file = desk.file("lines.jsonl", input.as_bytes());
        refused(&desk, &[words], || desk.run(&["record", &file]));
    }
    for big in [false, true] {
        let units = std::iter::once(0xfeff).chain(note("e").encode_utf16().collect::<Vec<_>>());
        let bytes = units.flat_map(|it| if big { it.to_be_bytes() } else { it.to_le_bytes() });
        let file = desk.file("lines.jsonl", &bytes.collect::<Vec<u8>>());
        refused(&desk, &["line 1", "byte order mark", "UTF-16"], || desk.run(&["record", &file]));
    }
    desk.audit();
}

#[test]
fn a_line_of_100_mib_is_refused_in_little_memory() {
    let desk = desk();
    let before = (desk.entries(), desk.checkpoint());
    let limited = format!("ulimit -d 180000; exec '{BINARY}' \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limited, "sh", "--ledger"]).arg(desk.ledger()).args(["record", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let piece = vec![b'x'; 1 << 20];
        // The program hangs up once it has seen enough.
        (0..100).take_while(|_| pipe.write_all(&piece).is_ok()).count()
    });
    let said = Said::of(&child.wait_with_output().unwrap());
    assert!(writer.join().unwrap() < 100, "it was read to its end");
    assert!(said.refusal().contains("line 1: the line is longer than 524288 bytes"), "{said:?}");
    assert_eq!((desk.entries(), desk.checkpoint()), before);
    desk.audit();
}

#[test]
fn a_file_that_is_no_text_is_not_captured() {
    let desk = desk();
    let broken = desk.file("broken.txt", b"caf\xc3\xa9s, \xc3\xa9t\xe9");
    refused(&desk, &["broken.txt", "UTF-8", "11"], || desk.run(&["capture", &broken]));
    let good = desk.file("good.txt", b"Good.");
    refused(&desk, &["broken.txt"], || desk.run(&["capture", &good, &broken]));
    let picture = desk.file("picture.txt", b"\x89PNG\r\n\x1a\n\0");
    refused(&desk, &["picture.txt", "NUL"], || desk.run(&["capture", &picture]));
    let many = desk.file("many.html", "<br>".repeat(1_000_001).as_bytes());
    refused(&desk, &["many.html", "elements"], || desk.run(&["capture", &many]));
    let page = desk.file("page.docx", b"Good.");
    refused(&desk, &["page.docx"], || desk.run(&["capture", &page]));
    refused(&desk, &["absent.txt"], || desk.run(&["capture", "absent.txt"]));
    refused(&desk, &["."], || desk.run(&["capture", "--format", "plain", "."]));
}

#[test]
fn a_bad_line_in_the_first_commit_records_nothing() {
    let desk = desk();
    let mut lines: Vec<String> = (0..999).map(|number| named(&format!("s-{number}"))).collect();
    lines.push("nonsense".into());
    refused(&desk, &["line 1000: "], || desk.record(&lines));
}

#[test]
fn a_bad_line_in_the_second_commit_leaves_the_first_and_says_so() {
    let desk = desk();
    for bad in ["nonsense".to_owned(), asserted(json!({"content": ["never said"]}))] {
        let desk = self::desk();
        let mut lines: Vec<String> =
            (0..1010).map(|number| named(&format!("s-{number}"))).collect();
        lines.push(bad);
        let said = desk.record(&lines);
        let line = said.refusal();
        assert!(
            line.contains("line 1011: ")
                && line.contains("1000 events from earlier commits stay recorded"),
            "{line}"
        );
        assert_eq!(desk.entries(), 1003);
        let signed = String::from_utf8(desk.checkpoint()).unwrap();
        assert_eq!(signed.lines().nth(1), Some("1003"), "the checkpoint covers what was recorded");
        assert!(
            desk.record(&[named("s-999"), named("s-1009")]).clean().contains("recorded 1 event")
        );
        desk.audit();
    }
    desk.audit();
}

#[test]
fn a_ledger_that_another_holds_is_waited_for_and_then_left() {
    let desk = desk();
    let before = (desk.entries(), desk.checkpoint());
    let held = Ledger::open(desk.ledger(), &Options::default(), Environment::system()).unwrap();
    let began = Instant::now();
    let said = desk.record(&[named("late")]);
    let waited = began.elapsed();
    assert!(said.refusal().contains("another process"), "{said:?}");
    assert!((Duration::from_secs(4)..Duration::from_secs(15)).contains(&waited), "{waited:?}");
    let error = desk.feed(&["record", "-", "--json"], b"").refusal_json();
    assert_eq!(error["kind"], "busy");
    held.close().unwrap();
    assert_eq!((desk.entries(), desk.checkpoint()), before);
    desk.record(&[named("late")]).clean();
    desk.audit();
}

#[test]
fn a_bad_command_line_is_refused_on_one_line() {
    let desk = desk();
    desk.record(&[asserted(json!({}))]).clean();
    let bad: [(&[&str], &str); 11] = [
        (&["whoo", "telegram"], "'whoo'"),
        (&["who"], "<QUERY>"),
        (&["who", "…"], "no words"),
        (&["who", "users", "--limit", "many"], "'many'"),
        (&["who", "users", "--as-of", "yesterday"], "yesterday"),
        (&["list", "nothing"], "'nothing'"),
        (&["record"], "--document"),
        (&["record", "-", "--quote", "users"], "--quote"),
        (&["record", "--document", "1", "--quote", "left", "--act", "sings"], "sings"),
        (&["check", "3"], "nothing was checked"),
        (
            &[
                "record",
                "--document",
                "1",
                "--quote",
                "left",
                "--source",
                "soax",
                "--quantity",
                "x users",
            ],
            "x",
        ),
    ];
    for (arguments, words) in bad {
        refused(&desk, &[words], || desk.run(arguments));
        let mut for_a_program = arguments.to_vec();
        for_a_program.push("--json");
        let error = desk.run(&for_a_program).refusal_json();
        let usage = error["kind"] == "usage" || arguments[0] == "check";
        assert!(usage && error.get("line").is_none(), "{error}");
    }
}

#[test]
fn what_is_not_there_is_refused_by_name() {
    let desk = desk();
    desk.record(&[asserted(json!({}))]).clean();
    let absent: [&[&str]; 6] = [
        &["show", "#99"],
        &["show", "nobody"],
        &["show", "abcdef0"],
        &["list", "claims", "--source", "nobody"],
        &["list", "claims", "--document", "#99"],
        &["diff", "nobody", "#1"],
    ];
    for arguments in absent {
        refused(&desk, &["nothing in this ledger matches"], || desk.run(arguments));
    }
    refused(&desk, &["not empty"], || desk.run(&["init"]));
}

#[test]
fn a_ledger_that_is_not_there_is_refused_with_how_to_make_one() {
    let desk = desk();
    let away = desk.folder().join("away");
    std::fs::rename(desk.ledger(), &away).unwrap();
    for arguments in [&["who", "users"][..], &["record", "-"], &["rebuild"], &["checkpoint"]] {
        let said = desk.run(arguments);
        assert!(said.refusal().contains("there is no ledger at"), "{said:?}");
        assert!(said.refusal().contains("testimony init"), "{said:?}");
    }
    assert!(!desk.ledger().exists(), "none is made by the way");
    std::fs::rename(&away, desk.ledger()).unwrap();
    desk.audit();
}

#[test]
fn a_missing_or_foreign_key_is_refused_and_unsigned_writing_leaves_the_checkpoint() {
    let desk = desk();
    let (key, away) = (desk.ledger().join("key"), desk.folder().join("away"));
    std::fs::rename(&key, &away).unwrap();
    refused(&desk, &["--unsigned"], || desk.record(&[named("x")]));
    let other = Desk::new();
    let foreign = other.ledger().join("key").display().to_string();
    refused(&desk, &["not this ledger's"], || {
        desk.run(&["--key", &foreign, "name", "X", "--kind", "person"])
    });
    let before = desk.checkpoint();
    desk.run(&["--unsigned", "name", "X", "--kind", "person"]).clean();
    assert_eq!((desk.entries(), desk.checkpoint()), (4, before.clone()));
    desk.run(&["--key", &away.display().to_string(), "checkpoint"]).clean();
    assert_ne!(desk.checkpoint(), before);
    desk.audit();
}

/// A document and what is quoted from it, which stands there but for what the eye passes over.
const LOOK_ALIKES: &[(&str, &str, &str)] = &[
    ("It had to wait for more\nthan 10% there.", "wait for more than 10%", "breaks the line after"),
    ("It had to wait for more\r\nthan ten.", "wait for more than ten", "breaks the line after"),
    ("It is the\u{a0}port's own.", "the port's own", "no-break space after “the”"),
    ("It is the  port!", "the port!", "2 spaces after “the”"),
    ("Le cafe\u{301} est ferme\u{301}.", "café est fermé", "composed differently"),
    ("Le café est fermé.", "cafe\u{301} est ferme\u{301}", "composed differently"),
    ("He said ‘yes’ – it’s so…", "'yes' - it's so...", "(U+2018)"),
    ("The port\u{ad}mas\u{200b}ter left.", "portmaster left", "soft hyphen"),
    ("\u{2212}5\u{a0}degrees, it said.", "-5 degrees", "(U+2212)"),
    ("-5\u{a0}degrees, it said.", "-5 degrees", "no-break space"),
    ("The Port Said No.", "the port said no", "“T” in “The”"),
    ("The `Port` $said \\n\n\"no\" to 5% 'x' !", "$said \\n \"no\" to 5% 'x' !", "breaks the line"),
];

#[test]
fn what_a_refusal_shows_can_be_pasted() {
    for (text, given, difference) in LOOK_ALIKES {
        let desk = Desk::with_document(text);
        let quote = format!("--quote={given}");
        let typed = ["record", "--document", "1", "--source", "port@", &quote];
        let mut line = String::new();
        refused(&desk, &["does not occur", difference, "--quote"], || {
            let said = desk.run(&typed);
            line = said.err.trim_end().to_owned();
            said
        });
        let option = &line[line.find("--quote").unwrap()..];
        let begin = "\"$1\" --ledger \"$2\" record --document 1 --source port@";
        let mut shell = Command::new("sh");
        shell.env("TESTIMONY_BY", "Ana").args(["-c", &format!("{begin} {option}"), "sh", BINARY]);
        let pasted = shell.arg(desk.ledger()).stdin(Stdio::null()).output().unwrap();
        assert!(pasted.status.success(), "{option}: {pasted:?}");

        let line = |words: &str| {
            let hops = json!([{"sources": ["harbour@"], "role": "said"}]);
            json!({"event": {"claim_asserted": {"document": 1, "content": [words], "hops": hops}}})
                .to_string()
        };
        let told = desk.record(&[line(given)]);
        let said = told.refusal();
        let string = &said[said.find("characters, ").unwrap() + "characters, ".len()..];
        let words: String = serde_json::from_str(string.trim_end()).unwrap();
        desk.record(&[line(&words)]).clean();
        desk.audit();
    }
}

#[test]
fn look_alikes_in_several_places_are_counted() {
    let desk = Desk::with_document("The port said no.\nThe port\nsaid no. The Port Said no.");
    let typed = ["record", "--document", "1", "--source", "port@", "--quote", "the port said no"];
    refused(
        &desk,
        &["in 3 places", "at 0", "at 18", "at 36", "--quote 'The port said no' or"],
        || desk.run(&typed),
    );
}

#[test]
fn rings_are_refused_line_by_line() {
    let event = |event: Value| json!({ "event": event }).to_string();
    let merged = |from: &str, into: &str| {
        event(json!({"sources_merged": {"from": from, "into": into, "why": "x"}}))
    };
    let desk = desk();
    desk.record(&[named("ben"), merged("soax", "ben")]).clean();
    desk.capture("later.txt", "Later.");
    let revised = json!({"document": 5, "metadata": {"revises": 1}, "why": "x"});
    desk.record(&[event(json!({"document_corrected": revised}))]).clean();
    let back = json!({"document": 1, "metadata": {"revises": 5}, "why": "x"});
    let hop = |source: &str| json!({"sources": [source], "role": "said"});
    for (line, words) in [
        (merged("ben", "soax"), "ben cannot be merged into soax, because soax was merged into ben"),
        (event(json!({"document_corrected": back})), "#1 would revise or derive from itself"),
        (asserted(json!({"hops": [hop("ben"), hop("soax")]})), "soax appears in two hops"),
        (asserted(json!({"hops": [hop("x@"), hop("x@")]})), "appears in two hops of one chain"),
    ] {
        refused(&desk, &["line 2: ", words], || desk.record(&[named("good"), line.clone()]));
        let error = desk.feed(&["record", "-", "--json"], line.as_bytes()).refusal_json();
        assert_eq!((&error["kind"], &error["line"]), (&json!("refused"), &json!(1)), "{error}");
    }
}
