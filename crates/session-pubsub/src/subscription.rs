//! One open stream, as the body of its response.

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

use crate::streams::{Event, Slot};

/// The comment that breaks a silence. In an event stream, a line that begins with a colon is a
/// comment.
const HEARTBEAT: Bytes = Bytes::from_static(b": still here\n\n");

/// The body of a `text/event-stream` response.
///
/// It sends a `retry:` line at once, then each message as an event, and a comment after each
/// silence. It never fails. The crate's documentation lists when it ends.
pub struct Subscription(Pin<Box<dyn Stream<Item = Result<Bytes, Infallible>> + Send>>);

impl Subscription {
    pub(crate) fn new(
        slot: Slot,
        events: Receiver<Event>,
        heartbeat: Duration,
        max_duration: Option<Duration>,
    ) -> Self {
        let state = State {
            retry: Some(retry(slot.number)),
            slot,
            events,
            heartbeat,
            deadline: max_duration.and_then(|time| Instant::now().checked_add(time)),
        };
        Self(Box::pin(stream::unfold(state, async |mut state| {
            let chunk = state.next().await?;
            Some((Ok(chunk), state))
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

struct State {
    slot: Slot,
    events: Receiver<Event>,
    heartbeat: Duration,
    deadline: Option<Instant>,
    retry: Option<Bytes>,
}

impl State {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(retry) = self.retry.take() {
            return Some(retry);
        }
        let heartbeat = Instant::now() + self.heartbeat;
        let wake = self
            .deadline
            .map_or(heartbeat, |deadline| deadline.min(heartbeat));
        loop {
            if self.has_ended() {
                return None;
            }
            match timeout_at(wake, self.events.recv()).await {
                // Check again: the stream may have ended while a message was waiting in it.
                Ok(Ok(Event::Message(_))) | Err(_) if self.has_ended() => return None,
                Ok(Ok(Event::Message(event))) => return Some(event),
                Ok(Ok(Event::Recheck)) => {}
                // The missed messages are gone. A gap in the stream would go unnoticed, so end it.
                Ok(Err(RecvError::Lagged(missed))) => {
                    log::info!(
                        "messages: ended a stream that was {missed} messages too far behind"
                    );
                    return None;
                }
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => return Some(HEARTBEAT),
            }
        }
    }

    fn has_ended(&self) -> bool {
        self.slot.has_ended() || self.deadline.is_some_and(|at| at <= Instant::now())
    }
}

/// Returns the line that makes a browser wait before it reconnects to a stream, in milliseconds.
/// It spreads streams that ended together over a second, by their `number`.
fn retry(number: u64) -> Bytes {
    format!("retry: {}\n\n", 1000 + number.wrapping_mul(617) % 1000).into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn reconnections_are_spread_over_a_second() {
        let times: std::collections::HashSet<_> = (0..1000).map(super::retry).collect();
        assert_eq!(times.len(), 1000);
    }
}
