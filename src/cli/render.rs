//! Formatting of output: coloured and wrapped on a terminal, plain in a pipe.
//!
//! Knows text and style. Must not know where the text comes from. No text from the ledger reaches the
//! terminal as a control character: anything that could move the cursor, or hide or reverse text, is
//! made visible.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::ser::Formatter;
use unicode_width::UnicodeWidthChar;

use crate::answers::view::query::Assertion;
use crate::domain::claim::{Act, ClaimAsserted, Form, Framing, Polarity, Voice};
use crate::domain::quantity::Quantity;
use crate::record::decide::shows_itself;

/// The style of emphasised text.
pub(crate) const STRONG: Style = Style::new().bold();
/// The style of secondary text.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// The style of entry numbers.
pub(crate) const NUMBER: Style = AnsiColor::Cyan.on_default();
/// The style of text that is only on the left, and of findings.
pub(crate) const LEFT: Style = AnsiColor::Red.on_default();
/// The style of text that is only on the right, and of a clean result.
pub(crate) const RIGHT: Style = AnsiColor::Green.on_default();
/// The style of notices.
pub(crate) const NOTICE: Style = AnsiColor::Yellow.on_default();

/// `text` on one line, with every control character made visible.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' | '\t' => shown.push(' '),
            '\0'..='\u{1f}' => {
                shown.push(char::from_u32(0x2400 + u32::from(letter)).unwrap_or('\u{fffd}'));
            }
            '\u{7f}' => shown.push('\u{2421}'),
            hidden if is_hidden(hidden) => {
                shown.push_str(&format!("<U+{:04X}>", u32::from(hidden)));
            }
            _ => shown.push(letter),
        }
    }
    shown
}

/// Whether a letter is a control character beyond ASCII, or a format character that reverses, joins or
/// hides text.
const fn is_hidden(letter: char) -> bool {
    matches!(
        letter,
        '\u{80}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// JSON on one line. Control and format characters are escaped: a program reads the same value, and a
/// terminal is not affected.
pub(crate) fn json_line(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut line = Vec::new();
    write_json(&mut line, value)?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}

/// Writes JSON while it is encoded, so that no answer is in memory twice.
fn write_json(out: &mut impl Write, value: &impl Serialize) -> Result<(), serde_json::Error> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, Harmless))
}

/// A JSON formatter that escapes hidden letters, which occur only within strings.
struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        let mut rest = fragment;
        let hides = |letter: char| letter == '\u{7f}' || is_hidden(letter);
        while let Some(at) = rest.find(hides) {
            let (before, from) = rest.split_at(at);
            out.write_all(before.as_bytes())?;
            let mut letters = from.chars();
            for unit in letters.next().iter().flat_map(|it| it.encode_utf16(&mut [0; 2]).to_vec()) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = letters.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

/// `words` as one argument of a command in any POSIX shell. Letters that are not visible are escaped.
pub(crate) fn for_shell(words: &str) -> String {
    if words.chars().all(shows_itself) {
        return format!("'{}'", words.replace('\'', "'\\''"));
    }
    // Not every shell has $'…', but each has printf. The shell removes a final line end from its
    // output, but quoted words always end in a letter.
    let mut shown = String::new();
    for letter in words.chars() {
        match letter {
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            '%' => shown.push_str("%%"),
            // `!` would recall an earlier command, and a hyphen might begin an option.
            '\'' | '\\' | '!' | '-' | '`' | '$' => octal(letter, &mut shown),
            seen if shows_itself(seen) => shown.push(seen),
            hidden => octal(hidden, &mut shown),
        }
    }
    format!("\"$(printf '{shown}')\"")
}

fn octal(letter: char, shown: &mut String) {
    shown.extend(letter.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("\\{byte:03o}")));
}

/// `text` within quotation marks.
pub(crate) fn quoted(text: &str) -> String {
    format!("“{}”", visible(text))
}

/// A style around a text.
pub(crate) fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// An output page: a stream and its width.
pub(crate) struct Screen {
    out: Box<dyn Write>,
    width: Option<usize>,
}

