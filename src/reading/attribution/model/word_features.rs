//! Evidence: what about a word speaks for the part it plays, each piece of it as one number.
//!
//! Knows words, trees, quotations and what the grammar makes of them. Must not know any weight.

use super::super::candidate::Candidate;
use super::super::choice::{self, Choice};
use super::super::tree::{Tree, WordRange};

/// The version of what is gathered here: weights learnt on another mean nothing.
pub(super) const VERSION: u32 = 1;

/// Pieces of evidence, each the hash of what it is.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    hashes: Vec<u32>,
    ends: Vec<u32>,
}

impl Evidence {
    /// How many words it is about.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// All there is about a word.
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

/// A number for a kind of evidence and what it is made of.
pub(super) fn hash(kind: u32, parts: &[u32]) -> u32 {
    let mut state = u64::from(kind).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x51_7c_c1_b7;
    for part in parts {
        state = (state.rotate_left(23) ^ u64::from(*part)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    }
    state ^= state >> 32;
    (state.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 32) as u32
}

/// A number for a word.
pub(super) fn spelt(word: &str) -> u32 {
    let mut state = 0xcbf2_9ce4_8422_2325u64;
    for byte in word.bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (state ^ state >> 32) as u32
}

/// Small numbers apart, larger ones together.
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

/// What stands where a line ends.
const EDGE: u32 = 1;

/// What each word is by itself.
struct WordTraits {
    word: u32,
    /// The verb it is a form of, if it is one.
    verb: u32,
    tag: u32,
    relation: u32,
    shape: u32,
    /// Outside quotation marks, a mark, or between them.
    quoted: u32,
    ending: u32,
    is_speech: bool,
    /// The nearest verb of speech of the same sentence before it and after it.
    left: Option<u32>,
    right: Option<u32>,
}

impl WordTraits {
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

/// What the grammar makes of a word.
#[derive(Default, Clone)]
struct Roles {
    /// Of the reading that was chosen: what part, and where in it.
    chosen: u32,
    rule: u32,
    sure: u32,
    /// The surest candidate of which a content begins here.
    starts: Option<(u8, u32, u32)>,
    ends: Option<(u8, u32, u32)>,
    inside: Option<(u8, u32, u32)>,
    cue: Option<(u8, u32, u32)>,
    source: Option<(u8, u32, u32)>,
}

/// Gathers all about every word.
pub(super) fn gather(tree: &Tree<'_>, candidates: &[Candidate], choices: &[Choice]) -> Evidence {
    let mut seen: Vec<WordTraits> = (0..tree.words.len()).map(|at| see(tree, at)).collect();
    look_around(tree, &mut seen);
    let roles = roles(tree, candidates, choices);
    let mut evidence = Evidence::default();
    evidence.hashes.reserve(tree.words.len() * 96);
    for at in 0..tree.words.len() {
        around(tree, &seen, at, &mut evidence);
        quotation(tree, &seen, at, &mut evidence);
        sentence(tree, &seen, at, &mut evidence);
        dependency(tree, &seen, at, &mut evidence);
        edges(tree, &seen, at, &mut evidence);
        grammar(tree, &roles, &seen, at, &mut evidence);
        evidence.close();
    }
    evidence
}

fn see(tree: &Tree<'_>, at: usize) -> WordTraits {
    let word = tree.word(at);
    let is_mark = tree.is_quotation_mark(at);
    let quoted = match tree.quotation(at) {
        _ if is_mark => 2,
        Some(_) => 1,
        None => 0,
    };
    let tail = word.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
    WordTraits {
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

/// Notes the verbs of speech on both sides of each word.
fn look_around(tree: &Tree<'_>, seen: &mut [WordTraits]) {
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

/// The word `by` places further in the same line.
fn beside<'s>(
    tree: &Tree<'_>,
    seen: &'s [WordTraits],
    at: usize,
    by: isize,
) -> Option<&'s WordTraits> {
    let other = at.checked_add_signed(by)?;
    let is_same = other < seen.len() && tree.line(other) == tree.line(at);
    is_same.then(|| &seen[other])
}

fn around(tree: &Tree<'_>, seen: &[WordTraits], at: usize, evidence: &mut Evidence) {
    let word = |by| beside(tree, seen, at, by).map_or(EDGE, |seen| seen.word);
    let tag = |by| beside(tree, seen, at, by).map_or(u32::MAX, |seen| seen.tag);
    let own = &seen[at];
    evidence.add(0, &[]);
    for (kind, by) in (1..).zip(-3..=3) {
        evidence.add(kind, &[word(by)]);
        evidence.add(kind + 10, &[tag(by)]);
    }
    evidence.add(20, &[word(-1), word(0)]);
    evidence.add(21, &[word(0), word(1)]);
    evidence.add(22, &[word(-2), word(-1)]);
    evidence.add(23, &[word(1), word(2)]);
    evidence.add(24, &[tag(-1), tag(0)]);
    evidence.add(25, &[tag(0), tag(1)]);
    evidence.add(26, &[tag(-2), tag(-1), tag(0)]);
    evidence.add(27, &[tag(-1), tag(0), tag(1)]);
    evidence.add(28, &[tag(0), tag(1), tag(2)]);
    evidence.add(29, &[word(0), tag(1)]);
    evidence.add(30, &[tag(-1), word(0)]);
    evidence.add(31, &[word(-1), tag(0)]);
    evidence.add(32, &[tag(0), word(1)]);
    evidence.add(33, &[own.ending]);
    evidence.add(34, &[own.shape]);
    evidence.add(35, &[beside(tree, seen, at, -1).map_or(9, |seen| seen.shape), own.shape]);
    evidence.add(36, &[word(-2), word(-1), word(0)]);
    evidence.add(37, &[word(0), word(1), word(2)]);
}

fn quotation(tree: &Tree<'_>, seen: &[WordTraits], at: usize, evidence: &mut Evidence) {
    let quoted = |by| beside(tree, seen, at, by).map_or(9, |seen| seen.quoted);
    evidence.add(40, &[quoted(-1), quoted(0), quoted(1)]);
    evidence.add(41, &[quoted(-2), quoted(-1), quoted(0), quoted(1), quoted(2)]);
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
    evidence.add(42, &[long, place[0], place[1]]);
    evidence.add(43, &[before, place[0], place[1]]);
    evidence.add(44, &[after, place[0], place[1]]);
    evidence.add(45, &[before, after]);
    evidence.add(46, &[long, before]);
    let starts_capital = seen[(start + 1).min(end)].shape;
    let last = seen[end.saturating_sub(1).max(start)].tag;
    evidence.add(47, &[long, starts_capital, last, place[0], place[1]]);
}

fn sentence(tree: &Tree<'_>, seen: &[WordTraits], at: usize, evidence: &mut Evidence) {
    let words = tree.sentence(at);
    let (from_start, to_end) = (at - words.start, words.end - 1 - at);
    evidence.add(50, &[bucket(from_start)]);
    evidence.add(51, &[bucket(to_end)]);
    evidence.add(52, &[u32::from(tree.line(at) == 0), seen[at].tag]);
    let (left, right) = (seen[at].left, seen[at].right);
    let verb = |other: Option<u32>| other.map_or(0, |other| seen[other as usize].verb);
    let far = |other: Option<u32>| other.map_or(99, |other| bucket(at.abs_diff(other as usize)));
    evidence.add(53, &[far(left), verb(left)]);
    evidence.add(54, &[far(right), verb(right)]);
    evidence.add(55, &[far(left), far(right), seen[at].quoted]);
    evidence.add(56, &[far(left), seen[at].tag]);
    evidence.add(57, &[far(right), seen[at].tag]);
    let nouns = (at + 1..words.end.min(at + 9)).filter(|at| seen[*at].shape > 1).count();
    evidence.add(58, &[bucket(nouns), seen[at].tag]);
}

fn dependency(tree: &Tree<'_>, seen: &[WordTraits], at: usize, evidence: &mut Evidence) {
    let own = &seen[at];
    let head = tree.head(at);
    let above = head.and_then(|head| tree.head(head));
    let nothing = WordTraits::NOTHING;
    let up = head.map_or(&nothing, |head| &seen[head]);
    let top = above.map_or(&nothing, |above| &seen[above]);
    let lemma = |seen: &WordTraits| if seen.verb == 0 { seen.word } else { seen.verb };
    let side = u32::from(head.is_some_and(|head| head > at));
    evidence.add(60, &[own.relation, side]);
    evidence.add(61, &[own.relation, lemma(up), side]);
    evidence.add(62, &[own.relation, up.tag, side]);
    evidence.add(63, &[own.relation, up.relation]);
    evidence.add(64, &[own.relation, up.relation, top.relation]);
    evidence.add(65, &[up.relation, lemma(top)]);
    evidence.add(66, &[own.relation, up.relation, lemma(top)]);
    evidence.add(67, &[own.word, lemma(up)]);
    evidence.add(68, &[lemma(own)]);
    let mut below = at;
    let mut verbs = 0;
    for _ in 0..24 {
        let Some(head) = tree.head(below) else { break };
        if seen[head].verb != 0 {
            verbs += 1;
            let side = u32::from(at > head);
            let speech = u32::from(seen[head].is_speech);
            evidence.add(70 + verbs, &[seen[head].verb, seen[below].relation, side]);
            evidence.add(75 + verbs, &[speech, seen[below].relation, side]);
            if speech == 1 {
                evidence.add(74, &[seen[head].verb, seen[below].relation, side]);
            }
            if verbs == 3 {
                break;
            }
        }
        below = head;
    }
    for child in tree.children(at).take(12) {
        evidence.add(80, &[seen[child].relation, own.tag]);
        if own.verb != 0 {
            evidence.add(81, &[seen[child].relation, own.verb]);
        }
    }
    if own.verb != 0 {
        let subject = tree.subject(at);
        let (word, tag) = subject.map_or((0, 99), |it| (seen[it].word, seen[it].tag));
        evidence.add(82, &[own.verb, word]);
        evidence.add(83, &[own.verb, tag, u32::from(subject.is_some_and(|it| it > at))]);
    }
}

/// Where clauses and phrases begin and end.
fn edges(tree: &Tree<'_>, seen: &[WordTraits], at: usize, evidence: &mut Evidence) {
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
            evidence.add(90, &[relation, lemma, side]);
            evidence.add(91, &[relation, u32::from(seen[head].is_speech), side, seen[at].tag]);
        }
        if last {
            evidence.add(92, &[relation, lemma, side]);
            evidence.add(93, &[relation, u32::from(seen[head].is_speech), side]);
        }
        node = head;
    }
    // Right after a clause, or right before it.
    let before = at.checked_sub(1).and_then(|before| tree.head(before).map(|_| before));
    if let Some(before) = before {
        evidence.add(94, &[seen[before].relation, seen[at].relation]);
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
    seen: &[WordTraits],
    at: usize,
    evidence: &mut Evidence,
) {
    let none = Roles::default();
    let role = |by: isize| {
        let other = at.checked_add_signed(by).filter(|other| *other < roles.len());
        other.filter(|other| tree.line(*other) == tree.line(at)).map_or(&none, |it| &roles[it])
    };
    let own = role(0);
    evidence.add(100, &[own.chosen]);
    evidence.add(101, &[own.chosen, own.rule]);
    evidence.add(102, &[own.chosen, own.rule, own.sure]);
    evidence.add(103, &[role(-1).chosen, own.chosen]);
    evidence.add(104, &[own.chosen, role(1).chosen]);
    evidence.add(105, &[role(-2).chosen, role(-1).chosen, own.chosen]);
    evidence.add(106, &[own.chosen, role(1).chosen, role(2).chosen]);
    evidence.add(107, &[own.chosen, seen[at].tag]);
    evidence.add(108, &[own.chosen, seen[at].quoted]);
    let found = [&own.starts, &own.ends, &own.inside, &own.cue, &own.source];
    for (kind, found) in (110..).step_by(4).zip(found) {
        if let Some((sure, rule, key)) = found {
            let sure = u32::from(sure / 5);
            evidence.add(kind, &[*rule]);
            evidence.add(kind + 1, &[*rule, sure]);
            evidence.add(kind + 2, &[*rule, *key]);
            evidence.add(kind + 3, &[*rule, own.chosen]);
        }
    }
    if let Some((_, rule, key)) = role(1).starts {
        evidence.add(130, &[rule, key]);
    }
    if let Some((_, rule, key)) = role(-1).ends {
        evidence.add(131, &[rule, key]);
    }
}
