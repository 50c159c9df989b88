//! Manages a log's key pair: the secret key that signs, in its file, and the public key that
//! verifies.
//!
//! Knows how C2SP signed-note spells keys, and who may read a key file. Must not know what is
//! signed. The secret is in the key file and in [`Signer`], and neither ever prints it.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer as _, SigningKey};
use serde::{Deserialize, Serialize};
use signed_note::{StandardVerifier, Verifier, VerifierList};
use thiserror::Error;

use crate::domain::digest::KeyDigest;
use crate::domain::id::{LogName, Sequence};
use crate::platform::regular_file::{self, NotRegular};

/// The number of Ed25519 in signed-note.
const ED25519: u8 = 1;

/// The largest key file that is read, in bytes. A key is one line of at most 187.
const MAX_KEY_BYTES: u64 = 1024;

/// Why a string is not a verifier key. It does not repeat the string, which might be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("this is not a verifier key: give the whole name+hash+key, as in the ledger's first event")]
pub struct VerifierKeyError;

/// A public key as C2SP signed-note spells it, `name+hash+base64`, with Ed25519 and the name of a
/// log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerifierKey(Box<str>);

impl VerifierKey {
    /// Accepts a verifier key in its one valid spelling (c2sp.org/signed-note).
    ///
    /// # Errors
    ///
    /// Anything else, including a secret key; the error does not repeat the input.
    pub fn new(text: &str) -> Result<Self, VerifierKeyError> {
        let key = Self(text.into());
        LogName::new(key.log_name()).map_err(|_| VerifierKeyError)?;
        StandardVerifier::new(text).map_err(|_| VerifierKeyError)?;
        // signed-note accepts the hash in either case, but it must have one spelling here: it is
        // part of an event.
        let hash = text.split('+').nth(1).unwrap_or_default();
        if hash.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return Err(VerifierKeyError);
        }
        Ok(key)
    }

    /// The log that the key belongs to: the first line of its checkpoints.
    pub fn log_name(&self) -> &str {
        self.0.split('+').next().unwrap_or_default()
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `endorsement` is this key's signature of a rotation.
    pub fn endorses(&self, rotation: &Rotation<'_>, endorsement: &str) -> bool {
        let verifier = StandardVerifier::new(&self.0);
        let signature = from_base64::<64>(endorsement);
        let message = rotation.message();
        verifier.is_ok_and(|key| signature.is_some_and(|it| key.verify(message.as_bytes(), &it)))
    }

    /// This key as the only verifier of a note.
    pub(super) fn verifiers(&self) -> VerifierList {
        // `new` has checked the key. If it were wrong nevertheless, it would verify nothing.
        let verifier = StandardVerifier::new(&self.0).into_iter();
        VerifierList::new(verifier.map(|key| Box::new(key) as Box<dyn Verifier>).collect())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for VerifierKey {
    type Error = VerifierKeyError;

    fn try_from(text: String) -> Result<Self, VerifierKeyError> {
        Self::new(&text)
    }
}

impl From<VerifierKey> for String {
    fn from(key: VerifierKey) -> String {
        key.0.into()
    }
}

/// The replacement of a log's key by another at one sequence.
#[derive(Debug, Clone, Copy)]
pub struct Rotation<'a> {
    /// The log's name.
    pub log: &'a str,
    /// The sequence of the `key_rotated`.
    pub at: Sequence,
    /// The new key's text.
    pub key: &'a str,
    /// The digest of the key that may replace it in turn.
    pub next: Option<&'a KeyDigest>,
}

impl Rotation<'_> {
    /// The message that the old key signs: it cannot be mistaken for a checkpoint, and is valid at
    /// one place in one log.
    pub fn message(&self) -> String {
        let next = self.next.map(KeyDigest::to_string).unwrap_or_default();
        let Self { log, at, key, .. } = self;
        format!("testimony 2026-11 v1 key rotation\n{log}\n{}\n{key}\n{next}\n", at.get())
    }
}

