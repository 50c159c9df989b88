//! A ledger of who claims what.
//!
//! Of any statement it keeps who is said to have made it, through whom it reached the page, the
//! exact words, where they stand, and proof that the record has not been changed since.
//!
//! The way of a claim, and so of the code, is page → attribution → claim → event → seal → log →
//! view → answer. [`ledger`] is where a program begins; docs/architecture.md walks the floors, and
//! docs/format.md gives every byte.
//!
//! ```
//! use testimony::draft::Draft;
//! use testimony::event::Recorder;
//! use testimony::ledger::{Capture, Ledger, Options, Surroundings};
//! use testimony::page::{self, Format};
//! use testimony::source::{SourceKind, SourceNamed};
//! use testimony::view::query::{Inquiry, Question};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let scratch = tempfile::tempdir()?;
//! # let folder = scratch.path().join("ledger");
//! # let options = Options::default();
//! # Ledger::create(&folder, "example.org/ledger".parse()?, &options, Surroundings::system())?;
//! # let mut ledger = Ledger::open(&folder, &options, Surroundings::system())?;
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

// Floor -2: how a value is spelt as one string; closed lists.
pub mod spelling;

// Floor -1: the texts that people write.
pub mod text;

// Floor 0: what everything is made of.
pub mod contain;
pub mod digest;
pub mod grouping;
pub mod id;
pub mod layout;
pub mod lines;
pub mod moment;
pub mod objects;
pub mod parallel;
pub mod passing;
pub mod plain;
pub mod quantity;
pub mod recorder;
pub mod selector;

// Floor 1: claims, sources, documents; what an argument refers to; texts in which people marked attributions.
pub mod annotation;
pub mod claim;
pub mod document;
pub mod reference;
pub mod source;

// Floor 2: which source is called so; events, drafts of them, and English as written: its words,
// figures and dates.
pub mod called;
pub mod draft;
pub mod event;
pub mod numeral;
pub mod syntax;

// Floor 3: pages read, attributions found, drafts decided on, events sealed, entries in a tree.
pub mod attribution;
pub mod decide;
pub mod page;
pub mod seal;
pub mod tree;

// Floor 4: what is kept, and how it is found; what was found in a document, before it is kept.
pub mod archive;
pub mod checked;
pub mod fingerprint;
pub mod intake;
pub mod log;
pub mod posting;

// Floor 5: the projections, and what an audit can find.
pub mod finding;
pub mod view;

// Floor 6: what is asked of them, and how they are brought up.
pub mod audit;
pub mod compare;
pub mod projection;

// Floor 7: the only writer.
pub mod ledger;

// Floor 10: the command line.
pub mod cli;
