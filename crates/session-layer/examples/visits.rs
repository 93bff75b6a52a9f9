//! Counts visits, and keeps the sessions in memory. Run it with `cargo run --example visits`.
use actix_web::{App, HttpServer, cookie::Key, web};
use session_layer::{KeyRing, Session, SessionError, SessionLayer};
use session_stores::{MemoryStore, Timeouts};

/// A handler may return a [`SessionError`]. The layer answers with it, without its cause.
async fn count(session: Session) -> Result<String, SessionError> {
    let add_one = |visits: Option<u64>| visits.unwrap_or(0) + 1;
    let visits = session.update("visits", add_one).await?;
    Ok(format!("visit number {visits}\n"))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    // All clones of this store share its sessions. With a new key, a restart would end them anyway.
    let store = MemoryStore::new(Timeouts::default());
    let keys = KeyRing::new(Key::generate());
    let server = HttpServer::new(move || {
        App::new()
            .wrap(SessionLayer::new(store.clone(), keys.clone()).middleware())
            .route("/", web::get().to(count))
    });
    println!("listening on http://127.0.0.1:8080");
    server.bind(("127.0.0.1", 8080))?.run().await
}
