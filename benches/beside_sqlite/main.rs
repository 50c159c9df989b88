//! The ledger beside SQLite, in one run on one machine: `cargo bench --bench beside_sqlite`.
//!
//! Knows what is measured and how the numbers are put side by side. Must not know how either keeps
//! its bytes: `press` makes the assertions, `peer` is SQLite, and says what it does and does not do.
//!
//! Every measurement is a process of its own, started by this one, so that its peak memory is its
//! own; ledger and peer take turns. Drafts are made outside the time taken. The ledger gets drafts,
//! checks every quotation, source and identity, and keeps a Merkle tree; the peer gets the events
//! that were decided on. Nothing is asserted about times: this prints a table.
//!
//! Sizes by the environment: `TESTIMONY_BENCH_ASSERTIONS` (default 20,000; the documented run has
//! 1,000,000), `TESTIMONY_BENCH_ROUNDS` (default 3), `TESTIMONY_BENCH_SINGLES` (default 200), and
//! `TESTIMONY_BENCH_DIR` for the folder to work in. With `TESTIMONY_BENCH_BINARY` naming a release
//! binary, `who` is measured as a whole process of it as well.

#![allow(
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::expect_used,
    clippy::cast_precision_loss,
    reason = "a benchmark counts in floats, prints a table, and ends when something is wrong"
)]

mod ours;
mod peer;
mod press;
mod table;
mod theirs;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use table::{Measured, Table};

/// As in the program that is measured. SQLite is C and keeps its own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What one process measures: its name, and what does it.
type Task = fn(&Path, usize) -> Measured;

const TASKS: [(&str, Task); 11] = [
    ("ledger record", ours::record),
    ("ledger single", ours::single),
    ("ledger settled single", ours::settled_single),
    ("ledger rebuild", ours::rebuild),
    ("ledger audit", ours::audit),
    ("ledger who", ours::who),
    ("sqlite record", theirs::record),
    ("sqlite single", theirs::single),
    ("sqlite rebuild", theirs::rebuild),
    ("sqlite audit", theirs::audit),
    ("sqlite who", theirs::who),
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, task, dir, size] = arguments.as_slice()
        && let Some((_, measure)) = TASKS.iter().find(|(name, _)| name == task)
    {
        let measured = measure(Path::new(dir), size.parse().expect("a size"));
        print!("{}", measured.with_memory().lines());
        return;
    }
    let size = number("TESTIMONY_BENCH_ASSERTIONS", 20_000);
    let rounds = number("TESTIMONY_BENCH_ROUNDS", 3);
    let singles = number("TESTIMONY_BENCH_SINGLES", 200);
    let within = std::env::var_os("TESTIMONY_BENCH_DIR").map(PathBuf::from);
    let scratch = match &within {
        Some(dir) => tempfile::tempdir_in(dir),
        None => tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")),
    };
    let scratch = scratch.expect("a folder to work in");
    println!("{size} assertions in batches of 1,000, {rounds} rounds, {singles} single records\n");
    let mut table = Table::default();
    for round in 0..rounds {
        let ledger = scratch.path().join(format!("ledger-{round}"));
        let sqlite = scratch.path().join(format!("sqlite-{round}"));
        for verb in ["record", "single", "settled single", "rebuild", "audit", "who"] {
            let size = if verb.ends_with("single") { singles } else { size };
            run("ledger", verb, &ledger, size, &mut table);
            run("sqlite", verb, &sqlite, size, &mut table);
        }
        for done in [ledger, sqlite] {
            std::fs::remove_dir_all(done).expect("the folder of a round");
        }
    }
    println!("{table}");
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn run(side: &str, verb: &str, dir: &Path, size: usize, table: &mut Table) {
    let task = format!("{side} {verb}");
    if !TASKS.iter().any(|(name, _)| *name == task) {
        return;
    }
    let this = std::env::current_exe().expect("this program");
    let mut child = Command::new(this);
    child.args([&task, &dir.display().to_string(), &size.to_string()]).stderr(Stdio::inherit());
    let output = child.output().expect("a process");
    assert!(output.status.success(), "{task} failed");
    let lines = String::from_utf8(output.stdout).expect("text");
    for line in lines.lines() {
        println!("{side:8} {line}");
    }
    table.take(side, &lines);
}
