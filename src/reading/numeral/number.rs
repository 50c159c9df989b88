//! Reads a single number: digits or words, fractions, scales, "a dozen", "tens of thousands".
//!
//! Knows how numbers are spelt. Must not know what they count, nor whether they count as figures.
//!
//! Every step looks a limited distance ahead, so that any text is read in linear time.

mod literal;

use super::value::Value;
use super::word::{CutText, Meaning};

pub(super) use literal::Letters;

/// The form of a number, as far as it affects what the number can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberForm {
    /// Digits alone.
    Digits,
    /// Words, or digits combined with words.
    Words,
    /// "one", which is just as often a pronoun.
    One,
    /// A part of a whole: "two-thirds", "half", "1 in 5".
    Share,
    /// A multiple: "twice".
    Fold,
    /// "thousands", which is a lower bound.
    Vague,
}

/// A number, and where it ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    pub(super) value: Value,
    /// The word after it.
    pub(super) end: usize,
    pub(super) form: NumberForm,
    /// The number without its last scale, and that scale: 2 and 6 for "2 million".
    pub(super) bare: (Value, u8),
}

impl Number {
    fn of(value: Value, end: usize, form: NumberForm) -> Self {
        Self { value, end, form, bare: (value, 0) }
    }
}

/// The number that begins at `at`.
pub(super) fn number(words: &CutText<'_>, at: usize, letters: Letters) -> Option<Number> {
    let (start, is_negative) = sign(words, at);
    let found = vague(words, start)
        .or_else(|| folded(words, start))
        .or_else(|| half(words, start))
        .or_else(|| after_article(words, start))
        .or_else(|| counted(words, start, letters))?;
    let value = if is_negative { found.value.negated() } else { found.value };
    let form =
        if is_negative && found.form == NumberForm::One { NumberForm::Words } else { found.form };
    Some(Number { value, form, ..found })
}

/// Where the digits or words begin, and whether the number is negative.
fn sign(words: &CutText<'_>, at: usize) -> (usize, bool) {
    match words.term(at) {
        // "plus or minus 4 points"
        Meaning::Minus => (at + 1, words.before(at, 1) != Meaning::Or),
        Meaning::Sign('-' | '−') => {
            // A dash directly after a word joins or forms a range; a dash set apart is punctuation.
            let begins = !words.is_glued(at)
                || matches!(words.before(at, 1), Meaning::Sign('(' | '[' | '<' | '=' | '$'));
            let is_sign =
                begins && words.is_glued(at + 1) && words.term(at + 1) != Meaning::Sign('-');
            if is_sign { (at + 1, true) } else { (at, false) }
        }
        _ => (at, false),
    }
}

/// "dozens", "tens of thousands", "hundreds of millions".
fn vague(words: &CutText<'_>, at: usize) -> Option<Number> {
    let first = match words.term(at) {
        Meaning::Dozens => Value::whole(12),
        Meaning::TensOf if words.term(at + 1) == Meaning::Of => Value::whole(10),
        Meaning::Scales(exponent) => Value::whole(1).raised(exponent)?,
        _ => return None,
    };
    let more = match (words.term(at + 1), words.term(at + 2)) {
        (Meaning::Of, Meaning::Scales(exponent)) => Some(exponent),
        _ if words.term(at) == Meaning::TensOf => return None,
        _ => None,
    };
    let (value, end) = more.map_or(Some((first, at + 1)), |exponent| {
        first.raised(exponent).map(|value| (value, at + 3))
    })?;
    Some(Number::of(value, end, NumberForm::Vague))
}

fn folded(words: &CutText<'_>, at: usize) -> Option<Number> {
    let Meaning::Fold(factor) = words.term(at) else { return None };
    Some(Number::of(Value::whole(factor), at + 1, NumberForm::Fold))
}

