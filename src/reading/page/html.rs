//! Reads HTML: the text of its article, and what the page says about itself.
//!
//! Knows the order of the steps: sieve the page, find the article, write its text. Must not know
//! where the bytes came from: nothing is fetched, and no script of the page is run.
//!
//! The crate `dom_smoothie`, modelled on Mozilla's Readability, decides which part of a page is the
//! article. Its input has gone through the [`sieve`] and is of a bounded size; a larger page, or
//! one without a recognisable article, is read from top to bottom.

mod imprint;
mod sieve;
mod text;

use dom_query::Document;
use dom_smoothie::{Config, Readability};
use thiserror::Error;

use self::sieve::{Sieved, sieve};
use super::imprint::Imprint;
use crate::platform::panic_guard::catch_panic;

/// Changes whenever the same characters would be read as a different text.
pub(super) const VERSION: &str = "1";

/// The most elements that a page may have.
const MOST_ELEMENTS: usize = 1_000_000;

/// The largest page, in elements and in bytes, in which the article is looked for. The search takes
/// more than linear time, and articles have a few thousand elements.
const MOST_WEIGHED: usize = 20_000;
const LONGEST_WEIGHED: usize = 4 << 20;

/// The error for HTML with too many elements.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "the page has {elements} elements, more than the limit of {MOST_ELEMENTS}: save the \
     part you need and capture that"
)]
pub struct ElementsError {
    elements: usize,
}

/// The text of the page's article, and the page's imprint.
pub(super) fn read(source: &str) -> Result<(String, Imprint), ElementsError> {
    let sieved = sieve(source);
    if sieved.elements > MOST_ELEMENTS {
        return Err(ElementsError { elements: sieved.elements });
    }
    let page = sieved.page();
    let document = Document::from(page.as_str());
    let imprint = imprint::of(&document, &sieved.linked);
    let title = imprint.title.as_ref().map(|title| title.as_str());
    let weighed = may_be_weighed(&sieved, &page).then(|| article(&page)).flatten();
    let text = match weighed.map(|article| text::of(&article, title)) {
        Some(text) if !text.is_empty() => text,
        _ => text::of(&document, title),
    };
    Ok((text, imprint))
}

fn may_be_weighed(sieved: &Sieved<'_>, page: &str) -> bool {
    sieved.elements <= MOST_WEIGHED && page.len() <= LONGEST_WEIGHED
}

/// The part of the page that is its article. If the search panics on an unusual page, the article
/// counts as not found.
fn article(page: &str) -> Option<Document> {
    let config = Config { disable_json_ld: true, ..Config::default() };
    let found = catch_panic(|| {
        let mut readability = Readability::new(page, None, Some(config)).ok()?;
        let article = readability.parse().ok()?;
        Some(Document::from(article.content))
    });
    found.ok().flatten()
}
