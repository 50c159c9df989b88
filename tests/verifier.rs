//! Others read what we write: a verifier in Python that knows docs/format.md and none of our code, and
//! a library of C2SP logs that knows neither. Each takes what is sound; what was tampered with, in
//! any way, both the verifier and our own library refuse.
//!
//! Needs a Python that has blake3, cryptography and aics-tlog, named by `TESTIMONY_PYTHON`. `.ci/run`
//! makes one and runs these tests; otherwise they are listed as ignored.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::page::checker::Checker;
use crate::page::samples;
use crate::page::tables::Page;
use crate::support::forge::Forge;
use testimony::event::{Body, DecodeError, Event};
use testimony::id::Sequence;
use testimony::log::Log as _;
use testimony::log::sled::SledLog;
use testimony::moment::Timestamp;
use testimony::seal::{Entry, HashChain, Payload, Record, Salt, entry_hash};
use testimony::tree::checkpoint::{
    self,
    key::{Signer, VerifierKey},
};
use testimony::tree::{Frontier, NodeHash, RootHash, TileId, TreeHead, leaf_hash};

fn root_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a script of ours; whether it found nothing wrong, and what it said.
fn python(script: &str, argument: &Path) -> (bool, String) {
    let python = std::env::var("TESTIMONY_PYTHON").unwrap_or_else(|_| {
        panic!("set TESTIMONY_PYTHON to a Python with blake3, cryptography and aics-tlog")
    });
    // Cargo runs tests in the package's folder; a relative path is taken from there.
    let run = Command::new(root_folder().join(python))
        .arg(root_folder().join(script))
        .arg(argument)
        .output()
        .expect("Python runs");
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    let trouble = String::from_utf8_lossy(&run.stderr);
    assert!(matches!(run.status.code(), Some(0 | 1)) && trouble.is_empty(), "{said}{trouble}");
    (run.status.success(), said)
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { letter.into() } else { '=' });
        }
    }
    text
}

/// What is taken out of a ledger for a check.
#[derive(Clone)]
struct Export {
    records: Vec<Record>,
    note: String,
    key: VerifierKey,
}

impl Export {
    fn of(records: Vec<Record>, signer: &Signer) -> Self {
        let opened = Event::decode(&records[0].payload.as_ref().unwrap().event).unwrap();
        let Body::LedgerOpened(opened) = opened.body else { panic!("no opening") };
        let key = VerifierKey::new(opened.key.as_str()).unwrap();
        let mut export = Self { records, note: String::new(), key };
        export.sign(signer);
        export
    }

    fn head(&self) -> TreeHead {
        let mut tree = Frontier::default();
        for record in &self.records {
            let _ = tree.push(leaf_hash(&record.entry));
        }
        tree.head()
    }

    fn sign(&mut self, signer: &Signer) {
        self.note = checkpoint::sign(signer, self.head()).unwrap();
    }

    /// Names each entry's predecessor and event anew, as a forger would.
    fn seal_again(&mut self) {
        let mut before = None;
        for record in &mut self.records {
            let mut entry = Entry::decode(&record.entry).unwrap();
            entry.prev = before.unwrap_or(entry.prev);
            if let Some(payload) = &record.payload {
                entry.commit = payload.commitment();
            }
            record.entry = entry.encode();
            before = Some(entry_hash(&record.entry));
        }
    }

    fn change_entry(&mut self, number: usize, change: impl FnOnce(&mut Entry)) {
        let mut entry = Entry::decode(&self.records[number].entry).unwrap();
        change(&mut entry);
        self.records[number].entry = entry.encode();
    }

    fn change_event(&mut self, number: usize, from: &str, to: &str) {
        let payload = self.records[number].payload.as_mut().unwrap();
        let event = String::from_utf8(payload.event.clone()).unwrap();
        assert!(event.contains(from), "{event}");
        payload.event = event.replacen(from, to, 1).into_bytes();
    }

