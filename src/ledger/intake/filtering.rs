//! Selects the attributions to propose: those with enough confidence, and with someone responsible
//! for the statement.
//!
//! Knows how much confidence each program must state. Must not know how anything was found, or
//! which sources the ledger has.

use super::{Found, FoundAssertion, ReadDocument, is_our_name};
use crate::domain::claim::{Confidence, FoundBy, Voice};
use crate::reading::attribution::DEFAULT_CONFIDENCE;

impl FoundAssertion {
    /// Whether its confidence is at least `least`. Without a `least`, the default threshold of the
    /// grammar applies only to what the grammar found, since other programs measure confidence
    /// differently. An assertion without a stated confidence counts as not confident.
    pub fn is_sure_enough(&self, least: Option<Confidence>) -> bool {
        let sure = self.confidence().unwrap_or(Confidence::NONE);
        match least {
            Some(least) => sure >= least,
            None => !self.is_ours() || sure.percent() >= DEFAULT_CONFIDENCE,
        }
    }

    /// Whether this program's own grammar found it.
    fn is_ours(&self) -> bool {
        matches!(&self.draft.found_by, Some(FoundBy::Extractor { name, .. }) if is_our_name(name))
    }

    /// Whether it is in the outlet's own voice: no source makes it, and none is mentioned as making
    /// it.
    fn is_outlets(&self) -> bool {
        self.draft.hops.is_empty() && self.draft.voice != Voice::Attributed
    }
}

impl Found {
    /// Leaves out assertions that are not [confident enough](FoundAssertion::is_sure_enough).
    pub fn keep_sure(&mut self, least: Option<Confidence>) {
        self.assertions.retain(|finding| finding.is_sure_enough(least));
    }

    /// Leaves out assertions that no one is responsible for, and returns how many. An assertion
    /// without a source is the outlet's; if the document has no outlet, an audit would rightly
    /// report that no one is responsible for it.
    pub fn keep_answered_for(&mut self, reading: &ReadDocument) -> usize {
        let before = self.assertions.len();
        if reading.publisher.is_none() {
            self.assertions.retain(|finding| !finding.is_outlets());
        }
        before - self.assertions.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{DocumentId, Sequence};
    use crate::domain::selector::IndexedText;
    use crate::record::draft::{Draft, DraftBody};

    fn finding(fields: &str) -> FoundAssertion {
        let line = format!(
            r#"{{"event":{{"claim_asserted":{{"document":1,"content":["a"],{fields}}}}}}}"#
        );
        let Ok(Draft { event: DraftBody::ClaimAsserted(draft), .. }) =
            Draft::from_line(line.as_bytes())
        else {
            panic!("{line}")
        };
        FoundAssertion { draft: *draft, line: None }
    }

    fn found_by(name: &str, confidence: &str) -> FoundAssertion {
        finding(&format!(
            r#""voice":"outlet","found_by":{{"extractor":{{"name":"{name}","version":"1"{confidence}}}}}"#
        ))
    }

    fn sure(percent: u8) -> Option<Confidence> {
        Some(percent.try_into().unwrap())
    }

    #[test]
    fn the_grammars_least_confidence_is_for_the_grammar_alone() {
        let said = |percent: u8| format!(r#","confidence":{percent}"#);
        let (under, least) = (said(DEFAULT_CONFIDENCE - 1), said(DEFAULT_CONFIDENCE));
        assert!(!found_by("testimony", &under).is_sure_enough(None));
        assert!(found_by("testimony", &least).is_sure_enough(None));
        assert!(found_by("other", &under).is_sure_enough(None));
        assert!(found_by("other", "").is_sure_enough(None));
        assert!(!found_by("testimony", "").is_sure_enough(None));
    }

    #[test]
    fn a_given_least_confidence_applies_to_all_and_an_unstated_one_counts_as_none() {
        for name in ["testimony", "other"] {
            let mut found = Found {
                assertions: vec![
                    found_by(name, r#","confidence":70"#),
                    found_by(name, r#","confidence":69"#),
                    found_by(name, ""),
                ],
                ..Found::default()
            };
            found.keep_sure(sure(0));
            assert_eq!(found.assertions.len(), 3, "{name}");
            found.keep_sure(sure(1));
            assert_eq!(found.assertions.len(), 2, "{name}");
            found.keep_sure(sure(70));
            let left: Vec<_> = found.assertions.iter().map(FoundAssertion::confidence).collect();
            assert_eq!(left, [sure(70)], "{name}");
        }
    }

    #[test]
    fn an_assertion_without_a_source_or_an_outlet_is_left_out() {
        let reading = |publisher: Option<&str>| ReadDocument {
            id: DocumentId::at(Sequence::ZERO),
            title: None,
            body: IndexedText::new("a".into()),
            publisher: publisher.map(Into::into),
            published: None,
            language: None,
        };
        let hops = r#""hops":[{"sources":["ana"],"role":"said"}]"#;
        let all = Found {
            assertions: vec![
                finding(hops),
                finding(r#""voice":"outlet""#),
                finding(r#""voice":"hearsay""#),
                finding(&format!(r#""voice":"hearsay",{hops}"#)),
                // An attributed voice without a source is refused when it is decided on.
                finding(r#""voice":"attributed""#),
            ],
            ..Found::default()
        };
        let mut found = all.clone();
        assert_eq!(found.keep_answered_for(&reading(Some("post"))), 0);
        assert_eq!(found, all);
        assert_eq!(found.keep_answered_for(&reading(None)), 2);
        let kept = [0, 3, 4].map(|place| all.assertions[place].clone());
        assert_eq!(found.assertions, kept);
    }
}
