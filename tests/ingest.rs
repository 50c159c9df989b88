//! `ingest` as people and programs use it: proposals as lines, as records, in a review; extractors
//! of every bad kind; and the corpus of a scorer.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::program::{Desk, Said};
use serde_json::{Value, json};

const TEXT: &str = "The quay will close in May, the harbour office said on Monday. Jo Tander, who \
                    speaks for it, put the cost at 3 million crowns. “Nobody asked us,” critics \
                    complained. Ferry firms fear that the quay will close in May for good.\n";

/// What a program finds in it, its document yet to be filled in.
fn lines(document: u64) -> Vec<Value> {
    let found_by = |confidence: u8| json!({ "extractor": { "name": "scout", "version": "1.2", "rule": "cue", "confidence": confidence } });
    let named = |slug: &str, name: &str, kind: &str| json!({"event": {"source_named": {"slug": slug, "name": name, "kind": kind}}});
    let mut tander = named("jo-tander", "Jo Tander", "person");
    tander["event"]["source_named"]["speaks_for"] = "harbour-office".into();
    vec![
        tander,
        named("harbour-office", "Harbour Office", "government"),
        json!({"event": {"claim_asserted": {
            "document": document,
            "content": [{"text": {"exact": "The quay will close in May", "start": 0}}],
            "hops": [{"sources": ["harbour-office"], "role": "said", "cue": ["said"],
                      "mention": ["the harbour office"]}],
            "found_by": found_by(90),
        }}}),
        json!({"event": {"claim_asserted": {
            "document": format!("#{document}"),
            "content": ["the cost at 3 million crowns"],
            "hops": [{"sources": ["jo-tander"], "role": "said", "cue": ["put"]}],
            "act": "estimates",
            "claim": {"quantities": [{"amount": "3000000", "unit": "crowns"}]},
            "found_by": found_by(70),
        }}}),
        json!({"event": {"claim_asserted": {
            "document": document,
            "content": ["Nobody asked us"],
            "hops": [{"sources": ["critics@"], "role": "said", "cue": ["complained"]}],
            "form": "direct",
            "found_by": found_by(40),
        }}}),
    ]
}

