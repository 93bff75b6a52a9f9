//! Importing sessions from cookies of [`session_stores::CookieStore`].

use std::time::Duration;

use actix_session::{
    Session,
    storage::{SessionKey, SessionStore},
};
use serde_json::{Value, json};
use session_stores::{CookieStore, RedisStore, Timeouts, moved, redis::Options, renew, rotate};
use uuid::Uuid;

use super::support::{assert_commands, commands, listed};
use crate::common::{
    FOREVER, HOUR, MINUTE, TTL, absolute, ask, begin, both, changed, idle,
    in_cookie::{aged, encode, id, read},
    key, load, load_data, log_alice_in, log_bob_in, numbered, request, same,
    site::{Visitor, site},
    test_redis::TestRedis,
    times, update, user,
};

/// Opens a store that imports sessions, with this grace for visitors who come with the old cookie.
async fn importing(redis: &TestRedis, timeouts: Timeouts, rotation_grace: Duration) -> RedisStore {
    let options = Options {
        rotation_grace,
        migrate_cookies: true,
        ..redis.options(timeouts)
    };
    RedisStore::connect(options).await.unwrap()
}

/// Returns the names of sessions and redirects in Redis.
fn names(redis: &TestRedis) -> Vec<String> {
    let mut names = redis.keys();
    names.retain(|name| !name.contains("-user:"));
    names
}

/// Returns the key of the redirect from the cookie's ID.
fn redirect(cookie: &SessionKey) -> SessionKey {
    key(id(cookie.as_ref()))
}

#[actix_web::test]
async fn without_the_option_a_cookie_session_is_rejected() {
    let redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    let brought = aged(MINUTE, MINUTE);
    commands(&redis);
    assert_eq!(load(&store, &brought).await, None);
    let updated = store.update(same(&brought), numbered(2), &TTL).await;
    assert!(updated.is_err());
    store.delete(&brought).await.unwrap();
    assert_commands(&redis, &[]);

    let mut visitor = Visitor::of(brought.as_ref());
    let site = site(store).await;
    visitor.get(&site, "/count").await;
    let now = visitor.get(&site, "/").await;
    assert_eq!(now["n"], 0, "another session has begun");
}

#[actix_web::test]
async fn the_first_request_imports_the_session() {
    let redis = TestRedis::shared();
    let store = importing(&redis, idle(HOUR), Duration::ZERO).await;
    let site = site(store.clone()).await;
    for (path, n, sessions) in [("/", 1, 1), ("/count", 2, 2)] {
        let brought = aged(2 * HOUR, MINUTE);
        let mut visitor = Visitor::of(brought.as_ref());
        let seen = visitor.get(&site, path).await;
        if path == "/" {
            assert_eq!((&seen["n"], &seen["user"]), (&json!(1), &json!("alice")));
        }
        let new = visitor.id().unwrap();
        assert!(Uuid::try_parse(&new).is_ok() && new != id(brought.as_ref()));
        let stored = redis.cli(&["GET", &redis.name(&key(&new))]);
        let stored: Value = serde_json::from_str(&stored).unwrap();
        assert_eq!(stored["Data"], json!({"n": n}));
        assert_eq!(stored["User"], "alice");
        assert_eq!(stored["CreatedAt"], read(&brought)["CreatedAt"]);
        assert_ne!(stored["RotatedAt"], stored["CreatedAt"]);
        assert_eq!(listed(&store, "alice").await.len(), sessions);

        let seen = visitor.get(&site, "/").await;
        assert_eq!((&seen["n"], visitor.id().unwrap()), (&json!(n), new));
        let replayed = Visitor::of(brought.as_ref()).get(&site, "/").await;
        assert_eq!(replayed["n"], Value::Null, "it is imported once");
    }
}

#[actix_web::test]
async fn a_load_leaves_the_session_in_its_cookie() {
    let redis = TestRedis::shared();
    let store = importing(&redis, FOREVER, Duration::ZERO).await;
    let brought = aged(MINUTE, MINUTE);
    for _ in 0..3 {
        assert_eq!(load_data(&store, &brought).await, Some(numbered(1)));
    }
    assert!(names(&redis).is_empty());
}

