//! What the page is tried on: the frozen events as JSON.
//!
//! Knows where the page and the frozen events are. Must not know what is tried.

use std::path::Path;

use serde_json::Value as Json;
use testimony::event::Event;

use crate::golden::values;

/// The page.
pub(crate) fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/format.md");
    std::fs::read_to_string(path).unwrap()
}

/// The frozen events, as JSON whose fields stand in the order in which they are written.
pub(crate) fn samples() -> Vec<Json> {
    let read = |(_, event): (&str, Event)| serde_json::from_slice(&event.encode().unwrap());
    let mut samples: Vec<Json> =
        values::events().into_iter().map(|event| read(event).unwrap()).collect();
    // The frozen events have a page without the context that stands around its words.
    let asserted = &mut samples[6]["event"]["claim_asserted"];
    let page = asserted["hops"][0]["content"][0]["page"].as_object_mut().unwrap();
    for (place, name) in [(2, "prefix"), (3, "suffix")] {
        page.shift_insert(place, name.into(), " ".into());
    }
    samples
}
