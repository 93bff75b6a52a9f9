//! The demos, freshly built, and programs of the system.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use anyhow::{Context, Result, anyhow, bail};

use crate::cargo::cargo;

/// Folders that contain servers and that a user's PATH may lack.
const SERVER_FOLDERS: [&str; 4] = [
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
];

/// Builds the whole workspace, as `cargo test` does: the same features, and so no second build of the dependencies.
/// Leaves out the exercises, which an attendee may be editing.
const BUILD: &str =
    "build --quiet --workspace --exclude exercises --message-format=json-render-diagnostics";

/// Returns the root of the source tree.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Finds the system's program `name`. The error says how to install it.
pub fn tool(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(SERVER_FOLDERS.map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .with_context(|| format!("{name} is not installed; scripts/setup.sh installs it"))
}

/// Returns the path of this workspace's binary `name`, built from the current source.
pub fn binary(name: &str) -> Result<&'static Path> {
    build()?
        .get(name)
        .map(PathBuf::as_path)
        .with_context(|| format!("this workspace has no binary {name}"))
}

/// Returns the path of this workspace's example `name`, built from the current source.
pub fn example(name: &str) -> Result<PathBuf> {
    run_cargo("--examples")?
        .remove(name)
        .with_context(|| format!("this workspace has no example {name}"))
}

/// Builds the binaries of this workspace, once in each process, so that no test runs a stale one. Returns their paths by
/// name, or the compiler's error.
pub fn build() -> Result<&'static HashMap<String, PathBuf>> {
    static BUILT: OnceLock<Result<HashMap<String, PathBuf>, String>> = OnceLock::new();
    BUILT
        .get_or_init(|| run_cargo("--bins").map_err(|error| format!("{error:#}")))
        .as_ref()
        .map_err(|error| anyhow!("{error}"))
}

/// Builds `targets`, and returns the paths of their programs by name.
fn run_cargo(targets: &str) -> Result<HashMap<String, PathBuf>> {
    let output = cargo()
        .args(BUILD.split_whitespace())
        .arg(targets)
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
    let binaries = messages.filter_map(|message| {
        let name = message["target"]["name"].as_str()?.to_owned();
        Some((name, message["executable"].as_str()?.into()))
    });
    Ok(binaries.collect())
}
