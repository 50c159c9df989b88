//! A ledger of who claims what.

pub mod digest;
pub mod id;
pub mod moment;
pub mod seal;
pub mod tree;
