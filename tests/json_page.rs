//! docs/json.md is real: its lines are recorded, its commands run, and what comes is what it shows.
//!
//! The page is one session from its first block to its last, in a folder with the files of
//! tests/transcripts/json. A `jsonl` block is given to `testimony record -`. An `sh` block is a
//! command, with its exit code where that is not 0; the `json` block behind it is what comes, where
//! a string that ends in `…` stands for any that begins so. `TRYCMD=overwrite cargo test
//! --test main -- json_page::` rewrites those blocks.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// Columns of the page.
const WIDTH: usize = 100;

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md")
}

/// The folder of a session.
struct Session {
    folder: tempfile::TempDir,
}

impl Session {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts/json");
        for file in fs::read_dir(files).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
        Self { folder }
    }

    /// What the command prints, on whichever stream, if it ends as it should.
    fn run(&self, arguments: &[String], code: i32, input: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_testimony"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("USER", "ana")
            .env_remove("TESTIMONY_LEDGER")
            .env_remove("TESTIMONY_BY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        command.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = command.wait_with_output().unwrap();
        let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {printed}");
        printed
    }

    fn run_line(&self, line: &str) -> String {
        let (command, code) = line.split_once(" # exit code ").unwrap_or((line, "0"));
        let mut words = words(command);
        assert_eq!(words.remove(0), "testimony", "{line}");
        self.run(&words, code.trim().parse().unwrap(), "")
    }
}

/// Words apart at spaces, quotation marks holding some together.
fn words(command: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for (place, part) in command.split('"').enumerate() {
        if place % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn values(text: &str) -> Vec<Value> {
    let stream = serde_json::Deserializer::from_str(text).into_iter();
    stream.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Whether the value is as shown, field by field.
fn is_as(shown: &Value, value: &Value) -> bool {
    match (shown, value) {
        (Value::String(shown), Value::String(value)) => match shown.strip_suffix('…') {
            Some(beginning) => value.starts_with(beginning),
            None => shown == value,
        },
        (Value::Array(shown), Value::Array(value)) => {
            shown.len() == value.len() && shown.iter().zip(value).all(|(s, v)| is_as(s, v))
        }
        (Value::Object(shown), Value::Object(value)) => {
            shown.len() == value.len()
                && shown.iter().all(|(key, s)| value.get(key).is_some_and(|v| is_as(s, v)))
        }
        (shown, value) => shown == value,
    }
}

/// The value without what differs from run to run.
fn settled(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(settled).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), settled(value))).collect()
        }
        Value::String(text) => {
            let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            let is_time = text.len() == 27 && text.ends_with('Z');
            let is_root = text.len() == 44 && text.ends_with('=');
            let first = text.find(['+', '\n']).filter(|_| text.starts_with("harbour.example/"));
            match first {
                Some(end) => format!("{}…", &text[..=end]).into(),
                None if is_hash || is_time || is_root => "…".into(),
                None => value.clone(),
            }
        }
        other => other.clone(),
    }
}

/// JSON to be read by people: what fits on a line stands on one.
fn shown(value: &Value, indent: usize, used: usize) -> String {
    let line = flat(value);
    let parts: Vec<String> = match value {
        _ if indent + used + line.chars().count() < WIDTH => return line,
        Value::Array(items) => items.iter().map(|item| shown(item, indent + 2, 1)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| format!("\"{key}\": {}", shown(value, indent + 2, key.len() + 5)))
            .collect(),
        _ => return line,
    };
    let (open, close) = if value.is_array() { ("[", "]") } else { ("{", "}") };
    let inner = " ".repeat(indent + 2);
    let parts = parts.join(&format!(",\n{inner}"));
    format!("{open}\n{inner}{parts}\n{}{close}", " ".repeat(indent))
}

fn flat(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("\"{key}\": {}", flat(value)));
            let fields = fields.collect::<Vec<_>>().join(", ");
            if fields.is_empty() { "{}".into() } else { format!("{{ {fields} }}") }
        }
        other => other.to_string(),
    }
}

/// Runs the page, and gives it back with what came in the place of what it shows.
fn run(page: &str, check: bool) -> String {
    let session = Session::new();
    let mut printed = Vec::new();
    let mut fresh = String::new();
    for (place, part) in page.split("```").enumerate() {
        if place > 0 {
            fresh.push_str("```");
        }
        let (language, text) = part.split_once('\n').unwrap_or((part, ""));
        match language {
            _ if place % 2 == 0 => {}
            "jsonl" => {
                let arguments = ["--json", "record", "-"].map(str::to_owned);
                printed = values(&session.run(&arguments, 0, text));
            }
            "sh" => {
                printed =
                    text.trim().lines().flat_map(|line| values(&session.run_line(line))).collect();
            }
            "json" => {
                let is_shown = check && {
                    let wanted = values(text);
                    wanted.len() == printed.len()
                        && wanted.iter().zip(&printed).all(|(shown, value)| is_as(shown, value))
                };
                let printed: Vec<String> =
                    printed.iter().map(|value| shown(&settled(value), 0, 0)).collect();
                let printed = printed.join("\n");
                assert!(!check || is_shown, "the page shows\n{text}\nand there came\n{printed}");
                fresh.push_str(&format!("json\n{printed}\n"));
                continue;
            }
            other => panic!("a block of `{other}` is not run"),
        }
        fresh.push_str(part);
    }
    fresh
}

#[test]
fn what_the_page_shows_is_what_comes() {
    let text = fs::read_to_string(page()).unwrap();
    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        fs::write(page(), run(&text, false)).unwrap();
    } else {
        run(&text, true);
    }
}

#[test]
fn the_page_lists_every_problem_that_an_audit_can_find() {
    let text = fs::read_to_string(page()).unwrap();
    for tag in testimony::finding::Problem::TAGS {
        assert!(text.contains(&format!("`{tag}`")), "docs/json.md does not list {tag}");
    }
}
