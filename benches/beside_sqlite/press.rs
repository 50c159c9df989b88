//! A press that never stops: articles and what is attributed in them, the same for the same number.
//!
//! Knows how a text is put together so that every passage of a draft really stands in it. Must not
//! know who records the drafts, nor how long that takes.
//!
//! Words follow Zipf's law over 40,000 pseudo-words, led by the function words of English. An
//! article has 600 to 1,400 sentences, and each carries one assertion of one or two hops. Every
//! fourth article is written in curly quotes, so that code points and bytes differ. Of the
//! assertions, a third have a quantity, a third say when they hold, a sixth when they were said; 3
//! in 4 were found by a program; 1 in 10 has an unnamed source; 1 in 16 is against someone; 1 in 8
//! gives its content by its words alone, so that the ledger has to find them in the whole text.

use testimony::claim::{Act, Form, FoundBy, Framing, OneOrMore, Polarity, Resolution, Role, Voice};
use testimony::document::{Address, Metadata};
use testimony::draft::{
    DocumentReference, Draft, DraftAssertion, DraftBody, DraftClaim, DraftHop, Passage,
    SourceReference,
};
use testimony::id::{DocumentId, Name, SourceId, TopicId};
use testimony::moment::{Basis, Date, Moment, Period};
use testimony::quantity::{Quantity, QuantityFields};
use testimony::source::{SourceKind, SourceNamed};

/// Words in the vocabulary.
const VOCABULARY: usize = 40_000;

/// Sources that have a name.
const SOURCES: usize = 3_000;

/// Of which so many, the first, publish.
const OUTLETS: usize = 120;

/// Topics that claims are about.
const TOPICS: usize = 500;

/// Assertions in an article, on average.
pub(crate) const MEAN_SENTENCES: usize = 1_000;

const FUNCTION_WORDS: [&str; 32] = [
    "the", "of", "to", "and", "in", "a", "that", "for", "on", "is", "was", "it", "with", "as",
    "by", "at", "from", "be", "has", "have", "not", "are", "were", "its", "an", "will", "had",
    "this", "but", "who", "their", "people",
];

const UNITS: [&str; 8] =
    ["users", "euros", "percent", "tonnes", "people", "channels", "cases", "kilometres"];

const UNNAMED: [&str; 6] = ["critics", "officials", "residents", "analysts", "users", "witnesses"];

/// A generator of numbers that is the same everywhere: SplitMix64.
#[derive(Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.roll() % end as u64) as usize
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// Ranks drawn by Zipf's law.
struct Zipf(Vec<f64>);

impl Zipf {
    fn new(ranks: usize) -> Self {
        let mut sum = 0.0;
        let sums = (1..=ranks).map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        });
        Self(sums.collect())
    }

    fn draw(&self, dice: &mut Dice) -> usize {
        let all = self.0.last().copied().unwrap_or_default();
        let point = dice.roll() as f64 / u64::MAX as f64 * all;
        self.0.partition_point(|sum| *sum < point).min(self.0.len() - 1)
    }
}

/// Where articles come from.
pub(crate) struct Press {
    vocabulary: Vec<String>,
    words: Zipf,
    names: Vec<(String, String)>,
    sources: Zipf,
    topics: Vec<TopicId>,
    subjects: Zipf,
}

/// An article, with what is attributed in it.
pub(crate) struct Article {
    /// Its text.
    pub(crate) text: String,
    /// What is said about it.
    pub(crate) metadata: Metadata,
    drafts: Vec<DraftAssertion>,
}

impl Article {
    /// How many assertions it has.
    pub(crate) fn assertions(&self) -> usize {
        self.drafts.len()
    }

    /// Its assertions as drafts, once it has a number.
    pub(crate) fn into_drafts(self, document: DocumentId) -> impl Iterator<Item = Draft> {
        self.drafts.into_iter().map(move |mut draft| {
            draft.document = DocumentReference::Number(document.sequence().get());
            let event = DraftBody::ClaimAsserted(Box::new(draft));
            Draft::new(event)
        })
    }
}

/// A text under way, in code points.
struct Text {
    text: String,
    length: u32,
}

