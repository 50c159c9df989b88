//! How much of a text is read, how much of it is proposed, and what is told where there is more.
//!
//! Knows the bounds, and counts where they are met. Must not know what is read within them. No
//! article comes near any of them; texts that were made to be large do, and lists of words.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::proposal::{Link, Proposal, Span};

/// Words of a body that are read, marks of punctuation counted: more than any novel has.
pub(super) const MOST_WORDS: usize = 500_000;

/// Words of one sentence that may attribute the rest of it to someone.
pub(super) const MOST_CUES: usize = 64;

/// Links of one chain.
pub(super) const MOST_HOPS: usize = 16;

/// Speakers in one link.
pub(super) const MOST_SPEAKERS: usize = 32;

/// What the proposals of one document may weigh together, as [`weight`] has it.
pub(super) const MOST_WEIGHT: usize = 100_000;

/// Characters of content that weigh as much as a speaker.
const LETTERS: usize = 256;

/// What a proposal weighs: one, and one for each link, speaker, figure and stretch of its words.
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

/// The bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalBound {
    /// On the words of a body.
    Words,
    /// On the attributions of a sentence.
    Sentence,
    /// On the links of a chain.
    Hops,
    /// On the speakers in a link.
    Speakers,
    /// On the proposals of a document.
    Document,
}

impl ProposalBound {
    /// How much it lets through.
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

/// A bound that was met: there was more, and it is not proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProposalBoundMet {
    /// Which.
    pub bound: ProposalBound,
    /// How often it was met.
    pub times: usize,
    /// Where it was met first.
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
                "only its first {most} words are read for attributions, up to {at}: give the rest \
                 as another document"
            ),
            (ProposalBound::Sentence, 1) => write!(
                f,
                "the sentence at {at} has more than {most} words that may attribute: what the first \
                 {most} attribute is proposed"
            ),
            (ProposalBound::Sentence, _) => write!(
                f,
                "{times} sentences, the first at {at}, have more than {most} words that may \
                 attribute: what the first {most} of each attribute is proposed"
            ),
            (ProposalBound::Hops, _) => write!(
                f,
                "more than {most} pass something on in {times} of what is proposed, first at {at}: \
                 of each chain the first {most} links are proposed"
            ),
            (ProposalBound::Speakers, _) => write!(
                f,
                "more than {most} speak together in {times} links of what is proposed, first at \
                 {at}: of each the first {most} are proposed"
            ),
            (ProposalBound::Document, _) => write!(
                f,
                "there is more to propose of it than is proposed of one document: something is left \
                 out from {at} on: give its parts as documents of their own"
            ),
        }
    }
}

/// The bounds met so far in one article.
#[derive(Debug, Default)]
pub(super) struct Bounds(BTreeMap<ProposalBound, ProposalBoundMet>);

impl Bounds {
    /// Counts that a bound was met.
    pub(super) fn meet(&mut self, bound: ProposalBound, at: Span) {
        let met = self.0.entry(bound).or_insert(ProposalBoundMet { bound, times: 0, first: at });
        met.times += 1;
        met.first = met.first.min(at);
    }

    /// All of them.
    pub(super) fn met(self) -> Vec<ProposalBoundMet> {
        self.0.into_values().collect()
    }
}

/// As much of a text as is read: up to the end of a word.
pub(super) fn read(text: &str) -> &str {
    // No text has more words than it has letters.
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
