//! A ledger at the library's level: opened, told, asked, and taken apart.
//!
//! Knows the ledger's folder and how one is opened. Must not know what is being tested.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use testimony::draft::Draft;
use testimony::event::{Event, Recorder};
use testimony::id::{DocumentId, Sequence};
use testimony::layout::Layout;
use testimony::ledger::{
    Capture, Environment, Ledger, Options, Reading, RecordError, RecordOutcome,
};
use testimony::log::Log as _;
use testimony::log::sled::SledLog;
use testimony::moment::Timestamp;
use testimony::page::{self, Format};
use testimony::seal::{HashChain, Salt};

use super::program::{BINARY, Said};

/// How long a test waits for another's store.
pub(crate) const WAIT: Duration = Duration::from_secs(5);

/// A ledger in a folder that goes away with it. Its clock ticks once a second from 2026 on.
pub(crate) struct Workshop {
    scratch: tempfile::TempDir,
}

/// Who records here.
pub(crate) fn ana() -> Recorder {
    Recorder::person("Ana".parse().expect("a name"))
}

/// The draft on a line of input.
pub(crate) fn draft(line: &str) -> Draft {
    Draft::from_line(line.as_bytes()).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// A line that names a source.
pub(crate) fn named(slug: &str) -> String {
    let named = json!({ "slug": slug, "name": slug, "kind": "person" });
    json!({ "event": { "source_named": named } }).to_string()
}

/// A line that asserts some words of a document.
pub(crate) fn asserted(document: u64, words: &str, source: &str) -> String {
    let hops = json!([{ "sources": [source], "role": "said" }]);
    let asserted = json!({ "document": document, "content": [words], "hops": hops });
    json!({ "event": { "claim_asserted": asserted } }).to_string()
}

impl Workshop {
    pub(crate) fn new() -> Self {
        let workshop = Self { scratch: tempfile::tempdir().expect("a folder") };
        let name = "example.org/workshop".parse().expect("a log's name");
        let surroundings = workshop.surroundings();
        Ledger::create(&workshop.folder(), name, &Options::default(), surroundings)
            .expect("a ledger");
        workshop
    }

    /// The ledger's folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.scratch.path().join("ledger")
    }

    /// A path beside the ledger.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    pub(crate) fn layout(&self) -> Layout {
        Layout::of(&self.folder())
    }

    /// The system's randomness, and a clock that says in its seconds how often it was asked.
    pub(crate) fn surroundings(&self) -> Environment {
        let seconds = self.scratch.path().join("seconds");
        let now = move || {
            let asked: u64 = fs::read_to_string(&seconds).map_or(0, |text| text.len() as u64);
            fs::write(&seconds, "x".repeat(asked as usize + 1)).expect("a clock that ticks");
            Timestamp::from_micros((1_767_225_600 + asked) * 1_000_000)
        };
        Environment { now: Box::new(now), ..Environment::system() }
    }

    /// The ledger, open for writing.
    pub(crate) fn open(&self) -> Ledger {
        Ledger::open(&self.folder(), &Options::default(), self.surroundings()).expect("it opens")
    }

    /// Why it does not open.
    pub(crate) fn refusal(&self) -> testimony::ledger::OpenError {
        let opened = Ledger::open(&self.folder(), &Options::default(), self.surroundings());
        opened.err().expect("it does not open")
    }

    /// Captures a text; its number.
    pub(crate) fn capture(&self, text: &str, url: Option<&str>) -> DocumentId {
        let mut ledger = self.open();
        let page = page::read(text.as_bytes(), Format::Plain).expect("a text");
        let mut capture = Capture::of(text.as_bytes(), page, ana());
        capture.metadata.url = url.map(|url| url.parse().expect("an address"));
        let receipt = ledger.capture(capture).expect("captured");
        ledger.close().expect("it closes");
        DocumentId::at(receipt.at())
    }

    /// Records lines as one commit.
    pub(crate) fn try_record(&self, lines: &[String]) -> Result<Vec<RecordOutcome>, RecordError> {
        let mut ledger = self.open();
        let receipts = ledger.record(lines.iter().map(|line| draft(line)), &ana());
        ledger.close().expect("it closes");
        receipts
    }

    /// Records lines as one commit; where they are.
    pub(crate) fn record(&self, lines: &[String]) -> Vec<Sequence> {
        let receipts = self.try_record(lines).expect("recorded");
        receipts.into_iter().map(RecordOutcome::at).collect()
    }

    pub(crate) fn read(&self) -> Reading {
        Ledger::read(&self.folder(), &Options::default()).expect("it reads")
    }

    pub(crate) fn length(&self) -> u64 {
        self.open().length().get()
    }

    /// Seals an event and appends it behind the ledger's back, decided on by nobody.
    pub(crate) fn slip_in(&self, event: &Event) -> Sequence {
        let mut chain: HashChain = self.read().snapshot.cursor().chain();
        let mut log = SledLog::open(&self.layout().log(), WAIT).expect("the log");
        let (at, salt) = (chain.next, Salt::from_bytes([7; 32]));
        let sealed = chain.seal(event.encode().expect("encoded"), salt, Timestamp::now());
        log.append(at, &[sealed.record]).expect("appended");
        at
    }

    /// Throws the log, its views and its checkpoint away, and begins another with this event.
    pub(crate) fn begin_anew(&self, event: &Event) {
        let layout = self.layout();
        fs::remove_dir_all(layout.log()).expect("no log");
        fs::remove_dir_all(layout.views()).expect("no views");
        fs::remove_file(layout.checkpoint()).expect("no checkpoint");
        let mut log = SledLog::create(&layout.log(), WAIT).expect("a log");
        let (mut chain, salt) = (HashChain::EMPTY, Salt::from_bytes([7; 32]));
        let sealed = chain.seal(event.encode().expect("encoded"), salt, Timestamp::now());
        log.append(Sequence::ZERO, &[sealed.record]).expect("appended");
    }

    /// Copies a file or folder to a new place.
    pub(crate) fn copy(&self, from: &Path, to: &Path) {
        let copied = Command::new("cp").arg("-R").args([from, to]).status().expect("cp runs");
        assert!(copied.success());
    }

    /// Puts a copy in the place of a file or folder.
    pub(crate) fn put_back(&self, copy: &Path, place: &Path) {
        if place.is_dir() {
            fs::remove_dir_all(place).expect("removed");
        } else if place.exists() {
            fs::remove_file(place).expect("removed");
        }
        self.copy(copy, place);
    }

    /// Closes a test: the ledger stands up to an audit.
    #[track_caller]
    pub(crate) fn audit(&self) {
        let mut command = Command::new(BINARY);
        let output = command.arg("--ledger").arg(self.folder()).arg("audit").output();
        let said = Said::of(&output.expect("the program runs"));
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    }
}
