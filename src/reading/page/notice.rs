//! Finds notices: lines in which an outlet speaks about its own article, for example to say that it
//! was corrected or updated.
//!
//! Knows how such lines begin in English. Must not know the article: a notice is the outlet's
//! statement about its article, and not a statement made by anyone in it.

use std::ops::Range;

use serde::Serialize;

use super::line::{Line, lines};

/// The kind of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Something was wrong.
    Correction,
    /// Something could be misunderstood.
    Clarification,
    /// A comment by the editor.
    EditorsNote,
    /// Something was added or changed.
    Update,
    /// The article was withdrawn.
    Retraction,
}

impl std::fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Correction => "correction",
            Self::Clarification => "clarification",
            Self::EditorsNote => "editor's note",
            Self::Update => "update",
            Self::Retraction => "retraction",
        })
    }
}

/// A line in which an outlet speaks about its own article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub kind: NoticeKind,
    /// Its range in code points of the text, end exclusive.
    pub span: Range<usize>,
}

/// The labels that begin a notice, in lower case; a colon, a dash, a bracket, a date or the line's
/// end must follow.
const LABELS: &[(&str, NoticeKind)] = &[
    ("corrections and clarifications", NoticeKind::Correction),
    ("corrections & clarifications", NoticeKind::Correction),
    ("corrections", NoticeKind::Correction),
    ("correction", NoticeKind::Correction),
    ("corrected", NoticeKind::Correction),
    ("clarifications", NoticeKind::Clarification),
    ("clarification", NoticeKind::Clarification),
    ("editor's note", NoticeKind::EditorsNote),
    ("editors' note", NoticeKind::EditorsNote),
    ("editors note", NoticeKind::EditorsNote),
    ("note to readers", NoticeKind::EditorsNote),
    ("retraction", NoticeKind::Retraction),
    ("last updated", NoticeKind::Update),
    ("last modified", NoticeKind::Update),
    ("updated", NoticeKind::Update),
    ("updates", NoticeKind::Update),
    ("update", NoticeKind::Update),
];

/// The words for the article itself.
const ARTICLES: &[&str] = &[
    "article",
    "story",
    "report",
    "post",
    "piece",
    "page",
    "headline",
    "caption",
    "column",
    "interview",
    "blog",
];

/// What a notice says was done to the article.
const DEEDS: &[(&str, NoticeKind)] = &[
    ("amended", NoticeKind::Correction),
    ("corrected", NoticeKind::Correction),
    ("clarified", NoticeKind::Clarification),
    ("updated", NoticeKind::Update),
    ("revised", NoticeKind::Update),
    ("edited", NoticeKind::Update),
    ("modified", NoticeKind::Update),
    ("changed", NoticeKind::Update),
    ("retracted", NoticeKind::Retraction),
    ("withdrawn", NoticeKind::Retraction),
    ("removed", NoticeKind::Retraction),
];

/// How a news agency begins a bracketed note about an earlier version.
const VERSIONS: &[(&str, NoticeKind)] = &[
    ("corrects ", NoticeKind::Correction),
    ("clarifies ", NoticeKind::Clarification),
    ("updates ", NoticeKind::Update),
    ("adds ", NoticeKind::Update),
    ("recasts ", NoticeKind::Update),
];

/// The notices in a text, in order.
pub fn notices(text: &str) -> Vec<Notice> {
    let mut notices: Vec<Notice> = Vec::new();
    // The kind given by a heading that consists only of a notice's label.
    let mut heading: Option<NoticeKind> = None;
    for line in lines(text) {
        let kind = kind(&line);
        match (kind, heading.take(), notices.last_mut()) {
            (None, Some(_), Some(last)) => last.span.end = line.end,
            (Some(kind), _, _) => {
                notices.push(Notice { kind, span: line.span() });
                heading = is_heading(&line).then_some(kind);
            }
            _ => {}
        }
    }
    notices
}

fn is_heading(line: &Line<'_>) -> bool {
    let bare = beginning(line.words);
    LABELS.iter().any(|(label, _)| bare.trim_end_matches([':', ' ', '*']) == *label)
}

fn kind(line: &Line<'_>) -> Option<NoticeKind> {
    let said = beginning(line.words);
    let labelled = LABELS.iter().find(|(label, _)| {
        said.strip_prefix(label).is_some_and(|rest| is_set_off(rest, line.words))
    });
    if let Some((_, kind)) = labelled {
        return Some(*kind);
    }
    if line.words.starts_with(['(', '['])
        && let Some((_, kind)) = VERSIONS.iter().find(|(begins, _)| said.starts_with(begins))
    {
        return Some(*kind);
    }
    of_itself(&said)
}

