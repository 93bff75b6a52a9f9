//! Exercise 3: what a restart does to a memory store, and why.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use testkit::{Demo, Instance};
use toml::Value;

use crate::checker::{Checker, Finding};

#[derive(Deserialize)]
struct Answers {
    count: Value,
    session_id: Value,
    because: Value,
}

/// Returns an answer in lower case, without the punctuation that an attendee may copy with it. It may be a number.
fn text(answer: &Value) -> String {
    let text = match answer {
        Value::String(text) => text.trim().to_lowercase(),
        Value::Integer(number) => number.to_string(),
        other => format!("a value of type {}", other.type_str()),
    };
    let text = text.strip_prefix("hello world").unwrap_or(&text);
    text.trim_matches([' ', '#', ')', '.']).to_owned()
}

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let file = std::fs::read_to_string(&checker.work).context("cannot read the answer")?;
    let answers: Answers = match toml::from_str(&file) {
        Ok(answers) => answers,
        Err(error) => bail!(Finding::new(
            "three answers, each like count = \"7\"",
            error.message().trim_end(),
            "the file is not valid TOML any more, or lacks an answer"
        )),
    };
    let [count, session_id, because] =
        [&answers.count, &answers.session_id, &answers.because].map(text);
    if [&count, &session_id, &because]
        .iter()
        .any(|answer| answer.is_empty() || answer.contains('?'))
    {
        let meaning = "not all three questions are answered yet";
        let observed = "a question mark, or an empty answer";
        bail!(Finding::new("three answers", observed, meaning));
    }
    let seen = play(checker).await?;
    let differs = |name, seen: &str, answer: &str, meaning| {
        let expected = format!("{name} = {seen:?}, as above");
        Finding::new(expected, format!("{name} = {answer:?}"), meaning)
    };
    if count.parse() != Ok(seen.count) {
        let meaning = match count.parse::<u64>() {
            Ok(1) => "N is the number of earlier visits. The first visit to a new session shows #0",
            Ok(_) => {
                "look at the last visit above: the count was in the server's memory, which ended with the process"
            }
            Err(_) => "the answer is not a number. Write N, and nothing else",
        };
        bail!(differs("count", &seen.count.to_string(), &count, meaning));
    }
    if session_id != seen.session_id {
        let meaning = match session_id.as_str() {
            "same" | "new" => {
                "compare the session IDs above: the server keeps the ID that a visitor sends, even if it finds no session under it"
            }
            _ => {
                "the answer is one word, same or new. Compare the IDs, and write whether they differ"
            }
        };
        bail!(differs("session_id", seen.session_id, &session_id, meaning));
    }
    let meaning = match because.as_str() {
        "b" => return Ok(()),
        "a" => "the visitor sent the cookie: the session ID above is the same before and after",
        "c" => {
            "a server that rejects a cookie replaces it, but the session ID above is still the same"
        }
        "d" => "a session expires 30 minutes after its last use, and this took a second",
        _ => "because must be one letter from the list in README.md: a, b, c or d",
    };
    let observed = format!("because = {because:?}");
    bail!(Finding::new("the reason", observed, meaning))
}

/// Describes a visit after a restart.
struct AfterRestart {
    count: u64,
    session_id: &'static str,
}

/// Restarts an instance of demo-memory between two visits.
async fn play(checker: &Checker) -> Result<AfterRestart> {
    let mut server = Instance::started(&checker.env, Demo::Memory, "memory-1", &[]).await?;
    let mut visitor = checker.visitor(&server.endpoint());
    let before = visitor.visits(3).await?;
    server.restart().await?;
    checker.log("memory-1 is restarted");
    let after = visitor.get("/").await?;
    let kept = after.session == before[2].session;
    Ok(AfterRestart {
        count: after.count().context("no count")?,
        session_id: if kept { "same" } else { "new" },
    })
}
