//! Sessions that visitors bring in cookies of [`session_stores::CookieStore`].

use std::time::Duration;

use actix_session::{
    Session,
    storage::{SessionKey, SessionStore},
};
use serde_json::{Value, json};
use session_stores::{
    CookieStore, RedisStore, State, Timeout, Timeouts, redis::Options, renew, rotate, sign_in,
};
use testkit::Redis;
use uuid::Uuid;

use super::{
    budget::{commands, counted},
    support::{name, options, pttl, redis, store},
};
use crate::common::{
    FOREVER, TTL, absolute, data, handled, idle,
    in_cookie::{aged, id, read},
    key, load, numbered, same,
    site::{Visitor, site},
    times,
};

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

/// A store that carries sessions over, and leads who comes again for as long as `rotation_grace`.
async fn migrating(redis: &Redis, timeouts: Timeouts, rotation_grace: Duration) -> RedisStore {
    let options = Options {
        timeouts,
        rotation_grace,
        migrate_cookies: true,
        ..options(&redis.url())
    };
    RedisStore::connect(options).await.unwrap()
}

/// The names of all keys in Redis.
fn names(redis: &Redis) -> Vec<String> {
    redis
        .cli(&["--scan"])
        .unwrap()
        .lines()
        .filter(|name| !name.contains("-user:"))
        .map(str::to_owned)
        .collect()
}

/// The name of what remembers that the session of a cookie was carried over.
fn marker(cookie: &SessionKey) -> SessionKey {
    key(id(cookie.as_ref()))
}

fn changed(state: &State, n: usize) -> State {
    state.clone().into_iter().chain(numbered(n)).collect()
}

#[actix_web::test]
async fn unless_it_is_asked_for_a_cookie_session_is_no_session_and_costs_nothing() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let brought = aged(MINUTE, MINUTE);
    commands(&redis);
    assert_eq!(load(&store, &brought).await, None);
    assert!(
        store
            .update(same(&brought), numbered(2), &TTL)
            .await
            .is_err()
    );
    store.delete(&brought).await.unwrap();
    assert_eq!(commands(&redis), counted(&[]));

    let mut visitor = Visitor::of(brought.as_ref());
    let site = site(store).await;
    visitor.get(&site, "/count").await;
    assert_eq!(
        visitor.get(&site, "/").await["n"],
        0,
        "another session has begun"
    );
}

#[actix_web::test]
async fn the_first_request_finds_the_data_and_gets_a_new_id_whether_it_changes_anything_or_not() {
    let redis = redis().await;
    let store = migrating(&redis, idle(HOUR), Duration::ZERO).await;
    let site = site(store.clone()).await;
    for (path, n) in [("/", 1), ("/count", 2)] {
        let before = store.sessions_of("alice").await.unwrap().len();
        let brought = aged(2 * HOUR, MINUTE);
        let mut visitor = Visitor::of(brought.as_ref());
        let seen = visitor.get(&site, path).await;
        assert!(
            seen.is_null() || (seen["n"] == 1 && seen["user"] == "alice"),
            "{seen}"
        );
        let new = visitor.id().unwrap();
        assert!(Uuid::try_parse(&new).is_ok() && new != id(brought.as_ref()));
        let at_rest: Value =
            serde_json::from_str(&redis.cli(&["GET", &name(&key(&new))]).unwrap()).unwrap();
        assert_eq!(
            (&at_rest["Data"], &at_rest["User"]),
            (&json!({"n": n}), &json!("alice"))
        );
        assert_eq!(at_rest["CreatedAt"], read(&brought)["CreatedAt"]);
        assert_ne!(at_rest["RotatedAt"], at_rest["CreatedAt"]);
        assert_eq!(
            store.sessions_of("alice").await.unwrap().len(),
            before + 1,
            "it is listed, under the new id alone"
        );

        let seen = visitor.get(&site, "/").await;
        assert_eq!((&seen["n"], visitor.id().unwrap()), (&json!(n), new));
        let mut replayed = Visitor::of(brought.as_ref());
        assert_eq!(
            replayed.get(&site, "/").await["n"],
            Value::Null,
            "it is carried over once"
        );
    }
}

#[actix_web::test]
async fn a_look_without_a_change_leaves_the_session_in_its_cookie() {
    let redis = redis().await;
    let store = migrating(&redis, FOREVER, Duration::ZERO).await;
    let brought = aged(MINUTE, MINUTE);
    for _ in 0..3 {
        assert_eq!(load(&store, &brought).await.map(data), Some(numbered(1)));
    }
    assert_eq!(
        names(&redis),
        [""; 0],
        "a visitor who isn't told has lost nothing"
    );
}

