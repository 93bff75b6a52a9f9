//! Runs a server: starts its log and its workers, and waits until they have stopped.

use std::{
    env,
    io::{self, Write},
    net::TcpListener,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    http::{KeepAlive, header::HeaderValue},
    middleware::from_fn,
    rt, web,
};

use crate::{
    ClientSettings,
    access_log::access_log,
    application::plain_text,
    error_pages::show_errors,
    instance::InstanceInfo,
    log_filter::check_log_filter,
    open_files::raise_open_file_limit,
    request_body::limit_body_time,
    shutdown::{Shutdown, stop_signal},
};

/// Starts the log and runs a server until it ends. If it fails, prints the error and exits with status 1.
///
/// It exits instead of returning, because leaving `main` waits for every blocking call. A DNS lookup may hang there.
pub async fn run_to_end(serving: impl Future<Output = anyhow::Result<()>>) {
    let log_filter = env::var("RUST_LOG").unwrap_or_default();
    if let Err(error) = check_log_filter(&log_filter) {
        fail(&error);
    }
    // RUST_LOG replaces this filter.
    let filter = env_logger::Env::default().default_filter_or("info,actix_server=warn");
    env_logger::init_from_env(filter);
    raise_open_file_limit();
    if let Err(error) = serving.await {
        fail(&error);
    }
}

fn fail(error: &anyhow::Error) -> ! {
    // `{:?}` would add a backtrace if RUST_BACKTRACE is set.
    eprintln!("Error: {error:#}");
    std::process::exit(1);
}

/// Serves `routes` on `listener` until SIGTERM or Ctrl-C, with one worker and without sessions, as the instance `name`.
///
/// Adds the access log, `X-Served-By` and the graceful shutdown. `routes` must include
/// [`health_checks`](crate::health_checks). The access log shows requests for these and for the `polled` paths at debug
/// level only.
pub async fn serve_without_sessions(
    name: &'static str,
    listener: TcpListener,
    clients: ClientSettings,
    polled: &'static [&'static str],
    routes: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> io::Result<()> {
    let instance = InstanceInfo {
        served_by: HeaderValue::from_static(name),
        store: "none",
        shutdown: Shutdown::default(),
        clients,
        https_only: false,
        polled,
        error_response: plain_text,
    };
    run(listener, instance, Some(1), routes, || ()).await
}

/// Serves `routes` until SIGTERM or Ctrl-C, and calls `on_shutdown` then.
pub(crate) async fn run(
    listener: TcpListener,
    instance: InstanceInfo,
    workers: Option<u16>,
    routes: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
    on_shutdown: impl FnOnce() + 'static,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let request_timeout = instance.clients.request_timeout.0;
    // actix-web limits only the time of the first head of a connection. A load balancer limits the time of each.
    let keep_alive = if instance.clients.behind_proxy {
        KeepAlive::default()
    } else {
        KeepAlive::Disabled
    };
    let instance = web::Data::new(instance);
    let stopping = instance.clone();
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(instance.clone())
            .configure(&routes)
            .wrap(from_fn(limit_body_time))
            .wrap(from_fn(show_errors))
            .wrap(from_fn(access_log))
    });
    if let Some(workers) = workers {
        server = server.workers(workers.into());
    }
    let server = server
        .disable_signals()
        .keep_alive(keep_alive)
        // 0 means no limit.
        .client_request_timeout(request_timeout.unwrap_or(Duration::ZERO))
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
