//! The command line: arguments in, one command run, an exit code out.
//!
//! Knows the arguments that all commands share and where the program stands: its environment, its
//! streams, its terminal. Must not know what a command does; each has a file of its own.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::AutoStream;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::ledger::Options;

mod render;
mod signals;

mod exit;

mod argument;
mod context;

mod command;

use context::Context;
use exit::{CommandOutcome, ErrorTag, Trouble};

/// A ledger of who claims what: sourced claims in a sealed log, seen, compared and audited.
#[derive(Debug, Parser)]
#[command(name = "testimony", version, disable_help_subcommand = true, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Options of every command")]
struct Shared {
    /// The ledger's folder
    #[arg(
        long,
        global = true,
        env = "TESTIMONY_LEDGER",
        hide_env_values = true,
        default_value = "./testimony",
        value_name = "DIR"
    )]
    ledger: PathBuf,
    /// Print JSON, and refusals as JSON too
    #[arg(long, global = true)]
    json: bool,
    /// The signing key, if it is not in the ledger's folder
    #[arg(long, global = true, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Record without the signing key; the checkpoint stays as it is
    #[arg(long, global = true)]
    unsigned: bool,
    /// Who records: a name to stand in the ledger, if not that of whoever is logged in
    #[arg(long, global = true, env = "TESTIMONY_BY", hide_env_values = true, value_name = "NAME")]
    by: Option<String>,
    /// Say on standard error what is being done; twice, in detail
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a ledger of the bundled articles, and show what can be done with it
    Demo(command::demo::DemoArguments),
    /// Open a new ledger and make its key
    Init(command::init::InitArguments),
    /// Capture documents: their bytes, their text, and what is said about them
    Capture(command::capture::CaptureArguments),
    /// Capture documents, and propose what is attributed in them: for review, or as lines to record
    Ingest(command::ingest::IngestArguments),
    /// Record one assertion from options, or many events from lines of JSON
    Record(command::record::RecordArguments),
    /// Name a source: its kind, its aliases, and whom it speaks for
    Name(command::name::NameArguments),
    /// Say that an assertion was checked against its document, and what came of it
    Check(command::check::CheckArguments),
    /// Show which sources assert what about something
    Who(command::who::WhoArguments),
    /// List claims, sources or documents
    List(command::list::ListArguments),
    /// Show one assertion, source, document or entry, with its provenance
    Show(command::show::ShowArguments),
    /// Show the entries, newest first
    Log(command::log::LogArguments),
    /// Compare what two outlets or documents say
    Diff(command::diff::DiffArguments),
    /// Verify everything, and locate what is wrong
    Audit(command::audit::AuditArguments),
    /// Sign the log as it is, and print the checkpoint
    Checkpoint(command::checkpoint::CheckpointArguments),
    /// Measure how well attributions were found, against those that people marked
    Score(command::score::ScoreArguments),
    /// Learn from your own annotated articles how attributions are made
    Train(command::train::TrainArguments),
    /// Make the views anew from the log
    Rebuild(command::rebuild::RebuildArguments),
}

/// Runs the program with its arguments and streams.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        // What a store does with damaged files is reported by whoever opened it.
        if !crate::record::log::sled::panic_is_guarded() {
            let _ = writeln!(io::stderr(), "testimony: a fault in the program itself: {panic}");
        }
    }));
    signals::watch();
    run(std::env::args_os().collect())
}

fn run(arguments: Vec<OsString>) -> ExitCode {
    let wants_json = arguments.iter().any(|argument| argument == "--json");
    let mut stderr = anstream::stderr();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) if !error.use_stderr() => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            return ExitCode::from(2);
        }
        Err(error) => return exit::code(Err(misused(&error)), wants_json, &mut stderr),
    };
    speak_up(arguments.shared.verbose);
    let as_json = arguments.shared.json;
    let mut page = render::Screen::new(standard_output(), width());
    let ended = arguments.run(&mut page);
    let flushed = page.flush().map_err(Trouble::from);
    let ended = ended.and_then(|outcome| flushed.map(|()| outcome));
    exit::code(ended, as_json, &mut stderr)
}

/// Standard output, without colours where it takes none. Removing them writes every piece of a line by
/// itself, so the pieces are gathered into blocks behind that.
fn standard_output() -> AutoStream<Box<dyn Write>> {
    let stdout = io::stdout();
    let colours = AutoStream::choice(&stdout);
    AutoStream::new(Box::new(io::BufWriter::new(stdout)), colours)
}

/// What is wrong with the arguments, on one line.
fn misused(error: &clap::Error) -> Trouble {
    let text = error.to_string();
    let told = text.split("\n\nUsage:").next().and_then(|told| told.split("\n\nFor more").next());
    let words: Vec<&str> = told.unwrap_or_default().split_whitespace().collect();
    let words = words.join(" ");
    let words = words.trim_start_matches("error: ");
    Trouble::new(
        ErrorTag::Usage,
        format!("{words}: see `testimony --help`, or --help behind a command"),
    )
}

fn speak_up(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    let colour = io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(colour)
        .with_writer(io::stderr)
        .init();
}

/// Columns of the terminal; a pipe has none.
fn width() -> Option<usize> {
    let is_terminal = io::stdout().is_terminal();
    terminal_size::terminal_size().filter(|_| is_terminal).map(|(width, _)| width.0.into())
}

impl Arguments {
    /// Runs a line of arguments on a page that others write on too.
    fn run_line(line: &[&str], page: &mut render::Screen) -> Result<CommandOutcome, Trouble> {
        let arguments =
            Self::try_parse_from(line).map_err(|error| Trouble::new(ErrorTag::Usage, error))?;
        arguments.run(page)
    }

    fn run(self, page: &mut render::Screen) -> Result<CommandOutcome, Trouble> {
        let Self { shared, command } = self;
        let place = Context {
            ledger: shared.ledger,
            options: Options { key: shared.key, unsigned: shared.unsigned, ..Options::default() },
            by: shared.by,
            json: shared.json,
            page,
            run_line: Self::run_line,
        };
        match command {
            Command::Demo(demo) => demo.run(place),
            Command::Init(init) => init.run(place),
            Command::Capture(capture) => capture.run(place),
            Command::Ingest(ingest) => ingest.run(place),
            Command::Record(record) => record.run(place),
            Command::Name(name) => name.run(place),
            Command::Check(check) => check.run(place),
            Command::Who(who) => who.run(place),
            Command::List(list) => list.run(place),
            Command::Show(show) => show.run(place),
            Command::Log(log) => log.run(place),
            Command::Diff(diff) => diff.run(place),
            Command::Audit(audit) => audit.run(place),
            Command::Checkpoint(checkpoint) => checkpoint.run(place),
            Command::Score(score) => score.run(place),
            Command::Train(train) => train.run(place),
            Command::Rebuild(rebuild) => rebuild.run(place),
        }
    }
}
