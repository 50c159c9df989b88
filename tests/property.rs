//! Whatever is told to a ledger, in whatever order and commits: what is recorded stands in its
//! text, the views are what the log says, nothing is recorded twice, and questions find what a
//! reading of the whole log finds.
//!
//! `PROPTEST_CASES` asks for more cases than the few of a short run.

use crate::support::oracle::Oracle;
use crate::support::workshop::{Workshop, ana, draft};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use testimony::event::Body;
use testimony::id::{Sequence, SourceId, TopicId};
use testimony::ledger::{Capture, Ledger, Options, RecordError, RecordOutcome};
use testimony::page::{self, Format};
use testimony::selector::Selector;
use testimony::view::query::{Audience, Inquiry, Question};
use testimony::view::{difference, words};

const WORDS: [&str; 12] = [
    "calls",
    "end",
    "users",
    "звонки",
    "naïve",
    "Telegram's",
    "“so”",
    "11.8",
    "million",
    "end",
    "𝒳",
    "left",
];
const SLUGS: [&str; 4] = ["ana", "ben-left", "cleo", "million-users"];
const TOPICS: [&str; 2] = ["telegram", "calls-end"];

/// Something that can be told. Numbers choose among what is there, wrapping around.
#[derive(Debug, Clone)]
enum Telling {
    Name {
        slug: usize,
        alias: usize,
        speaks_for: Option<usize>,
    },
    Capture {
        text: Vec<usize>,
        title: usize,
        publisher: Option<usize>,
    },
    Correct {
        document: usize,
        title: usize,
    },
    Assert {
        document: usize,
        from: usize,
        length: usize,
        source: usize,
        topic: Option<usize>,
    },
    Void {
        assertion: usize,
    },
    Check {
        assertion: usize,
    },
    Merge {
        from: usize,
        into: usize,
    },
    Undo {
        merge: usize,
    },
    Topic {
        topic: usize,
        assertion: usize,
        source: Option<usize>,
    },
    /// The views are brought up, or the ledger closed and opened.
    Pause {
        close: bool,
    },
}

fn telling() -> impl Strategy<Value = Telling> {
    let any = 0_usize..64;
    let maybe = || proptest::option::of(0_usize..64);
    let name = (any.clone(), any.clone(), maybe())
        .prop_map(|(slug, alias, speaks_for)| Telling::Name { slug, alias, speaks_for });
    let text = proptest::collection::vec(any.clone(), 1..25);
    let capture = (text, any.clone(), maybe())
        .prop_map(|(text, title, publisher)| Telling::Capture { text, title, publisher });
    let assert = (any.clone(), any.clone(), 1_usize..5, any.clone(), maybe()).prop_map(
        |(document, from, length, source, topic)| Telling::Assert {
            document,
            from,
            length,
            source,
            topic,
        },
    );
    let one = any.clone();
    prop_oneof![
        3 => name,
        2 => capture,
        8 => assert,
        1 => (any.clone(), any.clone())
            .prop_map(|(document, title)| Telling::Correct { document, title }),
        1 => one.clone().prop_map(|assertion| Telling::Void { assertion }),
        1 => one.clone().prop_map(|assertion| Telling::Check { assertion }),
        1 => (any.clone(), any.clone()).prop_map(|(from, into)| Telling::Merge { from, into }),
        1 => one.prop_map(|merge| Telling::Undo { merge }),
        1 => (any.clone(), any, maybe())
            .prop_map(|(topic, assertion, source)| Telling::Topic { topic, assertion, source }),
        2 => proptest::bool::ANY.prop_map(|close| Telling::Pause { close }),
    ]
}

/// What was told so far.
struct Teller<'a> {
    workshop: &'a Workshop,
    ledger: Option<Ledger>,
    texts: Vec<(u64, String)>,
    assertions: Vec<u64>,
    merges: Vec<u64>,
    /// What can be told again to no effect: captures, assertions, the last naming of each slug.
    captures: Vec<(String, Value)>,
    claims: Vec<String>,
    voided: std::collections::BTreeSet<u64>,
    namings: [Option<String>; SLUGS.len()],
}

