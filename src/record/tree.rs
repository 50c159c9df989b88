//! Computes the Merkle tree over a log's entries, and proves and checks what is in it.
//!
//! Knows RFC 6962 (section 2.1, SHA-256) and how C2SP tlog-tiles divides the tree into tiles. Must
//! not know what an entry means, or where tiles are kept: the code that keeps them provides a
//! [`TileSource`].
//!
//! A tree grows by [`Frontier::push`], which returns each tile the moment it is full; it never
//! changes again. Everything else that a tree needs is in its unfinished tiles: at most 255 hashes
//! per level, which the frontier holds and which [`Frontier::to_bytes`] encodes as one small value
//! to store with the full tiles.

pub mod checkpoint;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use tlog_tiles::{EMPTY_HASH, HashReader, Tile};

use crate::domain::id::Sequence;

/// The number of hashes in a full tile. C2SP tlog-tiles fixes the height of tiles at 8.
pub const TILE_HASHES: usize = 1 << TILE_HEIGHT;

/// The length of a full tile, in bytes: 256 hashes of 32 bytes.
pub const TILE_BYTES: usize = TILE_HASHES * HASH_BYTES;

/// The largest tree, in entries: one for each sequence number.
pub const MAX_SIZE: u64 = Sequence::MAX + 1;

const TILE_HEIGHT: u8 = 8;
const HASH_BYTES: usize = 32;

/// Why a string is not a hash of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{found}` is not a tree hash: give 44 characters of base64, as in a checkpoint")]
pub struct HashError {
    found: String,
}

macro_rules! tree_hash {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Written as standard base64 with padding, as C2SP writes it in checkpoints and proofs.
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name([u8; HASH_BYTES]);

        impl $name {
            /// The hash with these 32 bytes.
            pub const fn from_bytes(bytes: [u8; HASH_BYTES]) -> Self {
                Self(bytes)
            }

            /// The 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; HASH_BYTES] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                tlog_tiles::Hash(self.0).fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = HashError;

            fn from_str(text: &str) -> Result<Self, HashError> {
                tlog_tiles::Hash::parse_hash(text)
                    .map(|hash| Self(hash.0))
                    .map_err(|_| HashError { found: text.chars().take(80).collect() })
            }
        }
    };
}

tree_hash! {
    /// The hash of one entry: SHA-256 over 0x00 ‖ its bytes.
    LeafHash
}

tree_hash! {
    /// The hash of a whole tree: over all its entries, in order.
    RootHash
}

tree_hash! {
    /// The hash of a part of the tree, as listed in a proof.
    NodeHash
}

/// The hash of an entry in the tree (RFC 6962, 2.1), from the entry's bytes.
pub fn leaf_hash(entry: &[u8]) -> LeafHash {
    LeafHash(tlog_tiles::record_hash(entry).0)
}

impl RootHash {
    /// The root of a tree without entries (RFC 6962, 2.1): SHA-256 of the empty string.
    pub const EMPTY: Self = Self(EMPTY_HASH.0);
}

/// The size of a tree and its root, as stated by a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// The number of entries.
    pub size: u64,
    /// The root over them.
    pub root: RootHash,
}

impl TreeHead {
    /// The head of a tree without entries.
    pub const EMPTY: Self = Self { size: 0, root: RootHash::EMPTY };
}

/// The position of a tile (c2sp.org/tlog-tiles).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// 0 for tiles of leaves; a hash of level n + 1 stands for a whole tile of level n.
    pub level: u8,
    /// The tile's position in its level, counted from 0, from the left.
    pub index: u64,
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of level {}", self.index, self.level)
    }
}

/// A tile that has all its hashes and never changes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullTile {
    /// Its position.
    pub id: TileId,
    /// Its 256 hashes, one after the other: 8192 bytes.
    pub hashes: Vec<u8>,
}

/// A store of full tiles.
///
/// Their hashes are used unchecked. An altered tile leads to a root that no checkpoint states, or
/// to a proof that fails its check; it cannot make a false proof valid.
pub trait TileSource {
    /// The error of the store.
    type Error: std::error::Error + 'static;

