//! Parses English text into words, sentences, parts of speech and dependency trees.
//!
//! Knows how text is split into words, words into sentences, and how sentences are parsed. Must not
//! know what the trees are used for, in particular who said what.
//!
//! All arithmetic is on integers, so every machine produces the same trees. Time and memory are
//! linear in the text: a sentence longer than [`LONGEST`] words is cut. The weights were learnt
//! from treebanks, which are credited in `src/reading/syntax/CREDITS.md`.

use std::ops::Range;

pub mod grammar;
pub mod table;
mod word;

pub mod lexeme;

pub mod parser;
pub mod tagger;

mod sentence;

pub use grammar::{Relation, Tag};
use lexeme::Lexeme;
pub use parser::LONGEST;
use parser::{Parsing, Weights};
use table::{Certain, Dense, Sparse};

/// The value of `head` for a word that depends on no other.
pub const NO_HEAD: u32 = u32::MAX;

/// A parsed English text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syntax {
    /// The words, in the order of the text.
    pub words: Vec<Word>,
    /// The sentences, as ranges of words, in order and without gaps.
    pub sentences: Vec<Range<usize>>,
}

/// A word, and its place in the dependency tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// The position of its first byte in the text.
    pub start: u32,
    /// The position after its last byte.
    pub end: u32,
    /// Its part of speech.
    pub tag: Tag,
    /// The index of the word that it depends on, in the same sentence; [`NO_HEAD`] if it depends on
    /// none.
    pub head: u32,
    /// The relation to its head.
    pub relation: Relation,
}

/// Bytes aligned to a cache line, so that no row crosses two lines.
#[repr(align(64))]
struct Aligned<const N: usize>([u8; N]);

static CERTAIN: &Aligned<{ include_bytes!("syntax/weights/certain.bin").len() }> =
    &Aligned(*include_bytes!("syntax/weights/certain.bin"));
static TAGS: &Aligned<{ include_bytes!("syntax/weights/tags.bin").len() }> =
    &Aligned(*include_bytes!("syntax/weights/tags.bin"));
static CORE: &Aligned<{ include_bytes!("syntax/weights/core.bin").len() }> =
    &Aligned(*include_bytes!("syntax/weights/core.bin"));
static MOVES: &Aligned<{ include_bytes!("syntax/weights/moves.bin").len() }> =
    &Aligned(*include_bytes!("syntax/weights/moves.bin"));
static RELATIONS: &Aligned<{ include_bytes!("syntax/weights/relations.bin").len() }> =
    &Aligned(*include_bytes!("syntax/weights/relations.bin"));