fn pick<T>(items: &[T], number: usize) -> Option<&T> {
    items.get(number.checked_rem(items.len())?)
}

fn source(number: usize) -> String {
    // One in five is left unnamed by its document.
    if number % 5 == 4 { "critics@".into() } else { SLUGS[number % SLUGS.len()].into() }
}

impl<'a> Teller<'a> {
    fn new(workshop: &'a Workshop) -> Self {
        Self {
            workshop,
            ledger: Some(workshop.open()),
            texts: Vec::new(),
            assertions: Vec::new(),
            merges: Vec::new(),
            captures: Vec::new(),
            claims: Vec::new(),
            voided: Default::default(),
            namings: Default::default(),
        }
    }

    fn ledger(&mut self) -> &mut Ledger {
        self.ledger.as_mut().unwrap()
    }

    /// Records an event; none where it is refused.
    fn record(&mut self, event: &Value) -> Option<RecordOutcome> {
        let line = json!({ "event": event }).to_string();
        match self.ledger().record(vec![draft(&line)], &ana()) {
            Ok(receipts) => Some(receipts[0]),
            Err(RecordError::Refused { .. }) => None,
            Err(error) => panic!("{error}: {line}"),
        }
    }

    fn capture(&mut self, text: &str, metadata: &Value) -> Option<RecordOutcome> {
        let page = page::read(text.as_bytes(), Format::Plain).unwrap();
        let mut capture = Capture::of(text.as_bytes(), page, ana());
        capture.metadata = serde_json::from_value(metadata.clone()).unwrap();
        match self.ledger().capture(capture) {
            Ok(receipt) => Some(receipt),
            Err(RecordError::Refused { .. }) => None,
            Err(error) => panic!("{error}: {text}"),
        }
    }

    fn tell(&mut self, telling: &Telling) {
        match telling {
            Telling::Name { slug, alias, speaks_for } => self.name(*slug, *alias, *speaks_for),
            Telling::Capture { text, title, publisher } => {
                let text: Vec<&str> = text.iter().map(|word| WORDS[word % WORDS.len()]).collect();
                let text = text.join(" ");
                let mut metadata = json!({"title": WORDS[title % WORDS.len()]});
                if let Some(publisher) = publisher {
                    metadata["publisher"] = SLUGS[publisher % SLUGS.len()].into();
                }
                if let Some(receipt) = self.capture(&text, &metadata) {
                    self.texts.push((receipt.at().get(), text.clone()));
                    self.captures.push((text, metadata));
                }
            }
            Telling::Correct { document, title } => {
                let Some(&(document, _)) = pick(&self.texts, *document) else { return };
                let metadata = json!({"title": WORDS[title % WORDS.len()]});
                let corrected = json!({"document": document, "metadata": metadata, "why": "x"});
                self.record(&json!({"document_corrected": corrected}));
            }
            Telling::Assert { document, from, length, source, topic } => {
                self.assert(*document, (*from, *length), *source, *topic);
            }
            Telling::Void { assertion } => {
                let Some(&assertion) = pick(&self.assertions, *assertion) else { return };
                let void = json!({"assertion_voided": {"assertion": assertion, "why": "x"}});
                if self.record(&void).is_some() {
                    self.voided.insert(assertion);
                }
            }
            Telling::Check { assertion } => {
                let Some(&assertion) = pick(&self.assertions, *assertion) else { return };
                let checked = json!({"assertion": assertion, "quote": "right"});
                self.record(&json!({"assertion_checked": checked}));
            }
            Telling::Merge { from, into } => {
                let [from, into] = [from, into].map(|slug| SLUGS[slug % SLUGS.len()]);
                let merged = json!({"from": from, "into": into, "why": "x"});
                let receipt = self.record(&json!({"sources_merged": merged}));
                self.merges.extend(receipt.map(|receipt| receipt.at().get()));
            }
            Telling::Undo { merge } => {
                let Some(&merge) = pick(&self.merges, *merge) else { return };
                self.record(&json!({"merge_undone": {"merge": merge, "why": "x"}}));
            }
            Telling::Topic { topic, assertion, source } => {
                let Some(&assertion) = pick(&self.assertions, *assertion) else { return };
                let mut targets = vec![json!({"assertion": assertion})];
                targets.extend(source.map(|slug| json!({"source": SLUGS[slug % SLUGS.len()]})));
                let topic = TOPICS[topic % TOPICS.len()];
                self.record(&json!({"topic_assigned": {"topic": topic, "targets": targets}}));
            }
            Telling::Pause { close: false } => self.ledger().settle().unwrap(),
            Telling::Pause { close: true } => {
                self.ledger.take().unwrap().close().unwrap();
                self.ledger = Some(self.workshop.open());
            }
        }
    }

