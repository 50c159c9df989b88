//! From a tree of elements to text: paragraphs a blank line apart, lines where the page breaks
//! them.
//!
//! Knows how a browser shows elements and space. Must not know where the tree came from.

use dom_query::{Document, NodeData, NodeRef};

/// What separates the next words from the last, the widest winning. It is written only once there
/// are words, so that no text begins or ends with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Tab,
    Line,
    Paragraph,
}

/// The text of the document's body, without a first paragraph that repeats the title.
pub(super) fn of(document: &Document, title: Option<&str>) -> String {
    let mut writer = Writer::default();
    if let Some(body) = document.body() {
        writer.write(&body);
    }
    let text = writer.text;
    let (first, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    if title.is_some_and(|title| same_words(first, title)) { rest.to_owned() } else { text }
}

fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

#[derive(Default)]
struct Writer {
    text: String,
    gap: Gap,
    /// How many elements are open in which lines and spaces stand as they are.
    preserved: usize,
}

/// How an element is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Not,
    Inline,
    Break,
    Preserved,
    /// Parted by this on either side.
    Apart(Gap),
}

impl Writer {
    /// Writes what is within `root`, without calling itself: trees can be deep.
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
            Shown::Break => self.widen(Gap::Line),
            Shown::Preserved => {
                self.preserved += 1;
                self.widen(Gap::Paragraph);
            }
            Shown::Apart(gap) => self.widen(gap),
        }
    }

    fn leave(&mut self, shown: Shown) {
        match shown {
            Shown::Not | Shown::Inline | Shown::Break => {}
            Shown::Preserved => {
                self.preserved -= 1;
                self.widen(Gap::Paragraph);
            }
            Shown::Apart(gap) => self.widen(gap),
        }
    }

    fn widen(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn words(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '\n' if self.preserved > 0 => self.widen(Gap::Line),
                ' ' | '\t' | '\n' | '\r' | '\x0c' => self.widen(Gap::Space),
                // As when a browser copies it: it looks like a space. A soft hyphen looks like
                // nothing.
                '\u{a0}' => self.letter(' '),
                '\u{ad}' => {}
                _ => self.letter(letter),
            }
        }
    }

    fn letter(&mut self, letter: char) {
        if letter == ' ' && (self.text.is_empty() || self.gap >= Gap::Line) {
            return;
        }
        let gap = match std::mem::take(&mut self.gap) {
            _ if self.text.is_empty() => "",
            Gap::None => "",
            Gap::Space => " ",
            Gap::Tab => "\t",
            Gap::Line => "\n",
            Gap::Paragraph => "\n\n",
        };
        self.text.push_str(gap);
        self.text.push(letter);
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
