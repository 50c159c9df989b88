//! Proposals: one attribution with its spans in the text, its chain and its particulars.
//!
//! Knows only the data structure. Must not know how any of it is read.

use crate::domain::claim::{Act, Confidence, Form, Framing, Polarity, Resolution, Role, Voice};
use crate::domain::id::Name;
use crate::domain::moment::{Moment, Period};
use crate::domain::quantity::Quantity;
use crate::domain::selector::Zone;
use crate::domain::source::SourceKind;

/// A range of a zone of the article, in Unicode code points, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The title or the body.
    pub zone: Zone,
    /// The position of its first code point.
    pub start: usize,
    /// The position after its last code point.
    pub end: usize,
}

/// A person or organisation that speaks, as mentioned in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// The mention in the attribution: a name, a description or a pronoun.
    pub mention: Span,
    /// Its fullest name in the document if it is named, otherwise the words of the mention.
    pub name: Name,
    /// Whether `name` is a proper name, which other documents may share; "critics" is not one.
    pub is_named: bool,
    /// The kind of speaker.
    pub kind: SourceKind,
    /// The name of the principal, for whom it speaks.
    pub speaks_for: Option<Name>,
}

/// One link of an attribution chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The speakers; at least one.
    pub speakers: Vec<Speaker>,
    /// Their role.
    pub role: Role,
    /// The words that attribute.
    pub cue: Vec<Span>,
    /// How the mention was resolved to the speaker.
    pub resolution: Resolution,
    /// What this link said, if it differs from the proposal's content.
    pub content: Vec<Span>,
}

/// One attribution, as it would be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The attributed words, in pieces; at least one.
    pub content: Vec<Span>,
    /// The chain, origin first; empty if the voice is the outlet's or nobody's.
    pub hops: Vec<Link>,
    /// The cue if no link has it, as with "reportedly".
    pub cue: Vec<Span>,
    /// The voice of the words.
    pub voice: Voice,
    /// The form in which they are given.
    pub form: Form,
    /// The reporter's stance towards them.
    pub framing: Framing,
    /// Whether the speaker affirms.
    pub polarity: Polarity,
    /// The speech act.
    pub act: Act,
    /// The targets of an accusation.
    pub against: Vec<Speaker>,
    /// The condition under which it is said to hold.
    pub condition: Option<Span>,
    /// When it was said.
    pub said: Option<Moment>,
    /// Its figures.
    pub quantities: Vec<Quantity>,
    /// The place for which it holds.
    pub place: Option<Name>,
    /// The time for which it holds.
    pub holds: Option<Period>,
    /// Whether it is inside another proposal's content.
    pub is_nested: bool,
    /// The rule that made it, as listed in docs/attribution.md.
    pub rule: &'static str,
    /// The cue as listed in the lexicon: "say", "call for".
    pub key: String,
    /// How often this rule with this cue is right, in percent; see docs/attribution.md.
    pub confidence: Confidence,
}
