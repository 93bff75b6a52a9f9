//! One stream: its limits, its backlog, its heartbeat and its duration.

use std::time::{Duration, Instant};

use session_pubsub::{Hub, Options, TooManyStreams};

use super::support::{Subscriber, hub, options, publish_many, redis, two};

#[actix_web::test]
async fn streams_are_limited_per_session_and_instance() {
    let one = Hub::open(&Options {
        max_streams_per_session: 2,
        max_streams: 3,
        ..options("redis://127.0.0.1:1")
    })
    .unwrap();
    let first = Subscriber::of(&one, "a").await;
    let _second = Subscriber::of(&one, "a").await;
    assert_eq!(
        one.subscribe("a", None).unwrap_err(),
        TooManyStreams::InSession(2)
    );
    let _third = Subscriber::of(&one, "b").await;
    assert_eq!(
        one.subscribe("c", None).unwrap_err(),
        TooManyStreams::OnInstance(3)
    );
    drop(first);
    Subscriber::of(&one, "a").await;
    assert_eq!(one.streams(), 2);
}

#[actix_web::test]
async fn a_subscriber_that_falls_too_far_behind_loses_its_stream() {
    let redis = redis().await;
    let (one, _) = two(&redis).await;
    let other = hub(&Options {
        backlog: 16,
        ..options(&redis.url())
    })
    .await;
    let mut slow = Subscriber::of(&other, "a").await;
    let mut quick = Subscriber::of(&other, "b").await;
    for n in 0..100 {
        one.publish("alice", &n.to_string()).await.unwrap();
        assert_eq!(quick.text().await, n.to_string());
    }
    slow.ends().await;
    assert_eq!(other.streams(), 1, "its slot is free");
}

#[actix_web::test]
async fn a_subscriber_within_the_backlog_misses_nothing() {
    let redis = redis().await;
    let one = hub(&Options {
        backlog: 128,
        ..options(&redis.url())
    })
    .await;
    let mut subscriber = Subscriber::of(&one, "a").await;
    for n in 0..128 {
        one.publish("alice", &n.to_string()).await.unwrap();
    }
    for n in 0..128 {
        assert_eq!(subscriber.text().await, n.to_string());
    }
}

/// 400 subscribers read nothing of 40 MB. A queue for each would take 16 GB, or 50 MB if it were
/// cut off at the backlog.
#[actix_web::test]
async fn unread_streams_take_no_memory() {
    let redis = redis().await;
    let one = hub(&Options {
        backlog: 64,
        ..options(&redis.url())
    })
    .await;
    let mut subscribers = vec![];
    for n in 0..400 {
        subscribers.push(Subscriber::of(&one, &n.to_string()).await);
    }
    let text = "x".repeat(2048);
    let mut before = 0;
    for round in 0..210 {
        if round == 10 {
            before = resident();
        }
        publish_many(&one, 100, &text).await;
    }
    let grown = resident().saturating_sub(before);
    println!("20,000 messages to 400 unread streams took {grown} KiB");
    // Other tests run in this process at the same time.
    assert!(grown < 32 * 1024, "{grown} KiB");
    for subscriber in &mut subscribers {
        subscriber.ends().await;
    }
}

/// Returns the resident memory of this process in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

#[actix_web::test]
async fn a_silent_stream_sends_comments() {
    let heartbeat = Duration::from_millis(300);
    let one = Hub::open(&Options {
        heartbeat,
        ..options("redis://127.0.0.1:1")
    })
    .unwrap();
    let start = Instant::now();
    let mut subscriber = Subscriber::of(&one, "a").await;
    for _ in 0..3 {
        assert_eq!(subscriber.chunk().await.unwrap(), ": still here\n\n");
    }
    assert!(start.elapsed() >= 3 * heartbeat);
}

#[actix_web::test]
async fn a_stream_ends_after_its_maximum_duration() {
    let redis = redis().await;
    let one = hub(&Options {
        heartbeat: Duration::from_millis(50),
        ..options(&redis.url())
    })
    .await;
    let longest = Duration::from_millis(400);
    let start = Instant::now();
    let mut silent = Subscriber::limited(&one, "a", Some(longest)).await;
    let mut busy = Subscriber::limited(&one, "b", Some(longest)).await;
    while busy.chunk().await.is_some() {
        one.publish("alice", "more").await.unwrap();
    }
    silent.ends_later().await;
    assert!(start.elapsed() >= longest, "{:?}", start.elapsed());
    let mut unlimited = Subscriber::limited(&one, "c", Some(Duration::MAX)).await;
    assert!(unlimited.is_silent());
}
