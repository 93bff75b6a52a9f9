//! Every step is one key's: a node of a Redis Cluster refuses any other (CROSSSLOT), also if all slots are its own.

use actix_session::storage::SessionStore;
use session_stores::{RedisStore, Timeouts, renew, rotate};
use testkit::{Persistence, Port, Redis, TestEnv, wait_until};

use super::support::{handle, listed, options, signed_in};
use crate::common::{PATIENCE, TTL, absolute, handled, idle, load, same};

#[actix_web::test]
async fn no_step_of_the_store_touches_two_slots() {
    let env = TestEnv::new().unwrap();
    // Its bus has a port of its own, which is 10000 above the other one unless it is told, and nobody's to claim.
    let bus = Port::claim().unwrap();
    let bus_port = bus.number().to_string();
    let cluster = ["--cluster-enabled", "yes", "--cluster-port", &bus_port];
    let redis = Redis::start_with(&env, Persistence::None, None, &cluster)
        .await
        .unwrap();
    redis
        .cli(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"])
        .unwrap();
    wait_until("the cluster", PATIENCE, async || {
        Ok(redis
            .cli(&["CLUSTER", "INFO"])?
            .contains("cluster_state:ok")
            .then_some(()))
    })
    .await
    .unwrap();
    let hour = std::time::Duration::from_secs(3600);
    let timeouts = Timeouts {
        absolute: absolute(hour).absolute,
        ..idle(hour)
    };
    let store = RedisStore::connect(session_stores::redis::Options {
        timeouts,
        ..options(&redis.url())
    })
    .await
    .unwrap();

    let (old, state) = signed_in(&store, "alice").await;
    signed_in(&store, "alice").await;
    let rotated = store
        .update(same(&old), handled(state.clone(), rotate), &TTL)
        .await
        .unwrap();
    assert!(load(&store, &old).await.is_some());
    store.update(same(&old), state, &TTL).await.unwrap();
    let state = load(&store, &rotated).await.unwrap();
    let renewed = store
        .update(rotated, handled(state, renew), &TTL)
        .await
        .unwrap();
    let mine = load(&store, &renewed).await.unwrap();
    assert_eq!(listed(&store, "alice").await.len(), 2);
    assert_eq!(store.end_others("alice", &handle(&mine)).await.unwrap(), 1);
    store.delete(&old).await.unwrap();
    assert_eq!(listed(&store, "alice").await.len(), 0);
}
