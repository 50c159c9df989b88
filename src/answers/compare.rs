//! Compares what two outlets or documents report about the same subject.
//!
//! Knows assertions, and pairs those with the same or nearly the same words. Must not know where
//! they come from, nor how a comparison is displayed. Pairs are based on similar wording alone and
//! state how similar it is; nothing here is called a contradiction.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::answers::view::query::Assertion;
use crate::domain::claim::{Claim, Framing, Polarity};
use crate::domain::id::{AssertionId, SourceId};

mod bound;
mod figures;
mod wording;

mod pairing;

pub use bound::{ComparisonBound, ComparisonBoundMet};
use bound::{MOST_COMMENTS, MOST_FIGURES};
pub use figures::{Obstacle, Verdict};
use pairing::Pairing;
use wording::Wording;
pub use wording::{WordChange, WordRun};

/// The percentage of words that must agree, in order, for two wordings to count as one statement.
const ALIKE: usize = 60;

/// The same percentage if the speakers differ: only nearly identical words can be one statement
/// credited to two speakers.
const NEARLY_THE_SAME: usize = 85;

/// An assertion, and what the ledger knows about its speakers.
#[derive(Debug, Clone)]
pub struct Side {
    /// The assertion.
    pub assertion: Assertion,
    /// Its speakers, each resolved to the source it was merged into.
    pub speakers: BTreeSet<SourceId>,
    /// The speakers and those for whom they speak.
    pub principals: BTreeSet<SourceId>,
}

/// Something that differs between the left and the right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contrast<T> {
    /// The value on the left.
    pub left: T,
    /// The value on the right.
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
    /// The percentage of words that agree; 100 if only case and outer punctuation differ.
    pub likeness: usize,
    /// The changes from the left wording to the right; empty if they are the same.
    pub wording: Vec<WordRun>,
    /// The words that one side leaves out at the end, and the side that has them.
    pub cut: Option<(WordChange, String)>,
    /// The speakers, if they differ.
    pub speakers: Option<Contrast<BTreeSet<SourceId>>>,
    /// The framings, if they differ.
    pub framing: Option<Contrast<Framing>>,
    /// The cues, if they differ.
    pub cue: Option<Contrast<String>>,
    /// The polarities, if one side affirms and the other does not.
    pub polarity: Option<Contrast<Polarity>>,
}

impl Pair {
    /// Whether both sides have the statement with the same words, framing and voice.
    pub const fn is_same(&self) -> bool {
        self.wording.is_empty()
            && self.speakers.is_none()
            && self.framing.is_none()
            && self.polarity.is_none()
    }
}

/// One side reports that a source did not comment; the other, or the same side later, reports a
/// comment by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sequel {
    /// The assertion that there was no comment.
    pub silence: AssertionId,
    /// The comments by the same source on the other side.
    pub comments: Vec<AssertionId>,
}

/// Two figures that a reader might compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// The assertion with the first figure.
    pub left: AssertionId,
    /// The assertion with the second figure.
    pub right: AssertionId,
    /// The first figure, as text.
    pub left_figure: String,
    /// The second figure, as text.
    pub right_figure: String,
    /// How they compare.
    pub verdict: Verdict,
}

/// The comparison of two sides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Statements on both sides, in the order of the left side.
    pub pairs: Vec<Pair>,
    /// Statements only on the left.
    pub only_left: Vec<AssertionId>,
    /// Statements only on the right.
    pub only_right: Vec<AssertionId>,
    /// Silences on one side for which the other side has comments.
    pub sequels: Vec<Sequel>,
    /// Similar figures on either side.
    pub figures: Vec<Figures>,
    /// The limits that were reached, and what they cut off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<ComparisonBoundMet>,
}

impl Comparison {
    /// Whether the two sides do not differ in anything.
    pub fn is_same(&self) -> bool {
        self.only_left.is_empty()
            && self.only_right.is_empty()
            && self.pairs.iter().all(Pair::is_same)
            && self.figures.iter().all(|figures| figures.verdict == Verdict::Agree)
    }
}

