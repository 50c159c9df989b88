//! `name`: names a source.
//!
//! Knows the options for a source. Must not know the assertions of a source.

use serde_json::json;

use super::super::argument;
use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use crate::domain::id::{Name, Slug};
use crate::domain::source::{Principal, SourceKind, SourceNamed};
use crate::ledger::RecordOutcome;
use crate::record::draft::Draft;

/// Arguments of `name`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct NameArguments {
    /// The source's full name; naming a slug again replaces its earlier naming
    name: Name,
    /// The kind of source
    #[arg(long, value_parser = super::tag::<SourceKind>())]
    kind: SourceKind,
    /// The slug; derived from the name by default
    #[arg(long)]
    slug: Option<Slug>,
    /// Another name of the source; may be repeated
    #[arg(long = "alias", value_name = "NAME")]
    aliases: Vec<Name>,
    /// A source that it speaks for, by slug or name; may be repeated
    #[arg(long, value_name = "SOURCE")]
    speaks_for: Vec<String>,
    /// Mark it as confidential; other commands show it only with --confidential
    #[arg(long)]
    confidential: bool,
}

impl NameArguments {
    pub(in crate::cli) fn run(self, mut context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let slug = match self.slug {
            Some(slug) => slug,
            None => Slug::from_name(self.name.as_str())
                .map_err(|error| Trouble::new(ErrorTag::Usage, error))?,
        };
        let by = context.recorder()?;
        let mut ledger = super::open(&context)?;
        let sources = ledger.sources(super::audience(self.confidential));
        let mut speaks_for = Vec::with_capacity(self.speaks_for.len());
        for text in &self.speaks_for {
            speaks_for.push(Principal::from(argument::source_to_record(&sources, text)?));
        }
        drop(sources);
        let named = SourceNamed {
            slug: slug.clone(),
            name: self.name,
            kind: self.kind,
            aliases: self.aliases,
            speaks_for,
        };
        let draft = Draft::from(named).confidential(self.confidential);
        let receipts = ledger.record(vec![draft], &by)?;
        for receipt in &receipts {
            super::stays_as_it_is(&ledger, *receipt, self.confidential)?;
        }
        super::finish(ledger, &mut context, &receipts, |context| said(context, &slug, &receipts))?;
        Ok(CommandOutcome::Clean)
    }
}

fn said(context: &mut Context<'_>, slug: &Slug, receipts: &[RecordOutcome]) -> Result<(), Trouble> {
    let Some(receipt) = receipts.first() else { return Ok(()) };
    if context.json {
        let already = matches!(receipt, RecordOutcome::Already(_));
        context.screen.json(&json!({ "at": receipt.at(), "already": already, "source": slug }))?;
        return Ok(());
    }
    match receipt {
        RecordOutcome::Recorded(at) => context.screen.line(format_args!("named {slug} {at}"))?,
        RecordOutcome::Already(at) => {
            context.screen.line(format_args!("already recorded as {at}"))?
        }
    }
    Ok(())
}
