//! Redis restarted, frozen, cut off, not there yet: every wait is bounded, and its return is noticed without help.

use std::time::{Duration, Instant};

use session_pubsub::{Hub, HubError, Options, PublishError};
use testkit::{Persistence, Redis, TestEnv, wait_until};

use super::{
    proxy::Proxy,
    support::{PATIENCE, Reader, hub, impatient, options, pass, ready, redis, wait},
};

/// Two instances that notice soon.
async fn two(redis: &Redis) -> (Hub, Hub) {
    (
        hub(&impatient(&redis.url())).await,
        hub(&impatient(&redis.url())).await,
    )
}

/// Publishes until somebody takes it: what an attempt fails with, if anything.
async fn publish(hub: &Hub, text: &str) {
    wait_until("a publication", PATIENCE, async || {
        Ok(hub.publish("alice", text).await.ok())
    })
    .await
    .unwrap();
}

fn failure(outcome: Result<usize, PublishError>) -> HubError {
    match outcome {
        Err(PublishError::Hub(error)) => error,
        other => panic!("not a failure of Redis: {other:?}"),
    }
}

#[actix_web::test]
async fn after_a_restart_of_redis_readers_return_and_messages_arrive_again() {
    let mut redis = redis().await;
    let (one, other) = two(&redis).await;
    for round in 0..3 {
        let (mut here, mut there) = (Reader::of(&one, "a").await, Reader::of(&other, "b").await);
        redis.restart().await.unwrap();
        let back = Instant::now();
        // The end tells a reader that it may have missed something.
        here.ends().await;
        there.ends().await;
        ready(&one).await;
        ready(&other).await;
        println!("ready {:?} after Redis was", back.elapsed());
        let (mut here, mut there) = (Reader::of(&one, "a").await, Reader::of(&other, "b").await);
        assert_eq!(one.publish("alice", &round.to_string()).await.unwrap(), 2);
        assert_eq!(
            (here.text().await, there.text().await),
            (round.to_string(), round.to_string())
        );
    }
}

/// To a browser a refusal is final, where an end is not; and without Redis there would be nothing but refusals.
#[actix_web::test]
async fn while_redis_is_gone_streams_stay_open_with_their_comments_and_publishing_fails_in_time() {
    let mut redis = redis().await;
    let one = hub(&Options {
        heartbeat: Duration::from_millis(50),
        ..impatient(&redis.url())
    })
    .await;
    let mut reader = Reader::of(&one, "a").await;
    redis.kill().await.unwrap();
    wait("the loss to be noticed", || !one.ready()).await;
    let start = Instant::now();
    let error = failure(one.publish("alice", "Hello").await);
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "it took {:?}",
        start.elapsed()
    );
    assert!(
        matches!(&error, HubError::Unreachable { address, .. } if *address == redis.address()),
        "{error}"
    );
    let since = Instant::now();
    while since.elapsed() < Duration::from_millis(300) {
        assert!(
            reader
                .chunk()
                .await
                .expect("the stream goes on")
                .starts_with(':')
        );
    }
    redis.resume().await.unwrap();
    reader.ends_after_all().await;
    publish(&one, "Hello").await;
}

/// A server may start before its Redis.
#[actix_web::test]
async fn a_redis_that_comes_later_is_found() {
    let mut redis = redis().await;
    redis.stop().await.unwrap();
    let one = Hub::open(&impatient(&redis.url())).unwrap();
    assert!(!one.ready());
    assert!(matches!(
        failure(one.publish("alice", "Hello").await),
        HubError::Unreachable { .. }
    ));
    redis.resume().await.unwrap();
    ready(&one).await;
    let mut reader = Reader::of(&one, "a").await;
    publish(&one, "Hello").await;
    assert_eq!(reader.text().await, "Hello");
}

#[actix_web::test]
async fn publishing_waits_for_a_connection_that_is_being_opened_anew() {
    let redis = redis().await;
    let one = hub(&options(&redis.url())).await;
    for round in 0..5 {
        redis.cli(&["CLIENT", "KILL", "SKIPME", "yes"]).unwrap();
        wait("the loss to be noticed", || !one.ready()).await;
        assert_eq!(
            one.publish("alice", "Hello").await.unwrap(),
            1,
            "round {round}"
        );
    }
}

#[actix_web::test]
async fn a_frozen_redis_is_not_waited_for_and_is_used_again_once_it_thaws() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut before = Reader::of(&other, "a").await;
    redis.freeze().unwrap();
    let start = Instant::now();
    let error = failure(one.publish("alice", "perhaps").await);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(3), "it took {took:?}");
    assert!(
        matches!(error, HubError::TimedOut { .. }) && error.to_string().contains("300ms"),
        "{error}"
    );
    let asked = Instant::now();
    assert!(one.end("z").await.is_err());
    assert!(
        asked.elapsed() < Duration::from_secs(3),
        "it took {:?}",
        asked.elapsed()
    );
    wait("the loss to be noticed", || !one.ready() && !other.ready()).await;
    println!(
        "publishing failed after {took:?}, a frozen Redis was noticed by both after {:?}",
        start.elapsed()
    );
    // Long enough for some attempts that nobody answers.
    pass(Duration::from_secs(1)).await;
    assert!(before.is_silent(), "the stream stays open");

    redis.thaw().unwrap();
    let thawed = Instant::now();
    ready(&one).await;
    ready(&other).await;
    println!("ready {:?} after it thawed", thawed.elapsed());
    before.ends_after_all().await;
    let mut reader = Reader::of(&other, "a").await;
    publish(&one, "surely").await;
    // What timed out may arrive late, once.
    let first = reader.text().await;
    let text = if first == "perhaps" {
        reader.text().await
    } else {
        first
    };
    assert_eq!(text, "surely");
}

