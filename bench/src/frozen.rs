//! Measures what visitors see while Redis is frozen for two seconds.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use anyhow::Result;
use futures_util::future::join_all;
use testkit::{Redis, Visitor};
use tokio::time::{sleep, timeout};

use crate::server::Running;

const VISITORS: usize = 8;
const FROZEN: Duration = Duration::from_secs(2);

/// The longest wait for the first success after Redis has gone on.
const PATIENCE: Duration = Duration::from_secs(8);

/// The waits of all visitors together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frozen {
    /// The longest time that a visitor waited for a response, in milliseconds.
    pub(crate) longest: f64,
    /// The responses that came while Redis was frozen. They were errors.
    pub(crate) answered: u32,
    /// The time from Redis's return to the first success, in milliseconds. `None` if it took longer than the patience.
    pub(crate) recovered: Option<f64>,
}

/// Lets visitors send one request after another to `server`, and freezes Redis meanwhile.
pub(crate) async fn freeze(redis: &Redis, server: &Running) -> Result<Frozen> {
    let endpoint = server.instance.endpoint();
    let path = server.subject.path;
    let mut visitors: Vec<_> = (0..VISITORS).map(|_| Visitor::new()).collect();
    for visitor in &mut visitors {
        visitor.get(&endpoint, path).await?;
    }
    redis.freeze()?;
    let frozen_at = Instant::now();
    let (longest, answered) = (Cell::new(Duration::ZERO), Cell::new(0));
    let recovered_at = Cell::new(None);
    let visits = visitors.iter_mut().map(async |visitor| {
        while recovered_at.get().is_none() && frozen_at.elapsed() < FROZEN + PATIENCE {
            let sent_at = Instant::now();
            // A client's own error counts as a failure.
            let response = timeout(FROZEN + PATIENCE, visitor.get(&endpoint, path)).await;
            let succeeded = matches!(response, Ok(Ok(response)) if response.status == 200);
            longest.set(longest.get().max(sent_at.elapsed()));
            if succeeded && frozen_at.elapsed() > FROZEN {
                recovered_at.set(Some(Instant::now()));
            } else {
                answered.set(answered.get() + u32::from(frozen_at.elapsed() < FROZEN));
                sleep(Duration::from_millis(20)).await;
            }
        }
    });
    let thaw = async {
        sleep(FROZEN).await;
        redis.thaw()?;
        anyhow::Ok(Instant::now())
    };
    let (thawed_at, _) = tokio::join!(thaw, join_all(visits));
    let thawed_at = thawed_at?;
    let recovered = recovered_at.get();
    Ok(Frozen {
        longest: longest.get().as_secs_f64() * 1000.0,
        answered: answered.get(),
        recovered: recovered.map(|at| (at - thawed_at).as_secs_f64() * 1000.0),
    })
}
