//! Hostile articles: every text is read without a panic, and every reported position is in the text.
//!
//! Knows what holds for any reading of any text. Must not know what a correct reading is. How long
//! hostile texts take is measured by `benches/doubling`.

use crate::hostile::figures::FIGURES;
use crate::hostile::shapes::shapes;
use testimony::attribution::{self, Article, Proposal, Span, Speaker};
use testimony::numeral;
use testimony::selector::Zone;

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

#[test]
fn every_figure_read_from_hostile_text_is_in_it() {
    for pattern in FIGURES {
        let text = pattern.repeat(4000);
        let read = numeral::numerals(&text, None);
        let figures = read.figures.iter().map(|figure| figure.start..figure.end);
        for range in figures.chain(read.dates.iter().map(|date| date.start..date.end)) {
            assert!(
                text.get(range.clone()).is_some_and(|it| !it.is_empty()),
                "{pattern}: {range:?}"
            );
        }
    }
}
