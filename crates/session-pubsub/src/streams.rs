//! The streams that are open on this instance: how many, whose, and their ends.
//!
//! All read one ring of messages (`broadcast`). A reader that is further behind than the ring is long finds out when it
//! next reads, and is dropped; until then it holds nothing of its own.

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

/// How long the end of a session is remembered: far longer than from looking a session up to opening its stream, in
/// which time the end may have come.
const REMEMBERED: Duration = Duration::from_secs(10);
/// How many ends are remembered at most.
const ENDS: usize = 4096;

#[derive(Clone)]
pub(crate) enum Event {
    Message(Bytes),
    /// Some streams are over: each sees whether it is one of them.
    Look,
}

pub(crate) struct Streams {
    ring: broadcast::Sender<Event>,
    book: Mutex<Book>,
    of_a_session: usize,
    in_all: usize,
}

#[derive(Default)]
struct Book {
    /// By session; each stream has a mark that says whether it is over.
    open: HashMap<String, Vec<Arc<AtomicBool>>>,
    count: usize,
    opened: u64,
    ended: VecDeque<(Instant, String)>,
    closed: bool,
}

/// A stream's place among the open ones, free again when this is dropped.
pub(crate) struct Place {
    streams: Arc<Streams>,
    session: String,
    over: Arc<AtomicBool>,
    pub(crate) number: u64,
}

impl Streams {
    pub(crate) fn new(options: &Options) -> Self {
        let ring = broadcast::Sender::new(options.backlog.clamp(1, 1 << 20));
        Self {
            ring,
            book: Mutex::default(),
            of_a_session: options.streams_of_a_session,
            in_all: options.streams,
        }
    }

    /// A place for one more stream of `session`, and what it reads from. It is over from the start if the session has
    /// just ended or no streams are served any more.
    pub(crate) fn open(
        self: &Arc<Self>,
        session: &str,
    ) -> Result<(Place, broadcast::Receiver<Event>), TooManyStreams> {
        let mut book = self.book();
        let over = book.closed || book.has_ended(session);
        if !over && book.count >= self.in_all {
            return Err(TooManyStreams::InAll(self.in_all));
        }
        if !over
            && book
                .open
                .get(session)
                .is_some_and(|streams| streams.len() >= self.of_a_session)
        {
            return Err(TooManyStreams::OfThisSession(self.of_a_session));
        }
        let over = Arc::new(AtomicBool::new(over));
        book.open
            .entry(session.to_owned())
            .or_default()
            .push(Arc::clone(&over));
        book.count += 1;
        book.opened += 1;
        let number = book.opened;
        Ok((
            Place {
                streams: Arc::clone(self),
                session: session.to_owned(),
                over,
                number,
            },
            self.ring.subscribe(),
        ))
    }

    pub(crate) fn hand_out(&self, message: Bytes) {
        // Nobody reads: nobody misses it.
        let _ = self.ring.send(Event::Message(message));
    }

    /// Ends the streams of `session`, and those that are opened for it in the next moments.
    pub(crate) fn end(&self, session: &str) {
        let mut book = self.book();
        book.remember(session);
        let streams = book
            .open
            .get(session)
            .map(Vec::as_slice)
            .unwrap_or_default();
        mark(streams);
        let any = !streams.is_empty();
        drop(book);
        if any {
            self.wake();
        }
    }

    /// Ends all that are open; returns how many.
    pub(crate) fn end_all(&self) -> usize {
        let book = self.book();
        book.open.values().for_each(|streams| mark(streams));
        let count = book.count;
        drop(book);
        self.wake();
        count
    }

    /// Ends all that are open or will be.
    pub(crate) fn close(&self) -> usize {
        self.book().closed = true;
        self.end_all()
    }

    pub(crate) fn count(&self) -> usize {
        self.book().count
    }

    fn wake(&self) {
        let _ = self.ring.send(Event::Look);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn remember(&mut self, session: &str) {
        if self.ended.len() == ENDS {
            self.ended.pop_front();
        }
        self.ended.push_back((Instant::now(), session.to_owned()));
    }

    fn has_ended(&mut self, session: &str) -> bool {
        while self
            .ended
            .front()
            .is_some_and(|(at, _)| at.elapsed() > REMEMBERED)
        {
            self.ended.pop_front();
        }
        self.ended.iter().any(|(_, ended)| ended == session)
    }
}

fn mark(streams: &[Arc<AtomicBool>]) {
    for over in streams {
        over.store(true, Ordering::SeqCst);
    }
}

impl Place {
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut book = self.streams.book();
        if let Some(streams) = book.open.get_mut(&self.session) {
            streams.retain(|over| !Arc::ptr_eq(over, &self.over));
            if streams.is_empty() {
                book.open.remove(&self.session);
            }
        }
        book.count -= 1;
    }
}
