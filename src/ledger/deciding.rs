//! Deciding on the drafts of a commit, on several threads where they are many.
//!
//! Knows which drafts do not depend on each other: assertions stand next to each other, and what one
//! would add only matters to another that is the same. Must not know how a draft is judged, or how
//! entries are chained.

use std::convert::Infallible;

use crate::domain::digest::{Commitment, Identity};
use crate::domain::id::Sequence;
use crate::platform::parallel;
use crate::record::decide::{Decision, Known, Refusal, Undecided, decide};
use crate::record::draft::{Draft, DraftBody};
use crate::record::event::{Body, EncodeError, Event, Recorder};
use crate::record::seal::{Payload, Salt};

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
pub(super) enum DecidedEvent {
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
) -> Result<DecidedEvent, Unready<K::Error>> {
    let Pending { index, draft, salt } = pending;
    ready(decide(known, draft, by), salt, index)
}

/// Commits to the event that was decided to be recorded.
pub(super) fn ready<E>(
    decision: Result<Decision, Undecided<E>>,
    salt: Salt,
    index: usize,
) -> Result<DecidedEvent, Unready<E>> {
    let (event, bytes, identities) = match decision {
        Ok(Decision::Already(at)) => return Ok(DecidedEvent::Already(at)),
        Ok(Decision::Record { event, bytes, identities }) => (event, bytes, identities),
        Err(Undecided::Refused(refusal)) => return Err(Unready::Refused { index, refusal }),
        Err(Undecided::Encode(error)) => return Err(Unready::Encode { index, error }),
        Err(Undecided::Failed(error)) => return Err(Unready::Failed(error)),
    };
    let payload = Payload { salt, event: bytes };
    let commitment = payload.commitment();
    let event = (!matches!(event.body, Body::ClaimAsserted(_))).then_some(event);
    Ok(DecidedEvent::Ready(Ready { event, identities, payload, commitment }))
}

/// Decides on drafts that stand alone, and answers in their order.
pub(super) fn decide_all<K: Known<Error: Send> + Sync>(
    known: &K,
    pending: Vec<Pending>,
    by: &Recorder,
) -> Vec<Result<DecidedEvent, Unready<K::Error>>> {
    let threads = parallel::threads(MOST_THREADS).min(pending.len() / HANDFUL);
    let mut all = Vec::with_capacity(pending.len());
    let mut rest = pending.into_iter();
    let handfuls = || {
        std::iter::from_fn(move || {
            let handful: Vec<Pending> = rest.by_ref().take(HANDFUL).collect();
            (!handful.is_empty()).then_some(handful)
        })
    };
    let worker = || {
        |handful: Vec<Pending>| -> Vec<_> {
            handful.into_iter().map(|pending| decide_one(known, pending, by)).collect()
        }
    };
    let Ok(()) = parallel::in_order(threads, handfuls, worker, |decided| {
        all.extend(decided);
        Ok::<_, Infallible>(())
    });
    all
}
