//! Analyses mentions of speakers: splits a noun phrase into its name, its description and its
//! principal, for whom it speaks.
//!
//! Knows how English names people and organisations. Must not know whether a name occurs elsewhere
//! in the document, nor who said what.

use super::gazetteer::{self, Gender, PlaceKind, SpeakingNoun};
use super::tree::{Tree, WordRange};
use crate::domain::source::SourceKind;
use crate::reading::syntax::{Relation, Tag};

/// A pronoun that may stand for a speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pronoun {
    He,
    She,
    It,
    They,
    /// "I", "we": the person quoted.
    First,
    /// "who", "which": refers to the noun before it.
    Relative,
}

/// One speaker as mentioned in the text.
#[derive(Debug, Clone)]
pub(super) struct Mention {
    /// The words of the mention, including title and apposition.
    pub(super) words: WordRange,
    /// Its proper name.
    pub(super) name: Option<WordRange>,
    /// The common noun that describes it: its word, and its singular if that is known.
    pub(super) noun: Option<(usize, Option<&'static str>)>,
    /// The nouns for its titles.
    pub(super) titles: Vec<&'static str>,
    pub(super) kind: SourceKind,
    pub(super) gender: Gender,
    pub(super) is_plural: bool,
    /// Whether "the", "this" or a possessive implies that it was mentioned before.
    pub(super) is_definite: bool,
    pub(super) pronoun: Option<Pronoun>,
    /// The name of its principal.
    pub(super) principal: Option<WordRange>,
}

/// The most words in one name.
const LONGEST_NAME: usize = 12;

/// The speakers mentioned in the words, one or several joined by "and".
pub(super) fn mentions(tree: &Tree<'_>, words: &WordRange) -> Vec<Mention> {
    let mut parts = Vec::new();
    let mut rest = words.clone();
    while let Some((left, right)) = split(tree, &rest) {
        parts.extend(listed(tree, left));
        rest = right;
    }
    parts.push(rest);
    parts.into_iter().map(|part| mention(tree, &part)).collect()
}

/// The two sides of the first "and" that joins speakers.
fn split(tree: &Tree<'_>, words: &WordRange) -> Option<(WordRange, WordRange)> {
    for at in words.start + 1..words.end.saturating_sub(1) {
        if matches!(tree.tag(at), Tag::WP | Tag::WDT | Tag::WRB) {
            return None;
        }
        if !matches!(tree.word(at), "and" | "or") {
            continue;
        }
        let left = tree.trimmed(words.start..at)?;
        let right = tree.trimmed(at + 1..words.end)?;
        if joins(tree, &left, &right) {
            return Some((left, right));
        }
    }
    None
}

/// Whether both sides of an "and" are speakers, and not parts of one name or description.
fn joins(tree: &Tree<'_>, left: &WordRange, right: &WordRange) -> bool {
    let determined = |words: &WordRange| matches!(tree.tag(words.start), Tag::DT | Tag::PRPS);
    let has_preposition = left.clone().any(|at| tree.tag(at) == Tag::IN);
    if determined(right) {
        return !has_preposition || matches!(tree.word(right.start), "a" | "an" | "another");
    }
    if has_preposition {
        return false;
    }
    let last = left.end - 1;
    if is_name_word(tree, last) && is_name_word(tree, right.start) {
        return joins_names(tree, left, right);
    }
    let plural = |at: usize| {
        matches!(tree.tag(at), Tag::NNS | Tag::NNPS)
            || gazetteer::noun(tree.word(at))
                .is_some_and(|(word, noun)| word == "police" || noun.kind == SourceKind::Group)
    };
    let right_last = core(tree, right).end - 1;
    is_name_word(tree, last) && plural(right_last)
        || plural(last) && (plural(right_last) || is_name_word(tree, right.start))
}

/// Whether two runs of capitals are two names: "Ann Lee and Bob Day", but not "Health and Safety
/// Board".
fn joins_names(tree: &Tree<'_>, left: &WordRange, right: &WordRange) -> bool {
    let has_body =
        |words: &WordRange| words.clone().any(|at| gazetteer::body(tree.word(at)).is_some());
    // Without the words that a small word would add, so that no name is searched for inside
    // another.
    let limit = tree.sentence(right.start).end.min(right.start + LONGEST_NAME);
    let run = (right.start + 1..limit).find(|at| !is_name_word(tree, *at)).unwrap_or(limit);
    let ends_as_body = has_body(&(right.start..run));
    // "Board of Health and" needs the rest of its name.
    let is_open = left.clone().any(|at| matches!(tree.word(at), "of" | "for"));
    let left_stands = has_body(left) && !is_open
        || gazetteer::known(tree.lower(left)).is_some()
        || gazetteer::given_name(tree.word(left.start)).is_some();
    let waits = has_body(left) && is_open;
    left_stands || !ends_as_body && !waits
}

/// "A, B and C": the names before the last one.
fn listed(tree: &Tree<'_>, words: WordRange) -> Vec<WordRange> {
    let mut parts = Vec::new();
    let mut start = words.start;
    for at in words.clone().chain([words.end]) {
        if at < words.end && tree.tag(at) != Tag::Comma {
            continue;
        }
        let Some(part) = tree.trimmed(start..at) else { return vec![words] };
        let is_whole = is_name_word(tree, part.start) && name_end(tree, part.start) == part.end;
        if !is_whole && (at < words.end || start > words.start) {
            return vec![words];
        }
        parts.push(part);
        start = at + 1;
    }
    parts
}

/// Capitalised words that are not names.
fn is_calendar(word: &str) -> bool {
    is_weekday(word) || is_month(word)
}

/// Whether the word, in lower case, is a day of the week.
pub(super) fn is_weekday(word: &str) -> bool {
    matches!(
        word,
        "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday"
    )
}

fn is_month(word: &str) -> bool {
    matches!(
        word,
        "january"
            | "february"
            | "march"
            | "april"
            | "may"
            | "june"
            | "july"
            | "august"
            | "september"
            | "october"
            | "november"
            | "december"
            | "jan."
            | "feb."
            | "aug."
            | "sept."
            | "oct."
            | "nov."
            | "dec."
    )
}

/// Whether the word can be part of a proper name.
pub(super) fn is_name_word(tree: &Tree<'_>, at: usize) -> bool {
    let word = tree.word(at);
    if !tree.is_capital(at) || is_calendar(word) || word == "i" {
        return false;
    }
    match tree.tag(at) {
        Tag::NNP | Tag::NNPS => !is_common_opening(tree, at),
        _ if is_shouted(tree, at) => true,
        Tag::DT
        | Tag::IN
        | Tag::CC
        | Tag::PRP
        | Tag::PRPS
        | Tag::WP
        | Tag::WDT
        | Tag::WRB
        | Tag::MD
        | Tag::EX
        | Tag::TO
        | Tag::UH => false,
        _ => !tree.begins_sentence(at) || is_listed(word),
    }
}

/// "Critics said": a common noun capitalised only because it begins its sentence.
fn is_common_opening(tree: &Tree<'_>, at: usize) -> bool {
    let word = tree.word(at);
    let is_alone = at + 1 >= tree.words.len() || !tree.is_capital(at + 1);
    is_alone
        && gazetteer::noun(word).is_some()
        && gazetteer::known(word).is_none()
        && tree.begins_sentence(at)
}

/// A word of three or more capitals, which is a name whatever its tag.
fn is_shouted(tree: &Tree<'_>, at: usize) -> bool {
    let word = &tree.text[tree.bytes(&(at..at + 1))];
    word.len() > 2
        && word.bytes().all(|byte| byte.is_ascii_uppercase())
        && !matches!(tree.tag(at), Tag::DT | Tag::PRP | Tag::CC)
}

/// Whether a word list contains the word as a name, or as part of one.
fn is_listed(word: &str) -> bool {
    gazetteer::known(word).is_some()
        || gazetteer::given_name(word).is_some()
        || gazetteer::place(word).is_some_and(|place| place != PlaceKind::Adjective)
}

/// The whole name that contains the word.
pub(super) fn name_around(tree: &Tree<'_>, at: usize) -> WordRange {
    let first = tree.sentence(at).start.max(at.saturating_sub(LONGEST_NAME));
    let start = (first..at).find(|start| is_name_word(tree, *start) && name_end(tree, *start) > at);
    let start = start.unwrap_or(at);
    start..name_end(tree, start)
}

/// The words of a source as a mention: without introductory words and time, and completed if they
/// cut off a name.
pub(super) fn whole(tree: &Tree<'_>, words: &WordRange, cue: &WordRange) -> WordRange {
    let WordRange { mut start, mut end } = words.clone();
    if start < cue.start {
        end = end.min(cue.start);
    }
    while start + 1 < end
        && (matches!(tree.tag(start), Tag::IN | Tag::TO | Tag::CC | Tag::WDT | Tag::WRB)
            || tree.word(start) == "what")
    {
        start += 1;
    }
    if matches!(tree.tag(start), Tag::VBG | Tag::VBN) && tree.begins_sentence(start) {
        let comma = (start..end.saturating_sub(1)).find(|at| tree.tag(*at) == Tag::Comma);
        start = comma.map_or(start, |comma| comma + 1);
    }
    let limit = if cue.start >= end { cue.start } else { tree.sentence(end - 1).end };
    if is_name_word(tree, end - 1) {
        end = end.max(name_around(tree, end - 1).end.min(limit));
    } else if tree.is_noun(end - 1) && end < limit && is_name_word(tree, end) {
        end = name_end(tree, end).min(limit);
    }
    if is_name_word(tree, start) && !(cue.end <= start && name_around(tree, start).start < cue.end)
    {
        start = name_around(tree, start).start;
        start = phrase_start(tree, start).max(if cue.end <= start { cue.end } else { 0 });
    }
    if end <= cue.start {
        start = described_by(tree, start);
    }
    let dated_from = (start + 1..end).find(|at| {
        let rest = at + usize::from(tree.word(*at) == "on")..end;
        !rest.is_empty() && rest.clone().all(|at| is_weekday(tree.word(at)))
    });
    end = dated_from.unwrap_or(end);
    end = dated(tree, end, cue).unwrap_or(end);
    tree.trimmed(start..end).unwrap_or(words.clone())
}

/// Whether the words consist only of a day.
pub(super) fn is_date(tree: &Tree<'_>, words: &WordRange) -> bool {
    words.clone().all(|at| {
        is_calendar(tree.word(at)) || matches!(tree.tag(at), Tag::CD | Tag::IN | Tag::Comma)
    })
}

/// The noun phrase directly before a verb, even if the tree differs: "users in Ghana also" of
/// "users in Ghana also said".
pub(super) fn before_verb(tree: &Tree<'_>, cue: &WordRange) -> Option<WordRange> {
    let first = tree.sentence(cue.start).start;
    let mut end = cue.start;
    while end > first && (tree.tag(end - 1) == Tag::RB || is_calendar(tree.word(end - 1))) {
        end -= 1;
    }
    if end > first && tree.word(end - 1) == "on" {
        end -= 1;
    }
    let mut last = end.checked_sub(1).filter(|last| *last >= first)?;
    if tree.tag(last) == Tag::PRP {
        return pronoun(tree.word(last)).is_some().then_some(last..end);
    }
    let mut start = end;
    loop {
        // A noun directly before its verb may be tagged as an adjective.
        let may_be = end - 1 == last && tree.tag(last) == Tag::JJ && last > first;
        if !tree.is_noun(last) && !is_name_word(tree, last) && !may_be {
            return None;
        }
        let name = if is_name_word(tree, last) { name_around(tree, last).start } else { last };
        start = phrase_start(tree, name).min(start);
        let goes_on = start >= first + 2
            && matches!(tree.word(start - 1), "of" | "in" | "at" | "for" | "from" | "with" | "on")
            && end - start < 2 * LONGEST_NAME;
        if !goes_on {
            return (start < end).then_some(start.max(first)..end);
        }
        last = start - 2;
    }
}

/// The start of the description that contains a name: "a spokesman for" of "a spokesman for it".
fn described_by(tree: &Tree<'_>, start: usize) -> usize {
    let before = start.checked_sub(2).filter(|noun| {
        *noun >= tree.sentence(start).start
            && matches!(tree.word(start - 1), "for" | "of" | "at" | "from" | "in" | "with" | "by")
            && gazetteer::noun(tree.word(*noun)).is_some()
    });
    before.map_or(start, |noun| phrase_start(tree, noun))
}

/// "The letter dated May 5 said": the description between a source and its verb.
fn dated(tree: &Tree<'_>, end: usize, cue: &WordRange) -> Option<usize> {
    let is_near = end < cue.start && cue.start <= end + 8;
    let describes = is_near
        && matches!(
            tree.word(end),
            "dated" | "published" | "released" | "issued" | "seen" | "obtained" | "signed" | "sent"
        );
    let is_plain = (end + 1..cue.start).all(|at| {
        !matches!(tree.tag(at), Tag::Comma | Tag::VBD | Tag::VBZ | Tag::VBP | Tag::MD | Tag::CC)
    });
    (describes && is_plain).then_some(cue.start)
}

/// The end of the name that begins with the word.
pub(super) fn name_end(tree: &Tree<'_>, start: usize) -> usize {
    let limit = tree.sentence(start).end.min(start + LONGEST_NAME);
    let mut end = start + 1;
    while end < limit {
        if is_name_word(tree, end) || is_hyphen_within(tree, end) && end + 1 < limit {
            end += 1;
            continue;
        }
        let Some(next) = continued(tree, start, end, limit) else { break };
        end = next;
    }
    end
}

fn is_hyphen_within(tree: &Tree<'_>, at: usize) -> bool {
    tree.tag(at) == Tag::HYPH && tree.is_capital(at - 1)
}

/// The position after a small word inside a name: "Bank of England", "Truth and Justice Board".
fn continued(tree: &Tree<'_>, start: usize, at: usize, limit: usize) -> Option<usize> {
    let after = if at + 1 < limit && tree.word(at + 1) == "the" { at + 2 } else { at + 1 };
    if after >= limit || !is_name_word(tree, after) {
        return None;
    }
    let body = (start..at).any(|word| gazetteer::body(tree.word(word)).is_some());
    let goes_on = match tree.word(at) {
        "of" => {
            body || gazetteer::title(tree.word(at - 1)).is_some() || is_plain_of(tree, start, at)
        }
        "for" | "on" | "against" | "to" | "in" => {
            body && gazetteer::body(tree.word(at - 1)).is_some()
        }
        "and" => after == at + 1 && !joins_names(tree, &(start..at), &(after..after + 1)),
        "&" | "de" | "van" | "von" | "der" | "bin" | "al" | "el" | "la" | "du" | "da" | "di" => {
            true
        }
        _ => false,
    };
    goes_on.then_some(after)
}

/// "Voice of Reason" is one name; "Ann Lee of Texas" is not.
fn is_plain_of(tree: &Tree<'_>, start: usize, at: usize) -> bool {
    at == start + 1 && gazetteer::given_name(tree.word(start)).is_none()
}

/// The noun phrase without the words after its head: clauses, prepositions, appositions.
fn core(tree: &Tree<'_>, words: &WordRange) -> WordRange {
    let mut at = words.start;
    let mut has_noun = false;
    while at < words.end {
        if is_name_word(tree, at) {
            at = name_end(tree, at).min(words.end);
            has_noun = true;
            continue;
        }
        let stops = match tree.tag(at) {
            Tag::IN | Tag::TO | Tag::WP | Tag::WDT | Tag::WRB | Tag::WPS | Tag::MD => true,
            Tag::VBD | Tag::VBZ | Tag::VBP => has_noun,
            Tag::VBG | Tag::VBN => has_noun && !precedes_noun(tree, at, words.end),
            Tag::Comma | Tag::Colon | Tag::Period | Tag::OpenBracket | Tag::CloseBracket => true,
            Tag::RB => has_noun && !precedes_noun(tree, at, words.end),
            _ => matches!(tree.word(at), "—" | "–" | "-" | "--") && tree.tag(at) != Tag::HYPH,
        };
        if stops && at > words.start {
            break;
        }
        has_noun = has_noun || tree.is_noun(at);
        at += 1;
    }
    words.start..at.max(words.start + 1)
}

fn precedes_noun(tree: &Tree<'_>, at: usize, end: usize) -> bool {
    at + 1 < end && (tree.is_noun(at + 1) || is_name_word(tree, at + 1))
}

/// The last run of name words in a noun phrase.
fn last_run(tree: &Tree<'_>, words: &WordRange) -> Option<WordRange> {
    let mut at = words.start;
    let mut found = None;
    while at < words.end {
        if is_name_word(tree, at) {
            let end = name_end(tree, at).min(words.end);
            found = Some(at..end);
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

/// Analyses one noun phrase.
pub(super) fn mention(tree: &Tree<'_>, words: &WordRange) -> Mention {
    let core = core(tree, words);
    let mut made = Mention {
        words: words.clone(),
        name: None,
        noun: None,
        titles: Vec::new(),
        kind: SourceKind::Unknown,
        gender: Gender::Either,
        is_plural: false,
        is_definite: matches!(tree.word(core.start), "the" | "this" | "that" | "these" | "those")
            || core.clone().any(|at| matches!(tree.tag(at), Tag::POS | Tag::PRPS)),
        pronoun: None,
        principal: None,
    };
    if core.len() == 1 {
        made.pronoun = pronoun(tree.word(core.start));
        if made.pronoun.is_some() {
            made.is_plural = matches!(tree.word(core.start), "they" | "we");
            return made;
        }
    }
    match last_run(tree, &core) {
        Some(run) if run.end == core.end => named(tree, &core, run, &mut made),
        Some(run) => compound(tree, &core, run, &mut made),
        None => described(tree, core.end - 1, &mut made),
    }
    follow(tree, core.end, &mut made);
    settle(tree, &mut made);
    made
}

fn pronoun(word: &str) -> Option<Pronoun> {
    Some(match word {
        "he" => Pronoun::He,
        "she" => Pronoun::She,
        "it" => Pronoun::It,
        "they" => Pronoun::They,
        "i" | "we" => Pronoun::First,
        "who" | "which" | "that" => Pronoun::Relative,
        _ => return None,
    })
}

/// Handles a noun phrase that ends in a run of name words.
fn named(tree: &Tree<'_>, core: &WordRange, run: WordRange, made: &mut Mention) {
    let mut name = run.clone();
    while name.start < name.end && !is_whole_name(tree, &name) {
        let word = tree.word(name.start);
        if let Some(title) = gazetteer::title(word) {
            made.titles.extend(title.noun);
            if title.gender != Gender::Either {
                made.gender = title.gender;
            }
        } else if !is_description(tree, &name) {
            break;
        }
        name.start += 1;
    }
    if !made.titles.is_empty() {
        name = past_office(tree, name);
    }
    if name.is_empty() {
        described(tree, run.end - 1, made);
        return;
    }
    name = with_possessor(tree, core, name);
    if name.start > core.start && tree.tag(name.start - 1) == Tag::NN {
        described(tree, name.start - 1, made);
        made.is_plural = false;
    }
    made.principal = described_principal(tree, core, &name, made);
    made.name = Some(name);
}

/// Whether the words left form a name that a list contains, including titles.
fn is_whole_name(tree: &Tree<'_>, name: &WordRange) -> bool {
    gazetteer::known(tree.lower(name)).is_some() || name.len() > 1 && ends_as_body(tree, name)
}

/// "Foreign Ministry" begins with a possible title but is an organisation.
fn ends_as_body(tree: &Tree<'_>, name: &WordRange) -> bool {
    let last = gazetteer::body(tree.word(name.end - 1)).is_some();
    let first = gazetteer::body(tree.word(name.start)).is_some();
    let has_person = name.clone().any(|at| gazetteer::given_name(tree.word(at)).is_some());
    !has_person && (last || first && name.len() > 2)
}

/// Words before a name that are not part of it: "Russian", "U.S.", "Co-".
fn is_description(tree: &Tree<'_>, name: &WordRange) -> bool {
    let first = name.start;
    if name.len() < 2 {
        return false;
    }
    match gazetteer::place(tree.word(first)) {
        Some(PlaceKind::Adjective) => true,
        Some(PlaceKind::State) => {
            let rest = first + 1..name.end;
            rest.clone().any(|at| gazetteer::title(tree.word(at)).is_some())
        }
        _ => tree.tag(first) == Tag::HYPH,
    }
}

/// "of State John Kerry": skips the rest of a title that names an office.
fn past_office(tree: &Tree<'_>, name: WordRange) -> WordRange {
    let small = name.clone().find(|at| matches!(tree.word(*at), "of" | "for"));
    if small != Some(name.start) {
        return name;
    }
    let given = |at: &usize| gazetteer::given_name(tree.word(*at)).is_some();
    match name.clone().skip(1).find(given) {
        Some(first) => first..name.end,
        None => name.end..name.end,
    }
}

/// An organisation's name with the country that distinguishes it: "Chile's Supreme Court".
fn with_possessor(tree: &Tree<'_>, core: &WordRange, name: WordRange) -> WordRange {
    let owner = name.start.checked_sub(2).filter(|owner| {
        *owner >= core.start
            && tree.tag(name.start - 1) == Tag::POS
            && gazetteer::place(tree.word(*owner)).is_some()
            && gazetteer::body(tree.word(name.end - 1)).is_some()
    });
    owner.map_or(name.clone(), |owner| owner..name.end)
}

/// "WhatsApp spokesman Carl Day" speaks for WhatsApp.
fn described_principal(
    tree: &Tree<'_>,
    core: &WordRange,
    name: &WordRange,
    made: &Mention,
) -> Option<WordRange> {
    let (at, _) = made.noun?;
    let (_, noun) = gazetteer::noun(tree.word(at))?;
    if !noun.speaks_for || at >= name.start {
        return None;
    }
    owner_before(tree, core.start..at)
}

/// The name directly before a noun: "Reuters" of "the Reuters reporter", "Iran" of "Iran's envoy".
fn owner_before(tree: &Tree<'_>, words: WordRange) -> Option<WordRange> {
    let run = last_run(tree, &words)?;
    let is_adjective = gazetteer::place(tree.lower(&run)) == Some(PlaceKind::Adjective);
    (!is_adjective).then_some(run)
}

/// Handles a run of name words followed by a common noun.
fn compound(tree: &Tree<'_>, core: &WordRange, run: WordRange, made: &mut Mention) {
    let head = core.end - 1;
    described(tree, head, made);
    let Some((word, noun)) = gazetteer::noun(tree.word(head)) else { return };
    let is_owner = run.end < core.end && tree.tag(run.end) == Tag::POS;
    let Some(owner) = owner_before(tree, core.start..run.end) else { return };
    let is_place = gazetteer::place(tree.lower(&owner)).is_some();
    if noun.speaks_for || matches!(noun.kind, SourceKind::Report | SourceKind::Dataset) {
        let owner = if is_owner { owner } else { possessor_name(tree, core, owner) };
        made.principal = Some(owner);
    } else if !is_owner && !is_place && !made.is_plural && names_itself(word, noun) {
        made.name = Some(owner);
    }
}

/// The organisation behind "Chile's Supreme Court report" is "Chile's Supreme Court".
fn possessor_name(tree: &Tree<'_>, core: &WordRange, name: WordRange) -> WordRange {
    with_possessor(tree, core, name)
}

/// Whether a noun after a name only repeats what the name stands for: "the Reuters news agency",
/// but not "the Smith campaign".
fn names_itself(word: &str, noun: SpeakingNoun) -> bool {
    let kind =
        matches!(noun.kind, SourceKind::Agency | SourceKind::Outlet | SourceKind::Organisation);
    let own = !matches!(
        word,
        "campaign" | "committee" | "commission" | "court" | "board" | "mission" | "club"
    );
    kind && own || word == "agency"
}

/// Records the common noun that describes the speaker.
fn described(tree: &Tree<'_>, at: usize, made: &mut Mention) {
    let word = tree.word(at);
    let known = gazetteer::noun(word);
    made.noun = Some((at, known.map(|(word, _)| word)));
    made.is_plural = matches!(tree.tag(at), Tag::NNS | Tag::NNPS) && word != "ceos";
    let Some((singular, noun)) = known else { return };
    let is_news = at > 0 && tree.word(at - 1) == "news";
    made.kind = match noun.kind {
        SourceKind::Government if singular == "agency" && is_news => SourceKind::Agency,
        SourceKind::Person | SourceKind::Organisation | SourceKind::Outlet if made.is_plural => {
            SourceKind::Group
        }
        kind => kind,
    };
    made.is_plural = made.is_plural && singular != word || noun.kind == SourceKind::Group;
    made.gender = noun.gender;
}

/// Handles the words after the head: "of Telegram", ", a spokesman for it,", ", the regulator,
/// Ofcom".
fn follow(tree: &Tree<'_>, from: usize, made: &mut Mention) {
    let sentence = tree.sentence(made.words.start);
    if from >= sentence.end {
        return;
    }
    match tree.tag(from) {
        Tag::IN | Tag::TO if from < made.words.end => preposition(tree, from, made),
        Tag::Comma => apposition(tree, from + 1, sentence.end, made),
        _ => {}
    }
}

/// "an official at the ministry", "a report by the board": finds the principal.
fn preposition(tree: &Tree<'_>, at: usize, made: &mut Mention) {
    let speaks = made.noun.is_some_and(|(noun, _)| {
        gazetteer::noun(tree.word(noun)).is_some_and(|(_, noun)| {
            noun.speaks_for || matches!(noun.kind, SourceKind::Report | SourceKind::Dataset)
        })
    });
    let is_report = matches!(made.kind, SourceKind::Report | SourceKind::Dataset);
    let owns = match tree.word(at) {
        "by" | "from" => true,
        "for" | "with" | "at" | "of" => !is_report,
        _ => false,
    };
    if made.name.is_none() && speaks && owns && at + 1 < made.words.end {
        let phrase = core(tree, &(at + 1..made.words.end));
        made.principal = owner(tree, phrase);
    }
}

/// The name in a noun phrase, or else its words.
fn owner(tree: &Tree<'_>, phrase: WordRange) -> Option<WordRange> {
    match last_run(tree, &phrase) {
        Some(run) if run.end == phrase.end => Some(with_possessor(tree, &phrase, run)),
        Some(run) => Some(run),
        None => tree.trimmed(phrase),
    }
}

/// The apposition after a comma: a name for a description, or a description of a name.
fn apposition(tree: &Tree<'_>, start: usize, limit: usize, made: &mut Mention) {
    let ends = |at: &usize| {
        matches!(tree.tag(*at), Tag::Comma | Tag::Colon | Tag::Period | Tag::OpenBracket)
    };
    let end = (start..limit.min(start + LONGEST_NAME)).find(ends);
    let Some(phrase) = end.and_then(|end| tree.trimmed(start..end)) else { return };
    let core = core(tree, &phrase);
    let run = last_run(tree, &core).filter(|run| run.end == core.end);
    if let (None, Some(run)) = (&made.name, &run) {
        let describes = made.is_definite && made.noun.is_some() && core.end == phrase.end;
        if describes && made.principal.is_none() {
            let (noun, kind, gender) = (made.noun, made.kind, made.gender);
            named(tree, &core, run.clone(), made);
            if made.name.is_some() {
                (made.noun, made.kind) = (noun, kind);
                made.gender = if made.gender == Gender::Either { gender } else { made.gender };
                made.words.end = made.words.end.max(phrase.end);
            }
        }
        return;
    }
    let begins = matches!(tree.tag(core.start), Tag::DT | Tag::PRPS) || tree.is_noun(core.start);
    let known = gazetteer::noun(tree.word(core.end - 1)).is_some();
    if made.name.is_some() && run.is_none() && begins && known && made.noun.is_none() {
        described(tree, core.end - 1, made);
        made.is_plural = false;
        made.principal = made.principal.take().or_else(|| represented(tree, &core, &phrase));
    }
}

/// The principal named in an apposition.
fn represented(tree: &Tree<'_>, core: &WordRange, phrase: &WordRange) -> Option<WordRange> {
    let (_, noun) = gazetteer::noun(tree.word(core.end - 1))?;
    if !noun.speaks_for {
        return None;
    }
    let after = core.end;
    if after + 1 < phrase.end && matches!(tree.word(after), "for" | "of" | "at" | "with") {
        let inner = self::core(tree, &(after + 1..phrase.end));
        return owner(tree, inner);
    }
    owner_before(tree, core.start..core.end - 1)
}

/// What the name implies about kind, gender and number.
fn settle(tree: &Tree<'_>, made: &mut Mention) {
    let Some(name) = made.name.clone() else {
        made.gender = if made.kind == SourceKind::Person { made.gender } else { Gender::Either };
        return;
    };
    let lower = tree.lower(&name);
    let given = gazetteer::given_name(tree.word(name.start)).filter(|_| name.len() > 1);
    let last = gazetteer::body(tree.word(name.end - 1));
    let first = gazetteer::body(tree.word(name.start)).filter(|_| name.len() > 1);
    let is_person = !made.titles.is_empty() || given.is_some() && last.is_none();
    made.kind = if let Some(kind) = gazetteer::known(lower) {
        kind
    } else if is_person {
        SourceKind::Person
    } else if matches!(made.kind, SourceKind::Unknown | SourceKind::Group) {
        let place = gazetteer::place(lower).filter(|place| *place == PlaceKind::State);
        let state = place.map(|_| SourceKind::Government);
        last.or(first).or(state).unwrap_or(SourceKind::Unknown)
    } else {
        made.kind
    };
    if let Some(gender) = given.filter(|_| made.gender == Gender::Either) {
        made.gender = gender;
    }
}

/// The start of the noun phrase that ends with a name, including its description.
pub(super) fn phrase_start(tree: &Tree<'_>, name: usize) -> usize {
    let first = tree.sentence(name).start.max(name.saturating_sub(LONGEST_NAME));
    let mut start = name;
    while start > first {
        let before = start - 1;
        let belongs = match tree.tag(before) {
            Tag::NN
            | Tag::NNS
            | Tag::NNP
            | Tag::NNPS
            | Tag::JJ
            | Tag::JJR
            | Tag::JJS
            | Tag::POS
            | Tag::HYPH => !tree.is_quotation_mark(before) && !is_calendar(tree.word(before)),
            Tag::DT | Tag::PRPS => return before,
            Tag::VBG | Tag::VBN => start < name && tree.is_noun(start),
            _ => false,
        };
        if !belongs {
            break;
        }
        start = before;
    }
    start
}

/// Whether the words are a subject.
pub(super) fn is_subject(tree: &Tree<'_>, words: &WordRange) -> bool {
    words.clone().any(|at| {
        matches!(tree.relation(at), Relation::Nsubj | Relation::NsubjPass)
            && tree.head(at).is_none_or(|head| !words.contains(&head))
    })
}
