//! Scores the attributions that were found against those that people marked.
//!
//! Knows the measure: pieces of content matched one to one, exactly or nearly, with their speakers.
//! Must not know how anything was found. docs/attribution.md defines each figure.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::BufRead;

use thiserror::Error;

use crate::reading::annotation::{
    self, Annotated, AnnotatedLines, AnnotationError, Predicted, Stretch,
};

mod binary;

use binary::Binary;

/// The characters trimmed from both ends of a content before it is compared.
const TRIMMED: &str = " \t\r\n\"“”'‘’`.,;:!?…";

/// The most overlaps within one article: more are not a plausible annotation of a text.
const MOST_OVERLAPS: usize = 1 << 21;

/// The number of confidence ranges reported separately.
pub const DECILES: usize = 10;

/// Why no score was computed.
#[derive(Debug, Error)]
pub enum ScoreError {
    /// The gold file cannot be read.
    #[error(transparent)]
    Gold(AnnotationError),
    /// The file of predictions cannot be read.
    #[error(transparent)]
    Predicted(AnnotationError),
    /// Predictions for an article that is not in the gold file.
    #[error("the gold file has no article {0}: score both files on the same articles")]
    Unknown(String),
    /// Too many overlapping marks.
    #[error("the marks of {0} overlap too often: mark each attribution once")]
    Crowded(String),
}

/// One figure, as counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoreFigure {
    /// The predictions that are right.
    pub hits: u64,
    /// All predictions.
    pub predicted: u64,
    /// All marks in the gold file.
    pub gold: u64,
}

impl ScoreFigure {
    /// The share of predictions that are right, in tenths of a percent.
    pub fn precision(self) -> u64 {
        percent(self.exact_precision())
    }

    /// The share of marks that were found, in tenths of a percent.
    pub fn recall(self) -> u64 {
        percent(self.exact_recall())
    }

    /// The harmonic mean of both, in tenths of a percent.
    pub fn f1(self) -> u64 {
        let (precision, recall) = (self.exact_precision(), self.exact_recall());
        let both = Binary::from_count(2).times(precision).times(recall);
        percent(both.over(precision.plus(recall)))
    }

    fn exact_precision(self) -> Binary {
        Binary::from_count(self.hits).over(Binary::from_count(self.predicted))
    }

    fn exact_recall(self) -> Binary {
        Binary::from_count(self.hits).over(Binary::from_count(self.gold))
    }
}

fn percent(share: Binary) -> u64 {
    Binary::from_count(100).times(share).tenths()
}

/// The outcome of each piece, counted once each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds {
    /// Content and speaker agree.
    pub right: u64,
    /// The content agrees, but another speaker was found.
    pub other_speaker: u64,
    /// The content agrees, but no speaker was found where one is marked.
    pub no_speaker: u64,
    /// The content agrees, but a speaker was found where none is marked.
    pub speaker_of_none: u64,
    /// The content begins elsewhere.
    pub other_start: u64,
    /// The content ends elsewhere.
    pub other_end: u64,
    /// The content both begins and ends elsewhere, but shares some words.
    pub other_bounds: u64,
    /// Found, but sharing no marked word that is not already matched to another prediction.
    pub spurious: u64,
    /// Marked, but nothing of it was found that is not already matched to another mark.
    pub missed: u64,
}

impl Kinds {
    /// How many contents agree.
    pub const fn contents(&self) -> u64 {
        self.right + self.other_speaker + self.no_speaker + self.speaker_of_none
    }

    /// How many were found.
    pub const fn predicted(&self) -> u64 {
        self.contents() + self.other_start + self.other_end + self.other_bounds + self.spurious
    }
}

/// How often predictions of about the same confidence are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decile {
    /// The number of predictions.
    pub predicted: u64,
    /// The sum of their confidences, in percent.
    pub confidence: u64,
    /// The number whose content agrees.
    pub contents: u64,
    /// The number whose content and speaker agree.
    pub speakers: u64,
}

/// All measurements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreReport {
    /// The same trimmed words.
    pub exact: ScoreFigure,
    /// At least four fifths of the words of both together are common to both.
    pub iou80: ScoreFigure,
    /// Like `iou80`, and the speakers overlap or both have none.
    pub speaker: ScoreFigure,
    /// The outcomes of all pieces.
    pub kinds: Kinds,
    /// The outcomes for each rule; a prediction need not name one.
    pub rules: BTreeMap<String, Kinds>,
    /// Confidence compared with correctness, the least confident first.
    pub deciles: [Decile; DECILES],
}

