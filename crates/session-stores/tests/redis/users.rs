//! The index by user: what it lists and ends, and that nothing stays in it.

use std::time::Duration;

use actix_session::{Session, storage::SessionStore};
use session_stores::{RedisStore, Timeouts, redis::Options, renew, rotate, sign_in};
use testkit::Redis;
use time::OffsetDateTime;

use super::support::{handle, index, listed, name, options, redis, sessions, signed_in, store};
use crate::common::{FOREVER, TTL, absolute, handled, idle, load, numbered, same, unknown};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: i64 = 86_400_000;

/// What is left of the time of alice's index, in milliseconds; -1 if it has no end, -2 if it isn't there.
fn time_left(redis: &Redis) -> i64 {
    redis
        .cli(&["PTTL", "session-user:alice"])
        .unwrap()
        .parse()
        .unwrap()
}

#[actix_web::test]
async fn a_user_is_shown_all_their_living_sessions_and_nobody_elses() {
    let redis = redis().await;
    let store = store(
        &redis,
        Timeouts {
            absolute: absolute(HOUR).absolute,
            ..idle(MINUTE)
        },
    )
    .await;
    let (first, state) = signed_in(&store, "alice").await;
    let (second, other) = signed_in(&store, "alice").await;
    signed_in(&store, "bob").await;
    store.save(numbered(1), &TTL).await.unwrap();
    let mut changed = state.clone();
    changed.extend(numbered(7));
    store.update(same(&first), changed, &TTL).await.unwrap();
    redis.cli(&["PEXPIRE", &name(&first), "5000"]).unwrap();

    let shown = store.sessions_of("alice").await.unwrap();
    assert_eq!(shown.len(), 2);
    assert!(shown[0].created_at <= shown[1].created_at);
    let one = shown
        .iter()
        .find(|session| session.handle == handle(&state))
        .unwrap();
    assert!(shown.iter().any(|session| session.handle == handle(&other)));
    assert_eq!(one.data["n"].get(), "7");
    assert!(
        one.handle.len() == 16
            && one.updated_at >= one.created_at
            && one.rotated_at == one.created_at
    );
    assert!(
        one.idle_left.unwrap() <= Duration::from_secs(5),
        "being listed is no use"
    );
    assert!((MINUTE..=HOUR).contains(&one.absolute_left.unwrap()));
    let text = format!("{shown:?}");
    assert!(
        ![&first, &second]
            .iter()
            .any(|key| text.contains(key.as_ref())),
        "an id is in {text}"
    );
    assert!(store.sessions_of("nobody").await.unwrap().is_empty());
}

#[actix_web::test]
async fn without_timeouts_there_is_no_time_left_to_show() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    signed_in(&store, "alice").await;
    let shown = store.sessions_of("alice").await.unwrap();
    assert_eq!((shown[0].idle_left, shown[0].absolute_left), (None, None));
}

#[actix_web::test]
async fn a_session_is_ended_by_its_handle_and_by_its_own_user_only() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let (first, state) = signed_in(&store, "alice").await;
    let (second, _) = signed_in(&store, "alice").await;
    let handle = handle(&state);
    assert!(!store.end("bob", &handle).await.unwrap());
    for wrong in ["", &handle[..15], first.as_ref()] {
        assert!(!store.end("alice", wrong).await.unwrap(), "{wrong:?}");
    }
    assert_eq!(sessions(&redis).len(), 2);
    assert!(store.end("alice", &handle).await.unwrap());
    assert!(
        !store.end("alice", &handle).await.unwrap(),
        "it has ended already"
    );
    assert_eq!(
        (load(&store, &first).await, sessions(&redis)),
        (None, vec![name(&second)])
    );
    assert_eq!(index(&redis, "alice"), [second.as_ref()]);
}

#[actix_web::test]
async fn all_others_are_ended_and_nobody_elses() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let (kept, state) = signed_in(&store, "alice").await;
    for _ in 0..50 {
        signed_in(&store, "alice").await;
    }
    let (bobs, _) = signed_in(&store, "bob").await;
    let anonymous = store.save(numbered(1), &TTL).await.unwrap();
    assert_eq!(
        store.end_others("alice", &handle(&state)).await.unwrap(),
        50
    );
    assert_eq!(store.end_others("alice", &handle(&state)).await.unwrap(), 0);
    for key in [&kept, &bobs, &anonymous] {
        assert!(load(&store, key).await.is_some());
    }
    assert_eq!(
        (sessions(&redis).len(), index(&redis, "alice")),
        (3, vec![kept.as_ref().to_owned()])
    );
}

