//! The transcripts in the documentation are real: the test runs each command and compares its output with
//! the page. It does the same for the help of every command, in tests/snapshots.
//!
//! Each page runs in its own folder, which starts with the files of tests/transcripts/NAME. All commands of
//! the page share that folder. After a change to what the program prints,
//! `TRYCMD=overwrite cargo test --test main -- transcripts::` rewrites the pages.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the files that `glob` matches, as a person called ana with no configuration.
fn run(glob: &Path) {
    trycmd::TestCases::new()
        .register_bin("cat", PathBuf::from("/bin/cat"))
        .env("USER", "ana")
        .env("TESTIMONY_LEDGER", "./testimony")
        .env("NO_COLOR", "1")
        .case(glob)
        .run();
}

/// Runs the transcripts of a page, with some of the examples beside it. trycmd silently skips a command that
/// it does not know, so only the known ones may appear in a transcript.
fn transcripts_of(page: &str, examples: &[&str]) {
    let source = root().join(page);
    let name = source.file_stem().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let copy = scratch.path().join(source.file_name().unwrap());
    fs::copy(&source, &copy).unwrap();
    assert_commands_are_known(&fs::read_to_string(&copy).unwrap());

    // If the folder for the expected output exists, all commands of a page share one folder.
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
fn the_transcripts_of_the_tutorial_are_real() {
    transcripts_of("docs/tutorial.md", &[]);
}

#[test]
fn the_transcripts_of_the_page_on_attribution_are_real() {
    transcripts_of("docs/attribution.md", &["annotated.jsonl"]);
}

#[test]
fn every_command_has_the_help_that_is_kept() {
    run(&root().join("tests/snapshots/*.toml"));
}
