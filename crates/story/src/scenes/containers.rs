//! Scenes that need containers.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use testkit::{Compose, Demo, Endpoint, Response, wait_until};

use crate::{crowd::Crowd, expect::Expect, narrator::Narrator, visitor::Visitor};

/// The limit for a response that does not wait for Redis.
const PROMPT: Duration = Duration::from_secs(1);

/// Instances of each demo at the start of a scene.
const INSTANCES: usize = 2;

pub(super) async fn switch(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("A visitor uses plain localhost, first with files, then with Redis.")?;
    let compose = narrator.containers()?;
    for (demo, shown) in [
        (Demo::File, [None, Some("hello")]),
        (Demo::Redis, [Some("hello"); 2]),
    ] {
        let switched = async {
            compose.serve(demo).await?;
            compose.serving(demo, INSTANCES).await
        };
        let what = format!("DEMO={} docker compose up -d", demo.name());
        narrator.act(&what, switched).await?;
        let mut visitor = Visitor::new(&compose.entry());
        let set = narrator.set_hello(&mut visitor).await?;
        let expected = shown.into_iter().cycle().take(4);
        let expected = expected.map(|value| Expect::default().value(value));
        let visits = narrator.alternate(&mut visitor, Some(set), expected);
        visits.await?;
    }
    narrator
        .act("docker compose up -d", compose.serve(Demo::File))
        .await
}

pub(super) async fn restart(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("In memory, each instance counts for itself. One of the two restarts.")?;
    forgets(narrator, &["restart"]).await?;

    narrator.say("With Redis, a visitor sends one request after the other.")?;
    let compose = narrator.containers()?;
    let (visitor, seen) = arrive(narrator).await?;
    let mut crowd = Crowd::of(vec![visitor], "/").await?;
    let name = instance(&seen)?;
    let what = format!("docker restart {name}");
    let restarted = docker(compose, Demo::Redis, &name, &["restart"]);
    narrator.unnoticed(&what, &mut crowd, restarted).await
}

pub(super) async fn kill(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "In memory, an instance that is killed (SIGKILL) takes its sessions with it. \
         Then it starts again.",
    )?;
    forgets(narrator, &["kill", "start"]).await?;

    // A request in flight on an instance that is killed fails with 502, because HAProxy never repeats a request that
    // reached a server. So the kill comes between two requests.
    narrator.say(
        "With Redis, an instance is killed between two requests. The next requests \
         come before HAProxy notices.",
    )?;
    let compose = narrator.containers()?;
    let (mut visitor, seen) = arrive(narrator).await?;
    let name = instance(&seen)?;
    let killed = compose.container("kill", &name);
    narrator
        .incident(&format!("docker kill {name}"), killed)
        .await?;
    for count in 1..=4 {
        let expect = Expect::count(count)
            .same_session(&seen)
            .other_instance(&seen);
        narrator.get(&mut visitor, "/", expect).await?;
    }
    let what = format!("docker start {name}");
    let started = docker(compose, Demo::Redis, &name, &["start"]);
    let mut crowd = Crowd::of(vec![visitor], "/").await?;
    narrator.unnoticed(&what, &mut crowd, started).await
}

/// Visits both instances of the memory demo, and has Docker do `verbs` to one of them. Expects that this one has
/// forgotten the visitor, and that the count goes on at the other one.
async fn forgets(narrator: &mut Narrator<'_>, verbs: &[&str]) -> Result<()> {
    let compose = narrator.containers()?;
    let (_servers, mut visitor) = narrator.balanced(Demo::Memory, &[]).await?;
    let mut next = HashMap::new();
    let mut last = String::new();
    for count in [0, 0, 1, 1] {
        let expect = Expect::count(count);
        last = instance(&narrator.get(&mut visitor, "/", expect).await?)?;
        next.insert(last.clone(), Some(count + 1));
    }
    let commands = verbs.iter().map(|verb| format!("docker {verb} {last}"));
    let commands = commands.collect::<Vec<_>>().join(", ");
    let done = docker(compose, Demo::Memory, &last, verbs);
    narrator.incident(&commands, done).await?;
    next.insert(last, Some(0));
    let mut counts = HashMap::new();
    for _ in 0..INSTANCES {
        let seen = narrator.get(&mut visitor, "/", Expect::default()).await?;
        counts.insert(instance(&seen)?, seen.count());
    }
    ensure!(counts == next, "expected {next:?}; observed {counts:?}");
    Ok(())
}

/// Has Docker do `verbs` to the instance `name`, one after the other. Waits until all instances serve again.
async fn docker(compose: &Compose, demo: Demo, name: &str, verbs: &[&str]) -> Result<()> {
    for (left, verb) in verbs.iter().rev().enumerate().rev() {
        compose.container(verb, name).await?;
        let serving = if left == 0 { INSTANCES } else { INSTANCES - 1 };
        compose.serving(demo, serving).await?;
    }
    Ok(())
}

