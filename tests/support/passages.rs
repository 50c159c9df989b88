//! Where a draft's passages stand in a text.
//!
//! Knows drafts and strings. Must not know the ledger, which has its own finding to be tested.

use testimony::draft::{Draft, DraftAssertion, DraftBody, Passage};

/// The assertion on a line of input; anything else there is a failure.
pub(crate) fn assertion_on(line: &str) -> DraftAssertion {
    match Draft::from_line(line.as_bytes()).map(|draft| draft.event) {
        Ok(DraftBody::ClaimAsserted(assertion)) => *assertion,
        Ok(_) => panic!("no assertion: {line}"),
        Err(error) => panic!("{error}: {line}"),
    }
}

/// Every passage of an assertion.
pub(crate) fn passages(assertion: &DraftAssertion) -> impl Iterator<Item = &Passage> {
    let hops = assertion
        .hops
        .iter()
        .flat_map(|hop| hop.mention.iter().chain(&hop.cue).chain(&hop.content));
    assertion.content.as_slice().iter().chain(hops).chain(&assertion.condition)
}

/// The sources an assertion refers to: its hops', then those it is against.
pub(crate) fn sources(assertion: &DraftAssertion) -> impl Iterator<Item = &str> {
    let hops = assertion.hops.iter().flat_map(|hop| hop.sources.as_slice());
    hops.chain(&assertion.against).map(|source| source.0.as_str())
}

/// How many places in `text` fit the passage's words and context, whatever its span says.
pub(crate) fn places(text: &str, passage: &Passage) -> usize {
    text.char_indices()
        .filter(|&(byte, _)| {
            let fits = |rest: &str| rest.starts_with(&*passage.suffix);
            text[..byte].ends_with(&*passage.prefix)
                && text[byte..].strip_prefix(&*passage.exact).is_some_and(fits)
        })
        .count()
}

/// Whether the passage has a span, and its words stand there.
pub(crate) fn stands_at_its_span(text: &str, passage: &Passage) -> bool {
    let (Some(start), Some(end)) = (passage.start, passage.end) else { return false };
    slice(text, start, end) == passage.exact
}

/// The code points `start..end` of `text`.
pub(crate) fn slice(text: &str, start: u32, end: u32) -> String {
    let length = end.checked_sub(start).expect("a span that ends after it begins");
    text.chars().skip(start as usize).take(length as usize).collect()
}
