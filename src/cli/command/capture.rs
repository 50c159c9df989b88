//! `capture`: stores documents and records their metadata.
//!
//! Knows the sources of metadata and their precedence; `ingest` also captures through it. Must not know
//! how text is extracted from a page, nor how bytes are stored.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::argument;
use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::super::render::quoted;
use crate::domain::document::{Address, Metadata};
use crate::domain::id::{DocumentId, Name, Sequence};
use crate::domain::moment::{Basis, Date, Moment};
use crate::domain::resolve::Sources;
use crate::domain::text::{Language, Title};
use crate::ledger::intake::outlets::{GivenOutlets, OutletError, Outlets};
use crate::ledger::{self, RecordError, RecordOutcome};
use crate::reading::page::{self, Format, Notice, Page};
use crate::record::draft::Draft;
use crate::record::event::Recorder;

/// The maximum number of notices shown for a page, and the maximum length of each in characters.
const MOST_NOTICES: usize = 20;
const LONGEST_NOTICE: usize = 160;

/// Arguments of `capture`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CaptureArguments {
    /// Files in HTML, Markdown or plain text; `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    description: Description,
}

/// How files are read, and their metadata. Options take precedence over what a page says about itself.
#[derive(Debug, clap::Args)]
pub(super) struct Description {
    /// The format: html, markdown or plain; by default detected from the file name and content
    #[arg(long, value_parser = format)]
    format: Option<Format>,
    /// The title
    #[arg(long)]
    title: Option<Title>,
    /// The outlet that published it, by slug or name; a new one is named as an outlet
    #[arg(long)]
    publisher: Option<String>,
    /// An outlet that republished it; may be repeated, in order
    #[arg(long = "republisher", value_name = "OUTLET")]
    republishers: Vec<String>,
    /// The URL it was retrieved from
    #[arg(long)]
    url: Option<Address>,
    /// The canonical URL it states, as in `<link rel="canonical">`
    #[arg(long)]
    canonical_url: Option<Address>,
    /// The URL of an archived copy
    #[arg(long)]
    archive_url: Option<Address>,
    /// The credit line, such as “Agencies”
    #[arg(long)]
    credit: Option<Name>,
    /// An author, as printed; may be repeated
    #[arg(long = "author", value_name = "NAME")]
    authors: Vec<Name>,
    /// The language tag, such as en
    #[arg(long)]
    language: Option<Language>,
    /// The publication date: 2025, 2025-08, 2025-08-14 or 2025-08-14T09:30:00Z
    #[arg(long, value_name = "DATE")]
    published: Option<Date>,
    /// How the publication date is known
    #[arg(long, value_name = "BASIS", default_value = "printed", value_parser = super::tag::<Basis>())]
    published_basis: Basis,
    /// The date it was retrieved
    #[arg(long, value_name = "DATE")]
    retrieved: Option<Date>,
    /// The earlier capture that this one revises, such as #12
    #[arg(long, value_name = "ID")]
    revises: Option<Sequence>,
    /// Mark it and all assertions in it as confidential; other commands show them only with
    /// --confidential
    #[arg(long)]
    pub(super) confidential: bool,
}

/// A captured file, or one article of a captured file.
pub(super) struct CapturedFile {
    /// The path of the file.
    pub(super) file: PathBuf,
    /// Whether it was recorded or already existed.
    pub(super) receipt: RecordOutcome,
    /// The text extracted from it.
    pub(super) text: String,
    /// Its title, from the options or the page.
    title: Option<Title>,
    /// The earlier capture that it revises, if it is new.
    revises: Option<DocumentId>,
    /// An error if it was already captured and some options would be ignored.
    lost: Result<(), Trouble>,
    /// An error if it was to be confidential but was already captured as not confidential.
    unchanged: Result<(), Trouble>,
    remarks: Remarks,
}

impl CapturedFile {
    fn of(file: &Path, capture: ledger::Capture, receipt: RecordOutcome, kept: Metadata) -> Self {
        let revises = kept.revises.filter(|_| matches!(receipt, RecordOutcome::Recorded(_)));
        let remarks = Remarks::of(&capture.page);
        let (title, text) = (capture.metadata.title, capture.page.text);
        let (lost, unchanged) = (Ok(()), Ok(()));
        Self { file: file.to_owned(), receipt, text, title, revises, lost, unchanged, remarks }
    }

