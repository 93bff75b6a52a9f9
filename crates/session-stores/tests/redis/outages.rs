//! Redis is restarted, frozen, gone or demoted: waits are limited, and the store notices its return.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use actix_session::storage::SessionStore;
use actix_web::rt::spawn;
use session_stores::{RedisStore, renew, rotate};

use testkit::FaultProxy;

use super::support::{connections, failure, impatient};
use crate::common::{
    FOREVER, PATIENCE, TTL, begin, data, handled, load, load_data, log_alice_in, numbered, same,
    save, test_redis::TestRedis, unknown, update, wait,
};

const TIMEOUT: Duration = Duration::from_millis(300);

/// The longest time for some calls to a Redis that does not answer.
const SOON: Duration = Duration::from_secs(3);

/// Loads unknown sessions at once, and returns how long all of these calls took. All must fail.
async fn fail_at_once(count: usize, store: &Rc<RedisStore>) -> Duration {
    let start = Instant::now();
    let load = |_| {
        let store = Rc::clone(store);
        spawn(async move { failure(&store, &unknown()).await })
    };
    for request in (0..count).map(load).collect::<Vec<_>>() {
        request.await.unwrap();
    }
    start.elapsed()
}

#[actix_web::test]
async fn the_first_call_after_a_restart_succeeds() {
    let mut redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    let clone = store.clone();
    let (key, _) = begin(&store).await;
    load(&clone, &key).await;
    redis.server_mut().restart().await.unwrap();
    let state = load(&store, &key).await.unwrap();
    assert_eq!(data(state.clone()), numbered(1));
    redis.server_mut().restart().await.unwrap();
    update(&store, &key, state).await;
    redis.server_mut().restart().await.unwrap();
    save(&store, numbered(2)).await;
    assert!(load(&clone, &key).await.is_some());
    redis.server_mut().restart().await.unwrap();
    store.delete(&key).await.unwrap();
}

#[actix_web::test]
async fn calls_to_a_frozen_redis_fail_soon_until_it_thaws() {
    let redis = TestRedis::own().await;
    let url = format!("redis://{}", redis.address);
    let store = impatient(&url, TIMEOUT).await;
    let (key, state) = wait("a session", async || {
        let Ok(key) = store.save(numbered(1), &TTL).await else {
            return Ok(None);
        };
        let state = store.load(&key).await.ok().flatten();
        Ok(state.map(|state| (key, state)))
    })
    .await;
    // A clone has an open connection of its own, on which a renewal waits for its reply.
    let clone = store.clone();
    wait("its connection", async || Ok(clone.load(&key).await.ok())).await;
    redis.server().freeze().unwrap();
    let start = Instant::now();
    let text = failure(&store, &key).await;
    assert!(start.elapsed() < SOON, "it took {:?}", start.elapsed());
    let start = Instant::now();
    let renewal = clone.update(same(&key), handled(state.clone(), renew), &TTL);
    assert!(renewal.await.is_err());
    assert!(start.elapsed() < SOON, "it took {:?}", start.elapsed());
    assert!(
        text.contains(&redis.address) && text.contains("300ms"),
        "{text}"
    );

    wait("a call that fails at once", async || {
        let start = Instant::now();
        failure(&store, &key).await;
        Ok((start.elapsed() < TIMEOUT / 10).then_some(()))
    })
    .await;
    let start = Instant::now();
    assert!(store.save(numbered(2), &TTL).await.is_err());
    assert!(store.delete(&key).await.is_err());
    store.update_ttl(&key, &TTL).await.unwrap();
    for handler in [|_: &_| {}, renew, rotate, log_alice_in] {
        let state = handled(state.clone(), handler);
        assert!(store.update(same(&key), state, &TTL).await.is_err());
    }
    assert!(start.elapsed() < SOON, "it took {:?}", start.elapsed());

    redis.server().thaw().unwrap();
    wait("the thawed Redis", async || Ok(store.load(&key).await.ok())).await;
}

#[actix_web::test]
async fn all_requests_to_a_frozen_redis_wait_only_once() {
    let redis = TestRedis::own().await;
    let url = format!("redis://{}", redis.address);
    let store = Rc::new(impatient(&url, TIMEOUT).await);
    redis.server().freeze().unwrap();
    let took = fail_at_once(50, &store).await;
    assert!(took < SOON, "fifty took {took:?}");
    redis.server().thaw().unwrap();
    wait("the thawed Redis", async || {
        Ok(store.load(&unknown()).await.ok())
    })
    .await;
}

#[actix_web::test]
async fn requests_that_wait_for_one_attempt_share_its_error() {
    let mut redis = TestRedis::own().await;
    let proxy = FaultProxy::start(redis.server()).unwrap();
    let store = Rc::new(impatient(&proxy.url(), Duration::from_secs(10)).await);
    redis.server_mut().stop().await.unwrap();
    let took = fail_at_once(30, &store).await;
    assert!(
        took < 15 * FaultProxy::REFUSAL_DELAY,
        "one waited after the other: {took:?}"
    );
}

#[actix_web::test]
async fn a_stopped_redis_is_named_and_used_again_when_it_is_back() {
    let mut redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    let key = save(&store, numbered(1)).await;
    redis.server_mut().stop().await.unwrap();
    for _ in 0..2 {
        let text = failure(&store, &key).await;
        let helps = text.contains(&redis.address) && text.contains("`redis-server`");
        assert!(helps, "{text}");
    }
    redis.server_mut().resume().await.unwrap();
    let found = wait("Redis to be back", async || Ok(store.load(&key).await.ok())).await;
    assert_eq!(found.map(data), Some(numbered(1)));
    // From now on every call succeeds.
    load(&store, &key).await;
}

#[actix_web::test]
async fn a_connection_to_a_demoted_redis_is_replaced() {
    let redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    let (key, state) = begin(&store).await;
    let demoted = connections(&redis);
    redis.cli(&["REPLICAOF", "127.0.0.1", "1"]);
    assert!(store.save(numbered(2), &TTL).await.is_err());
    for handler in [|_: &_| {}, renew, rotate, log_alice_in] {
        let state = handled(state.clone(), handler);
        assert!(store.update(same(&key), state, &TTL).await.is_err());
    }
    redis.cli(&["REPLICAOF", "NO", "ONE"]);
    wait("a successful write", async || {
        Ok(store.update(same(&key), state.clone(), &TTL).await.ok())
    })
    .await;
    // The host name may lead to another server by now, which only a new connection finds.
    let kept = connections(&redis).iter().any(|id| demoted.contains(id));
    assert!(!kept, "a connection to a demoted server was kept");
    assert_eq!(load_data(&store, &key).await, Some(numbered(1)));
}

#[actix_web::test]
async fn a_renewal_whose_reply_was_lost_counts_as_done() {
    let redis = TestRedis::own().await;
    let direct = redis.store(FOREVER).await;
    let proxy = FaultProxy::start(redis.server()).unwrap();
    let store = impatient(&proxy.url(), PATIENCE).await;
    for renewal in [renew, rotate, log_alice_in] {
        let (old, state) = begin(&store).await;
        proxy.lose_response_to(super::support::SECOND_STEP);
        let new = crate::common::request(&store, &old, state, renewal).await;
        assert_ne!(new, old);
        assert_eq!(load_data(&direct, &new).await, Some(numbered(1)));
        assert_eq!(redis.sessions(), [redis.name(&new)]);
        store.delete(&new).await.unwrap();
    }
}
