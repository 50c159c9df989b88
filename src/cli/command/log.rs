//! `log`: lists the entries, newest first.
//!
//! Knows how an entry is displayed on one line. Must not know the effects of an event.

use serde_json::json;

use super::super::context::Context;
use super::super::exit::{CommandOutcome, Trouble};
use super::super::render::{FAINT, NUMBER, styled};
use super::show::happened;
use crate::answers::view::query::{Audience, Inquiry};
use crate::domain::id::Sequence;

/// Arguments of `log`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct LogArguments {
    /// The maximum number of entries to show, newest first
    #[arg(long, default_value_t = 50, value_name = "NUMBER")]
    limit: u64,
}

impl LogArguments {
    /// A confidential event's entry is part of the chain and is listed, but its event is withheld.
    pub(in crate::cli) fn run(self, context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let reading = super::read(&context)?;
        let snapshot = &reading.snapshot;
        let inquiry = Inquiry::new(snapshot, None, Audience::Anyone)?;
        let end = snapshot.cursor().next.get();
        for number in (end.saturating_sub(self.limit)..end).rev() {
            let Ok(seq) = Sequence::new(number) else { continue };
            let Some(row) = snapshot.row(seq)? else { continue };
            let event = row.event();
            let own = matches!(&event, Some(Ok(event)) if event.confidential);
            let withheld = inquiry.withheld().hides(seq, own);
            let event = event.filter(|_| !withheld);
            if context.json {
                let entry = snapshot.entry(&row)?;
                let bytes = row.bytes.as_deref().filter(|_| !withheld);
                let event: Option<serde_json::Value> =
                    bytes.map(serde_json::from_slice).transpose()?;
                context.screen.json(&json!({
                    "seq": seq, "at": row.at, "prev": entry.prev, "commit": row.commit,
                    "hash": row.hash, "withheld": withheld, "event": event,
                }))?;
                continue;
            }
            let what = match event {
                Some(Ok(event)) => happened(&event),
                Some(Err(error)) => error.to_string(),
                None if withheld => "withheld".into(),
                None => "erased".into(),
            };
            let number = styled(NUMBER, seq);
            let time = styled(FAINT, row.at);
            context.screen.wrapped(&format!("{number} {time} "), 6, &what)?;
        }
        Ok(CommandOutcome::Clean)
    }
}
