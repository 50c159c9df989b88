//! `demo`: creates a ledger from the bundled articles and runs example commands on it.
//!
//! The articles, their metadata and their assertions are those of examples/, built into the program.
//! Running the demo again changes nothing.
//!
//! Knows which commands to show to a new user. Must not know how those commands work.

use std::path::PathBuf;

use serde::Deserialize;

use super::super::argument;
use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::super::render::{FAINT, STRONG, count, for_shell, styled, visible};
use crate::answers::view::lookup;
use crate::domain::document::Metadata;
use crate::domain::text::TextError;
use crate::ledger::{Capture, Environment, Ledger};
use crate::reading::page::{self, Format};
use crate::record::draft::{Draft, DraftBody};
use crate::record::event::{Program, Recorder};

const LOG_NAME: &str = "example.org/testimony/demo";

const DOCUMENTS: &str = include_str!("../../../examples/documents.json");
const ASSERTIONS: &str = include_str!("../../../examples/assertions.jsonl");
const ARTICLES: [(&str, &str); 4] = [
    (
        "articles/vietnam-telegram.md",
        include_str!("../../../examples/articles/vietnam-telegram.md"),
    ),
    (
        "articles/russia-calls-al-jazeera.md",
        include_str!("../../../examples/articles/russia-calls-al-jazeera.md"),
    ),
    (
        "articles/russia-calls-qatar-tribune.md",
        include_str!("../../../examples/articles/russia-calls-qatar-tribune.md"),
    ),
    ("articles/peru-amnesty.md", include_str!("../../../examples/articles/peru-amnesty.md")),
];

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DemoArguments {
    /// The folder to create the ledger in
    #[arg(default_value = "testimony-demo", value_name = "DIR")]
    folder: PathBuf,
}

/// One line of documents.json.
#[derive(Deserialize)]
struct Bundled {
    file: String,
    #[serde(flatten)]
    metadata: Metadata,
}

/// The events that the demo records.
struct Bundle {
    sources: Vec<Draft>,
    documents: Vec<Bundled>,
    assertions: Vec<Draft>,
}

impl Bundle {
    fn read() -> Result<Self, Trouble> {
        let broken = |error: &dyn std::fmt::Display| Trouble::new(ErrorTag::Input, error);
        let documents = serde_json::from_str(DOCUMENTS)?;
        let (mut sources, mut assertions) = (Vec::new(), Vec::new());
        for line in ASSERTIONS.lines() {
            let draft = Draft::from_line(line.as_bytes()).map_err(|error| broken(&error))?;
            let is_naming = matches!(draft.event, DraftBody::SourceNamed(_));
            if is_naming { sources.push(draft) } else { assertions.push(draft) }
        }
        Ok(Self { sources, documents, assertions })
    }

    /// The number of entries in a demo ledger, including the opening.
    fn entries(&self) -> u64 {
        let recorded = self.sources.len() + self.documents.len() + self.assertions.len();
        recorded as u64 + 1
    }
}

impl DemoArguments {
    pub(in crate::cli) fn run(self, mut context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        context.ledger = self.folder;
        let bundle = Bundle::read()?;
        let folder = context.ledger.display().to_string();
        let shown = visible(&folder);
        if holds(&context, &bundle)? {
            context.screen.line(format_args!(
                "{shown} already contains the demo ledger: nothing was changed"
            ))?;
        } else {
            let sources = count(bundle.sources.len() as u64, "source", "sources");
            let documents = count(bundle.documents.len() as u64, "document", "documents");
            let assertions = count(bundle.assertions.len() as u64, "assertion", "assertions");
            make(&context, bundle)?;
            context.screen.line(format_args!("created a ledger in {shown}"))?;
            context.screen.line(format_args!(
                "  named {sources}, captured {documents}, recorded {assertions}"
            ))?;
        }
        let outcome = tour(&mut context, &folder)?;
        context.screen.gap()?;
        context.screen.line(styled(STRONG, "Try next"))?;
        let typed = typed(&folder);
        for command in ["who telegram", "show soax", "list documents"] {
            context.screen.line(format_args!("  testimony --ledger {typed} {command}"))?;
        }
        let note = "(in a source checkout, use `cargo run --release --` instead of `testimony`)";
        context.screen.line(styled(FAINT, format_args!("  {note}")))?;
        Ok(outcome)
    }
}

