//! The closed word lists: every English word that matters in a figure or a date, with its meaning
//! there.
//!
//! Knows one word at a time. Must not know the words around it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// A unit of time that is counted or named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reading::numeral) enum TimeStretch {
    Second,
    Minute,
    Hour,
    Day,
    Weekend,
    Week,
    Fortnight,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
}

/// What a word may mean. A word with two meanings has the one that is rarer in other prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reading::numeral) enum Meaning {
    /// Beyond either end of the text.
    End,
    /// A web or mail address.
    Opaque,
    /// Words in quotation marks, in a figure that a user typed.
    Quoted,
    /// A run of ASCII digits.
    Digits,
    /// Any other character that is not a space.
    Sign(char),
    /// A word without a meaning for figures or dates.
    Plain,

    /// zero to nineteen.
    Small(u64),
    /// twenty to ninety.
    Tens(u64),
    Hundred,
    /// thousand, million, lakh, with the exponent of ten.
    Scale(u8),
    /// hundreds, thousands, millions.
    Scales(u8),
    /// tens, when they are "of thousands".
    TensOf,
    Dozen,
    Dozens,
    Half,
    Quarter,
    Quarters,
    /// third, twentieth, hundredth: the number.
    Ordinal(u64),
    /// thirds, fifths: the denominator.
    Parts(u64),
    Point,
    Minus,
    /// twice, thrice.
    Fold(u64),

    /// a, an.
    Article,
    The,
    And,
    Or,
    Of,
    To,
    In,
    On,
    Per,
    /// every, each.
    Every,
    /// till, until, through.
    Until,
    From,
    Between,

    Percent,
    Currency,
    /// An ISO 4217 code; read only in capitals or beside an amount.
    Code,
    /// The country or people of a currency: Swiss, Australian.
    Realm,
    Measure,
    /// pounds: a weight or an amount of money.
    Pounds,
    Degrees,
    /// square, cubic, metric, nautical.
    MeasureKind,
    /// pieces, types, acts: the noun that is counted follows "of".
    Piece,
    /// people, police, staff: plural without an `s`.
    Collective,

    Stretch(TimeStretch),
    Month(u8),
    /// Months that are also other words: may, march.
    MonthOrWord(u8),
    /// Monday is 0.
    Weekday(u8),
    Season(u8),
    /// seventies, with the year of the century.
    Decade(u16),
    Today,
    Tomorrow,
    Yesterday,
    This,
    Last,
    Next,
    Ago,
    Old,

    /// early, end, rest: a part of a time unit.
    Part,
    /// earlier, within, few: a date may begin with it.
    Pointer,
    /// A word that ends a noun phrase: a preposition, a pronoun, an auxiliary, a frequent verb.
    Stop,
}

impl Meaning {
    /// Whether a figure may begin with it; most words cannot begin one.
    pub(in crate::reading::numeral) const fn begins_figure(self) -> bool {
        !matches!(
            self,
            Self::Plain
                | Self::Stop
                | Self::The
                | Self::And
                | Self::Or
                | Self::Of
                | Self::To
                | Self::In
                | Self::On
                | Self::Collective
                | Self::Piece
                | Self::Pointer
                | Self::Part
                | Self::Opaque
                | Self::Quoted
        )
    }

    /// Whether it ends the noun phrase for what is counted.
    pub(in crate::reading::numeral) const fn ends_phrase(self) -> bool {
        !matches!(
            self,
            Self::Plain
                | Self::Piece
                | Self::Collective
                | Self::Currency
                | Self::Code
                | Self::Realm
                | Self::Measure
                | Self::Pounds
                | Self::Degrees
                | Self::MeasureKind
                | Self::Stretch(_)
                | Self::Season(_)
                | Self::Point
                | Self::Quarter
                | Self::Part
                | Self::Old
        )
    }
}