fn joined(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A new ledger, a page, and a command that answers with these lines whatever it is asked.
fn desk(lines: &[Value]) -> (Desk, String, String) {
    let desk = Desk::new();
    let page = desk.file("page.txt", TEXT.as_bytes());
    let answers = desk.file("lines.jsonl", joined(lines).as_bytes());
    (desk, page, format!("cat '{answers}'"))
}

fn ingest(desk: &Desk, page: &str, command: &str, more: &[&str]) -> Said {
    desk.run(&[&["ingest", page, "--extractor", command], more].concat())
}

#[test]
fn proposals_are_lines_that_record_takes_and_takes_once() {
    let (desk, page, command) = desk(&lines(1));
    let said = ingest(&desk, &page, &command, &[]).clean();
    assert_eq!(desk.entries(), 2, "nothing but the document is recorded");
    let shown: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds = shown.iter().map(|line| line["event"].as_object().unwrap().keys().next().unwrap());
    let expected =
        ["source_named", "source_named", "claim_asserted", "claim_asserted", "claim_asserted"];
    assert_eq!(kinds.collect::<Vec<_>>(), expected);
    assert_eq!(shown[0]["event"]["source_named"]["slug"], "harbour-office", "principals go first");
    let content = &shown[2]["event"]["claim_asserted"]["content"][0]["text"];
    let suffix = ", the harbour office said on Mon";
    let whole =
        json!({"exact": "The quay will close in May", "suffix": suffix, "start": 0, "end": 26});
    assert_eq!(*content, whole);

    let recorded = desk.feed(&["record", "-"], said.as_bytes()).clean();
    assert_eq!(recorded, "recorded 5 events; 0 already recorded\n");
    let again = ingest(&desk, &page, &command, &["--json"]).clean();
    assert_eq!(again.lines().count(), 3, "known sources are not named again: {again}");
    let recorded = desk.feed(&["record", "-"], again.as_bytes()).clean();
    assert!(recorded.ends_with("recorded 0 events; 3 already recorded\n"), "{recorded}");
    desk.audit();
}

#[test]
fn what_the_program_itself_proposes_is_recorded_once() {
    let desk = Desk::new();
    let page = desk.file("page.txt", TEXT.as_bytes());
    let said = desk.run(&["ingest", &page, "--all", "--publisher", "The Post"]).clean();
    assert!(said.contains("claim_asserted"), "{said}");
    let recorded = desk.feed(&["record", "-"], said.as_bytes()).clean();
    let events = said.lines().count();
    assert_eq!(recorded, format!("recorded {events} events; 0 already recorded\n"));
    let again = desk.run(&["ingest", &page, "--all", "--publisher", "The Post"]).clean();
    let recorded = desk.feed(&["record", "-"], again.as_bytes()).clean();
    assert!(recorded.contains("recorded 0 events"), "{recorded}");
    desk.audit();
}

#[test]
fn what_nobody_answers_for_is_left_out_and_said() {
    let mut own = lines(1)[4].clone();
    own["event"]["claim_asserted"]["hops"] = json!([]);
    own["event"]["claim_asserted"]["voice"] = json!("outlet");
    let (desk, page, command) = desk(&[own.clone()]);
    let said = ingest(&desk, &page, &command, &["--record"]);
    let note = "testimony: left out 1 proposal without a speaker because #1 has no publisher: capture it \
                with --publisher\n";
    assert_eq!((said.code, said.err.as_str()), (Some(0), note));
    own["event"]["claim_asserted"]["document"] = json!(3);
    std::fs::write(desk.folder().join("lines.jsonl"), joined(&[own])).unwrap();
    let said = ingest(&desk, &page, &command, &["--record", "--publisher", "The Post"]).clean();
    assert!(said.contains("recorded 1 assertion, unchecked"), "{said}");
    desk.audit();
}

#[test]
fn record_leaves_the_ledger_alone_until_the_first_line_comes() {
    let (desk, page, command) = desk(&lines(1));
    let mut record = desk.command(&["record", "-"]);
    let record = record.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = record.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let began = Instant::now();
    let said = ingest(&desk, &page, &command, &[]).clean();
    assert!(began.elapsed() < Duration::from_secs(4), "it had to wait for the ledger");
    child.stdin.take().unwrap().write_all(said.as_bytes()).unwrap();
    let recorded = Said::of(&child.wait_with_output().unwrap()).clean();
    assert_eq!(recorded, "recorded 5 events; 0 already recorded\n");
    desk.audit();
}

#[test]
fn recorded_proposals_are_unchecked_in_every_view() {
    let (desk, page, command) = desk(&lines(1));
    let said = ingest(&desk, &page, &command, &["--record"]).clean();
    assert!(said.contains("recorded 3 assertions, unchecked, and named 2 sources"), "{said}");
    for arguments in
        [&["who", "quay"][..], &["list", "claims"], &["show", "3 million"], &["show", "#4"]]
    {
        let shown = desk.run(arguments).clean();
        assert!(shown.contains("machine-made, unchecked"), "{arguments:?}: {shown}");
    }
    let other = desk.file("other.txt", b"The quay will close in May, the harbour office insists.");
    desk.run(&["capture", &other]).clean();
    desk.run(&[
        "record",
        "--document",
        "7",
        "--source",
        "harbour-office",
        "--quote",
        "The quay will close in May",
    ])
    .clean();
    let compared = desk.run(&["diff", "1", "7"]);
    assert!(compared.out.contains("unchecked"), "{compared:?}");
    let again = ingest(&desk, &page, &command, &["--record", "--json"]).json();
    assert_eq!(again[1], json!({"recorded": 0, "already": 3, "named": 0}));
    desk.audit();
}

#[test]
fn what_is_not_sure_enough_is_left_out_with_the_sources_it_alone_needs() {
    let (desk, page, command) = desk(&lines(1));
    let most = ingest(&desk, &page, &command, &["--min-confidence", "80"]).clean();
    let slugs: Vec<bool> = most.lines().map(|line| line.contains("jo-tander")).collect();
    assert_eq!(slugs, [false, false], "{most}");
    assert_eq!(ingest(&desk, &page, &command, &["--all"]).clean().lines().count(), 5);
    let both = ingest(&desk, &page, &command, &["--all", "--min-confidence", "1"]);
    assert!(both.refusal().contains("cannot be used with"));
    desk.audit();
}

#[test]
fn sources_are_matched_by_exact_names_and_doubts_are_left_to_a_person() {
    let (desk, page, command) = desk(&lines(4));
    for (name, more) in [
        ("Port of Lund", ["--kind", "government", "--alias", "HARBOUR office"]),
        ("Jo Tander", ["--kind", "person", "--slug", "jo-tander-lund"]),
        ("Jo Tander", ["--kind", "person", "--slug", "jo-tander-malmo"]),
    ] {
        desk.run(&[&["name", name], &more[..]].concat()).clean();
    }
    let said = ingest(&desk, &page, &command, &[]);
    let doubt = "testimony: “Jo Tander” could be jo-tander-lund “Jo Tander” or jo-tander-malmo \
                 “Jo Tander”: it stays an unnamed source of its document\n";
    assert_eq!((said.code, said.err.as_str()), (Some(0), doubt));
    assert!(!said.out.contains("source_named"), "{}", said.out);
    let sources: Vec<Value> = said
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| line["event"]["claim_asserted"]["hops"][0]["sources"][0].clone())
        .collect();
    assert_eq!(sources, ["port-of-lund", "jo-tander@", "critics@"]);
    let recorded = desk.feed(&["record", "-"], said.out.as_bytes()).clean();
    assert_eq!(recorded, "recorded 3 events; 0 already recorded\n");
    desk.audit();
}

