//! The events that are frozen, as typed values: plain ones with nothing optional, full ones with
//! all of it.
//!
//! Knows the types. Must not know their bytes: those stand in events.txt.

use std::fmt::Debug;
use std::str::FromStr;

use testimony::claim::{
    Act, Capacity, Claim, ClaimAsserted, Confidence, Form, FoundBy, Framing, Hop, OneOrMore,
    Polarity, Resolution, Role, Voice,
};
use testimony::digest::{ContentHash, EntryHash, KeyDigest};
use testimony::document::{
    Address, Derivation, DerivedFrom, DocumentCaptured, Fetched, FetchedHow, Header, Metadata,
    Reader,
};
use testimony::event::{
    AssertionChecked, AssertionRetracted, AssertionVoided, AssertionsRelated, Body, ClaimReviewed,
    DocumentCorrected, Event, EventDisclosed, EventErased, EventWithdrawn, FORMAT, ImportedFrom,
    KeyRotated, LedgerOpened, MergeUndone, NoteAdded, Outcome, Program, Recorder, Relation,
    Respect, Scale, SourcesMerged, Target, TopicAssigned,
};
use testimony::id::{AssertionId, DocumentId, EventId, Sequence, SourceId, TopicId};
use testimony::moment::{Basis, Moment, Period, Timestamp};
use testimony::quantity::{Base, BaseFields, Bound, Change, Quantity, QuantityFields};
use testimony::selector::{PageSelector, Selector, TextSelector, TextSelectorFields, Zone};
use testimony::source::{Principal, SourceDescribed, SourceKind, SourceNamed};
use testimony::text::Text;

/// Every field that may be left out, by its name on the wire.
pub(crate) const OPTIONAL: &[&str] = &[
    "about",
    "act",
    "against",
    "aliases",
    "archive_url",
    "authors",
    "bound",
    "by_source",
    "canonical_url",
    "capacity",
    "chain",
    "change",
    "condition",
    "confidence",
    "confidential",
    "content",
    "context",
    "credit",
    "cue",
    "dates",
    "derived_from",
    "document",
    "during",
    "endorsement",
    "estimated",
    "fetched",
    "file_name",
    "final",
    "form",
    "found_by",
    "framing",
    "from",
    "headers",
    "holds",
    "hops",
    "imported_from",
    "in",
    "language",
    "measure",
    "media_type",
    "mention",
    "model",
    "modified",
    "next_key",
    "note",
    "notices",
    "numbers",
    "of",
    "per",
    "polarity",
    "prefix",
    "published",
    "publisher",
    "quantities",
    "quote",
    "republishers",
    "resolution",
    "retrieved",
    "revises",
    "rule",
    "said",
    "said_by",
    "speaker",
    "speaks_for",
    "suffix",
    "title",
    "to",
    "url",
    "voice",
    "where",
    "why",
    "zone",
];

const KEY: &str = "example.org/ledger+79a3823a+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";

fn read<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn at(number: u64) -> Sequence {
    Sequence::new(number).unwrap()
}

fn words(text: &str) -> Text {
    Text::new(text).unwrap()
}

fn address(text: &str) -> Option<Address> {
    Some(Address::new(text).unwrap())
}

fn moment(date: &str, basis: Basis) -> Option<Moment> {
    Some(Moment { at: read(date), basis })
}

fn some<T>(items: Vec<T>) -> OneOrMore<T> {
    items.try_into().unwrap()
}

fn selector(zone: Zone, context: (&str, &str), exact: &str, start: u32) -> Selector {
    let end = start + u32::try_from(exact.chars().count()).unwrap();
    let (prefix, suffix) = (context.0.into(), context.1.into());
    let fields = TextSelectorFields { zone, exact: exact.into(), prefix, suffix, start, end };
    Selector::Text(TextSelector::try_from(fields).unwrap())
}

fn text(exact: &str, start: u32) -> TextSelector {
    body(exact, start).text().clone()
}

fn base(fields: BaseFields) -> Base {
    fields.try_into().unwrap()
}

fn body(exact: &str, start: u32) -> Selector {
    selector(Zone::Body, ("", ""), exact, start)
}

fn quantity(amount: &str, unit: &str) -> QuantityFields {
    QuantityFields::of(read(amount), read(unit))
}

fn finished(fields: QuantityFields) -> Quantity {
    fields.try_into().unwrap()
}

fn plain_capture() -> DocumentCaptured {
    let text = "According to SOAX, there were 11.8 million Telegram users.\n";
    DocumentCaptured {
        original: ContentHash::of(text.as_bytes()),
        text: ContentHash::of(text.as_bytes()),
        reader: Reader { name: read("plain"), version: read("1") },
        media_type: None,
        file_name: None,
        fetched: None,
        rereads: None,
        metadata: Metadata::default(),
    }
}