const NUMBERS: &[(&str, Meaning)] = &[
    ("zero", Meaning::Small(0)),
    ("nought", Meaning::Small(0)),
    ("naught", Meaning::Small(0)),
    ("one", Meaning::Small(1)),
    ("two", Meaning::Small(2)),
    ("three", Meaning::Small(3)),
    ("four", Meaning::Small(4)),
    ("five", Meaning::Small(5)),
    ("six", Meaning::Small(6)),
    ("seven", Meaning::Small(7)),
    ("eight", Meaning::Small(8)),
    ("nine", Meaning::Small(9)),
    ("ten", Meaning::Small(10)),
    ("eleven", Meaning::Small(11)),
    ("twelve", Meaning::Small(12)),
    ("thirteen", Meaning::Small(13)),
    ("fourteen", Meaning::Small(14)),
    ("fifteen", Meaning::Small(15)),
    ("sixteen", Meaning::Small(16)),
    ("seventeen", Meaning::Small(17)),
    ("eighteen", Meaning::Small(18)),
    ("nineteen", Meaning::Small(19)),
    ("twenty", Meaning::Tens(20)),
    ("thirty", Meaning::Tens(30)),
    ("forty", Meaning::Tens(40)),
    ("fifty", Meaning::Tens(50)),
    ("sixty", Meaning::Tens(60)),
    ("seventy", Meaning::Tens(70)),
    ("eighty", Meaning::Tens(80)),
    ("ninety", Meaning::Tens(90)),
    ("hundred", Meaning::Hundred),
    ("hundreds", Meaning::Scales(2)),
    ("thousand", Meaning::Scale(3)),
    ("thousands", Meaning::Scales(3)),
    ("lakh", Meaning::Scale(5)),
    ("lakhs", Meaning::Scales(5)),
    ("million", Meaning::Scale(6)),
    ("millions", Meaning::Scales(6)),
    ("mil", Meaning::Scale(6)),
    ("mln", Meaning::Scale(6)),
    ("crore", Meaning::Scale(7)),
    ("crores", Meaning::Scales(7)),
    ("billion", Meaning::Scale(9)),
    ("billions", Meaning::Scales(9)),
    ("bln", Meaning::Scale(9)),
    ("bn", Meaning::Scale(9)),
    ("trillion", Meaning::Scale(12)),
    ("trillions", Meaning::Scales(12)),
    ("tln", Meaning::Scale(12)),
    ("trn", Meaning::Scale(12)),
    ("tn", Meaning::Scale(12)),
    ("tens", Meaning::TensOf),
    ("dozen", Meaning::Dozen),
    ("dozens", Meaning::Dozens),
    ("dzs", Meaning::Dozens),
    ("dozs", Meaning::Dozens),
    ("half", Meaning::Half),
    ("quarter", Meaning::Quarter),
    ("quarters", Meaning::Quarters),
    ("point", Meaning::Point),
    ("minus", Meaning::Minus),
    ("negative", Meaning::Minus),
    ("twice", Meaning::Fold(2)),
    ("thrice", Meaning::Fold(3)),
];

