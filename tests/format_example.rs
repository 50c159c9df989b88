//! The worked example of docs/format.md: every number in it follows from the others as the page says.
//! After a change of its seed, text or events: `cargo test --test main -- format_example:: --ignored`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use testimony::claim::ClaimAsserted;
use testimony::digest::{ContentHash, EntryHash};
use testimony::document::{DocumentCaptured, Metadata};
use testimony::event::{Body, Event};
use testimony::id::{LogName, Sequence};
use testimony::log::Log as _;
use testimony::log::sled::SledLog;
use testimony::moment::Timestamp;
use testimony::seal::{Entry, HashChain, Payload, Record, Salt};
use testimony::selector::IndexedText;
use testimony::tree::checkpoint::key::Signer;
use testimony::tree::{Frontier, checkpoint, leaf_hash};

/// The entries of the example.
const ENTRIES: usize = 4;

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/format.md")
}

/// A fenced block of the section, the first being 0.
fn fenced(number: usize) -> String {
    let page = std::fs::read_to_string(page()).unwrap();
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

    /// The bytes of an entry: its line, and the index behind it.
    fn entry(&self, entry: usize) -> Vec<u8> {
        [self.of("entry", entry).as_bytes(), &bytes(self.of("index", entry))].concat()
    }

    fn event(&self, entry: usize) -> Event {
        Event::decode(self.of("event", entry).as_bytes()).unwrap()
    }

    fn record(&self, entry: usize) -> Record {
        let salt = Salt::from_bytes(bytes(self.of("salt", entry)).try_into().unwrap());
        let event = self.of("event", entry).as_bytes().to_vec();
        let payload = Some(Payload { salt, event });
        Record { entry: self.entry(entry), payload }
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
fn each_digest_is_over_its_salt_and_event() {
    let example = Example::read();
    for entry in 0..ENTRIES {
        let mut addendum = bytes(example.of("salt", entry));
        addendum.extend(example.of("event", entry).as_bytes());
        assert_eq!(example.of("digest", entry), digits(&Sha256::digest(&addendum)), "{entry}");
    }
}

#[test]
fn each_entry_holds_its_digest_and_names_the_entry_before() {
    let example = Example::read();
    let mut previous = EntryHash::ZERO.to_string();
    for number in 0..ENTRIES {
        let line = example.of("entry", number);
        let offset = u32::try_from(line.len()).unwrap();
        assert_eq!(
            example.of("index", number),
            format!("{}{offset:08x}01", example.of("digest", number)),
            "{number}"
        );
        let whole = example.entry(number);
        let hash = derived("testimony 2026-11 v1 entry chain", &whole);
        assert_eq!(example.of("hash", number), hash, "{number}");
        let entry = Entry::decode(&whole).unwrap();
        assert_eq!(entry.encode(), whole, "{number}");
        assert_eq!(entry.seq.get(), number as u64);
        assert_eq!(entry.prev.to_string(), previous, "{number}");
        assert_eq!(entry.commit.to_string(), example.of("digest", number), "{number}");
        previous = hash;
    }
}

#[test]
fn the_checkpoint_is_the_signed_root_over_the_entries() {
    let example = Example::read();
    let mut tree = Frontier::default();
    for number in 0..ENTRIES {
        let leaf = leaf_hash(&example.entry(number));
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
        assert!(selector.stands_in(&indexed), "{selector:?}");
    }
}

#[test]
fn claims_and_identities_are_hashed_over_what_the_example_shows() {
    let example = Example::read();
    let claim = derived("testimony 2026-11 v1 claim", example.get("claim").as_bytes());
    assert_eq!(example.get("claim hash"), claim);
    assert_eq!(example.asserted().claim.hash().to_string(), claim);
    let context = "testimony 2026-11 v1 document identity";
    let document = derived(context, example.get("document fields").as_bytes());
    assert_eq!(example.get("document identity"), document);
    assert_eq!(example.captured().identity().to_string(), document);
    let context = "testimony 2026-11 v1 assertion identity";
    let assertion = derived(context, example.get("assertion fields").as_bytes());
    assert_eq!(example.get("assertion identity"), assertion);
    assert_eq!(example.asserted().identity().to_string(), assertion);
}

/// The last block that the store holds of the example's first two records, with its key.
fn last_block(records: [Record; 2]) -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut log = SledLog::create(&path, Duration::from_secs(5)).unwrap();
    let [first, second] = records;
    log.append(Sequence::ZERO, &[first]).unwrap();
    log.append(Sequence::new(1).unwrap(), &[second]).unwrap();
    drop(log);
    // sled's threads let go of its lock only a moment after it was dropped.
    let config = sled::Config::new().path(&path).segment_size(1 << 20).flush_every_ms(None);
    let opened = (0..500).find_map(|_| {
        config.open().map_err(|_| std::thread::sleep(Duration::from_millis(10))).ok()
    });
    let (key, block) = opened.unwrap().last().unwrap().unwrap();
    (key.to_vec(), block.to_vec())
}

#[test]
fn the_block_is_what_the_store_holds() {
    let example = Example::read();
    let (key, block) = last_block([example.record(0), example.record(1)]);
    assert_eq!(example.get("block key"), digits(&key));
    assert_eq!(example.get("block"), digits(&block));
    let material = [&key[..], &block[..2], &block[18..]].concat();
    let page = std::fs::read_to_string(page()).unwrap();
    let context = page.split('`').find(|quoted| quoted.ends_with(" log block")).unwrap();
    let check = derived(context, &material);
    assert_eq!(digits(&block[2..18]), check[..32]);
}

/// The fields that identify the document, as the section "Identities" lists them.
fn document_fields(captured: &DocumentCaptured) -> String {
    let Metadata { publisher, url, title, published, .. } = &captured.metadata;
    serde_json::to_string(&(&captured.text, publisher, url, title, published)).unwrap()
}

/// The fields that identify the assertion.
fn assertion_fields(asserted: &ClaimAsserted) -> String {
    let mut fields = serde_json::to_value(asserted).unwrap();
    for beside in ["found_by", "replaces"] {
        let _ = fields.as_object_mut().unwrap().shift_remove(beside);
    }
    fields.to_string()
}

/// The example, made anew from its seed, text and events as the page has them.
fn written_anew(example: &Example) -> String {
    let log = LogName::new(example.get("log")).unwrap();
    let signer = Signer::from_seed(&log, &bytes(example.get("seed")).try_into().unwrap());
    let mut lines = String::new();
    let mut line = |name: &str, value: &str| writeln!(lines, "{name:<20}{value}").unwrap();
    for name in ["log", "seed", "key file", "verifier key", "text"] {
        line(name, example.get(name));
    }
    let (mut chain, mut tree, mut records) = (HashChain::EMPTY, Frontier::default(), Vec::new());
    for number in 0..ENTRIES {
        let salt = Salt::from_bytes([u8::try_from(number + 1).unwrap(); 32]);
        // 2026-11-24T21:14:50.123456Z, and a second more for each.
        let now = Timestamp::from_micros(1_795_554_890_123_456 + 1_000_000 * number as u64);
        let sealed = chain.seal(example.event(number).encode().unwrap(), salt, now);
        let leaf = leaf_hash(&sealed.record.entry);
        let (json, index) = sealed.record.entry.split_at(sealed.record.entry.len() - 37);
        let mut line = |name: &str, value: &str| line(&format!("{name} {number}"), value);
        line("event", example.of("event", number));
        line("salt", &digits(salt.as_bytes()));
        line("digest", &sealed.entry.commit.to_string());
        line("entry", std::str::from_utf8(json).unwrap());
        line("index", &digits(index));
        line("hash", &sealed.hash.to_string());
        line("leaf", &leaf.to_string());
        let _ = tree.push(leaf);
        records.push(sealed.record);
    }
    line("root", &tree.root().to_string());
    let (captured, asserted) = (example.captured(), example.asserted());
    line("claim", &serde_json::to_string(&asserted.claim).unwrap());
    line("claim hash", &asserted.claim.hash().to_string());
    line("document fields", &document_fields(&captured));
    line("document identity", &captured.identity().to_string());
    line("assertion fields", &assertion_fields(&asserted));
    line("assertion identity", &asserted.identity().to_string());
    let (key, block) = last_block(records[..2].to_vec().try_into().unwrap());
    line("block key", &digits(&key));
    line("block", &digits(&block));
    let note = checkpoint::sign(&signer, tree.head()).unwrap();
    format!(
        "```text\n{lines}```\n\nThis is the checkpoint signed with its key:\n\n```text\n{note}```\n"
    )
}

#[test]
#[ignore = "writes the example anew"]
fn write_anew() {
    let whole = std::fs::read_to_string(page()).unwrap();
    let (before, section) = whole.split_once("```text\nlog   ").unwrap();
    let after = section.rsplit_once("```\n").unwrap().1;
    std::fs::write(page(), format!("{before}{}{after}", written_anew(&Example::read()))).unwrap();
}
