//! Keys and TTLs in Redis.

use std::{rc::Rc, sync::Arc};

use session_stores::redis::Options;
use testkit::{Persistence, Port};

use super::support::{key, loaded, logged_in, shared, warm_up};
use crate::common::{
    FOREVER, HOUR, MINUTE, begin, change, idle, load, log, log_in,
    test_redis::{TestRedis, start},
    timeouts, unknown_id, wait_until,
};

const TEN_MINUTES_MS: i64 = 600_000;

#[tokio::test]
async fn users_and_prefixes_are_any_text_and_share_no_key() {
    let redis = TestRedis::own().await;
    let users = "|alice|Alice|alice |*|a{b}|a:b|a%3Ab|alice:|:sessions|%3A|:|user:alice:sessions|\t|\0|\"|🦀|\\\",\\\"Data\\\":{";
    let id = unknown_id();
    let users: Vec<_> = users.split('|').chain([&*id]).collect();
    let prefixes = ["", "shop", "shop:", "shop:user:", "user:alice", "other:"];
    let mut sessions = Vec::new();
    for prefix in prefixes {
        for database in [0, 1] {
            let options = |it: &mut Options| {
                it.url = format!("redis://{}/{database}", redis.address);
                it.prefix = prefix.to_owned();
            };
            let store = Rc::new(redis.store_with(options).await);
            for user in &users {
                let own = logged_in(&store, user).await.record;
                let listed = store.sessions_of(&own).await.unwrap();
                assert_eq!(listed.len(), 1, "{user} with {prefix} in {database}");
                sessions.push((Rc::clone(&store), own));
            }
        }
    }
    let sizes = || ["0", "1"].map(|database| redis.number(&["-n", database, "DBSIZE"]));
    let expected = i64::try_from(3 * prefixes.len() * users.len()).unwrap();
    assert_eq!(
        sizes(),
        [expected; 2],
        "a session, an index and a guard each"
    );
    let index = "shop:user:user%3Aalice%3Asessions:sessions";
    assert_eq!(redis.number(&["ZCARD", index]), 1);
    for (store, own) in sessions {
        let revoked = store.revoke(&own, &own.handle()).await.unwrap();
        assert!(revoked.is_some(), "{:?}", own.user);
    }
    assert_eq!(sizes(), [0; 2]);
}

#[tokio::test]
async fn the_ttl_is_the_time_until_the_first_timeout() {
    let (redis, store) = shared(timeouts(Some(HOUR), Some(10 * MINUTE))).await;
    for written in [begin(&store, 1).await, log_in(&store, None, "alice").await] {
        let left = redis.pttl(&written.key);
        assert!((1..=TEN_MINUTES_MS).contains(&left), "{left} ms");
        let changed = change(&store, &written.loaded, 2).await.unwrap();
        assert!((1..=TEN_MINUTES_MS).contains(&redis.pttl(&changed.key)));
    }
    let forever = redis.store(FOREVER).await;
    let session = loaded(&forever).await;
    change(&forever, &session, 2).await.unwrap();
    assert_eq!(redis.pttl(&key(&session)), -1);
}

#[tokio::test]
async fn a_key_of_another_type_is_not_a_session() {
    let redis = TestRedis::shared();
    for timeouts in [FOREVER, idle(MINUTE)] {
        let store = redis.store(timeouts).await;
        let session = loaded(&store).await;
        let name = redis.name(&key(&session));
        redis.cli(&["DEL", &name]);
        redis.cli(&["RPUSH", &name, "one", "two"]);
        assert!(load(&store, &key(&session)).await.is_none());
        assert!(change(&store, &session, 2).await.is_none());
        assert_eq!(redis.cli(&["LRANGE", &name, "0", "-1"]), "one\ntwo");
    }
}

#[tokio::test]
async fn an_eviction_policy_that_drops_sessions_is_a_warning() {
    log::keep();
    let redis = TestRedis::own().await;
    // The end of the address, by which the log lines of this Redis are found.
    let address = &redis.address[redis.address.len() - 8..];
    redis.store(FOREVER).await;
    assert!(log::lines_about(address).is_empty());
    redis.cli(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    redis.store(FOREVER).await;
    let [line] = &log::lines_about(address)[..] else {
        panic!("{:?}", log::lines_about(address));
    };
    assert!(line.contains("allkeys-lru") && line.contains("may drop sessions"));
}

/// This node of a Redis Cluster has a single slot, and rejects keys of other slots.
#[tokio::test]
async fn with_a_hash_tag_all_keys_are_in_one_slot() {
    // The default port of its bus would be 10000 above the other one, and may be in use.
    let bus = Port::claim().unwrap();
    let bus_port = bus.number().to_string();
    let cluster = "--cluster-enabled yes --cluster-require-full-coverage no --cluster-port";
    let cluster: Vec<_> = cluster.split(' ').chain([&*bus_port]).collect();
    let node = start(Persistence::None, None, &cluster).await;
    let redis = TestRedis::new(Arc::new(node), "{session}:");
    let slot = redis.cli(&["CLUSTER", "KEYSLOT", &redis.prefix]);
    redis.cli(&["CLUSTER", "ADDSLOTS", &slot]);
    wait_until("the cluster", async || {
        let info = redis.cli(&["CLUSTER", "INFO"]);
        info.contains("cluster_state:ok")
    })
    .await;
    // It sends every script.
    warm_up(&redis, &redis.store(FOREVER).await).await;
}
