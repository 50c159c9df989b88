//! Limits how much of a text is read and proposed, and reports which limits were reached.
//!
//! Knows the limits, and counts how often they are reached. Must not know what is read within them.
//! No article comes near any of them; texts made to be large do, and so do word lists.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::proposal::{Link, Proposal, Span};

/// The most words of a body that are read, including punctuation: more than any novel has.
pub(super) const MOST_WORDS: usize = 500_000;

/// The most words in one sentence that may attribute the rest of it to someone.
pub(super) const MOST_CUES: usize = 64;

/// The most links in one chain.
pub(super) const MOST_HOPS: usize = 16;

/// The most speakers in one link.
pub(super) const MOST_SPEAKERS: usize = 32;

/// The total weight of the proposals for one document, as computed by [`weight`].
pub(super) const MOST_WEIGHT: usize = 100_000;

/// The number of characters of content that weigh as much as one speaker.
const LETTERS: usize = 256;

/// The weight of a proposal: one, plus one for each link, speaker, figure and range of its words.
pub(super) fn weight(proposal: &Proposal) -> usize {
    let speakers = |link: &Link| link.speakers.len() + link.content.len();
    let mentions = proposal.hops.iter().flat_map(|link| &link.speakers).map(|it| &it.mention);
    let stretches = proposal.content.iter().chain(mentions);
    let letters: usize = stretches.map(|span| span.end - span.start).sum();
    1 + proposal.hops.len()
        + proposal.hops.iter().map(speakers).sum::<usize>()
        + proposal.against.len()
        + proposal.quantities.len()
        + letters / LETTERS
}

/// A limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalBound {
    /// The number of words in a body.
    Words,
    /// The number of attributions in a sentence.
    Sentence,
    /// The number of links in a chain.
    Hops,
    /// The number of speakers in a link.
    Speakers,
    /// The proposals for a document.
    Document,
}

impl ProposalBound {
    /// The value of the limit.
    pub const fn most(self) -> usize {
        match self {
            Self::Words => MOST_WORDS,
            Self::Sentence => MOST_CUES,
            Self::Hops => MOST_HOPS,
            Self::Speakers => MOST_SPEAKERS,
            Self::Document => MOST_WEIGHT,
        }
    }
}

/// A limit that was reached, and cut off some proposals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProposalBoundMet {
    /// The limit.
    pub bound: ProposalBound,
    /// How often it was reached.
    pub times: usize,
    /// Where it was first reached.
    pub first: Span,
}

impl fmt::Display for ProposalBoundMet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bound, times, first: Span { zone, start, .. } } = self;
        let most = bound.most();
        let at = format_args!("character {start} of the {zone}");
        match (bound, times) {
            (ProposalBound::Words, _) => write!(
                f,
                "only its first {most} words are read for attributions, up to {at}: capture the \
                 rest as a separate document"
            ),
            (ProposalBound::Sentence, 1) => write!(
                f,
                "the sentence at {at} has more than {most} words that may attribute something: \
                 only the first {most} of them are considered"
            ),
            (ProposalBound::Sentence, _) => write!(
                f,
                "{times} sentences, the first at {at}, have more than {most} words that may \
                 attribute something: only the first {most} of each are considered"
            ),
            (ProposalBound::Hops, _) => write!(
                f,
                "chains of more than {most} links in {times} of its proposals, first at {at}: only \
                 the first {most} links of each are proposed"
            ),
            (ProposalBound::Speakers, _) => write!(
                f,
                "more than {most} speakers in {times} links of its proposals, first at {at}: only \
                 the first {most} of each are proposed"
            ),
            (ProposalBound::Document, _) => write!(
                f,
                "it has more attributions than are proposed for one document, and some are left \
                 out from {at} on: capture its parts as separate documents"
            ),
        }
    }
}

/// The limits reached so far in one article.
#[derive(Debug, Default)]
pub(super) struct Bounds(BTreeMap<ProposalBound, ProposalBoundMet>);

impl Bounds {
    /// Records that a limit was reached.
    pub(super) fn meet(&mut self, bound: ProposalBound, at: Span) {
        let met = self.0.entry(bound).or_insert(ProposalBoundMet { bound, times: 0, first: at });
        met.times += 1;
        met.first = met.first.min(at);
    }

    /// All limits that were reached.
    pub(super) fn met(self) -> Vec<ProposalBoundMet> {
        self.0.into_values().collect()
    }
}

/// The part of a text that is read, ending at a word's end.
pub(super) fn read(text: &str) -> &str {
    // A text never has more words than bytes.
    if text.len() <= MOST_WORDS {
        return text;
    }
    let (mut words, mut is_within) = (0, false);
    for (at, letter) in text.char_indices() {
        let goes_on = letter.is_alphanumeric();
        let begins = !(letter.is_whitespace() || goes_on && is_within);
        is_within = goes_on;
        words += usize::from(begins);
        if words > MOST_WORDS {
            return &text[..at];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_up_to_the_last_word_that_counts() {
        let words = "a1 ".repeat(MOST_WORDS);
        assert_eq!(read(&words), words);
        assert_eq!(read(&format!("{words}b")), words);
        assert_eq!(read(&"\u{201c}".repeat(MOST_WORDS + 7)).chars().count(), MOST_WORDS);
        let one = "a".repeat(MOST_WORDS * 2);
        assert_eq!(read(&one), one);
    }
}
