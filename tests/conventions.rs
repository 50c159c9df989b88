//! Checks the conventions of the sources and the documentation: headers, lengths, names, placeholders, and
//! what the library may not do.
//!
//! Knows the sources as tokens and the folders as names. Must not know what any of it does. Which module
//! may use which is held by `layers.rs`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::tokens::{
    braces, inside, is_path_sign, is_sign, is_word, report, without_tests,
};
use proc_macro2::{TokenStream, TokenTree};

/// The longest function, from its signature to its closing brace, in lines.
const LONGEST: usize = 70;

/// Names of files that say nothing of what is in them.
const EMPTY_NAMES: &[&str] =
    &["common", "helper", "helpers", "misc", "shared", "types", "util", "utils"];

/// What a stranger finds without looking for it.
const PAPERS: &[&str] = &[
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "docs/architecture.md",
    "docs/format.md",
    "docs/json.md",
    "docs/tutorial.md",
];

/// What an unfinished text holds in the place of its words.
const PLACEHOLDERS: &[&str] = &["TODO", "FIXME", "TBD", "XXX", "MEASURED", "PLACEHOLDER", "LOREM"];

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
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let all = folders.iter().flat_map(|folder| files(folder));
    all.filter(|path| path.extension().is_some_and(|end| end == "rs")).map(Source::read).collect()
}

fn every_source() -> Vec<Source> {
    sources(&["src", "tests", "benches", "examples"])
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
    let is_clock = |source: &Source| source.is_in("src/domain/moment.rs");
    let told = places_in_src(is_clock, |run, at| {
        ["SystemTime", "Utc", "Local"].iter().any(|name| is_word(run.get(at), name))
    });
    report(&told, "take the time from `Environment`; `Instant` is for waiting alone");
    let is_door = |source: &Source| is_clock(source) || source.is_in("src/ledger/environment.rs");
    let asked = places_in_src(is_door, |run, at| {
        is_word(run.get(at), "Timestamp")
            && is_path_sign(run, at + 1)
            && is_word(run.get(at + 3), "now")
    });
    report(&asked, "take the time from `Environment`");
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

/// The lines of a text in which a placeholder is a word of its own, in capitals.
fn placeholders(text: &str) -> Vec<(usize, &str)> {
    let is_placeholder = |line: &&str| {
        let mut words = line.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        words.any(|word| PLACEHOLDERS.contains(&word))
    };
    (1..).zip(text.lines()).filter(|(_, line)| is_placeholder(line)).collect()
}

/// Every page of the documentation: those at the top, in docs, and beside what they describe.
fn pages() -> Vec<PathBuf> {
    let top = fs::read_dir(home()).unwrap().map(|entry| PathBuf::from(entry.unwrap().file_name()));
    let below = ["docs", "examples", "src", ".github"].iter().flat_map(|it| files(it));
    top.chain(below).filter(|path| path.extension().is_some_and(|end| end == "md")).collect()
}

#[test]
fn no_page_has_a_placeholder() {
    let mut offenders = Vec::new();
    for path in pages() {
        let text = fs::read_to_string(home().join(&path)).unwrap();
        for (number, line) in placeholders(&text) {
            offenders.push(format!("{}:{number} {}", path.display(), line.trim()));
        }
    }
    report(&offenders, "write what belongs here, or remove the line");
}

#[test]
fn a_placeholder_is_found_where_it_is_a_word() {
    let invented = "# A page\n\nMEASURED\n\nIt takes TBD ms.\n- TODO: the figures (XXX)\n";
    let found: Vec<usize> = placeholders(invented).into_iter().map(|(number, _)| number).collect();
    assert_eq!(found, [3, 5, 6]);
    assert_eq!(placeholders("It was measured. A todo list; TODOS, NOT_TODO.\n"), []);
}
