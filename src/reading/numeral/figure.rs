//! Reads figures in prose: numbers with what they count, whether they are exact or a bound, and
//! their base and rate.
//!
//! Knows how number, unit and bound combine. Must not know sources, nor what a claim is.
//!
//! It makes one pass over the words; each figure looks a limited distance ahead and back.

mod bound;
mod context;
mod money;
mod unit;

use crate::domain::quantity::{Base, BaseFields, Bound, Quantity, QuantityFields, Unit};

use super::number::{Letters, Number, NumberForm, number};
use super::value::Value;
use super::word::{CutText, Meaning};

use unit::{CountedFigure, NamedUnit};

pub use unit::FigureKind;

/// A figure and its range in the text, in bytes, including the words for its bound and its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The position of its first byte.
    pub start: usize,
    /// The position after its last byte.
    pub end: usize,
    /// The quantity that it states.
    pub quantity: Quantity,
    /// The kind of figure. Ages and durations are seldom the subject of a claim.
    pub kind: FigureKind,
}

/// The unit of a bare number, and of a share whose whole is not named.
const UNNAMED: &str = "";

/// Every figure, in order, except where `dated` marks a word of a date.
pub(super) fn read(words: &CutText<'_>, dated: &[bool]) -> Vec<Figure> {
    drafts(words, dated).into_iter().filter_map(|draft| draft.figure(words)).collect()
}

/// A figure with its range of words.
pub(super) struct Placed {
    pub(super) quantity: Quantity,
    /// The first word.
    pub(super) start: usize,
    /// The word after the last.
    pub(super) end: usize,
    /// Whether its words show what it counts.
    pub(super) is_sure: bool,
}

/// Every figure of a phrase that a user typed, in order.
pub(super) fn placed(words: &CutText<'_>) -> Vec<Placed> {
    let placed = |draft: FigureDraft| {
        let is_sure = draft.unit.as_ref().is_some_and(|unit| unit.is_sure);
        let quantity = draft.quantity()?;
        Some(Placed { quantity, start: draft.start, end: draft.end, is_sure })
    };
    drafts(words, &vec![false; words.len()]).into_iter().filter_map(placed).collect()
}

pub(super) use unit::plain_words;

/// The end of the noun phrase that begins at `at`; `at` itself if there is none.
pub(super) fn phrase_end(words: &CutText<'_>, at: usize) -> usize {
    unit::noun(words, at).unwrap_or_else(|| plain_words(words, at))
}

fn drafts(words: &CutText<'_>, dated: &[bool]) -> Vec<FigureDraft> {
    let mut found: Vec<FigureDraft> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let is_figure = !dated[at] && may_begin(words, at);
        let draft = is_figure.then(|| draft(words, at, dated)).flatten();
        match draft {
            Some(draft) => {
                at = draft.end.max(at + 1);
                push(words, &mut found, draft);
            }
            None => at = after_rejected(words, at),
        }
    }
    found
}

/// Whether a figure may begin at `at`: with a word that can begin one, or with a currency code.
fn may_begin(words: &CutText<'_>, at: usize) -> bool {
    words.term(at).begins_figure()
        || matches!(words.term(at + 1), Meaning::Digits | Meaning::Sign('$' | '.'))
            && words.word(at).len() < 5
}

/// The next word that may begin a figure, after any text that was rejected.
fn after_rejected(words: &CutText<'_>, at: usize) -> usize {
    let mut next = at + 1;
    if words.term(at) != Meaning::Digits {
        return next;
    }
    while words.is_glued(next) && matches!(words.term(next), Meaning::Digits | Meaning::Sign(_)) {
        next += 1;
    }
    next
}

/// A figure being assembled.
#[derive(Debug, Clone)]
struct FigureDraft {
    start: usize,
    end: usize,
    value: Value,
    to: Option<Value>,
    unit: Option<NamedUnit>,
    form: NumberForm,
    bound: Option<Bound>,
    estimated: bool,
    of: Option<Base>,
    per: Option<String>,
}

