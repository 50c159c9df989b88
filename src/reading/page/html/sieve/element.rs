//! Lists the elements of HTML and what the sieve does with each.
//!
//! Knows their names, and which of them closes which. Must not know how tags are written.

/// What the sieve does with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Its tags are dropped, its content is kept.
    Through,
    /// Its tags become quotation marks, as a browser shows them.
    Quote,
    /// Dropped with its content.
    Skip,
    /// Dropped with its content, which is not parsed as markup.
    Raw,
    /// Like `Raw`, but it may contain JSON-LD.
    Script,
    /// The page's title.
    Title,
    /// An element of the head that describes the page.
    Head(&'static str),
    /// `<html>`, of which only the attributes are kept.
    Root,
    /// Kept; it has no content.
    Void(&'static str),
    /// Kept.
    Keep(KeptElement),
}

impl Treatment {
    /// Whether it cannot be inside a paragraph.
    pub(super) fn is_block(self) -> bool {
        matches!(self, Self::Keep(kept) if kept.is_block())
    }
}

macro_rules! kept {
    ($($kept:ident $name:literal,)*) => {
        /// The elements that are kept.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum KeptElement { $($kept,)* }

        impl KeptElement {
            const ALL: &[Self] = &[$(Self::$kept,)*];

            /// How many kinds there are.
            pub(super) const COUNT: usize = Self::ALL.len();

            /// The element's name in HTML.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$kept => $name,)* }
            }
        }
    };
}

kept! {
    A "a", Span "span",
    P "p", Div "div", Section "section", Article "article", Main "main", Header "header",
    Footer "footer", Aside "aside", Nav "nav", Address "address", Blockquote "blockquote",
    Center "center", Details "details", Summary "summary", Figure "figure",
    Figcaption "figcaption", Form "form", Fieldset "fieldset", Pre "pre",
    H1 "h1", H2 "h2", H3 "h3", H4 "h4", H5 "h5", H6 "h6",
    Ul "ul", Ol "ol", Li "li", Dl "dl", Dt "dt", Dd "dd",
    Table "table", Caption "caption", Thead "thead", Tbody "tbody", Tfoot "tfoot", Tr "tr",
    Td "td", Th "th", Time "time",
}

impl KeptElement {
    /// Whether it cannot be inside a paragraph.
    pub(super) fn is_block(self) -> bool {
        !matches!(self, Self::A | Self::Span | Self::Time) && !self.is_in_table()
    }

    fn is_in_table(self) -> bool {
        self.is_row_or_more() || matches!(self, Self::Caption | Self::Td | Self::Th)
    }

    fn is_row_or_more(self) -> bool {
        matches!(self, Self::Thead | Self::Tbody | Self::Tfoot | Self::Tr)
    }

    /// The position of the last open element that its end tag could close. Only the end tags of
    /// table elements reach out of a cell.
    pub(super) fn open_in(self, open: &[Self]) -> Option<usize> {
        let walls: &[Self] = match self {
            Self::Table => &[],
            _ if self.is_in_table() => &[Self::Table],
            _ => &[Self::Table, Self::Caption, Self::Td, Self::Th],
        };
        last_in(open, &[self], walls)
    }

    /// The position of the element that its start tag closes: a list item closes the item before
    /// it, a table row the row.
    pub(super) fn closed_by_its_start(self, open: &[Self]) -> Option<usize> {
        const ROWS: &[KeptElement] =
            &[KeptElement::Thead, KeptElement::Tbody, KeptElement::Tfoot, KeptElement::Caption];
        match self {
            Self::Li => last_in(open, &[Self::Li], &[Self::Ul, Self::Ol, Self::Table]),
            Self::Dt | Self::Dd => last_in(open, &[Self::Dt, Self::Dd], &[Self::Dl, Self::Table]),
            Self::Thead | Self::Tbody | Self::Tfoot => last_in(open, ROWS, &[Self::Table]),
            Self::Tr => last_in(open, &[Self::Tr, Self::Caption], &[Self::Table]),
            Self::Td | Self::Th => last_in(open, &[Self::Td, Self::Th], &[Self::Tr, Self::Table]),
            _ => None,
        }
    }
}

/// The position of the last of `wanted`, unless one of `walls` comes after it.
fn last_in(open: &[KeptElement], wanted: &[KeptElement], walls: &[KeptElement]) -> Option<usize> {
    let at = open.iter().rposition(|one| wanted.contains(one) || walls.contains(one))?;
    wanted.contains(&open[at]).then_some(at)
}

/// What the sieve does with the element of that name, in any case.
pub(super) fn treatment(name: &str) -> Treatment {
    let mut lower = [0; 16];
    let Some(lower) = lower.get_mut(..name.len()) else {
        return Treatment::Keep(KeptElement::Span);
    };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    match &*lower {
        b"script" => Treatment::Script,
        b"title" => Treatment::Title,
        b"meta" => Treatment::Head("meta"),
        b"link" => Treatment::Head("link"),
        b"html" => Treatment::Root,
        b"br" => Treatment::Void("br"),
        b"hr" => Treatment::Void("hr"),
        b"img" | b"image" => Treatment::Void("img"),
        b"q" => Treatment::Quote,
        b"style" | b"noscript" | b"iframe" | b"noembed" | b"noframes" | b"xmp" | b"textarea" => {
            Treatment::Raw
        }
        // Struck-out words are no longer part of what the page says; ruby readings repeat the words
        // they annotate.
        b"svg" | b"math" | b"template" | b"select" | b"button" | b"object" | b"applet"
        | b"canvas" | b"audio" | b"video" | b"map" | b"datalist" | b"progress" | b"meter"
        | b"dialog" | b"del" | b"s" | b"strike" | b"rt" | b"rp" => Treatment::Skip,
        b"head" | b"body" | b"base" | b"b" | b"strong" | b"em" | b"i" | b"u" | b"small"
        | b"big" | b"font" | b"tt" | b"code" | b"kbd" | b"samp" | b"var" | b"mark" | b"abbr"
        | b"acronym" | b"bdi" | b"bdo" | b"ins" | b"sub" | b"sup" | b"cite" | b"dfn" | b"nobr"
        | b"wbr" | b"ruby" | b"rb" | b"rtc" | b"data" | b"output" | b"picture" | b"source"
        | b"track" | b"input" | b"embed" | b"param" | b"area" | b"col" | b"colgroup" | b"frame"
        | b"frameset" | b"keygen" | b"label" | b"optgroup" | b"option" | b"plaintext" | b"slot" => {
            Treatment::Through
        }
        b"dir" | b"menu" => Treatment::Keep(KeptElement::Ul),
        b"hgroup" | b"legend" | b"search" | b"listing" => Treatment::Keep(KeptElement::Div),
        known => {
            let kept = KeptElement::ALL.iter().find(|kept| kept.name().as_bytes() == known);
            Treatment::Keep(kept.copied().unwrap_or(KeptElement::Span))
        }
    }
}
