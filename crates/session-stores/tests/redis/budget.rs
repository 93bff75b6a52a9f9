//! The number of commands for each request, as Redis counts them.

use actix_session::storage::SessionStore;

use super::support::{assert_commands, commands};
use crate::common::{
    FOREVER, HOUR, MINUTE, TTL, begin, both, idle, load, logged_in, numbered,
    site::{Visitor, site},
    test_redis::TestRedis,
    update,
};

#[actix_web::test]
async fn anonymous_costs_nothing_a_read_one_command_a_change_two() {
    let redis = TestRedis::own().await;
    let store = redis.store(idle(MINUTE)).await;
    let site = site(store).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    commands(&redis);

    Visitor::default().get(&site, "/").await;
    assert_commands(&redis, &[]);
    for _ in 0..5 {
        visitor.get(&site, "/").await;
    }
    // No PING and no EXPIRE.
    assert_commands(&redis, &[("getex", 5)]);
    for _ in 0..5 {
        visitor.get(&site, "/count").await;
    }
    assert_commands(&redis, &[("getex", 5), ("set", 5)]);
    visitor.get(&site, "/actix-renew").await;
    assert_commands(&redis, &[("getdel", 1), ("getex", 1), ("set", 1)]);
    Visitor::default().get(&site, "/count").await;
    assert_commands(&redis, &[("set", 1)]);
}

#[actix_web::test]
async fn a_renewal_costs_two_commands_more_than_a_read() {
    let redis = TestRedis::own().await;
    let store = redis.store(idle(MINUTE)).await;
    let site = site(store).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    commands(&redis);
    let in_script = [("type", 1), ("del", 1), ("hset", 1), ("pexpire", 1)];
    visitor.get(&site, "/renew").await;
    assert_commands(
        &redis,
        &[&[("getex", 1), ("set", 1), ("eval", 1)], &in_script[..]].concat(),
    );

    let mut left_behind = Visitor::of(&visitor.id().unwrap());
    visitor.get(&site, "/rotate").await;
    commands(&redis);
    left_behind.get(&site, "/").await;
    // Nothing is written.
    assert_commands(&redis, &[("getex", 2), ("hmget", 2), ("get", 2)]);
    assert_eq!(left_behind.id(), visitor.id());
    left_behind.get(&site, "/").await;
    // It costs once.
    assert_commands(&redis, &[("getex", 1)]);
}

#[actix_web::test]
async fn a_logged_in_user_costs_more_only_at_login_and_logout() {
    let redis = TestRedis::own().await;
    let site = site(redis.store(both(HOUR, HOUR)).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    commands(&redis);
    visitor.get(&site, "/sign-in-alice").await;
    let in_index = [
        ("zremrangebyscore", 1),
        ("zadd", 1),
        ("zrange", 1),
        ("pexpire", 2),
    ];
    let renewed = [
        ("type", 1),
        ("del", 1),
        ("hset", 1),
        ("getex", 1),
        ("set", 1),
        ("eval", 2),
    ];
    assert_commands(&redis, &[&in_index[..], &renewed].concat());
    visitor.get(&site, "/").await;
    assert_commands(&redis, &[("getex", 1)]);
    visitor.get(&site, "/count").await;
    assert_commands(&redis, &[("getex", 1), ("set", 1)]);
    visitor.get(&site, "/purge").await;
    assert_commands(&redis, &[("getex", 1), ("getdel", 1), ("zrem", 1)]);
}

#[actix_web::test]
async fn a_long_login_costs_a_process_one_more_command_a_day() {
    let redis = TestRedis::own().await;
    let here = redis.store(idle(HOUR)).await;
    let (key, state) = logged_in(&here, "alice").await;
    let there = redis.store(idle(HOUR)).await;
    commands(&redis);
    load(&here, &key).await;
    update(&here, &key, state).await;
    assert_commands(&redis, &[("getex", 1), ("set", 1)]);
    load(&there, &key).await;
    assert_eq!(commands(&redis).get("eval"), Some(&1));
    load(&there.clone(), &key).await;
    assert_commands(&redis, &[("getex", 1)]);
}

#[actix_web::test]
async fn without_an_idle_timeout_a_read_is_a_plain_get() {
    let redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    let (key, state) = begin(&store).await;
    commands(&redis);
    load(&store, &key).await;
    assert_commands(&redis, &[("get", 1)]);
    update(&store, &key, state).await;
    store.update_ttl(&key, &TTL).await.unwrap();
    assert_commands(&redis, &[("set", 1)]);
    update(&store, &key, numbered(2)).await;
    // After a clear the start is looked up.
    assert_commands(&redis, &[("get", 1), ("set", 1)]);
    store.delete(&key).await.unwrap();
    assert_commands(&redis, &[("getdel", 1)]);
}

#[actix_web::test]
async fn a_key_that_is_not_an_id_costs_nothing() {
    let redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    commands(&redis);
    let tampered = crate::common::key("*");
    assert_eq!(load(&store, &tampered).await, None);
    store.delete(&tampered).await.unwrap();
    assert_commands(&redis, &[]);
}
