//! The counter application with its sessions in memory, in files and in Redis.

use anyhow::Result;
use testkit::{Demo, Persistence, Redis, Response, Topology};

use crate::{expect::Expect, matrix::Incident, narrator::Narrator, visitor::Visitor};

pub(super) async fn memory_restart(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "The server keeps its sessions in memory. A visitor comes three times, \
         then the server restarts.",
    )?;
    narrator.restart(Demo::Memory, 2, 0).await
}

pub(super) async fn memory_two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "HAProxy alternates: it sends each request to the other instance. The cookie \
         stays the same.",
    )?;
    let (_servers, mut visitor) = narrator.balanced(Demo::Memory, &[]).await?;
    let counts = [0, 0, 1, 1].map(Expect::count);
    let visits = narrator.alternate(Demo::Memory, &mut visitor, None, counts);
    visits.await.map(drop)
}

pub(super) async fn file_restart(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("The server keeps each session in a file, in a folder of its own.")?;
    narrator.restart(Demo::File, 1, 2).await
}

pub(super) async fn file_two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Each instance has its own folder. A visitor sets a value once, then looks six times.",
    )?;
    let (_servers, mut visitor) = narrator.balanced(Demo::File, &[]).await?;
    let set = narrator.set_hello(&mut visitor).await?;
    // The request after the one that set the value goes to the other instance.
    let values = [None, Some("hello")].into_iter().cycle();
    let expected = [0, 0, 1, 1, 2, 2].into_iter().zip(values);
    let expected = expected.map(|(count, value)| Expect::count(count).value(value));
    let visits = narrator.alternate(Demo::File, &mut visitor, Some(set), expected);
    visits.await.map(drop)
}

pub(super) async fn two_ports(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "A browser sends a host's cookies to all its ports. A visitor sets red on one \
         instance and blue on the other.",
    )?;
    let set = [
        (0, "/session/set/red", "value set: red"),
        (1, "/session/set/blue", "value set: blue"),
    ];
    let shown = [(0, "/session/", "red"), (1, "/session/", "blue")];
    on_two_ports(narrator, Demo::File, set.into_iter().chain(shown)).await?;
    narrator.say("The same with Redis. Both instances show the value that was set last.")?;
    let shown = [(0, "/session/", "blue"), (1, "/session/", "blue")];
    on_two_ports(narrator, Demo::Redis, set.into_iter().chain(shown)).await
}

/// Shows that memory and files cannot log a visitor out everywhere. The counter application has no logout, so the
/// visitor removes a value.
pub(super) async fn taken_back(narrator: &mut Narrator<'_>) -> Result<()> {
    for (demo, store) in [(Demo::Memory, "Memory"), (Demo::File, "Files")] {
        narrator.say(&format!(
            "{store}: a visitor sets a value on both instances and removes it on one."
        ))?;
        let requests = [
            (0, "/session/set/mine", "value set: mine"),
            (1, "/session/set/mine", "value set: mine"),
            (0, "/session/unset/", "value unset"),
            (0, "/session/", "no value set"),
            (1, "/session/", "mine"),
        ];
        on_two_ports(narrator, demo, requests).await?;
        narrator
            .matrix
            .record(demo, Incident::LogoutAll, "one only");
    }
    Ok(())
}

/// Starts two instances without a load balancer. Sends each request to the instance with that index, and expects that
/// text, in one session.
async fn on_two_ports(
    narrator: &mut Narrator<'_>,
    demo: Demo,
    requests: impl IntoIterator<Item = (usize, &str, &str)>,
) -> Result<()> {
    let deployment = narrator.deploy(Topology::two(demo), &[]).await?;
    let mut visitor = Visitor::new(&deployment.endpoint);
    let mut earlier = None;
    for (index, path, text) in requests {
        let mut expect = Expect::text(text);
        if let Some(earlier) = &earlier {
            expect = expect.same_session(earlier);
        }
        let visitor = visitor.at(&deployment.instances[index].endpoint());
        earlier = Some(narrator.get(visitor, path, expect).await?);
    }
    Ok(())
}

pub(super) async fn redis_restart(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("The server keeps nothing itself. It asks Redis at every request.")?;
    narrator.restart(Demo::Redis, 1, 2).await
}

pub(super) async fn redis_two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "HAProxy alternates between the instances, as it did with memory and files. \
         Then the visitor sets a value.",
    )?;
    let (_servers, mut visitor) = narrator.balanced(Demo::Redis, &[]).await?;
    let counts = (0..6).map(Expect::count);
    let visits = narrator.alternate(Demo::Redis, &mut visitor, None, counts);
    visits.await?;
    let set = narrator.set_hello(&mut visitor).await?;
    let expected = (6..10).map(|count| Expect::count(count).value(Some("hello")));
    let visits = narrator.alternate(Demo::Redis, &mut visitor, Some(set), expected);
    visits.await.map(drop)
}

pub(super) async fn redis_kill(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Between two requests, one of the two instances is killed (SIGKILL), without \
         a chance to say goodbye.",
    )?;
    let (mut deployment, mut visitor) = narrator.balanced(Demo::Redis, &[]).await?;
    let counts = (0..3).map(Expect::count);
    let visits = narrator.alternate(Demo::Redis, &mut visitor, None, counts);
    let before = visits.await?;
    // The next request is meant for the instance that did not answer last.
    let next = usize::from(before.instance.as_deref() == Some(deployment.instances[0].name()));
    let instance = &mut deployment.instances[next];
    let what = format!("kill {}", instance.name());
    narrator.act(&what, instance.kill()).await?;
    let mut seen = vec![before];
    for count in 3..7 {
        let expect = Expect::count(count).same_session(&seen[0]);
        seen.push(narrator.get(&mut visitor, "/", expect).await?);
    }
    narrator
        .matrix
        .measure(Demo::Redis, Incident::InstanceDies, &seen);
    Ok(())
}

pub(super) async fn redis_persistence(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator
        .say("First with persistence (--appendonly yes): Redis writes each change to a file.")?;
    restart_redis(narrator, Persistence::AppendOnly, 2, Expect::same_session).await?;
    narrator.say(
        "Then without (--save ''). After the restart Redis does not know the session \
         ID, so the visitor gets a new one.",
    )?;
    restart_redis(narrator, Persistence::None, 0, Expect::new_session).await
}

async fn restart_redis(
    narrator: &mut Narrator<'_>,
    persistence: Persistence,
    next: u64,
    session: fn(Expect, &Response) -> Expect,
) -> Result<()> {
    let mut redis = Redis::start(&narrator.env, persistence).await?;
    let settings = [("REDIS_URL", &*redis.url())];
    let start = narrator.deploy(Topology::one(Demo::Redis), &settings);
    let deployment = start.await?;
    let mut visitor = Visitor::new(&deployment.endpoint);
    let before = narrator.visits(&mut visitor, 0..=1).await?;
    narrator.act("restart Redis", redis.restart()).await?;
    let expect = session(Expect::count(next), &before);
    narrator.get(&mut visitor, "/", expect).await.map(drop)
}
