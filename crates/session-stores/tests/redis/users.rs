//! Listing and revoking a user's sessions, and the index for it.

use std::time::Duration;

use session_stores::{
    Access, Identity, Loaded, OldId, RedisStore, Store, StoreError, redis::SessionInfo,
};
use time::OffsetDateTime;

use super::support::{
    commands, key, loaded, logged_in, proxied, rotated, shared, shared_with, spent, write_error,
};
use crate::common::{
    FOREVER, HOUR, MINUTE, PATIENCE, absolute, change, delete, idle, load, log_in, pass, record,
    rotate, test_redis::TestRedis, timeouts, wait, wait_until,
};

const HOUR_MS: i64 = 3_600_000;

/// Returns the TTL of alice's index in milliseconds: -1 without one, -2 without an index.
fn index_ttl(redis: &TestRedis) -> i64 {
    redis.number(&["PTTL", &redis.index_name("alice")])
}

fn handles(sessions: &[SessionInfo]) -> Vec<&str> {
    let handles = sessions.iter().map(|session| session.handle.as_str());
    handles.collect()
}

async fn listed(store: &RedisStore, own: &Loaded) -> Vec<SessionInfo> {
    store.sessions_of(&own.record).await.unwrap()
}

#[tokio::test]
async fn a_user_sees_all_their_sessions_and_no_others() {
    let (redis, store) = shared(timeouts(Some(MINUTE), Some(HOUR))).await;
    let first = logged_in(&store, "alice").await;
    pass(Duration::from_millis(2)).await;
    let second = logged_in(&store, "alice").await;
    logged_in(&store, "bob").await;
    let anonymous = loaded(&store).await;
    change(&store, &first, 7).await.unwrap();
    redis.cli(&["PEXPIRE", &redis.name(&key(&first)), "5000"]);

    let shown = listed(&store, &second).await;
    let expected = [first.record.handle(), second.record.handle()];
    assert_eq!(handles(&shown), expected, "the oldest comes first");
    let one = &shown[0];
    assert_eq!(one.data["n"].get(), "7");
    assert!(one.updated_at >= one.created_at);
    assert_eq!(one.rotated_at, one.created_at);
    let left = one.idle_left.unwrap();
    assert!(left <= Duration::from_secs(5), "listing renews no timeout");
    assert!((MINUTE..=HOUR).contains(&one.absolute_left.unwrap()));
    let text = format!("{shown:?}");
    for session in [&first, &second] {
        assert!(!text.contains(&key(session)), "an ID is in {text}");
    }
    assert!(listed(&store, &anonymous).await.is_empty());

    let shown = listed(&redis.store(FOREVER).await, &second).await;
    assert_eq!(shown[1].idle_left, None);
}

#[tokio::test]
async fn a_session_is_revoked_by_its_handle_and_its_own_user() {
    let (redis, store) = shared(FOREVER).await;
    let own = logged_in(&store, "alice").await;
    let other = logged_in(&store, "alice").await;
    let bobs = logged_in(&store, "bob").await;
    let handle = other.record.handle();
    let revoked = store.revoke(&bobs.record, &handle).await.unwrap();
    assert!(revoked.is_none(), "bob revokes a session of alice");
    for wrong in ["", &handle[..15], &key(&other)] {
        let revoked = store.revoke(&own.record, wrong).await.unwrap();
        assert!(revoked.is_none(), "{wrong:?}");
    }
    let mut both = [own.record.handle(), handle.clone()];
    both.sort();
    let mut handles = store.handles_of("alice").await.unwrap();
    handles.sort();
    assert_eq!(handles, both);
    let handles = store.handles_of("bob").await.unwrap();
    assert_eq!(handles, [bobs.record.handle()]);

    let revoked = store.revoke(&own.record, &handle).await.unwrap();
    assert_eq!(revoked.unwrap().handle, handle);
    let again = store.revoke(&own.record, &handle).await.unwrap();
    assert!(again.is_none(), "it has ended already");
    let handles = store.handles_of("alice").await.unwrap();
    assert_eq!(handles, [own.record.handle()]);
    assert!(load(&store, &key(&other)).await.is_none());
    assert!(change(&store, &other, 2).await.is_none(), "in flight");
    assert_eq!(redis.index("alice"), [key(&own)]);
}

