//! Determines how words are reported: in whose voice, in what form and framing, affirmed or denied,
//! and as which act.
//!
//! Knows cues and words for wrongdoing. Must not know who speaks, only what kind of speaker it is.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::candidate::{Candidate, Rule};
use super::lexicon::entries;
use super::tree::{Tree, WordRange};
use crate::domain::claim::{Act, Form, Framing, Polarity, Voice};
use crate::domain::source::SourceKind;
use crate::reading::syntax::{Relation, Tag};

/// How the words of one attribution are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) voice: Voice,
    pub(super) form: Form,
    pub(super) framing: Framing,
    pub(super) polarity: Polarity,
    pub(super) act: Act,
}

/// What a cue implies by itself.
#[derive(Debug, Clone, Copy)]
struct Cue {
    framing: Framing,
    polarity: Polarity,
    act: Act,
}

const PLAIN: Cue = Cue { framing: Framing::Neutral, polarity: Polarity::Affirms, act: Act::States };

static CUES: LazyLock<FxHashMap<&'static str, Cue>> = LazyLock::new(|| {
    let cue = |line: &'static str| {
        let mut fields = line.split(' ');
        let word = fields.next()?;
        // A misspelt tag drops its cue, and a test finds that.
        let framing = fields.next()?.parse().ok()?;
        let polarity = fields.next()?.parse().ok()?;
        Some((word, Cue { framing, polarity, act: fields.next()?.parse().ok()? }))
    };
    entries(include_str!("lexicon/cues.txt")).filter_map(cue).collect()
});

/// An entry in the list of wrongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Deed,
    /// Action against wrongdoing.
    Against,
}

/// Stems by their first three letters, which few of them share.
static WRONGS: LazyLock<FxHashMap<&'static str, Vec<(&'static str, Wrong)>>> =
    LazyLock::new(|| {
        let mut wrongs: FxHashMap<_, Vec<_>> = FxHashMap::default();
        for line in entries(include_str!("lexicon/wrongs.txt")) {
            let Some((of, stem)) = line.split_once(' ') else { continue };
            let of = if of == "against" { Wrong::Against } else { Wrong::Deed };
            let Some(first) = stem.get(..3) else { continue };
            wrongs.entry(first).or_default().push((stem, of));
        }
        wrongs
    });

fn wrong(word: &str) -> Option<Wrong> {
    let stems = WRONGS.get(word.get(..3)?)?;
    stems.iter().find(|(stem, _)| word.starts_with(stem)).map(|(_, of)| *of)
}

/// The manner in which a candidate gives its content.
pub(super) fn manner(
    tree: &Tree<'_>,
    candidate: &Candidate,
    speaker: Option<SourceKind>,
) -> Manner {
    let cue = cue(&candidate.key);
    let polarity = polarity_of(tree, candidate, cue.polarity);
    let act = if matches!(cue.act, Act::States) && matches!(polarity, Polarity::Affirms) {
        act_of(tree, candidate, speaker)
    } else {
        cue.act
    };
    let voice = voice(candidate);
    Manner {
        voice,
        form: form(tree, &candidate.content),
        framing: if voice == Voice::Hearsay { Framing::Distancing } else { cue.framing },
        polarity,
        act,
    }
}

/// The entry for "call for", or else the one for "call".
fn cue(key: &str) -> Cue {
    if let Some((first, rest)) = key.split_once(' ') {
        let mut both = String::with_capacity(key.len());
        both.extend([first, "_", rest]);
        let found = CUES.get(both.as_str()).or_else(|| CUES.get(first));
        return found.copied().unwrap_or(PLAIN);
    }
    CUES.get(key).copied().unwrap_or(PLAIN)
}

/// The act that a cue expresses, whoever uses it and for whatever content.
pub(super) fn act_of_cue(key: &str) -> Act {
    cue(key).act
}

/// Whether a cue alone shows that the content is an estimate.
pub(super) fn is_estimate(key: &str) -> bool {
    matches!(cue(key).act, Act::Estimates)
}

