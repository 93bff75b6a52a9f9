//! Binds the port and serves an application with its sessions.

use std::{
    io,
    net::{SocketAddr, TcpListener, ToSocketAddrs},
};

use actix_session::storage::SessionStore;
use actix_web::{cookie::Key, http::header::HeaderValue, web};

use crate::{
    Application, SecretError, Sessions, Settings, health::health_checks_with_store,
    instance::InstanceInfo, run::run, secret, settings::non_empty, shutdown::Shutdown,
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
        let instance = InstanceInfo {
            served_by: HeaderValue::from_str(&instance_name).map_err(io::Error::other)?,
            name: instance_name,
            store: name,
            shutdown: Shutdown::default(),
            polled: &[],
            error_response: A::error_response,
        };
        let workers = settings.workers;
        let stopping = application.clone();
        let routes = move |config: &mut web::ServiceConfig| {
            let store = Shared::new(store.clone());
            let sessions = Sessions::new(&settings, &key, application.cookie_age(), store.clone());
            config
                .app_data(web::Data::new(store))
                .configure(health_checks_with_store::<S>);
            application.routes(config, &sessions);
        };
        let on_shutdown = move || stopping.on_shutdown();
        run(listener, instance, workers, routes, on_shutdown).await
    }
}

/// Returns the name of an instance without one: its address, or the machine's name if it listens on all addresses.
fn default_name(address: SocketAddr) -> String {
    let host = address.ip().is_unspecified().then(nix::unistd::gethostname);
    host.and_then(Result::ok)
        .and_then(|name| name.into_string().ok())
        .unwrap_or_else(|| address.to_string())
}
