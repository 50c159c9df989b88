//! Defines drafts: what a person or program submits to be recorded, in a laxer form than an event.
//! A draft that is written out reads back the same.
//!
//! A draft may leave out what the ledger can determine without guessing: who records it, the
//! position of its words, the words of the claim if they are those of the content. Knows the shape
//! of a line of input. Must not know the ledger: `decide` determines whether a draft can be
//! recorded.

use serde::de::{Error as _, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::domain::claim::{
    Act, Claim, Form, FoundBy, Framing, OneOrMore, Polarity, Resolution, Role, Voice,
};
use crate::domain::id::{AssertionId, DocumentId, RequestId, Sequence, SourceId, TopicId};
use crate::domain::moment::{Moment, Period};
use crate::domain::objects;
use crate::domain::quantity::Quantity;
use crate::domain::selector::{TextSelector, TextSelectorFields, Zone};
use crate::domain::source::{SourceDescribed, SourceNamed};
use crate::domain::text::{Language, Name, Text};
use crate::record::event::{
    AssertionChecked, AssertionRetracted, AssertionVoided, AssertionsRelated, ClaimReviewed,
    DocumentCorrected, EventWithdrawn, Kind, MergeUndone, NoteAdded, Recorder, SourcesMerged,
    TopicAssigned, is_unknown_tag,
};

/// The longest line of input, in bytes: enough for the largest event with every character escaped.
pub const MAX_LINE_BYTES: usize = 512 * 1024;

/// Why a line of input is not a draft.
#[derive(Debug, Error)]
pub enum DraftError {
    /// Longer than any event can be.
    #[error("the line is longer than {MAX_LINE_BYTES} bytes: record less in one event")]
    TooLong,
    /// Not UTF-8.
    #[error("the line is not UTF-8 from byte {0} on: save the input as UTF-8")]
    NotUtf8(usize),
    /// A wire tag that this version does not know.
    #[error("{0}: correct the tag, or update testimony if a newer version wrote it")]
    UnknownTag(String),
    /// Invalid JSON, or JSON with unexpected fields.
    #[error("{0}: see docs/json.md for the shape of a line")]
    Malformed(String),
}

/// One line of input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The recorder; `None` if that is the one who runs the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Recorder>,
    /// The id of the request, so that a retry is not recorded twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// Whether to keep it out of every output that does not ask for confidential events.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confidential: bool,
    /// The content to be recorded.
    pub event: DraftBody,
}

/// The content to be recorded. Openings, captures, erasures, disclosures and key rotations have
/// their own commands, since they do more than record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftBody {
    /// An assertion whose words are still to be located in their document.
    ClaimAsserted(Box<DraftAssertion>),
    /// As recorded.
    SourceNamed(SourceNamed),
    /// As recorded.
    SourceDescribed(SourceDescribed),
    /// As recorded.
    SourcesMerged(SourcesMerged),
    /// As recorded.
    MergeUndone(MergeUndone),
    /// As recorded.
    DocumentCorrected(Box<DocumentCorrected>),
    /// As recorded.
    AssertionChecked(AssertionChecked),
    /// As recorded.
    AssertionVoided(AssertionVoided),
    /// As recorded.
    AssertionRetracted(Box<AssertionRetracted>),
    /// As recorded.
    AssertionsRelated(AssertionsRelated),
    /// As recorded.
    TopicAssigned(TopicAssigned),
    /// As recorded.
    NoteAdded(NoteAdded),
    /// As recorded.
    ClaimReviewed(Box<ClaimReviewed>),
    /// As recorded.
    EventWithdrawn(EventWithdrawn),
}

impl DraftBody {
    /// The kind of event that it is to become.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::ClaimAsserted(_) => Kind::ClaimAsserted,
            Self::SourceNamed(_) => Kind::SourceNamed,
            Self::SourceDescribed(_) => Kind::SourceDescribed,
            Self::SourcesMerged(_) => Kind::SourcesMerged,
            Self::MergeUndone(_) => Kind::MergeUndone,
            Self::DocumentCorrected(_) => Kind::DocumentCorrected,
            Self::AssertionChecked(_) => Kind::AssertionChecked,
            Self::AssertionVoided(_) => Kind::AssertionVoided,
            Self::AssertionRetracted(_) => Kind::AssertionRetracted,
            Self::AssertionsRelated(_) => Kind::AssertionsRelated,
            Self::TopicAssigned(_) => Kind::TopicAssigned,
            Self::NoteAdded(_) => Kind::NoteAdded,
            Self::ClaimReviewed(_) => Kind::ClaimReviewed,
            Self::EventWithdrawn(_) => Kind::EventWithdrawn,
        }
    }
}

