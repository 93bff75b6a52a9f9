//! The common parts of the programs that people start.

use std::future::pending;

use tokio::signal::unix::{SignalKind, signal};

/// Returns the name that the user typed, such as `scripts/demo.sh`. Scripts pass it on as `argv[0]`.
pub fn typed_name() -> String {
    let name = std::env::args_os().next().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Runs `work` to its end. Returns `None` if Ctrl-C, SIGTERM, or the end of the terminal (SIGHUP) comes before.
pub async fn unless_stopped<T>(work: impl Future<Output = T>) -> Option<T> {
    let received = async |kind| match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        // The handler cannot be installed: wait for the other signals only.
        Err(_) => pending().await,
    };
    tokio::select! {
        biased;
        () = received(SignalKind::interrupt()) => None,
        () = received(SignalKind::terminate()) => None,
        () = received(SignalKind::hangup()) => None,
        result = work => Some(result),
    }
}
