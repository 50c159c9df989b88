//! Positive binary floating-point numbers in integer arithmetic, so that scores round as in
//! published figures.
//!
//! Knows IEEE 754's binary64 in integers: 53 bits, halves to even. Figures published elsewhere were
//! computed in it, and when a result is halfway between two decimals, its rounding errors decide
//! which is printed. Must not know what is measured.

/// The bits of a significand.
const BITS: u32 = 53;

/// `significand` times two to the `exponent`; the significand has exactly 53 bits or is zero.
///
/// Exponents stay small here, because everything computed is a sum, product or quotient of counts:
/// nothing overflows, and nothing is so small that it would lose bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Binary {
    significand: u64,
    exponent: i32,
}

impl Binary {
    const ZERO: Self = Self { significand: 0, exponent: 0 };

    pub(super) fn from_count(count: u64) -> Self {
        Self::rounded(u128::from(count), 0, false)
    }

    /// The nearest number to `value` times two to the `exponent`; `more` if the exact number is
    /// slightly larger than that.
    fn rounded(value: u128, exponent: i32, more: bool) -> Self {
        if value == 0 {
            return Self::ZERO;
        }
        let length = 128 - value.leading_zeros();
        if length <= BITS {
            let up = BITS - length;
            return Self { significand: (value as u64) << up, exponent: exponent - up as i32 };
        }
        let down = length - BITS;
        let (kept, cut) = (value >> down, value & ((1 << down) - 1));
        let half = 1 << (down - 1);
        let is_up = cut > half || cut == half && (more || kept & 1 == 1);
        let kept = kept as u64 + u64::from(is_up);
        let exponent = exponent + down as i32;
        // Rounding up to the next power of two gives one bit too many, and that bit is zero.
        if kept >> BITS == 1 {
            return Self { significand: kept >> 1, exponent: exponent + 1 };
        }
        Self { significand: kept, exponent }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let (high, low) =
            if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        let apart = (high.exponent - low.exponent) as u32;
        if high.significand == 0 || low.significand == 0 || apart > 64 {
            return if high.significand == 0 { low } else { high };
        }
        let sum = (u128::from(high.significand) << apart) + u128::from(low.significand);
        Self::rounded(sum, low.exponent, false)
    }

    pub(super) fn times(self, other: Self) -> Self {
        let product = u128::from(self.significand) * u128::from(other.significand);
        Self::rounded(product, self.exponent + other.exponent, false)
    }

    /// The quotient; zero if the divisor is zero.
    pub(super) fn over(self, other: Self) -> Self {
        if other.significand == 0 {
            return Self::ZERO;
        }
        let (dividend, divisor) =
            (u128::from(self.significand) << 64, u128::from(other.significand));
        let exponent = self.exponent - other.exponent - 64;
        Self::rounded(dividend / divisor, exponent, dividend % divisor != 0)
    }

    /// The number of tenths, rounded to the nearest whole number, halves to even.
    pub(super) fn tenths(self) -> u64 {
        let ten = u128::from(self.significand) * 10;
        if self.exponent >= 0 {
            return u64::try_from(ten << self.exponent.min(64)).unwrap_or(u64::MAX);
        }
        let down = self.exponent.unsigned_abs();
        if down > 120 {
            return 0;
        }
        let (kept, cut, half) = (ten >> down, ten & ((1 << down) - 1), 1u128 << (down - 1));
        let is_up = cut > half || cut == half && kept & 1 == 1;
        kept as u64 + u64::from(is_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The processor's own result for the same computation.
    #[allow(clippy::float_arithmetic, reason = "floats are what is tested against")]
    fn expected(hits: u64, predicted: u64, gold: u64) -> [String; 2] {
        let (p, r) = (hits as f64 / predicted as f64, hits as f64 / gold as f64);
        let f1 = if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 };
        [format!("{:.1}", 100.0 * p), format!("{:.1}", 100.0 * f1)]
    }

    fn ours(hits: u64, predicted: u64, gold: u64) -> [String; 2] {
        let [hits, predicted, gold] = [hits, predicted, gold].map(Binary::from_count);
        let (p, r) = (hits.over(predicted), hits.over(gold));
        let f1 = Binary::from_count(2).times(p).times(r).over(p.plus(r));
        let hundred = Binary::from_count(100);
        [p, f1].map(|share| {
            let tenths = hundred.times(share).tenths();
            format!("{}.{}", tenths / 10, tenths % 10)
        })
    }

    #[test]
    fn percentages_round_as_a_processor_rounds_them() {
        for predicted in 1..130 {
            for gold in 1..130 {
                for hits in 0..=predicted.min(gold) {
                    let found = ours(hits, predicted, gold);
                    assert_eq!(found, expected(hits, predicted, gold), "{hits} {predicted} {gold}");
                }
            }
        }
    }

    #[test]
    fn halves_stand_where_rounding_errors_put_them() {
        for scale in [400, 2_000, 8_000, 65_536, 1_000_000_000_000] {
            for part in 0..400 {
                let hits = scale * part / 400;
                assert_eq!(
                    ours(hits, scale, scale),
                    expected(hits, scale, scale),
                    "{hits} {scale}"
                );
            }
        }
    }
}
