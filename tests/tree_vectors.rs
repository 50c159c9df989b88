//! The tree against the world's: the vectors of Certificate Transparency, the definition in RFC
//! 6962 written out, and what another implementation of C2SP tlog-tiles reads and verifies.

use std::collections::BTreeMap;

use proptest::prelude::*;
use testimony::id::Sequence;
use testimony::tree::{Frontier, LeafHash, RootHash, TileId, TreeHead, leaf_hash};
use tlog_tiles::{Hash, Tile};

type Kept = BTreeMap<TileId, Vec<u8>>;

/// The entries of Certificate Transparency's own tests of its tree.
const ENTRIES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// The roots over the first one to eight of them.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const NODE_1: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const NODES_2_3: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const NODES_4_7: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
const NODE_4: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const NODES_6_7: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const NODES_4_5: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const NODE_6: &str = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn grown(leaves: &[LeafHash]) -> (Frontier, Kept) {
    let (mut frontier, mut kept) = (Frontier::default(), Kept::new());
    for leaf in leaves {
        kept.extend(frontier.push(*leaf).into_iter().map(|tile| (tile.id, tile.hashes)));
    }
    (frontier, kept)
}

fn leaves(count: u64) -> Vec<LeafHash> {
    (0..count).map(|place| leaf_hash(format!("entry {place}").as_bytes())).collect()
}

/// RFC 6962, 2.1, word for word.
fn root_by_definition(leaves: &[LeafHash]) -> RootHash {
    fn hash(leaves: &[LeafHash]) -> Hash {
        match leaves {
            [leaf] => Hash(*leaf.as_bytes()),
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                tlog_tiles::node_hash(hash(left), hash(right))
            }
        }
    }
    if leaves.is_empty() { RootHash::EMPTY } else { RootHash::from_bytes(hash(leaves).0) }
}

fn at(place: u64) -> Sequence {
    Sequence::ZERO.plus(place)
}

