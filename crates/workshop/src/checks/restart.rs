//! Exercise 3: what a restart does to a memory store, and why.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use testkit::{Demo, Instance};

use crate::checker::{Checker, Finding};

#[derive(Deserialize)]
struct Answer {
    count: String,
    session_id: String,
    because: String,
}

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let text = std::fs::read_to_string(&checker.work).context("cannot read the answer")?;
    let answer: Answer = match toml::from_str(&text) {
        Ok(answer) => answer,
        Err(error) => bail!(Finding::new(
            "three answers, each like count = \"7\"",
            error.message(),
            "the file is not valid TOML any more, or lacks an answer"
        )),
    };
    let mut server = Instance::started(&checker.env, Demo::Memory, "memory-1", &[]).await?;
    let mut visitor = checker.visitor(&server.endpoint());
    let before = visitor.visits(3).await?;
    server.restart().await?;
    checker.log("memory-1 is restarted");
    let after = visitor.get("/").await?;
    let count = after.count().context("no count")?.to_string();
    let kept = after.session == before[2].session;
    let session_id = if kept { "same" } else { "new" };

    let answers = [&answer.count, &answer.session_id, &answer.because];
    if answers.iter().any(|answer| answer.contains('?')) {
        let meaning = "not all three questions are answered yet";
        bail!(Finding::new("three answers", "a question mark", meaning));
    }
    let differs = |name, seen: &str, answer: &str, meaning| {
        let expected = format!("{name} = {seen:?}, as above");
        Finding::new(expected, format!("{name} = {answer:?}"), meaning)
    };
    if answer.count.trim_start_matches('#') != count {
        let meaning = "look at the last visit above: the count was in the server's memory, which ended with the process";
        bail!(differs("count", &count, &answer.count, meaning));
    }
    if answer.session_id != session_id {
        let meaning = "compare the session IDs above: the server keeps the ID that a visitor sends, even if it finds no session under it";
        bail!(differs(
            "session_id",
            session_id,
            &answer.session_id,
            meaning
        ));
    }
    let meaning = match answer.because.as_str() {
        "b" => return Ok(()),
        "a" => "the visitor sent the cookie: the session ID above is the same before and after",
        "c" => {
            "a server that rejects a cookie replaces it, but the session ID above is still the same"
        }
        "d" => "a session expires 30 minutes after its last use, and this took a second",
        _ => "because must be one letter from the list in README.md: a, b, c or d",
    };
    let observed = format!("because = {:?}", answer.because);
    bail!(Finding::new("the reason", observed, meaning))
}
