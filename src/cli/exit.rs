//! Outcomes, errors and exit codes. The exit codes follow diff(1): 0 for a clean result, 1 for findings
//! or differences, 2 for an error.
//!
//! Knows how errors are printed. Must not know which command caused them.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use serde_json::json;

/// The result of a command that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandOutcome {
    /// Nothing to report.
    Clean,
    /// Findings or differences were reported.
    Found,
}

/// The kind of an error: a closed list of stable tags for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorTag {
    /// The command line is invalid.
    Usage,
    /// The input is not a valid draft, page or quantity.
    Input,
    /// A draft was refused.
    Refused,
    /// The item asked for does not exist.
    Absent,
    /// The reference matches several items.
    Ambiguous,
    /// The ledger cannot be opened or read.
    Ledger,
    /// Another process holds the ledger.
    Busy,
    /// A file or the disk failed.
    File,
}

impl ErrorTag {
    const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Input => "input",
            Self::Refused => "refused",
            Self::Absent => "absent",
            Self::Ambiguous => "ambiguous",
            Self::Ledger => "ledger",
            Self::Busy => "busy",
            Self::File => "file",
        }
    }
}

/// The error of a command that failed.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    tag: ErrorTag,
    message: String,
    line: Option<u64>,
    /// What was recorded before the error; the message begins with it.
    recorded: Option<String>,
    /// Whether the reader of the output closed it, which is not an error.
    hung_up: bool,
}

impl Trouble {
    pub(crate) fn new(tag: ErrorTag, message: impl Display) -> Self {
        Self { tag, message: message.to_string(), line: None, recorded: None, hung_up: false }
    }

    /// Sets the line of the input that caused the error, counted from 1.
    pub(crate) const fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// Sets what was recorded before the error; it stays recorded, and the message begins with it.
    pub(crate) fn though_recorded(mut self, what: impl Display) -> Self {
        self.recorded = Some(match self.recorded {
            Some(later) => format!("{what} and {later}"),
            None => what.to_string(),
        });
        self
    }

    /// The beginning of the message: what was recorded.
    fn recorded(&self) -> String {
        self.recorded.as_ref().map(|what| format!("recorded {what}, but ")).unwrap_or_default()
    }

    /// Marks the unwritten output as receipts of recorded events, so that a closed output is an error.
    pub(crate) const fn of_receipts(mut self) -> Self {
        self.hung_up = false;
        self
    }

    /// Adds that events of earlier commits were recorded and remain.
    pub(crate) fn after(mut self, recorded: u64) -> Self {
        if recorded > 0 {
            let events = super::render::count(recorded, "event", "events");
            self.message.push_str(&format!("; {events} from earlier commits stay recorded"));
        }
        self
    }

    /// The message, with every control character made visible.
    pub(crate) fn message(&self) -> String {
        super::render::visible(&self.message)
    }

    /// The error as one line of text.
    fn words(&self) -> String {
        let line = self.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        let recorded = self.recorded();
        format!("testimony: {recorded}{line}{}", self.message())
    }

    /// The error as one line of JSON.
    fn json(&self) -> String {
        let message = self.recorded() + &self.message;
        let mut error = json!({ "kind": self.tag.name(), "message": message });
        if let Some(line) = self.line {
            error["line"] = json!(line);
        }
        // A tag, a string and a number can always be encoded.
        super::render::json_line(&json!({ "error": error })).unwrap_or_default()
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        let hung_up = error.kind() == io::ErrorKind::BrokenPipe;
        Self {
            hung_up,
            ..Self::new(ErrorTag::File, format!("the output cannot be written: {error}"))
        }
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        io::Error::from(error).into()
    }
}

/// Prints an error, if any, to `stderr` and returns the exit code.
pub(crate) fn code(
    ended: Result<CommandOutcome, Trouble>,
    as_json: bool,
    stderr: &mut dyn io::Write,
) -> ExitCode {
    let trouble = match ended {
        Ok(CommandOutcome::Clean) => return ExitCode::SUCCESS,
        Ok(CommandOutcome::Found) => return ExitCode::from(1),
        Err(trouble) if trouble.hung_up => return ExitCode::SUCCESS,
        Err(trouble) => trouble,
    };
    let said = if as_json { trouble.json() } else { trouble.words() };
    // If standard error is closed, the exit code still reports the error.
    let _ = writeln!(stderr, "{said}");
    ExitCode::from(2)
}