#[test]
fn the_roots_are_those_of_certificate_transparency() {
    let (mut frontier, kept) = (Frontier::default(), Kept::new());
    assert_eq!(
        hex(frontier.root().as_bytes()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    for (entry, root) in ENTRIES.iter().zip(ROOTS) {
        let full = frontier.push(leaf_hash(entry));
        assert!(full.is_empty());
        assert_eq!(hex(frontier.root().as_bytes()), root);
    }
    for (size, root) in (1..).zip(ROOTS) {
        assert_eq!(hex(frontier.root_at(&kept, size).unwrap().as_bytes()), root);
    }
}

#[test]
fn the_proofs_are_those_of_certificate_transparency() {
    let entries: Vec<LeafHash> = ENTRIES.iter().map(|entry| leaf_hash(entry)).collect();
    let (frontier, kept) = grown(&entries);
    for (seq, size, expected) in [
        (0, 1, vec![]),
        (0, 8, vec![NODE_1, NODES_2_3, NODES_4_7]),
        (5, 8, vec![NODE_4, NODES_6_7, ROOTS[3]]),
        (2, 3, vec![ROOTS[1]]),
        (1, 5, vec![ROOTS[0], NODES_2_3, NODE_4]),
    ] {
        let proof = frontier.prove_inclusion(&kept, at(seq), size).unwrap();
        let hashes: Vec<String> = proof.hashes().map(|hash| hex(hash.as_bytes())).collect();
        assert_eq!(hashes, expected, "{seq} in {size}");
    }
    for (old, new, expected) in [
        (1, 1, vec![]),
        (1, 8, vec![NODE_1, NODES_2_3, NODES_4_7]),
        (6, 8, vec![NODES_4_5, NODES_6_7, ROOTS[3]]),
        (2, 5, vec![NODES_2_3, NODE_4]),
        (6, 7, vec![NODES_4_5, NODE_6, ROOTS[3]]),
    ] {
        let proof = frontier.prove_consistency(&kept, old, new).unwrap();
        let hashes: Vec<String> = proof.hashes().map(|hash| hex(hash.as_bytes())).collect();
        assert_eq!(hashes, expected, "{old} to {new}");
    }
}

#[test]
fn the_root_is_the_one_defined_at_every_size() {
    // Given more than two tiles of leaves
    let entries = leaves(600);
    // When the tree grows one by one
    let mut frontier = Frontier::default();
    let mut roots = vec![frontier.root()];
    for leaf in &entries {
        let _ = frontier.push(*leaf);
        roots.push(frontier.root());
    }
    // Then each root is the definition's, and is told again by the tree as it came to be
    let (frontier, kept) = grown(&entries);
    for (size, root) in roots.into_iter().enumerate() {
        assert_eq!(root, root_by_definition(&entries[..size]), "{size}");
        assert_eq!(root, frontier.root_at(&kept, size as u64).unwrap(), "{size}");
    }
}

#[test]
fn proofs_hold_across_three_levels_of_tiles() {
    let entries = leaves(65_536 + 2 * 256 + 3);
    let (frontier, kept) = grown(&entries);
    assert_eq!(frontier.partial_tiles().count(), 3);
    let sizes = [1, 255, 256, 257, 65_535, 65_536, 65_537, 66_000, entries.len()];
    let heads = sizes.map(|size| {
        let root = frontier.root_at(&kept, size as u64).unwrap();
        assert_eq!(root, root_by_definition(&entries[..size]), "{size}");
        TreeHead { size: size as u64, root }
    });
    for new in heads {
        for old in heads.iter().filter(|old| old.size <= new.size) {
            let proof = frontier.prove_consistency(&kept, old.size, new.size).unwrap();
            assert_eq!(proof.check(*old, new), Ok(()), "{old:?} to {new:?}");
        }
        for seq in sizes.iter().map(|size| *size as u64 - 1).filter(|seq| *seq < new.size) {
            let proof = frontier.prove_inclusion(&kept, at(seq), new.size).unwrap();
            let leaf = entries[seq as usize];
            assert_eq!(proof.check(new, at(seq), leaf), Ok(()), "{seq} in {new:?}");
        }
    }
}

#[test]
fn the_tiles_are_those_another_implementation_publishes() {
    for size in [1, 255, 256, 300, 65_536, 65_793] {
        // Given full tiles and the edge
        let (frontier, kept) = grown(&leaves(size));
        let edge = frontier.partial_tiles().map(|(id, hashes)| (id, hashes.len()));
        let mut ours: Vec<(TileId, usize)> =
            kept.iter().map(|(id, hashes)| (*id, hashes.len())).chain(edge).collect();
        ours.sort();
        // When Go's rules, ported, list the tiles that a log of this size publishes
        let mut theirs: Vec<(TileId, usize)> = Tile::new_tiles(8, 0, size)
            .iter()
            .map(|tile| {
                let id = TileId { level: tile.level(), index: tile.level_index() };
                (id, tile.width() as usize * 32)
            })
            .collect();
        theirs.sort();
        // Then they are the same
        assert_eq!(ours, theirs, "{size}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_entry_and_every_earlier_tree_can_be_proved(
        size in 1u64..600,
        new in any::<prop::sample::Index>(),
        within in any::<prop::sample::Index>(),
    ) {
        let entries = leaves(size);
        let (frontier, kept) = grown(&entries);
        let new = new.index(entries.len()) + 1;
        let place = within.index(new);
        let head = |size: usize| {
            TreeHead { size: size as u64, root: root_by_definition(&entries[..size]) }
        };

        let inclusion = frontier.prove_inclusion(&kept, at(place as u64), new as u64).unwrap();
        prop_assert_eq!(inclusion.check(head(new), at(place as u64), entries[place]), Ok(()));
        let consistency = frontier.prove_consistency(&kept, place as u64, new as u64).unwrap();
        prop_assert_eq!(consistency.check(head(place), head(new)), Ok(()));
    }
}
