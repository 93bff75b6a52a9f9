//! Many at once.

use std::collections::HashSet;

use actix_session::storage::{SessionKey, SessionStore};
use actix_web::rt::{System, spawn};
use session_stores::State;

use super::bench::{Bench, Unknown};
use crate::common::{FOREVER, TTL, data, load, numbered, same};

pub(crate) async fn a_thousand_sessions_live_side_by_side<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let sessions: Vec<_> = (0..1000)
        .map(|n| {
            let store = store.clone();
            spawn(async move {
                let key = store.save(numbered(n), &TTL).await.unwrap();
                let mut state = load(&store, &key).await.unwrap();
                assert_eq!(state["n"], n.to_string());
                state.extend(numbered(n + 1000));
                store.update(key, state, &TTL).await.unwrap()
            })
        })
        .collect();
    let mut keys = Vec::new();
    for session in sessions {
        keys.push(session.await.unwrap());
    }
    let ids: HashSet<_> = keys.iter().map(|key| key.as_ref().to_owned()).collect();
    assert_eq!(ids.len(), 1000);
    let ends: Vec<_> = keys
        .into_iter()
        .enumerate()
        .map(|(n, key)| {
            let store = store.clone();
            spawn(async move {
                assert_eq!(load(&store, &key).await.map(data), Some(numbered(n + 1000)));
                if n % 2 == 0 {
                    store.delete(&key).await.unwrap();
                    assert_eq!(
                        load(&store, &key).await,
                        (B::UNKNOWN == Unknown::Adopted).then(State::new)
                    );
                }
            })
        })
        .collect();
    for end in ends {
        end.await.unwrap();
    }
}

const THREADS: usize = 4;
const TASKS: usize = 4;
const CHANGES: usize = 8;

/// A state whose entries say the same: one that is torn doesn't.
fn marked(writer: usize, change: usize) -> State {
    let mark = format!("\"{writer}/{change}\"");
    let padding = "x".repeat(97 * (writer + change));
    State::from([
        ("first".into(), mark.clone()),
        ("padding".into(), format!("\"{padding}\"")),
        ("last".into(), mark),
    ])
}

/// The writer and the change that `state` is of, if it is whole.
fn mark(state: &State) -> Option<(usize, usize)> {
    let (writer, change) = state.get("first")?.trim_matches('"').split_once('/')?;
    let (writer, change) = (writer.parse().ok()?, change.parse().ok()?);
    (data(state.clone()) == marked(writer, change)).then_some((writer, change))
}

async fn change(store: impl SessionStore, key: SessionKey, writer: usize) {
    for change in 0..CHANGES {
        let mut state = load(&store, &key).await.expect("it was there all the time");
        assert!(mark(&state).is_some(), "a torn state: {state:?}");
        state.extend(marked(writer, change));
        store.update(same(&key), state, &TTL).await.unwrap();
    }
}

pub(crate) async fn of_many_changes_at_once_one_remains_whole<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let key = store.save(marked(0, 0), &TTL).await.unwrap();

    // Workers of a server: a thread, a clone of the store and many requests each.
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
    assert_eq!(
        change,
        CHANGES - 1,
        "the last to be written is some writer's last"
    );
    assert_eq!(
        bench.everything(&store).len(),
        1,
        "nothing is left lying about"
    );
}

pub(crate) async fn one_session_saved_many_times_at_once_becomes_as_many<B: Bench>() {
    let bench = B::open().await;
    let store = bench.store(FOREVER).await;
    let key = store.save(marked(1, 1), &TTL).await.unwrap();
    let state = load(&store, &key).await.unwrap();
    let saves: Vec<_> = (0..50)
        .map(|_| {
            let (store, state) = (store.clone(), state.clone());
            spawn(async move { store.save(state, &TTL).await.unwrap() })
        })
        .collect();
    let mut ids = HashSet::from([key.as_ref().to_owned()]);
    for save in saves {
        let key = save.await.unwrap();
        assert_eq!(mark(&load(&store, &key).await.unwrap()), Some((1, 1)));
        ids.insert(key.as_ref().to_owned());
    }
    assert_eq!(ids.len(), 51);
}
