//! Tries what the page promises of each object on the frozen events, and says where it is not so.
//!
//! Knows the page's tables and the program's one reader of events. Must not know the program's types.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use testimony::event::{DecodeError, Event};

use super::probes;
use super::tables::{Default, Field, Page, Shape, Value};

/// A step from a value into what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(String),
    Item(usize),
}

/// Where in which sample an object or a value stands.
#[derive(Debug, Clone)]
struct Spot {
    sample: usize,
    steps: Vec<Step>,
}

/// A complaint ends the trying where only the first is asked for.
type Tried = Result<(), String>;

pub(crate) struct Checker<'a> {
    page: &'a Page,
    samples: &'a [Json],
    /// A page that nothing is to be complained of: what this one says too is not tried again.
    base: Option<&'a Page>,
    /// Where each shape of the page stands in the samples.
    spots: BTreeMap<String, Vec<Spot>>,
    found: Vec<String>,
    /// Every event that was tried, as its bytes.
    tried: RefCell<BTreeSet<Vec<u8>>>,
}

fn at<'a>(mut value: &'a Json, steps: &[Step]) -> &'a Json {
    for step in steps {
        value = match step {
            Step::Field(name) => &value[name.as_str()],
            Step::Item(place) => &value[*place],
        };
    }
    value
}

impl<'a> Checker<'a> {
    pub(crate) fn new(page: &'a Page, samples: &'a [Json], base: Option<&'a Page>) -> Self {
        let mut checker = Self {
            page,
            samples,
            base,
            spots: BTreeMap::new(),
            found: Vec::new(),
            tried: RefCell::default(),
        };
        for (sample, event) in samples.iter().enumerate() {
            let spot = Spot { sample, steps: Vec::new() };
            let walked = checker.walk(&Value::Named("EVENT".into()), event, &spot);
            checker.found.extend(walked.err());
        }
        checker
    }

    pub(crate) fn complaints(mut self) -> Vec<String> {
        for (name, _) in &self.page.shapes {
            for tried in self.try_shape(name) {
                self.found.extend(tried.err());
            }
        }
        self.found
    }

    /// Every event that is tried on the page, sound or not.
    pub(crate) fn tried(self) -> BTreeSet<Vec<u8>> {
        for (name, _) in &self.page.shapes {
            assert!(self.try_shape(name).iter().all(Result::is_ok), "{name}");
        }
        self.tried.into_inner()
    }

    /// The first complaint, for pages of which there should be one.
    pub(crate) fn first(mut self) -> Option<String> {
        if let Some(found) = self.found.pop() {
            return Some(found);
        }
        let names = self.page.shapes.iter().map(|(name, _)| name);
        names.flat_map(|name| self.try_shape(name)).find_map(Result::err)
    }

    /// Walks a value by the page, remembers where its objects stand, and complains of fields that the
    /// page does not have there.
    fn walk(&mut self, of: &Value, value: &Json, spot: &Spot) -> Tried {
        match of {
            Value::True | Value::Tags(_) => Ok(()),
            Value::List { of, .. } => {
                let items = value.as_array().ok_or_else(|| format!("no list: {value}"))?;
                items.iter().enumerate().try_for_each(|(place, item)| {
                    self.walk(of, item, &spot.step(Step::Item(place)))
                })
            }
            Value::Named(name) => match self.page.shape(name) {
                Some(shape) => {
                    self.spots.entry(name.clone()).or_default().push(spot.clone());
                    let object = value.as_object().ok_or_else(|| format!("{name}: {value}"))?;
                    self.walk_fields(name, shape, object, spot)
                }
                None => Ok(()),
            },
        }
    }

    fn walk_fields(
        &mut self,
        name: &str,
        shape: &Shape,
        object: &Map<String, Json>,
        spot: &Spot,
    ) -> Tried {
        let mut last = 0;
        for (key, value) in object {
            let of = match shape {
                Shape::OneOf(tags) => tags.iter().find(|(tag, _)| tag == key).map(|(_, of)| of),
                Shape::Fields(fields) => {
                    let place = fields.iter().position(|field| field.name == *key);
                    if place.is_some_and(|place| place < last) {
                        return Err(format!("{name}: `{key}` stands elsewhere"));
                    }
                    last = place.unwrap_or(last);
                    place.map(|place| &fields[place].value)
                }
            };
            let of = of.ok_or_else(|| format!("{name}: the page has no `{key}`"))?.clone();
            self.walk(&of, value, &spot.step(Step::Field(key.clone())))?;
        }
        Ok(())
    }

