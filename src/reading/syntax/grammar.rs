//! The closed lists of English grammar: part-of-speech tags and dependency relations.
//!
//! Knows how treebanks spell them. Must not know how any of them is found.

/// Defines an enum whose members each have a spelling and a number.
macro_rules! closed {
    ($(#[$about:meta])* $name:ident: $($(#[$doc:meta])* $member:ident $spelling:literal,)+) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $member,)+ }

        impl $name {
            /// Every member, ordered by number.
            pub const ALL: &[Self] = &[$(Self::$member,)+];

            /// Its spelling in treebanks.
            pub const fn spelling(self) -> &'static str {
                match self { $(Self::$member => $spelling,)+ }
            }

            /// The member with this number; the last one if there is none.
            pub(crate) fn numbered(number: usize) -> Self {
                Self::ALL[number.min(Self::ALL.len() - 1)]
            }
        }
    };
}

closed! {
    /// A part of speech: the Penn Treebank's tags as English treebanks of Universal Dependencies
    /// use them in their XPOS column.
    Tag:
    /// Coordinating conjunction.
    CC "CC",
    /// Cardinal number.
    CD "CD",
    /// Determiner.
    DT "DT",
    /// Existential *there*.
    EX "EX",
    /// Foreign word.
    FW "FW",
    /// Hyphen within a compound.
    HYPH "HYPH",
    /// Preposition or subordinating conjunction.
    IN "IN",
    /// Adjective.
    JJ "JJ",
    /// Comparative adjective.
    JJR "JJR",
    /// Superlative adjective.
    JJS "JJS",
    /// Marker of a list's item.
    LS "LS",
    /// Modal verb.
    MD "MD",
    /// Singular noun.
    NN "NN",
    /// Plural noun.
    NNS "NNS",
    /// Singular proper noun.
    NNP "NNP",
    /// Plural proper noun.
    NNPS "NNPS",
    /// Predeterminer.
    PDT "PDT",
    /// Possessive ending.
    POS "POS",
    /// Personal pronoun.
    PRP "PRP",
    /// Possessive pronoun.
    PRPS "PRP$",
    /// Adverb.
    RB "RB",
    /// Comparative adverb.
    RBR "RBR",
    /// Superlative adverb.
    RBS "RBS",
    /// Particle.
    RP "RP",
    /// Symbol.
    SYM "SYM",
    /// Infinitival *to*.
    TO "TO",
    /// Interjection.
    UH "UH",
    /// Verb, base form.
    VB "VB",
    /// Verb, past tense.
    VBD "VBD",
    /// Verb, gerund or present participle.
    VBG "VBG",
    /// Verb, past participle.
    VBN "VBN",
    /// Verb, present tense other than third person singular.
    VBP "VBP",
    /// Verb, third person singular present.
    VBZ "VBZ",
    /// *Which* and the like before a noun, or heading a relative clause.
    WDT "WDT",
    /// *Who*, *what*.
    WP "WP",
    /// *Whose*.
    WPS "WP$",
    /// *When*, *where*, *how*, *why*.
    WRB "WRB",
    /// Address on the internet.
    ADD "ADD",
    /// Affix standing alone.
    AFX "AFX",
    /// Superfluous punctuation.
    NFP "NFP",
    /// Currency sign.
    Dollar "$",
    /// Opening quotation mark.
    OpenQuote "``",
    /// Closing quotation mark.
    CloseQuote "''",
    /// Opening bracket.
    OpenBracket "-LRB-",
    /// Closing bracket.
    CloseBracket "-RRB-",
    /// Comma.
    Comma ",",
    /// Punctuation that ends a sentence.
    Period ".",
    /// Colon, semicolon, dash, ellipsis.
    Colon ":",
}

closed! {
    /// How a word depends on its head: the relations of Universal Dependencies, with the rarest
    /// merged.
    Relation:
    /// The head of its sentence, which depends on nothing.
    Root "root",
    /// Subject.
    Nsubj "nsubj",
    /// Subject of a passive.
    NsubjPass "nsubj:pass",
    /// Clause as a subject.
    Csubj "csubj",
    /// Direct object.
    Obj "obj",
    /// Indirect object.
    Iobj "iobj",
    /// Clausal complement with a subject of its own, or direct speech within its sentence.
    Ccomp "ccomp",
    /// Clausal complement that shares a subject.
    Xcomp "xcomp",
    /// Oblique: usually a verb's prepositional phrase.
    Obl "obl",
    /// The agent of a passive.
    OblAgent "obl:agent",
    /// An oblique without a preposition: a time, a measure.
    OblUnmarked "obl:unmarked",
    /// Adverbial clause.
    Advcl "advcl",
    /// Clause that modifies a noun.
    Acl "acl",
    /// Relative clause.
    AclRelcl "acl:relcl",
    /// A clause beside another, such as an aside or a reporting clause in mid-sentence.
    Parataxis "parataxis",
    /// Conjunct.
    Conj "conj",
    /// Coordinating conjunction.
    Cc "cc",
    /// The word that introduces a subordinate clause.
    Mark "mark",
    /// Preposition or possessive ending attached to its noun.
    Case "case",
    /// Determiner.
    Det "det",
    /// Adjective that modifies a noun.
    Amod "amod",
    /// Noun with a preposition that modifies another noun.
    Nmod "nmod",
    /// Possessor.
    NmodPoss "nmod:poss",
    /// A title or description before a name.
    NmodDesc "nmod:desc",
    /// Noun without a preposition that modifies another noun: a time, a measure.
    NmodUnmarked "nmod:unmarked",
    /// Apposition.
    Appos "appos",
    /// Auxiliary verb.
    Aux "aux",
    /// Auxiliary of a passive.
    AuxPass "aux:pass",
    /// Copula.
    Cop "cop",
    /// Adverb.
    Advmod "advmod",
    /// Number that modifies a noun.
    Nummod "nummod",
    /// Noun before a noun.
    Compound "compound",
    /// Particle of a verb.
    CompoundPrt "compound:prt",
    /// Later word of a name.
    Flat "flat",
    /// Later word of a fixed expression.
    Fixed "fixed",
    /// Expletive *there* or *it*.
    Expl "expl",
    /// Punctuation.
    Punct "punct",
    /// Interjection and the like.
    Discourse "discourse",
    /// The person addressed.
    Vocative "vocative",
    /// Item of a list.
    List "list",
    /// Anything else.
    Dep "dep",
}
