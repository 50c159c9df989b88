//! The state of a review, in which a person goes through proposals one by one.
//!
//! It takes input lines and returns the actions to perform; it neither reads the terminal nor records
//! anything. Knows the commands of a review. Must not know how a proposal is displayed, nor how an
//! accepted one is recorded.

use super::sentence::{stretch, zone};
use crate::cli::argument;
use crate::cli::exit::Trouble;
use crate::cli::render::visible;
use crate::domain::claim::OneOrMore;
use crate::domain::id::{Name, Sequence, Slug};
use crate::domain::moment::{Basis, Moment, Period};
use crate::domain::resolve::Resolved;
use crate::domain::source::SourceNamed;
use crate::domain::spelling::{ClosedList, of_tag};
use crate::domain::text::Text;
use crate::ledger::intake::ReadDocument;
use crate::reading::numeral;
use crate::record::decide::{Refusal, locate};
use crate::record::draft::{DraftAssertion, DraftHop, Passage, SourceReference};

/// The help text of the review.
pub(super) const HELP: &str = "\
a accept: record it as checked by you           s skip: leave it out and do not ask again
e edit: list the fields that can be changed     b back: return to the previous proposal
undo: discard your edits                        q quit: run the same command to continue
an empty line shows the proposal again";

/// The help text for edits.
pub(super) const EDITS: &str = "\
content WORDS     the words attributed, exactly as in the document
source NAME       the source: a known one, critics@ for one that the document does not name, or a
                  new one with its kind, such as `source person Jo Tander`
cue WORDS         the words that express the attribution
role ROLE         said, quoted, told_to, based_on or relayed
act ACT           states, estimates, accuses, predicts, fears, orders, demands, promises, ...
form FORM         direct, indirect or mixed
framing FRAMING   neutral, distancing or endorsing
polarity POLARITY affirms, denies or no_comment
voice VOICE       attributed, outlet, hearsay or implied
words WORDS       the claim in plain words
figure FIGURE     adds a figure, such as `figure more than 12000 people`
where PLACE, holds DATE, said DATE, condition WORDS
the value `-` removes a field; a number before the value selects a hop, such as `source 2 soax`";

/// The decision on an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Open,
    Skipped,
    Recorded(Sequence),
}

/// A proposal under review.
#[derive(Debug, Clone)]
pub(super) struct ReviewItem {
    /// The index of its document.
    pub(super) document: usize,
    /// The draft, as it would be recorded.
    pub(super) draft: DraftAssertion,
    /// The known sources that it refers to.
    pub(super) known: Vec<SourceNamed>,
    /// The new sources that must be named for it.
    pub(super) namings: Vec<SourceNamed>,
    /// The fields that were edited.
    pub(super) edited: Vec<&'static str>,
    /// The decision on it.
    pub(super) fate: Fate,
    /// The draft as proposed.
    proposed: DraftAssertion,
    proposed_namings: Vec<SourceNamed>,
}

impl ReviewItem {
    pub(super) fn new(
        document: usize,
        draft: DraftAssertion,
        known: Vec<SourceNamed>,
        namings: Vec<SourceNamed>,
    ) -> Self {
        Self {
            document,
            proposed: draft.clone(),
            proposed_namings: namings.clone(),
            draft,
            known,
            namings,
            edited: Vec::new(),
            fate: Fate::Open,
        }
    }

    /// The draft as proposed, without edits.
    pub(super) const fn proposed(&self) -> &DraftAssertion {
        &self.proposed
    }

    fn undo(&mut self) {
        self.draft = self.proposed.clone();
        self.namings = self.proposed_namings.clone();
        self.edited.clear();
    }

    fn hop(&mut self, number: usize) -> Result<&mut DraftHop, String> {
        let hops = self.draft.hops.len();
        let hop = number.checked_sub(1).and_then(|place| self.draft.hops.get_mut(place));
        hop.ok_or_else(|| format!("there is no hop {number}: the attribution chain has {hops}"))
    }
}

/// The lookups that a review needs.
pub(super) trait Desk {
    /// A document of the run.
    fn reading(&self, document: usize) -> &ReadDocument;

    /// The known source with that slug or name.
    fn called(&self, text: &str) -> Result<Resolved, Trouble>;

