//! Finds changes to what the exercises depend on. The check uses such a file as it is, so its result may mean less.

use std::{path::Path, process::Command};

use crate::wrap::wrapped;

/// The parts of the tree that the exercises depend on, as git names them.
const PARTS: [&str; 7] = [
    "Cargo.toml",
    "Cargo.lock",
    "crates",
    "demos",
    "haproxy",
    "exercises/Cargo.toml",
    "exercises/*/starter/*",
];

/// Returns a warning that names what differs from the last commit in the tree at `root`, for the result of a check.
/// Returns nothing if all is as it was, or if this is not a clone.
pub(crate) fn warning(root: &Path) -> String {
    let files = changed_files(root).unwrap_or_default();
    let text = match &files[..] {
        [] => return String::new(),
        [file] => format!("{file} was changed; the check uses it as it is."),
        [file, others @ ..] => {
            let more = others.len();
            format!("{file} and {more} more were changed; the check uses them as they are.")
        }
    };
    wrapped(&text, "") + "\n"
}

/// Returns the tracked files of [`PARTS`] that differ from the last commit, if git knows.
fn changed_files(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .args(["--no-optional-locks", "-C"])
        .arg(root)
        .args(["diff", "--name-only", "--relative", "HEAD", "--"])
        .args(PARTS)
        .output()
        .ok()?;
    let files = String::from_utf8(output.stdout).ok()?;
    let files = files.lines().map(str::to_owned).collect();
    output.status.success().then_some(files)
}
