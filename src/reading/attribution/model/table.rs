//! A hash table of weights by feature.
//!
//! Knows hashes, which come from a file and may therefore be untrusted. Must not know what is
//! weighed.

/// Rows of weights, each under a hash that is not zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table<const N: usize> {
    /// In ascending order of hash, as in the file.
    pub(super) rows: Vec<(u32, [i16; N])>,
    /// The table itself, in which half of the slots are empty.
    places: Vec<Slot<N>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(4))]
struct Slot<const N: usize> {
    hash: u32,
    weights: [i16; N],
}

impl<const N: usize> Slot<N> {
    const EMPTY: Self = Self { hash: 0, weights: [0; N] };
}

/// The most slots probed for one hash: a regular model needs far fewer.
const FURTHEST: usize = 512;

/// The most slots probed per row, on average over all rows.
const OFTEN: usize = 32;

impl<const N: usize> Table<N> {
    /// A table of these rows; none if their hashes were chosen to make lookups slow.
    pub(super) fn of(rows: Vec<(u32, [i16; N])>) -> Option<Self> {
        let size = (rows.len() * 2 + 1).next_power_of_two();
        let mut places = vec![Slot::EMPTY; size];
        let mut looked = 0;
        for (hash, weights) in &rows {
            let mut at = *hash as usize & (size - 1);
            let first = looked;
            while places[at].hash != 0 {
                at = (at + 1) & (size - 1);
                looked += 1;
            }
            if looked - first > FURTHEST || looked > OFTEN * rows.len() + FURTHEST {
                return None;
            }
            places[at] = Slot { hash: *hash, weights: *weights };
        }
        Some(Self { rows, places })
    }

    /// The weights for a hash.
    pub(super) fn get(&self, hash: u32) -> Option<&[i16; N]> {
        let last = self.places.len() - 1;
        let mut at = hash as usize & last;
        loop {
            let place = &self.places[at];
            if place.hash == hash && hash != 0 {
                return Some(&place.weights);
            }
            if place.hash == 0 {
                return None;
            }
            at = (at + 1) & last;
        }
    }

    /// The sum of the weights for these features.
    pub(super) fn sum(&self, features: &[u32]) -> [i32; N] {
        let mut sums = [0; N];
        for weights in features.iter().filter_map(|hash| self.get(*hash)) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += i32::from(*weight);
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_found_and_nothing_else() {
        let hash = |n: u32| n.wrapping_mul(0x9e37_79b9) | 1;
        let mut rows: Vec<(u32, [i16; 2])> =
            (1..500).map(|n| (hash(n), [n as i16, -(n as i16)])).collect();
        rows.sort_unstable();
        rows.dedup_by_key(|row| row.0);
        let table = Table::of(rows.clone()).unwrap();
        assert!(rows.iter().all(|(hash, weights)| table.get(*hash) == Some(weights)));
        assert_eq!([0, 2, 4].map(|hash| table.get(hash)), [None; 3]);
        assert_eq!(table.sum(&[rows[0].0, rows[1].0])[0], i32::from(rows[0].1[0] + rows[1].1[0]));
    }

    #[test]
    fn hashes_that_would_be_slow_to_find_are_refused() {
        let rows = (1..5000).map(|n: u32| (n << 16, [1])).collect();
        assert_eq!(Table::<1>::of(rows), None);
    }
}
