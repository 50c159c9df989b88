//! What is read from the real articles beside what stands in them. Where the articles are not at
//! hand, nothing is measured.

#![allow(clippy::print_stdout, reason = "it says what it misses")]
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::gold;
use serde_json::Value;
use testimony::attribution::{self, Article, Link, Proposal, Span};
use testimony::selector::Zone;

struct Read {
    text: Vec<char>,
    proposals: Vec<Proposal>,
}

fn read(folder: &Path, article: &Value) -> Read {
    let body = fs::read_to_string(folder.join(article["file"].as_str().unwrap())).unwrap();
    let proposals = attribution::read(&Article {
        title: article["title"].as_str(),
        body: &body,
        published: article["published"].as_str().and_then(|day| day.parse().ok()),
        publisher: article["publisher"].as_str(),
        skip: &[],
    });
    Read { text: body.chars().collect(), proposals }
}

fn articles(folder: &Path) -> BTreeMap<String, Read> {
    let list = fs::read_to_string(folder.join("articles.json")).unwrap();
    let list: Vec<Value> = serde_json::from_str(&list).unwrap();
    let name =
        |article: &Value| article["file"].as_str().unwrap().trim_end_matches(".txt").to_owned();
    list.iter().map(|article| (name(article), read(folder, article))).collect()
}

type Stretch = (usize, usize);

fn stretch(piece: &Value) -> Stretch {
    let point = |at: usize| usize::try_from(piece["span"][at].as_u64().unwrap()).unwrap();
    (point(0), point(1))
}

fn stretches(list: &Value) -> Vec<Stretch> {
    list.as_array().map(|list| list.iter().map(stretch).collect()).unwrap_or_default()
}

fn body(spans: &[Span]) -> Vec<Stretch> {
    spans.iter().filter(|it| it.zone == Zone::Body).map(|it| (it.start, it.end)).collect()
}

/// How much two lists of stretches share of what they cover together, in percent.
fn overlap(one: &[Stretch], other: &[Stretch]) -> usize {
    let length = |list: &[Stretch]| -> usize { list.iter().map(|it| it.1 - it.0).sum() };
    let shared: usize = one
        .iter()
        .flat_map(|one| {
            other.iter().map(|other| one.1.min(other.1).saturating_sub(one.0.max(other.0)))
        })
        .sum();
    100 * shared / (length(one) + length(other) - shared).max(1)
}

/// Whether a link is the gold hop: in its role, by the same mentions.
fn is_hop(link: &Link, hop: &Value) -> bool {
    let sources = stretches(&hop["sources"]);
    let mentions: Vec<_> =
        link.speakers.iter().map(|it| (it.mention.start, it.mention.end)).collect();
    link.role.tag() == hop["role"]
        && sources.iter().all(|it| mentions.iter().any(|own| overlap(&[*it], &[*own]) >= 50))
}

/// Which of the gold hops are missing.
fn missing<'g>(proposal: &Proposal, line: &'g Value) -> Vec<&'g Value> {
    let hops = line["hops"].as_array().unwrap();
    let mut links = proposal.hops.iter();
    hops.iter().filter(|hop| !links.by_ref().any(|link| is_hop(link, hop))).collect()
}

/// What of the manner is otherwise.
fn otherwise(proposal: &Proposal, line: &Value) -> Vec<String> {
    let own = [
        ("voice", proposal.voice.tag()),
        ("framing", proposal.framing.tag()),
        ("polarity", proposal.polarity.tag()),
        ("act", proposal.act.tag()),
    ];
    let differs = own.iter().filter(|(field, own)| line[*field] != *own);
    differs.map(|(field, own)| format!("{field}: {own}, not {}", line[*field])).collect()
}

/// The proposal that best is a gold line, if one has its content.
fn best<'r>(read: &'r Read, line: &Value) -> Option<&'r Proposal> {
    let content = stretches(&line["content"]);
    let found = read.proposals.iter().filter(|it| overlap(&body(&it.content), &content) >= 80);
    found.min_by_key(|it| {
        let is_other = it.voice.tag() != line["voice"];
        (is_other, missing(it, line).len(), 100 - overlap(&body(&it.content), &content))
    })
}

#[derive(Default, Debug)]
struct Found {
    of: usize,
    contents: usize,
    chains: usize,
    manners: usize,
    /// Of the lines with figures, those whose figures are all the same.
    figures: (usize, usize),
}

