//! Decides on the drafts of a commit, on several threads if there are many.
//!
//! Knows which drafts are independent: assertions do not affect each other, except that one may be
//! the same as another. Must not know how a draft is decided on, or how entries are chained.

use std::convert::Infallible;

use crate::domain::digest::{Commitment, Identity};
use crate::domain::id::Sequence;
use crate::platform::parallel;
use crate::record::decide::{Decision, Known, Refusal, Undecided, decide};
use crate::record::draft::{Draft, DraftBody};
use crate::record::event::{Body, EncodeError, Event, Recorder};
use crate::record::seal::{Payload, Salt};

/// How many assertions a thread takes at a time; fewer are decided on by a single thread.
const HANDFUL: usize = 64;

/// The most threads that decide.
const MOST_THREADS: usize = 4;

/// A draft with its index in the commit, and the salt that its event will have.
pub(super) struct Pending {
    pub(super) index: usize,
    pub(super) draft: Draft,
    pub(super) salt: Salt,
}

/// A decision, with every part of sealing that does not need the chain.
pub(super) enum DecidedEvent {
    /// It is already recorded, at this sequence.
    Already(Sequence),
    /// It is to be recorded.
    Ready(Ready),
}

/// An event ready to be linked into the chain.
pub(super) struct Ready {
    /// The event; `None` for an assertion, of which later drafts need only the identity.
    pub(super) event: Option<Box<Event>>,
    /// The hashes by which a later event is recognised as the same.
    pub(super) identities: Vec<Identity>,
    /// The payload to store.
    pub(super) payload: Payload,
    /// The commitment to the payload.
    pub(super) commitment: Commitment,
}

/// Why a draft is not ready to be linked.
pub(super) enum Unready<E> {
    /// It was refused.
    Refused { index: usize, refusal: Refusal },
    /// Its event is too large.
    Encode { index: usize, error: EncodeError },
    /// The current state could not be read.
    Failed(E),
}

/// Whether the decision depends only on what was recorded before its commit, apart from its
/// identity.
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

/// Commits to an event that is to be recorded.
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

/// Decides on independent drafts, and returns the decisions in their order.
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
