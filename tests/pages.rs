//! Pages as outlets serve them: what is read of each stays as it was, letter for letter.
//!
//! Beside each page of tests/pages stands what is read of it. Where the same bytes give another
//! text, the reader's version must rise; `TESTIMONY_PAGES=overwrite cargo test --test main --
//! pages::` then rewrites the readings.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::hostile::pages::{HOSTILE, hostile};
use crate::support::gold;
use crate::support::program::Desk;
use testimony::page::{self, Format, Page, ReadPageError};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages")
}

fn read(bytes: &[u8]) -> Result<Page, ReadPageError> {
    page::read(bytes, Format::Html)
}

/// All that is read of a page, as text.
fn reading(page: &Page) -> String {
    let imprint = &page.imprint;
    let mut out = format!("reader: {} {}\n", page.reader.name, page.reader.version);
    let mut line = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            writeln!(out, "{key}: {value}").unwrap();
        }
    };
    line("title", imprint.title.as_ref().map(ToString::to_string));
    line("publisher", imprint.publisher.as_ref().map(ToString::to_string));
    line("author", imprint.authors.first().map(ToString::to_string));
    line("canonical", imprint.canonical_url.as_ref().map(ToString::to_string));
    line("language", imprint.language.as_ref().map(ToString::to_string));
    line("published", imprint.published.as_ref().map(ToString::to_string));
    line("modified", imprint.modified.as_ref().map(ToString::to_string));
    for notice in page::notices(&page.text) {
        let (start, end) = (notice.span.start, notice.span.end);
        line("notice", Some(format!("{} {start}..{end}", notice.kind)));
    }
    for span in page::furniture(&page.text) {
        line("furniture", Some(format!("{}..{}", span.start, span.end)));
    }
    format!("{out}\n{}\n", page.text)
}

#[test]
fn pages_of_every_kind_are_read_as_they_were() {
    let overwrite = std::env::var_os("TESTIMONY_PAGES").is_some_and(|mode| mode == "overwrite");
    let mut seen = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "html") {
            continue;
        }
        let page = read(&fs::read(&path).unwrap()).unwrap();
        let (found, kept) = (reading(&page), path.with_extension("txt"));
        if overwrite {
            fs::write(&kept, &found).unwrap();
        }
        assert_eq!(found, fs::read_to_string(&kept).unwrap(), "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 6);
}

