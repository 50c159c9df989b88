//! Splits a page that holds several articles into its articles, and identifies everything else on
//! it.
//!
//! Knows how pages list articles: an outlet and an age above a title, a title above a byline,
//! headings. Must not know any particular page, nor what an article says.
//!
//! Nothing is moved or corrected: an article's text consists of pieces of the page's text, in their
//! order.

mod heading;

use std::ops::Range;

pub use self::heading::{Age, AgeUnit};
use self::heading::{Told, dashed, heading, is_outlet, is_prose, is_title, told};
use super::furniture::{self, Scope};
use super::imprint::Imprint;
use super::line::{Line, lines};
use crate::domain::moment::{Basis, Date, Moment};
use crate::domain::text::{Name, Title};

/// Changes whenever the same text would be split into different articles or texts.
pub(super) const VERSION: &str = "1";

/// The most lines of a page that is split: a longer page is not a list of articles.
const MOST_LINES: usize = 100_000;

/// The most lines over which an article's outlet, age and author are spread.
const LONGEST_HEAD: usize = 5;

/// One article of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticlePart {
    /// From its head to its last words, in code points of the page's text, end exclusive.
    pub span: Range<usize>,
    /// The pieces of the page's text that form its text, in code points, end exclusive.
    pub pieces: Vec<Range<usize>>,
    /// Its text: the pieces, with a blank line between them.
    pub text: String,
    /// The range of its title, if it has one.
    pub title: Option<Range<usize>>,
    /// The range of the credit at the start of its text, such as "Agencies".
    pub credit: Option<Range<usize>>,
    /// What its head says: title, outlet, author, credit, and the publication time if given as a
    /// date.
    pub imprint: Imprint,
    /// How long ago it was published, if its head says only that.
    pub age: Option<Age>,
}

impl ArticlePart {
    /// A whole text as one article.
    pub(super) fn whole(text: &str) -> Self {
        let end = text.chars().count();
        Self {
            span: 0..end,
            pieces: std::iter::once(0..end).collect(),
            text: text.to_owned(),
            title: None,
            credit: None,
            imprint: Imprint::default(),
            age: None,
        }
    }

    /// When it was published, as far as is known: as printed, or else computed from its age and the
    /// day the page was fetched.
    pub fn published(&self, retrieved: Option<Date>) -> Option<Moment> {
        let inferred = || {
            let at = self.age?.before(retrieved?)?;
            Some(Moment { at, basis: Basis::Inferred })
        };
        self.imprint.published.or_else(inferred)
    }
}

/// The articles of a page's text, in order; just one if the page does not hold several.
pub fn split(text: &str) -> Vec<ArticlePart> {
    let found: Vec<Line<'_>> = lines(text).take(MOST_LINES + 1).collect();
    if found.len() > MOST_LINES {
        return vec![ArticlePart::whole(text)];
    }
    let heads = heads(&found);
    let mut parts = Vec::with_capacity(heads.len() + 1);
    let first = heads.first().map_or(found.len(), |head| head.first);
    parts.extend(opening(text, &found[..first], heads.is_empty()));
    for (index, head) in heads.iter().enumerate() {
        let end = heads.get(index + 1).map_or(found.len(), |next| next.first);
        parts.extend(part(text, &found[head.first..end], head));
    }
    if parts.is_empty() && !found.is_empty() { vec![ArticlePart::whole(text)] } else { parts }
}

/// The parts of a page's text that belong to no article, in code points, end exclusive: menus,
/// share buttons, lists of links, the lines above an article, and credits.
pub fn furniture(text: &str) -> Vec<Range<usize>> {
    let parts = split(text);
    let mut kept = parts.iter().flat_map(|part| part.title.iter().chain(&part.pieces)).peekable();
    let mut credits = parts.iter().filter_map(|part| part.credit.clone()).peekable();
    let mut furniture: Vec<Range<usize>> = Vec::new();
    let mut push = |span: Range<usize>| match furniture.last_mut() {
        Some(last) if last.end + 1 >= span.start => last.end = last.end.max(span.end),
        _ => furniture.push(span),
    };
    for line in lines(text) {
        while kept.next_if(|piece| piece.end <= line.start).is_some() {}
        if kept.peek().is_none_or(|piece| line.start < piece.start) {
            push(line.span());
        }
        while let Some(credit) = credits.next_if(|credit| credit.start < line.end) {
            push(credit);
        }
    }
    furniture
}

