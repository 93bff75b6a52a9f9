//! The idle and the absolute timeout.
//!
//! A case asserts that a session is still active only if the clock allows it. If a busy machine delays the case for
//! longer than the timeout, it starts again.

use std::time::{Duration, Instant};

use actix_session::storage::{SessionKey, SessionStore};
use session_stores::State;
use testkit::wait_until;

use super::fixture::Fixture;
use crate::common::{
    FOREVER, HOUR, PATIENCE, absolute, both, idle, load, load_data, load_existing, numbered, pass,
    save, times, update, wait,
};

const LIMIT: Duration = Duration::from_millis(150);
const PAUSE: Duration = Duration::from_millis(10);

/// Times are stored in milliseconds, so a session may expire a little early.
const GRAIN: Duration = Duration::from_millis(2);

/// Uses a session for twice the idle timeout. It must still be there, with the same start.
async fn stays_alive<F: Fixture>(
    fixture: F,
    using: impl AsyncFn(&F::Store, SessionKey, State) -> SessionKey,
) {
    let store = fixture.store(idle(LIMIT)).await;
    wait("a machine that is not too busy", async || {
        let start = Instant::now();
        let mut used = start;
        let mut key = save(&store, numbered(1)).await;
        let Some(state) = load_existing(&store, &key).await else {
            assert!(used.elapsed() >= LIMIT, "a new session has expired");
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
        let found = load_existing(&store, &key).await;
        if used.elapsed() >= LIMIT {
            return Ok(None);
        }
        let found = found.expect("a session in use has expired");
        let start = times(&found).created_at;
        assert_eq!(start, times(&state).created_at, "another session began");
        Ok(Some(()))
    })
    .await;
}

pub(crate) async fn loading_keeps_a_session_alive<F: Fixture>(fixture: F) {
    stays_alive(fixture, async |store, key, _| {
        load(store, &key).await;
        key
    })
    .await;
}

pub(crate) async fn changing_keeps_a_session_alive<F: Fixture>(fixture: F) {
    stays_alive(fixture, async |store, key, state| {
        update(store, &key, state).await
    })
    .await;
}

pub(crate) async fn renewing_keeps_a_session_alive<F: Fixture>(fixture: F) {
    stays_alive(fixture, async |store, key, state| {
        store.delete(&key).await.unwrap();
        save(store, state).await
    })
    .await;
}

pub(crate) async fn an_unused_session_expires<F: Fixture>(fixture: F) {
    let store = fixture.store(idle(LIMIT)).await;
    let key = save(&store, numbered(1)).await;
    pass(LIMIT + PAUSE).await;
    assert_eq!(load(&store, &key).await, F::nothing());

    // An update after the end revives nothing. In a permissive store it begins another session.
    let key = save(&store, numbered(2)).await;
    let before = time::OffsetDateTime::now_utc();
    pass(LIMIT + PAUSE).await;
    update(&store, &key, numbered(3)).await;
    let found = load_existing(&store, &key).await;
    assert!(!(F::STRICT && found.is_some()), "{found:?}");
    // On a busy machine the other session may have expired, too.
    assert!(found.is_none_or(|found| times(&found).created_at > before));
}

pub(crate) async fn a_session_without_timeouts_stays<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    // The store ignores the middleware's TTL.
    let zero = actix_web::cookie::time::Duration::ZERO;
    let key = store.save(numbered(1), &zero).await.unwrap();
    pass(LIMIT).await;
    assert_eq!(load_data(&store, &key).await, Some(numbered(1)));
}

/// Uses a session until it has expired, and returns how long it lasted.
pub(crate) async fn lifetime<S: SessionStore>(
    store: &S,
    using: impl AsyncFn(&S, SessionKey, State) -> SessionKey,
) -> Duration {
    let start = Instant::now();
    let mut key = save(store, numbered(1)).await;
    let ended = wait_until("the end of a busy session", PATIENCE, async || {
        let Some(state) = load_existing(store, &key).await else {
            return Ok(Some(start.elapsed() + GRAIN));
        };
        let used = crate::common::same(&key);
        key = using(store, used, state).await;
        Ok(None)
    });
    ended.await.unwrap()
}

pub(crate) async fn the_absolute_timeout_ends_a_busy_session<F: Fixture>(fixture: F) {
    let store = fixture.store(both(HOUR, LIMIT)).await;
    let reading = lifetime(&store, async |_, key, _| key).await;
    let changing = lifetime(&store, async |store, key, state| {
        update(store, &key, state).await
    })
    .await;
    // The middleware of actix-session renews like this.
    let renewing = lifetime(&store, async |store, key, state| {
        store.delete(&key).await.unwrap();
        save(store, state).await
    })
    .await;
    for lasted in [reading, changing, renewing] {
        assert!(lasted >= LIMIT, "ended after {lasted:?}");
    }
}

pub(crate) async fn a_change_after_the_absolute_timeout_revives_nothing<F: Fixture>(fixture: F) {
    let store = fixture.store(absolute(LIMIT)).await;
    let (key, state) = wait("a machine that is not too busy", async || {
        let key = save(&store, numbered(1)).await;
        let state = load_existing(&store, &key).await;
        Ok(state.map(|state| (key, state)))
    })
    .await;
    pass(LIMIT).await;
    update(&store, &key, state).await;
    assert_eq!(load(&store, &key).await, F::nothing());
}