fn voice(candidate: &Candidate) -> Voice {
    let heard = ["say", "allege", "report", "believe", "think", "understand", "rumour", "rumor"];
    match (&candidate.source, candidate.rule) {
        (Some(_), _) => Voice::Attributed,
        (None, Rule::Hearsay) => Voice::Hearsay,
        (None, Rule::Raised | Rule::Passive) if heard.contains(&candidate.key.as_str()) => {
            Voice::Hearsay
        }
        (None, Rule::Raised) => Voice::Outlet,
        (None, _) => Voice::Implied,
    }
}

/// Direct if the content is all quotation, mixed if part of it is.
pub(super) fn form(tree: &Tree<'_>, content: &[WordRange]) -> Form {
    let words = || content.iter().cloned().flatten().filter(|at| !tree.is_punctuation(*at));
    let quoted = words().filter(|at| tree.quotation(*at).is_some()).count();
    match quoted {
        0 => Form::Indirect,
        _ if quoted < words().count() || !is_whole(tree, content) => Form::Mixed,
        _ => Form::Direct,
    }
}

/// Whether the content begins with a quotation, so that nothing of its sentence was left out.
fn is_whole(tree: &Tree<'_>, content: &[WordRange]) -> bool {
    let Some(first) = content.first().map(|words| words.start) else { return false };
    let word = (first..content[0].end).find(|at| !tree.is_punctuation(*at));
    let begins = word.is_some_and(|word| tree.is_capital(word));
    let has_subject = content[0].clone().any(|at| {
        matches!(tree.relation(at), Relation::Nsubj | Relation::NsubjPass | Relation::Csubj)
    });
    begins || has_subject
}

fn polarity_of(tree: &Tree<'_>, candidate: &Candidate, cue: Polarity) -> Polarity {
    let first = candidate.content.first().and_then(|words| tree.trimmed(words.clone()));
    if matches!(candidate.key.as_str(), "decline" | "refuse") {
        let first = first.map_or("", |words| {
            let skips = usize::from(tree.tag(words.start) == Tag::TO && words.len() > 1);
            tree.word(words.start + skips)
        });
        return if is_comment(first) { Polarity::NoComment } else { Polarity::Denies };
    }
    if !is_negated(tree, candidate) {
        return cue;
    }
    match candidate.key.split(' ').next().unwrap_or_default() {
        "deny" | "doubt" | "dispute" => Polarity::Affirms,
        "say" | "comment" | "respond" | "disclose" | "specify" | "elaborate" | "reply"
        | "answer" | "confirm" | "identify" | "name" | "explain" | "reveal" => Polarity::NoComment,
        _ => Polarity::Denies,
    }
}

/// The verbs for what someone who does not comment declines to do.
pub(super) fn is_comment(verb: &str) -> bool {
    matches!(
        verb,
        "comment"
            | "say"
            | "discuss"
            | "elaborate"
            | "answer"
            | "respond"
            | "speculate"
            | "disclose"
            | "identify"
            | "specify"
            | "confirm"
            | "provide"
            | "talk"
            | "speak"
            | "be"
    )
}

fn is_negated(tree: &Tree<'_>, candidate: &Candidate) -> bool {
    let start = tree.sentence(candidate.at).start.max(candidate.at.saturating_sub(3));
    (start..candidate.at).any(|at| {
        matches!(tree.word(at), "not" | "n't" | "n’t" | "never" | "nor")
            && !candidate.content.iter().any(|words| words.contains(&at))
            && !(at..candidate.at).any(|after| tree.tag(after) == Tag::Comma)
    })
}

/// The act that a plain "said" expresses, given the content and the kind of speaker.
fn act_of(tree: &Tree<'_>, candidate: &Candidate, speaker: Option<SourceKind>) -> Act {
    let rules = matches!(
        speaker,
        Some(SourceKind::Government | SourceKind::Report | SourceKind::Organisation)
    );
    let Some(first) = candidate.content.first().and_then(|it| tree.trimmed(it.clone())) else {
        return Act::States;
    };
    let clause = clause(tree, &first);
    if candidate.content.iter().cloned().flatten().any(|at| tree.word(at) == "estimated") {
        return Act::Estimates;
    }
    if accuses(tree, &candidate.content) {
        return Act::Accuses;
    }
    match main_auxiliary(tree, &clause) {
        Some(Auxiliary::Should) if rules => Act::Orders,
        Some(Auxiliary::Should) => Act::Demands,
        Some(Auxiliary::Will(subject)) if rules && is_own(tree, subject) => Act::Promises,
        Some(Auxiliary::Will(_)) => Act::Predicts,
        Some(Auxiliary::Doing(subject)) if rules && is_own(tree, subject) => Act::Announces,
        _ => Act::States,
    }
}

