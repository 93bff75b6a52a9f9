//! Sessions in a directory, a file for each.

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

/// The store's name, as pages and logs show it.
pub const NAME: &str = "file";
/// What a server with this store is, for its `--help`.
pub const ABOUT: &str =
    "The demo with its sessions in files: a restart keeps them, a second server doesn't see them";

/// The options of a [`FileStore`].
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Folder of the session files [default: one for each port, in your cache folder]
    // An empty variable is an unset one, as Compose files make them; clap's own parser of paths refuses it.
    #[arg(long, env = "SESSION_DIR", value_name = "DIR", value_parser = OsStringValueParser::new().map(PathBuf::from))]
    session_dir: Option<PathBuf>,

    #[command(flatten)]
    timeouts: Timeouts,
}

impl Options {
    /// Opens the store of the server at `port`: two servers have two stores, and a restarted one finds its own again.
    ///
    /// # Errors
    /// The directory can't be made or written to, or none was named and the user has no cache folder.
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

/// Why a [`FileStore`] can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum FileStoreError {
    /// The directory can't be made or written to.
    #[error("session directory {}: {}; name another with --session-dir or SESSION_DIR", .dir.display(), .source.kind())]
    Directory {
        /// The directory asked for.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// None was named, and there is no default.
    #[error(
        "there is no cache folder for the session files (is HOME set?); name a folder with --session-dir or SESSION_DIR"
    )]
    NoCacheFolder,
}

/// A directory of session files, `<id>.json`, each one [`Record`].
///
/// Adopts: an id it doesn't hold gets an empty session. A file is replaced whole, by renaming, so no reader ever meets
/// half a session, also when the server is killed in the middle of a write; surviving a power cut is not promised. A
/// file's modification time is the session's last use. Expired files are swept at the start, and then at most once a
/// minute when a session is written. Changes, renewals and deletions wait for each other within a process; two processes
/// on one directory don't. File I/O happens on actix-web's blocking threads.
#[derive(Debug, Clone)]
pub struct FileStore {
    folder: Arc<Folder>,
}

impl FileStore {
    /// Opens `dir`, making it (mode 0700) if it is missing.
    ///
    /// # Errors
    /// The directory can't be made or written to.
    pub async fn open(dir: PathBuf, timeouts: Timeouts) -> Result<Self, FileStoreError> {
        let folder = Folder::new(dir, timeouts);
        let opened = blocking(move || {
            folder
                .prepare()
                .map_err(|source| FileStoreError::Directory {
                    dir: folder.dir.clone(),
                    source,
                })
                .map(|()| folder)
        });
        let folder = opened.await.map_err(|source| FileStoreError::Directory {
            dir: PathBuf::new(),
            source,
        })??;
        Ok(Self {
            folder: Arc::new(folder),
        })
    }

    /// Where the files are.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.folder.dir
    }
}

impl SessionStore for FileStore {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(id) = id::parse(session_key) else {
            return Ok(None);
        };
        let folder = Arc::clone(&self.folder);
        let found = blocking(move || folder.load(id)).await.flatten();
        found.map_err(|error| LoadError::Other(error.into()))
    }

    async fn save(&self, session_state: State, _ttl: &Duration) -> Result<SessionKey, SaveError> {
        let id = id::fresh();
        let record = Record::saved(id, session_state, record::now())
            .map_err(|e| SaveError::Serialization(e.into()))?;
        let folder = Arc::clone(&self.folder);
        let written = blocking(move || folder.write(&record)).await.flatten();
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
        let id = id::parse(&session_key).ok_or_else(|| UpdateError::Other(NotAnId.into()))?;
        let folder = Arc::clone(&self.folder);
        let written = blocking(move || folder.update(id, session_state))
            .await
            .flatten();
        written
            .map(id::key)
            .map_err(|error| UpdateError::Other(error.into()))
    }

    /// Nothing to do: `load` has renewed the idle timeout.
    async fn update_ttl(
        &self,
        _session_key: &SessionKey,
        _ttl: &Duration,
    ) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        let Some(id) = id::parse(session_key) else {
            return Ok(());
        };
        let folder = Arc::clone(&self.folder);
        Ok(blocking(move || folder.remove(id)).await.flatten()?)
    }
}

/// Runs `work` where it may wait for a disk.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    web::block(work).await.map_err(io::Error::other)
}
