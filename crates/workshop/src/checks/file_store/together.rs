//! Writes at the same time: of several sessions, and of the same one.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};

use anyhow::{Context, Result, bail};
use futures_util::future::try_join_all;
use testkit::{Endpoint, Response};

use super::content::{Content, path_of};
use crate::checker::{Checker, Finding, Visitor};

/// The number of visitors, or of one visitor's requests, at the same time.
const TOGETHER: usize = 8;

/// The number of times that each of them writes.
const TIMES: usize = 20;

/// Expects that writes at the same time disturb neither each other nor a reader.
pub(super) async fn check(checker: &Checker, endpoint: &Endpoint) -> Result<()> {
    let mut visitors = vec![checker.visitor(endpoint); TOGETHER];
    checker.log(&format!("{TOGETHER} visitors write at the same time"));
    let seen = write_together(&mut visitors, endpoint).await?;
    let meaning = "writes of two sessions at the same time disturb each other. Do they use one name for their new files?";
    expect_success(&seen, meaning)?;
    for (number, visitor) in visitors.iter_mut().enumerate() {
        let seen = visitor.client.get(endpoint, "/session/").await?;
        if seen.body.trim_end() != value(number) {
            let expected = format!("the visitor's own value, {}", value(number));
            bail!(Finding::about(&seen, expected, meaning));
        }
    }

    checker.log(&format!("one visitor sends {TOGETHER} requests at once"));
    let mut visitors = vec![visitors.swap_remove(0); TOGETHER];
    let path = path_of(checker, &visitors[0]).context("no session ID")?;
    let reader = Reader::start(path);
    let seen = write_together(&mut visitors, endpoint).await;
    let read = reader.stop()?;
    let meaning = "two writes of one session at the same time disturb each other. Do they use one name for their new files?";
    expect_success(&seen?, meaning)?;
    let (observed, meaning) = match read {
        Content::Whole => return Ok(()),
        Content::Missing => (
            "for a moment there was no file",
            "the old file was removed before the rename. A request in between finds no session. The rename alone replaces the file in one step",
        ),
        Content::Half(_) | Content::Several(_) => (
            "for a moment there was half a session",
            "the file that readers open was written in place, so a reader can see it half done",
        ),
    };
    let expected = "a whole session for a reader at any moment";
    bail!(Finding::new(expected, observed, meaning))
}

/// Lets each of `visitors` write its value [`TIMES`] times, all at the same time.
async fn write_together(
    visitors: &mut [Visitor<'_>],
    endpoint: &Endpoint,
) -> Result<Vec<Response>> {
    let mut seen = Vec::new();
    for _ in 0..TIMES {
        let posts = visitors.iter_mut().enumerate().map(|(number, visitor)| {
            let form = format!("value={}", value(number));
            async move { visitor.client.post(endpoint, "/session/", &form).await }
        });
        seen.extend(try_join_all(posts).await?);
    }
    Ok(seen)
}

/// Returns the value of visitor `number`. All values have different lengths.
fn value(number: usize) -> String {
    number.to_string().repeat(10 * (number + 1))
}

fn expect_success(seen: &[Response], meaning: &str) -> Result<()> {
    match seen.iter().find(|seen| seen.status >= 500) {
        None => Ok(()),
        Some(failed) => bail!(Finding::about(failed, "success for each write", meaning)),
    }
}

/// Reads a session's file again and again on a thread of its own.
struct Reader {
    stop: Arc<AtomicBool>,
    thread: thread::JoinHandle<std::io::Result<Content>>,
}

impl Reader {
    fn start(path: PathBuf) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            while !stopped.load(Relaxed) {
                let content = Content::of(fs::read(&path))?;
                if content != Content::Whole {
                    return Ok(content);
                }
            }
            Ok(Content::Whole)
        });
        Self { stop, thread }
    }

    /// Stops reading. Returns the first content that was not a whole session, if any.
    fn stop(self) -> Result<Content> {
        self.stop.store(true, Relaxed);
        let read = self.thread.join().ok().context("the reader panicked")?;
        read.context("cannot read the session's file")
    }
}
