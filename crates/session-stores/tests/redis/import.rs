//! Importing sessions from cookies of [`session_stores::CookieStore`].

use std::time::Duration;

use serde_json::{Value, json};
use session_stores::{CookieStore, Identity, OldId, RedisStore, Timeouts};

use super::support::{own, shared_with, spent, stored_n, warm};
use crate::common::{
    FOREVER, HOUR, MINUTE, absolute, aged_cookie, begin, change, delete, identify, idle, load,
    log_in, n, numbered, test_redis::TestRedis, timeouts, try_write,
};

/// Opens a store that imports sessions, with this grace for visitors who come with the old cookie.
async fn importing(timeouts: Timeouts, rotation_grace: Duration) -> (TestRedis, RedisStore) {
    shared_with(|options| {
        options.timeouts = timeouts;
        options.rotation_grace = rotation_grace;
        options.import_cookies = true;
    })
    .await
}

/// Returns the cookie of alice's session, which began `began` ago. She got it `given` ago.
fn aged(began: Duration, given: Duration) -> String {
    aged_cookie(began, given, &FOREVER)
}

/// Returns the ID in a cookie.
fn id(cookie: &str) -> &str {
    cookie.split_once('.').unwrap().0
}

/// Imports the session in a cookie by setting `n`, and returns its new ID.
async fn import(store: &RedisStore, cookie: &str, n: u64) -> String {
    let brought = load(store, cookie).await.unwrap();
    change(store, &brought, n).await.unwrap().key
}

#[tokio::test]
async fn without_the_option_a_cookie_session_is_rejected() {
    let (redis, store) = own(FOREVER).await;
    let cookie = aged(MINUTE, MINUTE);
    spent(&redis);
    assert!(load(&store, &cookie).await.is_none());
    delete(&store, &cookie).await;
    assert_eq!(spent(&redis), "");
}

#[tokio::test]
async fn the_first_change_imports_the_session() {
    let (redis, store) = importing(idle(HOUR), Duration::ZERO).await;
    let cookie = aged(2 * HOUR, MINUTE);
    for _ in 0..2 {
        let brought = load(&store, &cookie).await.unwrap();
        assert_eq!((n(&brought), brought.version), (Some(1), None));
        assert!(brought.has_stale_key);
    }
    assert!(redis.keys().is_empty(), "a read imports nothing");

    let brought = load(&store, &cookie).await.unwrap().record;
    let new = import(&store, &cookie, 2).await;
    assert_ne!(new, id(&cookie));
    let stored = redis.cli(&["GET", &redis.name(&new)]);
    let stored: Value = serde_json::from_str(&stored).unwrap();
    assert_eq!(
        (&stored["Version"], &stored["Data"]),
        (&json!(1), &json!({"n": 2}))
    );
    assert_eq!(stored["PreviousID"], id(&cookie));
    let own = load(&store, &new).await.unwrap().record;
    assert_eq!(own.user.as_deref(), Some("alice"));
    assert_eq!(
        (own.created_at, own.handle()),
        (brought.created_at, brought.handle())
    );
    assert_eq!(store.sessions_of(&own).await.unwrap().len(), 1);
    assert!(load(&store, &cookie).await.is_none(), "it is imported once");
}

#[tokio::test]
async fn the_cookie_works_until_the_new_id_is_used() {
    for grace in [Duration::ZERO, MINUTE] {
        let (redis, store) = importing(FOREVER, grace).await;
        let cookie = aged(MINUTE, MINUTE);
        let new = import(&store, &cookie, 2).await;
        // The response with the new ID was lost, or another tab came with the cookie too.
        let again = load(&store, &cookie).await.unwrap();
        assert!(again.has_stale_key && again.version == Some(1));
        assert_eq!(change(&store, &again, 3).await.unwrap().key, new);
        assert_eq!(stored_n(&store, &new).await, Some(3));
        let in_grace = load(&store, &cookie).await.is_some();
        assert_eq!(in_grace, grace == MINUTE);
        assert_eq!(redis.pttl(id(&cookie)), -1, "the redirect stays");
    }
}

