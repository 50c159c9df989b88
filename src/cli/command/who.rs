//! `who`: which sources assert what about something.
//!
//! Knows how answers are put together under their speakers. Must not know how they are found.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::argument;
use super::super::exit::{Outcome, Tag, Trouble};
use super::super::place::Place;
use super::super::render::{
    FAINT, NOTICE, NUMBER, STRONG, content, figure, manner, quoted, standing, styled,
};
use super::list::{assertion_json, source_json};
use crate::id::{Sequence, SourceId};
use crate::view::query::{Assertion, Audience, Document, Inquiry, Question, origin};

/// Arguments of `who`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Who {
    /// Words, all of which must match: of the claim, its subject, its topic, its document's title,
    /// or a source in its chain
    #[arg(required = true)]
    query: Vec<String>,
    /// How many assertions to show at most: the newest
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    limit: usize,
    /// As the ledger stood at an entry or a time
    #[arg(long, value_name = "SEQ or TIME")]
    as_of: Option<String>,
}

/// What one speaker asserts.
struct Group {
    speaker: String,
    source: Option<SourceId>,
    kind: Option<&'static str>,
    assertions: Vec<(Assertion, Option<Document>)>,
}

impl Who {
    pub(in crate::cli) fn run(self, place: Place<'_>) -> Result<Outcome, Trouble> {
        let text = self.query.join(" ");
        if crate::view::words(&text).is_empty() {
            let message = format!("{} has no words to look for: give at least one", quoted(&text));
            return Err(Trouble::new(Tag::Usage, message));
        }
        let reading = super::read(&place)?;
        let snapshot = &reading.snapshot;
        let before =
            self.as_of.as_deref().map(|text| argument::point(snapshot, text)).transpose()?;
        let inquiry = Inquiry::new(snapshot, before, Audience::Anyone)?;
        let question = Question { text: text.clone(), ..Question::default() };
        let numbers = inquiry.assertions(&question)?;
        let newest = numbers.newest(self.limit);
        let groups = groups(&inquiry, newest)?;
        if place.json {
            let mut sources = Vec::new();
            for group in &groups {
                sources.push(group_json(&inquiry, group)?);
            }
            place.page.json(&json!({
                "query": text, "before": inquiry.before(), "total": numbers.all.len(),
                "shown": newest.len(), "sources": sources,
            }))?;
            return Ok(Outcome::Clean);
        }
        let page = place.page;
        if groups.is_empty() {
            page.line(format_args!("nobody here asserts anything about {}", quoted(&text)))?;
            return Ok(Outcome::Clean);
        }
        for (place, group) in groups.iter().enumerate() {
            if place > 0 {
                page.gap()?;
            }
            let kind = group.kind.map(|kind| format!(" · {kind}")).unwrap_or_default();
            page.line(format_args!("{}{}", styled(STRONG, &group.speaker), styled(FAINT, kind)))?;
            for (assertion, document) in &group.assertions {
                show(page, &inquiry, assertion, document.as_ref())?;
            }
        }
        page.gap()?;
        let (shown, total) = (newest.len(), numbers.all.len());
        let sources = groups.len();
        let of = if shown < total {
            format!("the newest {shown} of {total} assertions (see --limit)")
        } else {
            super::super::render::count(total as u64, "assertion", "assertions")
        };
        let by = super::super::render::count(sources as u64, "speaker", "speakers");
        page.line(styled(FAINT, format_args!("{of} by {by}")))?;
        if before.is_some() {
            let note = "as it stood then, less what was erased since";
            page.line(styled(FAINT, note))?;
        }
        Ok(Outcome::Clean)
    }
}

/// Groups assertions by who is heard in them, in the order in which speakers first speak.
fn groups(inquiry: &Inquiry<'_>, numbers: &[u64]) -> Result<Vec<Group>, Trouble> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: BTreeMap<(Option<SourceId>, String), usize> = BTreeMap::new();
    for &number in numbers {
        let Ok(seq) = Sequence::new(number) else { continue };
        let Some(assertion) = inquiry.assertion(seq)? else { continue };
        let document = inquiry.document(assertion.asserted.document)?;
        let speaker = super::speaker(inquiry, &assertion.asserted, document.as_ref())?;
        let source = match origin(&assertion.asserted) {
            [one] => Some(inquiry.merges().whole(one)),
            [] => document.as_ref().and_then(|one| one.captured.metadata.publisher.clone()),
            _ => None,
        };
        let key = (source.clone(), speaker.clone());
        let place = match places.get(&key) {
            Some(place) => *place,
            None => {
                let known = source.as_ref().map(|id| inquiry.source(id)).transpose()?.flatten();
                let kind = known.and_then(|source| source.naming);
                let kind = kind.map(|naming| naming.named.kind.tag());
                groups.push(Group { speaker, source, kind, assertions: Vec::new() });
                places.insert(key, groups.len() - 1);
                groups.len() - 1
            }
        };
        groups[place].assertions.push((assertion, document));
    }
    Ok(groups)
}

fn show(
    page: &mut super::super::render::Page,
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

fn group_json(inquiry: &Inquiry<'_>, group: &Group) -> Result<serde_json::Value, Trouble> {
    let mut assertions = Vec::new();
    for (assertion, document) in &group.assertions {
        assertions.push(assertion_json(inquiry, assertion, document.as_ref())?);
    }
    let source = match &group.source {
        Some(id) => inquiry.source(id)?.map(|source| source_json(&source)),
        None => None,
    };
    Ok(json!({ "speaker": group.speaker, "source": source, "assertions": assertions }))
}
