//! Finds the quotations in a text by their quotation marks.
//!
//! Knows the marks used in English print, unclosed ones, and quotations that span paragraphs. Must
//! not know who speaks.

use std::ops::Range;

/// The text between quotation marks, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quotation {
    /// The range including the marks.
    pub(super) outer: Range<usize>,
    /// The range without the marks.
    pub(super) inner: Range<usize>,
    /// Whether it continues the previous quotation: a new paragraph of the same speech.
    pub(super) continues: bool,
}

/// The kinds of quotation mark, each of which closes only its own kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MarkKind {
    Double,
    Single,
}

/// The position of a mark, and whether it can open or close there.
#[derive(Debug, Clone, Copy)]
struct QuotationMark {
    start: usize,
    end: usize,
    kind: MarkKind,
    opens: bool,
    closes: bool,
    /// As in "users' data": an apostrophe as likely as a quotation mark.
    is_possessive: bool,
    /// Whether a comma or the end of a sentence precedes it, as it usually does for closing marks.
    is_pointed: bool,
}

/// Every quotation, in order; nested ones are part of the outer one.
pub(super) fn quotations(text: &str) -> Vec<Quotation> {
    let mut found = Vec::new();
    let mut open_before = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.trim_end().len();
        if end > start {
            open_before = paragraph(text, start..end, open_before, &mut found);
        }
        start += line.len();
    }
    found
}

/// Adds the quotations of one paragraph; returns whether the last one is unclosed, so that the next
/// paragraph may continue it.
fn paragraph(
    text: &str,
    lines: Range<usize>,
    open_before: bool,
    found: &mut Vec<Quotation>,
) -> bool {
    let marks = marks(text, lines.clone());
    let head = lines.start + text[lines.clone()].len() - text[lines.clone()].trim_start().len();
    let mut next = 0;
    while let Some(at) = (next..marks.len()).find(|at| marks[*at].opens) {
        let mark = marks[at];
        let continues = open_before && mark.start == head && mark.kind == MarkKind::Double;
        let Some(close) = closing(&marks, at) else {
            let rest =
                (at + 1..marks.len()).find(|at| marks[*at].opens && marks[*at].kind == mark.kind);
            let until = rest.map_or(lines.end, |at| marks[at].start);
            let is_open = rest.is_none() && mark.kind == MarkKind::Double;
            let end = if is_open { lines.end } else { sentence_end(text, mark.end..until) };
            // A single apostrophe opens nothing.
            if mark.kind == MarkKind::Double || rest.is_some() {
                found.push(Quotation { outer: mark.start..end, inner: mark.end..end, continues });
            }
            if is_open {
                return true;
            }
            next = rest.unwrap_or(marks.len());
            continue;
        };
        let last = marks[close];
        found.push(Quotation {
            outer: mark.start..last.end,
            inner: mark.end..last.start,
            continues,
        });
        next = close + 1;
    }
    false
}

/// The mark that closes the one at `open`.
fn closing(marks: &[QuotationMark], open: usize) -> Option<usize> {
    let kind = marks[open].kind;
    let mut doubtful = None;
    for at in open + 1..marks.len() {
        let mark = marks[at];
        if mark.kind != kind {
            continue;
        }
        if mark.opens && !mark.closes {
            return doubtful;
        }
        if mark.closes && mark.is_possessive {
            doubtful = doubtful.or(Some(at));
        } else if mark.closes {
            return match doubtful {
                Some(first)
                    if !mark.is_pointed
                        && kind == MarkKind::Single
                        && later_opens(marks, first, at) =>
                {
                    Some(first)
                }
                _ => Some(at),
            };
        }
    }
    doubtful
}

/// Whether a quotation opens between two marks.
fn later_opens(marks: &[QuotationMark], first: usize, last: usize) -> bool {
    marks[first + 1..last].iter().any(|mark| mark.opens && mark.kind == marks[first].kind)
}

/// The end of the first sentence of a range, for an unclosed quotation.
fn sentence_end(text: &str, stretch: Range<usize>) -> usize {
    let bytes = text.as_bytes();
    let full_stop = (stretch.start..stretch.end).find(|at| {
        matches!(bytes[*at], b'.' | b'!' | b'?')
            && (at + 1 >= stretch.end || bytes[at + 1].is_ascii_whitespace())
    });
    full_stop.map_or_else(|| stretch.start + text[stretch.clone()].trim_end().len(), |at| at + 1)
}

