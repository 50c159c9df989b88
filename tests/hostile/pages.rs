//! Pages of HTML that nobody publishes and anybody can send, each of any size.
//!
//! Knows what readers of HTML stumble over. Must not know what is read from it.

/// Each page's opening, a pattern that is repeated, and its end.
pub(crate) const HOSTILE: &[(&str, &str, &str)] = &[
    ("", "<div>", "x"),
    ("", "<div>a, b", ""),
    ("", "<p>", "x"),
    ("", "<b>", "x"),
    ("", "<a><div>", "x"),
    ("", "<a><p>x", ""),
    ("", "<p><b a=1></p>x", ""),
    ("", "<span>", "x"),
    ("", "<x-y>", "x"),
    ("", "<table><tr><td>a", ""),
    ("<table>", "a<div>", "x"),
    ("", "<ul><li>a", ""),
    ("", "<br><br>text, text", ""),
    ("", "<object></div><div>x", ""),
    ("", "</p></div></a>", "x"),
    ("x", "<", ""),
    ("x", "&", ""),
    ("x", "&lt;", ""),
    ("x", "<!--", ""),
    ("x<!--", "-->-", ""),
    ("x", "<![CDATA[", ""),
    ("x", "<script>", ""),
    ("x<script>", "</scrip", ""),
    ("x", "<svg>", ""),
    ("x", "<template>", ""),
    ("x", "<iframe>", ""),
    ("<a ", "a=b ", ">x"),
    ("x<a b=\"", "<a b='", ""),
    ("x", "<a ", ""),
    ("x", "<title>", ""),
    ("x", "<meta name=author content=a>", ""),
    ("x<script type=application/ld+json>", "[", "</script>"),
    ("x<script type=application/ld+json>", "{\"@type\":", "</script>"),
    (
        "x<script type=application/ld+json>[",
        "{\"@type\":\"NewsArticle\",\"@id\":\"a\"},",
        "1]</script>",
    ),
    ("<p>", "a, ", ""),
    ("x", " ", ""),
    ("", "a\n", ""),
    ("<p>x", "\0\u{200b}\u{202e}", ""),
    ("<article>x", "<time datetime=2025-01-01>a</time>", ""),
    ("<div>", "text, <a href=x>a</a><div></div>", ""),
    ("<p>", "a<br>", ""),
    ("<div>x", "<p></p>", ""),
    ("", "<h1>a title</h1>", ""),
];

/// A hostile page of about that many bytes.
pub(crate) fn hostile((opening, pattern, end): (&str, &str, &str), bytes: usize) -> Vec<u8> {
    let mut page = opening.as_bytes().to_vec();
    page.extend(pattern.repeat(bytes / pattern.len()).bytes());
    page.extend(end.bytes());
    page
}
