//! What `score` prints, on marks and predictions of every kind.
//!
//! Knows what each figure must be by counting with the fingers. Must not know how it is computed.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::published::published;

const BINARY: &str = env!("CARGO_BIN_EXE_testimony");

/// What `testimony score` says of a gold line and a predicted line, and how it ends.
fn scored(gold: &str, predicted: &str, options: &[&str]) -> (String, String, i32) {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let (gold, predicted) = (put("gold.jsonl", gold), put("predicted.jsonl", predicted));
    run(&gold, &predicted, options)
}

fn run(gold: &Path, predicted: &Path, options: &[&str]) -> (String, String, i32) {
    let mut command = Command::new(BINARY);
    let done = command.arg("score").arg(gold).arg(predicted).args(options).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(done.stdout), text(done.stderr), done.status.code().unwrap())
}

/// "The ferry is late," says Ana. Ben denies it, critics say. The pier shut, it is said.
const GOLD: &str = r#"{"id":"a","text":"“The ferry is late,” says Ana. Ben denies it, critics say. The pier shut, it is said.","attributions":[
{"content":[[0,20]],"source":[[26,29]],"cue":[[21,25]]},{"content":[[31,44]],"source":[[46,53]],"cue":[[54,57]]},
{"content":[[59,72]],"source":[],"cue":[[74,84]]},{"content":[[59,67]],"source":[],"cue":[]}]}"#;

fn gold() -> String {
    GOLD.replace('\n', "")
}

#[test]
fn quotation_marks_and_stops_at_the_ends_do_not_matter() {
    let predicted = r#"{"id":"a","attributions":[{"content":[1,18],"source":[26,29]}]}"#;
    let (said, _, code) = scored(&gold(), predicted, &[]);
    assert_eq!(
        said,
        "exact    P 100.0  R  25.0  F1  40.0  (1 of 1 predicted, 4 gold)\n\
         iou80    P 100.0  R  25.0  F1  40.0  (1 of 1 predicted, 4 gold)\n\
         speaker  P 100.0  R  25.0  F1  40.0  (1 of 1 predicted, 4 gold)\n"
    );
    assert_eq!(code, 0);
}

#[test]
fn each_error_is_of_one_kind_and_stands_under_its_rule() {
    let predicted = r#"{"id":"a","attributions":[
        {"content":[1,19],"source":null,"rule":"quote","confidence":90},
        {"content":[31,36],"source":[46,53],"rule":"said","confidence":42},
        {"content":[59,72],"source":null,"rule":"said","confidence":48},
        {"content":[74,84],"source":null,"rule":"said","confidence":5}]}"#
        .replace('\n', "");
    let (said, _, _) = scored(&gold(), &predicted, &["--errors", "--calibration"]);
    let count = |kind: &str| {
        let line = said.lines().find(|line| line.starts_with(kind)).expect(kind);
        line.split_whitespace().last().unwrap().parse::<u64>().unwrap()
    };
    let kinds = ["right", "no speaker", "other end", "spurious", "missed", "other start"];
    assert_eq!(kinds.map(count), [1, 1, 1, 1, 1, 0], "{said}");
    assert!(said.contains("        1  100.0      0.0     0.0       0.0  quote\n"), "{said}");
    assert!(said.contains("        3   33.3     33.3    33.3      33.3  said\n"), "{said}");
    assert!(said.contains("  40 to 49          2   45.0   50.0     50.0\n"), "{said}");
}

