//! Which messages arrive where, in which order, and how soon.

use std::time::{Duration, Instant};

use session_pubsub::{Hub, HubError, PublishError};
use testkit::{Persistence, Redis, TestEnv};

use super::support::{Subscriber, hub, impatient, open, redis, two};

#[actix_web::test]
async fn messages_arrive_in_one_order() {
    let (_redis, one, other) = two().await;
    let mut here = Subscriber::of(&one, "a").await;
    let mut there = Subscriber::of(&other, "b").await;
    let publish = async |hub: &Hub, from: &str| {
        for n in 0..200 {
            hub.publish(from, &format!("{from} {n}")).await.unwrap();
        }
    };
    tokio::join!(publish(&one, "alice"), publish(&other, "bob"));

    let (mut first, mut second) = (vec![], vec![]);
    for _ in 0..400 {
        first.push(here.text().await);
        second.push(there.text().await);
    }
    assert_eq!(first, second);
    for from in ["alice", "bob"] {
        let of_sender = first.iter().filter(|text| text.starts_with(from));
        assert!(of_sender.eq(&(0..200).map(|n| format!("{from} {n}")).collect::<Vec<_>>()));
    }
}

#[actix_web::test]
async fn only_valid_messages_of_the_own_channel_arrive() {
    let redis = redis().await;
    let one = hub(&redis, |_| ()).await;
    let other = hub(&redis, |options| options.channel = "elsewhere".to_owned()).await;
    let mut subscriber = Subscriber::of(&one, "a").await;
    let mut elsewhere = Subscriber::of(&other, "a").await;
    assert_eq!(other.publish("alice", "elsewhere").await.unwrap(), 1);
    let too_long = format!(r#"["a","{}"]"#, "a".repeat(100_000));
    for handles in ["", "a", r#""a""#, r#"["A","aa"]"#, r#"["a",1]"#, &too_long] {
        redis.cli(&["PUBLISH", "messages-ended", handles]).unwrap();
    }
    let by_hand = "{\"message\":\n\"by hand\",\"from\":\"redis-cli\",\"at\":1}";
    for payload in ["", "hello", r#"{"from":"a"}"#, by_hand] {
        redis.cli(&["PUBLISH", "messages", payload]).unwrap();
    }
    assert_eq!(other.publish("alice", "again").await.unwrap(), 1);
    assert_eq!(
        subscriber.data().await,
        r#"{"from":"redis-cli","message":"by hand"}"#
    );
    assert_eq!(elsewhere.text().await, "elsewhere");
    assert_eq!(elsewhere.text().await, "again");
}

#[actix_web::test]
async fn a_password_is_used_and_never_shown() {
    let env = TestEnv::new().unwrap();
    let redis = Redis::start_with(&env, Persistence::None, Some("hunter2"), &[])
        .await
        .unwrap();
    let one = hub(&redis, |_| ()).await;
    assert_eq!(one.publish("alice", "Hello").await.unwrap(), 1);

    for login in [":hunter3@", ""] {
        let refused = open(&format!("redis://{login}{}", redis.address()), impatient);
        let error = refused.publish("alice", "Hello").await.unwrap_err();
        assert!(
            matches!(error, PublishError::Hub(HubError::Rejected { .. })),
            "{error:?}"
        );
        let text = format!("{error} {error:?}");
        assert!(!text.contains("hunter"), "{text}");
    }
}

/// The limit is generous, for a busy machine.
#[actix_web::test]
async fn a_message_arrives_within_100_ms() {
    let (_redis, one, other) = two().await;
    let mut subscriber = Subscriber::of(&other, "a").await;
    let mut times = vec![];
    for _ in 0..300 {
        let start = Instant::now();
        let (published, _) = tokio::join!(one.publish("alice", "Hello"), subscriber.text());
        published.unwrap();
        times.push(start.elapsed());
    }
    times.sort();
    let median = times[150];
    assert!(median < Duration::from_millis(100), "{median:?}");
}
