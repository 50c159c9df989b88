//! Which source a name means is decided by one rule wherever a source can be named: a slug is that
//! source, else its names are, folded; several are refused with all of them listed; and what is
//! confidential is as if it were not there. An argument with `#` is a number.

use crate::support::program::{Desk, Said};
use serde_json::{Value, json};

const TEXT: &str =
    "The quay will close in May, the office said. Ships wait. Prices rise by 2 percent.";

/// A ledger with a document, #1.
fn desk() -> Desk {
    Desk::with_document(TEXT)
}

fn name(desk: &Desk, slug: &str, name: &str, more: &[&str]) {
    desk.run(&[&["name", name, "--slug", slug, "--kind", "person"], more].concat()).clean();
}

/// With two who are called Jo Tander, one of them by an alias, and one who is called much like them.
fn two_tanders() -> Desk {
    let desk = desk();
    name(&desk, "jo-lund", "Jo Tander", &[]);
    name(&desk, "jo-malmo", "Johanna Tander", &["--alias", "JO  TANDER"]);
    name(&desk, "jo-tander-junior", "Jo Tander Junior", &[]);
    desk
}

const BOTH: &str =
    "“jo tander” could be jo-lund “Jo Tander” or jo-malmo “Johanna Tander”: give the slug";

fn record<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["record", "--document", "1", "--quote", "The quay will close in May"], more].concat()
}

/// The sources of the newest assertion, and whom it is against.
fn recorded(desk: &Desk) -> (Value, Value) {
    let newest = desk.run(&["list", "claims", "--json", "--limit", "1", "--confidential"]).json();
    let asserted = &newest[0]["asserted"];
    (asserted["hops"][0]["sources"].clone(), asserted["against"].clone())
}

/// Checks that a run is refused for several sources, to a person and to a program, and records
/// nothing.
#[track_caller]
fn is_ambiguous(desk: &Desk, arguments: &[&str]) {
    let before = (desk.entries(), desk.checkpoint());
    let said = desk.run(arguments);
    assert_eq!(said.refusal(), format!("testimony: {BOTH}"), "{arguments:?}");
    let error = desk.run(&[arguments, &["--json"]].concat()).refusal_json();
    assert_eq!((&error["kind"], &error["message"]), (&json!("ambiguous"), &json!(BOTH)));
    assert_eq!((desk.entries(), desk.checkpoint()), before, "{arguments:?}");
}

#[test]
fn several_are_refused_wherever_a_source_is_named() {
    let desk = two_tanders();
    let page = desk.file("other.txt", b"Another page.");
    let who = "jo tander";
    for arguments in [
        record(&["--source", who]),
        record(&["--source", who, "--source-kind", "person"]),
        record(&["--source", "jo-lund", "--against", who]),
        record(&["--source", "jo-lund", "--hop", "jo tander=told_to"]),
        vec!["show", who],
        vec!["list", "claims", "--source", who],
        vec!["list", "documents", "--source", who],
        vec!["diff", who, "#1"],
        vec!["diff", "#1", who],
        vec!["check", who, "--all", "right"],
        vec!["capture", &page, "--publisher", who],
        vec!["capture", &page, "--republisher", who],
        vec!["ingest", &page, "--publisher", who],
        vec!["name", "Ada Berg", "--kind", "person", "--speaks-for", who],
    ] {
        is_ambiguous(&desk, &arguments);
    }
    desk.audit();
}

#[test]
fn no_number_of_sources_makes_one_of_them_the_one() {
    let desk = desk();
    for number in 0..8 {
        name(&desk, &format!("jo-{number}"), "Jo Tander", &[]);
    }
    name(&desk, "jo-8", "Jo Tander", &[]);
    for arguments in [record(&["--source", "Jo Tander"]), vec!["show", "Jo Tander"]] {
        let said = desk.run(&arguments);
        let line = said.refusal();
        assert!(line.contains("could be jo-0 “Jo Tander”, jo-1 “Jo Tander”, "), "{line}");
        assert!(line.ends_with("jo-7 “Jo Tander”, or others: give the slug"), "{line}");
    }
    desk.audit();
}

