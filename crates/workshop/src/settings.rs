//! The environment variables that change the demos, the story and the containers.
//!
//! The names come from the programs' own `--help` and from `docker-compose.yml`, so this list has every setting that
//! they have.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use testkit::Compose;

/// Settings of Docker Compose itself, which change what `docker compose up` starts.
const COMPOSE: [&str; 3] = ["COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME"];

/// Returns the names of all settings. `root` is the root of the source tree, and `programs` the folder where its
/// programs were built.
pub fn names(root: &Path, programs: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::from(COMPOSE.map(str::to_owned));
    names.extend(Compose::settings().into_iter().map(str::to_owned));
    for program in programs_with_settings(root)? {
        let path = programs.join(&program);
        let output = Command::new(&path)
            .arg("--help")
            .output()
            .with_context(|| format!("cannot start {}", path.display()))?;
        let help = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "{program} --help failed: {help}");
        names.extend(names_in(&help));
    }
    Ok(names)
}

/// Returns the folder of this program, where cargo builds the others too.
pub fn programs() -> Result<PathBuf> {
    let program = env::current_exe().context("cannot find this program's folder")?;
    Ok(program.parent().unwrap_or(&program).to_owned())
}

/// Returns the story and the demos. A demo's program is `demo-` and the name of its folder.
fn programs_with_settings(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("demos");
    let demos =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let demos = demos.flatten().filter(|entry| entry.path().is_dir());
    let demos = demos.map(|entry| format!("demo-{}", entry.file_name().to_string_lossy()));
    Ok(demos.chain(["story".to_owned()]).collect())
}

/// Returns the names in `[env: NAME=value]`, where help may break the line.
fn names_in(help: &str) -> impl Iterator<Item = String> {
    let is_in_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    help.split("[env:")
        .skip(1)
        .map(move |part| part.trim_start().chars().take_while(is_in_name).collect())
}
