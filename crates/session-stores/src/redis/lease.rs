//! The one connection that a worker keeps.
//!
//! deadpool checks a connection with UNWATCH and PING each time it is handed out; taken out for each request, that is a
//! round trip more than the command itself. So each clone of the store takes one connection and keeps it. It is
//! multiplexed: requests of the worker share it, and their commands share writes.

use std::{
    fmt,
    sync::{Mutex as StdMutex, MutexGuard as StdMutexGuard, PoisonError},
    time::{Duration, Instant},
};

use deadpool_redis::{
    Connection, Manager, Pool, Runtime, Timeouts,
    redis::{
        AsyncConnectionConfig, Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind,
        aio::MultiplexedConnection, cmd,
    },
};
use tokio::sync::{Mutex, MutexGuard};

use super::{Options, RedisStoreError};

/// Upper bound of clones that hold a connection at a time; far above any sensible number of workers.
const MAX_CONNECTIONS: usize = 1024;

/// How long requests fail without asking, once Redis was found not to answer. A refusal costs nothing to ask for again.
const PAUSE: Duration = Duration::from_millis(100);

/// A place for one connection, empty in every clone, and the pool that fills it, shared by all clones.
pub(super) struct Lease {
    pool: Pool,
    address: String,
    timeout: Duration,
    slot: Mutex<Slot>,
    outages: StdMutex<Outages>,
}

#[derive(Default)]
struct Slot {
    held: Option<Connection>,
    /// Counts connections, so that a late error of an older one doesn't cost the present one.
    generation: u64,
}

#[derive(Default)]
struct Outages {
    /// The one that is not over yet, as far as is known.
    present: Option<Outage>,
    /// How many failures have been noted: who waited while one was knows that it need not try.
    noted: u64,
}

#[derive(Clone)]
struct Outage {
    error: RedisStoreError,
    ask_again: Instant,
}

impl Lease {
    pub(super) fn new(options: &Options) -> Result<Self, RedisStoreError> {
        let info = options.connection_info()?;
        let address = info.addr().to_string();
        let timeout = options.redis_timeout;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(timeout))
            .set_response_timeout(Some(timeout));
        let manager = Manager::new_with_config(info, config).map_err(|_| RedisStoreError::Url)?;
        let pool = Pool::builder(manager)
            .max_size(MAX_CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .build()
            .expect("the timeouts have their runtime");
        Ok(Self::on(pool, address, timeout))
    }

    fn on(pool: Pool, address: String, timeout: Duration) -> Self {
        Self {
            pool,
            address,
            timeout,
            slot: Mutex::default(),
            outages: StdMutex::default(),
        }
    }

    /// Asks once, over a connection that isn't kept: one is driven by the thread that made it, and workers have their own.
    pub(super) async fn check(&self, key: &str) -> Result<(), RedisStoreError> {
        let mut connection = Connection::take(self.fresh().await?);
        let asked: Result<Option<Vec<u8>>, _> =
            cmd("GETEX").arg(key).query_async(&mut connection).await;
        asked.map(drop).map_err(|error| self.explain(&error))
    }

    /// Sends `command` and waits for its answer.
    ///
    /// If the connection turns out to be gone, which an idle one only notices now, it is sent once more over a fresh one:
    /// each command of this store may be applied twice.
    pub(super) async fn query<T: FromRedisValue>(
        &self,
        command: &Cmd,
    ) -> Result<T, RedisStoreError> {
        let (mut connection, generation) = self.acquire().await?;
        match command.query_async(&mut connection).await {
            Err(error) if is_broken(&error) && error.is_timeout() => {
                return Err(self.broken(generation, &error).await);
            }
            Err(error) if is_broken(&error) => drop(self.give_up(generation).await),
            answer => return answer.map_err(|error| self.explain(&error)),
        }
        let (mut connection, generation) = self.acquire().await?;
        match command.query_async(&mut connection).await {
            Err(error) if is_broken(&error) => Err(self.broken(generation, &error).await),
            answer => answer.map_err(|error| self.explain(&error)),
        }
    }

