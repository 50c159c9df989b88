//! An averaged perceptron, and how its weights become the tables that the library reads.
//!
//! Knows features as numbers. Must not know what they mean, or what a treebank is.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use testimony::syntax::table::{CLASSES, Certain, ClassScores, Dense, Sparse};

#[derive(Default)]
pub(crate) struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A weight, and what is needed for its average.
pub(crate) struct Cell {
    class: u8,
    value: i32,
    total: i64,
    since: i64,
}

type Index = HashMap<u64, u32, BuildHasherDefault<Plain>>;

/// Counts features before anything is learnt.
#[derive(Default)]
pub(crate) struct Census(Index);

impl Census {
    pub(crate) fn count(&mut self, features: &[u64]) {
        for feature in features {
            *self.0.entry(*feature).or_default() += 1;
        }
    }
}

/// The averages of one feature by class, the greatest first.
type Averages = Vec<(u8, i64)>;

/// An averaged perceptron over the features that are not rare.
pub(crate) struct Perceptron {
    index: Index,
    counts: Vec<u32>,
    rows: Vec<Vec<Cell>>,
    pub(crate) clock: i64,
}

impl Perceptron {
    pub(crate) fn new(census: Census, rare: u32) -> Self {
        let mut index = Index::default();
        let mut counts = Vec::new();
        let mut kept: Vec<_> = census.0.into_iter().filter(|(_, count)| *count >= rare).collect();
        kept.sort_unstable();
        for (feature, count) in kept {
            index.insert(feature, counts.len() as u32);
            counts.push(count);
        }
        let rows = counts.iter().map(|_| Vec::new()).collect();
        Self { index, counts, rows, clock: 0 }
    }

    pub(crate) fn find(&self, features: &[u64]) -> Vec<u32> {
        features.iter().filter_map(|feature| self.index.get(feature).copied()).collect()
    }

    pub(crate) fn scores(&self, found: &[u32]) -> ClassScores {
        let mut scores = [0; CLASSES];
        for cell in found.iter().flat_map(|row| &self.rows[*row as usize]) {
            scores[usize::from(cell.class)] += cell.value;
        }
        scores
    }

    fn change(&mut self, found: &[u32], class: usize, by: i32) {
        for row in found {
            let row = &mut self.rows[*row as usize];
            let at = row.iter().position(|cell| usize::from(cell.class) == class);
            let at = at.unwrap_or_else(|| {
                row.push(Cell { class: class as u8, value: 0, total: 0, since: 0 });
                row.len() - 1
            });
            let cell = &mut row[at];
            cell.total += i64::from(cell.value) * (self.clock - cell.since);
            cell.since = self.clock;
            cell.value += by;
        }
    }

    /// Learns that one class is right and another wrong, unless that is known by a margin.
    pub(crate) fn learn(
        &mut self,
        found: &[u32],
        scores: &ClassScores,
        right: usize,
        wrong: usize,
        margin: i32,
    ) {
        if scores[right] - scores[wrong] <= margin {
            self.change(found, right, 1);
            self.change(found, wrong, -1);
        }
    }

    /// The averages, in 1/1024: features by falling importance.
    pub(crate) fn averages(&self) -> Vec<(u64, Averages)> {
        let average = |cell: &Cell| {
            let total = cell.total + i64::from(cell.value) * (self.clock - cell.since);
            (cell.class, total * 1024 / self.clock.max(1))
        };
        let mut rows: Vec<(i64, u64, Averages)> = Vec::new();
        for (feature, row) in &self.index {
            let mut cells: Vec<_> = self.rows[*row as usize].iter().map(average).collect();
            cells.sort_by_key(|(class, value)| (-value.abs(), *class));
            let weight = cells.iter().map(|(_, value)| value.abs()).sum::<i64>();
            let count = i64::from(self.counts[*row as usize].min(64).isqrt());
            rows.push((-weight * count, *feature, cells));
        }
        rows.sort();
        rows.into_iter().map(|(_, feature, cells)| (feature, cells)).collect()
    }
}

/// The size of an average that becomes 127: one in 2,000 is larger.
pub(crate) fn scale(rows: &[(u64, Averages)]) -> i64 {
    let mut sizes: Vec<i64> =
        rows.iter().flat_map(|(_, cells)| cells).map(|(_, value)| value.abs()).collect();
    sizes.sort_unstable();
    sizes[sizes.len() - 1 - sizes.len() / 2000].max(1)
}

pub(crate) fn small(value: i64, scale: i64) -> i8 {
    let half = if value < 0 { -scale / 2 } else { scale / 2 };
    ((value * 127 + half) / scale).clamp(-127, 127) as i8
}

/// Adds to a table what is certain, as features with their classes, where there is a place.
pub(crate) fn settle(bytes: &mut [u8], settled: &[(u64, usize)]) {
    for (feature, class) in settled {
        let (at, mark) = Certain::place(*feature, bytes.len() / 4);
        let place = &mut bytes[at * 4..at * 4 + 4];
        if place == [0; 4] {
            place.copy_from_slice(&((*class as u32) << 24 | mark).to_le_bytes());
        }
    }
}

pub(crate) fn sparse(perceptron: &Perceptron, rows: usize) -> Vec<u8> {
    let averages = perceptron.averages();
    let scale = scale(&averages);
    let mut bytes = vec![0; rows * 8];
    let (all, mut lost) = (averages.len(), 0);
    for (feature, cells) in averages {
        let (at, mark) = Sparse::place(feature, rows);
        let row = &mut bytes[at * 8..(at + 1) * 8];
        let is_free = row[..2] == [0, 0];
        let cells = cells.iter().map(|(class, value)| (*class, small(*value, scale)));
        let cells: Vec<_> = cells.filter(|(_, value)| *value != 0).take(Sparse::WIDTH).collect();
        if !cells.is_empty() && !is_free {
            lost += 1;
        }
        if !cells.is_empty() && is_free {
            row[..2].copy_from_slice(&mark.to_le_bytes());
            for (pair, (class, value)) in row[2..].chunks_mut(2).zip(cells) {
                pair.copy_from_slice(&[class, value as u8]);
            }
        }
    }
    println!("  {all} features, {lost} without a place");
    bytes
}

pub(crate) fn dense(perceptron: &Perceptron, pairs: usize, scale: i64) -> Vec<u8> {
    let averages = perceptron.averages();
    let mut bytes = vec![0; pairs * 8];
    let mut lost = 0;
    for (feature, cells) in &averages {
        let (at, mark) = Dense::place(*feature, pairs);
        let pair = &mut bytes[at * 8..(at + 1) * 8];
        let mut weights = [0_i8; 4];
        for (class, value) in cells {
            weights[usize::from(*class)] = small(*value, scale);
        }
        let row = [mark, weights[0] as u8, weights[1] as u8, weights[2] as u8];
        if row[1..] == [0; 3] {
            continue;
        }
        let free = pair.chunks_mut(4).find(|row| row[1..] == [0; 3] || row[0] == mark);
        match free {
            Some(place) if place[1..] == [0; 3] => place.copy_from_slice(&row),
            _ => lost += 1,
        }
    }
    println!("  {} features of moves, {lost} without a place", averages.len());
    bytes
}

/// The best of these classes, one of them left out.
pub(crate) fn best(scores: &ClassScores, classes: Range<usize>, without: Option<usize>) -> usize {
    let choices = classes.filter(|class| Some(*class) != without);
    choices.max_by_key(|class| (scores[*class], std::cmp::Reverse(*class))).unwrap_or(0)
}
