//! Every step touches one key. A node of a Redis Cluster rejects a step with two keys (CROSSSLOT), even if it has all
//! slots.

use actix_session::storage::SessionStore;
use session_stores::{RedisStore, redis::Options, renew, rotate};
use testkit::{Persistence, Port, Redis, TestEnv};

use super::support::{handle, listed};
use crate::common::{HOUR, both, load, logged_in, request, update, wait};

#[actix_web::test]
async fn no_step_touches_two_slots() {
    let env = TestEnv::new().unwrap();
    // The default port of its bus would be 10000 above the other one, and may be in use.
    let bus = Port::claim().unwrap();
    let bus_port = bus.number().to_string();
    let cluster = ["--cluster-enabled", "yes", "--cluster-port", &bus_port];
    let redis = Redis::start_with(&env, Persistence::None, None, &cluster)
        .await
        .unwrap();
    redis
        .cli(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"])
        .unwrap();
    wait("the cluster", async || {
        Ok(redis
            .cli(&["CLUSTER", "INFO"])?
            .contains("cluster_state:ok")
            .then_some(()))
    })
    .await;
    let options = Options {
        redis_url: redis.url(),
        timeouts: both(HOUR, HOUR),
        ..Options::default()
    };
    let store = RedisStore::connect(options).await.unwrap();

    let (old, state) = logged_in(&store, "alice").await;
    logged_in(&store, "alice").await;
    let rotated = request(&store, &old, state.clone(), rotate).await;
    assert!(load(&store, &old).await.is_some());
    update(&store, &old, state).await;
    let state = load(&store, &rotated).await.unwrap();
    let renewed = request(&store, &rotated, state, renew).await;
    let mine = load(&store, &renewed).await.unwrap();
    assert_eq!(listed(&store, "alice").await.len(), 2);
    assert_eq!(store.end_others("alice", &handle(&mine)).await.unwrap(), 1);
    store.delete(&old).await.unwrap();
    assert_eq!(listed(&store, "alice").await.len(), 0);
}
