//! How fast articles are read, from text to proposals, on one core.
//!
//!     cargo bench --bench attribution [-- ARTICLES.jsonl[.gz]]
//!
//! Without a file it reads the articles bundled with the project, over and over. It prints medians of
//! several rounds of the thread's processor time, of the words and trees alone and of all, the sizes of
//! what is in the binary for it, and how long the program takes to start.

#![allow(clippy::print_stdout, reason = "a bench says what it measured")]
#![allow(clippy::unwrap_used, reason = "a bench stops at the first trouble")]
#![allow(clippy::float_arithmetic, reason = "rates and medians are for people")]

use std::fs::File;
use std::hint::black_box;
use std::io::BufReader;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use testimony::annotation;
use testimony::attribution::{self, Article};
use testimony::syntax;

const ROUNDS: usize = 9;

fn main() {
    let texts = texts();
    let words: usize = texts.iter().map(|text| syntax::read(text).words.len()).sum();
    println!("{} articles, {words} words and marks, {}", texts.len(), processor());
    let trees = median(|| {
        for text in &texts {
            black_box(syntax::read(text));
        }
    });
    let mut proposals = 0;
    let all = median(|| {
        proposals = 0;
        for text in &texts {
            proposals += attribution::read(&article(text)).len();
        }
    });
    say("words and trees", trees, texts.len());
    say("all, to proposals", all, texts.len());
    println!("{proposals} proposals");
    println!("weights and lexicons: {:.1} MB", size() as f64 / 1e6);
    println!("start: {:.1} ms, the median of 50", start().as_secs_f64() * 1e3);
}

fn article(body: &str) -> Article<'_> {
    Article { title: None, body, published: None, publisher: None, skip: &[] }
}

fn say(what: &str, taken: Duration, articles: usize) {
    let rate = articles as f64 / taken.as_secs_f64();
    println!("{what}: {:.1} ms, {rate:.0} articles a second", taken.as_secs_f64() * 1e3);
}

fn texts() -> Vec<String> {
    let file = std::env::args().skip(1).find(|it| !it.starts_with("--"));
    let Some(file) = file else { return bundled() };
    let mut lines = annotation::lines(BufReader::new(File::open(file).unwrap())).unwrap();
    let mut texts = Vec::new();
    while let Some(article) = lines.article().unwrap() {
        texts.push(article.text);
    }
    texts
}

fn bundled() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/articles");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    let texts: Vec<String> =
        files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    texts.iter().cycle().take(80).cloned().collect()
}

/// The time that this thread has had the processor; where the system does not tell, the time gone by.
fn worked(begun: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| begun.elapsed(), Duration::from_nanos)
}

fn median(mut work: impl FnMut()) -> Duration {
    let begun = Instant::now();
    let mut all: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let before = worked(begun);
            work();
            worked(begun).saturating_sub(before)
        })
        .collect();
    all.sort();
    all[ROUNDS / 2]
}

fn processor() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix("model name"));
    line.map_or_else(
        || "an unnamed processor".to_owned(),
        |name| name.trim_start_matches([' ', '\t', ':']).to_owned(),
    )
}

/// The bytes of weights and word lists that the binary holds.
fn size() -> u64 {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    ["syntax/weights", "syntax", "attribution/lexicon", "numeral", "page"]
        .iter()
        .filter_map(|folder| std::fs::read_dir(source.join(folder)).ok())
        .flatten()
        .map(|entry| entry.unwrap())
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            [".bin", ".txt", ".tsv"].iter().any(|ending| name.ends_with(ending))
        })
        .map(|entry| entry.metadata().unwrap().len())
        .sum()
}

fn start() -> Duration {
    let program = env!("CARGO_BIN_EXE_testimony");
    let mut all: Vec<Duration> = (0..50)
        .map(|_| {
            let begun = Instant::now();
            Command::new(program).arg("--version").output().unwrap();
            begun.elapsed()
        })
        .collect();
    all.sort();
    all[25]
}
