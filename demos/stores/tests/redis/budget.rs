//! What requests cost, counted by Redis itself.

use std::collections::BTreeMap;

use actix_session::storage::SessionStore;
use stage::Redis;

use super::world::{redis, store};
use crate::common::{
    FOREVER, TTL, idle, load, numbered, same,
    site::{Visitor, site},
};

/// The commands since the last count, but for those of counting.
fn commands(redis: &Redis) -> BTreeMap<String, u64> {
    let stats = redis.cli(&["INFO", "commandstats"]).unwrap();
    redis.cli(&["CONFIG", "RESETSTAT"]).unwrap();
    let calls = stats.lines().filter_map(|line| {
        let (name, rest) = line.trim().strip_prefix("cmdstat_")?.split_once(":calls=")?;
        Some((name.to_owned(), rest.split(',').next()?.parse().ok()?))
    });
    calls.filter(|(name, _)| !["info", "config|resetstat"].contains(&name.as_str())).collect()
}

fn counted(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    expected.iter().map(|(name, calls)| ((*name).to_owned(), *calls)).collect()
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
    assert_eq!(commands(&redis), counted(&[("getex", 5)]), "neither a PING nor a TTL of its own");
    for _ in 0..5 {
        visitor.get(&site, "/count").await;
    }
    assert_eq!(commands(&redis), counted(&[("getex", 5), ("set", 5)]));
    visitor.get(&site, "/actix-renew").await;
    assert_eq!(commands(&redis), counted(&[("getdel", 1), ("getex", 1), ("set", 1)]));
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
    assert_eq!(commands(&redis), counted(&[&[("getex", 1), ("set", 1), ("eval", 1)], &in_script[..]].concat()));

    let mut left_behind = Visitor::of(&visitor.id().unwrap());
    visitor.get(&site, "/rotate").await;
    commands(&redis);
    left_behind.get(&site, "/").await;
    assert_eq!(commands(&redis), counted(&[("getex", 2), ("hmget", 2), ("get", 2)]), "nothing is written");
    assert_eq!(left_behind.id(), visitor.id());
    left_behind.get(&site, "/").await;
    assert_eq!(commands(&redis), counted(&[("getex", 1)]), "it costs once");
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
    assert_eq!(commands(&redis), counted(&[("get", 1), ("set", 1)]), "a cleared session looks for its beginning");
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