impl Screen {
    /// A page `width` columns wide; without a width, lines are not wrapped.
    pub(crate) fn new(out: impl Write + 'static, width: Option<usize>) -> Self {
        Self { out: Box::new(out), width: width.map(|width| width.clamp(40, 140)) }
    }

    /// Writes one line without wrapping it.
    pub(crate) fn line(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    /// Writes a question that is answered on the same line.
    pub(crate) fn ask(&mut self, question: &str) -> io::Result<()> {
        write!(self.out, "{question} ")?;
        self.out.flush()
    }

    /// Writes an empty line.
    pub(crate) fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// Writes `first` and `text`, wrapped at spaces, with later lines indented by `indent`.
    pub(crate) fn wrapped(&mut self, first: &str, indent: usize, text: &str) -> io::Result<()> {
        match self.width {
            None => self.line(format_args!("{first}{text}")),
            Some(width) => self.line(broken(first, indent, text, width)),
        }
    }

    /// Writes JSON on one line.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), serde_json::Error> {
        write_json(&mut self.out, value)?;
        self.gap().map_err(serde_json::Error::io)
    }

    /// Writes a part of a line of JSON that is too long to be built in memory: punctuation and field
    /// names, which come from the program itself.
    pub(crate) fn json_frame(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Writes a value within such a line.
    pub(crate) fn json_part(&mut self, value: &impl Serialize) -> Result<(), serde_json::Error> {
        write_json(&mut self.out, value)
    }

    /// Writes JSON on one line without escaping control characters, for output that only programs read.
    pub(crate) fn bare_json(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")
    }

    /// Flushes the stream.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn broken(first: &str, indent: usize, text: &str, width: usize) -> String {
    let mut lines = first.to_owned();
    let mut used = columns(first);
    let mut fresh = true;
    for word in text.split(' ') {
        let wide = columns(word);
        if !fresh && used + 1 + wide > width {
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            used = indent;
            fresh = true;
        }
        if !fresh {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += wide;
        fresh = false;
    }
    lines
}

/// The width of a text in columns, without its styles.
fn columns(text: &str) -> usize {
    let mut columns = 0;
    let mut styling = false;
    for letter in text.chars() {
        match (styling, letter) {
            (false, '\u{1b}') => styling = true,
            (true, 'm') => styling = false,
            (true, _) => {}
            (false, letter) => columns += letter.width().unwrap_or(0),
        }
    }
    columns
}

/// The content of an assertion, with its pieces joined.
pub(crate) fn content(asserted: &ClaimAsserted) -> String {
    let pieces = asserted.content.as_slice().iter().map(|selector| quoted(selector.exact()));
    pieces.collect::<Vec<_>>().join(" … ")
}

/// A figure as text that can also be typed in: long numbers in groups of three digits, except in
/// fractions and within quotation marks, where the text must stay unchanged.
pub(crate) fn figure(quantity: &Quantity) -> String {
    let said = visible(&quantity.to_string());
    let mut is_quoted = false;
    let shown = said.split(' ').map(|word| {
        let is_inside = is_quoted || word.starts_with('"');
        is_quoted = is_inside && !word.trim_end_matches(':').ends_with('"');
        let is_as_it_is = is_inside || word.contains('/');
        if is_as_it_is { word.to_owned() } else { grouped(word) }
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// Groups the digits of whole numbers in threes; digits after a decimal point stay together.
pub(crate) fn grouped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(from) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let digits = rest[from..].bytes().take_while(u8::is_ascii_digit).count();
        let after_point = rest[..from].ends_with('.');
        shown.push_str(&rest[..from]);
        for (place, digit) in rest[from..from + digits].chars().enumerate() {
            if place > 0 && (digits - place).is_multiple_of(3) && digits > 3 && !after_point {
                shown.push(',');
            }
            shown.push(digit);
        }
        rest = &rest[from + digits..];
    }
    shown.push_str(rest);
    shown
}

/// The manner of an assertion: voice, form, act, polarity and framing, without the default values.
pub(crate) fn manner(asserted: &ClaimAsserted) -> String {
    let ClaimAsserted { voice, form, framing, polarity, act, .. } = asserted;
    manner_of(*voice, *form, *framing, *polarity, *act)
}

/// The manner of an assertion that is not recorded yet.
pub(crate) fn manner_of(
    voice: Voice,
    form: Form,
    framing: Framing,
    polarity: Polarity,
    act: Act,
) -> String {
    let mut words = Vec::new();
    match voice {
        Voice::Attributed => {}
        Voice::Outlet => words.push("the outlet's own words".to_owned()),
        Voice::Hearsay => words.push("hearsay".to_owned()),
        Voice::Implied => words.push("speaker implied".to_owned()),
    }
    match form {
        Form::Direct => words.push("quoted".into()),
        Form::Mixed => words.push("partly quoted".into()),
        Form::Indirect => {}
    }
    if act != Act::States {
        words.push(act.tag().to_owned());
    }
    match polarity {
        Polarity::Affirms => {}
        Polarity::Denies => words.push("denies".into()),
        Polarity::NoComment => words.push("no comment".into()),
    }
    if framing != Framing::Neutral {
        words.push(format!("framing {}", framing.tag()));
    }
    words.join(", ")
}

/// The status of an assertion that a reader must know: voided, unchecked, retracted, confidential.
pub(crate) fn standing(assertion: &Assertion) -> Vec<&'static str> {
    let mut standing = Vec::new();
    if assertion.voided() {
        standing.push("voided");
    }
    if assertion.unchecked() {
        standing.push("machine-made, unchecked");
    }
    let retracted = |event: &crate::record::event::Event| {
        matches!(event.body, crate::record::event::Body::AssertionRetracted(_))
    };
    if assertion.later.iter().any(|(_, event)| retracted(event)) {
        standing.push("retracted by its source");
    }
    if assertion.confidential {
        standing.push("confidential");
    }
    standing
}

/// A number with its noun: `1 thing`, `2 things`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_reaches_the_terminal() {
        assert_eq!(visible("a\u{1b}[31mb\u{202e}c\nd\u{7}"), "a␛[31mb<U+202E>c d␇");
        assert_eq!(visible("zero\u{200b}width\u{9b}"), "zero<U+200B>width<U+009B>");
        assert_eq!(visible("Роскомнадзор — “ok”"), "Роскомнадзор — “ok”");
    }

