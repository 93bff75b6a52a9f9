//! One stream: its limits, its backlog, its heartbeat and its duration.

use std::time::{Duration, Instant};

use session_pubsub::TooManyStreams;

use super::support::{NOWHERE, PATIENCE, Subscriber, hub, impatient, open, publish_many, redis};

/// A user cannot get around the limit with further sessions.
#[actix_web::test]
async fn streams_are_limited_per_user_and_instance() {
    let one = open(NOWHERE, |options| {
        options.streams_per_user = 2;
        options.streams_per_instance = 3;
    });
    let open = |user, session| one.subscribe(user, session, None);
    let first = open("alice", "phone").unwrap();
    let _second = open("alice", "laptop").unwrap();
    for session in ["phone", "laptop", "another"] {
        let error = open("alice", session).err();
        assert_eq!(error, Some(TooManyStreams::OfUser(2)), "{session}");
    }
    let _third = open("bob", "b").unwrap();
    let error = open("carol", "c").err();
    assert_eq!(error, Some(TooManyStreams::OnInstance(3)));
    drop(first);
    drop(open("alice", "another").unwrap());
    assert_eq!(one.streams(), 2);
}

#[actix_web::test]
async fn the_hub_lists_the_sessions_with_open_streams() {
    let one = open(NOWHERE, impatient);
    let listed = || {
        let mut sessions = one.sessions();
        sessions.sort();
        sessions
    };
    let open = |user, session| one.subscribe(user, session, None).unwrap();
    let pair = |user: &str, session: &str| (user.to_owned(), session.to_owned());
    let (phone, _same, _laptop) = (
        open("alice", "phone"),
        open("alice", "phone"),
        open("alice", "laptop"),
    );
    let closed = open("bob", "b");
    let [laptops, phones, bobs] = [
        pair("alice", "laptop"),
        pair("alice", "phone"),
        pair("bob", "b"),
    ];
    assert_eq!(listed(), [laptops, phones.clone(), bobs]);
    drop((phone, closed));
    // The response of an ended stream may stay open for a while, if its client reads nothing.
    let _ = one.end(&["laptop"]).await;
    assert_eq!(listed(), [phones]);
}

#[actix_web::test]
async fn a_subscriber_beyond_the_backlog_loses_its_stream() {
    let redis = redis().await;
    let one = hub(&redis, |options| options.backlog = 16).await;
    let mut within = Subscriber::of(&one, "a").await;
    let mut beyond = Subscriber::of(&one, "b").await;
    let mut quick = Subscriber::of(&one, "c").await;
    for _ in 0..3 {
        for n in 0..16 {
            one.publish("alice", &n.to_string()).await.unwrap();
            assert_eq!(quick.text().await, n.to_string());
        }
        for n in 0..16 {
            assert_eq!(within.text().await, n.to_string());
        }
    }
    beyond.ends().await;
    assert_eq!(one.streams(), 2, "its slot is free");
}

/// 400 subscribers read nothing of 40 MB. A queue for each would take 16 GB, or 50 MB if it were cut off at the
/// backlog.
#[actix_web::test]
async fn unread_streams_take_no_memory() {
    let redis = redis().await;
    let one = hub(&redis, |options| options.backlog = 64).await;
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
    let grown = 4 * resident().saturating_sub(before);
    println!("20,000 messages to 400 unread streams took {grown} KiB");
    // Other tests run in this process at the same time.
    assert!(grown < 32 * 1024, "{grown} KiB");
    for subscriber in &mut subscribers {
        subscriber.ends().await;
    }
}

/// Returns the resident memory of this process in pages of 4 KiB.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse().unwrap()
}

#[actix_web::test]
async fn a_silent_stream_sends_comments() {
    let heartbeat = Duration::from_millis(300);
    let one = open(NOWHERE, |options| options.heartbeat = heartbeat);
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
    let heartbeat = Duration::from_millis(50);
    let one = hub(&redis, |options| options.heartbeat = heartbeat).await;
    let longest = Duration::from_millis(400);
    let start = Instant::now();
    let mut silent = Subscriber::limited(&one, "a", Some(longest)).await;
    let mut busy = Subscriber::limited(&one, "b", Some(longest)).await;
    while busy.chunk().await.is_some() {
        assert!(start.elapsed() < PATIENCE, "its stream goes on");
        one.publish("alice", "more").await.unwrap();
    }
    silent.ends_later().await;
    assert!(start.elapsed() >= longest, "{:?}", start.elapsed());
    let mut unlimited = Subscriber::limited(&one, "c", Some(Duration::MAX)).await;
    assert!(unlimited.is_silent());
}