/// Why there is no signing key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// There is no such file.
    #[error("there is no key at {path}: give its path with --key")]
    Missing {
        /// The key's file.
        path: PathBuf,
    },
    /// The file already exists, and a key is never overwritten.
    #[error("{path} already exists, and a key is never overwritten: move it, or give another path")]
    Exists {
        /// The key's file.
        path: PathBuf,
    },
    /// Users other than its owner may read or write it.
    #[error(
        "other users have access to the key {path} (mode {mode:04o}): run `chmod 600` on it, and rotate it if they may have copied it"
    )]
    Exposed {
        /// The key's file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// There is something other than a regular file.
    #[error(transparent)]
    NotRegular(NotRegular),
    /// Not a key in the one valid spelling.
    #[error("{path} is not a signed-note Ed25519 key: restore it from a backup")]
    Malformed {
        /// The key's file.
        path: PathBuf,
    },
    /// The operating system reported an error.
    #[error("cannot {step} the key {path}: {cause}; check its folder's permissions and free space")]
    Io {
        /// The step that failed, as it follows "cannot".
        step: &'static str,
        /// The key's file.
        path: PathBuf,
        /// The operating system's error.
        cause: io::Error,
    },
}

/// A log's secret key, which signs in the name of that log.
pub struct Signer {
    secret: SigningKey,
    public: VerifierKey,
    id: u32,
}

impl Signer {
    /// The key of a log derived from 32 random bytes. Anyone who knows these can sign.
    pub fn from_seed(log: &LogName, seed: &[u8; 32]) -> Self {
        let secret = SigningKey::from_bytes(seed);
        let public = secret.verifying_key();
        let mut encoded = vec![ED25519];
        encoded.extend_from_slice(public.as_bytes());
        Self {
            id: signed_note::key_id(log.as_str(), &encoded),
            public: VerifierKey(
                signed_note::new_ed25519_verifier_key(log.as_str(), &public).into(),
            ),
            secret,
        }
    }

    /// Creates the key of a log from 32 random bytes, and its file at `path`: one line, accessible
    /// only to its owner (mode 0600 on systems with modes), durable on return.
    ///
    /// # Errors
    ///
    /// An existing file at `path` is left as it is; and if a step fails, no file is left.
    pub fn create(path: &Path, log: &LogName, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let failed = |step| {
            move |cause: io::Error| match cause.kind() {
                io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.to_owned() },
                _ => KeyError::Io { step, path: path.to_owned(), cause },
            }
        };
        let signer = Self::from_seed(log, seed);
        let (_, folder) = open_folder(path).map_err(failed("open the folder of"))?;
        let mut file = for_the_owner_alone().open(path).map_err(failed("make"))?;
        let written = file
            .write_all(signer.encode().as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| folder.sync_all());
        // Half a key would obstruct the next attempt and be of no use.
        written.inspect_err(|_| drop(fs::remove_file(path))).map_err(failed("write"))?;
        Ok(signer)
    }

    /// Reads the key from the file at `path`, which the user named: a link is followed.
    ///
    /// # Errors
    ///
    /// There is none; users other than its owner have access to it (on systems with modes); it is
    /// not a key.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        Self::read(path, File::open(path))
    }

    /// Reads the key that a ledger keeps in its own folder: only a regular file is opened.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`KeyError::NotRegular`].
    pub fn open_kept(path: &Path) -> Result<Self, KeyError> {
        Self::read(path, regular_file::read(path))
    }

    fn read(path: &Path, opened: io::Result<File>) -> Result<Self, KeyError> {
        let failed = |cause: io::Error| match cause.kind() {
            io::ErrorKind::NotFound => KeyError::Missing { path: path.to_owned() },
            _ => match NotRegular::told_by(cause) {
                Ok(told) => KeyError::NotRegular(told),
                Err(cause) => KeyError::Io { step: "read", path: path.to_owned(), cause },
            },
        };
        let file = opened.map_err(failed)?;
        // Checked on the open file, not on the path: another file could take its place between two
        // checks.
        if let Some(mode) = exposure(&file.metadata().map_err(failed)?) {
            return Err(KeyError::Exposed { path: path.to_owned(), mode });
        }
        let mut line = String::new();
        let read = file.take(MAX_KEY_BYTES).read_to_string(&mut line);
        match read {
            Err(refusal) if refusal.kind() != io::ErrorKind::InvalidData => Err(failed(refusal)),
            _ => Self::decode(&line).ok_or_else(|| KeyError::Malformed { path: path.to_owned() }),
        }
    }

    /// The public key, for the log's first event and for verifying.
    pub const fn verifier_key(&self) -> &VerifierKey {
        &self.public
    }

    /// This key's signature of a rotation, in base64: the endorsement by the old key in a
    /// `key_rotated`.
    pub fn endorse(&self, rotation: &Rotation<'_>) -> String {
        to_base64(&self.secret.sign(rotation.message().as_bytes()).to_bytes())
    }

    /// The text of the key file: `PRIVATE+KEY+name+hash+base64`, as in Go's `sumdb/note`, and a
    /// newline.
    fn encode(&self) -> String {
        let mut secret = [ED25519; 33];
        secret[1..].copy_from_slice(self.secret.as_bytes());
        let log = self.public.log_name();
        format!("PRIVATE+KEY+{log}+{:08x}+{}\n", self.id, to_base64(&secret))
    }

    /// Reads the text back. Only the one valid spelling is accepted, except that the newline may be
    /// missing, since editors can drop it.
    fn decode(text: &str) -> Option<Self> {
        let line = text.strip_suffix('\n').unwrap_or(text);
        // Base64 contains plus signs too, so the key is everything after the fourth.
        let mut parts = line.splitn(5, '+').skip(2);
        let log = LogName::new(parts.next()?).ok()?;
        let [_, seed @ ..] = from_base64::<33>(parts.nth(1)?)?;
        let signer = Self::from_seed(&log, &seed);
        // The comparison covers the two words, the hash and the kind of key.
        (signer.encode().strip_suffix('\n') == Some(line)).then_some(signer)
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Standard base64, with padding.
fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |place: usize| group.get(place).copied().unwrap_or_default();
        let bits = u32::from_be_bytes([0, byte(0), byte(1), byte(2)]);
        let digits = [18, 12, 6, 0].map(|shift| char::from(BASE64[(bits >> shift & 63) as usize]));
        text.extend(&digits[..=group.len()]);
        text.extend(std::iter::repeat_n('=', 3 - group.len()));
    }
    text
}

