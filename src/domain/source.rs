//! Describes sources, the speakers of claims: their kinds and what is known about them.
//!
//! Knows names. Must not know what a source said.

use std::fmt;

use chrono::NaiveDate;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

use crate::domain::id::{IdError, Slug, SourceId};
use crate::domain::moment::Period;
use crate::domain::spelling::closed_list;
use crate::domain::text::{Name, TextError};

closed_list! {
    /// The kind of speaker that a source is.
    pub enum SourceKind = "kind of source" {
        /// An individual person.
        Person = "person",
        /// A newspaper, broadcaster, site or channel that publishes.
        Outlet = "outlet",
        /// A news agency.
        Agency = "agency",
        /// A company, association, court or other body.
        Organisation = "organisation",
        /// A government, ministry, police force or other arm of a state.
        Government = "government",
        /// A report, letter, statement or other document that is cited as a speaker.
        Report = "report",
        /// A collection of data.
        Dataset = "dataset",
        /// People known only as a group.
        Group = "group",
        /// Not stated yet.
        Unknown = "unknown",
    }
}

/// Someone a source speaks for, as a spokesperson does for a company, and when.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Principal {
    /// The source it speaks for.
    pub source: SourceId,
    /// The period in which it speaks for them; `None` if not stated. Statements outside the period
    /// were made for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub during: Option<Period>,
}

impl From<SourceId> for Principal {
    fn from(source: SourceId) -> Self {
        Self { source, during: None }
    }
}

// A bare source is also accepted, so that people can write it briefly; the sealed form always has
// the full spelling. Written by hand because serde's untagged enums discard the inner error: an
// unknown tag from a newer version would be mistaken for damage.
impl<'de> Deserialize<'de> for Principal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShortOrWhole)
    }
}

struct ShortOrWhole;

impl<'de> Visitor<'de> for ShortOrWhole {
    type Value = Principal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a source, or an object with a `source` and a period `during`")
    }

    fn visit_str<E: de::Error>(self, source: &str) -> Result<Principal, E> {
        source.parse::<SourceId>().map(Principal::from).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Principal, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            source: SourceId,
            #[serde(default)]
            during: Option<Period>,
        }
        let fields = Fields::deserialize(MapAccessDeserializer::new(fields))?;
        Ok(Principal { source: fields.source, during: fields.during })
    }
}

/// Reads a list, or a single item without brackets.
fn one_or_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Principal>, D::Error> {
    deserializer.deserialize_any(OneOrList)
}

struct OneOrList;

impl<'de> Visitor<'de> for OneOrList {
    type Value = Vec<Principal>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of sources, or a single source")
    }

    fn visit_str<E: de::Error>(self, source: &str) -> Result<Self::Value, E> {
        ShortOrWhole.visit_str(source).map(|one| vec![one])
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        ShortOrWhole.visit_map(fields).map(|one| vec![one])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(items))
    }
}

/// `source_named`: gives a source its name, kind, aliases and principals. Naming a slug again
/// replaces all four; the log keeps the earlier values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceNamed {
    /// The slug by which events refer to it.
    pub slug: Slug,
    /// The name as written.
    pub name: Name,
    /// The kind of speaker it is.
    pub kind: SourceKind,
    /// Its other names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Name>,
    /// The sources it speaks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_list")]
    pub speaks_for: Vec<Principal>,
}

impl SourceNamed {
    /// A source with this name and kind; its slug is derived from the name.
    pub fn called(name: &str, kind: SourceKind) -> Result<Self, NamingError> {
        let (slug, name) = (Slug::from_name(name)?, Name::new(name)?);
        Ok(Self { slug, name, kind, aliases: Vec::new(), speaks_for: Vec::new() })
    }
}

/// Why a name cannot be a source's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NamingError {
    /// It gives no slug.
    #[error(transparent)]
    Slug(#[from] IdError),
    /// It is not a name.
    #[error(transparent)]
    Name(#[from] TextError),
}

/// `source_described`: what a document says about a source that it does not name. Describing it
/// again replaces all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceDescribed {
    /// The source, which must be an unnamed one.
    pub source: SourceId,
    /// The words that the document uses for it.
    pub name: Name,
    /// The kind of speaker it is.
    pub kind: SourceKind,
    /// The sources it speaks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_list")]
    pub speaks_for: Vec<Principal>,
}

impl Principal {
    /// Whether the source spoke for this principal on that day; true if the day or the period is
    /// unknown.
    pub fn on(&self, day: Option<NaiveDate>) -> bool {
        let (Some(day), Some(during)) = (day, &self.during) else { return true };
        let (first, last) = during.days();
        first.is_none_or(|first| first <= day) && last.is_none_or(|last| day <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_read_short_and_written_whole() {
        let read = |speaks_for: &str| {
            let json = format!(
                r#"{{"slug":"ana","name":"Ana","kind":"person","speaks_for":{speaks_for}}}"#
            );
            serde_json::from_str::<SourceNamed>(&json)
        };
        let whole =
            r#"[{"source":"port"},{"source":"city@3","during":{"from":"2024","basis":"printed"}}]"#;
        let written = serde_json::to_string(&read(whole).unwrap().speaks_for).unwrap();
        assert_eq!(written, whole);
        for short in [r#""port""#, r#"["port"]"#, r#"[{"source":"port"}]"#] {
            assert_eq!(
                read(short).unwrap().speaks_for,
                [Principal::from("port".parse::<SourceId>().unwrap())]
            );
        }
        for wrong in [r#"[{"source":"port","since":"2024"}]"#, r#""Port Ltd""#, "4"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_newer_versions_tag_within_a_principal_is_reported_as_such() {
        let json = r#"{"slug":"ana","name":"Ana","kind":"person","speaks_for":[{"source":"port",
            "during":{"at":"2024","basis":"rumoured"}}]}"#;
        let error = serde_json::from_str::<SourceNamed>(json).unwrap_err();
        assert!(error.to_string().starts_with("unknown variant `rumoured`"), "{error}");
    }

    #[test]
    fn a_principal_holds_for_its_period() {
        let day = |text: &str| text.parse::<crate::domain::moment::Date>().unwrap().first_day();
        let during = serde_json::from_str(r#"{"from":"2024-03","to":"2025"}"#).unwrap();
        let principal = Principal { source: "port".parse().unwrap(), during: Some(during) };
        assert!(!principal.on(Some(day("2024-02-29"))));
        assert!(principal.on(Some(day("2024-03-01"))));
        assert!(principal.on(Some(day("2025-12-31"))));
        assert!(!principal.on(Some(day("2026"))));
        assert!(principal.on(None));
    }
}
