//! Reduces an HTML page to what the later steps need: its words, and the markup that shows where
//! paragraphs begin and what is not part of the article.
//!
//! Knows the grammar of tags, and which elements close which. Must not know what an article is.
//!
//! The resulting page is well formed: every element is closed, in order, at most [`DEEPEST`] are
//! nested, and no tag has more than a few short attributes. Any step that reads it therefore takes
//! time and memory in proportion to its size, whatever the original page was like.

use memchr::{memchr, memchr_iter, memmem};

mod element;

use self::element::{KeptElement, Treatment, treatment};

/// The most elements nested in one another; the tags of deeper ones are dropped. Browsers stop at
/// 512, and real pages stay under a hundred.
pub(super) const DEEPEST: usize = 200;

/// The longest attribute value that is kept, in bytes.
const LONGEST_VALUE: usize = 4096;

/// The longest text without markup, in bytes; empty elements are inserted into longer ones. An HTML
/// serialiser may scan the rest of a text at each of its entities.
const LONGEST_TEXT: usize = 8192;

/// The longest block of JSON-LD that is kept, in bytes, and how many blocks are kept.
const LONGEST_LINKED: usize = 1 << 20;
const MOST_LINKED: usize = 64;

/// How many `<title>`, `<meta>` and `<link>` elements are kept.
const MOST_IN_HEAD: usize = 1000;

/// The attributes that are kept.
const ATTRIBUTES: &[&str] = &[
    "class",
    "id",
    "role",
    "hidden",
    "style",
    "aria-hidden",
    "aria-modal",
    "rel",
    "href",
    "itemprop",
    "property",
    "name",
    "content",
    "datetime",
    "pubdate",
    "lang",
    "dir",
    "type",
    "colspan",
];

/// What is left of a page.
#[derive(Debug, Default)]
pub(super) struct Sieved<'a> {
    /// `<title>`, `<meta>` and `<link>`, wherever they were.
    pub(super) head: String,
    /// The rest of the page.
    pub(super) body: String,
    /// The attributes of `<html>`, as written in its tag.
    pub(super) root: String,
    /// The blocks of JSON-LD, unchanged.
    pub(super) linked: Vec<&'a str>,
    /// How many elements the body has.
    pub(super) elements: usize,
}

impl Sieved<'_> {
    /// The result as one page.
    pub(super) fn page(&self) -> String {
        let Self { head, body, root, .. } = self;
        format!("<!doctype html><html{root}><head>{head}</head><body>{body}</body></html>")
    }
}

/// Keeps the parts of a page that an article can consist of.
pub(super) fn sieve(source: &str) -> Sieved<'_> {
    let mut sieve = Sieve::new(source);
    while !sieve.rest.is_empty() {
        sieve.step();
    }
    sieve.close_down_to(0);
    sieve.out
}

struct Sieve<'a> {
    /// The unread rest of the source.
    rest: &'a str,
    out: Sieved<'a>,
    /// The open elements in `out`.
    open: Vec<KeptElement>,
    /// How many of them are paragraphs, so that most tags need not search for one.
    paragraphs: usize,
    /// How many elements are open in the source whose tags were dropped because they are nested too
    /// deeply, by kind.
    sunk: [usize; KeptElement::COUNT],
    /// The element whose whole content is being dropped, and how many elements of its name are
    /// open.
    skipped: Option<(&'a str, usize)>,
    in_head: usize,
    /// The bytes of text written since the last tag.
    run: usize,
}

impl<'a> Sieve<'a> {
    fn new(source: &'a str) -> Self {
        let sunk = [0; KeptElement::COUNT];
        let out = Sieved::default();
        Self {
            rest: source,
            out,
            open: Vec::new(),
            paragraphs: 0,
            sunk,
            skipped: None,
            in_head: 0,
            run: 0,
        }
    }

