//! The time of a request, compared between two places.

use std::time::Duration;

use anyhow::Result;

use crate::visitor::Visitor;

/// The requests of each visitor.
pub(super) const TIMED: usize = 100;

/// Sends requests of both `visitors`, which read and write their sessions. Returns the median times in milliseconds.
pub(super) async fn medians(mut visitors: [Visitor; 2]) -> Result<[f64; 2]> {
    let mut times = [Vec::new(), Vec::new()];
    // Alternately, so that both have the same share of whatever else the machine does.
    for _ in 0..TIMED {
        for (visitor, times) in visitors.iter_mut().zip(&mut times) {
            times.push(visitor.get("/").await?.took);
        }
    }
    Ok(times.map(|mut times: Vec<Duration>| {
        times.sort_unstable();
        1000.0 * times[TIMED / 2].as_secs_f64()
    }))
}
