//! The end that somebody asks for.

use std::future::pending;

use tokio::signal::unix::{SignalKind, signal};

/// Waits for Ctrl-C, SIGTERM, or the end of the terminal.
pub async fn shutdown_signal() {
    let heard = async |kind| match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        // What can't be heard doesn't come.
        Err(_) => pending().await,
    };
    tokio::select! {
        () = heard(SignalKind::interrupt()) => {}
        () = heard(SignalKind::terminate()) => {}
        () = heard(SignalKind::hangup()) => {}
    }
}
