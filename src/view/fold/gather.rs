//! Gathering terms: which entries of a run hold them, packed as they come.
//!
//! Knows terms as bytes. Must not know what they mean or where the lists go. A term's bytes are kept
//! when its list is emptied, since the next run is likely to hold it again.

use std::collections::HashMap;

use crate::posting::Growing;

/// Terms whose bytes are kept at most.
const REMEMBERED: usize = 1 << 17;

/// Terms with their lists.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    places: HashMap<Box<[u8]>, u32>,
    terms: Vec<Box<[u8]>>,
    lists: Vec<Growing>,
    filled: Vec<u32>,
    bytes: usize,
}

impl Gathered {
    fn list(&mut self, term: &[u8]) -> &mut Growing {
        let place = match self.places.get(term) {
            Some(place) => *place,
            None => {
                let place = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
                self.places.insert(term.into(), place);
                self.terms.push(term.into());
                self.lists.push(Growing::default());
                place
            }
        };
        let list = &mut self.lists[place as usize];
        if list.is_empty() {
            self.filled.push(place);
            self.bytes += term.len() + 32;
        }
        self.bytes += 1;
        list
    }

    /// Adds an entry to a term's list. Entries of one term come in order.
    pub(super) fn add(&mut self, term: &[u8], entry: u64) {
        self.list(term).add(entry);
    }

    /// Adds the lists of a later run.
    pub(super) fn join(&mut self, run: &Flat) {
        let mut rest = run.bytes.as_slice();
        for &Item { term, distances, first, last } in &run.items {
            let (term, behind) = rest.split_at(term as usize);
            let (distances, behind) = behind.split_at(distances as usize);
            self.list(term).join(first, last, distances);
            self.bytes += distances.len();
            rest = behind;
        }
    }

    /// About how many bytes it holds.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// What was gathered, in no order, and empties the lists.
    pub(super) fn flatten(&mut self) -> Flat {
        let mut flat = Flat {
            bytes: Vec::with_capacity(self.bytes),
            items: Vec::with_capacity(self.filled.len()),
        };
        for &place in &self.filled {
            let (term, list) = (&self.terms[place as usize], &self.lists[place as usize]);
            let (first, last, distances) = list.parts();
            flat.bytes.extend_from_slice(term);
            flat.bytes.extend_from_slice(distances);
            let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let (term, distances) = (length(term), length(distances));
            flat.items.push(Item { term, distances, first, last });
        }
        self.empty();
        flat
    }

    /// Every term with its list, in the order of the terms' bytes.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (&[u8], &Growing)> {
        let mut places = self.filled.clone();
        places.sort_unstable_by(|left, right| {
            self.terms[*left as usize].cmp(&self.terms[*right as usize])
        });
        places.into_iter().map(|place| (&*self.terms[place as usize], &self.lists[place as usize]))
    }

    /// Empties the lists.
    pub(super) fn empty(&mut self) {
        if self.terms.len() > REMEMBERED {
            *self = Self::default();
            return;
        }
        for place in self.filled.drain(..) {
            self.lists[place as usize].clear();
        }
        self.bytes = 0;
    }
}

/// Terms and lists of a run, in few pieces, to be handed from thread to thread.
#[derive(Debug, Default)]
pub(super) struct Flat {
    bytes: Vec<u8>,
    items: Vec<Item>,
}

/// One term: the lengths of its bytes and of its list's, and the list's ends.
#[derive(Debug, Clone, Copy)]
struct Item {
    term: u32,
    distances: u32,
    first: u64,
    last: u64,
}
