//! Handles HTML tags inside Markdown: which are dropped, which end a line, and which hide their
//! content.
//!
//! Knows how a tag is written. Must not know whole HTML pages, which have a reader of their own.

use pulldown_cmark::{Event, Parser};

/// The inline elements. Any other tag ends its line, so that two cells or paragraphs do not run
/// into one word.
const WITHIN_LINE: [&str; 31] = [
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "img", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub",
    "sup", "time", "u", "var", "wbr",
];

/// The elements whose content is not displayed.
const HIDING: [&str; 2] = ["script", "style"];

/// What an inline tag does to its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    None,
    /// The line ends.
    Break,
    /// The text after it is hidden, until the same element ends.
    Hide(&'static str),
    /// The text hidden by that element ends.
    Reveal(&'static str),
}

/// The effect of `tag`, which begins with `<`.
pub(super) fn effect(tag: &str) -> Effect {
    let (closes, name) = name(tag);
    let name = name.to_ascii_lowercase();
    match HIDING.into_iter().find(|hiding| *hiding == name) {
        Some(hiding) if closes => Effect::Reveal(hiding),
        Some(hiding) => Effect::Hide(hiding),
        None if name.is_empty() || WITHIN_LINE.contains(&name.as_str()) => Effect::None,
        None => Effect::Break,
    }
}

fn name(tag: &str) -> (bool, &str) {
    let after = tag.strip_prefix('<').unwrap_or(tag);
    let (closes, after) = after.strip_prefix('/').map_or((false, after), |after| (true, after));
    let end = after.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(after.len());
    let begins = after.starts_with(|letter: char| letter.is_ascii_alphabetic());
    (closes, if begins { &after[..end] } else { "" })
}

/// The words of an HTML block, one line for each line that is not blank.
pub(super) fn words(block: &str) -> String {
    let mut words = String::new();
    let mut rest = block;
    while let Some(start) = rest.find('<') {
        decode(&rest[..start], &mut words);
        rest = &rest[start..];
        let length = tag_length(rest);
        if length == 0 {
            words.push('<');
            rest = &rest[1..];
            continue;
        }
        let (tag, after) = rest.split_at(length);
        rest = after;
        match effect(tag) {
            Effect::None => {}
            Effect::Hide(element) => rest = after_hidden(rest, element),
            Effect::Break | Effect::Reveal(_) => words.push('\n'),
        }
    }
    decode(rest, &mut words);
    let lines: Vec<&str> =
        words.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// The bytes of the tag or comment at the start of `rest`, or 0 if it is only a `<`. As in a
/// browser, an unclosed one takes the rest of the text.
fn tag_length(rest: &str) -> usize {
    let end_of = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
    if rest.starts_with("<!--") {
        return end_of("-->");
    }
    if rest.starts_with("<!") || rest.starts_with("<?") {
        return end_of(">");
    }
    if name(rest).1.is_empty() {
        return 0;
    }
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    rest.len()
}

fn after_hidden<'a>(rest: &'a str, element: &str) -> &'a str {
    let ends = |at: &usize| {
        let (closes, name) = name(&rest[*at..]);
        closes && name.eq_ignore_ascii_case(element)
    };
    let end = rest.match_indices("</").map(|(at, _)| at).find(ends);
    end.map_or("", |at| &rest[at..])
}

/// Decodes HTML entities. The Markdown parser knows all of them, so each is parsed as a text of its
/// own.
fn decode(text: &str, words: &mut String) {
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        words.push_str(&rest[..start]);
        rest = &rest[start..];
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
        // The longest entity name has 31 letters.
        let length = rest.bytes().skip(1).take(32).take_while(inside).count() + 1;
        let whole = rest[length..].starts_with(';');
        let (entity, after) = rest.split_at(if whole { length + 1 } else { 1 });
        rest = after;
        if !whole {
            words.push_str(entity);
            continue;
        }
        for event in Parser::new(entity) {
            if let Event::Text(decoded) = event {
                words.push_str(&decoded);
            }
        }
    }
    words.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_and_tags_are_not() {
        assert_eq!(words("<div class=\"a>b\">\n  One <b>wo</b>rd\n</div>\n"), "One word");
        assert_eq!(words("<tr><td>SOAX</td><td>11.8</td></tr>"), "SOAX\n11.8");
        assert_eq!(words("a < b, 1<2 <!-- no <p> --> c<?x?>"), "a < b, 1<2  c");
        assert_eq!(words("<p>cut <a href=\"x>y"), "cut");
    }

    #[test]
    fn entities_are_decoded_wherever_they_stand() {
        assert_eq!(
            words("<p>R&amp;D &eacute;&#233;&#xE9; &lt;b&gt; & &nope; &am"),
            "R&D ééé <b> & &nope; &am"
        );
    }

    #[test]
    fn scripts_and_styles_have_no_words() {
        assert_eq!(words("<SCRIPT>if (a</b) x()</Script >after"), "after");
        assert_eq!(words("a<style>b{}</style>c"), "a\nc");
        assert_eq!(words("a<script>b"), "a");
    }

    #[test]
    fn a_tag_in_a_line_hides_breaks_or_does_nothing() {
        assert_eq!(effect("<br/>"), Effect::Break);
        assert_eq!(effect("</em>"), Effect::None);
        assert_eq!(effect("<!-- x -->"), Effect::None);
        assert_eq!(effect("<Script src=x>"), Effect::Hide("script"));
        assert_eq!(effect("</style>"), Effect::Reveal("style"));
    }
}
