//! Binds the port, starts the workers, and waits until they have stopped.

use std::{
    io::{self, Write},
    net::{SocketAddr, TcpListener, ToSocketAddrs},
};

use actix_session::storage::SessionStore;
use actix_web::{
    App, HttpServer, cookie::Key, http::header::HeaderValue, middleware::from_fn, rt, web,
};

use crate::{
    Application, SecretError, Sessions, Settings,
    access_log::access_log,
    application::plain_text,
    health,
    instance::InstanceInfo,
    secret,
    settings::non_empty,
    shutdown::{Shutdown, stop_signal},
    store::Shared,
};

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program listens on the address, or the machine does not have it.
    #[error("cannot listen on {host}:{port}: {}; choose another with --port or APP_PORT", .source.kind())]
    Listen {
        /// The host in the settings.
        host: String,
        /// The port in the settings.
        port: u16,
        /// The system's error.
        source: io::Error,
    },
    /// The host name has no address.
    #[error("--host {0:?} has no address")]
    Host(String),
    /// There is no usable secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A cookie named `__Host-…` must not have a domain (RFC 6265bis, section 4.1.3.2).
    #[error(
        "--cookie-domain and --secure-cookie exclude each other: a cookie named __Host-sessionID belongs to one host alone"
    )]
    CookieDomain,
}

/// A server that has bound its port and serves nothing yet.
pub struct Server {
    settings: Settings,
    listener: TcpListener,
    address: SocketAddr,
    key: Key,
}

impl Server {
    /// Checks the settings and binds the port.
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

    /// Returns the port that the server has bound, even if the settings asked for any free one.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Serves `application` until SIGTERM or Ctrl-C, with its sessions in `store`. Pages, JSON and `/readyz` call the
    /// store `name`.
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
        let instance_name = non_empty(settings.instance.as_ref())
            .map_or_else(|| default_name(address), str::to_owned);
        let instance = web::Data::new(InstanceInfo {
            served_by: HeaderValue::from_str(&instance_name).map_err(io::Error::other)?,
            name: instance_name,
            store: name,
            shutdown: Shutdown::default(),
            polled_paths: health::PATHS,
            error_response: A::error_response,
        });
        let workers = settings.workers;

        let stopping = application.clone();
        let routes = move |config: &mut web::ServiceConfig| {
            let store = Shared::new(store.clone());
            let sessions = Sessions::new(&settings, &key, application.cookie_age(), store.clone());
            config
                .app_data(web::Data::new(store))
                .configure(health::routes::<S>);
            application.routes(config, &sessions);
        };
        run(listener, instance, workers, routes, move || {
            stopping.on_shutdown();
        })
        .await
    }
}

/// Serves `routes` on `listener` until SIGTERM or Ctrl-C, as the instance `name`, with one worker and without sessions.
///
/// Adds the access log, `X-Served-By` and the graceful shutdown. `routes` must include
/// [`health_checks`](crate::health_checks). The access log hides requests for `polled_paths` by default.
pub async fn serve_without_sessions(
    name: &'static str,
    listener: TcpListener,
    polled_paths: &'static [&'static str],
    routes: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> io::Result<()> {
    let instance = web::Data::new(InstanceInfo {
        served_by: HeaderValue::from_static(name),
        name: name.to_owned(),
        store: "none",
        shutdown: Shutdown::default(),
        polled_paths,
        error_response: plain_text,
    });
    run(listener, instance, Some(1), routes, || ()).await
}

/// Serves `routes` until SIGTERM or Ctrl-C. Calls `on_shutdown` at the signal.
async fn run(
    listener: TcpListener,
    instance: web::Data<InstanceInfo>,
    workers: Option<u16>,
    routes: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    on_shutdown: impl FnOnce() + 'static,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let stopping = instance.clone();
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(instance.clone())
            .configure(&routes)
            .wrap(from_fn(access_log))
    });
    if let Some(workers) = workers {
        server = server.workers(workers.into());
    }
    let server = server
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)?
        .run();

    let stop_signal = stop_signal()?;
    let handle = server.handle();
    rt::spawn(async move {
        let idle = stopping.shutdown.wait(stop_signal, on_shutdown).await;
        handle.stop(idle).await;
    });
    // Standard output may be closed. Serve nevertheless.
    let _ = writeln!(io::stdout(), "listening on http://{address}");
    server.await
}

/// Returns the name of an instance without one: its address, or the machine's name if it listens on all addresses.
fn default_name(address: SocketAddr) -> String {
    let host = address.ip().is_unspecified().then(nix::unistd::gethostname);
    host.and_then(Result::ok)
        .and_then(|name| name.into_string().ok())
        .unwrap_or_else(|| address.to_string())
}
