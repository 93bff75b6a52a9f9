//! How much there may be: of text, of streams.

use session_pubsub::{FROM_LIMIT, MESSAGE_LIMIT, Options, PublishError, TooManyStreams};

use super::support::{Reader, hub, options, redis};

#[actix_web::test]
async fn a_message_of_2_kib_is_the_longest() {
    let redis = redis().await;
    let one = hub(&options(&redis.url())).await;
    let mut reader = Reader::of(&one, "a").await;
    let too_long = async |from: &str, text: &str| match one.publish(from, text).await {
        Err(PublishError::TooLong { field, limit }) => (field, limit),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        too_long("alice", &"x".repeat(2049)).await,
        ("message", 2048)
    );
    assert_eq!(
        too_long("alice", &"é".repeat(1025)).await,
        ("message", 2048),
        "bytes count, not characters"
    );
    assert_eq!(too_long(&"x".repeat(257), "Hello").await, ("from", 256));
    // Six bytes of JSON for each.
    for longest in ["x", "\u{1}"].map(|one| one.repeat(MESSAGE_LIMIT)) {
        one.publish(&"y".repeat(FROM_LIMIT), &longest)
            .await
            .unwrap();
        assert_eq!(
            reader.text().await,
            longest,
            "and nothing of the ones before it"
        );
    }
}

#[actix_web::test]
async fn a_session_has_so_many_streams_and_an_instance_so_many() {
    let redis = redis().await;
    let one = hub(&Options {
        streams_of_a_session: 2,
        streams: 3,
        ..options(&redis.url())
    })
    .await;
    let first = Reader::of(&one, "a").await;
    let _second = Reader::of(&one, "a").await;
    assert_eq!(
        one.subscribe("a", None).unwrap_err(),
        TooManyStreams::OfThisSession(2)
    );
    let _third = Reader::of(&one, "b").await;
    assert_eq!(
        one.subscribe("c", None).unwrap_err(),
        TooManyStreams::InAll(3)
    );
    drop(first);
    Reader::of(&one, "a").await;
    assert_eq!(one.streams(), 2);
}
