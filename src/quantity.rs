//! Figures as a claim gives them: an exact decimal, its unit and its bound.
//!
//! Knows decimal digits. Must not know how figures are read from prose, nor what they measure.
//! No figure ever passes through a float.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::spelling::spelt;

/// Why something is not a quantity.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QuantityError {
    /// Not an optional minus, digits, and an optional point with digits.
    #[error("`{0}` is no decimal: write digits and at most one point, as in 11800000 or 79.8")]
    NotDecimal(String),
    /// The end of a range is not above its beginning.
    #[error("the range from {from} to {to} does not rise: give the smaller figure as `amount`")]
    NotRange {
        /// The lower end as given.
        from: Decimal,
        /// The upper end as given.
        to: Decimal,
    },
    /// Not fit to name what is counted.
    #[error("`{0}` is no unit: give 1 to 120 bytes without control characters or outer spaces")]
    NotUnit(String),
    /// `of` within `of` within `of`.
    #[error("a quantity has an `of` within an `of`: give one base only")]
    NestedBase,
}

/// An exact decimal, with the precision it was written in: `70` and `70.0` are two spellings of
/// one value. At most 64 characters, no exponent, no leading zeros, no `-0`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal(Box<str>);

impl Decimal {
    /// The longest decimal, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// The decimal as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Sign, whole digits and fraction without trailing zeros.
    fn parts(&self) -> (bool, &str, &str) {
        let negative = self.0.starts_with('-');
        let digits = self.0.trim_start_matches('-');
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        (negative, whole, fraction.trim_end_matches('0'))
    }

    /// Compares by value, whatever the precision.
    pub fn compare(&self, other: &Self) -> Ordering {
        let (negative, whole, fraction) = self.parts();
        let (other_negative, other_whole, other_fraction) = other.parts();
        let magnitude = whole
            .len()
            .cmp(&other_whole.len())
            .then_with(|| whole.cmp(other_whole))
            .then_with(|| fraction.cmp(other_fraction));
        let zero = |whole: &str, fraction: &str| whole == "0" && fraction.is_empty();
        match (negative, other_negative) {
            _ if zero(whole, fraction) && zero(other_whole, other_fraction) => Ordering::Equal,
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl FromStr for Decimal {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let leading = whole.len() > 1 && whole.starts_with('0');
        let negative_zero =
            text.starts_with('-') && !digits.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        let valid = text.len() <= Self::MAX_LENGTH
            && plain(whole)
            && fraction.is_none_or(plain)
            && !leading
            && !negative_zero;
        if valid {
            Ok(Self(text.into()))
        } else {
            Err(QuantityError::NotDecimal(text.chars().take(40).collect()))
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Decimal {
    type Error = QuantityError;

    fn try_from(text: String) -> Result<Self, QuantityError> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(decimal: Decimal) -> String {
        decimal.0.into()
    }
}

/// What is counted or measured, in the text's own words: 1 to 120 bytes, no control characters, no
/// outer spaces.
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
        let named = !text.is_empty() && text.len() <= 120 && text.trim() == text;
        if named && !text.chars().any(char::is_control) {
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

impl TryFrom<String> for Unit {
    type Error = QuantityError;

    fn try_from(text: String) -> Result<Self, QuantityError> {
        text.parse()
    }
}

impl From<Unit> for String {
    fn from(unit: Unit) -> String {
        unit.0.into()
    }
}

/// How the figure bounds what it measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Given as it is.
    #[default]
    Stated,
    /// "around", "some".
    About,
    /// "almost", "close to".
    Nearly,
    /// "at least", "tens of".
    AtLeast,
    /// "more than", "over".
    MoreThan,
    /// "at most", "as many as".
    AtMost,
    /// "less than", "under".
    LessThan,
}

impl Bound {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The words a screen puts before the figure.
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
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "QuantityFields")]
pub struct Quantity {
    amount: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Decimal>,
    unit: Unit,
    #[serde(skip_serializing_if = "Bound::is_default")]
    bound: Bound,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    estimated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<Box<Quantity>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per: Option<Unit>,
}

/// The fields of a quantity, before they are held against each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuantityFields {
    /// The figure, or the lower end of a range.
    pub amount: Decimal,
    /// The upper end of a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Decimal>,
    /// What is counted or measured, as the text has it: `percent`, `monthly users`.
    pub unit: Unit,
    /// How the figure bounds it.
    #[serde(default, skip_serializing_if = "Bound::is_default")]
    pub bound: Bound,
    /// Whether it is called an estimate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
    /// The base of a percentage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Box<Quantity>>,
    /// Per what: `day`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Unit>,
}

impl Quantity {
    /// The figure, or the lower end of a range.
    pub const fn amount(&self) -> &Decimal {
        &self.amount
    }

    /// The upper end of a range.
    pub const fn to(&self) -> Option<&Decimal> {
        self.to.as_ref()
    }

    /// What is counted.
    pub const fn unit(&self) -> &Unit {
        &self.unit
    }

    /// How the figure bounds it.
    pub const fn bound(&self) -> Bound {
        self.bound
    }

    /// Whether it is called an estimate.
    pub const fn estimated(&self) -> bool {
        self.estimated
    }

    /// The base of a percentage.
    pub fn of(&self) -> Option<&Quantity> {
        self.of.as_deref()
    }

    /// Per what.
    pub const fn per(&self) -> Option<&Unit> {
        self.per.as_ref()
    }
}

impl TryFrom<QuantityFields> for Quantity {
    type Error = QuantityError;

    fn try_from(fields: QuantityFields) -> Result<Self, QuantityError> {
        let QuantityFields { amount, to, unit, bound, estimated, of, per } = fields;
        if of.as_ref().is_some_and(|base| base.of.is_some()) {
            return Err(QuantityError::NestedBase);
        }
        match to {
            Some(to) if amount.compare(&to) != Ordering::Less => {
                Err(QuantityError::NotRange { from: amount, to })
            }
            to => Ok(Self { amount, to, unit, bound, estimated, of, per }),
        }
    }
}

impl From<Quantity> for QuantityFields {
    fn from(quantity: Quantity) -> Self {
        let Quantity { amount, to, unit, bound, estimated, of, per } = quantity;
        Self { amount, to, unit, bound, estimated, of, per }
    }
}

impl fmt::Display for Quantity {
    /// `nearly 70 percent of 9600 channels`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.estimated {
            f.write_str("an estimated ")?;
        }
        write!(f, "{}{}", self.bound.words(), self.amount)?;
        if let Some(to) = &self.to {
            write!(f, " to {to}")?;
        }
        write!(f, " {}", self.unit)?;
        if let Some(of) = &self.of {
            write!(f, " of {of}")?;
        }
        if let Some(per) = &self.per {
            write!(f, " per {per}")?;
        }
        Ok(())
    }
}

spelt!(Decimal, Unit);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_decimal_is_digits_and_at_most_one_point() {
        for text in ["0", "70", "70.0", "79.8", "-0.5", "11800000"] {
            assert_eq!(decimal(text).to_string(), text);
        }
        for text in ["", ".5", "5.", "1e9", "+1", "01", "1,000", "-0", "-0.0", "½", "NaN"] {
            assert!(matches!(text.parse::<Decimal>(), Err(QuantityError::NotDecimal(_))), "{text}");
        }
    }

