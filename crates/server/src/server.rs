//! Binding, workers, and the end.

use std::{
    io::{self, Write},
    net::{SocketAddr, TcpListener, ToSocketAddrs},
    num::NonZero,
};

use actix_session::storage::SessionStore;
use actix_web::{
    App, HttpServer, cookie::Key, http::header::HeaderValue, middleware::from_fn, rt, web,
};

use crate::{
    Application, SecretError, Sessions, Settings,
    access_log::access_log,
    application::plain_text,
    health::{HEALTH_PATHS, health},
    instance::InstanceInfo,
    secret,
    settings::non_empty,
    shutdown::{Drain, Signals},
    store::Shared,
};

/// Why a server can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {host}:{port}: {}; choose another with --port or APP_PORT", .source.kind())]
    Listen {
        /// As asked for.
        host: String,
        /// As asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The host name has no address.
    #[error("--host {0:?} has no address")]
    Host(String),
    /// See [`SecretError`].
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A cookie named `__Host-…` has no domain (RFC 6265bis, section 4.1.3.2).
    #[error(
        "--cookie-domain and --secure-cookie exclude each other: a cookie named __Host-sessionID belongs to one host alone"
    )]
    CookieDomain,
}

/// A server that has its address and not yet its store.
pub struct Server {
    settings: Settings,
    listener: TcpListener,
    address: SocketAddr,
    key: Key,
}

impl Server {
    /// Checks the settings and takes the port.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn bind(settings: Settings) -> Result<Self, StartError> {
        let Settings { host, port, .. } = &settings;
        let failed = |source| StartError::Listen {
            host: host.clone(),
            port: *port,
            source,
        };
        let addresses: Vec<_> = (host.as_str(), *port)
            .to_socket_addrs()
            .map_err(|_| StartError::Host(host.clone()))?
            .collect();
        let loopback = addresses.iter().all(|address| address.ip().is_loopback());
        let key = secret::signing_key(non_empty(settings.session_key.as_ref()), loopback, host)?;
        if settings.secure_cookie && non_empty(settings.cookie_domain.as_ref()).is_some() {
            return Err(StartError::CookieDomain);
        }
        let listener = TcpListener::bind(&addresses[..]).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self {
            settings,
            listener,
            address,
            key,
        })
    }

    /// The port it has, also when it was asked for any free one.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Serves `application` until SIGTERM or Ctrl-C, with sessions in `store`, which is called `name`.
    pub async fn serve<S, A>(self, name: &'static str, store: S, application: A) -> io::Result<()>
    where
        S: SessionStore + Clone + Send + 'static,
        A: Application<S>,
    {
        let Self {
            settings,
            listener,
            address,
            key,
        } = self;
        let instance = non_empty(settings.instance.as_ref())
            .map_or_else(|| default_name(address), str::to_owned);
        let served_by = HeaderValue::from_str(&instance).map_err(io::Error::other)?;
        let instance = web::Data::new(InstanceInfo {
            instance,
            served_by,
            store: name,
            drain: Drain::default(),
            polled: HEALTH_PATHS,
            error_response: A::error_response,
        });
        let workers = settings.workers;
        let ending = application.clone();
        let routes = move |config: &mut web::ServiceConfig| {
            let store = Shared::new(store.clone());
            let sessions = Sessions::new(&settings, &key, application.cookie_age(), store.clone());
            config
                .app_data(web::Data::new(store))
                .configure(health::<S>);
            application.routes(config, &sessions);
        };
        run(listener, instance, workers, routes, move || {
            ending.stopping();
        })
        .await
    }
}

/// Serves `routes` on `listener` until SIGTERM or Ctrl-C, with one worker and without sessions, as the instance `name`.
///
/// Adds the access log, `X-Served-By` and the graceful shutdown. `routes` must include
/// [`health_checks`](crate::health_checks). Requests for the `polled` paths are logged at the debug level.
pub async fn serve_without_sessions(
    name: &'static str,
    listener: TcpListener,
    polled: &'static [&'static str],
    routes: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> io::Result<()> {
    let instance = web::Data::new(InstanceInfo {
        instance: name.to_owned(),
        served_by: HeaderValue::from_static(name),
        store: "none",
        drain: Drain::default(),
        polled,
        error_response: plain_text,
    });
    run(listener, instance, Some(NonZero::<u16>::MIN), routes, || ()).await
}

/// Serves `routes` until SIGTERM or Ctrl-C. Calls `stopping` at the signal.
async fn run(
    listener: TcpListener,
    instance: web::Data<InstanceInfo>,
    workers: Option<NonZero<u16>>,
    routes: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    stopping: impl FnOnce() + 'static,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let draining = instance.clone();
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(instance.clone())
            .configure(&routes)
            .wrap(from_fn(access_log))
    });
    if let Some(workers) = workers {
        server = server.workers(workers.get().into());
    }
    let server = server
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)?
        .run();

    let signals = Signals::new()?;
    let handle = server.handle();
    rt::spawn(async move {
        let idle = draining.drain.at_signal(signals, stopping).await;
        handle.stop(idle).await;
    });
    // Nobody may be reading, which is no reason to stop.
    let _ = writeln!(io::stdout(), "listening on http://{address}");
    server.await
}

/// An instance without a name: its address, or, where that is every address, the name of its machine or container.
fn default_name(address: SocketAddr) -> String {
    let host = address.ip().is_unspecified().then(nix::unistd::gethostname);
    host.and_then(Result::ok)
        .and_then(|name| name.into_string().ok())
        .unwrap_or_else(|| address.to_string())
}
