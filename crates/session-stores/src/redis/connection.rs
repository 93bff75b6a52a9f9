//! The one connection that a worker keeps.
//!
//! deadpool checks a connection with UNWATCH and PING each time it hands it out. For each request that would be another
//! round trip. So each clone of the store takes one connection and keeps it. The connection is multiplexed: all
//! requests of the worker share it, and their commands share writes.

use std::{
    fmt,
    sync::{Mutex as StdMutex, MutexGuard as StdMutexGuard, PoisonError},
    time::{Duration, Instant},
};

use deadpool_redis::{
    Connection, Manager, Pool, Runtime, Timeouts,
    redis::{
        AsyncConnectionConfig, Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind,
        aio::MultiplexedConnection, cmd, from_redis_value,
    },
};
use tokio::sync::{Mutex, MutexGuard};

use super::{error::RedisStoreError, options::Options, server_info, undo::Undo};

/// Maximum number of clones that hold a connection at a time, far above any sensible number of workers.
const MAX_CONNECTIONS: usize = 1024;

/// Time between two attempts to reach a Redis that did not answer. Meanwhile requests fail at once. There is no pause
/// after a refused connection, which costs no time.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// The treatment of a command whose connection breaks before the reply. Redis may have run it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LostReply {
    /// It is sent again over a new connection. So it must do no harm if Redis runs it twice.
    SendAgain,
    /// It fails, and its outcome stays unknown.
    Fail,
}

/// Holds one connection, taken from a pool that all clones share. A clone starts without a connection and takes its
/// own.
pub(super) struct SharedConnection {
    pool: Pool,
    address: String,
    timeout: Duration,
    slot: Mutex<Slot>,
    outages: StdMutex<Outages>,
}

#[derive(Default)]
struct Slot {
    held: Option<Connection>,
    /// Counts connections, so that a late error of an older one doesn't drop the current one.
    generation: u64,
}

#[derive(Default)]
struct Outages {
    /// The outage that has not ended yet, as far as we know.
    current: Option<Outage>,
    /// Counts failures. A request that waited while it changed does not have to try again.
    failures: u64,
}

#[derive(Clone)]
struct Outage {
    error: RedisStoreError,
    retry_at: Instant,
}

impl SharedConnection {
    pub(super) fn new(options: &Options) -> Result<Self, RedisStoreError> {
        let info = options.connection_info()?;
        let address = info.addr().to_string();
        let timeout = options.timeout;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(timeout))
            .set_response_timeout(Some(timeout));
        let failed = |error: RedisError| RedisStoreError::new(&error, &address, timeout);
        let manager = Manager::new_with_config(info, config).map_err(failed)?;
        let pool = Pool::builder(manager)
            .max_size(MAX_CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .build()
            .expect("a runtime for the timeouts is set");
        Ok(Self::empty(pool, address, timeout))
    }

    fn empty(pool: Pool, address: String, timeout: Duration) -> Self {
        Self {
            pool,
            address,
            timeout,
            slot: Mutex::default(),
            outages: StdMutex::default(),
        }
    }

    /// Checks that Redis can be reached, accepts the password, and is new enough. Does not keep the connection, because
    /// the thread that creates a connection drives it, and each worker has its own thread.
    pub(super) async fn check(&self) -> Result<(), RedisStoreError> {
        let mut connection = Connection::take(self.take_from_pool().await?);
        match cmd("INFO").query_async::<String>(&mut connection).await {
            Ok(info) => server_info::check(&info, &self.address),
            Err(error) if error.kind() == ServerErrorKind::NoPerm.into() => {
                log::debug!("cannot check the version and the eviction policy of Redis: {error}");
                Ok(())
            }
            Err(error) => Err(self.explain(&error)),
        }
    }

    /// Sends `command` and waits for its reply. `lost_reply` decides what happens if the connection breaks, which an
    /// idle one only notices now.
    ///
    /// Rare work is boxed. Otherwise the future of each command would have room for it.
    pub(super) async fn query<T: FromRedisValue>(
        &self,
        command: &Cmd,
        lost_reply: LostReply,
    ) -> Result<T, RedisStoreError> {
        let (mut connection, generation) = match self.held() {
            Some(held) => held,
            None => Box::pin(self.acquire()).await?,
        };
        // Not `Cmd::query_async`, which boxes this future.
        let reply = connection.send_packed_command(command).await;
        let value = reply.and_then(|reply| Ok(from_redis_value(reply.extract_error()?)?));
        match value {
            Err(error) if is_broken(&error) => {
                if lost_reply == LostReply::Fail || error.is_timeout() {
                    return Err(Box::pin(self.note_broken(generation, &error)).await);
                }
                Box::pin(self.discard(generation)).await;
                Box::pin(self.query(command, LostReply::Fail)).await
            }
            value => value.map_err(|error| self.explain(&error)),
        }
    }

    /// Returns what takes back the next command if its reply does not come in time.
    pub(super) async fn undo(&self, command: Cmd) -> Result<Undo, RedisStoreError> {
        let (connection, _) = self.acquire().await?;
        Ok(Undo::new(connection, command))
    }