/// Compares two sides.
pub fn compare(left: &[Side], right: &[Side]) -> Comparison {
    let (pairs, pairs_cut) = pairs(left, right);
    let rest = |side: &[Side], paired: BTreeSet<AssertionId>| {
        let ids = side.iter().map(|one| one.assertion.id);
        ids.filter(|id| !paired.contains(id)).collect::<Vec<_>>()
    };
    let only_left = rest(left, pairs.iter().map(|pair| pair.left).collect());
    let only_right = rest(right, pairs.iter().map(|pair| pair.right).collect());
    let (mut sequels, sequels_cut) = sequels(left, right);
    let (mirrored, mirrored_cut) = self::sequels(right, left);
    sequels.extend(mirrored);
    let (figures, figures_cut) = look_alikes(left, right);
    let bounds = [
        ComparisonBoundMet::at(ComparisonBound::Pairs, pairs_cut),
        ComparisonBoundMet::at(ComparisonBound::Comments, sequels_cut + mirrored_cut),
        ComparisonBoundMet::at(ComparisonBound::Figures, figures_cut),
    ];
    let bounds = bounds.into_iter().flatten().collect();
    Comparison { pairs, only_left, only_right, sequels, figures, bounds }
}

fn content(side: &Side) -> String {
    let pieces = side.assertion.asserted.content.as_slice();
    pieces.iter().map(|selector| selector.exact()).collect::<Vec<_>>().join(" … ")
}

/// Pairs each statement with the most similar one, best pairs first, each statement once; and
/// returns how many had more candidates than were tried.
fn pairs(left: &[Side], right: &[Side]) -> (Vec<Pair>, usize) {
    let wordings = |side: &[Side]| -> Vec<Wording> {
        side.iter().map(|one| Wording::of(&content(one))).collect()
    };
    let (left_wordings, right_wordings) = (wordings(left), wordings(right));
    let mut numbers = SpellingNumbers(BTreeMap::new());
    let mut principals = |side: &'_ [Side]| -> Vec<Vec<u32>> {
        let of_one = |one: &Side| {
            let mut all: Vec<u32> =
                one.principals.iter().map(|source| numbers.of(source.clone())).collect();
            all.sort_unstable();
            all
        };
        side.iter().map(of_one).collect()
    };
    let (left_principals, right_principals) = (principals(left), principals(right));
    let least = |l: usize, r: usize| {
        let one_speaker = shares(&left_principals[l], &right_principals[r]);
        if one_speaker { ALIKE } else { NEARLY_THE_SAME }
    };
    let Pairing { pairs, cut } = pairing::pair(&left_wordings, &right_wordings, least);
    let pairs = pairs.into_iter().map(|(likeness, l, r)| {
        let is_same = likeness == 100;
        let runs = || left_wordings[l].runs_to(&right_wordings[r]);
        pair(&left[l], &right[r], likeness, if is_same { Vec::new() } else { runs() })
    });
    let mut pairs: Vec<Pair> = pairs.collect();
    pairs.sort_by_key(|pair| pair.left);
    (pairs, cut)
}

fn pair(left: &Side, right: &Side, likeness: usize, wording: Vec<WordRun>) -> Pair {
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

/// The silences on one side with the comments on the other; and how many of them have more comments
/// than are listed.
fn sequels(silent: &[Side], speaking: &[Side]) -> (Vec<Sequel>, usize) {
    let no_comment =
        silent.iter().filter(|side| side.assertion.asserted.polarity == Polarity::NoComment);
    let mut spoken: BTreeMap<&SourceId, Vec<usize>> = BTreeMap::new();
    for (place, side) in speaking.iter().enumerate() {
        for source in &side.principals {
            spoken.entry(source).or_default().push(place);
        }
    }
    let (mut found, mut cut) = (Vec::new(), 0);
    for silence in no_comment {
        let asked: BTreeSet<&SourceId> = silence.assertion.asserted.against.iter().collect();
        let mut places: Vec<usize> = asked
            .into_iter()
            .filter_map(|source| spoken.get(source))
            .flat_map(|places| places.iter().take(MOST_COMMENTS + 1).copied())
            .collect();
        places.sort_unstable();
        places.dedup();
        cut += usize::from(places.len() > MOST_COMMENTS);
        places.truncate(MOST_COMMENTS);
        let comments: Vec<AssertionId> =
            places.into_iter().map(|place| speaking[place].assertion.id).collect();
        if !comments.is_empty() {
            found.push(Sequel { silence: silence.assertion.id, comments });
        }
    }
    (found, cut)
}

/// The possible subjects of an assertion's figures: topics, places, names in its words, and its
/// speakers.
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

/// An assertion that has figures, with its comparison keys as numbers.
struct Figured<'a> {
    side: &'a Side,
    speakers: u32,
    /// In ascending order.
    subjects: Vec<u32>,
    /// The kind of each figure.
    kinds: Vec<u32>,
}

