//! What the writer knows: the views, and what was recorded since they were brought up to date.
//!
//! Knows how to answer [`Known`]. Must not know what is decided with the answers. What a commit
//! would add is staged, so that later drafts of the same commit see it, and is dropped with it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use thiserror::Error;

use crate::archive::{Archive, GetError};
use crate::decide::{Known, KnownDocument};
use crate::digest::{ContentHash, Identity};
use crate::document::{DocumentCaptured, Metadata};
use crate::event::{Body, Event, Kind};
use crate::fingerprint::{HASH_BYTES, kept_of};
use crate::id::{DocumentId, Sequence, Slug, SourceId};
use crate::selector::IndexedText;
use crate::source::SourceNamed;
use crate::view::graph::{Merge, merges_in_force};
use crate::view::{Naming, Snapshot, ViewError, known, words};

/// Bytes of text kept in memory so that quotations in the same documents are found quickly.
const REMEMBERED_BYTES: usize = 32 << 20;

/// Slugs kept in memory because they have been looked up.
const REMEMBERED_SLUGS: usize = 1 << 16;

/// Why what is known could not be asked.
#[derive(Debug, Error)]
pub enum StateError {
    /// The views.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] GetError),
    /// An archived text is not one.
    #[error("the text {0} in the archive is not UTF-8: run `testimony audit`")]
    NotText(ContentHash),
}

/// Merges by the sources on both of their ends.
#[derive(Debug, Default)]
struct Merges(HashMap<SourceId, Vec<Merge>>);

impl Merges {
    fn of(merges: Vec<Merge>) -> Self {
        let mut all = Self::default();
        merges.into_iter().for_each(|merge| all.add(merge));
        all
    }

    fn add(&mut self, merge: Merge) {
        self.0.entry(merge.from.clone()).or_default().push(merge.clone());
        self.0.entry(merge.into.clone()).or_default().push(merge);
    }

    fn absorb(&mut self, other: Self) {
        for (source, merges) in other.0 {
            self.0.entry(source).or_default().extend(merges);
        }
    }
}

/// The documents that these metadata refer to.
fn resting(metadata: &Metadata) -> Vec<DocumentId> {
    metadata.references().map(|document| DocumentId::at(document.sequence())).collect()
}

/// Events beyond the views.
#[derive(Debug, Default)]
struct Beyond {
    kinds: Vec<Kind>,
    documents: HashMap<DocumentId, DocumentCaptured>,
    sources: HashMap<Slug, Naming>,
    /// What documents rest on, by the last correction of each.
    corrected: HashMap<DocumentId, Vec<DocumentId>>,
    merges: Merges,
    unmerged: HashSet<Sequence>,
    /// By as much of an identity as the views keep: enough to tell any two apart.
    identities: HashMap<[u8; HASH_BYTES], Sequence>,
}

impl Beyond {
    fn learn(&mut self, at: Sequence, event: Option<&Event>, identity: Option<Identity>) {
        self.identities.extend(identity.map(|identity| (kept_of(identity.as_bytes()), at)));
        let Some(event) = event else {
            return self.kinds.push(Kind::ClaimAsserted);
        };
        self.kinds.push(event.body.kind());
        match &event.body {
            Body::DocumentCaptured(captured) => {
                self.documents.insert(DocumentId::at(at), captured.clone());
            }
            Body::SourceNamed(named) => {
                let confidential = event.confidential;
                let naming = Naming { at, named: named.clone(), confidential };
                self.sources.insert(named.slug.clone(), naming);
            }
            Body::DocumentCorrected(corrected) => {
                self.corrected.insert(corrected.document, resting(&corrected.metadata));
            }
            Body::SourcesMerged(merged) => {
                let (from, into) = (merged.from.clone(), merged.into.clone());
                self.merges.add(Merge { at, from, into });
            }
            Body::MergeUndone(undone) => {
                self.unmerged.insert(undone.merge.sequence());
            }
            _ => {}
        }
    }

    fn absorb(&mut self, other: Self) {
        self.kinds.extend(other.kinds);
        self.documents.extend(other.documents);
        self.sources.extend(other.sources);
        self.corrected.extend(other.corrected);
        self.merges.absorb(other.merges);
        self.unmerged.extend(other.unmerged);
        self.identities.extend(other.identities);
    }
}

#[derive(Debug, Default)]
struct Texts {
    documents: HashMap<DocumentId, Arc<KnownDocument>>,
    bytes: usize,
}

/// What the writer knows.
pub(super) struct State {
    archive: Archive,
    snapshot: Snapshot,
    /// The first sequence beyond the views.
    folded: Sequence,
    recorded: Beyond,
    staged: Beyond,
    /// The merges in force by the views; read when first asked for.
    merges: OnceLock<Merges>,
    texts: Mutex<Texts>,
    /// Slugs of sources that are in the views or were recorded since.
    named: Mutex<HashSet<Slug>>,
}