/// "half", where it is a number and not part of a game or of a word.
fn half(words: &CutText<'_>, at: usize) -> Option<Number> {
    let (share, end) = match words.term(at) {
        Meaning::Half => (Value::fraction(1, 2), at + 1),
        Meaning::Quarter => (Value::fraction(1, 4), at + 1),
        _ => return None,
    };
    if matches!(
        words.before(at, 1),
        Meaning::Ordinal(_) | Meaning::The | Meaning::Next | Meaning::Last
    ) {
        return None;
    }
    if let Meaning::Scale(exponent) = words.term(end) {
        let value = share.raised(exponent)?;
        return Some(Number {
            bare: (share, exponent),
            ..Number::of(value, end + 1, NumberForm::Words)
        });
    }
    let after_article = if words.term(end) == Meaning::Article { end + 1 } else { end };
    match words.term(after_article) {
        Meaning::Dozen => {
            let value = share.times(12)?;
            return Some(Number::of(value, after_article + 1, NumberForm::Words));
        }
        Meaning::Scale(exponent) if after_article > end => {
            let value = share.raised(exponent)?;
            return Some(Number::of(value, after_article + 1, NumberForm::Words));
        }
        _ if words.term(at) == Meaning::Quarter => return None,
        Meaning::Stretch(_) | Meaning::Measure if after_article > end => {
            return Some(Number::of(share, after_article, NumberForm::Words));
        }
        _ => {}
    }
    let is_joined = words.is_dash(end) || words.is_dash(at.wrapping_sub(1)) && words.is_glued(at);
    let is_share = matches!(words.term(end), Meaning::Of | Meaning::The) || words.is_plural(end);
    (is_share && !is_joined).then(|| share_of(words, share, end)).flatten()
}

/// A share, and the million it may be a part of.
fn share_of(words: &CutText<'_>, share: Value, end: usize) -> Option<Number> {
    if let (Meaning::Of, Meaning::Article, Meaning::Scale(exponent)) =
        (words.term(end), words.term(end + 1), words.term(end + 2))
    {
        return Some(Number::of(share.raised(exponent)?, end + 3, NumberForm::Words));
    }
    Some(Number::of(share, end, NumberForm::Share))
}

/// "a dozen", "a million", "a half", "a third of".
fn after_article(words: &CutText<'_>, at: usize) -> Option<Number> {
    if words.term(at) != Meaning::Article {
        return None;
    }
    let share = |parts: u64, end: usize| {
        if let Meaning::Scale(exponent) = words.term(end) {
            let value = Value::fraction(1, parts).raised(exponent)?;
            return Some(Number::of(value, end + 1, NumberForm::Words));
        }
        stands_alone(words, at, end).then(|| share_of(words, Value::fraction(1, parts), end))?
    };
    match words.term(at + 1) {
        Meaning::Dozen => Some(Number::of(Value::whole(12), at + 2, NumberForm::Words)),
        Meaning::Half => share(2, at + 2),
        Meaning::Quarter => share(4, at + 2),
        Meaning::Ordinal(parts) if parts > 2 => share(parts, at + 2),
        Meaning::Tens(_) => {
            let (parts, end) = denominator(words, at + 1, true)?;
            share(parts, end)
        }
        Meaning::Hundred | Meaning::Scale(_) => {
            // "a hundred trillionths"
            let one = NumberPiece {
                value: Value::whole(1),
                end: at + 1,
                scale: 0,
                kind: PartKind::Words,
            };
            let piece = scaled(words, one, Letters::OfAnything)?;
            if let Some((parts, end)) = denominator(words, piece.end, false) {
                return Some(Number::of(piece.value.over(parts)?, end, NumberForm::Share));
            }
            let sum = summed(words, piece, Letters::OfAnything)?;
            completed(words, sum)
        }
        _ => None,
    }
}

/// Whether "a third" is a share: it is a part of something, or something changes by it.
fn stands_alone(words: &CutText<'_>, at: usize, end: usize) -> bool {
    if words.term(end) == Meaning::Of {
        return true;
    }
    let moves = [
        "by", "than", "about", "nearly", "almost", "over", "around", "roughly", "only", "a",
        "above", "below", "under",
    ];
    let before = at.checked_sub(1).map_or("", |before| words.word(before));
    let is_led = at == 0 || moves.iter().any(|word| before.eq_ignore_ascii_case(word));
    let ends = !words.is_letters(end) || words.term(end).ends_phrase();
    is_led && ends && !words.is_dash(end)
}

/// The form of one part of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartKind {
    Digits,
    Words,
}

