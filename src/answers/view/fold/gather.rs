//! Gathers terms and packs the lists of entries that contain them.
//!
//! Knows terms as bytes. Must not know what they mean or where the lists are stored. Apart from
//! decoding, nearly all the time of a fold is spent here, mostly waiting for memory. Terms are
//! therefore stored consecutively, and a slot of the hash table has enough of a hash to skip other
//! terms.

use std::hash::{BuildHasher as _, RandomState};

use crate::answers::posting::Growing;

/// The most terms kept after their lists were emptied.
const REMEMBERED: usize = 1 << 14;

/// The initial number of slots in the table; always a power of two.
const PLACES: usize = 1 << 10;

/// Terms with their lists.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    hasher: RandomState,
    /// Half of a hash, and the number of a term, counted from 1; 0 if the slot is empty. A term is
    /// searched for from the slot that its hash gives.
    table: Vec<(u32, u32)>,
    terms: Vec<GatheredTerm>,
    bytes: Vec<u8>,
    filled: Vec<u32>,
    weight: usize,
}

#[derive(Debug)]
struct GatheredTerm {
    from: usize,
    to: usize,
    list: Growing,
}

impl Gathered {
    fn list(&mut self, bytes: &[u8]) -> &mut Growing {
        if self.terms.len() * 2 >= self.table.len() {
            self.widen();
        }
        let number = self.number(bytes);
        let term = &mut self.terms[number as usize - 1];
        if term.list.is_empty() {
            self.filled.push(number);
            self.weight += bytes.len() + 64;
        }
        &mut term.list
    }

    fn number(&mut self, bytes: &[u8]) -> u32 {
        let (mut place, half) = self.place(bytes);
        loop {
            match self.table[place] {
                (_, 0) => break,
                (other, number) if other == half => {
                    let term = &self.terms[number as usize - 1];
                    if self.bytes[term.from..term.to] == *bytes {
                        return number;
                    }
                }
                _ => {}
            }
            place = (place + 1) & (self.table.len() - 1);
        }
        let from = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.terms.push(GatheredTerm { from, to: self.bytes.len(), list: Growing::default() });
        // A commit ends long before there are that many terms.
        let number = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
        self.table[place] = (half, number);
        number
    }

    /// The first slot for a term, and the half of its hash that distinguishes it from most others.
    fn place(&self, bytes: &[u8]) -> (usize, u32) {
        let hash = self.hasher.hash_one(bytes);
        let [low, high] = [hash & u64::from(u32::MAX), hash >> 32];
        let place = usize::try_from(low).unwrap_or_default() & (self.table.len() - 1);
        (place, u32::try_from(high).unwrap_or_default())
    }

    fn widen(&mut self) {
        let places = (self.table.len() * 2).max(PLACES);
        self.table = vec![(0, 0); places];
        for number in 1..=self.terms.len() {
            let term = &self.terms[number - 1];
            let (mut place, half) = self.place(&self.bytes[term.from..term.to]);
            while self.table[place].1 != 0 {
                place = (place + 1) & (places - 1);
            }
            self.table[place] = (half, u32::try_from(number).unwrap_or(u32::MAX));
        }
    }

    /// Adds an entry to a term's list. Entries of one term must be added in order.
    pub(super) fn add(&mut self, term: &[u8], entry: u64) {
        self.list(term).add(entry);
        self.weight += 1;
    }

    /// Adds the lists of a later run.
    pub(super) fn join(&mut self, run: &Flat) {
        let mut rest = run.bytes.as_slice();
        for &TermItem { term, distances, first, last } in &run.items {
            let (term, behind) = rest.split_at(term as usize);
            let (distances, behind) = behind.split_at(distances as usize);
            self.list(term).join(first, last, distances);
            self.weight += 1 + distances.len();
            rest = behind;
        }
    }

    /// The approximate number of bytes in use.
    pub(super) const fn weight(&self) -> usize {
        self.weight
    }

    fn filled(&self) -> impl Iterator<Item = (&[u8], &Growing)> {
        self.filled.iter().map(|number| {
            let term = &self.terms[*number as usize - 1];
            (&self.bytes[term.from..term.to], &term.list)
        })
    }

    /// Returns what was gathered, in no order, and empties the lists.
    pub(super) fn flatten(&mut self) -> Flat {
        let mut flat = Flat {
            bytes: Vec::with_capacity(self.weight),
            items: Vec::with_capacity(self.filled.len()),
        };
        for (term, list) in self.filled() {
            let (first, last, distances) = list.parts();
            flat.bytes.extend_from_slice(term);
            flat.bytes.extend_from_slice(distances);
            let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let (term, distances) = (length(term), length(distances));
            flat.items.push(TermItem { term, distances, first, last });
        }
        self.empty();
        flat
    }

    /// Every term with its list, ordered by the terms' bytes.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (&[u8], &Growing)> {
        // Most terms differ in their first eight bytes, which are stored side by side.
        let beginning = |term: &[u8]| {
            let mut bytes = [0; 8];
            let length = term.len().min(8);
            bytes[..length].copy_from_slice(&term[..length]);
            u64::from_be_bytes(bytes)
        };
        let mut ordered: Vec<_> =
            self.filled().map(|(term, list)| (beginning(term), term, list)).collect();
        ordered.sort_unstable_by(|left, right| left.0.cmp(&right.0).then(left.1.cmp(right.1)));
        ordered.into_iter().map(|(_, term, list)| (term, list))
    }

    /// Empties the lists.
    pub(super) fn empty(&mut self) {
        self.weight = 0;
        if self.terms.len() > REMEMBERED {
            self.terms.clear();
            self.bytes.clear();
            self.filled.clear();
            self.table.fill((0, 0));
            return;
        }
        for number in self.filled.drain(..) {
            self.terms[number as usize - 1].list.clear();
        }
    }
}

/// The terms and lists of a run, in few allocations, for passing between threads.
#[derive(Debug, Default)]
pub(super) struct Flat {
    bytes: Vec<u8>,
    items: Vec<TermItem>,
}

/// One term: the lengths of its bytes and of its list, and the list's ends.
#[derive(Debug, Clone, Copy)]
struct TermItem {
    term: u32,
    distances: u32,
    first: u64,
    last: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    proptest! {
        /// However entries are divided into runs, each term has its entries, in order.
        #[test]
        fn what_is_gathered_in_runs_is_what_was_added(
            entries in vec(vec(vec(any::<u8>(), 0..12), 0..8), 0..60),
            run in 1usize..20,
        ) {
            let (mut whole, mut part) = (Gathered::default(), Gathered::default());
            let mut expected: BTreeMap<Vec<u8>, BTreeSet<u64>> = BTreeMap::new();
            for (at, terms) in (0..).zip(&entries) {
                for term in terms {
                    part.add(term, at);
                    expected.entry(term.clone()).or_default().insert(at);
                }
                if (at as usize).is_multiple_of(run) {
                    whole.join(&part.flatten());
                }
            }
            whole.join(&part.flatten());
            let gathered: Vec<(Vec<u8>, Vec<u64>)> = whole
                .in_order()
                .map(|(term, list)| {
                    let (mut packed, mut numbers) = (Vec::new(), Vec::new());
                    list.pack_into(0, &mut packed);
                    crate::answers::posting::unpack(0, &packed, &mut numbers).unwrap();
                    (term.to_vec(), numbers)
                })
                .collect();
            let expected: Vec<(Vec<u8>, Vec<u64>)> = expected
                .into_iter()
                .map(|(term, numbers)| (term, numbers.into_iter().collect()))
                .collect();
            prop_assert_eq!(gathered, expected);
        }
    }
}
