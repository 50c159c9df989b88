//! What is proposed: one attribution with its places in the text, its chain and its particulars.
//!
//! Knows the shape alone. Must not know how any of it is read.

use crate::domain::claim::{Act, Confidence, Form, Framing, Polarity, Resolution, Role, Voice};
use crate::domain::id::Name;
use crate::domain::moment::{Moment, Period};
use crate::domain::quantity::Quantity;
use crate::domain::selector::Zone;
use crate::domain::source::SourceKind;

/// A stretch of a zone of the article, in Unicode code points, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// In the title or the body.
    pub zone: Zone,
    /// Its first code point.
    pub start: usize,
    /// The code point after its last.
    pub end: usize,
}

/// Someone or something that speaks, as the text mentions it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// Where it is mentioned in the attribution: a name, a description or a pronoun.
    pub mention: Span,
    /// Its fullest name in the document if it is named, else the words that mention it.
    pub name: Name,
    /// Whether `name` is a proper name, which other documents may share; "critics" is none.
    pub is_named: bool,
    /// What kind of speaker it is.
    pub kind: SourceKind,
    /// Whom it speaks for, by name.
    pub speaks_for: Option<Name>,
}

/// One link of an attribution, origin first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Who; at least one.
    pub speakers: Vec<Speaker>,
    /// In what role.
    pub role: Role,
    /// The words that attribute.
    pub cue: Vec<Span>,
    /// How the mention is known to be the speaker.
    pub resolution: Resolution,
    /// What this link said, where that differs from the proposal's content.
    pub content: Vec<Span>,
}

/// One attribution, as it would be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The words attributed, in their pieces; at least one.
    pub content: Vec<Span>,
    /// The chain, origin first; empty where the voice is the outlet's or nobody's.
    pub hops: Vec<Link>,
    /// The cue where no hop holds it, as with "reportedly".
    pub cue: Vec<Span>,
    /// Whose voice the words are in.
    pub voice: Voice,
    /// How they are given.
    pub form: Form,
    /// Where the reporter stands to them.
    pub framing: Framing,
    /// Whether the speaker affirms.
    pub polarity: Polarity,
    /// What the speaker does in saying it.
    pub act: Act,
    /// Whom it accuses.
    pub against: Vec<Speaker>,
    /// The condition under which it is said to hold.
    pub condition: Option<Span>,
    /// When it was said.
    pub said: Option<Moment>,
    /// Its figures.
    pub quantities: Vec<Quantity>,
    /// Where it holds.
    pub place: Option<Name>,
    /// When it holds.
    pub holds: Option<Period>,
    /// Whether it stands within another proposal's content.
    pub is_nested: bool,
    /// The rule that made it, as docs/attribution.md lists them, and the cue as the lexicon has it.
    pub rule: &'static str,
    /// The cue as the lexicon has it: "say", "call for".
    pub key: String,
    /// How often this rule with this cue is right, in percent; see docs/attribution.md.
    pub confidence: Confidence,
}
