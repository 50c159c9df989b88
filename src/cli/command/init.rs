//! `init`: creates a new ledger and its signing key.
//!
//! Knows the default name of a log. Must not know the files of a ledger.

use serde_json::json;

use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::super::render::visible;
use crate::domain::id::{LogName, Slug};
use crate::ledger::{Environment, Ledger};

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct InitArguments {
    /// The log's name: a URL that you control, without its scheme, such as example.org/ledger
    #[arg(long, value_name = "NAME")]
    log_name: Option<String>,
}

impl InitArguments {
    pub(in crate::cli) fn run(self, context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let name = match self.log_name {
            Some(name) => name,
            None => own_name(&context)?,
        };
        let name = LogName::new(&name).map_err(|error| Trouble::new(ErrorTag::Usage, error))?;
        Ledger::create(&context.ledger, name.clone(), &context.options, Environment::system())?;
        let reading = super::read(&context)?;
        let key = reading.snapshot.cursor().key.clone().unwrap_or_default();
        if context.json {
            context.screen.json(&json!({ "ledger": context.ledger, "log": name, "key": key }))?;
            return Ok(CommandOutcome::Clean);
        }
        let folder = visible(&context.ledger.display().to_string());
        context
            .screen
            .line(format_args!("created a ledger in {folder}; its log is named {name}"))?;
        context.screen.line(format_args!("public key: {key}"))?;
        let secret = context.options.key.clone().unwrap_or_else(|| context.ledger.join("key"));
        context.screen.line(format_args!(
            "signing key: {} (keep a separate copy; leave it out of backups)",
            visible(&secret.display().to_string())
        ))?;
        Ok(CommandOutcome::Clean)
    }
}

/// A unique default name: the folder's name and eight random digits.
fn own_name(context: &Context<'_>) -> Result<String, Trouble> {
    let folder = context.ledger.file_name().map(|name| name.to_string_lossy().into_owned());
    let folder = folder.and_then(|name| Slug::from_name(&name).ok());
    let folder = folder.map_or_else(|| "ledger".to_owned(), |slug| slug.to_string());
    let random =
        (Environment::system().random)().map_err(|error| Trouble::new(ErrorTag::File, error))?;
    let digits: String = random.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("local/{folder}-{digits}"))
}
