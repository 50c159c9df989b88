//! Checks the archive: that every document's files exist and are unchanged, and which other files
//! there are.
//!
//! Knows documents by the hashes of their files. Must not know what is quoted from them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::answers::finding::{FileRole, FindingPlace, Findings, Problem};
use crate::domain::digest::ContentHash;
use crate::domain::id::{DocumentId, Sequence};
use crate::record::archive::{Archive, ArchiveItem, GetError, OpenArchiveError, Tenant, WalkError};
use crate::record::event::{Body, Event};

/// How many of the files without a document are listed.
const LISTED: usize = 100;

/// The result for the archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Files {
    /// Files that were read again and match the hashes in their names.
    pub sound: u64,
    /// The total size of these files, in bytes.
    pub bytes: u64,
    /// Files to which no document of the log refers, left by a capture that was interrupted or
    /// refused, or by an erased document. Not findings.
    pub unreferenced: u64,
    /// The first hundred of those, by their paths relative to the ledger's folder.
    pub unreferenced_paths: Vec<String>,
    /// Files whose writing was interrupted or is in progress; the next writer removes them. Not
    /// findings.
    pub unfinished: u64,
}

/// The file names in an archive, as they were at one moment.
pub(super) struct Inventory {
    archive: Result<Archive, String>,
    names: Vec<Result<ArchiveItem, WalkError>>,
}

impl Inventory {
    /// Lists the archive in `dir`.
    pub(super) fn of(dir: PathBuf) -> Self {
        match Archive::open(dir) {
            Ok(archive) => Self { names: archive.walk().collect(), archive: Ok(archive) },
            Err(error) => {
                let fault = match error {
                    OpenArchiveError::Missing { .. } => "it is missing".to_owned(),
                    OpenArchiveError::NotFolder { .. } => {
                        "it is not a folder, or is a link to one".to_owned()
                    }
                    OpenArchiveError::Io { source, .. } => source.to_string(),
                };
                Self { archive: Err(fault), names: Vec::new() }
            }
        }
    }

    /// The archive, if it opened.
    pub(super) fn archive(&self) -> Option<&Archive> {
        self.archive.as_ref().ok()
    }
}

/// The files of the documents so far.
#[derive(Default)]
pub(super) struct DocumentFiles {
    wanted: HashMap<ContentHash, (DocumentId, FileRole)>,
}

impl DocumentFiles {
    /// Records the event at `at`, if it is a document.
    pub(super) fn learn(&mut self, at: Sequence, event: &Event) {
        let Body::DocumentCaptured(captured) = &event.body else { return };
        let document = DocumentId::at(at);
        self.wanted.entry(captured.original).or_insert((document, FileRole::Original));
        // A plain page is its own text, and must then be readable as text.
        let text = self.wanted.entry(captured.text).or_insert((document, FileRole::Text));
        text.1 = FileRole::Text;
    }

    /// Reads every file of the archive again. `folder` is the ledger's, to which paths are
    /// relative.
    pub(super) fn check(
        &self,
        inventory: &Inventory,
        folder: &Path,
        findings: &mut Findings,
    ) -> Files {
        let mut files = Files::default();
        let archive = match &inventory.archive {
            Ok(archive) => archive,
            Err(fault) => {
                let place = FindingPlace::File(PathBuf::from("archive"));
                let problem = Problem::ArchiveMissing { fault: fault.clone() };
                findings.add(place, problem);
                return files;
            }
        };
        let mut met: HashSet<ContentHash> = HashSet::new();
        for name in &inventory.names {
            match name {
                Err(WalkError::Io { path, source }) => {
                    let problem = Problem::FolderUnreadable { fault: source.to_string() };
                    findings.add(within(path, folder), problem);
                }
                Ok(ArchiveItem { path, tenant: Tenant::Unknown }) => {
                    findings.add(within(path, folder), Problem::FileStrange {});
                }
                Ok(ArchiveItem { tenant: Tenant::Unfinished, .. }) => files.unfinished += 1,
                Ok(ArchiveItem { path, tenant: Tenant::Kept(hash) }) => {
                    met.insert(*hash);
                    self.read(archive, *hash, &within(path, folder), &mut files, findings);
                    if !self.wanted.contains_key(hash) {
                        files.list(path.strip_prefix(folder).unwrap_or(path));
                    }
                }
            }
        }
        let mut absent: Vec<_> =
            self.wanted.iter().filter(|(hash, _)| !met.contains(hash)).collect();
        absent.sort_unstable_by_key(|(hash, (document, _))| (*document, **hash));
        for (hash, _) in absent {
            let place = within(&archive.path(*hash), folder);
            self.read(archive, *hash, &place, &mut files, findings);
        }
        files
    }

