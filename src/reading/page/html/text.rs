//! Writes a tree of elements as text: a blank line between paragraphs, and a newline where the page
//! breaks a line.
//!
//! Knows how a browser shows elements and space. Must not know where the tree came from.

use dom_query::{Document, NodeData, NodeRef};

use crate::reading::page::spacing::{Gap, SpacedText};

/// The text of the document's body, without a first paragraph that repeats the title.
pub(super) fn of(document: &Document, title: Option<&str>) -> String {
    let mut writer = Writer::default();
    if let Some(body) = document.body() {
        writer.write(&body);
    }
    let text = writer.text.into_text();
    let (first, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    if title.is_some_and(|title| same_words(first, title)) { rest.to_owned() } else { text }
}

fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

#[derive(Default)]
struct Writer {
    text: SpacedText,
    /// How many elements are open in which line breaks and spaces are preserved.
    preserved: usize,
}

/// How an element is displayed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Not,
    Inline,
    Break,
    Preserved,
    /// Separated by this gap on either side.
    Apart(Gap),
}

impl Writer {
    /// Writes the content of `root` without recursion, because trees can be deep.
    fn write(&mut self, root: &NodeRef<'_>) {
        let mut next = root.first_child();
        while let Some(node) = next {
            let shown = shown(&node);
            self.enter(&node, shown);
            next = node.first_child().filter(|_| shown != Shown::Not);
            let mut left = node;
            while next.is_none() {
                self.leave(self::shown(&left));
                next = left.next_sibling();
                match left.parent() {
                    Some(parent) if next.is_none() && parent.id != root.id => left = parent,
                    _ => break,
                }
            }
        }
    }

    fn enter(&mut self, node: &NodeRef<'_>, shown: Shown) {
        match shown {
            Shown::Not => {}
            Shown::Inline => {
                node.query(|inner| {
                    if let NodeData::Text { contents } = &inner.data {
                        self.words(contents);
                    }
                });
            }
            Shown::Break => self.text.widen(Gap::Line),
            Shown::Preserved => {
                self.preserved += 1;
                self.text.widen(Gap::Paragraph);
            }
            Shown::Apart(gap) => self.text.widen(gap),
        }
    }

    fn leave(&mut self, shown: Shown) {
        match shown {
            Shown::Not | Shown::Inline | Shown::Break => {}
            Shown::Preserved => {
                self.preserved -= 1;
                self.text.widen(Gap::Paragraph);
            }
            Shown::Apart(gap) => self.text.widen(gap),
        }
    }

    fn words(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '\n' if self.preserved > 0 => self.text.widen(Gap::Line),
                ' ' | '\t' | '\n' | '\r' | '\x0c' => self.text.widen(Gap::Space),
                // A no-break space is copied as a space, as a browser does. A soft hyphen is
                // invisible.
                '\u{a0}' => self.letter(' '),
                '\u{ad}' => {}
                _ => self.letter(letter),
            }
        }
    }

    fn letter(&mut self, letter: char) {
        if letter == ' ' && (self.text.as_str().is_empty() || self.text.gap() >= Gap::Line) {
            return;
        }
        self.text.push(letter.encode_utf8(&mut [0; 4]));
    }
}

fn shown(node: &NodeRef<'_>) -> Shown {
    let Some(name) = node.qual_name_ref() else {
        return Shown::Inline;
    };
    if node.has_attr("hidden") {
        return Shown::Not;
    }
    match name.local.as_ref() {
        "a" | "span" | "time" => Shown::Inline,
        "br" => Shown::Break,
        "nav" | "footer" | "form" | "aside" | "img" | "script" | "style" => Shown::Not,
        "li" | "dt" | "dd" | "tr" => Shown::Apart(Gap::Line),
        "td" | "th" => Shown::Apart(Gap::Tab),
        "pre" => Shown::Preserved,
        _ => Shown::Apart(Gap::Paragraph),
    }
}
