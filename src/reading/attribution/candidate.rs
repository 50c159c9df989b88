//! What a rule of the grammar finds: words attributed, the words that attribute them, and whom to.
//!
//! Knows the rules by their names. Must not know how any of them finds what it finds.

use super::tree::WordRange;

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident $name:literal,)+) => {
        /// The rules of the grammar.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Rule { $($(#[$doc])* $rule,)+ }

        impl Rule {
            /// All of them.
            pub(super) const ALL: &[Self] = &[$(Self::$rule,)+];

            /// Its name, as proposals and docs/attribution.md have it.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)+ }
            }
        }

        /// The name of a rule whose reading a model chose.
        pub(super) fn as_read_by_a_model(rule: &'static str) -> &'static str {
            match rule {
                $($name => concat!("model:", $name),)+
                other => other,
            }
        }
    };
}

rules! {
    /// A quotation with its verb: "C," S said.
    Quotation "quotation",
    /// A quotation that its verb introduces: S said: "C."
    Introduced "introduced",
    /// As S said, C.
    As "as",
    /// C, S said; by the commas alone, where the tree does not tell.
    Tail "tail",
    /// S said that C.
    That "that",
    /// S said C.
    Clause "clause",
    /// S said that C, by the words alone.
    PlainThat "plain-that",
    /// S said C, by the words alone.
    Plain "plain",
    /// S asked whether C.
    Question "question",
    /// C, S said.
    Parenthesis "parenthesis",
    /// According to S, C; C, according to S.
    According "according",
    /// C, reportedly.
    Hearsay "hearsay",
    /// In S, C: a poll, a report.
    Opening "opening",
    /// S plans to C.
    Infinitive "infinitive",
    /// S urged C (someone to do something).
    Urged "urged",
    /// S praised C.
    Object "object",
    /// S called for C.
    Preposition "preposition",
    /// S's claim that C.
    NounClause "noun-clause",
    /// S's criticism of C.
    NounPhrase "noun-phrase",
    /// S is sure that C.
    Adjective "adjective",
    /// C seems to C.
    Raised "raised",
    /// C was criticised.
    Passive "passive",
    /// which S called …
    Relative "relative",
    /// S: C
    Colon "colon",
    /// "C." — S
    Signed "signed",
    /// What a model reads where no rule reads anything.
    Chain "chain",
}

/// How far the words attributed are read to reach, where the tree leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Extent {
    /// As far as the tree has them.
    Tree,
    /// To the first comma, dash or bracket.
    Short,
    /// To the end of the sentence.
    Long,
}

impl Extent {
    /// All of them.
    pub(super) const ALL: &[Self] = &[Self::Tree, Self::Short, Self::Long];

    /// What the name of a rule ends in where it reads this far.
    const fn suffix(self) -> &'static str {
        match self {
            Self::Tree => "",
            Self::Short => " short",
            Self::Long => " long",
        }
    }
}

/// One way to read a place of the text.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) rule: Rule,
    pub(super) extent: Extent,
    /// The cue as the lexicon has it: "say", "call for".
    pub(super) key: String,
    /// The words attributed, in their pieces.
    pub(super) content: Vec<WordRange>,
    pub(super) source: Option<WordRange>,
    /// The word that attributes, with its auxiliaries and particles.
    pub(super) cue: WordRange,
    /// The word at the heart of the cue.
    pub(super) at: usize,
}

/// The name under which a rule is counted at an extent.
pub(super) fn counted_as(rule: Rule, extent: Extent) -> String {
    format!("{}{}", rule.name(), extent.suffix())
}
