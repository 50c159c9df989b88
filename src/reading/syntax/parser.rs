//! Builds dependency trees by shifting words onto a stack and joining them, in two moves per word.
//!
//! Knows spellings and tags. Must not know the text, or how the weights were learnt.
//!
//! The system is arc-eager (Nivre 2003). A second classifier labels each arc as soon as it is made,
//! so that later moves can use the label.

use super::grammar::{Relation, Tag};
use super::lexeme::{Lexeme, OUTSIDE};
use super::table::{CLASSES, Certain, Dense, Sparse, atom, feature};

/// The most words in a sentence.
pub const LONGEST: usize = 200;

/// Stands for no word where a word's number is expected.
pub const NONE: u8 = u8::MAX;

/// A move of the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Move {
    /// Pushes the next word onto the stack.
    Shift,
    /// Makes the top of the stack depend on the next word, and pops it.
    Left,
    /// Makes the next word depend on the top of the stack, and pushes it.
    Right,
    /// Pops the top of the stack, which already has a head.
    Reduce,
}

impl Move {
    /// All moves, ordered by number.
    pub const ALL: [Self; 4] = [Self::Shift, Self::Left, Self::Right, Self::Reduce];
}

/// A word as the parser sees it, with its arcs so far.
#[derive(Clone, Copy, Debug)]
struct Node {
    form: u64,
    tag: u64,
    head: u8,
    label: u8,
    named: u64,
    lefts: [u8; 2],
    rights: [u8; 2],
    left_count: u8,
    right_count: u8,
    left_labels: u64,
    right_labels: u64,
    quoted: bool,
    marks: u8,
}

const TAG: u64 = 32;
const LABEL: u64 = 33;
const LABELS: u64 = 34;
const APART: u64 = 35;
const BETWEEN: u64 = 36;
const COUNTS: u64 = 37;
const SIDE: u64 = 38;

const NOBODY: Node = Node {
    form: OUTSIDE.form,
    tag: atom(TAG, CLASSES as u64),
    head: NONE,
    label: 0,
    named: atom(LABEL, CLASSES as u64),
    lefts: [NONE; 2],
    rights: [NONE; 2],
    left_count: 0,
    right_count: 0,
    left_labels: 0,
    right_labels: 0,
    quoted: false,
    marks: 0,
};

/// The state of a sentence being parsed.
#[derive(Debug)]
pub struct Parsing {
    nodes: Vec<Node>,
    count: usize,
    stack: Vec<u8>,
    next: usize,
}

/// The number of features for choosing a move.
pub const MOVE_FEATURES: usize = 36;

/// The number of core features, which suffice for most moves.
pub const CORE_FEATURES: usize = 20;

/// The lead that a move needs after its core features to be made without computing the others.
pub const AHEAD: i32 = 250;

/// The number of features for choosing a label.
pub const LABEL_FEATURES: usize = 30;

impl Parsing {
    /// Starts with these words, at most [`LONGEST`] of them.
    pub fn new(words: &[Lexeme], tags: &[Tag]) -> Self {
        let mut parsing = Self { nodes: Vec::with_capacity(64), count: 0, stack: vec![], next: 0 };
        parsing.restart(words, tags);
        parsing
    }

    /// Starts again with other words.
    pub fn restart(&mut self, words: &[Lexeme], tags: &[Tag]) {
        self.nodes.clear();
        self.stack.clear();
        self.next = 0;
        let (mut quoted, mut marks) = (false, 0_u8);
        for (word, tag) in words.iter().zip(tags).take(LONGEST) {
            quoted = match tag {
                Tag::OpenQuote => true,
                Tag::CloseQuote => false,
                _ => quoted,
            };
            let is_mark = matches!(tag, Tag::Comma | Tag::Colon | Tag::OpenQuote | Tag::CloseQuote);
            marks = marks.saturating_add(u8::from(is_mark));
            self.nodes.push(Node {
                form: word.form,
                tag: atom(TAG, *tag as u64),
                quoted,
                marks,
                ..NOBODY
            });
        }
        self.count = self.nodes.len();
    }

