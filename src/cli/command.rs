//! The commands, one file each.
//!
//! Knows what several commands share: opening the ledger, converting errors, and displaying names. Must
//! not know what any single command is for.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::Path;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::context::Context;
use super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::render;
use super::render::{Screen, quoted};
use crate::answers::view::ViewError;
use crate::answers::view::query::{Audience, Document, Inquiry};
use crate::domain::claim::ClaimAsserted;
use crate::domain::id::{Sequence, SourceId};
use crate::domain::spelling::{ClosedList, of_tag};
use crate::ledger::{
    Behind, ClockDoubt, Environment, Ledger, OpenError, Reading, RecordError, RecordOutcome,
    StateError,
};
use crate::platform::lines::LineError;
use crate::reading::annotation::AnnotationError;
use crate::record::decide::Undecided;
use crate::record::log::sled;

pub(super) mod audit;
pub(super) mod capture;
pub(super) mod check;
pub(super) mod checkpoint;
pub(super) mod demo;
pub(super) mod diff;
pub(super) mod init;
pub(super) mod list;
pub(super) mod name;
pub(super) mod rebuild;
pub(super) mod record;
pub(super) mod score;
pub(super) mod train;

pub(super) mod show;

pub(super) mod ingest;
pub(super) mod log;
pub(super) mod who;

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Self {
        let tag = match &error {
            OpenError::Log(sled::OpenLogError::Busy { .. }) | OpenError::View(ViewError::Busy) => {
                ErrorTag::Busy
            }
            OpenError::Absent(_) => ErrorTag::Absent,
            OpenError::Folder { .. } | OpenError::Exists(_) | OpenError::NotRegular(_) => {
                ErrorTag::File
            }
            OpenError::Log(
                sled::OpenLogError::NotWritable { .. }
                | sled::OpenLogError::Full { .. }
                | sled::OpenLogError::Files { .. }
                | sled::OpenLogError::NotRegular(_),
            )
            | OpenError::View(ViewError::NotRegular(_)) => ErrorTag::File,
            _ => ErrorTag::Ledger,
        };
        Self::new(tag, error)
    }
}

impl From<RecordError> for Trouble {
    fn from(error: RecordError) -> Self {
        let tag = match &error {
            RecordError::Refused { .. } | RecordError::Encode { .. } => ErrorTag::Refused,
            RecordError::Archive(_) | RecordError::Append(_) => ErrorTag::File,
            _ => ErrorTag::Ledger,
        };
        Self::new(tag, error)
    }
}

impl From<ViewError> for Trouble {
    fn from(error: ViewError) -> Self {
        let tag = match error {
            ViewError::Busy => ErrorTag::Busy,
            ViewError::NotRegular(_) => ErrorTag::File,
            _ => ErrorTag::Ledger,
        };
        Self::new(tag, error)
    }
}

impl From<StateError> for Trouble {
    fn from(error: StateError) -> Self {
        Self::new(ErrorTag::Ledger, error)
    }
}

impl From<Undecided<StateError>> for Trouble {
    fn from(error: Undecided<StateError>) -> Self {
        match error {
            Undecided::Refused(refusal) => Self::new(ErrorTag::Refused, refusal),
            Undecided::Encode(error) => Self::new(ErrorTag::Refused, error),
            Undecided::Failed(error) => error.into(),
        }
    }
}

impl From<LineError> for Trouble {
    fn from(error: LineError) -> Self {
        let tag = if matches!(error, LineError::Unreadable(_)) {
            ErrorTag::File
        } else {
            ErrorTag::Input
        };
        let trouble = Self::new(tag, &error);
        match error.line() {
            Some(line) => trouble.at_line(line),
            None => trouble,
        }
    }
}

/// Converts an error in reading annotated text from a file.
fn unread(file: &Path, error: AnnotationError) -> Trouble {
    let is_file = matches!(error, AnnotationError::Line(LineError::Unreadable(_)));
    let tag = if is_file { ErrorTag::File } else { ErrorTag::Input };
    let trouble = Trouble::new(tag, format!("{}: {error}", file.display()));
    match error.line() {
        Some(line) => trouble.at_line(line),
        None => trouble,
    }
}

/// Opens the input: a file, or standard input for `-`.
fn input(file: &Path) -> Result<Box<dyn BufRead>, Trouble> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let opened = File::open(file).map_err(|error| {
        Trouble::new(ErrorTag::File, format!("{} cannot be read: {error}", file.display()))
    })?;
    Ok(Box::new(BufReader::with_capacity(1 << 16, opened)))
}

/// Opens the ledger for writing. Warns on standard error if it will not be signed or if the clock is
/// in doubt.
fn open(context: &Context<'_>) -> Result<Ledger, Trouble> {
    let ledger = Ledger::open(&context.ledger, &context.options, Environment::system())?;
    if !ledger.is_signed() {
        warn(Behind::Unsigned);
    }
    match ledger.clock((Environment::system().now)()) {
        Err(doubt @ ClockDoubt::BeforeAll) => return Err(OpenError::Clock(doubt).into()),
        Err(doubt) => warn(doubt),
        Ok(()) => {}
    }
    Ok(ledger)
}

/// Prints a warning to standard error. If standard error is closed, the command still continues.
fn warn(doubt: impl Display) {
    let _ = writeln!(anstream::stderr(), "testimony: {doubt}");
}

/// Opens the views for queries. Warns on standard error if they may be behind the log.
fn read(context: &Context<'_>) -> Result<Reading, Trouble> {
    let reading = Ledger::read(&context.ledger, &context.options)?;
    if let Some(behind) = &reading.behind {
        warn(format_args!(
            "{behind} (it covers the entries before {})",
            reading.snapshot.cursor().next
        ));
    }
    Ok(reading)
}

