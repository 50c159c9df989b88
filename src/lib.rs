//! A ledger of who claims what.

pub mod archive;
pub mod claim;
pub mod digest;
pub mod document;
pub mod event;
pub mod id;
pub mod ledger;
pub mod moment;
pub mod page;
pub mod quantity;
pub mod seal;
pub mod selector;
pub mod source;
