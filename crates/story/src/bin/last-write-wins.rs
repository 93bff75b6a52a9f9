//! The counter application with the store of exercise 8, for scenes about what that store cannot do.
//!
//! It reads a session with `GET` and writes it with `SET … XX`. So a write needs a session that still exists, and
//! nothing else: whichever write comes last wins. `POST /incr` counts beside the session instead.

use std::time::Duration;

use actix_session::{
    Session,
    storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError},
};
use actix_web::{
    Error, Responder,
    cookie::time,
    error::ErrorServiceUnavailable,
    web::{self, Data, ServiceConfig},
};
use clap::Parser;
use counter::Counter;
use deadpool_redis::{
    Config, Pool, Runtime,
    redis::{Cmd, FromRedisValue, cmd},
};
use server::{Application, Server, Sessions, Settings, State};
use uuid::Uuid;

/// Seconds until an unused session expires.
const IDLE_TIMEOUT: u64 = 30 * 60;

/// The counter application with a store whose last write wins
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    server: Settings,

    /// Where Redis is
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    redis_url: String,

    /// How long to wait for Redis
    #[arg(long, env = "REDIS_TIMEOUT", default_value = "500ms")]
    redis_timeout: humantime::Duration,
}

#[derive(Clone)]
struct LastWriteWins {
    pool: Pool,
    timeout: Duration,
}

impl LastWriteWins {
    async fn send<T: FromRedisValue>(&self, command: &Cmd) -> anyhow::Result<T> {
        let reply = async { anyhow::Ok(command.query_async(&mut self.pool.get().await?).await?) };
        tokio::time::timeout(self.timeout, reply).await?
    }

    /// Writes the whole session. With `XX`, Redis writes it only if the key exists.
    async fn set(&self, id: &str, state: &State, condition: &str) -> anyhow::Result<()> {
        let json = serde_json::to_string(state)?;
        let mut set = cmd("SET");
        set.arg(key(id)).arg(json).arg("EX").arg(IDLE_TIMEOUT);
        self.send(set.arg(condition)).await
    }
}

fn key(id: &str) -> String {
    format!("session:{id}")
}

impl SessionStore for LastWriteWins {
    async fn load(&self, id: &SessionKey) -> Result<Option<State>, LoadError> {
        let get = cmd("GET").arg(key(id.as_ref())).take();
        let json: Option<String> = self.send(&get).await.map_err(LoadError::Other)?;
        let state = json.map(|json| serde_json::from_str(&json)).transpose();
        state.map_err(|error| LoadError::Deserialization(error.into()))
    }

    async fn save(&self, state: State, _: &time::Duration) -> Result<SessionKey, SaveError> {
        let id = Uuid::new_v4().to_string();
        let saved = self.set(&id, &state, "NX").await;
        saved.map_err(SaveError::Other)?;
        id.try_into()
            .map_err(|error| SaveError::Other(anyhow::Error::new(error)))
    }

    async fn update(
        &self,
        id: SessionKey,
        state: State,
        _: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let updated = self.set(id.as_ref(), &state, "XX").await;
        updated.map_err(UpdateError::Other).map(|()| id)
    }

    async fn update_ttl(&self, _: &SessionKey, _: &time::Duration) -> anyhow::Result<()> {
        Ok(())
    }

    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        self.send(cmd("DEL").arg(key(id.as_ref()))).await
    }
}

impl Application<Self> for LastWriteWins {
    fn routes(&self, config: &mut ServiceConfig, sessions: &Sessions<Self>) {
        Counter.routes(config, sessions);
        let incr = web::resource("/incr").route(web::post().to(incr));
        config
            .app_data(Data::new(self.clone()))
            .service(sessions.wrap(incr));
    }
}

/// Counts in a Redis key whose name is in the session. Redis executes `INCR` as one step.
async fn incr(session: Session, redis: Data<LastWriteWins>) -> Result<impl Responder, Error> {
    let name = if let Some(name) = session.get::<String>("counter")? {
        name
    } else {
        let name = format!("counter:{}", Uuid::new_v4());
        session.insert("counter", &name)?;
        name
    };
    let incremented = redis.send::<u64>(cmd("INCR").arg(name)).await;
    let count = incremented.map_err(ErrorServiceUnavailable)?;
    Ok(format!("Hello World #{count}"))
}

#[actix_web::main]
async fn main() {
    let args: Args = server::parse_args();
    server::run_to_end(async {
        let pool = Config::from_url(args.redis_url).create_pool(Some(Runtime::Tokio1))?;
        let server = Server::bind(args.server)?;
        let timeout = args.redis_timeout.into();
        let store = LastWriteWins { pool, timeout };
        Ok(server.serve("redis", store.clone(), store).await?)
    })
    .await;
}