/// What is remembered is right whatever happened to the thread that remembered it.
fn remembered<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(super) fn new(snapshot: Snapshot, archive: Archive) -> Self {
        Self {
            archive,
            folded: snapshot.cursor().next,
            snapshot,
            recorded: Beyond::default(),
            staged: Beyond::default(),
            merges: OnceLock::new(),
            texts: Mutex::default(),
            named: Mutex::default(),
        }
    }

    /// Takes up newer views: what was beyond the older ones is in them.
    pub(super) fn refresh(&mut self, snapshot: Snapshot) {
        self.folded = snapshot.cursor().next;
        self.snapshot = snapshot;
        self.merges = OnceLock::new();
        self.recorded = Beyond::default();
    }

    pub(super) const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Lets later drafts of the same commit see what this one would add; an assertion is known by
    /// its identity alone.
    pub(super) fn stage(
        &mut self,
        at: Sequence,
        event: Option<&Event>,
        identity: Option<Identity>,
    ) {
        self.staged.learn(at, event, identity);
    }

    /// What of the same commit has this identity.
    pub(super) fn staged(&self, identity: Option<&Identity>) -> Option<Sequence> {
        self.staged.identities.get(&kept_of(identity?.as_bytes())).copied()
    }

    pub(super) fn discard(&mut self) {
        self.staged = Beyond::default();
    }

    pub(super) fn keep(&mut self) {
        let staged = std::mem::take(&mut self.staged);
        self.recorded.absorb(staged);
    }

    /// Asks what was staged, then what was recorded since, then the views.
    fn beyond<T>(&self, look: impl Fn(&Beyond) -> Option<T>) -> Option<T> {
        look(&self.staged).or_else(|| look(&self.recorded))
    }

    fn captured(&self, id: DocumentId) -> Result<Option<DocumentCaptured>, StateError> {
        match self.beyond(|beyond| beyond.documents.get(&id).cloned()) {
            Some(captured) => Ok(Some(captured)),
            None => Ok(known::document(&self.snapshot, id)?),
        }
    }

    fn naming(&self, slug: &Slug) -> Result<Option<Naming>, ViewError> {
        match self.beyond(|beyond| beyond.sources.get(slug).cloned()) {
            Some(naming) => Ok(Some(naming)),
            None => {
                let snapshot = &self.snapshot;
                snapshot.naming(slug, snapshot.cursor().next)
            }
        }
    }

    /// The merges in force that `source` is an end of.
    fn merges_of(&self, source: &SourceId) -> Result<impl Iterator<Item = &Merge>, ViewError> {
        let folded = match self.merges.get() {
            Some(merges) => merges,
            None => {
                let merges = Merges::of(merges_in_force(&self.snapshot, |_| true)?);
                self.merges.get_or_init(|| merges)
            }
        };
        let all = [folded, &self.recorded.merges, &self.staged.merges];
        let of_source = all.into_iter().filter_map(|merges| merges.0.get(source)).flatten();
        let in_force = |merge: &&Merge| {
            let undone = |beyond: &Beyond| beyond.unmerged.contains(&merge.at).then_some(());
            self.beyond(undone).is_none()
        };
        Ok(of_source.filter(in_force))
    }

    fn read(&self, id: DocumentId) -> Result<Option<KnownDocument>, StateError> {
        let Some(captured) = self.captured(id)? else { return Ok(None) };
        let text = String::from_utf8(self.archive.get(captured.text)?)
            .map_err(|_| StateError::NotText(captured.text))?;
        let title = captured.metadata.title.map(|title| IndexedText::new(title.to_string()));
        Ok(Some(KnownDocument { id, body: IndexedText::new(text), title }))
    }

    fn with_documents(
        &self,
        mut found: Vec<DocumentId>,
        is_one: impl Fn(&DocumentCaptured) -> bool,
    ) -> Vec<DocumentId> {
        for beyond in [&self.recorded, &self.staged] {
            found.extend(beyond.documents.iter().filter(|(_, one)| is_one(one)).map(|(id, _)| *id));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl Known for State {
    type Error = StateError;

    fn document(&self, id: DocumentId) -> Result<Option<Arc<KnownDocument>>, StateError> {
        if let Some(document) = remembered(&self.texts).documents.get(&id) {
            return Ok(Some(Arc::clone(document)));
        }
        let Some(document) = self.read(id)?.map(Arc::new) else { return Ok(None) };
        let mut texts = remembered(&self.texts);
        if texts.bytes > REMEMBERED_BYTES {
            *texts = Texts::default();
        }
        texts.bytes += document.body.as_str().len();
        texts.documents.insert(id, Arc::clone(&document));
        Ok(Some(document))
    }

    fn documents_at(&self, url: &str) -> Result<Vec<DocumentId>, StateError> {
        let found = known::documents_at(&self.snapshot, url)?;
        Ok(self.with_documents(found, |captured| {
            let metadata = &captured.metadata;
            let addresses = [&metadata.url, &metadata.canonical_url, &metadata.archive_url];
            addresses.into_iter().flatten().any(|address| address.as_str() == url)
        }))
    }

    fn documents_by_hash(&self, prefix: &str) -> Result<Vec<DocumentId>, StateError> {
        let found = known::documents_by_hash(&self.snapshot, prefix)?;
        Ok(self.with_documents(found, |captured| {
            captured.text.to_string().starts_with(prefix)
                || captured.original.to_string().starts_with(prefix)
        }))
    }

    fn source(&self, slug: &Slug) -> Result<Option<(Sequence, SourceNamed)>, StateError> {
        Ok(self.naming(slug)?.map(|naming| (naming.at, naming.named)))
    }

    fn is_named(&self, slug: &Slug) -> Result<bool, StateError> {
        if remembered(&self.named).contains(slug) {
            return Ok(true);
        }
        if self.naming(slug)?.is_none() {
            return Ok(false);
        }
        // What was staged only may yet be dropped.
        if !self.staged.sources.contains_key(slug) {
            let mut named = remembered(&self.named);
            if named.len() >= REMEMBERED_SLUGS {
                named.clear();
            }
            named.insert(slug.clone());
        }
        Ok(true)
    }

    fn sources_like(&self, name: &str) -> Result<Vec<Slug>, StateError> {
        const MOST: usize = 8;
        let mut like = known::sources_like(&self.snapshot, name, MOST)?;
        let wanted = words(name);
        for beyond in [&self.recorded, &self.staged] {
            for (slug, Naming { named, .. }) in &beyond.sources {
                let names = named.aliases.iter().chain([&named.name]);
                let has: Vec<String> = names.flat_map(|name| words(name.as_str())).collect();
                if !wanted.is_empty() && wanted.iter().all(|word| has.contains(word)) {
                    like.push(slug.clone());
                }
            }
        }
        like.sort_unstable();
        like.dedup();
        like.truncate(MOST);
        // To propose a confidential source would tell of it.
        let mut open = Vec::with_capacity(like.len());
        for slug in like {
            if self.naming(&slug)?.is_some_and(|naming| !naming.confidential) {
                open.push(slug);
            }
        }
        Ok(open)
    }

    fn kind(&self, at: Sequence) -> Result<Option<Kind>, StateError> {
        let Some(place) = at.get().checked_sub(self.folded.get()) else {
            return Ok(known::kind(&self.snapshot, at)?);
        };
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        let staged = place.checked_sub(self.recorded.kinds.len());
        let kind = match staged {
            None => self.recorded.kinds.get(place),
            Some(place) => self.staged.kinds.get(place),
        };
        Ok(kind.copied())
    }

    fn merged_into(&self, source: &SourceId) -> Result<Vec<(Sequence, SourceId)>, StateError> {
        let merges = self.merges_of(source)?.filter(|merge| merge.from == *source);
        Ok(merges.map(|merge| (merge.at, merge.into.clone())).collect())
    }

    fn merged_with(&self, source: &SourceId) -> Result<Vec<SourceId>, StateError> {
        let other = |merge: &Merge| {
            if merge.from == *source { merge.into.clone() } else { merge.from.clone() }
        };
        Ok(self.merges_of(source)?.map(other).collect())
    }

    fn rests_on(&self, document: DocumentId) -> Result<Vec<DocumentId>, StateError> {
        let last = |beyond: &Beyond| beyond.corrected.get(&document).cloned();
        if let Some(resting) = self.beyond(last) {
            return Ok(resting);
        }
        let captured =
            |beyond: &Beyond| beyond.documents.get(&document).map(|one| resting(&one.metadata));
        if let Some(resting) = self.beyond(captured) {
            return Ok(resting);
        }
        let metadata = self.snapshot.metadata(document, |_| true)?;
        Ok(metadata.as_ref().map(resting).unwrap_or_default())
    }

    fn holder(&self, identity: &Identity) -> Result<Option<Sequence>, StateError> {
        let kept = kept_of(identity.as_bytes());
        match self.beyond(|beyond| beyond.identities.get(&kept).copied()) {
            Some(at) => Ok(Some(at)),
            None => Ok(known::holder(&self.snapshot, identity)?),
        }
    }
}
