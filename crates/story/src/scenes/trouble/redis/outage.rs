//! Redis does not answer: it is frozen, gone, or slow.

use std::time::Duration;

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use testkit::{Demo, FaultProxy, Persistence, Redis};

use crate::{
    expect::{Expect, status_in_words},
    narrator::Narrator,
    visitor::Visitor,
};

pub(crate) async fn frozen(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "A command waits for Redis for 500 ms (REDIS_TIMEOUT), and all commands of a \
         request together for 600 ms. A page that needs no session does not wait.",
    )?;
    let (mut deployment, mut visitor) = narrator.balanced(Demo::Redis, &[]).await?;
    narrator.visits(&mut visitor, 0..=1).await?;
    let mut others = Vec::new();
    for _ in 0..10 {
        let mut other = Visitor::new(&deployment.endpoint);
        other.get("/").await?;
        others.push(other);
    }
    let redis = deployment.redis()?;
    narrator
        .incident("freeze Redis (SIGSTOP)", async { redis.freeze() })
        .await?;
    let clicks = others.iter_mut().map(|other| other.get("/"));
    let clicks = async {
        let seen = try_join_all(clicks).await?;
        for response in &seen {
            let words = status_in_words(response);
            ensure!(response.status == 503, "one of them got {words}");
        }
        Ok(seen.iter().map(|it| it.took).max().unwrap_or_default())
    };
    let slowest = narrator
        .act("ten other visitors click at once and get 503", clicks)
        .await?;
    ensure!(slowest < Duration::from_secs(2), "it took {slowest:?}");
    narrator.say(&format!(
        "The slowest of the ten had to wait for {} ms: their waits do not add up.",
        slowest.as_millis()
    ))?;
    narrator
        .refused(&mut visitor, &deployment, "did not answer within 500ms")
        .await?;
    let ok = Expect::text("ok").within(Duration::from_secs(1));
    narrator.get(&mut visitor, "/healthz", ok).await?;
    let redis = deployment.redis()?;
    narrator
        .incident("let Redis go on (SIGCONT)", async { redis.thaw() })
        .await?;
    narrator.recovery(&mut visitor).await?;
    narrator.visits(&mut visitor, 2..=3).await.map(drop)
}

pub(crate) async fn gone(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("Redis is stopped, and started again later. Its file has every change.")?;
    let (mut deployment, mut visitor) = narrator.balanced(Demo::Redis, &[]).await?;
    narrator.visits(&mut visitor, 0..=1).await?;
    let stop = deployment.redis()?.stop();
    narrator.incident("stop Redis", stop).await?;
    narrator
        .refused(&mut visitor, &deployment, "connection refused")
        .await?;
    let start = deployment.redis()?.resume();
    narrator.incident("start Redis", start).await?;
    narrator.recovery(&mut visitor).await?;
    narrator.visits(&mut visitor, 2..=3).await.map(drop)
}

pub(crate) async fn slow(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "A visit sends two commands: one loads the session, and one saves it. Here a request \
         may wait for Redis for 1.1 s in total (REDIS_TIMEOUT=1s).",
    )?;
    let redis = Redis::start(&narrator.env, Persistence::None).await?;
    let proxy = FaultProxy::start(&redis)?;
    let settings = [("REDIS_TIMEOUT", "1s")];
    let (deployment, mut visitor) = narrator.on_redis(&proxy.url(), &settings).await?;
    narrator.visits(&mut visitor, 0..=1).await?;
    let answer_after = async |narrator: &mut Narrator<'_>, millis| {
        let pause = Duration::from_millis(millis);
        let slow_down = async {
            proxy.slow_down(pause, usize::MAX);
            Ok(())
        };
        let what = format!("from now on, Redis takes {millis} ms for each answer");
        narrator.incident(&what, slow_down).await
    };
    answer_after(narrator, 200).await?;
    let seen = narrator.get(&mut visitor, "/", Expect::count(2)).await?;
    narrator.say(&format!(
        "The visitor waited for {} ms.",
        seen.took.as_millis()
    ))?;
    answer_after(narrator, 700).await?;
    narrator
        .refused(
            &mut visitor,
            &deployment,
            "took longer than the request may wait",
        )
        .await?;
    answer_after(narrator, 0).await?;
    narrator.recovery(&mut visitor).await?;
    narrator.say(
        "Redis had saved visit 3, and only its answer was late. So a visit that fails may \
         count, and the next one is number 4:",
    )?;
    narrator.visits(&mut visitor, 4..=5).await.map(drop)
}