    /// The number of words.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The next word, if any.
    pub fn next(&self) -> Option<usize> {
        (self.next < self.count).then_some(self.next)
    }

    /// The words on the stack, the top last.
    pub fn stack(&self) -> &[u8] {
        &self.stack
    }

    /// The head of a word, if it has one yet.
    pub fn head(&self, word: usize) -> Option<usize> {
        let head = self.nodes.get(word)?.head;
        (head != NONE).then_some(usize::from(head))
    }

    /// The label of a word, as the number of its relation.
    pub fn label(&self, word: usize) -> usize {
        self.node(word as u8).label.into()
    }

    fn node(&self, at: u8) -> &Node {
        self.nodes.get(usize::from(at)).unwrap_or(&NOBODY)
    }

    /// Whether a move is allowed; none is when no word is left.
    pub fn allows(&self, one: Move) -> bool {
        let top = self.stack.last().map(|top| self.node(*top).head != NONE);
        self.next < self.count
            && match one {
                Move::Shift => true,
                Move::Left => top == Some(false),
                Move::Right => top.is_some(),
                Move::Reduce => top == Some(true),
            }
    }

    /// The head and the dependent that a move would join.
    pub fn joins(&self, one: Move) -> Option<(u8, u8)> {
        let top = *self.stack.last()?;
        match one {
            Move::Left => Some((self.next as u8, top)),
            Move::Right => Some((top, self.next as u8)),
            Move::Shift | Move::Reduce => None,
        }
    }

    /// Makes a move, and labels the arc that it adds.
    pub fn make(&mut self, one: Move, label: usize) {
        if let Some((head, dependent)) = self.joins(one) {
            self.join(head, dependent, label);
        }
        match one {
            Move::Shift | Move::Right => {
                self.stack.push(self.next as u8);
                self.next += 1;
            }
            Move::Left | Move::Reduce => {
                self.stack.pop();
            }
        }
    }

    /// Makes one word the head of another.
    fn join(&mut self, head: u8, dependent: u8, label: usize) {
        let below = &mut self.nodes[usize::from(dependent)];
        below.head = head;
        below.label = label as u8;
        below.named = atom(LABEL, label as u64);
        let above = &mut self.nodes[usize::from(head)];
        if dependent < head {
            above.lefts = [dependent, above.lefts[0]];
            above.left_count = above.left_count.saturating_add(1);
            above.left_labels |= 1 << (label & 63);
        } else {
            above.rights = [dependent, above.rights[0]];
            above.right_count = above.right_count.saturating_add(1);
            above.right_labels |= 1 << (label & 63);
        }
    }

    /// Attaches the words that are still without a head to the first of them.
    pub fn finish(&mut self, mut label: impl FnMut(&Self, u8, u8) -> usize) {
        let bare =
            |nodes: &[Node], from: usize| (from..nodes.len()).find(|at| nodes[*at].head == NONE);
        let Some(root) = bare(&self.nodes, 0) else { return };
        self.nodes[root].label = Relation::Root as u8;
        let mut from = root + 1;
        while let Some(at) = bare(&self.nodes, from) {
            let label = label(self, root as u8, at as u8);
            self.join(root as u8, at as u8, label);
            from = at + 1;
        }
    }

