//! Figures as a person types them, through the program: what is kept of each, what is refused, and
//! what is shown is typed again as the same.
//!
//! Knows flags and JSON. Must not know how a figure is read.

use crate::support::program::{Desk, Said};
use serde_json::{Value, json};

/// A phrase of every kind, and the fields that are kept of it.
fn phrases() -> Vec<(&'static str, Value)> {
    vec![
        ("70", json!({"amount": "70"})),
        ("about 12 000 people", json!({"amount": "12000", "unit": "people", "bound": "about"})),
        ("11.8 million Telegram users", json!({"amount": "11800000", "unit": "Telegram users"})),
        ("10 to 15 percent", json!({"amount": "10", "to": "15", "unit": "percent"})),
        (
            "estimated 96 million monthly users",
            json!({"amount": "96000000", "unit": "monthly users", "estimated": true}),
        ),
        (
            "more than half of the 9,600 channels",
            json!({"amount": "0.5", "bound": "more_than",
                "of": {"amount": "9600", "unit": "channels"}}),
        ),
        (
            "62 percent of registered voters",
            json!({"amount": "62", "unit": "percent", "of": {"unit": "registered voters"}}),
        ),
        ("rose by 3 percent", json!({"amount": "3", "unit": "percent", "change": "rose"})),
        ("fell from 10 to 5 percent", json!({"amount": "5", "unit": "percent", "from": "10"})),
        ("turnout: 62 percent", json!({"amount": "62", "unit": "percent", "measure": "turnout"})),
        ("3 per 1,000 inhabitants", json!({"amount": "3", "per": "1000 inhabitants"})),
        ("$5m", json!({"amount": "5000000", "unit": "dollars"})),
        ("€2.5bn", json!({"amount": "2500000000", "unit": "euros"})),
        ("-3 degrees", json!({"amount": "-3", "unit": "degrees"})),
        ("1/3", json!({"amount": "1/3"})),
        ("a third of voters", json!({"amount": "1/3", "unit": "of voters"})),
        ("2⅓ million people", json!({"amount": "7000000/3", "unit": "people"})),
        ("12 \"million boats\"", json!({"amount": "12", "unit": "million boats"})),
    ]
}

fn desk() -> Desk {
    Desk::with_document("The port said that the loss was large.")
}

fn record(desk: &Desk, words: &str, figure: &str) -> Said {
    let claim = ["record", "--document", "1", "--source", "port@", "--quote", "the loss was large"];
    let words = format!("of {words}");
    desk.run(&[&claim[..], &["--words", &words, "--quantity", figure]].concat())
}

fn kept(desk: &Desk) -> Vec<Value> {
    let claims = desk.run(&["list", "claims", "--json"]).json();
    let quantities = |line: &Value| line["asserted"]["claim"]["quantities"].clone();
    claims.iter().map(quantities).collect()
}

#[test]
fn a_typed_figure_is_kept_whole() {
    let desk = desk();
    for (phrase, fields) in phrases() {
        record(&desk, phrase, phrase).clean();
        assert!(kept(&desk).contains(&json!([fields])), "{phrase}: {:?}", kept(&desk).last());
    }
    assert_eq!(kept(&desk).len(), phrases().len());
    desk.audit();
}

#[test]
fn what_is_no_whole_figure_is_refused_and_told_and_nothing_is_kept() {
    let desk = desk();
    let before = desk.entries();
    for (phrase, words) in [
        ("many people", "there is no figure in “many people”"),
        ("turnout 62 percent", "“turnout” is not part of the figure `62 percent`"),
        ("12 000 people left", "“left” is left over after the figure `12000 people`"),
        ("5 people and 3 dogs", "give `5 people` by itself"),
        ("rose by 3 percent to 12 percent", "more than one figure"),
        ("fell from 5 to 10 percent", "in the other direction"),
    ] {
        let said = record(&desk, phrase, phrase);
        assert!(said.refusal().contains(words), "{phrase}: {said:?}");
    }
    assert_eq!(desk.entries(), before);
    desk.audit();
}

#[test]
fn a_figure_is_shown_as_it_can_be_typed() {
    let lines = |fields: &Value| {
        let assertion = json!({
            "document": 1, "content": ["the loss was large"],
            "hops": [{"sources": ["port@"], "role": "said"}],
            "claim": {"words": fields.to_string(), "quantities": [fields]},
        });
        json!({"event": {"claim_asserted": assertion}}).to_string()
    };
    let more = [
        json!({"amount": "1234567.12345", "unit": "12345 a"}),
        json!({"amount": "7000/3000", "unit": "of 4000 voters", "per": "1000 days"}),
    ];
    let all = phrases().into_iter().map(|(_, fields)| fields).chain(more);
    let (given, typed) = (desk(), desk());
    for fields in all {
        given.record(&[lines(&fields)]).clean();
        let newest = format!("#{}", given.entries() - 1);
        let page = given.run(&["show", &newest]).clean();
        let shown = page.lines().find_map(|line| line.trim().strip_prefix("figure   ")).unwrap();
        record(&typed, shown, shown).clean();
    }
    let sorted = |desk: &Desk| {
        let mut kept: Vec<String> = kept(desk).iter().map(ToString::to_string).collect();
        kept.sort();
        kept
    };
    assert_eq!(sorted(&given), sorted(&typed));
    given.audit();
    typed.audit();
}
