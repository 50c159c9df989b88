//! Shapes of text that nobody prints and anybody can send, each of any size.
//!
//! Knows what readers of text stumble over. Must not know what is read from it.

/// A hostile text of any size.
pub(crate) struct Shape {
    /// What it is called where it fails.
    pub(crate) name: String,
    make: Make,
}

/// How a text of a size is made.
enum Make {
    /// A beginning, what is repeated, and an end.
    Repeated(&'static str, &'static str, &'static str),
    /// What opens and what closes, as often each, about a core.
    Nested(&'static str, &'static str, &'static str),
    /// Words in an order that a seed tells, between spaces or glued.
    Soup(&'static [&'static str], u64),
    /// Every run of this many words of a list in turn, each with its number.
    Numbered(&'static str, &'static str),
}

impl Shape {
    /// The text, of about that many bytes.
    pub(crate) fn text(&self, size: usize) -> String {
        match self.make {
            Make::Repeated(first, unit, last) => {
                let count = size.saturating_sub(first.len() + last.len()) / unit.len();
                format!("{first}{}{last}", unit.repeat(count.max(1)))
            }
            Make::Nested(open, core, close) => {
                let count = size.saturating_sub(core.len()) / (open.len() + close.len());
                format!("{}{core}{}", open.repeat(count), close.repeat(count))
            }
            Make::Soup(words, seed) => soup(words, seed, size),
            Make::Numbered(before, after) => numbered(before, after, size),
        }
    }
}

fn soup(words: &[&str], seed: u64, size: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::with_capacity(size + 32);
    while text.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at = usize::try_from(state >> 33).unwrap_or(0);
        text.push_str(words[at % words.len()]);
        // Every fourth soup is thin, every other is glued here and there.
        let is_glued =
            seed % 2 == 1 && state.is_multiple_of(5) || seed % 4 == 3 && state.is_multiple_of(2);
        text.push_str(if is_glued { "" } else { " " });
    }
    text
}

fn numbered(before: &str, after: &str, size: usize) -> String {
    let mut text = String::with_capacity(size + 64);
    for number in 0.. {
        if text.len() >= size {
            break;
        }
        text.push_str(before);
        text.push_str(&letters(number));
        text.push_str(after);
    }
    text
}

/// A number in letters, as a name: every number has another.
fn letters(mut number: u32) -> String {
    let mut name = String::from("Q");
    loop {
        name.push(char::from_u32(u32::from('a') + number % 26).unwrap_or('a'));
        number /= 26;
        if number == 0 {
            return name;
        }
    }
}

