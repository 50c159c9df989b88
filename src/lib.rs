//! A ledger of who claims what.

pub mod digest;
pub mod id;
pub mod log;
pub mod moment;
pub mod seal;
