//! Reads Markdown as text: the words that a reader of the rendered page would see, one block per
//! line.
//!
//! Knows CommonMark, with tables and footnotes. Must not know front matter, or what a title is used
//! for. Typography is left alone: quotes and dashes stay as typed.
//!
//! Kept: the text of links, code, the alternative text of images, and struck-out text with its
//! tildes. Dropped: inline markup, HTML tags and comments, scripts and styles, link addresses and
//! definitions, and footnote markers. A line break within a paragraph becomes a space, a hard break
//! a newline; table cells are separated by a tab, and empty cells leave nothing.

mod tags;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use thiserror::Error;

use self::tags::Effect;
use super::spacing::{Gap, SpacedText};
use crate::domain::text::Title;

/// Changes whenever the same bytes would be read as a different text.
pub(super) const VERSION: &str = "1";

/// How far into a line quotes and lists may begin, in columns.
///
/// The parser spends time on each open quote or list at each line, so without a limit a few hundred
/// kilobytes could keep it busy for minutes. Real pages never come near the limit.
const MAX_NESTING: usize = 128;

/// The error for quotes and lists that are nested too deeply.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "line {line} begins a quote or list more than {MAX_NESTING} columns in: indent it less, or \
     capture the page as plain text"
)]
pub struct NestingError {
    line: usize,
}

impl NestingError {
    /// The same error with its line counted in the whole `source`, of which the first `head` bytes
    /// had been cut off.
    pub(super) fn below(self, head: usize, source: &str) -> Self {
        let above = source.bytes().take(head).filter(|byte| *byte == b'\n').count();
        Self { line: self.line + above }
    }
}

/// The title, if a heading gives one, and the text without it.
///
/// If `title` is already known, only a heading with the same words is removed from the body. A
/// heading that is too long for a title stays in the body.
pub(super) fn read(
    source: &str,
    title: Option<&Title>,
) -> Result<(Option<Title>, String), NestingError> {
    let deep = |line: &str| nesting(line) > MAX_NESTING;
    if let Some(above) = source.split(['\n', '\r']).position(deep) {
        return Err(NestingError { line: above + 1 });
    }
    let mut writer = Writer::default();
    for event in events(source) {
        writer.take(event, title);
    }
    Ok((writer.title, writer.body.into_text()))
}

fn events(source: &str) -> Parser<'_> {
    Parser::new_ext(source, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES)
}

/// The columns up to the last mark that opens a quote, a list or a footnote at the head of a line.
/// No line can be nested deeper than the deepest such head before it.
fn nesting(line: &str) -> usize {
    if is_rule(line) {
        return 0;
    }
    let (mut rest, mut column, mut deepest) = (line.as_bytes(), 0, 0);
    while let [first, after @ ..] = rest {
        if matches!(first, b' ' | b'\t') {
            column += if *first == b' ' { 1 } else { 4 };
            rest = after;
            continue;
        }
        let Some((length, columns)) = mark(rest) else { break };
        column += columns;
        deepest = column;
        rest = &rest[length..];
    }
    deepest
}

/// A line of three or more of one mark and nothing else is a rule and opens no lists, however long
/// it is.
fn is_rule(line: &str) -> bool {
    let mut letters = line.bytes().filter(|byte| !matches!(byte, b' ' | b'\t'));
    let first = letters.next();
    let same = letters.try_fold(1, |count, letter| (Some(letter) == first).then_some(count + 1));
    matches!(first, Some(b'-' | b'*')) && same.is_some_and(|count: usize| count >= 3)
}

/// The bytes and columns of the mark at the start of `rest`.
fn mark(rest: &[u8]) -> Option<(usize, usize)> {
    let free = |at: usize| rest.get(at).is_none_or(|next| matches!(next, b' ' | b'\t'));
    match rest {
        [b'>', ..] => Some((1, 1)),
        [b'-' | b'+' | b'*', ..] => free(1).then_some((1, 1)),
        // However long its label, a footnote's text is indented by four columns.
        [b'[', b'^', label @ ..] => {
            let end = label.iter().position(|byte| *byte == b']')?;
            label[end..].starts_with(b"]:").then_some((end + 4, 4))
        }
        _ => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let closed = matches!(rest.get(digits), Some(b'.' | b')'));
            ((1..=9).contains(&digits) && closed && free(digits + 1))
                .then_some((digits + 1, digits + 1))
        }
    }
}

#[derive(Default)]
struct Writer {
    body: SpacedText,
    title: Option<Title>,
    /// The number of open quotes, lists and footnotes.
    depth: usize,
    /// Where in the body the open heading begins.
    heading: Option<usize>,
    /// Whether the page's first level-1 heading has been read.
    headed: bool,
    /// The content of the open HTML block.
    html: String,
    /// The element that hides the following text in this line.
    hidden_by: Option<&'static str>,
}