#[actix_web::test]
async fn an_older_cookie_of_an_imported_session_is_rejected() {
    let redis = TestRedis::shared();
    let cookies = CookieStore::new(FOREVER);
    let store = importing(&redis, FOREVER, Duration::ZERO).await;
    let (old, state) = begin(&cookies).await;
    let newer = update(&cookies, &old, changed(&state, 2)).await;
    assert_ne!(old, newer);

    let state = load(&store, &newer).await.unwrap();
    let imported = update(&store, &newer, state).await;
    for cookie in [&old, &newer] {
        assert_eq!(load(&store, cookie).await, None);
    }
    assert_eq!(load_data(&store, &imported).await, Some(numbered(2)));
}

#[actix_web::test]
async fn the_second_of_two_tabs_follows_the_first() {
    for (grace, follows) in [(MINUTE, true), (Duration::ZERO, false)] {
        let redis = TestRedis::shared();
        let store = importing(&redis, FOREVER, grace).await;
        let brought = aged(MINUTE, MINUTE);
        let state = load(&store, &brought).await.unwrap();
        let first = update(&store, &brought, changed(&state, 2)).await;
        let second = update(&store, &brought, changed(&state, 3)).await;
        assert_eq!(first, second, "both get the same new ID");
        let found = load_data(&store, &first).await;
        assert_eq!(found, Some(numbered(3)), "the last change wins");
        assert_eq!(names(&redis).len(), 2, "the session and the redirect");

        // A third tab sent its request before it got a response.
        let third = load(&store, &brought).await;
        assert_eq!(third.is_some(), follows);
        if let Some(third) = third {
            assert_eq!(third["n"], "3");
            assert!(ask(&third, moved));
            assert_eq!(update(&store, &brought, changed(&third, 4)).await, first);
            assert_eq!(load_data(&store, &first).await, Some(numbered(4)));
        }
    }
}

#[actix_web::test]
async fn a_renewal_or_login_imports_and_ends_the_cookie() {
    let redis = TestRedis::shared();
    let store = importing(&redis, FOREVER, MINUTE).await;
    for (handler, expected, follows) in [
        (rotate as fn(&Session), "alice", true),
        (renew, "alice", false),
        (log_bob_in, "bob", false),
    ] {
        let brought = aged(MINUTE, MINUTE);
        let state = load(&store, &brought).await.unwrap();
        let start = times(&state).created_at;
        let new = request(&store, &brought, state, handler).await;
        let found = load(&store, &new).await.unwrap();
        assert_eq!(user(&found).as_deref(), Some(expected));
        let same_start = times(&found).created_at == start;
        assert_eq!(same_start, expected == "alice", "a login restarts it");
        assert_eq!(load(&store, &brought).await.is_some(), follows);
    }
}

#[actix_web::test]
async fn two_logins_at_once_get_a_session_each() {
    let redis = TestRedis::shared();
    let store = importing(&redis, FOREVER, MINUTE).await;
    let brought = aged(MINUTE, MINUTE);
    let state = load(&store, &brought).await.unwrap();
    let first = request(&store, &brought, state.clone(), log_alice_in).await;
    let second = request(&store, &brought, state, log_alice_in).await;
    assert_ne!(first, second);
    for key in [first, second] {
        assert!(load(&store, &key).await.is_some());
    }
}

#[actix_web::test]
async fn a_logout_ends_the_cookie_before_and_after_its_import() {
    let redis = TestRedis::shared();
    let store = importing(&redis, FOREVER, MINUTE).await;
    let site = site(store.clone()).await;

    let brought = aged(MINUTE, MINUTE);
    let in_flight = load(&store, &brought).await.unwrap();
    Visitor::of(brought.as_ref()).get(&site, "/purge").await;
    assert_eq!(load(&store, &brought).await, None);
    // Requests in flight do not revive it.
    for handler in [|_: &_| {}, renew, rotate] {
        request(&store, &brought, changed(&in_flight, 2), handler).await;
    }
    store.delete(&brought).await.unwrap();
    assert_eq!(load(&store, &brought).await, None);
    assert_eq!(names(&redis), [redis.name(&redirect(&brought))]);

    let brought = aged(MINUTE, MINUTE);
    let state = load(&store, &brought).await.unwrap();
    let imported = update(&store, &brought, state).await;
    store.delete(&brought).await.unwrap();
    for key in [imported, brought] {
        assert_eq!(load(&store, &key).await, None);
    }
}

