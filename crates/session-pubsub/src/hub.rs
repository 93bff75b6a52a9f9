//! The hub: the interface of this crate to an application.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::Stream;

use crate::{
    HubError, Options, PublishError, TooManyStreams, connection::Connection, message::Message,
    streams::Streams,
};

/// Publishes messages and serves streams of them. It holds the connection to Redis.
///
/// A process needs one. All clones share it, and dropping the last clone closes it.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    connection: Arc<Connection>,
    streams: Arc<Streams>,
}

impl Hub {
    /// Opens a hub, which connects to Redis in the background.
    ///
    /// It tries until [`close`](Self::close), even if Redis is not there yet; see [`is_ready`](Self::is_ready). Call
    /// this once in a process, within a tokio runtime that lives as long as the hub. That is the main runtime, because
    /// actix-web may restart its workers. Clones work in any runtime.
    #[must_use]
    pub fn open(options: &Options) -> Self {
        let streams = Arc::new(Streams::new(options));
        let connection = Arc::new(Connection::new(options, Arc::clone(&streams)));
        tokio::spawn(Arc::clone(&connection).run());
        Self(Arc::new(Inner {
            connection,
            streams,
        }))
    }

    /// Returns whether this hub currently receives messages from Redis.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.connection.is_up()
    }

    /// Returns how many streams are open on this instance.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.0.streams.count()
    }

    /// Returns the sessions that have streams open on this instance, each as its user and its handle.
    ///
    /// An application can look for them in the store, and [`end`](Self::end) those that it does not find.
    #[must_use]
    pub fn sessions(&self) -> Vec<(String, String)> {
        self.0.streams.sessions()
    }

    /// Sends `text` to all subscribers on all instances. Returns how many instances received it, including this one.
    ///
    /// The hub does not check `from`. Pass the user of the session, never a name from the request.
    ///
    /// # Errors
    /// Returns [`PublishError::TooLong`] if a value exceeds [`MESSAGE_LIMIT`](crate::MESSAGE_LIMIT) or
    /// [`FROM_LIMIT`](crate::FROM_LIMIT).
    ///
    /// Returns [`PublishError::Hub`] if Redis did not accept the message within [`Options::redis_timeout`]. That time
    /// includes the wait for a new connection.
    pub async fn publish(&self, from: &str, text: &str) -> Result<usize, PublishError> {
        let message = Message::new(from, text)?;
        Ok(self.0.connection.publish(&message).await?)
    }

    /// Opens a stream of all messages from now on, and returns the body of a `text/event-stream` response. The
    /// subscriber is `user`, and `session` is the handle of their session, not its ID.
    ///
    /// The body begins with a `retry:` line. Then it has each message as an event, and a comment after each silence. If
    /// this process loses Redis, the body has the event `unavailable`. The body never fails. The crate's documentation
    /// lists when it ends.
    ///
    /// The stream ends after `max_duration`. Nothing is published when a session expires, so pass the shorter of its
    /// two remaining timeouts. The browser then reconnects and is refused.
    ///
    /// If the session has just ended or the hub is closed, the stream ends at once. The browser then reconnects,
    /// perhaps to another instance and with another session.
    ///
    /// Call it within a tokio runtime, as every handler does. The stream's timers run there.
    ///
    /// # Errors
    /// Returns an error if too many streams are open; see [`Options`].
    pub fn subscribe(
        &self,
        user: &str,
        session: &str,
        max_duration: Option<Duration>,
    ) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + use<>, TooManyStreams> {
        let stream = self.0.streams.open(user, session, max_duration)?;
        Ok(stream.into_body())
    }

    /// Ends the streams of `sessions` (their handles) on all instances.
    ///
    /// Call it after the sessions have been deleted or have got new IDs. If you called it before, a subscriber could
    /// reconnect in between.
    ///
    /// # Errors
    /// Returns an error if Redis did not accept it in time. The streams on this instance have ended even then.
    pub async fn end(&self, sessions: &[impl AsRef<str>]) -> Result<(), HubError> {
        let sessions: Vec<&str> = sessions.iter().map(AsRef::as_ref).collect();
        self.0.streams.end(&sessions);
        self.0.connection.publish_ends(&sessions).await
    }

    /// Ends all streams on this instance at once, and accepts no more messages.
    ///
    /// Call it at SIGTERM. A server waits for its open responses, and streams never finish.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Inner {
    fn close(&self) {
        let ended = self.streams.close();
        self.connection.close();
        if ended > 0 {
            log::info!("messages: ended {ended} streams because the server is stopping");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}
