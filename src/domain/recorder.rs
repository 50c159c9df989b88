//! Identifies who or what records an event: a person, a program, or a program acting for a person.
//!
//! Knows names. Must not know what is recorded.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::text::Name;

/// Why fields do not name a recorder.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the recorder has no name: give a `person`, a `program` or both")]
pub struct RecorderError;

/// A program that acts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its name.
    pub name: Name,
    /// Its version.
    pub version: Name,
    /// The language model that made its decisions, with its version, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Name>,
}

/// The recorder of an event: a person, a program by itself, or a program for a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RecorderFields")]
pub struct Recorder {
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<Program>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecorderFields {
    #[serde(default)]
    person: Option<Name>,
    #[serde(default)]
    program: Option<Program>,
}

impl TryFrom<RecorderFields> for Recorder {
    type Error = RecorderError;

    fn try_from(fields: RecorderFields) -> Result<Self, RecorderError> {
        let RecorderFields { person, program } = fields;
        if person.is_none() && program.is_none() {
            return Err(RecorderError);
        }
        Ok(Self { person, program })
    }
}

impl Recorder {
    /// A person, by the name used in the ledger.
    pub const fn person(name: Name) -> Self {
        Self { person: Some(name), program: None }
    }

    /// A program that acted by itself.
    pub const fn program(program: Program) -> Self {
        Self { person: None, program: Some(program) }
    }

    /// The same person, acting through a program.
    #[must_use]
    pub fn through(self, program: Program) -> Self {
        Self { program: Some(program), ..self }
    }

    /// The person, if there is one.
    pub const fn as_person(&self) -> Option<&Name> {
        self.person.as_ref()
    }

    /// The program, if there is one.
    pub const fn as_program(&self) -> Option<&Program> {
        self.program.as_ref()
    }
}

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.version)?;
        self.model.iter().try_for_each(|model| write!(f, " with {model}"))
    }
}

impl std::fmt::Display for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.person, &self.program) {
            (Some(person), Some(program)) => write!(f, "{person} through {program}"),
            (Some(person), None) => person.fmt(f),
            (None, program) => program.iter().try_for_each(|program| program.fmt(f)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorder_is_a_person_a_program_or_both() {
        for (json, shown) in [
            (r#"{"person":"Ana"}"#, "Ana"),
            (r#"{"program":{"name":"scout","version":"2"}}"#, "scout 2"),
            (
                r#"{"person":"Ana","program":{"name":"desk","version":"1","model":"m 4"}}"#,
                "Ana through desk 1 with m 4",
            ),
        ] {
            let recorder: Recorder = serde_json::from_str(json).unwrap();
            assert_eq!(recorder.to_string(), shown);
            assert_eq!(serde_json::to_string(&recorder).unwrap(), json);
        }
        for wrong in ["{}", r#"{"person":""}"#, r#"{"robot":"x"}"#] {
            assert!(serde_json::from_str::<Recorder>(wrong).is_err(), "{wrong}");
        }
    }
}
