//! Exercise 5: two instances, each on the port that `APP_PORT` names and with its own sessions.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};
use testkit::{Instance, Port};

use crate::checker::{Checker, Finding, Visitor, listening_line};

/// A port with a letter O in it.
const TYPO: &str = "50O1";

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let folder = checker.env.path().join("sessions");
    let sessions = folder.display().to_string();
    // PORT has another value than APP_PORT, which shows if the program reads the wrong variable.
    let other = Port::claim()?.number();
    let port = other.to_string();
    let settings = [("SESSION_DIR", sessions.as_str()), ("PORT", port.as_str())];
    let mut red = start_on_its_port(checker, "app-1", &settings, other).await?;
    let blue = start_on_its_port(checker, "app-2", &settings, other).await?;

    let mut visitor = checker.visitor(&red.endpoint());
    visitor.post("/session/", "value=red").await?;
    visitor
        .at(&blue.endpoint())
        .post("/session/", "value=blue")
        .await?;
    expect_value(&mut visitor, "blue").await?;
    expect_value(visitor.at(&red.endpoint()), "red").await?;
    // The third instance has the name of the first one, and another port.
    let settings_3 = [&settings[..], &[("INSTANCE", "app-1")]].concat();
    let green = start_on_its_port(checker, "app-3", &settings_3, other).await?;
    let green = green.endpoint();
    visitor.at(&green).post("/session/", "value=green").await?;
    expect_value(visitor.at(&red.endpoint()), "red").await?;
    expect_files(&folder, &visitor)?;

    red.stop().await?;
    checker.start(&mut red).await?;
    checker.log("app-1 is restarted on its port");
    let seen = visitor.get("/session/").await?;
    if seen.body.trim_end() != "red" {
        let meaning = "the files did not survive a restart on the same port. The folder must depend on the port, and on nothing that changes with each start";
        bail!(Finding::about(&seen, "the value red", meaning));
    }
    drop(blue);
    expect_rejected_typo(checker, &settings, TYPO).await?;
    let too_high = (u32::from(u16::MAX) + 1 + u32::from(other)).to_string();
    expect_rejected_typo(checker, &settings, &too_high).await?;
    expect_any_port(checker, &settings).await
}

/// Expects the visitor's session in three folders inside `folder`, which is `SESSION_DIR`.
fn expect_files(folder: &Path, visitor: &Visitor<'_>) -> Result<()> {
    let id = visitor.client.session_id().unwrap_or_default();
    let count = count_files(folder, id);
    if count == 3 {
        return Ok(());
    }
    let expected = "three files of the session, in three folders inside SESSION_DIR";
    let observed = format!("{count} there");
    let meaning = "each instance has its own files, but not where SESSION_DIR says. Choose a folder inside sessions";
    bail!(Finding::new(expected, observed, meaning))
}

/// Returns the number of files in `folder`, and in the folders inside, whose name contains `text`.
fn count_files(folder: &Path, text: &str) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let count = |path: PathBuf| {
        if path.is_dir() {
            count_files(&path, text)
        } else {
            usize::from(path.to_string_lossy().contains(text))
        }
    };
    entries.map(|entry| count(entry.path())).sum()
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
    let meaning = if observed == "green" {
        "the third instance's value has replaced the first one's. They have the same name (INSTANCE) and different ports. The folder must depend on the port"
    } else if observed == "blue" {
        "the second instance's value has replaced the first one's. The cookie brings the same ID to both, and both keep their files in one folder"
    } else if seen.status >= 500 {
        "the server failed. Can it write to its folder?"
    } else {
        "the value was set at this instance but is not there now. Where does it keep its files?"
    };
    bail!(Finding::about(&seen, format!("the value {value}"), meaning))
}

/// Expects that `value`, which is not a port, ends the program with a message that contains it.
async fn expect_rejected_typo(
    checker: &Checker,
    settings: &[(&str, &str)],
    value: &str,
) -> Result<()> {
    let settings = [settings, &[("APP_PORT", value)]].concat();
    let program = Command::new(&checker.work);
    let mut app = Instance::of(&checker.env, program, &format!("app-{value}"), &settings)?;
    checker.log(&format!("APP_PORT={value}, which is not a port"));
    let started = app.start().await;
    let log = app.log();
    let (observed, meaning) = match (started, app.status()) {
        (Ok(()), _) if value != TYPO => (
            listening_line(&log),
            "the highest port is 65535, and the program takes a higher one for another port",
        ),
        (Ok(()), _) => (
            listening_line(&log),
            "the program ignores a mistyped port. It listens on another one, where no visitor looks for it",
        ),
        (Err(_), Some(status)) if status.success() => (
            status.to_string(),
            "exit status 0 means success. Return the error from main",
        ),
        (Err(_), Some(_)) if log.contains(value) => return Ok(()),
        (Err(_), Some(_)) => {
            let lines = log.lines().filter(|line| !line.trim().is_empty());
            let meaning =
                "the message doesn't contain the value, so the user cannot see what is wrong";
            (lines.take(2).collect::<Vec<_>>().join("\n"), meaning)
        }
        (Err(error), None) => return Err(error),
    };
    let expected = format!("an end with an error that contains {value}");
    bail!(Finding::new(expected, observed, meaning).at(Some(app.name())))
}

/// Expects that two instances without `APP_PORT` take a free port each.
async fn expect_any_port(checker: &Checker, settings: &[(&str, &str)]) -> Result<()> {
    checker.log("two instances start without APP_PORT");
    let mut running: Vec<Instance> = Vec::new();
    for name in ["app-4", "app-5"] {
        let mut program = Command::new("env");
        program.args(["-u", "APP_PORT"]).arg(&checker.work);
        let mut app = Instance::of(&checker.env, program, name, settings)?;
        if let Err(error) = checker.start_on_any_port(&mut app).await {
            if app.pid().is_some() {
                return Err(error);
            }
            let log = app.log();
            let last = log.lines().rfind(|line| !line.trim().is_empty());
            let last = last.map_or("nothing in its log", str::trim);
            let (observed, meaning) = match running.first() {
                None => (
                    last.to_owned(),
                    "without APP_PORT the program ended at its start. It should take any free port then, which is port 0",
                ),
                Some(first) => (
                    format!("{}, and then: {last}", listening_line(&first.log())),
                    "without APP_PORT the program takes a fixed port, so a second one cannot start. Port 0 means any free one",
                ),
            };
            let expected = "a free port for each of them";
            bail!(Finding::new(expected, observed, meaning).at(Some(name)));
        }
        running.push(app);
    }
    Ok(())
}
