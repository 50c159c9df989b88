//! Computes the features of each word for the labels, each as one number.
//!
//! Knows words, trees, quotations and the grammar's candidates. Must not know any weight.

use super::super::candidate::Candidate;
use super::super::choice::{self, Choice};
use super::super::tree::{Tree, WordRange};

/// The version of these features: weights learnt for another version are meaningless.
pub(super) const VERSION: u32 = 1;

/// The features of the words of a text, each as a hash.
#[derive(Debug, Default)]
pub(super) struct WordFeatures {
    hashes: Vec<u32>,
    ends: Vec<u32>,
}

impl WordFeatures {
    /// The number of words.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// All features of a word.
    pub(super) fn of(&self, at: usize) -> &[u32] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.hashes[start..self.ends[at] as usize]
    }

    fn add(&mut self, kind: u32, parts: &[u32]) {
        self.hashes.push(hash(kind, parts));
    }

    fn close(&mut self) {
        self.ends.push(u32::try_from(self.hashes.len()).unwrap_or(u32::MAX));
    }
}

/// The hash of a kind of feature and its components.
pub(super) fn hash(kind: u32, parts: &[u32]) -> u32 {
    let mut state = u64::from(kind).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x51_7c_c1_b7;
    for part in parts {
        state = (state.rotate_left(23) ^ u64::from(*part)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    }
    state ^= state >> 32;
    (state.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 32) as u32
}

/// The hash of a word.
pub(super) fn spelt(word: &str) -> u32 {
    let mut state = 0xcbf2_9ce4_8422_2325u64;
    for byte in word.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (state ^ state >> 32) as u32
}

/// Keeps small numbers distinct, and groups larger ones.
pub(super) const fn bucket(count: usize) -> u32 {
    match count {
        0..=3 => count as u32,
        4..=5 => 4,
        6..=8 => 5,
        9..=14 => 6,
        15..=24 => 7,
        25..=40 => 8,
        _ => 9,
    }
}

/// Stands for the missing word beyond the end of a line.
const EDGE: u32 = 1;

/// The properties of each word by itself.
struct WordProperties {
    word: u32,
    /// Its base form, if it is a verb.
    verb: u32,
    tag: u32,
    relation: u32,
    shape: u32,
    /// Outside quotation marks, a quotation mark, or between them.
    quoted: u32,
    ending: u32,
    is_speech: bool,
    /// The nearest verb of speech before it and after it in its sentence.
    left: Option<u32>,
    right: Option<u32>,
}

impl WordProperties {
    const NOTHING: Self = Self {
        word: 0,
        verb: 0,
        tag: 99,
        relation: 99,
        shape: 0,
        quoted: 9,
        ending: 0,
        is_speech: false,
        left: None,
        right: None,
    };
}

/// What the grammar reads at a word.
#[derive(Default, Clone)]
struct Roles {
    /// In the chosen reading: which part, and the position in it.
    chosen: u32,
    rule: u32,
    sure: u32,
    /// The candidate with the highest confidence whose content begins here.
    starts: Option<(u8, u32, u32)>,
    ends: Option<(u8, u32, u32)>,
    inside: Option<(u8, u32, u32)>,
    cue: Option<(u8, u32, u32)>,
    source: Option<(u8, u32, u32)>,
}

/// Computes the features of every word.
pub(super) fn gather(
    tree: &Tree<'_>,
    candidates: &[Candidate],
    choices: &[Choice],
) -> WordFeatures {
    let mut seen: Vec<WordProperties> = (0..tree.words.len()).map(|at| see(tree, at)).collect();
    look_around(tree, &mut seen);
    let roles = roles(tree, candidates, choices);
    let mut features = WordFeatures::default();
    features.hashes.reserve(tree.words.len() * 96);
    for at in 0..tree.words.len() {
        around(tree, &seen, at, &mut features);
        quotation(tree, &seen, at, &mut features);
        sentence(tree, &seen, at, &mut features);
        dependency(tree, &seen, at, &mut features);
        edges(tree, &seen, at, &mut features);
        grammar(tree, &roles, &seen, at, &mut features);
        features.close();
    }
    features
}

fn see(tree: &Tree<'_>, at: usize) -> WordProperties {
    let word = tree.word(at);
    let is_mark = tree.is_quotation_mark(at);
    let quoted = match tree.quotation(at) {
        _ if is_mark => 2,
        Some(_) => 1,
        None => 0,
    };
    let tail = word.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
    WordProperties {
        word: spelt(word),
        verb: if tree.is_verb(at) { spelt(tree.verb(at)) } else { 0 },
        tag: tree.tag(at) as u32,
        relation: tree.relation(at) as u32,
        shape: shape(&tree.text[tree.bytes(&(at..at + 1))]),
        quoted,
        ending: spelt(&word[tail..]),
        is_speech: tree.is_speech(at),
        left: None,
        right: None,
    }
}

/// Records the verbs of speech on both sides of each word.
fn look_around(tree: &Tree<'_>, seen: &mut [WordProperties]) {
    for words in &tree.sentences {
        let mut last = None;
        for at in words.clone() {
            seen[at].left = last;
            if seen[at].is_speech {
                last = u32::try_from(at).ok();
            }
        }
        last = None;
        for at in words.clone().rev() {
            seen[at].right = last;
            if seen[at].is_speech {
                last = u32::try_from(at).ok();
            }
        }
    }
}

fn shape(word: &str) -> u32 {
    let mut letters = word.chars();
    let first = letters.next().unwrap_or(' ');
    let rest = letters.next();
    if first.is_uppercase() {
        return if rest.is_some_and(char::is_uppercase) { 3 } else { 2 };
    }
    if first.is_ascii_digit() {
        return 4;
    }
    u32::from(first.is_alphabetic())
}

/// The word `by` places further on in the same line.
fn beside<'s>(
    tree: &Tree<'_>,
    seen: &'s [WordProperties],
    at: usize,
    by: isize,
) -> Option<&'s WordProperties> {
    let other = at.checked_add_signed(by)?;
    let is_same = other < seen.len() && tree.line(other) == tree.line(at);
    is_same.then(|| &seen[other])
}