    /// Refuses a document that was already captured if options would be ignored.
    pub(super) fn loses_nothing(&self) -> Result<(), Trouble> {
        self.lost.clone()
    }

    /// Refuses the same, and a document that was to be confidential and is not.
    fn is_as_asked(&self) -> Result<(), Trouble> {
        self.lost.clone().and_then(|()| self.unchanged.clone())
    }

    /// Prints the result as text or JSON.
    pub(super) fn say(&self, context: &mut Context<'_>) -> Result<(), Trouble> {
        if context.json {
            let mut said = self.remarks.json(&self.file, &self.receipt);
            said["revises"] = json!(self.revises);
            context.screen.json(&said)?;
            return Ok(());
        }
        let at = self.receipt.at();
        let is_already = matches!(self.receipt, RecordOutcome::Already(_));
        let word = if is_already { "already captured as" } else { "captured" };
        let title = self.title.as_ref().map(|title| format!(" {}", quoted(title.as_str())));
        let title = title.unwrap_or_else(|| ", untitled".into());
        context.screen.line(format_args!("{word} {at}{title}"))?;
        if let Some(revised) = self.revises {
            context
                .screen
                .line(format_args!("  revises {revised}, an earlier capture of the same URL"))?;
        }
        for remark in self.remarks.lines() {
            context.screen.line(format_args!("  {remark}"))?;
        }
        Ok(())
    }
}

impl<E> From<OutletError<E>> for Trouble
where
    Self: From<E>,
{
    fn from(error: OutletError<E>) -> Self {
        match error {
            OutletError::Number(text) => argument::number_for_source(&text),
            OutletError::Several { text, candidates } => argument::several(&text, &candidates),
            OutletError::Printed { name, candidates } => {
                let message = format!(
                    "the page names {}, which could be {candidates}: give the slug with --publisher \
                     or --republisher",
                    quoted(name.as_str())
                );
                Self::new(ErrorTag::Ambiguous, message)
            }
            OutletError::Refused(refusal) => Self::new(ErrorTag::Refused, refusal),
            OutletError::Name(error) => error.into(),
            OutletError::Failed(error) => error.into(),
        }
    }
}

/// Converts an error. Of several files, the message names the one that was refused.
fn refused(error: RecordError, first: usize, files: &[&Path]) -> Trouble {
    let index = match &error {
        RecordError::Refused { index, .. } | RecordError::Encode { index, .. } => Some(*index),
        _ => None,
    };
    let file = index.and_then(|index| index.checked_sub(first)).and_then(|at| files.get(at));
    match file.filter(|_| files.len() > 1) {
        Some(file) => Trouble::new(ErrorTag::Refused, format!("{}: {error}", file.display())),
        None => error.into(),
    }
}

fn format(text: &str) -> Result<Format, String> {
    match text {
        "plain" => Ok(Format::Plain),
        "markdown" => Ok(Format::Markdown),
        "html" => Ok(Format::Html),
        _ => Err("expected html, markdown or plain".into()),
    }
}

impl CaptureArguments {
    pub(in crate::cli) fn run(self, mut context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let by = context.recorder()?;
        let mut refused = Ok(());
        // Everything recorded is printed, even if another file is refused.
        let say = |captured: &[CapturedFile], context: &mut Context<'_>| {
            for captured in captured {
                match captured.is_as_asked() {
                    Ok(()) => captured.say(context)?,
                    Err(trouble) => refused = refused.clone().and(Err(trouble)),
                }
            }
            Ok(())
        };
        self.description.capture(&self.files, false, &mut context, &by, say)?;
        refused.map(|()| CommandOutcome::Clean)
    }
}