    fn name(&mut self, slug: usize, alias: usize, speaks_for: Option<usize>) {
        let slug = slug % SLUGS.len();
        let alias = WORDS[alias % WORDS.len()];
        let mut named = json!({
            "slug": SLUGS[slug], "name": SLUGS[slug].to_uppercase(), "kind": "person",
            "aliases": [alias],
        });
        if let Some(principal) = speaks_for {
            named["speaks_for"] = SLUGS[principal % SLUGS.len()].into();
        }
        let event = json!({ "source_named": named });
        if self.record(&event).is_some() {
            self.namings[slug] = Some(json!({ "event": event }).to_string());
        }
    }

    fn assert(
        &mut self,
        document: usize,
        (from, length): (usize, usize),
        speaker: usize,
        topic: Option<usize>,
    ) {
        let Some((document, text)) = pick(&self.texts, document).cloned() else { return };
        let words: Vec<&str> = text.split(' ').collect();
        let from = from % words.len();
        let to = (from + length).min(words.len());
        let before: usize = words[..from].iter().map(|word| word.chars().count() + 1).sum();
        let exact = words[from..to].join(" ");
        let about: Vec<&str> = topic.iter().map(|topic| TOPICS[topic % TOPICS.len()]).collect();
        let event = json!({"claim_asserted": {
            "document": document,
            "content": [{"text": {"exact": exact, "start": before}}],
            "hops": [{"sources": [source(speaker)], "role": "said"}],
            "claim": {"about": about},
        }});
        if let Some(receipt) = self.record(&event) {
            self.assertions.push(receipt.at().get());
            self.claims.push(json!({ "event": event }).to_string());
        }
    }

    /// Whether all that was recorded of a line has been voided since.
    fn is_voided(&self, line: &str) -> bool {
        let told = self.claims.iter().zip(&self.assertions).filter(|(claim, _)| *claim == line);
        told.map(|(_, at)| at).all(|at| self.voided.contains(at))
    }

    /// Tells again what was told; nothing may be written.
    fn tell_again(&mut self) {
        let length = self.ledger().length();
        let lines: Vec<String> =
            self.namings.iter().flatten().chain(&self.claims).cloned().collect();
        for line in lines {
            let receipts = self.ledger().rehearse(vec![draft(&line)], &ana()).unwrap();
            // What was voided may be recorded once more; nothing else is.
            let voided = self.claims.contains(&line) && self.is_voided(&line);
            assert_eq!(matches!(receipts[0], RecordOutcome::Recorded(_)), voided, "{line}");
        }
        for (text, metadata) in self.captures.clone() {
            let receipt = self.capture(&text, &metadata);
            assert!(matches!(receipt, Some(RecordOutcome::Already(_))), "{text}");
        }
        assert_eq!(self.ledger().length(), length);
    }
}

