//! Converts the grammar's proposals to drafts: spans become selectors, speakers become sources.
//!
//! Knows one document's texts. Must not know which sources the ledger has: a speaker with a name is
//! proposed under the slug of that name, and a speaker without one belongs to the document.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use super::{Found, FoundAssertion, ReadDocument};
use crate::domain::claim::{FoundBy, OneOrMore, Resolution, Voice};
use crate::domain::id::{Name, Slug, SourceId};
use crate::domain::source::{Principal, SourceKind, SourceNamed};
use crate::domain::text::Text;
use crate::reading::attribution::{EXTRACTOR, Link, Proposal, Span, Speaker, VERSION};
use crate::record::draft::{
    DocumentReference, DraftAssertion, DraftClaim, DraftHop, Passage, SourceReference,
};

/// Converts proposals to drafts. A proposal that cannot be recorded, because its content is longer
/// than a claim may be or no speaker is left, is left out.
pub fn draft(
    reading: &ReadDocument,
    proposals: impl IntoIterator<Item = impl Borrow<Proposal>>,
) -> Found {
    let mut drafting = Drafting { reading, sources: Vec::new(), places: BTreeMap::new() };
    let assertions =
        proposals.into_iter().filter_map(|proposal| drafting.assertion(proposal.borrow()));
    let assertions = assertions.map(|draft| FoundAssertion { draft, line: None }).collect();
    Found { sources: drafting.sources, assertions }
}

struct Drafting<'a> {
    reading: &'a ReadDocument,
    sources: Vec<SourceNamed>,
    /// The index of each of them, by its slug.
    places: BTreeMap<Slug, usize>,
}

impl Drafting<'_> {
    fn assertion(&mut self, proposal: &Proposal) -> Option<DraftAssertion> {
        let content = self.passages(&proposal.content)?;
        // The claim's words will be the content's, joined in the same way as when deciding.
        let joined: Vec<&str> = content.iter().map(|passage| passage.exact.as_str()).collect();
        Text::new(&joined.join(" … ")).ok()?;
        let hops: Option<Vec<DraftHop>> = proposal.hops.iter().map(|link| self.hop(link)).collect();
        let hops = hops?;
        if hops.is_empty() && proposal.voice == Voice::Attributed {
            return None;
        }
        let against = proposal.against.iter().filter_map(|speaker| self.source(speaker, None));
        let against = against.collect();
        Some(DraftAssertion {
            document: DocumentReference::Number(self.reading.id.sequence().get()),
            content: OneOrMore::try_from(content).ok()?,
            hops,
            voice: proposal.voice,
            form: proposal.form,
            framing: proposal.framing,
            polarity: proposal.polarity,
            act: proposal.act,
            against,
            condition: proposal.condition.and_then(|span| self.passage(span)),
            said: proposal.said,
            claim: DraftClaim {
                words: None,
                quantities: proposal.quantities.clone(),
                about: Vec::new(),
                place: proposal.place.clone(),
                holds: proposal.holds,
                language: None,
            },
            translated_from: None,
            replaces: None,
            found_by: Some(FoundBy::Extractor {
                name: EXTRACTOR.parse().ok()?,
                version: VERSION.parse().ok()?,
                rule: proposal.rule.parse().ok(),
                confidence: Some(proposal.confidence),
            }),
        })
    }

    fn hop(&mut self, link: &Link) -> Option<DraftHop> {
        let (mut sources, mut mention) = (Vec::new(), Vec::new());
        for speaker in &link.speakers {
            let words = self.passage(speaker.mention)?;
            let alias = (link.resolution != Resolution::Inferred).then_some(words.exact.as_str());
            let source = self.source(speaker, alias)?;
            if !sources.contains(&source) {
                sources.push(source);
            }
            if !mention.contains(&words) {
                mention.push(words);
            }
        }
        Some(DraftHop {
            sources: OneOrMore::try_from(sources).ok()?,
            role: link.role,
            mention,
            cue: self.passages(&link.cue)?,
            resolution: link.resolution,
            capacity: None,
            content: self.passages(&link.content)?,
        })
    }

    fn passages(&self, spans: &[Span]) -> Option<Vec<Passage>> {
        spans.iter().map(|span| self.passage(*span)).collect()
    }

    fn passage(&self, span: Span) -> Option<Passage> {
        let text = self.reading.zone(span.zone)?;
        let (start, end) = (u32::try_from(span.start).ok()?, u32::try_from(span.end).ok()?);
        let (from, to) = text.bytes_of(start, end).filter(|(from, to)| from < to)?;
        text.select(span.zone, from, to).map(Passage::from)
    }

    /// The source for a speaker: by its name, by its office, or as this document's own.
    fn source(&mut self, speaker: &Speaker, mention: Option<&str>) -> Option<SourceReference> {
        let principal = speaker.speaks_for.as_ref().and_then(|name| self.principal(name));
        if speaker.is_named {
            return self.named(&speaker.name, speaker.kind, principal, mention);
        }
        let words = without_article(speaker.name.as_str());
        if let (Some(principal), Some(name)) = (principal, &speaker.speaks_for)
            && let Some(office) = office(words, name)
        {
            return self.named(&office, speaker.kind, Some(principal), None);
        }
        let slug = Slug::from_name(words).ok()?;
        Some(SourceReference(format!("{slug}@")))
    }

    fn principal(&mut self, name: &Name) -> Option<SourceId> {
        let SourceReference(slug) = self.named(name, SourceKind::Unknown, None, None)?;
        slug.parse().ok()
    }

    fn named(
        &mut self,
        name: &Name,
        kind: SourceKind,
        speaks_for: Option<SourceId>,
        mention: Option<&str>,
    ) -> Option<SourceReference> {
        let slug = Slug::from_name(name.as_str()).ok()?;
        let speaks_for = speaks_for.filter(|principal| principal.slug() != &slug);
        let alias = mention.filter(|words| is_acronym(words, name.as_str()));
        let alias = alias.and_then(|words| words.parse::<Name>().ok());
        let place = *self.places.entry(slug.clone()).or_insert(self.sources.len());
        if place == self.sources.len() {
            let (slug, name, aliases) = (slug.clone(), name.clone(), Vec::new());
            let kind = SourceKind::Unknown;
            self.sources.push(SourceNamed { slug, name, kind, aliases, speaks_for: Vec::new() });
        }
        let own = self.sources.get_mut(place)?;
        if own.kind == SourceKind::Unknown {
            own.kind = kind;
        }
        if own.speaks_for.is_empty() {
            own.speaks_for.extend(speaks_for.map(Principal::from));
        }
        own.aliases.extend(alias.filter(|alias| !own.aliases.contains(alias)));
        Some(SourceReference(slug.to_string()))
    }
}

