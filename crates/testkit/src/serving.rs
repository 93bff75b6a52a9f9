//! Reads from HAProxy's statistics which instances it uses.

use std::{net::SocketAddr, time::Duration};

use anyhow::Result;

use crate::{Demo, Endpoint, Visitor, wait::wait_until};

/// Limits how long HAProxy may take to follow a change.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the statistics of HAProxy, which is at `endpoint`. A line is backend,server,...,status,...
async fn statistics(endpoint: &Endpoint) -> Result<String> {
    let statistics = endpoint.named("stats.localhost");
    Ok(Visitor::new().get(&statistics, "/;csv").await?.body)
}

/// Waits until HAProxy, which is at `endpoint`, has `count` instances of `demo` in service, and doubts none of them.
pub async fn serving(endpoint: &Endpoint, demo: Demo, count: usize) -> Result<()> {
    let service = demo.service();
    // After one failed check, the status of a server is "UP 1/2".
    let prefix = format!("{service},");
    let is_server = |line: &&str| line.starts_with(&prefix) && !line.contains(",BACKEND,");
    let what = format!("HAProxy to have {count} instances of {service} in service");
    wait_until(&what, PATIENCE, async || {
        let csv = statistics(endpoint).await?;
        let servers = csv.lines().filter(is_server);
        let up = servers.clone().filter(|line| line.contains(",UP,"));
        let doubted = servers.filter(|line| line.contains(",UP ")).count();
        Ok((up.count() == count && doubted == 0).then_some(()))
    })
    .await
}

/// Returns the address of the server that HAProxy calls `name`, as in `memory-1`, if HAProxy knows one.
pub(crate) async fn server_address(endpoint: &Endpoint, name: &str) -> Result<Option<SocketAddr>> {
    let csv = statistics(endpoint).await?;
    let mut rows = csv.lines().map(|line| line.split(','));
    let addresses = rows
        .next()
        .and_then(|mut names| names.position(|name| name == "addr"));
    let mut server = rows.find(|row| row.clone().nth(1) == Some(name));
    let address = server
        .as_mut()
        .zip(addresses)
        .and_then(|(row, index)| row.nth(index));
    Ok(address.and_then(|address| address.parse().ok()))
}
