//! Compares two folds of one log, however they were divided into commits.
//!
//! Knows the tables' contents as sets. Must not know which of the two is right.

use std::thread;

use redb::{ReadOnlyTable, ReadableTable as _};

use super::{ByBytes, Bytes, Chunk, Row, Snapshot, ViewError, store};
use crate::answers::fingerprint;
use crate::answers::posting;
use crate::platform::panic_guard::catch_panic;

/// The most differences that are reported: one rebuild repairs any number.
const MOST: usize = 20;

/// A place where two folds differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The key, in readable form.
    pub key: String,
}

type RowPair = (Vec<u8>, Vec<u8>);

/// The differences between `left` and `right`, in the order of their keys; at most 20. Rows are
/// compared on a separate thread, because they take about as long as everything else.
pub fn between(left: &Snapshot, right: &Snapshot) -> Result<Vec<Difference>, ViewError> {
    let (rows, others) = thread::scope(|threads| {
        // Each thread has its own guard against panics in the store.
        let rows = threads.spawn(|| catch_panic(|| rows_between(left, right)));
        let others = catch_panic(|| others_between(left, right));
        (rows.join(), others)
    });
    let damaged = |words| Err(ViewError::Damaged(words));
    let rows = rows.unwrap_or_else(|_| Err("comparing rows stopped".into()));
    let mut found = rows.unwrap_or_else(damaged)?;
    if found.len() < MOST {
        found.extend(others.unwrap_or_else(damaged)?);
    }
    found.truncate(MOST);
    Ok(found)
}

fn rows_between(left: &Snapshot, right: &Snapshot) -> Result<Vec<Difference>, ViewError> {
    let mut found = Vec::new();
    if left.cursor != right.cursor {
        found.push(Difference { table: "state", key: "cursor".into() });
    }
    if left.tree != right.tree {
        found.push(Difference { table: "state", key: "tree".into() });
    }
    compare("rows", numbered(&left.rows)?, numbered(&right.rows)?, &mut found)?;
    Ok(found)
}

fn others_between(left: &Snapshot, right: &Snapshot) -> Result<Vec<Difference>, ViewError> {
    let mut found = Vec::new();
    compare("terms", lists(&left.terms)?, lists(&right.terms)?, &mut found)?;
    compare("fingerprints", runs(&left.fingerprints)?, runs(&right.fingerprints)?, &mut found)?;
    compare("marks", pairs(&left.marks)?, pairs(&right.marks)?, &mut found)?;
    compare("tiles", pairs(&left.tiles)?, pairs(&right.tiles)?, &mut found)?;
    if whole(&left.hashes)? != whole(&right.hashes)? {
        found.push(Difference { table: "hashes", key: "entry hashes".into() });
    }
    Ok(found)
}

fn compare(
    table: &'static str,
    left: impl Iterator<Item = Result<RowPair, ViewError>>,
    right: impl Iterator<Item = Result<RowPair, ViewError>>,
    found: &mut Vec<Difference>,
) -> Result<(), ViewError> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    while found.len() < MOST {
        let (l, r) = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some(Err(_)), _) | (_, Some(Err(_))) => {
                left.next().transpose()?;
                right.next().transpose()?;
                continue;
            }
            (l, r) => (pair_of(l), pair_of(r)),
        };
        if l == r {
            left.next();
            right.next();
            continue;
        }
        let order = match (l, r) {
            (Some(l), Some(r)) => l.0.cmp(&r.0),
            (Some(_), None) => std::cmp::Ordering::Less,
            _ => std::cmp::Ordering::Greater,
        };
        let key = if order.is_gt() { r } else { l }.map(|pair| readable(&pair.0));
        found.push(Difference { table, key: key.unwrap_or_default() });
        if order.is_le() {
            left.next();
        }
        if order.is_ge() {
            right.next();
        }
    }
    Ok(())
}

fn pair_of(peeked: Option<&Result<RowPair, ViewError>>) -> Option<&RowPair> {
    peeked.and_then(|pair| pair.as_ref().ok())
}

fn readable(key: &[u8]) -> String {
    if let Ok(seq) = key.try_into() {
        return format!("#{}", u64::from_be_bytes(seq));
    }
    key.escape_ascii().to_string()
}

/// The rows one by one, whatever blocks they are stored in.
fn numbered(
    table: &ReadOnlyTable<u64, Bytes>,
) -> Result<impl Iterator<Item = Result<RowPair, ViewError>>, ViewError> {
    let blocks = table.iter().map_err(store)?;
    Ok(blocks.flat_map(|kept| match kept.map_err(store) {
        Ok((first, block)) => rows_of(first.value(), block.value()),
        Err(error) => vec![Err(error)],
    }))
}

