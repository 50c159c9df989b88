//! Obtains attributions from an external program, which receives a document and answers with lines
//! to record.
//!
//! Knows how to run such a program, and checks everything about its answer: how long it takes, how
//! large it is, and every line of it. Must not know what kind of program it is, or the ledger. The
//! program runs without a shell, with the permissions of the user who runs this one.

use std::io::{self, Read, Write as _};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use thiserror::Error;

use super::{Found, FoundAssertion, ReadDocument, is_our_name};
use crate::domain::claim::{FoundBy, OneOrMore};
use crate::domain::id::Name;
use crate::platform::lines::{self, Lines};
use crate::platform::panic_guard::one_line;
use crate::reading::attribution::EXTRACTOR;
use crate::record::decide::{LocateError, locate};
use crate::record::draft::{
    DocumentReference, Draft, DraftAssertion, DraftBody, DraftError, DraftHop, MAX_LINE_BYTES,
    Passage,
};
use crate::record::event::Kind;

/// The most bytes of a program's answer that are read: 32 MiB.
pub const MAX_BYTES: usize = 32 << 20;

/// The most lines that are accepted for one document.
pub const MAX_LINES: usize = 10_000;

/// How many bytes are kept from the end of its standard error.
const SAID_BYTES: usize = 2048;

/// Why an extractor gave nothing usable.
#[derive(Debug, Error)]
pub enum ExtractorError {
    /// The command has no words, or unclosed quotation marks.
    #[error("`{0}` is not a command: give a program and its arguments, quoted as for a shell")]
    Command(String),
    /// The program did not start.
    #[error(
        "the extractor `{program}` cannot be started ({error}): check its name and its permissions"
    )]
    Start {
        /// The program.
        program: String,
        /// The operating system's error.
        error: io::Error,
    },
    /// The program took too long, and was ended.
    #[error(
        "the extractor was still running after {0} seconds: allow more with --extractor-timeout"
    )]
    TimedOut(u64),
    /// The answer is too large.
    #[error("the extractor printed more than {MAX_BYTES} bytes: make it propose less")]
    TooMuch,
    /// The answer has too many lines.
    #[error("the extractor printed more than {MAX_LINES} lines: make it propose less")]
    TooMany,
    /// The program reported failure.
    #[error("the extractor failed ({status}){}: none of its answer was used", told(said))]
    Failed {
        /// Its exit status.
        status: ExitStatus,
        /// The last line of its standard error.
        said: String,
    },
    /// The answer could not be read.
    #[error("the extractor's answer cannot be read: {0}")]
    Read(io::Error),
    /// A line of the answer is not acceptable.
    #[error("the extractor printed a line that cannot be used: {error}")]
    Line {
        /// The number of the line, counted from 1.
        line: u64,
        /// What is wrong with it.
        error: ExtractorLineError,
    },
}

fn told(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(", with the message “{said}”") }
}

/// Why a line of an extractor's answer is not acceptable.
#[derive(Debug, Error)]
pub enum ExtractorLineError {
    /// It cannot be read as a line.
    #[error(transparent)]
    Line(#[from] lines::LineError),
    /// It is not a draft.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// It is of a kind that an extractor may not propose.
    #[error("an extractor cannot propose a `{}`: only `source_named` and `claim_asserted`", .0.tag())]
    Kind(Kind),
    /// It states the recorder, or what is confidential.
    #[error("`by` and `confidential` are set by the user who runs `ingest`: leave them out")]
    Keeper,
    /// It is about another document.
    #[error("`document` is a different document: give the `id` from the extractor's input")]
    OtherDocument,
    /// It states that a person found it.
    #[error("`found_by` names a person: give the extractor's own name and version")]
    Person,
    /// It states that this program's own grammar found it.
    #[error("`found_by` names `{EXTRACTOR}`, which is this program: give the extractor's own name")]
    NotItself,
    /// Its name for the extractor is not the one given by the user.
    #[error(
        "`found_by` names “{found}”, but --extractor-name is “{given}”: give the same name in both"
    )]
    OtherName {
        /// The name in the line.
        found: Name,
        /// The name given by the user.
        given: Name,
    },
    /// The extractor is named nowhere.
    #[error(
        "it has no `found_by`: give one with a name and version, or use --extractor-name and \
         --extractor-version"
    )]
    Nameless,
    /// Words with control characters, which pages never have.
    #[error("the `words` of its claim contain a control character: remove it")]
    Control,
    /// Words that do not have one place in the document.
    #[error("{what}: {error}")]
    Locate {
        /// The field with the words.
        what: &'static str,
        /// Why they do not have one place.
        error: LocateError,
    },
}

