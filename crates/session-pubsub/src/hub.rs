//! The hub: the interface of this crate to an application.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    HubError, Options, PublishError, Subscription, TooManyStreams, connection::Connection,
    message::Message, streams::Streams,
};

/// The longest interval of heartbeats. An [`Instant`](std::time::Instant) cannot lie arbitrarily
/// far ahead.
const MAX_HEARTBEAT: Duration = Duration::from_secs(24 * 60 * 60);

/// Publishes messages and serves streams of them. It holds the connection to Redis.
///
/// A process needs one. All clones share it, and dropping the last clone closes it.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    connection: Arc<Connection>,
    streams: Arc<Streams>,
    heartbeat: Duration,
}

impl Hub {
    /// Opens a hub as [`open`](Self::open) does, with the default [`Options`] for all else.
    ///
    /// # Errors
    /// Returns an error if the URL cannot be used: [`HubError::Url`] or [`HubError::Tls`].
    pub fn new(redis_url: &str, channel: &str) -> Result<Self, HubError> {
        Self::open(&Options {
            redis_url: redis_url.to_owned(),
            channel: channel.to_owned(),
            ..Options::default()
        })
    }

    /// Opens a hub, which connects to Redis in the background.
    ///
    /// It tries until [`close`](Self::close), even if Redis is not there yet; see
    /// [`is_ready`](Self::is_ready). Call this once in a process, within a tokio runtime that lives
    /// as long as the hub. That is the main runtime, because actix-web may restart its workers.
    /// Clones work in any runtime.
    ///
    /// # Errors
    /// Returns an error if the URL cannot be used: [`HubError::Url`] or [`HubError::Tls`].
    pub fn open(options: &Options) -> Result<Self, HubError> {
        let streams = Arc::new(Streams::new(options));
        let connection = Arc::new(Connection::new(options, Arc::clone(&streams))?);
        tokio::spawn(Arc::clone(&connection).run());
        let heartbeat = options
            .heartbeat
            .clamp(Duration::from_millis(1), MAX_HEARTBEAT);
        Ok(Self(Arc::new(Inner {
            connection,
            streams,
            heartbeat,
        })))
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

    /// Sends `text` to all subscribers on all instances. Returns how many instances received it,
    /// including this one.
    ///
    /// The hub does not check `from`. Pass the user of the session, never a name from the request.
    ///
    /// # Errors
    /// Returns [`PublishError::TooLong`] if a value exceeds [`MESSAGE_LIMIT`](crate::MESSAGE_LIMIT)
    /// or [`FROM_LIMIT`](crate::FROM_LIMIT).
    ///
    /// Returns [`PublishError::Hub`] if Redis did not accept the message within
    /// [`Options::redis_timeout`]. That time includes the wait for a new connection.
    pub async fn publish(&self, from: &str, text: &str) -> Result<usize, PublishError> {
        let message = Message::new(from, text)?;
        Ok(self.0.connection.publish(&message).await?)
    }

    /// Opens a stream of all messages from now on, for a subscriber with the session `session` (its
    /// handle, not its ID).
    ///
    /// The stream ends after `max_duration`. Nothing is published when a session expires, so pass
    /// the shorter of its two remaining timeouts. The browser then reconnects and is refused.
    ///
    /// If the session has just ended or the hub is closed, the stream ends at once. The browser
    /// then reconnects, perhaps to another instance and with another session.
    ///
    /// # Errors
    /// Returns an error if too many streams are open; see [`Options`].
    pub fn subscribe(
        &self,
        session: &str,
        max_duration: Option<Duration>,
    ) -> Result<Subscription, TooManyStreams> {
        let (slot, events) = self.0.streams.open(session)?;
        Ok(Subscription::new(
            slot,
            events,
            self.0.heartbeat,
            max_duration,
        ))
    }

    /// Ends the streams of `session` (its handle) on all instances.
    ///
    /// Call it after the session has been deleted or has got a new ID. If you called it before, a
    /// subscriber could reconnect in between.
    ///
    /// # Errors
    /// Returns an error if Redis did not accept it in time. The streams on this instance have ended
    /// even then.
    pub async fn end(&self, session: &str) -> Result<(), HubError> {
        self.0.streams.end(session);
        self.0.connection.publish_end(session).await.map(drop)
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

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub")
            .field("ready", &self.is_ready())
            .field("streams", &self.streams())
            .finish()
    }
}
