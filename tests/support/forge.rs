//! A ledger of every kind of event, and the means to forge one: to write entries that no version of
//! the program would write.
//!
//! Knows the library's floors below the ledger. Must not know what an audit looks for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use testimony::audit::{AuditOptions as Auditing, Report, audit};
use testimony::draft::Draft;
use testimony::event::{Event, Recorder};
use testimony::finding::{Finding, FindingPlace};
use testimony::id::Sequence;
use testimony::ledger::{Capture, Environment, Ledger, Options};
use testimony::log::Log as _;
use testimony::log::sled::{SledLog, panic_is_guarded};
use testimony::page::{self, Format};
use testimony::seal::{Entry, HashChain, Record, Salt, entry_hash};
use testimony::tree::checkpoint::{
    self,
    key::{Rotation, Signer},
};
use testimony::tree::{Frontier, leaf_hash};

pub(crate) const WAIT: Duration = Duration::from_secs(5);

/// The text of document #5, `\r\n` in its original.
pub(crate) const COURIER: &str = "\u{feff}Ministry: channels closed\r\n\r\n\
    According to SOAX, there were 11.8 million users. «Мы закрыли 70 процентов», the spokesman \
    said, as the ministry relayed. Critics alleged otherwise. The channels are gone.\r\n";

/// The text of document #6.
pub(crate) const CORRECTION: &str = "SOAX takes back its figure of 11.8 million users.\n";

/// What `full` records after the two documents, #7 and on.
const LINES: &[&str] = &[
    r#"{"event":{"claim_asserted":{"document":5,"content":["there were 11.8 million users"],
        "hops":[{"sources":["soax"],"role":"said","cue":["According to"]}]}}}"#,
    r#"{"event":{"claim_asserted":{"document":5,"content":["«Мы закрыли 70 процентов»"],
        "form":"direct","against":["critics@"],"condition":"The channels are gone",
        "hops":[{"sources":["spokesman"],"role":"said","mention":["the spokesman"]},
                {"sources":["ministry"],"role":"relayed","content":["«Мы закрыли"]}],
        "found_by":{"extractor":{"name":"cues","version":"1"}}}}}"#,
    r#"{"event":{"claim_asserted":{"document":5,"content":["channels are gone"],"voice":"outlet",
        "found_by":{"extractor":{"name":"cues","version":"1"}}}}}"#,
    r#"{"event":{"claim_asserted":{"document":6,
        "content":[{"text":{"zone":"title","exact":"Correction"}}],"voice":"outlet"}}}"#,
    r#"{"event":{"assertion_checked":{"assertion":8,"quote":"right"}}}"#,
    r#"{"event":{"assertion_voided":{"assertion":10,"why":"It is a title."}}}"#,
    r#"{"event":{"assertion_retracted":{"assertion":7,"by_source":"soax","document":6,
        "content":[{"text":{"exact":"SOAX takes back","start":0,"end":15}}]}}}"#,
    r#"{"event":{"assertions_related":{"left":8,"right":7,"relation":"revises","said_by":"ministry",
        "why":"Newer."}}}"#,
    r#"{"event":{"topic_assigned":{"topic":"channels","targets":[{"assertion":7},{"document":5},
        {"source":"soax"},{"event":12}]}}}"#,
    r#"{"event":{"note_added":{"target":{"assertion":7},"text":"To be erased below."}}}"#,
    r#"{"event":{"claim_reviewed":{"assertion":7,"reviewer":"courier","rating":"Half true"}}}"#,
    r#"{"event":{"sources_merged":{"from":"spokesman","into":"soax","why":"A slip."}}}"#,
    r#"{"event":{"merge_undone":{"merge":18,"why":"A slip."}}}"#,
    r#"{"event":{"document_corrected":{"document":6,"why":"No such revision.",
        "metadata":{"title":"Correction","publisher":"courier"}}}}"#,
    r#"{"confidential":true,"event":{"note_added":{"target":{"source":"soax"},"text":"Hush."}}}"#,
];

/// What only a forger writes so far: of #21 that it is disclosed, of #16 that it is erased, another
/// key, and an event of a newer version.
const DISCLOSED: &str = r#"{"event_disclosed":{"events":[21]}}"#;
const ERASED: &str = r#"{"event_erased":{"events":[16],"why":"Asked for."}}"#;
const NEWER: &str = r#"{"by":{"person":"Ana"},"event":{"claim_sung":{"melody":"la"}}}"#;

