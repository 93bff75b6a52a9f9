//! Shell sessions with the runner, compared with the files in `transcripts/`.
//!
//! In these files a line that begins with `$ ` is a command, lines that begin with `> ` continue it, and lines that
//! begin with `# ` are comments. A command's expected output follows it:
//! - `[..]` stands for any text in a line, and `...` for any number of lines
//! - `[exit N]` is the exit status, unless it is 0
//!
//! Each command runs in the sandbox's tree, without a terminal. No line may be wider than 80 columns, the result of a
//! check has at most 25 lines, and no process may be left.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use regex_lite::Regex;

use crate::{
    process::Process,
    sandbox::{COMPILER, Sandbox},
};

/// The longest that any command may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Runs the commands of `transcripts/NAME.txt` and compares their output.
async fn follow(name: &str, variables: &[(&str, &str)]) -> Result<()> {
    let sandbox = Sandbox::new()?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/runner/transcripts")
        .join(name)
        .with_extension("txt");
    let text = fs::read_to_string(path)?;
    for (command, expected) in commands(&text) {
        let mut shell = sandbox.command("sh", &["-c", &command])?;
        shell.envs(variables.iter().copied());
        let started = Instant::now();
        let mut process = Process::start(&sandbox, shell)?;
        let code = process.ends().await?.code();
        let took = started.elapsed();
        let mut actual = process.output()?.trim_end().to_owned();
        if let Some(code @ 1..) = code {
            actual = format!("{actual}\n[exit {code}]");
        }
        let actual = actual.trim_start_matches('\n');
        let lines: Vec<_> = actual.lines().collect();
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        ensure!(
            pattern(&expected)?.is_match(&text),
            "{name}: {command}\n--- expected\n{}\n--- actual\n{actual}",
            expected.join("\n")
        );
        ensure!(
            command == "compile" || took < LIMIT,
            "{name}: {command} took {took:?}"
        );
        // The result has neither the first line nor the exit status.
        ensure!(
            !command.contains("workshop check") || lines.len() <= 25 + 2,
            "{name}: {command}\n{actual}"
        );
        ensure!(
            lines.iter().all(|line| line.chars().count() <= 80),
            "{name}: {command} has lines of more than 80 columns:\n{actual}"
        );
        sandbox.left_nothing().await?;
    }
    Ok(())
}

/// Returns the commands of a transcript, each with the lines of its expected output.
fn commands(text: &str) -> Vec<(String, Vec<&str>)> {
    let mut commands: Vec<(String, Vec<&str>)> = Vec::new();
    let mut is_output = false;
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            commands.push((command.to_owned(), Vec::new()));
            is_output = true;
        } else if line.starts_with("# ") {
            is_output = false;
        } else if let Some((command, output)) = commands.last_mut().filter(|_| is_output) {
            match line.strip_prefix("> ") {
                Some(more) if output.is_empty() => command.extend(["\n", more]),
                _ => output.push(line),
            }
        }
    }
    for (_, output) in &mut commands {
        while output.last() == Some(&"") {
            output.pop();
        }
    }
    commands
}

/// Returns the expression that matches the `expected` lines.
fn pattern(expected: &[&str]) -> Result<Regex> {
    let lines = expected.iter().map(|line| match *line {
        "..." => r"(?:.*\n)*".to_owned(),
        line => regex_lite::escape(line).replace(r"\[\.\.\]", ".*") + r"\n",
    });
    Ok(Regex::new(&format!("^{}$", lines.collect::<String>()))?)
}

#[test]
fn pattern_matches_lines_and_texts() -> Result<()> {
    for (expected, matches) in [
        (&["one", "...", "th[..]e"][..], true),
        (&["...", "three", "..."], true),
        (&["one", "..", "three"], false),
        (&["...", "two"], false),
        (&["[..]"], false),
    ] {
        let found = pattern(expected)?.is_match("one\ntwo\nthree\n");
        assert_eq!(found, matches, "{expected:?}");
    }
    Ok(())
}

macro_rules! transcripts {
    ($($name:ident)+) => {
        $(#[actix_rt::test]
        async fn $name() -> Result<()> {
            follow(stringify!($name), &[]).await
        })+
    };
}

transcripts! { changed check help hint list predict progress reset solution status }

#[actix_rt::test]
async fn doctor() -> Result<()> {
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = other.local_addr()?.port().to_string();
    follow("doctor", &[("PORT", &port)]).await
}

#[actix_rt::test]
#[ignore = "scripts/verify.sh --exercises runs it"]
async fn wrong_work() -> Result<()> {
    let _turn = COMPILER.lock().await;
    follow("wrong_work", &[]).await
}
