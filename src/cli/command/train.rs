//! `train`: trains an attribution model on the user's own annotated articles.
//!
//! Knows the files and the progress messages. Must not know how a model is trained.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::NamedTempFile;

use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::super::render::count;
use crate::reading::annotation::{self, Annotated};
use crate::reading::attribution::{self, LARGEST_MODEL, Model};

/// Arguments of `train`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TrainArguments {
    /// Articles annotated by people, one JSON object per line; may be gzipped
    gold: PathBuf,
    /// The file to write the model to
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
}

impl TrainArguments {
    pub(in crate::cli) fn run(self, context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let articles = articles(&self.gold)?;
        let mut told = |part, of| tracing::info!("trained part {part} of {of}");
        let model = attribution::train(&articles, &mut told).map_err(|error| {
            Trouble::new(ErrorTag::Input, format!("{}: {error}", self.gold.display()))
        })?;
        let bytes = model.to_bytes();
        put(&self.model, &bytes)?;
        let attributions: usize = articles.iter().map(|it| it.attributions.len()).sum();
        let file = self.model.display().to_string();
        if context.json {
            context.screen.json(&json!({
                "model": file, "bytes": bytes.len(),
                "articles": articles.len(), "attributions": attributions,
            }))?;
        } else {
            let articles = count(articles.len() as u64, "article", "articles");
            let attributions = count(attributions as u64, "attribution", "attributions");
            context
                .screen
                .line(format_args!("{file}: trained on {articles} with {attributions}"))?;
        }
        Ok(CommandOutcome::Clean)
    }
}

fn articles(path: &Path) -> Result<Vec<Annotated>, Trouble> {
    let unread = |error| super::unread(path, error);
    let mut lines = annotation::lines(super::input(path)?).map_err(unread)?;
    let mut articles = Vec::new();
    while let Some(article) = lines.article().map_err(unread)? {
        articles.push(article);
    }
    Ok(articles)
}

/// Writes the file atomically.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
        .map_err(|error| unwritten(path, &error))?;
    file.write_all(bytes).map_err(|error| unwritten(path, &error))?;
    file.persist(path).map_err(|error| unwritten(path, &error.error))?;
    Ok(())
}

fn unwritten(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble::new(ErrorTag::File, format!("{} cannot be written: {error}", path.display()))
}

/// Reads a model that `train` made.
pub(in crate::cli) fn model(path: &Path) -> Result<Model, Trouble> {
    let unread = |error: &dyn std::fmt::Display| {
        Trouble::new(ErrorTag::File, format!("{} cannot be read: {error}", path.display()))
    };
    let size = fs::metadata(path).map_err(|error| unread(&error))?.len();
    if size > LARGEST_MODEL {
        return Err(unread(&"it is too large to be a model"));
    }
    let bytes = fs::read(path).map_err(|error| unread(&error))?;
    Model::from_bytes(&bytes)
        .map_err(|error| Trouble::new(ErrorTag::Input, format!("{}: {error}", path.display())))
}
