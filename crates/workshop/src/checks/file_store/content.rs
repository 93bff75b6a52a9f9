//! The files of the sessions of app-1.

use std::{collections::HashMap, fs, io, path::PathBuf};

use anyhow::{Context, Result};

use crate::checker::{Checker, Visitor};

/// The content of a session's file.
#[derive(Debug, PartialEq)]
pub(super) enum Content {
    Whole,
    Missing,
    Half(usize),
    Several(usize),
}

impl Content {
    /// Returns what was read from a session's file.
    pub(super) fn of(read: io::Result<Vec<u8>>) -> io::Result<Self> {
        let json = match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Missing),
            json => json?,
        };
        let sessions: Vec<_> = serde_json::Deserializer::from_slice(&json)
            .into_iter::<HashMap<String, String>>()
            .collect();
        Ok(match sessions.as_slice() {
            [Ok(_)] => Self::Whole,
            [Ok(_), ..] => Self::Several(sessions.len()),
            _ => Self::Half(json.len()),
        })
    }
}

pub(super) fn folder(checker: &Checker) -> PathBuf {
    checker.env.path().join("sessions/app-1")
}

/// Returns the path of the visitor's session, unless the visitor has none.
pub(super) fn path_of(checker: &Checker, visitor: &Visitor<'_>) -> Option<PathBuf> {
    let id = visitor.client.session_id()?;
    Some(folder(checker).join(format!("{id}.json")))
}

/// Reads the file of the visitor's session.
pub(super) fn content(checker: &Checker, visitor: &Visitor<'_>) -> Result<Content> {
    let Some(path) = path_of(checker, visitor) else {
        return Ok(Content::Missing);
    };
    Content::of(fs::read(&path)).with_context(|| format!("cannot read {}", path.display()))
}
