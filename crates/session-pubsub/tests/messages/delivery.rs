//! Who receives what, in which order, and how soon.

use std::time::{Duration, Instant};

use session_pubsub::{Hub, Options};
use testkit::{Persistence, Redis, TestEnv};

use super::support::{PATIENCE, Reader, hub, options, redis, two, wait};

#[actix_web::test]
async fn a_message_reaches_the_readers_of_every_instance() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let (mut here, mut there, mut too) = (
        Reader::of(&one, "a").await,
        Reader::of(&other, "b").await,
        Reader::of(&other, "c").await,
    );
    assert_eq!(
        one.publish("alice", "Hello").await.unwrap(),
        2,
        "two instances hear it"
    );
    for reader in [&mut here, &mut there, &mut too] {
        assert_eq!(reader.data().await, r#"{"from":"alice","message":"Hello"}"#);
    }
}

#[actix_web::test]
async fn what_a_sender_says_arrives_in_its_order_and_all_readers_see_one_order() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let (mut here, mut there) = (Reader::of(&one, "a").await, Reader::of(&other, "b").await);
    let say = async |hub: &Hub, from: &str| {
        for n in 0..200 {
            hub.publish(from, &format!("{from} {n}")).await.unwrap();
        }
    };
    tokio::join!(say(&one, "alice"), say(&other, "bob"));
    let (mut first, mut second) = (vec![], vec![]);
    for _ in 0..400 {
        first.push(here.text().await);
        second.push(there.text().await);
    }
    assert_eq!(first, second);
    for from in ["alice", "bob"] {
        let said: Vec<_> = first
            .iter()
            .filter(|text| text.starts_with(from))
            .cloned()
            .collect();
        assert_eq!(
            said,
            (0..200).map(|n| format!("{from} {n}")).collect::<Vec<_>>()
        );
    }
}

#[actix_web::test]
async fn whatever_somebody_writes_arrives_as_the_text_it_was() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut reader = Reader::of(&other, "a").await;
    for text in [
        "<script>alert(1)</script>",
        "a\nb\r\nc\rd",
        "\n\nevent: ended\ndata: x\n\n",
        "\u{2028}\u{2029}\0\u{7f}\"\\",
        "😀 שלום",
        "",
    ] {
        one.publish("alice", text).await.unwrap();
        assert_eq!(reader.text().await, text);
    }
}

#[actix_web::test]
async fn what_others_publish_in_the_same_form_arrives_and_all_else_is_ignored() {
    let redis = redis().await;
    let one = hub(&options(&redis.url())).await;
    let mut reader = Reader::of(&one, "a").await;
    let long = format!(r#"{{"from":"a","message":"{}"}}"#, "x".repeat(2049));
    for foreign in [
        "",
        "hello",
        "[1]",
        r#"{"from":"a"}"#,
        &long,
        "{\"message\":\n\"by hand\",\"from\":\"redis-cli\",\"at\":1}",
    ] {
        redis.cli(&["PUBLISH", "messages", foreign]).unwrap();
    }
    assert_eq!(
        reader.data().await,
        r#"{"from":"redis-cli","message":"by hand"}"#
    );
}

#[actix_web::test]
async fn another_channel_is_another_world() {
    let redis = redis().await;
    let one = hub(&options(&redis.url())).await;
    let other = hub(&Options {
        channel: "elsewhere".to_owned(),
        ..options(&redis.url())
    })
    .await;
    let (mut here, mut there) = (Reader::of(&one, "a").await, Reader::of(&other, "a").await);
    assert_eq!(one.publish("alice", "here").await.unwrap(), 1);
    assert_eq!(other.publish("alice", "there").await.unwrap(), 1);
    assert_eq!(
        (here.text().await, there.text().await),
        ("here".to_owned(), "there".to_owned())
    );
}

/// As workers do: each has a thread and a runtime of its own, and the connection belongs to none of them.
#[actix_web::test]
async fn a_hub_is_used_from_any_thread_and_outlives_it() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut reader = Reader::of(&other, "a").await;
    for n in 0..3 {
        let hub = one.clone();
        let worker = std::thread::spawn(move || {
            actix_web::rt::System::new()
                .block_on(async { hub.publish("alice", &n.to_string()).await })
        });
        assert_eq!(reader.text().await, n.to_string());
        // Not joined at once: the connection is driven by this thread, and the answer comes over it.
        wait("the worker's end", || worker.is_finished()).await;
        worker.join().unwrap().unwrap();
    }
}

#[actix_web::test]
async fn a_hub_lets_itself_in_with_a_password() {
    let redis = Redis::start_with(
        &TestEnv::new().unwrap(),
        Persistence::None,
        Some("hunter2"),
        &[],
    )
    .await
    .unwrap();
    let one = hub(&options(&redis.url())).await;
    assert_eq!(one.publish("alice", "Hello").await.unwrap(), 1);

    let wrong = Options {
        redis_timeout: Duration::from_millis(300),
        ..options(&redis.url().replace("hunter2", "hunter3"))
    };
    let wrong = Hub::open(&wrong).unwrap();
    let error = wrong.publish("alice", "Hello").await.unwrap_err();
    let text = format!("{error} {error:?} {wrong:?}");
    assert!(
        text.contains("WRONGPASS") || text.contains("uthentication"),
        "{text}"
    );
    assert!(!text.contains("hunter"), "{text}");
}

/// The bound is generous, for a busy machine; the measured figures are printed (`--nocapture`).
#[actix_web::test]
async fn a_message_arrives_at_once() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut reader = Reader::of(&other, "a").await;
    let mut took = vec![];
    for _ in 0..300 {
        let start = Instant::now();
        let (published, _) = tokio::join!(one.publish("alice", "Hello"), reader.text());
        published.unwrap();
        took.push(start.elapsed());
    }
    took.sort();
    println!(
        "delivered across instances: median {:?}, 99% {:?}, most {:?}",
        took[150], took[297], took[299]
    );
    assert!(
        took[150] < Duration::from_millis(100),
        "median {:?}",
        took[150]
    );
}

/// Driver, ring and readers together: nobody who reads is dropped for the pace of others.
#[actix_web::test]
async fn a_hundred_readers_get_all_of_ten_thousand_messages() {
    let redis = redis().await;
    let (one, other) = two(&redis).await;
    let mut readers = vec![];
    for n in 0..100 {
        readers.push(Reader::of(&other, &n.to_string()).await);
    }
    let start = Instant::now();
    for _ in 0..20 {
        // At once, and so in no order.
        let said = (0..500).map(|_| one.publish("alice", "Hello"));
        assert!(
            futures_util::future::join_all(said)
                .await
                .iter()
                .all(Result::is_ok)
        );
        for reader in &mut readers {
            for _ in 0..500 {
                assert_eq!(reader.text().await, "Hello");
            }
        }
    }
    println!("10,000 messages to 100 readers: {:?}", start.elapsed());
    assert!(start.elapsed() < PATIENCE * 3);
    drop(readers);
    wait("their places to be free", || other.streams() == 0).await;
}
