//! The worked example of docs/format.md: every number in it follows from the others as the page says.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use testimony::claim::ClaimAsserted;
use testimony::digest::{ContentHash, EntryHash};
use testimony::document::DocumentCaptured;
use testimony::event::{Body, Event};
use testimony::id::{LogName, Sequence};
use testimony::log::Log as _;
use testimony::log::sled::SledLog;
use testimony::seal::{Entry, Payload, Record, Salt};
use testimony::selector::{IndexedText, Selector};
use testimony::tree::checkpoint::key::Signer;
use testimony::tree::{Frontier, checkpoint, leaf_hash};

/// The entries of the example.
const ENTRIES: usize = 4;

/// A fenced block of the section, the first being 0.
fn fenced(number: usize) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/format.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("\n## A worked example\n").unwrap();
    section.split("```").nth(2 * number + 1).unwrap().trim_start_matches("text\n").to_owned()
}

/// What the example says of each of its things: `name  value`, a line each.
struct Example(BTreeMap<String, String>);

impl Example {
    fn read() -> Self {
        let lines = fenced(0);
        let pairs = lines.lines().filter_map(|line| line.split_once("  "));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_else(|| panic!("the example has no {name}"))
    }

    fn of(&self, name: &str, entry: usize) -> &str {
        self.get(&format!("{name} {entry}"))
    }

    fn event(&self, entry: usize) -> Event {
        Event::decode(self.of("event", entry).as_bytes()).unwrap()
    }

    fn record(&self, entry: usize) -> Record {
        let salt = Salt::from_bytes(bytes(self.of("salt", entry)).try_into().unwrap());
        let event = self.of("event", entry).as_bytes().to_vec();
        let payload = Some(Payload { salt, event });
        Record { entry: self.of("entry", entry).as_bytes().to_vec(), payload }
    }

    fn captured(&self) -> DocumentCaptured {
        let Body::DocumentCaptured(captured) = self.event(2).body else { panic!("no document") };
        captured
    }

    fn asserted(&self) -> ClaimAsserted {
        let Body::ClaimAsserted(asserted) = self.event(3).body else { panic!("no assertion") };
        asserted
    }
}

fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").unwrap();
        digits
    })
}

fn derived(context: &str, material: &[u8]) -> String {
    digits(&blake3::derive_key(context, material))
}

#[test]
fn each_commitment_is_over_its_salt_and_event() {
    let example = Example::read();
    for entry in 0..ENTRIES {
        let mut material = bytes(example.of("salt", entry));
        material.extend(example.of("event", entry).as_bytes());
        let commitment = derived("testimony 2026-11 v0 event commitment", &material);
        assert_eq!(example.of("commitment", entry), commitment, "{entry}");
    }
}

#[test]
fn each_entry_names_its_commitment_and_the_entry_before() {
    let example = Example::read();
    let mut previous = EntryHash::ZERO.to_string();
    for number in 0..ENTRIES {
        let line = example.of("entry", number);
        let hash = derived("testimony 2026-11 v0 entry chain", line.as_bytes());
        assert_eq!(example.of("hash", number), hash, "{number}");
        let entry = Entry::decode(line.as_bytes()).unwrap();
        assert_eq!(entry.seq.get(), number as u64);
        assert_eq!(entry.prev.to_string(), previous, "{number}");
        assert_eq!(entry.commit.to_string(), example.of("commitment", number), "{number}");
        previous = hash;
    }
}

#[test]
fn the_checkpoint_is_the_signed_root_over_the_entries() {
    let example = Example::read();
    let mut tree = Frontier::default();
    for number in 0..ENTRIES {
        let leaf = leaf_hash(example.of("entry", number).as_bytes());
        assert_eq!(example.of("leaf", number), leaf.to_string(), "{number}");
        let _ = tree.push(leaf);
    }
    assert_eq!(example.get("root"), tree.root().to_string());

    let log = LogName::new(example.get("log")).unwrap();
    let signer = Signer::from_seed(&log, &bytes(example.get("seed")).try_into().unwrap());
    assert_eq!(example.get("verifier key"), signer.verifier_key().as_str());
    assert_eq!(fenced(1), checkpoint::sign(&signer, tree.head()).unwrap());

    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    let seed = bytes(example.get("seed")).try_into().unwrap();
    let _ = Signer::create(&key, &log, &seed).unwrap();
    assert_eq!(example.get("key file"), std::fs::read_to_string(key).unwrap().trim_end());
}

#[test]
fn the_words_stand_in_the_text_whose_hash_the_document_holds() {
    let example = Example::read();
    let text = example.get("text");
    assert_eq!(example.captured().text, ContentHash::of(text.as_bytes()));
    let indexed = IndexedText::new(text.to_owned());
    for selector in example.asserted().selectors() {
        let Selector::Text(selector) = selector;
        assert!(selector.stands_in(&indexed), "{selector:?}");
    }
}

#[test]
fn claims_and_identities_are_hashed_over_what_the_example_shows() {
    let example = Example::read();
    let claim = derived("testimony 2026-11 v0 claim", example.get("claim").as_bytes());
    assert_eq!(example.get("claim hash"), claim);
    assert_eq!(example.asserted().claim.hash().to_string(), claim);
    let context = "testimony 2026-11 v0 document identity";
    let document = derived(context, example.get("document fields").as_bytes());
    assert_eq!(example.get("document identity"), document);
    assert_eq!(example.captured().identity().to_string(), document);
    let context = "testimony 2026-11 v0 assertion identity";
    let assertion = derived(context, example.get("assertion fields").as_bytes());
    assert_eq!(example.get("assertion identity"), assertion);
    assert_eq!(example.asserted().identity().to_string(), assertion);
}

#[test]
fn the_block_is_what_the_store_holds() {
    let example = Example::read();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut log = SledLog::create(&path, Duration::from_secs(5)).unwrap();
    log.append(Sequence::ZERO, &[example.record(0)]).unwrap();
    log.append(Sequence::new(1).unwrap(), &[example.record(1)]).unwrap();
    drop(log);
    // sled's threads let go of its lock only a moment after it was dropped.
    let config = sled::Config::new().path(&path).segment_size(1 << 20).flush_every_ms(None);
    let opened = (0..500).find_map(|_| {
        config.open().map_err(|_| std::thread::sleep(Duration::from_millis(10))).ok()
    });
    let (key, block) = opened.unwrap().last().unwrap().unwrap();
    assert_eq!(example.get("block key"), digits(&key));
    assert_eq!(example.get("block"), digits(&block));
    let mut material = key.to_vec();
    material.extend([&block[..2], &block[18..]].concat());
    let check = derived("testimony 2026-11 v1 log block", &material);
    assert_eq!(digits(&block[2..18]), check[..32]);
}