    fn step(&mut self) {
        let at = memchr(b'<', self.rest.as_bytes()).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(at);
        self.text(text);
        self.rest = rest;
        match rest.as_bytes() {
            [] => {}
            [b'<', b'!', b'-', b'-', ..] => self.rest = after_comment(&rest[4..]),
            [b'<', b'!' | b'?', ..] => self.rest = after(rest, b">"),
            [b'<', b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                let tag = HtmlTag::read(&rest[2..]);
                self.rest = tag.after;
                self.end(tag.name);
            }
            [b'<', b'/', ..] => self.rest = after(rest, b">"),
            [b'<', letter, ..] if letter.is_ascii_alphabetic() => {
                let tag = HtmlTag::read(&rest[1..]);
                self.rest = tag.after;
                if tag.is_whole {
                    self.start(&tag);
                }
            }
            _ => {
                self.text("&lt;");
                self.rest = &rest[1..];
            }
        }
    }

    fn text(&mut self, text: &str) {
        if self.skipped.is_some() {
            return;
        }
        let mut rest = text;
        while self.run + rest.len() > LONGEST_TEXT {
            let (most, bytes) = (LONGEST_TEXT.saturating_sub(self.run), rest.as_bytes());
            // Does not cut an entity: cuts before the last one that begins here, or between words.
            let window = &bytes[..most.min(bytes.len())];
            let parts = |byte: &u8| *byte == b'&' || byte.is_ascii_whitespace();
            let at = window.iter().rposition(parts).filter(|at| *at > 0);
            let (text, after) = rest.split_at(at.unwrap_or(boundary(rest, most)));
            self.out.body.push_str(text);
            self.out.body.push_str("<span></span>");
            self.out.elements += 1;
            (self.run, rest) = (0, after);
        }
        self.run += rest.len();
        self.out.body.push_str(rest);
    }

    fn start(&mut self, tag: &HtmlTag<'a>) {
        let treatment = treatment(tag.name);
        if let Some((name, count)) = &mut self.skipped {
            if name.eq_ignore_ascii_case(tag.name) {
                *count += usize::from(!tag.is_self_closing);
                return;
            }
            // As in a browser, a paragraph ends an unclosed drawing.
            let ends = treatment.is_block() && !name.eq_ignore_ascii_case("template");
            if ends {
                self.skipped = None;
            } else if !matches!(treatment, Treatment::Raw | Treatment::Script) {
                return;
            }
        }
        match treatment {
            Treatment::Through => {}
            Treatment::Quote => self.text("\u{201c}"),
            Treatment::Skip => self.skip(tag),
            Treatment::Raw => {
                self.raw(tag.name);
            }
            Treatment::Script => self.script(tag),
            Treatment::Title => self.title(tag),
            Treatment::Head(name) => self.head(name, tag),
            Treatment::Root => self.root(tag),
            Treatment::Void(name) => {
                self.close_paragraph_for(name == "hr");
                self.write(name, tag);
            }
            Treatment::Keep(kept) => self.open(kept, tag),
        }
    }

    fn end(&mut self, name: &'a str) {
        if let Some((skipped, count)) = &mut self.skipped {
            if skipped.eq_ignore_ascii_case(name) {
                *count -= 1;
                if *count == 0 {
                    self.skipped = None;
                }
            }
            return;
        }
        match treatment(name) {
            Treatment::Quote => self.text("\u{201d}"),
            Treatment::Void("br") => self.out.body.push_str("<br>"),
            Treatment::Keep(kept) => self.close(kept),
            _ => {}
        }
    }

    fn open(&mut self, kept: KeptElement, tag: &HtmlTag<'_>) {
        // Links cannot be nested. An unclosed link ends where the next one begins.
        if kept == KeptElement::A
            && let Some(at) = kept.open_in(&self.open)
        {
            if self.open[at + 1..].iter().any(|inner| inner.is_block()) {
                self.sunk[kept as usize] += 1;
                return;
            }
            self.close_down_to(at);
        }
        self.close_paragraph_for(kept.is_block());
        if let Some(at) = kept.closed_by_its_start(&self.open) {
            self.close_down_to(at);
        }
        if self.open.len() >= DEEPEST {
            self.sunk[kept as usize] += 1;
            return;
        }
        self.open.push(kept);
        self.paragraphs += usize::from(kept == KeptElement::P);
        self.write(kept.name(), tag);
    }

