//! A Redis for one case: a server of its own, or a prefix of its own on a server that all cases of the binary share.

use std::{
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc::channel,
    },
    thread,
    time::Duration,
};

use actix_session::storage::SessionKey;
use actix_web::rt::System;
use session_stores::{RedisStore, Timeouts, redis::Options};
use testkit::{Persistence, Redis, TestEnv};

pub(crate) struct TestRedis {
    pub(crate) address: String,
    pub(crate) prefix: String,
    own: Option<Redis>,
}

impl TestRedis {
    /// Uses the shared server, with a prefix of its own.
    pub(crate) fn shared() -> Self {
        static ADDRESS: OnceLock<String> = OnceLock::new();
        static CASES: AtomicUsize = AtomicUsize::new(0);
        let case = CASES.fetch_add(1, Ordering::Relaxed);
        Self {
            address: ADDRESS.get_or_init(start).clone(),
            prefix: format!("case-{case}:"),
            own: None,
        }
    }

    /// Starts a server, with the default prefix.
    pub(crate) async fn own() -> Self {
        let env = TestEnv::new().unwrap();
        let redis = Redis::start(&env, Persistence::AppendOnly).await.unwrap();
        Self {
            address: redis.address(),
            prefix: Options::default().session_prefix,
            own: Some(redis),
        }
    }

    pub(crate) fn server(&self) -> &Redis {
        self.own.as_ref().unwrap()
    }

    pub(crate) fn server_mut(&mut self) -> &mut Redis {
        self.own.as_mut().unwrap()
    }

    /// Returns options with a long timeout, so that tests pass on a slow machine.
    pub(crate) fn options(&self, timeouts: Timeouts) -> Options {
        Options {
            redis_url: format!("redis://{}", self.address),
            redis_timeout: Duration::from_secs(10),
            session_prefix: self.prefix.clone(),
            timeouts,
            ..Options::default()
        }
    }

    pub(crate) async fn store(&self, timeouts: Timeouts) -> RedisStore {
        RedisStore::connect(self.options(timeouts)).await.unwrap()
    }

    pub(crate) async fn store_with_grace(&self, rotation_grace: Duration) -> RedisStore {
        let options = Options {
            rotation_grace,
            ..self.options(Timeouts::default())
        };
        RedisStore::connect(options).await.unwrap()
    }

    /// Returns what redis-cli prints.
    pub(crate) fn cli(&self, command: &[&str]) -> String {
        let port = self.address.rsplit_once(':').unwrap().1;
        let mut cli = Command::new(testkit::tool("redis-cli").unwrap());
        let output = cli.args(["-p", port]).args(command).output().unwrap();
        assert!(output.status.success(), "{command:?}: {output:?}");
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim_end().to_owned()
    }

    /// Returns a number that redis-cli prints.
    pub(crate) fn number(&self, command: &[&str]) -> i64 {
        self.cli(command).parse().unwrap()
    }

    /// Returns the name of a session in Redis.
    pub(crate) fn name(&self, key: &SessionKey) -> String {
        format!("{}{}", self.prefix, key.as_ref())
    }

    /// Returns the name of a user's index in Redis.
    pub(crate) fn index_name(&self, user: &str) -> String {
        format!("{}-user:{user}", self.prefix.trim_end_matches(':'))
    }

    /// Returns the session IDs in the index of `user`.
    pub(crate) fn index(&self, user: &str) -> Vec<String> {
        let ids = self.cli(&["ZRANGE", &self.index_name(user), "0", "-1"]);
        lines(&ids)
    }

    /// Returns the session's TTL in milliseconds: -1 without one, -2 without the session.
    pub(crate) fn pttl(&self, key: &SessionKey) -> i64 {
        self.number(&["PTTL", &self.name(key)])
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
        let pattern = format!("{}[-:]*", self.prefix.trim_end_matches(':'));
        lines(&self.cli(&["--scan", "--pattern", &pattern]))
    }
}

/// Starts the shared server on a thread of its own, which keeps it until the test binary ends.
fn start() -> String {
    let (sender, started) = channel();
    thread::spawn(move || {
        System::new().block_on(async {
            let env = TestEnv::new().unwrap();
            let redis = Redis::start(&env, Persistence::None).await.unwrap();
            sender.send(redis.address()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    started.recv().unwrap()
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}