fn around(tree: &Tree<'_>, seen: &[WordProperties], at: usize, features: &mut WordFeatures) {
    let word = |by| beside(tree, seen, at, by).map_or(EDGE, |seen| seen.word);
    let tag = |by| beside(tree, seen, at, by).map_or(u32::MAX, |seen| seen.tag);
    let own = &seen[at];
    features.add(0, &[]);
    for (kind, by) in (1..).zip(-3..=3) {
        features.add(kind, &[word(by)]);
        features.add(kind + 10, &[tag(by)]);
    }
    features.add(20, &[word(-1), word(0)]);
    features.add(21, &[word(0), word(1)]);
    features.add(22, &[word(-2), word(-1)]);
    features.add(23, &[word(1), word(2)]);
    features.add(24, &[tag(-1), tag(0)]);
    features.add(25, &[tag(0), tag(1)]);
    features.add(26, &[tag(-2), tag(-1), tag(0)]);
    features.add(27, &[tag(-1), tag(0), tag(1)]);
    features.add(28, &[tag(0), tag(1), tag(2)]);
    features.add(29, &[word(0), tag(1)]);
    features.add(30, &[tag(-1), word(0)]);
    features.add(31, &[word(-1), tag(0)]);
    features.add(32, &[tag(0), word(1)]);
    features.add(33, &[own.ending]);
    features.add(34, &[own.shape]);
    features.add(35, &[beside(tree, seen, at, -1).map_or(9, |seen| seen.shape), own.shape]);
    features.add(36, &[word(-2), word(-1), word(0)]);
    features.add(37, &[word(0), word(1), word(2)]);
}

fn quotation(tree: &Tree<'_>, seen: &[WordProperties], at: usize, features: &mut WordFeatures) {
    let quoted = |by| beside(tree, seen, at, by).map_or(9, |seen| seen.quoted);
    features.add(40, &[quoted(-1), quoted(0), quoted(1)]);
    features.add(41, &[quoted(-2), quoted(-1), quoted(0), quoted(1), quoted(2)]);
    let Some(number) = tree.quotation(at) else { return };
    let within = |at: &usize| tree.quotation(*at) == Some(number);
    const FAR: usize = 100;
    let start = (at.saturating_sub(FAR)..at).rev().take_while(within).last().unwrap_or(at);
    let end = (at + 1..seen.len().min(at + FAR)).take_while(within).last().unwrap_or(at);
    let long = bucket(end - start);
    let side = |other: Option<usize>| match other {
        Some(other) if tree.line(other) == tree.line(at) => seen[other].word,
        _ => EDGE,
    };
    let (before, after) =
        (side(start.checked_sub(1)), side((end + 1 < seen.len()).then_some(end + 1)));
    let place = [bucket((at - start).min(3)), bucket((end - at).min(3))];
    features.add(42, &[long, place[0], place[1]]);
    features.add(43, &[before, place[0], place[1]]);
    features.add(44, &[after, place[0], place[1]]);
    features.add(45, &[before, after]);
    features.add(46, &[long, before]);
    let starts_capital = seen[(start + 1).min(end)].shape;
    let last = seen[end.saturating_sub(1).max(start)].tag;
    features.add(47, &[long, starts_capital, last, place[0], place[1]]);
}

