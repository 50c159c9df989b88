//! Reads a page: turns its bytes into a text that can be quoted, and finds what the page says about
//! itself.
//!
//! Knows file formats. Must not know the ledger: a publisher here is a name as printed, and other
//! modules decide which source it is. The same reader and version always read the same text from
//! the same bytes, because selectors count its code points.
//!
//! Each format has its own child module, and a name and version that change whenever any text it
//! reads would change.

mod spacing;

mod charset;
mod front_matter;
mod furniture;
mod imprint;
mod line;
mod markdown;
mod plain;
mod written_date;

mod html;
mod notice;
mod split;

use std::ops::Range;
use std::path::Path;

use thiserror::Error;

pub use self::charset::CharsetError;
use self::charset::Decoded;
pub use self::front_matter::FrontMatterError;
pub use self::html::ElementsError;
pub use self::imprint::{Imprint, ImprintError};
pub use self::markdown::NestingError;
pub use self::notice::{Notice, NoticeKind, notices};
pub use self::split::{Age, AgeUnit, ArticlePart, furniture, split};

use crate::domain::document::{Metadata, Reader};
use crate::domain::moment::Date;
use crate::domain::text::{Name, Text};

/// The largest page that is read, in bytes: 64 MiB.
pub const MAX_BYTES: usize = 64 << 20;

/// The file format of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Plain text.
    Plain,
    /// CommonMark, with tables, footnotes and front matter.
    Markdown,
    /// HTML, from which only the article is read.
    Html,
}

/// The error for a file whose name ends in an unsupported extension.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "files ending in `.{ending}` are not supported: save the page as .html, .md or .txt and use \
     that"
)]
pub struct FormatError {
    ending: String,
}

impl Format {
    /// The format of a page. A known file extension decides; otherwise a page that begins like HTML
    /// is HTML; otherwise a page whose name has no extension is plain text.
    pub fn of(name: Option<&Path>, bytes: &[u8]) -> Result<Self, FormatError> {
        let told = name.map_or(Ok(Self::Plain), Self::of_file_name);
        let is_told = told.is_ok() && name.is_some_and(|name| name.extension().is_some());
        if !is_told && begins_as_html(bytes) { Ok(Self::Html) } else { told }
    }

    /// The format that a file's extension stands for: `.html`, `.htm` and `.xhtml` are HTML; `.md`
    /// and `.markdown` are Markdown; `.txt`, `.text` and no extension are plain text.
    pub fn of_file_name(name: impl AsRef<Path>) -> Result<Self, FormatError> {
        let Some(ending) = name.as_ref().extension() else {
            return Ok(Self::Plain);
        };
        let ending = ending.to_string_lossy();
        match ending.to_lowercase().as_str() {
            "html" | "htm" | "xhtml" => Ok(Self::Html),
            "md" | "markdown" => Ok(Self::Markdown),
            "txt" | "text" => Ok(Self::Plain),
            _ => Err(FormatError { ending: ending.chars().take(40).collect() }),
        }
    }

    /// The media type of the bytes (RFC 6838). The character set is part of the reader's name
    /// instead.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Plain => "text/plain",
            Self::Markdown => "text/markdown",
            Self::Html => "text/html",
        }
    }

    const fn reader(self) -> (&'static str, &'static str) {
        match self {
            Self::Plain => ("plain", plain::VERSION),
            Self::Markdown => ("markdown", markdown::VERSION),
            Self::Html => ("html", html::VERSION),
        }
    }
}

