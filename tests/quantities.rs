//! The published cases of Recognizers-Text: what is read from them, held against what they expect
//! and against docs/quantities.md. Where the cases are not at hand, nothing is tested.
//!
//! Knows the shape of the cases. Must not know how anything is read.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::gold;
use crate::support::published::published;
use chrono::NaiveDate;
use serde_json::Value;
use testimony::moment::Date;
use testimony::numeral::{Figure, FigureKind, When, dates, figures};
use testimony::quantity::{Amount, Bound, Quantity};

/// The folder of the cases: tests that need it are ignored unless asked for.
fn folder() -> PathBuf {
    published("TESTIMONY_QUANTITIES", "../shared/quantities", "NumberModel.json")
}

/// A file of cases, and how one of them is judged.
struct Model {
    file: &'static str,
    agrees: fn(&Value) -> bool,
    /// Whether a case asks for something that a reading can have.
    is_fair: fn(&Value) -> bool,
}

const MODELS: &[Model] = &[
    Model { file: "NumberModel", agrees: numbers_agree, is_fair: every },
    Model { file: "NumberRangeModel", agrees: ranges_agree, is_fair: every },
    Model { file: "PercentModel", agrees: percents_agree, is_fair: has_values },
    Model { file: "CurrencyModel", agrees: money_agrees, is_fair: every },
    Model { file: "DimensionModel", agrees: dimensions_agree, is_fair: every },
    Model { file: "DateParser", agrees: dates_agree, is_fair: every },
    Model { file: "DatePeriodParser", agrees: periods_agree, is_fair: every },
];

fn every(_: &Value) -> bool {
    true
}

fn input(case: &Value) -> &str {
    case["Input"].as_str().unwrap()
}

fn results(case: &Value) -> &[Value] {
    case["Results"].as_array().unwrap()
}

/// Their value of a result: `null` and missing values name a unit without an amount.
fn value(result: &Value) -> Option<&str> {
    result["Resolution"]["value"].as_str().filter(|value| *value != "null")
}

fn has_values(case: &Value) -> bool {
    results(case).iter().all(|result| value(result).is_some())
}

fn expected_values(case: &Value) -> Vec<&str> {
    results(case).iter().filter_map(value).collect()
}

/// Their spelling of a number as a decimal: they write some with an exponent.
fn decimal(text: &str) -> Amount {
    let Some((digits, exponent)) = text.split_once('E') else { return text.parse().unwrap() };
    let exponent: i32 = exponent.parse().unwrap();
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let point = i32::try_from(whole.len()).unwrap() + exponent;
    let all = format!("{whole}{fraction}");
    let written = if point <= 0 {
        format!("0.{}{all}", "0".repeat(usize::try_from(-point).unwrap()))
    } else {
        let point = usize::try_from(point).unwrap();
        let padded = format!("{all:0<point$}");
        let (whole, fraction) = padded.split_at(point);
        if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
    };
    format!("{sign}{written}").parse().unwrap()
}

/// Whether the amounts are one; a fraction of ours is as close to theirs as their digits go.
fn is_same(ours: &Amount, theirs: &str) -> bool {
    let theirs = decimal(theirs);
    ours.compare(&theirs).is_eq() || is_rounded(ours, &theirs)
}

/// Whether a decimal of fifteen digits or so is a fraction as they round it.
fn is_rounded(fraction: &Amount, decimal: &Amount) -> bool {
    let Some((over, under)) = fraction.as_str().split_once('/') else { return false };
    let Some((whole, places)) = decimal.as_str().split_once('.') else { return false };
    let number = |digits: &str| digits.trim_start_matches('-').parse::<u128>().unwrap();
    let (over, under) = (number(over), number(under));
    let scaled = over * 10u128.pow(u32::try_from(places.len()).unwrap());
    let theirs = number(&format!("{whole}{places}")) * under;
    let is_long = whole.len() + places.len() >= 15;
    is_long && fraction.is_negative() == decimal.is_negative() && scaled.abs_diff(theirs) <= under
}

/// All figures, those within others after what they are within.
fn amounts(figures: &[Figure]) -> Vec<Amount> {
    let mut amounts = Vec::new();
    for figure in figures {
        let one = &figure.quantity;
        amounts.push(one.amount().clone());
        amounts.extend(one.to().cloned());
        if let Some(base) = one.of() {
            amounts.extend(base.amount().cloned());
            amounts.extend(base.to().cloned());
        }
    }
    amounts
}

