//! The server around the routes.

use std::{
    io::{self, Write},
    net::TcpListener,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    middleware::{DefaultHeaders, from_fn},
    web,
};
use anyhow::Result;
use session_stores::RedisStore;

use crate::{guard, redis::Redis, routes, seal::Seal};

/// What every request may use.
pub(crate) struct Viewer {
    pub(crate) redis: Redis,
    pub(crate) store: RedisStore,
    pub(crate) seal: Seal,
    /// The absolute timeout of the sessions shown: Redis doesn't know it.
    pub(crate) lifetime: Option<Duration>,
}

/// Serves until SIGTERM or Ctrl-C.
pub(crate) async fn run(
    listener: TcpListener,
    redis: Redis,
    store: RedisStore,
    lifetime: Option<Duration>,
) -> Result<()> {
    let address = listener.local_addr()?;
    let viewer = web::Data::new(Viewer {
        redis,
        store,
        seal: Seal::new(),
        lifetime,
    });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(viewer.clone())
            .configure(routes::routes)
            .wrap(from_fn(guard::guard))
            .wrap(headers())
            .wrap(from_fn(guard::log))
    })
    // It waits for Redis, and one thread can do that.
    .workers(1)
    .shutdown_timeout(1)
    .listen(listener)?
    .run();
    // Nobody may be reading, which is no reason to stop.
    let _ = writeln!(io::stdout(), "listening on http://{address}");
    Ok(server.await?)
}

/// Sent with every answer. Everything the page needs is the viewer's own, and none of it stands in the page, so that what
/// a session holds stays text even where the escaping should fail.
fn headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add((
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'",
        ))
        .add(("x-content-type-options", "nosniff"))
        .add(("referrer-policy", "no-referrer"))
        .add(("cache-control", "no-store"))
        .add(("x-served-by", "viewer"))
}
