//! Annotates articles with this program's proposals, so that a scorer can compare them with what
//! people marked.
//!
//! Knows the scorer's input, and which link of an attribution chain counts as the source in it.
//! Must not know what people marked.

use crate::domain::claim::{Role, Voice};
use crate::domain::selector::Zone;
use crate::reading::annotation::{Annotated, Predicted, Prediction, Stretch};
use crate::reading::attribution::{Article, Link, Model, Proposal, Span, flat, read, read_with};

/// Every unbroken piece of content that is found with at least this confidence, in percent, and
/// that is attributed to someone other than the outlet.
pub fn predict(article: &Annotated, model: Option<&Model>, least: u8) -> Prediction {
    let (published, body) = (article.published(), &article.text);
    let seen = Article { title: None, body, published, publisher: None, skip: &[] };
    let mut proposals = match model {
        Some(model) => read_with(&seen, model),
        None => read(&seen),
    };
    proposals.retain(|it| it.voice != Voice::Outlet && it.confidence.percent() >= least);
    let letters: Vec<char> = body.chars().collect();
    let mut attributions: Vec<Predicted> = flat(proposals).iter().flat_map(pieces).collect();
    for piece in &mut attributions {
        piece.content.start = with_conjunction(&letters, piece.content.start);
    }
    Prediction { id: article.id.clone(), attributions }
}

/// The start of a content including a preceding "that", which annotations of this kind count as
/// part of it.
fn with_conjunction(letters: &[char], start: u32) -> u32 {
    let that = ['t', 'h', 'a', 't', ' '];
    let before = letters.get(..start as usize).unwrap_or_default();
    if before.ends_with(&that) { start - that.len() as u32 } else { start }
}

/// The pieces of a proposal's content, each with its speaker.
fn pieces(proposal: &Proposal) -> Vec<Predicted> {
    let heard = outermost(&proposal.hops);
    let source = heard.and_then(|link| link.speakers.first()).map(|speaker| speaker.mention);
    let cue = heard.and_then(|link| link.cue.first()).or(proposal.cue.first()).copied();
    let content = proposal.content.iter().filter_map(|span| in_body(*span));
    let piece = |content| Predicted {
        content,
        source: source.and_then(in_body),
        cue: cue.and_then(in_body),
        rule: Some(format!("{}: {}", proposal.rule, proposal.key)),
        confidence: Some(proposal.confidence.percent()),
    };
    content.map(piece).collect()
}

fn in_body(span: Span) -> Option<Stretch> {
    let (start, end) = (u32::try_from(span.start).ok()?, u32::try_from(span.end).ok()?);
    (span.zone == Zone::Body).then_some(Stretch { start, end })
}

/// The link whose cue governs the content on the page: in "a report, quoting police, says", the
/// report. It is the last link that speaks for itself; links that only were told, or are only
/// cited, count if no link speaks for itself.
fn outermost(hops: &[Link]) -> Option<&Link> {
    hops.iter().rfind(|link| link.role == Role::Said).or_else(|| hops.first())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::claim::{Act, Confidence, Form, Framing, Polarity, Resolution, Voice};
    use crate::domain::source::SourceKind;
    use crate::reading::attribution::Speaker;

    fn span(start: usize, end: usize) -> Span {
        Span { zone: Zone::Body, start, end }
    }

    fn stretch(start: u32, end: u32) -> Stretch {
        Stretch { start, end }
    }

    fn item(content: Stretch, source: Option<Stretch>, cue: Option<Stretch>) -> Predicted {
        let rule = Some("test: say".into());
        Predicted { content, source, cue, rule, confidence: Some(90) }
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
        let [source, cue] = [stretch(41, 47), stretch(48, 52)].map(Some);
        assert_eq!(read, [item(stretch(0, 9), source, cue), item(stretch(30, 40), source, cue)]);
    }

    #[test]
    fn who_is_quoted_is_the_source_where_nobody_else_speaks() {
        let told = link(Role::ToldTo, span(50, 57), span(45, 49));
        let based = link(Role::BasedOn, span(20, 26), span(12, 19));
        assert_eq!(pieces(&proposal(vec![based, told]))[0].source, Some(stretch(20, 26)));
    }

    #[test]
    fn what_is_in_a_title_is_left_out() {
        let mut titled = proposal(Vec::new());
        titled.content[0].zone = Zone::Title;
        titled.cue = vec![span(10, 12)];
        assert_eq!(pieces(&titled), [item(stretch(30, 40), None, Some(stretch(10, 12)))]);
    }
}
