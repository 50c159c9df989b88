//! What several tests share: the program at work, the library at work, ledgers and their forging,
//! disks that fill up, views that are changed, the yardstick's conversion, and where passages stand.

#![allow(dead_code, reason = "each test uses the part it needs")]

pub(crate) mod blocks;
pub(crate) mod disk;
pub(crate) mod forge;
pub(crate) mod gold;
pub(crate) mod oracle;
pub(crate) mod passages;
pub(crate) mod program;
pub(crate) mod published;
pub(crate) mod tokens;
pub(crate) mod workshop;