impl FigureDraft {
    fn quantity(&self) -> Option<Quantity> {
        let name =
            self.unit.as_ref().map(|unit| unit.name.as_str()).filter(|name| *name != UNNAMED);
        let vague = if self.form == NumberForm::Vague { Bound::AtLeast } else { Bound::Stated };
        let fields = QuantityFields {
            to: self.to.and_then(|to| to.amount()),
            unit: match name {
                Some(name) => Some(unit_of(name)?),
                None => None,
            },
            bound: self.bound.unwrap_or(vague),
            estimated: self.estimated,
            of: self.of.clone(),
            per: self.per.as_deref().and_then(unit_of),
            ..QuantityFields::bare(self.value.amount()?)
        };
        Quantity::try_from(fields).ok()
    }

    /// The figure as the base of another.
    fn base(&self) -> Option<Base> {
        let QuantityFields { amount, to, unit, bound, estimated, .. } = self.quantity()?.into();
        Base::try_from(BaseFields { amount: Some(amount), to, unit, bound, estimated }).ok()
    }

    fn kind(&self) -> FigureKind {
        self.unit.as_ref().map_or(FigureKind::Number, |unit| unit.kind)
    }

    fn figure(&self, words: &CutText<'_>) -> Option<Figure> {
        let (start, end) = words.bytes(self.start, self.end);
        Some(Figure { start, end, quantity: self.quantity()?, kind: self.kind() })
    }
}

/// The words as a unit: shortened if they are too long, and without characters that a unit may not
/// contain.
fn unit_of(name: &str) -> Option<Unit> {
    let plain: Vec<&str> = name.split_whitespace().collect();
    let mut plain = plain.join(" ");
    plain.retain(|sign| !sign.is_control());
    while plain.len() > 120 {
        plain.truncate(plain.rfind(' ')?);
    }
    plain.parse().ok()
}

/// Whether the first value is below the second.
fn rises(from: &Value, to: &Value) -> bool {
    let pair = from.amount().zip(to.amount());
    pair.is_some_and(|(from, to)| from.compare(&to).is_lt())
}

/// Adds a draft; if it gives the other bound of the same quantity as the last draft, the two are
/// merged.
fn push(words: &CutText<'_>, found: &mut Vec<FigureDraft>, draft: FigureDraft) {
    if let Some(last) = found.last_mut()
        && let Some((low, high)) = closed(words, last, &draft)
    {
        last.value = low;
        last.to = Some(high);
        last.bound = None;
        last.end = draft.end;
        last.unit = draft.unit.or(last.unit.take());
        return;
    }
    found.push(draft);
}

/// Both ends of a range, where "more than 20" and "less than 35" bound the same quantity.
fn closed(
    words: &CutText<'_>,
    first: &FigureDraft,
    second: &FigureDraft,
) -> Option<(Value, Value)> {
    let is_joined = match second.start.checked_sub(first.end)? {
        1 => {
            matches!(words.term(first.end), Meaning::And | Meaning::Sign(','))
                || words.is(first.end, "but")
        }
        _ => false,
    };
    if !is_joined || first.to.is_some() || second.to.is_some() {
        return None;
    }
    let is_named = first.unit.is_some() && second.unit.is_some() && first.kind() != second.kind();
    let lower = |bound| matches!(bound, Some(Bound::MoreThan | Bound::AtLeast));
    let upper = |bound| matches!(bound, Some(Bound::LessThan | Bound::AtMost));
    let (low, high) = if lower(first.bound) && upper(second.bound) {
        (first.value, second.value)
    } else if upper(first.bound) && lower(second.bound) {
        (second.value, first.value)
    } else {
        return None;
    };
    (!is_named && rises(&low, &high)).then_some((low, high))
}

/// The figure that begins at `at`, if there is one.
fn draft(words: &CutText<'_>, at: usize, dated: &[bool]) -> Option<FigureDraft> {
    let mut draft = plain(words, at, dated)?;
    if draft.end >= words.len() {
        return Some(draft);
    }
    if let Some((base, end)) = base(words, &draft, dated) {
        if draft.form == NumberForm::Share {
            draft.unit = Some(NamedUnit {
                kind: FigureKind::Share,
                name: UNNAMED.to_owned(),
                end,
                is_sure: true,
            });
        } else if draft.unit.is_none() {
            let name = base.unit().map_or(UNNAMED, Unit::as_str).to_owned();
            draft.unit = Some(NamedUnit { kind: FigureKind::Count, name, end, is_sure: true });
        }
        draft.of = Some(base);
        draft.end = end;
    } else if draft.kind() == FigureKind::Percent
        && let Some((base, end)) = unit::base(words, draft.end)
    {
        draft.of = unit_of(&base).and_then(|unit| {
            Base::try_from(BaseFields { unit: Some(unit), ..BaseFields::default() }).ok()
        });
        draft.end = end;
    }
    if draft.kind() != FigureKind::Age
        && let Some((per, end)) = unit::per(words, draft.end)
    {
        draft.per = Some(per);
        draft.end = end;
    }
    Some(draft)
}

