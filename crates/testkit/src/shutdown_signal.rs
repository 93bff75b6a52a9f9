//! The signals that ask a program to end.

use std::future::pending;

use tokio::signal::unix::{SignalKind, signal};

/// Waits for Ctrl-C, SIGTERM, or the end of the terminal (SIGHUP).
pub async fn shutdown_signal() {
    let received = async |kind| match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        // The handler cannot be installed: wait for the other signals only.
        Err(_) => pending().await,
    };
    tokio::select! {
        () = received(SignalKind::interrupt()) => {}
        () = received(SignalKind::terminate()) => {}
        () = received(SignalKind::hangup()) => {}
    }
}
