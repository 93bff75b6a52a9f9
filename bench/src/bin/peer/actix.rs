//! The counter on actix-web, with the middleware of actix-session and any store.

use actix_session::{
    Session, SessionMiddleware, config::CookieContentSecurity, storage::SessionStore,
};
use actix_web::{App, HttpServer, Result, cookie::Key, middleware::from_fn, web};
use server::request_scope;

use crate::{address, secret};

const COUNT: &str = "count";

pub(crate) async fn serve<S: SessionStore + Clone + Send + 'static>(
    store: S,
) -> anyhow::Result<()> {
    let key = Key::derive_from(secret()?.as_bytes());
    let app = move || {
        let middleware = SessionMiddleware::builder(store.clone(), key.clone())
            .cookie_name("sessionID".to_owned())
            .cookie_secure(false)
            // All other servers sign their cookies too. The default is an encrypted cookie.
            .cookie_content_security(CookieContentSecurity::Signed)
            .build();
        App::new()
            .wrap(middleware)
            // Our stores need it, and the other stores don't notice it.
            .wrap(from_fn(request_scope))
            .route("/", web::get().to(count))
            .route("/read", web::get().to(read))
    };
    let server = HttpServer::new(app).workers(1).bind(address()?)?;
    println!("listening on http://127.0.0.1:{}", address()?.1);
    Ok(server.run().await?)
}

pub(crate) async fn without_sessions() -> anyhow::Result<()> {
    let app = || App::new().route("/", web::get().to(async || "1"));
    let server = HttpServer::new(app).workers(1).bind(address()?)?;
    println!("listening on http://127.0.0.1:{}", address()?.1);
    Ok(server.run().await?)
}

async fn count(session: Session) -> Result<String> {
    let count = session.get::<u64>(COUNT)?.unwrap_or(0) + 1;
    session.insert(COUNT, count)?;
    Ok(count.to_string())
}

async fn read(session: Session) -> Result<String> {
    Ok(session.get::<u64>(COUNT)?.unwrap_or(0).to_string())
}
