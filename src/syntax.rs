//! stub
mod grammar;
pub use grammar::{Tag, Relation};
use std::ops::Range;
/// s
pub struct Syntax {
/// s
pub words: Vec<Word>, 
/// s
pub sentences: Vec<Range<usize>> }
/// s
pub struct Word { 
/// s
pub start: u32, 
/// s
pub end: u32, 
/// s
pub tag: Tag, 
/// s
pub head: u32,
/// s
pub relation: Relation }
/// s
pub const NO_HEAD: u32 = u32::MAX;
/// s
pub fn read(_text: &str) -> Syntax { Syntax { words: vec![], sentences: vec![] } }