fn sentence(tree: &Tree<'_>, seen: &[WordProperties], at: usize, features: &mut WordFeatures) {
    let words = tree.sentence(at);
    let (from_start, to_end) = (at - words.start, words.end - 1 - at);
    features.add(50, &[bucket(from_start)]);
    features.add(51, &[bucket(to_end)]);
    features.add(52, &[u32::from(tree.line(at) == 0), seen[at].tag]);
    let (left, right) = (seen[at].left, seen[at].right);
    let verb = |other: Option<u32>| other.map_or(0, |other| seen[other as usize].verb);
    let far = |other: Option<u32>| other.map_or(99, |other| bucket(at.abs_diff(other as usize)));
    features.add(53, &[far(left), verb(left)]);
    features.add(54, &[far(right), verb(right)]);
    features.add(55, &[far(left), far(right), seen[at].quoted]);
    features.add(56, &[far(left), seen[at].tag]);
    features.add(57, &[far(right), seen[at].tag]);
    let nouns = (at + 1..words.end.min(at + 9)).filter(|at| seen[*at].shape > 1).count();
    features.add(58, &[bucket(nouns), seen[at].tag]);
}

fn dependency(tree: &Tree<'_>, seen: &[WordProperties], at: usize, features: &mut WordFeatures) {
    let own = &seen[at];
    let head = tree.head(at);
    let above = head.and_then(|head| tree.head(head));
    let nothing = WordProperties::NOTHING;
    let up = head.map_or(&nothing, |head| &seen[head]);
    let top = above.map_or(&nothing, |above| &seen[above]);
    let lemma = |seen: &WordProperties| if seen.verb == 0 { seen.word } else { seen.verb };
    let side = u32::from(head.is_some_and(|head| head > at));
    features.add(60, &[own.relation, side]);
    features.add(61, &[own.relation, lemma(up), side]);
    features.add(62, &[own.relation, up.tag, side]);
    features.add(63, &[own.relation, up.relation]);
    features.add(64, &[own.relation, up.relation, top.relation]);
    features.add(65, &[up.relation, lemma(top)]);
    features.add(66, &[own.relation, up.relation, lemma(top)]);
    features.add(67, &[own.word, lemma(up)]);
    features.add(68, &[lemma(own)]);
    let mut below = at;
    let mut verbs = 0;
    for _ in 0..24 {
        let Some(head) = tree.head(below) else { break };
        if seen[head].verb != 0 {
            verbs += 1;
            let side = u32::from(at > head);
            let speech = u32::from(seen[head].is_speech);
            features.add(70 + verbs, &[seen[head].verb, seen[below].relation, side]);
            features.add(75 + verbs, &[speech, seen[below].relation, side]);
            if speech == 1 {
                features.add(74, &[seen[head].verb, seen[below].relation, side]);
            }
            if verbs == 3 {
                break;
            }
        }
        below = head;
    }
    for child in tree.children(at).take(12) {
        features.add(80, &[seen[child].relation, own.tag]);
        if own.verb != 0 {
            features.add(81, &[seen[child].relation, own.verb]);
        }
    }
    if own.verb != 0 {
        let subject = tree.subject(at);
        let (word, tag) = subject.map_or((0, 99), |it| (seen[it].word, seen[it].tag));
        features.add(82, &[own.verb, word]);
        features.add(83, &[own.verb, tag, u32::from(subject.is_some_and(|it| it > at))]);
    }
}