    fn close_paragraph_for(&mut self, is_block: bool) {
        if is_block
            && self.paragraphs > 0
            && let Some(at) = KeptElement::P.open_in(&self.open)
        {
            self.close_down_to(at);
        }
    }

    fn close(&mut self, kept: KeptElement) {
        let sunk = &mut self.sunk[kept as usize];
        if *sunk > 0 {
            *sunk -= 1;
        } else if let Some(at) = kept.open_in(&self.open) {
            self.close_down_to(at);
        }
    }

    fn close_down_to(&mut self, at: usize) {
        for kept in self.open.drain(at..).rev() {
            self.paragraphs -= usize::from(kept == KeptElement::P);
            self.run = 0;
            self.out.body.push_str("</");
            self.out.body.push_str(kept.name());
            self.out.body.push('>');
        }
    }

    fn write(&mut self, name: &str, tag: &HtmlTag<'_>) {
        self.out.elements += 1;
        self.run = 0;
        tag.write(name, &mut self.out.body);
    }

    fn skip(&mut self, tag: &HtmlTag<'a>) {
        if !tag.is_self_closing {
            self.skipped = Some((tag.name, 1));
        }
    }

    /// Skips raw content up to its end tag, and returns the content.
    fn raw(&mut self, name: &str) -> &'a str {
        let source = self.rest;
        for at in memmem::find_iter(source.as_bytes(), b"</") {
            let found = source.as_bytes().get(at + 2..at + 2 + name.len());
            let after = source.as_bytes().get(at + 2 + name.len());
            let ends = after.is_none_or(|byte| byte.is_ascii_whitespace() || b"/>".contains(byte));
            if ends && found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes())) {
                self.rest = HtmlTag::read(&source[at + 2..]).after;
                return &source[..at];
            }
        }
        self.rest = "";
        source
    }

    fn script(&mut self, tag: &HtmlTag<'a>) {
        let content = self.raw(tag.name);
        let linked = tag
            .values()
            .find(|(name, _)| name.eq_ignore_ascii_case("type"))
            .is_some_and(|(_, value)| value.trim().eq_ignore_ascii_case("application/ld+json"));
        let fits = content.len() <= LONGEST_LINKED && self.out.linked.len() < MOST_LINKED;
        if linked && fits && self.skipped.is_none() {
            self.out.linked.push(content);
        }
    }

    fn title(&mut self, tag: &HtmlTag<'a>) {
        let content = self.raw(tag.name);
        if self.skipped.is_none() && self.enters_head() {
            self.out.head.push_str("<title>");
            self.out.head.extend(content.chars().take(LONGEST_VALUE));
            self.out.head.push_str("</title>");
        }
    }

    fn head(&mut self, name: &str, tag: &HtmlTag<'_>) {
        if self.enters_head() {
            tag.write(name, &mut self.out.head);
        }
    }

    fn enters_head(&mut self) -> bool {
        self.in_head += 1;
        self.in_head <= MOST_IN_HEAD
    }

    fn root(&mut self, tag: &HtmlTag<'_>) {
        if tag.name.eq_ignore_ascii_case("html") && self.out.root.is_empty() {
            tag.write_attributes(&mut self.out.root);
        }
    }
}

/// The last character boundary at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// What follows the first `end`, or nothing if there is none.
fn after<'a>(text: &'a str, end: &[u8]) -> &'a str {
    memmem::find(text.as_bytes(), end).map_or("", |at| &text[at + end.len()..])
}