#[test]
fn the_only_one_with_a_name_is_meant_whatever_its_case_and_none_that_is_merely_like_it() {
    let desk = desk();
    name(&desk, "jo-lund", "Jo Tander", &["--alias", "The O’Brien Office"]);
    name(&desk, "jo-tander-junior", "Jo Tander Junior", &[]);
    for text in ["jo-lund", "Jo Tander", "JO TANDER", "jo-tander", "the obrien office"] {
        desk.run(&record(&["--source", text, "--words", text])).clean();
        assert_eq!(recorded(&desk).0, json!(["jo-lund"]), "{text}");
        assert!(desk.run(&["show", text]).clean().starts_with("jo-lund Jo Tander"), "{text}");
        let listed = desk.run(&["list", "claims", "--source", text, "--json"]).json();
        assert_eq!(listed[0]["asserted"]["claim"]["words"], text);
    }
    let like = "jo-lund “Jo Tander” or jo-tander-junior “Jo Tander Junior”";
    for arguments in
        [record(&["--source", "Tander"]), record(&["--source", "jo-lund", "--against", "tander"])]
    {
        let said = desk.run(&arguments);
        assert!(said.refusal().contains(&format!("(there is {like})")), "{said:?}");
    }
    for (arguments, like) in [
        (&["list", "claims", "--source", "Tander"][..], like),
        (&["list", "sources", "--source", "junior"], "jo-tander-junior “Jo Tander Junior”"),
        (&["diff", "tander", "#1"], like),
        (&["show", "junior"], "jo-tander-junior “Jo Tander Junior”"),
    ] {
        let said = desk.run(arguments);
        let line = said.refusal();
        assert!(line.contains("nothing in this ledger matches"), "{line}");
        assert!(line.contains(&format!("(there is {like})")), "{line}");
    }
    // Words of assertions are no name: where they are a source's as well, neither is chosen.
    let said = desk.run(&["show", "Tander"]);
    assert!(said.refusal().contains(&format!("or the source {like}: give")), "{said:?}");
    desk.audit();
}

#[test]
fn sources_that_were_merged_are_the_one_that_is_left() {
    let desk = two_tanders();
    let merge = json!({"event": {"sources_merged": {"from": "jo-malmo", "into": "jo-lund", "why": "one person"}}});
    desk.record(&[merge.to_string()]).clean();
    let page = desk.file("other.txt", b"Another page.");
    desk.run(&record(&["--source", "jo tander", "--against", "JOHANNA TANDER"])).clean();
    assert_eq!(recorded(&desk), (json!(["jo-lund"]), json!(["jo-lund"])));
    assert!(desk.run(&["show", "Jo Tander"]).clean().starts_with("jo-lund "));
    assert!(desk.run(&["show", "Johanna Tander"]).clean().starts_with("jo-lund "));
    assert!(desk.run(&["show", "jo-malmo"]).clean().starts_with("jo-malmo "), "a slug is that one");
    let listed = desk.run(&["list", "claims", "--source", "Jo Tander"]).clean();
    assert!(listed.ends_with("1 assertion\n"), "{listed}");
    desk.run(&["capture", &page, "--publisher", "Jo Tander", "--title", "T"]).clean();
    let shown = desk.run(&["show", "T", "--json"]);
    assert_eq!(shown.code, Some(2), "a title is no assertion's words");
    let documents = desk.run(&["list", "documents", "--source", "johanna tander", "--json"]).json();
    assert_eq!(documents[0]["metadata"]["publisher"], "jo-lund");
    desk.run(&["name", "Ada Berg", "--kind", "person", "--speaks-for", "jo tander"]).clean();
    let ada = desk.run(&["show", "ada-berg", "--json"]).json();
    assert_eq!(ada[0]["named"]["speaks_for"][0]["source"], "jo-lund");
    let at = desk.run(&["log", "--json"]).json().into_iter();
    let merged = at.into_iter().find(|entry| !entry["event"]["event"]["sources_merged"].is_null());
    let undo = json!({"event": {"merge_undone": {"merge": merged.unwrap()["seq"], "why": "two"}}});
    desk.record(&[undo.to_string()]).clean();
    is_ambiguous(&desk, &record(&["--source", "jo tander"]));
    is_ambiguous(&desk, &["show", "jo tander"]);
    desk.audit();
}

