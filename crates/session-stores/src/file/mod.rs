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

/// How many threads load sessions. With fewer, some slow reads would delay all visitors. More of them cost more CPU,
/// because they sleep and wake more often.
const READERS: usize = 4;

/// The error of opening a [`FileStore`]: its directory can't be created or written to.
#[derive(Debug, thiserror::Error)]
#[error("session directory {}: {}", .dir.display(), .source.kind())]
pub struct FileStoreError {
    dir: PathBuf,
    source: io::Error,
}

/// A directory of session files, `<id>.json`, each with one [`Record`].
///
/// It is permissive: an unknown ID gets an empty session. A new file takes the name of the former one in one step, so no
/// reader sees half a session, even if the server is killed during a write. After a power cut, sessions that were
/// written shortly before may be lost: the store does not wait until a file is on the disk (`fsync`). A write would take
/// many times as long with it.
///
/// The store has a few threads of its own, which all clones share. One of them writes, because writes wait for each
/// other anyway. The others load, so a write that hangs does not hold up requests that only load a session.
///
/// Within a process each write checks the version under a lock. Two processes that share a directory don't wait for
/// each other: if both write a session at once, the last write wins.
///
/// A file's modification time is the session's last use. A thread in the background removes expired files: when the
/// store is opened, and then at most once a minute when a session is written.
///
/// ```no_run
/// # async fn open() -> Result<(), session_stores::FileStoreError> {
/// use session_stores::{FileStore, Timeouts};
/// let store = FileStore::open("/var/lib/shop/sessions".into(), Timeouts::default()).await?;
/// println!("sessions in {}", store.dir().display());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FileStore {
    folder: Arc<Folder>,
    readers: Arc<Threads>,
    writer: Arc<Threads>,
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
            readers: Arc::new(Threads::new(READERS).map_err(failed)?),
            writer: Arc::new(Threads::new(1).map_err(failed)?),
        };
        let folder = Arc::clone(&store.folder);
        let prepared = store.writer.run(move || folder.prepare()).await;
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
        self.run(&self.writer, move |folder| {
            folder.start_sweep_if_due();
            folder.replace(old, read, &record)
        })
        .await
    }

    /// Runs `work` on one of the `threads`.
    async fn run<T: Send + 'static>(
        &self,
        threads: &Threads,
        work: impl FnOnce(&Arc<Folder>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let folder = Arc::clone(&self.folder);
        threads
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
        self.run(&self.readers, move |folder| folder.load(id)).await
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
        self.run(&self.writer, move |folder| folder.delete(id))
            .await
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use futures_util::future::{Either, join_all, select};
    use tokio::time::timeout;

    use super::*;
    use crate::record;

    #[tokio::test]
    async fn a_load_does_not_wait_for_writes_that_hang() {
        let dir = tempfile::tempdir().unwrap();
        let timeouts = Timeouts::NEVER;
        let store = FileStore::open(dir.path().to_owned(), timeouts)
            .await
            .unwrap();
        let record = Record::begin(None, record::now(), &timeouts);
        store.create(&record).await.unwrap();
        let (folder, key) = (Arc::clone(&store.folder), record.id.to_string());
        let (locked, is_locked) = mpsc::channel();
        let (hang, hangs) = mpsc::channel::<()>();
        let disk = thread::spawn(move || {
            let _changing = folder.lock();
            locked.send(()).unwrap();
            hangs.recv()
        });
        is_locked.recv().unwrap();

        let writes = join_all((0..2 * READERS).map(|_| Box::pin(store.save(&record, 1))));
        let load = timeout(Duration::from_secs(10), Box::pin(store.load(&key)));
        let first = select(writes, Box::pin(load)).await;
        drop(hang);
        disk.join().unwrap().unwrap_err();

        let Either::Right((Ok(loaded), _)) = first else {
            panic!("the load waited");
        };
        assert_eq!(loaded.unwrap().unwrap().version, Some(0));
    }
}
