//! Checks the layers of the library: a file uses only what is below it.
//!
//! Knows the sources as tokens and folders as names. Must not know what any of it does.
//!
//! The order is given where modules are declared. `src/lib.rs` declares the top-level modules, each of
//! these its modules, and so on down: groups of `mod` declarations, one blank line apart, lowest first. A module
//! may use its siblings of earlier groups, never one of its own group or of a later one. A parent either
//! uses a child or is used by it. So no files can use each other, even through others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::tokens::{inside, is_path_sign, is_sign, report, without_tests};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A module by its path: `["record", "log"]` for src/record/log.rs, nothing for src/lib.rs.
type Module = Vec<String>;

/// Each use that a module makes of another, with the places where it does.
type Uses = BTreeMap<(Module, Module), Vec<String>>;

/// The sources of a library by their modules: the path of the file and what is in it.
struct Library(BTreeMap<Module, (String, String)>);

impl Library {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (mut files, mut folders) = (Vec::new(), vec![PathBuf::from("src")]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(root.join(&folder)).unwrap().map(Result::unwrap) {
                let path = folder.join(entry.file_name());
                if entry.path().is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "rs")
                    && !path.ends_with("main.rs")
                {
                    files.push((path, fs::read_to_string(entry.path()).unwrap()));
                }
            }
        }
        Self::of(files)
    }

    fn of(files: impl IntoIterator<Item = (impl Into<PathBuf>, impl Into<String>)>) -> Self {
        let module = |path: PathBuf| {
            let parts = path.strip_prefix("src").unwrap().with_extension("");
            let parts = parts.iter().map(|part| part.to_str().unwrap().to_owned());
            let module = parts.filter(|part| part != "lib").collect::<Module>();
            (module, path.display().to_string())
        };
        let files = files.into_iter().map(|(path, text)| (module(path.into()), text.into()));
        Self(files.map(|((module, path), text)| (module, (path, text))).collect())
    }

    /// The children that a module declares, in groups, lowest first.
    fn layers(&self, module: &Module) -> Vec<Vec<String>> {
        let (_, text) = &self.0[module];
        let mut layers = vec![Vec::new()];
        for line in text.lines() {
            let declared = line.strip_suffix(';').and_then(|line| line.rsplit_once("mod "));
            match declared {
                Some((before, name)) if before.is_empty() || before.starts_with("pub") => {
                    layers.last_mut().unwrap().push(name.to_owned());
                }
                _ if line.is_empty() => layers.push(Vec::new()),
                _ => {}
            }
        }
        layers.retain(|layer| !layer.is_empty());
        layers
    }

    /// What is declared twice, so that either place would do.
    fn declared_twice(&self) -> Vec<String> {
        let mut offenders = Vec::new();
        for (module, (path, _)) in &self.0 {
            let names = self.layers(module).concat();
            let first = |name| names.iter().position(|other| other == name);
            let again = names.iter().enumerate().filter(|(at, name)| first(*name) != Some(*at));
            offenders.extend(again.map(|(_, name)| format!("{path} declares {name} twice")));
        }
        offenders
    }

    fn uses(&self) -> Uses {
        let mut uses = Uses::new();
        for (module, (file, text)) in &self.0 {
            let tokens: TokenStream =
                text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
            let tokens = without_tests(&tokens.into_iter().collect::<Vec<_>>());
            let children: BTreeSet<String> = self.layers(module).concat().into_iter().collect();
            for (line, path) in paths(module, &children, &tokens) {
                let ends = (1..=path.len()).rev().map(|end| &path[..end]);
                let to = ends.into_iter().find(|path| self.0.contains_key(*path));
                if let Some(to) = to.filter(|to| to != module) {
                    let used = uses.entry((module.clone(), to.to_vec())).or_default();
                    used.push(format!("{file}:{line}"));
                }
            }
        }
        uses
    }

    /// Uses of a sibling, or of what is in one, that is not declared in an earlier group.
    fn upward(&self, uses: &Uses) -> Vec<String> {
        let mut offenders = Vec::new();
        for ((from, to), places) in uses {
            let common = from.iter().zip(to).take_while(|(from, to)| from == to).count();
            let (Some(upper), Some(lower)) = (from.get(common), to.get(common)) else { continue };
            let layers = self.layers(&from[..common].to_vec());
            let layer = |name| layers.iter().position(|layer| layer.contains(name));
            if layer(lower) >= layer(upper) {
                let (from, to) = (from.join("::"), to.join("::"));
                offenders.push(format!("{} {from} uses {to}", places[0]));
            }
        }
        offenders
    }
}

/// Uses of a parent by a child that it uses itself.
fn both_ways(uses: &Uses) -> Vec<String> {
    let mut offenders = Vec::new();
    for ((child, parent), places) in uses.iter().filter(|((from, to), _)| from.starts_with(to)) {
        let down = |(from, to): &&(Module, Module)| from == parent && child.starts_with(to);
        if let Some(back) = uses.keys().find(down) {
            let (child, parent) = (child.join("::"), parent.join("::"));
            let place = &uses[back][0];
            offenders
                .push(format!("{} {child} uses {parent}, which uses it at {place}", places[0]));
        }
    }
    offenders
}

