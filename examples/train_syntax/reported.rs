//! Sentences of reported speech, made of annotated ones: *C* becomes *“C,” said X*, *X said that C*.
//!
//! Knows how treebanks annotate speech and who speaks. Must not know how anything is learnt from it.
//!
//! The treebanks hold few newspaper reports, and the frames in which newspapers report are few: so
//! each frame is written here once, as treebanks annotate it, and filled with their own sentences.

use testimony::syntax::grammar::{Relation, Tag};
use testimony::syntax::lexeme::Lexeme;

use crate::{Dice, Gold, relation_of, tag_of};

/// Who speaks. Each word with its tag, the number of its head in the phrase, and its relation; the
/// head of the phrase has 0.
const SPEAKERS: &[&str] = &[
    "Maria/NNP/0/- Alvarez/NNP/1/flat",
    "the/DT/2/det police/NNS/0/-",
    "officials/NNS/0/-",
    "Interior/NNP/2/compound Minister/NNP/3/nmod:desc Jan/NNP/0/- Novak/NNP/3/flat",
    "a/DT/2/det spokeswoman/NN/0/- for/IN/5/case the/DT/5/det ministry/NN/2/nmod",
    "the/DT/2/det company/NN/0/-",
    "Ms./NNP/2/nmod:desc Orr/NNP/0/-",
    "Okafor/NNP/0/- ,/,/5/punct a/DT/5/det trade/NN/5/compound lawyer/NN/1/appos",
    "Elena/NNP/0/- Brandt/NNP/1/flat ,/,/5/punct the/DT/5/det head/NN/1/appos of/IN/8/case \
     the/DT/8/det agency/NN/5/nmod",
    "people/NNS/0/- familiar/JJ/1/amod with/IN/5/case the/DT/5/det matter/NN/2/obl",
    "two/CD/2/nummod witnesses/NNS/0/-",
    "the/DT/3/det state/NN/3/compound broadcaster/NN/0/-",
    "the/DT/3/det Health/NNP/3/compound Department/NNP/0/-",
    "analysts/NNS/0/- at/IN/4/case the/DT/4/det bank/NN/1/nmod",
    "one/CD/2/nummod resident/NN/0/- of/IN/5/case the/DT/5/det village/NN/2/nmod",
    "a/DT/3/det senior/JJ/3/amod official/NN/0/-",
    "the/DT/2/det report/NN/0/-",
    "critics/NNS/0/-",
    "Sato/NNP/0/- ,/,/3/punct who/WP/4/nsubj leads/VBZ/1/acl:relcl the/DT/6/det team/NN/4/obj",
    "the/DT/2/det government/NN/4/nmod:poss 's/POS/2/case lawyers/NNS/0/-",
    "he/PRP/0/-",
    "she/PRP/0/-",
    "they/PRP/0/-",
    "he/PRP/0/-",
    "she/PRP/0/-",
];

/// How it is said.
const VERBS: &[&str] = &[
    "said/VBD/0/-",
    "said/VBD/0/-",
    "said/VBD/0/-",
    "says/VBZ/0/-",
    "added/VBD/0/-",
    "told/VBD/0/- reporters/NNS/1/iobj",
    "told/VBD/0/- the/DT/3/det paper/NN/1/iobj",
    "wrote/VBD/0/-",
    "claimed/VBD/0/-",
    "warned/VBD/0/-",
    "argued/VBD/0/-",
    "insisted/VBD/0/-",
    "has/VBZ/2/aux said/VBN/0/-",
    "noted/VBD/0/-",
    "explained/VBD/0/-",
    "announced/VBD/0/-",
];

/// When and where it is said.
const SETTINGS: &[&str] = &[
    "",
    "",
    "",
    "on/IN/2/case Tuesday/NNP/0/obl",
    "Friday/NNP/0/obl:unmarked",
    "in/IN/3/case a/DT/3/det statement/NN/0/obl",
    "in/IN/3/case an/DT/3/det interview/NN/0/obl with/IN/6/case the/DT/6/det paper/NN/3/nmod",
];