    /// Whether a source has this slug, including confidential sources.
    fn is_taken(&self, slug: &Slug) -> Result<bool, Trouble>;
}

/// The action that a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// Print this text and ask again.
    Say(String),
    /// Show the current item.
    Show,
    /// Record the current item, then call [`Review::recorded`].
    Accept,
    /// Store that the current item was skipped, then call [`Review::skipped`].
    Skip,
    /// End the review.
    Quit,
}

/// The proposals and the position of the review.
#[derive(Debug)]
pub(super) struct Review {
    items: Vec<ReviewItem>,
    at: usize,
}

impl Review {
    pub(super) const fn of(items: Vec<ReviewItem>) -> Self {
        Self { items, at: 0 }
    }

    /// The item under review, or `None` at the end.
    pub(super) fn current(&self) -> Option<&ReviewItem> {
        self.items.get(self.at)
    }

    /// The position of the current item, counted from 1, and the number of items.
    pub(super) const fn progress(&self) -> (usize, usize) {
        (self.at + 1, self.items.len())
    }

    /// The numbers of items recorded, skipped and left open.
    pub(super) fn tally(&self) -> (u64, u64, u64) {
        let count = |is_one: fn(Fate) -> bool| {
            self.items.iter().filter(|item| is_one(item.fate)).count() as u64
        };
        let recorded = count(|fate| matches!(fate, Fate::Recorded(_)));
        (recorded, count(|fate| fate == Fate::Skipped), count(|fate| fate == Fate::Open))
    }

    /// Marks the current item as recorded.
    pub(super) fn recorded(&mut self, at: Sequence) {
        self.decide(Fate::Recorded(at));
    }

    /// Marks the current item as skipped.
    pub(super) fn skipped(&mut self) {
        self.decide(Fate::Skipped);
    }

    fn decide(&mut self, fate: Fate) {
        if let Some(item) = self.items.get_mut(self.at) {
            item.fate = fate;
        }
        self.advance();
    }

    /// Moves to the next open item.
    fn advance(&mut self) {
        let rest = self.items.iter().enumerate().skip(self.at + 1);
        let next = rest.into_iter().find(|(_, item)| item.fate == Fate::Open);
        self.at = next.map_or(self.items.len(), |(place, _)| place);
    }

