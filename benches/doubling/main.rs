//! Whether twice the input takes twice the time: hostile texts and pages of growing size.
//!
//!     cargo bench --bench doubling
//!
//! It prints how much longer twice the input takes, in percent of the time before, at the worst of several
//! doublings, and ends with exit code 1 where one takes more than three times as long. It takes minutes,
//! and needs a machine with nothing else to do.

#![allow(clippy::print_stdout, reason = "a bench says what it measured")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use testimony::attribution::{self, Article};
use testimony::numeral;
use testimony::page::{self, Format};

#[path = "../../tests/hostile/figures.rs"]
mod figures;
#[path = "../../tests/hostile/pages.rs"]
mod pages;
#[path = "../../tests/hostile/shapes.rs"]
mod shapes;

const KILOBYTE: usize = 1 << 10;

/// What is allowed, in percent: twice the input, and half as much again for noise.
const ALLOWED: u128 = 300;

/// The processor time that this thread has used; the time that has passed where the system does not say.
fn worked(begun: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| begun.elapsed(), Duration::from_nanos)
}

fn taken<T>(work: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    let before = worked(begun);
    let made = work();
    let after = worked(begun);
    drop(made);
    after.saturating_sub(before)
}

/// How much longer twice the size takes, in percent, at the worst of several doublings, each size measured
/// `times` times: noise only adds to the least of them.
fn growth(work: &dyn Fn(usize) -> Duration, sizes: &[usize], times: usize) -> (u128, Duration) {
    let least = |size: &usize| (0..times).map(|_| work(*size)).min().unwrap_or_default();
    let all: Vec<Duration> = sizes.iter().map(least).collect();
    // The first milliseconds are mostly overhead.
    let told = all.windows(2).filter(|two| two[0] > Duration::from_millis(30));
    let growth = told.map(|two| two[1].as_nanos() * 100 / two[0].as_nanos());
    (growth.max().unwrap_or(0), all[all.len() - 1])
}

/// Whether an input of growing size takes time in proportion to it.
fn is_linear(name: &str, work: &dyn Fn(usize) -> Duration) -> bool {
    let (mut worst, mut last) = growth(work, &[128, 256, 512, 1024].map(|size| size * KILOBYTE), 1);
    if worst > 230 {
        let sizes = [1024, 2048, 4096, 8192].map(|size| size * KILOBYTE);
        (worst, last) = growth(work, &sizes, 3);
    }
    println!("{:>6} ms {worst:>4} % {name}", last.as_millis());
    worst <= ALLOWED
}

fn text(shape: &shapes::Shape, size: usize) -> Duration {
    let text = shape.text(size);
    let published = "2026-11-25".parse().ok();
    let publisher = Some("The Daily Lee");
    let article = Article { title: None, body: &text, published, publisher, skip: &[] };
    taken(|| attribution::read(&article))
}

fn figure(pattern: &str, size: usize) -> Duration {
    let text = pattern.repeat(size / pattern.len());
    taken(|| numeral::numerals(&text, None))
}

fn page(one: (&str, &str, &str), size: usize) -> Duration {
    let page = pages::hostile(one, size);
    taken(|| page::read(&page, Format::Html))
}

fn main() -> ExitCode {
    let mut slow = 0;
    for shape in shapes::shapes() {
        slow += usize::from(!is_linear(&shape.name, &|size| text(&shape, size)));
    }
    for pattern in figures::FIGURES {
        slow += usize::from(!is_linear(pattern, &|size| figure(pattern, size)));
    }
    for one in pages::HOSTILE {
        slow += usize::from(!is_linear(&format!("{one:?}"), &|size| page(*one, size)));
    }
    println!("{slow} of these take longer than their size allows");
    ExitCode::from(u8::from(slow > 0))
}
