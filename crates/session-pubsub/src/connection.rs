//! The connection of this process to Redis, which subscribes and publishes, and is replaced when
//! it breaks.
//!
//! In RESP3 one connection can do both. An instance therefore never publishes a message while its
//! own streams are cut off.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use deadpool_redis::redis::{
    AsyncConnectionConfig, Client, Msg, PushInfo, PushKind, RedisError, aio::MultiplexedConnection,
    cmd,
};
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};

use crate::{HubError, Options, message::Message, streams::Streams};

/// The pause before each new attempt to connect. It also follows a connection that worked, so that
/// a Redis which closes every connection does not cause a busy loop.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// The longest handle of a session. Longer ones are ignored.
const HANDLE_LIMIT: usize = 64;

pub(crate) struct Connection {
    client: Client,
    address: String,
    channel: String,
    end_channel: String,
    timeout: Duration,
    heartbeat: Duration,
    streams: Arc<Streams>,
    state: watch::Sender<State>,
}

enum State {
    /// Not connected, with the error of the last attempt.
    Down(Option<HubError>),
    Up(MultiplexedConnection),
    Closed,
}

/// Receives what Redis sends over one connection to a subscriber of its channels.
struct Subscriber {
    /// Unset once the connection is given up. A late message of it could arrive twice, or out of
    /// order.
    active: AtomicBool,
    disconnected: Notify,
}

impl Connection {
    pub(crate) fn new(options: &Options, streams: Arc<Streams>) -> Result<Self, HubError> {
        let info = options.connection_info()?;
        Ok(Self {
            address: info.addr().to_string(),
            client: Client::open(info).map_err(|_| HubError::Url)?,
            channel: options.channel.clone(),
            end_channel: format!("{}-ended", options.channel),
            timeout: options.redis_timeout,
            heartbeat: options.redis_heartbeat,
            streams,
            state: watch::Sender::new(State::Down(None)),
        })
    }

    /// Publishes a message. Does not retry, because the message could arrive twice.
    pub(crate) async fn publish(&self, message: &Message) -> Result<usize, HubError> {
        self.with_timeout(self.publish_to(&self.channel, message.json()))
            .await
    }

    /// Publishes to all instances that `session` has ended. Retries until the timeout, because a
    /// second arrival does no harm.
    pub(crate) async fn publish_end(&self, session: &str) -> Result<usize, HubError> {
        self.with_timeout(async {
            loop {
                match self.publish_to(&self.end_channel, session.to_owned()).await {
                    Err(HubError::Unreachable { .. }) => sleep(RETRY_INTERVAL).await,
                    result => return result,
                }
            }
        })
        .await
    }

    pub(crate) fn is_up(&self) -> bool {
        matches!(*self.state.borrow(), State::Up(_))
    }

    pub(crate) fn close(&self) {
        self.state.send_replace(State::Closed);
    }

    /// Connects, and reconnects whenever the connection breaks, until [`close`](Self::close).
    pub(crate) async fn run(self: Arc<Self>) {
        let mut state = self.state.subscribe();
        tokio::select! {
            _ = state.wait_for(|state| matches!(state, State::Closed)) => {}
            never = self.keep_connected() => match never {},
        }
    }

    async fn keep_connected(self: &Arc<Self>) -> Infallible {
        let mut logged = false;
        loop {
            let subscriber = Arc::new(Subscriber {
                active: AtomicBool::new(true),
                disconnected: Notify::new(),
            });
            let error = match self.connect(&subscriber).await {
                Ok(connection) => {
                    log::info!(
                        "messages: subscribed to channel {:?} of Redis at {}",
                        self.channel,
                        self.address
                    );
                    logged = false;
                    self.set(State::Up(connection.clone()));
                    self.wait_for_failure(connection, &subscriber).await
                }
                Err(error) => error,
            };
            subscriber.active.store(false, Ordering::SeqCst);
            if !logged {
                log::warn!("messages: {error}; retrying until it works");
                logged = true;
            }
            self.set(State::Down(Some(error)));
            sleep(RETRY_INTERVAL).await;
        }
    }

