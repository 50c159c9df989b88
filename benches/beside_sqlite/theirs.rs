//! SQLite's side of each measurement.
//!
//! Knows the peer, and makes the events it gets by deciding on the same drafts, outside the time
//! taken. Must not know SQL.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use testimony::decide::{self, Decision, Known, KnownDocument, decide, decide_capture};
use testimony::digest::{ContentHash, Identity};
use testimony::document::DocumentCaptured;
use testimony::draft::{Draft, DraftBody};
use testimony::event::{Event, Kind};
use testimony::id::{AssertionId, DocumentId, Sequence, Slug, SourceId};
use testimony::resolve::Candidates;
use testimony::selector::IndexedText;
use testimony::source::SourceNamed;

use crate::ours::{self, SHOWN, WORDS, megabytes, reader, recorder, setup};
use crate::peer::{self, Peer, Promise};
use crate::press::{Dice, Press};
use crate::table::Measured;

/// What is known to whoever decides for the peer.
#[derive(Default)]
struct Desk {
    documents: HashMap<DocumentId, Arc<KnownDocument>>,
    sources: HashMap<Slug, SourceNamed>,
    next: u64,
}

impl Known for Desk {
    type Error = Infallible;

    fn document(&self, id: DocumentId) -> Result<Option<Arc<KnownDocument>>, Infallible> {
        Ok(self.documents.get(&id).cloned())
    }

    fn documents_at(&self, _: &str) -> Result<Vec<DocumentId>, Infallible> {
        Ok(Vec::new())
    }

    fn documents_by_hash(&self, _: &str) -> Result<Vec<DocumentId>, Infallible> {
        Ok(Vec::new())
    }

    fn source(&self, slug: &Slug) -> Result<Option<(Sequence, SourceNamed)>, Infallible> {
        Ok(self.sources.get(slug).map(|named| (Sequence::ZERO, named.clone())))
    }

    fn proposals(&self, _: &str) -> Result<Candidates, Infallible> {
        Ok(Candidates::default())
    }

    fn is_withheld(&self, _: &Slug) -> Result<bool, Infallible> {
        Ok(false)
    }

    fn kind(&self, _: Sequence) -> Result<Option<Kind>, Infallible> {
        Ok(Some(Kind::DocumentCaptured))
    }

    fn revises(&self, _: AssertionId) -> Result<Vec<AssertionId>, Self::Error> {
        Ok(Vec::new())
    }

    fn merged_into(&self, _: &SourceId) -> Result<Vec<(Sequence, SourceId)>, Infallible> {
        Ok(Vec::new())
    }

    fn merged_with(&self, _: &SourceId) -> Result<Vec<SourceId>, Infallible> {
        Ok(Vec::new())
    }

    fn rests_on(&self, _: DocumentId) -> Result<Vec<DocumentId>, Infallible> {
        Ok(Vec::new())
    }

    fn open_capture(&self, _: DocumentId) -> Result<Option<DocumentCaptured>, Infallible> {
        Ok(None)
    }

    fn holder(&self, _: &Identity) -> Result<Option<Sequence>, Infallible> {
        Ok(None)
    }
}

impl Desk {
    fn decide(&self, draft: Draft) -> Event {
        match decide(self, draft, &recorder()) {
            Ok(Decision::Record { event, .. }) => *event,
            other => panic!("{other:?}"),
        }
    }

    /// Takes in the sources and gives their events.
    fn namings(&mut self, press: &Press) -> Vec<Event> {
        let namings = press.namings();
        let named: Vec<SourceNamed> = namings
            .iter()
            .filter_map(|naming| match &naming.event {
                DraftBody::SourceNamed(named) => Some(named.clone()),
                _ => None,
            })
            .collect();
        let events = namings.into_iter().map(|naming| self.decide(naming)).collect();
        self.next += named.len() as u64;
        self.sources.extend(named.into_iter().map(|named| (named.slug.clone(), named)));
        events
    }
}

fn salts() -> impl FnMut() -> [u8; 32] {
    let mut dice = Dice::new(7);
    move || {
        let mut salt = [0; 32];
        for part in salt.chunks_exact_mut(8) {
            part.copy_from_slice(&dice.roll().to_le_bytes());
        }
        salt
    }
}

