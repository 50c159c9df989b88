//! docs/format.md held to the program: every table of the page, line by line.
//!
//! The page is read as a stranger would read it, and each of its promises is tried on the frozen
//! events: fields in their order, defaults, types, limits, tags. That the trying can fail is itself
//! tried, on pages with one line changed.

use crate::page::checker::Checker;
use crate::page::samples::{samples, text};
use crate::page::tables::Page;
use testimony::digest::EntryHash;
use testimony::event::{DecodeError, Event, Kind, request_identity};
use testimony::id::Slug;
use testimony::seal::{Entry, EntryError, entry_hash};
use testimony::tree::checkpoint::{self, key::Rotation};

/// The first complaint of a page that differs from ours, where there is one.
fn complaint(text: &str, base: &Page, samples: &[serde_json::Value]) -> Option<String> {
    match Page::read(text) {
        Ok(page) => Checker::new(&page, samples, Some(base)).first(),
        Err(complaint) => Some(complaint),
    }
}

#[test]
fn every_table_of_the_page_is_what_the_program_does() {
    let page = Page::read(&text()).unwrap();
    let complaints = Checker::new(&page, &samples(), None).complaints();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// The pages that differ from ours in one line of a table, each with what was changed.
fn changed_pages(text: &str) -> Vec<(String, String)> {
    let mut changed = Vec::new();
    let (mut before, mut in_store) = (0, false);
    for line in text.split_inclusive('\n') {
        let after = before + line.len();
        in_store |= line.starts_with("## ") && before > 0 && line.contains("The store");
        let mut with = |new: &str| {
            let page = format!("{}{new}{}", &text[..before], &text[after..]);
            changed.push((format!("{} -> {}", line.trim(), new.trim()), page));
        };
        let cells: Vec<&str> = line.trim().trim_matches('|').split(" | ").map(str::trim).collect();
        if let ([field, value, default], true, false) =
            (cells.as_slice(), line.starts_with("| `"), in_store)
        {
            with("");
            with(&line.replacen('`', "`x", 1));
            let other = if *default == "none given" { "absent" } else { "none given" };
            with(&format!("| {field} | {value} | {other} |\n"));
            if let Some((tags, last)) = value.rsplit_once(", `") {
                with(&format!("| {field} | {tags} | {default} |\n"));
                with(&format!("| {field} | {value}, `other` | {default} |\n"));
                let _ = last;
            }
            if value.ends_with(", one or more") {
                with(&line.replace(", one or more", ""));
            } else if value.starts_with('[') {
                with(&line.replace("] |", "], one or more |"));
            }
            let other = if value.contains("NAME") { "ID" } else { "NAME" };
            if *value != "`true`" && !value.starts_with("an object") {
                with(&format!("| {field} | {other} | {default} |\n"));
            }
        }
        before = after;
    }
    changed
}

#[test]
fn a_changed_line_of_a_table_is_complained_of() {
    let (text, samples) = (text(), samples());
    let base = Page::read(&text).unwrap();
    let changed = changed_pages(&text);
    assert!(changed.len() > 500, "{}", changed.len());
    for (change, page) in changed {
        assert!(complaint(&page, &base, &samples).is_some(), "nobody complains of {change}");
    }
}

#[test]
fn a_changed_limit_is_complained_of() {
    let (text, samples) = (text(), samples());
    let base = Page::read(&text).unwrap();
    assert_eq!(complaint(&text, &base, &samples), None);
    for (limit, others) in [
        ("of 1 to 300 characters", ["of 1 to 299 characters", "of 1 to 301 characters"]),
        ("of 1 to 2,000 characters", ["of 1 to 1,999 characters", "of 1 to 2,001 characters"]),
        ("a string of 1 to 120 characters", ["a string of 1 to 121 characters", "of 0 characters"]),
        ("of 1 to 8,192 characters", ["of 1 to 8,192 bytes", "of 1 to 8,193 characters"]),
        (
            "of 1 to 64 characters that",
            ["of 1 to 63 characters that", "of 1 to 65 characters that"],
        ),
        ("of at most 2,048 bytes", ["of at most 2,048 characters", "of at most 2,049 bytes"]),
        ("of 1 to 120 bytes", ["of 1 to 120 characters", "of 1 to 121 bytes"]),
        ("at most 35 letters", ["at most 34 letters", "at most 36 letters"]),
        ("of 1 to 64 visible", ["of 1 to 63 visible", "of 1 to 65 visible"]),
        (
            "at most 64 characters: an optional",
            ["at most 63 characters:", "at most 65 characters:"],
        ),
        (
            "JSON number of at most 9007199254740991",
            ["number of at most 9007199254740990", "of at most 9007199254740992"],
        ),
        ("| HASH | 64 ", ["| HASH | 62 ", "| HASH | 66 "]),
        ("padding, 88 characters", ["padding, 84 characters", "padding, 92 characters"]),
        (
            "fraction of 1 to 6\ndigits",
            ["fraction of 1 to 5\ndigits", "fraction of 1 to 7\ndigits"],
        ),
        ("at most 23:59", ["at most 14:00", "at most 24:00"]),
        ("0 to 100:", ["0 to 99:", "0 to 101:"]),
        ("`status` is 100 to 599", ["`status` is 101 to 599", "`status` is 100 to 600"]),
        ("are up to 32 code points", ["are up to 31 code points", "are up to 33 code points"]),
        ("A RESPECT is `measure`,", ["A RESPECT is", "A RESPECT is `measure`, `mood`,"]),
        (
            "`source` SOURCE or `event` ID",
            ["`event` ID", "`source` SOURCE, `topic` TOPIC or `event` ID"],
        ),
    ] {
        assert!(text.contains(limit), "the page no longer says `{limit}`");
        for other in others {
            let page = text.replacen(limit, other, 1);
            assert!(complaint(&page, &base, &samples).is_some(), "nobody complains of `{other}`");
        }
    }
}

/// The number that stands in the page between these words.
#[track_caller]
fn stated(before: &str, after: &str) -> usize {
    let text = text();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let at = flat.find(before).unwrap_or_else(|| panic!("the page does not say `{before}`"));
    let (number, _) = flat[at + before.len()..].split_once(after).unwrap();
    number.trim().replace(',', "").parse().unwrap_or_else(|_| panic!("no number: {number}"))
}

#[test]
fn an_event_is_as_long_as_the_page_says_and_no_longer() {
    let most = stated("An event is one JSON object of at most", "bytes");
    let mut event = samples()[3].clone();
    let length = |event: &serde_json::Value| serde_json::to_vec(event).unwrap().len();
    event["event"]["document_captured"]["metadata"] =
        serde_json::json!({"notices": vec!["x".repeat(8000); 8]});
    let missing = most - length(&event);
    event["event"]["document_captured"]["metadata"]["notices"][0] = "é".repeat(4000).into();
    assert_eq!(most - length(&event), missing, "bytes are counted, not characters");
    event["event"]["document_captured"]["media_type"] = serde_json::Value::Null;
    let fill = |more: usize| {
        let mut event = event.clone();
        let captured = event["event"]["document_captured"].as_object_mut().unwrap();
        captured.remove("media_type");
        let notices = captured["metadata"]["notices"].as_array_mut().unwrap();
        let mut left = missing + more;
        for notice in notices.iter_mut().skip(1) {
            let added = left.min(192);
            *notice = "x".repeat(8000 + added).into();
            left -= added;
        }
        assert_eq!(left, 0);
        serde_json::to_vec(&event).unwrap()
    };
    assert_eq!(fill(0).len(), most);
    assert!(Event::decode(&fill(0)).is_ok());
    assert!(
        matches!(Event::decode(&fill(1)), Err(DecodeError::TooLarge(found)) if found == most + 1)
    );
}

#[test]
fn an_entry_is_spelt_as_the_page_says() {
    let most = stated("Together they are at most", "bytes");
    assert_eq!(Entry::decode(&vec![b'x'; most + 1]), Err(EntryError::TooLong(most + 1)));
    assert!(matches!(Entry::decode(&vec![b'x'; most]), Err(EntryError::Field(_))));
    let largest = stated("decimal digits without leading zeros, at most", "(2^53") as u64;
    let entry = |seq: u64, at: &str, count: u8| {
        let json = format!(r#"{{"seq":{seq},"prev":"{}","at":"{at}"}}"#, EntryHash::ZERO);
        let offset = u32::try_from(json.len()).unwrap().to_be_bytes();
        [json.as_bytes(), &[7; 32], &offset, &[count]].concat()
    };
    let at = "2026-11-24T21:14:56.123456Z";
    let read = Entry::decode(&entry(largest, at, 1)).unwrap();
    assert_eq!((read.seq.get(), read.encode()), (largest, entry(largest, at, 1)));
    assert!(Entry::decode(&entry(largest + 1, at, 1)).is_err());
    for count in [0, 2, 255] {
        assert_eq!(Entry::decode(&entry(1, at, count)), Err(EntryError::Field("index")));
    }
    for (at, sound) in [
        ("1970-01-01T00:00:00.000000Z", true),
        ("9999-12-31T23:59:59.999999Z", true),
        ("1969-12-31T23:59:59.999999Z", false),
        ("2026-11-24T21:14:56.123456+00:00", false),
        ("2026-11-24T21:14:56.12345Z", false),
        ("2026-11-24T21:14:56Z", false),
    ] {
        assert_eq!(Entry::decode(&entry(1, at, 1)).is_ok(), sound, "{at}");
    }
    let twelve = entry(12, at, 1);
    let mut zeros = twelve.clone();
    zeros[7] = b'0';
    assert_eq!(Entry::decode(&zeros), Err(EntryError::Field("seq")));
}

/// BLAKE3 derive_key in hexadecimal, by the context on the page that ends in `name`.
#[track_caller]
fn derived(name: &str, material: &[u8]) -> String {
    let text = text();
    let context = text.split('`').find(|quoted| {
        quoted.starts_with("testimony 2026-11 v") && quoted.ends_with(&format!(" {name}"))
    });
    let context = context.unwrap_or_else(|| panic!("the page has no context of a {name}"));
    blake3::Hash::from_bytes(blake3::derive_key(context, material)).to_hex().to_string()
}

#[test]
fn every_context_on_the_page_is_the_programs() {
    assert_eq!(derived("entry chain", b"{}"), entry_hash(b"{}").to_string());
    let claim = crate::golden::values::full_assertion().claim;
    let json = serde_json::to_vec(&claim).unwrap();
    assert_eq!(derived("claim", &json), claim.hash().to_string());
    let by = "Ana".parse().map(testimony::event::Recorder::person).unwrap();
    let fields = br#"[{"person":"Ana"},"r/1"]"#;
    let request = request_identity(&by, &"r/1".parse().unwrap());
    assert_eq!(derived("request identity", fields), request.to_string());
    // The identities of documents and assertions are held to the page by its worked example.
    let known = ["entry chain", "claim", "request identity", "long name", "log block"];
    let known = known.into_iter().chain(["document identity", "assertion identity"]);
    let known: Vec<&str> = known.collect();
    let text = text();
    let page = text.split('`').filter(|quoted| quoted.starts_with("testimony 2026-11 v"));
    for context in page {
        let name = context.splitn(4, ' ').nth(3).unwrap();
        assert!(known.contains(&name), "`{context}` is held to nothing");
    }
}

#[test]
fn a_long_name_is_cut_where_the_page_says() {
    let longest = stated("a name that folds to more than", "characters");
    let kept = stated("is made of the first", "of the fold");
    let hash_digits = stated("then the first", "hexadecimal digits");
    let name = |letters: usize| Slug::from_name(&"É".repeat(letters)).unwrap().to_string();
    assert_eq!(name(longest), "é".repeat(longest));
    let hash = derived("long name", "é".repeat(longest + 1).as_bytes());
    let cut = format!("{}-{}", "é".repeat(kept), &hash[..hash_digits]);
    assert_eq!(name(longest + 1), cut);
    assert_eq!(cut.chars().count(), longest);
}

#[test]
fn a_rotation_is_endorsed_over_the_lines_on_the_page() {
    let text = text();
    let lines = text.split("```text\n").find(|block| block.contains(" key rotation\n")).unwrap();
    let lines = lines.split("```").next().unwrap();
    let filled = lines.replace("<log name>", "example.org/l").replace("<seq>", "24");
    let filled = filled.replace("<key>", "example.org/l+00000000+k");
    let rotation = Rotation {
        log: "example.org/l",
        at: testimony::id::Sequence::new(24).unwrap(),
        key: "example.org/l+00000000+k",
        next: None,
    };
    assert_eq!(rotation.message(), filled.replace("<next_key>", ""));
}

#[test]
fn a_checkpoint_is_as_long_as_the_page_says_and_no_longer() {
    let most = stated("The file is at most", "KiB") * 1024;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    std::fs::write(&path, vec![b'x'; most]).unwrap();
    assert!(checkpoint::read(&path).is_ok());
    std::fs::write(&path, vec![b'x'; most + 1]).unwrap();
    assert!(checkpoint::read(&path).is_err());
}

#[test]
fn the_kinds_of_the_page_are_the_programs_in_its_order() {
    let page = text();
    let page = Page::read(&page).unwrap();
    let tags: Vec<&str> = Kind::ALL.iter().map(|kind| kind.tag()).collect();
    assert_eq!(page.kinds(), tags);
    let erasable = text();
    let row = erasable.lines().find(|line| line.starts_with("| event | what happened")).unwrap();
    for kind in Kind::ALL {
        let named = row.contains(&format!("`{}`", kind.tag()));
        assert_eq!(kind.erasable(), !named, "{}", kind.tag());
        let withdrawn = erasable.split("`event_withdrawn`, of an").nth(1).unwrap();
        let withdrawn = withdrawn.split("that no longer holds").next().unwrap();
        let named = withdrawn.contains(&format!("`{}`", kind.tag()));
        assert_eq!(kind.withdrawable(), named, "{}", kind.tag());
    }
}