#[tokio::test]
async fn a_hundred_others_are_revoked_by_one_command() {
    let redis = TestRedis::own().await;
    let store = redis.store_with(|it| it.sessions_per_user = 101).await;
    let own = logged_in(&store, "alice").await;
    for _ in 0..100 {
        log_in(&store, None, "alice").await;
    }
    let spared = [logged_in(&store, "bob").await, loaded(&store).await];
    store.handles_of("alice").await.unwrap();
    commands(&redis);
    let ended = store.revoke_others(&own.record).await.unwrap();
    assert_eq!(ended.len(), 100);
    let in_script = "100*del 100*exists 102*get hget 100*pttl time zrange 100*zrem zscore";
    assert_eq!(spent(&redis), format!("evalsha ({in_script})"));
    assert!(store.revoke_others(&own.record).await.unwrap().is_empty());
    for session in [&own, &spared[0], &spared[1]] {
        assert!(load(&store, &key(session)).await.is_some());
    }
    assert_eq!(redis.index("alice"), [key(&own)]);
}

/// Redis has evicted the index, or someone has deleted it.
#[tokio::test]
async fn a_lost_index_is_an_error() {
    let (redis, store) = shared(absolute(HOUR)).await;
    let own = logged_in(&store, "alice").await;
    let other = logged_in(&store, "alice").await;
    let incomplete = |error| matches!(error, StoreError::IncompleteIndex);
    let index = redis.index_name("alice");
    for lose in [&["ZREM", &index, &key(&own)][..], &["DEL", &index]] {
        redis.cli(lose);
        assert!(store.sessions_of(&own.record).await.is_err_and(incomplete));
        let ended = store.revoke_others(&own.record).await;
        assert!(ended.is_err_and(incomplete));
        let handle = other.record.handle();
        let revoked = store.revoke(&own.record, &handle).await;
        assert!(revoked.is_err_and(incomplete));
    }

    // A login begins a new index, where the other session is missing until its next rotation.
    let new = logged_in(&store, "alice").await;
    let ended = store.revoke_others(&new.record).await;
    assert!(ended.is_err_and(incomplete));
    assert_eq!(handles(&listed(&store, &new).await), [new.record.handle()]);
    rotated(&store, &other).await;
    assert_eq!(listed(&store, &new).await.len(), 2);
    // A second loss in between makes no difference.
    delete(&store, &key(&logged_in(&store, "alice").await)).await;
    let ended = store.revoke_others(&new.record).await;
    assert!(ended.is_err_and(incomplete));

    // By now the absolute timeout of the lost sessions has passed.
    let guard = index.replace(":sessions", ":guard");
    let until = redis.number(&["HGET", &guard, "LostUntil"]);
    let now = OffsetDateTime::now_utc().unix_timestamp() * 1000;
    assert!((0..=HOUR_MS + 1000).contains(&(until - now)), "{until}");
    redis.cli(&["HSET", &guard, "LostUntil", "1"]);
    assert_eq!(store.revoke_others(&new.record).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_login_that_comes_too_late_is_not_listed() {
    let (redis, proxy, store) = proxied(Duration::from_millis(300)).await;
    let own = logged_in(&store, "alice").await;
    let begun = loaded(&store).await;
    for before in [None, Some(begun)] {
        let reconnected = async || store.load(&key(&own)).await.ok();
        wait("a new connection", reconnected).await;
        let held = proxy.hold("CreatedAt");
        let access = Access::new(&store, Duration::from_millis(400));
        let login = Identity::LogIn("alice".to_owned());
        assert!(access.write(before, login, |_| Ok(())).await.is_err());
        commands(&redis);
        held.release();
        wait_until("the end of the late session", async || {
            let stats = redis.server().command_stats().unwrap();
            stats.contains_key("eval")
        })
        .await;
        assert_eq!(redis.index("alice"), [key(&own)]);
    }
}

#[tokio::test]
async fn a_rotation_keeps_the_session_in_the_index() {
    let (redis, store) = shared(FOREVER).await;
    let other = logged_in(&store, "alice").await;
    let own = logged_in(&store, "alice").await;
    let new = rotated(&store, &own).await;
    assert!(redis.index("alice").contains(&new));
    assert_eq!(redis.index("alice").len(), 2);
    // The request that revokes was in flight at the rotation.
    let ended = store.revoke_others(&own.record).await.unwrap();
    assert_eq!(handles(&ended), [other.record.handle()]);
    let revoked = store.revoke(&own.record, &own.record.handle()).await;
    assert!(revoked.unwrap().is_some());
    assert!(redis.sessions().is_empty());
}

#[tokio::test]
async fn beyond_the_limit_the_oldest_session_ends() {
    let (redis, store) = shared_with(|it| it.sessions_per_user = 3).await;
    let mut sessions = Vec::new();
    for _ in 0..4 {
        sessions.push(logged_in(&store, "alice").await);
        pass(Duration::from_millis(2)).await;
    }
    assert!(load(&store, &key(&sessions[0])).await.is_none());
    // An expired session does not count.
    redis.cli(&["DEL", &redis.name(&key(&sessions[2]))]);
    sessions.push(logged_in(&store, "alice").await);
    // Neither does a rotation.
    rotated(&store, &sessions[1]).await;
    let handles: Vec<_> = [1, 3, 4].map(|at| sessions[at].record.handle()).into();
    let shown = listed(&store, &sessions[4]).await;
    assert_eq!(self::handles(&shown), handles);
    assert_eq!(redis.sessions().len(), 3);
}

#[tokio::test]
async fn a_session_that_ends_or_changes_its_user_leaves_the_index() {
    let (redis, store) = shared(FOREVER).await;
    let bobs = logged_in(&store, "bob").await;
    let alices = log_in(&store, Some(&bobs), "alice").await.key;
    assert!(redis.index("bob").is_empty());
    assert_eq!(redis.index("alice"), [&*alices]);
    delete(&store, &alices).await;
    assert_eq!(redis.keys(), [redis.name(&key(&bobs))], "the old ID");

    // An expired session leaves the index when the user's sessions are listed.
    let own = logged_in(&store, "alice").await;
    let expired = logged_in(&store, "alice").await;
    redis.cli(&["DEL", &redis.name(&key(&expired))]);
    assert_eq!(listed(&store, &own).await.len(), 1);
    assert_eq!(redis.index("alice"), [key(&own)]);
    // One whose absolute timeout has passed is not shown.
    let expired = key(&logged_in(&store, "alice").await);
    redis.cli(&["SET", &redis.name(&expired), &record(&expired)]);
    let store = redis.store(absolute(HOUR)).await;
    assert_eq!(listed(&store, &own).await.len(), 1);
}

#[tokio::test]
async fn the_index_expires_with_the_last_absolute_timeout() {
    let redis = TestRedis::shared();
    logged_in(&redis.store(absolute(10 * HOUR)).await, "alice").await;
    assert!((9 * HOUR_MS..=10 * HOUR_MS).contains(&index_ttl(&redis)));
    // A session that expires earlier does not shorten it.
    let own = logged_in(&redis.store(absolute(HOUR)).await, "alice").await;
    assert!(index_ttl(&redis) > 9 * HOUR_MS);
    logged_in(&redis.store(absolute(20 * HOUR)).await, "alice").await;
    assert!(index_ttl(&redis) > 19 * HOUR_MS);
    // Neither does one for a session that does not expire.
    let store = redis.store(idle(HOUR)).await;
    logged_in(&store, "alice").await;
    rotate(&store, &own, OldId::Redirects).await.unwrap();
    assert_eq!(index_ttl(&redis), -1);
}

#[tokio::test]
async fn a_login_whose_index_cannot_be_written_changes_nothing() {
    let (redis, store) = shared(FOREVER).await;
    let begun = loaded(&store).await;
    redis.cli(&["SET", &redis.index_name("alice"), "not an index"]);
    for before in [None, Some(&begun)] {
        write_error(&store, before, Identity::LogIn("alice".to_owned())).await;
    }
    assert_eq!(redis.keys().len(), 2);
    assert!(load(&store, &key(&begun)).await.is_some());
}

#[tokio::test]
async fn a_revocation_whose_reply_was_lost_is_an_error() {
    let (_redis, proxy, store) = proxied(PATIENCE).await;
    let own = logged_in(&store, "alice").await;
    let other = logged_in(&store, "alice").await;
    listed(&store, &own).await;
    let handle = other.record.handle();
    proxy.lose_response_to(&handle);
    assert!(store.revoke(&own.record, &handle).await.is_err());
    assert!(load(&store, &key(&other)).await.is_none());
}
