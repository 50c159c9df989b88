//! The review at the terminal: shows proposals, reads answers and stores each decision at once.
//!
//! Knows the terminal and the ledger, which it opens only to record: other processes can write while
//! the reviewer thinks. Must not know what an answer means.

use std::io::{self, BufRead, Read as _};

use super::batch::{Batch, refused};
use super::remembered::{ProposalKey, Remembered, ReviewVerdict};
use super::review::{Desk, Reply, Review, ReviewItem};
use super::screen;
use crate::answers::view::ViewError;
use crate::answers::view::query::Inquiry;
use crate::cli::context::Context;
use crate::cli::exit::{CommandOutcome, Trouble};
use crate::cli::render::count;
use crate::domain::id::{AssertionId, Sequence, Slug};
use crate::domain::resolve::{Resolved, Sources as _, called};
use crate::domain::source::SourceNamed;
use crate::domain::text::Text;
use crate::ledger::intake::ReadDocument;
use crate::ledger::intake::linking::{LinkOutcome, namings, needed, unnamed_yet};
use crate::ledger::{Ledger, Options, RecordOutcome};
use crate::record::draft::{Draft, DraftBody};
use crate::record::event::{AssertionChecked, Outcome as Checked, Recorder};
use crate::record::layout::Layout;

/// The longest answer, in bytes.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

const QUESTION: &str = "[a]ccept [e]dit [s]kip [b]ack [q]uit [?]:";

/// Reviews the proposals with the user at the terminal.
pub(super) fn hold(
    context: &mut Context<'_>,
    batch: Batch,
    by: &Recorder,
    again: bool,
) -> Result<CommandOutcome, Trouble> {
    let mut remembered = Remembered::at(Layout::of(&context.ledger).review())?;
    let Sorted { items, recorded, skipped } = sorted(context, &batch, by, &remembered, again)?;
    if recorded + skipped > 0 {
        let recorded = count(recorded, "proposal", "proposals");
        context
            .screen
            .line(format_args!("{recorded} already recorded, {skipped} skipped earlier"))?;
    }
    if items.is_empty() {
        context.screen.line("nothing left to review")?;
        return Ok(CommandOutcome::Clean);
    }
    let mut review = Review::of(items);
    let desk = RunDocuments {
        readings: batch.readings,
        confidential: batch.confidential,
        ledger: context.ledger.clone(),
        options: context.options.clone(),
    };
    let mut input = io::stdin().lock();
    converse(context, &mut review, &desk, &mut remembered, by, &mut input)?;
    let (recorded, skipped, open) = review.tally();
    let recorded = count(recorded, "assertion", "assertions");
    let more = if open > 0 { ": run the same command to continue" } else { "" };
    context
        .screen
        .line(format_args!("recorded {recorded}, skipped {skipped}; {open} left{more}"))?;
    Ok(CommandOutcome::Clean)
}

fn converse(
    context: &mut Context<'_>,
    review: &mut Review,
    desk: &RunDocuments,
    remembered: &mut Remembered,
    by: &Recorder,
    input: &mut dyn BufRead,
) -> Result<(), Trouble> {
    let mut is_shown = false;
    while let Some(item) = review.current() {
        if !is_shown {
            screen::show(context.screen, item, review.progress(), desk.reading(item.document))?;
        }
        context.screen.ask(QUESTION)?;
        let mut line = Vec::new();
        let read = (&mut *input).take(MAX_ANSWER_BYTES).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(context.screen.gap()?);
        }
        let key = ProposalKey::of(item.proposed());
        let reply = review.hear(&String::from_utf8_lossy(&line), desk);
        is_shown = matches!(reply, Ok(Reply::Say(_)) | Err(_));
        match reply {
            Ok(Reply::Say(text)) => context.screen.line(text)?,
            Ok(Reply::Show) => {}
            Ok(Reply::Quit) => return Ok(()),
            Ok(Reply::Skip) => {
                remembered.keep(key, ReviewVerdict::Skipped)?;
                review.skipped();
            }
            Ok(Reply::Accept) => match desk.accept(review, by) {
                Ok((at, closed)) => {
                    review.recorded(at);
                    let kept = remembered.keep(key, ReviewVerdict::Accepted);
                    let line = format_args!("recorded {at} as checked by you");
                    let said = context.screen.line(line).map_err(Trouble::from);
                    said.map_err(|trouble| trouble.of_receipts().though_recorded(at))?;
                    kept?;
                    if let Err(trouble) = closed {
                        context.screen.line(trouble.message())?;
                    }
                }
                Err(trouble) => {
                    is_shown = true;
                    context.screen.line(trouble.message())?;
                }
            },
            Err(trouble) => context.screen.line(trouble.message())?,
        }
    }
    Ok(())
}

/// The items to review, and the numbers of those left out.
struct Sorted {
    items: Vec<ReviewItem>,
    recorded: u64,
    skipped: u64,
}