    /// The features that decide most moves: tags and labels, and single words beside them.
    #[inline(always)]
    pub fn core_features(&self) -> [u64; CORE_FEATURES] {
        let peek = |depth: usize| {
            self.stack.len().checked_sub(depth + 1).map_or(NONE, |at| self.stack[at])
        };
        let (top, under) = (peek(0), peek(1));
        let (s0, s1) = (self.node(top), self.node(under));
        let ahead = |steps: usize| self.nodes.get(self.next + steps).unwrap_or(&NOBODY);
        let (b0, b1, b2) = (ahead(0), ahead(1), ahead(2));
        let s0h = self.node(s0.head);
        let (s0r, b0l) = (self.node(s0.rights[0]), self.node(b0.lefts[0]));
        let headed = if s0.head == NONE { 0 } else { atom(APART, 64) };
        let st = s0.tag ^ headed;
        let tags = st ^ b0.tag.rotate_left(7);
        let apart = (self.next - usize::from(top).min(self.next)).min(5) as u64;
        let marks = u64::from(b0.marks.wrapping_sub(s0.marks).min(3));
        let quoted = u64::from(s0.quoted) << 1 | u64::from(b0.quoted);
        let between = atom(BETWEEN, apart << 8 | marks << 2 | quoted);
        let fold = |set| atom(LABELS, set);
        let (s0_lefts, s0_rights) = (fold(s0.left_labels), fold(s0.right_labels));
        [
            feature(81, [tags, b1.tag, s1.tag]),
            feature(82, [tags, b1.tag, b2.tag]),
            feature(83, [tags, s0_lefts]),
            feature(84, [tags, s0_rights]),
            feature(85, [tags, fold(b0.left_labels)]),
            feature(86, [tags, s0h.tag, s0.named]),
            feature(87, [tags, between]),
            feature(88, [tags, s0.form]),
            feature(89, [tags, b0.form]),
            feature(90, [s0.form, b0.form]),
            feature(91, [tags, b1.form]),
            feature(92, [s0.form, b0.tag, b1.tag]),
            feature(93, [b0.form, st, b1.tag]),
            feature(94, [tags, s1.tag, s1.named]),
            feature(95, [tags, b0l.tag, b0l.form]),
            feature(96, [tags, s0r.tag, s0r.form]),
            feature(97, [s0.form, s0_rights, b0.tag]),
            feature(98, [s0.form, s0_lefts, b0.tag]),
            feature(99, [tags, b1.tag, between]),
            feature(80, [tags, s1.form]),
        ]
    }

    /// Features that may each settle a label alone; the first that has a row decides.
    #[inline(always)]
    pub fn certain(&self, head: u8, dependent: u8) -> [u64; 3] {
        let (h, d) = (self.node(head), self.node(dependent));
        let side = atom(SIDE, u64::from(dependent < head));
        let tags = h.tag ^ d.tag.rotate_left(7) ^ side;
        [
            feature(70, [tags, d.form]),
            feature(71, [tags, atom(LABELS, d.left_labels)]),
            feature(72, [tags, h.form]),
        ]
    }

    /// The move that leads the others by at least `ahead`, if there is one.
    pub fn decided(&self, sums: &[i32; 4], ahead: i32) -> Option<Move> {
        let mut best = (i32::MIN, None);
        let mut second = i32::MIN;
        for one in Move::ALL.into_iter().filter(|one| self.allows(*one)) {
            let sum = sums[one as usize];
            if sum > best.0 {
                (second, best) = (best.0, (sum, Some(one)));
            } else {
                second = second.max(sum);
            }
        }
        best.1.filter(|_| best.0.saturating_sub(second) >= ahead)
    }

