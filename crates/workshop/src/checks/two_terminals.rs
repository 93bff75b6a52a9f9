//! Exercise 5: two instances, each on the port that `APP_PORT` names and with its own sessions.

use std::process::Command;

use anyhow::{Result, bail};
use testkit::{Instance, Port};

use crate::checker::{Checker, Finding, Visitor, listening_line};

/// A port with a letter O in it.
const TYPO: &str = "50O1";

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let sessions = checker.env.path().join("sessions").display().to_string();
    // PORT has another value than APP_PORT, which shows if the program reads the wrong variable.
    let other = Port::claim()?.number();
    let port = other.to_string();
    let settings = [("SESSION_DIR", sessions.as_str()), ("PORT", port.as_str())];
    let red = start_on_its_port(checker, "app-1", &settings, other).await?;
    let blue = start_on_its_port(checker, "app-2", &settings, other).await?;

    let (red, blue) = (red.endpoint(), blue.endpoint());
    let mut visitor = checker.visitor(&red);
    visitor.post("/session/", "value=red").await?;
    visitor.at(&blue).post("/session/", "value=blue").await?;
    expect_value(&mut visitor, "blue").await?;
    expect_value(visitor.at(&red), "red").await?;
    expect_rejected_typo(checker, &settings).await
}

/// Starts the program and expects it to listen on its own port, and not on the port `other`.
async fn start_on_its_port(
    checker: &Checker,
    name: &str,
    settings: &[(&str, &str)],
    other: u16,
) -> Result<Instance> {
    let program = Command::new(&checker.work);
    let mut app = Instance::of(&checker.env, program, name, settings)?;
    checker.start_on_any_port(&mut app).await?;
    let (address, observed) = (app.address(), listening_line(&app.log()));
    let port = address.port();
    checker.log(&format!("{name}, APP_PORT={port}: {observed}"));
    if observed.ends_with(&address.to_string()) {
        return Ok(app);
    }
    let meaning = if observed.ends_with(&format!(":{other}")) {
        format!(
            "this is the value of PORT, which is meant for another program. Read APP_PORT, which is {port}"
        )
    } else {
        format!(
            "port 0 means any free port, and no visitor knows which one it is. The program ignored APP_PORT={port}"
        )
    };
    let expected = format!("listening on http://{address}");
    bail!(Finding::new(expected, observed, meaning).at(Some(name)))
}

/// Expects that the visitor, who has the same cookie for both instances, finds `value`.
async fn expect_value(visitor: &mut Visitor<'_>, value: &str) -> Result<()> {
    let seen = visitor.get("/session/").await?;
    let observed = seen.body.trim_end();
    if observed == value {
        return Ok(());
    }
    let meaning = if observed == "blue" {
        "the second instance's value has replaced the first one's. The cookie brings the same ID to both, and both keep their files in one folder"
    } else if seen.status >= 500 {
        "the server failed. Can it write to its folder?"
    } else {
        "the value was set at this instance but is not there now. Where does it keep its files?"
    };
    bail!(Finding::about(&seen, format!("the value {value}"), meaning))
}

/// Expects that a value which is not a port ends the program with a message that contains the value.
async fn expect_rejected_typo(checker: &Checker, settings: &[(&str, &str)]) -> Result<()> {
    let settings = [settings, &[("APP_PORT", TYPO)]].concat();
    let program = Command::new(&checker.work);
    let mut app = Instance::of(&checker.env, program, "app-3", &settings)?;
    checker.log(&format!("app-3, APP_PORT={TYPO}, with a letter O in it"));
    let started = app.start().await;
    let log = app.log();
    let (observed, meaning) = match (started, app.status()) {
        (Ok(()), _) => (
            listening_line(&log),
            "the program ignores a mistyped port. It listens on another one, where nobody looks for it",
        ),
        (Err(_), Some(status)) if status.success() => (
            status.to_string(),
            "exit status 0 means success. Return the error from main",
        ),
        (Err(_), Some(_)) if log.contains(TYPO) => return Ok(()),
        (Err(_), Some(_)) => {
            let lines = log.lines().filter(|line| !line.trim().is_empty());
            let meaning =
                "the message doesn't contain the value, so the user cannot see what is wrong";
            (lines.take(2).collect::<Vec<_>>().join("\n"), meaning)
        }
        (Err(error), None) => return Err(error),
    };
    let expected = format!("an end with an error that contains {TYPO}");
    bail!(Finding::new(expected, observed, meaning).at(Some(app.name())))
}