/// What is repeated, without a beginning or an end of its own.
const UNITS: &[&str] = &[
    // Letters and signs alone.
    "a",
    "A",
    ".",
    ",",
    "!",
    "?",
    ":",
    ";",
    "-",
    "—",
    "–",
    "…",
    "'",
    "\"",
    "“",
    "”",
    "‘",
    "’",
    "`",
    "''",
    "``",
    "„",
    "«",
    "»",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    "/",
    "\\",
    "@",
    "#",
    "&",
    "*",
    "_",
    "|",
    "~",
    "^",
    "$",
    "€",
    "%",
    "0",
    "9",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\u{a0}",
    "\u{2028}",
    "\u{0}",
    "\u{7}",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{200b}",
    "\u{feff}",
    "\u{301}",
    "\u{202e}",
    "\u{fffd}",
    "\u{10ffff}",
    "\u{e000}",
    "🙂",
    "👩‍👩‍👧‍👦",
    "🇵🇪",
    "é",
    "ß",
    "İ",
    "ﬁ",
    "שלום",
    "مرحبا",
    "新闻",
    "안녕",
    "ไทย",
    "ρ",
    // Words and signs between them.
    "a ",
    "A ",
    ". ",
    ", ",
    "- ",
    "“ ",
    "” ",
    "‘ ",
    "’ ",
    "' ",
    "\" ",
    "a.",
    "a,",
    "a'",
    "a’s ",
    "A.B.",
    "e\u{301} ",
    "a\u{200b}b ",
    "users' ",
    "users’ ",
    "the users' ",
    "'users' ",
    "‘users’ ",
    "it's ",
    "\\ud83d",
    "\\u0000 ",
    "&quot;",
    "&#8220;",
    "%22",
    "\u{200f}\u{200e}",
    "ab\u{ad}c ",
    "1 ",
    "1,",
    "1.",
    "1 234 ",
    "$1 million ",
    "5 percent of ",
    "one hundred and ",
    "between 1 and 2 to 3 - ",
    "last week ",
    "on Friday ",
    "June 5, 2024, ",
    "as of ",
    "NASA ",
    "MR. ",
    "Mr. ",
    "U.S. ",
    "Inc. ",
    "Ann Lee ",
    "Ann Lee's ",
    "Ann, ",
    "Ann, Bob, and Carl ",
    "Ann and Bob and ",
    "the Bank of the Bank of ",
    "he ",
    "she and they ",
    "who ",
    "which he ",
    "I ",
    "the ",
    "of ",
    "and ",
    "that ",
    "said ",
    "SAID ",
    "saying ",
    "say that ",
    "said that ",
    "told ",
    "told me that ",
    "he said that ",
    "said Ann ",
    "Ann said ",
    "Ann said that Bob said that ",
    "according to ",
    "according to Ann ",
    "according to Ann, ",
    "According to Ann, it fell. ",
    ", according to ",
    "and according to ",
    "citing Ann, ",
    "quoting police, ",
    "quoted by Ann ",
    "based on ",
    "in a statement to ",
    "speaking to Ann ",
    "in an interview with the paper, ",
    "through a spokesman ",
    "reportedly ",
    "It reportedly fell. ",
    "no comment ",
    "did not respond ",
    "There was no comment. ",
    "It did not respond. ",
    "as Ann said, ",
    "As Ann said, it fell. ",
    "asked whether ",
    "wants to ",
    "plans to plan to ",
    "claim that ",
    "Ann's claim that ",
    "the claim by ",
    "sure that ",
    "was criticised by ",
    "which Ann called ",
    "called for ",
    "seems to seem to ",
    "accused Ann of ",
    "if it is, ",
    "will, if ",
    "Ann: ",
    "Ann: it fell\n",
    ": ",
    "— Ann\n",
    "“It fell.”\n— Ann\n",
    "- Ann\n",
    "- Ann Lee said it fell\n",
    "@ann ",
    "— Ann (@ann) ",
    "“It fell,” Ann said. ",
    "“It fell,” Ann said.\n\n",
    "“It fell” ",
    "“It fell.”\n\n",
    "“It fell.\n\n",
    "Ann said: “It fell.” ",
    "Ann said: ",
    "Ann said:\n\n“It fell.”\n\n",
    "\"It fell,\" Ann said. ",
    "'It fell,' Ann said. ",
    "‘It fell,’ Ann said. ",
    "“a” “b” ",
    "“a",
    "a”",
    "“a”",
    "“‘a’” ",
    "“a‘b”c’ ",
    "\"a“b\"c” ",
    "'a\"b'c\" ",
    "''a\" ",
    "``a\" ",
    "“It fell, ",
    "“It fell,” he said, “and broke.” ",
    "he said, “",
    "” he said. “",
    ",” he said, “",
    "He said. ",
    "It fell. ",
    "A said B. ",
    "ANN SAID IT FELL. ",
    "ann said it fell. ",
    "Ann said it fell; ",
    "Ann said it fell, ",
    "Ann said it fell — ",
    "Ann Lee (AL) said it fell. ",
    "the Human Rights Board (HRB) ",
    "the mayor, Ann Lee, ",
    "the city's mayor, ",
    "former ",
    "spokesman for ",
    "a spokesman for a spokesman for ",
    "Sen. ",
    "Secretary of State ",
    "# A\n",
    "## Ann said it fell\n",
    "> Ann said it fell\n",
    "* a\n",
    "1. a\n",
    "```\n",
    "[a](b) ",
    "![a](b)\n",
    "| a | b |\n",
    "<p>",
    "<p>“It fell,” Ann said.</p>",
    "<tweet id=\"1\">",
    "<tweet>It fell — Ann (@ann)</tweet> ",
    "<!-- ",
    "]]>",
    "{\"a\":\"b\"},",
    "https://a.example/b?c=d ",
    "a@b.example ",
    "www.a.example ",
    "a-",
    "a_b",
    "a/b ",
    "aB",
    "Ann-Lee-",
    "Ann'",
    "O'",
    "O’Neill’s ",
    "d'",
    "rock 'n' roll ",
    "the '90s ",
    "5'10\" ",
    "it’s ‘the users’ data’ ",
    "they 'sell the users' data', he said. ",
    "i.e. ",
    "e.g., ",
    "p.m. ",
    "No. 5 ",
];

