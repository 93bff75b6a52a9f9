//! Sessions in Redis.

use anyhow::Result;
use testkit::{Demo, Persistence, Redis, Response, Topology, serving};

use crate::{expect::Expect, narrator::Narrator, visitor::Visitor};

pub(crate) async fn restart(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("The server keeps nothing itself. It asks Redis at every request.")?;
    narrator.restart(Demo::Redis, 1, 2).await
}

pub(crate) async fn two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "HAProxy alternates between the instances, as it did with memory and files. \
         Then the visitor sets a value.",
    )?;
    let (_servers, mut visitor) = narrator.balanced(Demo::Redis, &[]).await?;
    let counts = (0..6).map(Expect::count);
    let visits = narrator.alternate(&mut visitor, None, counts);
    visits.await?;
    let set = narrator.set_hello(&mut visitor).await?;
    let expected = (6..10).map(|count| Expect::count(count).value(Some("hello")));
    let visits = narrator.alternate(&mut visitor, Some(set), expected);
    visits.await.map(drop)
}

pub(crate) async fn kill(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Between two requests, one of the two instances is killed (SIGKILL), without \
         a chance to say goodbye. HAProxy notices within a second.",
    )?;
    let (mut deployment, mut visitor) = narrator.balanced(Demo::Redis, &[]).await?;
    let counts = (0..3).map(Expect::count);
    let visits = narrator.alternate(&mut visitor, None, counts);
    let before = visits.await?;
    // The next request is meant for the instance that did not answer last.
    let next = usize::from(before.instance.as_deref() == Some(deployment.instances[0].name()));
    let instance = &mut deployment.instances[next];
    let what = format!("kill {}", instance.name());
    // A request that comes before HAProxy notices may fail; the scene "killed" counts such requests.
    let kill = async {
        instance.kill().await?;
        serving(&deployment.endpoint, Demo::Redis, 1).await
    };
    narrator.incident(&what, kill).await?;
    for count in 3..7 {
        let expect = Expect::count(count).same_session(&before);
        narrator.get(&mut visitor, "/", expect).await?;
    }
    Ok(())
}

pub(crate) async fn persistence(narrator: &mut Narrator<'_>) -> Result<()> {
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
    narrator.incident("restart Redis", redis.restart()).await?;
    let expect = session(Expect::count(next), &before);
    narrator.get(&mut visitor, "/", expect).await.map(drop)
}
