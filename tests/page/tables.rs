//! The tables of docs/format.md, as data.
//!
//! Knows how the page is laid out. Must not know the program: what a table says is taken as it is.

/// A field of an object, as a line of the page has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: Value,
    pub(crate) default: Default,
}

/// What a field may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// `true` and nothing else.
    True,
    /// One of these tags.
    Tags(Vec<String>),
    /// A list.
    List { of: Box<Value>, some: bool },
    /// Of a type that the page describes elsewhere, by its name there.
    Named(String),
}

/// What it means that a field is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Default {
    /// It may not be.
    NoneGiven,
    /// That nothing is said.
    Absent,
    /// This value, which is never written.
    Is(serde_json::Value),
}

/// An object with one field, whose name is a tag; or the fields of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    Fields(Vec<Field>),
    /// Each tag with the type of its content.
    OneOf(Vec<(String, Value)>),
}

/// Everything that the page says of objects and values.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) shapes: Vec<(String, Shape)>,
    /// The table of values: a name, and what it is.
    pub(crate) values: Vec<(String, String)>,
    /// The whole page on one line, for what it says in sentences.
    pub(crate) prose: String,
}

/// The words in backquotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn value(text: &str) -> Value {
    if text == "`true`" {
        return Value::True;
    }
    if text.starts_with('`') {
        return Value::Tags(quoted(text));
    }
    match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((of, rest)) => Value::List { of: Box::new(value(of)), some: rest == ", one or more" },
        None => Value::Named(text.to_owned()),
    }
}

fn default(text: &str) -> Result<Default, String> {
    Ok(match text {
        "none given" => Default::NoneGiven,
        "absent" => Default::Absent,
        _ => {
            let written = text.trim_matches('`');
            let tag = || serde_json::Value::from(written);
            Default::Is(serde_json::from_str(written).unwrap_or_else(|_| tag()))
        }
    })
}

/// The name of the object whose table follows a paragraph: the paragraph's first words.
fn named(paragraph: &str) -> String {
    let plain = paragraph.replace(['`', '*'], "");
    let end = plain.find([',', ':', ';']).unwrap_or(plain.len());
    let name = plain[..end].trim();
    if name == "The envelope" { "EVENT".into() } else { name.to_owned() }
}

/// The cells of a line of a table.
fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_start_matches("| ").trim_end_matches(" |").split(" | ").collect()
}

impl Page {
    /// Reads the page up to its store: what follows are bytes, not objects.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let prose = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut page = Self { shapes: Vec::new(), values: Vec::new(), prose };
        let text = text.split("\n## The store").next().unwrap_or(text);
        let blocks: Vec<&str> = text.split("\n\n").collect();
        for pair in blocks.windows(2) {
            let [paragraph, table] = pair else { continue };
            let mut lines = table.lines();
            match lines.next() {
                Some("| field | value | default |") => {
                    let rows = lines.skip(1).map(field).collect::<Result<_, _>>()?;
                    page.shapes.push((named(paragraph), Shape::Fields(rows)));
                }
                Some("| written here as | is |") => {
                    let pairs = lines.skip(1).filter_map(|line| line.split_once(" | "));
                    let own = |(name, is): (&str, &str)| {
                        (name.trim_start_matches("| ").to_owned(), is.trim_end_matches(" |").into())
                    };
                    page.values.extend(pairs.map(own));
                }
                _ => {}
            }
        }
        page.add_tagged()?;
        Ok(page)
    }

    /// The objects with one field, which the page describes in sentences.
    fn add_tagged(&mut self) -> Result<(), String> {
        let kinds =
            self.kinds().into_iter().map(|kind| (kind.to_owned(), Value::Named(kind.into())));
        let kinds: Vec<_> = kinds.collect();
        let selectors = ["text", "page"].map(|tag| (tag.into(), Value::Named(tag.into())));
        let found_by = self.sentence("**FOUND BY**, an object with one field: ", ".")?;
        let target = self.sentence("**TARGET**, an object with one field: ", ".")?;
        for (name, tags) in [
            ("KIND", kinds),
            ("SELECTOR", selectors.into()),
            ("FOUND BY", tagged(&found_by)),
            ("TARGET", tagged(&target)),
        ] {
            self.shapes.push((name.into(), Shape::OneOf(tags)));
        }
        Ok(())
    }

    /// What stands on the page between these words.
    pub(crate) fn sentence(&self, before: &str, after: &str) -> Result<String, String> {
        let found = self.prose.split_once(before).and_then(|(_, rest)| rest.split_once(after));
        found.map(|(found, _)| found.to_owned()).ok_or_else(|| format!("no longer says `{before}`"))
    }

    /// The tables under "Kinds", whose names are in small letters with more than one word.
    pub(crate) fn kinds(&self) -> Vec<&str> {
        let names = self.shapes.iter().map(|(name, _)| name.as_str());
        names.filter(|name| name.contains('_') && *name == name.to_lowercase()).collect()
    }

    pub(crate) fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.iter().find(|(known, _)| known == name).map(|(_, shape)| shape)
    }

    /// What the table of values says a name is.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, is)| is.as_str())
    }
}

fn field(line: &str) -> Result<Field, String> {
    let cells = cells(line);
    let [name, is, missing] = cells.as_slice() else { return Err(format!("no row: {line}")) };
    let value = match *is {
        "an object with one field, whose name is the kind and whose value is its content" => {
            Value::Named("KIND".into())
        }
        is => value(is),
    };
    Ok(Field { name: name.trim_matches('`').to_owned(), value, default: default(missing)? })
}

/// `person` NAME, or `extractor` EXTRACTOR.
fn tagged(text: &str) -> Vec<(String, Value)> {
    let mut parts = text.split('`').skip(1);
    let mut tags = Vec::new();
    while let (Some(tag), Some(of)) = (parts.next(), parts.next()) {
        let of = of.trim().trim_end_matches(" or").trim_end_matches(", or").trim_end_matches(',');
        tags.push((tag.to_owned(), value(of)));
    }
    tags
}