/// The uses that form cycles: what is left when no use leads to a module that uses nothing that is left,
/// or comes from one that nothing left uses.
fn cycles(uses: &Uses) -> Vec<String> {
    let mut left: Vec<_> = uses.keys().collect();
    loop {
        let count = left.len();
        let from: BTreeSet<_> = left.iter().map(|(from, _)| from).collect();
        let to: BTreeSet<_> = left.iter().map(|(_, to)| to).collect();
        let kept = |(a, b): &&(Module, Module)| to.contains(a) && from.contains(b);
        let next: Vec<_> = left.iter().copied().filter(kept).collect();
        if next.len() == count {
            let shown =
                |(a, b): &(Module, Module)| format!("{} uses {}", a.join("::"), b.join("::"));
            return next.into_iter().map(shown).collect();
        }
        left = next;
    }
}

/// The paths within the crate that a module's tokens write, each with its line.
fn paths(module: &Module, children: &BTreeSet<String>, run: &[TokenTree]) -> Vec<(usize, Module)> {
    let mut found = Vec::new();
    for (at, token) in run.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            found.extend(paths(module, children, &inside(group)));
        }
        let TokenTree::Ident(ident) = token else { continue };
        let goes_on = at >= 2 && is_path_sign(run, at - 2);
        // `pub(in crate::cli)` names a module and uses nothing of it.
        let is_reach = at == 1 && run[0].to_string() == "in";
        if goes_on || is_reach || !is_path_sign(run, at + 1) {
            continue;
        }
        let first = match ident.to_string().as_str() {
            "crate" => vec![],
            "self" => module.clone(),
            "super" => module[..module.len() - 1].to_vec(),
            child if children.contains(child) => [&module[..], &[child.to_owned()]].concat(),
            _ => continue,
        };
        for path in spread(&first, run, at + 1) {
            found.push((token.span().start().line, path));
        }
    }
    found
}

/// The paths that begin with `first` and go on at `at`, a tree of a `use` spread out.
fn spread(first: &[String], tokens: &[TokenTree], at: usize) -> Vec<Module> {
    if !is_path_sign(tokens, at) {
        return vec![first.to_vec()];
    }
    match tokens.get(at + 2) {
        Some(TokenTree::Ident(ident)) if ident == "super" => {
            spread(&first[..first.len() - 1], tokens, at + 3)
        }
        Some(TokenTree::Ident(ident)) => {
            spread(&[first, &[ident.to_string()]].concat(), tokens, at + 3)
        }
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let branches = inside(group);
            let mut paths = Vec::new();
            for branch in branches.split(|token| is_sign(Some(token), ',')) {
                if let Some(TokenTree::Ident(ident)) = branch.first() {
                    let longer = if ident == "self" { vec![] } else { vec![ident.to_string()] };
                    paths.extend(spread(&[first, &longer].concat(), branch, 1));
                }
            }
            paths
        }
        _ => vec![first.to_vec()],
    }
}

#[test]
fn a_module_uses_only_what_is_declared_before_it() {
    let library = Library::read();
    let uses = library.uses();
    let advice = "move what is needed into a lower module, or pass it in as an argument";
    report(&library.upward(&uses), advice);
    report(&both_ways(&uses), "move what the child needs into a module below both");
    report(&cycles(&uses), "move what both need into a module below both");
    report(&library.declared_twice(), "leave one of these declarations");
}

#[test]
fn an_import_that_runs_back_up_is_seen() {
    let library = Library::of([
        ("src/lib.rs", "mod ground;\n\nmod upper;\n"),
        ("src/ground.rs", "use crate::upper;"),
        ("src/upper.rs", "mod low;\n\nmod high;\nmod beside;\n"),
        ("src/upper/low.rs", "\nuse super::{high::{self, Key}};"),
        ("src/upper/high.rs", "use super::low; fn f() { g([super::beside::h()]) }"),
        ("src/upper/beside.rs", "#[cfg(test)] mod tests { use crate::upper::high; }"),
    ]);
    let seen = [
        "src/ground.rs:1 ground uses upper",
        "src/upper/high.rs:1 upper::high uses upper::beside",
        "src/upper/low.rs:2 upper::low uses upper::high",
    ];
    assert_eq!(library.upward(&library.uses()), seen);
}

#[test]
fn a_cycle_is_seen_though_each_of_its_uses_is_allowed() {
    let library = Library::of([
        ("src/lib.rs", "mod upper;"),
        ("src/upper.rs", "mod low;\n\nmod high;\nfn call() { high::call() }"),
        ("src/upper/low.rs", "use super::call;"),
        ("src/upper/high.rs", "use super::low;"),
    ]);
    let uses = library.uses();
    assert_eq!([library.upward(&uses), both_ways(&uses)].concat(), [""; 0]);
    let steps = ["upper uses upper::high", "upper::high uses upper::low", "upper::low uses upper"];
    assert_eq!(cycles(&uses), steps);
    let library = Library::of([
        ("src/upper.rs", "mod low;\nfn call() { low::call() }"),
        ("src/upper/low.rs", "use super::call;"),
    ]);
    let way = "src/upper/low.rs:1 upper::low uses upper, which uses it at src/upper.rs:2";
    assert_eq!(both_ways(&library.uses()), [way]);
}

#[test]
fn a_declaration_made_twice_is_seen() {
    let library = Library::of([("src/lib.rs", "mod low;\n\nmod high;\nmod low;\n")]);
    assert_eq!(library.declared_twice(), ["src/lib.rs declares low twice"]);
}
