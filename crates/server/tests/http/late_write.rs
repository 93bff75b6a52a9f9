//! A write that reaches Redis late, as after a retransmission.

use std::time::{Duration, Instant};

use anyhow::Result;
use testkit::{Demo, FaultProxy, Instance, Persistence, Redis, TestEnv, Visitor, wait_until};

/// The visitor saw 503 and has gone on, at another instance.
#[actix_web::test]
async fn a_write_that_is_two_seconds_late_undoes_no_visit() -> Result<()> {
    let env = TestEnv::new()?;
    let redis = Redis::start(&env, Persistence::AppendOnly).await?;
    let proxy = FaultProxy::start(&redis)?;
    let [slow, fast] = [("redis-1", proxy.url()), ("redis-2", redis.url())];
    let slow = Instance::started(&env, Demo::Redis, slow.0, &[("REDIS_URL", &slow.1)]).await?;
    let fast = Instance::started(&env, Demo::Redis, fast.0, &[("REDIS_URL", &fast.1)]).await?;
    let (slow, fast, mut visitor) = (slow.endpoint(), fast.endpoint(), Visitor::new());
    visitor.get(&fast, "/").await?;

    let late = proxy.hold("visitCount");
    let held = Instant::now();
    assert_eq!(visitor.get(&slow, "/").await?.status, 503);
    assert!(late.has_arrived());
    let mut count = 0;
    while held.elapsed() < Duration::from_secs(2) {
        count += 1;
        assert_eq!(visitor.get(&fast, "/").await?.count(), Some(count));
    }
    redis.reset_command_stats()?;
    late.release();
    wait_until("the late write", Duration::from_secs(5), async || {
        let stats = redis.command_stats()?;
        Ok(stats.contains_key("evalsha").then_some(()))
    })
    .await?;

    let seen = visitor.get(&fast, "/").await?;
    assert_eq!(seen.count(), Some(count + 1));
    Ok(())
}
