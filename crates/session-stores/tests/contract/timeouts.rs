//! The two timeouts. That a session is still alive is asserted only as far as the clock allows: where the machine held us
//! up for longer than the timeout, nothing is proved, and the case starts over.

use std::time::{Duration, Instant};

use actix_session::storage::{SessionKey, SessionStore};
use session_stores::{RESERVED, State, Timeout, Timeouts};
use testkit::wait_until;

use super::bench::{Bench, Unknown};
use crate::common::{
    FOREVER, PATIENCE, TTL, absolute, data, idle, load, numbered, pass, same, times,
};

const LIMIT: Duration = Duration::from_millis(150);
const PAUSE: Duration = Duration::from_millis(10);

/// What there is where a session has ended.
fn ended<B: Bench>() -> Option<State> {
    (B::UNKNOWN == Unknown::Adopted).then(State::new)
}

/// Uses a session in one way, again and again, for twice the idle timeout. It must then be there, and be the one
/// that it was at the beginning.
async fn stays_alive<B: Bench>(using: impl AsyncFn(&B::Store, SessionKey, State) -> SessionKey) {
    let bench = B::open().await;
    let store = bench.store(idle(LIMIT)).await;
    wait_until("a machine that doesn't hold us up", PATIENCE, async || {
        let start = Instant::now();
        let mut used = start;
        let mut key = store.save(numbered(1), &TTL).await?;
        let Some(state) = load(&store, &key)
            .await
            .filter(|state| state.contains_key(RESERVED))
        else {
            assert!(used.elapsed() >= LIMIT, "a fresh session is not there");
            return Ok(None);
        };
        while start.elapsed() < 2 * LIMIT {
            let before = Instant::now();
            key = using(&store, key, state.clone()).await;
            if used.elapsed() >= LIMIT {
                return Ok(None);
            }
            used = before;
            pass(PAUSE).await;
        }
        let found = load(&store, &key)
            .await
            .filter(|state| state.contains_key(RESERVED));
        if used.elapsed() >= LIMIT {
            return Ok(None);
        }
        let found = found.expect("a session in use has ended");
        assert_eq!(
            times(&found).created_at,
            times(&state).created_at,
            "a session in use has ended, and another began"
        );
        Ok(Some(()))
    })
    .await
    .unwrap();
}

pub(crate) async fn loading_keeps_a_session_alive<B: Bench>() {
    stays_alive::<B>(async |store, key, _| {
        load(store, &key).await;
        key
    })
    .await;
}

pub(crate) async fn changing_keeps_a_session_alive<B: Bench>() {
    stays_alive::<B>(async |store, key, state| store.update(key, state, &TTL).await.unwrap()).await;
}

pub(crate) async fn renewing_keeps_a_session_alive<B: Bench>() {
    stays_alive::<B>(async |store, key, state| {
        store.delete(&key).await.unwrap();
        store.save(state, &TTL).await.unwrap()
    })
    .await;
}

pub(crate) async fn an_unused_session_ends<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(idle(LIMIT)).await;
    let key = store.save(numbered(1), &TTL).await.unwrap();
    pass(LIMIT + PAUSE).await;
    assert_eq!(load(&store, &key).await, ended::<B>());

    // The end holds: what comes back under the id has another beginning, if anything does.
    let key = store.save(numbered(2), &TTL).await.unwrap();
    let before = time::OffsetDateTime::now_utc();
    pass(LIMIT + PAUSE).await;
    store.update(same(&key), numbered(3), &TTL).await.unwrap();
    match (
        B::UNKNOWN,
        load(&store, &key)
            .await
            .filter(|state| state.contains_key(RESERVED)),
    ) {
        (Unknown::Refused, found) => assert_eq!(found, None),
        (Unknown::Adopted, Some(found)) => assert!(times(&found).created_at > before),
        // It has ended again, on a machine that held us up.
        (Unknown::Adopted, None) => {}
    }
}

pub(crate) async fn a_session_without_timeouts_stays<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let key = store
        .save(numbered(1), &actix_web::cookie::time::Duration::ZERO)
        .await
        .unwrap();
    pass(LIMIT).await;
    assert_eq!(
        load(&store, &key).await.map(data),
        Some(numbered(1)),
        "the middleware's TTL rules nothing"
    );
}

/// Uses a session until it has ended; returns after how long.
async fn until_it_ends<B: Bench>(
    timeouts: Timeouts,
    using: impl AsyncFn(&B::Store, SessionKey, State) -> SessionKey,
) -> Duration {
    let bench = B::open().await;
    let store = bench.store(timeouts).await;
    let start = Instant::now();
    let mut key = store.save(numbered(1), &TTL).await.unwrap();
    wait_until("the end of a busy session", PATIENCE, async || {
        let Some(state) = load(&store, &key)
            .await
            .filter(|state| state.contains_key(RESERVED))
        else {
            return Ok(Some(start.elapsed()));
        };
        key = using(&store, same(&key), state).await;
        Ok(None)
    })
    .await
    .unwrap()
}

/// Times are kept to the millisecond, so a session may end that much early.
const GRAIN: Duration = Duration::from_millis(2);

pub(crate) async fn the_absolute_timeout_ends_a_busy_session<B: Bench>() {
    let timeouts = Timeouts {
        idle: Timeout(Some(Duration::from_secs(3600))),
        ..absolute(LIMIT)
    };
    let reading = until_it_ends::<B>(timeouts, async |_, key, _| key).await;
    let changing = until_it_ends::<B>(timeouts, async |store, key, state| {
        store.update(key, state, &TTL).await.unwrap()
    })
    .await;
    assert!(
        reading + GRAIN >= LIMIT && changing + GRAIN >= LIMIT,
        "ended after {reading:?} and {changing:?}"
    );
}

pub(crate) async fn the_absolute_timeout_ends_a_session_however_often_it_is_renewed<B: Bench>() {
    let lasted = until_it_ends::<B>(absolute(LIMIT), async |store, key, state| {
        store.delete(&key).await.unwrap();
        store.save(state, &TTL).await.unwrap()
    })
    .await;
    assert!(lasted + GRAIN >= LIMIT, "ended after {lasted:?}");
}

pub(crate) async fn a_change_that_comes_after_the_absolute_timeout_does_not_bring_the_session_back<
    B: Bench,
>() {
    let bench = B::open().await;
    let store = bench.store(absolute(LIMIT)).await;
    let (key, state) = wait_until("a machine that doesn't hold us up", PATIENCE, async || {
        let key = store.save(numbered(1), &TTL).await?;
        let state = load(&store, &key)
            .await
            .filter(|state| state.contains_key(RESERVED));
        Ok(state.map(|state| (key, state)))
    })
    .await
    .unwrap();
    pass(LIMIT).await;
    store.update(same(&key), state, &TTL).await.unwrap();
    assert_eq!(load(&store, &key).await, ended::<B>());
}
