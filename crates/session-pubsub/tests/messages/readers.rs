//! What one stream costs and how it behaves: slow readers, silence, time.

use std::time::{Duration, Instant};

use session_pubsub::Options;

use super::support::{Reader, hub, options, redis, two};

#[actix_web::test]
async fn a_reader_who_is_too_slow_is_dropped_and_the_others_miss_nothing() {
    let redis = redis().await;
    let (one, _) = two(&redis).await;
    let other = hub(&Options {
        backlog: 16,
        ..options(&redis.url())
    })
    .await;
    let (mut slow, mut quick) = (Reader::of(&other, "a").await, Reader::of(&other, "b").await);
    for n in 0..100 {
        one.publish("alice", &n.to_string()).await.unwrap();
        assert_eq!(quick.text().await, n.to_string());
    }
    slow.ends().await;
    assert_eq!(other.streams(), 1, "its place is free");
    let mut again = Reader::of(&other, "a").await;
    one.publish("alice", "again").await.unwrap();
    assert_eq!(
        (again.text().await, quick.text().await),
        ("again".to_owned(), "again".to_owned())
    );
}

#[actix_web::test]
async fn a_reader_who_is_behind_by_less_than_the_backlog_misses_nothing() {
    let redis = redis().await;
    let one = hub(&Options {
        backlog: 128,
        ..options(&redis.url())
    })
    .await;
    let mut reader = Reader::of(&one, "a").await;
    for n in 0..128 {
        one.publish("alice", &n.to_string()).await.unwrap();
    }
    for n in 0..128 {
        assert_eq!(reader.text().await, n.to_string());
    }
}

/// 400 readers who read nothing, and 40 MB for each of them: with a queue of its own for each it would be 16 GB, or,
/// cut off at the backlog, 50 MB.
#[actix_web::test]
async fn readers_who_do_not_read_cost_no_memory() {
    let redis = redis().await;
    let one = hub(&Options {
        backlog: 64,
        ..options(&redis.url())
    })
    .await;
    let mut readers = vec![];
    for n in 0..400 {
        readers.push(Reader::of(&one, &n.to_string()).await);
    }
    let text = "x".repeat(2048);
    let flood = async |count: usize| {
        for _ in 0..count / 100 {
            let said = (0..100).map(|_| one.publish("alice", &text));
            assert!(
                futures_util::future::join_all(said)
                    .await
                    .iter()
                    .all(Result::is_ok)
            );
        }
    };
    flood(1000).await;
    let before = resident();
    flood(20_000).await;
    let grown = resident().saturating_sub(before);
    println!("grown by {grown} KiB over 20,000 messages to 400 readers who don't read");
    // Other tests run in this process too.
    assert!(grown < 32 * 1024, "grown by {grown} KiB");
    for reader in &mut readers {
        reader.ends().await;
    }
}

/// KiB of this process that are in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

#[actix_web::test]
async fn silence_is_broken_by_comments_and_talk_needs_none() {
    let redis = redis().await;
    let heartbeat = Duration::from_millis(300);
    let one = hub(&Options {
        heartbeat,
        ..options(&redis.url())
    })
    .await;
    let start = Instant::now();
    let mut reader = Reader::of(&one, "a").await;
    for _ in 0..3 {
        let comment = reader.chunk().await.unwrap();
        assert!(
            comment.starts_with(": ") && comment.ends_with("\n\n") && comment.lines().count() == 2,
            "{comment:?}"
        );
    }
    assert!(start.elapsed() >= 3 * heartbeat);
    one.publish("alice", "Hello").await.unwrap();
    while reader.chunk().await.unwrap().starts_with(':') {}
}

#[actix_web::test]
async fn a_stream_lasts_as_long_as_its_session_may() {
    let redis = redis().await;
    let one = hub(&Options {
        heartbeat: Duration::from_millis(50),
        ..options(&redis.url())
    })
    .await;
    let longest = Duration::from_millis(400);
    let start = Instant::now();
    let (mut silent, mut busy) = (
        Reader::lasting(&one, "a", Some(longest)).await,
        Reader::lasting(&one, "b", Some(longest)).await,
    );
    while busy.chunk().await.is_some() {
        one.publish("alice", "and on").await.unwrap();
    }
    silent.ends_after_all().await;
    assert!(start.elapsed() >= longest, "after {:?}", start.elapsed());
    let mut endless = Reader::lasting(&one, "c", Some(Duration::MAX)).await;
    assert!(endless.is_silent());
}
