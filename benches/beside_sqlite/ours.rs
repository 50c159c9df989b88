//! The ledger's side of each measurement.
//!
//! Knows the ledger's public interface, and takes the time of calls to it. Must not reach around it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use testimony::audit;
use testimony::document::Reader;
use testimony::draft::{Draft, DraftBody};
use testimony::event::Recorder;
use testimony::id::DocumentId;
use testimony::ledger::{Capture, Environment, Ledger, Options, RecordOutcome};
use testimony::page::{self, Format};
use testimony::text::Text;
use testimony::view::query::{Inquiry, Question};

use crate::press::{Article, Press};
use crate::table::Measured;

/// Drafts recorded in one commit.
pub(crate) const BATCH: usize = 1_000;

/// Ranks of the words that `who` is asked for: in every assertion, in many, in few.
pub(crate) const WORDS: [(&str, usize); 3] = [("common", 0), ("middling", 300), ("rare", 20_000)];

/// Processes of which the median is taken.
const PROCESSES: usize = 21;

/// Answers shown.
pub(crate) const SHOWN: usize = 20;

/// Who records all this.
pub(crate) fn recorder() -> Recorder {
    Recorder::person("Ana".parse().expect("a name"))
}

/// How many articles it takes for so many assertions, and a few more.
fn articles(press: &Press, assertions: usize) -> Vec<usize> {
    let mut left = assertions;
    let mut numbers = Vec::new();
    for number in 0.. {
        if left == 0 {
            break;
        }
        numbers.push(number);
        left = left.saturating_sub(press.article(number).assertions());
    }
    numbers
}

/// What [`setup`] captured.
pub(crate) struct Captured(Vec<(usize, DocumentId)>);

impl Captured {
    /// The drafts of all its articles in batches, each made only when it is asked for.
    pub(crate) fn batches(
        self,
        press: &Press,
        assertions: usize,
    ) -> impl Iterator<Item = Vec<Draft>> {
        let mut drafts = self
            .0
            .into_iter()
            .flat_map(|(number, document)| press.article(number).into_drafts(document))
            .take(assertions);
        std::iter::from_fn(move || {
            let batch: Vec<Draft> = drafts.by_ref().take(BATCH).collect();
            (!batch.is_empty()).then_some(batch)
        })
    }
}

/// Captures the articles by way of `capture`, which says where each one is.
pub(crate) fn setup(
    press: &Press,
    assertions: usize,
    mut capture: impl FnMut(&Article) -> DocumentId,
) -> Captured {
    let captured = articles(press, assertions).into_iter().map(|number| {
        let article = press.article(number);
        (number, capture(&article))
    });
    Captured(captured.collect())
}

/// Who reads an article's text: nobody, it comes as it is.
pub(crate) fn reader() -> Reader {
    Reader { name: "plain".parse().expect("a name"), version: "1".parse().expect("a name") }
}

fn new_ledger(dir: &Path) -> Ledger {
    let name = "example.org/bench".parse().expect("a name");
    Ledger::create(dir, name, &Options::default(), Environment::system()).expect("a new ledger");
    open(dir)
}

fn open(dir: &Path) -> Ledger {
    Ledger::open(dir, &Options::default(), Environment::system()).expect("the ledger")
}

/// Recording in batches.
pub(crate) fn record(dir: &Path, assertions: usize) -> Measured {
    let press = Press::new();
    let mut ledger = new_ledger(dir);
    let by = recorder();
    ledger.record(press.namings(), &by).expect("sources are named");
    let captured = setup(&press, assertions, |article| {
        let page = page::read(article.text.as_bytes(), Format::Plain).expect("a page");
        assert_eq!(page.text, article.text);
        let mut capture = Capture::of(article.text.as_bytes(), page, recorder());
        capture.metadata = article.metadata.clone();
        DocumentId::at(ledger.capture(capture).expect("a capture").at())
    });
    ledger.settle().expect("views of the documents");
    let mut acknowledged = Duration::ZERO;
    for batch in captured.batches(&press, assertions) {
        let count = batch.len();
        let begun = Instant::now();
        let receipts = ledger.record(batch, &by).expect("a batch");
        acknowledged += begun.elapsed();
        assert_eq!(receipts.len(), count);
        assert!(receipts.iter().all(|receipt| matches!(receipt, RecordOutcome::Recorded(_))));
    }
    let begun = Instant::now();
    ledger.close().expect("current views");
    let current = acknowledged + begun.elapsed();
    Measured::default()
        .seconds("recording, acknowledged", acknowledged)
        .seconds("recording, views current", current)
        .and("recording, on disk, MB", megabytes(dir))
}