#[actix_web::test]
async fn an_older_cookie_of_the_same_session_brings_nothing_either() {
    let redis = redis().await;
    let (cookies, store) = (
        CookieStore::new(FOREVER),
        migrating(&redis, FOREVER, Duration::ZERO).await,
    );
    let old = cookies.save(numbered(1), &TTL).await.unwrap();
    let state = load(&cookies, &old).await.unwrap();
    let newer = cookies
        .update(same(&old), changed(&state, 2), &TTL)
        .await
        .unwrap();
    assert_ne!(old, newer);

    let state = load(&store, &newer).await.unwrap();
    let carried = store.update(same(&newer), state, &TTL).await.unwrap();
    assert_eq!(
        (load(&store, &old).await, load(&store, &newer).await),
        (None, None)
    );
    assert_eq!(load(&store, &carried).await.map(data), Some(numbered(2)));
}

#[actix_web::test]
async fn of_two_tabs_at_once_the_second_follows_the_first_for_as_long_as_the_grace() {
    let redis = redis().await;
    for (grace, led) in [(MINUTE, true), (Duration::ZERO, false)] {
        let store = migrating(&redis, FOREVER, grace).await;
        redis.cli(&["FLUSHALL"]).unwrap();
        let brought = aged(MINUTE, MINUTE);
        let (one, two) = (
            load(&store, &brought).await.unwrap(),
            load(&store, &brought).await.unwrap(),
        );
        let first = store
            .update(same(&brought), changed(&one, 2), &TTL)
            .await
            .unwrap();
        let second = store
            .update(same(&brought), changed(&two, 3), &TTL)
            .await
            .unwrap();
        assert_eq!(first, second, "one session, and both are told its id");
        assert_eq!(
            load(&store, &first).await.map(data),
            Some(numbered(3)),
            "as ever, the last change stays"
        );
        assert_eq!(
            names(&redis).len(),
            2,
            "the session and the marker: {:?}",
            names(&redis)
        );

        // A third one sent its request before it had the answer of either.
        let third = load(&store, &brought).await;
        assert_eq!(third.clone().map(data), led.then(|| numbered(3)));
        if let Some(third) = third {
            handled(third.clone(), |session| {
                assert!(session_stores::moved(session))
            });
            assert_eq!(
                store
                    .update(same(&brought), changed(&third, 4), &TTL)
                    .await
                    .unwrap(),
                first
            );
            assert_eq!(load(&store, &first).await.map(data), Some(numbered(4)));
        }
    }
}

#[actix_web::test]
async fn a_renewal_and_a_sign_in_carry_over_too_and_the_cookie_is_dead_at_once() {
    let redis = redis().await;
    let store = migrating(&redis, FOREVER, MINUTE).await;
    let bob = |session: &Session| sign_in(session, "bob");
    for (ask, user, follows) in [
        (rotate as fn(&Session), "alice", true),
        (renew, "alice", false),
        (bob, "bob", false),
    ] {
        let brought = aged(MINUTE, MINUTE);
        let state = load(&store, &brought).await.unwrap();
        let began = times(&state);
        let new = store
            .update(same(&brought), handled(state, ask), &TTL)
            .await
            .unwrap();
        let found = load(&store, &new).await.unwrap();
        handled(found.clone(), |session| {
            assert_eq!(session_stores::user_of(session).as_deref(), Some(user))
        });
        assert_eq!(
            times(&found).created_at == began.created_at,
            user == "alice",
            "a sign-in begins anew"
        );
        assert_eq!(load(&store, &brought).await.is_some(), follows);
    }
}

#[actix_web::test]
async fn of_two_sign_ins_at_once_each_has_a_session_of_its_own() {
    let redis = redis().await;
    let store = migrating(&redis, FOREVER, MINUTE).await;
    let brought = aged(MINUTE, MINUTE);
    let state = load(&store, &brought).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let state = handled(state.clone(), |session| sign_in(session, "alice"));
        ids.push(store.update(same(&brought), state, &TTL).await.unwrap());
    }
    assert_ne!(ids[0], ids[1]);
    assert!(load(&store, &ids[0]).await.is_some() && load(&store, &ids[1]).await.is_some());
}

#[actix_web::test]
async fn a_logout_holds_for_the_cookie_before_and_after_it_is_carried_over() {
    let redis = redis().await;
    let store = migrating(&redis, FOREVER, MINUTE).await;
    let site = site(store.clone()).await;

    let brought = aged(MINUTE, MINUTE);
    let in_flight = load(&store, &brought).await.unwrap();
    Visitor::of(brought.as_ref()).get(&site, "/purge").await;
    assert_eq!(load(&store, &brought).await, None);
    for ask in [|_: &Session| {}, renew as fn(&Session), rotate] {
        store
            .update(same(&brought), handled(changed(&in_flight, 2), ask), &TTL)
            .await
            .unwrap();
    }
    store.delete(&brought).await.unwrap();
    assert_eq!(load(&store, &brought).await, None);
    assert_eq!(
        names(&redis),
        [name(&marker(&brought))],
        "no request in flight brings it back"
    );

    let brought = aged(MINUTE, MINUTE);
    let state = load(&store, &brought).await.unwrap();
    let carried = store.update(same(&brought), state, &TTL).await.unwrap();
    store.delete(&brought).await.unwrap();
    assert_eq!(
        (load(&store, &carried).await, load(&store, &brought).await),
        (None, None)
    );
}

