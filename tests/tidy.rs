//! The house rules, held: floors, headers, lengths, names, and what the library may not do.
//!
//! Knows the sources as tokens and the folders as names. Must not know what any of it does.
//!
//! docs/architecture.md explains the floors. A file imports only from lower ones. Within a family
//! (`view.rs` with `view/*.rs`) either the root calls its children or they use the root, and
//! siblings are strangers; the steps that a family or a floor has nevertheless are listed below,
//! each with its reason.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Every room of the house and the floor it is on.
const FLOORS: &[(i8, &[&str])] = &[
    (-2, &["spelling"]),
    (-1, &["text"]),
    (
        0,
        &[
            "contain", "digest", "grouping", "id", "layout", "lines", "moment", "objects",
            "parallel", "passing", "plain", "quantity", "recorder", "selector",
        ],
    ),
    (1, &["annotation", "claim", "document", "reference", "source"]),
    (2, &["called", "draft", "event", "numeral", "syntax"]),
    (3, &["attribution", "decide", "page", "seal", "tree"]),
    (4, &["archive", "checked", "fingerprint", "intake", "log", "posting"]),
    (5, &["finding", "view"]),
    (6, &["audit", "compare", "projection", "proof", "publish"]),
    (7, &["ledger"]),
    (8, &["exchange"]),
    (9, &["serve"]),
    (10, &["cli"]),
    (99, &["lib", "main"]),
];

