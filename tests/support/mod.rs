//! What several tests share: the yardstick's conversion, and where passages stand.

#![allow(dead_code, reason = "each test uses the part it needs")]

pub(crate) mod gold;
pub(crate) mod passages;
