//! Small inputs stay small: what is proposed of a text, held against each other, followed or
//! answered is bounded or written as it comes, and where there is more, it is said.
//!
//! Knows inputs that were made to grow, and what each may come to. Must not know how any bound is
//! kept. With `TESTIMONY_LONG` set, in a release build, they are as large as the program takes them.

use std::process::{Command, Stdio};

use crate::support::program::{BINARY, Desk, Said};
use serde_json::{Value, json};
use testimony::attribution::{self, Article, ProposalBound, ProposalBoundMet};
use testimony::id::{Sequence, SourceId};
use testimony::view::graph::{Merges, Merging};

fn is_long() -> bool {
    std::env::var_os("TESTIMONY_LONG").is_some()
}

/// Kilobytes of data that a command may have.
const MEMORY: u64 = 500_000;

/// A run that has no more than so many kilobytes for its data.
fn within(desk: &Desk, kilobytes: u64, arguments: &[&str]) -> Said {
    let limited = format!("ulimit -d {kilobytes}; exec '{BINARY}' \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limited, "sh", "--ledger"]).arg(desk.ledger()).args(arguments);
    command.env("TESTIMONY_BY", "Ana").stdin(Stdio::null());
    Said::of(&command.output().unwrap())
}

fn named(slug: &str, speaks_for: Option<&str>) -> String {
    let mut named = json!({"slug": slug, "name": slug, "kind": "person"});
    if let Some(principal) = speaks_for {
        named["speaks_for"] = json!(principal);
    }
    json!({"event": {"source_named": named}}).to_string()
}

fn merged(from: usize, into: usize) -> String {
    let merged = json!({"from": format!("s{from}"), "into": format!("s{into}"), "why": "one"});
    json!({"event": {"sources_merged": merged}}).to_string()
}

fn proposed(body: &str) -> attribution::Proposed {
    let article = Article { title: None, body, published: None, publisher: None, skip: &[] };
    attribution::propose(&article, None)
}

fn met(body: &str, bound: ProposalBound) -> Option<ProposalBoundMet> {
    proposed(body).bounds.into_iter().find(|met| met.bound == bound)
}

/// The text, captured and ingested with these arguments.
fn ingested(desk: &Desk, text: &str, arguments: &[&str]) -> Said {
    let file = desk.file("page.txt", text.as_bytes());
    within(desk, MEMORY, &[&["ingest", &file, "--publisher", "Post"], arguments].concat())
}

#[test]
fn six_kilobytes_of_one_word_propose_little_and_say_that_there_is_more() {
    let desk = Desk::new();
    for word in ["quoting ", "citing sources ", "according to Ana Dal and Bo Ek "] {
        let text = word.repeat(6240 / word.len());
        let said = ingested(&desk, &text, &["--all"]);
        assert_eq!(said.code, Some(0), "{word}: {}", said.err);
        assert!(said.out.len() < 3_000_000, "{word}: {} bytes", said.out.len());
        assert!(word.contains("Ana") || said.err.contains("more than"), "{word}: {}", said.err);
        assert!(said.err.lines().count() <= 5, "{word}: {}", said.err);
    }
    desk.audit();
}

#[test]
fn a_bound_that_is_met_is_told_to_programs_too() {
    let desk = Desk::new();
    let said = ingested(&desk, &"quoting ".repeat(780), &["--all", "--record", "--json"]);
    let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    let bounds = last["bounds"].as_array().unwrap();
    let sentence = bounds.iter().find(|met| met["bound"] == "sentence").unwrap();
    assert_eq!((&sentence["most"], &sentence["at"]), (&json!(64), &json!(0)), "{last}");
    assert!(sentence["times"].as_u64().unwrap() > 1, "{last}");
    let plain = ingested(&desk, "Ana Dal said that it rained.", &["--record", "--json"]);
    assert!(plain.out.contains("\"recorded\"") && !plain.out.contains("bounds"), "{}", plain.out);
    desk.audit();
}

#[test]
fn chains_and_choirs_end_somewhere() {
    let everyone: Vec<String> = (0..60).map(|it| format!("Ana Dal{}", letters(it))).collect();
    let choir = format!("{} said that it rained.", everyone.join(" and "));
    let quoting = "citing Ana Dal, ".repeat(24);
    let passed_on = format!("The port was closed, Bo Ek said, {quoting}on Monday.");
    for (text, bound, most) in
        [(choir, ProposalBound::Speakers, 32), (passed_on, ProposalBound::Hops, 16)]
    {
        let proposed = proposed(&text);
        let met = proposed.bounds.iter().find(|met| met.bound == bound);
        let met = met.unwrap_or_else(|| panic!("{bound:?} of {text}: {:?}", proposed.bounds));
        assert!(met.to_string().contains(&format!("more than {most}")), "{met}");
        for proposal in &proposed.proposals {
            assert!(proposal.hops.len() <= 16, "{} hops", proposal.hops.len());
            assert!(proposal.hops.iter().all(|hop| hop.speakers.len() <= 32), "{text}");
        }
        assert!(proposed.proposals.iter().any(|it| !it.hops.is_empty()), "{text}");
    }
}

/// A number in letters: names have no digits.
fn letters(number: usize) -> String {
    let letter = |it: usize| char::from(b'a' + u8::try_from(it % 26).unwrap());
    format!("{}{}", letter(number / 26), letter(number))
}

#[test]
#[ignore = "takes minutes in a debug build: cargo test --release bounds:: -- --ignored"]
fn no_more_of_a_text_is_read_than_a_novel_has_and_that_is_said() {
    let sentence = "Ana Dal said that the port was closed. ";
    let text = format!("{}{sentence}", "x ".repeat(500_000));
    let met = met(&text, ProposalBound::Words).expect("a bound");
    assert_eq!(met.first.start, 1_000_000);
    assert!(met.to_string().contains("500000 words"), "{met}");
    assert_eq!(proposed(sentence).bounds, []);
}

#[test]
fn an_ordinary_text_meets_no_bound() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/articles");
    let mut read = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|it| it == "md") {
            assert_eq!(proposed(&std::fs::read_to_string(path).unwrap()).bounds, []);
            read += 1;
        }
    }
    assert!(read > 3, "{read} articles");
}

