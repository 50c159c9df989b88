//! `list`: lists claims, sources or documents.
//!
//! Knows the filter options and how each of the three is displayed. Must not know how they are found.

use serde_json::{Value, json};

use super::super::argument;
use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::super::render::{
    FAINT, NOTICE, NUMBER, STRONG, Screen, content, count, manner, standing, styled, visible,
};
use crate::answers::view::Clock;
use crate::answers::view::query::{Assertion, Document, Inquiry, Question, Source};
use crate::domain::id::{Sequence, Slug, TopicId};
use crate::domain::moment::Date;

/// The kinds of items that can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ListedKind {
    Claims,
    Sources,
    Documents,
}

/// The date that `--since` applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum By {
    Holds,
    Said,
    Published,
    Retrieved,
}

/// Arguments of `list`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ListArguments {
    /// What to list: claims and documents newest first, sources by slug
    what: ListedKind,
    /// Only claims by this source or one that speaks for it; only documents it published
    #[arg(long)]
    source: Option<String>,
    /// Only claims about this topic
    #[arg(long, value_name = "TOPIC")]
    about: Option<Slug>,
    /// Only claims that were assigned to this topic
    #[arg(long)]
    topic: Option<Slug>,
    /// Only claims in this document
    #[arg(long, value_name = "ID")]
    document: Option<String>,
    /// Only on or after this day
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,
    /// The date that --since applies to: when the claim holds, when it was said, or when its document
    /// was published or retrieved
    #[arg(long, value_enum, default_value_t = By::Published)]
    clock: By,
    /// Only claims that were made by a program and have not been checked
    #[arg(long)]
    unchecked: bool,
    /// Show the results as of this entry or time
    #[arg(long, value_name = "SEQ or TIME")]
    as_of: Option<String>,
    /// The maximum number of items to show, newest first
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    limit: usize,
    /// Include confidential events and sources
    #[arg(long)]
    confidential: bool,
}

impl ListArguments {
    pub(in crate::cli) fn run(self, mut context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let reading = super::read(&context)?;
        let snapshot = &reading.snapshot;
        let before =
            self.as_of.as_deref().map(|text| argument::point(snapshot, text)).transpose()?;
        let inquiry = Inquiry::new(snapshot, before, super::audience(self.confidential))?;
        let source = match &self.source {
            None => None,
            Some(text) => Some(argument::source(&inquiry, text)?),
        };
        let clock = match self.clock {
            By::Holds => Clock::Holds,
            By::Said => Clock::Said,
            By::Published => Clock::Published,
            By::Retrieved => Clock::Retrieved,
        };
        let since = self.since.map(|date| (clock, date.first_day()));
        let document = match &self.document {
            None => None,
            Some(text) => Some(argument::document(&inquiry, snapshot, text)?),
        };
        match self.what {
            ListedKind::Claims => {
                let question = Question {
                    source,
                    about: self.about.map(TopicId::new),
                    topic: self.topic.map(TopicId::new),
                    document,
                    since,
                    unchecked: self.unchecked,
                    ..Question::default()
                };
                claims(&inquiry, &question, self.limit, &mut context)?;
            }
            ListedKind::Documents => {
                let numbers = inquiry.documents(source.as_ref(), since)?;
                let newest = numbers.newest(self.limit);
                documents(&inquiry, newest, numbers.all.len(), &mut context)?;
            }
            ListedKind::Sources
                if self.about.is_some() || self.topic.is_some() || since.is_some() =>
            {
                let message = "sources cannot be filtered by topic or date: list claims, or use \
                               `testimony who`";
                return Err(Trouble::new(ErrorTag::Usage, message));
            }
            ListedKind::Sources => sources(&inquiry, &mut context)?,
        }
        Ok(CommandOutcome::Clean)
    }
}

fn claims(
    inquiry: &Inquiry<'_>,
    question: &Question,
    limit: usize,
    context: &mut Context<'_>,
) -> Result<(), Trouble> {
    let numbers = inquiry.assertions(question)?;
    let newest = numbers.newest(limit);
    for &seq in newest.iter().rev() {
        let Some(assertion) = inquiry.assertion(seq)? else { continue };
        let document = inquiry.document(assertion.asserted.document)?;
        if context.json {
            let json = assertion_json(inquiry, &assertion, document.as_ref())?;
            context.screen.json(&json)?;
        } else {
            let speaker = super::speaker(inquiry, &assertion.asserted, document.as_ref())?;
            line(context.screen, &assertion, &speaker)?;
        }
    }
    ending(context, newest.len(), numbers.all.len(), "assertion", "assertions")
}

