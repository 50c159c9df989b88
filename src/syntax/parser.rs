//! Dependency trees, by shifting words onto a stack and joining them: two moves a word.
//!
//! Knows spellings and tags. Must not know the text, or how the weights were come by.
//!
//! The system is arc-eager (Nivre 2003). What a move joins is labelled at once by a second choice,
//! so that later moves see the label.

use super::grammar::{Relation, Tag};
use super::lexeme::{Lexeme, OUTSIDE};
use super::table::{CLASSES, Dense, Sparse, feature};

/// The most words that a sentence can have.
pub const LONGEST: usize = 200;

/// No word, where the number of one is expected.
pub const NONE: u8 = u8::MAX;

/// What can be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Move {
    /// The next word goes onto the stack.
    Shift,
    /// The top of the stack depends on the next word, and leaves.
    Left,
    /// The next word depends on the top of the stack, and goes onto it.
    Right,
    /// The top of the stack, which has its head, leaves.
    Reduce,
}

impl Move {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Shift, Self::Left, Self::Right, Self::Reduce];
}

/// A word as the parser sees it, and what has been joined to it.
#[derive(Clone, Copy, Debug)]
struct Node {
    form: u32,
    tag: u32,
    head: u8,
    label: u8,
    lefts: [u8; 2],
    rights: [u8; 2],
    left_count: u8,
    right_count: u8,
    left_labels: u64,
    right_labels: u64,
    quoted: bool,
    marks: u8,
}

const NOBODY: Node = Node {
    form: OUTSIDE.form,
    tag: CLASSES as u32,
    head: NONE,
    label: CLASSES as u8,
    lefts: [NONE; 2],
    rights: [NONE; 2],
    left_count: 0,
    right_count: 0,
    left_labels: 0,
    right_labels: 0,
    quoted: false,
    marks: 0,
};

/// A sentence in the middle of being parsed.
#[derive(Debug)]
pub struct Parsing {
    nodes: Vec<Node>,
    count: usize,
    stack: Vec<u8>,
    next: usize,
}

/// How many features a move has.
pub const MOVE_FEATURES: usize = 68;

/// How many features a label has.
pub const LABEL_FEATURES: usize = 30;

impl Parsing {
    /// Begins with these words, at most [`LONGEST`] of them.
    pub fn new(words: &[Lexeme], tags: &[Tag]) -> Self {
        let mut parsing = Self { nodes: Vec::with_capacity(64), count: 0, stack: vec![], next: 0 };
        parsing.restart(words, tags);
        parsing
    }

