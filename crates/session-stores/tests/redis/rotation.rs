//! The old ID of a session: where it leads, and for how long.

use std::time::{Duration, Instant};

use session_stores::{Identity, OldId};
use uuid::Uuid;

use super::support::{key, loaded, logged_in, rotated, shared, shared_with, stored_n};
use crate::common::{
    FOREVER, HOUR, MINUTE, absolute, change, delete, identify, idle, load, log_in, n, numbered,
    record, rotate, try_write, wait_until,
};

#[tokio::test]
async fn the_old_id_works_until_the_new_one_is_used() {
    let (redis, store) = shared_with(|it| it.rotation_grace = Duration::ZERO).await;
    let begun = loaded(&store).await;
    let old = key(&begun);
    let rotated = rotate(&store, &begun, OldId::Redirects).await.unwrap();
    // The same request writes again.
    let again = change(&store, &rotated.loaded, 2).await.unwrap();
    let new = change(&store, &again.loaded, 3).await.unwrap().key;

    // The response with the new ID was lost. There is no grace, and the old ID works all the same.
    for count in 3..6 {
        let by_old = load(&store, &old).await.unwrap();
        assert_eq!((n(&by_old), by_old.has_stale_key), (Some(count), true));
        let written = change(&store, &by_old, count + 1).await.unwrap();
        assert_eq!(written.key, new, "the response carries the new ID again");
    }
    let in_flight = load(&store, &old).await.unwrap();
    let by_new = load(&store, &new).await.unwrap();
    assert_eq!((n(&by_new), by_new.has_stale_key), (Some(6), false));
    assert!(load(&store, &old).await.is_none(), "the new ID was used");
    // A request that came before that is not lost, and does not prolong the grace.
    let grace = || redis.cli(&["HGET", &redis.name(&old), "FollowUntil"]);
    let before = grace();
    assert!(change(&store, &in_flight, 7).await.is_some());
    assert!(change(&store, &begun, 8).await.is_some());
    assert_eq!(stored_n(&store, &new).await, Some(8));
    assert_eq!(grace(), before);
    assert_eq!(redis.sessions(), [redis.name(&new)]);
}

#[tokio::test]
async fn the_grace_begins_with_the_first_use_of_the_new_id() {
    let grace = Duration::from_millis(300);
    let (redis, store) = shared_with(|it| it.rotation_grace = grace).await;
    let begun = loaded(&store).await;
    let old = key(&begun);
    let new = rotated(&store, &begun).await;
    assert!(load(&store, &old).await.is_some());

    let used = Instant::now();
    load(&store, &new).await.unwrap();
    wait_until("the end of the grace", async || {
        // A further use of the new ID does not prolong it.
        load(&store, &new).await.unwrap();
        load(&store, &old).await.is_none()
    })
    .await;
    assert!(used.elapsed() + Duration::from_millis(10) > grace);
    let left = redis.pttl(&old);
    assert!((30_000..=60_300).contains(&left), "{left} ms are left");
}

#[tokio::test]
async fn a_redirect_lasts_as_long_as_its_session() {
    for timeouts in [idle(HOUR), absolute(HOUR)] {
        let (redis, store) = shared(timeouts).await;
        let begun = loaded(&store).await;
        let old = key(&begun);
        let new = rotated(&store, &begun).await;
        let ttls = || (redis.pttl(&old), redis.pttl(&new));
        let (redirect, session) = ttls();
        assert!((3_590_000..=3_600_000).contains(&session), "{session}");
        assert!(
            (session..=session + 61_000).contains(&redirect),
            "{redirect}"
        );
        if timeouts.idle.is_some() {
            for id in [&old, &new] {
                redis.cli(&["EXPIRE", &redis.name(id), "100"]);
            }
            load(&store, &old).await.unwrap();
            let (redirect, session) = ttls();
            assert!(redirect > 3_600_000 && session > 3_500_000, "{:?}", ttls());
        }
        load(&store, &new).await.unwrap();
        let left = redis.pttl(&new);
        assert!((3_500_000..=3_600_000).contains(&left), "{left} ms");
        // It leads nowhere when the session has expired.
        if timeouts.absolute.is_some() {
            redis.cli(&["SET", &redis.name(&new), &record(&new)]);
        } else {
            redis.cli(&["DEL", &redis.name(&new)]);
        }
        assert!(load(&store, &old).await.is_none());
        assert!(redis.sessions().is_empty());
    }
    let (redis, store) = shared(FOREVER).await;
    let begun = loaded(&store).await;
    rotated(&store, &begun).await;
    assert_eq!(redis.pttl(&key(&begun)), -1);
}

