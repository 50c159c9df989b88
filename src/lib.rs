//! A ledger of who claims what.

pub mod archive;
pub mod claim;
pub mod compare;
pub mod decide;
pub mod digest;
pub mod document;
pub mod draft;
pub mod event;
pub mod id;
pub mod layout;
pub mod ledger;
pub mod log;
pub mod moment;
pub mod page;
pub mod quantity;
pub mod seal;
pub mod selector;
pub mod source;
pub mod tree;
pub mod view;
