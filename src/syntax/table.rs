//! Weights of hashed features, used where they lie: nothing is parsed or copied at the start.
//!
//! Knows rows of bytes and their check marks. Must not know what a feature or a class means.
//!
//! A row belongs to the one feature whose check mark it bears; a feature without a row weighs
//! nothing. Two tables differ in shape: [`Sparse`] for many classes, of which a feature speaks for
//! or against a few, and [`Dense`] for four classes whose weights sum to zero.

/// How many classes there can be at most.
pub const CLASSES: usize = 64;

/// One sum for each class.
pub type Scores = [i32; CLASSES];

/// Brings the parts of one feature together; `template` keeps equal parts of different templates
/// apart.
#[inline(always)]
pub fn feature(template: u64, first: u32, second: u32, third: u32) -> u64 {
    let pair = (u64::from(first) << 32 | u64::from(second)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let rest = (u64::from(third) << 8 | template).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    let mixed = (pair ^ pair >> 29).wrapping_add(rest);
    (mixed ^ mixed >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// Rows of 16 bytes: a check mark of two, then seven times a class and its weight.
#[derive(Clone, Copy, Debug)]
pub struct Sparse<'a> {
    rows: &'a [[u8; 16]],
}

impl<'a> Sparse<'a> {
    /// How many classes a row has a weight for.
    pub const WIDTH: usize = 7;

    /// The table in these bytes; rows beyond the last power of two are not used.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rows: whole(bytes.as_chunks().0) }
    }

    /// Where the row of a feature is, and the mark that it bears there.
    #[inline(always)]
    pub fn place(feature: u64, rows: usize) -> (usize, u16) {
        ((feature >> 40) as usize & (rows - 1), (feature >> 16) as u16 | 1)
    }

    /// Adds what the features say to the scores.
    #[inline(always)]
    pub fn add<const N: usize>(&self, features: &[u64; N], scores: &mut Scores) {
        let mut rows = [0_u128; N];
        for (row, feature) in rows.iter_mut().zip(features) {
            let (at, mark) = Self::place(*feature, self.rows.len());
            let found = u128::from_le_bytes(self.rows[at]);
            *row = if found as u16 == mark { found >> 16 } else { 0 };
        }
        for row in rows {
            if row == 0 {
                continue;
            }
            let mut rest = row;
            for _ in 0..Self::WIDTH {
                let class = rest as usize & (CLASSES - 1);
                scores[class] += i32::from((rest >> 8) as i8);
                rest >>= 16;
            }
        }
    }
}

/// Rows of 4 bytes, in pairs: a check mark of one, then the weights of three classes.
#[derive(Clone, Copy, Debug)]
pub struct Dense<'a> {
    pairs: &'a [[u8; 8]],
}

impl<'a> Dense<'a> {
    /// The table in these bytes; rows beyond the last power of two are not used.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { pairs: whole(bytes.as_chunks().0) }
    }

    /// Where the pair of rows is in one of which a feature may be, and the mark that it bears.
    #[inline(always)]
    pub fn place(feature: u64, pairs: usize) -> (usize, u8) {
        ((feature >> 40) as usize & (pairs - 1), (feature >> 24) as u8)
    }

    /// The sums of what the features say for each of four classes.
    #[inline(always)]
    pub fn sum<const N: usize>(&self, features: &[u64; N]) -> [i32; 4] {
        let mut rows = [0_u32; N];
        for (row, feature) in rows.iter_mut().zip(features) {
            let (at, mark) = Self::place(*feature, self.pairs.len());
            let pair = u64::from_le_bytes(self.pairs[at]);
            let (first, second) = (pair as u32, (pair >> 32) as u32);
            let second = if second as u8 == mark { second } else { 0 };
            *row = if first as u8 == mark { first } else { second };
        }
        let mut sums = [0; 4];
        for row in rows {
            let [_, first, second, third] = row.to_le_bytes();
            sums[0] += i32::from(first as i8);
            sums[1] += i32::from(second as i8);
            sums[2] += i32::from(third as i8);
        }
        sums[3] = -(sums[0] + sums[1] + sums[2]);
        sums
    }
}

/// As many of the rows as the greatest power of two that there are; one of zeros if there is none.
const fn whole<const W: usize>(rows: &[[u8; W]]) -> &[[u8; W]] {
    match rows.len().checked_ilog2() {
        Some(bits) => rows.split_at(1 << bits).0,
        None => const { &[[0; W]; 1] },
    }
}
