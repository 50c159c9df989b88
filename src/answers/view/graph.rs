//! Resolves relations between sources: which are the same, and which speak for others.
//!
//! Knows merges and principals as of a sequence. Must not know what was said.

use std::collections::{BTreeMap, BTreeSet};

use super::{Mark, Snapshot, ViewError};
use crate::domain::id::{Sequence, SourceId};
use crate::domain::union_find::UnionFind;

/// A merge that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The sequence at which it was recorded.
    pub at: Sequence,
    /// The source that was merged.
    pub from: SourceId,
    /// The source it was merged into.
    pub into: SourceId,
}

/// Which sources are the same, by the merges in force.
#[derive(Debug, Default)]
pub struct Merges {
    /// From every merged source to the remaining one.
    whole: BTreeMap<SourceId, SourceId>,
    /// From each remaining source to all that are the same.
    parts: BTreeMap<SourceId, BTreeSet<SourceId>>,
}

/// The recorded merges, in order.
#[derive(Debug, Default)]
pub struct Merging {
    /// Each merge: its sequence, the merged source, and the source it was merged into.
    pub merged: Vec<(Sequence, SourceId, SourceId)>,
    /// The merges that were undone.
    pub undone: BTreeSet<Sequence>,
}

impl Merging {
    /// The merges recorded by the entries that count.
    pub fn by(snapshot: &Snapshot, counts: impl Fn(Sequence) -> bool) -> Result<Self, ViewError> {
        let mut merging = Self::default();
        for (merge, at, _) in snapshot.marks_of(Mark::Unmerged)? {
            let merge = merge.try_into().ok().map(u64::from_be_bytes).map(Sequence::new);
            merging.undone.extend(merge.and_then(Result::ok).filter(|_| counts(at)));
        }
        for (_, at, pair) in snapshot.marks_of(Mark::Merged)? {
            let pair = String::from_utf8_lossy(&pair).into_owned();
            if counts(at)
                && let Some((from, into)) = pair.split_once('\n')
                && let (Ok(from), Ok(into)) = (from.parse(), into.parse())
            {
                merging.merged.push((at, from, into));
            }
        }
        Ok(merging)
    }
}

impl Merges {
    /// The merges in force by the entries that count.
    pub fn by(snapshot: &Snapshot, counts: impl Fn(Sequence) -> bool) -> Result<Self, ViewError> {
        Ok(Self::of(Merging::by(snapshot, counts)?))
    }

    /// The merges in force: those that were not undone.
    pub fn of(merging: Merging) -> Self {
        let mut numbers: BTreeMap<SourceId, u32> = BTreeMap::new();
        let mut grouping = UnionFind::default();
        for (at, from, into) in merging.merged {
            if !merging.undone.contains(&at) {
                let from = *numbers.entry(from).or_insert_with(|| grouping.add());
                let into = *numbers.entry(into).or_insert_with(|| grouping.add());
                grouping.join(from, into);
            }
        }
        let by_number: BTreeMap<u32, &SourceId> =
            numbers.iter().map(|(source, number)| (*number, source)).collect();
        let mut merges = Self::default();
        for (source, number) in &numbers {
            let head = grouping.head(*number);
            let whole = by_number.get(&head).map_or_else(|| source.clone(), |it| (*it).clone());
            merges.parts.entry(whole.clone()).or_default().insert(source.clone());
            if whole != *source {
                merges.whole.insert(source.clone(), whole);
            }
        }
        merges
    }

    /// The source that `source` was merged into; itself if it was not merged.
    pub fn whole(&self, source: &SourceId) -> SourceId {
        self.whole.get(source).unwrap_or(source).clone()
    }

    /// Every source that is the same as `source`, including itself.
    pub fn parts(&self, source: &SourceId) -> BTreeSet<SourceId> {
        let whole = self.whole.get(source).unwrap_or(source);
        let parts = self.parts.get(whole).cloned();
        parts.unwrap_or_else(|| BTreeSet::from([source.clone()]))
    }
}

/// A source that speaks for another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spokesperson {
    /// The source that speaks.
    pub source: SourceId,
    /// Whether that holds only for a period.
    pub at_times: bool,
}

/// The sources that speak for `principal`, by a naming or description before entry `before`.
pub fn spokespeople(
    snapshot: &Snapshot,
    principal: &SourceId,
    before: Sequence,
) -> Result<BTreeSet<Spokesperson>, ViewError> {
    let mut speakers = BTreeSet::new();
    for (at, slug) in snapshot.marks(Mark::SpokenFor, principal.to_string().as_bytes())? {
        let Ok(speaker) = String::from_utf8_lossy(&slug).parse() else { continue };
        // Only the last naming or description says for whom a source speaks now.
        let last = match &speaker {
            SourceId::Named(slug) => {
                snapshot.naming(slug, before)?.map(|naming| naming.named.speaks_for)
            }
            SourceId::Unnamed { .. } => {
                let described = snapshot.description(&speaker, |at| at < before)?;
                described.map(|described| described.speaks_for)
            }
        };
        let last = last.unwrap_or_default();
        let now = last.iter().filter(|it| it.source == *principal).collect::<Vec<_>>();
        if at < before && !now.is_empty() {
            let at_times = now.iter().all(|principal| principal.during.is_some());
            speakers.insert(Spokesperson { source: speaker, at_times });
        }
    }
    Ok(speakers)
}