const ORDINALS: &[(&str, u64)] = &[
    ("first", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("eleventh", 11),
    ("twelfth", 12),
    ("thirteenth", 13),
    ("fourteenth", 14),
    ("fifteenth", 15),
    ("sixteenth", 16),
    ("seventeenth", 17),
    ("eighteenth", 18),
    ("nineteenth", 19),
    ("twentieth", 20),
    ("thirtieth", 30),
    ("fortieth", 40),
    ("fiftieth", 50),
    ("sixtieth", 60),
    ("seventieth", 70),
    ("eightieth", 80),
    ("ninetieth", 90),
    ("hundredth", 100),
    ("thousandth", 1000),
    ("millionth", 1_000_000),
    ("billionth", 1_000_000_000),
    ("trillionth", 1_000_000_000_000),
];

const PARTS: &[(&str, u64)] = &[
    ("halves", 2),
    ("firsts", 1),
    ("thirds", 3),
    ("fourths", 4),
    ("fifths", 5),
    ("sixths", 6),
    ("sevenths", 7),
    ("eighths", 8),
    ("ninths", 9),
    ("tenths", 10),
    ("twelfths", 12),
    ("sixteenths", 16),
    ("twentieths", 20),
    ("hundredths", 100),
    ("thousandths", 1000),
    ("millionths", 1_000_000),
    ("trillionths", 1_000_000_000_000),
];

const SMALL_WORDS: &[(&str, Meaning)] = &[
    ("a", Meaning::Article),
    ("an", Meaning::Article),
    ("the", Meaning::The),
    ("and", Meaning::And),
    ("or", Meaning::Or),
    ("of", Meaning::Of),
    ("to", Meaning::To),
    ("in", Meaning::In),
    ("on", Meaning::On),
    ("per", Meaning::Per),
    ("every", Meaning::Every),
    ("each", Meaning::Every),
    ("till", Meaning::Until),
    ("til", Meaning::Until),
    ("until", Meaning::Until),
    ("through", Meaning::Until),
    ("from", Meaning::From),
    ("between", Meaning::Between),
    ("percent", Meaning::Percent),
    ("percents", Meaning::Percent),
    ("percentage", Meaning::Percent),
    ("pct", Meaning::Percent),
    ("degree", Meaning::Degrees),
    ("degrees", Meaning::Degrees),
    ("pound", Meaning::Pounds),
    ("pounds", Meaning::Pounds),
    ("lb", Meaning::Measure),
    ("lbs", Meaning::Measure),
    ("square", Meaning::MeasureKind),
    ("sq", Meaning::MeasureKind),
    ("cubic", Meaning::MeasureKind),
    ("metric", Meaning::MeasureKind),
    ("nautical", Meaning::MeasureKind),
    ("ago", Meaning::Ago),
    ("old", Meaning::Old),
    ("today", Meaning::Today),
    ("tomorrow", Meaning::Tomorrow),
    ("tmrw", Meaning::Tomorrow),
    ("yesterday", Meaning::Yesterday),
    ("this", Meaning::This),
    ("current", Meaning::This),
    ("same", Meaning::This),
    ("last", Meaning::Last),
    ("past", Meaning::Last),
    ("previous", Meaning::Last),
    ("next", Meaning::Next),
    ("coming", Meaning::Next),
    ("upcoming", Meaning::Next),
    ("spring", Meaning::Season(0)),
    ("summer", Meaning::Season(1)),
    ("autumn", Meaning::Season(2)),
    ("winter", Meaning::Season(3)),
];

const MONTHS: &[(&str, u8)] = &[
    ("january", 1),
    ("jan", 1),
    ("february", 2),
    ("feb", 2),
    ("april", 4),
    ("apr", 4),
    ("june", 6),
    ("jun", 6),
    ("july", 7),
    ("jul", 7),
    ("august", 8),
    ("aug", 8),
    ("september", 9),
    ("sept", 9),
    ("sep", 9),
    ("october", 10),
    ("oct", 10),
    ("november", 11),
    ("nov", 11),
    ("december", 12),
    ("dec", 12),
];

const MONTHS_OR_WORDS: &[(&str, u8)] = &[("march", 3), ("mar", 3), ("may", 5)];

const WEEKDAYS: &[(&str, u8)] = &[
    ("monday", 0),
    ("mon", 0),
    ("tuesday", 1),
    ("tue", 1),
    ("tues", 1),
    ("wednesday", 2),
    ("wed", 2),
    ("thursday", 3),
    ("thu", 3),
    ("thur", 3),
    ("thurs", 3),
    ("friday", 4),
    ("fri", 4),
    ("saturday", 5),
    ("sunday", 6),
    ("mondays", 0),
    ("sundays", 6),
];

const DECADES: &[(&str, u16)] = &[
    ("noughties", 0),
    ("twenties", 20),
    ("thirties", 30),
    ("forties", 40),
    ("fifties", 50),
    ("sixties", 60),
    ("seventies", 70),
    ("eighties", 80),
    ("nineties", 90),
];

const STRETCHES: &[(&str, TimeStretch)] = &[
    ("seconds", TimeStretch::Second),
    ("sec", TimeStretch::Second),
    ("secs", TimeStretch::Second),
    ("minute", TimeStretch::Minute),
    ("minutes", TimeStretch::Minute),
    ("min", TimeStretch::Minute),
    ("mins", TimeStretch::Minute),
    ("hour", TimeStretch::Hour),
    ("hours", TimeStretch::Hour),
    ("hr", TimeStretch::Hour),
    ("hrs", TimeStretch::Hour),
    ("day", TimeStretch::Day),
    ("days", TimeStretch::Day),
    ("weekend", TimeStretch::Weekend),
    ("week", TimeStretch::Week),
    ("weeks", TimeStretch::Week),
    ("fortnight", TimeStretch::Fortnight),
    ("month", TimeStretch::Month),
    ("months", TimeStretch::Month),
    ("year", TimeStretch::Year),
    ("years", TimeStretch::Year),
    ("decade", TimeStretch::Decade),
    ("decades", TimeStretch::Decade),
    ("century", TimeStretch::Century),
    ("centuries", TimeStretch::Century),
];

const LISTS: &[(Meaning, &str)] = &[
    (Meaning::Part, "early late mid middle start beginning end close rest couple w q h"),
    (Meaning::Pointer, "earlier later within few that"),
    (
        Meaning::Currency,
        "dollar dollars euro euros yen yuan renminbi rmb rupee rupees ruble rubles rouble roubles \
         franc francs peso pesos lira liras dirham dirhams krona kronor krone kroner real reais \
         rand baht ringgit shekel shekels riyal riyals rial rials dinar dinars zloty zlotys \
         forint forints hryvnia hryvnias naira shilling shillings taka rupiah cent cents penny \
         pence peseta pesetas deutschmarks marks markka guilder guilders bitcoin bitcoins \
         satoshi satoshis kuai sterling lari kip dong colones tenge",
    ),
    (
        Meaning::Code,
        "usd eur gbp jpy cny chf aud cad nzd inr rub brl mxn zar hkd sgd sek nok dkk krw pln czk \
         huf ils aed sar thb idr myr php vnd uah btc eth ngn kes egp pkr twd",
    ),
    (
        Meaning::Realm,
        "american british australian canadian singapore taiwan taiwanese swiss french \
         belgian danish norwegian swedish icelandic czech turkish russian belarusian ukrainian \
         chinese japanese indian pakistani nepalese indonesian mexican argentine chilean \
         colombian philippine cuban uruguayan dominican egyptian syrian lebanese sudanese iraqi \
         kuwaiti jordanian libyan tunisian algerian serbian emirati moroccan saudi qatari omani \
         iranian yemeni israeli kenyan ugandan tanzanian somali dutch finnish german italian \
         irish jamaican liberian fijian namibian zimbabwean vietnamese",
    ),
    (
        Meaning::Measure,
        "mm cm dm km millimeter millimeters millimetre millimetres centimeter centimeters \
         centimetre centimetres decimeter decimeters kilometer kilometers kilometre kilometres \
         meter meters metre metres micrometer micrometers nanometer nanometers picometer \
         picometers inch inches foot feet ft yard yards yd yds mile miles mi acre acres hectare \
         hectares ha ml cl millilitre millilitres milliliter milliliters litre litres liter \
         liters gallon gallons gal barrel barrels bbl bpd pint pints quart quarts cup cups \
         tablespoon tablespoons teaspoon teaspoons tbsp tsp mg mcg kg kgs gram grams gramme \
         grammes kilo kilos kilogram kilograms kilogramme kilogrammes milligram milligrams \
         microgram micrograms microgrammes tonne tonnes ton tons kiloton kilotons megaton megatons \
         ounce ounces oz stone mph kph kmph knots bit bits byte bytes kb mb gb tb kilobytes \
         megabyte megabytes gigabyte gigabytes terabyte terabytes watt watts kw mw gw tw kwh mwh \
         gwh twh kilowatt kilowatts megawatt megawatts gigawatt gigawatts terawatt volt volts amp \
         amps hz khz mhz ghz hertz kilohertz megahertz gigahertz joules kilojoules calories kcal \
         decibels db carat carats rad radian radians drachma drachm dram drams",
    ),
    (
        Meaning::Piece,
        "piece pieces pair pairs set sets item items type types kind kinds sort sorts \
         form forms act acts case cases count counts instance instances round rounds bottle \
         bottles box boxes bag bags can cans crate crates load loads truckload truckloads batch \
         batches packet packets sheet sheets copies incident incidents",
    ),
    (
        Meaning::Collective,
        "people men women children police troops staff personnel cattle youth youths aircraft \
         spacecraft fish sheep deer crew media data lives wives thieves wolves policemen \
         servicemen servicewomen gunmen militia",
    ),
    (
        Meaning::Stop,
        "about above across after again against all almost along alongside already also although \
         always am amid among around as at away back be became because become been before began \
         begin behind being below beneath beside besides beyond both but by came can cannot come \
         could did do does doing done down during  either else ever except far fell  \
         fewer for found gave get gets getting go goes going gone got had has have having he her \
         here hers herself him himself his how however i if included including inside instead \
         into is it its itself just killed kept  least less like live lived living made make \
         makes making many me might mine more most much must my near nearly neither never no nor \
         not now off often once only onto opposite our ours out outside over own part rather rose \
         said saw say saying says seen shall she should showed showing shown since so some \
         something soon still such taken takes taking than  their theirs them themselves then \
         there therefore these they those though thus together too took toward towards under \
         unless unlike up upon us used using versus very via was we well went were what when \
         where whereas whether which while who whom whose why will with  without \
         won would yet you your worldwide globally annually daily apiece apart ahead nationwide \
         according added agreed announced arrested arrived asked born bought called charged \
         claimed compared confirmed crossed declined detained died died drowned dropped dubbed \
         escaped estimated expected faced fled followed gained gathered grew held hit hurt \
         increased injured jailed joined jumped known left lost met missing moved named need \
         needed opened ordered paid protested put ran reached received recorded remain remained \
         remains reported rescued returned say served set shot sold spent started stood survived \
         survive told turned voted want wanted worked wounded written plus minus est",
    ),
];

/// Every word is looked up, so its key is the word itself in sixteen bytes, and hashing is one
/// multiplication. The keys are fixed lists, so an attacker cannot choose colliding ones.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }

    fn write_u128(&mut self, key: u128) {
        let folded = key ^ (key >> 61);
        let low = folded & u128::from(u64::MAX);
        let mixed =
            low.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (folded >> 64).wrapping_mul(0xc2b2_ae3d);
        self.0 = u64::try_from((mixed ^ (mixed >> 32)) & u128::from(u64::MAX)).unwrap_or(0);
    }
}