/// What follows when more is said.
const MORE: &[&str] = &["adding", "saying", "warning", "noting"];

/// A sentence being written.
struct Draft(Gold);

impl Draft {
    fn new() -> Self {
        Self(Gold { words: vec![], tags: vec![], heads: vec![], labels: vec![] })
    }

    fn word(&mut self, word: &str, tag: &str) -> usize {
        self.put(Lexeme::of(word), tag_of(tag), usize::MAX, Relation::Root as usize)
    }

    fn put(&mut self, word: Lexeme, tag: Tag, head: usize, label: usize) -> usize {
        self.0.words.push(word);
        self.0.tags.push(tag);
        self.0.heads.push(head);
        self.0.labels.push(label);
        self.0.words.len() - 1
    }

    fn join(&mut self, below: usize, head: usize, label: &str) {
        self.0.heads[below] = head;
        self.0.labels[below] = relation_of(label) as usize;
    }

    fn punctuate(&mut self, word: &str, tag: &str, head: usize) -> usize {
        let at = self.word(word, tag);
        self.join(at, head, "punct");
        at
    }

    /// Writes a phrase, and says where its head is.
    fn phrase(&mut self, notation: &str) -> Option<usize> {
        let base = self.0.words.len();
        let mut top = None;
        for row in notation.split_whitespace() {
            let parts: Vec<&str> = row.split('/').collect();
            let [word, tag, head, label] = parts[..] else { panic!("{row}: not four parts") };
            let at = self.word(word, tag);
            match head.parse::<usize>().unwrap() {
                0 => {
                    top = Some(at);
                    self.join(at, usize::MAX, if label == "-" { "root" } else { label });
                }
                head => self.join(at, base + head - 1, label),
            }
        }
        top
    }

    /// Writes a part of a sentence, and says where the head of the sentence is or would be.
    fn clause(&mut self, gold: &Gold, from: usize, to: usize, shift: usize) -> usize {
        let mut top = 0;
        for at in from..to {
            let head = gold.heads[at];
            let is_top = head == gold.heads.len();
            let head = if is_top { usize::MAX } else { head + shift };
            let put = self.put(gold.words[at], gold.tags[at], head, gold.labels[at]);
            top = if is_top { put } else { top };
        }
        top
    }

    fn said(&mut self, dice: &mut Dice) -> usize {
        let verb = self.phrase(pick(VERBS, dice)).unwrap();
        if let Some(setting) = self.phrase(pick(SETTINGS, dice)) {
            self.0.heads[setting] = verb;
        }
        verb
    }

    /// Speaker and verb, in that order or the other; says where the verb is.
    fn report(&mut self, dice: &mut Dice, may_invert: bool) -> usize {
        let who = pick(SPEAKERS, dice);
        if may_invert && !who.contains("PRP") && dice.throw(2) == 0 {
            let verb = self.phrase(VERBS[dice.throw(5)]).unwrap();
            let speaker = self.phrase(who).unwrap();
            self.join(speaker, verb, "nsubj");
            return verb;
        }
        let speaker = self.phrase(who).unwrap();
        if let Some(comma) = who.split(' ').position(|row| row.starts_with(",/")) {
            let inner = self.0.words.len() - who.split_whitespace().count() + comma;
            let head = self.0.heads[inner];
            self.punctuate(",", ",", head);
        }
        let verb = self.said(dice);
        self.join(speaker, verb, "nsubj");
        verb
    }

    fn finish(mut self, top: usize) -> Gold {
        let count = self.0.words.len();
        self.join(top, count, "root");
        assert!(self.0.heads.iter().all(|head| *head <= count), "a word is left without a head");
        self.0
    }
}

fn pick<'a>(from: &[&'a str], dice: &mut Dice) -> &'a str {
    from[dice.throw(from.len())]
}