    /// The 8192 bytes of the full tile at `id`, exactly as [`Frontier::push`] returned them, or
    /// `None` if it is not stored. Only tiles that the frontier has returned are requested.
    fn full_tile(&self, id: TileId) -> Result<Option<Vec<u8>>, Self::Error>;
}

/// Tiles kept in memory.
impl TileSource for BTreeMap<TileId, Vec<u8>> {
    type Error = Infallible;

    fn full_tile(&self, id: TileId) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.get(&id).cloned())
    }
}

/// Why bytes are not a frontier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FrontierError {
    /// Too short even for the size.
    #[error("the tree's frontier is cut off at {0} bytes: rebuild the views")]
    CutOff(usize),
    /// Beyond 2^53 entries.
    #[error("the tree's frontier claims {0} entries, more than a log can hold: rebuild the views")]
    TooLarge(u64),
    /// The number of hashes does not match the size of the tree.
    #[error(
        "the frontier of a tree of {size} has {expected} bytes, not {found}: rebuild the views"
    )]
    WrongLength {
        /// The stated size, in entries.
        size: u64,
        /// The length that the size requires, in bytes.
        expected: usize,
        /// The actual length, in bytes.
        found: usize,
    },
}

/// Why an earlier root or a proof cannot be computed.
#[derive(Debug, Error)]
pub enum TileError<E: std::error::Error + 'static> {
    /// The request exceeds the tree.
    #[error(
        "the tree has only {size} entries, not {asked}: bring the views up to date, then retry"
    )]
    Beyond {
        /// The number of entries requested.
        asked: u64,
        /// The number of entries in the tree.
        size: u64,
    },
    /// A full tile is not in the store.
    #[error("tile {0} of the tree is missing: rebuild the views")]
    Missing(TileId),
    /// A stored tile is not 8192 bytes long.
    #[error("tile {id} of the tree has {found} bytes, not 8192: rebuild the views")]
    WrongLength {
        /// The tile.
        id: TileId,
        /// Its length in bytes.
        found: usize,
    },
    /// The store reported an error.
    #[error(transparent)]
    Source(E),
}

/// The right edge of a growing tree: its size and its unfinished tiles.
///
/// The default is the tree without entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// The hashes of each level's unfinished tile, leaves first. The number of hashes at level n is
    /// the n-th digit of `size` in base 256, and there is no level above the highest digit.
    levels: Vec<Vec<u8>>,
}

impl Frontier {
    /// The number of entries in the tree.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds the next entry, and returns the tiles that it filled: one every 256 entries, and with
    /// every 256th of those, one of the level above. Costs one more hash on average.
    #[must_use = "the frontier does not keep full tiles"]
    pub fn push(&mut self, leaf: LeafHash) -> Vec<FullTile> {
        self.size += 1;
        let mut full = Vec::new();
        let mut carried = leaf.0;
        for level in 0.. {
            let Some(id) = self.extend(level, &carried) else { break };
            let hashes = std::mem::take(&mut self.levels[usize::from(level)]);
            carried = Tile::subtree_hash(&hashes).0;
            full.push(FullTile { id, hashes });
        }
        full
    }

    /// Adds a hash to a level, and returns the tile that it filled, if any.
    fn extend(&mut self, level: u8, hash: &[u8; HASH_BYTES]) -> Option<TileId> {
        let place = usize::from(level);
        if place == self.levels.len() {
            self.levels.push(Vec::new());
        }
        let tile = &mut self.levels[place];
        if tile.is_empty() {
            tile.reserve_exact(TILE_BYTES);
        }
        tile.extend_from_slice(hash);
        let full = tile.len() == TILE_BYTES;
        // The size is already past this tile, so the edge is the tile after it.
        full.then(|| TileId { level, index: self.edge(level).index - 1 })
    }