    /// Opens a connection that is subscribed to both channels.
    async fn connect(
        self: &Arc<Self>,
        subscriber: &Arc<Subscriber>,
    ) -> Result<MultiplexedConnection, HubError> {
        let (this, receiver) = (Arc::clone(self), Arc::clone(subscriber));
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout))
            .set_push_sender(move |push| {
                this.receive(push, &receiver);
                Ok::<_, RedisError>(())
            });
        let connecting = async {
            let mut connection = self
                .client
                .get_multiplexed_async_connection_with_config(&config)
                .await?;
            connection.subscribe(&self.end_channel).await?;
            // A session may have ended while this instance was not subscribed, with streams still
            // open here. Ends arrive from here on. End all older streams before the first message
            // arrives, so that their subscribers reconnect and their sessions are checked.
            let ended = self.streams.end_all();
            if ended > 0 {
                log::info!(
                    "messages: ended {ended} streams after a time without Redis; browsers reconnect"
                );
            }
            connection.subscribe(&self.channel).await?;
            Ok(connection)
        };
        connecting.await.map_err(|error| self.error(&error))
    }

    /// Returns why the connection failed, once it is closed or does not answer a PING.
    async fn wait_for_failure(
        &self,
        mut connection: MultiplexedConnection,
        subscriber: &Subscriber,
    ) -> HubError {
        loop {
            tokio::select! {
                () = subscriber.disconnected.notified() => {
                    return HubError::Unreachable {
                        address: self.address.clone(),
                        reason: "the connection was closed".to_owned(),
                    };
                }
                () = sleep(self.heartbeat) => {}
            }
            if let Err(error) = cmd("PING").query_async::<()>(&mut connection).await {
                return self.error(&error);
            }
        }
    }

    /// Handles a push message of Redis. It must not block, because it runs where the connection is
    /// read.
    fn receive(&self, push: PushInfo, subscriber: &Subscriber) {
        if push.kind == PushKind::Disconnection {
            subscriber.disconnected.notify_one();
        }
        if !subscriber.active.load(Ordering::SeqCst) {
            return;
        }
        let Some(message) = Msg::from_push_info(push) else {
            return;
        };
        let payload = message.get_payload_bytes();
        if message.get_channel_name() == self.channel {
            match Message::parse(payload) {
                Some(message) => self.streams.send(message.event()),
                None => log::warn!(
                    "messages: ignored something on channel {:?} that is not a message",
                    self.channel
                ),
            }
        } else if let Ok(session) = str::from_utf8(payload)
            && session.len() <= HANDLE_LIMIT
        {
            self.streams.end(session);
        }
    }

    /// Publishes `payload` as soon as there is a connection. Returns how many connections received
    /// it.
    async fn publish_to(&self, channel: &str, payload: String) -> Result<usize, HubError> {
        let mut state = self.state.subscribe();
        let mut connection = match state
            .wait_for(|state| !matches!(state, State::Down(_)))
            .await
            .as_deref()
        {
            Ok(State::Up(connection)) => connection.clone(),
            _ => return Err(HubError::Closed),
        };
        cmd("PUBLISH")
            .arg(channel)
            .arg(payload)
            .query_async(&mut connection)
            .await
            .map_err(|error| self.error(&error))
    }

    /// Runs `publication` until the timeout. Returns the connection's own error if there is one.
    async fn with_timeout(
        &self,
        publication: impl Future<Output = Result<usize, HubError>>,
    ) -> Result<usize, HubError> {
        if let Ok(result) = timeout(self.timeout, publication).await {
            return result;
        }
        match &*self.state.borrow() {
            State::Down(Some(error)) => Err(error.clone()),
            State::Closed => Err(HubError::Closed),
            _ => Err(HubError::TimedOut {
                address: self.address.clone(),
                timeout: self.timeout,
            }),
        }
    }

    /// Changes the state, unless the connection is closed for good.
    fn set(&self, to: State) {
        self.state.send_if_modified(|state| {
            let open = !matches!(state, State::Closed);
            if open {
                *state = to;
            }
            open
        });
    }

    fn error(&self, error: &RedisError) -> HubError {
        HubError::new(error, &self.address, self.timeout)
    }
}
