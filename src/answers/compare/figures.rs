//! Compares two figures, if they measure the same thing.
//!
//! Knows quantities and what they measure. Must not know who states them. Two figures are compared
//! only if unit, base, rate, place and time are given and agree; otherwise the result says only
//! which of these are missing or differ.

use std::cmp::Ordering;

use serde::Serialize;

use crate::domain::claim::Claim;
use crate::domain::quantity::{Amount, Bound, Quantity, Unit};

/// Why two figures cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// They count or measure different things.
    UnitsDiffer,
    /// They are percentages of different things, or the base of one is not given.
    BasesDiffer,
    /// They measure different things, or one is a level and the other a change.
    MeasuresDiffer,
    /// One is a rate and the other is not, or they are rates per different things.
    RatesDiffer,
    /// They refer to different places.
    PlacesDiffer,
    /// Only one of them gives a place.
    PlaceMissing,
    /// They refer to different times.
    TimesDiffer,
    /// At least one of them gives no time.
    TimeMissing,
}

impl Obstacle {
    /// The wording for display.
    pub const fn words(self) -> &'static str {
        match self {
            Self::UnitsDiffer => "they count different things",
            Self::BasesDiffer => "their bases differ",
            Self::MeasuresDiffer => "they measure different things",
            Self::RatesDiffer => "their rates differ",
            Self::PlacesDiffer => "they refer to different places",
            Self::PlaceMissing => "one of them gives no place",
            Self::TimesDiffer => "they refer to different times",
            Self::TimeMissing => "at least one of them gives no time",
        }
    }
}

/// How two figures compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Both can be true.
    Agree,
    /// They measure the same thing and cannot both be true.
    Differ,
    /// They do not measure the same thing, as far as is known.
    CannotCompare(Vec<Obstacle>),
}

/// Units that count people, by their last word. Such figures look comparable to a reader, so it is
/// worth saying when they are not.
const PEOPLE: [&str; 16] = [
    "users",
    "people",
    "individuals",
    "persons",
    "citizens",
    "residents",
    "subscribers",
    "customers",
    "members",
    "inhabitants",
    "visitors",
    "victims",
    "deaths",
    "dead",
    "casualties",
    "readers",
];

/// What a figure counts. A reader might think that two figures of one kind measure the same thing.
pub(super) fn kind(quantity: &Quantity) -> String {
    let unit = quantity.unit().map_or("", Unit::as_str);
    let last = unit.rsplit(' ').next().unwrap_or_default().to_lowercase();
    if PEOPLE.contains(&last.as_str()) || unit.starts_with("individuals") {
        "people".to_owned()
    } else {
        last
    }
}

/// Compares two figures in the context of their claims.
pub(super) fn compare(left: (&Claim, &Quantity), right: (&Claim, &Quantity)) -> Verdict {
    let obstacles = obstacles(left, right);
    if !obstacles.is_empty() {
        return Verdict::CannotCompare(obstacles);
    }
    if can_both_be(left.1, right.1) { Verdict::Agree } else { Verdict::Differ }
}

fn obstacles(left: (&Claim, &Quantity), right: (&Claim, &Quantity)) -> Vec<Obstacle> {
    let fold = |text: &str| text.to_lowercase();
    let named = |unit: Option<&Unit>| unit.map(|unit| fold(unit.as_str()));
    let unit = |quantity: &Quantity| named(quantity.unit());
    let base = |quantity: &Quantity| quantity.of().map(|base| named(base.unit()));
    let measure = |quantity: &Quantity| named(quantity.measure());
    let is_change = |quantity: &Quantity| quantity.change().is_some();
    let rate = |quantity: &Quantity| quantity.per().map(|per| fold(per.as_str()));
    let place = |claim: &Claim| claim.place.as_ref().map(|place| fold(place.as_str()));
    let mut found = Vec::new();
    let mut note = |differs: bool, obstacle| {
        if differs {
            found.push(obstacle);
        }
    };
    note(unit(left.1) != unit(right.1), Obstacle::UnitsDiffer);
    note(measure(left.1) != measure(right.1), Obstacle::MeasuresDiffer);
    note(is_change(left.1) != is_change(right.1), Obstacle::MeasuresDiffer);
    note(base(left.1) != base(right.1), Obstacle::BasesDiffer);
    note(rate(left.1) != rate(right.1), Obstacle::RatesDiffer);
    match (place(left.0), place(right.0)) {
        (Some(left), Some(right)) => note(left != right, Obstacle::PlacesDiffer),
        (None, None) => {}
        _ => note(true, Obstacle::PlaceMissing),
    }
    match (left.0.holds, right.0.holds) {
        (Some(left), Some(right)) => {
            note(left.days() != right.days(), Obstacle::TimesDiffer);
        }
        _ => note(true, Obstacle::TimeMissing),
    }
    found
}

