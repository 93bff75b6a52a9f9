//! A login with its sessions in Redis.
use std::{env, error::Error};

use actix_web::{App, HttpServer, web};
use session_layer::{KeyRing, Session, SessionLayer};
use session_stores::{RedisStore, redis};

async fn home(session: Session) -> String {
    let user = session.user().unwrap_or("stranger".to_owned());
    format!("Hello {user}\n")
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
    let keys = KeyRing::from_secret(&env::var("SESSION_KEY").expect("SESSION_KEY is not set"))?;
    let redis = env::var("REDIS_URL").unwrap_or("redis://127.0.0.1".to_owned());
    let store = RedisStore::connect(redis::Options::new(redis)).await?;
    let server = HttpServer::new(move || {
        App::new()
            .wrap(SessionLayer::new(store.clone(), keys.clone()).middleware())
            .route("/", web::get().to(home))
            .route("/login/{user}", web::post().to(log_in))
            .route("/logout", web::post().to(log_out))
    });
    let port = env::var("APP_PORT").unwrap_or("8080".to_owned()).parse()?;
    let server = server.bind(("127.0.0.1", port))?;
    println!("listening on http://127.0.0.1:{port}");
    Ok(server.run().await?)
}
