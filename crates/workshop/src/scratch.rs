//! A copy of the exercises to work in, so that proofs and documents never touch an attendee's work.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Lays a tree into the empty folder `to`: the starters of all exercises, and all else as it is in `root`.
///
/// Its package of exercises has a name of its own, so that cargo keeps its programs apart from the attendee's in one
/// target folder, and shares what both depend on.
///
/// # Errors
/// The file system doesn't let us.
pub fn lay(root: &Path, to: &Path) -> Result<PathBuf> {
    for (file, from, into) in [
        ("Cargo.toml", "", ""),
        (
            "Cargo.lock",
            "name = \"exercises\"",
            "name = \"exercises-in-scratch\"",
        ),
        (
            "exercises/Cargo.toml",
            "name = \"exercises\"",
            "name = \"exercises-in-scratch\"",
        ),
    ] {
        let text =
            fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))?;
        let path = to.join(file);
        fs::create_dir_all(path.parent().unwrap_or(to))?;
        fs::write(path, text.replace(from, into))?;
    }
    for name in ["demos", "haproxy", "docker-compose.yml", "Dockerfile"] {
        symlink(fs::canonicalize(root.join(name))?, to.join(name))?;
    }
    for exercise in fs::read_dir(root.join("exercises"))?
        .flatten()
        .filter(|entry| entry.path().is_dir())
    {
        let into = to.join("exercises").join(exercise.file_name());
        copy(&exercise.path(), &into)?;
        copy(&into.join("starter"), &into)?;
    }
    Ok(to.to_owned())
}

/// Copies the folder `from` with all that is in it over `to`.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let into = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &into)?;
        } else {
            // Not a copy, which may be as old as its model: cargo goes by times.
            fs::write(into, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
