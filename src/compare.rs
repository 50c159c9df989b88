//! Comparing: what two outlets or documents make of one matter.
//!
//! Knows assertions, and pairs those with the same or nearly the same words. Must not know where
//! they come from, nor how a comparison is shown. Pairs by likeness alone say how alike they are;
//! nothing here is called a contradiction.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::claim::{Claim, Framing, Polarity};
use crate::id::{AssertionId, SourceId};
use crate::quantity::Quantity;
use crate::view::query::Assertion;

mod figures;
mod wording;

pub use figures::{Obstacle, Verdict};
use wording::Wording;
pub use wording::{Change, Run};

/// How many words in a hundred must agree, in order, for two wordings to be taken as one statement.
const ALIKE: usize = 60;

/// The same, where the speakers differ: then only nearly the same words can be one statement that was
/// credited to another.
const NEARLY_THE_SAME: usize = 85;

/// Shared words without which two wordings are not even looked at.
const SHARED: usize = 4;

/// An assertion, and what its speakers are in the ledger.
#[derive(Debug, Clone)]
pub struct Side {
    /// The assertion.
    pub assertion: Assertion,
    /// Its speakers as the whole sources they are part of.
    pub speakers: BTreeSet<SourceId>,
    /// Those and whom they speak for.
    pub principals: BTreeSet<SourceId>,
}

/// Something that is one on the left and another on the right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contrast<T> {
    /// On the left.
    pub left: T,
    /// On the right.
    pub right: T,
}

impl<T: PartialEq> Contrast<T> {
    fn of(left: T, right: T) -> Option<Self> {
        (left != right).then_some(Self { left, right })
    }
}

/// The same statement on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// The assertion on the left.
    pub left: AssertionId,
    /// The assertion on the right.
    pub right: AssertionId,
    /// How many words in a hundred agree; 100 where only case and outer punctuation differ.
    pub likeness: usize,
    /// From the left wording to the right; empty where they are the same.
    pub wording: Vec<Run>,
    /// The words that one side drops from the end, and the side that has them.
    pub cut: Option<(Change, String)>,
    /// Different speakers.
    pub speakers: Option<Contrast<BTreeSet<SourceId>>>,
    /// Different framings.
    pub framing: Option<Contrast<Framing>>,
    /// Different cues.
    pub cue: Option<Contrast<String>>,
    /// One affirms, the other does not.
    pub polarity: Option<Contrast<Polarity>>,
}

impl Pair {
    /// Whether both sides give the statement in the same words, framing and voice.
    pub const fn is_same(&self) -> bool {
        self.wording.is_empty()
            && self.speakers.is_none()
            && self.framing.is_none()
            && self.polarity.is_none()
    }
}

/// One side found a source silent; the other, or the same later, has what it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sequel {
    /// The assertion that there was no comment.
    pub silence: AssertionId,
    /// What those who were silent are quoted with on the other side.
    pub comments: Vec<AssertionId>,
}

/// Two figures that a reader might hold against each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// The assertion of the one.
    pub left: AssertionId,
    /// The assertion of the other.
    pub right: AssertionId,
    /// The one, as it would be said.
    pub left_figure: String,
    /// The other.
    pub right_figure: String,
    /// What they are to each other.
    pub verdict: Verdict,
}

/// What two sides make of one matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Statements on both sides, in the left side's order.
    pub pairs: Vec<Pair>,
    /// What only the left has.
    pub only_left: Vec<AssertionId>,
    /// What only the right has.
    pub only_right: Vec<AssertionId>,
    /// Silences on one side that the other side's comments follow.
    pub sequels: Vec<Sequel>,
    /// Figures on either side that look alike.
    pub figures: Vec<Figures>,
}

impl Comparison {
    /// Whether there is anything to tell the two sides apart by.
    pub fn is_same(&self) -> bool {
        self.only_left.is_empty()
            && self.only_right.is_empty()
            && self.pairs.iter().all(Pair::is_same)
            && self.figures.iter().all(|figures| figures.verdict == Verdict::Agree)
    }
}

/// Compares two sides.
pub fn compare(left: &[Side], right: &[Side]) -> Comparison {
    let pairs = pairs(left, right);
    let rest = |side: &[Side], paired: BTreeSet<AssertionId>| {
        let ids = side.iter().map(|one| one.assertion.id);
        ids.filter(|id| !paired.contains(id)).collect::<Vec<_>>()
    };
    let only_left = rest(left, pairs.iter().map(|pair| pair.left).collect());
    let only_right = rest(right, pairs.iter().map(|pair| pair.right).collect());
    let mut sequels = sequels(left, right);
    sequels.extend(self::sequels(right, left));
    let figures = look_alikes(left, right);
    Comparison { pairs, only_left, only_right, sequels, figures }
}

fn content(side: &Side) -> String {
    let pieces = side.assertion.asserted.content.as_slice();
    pieces.iter().map(|selector| selector.exact()).collect::<Vec<_>>().join(" … ")
}