pub(crate) fn full_capture() -> DocumentCaptured {
    DocumentCaptured {
        original: ContentHash::of(b"# Calls\n\nCalls no longer connect.\n"),
        text: ContentHash::of(b"Calls\n\nCalls no longer connect.\n"),
        reader: Reader { name: read("markdown"), version: read("1") },
        media_type: Some(read("text/markdown; charset=utf-8")),
        file_name: Some(read("calls.md")),
        fetched: Some(Fetched {
            how: FetchedHow::ArchiveFile,
            by: Some(recorder(true)),
            requested: read("https://example.org/calls?page=1"),
            answered: address("https://example.org/calls"),
            status: Some(200.try_into().unwrap()),
            headers: vec![Header { name: read("etag"), value: words("\"x\"") }],
            at: read("2025-08-14T09:30:00.5+02:00"),
            record: Some(read("urn:uuid:0b2a")),
        }),
        rereads: Some(DocumentId::at(at(3))),
        metadata: full_metadata(),
    }
}

fn full_metadata() -> Metadata {
    Metadata {
        title: Some(read("Calls in Russia – “no longer connect”")),
        url: address("https://example.org/calls?page=1"),
        canonical_url: address("https://example.org/calls"),
        archive_url: address("http://archive.example.org/2025/calls"),
        publisher: Some(read("daily8")),
        republishers: vec![read("qatar-tribune"), read("an-outlet@3")],
        credit: Some(read("Agencies")),
        authors: vec![read("A. Nother"), read("B. Nother")],
        language: Some(read("en")),
        published: moment("2025-08-14T09:30", Basis::Metadata),
        modified: moment("2025-08-14T09:30:00-03:00", Basis::Metadata),
        retrieved: moment("2025-08-14T09:30:00.25Z", Basis::Printed),
        revises: Some(DocumentId::at(at(3))),
        derived_from: Some(DerivedFrom {
            document: Some(DocumentId::at(at(3))),
            how: Derivation::Translation,
            by: Some(read("a translator")),
        }),
        notices: vec![words("Correction: the office\nis in Doha.")],
    }
}

fn plain_assertion() -> ClaimAsserted {
    ClaimAsserted {
        document: DocumentId::at(at(3)),
        content: some(vec![body("there were 11.8 million Telegram users", 19)]),
        hops: vec![],
        voice: Voice::Attributed,
        form: Form::Indirect,
        framing: Framing::Neutral,
        polarity: Polarity::Affirms,
        act: Act::States,
        against: vec![],
        condition: None,
        said: None,
        claim: Claim {
            words: words("there were 11.8 million Telegram users"),
            quantities: vec![],
            about: vec![],
            place: None,
            holds: None,
            language: None,
        },
        translated_from: None,
        found_by: None,
        replaces: None,
    }
}

pub(crate) fn full_assertion() -> ClaimAsserted {
    let plain_hop = Hop {
        sources: some(vec![read("critics@4")]),
        role: Role::Relayed,
        mention: vec![],
        cue: vec![],
        resolution: Resolution::Explicit,
        capacity: None,
        content: vec![],
    };
    let full_hop = Hop {
        sources: some(vec![read("police"), read("роскомнадзор")]),
        role: Role::Quoted,
        mention: vec![body("police", 0)],
        cue: vec![selector(Zone::Body, ("police ", " that"), "alleged", 7)],
        resolution: Resolution::Resolved,
        capacity: Some(Capacity::new(Some(read("an aide")), vec![read("soax")]).unwrap()),
        content: vec![Selector::Page(PageSelector::new(2, text("some channels", 30)).unwrap())],
    };
    ClaimAsserted {
        document: DocumentId::at(at(4)),
        content: some(vec![
            selector(Zone::Title, ("Calls in ", " – “no"), "Russia", 9),
            selector(Zone::Body, ("\"", "\\\n\t😀"), "nearly 70 percent", 15),
        ]),
        hops: vec![full_hop, plain_hop],
        voice: Voice::Hearsay,
        form: Form::Mixed,
        framing: Framing::Distancing,
        polarity: Polarity::Denies,
        act: Act::Accuses,
        against: vec![read("telegram")],
        condition: Some(body("if it does not answer", 60)),
        said: moment("2025-06", Basis::Inferred),
        translated_from: Some(read("ru")),
        claim: full_claim(),
        found_by: Some(FoundBy::Extractor {
            name: read("rules"),
            version: read("0.1"),
            rule: Some(read("according-to")),
            confidence: Some(Confidence::try_from(85).unwrap()),
        }),
        replaces: Some(AssertionId::at(at(5))),
    }
}

