//! The worlds in which stores are put through the contract, each one empty at first and ours alone.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use actix_session::storage::SessionStore;
use session_stores::{CookieStore, FileStore, MemoryStore, RedisStore, Timeouts, redis::Options};
use testkit::{Persistence, TestEnv};

/// What a store does with an id that it doesn't hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// The id is kept, its session is empty.
    Adopted,
    /// There is no such session.
    Refused,
}

/// A world with one kind of store in it.
pub(crate) trait Bench: Sized {
    type Store: SessionStore + Clone + Send + 'static;

    const UNKNOWN: Unknown;

    async fn open() -> Self;

    /// A store of this world. Memory has a world for each store, the others have one for all of them.
    async fn store(&self, timeouts: Timeouts) -> Self::Store;

    /// Everything there is: the sessions, and what lies around them.
    fn everything(&self, store: &Self::Store) -> BTreeMap<String, String>;

    /// Where others can see and touch the sessions; `None` if there is no such place.
    fn rest(&self) -> Option<&dyn Rest>;
}

/// A place where sessions lie as text.
pub(crate) trait Rest {
    fn read(&self, id: &str) -> Option<Vec<u8>>;
    fn lay(&self, id: &str, bytes: &[u8]);
}

pub(crate) struct Memory;

/// Its sessions are values, not text: nobody can lay a malformed one in, nobody else can read one.
impl Bench for Memory {
    type Store = MemoryStore;
    const UNKNOWN: Unknown = Unknown::Adopted;

    async fn open() -> Self {
        Self
    }

    async fn store(&self, timeouts: Timeouts) -> MemoryStore {
        MemoryStore::new(timeouts)
    }

    fn everything(&self, store: &MemoryStore) -> BTreeMap<String, String> {
        if store.is_empty() {
            BTreeMap::new()
        } else {
            [(format!("{} sessions", store.len()), format!("{store:?}"))].into()
        }
    }

    fn rest(&self) -> Option<&dyn Rest> {
        None
    }
}

pub(crate) struct File {
    deployment: tempfile::TempDir,
}

impl File {
    fn dir(&self) -> PathBuf {
        self.deployment.path().join("some/where/sessions")
    }
}

impl Bench for File {
    type Store = FileStore;
    const UNKNOWN: Unknown = Unknown::Adopted;

    async fn open() -> Self {
        Self {
            deployment: tempfile::tempdir().unwrap(),
        }
    }

    async fn store(&self, timeouts: Timeouts) -> FileStore {
        FileStore::open(self.dir(), timeouts).await.unwrap()
    }

    fn everything(&self, _: &FileStore) -> BTreeMap<String, String> {
        let (mut found, mut folders) = (BTreeMap::new(), vec![self.deployment.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.insert(
                        path.display().to_string(),
                        String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned(),
                    );
                }
            }
        }
        found
    }

    fn rest(&self) -> Option<&dyn Rest> {
        Some(self)
    }
}

impl Rest for File {
    fn read(&self, id: &str) -> Option<Vec<u8>> {
        fs::read(self.dir().join(format!("{id}.json"))).ok()
    }

    fn lay(&self, id: &str, bytes: &[u8]) {
        fs::write(self.dir().join(format!("{id}.json")), bytes).unwrap();
    }
}

pub(crate) struct Redis {
    server: testkit::Redis,
}

impl Bench for Redis {
    type Store = RedisStore;
    const UNKNOWN: Unknown = Unknown::Refused;

    async fn open() -> Self {
        Self {
            server: testkit::Redis::start(&TestEnv::new().unwrap(), Persistence::None)
                .await
                .unwrap(),
        }
    }

    async fn store(&self, timeouts: Timeouts) -> RedisStore {
        let redis_timeout = Duration::from_secs(10);
        RedisStore::connect(Options {
            redis_url: self.server.url(),
            redis_timeout,
            timeouts,
            ..Options::default()
        })
        .await
        .unwrap()
    }

    fn everything(&self, _: &RedisStore) -> BTreeMap<String, String> {
        let names = self.server.cli(&["--scan"]).unwrap();
        names
            .lines()
            .map(|name| (name.to_owned(), self.server.cli(&["GET", name]).unwrap()))
            .collect()
    }

    fn rest(&self) -> Option<&dyn Rest> {
        Some(self)
    }
}

impl Rest for Redis {
    fn read(&self, id: &str) -> Option<Vec<u8>> {
        let hex = r"return (redis.call('GET', KEYS[1]) or 'none'):gsub('.', function(c) return ('%02x'):format(c:byte()) end)";
        let hex = self
            .server
            .cli(&["EVAL", hex, "1", &format!("session:{id}")])
            .unwrap();
        let digits: Vec<char> = hex.chars().collect();
        let bytes: Vec<u8> = digits
            .chunks(2)
            .map(|two| u8::from_str_radix(&two.iter().collect::<String>(), 16).unwrap())
            .collect();
        (bytes != b"none").then_some(bytes)
    }

    fn lay(&self, id: &str, bytes: &[u8]) {
        // An argument of a command line is text; a Lua string is any bytes.
        let text: String = bytes.iter().map(|byte| format!("\\{byte:03}")).collect();
        self.server
            .cli(&[
                "EVAL",
                &format!("return redis.call('SET', KEYS[1], '{text}')"),
                "1",
                &format!("session:{id}"),
            ])
            .unwrap();
    }
}

pub(crate) struct Cookie;

/// The key is the session: there is no other place to look into, or to lay something.
impl Bench for Cookie {
    type Store = CookieStore;
    const UNKNOWN: Unknown = Unknown::Refused;

    async fn open() -> Self {
        Self
    }

    async fn store(&self, timeouts: Timeouts) -> CookieStore {
        CookieStore::new(timeouts)
    }

    fn everything(&self, _: &CookieStore) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    fn rest(&self) -> Option<&dyn Rest> {
        None
    }
}
