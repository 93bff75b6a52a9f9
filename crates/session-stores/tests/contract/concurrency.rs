//! Many requests at once.

use std::collections::HashSet;

use actix_session::storage::{SessionKey, SessionStore};
use actix_web::rt::{System, spawn};
use session_stores::State;

use super::fixture::Fixture;
use crate::common::{FOREVER, begin, changed, data, load, load_data, numbered, same, save, update};

pub(crate) async fn many_sessions_stay_apart<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let sessions: Vec<_> = (0..SESSIONS)
        .map(|n| {
            let store = store.clone();
            spawn(async move {
                let key = save(&store, numbered(n)).await;
                let state = load(&store, &key).await.unwrap();
                assert_eq!(state["n"], n.to_string());
                update(&store, &key, changed(&state, n + SESSIONS)).await
            })
        })
        .collect();
    let mut keys = Vec::new();
    for session in sessions {
        keys.push(session.await.unwrap());
    }
    let ids: HashSet<_> = keys.iter().map(|key| key.as_ref().to_owned()).collect();
    assert_eq!(ids.len(), SESSIONS);
    let ends = keys.into_iter().enumerate().map(|(n, key)| {
        let store = store.clone();
        spawn(async move {
            assert_eq!(load_data(&store, &key).await, Some(numbered(n + SESSIONS)));
            if n % 2 == 0 {
                store.delete(&key).await.unwrap();
                assert_eq!(load(&store, &key).await, F::nothing());
            }
        })
    });
    for end in ends.collect::<Vec<_>>() {
        end.await.unwrap();
    }
}

const SESSIONS: usize = 300;
const THREADS: usize = 4;
const TASKS: usize = 4;
const CHANGES: usize = 8;

/// Returns a state whose first and last entry are equal, so that a torn state shows.
fn marked(writer: usize, change: usize) -> State {
    let mark = format!("\"{writer}/{change}\"");
    let padding = "x".repeat(97 * (writer + change));
    State::from([
        ("first".into(), mark.clone()),
        ("padding".into(), format!("\"{padding}\"")),
        ("last".into(), mark),
    ])
}

/// Returns the writer and the change of `state` if it is whole.
fn mark(state: &State) -> Option<(usize, usize)> {
    let (writer, change) = state.get("first")?.trim_matches('"').split_once('/')?;
    let (writer, change) = (writer.parse().ok()?, change.parse().ok()?);
    (data(state.clone()) == marked(writer, change)).then_some((writer, change))
}

async fn change(store: impl SessionStore, key: SessionKey, writer: usize) {
    for change in 0..CHANGES {
        let mut state = load(&store, &key).await.expect("the session exists");
        assert!(mark(&state).is_some(), "a torn state: {state:?}");
        state.extend(marked(writer, change));
        update(&store, &key, state).await;
    }
}

pub(crate) async fn many_changes_at_once_tear_no_session<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let key = save(&store, marked(0, 0)).await;

    // As the workers of a server: each has a thread, a clone of the store, and many requests.
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (store, key) = (store.clone(), same(&key));
            scope.spawn(move || {
                System::new().block_on(async move {
                    let requests: Vec<_> = (0..TASKS)
                        .map(|task| spawn(change(store.clone(), same(&key), thread * TASKS + task)))
                        .collect();
                    for request in requests {
                        request.await.unwrap();
                    }
                });
            });
        }
    });

    let (_, change) = mark(&load(&store, &key).await.unwrap()).expect("a torn state at the end");
    assert_eq!(change, CHANGES - 1, "some writer's last change is the last");
    assert_eq!(fixture.dump(&store).len(), 1, "nothing else is left");
}

pub(crate) async fn one_session_saved_many_times_becomes_as_many<F: Fixture>(fixture: F) {
    let store = fixture.store(FOREVER).await;
    let (key, state) = begin(&store).await;
    let saves = (0..50).map(|_| {
        let (store, state) = (store.clone(), state.clone());
        spawn(async move { save(&store, state).await })
    });
    let mut ids = HashSet::from([key.as_ref().to_owned()]);
    for save in saves.collect::<Vec<_>>() {
        let key = save.await.unwrap();
        assert_eq!(load_data(&store, &key).await, Some(numbered(1)));
        ids.insert(key.as_ref().to_owned());
    }
    assert_eq!(ids.len(), 51);
}
