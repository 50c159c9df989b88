//! HTML: an article's text, its paragraphs apart, and what the page says of itself.
//!
//! Knows in which order a page is sieved, weighed and written down. Must not know where its bytes
//! came from: nothing is fetched, and no script of the page is run.
//!
//! Which part of a page is the article is told by `dom_smoothie`, after Mozilla's Readability. What
//! it gets has gone through the [`sieve`] and is of a bounded size; on a larger page, and where it
//! finds no article, the page is read from top to bottom.

mod imprint;
mod sieve;
mod text;

use dom_query::Document;
use dom_smoothie::{Config, Readability};
use thiserror::Error;

use self::sieve::{Sieved, sieve};
use super::imprint::Imprint;
use crate::platform::panic_guard::catch_panic;

/// Changes whenever other text would be read from the same characters.
pub(super) const VERSION: &str = "1";

/// The most elements of a page that is read at all.
const MOST_ELEMENTS: usize = 1_000_000;

/// The most elements and bytes of a page in which the article is looked for: it takes more than
/// proportionate time, and articles have a few thousand.
const MOST_WEIGHED: usize = 20_000;
const LONGEST_WEIGHED: usize = 4 << 20;

/// Why HTML is not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "the page has {elements} elements, and at most {MOST_ELEMENTS} are read: give the part you need"
)]
pub struct ElementsError {
    elements: usize,
}

/// The text of the page's article, and what the page says of itself.
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

/// The part of the page that is its article. A panic on a page that nobody thought of is no more
/// than an article that was not found.
fn article(page: &str) -> Option<Document> {
    let config = Config { disable_json_ld: true, ..Config::default() };
    let found = catch_panic(|| {
        let mut readability = Readability::new(page, None, Some(config)).ok()?;
        let article = readability.parse().ok()?;
        Some(Document::from(article.content))
    });
    found.ok().flatten()
}
