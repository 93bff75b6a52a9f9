//! The servers that the check starts.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use testkit::Instance;

use super::price_server::PriceServer;
use crate::checker::{Checker, Visitor};

/// Two instances of the attendee's program, the folder that they share, and the server that their changes ask.
pub(super) struct Site {
    pub(super) apps: [Instance; 2],
    pub(super) folder: PathBuf,
    pub(super) prices: PriceServer,
}

impl Site {
    /// Starts two instances. Each has a folder for temporary files and a current folder of its own, as on two machines.
    pub(super) async fn start(checker: &Checker, names: [&str; 2], folder: &str) -> Result<Self> {
        let prices = PriceServer::start().await?;
        let folder = checker.env.folder(folder)?;
        let app = async |name: &str| -> Result<Instance> {
            let own = own_folder(checker, name)?.display().to_string();
            let mut command = Command::new(&checker.work);
            command.current_dir(&own);
            let shared = folder.display().to_string();
            let settings = [
                ("SESSION_DIR", shared.as_str()),
                ("PRICE_SERVER", &prices.address),
                ("TMPDIR", &own),
            ];
            let mut app = Instance::of(&checker.env, command, name, &settings)?;
            checker.start(&mut app).await?;
            Ok(app)
        };
        let apps = [app(names[0]).await?, app(names[1]).await?];
        Ok(Self {
            apps,
            folder,
            prices,
        })
    }

    /// Returns the files beside the sessions, on which the locks may be.
    pub(super) fn lock_files(&self) -> Result<Vec<PathBuf>> {
        files_beside_sessions(&self.folder)
    }

    /// Returns the path of the visitor's session.
    pub(super) fn path_of(&self, visitor: &Visitor<'_>) -> Result<PathBuf> {
        let id = visitor.client.session_id().context("no session ID")?;
        Ok(self.folder.join(format!("{id}.json")))
    }
}

/// Returns the folder that only the instance called `name` uses.
pub(super) fn own_folder(checker: &Checker, name: &str) -> Result<PathBuf> {
    checker.env.folder(&format!("own-{name}"))
}

/// Returns the files in `folder`, and in folders inside it, that are not sessions.
fn files_beside_sessions(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_beside_sessions(&path)?);
        } else if path.extension() != Some(OsStr::new("json")) {
            found.push(path);
        }
    }
    Ok(found)
}
