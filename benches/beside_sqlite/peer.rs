//! The peer: the same assertions in SQLite, laid out by someone who knows it.
//!
//! Knows tables, indexes and pragmas. Must not know the ledger's storage.
//!
//! What it does: one row an event with the entry's line, salt and JSON, sealed by the same code into
//! the same chain; one transaction a batch, statements prepared once, WAL with `synchronous=FULL`, a
//! cache of 256 MiB, pages of 8 KiB and checkpoints 128 MiB apart. Small columns stand before large
//! ones. Sources, topics and units of the index have numbers, kept in memory. Its indexes answer
//! what the views answer: source, against, about, document, publisher (over its documents),
//! the same claim, the same identity (unique, and so checked), days by clock, machine-made and
//! confidential (partial indexes), and words: FTS5 without content, columns' sizes or positions,
//! which is its fastest index of words; titles are indexed once a document.
//!
//! What it does not do: check that quotations stand in their documents, or that sources exist;
//! keep originals; keep a Merkle tree, tiles or checkpoints; find entries by a hash's first digits.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, Statement, params};
use testimony::claim::ClaimAsserted;
use testimony::event::{Body, Event};
use testimony::moment::Timestamp;
use testimony::seal::{Entry, HashChain, Payload, Salt, entry_hash};

/// Tables, and those indexes that carry rows of their own.
const TABLES: &str = "
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY, document INTEGER, claim INTEGER, said INTEGER, holds INTEGER,
        machine INTEGER, confidential INTEGER, identity BLOB, salt BLOB, entry BLOB, event TEXT);
    CREATE TABLE documents (
        seq INTEGER PRIMARY KEY, publisher INTEGER, published INTEGER, url TEXT, text BLOB);
    CREATE TABLE hops (source INTEGER, seq INTEGER, PRIMARY KEY (source, seq)) WITHOUT ROWID;
    CREATE TABLE against (source INTEGER, seq INTEGER, PRIMARY KEY (source, seq)) WITHOUT ROWID;
    CREATE TABLE about (topic INTEGER, seq INTEGER, PRIMARY KEY (topic, seq)) WITHOUT ROWID;
    CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
    CREATE VIRTUAL TABLE words USING fts5(
        text, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0');
    CREATE VIRTUAL TABLE titles USING fts5(
        text, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0');
";

/// Indexes over the columns of tables.
const INDEXES: &str = "
    CREATE UNIQUE INDEX by_identity ON events (identity) WHERE identity IS NOT NULL;
    CREATE INDEX by_document ON events (document) WHERE document IS NOT NULL;
    CREATE INDEX by_claim ON events (claim) WHERE claim IS NOT NULL;
    CREATE INDEX by_said ON events (said) WHERE said IS NOT NULL;
    CREATE INDEX by_holds ON events (holds) WHERE holds IS NOT NULL;
    CREATE INDEX machine_made ON events (seq) WHERE machine;
    CREATE INDEX confidential ON events (seq) WHERE confidential;
    CREATE INDEX by_publisher ON documents (publisher);
    CREATE INDEX by_published ON documents (published);
    CREATE INDEX by_url ON documents (url);
    CREATE INDEX by_text ON documents (text);
";

/// How much a transaction promises.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    /// Power may go: WAL, `synchronous=FULL`.
    Durable,
    /// It can all be made again: no journal, no sync, indexes built once the rows are there.
    Rebuildable,
}

/// A database open for writing.
pub(crate) struct Peer {
    connection: Connection,
    chain: HashChain,
    names: HashMap<String, i64>,
}

impl Peer {
    /// Makes a new database.
    pub(crate) fn create(path: &Path, promise: Promise) -> rusqlite::Result<Self> {
        let connection = connect(path, promise)?;
        connection.execute_batch(TABLES)?;
        if promise == Promise::Durable {
            connection.execute_batch(INDEXES)?;
        }
        Ok(Self { connection, chain: HashChain::EMPTY, names: HashMap::new() })
    }

    /// Opens one to record further.
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = connect(path, Promise::Durable)?;
        let line: Vec<u8> = connection.query_row(
            "SELECT entry FROM events ORDER BY seq DESC LIMIT 1",
            [],
            |row| row.get(0),
        )?;
        let mut chain = HashChain::EMPTY;
        chain.advance(&Entry::decode(&line).expect("an entry"), entry_hash(&line));
        let mut names = HashMap::new();
        let mut known = connection.prepare("SELECT name, id FROM names")?;
        for name in known.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
            let (name, id) = name?;
            names.insert(name, id);
        }
        drop(known);
        Ok(Self { connection, chain, names })
    }

    /// Records a batch in one transaction, sealing each event into the chain.
    pub(crate) fn record(
        &mut self,
        events: &[Event],
        mut salt: impl FnMut() -> [u8; 32],
    ) -> rusqlite::Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut inserts = Inserts::prepare(&self.connection, &mut self.names)?;
        for event in events {
            let bytes = event.encode().expect("an event");
            let sealed = self.chain.seal(bytes, Salt::from_bytes(salt()), Timestamp::now());
            let payload = sealed.record.payload.expect("a payload");
            let seq = sealed.entry.seq.get().cast_signed();
            inserts.add(seq, &sealed.record.entry, &payload, event)?;
        }
        drop(inserts);
        self.connection.execute_batch("COMMIT")
    }

    /// The size of the write-ahead log goes back into the database.
    pub(crate) fn close(self) -> rusqlite::Result<()> {
        self.connection.close().map_err(|(_, error)| error)
    }
}

