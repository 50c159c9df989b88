//! Reads the words around a figure that make it a bound or an approximation.
//!
//! Knows "more than", "up to", "or so", "an estimated". Must not know the figure.

use crate::domain::quantity::Bound;
use crate::reading::numeral::word::{CutText, Meaning};

/// The bounding words before a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lead {
    pub(super) bound: Option<Bound>,
    pub(super) estimated: bool,
    /// The first of the words.
    pub(super) start: usize,
}

/// Phrases that bound the figure after them.
const PHRASES: &[(&[&str], Bound)] = &[
    (&["less", "than", "or", "equal", "to"], Bound::AtMost),
    (&["equal", "to", "or", "less", "than"], Bound::AtMost),
    (&["smaller", "or", "equal", "than"], Bound::AtMost),
    (&["less", "or", "equal", "than"], Bound::AtMost),
    (&["lower", "or", "equal", "than"], Bound::AtMost),
    (&["greater", "than", "or", "equal", "to"], Bound::AtLeast),
    (&["more", "than", "or", "equal", "to"], Bound::AtLeast),
    (&["equal", "to", "or", "more", "than"], Bound::AtLeast),
    (&["bigger", "or", "equal", "than"], Bound::AtLeast),
    (&["higher", "or", "equal", "than"], Bound::AtLeast),
    (&["greater", "or", "equal", "than"], Bound::AtLeast),
    (&["at", "least", "or", "equal", "to"], Bound::AtLeast),
    (&["no", "less", "than"], Bound::AtLeast),
    (&["no", "fewer", "than"], Bound::AtLeast),
    (&["not", "less", "than"], Bound::AtLeast),
    (&["no", "more", "than"], Bound::AtMost),
    (&["not", "more", "than"], Bound::AtMost),
    (&["as", "many", "as"], Bound::AtMost),
    (&["as", "much", "as"], Bound::AtMost),
    (&["as", "high", "as"], Bound::AtMost),
    (&["a", "maximum", "of"], Bound::AtMost),
    (&["as", "few", "as"], Bound::AtLeast),
    (&["as", "little", "as"], Bound::AtLeast),
    (&["as", "low", "as"], Bound::AtLeast),
    (&["a", "minimum", "of"], Bound::AtLeast),
    (&["in", "excess", "of"], Bound::MoreThan),
    (&["upwards", "of"], Bound::MoreThan),
    (&["upward", "of"], Bound::MoreThan),
    (&["north", "of"], Bound::MoreThan),
    (&["in", "the", "region", "of"], Bound::About),
    (&["on", "the", "order", "of"], Bound::About),
    (&["close", "to"], Bound::About),
    (&["closer", "to"], Bound::About),
    (&["more", "than"], Bound::MoreThan),
    (&["greater", "than"], Bound::MoreThan),
    (&["larger", "than"], Bound::MoreThan),
    (&["higher", "than"], Bound::MoreThan),
    (&["bigger", "than"], Bound::MoreThan),
    (&["less", "than"], Bound::LessThan),
    (&["fewer", "than"], Bound::LessThan),
    (&["smaller", "than"], Bound::LessThan),
    (&["lower", "than"], Bound::LessThan),
    (&["at", "least"], Bound::AtLeast),
    (&["at", "most"], Bound::AtMost),
    (&["up", "to"], Bound::AtMost),
    (&["over"], Bound::MoreThan),
    (&["above"], Bound::MoreThan),
    (&["exceed"], Bound::MoreThan),
    (&["exceeds"], Bound::MoreThan),
    (&["exceeded"], Bound::MoreThan),
    (&["exceeding"], Bound::MoreThan),
    (&["surpass"], Bound::MoreThan),
    (&["surpasses"], Bound::MoreThan),
    (&["surpassed"], Bound::MoreThan),
    (&["surpassing"], Bound::MoreThan),
    (&["under"], Bound::LessThan),
    (&["below"], Bound::LessThan),
    (&["nearly"], Bound::Nearly),
    (&["almost"], Bound::Nearly),
    (&["about"], Bound::About),
    (&["around"], Bound::About),
    (&["some"], Bound::About),
    (&["roughly"], Bound::About),
    (&["approximately"], Bound::About),
    (&["approx"], Bound::About),
    (&["circa"], Bound::About),
];

