//! The format's bytes, frozen: one event of each kind, plain and full, in one chain.
//!
//! What is written today must be read for ever, and hash the same. Where this fails, either a
//! change broke old ledgers, or the format's version changes with it (docs/format.md).

pub(crate) mod values;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use testimony::digest::EntryHash;
use testimony::event::{Body, Event, Kind};
use testimony::moment::Timestamp;
use testimony::seal::{Entry, HashChain, Salt, commitment_to, entry_hash};

/// 2026-11-24T21:14:56.123456Z.
const BEGINNING: u64 = 1_795_554_896_123_456;

fn frozen_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/events.txt")
}

fn salt(place: u8) -> Salt {
    Salt::from_bytes([place; 32])
}

/// One event of the frozen file, with the entry it is sealed in.
struct Frozen {
    title: String,
    event: String,
    commit: String,
    entry: Vec<u8>,
    hash: String,
}

fn field(block: &str, name: &str) -> String {
    let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no `{name}` in {block}")).trim_start().to_owned()
}

/// The bytes of hexadecimal digits.
fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn frozen() -> Vec<Frozen> {
    let text = fs::read_to_string(frozen_file()).unwrap();
    let blocks = text.split("\n\n").filter(|block| block.starts_with("== "));
    let frozen = |block: &str| Frozen {
        title: block.lines().next().unwrap().trim_start_matches("== ").to_owned(),
        event: field(block, "event"),
        commit: field(block, "commit"),
        entry: [field(block, "entry").into_bytes(), bytes(&field(block, "index"))].concat(),
        hash: field(block, "hash"),
    };
    blocks.map(frozen).collect()
}

/// The frozen file as today's code would write it.
fn written_today() -> String {
    let mut text = String::from(
        "# One event of each kind and the chain they make, in format 1. The salt of an entry is its\n\
         # sequence 32 times over; `index` is what stands behind its line of JSON. tests/golden.rs checks every line; docs/format.md explains them.\n",
    );
    let mut chain = HashChain::EMPTY;
    for (place, (title, event)) in (0u8..).zip(values::events()) {
        let now = Timestamp::from_micros(BEGINNING + 1_000_000 * u64::from(place));
        let bytes = event.encode().unwrap();
        let sealed = chain.seal(bytes.clone(), salt(place), now);
        let (line, index) = sealed.record.entry.split_at(sealed.record.entry.len() - 37);
        write!(
            text,
            "\n== {title}\nevent  {}\ncommit {}\nentry  {}\nindex  {}\nhash   {}\n",
            String::from_utf8(bytes).unwrap(),
            sealed.entry.commit,
            std::str::from_utf8(line).unwrap(),
            index.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            sealed.hash
        )
        .unwrap();
    }
    let (asserted, captured) = (values::full_assertion(), values::full_capture());
    write!(
        text,
        "\n-- of the full claim_asserted and the full document_captured\nclaim     {}\nassertion {}\n\
         document  {}\n",
        asserted.claim.hash(),
        asserted.identity(),
        captured.identity()
    )
    .unwrap();
    text
}

#[test]
fn todays_values_are_written_as_the_frozen_bytes() {
    let (frozen, today) = (fs::read_to_string(frozen_file()).unwrap(), written_today());
    for (number, (frozen, today)) in (1..).zip(frozen.lines().zip(today.lines())) {
        assert_eq!(frozen, today, "line {number}");
    }
    assert_eq!(frozen, today);
}

#[test]
fn the_frozen_bytes_are_read_as_todays_values() {
    let frozen = frozen();
    let today = values::events();
    assert_eq!(frozen.len(), today.len());
    for (frozen, (title, event)) in frozen.iter().zip(today) {
        assert_eq!(frozen.title, title);
        assert_eq!(Event::decode(frozen.event.as_bytes()).unwrap(), event, "{title}");
    }
}

#[test]
fn the_frozen_entries_are_one_chain_of_commitments() {
    let mut chain = HashChain::EMPTY;
    for (place, frozen) in (0u8..).zip(frozen()) {
        let entry = Entry::decode(&frozen.entry).unwrap();
        assert_eq!(entry.encode(), frozen.entry, "{}", frozen.title);
        assert_eq!(commitment_to(&salt(place), frozen.event.as_bytes()).to_string(), frozen.commit);
        assert_eq!(entry.commit.to_string(), frozen.commit, "{}", frozen.title);
        let hash: EntryHash = frozen.hash.parse().unwrap();
        assert_eq!(entry_hash(&frozen.entry), hash, "{}", frozen.title);
        chain.follow(&entry, hash).unwrap();
    }
}

#[test]
fn every_kind_of_event_is_frozen_under_its_own_tag() {
    let events: Vec<Event> =
        frozen().iter().map(|frozen| Event::decode(frozen.event.as_bytes()).unwrap()).collect();
    let kinds: BTreeSet<Kind> = events.iter().map(|event| event.body.kind()).collect();
    assert_eq!(kinds, Kind::ALL.iter().copied().collect());
    for (frozen, event) in frozen().iter().zip(&events) {
        let tag = event.body.kind().tag();
        assert!(frozen.event.contains(&format!("\"event\":{{\"{tag}\":")), "{}", frozen.title);
    }
}

#[test]
fn every_optional_field_is_frozen_at_least_once() {
    let all: String = frozen().iter().map(|frozen| frozen.event.as_str()).collect();
    for name in values::OPTIONAL {
        assert!(all.contains(&format!("\"{name}\":")), "no frozen event has `{name}`");
    }
}

#[test]
fn the_frozen_claim_assertion_and_document_keep_their_hashes() {
    let text = fs::read_to_string(frozen_file()).unwrap();
    let mut compared = 0;
    for frozen in frozen() {
        match (frozen.title.as_str(), Event::decode(frozen.event.as_bytes()).unwrap().body) {
            ("claim_asserted, full", Body::ClaimAsserted(asserted)) => {
                assert_eq!(asserted.claim.hash().to_string(), field(&text, "claim"));
                assert_eq!(asserted.identity().to_string(), field(&text, "assertion"));
            }
            ("document_captured, full", Body::DocumentCaptured(captured)) => {
                assert_eq!(captured.identity().to_string(), field(&text, "document"));
            }
            _ => continue,
        }
        compared += 1;
    }
    assert_eq!(compared, 2);
}

/// What is hashed as it stands in an event's bytes is what is hashed when it is encoded for that.
#[test]
fn an_assertion_is_cut_out_of_its_event_whole() {
    let mut cut = 0;
    for frozen in frozen() {
        let encoded = Event::encoded_assertion(frozen.event.as_bytes());
        let Body::ClaimAsserted(asserted) = Event::decode(frozen.event.as_bytes()).unwrap().body
        else {
            assert_eq!(encoded, None, "{}", frozen.title);
            continue;
        };
        let encoded = encoded.unwrap();
        assert_eq!(encoded.identity(), asserted.identity(), "{}", frozen.title);
        assert_eq!(encoded.claim_hash(), asserted.claim.hash(), "{}", frozen.title);
        cut += 1;
    }
    assert!(cut >= 2, "{cut}");
}

/// Only for a change of the format that is meant: `cargo test --test main -- golden:: --ignored`.
#[test]
#[ignore = "writes the frozen file anew"]
fn freeze_anew() {
    fs::write(frozen_file(), written_today()).unwrap();
}