    /// The kept connection and its generation; takes a fresh one if there is none.
    async fn acquire(&self) -> Result<(MultiplexedConnection, u64), RedisStoreError> {
        let (outage, noted) = self.outage();
        let mut slot = match outage {
            None => self.slot.lock().await,
            Some(outage) => self.slot_to_probe(outage)?,
        };
        if let Some(connection) = &slot.held {
            self.lock_outages().present = None;
            return Ok((MultiplexedConnection::clone(connection), slot.generation));
        }
        // Who had to wait here may have waited for an attempt that failed; another one each would add up.
        if let (Some(outage), now) = self.outage()
            && now != noted
        {
            return Err(outage.error);
        }
        let connection = self
            .fresh()
            .await
            .map_err(|error| self.note_outage(error))?;
        if self.lock_outages().present.take().is_some() {
            log::info!("Redis at {} answers again", self.address);
        }
        slot.generation += 1;
        let clone = MultiplexedConnection::clone(&connection);
        slot.held = Some(connection);
        Ok((clone, slot.generation))
    }

    /// In an outage: the slot, for the one request that may find out whether it is over.
    fn slot_to_probe(&self, outage: Outage) -> Result<MutexGuard<'_, Slot>, RedisStoreError> {
        if Instant::now() < outage.ask_again {
            return Err(outage.error);
        }
        self.slot.try_lock().map_err(|_| outage.error)
    }

    /// A connection that has just been checked.
    async fn fresh(&self) -> Result<Connection, RedisStoreError> {
        let limit = Some(self.timeout);
        let taken = self
            .pool
            .timeout_get(&Timeouts {
                wait: limit,
                create: limit,
                recycle: limit,
            })
            .await;
        taken.map_err(|error| RedisStoreError::of_pool(error, &self.address, self.timeout))
    }

    /// Takes the connection of `generation` out of the pool for good; false if it wasn't the kept one any more.
    async fn give_up(&self, generation: u64) -> bool {
        let mut slot = self.slot.lock().await;
        if slot.generation == generation
            && let Some(connection) = slot.held.take()
        {
            drop(Connection::take(connection));
            return true;
        }
        false
    }

    /// Gives up the connection of `generation` for `error`. The end of an older one says nothing about Redis: others have
    /// a newer one by now, or look for it.
    async fn broken(&self, generation: u64, error: &RedisError) -> RedisStoreError {
        let error = self.explain(error);
        if self.give_up(generation).await {
            self.note_outage(error)
        } else {
            error
        }
    }

    fn note_outage(&self, error: RedisStoreError) -> RedisStoreError {
        let pause = if matches!(error, RedisStoreError::TimedOut { .. }) {
            PAUSE
        } else {
            Duration::ZERO
        };
        let mut outages = self.lock_outages();
        outages.present = Some(Outage {
            error: error.clone(),
            ask_again: Instant::now() + pause,
        });
        outages.noted += 1;
        error
    }

    /// The present outage, and how many failures were noted so far.
    fn outage(&self) -> (Option<Outage>, u64) {
        let outages = self.lock_outages();
        (outages.present.clone(), outages.noted)
    }

    fn lock_outages(&self) -> StdMutexGuard<'_, Outages> {
        self.outages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn explain(&self, error: &RedisError) -> RedisStoreError {
        RedisStoreError::new(error, &self.address, self.timeout)
    }
}

impl Clone for Lease {
    fn clone(&self) -> Self {
        Self::on(self.pool.clone(), self.address.clone(), self.timeout)
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("address", &self.address)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Whether the connection has to go. redis doesn't count a timeout or the words of a demoted primary (READONLY,
/// NOREPLICAS) as the end of a connection, but answers would stay wrong on it.
fn is_broken(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_unrecoverable_error()
        || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
        || error.code() == Some("NOREPLICAS")
}
