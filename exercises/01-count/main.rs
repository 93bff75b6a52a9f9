//! Exercise 1: a complete session in actix-web, with a store, the middleware, and a handler.

use actix_session::{Session, SessionMiddleware, config::CookieContentSecurity::Signed};
use actix_web::{App, HttpServer, Responder, Result, cookie::Key, web};
use server::ActixStore;
use session_stores::{MemoryStore, Timeouts};

/// Answers `Hello World #N`, where N is the number of earlier visits of this visitor.
async fn hello(session: Session) -> Result<impl Responder> {
    // --- YOUR TURN
    let count: u64 = 0;
    let _ = session;
    // --- UNTIL HERE
    Ok(format!("Hello World #{count}\n"))
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let port: u16 = std::env::var("APP_PORT")
        .unwrap_or_else(|_| "5000".to_owned())
        .parse()?;
    let store = ActixStore::new(MemoryStore::new(Timeouts::default()));
    let key = Key::generate();
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
}
