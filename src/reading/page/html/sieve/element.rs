//! The elements of HTML, by what becomes of them in the sieve.
//!
//! Knows their names, and which of them closes which. Must not know how tags are written.

/// What becomes of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// Its tags are left out, its content is not.
    Through,
    /// Its tags become quotation marks, as a browser shows them.
    Quote,
    /// Left out with its content.
    Skip,
    /// Left out with its content, which is no markup.
    Raw,
    /// The same, but it may hold JSON-LD.
    Script,
    /// The page's title.
    Title,
    /// What says something of the page.
    Head(&'static str),
    /// `<html>`, of which only the attributes are kept.
    Root,
    /// Kept, and without content.
    Void(&'static str),
    /// Kept.
    Keep(KeptElement),
}

impl Treatment {
    /// Whether a paragraph cannot hold it.
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

            /// How many there are.
            pub(super) const COUNT: usize = Self::ALL.len();

            /// As it is written.
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
    /// Whether a paragraph cannot hold it.
    pub(super) fn is_block(self) -> bool {
        !matches!(self, Self::A | Self::Span | Self::Time) && !self.is_in_table()
    }

    fn is_in_table(self) -> bool {
        self.is_row_or_more() || matches!(self, Self::Caption | Self::Td | Self::Th)
    }

    fn is_row_or_more(self) -> bool {
        matches!(self, Self::Thead | Self::Tbody | Self::Tfoot | Self::Tr)
    }

    /// Where the last one stands that its end tag could close: no end tag reaches out of a cell but
    /// those of tables.
    pub(super) fn open_in(self, open: &[Self]) -> Option<usize> {
        let walls: &[Self] = match self {
            Self::Table => &[],
            _ if self.is_in_table() => &[Self::Table],
            _ => &[Self::Table, Self::Caption, Self::Td, Self::Th],
        };
        last_in(open, &[self], walls)
    }

    /// Where the element stands that its start tag closes: an item the item before it, a row the
    /// row.
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

/// Where the last of `wanted` stands, unless one of `walls` stands after it.
fn last_in(open: &[KeptElement], wanted: &[KeptElement], walls: &[KeptElement]) -> Option<usize> {
    let at = open.iter().rposition(|one| wanted.contains(one) || walls.contains(one))?;
    wanted.contains(&open[at]).then_some(at)
}

/// What becomes of the element of that name, in any case of its letters.
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
        // Words struck out are shown as no longer said; readings in ruby repeat their words.
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
