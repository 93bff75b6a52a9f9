//! Redis restarts, freezes, is cut off or is not there yet. Every wait is bounded, and the hub recovers by itself.

use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use session_pubsub::{Hub, HubError, PublishError};
use testkit::{FaultProxy, wait_until};

use super::support::{PATIENCE, Subscriber, hub, impatient, open, ready, redis, wait};

/// A multiple of the timeout of impatient hubs.
const BOUND: Duration = Duration::from_secs(3);

/// Publishes until Redis accepts the message.
async fn publish(hub: &Hub, text: &str) {
    wait_until("a publication", PATIENCE, async || {
        Ok(hub.publish("alice", text).await.ok())
    })
    .await
    .unwrap();
}

/// Publishes a message, which must fail within [`BOUND`].
async fn publication_error(hub: &Hub) -> HubError {
    let start = Instant::now();
    let result = hub.publish("alice", "perhaps").await;
    assert!(start.elapsed() < BOUND, "{:?}", start.elapsed());
    match result {
        Err(PublishError::Hub(error)) => error,
        other => panic!("not a failure of Redis: {other:?}"),
    }
}

/// The end of a stream shows the subscriber that it may have missed a message.
#[actix_web::test]
async fn a_restart_of_redis_ends_streams_and_new_ones_work() {
    let mut redis = redis().await;
    let (one, other) = (hub(&redis, impatient).await, hub(&redis, impatient).await);
    for round in 0..4 {
        let mut here = Subscriber::of(&one, "a").await;
        let mut there = Subscriber::of(&other, "b").await;
        assert_eq!(one.publish("alice", &round.to_string()).await.unwrap(), 2);
        assert_eq!(here.text().await, round.to_string());
        assert_eq!(there.text().await, round.to_string());
        redis.restart().await.unwrap();
        here.ends().await;
        there.ends().await;
        ready(&one).await;
        ready(&other).await;
    }
}

/// A browser does not return after a refusal, and without Redis the server could only refuse. A hub may also start
/// before its Redis.
#[actix_web::test]
async fn without_redis_streams_stay_open_and_publishing_fails() {
    let mut redis = redis().await;
    let one = hub(&redis, |options| {
        impatient(options);
        options.heartbeat = Duration::from_millis(50);
    })
    .await;
    let mut subscriber = Subscriber::of(&one, "a").await;
    redis.kill().await.unwrap();
    wait("the hub to notice", || !one.is_ready()).await;
    let late = open(&redis.url(), impatient);
    for hub in [&one, &late] {
        let error = publication_error(hub).await;
        assert!(
            matches!(&error, HubError::Unreachable { address, .. } if *address == redis.address()),
            "{error}"
        );
        assert!(!hub.is_ready());
    }
    subscriber.loses_redis().await;
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(300) {
        let chunk = subscriber.chunk().await.expect("the stream goes on");
        assert!(chunk.starts_with(':'), "{chunk}");
    }
    redis.resume().await.unwrap();
    subscriber.ends_later().await;
    ready(&late).await;
    let mut subscriber = Subscriber::of(&late, "a").await;
    publish(&one, "Hello").await;
    assert_eq!(subscriber.text().await, "Hello");
}

#[actix_web::test]
async fn publishing_waits_for_a_connection_or_a_paused_redis() {
    let redis = redis().await;
    let one = hub(&redis, |_| ()).await;
    for round in 0..5 {
        redis.cli(&["CLIENT", "KILL", "SKIPME", "yes"]).unwrap();
        wait("the hub to notice", || !one.is_ready()).await;
        let received = one.publish("alice", "Hello").await.unwrap();
        assert_eq!(received, 1, "round {round}");
    }

    let mut subscriber = Subscriber::of(&one, "a").await;
    redis.freeze().unwrap();
    let thaw = async {
        sleep(Duration::from_millis(300)).await;
        redis.thaw().unwrap();
    };
    let (published, ()) = tokio::join!(one.publish("alice", "in time"), thaw);
    assert_eq!(published.unwrap(), 1);
    assert_eq!(subscriber.text().await, "in time");
}

