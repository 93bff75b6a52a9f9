//! Exercise 22: the shop of exercise 21. If Redis takes too long, the answer is an error, and the
//! browser sends the click again.

use std::{collections::BTreeMap, env, time::Duration};

use actix_web::{
    App, Error, HttpRequest, HttpResponse, HttpServer, Responder, Result,
    cookie::Cookie,
    error::{ErrorBadRequest, ErrorServiceUnavailable, ErrorUnauthorized},
    middleware::DefaultHeaders,
    web::{self, Data},
};
use anyhow::Context;
use deadpool_redis::{
    Config, Connection, Pool, Runtime,
    redis::{Cmd, FromRedisValue, cmd},
};
use serde::{Deserialize, Serialize};
use server::Settings;
use tokio::time::timeout;
use uuid::Uuid;

// --- YOUR TURN
/// A session: the user, and how many of each item are in the basket. Redis has it as JSON.
#[derive(Default, Serialize, Deserialize)]
struct Session {
    user: String,
    basket: BTreeMap<String, u64>,
}

/// Puts one item into the basket.
async fn add(
    request: HttpRequest,
    store: Data<RedisStore>,
    item: web::Path<String>,
) -> Result<impl Responder> {
    let (id, click) = (session_id(&request)?, click_id(&request)?);
    let put = |session: &mut Session| {
        // TODO: If this click is in the basket already, leave it at that.
        let _ = &click;
        *session.basket.entry(item.clone()).or_default() += 1;
    };
    let changed = store.change(&id, put).await.map_err(unavailable)?;
    Ok(list(&changed.ok_or_else(logged_out)?))
}
// --- UNTIL HERE

struct RedisStore {
    pool: Pool,
    /// How long a session stays after its last write.
    idle_timeout: Duration,
    /// How long to wait for Redis.
    timeout: Duration,
}

/// Returns the name of the Redis key for the session with this ID.
fn key(id: &str) -> String {
    format!("session:{id}")
}

impl RedisStore {
    /// Sends `command` to Redis, over any connection of the pool, and returns the reply.
    ///
    /// After an error, Redis may have run the command, or may still get it.
    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> anyhow::Result<T> {
        let mut redis = self.pool.get().await?;
        let reply = timeout(self.timeout, command.query_async(&mut redis)).await;
        if reply.is_err() {
            // The next request gets another connection.
            drop(Connection::take(redis));
        }
        Ok(reply.context("Redis did not answer in time")??)
    }

    /// Returns the session with this ID as JSON, if Redis has one.
    async fn get(&self, id: &str) -> anyhow::Result<Option<String>> {
        self.ask(cmd("GET").arg(key(id))).await
    }

    async fn create(&self, id: &str, session: &Session) -> anyhow::Result<()> {
        let mut set = cmd("SET");
        set.arg(key(id)).arg(serde_json::to_string(session)?);
        self.ask(set.arg("NX").arg("EX").arg(self.idle_timeout.as_secs()))
            .await
    }

    /// Applies `change` to the session with this ID. Returns the session as it was written, or
    /// `None` if it has ended. Then it stays ended.
    async fn change(
        &self,
        id: &str,
        change: impl Fn(&mut Session),
    ) -> anyhow::Result<Option<Session>> {
        for _attempt in 0..64 {
            let Some(read) = self.get(id).await? else {
                return Ok(None);
            };
            let mut session: Session = serde_json::from_str(&read)?;
            change(&mut session);
            let script = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
                redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
                return 1";
            let mut write = cmd("EVAL");
            write.arg(script).arg(1).arg(key(id)).arg(read);
            write.arg(serde_json::to_string(&session)?);
            write.arg(self.idle_timeout.as_secs());
            if self.ask(&write).await? {
                return Ok(Some(session));
            }
        }
        anyhow::bail!("other requests changed the session before each of 64 attempts")
    }
}

const COOKIE: &str = "sessionID";

/// Returns the session ID in the cookie. To keep this file short, the cookie is not signed.
fn session_id(request: &HttpRequest) -> Result<String> {
    let cookie = request.cookie(COOKIE).ok_or_else(logged_out)?;
    Ok(cookie.value().to_owned())
}

/// Returns the ID of the click. The browser chooses one for each click. It sends the same one again
/// when it repeats the request.
fn click_id(request: &HttpRequest) -> Result<String> {
    let id = request.headers().get("Idempotency-Key");
    let id = id.and_then(|id| id.to_str().ok().filter(|id| id.len() <= 64));
    let id = id.ok_or_else(|| ErrorBadRequest("the header Idempotency-Key is missing\n"))?;
    Ok(id.to_owned())
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
    let id = Uuid::new_v4().to_string();
    let session = Session {
        user,
        ..Session::default()
    };
    store.create(&id, &session).await.map_err(unavailable)?;
    let cookie = Cookie::new(COOKIE, id);
    Ok(HttpResponse::Ok().cookie(cookie).body("welcome\n"))
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

#[actix_web::main]
async fn main() {
    let server = Settings::from_env();
    server::run_to_end(async {
        let url = env::var("REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
        let idle_timeout = env::var("IDLE_TIMEOUT").unwrap_or_else(|_| "30m".to_owned());
        let timeout = env::var("REDIS_TIMEOUT").unwrap_or_else(|_| "500ms".to_owned());
        let store = Data::new(RedisStore {
            pool: Config::from_url(url).create_pool(Some(Runtime::Tokio1))?,
            idle_timeout: humantime::parse_duration(&idle_timeout)?,
            timeout: humantime::parse_duration(&timeout)?,
        });
        let instance = server.instance.unwrap_or_default();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(store.clone())
                .wrap(DefaultHeaders::new().add(("X-Served-By", instance.as_str())))
                .route("/", web::get().to(basket))
                .route("/login", web::post().to(login))
                .route("/add/{item}", web::post().to(add))
        })
        .bind((server.host, server.port))?;
        println!("listening on http://{}", server.addrs()[0]);
        Ok(server.run().await?)
    })
    .await;
}