/// The `N` bytes, or `None` if the text is not the base64 of exactly that many.
fn from_base64<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != N.div_ceil(3) * 4 {
        return None;
    }
    for (group, four) in bytes.chunks_mut(3).zip(text.as_bytes().chunks_exact(4)) {
        let mut bits = 0;
        for digit in &four[..=group.len()] {
            let value = (0u32..).zip(BASE64).find(|(_, letter)| *letter == digit)?.0;
            bits = bits << 6 | value;
        }
        bits <<= 6 * (3 - group.len());
        group.copy_from_slice(&bits.to_be_bytes()[1..=group.len()]);
    }
    // The bits after the last byte and the padding must have their one valid spelling too.
    (to_base64(&bytes) == text).then_some(bytes)
}

/// Creates a new file, never opens an existing one, accessible only to its owner from the start.
fn for_the_owner_alone() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The mode of a file to which group or others have any access.
#[cfg(unix)]
fn exposure(file: &fs::Metadata) -> Option<u32> {
    let mode = std::os::unix::fs::MetadataExt::mode(file) & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

/// On systems without modes, every file passes.
#[cfg(not(unix))]
fn exposure(_: &fs::Metadata) -> Option<u32> {
    None
}

/// The folder of `path`, and a handle to sync it with.
pub(super) fn open_folder(path: &Path) -> io::Result<(&Path, File)> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    File::open(folder).map(|handle| (folder, handle))
}

impl fmt::Debug for Signer {
    /// Prints only the public key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.public)
    }
}