#[test]
fn capture_takes_html_and_says_what_the_page_says_of_itself() {
    let desk = Desk::new();
    let file = |name: &str| folder().join(name).display().to_string();
    let out = desk.run(&["capture", &file("wordpress.html"), &file("windows-1252.html")]).clean();
    for line in [
        "captured #2 “New ferry carries 12,000 in its first week”\n",
        "  modified after publication: 2026-03-03T10:40:12Z (metadata)\n",
        "  correction: “Correction: An earlier version of this article gave",
        "“Le bac de l'île remis à flot”\n  read as windows-1252\n",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
    let shown = desk.run(&["show", "#2"]).clean();
    assert!(shown.contains("Island Gazette") && shown.contains("html 1"), "{shown}");
    let given = ["capture", &file("agency.html"), "--title", "Storm", "--publisher", "Gazette"];
    assert!(desk.run(&given).clean().contains("“Storm”\n"));
    desk.run(&["audit"]).clean();
}

#[test]
fn what_a_page_says_of_itself_is_recorded_with_it() {
    let desk = Desk::new();
    let correction = "Correction: the fare is 14 crowns, not 12.";
    let amended = "This article was amended on 3 March 2026 to give the fare.";
    let body = "Ana said that the ferry had sailed. Ben said that it had not.";
    let html = desk.file(
        "fare.html",
        format!("<html><title>Fare</title><p>{body}<p>{correction}<p>{amended}</html>").as_bytes(),
    );
    let markdown =
        desk.file("fare.md", format!("# Fares\n\n{body}\n\n*{correction}*\n").as_bytes());
    let plain = desk.file("fare.txt", format!("{body}\n\n{amended}\n").as_bytes());
    let none = desk.file("none.txt", b"Corrections officers said that they had not been paid.");
    let gazette = ["--publisher", "Gazette"];
    desk.run(&[&["capture", &html, &markdown][..], &gazette].concat()).clean();
    desk.run(&[&["ingest", &plain, &none, "--record"][..], &gazette].concat()).clean();
    let listed = desk.run(&["--json", "list", "documents"]).clean();
    let documents: Vec<serde_json::Value> =
        listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| documents.iter().find(|one| one["file_name"] == name).unwrap();
    for (file, media_type, notices) in [
        ("fare.html", "text/html", &[correction, amended][..]),
        ("fare.md", "text/markdown", &[correction]),
        ("fare.txt", "text/plain", &[amended]),
        ("none.txt", "text/plain", &[]),
    ] {
        let document = of(file);
        assert_eq!(document["media_type"], media_type, "{file}");
        let said = document["metadata"]["notices"].as_array().cloned().unwrap_or_default();
        assert_eq!(said, notices, "{file}");
        let number = format!("#{}", document["document"]);
        let shown = desk.run(&["show", &number]).clean();
        assert!(shown.contains(&format!("  type      {media_type}\n")), "{shown}");
        let lines: Vec<&str> =
            shown.lines().filter_map(|line| line.strip_prefix("  notice    ")).collect();
        let expected: Vec<String> = notices.iter().map(|notice| format!("“{notice}”")).collect();
        assert_eq!(lines, expected, "{shown}");
    }
    desk.run(&["audit"]).clean();
}

#[test]
fn a_page_that_is_nothing_but_notices_is_captured_with_the_first_of_them() {
    let desk = Desk::new();
    let long = format!("Update: {}\u{1}𝄞", "𝄞\"".repeat(4000));
    let file = desk.file("log.txt", format!("{long}\n\n").repeat(500).as_bytes());
    desk.run(&["capture", &file]).clean();
    let shown: serde_json::Value =
        serde_json::from_str(&desk.run(&["--json", "show", "#1"]).clean()).unwrap();
    let notices = shown["metadata"]["notices"].as_array().unwrap();
    assert_eq!(notices.len(), 20);
    for notice in notices {
        let notice = notice.as_str().unwrap();
        let words = notice.strip_suffix('…').unwrap();
        assert!(long.starts_with(words) && words.chars().count() == 499, "{notice}");
    }
    desk.run(&["audit"]).clean();
}

#[test]
fn html_without_an_article_is_read_from_top_to_bottom() {
    let page = read(b"<title>T</title><p>One.<p>Two<br>lines<ul><li>a<li>b</ul>tail").unwrap();
    assert_eq!(page.text, "One.\n\nTwo\nlines\n\na\nb\n\ntail");
    let none = read(b"<title>T</title><script>x()</script><nav>Menu</nav>");
    assert_eq!(none, Err(ReadPageError::Blank));
}

#[test]
fn words_are_kept_as_a_browser_shows_them() {
    let text = |html: &str| read(html.as_bytes()).unwrap().text;
    assert_eq!(text("<p>a&nbsp;b so&shy;ft &lt;c&gt; 1 < 2 &amp;amp; \u{202e}x\u{200b}"), {
        "a b soft <c> 1 < 2 &amp; \u{202e}x\u{200b}"
    });
    assert_eq!(
        text("<p>12<sup>th</sup> <b>bo</b>ld  <i> it</i>\n<q>said</q>"),
        "12th bold it “said”"
    );
    assert_eq!(text("<p>It costs <s>12</s> <del>13</del> 14.<script>no</script>"), "It costs 14.");
    assert_eq!(text("<p>a<!-- b --><!-->c<!--->d<!-- e --!>f</p>"), "acdf");
    assert_eq!(text("<table><tr><td>a<td>b<tr><td>c<td>d</table>"), "a\tb\nc\td");
    assert_eq!(text("<pre>a\n  b</pre>"), "a\nb");
}

#[test]
fn hostile_pages_are_read_or_refused() {
    for one in HOSTILE {
        // Twice what is weighed at most, where it is elements.
        let page = hostile(*one, 40_000);
        let outcome = read(&page);
        assert!(outcome.is_ok() || outcome == Err(ReadPageError::Blank), "{one:?}: {outcome:?}");
    }
    let attributes: String = (0..10_000).map(|number| format!("a{number}=b ")).collect();
    assert_eq!(read(format!("<p {attributes}>x").as_bytes()).unwrap().text, "x");
    let deep = "<div>".repeat(100_000) + "deep";
    assert_eq!(read(deep.as_bytes()).unwrap().text, "deep");
}

#[test]
fn a_page_of_too_many_elements_is_refused_in_one_line() {
    let refusal = read("<br>".repeat(1_000_001).as_bytes()).unwrap_err().to_string();
    assert!(refusal.contains("1000001 elements") && !refusal.contains('\n'), "{refusal}");
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn the_real_page_is_split_into_its_articles() {
    let folder = gold::folder();
    let bytes = fs::read(folder.join("daily8-page.txt")).unwrap();
    let told = fs::read_to_string(folder.join("articles.json")).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let page = page::read(&bytes, Format::Plain).unwrap();
    let parts = page.parts(None).unwrap();
    let string = |name: Option<String>| name.map_or(serde_json::Value::Null, Into::into);
    assert_eq!(parts.len(), told.as_array().unwrap().len());
    for ((part, article), told) in parts.iter().zip(told.as_array().unwrap()) {
        let imprint = &article.imprint;
        assert_eq!(string(imprint.title.as_ref().map(ToString::to_string)), told["title"]);
        assert_eq!(string(imprint.publisher.as_ref().map(ToString::to_string)), told["publisher"]);
        assert_eq!(string(imprint.credit.as_ref().map(ToString::to_string)), told["credit"]);
        let text = fs::read_to_string(folder.join(told["file"].as_str().unwrap())).unwrap();
        assert_eq!(article.text.trim(), text.trim(), "{}", told["file"]);
        assert_eq!(part.age.is_some(), !told["publisher"].is_null());
    }
}