/// A number below a thousand, or digits, with the scales after it.
#[derive(Debug, Clone, Copy)]
struct NumberPiece {
    value: Value,
    end: usize,
    /// The exponent of its last scale; the next part must be smaller.
    scale: u8,
    kind: PartKind,
}

/// A complete sum, and what is known of its last part.
#[derive(Debug, Clone, Copy)]
struct Sum {
    value: Value,
    last: NumberPiece,
    bare: (Value, u8),
    pieces: u8,
}

/// A number from zero to ninety-nine in words.
pub(super) fn below_hundred(words: &CutText<'_>, at: usize) -> Option<(u64, usize)> {
    match words.term(at) {
        Meaning::Small(number) => Some((number, at + 1)),
        Meaning::Tens(tens) => {
            let next = if words.is_dash(at + 1) { at + 2 } else { at + 1 };
            match words.term(next) {
                Meaning::Small(unit @ 1..=9) => Some((tens + unit, next + 1)),
                _ => Some((tens, at + 1)),
            }
        }
        _ => None,
    }
}

fn piece(words: &CutText<'_>, at: usize, letters: Letters) -> Option<NumberPiece> {
    let base = if let Some((number, end)) = below_hundred(words, at) {
        NumberPiece { value: Value::whole(number), end, scale: 0, kind: PartKind::Words }
    } else if let Some((value, end)) = literal::literal(words, at) {
        NumberPiece { value, end, scale: 0, kind: PartKind::Digits }
    } else if words.term(at) == Meaning::Hundred && matches!(words.term(at + 1), Meaning::Scale(_))
    {
        NumberPiece { value: Value::whole(1), end: at, scale: 0, kind: PartKind::Words }
    } else {
        return None;
    };
    scaled(words, base, letters)
}

/// The part with the hundreds and scales that follow it.
fn scaled(words: &CutText<'_>, base: NumberPiece, letters: Letters) -> Option<NumberPiece> {
    let mut piece = base;
    if let Meaning::Hundred | Meaning::Scales(2) = words.term(piece.end) {
        piece.value = piece.value.raised(2)?;
        piece.end += 1;
        piece.scale = 2;
        piece.kind = PartKind::Words;
        if let Some((tail, end)) = tail_of_hundred(words, piece.end) {
            piece.value = piece.value.plus(Value::whole(tail))?;
            piece.end = end;
            piece.scale = 0;
        }
    }
    for _ in 0..3 {
        let (exponent, end) = match words.term(piece.end) {
            Meaning::Scale(exponent) | Meaning::Scales(exponent) if exponent > 2 => {
                (exponent, piece.end + 1)
            }
            // "a 1.5-million": the dash belongs to the scale.
            Meaning::Sign('-')
                if words.is_glued(piece.end)
                    && words.is_glued(piece.end + 1)
                    && matches!(words.term(piece.end + 1), Meaning::Scale(3..)) =>
            {
                let Meaning::Scale(exponent) = words.term(piece.end + 1) else { break };
                (exponent, piece.end + 2)
            }
            _ => match literal::scale_letter(words, piece.end, letters) {
                Some(exponent) if piece.kind == PartKind::Digits && piece.scale == 0 => {
                    (exponent, piece.end + 1)
                }
                _ => break,
            },
        };
        piece.value = piece.value.raised(exponent)?;
        piece.end = end;
        piece.scale = exponent;
    }
    Some(piece)
}

/// The words after a hundred that belong to it: "and three" of "one hundred and three".
fn tail_of_hundred(words: &CutText<'_>, at: usize) -> Option<(u64, usize)> {
    let start = if words.term(at) == Meaning::And { at + 1 } else { at };
    let digits = || {
        let number =
            words.digits(start).filter(|number| (1..100).contains(number) && start > at)?;
        let is_whole = !words.is_glued(start + 1) || words.is_sign(start + 1, '.');
        (is_whole && words.digits(start + 2).is_none()).then_some((number, start + 1))
    };
    let (number, end) = below_hundred(words, start).or_else(digits)?;
    let goes_on = matches!(words.term(end), Meaning::Hundred)
        || number < 10 && start > at && denominator(words, end, number == 1).is_some();
    (number > 0 && !goes_on).then_some((number, end))
}

