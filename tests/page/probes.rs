//! What a type of the page takes and refuses: values on both sides of each limit that the page gives.
//!
//! Knows how the page words a limit. Must not know the program's own limits.

use serde_json::{Value as Json, json};

use super::tables::Page;

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Probes {
    pub(crate) accepted: Vec<Json>,
    pub(crate) refused: Vec<Json>,
}

/// The first number behind these words.
fn number(text: &str, before: &str) -> Result<usize, String> {
    let behind = text.split_once(before).map(|(_, behind)| behind);
    let digits: String = behind
        .unwrap_or_default()
        .trim_start()
        .chars()
        .take_while(|letter| letter.is_ascii_digit() || *letter == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().map_err(|_| format!("no number behind `{before}` in `{text}`"))
}

/// Probes of a string with a length: letters of two bytes, so that bytes and characters differ.
fn lengths(text: &str, opening: &str, before: &str) -> Result<Probes, String> {
    let most = number(text, before)?;
    let counts_bytes = text.contains(&format!("{} bytes", spelt(text, before)));
    let filled = |length: usize| -> Json {
        let left = length.saturating_sub(opening.len());
        let (pairs, rest) = if counts_bytes { (left / 2, left % 2) } else { (left, 0) };
        format!("{opening}{}{}", "é".repeat(pairs), "e".repeat(rest)).into()
    };
    Ok(Probes {
        accepted: vec![filled(most), format!("{opening}e").into()],
        refused: vec![filled(most + 1), "".into(), 1.into(), true.into()],
    })
}

/// The number behind these words as the page spells it.
fn spelt<'a>(text: &'a str, before: &str) -> &'a str {
    let behind = text.split_once(before).map_or("", |(_, behind)| behind).trim_start();
    behind.split(' ').next().unwrap_or_default()
}

fn strings(accepted: &[&str], refused: &[&str]) -> Probes {
    let all = |texts: &[&str]| texts.iter().map(|text| Json::from(*text)).collect();
    Probes { accepted: all(accepted), refused: all(refused) }
}

impl Probes {
    fn and(mut self, accepted: &[&str], refused: &[&str]) -> Self {
        let more = strings(accepted, refused);
        self.accepted.extend(more.accepted);
        self.refused.extend(more.refused);
        self
    }
}

/// The probes of a type, in a field of an object.
pub(crate) fn of(page: &Page, name: &str, object: &str, field: &str) -> Result<Probes, String> {
    let is = page.value(name).unwrap_or_default();
    let line = |probes: Probes| probes.and(&["a b"], &[" e", "e ", "e\n", "a\u{1b}b", "\u{a0}e"]);
    Ok(match name {
        "NAME" | "TITLE" => line(lengths(&limit(page, name)?, "", "1 to")?),
        "UNIT" => line(lengths(is, "", "1 to")?),
        "TEXT" => lengths(is, "", "1 to")?.and(&["two\nlines", " e "], &[" ", "\n\t"]),
        "SLUG" | "TOPIC" => slug(page)?,
        "SOURCE" => slug(page)?
            .and(&["critics@12", "critics@0"], &["critics@012", "critics@", "@1", "critics@#1"]),
        "ID" => whole(number(is, "at most")? as u64, 0),
        "HASH" => {
            let digits = number(is, "")?;
            strings(
                &[&"a".repeat(digits)],
                &[
                    &"a".repeat(digits + 1),
                    &"a".repeat(digits - 1),
                    &"A".repeat(digits),
                    &"g".repeat(digits),
                ],
            )
        }
        "TIMESTAMP" => strings(
            &["1970-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"],
            &[
                "1969-12-31T23:59:59.999999Z",
                "2026-11-24T21:14:56Z",
                "2026-11-24T21:14:56.123456+00:00",
                "2026-11-24",
            ],
        ),
        "ADDRESS" => lengths(is, "https://", "at most")?.and(
            &["http://e"],
            &["https://", "http://", "ftp://e", "https://e e", "https://e\u{7f}", "example.org"],
        ),
        "LOG NAME" => lengths(is, "", "1 to")?.and(&[], &["a b", "a+b", "a\u{7}b"]),
        "LANGUAGE" => language(number(is, "at most")?),
        "REQUEST" => {
            let most = number(is, "1 to")?;
            strings(
                &[&"!".repeat(most), &"~".repeat(most)],
                &[&"!".repeat(most + 1), "", "a b", "é", "\u{7f}"],
            )
        }
        "SIGNATURE" => signature(number(is, "padding,")?),
        "AMOUNT" => amount(page, field)?,
        "DATE" => date(page)?,
        "STRING" | "NUMBER" => sized(page, object, field)?,
        other => {
            return Err(format!(
                "{object}: `{field}` is a {other}, which the page does not explain"
            ));
        }
    })
}

/// What the page says of NAME, of which TITLE is one "likewise".
fn limit(page: &Page, name: &str) -> Result<String, String> {
    page.value(name).map(str::to_owned).ok_or_else(|| format!("the page has no {name}"))
}

fn slug(page: &Page) -> Result<Probes, String> {
    let probes = lengths(&limit(page, "SLUG")?, "", "1 to")?;
    Ok(probes.and(&["a-b_c.d", "роскомнадзор"], &["A", "a b", "-a", "a-", "a--b", "a'b", "ﬁ"]))
}

fn whole(most: u64, least: u64) -> Probes {
    let refused = [json!(most + 1), json!(-1), json!("1"), json!(1.5)];
    let below = least.checked_sub(1).map(Json::from);
    Probes {
        accepted: vec![most.into(), least.into()],
        refused: refused.into_iter().chain(below).collect(),
    }
}

