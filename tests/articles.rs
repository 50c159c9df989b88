//! Acceptance by the real articles: what they show, the program shows.
//!
//! The articles are not ours to publish, so these tests are ignored unless asked for:
//! `TESTIMONY_ARTICLES=FOLDER cargo test articles:: -- --ignored`.

use std::fs;
use std::path::Path;

use crate::support::gold::{self, Capture};
use crate::support::passages::slice;
use crate::support::program::Desk;
use serde_json::Value;

/// A ledger of the articles and all that is asserted in them.
struct Told {
    desk: Desk,
    /// Every line that was recorded, in order: sources, then assertions.
    lines: Vec<String>,
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The options of `capture` that say what is known of an article.
fn options(capture: &Capture) -> Vec<String> {
    let metadata = serde_json::to_value(&capture.metadata).unwrap();
    let mut options = Vec::new();
    for name in ["title", "url", "publisher", "credit"] {
        if let Some(value) = metadata[name].as_str() {
            options.extend([format!("--{name}"), value.to_owned()]);
        }
    }
    for republisher in metadata["republishers"].as_array().unwrap() {
        options.extend(["--republisher".to_owned(), republisher.as_str().unwrap().to_owned()]);
    }
    let published = &metadata["published"];
    for (option, field) in [("--published", "at"), ("--published-basis", "basis")] {
        options.extend([option.to_owned(), published[field].as_str().unwrap().to_owned()]);
    }
    options
}

fn tell(folder: &Path) -> Told {
    let desk = Desk::new();
    let mut lines = gold::source_lines();
    desk.record(&lines).clean();
    for capture in gold::captures(&read(folder, "articles.json")) {
        let file = folder.join(&capture.file).display().to_string();
        let mut arguments = vec!["capture".to_owned(), file];
        arguments.extend(options(&capture));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        desk.run(&arguments).clean();
    }
    let mut assertions = gold::assertion_lines(&read(folder, "gold.jsonl"));
    assertions.extend(gold::peru_lines(&read(folder, "peru-al-jazeera.txt")));
    desk.record(&assertions).clean();
    lines.extend(assertions);
    Told { desk, lines }
}

/// The ledger of the articles.
fn told() -> Told {
    tell(&gold::folder())
}

/// The lines under the heading that begins with `speaker`, up to the next heading.
fn under<'a>(text: &'a str, speaker: &str) -> Vec<&'a str> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(speaker));
    let heading = lines.next().into_iter();
    heading.chain(lines.take_while(|line| line.is_empty() || line.starts_with(' '))).collect()
}

/// The figures that a speaker asserts, as JSON has them.
fn figures(said: &Value, speaker: &str) -> Vec<String> {
    let groups = said["sources"].as_array().unwrap();
    let group = groups.iter().find(|group| group["speaker"] == speaker);
    let group = group.unwrap_or_else(|| panic!("{speaker} does not speak"));
    let assertions = group["assertions"].as_array().unwrap().iter();
    let quantities = assertions.flat_map(|one| {
        one["asserted"]["claim"]["quantities"].as_array().cloned().unwrap_or_default()
    });
    quantities.map(|quantity| quantity["amount"].as_str().unwrap().to_owned()).collect()
}

/// Checks that `parts` stand in `text`, each after the one before it.
#[track_caller]
fn in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let place = rest.find(part).unwrap_or_else(|| panic!("no {part} in its place:\n{text}"));
        rest = &rest[place + part.len()..];
    }
}

fn diff_of_the_russian_articles(told: &Told, options: &[&str]) -> String {
    let (jazeera, tribune) = (gold::url("russia-al-jazeera"), gold::url("russia-qatar-tribune"));
    let mut arguments = vec!["diff", jazeera.as_str(), tribune.as_str()];
    arguments.extend(options);
    let said = told.desk.run(&arguments);
    assert_eq!((said.code, said.err.as_str()), (Some(1), ""), "differences are findings");
    said.out
}

