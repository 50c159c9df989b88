//! Counts how often each rule of the grammar is right with each cue, on annotated articles, and
//! prints src/reading/attribution/lexicon/counts.txt.
//!
//!     cargo run --release --example count_cues -- articles.jsonl > src/reading/attribution/lexicon/counts.txt
//!
//! An article is a line `{"text":…,"attributions":[{"content":[[start,end],…],…},…]}`, in code points.

#![allow(clippy::print_stdout)] // It prints what it counts.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::BufRead;

use serde_json::Value;
use testimony::attribution::{self, Article};

type Stretch = (usize, usize);

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("give a file of annotated articles")?;
    let file = std::io::BufReader::new(std::fs::File::open(path)?);
    let mut counts: BTreeMap<(String, String), (u32, u32)> = BTreeMap::new();
    for line in file.lines() {
        let article: Value = serde_json::from_str(&line?)?;
        count(&article, &mut counts).ok_or("a line is no annotated article")?;
    }
    print(counts);
    Ok(())
}

fn article_of(body: &str) -> Article<'_> {
    Article { title: None, body, published: None, publisher: None, skip: &[] }
}

fn stretches(list: &Value) -> Option<Vec<Stretch>> {
    let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
    list.as_array()?.iter().map(|pair| Some((number(&pair[0])?, number(&pair[1])?))).collect()
}

fn count(article: &Value, counts: &mut BTreeMap<(String, String), (u32, u32)>) -> Option<()> {
    let body = article["text"].as_str()?;
    let mut gold = Vec::new();
    for attribution in article["attributions"].as_array()? {
        gold.extend(stretches(&attribution["content"])?);
    }
    for sighting in attribution::survey(&article_of(body)) {
        let proposal = sighting.proposal;
        let cue = proposal.hops.first().and_then(|hop| hop.cue.first()).or(proposal.cue.first())?;
        // What stands within the words of another is not annotated, right or wrong.
        if gold.iter().any(|(start, end)| *start <= cue.start && cue.end <= *end) {
            continue;
        }
        let right = proposal
            .content
            .iter()
            .filter(|span| gold.iter().any(|other| agrees((span.start, span.end), *other)));
        let right = u32::try_from(right.count()).ok()?;
        let of = u32::try_from(proposal.content.len()).ok()?;
        let topics = sighting.topics.iter().map(|(name, word)| format!("{name}={word}"));
        for key in topics.chain(["*".to_owned()]) {
            let entry = counts.entry(("any".to_owned(), key)).or_default();
            *entry = (entry.0 + right, entry.1 + of);
        }
        let features =
            sighting.features.iter().map(|(question, answer)| format!("~{question}={answer}"));
        for key in features.chain([proposal.key, "*".to_owned()]) {
            let entry = counts.entry((sighting.counted_as.clone(), key)).or_default();
            *entry = (entry.0 + right, entry.1 + of);
        }
    }
    Some(())
}

/// Whether two stretches share four fifths of what they cover together.
fn agrees(one: Stretch, other: Stretch) -> bool {
    let shared = one.1.min(other.1).saturating_sub(one.0.max(other.0));
    let together = (one.1 - one.0) + (other.1 - other.0) - shared;
    shared * 5 >= together * 4
}

/// Cues met fewer times than this have no line of their own.
const SELDOM: u32 = 3;

fn print(counts: BTreeMap<(String, String), (u32, u32)>) {
    println!(
        "# How often each rule of the grammar was right, counted on annotated news: with each cue, with each"
    );
    println!(
        "# trait (~) and in all (*). Rule, cue, right, of. Made by examples/count_cues.rs; see docs/attribution.md."
    );
    for ((rule, key), (right, of)) in counts {
        if of >= SELDOM {
            println!("{rule}\t{key}\t{right}\t{of}");
        }
    }
}
