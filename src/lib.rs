//! A ledger of who claims what.
//!
//! For each statement the ledger records who is said to have made it, through whom it reached the
//! page, the exact words, their position in the document, and proof that the record has not been
//! changed since.
//!
//! A claim travels through the code in this order: page → attribution → claim → event → seal → log
//! → view → answer. Start with [`ledger`]; docs/architecture.md explains the layers, and
//! docs/format.md specifies every byte.
//!
//! ```
//! use testimony::draft::Draft;
//! use testimony::event::Recorder;
//! use testimony::ledger::{Capture, Ledger, Options, Environment};
//! use testimony::page::{self, Format};
//! use testimony::source::{SourceKind, SourceNamed};
//! use testimony::view::query::{Inquiry, Question};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let scratch = tempfile::tempdir()?;
//! # let folder = scratch.path().join("ledger");
//! # let options = Options::default();
//! # Ledger::create(&folder, "example.org/ledger".parse()?, &options, Environment::system())?;
//! # let mut ledger = Ledger::open(&folder, &options, Environment::system())?;
//! # let ana = Recorder::person("Ana".parse()?);
//! let bytes = b"According to SOAX, there were 11.8 million Telegram users.";
//! let page = page::read(bytes, Format::Plain)?;
//! let document = ledger.capture(Capture::of(bytes, page, ana.clone()))?.at();
//! let soax = SourceNamed::called("SOAX", SourceKind::Organisation)?;
//! let claim = Draft::claim(document, "there were 11.8 million Telegram users").said_by("soax");
//! ledger.record([Draft::from(soax), claim.into()], &ana)?;
//! ledger.close()?;
//!
//! // Who asserts what about Telegram?
//! let reading = Ledger::read(&folder, &options)?;
//! let inquiry = Inquiry::new(&reading.snapshot, None, Default::default())?;
//! let question = Question { text: "telegram".into(), ..Question::default() };
//! for speaking in inquiry.speaking(&inquiry.assertions(&question)?.all)? {
//!     assert_eq!(speaking.speaker, "SOAX");
//!     assert_eq!(speaking.kind, Some(SourceKind::Organisation));
//!     let words = &speaking.assertions[0].assertion.asserted.claim.words;
//!     assert_eq!(words.as_str(), "there were 11.8 million Telegram users");
//! }
//! # Ok(())
//! # }
//! ```

mod domain;
mod platform;

mod reading;
mod record;

mod answers;

pub mod ledger;

pub mod cli;

pub use answers::{audit, compare, finding, view};
pub use domain::{
    claim, digest, document, id, moment, quantity, recorder, reference, resolve, selector, source,
    spelling, text,
};
pub use ledger::{intake, projection};
pub use platform::{lines, panic_guard, regular_file};
pub use reading::{annotation, attribution, evaluation, numeral, page, syntax};
pub use record::{archive, decide, draft, event, layout, log, seal, tree};
