//! Represents figures as a claim gives them: an exact number, its unit, what it measures, and how
//! it bounds it.
//!
//! Knows decimal digits and fractions. Must not know how figures are read from prose, or what they
//! measure. No figure ever passes through a floating-point number.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;

use crate::domain::spelling::{closed_list, is_line, spelt};

/// Why something is not a quantity.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QuantityError {
    /// Neither a decimal nor a fraction.
    #[error(
        "`{0}` is not a number: write digits and at most one point, as in 11800000 or 79.8, or a \
         fraction, as in 1/3"
    )]
    NotAmount(String),
    /// The upper end of a range is not above its lower end.
    #[error("the range from {from} to {to} does not rise: give the lower end as `amount`")]
    NotRange {
        /// The lower end, as given.
        from: Amount,
        /// The upper end, as given.
        to: Amount,
    },
    /// Not usable as the name of what is counted.
    #[error(
        "`{0}` is not a unit: give 1 to 120 characters, without control characters or spaces at \
         either end"
    )]
    NotUnit(String),
    /// A base with neither figure nor unit.
    #[error("`of` is empty: give an `amount`, a `unit` or both")]
    EmptyBase,
    /// A base without a figure that says how exact the figure is.
    #[error("`of` has no `amount`, so it cannot have `to`, `bound` or `estimated`: leave them out")]
    BareBase,
}

/// An exact number, as precise as it was written: a decimal (`70` and `70.0` are two spellings of
/// one value), or a fraction with no exact decimal (`1/3`). At most 64 characters; no exponent, no
/// leading zeros, no `-0`; the denominator of a fraction is at least 2.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Amount(Box<str>);

impl Amount {
    /// The longest amount, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// The amount as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is negative.
    pub fn is_negative(&self) -> bool {
        self.0.starts_with('-')
    }

    /// The sign, the whole digits and the fractional digits without trailing zeros, if it is a
    /// decimal.
    fn parts(&self) -> Option<(bool, &str, &str)> {
        let digits = self.0.trim_start_matches('-');
        if digits.contains('/') {
            return None;
        }
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        Some((self.is_negative(), whole, fraction.trim_end_matches('0')))
    }

    /// The sign, and the two whole numbers whose ratio it is.
    fn ratio(&self) -> (bool, Digits, Digits) {
        let digits = self.0.trim_start_matches('-');
        let (over, under) = match digits.split_once('/') {
            Some((over, under)) => (Digits::of(over), Digits::of(under)),
            None => {
                let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
                let over = [whole, fraction].concat();
                (Digits::of(&over), Digits::power_of_ten(fraction.len()))
            }
        };
        (self.is_negative(), over, under)
    }

    /// Compares by value, ignoring precision.
    pub fn compare(&self, other: &Self) -> Ordering {
        if let (Some(left), Some(right)) = (self.parts(), other.parts()) {
            return compare_decimals(left, right);
        }
        let (negative, over, under) = self.ratio();
        let (other_negative, other_over, other_under) = other.ratio();
        let magnitude = over.times(&other_under).cmp(&other_over.times(&under));
        signed(magnitude, negative, other_negative)
    }
}

