//! How streams end with their session, and with their hub.

use session_pubsub::{HubError, PublishError};
use testkit::Redis;

use super::support::{NOWHERE, Subscriber, hub, open, redis, two, wait};

/// Messages that the streams have not read yet are dropped.
#[actix_web::test]
async fn a_session_ends_with_its_streams_on_all_instances() {
    let (_redis, one, other) = two().await;
    let mut ending = [
        Subscriber::of(&one, "a").await,
        Subscriber::of(&other, "a").await,
        Subscriber::of(&other, "a").await,
    ];
    let mut others = [
        Subscriber::of(&one, "b").await,
        Subscriber::of(&other, "c").await,
    ];
    one.publish("carol", "unread").await.unwrap();
    for subscriber in &mut others {
        assert_eq!(subscriber.text().await, "unread");
    }
    one.end(&["a"]).await.unwrap();
    for subscriber in &mut ending {
        subscriber.ends().await;
    }
    other.publish("carol", "still here").await.unwrap();
    for subscriber in &mut others {
        assert_eq!(subscriber.text().await, "still here");
    }
    assert_eq!((one.streams(), other.streams()), (1, 1));
}

/// A user may revoke many sessions at once, and a request must not wait for each of them.
#[actix_web::test]
async fn many_sessions_end_with_one_publication() {
    let (redis, one, other) = two().await;
    for (count, publications) in [(200, 1), (401, 3)] {
        let keys: Vec<_> = (0..count).map(|n| format!("{count}-{n}")).collect();
        let mut first = Subscriber::of(&other, &keys[0]).await;
        let mut last = Subscriber::of(&other, &keys[count - 1]).await;
        redis.reset_command_stats().unwrap();
        one.end(&keys).await.unwrap();
        first.ends().await;
        last.ends().await;
        let calls = redis.command_stats().unwrap()["publish"].calls;
        assert_eq!(calls, publications, "{count} sessions");
    }
}

/// A request loads its session, the session ends on another instance, and the request opens its stream.
#[actix_web::test]
async fn a_stream_opened_just_after_the_end_ends() {
    let (_redis, one, other) = two().await;
    let mut witness = Subscriber::of(&other, "a").await;
    one.end(&["a"]).await.unwrap();
    witness.ends().await;
    for hub in [&one, &other] {
        Subscriber::of(hub, "a").await.ends().await;
        assert!(Subscriber::of(hub, "b").await.is_silent());
    }
}

#[actix_web::test]
async fn closing_ends_the_streams_of_this_hub_only() {
    let (redis, one, other) = two().await;
    let mut first = Subscriber::of(&one, "a").await;
    let mut second = Subscriber::of(&one, "b").await;
    let mut elsewhere = Subscriber::of(&other, "a").await;
    one.close();
    first.ends().await;
    second.ends().await;
    assert!(!one.is_ready());
    assert!(matches!(
        one.publish("alice", "too late").await,
        Err(PublishError::Hub(HubError::Closed))
    ));
    Subscriber::of(&one, "late").await.ends().await;
    wait("its connection to close", || connections(&redis) == 1).await;
    assert_eq!(other.publish("alice", "Hello").await.unwrap(), 1);
    assert_eq!(elsewhere.text().await, "Hello");
}

#[actix_web::test]
async fn dropping_the_last_clone_closes_the_hub() {
    let redis = redis().await;
    for (one, is_ready) in [
        (hub(&redis, |_| ()).await, true),
        (open(NOWHERE, |_| ()), false),
    ] {
        let clone = one.clone();
        let mut subscriber = Subscriber::of(&one, "a").await;
        drop(one);
        assert!(subscriber.is_silent() && clone.is_ready() == is_ready);
        drop(clone);
        subscriber.ends().await;
        wait("its connection to close", || connections(&redis) == 0).await;
    }
}

/// Returns the number of connections to Redis, without the one that asks.
fn connections(redis: &Redis) -> usize {
    let clients = redis.cli(&["CLIENT", "LIST"]).unwrap();
    clients
        .lines()
        .filter(|client| !client.contains("cmd=client"))
        .count()
}
