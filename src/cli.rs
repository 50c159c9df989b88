//! The command line: parses the arguments, runs one command and returns its exit code.
//!
//! Knows the arguments that all commands share, and the program's environment, standard streams and
//! terminal. Must not know what a command does; each command has its own file.

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

/// An append-only ledger of who claims what: record sourced claims, query, compare and audit them
#[derive(Debug, Parser)]
#[command(name = "testimony", version, disable_help_subcommand = true, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// The options of every command.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Global options")]
struct Shared {
    /// The ledger folder
    #[arg(
        long,
        global = true,
        env = "TESTIMONY_LEDGER",
        hide_env_values = true,
        default_value = "./testimony",
        value_name = "DIR"
    )]
    ledger: PathBuf,
    /// Print results and errors as JSON
    #[arg(long, global = true)]
    json: bool,
    /// The signing key, if it is not in the ledger folder
    #[arg(long, global = true, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Record without the signing key; the checkpoint is not updated
    #[arg(long, global = true)]
    unsigned: bool,
    /// The recorder's name, stored with each new event; by default your user name
    #[arg(long, global = true, env = "TESTIMONY_BY", hide_env_values = true, value_name = "NAME")]
    by: Option<String>,
    /// Log progress to standard error; repeat for more detail
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a ledger from the bundled articles and show example commands
    Demo(command::demo::DemoArguments),
    /// Create a new ledger and its signing key
    Init(command::init::InitArguments),
    /// Capture documents: store their bytes, text and metadata
    Capture(command::capture::CaptureArguments),
    /// Capture documents and propose the attributions found in them, for review or as JSON lines
    Ingest(command::ingest::IngestArguments),
    /// Record one assertion from options, or many events from JSON lines
    Record(command::record::RecordArguments),
    /// Name a source: its kind, its aliases and the sources it speaks for
    Name(command::name::NameArguments),
    /// Record the outcome of checking an assertion against its document
    Check(command::check::CheckArguments),
    /// Search assertions by their words and show who asserts what
    Who(command::who::WhoArguments),
    /// List claims, sources or documents
    List(command::list::ListArguments),
    /// Show one assertion, source, document or entry with its provenance
    Show(command::show::ShowArguments),
    /// Show the log's entries, newest first
    Log(command::log::LogArguments),
    /// Compare the assertions of two outlets or documents
    Diff(command::diff::DiffArguments),
    /// Verify the whole ledger and report every problem
    Audit(command::audit::AuditArguments),
    /// Sign the current log and print the checkpoint
    Checkpoint(command::checkpoint::CheckpointArguments),
    /// Score predicted attributions against annotated articles
    Score(command::score::ScoreArguments),
    /// Train an attribution model on your own annotated articles
    Train(command::train::TrainArguments),
    /// Rebuild the views from the log
    Rebuild(command::rebuild::RebuildArguments),
}

/// Runs the program with the process's arguments and standard streams.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        // A panic in the store over damaged files is caught and reported where the store is opened.
        if !crate::record::log::sled::panic_is_guarded() {
            let _ = writeln!(io::stderr(), "testimony: internal error, please report it: {panic}");
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

/// Standard output, without colours if it does not support them. The stripping writer makes a separate
/// write for each piece of a line, so a buffer behind it collects the pieces into blocks.
fn standard_output() -> AutoStream<Box<dyn Write>> {
    let stdout = io::stdout();
    let colours = AutoStream::choice(&stdout);
    AutoStream::new(Box::new(io::BufWriter::new(stdout)), colours)
}

/// Turns an argument error into a message of one line.
fn misused(error: &clap::Error) -> Trouble {
    let text = error.to_string();
    let told = text.split("\n\nUsage:").next().and_then(|told| told.split("\n\nFor more").next());
    let words: Vec<&str> = told.unwrap_or_default().split_whitespace().collect();
    let words = words.join(" ");
    let words = words.trim_start_matches("error: ");
    Trouble::new(
        ErrorTag::Usage,
        format!("{words}: see `testimony --help` or `testimony COMMAND --help`"),
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

/// The width of the terminal in columns, or `None` if the output is not a terminal.
fn width() -> Option<usize> {
    let is_terminal = io::stdout().is_terminal();
    terminal_size::terminal_size().filter(|_| is_terminal).map(|(width, _)| width.0.into())
}

impl Arguments {
    /// Parses and runs one line of arguments, writing to a page that the caller also uses.
    fn run_line(line: &[&str], page: &mut render::Screen) -> Result<CommandOutcome, Trouble> {
        let arguments =
            Self::try_parse_from(line).map_err(|error| Trouble::new(ErrorTag::Usage, error))?;
        arguments.run(page)
    }

    fn run(self, page: &mut render::Screen) -> Result<CommandOutcome, Trouble> {
        let Self { shared, command } = self;
        let context = Context {
            ledger: shared.ledger,
            options: Options { key: shared.key, unsigned: shared.unsigned, ..Options::default() },
            by: shared.by,
            json: shared.json,
            screen: page,
            run_line: Self::run_line,
        };
        match command {
            Command::Demo(demo) => demo.run(context),
            Command::Init(init) => init.run(context),
            Command::Capture(capture) => capture.run(context),
            Command::Ingest(ingest) => ingest.run(context),
            Command::Record(record) => record.run(context),
            Command::Name(name) => name.run(context),
            Command::Check(check) => check.run(context),
            Command::Who(who) => who.run(context),
            Command::List(list) => list.run(context),
            Command::Show(show) => show.run(context),
            Command::Log(log) => log.run(context),
            Command::Diff(diff) => diff.run(context),
            Command::Audit(audit) => audit.run(context),
            Command::Checkpoint(checkpoint) => checkpoint.run(context),
            Command::Score(score) => score.run(context),
            Command::Train(train) => train.run(context),
            Command::Rebuild(rebuild) => rebuild.run(context),
        }
    }
}
