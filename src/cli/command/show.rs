//! `show`: displays one assertion, source, document or entry with its provenance.
//!
//! Knows how each of the four is displayed in full. Must not know how it was found.

use serde_json::json;

use super::super::argument::{self, Subject};
use super::super::context::Context;
use super::super::exit::{CommandOutcome, Trouble};
use super::super::render::{
    FAINT, NOTICE, NUMBER, STRONG, Screen, content, count, figure, manner, quoted, standing,
    styled, visible,
};
use super::list::{assertion_json, document_json, line, source_json};
use crate::answers::view::query::{Assertion, Document, Inquiry, Question};
use crate::answers::view::{Row, Snapshot};
use crate::domain::claim::{FoundBy, Role};
use crate::domain::id::{DocumentId, Name, Sequence, SourceId};
use crate::domain::selector::Selector;
use crate::record::event::{Body, Event, Recorder};

/// Arguments of `show`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ShowArguments {
    /// `#41`, six or more digits of a hash, a source's slug or name, a document's URL, or words that
    /// only one assertion contains
    #[arg(value_name = "ID")]
    id: String,
    /// Show it even if it is confidential
    #[arg(long)]
    confidential: bool,
}

/// Describes a hop's role in relation to the hop before it.
pub(super) const fn passed_on(role: Role) -> &'static str {
    match role {
        Role::Said => "as said by",
        Role::Quoted => "as quoted from",
        Role::ToldTo => "told to",
        Role::BasedOn => "based on",
        Role::Relayed => "relayed by",
    }
}

/// Describes the role of a hop in an attribution chain.
pub(super) const fn part(role: Role) -> &'static str {
    match role {
        Role::Said => "said it",
        Role::Quoted => "was quoted",
        Role::ToldTo => "was told it",
        Role::BasedOn => "was the basis",
        Role::Relayed => "relayed it",
    }
}

impl ShowArguments {
    pub(in crate::cli) fn run(self, mut context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let reading = super::read(&context)?;
        let snapshot = &reading.snapshot;
        let inquiry = Inquiry::new(snapshot, None, super::audience(self.confidential))?;
        let found = argument::subject(&inquiry, snapshot, &self.id)?;
        let (seq, event) = match found {
            Subject::Source(id) => {
                source(&inquiry, &id, &mut context)?;
                return Ok(CommandOutcome::Clean);
            }
            Subject::Entry(seq) => (seq, snapshot.row(seq)?),
        };
        let row = match event {
            Some(row) if !inquiry.withheld().hides(seq, own_word(&row)) => row,
            _ => return Err(argument::absent(&self.id)),
        };
        if let Some(assertion) = inquiry.assertion(seq)? {
            let document = inquiry.document(assertion.asserted.document)?;
            if context.json {
                let mut value = assertion_json(&inquiry, &assertion, document.as_ref())?;
                value["entry"] = entry_json(&row, snapshot)?;
                context.screen.json(&value)?;
            } else {
                self::assertion(&inquiry, &assertion, document.as_ref(), context.screen)?;
                entry(&row, context.screen)?;
            }
            return Ok(CommandOutcome::Clean);
        }
        if let Some(document) = inquiry.document(DocumentId::at(seq))? {
            if context.json {
                let mut value = document_json(&document);
                value["entry"] = entry_json(&row, snapshot)?;
                context.screen.json(&value)?;
            } else {
                self::document(&inquiry, &document, context.screen)?;
                entry(&row, context.screen)?;
            }
            return Ok(CommandOutcome::Clean);
        }
        other(&row, snapshot, &mut context)?;
        Ok(CommandOutcome::Clean)
    }
}

/// Whether a row's event is itself marked as confidential.
fn own_word(row: &Row) -> bool {
    matches!(row.event(), Some(Ok(event)) if event.confidential)
}

fn entry_json(row: &Row, snapshot: &Snapshot) -> Result<serde_json::Value, Trouble> {
    let entry = snapshot.entry(row)?;
    Ok(json!({
        "seq": entry.seq, "prev": entry.prev, "at": entry.at, "commit": entry.commit,
        "hash": row.hash,
    }))
}

fn entry(row: &Row, page: &mut Screen) -> Result<(), Trouble> {
    page.gap()?;
    page.line(styled(FAINT, format_args!("entry {} recorded {}", row.seq, row.at)))?;
    page.line(styled(FAINT, format_args!("  hash       {}", row.hash)))?;
    page.line(styled(FAINT, format_args!("  commitment {}", row.commit)))?;
    Ok(())
}

