//! The file of a session, for the checks of stores that keep their sessions in files.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use anyhow::{Result, bail};

use crate::checker::{Checker, Finding, Visitor};

/// Expects that a reader who has opened the visitor's session file, at `path`, before a write still reads the old
/// session.
pub(super) async fn expect_replaced(
    checker: &Checker,
    path: &Path,
    visitor: &mut Visitor<'_>,
) -> Result<()> {
    let before = fs::read(path)?;
    let mut reader = File::open(path)?;
    checker.log("a reader opens the session's file before the next write");
    visitor.get("/").await?;
    let mut read = Vec::new();
    reader.read_to_end(&mut read)?;
    if read == before {
        return Ok(());
    }
    let expected = "the old session for a reader who opened the old file";
    let observed = "the new content in the same file";
    let meaning = "the new session was written over the old one in place, which a reader can see half done. A rename puts another file in its place";
    bail!(Finding::new(expected, observed, meaning))
}
