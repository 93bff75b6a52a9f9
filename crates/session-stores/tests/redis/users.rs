//! Listing and revoking a user's sessions, and the index for it.

use std::{rc::Rc, time::Duration};

use actix_session::{Session, storage::SessionStore};
use actix_web::rt::spawn;
use session_stores::sign_in;
use time::OffsetDateTime;

use testkit::FaultProxy;

use super::support::{between_steps, handle, impatient, listed};
use crate::common::{
    FOREVER, HOUR, MINUTE, PATIENCE, RENEWALS, TTL, absolute, both, changed, handled, idle, load,
    log_alice_in, logged_in, numbered, request, save, test_redis::TestRedis, unknown, update, wait,
};

const DAY_MS: i64 = 86_400_000;

/// Returns the TTL of alice's index in milliseconds: -1 without one, -2 without an index.
fn index_ttl(redis: &TestRedis) -> i64 {
    redis.number(&["PTTL", &redis.index_name("alice")])
}

#[actix_web::test]
async fn a_user_sees_all_their_active_sessions_and_no_others() {
    let redis = TestRedis::shared();
    let store = redis.store(both(MINUTE, HOUR)).await;
    let (first, state) = logged_in(&store, "alice").await;
    let (second, other) = logged_in(&store, "alice").await;
    logged_in(&store, "bob").await;
    save(&store, numbered(1)).await;
    update(&store, &first, changed(&state, 7)).await;
    redis.cli(&["PEXPIRE", &redis.name(&first), "5000"]);

    let shown = store.sessions_of("alice").await.unwrap();
    assert_eq!(shown.len(), 2);
    assert!(shown[0].created_at <= shown[1].created_at);
    let by_handle = |state| {
        let handle = handle(state);
        shown.iter().find(|session| session.handle == handle)
    };
    let one = by_handle(&state).unwrap();
    assert!(by_handle(&other).is_some());
    assert_eq!(one.data["n"].get(), "7");
    assert_eq!(one.handle.len(), 16);
    assert!(one.updated_at >= one.created_at);
    assert_eq!(one.rotated_at, one.created_at);
    let left = one.idle_left.unwrap();
    assert!(left <= Duration::from_secs(5), "listing renews no timeout");
    assert!((MINUTE..=HOUR).contains(&one.absolute_left.unwrap()));
    let text = format!("{shown:?}");
    for key in [&first, &second] {
        assert!(!text.contains(key.as_ref()), "an ID is in {text}");
    }
    assert!(store.sessions_of("carol").await.unwrap().is_empty());

    let store = redis.store(FOREVER).await;
    let shown = store.sessions_of("alice").await.unwrap();
    assert_eq!((shown[0].idle_left, shown[0].absolute_left), (None, None));
}

#[actix_web::test]
async fn a_session_is_revoked_by_its_handle_and_its_own_user() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    let (first, state) = logged_in(&store, "alice").await;
    let (second, _) = logged_in(&store, "alice").await;
    let handle = handle(&state);
    assert!(!store.end("bob", &handle).await.unwrap());
    for wrong in ["", &handle[..15], first.as_ref()] {
        assert!(!store.end("alice", wrong).await.unwrap(), "{wrong:?}");
    }
    assert_eq!(redis.sessions().len(), 2);
    assert!(store.end("alice", &handle).await.unwrap());
    assert!(!store.end("alice", &handle).await.unwrap(), "it has ended");
    assert_eq!(load(&store, &first).await, None);
    assert_eq!(redis.sessions(), [redis.name(&second)]);
    assert_eq!(redis.index("alice"), [second.as_ref()]);
}

#[actix_web::test]
async fn all_other_sessions_of_a_user_are_revoked() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    let (kept, state) = logged_in(&store, "alice").await;
    for _ in 0..50 {
        logged_in(&store, "alice").await;
    }
    let (bobs, _) = logged_in(&store, "bob").await;
    let anonymous = save(&store, numbered(1)).await;
    for expected in [50, 0] {
        let ended = store.end_others("alice", &handle(&state)).await.unwrap();
        assert_eq!(ended, expected);
    }
    for key in [&kept, &bobs, &anonymous] {
        assert!(load(&store, key).await.is_some());
    }
    assert_eq!(redis.sessions().len(), 3);
    assert_eq!(redis.index("alice"), [kept.as_ref()]);
}