/// The base of a share, a percentage or a count: "70 percent of 9,600 channels".
fn base(words: &CutText<'_>, draft: &FigureDraft, dated: &[bool]) -> Option<(Base, usize)> {
    let counts = match draft.kind() {
        FigureKind::Percent | FigureKind::Share => true,
        FigureKind::Number | FigureKind::Count => {
            draft.form != NumberForm::Vague && draft.to.is_none()
        }
        _ => false,
    };
    if !counts || words.term(draft.end) != Meaning::Of {
        return None;
    }
    let mut at = draft.end + 1;
    let is_determiner = words.term(at) == Meaning::The
        || ["its", "their", "his", "her", "all"].iter().any(|word| words.is(at, word));
    if is_determiner {
        at += 1;
    }
    // The bound of the base is before it: "of about 9,600 channels".
    let at = (at..at + 4).find(|&at| begins_number(words, at))?;
    let base = plain(words, at, dated).filter(|base| base.unit.is_some() && base.start <= at)?;
    let is_adjacent = base.start <= draft.end + 1 + usize::from(is_determiner);
    let is_whole = match base.kind() {
        FigureKind::Count => base.form != NumberForm::Share,
        FigureKind::Currency => draft.kind() != FigureKind::Number,
        _ => false,
    };
    // "five judges of the eight judges": a count has a base of the same unit.
    let name = |draft: &FigureDraft| draft.unit.as_ref().map(|unit| unit.name.clone());
    let is_same = draft.kind() != FigureKind::Count || name(draft) == name(&base);
    (is_adjacent && is_whole && is_same).then(|| base.base().map(|whole| (whole, base.end)))?
}

fn begins_number(words: &CutText<'_>, at: usize) -> bool {
    match words.term(at) {
        Meaning::Digits | Meaning::Small(_) | Meaning::Tens(_) | Meaning::Hundred => true,
        Meaning::Sign(_) => money::before(words, at).is_some(),
        _ => false,
    }
}

/// A figure without its base and rate.
fn plain(words: &CutText<'_>, at: usize, dated: &[bool]) -> Option<FigureDraft> {
    if let Some(draft) = percent_of(words, at) {
        return Some(draft);
    }
    let money = money::before(words, at);
    let start = money.as_ref().map_or(at, |money| money.end);
    let letters = if money.is_some() { Letters::OfMoney } else { Letters::OfAnything };
    let first = number(words, start, letters)?;
    if dated.get(start).copied().unwrap_or(true) {
        return None;
    }
    let mut first = first;
    if let Some(money) = &money {
        first.value = first.value.raised(money.scale)?;
    }
    let name = money.map(|money| money.name);
    let mut draft = with_unit(words, at, start, first, name)?;
    ranged(words, &mut draft, &first, start, dated);
    let lead = bound::before(words, draft.start);
    let is_span = draft.kind() == FigureKind::Duration && words.end_with(draft.start, &["over"]);
    let lead_bound = if is_span && draft.form != NumberForm::Vague { None } else { lead.bound };
    // "about five hundred or more" is a lower bound.
    let is_soft = matches!(lead_bound, Some(Bound::About | Bound::Nearly));
    draft.bound = if is_soft { draft.bound.or(lead_bound) } else { lead_bound.or(draft.bound) };
    or_equal(words, &mut draft);
    draft.estimated = lead.estimated;
    if !is_worth(words, &draft, &first, start) {
        return None;
    }
    if !is_span {
        draft.start = lead.start;
    }
    Some(draft)
}

