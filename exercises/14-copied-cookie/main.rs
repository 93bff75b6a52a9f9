//! Exercise 14: the session is in the visitor's cookie. The server keeps nothing, so far.

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

/// A session, as a cookie holds it. The middleware signs the cookie.
struct CookieSession {
    /// The ID of the session. Each change of the state makes a new cookie with the same ID.
    id: String,
    /// When the session ends, in seconds since 1970.
    ends: i64,
    state: State,
}

/// Returns the time in seconds since 1970.
fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

impl CookieSession {
    /// Returns the session in `cookie`, unless its time has passed.
    fn read(cookie: &SessionKey) -> Option<Self> {
        let mut parts = cookie.as_ref().splitn(3, '.');
        let session = Self {
            id: parts.next()?.to_owned(),
            ends: parts.next()?.parse().ok()?,
            state: serde_json::from_str(parts.next()?).ok()?,
        };
        (session.ends > now()).then_some(session)
    }

    /// Returns the session as a cookie.
    fn write(&self) -> anyhow::Result<SessionKey> {
        let state = serde_json::to_string(&self.state)?;
        let cookie = format!("{}.{}.{state}", self.id, self.ends);
        SessionKey::try_from(cookie).context("the session is too large for a cookie")
    }
}

#[derive(Clone)]
struct CookieStore {
    /// Connections to the Redis that all instances share.
    pool: Pool,
    /// How long a session lasts, counted from its start.
    absolute_timeout: Duration,
}

impl CookieStore {
    /// Sends `command` to Redis and returns the reply. A Redis error goes to the log and not to
    /// the visitor.
    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> anyhow::Result<T> {
        let mut redis = self.pool.get().await?;
        Ok(command
            .query_async(&mut redis)
            .await
            .inspect_err(|error| log::error!("{error}"))?)
    }

    // --- YOUR TURN
    /// Returns the session in `cookie`, unless it has ended. Each request with a session does this.
    async fn find(&self, cookie: &SessionKey) -> anyhow::Result<Option<CookieSession>> {
        // TODO: a session that was logged out has ended, too.
        Ok(CookieSession::read(cookie))
    }

    /// Ends the session in `cookie` at a logout. actix-session removes the browser's cookie.
    async fn end(&self, _cookie: &SessionKey) -> anyhow::Result<()> {
        // TODO: make every copy of the cookie worthless.
        Ok(())
    }
    // --- UNTIL HERE
}

impl SessionStore for CookieStore {
    async fn load(&self, cookie: &SessionKey) -> Result<Option<State>, LoadError> {
        let session = self.find(cookie).await.map_err(LoadError::Other)?;
        Ok(session.map(|session| session.state))
    }

    async fn delete(&self, cookie: &SessionKey) -> anyhow::Result<()> {
        self.end(cookie).await
    }

    /// Starts a session.
    async fn save(&self, state: State, _ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let session = CookieSession {
            id: Uuid::new_v4().to_string(),
            ends: now() + self.absolute_timeout.as_secs() as i64,
            state,
        };
        session.write().map_err(SaveError::Other)
    }

    async fn update(
        &self,
        cookie: SessionKey,
        state: State,
        _ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        match CookieSession::read(&cookie) {
            Some(session) => CookieSession { state, ..session }
                .write()
                .map_err(UpdateError::Other),
            None => Ok(cookie),
        }
    }

    async fn update_ttl(&self, _: &SessionKey, _ttl: &time::Duration) -> anyhow::Result<()> {
        Ok(())
    }
}

#[derive(Deserialize)]
struct Login {
    user: String,
}

/// Logs the visitor in, without a password. `renew` starts a session with a new ID.
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
        let timeout = env::var("ABSOLUTE_TIMEOUT").unwrap_or_else(|_| "12h".to_owned());
        let store = CookieStore {
            pool: Config::from_url(url).create_pool(Some(Runtime::Tokio1))?,
            absolute_timeout: humantime::parse_duration(&timeout)?,
        };
        let _pong: String = store.ask(&cmd("PING")).await?;
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