#[tokio::test]
async fn each_of_two_lost_responses_leads_on() {
    let (redis, store) = shared_with(|it| it.rotation_grace = MINUTE).await;
    let begun = loaded(&store).await;
    let first = key(&begun);
    let second = rotated(&store, &begun).await;
    let by_first = load(&store, &first).await.unwrap();
    let third = rotated(&store, &by_first).await;
    for old in [&first, &second] {
        assert_eq!(stored_n(&store, old).await, Some(1));
    }
    load(&store, &third).await.unwrap();
    assert!(load(&store, &first).await.is_some(), "within the grace");
    redis.cli(&["HSET", &redis.name(&second), "FollowUntil", "1767225600000"]);
    for old in [first, second] {
        assert!(load(&store, &old).await.is_none(), "the grace has ended");
    }
}

#[tokio::test]
async fn a_logout_with_the_old_id_ends_the_session() {
    let (redis, store) = shared_with(|it| it.rotation_grace = Duration::ZERO).await;
    for new_id_was_used in [false, true] {
        let begun = logged_in(&store, "alice").await;
        let new = rotated(&store, &begun).await;
        if new_id_was_used {
            load(&store, &new).await.unwrap();
        }
        delete(&store, &key(&begun)).await;
        assert!(load(&store, &new).await.is_none());
        assert!(redis.keys().is_empty(), "{:?}", redis.keys());
    }
    // A logout with the new ID removes the redirect.
    let begun = logged_in(&store, "alice").await;
    delete(&store, &rotated(&store, &begun).await).await;
    assert!(redis.keys().is_empty(), "{:?}", redis.keys());
}

#[tokio::test]
async fn after_a_login_only_a_logout_in_flight_follows_the_old_id() {
    let (redis, store) = shared_with(|it| it.rotation_grace = MINUTE).await;
    for identity in [
        Identity::LogIn("alice".to_owned()),
        Identity::Rotate(OldId::Stops),
    ] {
        let begun = loaded(&store).await;
        let written = identify(&store, Some(&begun), identity).await;
        assert!(written.is_some());
        assert!(load(&store, &key(&begun)).await.is_none());
        let left = redis.pttl(&key(&begun));
        assert!((50_000..=60_000).contains(&left), "{left} ms are left");
        delete(&store, &key(&begun)).await;
        assert!(redis.keys().is_empty(), "{:?}", redis.keys());
    }
}

#[tokio::test]
async fn a_login_after_a_rotation_ends_both_old_ids() {
    let (redis, store) = shared_with(|it| it.rotation_grace = MINUTE).await;
    let begun = loaded(&store).await;
    let second = rotated(&store, &begun).await;
    // The request that logs in was in flight at the rotation.
    let third = log_in(&store, Some(&begun), "alice").await.key;
    assert!(rotate(&store, &begun, OldId::Redirects).await.is_none());
    for old in [key(&begun), second] {
        assert!(load(&store, &old).await.is_none());
    }
    assert_eq!(redis.sessions(), [redis.name(&third)]);
    delete(&store, &key(&begun)).await;
    assert!(load(&store, &third).await.is_none());
}

#[tokio::test]
async fn the_second_of_two_rotations_follows_the_first() {
    let (redis, store) = shared(FOREVER).await;
    let begun = loaded(&store).await;
    let first = rotated(&store, &begun).await;
    let second = try_write(
        &store,
        Some(&begun),
        Identity::Rotate(OldId::Redirects),
        &numbered(2),
    )
    .await;
    assert_eq!(second.unwrap().unwrap().key, first);
    assert_eq!(stored_n(&store, &first).await, Some(2));
    assert_eq!(redis.sessions(), [redis.name(&first)]);
}

/// Only a hash that someone wrote by hand makes a circle.
#[tokio::test]
async fn a_circle_of_redirects_leads_nowhere() {
    let (redis, store) = shared(FOREVER).await;
    let id = Uuid::new_v4().to_string();
    let fields = ["MovedTo", &id, "FollowUntil", "9999999999999"];
    redis.cli(&[&["HSET", &redis.name(&id)], &fields[..]].concat());
    assert!(load(&store, &id).await.is_none());
    delete(&store, &id).await;
    assert!(redis.keys().is_empty());
}
