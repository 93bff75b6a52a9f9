//! Runs every command of README.md and workshop.md, and compares its output with the page.
//!
//! byexample runs the commands in code blocks and in hidden comments, in order and in one shell for each page.
//!
//! - `page`: prepares a copy of the page, so that one shell can replace several terminals
//! - `substitutes`: replaces the ports and the folder of a page
//! - `typist`: starts byexample
//! - `shims/`: first on the shell's PATH; programs that behave differently in these tests
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod page;
mod substitutes;
mod typist;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nix::{sys::signal::kill, unistd::Pid};
use testkit::{root, wait_until};

async fn type_out(name: &str) -> Result<()> {
    typist::type_out(name, &std::fs::read_to_string(root().join(name))?).await
}

/// Returns the report of a page that fails, which contains `parts`.
async fn failure(page: &str, parts: &[&str]) -> Result<String> {
    let report = typist::type_out("page.md", page).await.unwrap_err();
    let report = report.to_string();
    for part in parts {
        ensure!(report.contains(part), "no {part:?} in:\n{report}");
    }
    Ok(report)
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn readme_shows_the_output_of_its_commands() -> Result<()> {
    type_out("README.md").await
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn workshop_shows_the_output_of_its_commands() -> Result<()> {
    type_out("workshop.md").await
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn wrong_page_fails_with_the_line_of_the_command() -> Result<()> {
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
    let parts = [
        "page.md:14\n",
        "\n    curl http://localhost:5000 -c /tmp/jar -b /tmp/jar\n",
        "Expected:\nHello World #1\n",
        "Got:\nHello World #0\n",
        "Pass: 3 Fail: 1",
    ];
    failure(page, &parts).await.map(drop)
}

/// The page shows no output of the second server, and the failure of that server counts anyway. The first server ends
/// with the page.
#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn page_with_a_server_that_does_not_start_fails() -> Result<()> {
    let page = "```console\n$ cargo run -p demo-memory\n\
        $ echo \"pid $(cat \"$SHIM_RUNNING\"/*)\"\nnone\n$ cargo run -p demo-memory\n```\n";
    let listens = "cannot listen on 127.0.0.1:5000: address in use";
    let report = failure(page, &["page.md:5\n", listens]).await?;
    let pid = report
        .lines()
        .find_map(|line| line.strip_prefix("pid ")?.split(' ').next())
        .context("a pid")?;
    let pid = Pid::from_raw(pid.parse()?);
    wait_until("the demo to end", Duration::from_secs(20), async || {
        Ok(kill(pid, None).is_err().then_some(()))
    })
    .await
}
