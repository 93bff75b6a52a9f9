//! Sessions in a directory, one file for each.

mod folder;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::{cookie::time::Duration, web};
use clap::builder::{OsStringValueParser, TypedValueParser};

use crate::{
    Record, State, Timeouts,
    id::{self, NotAnId},
    record,
};
use folder::Folder;

/// The store's name in pages and logs.
pub const NAME: &str = "file";
/// The first line of `--help` in a server with this store.
pub const ABOUT: &str =
    "The demo with its sessions in files: a restart keeps them, a second server doesn't see them";

/// The options of a [`FileStore`].
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Folder of the session files [default: one for each port, in your cache folder]
    // Compose files set variables to an empty value. It counts as unset; clap's own parser of paths rejects it.
    #[arg(long, env = "SESSION_DIR", value_name = "DIR", value_parser = OsStringValueParser::new().map(PathBuf::from))]
    session_dir: Option<PathBuf>,

    #[command(flatten)]
    timeouts: Timeouts,
}

impl Options {
    /// Opens the store of the server at `port`. By default each port has a directory of its own, which the server finds
    /// again after a restart.
    ///
    /// # Errors
    /// Returns an error if the directory can't be created or written to, or if none was named and the user has no cache
    /// folder.
    pub async fn open(self, port: u16) -> Result<FileStore, FileStoreError> {
        let named = self.session_dir.filter(|dir| !dir.as_os_str().is_empty());
        let dir = named
            .or_else(|| Some(dirs::cache_dir()?.join(format!("session-workshop/file-{port}"))))
            .ok_or(FileStoreError::NoCacheFolder)?;
        let store = FileStore::open(dir, self.timeouts).await?;
        log::info!("sessions in {}", store.dir().display());
        Ok(store)
    }
}

/// The error of opening a [`FileStore`].
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages explain the fields")]
pub enum FileStoreError {
    /// The directory can't be created or written to.
    #[error("session directory {}: {}; name another with --session-dir or SESSION_DIR", .dir.display(), .source.kind())]
    Directory { dir: PathBuf, source: io::Error },
    /// No directory was named, and there is no default.
    #[error(
        "there is no cache folder for the session files (is HOME set?); name a folder with --session-dir or SESSION_DIR"
    )]
    NoCacheFolder,
}

/// A directory of session files, `<id>.json`, each with one [`Record`].
///
/// It is permissive: an unknown ID gets an empty session. It replaces a file by renaming a new one, so no reader sees
/// half a session, even if the server is killed during a write. After a power cut sessions may be lost.
///
/// A file's modification time is the session's last use. Expired files are removed at the start, and then at most once
/// a minute when a session is written. Within a process changes, renewals and deletions wait for each other. Two
/// processes that share a directory don't wait. File I/O runs on actix-web's blocking threads.
#[derive(Debug, Clone)]
pub struct FileStore {
    folder: Arc<Folder>,
}

impl FileStore {
    /// Opens `dir`, and creates it with mode 0700 if it is missing.
    ///
    /// # Errors
    /// Returns an error if the directory can't be created or written to.
    pub async fn open(dir: PathBuf, timeouts: Timeouts) -> Result<Self, FileStoreError> {
        let folder = Arc::new(Folder::new(dir, timeouts));
        let store = Self { folder };
        store
            .blocking(Folder::prepare)
            .await
            .map_err(|source| FileStoreError::Directory {
                dir: store.dir().to_owned(),
                source,
            })?;
        Ok(store)
    }

    /// Returns the directory of the session files.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.folder.dir
    }

    /// Runs `work` on a thread that may wait for a disk.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let folder = Arc::clone(&self.folder);
        let done = web::block(move || work(&folder)).await;
        done.map_err(io::Error::other).flatten()
    }
}

impl SessionStore for FileStore {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(id) = id::parse(session_key.as_ref()) else {
            return Ok(None);
        };
        let found = self.blocking(move |folder| folder.load(id)).await;
        found.map_err(|error| LoadError::Other(error.into()))
    }

    async fn save(&self, session_state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let id = id::fresh();
        let record = Record::saved(id, session_state, record::now())
            .map_err(|e| SaveError::Serialization(e.into()))?;
        let written = self.blocking(move |folder| folder.write(&record)).await;
        written
            .map(|()| id::key(id))
            .map_err(|error| SaveError::Other(error.into()))
    }

    async fn update(
        &self,
        session_key: SessionKey,
        session_state: State,
        _ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        let id =
            id::parse(session_key.as_ref()).ok_or_else(|| UpdateError::Other(NotAnId.into()))?;
        let written = self.blocking(move |folder| folder.update(id, session_state));
        written
            .await
            .map(id::key)
            .map_err(|error| UpdateError::Other(error.into()))
    }

    /// Does nothing: `load` has already renewed the idle timeout.
    async fn update_ttl(
        &self,
        _session_key: &SessionKey,
        _ttl: &Duration,
    ) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        if let Some(id) = id::parse(session_key.as_ref()) {
            self.blocking(move |folder| folder.remove(id)).await?;
        }
        Ok(())
    }
}