/// The sum of the part and the smaller parts after it: "two thousand and two hundred".
fn summed(words: &CutText<'_>, first: NumberPiece, letters: Letters) -> Option<Sum> {
    let bare = first.value.lowered(first.scale)?;
    let mut sum = Sum { value: first.value, last: first, bare: (bare, first.scale), pieces: 1 };
    while sum.last.scale >= 2 && sum.pieces < 6 {
        let is_joined = words.term(sum.last.end) == Meaning::And;
        let start = sum.last.end + usize::from(is_joined);
        let Some(next) = piece(words, start, letters) else { break };
        let is_spelt = next.kind == PartKind::Words || next.scale >= 2;
        let is_smaller = next.value.is_below(sum.last.scale) && next.scale < sum.last.scale;
        let is_part = next.value.is_zero()
            || is_joined && denominator(words, next.end, next.value == Value::whole(1)).is_some();
        if !is_spelt || !is_smaller || is_part {
            break;
        }
        let is_fraction = next.kind == PartKind::Digits && next.value.as_whole().is_none();
        if is_fraction {
            break;
        }
        sum.value = sum.value.plus(next.value)?;
        sum.last = next;
        sum.pieces += 1;
    }
    Some(sum)
}

/// A number that begins with digits or a number word.
fn counted(words: &CutText<'_>, at: usize, letters: Letters) -> Option<Number> {
    let first = piece(words, at, letters)?;
    let is_one =
        first.kind == PartKind::Words && first.end == at + 1 && first.value == Value::whole(1);
    let sum = summed(words, first, letters)?;
    let number = completed(words, sum)?;
    let is_bare_one = is_one && number.end == at + 1;
    Some(Number { form: if is_bare_one { NumberForm::One } else { number.form }, ..number })
}

/// The number with anything that may complete it: a denominator, a fraction, a decimal point, a
/// dozen, an "out of".
fn completed(words: &CutText<'_>, sum: Sum) -> Option<Number> {
    let Sum { value, last, .. } = sum;
    let end = last.end;
    let is_one = value == Value::whole(1);
    let is_digits = last.kind == PartKind::Digits && sum.pieces == 1;
    if last.kind == PartKind::Words
        && let Some((parts, end)) = denominator(words, end, is_one)
    {
        let share = value.over(parts)?;
        if let Meaning::Scale(exponent) = words.term(end) {
            return Some(Number::of(share.raised(exponent)?, end + 1, NumberForm::Words));
        }
        return share_of(words, share, end);
    }
    if words.term(end) == Meaning::Point
        && last.kind == PartKind::Words
        && let Some((value, end)) = after_point(words, value, end + 1)
    {
        return scaled_fraction(words, value, end, 0);
    }
    if words.term(end) == Meaning::And
        && let Some((fraction, after)) = fraction(words, end + 1)
    {
        return with_fraction(words, sum, fraction, after);
    }
    if words.begin_with(end, &["-", "and", "-", "a", "-", "half"]) {
        return scaled_fraction(words, value.plus(Value::fraction(1, 2))?, end + 6, 0);
    }
    if let Some(number) = ratio(words, value, end) {
        return Some(number);
    }
    if let Meaning::Dozen | Meaning::Dozens = words.term(end) {
        return Some(Number::of(value.times(12)?, end + 1, NumberForm::Words));
    }
    let is_plain = is_digits && last.scale == 0;
    let form = if is_plain { NumberForm::Digits } else { NumberForm::Words };
    let bare = if sum.pieces == 1 { sum.bare } else { (value, 0) };
    Some(Number { value, end, form, bare })
}

/// The denominator: "thirds", "-quarters", "twenty-firsts".
fn denominator(words: &CutText<'_>, at: usize, is_single: bool) -> Option<(u64, usize)> {
    let at = if words.is_dash(at) { at + 1 } else { at };
    let part = |at: usize, tens: u64| match words.term(at) {
        Meaning::Parts(parts) => Some((tens + parts, at + 1)),
        Meaning::Quarters if tens == 0 => Some((4, at + 1)),
        Meaning::Ordinal(parts) if is_single && (parts > 2 || tens > 0) => {
            Some((tens + parts, at + 1))
        }
        Meaning::Half if is_single && tens == 0 => Some((2, at + 1)),
        Meaning::Quarter if is_single && tens == 0 => Some((4, at + 1)),
        _ => None,
    };
    let Meaning::Tens(tens) = words.term(at) else { return part(at, 0) };
    let next = if words.is_dash(at + 1) { at + 2 } else { at + 1 };
    part(next, tens)
}