#[actix_web::test]
async fn a_frozen_redis_is_given_up_and_used_again_later() {
    let redis = redis().await;
    let (one, other) = (hub(&redis, impatient).await, hub(&redis, impatient).await);
    let mut before = Subscriber::of(&other, "a").await;
    redis.freeze().unwrap();
    let error = publication_error(&one).await;
    assert!(
        matches!(error, HubError::TimedOut { .. }) && error.to_string().contains("300ms"),
        "{error}"
    );
    let start = Instant::now();
    assert!(one.end(&["z"]).await.is_err());
    assert!(start.elapsed() < BOUND, "{:?}", start.elapsed());
    let noticed = || !one.is_ready() && !other.is_ready();
    wait("both hubs to notice", noticed).await;
    // Long enough for some attempts that get no answer.
    sleep(Duration::from_secs(1)).await;
    let error = publication_error(&one).await;
    assert!(matches!(error, HubError::TimedOut { .. }), "{error}");
    before.loses_redis().await;
    assert!(before.is_silent(), "the stream stays open");

    redis.thaw().unwrap();
    ready(&one).await;
    ready(&other).await;
    before.ends_later().await;
    let mut subscriber = Subscriber::of(&other, "a").await;
    publish(&one, "surely").await;
    // The message whose publication timed out may arrive late, once.
    let mut text = subscriber.text().await;
    if text == "perhaps" {
        text = subscriber.text().await;
    }
    assert_eq!(text, "surely");
}

/// The instance does not receive the end of a session. Only its PING can detect that the connection is broken. The
/// session must not receive any message after its end.
#[actix_web::test]
async fn a_stalled_connection_is_replaced_and_streams_end() {
    let redis = redis().await;
    let proxy = FaultProxy::start(&redis).unwrap();
    let cut_off = open(&proxy.url(), impatient);
    ready(&cut_off).await;
    let other = hub(&redis, impatient).await;
    let mut ending = Subscriber::of(&cut_off, "a").await;
    proxy.stall();
    other.end(&["a"]).await.unwrap();
    // Publishes without a pause, so also at the moment in which the instance subscribes again.
    let publish_always = async {
        loop {
            other.publish("bob", "not for alice").await.unwrap();
        }
    };
    tokio::select! {
        () = publish_always => {}
        () = ending.ends() => {}
    }

    ready(&cut_off).await;
    let mut subscriber = Subscriber::of(&cut_off, "b").await;
    other.publish("alice", "Hello").await.unwrap();
    while subscriber.text().await != "Hello" {}
    assert!(subscriber.is_silent(), "it arrives once");
}

/// If messages could arrive before ends do, some would reach a session that has ended.
#[actix_web::test]
async fn an_instance_that_receives_no_ends_gets_no_messages() {
    let redis = redis().await;
    let command = "ACL SETUSER deaf on >secret +@all resetchannels &messages";
    let command: Vec<_> = command.split(' ').collect();
    redis.cli(&command).unwrap();
    let url = format!("redis://deaf:secret@{}", redis.address());
    let deaf = open(&url, impatient);
    let other = hub(&redis, |_| ()).await;
    let mut subscriber = Subscriber::of(&deaf, "a").await;
    wait_until("some refused attempts", PATIENCE, async || {
        other.publish("bob", "Hello").await?;
        assert!(subscriber.is_silent() && !deaf.is_ready());
        let subscribe = redis.command_stats()?.remove("subscribe");
        Ok(subscribe.filter(|stats| stats.rejected > 5))
    })
    .await
    .unwrap();
    let error = publication_error(&deaf).await.to_string();
    assert!(
        error.contains("no permissions") && !error.contains("secret"),
        "{error}"
    );
}