impl Description {
    /// Captures files in order, or with `split` each article in them. All are read and validated before
    /// any is stored, in one commit: if one is refused, none is stored. `say` prints the results before
    /// the ledger is closed.
    pub(super) fn capture(
        &self,
        files: &[PathBuf],
        split: bool,
        context: &mut Context<'_>,
        by: &Recorder,
        say: impl FnOnce(&[CapturedFile], &mut Context<'_>) -> Result<(), Trouble>,
    ) -> Result<Vec<CapturedFile>, Trouble> {
        let mut pages = Vec::with_capacity(files.len());
        for file in files {
            let (original, page) = self.read(file)?;
            for page in self.articles(file, page, split)? {
                pages.push((file.as_path(), original.clone(), page));
            }
        }
        let mut ledger = super::open(context)?;
        let mut outlets = Outlets::among(ledger.sources(super::audience(self.confidential)));
        let mut captures = Vec::with_capacity(pages.len());
        let mut of_files = Vec::with_capacity(pages.len());
        for (file, original, page) in pages {
            let metadata = self.metadata(&mut outlets, &page)?;
            let file_name = file.file_name().and_then(|name| name.to_str());
            captures.push(ledger::Capture {
                file_name: file_name.filter(|name| *name != "-").and_then(|name| name.parse().ok()),
                confidential: self.confidential,
                ..ledger::Capture::described(&original, page, metadata, by.clone())
            });
            of_files.push(file);
        }
        let named = |named| Draft::from(named).confidential(self.confidential);
        let namings: Vec<Draft> = outlets.namings().into_iter().map(named).collect();
        let first = namings.len();
        let refused = |error| refused(error, first, &of_files);
        let receipts = ledger.capture_with(namings, &captures, by).map_err(refused)?;
        let mut all = Vec::with_capacity(captures.len());
        for ((file, capture), receipt) in of_files.iter().zip(captures).zip(&receipts[first..]) {
            let id = DocumentId::at(receipt.at());
            let kept = ledger.captured(id);
            let kept = kept.map_err(|error| super::though(error.into(), &receipts))?;
            let kept = kept.map(|captured| captured.metadata).unwrap_or_default();
            let lost = match receipt {
                RecordOutcome::Already(_) => self.changes_nothing(id, &kept),
                RecordOutcome::Recorded(_) => Ok(()),
            };
            let unchanged = super::stays_as_it_is(&ledger, *receipt, self.confidential);
            let captured = CapturedFile::of(file, capture, *receipt, kept);
            all.push(CapturedFile { lost, unchanged, ..captured });
        }
        super::finish(ledger, context, &receipts, |context| say(&all, context))?;
        Ok(all)
    }

    /// Refuses options that differ from the recorded metadata of a document: capturing it again records
    /// nothing, so they would be ignored.
    fn changes_nothing(&self, id: DocumentId, kept: &Metadata) -> Result<(), Trouble> {
        let given =
            |given: bool, differs: bool, option: &'static str| (given && differs).then_some(option);
        let (url, archive) = (&self.canonical_url, &self.archive_url);
        let retrieved = self.retrieved.map(|at| Moment { at, basis: Basis::Printed });
        let revises = self.revises.map(DocumentId::at);
        let lost: Vec<&str> = [
            given(url.is_some(), *url != kept.canonical_url, "--canonical-url"),
            given(archive.is_some(), *archive != kept.archive_url, "--archive-url"),
            given(self.credit.is_some(), self.credit != kept.credit, "--credit"),
            given(!self.authors.is_empty(), self.authors != kept.authors, "--author"),
            given(self.language.is_some(), self.language != kept.language, "--language"),
            given(retrieved.is_some(), retrieved != kept.retrieved, "--retrieved"),
            given(revises.is_some(), revises != kept.revises, "--revises"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if lost.is_empty() {
            return Ok(());
        }
        let it = if lost.len() == 1 { "it" } else { "them" };
        let lost = lost.join(" and ");
        let message = format!(
            "{id} is already captured, so {lost} would have no effect: omit {it}, or correct the \
             document by recording a `document_corrected` event with `testimony record -`"
        );
        Err(Trouble::new(ErrorTag::Refused, message))
    }

    fn articles(&self, file: &Path, page: Page, split: bool) -> Result<Vec<Page>, Trouble> {
        if !split {
            return Ok(vec![page]);
        }
        let parts = page.parts(self.retrieved).map_err(|error| {
            Trouble::new(ErrorTag::Input, format!("{}: {error}", file.display()))
        })?;
        Ok(parts.into_iter().map(|(_, page)| page).collect())
    }

    fn read(&self, file: &Path) -> Result<(Vec<u8>, Page), Trouble> {
        let trouble = |error: &dyn std::fmt::Display, tag| {
            Trouble::new(tag, format!("{}: {error}", file.display()))
        };
        let mut bytes = Vec::new();
        let most = page::MAX_BYTES as u64 + 1;
        let read = if file == Path::new("-") {
            std::io::stdin().take(most).read_to_end(&mut bytes)
        } else {
            std::fs::File::open(file).and_then(|open| open.take(most).read_to_end(&mut bytes))
        };
        read.map_err(|error| {
            let message = format!("{} cannot be read: {error}", file.display());
            Trouble::new(ErrorTag::File, message)
        })?;
        let name = Some(file).filter(|file| *file != Path::new("-"));
        let told = || Format::of(name, &bytes).map_err(|error| trouble(&error, ErrorTag::Input));
        let format = self.format.map_or_else(told, Ok)?;
        let page = page::read(&bytes, format).map_err(|error| trouble(&error, ErrorTag::Input))?;
        Ok((bytes, page))
    }

    /// The metadata of a page: from the options, or else from the page itself.
    fn metadata<S>(&self, outlets: &mut Outlets<S>, page: &Page) -> Result<Metadata, Trouble>
    where
        S: Sources,
        Trouble: From<S::Error>,
    {
        let publisher = self.publisher.as_deref();
        let given = GivenOutlets { publisher, republishers: &self.republishers };
        let said = outlets.metadata(page, given)?;
        let published = self.published.map(|at| Moment { at, basis: self.published_basis });
        let fetched = self.retrieved.map(|at| Moment { at, basis: Basis::Printed });
        Ok(Metadata {
            title: self.title.clone().or(said.title),
            url: self.url.clone().or(said.url),
            canonical_url: self.canonical_url.clone().or(said.canonical_url),
            archive_url: self.archive_url.clone(),
            publisher: said.publisher,
            republishers: said.republishers,
            credit: self.credit.clone().or(said.credit),
            authors: if self.authors.is_empty() { said.authors } else { self.authors.clone() },
            language: self.language.clone().or(said.language),
            published: published.or(said.published),
            modified: said.modified,
            retrieved: fetched,
            revises: self.revises.map(DocumentId::at),
            derived_from: None,
            notices: said.notices,
        })
    }
}

/// Facts about a page that a user should know before quoting from it.
struct Remarks {
    reader: Name,
    modified: Option<Moment>,
    /// Notices of the outlet about its own article, and their words.
    notices: Vec<(Notice, String)>,
}

impl Remarks {
    fn of(page: &Page) -> Self {
        let words = |notice: &Notice| {
            let span = &notice.span;
            page.text.chars().skip(span.start).take(span.len().min(LONGEST_NOTICE)).collect()
        };
        let notices = page::notices(&page.text).into_iter().take(MOST_NOTICES);
        Self {
            reader: page.reader.name.clone(),
            modified: page.imprint.modified,
            notices: notices.map(|notice| (notice.clone(), words(&notice))).collect(),
        }
    }

    fn json(&self, file: &Path, receipt: &RecordOutcome) -> serde_json::Value {
        let notices = self.notices.iter().map(|(Notice { kind, span }, _)| {
            json!({ "kind": kind, "start": span.start, "end": span.end })
        });
        json!({
            "file": file,
            "document": receipt.at(),
            "already": matches!(receipt, RecordOutcome::Already(_)),
            "reader": self.reader,
            "modified": self.modified,
            "notices": notices.collect::<Vec<_>>(),
        })
    }

    fn lines(&self) -> Vec<String> {
        // The name of a reader contains the character set if that is not UTF-8.
        let mut names = self.reader.as_str().split('/').skip(1);
        let charset = names.find(|name| !name.starts_with("part-"));
        let mut lines: Vec<String> =
            charset.map(|name| format!("read as {name}")).into_iter().collect();
        lines.extend(self.modified.map(|at| format!("modified after publication: {at}")));
        for (Notice { kind, .. }, words) in &self.notices {
            let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
            lines.push(format!("{kind}: {}", quoted(&line)));
        }
        lines
    }
}