/// Parses a value of a closed list from its tag; the help lists the meaning of each tag.
fn tag<T: ClosedList + Send + Sync>() -> impl TypedValueParser<Value = T> {
    let possible = |value: &T| PossibleValue::new(value.tag()).help(value.meaning().trim());
    let parser = PossibleValuesParser::new(T::ALL.iter().map(possible).collect::<Vec<_>>());
    parser.try_map(|tag: String| of_tag::<T>(&tag))
}

/// Refuses `--confidential` for something that is already recorded as not confidential: recording it
/// again writes nothing.
fn stays_as_it_is(
    ledger: &Ledger,
    receipt: RecordOutcome,
    confidential: bool,
) -> Result<(), Trouble> {
    let RecordOutcome::Already(at) = receipt else { return Ok(()) };
    let is_open = ledger.snapshot().event(at)?.is_some_and(|event| !event.confidential);
    if !(confidential && is_open) {
        return Ok(());
    }
    let message = format!(
        "{at} is already recorded as not confidential, so --confidential would have no effect: omit it"
    );
    Err(Trouble::new(ErrorTag::Refused, message))
}

/// The audience of an answer.
const fn audience(confidential: bool) -> Audience {
    if confidential { Audience::Confidants } else { Audience::Anyone }
}

/// The display name of a source: its name, or else the words its document uses for it.
fn called(inquiry: &Inquiry<'_>, id: &SourceId) -> Result<String, Trouble> {
    Ok(render::visible(&inquiry.name_of(id)?))
}

/// The display names of several sources.
fn all_called<'s>(
    inquiry: &Inquiry<'_>,
    ids: impl IntoIterator<Item = &'s SourceId>,
) -> Result<String, Trouble> {
    let names = ids.into_iter().map(|id| called(inquiry, id));
    Ok(names.collect::<Result<Vec<_>, _>>()?.join(" and "))
}

/// The provenance of a document: its number, title, outlet, republishers and date.
fn provenance(inquiry: &Inquiry<'_>, document: &Document) -> Result<String, Trouble> {
    let metadata = &document.captured.metadata;
    let mut parts = vec![match &metadata.title {
        Some(title) => format!("{} {}", document.id, quoted(title.as_str())),
        None => format!("{}, untitled", document.id),
    }];
    parts.push(outlet(inquiry, document)?);
    for republisher in &metadata.republishers {
        parts.push(format!("via {}", called(inquiry, republisher)?));
    }
    parts.extend(metadata.published.map(|published| published.to_string()));
    Ok(parts.join(", "))
}

/// The display name of a document's outlet, or a phrase for an unnamed outlet.
fn outlet(inquiry: &Inquiry<'_>, document: &Document) -> Result<String, Trouble> {
    let publisher = document.captured.metadata.publisher.as_ref();
    let outlet = publisher.map(std::slice::from_ref).unwrap_or_default();
    Ok(render::visible(&inquiry.call(outlet)?))
}

/// The speaker of an assertion: its origin, or else the outlet, or else a phrase for nobody.
fn speaker(
    inquiry: &Inquiry<'_>,
    asserted: &ClaimAsserted,
    document: Option<&Document>,
) -> Result<String, Trouble> {
    Ok(render::visible(&inquiry.call(&inquiry.speakers(asserted, document))?))
}

/// Prints the receipt of a single draft, and counts what was recorded and what already existed.
fn say_receipts(page: &mut Screen, receipts: &[RecordOutcome]) -> Result<(u64, u64), Trouble> {
    let (mut recorded, mut already) = (0, 0);
    for receipt in receipts {
        match receipt {
            RecordOutcome::Recorded(_) => recorded += 1,
            RecordOutcome::Already(_) => already += 1,
        }
    }
    if let [only] = receipts {
        match only {
            RecordOutcome::Recorded(at) => page.line(format_args!("recorded {at}"))?,
            RecordOutcome::Already(at) => page.line(format_args!("already recorded as {at}"))?,
        }
    }
    Ok((recorded, already))
}

/// Prints what was recorded and closes the ledger. If anything fails from here on, the error begins
/// with what was recorded, since that stays.
fn finish(
    ledger: Ledger,
    context: &mut Context<'_>,
    receipts: &[RecordOutcome],
    say: impl FnOnce(&mut Context<'_>) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let said =
        say(context).and_then(|()| Ok(context.screen.flush()?)).map_err(Trouble::of_receipts);
    let closed = ledger.close().map_err(Trouble::from);
    closed.and(said).map_err(|trouble| though(trouble, receipts))
}

/// The error, preceded by what was recorded before it.
fn though(trouble: Trouble, receipts: &[RecordOutcome]) -> Trouble {
    let recorded = receipts.iter().filter_map(|receipt| match receipt {
        RecordOutcome::Recorded(at) => Some(*at),
        RecordOutcome::Already(_) => None,
    });
    let recorded: Vec<Sequence> = recorded.collect();
    match recorded.as_slice() {
        [] => trouble,
        [one] => trouble.though_recorded(one),
        [first, second] => trouble.though_recorded(format_args!("{first} and {second}")),
        [first, .., last] => trouble.though_recorded(format_args!("{first} to {last}")),
    }
}

/// The outcome of a command: clean, unless something was found.
const fn outcome(found: bool) -> CommandOutcome {
    if found { CommandOutcome::Found } else { CommandOutcome::Clean }
}