/// Whether a sentence can be reported: a plain statement of moderate length.
fn is_plain(gold: &Gold) -> bool {
    let count = gold.words.len();
    let root = gold.heads.iter().position(|head| *head == count);
    let has_subject = gold.heads.iter().zip(&gold.labels).any(|(head, label)| {
        let is_subject =
            *label == Relation::Nsubj as usize || *label == Relation::NsubjPass as usize;
        Some(*head) == root && is_subject
    });
    let ends = gold.tags.last() == Some(&Tag::Period);
    let is_quoted = gold
        .tags
        .iter()
        .any(|tag| matches!(tag, Tag::OpenQuote | Tag::CloseQuote | Tag::OpenBracket | Tag::LS));
    (5..32).contains(&count) && has_subject && ends && !is_quoted
}

/// Where a report can interrupt a sentence: at a comma over which no join reaches but the root's.
fn gap(gold: &Gold) -> Option<usize> {
    let count = gold.words.len();
    let root = gold.heads.iter().position(|head| *head == count)?;
    let fits = |comma: &usize| {
        (0..count).filter(|at| at != comma && gold.heads[*at] < count).all(|at| {
            let (low, high) = (at.min(gold.heads[at]), at.max(gold.heads[at]));
            let is_over = low < *comma && *comma < high;
            !is_over || (low <= root && root <= high)
        }) && gold.heads.iter().all(|head| head != comma)
    };
    (2..count.saturating_sub(4)).find(|at| gold.tags[*at] == Tag::Comma && fits(at))
}

/// *C, X said* and *“C,” said X*.
fn after(gold: &Gold, quoted: bool, dice: &mut Dice) -> Gold {
    let mut draft = Draft::new();
    let open = quoted.then(|| draft.word("\"", "``"));
    let shift = usize::from(quoted);
    let top = draft.clause(gold, 0, gold.words.len() - 1, shift);
    draft.punctuate(",", ",", top);
    if let Some(open) = open {
        draft.join(open, top, "punct");
        draft.punctuate("\"", "''", top);
    }
    let verb = draft.report(dice, true);
    draft.join(top, verb, "ccomp");
    draft.punctuate(".", ".", verb);
    draft.finish(verb)
}

/// *X said that C*, *X said C*, *X said C, adding that D*.
fn before(gold: &Gold, more: Option<&Gold>, dice: &mut Dice) -> Gold {
    let mut draft = Draft::new();
    let verb = draft.report(dice, false);
    draft.content(gold, verb, dice.throw(2) == 0);
    if let Some(more) = more {
        let comma = draft.word(",", ",");
        let adding = draft.word(pick(MORE, dice), "VBG");
        draft.join(comma, adding, "punct");
        draft.join(adding, verb, "advcl");
        draft.content(more, adding, dice.throw(4) > 0);
    }
    draft.punctuate(".", ".", verb);
    draft.finish(verb)
}

impl Draft {
    fn content(&mut self, gold: &Gold, verb: usize, is_marked: bool) {
        let that = is_marked.then(|| self.word("that", "IN"));
        let shift = self.0.words.len();
        let top = self.clause(gold, 0, gold.words.len() - 1, shift);
        self.join(top, verb, "ccomp");
        if let Some(that) = that {
            self.join(that, top, "mark");
        }
    }
}

/// *X said: “C.”*
fn announced(gold: &Gold, dice: &mut Dice) -> Gold {
    let mut draft = Draft::new();
    let verb = draft.report(dice, false);
    let sign = [",", ":"][dice.throw(2)];
    let colon = draft.word(sign, sign);
    let open = draft.word("\"", "``");
    let shift = draft.0.words.len();
    let top = draft.clause(gold, 0, gold.words.len() - 1, shift);
    draft.punctuate(".", ".", verb);
    draft.punctuate("\"", "''", top);
    draft.join(colon, top, "punct");
    draft.join(open, top, "punct");
    draft.join(top, verb, "ccomp");
    let stop = draft.0.words.len() - 2;
    draft.join(stop, top, "punct");
    draft.finish(verb)
}

