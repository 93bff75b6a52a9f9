//! What is started: the demos, freshly built, and the tools that come from the system.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use anyhow::{Context, Result, anyhow, bail};

/// Folders where systems keep servers, and that a user's PATH may lack.
const SERVER_FOLDERS: [&str; 4] = [
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
];

/// The root of the source tree.
#[must_use]
pub fn root() -> &'static Path {
    // Two up from here.
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The program `name` of the system.
///
/// # Errors
/// It isn't there; the message says how to get it.
pub fn tool(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(SERVER_FOLDERS.map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .with_context(|| format!("{name} is not installed; scripts/setup.sh installs it"))
}

/// The binary `name` of this workspace, as its source is now.
///
/// # Errors
/// It doesn't build; the message is the compiler's.
pub fn binary(name: &str) -> Result<&'static Path> {
    build()?
        .get(name)
        .map(PathBuf::as_path)
        .with_context(|| format!("this workspace has no binary {name}"))
}

/// Builds the binaries of this workspace, once in the life of this process: what is started is never stale.
///
/// # Errors
/// They don't build; the message is the compiler's.
pub fn build() -> Result<&'static HashMap<String, PathBuf>> {
    static BUILT: OnceLock<Result<HashMap<String, PathBuf>, String>> = OnceLock::new();
    BUILT
        .get_or_init(|| run_cargo().map_err(|error| format!("{error:#}")))
        .as_ref()
        .map_err(|error| anyhow!("{error}"))
}

fn run_cargo() -> Result<HashMap<String, PathBuf>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // The whole workspace, as `cargo test` builds it, so that one set of features and so one build serves both; but for
    // the exercises, which are work in progress.
    let output = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--workspace",
            "--exclude",
            "exercises",
            "--bins",
            "--message-format=json-render-diagnostics",
        ])
        .current_dir(root())
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!(
            "the demos don't build:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let messages = output
        .stdout
        .split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok());
    Ok(messages
        .filter_map(|message| {
            Some((
                message["target"]["name"].as_str()?.to_owned(),
                message["executable"].as_str()?.into(),
            ))
        })
        .collect())
}