fn same_amounts(ours: &[Amount], theirs: &[&str]) -> bool {
    ours.len() == theirs.len()
        && ours.iter().zip(theirs).all(|(ours, theirs)| is_same(ours, theirs))
}

/// Numbers: every amount, but of lengths and weights, which they keep for another model.
fn numbers_agree(case: &Value) -> bool {
    let mut found = figures(input(case));
    found.retain(|figure| figure.kind != FigureKind::Dimension);
    same_amounts(&amounts(&found), &expected_values(case))
}

fn percents_agree(case: &Value) -> bool {
    let mut found = figures(input(case));
    found.retain(|figure| figure.kind == FigureKind::Percent);
    let theirs: Vec<&str> =
        expected_values(case).iter().map(|value| value.trim_end_matches('%')).collect();
    same_amounts(&amounts(&found), &theirs)
}

/// A range as they write it, `[20,30)`, against a figure. What we say of a range is its two ends;
/// whether they belong to it, no text says.
fn is_range(figure: &Figure, theirs: &str) -> bool {
    let quantity = &figure.quantity;
    let opened = theirs.starts_with('(');
    let closes = theirs.ends_with(']');
    let (low, high) = theirs[1..theirs.len() - 1].split_once(',').unwrap();
    match (low, high, quantity.to()) {
        (low, "", None) => {
            let bound = if opened { Bound::MoreThan } else { Bound::AtLeast };
            quantity.bound() == bound && is_same(quantity.amount(), low)
        }
        ("", high, None) => {
            let bound = if closes { Bound::AtMost } else { Bound::LessThan };
            quantity.bound() == bound && is_same(quantity.amount(), high)
        }
        (low, high, None) => {
            low == high && quantity.bound() == Bound::Stated && is_same(quantity.amount(), low)
        }
        (low, high, Some(to)) => is_same(quantity.amount(), low) && is_same(to, high),
    }
}

/// Ranges: those figures that are ranges or bounded on one side, or stand for "equal to".
fn ranges_agree(case: &Value) -> bool {
    let theirs = expected_values(case);
    let found = figures(input(case));
    let is_bounded = |figure: &&Figure| {
        let open = [Bound::Stated, Bound::About, Bound::Nearly];
        figure.quantity.to().is_some() || !open.contains(&figure.quantity.bound())
    };
    let equal = |figure: &&Figure| theirs.iter().any(|theirs| is_range(figure, theirs));
    let ours: Vec<&Figure> =
        found.iter().filter(|figure| is_bounded(figure) || equal(figure)).collect();
    ours.len() == theirs.len()
        && ours.iter().zip(theirs).all(|(ours, theirs)| is_range(ours, theirs))
}

/// A unit in the words both sides can be written in.
fn plain_unit(unit: &str) -> String {
    let lower = unit.to_lowercase();
    let words: Vec<String> = lower.split([' ', '-']).map(singular).collect();
    let words = words.join(" ");
    let named = SAME_UNITS.iter().find(|(_, names)| names.contains(&words.as_str()));
    named.map_or(words, |(name, _)| (*name).to_owned())
}

fn singular(word: &str) -> String {
    match word {
        "feet" => "foot".to_owned(),
        "inches" => "inch".to_owned(),
        "pence" | "pennies" => "pence".to_owned(),
        _ if word.contains('/') => word.to_owned(),
        _ if word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") => {
            word[..word.len() - 1].replace("metre", "meter").replace("litre", "liter")
        }
        _ => word.replace("metre", "meter").replace("litre", "liter"),
    }
}

