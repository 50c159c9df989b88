//! Fingerprints: finds the entry numbers for a hash in packed, sorted runs.
//!
//! Knows runs of hashes with their numbers, and how two runs are merged. Must not know what was
//! hashed or where a run is stored. Hashes are in random order, so a table with one key per hash
//! would touch one page per hash; a run is written at once, and seldom rewritten.

/// The bytes of a hash that a run keeps: enough to distinguish any two.
pub(crate) const HASH_BYTES: usize = 16;

/// The bytes of one hash with its number.
pub(crate) const PAIR_BYTES: usize = HASH_BYTES + 8;

/// The kept part of a hash, and its number.
pub(crate) type HashNumber = ([u8; HASH_BYTES], u64);

/// The part of a hash that a run keeps.
pub(crate) fn kept_of(hash: &[u8; 32]) -> [u8; HASH_BYTES] {
    hash.first_chunk().copied().unwrap_or_default()
}

/// Packs pairs, which must be in order.
pub(crate) fn pack(pairs: &[HashNumber]) -> Vec<u8> {
    let mut run = Vec::with_capacity(pairs.len() * PAIR_BYTES);
    for (hash, number) in pairs {
        run.extend_from_slice(hash);
        run.extend_from_slice(&number.to_be_bytes());
    }
    run
}

/// The pairs of a run, in order.
#[cfg(test)]
pub(crate) fn unpack(run: &[u8]) -> impl Iterator<Item = HashNumber> {
    let (pairs, _) = run.as_chunks::<PAIR_BYTES>();
    pairs.iter().filter_map(|pair| {
        let (hash, number) = pair.split_first_chunk::<HASH_BYTES>()?;
        Some((*hash, u64::from_be_bytes(number.try_into().ok()?)))
    })
}

/// Merges two runs.
pub(crate) fn merge(left: &[u8], right: &[u8]) -> Vec<u8> {
    let mut run = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.as_chunks::<PAIR_BYTES>().0, right.as_chunks().0);
    loop {
        // The order of pairs is that of their bytes.
        let rest = match (left, right) {
            ([one, ..], [other, ..]) if other < one => &mut right,
            ([], []) => return run,
            ([], _) => &mut right,
            _ => &mut left,
        };
        if let Some((pair, behind)) = rest.split_first() {
            run.extend_from_slice(pair);
            *rest = behind;
        }
    }
}

/// Appends the numbers for `hash` to `numbers`, in ascending order.
pub(crate) fn find(run: &[u8], hash: &[u8; HASH_BYTES], numbers: &mut Vec<u64>) {
    let (pairs, _) = run.as_chunks::<PAIR_BYTES>();
    let from = pairs.partition_point(|pair| pair[..HASH_BYTES] < hash[..]);
    let same = pairs[from..].iter().take_while(|pair| pair[..HASH_BYTES] == hash[..]);
    numbers.extend(
        same.filter_map(|pair| pair.last_chunk::<8>()).map(|number| u64::from_be_bytes(*number)),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    fn pairs(set: &std::collections::BTreeSet<(u8, u64)>) -> Vec<HashNumber> {
        set.iter().map(|(byte, number)| ([*byte; HASH_BYTES], *number)).collect()
    }

    proptest! {
        #[test]
        fn two_runs_become_the_run_of_both(
            left in btree_set((0u8..20, any::<u64>()), 0..50),
            right in btree_set((0u8..20, any::<u64>()), 0..50),
        ) {
            let merged = merge(&pack(&pairs(&left)), &pack(&pairs(&right)));
            let mut all = pairs(&left);
            all.extend(pairs(&right));
            all.sort_unstable();
            prop_assert_eq!(unpack(&merged).collect::<Vec<_>>(), all.clone());
            for byte in 0..20 {
                let hash = [byte; HASH_BYTES];
                let mut found = Vec::new();
                find(&merged, &hash, &mut found);
                let same = all.iter().filter(|(other, _)| *other == hash);
                prop_assert_eq!(found, same.map(|(_, number)| *number).collect::<Vec<_>>());
            }
        }
    }
}
