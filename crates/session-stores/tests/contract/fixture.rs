//! The stores that go through the contract, each on empty storage of its own.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt, path::PathBuf};

use session_stores::{CookieStore, FileStore, MemoryStore, RedisStore, Store, Timeouts};
use tempfile::TempDir;

use crate::common::test_redis::TestRedis;

/// Storage for one kind of store.
pub(crate) trait Fixture: Default {
    type Store: Store + Clone + Send;

    /// Whether the store gives a visitor with an unknown ID a new one. A permissive store gives an empty session.
    const STRICT: bool;

    /// Opens a store. Each memory store has a storage of its own; the others share the fixture's.
    async fn store(&self, timeouts: Timeouts) -> Self::Store;

    /// Returns how many things are in the storage.
    fn count(&self, store: &Self::Store) -> usize;
}

/// Storage that anyone can read and write beside the store.
pub(crate) trait AtRest: Fixture {
    fn read(&self, id: &str) -> Option<String>;
    fn write(&self, id: &str, bytes: &[u8]);
}

#[derive(Default)]
pub(crate) struct Memory;

impl Fixture for Memory {
    type Store = MemoryStore;
    const STRICT: bool = false;

    async fn store(&self, timeouts: Timeouts) -> MemoryStore {
        MemoryStore::new(timeouts)
    }

    fn count(&self, store: &MemoryStore) -> usize {
        store.len()
    }
}

pub(crate) struct File(TempDir);

impl Default for File {
    fn default() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl File {
    fn path(&self, id: &str) -> PathBuf {
        self.0.path().join(format!("{id}.json"))
    }
}

impl Fixture for File {
    type Store = FileStore;
    const STRICT: bool = false;

    async fn store(&self, timeouts: Timeouts) -> FileStore {
        let dir = self.0.path().to_owned();
        FileStore::open(dir, timeouts).await.unwrap()
    }

    fn count(&self, _: &FileStore) -> usize {
        fs::read_dir(self.0.path()).unwrap().count()
    }
}

impl AtRest for File {
    fn read(&self, id: &str) -> Option<String> {
        let bytes = fs::read(self.path(id)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn write(&self, id: &str, bytes: &[u8]) {
        fs::write(self.path(id), bytes).unwrap();
    }
}

pub(crate) struct Redis(TestRedis);

impl Default for Redis {
    fn default() -> Self {
        Self(TestRedis::shared())
    }
}

impl Fixture for Redis {
    type Store = RedisStore;
    const STRICT: bool = true;

    async fn store(&self, timeouts: Timeouts) -> RedisStore {
        self.0.store(timeouts).await
    }

    fn count(&self, _: &RedisStore) -> usize {
        self.0.keys().len()
    }
}

impl AtRest for Redis {
    fn read(&self, id: &str) -> Option<String> {
        let name = self.0.name(id);
        let exists = self.0.number(&["EXISTS", &name]) == 1;
        exists.then(|| self.0.cli(&["GET", &name]))
    }

    fn write(&self, id: &str, bytes: &[u8]) {
        let name = self.0.name(id);
        self.0.cli(&[
            OsStr::new("SET"),
            OsStr::new(&name),
            OsStr::from_bytes(bytes),
        ]);
    }
}

#[derive(Default)]
pub(crate) struct Cookie;

impl Fixture for Cookie {
    type Store = CookieStore;
    const STRICT: bool = true;

    async fn store(&self, timeouts: Timeouts) -> CookieStore {
        CookieStore::new(timeouts)
    }

    fn count(&self, _: &CookieStore) -> usize {
        0
    }
}
