//! Questions answered by reading the whole log, entry by entry: slow and plain, to hold the views
//! against.
//!
//! Knows events. Must not know the views, but for how a text is cut into words.

use std::collections::{BTreeMap, BTreeSet};

use testimony::claim::ClaimAsserted;
use testimony::document::Metadata;
use testimony::event::{Body, Event, Target};
use testimony::id::{DocumentId, Sequence, SourceId, TopicId};
use testimony::log::Log as _;
use testimony::log::sled::SledLog;
use testimony::view::query::Question;
use testimony::view::words;

use super::workshop::{WAIT, Workshop};

/// Every event of a log, in order.
pub(crate) struct Oracle {
    events: Vec<Body>,
}

impl Oracle {
    pub(crate) fn of(workshop: &Workshop) -> Self {
        let log = SledLog::open(&workshop.layout().log(), WAIT).expect("the log");
        let event = |read: Result<(Sequence, testimony::seal::Record), _>| {
            let (_, record) = read.expect("a record");
            let payload = record.payload.expect("nothing is erased");
            Event::decode(&payload.event).expect("an event").body
        };
        Self { events: log.read(Sequence::ZERO).map(event).collect() }
    }

    pub(crate) fn event(&self, at: usize) -> &Body {
        &self.events[at]
    }

    fn numbered(&self) -> impl Iterator<Item = (u64, &Body)> {
        (0..).zip(&self.events)
    }

    pub(crate) fn assertions(&self) -> impl Iterator<Item = (u64, &ClaimAsserted)> {
        self.numbered().filter_map(|(at, body)| match body {
            Body::ClaimAsserted(asserted) => Some((at, asserted)),
            _ => None,
        })
    }

    pub(crate) fn is_voided(&self, assertion: u64) -> bool {
        self.is_voided_before(assertion, u64::MAX)
    }

    fn is_voided_before(&self, assertion: u64, before: u64) -> bool {
        self.numbered().take_while(|(at, _)| *at < before).any(|(_, body)| {
            matches!(body, Body::AssertionVoided(voided) if voided.assertion.sequence().get() == assertion)
        })
    }

    /// What was said of a document before an entry.
    fn metadata(&self, document: DocumentId, before: u64) -> &Metadata {
        let own = document.sequence().get();
        let said =
            self.numbered().take_while(|(at, _)| *at < before).filter_map(
                |(at, body)| match body {
                    Body::DocumentCaptured(captured) if at == own => Some(&captured.metadata),
                    Body::DocumentCorrected(corrected) if corrected.document == document => {
                        Some(&corrected.metadata)
                    }
                    _ => None,
                },
            );
        said.last().expect("a document")
    }

    /// Which sources are one, each with the one that stands for all.
    fn wholes(&self, before: u64) -> BTreeMap<SourceId, SourceId> {
        let undone: BTreeSet<u64> = self
            .numbered()
            .take_while(|(at, _)| *at < before)
            .filter_map(|(_, body)| match body {
                Body::MergeUndone(undone) => Some(undone.merge.sequence().get()),
                _ => None,
            })
            .collect();
        let mut wholes: BTreeMap<SourceId, SourceId> = BTreeMap::new();
        let whole = |wholes: &BTreeMap<SourceId, SourceId>, id: &SourceId| {
            wholes.get(id).cloned().unwrap_or_else(|| id.clone())
        };
        for (at, body) in self.numbered().take_while(|(at, _)| *at < before) {
            let Body::SourcesMerged(merged) = body else { continue };
            if undone.contains(&at) {
                continue;
            }
            let (from, into) = (whole(&wholes, &merged.from), whole(&wholes, &merged.into));
            for standing in wholes.values_mut().filter(|standing| **standing == from) {
                *standing = into.clone();
            }
            wholes.insert(from, into);
        }
        wholes
    }

    /// Every source that is one with this, and those that speak for it with theirs.
    fn voices(&self, source: &SourceId, before: u64) -> BTreeSet<SourceId> {
        let mut last: BTreeMap<SourceId, Vec<SourceId>> = BTreeMap::new();
        for (_, body) in self.numbered().take_while(|(at, _)| *at < before) {
            if let Body::SourceNamed(named) = body {
                let principals = named.speaks_for.iter().map(|principal| principal.source.clone());
                last.insert(SourceId::Named(named.slug.clone()), principals.collect());
            }
        }
        let speakers = last.into_iter().filter(|(_, principals)| principals.contains(source));
        let mut voices = self.parts(source, before);
        for (speaker, _) in speakers {
            voices.extend(self.parts(&speaker, before));
        }
        voices
    }