#[test]
fn a_line_of_json_has_slugs_and_a_name_in_one_is_refused_with_whose_it_is() {
    let desk = two_tanders();
    let line = |source: &str| {
        json!({"event": {"claim_asserted": {"document": 1, "content": ["Ships wait"],
               "hops": [{"sources": [source], "role": "said"}]}}})
        .to_string()
    };
    for (source, candidates) in [
        ("jo tander", "jo-lund “Jo Tander” or jo-malmo “Johanna Tander”"),
        ("Johanna Tander", "jo-malmo “Johanna Tander”"),
        ("Junior", "jo-tander-junior “Jo Tander Junior”"),
    ] {
        let said = desk.record(&[line(source)]);
        let expected = format!("no source is called `{source}` (there is {candidates}): ");
        assert!(said.refusal().contains(&expected), "{said:?}");
    }
    // Of one commit, what stands before a line counts for it.
    let naming = json!({"event": {"source_named": {"slug": "jo-oslo", "name": "Jo Tander", "kind": "person"}}});
    let merge =
        json!({"event": {"sources_merged": {"from": "jo-oslo", "into": "jo-lund", "why": "x"}}});
    let said = desk.record(&[naming.to_string(), line("jo tander")]);
    assert!(said.refusal().contains("or jo-oslo “Jo Tander”"), "{said:?}");
    let said = desk.record(&[naming.to_string(), merge.to_string(), line("jo tander")]);
    assert!(said.refusal().contains("jo-lund “Jo Tander” or jo-malmo “"), "{said:?}");
    assert!(!said.err.contains("jo-oslo"), "{said:?}");
    desk.record(&[line("jo-lund")]).clean();
    desk.audit();
}

#[test]
fn a_kind_names_a_source_only_if_none_is_called_so() {
    let desk = desk();
    name(&desk, "jo-lund", "J. Tander", &["--alias", "Jo Tander"]);
    name(&desk, "ada-berg", "Somebody Else", &[]);
    let new = |source: &'static str| record(&["--source", source, "--source-kind", "person"]);
    desk.run(&new("Jo Tander")).clean();
    assert_eq!(recorded(&desk).0, json!(["jo-lund"]));
    let before = desk.entries();
    let said = desk.run(&new("Ada Berg"));
    assert!(said.refusal().contains("the slug `ada-berg` is taken"), "{said:?}");
    assert_eq!(desk.entries(), before);
    desk.run(&[&new("Bo Ek")[..], &["--against", "Bo Ek"]].concat()).clean();
    assert_eq!(recorded(&desk), (json!(["bo-ek"]), json!(["bo-ek"])));
    desk.audit();
}

#[test]
fn an_outlet_is_named_only_if_none_is_called_so_and_never_by_anothers_slug() {
    let desk = desk();
    name(&desk, "herald", "The Morning Herald", &["--alias", "MH"]);
    name(&desk, "the-post", "Ministry of Posts", &[]);
    let page = desk.file("other.txt", b"Another page.");
    let before = desk.entries();
    for option in ["--publisher", "--republisher"] {
        let said = desk.run(&["capture", &page, option, "The Post"]);
        assert!(said.refusal().contains("the slug `the-post` is taken"), "{said:?}");
        let said = desk.run(&["capture", &page, option, "#4"]);
        assert!(said.refusal().contains("“#4” is an entry number, not a source"), "{said:?}");
    }
    assert_eq!(desk.entries(), before);
    desk.run(&["capture", &page, "--publisher", "mh", "--republisher", "Nova"]).clean();
    let shown = desk.run(&["list", "documents", "--source", "nova", "--json"]).json();
    assert_eq!(shown[0]["metadata"]["publisher"], "herald");
    assert_eq!(shown[0]["metadata"]["republishers"], json!(["nova"]));
    desk.audit();
}

