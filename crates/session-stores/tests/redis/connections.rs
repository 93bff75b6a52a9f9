//! The connection that each clone of the store keeps.

use std::{rc::Rc, time::Duration};

use actix_session::storage::SessionStore;
use actix_web::rt::spawn;

use testkit::FaultProxy;

use super::support::{connections, impatient};
use crate::common::{
    FOREVER, begin, load, numbered, pass, save, test_redis::TestRedis, unknown, update, wait,
};

/// Waits until Redis has `count` connections.
async fn wait_for(count: usize, redis: &TestRedis) -> Vec<String> {
    wait(&format!("{count} connections"), async || {
        Ok(Some(connections(redis)).filter(|them| them.len() == count))
    })
    .await
}

#[actix_web::test]
async fn each_clone_keeps_one_connection_and_gives_it_back() {
    let redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    wait_for(0, &redis).await;
    let clones: Vec<_> = (0..3).map(|_| store.clone()).collect();
    for clone in &clones {
        load(clone, &unknown()).await;
        load(clone, &unknown()).await;
    }
    let kept = wait_for(3, &redis).await;
    drop(clones);
    let another = store.clone();
    load(&another, &unknown()).await;
    assert_eq!(connections(&redis), kept, "a new clone reuses one");
}

#[actix_web::test]
async fn fifty_commands_at_once_open_and_share_one_connection() {
    let redis = TestRedis::own().await;
    let store = Rc::new(redis.store(FOREVER).await);
    wait_for(0, &redis).await;
    let requests: Vec<_> = (0..50)
        .map(|n| {
            let store = store.clone();
            spawn(async move {
                load(&*store, &unknown()).await;
                let (key, state) = begin(&*store).await;
                update(&*store, &key, state).await;
                let own = save(&*store, numbered(n)).await;
                let found = load(&*store, &own).await.unwrap();
                assert_eq!(found["n"], n.to_string(), "each gets its own reply");
            })
        })
        .collect();
    for request in requests {
        request.await.unwrap();
    }
    assert_eq!(connections(&redis).len(), 1);
}

#[actix_web::test]
async fn a_killed_connection_is_replaced_within_the_call() {
    let redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    let key = save(&store, numbered(1)).await;
    for _ in 0..3 {
        redis.cli(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        assert!(load(&store, &key).await.is_some());
    }
}

/// A request that waits on a broken connection gets its error after another request has opened a new one.
#[actix_web::test]
async fn a_late_error_of_an_old_connection_keeps_the_new_one() {
    let redis = TestRedis::own().await;
    let proxy = FaultProxy::start(redis.server()).unwrap();
    let store = Rc::new(impatient(&proxy.url(), Duration::from_millis(600)).await);
    let ask = || {
        spawn({
            let store = store.clone();
            async move { store.load(&unknown()).await }
        })
    };
    wait("a machine that is not too busy", async || {
        if store.load(&unknown()).await.is_err() {
            return Ok(None);
        }
        proxy.stall();
        let early = ask();
        pass(Duration::from_millis(400)).await;
        let late = ask();
        assert!(early.await?.is_err());
        wait("a new connection", async || {
            Ok(store.load(&unknown()).await.ok())
        })
        .await;
        if late.is_finished() {
            return Ok(None);
        }
        assert!(late.await?.is_err());
        load(&*store, &unknown()).await;
        Ok(Some(()))
    })
    .await;
}
