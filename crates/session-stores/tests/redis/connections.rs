//! The connection that each clone keeps.

use std::time::Duration;

use actix_session::storage::SessionStore;
use actix_web::rt::spawn;
use testkit::{Redis, wait_until};

use super::{
    proxy::Proxy,
    support::{connections, impatient, redis, store},
};
use crate::common::{FOREVER, PATIENCE, TTL, load, numbered, pass, same, unknown};

async fn until_there_are(count: usize, redis: &Redis) -> Vec<String> {
    wait_until(&format!("{count} connections"), PATIENCE, async || {
        Ok(Some(connections(redis)).filter(|them| them.len() == count))
    })
    .await
    .unwrap()
}

#[actix_web::test]
async fn each_clone_that_is_used_keeps_one_connection_and_gives_it_back() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    until_there_are(0, &redis).await;
    let clones: Vec<_> = (0..3).map(|_| store.clone()).collect();
    for clone in &clones {
        load(clone, &unknown()).await;
        load(clone, &unknown()).await;
    }
    let kept = until_there_are(3, &redis).await;
    drop(clones);
    let another = store.clone();
    load(&another, &unknown()).await;
    assert_eq!(
        connections(&redis),
        kept,
        "a new clone takes over what another has left"
    );
}

#[actix_web::test]
async fn fifty_commands_at_once_share_one_connection() {
    let redis = redis().await;
    let store = std::rc::Rc::new(store(&redis, FOREVER).await);
    until_there_are(0, &redis).await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    let kept = until_there_are(1, &redis).await;
    let requests: Vec<_> = (0..50)
        .map(|n| {
            let (store, key) = (store.clone(), same(&key));
            spawn(async move {
                let state = load(&*store, &key).await.unwrap();
                store.update(key, state, &TTL).await.unwrap();
                let own = store.save(numbered(n), &TTL).await.unwrap();
                assert_eq!(
                    load(&*store, &own).await.unwrap()["n"],
                    n.to_string(),
                    "each gets its own answer"
                );
            })
        })
        .collect();
    for request in requests {
        request.await.unwrap();
    }
    assert_eq!(connections(&redis), kept);
}

#[actix_web::test]
async fn commands_that_meet_on_an_empty_clone_open_one_connection() {
    let redis = redis().await;
    let store = std::rc::Rc::new(store(&redis, FOREVER).await);
    until_there_are(0, &redis).await;
    let requests: Vec<_> = (0..50)
        .map(|_| {
            spawn({
                let store = store.clone();
                async move { load(&*store, &unknown()).await }
            })
        })
        .collect();
    for request in requests {
        request.await.unwrap();
    }
    assert_eq!(connections(&redis).len(), 1);
}

#[actix_web::test]
async fn a_connection_that_was_killed_is_replaced_within_the_call() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    for _ in 0..3 {
        redis
            .cli(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
            .unwrap();
        assert!(load(&store, &key).await.is_some());
    }
}

/// A request that still waits on a dead connection learns of its end after others have a new one.
#[actix_web::test]
async fn the_late_end_of_a_dead_connection_costs_nobody_the_new_one() {
    let redis = redis().await;
    let proxy = Proxy::before(&redis);
    let store = std::rc::Rc::new(impatient(&proxy.url(), Duration::from_millis(600)).await);
    let ask = || {
        spawn({
            let store = store.clone();
            async move { store.load(&unknown()).await }
        })
    };
    wait_until("a machine that doesn't hold us up", PATIENCE, async || {
        if store.load(&unknown()).await.is_err() {
            return Ok(None);
        }
        proxy.deafen();
        let early = ask();
        pass(Duration::from_millis(400)).await;
        let late = ask();
        assert!(early.await?.is_err());
        wait_until("a new connection", PATIENCE, async || {
            Ok(store.load(&unknown()).await.ok())
        })
        .await?;
        if late.is_finished() {
            return Ok(None);
        }
        assert!(late.await?.is_err());
        store
            .load(&unknown())
            .await
            .expect("Redis is well, and so is the new connection");
        Ok(Some(()))
    })
    .await
    .unwrap();
}
