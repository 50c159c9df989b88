//! Deciding on the drafts of a commit, on several threads where they are many.
//!
//! Knows which drafts do not depend on each other: assertions stand next to each other, and what one
//! would add only matters to another that is the same. Must not know how a draft is judged, or how
//! entries are chained.

use std::sync::Mutex;

use crate::decide::{Decision, Known, Refusal, Undecided, decide};
use crate::digest::{Commitment, Identity};
use crate::draft::{Draft, DraftBody};
use crate::event::{Body, EncodeError, Event, Recorder};
use crate::id::Sequence;
use crate::seal::{Payload, Salt};

/// Assertions that a thread takes at a time; fewer are decided on by one.
const HANDFUL: usize = 64;

/// Threads that decide at most.
const MOST_THREADS: usize = 4;

/// A draft with its place in the commit, and the salt its event will have.
pub(super) struct Pending {
    pub(super) index: usize,
    pub(super) draft: Draft,
    pub(super) salt: Salt,
}

/// What was decided, with all of sealing that does not need the chain.
pub(super) enum Decided {
    /// It is recorded already.
    Already(Sequence),
    /// It is to be recorded.
    Ready(Ready),
}

/// An event ready to be chained.
pub(super) struct Ready {
    /// The event; none for an assertion, of which later drafts need only know that it is one.
    pub(super) event: Option<Box<Event>>,
    /// What makes it the same as another.
    pub(super) identities: Vec<Identity>,
    /// What is stored.
    pub(super) payload: Payload,
    /// The commitment to that.
    pub(super) commitment: Commitment,
}

/// Why a draft is not ready to be chained.
pub(super) enum Unready<E> {
    /// It was refused.
    Refused { index: usize, refusal: Refusal },
    /// Its event is too large.
    Encode { index: usize, error: EncodeError },
    /// What is known could not be asked.
    Failed(E),
}

/// Whether it is decided on by what was recorded before its commit, but for its identity.
pub(super) fn stands_alone(draft: &Draft) -> bool {
    draft.request.is_none() && matches!(draft.event, DraftBody::ClaimAsserted(_))
}

/// Decides on one draft.
pub(super) fn decide_one<K: Known>(
    known: &K,
    pending: Pending,
    by: &Recorder,
) -> Result<Decided, Unready<K::Error>> {
    let Pending { index, draft, salt } = pending;
    ready(decide(known, draft, by), salt, index)
}

/// Commits to the event that was decided to be recorded.
pub(super) fn ready<E>(
    decision: Result<Decision, Undecided<E>>,
    salt: Salt,
    index: usize,
) -> Result<Decided, Unready<E>> {
    let (event, bytes, identities) = match decision {
        Ok(Decision::Already(at)) => return Ok(Decided::Already(at)),
        Ok(Decision::Record { event, bytes, identities }) => (event, bytes, identities),
        Err(Undecided::Refused(refusal)) => return Err(Unready::Refused { index, refusal }),
        Err(Undecided::Encode(error)) => return Err(Unready::Encode { index, error }),
        Err(Undecided::Failed(error)) => return Err(Unready::Failed(error)),
    };
    let payload = Payload { salt, event: bytes };
    let commitment = payload.commitment();
    let event = (!matches!(event.body, Body::ClaimAsserted(_))).then_some(event);
    Ok(Decided::Ready(Ready { event, identities, payload, commitment }))
}

/// Decides on drafts that stand alone, and answers in their order.
pub(super) fn decide_all<K: Known<Error: Send> + Sync>(
    known: &K,
    pending: Vec<Pending>,
    by: &Recorder,
) -> Vec<Result<Decided, Unready<K::Error>>> {
    let processors = std::thread::available_parallelism().map_or(1, |number| number.get());
    let threads = processors.min(MOST_THREADS).min(pending.len() / HANDFUL);
    let one = |pending| decide_one(known, pending, by);
    if threads < 2 {
        return pending.into_iter().map(one).collect();
    }
    let mut rest = pending.into_iter();
    let handfuls = std::iter::from_fn(|| {
        let handful: Vec<Pending> = rest.by_ref().take(HANDFUL).collect();
        (!handful.is_empty()).then_some(handful)
    });
    let handfuls: Vec<Vec<Pending>> = handfuls.collect();
    let queue = Mutex::new(handfuls.into_iter().enumerate());
    let take = || queue.lock().ok()?.next();
    let work = || {
        let mut done = Vec::new();
        while let Some((place, handful)) = take() {
            let decided: Vec<_> = handful.into_iter().map(one).collect();
            done.push((place, decided));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            // A thread that panicked makes this one panic when the scope ends.
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().flat_map(|(_, decided)| decided).collect()
}
