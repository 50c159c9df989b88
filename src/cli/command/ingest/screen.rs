//! Displays a proposal for review: in its sentence, with all fields that would be recorded.
//!
//! Knows drafts and their texts. Must not know how an answer is handled.

use std::io;

use super::super::show::part;
use super::review::{Fate, ReviewItem};
use super::sentence::{stretch, zone};
use crate::cli::render::{
    FAINT, NOTICE, NUMBER, STRONG, Screen, figure, manner_of, quoted, styled, visible,
};
use crate::domain::claim::FoundBy;
use crate::domain::selector::IndexedText;
use crate::domain::source::SourceNamed;
use crate::ledger::intake::ReadDocument;
use crate::record::draft::{DraftAssertion, DraftHop, Passage, SourceReference};

/// Shows one proposal.
pub(super) fn show(
    page: &mut Screen,
    item: &ReviewItem,
    (place, of): (usize, usize),
    reading: &ReadDocument,
) -> io::Result<()> {
    page.gap()?;
    let title = reading.title.as_ref().map(|title| format!(" {}", quoted(title.as_str())));
    let head = format!("{place} of {of} · in {}{}", reading.id, title.unwrap_or_default());
    page.wrapped("", 2, &styled(FAINT, format!("{head}{}", rule(&item.draft))))?;
    page.gap()?;
    if let Some(text) = reading.zone(zone(&item.draft)) {
        page.wrapped("  ", 2, &sentence(&item.draft, text))?;
        page.gap()?;
    }
    for (name, value) in fields(item) {
        page.wrapped(&format!("  {name:<10}"), 12, &value)?;
    }
    match item.fate {
        Fate::Open => {}
        Fate::Skipped => page.line(styled(NOTICE, "  skipped"))?,
        Fate::Recorded(at) => page.line(styled(NOTICE, format_args!("  recorded as {at}")))?,
    }
    page.gap()
}

fn rule(draft: &DraftAssertion) -> String {
    let Some(FoundBy::Extractor { name, version, rule, confidence }) = &draft.found_by else {
        return String::new();
    };
    let mut said = format!(" · found by {} {}", visible(name.as_str()), visible(version.as_str()));
    if let Some(rule) = rule {
        said.push_str(&format!(", rule {}", visible(rule.as_str())));
    }
    if let Some(confidence) = confidence {
        said.push_str(&format!(", confidence {} percent", confidence.percent()));
    }
    said
}

/// The fields that would be recorded, each with its label.
fn fields(item: &ReviewItem) -> Vec<(&'static str, String)> {
    let draft = &item.draft;
    let pieces = draft.content.as_slice().iter().map(|piece| quoted(&piece.exact));
    let content = pieces.collect::<Vec<_>>().join(" … ");
    let mut fields = vec![("content", styled(STRONG, content))];
    for (place, hop) in draft.hops.iter().enumerate() {
        fields.push((if place == 0 { "source" } else { "then" }, link(item, hop)));
    }
    fields.extend(draft.claim.words.as_ref().map(|words| ("words", quoted(words.as_str()))));
    let manner = manner_of(draft.voice, draft.form, draft.framing, draft.polarity, draft.act);
    if !manner.is_empty() {
        fields.push(("manner", manner));
    }
    fields.extend(draft.claim.quantities.iter().map(|quantity| ("figure", figure(quantity))));
    if !draft.against.is_empty() {
        let against: Vec<String> =
            draft.against.iter().map(|source| called(item, source)).collect();
        fields.push(("against", against.join(" and ")));
    }
    let condition = draft.condition.as_ref().map(|passage| quoted(&passage.exact));
    fields.extend(condition.map(|condition| ("condition", condition)));
    let place = draft.claim.place.as_ref().map(|place| visible(place.as_str()));
    fields.extend(place.map(|place| ("where", place)));
    fields.extend(draft.claim.holds.map(|holds| ("holds", holds.to_string())));
    fields.extend(draft.said.map(|said| ("said", said.to_string())));
    if !item.edited.is_empty() {
        fields.push(("edited", styled(NOTICE, item.edited.join(", "))));
    }
    fields
}

fn link(item: &ReviewItem, hop: &DraftHop) -> String {
    let sources: Vec<String> =
        hop.sources.as_slice().iter().map(|source| called(item, source)).collect();
    let mut said = format!("{} · {}", sources.join(" and "), part(hop.role));
    let quote = |passages: &[Passage]| {
        let words: Vec<String> = passages.iter().map(|passage| quoted(&passage.exact)).collect();
        words.join(" ")
    };
    if !hop.cue.is_empty() {
        said.push_str(&format!(" · cue {}", styled(NOTICE, quote(&hop.cue))));
    }
    if !hop.mention.is_empty() {
        said.push_str(&format!(" · mentioned {}", styled(NUMBER, quote(&hop.mention))));
    }
    if !hop.content.is_empty() {
        said.push_str(&format!(" · of {}", quote(&hop.content)));
    }
    said
}

/// A source's name, and whether it is unnamed, new or known.
fn called(item: &ReviewItem, source: &SourceReference) -> String {
    if let Some(slug) = source.0.strip_suffix('@') {
        return format!(
            "{} (unnamed, known only in this document)",
            visible(&slug.replace('-', " "))
        );
    }
    let find = |among: &[SourceNamed]| {
        among.iter().find(|named| named.slug.as_str() == source.0).map(|named| {
            let principal = named.speaks_for.first();
            let principal = principal.map(|principal| format!(" for {}", principal.source));
            let principal = principal.unwrap_or_default();
            (visible(named.name.as_str()), format!("{}{principal}", named.kind.tag()))
        })
    };
    if let Some((name, kind)) = find(&item.namings) {
        return format!("{} ({kind}, new, will be named {})", styled(STRONG, name), source.0);
    }
    match find(&item.known) {
        Some((name, kind)) => format!("{} ({kind}, known as {})", styled(STRONG, name), source.0),
        None => visible(&source.0),
    }
}

/// The sentence with content, mentions and cues in different styles.
fn sentence(draft: &DraftAssertion, text: &IndexedText) -> String {
    let zone = zone(draft);
    let (from, to) = stretch(draft, zone, text);
    let hops = || draft.hops.iter();
    let kinds = [
        (STRONG, draft.content.as_slice().iter().collect::<Vec<_>>()),
        (NUMBER, hops().flat_map(|hop| &hop.mention).collect()),
        (NOTICE, hops().flat_map(|hop| &hop.cue).collect()),
    ];
    let mut marks = Vec::new();
    for (style, passages) in kinds {
        for passage in passages {
            let span = passage.start.zip(passage.end);
            let bytes = span.and_then(|(start, end)| text.bytes_of(start, end));
            let bytes = bytes.filter(|_| passage.zone == zone);
            marks.extend(bytes.map(|(start, end)| (start.max(from), end.min(to), style)));
        }
    }
    marks.retain(|(start, end, _)| start < end);
    let mut cuts: Vec<usize> = marks.iter().flat_map(|(start, end, _)| [*start, *end]).collect();
    cuts.extend([from, to]);
    cuts.sort_unstable();
    cuts.dedup();
    let mut shown = String::new();
    for pair in cuts.windows(2) {
        let [start, end] = [pair[0], pair[1]];
        let words = visible(&text.as_str()[start..end]);
        // A cue or mention within the content takes precedence over it.
        let style = marks.iter().rfind(|(from, to, _)| *from <= start && end <= *to);
        match style {
            Some((_, _, style)) => shown.push_str(&styled(*style, words)),
            None => shown.push_str(&words),
        }
    }
    shown
}
