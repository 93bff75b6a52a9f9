//! Exercise 4: a store that writes files whole. The check simulates a full disk with a limit of a few KiB for each
//! file, writes sessions at the same time, and takes the folder away.

mod content;
mod together;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use testkit::{Instance, Response};

use self::content::{Content, content, folder, path_of};
use super::session_file::expect_replaced;
use crate::checker::{Checker, Finding, Skipped, Visitor, expect_counts};

/// Runs the program `$0`. A write beyond the limit returns an error (EFBIG) instead of sending a signal. A shell's
/// block has 512 or 1024 bytes, so the limit is 2 or 4 KiB. A session with a count is far smaller.
const LIMITED: &str = "trap '' XFSZ && ulimit -f 4 && exec \"$0\" \"$@\"";

/// The number of quotation marks in the value that exceeds the limit. As JSON in JSON, each of them takes four bytes.
const TOO_MUCH: usize = 1024;

pub(super) async fn check(checker: &Checker) -> Result<()> {
    if !limit_works(&checker.env.path().join("probe"))? {
        bail!(Skipped(
            "the shell (sh) of this machine cannot limit the size of files: ulimit -f has no effect"
                .to_owned()
        ));
    }
    let missing = checker.env.path().join("no-such-folder");
    let missing = missing.display().to_string();
    let mut app = prepared(checker, "app-1", &[("TMPDIR", &missing)])?;
    checker.start(&mut app).await?;
    let mut visitor = checker.visitor(&app.endpoint());
    let seen = visitor.visits(3).await?;
    if seen[0].status >= 500 {
        expect_own_folder(checker, &missing).await?;
    }
    if let Content::Several(count) = content(checker, &visitor)? {
        let expected = "one JSON object in the session's file";
        let observed = format!("{count} JSON objects, one after the other");
        let meaning = "each write appends to the file, but it must replace the old content";
        bail!(Finding::new(expected, observed, meaning));
    }
    expect_counts(&seen, &[0, 1, 2])?;

    expect_old_session_on_full_disk(checker, &mut visitor).await?;
    expect_counts(&visitor.visits(2).await?, &[3, 4])?;
    let path = path_of(checker, &visitor).context("no session ID")?;
    expect_replaced(checker, &path, &mut visitor).await?;
    together::check(checker, &app.endpoint()).await?;
    expect_error_without_folder(checker, &app).await
}

/// Expects that a write which fails returns an error, keeps the old file, and leaves no other.
async fn expect_old_session_on_full_disk(
    checker: &Checker,
    visitor: &mut Visitor<'_>,
) -> Result<()> {
    checker.log("another visitor comes");
    let mut other = visitor.clone();
    other.client = testkit::Visitor::new();
    other.visits(1).await?;
    let before = files_in(&folder(checker))?;
    checker.log("the visitor sends a value that doesn't fit on the disk");
    let value = format!("value={}", "%22".repeat(TOO_MUCH));
    let response = visitor.post("/session/", &value).await?;
    if let Some(finding) = after_the_failure(&response, &content(checker, visitor)?) {
        bail!(finding.at(response.instance.as_deref()));
    }
    let files = files_in(&folder(checker))?;
    if before.iter().any(|file| !files.contains(file)) {
        let meaning = "the write of one session failed, and after that another visitor's session was gone. Remove only the file that you have just created";
        let expected = "the sessions of both visitors in the folder";
        bail!(Finding::new(expected, "one of them is missing", meaning));
    }
    if let Some(other) = files.iter().find(|file| !before.contains(file)) {
        let bytes = fs::metadata(other)?.len();
        let name = other.strip_prefix(folder(checker)).unwrap_or(other);
        let observed = format!("also {}, {bytes} bytes", name.display());
        let meaning = "the write that failed left a file in the folder. When a disk is full, each failure takes more of its room. Remove the file before you return the error";
        let expected = "only the files of the sessions in the folder";
        bail!(Finding::new(expected, observed, meaning));
    }
    Ok(())
}

/// Returns the files in `folder`, and in the folders inside.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_in(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// Returns what is wrong with the content of the file after a failed write, or with the response.
fn after_the_failure(response: &Response, content: &Content) -> Option<Finding> {
    let status = response.status;
    let reported = status >= 500;
    let half = |bytes| format!("{bytes} bytes that end in the middle of the JSON");
    let (observed, meaning) = match content {
        Content::Whole if reported => return None,
        Content::Whole => (
            format!("status {status}, but the value is not in the file"),
            "the write failed, but the visitor got no error. Pass the error on",
        ),
        Content::Missing => (
            "no file".to_owned(),
            "the old file was removed before the new one was complete. A failure in between leaves neither of them",
        ),
        Content::Half(bytes) if reported => (
            half(*bytes),
            "half of the new session has replaced the old one. It was written in place, and there was no room for the rest",
        ),
        Content::Half(bytes) => (
            format!("{}; the status was {status}", half(*bytes)),
            "the write failed, its error was ignored, and half a session has replaced a whole one",
        ),
        Content::Several(_) => (
            "several sessions in it".to_owned(),
            "a write must replace the old content",
        ),
    };
    let expected = "the session's file as it was before the write that failed";
    Some(Finding::new(expected, observed, meaning))
}

/// Explains a write that fails if the folder of `TMPDIR` is `missing`, and succeeds otherwise.
async fn expect_own_folder(checker: &Checker, missing: &str) -> Result<()> {
    let mut app = prepared(checker, "app-2", &[])?;
    checker.start(&mut app).await?;
    checker.log("app-2 has another TMPDIR, which exists");
    let seen = checker.visitor(&app.endpoint()).get("/").await?;
    if seen.status >= 500 {
        return Ok(());
    }
    let expected = "files in the session folder only";
    let observed = format!("an error if there is no {missing} (TMPDIR)");
    let meaning = "the new file is in the system's folder for temporary files. That can be another disk, and a rename works within one disk only";
    bail!(Finding::new(expected, observed, meaning))
}

/// Expects an error when the session folder is gone. A program may also create the folder again.
async fn expect_error_without_folder(checker: &Checker, app: &Instance) -> Result<()> {
    fs::remove_dir_all(folder(checker)).context("cannot remove the session folder")?;
    checker.log("the session folder is removed");
    let mut visitor = checker.visitor(&app.endpoint());
    let seen = visitor.get("/").await?;
    if seen.status >= 500 || content(checker, &visitor)? == Content::Whole {
        return Ok(());
    }
    let meaning = "there is no folder and no file, but the visitor got no error. Every step can fail, also the first. Pass each error on";
    bail!(Finding::about(
        &seen,
        "an error, as no file can be written",
        meaning
    ))
}

/// Prepares an instance of the attendee's program whose files are limited.
fn prepared(checker: &Checker, name: &str, settings: &[(&str, &str)]) -> Result<Instance> {
    // The limit applies to the log file too, so the program should log little.
    let settings = [&[("RUST_LOG", "error")], settings].concat();
    Instance::of(&checker.env, limited(&checker.work), name, &settings)
}

fn limited(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", LIMITED]).arg(program);
    command
}

/// Returns whether the limit cuts off what `head` writes to `probe`.
fn limit_works(probe: &Path) -> Result<bool> {
    let file = File::create(probe).with_context(|| format!("cannot write {}", probe.display()))?;
    let output = limited(Path::new("head"))
        .args(["-c", "8192", "/dev/zero"])
        .stdout(file)
        .output()
        .context("cannot start sh")?;
    Ok(!output.status.success() && (1..=4096).contains(&fs::metadata(probe)?.len()))
}