fn every_selector_stands_in_its_text(oracle: &Oracle, texts: &[(u64, String)]) {
    for (at, asserted) in oracle.assertions() {
        let (_, text) =
            texts.iter().find(|(number, _)| *number == asserted.document.sequence().get()).unwrap();
        for selector in asserted.content.as_slice().iter().map(Selector::text) {
            let (start, end) = selector.span();
            let points: Vec<char> = text.chars().collect();
            let part = |from: usize, to: usize| points[from..to].iter().collect::<String>();
            let (start, end) = (start as usize, end as usize);
            assert_eq!(part(start, end), selector.exact(), "#{at}");
            assert!(part(0, start).ends_with(selector.prefix()), "#{at}");
            assert!(part(end, points.len()).starts_with(selector.suffix()), "#{at}");
        }
    }
}

fn questions(numbers: &[usize], length: u64) -> Vec<(Question, Option<Sequence>)> {
    let named = |number: usize| SourceId::Named(SLUGS[number % SLUGS.len()].parse().unwrap());
    let mut questions = Vec::new();
    for window in numbers.windows(3) {
        let [kind, one, other] = [window[0], window[1], window[2]];
        let mut question = Question::default();
        match kind % 6 {
            0 => question.text = WORDS[one % WORDS.len()].into(),
            1 => {
                let (first, second) = (WORDS[one % WORDS.len()], SLUGS[other % SLUGS.len()]);
                question.text = format!("{first} {second}");
            }
            2 => question.source = Some(named(one)),
            3 => question.about = Some(TopicId::new(TOPICS[one % 2].parse().unwrap())),
            4 => question.topic = Some(TopicId::new(TOPICS[one % 2].parse().unwrap())),
            _ => question.publisher = Some(named(one)),
        }
        let before = (other % 3 == 0).then(|| Sequence::new(one as u64 % length).unwrap());
        questions.push((question, before));
    }
    questions
}

fn the_ledger_keeps_its_promises(tellings: &[Telling], asked: &[usize]) {
    let workshop = Workshop::new();
    let mut teller = Teller::new(&workshop);
    for telling in tellings {
        teller.tell(telling);
    }
    teller.tell_again();
    let texts = std::mem::take(&mut teller.texts);
    teller.ledger.take().unwrap().close().unwrap();
    let oracle = Oracle::of(&workshop);
    every_selector_stands_in_its_text(&oracle, &texts);

    let snapshot = workshop.read().snapshot;
    let ask = |question: &Question, before: Option<Sequence>| {
        let inquiry = Inquiry::new(&snapshot, before, Audience::Anyone).unwrap();
        let all = inquiry.assertions(question).unwrap().all;
        all.into_iter().map(Sequence::get).collect::<Vec<_>>()
    };
    for (at, asserted) in oracle.assertions().filter(|(at, _)| !oracle.is_voided(*at)) {
        for word in words(asserted.claim.words.as_str()) {
            let question = Question { text: word.clone(), ..Question::default() };
            assert!(ask(&question, None).contains(&at), "#{at} by {word}");
        }
    }
    for (question, before) in questions(asked, snapshot.cursor().next.get()) {
        let expected = oracle.assertions_for(&question, before);
        assert_eq!(ask(&question, before), expected, "{question:?} before {before:?}");
    }
    let copy = workshop.beside("rebuilt");
    workshop.copy(&workshop.folder(), &copy);
    Ledger::rebuild(&copy, &Options::default()).unwrap();
    let rebuilt = Ledger::read(&copy, &Options::default()).unwrap().snapshot;
    assert_eq!(difference::between(&snapshot, &rebuilt).unwrap(), []);
    assert!(matches!(oracle.event(0), Body::LedgerOpened(_)));
    workshop.audit();
}

#[test]
fn whatever_is_told_the_ledger_keeps_its_promises() {
    let asked_for = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = ProptestConfig {
        cases: asked_for.unwrap_or(16),
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    };
    let tellings = proptest::collection::vec(telling(), 1..60);
    let asked = proptest::collection::vec(0_usize..64, 3..30);
    let outcome = TestRunner::new(config).run(&(tellings, asked), |(tellings, asked)| {
        the_ledger_keeps_its_promises(&tellings, &asked);
        Ok(())
    });
    outcome.unwrap();
}