    /// Handles a line of input and returns the action to perform.
    pub(super) fn hear(&mut self, line: &str, desk: &dyn Desk) -> Result<Reply, Trouble> {
        let line = line.trim();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let Some(item) = self.items.get_mut(self.at) else { return Ok(Reply::Quit) };
        let said = |text: &str| Ok(Reply::Say(text.to_owned()));
        match (word.to_lowercase().as_str(), rest.trim()) {
            ("", _) => Ok(Reply::Show),
            ("a" | "accept", "") => match item.fate {
                Fate::Recorded(at) => Ok(Reply::Say(format!("already recorded as {at}"))),
                Fate::Open | Fate::Skipped => Ok(Reply::Accept),
            },
            ("s" | "skip", "") => {
                if matches!(item.fate, Fate::Recorded(_)) {
                    self.advance();
                    return Ok(Reply::Show);
                }
                Ok(Reply::Skip)
            }
            ("b" | "back", "") if self.at == 0 => said("this is the first proposal"),
            ("b" | "back", "") => {
                self.at -= 1;
                Ok(Reply::Show)
            }
            ("q" | "quit", "") => Ok(Reply::Quit),
            ("e" | "edit", "") => said(EDITS),
            ("?" | "h" | "help", "") => said(HELP),
            ("undo", "") => {
                item.undo();
                Ok(Reply::Show)
            }
            (_, _) if matches!(item.fate, Fate::Recorded(_)) => {
                said("already recorded: a recorded assertion cannot be edited")
            }
            ("e" | "edit", rest) => {
                let (field, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                edited(item, &field.to_lowercase(), value.trim(), desk)
            }
            (field, value) => edited(item, field, value, desk),
        }
    }
}

fn edited(
    item: &mut ReviewItem,
    field: &str,
    value: &str,
    desk: &dyn Desk,
) -> Result<Reply, Trouble> {
    let Some(field) = FIELDS.iter().find(|name| **name == field) else {
        return Ok(Reply::Say(format!("unknown command “{}”\n{HELP}", visible(field))));
    };
    if value.is_empty() {
        return Ok(Reply::Say(EDITS.to_owned()));
    }
    let (number, numbered) = numbered(value);
    let changed = match *field {
        "source" => {
            let found = source(numbered, desk)?;
            found.and_then(|(reference, named)| resource(item, number, reference, named))
        }
        "cue" => {
            let cue = passages(item, numbered, desk);
            cue.and_then(|cue| item.hop(number).map(|hop| hop.cue = cue))
        }
        "role" => tagged(numbered).and_then(|role| item.hop(number).map(|hop| hop.role = role)),
        "content" => content(item, value, desk),
        "condition" => {
            let condition = passages(item, value, desk);
            condition.map(|mut condition| item.draft.condition = condition.pop())
        }
        field => set(&mut item.draft, field, value),
    };
    Ok(match changed {
        Ok(()) => {
            if !item.edited.contains(field) {
                item.edited.push(field);
            }
            Reply::Show
        }
        Err(message) => Reply::Say(visible(&message)),
    })
}

/// The names of the fields that can be edited.
const FIELDS: [&str; 15] = [
    "content",
    "source",
    "cue",
    "role",
    "act",
    "form",
    "framing",
    "polarity",
    "voice",
    "words",
    "figure",
    "where",
    "holds",
    "said",
    "condition",
];

/// The number of a hop, if the value begins with one, and 1 otherwise; with the rest of the value.
fn numbered(value: &str) -> (usize, &str) {
    let pair = value.split_once(' ').and_then(|(first, rest)| Some((first.parse().ok()?, rest)));
    pair.map_or((1, value), |(number, rest): (usize, &str)| (number, rest.trim()))
}

fn tagged<T: ClosedList>(tag: &str) -> Result<T, String> {
    of_tag(tag).map_err(|error| error.to_string())
}

/// Sets a field that needs no lookup.
fn set(draft: &mut DraftAssertion, field: &str, value: &str) -> Result<(), String> {
    let is_none = value == "-";
    let date =
        || value.parse().map_err(|error: crate::domain::moment::MomentError| error.to_string());
    let figure = || numeral::quantity(value).map_err(|error| error.to_string());
    match field {
        "act" => draft.act = tagged(value)?,
        "form" => draft.form = tagged(value)?,
        "framing" => draft.framing = tagged(value)?,
        "polarity" => draft.polarity = tagged(value)?,
        "voice" => draft.voice = tagged(value)?,
        "figure" if is_none => draft.claim.quantities.clear(),
        "figure" => draft.claim.quantities.push(figure()?),
        "words" if is_none => draft.claim.words = None,
        "words" => {
            draft.claim.words = Some(Text::new(value).map_err(|error| error.to_string())?);
        }
        "where" if is_none => draft.claim.place = None,
        "where" => {
            draft.claim.place = Some(Name::new(value).map_err(|error| error.to_string())?);
        }
        "holds" if is_none => draft.claim.holds = None,
        "holds" => draft.claim.holds = Some(Period::at(date()?, Basis::Printed)),
        "said" if is_none => draft.said = None,
        "said" => draft.said = Some(Moment { at: date()?, basis: Basis::Printed }),
        other => return Err(format!("“{other}” cannot be edited")),
    }
    Ok(())
}

fn content(item: &mut ReviewItem, value: &str, desk: &dyn Desk) -> Result<(), String> {
    let content = passages(item, value, desk)?;
    item.draft.content = OneOrMore::try_from(content)
        .map_err(|_| "an assertion needs content: give its words".to_owned())?;
    Ok(())
}

/// The passages with these words in the item's document; none for `-`. If the words occur several
/// times, an occurrence in the item's own sentences is chosen, provided that there is only one.
fn passages(item: &ReviewItem, value: &str, desk: &dyn Desk) -> Result<Vec<Passage>, String> {
    if value == "-" {
        return Ok(Vec::new());
    }
    let reading = desk.reading(item.document);
    let zone = zone(&item.draft);
    let text = reading.zone(zone).ok_or("the document has no title")?;
    let (from, to) = stretch(item.proposed(), zone, text);
    let near: Vec<usize> =
        text.as_str()[from..to].match_indices(value).map(|(at, _)| from + at).collect();
    let selected = match near.as_slice() {
        [one] => text.select(zone, *one, one + value.len()),
        _ => None,
    };
    match selected {
        Some(selector) => Ok(vec![selector.into()]),
        None => {
            let passage = Passage { zone, ..Passage::of(value) };
            let located = locate(&passage, text).map_err(|error| error.to_string())?;
            Ok(vec![located.into()])
        }
    }
}

/// The source that a value refers to, or a message if it is unknown or ambiguous.
fn source(value: &str, desk: &dyn Desk) -> Result<SourceFound, Trouble> {
    if let Some(unnamed) = value.strip_suffix('@') {
        let slug = Slug::from_name(unnamed).map_err(|error| error.to_string());
        return Ok(slug.map(|slug| (SourceReference(format!("{slug}@")), NamingState::None)));
    }
    match desk.called(value)? {
        Resolved::One(known) => {
            let reference = SourceReference(known.slug.to_string());
            return Ok(Ok((reference, NamingState::Known(*known))));
        }
        Resolved::Several(many) => return Ok(Err(several(value, &many))),
        Resolved::None => {}
    }
    let kinded = value
        .split_once(char::is_whitespace)
        .and_then(|(kind, name)| Some((kind.parse().ok()?, Name::new(name.trim()).ok()?)));
    let Some((kind, name)) = kinded else {
        return Ok(Err(format!(
            "no source is called “{value}”: enter `source person {value}` (or another kind) to name a \
             new one, or `source {value}@` for a source that the document does not name"
        )));
    };
    let naming = match desk.called(name.as_str())? {
        Resolved::One(known) => NamingState::Known(*known),
        Resolved::Several(many) => return Ok(Err(several(name.as_str(), &many))),
        Resolved::None => {
            let new = match SourceNamed::called(name.as_str(), kind) {
                Ok(new) => new,
                Err(error) => return Ok(Err(error.to_string())),
            };
            if desk.is_taken(&new.slug)? {
                return Ok(Err(Refusal::SlugTaken(new.slug).to_string()));
            }
            NamingState::New(new)
        }
    };
    let slug = match &naming {
        NamingState::Known(source) | NamingState::New(source) => source.slug.to_string(),
        NamingState::None => String::new(),
    };
    Ok(Ok((SourceReference(slug), naming)))
}

fn several(text: &str, sources: &[SourceNamed]) -> String {
    argument::several(text, &sources.iter().collect()).message()
}

/// A source that was found and its naming, or a message if none was found.
type SourceFound = Result<(SourceReference, NamingState), String>;

/// The naming of a source: none, known or new.
enum NamingState {
    None,
    Known(SourceNamed),
    New(SourceNamed),
}

fn resource(
    item: &mut ReviewItem,
    number: usize,
    reference: SourceReference,
    naming: NamingState,
) -> Result<(), String> {
    let sources = OneOrMore::try_from(vec![reference]).map_err(|error| error.to_string())?;
    item.hop(number)?.sources = sources;
    match naming {
        NamingState::None => {}
        NamingState::Known(source) => item.known.push(source),
        NamingState::New(source) => item.namings.push(source),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::DocumentId;
    use crate::domain::selector::IndexedText;
    use crate::domain::source::SourceKind;
    use crate::record::draft::{Draft, DraftBody};

    const TEXT: &str = "The quay will close in May, the harbour office said. Jo Tander put the cost \
                        at 3 million crowns. Firms fear that the quay will close in May for good.";

    struct OneDocument {
        reading: ReadDocument,
        sources: Vec<SourceNamed>,
    }

    impl Desk for OneDocument {
        fn reading(&self, _document: usize) -> &ReadDocument {
            &self.reading
        }

        fn called(&self, text: &str) -> Result<Resolved, Trouble> {
            let is_one = |source: &&SourceNamed| {
                source.slug.as_str() == text || source.name.as_str().eq_ignore_ascii_case(text)
            };
            let mut found: Vec<SourceNamed> = self.sources.iter().filter(is_one).cloned().collect();
            Ok(match found.len() {
                0 => Resolved::None,
                1 => Resolved::One(Box::new(found.remove(0))),
                _ => Resolved::Several(found),
            })
        }

        fn is_taken(&self, slug: &Slug) -> Result<bool, Trouble> {
            Ok(slug.as_str() == "hidden" || self.sources.iter().any(|one| one.slug == *slug))
        }
    }

    fn source(slug: &str, name: &str) -> SourceNamed {
        let (slug, name) = (slug.parse().unwrap(), name.parse().unwrap());
        let kind = SourceKind::Organisation;
        SourceNamed { slug, name, kind, aliases: Vec::new(), speaks_for: Vec::new() }
    }

    fn desk() -> OneDocument {
        let reading = ReadDocument {
            id: DocumentId::at(Sequence::new(1).unwrap()),
            title: None,
            body: IndexedText::new(TEXT.into()),
            publisher: None,
            published: None,
            language: None,
        };
        let sources =
            vec![source("soax", "SOAX"), source("smith-a", "Smith"), source("smith-b", "Smith")];
        OneDocument { reading, sources }
    }

    fn item(words: &str, cue: &str) -> ReviewItem {
        let place = |words: &str| {
            let start = TEXT.find(words).unwrap();
            let end = start + words.len();
            format!(r#"{{"text":{{"exact":"{words}","start":{start},"end":{end}}}}}"#)
        };
        let line = format!(
            r#"{{"event":{{"claim_asserted":{{"document":1,"content":[{}],"hops":[{{"sources":["office@"],"role":"said","cue":[{}]}}]}}}}}}"#,
            place(words),
            place(cue)
        );
        match Draft::from_line(line.as_bytes()) {
            Ok(Draft { event: DraftBody::ClaimAsserted(draft), .. }) => {
                ReviewItem::new(0, *draft, Vec::new(), Vec::new())
            }
            other => panic!("{other:?}"),
        }
    }

    fn review() -> Review {
        let items = [
            item("The quay will close in May", "said"),
            item("the cost at 3 million crowns", "put"),
            item("the quay will close in May for good", "fear"),
        ];
        Review::of(items.to_vec())
    }

    fn hear(review: &mut Review, line: &str) -> Reply {
        review.hear(line, &desk()).unwrap()
    }

    #[track_caller]
    fn says(review: &mut Review, line: &str, words: &str) {
        match hear(review, line) {
            Reply::Say(said) => assert!(said.contains(words), "{line}: {said}"),
            other => panic!("{line}: {other:?}"),
        }
    }

    fn draft(review: &Review) -> &DraftAssertion {
        &review.current().unwrap().draft
    }

    #[test]
    fn a_review_goes_on_and_back_and_ends() {
        let mut review = review();
        assert_eq!(hear(&mut review, " A \n"), Reply::Accept);
        review.recorded(Sequence::new(41).unwrap());
        assert_eq!(review.progress(), (2, 3));
        assert_eq!(hear(&mut review, "skip"), Reply::Skip);
        review.skipped();
        assert_eq!(hear(&mut review, "b"), Reply::Show);
        assert_eq!(review.current().unwrap().fate, Fate::Skipped);
        assert_eq!(hear(&mut review, "b"), Reply::Show);
        says(&mut review, "a", "already recorded as #41");
        says(&mut review, "act fears", "cannot be edited");
        says(&mut review, "b", "this is the first");
        assert_eq!(hear(&mut review, "s"), Reply::Show);
        assert_eq!(review.progress(), (3, 3), "what is decided is passed over");
        assert_eq!(hear(&mut review, "q"), Reply::Quit);
        assert_eq!(review.tally(), (1, 1, 1));
        review.skipped();
        assert!(review.current().is_none());
        assert_eq!(hear(&mut review, "a"), Reply::Quit);
    }

    #[test]
    fn an_unknown_command_is_reported_with_the_known_ones() {
        let mut review = review();
        says(&mut review, "?", "accept");
        says(&mut review, "edit", "content WORDS");
        says(&mut review, "accept it", "unknown command “accept”");
        says(&mut review, "\u{1b}[31m", "␛[31m");
        says(&mut review, "content", "content WORDS");
        says(&mut review, "act shouts", "shouts");
        says(&mut review, "cue 7 said", "no hop 7");
        says(&mut review, "role 7 said", "no hop 7");
        assert_eq!(hear(&mut review, ""), Reply::Show);
        assert!(review.current().unwrap().edited.is_empty());
    }

    #[test]
    fn words_are_found_in_the_sentence_first_and_then_where_they_occur_once() {
        let mut review = review();
        assert_eq!(hear(&mut review, "content will close in May"), Reply::Show);
        let content = draft(&review).content.first();
        assert_eq!((content.start, content.end), (Some(9), Some(26)));
        assert_eq!(content.suffix, ", the harbour office said. Jo Ta");
        assert_eq!(hear(&mut review, "cue fear"), Reply::Show);
        assert_eq!(draft(&review).hops[0].cue[0].exact, "fear");
        says(&mut review, "content will open", "does not occur in the body");
        assert_eq!(hear(&mut review, "cue -"), Reply::Show);
        assert!(draft(&review).hops[0].cue.is_empty());
        says(&mut review, "content -", "give its words");
        assert_eq!(review.current().unwrap().edited, ["content", "cue"]);
        assert_eq!(hear(&mut review, "undo"), Reply::Show);
        let item = review.current().unwrap();
        assert_eq!(&item.draft, item.proposed());
        assert!(item.edited.is_empty());
    }

    #[test]
    fn a_source_is_known_or_unnamed_or_new_with_its_kind_and_never_guessed() {
        let mut review = review();
        let source = |review: &Review| draft(review).hops[0].sources.first().0.clone();
        assert_eq!(hear(&mut review, "source soax"), Reply::Show);
        assert_eq!(source(&review), "soax");
        says(
            &mut review,
            "source Smith",
            "could be smith-a “Smith” or smith-b “Smith”: give the slug",
        );
        says(&mut review, "source person Smith", "could be smith-a “Smith” or smith-b");
        says(&mut review, "source person Hidden", "the slug `hidden` is taken");
        says(&mut review, "source Ana Berg", "no source is called “Ana Berg”");
        assert_eq!(hear(&mut review, "e source 1 person Ana Berg"), Reply::Show);
        assert_eq!(source(&review), "ana-berg");
        assert_eq!(review.current().unwrap().namings[0].kind, SourceKind::Person);
        assert_eq!(hear(&mut review, "source Ferry firms@"), Reply::Show);
        assert_eq!(source(&review), "ferry-firms@");
        says(&mut review, "source 2 soax", "no hop 2: the attribution chain has 1");
    }

    #[test]
    fn every_field_is_set_in_its_own_terms() {
        let mut review = review();
        for line in [
            "act estimates",
            "form direct",
            "framing distancing",
            "polarity denies",
            "voice implied",
            "role quoted",
            "words the quay closes",
            "figure more than 3000000 crowns",
            "where Lund",
            "holds 2026-05",
            "said 2026-03-02",
            "condition the harbour office",
        ] {
            assert_eq!(hear(&mut review, line), Reply::Show, "{line}");
        }
        let set = serde_json::to_value(draft(&review)).unwrap();
        let field = |name: &str| set[name].as_str().unwrap_or_default().to_owned();
        let tags = ["act", "form", "framing", "polarity", "voice"].map(field);
        assert_eq!(tags, ["estimates", "direct", "distancing", "denies", "implied"]);
        assert_eq!(set["claim"]["quantities"][0]["bound"], "more_than");
        assert_eq!(set["claim"]["holds"]["at"], "2026-05");
        for line in ["words -", "figure -", "where -", "holds -", "said -", "condition -"] {
            assert_eq!(hear(&mut review, line), Reply::Show, "{line}");
        }
        let bare = serde_json::to_value(draft(&review)).unwrap();
        assert_eq!(
            (bare.get("claim"), bare.get("said"), bare.get("condition")),
            (None, None, None)
        );
        says(&mut review, "holds May", "is not a time");
        says(&mut review, "figure many", "amount");
        says(&mut review, "figure 5 boats left", "“left” is left over after the figure `5 boats`");
    }
}
