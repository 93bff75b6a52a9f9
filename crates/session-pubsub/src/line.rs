//! The one connection to Redis of this process, which both listens and publishes, and is opened anew when it breaks.
//!
//! In RESP3 one connection can do both. So what is published over it is heard on it: an instance never takes a message
//! while its own readers are cut off.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use deadpool_redis::redis::{
    AsyncConnectionConfig, Client, FromRedisValue, Msg, PushInfo, PushKind, RedisError,
    aio::MultiplexedConnection, cmd,
};
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};

use crate::{HubError, Options, frame::Message, streams::Streams};

/// Between two attempts to connect; also after a connection that was good, so that one which breaks at once is no loop.
const PAUSE: Duration = Duration::from_millis(100);

/// The longest handle of a session; what is longer is none of ours.
const HANDLE_LIMIT: usize = 64;

pub(crate) struct Line {
    client: Client,
    address: String,
    channel: String,
    ends: String,
    timeout: Duration,
    heartbeat: Duration,
    streams: Arc<Streams>,
    state: watch::Sender<State>,
}

enum State {
    /// And why, once an attempt has failed.
    Down(Option<HubError>),
    Up(MultiplexedConnection),
    Closed,
}

/// What hears a connection's messages.
struct Ear {
    /// Off once the connection is given up: a late message of it would come twice, or out of order.
    on: AtomicBool,
    lost: Notify,
}

impl Line {
    pub(crate) fn new(options: &Options, streams: Arc<Streams>) -> Result<Self, HubError> {
        let info = options.connection_info()?;
        Ok(Self {
            address: info.addr().to_string(),
            client: Client::open(info).map_err(|_| HubError::Url)?,
            channel: options.channel.clone(),
            ends: format!("{}-ended", options.channel),
            timeout: options.redis_timeout,
            heartbeat: options.redis_heartbeat,
            streams,
            state: watch::Sender::new(State::Down(None)),
        })
    }

    /// Publishes a message. Not tried twice: it might be delivered twice.
    pub(crate) async fn publish(&self, message: &Message) -> Result<usize, HubError> {
        self.bounded(self.ask(&self.channel, message.json())).await
    }

    /// Tells all instances that `session` has ended. Tried again while there is time: twice is as good as once.
    pub(crate) async fn publish_end(&self, session: &str) -> Result<usize, HubError> {
        self.bounded(async {
            loop {
                match self.ask(&self.ends, session.to_owned()).await {
                    Err(HubError::Unreachable { .. }) => sleep(PAUSE).await,
                    answer => return answer,
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

    /// Keeps the connection until [`close`](Self::close).
    pub(crate) async fn keep(self: Arc<Self>) {
        let mut state = self.state.subscribe();
        tokio::select! {
            _ = state.wait_for(|state| matches!(state, State::Closed)) => {}
            never = self.keep_open() => match never {},
        }
    }

    async fn keep_open(self: &Arc<Self>) -> std::convert::Infallible {
        let mut told = false;
        loop {
            let ear = Arc::new(Ear {
                on: AtomicBool::new(true),
                lost: Notify::new(),
            });
            let error = match self.open(&ear).await {
                Ok(connection) => {
                    log::info!(
                        "messages: listening on channel {:?} of Redis at {}",
                        self.channel,
                        self.address
                    );
                    told = false;
                    self.set(State::Up(connection.clone()));
                    self.watch_over(connection, &ear).await
                }
                Err(error) => error,
            };
            ear.on.store(false, Ordering::SeqCst);
            if !told {
                log::warn!("messages: {error}; trying again until it works");
                told = true;
            }
            self.set(State::Down(Some(error)));
            sleep(PAUSE).await;
        }
    }

    /// A connection that listens.
    async fn open(self: &Arc<Self>, ear: &Arc<Ear>) -> Result<MultiplexedConnection, HubError> {
        let (line, hears) = (Arc::clone(self), Arc::clone(ear));
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout))
            .set_push_sender(move |push| {
                line.hear(push, &hears);
                Ok::<_, RedisError>(())
            });
        let opened = async {
            let mut connection = self
                .client
                .get_multiplexed_async_connection_with_config(&config)
                .await?;
            connection.subscribe(&self.ends).await?;
            // While nobody listened, a session may have ended whose streams are still open. From here on ends are heard;
            // the streams from before go, before the first message does: their readers return and are asked who they are.
            let ended = self.streams.end_all();
            if ended > 0 {
                log::info!(
                    "messages: {ended} streams ended, to be opened anew after the time without Redis"
                );
            }
            connection.subscribe(&self.channel).await?;
            Ok(connection)
        };
        opened.await.map_err(|error| self.explain(&error))
    }

    /// Returns when the connection is lost: closed, or without an answer to a PING.
    async fn watch_over(&self, mut connection: MultiplexedConnection, ear: &Ear) -> HubError {
        loop {
            tokio::select! {
                () = ear.lost.notified() => {
                    return HubError::Unreachable { address: self.address.clone(), reason: "the connection was closed".to_owned() };
                }
                () = sleep(self.heartbeat) => {}
            }
            if let Err(error) = cmd("PING").query_async::<()>(&mut connection).await {
                return self.explain(&error);
            }
        }
    }

    /// What Redis sends of its own accord. Doesn't wait for anything: it runs where the connection is read.
    fn hear(&self, push: PushInfo, ear: &Ear) {
        if push.kind == PushKind::Disconnection {
            ear.lost.notify_one();
        }
        let Some(message) = Msg::from_push_info(push).filter(|_| ear.on.load(Ordering::SeqCst))
        else {
            return;
        };
        if message.get_channel_name() == self.channel {
            match Message::read(message.get_payload_bytes()) {
                Some(message) => self.streams.hand_out(message.event()),
                None => log::warn!(
                    "messages: something on channel {:?} is no message, and is ignored",
                    self.channel
                ),
            }
        } else if let Ok(session) = str::from_utf8(message.get_payload_bytes())
            && session.len() <= HANDLE_LIMIT
        {
            self.streams.end(session);
        }
    }

    /// PUBLISH, as soon as there is a connection. Returns how many connections heard it.
    async fn ask(&self, channel: &str, payload: String) -> Result<usize, HubError> {
        let mut connection = self.connection().await?;
        let answer = cmd("PUBLISH")
            .arg(channel)
            .arg(payload)
            .query_async(&mut connection)
            .await;
        answer.map_err(|error| self.explain(&error))
    }

    async fn connection(&self) -> Result<MultiplexedConnection, HubError> {
        let mut state = self.state.subscribe();
        let known = state
            .wait_for(|state| !matches!(state, State::Down(_)))
            .await;
        match known.as_deref() {
            Ok(State::Up(connection)) => Ok(connection.clone()),
            _ => Err(HubError::Closed),
        }
    }

    /// What `asking` gives, if it does so in time.
    async fn bounded<T: FromRedisValue>(
        &self,
        asking: impl Future<Output = Result<T, HubError>>,
    ) -> Result<T, HubError> {
        if let Ok(answer) = timeout(self.timeout, asking).await {
            return answer;
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

    /// What is closed stays closed.
    fn set(&self, to: State) {
        self.state.send_if_modified(|state| {
            let open = !matches!(state, State::Closed);
            if open {
                *state = to;
            }
            open
        });
    }

    fn explain(&self, error: &RedisError) -> HubError {
        HubError::new(error, &self.address, self.timeout)
    }
}
