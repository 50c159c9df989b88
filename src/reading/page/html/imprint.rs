//! Reads what an HTML page says about itself: from JSON-LD, from `<meta>`, and failing those from
//! `<title>`, links and `<time>`.
//!
//! Knows the keys that publishers use, and which take precedence. Must not know the text. Invalid
//! values, such as an address without a host, are skipped, because the user cannot correct them.

mod linked;

use dom_query::Document;

use self::linked::Linked;
use super::super::imprint::Imprint;
use super::super::written_date::date;
use crate::domain::document::Address;
use crate::domain::moment::{Basis, Moment};
use crate::domain::text::{Language, Name, Title};

/// Names of `<meta>` in lower case, the most reliable first.
const TITLES: &[&str] = &["og:title", "twitter:title", "dc.title"];
const PUBLISHERS: &[&str] = &["og:site_name", "dc.publisher", "application-name"];
const AUTHORS: &[&str] =
    &["author", "article:author", "byl", "dc.creator", "parsely-author", "sailthru.author"];
const LANGUAGES: &[&str] = &["content-language", "language", "dc.language", "og:locale"];
const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "pubdate",
    "publishdate",
    "publish-date",
    "publication_date",
    "date",
];
const MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:article:modified_time",
    "datemodified",
    "dcterms.modified",
    "og:updated_time",
    "last-modified",
    "lastmod",
];

/// The separators between a page's title and its site's name.
const SEPARATORS: &[char] = &['|', '-', '–', '—', '·', '•', '»', ':'];

/// The imprint of the page.
pub(super) fn of(document: &Document, linked: &[&str]) -> Imprint {
    let page = HtmlPage { document, metas: metas(document), linked: Linked::read(linked) };
    let publisher = page.publisher();
    let published = page.published();
    let modified = page.moment(&page.linked.modified, MODIFIED, "time[itemprop=dateModified]");
    Imprint {
        title: page.title(publisher.as_ref()),
        publisher,
        authors: page.author().into_iter().collect(),
        canonical_url: page.canonical_url(),
        language: page.language(),
        // Most pages give both, and if they are equal nothing was changed.
        modified: modified.filter(|_| modified != published),
        published,
        ..Imprint::default()
    }
}

/// Every `<meta>`: its name in lower case, and its content.
fn metas(document: &Document) -> Vec<(String, String)> {
    let mut metas = Vec::new();
    for meta in document.select("meta").nodes() {
        let Some(content) = meta.attr("content") else { continue };
        for key in ["property", "name", "itemprop"] {
            if let Some(name) = meta.attr(key) {
                metas.push((name.trim().to_lowercase(), content.to_string()));
            }
        }
    }
    metas
}

struct HtmlPage<'a> {
    document: &'a Document,
    metas: Vec<(String, String)>,
    linked: Linked,
}

