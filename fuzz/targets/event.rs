//! Decodes an event from any bytes. An event has one encoding: what is read encodes to the same bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use testimony::event::{Body, Event};

fuzz_target!(|bytes: &[u8]| {
    let assertion = Event::encoded_assertion(bytes);
    match Event::decode(bytes) {
        Ok(event) => {
            assert_eq!(event.encode().ok().as_deref(), Some(bytes));
            assert_eq!(Event::decode_trusted(bytes).ok().as_ref(), Some(&event));
            let is_claim = matches!(event.body, Body::ClaimAsserted(_));
            assert!(is_claim || assertion.is_none());
            let _ = (event.references(), event.sources(), event.request_identity());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    // A lax reading that succeeds must be one that can be written again.
    if let Ok(event) = Event::decode_trusted(bytes)
        && let Ok(encoded) = event.encode()
    {
        assert_eq!(Event::decode(&encoded).ok(), Some(event));
    }
});