#[actix_web::test]
async fn a_renewed_session_is_one_session_by_either_handle() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    for (renewal, by_old) in RENEWALS.map(|it| [(it, true), (it, false)]).concat() {
        let (other, _) = logged_in(&store, "alice").await;
        let (old, before) = logged_in(&store, "alice").await;
        let new = request(&store, &old, before.clone(), renewal).await;
        let after = load(&store, &new).await.unwrap();
        let shown = listed(&store, "alice").await;
        assert!(shown.contains(&handle(&after)) && shown.len() == 2);
        let handle = handle(if by_old { &before } else { &after });
        assert_eq!(store.end_others("alice", &handle).await.unwrap(), 1);
        assert_eq!(load(&store, &other).await, None);
        assert!(load(&store, &new).await.is_some());
        assert!(store.end("alice", &handle).await.unwrap());
        assert_eq!(load(&store, &new).await, None);
    }
}

#[actix_web::test]
async fn an_old_id_leaves_the_index_with_its_redirect() {
    let redis = TestRedis::shared();
    let store = redis.store(idle(HOUR)).await;
    for renewal in RENEWALS {
        let (old, state) = logged_in(&store, "alice").await;
        request(&store, &old, state, renewal).await;
        let until = redis.number(&["ZSCORE", &redis.index_name("alice"), old.as_ref()]);
        let left = until / 1000 - OffsetDateTime::now_utc().unix_timestamp();
        assert!((50..=71).contains(&left), "{left} s are left");
    }
}

#[actix_web::test]
async fn a_session_moves_to_the_user_who_logs_in_to_it() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    let clear_and_log_alice_in = |session: &Session| {
        session.clear();
        log_alice_in(session);
    };
    // A cleared session doesn't know its user any more, so bob's entry stays until it is found.
    for (handler, entries) in [
        (log_alice_in as fn(&Session), 0),
        (clear_and_log_alice_in, 1),
    ] {
        let (old, state) = logged_in(&store, "bob").await;
        let new = request(&store, &old, state.clone(), handler).await;
        assert_eq!(redis.index("bob").len(), entries);
        assert!(!store.end("bob", &handle(&state)).await.unwrap());
        let add = ["ZADD", &redis.index_name("bob"), "inf", old.as_ref()];
        redis.cli(&add);
        assert_eq!(store.end_others("bob", "").await.unwrap(), 0);
        redis.cli(&add);
        assert_eq!(listed(&store, "bob").await.len(), 0);
        assert_eq!(listed(&store, "alice").await.len(), 1);
        assert!(load(&store, &new).await.is_some());
        assert!(redis.index("bob").is_empty());
        store.delete(&new).await.unwrap();
    }
}

#[actix_web::test]
async fn ended_sessions_leave_the_index() {
    let redis = TestRedis::shared();
    let store = redis.store(absolute(HOUR)).await;
    // At a logout.
    let (key, _) = logged_in(&store, "alice").await;
    store.delete(&key).await.unwrap();
    assert!(redis.keys().is_empty());
    // When they have expired and the user's sessions are listed.
    let (expired, _) = logged_in(&store, "alice").await;
    redis.cli(&["DEL", &redis.name(&expired)]);
    assert_eq!(redis.index("alice").len(), 1);
    assert!(store.sessions_of("alice").await.unwrap().is_empty());
    assert!(redis.keys().is_empty());
    // When they have expired and the user logs in.
    let now = OffsetDateTime::now_utc().unix_timestamp() * 1000;
    let score = now.to_string();
    let name = redis.index_name("alice");
    redis.cli(&["ZADD", &name, &score, unknown().as_ref()]);
    let (key, _) = logged_in(&store, "alice").await;
    assert_eq!(redis.index("alice"), [key.as_ref()]);
}

#[actix_web::test]
async fn the_index_expires_and_not_before_its_last_session() {
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap();
    for (timeouts, ttl) in [
        (absolute(HOUR), millis(HOUR)),
        (both(MINUTE, HOUR), millis(HOUR)),
        (idle(MINUTE), DAY_MS),
        (both(MINUTE, 100 * 24 * HOUR), DAY_MS),
        (idle(100 * HOUR), 3 * 100 * millis(HOUR)),
    ] {
        let redis = TestRedis::shared();
        let store = redis.store(timeouts).await;
        let (key, _) = logged_in(&store, "alice").await;
        let left = index_ttl(&redis);
        let expected = ttl - millis(MINUTE)..=ttl;
        assert!(expected.contains(&left), "{timeouts:?}: {left} ms");
        assert!(left + 1000 >= redis.pttl(&key), "{timeouts:?}");
    }
    let redis = TestRedis::shared();
    logged_in(&redis.store(FOREVER).await, "alice").await;
    assert_eq!(index_ttl(&redis), -1, "the session does not expire either");

    // A later session that expires earlier does not shorten the index's time.
    let redis = TestRedis::shared();
    logged_in(&redis.store(absolute(10 * HOUR)).await, "alice").await;
    logged_in(&redis.store(absolute(HOUR)).await, "alice").await;
    assert!(index_ttl(&redis) > 5 * millis(HOUR));
}