    fn try_shape(&self, name: &str) -> Vec<Tried> {
        let Some(spots) = self.spots.get(name) else {
            return vec![Err(format!("{name}: no frozen event has one"))];
        };
        let shape = self.page.shape(name);
        let same = self.base.is_some_and(|base| base.shape(name) == shape);
        match shape {
            None => vec![],
            Some(Shape::Fields(fields)) if same => {
                let named = fields.iter().filter_map(|field| match &field.value {
                    Value::Named(_) | Value::List { .. } => {
                        let here = spots.iter().filter(|spot| self.has(spot, &field.name));
                        Some(self.try_value(name, field, &here.collect::<Vec<_>>()))
                    }
                    Value::True | Value::Tags(_) => None,
                });
                named.collect()
            }
            Some(Shape::OneOf(tags)) => vec![self.try_tagged(name, tags, spots)],
            Some(Shape::Fields(fields)) => {
                let tried = fields.iter().flat_map(|field| {
                    let here: Vec<&Spot> =
                        spots.iter().filter(|spot| self.has(spot, &field.name)).collect();
                    [
                        self.try_presence(name, field, spots, &here),
                        self.try_default(name, fields, field, spots),
                        self.try_value(name, field, &here),
                    ]
                });
                tried.chain([self.try_unknown(name, spots)]).collect()
            }
        }
    }

    fn object(&self, spot: &Spot) -> &Map<String, Json> {
        at(&self.samples[spot.sample], &spot.steps).as_object().unwrap()
    }

    fn has(&self, spot: &Spot, field: &str) -> bool {
        self.object(spot).contains_key(field)
    }

    /// What the program makes of the sample with another object at that spot.
    fn with(&self, spot: &Spot, object: Map<String, Json>) -> Result<Event, DecodeError> {
        let mut event = self.samples[spot.sample].clone();
        let mut place = &mut event;
        for step in &spot.steps {
            place = match step {
                Step::Field(name) => &mut place[name.as_str()],
                Step::Item(item) => &mut place[*item],
            };
        }
        *place = Json::Object(object);
        let bytes = serde_json::to_vec(&event).unwrap();
        let read = Event::decode(&bytes);
        self.tried.borrow_mut().insert(bytes);
        read
    }

    /// The object at that spot with one field's value changed.
    fn valued(&self, spot: &Spot, field: &str, value: Json) -> Result<Event, DecodeError> {
        let mut object = self.object(spot).clone();
        object[field] = value;
        self.with(spot, object)
    }

    fn try_presence(&self, name: &str, field: &Field, spots: &[Spot], here: &[&Spot]) -> Tried {
        let own = &field.name;
        if here.is_empty() {
            return Err(format!("{name}: no frozen event has `{own}`"));
        }
        let without = |spot: &Spot| {
            let mut object = self.object(spot).clone();
            object.shift_remove(own);
            self.with(spot, object)
        };
        let optional = here.len() < spots.len() || here.iter().any(|spot| without(spot).is_ok());
        match (&field.default, optional) {
            (Default::NoneGiven, true) => Err(format!("{name}: `{own}` may be missing")),
            (Default::Absent | Default::Is(_), false) => {
                Err(format!("{name}: `{own}` may not be missing"))
            }
            _ => Ok(()),
        }?;
        for spot in here.iter().take(3) {
            let renamed = self.object(spot).iter().map(|(key, value)| {
                let key = if key == own { format!("{key}_") } else { key.clone() };
                (key, value.clone())
            });
            if !matches!(self.with(spot, renamed.collect()), Err(DecodeError::Malformed(_))) {
                return Err(format!("{name}: `{own}_` passes for `{own}`"));
            }
            if self.valued(spot, own, Json::Null).is_ok() {
                return Err(format!("{name}: `{own}` may be null"));
            }
        }
        Ok(())
    }

