//! Walks through Redis in the background to keep the list.
//!
//! A walk takes small steps with pauses between them, so that the other clients of Redis hardly wait. It reads only the
//! sessions that the list lacks, because the user and the beginning of a session never change. Only a page asks for a
//! walk, so a viewer without an open page sends nothing to Redis.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::rt::time::{sleep, timeout};
use session_stores::RedisStoreError;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::{list::List, listed::Listed, moment::Moment, redis::Redis};

/// The pause between two steps of a walk.
const PAUSE: Duration = Duration::from_millis(1);
/// With this many keys in Redis a walk is short, and each page waits for one.
const FEW_KEYS: usize = 1000;
/// The longest time that a page waits for a walk.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The list of the last walk, for all pages.
pub(crate) struct Walker {
    state: watch::Sender<State>,
    asked: Notify,
}

#[derive(Default)]
struct State {
    list: Arc<List>,
    /// When the last walk began, complete or not.
    begun: Option<Instant>,
}

impl Walker {
    pub(crate) fn new() -> Self {
        Self {
            state: watch::Sender::default(),
            asked: Notify::new(),
        }
    }

    /// Asks for a walk, and returns the list. If Redis has few keys, it is the list of that walk.
    pub(crate) async fn list(&self, keys: usize) -> Arc<List> {
        let asked = Instant::now();
        let mut state = self.state.subscribe();
        self.asked.notify_one();
        let is_first = state.borrow().list.begun.is_none();
        if keys <= FEW_KEYS || is_first {
            let walked = state.wait_for(|state| state.begun >= Some(asked));
            let _ = timeout(LONGEST_WAIT, walked).await;
        }
        self.latest()
    }

    /// Returns the list without asking for a walk.
    pub(crate) fn latest(&self) -> Arc<List> {
        self.state.borrow().list.clone()
    }

    /// Removes the session `id`, which has just ended.
    pub(crate) fn remove(&self, id: Uuid) {
        self.state
            .send_modify(|state| state.list = Arc::new(state.list.without(id)));
    }

    /// Walks once, and then each time that a page asks for it. Rests after a walk for as long as it took.
    ///
    /// Logs the first of several failed walks. A page asks after it has connected to Redis, and reports why that fails.
    pub(crate) async fn run(&self, redis: &Redis) {
        let mut logged = false;
        loop {
            let begun = Instant::now();
            let walked = self.walk(redis).await;
            if let Err(error) = &walked
                && !logged
            {
                log::warn!("cannot list sessions: {error}; pages use the last list until it works");
            }
            logged = walked.is_err();
            self.state.send_modify(|state| state.begun = Some(begun));
            sleep(begun.elapsed()).await;
            self.asked.notified().await;
        }
    }

    async fn walk(&self, redis: &Redis) -> Result<(), RedisStoreError> {
        let begun = Moment::now();
        let before = self.latest();
        let (sessions, others) = find(redis, &before).await?;
        loop {
            let latest = self.latest();
            let next = latest.after_walk(begun, sessions.clone(), others.clone());
            let replaced = self.state.send_if_modified(|state| {
                // Otherwise a session has been removed.
                let is_latest = Arc::ptr_eq(&state.list, &latest);
                if is_latest {
                    state.list = Arc::new(next);
                }
                is_latest
            });
            if replaced {
                return Ok(());
            }
        }
    }
}

/// Returns all sessions in Redis, and the names of the other keys. Takes those that are in `before` from there.
async fn find(
    redis: &Redis,
    before: &List,
) -> Result<(Vec<Listed>, Vec<Vec<u8>>), RedisStoreError> {
    let known: HashMap<Uuid, &Listed> = before.sessions.iter().map(|it| (it.id, it)).collect();
    let users = before.sessions.iter().filter_map(|it| it.user.clone());
    let mut users: HashSet<_> = users.collect();
    let mut connection = redis.connect().await?;
    let (mut sessions, mut others) = (Vec::new(), Vec::new());
    let mut cursor = 0;
    loop {
        let (next, names) = connection.scan(cursor).await?;
        let mut unknown = Vec::new();
        for name in names {
            match id(&name).and_then(|id| known.get(&id)) {
                Some(session) => sessions.push(Listed::clone(session)),
                None => unknown.push(name),
            }
        }
        for entry in connection.read(&unknown).await? {
            match &entry.session {
                Ok(session) => sessions.push(Listed::new(session, &mut users)),
                Err(_) => others.push(entry.name),
            }
        }
        cursor = next;
        if cursor == 0 {
            others.sort();
            others.dedup();
            return Ok((sessions, others));
        }
        sleep(PAUSE).await;
    }
}

/// Returns the ID that is written as `name`.
fn id(name: &[u8]) -> Option<Uuid> {
    let id = Uuid::try_parse_ascii(name).ok()?;
    (id.to_string().as_bytes() == name).then_some(id)
}
