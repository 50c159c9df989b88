//! A ledger's folder in which something else stands where a file belongs, and what is left in it by a
//! process that was ended: nothing is waited for, followed or written through, and what was for a while
//! only goes.
//!
//! Knows a ledger's files, and how processes are ended. Must not know how files are opened.

#![cfg(unix)]
use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::forge::files;
use crate::support::program::{BINARY, Desk, Said};

/// How long a command may take before it counts as one that waits for ever.
const LIMIT: Duration = Duration::from_secs(20);

/// What is put in a file's place.
const KINDS: [&str; 6] = ["folder", "pipe", "device", "dangling", "link", "socket"];

fn long() -> bool {
    std::env::var_os("TESTIMONY_LONG").is_some()
}

fn within_limit(mut child: Child) -> Said {
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > LIMIT {
            child.kill().unwrap();
            let said = child.wait_with_output().unwrap();
            panic!("it did not end: {}", String::from_utf8_lossy(&said.stderr));
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    Said::of(&child.wait_with_output().unwrap())
}

fn start(desk: &Desk, arguments: &[&str]) -> Child {
    let mut command = desk.command(arguments);
    command.env("TMPDIR", scratch(desk)).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Where audits make their copies.
fn scratch(desk: &Desk) -> PathBuf {
    let scratch = desk.folder().join("scratch");
    fs::create_dir_all(&scratch).unwrap();
    scratch
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// Puts something strange at `path`. A link leads to what stood there, kept at `victim`. Gives what must
/// stay for it to stand there.
fn put(kind: &str, path: &Path, victim: &Path) -> Option<UnixListener> {
    let _ = fs::remove_file(victim);
    let _ = fs::remove_dir_all(victim);
    if path.exists() {
        fs::rename(path, victim).unwrap();
    } else {
        fs::write(victim, "precious").unwrap();
    }
    match kind {
        "folder" if victim.is_dir() => fs::write(path, "").unwrap(),
        "folder" => fs::create_dir(path).unwrap(),
        "pipe" => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        "device" => symlink("/dev/zero", path).unwrap(),
        "dangling" => symlink("/nonexistent/x", path).unwrap(),
        "link" => symlink(victim, path).unwrap(),
        // The path of a socket may not be long, so it is made elsewhere and moved.
        _ => {
            let home = tempfile::tempdir_in("/tmp").unwrap();
            let socket = UnixListener::bind(home.path().join("s")).unwrap();
            fs::rename(home.path().join("s"), path).unwrap();
            return Some(socket);
        }
    }
    None
}

/// All files of a folder, or one file, with their bytes.
fn bytes(path: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    if path.is_dir() {
        files(path).into_iter().collect()
    } else {
        vec![(path.into(), fs::read(path).unwrap())]
    }
}

fn recorded() -> Desk {
    let desk = Desk::with_document("SOAX said that 11.8 million people use it.");
    desk.run(&["name", "Ana", "--kind", "person"]).clean();
    desk
}

/// Every file and folder by which something of a ledger is opened, and who opens it: an audit, a reader,
/// a writer, a review.
fn places(desk: &Desk) -> Vec<(String, &'static str)> {
    let ledger = desk.ledger();
    let named = |path: &Path| path.strip_prefix(ledger).unwrap().display().to_string();
    let snapshot = fs::read_dir(ledger.join("log")).unwrap();
    let snapshot = snapshot.map(|entry| entry.unwrap().path());
    let snapshot = snapshot.into_iter().find(|path| path.display().to_string().contains("snap."));
    let archived = files(&ledger.join("archive")).into_keys().next().unwrap();
    let mut places: Vec<(String, &'static str)> = [
        ("log", "arw"),
        ("views", "arw"),
        ("archive", "arw"),
        ("checkpoint", "arw"),
        ("views/views.redb", "arw"),
        ("views/stale", "arw"),
        ("views/unfinished", "arw"),
        ("log/db", "aw"),
        ("log/conf", "aw"),
        ("log/blobs", "aw"),
        ("log/snap.0000000000000001.generating", "aw"),
        ("log.lock", "aw"),
        ("log.closed", "aw"),
        ("log.acknowledged", "aw"),
        ("log.new", "aw"),
        ("log.old", "aw"),
        ("log.copy", "aw"),
        ("key", "k"),
        ("review", "v"),
        ("log.closed.unfinished", ""),
    ]
    .map(|(path, who)| (path.to_owned(), who))
    .into();
    places.extend(snapshot.map(|path| (named(&path), "aw")));
    places.push((named(&archived), "a"));
    places.push((named(archived.parent().unwrap()), "a"));
    places
}

#[test]
fn whatever_stands_in_a_files_place_is_told_and_nothing_is_waited_for_or_written_through() {
    let desk = recorded();
    let page = desk.file("other.txt", b"The mayor said that all is well. SOAX said so too.");
    let (whole, victim) = (desk.folder().join("whole"), desk.folder().join("victim"));
    copy(desk.ledger(), &whole);
    let commands: [(char, &[&str]); 6] = [
        ('a', &["audit"]),
        ('r', &["who", "soax"]),
        ('w', &["rebuild"]),
        ('w', &["checkpoint", "--unsigned"]),
        ('k', &["name", "Xa", "--kind", "person"]),
        ('v', &["ingest", &page, "--review"]),
    ];
    let mut trial = 0;
    for (place, who) in places(&desk) {
        for kind in KINDS {
            trial += 1;
            // A folder may stand where one belongs, and be a store's or a rebuild's that was left.
            let is_folders = ["log.new", "log.old", "log.copy", "log/blobs", "views/unfinished"];
            if kind == "folder" && is_folders.contains(&place.as_str()) || !long() && trial % 3 != 0
            {
                continue;
            }
            copy(&whole, desk.ledger());
            let _socket = put(kind, &desk.ledger().join(&place), &victim);
            let before = bytes(&victim);
            for (asks, arguments) in commands {
                let said = within_limit(start(&desk, arguments));
                let case = format!("{arguments:?} with a {kind} at {place}: {said:?}");
                assert!(matches!(said.code, Some(0..=2)), "{case}");
                assert!(said.err.lines().count() <= 1, "{case}");
                // What opens the log opens it as a writer does, and a review is one.
                let opens = who.contains(asks)
                    || who.contains('w') && "kv".contains(asks)
                    || who == "k" && asks == 'v';
                let told = match asks {
                    'a' => said.code != Some(0),
                    _ => said.code == Some(2),
                };
                assert!(told || !opens || asks == 'w' && arguments[0] == "checkpoint", "{case}");
                assert!(bytes(&victim) == before, "written through: {case}");
            }
            assert_eq!(fs::read_dir(scratch(&desk)).unwrap().count(), 0, "a {kind} at {place}");
        }
    }
    copy(&whole, desk.ledger());
    desk.audit();
}

#[test]
fn a_folder_that_a_user_links_to_is_a_ledger() {
    let desk = recorded();
    let link = desk.folder().join("link");
    symlink(desk.ledger(), &link).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(BINARY);
        command.arg("--ledger").arg(&link).args(["--by", "Ana"]).args(arguments);
        Said::of(&command.stdin(Stdio::null()).output().unwrap())
    };
    run(&["name", "Bo", "--kind", "person"]).clean();
    assert!(run(&["list", "sources"]).clean().contains("Bo"));
    // So may the key that somebody names, and what is captured.
    let key = desk.folder().join("key-link");
    symlink(desk.ledger().join("key"), &key).unwrap();
    run(&["name", "Cy", "--kind", "person", "--key", &key.display().to_string()]).clean();
    let page = desk.folder().join("page-link.txt");
    symlink(desk.folder().join("page.txt"), &page).unwrap();
    run(&["capture", &page.display().to_string()]).clean();
    desk.audit();
}

#[test]
fn a_new_ledger_is_for_its_owner_alone() {
    let desk = recorded();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for folder in ["log", "views", "archive"] {
        assert_eq!(mode(&desk.ledger().join(folder)), 0o700, "{folder}");
    }
    for (file, _) in files(&desk.ledger().join("archive")) {
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o400, 0o700), "{file:?}");
    }
    assert_eq!(mode(&desk.ledger().join("views/views.redb")), 0o600);
    // Whoever has the folder can read what is signed.
    assert_eq!(mode(&desk.ledger().join("checkpoint")), 0o644);
    desk.audit();
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

/// Whether whoever runs the tests has them ignore a signal, as a shell does for SIGINT behind a `&`: what
/// they start ignores it too.
fn is_ignored(number: u32) -> bool {
    let told = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let digits = told.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = digits.map_or(0, |digits| u64::from_str_radix(digits.trim(), 16).unwrap());
    ignored >> (number - 1) & 1 == 1
}

/// Waits until something is so.
fn until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LIMIT, "it never came about");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// What an audit has for a while, once it has made it; it then waits for the log, which is held.
fn copies(desk: &Desk) -> Vec<PathBuf> {
    fs::read_dir(scratch(desk)).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn an_audit_that_is_told_to_end_leaves_no_copy() {
    let desk = recorded();
    let held = File::open(desk.ledger().join("log.lock")).unwrap();
    held.lock().unwrap();
    let heeded = [("INT", 2), ("TERM", 15), ("HUP", 1)].into_iter();
    for (name, number) in heeded.filter(|(_, number)| !is_ignored(*number)) {
        let mut audit = start(&desk, &["audit"]);
        until(|| !copies(&desk).is_empty());
        for copy in copies(&desk) {
            let mode = fs::metadata(copy).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "others may look into a copy");
        }
        signal(&audit, name);
        let status = audit.wait().unwrap();
        assert_eq!(status.signal(), Some(number as i32), "it ends as it would have: {status}");
        assert!(copies(&desk).is_empty(), "after {name}");
    }
    drop(held);
    desk.audit();
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_is_ignored_stays_ignored() {
    let desk = recorded();
    let held = File::open(desk.ledger().join("log.lock")).unwrap();
    held.lock().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$@\"", "sh", BINARY, "--ledger"]).arg(desk.ledger());
    command.arg("audit").env("TMPDIR", scratch(&desk)).stdout(Stdio::null());
    let mut audit = command.spawn().unwrap();
    until(|| !copies(&desk).is_empty());
    signal(&audit, "HUP");
    std::thread::sleep(Duration::from_millis(200));
    assert!(audit.try_wait().unwrap().is_none() && !copies(&desk).is_empty());
    drop(held);
    assert!(audit.wait().unwrap().success());
    assert!(copies(&desk).is_empty());
}

