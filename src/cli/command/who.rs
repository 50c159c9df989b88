//! `who`: searches assertions and shows them by speaker.
//!
//! Knows how speakers and their assertions are displayed. Must not know how they are found.

use serde_json::{Value, json};

use super::super::argument;
use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::super::render::{
    FAINT, NOTICE, NUMBER, STRONG, Screen, content, figure, json_line, manner, quoted, standing,
    styled, visible,
};
use super::list::{assertion_json, source_json};
use crate::answers::view::query::{Assertion, Audience, Document, Inquiry, Question, origin};
use crate::answers::view::speakers::{Heard, Hearing};

/// Arguments of `who`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct WhoArguments {
    /// The words to search for; all must match the claim, its subject or topic, its document's title or
    /// a source in its attribution chain
    #[arg(required = true)]
    query: Vec<String>,
    /// The maximum number of assertions to show, newest first
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    limit: usize,
    /// Show the results as of this entry or time
    #[arg(long, value_name = "SEQ or TIME")]
    as_of: Option<String>,
}

impl WhoArguments {
    pub(in crate::cli) fn run(self, context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let text = self.query.join(" ");
        if crate::answers::view::words(&text).is_empty() {
            let message = format!(
                "{} contains no words to search for: give at least one word",
                quoted(&text)
            );
            return Err(Trouble::new(ErrorTag::Usage, message));
        }
        let reading = super::read(&context)?;
        let snapshot = &reading.snapshot;
        let before =
            self.as_of.as_deref().map(|text| argument::point(snapshot, text)).transpose()?;
        let inquiry = Inquiry::new(snapshot, before, Audience::Anyone)?;
        let question = Question { text: text.clone(), ..Question::default() };
        let numbers = inquiry.assertions(&question)?;
        let newest = numbers.newest(self.limit);
        let speaking = inquiry.hearing(newest)?;
        if context.json {
            let before = inquiry.before();
            let head = json!({
                "query": text, "before": before, "total": numbers.all.len(), "shown": newest.len(),
            });
            answer(&inquiry, &head, speaking, context.screen)?;
            return Ok(CommandOutcome::Clean);
        }
        let page = context.screen;
        if speaking.is_empty() {
            page.line(format_args!("no assertion matches {}", quoted(&text)))?;
            return Ok(CommandOutcome::Clean);
        }
        let sources = speaking.len();
        for (place, one) in speaking.into_iter().enumerate() {
            if place > 0 {
                page.gap()?;
            }
            let kind = one.kind.map(|kind| format!(" · {}", kind.tag())).unwrap_or_default();
            let speaker = visible(&one.speaker);
            page.line(format_args!("{}{}", styled(STRONG, speaker), styled(FAINT, kind)))?;
            for heard in one.assertions(&inquiry) {
                let Heard { assertion, document } = heard?;
                show(page, &inquiry, &assertion, document.as_ref())?;
            }
        }
        page.gap()?;
        let (shown, total) = (newest.len(), numbers.all.len());
        let of = if shown < total {
            format!("the newest {shown} of {total} assertions (show more with --limit)")
        } else {
            super::super::render::count(total as u64, "assertion", "assertions")
        };
        let by = super::super::render::count(sources as u64, "speaker", "speakers");
        page.line(styled(FAINT, format_args!("{of} by {by}")))?;
        if before.is_some() {
            let note = "as of the requested point, without entries erased since";
            page.line(styled(FAINT, note))?;
        }
        Ok(CommandOutcome::Clean)
    }
}

fn show(
    page: &mut super::super::render::Screen,
    inquiry: &Inquiry<'_>,
    assertion: &Assertion,
    document: Option<&Document>,
) -> Result<(), Trouble> {
    let asserted = &assertion.asserted;
    let number = styled(NUMBER, assertion.id);
    page.wrapped(&format!("  {number} "), 6, &content(asserted))?;
    let figures: Vec<String> = asserted.claim.quantities.iter().map(figure).collect();
    if !figures.is_empty() {
        page.wrapped("      ", 6, &figures.join("; "))?;
    }
    let mut details = Vec::new();
    for hop in asserted.hops.iter().filter(|hop| hop.sources.as_slice() != origin(asserted)) {
        let names = super::all_called(inquiry, hop.sources.as_slice())?;
        details.push(format!("{} {names}", super::show::passed_on(hop.role)));
    }
    if let Some(holds) = &asserted.claim.holds {
        details.push(format!("holds {holds}"));
    }
    let manner = manner(asserted);
    if !manner.is_empty() {
        details.push(manner);
    }
    details.extend(
        document
            .map(|document| super::provenance(inquiry, document))
            .transpose()?
            .map(|provenance| format!("in {provenance}")),
    );
    page.wrapped("      ", 6, &styled(FAINT, details.join(" · ")))?;
    let standing = standing(assertion);
    if !standing.is_empty() {
        page.wrapped("      ", 6, &styled(NOTICE, standing.join("; ")))?;
    }
    Ok(())
}

/// Writes one line of JSON while its parts are read: it can be too long to build in memory.
fn answer(
    inquiry: &Inquiry<'_>,
    head: &Value,
    speaking: Vec<Hearing>,
    page: &mut Screen,
) -> Result<(), Trouble> {
    let head = json_line(head)?;
    page.json_frame(head.trim_end_matches('}'))?;
    page.json_frame(",\"sources\":[")?;
    for (place, one) in speaking.into_iter().enumerate() {
        page.json_frame(if place > 0 { ",{\"speaker\":" } else { "{\"speaker\":" })?;
        page.json_part(&visible(&one.speaker))?;
        page.json_frame(",\"source\":")?;
        let source = match &one.source {
            Some(id) => inquiry.source(id)?.map(|source| source_json(&source)),
            None => None,
        };
        page.json_part(&source)?;
        page.json_frame(",\"assertions\":[")?;
        for (place, heard) in one.assertions(inquiry).enumerate() {
            let Heard { assertion, document } = heard?;
            page.json_frame(if place > 0 { "," } else { "" })?;
            page.json_part(&assertion_json(inquiry, &assertion, document.as_ref())?)?;
        }
        page.json_frame("]}")?;
    }
    page.json_frame("]}\n")?;
    Ok(())
}
