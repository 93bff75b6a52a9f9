//! Exercise 16: a login. From then on the session belongs to a user.

use std::env;

use actix_session::{Session, SessionMiddleware, config::CookieContentSecurity::Signed};
use actix_web::{
    App, HttpResponse, HttpServer, Responder, Result,
    middleware::DefaultHeaders,
    web::{self, Redirect},
};
use anyhow::Context;
use serde::Deserialize;
use server::{ActixStore, Settings, derive_key, stores::redis::connect};
use session_stores::redis::Options;

/// The fields of the login form. A real login would check a password first.
#[derive(Deserialize)]
struct Login {
    user: String,
}

/// Logs the visitor in as `login.user`.
async fn login(session: Session, login: web::Form<Login>) -> Result<impl Responder> {
    // --- YOUR TURN
    // TODO: the login is not complete.
    session.insert("user", &login.user)?;
    // --- UNTIL HERE
    Ok(Redirect::to("/").see_other())
}

/// Answers `Hello alice #N` to a visitor who is logged in as alice and has been here N times
/// before. For a visitor who isn't logged in the name is `World`.
async fn hello(session: Session) -> Result<impl Responder> {
    let count: u64 = session.get("visitCount")?.unwrap_or(0);
    session.insert("visitCount", count + 1)?;
    let user: Option<String> = session.get("user")?;
    Ok(format!(
        "Hello {} #{count}\n",
        user.as_deref().unwrap_or("World")
    ))
}

#[actix_web::main]
async fn main() {
    let server = Settings::from_env();
    server::run_to_end(async {
        let mut options = Options::default();
        options.url = env::var("REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
        let store = ActixStore::new(connect(&options).await?);
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
                .route("/readyz", web::get().to(HttpResponse::Ok)) // for HAProxy's health check
                .route("/", web::get().to(hello))
                .route("/login", web::post().to(login))
        })
        .bind((server.host, server.port))?;
        println!("listening on http://{}", server.addrs()[0]);
        Ok(server.run().await?)
    })
    .await;
}
