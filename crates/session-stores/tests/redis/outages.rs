//! Redis is restarted, frozen, gone or demoted: waits are limited, and the store notices its return.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use session_stores::{Identity, OldId, Store};
use testkit::FaultProxy;

use super::support::{connections, failure, key, loaded, own, proxied, stored_n, write_error};
use crate::common::{FOREVER, begin, change, delete, load, log, unknown_id, wait, wait_until};

const TIMEOUT: Duration = Duration::from_millis(300);

/// The longest time for some calls to a Redis that does not answer.
const SOON: Duration = Duration::from_secs(3);

/// All that a request can do to a session that it has loaded.
fn identities() -> [Identity; 4] {
    [
        Identity::Keep,
        Identity::Rotate(OldId::Redirects),
        Identity::Rotate(OldId::Stops),
        Identity::LogIn("alice".to_owned()),
    ]
}

/// Only a change is not sent again, because its outcome on the old connection could be unknown.
#[tokio::test]
async fn the_first_call_after_a_restart_succeeds() {
    let (mut redis, store) = own(FOREVER).await;
    let clone = store.clone();
    let session = loaded(&store).await;
    load(&clone, &key(&session)).await;
    redis.server_mut().restart().await.unwrap();
    assert_eq!(stored_n(&store, &key(&session)).await, Some(1));
    change(&store, &session, 2).await.unwrap();
    redis.server_mut().restart().await.unwrap();
    begin(&store, 2).await;
    assert_eq!(stored_n(&clone, &key(&session)).await, Some(2));
    redis.server_mut().restart().await.unwrap();
    delete(&store, &key(&session)).await;
}

#[tokio::test]
async fn calls_to_a_frozen_redis_fail_soon_until_it_thaws() {
    let (redis, store) = own(FOREVER).await;
    let session = loaded(&store).await;
    let id = key(&session);
    let store = redis.store_with(|it| it.timeout = TIMEOUT).await;
    assert_eq!(store.time_limit(), TIMEOUT + Duration::from_millis(100));
    wait("a connection", async || store.load(&id).await.ok()).await;
    // A clone has an open connection of its own, on which a change waits for its reply.
    let clone = store.clone();
    wait("its connection", async || clone.load(&id).await.ok()).await;
    redis.server().freeze().unwrap();
    let start = Instant::now();
    let text = failure(&store, &id).await;
    write_error(&clone, Some(&session), Identity::Keep).await;
    assert!(start.elapsed() < SOON, "it took {:?}", start.elapsed());
    assert!(
        text.contains(&redis.address) && text.contains("300ms"),
        "{text}"
    );

    wait_until("a call that fails at once", async || {
        let start = Instant::now();
        failure(&store, &id).await;
        start.elapsed() < TIMEOUT / 10
    })
    .await;
    let start = Instant::now();
    assert!(store.delete(&id).await.is_err());
    for identity in identities() {
        write_error(&store, Some(&session), identity).await;
    }
    write_error(&store, None, Identity::Keep).await;
    assert!(start.elapsed() < SOON, "it took {:?}", start.elapsed());

    redis.server().thaw().unwrap();
    wait("the thawed Redis", async || store.load(&id).await.ok()).await;
}

/// A paused Redis accepts connections, and answers no command.
#[tokio::test]
async fn a_recovery_is_logged_when_redis_answers() {
    log::keep();
    let (redis, store) = own(FOREVER).await;
    let id = key(&loaded(&store).await);
    let store = redis.store_with(|it| it.timeout = TIMEOUT).await;
    // The end of the address, by which the log lines of this Redis are found.
    let address = &redis.address[redis.address.len() - 8..];

    wait("a pause that makes a call fail", async || {
        redis.cli(&["CLIENT", "PAUSE", "2000", "ALL"]);
        store.load(&id).await.err()
    })
    .await;
    wait("a session after the pause", async || {
        let loaded = store.load(&id).await;
        assert!(loaded.is_ok() || log::lines_about(address).is_empty());
        loaded.ok()
    })
    .await;

    let [line] = &log::lines_about(address)[..] else {
        panic!("{:?}", log::lines_about(address));
    };
    assert!(line.ends_with("answers again"), "{line}");
}

#[tokio::test]
async fn requests_that_wait_for_one_attempt_share_its_error() {
    let (mut redis, _proxy, store) = proxied(Duration::from_secs(10)).await;
    redis.server_mut().stop().await.unwrap();
    let start = Instant::now();
    join_all((0..30).map(async |_| failure(&store, &unknown_id()).await)).await;
    let took = start.elapsed();
    assert!(took < 15 * FaultProxy::REFUSAL_DELAY, "{took:?}");
}

#[tokio::test]
async fn a_stopped_redis_is_named_and_used_again_when_it_is_back() {
    let (mut redis, store) = own(FOREVER).await;
    let id = key(&loaded(&store).await);
    redis.server_mut().stop().await.unwrap();
    for _ in 0..2 {
        let text = failure(&store, &id).await;
        assert!(text.contains(&redis.address), "{text}");
    }
    redis.server_mut().resume().await.unwrap();
    wait("Redis to be back", async || store.load(&id).await.ok()).await;
    // From now on every call succeeds.
    assert_eq!(stored_n(&store, &id).await, Some(1));
}

#[tokio::test]
async fn a_connection_to_a_demoted_redis_is_replaced() {
    let (redis, store) = own(FOREVER).await;
    let session = loaded(&store).await;
    let demoted = connections(&redis);
    redis.cli(&["REPLICAOF", "127.0.0.1", "1"]);
    for identity in identities() {
        write_error(&store, None, identity.clone()).await;
        write_error(&store, Some(&session), identity).await;
    }
    redis.cli(&["REPLICAOF", "NO", "ONE"]);
    wait("a successful write", async || {
        store.create(&session.record).await.ok()
    })
    .await;
    // The host name may lead to another server by now, which only a new connection finds.
    let kept = connections(&redis).iter().any(|id| demoted.contains(id));
    assert!(!kept, "a connection to a demoted server was kept");
    assert_eq!(stored_n(&store, &key(&session)).await, Some(1));
}
