//! Reads what an outlet says in its own voice: hearsay, a refusal to comment, its own figures.
//!
//! Knows sentences that name no source. Must not know chains.

use super::candidate::{Candidate, Rule};
use super::manner;
use super::mention;
use super::particulars::ZoneFigures;
use super::tree::{Tree, WordRange};
use crate::domain::claim::{Act, Polarity, Voice};
use crate::reading::syntax::{Relation, Tag};

/// A statement without a source.
pub(super) struct Statement {
    pub(super) rule: &'static str,
    pub(super) key: String,
    pub(super) content: Vec<WordRange>,
    pub(super) cue: Option<WordRange>,
    pub(super) voice: Voice,
    pub(super) polarity: Polarity,
    pub(super) act: Act,
    /// The one who did not comment.
    pub(super) against: Option<WordRange>,
    pub(super) confidence: u8,
}

/// The confidence of a statement by the outlet itself: newsrooms seldom want these.
const OWN: u8 = 20;
const HEARSAY: u8 = 60;
const SILENCE: u8 = 60;

/// The statements of a text; `is_taken` marks the words that are already attributed.
pub(super) fn statements(
    tree: &Tree<'_>,
    numbers: &ZoneFigures,
    choices: &[&Candidate],
    is_taken: &[bool],
) -> Vec<Statement> {
    let mut found = Vec::new();
    for (number, sentence) in tree.sentences.iter().enumerate() {
        let before = found.len();
        for at in sentence.clone().filter(|at| !is_taken[*at]) {
            found.extend(hearsay(tree, at, sentence).or_else(|| silence(tree, at, sentence)));
        }
        let is_free = sentence.clone().all(|at| !is_taken[at]);
        if found.len() == before && is_free {
            found.extend(own_figure(tree, numbers, sentence));
        }
        if number == 0 {
            found.extend(lead(tree, choices, sentence));
        }
    }
    found
}

/// "He reportedly left."
fn hearsay(tree: &Tree<'_>, at: usize, sentence: &WordRange) -> Option<Statement> {
    let is_hearsay = matches!(
        tree.word(at),
        "reportedly" | "allegedly" | "supposedly" | "purportedly" | "rumouredly"
    );
    let next = at + 1;
    let qualifies = next < sentence.end
        && matches!(tree.tag(next), Tag::JJ | Tag::VBN | Tag::VBG)
        && next + 1 < sentence.end
        && tree.is_noun(next + 1);
    if !is_hearsay || qualifies || tree.quotation(at).is_some() {
        return None;
    }
    let end = (next..sentence.end)
        .find(|end| matches!(tree.tag(*end), Tag::Colon | Tag::Period))
        .unwrap_or(sentence.end);
    let predicate = tree.trimmed(next..end)?;
    let mut content: Vec<WordRange> = subject_before(tree, at, sentence).into_iter().collect();
    content.push(predicate);
    Some(Statement {
        rule: "hearsay",
        key: tree.word(at).to_owned(),
        content,
        cue: Some(at..next),
        voice: Voice::Hearsay,
        polarity: Polarity::Affirms,
        act: Act::States,
        against: None,
        confidence: HEARSAY,
    })
}

/// The subject directly before an adverb, with the words between them; none if it is a pronoun,
/// which names nobody.
fn subject_before(tree: &Tree<'_>, at: usize, sentence: &WordRange) -> Option<WordRange> {
    let mut end = at;
    while end > sentence.start
        && matches!(tree.relation(end - 1), Relation::Aux | Relation::AuxPass | Relation::Cop)
    {
        end -= 1;
    }
    let noun = end.checked_sub(1).filter(|noun| *noun >= sentence.start)?;
    let subject = (sentence.start..end)
        .rev()
        .take(12)
        .find(|at| matches!(tree.relation(*at), Relation::Nsubj | Relation::NsubjPass))?;
    let start = tree.subtree(subject).start;
    let stands = tree.is_noun(subject) && tree.is_noun(noun) && start <= subject;
    stands.then(|| tree.trimmed(start..at)).flatten()
}

/// "There was no comment from it." "It did not respond."
fn silence(tree: &Tree<'_>, at: usize, sentence: &WordRange) -> Option<Statement> {
    let (content, who, cue) = match tree.word(at) {
        "no" => no_comment(tree, at, sentence)?,
        "not" | "n't" | "n’t" | "never" => did_not_respond(tree, at, sentence)?,
        _ => return None,
    };
    Some(Statement {
        rule: "no-comment",
        key: tree.word(cue.end - 1).to_owned(),
        content: vec![content],
        cue: Some(cue),
        voice: Voice::Outlet,
        polarity: Polarity::NoComment,
        act: Act::States,
        against: who,
        confidence: SILENCE,
    })
}

type Silence = (WordRange, Option<WordRange>, WordRange);

