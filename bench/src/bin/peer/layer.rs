//! The counter on actix-web with our session layer.

use actix_web::{App, HttpServer, cookie::Key, web};
use session_layer::{KeyRing, Options, Session, SessionError, SessionLayer};
use session_stores::Store;

use crate::{address, secret};

const COUNT: &str = "count";

pub(crate) async fn serve<S: Store + Clone + Send + 'static>(store: S) -> anyhow::Result<()> {
    let key = Key::derive_from(secret()?.as_bytes());
    let app = move || {
        let mut options = Options::default();
        options.cookie_secure = false;
        let layer = SessionLayer::with_options(store.clone(), KeyRing::new(key.clone()), options);
        App::new()
            .wrap(layer.middleware())
            .route("/", web::get().to(count))
            .route("/read", web::get().to(read))
    };
    let server = HttpServer::new(app).workers(1).bind(address()?)?;
    println!("listening on http://127.0.0.1:{}", address()?.1);
    Ok(server.run().await?)
}

async fn count(session: Session) -> Result<String, SessionError> {
    let count = session.update(COUNT, |count: Option<u64>| count.unwrap_or(0) + 1);
    Ok(count.await?.to_string())
}

async fn read(session: Session) -> Result<String, SessionError> {
    Ok(session.get::<u64>(COUNT)?.unwrap_or(0).to_string())
}
