//! From nothing to an answer, with the library alone: a ledger, a text, a sourced claim, who asserts
//! it, and whether all of it still holds.
//!
//! ```sh
//! cargo run --example record_a_claim
//! ```

#![allow(clippy::print_stdout, reason = "an example shows its answers")]

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use testimony::audit;
use testimony::draft::Draft;
use testimony::event::Recorder;
use testimony::ledger::{Capture, Environment, Ledger, Options, RecordOutcome};
use testimony::page::{self, Format};
use testimony::quantity::QuantityFields;
use testimony::source::{SourceKind, SourceNamed};
use testimony::view::query::{Inquiry, Question};
use testimony::view::speakers::{Heard, Speaking};

const TEXT: &str = "Telegram is popular in Vietnam. According to SOAX, there were 11.8 million \
                    Telegram users.\n";

fn main() -> Result<(), Box<dyn Error>> {
    let scratch = tempfile::tempdir()?;
    let folder = scratch.path().join("ledger");
    let name = "example.org/ledger".parse()?;
    Ledger::create(&folder, name, &Options::default(), Environment::system())?;

    let recorded = record(&folder)?;
    println!("recorded as {}", recorded.at());
    ask(&folder, "telegram")?;
    audit(&folder)
}

/// Captures the text and records what it attributes to SOAX.
fn record(folder: &Path) -> Result<RecordOutcome, Box<dyn Error>> {
    let mut ledger = Ledger::open(folder, &Options::default(), Environment::system())?;
    let ana = Recorder::person("Ana".parse()?);

    let page = page::read(TEXT.as_bytes(), Format::Plain)?;
    let document = ledger.capture(Capture::of(TEXT.as_bytes(), page, ana.clone()))?;

    // Two events in one commit. The words of the claim, and those that attribute it, are found in
    // the text by themselves; were they not there, nothing would be recorded.
    let soax = SourceNamed::called("SOAX", SourceKind::Organisation)?;
    let users = QuantityFields::of("11800000".parse()?, "Telegram users".parse()?);
    let claim = Draft::claim(document.at(), "there were 11.8 million Telegram users")
        .said_by(soax.slug.as_str())
        .cue("According to")
        .figure(users.try_into()?);
    let receipts = ledger.record([Draft::from(soax), claim.into()], &ana)?;
    ledger.close()?;
    receipts.last().copied().ok_or_else(|| "nothing was recorded".into())
}

/// Says who asserts what about something, and where it stands.
fn ask(folder: &Path, about: &str) -> Result<(), Box<dyn Error>> {
    let reading = Ledger::read(folder, &Options::default())?;
    let inquiry = Inquiry::new(&reading.snapshot, None, Default::default())?;
    let question = Question { text: about.into(), ..Question::default() };
    let newest = inquiry.assertions(&question)?;
    for Speaking { speaker, assertions, .. } in inquiry.speaking(newest.newest(100))? {
        println!("{speaker}");
        for Heard { assertion, .. } in assertions {
            let asserted = &assertion.asserted;
            println!("    {} “{}”", assertion.id, asserted.claim.words.as_str());
            for quantity in &asserted.claim.quantities {
                println!("        {quantity}");
            }
            println!("        in document {}", asserted.document);
        }
    }
    Ok(())
}

/// Reads everything again and holds it against what the ledger says of itself.
fn audit(folder: &Path) -> Result<(), Box<dyn Error>> {
    let scratch = tempfile::tempdir()?;
    let options = audit::AuditOptions {
        wait: Duration::from_secs(5),
        scratch: scratch.path().to_owned(),
        confidential: false,
    };
    let report = audit::audit(folder, &options)?;
    println!("audited {} entries: {} findings", report.entries, report.findings.len());
    Ok(())
}
