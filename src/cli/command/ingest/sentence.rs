//! Finds the sentences that contain a proposal.
//!
//! Knows one text and the positions of a draft in it. Must not know what the sentences are used for.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::selector::{IndexedText, Zone};
use crate::record::draft::{DraftAssertion, Passage};

/// The number of bytes of a paragraph examined on either side of a proposal.
const AROUND: usize = 1000;

/// The zone that contains a draft's content.
pub(super) fn zone(draft: &DraftAssertion) -> Zone {
    draft.content.first().zone
}

/// The byte range of a proposal: its content, with nearby mentions and cues.
fn extent(draft: &DraftAssertion, zone: Zone, text: &IndexedText) -> (usize, usize) {
    let bytes = |passage: &Passage| {
        let (start, end) = passage.start.zip(passage.end)?;
        text.bytes_of(start, end).filter(|_| passage.zone == zone)
    };
    let content: Vec<_> = draft.content.as_slice().iter().filter_map(bytes).collect();
    let first = content.iter().map(|(from, _)| *from).min().unwrap_or(0);
    let last = content.iter().map(|(_, to)| *to).max().unwrap_or(first);
    let hops = draft.hops.iter().flat_map(|hop| hop.mention.iter().chain(&hop.cue));
    let near =
        hops.filter_map(bytes).filter(|(from, to)| from + AROUND >= first && *to <= last + AROUND);
    near.fold((first, last), |(from, to), (start, end)| (from.min(start), to.max(end)))
}

/// The byte range of the sentences that contain a proposal.
pub(super) fn stretch(draft: &DraftAssertion, zone: Zone, text: &IndexedText) -> (usize, usize) {
    let whole = text.as_str();
    let (from, to) = extent(draft, zone, text);
    let paragraph_start = whole[..from].rfind('\n').map_or(0, |line| line + 1);
    let paragraph_end = whole[to..].find('\n').map_or(whole.len(), |line| to + line);
    let is_boundary = |at: &usize| whole.is_char_boundary(*at);
    let low = (paragraph_start.max(from.saturating_sub(AROUND))..from).find(is_boundary);
    let high = (to..=paragraph_end.min(to + AROUND)).rfind(is_boundary);
    let (low, high) = (low.unwrap_or(from), high.unwrap_or(to));
    let bounds = whole[low..high].split_sentence_bound_indices();
    let bounds = bounds.map(|(at, sentence)| (low + at, low + at + sentence.trim_end().len()));
    let mut begin = low;
    let mut end = high;
    for (start, stop) in bounds {
        if start <= from {
            begin = start;
        }
        if stop >= to {
            end = stop;
            break;
        }
    }
    (begin, end)
}
