//! Trains the tagger and the parser of `testimony::syntax` from treebanks in CoNLL-U.
//!
//! ```sh
//! cargo run --release --example train_syntax -- OUT HELD_LIST TREEBANK.conllu...
//! ```
//!
//! Knows how a perceptron learns. Must not know how the library uses what it learnt. What it was
//! given for the weights that are in the repository is in src/syntax/CREDITS.md.

#![allow(clippy::unwrap_used, reason = "an example stops at the first trouble")]
#![allow(clippy::expect_used, clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::{env, fs};

use testimony::syntax::grammar::{Relation, Tag};
use testimony::syntax::lexeme::Lexeme;
use testimony::syntax::parser::{self, LONGEST, Move, Parsing};
use testimony::syntax::table::{CLASSES, Dense, Scores, Sparse};
use testimony::syntax::tagger::{self, Tagging};

const TAG_ROUNDS: usize = 8;
const TREE_ROUNDS: usize = 12;
const FOLDS: usize = 4;
const TAG_ROWS: usize = 1 << 16;
const RELATION_ROWS: usize = 1 << 16;
const MOVE_PAIRS: usize = 1 << 18;

/// A sentence with what was annotated.
#[derive(Clone)]
struct Gold {
    words: Vec<Lexeme>,
    tags: Vec<Tag>,
    /// The number of the head; of a root, the number of words.
    heads: Vec<usize>,
    labels: Vec<usize>,
}

fn tag_of(spelling: &str) -> Tag {
    let found = Tag::ALL.iter().find(|tag| tag.spelling() == spelling);
    found.copied().unwrap_or(if spelling == "GW" { Tag::NN } else { Tag::FW })
}

fn relation_of(spelling: &str) -> Relation {
    let find = |spelling: &str| {
        Relation::ALL.iter().copied().find(|relation| relation.spelling() == spelling)
    };
    let spelling = match spelling {
        "obl:npmod" | "obl:tmod" => "obl:unmarked",
        "nmod:npmod" | "nmod:tmod" => "nmod:unmarked",
        other => other,
    };
    let broad = || find(spelling.split(':').next().unwrap());
    find(spelling).or_else(broad).unwrap_or(Relation::Dep)
}

fn read(path: &str) -> Vec<Gold> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut sentences = Vec::new();
    for block in text.split("\n\n") {
        let rows = block.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        let rows: Vec<Vec<&str>> = rows.map(|line| line.split('\t').collect()).collect();
        let rows: Vec<_> = rows.into_iter().filter(|row| !row[0].contains(['-', '.'])).collect();
        if rows.is_empty() || rows.len() > LONGEST {
            continue;
        }
        let head = |row: &Vec<&str>| row[6].parse::<usize>().unwrap();
        sentences.push(Gold {
            words: rows.iter().map(|row| Lexeme::of(row[1])).collect(),
            tags: rows.iter().map(|row| tag_of(row[4])).collect(),
            heads: rows.iter().map(|row| head(row).checked_sub(1).unwrap_or(rows.len())).collect(),
            labels: rows.iter().map(|row| relation_of(row[7]) as usize).collect(),
        });
    }
    sentences
}

#[derive(Default)]
struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

struct Cell {
    class: u8,
    value: i32,
    total: i64,
    since: i64,
}

/// An averaged perceptron.
#[derive(Default)]
struct Perceptron {
    rows: HashMap<u64, Vec<Cell>, BuildHasherDefault<Plain>>,
    clock: i64,
}

impl Perceptron {
    fn scores(&self, features: &[u64]) -> Scores {
        let mut scores = [0; CLASSES];
        for cell in features.iter().filter_map(|feature| self.rows.get(feature)).flatten() {
            scores[usize::from(cell.class)] += cell.value;
        }
        scores
    }