#[tokio::test]
async fn the_second_of_two_imports_follows_the_first() {
    let (redis, store) = importing(FOREVER, Duration::ZERO).await;
    let cookie = aged(MINUTE, MINUTE);
    let brought = load(&store, &cookie).await.unwrap();
    let first = change(&store, &brought, 2).await.unwrap().key;
    let changes = crate::common::entries(r#"{"m":3}"#);
    for identity in [Identity::Keep, Identity::Rotate(OldId::Redirects)] {
        let second = try_write(&store, Some(&brought), identity, &changes).await;
        assert_eq!(second.unwrap().unwrap().key, first);
    }
    let found = load(&store, &first).await.unwrap();
    assert_eq!((n(&found), found.record.data["m"].get()), (Some(2), "3"));
    assert_eq!(redis.sessions(), [redis.name(&first)]);
}

#[tokio::test]
async fn a_login_imports_and_ends_the_cookie() {
    let (_, store) = importing(FOREVER, MINUTE).await;
    for user in ["alice", "bob"] {
        let cookie = aged(MINUTE, MINUTE);
        let brought = load(&store, &cookie).await.unwrap();
        let login = log_in(&store, Some(&brought), user).await;
        let expected = (user == "alice").then_some(1);
        assert_eq!(stored_n(&store, &login.key).await, expected);
        assert!(load(&store, &cookie).await.is_none());
        assert!(change(&store, &brought, 2).await.is_none(), "in flight");
        let second = log_in(&store, Some(&brought), user).await;
        assert_ne!(second.key, login.key, "each login gets a session");
        assert!(load(&store, &login.key).await.is_some());
    }
}

#[tokio::test]
async fn a_logout_ends_the_cookie_before_and_after_its_import() {
    let (redis, store) = importing(FOREVER, MINUTE).await;
    let cookie = aged(MINUTE, MINUTE);
    let in_flight = load(&store, &cookie).await.unwrap();
    for _ in 0..2 {
        delete(&store, &cookie).await;
        assert!(load(&store, &cookie).await.is_none());
        for identity in [Identity::Keep, Identity::Rotate(OldId::Stops)] {
            let written = try_write(&store, Some(&in_flight), identity, &numbered(2)).await;
            assert!(written.unwrap().is_none());
        }
        assert_eq!(redis.keys(), [redis.name(id(&cookie))]);
    }
    for by_cookie in [true, false] {
        let cookie = aged(MINUTE, MINUTE);
        let new = import(&store, &cookie, 2).await;
        delete(&store, if by_cookie { &cookie } else { &new }).await;
        for key in [&new, &cookie] {
            assert!(load(&store, key).await.is_none());
        }
        let left = redis.cli(&["EXISTS", &redis.name(id(&cookie))]);
        assert_eq!(left, "1", "it keeps the cookie from being imported");
    }
    assert!(redis.index("alice").is_empty());
}

#[tokio::test]
async fn an_expired_cookie_is_not_imported() {
    for (limits, given) in [(idle(HOUR), 61 * MINUTE), (absolute(HOUR), MINUTE)] {
        let (_, store) = importing(limits, MINUTE).await;
        assert!(load(&store, &aged(61 * MINUTE, given)).await.is_none());
    }
    let (redis, store) = importing(absolute(HOUR), MINUTE).await;
    let new = import(&store, &aged(50 * MINUTE, MINUTE), 2).await;
    let left = redis.pttl(&new);
    assert!((1..=600_000).contains(&left), "{left} ms are left");
}

/// The redirect keeps a copy of the cookie from being imported again.
#[tokio::test]
async fn the_redirect_lasts_as_long_as_the_cookie_could_be_used() {
    // The session began an hour ago. The grace of a minute, and another one for clocks that differ, come on top.
    for (limits, minutes) in [
        (idle(HOUR), Some(60)),
        (absolute(4 * HOUR), Some(180)),
        (timeouts(Some(HOUR), Some(4 * HOUR)), Some(60)),
        (FOREVER, None),
    ] {
        let (redis, store) = importing(limits, MINUTE).await;
        for logs_out in [false, true] {
            let cookie = aged(HOUR, MINUTE);
            if logs_out {
                delete(&store, &cookie).await;
            } else {
                let new = import(&store, &cookie, 2).await;
                load(&store, &cookie).await.unwrap();
                load(&store, &new).await.unwrap();
            }
            let left = redis.pttl(id(&cookie));
            let expected = minutes.map_or(-1..=-1, |it| it * 60_000..=(it + 2) * 60_000);
            assert!(expected.contains(&left), "{left} ms are left");
        }
    }
}

#[tokio::test]
async fn only_an_import_costs_more_commands() {
    let (redis, _) = warm(FOREVER).await;
    let store = redis.store_with(|it| it.import_cookies = true).await;
    spent(&redis);
    let cookie = begin(&CookieStore::new(FOREVER), 1).await.key;
    let brought = load(&store, &cookie).await.unwrap();
    assert_eq!(spent(&redis), "evalsha (exists get hmget)");
    let imported = identify(&store, Some(&brought), Identity::Keep).await;
    assert!(imported.is_some());
    assert_eq!(spent(&redis), "evalsha (del exists hmget 3*hset set)");
}