#[test]
fn programs_get_the_same_as_json() {
    let predicted = r#"{"id":"a","attributions":[{"content":[0,20],"source":[26,29],"rule":"q"}]}"#;
    let (said, _, _) = scored(&gold(), predicted, &["--json", "--errors"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["speaker"]["f1"], "40.0");
    assert_eq!(said["errors"]["missed"], 3);
    assert_eq!(said["rules"]["q"]["right"], 1);
}

#[test]
fn what_cannot_be_scored_is_refused_in_one_line() {
    let none = r#"{"id":"a","attributions":[]}"#;
    let crowd = r#"{"content":[[0,9]]},"#.repeat(3000);
    let crowd =
        format!(r#"{{"id":"a","text":"a long day","attributions":[{crowd}{{"content":[]}}]}}"#);
    let same = format!(
        r#"{{"id":"a","attributions":[{}{{"content":[0,9]}}]}}"#,
        r#"{"content":[0,9]},"#.repeat(3000)
    );
    for (gold, predicted, words) in [
        (gold().as_str(), r#"{"id":"b","attributions":[]}"#, "the gold file has no article b"),
        (&gold(), r#"{"id":"a","attributions":[{"content":[0,900]}]}"#, "its text ends at 85"),
        (&gold(), r#"{"id":"a","attributions":[{"content":[-1,9]}]}"#, "line 1"),
        (r#"{"id":"a"}"#, none, "missing field `text`"),
        ("nothing", none, "not an article in the format"),
        (
            r#"{"id":"a","text":"b","attributions":[{"content":[[0,7]]}]}"#,
            none,
            "up to code point 7",
        ),
        ("\u{1f}\u{8b}", none, "gold.jsonl"),
        (&crowd, &same, "overlap too often"),
    ] {
        let (said, refused, code) = scored(gold, predicted, &[]);
        assert_eq!((said.as_str(), code, refused.lines().count()), ("", 2, 1), "{refused}");
        assert!(refused.contains(words), "{refused} lacks {words}");
    }
}

/// A line of a corpus is read alike by whoever reads it: to be scored, to be learnt from, to be
/// annotated.
#[test]
fn every_command_takes_and_refuses_the_same_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corpus.jsonl");
    let none = folder.path().join("none.jsonl");
    fs::write(&none, "").unwrap();
    let model = folder.path().join("a.model");
    let run = |arguments: &[&std::ffi::OsStr]| {
        let done = Command::new(BINARY).args(arguments).output().unwrap();
        (done.status.code().unwrap(), String::from_utf8(done.stderr).unwrap())
    };
    let annotate = || run(&["ingest".as_ref(), "--annotated".as_ref(), path.as_ref()]);
    let score = || run(&["score".as_ref(), path.as_ref(), none.as_ref()]);
    let train = || run(&["train".as_ref(), path.as_ref(), "--model".as_ref(), model.as_ref()]);
    let good = r#"{"id":"a","text":"It rains, Ana said on Friday.","date":"2026-03-02"}"#;
    let dated = |date: &str| good.replace("2026-03-02", date);
    for lines in [
        String::new(),
        "\u{feff}".to_owned(),
        "\u{feff}\r\n".to_owned(),
        format!("\u{feff}{good}\r\n\r\n{good}"),
        good.replace("It", "\u{feff}It"),
        dated("2026-03-02T23:30:00-05:00"),
        dated("2026"),
        good.replace(r#","date":"2026-03-02""#, r#","title":"T""#),
    ] {
        fs::write(&path, &lines).unwrap();
        assert_eq!([annotate(), score()], [(0, String::new()), (0, String::new())], "{lines}");
        assert!(train().1.contains("annotate at least"), "{lines}: {:?}", train());
    }
    let long = format!(r#"{{"id":"a","text":"{}"}}"#, "x".repeat(16 << 20));
    for (bad, words) in [
        ("nothing".to_owned(), "not an article in the format"),
        (good.replace(r#""id":"a","#, ""), "missing field `id`"),
        (dated("Friday"), "“Friday” is not a date"),
        (dated(""), "is not a date"),
        (good.replacen('{', r#"{"attributions":[{"content":[[0,99]]}],"#, 1), "code point 99"),
        (good.replacen('{', r#"{"attributions":[7],"#, 1), "not an article in the format"),
        (format!("\u{feff}{good}"), "byte order mark"),
        (format!("{good}\u{feff}"), "byte order mark"),
        (long, "longer than 16777216 bytes"),
    ] {
        fs::write(&path, format!("{good}\r\n\r\n{bad}\r\n{good}\n")).unwrap();
        let (code, refused) = annotate();
        assert!(code == 2 && refused.contains(words), "{words}: {refused}");
        assert!(refused.starts_with("testimony: line 3: "), "{refused}");
        assert_eq!([score(), train()], [(code, refused.clone()), (code, refused)], "{words}");
    }
    for (bytes, words) in
        [(&b"\xff\xfe{\0}\0"[..], "UTF-16"), (b"\x1f\x8b\x08\0", "cannot be read")]
    {
        fs::write(&path, bytes).unwrap();
        let (code, refused) = annotate();
        assert!(code == 2 && refused.contains(words), "{words}: {refused}");
        assert_eq!([score(), train()], [(code, refused.clone()), (code, refused)], "{words}");
    }
}

#[test]
fn a_mark_beyond_a_text_is_told_with_the_line_that_has_it() {
    let predicted = "{\"id\":\"a\",\"attributions\":[]}\n\n\
                     {\"id\":\"a\",\"attributions\":[{\"content\":[0,900]}]}";
    let (_, refused, _) = scored(&gold(), predicted, &[]);
    assert!(refused.contains("line 3") && refused.contains("its text ends at 85"), "{refused}");
}

#[test]
fn an_empty_gold_scores_nothing() {
    let (said, _, code) = scored("", "", &[]);
    assert!(said.starts_with("exact    P   0.0  R   0.0  F1   0.0  (0 of 0 predicted, 0 gold)\n"));
    assert_eq!(code, 0);
}

#[test]
#[ignore = "needs python3, and the published score.py that TESTIMONY_SCORE names"]
fn figures_are_those_of_the_published_yardstick() {
    let yardstick = published("TESTIMONY_SCORE", "../shared/attribution/score.py", "");
    let folder = tempfile::tempdir().unwrap();
    let paths = [folder.path().join("gold.jsonl"), folder.path().join("predicted.jsonl")];
    for seed in 0..40 {
        let (gold, predicted) = random(seed);
        fs::write(&paths[0], gold).unwrap();
        fs::write(&paths[1], predicted).unwrap();
        let theirs = Command::new("python3").arg(&yardstick).args(&paths).output().unwrap();
        let (ours, refused, _) = run(&paths[0], &paths[1], &[]);
        assert_eq!(ours, String::from_utf8(theirs.stdout).unwrap(), "seed {seed}: {refused}");
    }
}

/// An article and predictions near its marks, at random.
fn random(seed: u64) -> (String, String) {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut below = |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) % bound
    };
    let length = 20 + below(100);
    let letters: Vec<char> = "ab .,\"“”’é".chars().collect();
    let text: String = (0..length).map(|_| letters[below(10) as usize]).collect();
    let (mut marked, mut found) = (Vec::new(), Vec::new());
    for _ in 0..below(14) {
        let start = below(length);
        let end = start + below(length - start + 1);
        let source = if below(3) == 0 { vec![] } else { vec![[below(start + 1), start + 1]] };
        if below(4) > 0 {
            let start = start.saturating_sub(below(2));
            let end = (end + below(2)).clamp(start, length);
            let same = source.first().filter(|_| below(3) > 0);
            found.push(serde_json::json!({ "content": [start, end], "source": same }));
        }
        marked.push(serde_json::json!({ "content": [[start, end]], "source": source, "cue": [] }));
    }
    let gold = serde_json::json!({ "id": "x", "text": text, "attributions": marked });
    let predicted = serde_json::json!({ "id": "x", "attributions": found });
    (gold.to_string(), predicted.to_string())
}