    fn write(&self, folder: &Path) {
        let mut lines = String::new();
        for record in &self.records {
            let entry = base64(&record.entry);
            lines += &match &record.payload {
                Some(Payload { salt, event }) => format!(
                    "{{\"entry\":\"{entry}\",\"salt\":\"{}\",\"event\":\"{}\"}}\n",
                    base64(salt.as_bytes()),
                    base64(event)
                ),
                None => format!("{{\"entry\":\"{entry}\"}}\n"),
            };
        }
        fs::write(folder.join("records.jsonl"), lines).unwrap();
        fs::write(folder.join("checkpoint"), &self.note).unwrap();
        fs::write(folder.join("verifier-key"), format!("{}\n", self.key)).unwrap();
    }

    /// What the verifier in Python makes of it.
    fn verified(&self) -> (bool, String) {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path());
        python("examples/verify.py", folder.path())
    }

    /// What our library makes of it, floor by floor.
    fn taken(&self) -> Result<(), String> {
        let mut chain = HashChain::EMPTY;
        let mut key = self.key.clone();
        let (mut erased, mut missing) = (Vec::new(), Vec::new());
        for record in &self.records {
            let entry = Entry::decode(&record.entry).map_err(|wrong| wrong.to_string())?;
            chain.follow(&entry, entry_hash(&record.entry)).map_err(|wrong| wrong.to_string())?;
            let Some(payload) = &record.payload else {
                missing.push(entry.seq);
                continue;
            };
            if payload.commitment() != entry.commit {
                return Err(format!("{}: another event", entry.seq));
            }
            match Event::decode(&payload.event) {
                Ok(Event { body: Body::KeyRotated(rotated), .. }) => {
                    key = VerifierKey::new(rotated.key.as_str()).unwrap();
                }
                Ok(Event { body: Body::EventErased(gone), .. }) => {
                    erased.extend(gone.events.as_slice().iter().map(|event| event.sequence()));
                }
                Ok(_) | Err(DecodeError::Newer(_)) => {}
                Err(wrong) => return Err(wrong.to_string()),
            }
        }
        if missing.iter().any(|seq| !erased.contains(seq)) {
            return Err("an event is gone".into());
        }
        let signed = checkpoint::verify(self.note.as_bytes(), &key).map_err(|e| e.to_string())?;
        if signed == self.head() { Ok(()) } else { Err("another root".into()) }
    }
}

/// The worked example, and the key that signs it.
fn example() -> (Export, Signer) {
    let page = fs::read_to_string(root_folder().join("docs/format.md")).unwrap();
    let (_, section) = page.split_once("\n## A worked example\n").unwrap();
    let get = |name: &str| {
        let line = section.lines().find(|line| line.starts_with(&format!("{name}  "))).unwrap();
        line[name.len()..].trim().to_owned()
    };
    let bytes = |digits: String| -> Vec<u8> {
        (0..digits.len() / 2)
            .map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap())
            .collect()
    };
    let record = |number: usize| {
        let salt = Salt::from_bytes(bytes(get(&format!("salt {number}"))).try_into().unwrap());
        let event = get(&format!("event {number}")).into_bytes();
        let line = get(&format!("entry {number}")).into_bytes();
        let entry = [line, bytes(get(&format!("index {number}")))].concat();
        Record { entry, payload: Some(Payload { salt, event }) }
    };
    let log = get("log").parse().unwrap();
    let signer = Signer::from_seed(&log, &bytes(get("seed")).try_into().unwrap());
    (Export::of((0..4).map(record).collect(), &signer), signer)
}

/// The frozen events, of every kind and with every field, as a log of the example's key.
fn frozen() -> Export {
    let (mut chain, mut records) = (HashChain::EMPTY, Vec::new());
    for (title, event) in crate::golden::values::events() {
        // Its endorsement is no signature.
        if title != "key_rotated, full" && title != "key_rotated, plain" {
            let now = Timestamp::from_micros(1_795_554_896_123_456);
            let salt = Salt::from_bytes([5; 32]);
            records.push(chain.seal(event.encode().unwrap(), salt, now).record);
        }
    }
    Export::of(records, &example().1)
}

