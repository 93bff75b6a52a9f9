//! Exercise 21: the store of exercise 8, and a customer who clicks in two browser tabs at once.
//!
//! actix-session would write what a handler has computed, and could not repeat a change. So the
//! handlers read the cookie and use the store themselves.

use std::{collections::BTreeMap, env, time::Duration};

use actix_web::{
    App, Error, HttpRequest, HttpResponse, HttpServer, Responder, Result,
    cookie::Cookie,
    error::{ErrorServiceUnavailable, ErrorUnauthorized},
    middleware::DefaultHeaders,
    web::{self, Data},
};
use deadpool_redis::{
    Config, Pool, Runtime,
    redis::{Cmd, FromRedisValue, cmd},
};
use serde::{Deserialize, Serialize};
use server::Settings;
use uuid::Uuid;

/// A session: the user, and how many of each item are in the basket. Redis has it as JSON.
#[derive(Serialize, Deserialize)]
struct Session {
    user: String,
    basket: BTreeMap<String, u64>,
}

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
    /// Sends `command` to Redis, over any connection of the pool, and returns the reply.
    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> anyhow::Result<T> {
        let mut redis = self.pool.get().await?;
        Ok(command.query_async(&mut redis).await?)
    }

    /// Returns the session with this ID as JSON, if Redis has one.
    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        self.ask(cmd("GET").arg(key(id))).await
    }

    /// Stores a session on `condition`: `NX` for a new one, `XX` for one that exists. Returns
    /// whether it was stored.
    async fn set(&self, id: &str, session: &Session, condition: &str) -> anyhow::Result<bool> {
        let mut set = cmd("SET");
        set.arg(key(id)).arg(serde_json::to_string(session)?);
        set.arg(condition)
            .arg("EX")
            .arg(self.idle_timeout.as_secs());
        self.ask(&set).await
    }

    // --- YOUR TURN
    /// Applies `change` to the session with this ID. Returns the session as it was written, or
    /// `None` if it has ended. Then it stays ended.
    async fn change(
        &self,
        id: &str,
        change: impl Fn(&mut Session),
    ) -> anyhow::Result<Option<Session>> {
        let Some(json) = self.get(id).await? else {
            return Ok(None);
        };
        let mut session: Session = serde_json::from_str(&json)?;
        change(&mut session);
        // TODO: Write only if Redis still has what was read. If it doesn't, begin again.
        let written = self.set(id, &session, "XX").await?;
        Ok(written.then_some(session))
    }
    // --- UNTIL HERE
}

const COOKIE: &str = "sessionID";

/// Returns the session ID in the cookie. To keep this file short, the cookie is not signed.
fn session_id(request: &HttpRequest) -> Result<String> {
    let cookie = request.cookie(COOKIE).ok_or_else(logged_out)?;
    Ok(cookie.value().to_owned())
}

fn logged_out() -> Error {
    ErrorUnauthorized("please log in\n")
}

/// Logs `error`, and answers 503.
fn unavailable(error: anyhow::Error) -> Error {
    log::error!("{error}");
    ErrorServiceUnavailable("please try again later\n")
}

/// Starts a session for a user, without a password.
async fn login(store: Data<RedisStore>, user: String) -> Result<impl Responder> {
    let (id, basket) = (Uuid::new_v4().to_string(), BTreeMap::new());
    let created = store.set(&id, &Session { user, basket }, "NX").await;
    created.map_err(unavailable)?;
    let cookie = Cookie::new(COOKIE, id);
    Ok(HttpResponse::Ok().cookie(cookie).body("welcome\n"))
}

/// Puts one item into the basket.
async fn add(
    request: HttpRequest,
    store: Data<RedisStore>,
    item: web::Path<String>,
) -> Result<impl Responder> {
    let put = |session: &mut Session| *session.basket.entry(item.clone()).or_default() += 1;
    let changed = store.change(&session_id(&request)?, put).await;
    Ok(list(&changed.map_err(unavailable)?.ok_or_else(logged_out)?))
}

/// Answers with the basket, as in `alice: 1 pear, 2 tea`.
async fn basket(request: HttpRequest, store: Data<RedisStore>) -> Result<impl Responder> {
    let json = store.get(&session_id(&request)?).await;
    let json = json.map_err(unavailable)?.ok_or_else(logged_out)?;
    Ok(list(&serde_json::from_str(&json)?))
}

fn list(session: &Session) -> String {
    let items = session.basket.iter();
    let items: Vec<_> = items.map(|(item, n)| format!("{n} {item}")).collect();
    format!("{}: {}\n", session.user, items.join(", "))
}

async fn logout(request: HttpRequest, store: Data<RedisStore>) -> Result<impl Responder> {
    let mut delete = cmd("DEL");
    delete.arg(key(&session_id(&request)?));
    store.ask::<()>(&delete).await.map_err(unavailable)?;
    Ok("goodbye\n")
}

#[actix_web::main]
async fn main() {
    let server = Settings::from_env();
    server::run_to_end(async {
        let url = env::var("REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
        let idle_timeout = env::var("IDLE_TIMEOUT").unwrap_or_else(|_| "30m".to_owned());
        let store = Data::new(RedisStore {
            pool: Config::from_url(url).create_pool(Some(Runtime::Tokio1))?,
            idle_timeout: humantime::parse_duration(&idle_timeout)?,
        });
        let instance = server.instance.unwrap_or_default();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(store.clone())
                .wrap(DefaultHeaders::new().add(("X-Served-By", instance.as_str())))
                .route("/", web::get().to(basket))
                .route("/login", web::post().to(login))
                .route("/add/{item}", web::post().to(add))
                .route("/logout", web::post().to(logout))
        })
        .bind((server.host, server.port))?;
        println!("listening on http://{}", server.addrs()[0]);
        Ok(server.run().await?)
    })
    .await;
}
