//! The scenes, in the order in which they are told.

mod containers;
mod file;
mod login;
mod memory;
mod migration;
mod ports;
mod redis;

use anyhow::{Result, ensure};
use futures_util::future::LocalBoxFuture;
use testkit::{Demo, Response, Topology, Visitor};

use crate::{
    Event, Expect, Telling,
    matrix::{kept, shared},
};

/// Steps with expected observations, and what they prove.
pub struct Scene {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// What it has proved when it is over.
    pub proves: &'static str,
    /// The programs of the system that it can't do without.
    pub needs: &'static [&'static str],
    /// The steps.
    pub play: for<'a> fn(&'a mut Telling<'_>) -> LocalBoxFuture<'a, Result<()>>,
}

const REDIS: &str = "redis-server";
const HAPROXY: &str = "haproxy";

const MEMORY_TWO: Scene = Scene {
    name: "memory-two",
    title: "Memory, two instances behind HAProxy",
    proves: "Each server counts for itself: memory is not shared.",
    needs: &[HAPROXY],
    play: |telling| Box::pin(memory::two(telling)),
};

const FILE_TWO: Scene = Scene {
    name: "file-two",
    title: "Files, two instances behind HAProxy",
    proves: "Files are not enough: each server has its own, so the value shows at every other request.",
    needs: &[HAPROXY],
    play: |telling| Box::pin(file::two(telling)),
};

const REDIS_TWO: Scene = Scene {
    name: "redis-two",
    title: "Redis, two instances behind HAProxy",
    proves: "Both instances serve one session: one store that all of them ask heals what memory and files broke.",
    needs: &[REDIS, HAPROXY],
    play: |telling| Box::pin(redis::two(telling)),
};

const LOGIN_TWO: Scene = Scene {
    name: "login-two",
    title: "A sign-in on two instances",
    proves: "Signed in on one is signed in on both, and what is to be shown once is shown once.",
    needs: &[REDIS, HAPROXY],
    play: |telling| Box::pin(login::two(telling)),
};

const LOGIN_FIXATION: Scene = Scene {
    name: "login-fixation",
    title: "An id that somebody else knows",
    proves: "Signing in gets a new id, and the old one is dead everywhere: who knew it has gained nothing.",
    needs: &[REDIS, HAPROXY],
    play: |telling| Box::pin(login::fixation(telling)),
};

const LOGIN_LOGOUT: Scene = Scene {
    name: "login-logout",
    title: "Signed out on one instance",
    proves: "The session has ended, and not just the cookie gone: a copy of it is worth nothing, on any instance.",
    needs: &[REDIS, HAPROXY],
    play: |telling| Box::pin(login::logout(telling)),
};

const LOGIN_SESSIONS: Scene = Scene {
    name: "login-sessions",
    title: "Two browsers, one ends the other",
    proves: "A user sees where they are signed in, and ends what they don't want, at once and on every instance.",
    needs: &[REDIS, HAPROXY],
    play: |telling| Box::pin(login::sessions(telling)),
};

const LOGIN_MESSAGE: Scene = Scene {
    name: "login-message",
    title: "A message between servers",
    proves: "What one instance is told, the readers of all instances hear: it goes through Redis, as the session does.",
    needs: &[REDIS, HAPROXY],
    play: |telling| Box::pin(login::message(telling)),
};

const LOGIN_IN_FLIGHT: Scene = Scene {
    name: "login-in-flight",
    title: "Signed out while a request is under way",
    proves: "Writing and renewing need a living session: what was in flight at the sign-out does not bring it back.",
    needs: &[REDIS, HAPROXY],
    play: |telling| Box::pin(login::in_flight(telling)),
};

const LOGIN_TIMEOUTS: Scene = Scene {
    name: "login-timeouts",
    title: "The two timeouts",
    proves: "Who stays away is out, and who never leaves is out some day too.",
    needs: &[REDIS, HAPROXY],
    play: |telling| Box::pin(login::timeouts(telling)),
};

const COOKIE_TO_REDIS: Scene = Scene {
    name: "cookie-to-redis",
    title: "From the cookie to Redis",
    proves: "A visitor with a session of the old kind meets no error, and takes along what they had, if the new server is told to look.",
    needs: &[REDIS, HAPROXY],
    play: |telling| Box::pin(migration::cookie_to_redis(telling)),
};

/// Act I: where sessions live; Act III: a real sign-in.
pub const SCENES: &[Scene] = &[
    Scene {
        name: "memory-restart",
        title: "Memory, one instance, restarted",
        proves: "The visitor still has the id, the server has forgotten what it stood for: what is in memory only is lost at a restart.",
        needs: &[],
        play: |telling| Box::pin(memory::restart(telling)),
    },
    MEMORY_TWO,
    Scene {
        name: "file-restart",
        title: "Files, one instance, restarted",
        proves: "Files survive a restart. So files are enough?",
        needs: &[],
        play: |telling| Box::pin(file::restart(telling)),
    },
    FILE_TWO,
    Scene {
        name: "two-ports",
        title: "Two ports, no balancer: files, then Redis",
        proves: "The balancer is not to blame: two file stores hold two values for one visitor, Redis holds one.",
        needs: &[REDIS],
        play: |telling| Box::pin(ports::two(telling)),
    },
    Scene {
        name: "redis-restart",
        title: "Redis, one instance, restarted",
        proves: "The session is not in the server, so the server may go and come back.",
        needs: &[REDIS],
        play: |telling| Box::pin(redis::restart(telling)),
    },
    REDIS_TWO,
    Scene {
        name: "redis-kill",
        title: "Redis, two instances, one killed",
        proves: "No visit was lost and no error seen: HAProxy turned to the instance that was left, and that one knew the session.",
        needs: &[REDIS, HAPROXY],
        play: |telling| Box::pin(redis::kill(telling)),
    },
    Scene {
        name: "redis-persistence",
        title: "Redis itself is restarted, with persistence and without",
        proves: "Redis remembers what it was told to write down: with an append-only file the count goes on, without any it is gone.",
        needs: &[REDIS],
        play: |telling| Box::pin(redis::persistence(telling)),
    },
    LOGIN_TWO,
    LOGIN_FIXATION,
    Scene {
        name: "taken-back",
        title: "Memory and files: what ends on one server",
        proves: "An end on one server is no end on the other: only a store that all ask can sign a visitor out everywhere.",
        needs: &[],
        play: |telling| Box::pin(login::taken_back(telling)),
    },
    LOGIN_LOGOUT,
    LOGIN_IN_FLIGHT,
    LOGIN_SESSIONS,
    LOGIN_MESSAGE,
    LOGIN_TIMEOUTS,
    COOKIE_TO_REDIS,
];

