//! Reads the unit of a figure: the words after it that say what it counts or measures.
//!
//! Knows percentages, measures, time units, and where a noun phrase ends. Must not know the figure,
//! nor money.

use crate::reading::numeral::word::{CutText, Meaning, TimeStretch};

/// The kind of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FigureKind {
    /// A count of something: 62 people.
    Count,
    /// A number without a unit.
    Number,
    /// A part of a whole: two-thirds.
    Share,
    /// A percentage.
    Percent,
    /// An amount of money.
    Currency,
    /// A length, weight, volume or other measure.
    Dimension,
    /// A temperature in degrees.
    Temperature,
    /// A length of time: three weeks.
    Duration,
    /// An age: 14 years old.
    Age,
    /// A multiple or a number of times.
    Multiple,
}

/// A unit, and the word after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedUnit {
    pub(super) kind: FigureKind,
    pub(super) name: String,
    pub(super) end: usize,
    /// Whether the words after the number show that it counts something: a plural, a measure, a
    /// sign.
    pub(super) is_sure: bool,
}

impl NamedUnit {
    fn sure(kind: FigureKind, name: impl Into<String>, end: usize) -> Self {
        Self { kind, name: name.into(), end, is_sure: true }
    }
}

/// What is known about the number before a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CountedFigure {
    /// The number is one, so the noun is singular.
    pub(super) is_one: bool,
    /// The number is in digits, so letters may be attached to it.
    pub(super) is_digits: bool,
}

/// The unit at `at`, directly after a number; `None` if there is none.
pub(super) fn after(words: &CutText<'_>, at: usize, counted: CountedFigure) -> Option<NamedUnit> {
    let joined = words.is_dash(at) && words.is_glued(at) && words.is_glued(at + 1);
    let start = if joined { at + 1 } else { at };
    percent(words, start)
        .or_else(|| bracketed(words, at))
        .or_else(|| dimension(words, start, counted))
        .or_else(|| degrees(words, start))
        .or_else(|| stretch(words, start))
        .or_else(|| times(words, start))
        .or_else(|| if joined { compound(words, start) } else { thing(words, start, counted) })
}

fn percent(words: &CutText<'_>, at: usize) -> Option<NamedUnit> {
    let end = match words.term(at) {
        Meaning::Sign('%' | '％') => at + 1,
        Meaning::Percent => at + 1,
        Meaning::Per if words.is(at + 1, "cent") => at + 2,
        _ if words.is(at, "pc") && words.is_glued(at) => at + 1,
        _ => return None,
    };
    let is_points = words.is(end, "point") || words.is(end, "points");
    Some(if is_points && words.is(at, "percentage") {
        NamedUnit::sure(FigureKind::Percent, "percentage points", end + 1)
    } else {
        NamedUnit::sure(FigureKind::Percent, "percent", end)
    })
}

/// A unit in brackets: "20 (kg)".
fn bracketed(words: &CutText<'_>, at: usize) -> Option<NamedUnit> {
    let closing = match words.term(at) {
        Meaning::Sign('(') => ')',
        Meaning::Sign('[') => ']',
        Meaning::Sign('{') => '}',
        Meaning::Sign('<') => '>',
        _ => return None,
    };
    let is_measure = words.term(at + 1) == Meaning::Measure && words.is_sign(at + 2, closing);
    is_measure.then(|| NamedUnit::sure(FigureKind::Dimension, words.word(at + 1), at + 3))
}

/// Whether letters are a measure because they are attached to digits or follow a number that stands
/// alone.
fn is_letter_unit(words: &CutText<'_>, at: usize, counted: CountedFigure) -> bool {
    if !counted.is_digits {
        return false;
    }
    match words.word(at) {
        "m" | "g" | "t" | "l" | "L" | "W" | "V" | "μg" | "µg" | "μm" | "B" => {
            words.is_glued(at)
                || matches!(words.word(at), "m" | "μg" | "µg" | "g")
                || !words.is_letters(at + 1) && !words.is_dash(at + 1)
        }
        "pm" => !words.is_glued(at) && words.is(at.wrapping_sub(2), "is"),
        _ => false,
    }
}

