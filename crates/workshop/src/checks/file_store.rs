//! Exercise 4: a store that writes files whole. The check simulates a full disk with a limit of a few KiB for each
//! file.

use std::{collections::HashMap, fs, io, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use testkit::{Instance, Response};

use crate::checker::{Checker, Finding, Skipped, Visitor, expect_counts};

/// Runs the program `$0`. A write beyond the limit returns an error (EFBIG) instead of sending a signal. A shell's
/// block has 512 or 1024 bytes, so the limit is 2 or 4 KiB. A session with a count is far smaller.
const LIMITED: &str = "trap '' XFSZ && ulimit -f 4 && exec \"$0\" \"$@\"";

/// The number of quotation marks in the value that exceeds the limit. As JSON in JSON, each of them takes four bytes.
const TOO_MUCH: usize = 1024;

/// The content of the session's file.
#[derive(PartialEq)]
enum Content {
    Whole,
    Missing,
    Half(usize),
    Several(usize),
}

pub(super) async fn check(checker: &Checker) -> Result<()> {
    if !limit_works(&checker.env.path().join("probe"))? {
        bail!(Skipped(
            "the shell (sh) of this machine cannot limit the size of files: ulimit -f has no effect"
                .to_owned()
        ));
    }
    // The limit applies to the log file too, so the program should log little.
    let settings = [("RUST_LOG", "error")];
    let program = limited(&checker.work);
    let mut app = Instance::of(&checker.env, program, "app-1", &settings)?;
    checker.start(&mut app).await?;
    let mut visitor = checker.visitor(&app.endpoint());
    let seen = visitor.visits(3).await?;
    if let Content::Several(count) = content(checker, &visitor)? {
        let expected = "one JSON object in the session's file";
        let observed = format!("{count} JSON objects, one after the other");
        let meaning = "each write appends to the file, but it must replace the old content";
        bail!(Finding::new(expected, observed, meaning));
    }
    expect_counts(&seen, &[0, 1, 2])?;

    checker.log("the visitor sends a value that doesn't fit on the disk");
    let value = format!("value={}", "%22".repeat(TOO_MUCH));
    let response = visitor.post("/session/", &value).await?;
    if let Some(finding) = after_the_failure(&response, &content(checker, &visitor)?) {
        bail!(finding.at(response.instance.as_deref()));
    }
    let seen = visitor.visits(2).await?;
    let failed = seen.iter().any(|seen| seen.status >= 500);
    if failed && content(checker, &visitor)? == Content::Whole {
        let expected = "Hello World #3, Hello World #4";
        let meaning = "the disk has room again, but writing still fails. What did the failed write leave in the folder?";
        bail!(Finding::new(expected, "503", meaning).at(Some(app.name())));
    }
    expect_counts(&seen, &[3, 4])
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

/// Reads the file of the visitor's session.
fn content(checker: &Checker, visitor: &Visitor<'_>) -> Result<Content> {
    let Some(id) = visitor.client.session_id() else {
        return Ok(Content::Missing);
    };
    let folder = checker.env.path().join("sessions/app-1");
    let path = folder.join(format!("{id}.json"));
    let json = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::Missing),
        json => json.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let sessions: Vec<_> = serde_json::Deserializer::from_slice(&json)
        .into_iter::<HashMap<String, String>>()
        .collect();
    Ok(match sessions.as_slice() {
        [Ok(_)] => Content::Whole,
        [Ok(_), ..] => Content::Several(sessions.len()),
        _ => Content::Half(json.len()),
    })
}

fn limited(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", LIMITED]).arg(program);
    command
}

/// Returns whether the limit cuts off what `head` writes to `probe`.
fn limit_works(probe: &Path) -> Result<bool> {
    let file =
        fs::File::create(probe).with_context(|| format!("cannot write {}", probe.display()))?;
    let output = limited(Path::new("head"))
        .args(["-c", "8192", "/dev/zero"])
        .stdout(file)
        .output()
        .context("cannot start sh")?;
    Ok(!output.status.success() && (1..=4096).contains(&fs::metadata(probe)?.len()))
}
