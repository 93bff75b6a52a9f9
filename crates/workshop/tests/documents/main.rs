//! The documents, typed: every command of their blocks and hidden comments is run by byexample, in order and in one shell
//! for each document, and answers what the page says.
//!
//! - [`page`]: what is changed on a copy of the page, so that one shell does for a person with several terminals
//! - [`places`]: the ports and the folder that stand for the page's, there and back
//! - [`typist`]: the stage, byexample, and its verdict
//! - `shims/`: first on the shell's PATH; programs that differ here from what they are elsewhere
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod page;
mod places;
mod typist;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nix::{sys::signal::kill, unistd::Pid};
use testkit::{root, wait_until};

async fn answers_what_it_says(name: &str) -> Result<()> {
    typist::type_out(name, &std::fs::read_to_string(root().join(name))?).await
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn readme_md_answers_what_it_says() -> Result<()> {
    answers_what_it_says("README.md").await
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn workshop_md_answers_what_it_says() -> Result<()> {
    answers_what_it_says("workshop.md").await
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn an_answer_that_is_not_the_pages_fails_with_the_line_of_its_command() -> Result<()> {
    let page = "# A page\n\n\
        ```console\n\
        $ cargo run -p demo-memory\n\
        <...>listening on http://127.0.0.1:5000<...>\n\
        $ curl http://localhost:5000 -c /tmp/jar -b /tmp/jar\n\
        Hello World #0\n\
        ```\n\n\
        Ctrl-C, and again:\n\n\
        ```console\n\
        $ cargo run -p demo-memory\n\
        $ curl http://localhost:5000 -c /tmp/jar -b /tmp/jar\n\
        Hello World #1\n\
        ```\n";
    let report = typist::type_out("page.md", page)
        .await
        .unwrap_err()
        .to_string();
    for shown in [
        "page.md:14\n",
        "\n    curl http://localhost:5000 -c /tmp/jar -b /tmp/jar\n",
        "Expected:\nHello World #1\n",
        "Got:\nHello World #0\n",
        "Pass: 3 Fail: 1",
    ] {
        ensure!(
            report.contains(shown),
            "the report lacks {shown:?}:\n{report}"
        );
    }
    Ok(())
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn what_does_not_start_fails_although_the_page_shows_no_answer() -> Result<()> {
    let page = "```console\n$ cargo run -p demo-memory\n$ cargo run -p demo-memory\n```\n";
    let report = typist::type_out("page.md", page)
        .await
        .unwrap_err()
        .to_string();
    ensure!(
        report.contains("page.md:3\n")
            && report.contains("cannot listen on 127.0.0.1:5000: address in use"),
        "{report}"
    );
    Ok(())
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn what_a_failed_page_has_started_is_ended() -> Result<()> {
    let page = "```console\n$ cargo run -p demo-memory\n$ echo \"pid $(cat \"$SHIM_RUNNING\"/*)\"\nnone\n```\n";
    let report = typist::type_out("page.md", page)
        .await
        .unwrap_err()
        .to_string();
    let pid = report
        .lines()
        .find_map(|line| line.strip_prefix("pid ")?.split(' ').next())
        .context("a pid")?;
    let ended = || kill(Pid::from_raw(pid.parse().unwrap()), None).is_err();
    wait_until("the demo to end", Duration::from_secs(20), async || {
        Ok(ended().then_some(()))
    })
    .await
}
