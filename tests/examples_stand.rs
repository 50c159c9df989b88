//! The bundled examples hold together: every line is a draft, and its words stand in its text.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use crate::support::passages::{assertion_on, passages, places, sources};
use serde_json::Value;
use testimony::document::Metadata;
use testimony::draft::{DocumentReference, Draft, DraftBody};
use testimony::selector::Zone;

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(file);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Text and metadata of every bundled document.
fn documents() -> Vec<(String, Metadata)> {
    let listed: Vec<Value> = serde_json::from_str(&read("documents.json")).unwrap();
    let document = |mut entry: Value| {
        let file = entry.as_object_mut().unwrap().remove("file").unwrap();
        (read(file.as_str().unwrap()), serde_json::from_value(entry).unwrap())
    };
    listed.into_iter().map(document).collect()
}

fn is_source(line: &str) -> bool {
    let draft = Draft::from_line(line.as_bytes()).unwrap_or_else(|error| panic!("{error}: {line}"));
    matches!(draft.event, DraftBody::SourceNamed(_))
}

#[test]
fn every_passage_of_the_examples_stands_once_in_its_text() {
    let documents: HashMap<String, _> = documents()
        .into_iter()
        .map(|(text, metadata)| (metadata.url.clone().unwrap().to_string(), (text, metadata)))
        .collect();
    let lines = read("assertions.jsonl");
    for line in lines.lines().filter(|line| !is_source(line)) {
        let assertion = assertion_on(line);
        let DocumentReference::Text(url) = &assertion.document else { panic!("no URL: {line}") };
        let (text, metadata) = &documents[url];
        for passage in passages(&assertion) {
            let title = metadata.title.as_ref().unwrap().as_str();
            let text = if passage.zone == Zone::Title { title } else { text };
            assert_eq!(places(text, passage), 1, "{url}: {passage:?}");
        }
    }
}

#[test]
fn every_source_of_the_examples_is_named_first_and_used() {
    let (mut named, mut used) = (HashSet::new(), HashSet::new());
    let lines = read("assertions.jsonl");
    for line in lines.lines() {
        match Draft::from_line(line.as_bytes()).unwrap().event {
            DraftBody::SourceNamed(source) => {
                used.extend(source.speaks_for.iter().map(|principal| principal.source.to_string()));
                assert!(used.is_subset(&named), "{line}");
                named.insert(source.slug.to_string());
            }
            _ => {
                let assertion = assertion_on(line);
                let slugs = sources(&assertion).filter(|source| !source.ends_with('@'));
                used.extend(slugs.map(str::to_owned));
                assert!(used.is_subset(&named), "{line}");
            }
        }
    }
    for (_, metadata) in documents() {
        used.extend(metadata.sources().map(|id| id.to_string()));
    }
    assert_eq!(named, used);
}

#[test]
fn the_examples_keep_to_their_length() {
    for (text, metadata) in documents() {
        let words = text.split_whitespace().count();
        assert!((90..=220).contains(&words), "{:?}: {words} words", metadata.title);
        assert!(text.is_ascii(), "{:?}", metadata.title);
    }
}