/// Compares what was found in articles with what is marked in them.
pub fn score<G: BufRead, P: BufRead>(
    gold: &mut AnnotatedLines<G>,
    predicted: &mut AnnotatedLines<P>,
) -> Result<ScoreReport, ScoreError> {
    let mut found: BTreeMap<String, Vec<FoundLine>> = BTreeMap::new();
    while let Some(prediction) = predicted.prediction().map_err(ScoreError::Predicted)? {
        let line = predicted.line();
        let items = prediction.attributions.into_iter().map(|found| FoundLine { line, found });
        found.entry(prediction.id).or_default().extend(items);
    }
    let mut unknown: Vec<String> = found.keys().cloned().collect();
    let mut counts = PieceCounts::default();
    while let Some(article) = gold.article().map_err(ScoreError::Gold)? {
        if let Ok(known) = unknown.binary_search(&article.id) {
            unknown.remove(known);
        }
        let items = found.get(&article.id).map(Vec::as_slice).unwrap_or_default();
        counts.add(&article, items)?;
    }
    match unknown.as_slice() {
        [] => Ok(counts.report()),
        _ => {
            let few: Vec<&str> = unknown.iter().take(3).map(String::as_str).collect();
            Err(ScoreError::Unknown(few.join(", ")))
        }
    }
}

/// A prediction, and the line it was read from.
struct FoundLine {
    line: u64,
    found: Predicted,
}

/// A piece of one side: its trimmed words, and its position in its list.
struct ScoredPiece {
    span: Stretch,
    at: usize,
}

/// Two pieces that share words.
struct MatchedPair {
    shared: u64,
    union: u64,
    predicted: usize,
    gold: usize,
}

impl MatchedPair {
    const fn is_near(&self) -> bool {
        5 * self.shared >= 4 * self.union
    }

    const fn is_exact(&self) -> bool {
        self.shared == self.union
    }
}

#[derive(Default)]
struct PieceCounts {
    predicted: u64,
    gold: u64,
    exact: u64,
    kinds: Kinds,
    rules: BTreeMap<String, Kinds>,
    deciles: [Decile; DECILES],
}

impl PieceCounts {
    fn add(&mut self, article: &Annotated, items: &[FoundLine]) -> Result<(), ScoreError> {
        let text: Vec<char> = article.text.chars().collect();
        for FoundLine { line, found } in items {
            annotation::within(&article.id, text.len(), [&found.content]).map_err(|fault| {
                ScoreError::Predicted(AnnotationError::Fault { line: *line, fault })
            })?;
        }
        let predicted = pieces(&text, items.iter().map(|item| item.found.content).enumerate());
        let marked = article.attributions.iter().enumerate();
        let gold = marked.flat_map(|(at, marked)| marked.content.iter().map(move |of| (at, *of)));
        let gold = pieces(&text, gold);
        self.predicted += predicted.len() as u64;
        self.gold += gold.len() as u64;
        let pairs =
            overlaps(&predicted, &gold).ok_or_else(|| ScoreError::Crowded(article.id.clone()))?;
        let mut exact = PieceMatching::new(predicted.len(), gold.len());
        self.exact += exact.match_by(&pairs, MatchedPair::is_exact).len() as u64;
        let mut near = PieceMatching::new(predicted.len(), gold.len());
        for (p, g) in near.match_by(&pairs, MatchedPair::is_near) {
            let item = &items[predicted[p].at].found;
            self.agrees(item, &article.attributions[gold[g].at].source);
        }
        for (p, g) in near.match_by(&pairs, |_| true) {
            let same_start = predicted[p].span.start == gold[g].span.start;
            let same_end = predicted[p].span.end == gold[g].span.end;
            self.count(&items[predicted[p].at].found, |kinds| match (same_start, same_end) {
                (false, true) => kinds.other_start += 1,
                (true, false) => kinds.other_end += 1,
                _ => kinds.other_bounds += 1,
            });
        }
        for (piece, _) in predicted.iter().zip(&near.predicted).filter(|(_, taken)| !**taken) {
            self.count(&items[piece.at].found, |kinds| kinds.spurious += 1);
        }
        self.kinds.missed += near.gold.iter().filter(|taken| !**taken).count() as u64;
        Ok(())
    }