fn no_comment(tree: &Tree<'_>, at: usize, sentence: &WordRange) -> Option<Silence> {
    let noun = (at + 1..sentence.end.min(at + 4)).find(|noun| {
        matches!(tree.word(*noun), "comment" | "response" | "reply" | "reaction" | "statement")
    })?;
    let after = noun + 1;
    if after >= sentence.end || !matches!(tree.word(after), "from" | "by") {
        let ends = after >= sentence.end || tree.tag(after) == Tag::Period;
        return (ends && tree.word(noun) == "comment").then_some((at..after, None, at..after));
    }
    let who = tree.trimmed(after + 1..stop(tree, after + 1, sentence))?;
    Some((at..who.end, Some(who), at..noun + 1))
}

fn did_not_respond(tree: &Tree<'_>, at: usize, sentence: &WordRange) -> Option<Silence> {
    let auxiliary = at.checked_sub(1).filter(|auxiliary| {
        *auxiliary >= sentence.start
            && matches!(
                tree.word(*auxiliary),
                "did" | "could" | "has" | "have" | "had" | "would" | "does" | "do"
            )
    })?;
    let verb = (at + 1..sentence.end.min(at + 4)).find(|verb| tree.is_verb(*verb))?;
    let mut last = verb;
    let is_silent = match tree.verb(verb) {
        "respond" | "reply" | "comment" => true,
        "return" | "answer" => mentions_request(tree, verb, sentence),
        "be" if tree.word(auxiliary) == "could" => {
            last = (verb + 1..sentence.end.min(verb + 3)).find(|it| tree.word(*it) == "reached")?;
            true
        }
        _ => false,
    };
    if !is_silent {
        return None;
    }
    let end = stop(tree, last, sentence);
    let content = tree.trimmed(auxiliary..end)?;
    let start = who_before(tree, auxiliary, sentence);
    Some((content, start, auxiliary..last + 1))
}

fn mentions_request(tree: &Tree<'_>, verb: usize, sentence: &WordRange) -> bool {
    let near = verb + 1..sentence.end.min(verb + 8);
    near.into_iter().any(|at| {
        matches!(
            tree.word(at),
            "call"
                | "calls"
                | "request"
                | "requests"
                | "email"
                | "emails"
                | "message"
                | "messages"
                | "inquiry"
                | "inquiries"
                | "comment"
                | "query"
                | "queries"
        )
    })
}

/// The noun phrase before an auxiliary.
fn who_before(tree: &Tree<'_>, auxiliary: usize, sentence: &WordRange) -> Option<WordRange> {
    let last = auxiliary.checked_sub(1).filter(|last| *last >= sentence.start)?;
    if tree.tag(last) == Tag::PRP {
        return Some(last..auxiliary);
    }
    if !tree.is_noun(last) && !mention::is_name_word(tree, last) {
        return None;
    }
    tree.trimmed(mention::phrase_start(tree, last).max(sentence.start)..auxiliary)
}

/// The end of the clause that begins with the word.
fn stop(tree: &Tree<'_>, start: usize, sentence: &WordRange) -> usize {
    (start..sentence.end)
        .find(|at| matches!(tree.tag(*at), Tag::Comma | Tag::Colon | Tag::Period))
        .unwrap_or(sentence.end)
}

/// A sentence with a figure, or the introductory phrase that contains it: "With 5 shops, …".
fn own_figure(tree: &Tree<'_>, numbers: &ZoneFigures, sentence: &WordRange) -> Option<Statement> {
    let words = tree.trimmed(sentence.clone())?;
    if !numbers.is_measured(tree, &words) || tree.quotation(words.start).is_some() {
        return None;
    }
    let comma = stop(tree, words.start, &words);
    let leads = tree.word(words.start) == "with" && words.start + 1 < comma;
    let phrase = leads.then(|| tree.trimmed(words.start + 1..comma)).flatten();
    let phrase = phrase.filter(|phrase| numbers.is_measured(tree, phrase));
    let content = phrase.unwrap_or(words);
    Some(own("own-figure", String::new(), content, Act::States))
}

fn own(rule: &'static str, key: String, content: WordRange, act: Act) -> Statement {
    Statement {
        rule,
        key,
        content: vec![content],
        cue: None,
        voice: Voice::Outlet,
        polarity: Polarity::Affirms,
        act,
        against: None,
        confidence: OWN,
    }
}

/// The completed event that opens an article: "Chile has announced a tax".
fn lead(tree: &Tree<'_>, choices: &[&Candidate], sentence: &WordRange) -> Option<Statement> {
    let announced = choices.iter().find(|it| {
        sentence.contains(&it.at)
            && matches!(it.rule, Rule::Object | Rule::Plain | Rule::Clause)
            && tree.quotation(it.at).is_none()
            && matches!(manner::act_of_cue(&it.key), Act::Announces | Act::Orders)
    })?;
    let start = announced.source.as_ref()?.start;
    let content = announced.content.first()?;
    let end = stop(tree, content.start, content);
    let content = tree.trimmed(start..end)?;
    Some(own("lead", announced.key.clone(), content, manner::act_of_cue(&announced.key)))
}