#[test]
fn what_a_page_prints_is_a_name_and_may_be_told_apart_by_who_captures_it() {
    let desk = two_tanders();
    let page = desk.file("page.md", "---\npublisher: Jo Tander\n---\n\nA page.\n".as_bytes());
    let said = desk.run(&["capture", &page]);
    let line = said.refusal();
    assert!(line.contains("jo-lund “Jo Tander” or jo-malmo “Johanna Tander”"), "{line}");
    assert!(line.contains("--publisher"), "{line}");
    // One page that cannot be told keeps none, and names nobody.
    let before = (desk.entries(), desk.checkpoint());
    let good = desk.file("good.md", b"---\npublisher: Nova\n---\n\nA good page.\n");
    desk.run(&["capture", &good, &page]).refusal();
    assert_eq!((desk.entries(), desk.checkpoint()), before);
    desk.run(&["capture", &page, "--publisher", "jo-malmo"]).clean();
    let shown = desk.run(&["list", "documents", "--source", "jo-malmo", "--json"]).json();
    assert_eq!(shown[0]["metadata"]["publisher"], "jo-malmo");
    desk.audit();
}

#[test]
fn what_ingest_finds_is_matched_by_the_same_names() {
    let desk = desk();
    name(&desk, "port", "Port of Lund", &["--alias", "O’Brien"]);
    name(&desk, "port-old", "Harbour of Lund", &["--alias", "Obrien"]);
    let page = desk.file("page.txt", TEXT.as_bytes());
    let found = |slug: &str, name: &str| {
        let naming =
            json!({"event": {"source_named": {"slug": slug, "name": name, "kind": "unknown"}}});
        let assertion = json!({"event": {"claim_asserted": {"document": 1, "content": ["Ships wait"],
            "hops": [{"sources": [slug], "role": "said"}],
            "found_by": {"extractor": {"name": "scout", "version": "1"}}}}});
        format!("{naming}\n{assertion}\n")
    };
    let ingest = |lines: String| {
        let lines = desk.file("lines.jsonl", lines.as_bytes());
        desk.run(&["ingest", &page, "--extractor", &format!("cat '{lines}'")])
    };
    let of = |said: &Said| {
        let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
        last["event"]["claim_asserted"]["hops"][0]["sources"].clone()
    };
    let said = ingest(found("obrien", "OBRIEN"));
    assert_eq!((said.code, of(&said)), (Some(0), json!(["obrien@"])));
    assert!(
        said.err.contains("“OBRIEN” could be port “Port of Lund” or port-old “Harbour of"),
        "{}",
        said.err
    );
    let merge =
        json!({"event": {"sources_merged": {"from": "port", "into": "port-old", "why": "x"}}});
    desk.record(&[merge.to_string()]).clean();
    let said = ingest(found("obrien", "OBRIEN"));
    assert_eq!((said.code, of(&said)), (Some(0), json!(["port-old"])));
    let said = ingest(found("lund", "Lund"));
    assert_eq!(of(&said), json!(["lund"]), "what is merely like it is new");
    desk.audit();
}

/// Two ledgers of which one has secrets besides, and a page for each.
fn open_and_secret() -> [(Desk, String); 2] {
    [false, true].map(|has_secrets| {
        let desk = desk();
        name(&desk, "tribune", "Tribune", &["--alias", "Daily"]);
        if has_secrets {
            // Before it is secret, another may speak for it in the open.
            name(&desk, "owl", "Night Wire", &[]);
            let clerk = json!({"event": {"source_named": {"slug": "clerk", "name": "Night Clerk",
                "kind": "person", "speaks_for": "owl"}}});
            desk.record(&[clerk.to_string()]).clean();
            name(&desk, "owl", "Night Wire", &["--alias", "Daily", "--confidential"]);
            name(&desk, "owls-aide", "Aide", &["--speaks-for", "owl", "--confidential"]);
            let merge = json!({"confidential": true, "event": {"sources_merged":
                {"from": "tribune", "into": "owl", "why": "x"}}});
            desk.record(&[merge.to_string()]).clean();
        }
        let page = desk.file("other.txt", b"Another page.");
        (desk, page)
    })
}

