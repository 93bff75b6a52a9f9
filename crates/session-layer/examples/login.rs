//! A login with its sessions in Redis.
use std::{env, error::Error};

use actix_web::{App, HttpServer, cookie::Key, web};
use session_layer::{KeyRing, Options, Session, SessionLayer};
use session_stores::{RedisStore, redis};

async fn home(session: Session) -> String {
    let user = session.user();
    format!("Hello {}\n", user.as_deref().unwrap_or("stranger"))
}

async fn log_in(session: Session, user: web::Path<String>) -> &'static str {
    // Check the password here.
    session.log_in(user.into_inner());
    "You are logged in\n"
}

async fn log_out(session: Session) -> &'static str {
    session.log_out();
    "You are logged out\n"
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut redis = redis::Options::default();
    redis.url = env::var("REDIS_URL").unwrap_or(redis.url);
    let store = RedisStore::connect(redis).await?;
    let secret = env::var("SESSION_KEY").expect("SESSION_KEY has a secret of 32 bytes or more");
    let keys = KeyRing::new(Key::derive_from(secret.as_bytes()));
    let server = HttpServer::new(move || {
        let layer = SessionLayer::new(store.clone(), keys.clone(), Options::default());
        App::new()
            .wrap(layer.middleware())
            .route("/", web::get().to(home))
            .route("/login/{user}", web::post().to(log_in))
            .route("/logout", web::post().to(log_out))
    });
    let port = env::var("APP_PORT").unwrap_or("8080".to_owned()).parse()?;
    let server = server.bind(("127.0.0.1", port))?;
    println!("listening on http://127.0.0.1:{port}");
    Ok(server.run().await?)
}