#[test]
fn no_confidential_source_is_given_away_by_its_name() {
    let (desk, page, command) = desk(&lines(2));
    desk.run(&["name", "Owl", "--kind", "person", "--alias", "Jo Tander", "--confidential"])
        .clean();
    let said = ingest(&desk, &page, &command, &[]).clean();
    assert!(said.contains("jo-tander") && !said.contains("owl"), "{said}");
    let told = ingest(&desk, &page, &command, &["--confidential"]).clean();
    assert!(told.contains("owl") && told.contains(r#""confidential":true"#), "{told}");
    desk.audit();
}

#[test]
fn a_confidential_document_is_ingested_as_one_or_not_at_all() {
    let (desk, page, command) = desk(&lines(1));
    desk.run(&["capture", &page, "--confidential"]).clean();
    let said = ingest(&desk, &page, &command, &[]);
    assert!(said.refusal().contains("#1 is confidential: add --confidential to ingest it"));
    assert_eq!(said.out, "");
    desk.audit();
}

/// One line with a field of its assertion replaced.
fn with(field: &str, value: Value) -> String {
    let mut line = lines(1)[4].clone();
    line["event"]["claim_asserted"][field] = value;
    joined(&[line])
}

#[test]
fn a_line_that_cannot_be_taken_is_refused_and_nothing_is_recorded() {
    let found_by = |name: &str| json!({"extractor": {"name": name, "version": "1"}});
    let sound = joined(&lines(1)[..1]).replace(r#","speaks_for":"harbour-office""#, "");
    let note = r#"{"event":{"note_added":{"target":{"document":1},"text":"x"}}}"#;
    for (answer, refusal) in [
        (
            with("content", json!(["Nobody asked me"])),
            "line 1: the extractor printed a line that cannot be used: content: “Nobody asked me” does not occur in the body; nearest: at 119 “crowns. “Nobody asked”: quote the exact words",
        ),
        (with("content", json!(["will close in May"])), "occurs 2 times in the body"),
        (with("content", json!([{"text": {"zone": "title", "exact": "x"}}])), "has no title"),
        (with("document", json!(2)), "`document` is a different document"),
        (with("document", json!("https://example.org/a")), "`document` is a different document"),
        (with("found_by", json!({"person": "Ana"})), "`found_by` names a person"),
        (
            with("found_by", found_by("Testimony")),
            "`found_by` names `testimony`, which is this program",
        ),
        (with("found_by", json!(null)), "no `found_by`"),
        (with("claim", json!({"words": "a\u{1b}[31mb"})), "control character"),
        (with("colour", json!(1)), "unknown field `colour`"),
        (with("hops", json!([])), "the assertion has no source"),
        (
            with("hops", json!([{"sources": ["mayor"], "role": "said"}])),
            "no source is called `mayor`",
        ),
        (with("act", json!("shouts")), "unknown variant `shouts`"),
        (note.to_owned(), "an extractor cannot propose a `note_added`"),
        (
            sound.replacen('{', r#"{"by":{"person":"Ana"},"#, 1),
            "`by` and `confidential` are set by",
        ),
        (sound.replacen('{', r#"{"confidential":true,"#, 1), "`by` and `confidential` are set by"),
        (format!("{sound}\nnot JSON\n"), "line 3: the extractor printed"),
        ("x".repeat(600_000), "longer than 524288 bytes"),
        ("[".repeat(200_000), "expected"),
        (format!("{sound}\n").repeat(10_001), "more than 10000 lines"),
    ] {
        let (desk, page, command) = desk(&[]);
        std::fs::write(desk.folder().join("lines.jsonl"), &answer).unwrap();
        for more in [&[][..], &["--record"]] {
            let said = ingest(&desk, &page, &command, more);
            assert!(said.refusal().contains(refusal), "{refusal}: {said:?}");
            assert_eq!((said.out.as_str(), desk.entries()), ("", 2), "{refusal}");
        }
        desk.audit();
    }
}

#[test]
fn an_extractor_may_write_as_windows_does_and_marks_are_named_elsewhere() {
    let plain = joined(&lines(1));
    let windows = format!("\u{feff}{}\r\n", plain.replace('\n', "\r\n"));
    for answer in [windows.as_str(), "\u{feff}", "\u{feff}\r\n"] {
        let (desk, page, command) = desk(&[]);
        std::fs::write(desk.folder().join("lines.jsonl"), answer).unwrap();
        let said = ingest(&desk, &page, &command, &[]).clean();
        assert_eq!(said.lines().count(), if answer == windows { 5 } else { 0 }, "{said}");
        desk.audit();
    }
    let utf_16: Vec<u8> =
        std::iter::once(0xfeff).chain(plain.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (answer, line, words) in [
        (
            format!("{plain}\u{feff}{plain}").into_bytes(),
            6,
            "a byte order mark (U+FEFF) is at byte 0",
        ),
        (utf_16, 1, "the byte order mark of UTF-16: save it as UTF-8"),
    ] {
        let (desk, page, command) = desk(&[]);
        std::fs::write(desk.folder().join("lines.jsonl"), answer).unwrap();
        let error = ingest(&desk, &page, &command, &["--record", "--json"]).refusal_json();
        assert_eq!((error["kind"].as_str(), error["line"].as_u64()), (Some("input"), Some(line)));
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
        assert_eq!(desk.entries(), 2);
        desk.audit();
    }
}

#[test]
fn an_extractor_that_is_not_utf_8_is_refused_where_it_is_not() {
    let (desk, page, command) = desk(&[]);
    std::fs::write(desk.folder().join("lines.jsonl"), b"\n{\"event\":\xff}\n").unwrap();
    let said = ingest(&desk, &page, &command, &["--json"]);
    let error = said.refusal_json();
    assert_eq!((error["kind"].as_str(), error["line"].as_u64()), (Some("input"), Some(2)));
    assert!(error["message"].as_str().unwrap().contains("not UTF-8 from byte 9 on"), "{error}");
    desk.audit();
}

#[test]
fn an_extractor_that_fails_hangs_or_never_stops_is_ended_with_one_line() {
    let (desk, page, _) = desk(&[]);
    for (command, more, refusal) in [
        ("no-such-program-here --x", &[][..], "`no-such-program-here` cannot be started"),
        ("'", &[], "is not a command"),
        ("  ", &[], "is not a command"),
        ("false", &[], "the extractor failed (exit status: 1)"),
        (
            "sh -c 'echo first >&2; printf \"why \\033[31mso\\n\" >&2; exit 3'",
            &[],
            "the extractor failed (exit status: 3), with the message “why ␛[31mso”",
        ),
        ("sh -c 'kill -9 $$'", &[], "the extractor failed (signal: 9"),
        ("sleep 600", &["--extractor-timeout", "1"], "was still running after 1 seconds"),
        (
            "sh -c 'exec >&-; sleep 600'",
            &["--extractor-timeout", "1"],
            "was still running after 1 seconds",
        ),
        ("yes", &["--extractor-timeout", "60"], "printed more than 33554432 bytes"),
        ("cat /dev/null", &["--extractor-timeout", "0"], "0 is not in 1..=86400"),
        (
            "cat",
            &["--extractor-name", "Testimony", "--extractor-version", "1"],
            "is the name of this program",
        ),
        ("cat", &["--extractor-name", "scout"], "--extractor-version"),
    ] {
        let began = Instant::now();
        let said = ingest(&desk, &page, command, more);
        assert!(said.refusal().contains(refusal), "{command}: {said:?}");
        assert!(began.elapsed() < Duration::from_secs(40), "{command}");
    }
    desk.audit();
}

#[test]
fn an_extractor_need_not_hear_the_document_and_may_be_named_on_the_command_line() {
    let desk = Desk::new();
    let page = desk.file("page.txt", format!("{TEXT}{}", "More. ".repeat(200_000)).as_bytes());
    let mut line = lines(1)[4].clone();
    line["event"]["claim_asserted"].as_object_mut().unwrap().remove("found_by");
    let answers = desk.file("lines.jsonl", joined(&[line]).as_bytes());
    let command = format!("sh -c 'exec <&-; cat {answers}'");
    let named = ["--extractor-name", "scout", "--extractor-version", "2.0"];
    let said = ingest(&desk, &page, &command, &named).json();
    let found_by = &said[0]["event"]["claim_asserted"]["found_by"];
    assert_eq!(*found_by, json!({"extractor": {"name": "scout", "version": "2.0"}}));
    let other = joined(&[lines(1)[4].clone()]);
    std::fs::write(desk.folder().join("lines.jsonl"), other).unwrap();
    let named = ["--extractor-name", "spy", "--extractor-version", "2.0"];
    let said = ingest(&desk, &page, &command, &named);
    assert!(said.refusal().contains("names “scout”, but --extractor-name is “spy”"), "{said:?}");
    desk.audit();
}

#[test]
fn an_extractor_is_handed_the_document_as_the_ledger_has_it() {
    let desk = Desk::new();
    let page = desk.file("page.txt", "Café “noir”\u{7}.\n".as_bytes());
    let handed = desk.folder().join("handed.json");
    let command = format!("sh -c 'cat > \"{}\"'", handed.display());
    let described =
        ["--title", "T", "--publisher", "The Post", "--published", "2026-03", "--language", "fr"];
    assert_eq!(ingest(&desk, &page, &command, &described).clean(), "");
    let handed: Value = serde_json::from_slice(&std::fs::read(handed).unwrap()).unwrap();
    let expected = json!({"id": 2, "title": "T", "text": "Café “noir”\u{7}.\n",
                          "publisher": "the-post", "published": "2026-03", "language": "fr"});
    assert_eq!(handed, expected);
    desk.audit();
}

/// Runs a command in a terminal, whoever sits there typing these lines.
fn typed(desk: &Desk, arguments: &[&str], keys: &str) -> String {
    let command = desk.command(arguments);
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted: Vec<String> =
        words.map(|word| format!("'{}'", word.to_str().unwrap().replace('\'', "'\\''"))).collect();
    let mut script = Command::new("script");
    script.args(["-qefc", &quoted.join(" "), "/dev/null"]).env("TESTIMONY_BY", "Ana");
    script.env("NO_COLOR", "1").env_remove("TESTIMONY_LEDGER");
    script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = script.spawn().unwrap();
    child.stdin.take().unwrap().write_all(keys.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).replace('\r', "")
}

#[test]
#[ignore = "needs Linux and script(1), which makes a terminal"]
fn a_review_at_a_terminal_records_what_is_accepted_and_asks_nothing_twice() {
    let (desk, page, command) = desk(&lines(1));
    let arguments = ["ingest", &page, "--extractor", &command];
    let said = typed(&desk, &arguments, "e\ncontent will close in May\na\ns\nq\n");
    assert!(
        said.contains("1 of 3 · in #1 · found by scout 1.2, rule cue, confidence 90 percent"),
        "{said}"
    );
    assert!(
        said.contains("Harbour Office (government, new, will be named harbour-office)"),
        "{said}"
    );
    assert!(said.contains("recorded #3 as checked by you"), "{said}");
    assert!(said.contains("recorded 1 assertion, skipped 1; 1 left"), "{said}");
    let shown = desk.run(&["show", "#3", "--json"]).json();
    assert_eq!(shown[0]["asserted"]["claim"]["words"], "will close in May");
    assert_eq!(shown[0]["unchecked"], false);
    let checked = &shown[0]["later"][0]["event"]["event"]["assertion_checked"];
    assert_eq!(checked["note"], "edited in review: content");
    assert_eq!(shown[0]["by"], json!({"person": "Ana"}));
    assert_eq!(shown[0]["asserted"]["found_by"]["extractor"]["name"], "scout");

    let said = typed(&desk, &arguments, "a\n");
    assert!(said.contains("1 proposal already recorded, 1 skipped earlier"), "{said}");
    assert!(said.contains("“Nobody asked us”") && !said.contains("3 million crowns”"), "{said}");
    let said = typed(&desk, &arguments, "");
    assert!(said.contains("nothing left to review"), "{said}");
    let said = typed(&desk, &[&arguments[..], &["--all"]].concat(), "a\n");
    assert!(said.contains("3,000,000 crowns") && said.contains("recorded 1 assertion"), "{said}");
    desk.audit();
}

/// A server on loopback that gives one answer to whoever asks, and what it was asked.
fn model(answer: &Value) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let content = answer.to_string();
    let body = json!({"choices": [{"message": {"content": content}}]}).to_string();
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            let read = stream.read(&mut chunk).unwrap();
            asked.extend_from_slice(&chunk[..read]);
            let text = String::from_utf8_lossy(&asked).into_owned();
            let length = text.lines().find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length: ")
                    .map(|n| n.parse::<usize>().unwrap())
            });
            let begun = text.find("\r\n\r\n").map(|at| at + 4);
            if let (Some(begun), Some(length)) = (begun, length)
                && asked.len() >= begun + length
            {
                let head = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
                return text;
            }
        }
    });
    (address, served)
}

#[test]
#[ignore = "needs python3"]
fn the_example_asks_a_local_model_and_drops_what_it_made_up() {
    let desk = Desk::new();
    let page = desk.file("page.txt", TEXT.as_bytes());
    let (url, served) = model(&json!({"attributions": [
        {"content": "Nobody asked us", "source": "critics", "named": false, "cue": "complained",
         "mention": "critics", "kind": "group", "act": "condemns", "direct": true},
        {"content": "the cost at 3 million crowns", "source": "Jo Tander", "named": true,
         "kind": "person", "cue": "put", "mention": "Jo Tander", "act": "estimates"},
        {"content": "the sky will fall", "source": "Jo Tander", "named": true},
        {"content": 7},
    ]}));
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/extractors/local_model.py");
    let mut command = desk.command(&["ingest", &page, "--record", "--extractor"]);
    command.arg(format!("python3 '{}'", example.display())).env("LOCAL_MODEL_URL", &url);
    command.env("NO_PROXY", "*").env_remove("LOCAL_MODEL_KEY");
    let said = Said::of(&command.stdin(Stdio::null()).output().unwrap()).clean();
    assert!(said.contains("recorded 2 assertions, unchecked, and named 1 source"), "{said}");
    let asked = served.join().unwrap();
    assert!(asked.starts_with("POST /v1/chat/completions"), "{asked}");
    let shown = desk.run(&["who", "jo-tander"]).clean();
    assert!(shown.contains("machine-made, unchecked"), "{shown}");
    desk.audit();
}

#[test]
fn an_annotated_corpus_is_read_packed_or_not_without_a_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str| {
        let mut command = Command::new(crate::support::program::BINARY);
        command.current_dir(folder.path()).args(["ingest", "--annotated", name]);
        Said::of(&command.stdin(Stdio::null()).output().unwrap())
    };
    let line = json!({"id": "a/1", "title": "T", "text": format!("T\n\n{TEXT}"), "date": "2026-03-02",
                      "attributions": [{"content": [[0, 1]]}]});
    let lines = format!("{line}\n\n{line}\n");
    std::fs::write(folder.path().join("plain.jsonl"), &lines).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(lines.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    std::fs::write(folder.path().join("packed.jsonl.gz"), [packed.clone(), packed].concat())
        .unwrap();
    let plain = run("plain.jsonl").json();
    assert_eq!((plain.len(), plain[0]["id"].as_str()), (2, Some("a/1")));
    for item in plain[0]["attributions"].as_array().unwrap() {
        assert!(item["content"][0].as_u64() < item["content"][1].as_u64(), "{item}");
    }
    assert_eq!(run("packed.jsonl.gz").json(), [plain.clone(), plain].concat());
    std::fs::write(folder.path().join("broken.jsonl"), format!("{line}\n{{\"id\": 1}}\n")).unwrap();
    let said = run("broken.jsonl");
    assert!(said.err.starts_with("testimony: line 2: "), "{said:?}");
    std::fs::write(folder.path().join("cut.gz"), [0x1f, 0x8b, 8, 0]).unwrap();
    assert!(run("cut.gz").refusal().contains("cannot be read"));
    assert!(!folder.path().join("testimony").exists());
}