    fn change(&mut self, features: &[u64], class: usize, by: i32) {
        for feature in features {
            let row = self.rows.entry(*feature).or_default();
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

    fn learn(&mut self, features: &[u64], right: usize, guess: usize) {
        if right != guess {
            self.change(features, right, 1);
            self.change(features, guess, -1);
        }
    }

    /// The averages, in 1/1024: features by falling importance.
    fn averages(&self) -> Vec<(u64, Vec<(u8, i64)>)> {
        let average = |cell: &Cell| {
            let total = cell.total + i64::from(cell.value) * (self.clock - cell.since);
            (cell.class, total * 1024 / self.clock.max(1))
        };
        let mut rows: Vec<(i64, u64, Vec<(u8, i64)>)> = Vec::new();
        for (feature, cells) in &self.rows {
            let mut cells: Vec<_> = cells.iter().map(average).collect();
            cells.sort_by_key(|(class, value)| (-value.abs(), *class));
            let weight = cells.iter().map(|(_, value)| value.abs()).sum::<i64>();
            rows.push((-weight, *feature, cells));
        }
        rows.sort();
        rows.into_iter().map(|(_, feature, cells)| (feature, cells)).collect()
    }
}

/// The size of an average that becomes 127: one in 2,000 is larger.
fn scale(rows: &[(u64, Vec<(u8, i64)>)]) -> i64 {
    let mut sizes: Vec<i64> =
        rows.iter().flat_map(|(_, cells)| cells).map(|(_, value)| value.abs()).collect();
    sizes.sort_unstable();
    sizes[sizes.len() - 1 - sizes.len() / 2000].max(1)
}

fn small(value: i64, scale: i64) -> i8 {
    let half = if value < 0 { -scale / 2 } else { scale / 2 };
    ((value * 127 + half) / scale).clamp(-127, 127) as i8
}

fn sparse(perceptron: &Perceptron, rows: usize) -> Vec<u8> {
    let averages = perceptron.averages();
    let scale = scale(&averages);
    let mut bytes = vec![0; rows * 16];
    for (feature, cells) in averages {
        let (at, mark) = Sparse::place(feature, rows);
        let row = &mut bytes[at * 16..(at + 1) * 16];
        if row[..2] != [0, 0] {
            continue;
        }
        let cells = cells.iter().map(|(class, value)| (*class, small(*value, scale)));
        let cells: Vec<_> = cells.filter(|(_, value)| *value != 0).take(Sparse::WIDTH).collect();
        if !cells.is_empty() {
            row[..2].copy_from_slice(&mark.to_le_bytes());
            for (pair, (class, value)) in row[2..].chunks_mut(2).zip(cells) {
                pair.copy_from_slice(&[class, value as u8]);
            }
        }
    }
    bytes
}

fn dense(perceptron: &Perceptron, pairs: usize) -> Vec<u8> {
    let averages = perceptron.averages();
    let scale = scale(&averages);
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

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % sides
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.throw(at + 1));
        }
    }
}

fn best(scores: &[i32]) -> usize {
    let choices = scores.iter().enumerate();
    choices.max_by_key(|(at, score)| (**score, std::cmp::Reverse(*at))).unwrap().0
}

fn learn_tags(sentences: &[&Gold]) -> Perceptron {
    let mut perceptron = Perceptron::default();
    let mut dice = Dice(0x7E57);
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    for _ in 0..TAG_ROUNDS {
        dice.shuffle(&mut order);
        for gold in order.iter().map(|at| sentences[*at]) {
            let tagging = Tagging::new(&gold.words);
            let mut tags = Vec::new();
            for (at, right) in gold.tags.iter().enumerate() {
                let features = tagging.features(at, &tags);
                let guess = best(&perceptron.scores(&features)[..Tag::ALL.len()]);
                perceptron.learn(&features, *right as usize, guess);
                perceptron.clock += 1;
                tags.push(Tag::ALL[guess]);
            }
        }
    }
    perceptron
}

