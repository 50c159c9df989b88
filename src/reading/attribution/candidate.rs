//! Candidates: what a rule of the grammar finds, namely the attributed words, the cue and the
//! source.
//!
//! Knows the names of the rules. Must not know how they find anything.

use super::tree::WordRange;

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident $name:literal,)+) => {
        /// The rules of the grammar.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Rule { $($(#[$doc])* $rule,)+ }

        impl Rule {
            /// All rules.
            pub(super) const ALL: &[Self] = &[$(Self::$rule,)+];

            /// Its name, as used in proposals and docs/attribution.md.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)+ }
            }
        }

        /// The name of a rule whose reading was chosen by a model.
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
    /// C, S said; found by commas alone, where the tree is inconclusive.
    Tail "tail",
    /// S said that C.
    That "that",
    /// S said C.
    Clause "clause",
    /// S said that C, found by word order alone.
    PlainThat "plain-that",
    /// S said C, found by word order alone.
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
    /// A model reads an attribution where no rule does.
    Chain "chain",
}

/// How far the attributed words extend, where the tree leaves this open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Extent {
    /// As far as in the tree.
    Tree,
    /// Up to the first comma, dash or bracket.
    Short,
    /// Up to the end of the sentence.
    Long,
}

impl Extent {
    /// All extents.
    pub(super) const ALL: &[Self] = &[Self::Tree, Self::Short, Self::Long];

    /// The suffix of a rule's name at this extent.
    const fn suffix(self) -> &'static str {
        match self {
            Self::Tree => "",
            Self::Short => " short",
            Self::Long => " long",
        }
    }
}

/// One possible reading of a place in the text.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) rule: Rule,
    pub(super) extent: Extent,
    /// The cue as listed in the lexicon: "say", "call for".
    pub(super) key: String,
    /// The attributed words, in pieces.
    pub(super) content: Vec<WordRange>,
    pub(super) source: Option<WordRange>,
    /// The attributing word with its auxiliaries and particles.
    pub(super) cue: WordRange,
    /// The main word of the cue.
    pub(super) at: usize,
}

/// The name under which a rule at an extent is counted.
pub(super) fn counted_as(rule: Rule, extent: Extent) -> String {
    format!("{}{}", rule.name(), extent.suffix())
}
