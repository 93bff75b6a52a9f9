//! Exercise 3: what a restart of a memory store does, and why.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use testkit::{Demo, Instance, Visitor};

use crate::{bench::Bench, finding::Finding};

#[derive(Deserialize)]
struct Answer {
    count: String,
    session_id: String,
    because: String,
}

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let text = std::fs::read_to_string(bench.work()).context("cannot read the answer")?;
    let answer: Answer = match toml::from_str(&text) {
        Ok(answer) => answer,
        Err(error) => bail!(Finding::new(
            "three answers, as in count = \"7\"",
            error.message(),
            "the file is not the TOML it was"
        )),
    };
    let mut server = Instance::new(bench.env(), Demo::Memory, "memory-1", &[])?;
    server.start().await?;
    let mut visitor = Visitor::new();
    let before = bench.visits(&mut visitor, &server.endpoint(), 3).await?;
    server.restart().await?;
    bench.did("memory-1 is restarted");
    let after = bench.visit(&mut visitor, &server.endpoint(), "/").await?;
    let count = after.count().context("no count")?.to_string();
    let id = if after.session == before[2].session {
        "same"
    } else {
        "new"
    };

    let Answer {
        count: said_count,
        session_id: said_id,
        because,
    } = answer;
    if [&said_count, &said_id, &because]
        .iter()
        .any(|said| said.contains('?'))
    {
        bail!(Finding::new(
            "three answers",
            "a question mark",
            "nothing is answered yet, or not everything"
        ));
    }
    if said_count.trim_start_matches('#') != count {
        let meaning = "look at the last visit above: the count was in the server's memory, and that ended with the process";
        bail!(Finding::new(
            format!("count = {count:?}, as above"),
            format!("count = {said_count:?}"),
            meaning
        ));
    }
    if said_id != id {
        let meaning = "compare the ids above: a visitor who brings an id keeps it, also when nothing is found under it";
        bail!(Finding::new(
            format!("session_id = {id:?}, as above"),
            format!("session_id = {said_id:?}"),
            meaning
        ));
    }
    let meaning = match because.as_str() {
        "b" => return Ok(()),
        "a" => "the visitor brought the cookie: the id above is the same before and after",
        "c" => "a cookie that is refused is replaced, and the id above is still the same",
        "d" => "a session lives for 30 minutes after its last use, and this took a second",
        _ => "because is one letter of the list in README.md: a, b, c or d",
    };
    bail!(Finding::new(
        "the reason",
        format!("because = {because:?}"),
        meaning
    ))
}
