//! An audit of a large ledger: how long it takes, and that its memory stays small.
//!
//! Knows how to make many entries quickly, past the ledger. Must not know how an audit works. It
//! takes minutes and is asked for: `cargo test --release --test main -- audit_scale:: --ignored`, with
//! `TESTIMONY_SCALE` for another number of entries than 1,000,000.

#![allow(clippy::print_stdout, reason = "a long test says what it measured")]
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::forge::{Forge, at, event};
use serde_json::{Value, json};
use testimony::archive::Archive;
use testimony::audit::{AuditOptions, audit};
use testimony::log::Log as _;
use testimony::log::sled::SledLog;
use testimony::seal::{Entry, HashChain, Record, Salt, entry_hash};

/// Names the ledger to the process that audits it.
const LEDGER: &str = "TESTIMONY_TEST_AUDITED_LEDGER";

/// Assertions in each document.
const IN_EACH: u64 = 100;
const SOURCES: u64 = 1000;

/// The most memory an audit may take, in KiB.
const MOST_MEMORY: u64 = 500 * 1024;

/// Seals events in batches, as a writer does.
struct Writer {
    log: SledLog,
    chain: HashChain,
    batch: Vec<Record>,
}

impl Writer {
    fn push(&mut self, body: &str) {
        let event = event(body).encode().unwrap();
        let salt = Salt::from_bytes([7; 32]);
        let now = self.chain.latest;
        self.batch.push(self.chain.seal(event, salt, now).record);
        if self.batch.len() == 1000 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let length = self.log.length();
        self.log.append(length, &self.batch).unwrap();
        self.batch.clear();
    }
}

/// A document of a hundred sentences, and where the words of each stand.
fn document(number: u64) -> (String, Vec<(usize, String)>) {
    let (mut text, mut places) = (String::new(), Vec::new());
    for sentence in 0..IN_EACH {
        let words =
            format!("channel {sentence} of outlet {number} had {number}.{sentence} million users");
        write!(text, "According to its owner, ").unwrap();
        places.push((text.len(), words.clone()));
        writeln!(text, "{words}, which is more than the year before.").unwrap();
    }
    (text, places)
}

fn selector(start: usize, exact: &str) -> Value {
    json!({ "text": { "exact": exact, "start": start, "end": start + exact.len() } })
}

fn write(forge: &Forge, entries: u64) {
    let archive = Archive::open(forge.path("archive")).unwrap();
    let log = SledLog::open(&forge.path("log"), Duration::from_secs(5)).unwrap();
    let opening = log.get(at(0)).unwrap().unwrap();
    let mut chain = HashChain::EMPTY;
    chain.advance(&Entry::decode(&opening.entry).unwrap(), entry_hash(&opening.entry));
    let mut writer = Writer { log, chain, batch: Vec::new() };
    for number in 0..SOURCES {
        let (slug, name) = (format!("s{number}"), format!("Source {number}"));
        let named = json!({ "slug": slug, "name": name, "kind": "outlet" });
        writer.push(&json!({ "source_named": named }).to_string());
    }
    while writer.chain.next.get() < entries {
        let here = writer.chain.next.get();
        let (text, places) = document(here);
        let hash = archive.put(text.as_bytes()).unwrap();
        let metadata = json!({
            "title": format!("Users of {here}"),
            "url": format!("https://example.org/{here}"),
            "publisher": format!("s{}", here % SOURCES),
        });
        let captured = json!({
            "original": hash.to_string(),
            "text": hash.to_string(),
            "reader": { "name": "plain", "version": "1" },
            "metadata": metadata,
        });
        writer.push(&json!({ "document_captured": captured }).to_string());
        for (place, (start, words)) in places.iter().enumerate() {
            let origin = (here + 7 * place as u64) % SOURCES;
            let cue = selector(*start - 24, "According to");
            let mut hops = vec![json!({
                "sources": [format!("s{origin}")],
                "role": "said",
                "cue": [cue],
            })];
            if place % 4 == 0 {
                let second = format!("s{}", (origin + 1) % SOURCES);
                hops.push(json!({ "sources": [second], "role": "relayed" }));
            }
            let asserted = json!({
                "document": here,
                "content": [selector(*start, words)],
                "hops": hops,
                "claim": { "words": words, "about": ["users"] },
                "found_by": { "extractor": { "name": "cues", "version": "1" } },
            });
            writer.push(&json!({ "claim_asserted": asserted }).to_string());
        }
    }
    writer.flush();
}

/// The most memory this process has taken, in KiB.
fn most_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Not a test of its own: the audit, in a process whose memory is its alone.
#[test]
#[ignore = "another test runs it, in a process of its own"]
fn the_audit_that_is_measured() {
    let folder = std::env::var_os(LEDGER).expect("a ledger to audit");
    let folder = std::path::PathBuf::from(folder);
    let scratch = tempfile::tempdir_in(folder.parent().unwrap()).unwrap();
    let options = AuditOptions {
        wait: Duration::ZERO,
        scratch: scratch.path().to_owned(),
        confidential: false,
    };
    let started = Instant::now();
    let report = audit(&folder, &options).unwrap();
    let took = started.elapsed();
    assert!(report.clean(), "{:?}", report.findings.first());
    assert!(report.views.compared && report.checkpoint == report.tree);
    let memory = most_memory();
    println!("{} entries, {} quotes: {took:?}, {memory:?} KiB", report.entries, report.quotes);
    assert!(memory.is_none_or(|memory| memory < MOST_MEMORY), "{memory:?} KiB");
}

#[test]
#[ignore = "takes minutes, and a release build"]
fn a_million_entries_are_audited_in_little_memory() {
    let scale = std::env::var("TESTIMONY_SCALE").ok();
    let entries = scale.map_or(1_000_000, |scale| scale.parse().unwrap());
    let forge = Forge::empty();
    write(&forge, entries);
    forge.rebuild();
    forge.sign_log();
    let audit = Command::new(std::env::current_exe().unwrap())
        .args(["audit_scale::the_audit_that_is_measured", "--exact", "--ignored", "--nocapture"])
        .env(LEDGER, forge.folder())
        .status()
        .unwrap();
    assert!(audit.success());
}