/// Their name of a unit, and what else it is called: codes, signs, and names of one currency.
const SAME_UNITS: &[(&str, &[&str])] = &[
    ("united state dollar", &["us dollar", "usd"]),
    ("canadian dollar", &["cad"]),
    ("hong kong dollar", &["hkd"]),
    ("australian dollar", &["aud"]),
    ("new zealand dollar", &["nzd"]),
    ("mexican peso", &["mxn"]),
    ("euro", &["eur"]),
    ("british pound", &["gbp"]),
    ("pound", &["pound sterling", "lb", "lbs"]),
    ("japanese yen", &["yen"]),
    ("chinese yuan", &["yuan", "rmb", "kuai"]),
    ("netherland guilder", &["dutch guilder"]),
    ("bitcoin", &["btc"]),
    ("lao kip", &["kip"]),
    ("georgian lari", &["lari"]),
    ("costa rican colón", &["colone"]),
    ("milliliter", &["ml"]),
    ("kilometer", &["km"]),
    ("millimeter", &["mm"]),
    ("decimeter", &["dm"]),
    ("meter", &["m"]),
    ("picometer", &["pm"]),
    ("square kilometer", &["km2"]),
    ("square meter", &["m2"]),
    ("kilogram", &["kg"]),
    ("microgram", &["μg", "microgramme"]),
    ("megabyte", &["mb"]),
    ("ton", &["tonne", "t"]),
    ("foot", &["ft"]),
    ("radian", &["rad"]),
    ("mile per hour", &["mile an hour"]),
    ("kilometer per hour", &["kph", "kmph", "km/hr"]),
    ("kilometer per millisecond", &["km/ms"]),
    ("centimeter per millisecond", &["centimeters/millisecond", "centimeter/millisecond"]),
    ("dram", &["drachma"]),
];

fn measured_agrees(case: &Value, kind: FigureKind) -> bool {
    let found = figures(input(case));
    let ours: Vec<&Figure> = found.iter().filter(|figure| figure.kind == kind).collect();
    let theirs: Vec<&Value> =
        results(case).iter().filter(|result| value(result).is_some()).collect();
    let is_one = |ours: &Figure, theirs: &Value| {
        let unit = theirs["Resolution"]["unit"].as_str().unwrap();
        // Of a range they take the second end alone.
        let amount = ours.quantity.to().unwrap_or(ours.quantity.amount());
        let value = value(theirs).unwrap();
        is_same(amount, value)
            && plain_unit(ours.quantity.unit().map_or("", |unit| unit.as_str())) == plain_unit(unit)
    };
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| is_one(ours, theirs))
}

fn money_agrees(case: &Value) -> bool {
    measured_agrees(case, FigureKind::Currency)
}

fn dimensions_agree(case: &Value) -> bool {
    measured_agrees(case, FigureKind::Dimension)
}

/// The dates a period has, as it is written: one, or the two ends.
fn ends(when: &When) -> (Date, Date) {
    let written = serde_json::to_value(when.period).unwrap();
    let date = |field: &str| written[field].as_str().map(|text| text.parse::<Date>().unwrap());
    let at = date("at").or(date("from")).or(date("to")).unwrap();
    (date("from").unwrap_or(at), date("to").unwrap_or(at))
}

fn day_of(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

/// Whether a date is one of theirs: they give one in the future and one in the past. Their period
/// ends with the day after its last, or with the first of what the text names as its end.
fn is_resolved(when: &When, resolution: &Value) -> bool {
    let (from, to) = ends(when);
    if let Some(day) = resolution["date"].as_str() {
        return day_of(day).is_some_and(|day| from == Date::Day(day) && to == from);
    }
    let field = |name: &str| resolution[name].as_str().and_then(day_of);
    let Some((start, end)) = field("startDate").zip(field("endDate")) else { return false };
    let is_end = to.first_day() == end && from != to || to.last_day().succ_opt() == Some(end);
    from.first_day() == start && is_end
}

fn is_when(when: &When, result: &Value) -> bool {
    let value = &result["Value"];
    let (future, past) = (&value["FutureResolution"], &value["PastResolution"]);
    // A season has no days there.
    let is_bare = future.as_object().is_none_or(|fields| fields.is_empty());
    is_bare || is_resolved(when, future) || is_resolved(when, past)
}

/// No day of the calendar: they give the first of all years for February 30.
fn is_no_day(result: &&Value) -> bool {
    result["Value"]["FutureResolution"]["date"] == "0001-01-01"
}

fn read_dates(case: &Value, keep: impl Fn(&When) -> bool) -> bool {
    let reference = case["Context"]["ReferenceDateTime"].as_str().and_then(|at| day_of(&at[..10]));
    let ours: Vec<When> = dates(input(case), reference).into_iter().filter(keep).collect();
    let theirs: Vec<&Value> = results(case).iter().filter(|result| !is_no_day(result)).collect();
    ours.len() == theirs.len()
        && ours.iter().zip(theirs).all(|(ours, theirs)| is_when(ours, theirs))
}

fn is_day(when: &When) -> bool {
    let (from, to) = ends(when);
    matches!(from, Date::Day(_)) && from == to
}

fn dates_agree(case: &Value) -> bool {
    read_dates(case, |_| true)
}

fn periods_agree(case: &Value) -> bool {
    read_dates(case, |when| {
        !is_day(when) || results(case).iter().any(|result| result["Type"] == "date")
    })
}

fn cases(folder: &Path, file: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(format!("{file}.json"))).unwrap();
    serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap()
}

