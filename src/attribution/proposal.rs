//! From what the grammar chose to what is proposed: places in the text, speakers, and how the
//! words are given.
//!
//! Knows the shape of a proposal. Must not know the grammar.

use super::choice::Choice;
use super::tree::{Tree, Words};
use super::{Link, Proposal, Span, Speaker};
use crate::claim::{Act, Confidence, Form, Framing, Polarity, Resolution, Role, Voice};
use crate::id::Name;
use crate::selector::Zone;
use crate::source::SourceKind;

pub(super) fn proposals(tree: &Tree<'_>, zone: Zone, choices: Vec<Choice>) -> Vec<Proposal> {
    choices.into_iter().filter_map(|choice| proposal(tree, zone, choice)).collect()
}

fn proposal(tree: &Tree<'_>, zone: Zone, choice: Choice) -> Option<Proposal> {
    let Choice { candidate, confidence, is_nested } = choice;
    let content = candidate.content.iter().map(|words| span(tree, zone, words)).collect();
    let cue = vec![span(tree, zone, &candidate.cue)];
    let hops: Vec<Link> = candidate
        .source
        .as_ref()
        .and_then(|source| speaker(tree, zone, source))
        .map(|speaker| Link {
            speakers: vec![speaker],
            role: Role::Said,
            cue: cue.clone(),
            resolution: Resolution::Explicit,
            content: Vec::new(),
        })
        .into_iter()
        .collect();
    Some(Proposal {
        content,
        cue: if hops.is_empty() { cue } else { Vec::new() },
        hops,
        voice: Voice::Attributed,
        form: Form::Indirect,
        framing: Framing::Neutral,
        polarity: Polarity::Affirms,
        act: Act::States,
        against: Vec::new(),
        condition: None,
        said: None,
        quantities: Vec::new(),
        place: None,
        holds: None,
        is_nested,
        rule: candidate.rule.name(),
        key: candidate.key,
        confidence: Confidence::try_from(confidence).ok()?,
    })
}

fn speaker(tree: &Tree<'_>, zone: Zone, words: &Words) -> Option<Speaker> {
    let name = Name::new(&tree.text[tree.bytes(words)]).ok()?;
    let mention = span(tree, zone, words);
    Some(Speaker { mention, name, is_named: false, kind: SourceKind::Unknown, speaks_for: None })
}

fn span(tree: &Tree<'_>, zone: Zone, words: &Words) -> Span {
    let (start, end) = tree.points(words);
    Span { zone, start, end }
}
