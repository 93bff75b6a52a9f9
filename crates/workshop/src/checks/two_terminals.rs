//! Exercise 5: two servers, each on the port that `APP_PORT` names, with sessions of its own.

use anyhow::{Result, bail};
use testkit::{Endpoint, Instance, Port, Visitor};

use crate::{
    bench::{Bench, listening},
    finding::Finding,
};

/// With a letter O in it.
const TYPO: &str = "50O1";

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let sessions = bench.env().path().join("sessions").display().to_string();
    // Somebody else's variable, so that it is seen when this one is read.
    let other = Port::claim()?.number();
    let port = other.to_string();
    let settings = [("SESSION_DIR", sessions.as_str()), ("PORT", port.as_str())];
    let red = on_its_port(bench, "app-1", &settings, other).await?;
    let blue = on_its_port(bench, "app-2", &settings, other).await?;

    let mut visitor = Visitor::new();
    bench.put(&mut visitor, &red.endpoint(), "red").await?;
    bench.put(&mut visitor, &blue.endpoint(), "blue").await?;
    expect_value(bench, &mut visitor, &blue.endpoint(), "blue").await?;
    expect_value(bench, &mut visitor, &red.endpoint(), "red").await?;
    expect_refusal(bench, &settings).await
}

/// Starts the program, which is to listen where it is told and not on the port `other`.
async fn on_its_port(
    bench: &Bench,
    name: &str,
    settings: &[(&str, &str)],
    other: u16,
) -> Result<Instance> {
    let mut app = Instance::of(bench.env(), bench.work(), name, settings)?;
    bench.start_somewhere(&mut app).await?;
    let observed = listening(&app.log());
    let asked = app.address();
    bench.did(&format!(
        "{}, APP_PORT={}: {observed}",
        app.name(),
        asked.port()
    ));
    if observed.ends_with(&asked.to_string()) {
        return Ok(app);
    }
    let meaning = if observed.ends_with(&format!(":{other}")) {
        format!(
            "that is what PORT says, which is there for another program: APP_PORT is the variable, and it says {}",
            asked.port()
        )
    } else {
        format!(
            "port 0 asks for any free one, which nobody knows: APP_PORT={} was not followed",
            asked.port()
        )
    };
    bail!(
        Finding::new(format!("listening on http://{asked}"), observed, meaning)
            .at(Some(app.name()))
    )
}

/// One visitor, so one cookie for both servers.
async fn expect_value(
    bench: &Bench,
    visitor: &mut Visitor,
    endpoint: &Endpoint,
    value: &str,
) -> Result<()> {
    let seen = bench.visit(visitor, endpoint, "/session/").await?;
    let observed = seen.body.trim_end();
    if observed == value {
        return Ok(());
    }
    let meaning = if observed == "blue" {
        "the second server's value replaced the first's: the one cookie brings the same id to both, and both keep their files in one folder"
    } else if seen.status >= 500 {
        "the server failed: can it write to its folder?"
    } else {
        "the value was set at this server, and is not found there: where does it keep its files?"
    };
    bail!(
        Finding::new(format!("the value {value}"), observed, meaning).at(seen.instance.as_deref())
    )
}

/// What can't be a port ends the program, and is named.
async fn expect_refusal(bench: &Bench, settings: &[(&str, &str)]) -> Result<()> {
    let settings = [settings, &[("APP_PORT", TYPO)]].concat();
    let mut app = Instance::of(bench.env(), bench.work(), "app-3", &settings)?;
    bench.did(&format!("app-3, APP_PORT={TYPO}, with a letter O in it"));
    let started = app.start().await;
    let log = app.log();
    let expected = format!("an end with an error that names {TYPO}");
    let (observed, meaning) = match (started, app.status()) {
        (Ok(()), _) => (
            listening(&log),
            "a mistyped port is taken as if nothing had been asked for: the server runs where nobody looks for it",
        ),
        (Err(_), Some(status)) if status.success() => (
            status.to_string(),
            "status 0 tells the one who started it that all went well: return the error",
        ),
        (Err(_), Some(_)) if log.contains(TYPO) => return Ok(()),
        (Err(_), Some(_)) => (
            log.lines()
                .filter(|line| !line.trim().is_empty())
                .take(2)
                .collect::<Vec<_>>()
                .join("\n"),
            "the message doesn't name the value, nor the variable: who made the mistake can't see it from this",
        ),
        (Err(error), None) => return Err(error),
    };
    bail!(Finding::new(expected, observed, meaning).at(Some(app.name())))
}