/// The order of two numbers, from the order of their magnitudes; neither is a negative zero.
const fn signed(magnitude: Ordering, negative: bool, other_negative: bool) -> Ordering {
    match (negative, other_negative) {
        (false, false) => magnitude,
        (true, true) => magnitude.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

fn compare_decimals(left: (bool, &str, &str), right: (bool, &str, &str)) -> Ordering {
    let (negative, whole, fraction) = left;
    let (other_negative, other_whole, other_fraction) = right;
    let magnitude = whole
        .len()
        .cmp(&other_whole.len())
        .then_with(|| whole.cmp(other_whole))
        .then_with(|| fraction.cmp(other_fraction));
    signed(magnitude, negative, other_negative)
}

/// A whole number of any length: its decimal digits, lowest first, without leading zeros.
#[derive(PartialEq, Eq)]
struct Digits(Vec<u8>);

impl Digits {
    fn of(text: &str) -> Self {
        Self(text.bytes().rev().map(|byte| byte - b'0').collect()).trimmed()
    }

    fn power_of_ten(exponent: usize) -> Self {
        let mut digits = vec![0; exponent];
        digits.push(1);
        Self(digits)
    }

    fn times(&self, other: &Self) -> Self {
        let mut product = vec![0; self.0.len() + other.0.len() + 1];
        for (place, digit) in self.0.iter().enumerate() {
            let mut carry = 0;
            for (over, other) in other.0.iter().enumerate() {
                let sum = product[place + over] + digit * other + carry;
                (product[place + over], carry) = (sum % 10, sum / 10);
            }
            product[place + other.0.len()] += carry;
        }
        Self(product).trimmed()
    }

    fn trimmed(mut self) -> Self {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let highest_first = || self.0.iter().rev().cmp(other.0.iter().rev());
        self.0.len().cmp(&other.0.len()).then_with(highest_first)
    }
}

/// Whether the digits are a whole number without leading zeros.
fn is_whole(digits: &str) -> bool {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain && (digits.len() == 1 || !digits.starts_with('0'))
}

/// Whether unsigned digits are a decimal.
fn is_decimal(digits: &str) -> bool {
    let places = |places: &str| !places.is_empty() && places.bytes().all(|b| b.is_ascii_digit());
    match digits.split_once('.') {
        Some((whole, fraction)) => is_whole(whole) && places(fraction),
        None => is_whole(digits),
    }
}

impl FromStr for Amount {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let spelt = match digits.split_once('/') {
            Some((over, under)) => is_whole(over) && is_whole(under) && !matches!(under, "0" | "1"),
            None => is_decimal(digits),
        };
        let over = digits.split('/').next().unwrap_or_default();
        let is_zero = !over.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        if spelt && text.len() <= Self::MAX_LENGTH && !(text.starts_with('-') && is_zero) {
            Ok(Self(text.into()))
        } else {
            Err(QuantityError::NotAmount(text.chars().take(40).collect()))
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is counted or measured, in the text's own words: 1 to 120 characters, no control
/// characters, no leading or trailing spaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unit(Box<str>);

impl Unit {
    /// The unit as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Unit {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        if is_line(text, 120) {
            Ok(Self(text.into()))
        } else {
            Err(QuantityError::NotUnit(text.escape_debug().take(40).collect()))
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

closed_list! {
    /// How a figure bounds what it measures.
    pub enum Bound = "bound", default Stated {
        /// Exactly the figure given.
        Stated = "stated",
        /// "around", "some".
        About = "about",
        /// "almost", "close to".
        Nearly = "nearly",
        /// "at least", "tens of".
        AtLeast = "at_least",
        /// "more than", "over".
        MoreThan = "more_than",
        /// "at most", "as many as".
        AtMost = "at_most",
        /// "less than", "under".
        LessThan = "less_than",
    }
}

closed_list! {
    /// The direction in which something changed by the amount. Otherwise a figure gives a level,
    /// which has no change: "fell from 10 to 5" is the level 5, with 10 before it.
    pub enum Change = "change" {
        /// It rose by this much.
        Rose = "rose",
        /// It fell by this much.
        Fell = "fell",
        /// It changed by this much, in an unstated direction.
        Changed = "changed",
    }
}

impl Change {
    /// The words shown before the figure.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Rose => "rose by ",
            Self::Fell => "fell by ",
            Self::Changed => "changed by ",
        }
    }
}

impl Bound {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The words shown before the figure.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Stated => "",
            Self::About => "about ",
            Self::Nearly => "nearly ",
            Self::AtLeast => "at least ",
            Self::MoreThan => "more than ",
            Self::AtMost => "at most ",
            Self::LessThan => "less than ",
        }
    }
}

/// One figure of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "QuantityFields")]
pub struct Quantity(Box<QuantityFields>);

// Written by hand, like that of a base, because serializing through the fields would copy them.
impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// The fields of a quantity, before they are checked for consistency.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantityFields {
    /// The figure, or the lower end of a range; with a `change`, the size of the change.
    pub amount: Amount,
    /// The upper end of a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Amount>,
    /// What is counted or measured, in the text's words: `percent`, `monthly users`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// What the figure measures, in the text's words, if the unit does not say it: `turnout`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Unit>,
    /// The direction of the change; `None` if the amount is a level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// The earlier level, in the same unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Amount>,
    /// How the figure bounds the true value.
    #[serde(default, skip_serializing_if = "Bound::is_default")]
    pub bound: Bound,
    /// Whether the text calls it an estimate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
    /// What a share is a share of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Base>,
    /// The unit of a rate: `day`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Unit>,
}

