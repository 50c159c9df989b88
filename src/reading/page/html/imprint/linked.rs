//! Reads JSON-LD: what an article says about itself in the vocabulary of schema.org.
//!
//! Knows which types are articles, and how one block refers to another. Must not know the page
//! around the blocks. Blocks that are not JSON, or describe no article, are ignored.

use std::collections::HashMap;

use dom_query::Document;
use serde_json::Value;

/// The most JSON values examined, over all blocks of a page.
const MOST: usize = 20_000;

/// The most authors kept.
const MOST_AUTHORS: usize = 20;

/// The suffixes of the types that are articles: `NewsArticle`, `BlogPosting` and similar.
const ARTICLES: &[&str] = &["Article", "BlogPosting", "SocialMediaPosting", "Report"];

/// What the blocks say about the article.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Linked {
    pub(super) headline: Option<String>,
    pub(super) publisher: Option<String>,
    pub(super) author: Option<String>,
    pub(super) published: Option<String>,
    pub(super) modified: Option<String>,
    pub(super) language: Option<String>,
    pub(super) url: Option<String>,
}

impl Linked {
    /// Reads the first article in these blocks, which may refer to any other block.
    pub(super) fn read(blocks: &[&str]) -> Self {
        let values: Vec<Value> = blocks.iter().filter_map(|block| parse(block)).collect();
        let things = things(&values);
        let known = things.iter().filter_map(|thing| Some((thing.get("@id")?.as_str()?, *thing)));
        // Of several objects with one id, the longest is the definition and the others refer to it.
        let mut by_id: HashMap<&str, &Value> = HashMap::new();
        for (id, thing) in known {
            let size = |thing: &Value| thing.as_object().map_or(0, serde_json::Map::len);
            let kept = by_id.entry(id).or_insert(thing);
            if size(thing) > size(kept) {
                *kept = thing;
            }
        }
        let mut articles = things.iter().filter(|thing| is_article(thing));
        articles.next().map(|article| JsonLdReader { by_id }.article(article)).unwrap_or_default()
    }
}

fn parse(block: &str) -> Option<Value> {
    let block = block.trim();
    let block = block.strip_prefix("<!--").unwrap_or(block);
    let block = block.trim_start_matches("//").strip_prefix("<![CDATA[").unwrap_or(block);
    let block = block.trim_end_matches("-->").trim_end_matches("]]>").trim_end_matches("//");
    serde_json::from_str(block.trim().trim_end_matches(';')).ok()
}

/// The top-level objects of the blocks, in order, and the objects in their graphs.
fn things(values: &[Value]) -> Vec<&Value> {
    let mut things = Vec::new();
    let mut waiting: Vec<&Value> = values.iter().rev().collect();
    while let Some(value) = waiting.pop() {
        if things.len() + waiting.len() > MOST {
            break;
        }
        match value {
            Value::Array(values) => waiting.extend(values.iter().rev()),
            Value::Object(object) => {
                things.push(value);
                waiting.extend(object.get("mainEntity"));
                waiting.extend(object.get("@graph"));
            }
            _ => {}
        }
    }
    things
}

fn is_article(thing: &Value) -> bool {
    let is_one = |kind: &Value| {
        kind.as_str().is_some_and(|kind| ARTICLES.iter().any(|article| kind.ends_with(article)))
    };
    match thing.get("@type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is_one),
        Some(kind) => is_one(kind),
        None => false,
    }
}

struct JsonLdReader<'a> {
    by_id: HashMap<&'a str, &'a Value>,
}

impl JsonLdReader<'_> {
    fn article(&self, article: &Value) -> Linked {
        let said = |key: &str| article.get(key).and_then(words);
        Linked {
            headline: said("headline").or_else(|| said("name")),
            publisher: article.get("publisher").and_then(|one| self.names(one).into_iter().next()),
            author: article.get("author").map(|some| self.names(some).join(", ")),
            published: said("datePublished").or_else(|| said("dateCreated")),
            modified: said("dateModified"),
            language: said("inLanguage"),
            url: said("url").or_else(|| said("mainEntityOfPage")),
        }
    }

    /// The names that a value stands for: given as text, in an object, or in an object referred to.
    fn names(&self, value: &Value) -> Vec<String> {
        let some = match value {
            Value::Array(some) => some.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut names: Vec<String> = Vec::new();
        for one in some.iter().take(MOST_AUTHORS) {
            let told = one.get("@id").and_then(Value::as_str).and_then(|id| self.by_id.get(id));
            let name = if one.is_object() { one.get("name") } else { Some(one) };
            let name =
                name.and_then(words).or_else(|| told.and_then(|told| words(told.get("name")?)));
            names.extend(name.filter(|name| !name.starts_with("http") && !names.contains(name)));
        }
        names
    }
}

/// A text, or the name of an object. HTML entities are decoded once more, because publishers often
/// encode them twice.
fn words(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Array(values) => values.first()?.as_str()?,
        Value::Object(object) => object.get("@id").or(object.get("name"))?.as_str()?,
        _ => return None,
    };
    let text = text.trim();
    if text.is_empty() || text.len() > 4096 {
        return None;
    }
    let escaped = text.contains('&') && text.contains(';') && !text.contains('<');
    Some(if escaped { Document::from(text).text().trim().to_owned() } else { text.to_owned() })
}