    /// Returns the connection and its generation, unless there is none or another request is replacing it.
    fn held(&self) -> Option<(MultiplexedConnection, u64)> {
        let slot = self.slot.try_lock().ok()?;
        let connection = slot.held.as_ref()?;
        Some((MultiplexedConnection::clone(connection), slot.generation))
    }

    /// Returns the connection and its generation. Takes one from the pool if there is none.
    async fn acquire(&self) -> Result<(MultiplexedConnection, u64), RedisStoreError> {
        let (outage, failures) = self.outage();
        let mut slot = match outage {
            None => self.slot.lock().await,
            Some(outage) => self.slot_to_probe(outage)?,
        };
        if let Some(connection) = &slot.held {
            self.lock_outages().current = None;
            return Ok((MultiplexedConnection::clone(connection), slot.generation));
        }
        // If another request failed to connect while we waited for the lock, return its error. Otherwise each queued
        // request would run into its own timeout.
        if let (Some(outage), now) = self.outage()
            && now != failures
        {
            return Err(outage.error);
        }
        let taken = self.take_from_pool().await;
        let mut connection = taken.map_err(|error| self.note_outage(error))?;
        if self.outage().0.is_some() {
            // A paused Redis accepts connections.
            let reply = cmd("PING").query_async::<()>(&mut connection).await;
            if let Err(error) = reply.or_else(answered) {
                drop(Connection::take(connection));
                return Err(self.note_outage(self.explain(&error)));
            }
            self.lock_outages().current = None;
            log::info!("Redis at {} answers again", self.address);
        }
        slot.generation += 1;
        let clone = MultiplexedConnection::clone(&connection);
        slot.held = Some(connection);
        Ok((clone, slot.generation))
    }

    /// Returns the slot if this request may find out whether the outage has ended.
    fn slot_to_probe(&self, outage: Outage) -> Result<MutexGuard<'_, Slot>, RedisStoreError> {
        if Instant::now() < outage.retry_at {
            return Err(outage.error);
        }
        self.slot.try_lock().map_err(|_| outage.error)
    }

    async fn take_from_pool(&self) -> Result<Connection, RedisStoreError> {
        let limit = Some(self.timeout);
        let timeouts = Timeouts {
            wait: limit,
            create: limit,
            recycle: limit,
        };
        // Boxed because it is large, and would make the future of each command as large.
        let taken = Box::pin(self.pool.timeout_get(&timeouts)).await;
        taken.map_err(|error| RedisStoreError::of_pool(error, &self.address, self.timeout))
    }

    /// Closes the connection of `generation`. Returns false if it has been replaced already.
    async fn discard(&self, generation: u64) -> bool {
        let mut slot = self.slot.lock().await;
        if slot.generation == generation
            && let Some(connection) = slot.held.take()
        {
            drop(Connection::take(connection));
            return true;
        }
        false
    }

    /// Closes the connection of `generation` because of `error`, and notes an outage. The error of an older connection
    /// is not an outage, because there is or will be a newer connection.
    async fn note_broken(&self, generation: u64, error: &RedisError) -> RedisStoreError {
        let error = self.explain(error);
        if self.discard(generation).await {
            self.note_outage(error)
        } else {
            error
        }
    }

    fn note_outage(&self, error: RedisStoreError) -> RedisStoreError {
        let pause = if matches!(error, RedisStoreError::TimedOut { .. }) {
            RETRY_INTERVAL
        } else {
            Duration::ZERO
        };
        let mut outages = self.lock_outages();
        outages.current = Some(Outage {
            error: error.clone(),
            retry_at: Instant::now() + pause,
        });
        outages.failures += 1;
        error
    }

    /// Returns the current outage, and the number of failures so far.
    fn outage(&self) -> (Option<Outage>, u64) {
        let outages = self.lock_outages();
        (outages.current.clone(), outages.failures)
    }

    fn lock_outages(&self) -> StdMutexGuard<'_, Outages> {
        self.outages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn explain(&self, error: &RedisError) -> RedisStoreError {
        RedisStoreError::new(error, &self.address, self.timeout)
    }
}

impl Clone for SharedConnection {
    fn clone(&self) -> Self {
        Self::empty(self.pool.clone(), self.address.clone(), self.timeout)
    }
}

impl fmt::Debug for SharedConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedConnection")
            .field("address", &self.address)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Returns the error of a connection that must be replaced. Any other error is an answer of Redis.
fn answered(error: RedisError) -> Result<(), RedisError> {
    if is_broken(&error) {
        Err(error)
    } else {
        Ok(())
    }
}

/// Returns whether the connection must be replaced. The redis crate keeps a connection after a timeout and after the
/// errors of a demoted primary (READONLY, NOREPLICAS), but further replies on it would be wrong.
fn is_broken(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_unrecoverable_error()
        || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
        || error.code() == Some("NOREPLICAS")
}