impl QuantityFields {
    /// A simple figure: a level, stated exactly, with a unit.
    pub fn of(amount: Amount, unit: Unit) -> Self {
        Self { unit: Some(unit), ..Self::bare(amount) }
    }

    /// The figure alone.
    pub const fn bare(amount: Amount) -> Self {
        Self {
            amount,
            to: None,
            unit: None,
            measure: None,
            change: None,
            from: None,
            bound: Bound::Stated,
            estimated: false,
            of: None,
            per: None,
        }
    }
}

impl Quantity {
    /// The figure, or the lower end of a range; with a change, the size of the change.
    pub const fn amount(&self) -> &Amount {
        &self.0.amount
    }

    /// The upper end of a range.
    pub const fn to(&self) -> Option<&Amount> {
        self.0.to.as_ref()
    }

    /// What is counted.
    pub const fn unit(&self) -> Option<&Unit> {
        self.0.unit.as_ref()
    }

    /// What the figure measures, if the unit does not say it.
    pub const fn measure(&self) -> Option<&Unit> {
        self.0.measure.as_ref()
    }

    /// The direction of the change; `None` if the amount is a level.
    pub const fn change(&self) -> Option<Change> {
        self.0.change
    }

    /// The earlier level.
    pub const fn from(&self) -> Option<&Amount> {
        self.0.from.as_ref()
    }

    /// How the figure bounds the true value.
    pub const fn bound(&self) -> Bound {
        self.0.bound
    }

    /// Whether the text calls it an estimate.
    pub const fn estimated(&self) -> bool {
        self.0.estimated
    }

    /// What a share is a share of.
    pub const fn of(&self) -> Option<&Base> {
        self.0.of.as_ref()
    }

    /// The unit of a rate.
    pub const fn per(&self) -> Option<&Unit> {
        self.0.per.as_ref()
    }
}

fn rising(from: &Amount, to: Option<&Amount>) -> Result<(), QuantityError> {
    match to {
        Some(to) if from.compare(to) != Ordering::Less => {
            Err(QuantityError::NotRange { from: from.clone(), to: to.clone() })
        }
        _ => Ok(()),
    }
}

impl TryFrom<QuantityFields> for Quantity {
    type Error = QuantityError;

    fn try_from(fields: QuantityFields) -> Result<Self, QuantityError> {
        rising(&fields.amount, fields.to.as_ref())?;
        Ok(Self(Box::new(fields)))
    }
}

impl From<Quantity> for QuantityFields {
    fn from(quantity: Quantity) -> Self {
        *quantity.0
    }
}

/// What a share is a share of: `9,600 channels`, or without a figure `registered voters`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "BaseFields")]
pub struct Base(BaseFields);

impl Serialize for Base {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// The fields of a base, before they are checked for consistency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseFields {
    /// The number of items, or the lower end of a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// The upper end of a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Amount>,
    /// What the items are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// How the figure bounds the true value.
    #[serde(default, skip_serializing_if = "Bound::is_default")]
    pub bound: Bound,
    /// Whether the text calls it an estimate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

impl Base {
    /// The number of items, or the lower end of a range.
    pub const fn amount(&self) -> Option<&Amount> {
        self.0.amount.as_ref()
    }

    /// The upper end of a range.
    pub const fn to(&self) -> Option<&Amount> {
        self.0.to.as_ref()
    }

    /// What the items are.
    pub const fn unit(&self) -> Option<&Unit> {
        self.0.unit.as_ref()
    }

    /// How the figure bounds the true value.
    pub const fn bound(&self) -> Bound {
        self.0.bound
    }

    /// Whether the text calls it an estimate.
    pub const fn estimated(&self) -> bool {
        self.0.estimated
    }
}

impl TryFrom<BaseFields> for Base {
    type Error = QuantityError;

