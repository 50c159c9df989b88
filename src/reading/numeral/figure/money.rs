//! Reads currencies: their signs, codes and names, before an amount or after it.
//!
//! Knows how currencies are written. Must not know the amounts.

use crate::reading::numeral::word::{CutText, Meaning};

/// A currency next to an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Money {
    /// The unit: as in the text, or the name of its sign.
    pub(super) name: String,
    /// The word after it.
    pub(super) end: usize,
    /// The exponent written with the currency that belongs to the amount: 6 for "MUSD".
    pub(super) scale: u8,
}

impl Money {
    fn named(name: impl Into<String>, end: usize) -> Self {
        Self { name: name.into(), end, scale: 0 }
    }
}

/// The name of the currency with this sign.
const fn of_sign(sign: char) -> Option<&'static str> {
    Some(match sign {
        '$' => "dollars",
        '€' => "euros",
        '£' => "pounds sterling",
        '¥' | '￥' => "yen",
        '元' => "yuan",
        '₹' => "rupees",
        '₽' => "roubles",
        '₩' => "South Korean won",
        '₪' => "shekels",
        '₺' => "lira",
        '₴' => "hryvnias",
        '₦' => "naira",
        '₱' => "pesos",
        '฿' => "baht",
        '₫' => "dong",
        '₿' => "bitcoins",
        '₡' => "colones",
        '₾' => "lari",
        '₭' => "kip",
        '₸' => "tenge",
        '¢' => "cents",
        _ => return None,
    })
}

fn sign_at(words: &CutText<'_>, at: usize) -> Option<&'static str> {
    match words.term(at) {
        Meaning::Sign(sign) => of_sign(sign),
        // This ideograph counts as a letter, not as a sign.
        _ if words.word(at) == "元" => Some("yuan"),
        _ => None,
    }
}

/// The dollar that the letters before its sign stand for.
fn dollars(letters: &str, is_glued: bool) -> Option<&'static str> {
    // A single letter may be the end of another word.
    if matches!(letters, "a" | "s" | "r") || matches!(letters, "A" | "S" | "R") && !is_glued {
        return None;
    }
    let upper = letters.to_ascii_uppercase();
    Some(match upper.as_str() {
        "US" | "USD" => "US dollars",
        "C" | "CA" | "CAD" | "CDN" => "Canadian dollars",
        "A" | "AU" | "AUD" => "Australian dollars",
        "HK" | "HKD" => "Hong Kong dollars",
        "NZ" | "NZD" => "New Zealand dollars",
        "S" | "SG" | "SGD" => "Singapore dollars",
        "NT" | "TWD" => "Taiwan dollars",
        "R" | "BRL" => "reais",
        "MX" | "MEX" | "MXN" => "Mexican pesos",
        _ => return None,
    })
}

/// The currency that begins at `at`, before an amount.
pub(super) fn before(words: &CutText<'_>, at: usize) -> Option<Money> {
    if let Some(name) = sign_at(words, at) {
        return Some(Money::named(name, at + 1));
    }
    let is_dollar = |sign: usize| words.is_sign(sign, '$');
    if is_dollar(at + 1) {
        let name = dollars(words.word(at), words.is_glued(at + 1))?;
        return Some(Money::named(name, at + 2));
    }
    let is_dotted = words.is(at, "u") && words.is_sign(at + 1, '.') && words.is(at + 2, "s");
    if is_dotted && (is_dollar(at + 3) || words.is_sign(at + 3, '.') && is_dollar(at + 4)) {
        return Some(Money::named("US dollars", if is_dollar(at + 3) { at + 4 } else { at + 5 }));
    }
    if words.term(at + 1) != Meaning::Digits {
        return None;
    }
    match words.term(at) {
        Meaning::Code => Some(Money::named(words.word(at), at + 1)),
        Meaning::Currency => Some(Money::named(words.word(at), at + 1)),
        _ => {
            let code = millions_of(words.word(at))?;
            Some(Money { name: code.to_owned(), end: at + 1, scale: 6 })
        }
    }
}

/// The code in "MUSD".
fn millions_of(word: &str) -> Option<&'static str> {
    const CODES: [&str; 8] = ["USD", "EUR", "GBP", "AUD", "CAD", "CHF", "SEK", "NOK"];
    let code = word.strip_prefix('M')?;
    CODES.into_iter().find(|known| *known == code)
}

/// The currency at `at`, after an amount. `is_large` is set if the amount has a scale, in which
/// case "pounds" are money.
pub(super) fn after(words: &CutText<'_>, at: usize, is_large: bool) -> Option<Money> {
    let joined = words.is_dash(at) && words.is_glued(at) && words.is_glued(at + 1);
    let at = if joined { at + 1 } else { at };
    if let Some(name) = sign_at(words, at) {
        let is_next = words.is_glued(at + 1) && words.term(at + 1) == Meaning::Digits;
        return (!is_next).then(|| Money::named(name, at + 1));
    }
    let realm = realm(words, at);
    match words.term(at + realm) {
        Meaning::Currency => Some(Money::named(words.passage(at, at + realm + 1), at + realm + 1)),
        Meaning::Pounds if is_large || realm > 0 => {
            Some(Money::named(words.passage(at, at + realm + 1), at + realm + 1))
        }
        Meaning::Pounds if words.is(at + 1, "sterling") => {
            Some(Money::named(words.passage(at, at + 2), at + 2))
        }
        Meaning::Code if words.is_glued(at + 1) && words.term(at + 1) == Meaning::Digits => None,
        Meaning::Code if realm == 0 => {
            let end = at + 1;
            let scaled =
                |exponent| Money { scale: exponent, ..Money::named(words.word(at), end + 1) };
            Some(match words.term(end) {
                Meaning::Scale(exponent) => scaled(exponent),
                _ => Money::named(words.word(at), end),
            })
        }
        Meaning::Stop if words.is(at + realm, "won") && (is_large || realm > 0) => {
            Some(Money::named(words.passage(at, at + realm + 1), at + realm + 1))
        }
        _ => {
            let code = millions_of(words.word(at))?;
            Some(Money { name: code.to_owned(), end: at + 1, scale: 6 })
        }
    }
}

/// The number of words at `at` that name the country of a currency.
fn realm(words: &CutText<'_>, at: usize) -> usize {
    let pairs = [["hong", "kong"], ["new", "zealand"], ["south", "korean"], ["south", "african"]];
    if pairs.iter().any(|pair| words.begin_with(at, pair)) {
        return 2;
    }
    let is_us = words.is(at, "us");
    usize::from(is_us || words.term(at) == Meaning::Realm)
}

/// Whether the word at `at` names the hundredth part of a currency.
pub(super) fn is_hundredth(words: &CutText<'_>, at: usize) -> bool {
    ["cent", "cents", "pence", "penny"].iter().any(|word| words.is(at, word))
}