#[actix_web::test]
async fn a_renewed_session_is_one_session_by_either_handle() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    for (ask, by_old) in [
        (renew as fn(&Session), true),
        (renew, false),
        (rotate, true),
        (rotate, false),
    ] {
        let (other, _) = signed_in(&store, "alice").await;
        let (old, before) = signed_in(&store, "alice").await;
        let new = store
            .update(same(&old), handled(before.clone(), ask), &TTL)
            .await
            .unwrap();
        let after = load(&store, &new).await.unwrap();
        assert!(
            listed(&store, "alice").await.contains(&handle(&after))
                && listed(&store, "alice").await.len() == 2
        );
        let handle = handle(if by_old { &before } else { &after });
        assert_eq!(store.end_others("alice", &handle).await.unwrap(), 1);
        assert!(load(&store, &other).await.is_none() && load(&store, &new).await.is_some());
        assert!(store.end("alice", &handle).await.unwrap());
        assert_eq!(load(&store, &new).await, None);
    }
}

#[actix_web::test]
async fn an_old_id_leaves_the_index_with_its_alias() {
    let redis = redis().await;
    let store = store(&redis, idle(HOUR)).await;
    for ask in [renew as fn(&Session), rotate] {
        let (old, state) = signed_in(&store, "alice").await;
        store
            .update(same(&old), handled(state, ask), &TTL)
            .await
            .unwrap();
        let until: i64 = redis
            .cli(&["ZSCORE", "session-user:alice", old.as_ref()])
            .unwrap()
            .parse()
            .unwrap();
        let left = until / 1000 - OffsetDateTime::now_utc().unix_timestamp();
        assert!((50..=71).contains(&left), "{left} s are left");
    }
}

#[actix_web::test]
async fn a_session_that_becomes_another_users_is_no_longer_the_firsts() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let becomes_alices = |session: &Session| sign_in(session, "alice");
    let is_emptied_and_becomes_alices = |session: &Session| {
        session.clear();
        sign_in(session, "alice");
    };
    for (handler, entries_left) in [
        (&becomes_alices as &dyn Fn(&Session), 0),
        (&is_emptied_and_becomes_alices, 1),
    ] {
        let (old, state) = signed_in(&store, "bob").await;
        let new = store
            .update(same(&old), handled(state.clone(), handler), &TTL)
            .await
            .unwrap();
        assert_eq!(
            index(&redis, "bob").len(),
            entries_left,
            "a cleared session doesn't know whose it was"
        );
        assert!(!store.end("bob", &handle(&state)).await.unwrap());
        redis
            .cli(&["ZADD", "session-user:bob", "inf", old.as_ref()])
            .unwrap();
        assert_eq!(store.end_others("bob", "").await.unwrap(), 0);
        redis
            .cli(&["ZADD", "session-user:bob", "inf", old.as_ref()])
            .unwrap();
        assert_eq!(
            (
                listed(&store, "bob").await.len(),
                listed(&store, "alice").await.len()
            ),
            (0, 1)
        );
        assert!(load(&store, &new).await.is_some() && index(&redis, "bob").is_empty());
        store.delete(&new).await.unwrap();
    }
}

#[actix_web::test]
async fn a_logout_leaves_nothing_in_the_index() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let (key, _) = signed_in(&store, "alice").await;
    store.delete(&key).await.unwrap();
    assert_eq!(redis.cli(&["DBSIZE"]).unwrap(), "0");
}

#[actix_web::test]
async fn an_expired_session_is_not_listed_and_leaves_the_index_when_it_is_met() {
    let redis = redis().await;
    let store = store(&redis, idle(HOUR)).await;
    let (dead, _) = signed_in(&store, "alice").await;
    redis.cli(&["DEL", &name(&dead)]).unwrap();
    assert_eq!(index(&redis, "alice").len(), 1);
    assert!(store.sessions_of("alice").await.unwrap().is_empty());
    assert_eq!(redis.cli(&["DBSIZE"]).unwrap(), "0");
}

