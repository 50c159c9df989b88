//! Decodes a block of the log from any bytes: the first ten are its key, the rest its value.
//!
//! The decoder is private to the library, so this target compiles the same file. The two modules
//! below give it the paths that it has in the library.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "the log uses more of this file than the decoder does")]
#[path = "../../src/record/log/sled/block.rs"]
mod block;

mod domain {
    pub(crate) use testimony::id;
}

mod record {
    pub(crate) use testimony::seal;
}

use block::{BlockBody, BlockKey, CHECK_AT, COUNT_AT, HEADER_BYTES, MOST_UNPACKED};
use testimony::seal::Record;

const KEY_BYTES: usize = 10;

fuzz_target!(|bytes: &[u8]| {
    let Some((key, value)) = bytes.split_at_checked(KEY_BYTES) else { return };
    let Some(decoded) = BlockKey::decode(key) else { return };
    assert_eq!(decoded.encode(), key);
    read(decoded, value);

    // Hardly any bytes carry a check that matches. With a fresh one, the fields behind it are read.
    if value.len() >= HEADER_BYTES {
        let mut block = value.to_vec();
        let check = block::check(decoded, &block);
        block[CHECK_AT..COUNT_AT].copy_from_slice(&check);
        read(decoded, &block);
    }
});

/// Decodes a block, and checks that its records, encoded again, are the bytes that were read.
fn read(key: BlockKey, value: &[u8]) {
    let _ = block::is_first_draft(key, value);
    match block::decode(key, value) {
        Ok(BlockBody::Whole(records)) => {
            assert!(!records.is_empty());
            let again = encoded(&records);
            assert!(again.len() <= MOST_UNPACKED);
            if value[1] == block::WHOLE {
                assert_eq!(again, value[HEADER_BYTES..]);
            }
        }
        Ok(BlockBody::Part { bytes, .. }) => {
            if let Ok(record) = block::join(bytes) {
                assert_eq!(encoded(&[record]), bytes);
            }
        }
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
}

fn encoded(records: &[Record]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for record in records {
        let before = bytes.len();
        block::encode(record, &mut bytes);
        assert_eq!(bytes.len() - before, block::encoded_length(record));
    }
    bytes
}