/// The first clause of the content; later ones may express another act.
fn clause(tree: &Tree<'_>, content: &WordRange) -> WordRange {
    let end = tree.sentence(content.start).end.min(content.end);
    content.start..end
}

/// The auxiliary that shows what a clause expresses, and its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Auxiliary {
    Should,
    Will(Option<usize>),
    /// "is working": in progress.
    Doing(Option<usize>),
}

fn main_auxiliary(tree: &Tree<'_>, clause: &WordRange) -> Option<Auxiliary> {
    for at in clause.clone() {
        if matches!(tree.tag(at), Tag::WP | Tag::WDT)
            || tree.tag(at) == Tag::Comma && at > clause.start + 6
        {
            return None;
        }
        let next = (at + 1..clause.end.min(at + 4)).find(|next| tree.is_verb(*next));
        match (tree.word(at), next) {
            ("should" | "must" | "ought", _) => return Some(Auxiliary::Should),
            ("will" | "’ll" | "'ll" | "shall" | "would" | "won't" | "wo", Some(verb)) => {
                return Some(Auxiliary::Will(subject_of(tree, clause, at, verb)));
            }
            ("is" | "are" | "was" | "were" | "am" | "’re" | "'re" | "'m", Some(verb))
                if tree.tag(verb) == Tag::VBG =>
            {
                return Some(Auxiliary::Doing(subject_of(tree, clause, at, verb)));
            }
            _ if matches!(tree.tag(at), Tag::VBD | Tag::VBZ | Tag::VBP) => return None,
            _ => {}
        }
    }
    None
}

/// The subject of an auxiliary's verb; none in the passive, which leaves the agent open.
fn subject_of(tree: &Tree<'_>, clause: &WordRange, auxiliary: usize, verb: usize) -> Option<usize> {
    let is_passive = tree.word(verb) == "be"
        && (verb + 1..clause.end.min(verb + 3)).any(|at| tree.tag(at) == Tag::VBN);
    (!is_passive).then_some(auxiliary.checked_sub(1).filter(|at| *at >= clause.start)).flatten()
}

/// Whether the subject can mean the speaker: "it", "we", or no subject.
fn is_own(tree: &Tree<'_>, subject: Option<usize>) -> bool {
    subject.is_none_or(|at| matches!(tree.word(at), "it" | "we" | "they" | "i"))
}

/// Whether the content describes a wrong that someone does, and not one that merely exists or is
/// being acted against.
fn accuses(tree: &Tree<'_>, content: &[WordRange]) -> bool {
    for words in content {
        let first = words.clone().find(|at| !tree.is_punctuation(*at));
        if first.is_some_and(|first| tree.word(first) == "there") {
            continue;
        }
        for at in words.clone() {
            let found = tree.word(at).is_ascii().then(|| wrong(tree.word(at))).flatten();
            match found {
                Some(Wrong::Deed) => return true,
                Some(Wrong::Against) => break,
                None => {}
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cue_of_the_lexicon_is_read() {
        for line in entries(include_str!("lexicon/cues.txt")) {
            let fields: Vec<&str> = line.split(' ').collect();
            assert_eq!(fields.len(), 4, "{line}");
            let read = CUES[fields[0]];
            let written = [read.framing.tag(), read.polarity.tag(), read.act.tag()];
            assert_eq!(fields[1..], written, "{line}");
        }
    }

    #[test]
    fn a_cue_with_its_preposition_comes_before_the_cue_alone() {
        assert_eq!(cue("call for").act, Act::Demands);
        assert_eq!(cue("call off").act, Act::States);
        assert_eq!(cue("claim that").framing, Framing::Distancing);
    }

    #[test]
    fn wrongs_are_known_by_their_stems() {
        assert_eq!(wrong("violated"), Some(Wrong::Deed));
        assert_eq!(wrong("preventing"), Some(Wrong::Against));
        assert_eq!(wrong("table"), None);
    }
}