/// How many of the annotated joins a move makes impossible (Goldberg and Nivre 2012).
fn cost(parsing: &Parsing, gold: &Gold, one: Move) -> usize {
    let next = parsing.next().unwrap();
    let (top, below) = match parsing.stack().split_last() {
        Some((top, below)) => (Some(usize::from(*top)), below),
        None => (None, &[][..]),
    };
    let waiting =
        |word: usize| (next..gold.heads.len()).filter(|at| gold.heads[*at] == word).count();
    let bare = |word: &&u8| parsing.head(usize::from(**word)).is_none();
    let below_heads = below.iter().filter(|word| gold.heads[next] == usize::from(**word)).count();
    let below_kids =
        below.iter().filter(bare).filter(|word| gold.heads[usize::from(**word)] == next).count();
    let below = below_heads + below_kids;
    match (one, top) {
        (Move::Shift, None) => below,
        (Move::Shift, Some(top)) => {
            let is_kid = parsing.head(top).is_none() && gold.heads[top] == next;
            below + usize::from(gold.heads[next] == top) + usize::from(is_kid)
        }
        (Move::Left, Some(top)) => waiting(top) + usize::from(gold.heads[top] > next),
        (Move::Right, Some(top)) => {
            let is_kid = parsing.head(top).is_none() && gold.heads[top] == next;
            let later = gold.heads[next] > next;
            below + usize::from(later) + usize::from(is_kid)
        }
        (Move::Reduce, Some(top)) => waiting(top),
        (Move::Left | Move::Right | Move::Reduce, None) => usize::MAX,
    }
}

fn learn_label(
    perceptron: &mut Perceptron,
    parsing: &Parsing,
    gold: &Gold,
    (head, below): (u8, u8),
) -> usize {
    let features = parsing.label_features(head, below);
    let scores = perceptron.scores(&features);
    let guess = 1 + best(&scores[1..Relation::ALL.len()]);
    let right = gold.labels[usize::from(below)];
    if gold.heads[usize::from(below)] == usize::from(head) && right != 0 {
        perceptron.learn(&features, right, guess);
        perceptron.clock += 1;
    }
    guess
}

fn learn_trees(sentences: &[Gold]) -> (Perceptron, Perceptron) {
    let (mut moves, mut relations) = (Perceptron::default(), Perceptron::default());
    let mut dice = Dice(0x7E57);
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    for round in 0..TREE_ROUNDS {
        dice.shuffle(&mut order);
        let (mut seen, mut wrong) = (0, 0);
        for gold in order.iter().map(|at| &sentences[*at]) {
            let mut parsing = Parsing::new(&gold.words, &gold.tags);
            while parsing.next().is_some() {
                let features = parsing.move_features();
                let scores = moves.scores(&features);
                let allowed: Vec<_> =
                    Move::ALL.into_iter().filter(|one| parsing.allows(*one)).collect();
                let high = |one: &Move| scores[*one as usize];
                let guess = *allowed.iter().max_by_key(|one| high(one)).unwrap();
                let costs: Vec<_> = allowed.iter().map(|one| cost(&parsing, gold, *one)).collect();
                let least = *costs.iter().min().unwrap();
                let good = allowed.iter().zip(&costs).filter(|(_, cost)| **cost == least);
                let right = *good.map(|(one, _)| one).max_by_key(|one| high(one)).unwrap();
                let is_good = cost(&parsing, gold, guess) == least;
                if !is_good {
                    moves.learn(&features, right as usize, guess as usize);
                    wrong += 1;
                }
                moves.clock += 1;
                seen += 1;
                let explores = round > 0 && dice.throw(10) > 0;
                let one = if is_good || explores { guess } else { right };
                let label = match parsing.joins(one) {
                    Some(pair) => learn_label(&mut relations, &parsing, gold, pair),
                    None => 0,
                };
                parsing.make(one, label);
            }
        }
        println!("  round {round}: {wrong} of {seen} moves wrong");
    }
    (moves, relations)
}

