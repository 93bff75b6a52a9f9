//! The streams that are open on this instance: how many, of which sessions, and how they end.
//!
//! All streams read from one ring buffer of messages (`broadcast`). A subscriber that falls behind
//! by more than the ring holds finds out at its next read, and its stream ends. Until then it
//! occupies no buffer of its own.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::sync::broadcast;

use crate::{Options, TooManyStreams};

/// How long the end of a session is remembered. A request may load its session before the end and
/// open its stream after it; this is far longer than the time between the two.
const ENDED_MEMORY: Duration = Duration::from_secs(10);
/// How many ended sessions are remembered at most.
const MAX_ENDED: usize = 4096;

#[derive(Clone)]
pub(crate) enum Event {
    Message(Bytes),
    /// Some streams have ended. Each stream checks whether it is one of them.
    Recheck,
}

/// All streams of this instance.
pub(crate) struct Streams {
    events: broadcast::Sender<Event>,
    registry: Mutex<Registry>,
    max_per_session: usize,
    max: usize,
}

#[derive(Default)]
struct Registry {
    /// For each session, the flags of its open streams. A flag is set once its stream has ended.
    open: HashMap<String, Vec<Arc<AtomicBool>>>,
    count: usize,
    opened: u64,
    ended: VecDeque<(Instant, String)>,
    closed: bool,
}

/// The place of one open stream in the registry. Dropping it frees the place.
pub(crate) struct Slot {
    streams: Arc<Streams>,
    session: String,
    ended: Arc<AtomicBool>,
    pub(crate) number: u64,
}

impl Streams {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            events: broadcast::Sender::new(options.backlog.clamp(1, 1 << 20)),
            registry: Mutex::default(),
            max_per_session: options.max_streams_per_session,
            max: options.max_streams,
        }
    }

    /// Registers a stream of `session`, and returns what it reads from.
    ///
    /// If the session has just ended, or the hub is closed, the stream has ended from the start and
    /// no limit applies.
    pub(crate) fn open(
        self: &Arc<Self>,
        session: &str,
    ) -> Result<(Slot, broadcast::Receiver<Event>), TooManyStreams> {
        let mut registry = self.registry();
        let has_ended = registry.closed || registry.has_ended(session);
        if !has_ended && registry.count >= self.max {
            return Err(TooManyStreams::OnInstance(self.max));
        }
        let of_session = registry.open.get(session).map_or(0, Vec::len);
        if !has_ended && of_session >= self.max_per_session {
            return Err(TooManyStreams::InSession(self.max_per_session));
        }
        let ended = Arc::new(AtomicBool::new(has_ended));
        registry
            .open
            .entry(session.to_owned())
            .or_default()
            .push(Arc::clone(&ended));
        registry.count += 1;
        registry.opened += 1;
        let slot = Slot {
            streams: Arc::clone(self),
            session: session.to_owned(),
            ended,
            number: registry.opened,
        };
        Ok((slot, self.events.subscribe()))
    }

    /// Hands `message` to all open streams.
    pub(crate) fn send(&self, message: Bytes) {
        // Returns an error when no stream is open.
        let _ = self.events.send(Event::Message(message));
    }

    /// Ends the streams of `session`, including those that it opens in the next seconds.
    pub(crate) fn end(&self, session: &str) {
        let mut registry = self.registry();
        if registry.ended.len() == MAX_ENDED {
            registry.ended.pop_front();
        }
        registry
            .ended
            .push_back((Instant::now(), session.to_owned()));
        let Some(streams) = registry.open.get(session) else {
            return;
        };
        set_all(streams);
        drop(registry);
        self.recheck();
    }

    /// Ends all open streams. Returns how many there were.
    pub(crate) fn end_all(&self) -> usize {
        let registry = self.registry();
        registry.open.values().for_each(|streams| set_all(streams));
        let count = registry.count;
        drop(registry);
        self.recheck();
        count
    }

    /// Ends all streams, open ones and later ones. Returns how many were open.
    pub(crate) fn close(&self) -> usize {
        self.registry().closed = true;
        self.end_all()
    }

    pub(crate) fn count(&self) -> usize {
        self.registry().count
    }

    fn recheck(&self) {
        let _ = self.events.send(Event::Recheck);
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    fn has_ended(&mut self, session: &str) -> bool {
        while self
            .ended
            .front()
            .is_some_and(|(at, _)| at.elapsed() > ENDED_MEMORY)
        {
            self.ended.pop_front();
        }
        self.ended.iter().any(|(_, ended)| ended == session)
    }
}

fn set_all(flags: &[Arc<AtomicBool>]) {
    for flag in flags {
        flag.store(true, Ordering::SeqCst);
    }
}

impl Slot {
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut registry = self.streams.registry();
        if let Some(streams) = registry.open.get_mut(&self.session) {
            streams.retain(|ended| !Arc::ptr_eq(ended, &self.ended));
            if streams.is_empty() {
                registry.open.remove(&self.session);
            }
        }
        registry.count -= 1;
    }
}