/// Pairs each statement with the one most like it, best pairs first, each statement once.
fn pairs(left: &[Side], right: &[Side]) -> Vec<Pair> {
    let wordings = |side: &[Side]| -> Vec<Wording> {
        side.iter().map(|one| Wording::of(&content(one))).collect()
    };
    let (left_wordings, right_wordings) = (wordings(left), wordings(right));
    let mut holders: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, wording) in right_wordings.iter().enumerate() {
        for word in wording.words().collect::<BTreeSet<_>>() {
            holders.entry(word).or_default().push(place);
        }
    }
    let mut candidates = Vec::new();
    for (l, wording) in left_wordings.iter().enumerate() {
        let words: BTreeSet<&str> = wording.words().collect();
        let near: BTreeSet<usize> =
            words.iter().filter_map(|word| holders.get(word)).flatten().copied().collect();
        for r in near {
            let one_speaker = !left[l].principals.is_disjoint(&right[r].principals);
            let least = if one_speaker { ALIKE } else { NEARLY_THE_SAME };
            let found = candidate(wording, &right_wordings[r]);
            let found = found.filter(|(likeness, _)| *likeness >= least);
            candidates.extend(found.map(|found| (found, l, r)));
        }
    }
    candidates.sort_by_key(|((likeness, _), l, r)| (std::cmp::Reverse(*likeness), *l, *r));
    let (mut taken_left, mut taken_right) = (BTreeSet::new(), BTreeSet::new());
    let mut chosen = Vec::new();
    for ((likeness, runs), l, r) in candidates {
        if !taken_left.contains(&l) && !taken_right.contains(&r) {
            taken_left.insert(l);
            taken_right.insert(r);
            chosen.push(pair(&left[l], &right[r], likeness, runs));
        }
    }
    chosen.sort_by_key(|pair| pair.left);
    chosen
}

fn candidate(left: &Wording, right: &Wording) -> Option<(usize, Vec<Run>)> {
    if left.is_same(right) {
        return Some((100, Vec::new()));
    }
    let (shared, longest) = (left.shared(right), left.words().count().max(right.words().count()));
    if shared < SHARED || shared * 100 < longest * ALIKE / 2 {
        return None;
    }
    let runs = left.runs_to(right);
    let likeness = wording::likeness(&runs);
    (likeness >= ALIKE).then_some((likeness.min(99), runs))
}

fn pair(left: &Side, right: &Side, likeness: usize, wording: Vec<Run>) -> Pair {
    let cut = wording::cut(&wording).map(|(change, words)| (change, words.to_owned()));
    let cue = |side: &Side| {
        let hops = side.assertion.asserted.hops.iter();
        let cues = hops.flat_map(|hop| &hop.cue).map(|selector| selector.exact());
        cues.collect::<Vec<_>>().join(", ").to_lowercase()
    };
    let (one, other) = (&left.assertion, &right.assertion);
    Pair {
        left: one.id,
        right: other.id,
        likeness,
        wording,
        cut,
        speakers: Contrast::of(left.speakers.clone(), right.speakers.clone()),
        framing: Contrast::of(one.asserted.framing, other.asserted.framing),
        cue: Contrast::of(cue(left), cue(right)),
        polarity: Contrast::of(one.asserted.polarity, other.asserted.polarity),
    }
}

fn sequels(silent: &[Side], speaking: &[Side]) -> Vec<Sequel> {
    let no_comment =
        silent.iter().filter(|side| side.assertion.asserted.polarity == Polarity::NoComment);
    let mut found = Vec::new();
    for silence in no_comment {
        let asked: BTreeSet<&SourceId> = silence.assertion.asserted.against.iter().collect();
        let comments: Vec<AssertionId> = speaking
            .iter()
            .filter(|side| side.principals.iter().any(|source| asked.contains(source)))
            .map(|side| side.assertion.id)
            .collect();
        if !comments.is_empty() {
            found.push(Sequel { silence: silence.assertion.id, comments });
        }
    }
    found
}

/// What an assertion's figures may be figures of: topics, places, names in its words, and those who
/// speak.
fn subjects(side: &Side) -> BTreeSet<String> {
    let claim = &side.assertion.asserted.claim;
    let words = content(side);
    let names = words.split(|letter: char| !letter.is_alphanumeric()).filter(|word| {
        word.chars().count() > 2 && word.chars().next().is_some_and(char::is_uppercase)
    });
    let topics = claim.about.iter().map(|topic| topic.slug().to_string());
    let places = claim.place.iter().map(|place| place.as_str().to_lowercase());
    let speakers = side.principals.iter().map(|source| source.slug().to_string());
    topics.chain(places).chain(speakers).chain(names.map(str::to_lowercase)).collect()
}

/// Figures that different speakers give of what may be one thing, on either side or across.
fn look_alikes(left: &[Side], right: &[Side]) -> Vec<Figures> {
    let all: Vec<&Side> = left.iter().chain(right).collect();
    let with_figures: Vec<(&Side, BTreeSet<String>)> = all
        .into_iter()
        .filter(|side| !side.assertion.asserted.claim.quantities.is_empty())
        .map(|side| (side, subjects(side)))
        .collect();
    let mut found: Vec<Figures> = Vec::new();
    for (place, (one, one_subjects)) in with_figures.iter().enumerate() {
        for (other, other_subjects) in &with_figures[place + 1..] {
            let apart = one.assertion.id != other.assertion.id && one.speakers != other.speakers;
            if apart && !one_subjects.is_disjoint(other_subjects) {
                found.extend(figures_of(one, other));
            }
        }
    }
    found.dedup();
    found
}

fn figures_of(one: &Side, other: &Side) -> Vec<Figures> {
    let figures = |side: &Side| -> (Claim, Vec<Quantity>) {
        let claim = side.assertion.asserted.claim.clone();
        let quantities = claim.quantities.clone();
        (claim, quantities)
    };
    let ((one_claim, ones), (other_claim, others)) = (figures(one), figures(other));
    let mut found = Vec::new();
    for left in &ones {
        for right in others.iter().filter(|right| figures::look_alike(left, right)) {
            found.push(Figures {
                left: one.assertion.id,
                right: other.assertion.id,
                left_figure: left.to_string(),
                right_figure: right.to_string(),
                verdict: figures::compare((&one_claim, left), (&other_claim, right)),
            });
        }
    }
    found
}
