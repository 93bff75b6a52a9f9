//! The options of a hub: where Redis is, how long to wait for it, and how much a stream may cost.

use std::time::Duration;

use deadpool_redis::redis::{ConnectionInfo, IntoConnectionInfo, ProtocolVersion};

/// The options of a [`Hub`](crate::Hub).
#[derive(Clone)]
pub struct Options {
    /// Where and how to connect to Redis; `session_stores::redis::Options::connection_info` makes it of a URL. Default:
    /// `redis://127.0.0.1:6379`.
    pub redis: ConnectionInfo,
    /// The Redis channel for messages. `{channel}-ended` carries JSON arrays with the handles of sessions that have
    /// ended. Channels are shared by all databases of a Redis, so two applications need two names. Default: `messages`.
    pub channel: String,
    /// The longest wait for Redis: for a connection, for an answer, and for a publication as a whole. Default: 500 ms.
    pub redis_timeout: Duration,
    /// The interval between PINGs to Redis. Together with `redis_timeout` it limits how long a broken connection goes
    /// unnoticed. Default: 2 s.
    pub redis_heartbeat: Duration,
    /// The silence after which a stream sends a comment. The comment keeps proxies from closing the stream, and lets
    /// the server notice a client that is gone. Keep it below half of the load balancer's `timeout server`. Default: 10
    /// s.
    pub heartbeat: Duration,
    /// How many messages a subscriber may be behind before its stream ends. All streams share one buffer. A message
    /// takes at most 14 KiB, so the default takes at most 14 MiB, whatever the number of streams. Rounded up to a power
    /// of two. Default: 1024.
    pub backlog: usize,
    /// How many streams one user may have open on this instance, in all sessions together. Default: 12, twice the
    /// number of connections that a browser opens to one host.
    pub streams_per_user: usize,
    /// How many streams may be open on this instance. Default: 1000.
    pub streams_per_instance: usize,
}

impl Options {
    /// Selects RESP3, in which one connection can both publish and subscribe.
    pub(crate) fn connection_info(&self) -> ConnectionInfo {
        let settings = self.redis.redis_settings().clone();
        let settings = settings.set_protocol(ProtocolVersion::RESP3);
        self.redis.clone().set_redis_settings(settings)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            redis: "redis://127.0.0.1:6379"
                .into_connection_info()
                .expect("it is a Redis URL"),
            channel: "messages".to_owned(),
            redis_timeout: Duration::from_millis(500),
            redis_heartbeat: Duration::from_secs(2),
            heartbeat: Duration::from_secs(10),
            backlog: 1024,
            streams_per_user: 12,
            streams_per_instance: 1000,
        }
    }
}
