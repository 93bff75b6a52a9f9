//! The servers of the benchmark, and how to start them.

use std::{env::current_exe, process::Command};

use anyhow::{Context, Result};
use testkit::{Instance, Redis, TestEnv};

use crate::usage::Usage;

/// The secret that signs the cookies of every server.
pub(crate) const SECRET: &str =
    "the secret of all servers in the benchmark, which signs their cookies";

/// A server that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Its name in tables and charts.
    pub(crate) name: &'static str,
    /// The program, and for `peer` its argument.
    program: (&'static str, &'static str),
    /// The path that counts a visit.
    pub(crate) path: &'static str,
    /// The filter of its log.
    log: &'static str,
    pub(crate) family: Family,
}

/// The origin of the sessions that a server uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// No store, or the least that a store can do. It shows the cost of everything around the sessions.
    Baseline,
    /// A store of this project.
    Ours,
    /// Another project's store.
    Peer,
}

const fn peer(name: &'static str, argument: &'static str, family: Family) -> Subject {
    Subject {
        name,
        program: ("peer", argument),
        path: "/",
        log: "off",
        family,
    }
}

const fn demo(name: &'static str, path: &'static str, log: &'static str) -> Subject {
    Subject {
        name,
        program: (name, ""),
        path,
        log,
        family: Family::Ours,
    }
}

const COUNTER: &str = "/api/counter";

pub(crate) const NO_SESSION: Subject = peer("no session", "none", Family::Baseline);
pub(crate) const PLAIN_MEMORY: Subject =
    peer("a plain memory store", "plain-memory", Family::Baseline);
pub(crate) const MEMORY: Subject = peer("our memory store", "memory", Family::Ours);
pub(crate) const FILE: Subject = peer("our file store", "file", Family::Ours);
pub(crate) const COOKIE: Subject = peer("our cookie store", "cookie", Family::Ours);
pub(crate) const REDIS: Subject = peer("our Redis store", "redis", Family::Ours);
pub(crate) const LAYER: Subject = peer("our layer and Redis store", "layer", Family::Ours);
pub(crate) const ACTIX_NEW: Subject = peer(
    "actix-session's Redis store, `new`",
    "actix-new",
    Family::Peer,
);
pub(crate) const ACTIX_POOLED: Subject = peer(
    "actix-session's Redis store, `new_pooled`",
    "actix-pooled",
    Family::Peer,
);
pub(crate) const AXUM: Subject = peer("axum, tower-sessions and fred", "axum-fred", Family::Peer);

/// All servers, in the order of the table.
pub(crate) const ALL: [Subject; 16] = [
    NO_SESSION,
    PLAIN_MEMORY,
    MEMORY,
    FILE,
    COOKIE,
    REDIS,
    LAYER,
    demo("demo-memory", "/", "off"),
    demo("demo-file", "/", "off"),
    demo("demo-cookie", "/", "off"),
    demo("demo-redis", "/", "off"),
    demo("demo-login", COUNTER, "off"),
    Subject {
        name: "demo-login with its log",
        ..demo("demo-login", COUNTER, "info")
    },
    ACTIX_NEW,
    ACTIX_POOLED,
    AXUM,
];

/// The servers whose other requests are measured too.
pub(crate) const CLOSER: [Subject; 5] = [REDIS, LAYER, ACTIX_NEW, ACTIX_POOLED, AXUM];

/// A running server.
pub(crate) struct Running {
    pub(crate) subject: Subject,
    pub(crate) instance: Instance,
}

impl Running {
    /// Starts `subject` with one worker.
    pub(crate) async fn start(env: &TestEnv, redis: &Redis, subject: Subject) -> Result<Self> {
        let (program, argument) = subject.program;
        let mut command = Command::new(current_exe()?.with_file_name(program));
        command.args(Some(argument).filter(|argument| !argument.is_empty()));
        let name: String = subject.name.replace(|c: char| !c.is_alphanumeric(), "-");
        let settings = [
            ("REDIS_URL", redis.url()),
            ("SESSION_KEY", SECRET.to_owned()),
            ("RUST_LOG", subject.log.to_owned()),
            ("WORKERS", "1".to_owned()),
            // Otherwise our servers close each connection after a response.
            ("BEHIND_PROXY", "true".to_owned()),
        ];
        let settings = settings.each_ref().map(|(name, value)| (*name, &value[..]));
        let mut instance = Instance::of(env, command, &name, &settings)?;
        let started = instance.start().await;
        started.with_context(|| format!("{} does not start", subject.name))?;
        Ok(Self { subject, instance })
    }

    pub(crate) fn usage(&self) -> Result<Usage> {
        Usage::of(self.instance.pid().context("the server has ended")?)
    }
}
