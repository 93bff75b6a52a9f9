//! The idle and the absolute timeout.
//!
//! A case asserts that a session is still active only if the clock allows it. If a busy machine delays the case for
//! longer than the timeout, it starts again.

use std::time::{Duration, Instant};

use session_stores::{OldId, Saved, Store, Written};

use super::fixture::Fixture;
use crate::common::{
    HOUR, absolute, begin, change, idle, load_stored, pass, rotate, timeouts, wait,
};

const LIMIT: Duration = Duration::from_millis(150);
const PAUSE: Duration = Duration::from_millis(10);

/// Times are stored in milliseconds, so a session may expire a little early.
const GRAIN: Duration = Duration::from_millis(2);

/// Uses a session for twice the idle timeout. It must still be there, with the same start.
async fn stays_alive<F: Fixture>(
    fixture: F,
    using: impl AsyncFn(&F::Store, Written) -> Option<Written>,
) {
    let store = fixture.store(idle(LIMIT)).await;
    wait("a machine that is not too busy", async || {
        let start = Instant::now();
        let mut used = start;
        let mut session = begin(&store, 1).await;
        let created = session.loaded.record.created_at;
        while start.elapsed() < 2 * LIMIT {
            let before = Instant::now();
            let found = using(&store, session).await;
            if used.elapsed() >= LIMIT {
                return None;
            }
            session = found.expect("a session in use has expired");
            used = before;
            pass(PAUSE).await;
        }
        let found = load_stored(&store, &session.key).await;
        if used.elapsed() >= LIMIT {
            return None;
        }
        let found = found.expect("a session in use has expired");
        assert_eq!(found.record.created_at, created);
        Some(())
    })
    .await;
}

pub(crate) async fn loading_keeps_a_session_alive<F: Fixture>(fixture: F) {
    stays_alive(fixture, async |store, session| {
        load_stored(store, &session.key).await?;
        Some(session)
    })
    .await;
}

pub(crate) async fn changing_keeps_a_session_alive<F: Fixture>(fixture: F) {
    stays_alive(fixture, async |store, session| {
        change(store, &session.loaded, 1).await
    })
    .await;
}

pub(crate) async fn an_unused_session_expires<F: Fixture>(fixture: F) {
    let store = fixture.store(idle(LIMIT)).await;
    let begun = begin(&store, 1).await;
    pass(LIMIT + PAUSE).await;
    assert!(load_stored(&store, &begun.key).await.is_none());
}

pub(crate) async fn a_write_does_not_revive_an_expired_session<F: Fixture>(fixture: F) {
    for timeouts in [idle(LIMIT), absolute(LIMIT)] {
        let store = fixture.store(timeouts).await;
        let begun = begin(&store, 1).await;
        let mut late = begun.loaded.record.clone();
        late.version = 2;
        pass(LIMIT + PAUSE).await;
        let saved = store.save(&late, 1).await.unwrap();
        assert!(matches!(saved, Saved::Gone), "{saved:?}");
        late.id = uuid::Uuid::new_v4();
        let saved = store.rotate(&late, &begun.loaded, OldId::Stops).await;
        assert!(matches!(saved, Ok(Saved::Gone)), "{saved:?}");
        assert!(change(&store, &begun.loaded, 2).await.is_none());
        assert!(load_stored(&store, &begun.key).await.is_none());
    }
}

/// Uses a session in each way until it has expired.
pub(crate) async fn the_absolute_timeout_ends_a_busy_session<F: Fixture>(fixture: F) {
    let store = fixture.store(timeouts(Some(HOUR), Some(LIMIT))).await;
    for way in ["read", "change", "rotate"] {
        let start = Instant::now();
        let mut session = begin(&store, 1).await;
        wait("the end of a busy session", async || {
            let Some(loaded) = load_stored(&store, &session.key).await else {
                return Some(());
            };
            let used = match way {
                "change" => change(&store, &loaded, 1).await,
                "rotate" => rotate(&store, &loaded, OldId::Stops).await,
                _ => None,
            };
            if let Some(used) = used {
                session = used;
            }
            None
        })
        .await;
        let lasted = start.elapsed() + GRAIN;
        assert!(lasted >= LIMIT, "{way}: ended after {lasted:?}");
        // A request may still be in flight.
        assert!(change(&store, &session.loaded, 2).await.is_none());
        for old_id in [OldId::Stops, OldId::Redirects] {
            let rotated = rotate(&store, &session.loaded, old_id).await;
            assert!(rotated.is_none());
        }
    }
}

pub(crate) async fn the_end_of_a_session_is_in_its_record<F: Fixture>(fixture: F) {
    let store = fixture.store(absolute(LIMIT)).await;
    let begun = begin(&store, 1).await;
    let record = &begun.loaded.record;
    assert_eq!(record.expires_at, Some(record.created_at + LIMIT));
    pass(LIMIT + GRAIN).await;
    // Another instance may have other timeouts. A memory store has no session of another instance.
    let other = fixture.store(absolute(HOUR)).await;
    assert!(load_stored(&other, &begun.key).await.is_none());

    let begun = begin(&other, 1).await;
    if let Some(found) = load_stored(&store, &begun.key).await {
        let changed = change(&store, &found, 2).await.unwrap();
        let rotated = rotate(&store, &changed.loaded, OldId::Stops).await.unwrap();
        pass(LIMIT + GRAIN).await;
        let found = load_stored(&store, &rotated.key).await;
        assert_eq!(
            found.unwrap().record.expires_at,
            begun.loaded.record.expires_at
        );
    }
}
