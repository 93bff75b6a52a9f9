//! Redis restarted, frozen, gone, demoted: every wait is bounded, and its return is noticed without help.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use actix_session::{Session, storage::SessionStore};
use actix_web::rt::spawn;
use session_stores::{renew, rotate, sign_in};
use testkit::wait_until;

use super::{
    proxy::{FINDS_OUT, Proxy},
    support::{connections, failure, impatient, redis, store},
};
use crate::common::{FOREVER, PATIENCE, TTL, data, handled, load, numbered, same, unknown};

const TIMEOUT: Duration = Duration::from_millis(300);

#[actix_web::test]
async fn after_a_restart_that_nobody_noticed_the_very_next_call_succeeds() {
    let mut redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let clone = store.clone();
    let key = store.save(numbered(1), &TTL).await.unwrap();
    load(&clone, &key).await;
    redis.restart().await.unwrap();
    let state = load(&store, &key).await.unwrap();
    assert_eq!(data(state.clone()), numbered(1));
    redis.restart().await.unwrap();
    store.update(same(&key), state, &TTL).await.unwrap();
    redis.restart().await.unwrap();
    store.save(numbered(2), &TTL).await.unwrap();
    assert!(load(&clone, &key).await.is_some());
    redis.restart().await.unwrap();
    store.delete(&key).await.unwrap();
}

#[actix_web::test]
async fn a_frozen_redis_is_not_waited_for_and_is_used_again_once_it_thaws() {
    let redis = redis().await;
    let store = impatient(&redis.url(), TIMEOUT).await;
    let key = wait_until("a session", PATIENCE, async || {
        Ok(store.save(numbered(1), &TTL).await.ok())
    })
    .await
    .unwrap();
    redis.freeze().unwrap();
    let start = Instant::now();
    let text = failure(&store, &key).await;
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "it took {:?}",
        start.elapsed()
    );
    assert!(
        text.contains(&redis.address()) && text.contains("300ms"),
        "{text}"
    );

    wait_until("a call that fails at once", PATIENCE, async || {
        let start = Instant::now();
        failure(&store, &key).await;
        Ok((start.elapsed() < TIMEOUT / 10).then_some(()))
    })
    .await
    .unwrap();
    let start = Instant::now();
    assert!(store.update(same(&key), numbered(2), &TTL).await.is_err());
    assert!(store.save(numbered(2), &TTL).await.is_err());
    assert!(store.delete(&key).await.is_err());
    store.update_ttl(&key, &TTL).await.unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "it took {:?}",
        start.elapsed()
    );

    redis.thaw().unwrap();
    wait_until("the thawed Redis to be used", PATIENCE, async || {
        Ok(store.load(&key).await.ok())
    })
    .await
    .unwrap();
}

#[actix_web::test]
async fn all_who_wait_for_a_frozen_redis_wait_only_once() {
    let redis = redis().await;
    let store = std::rc::Rc::new(impatient(&redis.url(), TIMEOUT).await);
    redis.freeze().unwrap();
    let start = Instant::now();
    let requests: Vec<_> = (0..50)
        .map(|_| {
            spawn({
                let store = store.clone();
                async move { store.load(&unknown()).await }
            })
        })
        .collect();
    for request in requests {
        assert!(request.await.unwrap().is_err());
    }
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "fifty took {:?}",
        start.elapsed()
    );
    redis.thaw().unwrap();
    wait_until("the thawed Redis to be used", PATIENCE, async || {
        Ok(store.load(&unknown()).await.ok())
    })
    .await
    .unwrap();
}

#[actix_web::test]
async fn a_redis_that_is_gone_is_named_and_used_again_once_it_is_back() {
    let mut redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    redis.stop().await.unwrap();
    for _ in 0..2 {
        let text = failure(&store, &key).await;
        assert!(
            text.contains(&redis.address()) && text.contains("`redis-server`"),
            "{text}"
        );
    }
    redis.resume().await.unwrap();
    let found = wait_until("the returned Redis to be used", PATIENCE, async || {
        Ok(store.load(&key).await.ok())
    })
    .await
    .unwrap();
    assert_eq!(found.map(data), Some(numbered(1)));
    load(&store, &key)
        .await
        .expect("from then on every call succeeds");
}

#[actix_web::test]
async fn a_demoted_redis_is_left_and_used_again_once_it_takes_writes() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    let state = load(&store, &key).await.unwrap();
    let demoted = connections(&redis);
    redis.cli(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    assert!(store.update(same(&key), state.clone(), &TTL).await.is_err());
    assert!(store.save(numbered(2), &TTL).await.is_err());
    for ask in [renew as fn(&Session), rotate, |session| {
        sign_in(session, "alice")
    }] {
        assert!(
            store
                .update(same(&key), handled(state.clone(), ask), &TTL)
                .await
                .is_err()
        );
    }
    redis.cli(&["REPLICAOF", "NO", "ONE"]).unwrap();
    wait_until("writes to succeed", PATIENCE, async || {
        Ok(store.update(same(&key), state.clone(), &TTL).await.ok())
    })
    .await
    .unwrap();
    // Under one name there may be another server by now, which only a new connection finds.
    assert!(
        connections(&redis)
            .iter()
            .all(|connection| !demoted.contains(connection)),
        "a connection to a demoted server was kept"
    );
    assert_eq!(load(&store, &key).await.map(data), Some(numbered(1)));
}

#[actix_web::test]
async fn those_who_wait_for_one_attempt_share_its_failure() {
    let mut redis = redis().await;
    let proxy = Proxy::before(&redis);
    let store = Rc::new(impatient(&proxy.url(), Duration::from_secs(10)).await);
    redis.stop().await.unwrap();
    let start = Instant::now();
    let waiting: Vec<_> = (0..30)
        .map(|_| {
            let store = Rc::clone(&store);
            spawn(async move { failure(&store, &unknown()).await })
        })
        .collect();
    for one in waiting {
        one.await.unwrap();
    }
    assert!(
        start.elapsed() < 15 * FINDS_OUT,
        "they waited one after the other: {:?}",
        start.elapsed()
    );
}