/// What opens, a core, and what closes it.
const NESTS: &[(&str, &str, &str)] = &[
    ("“", "It fell", "”"),
    ("\"", "It fell", "\""),
    ("‘", "It fell", "’"),
    ("'", "It fell", "'"),
    ("“‘", "It fell", "’”"),
    ("\"'", "It fell", "'\""),
    ("(", "Ann said", ")"),
    ("[", "Ann said", "]"),
    ("( ", "Ann said", " )"),
    ("“ ", "Ann said", " ”"),
    ("<p>", "Ann said", "</p>"),
    ("<", "a", ">"),
    ("Ann said: “", "It fell.", "”"),
    ("Ann said that “", "it fell", "” "),
    ("Ann said that ", "it fell", ""),
    ("(Ann said ", "it fell", ") "),
    ("“It ", "fell", ",” Ann said. "),
    ("> ", "Ann said", "\n"),
    ("- ", "Ann said", " -"),
    ("— ", "Ann said", " —"),
    ("the spokesman for ", "Ann", ""),
    ("the man who said that ", "it fell", " fell "),
    ("according to ", "Ann", ", it fell "),
    ("if ", "it fell", ", then "),
    ("*", "Ann", "*"),
    ("`", "Ann", "`"),
    ("\u{202b}", "Ann said", "\u{202c}"),
];

/// A beginning, what is repeated, and an end.
const OPENED: &[(&str, &str, &str)] = &[
    ("“", "It fell. ", ""),
    ("\"", "It fell. ", ""),
    ("'", "It fell. ", ""),
    ("‘", "the users’ data fell. ", ""),
    ("“", "It fell. ", ",” Ann said."),
    ("“", "It fell ", ",” Ann said."),
    ("Ann said: “", "It fell. ", "”"),
    ("Ann said that “", "it fell, and 5 people ", "”"),
    ("Ann said “", "5 ", "”"),
    (
        "Ann said that Bob said that Carl said that he said that she said that it told them that they claimed that “",
        "5 people in Peru fell. ",
        "”",
    ),
    ("Ann Lee said it fell. ", "He fell. ", "He said it fell."),
    ("Ann Lee said it fell. ", "he ", "said it fell."),
    ("Ann: ", "it fell ", ""),
    ("Ann: ", "it fell. ", ""),
    ("“", "a” “", "”"),
    ("“It fell,” Ann said. ", "“It fell.” ", ""),
    ("", "“It fell.”\n\n", "“It fell,” Ann said."),
    ("“It fell.\n\n", "“It fell.\n\n", "“It fell,” Ann said."),
    ("\"It fell.\n\n", "\"It fell.\n\n", "\"It fell,\" Ann said."),
    ("", "\n", "Ann said it fell."),
    ("Ann said", " ", "it fell."),
    ("Ann", "\u{200b}", " said it fell."),
    ("Ann said it fell", "!", ""),
    ("", ".", " Ann said it fell."),
    ("Ann said that", " and", " it fell."),
    ("Ann", " and Bob", " said it fell."),
    ("Ann", ", Bob", " and Carl said it fell."),
    ("The Bank of", " the Bank of", " Peru said it fell."),
    ("Ann said 1", "0", " people fell."),
    ("<tweet ", "a=\"b\" ", ">Ann said it fell.</tweet>"),
    ("— ", "Ann ", "(@ann)"),
    ("a — ", "b ", "@c"),
    ("'", "a’s ", "'"),
    ("‘a s' ", "“b” ", "’"),
    ("", "\u{feff}", "Ann said it fell."),
];

