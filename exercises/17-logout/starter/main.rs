//! Exercise 17: the store of exercise 8, and a visitor who logs out while another of their requests
//! is in flight.

use std::{env, time::Duration};

use actix_session::{
    Session, SessionMiddleware,
    config::CookieContentSecurity::Signed,
    storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError},
};
use actix_web::{
    App, HttpServer, Responder, Result,
    cookie::time,
    middleware::DefaultHeaders,
    web::{self, Redirect},
};
use anyhow::Context;
use deadpool_redis::{
    Config, Pool, Runtime,
    redis::{Cmd, FromRedisValue, cmd},
};
use serde::Deserialize;
use server::{Settings, State, derive_key};
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
    /// Sends `command` to Redis and returns the reply. A Redis error goes to the log and not to
    /// the visitor.
    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> anyhow::Result<T> {
        let mut redis = self.pool.get().await?;
        Ok(command
            .query_async(&mut redis)
            .await
            .inspect_err(|error| log::error!("{error}"))?)
    }

    /// Returns the session with this ID as JSON, if Redis has one.
    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        self.ask(cmd("GET").arg(key(id))).await
    }

    /// Stores `json` as the session with this ID. It expires `self.idle_timeout` from now.
    async fn set(&self, id: &str, json: String) -> anyhow::Result<()> {
        self.ask(
            cmd("SET")
                .arg(key(id))
                .arg(json)
                .arg("EX")
                .arg(self.idle_timeout.as_secs()),
        )
        .await
    }
}

impl SessionStore for RedisStore {
    async fn load(&self, id: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(json) = self.get(id.as_ref()).await.map_err(LoadError::Other)? else {
            return Ok(None);
        };
        serde_json::from_str(&json)
            .map(Some)
            .map_err(|error| LoadError::Deserialization(error.into()))
    }

    async fn save(&self, state: State, _ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let id = Uuid::new_v4().to_string();
        let json = serde_json::to_string(&state)
            .map_err(|error| SaveError::Serialization(error.into()))?;
        self.set(&id, json).await.map_err(SaveError::Other)?;
        SessionKey::try_from(id).map_err(|error| SaveError::Other(error.into()))
    }

    // --- YOUR TURN
    /// Stores `state` as the session with this ID, which was loaded when the request started.
    ///
    /// If the session has ended since then, it stays ended, and that is not an error.
    async fn update(
        &self,
        id: SessionKey,
        state: State,
        _ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let json = serde_json::to_string(&state)
            .map_err(|error| UpdateError::Serialization(error.into()))?;
        // TODO: store it only while the session exists.
        self.set(id.as_ref(), json)
            .await
            .map_err(UpdateError::Other)?;
        Ok(id)
    }

    /// Ends the session with this ID on every instance. actix-session removes the visitor's cookie.
    async fn delete(&self, id: &SessionKey) -> anyhow::Result<()> {
        // TODO: end the session.
        Ok(())
    }
    // --- UNTIL HERE

    async fn update_ttl(&self, _id: &SessionKey, _ttl: &time::Duration) -> anyhow::Result<()> {
        Ok(())
    }
}

#[derive(Deserialize)]
struct Login {
    user: String,
}

/// Logs the visitor in, without a password. `renew` gives the session a new ID, as in exercise 16.
async fn login(session: Session, login: web::Form<Login>) -> Result<impl Responder> {
    session.insert("user", &login.user)?;
    session.renew();
    Ok(Redirect::to("/").see_other())
}

/// Answers with the user's name and note.
async fn hello(session: Session) -> Result<impl Responder> {
    let user: Option<String> = session.get("user")?;
    let note: Option<String> = session.get("note")?;
    Ok(format!(
        "Hello {}, {}\n",
        user.as_deref().unwrap_or("World"),
        note.as_deref().unwrap_or("nothing noted")
    ))
}

/// Puts a note into the session.
///
/// The middleware loaded the session when the request started. This function runs only when the
/// whole text has arrived, which takes long over a slow connection.
async fn note(session: Session, text: String) -> Result<impl Responder> {
    session.insert("note", text)?;
    Ok("noted\n")
}

async fn logout(session: Session) -> impl Responder {
    session.purge();
    Redirect::to("/").see_other()
}

#[actix_web::main]
async fn main() {
    let server = Settings::from_env();
    server::run_to_end(async {
        let url = env::var("REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
        let idle_timeout = humantime::parse_duration(
            &env::var("IDLE_TIMEOUT").unwrap_or_else(|_| "30m".to_owned()),
        )?;
        let store = RedisStore {
            pool: Config::from_url(url).create_pool(Some(Runtime::Tokio1))?,
            idle_timeout,
        };
        let secret = server.session_key;
        let secret = secret.context("SESSION_KEY is not set; README.md shows how")?;
        let key = derive_key("SESSION_KEY", &secret)?;
        let instance = server.instance.unwrap_or_default();
        let server = HttpServer::new(move || {
            let sessions = SessionMiddleware::builder(store.clone(), key.clone())
                .cookie_name("sessionID".to_owned())
                .cookie_content_security(Signed)
                .cookie_secure(false)
                .build();
            App::new()
                .wrap(sessions)
                .wrap(DefaultHeaders::new().add(("X-Served-By", instance.as_str())))
                .route("/", web::get().to(hello))
                .route("/login", web::post().to(login))
                .route("/note", web::post().to(note))
                .route("/logout", web::post().to(logout))
        })
        .bind((server.host, server.port))?;
        println!("listening on http://{}", server.addrs()[0]);
        Ok(server.run().await?)
    })
    .await;
}
