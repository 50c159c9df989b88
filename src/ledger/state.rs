//! Combines everything that the writer knows: the views, and what was recorded after them.
//!
//! Knows how to answer [`Known`], and which sources each audience may see. Must not know what is
//! decided from the answers. What a commit would add is staged, so that later drafts of the same
//! commit see it, and is dropped if the commit fails.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rustc_hash::FxHashMap;
use thiserror::Error;

use crate::answers::fingerprint::{HASH_BYTES, kept_of};
use crate::answers::view::graph::{Merge, Merges, Merging};
use crate::answers::view::query::Audience;
use crate::answers::view::withheld::Withheld;
use crate::answers::view::{Naming, Snapshot, ViewError, lookup, words};
use crate::domain::digest::{ContentHash, Identity};
use crate::domain::document::{DocumentCaptured, Metadata};
use crate::domain::id::{AssertionId, DocumentId, Sequence, Slug, SourceId};
use crate::domain::resolve::{self, Candidates, Sources, folded_names, names};
use crate::domain::selector::IndexedText;
use crate::domain::source::SourceNamed;
use crate::record::archive::{Archive, GetError};
use crate::record::decide::{Known, KnownDocument};
use crate::record::event::{Body, Event, Kind, Relation};

/// Bytes of text kept in memory, so that quotations from the same documents are located quickly.
const REMEMBERED_BYTES: usize = 32 << 20;

/// The number of slugs kept in memory because they have been looked up.
const REMEMBERED_SLUGS: usize = 1 << 16;

/// Why the current state could not be read.
#[derive(Debug, Error)]
pub enum StateError {
    /// The views could not be read.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The archive could not be read.
    #[error(transparent)]
    Archive(#[from] GetError),
    /// An archived text is not UTF-8.
    #[error("the text {0} in the archive is not UTF-8: run `testimony audit`")]
    NotText(ContentHash),
}

/// Merges in force, by the sources at both of their ends.
fn by_ends(merging: Merging) -> HashMap<SourceId, Vec<Merge>> {
    let mut ends: HashMap<SourceId, Vec<Merge>> = HashMap::new();
    for (at, from, into) in merging.merged {
        if !merging.undone.contains(&at) {
            let merge = Merge { at, from: from.clone(), into: into.clone() };
            ends.entry(from).or_default().push(merge.clone());
            ends.entry(into).or_default().push(merge);
        }
    }
    ends
}

/// The documents that this metadata refers to.
fn resting(metadata: &Metadata) -> Vec<DocumentId> {
    metadata.references().map(|document| DocumentId::at(document.sequence())).collect()
}

/// Events after those in the views.
#[derive(Debug, Default)]
struct Beyond {
    kinds: Vec<Kind>,
    documents: HashMap<DocumentId, DocumentCaptured>,
    sources: HashMap<Slug, Naming>,
    /// The slugs of sources, by what each of their names folds to.
    names: HashMap<Slug, Vec<Slug>>,
    /// Confidential events other than assertions.
    secret: HashSet<Sequence>,
    /// Sources that were named confidentially, however they were named later.
    confidential: HashSet<Slug>,
    /// Merges, each with whether it is confidential.
    merged: Vec<(Sequence, SourceId, SourceId, bool)>,
    /// The indices of the merges that a source is an end of.
    ends: HashMap<SourceId, Vec<usize>>,
    /// Merges that were undone, each with whether the undoing is confidential.
    undone: BTreeMap<Sequence, bool>,
    /// The documents that each document revises or derives from, according to its latest
    /// correction.
    corrected: HashMap<DocumentId, Vec<DocumentId>>,
    /// Relations by which assertions revise others.
    revises: Vec<(Sequence, Vec<AssertionId>, Vec<AssertionId>)>,
    /// Events, by as much of their identity as the views keep: enough to distinguish any two.
    identities: FxHashMap<[u8; HASH_BYTES], Sequence>,
    /// Assertions, by each of their voids.
    voids: HashMap<Sequence, Sequence>,
    withdrawn: HashSet<Sequence>,
}

impl Beyond {
    fn learn(&mut self, at: Sequence, event: Option<&Event>, identities: &[Identity]) {
        let kept = identities.iter().map(|identity| (kept_of(identity.as_bytes()), at));
        self.identities.extend(kept);
        let Some(event) = event else {
            return self.kinds.push(Kind::ClaimAsserted);
        };
        self.kinds.push(event.body.kind());
        if event.confidential {
            self.secret.insert(at);
        }
        match &event.body {
            Body::DocumentCaptured(captured) => {
                self.documents.insert(DocumentId::at(at), captured.clone());
            }
            Body::SourceNamed(named) => {
                let confidential = event.confidential;
                if confidential {
                    self.confidential.insert(named.slug.clone());
                }
                for folded in folded_names(named) {
                    self.names.entry(folded).or_default().push(named.slug.clone());
                }
                let naming = Naming { at, named: named.clone(), confidential };
                self.sources.insert(named.slug.clone(), naming);
            }
            Body::AssertionVoided(voided) => {
                self.voids.insert(at, voided.assertion.sequence());
            }
            Body::EventWithdrawn(withdrawn) => {
                self.withdrawn.insert(withdrawn.event.sequence());
            }
            Body::DocumentCorrected(corrected) => {
                self.corrected.insert(corrected.document, resting(&corrected.metadata));
            }
            Body::AssertionsRelated(related) if related.relation == Relation::Revises => {
                let [left, right] =
                    [&related.left, &related.right].map(|side| side.as_slice().to_vec());
                self.revises.push((at, left, right));
            }
            Body::SourcesMerged(merged) => {
                let (from, into) = (merged.from.clone(), merged.into.clone());
                self.merge(at, from, into, event.confidential);
            }
            Body::MergeUndone(undone) => {
                self.undo(undone.merge.sequence(), event.confidential);
            }
            _ => {}
        }
    }

