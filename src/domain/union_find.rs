//! Groups things that are joined pair by pair (a union-find structure).
//!
//! Knows numbers in groups, and the representative of each group. Must not know what the numbers
//! identify. Any sequence of joins, in any order, takes a number of steps roughly linear in the
//! number of joins.

/// Things numbered from 0, each in the group of those it was joined with.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnionFind {
    /// For each thing, a member of its group nearer to the head; for the head, the head itself.
    nearer: Vec<u32>,
}

impl UnionFind {
    /// `count` things, each in a group of its own.
    #[cfg(test)]
    pub(crate) fn of(count: u32) -> Self {
        Self { nearer: (0..count).collect() }
    }

    /// Adds a thing in a group of its own and returns its number.
    pub(crate) fn add(&mut self) -> u32 {
        let number = u32::try_from(self.nearer.len()).unwrap_or(u32::MAX);
        self.nearer.push(number);
        number
    }

    /// The head of a thing's group; an unknown thing is its own head.
    pub(crate) fn head(&mut self, thing: u32) -> u32 {
        let mut here = thing;
        while let Some(next) = self.step(here).filter(|next| *next != here) {
            // Halve the path, so that the next lookup takes half as many steps.
            let beyond = self.step(next).unwrap_or(next);
            if let Some(nearer) = self.nearer.get_mut(here as usize) {
                *nearer = beyond;
            }
            here = beyond;
        }
        here
    }

    fn step(&self, thing: u32) -> Option<u32> {
        self.nearer.get(thing as usize).copied()
    }

    /// Merges the group of `from` into that of `into`, whose head stays the head.
    pub(crate) fn join(&mut self, from: u32, into: u32) {
        let (from, into) = (self.head(from), self.head(into));
        if let Some(nearer) = self.nearer.get_mut(from as usize) {
            *nearer = into;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_things_have_one_head() {
        let mut grouping = UnionFind::of(5);
        grouping.join(0, 1);
        grouping.join(3, 4);
        assert_eq!((0..5).map(|it| grouping.head(it)).collect::<Vec<_>>(), [1, 1, 2, 4, 4]);
        grouping.join(1, 3);
        grouping.join(4, 0);
        assert_eq!((0..5).map(|it| grouping.head(it)).collect::<Vec<_>>(), [4, 4, 2, 4, 4]);
        let added = grouping.add();
        assert_eq!((added, grouping.head(added), grouping.head(99)), (5, 5, 99));
    }

    #[test]
    fn a_long_chain_is_joined_in_either_direction() {
        for is_backward in [false, true] {
            let count = 200_000;
            let mut grouping = UnionFind::of(count);
            let mut joinings: Vec<u32> = (0..count - 1).collect();
            if is_backward {
                joinings.reverse();
            }
            for from in joinings {
                grouping.join(from, from + 1);
            }
            assert!((0..count).all(|it| grouping.head(it) == count - 1));
        }
    }
}
