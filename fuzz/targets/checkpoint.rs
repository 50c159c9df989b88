//! Verifies checkpoints: any bytes as they are, and any text under a valid signature.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use signed_note::Note;
use testimony::tree::MAX_SIZE;
use testimony::tree::checkpoint::key::{Signer, VerifierKey};
use testimony::tree::checkpoint::{claimed_size, sign, verify};

/// The key that signed the corpus; its seed is 32 times the byte 7.
static SIGNER: LazyLock<Signer> = LazyLock::new(|| {
    let log = "example.org/ledger".parse().expect("this is the name of a log");
    Signer::from_seed(&log, &[7; 32])
});

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(key) = VerifierKey::new(text)
    {
        assert_eq!(key.as_str(), text);
        let _ = verify(bytes, &key);
    }

    // No bytes made by chance carry a valid signature. Under one, the size and the root are read.
    let Ok(mut note) = Note::new(bytes, &[]) else { return };
    if note.add_sigs(&[&*SIGNER]).is_ok() {
        read(&note.to_bytes());
    }
});

/// Verifies a note. What it states, signed anew, must verify to the same.
fn read(note: &[u8]) {
    let key = SIGNER.verifier_key();
    let claimed = claimed_size(note);
    match verify(note, key) {
        Ok(head) => {
            assert!(head.size <= MAX_SIZE);
            assert_eq!(claimed, Some(head.size));
            let again = sign(&SIGNER, head).expect("a head that was verified can be signed");
            assert_eq!(verify(again.as_bytes(), key), Ok(head));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