/// Adds the "or equal" after a figure that has its bound before it.
fn or_equal(words: &CutText<'_>, draft: &mut FigureDraft) {
    let end = draft.end;
    let is_equal = words.term(end) == Meaning::Or && words.is(end + 1, "equal");
    let next = end + 2 + usize::from(words.term(end + 2) == Meaning::To);
    if is_equal && !begins_number(words, next) {
        draft.bound = match draft.bound {
            Some(Bound::MoreThan) => Some(Bound::AtLeast),
            Some(Bound::LessThan) => Some(Bound::AtMost),
            _ => return,
        };
        draft.end = next;
    }
}

/// "percent of twenty", an unusual way to write a percentage.
fn percent_of(words: &CutText<'_>, at: usize) -> Option<FigureDraft> {
    let end = match words.term(at) {
        Meaning::Percent if !words.is(at, "percentage") => at + 1,
        Meaning::Per if words.is(at + 1, "cent") => at + 2,
        _ => return None,
    };
    let begins = at == 0 && words.term(end) == Meaning::Of;
    let found = begins.then(|| number(words, end + 1, Letters::OfAnything)).flatten()?;
    let name = "percent".to_owned();
    let unit = NamedUnit { kind: FigureKind::Percent, name, end: found.end, is_sure: true };
    Some(FigureDraft::of(at, found.end, &found, Some(unit)))
}

impl FigureDraft {
    fn of(start: usize, end: usize, number: &Number, unit: Option<NamedUnit>) -> Self {
        Self {
            start,
            end,
            value: number.value,
            to: None,
            unit,
            form: number.form,
            bound: None,
            estimated: false,
            of: None,
            per: None,
        }
    }
}

/// The number with the unit and bound directly after it.
fn with_unit(
    words: &CutText<'_>,
    at: usize,
    start: usize,
    number: Number,
    money: Option<String>,
) -> Option<FigureDraft> {
    let mut end = number.end;
    let mut bound = None;
    if let Some((after, next)) = bound::after(words, end) {
        (bound, end) = (Some(after), next);
    }
    let mut draft = FigureDraft::of(at, end, &number, None);
    draft.bound = bound;
    if let Some(name) = money {
        // "$10 dollars" names the unit twice.
        let end = if words.term(end) == Meaning::Currency { end + 1 } else { end };
        draft.unit = Some(NamedUnit { kind: FigureKind::Currency, name, end, is_sure: true });
    } else if number.form == NumberForm::Share || is_part(words, &number) {
        draft.form = NumberForm::Share;
        draft.unit = shared(words, end);
    } else if let Some(money) = money::after(words, end, number.bare.1 >= 5) {
        draft.value = draft.value.raised(money.scale)?;
        let (name, end) = (money.name, money.end);
        draft.unit = Some(NamedUnit { kind: FigureKind::Currency, name, end, is_sure: true });
    } else {
        draft.unit = aged(words, start, &number).or_else(|| named(words, end, &number));
    }
    if let Some(unit) = &draft.unit {
        draft.end = unit.end.max(draft.end);
    }
    if draft.kind() == FigureKind::Currency {
        with_hundredths(words, &mut draft);
    }
    with_lesser(words, &mut draft);
    if draft.bound.is_none()
        && let Some((bound, end)) = bound::after(words, draft.end)
    {
        (draft.bound, draft.end) = (Some(bound), end);
    }
    Some(draft)
}

/// Whether a decimal is a part of a whole: "0.5 of the voters".
fn is_part(words: &CutText<'_>, number: &Number) -> bool {
    number.form == NumberForm::Digits
        && words.term(number.end) == Meaning::Of
        && number.value.as_whole().is_none()
        && number.value.is_below(0)
}

/// The whole that a share is a part of, named after it or left out.
fn shared(words: &CutText<'_>, end: usize) -> Option<NamedUnit> {
    let (name, end, kind) = match unit::whole(words, end) {
        Some((name, end)) => (name, end, FigureKind::Share),
        None => match unit::after(words, end, CountedFigure { is_one: false, is_digits: false }) {
            Some(named) if named.kind != FigureKind::Count => return Some(named),
            Some(named) if named.is_sure => {
                (format!("of {}", named.name), named.end, FigureKind::Share)
            }
            _ => (UNNAMED.to_owned(), end, FigureKind::Share),
        },
    };
    Some(NamedUnit { kind, name, end, is_sure: true })
}