/// Parses a text as English.
pub fn read(text: &str) -> Syntax {
    let spans = word::split(text);
    let sentences = sentence::split(text, &spans);
    let tags = Sparse::new(&TAGS.0);
    let certain = Certain::new(&CERTAIN.0);
    let weights = Weights {
        certain,
        core: Dense::new(&CORE.0),
        moves: Dense::new(&MOVES.0),
        relations: Sparse::new(&RELATIONS.0),
    };
    let mut words = Vec::with_capacity(spans.len());
    let (mut lexemes, mut tagged, mut parsing) = (vec![], vec![], Parsing::new(&[], &[]));
    for sentence in &sentences {
        let spans = &spans[sentence.clone()];
        lexemes.clear();
        let mut end = 0;
        lexemes.extend(spans.iter().map(|span| {
            let joined = span.start == end;
            end = span.end;
            Lexeme::at(span.of(text), joined)
        }));
        tagger::tag(&lexemes, &certain, &tags, &mut tagged);
        parsing.restart(&lexemes, &tagged);
        parser::parse(&mut parsing, &weights);
        for (at, (span, tag)) in spans.iter().zip(&tagged).enumerate() {
            words.push(Word {
                start: span.start,
                end: span.end,
                tag: *tag,
                head: parsing.head(at).map_or(NO_HEAD, |head| (sentence.start + head) as u32),
                relation: Relation::numbered(parsing.label(at)),
            });
        }
    }
    Syntax { words, sentences }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words_of(text: &str) -> Vec<&str> {
        let words = read(text).words;
        words.iter().map(|word| &text[word.start as usize..word.end as usize]).collect()
    }

    fn sentences_of(text: &str) -> Vec<&str> {
        let syntax = read(text);
        let ends = |range: &Range<usize>| {
            (syntax.words[range.start].start, syntax.words[range.end - 1].end)
        };
        let ends = syntax.sentences.iter().map(ends);
        ends.map(|(start, end)| &text[start as usize..end as usize]).collect()
    }

    #[test]
    fn words_are_parted_as_in_treebanks() {
        assert_eq!(words_of("They don't."), ["They", "do", "n't", "."]);
        assert_eq!(words_of("They don’t."), ["They", "do", "n’t", "."]);
        assert_eq!(words_of("Ada's cat cannot"), ["Ada", "'s", "cat", "can", "not"]);
        assert_eq!(words_of("$5.3 or 1,000%"), ["$", "5.3", "or", "1,000", "%"]);
        assert_eq!(words_of("data-driven e-mail"), ["data", "-", "driven", "e-mail"]);
        assert_eq!(words_of("U.S. law."), ["U.S.", "law", "."]);
        assert_eq!(
            words_of("(see https://a.example/b?c=1)."),
            ["(", "see", "https://a.example/b?c=1", ")", "."]
        );
        assert_eq!(words_of("“No,” O'Neil said"), ["“", "No", ",", "”", "O'Neil", "said"]);
    }

    #[test]
    fn sentences_end_at_full_stops_and_not_at_abbreviations() {
        let text = "Mr. Orr met U.S. envoys on Jan. 5. It cost $3.5 m. “Why?” he asked. He left.";
        assert_eq!(
            sentences_of(text),
            [
                "Mr. Orr met U.S. envoys on Jan. 5.",
                "It cost $3.5 m.",
                "“Why?” he asked.",
                "He left."
            ]
        );
    }

    #[test]
    fn a_quotation_may_hold_several_sentences_and_its_report_stays_with_the_last() {
        let text = "\"It rained. We stayed,\" she said. \"Why?\" Ms. Li asked.";
        assert_eq!(
            sentences_of(text),
            ["\"It rained.", "We stayed,\" she said.", "\"Why?\" Ms. Li asked."]
        );
    }

    #[test]
    fn lines_end_sentences_where_they_end_paragraphs_or_headings() {
        let text = "Rivers Rise\nThe river rose on\nTuesday night\n\nand fell";
        assert_eq!(
            sentences_of(text),
            ["Rivers Rise", "The river rose on\nTuesday night", "and fell"]
        );
    }

    #[test]
    fn every_machine_reads_the_same_trees() {
        use std::fmt::Write;

        let text = include_str!("../../examples/articles/vietnam-telegram.md");
        let mut seen = String::new();
        for Word { start, end, tag, head, relation } in read(text).words {
            let (tag, relation) = (tag.spelling(), relation.spelling());
            writeln!(seen, "{start} {end} {tag} {head} {relation}").unwrap();
        }
        // This value changes with the weights and with the rules for words and sentences, and only
        // then.
        assert_eq!(
            blake3::hash(seen.as_bytes()).to_hex().as_str(),
            "0c7861befb5cb84bb647add73d539b4eec39d7de52bf9c7c4cb11c5f43fc29a5"
        );
    }

    #[test]
    fn every_head_is_in_its_sentence_and_no_word_is_above_itself() {
        check(include_str!("../../examples/articles/vietnam-telegram.md"));
    }

    /// Checks the properties that hold for every text.
    fn check(text: &str) {
        let syntax = read(text);
        assert_eq!(syntax, read(text));
        let mut end = 0;
        for word in &syntax.words {
            assert!(end <= word.start && word.start < word.end);
            assert!(text.get(word.start as usize..word.end as usize).is_some());
            end = word.end;
        }
        let mut next = 0;
        for sentence in &syntax.sentences {
            assert_eq!(sentence.start, next);
            assert!(sentence.len() <= LONGEST && !sentence.is_empty());
            next = sentence.end;
            let mut roots = 0;
            for at in sentence.clone() {
                let mut above = at;
                let mut steps = 0;
                while syntax.words[above].head != NO_HEAD {
                    above = syntax.words[above].head as usize;
                    steps += 1;
                    assert!(sentence.contains(&above) && steps <= LONGEST);
                }
                let is_root = syntax.words[at].relation == Relation::Root;
                assert_eq!(is_root, syntax.words[at].head == NO_HEAD);
                roots += usize::from(is_root);
            }
            assert_eq!(roots, 1);
        }
        assert_eq!(next, syntax.words.len());
    }

    proptest! {
        #[test]
        fn any_text_has_words_in_order_and_trees(text in any::<String>()) {
            check(&text);
        }

        #[test]
        fn any_mix_of_what_is_met_has_words_in_order_and_trees(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "word", "Mr", ".", "'", "’s", "n't", "“", "”", "\"", "\n", "\n\n", " ", "-", "U.S.",
                    "\u{200B}", "\u{200D}", "\u{301}", "שלום", "(", "]", "5", ",", "said", "a@b.c",
                    "://", "…", "é", "中文", "😀", "?!", "`", "#", "\r", "\u{AD}",
                ]),
                0..300,
            ),
        ) {
            check(&parts.concat());
        }
    }
}