type Change = fn(&mut Export, &Signer);

/// The changes of an export that has at least four records, of which #1 names a source: what is
/// changed, and what the verifier says to it.
const CHANGES: &[(&str, &str, Change)] = &[
    ("a byte of an event", "is not what the entry commits to", |export, _| {
        export.records[1].payload.as_mut().unwrap().event[9] ^= 1
    }),
    ("a byte of a salt", "is not what the entry commits to", |export, _| {
        let payload = export.records[2].payload.as_mut().unwrap();
        let mut salt = *payload.salt.as_bytes();
        salt[31] ^= 0x80;
        payload.salt = Salt::from_bytes(salt);
    }),
    ("a byte of an entry's line", "does not name the entry before it", |export, _| {
        export.records[1].entry[20] ^= 1
    }),
    ("a byte of a digest", "is not what the entry commits to", |export, _| {
        let entry = &mut export.records[1].entry;
        let place = entry.len() - 37;
        entry[place] ^= 1;
    }),
    ("another offset", "names another offset", |export, signer| {
        let entry = &mut export.records.last_mut().unwrap().entry;
        let place = entry.len() - 2;
        entry[place] -= 1;
        export.sign(signer);
    }),
    ("two digests", "counts 2 digests", |export, signer| {
        *export.records.last_mut().unwrap().entry.last_mut().unwrap() = 2;
        export.sign(signer);
    }),
    ("a gap", "it calls itself 3", |export, signer| {
        for number in 2..export.records.len() {
            export.change_entry(number, |entry| entry.seq = entry.seq.next());
        }
        export.seal_again();
        export.sign(signer);
    }),
    ("another entry before", "does not name the entry before it", |export, signer| {
        let last = export.records.len() - 1;
        let first = entry_hash(&export.records[0].entry);
        export.change_entry(last, |entry| entry.prev = first);
        export.sign(signer);
    }),
    ("time that goes back", "is before the entry before it", |export, signer| {
        let before = Entry::decode(&export.records[0].entry).unwrap().at.micros() - 1;
        export.change_entry(1, |entry| entry.at = Timestamp::from_micros(before));
        export.seal_again();
        export.sign(signer);
    }),
    ("two entries swapped", "it calls itself 2", |export, _| export.records.swap(1, 2)),
    ("a last entry cut off", "entries, and its checkpoint", |export, _| drop(export.records.pop())),
    ("an event that is gone", "no event says that it was erased", |export, _| {
        export.records[1].payload = None
    }),
    ("another root", "the root is not that of the entries", |export, signer| {
        let head = TreeHead { root: RootHash::from_bytes([7; 32]), ..export.head() };
        export.note = checkpoint::sign(signer, head).unwrap();
    }),
    ("another signature", "the signature is wrong", |export, _| {
        let place = export.note.trim_end().len() - 9;
        let letter = if &export.note[place..=place] == "A" { "B" } else { "A" };
        export.note.replace_range(place..=place, letter);
    }),
    ("a checkpoint that another signed", "no signature is by the log's key", |export, signer| {
        let log = signer.verifier_key().log_name().parse().unwrap();
        export.sign(&Signer::from_seed(&log, &[99; 32]));
    }),
    ("a checkpoint of another log", "a checkpoint of example.org/other", |export, _| {
        export.sign(&Signer::from_seed(&"example.org/other".parse().unwrap(), &[7; 32]));
    }),
    ("an unknown field", "has no field `colour`", |export, signer| {
        again(export, signer, "\"slug\":", "\"colour\":1,\"slug\":")
    }),
    ("a field twice", "not in its canonical form", |export, signer| {
        again(export, signer, "{\"by\":", "{\"by\":{\"person\":\"Bo\"},\"by\":");
    }),
    ("a number with a point", "not in its canonical form", |export, signer| {
        again(export, signer, ",\"event\":", ",\"request\":1.5,\"event\":");
    }),
    ("a default written out", "only `true` is ever written", |export, signer| {
        again(export, signer, ",\"event\":", ",\"confidential\":false,\"event\":");
    }),
    ("an empty list written out", "an empty one", |export, signer| {
        again(export, signer, "}}}", ",\"speaks_for\":[]}}}")
    }),
    ("null", "is no REQUEST", |export, signer| {
        again(export, signer, ",\"event\":", ",\"request\":null,\"event\":")
    }),
    ("fields out of order", "are out of order", |export, signer| {
        let payload = export.records[1].payload.as_mut().unwrap();
        let mut event: serde_json::Value = serde_json::from_slice(&payload.event).unwrap();
        let named = event["event"]["source_named"].as_object_mut().unwrap();
        let slug = named.shift_remove("slug").unwrap();
        named.insert("slug".into(), slug);
        payload.event = serde_json::to_vec(&event).unwrap();
        export.seal_again();
        export.sign(signer);
    }),
    ("white space", "not in its canonical form", |export, signer| {
        again(export, signer, "\"slug\":", "\"slug\": ")
    }),
    ("another escape", "not in its canonical form", |export, signer| {
        again(export, signer, "\"name\":\"", "\"name\":\"\\u0041")
    }),
    ("a name with a newline", "no NAME", |export, signer| {
        again(export, signer, "\"name\":\"", "\"name\":\"A\\n")
    }),
    ("a slug that is not its own fold", "no SLUG", |export, signer| {
        again(export, signer, "\"slug\":\"", "\"slug\":\"A")
    }),
    ("a required field that is missing", "has no field `title`", |export, signer| {
        again(export, signer, "\"name\":", "\"title\":")
    }),
];

