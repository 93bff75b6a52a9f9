//! The counter on axum, with tower-sessions and its Redis store, which uses fred.

use axum::{Router, routing::get};
use tokio::net::TcpListener;
use tower_sessions::{Session, SessionManagerLayer, cookie::Key, session::Error};
use tower_sessions_redis_store::{RedisStore, fred::prelude::*};

use crate::address;

const COUNT: &str = "count";

/// Serves on the current thread, as the one worker of the other servers does.
pub(crate) async fn serve(redis_url: &str) -> anyhow::Result<()> {
    let pool = Pool::new(Config::from_url(redis_url)?, None, None, None, 1)?;
    pool.init().await?;
    let sessions = SessionManagerLayer::new(RedisStore::new(pool))
        .with_name("sessionID")
        .with_secure(false)
        .with_signed(Key::generate());
    let app = Router::new()
        .route("/", get(async |session| text(count(session).await)))
        .route("/read", get(async |session| text(read(session).await)))
        .layer(sessions);
    let listener = TcpListener::bind(address()?).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn count(session: Session) -> Result<u64, Error> {
    let count = session.get::<u64>(COUNT).await?.unwrap_or(0) + 1;
    session.insert(COUNT, count).await?;
    Ok(count)
}

async fn read(session: Session) -> Result<u64, Error> {
    Ok(session.get::<u64>(COUNT).await?.unwrap_or(0))
}

/// Returns the response: the count, or an error without its cause.
fn text(count: Result<u64, Error>) -> Result<String, axum::http::StatusCode> {
    count
        .map(|count| count.to_string())
        .map_err(|_| axum::http::StatusCode::SERVICE_UNAVAILABLE)
}