impl signed_note::Signer for Signer {
    fn name(&self) -> &str {
        self.public.log_name()
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, ed25519_dalek::SignatureError> {
        self.secret.try_sign(text).map(|signature| signature.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signed_note::{Signer as _, StandardSigner};

    const LINE: &str =
        "PRIVATE+KEY+example.org/ledger+79a3823a+AQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n";
    const PUBLIC: &str = "example.org/ledger+79a3823a+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";

    fn log() -> LogName {
        LogName::new("example.org/ledger").unwrap()
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    /// Writes a file with the permissions that a key file should have.
    fn put(path: &Path, bytes: &[u8]) {
        let _ = fs::remove_file(path);
        for_the_owner_alone().open(path).unwrap().write_all(bytes).unwrap();
    }

    #[test]
    fn an_endorsement_is_the_old_keys_over_one_rotation() {
        let (old, new) = (Signer::from_seed(&log(), &[7; 32]), Signer::from_seed(&log(), &[8; 32]));
        let next = KeyDigest::of("the one after");
        let rotation = Rotation {
            log: "example.org/ledger",
            at: Sequence::new(41).unwrap(),
            key: new.verifier_key().as_str(),
            next: Some(&next),
        };
        assert_eq!(
            rotation.message(),
            format!(
                "testimony 2026-11 v1 key rotation\nexample.org/ledger\n41\n{}\n{next}\n",
                new.verifier_key()
            )
        );
        let endorsement = old.endorse(&rotation);
        assert!(old.verifier_key().endorses(&rotation, &endorsement));
        assert!(endorsement.parse::<crate::record::event::Endorsement>().is_ok());
        // At another place, in another log, for another key or another successor it is not valid.
        for other in [
            Rotation { at: Sequence::ZERO, ..rotation },
            Rotation { log: "example.org/other", ..rotation },
            Rotation { key: old.verifier_key().as_str(), ..rotation },
            Rotation { next: None, ..rotation },
        ] {
            assert!(!old.verifier_key().endorses(&other, &endorsement), "{other:?}");
        }
        for wrong in ["", "AAAA", &endorsement[1..], &endorsement.replace("==", "=A")] {
            assert!(!old.verifier_key().endorses(&rotation, wrong), "{wrong}");
            assert!(wrong.parse::<crate::record::event::Endorsement>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_file_is_one_line_that_other_programs_read() {
        // Given a key made from known bytes
        let folder = folder();
        let path = folder.path().join("key");
        let made = Signer::create(&path, &log(), &[7; 32]).unwrap();
        // Then its file is the frozen line
        let line = fs::read_to_string(&path).unwrap();
        assert_eq!(line, LINE);
        assert_eq!(made.verifier_key().as_str(), PUBLIC);
        // And opened again, here or by the signed-note crate, it is the same key
        let opened = Signer::open(&path).unwrap();
        assert_eq!(opened.verifier_key(), made.verifier_key());
        let theirs = StandardSigner::new(line.trim_end()).unwrap();
        assert_eq!(theirs.name(), opened.name());
        assert_eq!(theirs.key_id(), opened.key_id());
        assert_eq!(theirs.sign(b"text").unwrap(), opened.sign(b"text").unwrap());
    }

    #[test]
    fn a_key_is_never_written_over() {
        let folder = folder();
        let path = folder.path().join("key");
        put(&path, b"something dear");
        let refusal = Signer::create(&path, &log(), &[7; 32]).unwrap_err();
        assert!(matches!(refusal, KeyError::Exists { .. }), "{refusal}");
        assert_eq!(fs::read(&path).unwrap(), b"something dear");
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_have_rights_to_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder();
        let path = folder.path().join("key");
        let _ = Signer::create(&path, &log(), &[7; 32]).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        for exposed in [0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(exposed)).unwrap();
            let refusal = Signer::open(&path).unwrap_err();
            assert!(matches!(refusal, KeyError::Exposed { mode, .. } if mode == exposed));
            assert!(refusal.to_string().contains("chmod 600"), "{refusal}");
        }
        for private in [0o600, 0o400] {
            fs::set_permissions(&path, fs::Permissions::from_mode(private)).unwrap();
            assert!(Signer::open(&path).is_ok());
        }
    }

    #[test]
    fn a_key_that_is_not_there_is_not_the_same_as_one_that_cannot_be_read() {
        let folder = folder();
        let missing = Signer::open(&folder.path().join("key")).unwrap_err();
        assert!(matches!(missing, KeyError::Missing { .. }), "{missing}");
        let nowhere = Signer::create(&folder.path().join("no/key"), &log(), &[7; 32]).unwrap_err();
        assert!(matches!(nowhere, KeyError::Io { step: "open the folder of", .. }), "{nowhere}");
    }

    #[test]
    fn a_key_file_has_one_spelling() {
        let folder = folder();
        let path = folder.path().join("key");
        let hash = LINE.split('+').nth(3).unwrap();
        let wrong = [
            String::new(),
            format!("{LINE}\n"),
            format!(" {LINE}"),
            LINE.replace("PRIVATE", "PUBLIC"),
            LINE.replace("ledger", "other"),
            LINE.replace(hash, &hash.to_uppercase()),
            LINE.replace(hash, "00000000"),
            LINE.replace("AQcH", "BAcH"),
            LINE.replace("AQcH", "AQc"),
            LINE.replace("AQcH", "AQ!H"),
            LINE.repeat(20),
            PUBLIC.to_owned(),
        ];
        for text in wrong.iter().map(String::as_bytes).chain([&b"\xff\xfe"[..]]) {
            put(&path, text);
            let refusal = Signer::open(&path).unwrap_err();
            assert!(matches!(refusal, KeyError::Malformed { .. }), "{text:?}");
        }
        put(&path, LINE.trim_end().as_bytes());
        assert!(Signer::open(&path).is_ok(), "an editor may drop the newline");
    }

    #[test]
    fn the_secret_comes_out_in_no_print() {
        let secret = "AQcHBwcH";
        let signer = Signer::from_seed(&log(), &[7; 32]);
        assert_eq!(format!("{signer:?}"), format!("Signer({PUBLIC})"));
        let folder = folder();
        let path = folder.path().join("key");
        put(&path, LINE.repeat(2).as_bytes());
        let refusal = Signer::open(&path).unwrap_err();
        assert!(!format!("{refusal} {refusal:?}").contains(secret));
        // Someone may well give the secret key where the public one is expected.
        let refusal = VerifierKey::new(LINE.trim_end()).unwrap_err();
        assert!(!format!("{refusal} {refusal:?}").contains(secret));
    }

    #[test]
    fn a_verifier_key_has_one_spelling() {
        let key = VerifierKey::new(PUBLIC).unwrap();
        assert_eq!(key.log_name(), "example.org/ledger");
        assert_eq!(key.to_string(), PUBLIC);
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(json, format!("\"{PUBLIC}\""));
        assert_eq!(serde_json::from_str::<VerifierKey>(&json).unwrap(), key);
        let hash = PUBLIC.split('+').nth(1).unwrap();
        for wrong in [
            String::new(),
            PUBLIC.replace(hash, &hash.to_uppercase()),
            PUBLIC.replace(hash, "00000000"),
            PUBLIC.replace("ledger", "other"),
            PUBLIC.replace("example.org/ledger", ""),
            PUBLIC.replace("example.org/ledger", "two words"),
            PUBLIC[..PUBLIC.len() - 4].to_owned(),
            format!("{PUBLIC}\n"),
            LINE.trim_end().to_owned(),
        ] {
            assert_eq!(VerifierKey::new(&wrong), Err(VerifierKeyError), "{wrong}");
            assert!(serde_json::from_value::<VerifierKey>(wrong.into()).is_err());
        }
    }

    #[test]
    fn a_file_without_a_folder_is_in_the_one_that_is_current() {
        assert_eq!(open_folder(Path::new("key")).unwrap().0, Path::new("."));
    }

    #[test]
    fn any_seed_comes_back_from_its_line() {
        for byte in 0..=255 {
            let mut seed = [byte; 32];
            seed[usize::from(byte % 32)] = 255 - byte;
            let signer = Signer::from_seed(&log(), &seed);
            let read = Signer::decode(&signer.encode()).unwrap();
            assert_eq!(read.secret.to_bytes(), seed);
            assert!(StandardSigner::new(signer.encode().trim_end()).is_ok());
            assert!(VerifierKey::new(signer.verifier_key().as_str()).is_ok());
        }
    }
}