pub(crate) fn at(value: u64) -> Sequence {
    Sequence::new(value).unwrap()
}

pub(crate) fn ana() -> Recorder {
    Recorder::person("Ana".parse().unwrap())
}

/// An event by Ana, from its body.
pub(crate) fn event(body: &str) -> Event {
    let body: Value = serde_json::from_str(body).unwrap();
    let event = json!({ "by": { "person": "Ana" }, "event": body });
    serde_json::from_str(&event.to_string()).unwrap()
}

pub(crate) fn draft(line: &str) -> Draft {
    Draft::from_line(line.as_bytes()).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// Every file under `dir` with its bytes; links are not followed.
pub(crate) fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap();
        if kind.is_dir() {
            found.extend(files(&path));
        } else if kind.is_file() {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// Keeps panics that are contained, and reported as findings, off the terminal.
pub(crate) fn quiet_contained_panics() {
    // Once for all tests of the program: each hook would call the one before it.
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let default = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panic_is_guarded() {
                default(panic);
            }
        }));
    });
}

/// A ledger in a folder of its own.
pub(crate) struct Forge {
    home: TempDir,
    /// The key that its checkpoints are signed with.
    pub(crate) signer: Signer,
}

impl Forge {
    /// A ledger that was only opened.
    pub(crate) fn empty() -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("ledger");
        let name = "example.org/ledger".parse().unwrap();
        Ledger::create(&folder, name, &Options::default(), Environment::system()).unwrap();
        let signer = Signer::open(&folder.join("key")).unwrap();
        Self { home, signer }
    }

    /// A ledger with every kind of event that can be recorded so far.
    pub(crate) fn recorded() -> Self {
        let forge = Self::empty();
        let mut ledger = forge.open();
        let names = [
            json!({ "slug": "courier", "name": "The Courier", "kind": "outlet" }),
            json!({ "slug": "soax", "name": "SOAX", "kind": "organisation" }),
            json!({ "slug": "ministry", "name": "Ministry", "kind": "government" }),
            json!({ "slug": "spokesman", "name": "Jo", "kind": "person", "speaks_for": "ministry" }),
        ];
        let lines = names.map(|name| json!({ "event": { "source_named": name } }));
        let lines = lines.map(|line| draft(&line.to_string()));
        ledger.record(lines, &ana()).unwrap();
        ledger.capture(captured(COURIER, r#"{"publisher":"courier"}"#)).unwrap();
        let corrected = r#"{"title":"Correction","publisher":"courier","revises":5}"#;
        ledger.capture(captured(CORRECTION, corrected)).unwrap();
        for line in LINES {
            ledger.record(vec![draft(line)], &ana()).unwrap();
        }
        ledger.close().unwrap();
        forge
    }

    /// A ledger with every kind of event there is: #22 discloses, #23 erases #16, #24 rotates the
    /// key, #25 is a newer version's.
    pub(crate) fn full() -> Self {
        let mut forge = Self::recorded();
        let name = "example.org/ledger".parse().unwrap();
        let newer = Signer::from_seed(&name, &[9; 32]);
        let key = newer.verifier_key();
        let endorsement = forge.signer.endorse(&Rotation {
            log: "example.org/ledger",
            at: Sequence::new(24).unwrap(),
            key: key.as_str(),
            next: None,
        });
        let rotated = json!({ "key": key.to_string(), "endorsement": endorsement.to_string(), "why": "Age." });
        let rotated = json!({ "key_rotated": rotated }).to_string();
        let mut records = forge.records();
        for body in [DISCLOSED, ERASED, &rotated] {
            push(&mut records, &event(body).encode().unwrap());
        }
        push(&mut records, NEWER.as_bytes());
        records[16].payload = None;
        forge.signer = newer;
        forge.put_all(&records);
        forge
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.home.path().join("ledger")
    }

    pub(crate) fn path(&self, within: &str) -> PathBuf {
        self.folder().join(within)
    }

    pub(crate) fn open(&self) -> Ledger {
        Ledger::open(&self.folder(), &Options::default(), Environment::system()).unwrap()
    }

    /// Every record of the log.
    pub(crate) fn records(&self) -> Vec<Record> {
        let log = SledLog::open(&self.path("log"), WAIT).unwrap();
        log.read(at(0)).map(|read| read.unwrap().1).collect()
    }

    /// Replaces the log, and leaves everything else as it is.
    pub(crate) fn put(&self, records: &[Record]) {
        fs::remove_dir_all(self.path("log")).unwrap();
        let mut log = SledLog::create(&self.path("log"), WAIT).unwrap();
        log.append(at(0), records).unwrap();
    }

    /// Signs these records as the log's.
    pub(crate) fn sign(&self, records: &[Record]) {
        self.sign_with(&self.signer, records);
    }

    /// Signs the log as it is, without holding it in memory.
    pub(crate) fn sign_log(&self) {
        let log = SledLog::open(&self.path("log"), WAIT).unwrap();
        let mut tree = Frontier::default();
        for read in log.read(at(0)) {
            let _ = tree.push(leaf_hash(&read.unwrap().1.entry));
        }
        let note = checkpoint::sign(&self.signer, tree.head()).unwrap();
        checkpoint::write(&self.path("checkpoint"), &note).unwrap();
    }

    /// Signs these records with any key.
    pub(crate) fn sign_with(&self, signer: &Signer, records: &[Record]) {
        let mut tree = Frontier::default();
        for record in records {
            let _ = tree.push(leaf_hash(&record.entry));
        }
        let note = checkpoint::sign(signer, tree.head()).unwrap();
        checkpoint::write(&self.path("checkpoint"), &note).unwrap();
    }

    /// Folds the log anew.
    pub(crate) fn rebuild(&self) {
        Ledger::rebuild(&self.folder(), &Options::default()).unwrap();
    }

    /// Replaces the log and all that follows from it, as its keeper could.
    pub(crate) fn put_all(&self, records: &[Record]) {
        self.put(records);
        self.sign(records);
        self.rebuild();
    }

    /// Appends events as the keeper of the key could, past all that the program refuses.
    pub(crate) fn record(&self, bodies: &[&str]) {
        let mut records = self.records();
        for body in bodies {
            push(&mut records, &event(body).encode().unwrap());
        }
        self.put_all(&records);
    }

    /// Audits the ledger, and sees to it that nothing in its folder was touched.
    pub(crate) fn audit(&self) -> Report {
        let before = files(&self.folder());
        let report = self.audit_quietly();
        assert!(files(&self.folder()) == before, "the audit wrote to the ledger");
        serde_json::to_string(&report).unwrap();
        assert!(report.findings.iter().all(|finding| !finding.to_string().contains('\n')));
        report
    }

    /// Audits a ledger too large to be looked at before and after.
    pub(crate) fn audit_quietly(&self) -> Report {
        let scratch = self.home.path().join("scratch");
        fs::create_dir_all(&scratch).unwrap();
        let options = Auditing { wait: WAIT, scratch: scratch.clone(), confidential: false };
        let report = audit(&self.folder(), &options).unwrap();
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "the audit left something behind");
        report
    }

    /// What an audit finds: where, and the tag of what.
    pub(crate) fn found(&self) -> Vec<(FindingPlace, &'static str)> {
        self.audit().findings.iter().map(told).collect()
    }
}

