//! `ingest --annotated`: what is read from articles that others have annotated, for scoring.
//!
//! Knows a line of such a corpus, and the line that a scorer reads. Must not know the ledger, nor
//! what the annotators found: that is for the scorer.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use chrono::NaiveDate;
use flate2::bufread::MultiGzDecoder;
use serde::{Deserialize, Serialize};

use super::super::super::exit::{Outcome, Tag, Trouble};
use super::super::super::render::Page;
use crate::attribution::{self, Article, Link, Model, Proposal, Span};
use crate::claim::{Role, Voice};
use crate::selector::Zone;

/// The longest line, in bytes.
const MAX_LINE_BYTES: u64 = 64 << 20;

/// An annotated article, as far as it is read here. Its text begins with its title.
#[derive(Deserialize)]
struct Annotated<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(default, borrow)]
    date: Option<Cow<'a, str>>,
}

/// What was read from it.
#[derive(Serialize)]
struct Predicted<'a> {
    id: &'a str,
    attributions: Vec<Piece>,
}

/// One unbroken piece of attributed content, in code points.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Piece {
    content: [usize; 2],
    source: Option<[usize; 2]>,
    cue: Option<[usize; 2]>,
    /// The rule that read it, with its cue.
    rule: String,
    confidence: u8,
}

/// Reads every article of a corpus, one JSON object a line, and prints a line for each.
pub(super) fn run(
    file: &Path,
    model: Option<&Model>,
    least: u8,
    page: &mut Page,
) -> Result<Outcome, Trouble> {
    let mut corpus = open(file)?;
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        let read = (&mut *corpus).take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut line);
        number += 1;
        match read {
            Ok(0) => return Ok(Outcome::Clean),
            Ok(_) if line.len() as u64 > MAX_LINE_BYTES => {
                let message = format!("the line is longer than {MAX_LINE_BYTES} bytes: split it");
                return Err(Trouble::new(Tag::Input, message).at_line(number));
            }
            Ok(_) if line.trim_ascii().is_empty() => {}
            Ok(_) => {
                let article: Annotated<'_> = serde_json::from_slice(&line).map_err(|error| {
                    let message = format!("{error}: give an object with `id` and `text`");
                    Trouble::new(Tag::Input, message).at_line(number)
                })?;
                page.bare_json(&predicted(&article, model, least))?;
            }
            Err(error) => {
                let message = format!("{} cannot be read: {error}", file.display());
                return Err(Trouble::new(Tag::File, message));
            }
        }
    }
}

/// The lines of a file, or of standard input; unpacked where they begin as gzip does.
fn open(file: &Path) -> Result<Box<dyn BufRead>, Trouble> {
    let trouble = |error: io::Error| {
        Trouble::new(Tag::File, format!("{} cannot be read: {error}", file.display()))
    };
    let mut bytes: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::with_capacity(1 << 16, File::open(file).map_err(trouble)?))
    };
    let is_packed = bytes.fill_buf().map_err(trouble)?.starts_with(&[0x1f, 0x8b]);
    Ok(if is_packed {
        Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(bytes)))
    } else {
        bytes
    })
}

fn predicted<'a>(article: &'a Annotated<'_>, model: Option<&Model>, least: u8) -> Predicted<'a> {
    let published = article.date.as_deref().and_then(day);
    let body = &article.text;
    let read = Article { title: None, body, published, publisher: None, skip: &[] };
    let mut proposals = match model {
        Some(model) => attribution::read_with(&read, model),
        None => attribution::read(&read),
    };
    proposals.retain(|it| it.voice != Voice::Outlet && it.confidence.percent() >= least);
    let flat = attribution::flat(proposals);
    let letters: Vec<char> = body.chars().collect();
    let mut attributions: Vec<Piece> = flat.iter().flat_map(pieces).collect();
    for piece in &mut attributions {
        piece.content[0] = with_conjunction(&letters, piece.content[0]);
    }
    Predicted { id: &article.id, attributions }
}

/// Where a content begins if "that" before it is taken as part of it, as such annotations do.
fn with_conjunction(letters: &[char], start: usize) -> usize {
    let that = ['t', 'h', 'a', 't', ' '];
    if letters[..start].ends_with(&that) { start - that.len() } else { start }
}

fn day(date: &str) -> Option<NaiveDate> {
    date.get(..10)?.parse().ok()
}

