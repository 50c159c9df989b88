//! `record`: records one assertion from options, or many events from JSON lines.
//!
//! Knows the options, the lines and how lines are grouped into commits. Must not know what makes an
//! event valid.

use std::io::BufRead;
use std::path::PathBuf;

use serde_json::json;

use super::super::argument;
use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::super::render::{count, for_shell, visible};
use crate::answers::view::query::Audience;
use crate::domain::claim::{Act, Form, Framing, OneOrMore, Polarity, Role, Voice};
use crate::domain::id::{Name, Slug, TopicId};
use crate::domain::moment::{Basis, Date, Moment, Period};
use crate::domain::quantity::Quantity;
use crate::domain::resolve::Sources;
use crate::domain::source::{SourceKind, SourceNamed};
use crate::domain::spelling::UnknownTag;
use crate::domain::text::Text;
use crate::ledger::{Ledger, RecordError, RecordOutcome, StateError};
use crate::platform::lines::{LineError, Lines};
use crate::reading::numeral;
use crate::record::decide::Refusal;
use crate::record::draft::{
    DocumentReference, Draft, DraftAssertion, DraftBody, DraftClaim, DraftHop, MAX_LINE_BYTES,
    Passage, SourceReference,
};
use crate::record::event::Recorder;

/// The number of lines recorded in one commit.
const COMMIT_LINES: usize = 1000;

/// The number of entries after which the views are updated in the middle of a long input.
const SETTLE_ENTRIES: u64 = 1_000_000;

/// Arguments of `record`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "testimony record --document <ID> --quote <WORDS> --source <SOURCE> [OPTIONS]\n       \
                            testimony record <FILE> [OPTIONS]"
)]
pub(in crate::cli) struct RecordArguments {
    /// JSON lines, one event each, as docs/json.md describes; `-` reads standard input
    #[arg(value_name = "FILE", conflicts_with_all = ["document", "quote"])]
    lines: Option<PathBuf>,
    /// The document: its number, six or more digits of its text's hash, or its URL
    #[arg(long, value_name = "ID", required_unless_present = "lines", requires = "quote")]
    document: Option<String>,
    /// The exact words attributed to the source; may be repeated for separate pieces
    #[arg(long, value_name = "WORDS", requires = "document")]
    quote: Vec<String>,
    /// The source: a slug or name, or `critics@` for a source the document does not name
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Name the source with this kind if it is new
    #[arg(long, value_parser = super::tag::<SourceKind>(), requires = "source", value_name = "KIND")]
    source_kind: Option<SourceKind>,
    /// The next hop of the attribution chain, such as `vietnam-government=said`; may be repeated
    #[arg(long = "hop", value_name = "SOURCE=ROLE", value_parser = hop)]
    hops: Vec<(String, Role)>,
    /// The source's role in the attribution
    #[arg(long, default_value = "said", value_parser = super::tag::<Role>())]
    role: Role,
    /// The words that mention the source
    #[arg(long, value_name = "WORDS")]
    mention: Option<String>,
    /// The words that express the attribution, such as “according to”
    #[arg(long, value_name = "WORDS")]
    cue: Option<String>,
    /// Whose voice the claim is made in
    #[arg(long, default_value = "attributed", value_parser = super::tag::<Voice>())]
    voice: Voice,
    /// Whether the source is quoted directly
    #[arg(long, default_value = "indirect", value_parser = super::tag::<Form>())]
    form: Form,
    /// How the outlet frames the claim
    #[arg(long, default_value = "neutral", value_parser = super::tag::<Framing>())]
    framing: Framing,
    /// Whether the source affirms or denies the claim
    #[arg(long, default_value = "affirms", value_parser = super::tag::<Polarity>())]
    polarity: Polarity,
    /// The speech act
    #[arg(long, default_value = "states", value_parser = super::tag::<Act>())]
    act: Act,
    /// A source that the assertion accuses; may be repeated
    #[arg(long, value_name = "SOURCE")]
    against: Vec<String>,
    /// The condition under which the claim holds, in the document's words
    #[arg(long, value_name = "WORDS")]
    condition: Option<String>,
    /// The date it was said
    #[arg(long, value_name = "DATE")]
    said: Option<Date>,
    /// The claim in plain words
    #[arg(long)]
    words: Option<String>,
    /// A figure, such as `nearly 70 percent` or `11.8 million Telegram users`; may be repeated
    #[arg(long, value_name = "FIGURE", value_parser = numeral::quantity, allow_hyphen_values = true)]
    quantity: Vec<Quantity>,
    /// A topic of the claim, as a slug; may be repeated
    #[arg(long, value_name = "TOPIC")]
    about: Vec<Slug>,
    /// The place where the claim holds
    #[arg(long = "where", value_name = "PLACE")]
    place: Option<Name>,
    /// The date when the claim holds
    #[arg(long, value_name = "DATE")]
    holds: Option<Date>,
    /// Mark it as confidential; other commands show it only with --confidential
    #[arg(long)]
    confidential: bool,
}