impl ExtractorError {
    /// The line of the answer that it is about.
    pub const fn line(&self) -> Option<u64> {
        match self {
            Self::Line { line, .. } => Some(*line),
            _ => None,
        }
    }
}

/// The name and version under which an extractor is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractorName {
    /// Its name.
    pub name: Name,
    /// Its version.
    pub version: Name,
}

/// A program that reads a document from standard input and writes lines to standard output.
#[derive(Debug, Clone)]
pub struct Extractor {
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
    called: Option<ExtractorName>,
}

impl Extractor {
    /// The program given by a command. The command is split into words as a shell would, but is not
    /// run by a shell: variables, patterns and pipes have no effect.
    ///
    /// # Errors
    ///
    /// The command has no words, or an unclosed quotation mark.
    pub fn new(
        command: &str,
        timeout: Duration,
        called: Option<ExtractorName>,
    ) -> Result<Self, ExtractorError> {
        let mut words = shlex::split(command).unwrap_or_default().into_iter();
        let program = words.next().filter(|program| !program.is_empty());
        let program = program.ok_or_else(|| ExtractorError::Command(one_line(command)))?;
        Ok(Self { program, arguments: words.collect(), timeout, called })
    }

    /// The attributions that the program finds in a document: all of them, or an error.
    ///
    /// # Errors
    ///
    /// The program does not start, does not end successfully and in time, or does not answer with
    /// lines that can be recorded.
    pub fn read(&self, reading: &ReadDocument) -> Result<Found, ExtractorError> {
        let document = json!({
            "id": reading.id,
            "title": reading.title.as_ref().map(|title| title.as_str()),
            "text": reading.body.as_str(),
            "publisher": reading.publisher,
            "published": reading.published,
            "language": reading.language,
        });
        let answer = self.ask(format!("{document}\n").into_bytes())?;
        self.judged(&answer, reading)
    }

    fn ask(&self, question: Vec<u8>) -> Result<Vec<u8>, ExtractorError> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| {
            let program = one_line(&self.program);
            ExtractorError::Start { program, error }
        })?;
        let answer = self.converse(&mut child, question);
        if answer.is_err() {
            // It may have ended already; processes that it started see their pipes close.
            let _ = child.kill();
            let _ = child.wait();
        }
        answer
    }

    fn converse(&self, child: &mut Child, question: Vec<u8>) -> Result<Vec<u8>, ExtractorError> {
        let deadline = Instant::now().checked_add(self.timeout);
        let timed_out = || ExtractorError::TimedOut(self.timeout.as_secs());
        if let Some(mut input) = child.stdin.take() {
            // An extractor need not read the document to its end.
            thread::spawn(move || drop(input.write_all(&question)));
        }
        let said = child.stderr.take().map(last_words);
        let answer = match child.stdout.take().map(answer) {
            Some(answer) => wait(&answer, deadline).ok_or_else(timed_out)?,
            None => Ok(Vec::new()),
        };
        let answer = answer.map_err(ExtractorError::Read)?;
        if answer.len() > MAX_BYTES {
            return Err(ExtractorError::TooMuch);
        }
        let status = ended(child, deadline).map_err(ExtractorError::Read)?.ok_or_else(timed_out)?;
        if !status.success() {
            let patience = Instant::now().checked_add(Duration::from_millis(200));
            let said = said.and_then(|said| wait(&said, patience)).unwrap_or_default();
            return Err(ExtractorError::Failed { status, said });
        }
        Ok(answer)
    }

    fn judged(&self, answer: &[u8], reading: &ReadDocument) -> Result<Found, ExtractorError> {
        let mut found = Found::default();
        let mut lines = Lines::of(answer, MAX_LINE_BYTES);
        for taken in 0.. {
            let (line, text) = match lines.advance() {
                Ok(Some(line)) => line,
                Ok(None) => break,
                Err(error) => {
                    let line = error.line().unwrap_or_default();
                    return Err(ExtractorError::Line { line, error: error.into() });
                }
            };
            if taken == MAX_LINES {
                return Err(ExtractorError::TooMany);
            }
            self.take(text, line, reading, &mut found)
                .map_err(|error| ExtractorError::Line { line, error })?;
        }
        Ok(found)
    }

    fn take(
        &self,
        text: &[u8],
        line: u64,
        reading: &ReadDocument,
        found: &mut Found,
    ) -> Result<(), ExtractorLineError> {
        let Draft { by, request, confidential, event } = Draft::from_line(text)?;
        if by.is_some() || request.is_some() || confidential {
            return Err(ExtractorLineError::Keeper);
        }
        match event {
            DraftBody::SourceNamed(named) => found.sources.push(named),
            DraftBody::ClaimAsserted(mut draft) => {
                draft.document = own(&draft.document, reading)?;
                draft.found_by = Some(self.found_by(draft.found_by.take())?);
                let words = draft.claim.words.as_ref().map(|words| words.as_str());
                if words.is_some_and(|words| words.chars().any(char::is_control)) {
                    return Err(ExtractorLineError::Control);
                }
                let draft = located(*draft, reading)?;
                found.assertions.push(FoundAssertion { draft, line: Some(line) });
            }
            other => return Err(ExtractorLineError::Kind(other.kind())),
        }
        Ok(())
    }

    fn found_by(&self, found_by: Option<FoundBy>) -> Result<FoundBy, ExtractorLineError> {
        match (found_by, &self.called) {
            (Some(FoundBy::Person(_)), _) => Err(ExtractorLineError::Person),
            (None, None) => Err(ExtractorLineError::Nameless),
            (None, Some(ExtractorName { name, version })) => {
                let (name, version) = (name.clone(), version.clone());
                Ok(FoundBy::Extractor { name, version, rule: None, confidence: None })
            }
            (Some(FoundBy::Extractor { name, .. }), _) if is_our_name(&name) => {
                Err(ExtractorLineError::NotItself)
            }
            (Some(FoundBy::Extractor { name, .. }), Some(called)) if name != called.name => {
                Err(ExtractorLineError::OtherName { found: name, given: called.name.clone() })
            }
            (Some(found_by), _) => Ok(found_by),
        }
    }
}