/// Steps between rooms of one floor or one family: the upper room, the lower, and why.
const STEPS: &[(&str, &str, &str)] = &[
    ("passing", "plain", "a folder that is for a while is made as any of a ledger's is"),
    ("ledger::opening", "ledger::surroundings", "what opens a ledger tells of its clock"),
    ("draft", "event", "a draft is an event in the making, and takes over what it does not change"),
    ("syntax::tagger", "syntax::grammar", "tags are chosen from the closed list"),
    ("syntax::tagger", "syntax::lexeme", "a tag is chosen by spellings"),
    ("syntax::tagger", "syntax::table", "a tag is chosen by weights"),
    ("syntax::lexeme", "syntax::table", "a spelling is an atom of features"),
    ("syntax::parser", "syntax::grammar", "trees are built on tags, and labelled"),
    ("syntax::parser", "syntax::lexeme", "trees are built by spellings"),
    ("syntax::parser", "syntax::table", "moves and labels are chosen by weights"),
    ("syntax::sentence", "syntax::parser", "no sentence is longer than can be parsed"),
    ("syntax::sentence", "syntax::word", "sentences are made of words and know abbreviations"),
    ("attribution::annotator", "attribution::flat", "annotators of corpora nest nothing"),
    ("page::html", "page::imprint", "what a page of HTML says of itself is an imprint"),
    ("page::html", "page::written_date", "its dates are written in many ways"),
    ("page::notice", "page::line", "a notice is a line"),
    ("page::split", "page::line", "a page is split between its lines"),
    ("page::split", "page::furniture", "what is furniture is in no part"),
    ("page::split", "page::imprint", "the head of a part is its imprint"),
    ("page::split", "page::written_date", "a part's date is printed in its head"),
    ("numeral::calendar", "numeral::word", "the calendar is stepped through by named stretches"),
    ("numeral::number", "numeral::word", "numbers are spelt in words"),
    ("numeral::number", "numeral::value", "numbers have values"),
    ("numeral::year", "numeral::word", "years are spelt in words"),
    ("numeral::year", "numeral::number", "a year in words is a number"),
    ("numeral::when", "numeral::word", "dates are made of words"),
    ("numeral::when", "numeral::number", "days and stretches are counted"),
    ("numeral::when", "numeral::calendar", "dates are reckoned on the calendar"),
    ("numeral::when", "numeral::year", "dates have years"),
    ("numeral::when::numeric", "numeral::when::reading", "what was read is a reading"),
    ("numeral::when::named", "numeral::when::reading", "what was read is a reading"),
    ("numeral::when::relative", "numeral::when::reading", "what was read is a reading"),
    ("numeral::figure", "numeral::word", "figures are made of words"),
    ("numeral::figure", "numeral::number", "a figure has a number"),
    ("numeral::figure", "numeral::value", "amounts are values until they are written out"),
    ("numeral::phrase", "numeral::figure", "a phrase holds one figure"),
    ("numeral::phrase", "numeral::word", "a phrase is made of words"),
    ("view::fold::prepare", "view::fold::gather", "what is prepared is gathered by its terms"),
    ("view::query", "view::known", "the sources that have a name are looked up by it"),
    ("view::query", "view::withheld", "no answer shows what is withheld"),
    ("view::query", "view::graph", "answers follow merges and spokespeople"),
    ("view::speakers", "view::query", "what was asked for is put together under its speakers"),
    ("compare::pairing", "compare::bound", "no more is paired than the bounds let through"),
    ("compare::pairing", "compare::wording", "what is paired are wordings"),
    ("log::sled::store", "log::sled::block", "the store's segments are sized by its blocks"),
    ("log::sled::packing", "log::sled::block", "records are packed into blocks"),
    ("log::sled::admission", "log::sled::acknowledged", "a store has all that was acknowledged"),
    ("log::sled::admission", "log::sled::closed", "a store is what it was when it was closed"),
    ("log::sled::admission", "log::sled::files", "a store is examined as a copy"),
    ("log::sled::acknowledged", "log::sled::files", "it has a file beside the store"),
    (
        "log::sled::closed",
        "log::sled::files",
        "it is of the store's files, and has one beside them",
    ),
    ("log::sled::closed", "log::sled::store", "a store's file is made of segments of one size"),
    ("log::sled::scan", "log::sled::block", "a scan is of blocks"),
    ("log::sled::scan", "log::sled::store", "a scan reads the store"),
    ("audit::entries", "audit::examined", "entries are put in order as they were examined"),
    ("audit::reading", "audit::examined", "what is read is examined"),
    ("cli::exit", "cli::render", "what a refusal quotes is made visible"),
    ("cli::place", "cli::exit", "who records may be a refused name"),
    ("cli::place", "cli::render", "a command runs with a page to write on"),
    ("cli::argument", "cli::exit", "an argument that names nothing is a trouble"),
    ("cli::argument", "cli::render", "what it quotes is made visible"),
    ("cli::command", "cli::argument", "each command finds what its arguments name"),
    ("cli::command", "cli::exit", "each command ends in an outcome or a trouble"),
    ("cli::command", "cli::render", "each command writes on the page"),
    ("cli::command", "cli::place", "each command runs in a place"),
    (
        "cli::command::ingest",
        "cli::command::train",
        "a model that one has made is read by the other",
    ),
    ("cli::command::who", "cli::command::list", "one JSON shape for an assertion and a source"),
    ("cli::command::who", "cli::command::show", "one wording for what a hop passed on"),
    ("cli::command::show", "cli::command::list", "one line and one JSON shape for what is shown"),
    ("cli::command::log", "cli::command::show", "one wording for what happened"),
    ("cli::command::ingest", "cli::command::capture", "one set of options, one way to capture"),
    ("cli::command::ingest", "cli::command::show", "one wording for what a hop is"),
    ("cli::command::ingest::interview", "cli::command::ingest::batch", "a review is of a batch"),
    ("cli::command::ingest::interview", "cli::command::ingest::remembered", "a review is taken up"),
    ("cli::command::ingest::interview", "cli::command::ingest::review", "what is heard is done"),
    ("cli::command::ingest::interview", "cli::command::ingest::screen", "what is asked is shown"),
    ("cli::command::ingest::screen", "cli::command::ingest::review", "what is shown is an item"),
    ("cli::command::ingest::screen", "cli::command::ingest::sentence", "it stands in its sentence"),
    (
        "cli::command::ingest::review",
        "cli::command::ingest::sentence",
        "words are sought there first",
    ),
];

/// The stories of a family that is a house of its own, lowest first: its rooms may use those of the
/// stories below, and none of their own.
const STORIES: &[(&str, &[&[&str]])] = &[
    (
        "attribution",
        &[
            // Words and shapes.
            &["lexicon", "proposal", "quotation"],
            &["bound"],
            // A text, read.
            &["flat", "gazetteer", "tree"],
            // What may be found in it.
            &["candidate", "mention"],
            &["cast", "grammar", "traits"],
            // What of it is likely, and how it is given.
            &["choice", "manner", "particulars", "speaker"],
            &["chain", "model", "own_voice"],
            // What is proposed.
            &["assembly"],
        ],
    ),
    (
        "attribution::grammar",
        &[
            &["frame"],
            &[
                "according",
                "aside",
                "clause",
                "extent",
                "line",
                "nominal",
                "phrase",
                "plain",
                "quoted",
            ],
        ],
    ),
    (
        "attribution::model",
        &[
            // Numbers.
            &["chain", "table"],
            &["evidence", "learner", "marking", "weights"],
            // Models.
            &["file", "segment"],
            &["source"],
            // How they are learnt.
            &["training"],
        ],
    ),
];

