//! From an exercise's source to its program.

use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::finding::Finding;

/// Lines of the compiler's first error that are shown.
const LINES: usize = 14;

/// Builds the binary `name` of the tree at `root`.
///
/// # Errors
/// A [`Finding`] with the compiler's first error, if it doesn't compile.
pub(crate) async fn compile(root: &Path, name: &str) -> Result<PathBuf> {
    let output = cargo(root, name).await?;
    let messages: Vec<serde_json::Value> =
        output.stdout.split(|&byte| byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    if output.status.success() {
        let program =
            messages.iter().filter(|message| message["target"]["name"] == name).find_map(|message| message["executable"].as_str());
        return program.map(PathBuf::from).with_context(|| format!("cargo built no {name}"));
    }
    let error =
        messages.iter().find_map(|message| (message["message"]["level"] == "error").then(|| message["message"]["rendered"].as_str())?);
    let Some(error) = error else { bail!("cargo: {}", String::from_utf8_lossy(&output.stderr).trim_end()) };
    let shown: Vec<_> = error.lines().take(LINES).collect();
    bail!(Finding::new("a program", shown.join("\n"), "it does not compile"))
}

/// The build's messages are one JSON object a line. The processes end with us: cargo and its compilers are in our group,
/// which a closing terminal ends, and cargo is killed if we stop waiting.
async fn cargo(root: &Path, name: &str) -> Result<Output> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(cargo)
        // As the workspace is built otherwise: with its features, so that one build of what it depends on serves all.
        .args(["build", "--quiet", "--message-format=json", "--bin", name])
        .arg("--manifest-path")
        .arg(root.join("Cargo.toml"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .context("cannot start cargo; is Rust installed? https://rustup.rs")
}