/// `“police” at 649–655`.
fn places(selectors: &[Selector]) -> String {
    let one = |selector: &Selector| {
        let (start, end) = selector.text().span();
        format!("{} at {start}–{end}", quoted(selector.exact()))
    };
    selectors.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// `334–421, 430–437 of the body`.
fn spans(selectors: &[Selector]) -> String {
    let one = |selector: &Selector| {
        let (start, end) = selector.text().span();
        let zone = selector.text().zone();
        match selector {
            Selector::Text(_) => format!("{start}–{end} of the {zone}"),
            Selector::Page(page) => format!("{start}–{end} of the {zone}, page {}", page.page()),
        }
    };
    selectors.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn assertion(
    inquiry: &Inquiry<'_>,
    assertion: &Assertion,
    document: Option<&Document>,
    page: &mut Screen,
) -> Result<(), Trouble> {
    let asserted = &assertion.asserted;
    page.wrapped(
        &format!("{} ", styled(NUMBER, assertion.id)),
        4,
        &styled(STRONG, content(asserted)),
    )?;
    let claim = &asserted.claim;
    let words = visible(claim.words.as_str());
    if !content(asserted).contains(&words) {
        page.wrapped("    claim    ", 13, &words)?;
    }
    for quantity in &claim.quantities {
        page.wrapped("    figure   ", 13, &figure(quantity))?;
    }
    let about = claim.about.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    for (label, text) in [
        ("about    ", about),
        (
            "where    ",
            claim.place.as_ref().map(|place| visible(place.as_str())).unwrap_or_default(),
        ),
        ("holds    ", claim.holds.map(|holds| holds.to_string()).unwrap_or_default()),
        ("said     ", asserted.said.map(|said| said.to_string()).unwrap_or_default()),
        ("manner   ", manner(asserted)),
        ("against  ", super::all_called(inquiry, &asserted.against)?),
        (
            "if       ",
            asserted.condition.as_ref().map(|one| quoted(one.exact())).unwrap_or_default(),
        ),
    ] {
        if !text.is_empty() {
            page.wrapped(&format!("    {label}"), 13, &text)?;
        }
    }
    page.wrapped("    found by ", 13, &found_by(assertion))?;
    for word in standing(assertion) {
        page.line(format_args!("    {}", styled(NOTICE, word)))?;
    }
    page.gap()?;
    chain(inquiry, assertion, document, page)?;
    page.gap()?;
    page.wrapped("  at ", 5, &spans(asserted.content.as_slice()))?;
    if let Some(document) = document {
        page.wrapped("  in ", 5, &super::provenance(inquiry, document)?)?;
    }
    let others = inquiry.same_claim(assertion)?;
    if !others.is_empty() {
        let numbers: Vec<String> = others.iter().take(20).map(ToString::to_string).collect();
        page.wrapped("  the same claim: ", 4, &numbers.join(", "))?;
    }
    afterwards(&assertion.later, page)
}

fn found_by(assertion: &Assertion) -> String {
    match &assertion.asserted.found_by {
        Some(FoundBy::Person(name)) => visible(name.as_str()),
        Some(FoundBy::Extractor { name, version, rule, confidence }) => {
            let rule = rule.as_ref().map(|rule| format!(", rule {rule}")).unwrap_or_default();
            let sure = confidence.map(|sure| format!(", confidence {} percent", sure.percent()));
            visible(&format!("{name} {version}{rule}{}", sure.unwrap_or_default()))
        }
        None => recorder(&assertion.by),
    }
}

fn recorder(by: &Recorder) -> String {
    visible(&by.to_string())
}

/// Prints the attribution chain, from the origin to the last republisher.
fn chain(
    inquiry: &Inquiry<'_>,
    assertion: &Assertion,
    document: Option<&Document>,
    page: &mut Screen,
) -> Result<(), Trouble> {
    page.line("  attribution chain, from origin to publication")?;
    for hop in &assertion.asserted.hops {
        let names = super::all_called(inquiry, hop.sources.as_slice())?;
        let mut text = format!("{} · {}", styled(STRONG, names), part(hop.role));
        for principal in inquiry.principals(&assertion.asserted, hop)? {
            text.push_str(&format!(" · speaks for {}", super::called(inquiry, &principal)?));
        }
        if let Some(words) = hop.capacity.as_ref().and_then(|capacity| capacity.words()) {
            text.push_str(&format!(" · as {}", quoted(words.as_str())));
        }
        if hop.resolution.tag() != "explicit" {
            text.push_str(&format!(" · {}", hop.resolution.tag()));
        }
        for (label, selectors) in
            [("mentioned", &hop.mention), ("cue", &hop.cue), ("own words", &hop.content)]
        {
            if !selectors.is_empty() {
                text.push_str(&format!(" · {label} {}", places(selectors)));
            }
        }
        page.wrapped("    → ", 8, &text)?;
    }
    let Some(document) = document else { return Ok(()) };
    let metadata = &document.captured.metadata;
    let mut text = format!("{} · published", styled(STRONG, super::outlet(inquiry, document)?));
    text.push_str(&metadata.published.map(|at| format!(" {at}")).unwrap_or_default());
    if let Some(credit) = &metadata.credit {
        text.push_str(&format!(" · credit {}", quoted(credit.as_str())));
    }
    page.wrapped("    → ", 8, &text)?;
    for republisher in &metadata.republishers {
        let name = super::called(inquiry, republisher)?;
        page.wrapped("    → ", 8, &format!("{} · republished", styled(STRONG, name)))?;
    }
    Ok(())
}

fn document(inquiry: &Inquiry<'_>, document: &Document, page: &mut Screen) -> Result<(), Trouble> {
    page.wrapped("", 4, &styled(STRONG, super::provenance(inquiry, document)?))?;
    let captured = &document.captured;
    let metadata = &captured.metadata;
    let address = |address: &Option<crate::domain::document::Address>| {
        address.as_ref().map(|address| visible(address.as_str())).unwrap_or_default()
    };
    let name = |name: Option<&Name>| name.map(|name| visible(name.as_str())).unwrap_or_default();
    let authors: Vec<String> = metadata.authors.iter().map(|one| name(Some(one))).collect();
    let language = metadata.language.as_ref().map(ToString::to_string).unwrap_or_default();
    for (label, text) in [
        ("url       ", address(&metadata.url)),
        ("canonical ", address(&metadata.canonical_url)),
        ("archived  ", address(&metadata.archive_url)),
        ("author    ", authors.join(", ")),
        ("credit    ", name(metadata.credit.as_ref())),
        ("language  ", language),
        ("retrieved ", metadata.retrieved.map(|at| at.to_string()).unwrap_or_default()),
        ("modified  ", metadata.modified.map(|at| at.to_string()).unwrap_or_default()),
        ("revises   ", metadata.revises.map(|id| id.to_string()).unwrap_or_default()),
        ("file      ", name(captured.file_name.as_ref())),
        ("type      ", name(captured.media_type.as_ref())),
        ("original  ", captured.original.to_string()),
        ("text      ", captured.text.to_string()),
        ("read by   ", format!("{} {}", captured.reader.name, captured.reader.version)),
    ] {
        if !text.is_empty() {
            page.line(format_args!("  {label}{text}"))?;
        }
    }
    for notice in &metadata.notices {
        let words = notice.as_str().split_whitespace().collect::<Vec<_>>().join(" ");
        page.wrapped("  notice    ", 12, &quoted(&words))?;
    }
    if document.confidential {
        page.line(format_args!("  {}", styled(NOTICE, "confidential")))?;
    }
    let question = Question { document: Some(document.id), ..Question::default() };
    let numbers = inquiry.assertions(&question)?;
    page.gap()?;
    page.line(count(numbers.all.len() as u64, "assertion", "assertions"))?;
    for &seq in numbers.all.iter().take(100) {
        if let Some(assertion) = inquiry.assertion(seq)? {
            let speaker = super::speaker(inquiry, &assertion.asserted, Some(document))?;
            line(page, &assertion, &speaker)?;
        }
    }
    afterwards(&inquiry.later_of(document.id.sequence())?, page)
}

fn source(inquiry: &Inquiry<'_>, id: &SourceId, context: &mut Context<'_>) -> Result<(), Trouble> {
    let Some(source) = inquiry.source(id)? else { return Err(argument::absent(&id.to_string())) };
    let question = Question { source: Some(id.clone()), ..Question::default() };
    let numbers = inquiry.assertions(&question)?;
    if context.json {
        let mut value = source_json(&source);
        value["assertions"] = json!(numbers.all);
        return Ok(context.screen.json(&value)?);
    }
    let page = &mut *context.screen;
    page.line(format_args!(
        "{} {}",
        styled(NUMBER, id),
        styled(STRONG, super::called(inquiry, id)?)
    ))?;
    match &source.naming {
        Some(naming) => {
            let named = &naming.named;
            page.line(format_args!("    {} · named {}", named.kind.tag(), naming.at))?;
            if !named.aliases.is_empty() {
                let aliases: Vec<String> =
                    named.aliases.iter().map(|name| visible(name.as_str())).collect();
                page.wrapped("    also ", 9, &aliases.join(", "))?;
            }
            for principal in &named.speaks_for {
                let called = super::called(inquiry, &principal.source)?;
                let during = principal.during.map(|during| format!(", {during}"));
                let during = during.unwrap_or_default();
                page.line(format_args!("    speaks for {called}{during}"))?;
            }
            if naming.confidential {
                page.line(format_args!("    {}", styled(NOTICE, "confidential")))?;
            }
        }
        None => page.line("    unnamed: known only in its document")?,
    }
    if let Some(into) = &source.merged_into {
        page.line(format_args!("    merged into {into}"))?;
    }
    page.gap()?;
    page.line(count(numbers.all.len() as u64, "assertion", "assertions"))?;
    for &seq in numbers.newest(100) {
        if let Some(assertion) = inquiry.assertion(seq)? {
            let document = inquiry.document(assertion.asserted.document)?;
            let speaker = super::speaker(inquiry, &assertion.asserted, document.as_ref())?;
            line(page, &assertion, &speaker)?;
        }
    }
    Ok(())
}

/// Prints later events about an item.
fn afterwards(later: &[(Sequence, Event)], page: &mut Screen) -> Result<(), Trouble> {
    for (at, event) in later {
        page.wrapped(&format!("  {} ", styled(NUMBER, at)), 6, &happened(event))?;
    }
    Ok(())
}

/// Describes an event in a few words.
pub(super) fn happened(event: &Event) -> String {
    let by = recorder(&event.by);
    let what = match &event.body {
        Body::AssertionChecked(checked) => {
            let outcomes = checked
                .outcomes()
                .map(|(aspect, outcome)| format!("{} {}", aspect.tag(), outcome.tag()));
            let note = checked.note.as_ref().map(|note| format!(": {}", visible(note.as_str())));
            let outcomes = outcomes.collect::<Vec<_>>().join(", ");
            format!("checked, {outcomes}{}", note.unwrap_or_default())
        }
        Body::AssertionVoided(voided) => format!("voided: {}", visible(voided.why.as_str())),
        Body::NoteAdded(note) => format!("noted: {}", visible(note.text.as_str())),
        Body::SourceNamed(named) => format!("named {} {}", named.slug, quoted(named.name.as_str())),
        Body::SourcesMerged(merged) => format!("merged {} into {}", merged.from, merged.into),
        Body::DocumentCaptured(captured) => {
            let title = captured.metadata.title.as_ref().map(|title| quoted(title.as_str()));
            format!("captured {}", title.unwrap_or_else(|| "an untitled document".into()))
        }
        Body::ClaimAsserted(asserted) => format!("asserted {}", content(asserted)),
        Body::LedgerOpened(opened) => format!("opened the log {}", opened.log),
        Body::TopicAssigned(assigned) => format!("assigned to the topic {}", assigned.topic),
        body => {
            let about = event.references().iter().map(ToString::to_string).collect::<Vec<_>>();
            let of = if about.is_empty() { "" } else { ": " };
            format!("{}{of}{}", body.kind().tag().replace('_', " "), about.join(" and "))
        }
    };
    format!("{what} · by {by}")
}

fn other(row: &Row, snapshot: &Snapshot, context: &mut Context<'_>) -> Result<(), Trouble> {
    if context.json {
        let event = match &row.bytes {
            Some(bytes) => serde_json::from_slice(bytes)?,
            None => serde_json::Value::Null,
        };
        let entry = entry_json(row, snapshot)?;
        return Ok(context.screen.json(&json!({ "entry": entry, "event": event }))?);
    }
    let text = match row.event() {
        Some(Ok(event)) => happened(&event),
        Some(Err(error)) => error.to_string(),
        None => "erased".into(),
    };
    context.screen.wrapped(&format!("{} ", styled(NUMBER, row.seq)), 4, &text)?;
    entry(row, context.screen)
}