pub(super) async fn scale(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "HAProxy asks Docker's DNS which instances there are. A visitor sends one \
         request after the other.",
    )?;
    let compose = narrator.containers()?;
    let (visitor, _) = arrive(narrator).await?;
    let mut tab = visitor.copied()?;
    let mut crowd = Crowd::of(vec![visitor], "/").await?;
    for instances in [4, 1, INSTANCES] {
        let scaled = compose.scale(Demo::Redis, instances);
        let service = Demo::Redis.service();
        let what = format!("docker compose up -d --scale {service}={instances}");
        narrator.unnoticed(&what, &mut crowd, scaled).await?;
        let mut names = BTreeSet::new();
        for _ in 0..instances {
            let seen = narrator.get(&mut tab, "/session/", Expect::default());
            names.insert(instance(&seen.await?)?);
        }
        ensure!(
            names.len() == instances,
            "expected responses from {instances} instances; observed {names:?}"
        );
    }
    Ok(())
}

pub(super) async fn down_and_up(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("Compose removes every container and creates new ones. The volume stays.")?;
    let compose = narrator.containers()?;
    let recreated = async {
        compose.down_and_up().await?;
        compose.serving(Demo::Redis, INSTANCES).await
    };
    let what = "docker compose down, docker compose up -d";
    survives(narrator, what, recreated).await
}

pub(super) async fn restart_redis(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("Redis itself restarts. Its sessions are in an append-only file.")?;
    let compose = narrator.containers()?;
    let restarted = recovered(compose, "restart");
    survives(narrator, "docker compose restart redis", restarted).await
}

/// Visits once before `action` and once after it, and expects the count to go on.
async fn survives(
    narrator: &mut Narrator<'_>,
    what: &str,
    action: impl Future<Output = Result<()>>,
) -> Result<()> {
    let (mut visitor, seen) = arrive(narrator).await?;
    narrator.incident(what, action).await?;
    let expect = Expect::count(1).same_session(&seen);
    narrator.get(&mut visitor, "/", expect).await.map(drop)
}

pub(super) async fn pause(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "A frozen Redis keeps its connections open but answers nothing. The servers \
         wait 500 ms for it, then respond with an error.",
    )?;
    let compose = narrator.containers()?;
    let (mut visitor, seen) = arrive(narrator).await?;
    let paused = compose.redis("pause");
    narrator
        .incident("docker compose pause redis", paused)
        .await?;
    for (path, expect) in [
        ("/", Expect::unavailable()),
        ("/healthz", Expect::text("ok").within(PROMPT)),
        ("/", Expect::unavailable()),
    ] {
        narrator.get(&mut visitor, path, expect).await?;
    }
    let what = "docker compose unpause redis";
    narrator
        .incident(what, recovered(compose, "unpause"))
        .await?;
    let expect = Expect::count(1).same_session(&seen);
    narrator.get(&mut visitor, "/", expect).await.map(drop)
}

pub(super) async fn viewer(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "A visitor sets a value. The page at sessions.localhost shows the session, \
         and a button there ends it.",
    )?;
    let viewer = narrator.containers()?.entry().named("sessions.localhost");
    let (_servers, mut visitor) = narrator.balanced(Demo::Redis, &[]).await?;
    let set = narrator.set_hello(&mut visitor).await?;
    let session = set.session.context("the response has no session")?;
    let what = format!("end {session} at sessions.localhost");
    narrator.act(&what, end(&viewer, &session)).await?;
    for _ in 0..INSTANCES {
        let expect = Expect::text("no value set");
        narrator.get(&mut visitor, "/session/", expect).await?;
    }
    Ok(())
}

/// Presses the button of `session` on the page of the viewer that lists it.
async fn end(viewer: &Endpoint, session: &str) -> Result<()> {
    let mut visitor = testkit::Visitor::new();
    let page = visitor.get(viewer, &format!("/?search={session}")).await?;
    let row = between(&page.body, &format!("<code>{session}…"), "</tr>")
        .with_context(|| format!("no page lists {session}"))?;
    ensure!(row.contains("hello"), "the row has no value: {row}");
    let token = between(row, "name=\"session\" value=\"", "\"")
        .with_context(|| format!("the row has no button: {row}"))?;
    let encoded: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let body = format!("session={encoded}");
    let response = visitor.post(viewer, "/end", &body).await?;
    ensure!(response.status == 303, "{response:?}");
    Ok(())
}

/// Returns the part of `text` between `start` and the next `end`.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

/// Visits the Redis demo once, as a new visitor.
async fn arrive(narrator: &mut Narrator<'_>) -> Result<(Visitor, Response)> {
    let (_servers, mut visitor) = narrator.balanced(Demo::Redis, &[]).await?;
    let seen = narrator.visits(&mut visitor, 0..=0).await?;
    Ok((visitor, seen))
}

/// Runs `docker compose` with `verb` for Redis. Waits until the Redis demo has served as many visitors in a row as
/// there are instances and workers.
async fn recovered(compose: &Compose, verb: &str) -> Result<()> {
    compose.redis(verb).await?;
    let endpoint = compose.endpoint(Demo::Redis);
    let mut served = 0;
    let limit = Duration::from_secs(10);
    wait_until("the servers to find Redis again", limit, async || {
        let seen = Visitor::new(&endpoint).get("/").await?;
        served = if seen.status == 200 { served + 1 } else { 0 };
        Ok((served >= 12).then_some(()))
    })
    .await
}

fn instance(seen: &Response) -> Result<String> {
    seen.instance
        .clone()
        .context("the response does not name its instance")
}