/// A name that is new each time stands between these.
const NAMES: &[(&str, &str)] = &[
    ("", " said it fell. "),
    ("", ", "),
    ("", " and "),
    ("Ann ", " said he fell. He said it fell. "),
    ("according to ", ", it fell. "),
    ("", ": it fell\n"),
    ("“It fell,” said ", ". "),
    ("the ", " Board (HRB) said it fell. She said so. "),
    ("- ", "\n"),
    ("Mr. ", " told Ms. Lee that she fell. "),
    ("", ""),
    ("@", " "),
    ("the mayor, ", ", said it fell. The mayor said so. "),
    ("a spokesman for ", " said it fell. The spokesman said so. "),
    ("", " "),
];

const SPEECH: &[&str] = &[
    "Ann",
    "Lee",
    "he",
    "she",
    "they",
    "it",
    "who",
    "said",
    "told",
    "says",
    "that",
    "“",
    "”",
    "\"",
    "'",
    "’",
    "‘",
    ",",
    ".",
    ":",
    "—",
    "according",
    "to",
    "and",
    "or",
    "of",
    "the",
    "a",
    "spokesman",
    "for",
    "ministry",
    "reportedly",
    "citing",
    "in",
    "statement",
    "claim",
    "denied",
    "asked",
    "whether",
    "fell",
    "5",
    "percent",
    "million",
    "people",
    "on",
    "Friday",
    "last",
    "week",
    "\n",
    "\n\n",
    "(",
    ")",
    "if",
    "will",
    "not",
    "n't",
    "no",
    "comment",
    "I",
    "we",
];

const MARKS: &[&str] = &[
    "“", "”", "\"", "'", "‘", "’", "`", "``", "''", "„", "a", "s", "S", "users", ".", ",", "?",
    "!", "\n", "—", "A", "x", "he said", "…", "%", ")",
];

const SIGNS: &[&str] = &[
    "\u{0}",
    "\u{200b}",
    "\u{301}",
    "\u{202e}",
    "\u{feff}",
    "🙂",
    "é",
    "ש",
    "新",
    "A",
    "a",
    "1",
    ".",
    "“",
    "'",
    "\n",
    "\r",
    "\t",
    "<",
    "&",
    "#",
    "*",
    "|",
    "\u{2029}",
    "İ",
    "ß",
    "\u{10ffff}",
    "ǆ",
    "said",
    "Ann",
];

const NUMBERS: &[&str] = &[
    "1", "1,000", "1.5", "million", "$", "€", "%", "percent", "of", "the", "between", "and", "to",
    "-", "June", "5", "2024", "last", "week", "Friday", "ago", "years", "one", "hundred", "dozen",
    "half", "people", "said", "Ann", ",", ".", "per", "day", "more", "than", "at", "least", "as",
    "in",
];

/// Every shape, always in the same order.
pub(crate) fn shapes() -> Vec<Shape> {
    let shape = |name: String, make| Shape { name, make };
    let mut all = Vec::new();
    all.extend(UNITS.iter().map(|unit| shape(format!("{unit:?}"), Make::Repeated("", unit, ""))));
    all.extend(NESTS.iter().map(|(open, core, close)| {
        shape(format!("{open:?} {core:?} {close:?}"), Make::Nested(open, core, close))
    }));
    all.extend(OPENED.iter().map(|(first, unit, last)| {
        shape(format!("{first:?} {unit:?}* {last:?}"), Make::Repeated(first, unit, last))
    }));
    all.extend(NAMES.iter().map(|(before, after)| {
        shape(format!("{before:?} NAME {after:?}"), Make::Numbered(before, after))
    }));
    for (name, words) in
        [("speech", SPEECH), ("marks", MARKS), ("signs", SIGNS), ("numbers", NUMBERS)]
    {
        all.extend((1..=8).map(|seed| shape(format!("{name} {seed}"), Make::Soup(words, seed))));
    }
    all
}