/// "The critics" and "critics" are the same in a document.
fn without_article(words: &str) -> &str {
    let (first, rest) = words.split_once(' ').unwrap_or((words, ""));
    let is_article = ["a", "an", "the"].iter().any(|article| first.eq_ignore_ascii_case(article));
    let rest = rest.trim_start();
    if is_article && !rest.is_empty() { rest } else { words }
}

/// The name of an office whose holder is not named: "Acme spokesperson", also for "spokesperson for
/// Acme". Its holder speaks for the same principal in every document, so it can have a name.
fn office(words: &str, principal: &Name) -> Option<Name> {
    let before = |link: &str| words.strip_suffix(&format!(" {link} {principal}"));
    let office = ["for", "of", "from", "at", "with"].into_iter().find_map(before).unwrap_or(words);
    let has_name = office.to_lowercase().contains(&principal.as_str().to_lowercase());
    let office = if has_name { office.to_owned() } else { format!("{principal} {office}") };
    Name::new(&office).ok()
}

/// Whether the words are the initials of the name, with or without small words, as "WHO" is of
/// "World Health Organization". Other short forms are not aliases: many people are called Smith.
fn is_acronym(words: &str, name: &str) -> bool {
    let letters: String = words.chars().filter(|letter| *letter != '.').collect();
    let initials = name.split([' ', '-']).filter_map(|word| word.chars().next());
    let all: String = initials.clone().flat_map(char::to_uppercase).collect();
    let capitals: String = initials.filter(|letter| letter.is_uppercase()).collect();
    letters.chars().nth(1).is_some() && (letters == capitals || letters == all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::claim::{Act, Confidence, Form, Framing, Polarity, Role};
    use crate::domain::id::{DocumentId, Sequence};
    use crate::domain::selector::{IndexedText, Zone};

    const TITLE: &str = "Ferry “too loud”";
    const BODY: &str = "Noise has doubled, a spokesperson for Fjord Lines (FL) — Åse Dal — said.";

    fn reading() -> ReadDocument {
        ReadDocument {
            id: DocumentId::at(Sequence::new(7).unwrap()),
            title: Some(IndexedText::new(TITLE.into())),
            body: IndexedText::new(BODY.into()),
            publisher: None,
            published: None,
            language: None,
        }
    }

    /// The span of the words in their zone.
    fn span(zone: Zone, words: &str) -> Span {
        let text = if zone == Zone::Title { TITLE } else { BODY };
        let start = text[..text.find(words).unwrap()].chars().count();
        Span { zone, start, end: start + words.chars().count() }
    }

    fn speaker(words: &str, name: &str, is_named: bool, speaks_for: Option<&str>) -> Speaker {
        Speaker {
            mention: span(Zone::Body, words),
            name: name.parse().unwrap(),
            is_named,
            kind: SourceKind::Person,
            speaks_for: speaks_for.map(|name| name.parse().unwrap()),
        }
    }

    fn said_by(speakers: Vec<Speaker>) -> Proposal {
        let hop = Link {
            speakers,
            role: Role::Said,
            cue: vec![span(Zone::Body, "said")],
            resolution: Resolution::Explicit,
            content: Vec::new(),
        };
        Proposal {
            content: vec![span(Zone::Title, "too loud"), span(Zone::Body, "Noise has doubled")],
            hops: vec![hop],
            cue: Vec::new(),
            voice: Voice::Attributed,
            form: Form::Mixed,
            framing: Framing::Neutral,
            polarity: Polarity::Affirms,
            act: Act::States,
            against: Vec::new(),
            condition: None,
            said: None,
            quantities: Vec::new(),
            place: None,
            holds: None,
            is_nested: false,
            rule: "cue-after",
            key: "say".into(),
            confidence: Confidence::try_from(83).unwrap(),
        }
    }

    fn sources(found: &Found) -> Vec<&str> {
        let hops = found.assertions.iter().flat_map(|finding| &finding.draft.hops);
        hops.flat_map(|hop| hop.sources.as_slice()).map(|source| source.0.as_str()).collect()
    }

    #[test]
    fn spans_become_whole_selectors_in_their_zone() {
        let found = draft(&reading(), &[said_by(vec![speaker("Åse Dal", "Åse Dal", true, None)])]);
        let assertion = &found.assertions[0].draft;
        let [title, body] = assertion.content.as_slice() else { panic!("{assertion:?}") };
        assert_eq!((title.zone, title.exact.as_str()), (Zone::Title, "too loud"));
        assert_eq!((title.start, title.end), (Some(7), Some(15)));
        assert_eq!((title.prefix.as_str(), title.suffix.as_str()), ("Ferry “", "”"));
        assert_eq!((body.start, body.end, body.prefix.as_str()), (Some(0), Some(17), ""));
        assert_eq!(assertion.hops[0].mention[0].exact, "Åse Dal");
        assert_eq!(assertion.hops[0].cue[0].exact, "said");
        assert_eq!(found.assertions[0].confidence().map(Confidence::percent), Some(83));
    }

    #[test]
    fn a_speaker_with_a_name_is_named_and_one_without_is_the_documents() {
        let named = speaker("Åse Dal", "Åse Dal", true, None);
        let unnamed = speaker("a spokesperson", "a spokesperson", false, None);
        let found = draft(&reading(), &[said_by(vec![named, unnamed])]);
        assert_eq!(sources(&found), ["åse-dal", "spokesperson@"]);
        assert_eq!(found.sources.len(), 1);
        assert_eq!(found.sources[0].name.as_str(), "Åse Dal");
        assert_eq!(found.sources[0].kind, SourceKind::Person);
    }

    #[test]
    fn an_office_is_named_after_whom_it_speaks_for() {
        let words = "a spokesperson for Fjord Lines";
        let office = speaker(words, words, false, Some("Fjord Lines"));
        let short = speaker("a spokesperson", "a spokesperson", false, Some("Fjord Lines"));
        let found = draft(&reading(), &[said_by(vec![office]), said_by(vec![short])]);
        assert_eq!(sources(&found), ["fjord-lines-spokesperson"; 2]);
        let principals: Vec<_> = found.sources.iter().map(|source| &source.speaks_for).collect();
        let fjord = Principal::from("fjord-lines".parse::<SourceId>().unwrap());
        assert_eq!(principals, [&vec![], &vec![fjord]]);
    }

    #[test]
    fn initials_are_an_alias_and_other_short_forms_are_none() {
        let found = draft(&reading(), &[said_by(vec![speaker("FL", "Fjord Lines", true, None)])]);
        assert_eq!(found.sources[0].aliases, ["FL".parse().unwrap()]);
        let found = draft(&reading(), &[said_by(vec![speaker("Dal", "Åse Dal", true, None)])]);
        assert_eq!(found.sources[0].aliases, []);
        for (words, name, is_one) in [
            ("WHO", "World Health Organization", true),
            ("F.L.", "Fjord Lines", true),
            ("DOJ", "Department of Justice", true),
            ("F", "Fjord", false),
            ("He", "Heidi Ek", false),
        ] {
            assert_eq!(is_acronym(words, name), is_one, "{words}");
        }
    }

    #[test]
    fn what_cannot_be_recorded_is_left_out() {
        let nobody = said_by(Vec::new());
        let mut astray = said_by(vec![speaker("Åse Dal", "Åse Dal", true, None)]);
        astray.content[0].end = 4000;
        let mut voiceless = astray.clone();
        voiceless.content.truncate(0);
        let mut bare = said_by(vec![]);
        bare.hops.clear();
        let found = draft(&reading(), &[nobody, astray, voiceless, bare]);
        assert_eq!(found.assertions, []);
    }
}