fn marks(text: &str, lines: Range<usize>) -> Vec<QuotationMark> {
    let mut marks = Vec::new();
    let mut letters = text[lines.clone()].char_indices().peekable();
    let mut before = ' ';
    while let Some((at, letter)) = letters.next() {
        let start = lines.start + at;
        let Some(kind) = kind(letter) else {
            before = letter;
            continue;
        };
        let mut end = start + letter.len_utf8();
        let doubled = kind == MarkKind::Single
            && letters
                .peek()
                .is_some_and(|(_, next)| *next == letter && matches!(letter, '\'' | '`'));
        if doubled {
            letters.next();
            end += letter.len_utf8();
        }
        let kind = if doubled { MarkKind::Double } else { kind };
        let after = letters.peek().map_or(' ', |(_, next)| *next);
        marks.push(mark(letter, kind, (start, end), before, after, &text[end..lines.end]));
        before = letter;
    }
    marks
}

fn mark(
    letter: char,
    kind: MarkKind,
    (start, end): (usize, usize),
    before: char,
    after: char,
    rest: &str,
) -> QuotationMark {
    let word_before = before.is_alphanumeric();
    let begins = !word_before
        && !matches!(before, '.' | ',' | '!' | '?' | '…' | '%' | ')')
        && !after.is_whitespace();
    let ends = !before.is_whitespace() && !after.is_alphanumeric();
    let (opens, closes) = match letter {
        '“' | '‟' | '„' | '`' => (true, false),
        '‘' => (!word_before, false),
        '”' => (false, true),
        '’' => (false, ends),
        _ if kind == MarkKind::Single => (begins && !before.is_alphanumeric(), ends && !begins),
        // Between spaces, or between letters, a straight double mark may open or close.
        _ => (begins || !ends, ends || !begins),
    };
    let plural = matches!(before, 's' | 'S' | 'z' | 'x');
    let goes_on = rest.strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_lowercase));
    QuotationMark {
        start,
        end,
        kind,
        opens,
        closes,
        is_possessive: kind == MarkKind::Single && plural && goes_on,
        is_pointed: matches!(before, ',' | '.' | '!' | '?' | '…'),
    }
}

const fn kind(letter: char) -> Option<MarkKind> {
    match letter {
        '"' | '“' | '”' | '„' | '‟' | '＂' => Some(MarkKind::Double),
        '\'' | '‘' | '’' | '`' => Some(MarkKind::Single),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner(text: &str) -> Vec<&str> {
        quotations(text).into_iter().map(|found| &text[found.inner]).collect()
    }

    #[test]
    fn every_pair_of_marks_holds_a_quotation() {
        for text in
            ["“A b,” he said.", "\"A b,\" he said.", "''A b,'' he said.", "``A b,'' he said."]
        {
            assert_eq!(inner(text), ["A b,"], "{text}");
        }
        assert_eq!(inner("'A b,' he said."), ["A b,"]);
        assert_eq!(inner("‘A b,’ he said of ‘it’."), ["A b,", "it"]);
    }

    #[test]
    fn an_apostrophe_is_no_mark() {
        assert_eq!(inner("It's the users' data, isn't it?"), [""; 0]);
        assert_eq!(inner("They 'sell the users' data', he said."), ["sell the users' data"]);
        assert_eq!(inner("to sell users' data or had 'odd' links."), ["odd"]);
        assert_eq!(inner("in the '90s we didn't"), [""; 0]);
    }

    #[test]
    fn a_quotation_within_another_is_part_of_it() {
        assert_eq!(inner("\"He said 'no' to me,\" she said."), ["He said 'no' to me,"]);
    }

    #[test]
    fn a_quotation_that_never_closes_ends_with_its_sentence_or_goes_on_in_the_next_paragraph() {
        assert_eq!(inner("saying 'a is b. The c said 'd e.' F"), ["a is b.", "d e."]);
        let found = quotations("“A b.\n\n“C d,” he said.\n");
        assert_eq!(found.len(), 2);
        assert!(!found[0].continues && found[1].continues);
    }
}