    fn parts(&self, source: &SourceId, before: u64) -> BTreeSet<SourceId> {
        let wholes = self.wholes(before);
        let whole = wholes.get(source).unwrap_or(source);
        let parts = wholes.iter().filter(|(_, standing)| *standing == whole);
        parts.map(|(part, _)| part.clone()).chain([whole.clone(), source.clone()]).collect()
    }

    /// The sources of which any naming has a word.
    fn sources_with(&self, word: &str) -> BTreeSet<SourceId> {
        let mut found = BTreeSet::new();
        for (_, body) in self.numbered() {
            let Body::SourceNamed(named) = body else { continue };
            let names = named.aliases.iter().chain([&named.name]).map(|name| name.as_str());
            let mut has = names.chain([named.slug.as_str()]).flat_map(words);
            if has.any(|own| own == word) {
                found.insert(SourceId::Named(named.slug.clone()));
            }
        }
        found
    }

    fn is_under(&self, topic: &TopicId, asserted: (u64, &ClaimAsserted), before: u64) -> bool {
        let is_target = |target: &Target| match target {
            Target::Assertion(assertion) => assertion.sequence().get() == asserted.0,
            Target::Event(event) => event.sequence().get() == asserted.0,
            Target::Document(document) => *document == asserted.1.document,
            Target::Source(source) => {
                let voices = self.voices(source, before);
                hop_sources(asserted.1).any(|own| voices.contains(own))
            }
        };
        self.numbered().take_while(|(at, _)| *at < before).any(|(_, body)| {
            matches!(body, Body::TopicAssigned(assigned)
                if assigned.topic == *topic && assigned.targets.as_slice().iter().any(is_target))
        })
    }

    fn has_word(&self, word: &str, (at, asserted): (u64, &ClaimAsserted), before: u64) -> bool {
        let metadata = self.metadata(asserted.document, at);
        let contents = asserted.content.as_slice().iter().map(|selector| selector.exact());
        let unnamed =
            hop_sources(asserted).filter(|source| matches!(source, SourceId::Unnamed { .. }));
        let mut own = contents
            .chain([asserted.claim.words.as_str()])
            .chain(metadata.title.as_ref().map(|title| title.as_str()))
            .chain(unnamed.map(|source| source.slug().as_str()))
            .chain(asserted.claim.about.iter().map(|topic| topic.slug().as_str()))
            .flat_map(words);
        let called = self.sources_with(word);
        let concerned: BTreeSet<SourceId> =
            called.iter().flat_map(|source| self.parts(source, before)).collect();
        let mut topics = self.numbered().filter_map(|(_, body)| match body {
            Body::TopicAssigned(assigned) => Some(&assigned.topic),
            _ => None,
        });
        own.any(|own| own == word)
            || asserted.sources().chain(metadata.sources()).any(|id| concerned.contains(id))
            || topics.any(|topic| {
                words(topic.slug().as_str()).iter().any(|own| own == word)
                    && self.is_under(topic, (at, asserted), before)
            })
    }

    /// The assertions that answer a question, as the ledger stood before an entry.
    pub(crate) fn assertions_for(&self, question: &Question, before: Option<Sequence>) -> Vec<u64> {
        let before = before.map_or(self.events.len() as u64, Sequence::get);
        let answers = |&(at, asserted): &(u64, &ClaimAsserted)| {
            let metadata = self.metadata(asserted.document, at);
            at < before
                && !self.is_voided_before(at, before)
                && words(&question.text)
                    .iter()
                    .all(|word| self.has_word(word, (at, asserted), before))
                && question.source.as_ref().is_none_or(|source| {
                    let voices = self.voices(source, before);
                    hop_sources(asserted).any(|own| voices.contains(own))
                })
                && question.publisher.as_ref().is_none_or(|publisher| {
                    let parts = self.parts(publisher, before);
                    metadata.sources().any(|own| parts.contains(own))
                })
                && question.about.as_ref().is_none_or(|topic| asserted.claim.about.contains(topic))
                && question
                    .topic
                    .as_ref()
                    .is_none_or(|topic| self.is_under(topic, (at, asserted), before))
        };
        self.assertions().filter(answers).map(|(at, _)| at).collect()
    }
}

fn hop_sources(asserted: &ClaimAsserted) -> impl Iterator<Item = &SourceId> {
    asserted.hops.iter().flat_map(|hop| hop.sources.as_slice())
}
