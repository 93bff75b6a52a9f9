//! One server of the benchmark: a counter, with the sessions that the first argument names.
//!
//! All of them have one worker and the same two routes. `/` counts the visit and returns the count. `/read` returns the
//! count. None of them logs anything.

mod actix;
mod axum_fred;
mod layer;
mod plain_memory;

use std::env::{args, var};

use actix_session::storage::RedisSessionStore;
use anyhow::{Context, bail};
use server::ActixStore;
use session_stores::{CookieStore, FileStore, MemoryStore, RedisStore, Timeouts, redis};

use plain_memory::PlainMemory;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let timeouts = Timeouts::default();
    let redis_url = var("REDIS_URL").context("REDIS_URL is not set")?;
    let options = redis::Options::new(redis_url.as_str());
    match args().nth(1).as_deref() {
        Some("none") => actix::without_sessions().await,
        Some("plain-memory") => actix::serve(PlainMemory::default()).await,
        Some("memory") => actix::serve(ActixStore::new(MemoryStore::new(timeouts))).await,
        Some("file") => {
            let dir = var("SESSION_DIR").context("SESSION_DIR is not set")?;
            let store = FileStore::open(dir.into(), timeouts).await?;
            actix::serve(ActixStore::new(store)).await
        }
        Some("cookie") => actix::serve(ActixStore::new(CookieStore::new(timeouts))).await,
        Some("redis") => {
            let store = RedisStore::connect(options).await?;
            actix::serve(ActixStore::new(store)).await
        }
        Some("layer") => layer::serve(RedisStore::connect(options).await?).await,
        Some("actix-new") => actix::serve(RedisSessionStore::new(redis_url).await?).await,
        Some("actix-pooled") => {
            let config = deadpool_redis::Config::from_url(redis_url);
            let pool = config.create_pool(Some(deadpool_redis::Runtime::Tokio1))?;
            actix::serve(RedisSessionStore::new_pooled(pool).await?).await
        }
        Some("axum-fred") => axum_fred::serve(&redis_url).await,
        other => bail!("unknown server {other:?}; src/bin/peer/main.rs lists them"),
    }
}

/// Returns the address to listen on, from `APP_PORT`.
fn address() -> anyhow::Result<(&'static str, u16)> {
    let port = var("APP_PORT").context("APP_PORT is not set")?;
    Ok(("127.0.0.1", port.parse()?))
}

/// Returns the secret that signs cookies. All servers of a run share it.
fn secret() -> anyhow::Result<String> {
    var("SESSION_KEY").context("SESSION_KEY is not set")
}
