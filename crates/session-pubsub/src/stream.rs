//! One open stream of messages.

use std::{convert::Infallible, pin::Pin, time::Duration};

use bytes::Bytes;
use futures_util::stream;
use tokio::{
    sync::{
        broadcast::{Receiver, error::RecvError},
        watch,
    },
    time::{Sleep, sleep},
};

/// The comment that breaks a silence. In an event stream, a line that begins with a colon is a comment.
const HEARTBEAT: Bytes = Bytes::from_static(b": still here\n\n");

/// The event that is sent when this process loses Redis. Until the stream ends, no messages arrive.
pub(crate) const UNAVAILABLE: Bytes = Bytes::from_static(b"event: unavailable\ndata:\n\n");

/// One open stream. Dropping it frees its place among the streams of its user and instance.
pub(crate) struct Stream {
    /// Counts the streams of this instance.
    pub(crate) number: u64,
    pub(crate) ended: watch::Receiver<bool>,
    /// Completes when the stream has been open for its maximum duration.
    pub(crate) expiry: Pin<Box<Sleep>>,
    pub(crate) events: Receiver<Bytes>,
    pub(crate) heartbeat: Duration,
}

impl Stream {
    /// Returns the body of the response: a `retry:` line at once, then each message as an event, and a comment after
    /// each silence.
    pub(crate) fn into_body(self) -> impl stream::Stream<Item = Result<Bytes, Infallible>> {
        let retry = retry(self.number);
        stream::unfold((Some(retry), self), async |(retry, mut stream)| {
            let chunk = match retry {
                Some(retry) => retry,
                None => stream.next().await?,
            };
            Some((Ok(chunk), (None, stream)))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        tokio::select! {
            // In this order: an ended stream drops the messages that wait in it.
            biased;
            _ = self.ended.wait_for(|ended| *ended) => None,
            () = &mut self.expiry => None,
            event = self.events.recv() => match event {
                Ok(event) => Some(event),
                // The missed messages are gone. A gap in the stream would go unnoticed, so end it.
                Err(RecvError::Lagged(missed)) => {
                    log::info!(
                        "messages: ended a stream that was {missed} messages too far behind"
                    );
                    None
                }
                Err(RecvError::Closed) => None,
            },
            () = sleep(self.heartbeat) => Some(HEARTBEAT),
        }
    }
}

/// Returns the line that makes a browser wait before it reconnects to a stream, in milliseconds. It spreads streams
/// that ended together over a second, by their `number`.
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