/// Prints an assertion on two lines: speaker and content, then manner and status.
pub(super) fn line(page: &mut Screen, assertion: &Assertion, speaker: &str) -> Result<(), Trouble> {
    let number = styled(NUMBER, assertion.id);
    page.wrapped(
        &format!("{number} {} ", styled(STRONG, speaker)),
        4,
        &content(&assertion.asserted),
    )?;
    let mut notes: Vec<String> = Vec::new();
    let manner = manner(&assertion.asserted);
    if !manner.is_empty() {
        notes.push(styled(FAINT, manner));
    }
    notes.extend(standing(assertion).into_iter().map(|word| styled(NOTICE, word)));
    if !notes.is_empty() {
        page.wrapped("    ", 4, &notes.join(" · "))?;
    }
    Ok(())
}

fn documents(
    inquiry: &Inquiry<'_>,
    newest: &[Sequence],
    total: usize,
    context: &mut Context<'_>,
) -> Result<(), Trouble> {
    for &seq in newest.iter().rev() {
        let Some(document) = inquiry.document(crate::domain::id::DocumentId::at(seq))? else {
            continue;
        };
        if context.json {
            context.screen.json(&document_json(&document))?;
            continue;
        }
        let mut text = super::provenance(inquiry, &document)?;
        if document.confidential {
            text.push_str(" · confidential");
        }
        context.screen.wrapped("", 4, &text)?;
    }
    ending(context, newest.len(), total, "document", "documents")
}

fn sources(inquiry: &Inquiry<'_>, context: &mut Context<'_>) -> Result<(), Trouble> {
    let sources = inquiry.sources()?;
    for source in &sources {
        if context.json {
            context.screen.json(&source_json(source))?;
            continue;
        }
        let assertions = count(source.assertions as u64, "assertion", "assertions");
        let mut text = match &source.naming {
            Some(naming) => {
                let named = &naming.named;
                format!("{} · {} · {assertions}", visible(named.name.as_str()), named.kind.tag())
            }
            None => format!("unnamed, known only in its document · {assertions}"),
        };
        if let Some(naming) = &source.naming {
            for principal in &naming.named.speaks_for {
                text.push_str(&format!(" · speaks for {}", principal.source));
            }
            if naming.confidential {
                text.push_str(" · confidential");
            }
        }
        if let Some(into) = &source.merged_into {
            text.push_str(&format!(" · merged into {into}"));
        }
        context.screen.wrapped(&format!("{} ", styled(NUMBER, &source.id)), 4, &text)?;
    }
    ending(context, sources.len(), sources.len(), "source", "sources")
}

fn ending(
    context: &mut Context<'_>,
    shown: usize,
    total: usize,
    one: &str,
    many: &str,
) -> Result<(), Trouble> {
    if context.json {
        return Ok(());
    }
    let words = if shown < total {
        format!("the newest {shown} of {total} {many} (show more with --limit)")
    } else {
        count(total as u64, one, many)
    };
    Ok(context.screen.line(styled(FAINT, words))?)
}

/// An assertion as JSON.
pub(super) fn assertion_json(
    inquiry: &Inquiry<'_>,
    assertion: &Assertion,
    document: Option<&Document>,
) -> Result<Value, Trouble> {
    let later: Vec<Value> =
        assertion.later.iter().map(|(at, event)| json!({ "at": at, "event": event })).collect();
    let mut value = json!({
        "assertion": assertion.id,
        "recorded": assertion.at,
        "by": assertion.by,
        "speaker": super::speaker(inquiry, &assertion.asserted, document)?,
        "asserted": assertion.asserted,
        "unchecked": assertion.unchecked(),
        "voided": assertion.voided(),
        "later": later,
        "document": document.map(document_json),
    });
    if assertion.confidential {
        value["confidential"] = json!(true);
    }
    Ok(value)
}

/// A document as JSON.
pub(super) fn document_json(document: &Document) -> Value {
    let mut value = json!({
        "document": document.id,
        "recorded": document.at,
        "original": document.captured.original,
        "text": document.captured.text,
        "reader": document.captured.reader,
        "metadata": document.captured.metadata,
    });
    for (key, name) in
        [("file_name", &document.captured.file_name), ("media_type", &document.captured.media_type)]
    {
        if let Some(name) = name {
            value[key] = json!(name);
        }
    }
    if document.confidential {
        value["confidential"] = json!(true);
    }
    value
}

/// A source as JSON.
pub(super) fn source_json(source: &Source) -> Value {
    let mut value = json!({ "source": source.id, "assertions": source.assertions });
    if let Some(naming) = &source.naming {
        value["named"] = json!(naming.named);
        value["named_at"] = json!(naming.at);
        if naming.confidential {
            value["confidential"] = json!(true);
        }
    }
    if let Some(into) = &source.merged_into {
        value["merged_into"] = json!(into);
    }
    value
}