fn file(dir: &Path) -> PathBuf {
    dir.join("peer.sqlite")
}

/// Recording in batches, one transaction each.
pub(crate) fn record(dir: &Path, assertions: usize) -> Measured {
    std::fs::create_dir_all(dir).expect("a folder");
    let press = Press::new();
    let mut peer = Peer::create(&file(dir), Promise::Durable).expect("a new database");
    let mut desk = Desk::default();
    let mut salt = salts();
    let namings = desk.namings(&press);
    peer.record(&namings, &mut salt).expect("sources are named");
    let mut captures = Vec::new();
    let captured = setup(&press, assertions, |article| {
        let id = DocumentId::at(desk.next.try_into().expect("a sequence"));
        desk.next += 1;
        let capture = decide::CaptureDraft {
            by: recorder(),
            confidential: false,
            original: ContentHash::of(article.text.as_bytes()),
            text: ContentHash::of(article.text.as_bytes()),
            reader: reader(),
            media_type: None,
            file_name: None,
            fetched: None,
            rereads: None,
            metadata: article.metadata.clone(),
        };
        match decide_capture(&desk, capture) {
            Ok(Decision::Record { event, .. }) => captures.push(*event),
            other => panic!("{other:?}"),
        }
        let body = IndexedText::new(article.text.clone());
        desk.documents.insert(id, Arc::new(KnownDocument { id, body, title: None }));
        id
    });
    peer.record(&captures, &mut salt).expect("captures");
    let mut taken = Duration::ZERO;
    for batch in captured.batches(&press, assertions) {
        let events: Vec<Event> = batch.into_iter().map(|draft| desk.decide(draft)).collect();
        let begun = Instant::now();
        peer.record(&events, &mut salt).expect("a batch");
        taken += begun.elapsed();
    }
    peer.close().expect("a closed database");
    Measured::default()
        .seconds("recording, acknowledged", taken)
        .seconds("recording, views current", taken)
        .and("recording, on disk, MB", megabytes(dir))
}

/// Durable records one by one, one transaction each.
pub(crate) fn single(dir: &Path, count: usize) -> Measured {
    let press = Press::new();
    let mut peer = Peer::open(&file(dir)).expect("the database");
    let mut desk = Desk::default();
    desk.namings(&press);
    let id = DocumentId::at(desk.next.try_into().expect("a sequence"));
    let body = IndexedText::new(press.article(0).text);
    desk.documents.insert(id, Arc::new(KnownDocument { id, body, title: None }));
    let mut salt = salts();
    let mut taken = Vec::with_capacity(count);
    for draft in ours::strays(&press, id, count, "in other words") {
        let event = desk.decide(draft);
        let begun = Instant::now();
        peer.record(std::slice::from_ref(&event), &mut salt).expect("a record");
        taken.push(begun.elapsed());
    }
    peer.close().expect("a closed database");
    Measured::default()
        .latencies("single record, acknowledged", taken.clone())
        .latencies("single record, views current", taken)
}

fn rebuilt(dir: &Path, name: &str, checking: bool) -> Measured {
    let fresh = dir.join("fresh.sqlite");
    let begun = Instant::now();
    peer::rebuild(&file(dir), &fresh, checking).expect("a rebuild");
    let taken = begun.elapsed();
    std::fs::remove_file(fresh).expect("the fresh database");
    Measured::default().seconds(name, taken)
}

/// A full scan, and reinsertion into fresh tables.
pub(crate) fn rebuild(dir: &Path, _: usize) -> Measured {
    rebuilt(dir, "rebuild", false)
}

/// A full scan that checks commitments and chain, and reinsertion into fresh tables.
pub(crate) fn audit(dir: &Path, _: usize) -> Measured {
    rebuilt(dir, "audit", true)
}

/// The newest answers to a word.
pub(crate) fn who(dir: &Path, _: usize) -> Measured {
    let press = Press::new();
    WORDS.into_iter().fold(Measured::default(), |measured, (name, rank)| {
        let begun = Instant::now();
        peer::with_word(&file(dir), press.word(rank), SHOWN).expect("an answer");
        measured.and(&format!("who, a {name} word, ms"), begun.elapsed().as_secs_f64() * 1000.0)
    })
}
