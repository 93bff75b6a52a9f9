//! One reader's stream.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, timeout_at},
};

use crate::{
    frame::{HEARTBEAT, greeting},
    streams::{Event, Place},
};

/// The body of a `text/event-stream`: a `retry:` at once, then each message as an event, and a comment after each
/// silence. It never fails; it ends, and the crate's documentation says when.
pub struct Subscription(Pin<Box<dyn Stream<Item = Result<Bytes, Infallible>> + Send>>);

impl Subscription {
    pub(crate) fn new(
        place: Place,
        ring: Receiver<Event>,
        heartbeat: Duration,
        longest: Option<Duration>,
    ) -> Self {
        let greeting = Some(greeting(place.number));
        let until = longest.and_then(|longest| Instant::now().checked_add(longest));
        let reading = Reading {
            place,
            ring,
            heartbeat,
            until,
            greeting,
        };
        Self(Box::pin(stream::unfold(reading, async |mut reading| {
            let chunk = reading.next().await?;
            Some((Ok(chunk), reading))
        })))
    }
}

impl Stream for Subscription {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

struct Reading {
    place: Place,
    ring: Receiver<Event>,
    heartbeat: Duration,
    until: Option<Instant>,
    greeting: Option<Bytes>,
}

impl Reading {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting);
        }
        let beat = Instant::now() + self.heartbeat;
        let wake = self.until.map_or(beat, |until| until.min(beat));
        loop {
            if self.is_over() {
                return None;
            }
            match timeout_at(wake, self.ring.recv()).await {
                // Again: the end may have come while a message waited.
                Ok(Ok(Event::Message(_))) | Err(_) if self.is_over() => return None,
                Ok(Ok(Event::Message(event))) => return Some(event),
                Ok(Ok(Event::Look)) => {}
                // What it missed can't be had again; a hole in the stream would go unseen, its end doesn't.
                Ok(Err(RecvError::Lagged(missed))) => {
                    log::info!("messages: a reader who was {missed} too far behind is dropped");
                    return None;
                }
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => return Some(HEARTBEAT),
            }
        }
    }

    fn is_over(&self) -> bool {
        self.place.is_over() || self.until.is_some_and(|until| until <= Instant::now())
    }
}