/// Changes event #1, and seals and signs all of it again, as the holder of the key could.
fn again(export: &mut Export, signer: &Signer, from: &str, to: &str) {
    export.change_event(1, from, to);
    export.seal_again();
    export.sign(signer);
}

#[test]
#[ignore = "needs Python with blake3 and cryptography, as .ci/run sets it up: TESTIMONY_PYTHON"]
fn the_verifier_takes_the_page_and_every_sound_export() {
    let (sound, said) = python("examples/verify.py", &root_folder().join("docs/format.md"));
    assert!(sound, "{said}");
    let (forge, full) = (Forge::recorded(), Forge::full());
    let exports = [
        example().0,
        frozen(),
        Export::of(forge.records(), &forge.signer),
        Export::of(full.records(), &full.signer),
    ];
    for export in exports {
        assert_eq!(export.taken(), Ok(()));
        let (sound, said) = export.verified();
        assert!(
            sound && said.ends_with(&format!("{} entries, 0 wrong\n", export.records.len())),
            "{said}"
        );
    }
    // What the program does not know of a newer version, it does not call wrong.
    let (_, said) = Export::of(full.records(), &full.signer).verified();
    assert!(said.contains("a newer version wrote `claim_sung`"), "{said}");
    assert!(forge.found().is_empty());
}

#[test]
#[ignore = "needs Python with blake3 and cryptography, as .ci/run sets it up: TESTIMONY_PYTHON"]
fn whatever_is_changed_is_refused_by_both() {
    let forge = Forge::recorded();
    let of_forge = Export::of(forge.records(), &forge.signer);
    let (of_page, signer) = example();
    for (export, signer, audited) in [(of_page, &signer, false), (of_forge, &forge.signer, true)] {
        for (what, says, change) in CHANGES {
            let mut changed = export.clone();
            change(&mut changed, signer);
            if audited {
                forge.put(&changed.records);
                fs::write(forge.path("checkpoint"), &changed.note).unwrap();
                assert!(!forge.found().is_empty(), "the audit takes {what}");
            }
            assert!(changed.taken().is_err(), "the library takes {what}");
            let (sound, said) = changed.verified();
            assert!(!sound && said.contains(says), "{what}: {said}");
        }
    }
}

