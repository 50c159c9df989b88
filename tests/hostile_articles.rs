//! Hostile articles: whatever a text holds, it is read without a panic, every place that is told
//! stands in it, and it takes no longer than its length.
//!
//! Knows what holds of any reading of any text. Must not know what is rightly read. With
//! `TESTIMONY_LONG` set, in a release build, it also measures time and memory.

#![allow(clippy::print_stdout, reason = "a long test says what it measured")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::time::{Duration, Instant};

use crate::hostile::shapes::{Shape, shapes};
use testimony::attribution::{self, Article, Proposal, Span, Speaker};
use testimony::selector::Zone;

fn is_long() -> bool {
    std::env::var_os("TESTIMONY_LONG").is_some()
}

fn article<'a>(title: &'a str, body: &'a str) -> Article<'a> {
    let published = "2026-11-25".parse().ok();
    Article { title: Some(title), body, published, publisher: Some("The Daily Lee"), skip: &[] }
}

/// Where each code point of a text begins, and where the last ends.
fn points(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()
}

/// Every place that a proposal tells.
fn spans(proposal: &Proposal) -> Vec<Span> {
    let speakers = |all: &[Speaker]| all.iter().map(|it| it.mention).collect::<Vec<_>>();
    let mut spans = [&proposal.content[..], &proposal.cue[..]].concat();
    spans.extend(speakers(&proposal.against));
    spans.extend(proposal.condition);
    for hop in &proposal.hops {
        spans.extend(speakers(&hop.speakers));
        spans.extend(hop.cue.iter().chain(&hop.content).copied());
    }
    spans
}

/// Panics unless every place stands in its text and every proposal has words.
fn stands(name: &str, article: &Article<'_>, proposals: &[Proposal]) {
    let texts = [article.title.unwrap_or_default(), article.body];
    let points = texts.map(points);
    for proposal in proposals {
        assert!(!proposal.content.is_empty(), "{name}: {proposal:?}");
        assert!(proposal.hops.iter().all(|hop| !hop.speakers.is_empty()), "{name}: {proposal:?}");
        for span in spans(proposal) {
            let place = usize::from(span.zone == Zone::Body);
            let bytes = points[place].get(span.start).zip(points[place].get(span.end));
            let words = bytes.and_then(|(start, end)| texts[place].get(*start..*end));
            let has_words = words.is_some_and(|words| !words.trim().is_empty());
            assert!(has_words, "{name}: {span:?} is {words:?} in {proposal:?}");
        }
    }
}

#[test]
fn any_text_is_read_the_same_twice_and_every_place_told_stands_in_it() {
    let shapes = shapes();
    assert!(shapes.len() >= 200, "{}", shapes.len());
    for shape in shapes {
        let (title, body) = (shape.text(200), shape.text(3000));
        let article = article(&title, &body);
        let proposals = attribution::read(&article);
        stands(&shape.name, &article, &proposals);
        assert_eq!(proposals, attribution::read(&article), "{}", shape.name);
    }
}

/// The time that the thread has had the processor; where the system does not tell, the time gone by.
fn worked(begun: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| begun.elapsed(), Duration::from_nanos)
}

/// How long a text of a shape takes to read.
fn taken(shape: &Shape, size: usize) -> Duration {
    let text = shape.text(size);
    let begun = Instant::now();
    let before = worked(begun);
    let proposals = attribution::read(&Article { title: None, ..article("", &text) });
    let after = worked(begun);
    drop(proposals);
    after.saturating_sub(before)
}

/// How much longer twice the text takes, in percent, at the worst of several doublings, each size
/// read `times` times: noise only adds to the least of them.
fn growth(shape: &Shape, sizes: &[usize], times: usize) -> (u128, Duration) {
    let least = |size: &usize| (0..times).map(|_| taken(shape, *size)).min().unwrap();
    let all: Vec<Duration> = sizes.iter().map(least).collect();
    // What takes no time to speak of tells nothing.
    let told = all.windows(2).filter(|two| two[0] > Duration::from_millis(30));
    let growth = told.map(|two| two[1].as_nanos() * 100 / two[0].as_nanos());
    (growth.max().unwrap_or(0), all[all.len() - 1])
}

const KILOBYTE: usize = 1 << 10;

#[test]
fn twice_the_text_takes_at_most_three_times_as_long() {
    if !is_long() {
        return;
    }
    let mut slow = Vec::new();
    for shape in shapes() {
        let sizes = [128, 256, 512, 1024].map(|size| size * KILOBYTE);
        let (mut worst, mut last) = growth(&shape, &sizes, 1);
        if worst > 230 {
            let sizes = [1024, 2048, 4096, 8192].map(|size| size * KILOBYTE);
            (worst, last) = growth(&shape, &sizes, 3);
        }
        println!("{:>6} ms {worst:>4} % {}", last.as_millis(), shape.name);
        if worst > 300 {
            slow.push(format!("{worst} %: {}", shape.name));
        }
    }
    assert!(slow.is_empty(), "longer than linear:\n  {}", slow.join("\n  "));
}
