//! Splitting: a page of several articles into its articles, and all the rest of it told apart.
//!
//! Knows how pages put articles one after another: an outlet and an age above a title, a title above
//! a byline, headings. Must not know any one page, nor what an article says.
//!
//! Nothing is moved or mended: an article's text is made of pieces of the page's, in their order.

mod heading;

use std::ops::Range;

pub use self::heading::{Age, Unit};
use self::heading::{Told, dashed, heading, is_outlet, is_prose, is_title, told};
use super::furniture::{self, Scope};
use super::imprint::Imprint;
use super::line::{Line, lines};
use crate::id::Name;
use crate::moment::{Basis, Date, Moment};

/// Changes whenever other articles, or other texts of them, would be read from the same text.
pub(super) const VERSION: &str = "1";

/// The most lines of a page that is split: a longer one is no list of articles.
const MOST_LINES: usize = 100_000;

/// The most lines between which an article's outlet, age and author stand.
const LONGEST_HEAD: usize = 5;

/// An article of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From its head to its last words, in code points of the page's text, end exclusive.
    pub span: Range<usize>,
    /// The pieces of the page's text that are its text, in code points, end exclusive.
    pub pieces: Vec<Range<usize>>,
    /// Its text: the pieces, a blank line between two.
    pub text: String,
    /// Where its title stands, if it has one.
    pub title: Option<Range<usize>>,
    /// Where its text begins with a credit, as with "Agencies".
    pub credit: Option<Range<usize>>,
    /// What its head says: title, outlet, author, credit, and when it was published if that is a
    /// date.
    pub imprint: Imprint,
    /// How long ago it was published, where that is all that its head says.
    pub age: Option<Age>,
}

impl Part {
    /// When it was published, as far as can be told: as printed, else worked out from its age and
    /// from when the page was fetched.
    pub fn published(&self, retrieved: Option<Date>) -> Option<Moment> {
        let inferred = || {
            let at = self.age?.before(retrieved?)?;
            Some(Moment { at, basis: Basis::Inferred })
        };
        self.imprint.published.or_else(inferred)
    }
}

/// The articles of a page's text, in order: one, if it is not a page of several.
pub fn split(text: &str) -> Vec<Part> {
    let found: Vec<Line<'_>> = lines(text).take(MOST_LINES + 1).collect();
    if found.len() > MOST_LINES {
        return vec![whole(text)];
    }
    let heads = heads(&found);
    let mut parts = Vec::with_capacity(heads.len() + 1);
    let first = heads.first().map_or(found.len(), |head| head.first);
    parts.extend(opening(text, &found[..first], heads.is_empty()));
    for (index, head) in heads.iter().enumerate() {
        let end = heads.get(index + 1).map_or(found.len(), |next| next.first);
        parts.extend(part(text, &found[head.first..end], head));
    }
    if parts.is_empty() && !found.is_empty() { vec![whole(text)] } else { parts }
}

/// What of a page's text belongs to no article of it, in code points, end exclusive: menus, share
/// buttons, lists of links, the lines above an article, and credits.
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

/// The head of an article, in places among the lines.
struct Head {
    first: usize,
    title: Option<usize>,
    /// The first line of its text.
    body: usize,
    told: Told,
}

