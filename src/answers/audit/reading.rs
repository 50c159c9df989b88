//! Reads the log's records, examines each on one of several threads, and returns them in the order
//! of the log.
//!
//! Knows runs of consecutive records, and which of them are folded. Must not know how records are
//! used. The results and their order do not depend on the number of threads.

use std::convert::Infallible;

use super::examined::Examined;
use crate::answers::view::fold::{Prepared, Preparer};
use crate::domain::id::Sequence;
use crate::platform::parallel;
use crate::record::log::{Log, Read, ReadError};

/// The number of records examined together.
const RUN: usize = 512;

/// The most threads that examine records.
const MOST_THREADS: usize = 6;

/// Consecutive records, as read.
struct Reads {
    reads: Vec<Read>,
    /// Whether they are to be folded.
    folded: bool,
}

/// Consecutive records after examination: each record, or why it could not be read.
pub(super) type ExaminedRecords = Vec<Result<Examined, ReadError>>;

/// A run, and its input for the fold: none if one of the records is faulty, or the run is not to be
/// folded.
type ExaminedRun = (ExaminedRecords, Option<Prepared>);

/// Reads all of `log` and passes it to `take`, run by run. Records before `limit` are prepared for
/// the fold.
pub(super) fn each_run(
    log: &dyn Log,
    limit: Sequence,
    take: impl FnMut(&[Result<Examined, ReadError>], Option<Prepared>),
) {
    each_run_on(parallel::threads(MOST_THREADS), log, limit, take);
}

fn each_run_on(
    threads: usize,
    log: &dyn Log,
    limit: Sequence,
    mut take: impl FnMut(&[Result<Examined, ReadError>], Option<Prepared>),
) {
    let worker = || {
        let mut preparer = Preparer::default();
        move |reads| examine(reads, &mut preparer)
    };
    let Ok(()) = parallel::in_order(
        threads,
        || runs(log, limit),
        worker,
        |(records, prepared)| {
            take(&records, prepared);
            Ok::<ExaminedRecords, Infallible>(records)
        },
    );
}

/// The log's records in runs, each of which lies entirely before or after `limit`.
fn runs(log: &dyn Log, limit: Sequence) -> impl Iterator<Item = Reads> {
    let mut reads = log.read(Sequence::ZERO).peekable();
    let mut folded = true;
    std::iter::from_fn(move || {
        // An unreadable record belongs to the same run as the one before it.
        let before = |read: &Read| read.as_ref().map_or(true, |(at, _)| *at < limit);
        folded = folded && before(reads.peek()?);
        let mut run = Vec::with_capacity(RUN);
        while run.len() < RUN
            && let Some(read) = reads.next_if(|read| (folded && before(read)) == folded)
        {
            run.push(read);
        }
        (!run.is_empty()).then_some(Reads { reads: run, folded })
    })
}

fn examine(Reads { reads, folded }: Reads, preparer: &mut Preparer) -> ExaminedRun {
    let records: ExaminedRecords =
        reads.into_iter().map(|read| read.map(|(at, record)| Examined::of(at, record))).collect();
    let checked = || records.iter().map(|record| record.as_ref().ok()?.checked()).collect();
    let checked: Option<Vec<_>> = folded.then(checked).flatten();
    let prepared = checked.map(|checked| preparer.prepare_checked(checked));
    (records, prepared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moment::Timestamp;
    use crate::record::log::memory::MemoryLog;
    use crate::record::seal::{HashChain, Record, Salt};

    const NAMED: &[u8] =
        br#"{"by":{"person":"ana"},"event":{"source_named":{"slug":"a","name":"A","kind":"outlet"}}}"#;

    /// A log of `count` records, one of which may be an invalid entry.
    fn log_of(count: usize, broken: Option<usize>) -> MemoryLog {
        let mut chain = HashChain::EMPTY;
        let salt = Salt::from_bytes([7; 32]);
        let mut seal = || chain.seal(NAMED.to_vec(), salt, Timestamp::EPOCH).record;
        let mut records: Vec<Record> = (0..count).map(|_| seal()).collect();
        if let Some(place) = broken {
            records[place].entry = b"{}".to_vec();
        }
        let mut log = MemoryLog::default();
        log.append(Sequence::ZERO, &records).unwrap();
        log
    }

    /// For each run: its first and last record, and whether it can be folded.
    fn runs(threads: usize, log: &MemoryLog, limit: usize) -> Vec<(u64, u64, bool)> {
        let mut runs = Vec::new();
        each_run_on(threads, log, Sequence::ZERO.plus(limit as u64), |records, prepared| {
            let places: Vec<u64> =
                records.iter().map(|record| record.as_ref().unwrap().at.get()).collect();
            assert!(places.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{places:?}");
            if let (Some(first), Some(last)) = (places.first(), places.last()) {
                runs.push((*first, *last, prepared.is_some()));
            }
        });
        runs
    }

    #[test]
    fn records_come_in_their_order_whatever_the_number_of_threads() {
        let (count, limit, broken) = (5 * RUN + 7, 2 * RUN + 9, RUN + 3);
        let log = log_of(count, Some(broken));
        let expected = runs(1, &log, limit);
        let folds: Vec<bool> = expected.iter().map(|(_, _, folds)| *folds).collect();
        // The second run has the invalid record, and the third ends at the limit.
        assert_eq!(folds, [true, false, true, false, false, false]);
        assert_eq!(expected[2].1 + 1, limit as u64);
        let mut next = 0;
        for (first, last, _) in &expected {
            assert_eq!(*first, next);
            next = last + 1;
        }
        assert_eq!(next, count as u64);
        for threads in [2, 3, 5] {
            assert_eq!(runs(threads, &log, limit), expected, "on {threads} threads");
        }
    }

    #[test]
    fn nothing_is_folded_before_the_first_record_and_an_empty_log_is_read() {
        let log = log_of(3, None);
        assert_eq!(runs(2, &log, 0), [(0, 2, false)]);
        assert_eq!(runs(2, &log, 3), [(0, 2, true)]);
        assert_eq!(runs(2, &log_of(0, None), 0), []);
    }
}
