//! Stores the weights of hashed features in a form that is used directly, without parsing or
//! copying.
//!
//! Knows rows of bytes and their check values. Must not know what a feature or a class means.
//!
//! A row belongs to the one feature whose check value it bears; a feature without a row has no
//! weight. There are three kinds of table: [`Sparse`] for many classes, of which a feature favours
//! or disfavours a few; [`Dense`] for four classes whose weights sum to zero; and [`Certain`], a
//! small one, for features that settle a class alone.

/// The maximum number of classes.
pub const CLASSES: usize = 64;

/// The score of each class.
pub type ClassScores = [i32; CLASSES];

/// Spreads a number over 64 bits; numbers of different kinds never collide.
#[inline(always)]
pub const fn atom(kind: u64, number: u64) -> u64 {
    let first = (number ^ kind << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let second = (first ^ first >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    second ^ second >> 29
}

/// Combines the atoms of one feature; `template` distinguishes equal atoms of different templates.
///
/// Atoms are rotated by their position and combined by exclusive or: a multiplication for each of
/// about a hundred features per word would take longer than everything else.
#[inline(always)]
pub fn feature<const N: usize>(template: u64, atoms: [u64; N]) -> u64 {
    let mut mixed = template.wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    for (place, atom) in atoms.into_iter().enumerate() {
        mixed ^= atom.rotate_left(11 * place as u32);
    }
    mixed
}

/// Rows of 4 bytes: a check value of three bytes, then a class. A feature with a row here needs no
/// sums.
#[derive(Clone, Copy, Debug)]
pub struct Certain<'a> {
    rows: &'a [[u8; 4]],
}

impl<'a> Certain<'a> {
    /// The table in these bytes; rows beyond the last power of two are not used.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rows: whole(bytes.as_chunks().0) }
    }

    /// The row of a feature, and its check value.
    #[inline(always)]
    pub fn place(feature: u64, rows: usize) -> (usize, u32) {
        ((feature >> 40) as usize & (rows - 1), (feature >> 8) as u32 & 0xFF_FFFF | 1)
    }

    /// The class of a feature, if it has a row.
    #[inline(always)]
    pub fn class(&self, feature: u64) -> Option<usize> {
        let (at, mark) = Self::place(feature, self.rows.len());
        let row = u32::from_le_bytes(self.rows[at]);
        (row & 0xFF_FFFF == mark).then_some((row >> 24) as usize)
    }
}

/// Rows of 8 bytes: a check value of two bytes, then three times a class and its weight.
#[derive(Clone, Copy, Debug)]
pub struct Sparse<'a> {
    rows: &'a [[u8; 8]],
}

impl<'a> Sparse<'a> {
    /// The number of classes for which a row has a weight.
    pub const WIDTH: usize = 3;

    /// The table in these bytes; rows beyond the last power of two are not used.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rows: whole(bytes.as_chunks().0) }
    }

    /// The row of a feature, and its check value.
    #[inline(always)]
    pub fn place(feature: u64, rows: usize) -> (usize, u16) {
        ((feature >> 40) as usize & (rows - 1), (feature >> 16) as u16 | 1)
    }

    /// Adds the weights of the features to the scores.
    #[inline(always)]
    pub fn add<const N: usize>(&self, features: &[u64; N], scores: &mut ClassScores) {
        let mut rows = [0_u64; N];
        for (row, feature) in rows.iter_mut().zip(features) {
            let (at, mark) = Self::place(*feature, self.rows.len());
            let found = u64::from_le_bytes(self.rows[at]);
            *row = if found as u16 == mark { found } else { 0 };
        }
        for row in rows {
            let [_, _, pairs @ ..] = row.to_le_bytes();
            for [class, weight] in pairs.as_chunks().0 {
                scores[usize::from(*class) & (CLASSES - 1)] += i32::from(*weight as i8);
            }
        }
    }
}

/// Rows of 4 bytes, in pairs: a check value of one byte, then the weights of three classes.
#[derive(Clone, Copy, Debug)]
pub struct Dense<'a> {
    pairs: &'a [[u8; 8]],
}

impl<'a> Dense<'a> {
    /// The table in these bytes; rows beyond the last power of two are not used.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { pairs: whole(bytes.as_chunks().0) }
    }

    /// The pair of rows in which a feature may be, and its check value.
    #[inline(always)]
    pub fn place(feature: u64, pairs: usize) -> (usize, u8) {
        ((feature >> 40) as usize & (pairs - 1), (feature >> 24) as u8)
    }

    /// The sum of the features' weights for each of four classes.
    #[inline(always)]
    pub fn sum<const N: usize>(&self, features: &[u64; N]) -> [i32; 4] {
        let (mut firsts, mut seconds, mut marks) = ([0_u32; N], [0_u32; N], [0_u32; N]);
        for (at, feature) in features.iter().enumerate() {
            let (pair, mark) = Self::place(*feature, self.pairs.len());
            let pair = u64::from_le_bytes(self.pairs[pair]);
            (firsts[at], seconds[at], marks[at]) = (pair as u32, (pair >> 32) as u32, mark.into());
        }
        let mut sums = [0; 4];
        for at in 0..N {
            let is_marked = |row: u32| if (row ^ marks[at]) & 0xFF == 0 { row } else { 0 };
            let first = is_marked(firsts[at]);
            let row = if first == 0 { is_marked(seconds[at]) } else { first };
            // Each of the upper three bytes is a weight, shifted down with its sign.
            sums[0] += (row << 16) as i32 >> 24;
            sums[1] += (row << 8) as i32 >> 24;
            sums[2] += row as i32 >> 24;
        }
        sums[3] = -(sums[0] + sums[1] + sums[2]);
        sums
    }
}

/// The largest power of two of rows that fits; one row of zeros if there is none.
const fn whole<const W: usize>(rows: &[[u8; W]]) -> &[[u8; W]] {
    match rows.len().checked_ilog2() {
        Some(bits) => rows.split_at(1 << bits).0,
        None => const { &[[0; W]; 1] },
    }
}