    fn read(
        &self,
        archive: &Archive,
        hash: ContentHash,
        place: &FindingPlace,
        files: &mut Files,
        findings: &mut Findings,
    ) {
        let wanted = self.wanted.get(&hash).copied();
        let read = match wanted {
            // A text file must be valid text; text files are small enough to be read into memory.
            Some((document, FileRole::Text)) => archive.get(hash).map(|bytes| {
                if std::str::from_utf8(&bytes).is_err() {
                    findings.add(place.clone(), Problem::TextNotUtf8 { document });
                }
                bytes.len() as u64
            }),
            _ => archive.check(hash),
        };
        match read {
            Ok(bytes) => {
                files.sound += 1;
                files.bytes += bytes;
            }
            Err(error) => {
                let problem = problem(error, wanted);
                problem.into_iter().for_each(|problem| findings.add(place.clone(), problem));
            }
        }
    }
}

/// What is wrong with a file; nothing if it disappeared during the audit and no document needs it.
fn problem(error: GetError, wanted: Option<(DocumentId, FileRole)>) -> Option<Problem> {
    Some(match error {
        // Anything that is not a file has been reported when the names were listed.
        GetError::Missing { .. } | GetError::NotFile { .. } => {
            let (document, role) = wanted?;
            Problem::FileMissing { document, role }
        }
        GetError::Damaged { found, .. } => Problem::FileDamaged { found },
        GetError::Io { source, .. } => Problem::FileUnreadable { fault: source.to_string() },
    })
}

impl Files {
    fn list(&mut self, path: &Path) {
        self.unreferenced += 1;
        if self.unreferenced_paths.len() < LISTED {
            self.unreferenced_paths.push(path.to_string_lossy().into_owned());
        }
    }
}

fn within(path: &Path, folder: &Path) -> FindingPlace {
    FindingPlace::File(path.strip_prefix(folder).unwrap_or(path).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn what_the_system_refuses_to_read_is_told_at_its_path() {
        let home = tempfile::tempdir().unwrap();
        let archive = Archive::create(home.path().join("archive")).unwrap();
        let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
        let folder = WalkError::Io { path: home.path().join("archive/ab"), source: refused() };
        let inventory = Inventory { archive: Ok(archive), names: vec![Err(folder)] };
        let mut findings = Findings::default();
        DocumentFiles::default().check(&inventory, home.path(), &mut findings);
        let (kept, _) = findings.into_parts();
        assert_eq!(kept[0].place, FindingPlace::File("archive/ab".into()));
        assert_eq!(kept[0].problem.tag(), "folder_unreadable");
        let file = GetError::Io { path: home.path().into(), source: refused() };
        assert_eq!(problem(file, None).map(|problem| problem.tag()), Some("file_unreadable"));
    }

    #[test]
    fn an_unwanted_file_that_went_between_two_looks_is_no_finding() {
        let gone = || GetError::Missing { path: PathBuf::new() };
        assert_eq!(problem(gone(), None), None);
        let document = DocumentId::at(Sequence::ZERO);
        let missing = problem(gone(), Some((document, FileRole::Text)));
        assert_eq!(missing, Some(Problem::FileMissing { document, role: FileRole::Text }));
    }
}