#[actix_web::test]
async fn actix_sessions_own_renew_and_clear_carry_over_as_well() {
    let redis = redis().await;
    let site = site(migrating(&redis, FOREVER, Duration::ZERO).await).await;
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
        assert_eq!(
            Visitor::of(brought.as_ref()).get(&site, "/").await["n"],
            Value::Null,
            "{steps}"
        );
    }
}

#[actix_web::test]
async fn a_cookie_whose_time_is_over_is_not_carried_over() {
    let redis = redis().await;
    for (limits, began, given) in [
        (idle(HOUR), 61 * MINUTE, 61 * MINUTE),
        (absolute(HOUR), 61 * MINUTE, MINUTE),
    ] {
        let store = migrating(&redis, limits, MINUTE).await;
        let brought = aged(began, given);
        assert_eq!(load(&store, &brought).await, None);
        let answer = store
            .update(same(&brought), numbered(2), &TTL)
            .await
            .unwrap();
        assert_eq!((answer, names(&redis)), (brought, Vec::new()));
    }
}

#[actix_web::test]
async fn the_absolute_timeout_counts_from_the_beginning_in_the_cookie() {
    let redis = redis().await;
    let store = migrating(&redis, absolute(HOUR), MINUTE).await;
    let brought = aged(50 * MINUTE, MINUTE);
    let state = load(&store, &brought).await.unwrap();
    let carried = store.update(brought, state, &TTL).await.unwrap();
    let left = pttl(&redis, &carried);
    assert!((1..=600_000).contains(&left), "{left} ms are left");
}

#[actix_web::test]
async fn the_marker_stays_for_as_long_as_a_cookie_could_be_replayed_and_no_longer() {
    let redis = redis().await;
    let hours = |hours: u32| Timeout(Some(hours * HOUR));
    let both = Timeouts {
        idle: hours(1),
        absolute: hours(4),
    };
    // An hour ago it began; beyond the limit, the grace of a minute and another one for clocks that differ.
    for (limits, minutes) in [(idle(HOUR), 60), (absolute(4 * HOUR), 180), (both, 60)] {
        let store = migrating(&redis, limits, MINUTE).await;
        let brought = aged(HOUR, MINUTE);
        let state = load(&store, &brought).await.unwrap();
        store.update(same(&brought), state, &TTL).await.unwrap();
        let left = pttl(&redis, &marker(&brought));
        assert!(
            (minutes * 60_000..=(minutes + 2) * 60_000).contains(&left),
            "{left} ms are left of {minutes} minutes"
        );
    }
    let store = migrating(&redis, FOREVER, MINUTE).await;
    let brought = aged(HOUR, MINUTE);
    let state = load(&store, &brought).await.unwrap();
    store.update(same(&brought), state, &TTL).await.unwrap();
    assert_eq!(
        pttl(&redis, &marker(&brought)),
        -1,
        "a cookie without limits can always be replayed"
    );
}

#[actix_web::test]
async fn only_such_a_visitor_pays_one_round_trip_more() {
    let redis = redis().await;
    let site = site(migrating(&redis, idle(HOUR), MINUTE).await).await;
    let (mut plain, mut visitor) = (Visitor::default(), Visitor::of(&aged_without_user()));
    plain.get(&site, "/count").await;
    commands(&redis);
    plain.get(&site, "/count").await;
    assert_eq!(commands(&redis), counted(&[("getex", 1), ("set", 1)]));
    visitor.get(&site, "/count").await;
    // HMGET, SET and EVAL; the rest is what the script does.
    let carried = [
        ("eval", 1),
        ("hmget", 1),
        ("hset", 2),
        ("pexpire", 1),
        ("set", 1),
        ("type", 1),
    ];
    assert_eq!(commands(&redis), counted(&carried));
    visitor.get(&site, "/count").await;
    assert_eq!(commands(&redis), counted(&[("getex", 1), ("set", 1)]));
    visitor.get(&site, "/").await;
    assert_eq!(commands(&redis), counted(&[("getex", 1)]));
}

/// One that is in nobody's index.
fn aged_without_user() -> String {
    let json = read(&aged(MINUTE, MINUTE))
        .to_string()
        .replace(r#","User":"alice""#, "");
    let id = serde_json::from_str::<Value>(&json).unwrap()["ID"]
        .as_str()
        .unwrap()
        .to_owned();
    format!(
        "{id}.{}",
        base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, json)
    )
}
