# The everyday commands. `just` lists them.

# List the commands
default:
    @just --list

# Build the program
build:
    cargo build

# Run all tests, or those of one module of tests/main.rs: just test decisions
test module="":
    cargo test {{ if module == "" { "" } else { "--test main " + module + "::" } }}

# Format the sources
format:
    cargo fmt
    cargo fmt --manifest-path fuzz/Cargo.toml

# Look for mistakes
lint:
    cargo clippy --all-targets -- -D warnings

# Build the documentation and open it
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --open

# Rewrite the sessions in the documentation and the help texts, and show what changed
transcripts:
    TRYCMD=overwrite cargo test --test main -- transcripts:: json_page::
    git diff README.md docs tests/snapshots

# Check licences, advisories and sources of the dependencies
deny:
    cargo deny check

# Fuzz each target, or some: just fuzz 600 html
fuzz seconds="60" *targets:
    fuzz/run {{ seconds }} {{ targets }}

# Measure beside SQLite
bench:
    cargo bench --bench beside_sqlite

# Everything that must hold before a change goes in
ci:
    .ci/run
