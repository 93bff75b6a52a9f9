//! Exercise 18: the two timeouts of a session. It ends when nobody has used it for a while, and
//! when it is too old.

use std::{env, time::Duration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::{self, OffsetDateTime};
use counter::Counter;
use deadpool_redis::{
    Config, Pool, Runtime,
    redis::{Cmd, FromRedisValue, cmd},
};
use server::{Server, Settings, State};
use uuid::Uuid;

/// The entry that holds the start of a session, in seconds since 1970.
const BEGAN: &str = "began";

#[derive(Clone)]
struct RedisStore {
    pool: Pool,
    /// How long a session stays after its last use.
    idle_timeout: Duration,
    /// How old a session can get, however much it is used.
    absolute_timeout: Duration,
}

/// Returns the name of the Redis key for the session with this ID.
fn key(id: &str) -> String {
    format!("session:{id}")
}

impl RedisStore {
    /// Sends `command` to Redis and returns the reply.
    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> anyhow::Result<T> {
        let mut redis = self.pool.get().await?;
        Ok(command.query_async(&mut redis).await?)
    }

    /// Returns the session with this ID as JSON, if Redis has one. A read counts as use, so the
    /// session then expires `self.idle_timeout` from now.
    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        // --- YOUR TURN
        // TODO: count this read as use.
        self.ask(cmd("GET").arg(key(id))).await
        // --- UNTIL HERE
    }

    /// Stores `json` as the session with this ID, on `condition`: `NX` for a new session, `XX` for
    /// an existing one.
    async fn set(&self, id: &str, json: String, condition: &str) -> anyhow::Result<()> {
        self.ask(
            cmd("SET")
                .arg(key(id))
                .arg(json)
                .arg(condition)
                .arg("EX")
                .arg(self.idle_timeout.as_secs()),
        )
        .await
    }

    fn too_old(&self, state: &State) -> bool {
        let began: Option<i64> = state.get(BEGAN).and_then(|began| began.parse().ok());
        began.is_none_or(|began| {
            OffsetDateTime::now_utc().unix_timestamp() - began
                >= self.absolute_timeout.as_secs() as i64
        })
    }
}

impl SessionStore for RedisStore {
    /// Loads a session, unless it is too old. Redis only counts the time since the last use, so the
    /// age comes from an entry of the session.
    async fn load(&self, id: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(json) = self.get(id.as_ref()).await.map_err(LoadError::Other)? else {
            return Ok(None);
        };
        let state = serde_json::from_str(&json)
            .map_err(|error| LoadError::Deserialization(error.into()))?;
        if self.too_old(&state) {
            self.delete(id).await.map_err(LoadError::Other)?;
            return Ok(None);
        }
        Ok(Some(state))
    }

    async fn save(&self, mut state: State, _ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let id = Uuid::new_v4().to_string();
        state.insert(
            BEGAN.to_owned(),
            OffsetDateTime::now_utc().unix_timestamp().to_string(),
        );
        let json = serde_json::to_string(&state)
            .map_err(|error| SaveError::Serialization(error.into()))?;
        self.set(&id, json, "NX").await.map_err(SaveError::Other)?;
        SessionKey::try_from(id).map_err(|error| SaveError::Other(error.into()))
    }

    async fn update(
        &self,
        id: SessionKey,
        state: State,
        _ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let json = serde_json::to_string(&state)
            .map_err(|error| UpdateError::Serialization(error.into()))?;
        self.set(id.as_ref(), json, "XX")
            .await
            .map_err(UpdateError::Other)?;
        Ok(id)
    }

    /// Does nothing: the read has renewed the expiry already.
    async fn update_ttl(&self, _id: &SessionKey, _ttl: &time::Duration) -> anyhow::Result<()> {
        Ok(())
    }

    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        self.ask(cmd("DEL").arg(key(id.as_ref()))).await
    }
}

/// Returns the setting called `name`, such as `30m`, or `default` if it isn't set.
fn duration(name: &str, default: &str) -> anyhow::Result<Duration> {
    Ok(humantime::parse_duration(
        &env::var(name).unwrap_or_else(|_| default.to_owned()),
    )?)
}

#[actix_web::main]
async fn main() {
    server::run_to_end(async {
        let url = env::var("REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
        let pool = Config::from_url(url).create_pool(Some(Runtime::Tokio1))?;
        let store = RedisStore {
            pool,
            idle_timeout: duration("IDLE_TIMEOUT", "30m")?,
            absolute_timeout: duration("ABSOLUTE_TIMEOUT", "12h")?,
        };
        let server = Server::bind(Settings::from_env())?;
        Ok(server.serve("redis", store, Counter).await?)
    })
    .await;
}
