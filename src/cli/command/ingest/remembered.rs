//! The decisions of earlier reviews, so that no proposal is shown twice.
//!
//! They are in a text file in the ledger folder. Each decision appends a line: the proposal's key and
//! `accepted` or `skipped`. The last line for a key counts, and invalid lines are ignored. The file is
//! not part of the record: if it is deleted, proposals are shown again, and nothing else is lost. Knows
//! that file. Must not know how a review works.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;

use crate::cli::exit::{ErrorTag, Trouble};
use crate::platform::regular_file;
use crate::record::draft::{DraftAssertion, Passage};

/// The maximum number of bytes read from the file.
const MAX_BYTES: u64 = 64 << 20;

/// The decision on a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReviewVerdict {
    Accepted,
    Skipped,
}

impl ReviewVerdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Skipped => "skipped",
        }
    }
}

/// The key that identifies a proposal: its document and the positions of its content, mentions and
/// cues. The other fields may change with the grammar without affecting the decision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ProposalKey(String);

impl ProposalKey {
    pub(super) fn of(draft: &DraftAssertion) -> Self {
        let place = |passage: &Passage| (passage.zone, passage.start, passage.end);
        let content: Vec<_> = draft.content.as_slice().iter().map(place).collect();
        let mentions: Vec<_> = draft.hops.iter().flat_map(|hop| &hop.mention).map(place).collect();
        let cues: Vec<_> = draft.hops.iter().flat_map(|hop| &hop.cue).map(place).collect();
        let mut fields = Vec::new();
        // Encoding into memory cannot fail: these are numbers and tags.
        let _ = serde_json::to_writer(&mut fields, &(&draft.document, content, mentions, cues));
        let key = blake3::derive_key("testimony 2026-11 v1 proposal reviewed", &fields);
        Self(blake3::Hash::from_bytes(key).to_hex().to_string())
    }
}

/// The decisions so far.
pub(super) struct Remembered {
    path: PathBuf,
    verdicts: BTreeMap<ProposalKey, ReviewVerdict>,
}

impl Remembered {
    /// Reads the decisions from the file, which may be missing.
    pub(super) fn at(path: PathBuf) -> Result<Self, Trouble> {
        let mut verdicts = BTreeMap::new();
        match regular_file::read(&path) {
            Ok(file) => {
                let lines = BufReader::new(file.take(MAX_BYTES)).split(b'\n');
                for line in lines {
                    verdicts.extend(decision(&line.map_err(|error| trouble(&path, &error))?));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(trouble(&path, &error)),
        }
        Ok(Self { path, verdicts })
    }

    pub(super) fn verdict(&self, key: &ProposalKey) -> Option<ReviewVerdict> {
        self.verdicts.get(key).copied()
    }

    /// Stores a decision.
    pub(super) fn keep(&mut self, key: ProposalKey, verdict: ReviewVerdict) -> Result<(), Trouble> {
        let line = format!("{} {}\n", key.0, verdict.word());
        let mut options = regular_file::private();
        let opened = regular_file::open(&self.path, options.append(true).create(true));
        opened
            .and_then(|mut file| file.write_all(line.as_bytes()))
            .map_err(|error| trouble(&self.path, &error))?;
        self.verdicts.insert(key, verdict);
        Ok(())
    }
}

fn trouble(path: &std::path::Path, error: &io::Error) -> Trouble {
    let message =
        format!("the review decisions in {} cannot be read or written: {error}", path.display());
    Trouble::new(ErrorTag::File, message)
}

fn decision(line: &[u8]) -> Option<(ProposalKey, ReviewVerdict)> {
    let (key, word) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    let is_key = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    let verdicts = [ReviewVerdict::Accepted, ReviewVerdict::Skipped];
    let verdict = verdicts.into_iter().find(|verdict| verdict.word() == word.trim_end())?;
    is_key.then(|| (ProposalKey(key.to_owned()), verdict))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::draft::{Draft, DraftBody};

    fn assertion(line: &str) -> DraftAssertion {
        let text = format!(r#"{{"event":{{"claim_asserted":{line}}}}}"#);
        match Draft::from_line(text.as_bytes()) {
            Ok(Draft { event: DraftBody::ClaimAsserted(draft), .. }) => *draft,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_decision_is_found_again_and_the_last_one_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("review");
        let one = ProposalKey::of(&assertion(
            r#"{"document":1,"content":[{"text":{"exact":"a","start":0,"end":1}}],"act":"fears"}"#,
        ));
        let same = ProposalKey::of(&assertion(
            r#"{"document":1,"content":[{"text":{"exact":"a","start":0,"end":1}}]}"#,
        ));
        let other = ProposalKey::of(&assertion(
            r#"{"document":2,"content":[{"text":{"exact":"a","start":0,"end":1}}]}"#,
        ));
        assert_eq!(one, same);
        let mut kept = Remembered::at(path.clone()).unwrap();
        assert_eq!(kept.verdict(&one), None);
        kept.keep(one.clone(), ReviewVerdict::Skipped).unwrap();
        kept.keep(one.clone(), ReviewVerdict::Accepted).unwrap();
        let again = Remembered::at(path).unwrap();
        assert_eq!(
            (again.verdict(&one), again.verdict(&other)),
            (Some(ReviewVerdict::Accepted), None)
        );
    }

    #[test]
    fn invalid_lines_are_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("review");
        let key = "a".repeat(64);
        let text = format!("\n{key}\n{key} maybe\nxyz skipped\n\u{0}\n{key} skipped");
        std::fs::write(&path, [text.as_bytes(), b"\n\xff accepted\n"].concat()).unwrap();
        let kept = Remembered::at(path).unwrap();
        assert_eq!(kept.verdict(&ProposalKey(key)), Some(ReviewVerdict::Skipped));
        assert_eq!(kept.verdicts.len(), 1);
    }
}
