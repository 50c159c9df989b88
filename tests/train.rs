//! Training on articles of our own, and reading with what came of it.
//!
//! Knows that a model must be the same every time, worth having, and refused where it is broken.
//! Must not know what is in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use testimony::attribution::{Model, ModelError};

fn annotated() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/annotated.jsonl")
}

/// What the program says, what it refuses with, and how it ends.
fn run(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> (String, String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_testimony"));
    command.args(arguments.iter().map(|argument| argument.as_ref()));
    let done = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(done.stdout), text(done.stderr), done.status.code().unwrap())
}

fn trained(gold: &Path, model: &Path) {
    let (said, refused, code) = run(&[&"train", &gold, &"--model", &model]);
    assert_eq!(code, 0, "{refused}");
    assert!(said.starts_with(&format!("{}: trained on ", model.display())), "{said}");
}

/// The F1 of contents, and of contents with their speakers, as reading with a model has them.
fn scored(gold: &Path, model: &Path, folder: &Path) -> (u64, u64) {
    let (found, refused, code) = run(&[&"ingest", &"--annotated", &gold, &"--model", &model]);
    assert_eq!(code, 0, "{refused}");
    let predicted = folder.join("predicted.jsonl");
    fs::write(&predicted, found).unwrap();
    let (said, refused, code) = run(&[&"score", &gold, &predicted, &"--json"]);
    assert_eq!(code, 0, "{refused}");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let tenths =
        |name: &str| said[name]["f1"].as_str().unwrap().replace('.', "").parse::<u64>().unwrap();
    (tenths("iou80"), tenths("speaker"))
}

#[test]
fn the_same_articles_give_the_same_model_and_it_finds_what_it_learnt() {
    let folder = tempfile::tempdir().unwrap();
    let models = [folder.path().join("one.model"), folder.path().join("two.model")];
    models.iter().for_each(|model| trained(&annotated(), model));
    assert!(fs::read(&models[0]).unwrap() == fs::read(&models[1]).unwrap());
    let (contents, speakers) = scored(&annotated(), &models[0], folder.path());
    assert!(contents > 700 && speakers > 650, "{contents} {speakers}");
}

#[test]
fn a_model_finds_much_in_articles_that_it_was_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(annotated()).unwrap();
    let (mut shown, mut kept) = (String::new(), String::new());
    for (at, line) in text.lines().enumerate() {
        let part = if at % 3 == 0 { &mut kept } else { &mut shown };
        part.push_str(line);
        part.push('\n');
    }
    let [gold, kept_back, model] =
        ["shown.jsonl", "kept.jsonl", "shown.model"].map(|name| folder.path().join(name));
    fs::write(&gold, shown).unwrap();
    fs::write(&kept_back, kept).unwrap();
    trained(&gold, &model);
    let (contents, speakers) = scored(&kept_back, &model, folder.path());
    assert!(contents > 400 && speakers > 400, "{contents} {speakers}");
}

#[test]
fn proposals_of_a_model_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("a.model");
    trained(&annotated(), &model);
    let (found, _, _) = run(&[&"ingest", &"--annotated", &annotated(), &"--model", &model]);
    assert!(found.contains(r#""rule":"model:"#), "{found}");
}

#[test]
fn too_few_articles_are_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(annotated()).unwrap();
    let gold = folder.path().join("few.jsonl");
    fs::write(&gold, text.lines().take(3).collect::<Vec<_>>().join("\n")).unwrap();
    let model = folder.path().join("few.model");
    let (said, refused, code) = run(&[&"train", &gold, &"--model", &model]);
    assert_eq!((said.as_str(), code, refused.lines().count()), ("", 2, 1), "{refused}");
    assert!(refused.contains("only 3 articles have attributions"), "{refused}");
    assert!(!model.exists());
}

#[test]
fn broken_models_are_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whole.model");
    trained(&annotated(), &path);
    let whole = fs::read(&path).unwrap();
    assert!(Model::from_bytes(&whole).is_ok());
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    let sealed = |mut bytes: Vec<u8>| {
        bytes.truncate(bytes.len() - 32);
        let seal = blake3::hash(&bytes);
        bytes.extend(seal.as_bytes());
        bytes
    };
    let mut longer = whole.clone();
    longer.splice(whole.len() - 32..whole.len() - 32, [0; 8]);
    for (bytes, error) in [
        (Vec::new(), ModelError::Other),
        (b"testimony model".to_vec(), ModelError::Other),
        (b"testimony model\n".to_vec(), ModelError::Damaged),
        (flipped(16), ModelError::Format(0)),
        (flipped(20), ModelError::Damaged),
        (sealed(flipped(20)), ModelError::Features),
        (flipped(whole.len() / 2), ModelError::Damaged),
        // A hash that does not rise, a weight of a step out of bounds, a count that is too large.
        (sealed(flipped(31)), ModelError::Damaged),
        (sealed(flipped(28 + 81 * 4 + 3)), ModelError::Damaged),
        (sealed(longer), ModelError::Damaged),
        (whole[..whole.len() - 1].to_vec(), ModelError::Damaged),
        (sealed(whole[..whole.len() / 2].to_vec()), ModelError::Damaged),
    ] {
        assert_eq!(Model::from_bytes(&bytes), Err(error));
    }
    let cut = folder.path().join("cut.model");
    fs::write(&cut, &whole[..100]).unwrap();
    let (_, refused, code) = run(&[&"ingest", &"--annotated", &annotated(), &"--model", &cut]);
    assert_eq!((code, refused.lines().count()), (2, 1), "{refused}");
    assert!(refused.contains("the model is damaged"), "{refused}");
}

#[test]
fn a_cut_of_any_length_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whole.model");
    trained(&annotated(), &path);
    let whole = fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(997) {
        assert!(Model::from_bytes(&whole[..length]).is_err(), "{length}");
    }
}