/// *According to X, C* and *C, according to X*.
fn according(gold: &Gold, is_first: bool, dice: &mut Dice) -> Gold {
    let mut draft = Draft::new();
    let nouns: Vec<&str> = SPEAKERS
        .iter()
        .copied()
        .filter(|who| !who.contains("PRP") && !who.contains(",/"))
        .collect();
    let mut source = |draft: &mut Draft| {
        let word = draft.word(if is_first { "According" } else { "according" }, "VBG");
        let to = draft.word("to", "IN");
        draft.join(to, word, "fixed");
        let who = draft.phrase(pick(&nouns, dice)).unwrap();
        draft.join(word, who, "case");
        who
    };
    let last = gold.words.len() - 1;
    let (who, top, comma);
    if is_first {
        who = source(&mut draft);
        comma = draft.word(",", ",");
        let shift = draft.0.words.len();
        top = draft.clause(gold, 0, last, shift);
    } else {
        top = draft.clause(gold, 0, last, 0);
        comma = draft.word(",", ",");
        who = source(&mut draft);
    }
    draft.join(who, top, "obl");
    draft.join(comma, top, "punct");
    draft.punctuate(".", ".", top);
    draft.finish(top)
}

/// *C, X said, C* and *“C,” X said, “C.”*
fn amid(gold: &Gold, gap: usize, quoted: bool, dice: &mut Dice) -> Gold {
    let mut draft = Draft::new();
    let mut quotes = Vec::new();
    if quoted {
        quotes.push(draft.word("\"", "``"));
    }
    let start = draft.0.words.len();
    let first = draft.clause(gold, 0, gap, start);
    let comma = draft.word(",", ",");
    if quoted {
        quotes.push(draft.word("\"", "''"));
    }
    let verb = draft.report(dice, true);
    draft.punctuate(",", ",", verb);
    if quoted {
        quotes.push(draft.word("\"", "``"));
    }
    let middle = draft.0.words.len();
    let second = draft.clause(gold, gap + 1, gold.words.len(), start);
    let place = |at: usize| if at < gap { at + start } else { at + middle - gap - 1 };
    for at in (0..gold.words.len()).filter(|at| *at != gap && gold.heads[*at] < gold.words.len()) {
        draft.0.heads[place(at)] = place(gold.heads[at]);
    }
    let root = gold.heads.iter().position(|head| *head == gold.words.len()).unwrap();
    let top = if root < gap { first } else { second };
    if quoted {
        quotes.push(draft.word("\"", "''"));
    }
    quotes.into_iter().for_each(|quote| draft.join(quote, top, "punct"));
    draft.join(comma, verb, "punct");
    draft.join(verb, top, "parataxis");
    draft.finish(top)
}

/// So many sentences of reported speech.
pub(crate) fn sentences(from: &[Gold], count: usize, dice: &mut Dice) -> Vec<Gold> {
    let plain: Vec<&Gold> = from.iter().filter(|gold| is_plain(gold)).collect();
    let mut made = Vec::new();
    while made.len() < count && !plain.is_empty() {
        let gold = plain[dice.throw(plain.len())];
        let more = plain[dice.throw(plain.len())];
        let quoted = dice.throw(2) == 0;
        let one = match (dice.throw(10), gap(gold)) {
            (0..3, _) => after(gold, quoted, dice),
            (3..5, _) => before(gold, None, dice),
            (5, _) => before(gold, Some(more), dice),
            (6, _) => announced(gold, dice),
            (7, _) => according(gold, quoted, dice),
            (_, Some(gap)) => amid(gold, gap, quoted, dice),
            (_, None) => after(gold, quoted, dice),
        };
        made.push(one);
    }
    made
}
