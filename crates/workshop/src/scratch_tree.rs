//! A copy of the exercises. Tests of exercises and documents use it, so that they never touch an attendee's work.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::exercise::Exercise;

/// Creates a tree in the empty folder `to`, with the starters of all exercises and with links to what else they need
/// from the tree at `root`.
///
/// Its package of exercises has a name of its own. So it can share a target folder and built dependencies with the
/// attendee's tree, while cargo keeps their programs apart.
pub fn create(root: &Path, to: &Path) -> Result<PathBuf> {
    let copied = Command::new("cp")
        .arg("-R")
        .args([root.join("exercises"), to.to_owned()])
        .status()
        .context("cannot start cp")?;
    ensure!(copied.success(), "cannot copy the exercises");
    for exercise in Exercise::all(to)? {
        fs::write(exercise.file(), exercise.starter()?)?;
    }
    workspace(root, to, "exercises-in-scratch")?;
    Ok(to.to_owned())
}

/// Makes the folder `to` a workspace like the one at `root`, with a package of exercises called `name` that has no
/// sources. Replaces an earlier one.
pub fn workspace(root: &Path, to: &Path, name: &str) -> Result<()> {
    fs::create_dir_all(to.join("exercises"))?;
    let old = "name = \"exercises\"";
    let new = format!("name = \"{name}\"");
    for (file, from, into) in [
        ("Cargo.toml", "", ""),
        ("Cargo.lock", old, &new),
        ("exercises/Cargo.toml", old, &new),
    ] {
        let text =
            fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))?;
        fs::write(to.join(file), text.replace(from, into))?;
    }
    let links = "crates demos haproxy docker-compose.yml Dockerfile workshop.md";
    for name in links.split(' ') {
        let link = to.join(name);
        if link.is_symlink() {
            fs::remove_file(&link)?;
        }
        symlink(fs::canonicalize(root.join(name))?, link)?;
    }
    Ok(())
}