    fn merge(&mut self, at: Sequence, from: SourceId, into: SourceId, confidential: bool) {
        for end in [&from, &into] {
            self.ends.entry(end.clone()).or_default().push(self.merged.len());
        }
        self.merged.push((at, from, into, confidential));
    }

    /// A public undoing makes an earlier confidential one of the same merge public.
    fn undo(&mut self, merge: Sequence, confidential: bool) {
        let known = self.undone.entry(merge).or_insert(confidential);
        *known = *known && confidential;
    }

    fn absorb(&mut self, other: Self) {
        self.kinds.extend(other.kinds);
        self.documents.extend(other.documents);
        self.sources.extend(other.sources);
        for (folded, slugs) in other.names {
            self.names.entry(folded).or_default().extend(slugs);
        }
        self.secret.extend(other.secret);
        self.confidential.extend(other.confidential);
        for (at, from, into, confidential) in other.merged {
            self.merge(at, from, into, confidential);
        }
        for (merge, confidential) in other.undone {
            self.undo(merge, confidential);
        }
        self.corrected.extend(other.corrected);
        self.revises.extend(other.revises);
        self.identities.extend(other.identities);
        self.voids.extend(other.voids);
        self.withdrawn.extend(other.withdrawn);
    }
}

#[derive(Debug, Default)]
struct Texts {
    documents: HashMap<DocumentId, Arc<KnownDocument>>,
    bytes: usize,
}

/// Everything that the writer knows.
pub(super) struct State {
    archive: Archive,
    snapshot: Snapshot,
    /// The first sequence after the views.
    folded: Sequence,
    recorded: Beyond,
    staged: Beyond,
    /// The merges in force according to the views; read when first needed.
    folded_merges: OnceLock<HashMap<SourceId, Vec<Merge>>>,
    texts: Mutex<Texts>,
    /// Slugs of sources that are in the views or were recorded since.
    named: Mutex<HashSet<Slug>>,
    /// What is withheld from the views, once that was read.
    withheld: Mutex<Option<Arc<Withheld>>>,
}

/// Remembered values are valid even if the thread that stored them panicked.
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
            folded_merges: OnceLock::new(),
            texts: Mutex::default(),
            named: Mutex::default(),
            withheld: Mutex::default(),
        }
    }

    /// Switches to newer views, which include the events kept since the older ones.
    pub(super) fn refresh(&mut self, snapshot: Snapshot) {
        self.folded = snapshot.cursor().next;
        self.snapshot = snapshot;
        self.folded_merges = OnceLock::new();
        self.recorded = Beyond::default();
        *remembered(&self.withheld) = None;
    }

    pub(super) const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Makes visible to later drafts of the same commit what this one would add; an assertion is
    /// known only by its identity.
    pub(super) fn stage(&mut self, at: Sequence, event: Option<&Event>, identities: &[Identity]) {
        self.staged.learn(at, event, identities);
    }

    /// The staged event with this identity.
    fn staged(&self, identity: &Identity) -> Option<Sequence> {
        let holder = self.staged.identities.get(&kept_of(identity.as_bytes())).copied();
        holder.filter(|at| !self.staged_void(*at))
    }

    /// The staged event with any of these identities.
    pub(super) fn staged_any(&self, identities: &[Identity]) -> Option<Sequence> {
        identities.iter().find_map(|identity| self.staged(identity))
    }

    /// Whether the same commit voids what it recorded at this sequence.
    fn staged_void(&self, at: Sequence) -> bool {
        let in_force = |void: &Sequence| !self.staged.withdrawn.contains(void);
        self.staged.voids.iter().any(|(void, voided)| *voided == at && in_force(void))
    }

    /// Whether an assertion was recorded wrongly, according to a void that was not withdrawn.
    fn voided(&self, at: Sequence) -> Result<bool, ViewError> {
        let mut voids = lookup::voids(&self.snapshot, at)?;
        for beyond in [&self.recorded, &self.staged] {
            voids.extend(beyond.voids.iter().filter(|(_, one)| **one == at).map(|(void, _)| *void));
        }
        for void in voids {
            let beyond = [&self.recorded, &self.staged];
            let withdrawn = beyond.iter().any(|beyond| beyond.withdrawn.contains(&void));
            if !withdrawn && !lookup::withdrawn(&self.snapshot, void)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn discard(&mut self) {
        self.staged = Beyond::default();
    }

    pub(super) fn keep(&mut self) {
        let staged = std::mem::take(&mut self.staged);
        self.recorded.absorb(staged);
    }

    /// Looks among the staged events, then among those recorded since the views.
    fn beyond<T>(&self, look: impl Fn(&Beyond) -> Option<T>) -> Option<T> {
        look(&self.staged).or_else(|| look(&self.recorded))
    }

    pub(super) fn captured(&self, id: DocumentId) -> Result<Option<DocumentCaptured>, StateError> {
        match self.beyond(|beyond| beyond.documents.get(&id).cloned()) {
            Some(captured) => Ok(Some(captured)),
            None => Ok(lookup::document(&self.snapshot, id)?),
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

    /// The sources that this audience may see.
    pub(super) fn sources(&self, audience: Audience) -> VisibleSources<'_> {
        VisibleSources { state: self, audience, merges: OnceCell::new() }
    }

    fn withheld(&self) -> Result<Arc<Withheld>, ViewError> {
        let mut remembered = remembered(&self.withheld);
        if let Some(withheld) = &*remembered {
            return Ok(Arc::clone(withheld));
        }
        let withheld = Arc::new(Withheld::from(&self.snapshot)?);
        *remembered = Some(Arc::clone(&withheld));
        Ok(withheld)
    }

    /// Whether a source is withheld, itself or because it speaks for one that is.
    fn is_hidden(&self, source: &SourceId) -> Result<bool, ViewError> {
        let withheld = self.withheld()?;
        let hides = |beyond: &Beyond| !beyond.confidential.is_empty();
        if withheld.events().is_empty() && !hides(&self.staged) && !hides(&self.recorded) {
            return Ok(false);
        }
        let mut waiting = vec![source.clone()];
        let mut met = HashSet::new();
        while let Some(source) = waiting.pop() {
            if withheld.source(&source) {
                return Ok(true);
            }
            let SourceId::Named(slug) = source else { continue };
            let mut beyond = [&self.staged, &self.recorded].into_iter();
            if beyond.any(|beyond| beyond.confidential.contains(&slug)) {
                return Ok(true);
            }
            let naming = self.beyond(|beyond| beyond.sources.get(&slug).cloned());
            if met.insert(slug) {
                let principals = naming.map(|naming| naming.named.speaks_for).unwrap_or_default();
                waiting.extend(principals.into_iter().map(|principal| principal.source));
            }
        }
        Ok(false)
    }

    fn merges(&self, audience: Audience) -> Result<Merges, ViewError> {
        let seen = |confidential: bool, sources: &[&SourceId]| {
            if audience == Audience::Confidants {
                return Ok(true);
            }
            let mut hidden = confidential;
            for source in sources {
                hidden = hidden || self.is_hidden(source)?;
            }
            Ok::<_, ViewError>(!hidden)
        };
        let withheld = self.withheld()?;
        let mut merging = Merging::by(&self.snapshot, |at| {
            audience == Audience::Confidants || !withheld.event(at)
        })?;
        for beyond in [&self.recorded, &self.staged] {
            for (at, from, into, confidential) in &beyond.merged {
                if seen(*confidential, &[from, into])? {
                    merging.merged.push((*at, from.clone(), into.clone()));
                }
            }
            for (merge, confidential) in &beyond.undone {
                if seen(*confidential, &[])? {
                    merging.undone.insert(*merge);
                }
            }
        }
        Ok(Merges::of(merging))
    }

    /// The merges in force with `source` at one end.
    fn merges_of(&self, source: &SourceId) -> Result<Vec<Merge>, ViewError> {
        let folded = match self.folded_merges.get() {
            Some(merges) => merges,
            None => {
                let merges = by_ends(Merging::by(&self.snapshot, |_| true)?);
                self.folded_merges.get_or_init(|| merges)
            }
        };
        let mut merges = folded.get(source).cloned().unwrap_or_default();
        for beyond in [&self.recorded, &self.staged] {
            let places = beyond.ends.get(source).into_iter().flatten();
            let of_source = places.filter_map(|place| beyond.merged.get(*place));
            merges.extend(of_source.map(|(at, from, into, _)| Merge {
                at: *at,
                from: from.clone(),
                into: into.clone(),
            }));
        }
        let undone = |merge: &Merge| {
            let by = |beyond: &Beyond| beyond.undone.contains_key(&merge.at);
            by(&self.recorded) || by(&self.staged)
        };
        merges.retain(|merge| !undone(merge));
        Ok(merges)
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
        let found = lookup::documents_at(&self.snapshot, url)?;
        Ok(self.with_documents(found, |captured| {
            let metadata = &captured.metadata;
            let addresses = [&metadata.url, &metadata.canonical_url, &metadata.archive_url];
            addresses.into_iter().flatten().any(|address| address.as_str() == url)
        }))
    }

    fn open_capture(&self, id: DocumentId) -> Result<Option<DocumentCaptured>, StateError> {
        let is_secret = |beyond: &Beyond| beyond.secret.contains(&id.sequence()).then_some(());
        if self.beyond(is_secret).is_some() || self.withheld()?.document(id) {
            return Ok(None);
        }
        self.captured(id)
    }

    fn documents_by_hash(&self, prefix: &str) -> Result<Vec<DocumentId>, StateError> {
        let found = lookup::documents_by_hash(&self.snapshot, prefix)?;
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
        // Staged sources may still be dropped.
        if !self.staged.sources.contains_key(slug) {
            let mut named = remembered(&self.named);
            if named.len() >= REMEMBERED_SLUGS {
                named.clear();
            }
            named.insert(slug.clone());
        }
        Ok(true)
    }

    fn proposals(&self, reference: &str) -> Result<Candidates, StateError> {
        resolve::proposals(&self.sources(Audience::Anyone), reference)
    }

    fn is_withheld(&self, slug: &Slug) -> Result<bool, StateError> {
        Ok(self.is_hidden(&SourceId::Named(slug.clone()))?)
    }

    fn kind(&self, at: Sequence) -> Result<Option<Kind>, StateError> {
        let Some(place) = at.get().checked_sub(self.folded.get()) else {
            return Ok(lookup::kind(&self.snapshot, at)?);
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
        let merges = self.merges_of(source)?.into_iter().filter(|merge| merge.from == *source);
        Ok(merges.map(|merge| (merge.at, merge.into)).collect())
    }

    fn merged_with(&self, source: &SourceId) -> Result<Vec<SourceId>, StateError> {
        let other = |merge: Merge| {
            if merge.from == *source { merge.into } else { merge.from }
        };
        Ok(self.merges_of(source)?.into_iter().map(other).collect())
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

    fn revises(&self, assertion: AssertionId) -> Result<Vec<AssertionId>, StateError> {
        if self.voided(assertion.sequence())? {
            return Ok(Vec::new());
        }
        let mut relations = lookup::revised(&self.snapshot, assertion)?;
        for beyond in [&self.recorded, &self.staged] {
            let of_it = beyond.revises.iter().filter(|(_, left, _)| left.contains(&assertion));
            relations.extend(of_it.map(|(at, _, right)| (*at, right.clone())));
        }
        let mut revised = Vec::new();
        for (at, right) in relations {
            let beyond = [&self.recorded, &self.staged];
            let withdrawn = beyond.iter().any(|beyond| beyond.withdrawn.contains(&at));
            if !withdrawn && !lookup::withdrawn(&self.snapshot, at)? {
                revised.extend(right);
            }
        }
        Ok(revised)
    }

    fn holder(&self, identity: &Identity) -> Result<Option<Sequence>, StateError> {
        let kept = kept_of(identity.as_bytes());
        let newest = self.beyond(|beyond| beyond.identities.get(&kept).copied());
        let older = match newest {
            Some(at) if !self.voided(at)? => return Ok(Some(at)),
            _ => lookup::holders(&self.snapshot, identity)?,
        };
        for at in older.into_iter().rev() {
            if !self.voided(at)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }
}

/// The sources that an audience may see, including those just recorded.
pub(super) struct VisibleSources<'a> {
    state: &'a State,
    audience: Audience,
    merges: OnceCell<Merges>,
}

impl Sources for VisibleSources<'_> {
    type Error = StateError;

    fn named(&self, slug: &Slug) -> Result<Option<SourceNamed>, StateError> {
        let hides = self.audience == Audience::Anyone;
        if hides && self.state.is_hidden(&SourceId::Named(slug.clone()))? {
            return Ok(None);
        }
        Ok(self.state.naming(slug)?.map(|naming| naming.named))
    }

    fn with_name(&self, folded: &Slug) -> Result<Vec<Slug>, StateError> {
        let mut found = lookup::sources_with_name(&self.state.snapshot, folded)?;
        for beyond in [&self.state.recorded, &self.state.staged] {
            found.extend(beyond.names.get(folded).into_iter().flatten().cloned());
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn with_words(&self, text: &str) -> Result<Vec<Slug>, StateError> {
        let mut found = lookup::sources_with_words(&self.state.snapshot, text)?;
        let wanted = words(text);
        for beyond in [&self.state.recorded, &self.state.staged] {
            for (slug, Naming { named, .. }) in &beyond.sources {
                let has: Vec<String> = names(named).flat_map(|name| words(name.as_str())).collect();
                if !wanted.is_empty() && wanted.iter().all(|word| has.contains(word)) {
                    found.push(slug.clone());
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn whole(&self, source: &SourceId) -> Result<SourceId, StateError> {
        if let Some(merges) = self.merges.get() {
            return Ok(merges.whole(source));
        }
        let merges = self.state.merges(self.audience)?;
        Ok(self.merges.get_or_init(|| merges).whole(source))
    }

    fn is_taken(&self, slug: &Slug) -> Result<bool, StateError> {
        Ok(self.state.naming(slug)?.is_some())
    }
}
