//! Which messages arrive where, in which order, and how soon.

use std::time::{Duration, Instant};

use session_pubsub::{Hub, HubError, Options, PublishError};
use testkit::{Persistence, Redis, TestEnv};

use super::support::{PATIENCE, Subscriber, hub, options, publish_many, redis, two, wait};

#[actix_web::test]
async fn a_message_reaches_all_instances() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut subscribers = [
        Subscriber::of(&one, "a").await,
        Subscriber::of(&other, "b").await,
        Subscriber::of(&other, "c").await,
    ];
    assert_eq!(one.publish("alice", "Hello").await.unwrap(), 2);
    for subscriber in &mut subscribers {
        let data = subscriber.data().await;
        assert_eq!(data, r#"{"from":"alice","message":"Hello"}"#);
    }
}

#[actix_web::test]
async fn messages_arrive_in_one_order() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
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
async fn foreign_publications_count_only_if_they_are_valid() {
    let redis = redis().await;
    let one = hub(&options(&redis.url())).await;
    let mut subscriber = Subscriber::of(&one, "a").await;
    for handle in ["", "\n", "A", "aa", &"a".repeat(100_000)] {
        redis.cli(&["PUBLISH", "messages-ended", handle]).unwrap();
    }
    let by_hand = "{\"message\":\n\"by hand\",\"from\":\"redis-cli\",\"at\":1}";
    for payload in ["", "hello", r#"{"from":"a"}"#, by_hand] {
        redis.cli(&["PUBLISH", "messages", payload]).unwrap();
    }
    assert_eq!(
        subscriber.data().await,
        r#"{"from":"redis-cli","message":"by hand"}"#
    );
}

#[actix_web::test]
async fn two_channels_share_no_messages() {
    let redis = redis().await;
    let hubs = ["messages", "elsewhere"].map(|channel| Options {
        channel: channel.to_owned(),
        ..options(&redis.url())
    });
    let (one, other) = (hub(&hubs[0]).await, hub(&hubs[1]).await);
    let mut here = Subscriber::of(&one, "a").await;
    let mut there = Subscriber::of(&other, "a").await;
    assert_eq!(one.publish("alice", "here").await.unwrap(), 1);
    assert_eq!(other.publish("alice", "there").await.unwrap(), 1);
    assert_eq!(here.text().await, "here");
    assert_eq!(there.text().await, "there");
}

/// Each worker of actix-web has a thread and a runtime of its own. The connection belongs to none.
#[actix_web::test]
async fn a_hub_works_on_any_thread() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut subscriber = Subscriber::of(&other, "a").await;
    for n in 0..3 {
        let hub = one.clone();
        let worker = std::thread::spawn(move || {
            actix_web::rt::System::new()
                .block_on(async { hub.publish("alice", &n.to_string()).await })
        });
        assert_eq!(subscriber.text().await, n.to_string());
        // This thread drives the connection, so it must not block while the worker needs an answer.
        wait("the worker's end", || worker.is_finished()).await;
        worker.join().unwrap().unwrap();
    }
}

#[actix_web::test]
async fn a_password_is_used_and_never_shown() {
    let env = TestEnv::new().unwrap();
    let redis = Redis::start_with(&env, Persistence::None, Some("hunter2"), &[])
        .await
        .unwrap();
    let url = redis.url();
    let one = hub(&options(&url)).await;
    assert_eq!(one.publish("alice", "Hello").await.unwrap(), 1);

    for url in [
        url.replace("hunter2", "hunter3"),
        url.replace(":hunter2@", ""),
    ] {
        let refused = Hub::open(&Options {
            redis_timeout: Duration::from_millis(300),
            ..options(&url)
        })
        .unwrap();
        let error = refused.publish("alice", "Hello").await.unwrap_err();
        assert!(
            matches!(error, PublishError::Hub(HubError::Rejected { .. })),
            "{error:?}"
        );
        let text = format!("{error} {error:?} {refused:?}");
        assert!(!text.contains("hunter"), "{text}");
    }
}

/// The limit is generous, for a busy machine. `--nocapture` shows the measured times.
#[actix_web::test]
async fn a_message_arrives_within_100_ms() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
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
    println!(
        "delivery: median {median:?}, 99% {:?}, maximum {:?}",
        times[297], times[299]
    );
    assert!(median < Duration::from_millis(100), "{median:?}");
}

/// No stream ends because of the pace of others.
#[actix_web::test]
async fn a_hundred_subscribers_get_10_000_messages() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut subscribers = vec![];
    for n in 0..100 {
        subscribers.push(Subscriber::of(&other, &n.to_string()).await);
    }
    let start = Instant::now();
    for _ in 0..20 {
        publish_many(&one, 500, "Hello").await;
        for subscriber in &mut subscribers {
            for _ in 0..500 {
                assert_eq!(subscriber.text().await, "Hello");
            }
        }
    }
    println!("10,000 messages to 100 subscribers: {:?}", start.elapsed());
    assert!(start.elapsed() < PATIENCE * 3);
    drop(subscribers);
    assert_eq!(other.streams(), 0);
}
