//! Exercise 8. The store that all servers share: a key in Redis for each session, which ends by itself.

use std::{env, time::Duration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time;
use deadpool_redis::{Config, Pool, Runtime, redis::cmd};
use counter::Counter;
use server::{Server, Settings};
use session_stores::State;
use uuid::Uuid;

#[derive(Clone)]
struct RedisStore {
    pool: Pool,
    /// How long a session stays after it was last written.
    ttl: Duration,
}

/// The name of the key that a session lies under.
fn key(id: &str) -> String {
    format!("session:{id}")
}

impl RedisStore {
    // --- YOUR TURN
    /// The session with this id, as JSON, if Redis has one.
    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        let mut redis = self.pool.get().await?;
        let _ = (&mut redis, key(id));
        Ok(None)
    }

    /// Keeps `json` as the session with this id, for `self.ttl` from now on.
    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        let mut redis = self.pool.get().await?;
        let _ = (&mut redis, key(id), json, self.ttl);
        Ok(())
    }
    // --- UNTIL HERE
}

impl SessionStore for RedisStore {
    /// An id without a session is refused: the visitor gets a new one. So the end of a session holds on every server.
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(json) = self.get(key.as_ref()).await.map_err(LoadError::Other)? else {
            return Ok(None);
        };
        serde_json::from_str(&json)
            .map(Some)
            .map_err(|error| LoadError::Deserialization(error.into()))
    }

    /// A session that has no id yet. The expiry that actix-session offers is not asked for: ours is `self.ttl`.
    async fn save(&self, state: State, _ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let id = Uuid::new_v4().to_string();
        let json = serde_json::to_string(&state)
            .map_err(|error| SaveError::Serialization(error.into()))?;
        self.set(&id, json).await.map_err(SaveError::Other)?;
        SessionKey::try_from(id).map_err(|error| SaveError::Other(error.into()))
    }

    /// A session that was loaded, and has changed since.
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

    /// Who only reads doesn't renew the expiry here. crates/session-stores/src/redis/mod.rs does both in one command, GETEX.
    async fn update_ttl(
        &self,
        _key: &SessionKey,
        _ttl: &time::Duration,
    ) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, id: &SessionKey) -> Result<(), anyhow::Error> {
        let mut redis = self.pool.get().await?;
        Ok(cmd("DEL")
            .arg(key(id.as_ref()))
            .query_async(&mut redis)
            .await?)
    }
}

#[actix_web::main]
async fn main() {
    server::run_to_end(async {
        let url = env::var("REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
        let ttl = humantime::parse_duration(
            &env::var("SESSION_TTL").unwrap_or_else(|_| "30m".to_owned()),
        )?;
        let pool = Config::from_url(url).create_pool(Some(Runtime::Tokio1))?;
        let server = Server::bind(Settings::from_env())?;
        Ok(server.serve("redis", RedisStore { pool, ttl }, Counter).await?)
    })
    .await;
}
