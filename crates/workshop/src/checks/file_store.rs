//! Exercise 4: a store that writes files whole. The disk is full for the program: it may write no file over a few KiB.

use std::{collections::HashMap, fs, io, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use testkit::{Instance, Response, Visitor};

use crate::{
    bench::Bench,
    finding::{Finding, Skipped, expect_counts},
};

/// Becomes the program `$0`, for which a write beyond the limit is an error (EFBIG) and no signal. A shell's block is 512
/// or 1024 bytes, so the limit is 2 or 4 KiB: a counter's session is far below it.
const LIMITED: &str = "trap '' XFSZ && ulimit -f 4 && exec \"$0\" \"$@\"";

/// Bytes of a value that is over the limit as JSON in JSON: each of its quotation marks is four bytes then.
const TOO_MUCH: usize = 1024;

/// What lies where the session should be.
#[derive(PartialEq)]
enum AtRest {
    Whole,
    Missing,
    Half(usize),
    Several(usize),
}

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let probe = bench.env().path().join("probe");
    if !limits(&probe)? {
        bail!(Skipped(
            "the shell (sh) of this machine can't limit the size of files: ulimit -f has no effect"
                .to_owned()
        ));
    }
    // What is logged counts too, so it is little.
    let settings = [("RUST_LOG", "error")];
    let mut app = Instance::from_command(bench.env(), limited(bench.work()), "app-1", &settings)?;
    bench.start(&mut app).await?;
    let (endpoint, mut visitor) = (app.endpoint(), Visitor::new());
    let seen = bench.visits(&mut visitor, &endpoint, 3).await?;
    if let AtRest::Several(count) = at_rest(bench, &visitor)? {
        let observed = format!("{count} JSON objects in it, one session behind the other");
        bail!(Finding::new(
            "one JSON object in the session's file",
            observed,
            "each write is added to what was there before: it must replace it"
        ));
    }
    expect_counts(&seen, &[0, 1, 2])?;

    bench.did("a value comes that doesn't fit on the disk");
    let answer = bench
        .put(&mut visitor, &endpoint, &"%22".repeat(TOO_MUCH))
        .await?;
    if let Some(finding) = after_the_failure(&answer, &at_rest(bench, &visitor)?) {
        bail!(finding.at(answer.instance.as_deref()));
    }
    let seen = bench.visits(&mut visitor, &endpoint, 2).await?;
    if at_rest(bench, &visitor)? == AtRest::Whole && seen.iter().any(|seen| seen.status >= 500) {
        let meaning = "the disk has room again and writing fails all the same: what did the write that failed leave in the folder?";
        bail!(Finding::new("Hello World #3, Hello World #4", "503", meaning).at(Some(app.name())));
    }
    expect_counts(&seen, &[3, 4])
}

fn after_the_failure(answer: &Response, at_rest: &AtRest) -> Option<Finding> {
    let told = answer.status >= 500;
    let (observed, meaning) = match at_rest {
        AtRest::Whole if told => return None,
        AtRest::Whole => (
            format!(
                "the answer is {}, and the value is not in the file",
                answer.status
            ),
            "the write failed and the visitor is told that all is well: pass its error on",
        ),
        AtRest::Missing => (
            "no file".to_owned(),
            "the old file went before the new one was whole: a failure in between leaves neither of them",
        ),
        AtRest::Half(bytes) if told => (
            format!("{bytes} bytes that end in the middle of the JSON"),
            "half of the new session lies where the old one was: it was written in place, and there was no room for the rest",
        ),
        AtRest::Half(bytes) => (
            format!(
                "{bytes} bytes that end in the middle of the JSON; the answer was {}",
                answer.status
            ),
            "the write's error was dropped, and half a session was put in the place of a whole one",
        ),
        AtRest::Several(_) => (
            "several sessions in it".to_owned(),
            "a write must replace what was there before",
        ),
    };
    Some(Finding::new(
        "the session's file as it was before the write that failed",
        observed,
        meaning,
    ))
}

/// The file of the visitor's session, as the exercise names it.
fn at_rest(bench: &Bench, visitor: &Visitor) -> Result<AtRest> {
    let Some(id) = visitor.session_id() else {
        return Ok(AtRest::Missing);
    };
    let path = bench
        .env()
        .path()
        .join("sessions/app-1")
        .join(format!("{id}.json"));
    let json = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(AtRest::Missing),
        json => json.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let sessions: Vec<_> = serde_json::Deserializer::from_slice(&json)
        .into_iter::<HashMap<String, String>>()
        .collect();
    Ok(match sessions.as_slice() {
        [Ok(_)] => AtRest::Whole,
        [Ok(_), ..] => AtRest::Several(sessions.len()),
        _ => AtRest::Half(json.len()),
    })
}

fn limited(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", LIMITED]).arg(program);
    command
}

/// Whether the limit cuts off what `head` writes to `probe`.
fn limits(probe: &Path) -> Result<bool> {
    let room =
        fs::File::create(probe).with_context(|| format!("cannot write {}", probe.display()))?;
    let output = limited(Path::new("head"))
        .args(["-c", "8192", "/dev/zero"])
        .stdout(room)
        .output()
        .context("cannot start sh")?;
    Ok(!output.status.success() && (1..=4096).contains(&fs::metadata(probe)?.len()))
}
