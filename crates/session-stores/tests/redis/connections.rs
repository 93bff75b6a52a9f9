//! The connection that each clone of the store keeps.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use session_stores::Store;
use tokio::spawn;

use super::support::{connections, own, proxied};
use crate::common::{FOREVER, load, pass, test_redis::TestRedis, unknown_id, wait};

/// Waits until Redis has `count` connections.
async fn wait_for(count: usize, redis: &TestRedis) -> Vec<String> {
    wait(&format!("{count} connections"), async || {
        Some(connections(redis)).filter(|them| them.len() == count)
    })
    .await
}

#[tokio::test]
async fn each_clone_keeps_one_connection_and_gives_it_back() {
    let (redis, store) = own(FOREVER).await;
    wait_for(0, &redis).await;
    let clones: Vec<_> = (0..3).map(|_| store.clone()).collect();
    for clone in &clones {
        join_all((0..50).map(async |_| load(clone, &unknown_id()).await)).await;
    }
    let kept = wait_for(3, &redis).await;
    drop(clones);
    let another = store.clone();
    load(&another, &unknown_id()).await;
    assert_eq!(connections(&redis), kept, "a new clone reuses one");
}

/// A request that waits on a broken connection gets its error after another request has opened a new one.
#[tokio::test]
async fn a_late_error_of_an_old_connection_keeps_the_new_one() {
    let (_redis, proxy, store) = proxied(Duration::from_millis(600)).await;
    let store = Arc::new(store);
    let ask = || {
        let store = Arc::clone(&store);
        spawn(async move { store.load(&unknown_id()).await.is_err() })
    };
    wait("a machine that is not too busy", async || {
        store.load(&unknown_id()).await.ok()?;
        proxy.stall();
        let early = ask();
        pass(Duration::from_millis(400)).await;
        let late = ask();
        assert!(early.await.unwrap());
        wait("a new connection", async || {
            store.load(&unknown_id()).await.ok()
        })
        .await;
        if late.is_finished() {
            return None;
        }
        assert!(late.await.unwrap());
        load(&*store, &unknown_id()).await;
        Some(())
    })
    .await;
}