fn connect(path: &Path, promise: Promise) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(64);
    let pragmas = match promise {
        Promise::Durable => {
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA wal_autocheckpoint = 16384;"
        }
        Promise::Rebuildable => {
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
        }
    };
    connection.execute_batch("PRAGMA page_size = 8192; PRAGMA temp_store = MEMORY;")?;
    connection.execute_batch("PRAGMA cache_size = -262144; PRAGMA mmap_size = 4294967296;")?;
    connection.execute_batch(pragmas)?;
    Ok(connection)
}

/// The statements that put one event into the tables.
struct Inserts<'a> {
    event: rusqlite::CachedStatement<'a>,
    document: rusqlite::CachedStatement<'a>,
    hop: rusqlite::CachedStatement<'a>,
    against: rusqlite::CachedStatement<'a>,
    about: rusqlite::CachedStatement<'a>,
    words: rusqlite::CachedStatement<'a>,
    titles: rusqlite::CachedStatement<'a>,
    name: rusqlite::CachedStatement<'a>,
    names: &'a mut HashMap<String, i64>,
    text: String,
}

impl<'a> Inserts<'a> {
    fn prepare(
        connection: &'a Connection,
        names: &'a mut HashMap<String, i64>,
    ) -> rusqlite::Result<Self> {
        Ok(Self {
            event: connection.prepare_cached(
                "INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?,
            document: connection
                .prepare_cached("INSERT INTO documents VALUES (?1, ?2, ?3, ?4, ?5)")?,
            hop: connection.prepare_cached("INSERT OR IGNORE INTO hops VALUES (?1, ?2)")?,
            against: connection.prepare_cached("INSERT OR IGNORE INTO against VALUES (?1, ?2)")?,
            about: connection.prepare_cached("INSERT OR IGNORE INTO about VALUES (?1, ?2)")?,
            words: connection.prepare_cached("INSERT INTO words (rowid, text) VALUES (?1, ?2)")?,
            titles: connection
                .prepare_cached("INSERT INTO titles (rowid, text) VALUES (?1, ?2)")?,
            name: connection.prepare_cached("INSERT INTO names (id, name) VALUES (?1, ?2)")?,
            names,
            text: String::new(),
        })
    }

    fn add(
        &mut self,
        seq: i64,
        entry: &[u8],
        payload: &Payload,
        event: &Event,
    ) -> rusqlite::Result<()> {
        let asserted = match &event.body {
            Body::ClaimAsserted(asserted) => Some(asserted),
            _ => None,
        };
        let encoded = Event::encoded_assertion(&payload.event);
        let claim = encoded.map(|encoded| {
            let hash = encoded.claim_hash();
            hash.as_bytes().first_chunk().copied().map_or(0, i64::from_be_bytes)
        });
        let identity = match &event.body {
            Body::ClaimAsserted(_) => encoded.map(|encoded| encoded.identity()),
            Body::DocumentCaptured(captured) => Some(captured.identity()),
            _ => None,
        };
        self.event.execute(params![
            seq,
            asserted.map(|asserted| asserted.document.sequence().get().cast_signed()),
            claim,
            asserted.and_then(|asserted| asserted.said).map(|said| day(said.at.first_day())),
            asserted
                .and_then(|asserted| asserted.claim.holds)
                .and_then(|holds| holds.days().0)
                .map(day),
            asserted.is_some_and(ClaimAsserted::machine_made),
            event.confidential,
            identity.as_ref().map(|identity| &identity.as_bytes()[..16]),
            payload.salt.as_bytes(),
            entry,
            std::str::from_utf8(&payload.event).expect("an event is text"),
        ])?;
        match &event.body {
            Body::ClaimAsserted(asserted) => self.assert(seq, asserted),
            Body::DocumentCaptured(captured) => {
                let metadata = &captured.metadata;
                let publisher = metadata.publisher.as_ref().map(ToString::to_string);
                let publisher = publisher.map(|name| self.number(name)).transpose()?;
                let published = metadata.published.map(|moment| day(moment.at.first_day()));
                let url = metadata.url.as_ref().map(|url| url.as_str());
                let text = captured.text.as_bytes();
                self.document.execute(params![seq, publisher, published, url, text])?;
                let title = metadata.title.as_ref().map(|title| title.as_str());
                self.titles.execute(params![seq, title]).map(drop)
            }
            _ => Ok(()),
        }
    }

    fn assert(&mut self, seq: i64, asserted: &ClaimAsserted) -> rusqlite::Result<()> {
        for source in asserted.hops.iter().flat_map(|hop| hop.sources.as_slice()) {
            let source = self.number(source.to_string())?;
            self.hop.execute([source, seq])?;
        }
        for source in &asserted.against {
            let source = self.number(source.to_string())?;
            self.against.execute([source, seq])?;
        }
        self.text.clear();
        for selector in asserted.content.as_slice() {
            self.text.push_str(selector.exact());
            self.text.push(' ');
        }
        let words = asserted.claim.words.as_str();
        if asserted.content.as_slice().len() > 1 || asserted.content.first().exact() != words {
            self.text.push_str(words);
            self.text.push(' ');
        }
        for topic in &asserted.claim.about {
            let slug = topic.slug().as_str();
            let topic = self.number(format!("topic {slug}"))?;
            self.about.execute([topic, seq])?;
            self.text.push_str(slug);
            self.text.push(' ');
        }
        self.words.execute(params![seq, self.text]).map(drop)
    }

    /// The number of a name, given out once.
    fn number(&mut self, name: String) -> rusqlite::Result<i64> {
        if let Some(number) = self.names.get(&name) {
            return Ok(*number);
        }
        let number = self.names.len() as i64 + 1;
        self.name.execute(params![number, name])?;
        self.names.insert(name, number);
        Ok(number)
    }
}

fn day(day: chrono::NaiveDate) -> i64 {
    use chrono::Datelike as _;
    day.num_days_from_ce().into()
}

/// Reads every event of one database, checks commitment and chain if asked, and puts each into a
/// fresh database of the same tables and indexes.
pub(crate) fn rebuild(from: &Path, into: &Path, checking: bool) -> rusqlite::Result<u64> {
    let source = connect(from, Promise::Durable)?;
    let mut fresh = Peer::create(into, Promise::Rebuildable)?;
    fresh.connection.execute_batch("BEGIN")?;
    let mut inserts = Inserts::prepare(&fresh.connection, &mut fresh.names)?;
    let mut all: Statement<'_> =
        source.prepare("SELECT seq, entry, salt, event FROM events ORDER BY seq")?;
    let mut rows = all.query([])?;
    let mut chain = HashChain::EMPTY;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let line = row.get_ref(1)?.as_blob()?;
        let salt: [u8; 32] = row.get(2)?;
        let bytes = row.get_ref(3)?.as_str()?.as_bytes().to_vec();
        let payload = Payload { salt: Salt::from_bytes(salt), event: bytes };
        if checking {
            let entry = Entry::decode(line).expect("an entry");
            chain.follow(&entry, entry_hash(line)).expect("the chain");
            assert_eq!(entry.commit, payload.commitment(), "a commitment");
        }
        let event = Event::decode_trusted(&payload.event).expect("an event");
        inserts.add(row.get(0)?, line, &payload, &event)?;
        count += 1;
    }
    drop(inserts);
    fresh.connection.execute_batch("COMMIT")?;
    fresh.connection.execute_batch(INDEXES)?;
    fresh.close()?;
    Ok(count)
}

/// The newest events that have a word, in their own words or their document's title.
pub(crate) fn with_word(path: &Path, word: &str, most: usize) -> rusqlite::Result<Vec<String>> {
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA mmap_size = 4294967296;")?;
    let mut newest = connection.prepare(
        "WITH found (seq) AS (
             SELECT rowid FROM words WHERE words MATCH ?1
             UNION SELECT events.seq FROM titles JOIN events ON events.document = titles.rowid
                   WHERE titles MATCH ?1)
         SELECT event FROM events WHERE seq IN (SELECT seq FROM found ORDER BY seq DESC LIMIT ?2)",
    )?;
    let quoted = format!("\"{word}\"");
    let found = newest.query_map(params![quoted, most as i64], |row| row.get(0))?;
    found.collect()
}
