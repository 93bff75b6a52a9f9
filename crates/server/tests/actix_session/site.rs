//! A site in the test process, with the server crate or with actix-session's middleware alone.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_session::{Session, SessionMiddleware, config::CookieContentSecurity::Signed};
use actix_web::{
    App, Error, HttpServer, Resource,
    cookie::Key,
    rt::{self, task::JoinHandle},
    web::{self, Data, Json, Path, ServiceConfig},
};
use anyhow::{Context, Result};
use server::{ActixStore, Application, Server, Sessions, Settings};
use session_stores::{MemoryStore, RedisStore, Store, Timeouts};
use testkit::{Endpoint, FaultProxy, Persistence, Redis, Response, TestEnv, Visitor};
use tokio::sync::Barrier;

/// A site whose paths name what the handler does to the session, as in `/add-a+wait`. It answers with the entries.
///
/// The test and the handler meet twice at the barrier: when the handler waits, and when it may go on.
#[derive(Clone)]
struct Site(Arc<Barrier>);

impl Site {
    fn resource(&self) -> Resource {
        web::resource("/{steps}")
            .app_data(Data::from(Arc::clone(&self.0)))
            .route(web::get().to(handle))
    }
}

async fn handle(
    session: Session,
    steps: Path<String>,
    barrier: Data<Barrier>,
) -> Result<Json<BTreeMap<String, String>>, Error> {
    for step in steps.split('+') {
        match step.split_once('-').unwrap_or((step, "")) {
            ("add", name) => session.insert(name, 1)?,
            ("fill", name) => session.insert(name, "x".repeat(70_000))?,
            ("update", name) => session.update(name, |value: u64| value + 1)?,
            ("remove", name) => drop(session.remove(name)),
            ("renew", _) => session.renew(),
            ("purge", _) => session.purge(),
            ("wait", _) => {
                barrier.wait().await;
                barrier.wait().await;
            }
            _ => {}
        }
    }
    Ok(Json(session.entries().clone().into_iter().collect()))
}

impl<S: actix_session::storage::SessionStore + 'static> Application<S> for Site {
    fn routes(&self, config: &mut ServiceConfig, sessions: &Sessions<S>) {
        config.service(sessions.wrap(self.resource()));
    }
}

/// A site on a free port, and its visitor.
pub(crate) struct Running {
    endpoint: Endpoint,
    site: Site,
    pub(crate) visitor: Visitor,
}

impl Running {
    /// Serves with the server crate, which opens a scope for each request.
    pub(crate) fn in_server(store: impl Store + Clone + Send + 'static) -> Result<Self> {
        let server = Server::bind(Settings {
            workers: Some(1),
            ..Settings::on_port(0)
        })?;
        let address = ([127, 0, 0, 1], server.port()).into();
        let it = Self::at(address);
        rt::spawn(server.serve("test", ActixStore::new(store), it.site.clone()));
        Ok(it)
    }

    /// Serves with actix-session's middleware alone.
    pub(crate) fn alone(store: impl Store + Clone + Send + 'static) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let it = Self::at(listener.local_addr()?);
        let (site, key) = (it.site.clone(), Key::generate());
        let server = HttpServer::new(move || {
            let store = ActixStore::new(store.clone());
            let sessions = SessionMiddleware::builder(store, key.clone())
                .cookie_name("sessionID".to_owned())
                .cookie_content_security(Signed)
                .cookie_secure(false)
                .build();
            App::new().service(site.resource().wrap(sessions))
        });
        rt::spawn(server.workers(1).disable_signals().listen(listener)?.run());
        Ok(it)
    }

    fn at(address: SocketAddr) -> Self {
        Self {
            endpoint: Endpoint::new(address),
            site: Site(Arc::new(Barrier::new(2))),
            visitor: Visitor::new(),
        }
    }

    pub(crate) async fn get(&mut self, steps: &str) -> Result<Response> {
        self.visitor.get(&self.endpoint, &format!("/{steps}")).await
    }

    /// Returns the entries of the visitor's session.
    pub(crate) async fn show(&mut self) -> Result<String> {
        Ok(self.get("show").await?.body)
    }

    /// Sends a request whose handler waits at its end until [`finish`](Self::finish) is called.
    pub(crate) async fn begin(&self, steps: &str) -> JoinHandle<Result<Visitor>> {
        let (mut visitor, endpoint) = (self.visitor.clone(), self.endpoint.clone());
        let path = format!("/{steps}+wait");
        let request = rt::spawn(async move {
            assert_eq!(visitor.get(&endpoint, &path).await?.status, 200);
            Ok(visitor)
        });
        self.site.0.wait().await;
        request
    }

    /// Finishes `request`. The visitor keeps the cookie of its response.
    pub(crate) async fn finish(&mut self, request: JoinHandle<Result<Visitor>>) -> Result<()> {
        self.site.0.wait().await;
        self.visitor = request.await??;
        Ok(())
    }

    /// Returns the ID of the visitor's session.
    pub(crate) fn id(&self) -> Result<String> {
        let id = self.visitor.session_id().context("no session")?;
        Ok(id.to_owned())
    }
}

/// Returns a permissive store.
pub(crate) fn memory() -> MemoryStore {
    MemoryStore::new(Timeouts::default())
}

/// Starts Redis behind a proxy. Returns both with a store, which is strict and imports sessions from cookies.
pub(crate) async fn redis() -> Result<(Redis, FaultProxy, RedisStore)> {
    let redis = Redis::start(&TestEnv::new()?, Persistence::AppendOnly).await?;
    let proxy = FaultProxy::start(&redis)?;
    let mut options = session_stores::redis::Options::new(proxy.url());
    options.import_cookies = true;
    Ok((redis, proxy, RedisStore::connect(options).await?))
}