fn hop(text: &str) -> Result<(String, Role), String> {
    let (source, role) = text.split_once('=').unwrap_or((text, "said"));
    let role = role.parse().map_err(|error: UnknownTag| error.to_string())?;
    Ok((source.to_owned(), role))
}

impl RecordArguments {
    pub(in crate::cli) fn run(self, mut context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let by = context.recorder()?;
        if let Some(file) = &self.lines {
            let mut input = super::input(file)?;
            // The process that writes the lines may use the ledger first, so open it when they arrive.
            input.fill_buf().map_err(LineError::Unreadable)?;
            let mut ledger = super::open(&context)?;
            let lines = Lines::of(input, MAX_LINE_BYTES);
            let mut tally = LineTally::default();
            let ended = record_lines(lines, &mut ledger, &by, &mut context, &mut tally);
            // Commits before a bad line stay recorded, with their views and checkpoint.
            let closed = ledger.close().map_err(|error| tally.though(error.into()));
            ended?;
            closed?;
            return tally.unsaid().map(|()| CommandOutcome::Clean);
        }
        let confidential = self.confidential;
        let drafts = self.drafts()?;
        let mut ledger = super::open(&context)?;
        let drafts = resolved(&ledger, drafts, super::audience(confidential))?;
        let receipts = ledger.record(drafts, &by).map_err(typed)?;
        let Some(receipt) = receipts.last().copied() else { return Ok(CommandOutcome::Clean) };
        super::stays_as_it_is(&ledger, receipt, confidential)?;
        super::finish(ledger, &mut context, &receipts, |context| {
            if context.json {
                let already = matches!(receipt, RecordOutcome::Already(_));
                context.screen.json(&json!({ "at": receipt.at(), "already": already }))?;
            } else {
                super::say_receipts(context.screen, &[receipt])?;
            }
            Ok(())
        })?;
        Ok(CommandOutcome::Clean)
    }

    /// The naming, if one is requested, and the assertion.
    fn drafts(self) -> Result<Vec<Draft>, Trouble> {
        let usage = |error: &dyn std::fmt::Display| Trouble::new(ErrorTag::Usage, error);
        let mut drafts = Vec::new();
        if let (Some(kind), Some(name)) = (self.source_kind, &self.source) {
            let named = SourceNamed::called(name, kind)?;
            drafts.push(Draft::from(named).confidential(self.confidential));
        }
        let passage =
            |words: Option<String>| words.iter().map(|words| Passage::of(words)).collect();
        let mut hops = Vec::new();
        if let Some(source) = &self.source {
            let (mention, cue) = (passage(self.mention), passage(self.cue));
            let hop = DraftHop::of(source.as_str(), self.role);
            hops.push(DraftHop { mention, cue, ..hop });
        }
        hops.extend(self.hops.iter().map(|(source, role)| DraftHop::of(source.as_str(), *role)));
        let words = self.words.map(|words| Text::new(&words)).transpose();
        let content = self.quote.iter().map(|words| Passage::of(words)).collect::<Vec<_>>();
        let document = self.document.unwrap_or_default();
        let document = match document.parse() {
            Ok(number) => DocumentReference::Number(number),
            Err(_) => DocumentReference::Text(document),
        };
        let assertion = DraftAssertion {
            document,
            content: OneOrMore::try_from(content).map_err(|error| usage(&error))?,
            hops,
            voice: self.voice,
            form: self.form,
            framing: self.framing,
            polarity: self.polarity,
            act: self.act,
            against: self.against.into_iter().map(SourceReference).collect(),
            condition: self.condition.map(|words| Passage::of(&words)),
            said: self.said.map(|at| Moment { at, basis: Basis::Printed }),
            claim: DraftClaim {
                words: words.map_err(|error| usage(&error))?,
                quantities: self.quantity,
                about: self.about.into_iter().map(TopicId::new).collect(),
                place: self.place,
                holds: self.holds.map(|at| Period::at(at, Basis::Printed)),
                language: None,
            },
            found_by: None,
            translated_from: None,
            replaces: None,
        };
        let event = DraftBody::ClaimAsserted(Box::new(assertion));
        drafts.push(Draft::new(event).confidential(self.confidential));
        Ok(drafts)
    }
}