/// A draft of an assertion. Its fields are those of
/// [`ClaimAsserted`](crate::domain::claim::ClaimAsserted), in a laxer form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftAssertion {
    /// The document: its number, six or more digits of the hash of its text, or its URL.
    pub document: DocumentReference,
    /// The attributed words.
    pub content: OneOrMore<Passage>,
    /// The attribution chain, which begins at the origin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<DraftHop>,
    /// Whose voice the words are in.
    #[serde(default, skip_serializing_if = "is_default")]
    pub voice: Voice,
    /// How the words are reported.
    #[serde(default, skip_serializing_if = "is_default")]
    pub form: Form,
    /// The reporter's stance.
    #[serde(default, skip_serializing_if = "is_default")]
    pub framing: Framing,
    /// Whether the speaker affirms the claim.
    #[serde(default, skip_serializing_if = "is_default")]
    pub polarity: Polarity,
    /// The speech act.
    #[serde(default, skip_serializing_if = "is_default")]
    pub act: Act,
    /// The sources accused or spoken against.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<SourceReference>,
    /// The condition under which it is said to hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Passage>,
    /// When it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Moment>,
    /// The language it was translated from, if the outlet says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translated_from: Option<Language>,
    /// What is said to be so.
    #[serde(default, skip_serializing_if = "is_default")]
    pub claim: DraftClaim,
    /// Who or what found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_by: Option<FoundBy>,
    /// The assertion that this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<AssertionId>,
}

impl DraftAssertion {
    /// Adds a source that said it: a slug, `slug@12`, or `slug@` for one that its document leaves
    /// unnamed. Calling it again adds another source after the first: the chain continues from its
    /// origin.
    #[must_use]
    pub fn said_by(self, source: impl Into<SourceReference>) -> Self {
        self.through(source, Role::Said)
    }

    /// Adds a source that passed it on, in this role.
    #[must_use]
    pub fn through(mut self, source: impl Into<SourceReference>, role: Role) -> Self {
        self.hops.push(DraftHop::of(source, role));
        self
    }

    /// Adds the words that attribute it to the last source of its chain.
    #[must_use]
    pub fn cue(mut self, words: &str) -> Self {
        self.hops.last_mut().into_iter().for_each(|hop| hop.cue.push(Passage::of(words)));
        self
    }

    /// Adds the words that mention the last source of its chain.
    #[must_use]
    pub fn mention(mut self, words: &str) -> Self {
        self.hops.last_mut().into_iter().for_each(|hop| hop.mention.push(Passage::of(words)));
        self
    }

    /// Adds a topic.
    #[must_use]
    pub fn about(mut self, topic: TopicId) -> Self {
        self.claim.about.push(topic);
        self
    }

    /// Adds a figure.
    #[must_use]
    pub fn figure(mut self, quantity: Quantity) -> Self {
        self.claim.quantities.push(quantity);
        self
    }
}

impl From<DraftAssertion> for Draft {
    fn from(assertion: DraftAssertion) -> Self {
        Self::new(DraftBody::ClaimAsserted(Box::new(assertion)))
    }
}

impl From<SourceNamed> for Draft {
    fn from(named: SourceNamed) -> Self {
        Self::new(DraftBody::SourceNamed(named))
    }
}

impl DraftHop {
    /// A link with one source in a role, and nothing else.
    pub fn of(source: impl Into<SourceReference>, role: Role) -> Self {
        Self {
            sources: OneOrMore::one(source.into()),
            role,
            mention: Vec::new(),
            cue: Vec::new(),
            resolution: Resolution::default(),
            capacity: None,
            content: Vec::new(),
        }
    }
}

/// A draft of a link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftHop {
    /// The sources that speak.
    pub sources: OneOrMore<SourceReference>,
    /// Their role.
    pub role: Role,
    /// Where the text mentions them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mention: Vec<Passage>,
    /// The words that attribute, such as a verb of saying.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cue: Vec<Passage>,
    /// How the mention is known to be them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub resolution: Resolution,
    /// The capacity in which the document presents them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<DraftCapacity>,
    /// What this hop said, if it differs from the assertion's content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Passage>,
}

/// A draft of a capacity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftCapacity {
    /// The document's words for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Name>,
    /// The sources they speak for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speaks_for: Vec<SourceReference>,
}

/// A draft of a claim.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftClaim {
    /// Its words; `None` if they are those of the content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Text>,
    /// Its figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantities: Vec<Quantity>,
    /// The topics it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<TopicId>,
    /// The place for which it holds.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<Name>,
    /// The time at which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Period>,
    /// The language of its words, if it is not the document's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl DraftClaim {
    /// The claim, with the words of the content unless it has its own.
    pub fn with_words(self, content: Text) -> Claim {
        let Self { words, quantities, about, place, holds, language } = self;
        Claim { words: words.unwrap_or(content), quantities, about, place, holds, language }
    }
}