#[test]
fn a_confidential_name_is_as_if_it_were_not_there() {
    let [(open, open_page), (secret, page)] = open_and_secret();
    let alike = |arguments: &[&str]| {
        let swapped: Vec<&str> =
            arguments.iter().map(|one| if *one == page { &*open_page } else { one }).collect();
        let (said, expected) = (secret.run(arguments), open.run(&swapped));
        let numbered = |said: &Said| {
            let letters = |text: &str| text.replace(|letter: char| letter.is_ascii_digit(), "");
            (said.code, letters(&said.out), letters(&said.err))
        };
        assert_eq!(numbered(&said), numbered(&expected), "{arguments:?}");
    };
    for hidden in ["owl", "Night Wire", "night", "Aide", "Night Clerk", "clerk", "wire"] {
        alike(&record(&["--source", hidden]));
        alike(&record(&["--source", "tribune", "--against", hidden]));
        alike(&["list", "claims", "--source", hidden]);
        alike(&["show", hidden]);
        alike(&["diff", hidden, "#1"]);
        alike(&["name", "Ada Berg", "--kind", "person", "--speaks-for", hidden]);
    }
    // Of two who are called so, one is no one's business.
    alike(&record(&["--source", "daily"]));
    assert_eq!(recorded(&secret).0, json!(["tribune"]));
    alike(&["capture", &page, "--publisher", "Daily", "--title", "One"]);
    // The name is free for another source in the open, and that one is what is meant from then on.
    alike(&["capture", &page, "--publisher", "Night Wire", "--title", "Two"]);
    let documents = secret.run(&["list", "documents", "--source", "night wire", "--json"]).json();
    assert_eq!(documents[0]["metadata"]["publisher"], "night-wire");
    alike(&record(&["--source", "Aide", "--source-kind", "person"]));
    assert_eq!(recorded(&secret).0, json!(["aide"]));
    open.audit();
    secret.audit();
}

#[test]
fn a_slug_of_a_confidential_source_is_taken_and_its_name_is_not_told() {
    let [_, (desk, page)] = open_and_secret();
    let before = (desk.entries(), desk.checkpoint());
    for arguments in [
        vec!["capture", &page, "--publisher", "Owl"],
        vec!["capture", &page, "--publisher", "owl"],
        vec!["capture", &page, "--republisher", "OWL"],
        vec!["name", "Owl", "--kind", "person"],
        vec!["name", "Night Wire", "--slug", "owl", "--kind", "person", "--alias", "Daily"],
        vec!["name", "Night Clerk", "--slug", "clerk", "--kind", "person"],
        record(&["--source", "Owl", "--source-kind", "person"]),
    ] {
        let said = desk.run(&arguments);
        let line = said.refusal();
        assert!(line.contains("is taken: choose another for this source"), "{line}");
        assert!(!line.contains("Night") && !line.contains("Wire"), "{line}");
    }
    let naming =
        json!({"event": {"source_named": {"slug": "owl", "name": "Owl", "kind": "person"}}});
    let said = desk.record(&[naming.to_string()]);
    assert!(said.refusal().contains("the slug `owl` is taken"), "{said:?}");
    // So it is within one commit.
    let mut hidden = naming.clone();
    hidden["confidential"] = true.into();
    hidden["event"]["source_named"]["slug"] = "bat".into();
    let mut open = hidden.clone();
    open["confidential"] = false.into();
    let said = desk.record(&[hidden.to_string(), open.to_string()]);
    assert!(said.refusal().contains("line 2: the slug `bat` is taken"), "{said:?}");
    assert_eq!((desk.entries(), desk.checkpoint()), before);
    desk.audit();
}

/// An event of every kind that can name a source, and in every place.
fn naming(source: &str) -> Vec<Value> {
    let asserted = |hops: Value, against: Value| {
        json!({"claim_asserted": {"document": 1, "content": ["The quay will close in May"],
            "hops": hops, "against": against}})
    };
    let said = |sources: Value| json!({"sources": sources, "role": "said"});
    let aide = json!({"sources": ["tribune"], "role": "said",
        "capacity": {"words": "aide", "speaks_for": [source]}});
    let corrected = |metadata: Value| json!({"document_corrected": {"document": 1, "metadata": metadata, "why": "x"}});
    let merged = |from: &str, into: &str| json!({"sources_merged": {"from": from, "into": into, "why": "x"}});
    vec![
        asserted(json!([said(json!([source]))]), json!([])),
        asserted(json!([said(json!(["tribune"])), said(json!([source]))]), json!([])),
        asserted(json!([said(json!(["tribune", source]))]), json!([])),
        asserted(json!([aide]), json!([])),
        asserted(json!([said(json!(["tribune"]))]), json!([source])),
        json!({"source_named": {"slug": "ada", "name": "Ada", "kind": "person", "speaks_for": source}}),
        json!({"source_described": {"source": "office@1", "name": "The office", "kind": "government", "speaks_for": source}}),
        merged("office@1", source),
        corrected(json!({"publisher": source})),
        corrected(json!({"republishers": [source]})),
        json!({"topic_assigned": {"topic": "quays", "targets": [{"source": source}]}}),
        json!({"note_added": {"target": {"source": source}, "text": "x"}}),
        json!({"claim_reviewed": {"assertion": 3, "reviewer": source, "rating": "false"}}),
        json!({"assertion_retracted": {"assertion": 3, "by_source": source, "why": "x"}}),
        json!({"assertions_related":
            {"left": 3, "right": 4, "relation": "contradicts", "said_by": source, "why": "x"}}),
    ]
}