/// Converts an error so that its message shows the option to type instead.
fn typed(error: RecordError) -> Trouble {
    let RecordError::Refused { refusal: Refusal::Locate { what, error: located }, .. } = &error
    else {
        return error.into();
    };
    let flag = if *what == "content" { "quote" } else { what };
    let form = |words: &str| {
        // Words that begin with a hyphen would be parsed as another option.
        let between = if words.starts_with('-') { '=' } else { ' ' };
        format!("--{flag}{between}{}", for_shell(words))
    };
    Trouble::new(ErrorTag::Refused, format!("{what}: {}", located.said(&form)))
}

/// Resolves the sources of drafts from options, which may be given by name. A known source is not named
/// again.
fn resolved(
    ledger: &Ledger,
    drafts: Vec<Draft>,
    audience: Audience,
) -> Result<Vec<Draft>, Trouble> {
    let sources = ledger.sources(audience);
    let mut kept = Vec::with_capacity(drafts.len());
    let mut new: Option<SourceNamed> = None;
    for mut draft in drafts {
        match &mut draft.event {
            DraftBody::SourceNamed(named) => {
                if argument::known_source(&sources, named.name.as_str())?.is_some() {
                    continue;
                }
                if sources.is_taken(&named.slug)? {
                    let taken = Refusal::SlugTaken(named.slug.clone());
                    return Err(Trouble::new(ErrorTag::Refused, taken));
                }
                new = Some(named.clone());
            }
            DraftBody::ClaimAsserted(assertion) => {
                let resolve =
                    |source: &mut SourceReference| resolve(&sources, source, new.as_ref());
                for hop in &mut assertion.hops {
                    let mut sources = Vec::from(hop.sources.clone());
                    sources.iter_mut().try_for_each(resolve)?;
                    hop.sources = OneOrMore::try_from(sources)
                        .map_err(|error| Trouble::new(ErrorTag::Usage, error))?;
                }
                assertion.against.iter_mut().try_for_each(resolve)?;
            }
            _ => {}
        }
        kept.push(draft);
    }
    Ok(kept)
}

fn resolve(
    sources: &impl Sources<Error = StateError>,
    source: &mut SourceReference,
    new: Option<&SourceNamed>,
) -> Result<(), Trouble> {
    let text = source.0.as_str();
    if text.ends_with('@') {
        return Ok(());
    }
    let new = new.filter(|new| new.name.as_str() == text);
    source.0 = match new {
        Some(new) => new.slug.to_string(),
        None => argument::source_to_record(sources, text)?.to_string(),
    };
    Ok(())
}

/// The results of a stream of lines so far.
#[derive(Default)]
struct LineTally {
    recorded: u64,
    already: u64,
    unsettled: u64,
    /// The error that occurred when receipts were printed; after it, none are printed.
    mute: Option<Trouble>,
}

impl LineTally {
    /// Counts and prints the receipts of a commit before the next one begins. If they cannot be
    /// printed, recording still continues to the end of the input.
    fn say(&mut self, receipts: &[RecordOutcome], lines: &[u64], context: &mut Context<'_>) {
        for receipt in receipts {
            match receipt {
                RecordOutcome::Recorded(_) => {
                    (self.recorded, self.unsettled) = (self.recorded + 1, self.unsettled + 1)
                }
                RecordOutcome::Already(_) => self.already += 1,
            }
        }
        if self.mute.is_none() {
            self.mute = said(receipts, lines, context).err();
        }
    }

