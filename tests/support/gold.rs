//! The yardstick of the real articles as input for the ledger: captures, sources and drafts.
//!
//! Knows the yardstick's shape and who its mentions are. Holds nothing of the articles but their
//! shortest mentions: whatever else is needed of a text is taken from it by its span.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};
use testimony::document::Metadata;

use super::passages::slice;
use super::published::published;

/// The folder of the real articles.
///
/// # Panics
///
/// It is not there: tests that need it are ignored unless asked for.
pub(crate) fn folder() -> PathBuf {
    published("TESTIMONY_ARTICLES", "../shared/articles", "gold.jsonl")
}

/// The address by which drafts refer to a document of the yardstick.
pub(crate) fn url(doc: &str) -> String {
    format!("https://daily8.example/{doc}")
}

/// How one article is to be captured.
#[derive(Debug, Clone)]
pub(crate) struct Capture {
    /// The yardstick's name for it.
    pub(crate) doc: String,
    /// The file of its text.
    pub(crate) file: String,
    /// What is said about it.
    pub(crate) metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Article {
    title: String,
    publisher: Option<String>,
    republisher: String,
    published: String,
    file: String,
    credit: Option<String>,
    published_is: String,
}

/// The captures that `articles.json` asks for.
pub(crate) fn captures(articles: &str) -> Vec<Capture> {
    let articles: Vec<Article> = serde_json::from_str(articles).expect("a list of articles");
    articles.into_iter().map(capture).collect()
}

fn capture(article: Article) -> Capture {
    let doc = article.file.strip_suffix(".txt").expect("a text file").to_owned();
    let basis = if article.published_is.starts_with("inferred") { "inferred" } else { "printed" };
    let mut metadata = json!({
        "title": article.title,
        "url": url(&doc),
        "republishers": [slug_of_name(&article.republisher)],
        "published": {"at": article.published, "basis": basis},
    });
    if let Some(publisher) = article.publisher {
        metadata["publisher"] = slug_of_name(&publisher).into();
    }
    if let Some(credit) = article.credit {
        metadata["credit"] = credit.into();
    }
    let metadata = serde_json::from_value(metadata).expect("metadata of a document");
    Capture { doc, file: article.file, metadata }
}

/// A source named across the ledger: slug, name, kind, aliases, and whom it speaks for.
type Named =
    (&'static str, &'static str, &'static str, &'static [&'static str], Option<&'static str>);

const NAMED: &[Named] = &[
    ("daily8", "Daily8", "outlet", &[], None),
    ("al-jazeera", "Al Jazeera", "outlet", &[], None),
    ("qatar-tribune", "Qatar Tribune", "outlet", &[], None),
    ("reuters", "Reuters", "agency", &["the Reuters news agency"], None),
    ("afp", "AFP", "agency", &["the AFP news agency", "Agence France-Presse"], None),
    ("vietnam-government", "Government of Vietnam", "government", &[], None),
    (
        "vietnam-government-news-site",
        "News site of the Government of Vietnam",
        "outlet",
        &[],
        Some("vietnam-government"),
    ),
    (
        "vietnam-science-ministry",
        "Ministry of Science and Technology of Vietnam",
        "government",
        &[],
        None,
    ),
    (
        "vietnam-telecommunications-department",
        "Telecommunications department of Vietnam's Ministry of Science and Technology",
        "government",
        &[],
        Some("vietnam-science-ministry"),
    ),
    (
        "vietnam-telegram-letter",
        "Letter to Vietnam's internet providers of May 21, 2025",
        "report",
        &[],
        Some("vietnam-telecommunications-department"),
    ),
    ("telegram", "Telegram", "organisation", &[], None),
    ("telegram-representative", "A representative of Telegram", "person", &[], Some("telegram")),
    ("data-report", "Data Report", "organisation", &[], None),
    ("soax", "SOAX", "organisation", &[], None),
    ("whatsapp", "WhatsApp", "organisation", &[], None),
    ("whatsapp-spokesperson", "A WhatsApp spokesperson", "person", &[], Some("whatsapp")),
    ("mediascope", "Mediascope", "organisation", &[], None),
    ("roskomnadzor", "Roskomnadzor", "government", &[], None),
    (
        "russian-digital-ministry",
        "Ministry of Digital Development, Communications and Mass Media of Russia",
        "government",
        &["Digital Development and Communications Ministry"],
        None,
    ),
    ("amnesty-international", "Amnesty International", "organisation", &[], None),
    (
        "peru-truth-commission",
        "Truth and Reconciliation Commission of Peru",
        "organisation",
        &[],
        None,
    ),
    (
        "peru-truth-commission-report",
        "Report of the Truth and Reconciliation Commission of Peru",
        "report",
        &[],
        Some("peru-truth-commission"),
    ),
];

/// One draft a source: those to be recorded before anything refers to them.
pub(crate) fn source_lines() -> Vec<String> {
    let line = |&(slug, name, kind, aliases, speaks_for): &Named| {
        let mut named = json!({"slug": slug, "name": name, "kind": kind});
        if !aliases.is_empty() {
            named["aliases"] = aliases.into();
        }
        if let Some(principal) = speaks_for {
            named["speaks_for"] = principal.into();
        }
        json!({"event": {"source_named": named}}).to_string()
    };
    NAMED.iter().map(line).collect()
}

fn slug_of_name(name: &str) -> &'static str {
    let found = NAMED.iter().find(|named| named.1 == name);
    found.unwrap_or_else(|| panic!("no source has the name `{name}`")).0
}

const VIETNAM: &str = "vietnam-daily8";
const JAZEERA: &str = "russia-al-jazeera";
const TRIBUNE: &str = "russia-qatar-tribune";
const PERU: &str = "peru-al-jazeera";

/// Who a mention is: document, mention (with ` … ` only its ends), source, resolution.
const MENTIONS: &[(&str, &str, &str, &str)] = &[
    (VIETNAM, "A report … portal", "vietnam-government-news-site", "explicit"),
    (VIETNAM, "Vietnam's … Technology", "vietnam-telecommunications-department", "explicit"),
    (VIETNAM, "The ministry", "vietnam-science-ministry", "resolved"),
    (VIETNAM, "The letter … 21", "vietnam-telegram-letter", "explicit"),
    (VIETNAM, "police", "police@", "explicit"),
    (VIETNAM, "the government", "vietnam-government", "resolved"),
    (VIETNAM, "The government", "vietnam-government", "resolved"),
    (VIETNAM, "critics", "critics@", "explicit"),
    (VIETNAM, "a representative of Telegram", "telegram-representative", "explicit"),
    (VIETNAM, "the Telegram representative", "telegram-representative", "resolved"),
    (VIETNAM, "the Reuters news agency", "reuters", "explicit"),
    (VIETNAM, "An official … Ministry", "science-ministry-official@", "explicit"),
    (VIETNAM, "the Data Report website", "data-report", "explicit"),
    (VIETNAM, "the data extraction company SOAX", "soax", "explicit"),
    (JAZEERA, "Russian … Mediascope", "mediascope", "explicit"),
    (JAZEERA, "Russia's … Roskomnadzor", "roskomnadzor", "explicit"),
    (JAZEERA, "the regulator", "roskomnadzor", "resolved"),
    (JAZEERA, "it", "roskomnadzor", "resolved"),
    (JAZEERA, "Roskomnadzor", "roskomnadzor", "explicit"),
    (JAZEERA, "law enforcement agencies", "law-enforcement-agencies@", "explicit"),
    (JAZEERA, "numerous appeals from citizens", "citizens@", "explicit"),
    (JAZEERA, "authorities", "authorities@", "explicit"),
    (JAZEERA, "users in Russia", "users-in-russia@", "explicit"),
    (JAZEERA, "Security services", "security-services@", "explicit"),
    (JAZEERA, "critics", "critics@", "explicit"),
    (JAZEERA, "A WhatsApp spokesperson", "whatsapp-spokesperson", "explicit"),
    (JAZEERA, "Telegram", "telegram", "explicit"),
    (JAZEERA, "the AFP news agency", "afp", "explicit"),
    (TRIBUNE, "Russian authorities", "authorities@", "explicit"),
    (TRIBUNE, "government … Roskomnadzor", "roskomnadzor", "explicit"),
    (TRIBUNE, "The regulator", "roskomnadzor", "resolved"),
    (TRIBUNE, "Digital … Communications Ministry", "russian-digital-ministry", "explicit"),
    (TRIBUNE, "Officials", "officials@", "explicit"),
    (TRIBUNE, "experts", "experts@", "explicit"),
];

fn is_mention(words: &str, pattern: &str) -> bool {
    match pattern.split_once(" … ") {
        None => words == pattern,
        Some((first, last)) => words.starts_with(first) && words.ends_with(last),
    }
}

/// The source and resolution of a mention.
fn who(doc: &str, words: &str) -> (&'static str, &'static str) {
    let found = MENTIONS.iter().find(|row| row.0 == doc && is_mention(words, row.1));
    let row = found.unwrap_or_else(|| panic!("{doc}: nobody says who `{words}` is"));
    (row.2, row.3)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    doc: String,
    content: Vec<Piece>,
    hops: Vec<LineHop>,
    voice: String,
    #[serde(default)]
    form: Option<String>,
    framing: String,
    polarity: String,
    act: String,
    #[serde(default)]
    quantities: Vec<Value>,
    #[serde(default, rename = "where")]
    place: Option<String>,
    #[serde(default)]
    holds: Option<String>,
    #[serde(default)]
    condition: Option<String>,
    #[serde(default)]
    against: Vec<String>,
    #[serde(default)]
    resolves_to: Option<String>,
    /// Why a mention is who it is, in words.
    #[serde(default, rename = "resolution")]
    _resolution: Option<String>,
    /// The cue of hearsay, which has no hop to carry it.
    #[serde(default, rename = "cue")]
    _cue: Option<String>,
    /// A word about the page.
    #[serde(default, rename = "note")]
    _note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineHop {
    sources: Vec<Piece>,
    role: String,
    cue: Piece,
    #[serde(default)]
    content: Vec<Piece>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Piece {
    exact: String,
    span: (u32, u32),
}

impl Piece {
    fn passage(&self) -> Value {
        json!({"text": {"exact": self.exact, "start": self.span.0, "end": self.span.1}})
    }

    /// The part of the piece that has these words.
    fn part(&self, words: &str) -> Option<Self> {
        let byte = self.exact.find(words)?;
        let count = |text: &str| u32::try_from(text.chars().count()).ok();
        let start = self.span.0 + count(&self.exact[..byte])?;
        Some(Self { exact: words.to_owned(), span: (start, start + count(words)?) })
    }
}

fn passages(pieces: &[Piece]) -> Vec<Value> {
    pieces.iter().map(Piece::passage).collect()
}

/// One draft a line of `gold.jsonl`, in its order.
pub(crate) fn assertion_lines(gold: &str) -> Vec<String> {
    let read = |line: &str| -> Line {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
    };
    gold.lines().map(|line| assertion_line(&read(line))).collect()
}

fn assertion_line(line: &Line) -> String {
    let mut assertion = json!({
        "document": url(&line.doc),
        "content": passages(&line.content),
        "hops": line.hops.iter().map(|hop| hop_of(line, hop)).collect::<Vec<_>>(),
        "voice": line.voice,
        "framing": line.framing,
        "polarity": line.polarity,
        "act": line.act,
        "against": line.against.iter().map(|name| slug_of_name(name)).collect::<Vec<_>>(),
        "claim": claim_of(line),
    });
    if let Some(form) = &line.form {
        assertion["form"] = form.as_str().into();
    }
    if let Some(words) = &line.condition {
        let part = line.content.iter().find_map(|piece| piece.part(words));
        assertion["condition"] = part.expect("a condition in the content").passage();
    }
    json!({"event": {"claim_asserted": assertion}}).to_string()
}

fn hop_of(line: &Line, hop: &LineHop) -> Value {
    let found: Vec<_> = hop.sources.iter().map(|piece| who(&line.doc, &piece.exact)).collect();
    if let Some(name) = &line.resolves_to {
        assert_eq!(found, [(slug_of_name(name), "resolved")], "{}: {name}", line.doc);
    }
    let resolved = found.iter().any(|&(_, resolution)| resolution == "resolved");
    json!({
        "sources": found.iter().map(|&(source, _)| source).collect::<Vec<_>>(),
        "role": hop.role,
        "mention": passages(&hop.sources),
        "cue": [hop.cue.passage()],
        "resolution": if resolved { "resolved" } else { "explicit" },
        "content": passages(&hop.content),
    })
}

fn claim_of(line: &Line) -> Value {
    let mut claim = json!({"quantities": line.quantities});
    for quantity in claim["quantities"].as_array_mut().into_iter().flatten() {
        // What the figure is called in the text stands in the claim's words already.
        quantity.as_object_mut().expect("a quantity").remove("note");
    }
    if let Some(place) = &line.place {
        claim["where"] = place.as_str().into();
    }
    if let Some(date) = &line.holds {
        claim["holds"] = json!({"at": date, "basis": "printed"});
    }
    claim
}

/// What the yardstick leaves out: Amnesty's figures by the Commission's report, from the text of
/// the article on Peru. The second sentence names nobody; that it goes on from the first is
/// worked out.
pub(crate) fn peru_lines(text: &str) -> Vec<String> {
    let passage =
        |start: u32, end: u32| Piece { exact: slice(text, start, end), span: (start, end) };
    let chain = |cue: (u32, u32), resolution: &str| {
        let (based_on, said) = (passage(3341, 3353), passage(cue.0, cue.1));
        json!([
            {
                "sources": ["peru-truth-commission-report"],
                "role": "based_on",
                "mention": [passage(3354, 3403).passage()],
                "cue": [based_on.passage()],
                "resolution": resolution,
            },
            {
                "sources": ["amnesty-international"],
                "role": "said",
                "mention": [passage(3405, 3449).passage()],
                "cue": [said.passage()],
                "resolution": resolution,
            },
        ])
    };
    let percent = |amount: &str, estimated: bool| json!({"amount": amount, "unit": "percent", "estimated": estimated});
    let claim = |quantities: Value| {
        let holds = json!({"from": "1980", "to": "2000", "basis": "printed"});
        json!({"quantities": quantities, "where": "Peru", "holds": holds})
    };
    let estimate = json!({
        "document": url(PERU),
        "content": [passage(3465, 3601).passage()],
        "hops": chain((3450, 3459), "explicit"),
        "act": "estimates",
        "claim": claim(json!([percent("37", true)])),
    });
    let credited = json!({
        "document": url(PERU),
        "content": [passage(3603, 3732).passage()],
        "hops": chain((3618, 3626), "inferred"),
        "voice": "implied",
        "act": "accuses",
        "claim": claim(json!([percent("75", false), percent("83", false)])),
    });
    let line = |assertion: Value| json!({"event": {"claim_asserted": assertion}}).to_string();
    vec![line(estimate), line(credited)]
}
