//! Where Redis is, how long to wait for it, how much a reader may cost.

use std::{fmt, time::Duration};

use deadpool_redis::redis::{ConnectionInfo, IntoConnectionInfo, ProtocolVersion};

use crate::HubError;

/// The options of a [`Hub`](crate::Hub).
#[derive(Clone)]
pub struct Options {
    /// `redis://user:password@host:port`, all but the host optional. Default: `redis://127.0.0.1:6379`.
    pub redis_url: String,
    /// The channel of Redis on which messages go; `{channel}-ended` carries the handles of sessions that ended. Channels
    /// know no databases: two applications on one Redis need two names. Default: `messages`.
    pub channel: String,
    /// The longest wait for Redis: for a connection, for an answer, and for a publication as a whole. Default: 500 ms.
    pub redis_timeout: Duration,
    /// How often Redis is asked whether it is still there. With `redis_timeout` it bounds how long a connection that is
    /// dead without an end goes unnoticed. Default: 2 s.
    pub redis_heartbeat: Duration,
    /// After how much silence a reader is sent a comment, so that nobody in between takes the stream for dead and a
    /// reader that is gone is noticed. Keep it under half of the balancer's `timeout server`. Default: 10 s.
    pub heartbeat: Duration,
    /// How many messages a reader may be behind before it is dropped. They are kept once for all readers: at most 14 KiB
    /// each, so 14 MiB in all, whatever the number of readers; a hundredth of that with messages of a line. Rounded up to
    /// a power of two. Default: 1024.
    pub backlog: usize,
    /// How many streams one session may have open on this instance. Default: 6, as many connections as browsers
    /// open to one host.
    pub streams_of_a_session: usize,
    /// How many streams may be open on this instance in all. Default: 1000.
    pub streams: usize,
}

impl Options {
    /// The address of Redis, in the protocol in which one connection can both publish and listen.
    pub(crate) fn connection_info(&self) -> Result<ConnectionInfo, HubError> {
        if self.redis_url.starts_with("rediss://") {
            return Err(HubError::Tls);
        }
        let info = self
            .redis_url
            .as_str()
            .into_connection_info()
            .map_err(|_| HubError::Url)?;
        let settings = info
            .redis_settings()
            .clone()
            .set_protocol(ProtocolVersion::RESP3);
        let tcp = info.tcp_settings().clone().set_nodelay(true);
        Ok(info.set_redis_settings(settings).set_tcp_settings(tcp))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            redis_url: "redis://127.0.0.1:6379".to_owned(),
            channel: "messages".to_owned(),
            redis_timeout: Duration::from_millis(500),
            redis_heartbeat: Duration::from_secs(2),
            heartbeat: Duration::from_secs(10),
            backlog: 1024,
            streams_of_a_session: 6,
            streams: 1000,
        }
    }
}

/// Says nothing of the URL, which may hold a password.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("channel", &self.channel)
            .field("redis_timeout", &self.redis_timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_shows() {
        let options = Options {
            redis_url: "redis://:hunter2@127.0.0.1".to_owned(),
            ..Options::default()
        };
        assert!(!format!("{options:?}").contains("hunter2"));
        let unreadable = Options {
            redis_url: "redis://:hunter/2@:x".to_owned(),
            ..Options::default()
        };
        let error = unreadable.connection_info().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter"), "{error}");
    }
}
