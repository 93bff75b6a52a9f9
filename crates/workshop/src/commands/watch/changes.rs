//! Word that something in a folder may have changed.

use std::{path::Path, time::Duration};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{Instant, Interval, MissedTickBehavior, interval, sleep_until},
};

/// An editor saves in several steps (a new file, its text, a new name), which are over after this.
const SETTLED: Duration = Duration::from_millis(100);

/// How often somebody looks, where nobody tells.
const POLL: Duration = Duration::from_secs(1);

/// Where word of changes comes from.
pub(super) enum Changes {
    /// The system tells.
    Told {
        // Held: it tells for as long as it lives.
        _watcher: RecommendedWatcher,
        events: UnboundedReceiver<()>,
        /// When what was told last will have settled.
        settled: Option<Instant>,
    },
    /// Somebody looks, again and again.
    Polled(Interval),
}

impl Changes {
    /// Of `folder` and all in it, as the system tells.
    pub(super) fn told(folder: &Path) -> notify::Result<Self> {
        let (sender, events) = unbounded_channel();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // Nobody listens at the end. An error may be a change that was missed.
            if event.map_or(true, |event| may_change(event.kind)) {
                let _ = sender.send(());
            }
        })?;
        watcher.watch(folder, RecursiveMode::Recursive)?;
        Ok(Self::Told {
            _watcher: watcher,
            events,
            settled: None,
        })
    }

    /// Of whatever is looked at whenever there may be a change: regularly.
    pub(super) fn polled() -> Self {
        let mut interval = interval(POLL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self::Polled(interval)
    }

    /// Waits until something may have changed. Nothing is lost if the wait is broken off.
    pub(super) async fn next(&mut self) {
        match self {
            Self::Polled(interval) => drop(interval.tick().await),
            Self::Told {
                events, settled, ..
            } => {
                if settled.is_none() && events.recv().await.is_some() {
                    *settled = Some(Instant::now() + SETTLED);
                }
                match *settled {
                    Some(at) => sleep_until(at).await,
                    // The watcher lives, so this doesn't come.
                    None => std::future::pending().await,
                }
                while events.try_recv().is_ok() {}
                *settled = None;
            }
        }
    }
}

/// Whether there may be another text after this. To be read, as we do, changes nothing; to be closed after writing may be
/// the first that is heard of it.
fn may_change(kind: EventKind) -> bool {
    !kind.is_access() || kind == EventKind::Access(AccessKind::Close(AccessMode::Write))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_read_has_not_changed() {
        assert!(!may_change(EventKind::Access(AccessKind::Open(
            AccessMode::Any
        ))));
        assert!(!may_change(EventKind::Access(AccessKind::Close(
            AccessMode::Read
        ))));
        assert!(may_change(EventKind::Access(AccessKind::Close(
            AccessMode::Write
        ))));
        assert!(may_change(EventKind::Any));
    }

    #[test]
    fn what_the_system_cannot_watch_is_an_error() {
        assert!(Changes::told(Path::new("/no such folder")).is_err());
    }

    #[actix_rt::test]
    async fn a_change_is_heard_of_even_when_the_wait_was_broken_off() {
        let folder = tempfile::tempdir().unwrap();
        let mut changes = Changes::told(folder.path()).unwrap();
        std::fs::write(folder.path().join("file"), "text").unwrap();
        while tokio::time::timeout(SETTLED / 10, changes.next())
            .await
            .is_err()
        {}
    }
}