/// The bounding words directly before the word at `at`.
pub(super) fn before(words: &CutText<'_>, at: usize) -> Lead {
    let mut lead = Lead { bound: None, estimated: false, start: at };
    // "an estimated more than": two phrases, or three with the article.
    for _ in 0..3 {
        let Some((bound, length)) = phrase(words, lead.start) else { break };
        match bound {
            Some(_) if lead.bound.is_some() => break,
            Some(bound) => lead.bound = Some(bound),
            None => lead.estimated = true,
        }
        lead.start -= length;
    }
    let softened = ["just", "well", "slightly", "only", "already"];
    if lead.bound.is_some() && softened.iter().any(|word| words.end_with(lead.start, &[word])) {
        lead.start -= 1;
    }
    lead
}

/// The phrase that ends before `at`, and its length; it has no bound if it says "estimated".
fn phrase(words: &CutText<'_>, at: usize) -> Option<(Option<Bound>, usize)> {
    let before = at.checked_sub(1)?;
    if let Meaning::Sign(_) = words.term(before) {
        return sign(words, at).map(|(bound, length)| (Some(bound), length));
    }
    if words.is(before, "estimated") {
        let article = words.before(before, 1) == Meaning::Article;
        return Some((None, if article { 2 } else { 1 }));
    }
    let found = PHRASES.iter().find(|(phrase, _)| words.end_with(at, phrase));
    found.map(|(phrase, bound)| (Some(*bound), phrase.len()))
}

fn sign(words: &CutText<'_>, at: usize) -> Option<(Bound, usize)> {
    let last = words.before(at, 1);
    let first = words.before(at, 2);
    match (first, last) {
        (Meaning::Sign('>'), Meaning::Sign('=')) => Some((Bound::AtLeast, 2)),
        (Meaning::Sign('<'), Meaning::Sign('=')) => Some((Bound::AtMost, 2)),
        (Meaning::Sign('<' | '='), Meaning::Sign('>'))
        | (Meaning::Sign('='), Meaning::Sign('<')) => None,
        (_, Meaning::Sign('>')) => Some((Bound::MoreThan, 1)),
        (_, Meaning::Sign('<')) => Some((Bound::LessThan, 1)),
        (_, Meaning::Sign('≥')) => Some((Bound::AtLeast, 1)),
        (_, Meaning::Sign('≤')) => Some((Bound::AtMost, 1)),
        (_, Meaning::Sign('~' | '≈')) => Some((Bound::About, 1)),
        _ => None,
    }
}

/// The bound after a figure, such as "or more", "and above", "or so" or "+", and the word after it.
pub(super) fn after(words: &CutText<'_>, at: usize) -> Option<(Bound, usize)> {
    if words.is_sign(at, '+') && words.is_glued(at) && words.term(at + 1) != Meaning::Digits {
        return Some((Bound::AtLeast, at + 1));
    }
    if words.is_dash(at) && words.is_glued(at) && words.is(at + 1, "plus") {
        return Some((Bound::AtLeast, at + 2));
    }
    if !matches!(words.term(at), Meaning::Or | Meaning::And) {
        return None;
    }
    let is_and = words.term(at) == Meaning::And;
    let any = |list: &[&str]| list.iter().any(|word| words.is(at + 1, word));
    // In "200 or greater than 190" the bound belongs to the second figure.
    let is_whole = !words.is(at + 2, "than")
        || !matches!(words.term(at + 3), Meaning::Digits | Meaning::Small(_) | Meaning::Tens(_));
    let bound = if any(&["more", "greater", "above", "higher", "over", "up", "longer", "older"]) {
        Bound::AtLeast
    } else if any(&["less", "fewer", "below", "lower", "under", "younger"]) {
        Bound::AtMost
    } else if !is_and && any(&["so", "thereabouts"]) {
        Bound::About
    } else {
        return None;
    };
    // "2,000 and more came" has a bound; "2,000 and over the years" does not.
    let is_bound = !is_and || any(&["more", "above", "older"]);
    (is_whole && is_bound).then_some((bound, at + 2))
}
