//! The yardstick of the real articles converts to input, whole. Where the articles are not at
//! hand, only what needs none of them is tested.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::support::gold::{self, Capture};
use crate::support::passages::{assertion_on, passages, sources, stands_at_its_span};
use testimony::draft::{DocumentReference, Draft, DraftAssertion, DraftBody};
use testimony::moment::Basis;

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn assertions(folder: &Path) -> Vec<DraftAssertion> {
    let mut lines = gold::assertion_lines(&read(folder, "gold.jsonl"));
    lines.extend(gold::peru_lines(&read(folder, "peru-al-jazeera.txt")));
    lines.iter().map(|line| assertion_on(line)).collect()
}

fn captures(folder: &Path) -> Vec<Capture> {
    gold::captures(&read(folder, "articles.json"))
}

fn named() -> HashSet<String> {
    let slug = |line: &String| match Draft::from_line(line.as_bytes()).unwrap().event {
        DraftBody::SourceNamed(named) => named.slug.as_str().to_owned(),
        other => panic!("no source: {other:?}"),
    };
    gold::source_lines().iter().map(slug).collect()
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn every_gold_line_becomes_a_draft() {
    let folder = gold::folder();
    let gold = read(&folder, "gold.jsonl");
    let lines = gold::assertion_lines(&gold);
    assert_eq!(lines.len(), gold.lines().count());
    for line in &lines {
        assertion_on(line);
    }
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn every_passage_stands_at_its_span() {
    let folder = gold::folder();
    let captures = captures(&folder);
    for assertion in assertions(&folder) {
        let here = |capture: &&Capture| {
            assertion.document == DocumentReference::Text(gold::url(&capture.doc))
        };
        let capture = captures.iter().find(here).expect("a document for the assertion");
        let text = read(&folder, &capture.file);
        for passage in passages(&assertion) {
            assert!(stands_at_its_span(&text, passage), "{}: {passage:?}", capture.doc);
        }
    }
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn every_source_is_named_or_belongs_to_its_document() {
    let folder = gold::folder();
    let named = named();
    for assertion in assertions(&folder) {
        for source in sources(&assertion) {
            assert!(source.ends_with('@') || named.contains(source), "{source}");
        }
    }
    for capture in captures(&folder) {
        for source in capture.metadata.sources() {
            assert!(named.contains(source.slug().as_str()), "{source}");
        }
    }
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn every_article_came_by_daily8_on_a_day_worked_out() {
    let folder = gold::folder();
    let captures = captures(&folder);
    assert_eq!(captures.len(), 4);
    for Capture { doc, metadata, .. } in captures {
        assert_eq!(metadata.published.map(|moment| moment.basis), Some(Basis::Inferred), "{doc}");
        let republishers: Vec<_> = metadata.republishers.iter().map(|id| id.to_string()).collect();
        assert_eq!(republishers, ["daily8"], "{doc}");
        assert_eq!(metadata.publisher.is_none(), doc == "vietnam-daily8", "{doc}");
        assert_eq!(metadata.credit.is_some(), doc == "russia-qatar-tribune", "{doc}");
    }
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn amnestys_figures_are_where_the_spans_say() {
    let folder = gold::folder();
    let lines = gold::peru_lines(&read(&folder, "peru-al-jazeera.txt"));
    let figures: [&[&str]; 2] = [&["37 percent"], &["75 percent", "83 percent"]];
    for (line, figures) in lines.iter().zip(figures) {
        let assertion = assertion_on(line);
        let words = &assertion.content.first().exact;
        assert!(figures.iter().all(|figure| words.contains(figure)), "{words}");
    }
}

#[test]
fn a_condition_is_found_within_its_content() {
    let line = r#"{"doc":"russia-al-jazeera","content":[{"exact":"é, if asked","span":[7,18]}],
        "hops":[],"voice":"outlet","framing":"neutral","polarity":"affirms","act":"states",
        "condition":"if asked"}"#;
    let lines = gold::assertion_lines(&line.replace('\n', " "));
    let condition = assertion_on(&lines[0]).condition.unwrap();
    assert_eq!((condition.start, condition.end), (Some(10), Some(18)));
}

#[test]
#[should_panic(expected = "nobody says who `a passer-by` is")]
fn a_mention_that_nobody_knows_is_refused() {
    let line = r#"{"doc":"vietnam-daily8","content":[{"exact":"so","span":[0,2]}],"hops":[
        {"sources":[{"exact":"a passer-by","span":[8,19]}],"role":"said",
        "cue":{"exact":"said","span":[3,7]}}],"voice":"attributed","form":"indirect",
        "framing":"neutral","polarity":"affirms","act":"states"}"#;
    gold::assertion_lines(&line.replace('\n', " "));
}

#[test]
fn every_principal_is_named_before_it_is_spoken_for() {
    let mut before = HashSet::new();
    for line in gold::source_lines() {
        let DraftBody::SourceNamed(source) = Draft::from_line(line.as_bytes()).unwrap().event
        else {
            panic!("no source: {line}")
        };
        assert!(source.speaks_for.iter().all(|one| before.contains(one.source.slug())), "{line}");
        before.insert(source.slug);
    }
}
