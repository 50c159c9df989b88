//! Computes exact values of numbers: digits, decimal places, and a divisor for fractions.
//!
//! Knows how to add, multiply and format them. Must not know how numbers are spelt.

use crate::domain::quantity::Amount;

/// The largest value, so that no step of the arithmetic overflows.
const MOST: u128 = 10u128.pow(33);

/// The most decimal places for a fraction; one that needs more stays a fraction.
const MOST_PLACES: usize = 20;

/// `digits / (parts * 10^places)`, negative or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value {
    negative: bool,
    digits: u128,
    places: u8,
    parts: u64,
}

impl Value {
    /// A whole number.
    pub(super) const fn whole(number: u64) -> Self {
        Self { negative: false, digits: number as u128, places: 0, parts: 1 }
    }

    /// `over / under`.
    pub(super) const fn fraction(over: u64, under: u64) -> Self {
        Self { negative: false, digits: over as u128, places: 0, parts: under }
    }

    /// A decimal as written, its last `places` digits after the point; `None` if it has too many
    /// digits.
    pub(super) fn written(digits: &str, places: usize) -> Option<Self> {
        if digits.len() > 30 || places > 28 {
            return None;
        }
        let (digits, places) = (digits.parse().ok()?, u8::try_from(places).ok()?);
        Some(Self { negative: false, digits, places, parts: 1 })
    }

    pub(super) const fn negated(self) -> Self {
        Self { negative: self.digits > 0, ..self }
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.digits == 0
    }

    /// The number, if it is whole, not negative and fits.
    pub(super) fn as_whole(&self) -> Option<u64> {
        let is_whole = self.places == 0 && self.parts == 1 && !self.negative;
        is_whole.then(|| u64::try_from(self.digits).ok()).flatten()
    }

    fn kept(self) -> Option<Self> {
        let fits = self.digits < MOST && u128::from(self.parts) < 10u128.pow(15);
        (fits && self.places < 31).then_some(self)
    }

    /// The value times ten to the `exponent`.
    pub(super) fn raised(self, exponent: u8) -> Option<Self> {
        if exponent <= self.places {
            return Some(Self { places: self.places - exponent, ..self });
        }
        let digits = 10u128.checked_pow(u32::from(exponent - self.places))?;
        Self { digits: self.digits.checked_mul(digits)?, places: 0, ..self }.kept()
    }

    /// The value divided by ten to the `exponent`.
    pub(super) fn lowered(self, exponent: u8) -> Option<Self> {
        Self { places: self.places.checked_add(exponent)?, ..self }.kept()
    }

    pub(super) fn times(self, factor: u64) -> Option<Self> {
        Self { digits: self.digits.checked_mul(factor.into())?, ..self }.kept()
    }

    pub(super) fn over(self, parts: u64) -> Option<Self> {
        if parts == 0 {
            return None;
        }
        Self { parts: self.parts.checked_mul(parts)?, ..self }.kept()
    }

    /// The sum of the magnitudes, with the sign of the first value.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        let scaled = |value: Self, by: u64| {
            let raised = 10u128.checked_pow(u32::from(places - value.places))?;
            value.digits.checked_mul(raised)?.checked_mul(by.into())
        };
        let (left, right) = (scaled(self, other.parts)?, scaled(other, self.parts)?);
        let parts = self.parts.checked_mul(other.parts)?;
        Self { negative: self.negative, digits: left.checked_add(right)?, places, parts }.kept()
    }

    /// Whether the magnitude is below ten to the `exponent`.
    pub(super) fn is_below(&self, exponent: u8) -> bool {
        let limit = 10u128.checked_pow(u32::from(exponent) + u32::from(self.places));
        let limit = limit.and_then(|limit| limit.checked_mul(self.parts.into()));
        limit.is_some_and(|limit| self.digits < limit)
    }

    /// The value as an amount, with the decimal places as written. A fraction becomes a decimal if
    /// that is finite, or else is reduced to lowest terms.
    pub(super) fn amount(&self) -> Option<Amount> {
        let magnitude = if self.parts == 1 { self.as_written() } else { self.divided()? };
        let is_zero = !magnitude.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
        let sign = if self.negative && !is_zero { "-" } else { "" };
        format!("{sign}{magnitude}").parse().ok()
    }

    fn as_written(&self) -> String {
        let places = usize::from(self.places);
        let digits = format!("{:0>width$}", self.digits, width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
    }

    fn divided(&self) -> Option<String> {
        let under = 10u128.checked_pow(self.places.into())?.checked_mul(self.parts.into())?;
        let common = common(self.digits, under);
        let (over, under) = (self.digits / common, under / common);
        Some(ended(over, under).unwrap_or_else(|| format!("{over}/{under}")))
    }
}

/// The greatest common divisor; the second number must not be zero.
const fn common(mut left: u128, mut right: u128) -> u128 {
    while left != 0 {
        (left, right) = (right % left, left);
    }
    right
}

/// `over / under` as a decimal, if it is finite and short enough to read.
fn ended(over: u128, under: u128) -> Option<String> {
    let mut rest = over % under;
    let mut text = (over / under).to_string();
    if rest == 0 {
        return Some(text);
    }
    text.push('.');
    for _ in 0..MOST_PLACES {
        rest = rest.checked_mul(10)?;
        text.push(char::from(b'0' + u8::try_from(rest / under).ok()?));
        rest %= under;
        if rest == 0 {
            return Some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: Option<Value>) -> String {
        value.and_then(|value| value.amount()).unwrap().to_string()
    }

    #[test]
    fn what_is_written_keeps_its_places() {
        assert_eq!(shown(Value::written("700", 1)), "70.0");
        assert_eq!(shown(Value::written("25", 2)), "0.25");
        assert_eq!(shown(Value::written("798", 1).and_then(|value| value.raised(6))), "79800000");
        assert_eq!(shown(Value::whole(127).negated().lowered(1)), "-12.7");
        assert_eq!(shown(Some(Value::whole(0).negated())), "0");
    }

    #[test]
    fn fractions_are_exact() {
        assert_eq!(shown(Some(Value::fraction(3, 4))), "0.75");
        assert_eq!(shown(Some(Value::fraction(1, 3))), "1/3");
        assert_eq!(shown(Some(Value::fraction(2, 6).negated())), "-1/3");
        assert_eq!(shown(Some(Value::fraction(1, 21))), "1/21");
        assert_eq!(shown(Value::whole(6).plus(Value::fraction(2, 3))), "20/3");
        assert_eq!(
            shown(Value::whole(2).plus(Value::fraction(1, 3)).unwrap().raised(6)),
            "7000000/3"
        );
        assert_eq!(shown(Value::fraction(6, 3).raised(6)), "2000000");
        assert_eq!(shown(Value::whole(1).over(8)), "0.125");
        assert_eq!(shown(Value::whole(1).over(1 << 20)), "0.00000095367431640625");
        assert_eq!(shown(Value::whole(1).over(1 << 21)), "1/2097152");
        assert_eq!(shown(Value::whole(0).over(7)), "0");
    }

    #[test]
    fn what_is_too_large_is_no_value() {
        assert_eq!(Value::written(&"9".repeat(31), 0), None);
        assert_eq!(Value::whole(u64::MAX).raised(60), None);
        assert_eq!(Value::whole(1).raised(200), None);
        assert_eq!(Value::whole(1).over(0), None);
    }
}
