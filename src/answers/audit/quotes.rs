//! Checks quotations: that each is found again at its place, in its document's title or text.
//!
//! Knows selectors and texts. Must not know who is quoted, or why. Texts that the archive cannot
//! provide are reported elsewhere; quotations from them are counted as unread.

use std::collections::HashMap;

use crate::answers::finding::{FindingPlace, Findings, Problem};
use crate::domain::digest::ContentHash;
use crate::domain::id::{DocumentId, Sequence};
use crate::domain::selector::{IndexedText, Selector, TextSelector, Zone};
use crate::domain::text::Title;
use crate::record::archive::Archive;
use crate::record::event::{Body, Event};

/// The bytes of text kept in memory, so that several quotations from one document are looked up
/// quickly.
const REMEMBERED_BYTES: usize = 32 << 20;

/// The most titles remembered for a document.
const MOST_TITLES: usize = 64;

/// The most characters of a quotation that a finding shows.
const SHOWN: usize = 80;

struct QuotedDocument {
    text: ContentHash,
    /// Its title, and any later ones: a quotation may be from any of them.
    titles: Vec<Title>,
}

/// The documents so far, and the most recently used texts.
#[derive(Default)]
pub(super) struct Quotes {
    archive: Option<Archive>,
    documents: HashMap<DocumentId, QuotedDocument>,
    texts: HashMap<ContentHash, Option<IndexedText>>,
    remembered: usize,
    /// Quotations that were found at their place.
    pub(super) found: u64,
    /// Quotations that were not looked up, because their text could not be read.
    pub(super) unread: u64,
}

impl Quotes {
    /// Looks up quotations in the texts of `archive`; without one, only in titles.
    pub(super) fn new(archive: Option<Archive>) -> Self {
        Self { archive, ..Self::default() }
    }

    /// Looks up what the event at `at` quotes, and records its document if it is one.
    pub(super) fn learn(&mut self, at: Sequence, event: &Event, findings: &mut Findings) {
        match &event.body {
            Body::DocumentCaptured(captured) => {
                let titles = captured.metadata.title.iter().cloned().collect();
                let document = QuotedDocument { text: captured.text, titles };
                self.documents.insert(DocumentId::at(at), document);
            }
            Body::DocumentCorrected(corrected) => {
                if let Some(document) = self.documents.get_mut(&corrected.document)
                    && document.titles.len() < MOST_TITLES
                {
                    document.titles.extend(corrected.metadata.title.clone());
                }
            }
            Body::ClaimAsserted(asserted) => {
                for selector in asserted.selectors() {
                    self.look(at, asserted.document, selector, findings);
                }
            }
            Body::AssertionRetracted(retracted) => {
                self.look_all(at, retracted.document, &retracted.content, findings);
            }
            Body::ClaimReviewed(review) => {
                self.look_all(at, review.document, &review.content, findings);
            }
            _ => {}
        }
    }

    fn look_all(
        &mut self,
        at: Sequence,
        document: Option<DocumentId>,
        selectors: &[Selector],
        findings: &mut Findings,
    ) {
        for (selector, document) in selectors.iter().zip(document.into_iter().cycle()) {
            self.look(at, document, selector, findings);
        }
    }

    fn look(
        &mut self,
        at: Sequence,
        document: DocumentId,
        selector: &Selector,
        findings: &mut Findings,
    ) {
        let text = selector.text();
        let Some(known) = self.documents.get(&document) else {
            self.unread += 1;
            return;
        };
        let elsewhere = match text.zone() {
            Zone::Title => quoted_from_title(text, &known.titles),
            Zone::Body => {
                let hash = known.text;
                match self.text(hash) {
                    Some(body) if selector.stands_in(body) => Ok(()),
                    Some(body) => Err(body.as_str().matches(text.exact()).count()),
                    None => {
                        self.unread += 1;
                        return;
                    }
                }
            }
        };
        match elsewhere {
            Ok(()) => self.found += 1,
            Err(elsewhere) => {
                let (start, end) = text.span();
                let exact = text.exact().chars().take(SHOWN).collect();
                let problem = Problem::QuoteAstray { document, exact, start, end, elsewhere };
                findings.add(FindingPlace::Entry(at), problem);
            }
        }
    }

    /// The text with that hash, if the archive has it intact.
    fn text(&mut self, hash: ContentHash) -> Option<&IndexedText> {
        if !self.texts.contains_key(&hash) {
            if self.remembered > REMEMBERED_BYTES {
                self.texts.clear();
                self.remembered = 0;
            }
            let bytes = self.archive.as_ref().and_then(|archive| archive.get(hash).ok());
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map(IndexedText::new);
            // Missing texts take up space in the map too.
            self.remembered += 256 + text.as_ref().map_or(0, |text| text.as_str().len());
            self.texts.insert(hash, text);
        }
        self.texts.get(&hash).and_then(Option::as_ref)
    }
}

/// Whether the words are in one of the titles at their place; if not, how often they occur
/// elsewhere in them.
fn quoted_from_title(selector: &TextSelector, titles: &[Title]) -> Result<(), usize> {
    let texts = titles.iter().map(|title| IndexedText::new(title.to_string()));
    let mut elsewhere = 0;
    for text in texts {
        if selector.stands_in(&text) {
            return Ok(());
        }
        elsewhere += text.as_str().matches(selector.exact()).count();
    }
    Err(elsewhere)
}