/// A fraction after "and": "a half", "two thirds", "3/4", "½".
fn fraction(words: &CutText<'_>, at: usize) -> Option<(Value, usize)> {
    if words.term(at) == Meaning::Article {
        let parts = match words.term(at + 1) {
            Meaning::Half => 2,
            Meaning::Quarter => 4,
            Meaning::Ordinal(parts) if parts > 2 => parts,
            _ => return None,
        };
        return Some((Value::fraction(1, parts), at + 2));
    }
    if let Some((over, end)) = below_hundred(words, at) {
        let (parts, end) = denominator(words, end, over == 1)?;
        return Some((Value::fraction(over, parts), end));
    }
    literal::fraction(words, at)
}

fn with_fraction(words: &CutText<'_>, sum: Sum, part: Value, end: usize) -> Option<Number> {
    let scale = sum.last.scale;
    if let Meaning::Scale(exponent) = words.term(end)
        && scale > exponent
    {
        let value = sum.value.plus(part.raised(exponent)?)?;
        return Some(Number::of(value, end + 1, NumberForm::Words));
    }
    // "one million and a half" adds half a million; "one hundred and a half" does not add fifty.
    let part = if scale > 2 { part.raised(scale)? } else { part };
    scaled_fraction(words, sum.value.plus(part)?, end, scale)
}

/// A number with a fraction, and the scale after it: "five and a half million".
fn scaled_fraction(words: &CutText<'_>, value: Value, end: usize, scale: u8) -> Option<Number> {
    match words.term(end) {
        Meaning::Scale(exponent) if scale == 0 => {
            let scaled = value.raised(exponent)?;
            Some(Number {
                bare: (value, exponent),
                ..Number::of(scaled, end + 1, NumberForm::Words)
            })
        }
        _ => Some(Number::of(value, end, NumberForm::Words)),
    }
}

/// The decimal places after a spoken point: "zero three", "seventy-one".
fn after_point(words: &CutText<'_>, whole: Value, at: usize) -> Option<(Value, usize)> {
    let mut digits = String::new();
    let mut end = at;
    while digits.len() < 12 {
        let Some((number, next)) = below_hundred(words, end) else { break };
        digits.push_str(&number.to_string());
        end = next;
    }
    let places = digits.len();
    let fraction = Value::written(&digits, places).filter(|_| places > 0)?;
    Some((whole.plus(fraction)?, end))
}

/// "1 in 5", "one out of three", "one over twenty".
fn ratio(words: &CutText<'_>, over: Value, end: usize) -> Option<Number> {
    let plain = |at: usize| {
        let piece = piece(words, at, Letters::OfAnything)?;
        Some((piece.value.as_whole()?, summed(words, piece, Letters::OfAnything)?))
    };
    let number = over.as_whole()?;
    let is_out_of = words.begin_with(end, &["out", "of"]);
    let is_over = words.is(end, "over");
    let start = match words.term(end) {
        _ if is_out_of => end + 2,
        _ if is_over => end + 1,
        Meaning::In | Meaning::Of if words.term(end + 1) == Meaning::Every => end + 2,
        Meaning::In => end + 1,
        _ => return None,
    };
    let (_, sum) = plain(start)?;
    let (under, after) = (sum.value.as_whole()?, sum.last.end);
    let is_counted = matches!(
        words.term(after),
        Meaning::Stretch(_) | Meaning::Month(_) | Meaning::Currency | Meaning::Measure
    );
    let is_round = number == 1 || number < 10 && matches!(under, 5 | 10 | 20 | 100);
    let is_ratio = if is_out_of {
        number < under
    } else if is_over {
        // "1 over 20" is a ratio; "$2,000 over 3 years" is not.
        !words.is_letters(after) && words.term(start + 1) != Meaning::Sign(',')
    } else {
        is_round && number < under && under <= 1000
    };
    let is_long = number >= 1000 && !is_over;
    if under == 0 || is_counted || !is_ratio || is_long {
        return None;
    }
    Some(Number::of(over.over(under)?, after, NumberForm::Share))
}