fn named(words: &CutText<'_>, end: usize, number: &Number) -> Option<NamedUnit> {
    if number.form == NumberForm::Fold {
        let name = "times".to_owned();
        return Some(NamedUnit { kind: FigureKind::Multiple, name, end, is_sure: true });
    }
    if words.begin_with(end, &["in", "number"]) {
        let name = UNNAMED.to_owned();
        return Some(NamedUnit { kind: FigureKind::Number, name, end: end + 2, is_sure: true });
    }
    let counted = CountedFigure {
        is_one: number.value == Value::whole(1),
        is_digits: number.form == NumberForm::Digits,
    };
    // "thousands of people", "three of its members".
    let is_of = words.term(end) == Meaning::Of;
    let counted = CountedFigure { is_digits: counted.is_digits && !is_of, ..counted };
    if is_of && (number.form == NumberForm::Vague || number.bare.1 > 0) {
        return unit::after(words, end + 1, counted);
    }
    if is_of {
        let (name, end) = unit::whole(words, end)?;
        let is_part = name.split(' ').nth(1).is_some_and(|word| {
            ["the", "its", "their", "his", "her", "our", "those"].contains(&word)
        });
        let name = name.splitn(3, ' ').nth(2)?.to_owned();
        let is_plural = words.is_plural(end - 1);
        let kind = FigureKind::Count;
        return (is_part && is_plural).then_some(NamedUnit { kind, name, end, is_sure: true });
    }
    unit::after(words, end, counted)
}

/// An age without its unit: "aged 54", "Ochoa, 54,".
fn aged(words: &CutText<'_>, start: usize, number: &Number) -> Option<NamedUnit> {
    let years = number.value.as_whole().filter(|years| (1..=115).contains(years))?;
    let end = number.end;
    let is_led = ["aged", "age", "ages"].iter().any(|word| words.end_with(start, &[word]))
        || words.end_with(start, &["age", "of"])
        || words.end_with(start, &["now"]);
    let is_closed = matches!(words.term(end), Meaning::Sign(',' | '.' | ')' | ';'));
    let is_apposed = number.form == NumberForm::Digits
        && start >= 2
        && words.is_sign(start - 1, ',')
        && words.is_capital(start - 2)
        && words.term(start - 2) == Meaning::Plain
        && matches!(words.term(end), Meaning::Sign(',' | ')' | '–' | '—' | '―'))
        && !words.is_glued(start)
        && !(words.is_glued(end + 1) && words.term(end + 1) == Meaning::Digits)
        && years > 1;
    let is_age = is_led && (is_closed || !words.is_letters(end) || words.term(end).ends_phrase())
        || is_apposed;
    let name = "years old".to_owned();
    is_age.then_some(NamedUnit { kind: FigureKind::Age, name, end, is_sure: true })
}

/// "3 dollars 50 cents", "15 dollars 50".
fn with_hundredths(words: &CutText<'_>, draft: &mut FigureDraft) {
    let is_named = draft.end > 0
        && matches!(words.before(draft.end, 1), Meaning::Currency | Meaning::Code)
        || words.before(draft.end, 1) == Meaning::Sign('$');
    if !is_named || money::is_hundredth(words, draft.end - 1) {
        return;
    }
    let is_and = words.term(draft.end) == Meaning::And;
    let start = draft.end + usize::from(is_and);
    let Some(part) = number(words, start, Letters::OfAnything) else { return };
    let Some(hundredths) = part.value.as_whole().filter(|part| (1..100).contains(part)) else {
        return;
    };
    let is_said = money::is_hundredth(words, part.end);
    let is_two = hundredths >= 10 && part.end == start + 1 || part.form == NumberForm::Words;
    let ends = !words.is_letters(part.end) || words.term(part.end) == Meaning::Stop;
    let is_free =
        matches!(words.term(part.end), Meaning::End | Meaning::Sign('.' | ',' | '!' | '?'));
    let is_money = money::before(words, start).is_some()
        || money::after(words, part.end, false).is_some() && !is_said;
    let is_part = is_said || is_two && (is_free || ends && !is_and) && !is_money;
    if is_part
        && let Some(value) =
            Value::whole(hundredths).lowered(2).and_then(|part| draft.value.plus(part))
    {
        draft.value = value;
        draft.end = part.end + usize::from(is_said);
    }
}