/// Which file may use which.
struct Plan {
    floors: &'static [(i8, &'static [&'static str])],
    steps: &'static [(&'static str, &'static str, &'static str)],
    stories: &'static [(&'static str, &'static [&'static [&'static str]])],
}

/// The plan of this house.
const HOUSE: Plan = Plan { floors: FLOORS, steps: STEPS, stories: STORIES };

/// The longest function, from its signature to its closing brace, in lines.
const LONGEST: usize = 70;

/// Names of files that say nothing of what is in them.
const EMPTY_NAMES: &[&str] =
    &["common", "helper", "helpers", "misc", "shared", "types", "util", "utils"];

/// What a stranger finds without looking for it.
const PAPERS: &[&str] = &[
    "README.md",
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "docs/architecture.md",
    "docs/format.md",
    "docs/json.md",
];

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file under `folder`, by its path from the project's root.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(home().join(&folder)) else { continue };
        for entry in entries.map(Result::unwrap) {
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// A source file: its path, its text and its tokens.
struct Source {
    path: PathBuf,
    text: String,
    tokens: Vec<TokenTree>,
}

impl Source {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(home().join(&path)).unwrap();
        Self::of(path, text)
    }

    fn of(path: PathBuf, text: String) -> Self {
        let stream: TokenStream =
            text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, text, tokens: stream.into_iter().collect() }
    }

    /// Where a token stands, as editors and terminals link it.
    fn place(&self, token: &TokenTree) -> String {
        format!("{}:{}", self.path.display(), token.span().start().line)
    }

    fn is_in(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }

    /// The module it is: `log::sled::scan` for src/log/sled/scan.rs.
    fn module(&self) -> String {
        let path = self.path.strip_prefix("src").unwrap().with_extension("");
        path.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("::")
    }
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let all = folders.iter().flat_map(|folder| files(folder));
    all.filter(|path| path.extension().is_some_and(|end| end == "rs")).map(Source::read).collect()
}

fn every_source() -> Vec<Source> {
    sources(&["src", "tests", "benches", "examples"])
}

fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
}

fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

fn is_path_sign(tokens: &[TokenTree], at: usize) -> bool {
    is_sign(tokens.get(at), ':') && is_sign(tokens.get(at + 1), ':')
}

fn braces(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

/// The tokens without the items under `#[cfg(test)]`.
fn without_tests(tokens: &[TokenTree]) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut rest = tokens.iter();
    while let Some(token) = rest.next() {
        if let TokenTree::Group(group) = token
            && group.to_string().replace(' ', "") == "[cfg(test)]"
        {
            kept.pop();
            rest.find(|token| braces(token).is_some() || is_sign(Some(token), ';'));
        } else {
            kept.push(token.clone());
        }
    }
    kept
}

/// Calls `visit` with every run of tokens: the outermost, and each that a group encloses.
fn each_run(tokens: &[TokenTree], visit: &mut dyn FnMut(&[TokenTree])) {
    visit(tokens);
    for token in tokens {
        if let TokenTree::Group(group) = token {
            each_run(&inside(group), visit);
        }
    }
}

/// The paths that begin with `first` and go on at `at`, a tree of a `use` spread out.
fn spread(first: &[String], tokens: &[TokenTree], at: usize) -> Vec<Vec<String>> {
    if !is_path_sign(tokens, at) {
        return vec![first.to_vec()];
    }
    match tokens.get(at + 2) {
        Some(TokenTree::Ident(ident)) => {
            let longer = [first, &[ident.to_string()]].concat();
            spread(&longer, tokens, at + 3)
        }
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let branches = inside(group);
            let is_comma = |token: &TokenTree| is_sign(Some(token), ',');
            let mut paths = Vec::new();
            for branch in branches.split(is_comma) {
                if let Some(TokenTree::Ident(ident)) = branch.first() {
                    let is_itself = ident == "self";
                    let longer = if is_itself { vec![] } else { vec![ident.to_string()] };
                    paths.extend(spread(&[first, &longer].concat(), branch, 1));
                }
            }
            paths
        }
        _ => vec![first.to_vec()],
    }
}

