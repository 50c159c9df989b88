//! Patterns of figures and dates that nobody writes and anybody can send, each to be repeated.
//!
//! Knows what readers of figures stumble over. Must not know what is read from it.

/// Texts that would be slow if any step looked back or ahead without a limit.
pub(crate) const FIGURES: &[&str] = &[
    "9",
    "9,999",
    "1 234 ",
    "5 of 5 of ",
    "million ",
    "one hundred and ",
    "twenty-",
    "a-",
    "'",
    "between 1 and 2 to 3 - ",
    "2 years 1 month and ",
    "early late mid end of ",
    "1/2/3/4-5-6.7.",
    "more than an estimated ",
    "3 pieces of pieces of ",
    "from May to ",
];
