//! Sessions in a directory, one file for each.

mod folder;
mod sweep;
mod threads;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use uuid::Uuid;

use crate::{Loaded, OldId, Record, Saved, Store, StoreError, Timeouts, id};
use folder::Folder;
use threads::Threads;

/// The error of opening a [`FileStore`]: its directory can't be created or written to.
#[derive(Debug, thiserror::Error)]
#[error("session directory {}: {}", .dir.display(), .source.kind())]
pub struct FileStoreError {
    dir: PathBuf,
    source: io::Error,
}

/// A directory of session files, `<id>.json`, each with one [`Record`].
///
/// It is permissive: an unknown ID gets an empty session. It replaces a file by renaming a new one, so no reader sees
/// half a session, even if the server is killed during a write. After a power cut sessions may be lost: the store does
/// not wait until a file is on the disk (`fsync`). A write would take at least twice as long with it.
///
/// The store has a few threads of its own, which all clones share. A slow disk doesn't hold up other work.
///
/// Within a process each write checks the version under a lock. Two processes that share a directory don't wait for
/// each other: if both write a session at once, the last write wins.
///
/// A file's modification time is the session's last use. A thread in the background removes expired files: when the
/// store is opened, and then at most once a minute when a session is written.
#[derive(Debug, Clone)]
pub struct FileStore {
    folder: Arc<Folder>,
    threads: Arc<Threads>,
}

impl FileStore {
    /// Opens `dir`, and creates it with mode 0700 if it is missing.
    ///
    /// # Errors
    /// Returns an error if the directory can't be created or written to.
    pub async fn open(dir: PathBuf, timeouts: Timeouts) -> Result<Self, FileStoreError> {
        let failed = |source| FileStoreError {
            dir: dir.clone(),
            source,
        };
        let store = Self {
            folder: Arc::new(Folder::new(dir.clone(), timeouts)),
            threads: Arc::new(Threads::new().map_err(failed)?),
        };
        let folder = Arc::clone(&store.folder);
        let prepared = store.threads.run(move || folder.prepare()).await;
        let prepared = prepared.map_err(io::Error::other).flatten();
        prepared.map_err(failed)?;
        Ok(store)
    }

    /// Returns the directory of the session files.
    pub fn dir(&self) -> &Path {
        &self.folder.dir
    }

    /// Replaces the session `old` by `record` if its version is still `read`; see [`Folder::replace`].
    async fn replace(
        &self,
        old: Uuid,
        read: Option<u64>,
        record: &Record,
    ) -> Result<Saved, StoreError> {
        let record = record.clone();
        self.blocking(move |folder| {
            folder.start_sweep_if_due();
            folder.replace(old, read, &record)
        })
        .await
    }

    /// Runs `work` on a thread that may wait for a disk.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Folder>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let folder = Arc::clone(&self.folder);
        self.threads
            .run(move || work(&folder))
            .await
            .map_err(StoreError::failed)?
    }
}

impl Store for FileStore {
    fn timeouts(&self) -> Timeouts {
        self.folder.timeouts
    }

    async fn load(&self, key: &str) -> Result<Option<Loaded>, StoreError> {
        let Some(id) = id::parse(key) else {
            return Ok(None);
        };
        self.blocking(move |folder| folder.load(id)).await
    }

    async fn create(&self, record: &Record) -> Result<Saved, StoreError> {
        self.replace(record.id, None, record).await
    }

    async fn save(&self, record: &Record, read: u64) -> Result<Saved, StoreError> {
        self.replace(record.id, Some(read), record).await
    }

    async fn rotate(&self, record: &Record, old: &Loaded, _: OldId) -> Result<Saved, StoreError> {
        self.replace(old.record.id, old.version, record).await
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let Some(id) = id::parse(key) else {
            return Ok(());
        };
        self.blocking(move |folder| folder.delete(id)).await
    }
}