/// What a file refers to within the crate: absolute paths, each with its place.
fn references(source: &Source, tokens: &[TokenTree]) -> Vec<(String, Vec<String>)> {
    let own: Vec<String> = source.module().split("::").map(str::to_owned).collect();
    let mut children = BTreeSet::new();
    each_run(tokens, &mut |run| {
        for pair in run.windows(3).filter(|pair| is_word(pair.first(), "mod")) {
            if is_sign(pair.get(2), ';') {
                children.insert(pair[1].to_string());
            }
        }
    });
    let mut found = Vec::new();
    each_run(tokens, &mut |run| {
        for (at, token) in run.iter().enumerate() {
            let TokenTree::Ident(ident) = token else { continue };
            let goes_on = at >= 2 && is_path_sign(run, at - 2);
            // `pub(in crate::cli)` names a room and uses nothing of it.
            let is_reach = at == 1 && is_word(run.first(), "in");
            if goes_on || is_reach || !is_path_sign(run, at + 1) {
                continue;
            }
            let word = ident.to_string();
            let first = match word.as_str() {
                "crate" => vec![],
                "self" => own.clone(),
                "super" => own[..own.len() - 1].to_vec(),
                child if children.contains(child) => [&own[..], &[word]].concat(),
                _ => continue,
            };
            for path in spread(&[], run, at + 1).iter() {
                found.push((source.place(token), upwards([&first[..], path].concat())));
            }
        }
    });
    found
}

/// The path with each `super` in it taken.
fn upwards(path: Vec<String>) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    for part in path {
        if part == "super" {
            taken.pop();
        } else {
            taken.push(part);
        }
    }
    taken
}

/// Whether `inner` is `outer` or stands in its family.
fn is_within(inner: &str, outer: &str) -> bool {
    inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with("::"))
}

/// The uses that rooms make of others, by the two rooms: the places.
type Uses = BTreeMap<(String, String), Vec<String>>;

/// Every use that one of these files makes of another.
fn uses(sources: &[Source]) -> Uses {
    let modules: BTreeSet<String> = sources.iter().map(Source::module).collect();
    let mut uses = Uses::new();
    for source in sources {
        for (place, path) in references(source, &without_tests(&source.tokens)) {
            let room = (1..=path.len()).rev().map(|end| path[..end].join("::"));
            let to = room.into_iter().find(|room| modules.contains(room));
            if let Some(to) = to.filter(|to| *to != source.module()) {
                uses.entry((source.module(), to)).or_default().push(place);
            }
        }
    }
    uses
}

/// The same, of this house.
fn own_uses() -> Uses {
    uses(&sources(&["src"]))
}

fn is_family(from: &str, to: &str) -> bool {
    from.split("::").next() == to.split("::").next()
}

impl Plan {
    fn floor(&self, module: &str) -> Option<i8> {
        let room = module.split("::").next()?;
        self.floors.iter().find(|(_, rooms)| rooms.contains(&room)).map(|(floor, _)| *floor)
    }

    /// The step that lets `from` use `to`, if one does.
    fn step(&self, from: &str, to: &str) -> Option<usize> {
        let leads =
            |(upper, lower, _): &(&str, &str, &str)| is_within(from, upper) && is_within(to, lower);
        self.steps.iter().position(leads)
    }

    /// Whether `to` stands in a story below `from`'s in a house that both are rooms of.
    fn is_below(&self, to: &str, from: &str) -> bool {
        self.stories.iter().any(|(house, stories)| {
            let story = |room: &str| {
                let inner = room.strip_prefix(house)?.strip_prefix("::")?;
                let name = inner.split("::").next()?;
                stories.iter().position(|story| story.contains(&name))
            };
            story(to).zip(story(from)).is_some_and(|(to, from)| to < from)
        })
    }

    /// Uses of a room that is not on a lower floor.
    fn upward(&self, uses: &Uses) -> Vec<String> {
        let mut offenders = Vec::new();
        for ((from, to), places) in uses {
            let is_lower = self.floor(to) < self.floor(from);
            if !is_family(from, to) && !is_lower && self.step(from, to).is_none() {
                offenders.extend(places.iter().map(|place| format!("{place} {from} uses {to}")));
            }
        }
        offenders
    }