/// The story in containers: scenes of Act I again, and what only containers can show.
pub const CONTAINERS: &[Scene] = &[
    MEMORY_TWO,
    FILE_TWO,
    REDIS_TWO,
    LOGIN_TWO,
    LOGIN_FIXATION,
    LOGIN_LOGOUT,
    LOGIN_IN_FLIGHT,
    LOGIN_SESSIONS,
    LOGIN_MESSAGE,
    LOGIN_TIMEOUTS,
    COOKIE_TO_REDIS,
    Scene {
        name: "switch",
        title: "The exercise: plain localhost, switched from files to Redis",
        proves: "One line, or here one variable, heals it: the application is the same.",
        needs: &[],
        play: |telling| Box::pin(containers::switch(telling)),
    },
    Scene {
        name: "container-restart",
        title: "docker restart of an instance: memory, then Redis",
        proves: "A restarted container is a restarted server: what it had in memory is lost, what Redis has is not.",
        needs: &[],
        play: |telling| Box::pin(containers::restart(telling)),
    },
    Scene {
        name: "container-kill",
        title: "docker kill of an instance: memory, then Redis",
        proves: "In memory all is lost with the instance. With Redis no visit was lost and no error seen while it died and came back.",
        needs: &[],
        play: |telling| Box::pin(containers::kill(telling)),
    },
    Scene {
        name: "scale",
        title: "From two instances to four, and down to one",
        proves: "With the session in Redis an instance is one of many: they come and go under a visitor who notices nothing.",
        needs: &[],
        play: |telling| Box::pin(containers::scale(telling)),
    },
    Scene {
        name: "down-up",
        title: "docker compose down, and up again",
        proves: "The sessions are in the volume of Redis, and outlive every container. (down -v would drop them.)",
        needs: &[],
        play: |telling| Box::pin(containers::down_and_up(telling)),
    },
    Scene {
        name: "sessions-viewer",
        title: "The sessions as they lie in Redis, and a button",
        proves: "Redis is where the session is: who ends it there has ended it on every instance.",
        needs: &[],
        play: |telling| Box::pin(containers::viewer(telling)),
    },
    Scene {
        name: "redis-paused",
        title: "Redis is frozen, then goes on",
        proves: "A frozen Redis costs an honest 503 within the timeout, not a hang, and costs no session.",
        needs: &[],
        play: |telling| Box::pin(containers::pause(telling)),
    },
    Scene {
        name: "redis-container-restart",
        title: "docker restart of Redis",
        proves: "Redis wrote every change to its append-only file, so the count goes on.",
        needs: &[],
        play: |telling| Box::pin(containers::restart_redis(telling)),
    },
];

/// Visits one instance until the count is `last`, restarts the server, and expects the count to go on at `next`.
async fn through_a_restart(
    telling: &mut Telling<'_>,
    demo: Demo,
    last: u64,
    next: u64,
) -> Result<()> {
    let mut deployment = telling.deployment(Topology::one(demo)).await?;
    let endpoint = deployment.endpoint.clone();
    let mut visitor = Visitor::new();
    let mut before = telling
        .visit(&mut visitor, &endpoint, "/", Expect::count(0))
        .await?;
    for count in 1..=last {
        before = telling
            .visit(
                &mut visitor,
                &endpoint,
                "/",
                Expect::count(count).same_session(&before),
            )
            .await?;
    }
    let name = deployment.instances[0].name().to_owned();
    telling
        .act(
            &format!("restart {name}"),
            deployment.instances[0].restart(),
        )
        .await?;
    let after = telling
        .visit(
            &mut visitor,
            &endpoint,
            "/",
            Expect::count(next).same_session(&before),
        )
        .await?;
    telling.cell(demo, Event::Restart, kept(count(&before)?, count(&after)?));
    Ok(())
}

/// Visits two instances in turn and expects to see `counts`, always in one session.
async fn in_turn(
    telling: &mut Telling<'_>,
    demo: Demo,
    visitor: &mut Visitor,
    endpoint: &testkit::Endpoint,
    counts: &[u64],
) -> Result<()> {
    let mut seen: Vec<Response> = Vec::new();
    for &count in counts {
        let mut expect = Expect::count(count);
        if let Some(earlier) = seen.last() {
            expect = expect.same_session(earlier).another_instance(earlier);
        }
        seen.push(telling.visit(visitor, endpoint, "/", expect).await?);
    }
    let counts = seen.iter().map(count).collect::<Result<Vec<_>>>()?;
    telling.cell(demo, Event::SecondInstance, shared(&counts));
    Ok(())
}

fn count(seen: &Response) -> Result<u64> {
    ensure!(
        seen.count().is_some(),
        "no count in the answer: {}",
        seen.body
    );
    Ok(seen.count().unwrap_or_default())
}