#[test]
fn a_writer_that_is_told_to_end_leaves_no_copy_of_the_log() {
    let desk = recorded();
    let slugs = (0..3000).map(|number| crate::support::workshop::named(&format!("s-{number}")));
    desk.record(&slugs.collect::<Vec<_>>()).clean();
    let copy = desk.ledger().join("log.copy");
    let mut ended = 0;
    for trial in 0..if long() { 40 } else { 6 } {
        // As after a kill: nothing says what the log was.
        fs::remove_file(desk.ledger().join("log.closed")).unwrap();
        let mut writer = start(&desk, &["checkpoint"]);
        until(|| copy.exists() || desk.ledger().join("log.closed").exists());
        std::thread::sleep(Duration::from_millis(trial % 5 * 3));
        signal(&writer, "TERM");
        ended += usize::from(writer.wait().unwrap().signal() == Some(15));
        assert!(!copy.exists(), "trial {trial}");
        desk.run(&["checkpoint"]).clean();
    }
    assert!(ended > 0, "none was ended in time");
    desk.audit();
}

#[test]
fn what_a_kill_left_is_no_finding_and_goes_with_the_next_writer() {
    let desk = recorded();
    let ledger = desk.ledger();
    let left = [
        "archive/.unfinished-Ab12Cd",
        ".checkpoint-unfinished-Ab12Cd",
        "views/unfinished/views.redb",
        "log.copy/db",
        "log.closed.unfinished",
        "log/snap.00000000000000ff.generating",
    ];
    let leave = || {
        for path in left.map(|path| ledger.join(path)) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "half").unwrap();
        }
    };
    for writer in [&["name", "Bo", "--kind", "person"][..], &["rebuild"][..]] {
        leave();
        let said = desk.run(&["audit"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.out.contains("1 file in the archive is incomplete"), "{said:?}");
        assert!(ledger.join(left[0]).exists(), "an audit removes nothing");
        desk.run(writer).clean();
        for path in left {
            assert!(!ledger.join(path).exists(), "{writer:?} left {path}");
        }
        assert!(!ledger.join("log.copy").exists() && !ledger.join("views/unfinished").exists());
    }
    desk.audit();
}

#[test]
fn a_ledger_in_the_making_is_removed_only_where_nobody_makes_one() {
    let desk = recorded();
    let left = desk.folder().join(".testimony-unfinished-Ab12Cd");
    let own = desk.folder().join(".testimony-backup");
    for folder in [&left, &own] {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("key"), "secret").unwrap();
    }
    let init = |name: &str| {
        let mut command = Command::new(BINARY);
        command.args(["init", "--ledger"]).arg(desk.folder().join(name));
        Said::of(&command.output().unwrap()).clean();
    };
    // Another is at work, and holds what all who make one hold.
    let another = File::open(desk.folder()).unwrap();
    another.lock_shared().unwrap();
    init("one");
    assert!(left.join("key").exists(), "what another is making was removed");
    drop(another);
    init("two");
    assert!(!left.exists() && own.join("key").exists());
    let beside = fs::read_dir(desk.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    let unfinished = beside.filter(|name| name.to_string_lossy().starts_with(".testimony-u"));
    assert_eq!(unfinished.count(), 0);
    desk.audit();
}
