//! stub
/// Page
#[derive(Debug, Clone)]
pub struct Page {
    /// text
    pub text: String,
    /// title
    pub title: Option<crate::id::Name>,
    /// reader
    pub reader: crate::document::Reader,
}
