//! The measurements, in their order.

use std::time::Duration;

use anyhow::{Result, ensure};
use testkit::{Persistence, Redis, TestEnv};

use crate::{
    frozen::{self, Frozen},
    idle::{self, Idle},
    load::{Kind, Load, Sample},
    many,
    progress::Progress,
    server::{self, Running, Subject},
};

/// All results of a run.
pub(crate) struct Results {
    pub(crate) quick: bool,
    pub(crate) minutes: u64,
    /// For each server its samples, one of each round: every request counts a visit, on 64 connections.
    pub(crate) changes: Vec<(Subject, Vec<Sample>)>,
    pub(crate) closer: Vec<Closer>,
    pub(crate) idle: Vec<(Subject, Idle)>,
    /// Numbers of sessions in Redis, and the samples with them.
    pub(crate) many: Vec<(u32, Vec<Sample>)>,
}

/// More about one server.
pub(crate) struct Closer {
    pub(crate) subject: Subject,
    pub(crate) anonymous: Vec<Sample>,
    pub(crate) read: Vec<Sample>,
    pub(crate) one_connection: Vec<Sample>,
    pub(crate) many_connections: Vec<Sample>,
    pub(crate) half_load: Vec<Sample>,
    pub(crate) frozen: Frozen,
}

/// How often and how long a measurement runs.
struct Plan {
    rounds: u32,
    time: Duration,
    closer_rounds: u32,
    closer_time: Duration,
}

const FULL: Plan = Plan {
    rounds: 7,
    time: Duration::from_secs(3),
    closer_rounds: 3,
    closer_time: Duration::from_secs(2),
};
const QUICK: Plan = Plan {
    rounds: 2,
    time: Duration::from_secs(1),
    closer_rounds: 1,
    closer_time: Duration::from_secs(1),
};

/// Starting and ending wrk.
const OVERHEAD: Duration = Duration::from_millis(300);
const FREEZE_TIME: Duration = Duration::from_secs(4);
const FILL_TIME: Duration = Duration::from_secs(3);
const IDLE_TIME: Duration = Duration::from_secs(5);

/// The servers whose idle sessions are measured: one for each store.
const STORES: [Subject; 7] = [
    server::PLAIN_MEMORY,
    server::MEMORY,
    server::FILE,
    server::COOKIE,
    server::REDIS,
    server::ACTIX_NEW,
    server::AXUM,
];

const SESSIONS: [u32; 2] = [1_000, 1_000_000];

/// Starts all servers and measures them one after another.
pub(crate) async fn run(quick: bool, only: Option<&str>) -> Result<Results> {
    let plan = if quick { QUICK } else { FULL };
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::None).await?;
    let mut servers = Vec::new();
    let is_wanted = |subject: &Subject| only.is_none_or(|text| subject.name.contains(text));
    for subject in server::ALL.into_iter().filter(is_wanted) {
        servers.push(Running::start(&env, &redis, subject).await?);
    }
    ensure!(
        !servers.is_empty(),
        "no server has {:?} in its name",
        only.unwrap_or_default()
    );
    let mut run = Run {
        progress: Progress::new(plan.total(servers.len(), only.is_some())),
        plan,
        env,
        redis,
        servers,
    };
    let changes = run.changes().await?;
    let mut results = Results {
        quick,
        minutes: 0,
        changes,
        closer: Vec::new(),
        idle: Vec::new(),
        many: Vec::new(),
    };
    if only.is_none() {
        for subject in server::CLOSER {
            let fastest = results.changes.iter().find(|(it, _)| *it == subject);
            let samples = fastest
                .map(|(_, samples)| samples.as_slice())
                .unwrap_or_default();
            let fastest = samples.iter().map(|it| it.per_second).fold(1.0, f64::max);
            results.closer.push(run.closer(subject, fastest).await?);
        }
        results.many = run.many().await?.into();
        for subject in STORES {
            results.idle.push((subject, run.idle(subject).await?));
        }
    }
    results.minutes = run.progress.end().as_secs().div_ceil(60);
    Ok(results)
}

impl Plan {
    /// Returns about how long a run takes.
    fn total(&self, servers: usize, costs_only: bool) -> Duration {
        let servers = u32::try_from(servers).unwrap_or(u32::MAX);
        let costs = (self.time + OVERHEAD) * self.rounds * servers;
        if costs_only {
            return costs;
        }
        let loads = (self.closer_time + OVERHEAD) * self.closer_rounds;
        let closer = (loads * 5 + FREEZE_TIME) * 5;
        let many = FILL_TIME + (self.time + OVERHEAD) * self.closer_rounds;
        costs + closer + many * 2 + IDLE_TIME * 7
    }
}

