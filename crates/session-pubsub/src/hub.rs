//! The hub: what an application does with messages.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    HubError, Options, PublishError, Subscription, TooManyStreams, frame::Message, line::Line,
    streams::Streams,
};

/// A silence that ends some day: an instant that lies too far ahead can't be told.
const LONGEST_SILENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// The messages of one process. A clone is the same hub; the last one closes it.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    line: Arc<Line>,
    streams: Arc<Streams>,
    heartbeat: Duration,
}

impl Hub {
    /// One with the default [`Options`] but for where Redis is and the name of the channel.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn new(redis_url: &str, channel: &str) -> Result<Self, HubError> {
        Self::open(&Options {
            redis_url: redis_url.to_owned(),
            channel: channel.to_owned(),
            ..Options::default()
        })
    }

    /// Starts to connect, and goes on until [`close`](Self::close), whether Redis is there or not: see
    /// [`ready`](Self::ready).
    ///
    /// To be called once in a process, within a tokio runtime that lives as long as the hub: the main one, as the workers of
    /// actix-web come and go. Its clones work in any.
    ///
    /// # Errors
    /// The URL can't be used: [`HubError::Url`] or [`HubError::Tls`].
    pub fn open(options: &Options) -> Result<Self, HubError> {
        let streams = Arc::new(Streams::new(options));
        let line = Arc::new(Line::new(options, Arc::clone(&streams))?);
        tokio::spawn(Arc::clone(&line).keep());
        let heartbeat = options
            .heartbeat
            .clamp(Duration::from_millis(1), LONGEST_SILENCE);
        Ok(Self(Arc::new(Inner {
            line,
            streams,
            heartbeat,
        })))
    }

    /// Whether messages arrive here at present.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.0.line.is_up()
    }

    /// How many streams are open on this instance.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.0.streams.count()
    }

    /// Sends `text` to all readers on all instances; returns how many instances heard it, this one included.
    ///
    /// `from` is taken as it is: pass the user that the session names, never one that the request does.
    ///
    /// # Errors
    /// [`PublishError::TooLong`]: over [`MESSAGE_LIMIT`](crate::MESSAGE_LIMIT) or [`FROM_LIMIT`](crate::FROM_LIMIT).
    /// [`PublishError::Hub`]: Redis didn't take it within [`Options::redis_timeout`], which includes the wait for a connection
    /// that is being opened anew.
    pub async fn publish(&self, from: &str, text: &str) -> Result<usize, PublishError> {
        let message = Message::new(from, text)?;
        Ok(self.0.line.publish(&message).await?)
    }

    /// A stream of all messages from now on, for a reader with the session `session` (its handle, not its id).
    ///
    /// It ends after `longest`, as nothing is published when a session times out: pass what is left to the session, the
    /// shorter of its two timeouts, and the reader returns when it is over and is refused.
    ///
    /// If the session has just ended, or the hub is closed, the stream ends as soon as it has begun: the reader returns,
    /// to whichever instance and with whichever session it has then.
    ///
    /// # Errors
    /// There are too many streams already: see [`Options`].
    pub fn subscribe(
        &self,
        session: &str,
        longest: Option<Duration>,
    ) -> Result<Subscription, TooManyStreams> {
        let (place, ring) = self.0.streams.open(session)?;
        Ok(Subscription::new(place, ring, self.0.heartbeat, longest))
    }

    /// Ends the streams of `session` (its handle) on all instances. To be called when the session is over or has got a
    /// new id, and after it was: else a reader could return before.
    ///
    /// # Errors
    /// Redis didn't take it in time. The streams on this instance are ended all the same.
    pub async fn end(&self, session: &str) -> Result<(), HubError> {
        self.0.streams.end(session);
        self.0.line.publish_end(session).await.map(drop)
    }

    /// Ends all streams on this instance at once, and takes no more messages. For SIGTERM: a server waits for its open
    /// responses, and these would never be done.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Inner {
    fn close(&self) {
        let ended = self.streams.close();
        self.line.close();
        if ended > 0 {
            log::info!("messages: {ended} streams ended, as the server is stopping");
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
            .field("ready", &self.ready())
            .field("streams", &self.streams())
            .finish()
    }
}
