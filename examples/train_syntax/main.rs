//! Trains the tagger and the parser of `testimony::syntax` from treebanks in CoNLL-U.
//!
//! ```sh
//! cargo run --release --example train_syntax -- \
//!     WEIGHTS HELD.conllu,HELD.conllu TREEBANK.conllu...
//! ```
//!
//! The weights go to a folder, and by the held treebanks it measures what was learnt. What it was given
//! for the weights that are in the repository is in src/reading/syntax/CREDITS.md.
//!
//! Knows treebanks, and in which order what is learnt. Must not know how the library uses it.

#![allow(clippy::unwrap_used, reason = "an example stops at the first trouble")]
#![allow(clippy::expect_used, clippy::print_stdout, reason = "it speaks to whoever runs it")]

use std::collections::HashMap;
use std::{env, fs};

use testimony::syntax::grammar::{Relation, Tag};
use testimony::syntax::lexeme::Lexeme;
use testimony::syntax::parser::{self, AHEAD, LONGEST, Move, Parsing, Weights};
use testimony::syntax::table::{CLASSES, Certain, Dense, Sparse};
use testimony::syntax::tagger::{self, Tagging};

mod perceptron;
mod reported;

use perceptron::{Census, Perceptron, best, dense, scale, settle, sparse};

const TAG_ROUNDS: usize = 8;
const TREE_ROUNDS: usize = 12;
/// By how much what is right must be ahead of what is wrong, or it is learnt again.
const MARGIN: i32 = 25;
const CORE_ROUNDS: usize = 6;
const CERTAIN_ROWS: usize = 1 << 15;
const CORE_PAIRS: usize = 1 << 15;
/// How often a feature is met in the treebanks before it is learnt about.
const RARE: u32 = 3;
const CORE_RARE: u32 = 8;
const FOLD_ROUNDS: usize = 5;
/// How many sentences of reported speech are made of others.
const REPORTED: usize = 3500;
const FOLDS: usize = 4;
const TAG_ROWS: usize = 1 << 17;
const RELATION_ROWS: usize = 1 << 17;
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
        let lines = block.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        let (mut rows, mut joined, mut is_joined, mut last) = (vec![], vec![], false, 0);
        for row in lines.map(|line| line.split('\t').collect::<Vec<_>>()) {
            if let Some((_, end)) = row[0].split_once('-') {
                // Of a word annotated in parts, the parts stand at each other.
                last = end.parse().unwrap();
            } else if !row[0].contains('.') {
                let number: usize = row[0].parse().unwrap();
                joined.push(is_joined);
                is_joined = row[9].contains("SpaceAfter=No") || number < last;
                rows.push(row);
            }
        }
        if rows.is_empty() || rows.len() > LONGEST {
            continue;
        }
        let head = |row: &Vec<&str>| row[6].parse::<usize>().unwrap();
        sentences.push(Gold {
            words: rows.iter().zip(&joined).map(|(row, is)| Lexeme::at(row[1], *is)).collect(),
            tags: rows.iter().map(|row| tag_of(row[4])).collect(),
            heads: rows.iter().map(|row| head(row).checked_sub(1).unwrap_or(rows.len())).collect(),
            labels: rows.iter().map(|row| relation_of(row[7]) as usize).collect(),
        });
    }
    sentences
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

/// The words that have one tag, as features with the tag.
fn certain_tags(sentences: &[&Gold]) -> Vec<(u64, usize)> {
    let mut seen: HashMap<u64, [u32; CLASSES]> = HashMap::new();
    for gold in sentences {
        for (word, tag) in gold.words.iter().zip(&gold.tags) {
            seen.entry(tagger::certain(word)).or_insert([0; CLASSES])[*tag as usize] += 1;
        }
    }
    pure(seen, 15, 995)
}

/// The weights of a tagger.
struct Tags {
    certain: Vec<u8>,
    tags: Vec<u8>,
}

impl Tags {
    fn tag(&self, words: &[Lexeme]) -> Vec<Tag> {
        let mut found = Vec::new();
        let (certain, weights) = (Certain::new(&self.certain), Sparse::new(&self.tags));
        tagger::tag(words, &certain, &weights, &mut found);
        found
    }
}