/// A document, as a draft refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DocumentReference {
    /// Its number.
    Number(u64),
    /// Its number with `#`, six or more digits of its text's hash, or its URL.
    Text(String),
}

/// A source, as a draft refers to it: a slug, `slug@12`, or `slug@` for this line's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceReference(pub String);

impl From<&str> for SourceReference {
    fn from(reference: &str) -> Self {
        Self(reference.to_owned())
    }
}

impl From<&SourceId> for SourceReference {
    fn from(source: &SourceId) -> Self {
        Self(source.to_string())
    }
}

impl From<&str> for DocumentReference {
    fn from(reference: &str) -> Self {
        Self::Text(reference.to_owned())
    }
}

impl From<DocumentId> for DocumentReference {
    fn from(document: DocumentId) -> Self {
        Self::Number(document.sequence().get())
    }
}

impl From<Sequence> for DocumentReference {
    fn from(document: Sequence) -> Self {
        Self::Number(document.get())
    }
}

/// A draft of a selector: the words alone if they occur once in the document, otherwise with as
/// much of the selector as is needed to determine their position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Title or body.
    pub zone: Zone,
    /// The words.
    pub exact: String,
    /// Context before the words; it must match, whatever its length.
    pub prefix: String,
    /// Context after the words; it must match, whatever its length.
    pub suffix: String,
    /// The position of the first code point.
    pub start: Option<u32>,
    /// The position after the last code point.
    pub end: Option<u32>,
}

impl Passage {
    /// These words in the body, at whatever position, provided they occur there once.
    pub fn of(exact: &str) -> Self {
        Self {
            zone: Zone::Body,
            exact: exact.into(),
            prefix: String::new(),
            suffix: String::new(),
            start: None,
            end: None,
        }
    }
}

impl From<TextSelector> for Passage {
    fn from(selector: TextSelector) -> Self {
        let TextSelectorFields { zone, exact, prefix, suffix, start, end } = selector.into();
        Self {
            zone,
            exact: exact.into(),
            prefix: prefix.into(),
            suffix: suffix.into(),
            start: Some(start),
            end: Some(end),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PassageFields {
    #[serde(default, skip_serializing_if = "is_default")]
    zone: Zone,
    exact: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    prefix: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    suffix: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TaggedPassage {
    Text(PassageFields),
}

impl Serialize for Passage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { zone, exact, prefix, suffix, start, end } = self.clone();
        let fields = PassageFields { zone, exact, prefix, suffix, start, end };
        let mut tagged = serializer.serialize_map(Some(1))?;
        tagged.serialize_entry("text", &fields)?;
        tagged.end()
    }
}

impl<'de> Deserialize<'de> for Passage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PassageVisitor)
    }
}

struct PassageVisitor;

impl<'de> Visitor<'de> for PassageVisitor {
    type Value = Passage;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("words, or {\"text\":{\"exact\":…}}")
    }

    fn visit_str<E: serde::de::Error>(self, exact: &str) -> Result<Passage, E> {
        if exact.is_empty() {
            return Err(E::custom("a selector has no words"));
        }
        Ok(Passage::of(exact))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Passage, A::Error> {
        let TaggedPassage::Text(fields) =
            TaggedPassage::deserialize(MapAccessDeserializer::new(map))?;
        if fields.exact.is_empty() {
            return Err(A::Error::custom("a selector has no words"));
        }
        let PassageFields { zone, exact, prefix, suffix, start, end } = fields;
        Ok(Passage { zone, exact, prefix, suffix, start, end })
    }
}

impl Draft {
    /// A draft of a claim, in the words of a document:
    ///
    /// ```
    /// use testimony::draft::Draft;
    /// let draft = Draft::claim("https://example.org/users", "there were 11.8 million users")
    ///     .said_by("soax")
    ///     .cue("According to");
    /// ```
    pub fn claim(document: impl Into<DocumentReference>, words: &str) -> DraftAssertion {
        DraftAssertion {
            document: document.into(),
            content: OneOrMore::one(Passage::of(words)),
            hops: Vec::new(),
            voice: Voice::default(),
            form: Form::default(),
            framing: Framing::default(),
            polarity: Polarity::default(),
            act: Act::default(),
            against: Vec::new(),
            condition: None,
            said: None,
            translated_from: None,
            claim: DraftClaim::default(),
            found_by: None,
            replaces: None,
        }
    }

    /// A draft of an event that is not confidential, recorded by the one who runs the program.
    pub const fn new(event: DraftBody) -> Self {
        Self { by: None, request: None, confidential: false, event }
    }

    /// Sets whether to keep it out of every output that does not ask for confidential events.
    #[must_use]
    pub fn confidential(self, confidential: bool) -> Self {
        Self { confidential, ..self }
    }

