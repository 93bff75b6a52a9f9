//! The stores that go through the contract, each on empty storage of its own.

use std::{collections::BTreeMap, fs, path::PathBuf};

use actix_session::storage::SessionStore;
use session_stores::{CookieStore, FileStore, MemoryStore, RedisStore, State, Timeouts};

use crate::common::test_redis::TestRedis;

/// Storage for one kind of store.
pub(crate) trait Fixture: Default {
    type Store: SessionStore + Clone + Send + 'static;

    /// Whether the store gives a visitor with an unknown ID a new one. A permissive store gives an empty session.
    const STRICT: bool;

    /// Opens a store. Each memory store has a storage of its own; the others share the fixture's.
    async fn store(&self, timeouts: Timeouts) -> Self::Store;

    /// Returns everything in the storage, by name.
    fn dump(&self, store: &Self::Store) -> BTreeMap<String, String>;

    /// Returns the storage as bytes, if a session has any.
    fn at_rest(&self) -> Option<&dyn AtRest> {
        None
    }

    /// Returns what `load` returns for an unknown ID.
    fn nothing() -> Option<State> {
        (!Self::STRICT).then(State::new)
    }
}

/// Storage that anyone can read and write beside the store.
pub(crate) trait AtRest {
    fn read(&self, id: &str) -> Option<Vec<u8>>;
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

    fn dump(&self, store: &MemoryStore) -> BTreeMap<String, String> {
        let sessions = (0..store.len()).map(|n| (n.to_string(), format!("{store:?}")));
        sessions.collect()
    }
}

pub(crate) struct File {
    root: tempfile::TempDir,
}

impl Default for File {
    fn default() -> Self {
        let root = tempfile::tempdir().unwrap();
        Self { root }
    }
}

impl File {
    fn dir(&self) -> PathBuf {
        self.root.path().join("some/where/sessions")
    }
}

impl Fixture for File {
    type Store = FileStore;
    const STRICT: bool = false;

    async fn store(&self, timeouts: Timeouts) -> FileStore {
        FileStore::open(self.dir(), timeouts).await.unwrap()
    }

    fn dump(&self, _: &FileStore) -> BTreeMap<String, String> {
        let (mut found, mut folders) = (BTreeMap::new(), vec![self.root.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
                    found.insert(path.display().to_string(), text);
                }
            }
        }
        found
    }

    fn at_rest(&self) -> Option<&dyn AtRest> {
        Some(self)
    }
}

impl AtRest for File {
    fn read(&self, id: &str) -> Option<Vec<u8>> {
        fs::read(self.dir().join(format!("{id}.json"))).ok()
    }

    fn write(&self, id: &str, bytes: &[u8]) {
        fs::write(self.dir().join(format!("{id}.json")), bytes).unwrap();
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

    fn dump(&self, _: &RedisStore) -> BTreeMap<String, String> {
        let names = self.0.keys().into_iter();
        names
            .map(|name| (name.clone(), self.0.cli(&["GET", &name])))
            .collect()
    }

    fn at_rest(&self) -> Option<&dyn AtRest> {
        Some(self)
    }
}

// redis-cli takes and prints text, so bytes go through Lua.
impl AtRest for Redis {
    fn read(&self, id: &str) -> Option<Vec<u8>> {
        let hex = r"return (redis.call('GET', KEYS[1]) or 'none'):gsub('.', function(c) return ('%02x'):format(c:byte()) end)";
        let name = format!("{}{id}", self.0.prefix);
        let hex = self.0.cli(&["EVAL", hex, "1", &name]);
        let bytes = (0..hex.len()).step_by(2);
        let bytes: Vec<u8> = bytes
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect();
        (bytes != b"none").then_some(bytes)
    }

    fn write(&self, id: &str, bytes: &[u8]) {
        let text: String = bytes.iter().map(|byte| format!("\\{byte:03}")).collect();
        let set = format!("return redis.call('SET', KEYS[1], '{text}')");
        self.0
            .cli(&["EVAL", &set, "1", &format!("{}{id}", self.0.prefix)]);
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

    fn dump(&self, _: &CookieStore) -> BTreeMap<String, String> {
        BTreeMap::new()
    }
}
