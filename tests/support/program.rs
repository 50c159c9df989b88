//! The program, run as people run it: one ledger, one command at a time.
//!
//! Knows how to run the binary and what it said. Must not know what any command is for.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_testimony");

/// What one run said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// The exit code.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout.clone()).expect("UTF-8 on standard output"),
            err: String::from_utf8(output.stderr.clone()).expect("UTF-8 on standard error"),
        }
    }

    /// The one line in which the program says why it did not do it.
    #[track_caller]
    pub(crate) fn refusal(&self) -> &str {
        assert_eq!(self.code, Some(2), "{self:?}");
        let line = self.err.strip_suffix('\n').expect("a whole line on standard error");
        assert!(!line.contains('\n') && line.starts_with("testimony: "), "{self:?}");
        line
    }

    /// The one line of JSON that says so to a program.
    #[track_caller]
    pub(crate) fn refusal_json(&self) -> Value {
        assert_eq!((self.code, self.err.lines().count()), (Some(2), 1), "{self:?}");
        let said: Value = serde_json::from_str(&self.err).expect("JSON on standard error");
        said["error"].clone()
    }

    /// Standard output, of a run that found nothing wrong.
    #[track_caller]
    pub(crate) fn clean(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{self:?}");
        self.out
    }

    /// Every line of standard output as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> Vec<Value> {
        let read = |line: &str| serde_json::from_str(line).expect("JSON on standard output");
        self.clean().lines().map(read).collect()
    }
}

/// A ledger of its own, in a folder that goes away with it.
pub(crate) struct Desk {
    scratch: tempfile::TempDir,
    ledger: PathBuf,
}

impl Desk {
    /// A new ledger.
    pub(crate) fn new() -> Self {
        let scratch = tempfile::tempdir().expect("a folder");
        let ledger = scratch.path().join("ledger");
        Self::opened(scratch, ledger)
    }

    /// A new ledger in a folder on another disk.
    pub(crate) fn on(disk: &Path) -> Self {
        Self::opened(tempfile::tempdir().expect("a folder"), disk.join("ledger"))
    }

    fn opened(scratch: tempfile::TempDir, ledger: PathBuf) -> Self {
        let desk = Self { scratch, ledger };
        desk.run(&["init", "--log-name", "example.org/desk"]).clean();
        desk
    }

    /// A new ledger with one document, #1, of this text.
    pub(crate) fn with_document(text: &str) -> Self {
        let desk = Self::new();
        desk.capture("page.txt", text);
        desk
    }

    /// The folder beside the ledger, for the test's own files.
    pub(crate) fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// The ledger's folder.
    pub(crate) fn ledger(&self) -> &Path {
        &self.ledger
    }

    /// A file of the test's own.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.scratch.path().join(name);
        fs::write(&path, bytes).expect("a file written");
        path.display().to_string()
    }

    /// The program, told which ledger and who records.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.env_remove("TESTIMONY_LEDGER").env("TESTIMONY_BY", "Ana");
        command.arg("--ledger").arg(self.ledger()).args(arguments);
        command
    }

    /// One run with nothing on standard input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let mut command = self.command(arguments);
        Said::of(&command.stdin(Stdio::null()).output().expect("the program runs"))
    }

    /// One run with `input` on standard input.
    pub(crate) fn feed(&self, arguments: &[&str], input: &[u8]) -> Said {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let mut pipe = child.stdin.take().expect("a pipe");
        std::thread::scope(|threads| {
            // Written beside the reading, so that neither waits for the other; the program may
            // stop reading where it refuses.
            threads.spawn(move || {
                let _ = pipe.write_all(input);
            });
            Said::of(&child.wait_with_output().expect("the program ends"))
        })
    }

    /// Records lines of JSON.
    pub(crate) fn record(&self, lines: &[String]) -> Said {
        self.feed(&["record", "-"], format!("{}\n", lines.join("\n")).as_bytes())
    }

    /// Captures a text.
    pub(crate) fn capture(&self, name: &str, text: &str) {
        let file = self.file(name, text.as_bytes());
        self.run(&["capture", &file]).clean();
    }

    /// How many entries the log has.
    pub(crate) fn entries(&self) -> u64 {
        let newest = self.run(&["log", "--json", "--limit", "1"]).json();
        newest[0]["seq"].as_u64().expect("a number") + 1
    }

    /// The checkpoint's bytes.
    pub(crate) fn checkpoint(&self) -> Vec<u8> {
        fs::read(self.ledger().join("checkpoint")).expect("a checkpoint")
    }

    /// Closes a test: the ledger stands up to an audit.
    #[track_caller]
    pub(crate) fn audit(&self) {
        let said = self.run(&["audit"]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    }
}