fn dimension(words: &CutText<'_>, at: usize, counted: CountedFigure) -> Option<NamedUnit> {
    let kind = usize::from(words.term(at) == Meaning::MeasureKind);
    let is_measure = matches!(words.term(at + kind), Meaning::Measure | Meaning::Pounds)
        || kind == 0 && is_letter_unit(words, at, counted);
    if !is_measure {
        return None;
    }
    let mut end = at + kind + 1;
    // "km2", "m²": never part of a name.
    if words.is_glued(end) && matches!(words.word(end), "2" | "3" | "²" | "³") {
        end += 1;
    }
    let hangs =
        words.is_glued(end) && (words.is_letters(end) || words.term(end) == Meaning::Digits);
    // In "6 foot soldiers", "foot" is not a length.
    (!hangs).then(|| rated(words, at, end))
}

/// A measure with its rate, which forms a unit of its own: "miles per hour", "km/h".
fn rated(words: &CutText<'_>, at: usize, end: usize) -> NamedUnit {
    let is_speed = |at: usize| {
        matches!(
            words.term(at),
            Meaning::Stretch(TimeStretch::Hour | TimeStretch::Second | TimeStretch::Minute)
        ) || matches!(words.word(at), "h" | "s" | "second" | "ms" | "millisecond")
    };
    let is_over = match words.term(end) {
        Meaning::Per | Meaning::Sign('/') => is_speed(end + 1),
        Meaning::Article => words.is(end + 1, "hour") || words.is(end + 1, "second"),
        _ => false,
    };
    let end = if is_over { end + 2 } else { end };
    NamedUnit::sure(FigureKind::Dimension, words.passage(at, end), end)
}

fn degrees(words: &CutText<'_>, at: usize) -> Option<NamedUnit> {
    let is_scale = |at: usize| {
        ["celsius", "fahrenheit", "centigrade", "kelvin"].iter().any(|name| words.is(at, name))
            || matches!(words.word(at), "C" | "F")
    };
    let is_sign = words.is_sign(at, '°') || words.is_sign(at, 'º');
    let is_letter = words.is_glued(at) && matches!(words.word(at), "C" | "F");
    if is_letter {
        return Some(NamedUnit::sure(
            FigureKind::Temperature,
            format!("°{}", words.word(at)),
            at + 1,
        ));
    }
    if !is_sign && words.term(at) != Meaning::Degrees {
        return None;
    }
    if is_scale(at + 1) {
        return Some(NamedUnit::sure(FigureKind::Temperature, words.passage(at, at + 2), at + 2));
    }
    let turns = ["rotate", "turn", "left", "right", "angle", "tilted"];
    let is_angle = (1..5).any(|back| {
        at.checked_sub(back).is_some_and(|at| turns.iter().any(|word| words.is(at, word)))
    });
    let kind = if is_angle { FigureKind::Dimension } else { FigureKind::Temperature };
    Some(NamedUnit::sure(kind, words.word(at), at + 1))
}

/// A time unit, or an age: "years", "-year-old", "years of age".
fn stretch(words: &CutText<'_>, at: usize) -> Option<NamedUnit> {
    let is_second = words.is(at, "second") && words.is_dash(at.wrapping_sub(1));
    let Meaning::Stretch(stretch) = words.term(at) else {
        return is_second.then(|| NamedUnit::sure(FigureKind::Duration, "seconds", at + 1));
    };
    let next = if words.is_dash(at + 1) { at + 2 } else { at + 1 };
    let is_age = !matches!(stretch, TimeStretch::Second | TimeStretch::Minute | TimeStretch::Hour);
    let age = |end| Some(NamedUnit::sure(FigureKind::Age, words.passage(at, end), end));
    if is_age && words.term(next) == Meaning::Old {
        return age(next + 1);
    }
    if is_age && words.begin_with(at + 1, &["of", "age"]) {
        return age(at + 3);
    }
    Some(NamedUnit::sure(FigureKind::Duration, words.word(at), at + 1))
}