    /// Reads one line of input.
    pub fn from_line(line: &[u8]) -> Result<Self, DraftError> {
        if line.len() > MAX_LINE_BYTES {
            return Err(DraftError::TooLong);
        }
        let text =
            std::str::from_utf8(line).map_err(|error| DraftError::NotUtf8(error.valid_up_to()))?;
        objects::from_slice(text.as_bytes()).map_err(|error| {
            let what = error.to_string().replace(" at line 1 column ", ", at column ");
            if is_unknown_tag(&error) {
                DraftError::UnknownTag(what)
            } else {
                DraftError::Malformed(what)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines with only the required fields, and with most of the optional ones.
    const LINES: [&str; 4] = [
        r#"{"event":{"claim_asserted":{"document":2,"content":["a"]}}}"#,
        r##"{"by":{"person":"Ana"},"request":"r-1","confidential":true,"event":{"claim_asserted":{"document":"#2","content":["a",{"text":{"zone":"title","exact":"b","prefix":"p","suffix":"s","start":3,"end":4}}],"hops":[{"sources":["soax","critics@"],"role":"told_to","mention":["m"],"cue":[{"text":{"exact":"c","end":9}}],"resolution":"inferred","capacity":{"words":"aide","speaks_for":["y"]},"content":["d"]}],"voice":"implied","form":"mixed","framing":"distancing","polarity":"no_comment","act":"condemns","against":["x"],"condition":"if","said":{"at":"2026-03-02"},"translated_from":"ru","claim":{"words":"w","quantities":[{"amount":"70","unit":"percent","of":{"amount":"9600","unit":"channels"}}],"about":["t"],"where":"P","holds":{"from":"2026","to":"2027-01"},"language":"de"},"found_by":{"extractor":{"name":"scout","version":"1","rule":"r","confidence":80}},"replaces":7}}}"##,
        r#"{"event":{"source_named":{"slug":"soax","name":"SOAX","kind":"organisation"}}}"#,
        r#"{"event":{"note_added":{"target":{"source":"critics@12"},"text":"n"}}}"#,
    ];

    #[test]
    fn a_draft_that_is_written_reads_back_the_same() {
        for line in LINES {
            let draft = Draft::from_line(line.as_bytes()).unwrap();
            let written = serde_json::to_string(&draft).unwrap();
            assert_eq!(Draft::from_line(written.as_bytes()).unwrap(), draft, "{written}");
        }
    }

    /// Every value obtained by replacing one of the objects inside with a list.
    fn listed(value: &serde_json::Value) -> Vec<serde_json::Value> {
        use serde_json::Value;
        match value {
            Value::Object(fields) => {
                let list = fields.values().cloned().collect();
                let mut all = vec![Value::Array(list)];
                for (name, within) in fields {
                    all.extend(listed(within).into_iter().map(|within| {
                        let mut fields = fields.clone();
                        fields.insert(name.clone(), within);
                        Value::Object(fields)
                    }));
                }
                all
            }
            Value::Array(items) => {
                let each = items.iter().enumerate().flat_map(|(at, item)| {
                    listed(item).into_iter().map(move |within| {
                        let mut items = items.clone();
                        items[at] = within;
                        Value::Array(items)
                    })
                });
                each.collect()
            }
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_list_in_the_place_of_an_object_is_refused_at_every_level() {
        let mut tried = 0;
        for line in LINES {
            // Written with every field, as a list would have to contain them.
            let draft = Draft::from_line(line.as_bytes()).unwrap();
            for wrong in [line.parse().unwrap(), serde_json::to_value(&draft).unwrap()] {
                for wrong in listed(&wrong) {
                    let line = wrong.to_string();
                    let read = Draft::from_line(line.as_bytes());
                    assert!(matches!(read, Err(DraftError::Malformed(_))), "{line}: {read:?}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 30, "{tried}");
        // Lists like these used to be accepted, in the order of the fields.
        let note = r#"["Ana",null,false,{"note_added":[{"source":"ana"},"n"]}]"#;
        assert!(Draft::from_line(note.as_bytes()).is_err());
        let note = r#"{"event":{"note_added":[{"source":"ana"},"n"]}}"#;
        let error = Draft::from_line(note.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("sequence, expected an object with named fields"), "{error}");
        assert!(serde_json::from_str::<Draft>(note).is_ok());
    }

    #[test]
    fn what_is_plain_is_left_out_of_a_written_draft() {
        let draft = Draft::from_line(LINES[0].as_bytes()).unwrap();
        let written = serde_json::to_string(&draft).unwrap();
        let exact = r#"{"text":{"exact":"a"}}"#;
        assert_eq!(written, LINES[0].replace(r#""a""#, exact));
    }
}