#[test]
fn a_line_in_the_open_names_no_confidential_source_by_its_slug() {
    let desk = desk();
    name(&desk, "tribune", "Tribune", &[]);
    for words in ["Ships wait", "Prices rise"] {
        desk.run(&["record", "--document", "1", "--quote", words, "--source", "tribune"]).clean();
    }
    // One secret from the first, one since, and one who speaks for it.
    name(&desk, "owl", "Night Wire", &["--confidential"]);
    name(&desk, "bat", "Bat", &[]);
    name(&desk, "aide", "Aide", &["--speaks-for", "bat"]);
    name(&desk, "bat", "Bat", &["--alias", "Flitter", "--confidential"]);
    let before = (desk.entries(), desk.checkpoint());
    let refused = |event: &Value| {
        let said = desk.record(&[json!({ "event": event }).to_string()]);
        said.refusal().to_owned()
    };
    let ghosts: Vec<String> = naming("ghost").iter().map(refused).collect();
    for secret in ["owl", "bat", "aide"] {
        for (event, ghost) in naming(secret).iter().zip(&ghosts) {
            assert!(ghost.contains("no source is called `ghost`"), "{ghost}");
            assert_eq!(refused(event), ghost.replace("ghost", secret), "{event}");
        }
    }
    // So it is within one commit, and for what is recorded already.
    let [hen, asserted] = [
        json!({"confidential": true, "event": {"source_named":
            {"slug": "hen", "name": "Hen", "kind": "person"}}}),
        json!({"event": naming("hen")[0]}),
    ];
    let said = desk.record(&[hen.to_string(), asserted.to_string()]);
    assert!(said.refusal().contains("line 2: no source is called `hen`"), "{said:?}");
    assert_eq!((desk.entries(), desk.checkpoint()), before);
    let secret = |event: &Value| json!({"confidential": true, "event": event}).to_string();
    let all: Vec<String> = naming("owl").iter().map(secret).collect();
    desk.record(&all).clean();
    assert!(refused(&naming("owl")[0]).contains("no source is called `owl`"));
    desk.audit();
}

#[test]
fn whoever_asks_for_what_is_confidential_means_it_too() {
    let [_, (desk, page)] = open_and_secret();
    // They are merged, so that there is one.
    desk.run(&record(&["--source", "Daily", "--against", "Night Clerk", "--confidential"])).clean();
    assert_eq!(recorded(&desk), (json!(["owl"]), json!(["clerk"])));
    assert!(desk.run(&["show", "night wire", "--confidential"]).clean().starts_with("owl "));
    desk.run(&["list", "claims", "--source", "NIGHT WIRE", "--confidential"]).clean();
    desk.run(&["capture", &page, "--publisher", "Night Wire", "--confidential"]).clean();
    let documents =
        desk.run(&["list", "documents", "--source", "owl", "--confidential", "--json"]).json();
    assert_eq!(documents[0]["metadata"]["publisher"], "owl");
    let speaks = ["--kind", "person", "--speaks-for", "Night Wire", "--confidential"];
    desk.run(&[&["name", "Ada Berg"][..], &speaks].concat()).clean();
    let ada = desk.run(&["show", "Ada Berg", "--confidential", "--json"]).json();
    assert_eq!(ada[0]["named"]["speaks_for"][0]["source"], "owl");
    let said = desk.run(&["list", "claims", "--source", "night", "--confidential"]);
    let like = "clerk “Night Clerk” or owl “Night Wire”";
    assert!(said.refusal().contains(like), "{said:?}");
    desk.audit();
}