fn times(words: &CutText<'_>, at: usize) -> Option<NamedUnit> {
    let is_times = words.is(at, "times") || words.is(at, "fold");
    is_times.then(|| NamedUnit::sure(FigureKind::Multiple, words.word(at), at + 1))
}

/// "member" of "a five-member panel".
fn compound(words: &CutText<'_>, at: usize) -> Option<NamedUnit> {
    let is_named = words.is_letters(at) && !words.term(at).ends_phrase();
    is_named.then(|| NamedUnit::sure(FigureKind::Count, words.word(at), at + 1))
}

/// The most words in the noun phrase that is counted.
const LONGEST: usize = 6;

/// The noun phrase that is counted.
fn thing(words: &CutText<'_>, at: usize, counted: CountedFigure) -> Option<NamedUnit> {
    let start = if words.is(at, "more") || words.is(at, "other") { at + 1 } else { at };
    if words.is_glued(start) {
        return None;
    }
    if let Some(end) = noun(words, start) {
        let end = participle(words, end).unwrap_or(end);
        return Some(NamedUnit::sure(FigureKind::Count, words.passage(start, end), end));
    }
    let most = if counted.is_one { 3 } else { 1 };
    let is_verb = ["ed", "ing"].iter().any(|end| words.word(start).ends_with(end));
    if is_verb && !counted.is_one {
        return None;
    }
    let end = (start..start + most).take_while(|&at| is_singular(words, at, start)).last()? + 1;
    let name = words.passage(start, end);
    Some(NamedUnit { kind: FigureKind::Count, name: name.to_owned(), end, is_sure: false })
}

fn is_singular(words: &CutText<'_>, at: usize, start: usize) -> bool {
    let word = words.word(at);
    let is_verb = at > start && ["ed", "ing", "ly"].iter().any(|end| word.ends_with(end));
    words.is_letters(at) && !words.term(at).ends_phrase() && !is_verb
}

/// The end of the noun phrase that begins at `start` and has a plural head.
pub(super) fn noun(words: &CutText<'_>, start: usize) -> Option<usize> {
    let mut at = start;
    while at < start + LONGEST {
        if words.is_dash(at) && words.is_glued(at) && words.is_glued(at + 1) && at > start {
            at += 1;
            continue;
        }
        if !words.is_letters(at) || words.term(at).ends_phrase() && !is_name(words, at, start) {
            return None;
        }
        if words.is_plural(at) {
            // "four plain-clothes officers": the plural is part of an adjective.
            let is_joined = at > start && words.is_dash(at - 1) && words.is_glued(at);
            if is_joined && words.is_letters(at + 1) && !words.term(at + 1).ends_phrase() {
                at += 1;
                continue;
            }
            return Some(
                if words.term(at) == Meaning::Piece && words.term(at + 1) == Meaning::Of {
                    pieces(words, at + 2).unwrap_or(at + 1)
                } else {
                    last_plural(words, at)
                },
            );
        }
        at += 1;
    }
    None
}

/// Whether a word that would end the phrase is part of a name in it: "100 May Day marches".
fn is_name(words: &CutText<'_>, at: usize, start: usize) -> bool {
    at > start && matches!(words.term(at), Meaning::MonthOrWord(_)) && words.is_capital(at)
}

/// The end of a run of plurals: in "human rights groups" the last one is counted.
fn last_plural(words: &CutText<'_>, at: usize) -> usize {
    let mut end = at + 1;
    while end < at + LONGEST && words.is_plural(end) && !words.is_glued(end) {
        end += 1;
    }
    end
}

/// The end of the phrase that says what the pieces consist of.
fn pieces(words: &CutText<'_>, start: usize) -> Option<usize> {
    if let Some(end) = noun(words, start) {
        return Some(end);
    }
    (start..start + LONGEST).take_while(|&at| is_singular(words, at, start)).last().map(|at| at + 1)
}