    /// Records that the content agrees, and compares the speakers.
    fn agrees(&mut self, item: &Predicted, marked: &[Stretch]) {
        let overlaps = |source: Stretch| marked.iter().any(|of| source.shared(*of) > 0);
        let is_right = match item.source {
            Some(source) if !marked.is_empty() => overlaps(source),
            source => source.is_none() && marked.is_empty(),
        };
        self.count(item, |kinds| match item.source {
            _ if is_right => kinds.right += 1,
            None => kinds.no_speaker += 1,
            Some(_) if marked.is_empty() => kinds.speaker_of_none += 1,
            Some(_) => kinds.other_speaker += 1,
        });
        if let Some(confidence) = item.confidence {
            let decile = &mut self.deciles[decile(confidence)];
            decile.contents += 1;
            decile.speakers += u64::from(is_right);
        }
    }

    fn count(&mut self, item: &Predicted, add: impl Fn(&mut Kinds)) {
        add(&mut self.kinds);
        if let Some(rule) = &item.rule {
            add(self.rules.entry(rule.clone()).or_default());
        }
        if let Some(confidence) = item.confidence {
            let decile = &mut self.deciles[decile(confidence)];
            decile.predicted += 1;
            decile.confidence += u64::from(confidence);
        }
    }

    fn report(self) -> ScoreReport {
        let figure = |hits| ScoreFigure { hits, predicted: self.predicted, gold: self.gold };
        ScoreReport {
            exact: figure(self.exact),
            iou80: figure(self.kinds.contents()),
            speaker: figure(self.kinds.right),
            kinds: self.kinds,
            rules: self.rules,
            deciles: self.deciles,
        }
    }
}

fn decile(confidence: u8) -> usize {
    (usize::from(confidence) / 10).min(DECILES - 1)
}

/// The pieces after trimming; those with nothing left are dropped.
fn pieces(text: &[char], contents: impl Iterator<Item = (usize, Stretch)>) -> Vec<ScoredPiece> {
    let trimmed = contents.map(|(at, content)| ScoredPiece { span: trimmed(text, content), at });
    trimmed.filter(|piece| !piece.span.is_empty()).collect()
}

fn trimmed(text: &[char], span: Stretch) -> Stretch {
    let is_trimmed = |at: u32| text.get(at as usize).is_some_and(|it| TRIMMED.contains(*it));
    let Stretch { mut start, mut end } = span;
    while start < end && is_trimmed(start) {
        start += 1;
    }
    while end > start && is_trimmed(end - 1) {
        end -= 1;
    }
    Stretch { start, end }
}

/// Every two pieces that share words, ordered by the best overlap first and then by list order;
/// none if there are too many.
fn overlaps(predicted: &[ScoredPiece], gold: &[ScoredPiece]) -> Option<Vec<MatchedPair>> {
    let mut by_start: Vec<usize> = (0..gold.len()).collect();
    by_start.sort_by_key(|g| gold[*g].span.start);
    let mut furthest = 0;
    let furthest: Vec<u32> = by_start
        .iter()
        .map(|g| {
            furthest = gold[*g].span.end.max(furthest);
            furthest
        })
        .collect();
    let mut pairs = Vec::new();
    let mut looked = 0;
    for (p, piece) in predicted.iter().enumerate() {
        // No earlier mark reaches into this piece.
        let first = furthest.partition_point(|end| *end <= piece.span.start);
        for g in &by_start[first..] {
            let span = gold[*g].span;
            looked += 1;
            if span.start >= piece.span.end {
                break;
            }
            if looked > MOST_OVERLAPS {
                return None;
            }
            let shared = u64::from(piece.span.shared(span));
            let union = u64::from(piece.span.len()) + u64::from(span.len()) - shared;
            if shared > 0 {
                pairs.push(MatchedPair { shared, union, predicted: p, gold: *g });
            }
        }
    }
    pairs.sort_by(|a, b| {
        let better = Reverse(a.shared * b.union).cmp(&Reverse(b.shared * a.union));
        better.then(a.predicted.cmp(&b.predicted)).then(a.gold.cmp(&b.gold))
    });
    Some(pairs)
}

/// Which pieces have been matched.
struct PieceMatching {
    predicted: Vec<bool>,
    gold: Vec<bool>,
}

impl PieceMatching {
    fn new(predicted: usize, gold: usize) -> Self {
        Self { predicted: vec![false; predicted], gold: vec![false; gold] }
    }

    /// Matches the remaining pieces one to one, the best overlap first.
    fn match_by(
        &mut self,
        pairs: &[MatchedPair],
        fits: impl Fn(&MatchedPair) -> bool,
    ) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for pair in pairs.iter().filter(|pair| fits(pair)) {
            if !self.predicted[pair.predicted] && !self.gold[pair.gold] {
                self.predicted[pair.predicted] = true;
                self.gold[pair.gold] = true;
                found.push((pair.predicted, pair.gold));
            }
        }
        found
    }
}