fn rows_of(first: u64, block: &[u8]) -> Vec<Result<RowPair, ViewError>> {
    let (mut rows, mut rest, mut place) = (Vec::new(), block, first);
    while !rest.is_empty() {
        let chunk = Chunk::split(rest);
        let unpacked = chunk.and_then(|(chunk, _)| chunk.unpack());
        let (Some((chunk, behind)), Some(unpacked)) = (chunk, unpacked) else {
            rows.push(Err(cut_short(place)));
            break;
        };
        rows.extend(rows_in(place, chunk.rows, &unpacked));
        (place, rest) = (place + chunk.rows, behind);
    }
    rows
}

fn cut_short(place: u64) -> ViewError {
    ViewError::Damaged(format!("row #{place} is truncated"))
}

/// The rows of one chunk, which has `count` of them.
fn rows_in(first: u64, count: u64, chunk: &[u8]) -> Vec<Result<RowPair, ViewError>> {
    let (mut rows, mut rest) = (Vec::new(), chunk);
    for place in first..first + count {
        let Some((_, behind)) = Row::split(rest) else {
            rows.push(Err(cut_short(place)));
            return rows;
        };
        let row = rest[..rest.len() - behind.len()].to_vec();
        rows.push(Ok((place.to_be_bytes().to_vec(), row)));
        rest = behind;
    }
    if !rest.is_empty() {
        rows.push(Err(ViewError::Damaged(format!("more follows row #{}", first + count - 1))));
    }
    rows
}

/// All fingerprints of the same kind and first bits as one run, however many runs are stored.
fn runs(table: &ByBytes) -> Result<impl Iterator<Item = Result<RowPair, ViewError>>, ViewError> {
    let mut parts = pairs(table)?.peekable();
    Ok(std::iter::from_fn(move || {
        let (key, mut run) = match parts.next()? {
            Ok(part) => part,
            Err(error) => return Some(Err(error)),
        };
        let bits = key[..key.len().saturating_sub(8)].to_vec();
        while let Some(Ok((_, other))) =
            parts.next_if(|part| part.as_ref().is_ok_and(|(key, _)| is_part_of(key, &bits)))
        {
            run = fingerprint::merge(&run, &other);
        }
        Some(Ok((bits, run)))
    }))
}

fn pairs(table: &ByBytes) -> Result<impl Iterator<Item = Result<RowPair, ViewError>>, ViewError> {
    let kept = table.iter().map_err(store)?;
    Ok(kept.map(|kept| {
        let (key, value) = kept.map_err(store)?;
        Ok((key.value().to_vec(), value.value().to_vec()))
    }))
}

fn whole(table: &ReadOnlyTable<u64, Bytes>) -> Result<Vec<u8>, ViewError> {
    let mut all = Vec::new();
    for part in table.iter().map_err(store)? {
        all.extend_from_slice(part.map_err(store)?.1.value());
    }
    Ok(all)
}

/// Each term with its whole list, joined from however many parts are stored.
fn lists(table: &ByBytes) -> Result<impl Iterator<Item = Result<RowPair, ViewError>>, ViewError> {
    let mut parts = pairs(table)?.peekable();
    Ok(std::iter::from_fn(move || {
        let (key, packed) = match parts.next()? {
            Ok(part) => part,
            Err(error) => return Some(Err(error)),
        };
        let term = key[..key.len().saturating_sub(8)].to_vec();
        let mut numbers = Vec::new();
        let mut joined = unpack(&key, &packed, &mut numbers);
        while let Some(Ok((key, packed))) =
            parts.next_if(|part| part.as_ref().is_ok_and(|(key, _)| is_part_of(key, &term)))
        {
            joined = joined.and(unpack(&key, &packed, &mut numbers));
        }
        numbers.sort_unstable();
        numbers.dedup();
        Some(joined.map(|()| (term, posting::pack(0, &numbers))))
    }))
}

fn is_part_of(key: &[u8], term: &[u8]) -> bool {
    key.len() == term.len() + 8 && key.starts_with(term)
}

fn unpack(key: &[u8], packed: &[u8], numbers: &mut Vec<u64>) -> Result<(), ViewError> {
    let first = key.last_chunk::<8>().copied().map_or(0, u64::from_be_bytes);
    posting::unpack(first, packed, numbers).map_err(|error| ViewError::Damaged(error.to_string()))
}
