//! Ends: of a session, on every instance; of an instance.

use session_pubsub::{Hub, HubError, PublishError};

use super::support::{Reader, hub, options, redis, two, wait};

#[actix_web::test]
async fn the_end_of_a_session_ends_its_streams_on_every_instance_and_no_others() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let (mut here, mut there, mut there_too) = (
        Reader::of(&one, "a").await,
        Reader::of(&other, "a").await,
        Reader::of(&other, "a").await,
    );
    let (mut bob, mut carol) = (Reader::of(&one, "b").await, Reader::of(&other, "c").await);
    one.end("a").await.unwrap();
    for reader in [&mut here, &mut there, &mut there_too] {
        reader.ends().await;
    }
    other.publish("carol", "still here").await.unwrap();
    assert_eq!(
        (bob.text().await, carol.text().await),
        ("still here".to_owned(), "still here".to_owned())
    );
    assert_eq!((one.streams(), other.streams()), (1, 1));
}

#[actix_web::test]
async fn a_stream_that_is_over_hands_out_nothing_that_still_waited_in_it() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let (mut reader, mut witness) = (Reader::of(&other, "a").await, Reader::of(&other, "b").await);
    one.publish("alice", "not for those who left")
        .await
        .unwrap();
    assert_eq!(witness.text().await, "not for those who left");
    other.end("a").await.unwrap();
    reader.ends().await;
}

/// A request looks its session up, the session ends elsewhere, the request opens its stream.
#[actix_web::test]
async fn a_stream_that_is_opened_just_after_its_session_ended_ends_as_well() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut witness = Reader::of(&other, "a").await;
    one.end("a").await.unwrap();
    witness.ends().await;
    for hub in [&one, &other] {
        Reader::of(hub, "a").await.ends().await;
        assert!(Reader::of(hub, "b").await.is_silent());
    }
}

#[actix_web::test]
async fn what_is_no_handle_ends_nothing() {
    let redis = redis().await;
    let one = hub(&options(&redis.url())).await;
    let mut reader = Reader::of(&one, "a").await;
    for foreign in ["", "\n", "A", "aa", &"a".repeat(100_000)] {
        redis.cli(&["PUBLISH", "messages-ended", foreign]).unwrap();
    }
    one.publish("alice", "Hello").await.unwrap();
    assert_eq!(reader.text().await, "Hello");
}

#[actix_web::test]
async fn closing_ends_all_streams_at_once_and_those_of_other_instances_go_on() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut readers = vec![];
    for n in 0..50 {
        readers.push(Reader::of(&one, &n.to_string()).await);
    }
    let mut elsewhere = Reader::of(&other, "a").await;
    let start = std::time::Instant::now();
    one.close();
    for reader in &mut readers {
        reader.ends().await;
    }
    println!("50 streams ended in {:?}", start.elapsed());
    assert!(!one.ready());
    assert!(matches!(
        one.publish("alice", "too late").await,
        Err(PublishError::Hub(HubError::Closed))
    ));
    Reader::of(&one, "late").await.ends().await;
    wait("its connection to be closed", || connections(&redis) == 1).await;
    assert_eq!(other.publish("alice", "Hello").await.unwrap(), 1);
    assert_eq!(elsewhere.text().await, "Hello");
}

#[actix_web::test]
async fn the_last_clone_closes_the_hub() {
    let redis = redis().await;
    let one = hub(&options(&redis.url())).await;
    let clone = one.clone();
    let mut reader = Reader::of(&one, "a").await;
    drop(one);
    assert!(reader.is_silent() && clone.ready());
    drop(clone);
    reader.ends().await;
    wait("its connection to be closed", || connections(&redis) == 0).await;
}

#[actix_web::test]
async fn a_hub_that_never_reached_redis_closes_too() {
    let one = Hub::new("redis://127.0.0.1:1", "messages").unwrap();
    let mut reader = Reader::of(&one, "a").await;
    assert!(!one.ready() && reader.is_silent());
    one.close();
    reader.ends().await;
}

/// How many connections there are, besides the one that asks.
fn connections(redis: &testkit::Redis) -> usize {
    redis
        .cli(&["CLIENT", "LIST"])
        .unwrap()
        .lines()
        .filter(|client| !client.contains("cmd=client"))
        .count()
}
