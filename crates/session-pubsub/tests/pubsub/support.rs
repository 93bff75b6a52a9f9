//! A private Redis, hubs that use it, and subscribers.

use std::{convert::Infallible, pin::Pin, time::Duration};

use actix_web::{rt::time::timeout, web::Bytes};
use futures_util::{Stream, StreamExt};
use session_pubsub::{Hub, Options};
use testkit::{Persistence, Redis, TestEnv, wait_until};

/// The longest wait for a condition, on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) async fn redis() -> Redis {
    Redis::start(&TestEnv::new().unwrap(), Persistence::None)
        .await
        .unwrap()
}

/// A Redis that no hub can reach.
pub(super) const NOWHERE: &str = "redis://127.0.0.1:1";

/// Changes `options` so that a hub soon notices that Redis is gone.
pub(super) fn impatient(options: &mut Options) {
    options.redis_timeout = Duration::from_millis(300);
    options.redis_heartbeat = Duration::from_millis(200);
}

/// Opens a hub that may not reach Redis. It has long timeouts and no heartbeats, so that a slow machine changes
/// nothing, unless `change` sets others.
pub(super) fn open(url: &str, change: impl FnOnce(&mut Options)) -> Hub {
    let mut options = Options {
        redis_url: url.to_owned(),
        redis_timeout: Duration::from_secs(10),
        heartbeat: PATIENCE * 10,
        ..Options::default()
    };
    change(&mut options);
    Hub::open(&options).unwrap()
}

/// Opens a hub as [`open`] does, and waits until it receives messages.
pub(super) async fn hub(redis: &Redis, change: impl FnOnce(&mut Options)) -> Hub {
    let hub = open(&redis.url(), change);
    ready(&hub).await;
    hub
}

/// Starts Redis, and opens two instances on it.
pub(super) async fn two() -> (Redis, Hub, Hub) {
    let redis = redis().await;
    let (one, other) = (hub(&redis, |_| ()).await, hub(&redis, |_| ()).await);
    (redis, one, other)
}

pub(super) async fn ready(hub: &Hub) {
    wait("the hub to be ready", || hub.is_ready()).await;
}

pub(super) async fn wait(what: &str, condition: impl Fn() -> bool) {
    wait_until(what, PATIENCE, async || Ok(condition().then_some(())))
        .await
        .unwrap();
}

/// Publishes `count` messages at the same time, so in no particular order.
pub(super) async fn publish_many(hub: &Hub, count: usize, text: &str) {
    let publications = (0..count).map(|_| hub.publish("alice", text));
    for result in futures_util::future::join_all(publications).await {
        result.unwrap();
    }
}

/// The event that reports that Redis is gone.
const UNAVAILABLE: &str = "event: unavailable\ndata:\n\n";

/// A subscriber, which reads one stream.
pub(super) struct Subscriber(Pin<Box<dyn Stream<Item = Result<Bytes, Infallible>>>>);

impl Subscriber {
    /// Opens a stream for a session of a user who has no other, and reads its beginning.
    pub(super) async fn of(hub: &Hub, session: &str) -> Self {
        Self::limited(hub, session, None).await
    }

    pub(super) async fn limited(hub: &Hub, session: &str, longest: Option<Duration>) -> Self {
        let stream = hub.subscribe(session, session, longest);
        let mut subscriber = Self(Box::pin(stream.unwrap()));
        let retry = subscriber.chunk().await.unwrap();
        assert!(
            retry.starts_with("retry: ") && retry.ends_with("\n\n"),
            "{retry:?}"
        );
        subscriber
    }

    /// Returns the next chunk, or `None` at the end.
    pub(super) async fn chunk(&mut self) -> Option<String> {
        let chunk = timeout(PATIENCE, self.0.next())
            .await
            .expect("a chunk or the end of the stream")
            .map(Result::unwrap);
        chunk.map(|chunk| String::from_utf8(chunk.to_vec()).unwrap())
    }

    /// Returns the data of the next chunk, which must be an event.
    pub(super) async fn data(&mut self) -> String {
        let chunk = self.chunk().await.expect("an event, not the end");
        let data = chunk
            .strip_prefix("event: message\ndata: ")
            .and_then(|rest| rest.strip_suffix("\n\n"));
        data.unwrap_or_else(|| panic!("not an event: {chunk:?}"))
            .to_owned()
    }

    /// Returns the text of the next message.
    pub(super) async fn text(&mut self) -> String {
        let data: serde_json::Value = serde_json::from_str(&self.data().await).unwrap();
        data["message"].as_str().unwrap().to_owned()
    }

    /// Asserts that the stream ends now. Before the end it may report that Redis is gone.
    pub(super) async fn ends(&mut self) {
        let mut chunk = self.chunk().await;
        if chunk.as_deref() == Some(UNAVAILABLE) {
            chunk = self.chunk().await;
        }
        assert_eq!(chunk, None, "the stream goes on");
    }

    /// Asserts that the stream reports that Redis is gone.
    pub(super) async fn loses_redis(&mut self) {
        let mut chunk = self.chunk().await;
        while chunk.as_ref().is_some_and(|it| it.starts_with(':')) {
            chunk = self.chunk().await;
        }
        assert_eq!(chunk.as_deref(), Some(UNAVAILABLE));
    }

    /// Reads all remaining chunks up to the end.
    pub(super) async fn ends_later(&mut self) {
        let end = async { while self.chunk().await.is_some() {} };
        timeout(PATIENCE, end).await.expect("the end of the stream");
    }

    /// Returns whether the stream is open and nothing has arrived on it.
    pub(super) fn is_silent(&mut self) -> bool {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        self.0.poll_next_unpin(&mut context).is_pending()
    }
}
