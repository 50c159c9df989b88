//! Reads figures and dates from English prose.
//!
//! Knows how numbers, units, money and times are written. Must not know who states them, nor what a
//! claim is. No figure passes through a float; the same text always gives the same figures.

mod value;
mod word;

mod calendar;
mod number;

mod figure;
mod year;

mod phrase;
mod when;

use chrono::NaiveDate;

use word::CutText;

pub use figure::{Figure, FigureKind};
pub use phrase::{PhraseError, quantity};
pub use when::When;

/// The figures and dates of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Numerals {
    /// The figures, in the order of the text.
    pub figures: Vec<Figure>,
    /// The dates, in the order of the text.
    pub dates: Vec<When>,
}

/// Reads every figure and every date of `text` in one pass.
pub fn numerals(text: &str, reference: Option<NaiveDate>) -> Numerals {
    let words = CutText::cut(text);
    let dated = when::read(&words, reference);
    Numerals { figures: figure::read(&words, &dated.marks), dates: dated.found }
}

/// Every figure of `text`, in order. Dates and years are not figures; see [`dates`].
pub fn figures(text: &str) -> Vec<Figure> {
    numerals(text, None).figures
}

/// Every date of `text`, in order. Without a reference date, those that need one are left out.
///
/// A date without a year is in the year that brings it closest to the reference date, where a day
/// after it counts twice as far as a day before it; a weekday is the most recent one.
pub fn dates(text: &str, reference: Option<NaiveDate>) -> Vec<When> {
    when::read(&CutText::cut(text), reference).found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sentences with the figures and dates read from them.
    const SAID: &[(&str, &[&str])] = &[
        ("Nearly 40 percent of 1,250 wells are dry.", &["nearly 40 percent of 1250 wells"]),
        ("Tens of thousands of people marched.", &["at least 10000 people"]),
        (
            "The app's estimated 31 million weekly readers",
            &["an estimated 31000000 weekly readers"],
        ),
        ("close to two billion users worldwide", &["about 2000000000 users"]),
        (
            "They delete millions of pieces of spam every day.",
            &["at least 1000000 pieces of spam per day"],
        ),
        (
            "About 62 percent of the registered voters took part.",
            &["about 62 percent of registered voters"],
        ),
        ("A third of voters and 2⅓ million boats", &["1/3 of voters", "7000000/3 boats"]),
        (
            "5.5 million individuals using the internet in Chad",
            &["5500000 individuals using the internet"],
        ),
        (
            "As many as 40 houses burned, and over 3 million Danish people saw it.",
            &["at most 40 houses", "more than 3000000 Danish people"],
        ),
        (
            "They owe $1.5 billion, €20m and 5,000 Swiss francs.",
            &["1500000000 dollars", "20000000 euros", "5000 Swiss francs"],
        ),
        (
            "between 5 and 10 million trees, or 10 to 15 percent",
            &["5000000 to 10000000 trees", "10 to 15 percent"],
        ),
        (
            "A dozen soldiers, two-thirds of the voters, twice.",
            &["12 soldiers", "2/3 of the voters", "2 times"],
        ),
        ("Half of the 80 members left.", &["0.5 of 80 members"]),
        ("Five of the eight judges agreed.", &["5 judges of 8 judges"]),
        (
            "It sold for $98 a share, $2 more than a year earlier.",
            &["98 dollars per share", "2 dollars"],
        ),
        ("Profit rose from 20 to 30 percent.", &["20", "30 percent"]),
        ("a 14-year-old boy and Ana Ruiz, 54, a nurse", &["14 year-old", "54 years old"]),
        ("It fell to -4.5°C in winds of 120 km/h.", &["-4.5 °C", "120 km/h"]),
        (
            "500 or more cases, 100+ deaths and 15-plus raids",
            &["at least 500 cases", "at least 100 deaths", "at least 15 raids"],
        ),
        ("more than 20 but less than 30 boats", &["20 to 30 boats"]),
        ("One in five adults; one of every nine pupils.", &["0.2 of adults", "1/9 of pupils"]),
        ("6.5 km of road and 5 feet 6 inches of snow", &["6.5 km", "5.5 feet"]),
        (
            "At least one person died and two police officers were hurt.",
            &["at least 1 person", "2 police officers"],
        ),
    ];

    /// Sentences in which no number is a figure.
    const UNSAID: &[&str] = &[
        "One of them knew; no one else did, and the one in charge left.",
        "Her iPhone 6 rang as the B-52 and an F-16 flew past on 9/11.",
        "Article 5 of the treaty, Section 230 and Resolution 1701 stand.",
        "They won 3-2 at 10:30, and lost 21-17 at 5 p.m. by a 2-to-1 vote.",
        "Call 555-123-4567 or +1-222-2222/2222, or see https://a.example/7?q=30%25",
        "In 2016, on May 21 and on 5/17/2018, the third man was first.",
        "The server is at 192.168.1.2, the log on day 5.",
        "One day, at one point, he spoke of those two.",
    ];

    fn read(text: &str) -> Vec<String> {
        figures(text).into_iter().map(|figure| figure.quantity.to_string()).collect()
    }

    fn today() -> NaiveDate {
        "2025-08-14".parse().unwrap()
    }

    fn read_dates(text: &str) -> Vec<String> {
        dates(text, Some(today())).into_iter().map(|when| when.period.to_string()).collect()
    }

    #[test]
    fn a_figure_has_its_unit_its_bound_and_its_base() {
        for (text, expected) in SAID {
            assert_eq!(read(text), *expected, "{text}");
        }
    }

    #[test]
    fn a_number_that_says_which_one_is_no_figure() {
        for text in UNSAID {
            assert_eq!(read(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_figure_stands_where_its_words_are() {
        let text = "Some said “almost 70 percent of 9,600 shops” closed.";
        let figure = &figures(text)[0];
        assert_eq!(&text[figure.start..figure.end], "almost 70 percent of 9,600 shops");
        assert_eq!(figure.kind, FigureKind::Percent);
    }

    #[test]
    fn a_date_is_as_precise_as_it_was_said() {
        for (text, expected) in [
            ("at the start of 2025", "2025-01"),
            ("From 1980 to 2000 there was war.", "1980 to 2000"),
            ("in the 1990s", "1990 to 1999"),
            ("in Q3 2016", "2016-07 to 2016-09"),
            ("on January 12th, 2016", "2016-01-12"),
            ("the summer of 2024", "2024-06 to 2024-08"),
            ("since 2022", "from 2022"),
            ("until 2030", "to 2030"),
            ("in the 21st century", "2000 to 2099"),
            ("2014–18", "2014 to 2018"),
        ] {
            assert_eq!(read_dates(text), [expected], "{text}");
            assert!(dates(text, None).iter().all(|when| !when.relative), "{text}");
        }
    }

    #[test]
    fn what_is_reckoned_needs_a_day_to_reckon_from() {
        for (text, expected) in [
            ("last month", "2025-07 (inferred)"),
            ("on Wednesday", "2025-08-13 (inferred)"),
            ("July 24", "2025-07-24 (inferred)"),
            ("next week", "2025-08-18 to 2025-08-24 (inferred)"),
            ("three years ago", "2022 (inferred)"),
            ("since January 1st", "from 2025-01-01 (inferred)"),
            ("early next year", "2026-01 to 2026-06 (inferred)"),
            ("yesterday", "2025-08-13 (inferred)"),
        ] {
            assert_eq!(read_dates(text), [expected], "{text}");
            assert!(dates(text, None).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_printed_of_a_figure_is_read_as_the_same_figure() {
        for (text, _) in SAID {
            for figure in figures(text) {
                let printed = figure.quantity.to_string();
                assert_eq!(quantity(&printed), Ok(figure.quantity), "{text}: {printed}");
            }
        }
    }

    /// Words from which sentences full of figures and dates are made.
    const WORDS: &[&str] = &[
        "1",
        "20",
        "1,234",
        "2016",
        "0.5",
        ".5",
        "-",
        "–",
        "/",
        "%",
        "$",
        "€",
        "°",
        "½",
        "'",
        "\"",
        "one",
        "two",
        "twenty",
        "hundred",
        "thousand",
        "million",
        "dozen",
        "half",
        "a",
        "third",
        "thirds",
        "quarter",
        "of",
        "and",
        "or",
        "to",
        "the",
        "point",
        "minus",
        "every",
        "in",
        "per",
        "percent",
        "cent",
        "euros",
        "USD",
        "km",
        "feet",
        "pounds",
        "year",
        "years",
        "old",
        "ago",
        "people",
        "pieces",
        "Telegram",
        "users",
        "using",
        "more",
        "than",
        "least",
        "at",
        "from",
        "between",
        "until",
        "last",
        "next",
        "this",
        "week",
        "month",
        "May",
        "January",
        "Friday",
        "first",
        "early",
        "end",
        "Q3",
        "1990s",
        "(",
        ")",
        ",",
        ".",
        ":",
        "e",
        "x",
        "^",
        "m",
        "k",
        "estimated",
        "about",
        "over",
        "up",
        "out",
        "equal",
        "ரூ",
        "é",
        "\u{202f}",
        "999999999999",
    ];

    fn sentence() -> impl Strategy<Value = String> {
        let word = (0..WORDS.len(), any::<bool>());
        proptest::collection::vec(word, 0..40).prop_map(|words| {
            let mut text = String::new();
            for (word, is_glued) in words {
                text.push_str(WORDS[word]);
                text.push_str(if is_glued { "" } else { " " });
            }
            text
        })
    }

    fn stands(text: &str) -> Result<(), TestCaseError> {
        let mut last = 0;
        for figure in figures(text) {
            prop_assert!(last <= figure.end && text.get(figure.start..figure.end).is_some());
            last = figure.end;
        }
        let mut last = 0;
        for when in dates(text, Some(today())) {
            prop_assert!(last <= when.start && text.get(when.start..when.end).is_some());
            last = when.end;
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn any_text_is_read(text in any::<String>()) {
            stands(&text)?;
        }

        #[test]
        fn any_sentence_of_numbers_and_dates_is_read(text in sentence()) {
            stands(&text)?;
        }

        #[test]
        fn any_day_can_be_reckoned_from(text in sentence(), day in -4_000_000i32..4_000_000) {
            let day = NaiveDate::from_num_days_from_ce_opt(day);
            dates(&text, day);
        }

        #[test]
        fn a_quantity_is_read_as_it_is_printed(
            amount in 2u64..10_000_000_000,
            places in 0usize..3,
            to in proptest::option::of(1u64..1_000_000),
            unit in prop::sample::select(UNITS),
            bound in prop::sample::select(BOUNDS),
            estimated in any::<bool>(),
            per in proptest::option::of(prop::sample::select(&["day", "person", "year"][..])),
        ) {
            let decimal = |number: u64| {
                let fraction = "25".get(..places).unwrap_or_default();
                let point = if places > 0 { "." } else { "" };
                format!("{number}{point}{fraction}").parse().unwrap()
            };
            let fields = crate::domain::quantity::QuantityFields {
                to: to.map(|more| decimal(amount + more)),
                bound,
                estimated,
                per: per.map(|per| per.parse().unwrap()),
                ..crate::domain::quantity::QuantityFields::of(decimal(amount), unit.parse().unwrap())
            };
            let quantity = crate::domain::quantity::Quantity::try_from(fields).unwrap();
            let again: Vec<_> = figures(&quantity.to_string()).into_iter().map(|one| one.quantity).collect();
            prop_assert_eq!(again, [quantity]);
        }

        #[test]
        fn a_period_is_read_as_it_is_printed(
            year in 1500u16..2049, month in 1u8..=12, day in 1u32..=28, later in 0u16..50,
            precision in 0..3, shape in 0..4,
        ) {
            use crate::domain::moment::{Basis, Date, Period};
            let date = |year: u16| match precision {
                0 => Date::Year(year),
                1 => Date::Month(year, month),
                _ => Date::Day(NaiveDate::from_ymd_opt(year.into(), month.into(), day).unwrap()),
            };
            let (from, to) = (date(year), date(year + later + 1));
            let period = match shape {
                0 => Period::at(from, Basis::Printed),
                1 => Period::between(Some(from), None, Basis::Printed).unwrap(),
                2 => Period::between(None, Some(to), Basis::Printed).unwrap(),
                _ => Period::between(Some(from), Some(to), Basis::Printed).unwrap(),
            };
            let again: Vec<_> = dates(&period.to_string(), None).into_iter().map(|when| when.period).collect();
            prop_assert_eq!(again, [period]);
        }
    }

    const UNITS: &[&str] = &[
        "people",
        "monthly users",
        "percent",
        "percentage points",
        "dollars",
        "US dollars",
        "euros",
        "pounds sterling",
        "Swiss francs",
        "km",
        "miles per hour",
        "tonnes",
        "°C",
        "hours",
        "times",
        "police officers",
        "pieces of harmful content",
        "barrels",
    ];

    const BOUNDS: &[crate::domain::quantity::Bound] = &{
        use crate::domain::quantity::Bound::*;
        [Stated, About, Nearly, AtLeast, MoreThan, AtMost, LessThan]
    };
}