#[actix_web::test]
async fn what_nobody_lists_goes_at_the_next_sign_in_once_its_time_is_over() {
    let redis = redis().await;
    let store = store(&redis, absolute(HOUR)).await;
    let over = OffsetDateTime::now_utc().unix_timestamp() * 1000;
    redis
        .cli(&[
            "ZADD",
            "session-user:alice",
            &over.to_string(),
            unknown().as_ref(),
        ])
        .unwrap();
    let (key, _) = signed_in(&store, "alice").await;
    assert_eq!(index(&redis, "alice"), [key.as_ref()]);
}

#[actix_web::test]
async fn the_index_ends_by_itself_and_not_before_its_last_session() {
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap();
    let minute = millis(MINUTE);
    for (timeouts, left) in [
        (absolute(HOUR), millis(HOUR)),
        (
            Timeouts {
                absolute: absolute(HOUR).absolute,
                ..idle(MINUTE)
            },
            millis(HOUR),
        ),
        (idle(MINUTE), DAY),
        (
            Timeouts {
                absolute: absolute(100 * 24 * HOUR).absolute,
                ..idle(MINUTE)
            },
            DAY,
        ),
        (idle(100 * HOUR), 3 * 100 * millis(HOUR)),
    ] {
        let redis = redis().await;
        let store = store(&redis, timeouts).await;
        signed_in(&store, "alice").await;
        assert!(
            (left - minute..=left).contains(&time_left(&redis)),
            "{timeouts:?}: {} ms",
            time_left(&redis)
        );
        assert!(
            time_left(&redis) + 1000 >= pttl_of_only(&redis),
            "{timeouts:?}"
        );
    }
    let redis = redis().await;
    signed_in(&store(&redis, FOREVER).await, "alice").await;
    assert_eq!(time_left(&redis), -1, "the session has no end either");
}

fn pttl_of_only(redis: &Redis) -> i64 {
    redis
        .cli(&["PTTL", &sessions(redis)[0]])
        .unwrap()
        .parse()
        .unwrap()
}

#[actix_web::test]
async fn a_younger_session_with_less_time_does_not_end_the_index_of_an_older_one() {
    let redis = redis().await;
    signed_in(&store(&redis, absolute(10 * HOUR)).await, "alice").await;
    signed_in(&store(&redis, absolute(HOUR)).await, "alice").await;
    assert!(time_left(&redis) > 5 * 3_600_000);
}

#[actix_web::test]
async fn a_session_that_is_only_read_stays_in_the_index() {
    let redis = redis().await;
    let (key, _) = signed_in(&store(&redis, idle(HOUR)).await, "alice").await;
    // As if a day had gone by.
    redis.cli(&["DEL", "session-user:alice"]).unwrap();
    let tomorrow = store(&redis, idle(HOUR)).await;
    load(&tomorrow, &key).await.unwrap();
    assert_eq!(index(&redis, "alice"), [key.as_ref()]);
    assert!(time_left(&redis) > DAY / 2);
}

#[actix_web::test]
async fn any_text_is_a_user_and_no_text_is_another() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    let users = [
        "",
        "alice",
        "Alice",
        "alice ",
        "*",
        "a{b}",
        "a:b",
        "\n",
        "🦀",
        "7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e",
    ];
    for user in users {
        signed_in(&store, user).await;
    }
    for user in users {
        assert_eq!(listed(&store, user).await.len(), 1, "{user:?}");
        assert_eq!(store.end_others(user, "").await.unwrap(), 1, "{user:?}");
    }
    assert_eq!(redis.cli(&["DBSIZE"]).unwrap(), "0");
}

#[actix_web::test]
async fn another_prefix_has_other_users() {
    let redis = redis().await;
    let ours = store(&redis, FOREVER).await;
    let theirs = RedisStore::connect(Options {
        session_prefix: "other:".to_owned(),
        ..options(&redis.url())
    })
    .await
    .unwrap();
    signed_in(&ours, "alice").await;
    assert!(listed(&theirs, "alice").await.is_empty());
    assert_eq!(
        redis
            .cli(&["--scan", "--pattern", "session:*"])
            .unwrap()
            .lines()
            .count(),
        1,
        "no index among the sessions"
    );
}

#[actix_web::test]
async fn who_cannot_be_entered_is_not_signed_in() {
    let redis = redis().await;
    let store = store(&redis, FOREVER).await;
    redis
        .cli(&["SET", "session-user:alice", "not an index"])
        .unwrap();
    assert!(
        store
            .save(
                handled(numbered(1), |session| sign_in(session, "alice")),
                &TTL
            )
            .await
            .is_err()
    );
    assert!(store.sessions_of("alice").await.is_err());
}