fn full_claim() -> Claim {
    let share = QuantityFields {
        bound: Bound::Nearly,
        of: Some(base(BaseFields {
            amount: Some(read("9600")),
            to: Some(read("9700")),
            unit: Some(read("channels")),
            bound: Bound::About,
            estimated: true,
        })),
        ..quantity("70", "percent")
    };
    let fall = QuantityFields {
        measure: Some(read("turnout")),
        change: Some(Change::Fell),
        from: Some(read("62.5")),
        of: Some(base(BaseFields {
            unit: Some(read("registered voters")),
            ..BaseFields::default()
        })),
        ..QuantityFields::bare(read("1/3"))
    };
    let rate = QuantityFields {
        to: Some(read("12.50")),
        estimated: true,
        per: Some(read("day")),
        ..quantity("-11.8", "calls")
    };
    Claim {
        words: words("Nearly 70 percent of channels break the law\n(in \"some\" places)."),
        quantities: vec![finished(share), finished(rate), finished(fall)],
        about: vec![TopicId::new(read("telegram")), TopicId::new(read("calls"))],
        place: Some(read("Russia")),
        holds: Some(
            Period::between(Some(read("2024")), Some(read("2025-01-31")), Basis::Unknown).unwrap(),
        ),
        language: Some(read("en-GB")),
    }
}

fn naming() -> [Body; 3] {
    let plain = SourceNamed {
        slug: read("soax"),
        name: read("SOAX"),
        kind: SourceKind::Organisation,
        aliases: vec![],
        speaks_for: vec![],
    };
    let described = SourceDescribed {
        source: read("critics@4"),
        name: read("The critics"),
        kind: SourceKind::Group,
        speaks_for: vec![Principal::from(read::<SourceId>("soax"))],
    };
    let full = SourceNamed {
        slug: read("роскомнадзор"),
        name: read("Роскомнадзор"),
        kind: SourceKind::Government,
        aliases: vec![read("Roskomnadzor"), read("the watchdog")],
        speaks_for: vec![
            Principal::from(read::<SourceId>("critics@4")),
            Principal {
                source: read("soax"),
                during: Some(Period::at(read("2025"), Basis::Printed)),
            },
        ],
    };
    [Body::SourceNamed(plain), Body::SourceNamed(full), Body::SourceDescribed(described)]
}

fn judgements() -> Vec<(&'static str, Body)> {
    let assertion = AssertionId::at(at(5));
    let checked = |quote, other, note| AssertionChecked {
        assertion,
        quote: Some(quote),
        speaker: other,
        chain: other.map(|_| Outcome::Unclear),
        numbers: other,
        dates: other,
        context: other,
        note,
    };
    let retracted = AssertionRetracted {
        assertion,
        by_source: None,
        document: None,
        content: vec![],
        url: None,
        said: None,
        why: None,
    };
    vec![
        ("assertion_checked, plain", Body::AssertionChecked(checked(Outcome::Right, None, None))),
        (
            "assertion_checked, full",
            Body::AssertionChecked(checked(
                Outcome::Right,
                Some(Outcome::Wrong),
                Some(words("the figure\nis another's")),
            )),
        ),
        (
            "assertion_voided",
            Body::AssertionVoided(AssertionVoided { assertion, why: words("a slip") }),
        ),
        ("assertion_retracted, plain", Body::AssertionRetracted(retracted.clone())),
        ("assertion_retracted, full", Body::AssertionRetracted(fully(retracted))),
    ]
}

/// Relations and reviews of an assertion.
fn opinions() -> Vec<(&'static str, Body)> {
    let assertion = AssertionId::at(at(5));
    let related = AssertionsRelated {
        left: some(vec![AssertionId::at(at(6))]),
        right: some(vec![assertion]),
        relation: Relation::Different,
        respects: vec![],
        said_by: None,
        found_by: None,
        why: words("they count different people"),
    };
    let review = ClaimReviewed {
        assertion,
        reviewer: read("soax"),
        rating: words("Mostly true"),
        scale: None,
        document: None,
        content: vec![],
        url: None,
        published: None,
    };
    vec![
        ("assertions_related, plain", Body::AssertionsRelated(related.clone())),
        (
            "assertions_related, full",
            Body::AssertionsRelated(AssertionsRelated {
                left: some(vec![AssertionId::at(at(6)), AssertionId::at(at(7))]),
                relation: Relation::Same,
                respects: vec![
                    Respect::Measure,
                    Respect::Population,
                    Respect::Period,
                    Respect::Place,
                    Respect::Unit,
                ],
                said_by: Some(read("soax")),
                found_by: Some(FoundBy::Person(read("Bo"))),
                ..related
            }),
        ),
        ("claim_reviewed, plain", Body::ClaimReviewed(review.clone())),
        (
            "claim_reviewed, full",
            Body::ClaimReviewed(ClaimReviewed {
                scale: Some(Scale { value: read("3.5"), worst: read("1"), best: read("5") }),
                document: Some(DocumentId::at(at(4))),
                content: vec![body("Mostly true", 2)],
                url: address("https://example.org/review"),
                published: moment("2025", Basis::Printed),
                ..review
            }),
        ),
    ]
}