    /// A default that is written out is refused; and so is a field before those that precede it.
    fn try_default(&self, name: &str, fields: &[Field], field: &Field, spots: &[Spot]) -> Tried {
        let own = &field.name;
        for spot in spots.iter().take(4) {
            let object = self.object(spot);
            if object.contains_key(own) && object.len() > 1 {
                let mut first = Map::new();
                if object.keys().next() == Some(own) {
                    first.extend(
                        object.iter().skip(1).map(|(key, value)| (key.clone(), value.clone())),
                    );
                }
                first.insert(own.clone(), object[own].clone());
                first.extend(object.clone());
                if !matches!(self.with(spot, first), Err(DecodeError::NotCanonical)) {
                    return Err(format!("{name}: `{own}` may stand elsewhere"));
                }
            }
            let Default::Is(default) = &field.default else { continue };
            let whole: Map<String, Json> = fields
                .iter()
                .filter_map(|field| match object.get(&field.name) {
                    _ if field.name == *own => Some((own.clone(), default.clone())),
                    found => found.map(|found| (field.name.clone(), found.clone())),
                })
                .collect();
            if !matches!(self.with(spot, whole), Err(DecodeError::NotCanonical)) {
                return Err(format!("{name}: `{own}` may be written as {default}"));
            }
        }
        Ok(())
    }

    fn try_unknown(&self, name: &str, spots: &[Spot]) -> Tried {
        for spot in spots.iter().take(4) {
            let mut object = self.object(spot).clone();
            object.insert("colour".into(), "red".into());
            if !matches!(self.with(spot, object), Err(DecodeError::Malformed(_))) {
                return Err(format!("{name}: a field nobody knows is let pass"));
            }
        }
        Ok(())
    }

    fn try_value(&self, name: &str, field: &Field, here: &[&Spot]) -> Tried {
        let own = &field.name;
        for (number, spot) in here.iter().enumerate() {
            match &field.value {
                Value::True => {
                    for wrong in [Json::from("true"), 1.into()] {
                        self.refused(name, own, spot, wrong)?;
                    }
                }
                Value::Tags(tags) => self.try_tags(name, own, tags, spot, |tag| tag)?,
                Value::List { of, some } => {
                    self.refused(name, own, spot, self.object(spot)[own][0].clone())?;
                    let empty = self.valued(spot, own, Json::Array(vec![]));
                    let fits = if *some {
                        matches!(empty, Err(DecodeError::Malformed(_)))
                    } else {
                        matches!(
                            empty,
                            Ok(_) | Err(DecodeError::NotCanonical | DecodeError::Malformed(_))
                        )
                    };
                    if !fits {
                        return Err(format!("{name}: `{own}` may be an empty list"));
                    }
                    if !some && matches!(field.default, Default::NoneGiven) {
                        return Err(format!(
                            "{name}: `{own}` may be an empty list, which is a default"
                        ));
                    }
                    if let Value::Named(of) = &**of
                        && number == 0
                    {
                        self.try_named(name, own, of, here, |value| Json::Array(vec![value]))?;
                    }
                }
                Value::Named(of) if number == 0 => {
                    self.try_named(name, own, of, here, |value| value)?;
                }
                Value::Named(_) => {}
            }
        }
        Ok(())
    }

    fn refused(&self, name: &str, field: &str, spot: &Spot, value: Json) -> Tried {
        let shown: String = value.to_string().chars().take(80).collect();
        match self.valued(spot, field, value) {
            Ok(_) => Err(format!("{name}: `{field}` may be {shown}")),
            Err(_) => Ok(()),
        }
    }

    /// Every tag is read, there is no other, and an unknown one is a newer version's.
    fn try_tags(
        &self,
        name: &str,
        field: &str,
        tags: &[String],
        spot: &Spot,
        wrap: impl Fn(Json) -> Json,
    ) -> Tried {
        for tag in tags {
            let read = self.valued(spot, field, wrap(tag.as_str().into()));
            // One of them may be the default, which is not written.
            if !matches!(read, Ok(_) | Err(DecodeError::NotCanonical)) {
                return Err(format!("{name}: `{field}` may not be `{tag}`"));
            }
        }
        let unknown = self.valued(spot, field, wrap("yet_to_come".into()));
        let program = known_tags(unknown).map_err(|why| format!("{name}: `{field}`: {why}"))?;
        if program == *tags {
            return Ok(());
        }
        Err(format!("{name}: `{field}` is one of {program:?} to the program"))
    }

