//! Binds the port and serves an application with its sessions.

use std::{
    io,
    net::{SocketAddr, TcpListener, ToSocketAddrs},
};

use actix_session::storage::SessionStore;
use actix_web::{
    HttpResponse,
    cookie::Key,
    http::{StatusCode, header::HeaderValue},
    web::ServiceConfig,
};
use anyhow::{Error, anyhow, ensure};

use crate::{
    Application, CookieSettings, Sessions, Settings, health::health_checks_with_store,
    instance::InstanceInfo, plain_text, run::run, secret::signing_key, shutdown::Shutdown,
    store::Shared,
};

/// A server that has bound its port and serves nothing yet.
pub struct Server {
    settings: Settings,
    listener: TcpListener,
    address: SocketAddr,
    key: Key,
}

impl Server {
    /// Checks the settings and binds the port.
    pub fn bind(settings: Settings) -> anyhow::Result<Self> {
        let Settings { host, port, .. } = &settings;
        let addresses: Vec<_> = (host.as_str(), *port)
            .to_socket_addrs()
            .map_err(|_| anyhow!("--host {host:?} has no address"))?
            .collect();
        let loopback = addresses.iter().all(|address| address.ip().is_loopback());
        let key = signing_key(settings.session_key.as_deref(), loopback, host)?;
        // RFC 6265bis, section 4.1.3.2
        ensure!(
            !settings.secure_cookie || settings.cookie_domain.is_none(),
            "--cookie-domain and --secure-cookie exclude each other: a cookie named __Host-sessionID belongs to one host alone"
        );
        let listener = TcpListener::bind(&addresses[..]).map_err(|error| {
            let cause = error.kind();
            let text = format!(
                "cannot listen on {host}:{port}: {cause}; choose another with --port or APP_PORT"
            );
            Error::new(error).context(text)
        })?;
        Ok(Self {
            address: listener.local_addr()?,
            settings,
            listener,
            key,
        })
    }

    /// Returns the port that the server has bound, even if the settings asked for any free one.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns the settings of the session cookie.
    pub fn cookie(&self) -> CookieSettings {
        let secure = self.settings.secure_cookie;
        CookieSettings {
            name: if secure {
                "__Host-sessionID"
            } else {
                "sessionID"
            },
            domain: self.settings.cookie_domain.clone(),
            secure,
            protection: self.settings.cookie,
            key: self.key.clone(),
        }
    }

    /// Serves `application` until SIGTERM or Ctrl-C, with its sessions in `store`, which is one of actix-session.
    /// Pages, JSON and `/readyz` call the store `name`.
    pub async fn serve<S, A>(self, name: &'static str, store: S, application: A) -> io::Result<()>
    where
        S: SessionStore + Clone + Send + 'static,
        A: Application<S>,
    {
        let cookie = self.cookie();
        let routes = move |config: &mut ServiceConfig| {
            let store = Shared::new(store.clone(), cookie.protection.longest_key());
            let cookie = cookie.clone();
            let probe = store.clone();
            health_checks_with_store(config, async move || probe.is_up().await);
            application.routes(config, &Sessions { cookie, store });
        };
        self.serve_routes(name, routes, plain_text, || ()).await
    }

    /// Does the same for an application with a session layer of its own, which uses the [`cookie`](Self::cookie).
    ///
    /// - `routes` registers the routes, with [`health_checks_with_store`] among them. The access log shows the
    ///   [`ShortId`](session_stores::ShortId) that the session layer inserts into the request's extensions.
    /// - `error_response` builds the response for an error that no handler sees. For instance, the request comes from
    ///   another site's page.
    /// - `on_shutdown` runs once, when the server has received a signal to stop. Requests in flight are still being
    ///   served.
    pub async fn serve_routes(
        self,
        store: &'static str,
        routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
        error_response: fn(StatusCode, &str) -> HttpResponse,
        on_shutdown: impl FnOnce() + 'static,
    ) -> io::Result<()> {
        let default = || default_name(self.address);
        let name = self.settings.instance.unwrap_or_else(default);
        let instance = InstanceInfo {
            served_by: HeaderValue::from_str(&name).map_err(io::Error::other)?,
            store,
            shutdown: Shutdown::default(),
            clients: self.settings.clients,
            https_only: self.settings.secure_cookie,
            polled: &[],
            error_response,
        };
        let workers = self.settings.workers;
        run(self.listener, instance, workers, routes, on_shutdown).await
    }
}

/// Returns the name of an instance without one: its address, or the machine's name if it listens on all addresses.
fn default_name(address: SocketAddr) -> String {
    let host = address.ip().is_unspecified().then(nix::unistd::gethostname);
    host.and_then(Result::ok)
        .and_then(|name| name.into_string().ok())
        .unwrap_or_else(|| address.to_string())
}
