//! How streams end with their session, and with their hub.

use session_pubsub::{Hub, HubError, PublishError};
use testkit::Redis;

use super::support::{Subscriber, hub, options, redis, two, wait};

#[actix_web::test]
async fn a_session_ends_with_its_streams_on_all_instances() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut ending = [
        Subscriber::of(&one, "a").await,
        Subscriber::of(&other, "a").await,
        Subscriber::of(&other, "a").await,
    ];
    let mut others = [
        Subscriber::of(&one, "b").await,
        Subscriber::of(&other, "c").await,
    ];
    one.end("a").await.unwrap();
    for subscriber in &mut ending {
        subscriber.ends().await;
    }
    other.publish("carol", "still here").await.unwrap();
    for subscriber in &mut others {
        assert_eq!(subscriber.text().await, "still here");
    }
    assert_eq!((one.streams(), other.streams()), (1, 1));
}

#[actix_web::test]
async fn an_ended_stream_drops_its_unread_messages() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut ending = Subscriber::of(&other, "a").await;
    let mut witness = Subscriber::of(&other, "b").await;
    one.publish("alice", "unread").await.unwrap();
    assert_eq!(witness.text().await, "unread");
    other.end("a").await.unwrap();
    ending.ends().await;
}

/// A request loads its session, the session ends on another instance, and the request opens its
/// stream.
#[actix_web::test]
async fn a_stream_opened_just_after_the_end_ends() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut witness = Subscriber::of(&other, "a").await;
    one.end("a").await.unwrap();
    witness.ends().await;
    for hub in [&one, &other] {
        Subscriber::of(hub, "a").await.ends().await;
        assert!(Subscriber::of(hub, "b").await.is_silent());
    }
}

#[actix_web::test]
async fn closing_ends_the_streams_of_this_hub_only() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut subscribers = vec![];
    for n in 0..50 {
        subscribers.push(Subscriber::of(&one, &n.to_string()).await);
    }
    let mut elsewhere = Subscriber::of(&other, "a").await;
    one.close();
    for subscriber in &mut subscribers {
        subscriber.ends().await;
    }
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
    let one = hub(&options(&redis.url())).await;
    let clone = one.clone();
    let mut subscriber = Subscriber::of(&one, "a").await;
    drop(one);
    assert!(subscriber.is_silent() && clone.is_ready());
    drop(clone);
    subscriber.ends().await;
    wait("its connection to close", || connections(&redis) == 0).await;
}

#[actix_web::test]
async fn a_hub_without_redis_closes_too() {
    let one = Hub::new("redis://127.0.0.1:1", "messages").unwrap();
    let mut subscriber = Subscriber::of(&one, "a").await;
    assert!(!one.is_ready() && subscriber.is_silent());
    one.close();
    subscriber.ends().await;
}

/// Returns the number of connections to Redis, without the one that asks.
fn connections(redis: &Redis) -> usize {
    let clients = redis.cli(&["CLIENT", "LIST"]).unwrap();
    clients
        .lines()
        .filter(|client| !client.contains("cmd=client"))
        .count()
}
