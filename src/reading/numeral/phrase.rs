//! Parses a figure as a user types it, and formats a figure so that it parses back to the same.
//!
//! Knows the order of measure, change, earlier level, figure, base and rate. Must not know how a
//! number or a unit is spelt, nor what is done with a figure.
//!
//! A phrase is one whole figure or an error: no part of it is ignored silently.

use std::fmt;

use thiserror::Error;

use super::figure::{self, Placed};
use super::word::{CutText, Meaning};
use crate::domain::quantity::{
    Amount, Base, BaseFields, Bound, Change, Quantity, QuantityError, QuantityFields,
};

/// Why a phrase is not a single whole figure.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PhraseError {
    /// It is longer than any figure.
    #[error("the figure is longer than {MOST_BYTES} bytes: give one figure and what it counts")]
    TooLong,
    /// It has no number that counts or measures something.
    #[error(
        "there is no figure in “{0}”: give an amount and what it counts, as in `12000 people`, \
         `10 to 15 percent` or `$2.5 million`"
    )]
    NoFigure(String),
    /// Words before the figure that are not a bound.
    #[error(
        "“{words}” is not part of the figure `{read}` after it: leave it out or, if it is what the \
         figure measures, write a colon after it, as in `turnout: 62 percent`"
    )]
    Before {
        /// The words.
        words: String,
        /// The figure without them.
        read: Quantity,
    },
    /// Words after the figure that are not part of it.
    #[error(
        "“{words}” is left over after the figure `{read}`: leave it out or, if it is part of the \
         unit, put the unit in quotation marks, as in `12 \"boats at sea\"`"
    )]
    Behind {
        /// The words.
        words: String,
        /// The figure without them.
        read: Quantity,
    },
    /// A second figure after the first.
    #[error("there is more than one figure: give `{read}` by itself, and “{words}” separately")]
    Second {
        /// The first figure.
        read: Quantity,
        /// The second figure.
        words: String,
    },
    /// The stated earlier level is more than a number.
    #[error(
        "“{0}” is not an earlier level: give a number in the unit of the later level, as in `fell \
         from 10 to 5 percent`"
    )]
    NotEarlier(String),
    /// A rise to a lower level, or a fall to a higher one.
    #[error(
        "from {from} to {to} is a change in the other direction: write `rose` for a rise, `fell` \
         for a fall"
    )]
    OtherWay {
        /// The earlier level.
        from: Amount,
        /// The later one.
        to: Amount,
    },
    /// The parts do not form a valid quantity.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

/// The longest phrase that is parsed; every part of a figure fits at its maximum length.
const MOST_BYTES: usize = 8192;

/// The verbs that give the direction of a change.
const VERBS: &[(&str, Change)] = &[
    ("rose", Change::Rose),
    ("grew", Change::Rose),
    ("increased", Change::Rose),
    ("climbed", Change::Rose),
    ("up", Change::Rose),
    ("fell", Change::Fell),
    ("dropped", Change::Fell),
    ("declined", Change::Fell),
    ("decreased", Change::Fell),
    ("down", Change::Fell),
    ("changed", Change::Changed),
];

/// Parses a phrase that is a single figure, such as `nearly 70 percent of 9,600 channels`,
/// `turnout: fell from 10 to 5 percent` or `12 "boats at sea"`.
pub fn quantity(text: &str) -> Result<Quantity, PhraseError> {
    if text.len() > MOST_BYTES {
        return Err(PhraseError::TooLong);
    }
    let words = CutText::typed(text);
    let (measure, begin) = measure(&words).map_or((None, 0), |(name, at)| (Some(name), at));
    let (aside, end) = aside(&words);
    let moved = moved(&words, begin, end);
    let text = |from: usize, to: usize| if from < to { words.passage(from, to) } else { "" };
    let mut fields = whole(text(moved.level.0, moved.level.1))?;
    fields.measure = measure.map(|name| name.parse()).transpose()?;
    fields.change = moved.change;
    if fields.change.is_some() {
        one_change(text(moved.level.0, moved.level.1), &fields)?;
    }
    let earlier = aside.map(|(from, to)| text(from, to));
    if let Some(earlier) = moved.from.map(|(from, to)| text(from, to)).or(earlier) {
        let scale =
            moved.verb.and_then(|verb| Some((verb, scale(text(moved.level.0, moved.level.1))?)));
        fields.from = Some(level_before(earlier, scale, &fields)?);
    }
    if let (Some(verb), Some(from), None) = (moved.verb, &fields.from, fields.change) {
        let to = &fields.amount;
        let goes = match verb {
            Change::Rose => from.compare(to).is_lt(),
            Change::Fell => from.compare(to).is_gt(),
            Change::Changed => true,
        };
        if !goes {
            return Err(PhraseError::OtherWay { from: from.clone(), to: to.clone() });
        }
    }
    Ok(fields.try_into()?)
}