    #[test]
    fn words_for_the_shell_are_the_same_in_it() {
        assert_eq!(for_shell("it wasn't"), r"'it wasn'\''t'");
        assert_eq!(for_shell("more\nthan 5%"), r#""$(printf 'more\nthan 5%%')""#);
        for words in [
            "plain, “ok” $HOME `id` \\ !x \"y\" 'z'",
            "more\nthan 5% \\n $HOME `id` !x \"y\" 'z' \u{7}",
            "cafe\u{301} a\u{a0}b\u{ad}\u{200b}c\u{feff}\t7",
            "-5\u{a0}degrees",
        ] {
            let shown = for_shell(words);
            assert_eq!(visible(&shown), shown);
            let script = format!("printf %s {shown}");
            let said = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(said.stdout).unwrap(), words, "{shown}");
        }
    }

    #[test]
    fn long_numbers_are_shown_in_groups() {
        assert_eq!(
            grouped("nearly 70 percent of 9,600 channels"),
            "nearly 70 percent of 9,600 channels"
        );
        assert_eq!(grouped("11800000 to 12345.67891 users"), "11,800,000 to 12,345.67891 users");
    }

    #[test]
    fn lines_break_at_the_width_whatever_their_styles() {
        let text =
            format!("one {} three four five six seven eight nine ten", styled(STRONG, "two"));
        let lines = broken("- ", 2, &text, 40);
        assert_eq!(lines.lines().count(), 2);
        assert!(lines.lines().all(|line| columns(line) <= 40), "{lines}");
        assert_eq!(lines.lines().nth(1), Some("  eight nine ten"));
    }
}
