//! Files that others publish and that are not ours to bundle: a variable names them, or they are beside
//! the project.
//!
//! Knows where they may be. Must not know what they hold. Tests that need them are ignored unless asked
//! for.

use std::path::{Path, PathBuf};

/// What the variable names, or else what is at `beside`, from the project's folder.
///
/// # Panics
///
/// It does not contain `file`; an empty one means that it is a file itself.
pub(crate) fn published(variable: &str, beside: &str, file: &str) -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join(beside);
    let named = std::env::var_os(variable).map_or(beside, PathBuf::from);
    let wanted = if file.is_empty() { named.clone() } else { named.join(file) };
    assert!(wanted.is_file(), "there is no {}: name it in {variable}", wanted.display());
    named
}
