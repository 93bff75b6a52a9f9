//! Builds an exercise's program, and the demos.

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use testkit::TestEnv;
use tokio::process::Command;

use crate::{exercise::Exercise, finding::Finding, force_rebuild};

/// The number of lines that are shown of the compiler's first error.
const MAX_LINES: usize = 14;

/// Builds the program of `exercise` in the tree at `root`.
///
/// Returns a [`Finding`] with the compiler's first error if the work does not compile.
pub(crate) async fn compile(env: &TestEnv, root: &Path, exercise: &Exercise) -> Result<PathBuf> {
    let name = &exercise.name;
    let copy = root.join(".workshop/built").join(name);
    force_rebuild::if_changed(&exercise.file(), &copy)?;
    let build = cargo(env, root, &["--bin", name]).await?;
    let lines = build.stdout.split(|&byte| byte == b'\n');
    let messages = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let messages: Vec<_> = messages.collect();
    if build.status.success() {
        let program = messages
            .iter()
            .filter(|message| message["target"]["name"] == name.as_str())
            .find_map(|message| message["executable"].as_str());
        return program
            .map(PathBuf::from)
            .with_context(|| format!("cargo built no program {name}"));
    }
    let errors = messages.iter().map(|message| &message["message"]);
    let mut errors = errors.filter(|message| message["level"] == "error");
    // The linker's errors are not about the work: the linker is missing, or the disk is full.
    let Some(error) = errors.clone().find(|error| !is_from_linker(error)) else {
        let linker = errors.find_map(|error| error["message"].as_str());
        let stderr = String::from_utf8_lossy(&build.stderr);
        bail!("cargo: {}", linker.unwrap_or(stderr.trim_end()));
    };
    let shown: Vec<_> = error["rendered"]
        .as_str()
        .unwrap_or_default()
        .lines()
        // Separate notes are about code that is not the attendee's.
        .take_while(|line| !line.starts_with("note:"))
        .take(MAX_LINES)
        .collect();
    let observed = shown.join("\n");
    bail!(Finding::new("a program", observed, "it does not compile"))
}

pub(crate) async fn build_demos(env: &TestEnv, root: &Path) -> Result<()> {
    // Building the whole workspace, as the scripts do, avoids a second set of features.
    let options = ["--workspace", "--exclude", "exercises", "--bins"];
    let build = cargo(env, root, &options).await?;
    if !build.status.success() {
        let stderr = String::from_utf8_lossy(&build.stderr);
        bail!("the demos don't build: {}", stderr.trim_end());
    }
    Ok(())
}

fn is_from_linker(error: &Value) -> bool {
    let text = error["message"].as_str().unwrap_or_default();
    error["code"].is_null() && (text.starts_with("linker ") || text.starts_with("linking "))
}

async fn cargo(env: &TestEnv, root: &Path, options: &[&str]) -> Result<Output> {
    let mut command = Command::from(testkit::cargo());
    command
        .args(["build", "--quiet", "--message-format=json"])
        .args(options)
        .arg("--manifest-path")
        .arg(root.join("Cargo.toml"))
        // A stopped compiler leaves its temporary files there; they are deleted with `env`.
        .env("TMPDIR", env.folder("compiler")?);
    env.run(&mut command)
        .await
        .context("cannot build; is Rust installed? https://rustup.rs")
}
