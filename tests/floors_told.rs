//! docs/architecture.md tells of every room that the library opens with.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

#[test]
fn every_room_of_the_library_is_in_the_table_on_its_floor() {
    let (library, page) = (read("src/lib.rs"), read("docs/architecture.md"));
    let mut floor = "";
    for line in library.lines() {
        if let Some(told) = line.strip_prefix("// Floor ") {
            floor = told.split_once(':').unwrap().0;
        }
        let Some(room) = line.strip_prefix("pub mod ") else { continue };
        let file = format!("`{}.rs`", room.trim_end_matches(';'));
        let mut numbered = "";
        let row = page.lines().filter(|line| line.starts_with("| ")).find(|line| {
            let number = line.split('|').nth(1).unwrap().trim();
            numbered = if number.is_empty() { numbered } else { number };
            line.contains(&file)
        });
        assert!(row.is_some(), "{file} is not in the table of docs/architecture.md");
        assert_eq!(numbered, floor, "{file} is on another floor in docs/architecture.md");
    }
}