#[actix_web::test]
async fn actix_sessions_renew_and_clear_import_as_well() {
    let redis = TestRedis::shared();
    let site = site(importing(&redis, FOREVER, Duration::ZERO).await).await;
    for (steps, n) in [
        ("/actix-renew", json!(1)),
        ("/clear+count", json!(0)),
        ("/clear", Value::Null),
    ] {
        let brought = aged(HOUR, MINUTE);
        let mut visitor = Visitor::of(brought.as_ref());
        visitor.get(&site, steps).await;
        assert!(Uuid::try_parse(&visitor.id().unwrap()).is_ok(), "{steps}");
        let seen = visitor.get(&site, "/").await;
        assert_eq!(
            (&seen["n"], &seen["user"]),
            (&n, &json!("alice")),
            "{steps}"
        );
        assert_eq!(seen["began"], read(&brought)["CreatedAt"], "{steps}");
        let replayed = Visitor::of(brought.as_ref()).get(&site, "/").await;
        assert_eq!(replayed["n"], Value::Null, "{steps}");
    }
}

#[actix_web::test]
async fn an_expired_cookie_is_not_imported() {
    let redis = TestRedis::shared();
    for (limits, given) in [(idle(HOUR), 61 * MINUTE), (absolute(HOUR), MINUTE)] {
        let store = importing(&redis, limits, MINUTE).await;
        let brought = aged(61 * MINUTE, given);
        assert_eq!(load(&store, &brought).await, None);
        assert_eq!(update(&store, &brought, numbered(2)).await, brought);
        assert!(names(&redis).is_empty());
    }
}

#[actix_web::test]
async fn an_imported_session_keeps_its_absolute_timeout() {
    let redis = TestRedis::shared();
    let store = importing(&redis, absolute(HOUR), MINUTE).await;
    let brought = aged(50 * MINUTE, MINUTE);
    let state = load(&store, &brought).await.unwrap();
    let imported = update(&store, &brought, state).await;
    let left = redis.pttl(&imported);
    assert!((1..=600_000).contains(&left), "{left} ms are left");
}

/// The redirect keeps a copy of the cookie from being imported again.
#[actix_web::test]
async fn the_redirect_lasts_as_long_as_the_cookie_could_be_used() {
    let redis = TestRedis::shared();
    // The session began an hour ago. The grace of a minute, and another one for clocks that differ, come on top.
    for (limits, minutes) in [
        (idle(HOUR), Some(60)),
        (absolute(4 * HOUR), Some(180)),
        (both(HOUR, 4 * HOUR), Some(60)),
        (FOREVER, None),
    ] {
        let store = importing(&redis, limits, MINUTE).await;
        let brought = aged(HOUR, MINUTE);
        let state = load(&store, &brought).await.unwrap();
        update(&store, &brought, state).await;
        let left = redis.pttl(&redirect(&brought));
        let expected = minutes.map_or(-1..=-1, |it| it * 60_000..=(it + 2) * 60_000);
        assert!(expected.contains(&left), "{left} ms are left");
    }
}

#[actix_web::test]
async fn only_an_import_costs_one_more_command() {
    let redis = TestRedis::own().await;
    let site = site(importing(&redis, idle(HOUR), MINUTE).await).await;
    let mut without_user = read(&aged(MINUTE, MINUTE));
    without_user.as_object_mut().unwrap().remove("User");
    let mut visitor = Visitor::of(encode(&without_user).as_ref());
    let mut plain = Visitor::default();
    plain.get(&site, "/count").await;
    commands(&redis);
    plain.get(&site, "/count").await;
    assert_commands(&redis, &[("getex", 1), ("set", 1)]);
    visitor.get(&site, "/count").await;
    // HMGET, SET and EVAL; the script sends the others.
    let expected = [
        ("eval", 1),
        ("hmget", 1),
        ("hset", 2),
        ("pexpire", 1),
        ("set", 1),
        ("type", 1),
    ];
    assert_commands(&redis, &expected);
    visitor.get(&site, "/count").await;
    assert_commands(&redis, &[("getex", 1), ("set", 1)]);
    visitor.get(&site, "/").await;
    assert_commands(&redis, &[("getex", 1)]);
}
