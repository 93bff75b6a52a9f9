//! The sessions that a page shows, read from Redis for this page.

use std::sync::Arc;

use session_stores::RedisStoreError;

use crate::{
    entry::Entry,
    list::{Ended, List, index_of},
    moment::millis,
    place::Place,
    state::Viewer,
    view::View,
};

/// The most sessions on a page.
const PAGE: usize = 50;

/// The content of a page.
pub(crate) struct Shown {
    pub(crate) view: View,
    pub(crate) list: Arc<List>,
    /// The number of all keys in Redis, sessions or not.
    pub(crate) total_keys: usize,
    /// Sessions that the search finds.
    pub(crate) found: usize,
    /// The index of the page's first session among those, from 0.
    pub(crate) start: usize,
    /// Listed sessions of this page.
    pub(crate) listed: usize,
    /// The sessions of this page that Redis still has, the newest first.
    pub(crate) sessions: Vec<Entry>,
    /// Keys that are not sessions. They follow the last session, and a search finds none.
    pub(crate) others: Vec<Entry>,
    pub(crate) links: Links,
}

/// The views of other pages, where there are any.
pub(crate) struct Links {
    pub(crate) newer: Option<View>,
    pub(crate) older: Option<View>,
    pub(crate) oldest: Option<View>,
}

impl Shown {
    /// Reads what `view` shows.
    pub(crate) async fn read(viewer: &Viewer, view: View) -> Result<Self, RedisStoreError> {
        let mut connection = viewer.redis.connect().await?;
        let total_keys = connection.count_keys().await?;
        let list = viewer.walker.list(total_keys).await;

        let sessions = list.find(&view.search);
        let start = view.from.map_or(0, |from| index_of(&sessions, from));
        let end = sessions.len().min(start + PAGE);
        let beginning_at = |index: usize| {
            // The first page begins at the newest session, whichever that is.
            let place = (index > 0).then(|| Place::of(sessions[index]));
            view.at(place)
        };
        let has_older = end < sessions.len();
        let links = Links {
            newer: (start > 0).then(|| beginning_at(start.saturating_sub(PAGE))),
            older: has_older.then(|| beginning_at(end)),
            oldest: has_older.then(|| beginning_at(sessions.len().saturating_sub(PAGE))),
        };
        let names: Vec<_> = sessions[start..end]
            .iter()
            .map(|session| session.id.to_string().into_bytes())
            .collect();
        let others = if !has_older && view.search.is_empty() {
            &list.others[..list.others.len().min(PAGE)]
        } else {
            &[]
        };
        let found = sessions.len();
        Ok(Self {
            sessions: connection.read(&names).await?,
            others: connection.read(others).await?,
            view,
            total_keys,
            found,
            start,
            listed: names.len(),
            links,
            list,
        })
    }

    /// Returns what has happened to the session of `entry` since the visitor's last look, by the clocks of the servers
    /// that wrote it.
    pub(crate) fn mark(&self, entry: &Entry) -> Option<&'static str> {
        let (since, session) = self.view.since.zip(entry.session.as_ref().ok())?;
        let is_after = |time| millis(time) > since;
        if is_after(session.created_at) {
            Some("new")
        } else if is_after(session.updated_at) {
            Some("changed")
        } else {
            None
        }
    }

    pub(crate) fn count_changed(&self) -> usize {
        let marks = self.sessions.iter().filter_map(|entry| self.mark(entry));
        marks.filter(|mark| *mark == "changed").count()
    }

    /// Returns the sessions that have ended since the visitor's last look, the latest first.
    pub(crate) fn ended(&self) -> Vec<&Ended> {
        let since = self.view.since;
        since.map_or_else(Vec::new, |since| self.list.ended_after(since))
    }
}
