//! What requests cost, counted by Redis itself.

use std::collections::BTreeMap;

use actix_session::storage::SessionStore;
use session_stores::Timeouts;
use testkit::Redis;

use super::support::{redis, signed_in, store};
use crate::common::{
    FOREVER, TTL, absolute, idle, load, numbered, same,
    site::{Visitor, site},
};

const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);

/// The commands since the last count, but for those of counting.
pub(super) fn commands(redis: &Redis) -> BTreeMap<String, u64> {
    let stats = redis.command_stats().unwrap();
    redis.reset_command_stats().unwrap();
    let calls = stats.into_iter().map(|(name, stats)| (name, stats.calls));
    calls
        .filter(|(name, _)| !["info", "config|resetstat"].contains(&name.as_str()))
        .collect()
}

pub(super) fn counted(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    expected
        .iter()
        .map(|(name, calls)| ((*name).to_owned(), *calls))
        .collect()
}

#[actix_web::test]
async fn an_anonymous_request_costs_nothing_a_read_one_command_a_change_two() {
    let redis = redis().await;
    let store = store(&redis, idle(std::time::Duration::from_secs(60))).await;
    let site = site(store).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    commands(&redis);

    Visitor::default().get(&site, "/").await;
    assert_eq!(commands(&redis), counted(&[]));
    for _ in 0..5 {
        visitor.get(&site, "/").await;
    }
    assert_eq!(
        commands(&redis),
        counted(&[("getex", 5)]),
        "neither a PING nor a TTL of its own"
    );
    for _ in 0..5 {
        visitor.get(&site, "/count").await;
    }
    assert_eq!(commands(&redis), counted(&[("getex", 5), ("set", 5)]));
    visitor.get(&site, "/actix-renew").await;
    assert_eq!(
        commands(&redis),
        counted(&[("getdel", 1), ("getex", 1), ("set", 1)])
    );
    Visitor::default().get(&site, "/count").await;
    assert_eq!(commands(&redis), counted(&[("set", 1)]));
}

#[actix_web::test]
async fn a_renewal_costs_two_commands_more_than_a_read_and_following_it_reads_alone() {
    let redis = redis().await;
    let store = store(&redis, idle(std::time::Duration::from_secs(60))).await;
    let site = site(store).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    commands(&redis);
    let in_script = [("type", 1), ("del", 1), ("hset", 1), ("pexpire", 1)];
    visitor.get(&site, "/renew").await;
    assert_eq!(
        commands(&redis),
        counted(&[&[("getex", 1), ("set", 1), ("eval", 1)], &in_script[..]].concat())
    );

    let mut left_behind = Visitor::of(&visitor.id().unwrap());
    visitor.get(&site, "/rotate").await;
    commands(&redis);
    left_behind.get(&site, "/").await;
    assert_eq!(
        commands(&redis),
        counted(&[("getex", 2), ("hmget", 2), ("get", 2)]),
        "nothing is written"
    );
    assert_eq!(left_behind.id(), visitor.id());
    left_behind.get(&site, "/").await;
    assert_eq!(commands(&redis), counted(&[("getex", 1)]), "it costs once");
}

#[actix_web::test]
async fn who_is_signed_in_costs_no_more_but_at_sign_in_and_renewal() {
    let redis = redis().await;
    let timeouts = Timeouts {
        absolute: absolute(HOUR).absolute,
        ..idle(HOUR)
    };
    let site = site(store(&redis, timeouts).await).await;
    let mut visitor = Visitor::default();
    visitor.get(&site, "/count").await;
    commands(&redis);
    visitor.get(&site, "/sign-in-alice").await;
    let entered = [
        ("zremrangebyscore", 1),
        ("zadd", 1),
        ("zrange", 1),
        ("pexpire", 2),
    ];
    let superseded = [
        ("type", 1),
        ("del", 1),
        ("hset", 1),
        ("getex", 1),
        ("set", 1),
        ("eval", 2),
    ];
    assert_eq!(
        commands(&redis),
        counted(&[&entered[..], &superseded].concat())
    );
    visitor.get(&site, "/").await;
    assert_eq!(commands(&redis), counted(&[("getex", 1)]));
    visitor.get(&site, "/count").await;
    assert_eq!(commands(&redis), counted(&[("getex", 1), ("set", 1)]));
    visitor.get(&site, "/purge").await;
    assert_eq!(
        commands(&redis),
        counted(&[("getex", 1), ("getdel", 1), ("zrem", 1)])
    );
}

#[actix_web::test]
async fn who_can_stay_signed_in_for_more_than_a_day_costs_a_command_more_for_each_process_once_a_day()
 {
    let redis = redis().await;
    let here = store(&redis, idle(HOUR)).await;
    let (key, state) = signed_in(&here, "alice").await;
    let there = store(&redis, idle(HOUR)).await;
    commands(&redis);
    load(&here, &key).await;
    here.update(same(&key), state, &TTL).await.unwrap();
    assert_eq!(commands(&redis), counted(&[("getex", 1), ("set", 1)]));
    load(&there, &key).await;
    assert_eq!(commands(&redis).get("eval"), Some(&1));
    load(&there.clone(), &key).await;
    assert_eq!(commands(&redis), counted(&[("getex", 1)]));
}

#[actix_web::test]
async fn without_an_idle_timeout_a_read_is_a_plain_get() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    commands(&redis);
    let state = load(&store, &key).await.unwrap();
    assert_eq!(commands(&redis), counted(&[("get", 1)]));
    store.update(same(&key), state, &TTL).await.unwrap();
    store.update_ttl(&key, &TTL).await.unwrap();
    assert_eq!(commands(&redis), counted(&[("set", 1)]));
    store.update(same(&key), numbered(2), &TTL).await.unwrap();
    assert_eq!(
        commands(&redis),
        counted(&[("get", 1), ("set", 1)]),
        "a cleared session looks for its beginning"
    );
    store.delete(&key).await.unwrap();
    assert_eq!(commands(&redis), counted(&[("getdel", 1)]));
}

#[actix_web::test]
async fn a_key_that_is_no_id_is_not_even_asked_for() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    commands(&redis);
    let tampered = crate::common::key("*");
    assert_eq!(load(&store, &tampered).await, None);
    store.delete(&tampered).await.unwrap();
    assert_eq!(commands(&redis), counted(&[]));
}
