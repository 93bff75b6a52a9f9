//! The connection of this process to Redis, which subscribes and publishes, and is replaced when it breaks.
//!
//! In RESP3 one connection can do both. An instance therefore never publishes a message while its own streams are cut
//! off.

use std::{
    convert::Infallible,
    sync::{Arc, Weak},
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

use crate::{HubError, Options, message::Message, stream::UNAVAILABLE, streams::Streams};

/// The pause before each new attempt to connect. It also follows a connection that worked, so that a Redis which closes
/// every connection does not cause a busy loop.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// The longest handle of a session. Longer ones are ignored.
const HANDLE_LIMIT: usize = 64;
/// The most sessions whose end one message announces.
const ENDS_PER_MESSAGE: usize = 200;
/// The longest such message: a JSON array, in which a byte of a handle may take six.
const ENDS_LIMIT: usize = ENDS_PER_MESSAGE * (6 * HANDLE_LIMIT + 3) + 2;

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

/// The connection while there is one. Otherwise, the error of the last attempt, or [`HubError::Closed`] for good.
type State = Result<MultiplexedConnection, HubError>;

impl Connection {
    pub(crate) fn new(options: &Options, streams: Arc<Streams>) -> Result<Self, HubError> {
        let info = options.connection_info()?;
        Ok(Self {
            address: info.addr().to_string(),
            // Until the first attempt to connect has ended.
            state: watch::Sender::new(Err(HubError::TimedOut {
                address: info.addr().to_string(),
                timeout: options.redis_timeout,
            })),
            client: Client::open(info).map_err(|_| HubError::Url)?,
            channel: options.channel.clone(),
            end_channel: format!("{}-ended", options.channel),
            timeout: options.redis_timeout,
            heartbeat: options.redis_heartbeat,
            streams,
        })
    }

    /// Publishes a message. Does not retry, because the message could arrive twice.
    pub(crate) async fn publish(&self, message: &Message) -> Result<usize, HubError> {
        self.with_timeout(self.publish_to(&self.channel, message.json()))
            .await
    }

    /// Publishes to all instances that `sessions` have ended. Retries until the timeout, because a second arrival does
    /// no harm.
    pub(crate) async fn publish_ends(&self, sessions: &[&str]) -> Result<(), HubError> {
        self.with_timeout(async {
            for sessions in sessions.chunks(ENDS_PER_MESSAGE) {
                let json = serde_json::to_string(sessions).expect("strings always serialize");
                while let Err(error) = self.publish_to(&self.end_channel, json.clone()).await {
                    match error {
                        HubError::Unreachable { .. } => sleep(RETRY_INTERVAL).await,
                        error => return Err(error),
                    }
                }
            }
            Ok(())
        })
        .await
    }

    pub(crate) fn is_up(&self) -> bool {
        self.state.borrow().is_ok()
    }

    pub(crate) fn close(&self) {
        self.set(Err(HubError::Closed));
    }

    /// Connects, and reconnects whenever the connection breaks, until [`close`](Self::close).
    pub(crate) async fn run(self: Arc<Self>) {
        let mut state = self.state.subscribe();
        tokio::select! {
            _ = state.wait_for(|state| matches!(state, Err(HubError::Closed))) => {}
            never = self.keep_connected() => match never {},
        }
    }

    async fn keep_connected(self: &Arc<Self>) -> Infallible {
        let mut logged = false;
        loop {
            // Dropped when the connection is given up: a late message of it could arrive twice, or out of order.
            let disconnected = Arc::new(Notify::new());
            let error = match self.connect(Arc::downgrade(&disconnected)).await {
                Ok(connection) => {
                    log::info!(
                        "messages: subscribed to channel {:?} of Redis at {}",
                        self.channel,
                        self.address
                    );
                    logged = false;
                    self.set(Ok(connection.clone()));
                    let error = self.wait_for_failure(connection, &disconnected).await;
                    self.streams.send(UNAVAILABLE);
                    error
                }
                Err(error) => error,
            };
            drop(disconnected);
            if !logged {
                log::warn!("messages: {error}; retrying until it works");
                logged = true;
            }
            self.set(Err(error));
            sleep(RETRY_INTERVAL).await;
        }
    }

    /// Opens a connection that is subscribed to both channels. It notifies `disconnected` when it is closed, and
    /// receives messages for as long as that exists.
    async fn connect(
        self: &Arc<Self>,
        disconnected: Weak<Notify>,
    ) -> Result<MultiplexedConnection, HubError> {
        let this = Arc::clone(self);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout))
            .set_push_sender(move |push: PushInfo| {
                match disconnected.upgrade() {
                    Some(it) if push.kind == PushKind::Disconnection => it.notify_one(),
                    Some(_) => this.receive(push),
                    None => {}
                }
                Ok::<_, RedisError>(())
            });
        let connecting = async {
            let mut connection = self
                .client
                .get_multiplexed_async_connection_with_config(&config)
                .await?;
            connection.subscribe(&self.end_channel).await?;
            // A session may have ended while this instance was not subscribed, with streams still open here. Ends
            // arrive from here on. End all older streams before the first message arrives, so that their subscribers
            // reconnect and their sessions are checked.
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
        disconnected: &Notify,
    ) -> HubError {
        loop {
            tokio::select! {
                () = disconnected.notified() => {
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

    /// Handles a push message of Redis. It must not block, because it runs where the connection is read.
    fn receive(&self, push: PushInfo) {
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
        } else if payload.len() <= ENDS_LIMIT
            && let Ok(mut sessions) = serde_json::from_slice::<Vec<String>>(payload)
        {
            sessions.retain(|session| session.len() <= HANDLE_LIMIT);
            self.streams.end(&sessions);
        }
    }

    /// Publishes `payload` as soon as there is a connection. Returns how many connections received it.
    async fn publish_to(&self, channel: &str, payload: String) -> Result<usize, HubError> {
        let mut state = self.state.subscribe();
        let connection = state
            .wait_for(|state| matches!(state, Ok(_) | Err(HubError::Closed)))
            .await
            .map_or(Err(HubError::Closed), |state| state.clone());
        cmd("PUBLISH")
            .arg(channel)
            .arg(payload)
            .query_async(&mut connection?)
            .await
            .map_err(|error| self.error(&error))
    }

    /// Runs `publication` until the timeout. Returns the connection's own error if there is one.
    async fn with_timeout<T>(
        &self,
        publication: impl Future<Output = Result<T, HubError>>,
    ) -> Result<T, HubError> {
        if let Ok(result) = timeout(self.timeout, publication).await {
            return result;
        }
        self.state.borrow().clone()?;
        Err(HubError::TimedOut {
            address: self.address.clone(),
            timeout: self.timeout,
        })
    }

    /// Changes the state, unless the connection is closed for good.
    fn set(&self, to: State) {
        self.state.send_if_modified(|state| {
            let open = !matches!(state, Err(HubError::Closed));
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