pub(crate) fn told(finding: &Finding) -> (FindingPlace, &'static str) {
    (finding.place.clone(), finding.problem.tag())
}

/// A capture of a plain page.
pub(crate) fn captured(text: &str, metadata: &str) -> Capture {
    let page = page::read(text.as_bytes(), Format::Plain).unwrap();
    let mut capture = Capture::of(text.as_bytes(), page, ana());
    capture.metadata = serde_json::from_str(metadata).unwrap();
    capture
}

/// Seals bytes as the next entry.
pub(crate) fn push(records: &mut Vec<Record>, event: &[u8]) {
    let mut chain = HashChain::EMPTY;
    if let Some(last) = records.last() {
        let entry = Entry::decode(&last.entry).unwrap();
        chain.advance(&entry, entry_hash(&last.entry));
    }
    let now = chain.latest;
    records.push(chain.seal(event.to_vec(), Salt::from_bytes([7; 32]), now).record);
}

/// Chains the entries anew, from whatever they say, as a forger would who has no key.
pub(crate) fn chain_anew(records: &mut [Record]) {
    let mut chain = HashChain::EMPTY;
    for record in records {
        let mut entry = Entry::decode(&record.entry).unwrap();
        (entry.seq, entry.prev) = (chain.next, chain.head);
        record.entry = entry.encode();
        chain.advance(&entry, entry_hash(&record.entry));
    }
}
