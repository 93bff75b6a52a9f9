//! Writes that arrive late, and writes whose reply is lost.

use std::time::Duration;

use futures_util::future::OptionFuture;
use serde_json::Value;
use session_stores::{Identity, OldId, StoreError};

use super::support::{commands, key, loaded, proxied, shared, stored_n, write_error};
use crate::common::{FOREVER, PATIENCE, change, delete, identify, load, n, text, wait_until};

/// As a retransmission does: Redis gets the write after the visitor's next requests.
#[tokio::test]
async fn a_write_that_arrives_late_undoes_nothing() {
    let (redis, proxy, slow) = proxied(Duration::from_secs(1)).await;
    let direct = redis.store(FOREVER).await;
    let session = loaded(&direct).await;
    let late = load(&slow, &key(&session)).await.unwrap();
    let held = proxy.hold(&key(&session));

    let error = write_error(&slow, Some(&late), Identity::Keep).await;
    assert!(error.to_string().contains("within 1s"), "{error}");
    let mut current = session;
    for count in 2..5 {
        current = change(&direct, &current, count).await.unwrap().loaded;
    }
    commands(&redis);
    held.release();
    wait_until("the late write", async || {
        commands(&redis).contains_key("evalsha")
    })
    .await;
    assert_eq!(stored_n(&direct, &key(&current)).await, Some(4));
}

#[tokio::test]
async fn a_change_whose_reply_was_lost_is_not_repeated() {
    let (_redis, proxy, store) = proxied(PATIENCE).await;
    let session = loaded(&store).await;
    proxy.lose_response_to(&key(&session));
    let error = write_error(&store, Some(&session), Identity::Keep).await;
    assert!(matches!(error, StoreError::Failed(_)), "{error}");
    let session = load(&store, &key(&session)).await.unwrap();
    assert_eq!((n(&session), session.version), (Some(2), Some(2)));
}

#[tokio::test]
async fn a_new_id_whose_reply_was_lost_is_written_once() {
    let (redis, proxy, store) = proxied(PATIENCE).await;
    for (has_session, identity) in [
        (true, Identity::Rotate(OldId::Redirects)),
        (true, Identity::Rotate(OldId::Stops)),
        (true, Identity::LogIn("alice".to_owned())),
        (false, Identity::Keep),
        (false, Identity::LogIn("alice".to_owned())),
    ] {
        let session = OptionFuture::from(has_session.then(|| loaded(&store))).await;
        let old = session.as_ref().map(key);
        proxy.lose_response_to(old.as_deref().unwrap_or("CreatedAt"));
        let written = identify(&store, session.as_ref(), identity.clone()).await;
        let new = written.unwrap().key;
        assert_ne!(old.as_ref(), Some(&new));
        assert_eq!(redis.sessions(), [redis.name(&new)], "{identity:?}");
        assert_eq!(stored_n(&store, &new).await, old.map(|_| 1));
        redis.cli(&["FLUSHALL"]);
    }
}

#[tokio::test]
async fn a_logout_whose_reply_was_lost_succeeds() {
    let (redis, proxy, store) = proxied(PATIENCE).await;
    let session = loaded(&store).await;
    proxy.lose_response_to(&key(&session));
    delete(&store, &key(&session)).await;
    assert!(redis.keys().is_empty());
}

#[tokio::test]
async fn a_record_that_another_program_has_formatted_can_change() {
    let (redis, store) = shared(FOREVER).await;
    let spaced = |json: &str| json.replacen(':', ": ", 1);
    // The fields are in another order.
    let sorted = |json: &str| serde_json::from_str::<Value>(json).unwrap().to_string();
    for format in [spaced, sorted] {
        let session = loaded(&store).await;
        let formatted = format(&text(&session.record));
        redis.cli(&["SET", &redis.name(&key(&session)), &formatted]);
        let session = load(&store, &key(&session)).await.unwrap();
        change(&store, &session, 2).await.unwrap();
        assert_eq!(stored_n(&store, &key(&session)).await, Some(2));
    }
}