/// Every event on which docs/format.md is tried, thousands, each on one side of a limit, a default, an
/// order: the verifier says of each what our library says.
#[test]
#[ignore = "needs Python with blake3 and cryptography, as .ci/run sets it up: TESTIMONY_PYTHON"]
fn verifier_and_library_are_of_one_mind_on_every_event_that_is_tried() {
    let (page, samples) = (Page::read(&samples::text()).unwrap(), samples::samples());
    // Where an opening or a key may stand is no matter of a single event.
    let elsewhere = |event: &[u8]| {
        let text = String::from_utf8_lossy(event);
        ["ledger_opened", "key_rotated"].iter().any(|kind| text.contains(&format!("{{\"{kind}\":")))
    };
    let tried = Checker::new(&page, &samples, None).tried();
    let mut events: Vec<Vec<u8>> = tried.into_iter().filter(|event| !elsewhere(event)).collect();
    assert!(events.len() > 2000, "{}", events.len());
    let (sound, signer) = example();
    events.insert(0, sound.records[0].payload.as_ref().unwrap().event.clone());
    let (mut chain, mut records) = (HashChain::EMPTY, Vec::new());
    for event in &events {
        let now = Timestamp::from_micros(1_795_554_896_123_456);
        records.push(chain.seal(event.clone(), Salt::from_bytes([5; 32]), now).record);
    }
    let (_, said) = Export::of(records, &signer).verified();
    let refused: BTreeMap<usize, &str> = said
        .lines()
        .filter(|line| !line.contains(": a newer version wrote "))
        .filter_map(|line| line.strip_prefix("entry ")?.split_once(": "))
        .map(|(number, why)| (number.parse().unwrap(), why))
        .collect();
    let mut quarrels = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let ours = match Event::decode(event) {
            Ok(_) | Err(DecodeError::Newer(_)) => None,
            Err(wrong) => Some(wrong.to_string()),
        };
        let theirs = refused.get(&number);
        if ours.is_some() != theirs.is_some() {
            let shown: String = String::from_utf8_lossy(event).chars().take(1500).collect();
            quarrels.push(format!("ours: {ours:?}, theirs: {theirs:?}: {shown}"));
        }
    }
    assert!(
        quarrels.is_empty(),
        "{} of {}:\n{}",
        quarrels.len(),
        events.len(),
        quarrels.join("\n")
    );
}

#[test]
#[ignore = "needs Python with blake3 and cryptography, as .ci/run sets it up: TESTIMONY_PYTHON"]
fn a_changed_page_is_refused_too() {
    let page = fs::read_to_string(root_folder().join("docs/format.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let changed = folder.path().join("format.md");
    let (_, section) = page.split_once("\n## A worked example\n").unwrap();
    for line in section.lines().filter(|line| {
        let names = [
            "event ",
            "salt ",
            "digest ",
            "entry ",
            "index ",
            "hash ",
            "leaf ",
            "root ",
            "claim hash",
        ];
        names.iter().any(|name| line.starts_with(name))
            || line.contains(" identity ")
            || line.starts_with("— ")
    }) {
        let place = line.len() - 4;
        let letter = if &line[place..=place] == "0" { "1" } else { "0" };
        let wrong = format!("{}{letter}{}", &line[..place], &line[place + 1..]);
        fs::write(&changed, page.replacen(line, &wrong, 1)).unwrap();
        let (sound, said) = python("examples/verify.py", &changed);
        assert!(!sound, "the verifier takes {wrong}: {said}");
    }
}

/// The path of RFC 6962, 2.1.1, by the definition.
fn naive_path(place: usize, leaves: &[[u8; 32]]) -> Vec<[u8; 32]> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let split = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(split);
    let (mut path, other) = if place < split {
        (naive_path(place, left), naive_root(right))
    } else {
        (naive_path(place - split, right), naive_root(left))
    };
    path.push(other);
    path
}

fn naive_root(leaves: &[[u8; 32]]) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            let both = [&[1][..], &naive_root(left), &naive_root(right)].concat();
            Sha256::digest(both).into()
        }
    }
}

