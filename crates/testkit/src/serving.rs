//! Reads from HAProxy's statistics which instances it uses.

use std::time::Duration;

use anyhow::Result;

use crate::{Demo, Endpoint, Visitor, wait::wait_until};

/// Limits how long HAProxy may take to follow a change.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until HAProxy, which is at `endpoint`, has `count` instances of `demo` in service, and doubts none of them.
pub async fn serving(endpoint: &Endpoint, demo: Demo, count: usize) -> Result<()> {
    let statistics = endpoint.named("stats.localhost");
    let service = demo.service();
    // A line is backend,server,...,status,... After one failed check, the status of a server is "UP 1/2".
    let prefix = format!("{service},");
    let is_server = |line: &&str| line.starts_with(&prefix) && !line.contains(",BACKEND,");
    let what = format!("HAProxy to have {count} instances of {service} in service");
    wait_until(&what, PATIENCE, async || {
        let csv = Visitor::new().get(&statistics, "/;csv").await?.body;
        let servers = csv.lines().filter(is_server);
        let up = servers.clone().filter(|line| line.contains(",UP,"));
        let doubted = servers.filter(|line| line.contains(",UP ")).count();
        Ok((up.count() == count && doubted == 0).then_some(()))
    })
    .await
}