fn heads(found: &[Line<'_>]) -> Vec<Head> {
    let first_level = found.iter().filter_map(|line| heading(line.words));
    let is_divided = first_level.filter(|(level, _)| *level == 1).nth(1).is_some();
    let mut heads: Vec<Head> = Vec::new();
    let mut at = 0;
    while at < found.len() {
        let after = heads.last().map_or(0, |head| head.body);
        let head = head_at(found, at, after).or_else(|| {
            let title = is_divided && heading(found[at].words).is_some_and(|(level, _)| level == 1);
            title.then(|| Head { first: at, title: Some(at), body: at + 1, told: Told::default() })
        });
        match head {
            // A heading that was taken for one already, and is now known to have a byline.
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

/// The head around the line at `at`, if that says by whom or when; nothing of it stands before
/// `after`, but for a heading that is still without a text.
fn head_at(found: &[Line<'_>], at: usize, after: usize) -> Option<Head> {
    let words = |at: usize| found.get(at).map(|line| line.words);
    let mut all = told(words(at)?)?;
    let mut end = at + 1;
    while end < found.len().min(at + LONGEST_HEAD) {
        let next = dashed(found[end].words)
            .map(|outlet| Told { outlet: Some(outlet.to_owned()), ..Told::default() })
            .or_else(|| told(found[end].words));
        let Some(next) = next else { break };
        all.join(next);
        end += 1;
    }
    let is_title_at = |at: usize| {
        words(at).is_some_and(|line| {
            is_title(line) && furniture::scope(line).is_none() && told(line).is_none()
        })
    };
    let before = at.checked_sub(1).filter(|before| {
        let heading_waits = after == at && heading(found[*before].words).is_some();
        *before >= after || heading_waits
    });
    let before_words = before.and_then(words).filter(|line| furniture::scope(line).is_none());
    // As on a card: the title below. It is no title if nothing, or the next card, comes after it.
    let below = is_title_at(end)
        && !is_prose(found[end].words)
        && words(end + 1).is_some_and(|line| is_prose(line) || line.len() > found[end].words.len());
    let outlet_above = before_words.filter(|line| is_outlet(line) && all.author.is_none());
    if below && (all.outlet.is_none() || dashed(words(end - 1)?).is_some()) {
        if let Some(outlet) = outlet_above {
            let told = Told { outlet: Some(outlet.to_owned()), ..Told::default() };
            all.join(told);
            return Some(Head { first: at - 1, title: Some(end), body: end + 1, told: all });
        }
    }
    if below && all.author.is_none() && !before_words.is_some_and(is_heading_or_title) {
        return Some(Head { first: at, title: Some(end), body: end + 1, told: all });
    }
    let title = before.filter(|_| before_words.is_some_and(is_heading_or_title))?;
    Some(Head { first: title, title: Some(title), body: end, told: all })
}

fn is_heading_or_title(line: &str) -> bool {
    heading(line).is_some() || (is_title(line) && !is_prose(line))
}

/// What stands before the first head: an article of its own, if it has prose or is all there is.
fn opening(text: &str, found: &[Line<'_>], is_all: bool) -> Option<Part> {
    let first = found.iter().position(|line| furniture::scope(line.words).is_none())?;
    let next = found[first + 1..].iter().find(|line| furniture::scope(line.words).is_none());
    let words = found[first].words;
    let title = next.is_some_and(|next| {
        is_heading_or_title(words) && (is_prose(next.words) || next.words.len() > words.len())
    });
    let body = first + usize::from(title);
    let has_prose = found[body..].iter().any(|line| is_prose(line.words));
    let head = Head { first, title: title.then_some(first), body, told: Told::default() };
    (is_all || has_prose).then(|| part(text, &found[first..], &head)).flatten()
}

/// The article of `head` in `found`, whose first line is the head's first.
fn part(text: &str, found: &[Line<'_>], head: &Head) -> Option<Part> {
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
    Some(Part {
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
    Imprint {
        title: title
            .and_then(|line| name(heading(line.words).map_or(line.words, |(_, words)| words))),
        publisher: told.outlet.as_deref().and_then(name),
        author: told.author.as_deref().and_then(name),
        published: told.date.map(|at| Moment { at, basis: Basis::Printed }),
        ..Imprint::default()
    }
}

/// Lines that follow on each other with no furniture between them.
struct Piece<'a> {
    first: Line<'a>,
    last: Line<'a>,
}

impl Piece<'_> {
    fn slice<'t>(&self, text: &'t str) -> &'t str {
        &text[self.first.byte..self.last.byte + self.last.words.len()]
    }
}

fn pieces<'a>(body: &[Line<'a>]) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
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
            _ if keeps => pieces.push(Piece { first: *line, last: *line }),
            _ => {}
        }
        is_open = keeps;
    }
    pieces
}

/// All of a text as one article.
fn whole(text: &str) -> Part {
    let end = text.chars().count();
    Part {
        span: 0..end,
        pieces: vec![0..end],
        text: text.to_owned(),
        title: None,
        credit: None,
        imprint: Imprint::default(),
        age: None,
    }
}
