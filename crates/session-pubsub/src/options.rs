//! The options of a hub: where Redis is, how long to wait for it, and how much a stream may cost.

use std::time::Duration;

use deadpool_redis::redis::{ConnectionInfo, IntoConnectionInfo, ProtocolVersion};

use crate::HubError;

/// The options of a [`Hub`](crate::Hub). The type has no `Debug`: the URL may contain a password.
#[derive(Clone)]
pub struct Options {
    /// The URL of Redis: `redis://user:password@host:port`, where only the host is required. Default:
    /// `redis://127.0.0.1:6379`.
    pub redis_url: String,
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
    /// Parses the URL, and selects RESP3, in which one connection can both publish and subscribe.
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
            streams_per_user: 12,
            streams_per_instance: 1000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusable_url_is_an_error_that_hides_the_password() {
        for (redis_url, expected) in [
            ("127.0.0.1", HubError::Url),
            ("redis://:hunter/2@:x", HubError::Url),
            ("rediss://:hunter2@127.0.0.1", HubError::Tls),
        ] {
            let options = Options {
                redis_url: redis_url.to_owned(),
                ..Options::default()
            };
            let error = options.connection_info().unwrap_err();
            assert_eq!(format!("{error:?}"), format!("{expected:?}"));
            assert!(!error.to_string().contains("hunter"), "{error}");
        }
    }
}
