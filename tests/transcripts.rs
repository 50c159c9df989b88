//! The transcripts in the documentation are real: each command in them is run, and what it prints is
//! what the page says. So is the help of every command, in tests/snapshots.
//!
//! A page is run in a folder of its own, beginning with the files of tests/transcripts/NAME, and all
//! its commands share that folder. After a change to what the program prints,
//! `TRYCMD=overwrite cargo test --test transcripts` writes the pages anew.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs what is in the files that `glob` names, as someone called ana who has set nothing up.
fn run(glob: &Path) {
    trycmd::TestCases::new()
        .register_bin("cat", PathBuf::from("/bin/cat"))
        .env("USER", "ana")
        .env("TESTIMONY_LEDGER", "./testimony")
        .env("NO_COLOR", "1")
        .case(glob)
        .run();
}

/// Runs the transcripts of a page, some of the examples beside it. A command that trycmd does not know it passes over in silence,
/// so that none but these may stand in a transcript.
fn transcripts_of(page: &str, examples: &[&str]) {
    let source = root().join(page);
    let name = source.file_stem().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let copy = scratch.path().join(source.file_name().unwrap());
    fs::copy(&source, &copy).unwrap();
    assert_commands_are_known(&fs::read_to_string(&copy).unwrap());

    // Where there is a folder for what should come out, all commands of a page share one folder.
    fs::create_dir(copy.with_extension("out")).unwrap();
    let input = copy.with_extension("in");
    fs::create_dir(&input).unwrap();
    for file in fs::read_dir(root().join("tests/transcripts").join(name)).into_iter().flatten() {
        let file = file.unwrap();
        fs::copy(file.path(), input.join(file.file_name())).unwrap();
    }
    for example in examples {
        let from = root().join("examples").join(example);
        fs::copy(from, input.join(example)).unwrap();
    }
    run(&copy);
    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        fs::copy(&copy, &source).unwrap();
    }
}

fn assert_commands_are_known(page: &str) {
    let commands: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert!(!commands.is_empty(), "the page has no transcript");
    for command in commands {
        let program = command.split(' ').next().unwrap();
        assert!(["testimony", "cat"].contains(&program), "not run, and so not tested: {command}");
    }
}

#[test]
fn the_transcripts_of_the_readme_are_real() {
    transcripts_of("README.md", &[]);
}

#[test]
fn the_transcripts_of_the_page_on_attribution_are_real() {
    transcripts_of("docs/attribution.md", &["annotated.jsonl"]);
}

#[test]
fn every_command_has_the_help_that_is_kept() {
    run(&root().join("tests/snapshots/*.toml"));
}
