//! Recognises page furniture (boilerplate: the lines of a page that belong to no article) and
//! credit lines, using the lists in furniture.tsv.
//!
//! Knows single lines. Must not know the lines around them.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The longest line that can be furniture, in bytes; longer lines are always article text.
const LONGEST: usize = 160;

/// How much of the page a furniture line covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Only that line.
    Line,
    /// That line and those after it, up to the next paragraph.
    Aside,
    /// Everything after it, up to the next article.
    End,
}

/// How a credit is distinguished from the first words of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credit {
    /// The credit is a line of its own, or punctuation follows it.
    Alone,
    /// A sentence may follow it directly.
    Glued,
}

#[derive(Default)]
struct FurnitureLines {
    whole: HashMap<&'static str, Scope>,
    /// Keyed by their first word, so that each line is compared with few entries.
    beginnings: HashMap<&'static str, Vec<(&'static str, Scope)>>,
    credits: HashMap<&'static str, Credit>,
}

static LEXICON: LazyLock<FurnitureLines> = LazyLock::new(|| {
    let mut lexicon = FurnitureLines::default();
    for line in include_str!("furniture.tsv").lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [scope, how, words, _from] = columns[..] else { continue };
        let scope = match (scope, how) {
            ("credit", "glued") => {
                lexicon.credits.insert(words, Credit::Glued);
                continue;
            }
            ("credit", _) => {
                lexicon.credits.insert(words, Credit::Alone);
                continue;
            }
            ("aside", _) => Scope::Aside,
            ("end", _) => Scope::End,
            _ => Scope::Line,
        };
        match (how, words.split(' ').next()) {
            ("begins", Some(first)) => {
                lexicon.beginnings.entry(first).or_default().push((words, scope));
            }
            _ => {
                lexicon.whole.insert(words, scope);
            }
        }
    }
    lexicon
});

/// How much the furniture covers that begins with `line`, if `line` is furniture.
pub(super) fn scope(line: &str) -> Option<Scope> {
    if line.len() > LONGEST {
        return None;
    }
    let said = plain(line);
    let bare = said.trim_end_matches([':', '.', '…', '»', '›', '→', '>', '!', '?', ' ']);
    if let Some(scope) = LEXICON.whole.get(bare) {
        return Some(*scope);
    }
    let first = said.split(' ').next()?;
    let begins = LEXICON.beginnings.get(first)?;
    let ends_a_word = |rest: &str| !rest.starts_with(|letter: char| letter.is_alphanumeric());
    let begun = |words: &str| said.strip_prefix(words).is_some_and(ends_a_word);
    begins.iter().find(|(words, _)| begun(words)).map(|(_, scope)| *scope)
}

/// The credit that `line` is or begins with, and its length in bytes including the separator after
/// it.
pub(super) fn credit(line: &str) -> Option<(&str, usize)> {
    let ends = |(at, letter): (usize, char)| {
        (letter.is_whitespace() || ":-–—|()/,".contains(letter)).then_some(at)
    };
    // Prefers the longest known credit, of at most three words.
    let places: Vec<usize> =
        line.char_indices().filter_map(ends).take_while(|at| *at <= 40).take(4).collect();
    let whole = (line.len() <= 40).then_some(line.len());
    places.into_iter().chain(whole).rev().find_map(|at| credit_to(line, at))
}

fn credit_to(line: &str, at: usize) -> Option<(&str, usize)> {
    let (words, rest) = line.split_at(at);
    let known = *LEXICON.credits.get(plain(words).as_str())?;
    let text = rest.trim_start();
    let set_off = text.trim_start_matches(['-', '–', '—', ':', '|']).trim_start();
    let sentence = set_off.chars().next().is_none_or(|letter| !letter.is_lowercase());
    let parted = set_off.is_empty() || set_off.len() < text.len();
    let stands = parted || (known == Credit::Glued && rest.len() > text.len());
    (sentence && stands).then_some((words.trim_end(), line.len() - set_off.len()))
}

/// A line in the form used by the lexicon: lower case, single spaces, straight quotes, numbers as
/// `#`.
fn plain(line: &str) -> String {
    let mut said = String::with_capacity(line.len());
    for letter in line.trim().chars() {
        match letter {
            _ if letter.is_whitespace() => {
                if !said.ends_with(' ') {
                    said.push(' ');
                }
            }
            '0'..='9' => {
                if !said.ends_with('#') {
                    said.push('#');
                }
            }
            '’' => said.push('\''),
            _ => said.extend(letter.to_lowercase()),
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_lexicon_is_an_entry_and_stands_in_it_once() {
        let mut seen = std::collections::HashSet::new();
        for line in include_str!("furniture.tsv").lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [scope, how, words, from] = columns[..] else { panic!("{line:?}") };
            let scopes: &[&str] = match scope {
                "line" | "aside" | "end" => &["is", "begins"],
                "credit" => &["is", "glued"],
                _ => &[],
            };
            assert!(scopes.contains(&how), "{line:?}");
            assert_eq!(words, plain(words), "{line:?}");
            assert!(!words.is_empty() && !from.is_empty() && seen.insert(words), "{line:?}");
        }
    }

    #[test]
    fn furniture_is_known_by_its_words_whatever_their_case_and_numbers() {
        for (line, expected) in [
            ("Share", Some(Scope::Line)),
            ("READ MORE »", Some(Scope::Line)),
            ("12 Comments", Some(Scope::Line)),
            ("3 min read", Some(Scope::Line)),
            ("Read more: what the harbour costs", Some(Scope::Line)),
            ("Sign up for our Friday letter", Some(Scope::Line)),
            ("List of 3 items", Some(Scope::Aside)),
            ("Editor’s picks", Some(Scope::Aside)),
            ("Hashtags", Some(Scope::End)),
            ("No comments yet...", Some(Scope::End)),
            ("Shares fell on Monday.", None),
            ("Sign up forms were lost", None),
            ("Home is where the harbour is", None),
        ] {
            assert_eq!(scope(line), expected, "{line}");
        }
        assert_eq!(scope(&"Share ".repeat(1000)), None);
    }

    #[test]
    fn a_credit_stands_alone_or_before_a_mark_or_where_it_may_before_a_sentence() {
        for (line, expected) in [
            ("Agencies", Some(("Agencies", 8))),
            ("Agencies The harbour was closed.", Some(("Agencies", 9))),
            ("News Desk – The harbour", Some(("News Desk", 14))),
            ("AFP", Some(("AFP", 3))),
            ("Reuters - The harbour", Some(("Reuters", 10))),
            ("Reuters The harbour", None),
            ("Reuters reported that", None),
            ("Agencies reported that", None),
            ("Agencies", Some(("Agencies", 8))),
            ("Agenciestoo", None),
            ("", None),
        ] {
            assert_eq!(credit(line), expected, "{line}");
        }
    }
}
