//! What a program has of the library alone: a page kept with all that it says of itself, and answers
//! under whoever speaks in them.

use crate::support::workshop::{Workshop, ana, named};
use serde_json::json;
use testimony::id::{DocumentId, Sequence, SourceId};
use testimony::intake::outlets::{OutletError, Outlets};
use testimony::ledger::Capture;
use testimony::page::{self, Format};
use testimony::source::SourceKind;
use testimony::view::query::{Audience, Inquiry, Question};

/// A page of several articles as a digest serves it, with the outlet of each above its title.
const DIGEST: &str = "<!doctype html><html lang=en><head><title>Island Digest</title>\
    <meta property='og:site_name' content='Island Digest'></head><body><article>\
    <p>Island Gazette</p><p>5 hours ago</p><h2>Harbour wall to be rebuilt</h2>\
    <p>The harbour wall will be rebuilt by June, according to a plan seen on Monday.</p>\
    <p>Share</p><p>The Coast Observer</p><p>2 days ago</p><h2>Bakery wins prize</h2>\
    <p>A bakery on the island has won a prize for its rye bread, the judges announced.</p>\
    </article></body></html>";

#[test]
fn a_page_is_kept_with_its_publisher_and_whoever_carried_it_on() {
    let workshop = Workshop::new();
    workshop.record(&[named("island-gazette")]);
    let page = page::read(DIGEST.as_bytes(), Format::Html).unwrap();
    let parts = page.parts(None).unwrap();
    let mut ledger = workshop.open();
    let mut outlets = Outlets::among(ledger.sources(Audience::Anyone));
    let captures: Vec<Capture> = parts
        .into_iter()
        .map(|(_, page)| Capture::told(DIGEST.as_bytes(), page, &mut outlets, ana()).unwrap())
        .collect();
    let namings = outlets.namings();
    let new: Vec<String> = namings.iter().map(|named| named.slug.to_string()).collect();
    assert_eq!(new, ["island-digest", "the-coast-observer"], "one is known, each is named once");
    ledger.record(namings, &ana()).unwrap();
    let receipts: Vec<_> =
        captures.into_iter().map(|capture| ledger.capture(capture).unwrap()).collect();
    ledger.close().unwrap();

    let reading = workshop.read();
    let inquiry = Inquiry::new(&reading.snapshot, None, Audience::Anyone).unwrap();
    let source = |slug: &str| -> SourceId { slug.parse().unwrap() };
    for (receipt, publisher, title) in [
        (receipts[0], "island-gazette", "Harbour wall to be rebuilt"),
        (receipts[1], "the-coast-observer", "Bakery wins prize"),
    ] {
        let document = inquiry.document(DocumentId::at(receipt.at())).unwrap().unwrap();
        let metadata = document.captured.metadata;
        assert_eq!(metadata.publisher, Some(source(publisher)));
        assert_eq!(metadata.republishers, [source("island-digest")]);
        assert_eq!(metadata.title.unwrap().as_str(), title);
        assert_eq!(metadata.language.unwrap().as_str(), "en");
    }
    assert_eq!(receipts.len(), 2);
    let digest = inquiry.source(&source("island-digest")).unwrap().unwrap();
    assert_eq!(digest.naming.unwrap().named.kind, SourceKind::Outlet);
    workshop.audit();
}

#[test]
fn outlets_that_may_not_be_seen_are_not_found_and_keep_their_slug() {
    let workshop = Workshop::new();
    let secret = json!({"confidential": true, "event": {"source_named":
        {"slug": "island-digest", "name": "Island Digest", "kind": "outlet"}}});
    workshop.record(&[secret.to_string()]);
    let page = page::read(DIGEST.as_bytes(), Format::Html).unwrap();
    let ledger = workshop.open();
    let told = |audience: Audience| {
        let mut outlets = Outlets::among(ledger.sources(audience));
        Capture::told(DIGEST.as_bytes(), page.clone(), &mut outlets, ana())
    };
    assert!(matches!(told(Audience::Anyone), Err(OutletError::Refused(_))));
    let metadata = told(Audience::Confidants).unwrap().metadata;
    assert_eq!(metadata.publisher.unwrap().to_string(), "island-digest");
    ledger.close().unwrap();
    workshop.audit();
}