    /// The root (RFC 6962, 2.1). Costs at most 255 hashes per level, so compute it once per commit.
    pub fn root(&self) -> RootHash {
        let mut root = None;
        for level in &self.levels {
            let mut rest = level.as_slice();
            // The edge of a level consists of one whole subtree for each bit of its length,
            // smallest last.
            while !rest.is_empty() {
                let smallest = HASH_BYTES << (rest.len() / HASH_BYTES).trailing_zeros();
                let (before, subtree) = rest.split_at(rest.len() - smallest);
                let left = Tile::subtree_hash(subtree);
                root = Some(match root {
                    Some(right) => tlog_tiles::node_hash(left, right),
                    None => left,
                });
                rest = before;
            }
        }
        RootHash(root.unwrap_or(EMPTY_HASH).0)
    }

    /// The size and root, for a checkpoint.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.root() }
    }

    /// The unfinished tiles, leaves first, each with its hashes: 32 to 8160 bytes. Together with
    /// all full tiles they are the tree as C2SP tlog-tiles publishes it.
    pub fn partial_tiles(&self) -> impl Iterator<Item = (TileId, &[u8])> {
        let levels = (0u8..).zip(&self.levels).filter(|(_, hashes)| !hashes.is_empty());
        levels.map(|(level, hashes)| (self.edge(level), hashes.as_slice()))
    }

    /// The position of a level's unfinished tile, or of the tile that would come next.
    fn edge(&self, level: u8) -> TileId {
        TileId { level, index: self.size >> (TILE_HEIGHT * level) >> TILE_HEIGHT }
    }

    /// The frontier as bytes: the size in 8 bytes, big-endian, then the hashes of the unfinished
    /// tiles, leaves first. At most some 8 KiB per level, with one level for each digit in base
    /// 256.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        for level in &self.levels {
            bytes.extend_from_slice(level);
        }
        bytes
    }

    /// Reads the bytes of [`Frontier::to_bytes`]. The size determines the length, so a shortened or
    /// lengthened value is refused; whether the hashes are right is shown only by the root.
    ///
    /// # Errors
    ///
    /// The bytes are shorter or longer than their size requires, or the size is beyond 2^53
    /// entries.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrontierError> {
        let (size, mut rest) =
            bytes.split_first_chunk().ok_or(FrontierError::CutOff(bytes.len()))?;
        let size = u64::from_be_bytes(*size);
        if size > MAX_SIZE {
            return Err(FrontierError::TooLarge(size));
        }
        let widths = widths(size);
        let expected = 8 + widths.iter().sum::<usize>();
        if bytes.len() != expected {
            return Err(FrontierError::WrongLength { size, expected, found: bytes.len() });
        }
        let mut levels = Vec::with_capacity(widths.len());
        for width in widths {
            let (hashes, after) = rest.split_at(width);
            levels.push(hashes.to_vec());
            rest = after;
        }
        Ok(Self { size, levels })
    }

    /// The root of the tree when it had `size` entries: the root that a checkpoint of that size
    /// must state if this tree extends it.
    ///
    /// # Errors
    ///
    /// `size` exceeds the tree, or a full tile that is needed is missing, of the wrong length, or
    /// unreadable.
    pub fn root_at<S: TileSource>(
        &self,
        source: &S,
        size: u64,
    ) -> Result<RootHash, TileError<S::Error>> {
        self.reading(source, size, |reader| tlog_tiles::tree_hash(size, reader))
            .map(|root| RootHash(root.0))
    }

    /// Proves that the tree of `size` entries contains the one at `seq` (RFC 6962, 2.1.1).
    ///
    /// # Errors
    ///
    /// As for [`Frontier::root_at`]; also if `seq` is outside that tree.
    pub fn prove_inclusion<S: TileSource>(
        &self,
        source: &S,
        seq: Sequence,
        size: u64,
    ) -> Result<InclusionProof, TileError<S::Error>> {
        if seq.get() >= size {
            return Err(TileError::Beyond { asked: seq.get() + 1, size });
        }
        self.reading(source, size, |reader| tlog_tiles::prove_record(size, seq.get(), reader))
            .map(InclusionProof)
    }

    /// Proves that the tree of `new` entries begins with the tree of `old` (RFC 6962, 2.1.2). For
    /// an old tree without entries the proof is empty, as in C2SP tlog-witness.
    ///
    /// # Errors
    ///
    /// As for [`Frontier::root_at`]; also if the old tree is larger than the new.
    pub fn prove_consistency<S: TileSource>(
        &self,
        source: &S,
        old: u64,
        new: u64,
    ) -> Result<ConsistencyProof, TileError<S::Error>> {
        if old > new {
            return Err(TileError::Beyond { asked: old, size: new });
        }
        if old == 0 && new <= self.size {
            return Ok(ConsistencyProof(Vec::new()));
        }
        self.reading(source, new, |reader| tlog_tiles::prove_tree(new, old, reader))
            .map(ConsistencyProof)
    }

    /// Runs `ask` on the tree of `size` entries, and returns the reason if it fails.
    fn reading<S: TileSource, T>(
        &self,
        source: &S,
        size: u64,
        ask: impl FnOnce(&TreeReader<'_, S>) -> Result<T, tlog_tiles::Error>,
    ) -> Result<T, TileError<S::Error>> {
        let beyond = TileError::Beyond { asked: size, size: self.size };
        if size > self.size {
            return Err(beyond);
        }
        let reader = TreeReader { frontier: self, source, failure: RefCell::new(None) };
        // Failures to read are kept in the reader. The other crate's own error can only be out of
        // bounds.
        ask(&reader).map_err(|_| reader.failure.take().unwrap_or(beyond))
    }
}