/// What follows a comment whose `<!--` has been read.
fn after_comment(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix('>').or_else(|| text.strip_prefix("->")) {
        return rest;
    }
    let closes = |at: &usize| text[..*at].ends_with("--") || text[..*at].ends_with("--!");
    memchr_iter(b'>', text.as_bytes()).find(closes).map_or("", |at| &text[at + 1..])
}

/// A tag, starting at its name.
struct HtmlTag<'a> {
    name: &'a str,
    /// The attributes, as written.
    attributes: &'a str,
    is_self_closing: bool,
    /// Whether the tag is complete, and not cut off by the end of the page.
    is_whole: bool,
    after: &'a str,
}

impl<'a> HtmlTag<'a> {
    /// Reads the tag whose name is at the start of `text`.
    fn read(text: &'a str) -> Self {
        let ends = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let named = text.bytes().position(ends).unwrap_or(text.len());
        let (name, rest) = text.split_at(named);
        let mut values = Values { rest };
        values.by_ref().for_each(drop);
        let attributes = &rest[..rest.len() - values.rest.len()];
        let after = values.rest.strip_prefix('>');
        Self {
            name,
            attributes,
            is_self_closing: attributes.ends_with('/'),
            is_whole: after.is_some(),
            after: after.unwrap_or(""),
        }
    }

    fn values(&self) -> Values<'a> {
        Values { rest: self.attributes }
    }

    fn write(&self, name: &str, out: &mut String) {
        out.push('<');
        out.push_str(name);
        self.write_attributes(out);
        out.push('>');
    }

    /// Writes the attributes that are kept, only the first of each name.
    fn write_attributes(&self, out: &mut String) {
        let mut written = [false; ATTRIBUTES.len()];
        for (name, value) in self.values() {
            let known = ATTRIBUTES.iter().position(|known| known.eq_ignore_ascii_case(name));
            let Some(at) = known.filter(|at| !written[*at]) else { continue };
            written[at] = true;
            let value = &value[..boundary(value, LONGEST_VALUE)];
            out.push(' ');
            out.push_str(ATTRIBUTES[at]);
            out.push_str("=\"");
            for (index, part) in value.split('"').enumerate() {
                out.push_str(if index > 0 { "&quot;" } else { "" });
                out.push_str(part);
            }
            out.push('"');
        }
    }
}