/// Reads the answer on a separate thread: it may never end.
fn answer(output: ChildStdout) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = output.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
        // After a timeout nothing receives it.
        let _ = sender.send(read.map(|_| bytes));
    });
    receiver
}

/// The last line of its standard error, which is read to its end so that the program never blocks.
fn last_words(mut errors: ChildStderr) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let (mut said, mut chunk) = (Vec::new(), [0; 4096]);
        while let Ok(read @ 1..) = errors.read(&mut chunk) {
            said.extend_from_slice(&chunk[..read]);
            said.drain(..said.len().saturating_sub(SAID_BYTES));
        }
        let said = String::from_utf8_lossy(&said);
        let last = said.lines().rfind(|line| !line.trim().is_empty());
        let _ = sender.send(last.map(one_line).unwrap_or_default());
    });
    receiver
}

/// What arrives before the deadline; a deadline too far in the future to compute never arrives.
fn wait<T>(receiver: &Receiver<T>, deadline: Option<Instant>) -> Option<T> {
    match deadline {
        Some(deadline) => {
            receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
        }
        None => receiver.recv().ok(),
    }
}

fn ended(child: &mut Child, deadline: Option<Instant>) -> io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// The document's number, if the draft is about this document.
fn own(
    document: &DocumentReference,
    reading: &ReadDocument,
) -> Result<DocumentReference, ExtractorLineError> {
    let number = reading.id.sequence().get();
    let is_own = match document {
        DocumentReference::Number(given) => *given == number,
        DocumentReference::Text(given) => given.trim_start_matches('#') == number.to_string(),
    };
    if is_own {
        Ok(DocumentReference::Number(number))
    } else {
        Err(ExtractorLineError::OtherDocument)
    }
}

/// The draft with every quotation at its one place in the document.
fn located(
    draft: DraftAssertion,
    reading: &ReadDocument,
) -> Result<DraftAssertion, ExtractorLineError> {
    let all = |passages: Vec<Passage>, what| {
        let found = passages.into_iter().map(|passage| place(&passage, what, reading));
        found.collect::<Result<Vec<_>, _>>()
    };
    let content = all(draft.content.clone().into(), "content")?;
    let mut hops = Vec::with_capacity(draft.hops.len());
    for hop in draft.hops {
        hops.push(DraftHop {
            mention: all(hop.mention, "mention")?,
            cue: all(hop.cue, "cue")?,
            content: all(hop.content, "content")?,
            ..hop
        });
    }
    let condition = draft.condition.as_ref().map(|passage| place(passage, "condition", reading));
    Ok(DraftAssertion {
        // As many as before, and there was at least one.
        content: OneOrMore::try_from(content).unwrap_or(draft.content),
        hops,
        condition: condition.transpose()?,
        ..draft
    })
}

fn place(
    passage: &Passage,
    what: &'static str,
    reading: &ReadDocument,
) -> Result<Passage, ExtractorLineError> {
    let text = reading.zone(passage.zone);
    let absent = || LocateError::NoTitle(one_line(&passage.exact));
    let selector = text.ok_or_else(absent).and_then(|text| locate(passage, text));
    selector.map(Passage::from).map_err(|error| ExtractorLineError::Locate { what, error })
}