/// Assertions that were not recorded before: known passages, in other words.
pub(crate) fn strays(press: &Press, document: DocumentId, count: usize, words: &str) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = press.article(0).into_drafts(document).take(count).collect();
    for draft in &mut drafts {
        if let DraftBody::ClaimAsserted(draft) = &mut draft.event {
            draft.claim.words = Text::new(words).ok();
        }
    }
    drafts
}

fn singles(dir: &Path, count: usize, settle: bool, words: &str) -> Vec<Duration> {
    let press = Press::new();
    let mut ledger = open(dir);
    let by = recorder();
    // The first article stands behind the opening and the sources.
    let first = 1 + press.namings().len() as u64;
    let document = DocumentId::at(first.try_into().expect("a sequence"));
    let mut taken = Vec::with_capacity(count);
    for draft in strays(&press, document, count, words) {
        let begun = Instant::now();
        ledger.record(vec![draft], &by).expect("a record");
        if settle {
            ledger.settle().expect("current views");
        }
        taken.push(begun.elapsed());
    }
    ledger.close().expect("current views");
    taken
}

/// Durable records one by one.
pub(crate) fn single(dir: &Path, count: usize) -> Measured {
    let taken = singles(dir, count, false, "in other words");
    Measured::default().latencies("single record, acknowledged", taken)
}

/// Durable records one by one, the views brought up after each.
pub(crate) fn settled_single(dir: &Path, count: usize) -> Measured {
    let taken = singles(dir, count, true, "in words of their own");
    Measured::default().latencies("single record, views current", taken)
}

/// Views from the log.
pub(crate) fn rebuild(dir: &Path, _: usize) -> Measured {
    let begun = Instant::now();
    Ledger::rebuild(dir, &Options::default()).expect("a rebuild");
    Measured::default().seconds("rebuild", begun.elapsed())
}

/// The whole audit: every payload, quotation and file, and the views held against a rebuild.
pub(crate) fn audit(dir: &Path, _: usize) -> Measured {
    let scratch = dir.parent().expect("a folder to work in").to_owned();
    let options =
        audit::AuditOptions { wait: Duration::from_secs(5), scratch, confidential: false };
    let begun = Instant::now();
    let report = audit::audit(dir, &options).expect("an audit");
    assert!(report.clean(), "{:?}", report.findings.first());
    Measured::default().seconds("audit", begun.elapsed())
}

/// A question asked by this process, which opens the views for it; and by whole ones of a program that
/// is named, each with what they took beside one that only says its version.
pub(crate) fn who(dir: &Path, _: usize) -> Measured {
    let press = Press::new();
    let own = asked_here(dir, &press);
    let Some(binary) = std::env::var_os("TESTIMONY_BENCH_BINARY") else { return own };
    let process = |arguments: &[&str]| {
        let taken = |_| {
            let begun = Instant::now();
            let status = Command::new(&binary)
                .arg("--ledger")
                .arg(dir)
                .args(arguments)
                .stdout(Stdio::null())
                .status();
            assert!(status.expect("a process").success());
            begun.elapsed().as_secs_f64() * 1000.0
        };
        let mut taken: Vec<f64> = (0..PROCESSES).map(taken).collect();
        taken.sort_unstable_by(f64::total_cmp);
        taken[PROCESSES / 2]
    };
    let empty = process(&["--version"]);
    let measured = own.and("an empty program, whole process, ms", empty);
    WORDS.into_iter().fold(measured, |measured, (name, rank)| {
        let limit = SHOWN.to_string();
        let whole = process(&["who", press.word(rank), "--limit", &limit]);
        measured.and(&format!("who, a {name} word, whole process, ms"), whole)
    })
}

fn asked_here(dir: &Path, press: &Press) -> Measured {
    WORDS.into_iter().fold(Measured::default(), |measured, (name, rank)| {
        let text = press.word(rank).to_owned();
        let begun = Instant::now();
        let reading = Ledger::read(dir, &Options::default()).expect("the views");
        let inquiry =
            Inquiry::new(&reading.snapshot, None, Default::default()).expect("an inquiry");
        let question = Question { text, ..Question::default() };
        let found = inquiry.assertions(&question).expect("an answer");
        for &at in found.newest(SHOWN) {
            inquiry.assertion(at).expect("an answer").expect("an assertion");
        }
        measured.and(&format!("who, a {name} word, ms"), begun.elapsed().as_secs_f64() * 1000.0)
    })
}

/// The size of everything in a folder.
pub(crate) fn megabytes(dir: &Path) -> f64 {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0.0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => megabytes(&entry.path()),
            Ok(metadata) => metadata.len() as f64 / 1e6,
            Err(_) => 0.0,
        })
        .sum()
}