/// The measure before a colon, and the word after the colon.
fn measure(words: &CutText<'_>) -> Option<(String, usize)> {
    let colon = (1..words.len()).find(|&at| words.is_sign(at, ':') && !words.is_glued(at + 1))?;
    Some((name(words, 0, colon)?, colon + 1))
}

/// The words as a name: unchanged if in quotation marks, otherwise only if they contain no figures
/// and no quotation marks.
fn name(words: &CutText<'_>, from: usize, to: usize) -> Option<String> {
    if from + 1 == to && words.term(from) == Meaning::Quoted {
        return words.unquoted(from);
    }
    let is_quoted = (from..to).any(|at| words.term(at) == Meaning::Quoted);
    let passage = words.passage(from, to);
    (from < to && !is_quoted && figure::placed(&CutText::typed(passage)).is_empty())
        .then(|| passage.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The words inside a final "(from 10)", and the end of the rest.
fn aside(words: &CutText<'_>) -> (Option<(usize, usize)>, usize) {
    let end = words.len();
    let closes = end > 0 && words.is_sign(end - 1, ')');
    let opens = (0..end).rev().find(|&at| words.is_sign(at, '('));
    match opens {
        Some(at) if closes && words.term(at + 1) == Meaning::From => (Some((at + 2, end - 1)), at),
        _ => (None, end),
    }
}

/// A change, by an amount or to a level; each as a range of words.
struct Moved {
    verb: Option<Change>,
    change: Option<Change>,
    level: (usize, usize),
    from: Option<(usize, usize)>,
}

fn moved(words: &CutText<'_>, begin: usize, end: usize) -> Moved {
    let still = Moved { verb: None, change: None, level: (begin, end), from: None };
    let Some((word, verb)) = VERBS.iter().find(|(word, _)| words.is(begin, word)) else {
        return still;
    };
    let is_verb = !matches!(*word, "up" | "down");
    let find = |from: usize, term: Meaning| (from..end).find(|&at| words.term(at) == term);
    let level = Moved { verb: Some(*verb), ..still };
    let by = |at| Moved { change: Some(*verb), level: (at, end), ..level };
    let next = begin + 1;
    match words.term(next) {
        _ if words.is(next, "by") => by(next + 1),
        Meaning::From => match find(next + 1, Meaning::To) {
            Some(to) => Moved { level: (to + 1, end), from: Some((next + 1, to)), ..level },
            None => Moved { verb: None, level: (begin, end), ..level },
        },
        Meaning::To if is_verb => match find(next + 1, Meaning::From) {
            Some(from) => Moved { level: (next + 1, from), from: Some((from + 1, end)), ..level },
            None => Moved { level: (next + 1, end), ..level },
        },
        // "up to 300 people" states no change.
        Meaning::To => Moved { verb: None, ..level },
        _ => by(next),
    }
}

/// Refuses "rose by 3 percent to 12 percent", in which the apparent upper end of a range is really
/// the new level.
fn one_change(text: &str, fields: &QuantityFields) -> Result<(), PhraseError> {
    let words = CutText::typed(text);
    let to = (1..words.len()).find(|&at| words.term(at) == Meaning::To);
    let Some(to) = to.filter(|_| fields.to.is_some()) else { return Ok(()) };
    let is_number = |at: usize| {
        use Meaning::{Digits, Hundred, Minus, Scale, Sign, Small, Tens};
        let term = words.term(at);
        matches!(term, Digits | Small(_) | Tens(_) | Hundred | Scale(_) | Minus | Sign('-'))
    };
    if is_number(to - 1) && is_number(to + 1) {
        return Ok(());
    }
    let read = Quantity::try_from(whole(words.passage(0, to))?)?;
    Err(PhraseError::Second { read, words: words.passage(to + 1, words.len()).to_owned() })
}

/// The word for the scale of a level: "million" of "5 million people".
fn scale(level: &str) -> Option<String> {
    let words = CutText::typed(level);
    let is_scale = |at: &usize| matches!(words.term(*at), Meaning::Scale(3..));
    (0..words.len()).find(is_scale).map(|at| words.word(at).to_owned())
}

/// The earlier level. Without a unit it has the unit of the later level, and also its scale if that
/// makes the change go in the stated direction: "from 5 to 10 million".
fn level_before(
    text: &str,
    scale: Option<(Change, String)>,
    level: &QuantityFields,
) -> Result<Amount, PhraseError> {
    let not_earlier = || PhraseError::NotEarlier(text.to_owned());
    let amount = |text: &str| {
        let read = whole(text).map_err(|_| not_earlier())?;
        let QuantityFields { amount, unit, .. } = read.clone();
        let is_bare =
            read == QuantityFields { unit: unit.clone(), ..QuantityFields::bare(amount.clone()) };
        let is_same = unit.is_none() || unit == level.unit;
        if is_bare && is_same { Ok((amount, unit.is_none())) } else { Err(not_earlier()) }
    };
    let (written, is_number) = amount(text)?;
    let has_scale = self::scale(text).is_some();
    if let (Some((verb, scale)), true, false) = (scale, is_number, has_scale)
        && let Ok((scaled, _)) = amount(&format!("{text} {scale}"))
    {
        let order = scaled.compare(&level.amount);
        let goes = match verb {
            Change::Rose => order.is_lt(),
            Change::Fell => order.is_gt(),
            Change::Changed => false,
        };
        return Ok(if goes { scaled } else { written });
    }
    Ok(written)
}

/// Parses a figure with its base and rate, without measure and change.
fn whole(text: &str) -> Result<QuantityFields, PhraseError> {
    let words = CutText::typed(text);
    let (mut fields, mut at) = named_figure(&words)?;
    if words.term(at) == Meaning::Of && fields.of.is_none() && fields.per.is_none() {
        let per = (at + 1..words.len()).find(|&at| words.term(at) == Meaning::Per);
        at = base(&words, &mut fields, at + 1, per.unwrap_or(words.len()))?;
    }
    if words.term(at) == Meaning::Per && fields.per.is_none() {
        at = rate(&words, &mut fields, at + 1)?;
    }
    ends(&words, fields, at)
}

/// The fields, if no words are left over.
fn ends(
    words: &CutText<'_>,
    fields: QuantityFields,
    at: usize,
) -> Result<QuantityFields, PhraseError> {
    if at >= words.len() {
        return Ok(fields);
    }
    let rest = words.passage(at, words.len());
    let (read, left) = (Quantity::try_from(fields)?, rest.to_owned());
    let is_figure = !figure::placed(&CutText::typed(rest)).is_empty();
    Err(if is_figure {
        PhraseError::Second { read, words: left }
    } else {
        PhraseError::Behind { read, words: left }
    })
}

/// The figure at the start of the words, with its unit, and the word after it.
fn named_figure(words: &CutText<'_>) -> Result<(QuantityFields, usize), PhraseError> {
    let first = figure::placed(words).into_iter().next();
    let no_figure = || PhraseError::NoFigure(words.passage(0, words.len()).to_owned());
    let Placed { quantity, start, end, is_sure } = first.ok_or_else(no_figure)?;
    if start > 0 {
        let before = words.passage(0, start).to_owned();
        return Err(PhraseError::Before { words: before, read: quantity });
    }
    let mut fields = QuantityFields::from(quantity);
    respell(words, end, &mut fields);
    let is_whole = fields.of.is_some() || fields.per.is_some();
    if fields.unit.is_none() && !is_whole && words.term(end) == Meaning::Quoted {
        fields.unit = Some(words.unquoted(end).unwrap_or_default().parse()?);
        return Ok((fields, end + 1));
    }
    // If no plural shows what is counted, all the words form the unit: "15 young sheep".
    let named = if is_sure || is_whole { end } else { figure::plain_words(words, end) };
    if named > end {
        let more = words.passage(end, named);
        let unit = fields.unit.map_or_else(|| more.to_owned(), |unit| format!("{unit} {more}"));
        fields.unit = Some(unit.parse()?);
    }
    Ok((fields, named))
}

/// Restores the spelling of amounts as typed: `2/6` would otherwise become a third.
fn respell(words: &CutText<'_>, end: usize, fields: &mut QuantityFields) {
    let text = words.passage(0, end);
    let mut spelt =
        text.split_whitespace().filter_map(|word| word.parse::<Amount>().ok()).peekable();
    let is_base = fields.of.is_some();
    let mut base = fields.of.take().map(BaseFields::from).unwrap_or_default();
    let read =
        [Some(&mut fields.amount), fields.to.as_mut(), base.amount.as_mut(), base.to.as_mut()];
    for amount in read.into_iter().flatten() {
        if let Some(same) = spelt.next_if(|spelt| spelt.compare(amount).is_eq()) {
            *amount = same;
        }
    }
    fields.of = if is_base { Base::try_from(base).ok() } else { None };
}

/// Reads the words after "of", from `at` to before `end`: a base, or the rest of the unit. Returns
/// the word after them.
fn base(
    words: &CutText<'_>,
    fields: &mut QuantityFields,
    at: usize,
    end: usize,
) -> Result<usize, PhraseError> {
    let of = |fields: BaseFields| Base::try_from(fields).map(Some);
    if words.term(at) == Meaning::Quoted {
        let unit = words.unquoted(at).unwrap_or_default().parse()?;
        fields.of = of(BaseFields { unit: Some(unit), ..BaseFields::default() })?;
        return Ok(at + 1);
    }
    let passage = if at < end { words.passage(at, end) } else { "" };
    let inner = CutText::typed(passage);
    let determiner = usize::from(inner.term(0) == Meaning::The);
    if let Ok((base, taken)) = named_figure(&CutText::typed(inner.passage(determiner, inner.len())))
        && base.of.is_none()
        && base.per.is_none()
    {
        let QuantityFields { amount, to, unit, bound, estimated, .. } = base;
        fields.of = of(BaseFields { amount: Some(amount), to, unit, bound, estimated })?;
        return Ok(at + determiner + taken);
    }
    let start = at + determiner;
    let end = figure::phrase_end(words, start).min(end);
    if end <= start {
        return Ok(at - 1);
    }
    let is_share = fields.unit.as_ref().is_none_or(|unit| unit.as_str().starts_with("percent"));
    match &fields.unit {
        Some(unit) if !is_share => {
            fields.unit = Some(format!("{unit} of {}", words.passage(at, end)).parse()?);
        }
        _ => {
            let unit = Some(words.passage(start, end).parse()?);
            fields.of = of(BaseFields { unit, ..BaseFields::default() })?;
        }
    }
    Ok(end)
}

/// Reads the words after "per", from `at` on. Returns the word after them.
fn rate(words: &CutText<'_>, fields: &mut QuantityFields, at: usize) -> Result<usize, PhraseError> {
    if words.term(at) == Meaning::Quoted {
        fields.per = Some(words.unquoted(at).unwrap_or_default().parse()?);
        return Ok(at + 1);
    }
    let rest = if at < words.len() { words.passage(at, words.len()) } else { "" };
    let inner = CutText::typed(rest);
    // "3 per 1,000 inhabitants"
    if let Ok((number, taken)) = named_figure(&inner)
        && number.of.is_none()
        && number.per.is_none()
    {
        fields.per = Some(Quantity::try_from(number)?.to_string().parse()?);
        return Ok(at + taken);
    }
    let end = figure::phrase_end(words, at);
    if end <= at {
        return Ok(at - 1);
    }
    fields.per = Some(words.passage(at, end).parse()?);
    Ok(end)
}

/// The number of names in a figure, in the order in which they are shown.
const NAMES: usize = 4;

/// A figure as text, with the selected names in quotation marks.
fn said(quantity: &Quantity, quoted: [bool; NAMES]) -> String {
    let name = |place: usize, name: &str| {
        if !quoted[place] {
            return name.to_owned();
        }
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    };
    let mut said = String::new();
    if let Some(measure) = quantity.measure() {
        said.push_str(&name(0, measure.as_str()));
        said.push_str(": ");
    }
    said.push_str(quantity.change().map_or("", Change::words));
    let unit = quantity.unit().map(|unit| name(1, unit.as_str()));
    let hedge = (quantity.estimated(), quantity.bound());
    figure_said(&mut said, hedge, (Some(quantity.amount()), quantity.to()), unit);
    if let Some(base) = quantity.of() {
        said.push_str(" of ");
        let unit = base.unit().map(|unit| name(2, unit.as_str()));
        figure_said(&mut said, (base.estimated(), base.bound()), (base.amount(), base.to()), unit);
    }
    if let Some(per) = quantity.per() {
        said.push_str(" per ");
        said.push_str(&name(3, per.as_str()));
    }
    if let Some(from) = quantity.from() {
        said.push_str(&format!(" (from {from})"));
    }
    said
}

/// Amount, range and unit as text: `nearly 70 to 75 percent`.
fn figure_said(
    said: &mut String,
    (is_estimated, bound): (bool, Bound),
    (amount, to): (Option<&Amount>, Option<&Amount>),
    unit: Option<String>,
) {
    said.push_str(if is_estimated { "an estimated " } else { "" });
    said.push_str(bound.words());
    let to = to.map(|to| format!("to {to}"));
    let parts = [amount.map(ToString::to_string), to, unit];
    said.push_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "));
}

impl fmt::Display for Quantity {
    /// Shown as `nearly 70 percent of 9600 channels` or `turnout: rose by 3 percent`. A name that
    /// would be parsed as something else is put in quotation marks: `3 "million users"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_read = |text: &str| quantity(text).is_ok_and(|read| read == *self);
        let plain = said(self, [false; NAMES]);
        let mut quoted = [true; NAMES];
        if is_read(&plain) || !is_read(&said(self, quoted)) {
            return f.write_str(&plain);
        }
        for place in 0..NAMES {
            quoted[place] = false;
            quoted[place] = !is_read(&said(self, quoted));
        }
        f.write_str(&said(self, quoted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Phrases with the fields of their figures.
    const READ: &[(&str, &str)] = &[
        ("70", r#"{"amount":"70"}"#),
        ("70 in number", r#"{"amount":"70"}"#),
        ("11.8 million Telegram users", r#"{"amount":"11800000","unit":"Telegram users"}"#),
        ("2.45 billion dollars", r#"{"amount":"2450000000","unit":"dollars"}"#),
        ("about 12 000 people", r#"{"amount":"12000","unit":"people","bound":"about"}"#),
        ("12 thousand people", r#"{"amount":"12000","unit":"people"}"#),
        ("10 to 15 percent", r#"{"amount":"10","to":"15","unit":"percent"}"#),
        (
            "between 5 and 10 million trees",
            r#"{"amount":"5000000","to":"10000000","unit":"trees"}"#,
        ),
        (
            "estimated 96 million monthly users",
            r#"{"amount":"96000000","unit":"monthly users","estimated":true}"#,
        ),
        (
            "more than half of the 9,600 channels",
            r#"{"amount":"0.5","bound":"more_than","of":{"amount":"9600","unit":"channels"}}"#,
        ),
        (
            "62 percent of registered voters",
            r#"{"amount":"62","unit":"percent","of":{"unit":"registered voters"}}"#,
        ),
        ("62% of the vote", r#"{"amount":"62","unit":"percent","of":{"unit":"vote"}}"#),
        ("rose by 3 percent", r#"{"amount":"3","unit":"percent","change":"rose"}"#),
        ("up 3 percent", r#"{"amount":"3","unit":"percent","change":"rose"}"#),
        (
            "fell by 10 to 15 percent",
            r#"{"amount":"10","to":"15","unit":"percent","change":"fell"}"#,
        ),
        ("up to 300 people", r#"{"amount":"300","unit":"people","bound":"at_most"}"#),
        ("fell from 10 to 5 percent", r#"{"amount":"5","unit":"percent","from":"10"}"#),
        ("rose to 12 percent from 9", r#"{"amount":"12","unit":"percent","from":"9"}"#),
        (
            "rose from 5 to 10 million users",
            r#"{"amount":"10000000","unit":"users","from":"5000000"}"#,
        ),
        (
            "rose from 900 to 1.2 million users",
            r#"{"amount":"1200000","unit":"users","from":"900"}"#,
        ),
        ("turnout: 62 percent", r#"{"amount":"62","unit":"percent","measure":"turnout"}"#),
        (
            "transfer fee: rose from $5m to $7m",
            r#"{"amount":"7000000","unit":"dollars","measure":"transfer fee","from":"5000000"}"#,
        ),
        ("3 per 1,000 inhabitants", r#"{"amount":"3","per":"1000 inhabitants"}"#),
        ("40 tonnes per day", r#"{"amount":"40","unit":"tonnes","per":"day"}"#),
        ("$5m", r#"{"amount":"5000000","unit":"dollars"}"#),
        ("€2.5bn", r#"{"amount":"2500000000","unit":"euros"}"#),
        ("-3 degrees", r#"{"amount":"-3","unit":"degrees"}"#),
        ("1/3", r#"{"amount":"1/3"}"#),
        ("2/6 of the voters", r#"{"amount":"2/6","unit":"of the voters"}"#),
        ("a third of voters", r#"{"amount":"1/3","unit":"of voters"}"#),
        ("7000000/3 people", r#"{"amount":"7000000/3","unit":"people"}"#),
        ("2½ million", r#"{"amount":"2500000"}"#),
        ("2⅓ million people", r#"{"amount":"7000000/3","unit":"people"}"#),
        ("12 tonnes of CO2", r#"{"amount":"12","unit":"tonnes of CO2"}"#),
        ("15 young sheep", r#"{"amount":"15","unit":"young sheep"}"#),
        ("12 \"boats at sea\"", r#"{"amount":"12","unit":"boats at sea"}"#),
        ("12 “boats at sea” per “day”", r#"{"amount":"12","unit":"boats at sea","per":"day"}"#),
        ("500 or more cases", r#"{"amount":"500","unit":"cases","bound":"at_least"}"#),
        ("2016 cases", r#"{"amount":"2016","unit":"cases"}"#),
        ("2016", r#"{"amount":"2016"}"#),
    ];

    /// Phrases that are not a single whole figure, and words of the resulting error message.
    const REFUSED: &[(&str, &[&str])] = &[
        ("", &["no figure in “”"]),
        ("many people", &["no figure in “many people”", "give an amount"]),
        ("turnout 62 percent", &["“turnout” is not part of the figure `62 percent`", "colon"]),
        ("12000 people left the town", &["“left the town”", "after the figure `12000 people`"]),
        ("62 percent of voters said so", &["“said so”", "`62 percent of voters`"]),
        ("5 people and 3 dogs", &["more than one figure: give `5 people` by itself", "3 dogs"]),
        ("62 percent of", &["“of” is left over", "`62 percent`"]),
        ("3 boats per", &["“per” is left over"]),
        ("12 “boats", &["“boats"]),
        ("12 \"\"", &["is not a unit"]),
        ("rose by 3 percent to 12 percent", &["give `3 percent` by itself", "12 percent"]),
        ("fell from 5 to 10 percent", &["in the other direction"]),
        ("fell from some to 10 percent", &["“some” is not an earlier level"]),
        ("10 percent (from 5 people)", &["“5 people” is not an earlier level"]),
        ("3-2", &["no figure"]),
        ("1.2.3 boats", &["no figure"]),
    ];

    #[test]
    fn what_has_too_many_digits_is_refused_and_never_cut() {
        let nines = |count: usize| "9".repeat(count);
        for amount in [nines(31), nines(64), format!("0.{}", nines(40)), format!("{}/7", nines(19))]
        {
            for text in [amount.clone(), format!("{amount} people"), format!("{amount} \"people\"")]
            {
                assert!(quantity(&text).is_err(), "{text}");
            }
        }
        for amount in
            [nines(28), format!("{}/{}", nines(18), nines(14)), format!("7/{}", nines(14))]
        {
            assert_eq!(quantity(&amount).unwrap().amount().as_str(), amount);
        }
    }

    fn fields(json: &str) -> Quantity {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_phrase_is_one_whole_figure() {
        for (text, json) in READ {
            assert_eq!(quantity(text), Ok(fields(json)), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_whole_figure_is_refused_with_what_to_write_instead() {
        for (text, words) in REFUSED {
            let said = quantity(text).unwrap_err().to_string();
            assert!(words.iter().all(|words| said.contains(words)), "{text}: {said}");
        }
        assert_eq!(quantity(&"9 ".repeat(5000)), Err(PhraseError::TooLong));
    }

    #[test]
    fn a_name_that_would_be_read_as_something_else_is_in_quotation_marks() {
        for (json, said) in [
            (r#"{"amount":"11.8","unit":"million users"}"#, "11.8 \"million users\""),
            (r#"{"amount":"62","unit":"percent of votes"}"#, "62 \"percent of votes\""),
            (r#"{"amount":"12","unit":"tonnes","of":{"unit":"ash"}}"#, "12 tonnes of \"ash\""),
            (r#"{"amount":"5","unit":"a \\ \"b\""}"#, r#"5 "a \\ \"b\"""#),
            (r#"{"amount":"5","unit":"boats","measure":"a: 3"}"#, "\"a: 3\": 5 boats"),
        ] {
            assert_eq!(fields(json).to_string(), said);
            assert_eq!(quantity(said), Ok(fields(json)));
        }
    }

    /// Names as they occur in texts, and some that look like other parts of a figure.
    const NAMES: &[&str] = &[
        "people",
        "monthly users",
        "percent",
        "percentage points",
        "dollars",
        "US dollars",
        "km",
        "°C",
        "turnout",
        "day",
        "pieces of harmful content",
        "barrels",
        "members",
        "of voters",
        "million users",
        "to 15 percent",
        "1000 inhabitants",
        "1,000 inhabitants",
        "per day",
        "percent of votes",
        "a: b",
        "boats (from 3)",
        "\"x\"",
        "\\",
        "“x”",
        "or more",
        "-",
        "2",
        "rose by",
        "up",
        "bn",
        "m",
        "www.x.example",
        "a@b",
        "years old",
        "times",
        "sheep",
        "in number",
        "of",
        "%",
        "two",
        "half",
        "é",
        "of the whole",
    ];

    fn an_amount() -> impl Strategy<Value = Amount> {
        let sign = prop::sample::select(&["", "-"][..]);
        let spelt = prop_oneof![
            "(0|[1-9][0-9]{0,14})",
            "(0|[1-9][0-9]{0,8})\\.[0-9]{1,9}",
            "(0|[1-9][0-9]{0,8})/([2-9]|[1-9][0-9]{1,8})",
        ];
        let read = |(sign, spelt): (&str, String)| {
            format!("{sign}{spelt}").parse().or_else(|_| spelt.parse()).unwrap()
        };
        (sign, spelt).prop_map(read)
    }

    fn a_name() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => prop::sample::select(NAMES).prop_map(str::to_owned),
            1 => "[a-zà-ÿ0-9 \"“”(:),.%$/\\\\-]{1,20}".prop_filter_map("a unit", |text| {
                let text = text.trim().to_owned();
                text.parse::<crate::domain::quantity::Unit>().is_ok().then_some(text)
            }),
        ]
    }

    fn maybe<T: std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
        proptest::option::weighted(0.3, of)
    }

    prop_compose! {
        fn a_figure()(
            amount in an_amount(), to in maybe(an_amount()), bound in prop::sample::select(BOUNDS),
            estimated in any::<bool>(), unit in proptest::option::of(a_name()),
        ) -> QuantityFields {
            let to = to.filter(|to| amount.compare(to).is_lt());
            let unit = unit.map(|unit| unit.parse().unwrap());
            QuantityFields { to, bound, estimated, unit, ..QuantityFields::bare(amount) }
        }
    }

    const BOUNDS: &[Bound] = &{
        use Bound::*;
        [Stated, Stated, Stated, About, Nearly, AtLeast, MoreThan, AtMost, LessThan]
    };

    const CHANGES: &[Change] = &[Change::Rose, Change::Fell, Change::Changed];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn what_is_shown_is_read_as_the_same(
            figure in a_figure(), base in maybe(a_figure()), base_alone in any::<bool>(),
            measure in maybe(a_name()), per in maybe(a_name()), from in maybe(an_amount()),
            change in maybe(prop::sample::select(CHANGES)),
        ) {
            let name = |name: Option<String>| name.map(|name| name.parse().unwrap());
            let of = base.and_then(|QuantityFields { amount, to, unit, bound, estimated, .. }| {
                Base::try_from(if base_alone {
                    BaseFields { unit, ..BaseFields::default() }
                } else {
                    BaseFields { amount: Some(amount), to, unit, bound, estimated }
                }).ok()
            });
            let (measure, per) = (name(measure), name(per));
            let whole = QuantityFields { measure, change, from, of, per, ..figure };
            let whole = Quantity::try_from(whole).unwrap();
            prop_assert_eq!(quantity(&whole.to_string()), Ok(whole.clone()), "{}", whole);
        }

        #[test]
        fn any_phrase_is_read_or_refused(text in any::<String>()) {
            if let Err(refused) = quantity(&text) {
                prop_assert!(!refused.to_string().is_empty());
            }
        }
    }
}
