//! Distributes work over threads: items are processed independently, and results are taken in
//! order.
//!
//! Knows threads and the order of results. Must not know what an item or a result is. The results
//! and their order are the same for any number of threads, and only a few items per thread are in
//! progress at a time, however many there are in all.

use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

/// How many items may wait for a thread, and how many of its results may wait to be taken.
const UNDER_WAY: usize = 1;

/// The number of available processors, at most `most`. The system is asked once, because finding
/// out reads files.
pub(crate) fn threads(most: usize) -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    let ask = || thread::available_parallelism().map_or(1, |number| number.get());
    (*PROCESSORS.get_or_init(ask)).min(most)
}

/// Processes every item on this many threads, and passes the results to `take` in the order of the
/// items.
///
/// `items` is called on a thread that only distributes them, and `worker` on each working thread,
/// which keeps its own state from item to item. A value returned by `take` is dropped by the thread
/// that made the result, where memory is freed fastest. With one thread, everything runs on the
/// calling thread.
///
/// # Errors
///
/// The first error of `take`. No results are taken after it, and few more items are processed.
pub(crate) fn in_order<T, R, Spent, E, Items, Worker>(
    threads: usize,
    items: impl FnOnce() -> Items + Send,
    worker: impl Fn() -> Worker + Sync,
    mut take: impl FnMut(R) -> Result<Spent, E>,
) -> Result<(), E>
where
    T: Send,
    R: Send,
    Spent: Send,
    Items: Iterator<Item = T>,
    Worker: FnMut(T) -> R,
{
    if threads < 2 {
        let mut work = worker();
        return items().try_for_each(|item| take(work(item)).map(drop));
    }
    thread::scope(|scope| {
        let (mut hands, mut turns, mut working) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..threads {
            let (hand, dealt) = sync_channel(UNDER_WAY);
            let (made, turn) = sync_channel(UNDER_WAY);
            let (done, spent) = channel();
            hands.push(hand);
            turns.push((turn, done));
            let worker = &worker;
            working.push(scope.spawn(move || work(worker(), dealt, &spent, &made)));
        }
        working.push(scope.spawn(move || deal(items(), &hands)));
        let mut taken = Ok(());
        for (turn, done) in turns.iter().cycle() {
            // The thread whose turn it is hangs up when there are no more items.
            let Ok(result) = turn.recv() else { break };
            match take(result) {
                // A thread without more items need not free anything.
                Ok(spent) => drop(done.send(spent)),
                Err(error) => {
                    taken = Err(error);
                    break;
                }
            }
        }
        // Threads with more results find that nothing takes them any more, and end.
        drop(turns);
        for thread in working {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
        taken
    })
}

/// Distributes the items in turn, until they end or a thread has hung up.
fn deal<T>(items: impl Iterator<Item = T>, hands: &[SyncSender<T>]) {
    for (item, hand) in items.zip(hands.iter().cycle()) {
        if hand.send(item).is_err() {
            return;
        }
    }
}

fn work<T, R, Spent>(
    mut work: impl FnMut(T) -> R,
    dealt: Receiver<T>,
    spent: &Receiver<Spent>,
    made: &SyncSender<R>,
) {
    for item in dealt {
        spent.try_iter().for_each(drop);
        if made.send(work(item)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::platform::panic_guard::catch_panic;

    /// The squares of the numbers below `count`, until `enough` were taken.
    fn squares(threads: usize, count: u64, enough: usize) -> (Vec<u64>, Result<(), &'static str>) {
        let mut taken = Vec::new();
        let worker = || {
            |number: u64| {
                // So that threads overtake one another.
                thread::sleep(Duration::from_micros(number * 7919 % 13 * 20));
                number * number
            }
        };
        let ended = in_order(
            threads,
            || 0..count,
            worker,
            |square| {
                taken.push(square);
                if taken.len() == enough { Err("enough") } else { Ok(square) }
            },
        );
        (taken, ended)
    }

    #[test]
    fn results_come_in_order_for_any_number_of_threads() {
        for count in [0, 1, 2, 5, 200] {
            let expected: Vec<u64> = (0..count).map(|number| number * number).collect();
            for threads in [0, 1, 2, 3, 7] {
                let said = squares(threads, count, usize::MAX);
                assert_eq!(said, (expected.clone(), Ok(())), "{count} on {threads} threads");
            }
        }
    }

    #[test]
    fn an_error_of_the_taker_ends_all_work() {
        for threads in [1, 2, 5] {
            let (taken, ended) = squares(threads, u64::MAX, 50);
            assert_eq!((taken.len(), ended), (50, Err("enough")), "on {threads} threads");
        }
    }

    #[test]
    fn only_a_few_items_per_thread_are_in_progress() {
        const THREADS: usize = 3;
        let (dealt, taken, most) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let items = || {
            (0..500).inspect(|_| {
                let dealt = dealt.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(dealt - taken.load(Ordering::SeqCst), Ordering::SeqCst);
            })
        };
        let slowly = |_: usize| {
            thread::sleep(Duration::from_micros(50));
            taken.fetch_add(1, Ordering::SeqCst);
            Ok::<_, ()>(())
        };
        in_order(THREADS, items, || |item: usize| item, slowly).unwrap();
        // On each thread one waits, one is in progress and one is finished; one is being
        // distributed and one taken.
        let most = most.into_inner();
        assert!(most <= THREADS * (2 * UNDER_WAY + 1) + 2, "{most}");
    }

    #[test]
    fn each_thread_keeps_its_state_and_gets_back_what_is_spent() {
        let workers = AtomicUsize::new(0);
        let worker = || {
            workers.fetch_add(1, Ordering::SeqCst);
            let mut before = Vec::new();
            move |number: u64| {
                before.push(number);
                before.clone()
            }
        };
        let mut last = Vec::new();
        let take = |before: Vec<u64>| {
            last.push(*before.last().unwrap());
            assert!(before.windows(2).all(|pair| pair[0] + 4 == pair[1]), "{before:?}");
            Ok::<_, ()>(before)
        };
        in_order(4, || 0..40, worker, take).unwrap();
        assert_eq!((workers.into_inner(), last), (4, (0..40).collect()));
    }

    #[test]
    fn a_panic_of_one_thread_is_this_ones() {
        for threads in [1, 3] {
            let worker = || |number: u64| assert!(number != 20, "at {number}");
            let work = || in_order(threads, || 0..u64::MAX, worker, Ok::<(), ()>);
            assert_eq!(catch_panic(work), Err("at 20".to_owned()), "on {threads} threads");
        }
    }
}