/// Adds features for the beginnings and ends of clauses and phrases.
fn edges(tree: &Tree<'_>, seen: &[WordProperties], at: usize, features: &mut WordFeatures) {
    let mut node = at;
    for _ in 0..6 {
        let Some(head) = tree.head(node) else { break };
        let words = tree.subtree(node);
        let (first, last) = (words.start == at, ends_at(tree, &words, at));
        if !first && !last {
            break;
        }
        let lemma = if seen[head].verb == 0 { seen[head].tag } else { seen[head].verb };
        let side = u32::from(node > head);
        let relation = seen[node].relation;
        if first {
            features.add(90, &[relation, lemma, side]);
            features.add(91, &[relation, u32::from(seen[head].is_speech), side, seen[at].tag]);
        }
        if last {
            features.add(92, &[relation, lemma, side]);
            features.add(93, &[relation, u32::from(seen[head].is_speech), side]);
        }
        node = head;
    }
    // Directly after a clause, or directly before it.
    let before = at.checked_sub(1).and_then(|before| tree.head(before).map(|_| before));
    if let Some(before) = before {
        features.add(94, &[seen[before].relation, seen[at].relation]);
    }
}

fn ends_at(tree: &Tree<'_>, words: &WordRange, at: usize) -> bool {
    let mut end = words.end - 1;
    while end > at && tree.is_punctuation(end) {
        end -= 1;
    }
    end == at
}

fn roles(tree: &Tree<'_>, candidates: &[Candidate], choices: &[Choice]) -> Vec<Roles> {
    let mut roles = vec![Roles::default(); tree.words.len()];
    for choice in choices.iter().filter(|choice| !choice.is_nested) {
        let candidate = &choice.candidate;
        let parts = candidate.content.iter().map(|words| (0, words));
        let parts =
            parts.chain([(1, &candidate.cue)]).chain(candidate.source.iter().map(|it| (2, it)));
        for (part, words) in parts {
            for at in words.clone() {
                let place = u32::from(at == words.start) + 2 * u32::from(at + 1 == words.end);
                roles[at].chosen = 1 + part * 4 + place;
                roles[at].rule = 1 + candidate.rule as u32 + 64 * candidate.extent as u32;
                roles[at].sure = u32::from(choice.confidence / 10);
            }
        }
    }
    for candidate in candidates {
        let sure = choice::confidence(tree, candidate);
        let found = Some((
            sure,
            candidate.rule as u32 + 64 * candidate.extent as u32,
            spelt(&candidate.key),
        ));
        for words in &candidate.content {
            raise(&mut roles[words.start].starts, found);
            raise(&mut roles[words.end - 1].ends, found);
            for at in words.clone() {
                raise(&mut roles[at].inside, found);
            }
        }
        for at in candidate.cue.clone() {
            raise(&mut roles[at].cue, found);
        }
        for at in candidate.source.clone().into_iter().flatten() {
            raise(&mut roles[at].source, found);
        }
    }
    roles
}

fn raise(best: &mut Option<(u8, u32, u32)>, found: Option<(u8, u32, u32)>) {
    if *best < found {
        *best = found;
    }
}

fn grammar(
    tree: &Tree<'_>,
    roles: &[Roles],
    seen: &[WordProperties],
    at: usize,
    features: &mut WordFeatures,
) {
    let none = Roles::default();
    let role = |by: isize| {
        let other = at.checked_add_signed(by).filter(|other| *other < roles.len());
        other.filter(|other| tree.line(*other) == tree.line(at)).map_or(&none, |it| &roles[it])
    };
    let own = role(0);
    features.add(100, &[own.chosen]);
    features.add(101, &[own.chosen, own.rule]);
    features.add(102, &[own.chosen, own.rule, own.sure]);
    features.add(103, &[role(-1).chosen, own.chosen]);
    features.add(104, &[own.chosen, role(1).chosen]);
    features.add(105, &[role(-2).chosen, role(-1).chosen, own.chosen]);
    features.add(106, &[own.chosen, role(1).chosen, role(2).chosen]);
    features.add(107, &[own.chosen, seen[at].tag]);
    features.add(108, &[own.chosen, seen[at].quoted]);
    let found = [&own.starts, &own.ends, &own.inside, &own.cue, &own.source];
    for (kind, found) in (110..).step_by(4).zip(found) {
        if let Some((sure, rule, key)) = found {
            let sure = u32::from(sure / 5);
            features.add(kind, &[*rule]);
            features.add(kind + 1, &[*rule, sure]);
            features.add(kind + 2, &[*rule, *key]);
            features.add(kind + 3, &[*rule, own.chosen]);
        }
    }
    if let Some((_, rule, key)) = role(1).starts {
        features.add(130, &[rule, key]);
    }
    if let Some((_, rule, key)) = role(-1).ends {
        features.add(131, &[rule, key]);
    }
}