#[test]
fn what_is_proposed_of_one_document_ends_somewhere() {
    // Of each sentence as much as may be.
    let times = if is_long() { 3000 } else { 300 };
    let text = format!("{}. ", "Ana Dal said Bo Ek said that ".repeat(40)).repeat(times);
    let proposed = proposed(&text);
    let places: usize = proposed.proposals.iter().map(|it| 1 + it.hops.len()).sum();
    assert!(places <= 100_000, "{places}");
    let document = proposed.bounds.iter().find(|met| met.bound == ProposalBound::Document);
    assert!(document.is_some(), "{:?}", proposed.bounds);
}

/// A ledger with two documents of so many sentences that are all alike, and what each says.
fn alike(count: usize) -> Desk {
    let desk = Desk::new();
    let text = |day: &str| -> Vec<String> {
        (0..count).map(|it| format!("Crate number {it} of the lot was full on {day}")).collect()
    };
    // Who speaks for the other may say the same in other words.
    desk.record(&[named("ana", None), named("bo", Some("ana"))]).clean();
    for (slug, day, first) in [("ana", "Monday", 3), ("bo", "Tuesday", 5 + count)] {
        let file = desk.file(&format!("{day}.txt"), text(day).join(".\n").as_bytes());
        desk.run(&["capture", &file, "--publisher", &format!("Post {day}")]).clean();
        let asserted = text(day).into_iter().enumerate().map(|(number, words)| {
            json!({"event": {"claim_asserted": {
                "document": first + 1,
                "content": [words],
                "hops": [{"sources": [slug], "role": "said"}],
                "claim": {
                    "words": words,
                    "quantities": [{"amount": number.to_string(), "unit": "crates"}],
                    "about": ["crates"],
                },
            }}})
        });
        let lines: Vec<String> = asserted.map(|line| line.to_string()).collect();
        desk.record(&lines).clean();
    }
    desk
}