/// Recognises "This article was amended on" and "An earlier version of this article".
fn of_itself(said: &str) -> Option<NoticeKind> {
    let words: Vec<&str> = said.split(' ').take(10).collect();
    let is_article = |word: &str| ARTICLES.contains(&word.trim_end_matches([',', ':']));
    match words.as_slice() {
        ["an" | "a", "earlier" | "previous" | "former", "version", "of", "this", article, ..]
            if is_article(article) =>
        {
            Some(NoticeKind::Correction)
        }
        ["this", "is", "a", "developing" | "breaking", ..] => Some(NoticeKind::Update),
        ["this", rest @ ..] => {
            let article = rest.iter().take(2).position(|word| is_article(word))?;
            let rest = rest.get(article + 1..)?;
            if !matches!(rest.first(), Some(&("was" | "has" | "is"))) {
                return None;
            }
            let deed = |word: &&str| {
                let word = word.trim_end_matches(|letter: char| !letter.is_alphanumeric());
                DEEDS.iter().find(|(deed, _)| *deed == word).map(|(_, kind)| *kind)
            };
            // Accepts "This story was first published in May and updated", but not "this report was
            // read by those who changed it".
            let is_dated = rest.get(2) == Some(&"published");
            rest.iter().take(if is_dated { 9 } else { 4 }).find_map(deed)
        }
        _ => None,
    }
}

/// Whether the text after a label shows that it is a label: "Updated guidelines" is not one.
fn is_set_off(rest: &str, line: &str) -> bool {
    let after = rest.trim_start();
    let date = after.strip_prefix("on ").or_else(|| after.strip_prefix("at ")).unwrap_or(after);
    after.is_empty()
        || after.starts_with([':', '—', '–', '(', '|', '*'])
        || after.starts_with("- ")
        || (date.starts_with(|letter: char| letter.is_ascii_digit()) || is_month(date))
            && line.len() <= 100
}

fn is_month(text: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let next = text.split(' ').nth(1).unwrap_or_default();
    next.starts_with(|letter: char| letter.is_ascii_digit())
        && MONTHS.iter().any(|month| text.starts_with(month))
}

/// The first words of a line in the form used by the tables, without a leading bracket or emphasis.
fn beginning(line: &str) -> String {
    let line = line.trim_start_matches(['*', '_', '(', '[', '#', '•', ' ', '—', '-']);
    let said = line.chars().take(120).flat_map(char::to_lowercase);
    said.map(|letter| if letter == '’' { '\'' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(NoticeKind, String)> {
        let slice = |span: Range<usize>| text.chars().skip(span.start).take(span.len()).collect();
        notices(text).into_iter().map(|notice| (notice.kind, slice(notice.span))).collect()
    }

    #[test]
    fn notices_are_found_and_told_apart() {
        for (line, kind) in [
            ("Correction: the fare is 14 crowns, not 12.", NoticeKind::Correction),
            ("CORRECTION (March 3): the fare is 14 crowns.", NoticeKind::Correction),
            ("*Correction* — the fare is 14 crowns.", NoticeKind::Correction),
            ("An earlier version of this article gave another fare.", NoticeKind::Correction),
            ("This article was amended on 3 March 2026.", NoticeKind::Correction),
            ("This news story has been corrected to show the fare.", NoticeKind::Correction),
            ("(Corrects the fare in paragraph 2)", NoticeKind::Correction),
            ("Clarification: fares differ by season.", NoticeKind::Clarification),
            ("Editor’s note: the author works for the harbour.", NoticeKind::EditorsNote),
            ("UPDATE: the harbour has reopened.", NoticeKind::Update),
            ("Update 14:30 – the harbour has reopened.", NoticeKind::Update),
            ("Updated on 3 March 2026", NoticeKind::Update),
            ("Last updated March 3, 2026", NoticeKind::Update),
            ("This article was first published in May and updated on 3 March.", NoticeKind::Update),
            ("This is a developing story and will be updated.", NoticeKind::Update),
            ("[Adds comment from the harbour office]", NoticeKind::Update),
            ("This story has been retracted.", NoticeKind::Retraction),
        ] {
            let found = kinds(&format!("Words before.\n\n{line}\n\nWords after."));
            assert_eq!(found, [(kind, line.to_owned())], "{line}");
        }
    }

    #[test]
    fn what_people_say_is_no_notice() {
        for line in [
            "Updated guidelines were published on Monday.",
            "Corrections officers said that they had not been paid.",
            "This report was commissioned by the council.",
            "This article of the treaty was ignored.",
            "“This story is wrong,” he said.",
            "Update your address, the office said.",
            "Adds up to nothing, she said.",
            "Correction of the course took three days.",
        ] {
            assert_eq!(kinds(line), [], "{line}");
        }
    }

    #[test]
    fn a_heading_takes_in_the_line_below_it() {
        let text = "É.\n\nCorrection\n\nThe fare is 14 crowns.\n\nThe end.";
        let expected = "Correction\n\nThe fare is 14 crowns.".to_owned();
        assert_eq!(kinds(text), [(NoticeKind::Correction, expected)]);
    }
}