    /// Prints the totals.
    fn end(&mut self, context: &mut Context<'_>) {
        let (recorded, already) = (self.recorded, self.already);
        let said = if context.json {
            context
                .screen
                .json(&json!({ "recorded": recorded, "already": already }))
                .map_err(Trouble::from)
        } else {
            let events = count(recorded, "event", "events");
            let line = format_args!("recorded {events}; {already} already recorded");
            context.screen.line(line).map_err(Trouble::from)
        };
        let said = said.and_then(|()| Ok(context.screen.flush()?));
        self.mute = self.mute.take().or(said.err());
    }

    /// The error, preceded by what was recorded.
    fn though(&self, trouble: Trouble) -> Trouble {
        if self.recorded == 0 {
            return trouble;
        }
        trouble.though_recorded(count(self.recorded, "event", "events"))
    }

    /// An error if not all receipts were printed.
    fn unsaid(mut self) -> Result<(), Trouble> {
        self.mute.take().map_or(Ok(()), |trouble| Err(self.though(trouble.of_receipts())))
    }
}

/// Prints the receipts of the lines of a commit.
fn said(
    receipts: &[RecordOutcome],
    lines: &[u64],
    context: &mut Context<'_>,
) -> Result<(), Trouble> {
    for (receipt, line) in receipts.iter().zip(lines) {
        let already = matches!(receipt, RecordOutcome::Already(_));
        if context.json {
            context
                .screen
                .json(&json!({ "line": line, "at": receipt.at(), "already": already }))?;
        } else if already {
            context
                .screen
                .line(format_args!("line {line}: already recorded as {}", receipt.at()))?;
        }
    }
    Ok(context.screen.flush()?)
}

/// Records lines in commits of 1,000. Stops at a bad line: its commit records nothing, and the commits
/// before it stay recorded.
fn record_lines(
    mut lines: Lines<Box<dyn BufRead>>,
    ledger: &mut Ledger,
    by: &Recorder,
    context: &mut Context<'_>,
    tally: &mut LineTally,
) -> Result<(), Trouble> {
    let mut drafts: Vec<(u64, Draft)> = Vec::with_capacity(COMMIT_LINES);
    let ended = loop {
        let (number, text) = match lines.advance() {
            Ok(Some(line)) => line,
            Ok(None) => break record_batch(ledger, &mut drafts, by, context, tally),
            Err(error) => break Err(error.into()),
        };
        match Draft::from_line(text) {
            Ok(draft) => drafts.push((number, draft)),
            Err(error) => break Err(Trouble::new(ErrorTag::Input, error).at_line(number)),
        }
        if drafts.len() == COMMIT_LINES
            && let Err(trouble) = record_batch(ledger, &mut drafts, by, context, tally)
        {
            break Err(trouble);
        }
        if tally.unsettled >= SETTLE_ENTRIES {
            ledger.settle().map_err(|error| tally.though(error.into()))?;
            tally.unsettled = 0;
        }
    };
    ended.map_err(|trouble| trouble.after(tally.recorded))?;
    tally.end(context);
    Ok(())
}

fn record_batch(
    ledger: &mut Ledger,
    drafts: &mut Vec<(u64, Draft)>,
    by: &Recorder,
    context: &mut Context<'_>,
    tally: &mut LineTally,
) -> Result<(), Trouble> {
    let (numbers, commit): (Vec<u64>, Vec<Draft>) = std::mem::take(drafts).into_iter().unzip();
    let receipts = ledger.record(commit, by).map_err(|error| match error {
        RecordError::Refused { index, .. } | RecordError::Encode { index, .. } => {
            let number = numbers.get(index).copied().unwrap_or_default();
            Trouble::new(ErrorTag::Refused, visible(&error.to_string())).at_line(number)
        }
        error => error.into(),
    })?;
    tally.say(&receipts, &numbers, context);
    Ok(())
}