/// Why a page cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadPageError {
    /// The page is larger than [`MAX_BYTES`].
    #[error(
        "the page has {bytes} bytes, more than the limit of {MAX_BYTES}: save the part you need and \
         capture that"
    )]
    TooLarge {
        /// The size of the page, in bytes.
        bytes: usize,
    },
    /// The bytes are not text.
    #[error(transparent)]
    Text(#[from] CharsetError),
    /// The lines between the first two lines of `---` are not valid front matter.
    #[error(transparent)]
    FrontMatter(#[from] FrontMatterError),
    /// The page states something about itself that is invalid.
    #[error(transparent)]
    Imprint(#[from] ImprintError),
    /// Quotes and lists are nested too deeply.
    #[error(transparent)]
    Nesting(#[from] NestingError),
    /// The page has more HTML elements than are read.
    #[error(transparent)]
    Elements(#[from] ElementsError),
    /// No text is left to quote.
    #[error("the page has no text besides its title and markup: capture a page that has text")]
    Blank,
    /// The reader's own name or version is invalid.
    #[error("the reader's own name or version is invalid ({0}): please report this as a bug")]
    Reader(crate::domain::text::TextError),
}

/// A page after reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The body: lines end in `\n`, and it is never blank.
    pub text: String,
    /// What the page says about itself, including its title.
    pub imprint: Imprint,
    /// The reader that read it.
    pub reader: Reader,
    /// The format it was written in.
    pub format: Format,
}

/// How many notices are recorded for a page, and how many characters of each. An event holds at
/// most 64 KiB, and a page that is nothing but notices must not be refused because of them.
const MOST_NOTICES: usize = 20;
const LONGEST_NOTICE: usize = 500;

impl Page {
    /// The metadata that can be recorded for the document without further lookup: what its imprint
    /// says, and the wording of its notices. A shortened notice ends in an ellipsis; the archived
    /// text has all of it.
    pub fn metadata(&self) -> Metadata {
        let notices = notices(&self.text).into_iter().take(MOST_NOTICES);
        let notices = notices.filter_map(|notice| {
            let words = self.text.chars().skip(notice.span.start).take(notice.span.len());
            Text::new(&shortened(words)).ok()
        });
        Metadata { notices: notices.collect(), ..self.imprint.metadata() }
    }

    /// Its articles, each as a page of its own, or the page itself if it holds a single article.
    /// `retrieved` is the day on which it was fetched, from which ages such as "5 hours ago" are
    /// counted.
    ///
    /// The publisher of the page is a republisher of its articles. Each part has the page's
    /// address, and a reader whose name says which article of the page it is: `html/part-2`.
    pub fn parts(
        &self,
        retrieved: Option<Date>,
    ) -> Result<Vec<(ArticlePart, Self)>, ReadPageError> {
        let parts = split::split(&self.text);
        if let [only] = parts.as_slice()
            && (only.title.is_none() || self.imprint.title.is_some())
        {
            return Ok(vec![(ArticlePart::whole(&self.text), self.clone())]);
        }
        (1..).zip(parts).map(|(number, part)| self.part(number, part, retrieved)).collect()
    }

    fn part(
        &self,
        number: usize,
        part: ArticlePart,
        retrieved: Option<Date>,
    ) -> Result<(ArticlePart, Self), ReadPageError> {
        let published = part.published(retrieved);
        let page = &self.imprint;
        let mut imprint = Imprint {
            url: page.url.clone(),
            language: page.language.clone(),
            published,
            ..part.imprint.clone()
        };
        if page.publisher != imprint.publisher {
            imprint.republishers.extend(page.publisher.clone());
        }
        imprint.republishers.extend(page.republishers.iter().cloned());
        let name = format!("{}/part-{number}", self.reader.name);
        let version = format!("{}.{}", self.reader.version, split::VERSION);
        let text = part.text.clone();
        let reader = reader(&name, &version)?;
        Ok((part, Self { text, imprint, reader, format: self.format }))
    }
}

/// Reads a page in the given format.
///
/// Plain text keeps everything except a byte order mark and the carriage returns before newlines,
/// and has no imprint. For Markdown, the title is the one in the front matter, or else the first
/// level-1 heading outside quotes and lists; that heading becomes the title, which selectors can
/// address, and is removed from the body. For HTML, only the article is read, with a blank line
/// between paragraphs; its title is the one in the page's metadata, or else its heading, and is not
/// repeated in the body.
///
/// A page in a character set other than UTF-8 is also read, and its reader's name says so, as in
/// `plain/windows-1252`.
pub fn read(bytes: &[u8], format: Format) -> Result<Page, ReadPageError> {
    if bytes.len() > MAX_BYTES {
        return Err(ReadPageError::TooLarge { bytes: bytes.len() });
    }
    let Decoded { text: source, charset } = match format {
        Format::Plain | Format::Markdown => charset::of_text(bytes)?,
        Format::Html => charset::of_html(bytes)?,
    };
    let (name, version) = format.reader();
    let reader = match charset {
        Some(charset) => reader(&format!("{name}/{charset}"), version)?,
        None => reader(name, version)?,
    };
    let (text, imprint) = match format {
        Format::Plain => (plain::read(&source), Imprint::default()),
        Format::Markdown => read_markdown(&plain::read(&source))?,
        Format::Html => html::read(&source)?,
    };
    if text.chars().all(is_blank) {
        return Err(ReadPageError::Blank);
    }
    Ok(Page { text, imprint, reader, format })
}

/// The words without control characters, cut to the length allowed for a notice.
fn shortened(words: impl Iterator<Item = char>) -> String {
    let mut words = words.filter(|letter| *letter == '\n' || !letter.is_control());
    let mut short: String = words.by_ref().take(LONGEST_NOTICE).collect();
    if words.next().is_some() {
        short.pop();
        short.push('…');
    }
    short
}

/// Whether the bytes begin like an HTML page, after any space, XML declaration and comments.
fn begins_as_html(bytes: &[u8]) -> bool {
    const HEAD: usize = 4096;
    let head = &bytes[..bytes.len().min(HEAD)];
    let mut head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    for (begin, end) in [("<?xml", "?>"), ("<!--", "-->"), ("<!--", "-->")] {
        if head.starts_with(begin.as_bytes()) {
            let Some(at) = memchr::memmem::find(head, end.as_bytes()) else { return false };
            head = head[at + end.len()..].trim_ascii_start();
        }
    }
    ["<!doctype html", "<html", "<head", "<body", "<article", "<main"].iter().any(|tag| {
        let begins =
            head.get(..tag.len()).is_some_and(|it| it.eq_ignore_ascii_case(tag.as_bytes()));
        begins
            && head.get(tag.len()).is_some_and(|it| it.is_ascii_whitespace() || b"/>".contains(it))
    })
}

/// The passages in which no attribution is looked for: furniture, and the outlet's notices about
/// its own article. Byte ranges, end exclusive, in order.
pub fn unread(text: &str) -> Vec<Range<usize>> {
    let mut spans = furniture(text);
    spans.extend(notices(text).into_iter().map(|notice| notice.span));
    spans.sort_by_key(|span| span.start);
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let mut bytes = ends.enumerate();
    let mut last = (0, 0);
    let mut byte = |point: usize| {
        while last.0 < point {
            let Some(next) = bytes.next() else { break };
            last = next;
        }
        last.1
    };
    let mut merged: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(before) if before.end >= span.start => before.end = before.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged.into_iter().map(|span| byte(span.start)..byte(span.end)).collect()
}

fn read_markdown(source: &str) -> Result<(String, Imprint), ReadPageError> {
    let (fields, rest) = front_matter::split(source)?;
    let mut imprint = Imprint::default();
    for field in fields {
        imprint.take(field.line, field.key, field.value.as_deref())?;
    }
    let (heading, body) = markdown::read(rest, imprint.title.as_ref())
        .map_err(|refusal| refusal.below(source.len() - rest.len(), source))?;
    imprint.title = imprint.title.or(heading);
    Ok((body, imprint))
}

fn reader(name: &str, version: &str) -> Result<Reader, ReadPageError> {
    let name = Name::new(name).map_err(ReadPageError::Reader)?;
    let version = Name::new(version).map_err(ReadPageError::Reader)?;
    Ok(Reader { name, version })
}

/// Zero-width characters count as blank only here; in a text that has words they are kept.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn markdown(source: &str) -> Result<Page, ReadPageError> {
        read(source.as_bytes(), Format::Markdown)
    }

    #[test]
    fn a_files_name_tells_its_format() {
        for name in ["a.md", "A.MD", "b/a.markdown"] {
            assert_eq!(Format::of_file_name(name), Ok(Format::Markdown), "{name}");
        }
        for name in ["a.txt", "a.text", "a", "b.html/a", ".txt"] {
            assert_eq!(Format::of_file_name(name), Ok(Format::Plain), "{name}");
        }
        for name in ["a.html", "a.HTM", "b/a.xhtml"] {
            assert_eq!(Format::of_file_name(name), Ok(Format::Html), "{name}");
        }
        let refusal = Format::of_file_name("a.pdf").unwrap_err();
        assert!(refusal.to_string().contains("`.pdf` are not supported: save the page as .html"));
    }

    #[test]
    fn html_is_told_by_its_beginning_where_a_name_does_not_tell() {
        let of = |name: &str, bytes: &str| Format::of(Some(Path::new(name)), bytes.as_bytes());
        for html in [
            "<!DOCTYPE html><p>a",
            "\u{feff}\n <HTML lang=en>",
            "<?xml version='1.0'?>\n<!-- a -->\n<!doctype html>",
            "<body>",
        ] {
            assert_eq!(Format::of(None, html.as_bytes()), Ok(Format::Html), "{html}");
            assert_eq!(of("page", html), Ok(Format::Html), "{html}");
            assert_eq!(of("page.php", html), Ok(Format::Html), "{html}");
            assert_eq!(of("page.txt", html), Ok(Format::Plain), "{html}");
            assert_eq!(of("page.md", html), Ok(Format::Markdown), "{html}");
        }
        for text in ["", "a", "<p>a", "<htmlish>", "<!-- a", "<!doctype html"] {
            assert_eq!(Format::of(None, text.as_bytes()), Ok(Format::Plain), "{text}");
            assert!(of("page.php", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_page_in_another_character_set_says_so_in_its_reader() {
        let page = read("caf\u{e9}".as_bytes(), Format::Plain).unwrap();
        assert_eq!(page.reader.name.as_str(), "plain");
        let page = read(b"# Le caf\xe9\r\n\r\nOuvert.", Format::Markdown).unwrap();
        assert_eq!(page.imprint.title.map(|it| it.to_string()).as_deref(), Some("Le café"));
        assert_eq!(page.reader.name.as_str(), "markdown/windows-1252");
    }

    #[test]
    fn plain_text_is_kept_and_says_nothing_of_itself() {
        let page = read(b"---\r\ntitle: *x*\r\n", Format::Plain).unwrap();
        assert_eq!(page.text, "---\ntitle: *x*\n");
        assert_eq!(page.imprint, Imprint::default());
        assert_eq!((page.reader.name.as_str(), page.reader.version.as_str()), ("plain", "1"));
    }

    #[test]
    fn markdown_gives_its_title_its_imprint_and_its_text() {
        let page =
            markdown("---\r\nsite: Daily8\r\ndate: 2025-08-14\r\n---\r\n# T\r\n\r\n*a*\r\nb\r\n")
                .unwrap();
        assert_eq!(page.text, "a b");
        let title = page.imprint.title.map(|it| it.to_string());
        assert_eq!(title.as_deref(), Some("T"));
        assert_eq!(page.imprint.publisher.map(|it| it.to_string()).as_deref(), Some("Daily8"));
        assert_eq!(page.imprint.published.unwrap().to_string(), "2025-08-14 (metadata)");
        assert_eq!((page.reader.name.as_str(), page.reader.version.as_str()), ("markdown", "1"));
    }

    #[test]
    fn the_front_matters_title_comes_before_the_headings() {
        let page = markdown("---\ntitle: Given\n---\n# Printed\na").unwrap();
        assert_eq!(page.imprint.title.map(|it| it.to_string()).as_deref(), Some("Given"));
        assert_eq!(page.text, "Printed\na");
    }

    #[test]
    fn a_page_that_cannot_be_read_is_refused_with_the_reason() {
        let large = vec![b'a'; MAX_BYTES + 1];
        let refusal = read(&large, Format::Plain).unwrap_err();
        assert_eq!(refusal, ReadPageError::TooLarge { bytes: MAX_BYTES + 1 });
        assert!(matches!(read(b"\0", Format::Markdown), Err(ReadPageError::Text(_))));
        assert!(matches!(markdown("---\na: b\n"), Err(ReadPageError::FrontMatter(_))));
        assert!(matches!(markdown("---\nurl: b\n---\n"), Err(ReadPageError::Imprint(_))));
        assert!(matches!(reader("plain", ""), Err(ReadPageError::Reader(_))));
        let deep = format!("---\na: b\n---\n\n{}x", ">".repeat(200));
        let refusal = markdown(&deep).unwrap_err();
        assert!(matches!(refusal, ReadPageError::Nesting(_)));
        assert!(refusal.to_string().starts_with("line 5 "));
    }

    #[test]
    fn a_page_without_words_is_refused() {
        for blank in ["", " \n\t\n", "\u{feff}", "\u{200b}\n"] {
            assert_eq!(
                read(blank.as_bytes(), Format::Plain),
                Err(ReadPageError::Blank),
                "{blank:?}"
            );
        }
        for blank in ["", "# Only a title\n", "<!-- a -->\n", "***\n", "[a]: b\n"] {
            assert_eq!(markdown(blank), Err(ReadPageError::Blank), "{blank:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_and_twice_alike(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            source in "(---\n|title: |# |[-*_`>|\\[\\]()!<&;:^~]|</?script>|\r\n|\n| |a|é|\u{202e}){0,60}",
        ) {
            for format in [Format::Plain, Format::Markdown, Format::Html] {
                for page in [bytes.as_slice(), source.as_bytes()] {
                    let once = read(page, format);
                    prop_assert_eq!(&once, &read(page, format));
                    if let Ok(page) = once {
                        prop_assert!(!page.text.trim().is_empty());
                    }
                }
            }
        }
    }
}