    /// The features for the remaining choices of a move.
    #[inline(always)]
    pub fn move_features(&self) -> [u64; MOVE_FEATURES] {
        let peek = |depth: usize| {
            self.stack.len().checked_sub(depth + 1).map_or(NONE, |at| self.stack[at])
        };
        let (top, under) = (peek(0), peek(1));
        let s0 = self.node(top);
        let s1 = self.node(under);
        let ahead = |steps: usize| self.nodes.get(self.next + steps).unwrap_or(&NOBODY);
        let (b0, b1, b2, b3) = (ahead(0), ahead(1), ahead(2), ahead(3));
        let (s0h, s0l, s0r) = (self.node(s0.head), self.node(s0.lefts[0]), self.node(s0.rights[0]));
        let (s0hh, s0l2, s0r2) =
            (self.node(s0h.head), self.node(s0.lefts[1]), self.node(s0.rights[1]));
        let (b0l, b0l2) = (self.node(b0.lefts[0]), self.node(b0.lefts[1]));
        let apart = if top == NONE { 0 } else { (self.next - usize::from(top)).min(10) };
        let apart = atom(APART, apart as u64);
        let headed = if s0.head == NONE { 0 } else { atom(APART, 64) };
        let marks = u64::from(b0.marks.wrapping_sub(s0.marks).min(3));
        let quoted = u64::from(s0.quoted) << 1 | u64::from(b0.quoted);
        let between = atom(BETWEEN, marks << 2 | quoted);
        let st = s0.tag ^ headed;
        let tags = st ^ b0.tag.rotate_left(7);
        let counts = atom(COUNTS, u64::from(s0.left_count) << 8 | u64::from(s0.right_count));
        let fold = |set| atom(LABELS, set);
        let (s0_lefts, s0_rights) = (fold(s0.left_labels), fold(s0.right_labels));
        let b0_lefts = fold(b0.left_labels);
        [
            feature(1, [s0.form, b0.form, tags]),
            feature(2, [b2.form, tags]),
            feature(3, [b0.tag, b1.tag, b2.tag, b3.tag]),
            feature(4, [tags, s0l.tag, s0l.named]),
            feature(5, [tags, s0r.tag, s0r.named]),
            feature(6, [s0.form, b0.form, apart, between]),
            feature(7, [s0.form, counts, headed]),
            feature(8, [st, counts, b0.tag]),
            feature(9, [s0h.form, st, b0.tag]),
            feature(10, [s0h.form, b0.form]),
            feature(11, [s0.named, s0.form, b0.tag]),
            feature(12, [s0l.form, tags]),
            feature(13, [s0l.form, b0.form, st]),
            feature(14, [s0r.form, b0.form, st]),
            feature(15, [b0l.form, s0.form, b0.tag]),
            feature(16, [s0hh.tag, s0h.tag, tags]),
            feature(17, [s0hh.form, tags, s0h.named]),
            feature(18, [tags, s0l.tag, s0l2.tag]),
            feature(19, [tags, s0r.tag, s0r2.tag]),
            feature(20, [tags, b0l.tag, b0l2.tag]),
            feature(21, [b0_lefts, b0.form]),
            feature(22, [s1.form, s0.form, b0.tag]),
            feature(23, [s1.form, b0.form, st]),
            feature(24, [tags, between, s0h.tag]),
            feature(25, [tags, between, b0_lefts]),
            feature(26, [tags, between, s0_rights]),
            feature(27, [b1.form, b0.form, st]),
            feature(28, [s0.form, b1.form, b0.tag]),
            feature(29, [s0r.form, s0.form, b0.tag]),
            feature(30, [b0l.form, b0.form, st]),
            feature(31, [tags, b1.tag, b2.form]),
            feature(32, [tags, s1.tag, s0h.tag, b1.tag]),
            feature(33, [s0.form, between, b0.tag]),
            feature(34, [b0.form, between, st]),
            feature(35, [s0_rights, s0_lefts, tags]),
            feature(36, [tags, b1.tag, b2.tag, s0_rights]),
        ]
    }