impl Text {
    /// Adds words and gives the passage they are.
    fn add(&mut self, words: &str) -> Passage {
        let start = self.length;
        self.text.push_str(words);
        self.length += words.chars().count() as u32;
        Passage { start: Some(start), end: Some(self.length), ..Passage::of(words) }
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn made_word(mut number: usize) -> String {
    const OPENINGS: [&str; 20] = [
        "b", "br", "c", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "pr", "r", "s", "st",
        "t", "tr", "v",
    ];
    const CLOSINGS: [&str; 15] =
        ["a", "al", "an", "e", "en", "er", "i", "in", "ion", "o", "on", "or", "u", "um", "us"];
    let mut word = String::new();
    for _ in 0..2 + number % 2 {
        word.push_str(OPENINGS[number % OPENINGS.len()]);
        number /= OPENINGS.len();
        word.push_str(CLOSINGS[number % CLOSINGS.len()]);
        number /= CLOSINGS.len();
    }
    word
}

impl Press {
    /// The press.
    pub(crate) fn new() -> Self {
        let mut dice = Dice::new(1);
        let mut seen = std::collections::HashSet::new();
        let mut vocabulary: Vec<String> = FUNCTION_WORDS.map(String::from).to_vec();
        while vocabulary.len() < VOCABULARY {
            let word = made_word(dice.below(27_000_000));
            if seen.insert(word.clone()) {
                vocabulary.push(word);
            }
        }
        let mut name = |rank: usize| {
            let pair = [dice.below(8_000), dice.below(8_000)];
            let words = pair.map(|word| capital(&vocabulary[FUNCTION_WORDS.len() + word]));
            let name = format!("{} {}", words[0], words[1]);
            (format!("{}-{rank}", name.to_lowercase().replace(' ', "-")), name)
        };
        let names = (0..SOURCES).map(&mut name).collect();
        let topic = |rank: usize| {
            let slug = format!("{}-{}", vocabulary[200 + rank * 7], vocabulary[5_000 + rank]);
            TopicId::new(slug.parse().expect("a slug"))
        };
        let topics = (0..TOPICS).map(topic).collect();
        let (words, sources) = (Zipf::new(VOCABULARY), Zipf::new(SOURCES));
        Self { vocabulary, words, names, sources, topics, subjects: Zipf::new(TOPICS) }
    }

    /// The word of a rank: 0 is the most common.
    pub(crate) fn word(&self, rank: usize) -> &str {
        &self.vocabulary[rank]
    }

    /// What names the sources.
    pub(crate) fn namings(&self) -> Vec<Draft> {
        let naming = |(rank, (slug, name)): (usize, &(String, String))| {
            let kind = if rank < OUTLETS { SourceKind::Outlet } else { SourceKind::Organisation };
            let named = SourceNamed {
                slug: slug.parse().expect("a slug"),
                name: name.parse().expect("a name"),
                kind,
                aliases: Vec::new(),
                speaks_for: Vec::new(),
            };
            Draft::new(DraftBody::SourceNamed(named))
        };
        self.names.iter().enumerate().map(naming).collect()
    }

    fn clause(&self, dice: &mut Dice, words: usize) -> String {
        let mut clause = String::new();
        for place in 0..words {
            if place > 0 {
                clause.push(' ');
            }
            clause.push_str(&self.vocabulary[self.words.draw(dice)]);
        }
        clause
    }

    /// The article of a number.
    pub(crate) fn article(&self, number: usize) -> Article {
        let mut dice = Dice::new(0x7e57_0000 + number as u64);
        let title = capital(&self.clause(&mut dice, 8));
        let publisher = &self.names[dice.below(OUTLETS)].0;
        let day = 1 + dice.below(28);
        let published = Moment { at: date(2025, 1 + dice.below(12), day), basis: Basis::Metadata };
        let metadata = Metadata {
            title: title.parse().ok(),
            url: Address::new(&format!("https://{publisher}.example/articles/{number}")).ok(),
            publisher: publisher.parse().ok().map(SourceId::Named),
            language: "en".parse().ok(),
            published: Some(published),
            ..Metadata::default()
        };
        let sentences = MEAN_SENTENCES - 400 + dice.below(801);
        let mut text = Text { text: String::with_capacity(sentences * 120), length: 0 };
        let curly = number % 4 == 3;
        let drafts = (0..sentences).map(|_| self.sentence(&mut dice, &mut text, curly)).collect();
        Article { text: text.text, metadata, drafts }
    }

    fn sentence(&self, dice: &mut Dice, text: &mut Text, curly: bool) -> DraftAssertion {
        let (origin, name) = self.speaker(dice);
        let mention = text.add(&name);
        text.add(" ");
        let mut hops = Vec::new();
        if dice.one_in(4) {
            let cue = text.add("told");
            text.add(" ");
            let (passing, name) = loop {
                let (passing, name) = self.speaker(dice);
                // Nobody passes on what they said themselves.
                if passing != origin {
                    break (passing, name);
                }
            };
            let passed = text.add(&name);
            text.add(" ");
            hops.push(hop(origin, Role::Quoted, mention, cue));
            hops.push(hop(passing, Role::ToldTo, passed, text.add("that")));
        } else {
            let cue = ["said", "said", "claimed", "estimated", "reported"][dice.below(5)];
            hops.push(hop(origin, Role::Said, mention, text.add(cue)));
        }
        text.add(if curly { " “" } else { " " });
        let (content, quantities) = self.content(dice, text);
        text.add(if curly { "”.\n" } else { ".\n" });
        let holds = dice.one_in(3).then(|| {
            let at = date(2020 + dice.below(6), 1 + dice.below(12), 0);
            Period::at(at, Basis::Printed)
        });
        let said = dice.one_in(6).then(|| {
            let day = 1 + dice.below(28);
            Moment { at: date(2025, 1 + dice.below(12), day), basis: Basis::Printed }
        });
        let accused = self.names[self.sources.draw(dice)].0.clone();
        DraftAssertion {
            document: DocumentReference::Number(0),
            content: vec![content].try_into().expect("one"),
            hops,
            voice: Voice::Attributed,
            form: if curly { Form::Direct } else { Form::Indirect },
            framing: Framing::Neutral,
            polarity: Polarity::Affirms,
            act: if quantities.is_empty() { Act::States } else { Act::Estimates },
            against: if dice.one_in(16) { vec![SourceReference(accused)] } else { vec![] },
            condition: None,
            said,
            claim: DraftClaim {
                words: None,
                quantities,
                about: (0..1 + dice.below(2))
                    .map(|_| self.topics[self.subjects.draw(dice)].clone())
                    .collect(),
                place: None,
                holds,
                language: None,
            },
            translated_from: None,
            found_by: (!dice.one_in(4)).then(extractor),
            replaces: None,
        }
    }

    /// A source, and what the text calls it.
    fn speaker(&self, dice: &mut Dice) -> (String, String) {
        if dice.one_in(10) {
            let slug = UNNAMED[dice.below(UNNAMED.len())];
            return (format!("{slug}@"), slug.to_owned());
        }
        self.names[self.sources.draw(dice)].clone()
    }

    fn content(&self, dice: &mut Dice, text: &mut Text) -> (Passage, Vec<Quantity>) {
        let words = 8 + dice.below(11);
        let mut clause = self.clause(dice, words);
        let mut quantities = Vec::new();
        if dice.one_in(3) {
            let (whole, tenth) = (1 + dice.below(990), dice.below(10));
            let unit = UNITS[dice.below(UNITS.len())];
            clause.push_str(&format!(" {whole}.{tenth} million {unit}"));
            let amount = format!("{whole}{tenth}00000").parse().expect("a decimal");
            let fields = QuantityFields::of(amount, unit.parse().expect("a unit"));
            quantities.push(fields.try_into().expect("a quantity"));
        }
        let mut content = text.add(&clause);
        if dice.one_in(8) {
            (content.start, content.end) = (None, None);
        }
        (content, quantities)
    }
}

fn hop(source: String, role: Role, mention: Passage, cue: Passage) -> DraftHop {
    DraftHop {
        sources: OneOrMore::try_from(vec![SourceReference(source)]).expect("one"),
        role,
        mention: vec![mention],
        cue: vec![cue],
        resolution: Resolution::Explicit,
        capacity: None,
        content: Vec::new(),
    }
}

fn extractor() -> FoundBy {
    let name = |text: &str| Name::new(text).expect("a name");
    FoundBy::Extractor {
        name: name("cues"),
        version: name("1.0"),
        rule: Some(name("said-that")),
        confidence: 87.try_into().ok(),
    }
}

/// A date; without a day where that is 0.
fn date(year: usize, month: usize, day: usize) -> Date {
    let text = match day {
        0 => format!("{year}-{month:02}"),
        _ => format!("{year}-{month:02}-{day:02}"),
    };
    text.parse().expect("a date")
}