/// The number of bytes at the edge of each level of a tree of `size`: its digits in base 256, times
/// the size of a hash.
fn widths(size: u64) -> Vec<usize> {
    let mut widths: Vec<usize> =
        size.to_le_bytes().iter().map(|&digit| usize::from(digit) * HASH_BYTES).collect();
    while widths.last() == Some(&0) {
        widths.pop();
    }
    widths
}

/// Full tiles and unfinished ones, read as one tree.
struct TreeReader<'a, S: TileSource> {
    frontier: &'a Frontier,
    source: &'a S,
    /// Why reading failed: the trait's own error type cannot carry it.
    failure: RefCell<Option<TileError<S::Error>>>,
}

impl<S: TileSource> TreeReader<'_, S> {
    fn tile(&self, id: TileId) -> Result<Vec<u8>, TileError<S::Error>> {
        if id == self.frontier.edge(id.level) {
            let hashes = self.frontier.levels.get(usize::from(id.level));
            return Ok(hashes.cloned().unwrap_or_default());
        }
        match self.source.full_tile(id).map_err(TileError::Source)? {
            None => Err(TileError::Missing(id)),
            Some(tile) if tile.len() == TILE_BYTES => Ok(tile),
            Some(tile) => Err(TileError::WrongLength { id, found: tile.len() }),
        }
    }
}

impl<S: TileSource> HashReader for TreeReader<'_, S> {
    fn read_hashes(&self, places: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        // A proof takes several hashes from one tile, which is fetched once.
        let mut fetched = BTreeMap::new();
        let mut hashes = Vec::with_capacity(places.len());
        for &place in places {
            let tile = Tile::from_index(TILE_HEIGHT, place);
            let id = TileId { level: tile.level(), index: tile.level_index() };
            if let Entry::Vacant(vacant) = fetched.entry(id) {
                vacant.insert(self.tile(id).map_err(|failure| {
                    self.failure.replace(Some(failure));
                    tlog_tiles::Error::IndexesNotInTree
                })?);
            }
            hashes.push(tile.hash_at_index(&fetched[&id], place)?);
        }
        Ok(hashes)
    }
}

/// Why a proof is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The entry's sequence is not in that tree.
    #[error("a tree of {size} entries cannot contain {seq}: use a checkpoint made after it")]
    NotInTree {
        /// The entry's sequence.
        seq: Sequence,
        /// The tree's size.
        size: u64,
    },
    /// The hashes do not lead from the entry to the root.
    #[error("the proof does not lead from this entry to this root: one of the three was altered")]
    NotIncluded,
    /// The later tree is smaller than the earlier one.
    #[error(
        "a tree of {new} entries cannot extend one of {old}: the log was truncated, or the two were swapped"
    )]
    Shrunk {
        /// The size of the earlier tree.
        old: u64,
        /// The size of the later tree.
        new: u64,
    },
    /// The hashes do not lead to both roots.
    #[error(
        "the later tree does not begin with the earlier one: keep both checkpoints as evidence"
    )]
    NotConsistent,
}

