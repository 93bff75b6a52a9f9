//! Exercise 1: a complete session in actix-web, with a store, the middleware, and a handler.

use actix_session::{Session, SessionMiddleware, config::CookieContentSecurity::Signed};
use actix_web::{App, HttpServer, Responder, Result, web};
use anyhow::Context;
use server::{ActixStore, Settings, derive_key};
use session_stores::{MemoryStore, Timeouts};

/// Answers `Hello World #N`, where N is the number of earlier visits of this visitor.
async fn hello(session: Session) -> Result<impl Responder> {
    // --- YOUR TURN
    // TODO: count the visits of this visitor.
    let count: u64 = 0;
    // --- UNTIL HERE
    Ok(format!("Hello World #{count}\n"))
}

#[actix_web::main]
async fn main() {
    server::run_to_end(async {
        let settings = Settings::from_env();
        let (port, secret) = (settings.port, settings.session_key);
        let secret = secret.context("SESSION_KEY is not set; README.md shows how")?;
        let key = derive_key("SESSION_KEY", &secret)?;
        let store = ActixStore::new(MemoryStore::new(Timeouts::default()));
        let server = HttpServer::new(move || {
            let sessions = SessionMiddleware::builder(store.clone(), key.clone())
                .cookie_name("sessionID".to_owned())
                .cookie_content_security(Signed)
                .cookie_secure(false)
                .build();
            App::new().wrap(sessions).route("/", web::get().to(hello))
        });
        let server = server.bind(("127.0.0.1", port))?;
        println!("listening on http://127.0.0.1:{port}");
        Ok(server.run().await?)
    })
    .await;
}