    fn try_tagged(&self, name: &str, tags: &[(String, Value)], spots: &[Spot]) -> Tried {
        for spot in spots {
            let (_, content) = self.object(spot).iter().next().unwrap();
            let unknown: Map<_, _> =
                [("yet_to_come".to_owned(), content.clone())].into_iter().collect();
            let program =
                known_tags(self.with(spot, unknown)).map_err(|why| format!("{name}: {why}"))?;
            if !program.iter().eq(tags.iter().map(|(tag, _)| tag)) {
                return Err(format!("{name}: is one of {program:?} to the program"));
            }
            let mut two = self.object(spot).clone();
            two.insert("colour".into(), content.clone());
            if self.with(spot, two).is_ok() {
                return Err(format!("{name}: may have two fields"));
            }
        }
        let used: BTreeSet<&String> =
            spots.iter().filter_map(|spot| self.object(spot).keys().next()).collect();
        for (tag, of) in tags {
            if !used.contains(tag) {
                return Err(format!("{name}: no frozen event has a `{tag}`"));
            }
            let here: Vec<&Spot> = spots.iter().filter(|spot| self.has(spot, tag)).collect();
            if let Value::Named(of) = of {
                self.try_named(name, tag, of, &here, |value| value)?;
            }
        }
        Ok(())
    }

    /// Tries a type on a field: what it takes, and what it refuses.
    fn try_named(
        &self,
        name: &str,
        field: &str,
        of: &str,
        here: &[&Spot],
        wrap: impl Fn(Json) -> Json,
    ) -> Tried {
        if of == "RESPECT" {
            let tags = super::tables::Page::sentence(self.page, "A RESPECT is ", ".")?;
            let tags: Vec<String> = tags.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            return self.try_tags(name, field, &tags, here[0], wrap);
        }
        if self.page.shape(of).is_some() {
            return match self.valued(here[0], field, wrap("x".into())) {
                Err(DecodeError::Malformed(_) | DecodeError::NotCanonical) => Ok(()),
                read => Err(format!("{name}: `{field}` is no object: {read:?}")),
            };
        }
        let probes = probes::of(self.page, of, name, field)?;
        if self.base.is_some_and(|base| probes::of(base, of, name, field).as_ref() == Ok(&probes)) {
            // Of a type that is another than the base has there, the values are tried all the same.
            let shape = self.base.and_then(|base| base.shape(name));
            if shape == self.page.shape(name) {
                return Ok(());
            }
        }
        for wrong in probes.refused {
            for spot in here.iter().take(2) {
                self.refused(name, field, spot, wrap(wrong.clone()))?;
            }
        }
        for right in probes.accepted {
            let taken = |spot: &&Spot| self.taken(spot, field, wrap(right.clone()));
            if !here.iter().any(taken) {
                let shown: String = right.to_string().chars().take(80).collect();
                return Err(format!("{name}: `{field}` may not be {shown}"));
            }
        }
        Ok(())
    }

    /// Whether the program takes a value: in the object as it is, or with nothing beside it that may
    /// be missing, for a figure may be no end of a range.
    fn taken(&self, spot: &Spot, field: &str, value: Json) -> bool {
        if self.valued(spot, field, value.clone()).is_ok() {
            return true;
        }
        let mut object = self.object(spot).clone();
        object[field] = value;
        for other in self.object(spot).keys().filter(|other| *other != field) {
            let mut fewer = object.clone();
            fewer.shift_remove(other);
            if self.with(spot, fewer.clone()).is_ok() {
                return true;
            }
            let needed = ["amount", "basis"].contains(&other.as_str());
            if !needed {
                object = fewer;
            }
        }
        self.with(spot, object).is_ok()
    }
}

/// The tags that the program knows, by its own word, where it met one of a newer version.
fn known_tags(read: Result<Event, DecodeError>) -> Result<Vec<String>, String> {
    match read {
        Err(DecodeError::Newer(said)) => {
            let (_, expected) = said.split_once("expected ").ok_or_else(|| said.clone())?;
            Ok(expected.split('`').skip(1).step_by(2).map(str::to_owned).collect())
        }
        Ok(_) => Err("an unknown tag is let pass".into()),
        Err(other) => Err(format!("an unknown tag is no newer version's: {other}")),
    }
}

impl Spot {
    fn step(&self, step: Step) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self { sample: self.sample, steps }
    }
}