/// The numbers of the cases that disagree, from 1, and how many are counted.
struct Outcome {
    all: usize,
    counted: usize,
    disagree: Vec<usize>,
}

fn outcome(folder: &Path, model: &Model) -> Outcome {
    let cases = cases(folder, model.file);
    let counted: Vec<_> = (1..).zip(&cases).filter(|(_, case)| (model.is_fair)(case)).collect();
    let wrong = counted.iter().filter(|(_, case)| !(model.agrees)(case));
    let disagree = wrong.map(|(number, _)| *number).collect();
    Outcome { all: cases.len(), counted: counted.len(), disagree }
}

/// The rows of docs/quantities.md whose first cell begins with the name of a file of cases.
fn told(file: &str) -> Vec<Vec<String>> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/quantities.md");
    let page = fs::read_to_string(page).unwrap();
    let cells = |line: &str| {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    };
    let rows: Vec<Vec<String>> =
        page.lines().filter(|line| line.starts_with("| ")).map(cells).collect();
    let is_of = |row: &Vec<String>| row[0] == format!("`{file}`");
    rows.into_iter().filter(is_of).collect()
}

/// The case numbers in a cell: "2, 80–85".
fn numbers(cell: &str) -> Vec<usize> {
    let mut numbers = Vec::new();
    for part in cell.split(", ") {
        let (first, last) = part.split_once('–').unwrap_or((part, part));
        numbers.extend(first.parse::<usize>().unwrap()..=last.parse().unwrap());
    }
    numbers
}

#[test]
#[ignore = "needs the published cases that TESTIMONY_QUANTITIES names"]
fn docs_quantities_tells_how_many_agree_and_why_the_others_do_not() {
    let folder = folder();
    for model in MODELS {
        let outcome = outcome(&folder, model);
        let mut rows = told(model.file);
        let counts = [outcome.all, outcome.counted, outcome.counted - outcome.disagree.len()];
        let counts = counts.map(|count| count.to_string());
        assert_eq!(
            rows.remove(0)[1..4],
            counts,
            "{} (disagree: {:?})",
            model.file,
            outcome.disagree
        );
        let mut explained: Vec<usize> = rows.iter().flat_map(|row| numbers(&row[1])).collect();
        explained.sort_unstable();
        assert_eq!(explained, outcome.disagree, "{}", model.file);
    }
}

#[test]
#[ignore = "needs the published cases that TESTIMONY_QUANTITIES names"]
fn nine_of_ten_figures_and_eight_of_ten_dates_agree() {
    let folder = folder();
    for model in MODELS {
        let outcome = outcome(&folder, model);
        let least = if model.file.starts_with("Date") { 80 } else { 90 };
        let agree = outcome.counted - outcome.disagree.len();
        assert!(agree * 100 >= outcome.counted * least, "{}: {agree}", model.file);
    }
}

/// The quantities of a line of the yardstick, as ours are written.
fn gold_quantities(line: &Value) -> Vec<Quantity> {
    let quantities = line["quantities"].as_array().cloned().unwrap_or_default();
    let read = |mut quantity: Value| {
        quantity.as_object_mut().unwrap().remove("note");
        serde_json::from_value(quantity).unwrap()
    };
    quantities.into_iter().map(read).collect()
}

#[test]
#[ignore = "needs the articles that TESTIMONY_ARTICLES names"]
fn every_quantity_and_date_of_the_real_articles_is_read_from_its_sentence() {
    let folder = gold::folder();
    let mut read = 0;
    for line in fs::read_to_string(folder.join("gold.jsonl")).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let pieces = line["content"].as_array().unwrap().iter();
        let text =
            pieces.map(|piece| piece["exact"].as_str().unwrap()).collect::<Vec<_>>().join(" … ");
        let ours: Vec<Quantity> =
            figures(&text).into_iter().map(|figure| figure.quantity).collect();
        assert_eq!(ours, gold_quantities(&line), "{text}");
        read += ours.len();
        if let Some(holds) = line["holds"].as_str() {
            let found: Vec<String> =
                dates(&text, None).iter().map(|when| when.period.to_string()).collect();
            assert_eq!(found, [holds], "{text}");
        }
    }
    assert_eq!(read, 9);
}
