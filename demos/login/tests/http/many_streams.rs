//! A user opens as many streams as possible.

use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use testkit::{Demo, TestEnv, Topology};

use crate::common::App;

/// How many sessions a user may have by default.
const SESSIONS: usize = 100;
const STREAMS_OF_SESSION: usize = 10;

/// The interval of the checks. The cost is measured for at least as long.
const INTERVAL: Duration = Duration::from_secs(5);

/// Each instance regularly looks in Redis for the sessions with open streams. This costs little, and delays no user.
#[actix_web::test]
async fn a_thousand_idle_streams_cost_little() -> Result<()> {
    let streams = SESSIONS * STREAMS_OF_SESSION;
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard.min(8192), hard)?;
    let settings = [
        ("STREAMS_PER_USER", &*streams.to_string()),
        ("STREAMS_PER_INSTANCE", &*(streams + 1).to_string()),
    ];
    let topology = Topology::one(Demo::Login);
    let mut app = App::start_in(TestEnv::new()?, topology, &settings).await?;
    // One session after the other, because a slow machine would not serve a thousand requests at once in time.
    let mut open = Vec::new();
    for _ in 0..SESSIONS {
        let client = app.logged_in("mallory").await?;
        let listen = async |_| client.listen(&client.endpoint, "/messages").await;
        open.extend(try_join_all((0..STREAMS_OF_SESSION).map(listen)).await?);
    }
    assert_eq!(open.len(), streams);

    app.redis()?.reset_command_stats()?;
    let start = Instant::now();
    let mut alice = app.logged_in("alice").await?;
    let mut stream = alice.listen(&alice.endpoint, "/messages").await?;
    let mut slowest = Duration::ZERO;
    let (stats, elapsed) = loop {
        slowest = slowest.max(alice.get("/dashboard").await?.took);
        sleep(INTERVAL / 10).await;
        let (stats, elapsed) = (app.redis()?.command_stats()?, start.elapsed());
        let is_checked = stats.get("get").is_some_and(|stats| stats.calls >= 100);
        if elapsed >= INTERVAL && is_checked {
            break (stats, elapsed.as_secs_f64());
        }
        assert!(elapsed < 3 * INTERVAL, "the sessions are not checked");
    };
    alice.send_message("Hello").await?;
    let message = stream.next().await?.context("her stream has ended")?;
    assert!(message.contains("Hello"), "{message}");
    let calls: u64 = stats.values().map(|stats| stats.calls).sum();
    let rate = f64::from(u32::try_from(calls)?) / elapsed;
    println!("{streams} idle streams: {rate:.0} commands a second, slowest answer {slowest:?}");
    assert!(rate < 100.0, "{rate:.0} commands a second: {stats:?}");
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    Ok(())
}
