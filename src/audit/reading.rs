//! Reading: the log's records, each examined by itself on one of several threads, and given back in
//! the order of the log.
//!
//! Knows runs, threads and turns. Must not know what is made of a record. What is given, and in which
//! order, is the same however many threads there are.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::examined::Examined;
use crate::id::Sequence;
use crate::log::{Log, Read, ReadError};
use crate::view::fold::{Prepared, Preparer};

/// Records examined at a time.
const RUN: usize = 512;

/// Threads that examine at most.
const MOST_THREADS: usize = 6;

/// Runs that a thread may be behind, and ahead.
const UNDER_WAY: usize = 1;

/// Records that follow each other, as they were read.
struct Reads {
    reads: Vec<Read>,
    /// Whether they are to be folded.
    folded: bool,
}

/// Records that follow each other, examined.
pub(super) struct Run {
    /// Each of them, or what stood in its way.
    pub(super) records: Vec<Result<Examined, ReadError>>,
    /// What the fold takes of them; none where something is wrong with one by itself, or none is to
    /// be folded.
    pub(super) prepared: Option<Prepared>,
}

/// Reads all of `log` and gives it to `take`, run by run. What stands before `limit` is made ready for
/// the fold.
pub(super) fn each_run(log: &dyn Log, limit: Sequence, mut take: impl FnMut(Run)) {
    let threads = thread::available_parallelism().map_or(1, |number| number.get());
    thread::scope(|scope| {
        let (mut senders, mut turns) = (Vec::new(), Vec::new());
        for _ in 0..threads.min(MOST_THREADS) {
            let (sender, reads) = sync_channel(UNDER_WAY);
            let (examined, turn) = sync_channel(UNDER_WAY);
            senders.push(sender);
            turns.push(turn);
            scope.spawn(move || examine(reads, &examined));
        }
        scope.spawn(move || read(log, limit, &senders));
        for turn in turns.iter().cycle() {
            // The thread whose turn it is has hung up when there are no more runs.
            let Ok(run) = turn.recv() else { break };
            take(run);
        }
    });
}

/// Hands out the records in runs, each to the next thread. A run lies on one side of `limit`.
fn read(log: &dyn Log, limit: Sequence, turns: &[SyncSender<Reads>]) {
    let mut turns = turns.iter().cycle();
    let fresh = |folded| Reads { reads: Vec::with_capacity(RUN), folded };
    let mut run = fresh(true);
    for read in log.read(Sequence::ZERO) {
        let folded = run.folded && read.as_ref().map_or(true, |(at, _)| *at < limit);
        if run.reads.len() == RUN || folded != run.folded {
            let whole = std::mem::replace(&mut run, fresh(folded));
            // Who has hung up has panicked, and that is told when it is joined.
            if turns.next().is_none_or(|turn| turn.send(whole).is_err()) {
                return;
            }
        }
        run.reads.push(read);
    }
    let _ = turns.next().map(|turn| turn.send(run));
}

fn examine(reads: Receiver<Reads>, examined: &SyncSender<Run>) {
    let mut preparer = Preparer::default();
    for Reads { reads, folded } in reads {
        let records: Vec<_> = reads
            .into_iter()
            .map(|read| read.map(|(at, record)| Examined::of(at, record)))
            .collect();
        let checked = || records.iter().map(|record| record.as_ref().ok()?.checked()).collect();
        let checked: Option<Vec<_>> = folded.then(checked).flatten();
        let prepared = checked.map(|checked| preparer.prepare_checked(checked));
        if examined.send(Run { records, prepared }).is_err() {
            return;
        }
    }
}
