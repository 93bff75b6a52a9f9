//! Notifies that something in a folder may have changed.

use std::{path::Path, time::Duration};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{Instant, Interval, MissedTickBehavior, interval, sleep_until},
};

/// An editor saves in several steps (a new file, its text, a new name), which end within this time.
const SETTLE_TIME: Duration = Duration::from_millis(100);

/// The interval of polling.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The source of notifications.
pub(super) enum Notifications {
    /// The operating system sends events.
    Events {
        // Sends events until it is dropped.
        _watcher: RecommendedWatcher,
        events: UnboundedReceiver<()>,
        /// The time when the last change will have settled.
        settled: Option<Instant>,
    },
    /// Every tick is a notification.
    Polling(Interval),
}

impl Notifications {
    /// Gets notifications about `folder`, with its subfolders, from the operating system.
    pub(super) fn events(folder: &Path) -> notify::Result<Self> {
        let (sender, events) = unbounded_channel();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // An error may be a missed change. Sending fails only when the program ends.
            if event.map_or(true, |event| may_change_text(event.kind)) {
                let _ = sender.send(());
            }
        })?;
        watcher.watch(folder, RecursiveMode::Recursive)?;
        Ok(Self::Events {
            _watcher: watcher,
            events,
            settled: None,
        })
    }

    /// Notifies at regular intervals.
    pub(super) fn polling() -> Self {
        let mut interval = interval(POLL_INTERVAL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self::Polling(interval)
    }

    /// Waits until something may have changed. Cancelling the wait loses no notification.
    pub(super) async fn next(&mut self) {
        match self {
            Self::Polling(interval) => drop(interval.tick().await),
            Self::Events {
                events, settled, ..
            } => {
                if settled.is_none() && events.recv().await.is_some() {
                    *settled = Some(Instant::now() + SETTLE_TIME);
                }
                match *settled {
                    Some(at) => sleep_until(at).await,
                    // The channel closes only when the watcher is dropped.
                    None => std::future::pending().await,
                }
                while events.try_recv().is_ok() {}
                *settled = None;
            }
        }
    }
}

/// Returns whether a file's text may differ after such an event. The runner's own reads don't
/// change it. For some saves the end of writing is the first event.
fn may_change_text(kind: EventKind) -> bool {
    !kind.is_access() || kind == EventKind::Access(AccessKind::Close(AccessMode::Write))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_not_a_change() {
        let access = |kind| may_change_text(EventKind::Access(kind));
        assert!(!access(AccessKind::Open(AccessMode::Any)));
        assert!(!access(AccessKind::Close(AccessMode::Read)));
        assert!(access(AccessKind::Close(AccessMode::Write)));
        assert!(may_change_text(EventKind::Any));
    }

    #[test]
    fn missing_folder_is_an_error() {
        assert!(Notifications::events(Path::new("/no such folder")).is_err());
    }

    #[actix_rt::test]
    async fn cancelled_wait_loses_no_change() {
        let folder = tempfile::tempdir().unwrap();
        let mut notifications = Notifications::events(folder.path()).unwrap();
        std::fs::write(folder.path().join("file"), "text").unwrap();
        while tokio::time::timeout(SETTLE_TIME / 10, notifications.next())
            .await
            .is_err()
        {}
    }
}
