//! Recognises numbers that are not figures: names, addresses, times, scores, pronouns.
//!
//! Knows the words around a number. Must not know what it counts.

use crate::reading::numeral::word::{CutText, Meaning};

/// Words after which a number is a label and not a count.
const DESIGNATORS: &[&str] = &[
    "article",
    "articles",
    "section",
    "sections",
    "chapter",
    "page",
    "pages",
    "paragraph",
    "rule",
    "resolution",
    "flight",
    "route",
    "highway",
    "room",
    "phase",
    "step",
    "level",
    "stage",
    "game",
    "day",
    "week",
    "grade",
    "version",
    "episode",
    "season",
    "channel",
    "act",
    "title",
    "part",
    "volume",
    "figure",
    "table",
    "category",
    "class",
    "exit",
    "gate",
    "platform",
    "interstate",
    "line",
    "no",
    "nos",
    "number",
    "group",
    "formula",
    "windows",
    "district",
    "precinct",
    "proposition",
    "amendment",
    "apollo",
    "seed",
    "lane",
    "bus",
    "tier",
    "train",
    "motorway",
    "floor",
    "division",
    "row",
    "top",
];

/// Whether the number from `at` to before `end` is in digits and is a label, not a count. `is_sure`
/// is set if the words after it show that it counts something.
pub(super) fn is_name(words: &CutText<'_>, at: usize, end: usize, is_sure: bool) -> bool {
    if hangs_on(words, at, end) {
        return true;
    }
    let Some(before) = at.checked_sub(1) else { return false };
    if words.is_sign(before, '#') {
        return true;
    }
    let is_numbered = words.is_sign(before, '.')
        && (words.end_with(before, &["no"]) || words.end_with(before, &["nos"]));
    if is_numbered && words.is_capital(before - 1) {
        return true;
    }
    if is_sure || end > at + 1 {
        return false;
    }
    let has_capital = words.word(before).chars().any(char::is_uppercase);
    let is_plain = matches!(words.term(before), Meaning::Plain | Meaning::Piece);
    let designates = DESIGNATORS.iter().any(|word| words.is(before, word));
    designates || has_capital && is_plain && words.word(at).len() < 5
}

/// Whether letters or more numbers are attached to it: "B-52", "scp173", "+1-222-2222".
fn hangs_on(words: &CutText<'_>, at: usize, end: usize) -> bool {
    // No newspaper writes a quadrillion without its commas.
    if end == at + 1 && words.word(at).len() > 15 && !words.is_typed() {
        return true;
    }
    let touches = |at: usize| words.is_letters(at) || words.term(at) == Meaning::Digits;
    let before = words.is_glued(at) && at > 0;
    if before && words.is_letters(at - 1) && !is_currency_letters(words, at - 1) {
        return true;
    }
    let is_joined = before
        && (words.is_dash(at - 1) || matches!(words.before(at, 1), Meaning::Sign('/' | '_' | '@')));
    if is_joined && words.is_glued(at - 1) && at > 1 && touches(at - 2) {
        return true;
    }
    // Numbers joined by two or more signs are a telephone number, a date or an account number.
    let joins = |at: usize| {
        (words.is_dash(at) || words.is_sign(at, '/'))
            && words.is_glued(at)
            && words.is_glued(at + 1)
            && words.term(at + 1) == Meaning::Digits
    };
    let is_telephone = joins(end) && words.word(at).len() == 3 && words.word(end + 1).len() == 4;
    let is_dialled = words.is_sign(at.wrapping_sub(1), '+')
        && matches!(words.term(end), Meaning::Sign('(' | '-'));
    joins(end) && joins(end + 2) || is_telephone || is_dialled
}

fn is_currency_letters(words: &CutText<'_>, at: usize) -> bool {
    matches!(words.term(at), Meaning::Code | Meaning::Currency) || words.word(at).starts_with('M')
}

