//! Exercise 16: a login. From then on the session belongs to a user.

use actix_session::{Session, SessionMiddleware, config::CookieContentSecurity::Signed};
use actix_web::{
    App, HttpResponse, HttpServer, Responder, Result,
    cookie::Key,
    middleware::DefaultHeaders,
    web::{self, Redirect},
};
use clap::Parser;
use serde::Deserialize;
use server::{ActixStore, Settings, stores::redis as store};

/// The fields of the login form. A real login would check a password first.
#[derive(Deserialize)]
struct Login {
    user: String,
}

/// Logs the visitor in as `login.user`.
async fn login(session: Session, login: web::Form<Login>) -> Result<impl Responder> {
    // --- YOUR TURN
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

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    server: Settings,
    #[command(flatten)]
    store: store::Options,
}

#[actix_web::main]
async fn main() {
    let Args { server, store } = server::parse_args();
    server::run_to_end(async {
        let secret = server
            .session_key
            .unwrap_or_else(|| "a published secret, for this exercise only".to_owned());
        let key = Key::derive_from(secret.as_bytes());
        let instance = server.instance.unwrap_or_default();
        let store = ActixStore::new(store.open(server.port).await?);
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