    /// Begins anew with other words.
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
            self.nodes.push(Node { form: word.form, tag: *tag as u32, quoted, marks, ..NOBODY });
        }
        self.count = self.nodes.len();
    }

    /// How many words there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The word that comes next, if one does.
    pub fn next(&self) -> Option<usize> {
        (self.next < self.count).then_some(self.next)
    }

    /// The words on the stack, the top last.
    pub fn stack(&self) -> &[u8] {
        &self.stack
    }

    /// The head of a word, where it has one yet.
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

    /// Whether a move can be made; none can when no word is left.
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

    /// Makes a move, with the label of what it joins.
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

    /// Joins the words that are left without a head to the first of them.
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

    /// What the choice of a move depends on.
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
        let apart = if top == NONE { 0 } else { (self.next - usize::from(top)).min(10) as u32 };
        let headed = u32::from(s0.head != NONE);
        let marks = u32::from(b0.marks.wrapping_sub(s0.marks).min(3));
        let between = marks << 4 | u32::from(s0.quoted) << 1 | u32::from(b0.quoted);
        let st = s0.tag << 1 | headed;
        let pair = |first: u32, second: u32| first << 8 | second;
        let tags = pair(st, b0.tag);
        let fold = |set: u64| (set ^ set >> 32).wrapping_mul(0x9E37_79B9) as u32;
        [
            feature(1, s0.form, st, 0),
            feature(2, s0.form, 0, 0),
            feature(3, st, 0, 0),
            feature(4, b0.form, b0.tag, 0),
            feature(5, b0.form, 0, 0),
            feature(6, b0.tag, 0, 0),
            feature(7, b1.form, b1.tag, 0),
            feature(8, b1.form, tags, 0),
            feature(9, b1.tag, b2.tag, 0),
            feature(10, b2.form, b2.tag, 0),
            feature(11, b2.tag, tags, 0),
            feature(12, pair(b1.tag, b2.tag), pair(b3.tag, b0.tag), 0),
            feature(13, s0.form, b0.form, tags),
            feature(14, s0.form, b0.form, 0),
            feature(15, s0.form, tags, 0),
            feature(16, b0.form, tags, 0),
            feature(17, s0.form, b0.form, st),
            feature(18, tags, 0, 0),
            feature(19, b0.tag, b1.tag, 0),
            feature(20, pair(b0.tag, b1.tag), b2.tag, 0),
            feature(21, tags, b1.tag, 0),
            feature(22, tags, b1.tag, b2.tag),
            feature(23, tags, s0h.tag, u32::from(s0.label)),
            feature(24, tags, s0l.tag, u32::from(s0l.label)),
            feature(25, tags, s0r.tag, u32::from(s0r.label)),
            feature(26, tags, b0l.tag, u32::from(b0l.label)),
            feature(27, s0.form, apart, 0),
            feature(28, st, apart, between),
            feature(29, b0.form, apart, 0),
            feature(30, b0.tag, apart, between),
            feature(31, s0.form, b0.form, apart << 8 | between),
            feature(32, tags, apart, 0),
            feature(33, tags, apart, between),
            feature(34, s0.form, pair(s0.left_count.into(), s0.right_count.into()), headed),
            feature(35, st, pair(s0.left_count.into(), s0.right_count.into()), b0.tag),
            feature(36, b0.form, b0.left_count.into(), 0),
            feature(37, b0.tag, b0.left_count.into(), st),
            feature(38, s0h.form, st, b0.tag),
            feature(39, s0h.form, b0.form, 0),
            feature(40, s0.label.into(), tags, 0),
            feature(41, s0.label.into(), s0.form, b0.tag),
            feature(42, s0l.form, tags, 0),
            feature(43, s0l.form, b0.form, st),
            feature(44, s0r.form, tags, 0),
            feature(45, s0r.form, b0.form, st),
            feature(46, b0l.form, tags, 0),
            feature(47, b0l.form, s0.form, b0.tag),
            feature(48, s0hh.tag, s0h.tag, tags),
            feature(49, s0hh.form, tags, s0h.label.into()),
            feature(50, pair(s0l.tag, s0l2.tag), tags, 0),
            feature(51, pair(s0r.tag, s0r2.tag), tags, 0),
            feature(52, pair(b0l.tag, b0l2.tag), tags, 0),
            feature(53, fold(s0.right_labels), st, b0.tag),
            feature(54, fold(s0.left_labels), st, b0.tag),
            feature(55, fold(b0.left_labels), b0.tag, st),
            feature(56, fold(s0.right_labels), s0.form, 0),
            feature(57, fold(s0.left_labels), s0.form, 0),
            feature(58, fold(b0.left_labels), b0.form, 0),
            feature(59, s1.tag, tags, 0),
            feature(60, s1.form, tags, 0),
            feature(61, s1.form, s0.form, b0.tag),
            feature(62, s1.form, b0.form, st),
            feature(63, pair(s1.tag, s0.tag), tags, b1.tag),
            feature(64, between, tags, s0h.tag),
            feature(65, between, tags, fold(b0.left_labels)),
            feature(66, between, tags, fold(s0.right_labels)),
            feature(67, b1.form, b0.form, st),
            feature(68, s0.form, b0.tag, b1.tag),
        ]
    }

    /// What the choice of a label depends on.
    #[inline(always)]
    pub fn label_features(&self, head: u8, dependent: u8) -> [u64; LABEL_FEATURES] {
        let (h, d) = (self.node(head), self.node(dependent));
        let side = u32::from(dependent < head);
        let (dl, dl2, dr) = (self.node(d.lefts[0]), self.node(d.lefts[1]), self.node(d.rights[0]));
        let (hl, hr, hh) = (self.node(h.lefts[0]), self.node(h.rights[0]), self.node(h.head));
        let before = self.node(dependent.wrapping_sub(1));
        let after = self.node(dependent.saturating_add(1));
        let head_after = self.node(head.saturating_add(1));
        let apart = u32::from(head.abs_diff(dependent).min(5));
        let tags = h.tag << 9 | d.tag << 2 | side;
        let between = u32::from(h.marks.abs_diff(d.marks).min(3)) << 2
            | u32::from(h.quoted) << 1
            | u32::from(d.quoted);
        let fold = |set: u64| (set ^ set >> 32).wrapping_mul(0x9E37_79B9) as u32;
        [
            feature(101, tags, 0, 0),
            feature(102, tags, h.form, 0),
            feature(103, tags, d.form, 0),
            feature(104, d.form, h.form, side),
            feature(105, d.form, side, 0),
            feature(106, h.form, side, 0),
            feature(107, d.tag, side, 0),
            feature(108, d.form, h.tag, side),
            feature(109, h.form, d.tag, side),
            feature(110, tags, apart, 0),
            feature(111, tags, between, apart),
            feature(112, tags, before.tag, after.tag),
            feature(113, tags, before.form, 0),
            feature(114, tags, after.form, 0),
            feature(115, tags, dl.form, 0),
            feature(116, tags, dl.tag, dl2.tag),
            feature(117, tags, fold(d.left_labels), 0),
            feature(118, tags, fold(d.right_labels), 0),
            feature(119, tags, fold(h.left_labels), 0),
            feature(120, tags, fold(h.right_labels), 0),
            feature(121, h.form, fold(h.right_labels), d.tag << 1 | side),
            feature(122, h.form, fold(h.left_labels), d.tag << 1 | side),
            feature(123, dl.form, h.form, d.tag << 1 | side),
            feature(124, dl.form, d.form, side),
            feature(125, tags, hh.tag, h.label.into()),
            feature(126, tags, hl.tag, hl.label.into()),
            feature(127, tags, hr.tag, hr.label.into()),
            feature(128, tags, head_after.form, 0),
            feature(129, tags, dr.form, dr.label.into()),
            feature(130, d.form, fold(d.left_labels), h.tag << 1 | side),
        ]
    }
}

/// Parses a sentence: afterwards every word but one has a head, and each a label.
pub fn parse(parsing: &mut Parsing, moves: &Dense<'_>, relations: &Sparse<'_>) {
    let label = |parsing: &Parsing, head: u8, dependent: u8| {
        let mut scores = [0; CLASSES];
        relations.add(&parsing.label_features(head, dependent), &mut scores);
        let choices = scores.iter().enumerate().take(Relation::ALL.len()).skip(1);
        choices.fold((i32::MIN, 0), |best, (at, score)| best.max((*score, at))).1
    };
    while parsing.next().is_some() {
        let sums = moves.sum(&parsing.move_features());
        let allowed = Move::ALL.into_iter().filter(|one| parsing.allows(*one));
        let Some(one) = allowed.max_by_key(|one| sums[*one as usize]) else { break };
        let label = parsing.joins(one).map_or(0, |(head, below)| label(parsing, head, below));
        parsing.make(one, label);
    }
    parsing.finish(label);
}