#[test]
fn sides_that_are_all_alike_are_compared_within_bounds() {
    let count = if is_long() { 4000 } else { 120 };
    let desk = alike(count);
    let said = within(&desk, MEMORY, &["diff", "post-monday", "post-tuesday", "--json"]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    let answer: Value = serde_json::from_str(&said.out).unwrap();
    let comparison = &answer["comparison"];
    let bound = |name: &str| {
        let bounds = comparison["bounds"].as_array().unwrap();
        bounds.iter().find(|met| met["bound"] == name).cloned().unwrap_or_default()
    };
    assert_eq!((&bound("pairs")["most"], &bound("pairs")["times"]), (&json!(64), &json!(count)));
    assert_eq!(bound("figures")["most"], 10_000);
    assert_eq!(comparison["figures"].as_array().unwrap().len(), 10_000);
    let pairs = comparison["pairs"].as_array().unwrap();
    assert_eq!(pairs.len(), count);
    assert!(pairs.iter().all(|pair| pair["likeness"] == 90), "each with its own crate");
    assert_eq!(said.err.lines().count(), 2, "{}", said.err);
    assert!(said.err.contains("at most 64"), "{}", said.err);
    desk.audit();
}

#[test]
fn a_long_answer_is_written_as_it_is_read() {
    let count = if is_long() { 100_000 } else { 3000 };
    let desk = Desk::with_document("The ferry was late.");
    desk.record(&[named("ana", None)]).clean();
    let asserted = (0..count).map(|number| {
        let words = format!("ferry {number} {}", "was late ".repeat(200));
        json!({"event": {"claim_asserted": {
            "document": 1,
            "content": ["ferry was late"],
            "hops": [{"sources": ["ana"], "role": "said"}],
            "claim": {"words": words.trim()},
        }}})
        .to_string()
    });
    let lines: Vec<String> = asserted.collect();
    desk.record(&lines).clean();
    // The answer is larger than the memory that may be used for it.
    let memory = if is_long() { MEMORY } else { 40_000 };
    let said = within(&desk, memory, &["who", "ferry", "--json", "--limit", "1000000"]);
    let answer = said.json().remove(0);
    let assertions = answer["sources"][0]["assertions"].as_array().unwrap();
    assert_eq!((assertions.len(), &answer["total"]), (count, &json!(count)));
    assert_eq!(answer["sources"].as_array().unwrap().len(), 1);
    let numbers = assertions.iter().map(|one| one["assertion"].as_u64().unwrap());
    assert!(numbers.is_sorted(), "in the order in which they were asked for");
    for listing in [&["list", "claims", "--json"][..], &["log", "--json"]] {
        let said = within(&desk, memory, &[listing, &["--limit", "1000000"]].concat());
        assert!(said.clean().lines().count() >= count, "{listing:?}");
    }
    desk.audit();
}

#[test]
fn a_chain_of_merges_is_one_source_in_about_as_many_steps() {
    let source = |number: usize| -> SourceId { format!("s{number}").parse().unwrap() };
    let count = if is_long() { 400_000 } else { 40_000 };
    for is_backward in [false, true] {
        let mut merging = Merging::default();
        let mut order: Vec<usize> = (0..count - 1).collect();
        if is_backward {
            order.reverse();
        }
        for number in order {
            let at = Sequence::new(number as u64 + 1).unwrap();
            merging.merged.push((at, source(number), source(number + 1)));
        }
        let merges = Merges::of(merging);
        assert_eq!(merges.parts(&source(7)).len(), count);
        assert!((0..count).all(|number| merges.whole(&source(number)) == source(count - 1)));
    }
}

#[test]
fn chains_of_speakers_are_followed_so_far_and_no_further() {
    let count = if is_long() { 16_000 } else { 4200 };
    let desk = Desk::new();
    let mut lines = vec![named("s0", None)];
    lines.extend((1..count).map(|it| named(&format!("s{it}"), Some(&format!("s{}", it - 1)))));
    desk.record(&lines).clean();
    // Whoever is new closes no ring. Whoever is not is followed.
    let far = named("s0", Some(&format!("s{}", count - 1)));
    assert!(desk.record(&[far]).refusal().contains("more than 4096 sources"));
    assert!(desk.record(&[named("s0", Some("s9"))]).refusal().contains("speak for itself"));
    desk.record(&[named("s0", None)]).clean();
    let merges: Vec<String> = (0..count - 1).map(|it| merged(it, it + 1)).collect();
    desk.record(&merges).clean();
    assert!(desk.record(&[merged(count - 1, 0)]).refusal().contains("more than 4096 sources"));
    assert!(desk.record(&[merged(count - 1, count - 3)]).refusal().contains("leave this out"));
    let shown = desk.run(&["show", "s0"]).clean();
    assert!(shown.contains(&format!("merged into s{}", count - 1)), "{shown}");
    desk.audit();
}

#[test]
fn a_folder_with_controls_in_its_name_is_shown_without_them() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("z\u{1b}]0;x\u{7} \u{202e}q\u{9b}2J");
    let run = |arguments: &[&std::ffi::OsStr]| {
        Said::of(&Command::new(BINARY).args(arguments).stdin(Stdio::null()).output().unwrap())
    };
    let ledger = folder.join("ledger");
    let made = run(&["--ledger".as_ref(), ledger.as_os_str(), "init".as_ref()]);
    let demo = folder.join("demo");
    for said in [made, run(&["demo".as_ref(), demo.as_os_str()])] {
        assert_eq!(said.code, Some(0), "{said:?}");
        let hostile = |letter: char| letter != '\n' && letter.is_control() || letter == '\u{202e}';
        assert!(!said.out.contains(hostile) && !said.err.contains(hostile), "{said:?}");
    }
    let audited = run(&["--ledger".as_ref(), demo.as_os_str(), "audit".as_ref()]);
    assert_eq!(audited.code, Some(0), "{audited:?}");
}