/// Whether it is a time of day.
pub(super) fn is_time(words: &CutText<'_>, at: usize, end: usize) -> bool {
    let is_half = |at: usize| words.is(at, "am") || words.is(at, "pm");
    let is_dotted = (words.is(end, "a") || words.is(end, "p"))
        && words.is_sign(end + 1, '.')
        && words.is_glued(end + 1)
        && words.is(end + 2, "m");
    let colon = |at: usize| words.is_sign(at, ':') && words.is_glued(at) && words.is_glued(at + 1);
    let is_digits = |at: usize| words.term(at) == Meaning::Digits;
    colon(end) && is_digits(end + 1)
        || at >= 2 && colon(at - 1) && is_digits(at - 2)
        || is_half(end)
        || is_dotted
        || words.is(end, "o'clock")
        || words.is(end, "o’clock")
        || words.is(end, "gmt")
}

/// Phrases in which "one" does not count anything: "one day", "at one point".
const IDIOMS: &[&str] =
    &["day", "thing", "another", "point", "hand", "way", "side", "moment", "reason", "by", "more"];

/// Whether "one" is a count at `at`, and not a pronoun.
pub(super) fn one_counts(words: &CutText<'_>, at: usize, is_bounded: bool) -> bool {
    let next = at + 1;
    let next = if words.is_dash(next) && words.is_glued(next) { next + 1 } else { next };
    let is_pronoun = ["that", "which", "no", "any", "another", "some", "these", "those", "other"];
    let before = at.checked_sub(1).map_or("", |before| words.word(before));
    let led = matches!(
        words.before(at, 1),
        Meaning::The | Meaning::This | Meaning::Every | Meaning::Last
    );
    let is_led = led || is_pronoun.iter().any(|word| before.eq_ignore_ascii_case(word));
    let is_measured =
        matches!(words.term(next), Meaning::Measure | Meaning::Currency | Meaning::Pounds);
    if is_measured {
        return true;
    }
    if is_bounded {
        return words.term(next) != Meaning::Of;
    }
    if is_led || words.word(next).ends_with("ed") || IDIOMS.iter().any(|word| words.is(next, word))
    {
        return false;
    }
    matches!(words.term(next), Meaning::Last | Meaning::Percent | Meaning::Per | Meaning::Sign('%'))
        || words.is_letters(next) && !words.term(next).ends_phrase()
}

/// Whether a number without a unit refers back to something already mentioned: "the two", "those
/// two", "The 411".
pub(super) fn points_back(words: &CutText<'_>, at: usize) -> bool {
    let pointers = ["those", "these", "both", "all", "other"];
    matches!(words.before(at, 1), Meaning::The | Meaning::This)
        || pointers.iter().any(|word| words.end_with(at, &[word]))
}

/// Verbs of change: the words after them go from one figure to another.
const CHANGES: &[&str] = &[
    "rose",
    "rise",
    "rises",
    "rising",
    "risen",
    "fell",
    "fall",
    "falls",
    "falling",
    "fallen",
    "grew",
    "grow",
    "grows",
    "grown",
    "growing",
    "increased",
    "increase",
    "increases",
    "increasing",
    "decreased",
    "decrease",
    "dropped",
    "drop",
    "drops",
    "dropping",
    "climbed",
    "climb",
    "jumped",
    "jump",
    "surged",
    "soared",
    "plunged",
    "slumped",
    "declined",
    "decline",
    "cut",
    "cuts",
    "raised",
    "raise",
    "raising",
    "lowered",
    "lower",
    "up",
    "down",
    "went",
    "expanded",
    "shrank",
    "shrunk",
    "slipped",
    "edged",
    "widened",
    "narrowed",
    "moved",
    "gained",
    "lost",
    "sank",
    "improved",
    "reduced",
    "boosted",
    "moving",
    "going",
    "doubled",
    "tripled",
];

/// Whether the words at `at` are governed by a verb of change.
pub(super) fn changes(words: &CutText<'_>, at: usize) -> bool {
    let is_change = |at: usize| CHANGES.iter().any(|word| words.is(at, word));
    let from = words.before(at, 1) == Meaning::From;
    let reach = if from { 2..6 } else { 1..2 };
    reach.into_iter().any(|back| at.checked_sub(back).is_some_and(is_change))
}
