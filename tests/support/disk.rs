//! A small disk of a test's own, which can fill up and be made read-only, on Linux.
//!
//! Knows mounts, in a namespace that goes away with the test. Must not know what is put there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A file system in memory, mounted where only this test can see it.
pub(crate) struct Disk {
    shell: Child,
    answers: BufReader<ChildStdout>,
    place: tempfile::TempDir,
}

impl Disk {
    /// A disk of so many megabytes.
    ///
    /// # Panics
    ///
    /// The system lets the test mount nothing: tests that need it are ignored unless asked for.
    pub(crate) fn of(megabytes: u32) -> Self {
        let mounted = |namespace| Self::mounted(namespace, megabytes);
        ["-m", "-rm"].into_iter().find_map(mounted).expect("a tmpfs that this test may mount")
    }

    fn mounted(namespace: &str, megabytes: u32) -> Option<Self> {
        let mut command = Command::new("unshare");
        command.args([namespace, "sh"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut shell = command.stderr(Stdio::null()).spawn().ok()?;
        let answers = BufReader::new(shell.stdout.take()?);
        let mut disk = Self { shell, answers, place: tempfile::tempdir().ok()? };
        let place = disk.place.path().display().to_string();
        let mount = format!("mount -t tmpfs -o size={megabytes}m none '{place}'");
        disk.done(&mount).then_some(disk)
    }

    /// Has the shell within run a command, and says whether it could.
    fn done(&mut self, command: &str) -> bool {
        let Some(pipe) = self.shell.stdin.as_mut() else { return false };
        let asked = writeln!(pipe, "{command} && echo yes || echo no").and_then(|()| pipe.flush());
        let mut answer = String::new();
        asked.is_ok() && self.answers.read_line(&mut answer).is_ok() && answer == "yes\n"
    }

    /// The disk's top folder, as seen from outside its namespace.
    pub(crate) fn top(&self) -> PathBuf {
        let process = PathBuf::from("/proc").join(self.shell.id().to_string());
        let place = self.place.path().strip_prefix("/").expect("an absolute path");
        process.join("root").join(place)
    }

    /// Makes it read-only, or writable again.
    pub(crate) fn set_read_only(&mut self, read_only: bool) {
        let mode = if read_only { "ro" } else { "rw" };
        let place = self.place.path().display().to_string();
        assert!(self.done(&format!("mount -o remount,{mode} '{place}'")), "it is remounted");
    }

    /// Fills it to the last byte, but for so many kilobytes.
    pub(crate) fn fill_but(&mut self, kilobytes: u32) {
        let place = self.place.path().display().to_string();
        let leave =
            format!("dd if=/dev/zero of='{place}/room' bs=1k count={kilobytes} 2>/dev/null");
        assert!(self.done(&leave), "there is that much room");
        let fill = format!("cat /dev/zero > '{place}/filler' 2>/dev/null; rm '{place}/room'");
        assert!(self.done(&fill), "it is full");
    }

    /// Makes room again.
    pub(crate) fn make_room(&mut self) {
        let place = self.place.path().display().to_string();
        assert!(self.done(&format!("rm -f '{place}/filler'")), "there is room");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // The shell ends when nothing more can be asked of it, and the mount with it.
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}
