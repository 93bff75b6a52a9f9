//! The end of a server: it says so, finishes what is in flight, and goes.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use actix_web::rt::time::timeout;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Notify,
};

/// Whether the server is stopping, and how many requests it has yet to answer.
#[derive(Debug, Default)]
pub(crate) struct Drain {
    stopping: AtomicBool,
    in_flight: AtomicUsize,
    idle: Notify,
}

/// Counts as a request in flight until it is dropped.
pub(crate) struct InFlight<'a>(&'a Drain);

impl Drain {
    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    pub(crate) fn enter(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        InFlight(self)
    }

    /// Waits for SIGTERM or Ctrl-C, and then until nothing is in flight, but no longer than `limit`: false if something
    /// still is. Meanwhile the server serves on and `/readyz` says that it is stopping, so that a balancer turns away
    /// before connections are refused.
    pub(crate) async fn at_signal(&self, limit: Duration) -> bool {
        let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
            log::error!("signals can't be handled here: SIGTERM and Ctrl-C will end this server at once");
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        self.stopping.store(true, Ordering::SeqCst);
        let waiting = self.in_flight.load(Ordering::SeqCst);
        log::info!("stopping; {waiting} requests in flight");
        timeout(limit, async {
            while self.in_flight.load(Ordering::SeqCst) > 0 {
                self.idle.notified().await;
            }
        })
        .await
        .is_ok()
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if self.0.in_flight.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_one();
        }
    }
}