type MeaningTable = HashMap<u128, Meaning, BuildHasherDefault<Mixed>>;

static LEXICON: LazyLock<MeaningTable> = LazyLock::new(|| {
    let words = entries().into_iter();
    words.filter_map(|(word, term)| key(word).map(|key| (key, term))).collect()
});

/// Every word with its meaning; for a word listed twice, the last meaning counts.
fn entries() -> Vec<(&'static str, Meaning)> {
    let mut words = Vec::new();
    for &(term, list) in LISTS {
        words.extend(list.split_ascii_whitespace().map(|word| (word, term)));
    }
    words.extend(SMALL_WORDS.iter().copied());
    words.extend(NUMBERS.iter().copied());
    words.extend(ORDINALS.iter().map(|&(word, number)| (word, Meaning::Ordinal(number))));
    words.extend(PARTS.iter().map(|&(word, number)| (word, Meaning::Parts(number))));
    words.extend(MONTHS.iter().map(|&(word, month)| (word, Meaning::Month(month))));
    words.extend(MONTHS_OR_WORDS.iter().map(|&(word, month)| (word, Meaning::MonthOrWord(month))));
    words.extend(WEEKDAYS.iter().map(|&(word, day)| (word, Meaning::Weekday(day))));
    words.extend(DECADES.iter().map(|&(word, years)| (word, Meaning::Decade(years))));
    words.extend(STRETCHES.iter().map(|&(word, stretch)| (word, Meaning::Stretch(stretch))));
    words
}

/// The longest word of the lexicon, in bytes.
const LONGEST: usize = 16;

/// A word, in any case, as a key; `None` if it is longer than any known word.
fn key(word: &str) -> Option<u128> {
    let mut folded = [0; LONGEST];
    let lower = folded.get_mut(..word.len())?;
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    Some(u128::from_le_bytes(folded))
}

/// The meaning of a word, in any case.
pub(super) fn term(word: &str) -> Meaning {
    if word == "US" {
        return Meaning::Realm;
    }
    key(word).and_then(|key| LEXICON.get(&key).copied()).unwrap_or(Meaning::Plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_the_lists_is_too_long_or_in_capitals() {
        for (word, _) in entries() {
            assert!(word.len() <= LONGEST, "{word}");
            assert_eq!(word, word.to_lowercase());
        }
    }

    #[test]
    fn a_word_has_its_part_in_any_case() {
        assert_eq!(term("Twenty"), Meaning::Tens(20));
        assert_eq!(term("MILLION"), Meaning::Scale(6));
        assert_eq!(term("donkey"), Meaning::Plain);
        assert_eq!(term("ééééééééé"), Meaning::Plain);
        assert_eq!(term(&"a".repeat(1000)), Meaning::Plain);
    }
}