/// The hashes that lead from an entry to the root over it (RFC 6962, 2.1.1), lowest first.
#[derive(Debug, Clone, PartialEq)]
pub struct InclusionProof(tlog_tiles::RecordProof);

/// The hashes that lead from an earlier tree to a later one (RFC 6962, 2.1.2).
#[derive(Debug, Clone, PartialEq)]
pub struct ConsistencyProof(tlog_tiles::TreeProof);

macro_rules! proof {
    ($name:ident) => {
        impl $name {
            /// The proof with these hashes, in order; checking it shows whether it proves anything.
            pub fn from_hashes(hashes: impl IntoIterator<Item = NodeHash>) -> Self {
                Self(hashes.into_iter().map(|hash| tlog_tiles::Hash(hash.0)).collect())
            }

            /// The hashes, in order.
            pub fn hashes(&self) -> impl Iterator<Item = NodeHash> {
                self.0.iter().map(|hash| NodeHash(hash.0))
            }
        }
    };
}

proof!(InclusionProof);
proof!(ConsistencyProof);

impl InclusionProof {
    /// Checks that the tree with that head contains, at `seq`, the entry that hashes to `leaf`.
    ///
    /// # Errors
    ///
    /// `seq` is not in a tree of that size, or the hashes do not lead to the root.
    pub fn check(&self, head: TreeHead, seq: Sequence, leaf: LeafHash) -> Result<(), ProofError> {
        if seq.get() >= head.size {
            return Err(ProofError::NotInTree { seq, size: head.size });
        }
        let (root, leaf) = (tlog_tiles::Hash(head.root.0), tlog_tiles::Hash(leaf.0));
        tlog_tiles::check_record(&self.0, head.size, root, seq.get(), leaf)
            .map_err(|_| ProofError::NotIncluded)
    }
}