impl HtmlPage<'_> {
    /// The contents of the `<meta>` elements with these names, in the order of the names.
    fn said<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
        names.iter().flat_map(|name| {
            self.metas.iter().filter(move |(known, _)| known == name).map(|(_, said)| said.as_str())
        })
    }

    /// The texts of the elements that match a CSS selector.
    fn shown(&self, selector: &str) -> Vec<String> {
        let found = self.document.select(selector);
        found.nodes().iter().take(2).map(|node| node.text().to_string()).collect()
    }

    fn title(&self, publisher: Option<&Name>) -> Option<Title> {
        if let Some(headline) = self.linked.headline.as_deref().and_then(title_of) {
            return Some(headline);
        }
        let headings = self.shown("h1");
        let heading = match headings.as_slice() {
            [only] => title_of(only),
            _ => None,
        };
        let head = self.shown("title");
        let titles = self.said(TITLES).chain(head.iter().map(String::as_str));
        let title = titles.filter_map(title_of).next();
        match (title, heading) {
            (Some(title), Some(heading)) if continues(title.as_str(), heading.as_str()) => {
                Some(heading)
            }
            (Some(title), _) => Some(without_site(title, publisher)),
            (None, heading) => heading,
        }
    }

    fn publisher(&self) -> Option<Name> {
        let linked = self.linked.publisher.iter().map(String::as_str);
        linked.chain(self.said(PUBLISHERS)).filter_map(name).next()
    }

    fn author(&self) -> Option<Name> {
        let linked = self.linked.author.iter().map(String::as_str);
        let said = linked.chain(self.said(AUTHORS)).filter(|text| !is_address(text));
        if let Some(author) = said.filter_map(byline).next() {
            return Some(author);
        }
        let shown = self.shown("[rel=author], [itemprop=author]");
        shown.iter().filter(|text| text.len() <= 120).filter_map(|text| byline(text)).next()
    }

    fn canonical_url(&self) -> Option<Address> {
        let links = self.document.select("link[rel=canonical]");
        let link = links.nodes().iter().filter_map(|link| link.attr("href")).map(String::from);
        let said = self.said(&["og:url"]).map(str::to_owned);
        link.chain(said)
            .chain(self.linked.url.clone())
            .find_map(|url| Address::new(url.trim()).ok())
    }

    fn language(&self) -> Option<Language> {
        let root = self.document.select("html[lang]");
        let root = root.nodes().iter().filter_map(|root| root.attr("lang")).map(String::from);
        let said = self.said(LANGUAGES).map(str::to_owned);
        let tags = root.chain(self.linked.language.clone()).chain(said);
        tags.map(|tag| tag.trim().parse()).find_map(Result::ok)
    }

    fn published(&self) -> Option<Moment> {
        let selector = "time[itemprop=datePublished], time[pubdate]";
        let said = self.moment(&self.linked.published, PUBLISHED, selector);
        said.or_else(|| {
            // If `<time>` is all that a page has, it is used only when the article contains exactly
            // one.
            let times = self.document.select("article time[datetime]");
            let mut times = times.nodes().iter().filter_map(|time| time.attr("datetime"));
            let only = times.next()?;
            times.all(|time| time == only).then(|| date(&only)).flatten().map(metadata)
        })
    }

    fn moment(&self, linked: &Option<String>, names: &[&str], selector: &str) -> Option<Moment> {
        let times = self.document.select(selector);
        let times = times.nodes().iter().filter_map(|time| time.attr("datetime")).map(String::from);
        let said = linked.clone().into_iter().chain(self.said(names).map(str::to_owned));
        said.chain(times).find_map(|text| date(&text)).map(metadata)
    }
}

fn metadata(at: crate::domain::moment::Date) -> Moment {
    Moment { at, basis: Basis::Metadata }
}

/// A text as a name, with spaces collapsed as a browser does.
fn name(text: &str) -> Option<Name> {
    let words: Vec<&str> = text.split_whitespace().take(300).collect();
    Name::new(&words.join(" ")).ok()
}

/// A text as a title, with spaces collapsed in the same way.
fn title_of(text: &str) -> Option<Title> {
    let words: Vec<&str> = text.split_whitespace().take(2000).collect();
    Title::new(&words.join(" ")).ok()
}

/// An author's name without the leading word, such as "By".
fn byline(text: &str) -> Option<Name> {
    let text = text.trim();
    let by = text.get(..3).filter(|by| by.eq_ignore_ascii_case("by "));
    name(by.map_or(text, |by| &text[by.len()..]))
}

fn is_address(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("http://") || text.starts_with("https://") || text.starts_with('/')
}

/// Whether a title consists of the heading, a separator and something else.
fn continues(title: &str, heading: &str) -> bool {
    title.strip_prefix(heading).is_some_and(|rest| rest.trim_start().starts_with(SEPARATORS))
}

/// A title without the site's name at its end.
fn without_site(title: Title, publisher: Option<&Name>) -> Title {
    let short = publisher.and_then(|publisher| {
        let at = title.as_str().len().checked_sub(publisher.as_str().len())?;
        let (rest, end) = (title.as_str().get(..at)?, title.as_str().get(at..)?);
        let rest = rest.trim_end();
        (end.eq_ignore_ascii_case(publisher.as_str()) && rest.ends_with(SEPARATORS))
            .then(|| title_of(rest.trim_end_matches(SEPARATORS)))
            .flatten()
    });
    short.unwrap_or(title)
}