/// "12 ft 2 in": feet with inches.
fn with_lesser(words: &CutText<'_>, draft: &mut FigureDraft) {
    let is_foot = |word: &str| ["ft", "feet", "foot"].contains(&word);
    let is_feet = draft.unit.as_ref().is_some_and(|unit| is_foot(&unit.name));
    if !is_feet {
        return;
    }
    let start = draft.end + usize::from(words.term(draft.end) == Meaning::And);
    let Some(inches) = words.digits(start).filter(|inches| (1..12).contains(inches)) else {
        return;
    };
    let is_inch = ["in", "inch", "inches"].iter().any(|word| words.is(start + 1, word));
    if is_inch && let Some(value) = draft.value.plus(Value::fraction(inches, 12)) {
        draft.value = value;
        draft.end = start + 2;
    }
}

/// Adds the upper end of a range: "10 to 15 percent", "between 5 and 10 million", "$5-$10m".
fn ranged(
    words: &CutText<'_>,
    draft: &mut FigureDraft,
    first: &Number,
    start: usize,
    dated: &[bool],
) {
    let Some(after) = connector(words, draft, start) else { return };
    let is_dated = dated.get(after).copied().unwrap_or(true);
    let money = money::before(words, after);
    let begin = money.as_ref().map_or(after, |money| money.end);
    let letters = if money.is_some() { Letters::OfMoney } else { Letters::OfAnything };
    if is_dated
        || matches!(first.form, NumberForm::Share | NumberForm::Fold | NumberForm::Vague)
            && money.is_some()
    {
        return;
    }
    let Some(last) = number(words, begin, letters) else { return };
    if matches!(last.form, NumberForm::One | NumberForm::Fold)
        || context::is_time(words, begin, last.end)
    {
        return;
    }
    let name = money.map(|money| money.name);
    let Some(upper) = with_unit(words, after, begin, last, name) else { return };
    let is_named = draft.unit.is_some() && draft.kind() != FigureKind::Number;
    if is_named && upper.unit.is_some() && draft.kind() != upper.kind() {
        return;
    }
    let is_counted = draft.kind() == FigureKind::Count;
    if is_named
        && is_counted
        && draft.unit.as_ref().map(|unit| &unit.name) != upper.unit.as_ref().map(|unit| &unit.name)
    {
        return;
    }
    let mut low = draft.value;
    let scale = last.bare.1;
    let is_short = first.bare.1 == 0 && scale >= 2 && rises(&low, &last.bare.0);
    if is_short && let Some(raised) = low.raised(scale) {
        low = raised;
    }
    if !rises(&low, &upper.value) || is_score(words, first, draft.end, &upper) {
        return;
    }
    draft.value = low;
    draft.to = Some(upper.value);
    draft.end = upper.end;
    draft.bound = upper.bound.or(draft.bound);
    if upper.unit.is_some() && !is_named {
        draft.unit = upper.unit;
    }
    if matches!(words.before(draft.start, 1), Meaning::Between | Meaning::From) {
        draft.start -= 1;
    }
}