    /// The features for the choice of a label.
    #[inline(always)]
    pub fn label_features(&self, head: u8, dependent: u8) -> [u64; LABEL_FEATURES] {
        let (h, d) = (self.node(head), self.node(dependent));
        let side = atom(SIDE, u64::from(dependent < head));
        let (dl, dl2, dr) = (self.node(d.lefts[0]), self.node(d.lefts[1]), self.node(d.rights[0]));
        let (hl, hr, hh) = (self.node(h.lefts[0]), self.node(h.rights[0]), self.node(h.head));
        let before = self.node(dependent.wrapping_sub(1));
        let after = self.node(dependent.saturating_add(1));
        let head_after = self.node(head.saturating_add(1));
        let apart = atom(APART, u64::from(head.abs_diff(dependent).min(5)));
        let tags = h.tag ^ d.tag.rotate_left(7) ^ side;
        let marks = u64::from(h.marks.abs_diff(d.marks).min(3));
        let quoted = u64::from(h.quoted) << 1 | u64::from(d.quoted);
        let between = atom(BETWEEN, marks << 2 | quoted);
        let fold = |set| atom(LABELS, set);
        [
            feature(101, [tags]),
            feature(102, [tags, h.form]),
            feature(103, [tags, d.form]),
            feature(104, [d.form, h.form, side]),
            feature(105, [d.form, side]),
            feature(106, [h.form, side]),
            feature(107, [d.tag, side]),
            feature(108, [d.form, h.tag, side]),
            feature(109, [h.form, d.tag, side]),
            feature(110, [tags, apart]),
            feature(111, [tags, between, apart]),
            feature(112, [tags, before.tag, after.tag]),
            feature(113, [tags, before.form]),
            feature(114, [tags, after.form]),
            feature(115, [tags, dl.form]),
            feature(116, [tags, dl.tag, dl2.tag]),
            feature(117, [tags, fold(d.left_labels)]),
            feature(118, [tags, fold(d.right_labels)]),
            feature(119, [tags, fold(h.left_labels)]),
            feature(120, [tags, fold(h.right_labels)]),
            feature(121, [h.form, fold(h.right_labels), d.tag, side]),
            feature(122, [h.form, fold(h.left_labels), d.tag, side]),
            feature(123, [dl.form, h.form, d.tag, side]),
            feature(124, [dl.form, d.form, side]),
            feature(125, [tags, hh.tag, h.named]),
            feature(126, [tags, hl.tag, hl.named]),
            feature(127, [tags, hr.tag, hr.named]),
            feature(128, [tags, head_after.form]),
            feature(129, [tags, dr.form, dr.named]),
            feature(130, [d.form, fold(d.left_labels), h.tag, side]),
        ]
    }
}

/// The weights of a parser.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    /// For labels that a single feature settles.
    pub certain: Certain<'a>,
    /// For moves, on the core features.
    pub core: Dense<'a>,
    /// For moves that the core features do not decide, on all features.
    pub moves: Dense<'a>,
    /// For labels.
    pub relations: Sparse<'a>,
}

impl Weights<'_> {
    fn next_move(&self, parsing: &Parsing) -> Option<Move> {
        if parsing.stack.is_empty() {
            return Some(Move::Shift);
        }
        let core = self.core.sum(&parsing.core_features());
        parsing.decided(&core, AHEAD).or_else(|| {
            let rest = self.moves.sum(&parsing.move_features());
            let allowed = Move::ALL.into_iter().filter(|one| parsing.allows(*one));
            allowed.max_by_key(|one| core[*one as usize] + rest[*one as usize])
        })
    }

    fn label(&self, parsing: &Parsing, head: u8, dependent: u8) -> usize {
        let certain = parsing.certain(head, dependent);
        if let Some(label) = certain.into_iter().find_map(|key| self.certain.class(key)) {
            return label;
        }
        let mut scores = [0; CLASSES];
        self.relations.add(&parsing.label_features(head, dependent), &mut scores);
        let choices = scores.iter().enumerate().take(Relation::ALL.len()).skip(1);
        choices.fold((i32::MIN, 0), |best, (at, score)| best.max((*score, at))).1
    }
}

/// Parses a sentence: afterwards every word except one has a head, and every word has a label.
pub fn parse(parsing: &mut Parsing, weights: &Weights<'_>) {
    while parsing.next().is_some() {
        let Some(one) = weights.next_move(parsing) else { break };
        let joined = parsing.joins(one);
        let label = joined.map_or(0, |(head, below)| weights.label(parsing, head, below));
        parsing.make(one, label);
    }
    parsing.finish(|parsing, head, below| weights.label(parsing, head, below));
}
