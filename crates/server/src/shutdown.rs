//! The end of a server: it says so, finishes what is in flight, and goes.

use std::{
    io,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use actix_rt::time::{sleep, timeout};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::Notify,
};

/// How long a stopping server waits for what is in flight.
const LIMIT: Duration = Duration::from_secs(2);

/// How long a balancer takes to see that a server is stopping: with the project's HAProxy, 500 ms to the next check and
/// 100 ms to the second one that counts.
const LINGER: Duration = Duration::from_millis(750);

/// The signals that end a server, from now on: before, they would end the process.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Must be called within the runtime.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for one; returns how long to linger after it.
    async fn next(&mut self) -> Duration {
        tokio::select! {
            _ = self.terminate.recv() => LINGER,
            _ = self.interrupt.recv() => Duration::ZERO,
        }
    }
}

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

    /// Waits for SIGTERM or Ctrl-C, and then until nothing is in flight, but no longer than `LIMIT`: false if something
    /// still is. After SIGTERM, which is how whoever runs servers behind a balancer ends one, it serves on for `LINGER`
    /// at least: `/readyz` says that it is stopping, and the balancer turns away before connections are refused.
    /// `stopping` is called at the signal, for what would hold the end.
    pub(crate) async fn at_signal(&self, mut signals: Signals, stopping: impl FnOnce()) -> bool {
        let linger = signals.next().await;
        self.stopping.store(true, Ordering::SeqCst);
        stopping();
        let waiting = self.in_flight.load(Ordering::SeqCst);
        log::info!("stopping; {waiting} requests in flight");
        timeout(LIMIT, async {
            sleep(linger).await;
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
