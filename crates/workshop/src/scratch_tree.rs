//! A copy of the exercises. Tests of exercises and documents use it, so that they never touch an
//! attendee's work.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Creates a tree in the empty folder `to`, with the starters of all exercises and with links to
/// what else they need from the tree at `root`.
///
/// Its package of exercises has a name of its own. So it can share a target folder and built
/// dependencies with the attendee's tree, while cargo keeps their programs apart.
pub fn create(root: &Path, to: &Path) -> Result<PathBuf> {
    let name = "name = \"exercises\"";
    let scratch_name = "name = \"exercises-in-scratch\"";
    fs::create_dir_all(to.join("exercises"))?;
    for (file, from, into) in [
        ("Cargo.toml", "", ""),
        ("Cargo.lock", name, scratch_name),
        ("exercises/Cargo.toml", name, scratch_name),
    ] {
        let text =
            fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))?;
        fs::write(to.join(file), text.replace(from, into))?;
    }
    for name in [
        "crates",
        "demos",
        "haproxy",
        "docker-compose.yml",
        "Dockerfile",
    ] {
        symlink(fs::canonicalize(root.join(name))?, to.join(name))?;
    }
    for exercise in fs::read_dir(root.join("exercises"))?.flatten() {
        if exercise.path().is_dir() {
            let into = to.join("exercises").join(exercise.file_name());
            copy(&exercise.path(), &into)?;
            copy(&into.join("starter"), &into)?;
        }
    }
    Ok(to.to_owned())
}

/// Copies the folder `from` with everything in it into `to`.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let into = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &into)?;
        } else {
            // `fs::copy` may keep the time of the original, which cargo compares.
            fs::write(into, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