/// The pieces of a proposal's content, each with who said it.
fn pieces(proposal: &Proposal) -> Vec<Piece> {
    let heard = outermost(&proposal.hops);
    let source = heard.and_then(|link| link.speakers.first()).map(|speaker| speaker.mention);
    let cue = heard.and_then(|link| link.cue.first()).or(proposal.cue.first()).copied();
    let content = proposal.content.iter().filter_map(|span| in_body(*span));
    let piece = |content| Piece {
        content,
        source: source.and_then(in_body),
        cue: cue.and_then(in_body),
        rule: format!("{}: {}", proposal.rule, proposal.key),
        confidence: proposal.confidence.percent(),
    };
    content.map(piece).collect()
}

fn in_body(span: Span) -> Option<[usize; 2]> {
    (span.zone == Zone::Body).then_some([span.start, span.end])
}

/// The link whose cue governs the content on the page: in "a report, quoting police, says", the
/// report. It is the last that speaks in its own voice; who was told, or is what others go by,
/// counts only where nobody does.
fn outermost(hops: &[Link]) -> Option<&Link> {
    hops.iter().rfind(|link| link.role == Role::Said).or_else(|| hops.first())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribution::Speaker;
    use crate::claim::{Act, Confidence, Form, Framing, Polarity, Resolution, Voice};
    use crate::source::SourceKind;

    fn span(start: usize, end: usize) -> Span {
        Span { zone: Zone::Body, start, end }
    }

    fn link(role: Role, mention: Span, cue: Span) -> Link {
        let speaker = Speaker {
            mention,
            name: "police".parse().unwrap(),
            is_named: false,
            kind: SourceKind::Government,
            speaks_for: None,
        };
        Link {
            speakers: vec![speaker],
            role,
            cue: vec![cue],
            resolution: Resolution::Explicit,
            content: Vec::new(),
        }
    }

    fn proposal(hops: Vec<Link>) -> Proposal {
        Proposal {
            content: vec![span(0, 9), span(30, 40)],
            hops,
            cue: Vec::new(),
            voice: Voice::Attributed,
            form: Form::Indirect,
            framing: Framing::Neutral,
            polarity: Polarity::Affirms,
            act: Act::States,
            against: Vec::new(),
            condition: None,
            said: None,
            quantities: Vec::new(),
            place: None,
            holds: None,
            is_nested: false,
            rule: "test",
            key: "say".into(),
            confidence: Confidence::try_from(90).unwrap(),
        }
    }

    #[test]
    fn each_unbroken_piece_is_an_item_with_whoever_says_it_on_the_page() {
        let police = link(Role::Quoted, span(20, 26), span(12, 19));
        let report = link(Role::Said, span(41, 47), span(48, 52));
        let read = pieces(&proposal(vec![police, report]));
        let [source, cue] = [Some([41, 47]), Some([48, 52])];
        let item =
            |content| Piece { content, source, cue, rule: "test: say".into(), confidence: 90 };
        assert_eq!(read, [item([0, 9]), item([30, 40])]);
    }

    #[test]
    fn who_is_quoted_is_the_source_where_nobody_else_speaks() {
        let told = link(Role::ToldTo, span(50, 57), span(45, 49));
        let based = link(Role::BasedOn, span(20, 26), span(12, 19));
        assert_eq!(pieces(&proposal(vec![based, told]))[0].source, Some([20, 26]));
    }

    #[test]
    fn what_is_in_a_title_is_left_out() {
        let mut titled = proposal(Vec::new());
        titled.content[0].zone = Zone::Title;
        titled.cue = vec![span(10, 12)];
        let (rule, cue) = ("test: say".into(), Some([10, 12]));
        let alone = Piece { content: [30, 40], source: None, cue, rule, confidence: 90 };
        assert_eq!(pieces(&titled), [alone]);
    }

    #[test]
    fn an_article_is_read_with_what_it_needs_and_no_more() {
        let line =
            r#"{"id":"a","text":"T\n\nb","date":"2016-09-12","title":"T","attributions":[]}"#;
        let article: Annotated<'_> = serde_json::from_str(line).unwrap();
        assert_eq!(article.date.as_deref().and_then(day), NaiveDate::from_ymd_opt(2016, 9, 12));
        assert_eq!(day("2016"), None);
        assert_eq!(predicted(&article, None, 0).id, "a");
    }
}