/// Whether the folder contains the whole demo. Any other ledger is refused.
fn holds(context: &Context<'_>, bundle: &Bundle) -> Result<bool, Trouble> {
    if std::fs::read_dir(&context.ledger).map_or(true, |mut within| within.next().is_none()) {
        Ledger::create(
            &context.ledger,
            LOG_NAME.parse().map_err(|error| Trouble::new(ErrorTag::Usage, error))?,
            &context.options,
            Environment::system(),
        )?;
        return Ok(false);
    }
    let reading = super::read(context)?;
    let cursor = reading.snapshot.cursor();
    if cursor.log.as_deref() != Some(LOG_NAME) {
        let message = format!(
            "{} contains another ledger: give a different folder",
            context.ledger.display()
        );
        return Err(Trouble::new(ErrorTag::Usage, message));
    }
    Ok(cursor.next.get() >= bundle.entries())
}

fn make(context: &Context<'_>, bundle: Bundle) -> Result<(), Trouble> {
    let usage = |error: TextError| Trouble::new(ErrorTag::Usage, error);
    let name = env!("CARGO_PKG_NAME").parse().map_err(usage)?;
    let version = env!("CARGO_PKG_VERSION").parse().map_err(usage)?;
    let by = Recorder::program(Program { name, version, model: None });
    let mut ledger = super::open(context)?;
    ledger.record(bundle.sources, &by)?;
    for Bundled { file, metadata } in bundle.documents {
        let article = ARTICLES.iter().find(|(name, _)| *name == file).map(|(_, text)| text);
        let original = article.copied().unwrap_or_default().as_bytes();
        let page = page::read(original, Format::Markdown)
            .map_err(|error| Trouble::new(ErrorTag::Input, error))?;
        ledger.capture(Capture::described(original, page, metadata, by.clone()))?;
    }
    ledger.record(bundle.assertions, &by)?;
    Ok(ledger.close()?)
}

/// Runs the example commands. Differences in the comparison are expected, so only the audit determines
/// the outcome.
fn tour(context: &mut Context<'_>, folder: &str) -> Result<CommandOutcome, Trouble> {
    let mut outcome = CommandOutcome::Clean;
    let [left, right] = compared(context)?;
    let typed = typed(folder);
    for (question, arguments) in [
        ("Who says what about Telegram's users?", vec!["who", "telegram", "users"]),
        ("Where does the figure of 70 percent come from?", vec!["show", "70 percent"]),
        ("How do two outlets report the same news?", vec!["diff", &left, &right]),
        ("Is the ledger intact?", vec!["audit"]),
    ] {
        let quote = |word: &&str| {
            if word.contains(' ') { format!("\"{word}\"") } else { (*word).to_owned() }
        };
        let shown = arguments.iter().map(quote).collect::<Vec<_>>().join(" ");
        context.screen.gap()?;
        context.screen.line(styled(STRONG, question))?;
        context.screen.line(styled(FAINT, format_args!("  testimony --ledger {typed} {shown}")))?;
        context.screen.gap()?;
        let line = [&["testimony", "--ledger", folder], &arguments[..]].concat();
        let ended = (context.run_line)(&line, context.screen)?;
        if shown == "audit" {
            outcome = ended;
        }
    }
    Ok(outcome)
}

/// A folder as a command argument that can be copied into a shell.
fn typed(folder: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+@".contains(letter);
    if folder.chars().all(is_plain) { folder.to_owned() } else { for_shell(folder) }
}

/// The numbers of the two articles about the same news.
fn compared(context: &Context<'_>) -> Result<[String; 2], Trouble> {
    let reading = super::read(context)?;
    let number = |url: &str| {
        let found = lookup::documents_at(&reading.snapshot, url)?;
        let first = found.first().ok_or_else(|| argument::absent(url))?;
        Ok::<_, Trouble>(first.sequence().get().to_string())
    };
    Ok([
        number("https://example.org/testimony/russia-calls-al-jazeera")?,
        number("https://example.org/testimony/russia-calls-qatar-tribune")?,
    ])
}
