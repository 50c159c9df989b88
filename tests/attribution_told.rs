//! Who said what, to whom and how, in sentences of our own; and that no text is too odd to be read.

use proptest::prelude::*;
use testimony::attribution::{self, Article, Proposal, Span};
use testimony::claim::Resolution;

fn article(body: &str) -> Article<'_> {
    Article {
        title: None,
        body,
        published: "2025-03-12".parse().ok(),
        publisher: Some("The Harbour Gazette"),
        skip: &[],
    }
}

fn words(text: &str, spans: &[Span]) -> String {
    let letters: Vec<char> = text.chars().collect();
    let pieces: Vec<String> =
        spans.iter().map(|it| letters[it.start..it.end].iter().collect()).collect();
    pieces.join(" … ")
}

/// The proposal whose content has these words; the shortest, if several have.
fn about(text: &str, needle: &str) -> Proposal {
    let found = attribution::read(&article(text)).into_iter();
    let found = found.filter(|it| words(text, &it.content).contains(needle));
    let shortest = found.min_by_key(|it| words(text, &it.content).len());
    shortest.unwrap_or_else(|| panic!("nobody says `{needle}` in: {text}"))
}

/// The chain in one line: "quoted police; said the mayor's office".
fn chain(text: &str, needle: &str) -> String {
    let links = about(text, needle).hops;
    let link = |link: &attribution::Link| {
        let names: Vec<String> = link.speakers.iter().map(|it| it.name.to_string()).collect();
        format!("{} {}", link.role.tag(), names.join(" + "))
    };
    links.iter().map(link).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_chain_begins_at_its_origin() {
    for (text, needle, expected) in [
        (
            "The harbour would close in May, the port authority said, quoting engineers.",
            "harbour would close",
            "quoted engineers; said port authority",
        ),
        (
            "A spokesman for Norvik Foods told the Reuters news agency that the plant was safe.",
            "plant was safe",
            "said spokesman for Norvik Foods; told_to Reuters",
        ),
        (
            "In a statement sent to the BBC, Norvik Foods said that the plant was safe.",
            "plant was safe",
            "said Norvik Foods; told_to BBC",
        ),
        (
            "Drawing from the port authority's report, the group Clean Harbours estimates that 40 \
             percent of the boats leak oil.",
            "boats leak oil",
            "based_on port authority's report; said Clean Harbours",
        ),
        (
            "\"According to fishermen, the water has turned brown,\" the mayor said.",
            "the water has turned brown",
            "quoted fishermen; said mayor",
        ),
        (
            "Officials and residents said that the bridge would reopen.",
            "bridge would reopen",
            "said officials + residents",
        ),
    ] {
        let found = chain(text, needle);
        let inner = found.split("; relayed").next().unwrap_or_default();
        assert_eq!(inner, expected, "{text}");
    }
}

#[test]
fn being_told_something_by_its_reporter_is_no_link() {
    let text = "Ann Lee told the Harbour Gazette that the bridge would reopen.";
    assert_eq!(chain(text, "bridge would reopen"), "said Ann Lee");
}

#[test]
fn a_speaker_goes_by_its_name_without_what_describes_it() {
    for (text, name, is_named, kind, speaks_for) in [
        ("Sen. Ann Lee (D-Ohio) said the bridge was safe.", "Ann Lee", true, "person", None),
        (
            "According to the software company VELTRA, the bridge was safe.",
            "VELTRA",
            true,
            "organisation",
            None,
        ),
        (
            "The city's water regulator, Aquanor, said the bridge was safe.",
            "Aquanor",
            true,
            "government",
            None,
        ),
        (
            "Norvik campaign manager Robert Day said the bridge was safe.",
            "Robert Day",
            true,
            "person",
            None,
        ),
        ("Critics said the bridge was safe.", "critics", false, "group", None),
        ("A report said the bridge was safe.", "report", false, "report", None),
        ("The Reuters news agency said the bridge was safe.", "Reuters", true, "agency", None),
        (
            "A Norvik spokeswoman said the bridge was safe.",
            "Norvik spokeswoman",
            false,
            "person",
            Some("Norvik"),
        ),
        (
            "An official at Chile's Health and Sports Ministry said the bridge was safe.",
            "official at Chile's Health and Sports Ministry",
            false,
            "person",
            Some("Chile's Health and Sports Ministry"),
        ),
    ] {
        let proposal = about(text, "the bridge was safe");
        let speaker = &proposal.hops[0].speakers[0];
        let found = (
            speaker.name.as_str(),
            speaker.is_named,
            speaker.kind.tag(),
            speaker.speaks_for.as_ref().map(testimony::id::Name::as_str),
        );
        assert_eq!(found, (name, is_named, kind, speaks_for), "{text}");
    }
}

#[test]
fn a_short_form_or_pronoun_is_whom_the_text_decides() {
    for (text, name, resolution) in [
        (
            "Ann Lee, the mayor, opened the bridge. \"The bridge is safe,\" Lee said.",
            "Ann Lee",
            Resolution::Resolved,
        ),
        (
            "Ann Lee said the road was closed. \"The bridge is safe,\" she said.",
            "Ann Lee",
            Resolution::Resolved,
        ),
        (
            "The city's water regulator, Aquanor, met on Monday. \"The bridge is safe,\" the \
             regulator said.",
            "Aquanor",
            Resolution::Resolved,
        ),
        (
            "Robert Day met John Hill. Robert Day laughed and John Hill wept. \"The bridge is \
             safe,\" he said.",
            "he",
            Resolution::Explicit,
        ),
        ("\"The bridge is safe,\" the regulator said.", "regulator", Resolution::Explicit),
    ] {
        let proposal = about(text, "bridge is safe");
        let hop = &proposal.hops[0];
        let found = (hop.speakers[0].name.as_str(), hop.resolution);
        assert_eq!(found, (name, resolution), "{text}");
    }
}

#[test]
fn the_manner_is_told_by_the_cue_and_the_content() {
    for (text, needle, expected) in [
        (
            "Ann Lee said the bridge was safe.",
            "bridge was safe",
            "attributed neutral affirms states",
        ),
        (
            "Ann Lee claimed that the bridge was safe.",
            "bridge was safe",
            "attributed distancing affirms states",
        ),
        (
            "Ann Lee denied that the bridge was safe.",
            "bridge was safe",
            "attributed neutral denies states",
        ),
        (
            "Ann Lee revealed that the bridge was safe.",
            "bridge was safe",
            "attributed endorsing affirms states",
        ),
        (
            "Ann Lee said that Norvik had violated the treaty.",
            "violated the treaty",
            "attributed neutral affirms accuses",
        ),
        (
            "Ann Lee said the city was fighting fraud.",
            "fighting fraud",
            "attributed neutral affirms states",
        ),
        (
            "The ministry said that boats should leave.",
            "boats should leave",
            "attributed neutral affirms orders",
        ),
        (
            "Analysts predicted that prices would fall.",
            "prices would fall",
            "attributed neutral affirms predicts",
        ),
        (
            "The court ruled that the law was void.",
            "law was void",
            "attributed neutral affirms rules",
        ),
        ("He reportedly lives in Oslo.", "lives in Oslo", "hearsay distancing affirms states"),
        (
            "There was no immediate comment from Norvik.",
            "no immediate comment",
            "outlet neutral no_comment states",
        ),
    ] {
        let it = about(text, needle);
        let found = [it.voice.tag(), it.framing.tag(), it.polarity.tag(), it.act.tag()].join(" ");
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn particulars_are_read_from_the_content() {
    let text = "On Monday, Ann Lee said that there were 3.2 million boats in Norway at the start \
                of 2024.";
    let it = about(text, "3.2 million");
    assert_eq!(
        it.quantities.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["3200000 boats"]
    );
    assert_eq!(it.place.map(|it| it.to_string()).as_deref(), Some("Norway"));
    assert_eq!(it.holds.map(|it| it.to_string()).as_deref(), Some("2024-01"));
    assert_eq!(it.said.map(|it| it.to_string()).as_deref(), Some("2025-03-10 (inferred)"));

    let text = "\"The bridge will reopen after they pay the fine,\" Ann Lee said.";
    let it = about(text, "bridge will reopen");
    let condition = it.condition.map(|it| words(text, &[it]));
    assert_eq!(condition.as_deref(), Some("after they pay the fine"));

    let text = "Ann Lee accused Norvik Foods of fraud.";
    let it = about(text, "fraud");
    assert!(it.against.iter().any(|it| it.name.as_str() == "Norvik Foods"), "{:?}", it.against);
}

#[test]
fn what_is_to_be_skipped_is_not_read() {
    let body = "Correction: Ann Lee said the bridge was safe.\n\nThe road is wide.";
    let notice = 0..45;
    let skip = [notice];
    let article = Article { skip: &skip, ..article(body) };
    assert!(attribution::read(&article).is_empty());
}

/// That all spans stand in the text, and the same text reads the same.
fn stands(text: &str) -> Result<(), TestCaseError> {
    let length = text.chars().count();
    let proposals = attribution::read(&article(text));
    for it in &proposals {
        prop_assert!(!it.content.is_empty());
        let hops = it.hops.iter().flat_map(|hop| {
            let mentions = hop.speakers.iter().map(|speaker| &speaker.mention);
            mentions.chain(&hop.cue).chain(&hop.content)
        });
        let against = it.against.iter().map(|speaker| &speaker.mention);
        for span in it.content.iter().chain(&it.cue).chain(&it.condition).chain(hops).chain(against)
        {
            prop_assert!(span.start < span.end && span.end <= length, "{span:?} of {length}");
        }
        prop_assert!(it.hops.iter().all(|hop| !hop.speakers.is_empty()));
    }
    prop_assert_eq!(proposals, attribution::read(&article(text)));
    Ok(())
}

/// Words that make sentences full of what is read here.
const WORDS: &[&str] = &[
    "said",
    "says",
    "told",
    "claimed",
    "according",
    "to",
    "According",
    "that",
    "which",
    "who",
    "the",
    "The",
    "a",
    "and",
    "of",
    "for",
    "in",
    "In",
    "on",
    "statement",
    "quoting",
    "citing",
    "police",
    "Ann",
    "Lee",
    "Sen.",
    "Norvik",
    "Foods",
    "Ministry",
    "Health",
    "company",
    "regulator",
    "he",
    "it",
    "They",
    "I",
    "we",
    "reportedly",
    "no",
    "comment",
    "not",
    "did",
    "respond",
    "declined",
    "if",
    "after",
    "will",
    "5",
    "million",
    "percent",
    "boats",
    "2024",
    "Friday",
    "Norway",
    ",",
    ".",
    ":",
    "\"",
    "'",
    "“",
    "”",
    "'s",
    "(",
    ")",
    "—",
    "-",
    "\n",
    "\n\n",
    "é",
    "\u{202f}",
    "İ",
    "ﬁ",
    "🙂",
];

fn sentence() -> impl Strategy<Value = String> {
    proptest::collection::vec((0..WORDS.len(), any::<bool>()), 0..60).prop_map(|words| {
        let glue = |(word, is_glued): (usize, bool)| {
            [WORDS[word], if is_glued { "" } else { " " }].concat()
        };
        words.into_iter().map(glue).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        stands(&text)?;
    }

    #[test]
    fn any_sentence_of_such_words_is_read(text in sentence()) {
        stands(&text)?;
    }
}

#[test]
fn long_runs_of_hostile_text_are_read() {
    let long = 4_000;
    for text in [
        "the regulator said ".repeat(long),
        "Ann Lee said that ".repeat(long),
        "Ann Lee, a spokesman for ".repeat(long),
        "A B C, the regulator, said it. ".repeat(long),
        "\"he said \"it said ".repeat(long),
        "according to X, and ".repeat(long),
        "Board of Health and ".repeat(long),
        "Lee and ".repeat(long),
        "He said. ".repeat(long),
        (0..long).map(|at| format!("Name{at} Lee{at}, a regulator, said it. ")).collect(),
    ] {
        attribution::read(&article(&text));
    }
}