    #[test]
    fn a_unit_is_shown_as_it_is() {
        for wrong in ["", " x", "a\u{7}", &"x".repeat(121)] {
            assert!(matches!(wrong.parse::<Unit>(), Err(QuantityError::NotUnit(_))), "{wrong:?}");
        }
    }

    #[test]
    fn decimals_compare_by_value() {
        assert_eq!(decimal("70").compare(&decimal("70.0")), Ordering::Equal);
        assert_eq!(decimal("9.5").compare(&decimal("10")), Ordering::Less);
        assert_eq!(decimal("-3").compare(&decimal("-2")), Ordering::Less);
        assert_eq!(decimal("1.05").compare(&decimal("1.5")), Ordering::Less);
    }

    #[test]
    fn a_quantity_reads_as_it_would_be_said() {
        let json = r#"{"amount":"70","unit":"percent","bound":"nearly","of":{"amount":"9600","unit":"channels"}}"#;
        let quantity: Quantity = serde_json::from_str(json).unwrap();
        assert_eq!(quantity.to_string(), "nearly 70 percent of 9600 channels");
        assert_eq!(serde_json::to_string(&quantity).unwrap(), json);
    }

    #[test]
    fn ranges_rise_and_bases_do_not_nest() {
        let base = Quantity::try_from(QuantityFields {
            amount: decimal("5"),
            to: None,
            unit: "people".parse().unwrap(),
            bound: Bound::Stated,
            estimated: false,
            of: None,
            per: None,
        })
        .unwrap();
        let mut fields = QuantityFields::from(base.clone());
        fields.to = Some(decimal("5.0"));
        assert!(matches!(Quantity::try_from(fields), Err(QuantityError::NotRange { .. })));
        let mut middle = QuantityFields::from(base.clone());
        middle.of = Some(Box::new(base.clone()));
        let mut outer = QuantityFields::from(base);
        outer.of = Some(Box::new(middle.try_into().unwrap()));
        assert_eq!(Quantity::try_from(outer), Err(QuantityError::NestedBase));
    }

    proptest! {
        #[test]
        fn comparison_agrees_with_integers(left in -10_000_000i64..10_000_000, right in -10_000_000i64..10_000_000) {
            let compared = decimal(&left.to_string()).compare(&decimal(&right.to_string()));
            prop_assert_eq!(compared, left.cmp(&right));
        }
    }
}