/// Who speaks in the ledger, of what kind, and where.
fn speaking(workshop: &Workshop, before: Option<u64>) -> Vec<(String, Option<String>, Vec<u64>)> {
    let reading = workshop.read();
    let before = before.map(|before| Sequence::new(before).unwrap());
    let inquiry = Inquiry::new(&reading.snapshot, before, Audience::Anyone).unwrap();
    let numbers = inquiry.assertions(&Question::default()).unwrap();
    let all = inquiry.speaking(&numbers.all).unwrap();
    let heard: usize = all.iter().map(|one| one.assertions.len()).sum();
    assert_eq!(heard, numbers.all.len(), "each is heard once");
    all.into_iter()
        .map(|one| {
            assert_eq!(one.kind.is_some(), one.source.as_ref().is_some_and(is_named));
            let at = one.assertions.iter().map(|heard| heard.assertion.id.sequence().get());
            (one.speaker, one.source.map(|source| source.to_string()), at.collect())
        })
        .collect()
}

fn is_named(source: &SourceId) -> bool {
    matches!(source, SourceId::Named(_))
}

fn spoke(speaker: &str, source: &str, at: &[u64]) -> (String, Option<String>, Vec<u64>) {
    (speaker.into(), (!source.is_empty()).then(|| source.into()), at.to_vec())
}

#[test]
fn answers_are_put_together_under_whoever_is_heard_in_them() {
    let workshop = Workshop::new();
    let text = "Calls end, Ana said, and Bo said it too. Critics said that calls go on.";
    workshop.capture(text, None);
    let name = |slug: &str, name: &str| {
        json!({"event": {"source_named": {"slug": slug, "name": name, "kind": "person"}}})
            .to_string()
    };
    let said = |sources: &[&str], content: &str| {
        let hops = match sources {
            [] => json!([]),
            _ => json!([{"sources": sources, "role": "said"}]),
        };
        let voice = if sources.is_empty() { "outlet" } else { "attributed" };
        let claim = json!({"document": 1, "content": [content], "hops": hops, "voice": voice});
        json!({"event": {"claim_asserted": claim}}).to_string()
    };
    workshop.record(&[
        name("ana", "Ana"),
        name("bo", "Bo"),
        name("ana-b", "Ana"),
        said(&["ana", "bo"], "Calls end"),
        said(&["critics@"], "calls go on"),
        said(&[], "calls go on"),
        said(&["ana-b"], "Calls end"),
        said(&["ana"], "Calls end"),
        said(&["ana", "ana-b"], "it too"),
    ]);
    // Who has the same name is not the same.
    let apart = [
        spoke("Ana and Bo", "", &[5]),
        spoke("critics (unnamed, in #1)", "critics@1", &[6]),
        spoke("outlet (not named)", "", &[7]),
        spoke("Ana", "ana-b", &[8]),
        spoke("Ana", "ana", &[9]),
        spoke("Ana and Ana", "", &[10]),
    ];
    assert_eq!(speaking(&workshop, None), apart);
    // Who was merged is, and so is the outlet that speaks in its own voice.
    workshop.record(&[
        json!({"event": {"sources_merged": {"from": "ana-b", "into": "ana", "why": "One."}}})
            .to_string(),
        json!({"event": {"document_corrected":
            {"document": 1, "metadata": {"publisher": "ana-b"}, "why": "Her own page."}}})
        .to_string(),
    ]);
    let together = [
        spoke("Ana and Bo", "", &[5]),
        spoke("critics (unnamed, in #1)", "critics@1", &[6]),
        spoke("Ana", "ana", &[7, 8, 9, 10]),
    ];
    assert_eq!(speaking(&workshop, None), together);
    assert_eq!(speaking(&workshop, Some(11)), apart, "as the ledger stood then");
    workshop.audit();
}
