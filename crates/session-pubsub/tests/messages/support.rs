//! A Redis of our own, hubs on it, and readers.

use std::{pin::Pin, time::Duration};

use actix_web::web::Bytes;
use session_pubsub::{Hub, Options, Subscription};
use testkit::{Persistence, Redis, TestEnv, wait_until};

/// Longest wait for a condition, on a machine that has much else to do.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) async fn redis() -> Redis {
    Redis::start(&TestEnv::new().unwrap(), Persistence::None)
        .await
        .unwrap()
}

/// Without impatience and without comments: a slow machine is no case of its own.
pub(super) fn options(url: &str) -> Options {
    Options {
        redis_url: url.to_owned(),
        redis_timeout: Duration::from_secs(10),
        heartbeat: PATIENCE * 10,
        ..Options::default()
    }
}

/// Notices soon that Redis is gone.
pub(super) fn impatient(url: &str) -> Options {
    let redis_timeout = Duration::from_millis(300);
    Options {
        redis_timeout,
        redis_heartbeat: Duration::from_millis(200),
        ..options(url)
    }
}

pub(super) async fn hub(options: &Options) -> Hub {
    let hub = Hub::open(options).unwrap();
    ready(&hub).await;
    hub
}

/// Two instances on one Redis.
pub(super) async fn two(redis: &Redis) -> (Hub, Hub) {
    (
        hub(&options(&redis.url())).await,
        hub(&options(&redis.url())).await,
    )
}

pub(super) async fn ready(hub: &Hub) {
    wait("the hub to be ready", || hub.ready()).await;
}

pub(super) async fn wait(what: &str, condition: impl Fn() -> bool) {
    wait_until(what, PATIENCE, async || Ok(condition().then_some(())))
        .await
        .unwrap();
}

/// Waits until `time` has gone by: what is waited for is the clock itself.
pub(super) async fn pass(time: Duration) {
    let start = std::time::Instant::now();
    wait("the clock", || start.elapsed() > time).await;
}

/// Who reads a stream.
pub(super) struct Reader(Pin<Box<Subscription>>);

impl Reader {
    /// One whose stream has begun.
    pub(super) async fn of(hub: &Hub, session: &str) -> Self {
        Self::lasting(hub, session, None).await
    }

    pub(super) async fn lasting(hub: &Hub, session: &str, longest: Option<Duration>) -> Self {
        let mut reader = Self(Box::pin(hub.subscribe(session, longest).unwrap()));
        let greeting = reader.chunk().await.unwrap();
        assert!(
            greeting.starts_with("retry: ") && greeting.ends_with("\n\n"),
            "{greeting:?}"
        );
        reader
    }

    /// What comes next; `None` at the end.
    pub(super) async fn chunk(&mut self) -> Option<String> {
        let next = next(&mut self.0);
        let chunk: Option<Bytes> = actix_web::rt::time::timeout(PATIENCE, next)
            .await
            .expect("something, or the end");
        chunk.map(|chunk| String::from_utf8(chunk.to_vec()).unwrap())
    }

    /// The data of the next event, which is the next that comes.
    pub(super) async fn data(&mut self) -> String {
        let chunk = self.chunk().await.expect("an event, not the end");
        let data = chunk
            .strip_prefix("event: message\ndata: ")
            .and_then(|rest| rest.strip_suffix("\n\n"));
        data.unwrap_or_else(|| panic!("no event: {chunk:?}"))
            .to_owned()
    }

    /// The text of the next event.
    pub(super) async fn text(&mut self) -> String {
        let data: serde_json::Value = serde_json::from_str(&self.data().await).unwrap();
        data["message"].as_str().unwrap().to_owned()
    }

    pub(super) async fn ends(&mut self) {
        assert_eq!(self.chunk().await, None, "the stream goes on");
    }

    /// Reads what still comes, and then the end.
    pub(super) async fn ends_after_all(&mut self) {
        let all = async { while self.chunk().await.is_some() {} };
        actix_web::rt::time::timeout(PATIENCE, all)
            .await
            .expect("the end");
    }

    /// Whether nothing has come, and no end either.
    pub(super) fn is_silent(&mut self) -> bool {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        futures_util::Stream::poll_next(self.0.as_mut(), &mut context).is_pending()
    }
}

async fn next(stream: &mut Pin<Box<Subscription>>) -> Option<Bytes> {
    std::future::poll_fn(|context| futures_util::Stream::poll_next(stream.as_mut(), context))
        .await
        .map(Result::unwrap)
}