impl Writer {
    fn take(&mut self, event: Event<'_>, title: Option<&Title>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag, title),
            Event::Text(text) | Event::Code(text) if self.hidden_by.is_none() => {
                self.body.push(&text)
            }
            Event::Html(html) => self.html.push_str(&html),
            Event::InlineHtml(tag) => self.tag(&tag),
            Event::SoftBreak => self.body.widen(Gap::Space),
            Event::HardBreak => self.body.widen(self.line_break()),
            Event::Rule => self.body.widen(Gap::Line),
            // Hidden text, footnote markers, and events that the options rule out.
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Link { .. } | Tag::Image { .. } => return,
            Tag::TableCell => return self.body.widen(Gap::Tab),
            Tag::BlockQuote(_) | Tag::List(_) | Tag::FootnoteDefinition(_) => self.depth += 1,
            Tag::Heading { .. } => self.heading = Some(self.body.as_str().len()),
            _ => {}
        }
        self.body.widen(Gap::Line);
    }

    fn end(&mut self, tag: TagEnd, title: Option<&Title>) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Image => return,
            TagEnd::TableCell => self.hidden_by = None,
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::FootnoteDefinition => {
                self.depth = self.depth.saturating_sub(1);
            }
            TagEnd::Heading(level) => self.end_heading(level, title),
            TagEnd::CodeBlock => {
                self.body.truncate(self.body.as_str().trim_end_matches('\n').len());
            }
            TagEnd::HtmlBlock => {
                let words = tags::words(&std::mem::take(&mut self.html));
                self.body.push(&words);
            }
            _ => {}
        }
        // A tag hides text at most to the end of its block: it is better to show a script than to
        // lose the rest of a page because of an unclosed tag.
        self.hidden_by = None;
        self.body.widen(if tag == TagEnd::TableCell { Gap::Tab } else { Gap::Line });
    }

    fn end_heading(&mut self, level: HeadingLevel, title: Option<&Title>) {
        let start = self.heading.take().unwrap_or(self.body.as_str().len());
        if level != HeadingLevel::H1 || self.depth > 0 || self.headed {
            return;
        }
        self.headed = true;
        let Ok(words) = Title::new(self.body.as_str()[start..].trim()) else { return };
        if title.is_none_or(|title| *title == words) {
            self.body.truncate(start);
            self.title = Some(words);
        }
    }

    fn tag(&mut self, tag: &str) {
        match tags::effect(tag) {
            Effect::Reveal(element) if self.hidden_by == Some(element) => self.hidden_by = None,
            Effect::Hide(element) if self.hidden_by.is_none() => self.hidden_by = Some(element),
            Effect::Break if self.hidden_by.is_none() => self.body.widen(self.line_break()),
            _ => {}
        }
    }

    /// A heading is always a single line, even where it contains a break.
    fn line_break(&self) -> Gap {
        if self.heading.is_some() { Gap::Space } else { Gap::Line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(source: &str) -> String {
        read(source, None).unwrap().1
    }

    #[test]
    fn each_block_stands_on_its_own_line() {
        let source = "Setext\n---\nOne\nparagraph.\n\n> quoted\n> on\n\n\
                      - a\n- b\n\n  c\n\n***\n1. d\\\n   e\n";
        assert_eq!(body(source), "Setext\nOne paragraph.\nquoted on\na\nb\nc\nd\ne");
    }

    #[test]
    fn inline_markup_is_dropped_and_what_it_encloses_is_kept() {
        let source = "*It* **sa__i__d** `a*b` [the \"report\"](http://x) ![a map](y) <https://z.org> \
                      &eacute; \\* -- 'so' ... ~~not~~ [r]\n\n[r]: http://r\n";
        let text = "It sa__i__d a*b the \"report\" a map https://z.org é * -- 'so' ... ~~not~~ r";
        assert_eq!(body(source), text);
    }

    #[test]
    fn code_keeps_its_lines() {
        assert_eq!(
            body("a\n\n```rust\nlet b;\n\n  c\n\n```\nd\n\n    e\n"),
            "a\nlet b;\n\n  c\nd\ne"
        );
    }

    #[test]
    fn tables_and_footnotes_are_read_in_their_places() {
        let table = "|Who|Users|\n|-|-|\n|SOAX|11.8|\n||none|\n";
        assert_eq!(body(table), "Who\tUsers\nSOAX\t11.8\nnone");
        assert_eq!(
            body("Said.[^1] [^2]\n\n[^1]: By whom.\n\nMore."),
            "Said. [^2]\nBy whom.\nMore."
        );
    }

    #[test]
    fn tags_are_dropped_and_their_words_are_kept() {
        assert_eq!(body("a<b>b</b>c<br>d <script>*x* `y`</script>e"), "abc\nd e");
        assert_eq!(body("<div>\nR&amp;D <i>x</i>\n</div>\n\n*a*\n"), "R&D x\na");
        assert_eq!(body("<script>\n\nx()\n</script>\na <!-- b -->c"), "a c");
        assert_eq!(body("a<script>b\n\nc"), "a\nc");
        assert_eq!(body("a <style>b</script>c</style>d<!-- <script> -->e"), "a de");
    }

    #[test]
    fn the_first_heading_outside_quotes_and_lists_is_the_title() {
        let of = |source, title: Option<&str>| {
            let title = title.map(|title| Title::new(title).unwrap());
            let (title, body) = read(source, title.as_ref()).unwrap();
            (title.map(|it| it.to_string()), body)
        };
        let titled = |title: &str, body: &str| (Some(title.to_owned()), body.to_owned());
        assert_eq!(of("a\n# *T* `c`<br>d\n# U\nb", None), titled("T c d", "a\nU\nb"));
        assert_eq!(of("T\nU\n===\n## V\nb", None), titled("T U", "V\nb"));
        assert_eq!(of("> # Q\n\n- # L\n\n# T", None), titled("T", "Q\nL"));
        assert_eq!(of("# T\n# U", Some("T")), titled("T", "U"));
        assert_eq!(of("# T\n# U", Some("U")), (None, "T\nU".to_owned()));
        let long = format!("# {}\n# U", "x".repeat(2001));
        assert_eq!(of(&long, None).0, None);
        assert_eq!(of("#\n\na", None), (None, "a".to_owned()));
    }

    #[test]
    fn directions_and_zero_widths_stay_as_they_are() {
        let source = "\u{202e}abc\u{202c} \u{200b}e\u{301}\u{feff}—“x”";
        assert_eq!(body(source), source);
    }

    #[test]
    fn what_stands_too_deep_is_refused_with_its_line() {
        let refused = |head: &str| {
            let source = format!("a\n\n{head}x\n");
            read(&source, None).map_err(|refusal| refusal.to_string().contains("line 3 "))
        };
        for mark in [">", "> ", "- ", "1. ", "* > ", "[^a]: ", "\t- "] {
            assert_eq!(refused(&mark.repeat(129)), Err(true), "{mark}");
            assert!(refused(&mark.repeat(20)).is_ok(), "{mark}");
        }
        for mark in ["- ", "-\n", "- -\n"] {
            assert_eq!(refused(&(" ".repeat(128) + mark)), Err(true), "{mark}");
        }
        for shallow in ["- ", "-", "* ", " ", "\t", "1", "a > ", "[^"] {
            let source = format!("a\n\n{}\n", shallow.repeat(200));
            assert!(read(&source, None).is_ok(), "{shallow}");
        }
    }

    /// Patterns known to make other parsers slow. Work is counted in parser events and bytes
    /// written: doubling the page may at most double each of them.
    #[test]
    fn hostile_pages_are_read_in_proportion_to_their_size() {
        let patterns = [
            "[",
            "[a](",
            "![",
            "![[]()",
            "](",
            "*",
            "*a ",
            "**a *",
            "*a_",
            "a**b",
            "`a``",
            "<",
            "<a ",
            "<a b=\"",
            "<!--",
            "<?",
            "x<!a",
            "x<script>",
            "<div>\n",
            "<div>&amp;</",
            "&",
            "&amp;",
            "\\",
            "[a]: b\n",
            "[^a] ",
            "|a\n|-\n",
            "a|b\n-|-\n",
            "~",
            "#",
            "- a\n\n",
            "> a\n",
            "===\na\n",
            "a\n",
        ];
        for pattern in patterns {
            let work = |bytes: usize| {
                let source = pattern.repeat(bytes / pattern.len());
                (events(&source).count(), body(&source).len())
            };
            let (once, twice) = (work(100_000), work(200_000));
            assert!(twice.0 <= 2 * once.0 + 16, "{pattern:?}: {once:?}, {twice:?}");
            assert!(twice.1 <= 2 * once.1 + 64 && twice.1 <= 400_000, "{pattern:?}: {twice:?}");
        }
        for deep in [">", "> ", "- ", "1. "] {
            let source = deep.repeat(100_000) + "x" + &"\na".repeat(100_000);
            assert!(read(&source, None) == Err(NestingError { line: 1 }), "{deep:?}");
        }
    }
}
