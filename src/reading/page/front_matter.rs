//! Reads front matter: the lines of `key: value` between two lines of `---` at the head of a page.
//!
//! Knows a strict and flat subset of YAML, so that no page can be read in two ways. Must not know
//! what any key means.

use thiserror::Error;

/// Why the head of a page is not valid front matter.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FrontMatterError {
    /// A line that is not `key: value`.
    #[error(
        "line {line} is neither `key: value` nor `---`: correct it, or if line 1 is a rule, \
         write that as ***"
    )]
    NotField {
        /// Its number, counted from 1.
        line: usize,
    },
    /// The second `---` is missing.
    #[error(
        "the front matter has no end: add a line `---`, or if line 1 is a rule, write it as ***"
    )]
    NoEnd,
}

/// One line of front matter.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    /// Its number in the page, counted from 1.
    pub(super) line: usize,
    /// The text before the colon.
    pub(super) key: &'a str,
    /// The value after the colon, without its quotes; none if it is not a single flat value.
    pub(super) value: Option<String>,
}

/// The fields of the front matter, if there is any, and the rest of the page.
pub(super) fn split(source: &str) -> Result<(Vec<Field<'_>>, &str), FrontMatterError> {
    let mut fields: Vec<Field<'_>> = Vec::new();
    let mut end = 0;
    for (number, whole) in (1..).zip(source.split_inclusive('\n')) {
        end += whole.len();
        let line = whole.trim_end();
        match (number, line) {
            (1, "---") => continue,
            (1, _) => return Ok((fields, source)),
            (_, "---" | "...") => return Ok((fields, &source[end..])),
            _ if line.is_empty() || line.starts_with('#') => continue,
            _ => {}
        }
        let continues = line.starts_with([' ', '\t']) || line == "-" || line.starts_with("- ");
        match fields.last_mut() {
            Some(last) if continues => last.value = None,
            _ => fields.push(field(number, line)?),
        }
    }
    if source.is_empty() { Ok((fields, source)) } else { Err(FrontMatterError::NoEnd) }
}

fn field(number: usize, line: &str) -> Result<Field<'_>, FrontMatterError> {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    match line.split_once(':') {
        Some((key, value))
            if !key.is_empty()
                && key.chars().all(plain)
                && (value.is_empty() || value.starts_with([' ', '\t'])) =>
        {
            Ok(Field { line: number, key, value: flat(value.trim()) })
        }
        _ => Err(FrontMatterError::NotField { line: number }),
    }
}

/// The value, if it is a single flat one. As in YAML, ` #` begins a comment outside quotes.
fn flat(value: &str) -> Option<String> {
    match value.chars().next() {
        Some('"') => quoted(value, '\\'),
        Some('\'') => quoted(value, '\''),
        Some('[' | '{' | '|' | '>' | '&' | '*' | '!' | '%' | '@' | '`') => None,
        Some('#') => Some(String::new()),
        _ => {
            let plain = value.split_once(" #").map_or(value, |(plain, _)| plain);
            Some(plain.trim_end().to_owned())
        }
    }
}

/// Only the quote and the backslash can be escaped: a value with any other escape is not flat.
fn quoted(value: &str, escape: char) -> Option<String> {
    let mut letters = value.chars().peekable();
    let quote = letters.next()?;
    let mut inside = String::new();
    while let Some(letter) = letters.next() {
        let escaped = letters.peek().copied().filter(|next| *next == quote || *next == escape);
        match escaped {
            Some(next) if letter == escape => {
                letters.next();
                inside.push(next);
            }
            _ if letter == quote => {
                let rest: String = letters.collect();
                let rest = rest.trim();
                return (rest.is_empty() || rest.starts_with('#')).then_some(inside);
            }
            None if letter == escape => return None,
            _ => inside.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(source: &str) -> Vec<(usize, &str, Option<String>)> {
        let (fields, _) = split(source).unwrap();
        fields.into_iter().map(|field| (field.line, field.key, field.value)).collect()
    }

    #[test]
    fn fields_are_read_with_their_lines_and_the_page_goes_on_after_them() {
        let source = "---\ntitle: Who: said it\n\n# a comment\nlang:\n---\n# Heading\n";
        let said = Some("Who: said it".to_owned());
        assert_eq!(values(source), [(2, "title", said), (5, "lang", Some(String::new()))]);
        assert_eq!(split(source).unwrap().1, "# Heading\n");
        for none in ["", "text", "----\na: b\n", "text\n---\na: b\n---\n"] {
            assert_eq!(split(none).unwrap(), (Vec::new(), none));
        }
    }

    #[test]
    fn a_value_is_plain_or_in_quotes_and_on_one_line() {
        let one = |value: &str| {
            let source = format!("---\nkey: {value}\n---\n");
            values(&source).remove(0).2
        };
        assert_eq!(one("a b # comment").as_deref(), Some("a b"));
        assert_eq!(one("C#").as_deref(), Some("C#"));
        assert_eq!(one(r#""a \"b\" \\ # c" # d"#).as_deref(), Some(r#"a "b" \ # c"#));
        assert_eq!(one("'it''s'").as_deref(), Some("it's"));
        for nested in
            ["[a, b]", "{a: b}", "|", ">", r#""a\n""#, r#""a"#, "'a' b", "a\n  b", "\n- a"]
        {
            assert_eq!(one(nested), None, "{nested}");
        }
    }

    #[test]
    fn what_is_no_front_matter_is_refused_with_its_line() {
        let refusal = |source| split(source).unwrap_err();
        assert_eq!(refusal("---\na: b\nsome words\n---\n"), FrontMatterError::NotField { line: 3 });
        assert_eq!(refusal("---\n  a: b\n---\n"), FrontMatterError::NotField { line: 2 });
        assert_eq!(refusal("---\nhttp://x\n---\n"), FrontMatterError::NotField { line: 2 });
        assert_eq!(refusal("---\na: b\n"), FrontMatterError::NoEnd);
    }
}
