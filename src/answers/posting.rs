//! Posting lists: the entries that contain a term, packed as ascending sequences.
//!
//! Knows sorted numbers, and set operations on them. Must not know what a term is or where the
//! packed bytes are stored.

use thiserror::Error;

/// The error for bytes that are not a valid posting list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a posting list is damaged")]
pub(crate) struct PostingError;

/// Packs ascending, distinct numbers: each as its difference from the previous one, in LEB128; the
/// first as its difference from `base`.
pub(crate) fn pack(base: u64, numbers: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(numbers.len() * 2);
    let mut last = base;
    for &number in numbers {
        push(&mut bytes, number.wrapping_sub(last));
        last = number;
    }
    bytes
}

fn push(bytes: &mut Vec<u8>, distance: u64) {
    let mut rest = distance;
    while rest >= 0x80 {
        bytes.push(rest.to_le_bytes()[0] | 0x80);
        rest >>= 7;
    }
    bytes.push(rest.to_le_bytes()[0]);
}

/// A list that grows at its end and is packed as it grows. The first number is stored separately,
/// so that lists can be joined without unpacking them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Growing {
    first: u64,
    last: u64,
    some: bool,
    rest: Vec<u8>,
}

impl Growing {
    /// Whether it has no numbers.
    pub(crate) const fn is_empty(&self) -> bool {
        !self.some
    }

    /// Adds a number that is at least the last one; the last one itself is not added again.
    pub(crate) fn add(&mut self, number: u64) {
        self.join(number, number, &[]);
    }

    /// Appends a list that begins at `first`, which is at least this list's last number, continues
    /// with the packed differences `rest`, and ends at `last`.
    pub(crate) fn join(&mut self, first: u64, last: u64, rest: &[u8]) {
        if !self.some {
            (self.first, self.some) = (first, true);
        } else if first != self.last {
            push(&mut self.rest, first.wrapping_sub(self.last));
        }
        self.rest.extend_from_slice(rest);
        self.last = last;
    }

    /// Its parts, as [`join`](Self::join) takes them.
    pub(crate) fn parts(&self) -> (u64, u64, &[u8]) {
        (self.first, self.last, &self.rest)
    }

    /// Appends the list to `bytes`, as packed by [`pack`].
    pub(crate) fn pack_into(&self, base: u64, bytes: &mut Vec<u8>) {
        if self.some {
            push(bytes, self.first.wrapping_sub(base));
            bytes.extend_from_slice(&self.rest);
        }
    }

    /// Removes all numbers and keeps the allocated memory.
    pub(crate) fn clear(&mut self) {
        self.some = false;
        self.rest.clear();
    }
}

/// Unpacks bytes from [`pack`] and appends the numbers to `numbers`, in its element type; a number
/// that does not fit that type counts as damage.
pub(crate) fn unpack<N: TryFrom<u64>>(
    base: u64,
    bytes: &[u8],
    numbers: &mut Vec<N>,
) -> Result<(), PostingError> {
    let mut last = base;
    let mut rest = bytes.iter();
    while let Some(&first) = rest.next() {
        let mut byte = first;
        let mut distance = u64::from(byte & 0x7f);
        let mut shift = 7;
        while byte & 0x80 != 0 {
            byte = *rest.next().ok_or(PostingError)?;
            if shift > 63 {
                return Err(PostingError);
            }
            distance |= u64::from(byte & 0x7f) << shift;
            shift += 7;
        }
        last = last.checked_add(distance).ok_or(PostingError)?;
        numbers.push(N::try_from(last).map_err(|_| PostingError)?);
    }
    Ok(())
}

/// The numbers in either list; both must be ascending.
pub(crate) fn union<N: Ord + Copy>(left: Vec<N>, right: Vec<N>) -> Vec<N> {
    if left.is_empty() {
        return right;
    }
    if right.is_empty() {
        return left;
    }
    let mut both = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    loop {
        let number = match (left.peek(), right.peek()) {
            (Some(l), Some(r)) if l <= r => left.next(),
            (Some(_), None) => left.next(),
            (_, Some(_)) => right.next(),
            (None, None) => return both,
        };
        if number != both.last().copied() {
            both.extend(number);
        }
    }
}

/// Keeps the numbers of `list` that are in `other`, or those that are not; both must be ascending.
fn keep<N: Ord>(list: &mut Vec<N>, other: &[N], common: bool) {
    let mut from = 0;
    list.retain(|number| {
        // Galloping search: comparing a short list with a long one costs little more than the short
        // one.
        let mut step = 1;
        while from + step < other.len() && other[from + step] < *number {
            from += step;
            step *= 2;
        }
        let end = (from + step + 1).min(other.len());
        from += other[from..end].partition_point(|candidate| candidate < number);
        (other.get(from) == Some(number)) == common
    });
}

/// Keeps the numbers that are also in `other`.
pub(crate) fn intersect<N: Ord>(list: &mut Vec<N>, other: &[N]) {
    keep(list, other, true);
}

/// Removes the numbers that are in `other`.
pub(crate) fn subtract<N: Ord>(list: &mut Vec<N>, other: &[N]) {
    keep(list, other, false);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_set;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn listed(set: &BTreeSet<u64>) -> Vec<u64> {
        set.iter().copied().collect()
    }

    #[test]
    fn a_cut_or_overlong_list_is_damaged() {
        let damaged = |base: u64, bytes: &[u8]| unpack::<u64>(base, bytes, &mut Vec::new());
        assert_eq!(damaged(0, &[0x80]), Err(PostingError));
        assert_eq!(damaged(0, &[0xff; 12]), Err(PostingError));
        assert_eq!(damaged(u64::MAX, &[1]), Err(PostingError));
        // A number that does not fit its type.
        assert_eq!(unpack::<u8>(250, &[5, 1], &mut Vec::new()), Err(PostingError));
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(numbers in btree_set(5u64.., 0..200)) {
            let mut unpacked: Vec<u64> = Vec::new();
            unpack(5, &pack(5, &listed(&numbers)), &mut unpacked).unwrap();
            prop_assert_eq!(unpacked, listed(&numbers));
        }

        #[test]
        fn a_list_that_grew_in_pieces_is_packed_as_one(
            numbers in btree_set(5u64..5000, 1..100),
            cut in 0usize..100,
        ) {
            let numbers = listed(&numbers);
            let (before, behind) = numbers.split_at(cut.min(numbers.len()));
            let (mut grown, mut other) = (Growing::default(), Growing::default());
            before.iter().for_each(|number| grown.add(*number));
            behind.iter().chain(behind.last()).for_each(|number| other.add(*number));
            if !other.is_empty() {
                let (first, last, rest) = other.parts();
                grown.join(first, last, rest);
            }
            let mut packed = Vec::new();
            grown.pack_into(5, &mut packed);
            prop_assert_eq!(packed, pack(5, &numbers));
        }

        #[test]
        fn set_algebra_is_that_of_sets(
            left in btree_set(0u64..300, 0..150),
            right in btree_set(0u64..300, 0..150),
        ) {
            let both: Vec<u64> = left.union(&right).copied().collect();
            prop_assert_eq!(union(listed(&left), listed(&right)), both);
            let (mut common, mut rest) = (listed(&left), listed(&left));
            intersect(&mut common, &listed(&right));
            subtract(&mut rest, &listed(&right));
            prop_assert_eq!(common, left.intersection(&right).copied().collect::<Vec<_>>());
            prop_assert_eq!(rest, left.difference(&right).copied().collect::<Vec<_>>());
        }
    }
}