/// Tags each part of the sentences by what was learnt from the others.
fn jackknife(sentences: &[Gold]) -> Vec<Gold> {
    let mut tagged = sentences.to_vec();
    std::thread::scope(|scope| {
        for (fold, part) in tagged.chunks_mut(sentences.len().div_ceil(FOLDS)).enumerate() {
            scope.spawn(move || {
                let size = sentences.len().div_ceil(FOLDS);
                let others = sentences.iter().enumerate().filter(|(at, _)| at / size != fold);
                let bytes = sparse(
                    &learn_tags(&others.map(|(_, gold)| gold).collect::<Vec<_>>()),
                    TAG_ROWS,
                );
                for gold in part {
                    tagger::tag(&gold.words, &Sparse::new(&bytes), &mut gold.tags);
                }
            });
        }
    });
    tagged
}

fn percent(part: usize, whole: usize) -> String {
    let hundredths = part * 10_000 / whole.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn measure(name: &str, held: &[Gold], tags: &[u8], moves: &[u8], relations: &[u8]) {
    let (mut words, mut tagged, mut headed, mut labelled) = (0, 0, 0, 0);
    let mut by_label: HashMap<usize, (usize, usize)> = HashMap::new();
    for gold in held {
        let mut found = Vec::new();
        tagger::tag(&gold.words, &Sparse::new(tags), &mut found);
        let mut parsing = Parsing::new(&gold.words, &found);
        parser::parse(&mut parsing, &Dense::new(moves), &Sparse::new(relations));
        for at in 0..gold.words.len() {
            words += 1;
            tagged += usize::from(found[at] == gold.tags[at]);
            let head = parsing.head(at).unwrap_or(gold.words.len());
            headed += usize::from(head == gold.heads[at]);
            let good = head == gold.heads[at] && parsing.label(at) == gold.labels[at];
            labelled += usize::from(good);
            let entry = by_label.entry(gold.labels[at]).or_default();
            *entry = (entry.0 + usize::from(good), entry.1 + 1);
        }
    }
    println!(
        "{name}: {words} words, tags {}, UAS {}, LAS {}",
        percent(tagged, words),
        percent(headed, words),
        percent(labelled, words)
    );
    let telling = ["nsubj", "ccomp", "xcomp", "parataxis", "acl:relcl", "appos", "conj", "obl"];
    let shares = telling.map(|name| {
        let (good, all) = by_label.get(&(relation_of(name) as usize)).copied().unwrap_or_default();
        format!("{name} {}", percent(good, all))
    });
    println!("  {}", shares.join(", "));
}

fn main() {
    let mut arguments = env::args().skip(1);
    let out = arguments.next().expect("a folder for the weights");
    let held: Vec<String> = arguments
        .next()
        .expect("held treebanks, by commas")
        .split(',')
        .map(str::to_owned)
        .collect();
    let mut sentences: Vec<Gold> = arguments.flat_map(|path| read(&path)).collect();
    Dice(0xD1CE).shuffle(&mut sentences);
    println!(
        "{} sentences, {} words",
        sentences.len(),
        sentences.iter().map(|gold| gold.words.len()).sum::<usize>()
    );
    let tags = sparse(&learn_tags(&sentences.iter().collect::<Vec<_>>()), TAG_ROWS);
    println!("tagger learnt");
    let (moves, relations) = learn_trees(&jackknife(&sentences));
    let (moves, relations) = (dense(&moves, MOVE_PAIRS), sparse(&relations, RELATION_ROWS));
    for path in &held {
        measure(path, &read(path), &tags, &moves, &relations);
    }
    for (name, bytes) in [("tags", &tags), ("moves", &moves), ("relations", &relations)] {
        fs::write(format!("{out}/{name}.bin"), bytes).unwrap();
    }
}
