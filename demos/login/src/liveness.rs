//! Ends the streams of sessions that an administrator has deleted in Redis itself. Nothing is published then.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use actix_web::rt::time::sleep;
use session_pubsub::Hub;
use session_stores::RedisStore;

use crate::messages;

/// The interval between two checks of the same user. A stream outlives its deleted session by at most this time, or by
/// twice this time if the user has just opened their first stream.
const INTERVAL: Duration = Duration::from_secs(5);

/// Looks regularly for the sessions whose streams are open on this instance, and ends the streams of those that are
/// gone. This does not count as a use of the sessions.
///
/// A check sends one script for all sessions of a user, however many streams they have. The checks of all users are
/// spread evenly over the interval, one after the other.
pub(crate) async fn end_streams_of_deleted_sessions(hub: Hub, store: RedisStore) {
    loop {
        // In the same order each time, so that the interval is the same for all users.
        let mut users = BTreeMap::<_, Vec<_>>::new();
        for (user, session) in hub.sessions() {
            users.entry(user).or_default().push(session);
        }
        let pause = INTERVAL / u32::try_from(users.len().max(1)).unwrap_or(u32::MAX);
        if users.is_empty() {
            sleep(pause).await;
        }
        for (user, mut sessions) in users {
            if let Ok(found) = store.handles_of(&user).await {
                let found: HashSet<_> = found.into_iter().collect();
                sessions.retain(|session| !found.contains(session));
                if !sessions.is_empty() {
                    messages::end(&hub, &sessions).await;
                }
                sleep(pause).await;
            } else {
                // If the store fails, wait. Without Redis no messages arrive, and the hub ends all streams before they
                // can arrive again.
                sleep(INTERVAL).await;
            }
        }
    }
}
