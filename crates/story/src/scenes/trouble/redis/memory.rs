//! Redis has no memory left.

use anyhow::{Context, Result, ensure};
use testkit::{Persistence, Redis, wait_until};

use super::PATIENCE;
use crate::{expect::Expect, narrator::Narrator, visitor::Visitor};

pub(crate) async fn full(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "With the policy noeviction, which is the default, a full Redis refuses writes \
         and drops nothing.",
    )?;
    let redis = Redis::start(&narrator.env, Persistence::None).await?;
    let (deployment, mut visitor) = narrator.on_redis(&redis.url(), &[]).await?;
    narrator.visits(&mut visitor, 0..=1).await?;
    narrator.set_hello(&mut visitor).await?;
    let limit = async |narrator: &mut Narrator<'_>, bytes| {
        let set = async { redis.cli(&["CONFIG", "SET", "maxmemory", bytes]) };
        let what = format!("redis-cli CONFIG SET maxmemory {bytes}");
        narrator.incident(&what, set).await
    };
    limit(narrator, "1").await?;
    narrator
        .refused(&mut visitor, &deployment, "OOM command not allowed")
        .await?;
    let mut newcomer = Visitor::new(&deployment.endpoint);
    let refused = Expect::unavailable();
    narrator.get(&mut newcomer, "/", refused).await?;
    narrator.say("Reading the session still works:")?;
    let hello = Expect::text("hello");
    narrator.get(&mut visitor, "/session/", hello).await?;
    // No limit.
    limit(narrator, "0").await?;
    narrator.visits(&mut visitor, 2..=3).await?;
    narrator.visits(&mut newcomer, 0..=1).await.map(drop)
}

/// Visitors who stay away, and as many who come back.
const HALF: usize = 40;

pub(crate) async fn evicts(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "80 visitors have a session. Half of them stay away for two seconds. Then Redis runs \
         out of memory. With the policy allkeys-lru, it evicts the keys that were unused for \
         the longest time.",
    )?;
    // Redis compares a sample of its keys. A large sample makes the outcome certain.
    let policy = [
        "--maxmemory-policy",
        "allkeys-lru",
        "--maxmemory-samples",
        "64",
    ];
    let redis = Redis::start_with(&narrator.env, Persistence::None, None, &policy).await?;
    let (deployment, _) = narrator.on_redis(&redis.url(), &[]).await?;
    let warning = async {
        let log = deployment.instances[0].log();
        ensure!(log.contains("eviction policy allkeys-lru"), "{log}");
        Ok(())
    };
    narrator
        .act("the log warns: Redis may drop sessions", warning)
        .await?;
    let mut visitors: Vec<_> = (0..2 * HALF)
        .map(|_| Visitor::new(&deployment.endpoint))
        .collect();
    let (stay_away, come_back) = visitors.split_at_mut(HALF);
    // Redis itself needs more or less memory from one command to the next, so the sessions are large.
    let set_value = format!("/session/set/{}", "x".repeat(1000));
    let arrive = async {
        for visitor in stay_away.iter_mut().chain(come_back.iter_mut()) {
            visitor.get(&set_value).await?;
        }
        Ok(())
    };
    narrator.act("80 visitors set a value", arrive).await?;
    let pause = wait_until("two seconds to pass", PATIENCE, async || {
        let keys = redis.cli(&["--scan", "--pattern", "session:*"])?;
        let key = keys.lines().next().context("there is no session")?;
        let idle: u64 = redis.cli(&["OBJECT", "IDLETIME", key])?.parse()?;
        Ok((idle >= 2).then_some(()))
    });
    narrator.act("two seconds pass", pause).await?;
    let read = with_value(come_back);
    let read = narrator.act("half of them read their value", read).await?;
    ensure!(read == HALF, "{read} of {HALF} have a value");
    let evict = async { evict_until_left(&redis, 9 * HALF / 5) };
    narrator.incident("Redis runs out of memory", evict).await?;
    let visits = async { Ok((with_value(stay_away).await?, with_value(come_back).await?)) };
    let (away, back) = narrator
        .act("all 80 click, and see no error", visits)
        .await?;
    narrator.say(&format!(
        "Visitors who lost their session: {} of the 40 who had stayed away, and {} of the 40 who \
         had come back.",
        HALF - away,
        HALF - back
    ))?;
    ensure!(back == HALF, "those who had come back lost sessions, too");
    ensure!(away < HALF, "Redis evicted no session");
    Ok(())
}

/// Returns how many of `visitors` still have their value. None of them may see an error.
async fn with_value(visitors: &mut [Visitor]) -> Result<usize> {
    let mut found = 0;
    for visitor in visitors {
        let seen = visitor.get("/").await?;
        ensure!(seen.status == 200, "a visitor got {}", seen.status);
        found += usize::from(seen.value().is_some());
    }
    Ok(found)
}

/// Lowers Redis's limit of memory until at most `left` sessions are left, and then removes the limit.
fn evict_until_left(redis: &Redis, left: usize) -> Result<()> {
    let used = redis.info("used_memory")?.context("no used_memory")?;
    // Commands with a longer answer than this one need more memory for a moment.
    let mut limit = used.parse::<u64>()? + 65_536;
    while redis.cli(&["DBSIZE"])?.parse::<usize>()? > left {
        redis.cli(&["CONFIG", "SET", "maxmemory", &limit.to_string()])?;
        limit = limit.checked_sub(2000).context("Redis evicts nothing")?;
    }
    redis.cli(&["CONFIG", "SET", "maxmemory", "0"]).map(drop)
}