#[actix_web::test]
async fn a_session_that_is_only_read_stays_in_the_index() {
    let redis = TestRedis::shared();
    let (key, _) = logged_in(&redis.store(idle(HOUR)).await, "alice").await;
    // As after a day.
    redis.cli(&["DEL", &redis.index_name("alice")]);
    let tomorrow = redis.store(idle(HOUR)).await;
    load(&tomorrow, &key).await.unwrap();
    assert_eq!(redis.index("alice"), [key.as_ref()]);
    assert!(index_ttl(&redis) > DAY_MS / 2);
}

#[actix_web::test]
async fn any_text_can_be_a_user() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    let id = "7d444840-9dc0-41d3-bd7a-8b8d3e1a6f9e";
    let users = [
        "", "alice", "Alice", "alice ", "*", "a{b}", "a:b", "\n", "🦀", id,
    ];
    for user in users {
        logged_in(&store, user).await;
    }
    for user in users {
        assert_eq!(listed(&store, user).await.len(), 1, "{user:?}");
        assert_eq!(store.end_others(user, "").await.unwrap(), 1, "{user:?}");
    }
    assert!(redis.keys().is_empty());
}

#[actix_web::test]
async fn a_login_fails_if_the_index_cannot_be_written() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    redis.cli(&["SET", &redis.index_name("alice"), "not an index"]);
    let log_in = |session: &_| sign_in(session, "alice");
    let saved = store.save(handled(numbered(1), log_in), &TTL).await;
    assert!(saved.is_err());
    assert!(store.sessions_of("alice").await.is_err());
}

#[actix_web::test]
async fn a_session_revoked_during_its_renewal_has_ended() {
    let redis = TestRedis::own().await;
    let store = redis.store(FOREVER).await;
    for renewal in RENEWALS {
        let (kept, mine) = logged_in(&store, "alice").await;
        let (old, state) = logged_in(&store, "alice").await;
        between_steps(&redis, &old, state, renewal, async || {
            store.end_others("alice", &handle(&mine)).await.unwrap();
        })
        .await;
        assert_eq!(redis.sessions(), [redis.name(&kept)]);
        assert_eq!(listed(&store, "alice").await, [handle(&mine)]);
        store.delete(&kept).await.unwrap();
    }
}

#[actix_web::test]
async fn a_session_renewed_while_others_are_revoked_has_ended() {
    let redis = TestRedis::own().await;
    let direct = redis.store(FOREVER).await;
    for renewal in RENEWALS {
        let (kept, mine) = logged_in(&direct, "alice").await;
        let (old, state) = logged_in(&direct, "alice").await;
        let proxy = FaultProxy::start(redis.server()).unwrap();
        // The index has been read, the session has not.
        let held = proxy.hold(&redis.name(&old));
        let store = Rc::new(impatient(&proxy.url(), PATIENCE).await);
        let my_handle = handle(&mine);
        let revoking = spawn(async move { store.end_others("alice", &my_handle).await.unwrap() });
        wait("a read of the session", async || {
            Ok(held.has_arrived().then_some(()))
        })
        .await;
        request(&direct, &old, state, renewal).await;
        held.release();
        assert_eq!(revoking.await.unwrap(), 1);
        assert_eq!(redis.sessions(), [redis.name(&kept)]);
        direct.delete(&kept).await.unwrap();
    }
}

/// Another request of the same visitor has renewed the session, and the one that revokes still has the old handle.
#[actix_web::test]
async fn a_renewed_session_that_revokes_others_stays() {
    let redis = TestRedis::shared();
    let store = redis.store(FOREVER).await;
    for renewal in RENEWALS {
        let (old, mine) = logged_in(&store, "alice").await;
        logged_in(&store, "alice").await;
        let new = request(&store, &old, mine.clone(), renewal).await;
        let ended = store.end_others("alice", &handle(&mine)).await.unwrap();
        assert_eq!(ended, 1);
        assert_eq!(redis.sessions(), [redis.name(&new)]);
        store.delete(&new).await.unwrap();
    }
}