fn learn_tags(sentences: &[&Gold], rounds: usize) -> Tags {
    let mut certain = vec![0; CERTAIN_ROWS * 4];
    settle(&mut certain, &certain_tags(sentences));
    let mut census = Census::default();
    for gold in sentences {
        let tagging = Tagging::new(&gold.words);
        for at in 0..gold.words.len() {
            census.count(&tagging.features(at, &gold.tags[..at]));
        }
    }
    let mut perceptron = Perceptron::new(census, RARE);
    let mut dice = Dice(0x7E57);
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    for _ in 0..rounds {
        dice.shuffle(&mut order);
        for gold in order.iter().map(|at| sentences[*at]) {
            let tagging = Tagging::new(&gold.words);
            let mut tags = Vec::new();
            for (at, right) in gold.tags.iter().enumerate() {
                let settled = Certain::new(&certain).class(tagger::certain(&gold.words[at]));
                if let Some(class) = settled {
                    tags.push(Tag::ALL[class]);
                    continue;
                }
                let found = perceptron.find(&tagging.features(at, &tags));
                let scores = perceptron.scores(&found);
                let guess = best(&scores, 0..Tag::ALL.len(), None);
                let wrong = best(&scores, 0..Tag::ALL.len(), Some(*right as usize));
                perceptron.learn(&found, &scores, *right as usize, wrong, MARGIN / 2);
                perceptron.clock += 1;
                tags.push(Tag::ALL[guess]);
            }
        }
    }
    let tags = sparse(&perceptron, TAG_ROWS);
    Tags { certain, tags }
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

/// The features that settle a label by themselves.
fn certain_labels(sentences: &[Gold]) -> Vec<(u64, usize)> {
    let mut seen: HashMap<u64, [u32; CLASSES]> = HashMap::new();
    for gold in sentences {
        walk(gold, |parsing, joined| {
            if let Some((head, below)) = joined
                && gold.heads[usize::from(below)] == usize::from(head)
            {
                for key in parsing.certain(head, below) {
                    let label = gold.labels[usize::from(below)];
                    seen.entry(key).or_insert([0; CLASSES])[label] += 1;
                }
            }
        });
    }
    pure(seen, 12, 995)
}

/// The features that are met so often, and have one class in so many of a thousand cases.
fn pure(seen: HashMap<u64, [u32; CLASSES]>, often: u32, share: u32) -> Vec<(u64, usize)> {
    let certain = seen.into_iter().filter_map(|(feature, counts)| {
        let (class, most) = counts.iter().enumerate().max_by_key(|(_, count)| **count)?;
        let all: u32 = counts.iter().sum();
        (all >= often && most * 1000 >= all * share).then_some((feature, class))
    });
    let mut certain: Vec<_> = certain.collect();
    certain.sort_unstable();
    certain
}

/// The moves that can be made, each with its cost.
fn costs(parsing: &Parsing, gold: &Gold) -> Vec<(Move, usize)> {
    let allowed = Move::ALL.into_iter().filter(|one| parsing.allows(*one));
    allowed.map(|one| (one, cost(parsing, gold, one))).collect()
}

/// Builds an annotated tree, and shows each state with what is about to be joined.
fn walk(gold: &Gold, mut show: impl FnMut(&Parsing, Option<(u8, u8)>)) {
    let mut parsing = Parsing::new(&gold.words, &gold.tags);
    while parsing.next().is_some() {
        let one = costs(&parsing, gold).into_iter().min_by_key(|(_, cost)| *cost).unwrap().0;
        let joined = parsing.joins(one);
        show(&parsing, joined);
        let label = joined.map_or(0, |(_, below)| gold.labels[usize::from(below)]);
        parsing.make(one, label);
    }
}

/// A parser that is being learnt: first the core, then the rest on what the core leaves open.
struct Learner<'a> {
    /// The core, with what one step of learning is to be worth in its units.
    core: Option<(&'a [u8], i32)>,
    moves: Perceptron,
    relations: Perceptron,
    certain: Certain<'a>,
    dice: Dice,
}

impl<'a> Learner<'a> {
    fn new(sentences: &[Gold], core: Option<(&'a [u8], i32)>, certain: Certain<'a>) -> Self {
        let (mut moves, mut relations) = (Census::default(), Census::default());
        for gold in sentences {
            walk(gold, |parsing, joined| {
                if !parsing.stack().is_empty() {
                    match core {
                        None => moves.count(&parsing.core_features()),
                        Some((core, _)) if decided(parsing, core).is_none() => {
                            moves.count(&parsing.move_features());
                        }
                        Some(_) => {}
                    }
                }
                if let Some((head, below)) = joined {
                    relations.count(&parsing.label_features(head, below));
                }
            });
        }
        let (moves, relations) = (
            Perceptron::new(moves, if core.is_none() { CORE_RARE } else { RARE }),
            Perceptron::new(relations, RARE),
        );
        Self { core, moves, relations, certain, dice: Dice(0x7E57) }
    }

    fn round(&mut self, number: usize, sentences: &[Gold]) {
        let mut order: Vec<usize> = (0..sentences.len()).collect();
        self.dice.shuffle(&mut order);
        let (mut seen, mut wrong) = (0, 0);
        for gold in order.iter().map(|at| &sentences[*at]) {
            let mut parsing = Parsing::new(&gold.words, &gold.tags);
            while parsing.next().is_some() {
                let settled = match self.core {
                    _ if parsing.stack().is_empty() => Some(Move::Shift),
                    Some((core, _)) => decided(&parsing, core),
                    None => None,
                };
                let one = settled.unwrap_or_else(|| {
                    let (one, is_right) = self.choose(&parsing, gold, number > 0);
                    seen += 1;
                    wrong += usize::from(!is_right);
                    one
                });
                let joined = parsing.joins(one);
                let label = joined.map_or(0, |pair| self.label(&parsing, gold, pair));
                parsing.make(one, label);
            }
        }
        println!("  round {number}: {wrong} of {seen} moves wrong");
    }

    /// Chooses the next move, and learns from it.
    fn choose(&mut self, parsing: &Parsing, gold: &Gold, may_explore: bool) -> (Move, bool) {
        let found = match self.core {
            None => self.moves.find(&parsing.core_features()),
            Some(_) => self.moves.find(&parsing.move_features()),
        };
        let mut scores = self.moves.scores(&found);
        let mut step = 1;
        if let Some((core, worth)) = self.core {
            step = worth;
            let sums = Dense::new(core).sum(&parsing.core_features());
            (0..4).for_each(|one| scores[one] = scores[one] * worth + sums[one]);
        }
        let costs = costs(parsing, gold);
        let high = |(one, _): &&(Move, usize)| scores[*one as usize];
        let guess = *costs.iter().max_by_key(high).unwrap();
        let least = costs.iter().map(|(_, cost)| *cost).min().unwrap();
        let right = *costs.iter().filter(|(_, cost)| *cost == least).max_by_key(high).unwrap();
        let is_right = guess.1 == least;
        let wrong = costs.iter().filter(|(_, cost)| *cost > least).max_by_key(high);
        if let Some(wrong) = wrong {
            self.moves.learn(&found, &scores, right.0 as usize, wrong.0 as usize, MARGIN * step);
        }
        self.moves.clock += 1;
        let explores = may_explore && self.dice.throw(10) > 0;
        (if is_right || explores { guess.0 } else { right.0 }, is_right)
    }

    /// Chooses a label, and learns from it.
    fn label(&mut self, parsing: &Parsing, gold: &Gold, (head, below): (u8, u8)) -> usize {
        let keys = parsing.certain(head, below);
        if let Some(label) = keys.into_iter().find_map(|key| self.certain.class(key)) {
            return label;
        }
        let found = self.relations.find(&parsing.label_features(head, below));
        let scores = self.relations.scores(&found);
        let guess = best(&scores, 1..Relation::ALL.len(), None);
        let right = gold.labels[usize::from(below)];
        if gold.heads[usize::from(below)] == usize::from(head) && right != 0 {
            let wrong = best(&scores, 1..Relation::ALL.len(), Some(right));
            self.relations.learn(&found, &scores, right, wrong, MARGIN / 2);
            self.relations.clock += 1;
        }
        guess
    }
}

fn decided(parsing: &Parsing, core: &[u8]) -> Option<Move> {
    parsing.decided(&Dense::new(core).sum(&parsing.core_features()), AHEAD)
}

/// The weights of a parser.
struct Trees {
    certain: Vec<u8>,
    core: Vec<u8>,
    moves: Vec<u8>,
    relations: Vec<u8>,
}

fn learn_trees(sentences: &[Gold], held: &[Gold], tags: &Tags) -> Trees {
    let mut bytes = tags.certain.clone();
    settle(&mut bytes, &certain_labels(sentences));
    let certain = Certain::new(&bytes);
    let mut learner = Learner::new(sentences, None, certain);
    (0..CORE_ROUNDS).for_each(|number| learner.round(number, sentences));
    let scale = scale(&learner.moves.averages());
    let core = dense(&learner.moves, CORE_PAIRS, scale);
    accepted(held, tags, &core);
    let worth = (127 * 1024 / scale) as i32;
    println!("  a step is worth {worth}");
    let mut learner = Learner::new(sentences, Some((&core, worth)), certain);
    (0..TREE_ROUNDS).for_each(|number| learner.round(number, sentences));
    let moves = dense(&learner.moves, MOVE_PAIRS, scale);
    let relations = sparse(&learner.relations, RELATION_ROWS);
    Trees { certain: bytes, core, moves, relations }
}

/// Tags each part of the sentences by what was learnt from the others.
fn jackknife(sentences: &[Gold]) -> Vec<Gold> {
    let mut tagged = sentences.to_vec();
    std::thread::scope(|scope| {
        for (fold, part) in tagged.chunks_mut(sentences.len().div_ceil(FOLDS)).enumerate() {
            scope.spawn(move || {
                let size = sentences.len().div_ceil(FOLDS);
                let others = sentences.iter().enumerate().filter(|(at, _)| at / size != fold);
                let others: Vec<_> = others.map(|(_, gold)| gold).collect();
                let learnt = learn_tags(&others, FOLD_ROUNDS);
                for gold in part {
                    gold.tags = learnt.tag(&gold.words);
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

/// Says how often the core decides, and how often wrongly, were this or that asked of it.
fn accepted(held: &[Gold], tags: &Tags, core: &[u8]) {
    let mut seen = [(0, 0); 12];
    let mut all = 0;
    for gold in held {
        let found = tags.tag(&gold.words);
        let tagged = Gold { tags: found, ..gold.clone() };
        walk(&tagged, |parsing, _| {
            if parsing.stack().is_empty() {
                return;
            }
            all += 1;
            let sums = Dense::new(core).sum(&parsing.core_features());
            let least = costs(parsing, gold).iter().map(|(_, cost)| *cost).min().unwrap();
            for (step, (settled, wrong)) in seen.iter_mut().enumerate() {
                if let Some(one) = parsing.decided(&sums, step as i32 * 50) {
                    *settled += 1;
                    *wrong += usize::from(cost(parsing, gold, one) > least);
                }
            }
        });
    }
    for (step, (settled, wrong)) in seen.into_iter().enumerate() {
        let (share, errors) = (percent(settled, all), percent(wrong, settled));
        println!("  core ahead by {}: decides {share}, errs {errors}", step * 50);
    }
}

fn measure(name: &str, held: &[Gold], tags: &Tags, trees: &Trees) {
    let weights = Weights {
        certain: Certain::new(&trees.certain),
        core: Dense::new(&trees.core),
        moves: Dense::new(&trees.moves),
        relations: Sparse::new(&trees.relations),
    };
    let (mut words, mut tagged, mut headed, mut labelled) = (0, 0, 0, 0);
    let mut by_label: HashMap<usize, (usize, usize)> = HashMap::new();
    for gold in held {
        let found = tags.tag(&gold.words);
        let mut parsing = Parsing::new(&gold.words, &found);
        parser::parse(&mut parsing, &weights);
        for (at, tag) in found.iter().enumerate() {
            words += 1;
            tagged += usize::from(*tag == gold.tags[at]);
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
    let tags = learn_tags(&sentences.iter().collect::<Vec<_>>(), TAG_ROUNDS);
    println!("tagger learnt");
    let mut tagged = jackknife(&sentences);
    let reported = reported::sentences(&tagged, REPORTED, &mut Dice(0x5A1D));
    println!("{} sentences of reported speech made of them", reported.len());
    tagged.extend(reported);
    let trees = learn_trees(&tagged, &read(&held[0]), &tags);
    for path in &held {
        measure(path, &read(path), &tags, &trees);
    }
    let files = [
        ("certain", &trees.certain),
        ("tags", &tags.tags),
        ("core", &trees.core),
        ("moves", &trees.moves),
        ("relations", &trees.relations),
    ];
    for (name, bytes) in files {
        fs::write(format!("{out}/{name}.bin"), bytes).unwrap();
    }
}