    /// Uses of a sibling that does not stand below.
    fn sideways(&self, uses: &Uses) -> Vec<String> {
        let mut offenders = Vec::new();
        for ((from, to), places) in uses {
            let related = is_within(from, to) || is_within(to, from);
            let is_led = self.is_below(to, from) || self.step(from, to).is_some();
            if is_family(from, to) && !related && !is_led {
                offenders.extend(places.iter().map(|place| format!("{place} {from} uses {to}")));
            }
        }
        offenders
    }

    /// What is listed twice, so that either place would do.
    fn doubled(&self) -> Vec<String> {
        let mut doubled = Vec::new();
        let rooms = self.floors.iter().flat_map(|(_, rooms)| *rooms);
        let mut listed: Vec<String> = rooms.map(|room| format!("the room {room}")).collect();
        for (from, to, _) in self.steps {
            listed.push(format!("the step from {from} to {to}"));
        }
        for (house, stories) in self.stories {
            listed.push(format!("the house {house}"));
            doubled.extend(twice(stories.concat().iter().map(|room| format!("{house}::{room}"))));
        }
        doubled.extend(twice(listed));
        doubled
    }
}

/// What comes more than once.
fn twice(listed: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    listed.into_iter().filter(|one| !seen.insert(one.clone())).collect()
}

/// Files that use each other, be it through others: each that comes back to itself, with its way.
fn circles(uses: &Uses) -> Vec<String> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in uses.keys() {
        next.entry(from).or_default().push(to);
    }
    let mut found = Vec::new();
    for start in next.keys() {
        let mut waiting = vec![vec![*start]];
        let mut reached = BTreeSet::new();
        while let Some(way) = waiting.pop() {
            let here = way[way.len() - 1];
            for to in next.get(here).into_iter().flatten() {
                let longer = [&way[..], &[*to]].concat();
                if to == start {
                    found.push(longer.join(" uses "));
                    waiting.clear();
                    break;
                }
                if reached.insert(*to) {
                    waiting.push(longer);
                }
            }
        }
    }
    found
}

/// Uses of a root by its child, where the root uses one that the child is in.
fn both_ways(uses: &Uses) -> Vec<String> {
    let mut offenders = Vec::new();
    for ((from, to), places) in uses.iter().filter(|((from, to), _)| is_within(from, to)) {
        for ((_, child), calls) in uses.iter().filter(|((root, _), _)| root == to) {
            if is_within(child, to) && is_within(from, child) {
                offenders.push(format!(
                    "{} {from} uses {to}, which at {} uses {child}",
                    places[0], calls[0]
                ));
            }
        }
    }
    offenders
}

fn report(offenders: &[String], advice: &str) {
    assert!(offenders.is_empty(), "{advice}:\n  {}\n", offenders.join("\n  "));
}

#[test]
fn uses_are_seen_in_trees_in_expressions_and_of_children_but_not_in_tests() {
    let text = "
        mod inner;
        use super::{block::{self, Key}, store};
        pub(in crate::cli) fn read() { crate::seal::hash(&[inner::first(), ::sled::open()]); }
        #[cfg(test)]
        mod tests { use crate::ledger::Ledger; }
    ";
    let source = Source::of("src/log/sled/scan.rs".into(), text.into());
    let found = references(&source, &without_tests(&source.tokens));
    let mut found: Vec<String> = found.iter().map(|(_, path)| path.join("::")).collect();
    found.sort();
    let block = ["log::sled::block", "log::sled::block::Key"];
    let rest = ["log::sled::scan::inner::first", "log::sled::store", "seal::hash"];
    assert_eq!(found, [&block[..], &rest[..]].concat());
}

/// A house of two floors, of which the upper is a house of its own.
const INVENTED: Plan = Plan {
    floors: &[(0, &["ground"]), (1, &["upper"])],
    steps: &[],
    stories: &[("upper", &[&["low"], &["high"]])],
};

/// The uses in invented files, each a path and what stands in it.
fn invented(files: &[(&str, &str)]) -> Uses {
    let source = |(path, text): &(&str, &str)| Source::of(path.into(), (*text).to_owned());
    uses(&files.iter().map(source).collect::<Vec<_>>())
}

#[test]
fn what_goes_down_is_let_through() {
    let uses = invented(&[
        ("src/ground.rs", "fn stand() {}"),
        ("src/upper.rs", "mod low; mod high; fn call() { high::call(); }"),
        ("src/upper/low.rs", "use crate::ground;"),
        ("src/upper/high.rs", "use super::low;"),
    ]);
    assert_eq!(uses.len(), 3, "{uses:?}");
    let offenders = [INVENTED.upward(&uses), INVENTED.sideways(&uses), circles(&uses)];
    assert_eq!(offenders.concat(), [""; 0]);
    assert_eq!([both_ways(&uses), INVENTED.doubled()].concat(), [""; 0]);
}

