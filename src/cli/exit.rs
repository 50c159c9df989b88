//! Exit codes, decided once, as diff(1) has them.
//!
//! Knows outcomes and troubles. Must not know which command had them.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use serde_json::json;

/// How a command ended when nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandOutcome {
    /// Nothing to report.
    Clean,
    /// There are findings or differences.
    Found,
}

/// What kind of trouble, for programs: a closed list of stable tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorTag {
    /// The command line is off.
    Usage,
    /// The input is no draft, page or quantity.
    Input,
    /// A draft was refused.
    Refused,
    /// What was asked for is not there.
    Absent,
    /// What was asked for could be several things.
    Ambiguous,
    /// The ledger does not open.
    Ledger,
    /// Another process has it.
    Busy,
    /// A file, or the disk.
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

/// Why a command did not do what it was asked.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    tag: ErrorTag,
    message: String,
    line: Option<u64>,
    /// What was recorded before it came up, to be said first.
    recorded: Option<String>,
    /// The reader of our output went away, which is no trouble of ours.
    hung_up: bool,
}

impl Trouble {
    pub(crate) fn new(tag: ErrorTag, message: impl Display) -> Self {
        Self { tag, message: message.to_string(), line: None, recorded: None, hung_up: false }
    }

    /// The trouble is with that line of the input, counted from 1.
    pub(crate) const fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// What was recorded before the trouble came up stays, and is said first.
    pub(crate) fn though_recorded(mut self, what: impl Display) -> Self {
        self.recorded = Some(match self.recorded {
            Some(later) => format!("{what} and {later}"),
            None => what.to_string(),
        });
        self
    }

    /// What is said first of what was recorded.
    fn recorded(&self) -> String {
        self.recorded.as_ref().map(|what| format!("recorded {what}, but ")).unwrap_or_default()
    }

    /// What could not be written was what was recorded: that nobody reads it is a trouble then.
    pub(crate) const fn of_receipts(mut self) -> Self {
        self.hung_up = false;
        self
    }

    /// Events before that line were recorded, and stay.
    pub(crate) fn after(mut self, recorded: u64) -> Self {
        if recorded > 0 {
            let events = super::render::count(recorded, "event was", "events were");
            self.message.push_str(&format!("; {events} recorded before this commit, and stay"));
        }
        self
    }

    /// What is wrong, with every control made visible.
    pub(crate) fn message(&self) -> String {
        super::render::visible(&self.message)
    }

    /// One line for a person.
    fn words(&self) -> String {
        let line = self.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        let recorded = self.recorded();
        format!("testimony: {recorded}{line}{}", self.message())
    }

    /// One line for a program.
    fn json(&self) -> String {
        let message = self.recorded() + &self.message;
        let mut error = json!({ "kind": self.tag.name(), "message": message });
        if let Some(line) = self.line {
            error["line"] = json!(line);
        }
        // A tag, a text and a number always have a JSON form.
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

/// The exit code, once what is to be said of a trouble has been said on `stderr`.
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
    // With no one to hear it, the exit code still says it.
    let _ = writeln!(stderr, "{said}");
    ExitCode::from(2)
}
