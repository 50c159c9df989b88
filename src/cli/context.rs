//! Where a command runs: the ledger it is about, who runs it, and the page it writes on.
//!
//! Knows what was asked for of every command. Must not know any one of them, nor the arguments they
//! were asked for by.

use std::path::PathBuf;

use super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::render::Screen;
use crate::domain::id::Name;
use crate::ledger::Options;
use crate::record::event::Recorder;

/// Where a command runs.
pub(super) struct Context<'a> {
    /// The ledger's folder.
    pub(super) ledger: PathBuf,
    /// How the ledger is opened.
    pub(super) options: Options,
    /// Who records, where that was given.
    pub(super) by: Option<String>,
    /// Whether a program reads the answer.
    pub(super) json: bool,
    /// Where the answer goes.
    pub(super) page: &'a mut Screen,
    /// Runs another line of arguments, for a command that shows what others do.
    pub(super) run_line: fn(&[&str], &mut Screen) -> Result<CommandOutcome, Trouble>,
}

impl Context<'_> {
    /// Who records: as given, or the name of whoever is logged in.
    pub(super) fn recorder(&self) -> Result<Recorder, Trouble> {
        let user = || std::env::var("USER").ok().filter(|user| !user.is_empty());
        let name = self.by.clone().or_else(user).unwrap_or_else(|| "someone".into());
        let name = Name::new(&name).map_err(|error| Trouble::new(ErrorTag::Usage, error))?;
        Ok(Recorder::person(name))
    }
}