/// Assigns a number to each spelling.
struct SpellingNumbers<T>(BTreeMap<T, u32>);

impl<T: Ord> SpellingNumbers<T> {
    fn of(&mut self, spelling: T) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(spelling).or_insert(next)
    }
}

/// The most steps in the search for similar figures.
const MOST_STEPS: usize = 400_000_000;

/// Figures that different speakers give for what may be the same thing, on one side or across; and
/// whether there are more than are listed.
fn look_alikes(left: &[Side], right: &[Side]) -> (Vec<Figures>, usize) {
    let (mut speakers, mut words) =
        (SpellingNumbers(BTreeMap::new()), SpellingNumbers(BTreeMap::new()));
    let figured: Vec<Figured<'_>> = left
        .iter()
        .chain(right)
        .filter(|side| !side.assertion.asserted.claim.quantities.is_empty())
        .map(|side| {
            let mut subjects: Vec<u32> =
                subjects(side).into_iter().map(|subject| words.of(subject)).collect();
            subjects.sort_unstable();
            let quantities = &side.assertion.asserted.claim.quantities;
            let kinds = quantities.iter().map(|one| words.of(figures::kind(one))).collect();
            Figured { side, speakers: speakers.of(&side.speakers), subjects, kinds }
        })
        .collect();
    let (mut found, mut steps): (Vec<Figures>, usize) = (Vec::new(), 0);
    for (place, one) in figured.iter().enumerate() {
        for other in &figured[place + 1..] {
            if one.speakers == other.speakers || one.side.assertion.id == other.side.assertion.id {
                continue;
            }
            steps += one.subjects.len() + one.kinds.len() * other.kinds.len();
            if shares(&one.subjects, &other.subjects) {
                found.extend(figures_of(one, other, MOST_FIGURES + 1 - found.len()));
            }
            if found.len() > MOST_FIGURES || steps > MOST_STEPS {
                found.truncate(MOST_FIGURES);
                found.dedup();
                return (found, 1);
            }
        }
    }
    found.dedup();
    (found, 0)
}

/// Whether two sorted lists have an element in common.
fn shares(one: &[u32], other: &[u32]) -> bool {
    let (few, many) = if one.len() < other.len() { (one, other) } else { (other, one) };
    few.iter().any(|number| many.binary_search(number).is_ok())
}

fn figures_of(one: &Figured<'_>, other: &Figured<'_>, most: usize) -> Vec<Figures> {
    let claim = |one: &'_ Figured<'_>| -> Claim { one.side.assertion.asserted.claim.clone() };
    let mut alike = Vec::new();
    for (place, kind) in one.kinds.iter().enumerate() {
        let places = other.kinds.iter().enumerate().filter(|(_, it)| *it == kind);
        alike.extend(places.map(|(other_place, _)| (place, other_place)).take(most));
    }
    alike.truncate(most);
    if alike.is_empty() {
        return Vec::new();
    }
    let (one_claim, other_claim) = (claim(one), claim(other));
    let told = |(place, other_place): (usize, usize)| {
        let (left, right) = (&one_claim.quantities[place], &other_claim.quantities[other_place]);
        Figures {
            left: one.side.assertion.id,
            right: other.side.assertion.id,
            left_figure: left.to_string(),
            right_figure: right.to_string(),
            verdict: figures::compare((&one_claim, left), (&other_claim, right)),
        }
    };
    alike.into_iter().map(told).collect()
}