/// The head of an article, as indexes of lines.
struct ArticleHead {
    first: usize,
    title: Option<usize>,
    /// The first line of its text.
    body: usize,
    told: Told,
}

fn heads(found: &[Line<'_>]) -> Vec<ArticleHead> {
    let first_level = found.iter().filter_map(|line| heading(line.words));
    let is_divided = first_level.filter(|(level, _)| *level == 1).nth(1).is_some();
    let mut heads: Vec<ArticleHead> = Vec::new();
    let mut at = 0;
    while at < found.len() {
        let after = heads.last().map_or(0, |head| head.body);
        let head = head_at(found, at, after).or_else(|| {
            let title = is_divided && heading(found[at].words).is_some_and(|(level, _)| level == 1);
            title.then(|| ArticleHead {
                first: at,
                title: Some(at),
                body: at + 1,
                told: Told::default(),
            })
        });
        match head {
            // A heading already taken for a head, and now known to have a byline.
            Some(head) if heads.last().is_some_and(|last| last.first == head.first) => {
                at = head.body.max(at + 1);
                heads.pop();
                heads.push(head);
            }
            Some(head) => {
                at = head.body.max(at + 1);
                heads.push(head);
            }
            None => at += 1,
        }
    }
    heads
}

/// The head around the line at `at`, if that line names an author or a time. The head begins at or
/// after `after`, except for a heading that has no text yet.
fn head_at(found: &[Line<'_>], at: usize, after: usize) -> Option<ArticleHead> {
    let (mut told, end) = gathered(found, at)?;
    let waits = |above: usize| after == at && heading(found[above].words).is_some();
    let above = at.checked_sub(1).filter(|above| *above >= after || waits(*above));
    let above = above.filter(|above| furniture::scope(found[*above].words).is_none());
    let above_words = above.map(|above| found[above].words);
    // On a card the title comes below: above it is the outlet, or nothing that could be a title.
    if told.author.is_none() && is_card(found, end) {
        let names_outlet = told.outlet.is_none() || dashed(found[end - 1].words).is_some();
        let outlet = above_words.filter(|words| names_outlet && is_outlet(words));
        if let Some(outlet) = outlet {
            told.outlet = Some(outlet.to_owned());
            return Some(ArticleHead { first: at - 1, title: Some(end), body: end + 1, told });
        }
        if !above_words.is_some_and(is_heading_or_title) {
            return Some(ArticleHead { first: at, title: Some(end), body: end + 1, told });
        }
    }
    let title = above.filter(|_| above_words.is_some_and(is_heading_or_title))?;
    Some(ArticleHead { first: title, title: Some(title), body: end, told })
}

/// What the line at `at` and the related lines after it say, and the first line after them.
fn gathered(found: &[Line<'_>], at: usize) -> Option<(Told, usize)> {
    let mut all = told(found.get(at)?.words)?;
    let mut end = at + 1;
    while let Some(line) = found.get(end).filter(|_| end < at + LONGEST_HEAD) {
        let outlet = dashed(line.words);
        let outlet = outlet.map(|name| Told { outlet: Some(name.to_owned()), ..Told::default() });
        let Some(next) = outlet.or_else(|| told(line.words)) else { break };
        all.join(next);
        end += 1;
    }
    Some((all, end))
}

/// Whether a title is at `at`, followed by a text and not by the next card.
fn is_card(found: &[Line<'_>], at: usize) -> bool {
    let (Some(title), Some(next)) = (found.get(at), found.get(at + 1)) else { return false };
    is_title(title.words)
        && !is_prose(title.words)
        && furniture::scope(title.words).is_none()
        && told(title.words).is_none()
        && (is_prose(next.words) || next.words.len() > title.words.len())
}

fn is_heading_or_title(line: &str) -> bool {
    heading(line).is_some() || (is_title(line) && !is_prose(line))
}

/// The part before the first head: an article of its own, if it has prose or is the whole page.
fn opening(text: &str, found: &[Line<'_>], is_all: bool) -> Option<ArticlePart> {
    let first = found.iter().position(|line| furniture::scope(line.words).is_none())?;
    let is_text = |line: &&Line<'_>| {
        let is_credit = furniture::credit(line.words).is_some_and(|(_, to)| to == line.words.len());
        furniture::scope(line.words).is_none() && !is_credit
    };
    let next = found[first + 1..].iter().find(is_text);
    let words = found[first].words;
    let title = next.is_some_and(|next| {
        is_heading_or_title(words) && (is_prose(next.words) || next.words.len() > words.len())
    });
    let body = first + usize::from(title);
    let has_prose = found[body..].iter().any(|line| is_prose(line.words));
    let head = ArticleHead { first, title: title.then_some(first), body, told: Told::default() };
    (is_all || has_prose).then(|| part(text, &found[first..], &head)).flatten()
}

/// The article with `head` in `found`, whose first line is the head's first.
fn part(text: &str, found: &[Line<'_>], head: &ArticleHead) -> Option<ArticlePart> {
    let title = head.title.and_then(|title| found.get(title - head.first));
    let mut body = &found[head.body - head.first..];
    let mut imprint = imprint(&head.told, title);
    let mut credit = None;
    if let Some(first) = body.first()
        && let Some((name, reach)) = furniture::credit(first.words)
    {
        imprint.credit = Name::new(name.trim()).ok();
        if reach == first.words.len() {
            body = &body[1..];
        } else {
            let length = first.words[..reach].chars().count();
            credit = Some(first.start..first.start + length);
        }
    }
    let pieces = pieces(body);
    let (start, end) = (found.first()?.start, pieces.last()?.last.end);
    let text: Vec<&str> = pieces.iter().map(|piece| piece.slice(text)).collect();
    Some(ArticlePart {
        span: start..end,
        text: text.join("\n\n"),
        pieces: pieces.iter().map(|piece| piece.first.start..piece.last.end).collect(),
        title: title.map(Line::span),
        credit,
        imprint,
        age: head.told.age,
    })
}

fn imprint(told: &Told, title: Option<&Line<'_>>) -> Imprint {
    let name = |text: &str| Name::new(text).ok();
    let words = title.map(|line| heading(line.words).map_or(line.words, |(_, words)| words));
    Imprint {
        title: words.and_then(|words| Title::new(words).ok()),
        publisher: told.outlet.as_deref().and_then(name),
        authors: told.author.as_deref().and_then(name).into_iter().collect(),
        published: told.date.map(|at| Moment { at, basis: Basis::Printed }),
        ..Imprint::default()
    }
}

/// Adjacent lines with no furniture between them.
struct LineBlock<'a> {
    first: Line<'a>,
    last: Line<'a>,
}

impl LineBlock<'_> {
    fn slice<'t>(&self, text: &'t str) -> &'t str {
        &text[self.first.byte..self.last.byte + self.last.words.len()]
    }
}

fn pieces<'a>(body: &[Line<'a>]) -> Vec<LineBlock<'a>> {
    let mut pieces: Vec<LineBlock<'a>> = Vec::new();
    let mut within: Option<Scope> = None;
    let mut is_open = false;
    for line in body {
        let found = furniture::scope(line.words);
        let keeps = match (found, within) {
            (Some(Scope::Line), _) | (_, Some(Scope::End)) => false,
            (Some(scope), _) => {
                within = Some(scope);
                false
            }
            (None, Some(_)) if !is_prose(line.words) => false,
            (None, _) => {
                within = None;
                true
            }
        };
        match pieces.last_mut() {
            Some(last) if keeps && is_open => last.last = *line,
            _ if keeps => pieces.push(LineBlock { first: *line, last: *line }),
            _ => {}
        }
        is_open = keeps;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A part's title, outlet, author, time and text.
    type Said = (Option<String>, Option<String>, Option<String>, Option<String>, String);

    fn said(text: &str) -> Vec<Said> {
        let seen = Some("2026-03-04T12:00:00Z".parse().unwrap());
        let parts = split(text);
        let slice = |span: &Range<usize>| -> String {
            text.chars().skip(span.start).take(span.len()).collect()
        };
        for part in &parts {
            let pieces: Vec<String> = part.pieces.iter().map(slice).collect();
            assert_eq!(pieces.join("\n\n"), part.text);
            let title = part.title.as_ref().map(slice);
            let printed = part.imprint.title.as_ref().map(|title| title.to_string());
            assert_eq!(title.is_some(), printed.is_some());
            assert!(title.unwrap_or_default().ends_with(&printed.unwrap_or_default()));
        }
        fn string(text: Option<&impl ToString>) -> Option<String> {
            text.map(ToString::to_string)
        }
        parts
            .iter()
            .map(|part| {
                let Imprint { title, publisher, authors, .. } = &part.imprint;
                let published = part.published(seen).map(|at| at.to_string());
                let author = string(authors.first());
                let text = part.text.clone();
                (string(title.as_ref()), string(publisher.as_ref()), author, published, text)
            })
            .collect()
    }

    fn told(title: &str, outlet: &str, author: &str, published: &str, text: &str) -> Said {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (some(title), some(outlet), some(author), some(published), text.to_owned())
    }

    const FERRY: &str =
        "The new ferry carried about 12,000 passengers in its first week, the office said.";
    const WALL: &str =
        "The harbour wall will be rebuilt by June, according to a plan seen on Monday.";
    const BREAD: &str =
        "A bakery on the island has won a prize for its rye bread, the judges announced.";

    #[test]
    fn cards_have_an_outlet_and_an_age_above_their_title() {
        let page = format!(
            "Menu\nHome\n\nFerry carries 12,000 in first week\n{FERRY}\n\nMore of it.\n3 Comments\n\
             Related Articles\n\nIsland Gazette\n5 hours ago\n- Island Gazette\nHarbour wall to be \
             rebuilt\n{WALL}\nShare\nThe Coast Observer\n2 days ago\nBakery wins prize\n{BREAD}\n"
        );
        let ferry = format!("{FERRY}\n\nMore of it.");
        assert_eq!(
            said(&page),
            [
                told("Ferry carries 12,000 in first week", "", "", "", &ferry),
                told(
                    "Harbour wall to be rebuilt",
                    "Island Gazette",
                    "",
                    "2026-03-04 (inferred)",
                    WALL
                ),
                told("Bakery wins prize", "The Coast Observer", "", "2026-03-02 (inferred)", BREAD),
            ]
        );
    }

    #[test]
    fn titles_can_stand_above_a_byline() {
        let page = format!(
            "Ferry carries 12,000 in first week\nBy Maren Holt | Island Gazette | 2 March 2026\n\n\
             {FERRY}\n\nHarbour Wall Rebuilt\n\nThe Coast Observer · 3 hours ago\n\n{WALL}\n\n\
             Bakery wins prize\nBy Ana Lund\nMarch 1, 2026\n{BREAD}"
        );
        assert_eq!(
            said(&page),
            [
                told(
                    "Ferry carries 12,000 in first week",
                    "Island Gazette",
                    "Maren Holt",
                    "2026-03-02",
                    FERRY
                ),
                told(
                    "Harbour Wall Rebuilt",
                    "The Coast Observer",
                    "",
                    "2026-03-04 (inferred)",
                    WALL
                ),
                told("Bakery wins prize", "", "Ana Lund", "2026-03-01", BREAD),
            ]
        );
    }

    #[test]
    fn cards_can_have_all_above_their_title_on_one_line() {
        let page = format!(
            "Island Gazette • 5 hours ago\nFerry carries 12,000\n{FERRY}\n\n\
             gazette.example • 3 days ago\nHarbour wall to be rebuilt\n{WALL}\n"
        );
        assert_eq!(
            said(&page),
            [
                told("Ferry carries 12,000", "Island Gazette", "", "2026-03-04 (inferred)", FERRY),
                told(
                    "Harbour wall to be rebuilt",
                    "gazette.example",
                    "",
                    "2026-03-01 (inferred)",
                    WALL
                ),
            ]
        );
    }

    #[test]
    fn headings_of_the_first_level_part_a_page_and_others_only_with_a_byline() {
        let page = format!(
            "# Ferry carries 12,000\n\n{FERRY}\n\n## What it costs\n\n{BREAD}\n\n\
             # Harbour wall to be rebuilt\n\nIsland Gazette | 2026-03-02\n\n{WALL}\n"
        );
        let ferry = format!("{FERRY}\n\n## What it costs\n\n{BREAD}");
        assert_eq!(
            said(&page),
            [
                told("Ferry carries 12,000", "", "", "", &ferry),
                told("Harbour wall to be rebuilt", "Island Gazette", "", "2026-03-02", WALL),
            ]
        );
        let page = format!(
            "## Ferry carries 12,000\nBy Maren Holt\n{FERRY}\n\n## Harbour wall\nBy Ana Lund\n{WALL}"
        );
        assert_eq!(
            said(&page),
            [
                told("Ferry carries 12,000", "", "Maren Holt", "", FERRY),
                told("Harbour wall", "", "Ana Lund", "", WALL),
            ]
        );
    }

    #[test]
    fn an_article_is_one_part_whatever_stands_around_it_and_between_its_paragraphs() {
        let page = format!(
            "We use cookies to make this site work.\nAccept all\nSkip to content\nFerry carries \
             12,000\n{FERRY}\nAdvertisement\nThe fare\n{WALL}\nRecommended Stories\nlist of 2 \
             items\nlist 1 of 2A bakery\nA wall\nend of list\n{BREAD}\nSign up for our letter\n\
             Comments\nI was there 5 hours ago.\n{WALL}\n"
        );
        let text = format!("{FERRY}\n\nThe fare\n{WALL}\n\n{BREAD}");
        assert_eq!(said(&page), [told("Ferry carries 12,000", "", "", "", &text)]);
        let one = format!("{FERRY}\n\nThe fare\n\n{WALL}");
        assert_eq!(said(&one), [told("", "", "", "", &one)]);
        assert_eq!(split(""), []);
        assert_eq!(said("Share\n"), [told("", "", "", "", "Share\n")]);
    }

    #[test]
    fn credits_are_told_and_stay_where_a_sentence_follows_them() {
        let page = format!("Agencies {FERRY}");
        let part = split(&page).remove(0);
        assert_eq!(part.imprint.credit.map(|it| it.to_string()).as_deref(), Some("Agencies"));
        assert_eq!((part.credit, part.text.as_str()), (Some(0..9), page.as_str()));
        let part = split(&format!("Ferry carries 12,000\nAFP\n{FERRY}")).remove(0);
        assert_eq!(part.imprint.credit.map(|it| it.to_string()).as_deref(), Some("AFP"));
        assert_eq!((part.credit, part.text.as_str()), (None, FERRY));
    }

    #[test]
    fn furniture_is_what_belongs_to_no_article() {
        let page = format!(
            "É\nHome\nIsland Gazette\n5 hours ago\nHarbour wall to be rebuilt\nNews Desk \
             {WALL}\nShare\n\nEmail\n{BREAD}\nComments\nIt is bad bread."
        );
        let slice = |span: Range<usize>| -> String {
            page.chars().skip(span.start).take(span.len()).collect()
        };
        let found: Vec<String> = furniture(&page).into_iter().map(slice).collect();
        assert_eq!(
            found,
            [
                "É\nHome\nIsland Gazette\n5 hours ago",
                "News Desk ",
                "Share",
                "Email",
                "Comments\nIt is bad bread."
            ]
        );
        assert_eq!(furniture(FERRY), []);
    }

    #[test]
    fn what_happened_some_hours_ago_begins_no_article() {
        let text = format!("{FERRY}\nIt left 5 hours ago\n{WALL}\nBy then\n{BREAD}");
        assert_eq!(split(&text).len(), 1);
    }

    #[test]
    fn any_lines_are_split_in_proportion_to_their_number() {
        for line in
            ["5 hours ago\n", "A\n5 hours ago\n", "# A\n", "Share\n", "Comments\n", "a ", "-"]
        {
            let text = line.repeat(20_000);
            let parts = split(&text);
            assert!(parts.len() <= 20_000, "{line:?}");
            furniture(&text);
        }
        let long = "a\n".repeat(MOST_LINES + 1);
        assert_eq!(split(&long), [ArticlePart::whole(&long)]);
    }
}