fn fully(retracted: AssertionRetracted) -> AssertionRetracted {
    AssertionRetracted {
        by_source: Some(read("soax")),
        document: Some(DocumentId::at(at(4))),
        content: vec![body("we were wrong", 0)],
        url: address("https://example.org/correction"),
        said: moment("2025-09-01", Basis::Printed),
        why: Some(words("an error of ours")),
        ..retracted
    }
}

fn keeping() -> Vec<(&'static str, Body)> {
    let targets = vec![
        Target::Assertion(AssertionId::at(at(5))),
        Target::Document(DocumentId::at(at(3))),
        Target::Source(read("critics@4")),
        Target::Event(EventId::at(at(1))),
    ];
    let signature = format!("{}==", "c2lnbmF0dXJl".repeat(8).split_at(85).0.to_owned() + "w");
    let rotated = |endorsement: Option<&str>| KeyRotated {
        key: read(KEY),
        next_key: endorsement.map(|_| KeyDigest::of(KEY)),
        endorsement: endorsement.map(read),
        why: words("the year"),
    };
    vec![
        (
            "sources_merged",
            Body::SourcesMerged(SourcesMerged {
                from: read("critics@4"),
                into: read("soax"),
                why: words("the text says so"),
            }),
        ),
        (
            "merge_undone",
            Body::MergeUndone(MergeUndone { merge: EventId::at(at(16)), why: words("two") }),
        ),
        (
            "topic_assigned",
            Body::TopicAssigned(TopicAssigned {
                topic: TopicId::new(read("calls")),
                targets: some(targets),
            }),
        ),
        (
            "note_added",
            Body::NoteAdded(NoteAdded {
                target: Target::Event(EventId::at(at(0))),
                text: words("first"),
            }),
        ),
        (
            "event_withdrawn",
            Body::EventWithdrawn(EventWithdrawn {
                event: EventId::at(at(9)),
                why: words("it was right"),
            }),
        ),
        (
            "event_disclosed",
            Body::EventDisclosed(EventDisclosed { events: some(vec![EventId::at(at(6))]) }),
        ),
        (
            "event_erased",
            Body::EventErased(EventErased {
                events: some(vec![EventId::at(at(19)), EventId::at(at(20))]),
                why: words("asked"),
            }),
        ),
        ("key_rotated, plain", Body::KeyRotated(rotated(None))),
        ("key_rotated, full", Body::KeyRotated(rotated(Some(&signature)))),
    ]
}

/// Every event that is frozen, by its title, in its place.
pub(crate) fn events() -> Vec<(&'static str, Event)> {
    let opened = |next_key| LedgerOpened {
        log: read("example.org/ledger"),
        key: read(KEY),
        next_key,
        format: FORMAT,
    };
    let [plain_naming, full_naming, described] = naming();
    let mut bodies = vec![
        ("ledger_opened", Body::LedgerOpened(opened(Some(KeyDigest::of("another"))))),
        ("source_named, plain", plain_naming),
        ("source_named, full", full_naming),
        ("document_captured, plain", Body::DocumentCaptured(plain_capture())),
        ("document_captured, full", Body::DocumentCaptured(full_capture())),
        ("claim_asserted, plain", Body::ClaimAsserted(plain_assertion())),
        ("claim_asserted, full", Body::ClaimAsserted(full_assertion())),
        ("source_described", described),
    ];
    bodies.extend(judgements());
    bodies.extend(opinions());
    bodies.extend(keeping());
    bodies.push((
        "document_corrected",
        Body::DocumentCorrected(DocumentCorrected {
            document: DocumentId::at(at(4)),
            metadata: full_metadata(),
            why: words("the outlet was another"),
        }),
    ));
    let recorded = |(title, body): (&'static str, Body)| {
        let full = title.ends_with("full");
        let request = full.then(|| read("r/1"));
        let (by, imported_from) = (recorder(full), from(full));
        (title, Event { by, request, confidential: full, imported_from, body })
    };
    bodies.into_iter().map(recorded).collect()
}

fn recorder(full: bool) -> Recorder {
    if full {
        let model = Some(read("model 4"));
        let program = Program { name: read("testimony"), version: read("0.1.0"), model };
        Recorder::person(read("Ana")).through(program)
    } else {
        Recorder::person(read("Ana"))
    }
}

fn from(full: bool) -> Option<ImportedFrom> {
    full.then(|| ImportedFrom {
        log: read("example.com/other"),
        seq: at(9_007_199_254_740_991),
        entry: EntryHash::from_bytes([0xab; 32]),
        at: Timestamp::from_micros(1_795_554_896_123_456),
    })
}