/// The pair of the comparison whose cue on the right is `cue`.
fn pair<'a>(comparison: &'a Value, cue: &str) -> &'a Value {
    let mut pairs = comparison["pairs"].as_array().unwrap().iter();
    pairs.find(|pair| pair["cue"]["right"] == cue).unwrap_or_else(|| panic!("no pair with {cue}"))
}

fn comparison(told: &Told) -> Value {
    let said = diff_of_the_russian_articles(told, &["--json"]);
    serde_json::from_str::<Value>(&said).unwrap()["comparison"].clone()
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn each_figure_about_telegram_stands_under_whoever_gave_it() {
    let told = told();
    let text = told.desk.run(&["who", "telegram"]).clean();
    let json = told.desk.run(&["who", "telegram", "--json"]).json();
    for (speaker, figure, amount) in [
        ("SOAX", "11.8 million", "11800000"),
        ("Data Report", "79.8 million", "79800000"),
        ("Mediascope", "96 million", "96000000"),
    ] {
        let lines = under(&text, speaker);
        assert!(lines.iter().any(|line| line.contains(figure)), "{speaker}: {lines:?}");
        assert!(figures(&json[0], speaker).contains(&amount.to_owned()), "{speaker}");
        let elsewhere = text.lines().filter(|line| line.contains(figure)).count();
        assert_eq!(elsewhere, 1, "{figure} stands under {speaker} alone");
    }
    assert!(under(&text, "SOAX").iter().all(|line| !line.contains("holds")), "no stated date");
    assert!(under(&text, "Data Report").iter().any(|line| line.contains("holds 2025-01")));
    told.desk.audit();
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn the_chain_of_the_70_percent_runs_from_the_police_to_daily8() {
    let told = told();
    let text = told.desk.run(&["show", "70 percent"]).clean();
    let chain = text.split_once("attribution chain, from origin to publication").unwrap().1;
    in_order(
        chain,
        &[
            "→ police (unnamed, in #",
            "quoted",
            "→ Government of Vietnam",
            "said",
            "→ outlet (not named)",
            "→ Daily8",
            "republished",
        ],
    );
    assert!(text.contains("nearly 70 percent of 9,600 channels"), "{text}");
    let json = told.desk.run(&["show", "70 percent", "--json"]).json();
    let hops = json[0]["asserted"]["hops"].as_array().unwrap();
    let roles: Vec<&str> = hops.iter().map(|hop| hop["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["quoted", "said"]);
    assert_eq!(hops[1]["sources"][0], "vietnam-government");
    assert_eq!(json[0]["document"]["metadata"]["republishers"][0], "daily8");
    assert!(json[0]["document"]["metadata"].get("publisher").is_none());
    told.desk.audit();
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn the_quotation_that_one_outlet_ends_early_is_shown_with_what_it_drops() {
    let told = told();
    let folder = gold::folder();
    let dropped = slice(&read(&folder, "russia-al-jazeera.txt"), 683, 751);
    let text = diff_of_the_russian_articles(&told, &[]);
    in_order(&text, &["Qatar Tribune", "ends early, omitting", &dropped]);
    let comparison = comparison(&told);
    let cut = &pair(&comparison, "saying")["cut"];
    assert_eq!(cut[0], "left", "the longer is Al Jazeera's");
    assert!(cut[1].as_str().unwrap().starts_with(&dropped), "{cut}");
    told.desk.audit();
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn said_at_one_outlet_is_alleged_at_the_other() {
    let told = told();
    let text = diff_of_the_russian_articles(&told, &[]);
    in_order(&text, &["cue: “said” · “alleged”", "framing: neutral · distancing"]);
    let comparison = comparison(&told);
    let pair = pair(&comparison, "alleged");
    assert_eq!(pair["cue"]["left"], "said");
    assert_eq!(pair["framing"]["right"], "distancing");
    assert!(pair["speakers"].is_null(), "one speaker at both: {pair}");
    told.desk.audit();
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn what_only_one_outlet_carries_is_listed_as_its_own() {
    let told = told();
    let text = diff_of_the_russian_articles(&told, &[]);
    in_order(&text, &["only in Al Jazeera", "users in Russia", "only in Qatar Tribune", "experts"]);
    let comparison = comparison(&told);
    assert_eq!(comparison["only_left"].as_array().unwrap().len(), 12);
    assert_eq!(comparison["only_right"].as_array().unwrap().len(), 5);
    told.desk.audit();
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn figures_of_two_measures_cannot_be_compared_and_are_no_conflict() {
    let told = told();
    let text = diff_of_the_russian_articles(&told, &[]);
    let line = text.lines().find(|line| line.contains("not comparable")).unwrap();
    in_order(line, &["96,000,000", "Mediascope", "100,000,000", "WhatsApp", "not comparable"]);
    assert!(!text.contains("measure the same thing and differ"), "{text}");
    assert!(!text.to_lowercase().contains("conflict"), "{text}");
    let figures = comparison(&told)["figures"].clone();
    let verdict = &figures[0]["verdict"]["cannot_compare"];
    assert!(verdict.as_array().unwrap().contains(&"units_differ".into()), "{figures}");
    told.desk.audit();
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn no_comment_and_later_comments_are_a_sequence() {
    let told = told();
    let text = diff_of_the_russian_articles(&told, &[]);
    let section = text.split_once("a sequence, not a contradiction").unwrap().1;
    in_order(
        section,
        &["Qatar Tribune", "then #", "A WhatsApp spokesperson", "then #", "Telegram"],
    );
    let sequels = comparison(&told)["sequels"].clone();
    assert_eq!(sequels.as_array().unwrap().len(), 1);
    assert_eq!(sequels[0]["comments"].as_array().unwrap().len(), 3);
    told.desk.audit();
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn the_37_percent_are_amnestys_on_the_commissions_report() {
    let told = told();
    let text = told.desk.run(&["who", "37 percent"]).clean();
    let lines = under(&text, "Amnesty International");
    assert!(lines.iter().any(|line| line.contains("an estimated 37 percent")), "{text}");
    let basis = "based on Report of the Truth and Reconciliation Commission of Peru";
    assert!(lines.iter().any(|line| line.contains(basis)), "{text}");
    let shown = told.desk.run(&["show", "37 percent"]).clean();
    let chain = shown.split_once("attribution chain, from origin to publication").unwrap().1;
    let report = "→ Report of the Truth and Reconciliation Commission of Peru";
    in_order(chain, &[report, "→ Amnesty International", "→ Al Jazeera", "→ Daily8"]);
    told.desk.audit();
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn what_the_authorities_and_the_users_say_of_calls_stands_side_by_side() {
    let told = told();
    let json = told.desk.run(&["who", "calls", "--json"]).json();
    let speakers: Vec<&str> = json[0]["sources"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["speaker"].as_str())
        .collect();
    for speaker in ["authorities (unnamed, in #24)", "users in Russia (unnamed, in #24)"] {
        assert!(speakers.contains(&speaker), "{speakers:?}");
    }
    told.desk.audit();
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn recording_the_gold_again_appends_nothing_and_says_where_it_is() {
    let told = told();
    let (entries, checkpoint) = (told.desk.entries(), told.desk.checkpoint());
    let said = told.desk.record(&told.lines).clean();
    let (last, already) = {
        let mut lines: Vec<&str> = said.lines().collect();
        (lines.pop().unwrap().to_owned(), lines.join("\n"))
    };
    assert_eq!(already.lines().count(), told.lines.len());
    assert!(already.lines().all(|line| line.contains(": already recorded as #")), "{already}");
    assert_eq!(last, format!("recorded 0 events; {} already recorded", told.lines.len()));
    assert_eq!((told.desk.entries(), told.desk.checkpoint()), (entries, checkpoint));
    told.desk.audit();
}
