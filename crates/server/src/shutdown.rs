//! Stops a server: it reports "not ready", finishes the requests in flight, and ends.

use std::{
    io,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use actix_rt::time::{sleep, timeout};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::Notify,
};

/// How long a stopping server waits for requests in flight.
const GRACE_PERIOD: Duration = Duration::from_secs(2);

/// How long a load balancer may take to notice that a server is stopping. The project's HAProxy needs one health check
/// with the answer 404, and waits up to 500 ms between two checks.
const DRAIN_TIME: Duration = Duration::from_millis(750);

/// Registers for SIGTERM and Ctrl-C, each of which would end the process at once. Call it within the runtime.
///
/// The future waits for a signal. It returns how long the server keeps accepting requests after it.
pub(crate) fn stop_signal() -> io::Result<impl Future<Output = Duration>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => DRAIN_TIME,
            _ = interrupt.recv() => Duration::ZERO,
        }
    })
}

/// Knows whether the server is stopping, and counts the requests in flight.
#[derive(Debug, Default)]
pub(crate) struct Shutdown {
    stopping: AtomicBool,
    in_flight: AtomicUsize,
    idle: Notify,
}

/// Counts as one request in flight until it is dropped.
pub(crate) struct InFlight<'a>(&'a Shutdown);

impl Shutdown {
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    pub(crate) fn begin_request(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        InFlight(self)
    }

    /// Waits for `stop_signal` and then until no request is in flight. Returns false if some still are after the grace
    /// period.
    ///
    /// After SIGTERM the server accepts requests for another `DRAIN_TIME`. Meanwhile `/readyz` answers 404, so a load
    /// balancer stops using the server before it refuses connections. Ctrl-C skips that wait. `on_shutdown` runs right
    /// after the signal, to end responses that would stay in flight.
    pub(crate) async fn wait(
        &self,
        stop_signal: impl Future<Output = Duration>,
        on_shutdown: impl FnOnce(),
    ) -> bool {
        let drain_time = stop_signal.await;
        self.stopping.store(true, Ordering::SeqCst);
        on_shutdown();
        let in_flight = self.in_flight.load(Ordering::SeqCst);
        let requests = if in_flight == 1 {
            "request"
        } else {
            "requests"
        };
        log::info!("stopping; {in_flight} {requests} in flight");
        timeout(GRACE_PERIOD, async {
            sleep(drain_time).await;
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