#[actix_web::test]
async fn a_pause_of_redis_that_is_shorter_than_the_wait_for_it_goes_unnoticed() {
    let redis = redis().await;
    let one = hub(&options(&redis.url())).await;
    let mut reader = Reader::of(&one, "a").await;
    redis.freeze().unwrap();
    let publishing = one.publish("alice", "in time");
    let thawing = async {
        pass(Duration::from_millis(300)).await;
        redis.thaw().unwrap();
    };
    let (published, ()) = tokio::join!(publishing, thawing);
    assert_eq!(published.unwrap(), 1);
    assert_eq!(reader.text().await, "in time");
}

/// Nobody publishes here, so only the question whether Redis is still there can find out.
#[actix_web::test]
async fn a_connection_that_is_dead_without_an_end_is_noticed_and_replaced() {
    let redis = redis().await;
    let proxy = Proxy::before(&redis);
    let (cut_off, other) = (
        hub(&impatient(&proxy.url())).await,
        hub(&impatient(&redis.url())).await,
    );
    let mut before = Reader::of(&cut_off, "a").await;
    proxy.deafen();
    let start = Instant::now();
    before.ends().await;
    println!("a dead connection was replaced after {:?}", start.elapsed());
    ready(&cut_off).await;
    let mut reader = Reader::of(&cut_off, "a").await;
    other.publish("alice", "Hello").await.unwrap();
    assert_eq!(reader.text().await, "Hello");
    assert!(reader.is_silent(), "once");
}

/// The promise that at-most-once delivery would break: an end which one instance doesn't hear.
#[actix_web::test]
async fn a_session_that_ends_while_an_instance_is_cut_off_hears_nothing_more_there() {
    let redis = redis().await;
    let proxy = Proxy::before(&redis);
    let (cut_off, other) = (
        hub(&impatient(&proxy.url())).await,
        hub(&impatient(&redis.url())).await,
    );
    let mut reader = Reader::of(&cut_off, "a").await;
    proxy.deafen();
    other.end("a").await.unwrap();
    // Said again and again, also in the moment in which the instance listens once more.
    let talk = async {
        loop {
            other.publish("bob", "not for alice").await.unwrap();
        }
    };
    tokio::select! {
        () = talk => {}
        () = reader.ends() => {}
    }
}

/// Were messages heard before ends are, there would be a moment in which they reach a session that is over.
#[actix_web::test]
async fn an_instance_that_cannot_hear_of_ends_hears_no_messages() {
    let redis = redis().await;
    redis
        .cli(&[
            "ACL",
            "SETUSER",
            "deaf",
            "on",
            ">secret",
            "+@all",
            "resetchannels",
            "&messages",
        ])
        .unwrap();
    let deaf = Hub::open(&impatient(&format!(
        "redis://deaf:secret@{}",
        redis.address()
    )))
    .unwrap();
    let other = hub(&options(&redis.url())).await;
    let mut reader = Reader::of(&deaf, "a").await;
    wait_until("some attempts of it", PATIENCE, async || {
        other.publish("bob", "Hello").await?;
        assert!(reader.is_silent() && !deaf.ready());
        let subscribe = redis.command_stats()?.remove("subscribe");
        Ok(subscribe.filter(|stats| stats.rejected > 5))
    })
    .await
    .unwrap();
    let error = failure(deaf.publish("alice", "Hello").await).to_string();
    assert!(
        error.contains("no permissions") && !error.contains("secret"),
        "{error}"
    );
}

#[actix_web::test]
async fn what_answers_but_is_no_redis_and_what_refuses_are_told_apart() {
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = Hub::open(&impatient(&format!(
        "redis://{}",
        mute.local_addr().unwrap()
    )))
    .unwrap();
    assert!(matches!(
        failure(nobody.publish("alice", "Hello").await),
        HubError::TimedOut { .. }
    ));

    let redis = Redis::start_with(
        &TestEnv::new().unwrap(),
        Persistence::None,
        Some("hunter2"),
        &[],
    )
    .await
    .unwrap();
    let stranger = Hub::open(&impatient(&format!("redis://{}", redis.address()))).unwrap();
    let error = failure(stranger.publish("alice", "Hello").await);
    assert!(matches!(error, HubError::Answer { .. }), "{error:?}");

    assert!(matches!(
        Hub::new("127.0.0.1", "messages"),
        Err(HubError::Url)
    ));
    assert!(matches!(
        Hub::new("rediss://127.0.0.1", "messages"),
        Err(HubError::Tls)
    ));
}