impl ConsistencyProof {
    /// Checks that the tree of `new` begins with the whole tree of `old`.
    ///
    /// # Errors
    ///
    /// `new` is the smaller, or the hashes do not lead to both roots.
    pub fn check(&self, old: TreeHead, new: TreeHead) -> Result<(), ProofError> {
        if old.size > new.size {
            return Err(ProofError::Shrunk { old: old.size, new: new.size });
        }
        // Every tree begins with the empty one, so there is nothing to prove, and the proof must be
        // empty.
        if old.size == 0 {
            let sound = self.0.is_empty() && old == TreeHead::EMPTY;
            return if sound { Ok(()) } else { Err(ProofError::NotConsistent) };
        }
        let (earlier, later) = (tlog_tiles::Hash(old.root.0), tlog_tiles::Hash(new.root.0));
        tlog_tiles::check_tree(&self.0, new.size, later, old.size, earlier)
            .map_err(|_| ProofError::NotConsistent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Kept = BTreeMap<TileId, Vec<u8>>;

    fn leaf(place: u64) -> LeafHash {
        leaf_hash(&place.to_be_bytes())
    }

    fn tree(size: u64) -> (Frontier, Kept) {
        let (mut frontier, mut kept) = (Frontier::default(), Kept::new());
        for place in 0..size {
            kept.extend(frontier.push(leaf(place)).into_iter().map(|tile| (tile.id, tile.hashes)));
        }
        (frontier, kept)
    }

    fn head(tree: &(Frontier, Kept), size: u64) -> TreeHead {
        TreeHead { size, root: tree.0.root_at(&tree.1, size).unwrap() }
    }

    fn at(place: u64) -> Sequence {
        Sequence::new(place).unwrap()
    }

    #[test]
    fn a_tile_is_handed_back_the_moment_it_is_full() {
        let mut frontier = Frontier::default();
        let mut full = Vec::new();
        for place in 0..65_536 {
            let tiles = frontier.push(leaf(place));
            assert_eq!(!tiles.is_empty(), place % 256 == 255, "{place}");
            full.extend(tiles);
        }
        // The 256th tile of leaves fills the first tile of the level above.
        let last: Vec<TileId> = full.iter().rev().take(2).map(|tile| tile.id).collect();
        assert_eq!(last, [TileId { level: 1, index: 0 }, TileId { level: 0, index: 255 }]);
        assert_eq!(full.len(), 257);
        assert!(full.iter().all(|tile| tile.hashes.len() == TILE_BYTES));
        // Only the one hash over them all remains at the edge.
        let edge: Vec<_> = frontier.partial_tiles().collect();
        assert_eq!(edge, [(TileId { level: 2, index: 0 }, &frontier.root().0[..])]);
    }

    #[test]
    fn the_edge_survives_being_written_at_every_size() {
        let mut frontier = Frontier::default();
        for place in 0..1000 {
            let read = Frontier::from_bytes(&frontier.to_bytes()).unwrap();
            assert_eq!(read, frontier);
            assert_eq!(read.root(), frontier.root());
            let _ = frontier.push(leaf(place));
        }
    }

    #[test]
    fn an_edge_that_is_not_whole_is_refused() {
        let bytes = tree(259).0.to_bytes();
        assert_eq!(bytes.len(), 8 + 4 * 32);
        for cut in 0..8 {
            assert_eq!(Frontier::from_bytes(&bytes[..cut]), Err(FrontierError::CutOff(cut)));
        }
        for found in (8..bytes.len()).chain([bytes.len() + 1, bytes.len() + 32]) {
            let mut wrong = bytes.clone();
            wrong.resize(found, 0);
            let refusal = FrontierError::WrongLength { size: 259, expected: 136, found };
            assert_eq!(Frontier::from_bytes(&wrong), Err(refusal));
        }
        let huge = (MAX_SIZE + 1).to_be_bytes();
        assert_eq!(Frontier::from_bytes(&huge), Err(FrontierError::TooLarge(MAX_SIZE + 1)));
        let largest = Frontier::from_bytes(&[&MAX_SIZE.to_be_bytes()[..], &[7; 32 * 32]].concat());
        assert_eq!(largest.unwrap().size(), MAX_SIZE);
    }

    #[test]
    fn a_hash_has_one_spelling_in_base64() {
        let text = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(RootHash::EMPTY.to_string(), text);
        assert_eq!(text.parse(), Ok(RootHash::EMPTY));
        assert_eq!(format!("{:?}", RootHash::EMPTY), format!("RootHash({text})"));
        // The last letter before the padding carries two bits that must be zero.
        for wrong in ["", "47DE", &text[..43], &text.replace("FU=", "FV="), "e3b0c442"] {
            assert!(wrong.parse::<RootHash>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_beyond_the_tree_is_refused() {
        let (frontier, kept) = tree(300);
        let beyond = |asked, size| format!("{:?}", TileError::<Infallible>::Beyond { asked, size });
        let root = frontier.root_at(&kept, 301).unwrap_err();
        assert_eq!(format!("{root:?}"), beyond(301, 300));
        let far = frontier.root_at(&kept, u64::MAX).unwrap_err();
        assert_eq!(format!("{far:?}"), beyond(u64::MAX, 300));
        let outside = frontier.prove_inclusion(&kept, at(200), 200).unwrap_err();
        assert_eq!(format!("{outside:?}"), beyond(201, 200));
        let larger = frontier.prove_inclusion(&kept, at(0), 301).unwrap_err();
        assert_eq!(format!("{larger:?}"), beyond(301, 300));
        let backwards = frontier.prove_consistency(&kept, 200, 100).unwrap_err();
        assert_eq!(format!("{backwards:?}"), beyond(200, 100));
        for old in [0, 300] {
            let larger = frontier.prove_consistency(&kept, old, 301).unwrap_err();
            assert_eq!(format!("{larger:?}"), beyond(301, 300));
        }
    }

    #[test]
    fn a_tile_that_is_not_kept_whole_is_named() {
        let (frontier, mut kept) = tree(300);
        let id = TileId { level: 0, index: 0 };
        kept.insert(id, vec![0; TILE_BYTES - 32]);
        let refusal = frontier.root_at(&kept, 255).unwrap_err();
        assert!(
            matches!(refusal, TileError::WrongLength { id: found, found: 8160 } if found == id)
        );
        kept.clear();
        let refusal = frontier.prove_inclusion(&kept, at(3), 300).unwrap_err();
        assert!(matches!(refusal, TileError::Missing(missing) if missing == id));
        assert_eq!(
            refusal.to_string(),
            "tile 0 of level 0 of the tree is missing: rebuild the views"
        );
        // The current root needs only the edge.
        assert_eq!(frontier.root_at(&kept, 300).unwrap(), frontier.root());
    }

    #[test]
    fn an_error_of_the_tile_source_is_passed_on() {
        struct Broken;
        impl TileSource for Broken {
            type Error = std::io::Error;
            fn full_tile(&self, _: TileId) -> std::io::Result<Option<Vec<u8>>> {
                Err(std::io::Error::other("the disk is on fire"))
            }
        }
        let refusal = tree(300).0.root_at(&Broken, 10).unwrap_err();
        assert!(matches!(&refusal, TileError::Source(_)));
        assert_eq!(refusal.to_string(), "the disk is on fire");
    }

    #[test]
    fn a_proof_proves_its_own_entry_only() {
        let tree = tree(300);
        let whole = head(&tree, 300);
        let proof = tree.0.prove_inclusion(&tree.1, at(7), 300).unwrap();
        assert_eq!(proof.check(whole, at(7), leaf(7)), Ok(()));
        assert_eq!(proof.check(whole, at(7), leaf(8)), Err(ProofError::NotIncluded));
        assert_eq!(proof.check(whole, at(8), leaf(7)), Err(ProofError::NotIncluded));
        let other = TreeHead { root: RootHash::EMPTY, ..whole };
        assert_eq!(proof.check(other, at(7), leaf(7)), Err(ProofError::NotIncluded));
        let outside = ProofError::NotInTree { seq: at(300), size: 300 };
        assert_eq!(proof.check(whole, at(300), leaf(300)), Err(outside));
        // A proof rebuilt from its hashes is the same proof; a shortened one is not valid.
        assert_eq!(InclusionProof::from_hashes(proof.hashes()), proof);
        let short = InclusionProof::from_hashes(proof.hashes().skip(1));
        assert_eq!(short.check(whole, at(7), leaf(7)), Err(ProofError::NotIncluded));
    }

    #[test]
    fn a_log_that_was_rewritten_does_not_pass_for_a_longer_one() {
        let tree = tree(300);
        let (old, new) = (head(&tree, 100), head(&tree, 300));
        let proof = tree.0.prove_consistency(&tree.1, 100, 300).unwrap();
        assert_eq!(proof.check(old, new), Ok(()));
        assert_eq!(ConsistencyProof::from_hashes(proof.hashes()).check(old, new), Ok(()));
        let rewritten = TreeHead { root: head(&tree, 99).root, ..old };
        assert_eq!(proof.check(rewritten, new), Err(ProofError::NotConsistent));
        assert_eq!(proof.check(new, old), Err(ProofError::Shrunk { old: 300, new: 100 }));
    }

    #[test]
    fn every_tree_extends_the_empty_one() {
        let tree = tree(300);
        let nothing = tree.0.prove_consistency(&tree.1, 0, 300).unwrap();
        let new = head(&tree, 300);
        assert_eq!(nothing.check(TreeHead::EMPTY, new), Ok(()));
        assert_eq!(nothing.check(TreeHead::EMPTY, TreeHead::EMPTY), Ok(()));
        let false_root = TreeHead { size: 0, root: new.root };
        assert_eq!(nothing.check(false_root, new), Err(ProofError::NotConsistent));
        let padded = ConsistencyProof::from_hashes([NodeHash::from_bytes([0; 32])]);
        assert_eq!(padded.check(TreeHead::EMPTY, new), Err(ProofError::NotConsistent));
    }
}
