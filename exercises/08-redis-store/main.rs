//! Exercise 8: the store that all instances share. Each session is a Redis key, which expires by
//! itself.

use std::{env, time::Duration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time;
use counter::Counter;
use deadpool_redis::{
    Config, Pool, Runtime,
    redis::{Cmd, FromRedisValue, cmd},
};
use server::{Server, Settings, State};
use uuid::Uuid;

#[derive(Clone)]
struct RedisStore {
    pool: Pool,
    /// How long a session stays after its last write.
    idle_timeout: Duration,
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

    // --- YOUR TURN
    /// Returns the session with this ID as JSON, if Redis has one.
    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        // TODO: read the key from Redis.
        Ok(None)
    }

    /// Stores `json` as the session with this ID. It expires `self.idle_timeout` from now.
    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        // TODO: write the key, with its expiry.
        Ok(())
    }
    // --- UNTIL HERE
}

impl SessionStore for RedisStore {
    /// Returns `None` for an unknown ID, so that the visitor gets a new one. So no instance
    /// starts a session under an ID that a client made up.
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(json) = self.get(key.as_ref()).await.map_err(LoadError::Other)? else {
            return Ok(None);
        };
        serde_json::from_str(&json)
            .map(Some)
            .map_err(|error| LoadError::Deserialization(error.into()))
    }

    /// Stores a new session under a new ID. The expiry is `self.idle_timeout`, not the one that
    /// actix-session offers.
    async fn save(&self, state: State, _ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let id = Uuid::new_v4().to_string();
        let json = serde_json::to_string(&state)
            .map_err(|error| SaveError::Serialization(error.into()))?;
        self.set(&id, json).await.map_err(SaveError::Other)?;
        SessionKey::try_from(id).map_err(|error| SaveError::Other(error.into()))
    }

    /// Stores a session that was loaded and has changed.
    async fn update(
        &self,
        key: SessionKey,
        state: State,
        _ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let json = serde_json::to_string(&state)
            .map_err(|error| UpdateError::Serialization(error.into()))?;
        self.set(key.as_ref(), json)
            .await
            .map_err(UpdateError::Other)?;
        Ok(key)
    }

    /// Does nothing: a visit that only reads doesn't renew the expiry here.
    /// crates/session-stores/src/redis/commands.rs reads and renews in one command, GETEX.
    async fn update_ttl(
        &self,
        _key: &SessionKey,
        _ttl: &time::Duration,
    ) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, id: &SessionKey) -> Result<(), anyhow::Error> {
        self.ask(cmd("DEL").arg(key(id.as_ref()))).await
    }
}

#[actix_web::main]
async fn main() {
    server::run_to_end(async {
        let url = env::var("REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
        let idle_timeout = humantime::parse_duration(
            &env::var("IDLE_TIMEOUT").unwrap_or_else(|_| "30m".to_owned()),
        )?;
        let pool = Config::from_url(url).create_pool(Some(Runtime::Tokio1))?;
        let server = Server::bind(Settings::from_env())?;
        Ok(server
            .serve("redis", RedisStore { pool, idle_timeout }, Counter)
            .await?)
    })
    .await;
}
