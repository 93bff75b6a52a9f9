//! The streams that are open on this instance: how many, of which sessions, and how they end.
//!
//! All streams read from one ring buffer of messages (`broadcast`). A subscriber that falls behind by more than the
//! ring holds finds out at its next read, and its stream ends. Until then it occupies no buffer of its own.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::{
    sync::{broadcast, watch},
    time::sleep,
};

use crate::{Options, TooManyStreams, stream::Stream};

/// How long the end of a session is remembered. A request may load its session before the end and open its stream after
/// it; this is far longer than the time between the two.
const ENDED_MEMORY: Duration = Duration::from_secs(10);
/// How many ended sessions are remembered at most.
const MAX_ENDED: usize = 4096;

/// All streams of this instance.
pub(crate) struct Streams {
    events: broadcast::Sender<Bytes>,
    registry: Mutex<Registry>,
    heartbeat: Duration,
    max_of_user: usize,
    max: usize,
}

#[derive(Default)]
struct Registry {
    /// The sessions with open streams, by handle.
    open: HashMap<String, Session>,
    opened: u64,
    ended: VecDeque<(Instant, String)>,
    closed: bool,
}

struct Session {
    user: String,
    /// A sender for each stream, which ends the stream with the value `true`.
    streams: Vec<watch::Sender<bool>>,
}

impl Streams {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            events: broadcast::Sender::new(options.backlog.clamp(1, 1 << 20)),
            registry: Mutex::default(),
            heartbeat: options.heartbeat.max(Duration::from_millis(1)),
            max_of_user: options.streams_per_user,
            max: options.streams_per_instance,
        }
    }

    /// Opens a stream of `session`, which is one of `user`. The stream ends after `max_duration`.
    ///
    /// If the session has just ended, or the hub is closed, the stream has ended from the start and no limit applies.
    pub(crate) fn open(
        &self,
        user: &str,
        session: &str,
        max_duration: Option<Duration>,
    ) -> Result<Stream, TooManyStreams> {
        let mut registry = self.registry();
        let has_ended = registry.closed || registry.has_ended(session);
        if !has_ended && self.count() >= self.max {
            return Err(TooManyStreams::OnInstance(self.max));
        }
        registry.forget_dropped_streams();
        if !has_ended && registry.count_of(user) >= self.max_of_user {
            return Err(TooManyStreams::OfUser(self.max_of_user));
        }
        let (end, ended) = watch::channel(has_ended);
        registry
            .open
            .entry(session.to_owned())
            .or_insert_with(|| Session {
                user: user.to_owned(),
                streams: Vec::new(),
            })
            .streams
            .push(end);
        registry.opened += 1;
        Ok(Stream {
            number: registry.opened,
            ended,
            expiry: Box::pin(sleep(max_duration.unwrap_or(Duration::MAX))),
            events: self.events.subscribe(),
            heartbeat: self.heartbeat,
        })
    }

    /// Hands `event` to all open streams.
    pub(crate) fn send(&self, event: Bytes) {
        // Returns an error when no stream is open.
        let _ = self.events.send(event);
    }

    /// Ends the streams of `sessions`, including those that they open in the next seconds.
    pub(crate) fn end(&self, sessions: &[impl AsRef<str>]) {
        let mut registry = self.registry();
        for session in sessions.iter().map(AsRef::as_ref) {
            if registry.ended.len() == MAX_ENDED {
                registry.ended.pop_front();
            }
            let end = (Instant::now(), session.to_owned());
            registry.ended.push_back(end);
            if let Some(session) = registry.open.get(session) {
                session.end();
            }
        }
    }

    /// Ends all open streams. Returns how many there were.
    pub(crate) fn end_all(&self) -> usize {
        for session in self.registry().open.values() {
            session.end();
        }
        self.count()
    }

    /// Ends all streams, open ones and later ones. Returns how many were open.
    pub(crate) fn close(&self) -> usize {
        self.registry().closed = true;
        self.end_all()
    }

    /// Returns how many streams are open. An ended one counts until its response is dropped.
    pub(crate) fn count(&self) -> usize {
        self.events.receiver_count()
    }

    /// Returns the user and the handle of each session with a stream that has not ended.
    pub(crate) fn sessions(&self) -> Vec<(String, String)> {
        let registry = self.registry();
        let open = registry
            .open
            .iter()
            .filter(|(_, session)| session.is_open());
        open.map(|(handle, session)| (session.user.clone(), handle.clone()))
            .collect()
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    fn has_ended(&mut self, session: &str) -> bool {
        self.ended.retain(|(at, _)| at.elapsed() <= ENDED_MEMORY);
        self.ended.iter().any(|(_, ended)| ended == session)
    }

    fn forget_dropped_streams(&mut self) {
        self.open.retain(|_, session| {
            session.streams.retain(|stream| !stream.is_closed());
            !session.streams.is_empty()
        });
    }

    fn count_of(&self, user: &str) -> usize {
        let sessions = self.open.values().filter(|session| session.user == user);
        sessions.map(|session| session.streams.len()).sum()
    }
}

impl Session {
    fn end(&self) {
        for stream in &self.streams {
            stream.send_replace(true);
        }
    }

    fn is_open(&self) -> bool {
        let is_open = |stream: &watch::Sender<bool>| !stream.is_closed() && !*stream.borrow();
        self.streams.iter().any(is_open)
    }
}