    fn try_from(fields: BaseFields) -> Result<Self, QuantityError> {
        match &fields.amount {
            Some(amount) => rising(amount, fields.to.as_ref())?,
            None if fields.unit.is_none() => return Err(QuantityError::EmptyBase),
            None if fields.to.is_some() || !fields.bound.is_default() || fields.estimated => {
                return Err(QuantityError::BareBase);
            }
            None => {}
        }
        Ok(Self(fields))
    }
}

impl From<Base> for BaseFields {
    fn from(base: Base) -> Self {
        base.0
    }
}

spelt!(Amount, Unit);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn an_amount_is_a_decimal_or_a_fraction() {
        for text in ["0", "70", "70.0", "79.8", "-0.5", "11800000", "1/3", "-2/6", "0/2", "7/1000"]
        {
            assert_eq!(amount(text).to_string(), text);
        }
        for text in [
            "", ".5", "5.", "1e9", "+1", "01", "1,000", "-0", "-0.0", "½", "NaN", "1/0", "1/1",
            "1/", "/3", "1/03", "1.5/2", "1/2/3", "-0/2", "1/-2",
        ] {
            assert!(matches!(text.parse::<Amount>(), Err(QuantityError::NotAmount(_))), "{text}");
        }
    }

    #[test]
    fn a_unit_is_shown_as_it_is() {
        for wrong in ["", " x", "a\u{7}", &"é".repeat(121)] {
            assert!(matches!(wrong.parse::<Unit>(), Err(QuantityError::NotUnit(_))), "{wrong:?}");
        }
    }

    #[test]
    fn decimals_compare_by_value() {
        assert_eq!(amount("70").compare(&amount("70.0")), Ordering::Equal);
        assert_eq!(amount("9.5").compare(&amount("10")), Ordering::Less);
        assert_eq!(amount("-3").compare(&amount("-2")), Ordering::Less);
        assert_eq!(amount("1.05").compare(&amount("1.5")), Ordering::Less);
        assert_eq!(amount("1/3").compare(&amount("2/6")), Ordering::Equal);
        assert_eq!(amount("1/3").compare(&amount("0.333333333333333")), Ordering::Greater);
        assert_eq!(amount("-1/4").compare(&amount("-0.25")), Ordering::Equal);
        assert_eq!(amount("0/7").compare(&amount("0.00")), Ordering::Equal);
    }

    #[test]
    fn a_quantity_reads_as_it_would_be_said() {
        let json = r#"{"amount":"70","unit":"percent","bound":"nearly","of":{"amount":"9600","unit":"channels"}}"#;
        let quantity: Quantity = serde_json::from_str(json).unwrap();
        assert_eq!(quantity.to_string(), "nearly 70 percent of 9600 channels");
        assert_eq!(serde_json::to_string(&quantity).unwrap(), json);
    }

    #[test]
    fn a_change_is_not_a_level_and_a_base_may_have_no_figure() {
        let said = |json: &str| serde_json::from_str::<Quantity>(json).map(|q| q.to_string());
        for (json, words) in [
            (r#"{"amount":"3","unit":"percent","change":"fell"}"#, "fell by 3 percent"),
            (r#"{"amount":"5","measure":"turnout","from":"10"}"#, "turnout: 5 (from 10)"),
            (
                r#"{"amount":"62","unit":"percent","of":{"unit":"registered voters"}}"#,
                "62 percent of registered voters",
            ),
            (r#"{"amount":"1/3"}"#, "1/3"),
        ] {
            assert_eq!(said(json).unwrap(), words);
        }
    }

    #[test]
    fn ranges_rise_and_bases_are_of_something() {
        let refused = |json: &str| serde_json::from_str::<Quantity>(json).unwrap_err().to_string();
        for (json, why) in [
            (r#"{"amount":"5","to":"5.0"}"#, "does not rise"),
            (r#"{"amount":"1/2","to":"1/3"}"#, "does not rise"),
            (r#"{"amount":"5","of":{}}"#, "`of` is empty"),
            (r#"{"amount":"5","of":{"unit":"x","bound":"about"}}"#, "has no `amount`"),
            (r#"{"amount":"5","of":{"unit":"x","of":{"unit":"y"}}}"#, "unknown field"),
        ] {
            assert!(refused(json).contains(why), "{json}: {}", refused(json));
        }
    }

    proptest! {
        #[test]
        fn comparison_agrees_with_integers(left in -10_000_000i64..10_000_000, right in -10_000_000i64..10_000_000) {
            let compared = amount(&left.to_string()).compare(&amount(&right.to_string()));
            prop_assert_eq!(compared, left.cmp(&right));
        }
    }
}
