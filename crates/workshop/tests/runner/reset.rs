//! The starter again.

use std::{fs, path::PathBuf};

use anyhow::Result;

use crate::desk::Desk;

/// The backups at `desk`, each with its text.
pub(crate) fn backups(desk: &Desk) -> Result<Vec<(PathBuf, String)>> {
    let folder = desk.tree().join(".workshop/backup/01-count");
    if !folder.exists() {
        return Ok(Vec::new());
    }
    fs::read_dir(folder)?
        .map(|entry| {
            entry
                .map_err(Into::into)
                .and_then(|entry| Ok((entry.path(), fs::read_to_string(entry.path())?)))
        })
        .collect()
}

#[test]
fn without_a_terminal_a_reset_wants_yes() -> Result<()> {
    let desk = Desk::new()?;
    desk.write("my work")?;
    let before = fs::read_to_string(desk.exercise()?.file())?;
    let told = desk.told(&["reset", "1"])?;
    assert!(told.code == Some(1) && told.says("--yes"), "{}", told.all());
    assert_eq!(fs::read_to_string(desk.exercise()?.file())?, before);
    Ok(())
}

#[test]
fn a_reset_keeps_the_work_and_the_progress() -> Result<()> {
    let desk = Desk::new()?;
    desk.told(&["hint", "1"])?;
    for work in ["my work", "my second try"] {
        desk.write(work)?;
        let told = desk.told(&["reset", "1", "--yes"])?;
        assert!(
            told.code == Some(0)
                && told.says("is the starter again; what you had:\n  .workshop/backup/01-count/"),
            "{}",
            told.all()
        );
        assert!(desk.exercise()?.is_untouched()?);
        assert!(backups(&desk)?.iter().any(|(_, text)| text.contains(work)));
    }
    assert_eq!(backups(&desk)?.len(), 2);
    assert!(desk.told(&["hint", "1"])?.says("Hint 2"));
    Ok(())
}

#[test]
fn a_file_that_was_deleted_comes_back() -> Result<()> {
    let desk = Desk::new()?;
    fs::remove_file(desk.exercise()?.file())?;
    let told = desk.told(&["reset", "1", "--yes"])?;
    assert_eq!(told.code, Some(0), "{}", told.all());
    assert!(desk.exercise()?.is_untouched()? && backups(&desk)?.is_empty());
    Ok(())
}

#[test]
fn a_reset_of_all_leaves_alone_what_is_untouched() -> Result<()> {
    let desk = Desk::new()?;
    desk.write("my work")?;
    let told = desk.told(&["reset", "--all", "--yes"])?;
    assert_eq!(
        told.out.matches("is the starter again").count(),
        1,
        "{}",
        told.all()
    );
    assert!(desk.exercise()?.is_untouched()?);
    assert!(
        desk.told(&["reset", "--all", "--yes"])?
            .says("Nothing to reset")
    );
    Ok(())
}

#[test]
fn a_reset_says_which() -> Result<()> {
    let told = Desk::new()?.told(&["reset"])?;
    assert!(told.code == Some(2) && told.says("--all"), "{}", told.all());
    Ok(())
}
