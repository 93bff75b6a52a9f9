//! A private Redis, hubs that use it, and subscribers.

use std::{pin::Pin, time::Duration};

use actix_web::web::Bytes;
use futures_util::StreamExt;
use session_pubsub::{Hub, Options, Subscription};
use testkit::{Persistence, Redis, TestEnv, wait_until};

/// The longest wait for a condition, on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) async fn redis() -> Redis {
    Redis::start(&TestEnv::new().unwrap(), Persistence::None)
        .await
        .unwrap()
}

/// Options with long timeouts and without heartbeats, so that a slow machine changes nothing.
pub(super) fn options(url: &str) -> Options {
    Options {
        redis_url: url.to_owned(),
        redis_timeout: Duration::from_secs(10),
        heartbeat: PATIENCE * 10,
        ..Options::default()
    }
}

/// Options with which a hub soon notices that Redis is gone.
pub(super) fn impatient(url: &str) -> Options {
    Options {
        redis_timeout: Duration::from_millis(300),
        redis_heartbeat: Duration::from_millis(200),
        ..options(url)
    }
}

/// Opens a hub and waits until it receives messages.
pub(super) async fn hub(options: &Options) -> Hub {
    let hub = Hub::open(options).unwrap();
    ready(&hub).await;
    hub
}

/// Opens two instances on one Redis.
pub(super) async fn two(redis: &Redis) -> (Hub, Hub) {
    let options = options(&redis.url());
    (hub(&options).await, hub(&options).await)
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

/// A subscriber, which reads one stream.
pub(super) struct Subscriber(Pin<Box<Subscription>>);

impl Subscriber {
    /// Opens a stream and reads its beginning.
    pub(super) async fn of(hub: &Hub, session: &str) -> Self {
        Self::limited(hub, session, None).await
    }

    pub(super) async fn limited(hub: &Hub, session: &str, longest: Option<Duration>) -> Self {
        let mut subscriber = Self(Box::pin(hub.subscribe(session, longest).unwrap()));
        let retry = subscriber.chunk().await.unwrap();
        assert!(
            retry.starts_with("retry: ") && retry.ends_with("\n\n"),
            "{retry:?}"
        );
        subscriber
    }

    /// Returns the next chunk, or `None` at the end.
    pub(super) async fn chunk(&mut self) -> Option<String> {
        let chunk: Option<Bytes> = actix_web::rt::time::timeout(PATIENCE, self.0.next())
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

    /// Asserts that the stream ends now.
    pub(super) async fn ends(&mut self) {
        assert_eq!(self.chunk().await, None, "the stream goes on");
    }

    /// Reads all remaining chunks up to the end.
    pub(super) async fn ends_later(&mut self) {
        while self.chunk().await.is_some() {}
    }

    /// Returns whether the stream is open and nothing has arrived on it.
    pub(super) fn is_silent(&mut self) -> bool {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        self.0.poll_next_unpin(&mut context).is_pending()
    }
}