fn language(most: usize) -> Probes {
    let tag = |length: usize| {
        let mut tag = String::from("en");
        while tag.len() < length {
            let part = (length - tag.len() - 1).clamp(1, 8);
            tag = format!("{tag}-{}", "abcdefgh".split_at(part).0);
        }
        tag
    };
    strings(
        &[&tag(most), "pt-BR", "zh-Hant-TW", "en-x-us", "de-CH-1996", "es-419", "de-1a"],
        &[
            &tag(most + 1),
            "EN",
            "pt-br",
            "zh-hant",
            "zh_Hant",
            "e",
            "",
            "en-",
            "en-x-US",
            "12",
            "abcdefghi",
        ],
    )
    .without("de-1a")
}

impl Probes {
    /// A tag whose part of two has a digit has it in upper case.
    fn without(mut self, wrong: &str) -> Self {
        self.accepted.retain(|value| value != wrong);
        self.accepted.push("de-1A".into());
        self.refused.push(wrong.into());
        self
    }
}

fn signature(characters: usize) -> Probes {
    let signed = |length: usize| format!("{}w==", "A".repeat(length.saturating_sub(3)));
    let bits = format!("{}x==", "A".repeat(characters.saturating_sub(3)));
    let bare = "A".repeat(characters);
    strings(
        &[&signed(characters)],
        &[&signed(characters + 4), &signed(characters - 4), &bits, &bare],
    )
}

fn amount(page: &Page, field: &str) -> Result<Probes, String> {
    let most = number(&page.prose, "**AMOUNT**, a string of at most")?;
    let (longest, longer) = ("9".repeat(most), "9".repeat(most + 1));
    let wrong = [
        &longer, "", "01", "-0", "-0.0", "1e3", "+1", "1.", ".5", "1/1", "1/0", "01/3", "1/03",
        "1.5/3", "-0/3", "1,000", "١",
    ];
    // The upper end of a range has to be above the lower.
    let right: &[&str] = if field == "to" {
        &[&longest]
    } else {
        &[&longest, "0", "0.0", "70.0", "-11.8", "1/3", "-1/3", "7/2", "0/2"]
    };
    let mut probes = strings(right, &wrong);
    probes.refused.extend([json!(1), json!(1.5)]);
    Ok(probes)
}

fn date(page: &Page) -> Result<Probes, String> {
    let places = number(&page.prose, "then with a fraction of 1 to")?;
    let (_, rest) = page.prose.split_once("(`+09:00`), at most ").unwrap_or_default();
    let most = rest.get(..5).ok_or("the page no longer says how far a clock may be ahead")?;
    let next = match most
        .split_once(':')
        .and_then(|(h, m)| Some((h.parse::<u8>().ok()?, m.parse::<u8>().ok()?)))
    {
        Some((hours, 59)) => format!("{:02}:00", hours + 1),
        Some((hours, minutes)) => format!("{hours:02}:{:02}", minutes + 1),
        None => return Err(format!("no offset: {most}")),
    };
    let time = |end: &str| format!("2025-08-14T09:30{end}");
    let fraction = |places: usize| time(&format!(":00.{}", "5".repeat(places)));
    let accepted = [
        "2025",
        "0001",
        "9999",
        "2025-08",
        "2025-08-14",
        "2024-02-29",
        &time(""),
        &time(":00"),
        &fraction(1),
        &fraction(places),
        &time("Z"),
        &time(":00.25Z"),
        &time("+09:00"),
        &time(&format!("+{most}")),
        &time(&format!("-{most}")),
    ];
    let refused = [
        "0000",
        "10000",
        "25",
        "2025-13",
        "2025-8",
        "2025-02-29",
        "2025-08-14T24:00",
        "2025-08-14 09:30",
        &fraction(0),
        &fraction(places + 1),
        &time("+00:00"),
        &time("-00:00"),
        &time("z"),
        &time(&format!("+{next}")),
        &time(&format!("-{next}")),
        &time("+09"),
        &time("+0900"),
        &time(".5"),
        &time(":60"),
        "2025-08Z",
        "",
    ];
    Ok(strings(&accepted, &refused))
}

/// Strings and numbers whose limits stand in a sentence beside their table.
fn sized(page: &Page, object: &str, field: &str) -> Result<Probes, String> {
    let prose = &page.prose;
    Ok(match (object, field) {
        ("text" | "page", "prefix" | "suffix") => {
            let most = number(prose, "`prefix` and `suffix` are up to")?;
            Probes {
                accepted: vec!["é".repeat(most).into(), " ".into()],
                refused: vec!["é".repeat(most + 1).into(), 1.into()],
            }
        }
        // What selects, and where, is held against each other: a string of another length, or a
        // number that is another, is refused.
        ("text" | "page", "exact") => strings(&[], &["", "another length than it has, by far"]),
        ("text" | "page", "start" | "end") => {
            Probes { accepted: vec![], refused: vec![json!(-1), json!("0"), json!(1u64 << 32)] }
        }
        ("page", "page") => whole(u64::from(u32::MAX), 1),
        ("EXTRACTOR", "confidence") => {
            whole(number(prose, "its confidence in whole percent, 0 to")? as u64, 0)
        }
        ("FETCHED", "status") => {
            let least = number(prose, "`status` is")?;
            let (_, rest) = prose.split_once("`status` is ").unwrap_or_default();
            whole(number(rest, "to")? as u64, least as u64)
        }
        ("ledger_opened", "format") => {
            Probes { accepted: vec![json!(1)], refused: vec![json!("1"), json!(-1)] }
        }
        _ => return Err(format!("{object}: the page gives no limits of `{field}`")),
    })
}