fn figures(proposal: &Proposal, line: &Value) -> bool {
    let own = serde_json::to_value(&proposal.quantities).unwrap();
    let mut gold = line["quantities"].clone();
    for quantity in gold.as_array_mut().unwrap() {
        let quantity = quantity.as_object_mut().unwrap();
        quantity.remove("note");
        let plain = |fields: &mut serde_json::Map<String, Value>| {
            if fields.get("bound").is_some_and(|bound| bound == "stated") {
                fields.remove("bound");
            }
        };
        plain(quantity);
        quantity.get_mut("of").and_then(Value::as_object_mut).map(plain);
    }
    own == gold
}

/// Measures one line, and says what is missing.
fn measure(read: &Read, line: &Value, found: &mut Found) {
    let exact = |piece: &Value| piece["exact"].as_str().unwrap_or_default().to_owned();
    let shown: String = exact(&line["content"][0]).chars().take(60).collect();
    found.of += 1;
    let Some(proposal) = best(read, line) else {
        println!("{}: no content: {shown}", line["doc"]);
        return;
    };
    found.contents += 1;
    let hops = missing(proposal, line);
    for hop in &hops {
        println!("{}: {shown}: no {} {}", line["doc"], hop["role"], exact(&hop["sources"][0]));
    }
    let wrong = otherwise(proposal, line);
    if hops.is_empty() {
        found.chains += 1;
        found.manners += usize::from(wrong.is_empty());
    }
    for wrong in &wrong {
        println!("{}: {shown}: {wrong}", line["doc"]);
    }
    if line["quantities"].is_array() {
        found.figures.1 += 1;
        let same = figures(proposal, line);
        found.figures.0 += usize::from(same);
        if !same {
            println!("{}: {shown}: {:?}", line["doc"], proposal.quantities);
        }
    }
    for (field, own) in [
        ("holds", proposal.holds.map(|it| it.to_string())),
        ("where", proposal.place.as_ref().map(ToString::to_string)),
        ("form", Some(proposal.form.tag().to_owned())),
    ] {
        if line[field].is_string() && line[field].as_str() != own.as_deref() {
            println!("{}: {shown}: {field}: {own:?}, not {}", line["doc"], line[field]);
        }
    }
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn the_articles_are_read_as_they_stand() {
    let folder = gold::folder();
    let articles = articles(&folder);
    let gold = fs::read_to_string(folder.join("gold.jsonl")).unwrap();
    let mut found = Found::default();
    for line in gold.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        measure(&articles[line["doc"].as_str().unwrap()], &line, &mut found);
    }
    println!("{found:?}");
    assert!(found.contents >= 34, "{found:?}");
    assert!(found.chains >= 30, "{found:?}");
    assert!(100 * found.manners >= 80 * found.chains, "{found:?}");
}

/// A chain with its words: role, speakers by name, cue.
fn chain(read: &Read, proposal: &Proposal) -> Vec<(&'static str, String, String)> {
    let words = |span: &Span| read.text[span.start..span.end].iter().collect::<String>();
    let link = |link: &Link| {
        let names: Vec<String> = link.speakers.iter().map(|it| it.name.to_string()).collect();
        let cue: Vec<String> = link.cue.iter().map(words).collect();
        (link.role.tag(), names.join(" + "), cue.join(" … "))
    };
    proposal.hops.iter().map(link).collect()
}

/// A link of a chain: who, in what role, by which cue.
type Step = (&'static str, &'static str, &'static str);

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn chains_are_told_from_their_origin_on() {
    let folder = gold::folder();
    let articles = articles(&folder);
    let cases: &[(&str, &str, &[Step])] = &[
        ("vietnam-daily8", "11.8 million", &[("said", "SOAX", "according to")]),
        ("vietnam-daily8", "79.8 million", &[("said", "Data Report", "According to")]),
        (
            "vietnam-daily8",
            "70 percent",
            &[("quoted", "police", "quoting"), ("said", "government", "said")],
        ),
        (
            "peru-al-jazeera",
            "37 percent",
            &[
                ("based_on", "Peru's Truth and Reconciliation Commission report", "Drawing from"),
                ("said", "Amnesty International", "estimates"),
            ],
        ),
    ];
    for (doc, words, expected) in cases {
        let read = &articles[*doc];
        let holds = |it: &&Proposal| {
            let said: String =
                it.content.iter().flat_map(|it| &read.text[it.start..it.end]).collect();
            said.contains(words) && !it.hops.is_empty()
        };
        let chains: Vec<_> =
            read.proposals.iter().filter(holds).map(|it| chain(read, it)).collect();
        let expected: Vec<_> =
            expected.iter().map(|it| (it.0, it.1.to_owned(), it.2.to_owned())).collect();
        assert!(!chains.is_empty(), "{words}: nobody said it");
        assert!(chains.iter().all(|it| *it == expected), "{words}: {chains:?}");
    }
}