/// Leaves out proposals that are recorded, and those that were skipped earlier unless `again` is set.
fn sorted(
    context: &Context<'_>,
    batch: &Batch,
    by: &Recorder,
    remembered: &Remembered,
    again: bool,
) -> Result<Sorted, Trouble> {
    let mut ledger = super::super::open(context)?;
    let end = ledger.length();
    let mut sorted = Sorted { items: Vec::new(), recorded: 0, skipped: 0 };
    let namings = namings(&batch.matched);
    for (document, matched) in batch.matched.iter().enumerate() {
        let known = matched.sources.values().filter_map(|standing| match standing {
            LinkOutcome::Known(named) => Some(named.clone()),
            _ => None,
        });
        let known: Vec<SourceNamed> = known.collect();
        let drafts = &matched.assertions;
        let receipts = rehearsed(&mut ledger, batch, &namings, document, by)?;
        for (finding, receipt) in drafts.iter().zip(receipts) {
            let verdict = remembered.verdict(&ProposalKey::of(&finding.draft));
            match (receipt, verdict) {
                (RecordOutcome::Already(at), _) if at < end => sorted.recorded += 1,
                (_, Some(ReviewVerdict::Accepted)) => sorted.recorded += 1,
                (_, Some(ReviewVerdict::Skipped)) if !again => sorted.skipped += 1,
                // A duplicate among the proposals.
                (RecordOutcome::Already(_), _) => {}
                (RecordOutcome::Recorded(_), _) => {
                    let namings = matched.namings_of([&finding.draft]);
                    let draft = finding.draft.clone();
                    sorted.items.push(ReviewItem::new(document, draft, known.clone(), namings));
                }
            }
        }
    }
    ledger.close()?;
    Ok(sorted)
}

/// The receipts that a document's assertions would get.
fn rehearsed(
    ledger: &mut Ledger,
    batch: &Batch,
    namings: &[SourceNamed],
    document: usize,
    by: &Recorder,
) -> Result<Vec<RecordOutcome>, Trouble> {
    let unnamed = unnamed_yet(&batch.sources(ledger), namings.iter().cloned())?;
    let naming = |named| (None, batch.draft(DraftBody::SourceNamed(named)));
    let mut drafts: Vec<_> = unnamed.into_iter().map(naming).collect();
    let before = drafts.len();
    for finding in &batch.matched[document].assertions {
        let event = DraftBody::ClaimAsserted(Box::new(finding.draft.clone()));
        drafts.push((finding.line, batch.draft(event)));
    }
    let (lines, drafts): (Vec<_>, Vec<_>) = drafts.into_iter().unzip();
    let receipts = ledger.rehearse(drafts, by).map_err(|error| refused(error, &lines))?;
    Ok(receipts.into_iter().skip(before).collect())
}

/// The recorded entry, and the result of closing the ledger.
type Accepted = (Sequence, Result<(), Trouble>);

/// The documents of the run, and the ledger they are in.
struct RunDocuments {
    readings: Vec<ReadDocument>,
    confidential: bool,
    ledger: std::path::PathBuf,
    options: Options,
}

impl Desk for RunDocuments {
    fn reading(&self, document: usize) -> &ReadDocument {
        &self.readings[document]
    }

    fn called(&self, text: &str) -> Result<Resolved, Trouble> {
        self.ask(|inquiry| called(inquiry, text))
    }

    fn is_taken(&self, slug: &Slug) -> Result<bool, Trouble> {
        self.ask(|inquiry| inquiry.is_taken(slug))
    }
}

impl RunDocuments {
    /// Queries the current views.
    fn ask<T>(&self, ask: impl FnOnce(&Inquiry<'_>) -> Result<T, ViewError>) -> Result<T, Trouble> {
        let views = Ledger::read(&self.ledger, &self.options)?;
        let audience = super::super::audience(self.confidential);
        Ok(ask(&Inquiry::new(&views.snapshot, None, audience)?)?)
    }

    /// Records the current item with the sources it needs and the person's check. An error after that
    /// is returned along with the entry.
    fn accept(&self, review: &Review, by: &Recorder) -> Result<Accepted, Trouble> {
        let Some(item) = review.current() else { return Ok((Sequence::ZERO, Ok(()))) };
        let environment = crate::ledger::Environment::system();
        let mut ledger = Ledger::open(&self.ledger, &self.options, environment)?;
        let recorded = self.record(&mut ledger, item, by);
        let closed = ledger.close().map_err(Trouble::from);
        Ok((recorded?, closed))
    }

    fn record(
        &self,
        ledger: &mut Ledger,
        item: &ReviewItem,
        by: &Recorder,
    ) -> Result<Sequence, Trouble> {
        let draft = |event| Draft::new(event).confidential(self.confidential);
        let needed = needed(&item.draft, &item.namings).into_iter().cloned();
        let sources = ledger.sources(super::super::audience(self.confidential));
        let unnamed = unnamed_yet(&sources, needed)?;
        drop(sources);
        let namings = unnamed.into_iter().map(|named| draft(DraftBody::SourceNamed(named)));
        let mut drafts: Vec<Draft> = namings.collect();
        drafts.push(draft(DraftBody::ClaimAsserted(Box::new(item.draft.clone()))));
        let mut at = Sequence::ZERO;
        // One commit, so that an accepted assertion is never recorded without its check.
        let check = |receipts: &[RecordOutcome]| {
            at = receipts.last().map_or(Sequence::ZERO, |receipt| receipt.at());
            vec![draft(DraftBody::AssertionChecked(checked(item, at)))]
        };
        ledger.record_then(drafts, check, by)?;
        Ok(at)
    }
}

/// The check that accepting implies: the words, the speaker, the chain, the figures and the dates.
fn checked(item: &ReviewItem, at: Sequence) -> AssertionChecked {
    let right = |there: bool| there.then_some(Checked::Right);
    let is_attributed = !item.draft.hops.is_empty();
    let edited = format!("edited in review: {}", item.edited.join(", "));
    let note = if item.edited.is_empty() { None } else { Text::new(&edited).ok() };
    AssertionChecked {
        assertion: AssertionId::at(at),
        quote: right(true),
        speaker: right(is_attributed),
        chain: right(is_attributed),
        numbers: right(!item.draft.claim.quantities.is_empty()),
        dates: right(item.draft.said.is_some() || item.draft.claim.holds.is_some()),
        context: None,
        note,
    }
}