/// The end of a participle that belongs to the unit: "individuals using the internet".
fn participle(words: &CutText<'_>, end: usize) -> Option<usize> {
    let is_part = ["using", "speaking", "owning"].iter().any(|word| words.is(end, word));
    if !is_part || words.term(end) == Meaning::Plain && !words.is_letters(end + 1) {
        return None;
    }
    let object = if words.term(end + 1) == Meaning::The { end + 2 } else { end + 1 };
    noun(words, object).or_else(|| is_singular(words, object, object).then_some(object + 1))
}

/// The end of a run of words that could be a noun phrase, if it contains no plural.
pub(in crate::reading::numeral) fn plain_words(words: &CutText<'_>, start: usize) -> usize {
    let is_part = |at: usize| {
        let hangs = at > start && words.is_glued(at);
        words.is_letters(at) && !words.term(at).ends_phrase()
            || hangs && (words.term(at) == Meaning::Digits || words.is_dash(at))
    };
    (start..start + LONGEST).find(|&at| !is_part(at)).unwrap_or(start + LONGEST)
}

/// The base of a percentage, if it is a plural without a figure: "of registered voters".
pub(super) fn base(words: &CutText<'_>, at: usize) -> Option<(String, usize)> {
    if words.term(at) != Meaning::Of {
        return None;
    }
    let start = at + 1 + usize::from(words.term(at + 1) == Meaning::The);
    let end = noun(words, start)?;
    Some((words.passage(start, end).to_owned(), end))
}

/// The phrase that names the whole of a share, and its end: "of the voters".
pub(super) fn whole(words: &CutText<'_>, at: usize) -> Option<(String, usize)> {
    let is_of = words.term(at) == Meaning::Of;
    let start = if is_of { at + 1 } else { at };
    let is_determiner = words.term(start) == Meaning::The
        || ["its", "their", "his", "her", "our", "all", "those"]
            .iter()
            .any(|word| words.is(start, word));
    let inner = if is_determiner { start + 1 } else { start };
    if !is_of && !is_determiner && !words.is_plural(inner) {
        return None;
    }
    let run = || (inner..inner + 4).take_while(|&at| is_singular(words, at, inner)).last();
    let end = noun(words, inner).or_else(|| run().map(|at| at + 1))?;
    Some((format!("of {}", words.passage(start, end)), end))
}

/// The unit of a rate, and the word after it: "per day", "a share", "every month".
pub(super) fn per(words: &CutText<'_>, at: usize) -> Option<(String, usize)> {
    let joined = words.is_dash(at) && words.is_glued(at) && words.is_dash(at + 2);
    let (start, step) = if joined { (at + 1, 2) } else { (at, 1) };
    let one = |end: usize| Some((words.word(end).to_owned(), end + 1));
    let noun = start + step;
    let is_noun = words.is_letters(noun) && !words.term(noun).ends_phrase();
    match words.term(start) {
        Meaning::Per if is_noun && !words.is(noun, "cent") => one(noun),
        Meaning::Every if matches!(words.term(noun), Meaning::Stretch(_)) => one(noun),
        Meaning::Article => {
            let later = ["earlier", "later", "before", "after", "from", "since", "and", "in"];
            let is_time = words.term(noun + 1) == Meaning::Ago
                || words.term(noun + 1) == Meaning::Old
                || later.iter().any(|word| words.is(noun + 1, word));
            let sold = [
                "share", "barrel", "person", "head", "piece", "gallon", "litre", "liter", "ounce",
                "tonne", "ton", "pound", "kilo", "dozen", "night", "bushel",
            ];
            let is_sold = sold.iter().any(|word| words.is(noun, word));
            let is_rate = is_sold || matches!(words.term(noun), Meaning::Stretch(_)) && !is_time;
            if is_rate && words.is_letters(noun) { one(noun) } else { None }
        }
        Meaning::Sign('/') if words.is_glued(start) && is_noun => one(noun),
        _ => None,
    }
}