/// The word after a "to", dash or "and" that forms a range.
fn connector(words: &CutText<'_>, draft: &FigureDraft, start: usize) -> Option<usize> {
    let end = draft.end;
    let next = end + 1;
    let is_measured = draft.unit.as_ref().is_some_and(|unit| unit.kind != FigureKind::Count);
    match words.term(end) {
        Meaning::Until if words.is(end, "through") => Some(next),
        Meaning::To => {
            let lead = bound::before(words, draft.start).start;
            (!context::changes(words, lead) && !context::changes(words, draft.start))
                .then_some(next)
        }
        Meaning::And => {
            let lead = bound::before(words, draft.start).start;
            let is_between = words.before(lead, 1) == Meaning::Between
                || words.end_with(lead, &["between", "the", "ages", "of"]);
            is_between.then_some(next)
        }
        Meaning::Or if !is_measured => {
            let is_small = draft.value.as_whole().is_some_and(|value| value < 100);
            let follows = words.digits(next).or(match words.term(next) {
                Meaning::Small(number) => Some(number),
                _ => None,
            });
            let is_close = draft.value.as_whole().zip(follows).is_some_and(|(a, b)| a + 1 == b);
            (is_small && is_close).then_some(next)
        }
        Meaning::Sign('~') => Some(next),
        // "18- to 24-year-olds"
        Meaning::Sign('-') if words.is_glued(end) && words.term(next) == Meaning::To => {
            Some(next + 1)
        }
        Meaning::Sign('-' | '–' | '—' | '‑' | '−') => {
            let is_spaced = !words.is_glued(end) && !words.is_glued(next);
            let is_glued = words.is_glued(end) && words.is_glued(next);
            let is_number = words.term(next) == Meaning::Digits
                || matches!(words.term(next), Meaning::Sign('$' | '€' | '£'))
                || is_glued && matches!(words.term(next), Meaning::Small(_) | Meaning::Tens(_));
            let is_digits = words.before(end, 1) == Meaning::Digits && start + 1 == end;
            (is_number && (is_glued || is_spaced && is_digits)).then_some(next)
        }
        _ => None,
    }
}

/// Whether "2-3" is the result of a game: small numbers with a dash, and no unit.
fn is_score(words: &CutText<'_>, first: &Number, dash: usize, upper: &FigureDraft) -> bool {
    let is_small = |value: &Value| value.as_whole().is_some_and(|value| value < 20);
    let is_counted = upper.unit.as_ref().is_some_and(|unit| unit.is_sure);
    words.is_dash(dash)
        && words.is_glued(dash)
        && is_small(&first.value)
        && is_small(&upper.value)
        && !is_counted
}

/// Whether a number counts as a figure.
fn is_worth(words: &CutText<'_>, draft: &FigureDraft, number: &Number, start: usize) -> bool {
    let is_sure = draft.unit.as_ref().is_some_and(|unit| unit.is_sure);
    let is_money = draft.kind() == FigureKind::Currency;
    if number.form == NumberForm::One && draft.to.is_none() {
        let is_bounded = draft.bound.is_some() || draft.estimated;
        return context::one_counts(words, start, is_bounded);
    }
    let is_led = start > draft.start;
    let is_bare = draft.unit.is_none() && draft.to.is_none() && draft.bound.is_none();
    if is_bare && number.bare.1 == 0 && context::points_back(words, start) {
        return false;
    }
    if context::is_time(words, start, number.end) {
        return false;
    }
    if !is_led && draft.to.is_none() && is_half_of_score(words, start, number.end, is_sure) {
        return false;
    }
    if number.form == NumberForm::Digits && !is_led {
        let is_glued = words.is_glued(number.end) && words.is_letters(number.end);
        let is_read = is_sure && draft.end > number.end || draft.to.is_some() || is_money;
        if is_glued && !is_read {
            return false;
        }
        let is_bounded = draft.bound.is_some() || draft.estimated || draft.to.is_some();
        return !context::is_name(words, start, number.end, is_sure || is_bounded);
    }
    // "the third" and "ninth" are not figures; ordinals of a hundred end in a number word.
    !matches!(words.term(number.end), Meaning::Ordinal(_) if words.is_dash(number.end - 1))
}

/// Whether the number is one side of a score: "3-2", "21-17".
fn is_half_of_score(words: &CutText<'_>, at: usize, end: usize, is_sure: bool) -> bool {
    let joins = |dash: usize, other: usize| {
        words.is_dash(dash)
            && words.is_glued(dash)
            && words.is_glued(dash + 1)
            && words.term(other) == Meaning::Digits
    };
    // "a 2-to-1 vote"
    let is_rated =
        words.is_dash(end) && words.term(end + 1) == Meaning::To && words.is_dash(end + 2)
            || words.is_dash(at.wrapping_sub(1))
                && words.before(at, 2) == Meaning::To
                && words.is_dash(at.wrapping_sub(3));
    let is_first = words.term(at) == Meaning::Digits && joins(end, end + 1) || is_rated;
    let is_second = at >= 2 && joins(at - 1, at - 2);
    is_second && !is_sure || is_first
}