/// The lowest and highest value that a figure allows; none if there is no limit on that side. For
/// an approximation or an estimate there is neither, because the text does not say how far off it
/// may be.
fn bounds(quantity: &Quantity) -> (Option<&Amount>, Option<&Amount>) {
    let low = Some(quantity.amount());
    let high = Some(quantity.to().unwrap_or(quantity.amount()));
    match quantity.bound() {
        _ if quantity.estimated() => (None, None),
        Bound::Stated => (low, high),
        Bound::About | Bound::Nearly => (None, None),
        Bound::AtLeast | Bound::MoreThan => (low, None),
        Bound::AtMost | Bound::LessThan => (None, high),
    }
}

fn can_both_be(left: &Quantity, right: &Quantity) -> bool {
    let ((left_low, left_high), (right_low, right_high)) = (bounds(left), bounds(right));
    let below = |high: Option<&Amount>, low: Option<&Amount>, strict: bool| match (high, low) {
        (Some(high), Some(low)) => match high.compare(low) {
            Ordering::Less => true,
            Ordering::Equal => strict,
            Ordering::Greater => false,
        },
        _ => false,
    };
    let strict = |low: &Quantity, high: &Quantity| {
        low.bound() == Bound::MoreThan || high.bound() == Bound::LessThan
    };
    !below(left_high, right_low, strict(right, left))
        && !below(right_high, left_low, strict(left, right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(json: &str) -> Claim {
        serde_json::from_str(json).unwrap()
    }

    fn verdict(left: &str, right: &str) -> Verdict {
        let (left, right) = (claim(left), claim(right));
        compare((&left, &left.quantities[0]), (&right, &right.quantities[0]))
    }

    #[test]
    fn figures_of_different_measures_are_never_a_conflict() {
        let media = r#"{"words":"x","quantities":[{"amount":"96000000","unit":"monthly users","estimated":true}],"where":"Russia"}"#;
        let company = r#"{"words":"x","quantities":[{"amount":"100000000","unit":"Russian people","bound":"more_than"}]}"#;
        assert_eq!(
            verdict(media, company),
            Verdict::CannotCompare(vec![
                Obstacle::UnitsDiffer,
                Obstacle::PlaceMissing,
                Obstacle::TimeMissing
            ])
        );
    }

    #[test]
    fn figures_of_one_measure_differ_or_agree_by_their_bounds() {
        let figure = |amount: &str, bound: &str, year: &str| {
            format!(
                r#"{{"words":"x","quantities":[{{"amount":"{amount}","unit":"people","bound":"{bound}"}}],"holds":{{"at":"{year}"}}}}"#
            )
        };
        let held = |left: (&str, &str), right: (&str, &str)| {
            verdict(&figure(left.0, left.1, "1985"), &figure(right.0, right.1, "1985"))
        };
        assert_eq!(held(("62", "stated"), ("69", "stated")), Verdict::Differ);
        assert_eq!(held(("62", "stated"), ("62.0", "stated")), Verdict::Agree);
        assert_eq!(held(("62", "stated"), ("69", "at_most")), Verdict::Agree);
        assert_eq!(held(("69", "more_than"), ("69", "stated")), Verdict::Differ);
        assert_eq!(held(("69", "at_least"), ("69", "stated")), Verdict::Agree);
        assert_eq!(held(("62", "about"), ("900", "stated")), Verdict::Agree);
        let other_year = verdict(&figure("62", "stated", "1985"), &figure("69", "stated", "1986"));
        assert_eq!(other_year, Verdict::CannotCompare(vec![Obstacle::TimesDiffer]));
    }
}