#[test]
fn an_import_that_runs_back_up_is_seen() {
    let uses = invented(&[
        ("src/ground.rs", "use crate::upper;"),
        ("src/upper.rs", "mod low; mod high;"),
        ("src/upper/low.rs", "\n\nuse super::high;"),
        ("src/upper/high.rs", ""),
    ]);
    assert_eq!(INVENTED.upward(&uses), ["src/ground.rs:1 ground uses upper"]);
    assert_eq!(INVENTED.sideways(&uses), ["src/upper/low.rs:3 upper::low uses upper::high"]);
    assert_eq!(circles(&uses), [""; 0]);
    let uses = invented(&[
        ("src/upper.rs", "mod low; fn call() { low::call(); }"),
        ("src/upper/low.rs", "use super::call;"),
    ]);
    let way = "src/upper/low.rs:1 upper::low uses upper, which at src/upper.rs:1 uses upper::low";
    assert_eq!(both_ways(&uses), [way]);
}

#[test]
fn a_circle_is_seen_even_where_each_of_its_steps_is_let_through() {
    const EITHER_WAY: Plan = Plan {
        stories: &[("upper", &[&["low"], &["high"]]), ("upper", &[&["high"], &["low"]])],
        ..INVENTED
    };
    let uses = invented(&[
        ("src/upper/low.rs", "use super::high;"),
        ("src/upper/high.rs", "use super::low;"),
    ]);
    assert_eq!(EITHER_WAY.sideways(&uses), [""; 0]);
    let way = |from, to| format!("upper::{from} uses upper::{to} uses upper::{from}");
    assert_eq!(circles(&uses), [way("high", "low"), way("low", "high")]);
    let uses = invented(&[
        ("src/one.rs", "use crate::two;"),
        ("src/two.rs", "use crate::three; use crate::four;"),
        ("src/three.rs", "use crate::one;"),
        ("src/four.rs", ""),
    ]);
    let found = circles(&uses);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.contains(&"one uses two uses three uses one".to_owned()), "{found:?}");
}

#[test]
fn what_is_listed_twice_is_seen() {
    let floors = Plan { floors: &[(0, &["ground"]), (1, &["upper", "ground"])], ..INVENTED };
    assert_eq!(floors.doubled(), ["the room ground"]);
    let steps = &[("upper", "ground", "why"), ("upper", "ground", "why not")];
    let steps = Plan { steps, ..INVENTED };
    assert_eq!(steps.doubled(), ["the step from upper to ground"]);
    let houses = Plan { stories: &[("upper", &[&["low"]]), ("upper", &[&["high"]])], ..INVENTED };
    assert_eq!(houses.doubled(), ["the house upper"]);
    let rooms = Plan { stories: &[("upper", &[&["low"], &["high", "low"]])], ..INVENTED };
    assert_eq!(rooms.doubled(), ["upper::low"]);
}

#[test]
fn nothing_is_listed_twice() {
    report(&HOUSE.doubled(), "either entry would do: leave one of these in the lists of this test");
}

#[test]
fn no_files_use_each_other() {
    report(&circles(&own_uses()), "move what both need into a file below both");
}

#[test]
fn every_room_has_a_floor() {
    let rooms: BTreeSet<String> = sources(&["src"]).iter().map(Source::module).collect();
    let homeless = rooms.into_iter().filter(|room| HOUSE.floor(room).is_none());
    let homeless: Vec<String> = homeless.collect();
    report(&homeless, "give these a floor, in FLOORS of this test and in src/lib.rs");
}

#[test]
fn a_file_imports_only_from_lower_floors() {
    let offenders = HOUSE.upward(&own_uses());
    report(&offenders, "move what is needed to a lower floor, or hand it in as an argument");
}

#[test]
fn siblings_are_strangers() {
    let offenders = HOUSE.sideways(&own_uses());
    report(&offenders, "let the family's root connect them, or move what both need below both");
}

#[test]
fn a_family_goes_one_way_between_root_and_children() {
    report(&both_ways(&own_uses()), "move what the child needs into a file below both");
}

