//! A Redis for one case: a server of its own, or a prefix of its own on a server that all cases of the binary share.

use std::{
    ffi::OsStr,
    fmt::Debug,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use session_stores::{RedisStore, Timeouts, redis::Options};
use testkit::{Persistence, Redis, TestEnv};
use tokio::runtime::Builder;

/// Starts on a thread of its own, because a case blocks its thread's runtime.
static SHARED: LazyLock<Arc<Redis>> = LazyLock::new(|| {
    let start = || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(start(Persistence::None, None, &[]))
    };
    Arc::new(thread::spawn(start).join().unwrap())
});

pub(crate) struct TestRedis {
    server: Arc<Redis>,
    pub(crate) address: String,
    pub(crate) prefix: String,
}

impl TestRedis {
    /// Uses the shared server, with a prefix of its own.
    pub(crate) fn shared() -> Self {
        static CASES: AtomicUsize = AtomicUsize::new(0);
        let case = CASES.fetch_add(1, Ordering::Relaxed);
        Self::new(Arc::clone(&SHARED), &format!("case-{case}:"))
    }

    /// Starts a server, with the default prefix.
    pub(crate) async fn own() -> Self {
        let server = start(Persistence::AppendOnly, None, &[]).await;
        Self::new(Arc::new(server), "session:")
    }

    pub(crate) fn new(server: Arc<Redis>, prefix: &str) -> Self {
        Self {
            address: server.address(),
            server,
            prefix: prefix.to_owned(),
        }
    }

    pub(crate) fn server(&self) -> &Redis {
        &self.server
    }

    /// Returns its own server.
    pub(crate) fn server_mut(&mut self) -> &mut Redis {
        Arc::get_mut(&mut self.server).unwrap()
    }

    pub(crate) async fn store(&self, timeouts: Timeouts) -> RedisStore {
        self.store_with(|options| options.timeouts = timeouts).await
    }

    /// Opens a store without timeouts, with other options than usual.
    pub(crate) async fn store_with(&self, set: impl FnOnce(&mut Options)) -> RedisStore {
        let mut options = Options::new(format!("redis://{}", self.address));
        // It is long, so that tests pass on a slow machine.
        options.timeout = Duration::from_secs(10);
        options.prefix.clone_from(&self.prefix);
        options.timeouts = Timeouts::NEVER;
        set(&mut options);
        RedisStore::connect(options).await.unwrap()
    }

    /// Returns what redis-cli prints.
    pub(crate) fn cli(&self, command: &[impl AsRef<OsStr> + Debug]) -> String {
        self.server.cli(command).unwrap()
    }

    /// Returns a number that redis-cli prints.
    pub(crate) fn number(&self, command: &[&str]) -> i64 {
        self.cli(command).parse().unwrap()
    }

    /// Returns the name of a session in Redis.
    pub(crate) fn name(&self, id: &str) -> String {
        format!("{}{id}", self.prefix)
    }

    /// Returns the name of a user's index in Redis.
    pub(crate) fn index_name(&self, user: &str) -> String {
        format!("{}user:{user}:sessions", self.prefix)
    }

    /// Returns the session IDs in the index of `user`.
    pub(crate) fn index(&self, user: &str) -> Vec<String> {
        let ids = self.cli(&["ZRANGE", &self.index_name(user), "0", "-1"]);
        lines(&ids)
    }

    /// Returns the session's TTL in milliseconds: -1 without one, -2 without the session.
    pub(crate) fn pttl(&self, id: &str) -> i64 {
        self.number(&["PTTL", &self.name(id)])
    }

    /// Returns the names of all sessions, without redirects.
    pub(crate) fn sessions(&self) -> Vec<String> {
        let pattern = format!("{}*", self.prefix);
        let page = self.cli(&[
            "SCAN", "0", "MATCH", &pattern, "COUNT", "100000", "TYPE", "string",
        ]);
        lines(&page).split_off(1)
    }

    /// Returns the names of all keys of this case, with redirects and indexes.
    pub(crate) fn keys(&self) -> Vec<String> {
        lines(&self.cli(&["--scan", "--pattern", &format!("{}*", self.prefix)]))
    }
}

pub(crate) async fn start(
    persistence: Persistence,
    password: Option<&str>,
    arguments: &[&str],
) -> Redis {
    let env = TestEnv::new().unwrap();
    let redis = Redis::start_with(&env, persistence, password, arguments);
    redis.await.unwrap()
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}
