//! From an exercise's source to its program.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use testkit::TestEnv;
use tokio::process::Command;

use crate::{exercise::Exercise, finding::Finding, fresh};

/// Lines of the compiler's first error that are shown.
const LINES: usize = 14;

/// Builds the program of `exercise` in the tree at `root`.
///
/// # Errors
/// A [`Finding`] with the compiler's first error, if it doesn't compile.
pub(crate) async fn compile(env: &TestEnv, root: &Path, exercise: &Exercise) -> Result<PathBuf> {
    let name = &exercise.name;
    fresh::see_to(&exercise.file(), &root.join(".workshop/built").join(name))?;
    // As the workspace is built otherwise: with its features, so that one build of what it depends on serves all.
    let messages = match cargo(env, root, &["--bin", name]).await? {
        Ok(messages) => messages,
        Err(Failed { messages, said }) => {
            let errors = messages
                .iter()
                .map(|message| &message["message"])
                .filter(|message| message["level"] == "error");
            // Nobody's work makes the linker fail: it isn't there, or the disk is full.
            let Some(error) = errors.clone().find(|error| !is_linkers(error)) else {
                let linkers = errors.clone().find_map(|error| error["message"].as_str());
                bail!("cargo: {}", linkers.unwrap_or(said.trim_end()));
            };
            // What follows as a note of its own is about other code than the attendee's.
            let rendered = error["rendered"]
                .as_str()
                .unwrap_or_default()
                .lines()
                .take_while(|line| !line.starts_with("note:"));
            let shown: Vec<_> = rendered.take(LINES).collect();
            bail!(Finding::new(
                "a program",
                shown.join("\n"),
                "it does not compile"
            ));
        }
    };
    let program = messages
        .iter()
        .filter(|message| message["target"]["name"] == name.as_str())
        .find_map(|message| message["executable"].as_str());
    program
        .map(PathBuf::from)
        .with_context(|| format!("cargo built no {name}"))
}

/// Builds the demos of the tree at `root`.
///
/// # Errors
/// They don't build.
pub(crate) async fn demos(env: &TestEnv, root: &Path) -> Result<()> {
    match cargo(
        env,
        root,
        &["--workspace", "--exclude", "exercises", "--bins"],
    )
    .await?
    {
        Ok(_) => Ok(()),
        Err(failed) => bail!("the demos don't build: {}", failed.said.trim_end()),
    }
}

fn is_linkers(error: &Value) -> bool {
    error["code"].is_null()
        && error["message"]
            .as_str()
            .is_some_and(|text| text.starts_with("linker ") || text.starts_with("linking "))
}

/// A build that failed.
struct Failed {
    /// What the compiler said.
    messages: Vec<Value>,
    /// What cargo said beside that.
    said: String,
}

/// What a build says, one JSON object a line.
async fn cargo(env: &TestEnv, root: &Path, what: &[&str]) -> Result<Result<Vec<Value>, Failed>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--quiet", "--message-format=json"])
        .args(what)
        .arg("--manifest-path")
        .arg(root.join("Cargo.toml"));
    // What a compiler that is stopped leaves there goes with the stage.
    command.env("TMPDIR", env.folder("compiler")?);
    let output = env
        .run(&mut command)
        .await
        .context("cannot build; is Rust installed? https://rustup.rs")?;
    let messages = output
        .stdout
        .split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(if output.status.success() {
        Ok(messages)
    } else {
        Err(Failed { messages, said })
    })
}