#[test]
fn every_step_is_still_taken_and_none_goes_back() {
    let taken: BTreeSet<usize> =
        own_uses().keys().filter_map(|(from, to)| HOUSE.step(from, to)).collect();
    let idle = HOUSE.steps.iter().enumerate().filter(|(at, _)| !taken.contains(at));
    let idle: Vec<String> = idle.map(|(_, (from, to, _))| format!("{from} uses {to}")).collect();
    report(&idle, "nothing needs these steps any more: remove them from STEPS of this test");
    let back = HOUSE.steps.iter().filter(|(from, to, _)| HOUSE.step(to, from).is_some());
    let back: Vec<String> = back.map(|(from, to, _)| format!("{from} and {to}")).collect();
    report(&back, "these use each other: let the steps go one way");
}

#[test]
fn every_file_says_what_it_is_for() {
    let bare = every_source().into_iter().filter(|source| {
        let first = source.text.lines().next().unwrap_or_default();
        first.strip_prefix("//! ").is_none_or(|words| words.len() < 10)
    });
    let bare: Vec<String> = bare.map(|source| format!("{}:1", source.path.display())).collect();
    report(&bare, "begin these with a `//!` header: what the file is for, what it must not know");
}

#[test]
fn no_function_is_longer_than_seventy_lines() {
    let mut offenders = Vec::new();
    for source in every_source() {
        each_run(&source.tokens, &mut |run| {
            for (at, token) in run.iter().enumerate() {
                let Some(TokenTree::Ident(name)) = run.get(at + 1) else { continue };
                if !is_word(Some(token), "fn") {
                    continue;
                }
                let ends =
                    |token: &&TokenTree| braces(token).is_some() || is_sign(Some(token), ';');
                let Some(body) = run[at..].iter().find(ends).and_then(braces) else { continue };
                let lines = body.span_close().end().line - token.span().start().line + 1;
                if lines > LONGEST {
                    offenders.push(format!("{} {name} has {lines} lines", source.place(token)));
                }
            }
        });
    }
    report(&offenders, "split these by meaning");
}

#[test]
fn no_file_is_called_by_an_empty_name() {
    let all = ["src", "tests", "benches", "examples"].iter().flat_map(|folder| files(folder));
    let empty = all.filter(|path| {
        let mut parts = path.iter().map(|part| part.to_str().unwrap().trim_end_matches(".rs"));
        parts.any(|part| EMPTY_NAMES.contains(&part))
    });
    let empty: Vec<String> = empty.map(|path| path.display().to_string()).collect();
    report(&empty, "name these after what is in them");
}

/// The places in src, outside tests, where `is_one` holds of a run of tokens at a position.
fn places_in_src(
    is_excused: impl Fn(&Source) -> bool,
    is_one: impl Fn(&[TokenTree], usize) -> bool,
) -> Vec<String> {
    let mut places = Vec::new();
    for source in sources(&["src"]).into_iter().filter(|source| !is_excused(source)) {
        each_run(&without_tests(&source.tokens), &mut |run| {
            for (_, token) in run.iter().enumerate().filter(|(at, _)| is_one(run, *at)) {
                places.push(format!("{} {token}", source.place(token)));
            }
        });
    }
    places
}

fn is_command_line(source: &Source) -> bool {
    source.is_in("src/cli.rs") || source.is_in("src/cli") || source.is_in("src/main.rs")
}

#[test]
fn the_library_never_prints() {
    let macros = ["print", "println", "eprint", "eprintln", "dbg"];
    let printed = places_in_src(
        |_| false,
        |run, at| {
            let is_macro = macros.iter().any(|name| is_word(run.get(at), name));
            is_macro && is_sign(run.get(at + 1), '!')
        },
    );
    report(&printed, "write to a stream that was handed in, or report by `tracing`");
    let streams = ["stdin", "stdout", "stderr"];
    let touched = places_in_src(is_command_line, |run, at| {
        // Behind a point they are those of a program that was started.
        let is_own = at == 0 || !is_sign(run.get(at - 1), '.');
        is_own && streams.iter().any(|name| is_word(run.get(at), name))
    });
    report(&touched, "only the command line knows the program's streams: hand one in");
}

#[test]
fn only_the_command_line_reads_the_environment() {
    let read = places_in_src(is_command_line, |run, at| {
        is_word(run.get(at), "home_dir")
            || is_word(run.get(at), "env") && !is_sign(run.get(at + 1), '!')
    });
    report(&read, "let the command line read it, and hand it in");
}

