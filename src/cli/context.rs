//! The context in which a command runs: the ledger, the recorder and the output.
//!
//! Knows the values of the global options. Must not know any single command, nor how the options are
//! spelled on the command line.

use std::path::PathBuf;

use super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::render::Screen;
use crate::domain::id::Name;
use crate::ledger::Options;
use crate::record::event::Recorder;

/// The context in which a command runs.
pub(super) struct Context<'a> {
    /// The ledger folder.
    pub(super) ledger: PathBuf,
    /// The options for opening the ledger.
    pub(super) options: Options,
    /// The recorder's name, if given.
    pub(super) by: Option<String>,
    /// Whether to print JSON.
    pub(super) json: bool,
    /// The screen, or the stream, that the output is written to.
    pub(super) screen: &'a mut Screen,
    /// Runs another line of arguments, for a command that demonstrates others.
    pub(super) run_line: fn(&[&str], &mut Screen) -> Result<CommandOutcome, Trouble>,
}

impl Context<'_> {
    /// The recorder: the name given, or else the user name.
    pub(super) fn recorder(&self) -> Result<Recorder, Trouble> {
        let user = || std::env::var("USER").ok().filter(|user| !user.is_empty());
        let name = self.by.clone().or_else(user).unwrap_or_else(|| "someone".into());
        let name = Name::new(&name).map_err(|error| Trouble::new(ErrorTag::Usage, error))?;
        Ok(Recorder::person(name))
    }
}
