//! Decodes an entry from any bytes. An entry has one spelling: what is read encodes to the same bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use testimony::seal::Entry;

fuzz_target!(|bytes: &[u8]| {
    match Entry::decode(bytes) {
        Ok(entry) => assert_eq!(entry.encode(), bytes),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