#[test]
fn clocks_are_handed_in() {
    let is_clock = |source: &Source| source.is_in("src/moment.rs");
    let told = places_in_src(is_clock, |run, at| {
        ["SystemTime", "Utc", "Local"].iter().any(|name| is_word(run.get(at), name))
    });
    report(&told, "take the time from `Surroundings`; `Instant` is for waiting alone");
    let is_door = |source: &Source| is_clock(source) || source.is_in("src/ledger/surroundings.rs");
    let asked = places_in_src(is_door, |run, at| {
        is_word(run.get(at), "Timestamp")
            && is_path_sign(run, at + 1)
            && is_word(run.get(at + 3), "now")
    });
    report(&asked, "take the time from `Surroundings`");
}

#[test]
fn nothing_is_unsafe_and_nothing_panics_on_purpose() {
    let unsafe_code = places_in_src(|_| false, |run, at| is_word(run.get(at), "unsafe"));
    report(&unsafe_code, "do it without `unsafe`");
    let unwrapped = places_in_src(
        |_| false,
        |run, at| {
            // A method of our own may be called `expect`; the one that panics is given its words.
            let has_words = matches!(run.get(at + 1), Some(TokenTree::Group(group))
                if matches!(group.stream().into_iter().next(), Some(TokenTree::Literal(_))));
            let expects = is_word(run.get(at), "expect") && has_words;
            let panics = is_word(run.get(at), "unwrap") || expects;
            panics && at > 0 && is_sign(run.get(at - 1), '.')
        },
    );
    report(&unwrapped, "return an error, or show in the types that it cannot fail");
    let panics = ["panic", "todo", "unimplemented", "unreachable"];
    let panicked = places_in_src(
        |_| false,
        |run, at| {
            let is_macro = panics.iter().any(|name| is_word(run.get(at), name));
            is_macro && is_sign(run.get(at + 1), '!')
        },
    );
    report(&panicked, "return an error");
}

#[test]
fn no_figure_passes_through_a_float() {
    let floats = places_in_src(
        |_| false,
        |run, at| is_word(run.get(at), "f32") || is_word(run.get(at), "f64"),
    );
    report(&floats, "use integers, or `Decimal`");
}

#[test]
fn every_refusal_is_one_line() {
    let mut offenders = Vec::new();
    for source in sources(&["src"]) {
        each_run(&source.tokens, &mut |run| {
            for (at, token) in
                run.iter().enumerate().filter(|(_, token)| is_word(Some(token), "error"))
            {
                let Some(TokenTree::Group(group)) = run.get(at + 1) else { continue };
                let Some(TokenTree::Literal(words)) = group.stream().into_iter().next() else {
                    continue;
                };
                let words = words.to_string();
                let breaks = words.replace("\\\n", "").contains('\n') || words.contains("\\n");
                if breaks {
                    offenders.push(format!("{} {words}", source.place(token)));
                }
            }
        });
    }
    report(&offenders, "say it in one line: logs and scripts read refusals line by line");
}

#[test]
fn no_file_names_a_place_on_someones_machine() {
    let machine = ["work", "root", "home", "tmp", "Users"].map(|folder| format!("/{folder}/"));
    let folders = ["src", "tests", "benches", "examples", "docs", ".ci"];
    let top = fs::read_dir(home()).unwrap().map(|entry| PathBuf::from(entry.unwrap().file_name()));
    let top = top.filter(|path| path.extension().is_some_and(|end| end == "md" || end == "toml"));
    let mut offenders = Vec::new();
    for path in folders.iter().flat_map(|folder| files(folder)).chain(top) {
        // What is not text names no place.
        let Ok(text) = fs::read_to_string(home().join(&path)) else { continue };
        for (line, number) in text.lines().zip(1..) {
            let named = machine.iter().any(|folder| {
                let begins = |at: usize| !line[..at].ends_with(|last: char| last.is_alphanumeric());
                line.match_indices(folder.as_str()).any(|(at, _)| begins(at))
            });
            if named {
                offenders.push(format!("{}:{number} {}", path.display(), line.trim()));
            }
        }
    }
    report(&offenders, "name places relative to the project, or take them from a variable");
}

#[test]
fn the_papers_are_there() {
    let missing = PAPERS.iter().filter(|paper| !home().join(paper).is_file());
    let missing: Vec<String> = missing.map(|paper| (*paper).to_owned()).collect();
    report(&missing, "write these");
}