#[test]
fn an_argument_with_a_hash_sign_is_a_number_and_nothing_else() {
    let desk = desk();
    desk.run(&["name", "Channel 2", "--kind", "outlet"]).clean();
    desk.run(&["name", "#4", "--slug", "four", "--kind", "outlet"]).clean();
    for (number, outlet) in [("1.txt", "Channel 2"), ("2.txt", "four")] {
        let page = desk.file(number, TEXT.as_bytes());
        desk.run(&["capture", &page, "--publisher", outlet, "--title", number]).clean();
    }
    let said = desk.run(&["diff", "#4", "#5"]).clean();
    assert_eq!(said, "Channel 2 #4 compared with #4 #5\n");
    for arguments in [&["diff", "#2", "#4"][..], &["diff", "#4", "#3"]] {
        let said = desk.run(arguments);
        assert!(said.refusal().contains("is neither a document nor an outlet"), "{said:?}");
    }
    for (arguments, words) in [
        (&["show", "#99"][..], "nothing in this ledger matches “#99”"),
        (&["show", "#telegram"], "`#telegram` is not an entry: give its number, as in #41"),
        (&["diff", "#x", "#4"], "`#x` is not an entry"),
        (&["list", "claims", "--document", "#x"], "`#x` is not an entry"),
        (&["list", "claims", "--source", "#4"], "“#4” is an entry number, not a source"),
        (&["who", "quay", "--as-of", "#x"], "`#x` is not an entry"),
        (&["check", "#x", "--all", "right"], "`#x` is not an entry"),
        (&["name", "A", "--kind", "person", "--speaks-for", "#3"], "is an entry number"),
        (&record(&["--source", "#4"]), "is an entry number"),
        (&record(&["--source", "four", "--against", "#4"]), "is an entry number"),
    ] {
        let said = desk.run(arguments);
        assert!(said.refusal().contains(words), "{said:?}");
    }
    desk.audit();
}

#[test]
fn a_number_a_hash_a_slug_a_name_and_words_are_told_apart_in_this_order() {
    let desk = desk();
    desk.run(&["name", "1", "--kind", "outlet", "--slug", "one"]).clean();
    desk.run(&["name", "Facade", "--kind", "outlet"]).clean();
    desk.run(&["name", "1843", "--kind", "outlet"]).clean();
    desk.run(&record(&["--source", "facade"])).clean();
    assert!(desk.run(&["show", "1"]).clean().starts_with("#1, untitled"));
    assert!(desk.run(&["show", "1843"]).clean().starts_with("1843 1843"));
    assert!(desk.run(&["list", "claims", "--source", "1"]).clean().contains("0 assertions"));
    assert!(desk.run(&["show", "FACADE"]).clean().starts_with("facade Facade"));
    let hash = desk.run(&["show", "#5", "--json"]).json()[0]["entry"]["hash"].clone();
    let hash = hash.as_str().unwrap().to_uppercase();
    assert!(desk.run(&["show", &hash[..12]]).clean().starts_with("#5 "));
    assert!(desk.run(&["show", "will close"]).clean().starts_with("#5 "));
    // A number that no entry has is no words, though an assertion may have them.
    let rise = ["record", "--document", "1", "--quote", "rise by 2 percent", "--source", "facade"];
    desk.run(&rise).clean();
    let said = desk.run(&["show", "777"]);
    assert!(said.refusal().contains("nothing in this ledger matches “777”"), "{said:?}");
    // `check` takes the same.
    assert_eq!(desk.run(&["check", "will close", "--all", "right"]).clean(), "recorded #7\n");
    desk.run(&["check", &hash[..12], "--quote", "right"]).clean();
    assert!(
        desk.run(&["check", "facade", "--quote", "right"]).refusal().contains("not an assertion")
    );
    // And so does a document in `record`.
    let text = desk.run(&["show", "#1", "--json"]).json()[0]["text"].clone();
    let text = text.as_str().unwrap().to_uppercase();
    for document in ["1", "#1", &text[..8]] {
        let words = format!("by {document}");
        let said = desk.run(&[
            "record",
            "--document",
            document,
            "--quote",
            "Ships wait",
            "--source",
            "one",
            "--words",
            &words,
        ]);
        said.clean();
    }
    desk.audit();
}