/// A run with its running servers.
struct Run {
    plan: Plan,
    progress: Progress,
    env: TestEnv,
    redis: Redis,
    servers: Vec<Running>,
}

impl Run {
    /// Measures every server once in each round, so that whatever disturbs the machine disturbs all of them.
    async fn changes(&mut self) -> Result<Vec<(Subject, Vec<Sample>)>> {
        let mut changes: Vec<_> = self
            .servers
            .iter()
            .map(|it| (it.subject, Vec::new()))
            .collect();
        let Plan { rounds, time, .. } = self.plan;
        for round in 1..=rounds {
            for (server, (subject, samples)) in self.servers.iter().zip(&mut changes) {
                let work = format!("round {round} of {rounds}: {}", subject.name);
                self.progress.begin(&work, time + OVERHEAD);
                let is_baseline = *subject == server::NO_SESSION;
                let kind = if is_baseline {
                    Kind::None
                } else {
                    Kind::Change
                };
                let load = Load::new(kind, time);
                samples.push(load.run(&self.env, &self.redis, server).await?);
            }
        }
        Ok(changes)
    }

    /// Measures more about `subject`, which serves at most `fastest` requests a second.
    async fn closer(&mut self, subject: Subject, fastest: f64) -> Result<Closer> {
        let change = Load::new(Kind::Change, self.plan.closer_time);
        let with = |connections| Load {
            connections,
            ..change.clone()
        };
        let pause = Duration::from_secs_f64(f64::from(change.connections) / (fastest / 2.0));
        let half = Load {
            pause,
            ..change.clone()
        };
        let anonymous = Load {
            kind: Kind::Anonymous,
            ..change.clone()
        };
        let read = Load {
            kind: Kind::Read,
            ..change.clone()
        };
        Ok(Closer {
            subject,
            anonymous: self
                .samples(subject, "requests without a session", &anonymous)
                .await?,
            read: self.samples(subject, "requests that read", &read).await?,
            one_connection: self.samples(subject, "one connection", &with(1)).await?,
            many_connections: self.samples(subject, "512 connections", &with(512)).await?,
            half_load: self.samples(subject, "half of the load", &half).await?,
            frozen: self.frozen(subject).await?,
        })
    }

    async fn samples(&mut self, subject: Subject, what: &str, load: &Load) -> Result<Vec<Sample>> {
        let mut samples = Vec::new();
        for _ in 0..self.plan.closer_rounds {
            let work = format!("{}: {what}", subject.name);
            self.progress.begin(&work, load.time + OVERHEAD);
            let server = self.server(subject);
            samples.push(
                load.run(&self.env, &self.redis, &self.servers[server])
                    .await?,
            );
        }
        Ok(samples)
    }

    async fn frozen(&mut self, subject: Subject) -> Result<Frozen> {
        let work = format!("{}: Redis is frozen", subject.name);
        self.progress.begin(&work, FREEZE_TIME);
        let server = self.server(subject);
        frozen::freeze(&self.redis, &self.servers[server]).await
    }

    /// Measures our layer with few and with many sessions in Redis.
    async fn many(&mut self) -> Result<[(u32, Vec<Sample>); 2]> {
        let mut deployments = Vec::new();
        for count in SESSIONS {
            let work = format!("{count} sessions are written to Redis");
            self.progress.begin(&work, FILL_TIME);
            let redis = Redis::start(&self.env, Persistence::None).await?;
            let cookies = Some(many::fill(&self.env, &redis, count)?);
            let server = Running::start(&self.env, &redis, server::LAYER).await?;
            let load = Load {
                cookies,
                ..Load::new(Kind::Change, self.plan.time)
            };
            deployments.push((redis, server, load));
        }
        let mut results = SESSIONS.map(|count| (count, Vec::new()));
        for _ in 0..self.plan.closer_rounds {
            for ((redis, server, load), (count, samples)) in deployments.iter().zip(&mut results) {
                let work = format!("{count} sessions in Redis");
                self.progress.begin(&work, load.time + OVERHEAD);
                samples.push(load.run(&self.env, redis, server).await?);
            }
        }
        Ok(results)
    }

    async fn idle(&mut self, subject: Subject) -> Result<Idle> {
        let work = format!("{}: memory of its sessions", subject.name);
        self.progress.begin(&work, IDLE_TIME);
        let server = self.server(subject);
        let time = Duration::from_secs(2);
        idle::measure(&self.env, &self.redis, &mut self.servers[server], time).await
    }

    /// Returns the index of the running `subject`.
    fn server(&self, subject: Subject) -> usize {
        let found = self.servers.iter().position(|it| it.subject == subject);
        found.expect("all servers are running")
    }
}