/// The attributes of a tag in order, each with its value as written; stops before the tag's `>`.
struct Values<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Values<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let blank = |letter: char| letter.is_ascii_whitespace() || letter == '/';
        let begins = self.rest.trim_start_matches(blank);
        if begins.is_empty() || begins.starts_with('>') {
            // A `/` at the end means that the element has no content.
            self.rest = begins;
            return None;
        }
        // A leading `=` is part of the name.
        let ends = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'=');
        let first = begins.chars().next().map_or(0, char::len_utf8);
        let named = begins[first..].bytes().position(ends).map_or(begins.len(), |at| first + at);
        let (name, rest) = begins.split_at(named);
        let Some(value) = rest.trim_ascii_start().strip_prefix('=') else {
            self.rest = rest;
            return Some((name, ""));
        };
        let value = value.trim_ascii_start();
        let quote = value.bytes().next().filter(|byte| matches!(byte, b'"' | b'\''));
        let (value, rest) = match quote {
            Some(quote) => {
                let inside = &value[1..];
                let end = memchr(quote, inside.as_bytes());
                end.map_or((inside, ""), |end| (&inside[..end], &inside[end + 1..]))
            }
            None => {
                let ends = |byte: u8| byte.is_ascii_whitespace() || byte == b'>';
                value.split_at(value.bytes().position(ends).unwrap_or(value.len()))
            }
        };
        self.rest = rest;
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(source: &str) -> String {
        sieve(source).body
    }

    #[test]
    fn every_element_is_closed_in_order_and_where_html_closes_it() {
        for (source, expected) in [
            ("<p>a<p>b", "<p>a</p><p>b</p>"),
            ("<p>a<div>b</p>c</div>d", "<p>a</p><div>bc</div>d"),
            (
                "<ul><li>a<li>b<ul><li>c</ul></ul>",
                "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>",
            ),
            ("<dl><dt>a<dd>b<dt>c", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"),
            (
                "<table><tr><td>a<td>b<tr><td><p>c</table>d",
                "<table><tr><td>a</td><td>b</td></tr><tr><td><p>c</p></td></tr></table>d",
            ),
            ("<td></table></p>a</b>", "<td>a</td>"),
            ("<div><p>a<table></p></div>", "<div><p>a</p><table></table></div>"),
            ("<a href=1>a<a href=2>b</a></a>", "<a href=\"1\">a</a><a href=\"2\">b</a>"),
            ("<x-y>a</x-y><b>b", "<span>a</span>b"),
            ("a</br>b<br/>c", "a<br>b<br>c"),
        ] {
            assert_eq!(body(source), expected, "{source}");
        }
    }

    #[test]
    fn what_is_no_part_of_a_text_is_left_out() {
        for (source, expected) in [
            ("a<!-- <p> -->b<!x>c<?y?>d</>e", "abcde"),
            ("a<style>b</style><script>'</p>'</script>c", "ac"),
            ("a<script>b</scripty></SCRIPT >c", "ac"),
            ("a<svg><title>b</title><path/></svg>c", "ac"),
            ("a<svg>b<p>c", "a<p>c</p>"),
            ("a<template><p>b</template>c", "ac"),
            ("a<button>b<button>c</button>d</button>e", "ae"),
            ("a < b & c", "a &lt; b & c"),
            ("a<p", "a"),
            ("a<p b='>c", "a"),
        ] {
            assert_eq!(body(source), expected, "{source}");
        }
    }

    #[test]
    fn attributes_are_kept_where_they_tell_something_and_are_short() {
        for (source, expected) in [
            ("<p CLASS=a class=b onclick=c>", "<p class=\"a\"></p>"),
            ("<p id='a\"b' / role>", "<p id=\"a&quot;b\" role=\"\"></p>"),
            ("<p id = \"a>b\">", "<p id=\"a>b\"></p>"),
            ("<p =a id=/>", "<p id=\"/\"></p>"),
        ] {
            assert_eq!(body(source), expected, "{source}");
        }
        let long = body(&format!("<p id={}>", "é".repeat(5000)));
        assert!(long.len() < LONGEST_VALUE + 20);
    }

    #[test]
    fn what_says_something_of_the_page_is_set_apart() {
        let source = "<html lang=de><title>A<b></title><body><meta name=a content=b>\
                      <script type='application/LD+json'>{}</script><link rel=canonical href=c>";
        let sieved = sieve(source);
        let head = "<title>A<b></title><meta name=\"a\" content=\"b\">\
                    <link rel=\"canonical\" href=\"c\">";
        assert_eq!((sieved.head.as_str(), sieved.root.as_str()), (head, " lang=\"de\""));
        assert_eq!((sieved.linked, sieved.body.as_str()), (vec!["{}"], ""));
    }

    #[test]
    fn nothing_stands_deeper_than_it_may_and_no_text_is_longer() {
        let deep = body(&("<div><p>".repeat(1000) + "a" + &"</p></div>".repeat(1000) + "b"));
        assert_eq!(deep.matches("<div>").count(), DEEPEST);
        assert!(deep.ends_with("</div>b"));
        for unit in ["&amp;", "a", "é", "a b "] {
            let text = body(&unit.repeat(10_000));
            assert!(text.split("<span></span>").all(|part| part.len() <= LONGEST_TEXT), "{unit}");
            assert_eq!(text.replace("<span></span>", ""), unit.repeat(10_000), "{unit}");
            assert!(text.split("<span></span>").all(|part| !part.ends_with("&am")), "{unit}");
        }
    }
}