/// The proof of each record that the whole log holds it, as the tree gives it.
fn proofs(export: &Export) -> Vec<Vec<NodeHash>> {
    let (mut tree, mut tiles) = (Frontier::default(), BTreeMap::<TileId, Vec<u8>>::new());
    for record in &export.records {
        let full = tree.push(leaf_hash(&record.entry));
        tiles.extend(full.into_iter().map(|tile| (tile.id, tile.hashes)));
    }
    let prove = |seq: u64| {
        let seq = Sequence::new(seq).unwrap();
        tree.prove_inclusion(&tiles, seq, tree.size()).unwrap().hashes().collect()
    };
    (0..tree.size()).map(prove).collect()
}

#[test]
fn a_proof_of_inclusion_is_the_path_of_the_definition() {
    let forge = Forge::recorded();
    let export = Export::of(forge.records(), &forge.signer);
    let leaves: Vec<[u8; 32]> =
        export.records.iter().map(|record| *leaf_hash(&record.entry).as_bytes()).collect();
    assert_eq!(*export.head().root.as_bytes(), naive_root(&leaves));
    for (place, proof) in proofs(&export).iter().enumerate() {
        let proof: Vec<[u8; 32]> = proof.iter().map(|hash| *hash.as_bytes()).collect();
        assert_eq!(proof, naive_path(place, &leaves), "{place}");
    }
    assert!(forge.found().is_empty());
}

/// Writes what a stranger to testimony needs: records, checkpoint, key, and a proof of each.
fn written(export: &Export) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    export.write(folder.path());
    let line = |proof: Vec<NodeHash>| {
        proof.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ") + "\n"
    };
    let lines: String = proofs(export).into_iter().map(line).collect();
    fs::write(folder.path().join("proofs"), lines).unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}

/// The ledger that `testimony demo` makes, with the checkpoint that it signed itself.
fn demonstrated() -> Export {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("demo");
    let program = env!("CARGO_BIN_EXE_testimony");
    let made = Command::new(program).env("TESTIMONY_BY", "Ana").arg("demo").arg(&folder).output();
    assert!(made.unwrap().status.success());
    let log = SledLog::open(&folder.join("log"), Duration::from_secs(5)).unwrap();
    let records = log.read(Default::default()).map(|read| read.unwrap().1).collect();
    let signer = Signer::open(&folder.join("key")).unwrap();
    let mut export = Export::of(records, &signer);
    export.note = fs::read_to_string(folder.join("checkpoint")).unwrap();
    export
}

#[test]
#[ignore = "needs Python with aics-tlog, as .ci/run sets it up: TESTIMONY_PYTHON"]
fn a_library_of_c2sp_logs_takes_checkpoint_proofs_and_addenda() {
    let forge = Forge::recorded();
    let own = Export::of(forge.records(), &forge.signer);
    for export in [example().0, own, demonstrated()] {
        let (_folder, path) = written(&export);
        let (sound, said) = python("tests/c2sp.py", &path);
        assert!(sound, "{said}");
        assert_eq!(said, format!("{} entries proven\n", export.records.len()));
    }
    assert!(forge.found().is_empty());
}

#[test]
#[ignore = "needs Python with aics-tlog, as .ci/run sets it up: TESTIMONY_PYTHON"]
fn a_library_of_c2sp_logs_refuses_what_was_changed() {
    let (export, _) = example();
    let (folder, path) = written(&export);
    // What a library that knows nothing of chains and events can see.
    let seen = [
        "a byte of an event",
        "a byte of a salt",
        "a byte of an entry's line",
        "a byte of a digest",
        "two entries swapped",
        "a last entry cut off",
        "another root",
        "another signature",
        "a checkpoint that another signed",
    ];
    let changes = CHANGES.iter().filter(|(what, _, _)| seen.contains(what));
    assert_eq!(changes.clone().count(), seen.len());
    for (what, _, change) in changes {
        let mut changed = export.clone();
        change(&mut changed, &example().1);
        changed.write(folder.path());
        let (sound, said) = python("tests/c2sp.py", &path);
        assert!(!sound, "{what}: {said}");
    }
}
