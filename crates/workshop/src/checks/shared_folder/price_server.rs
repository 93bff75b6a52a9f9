//! The server that each change asks. It decides how long a change takes.

use std::{convert::Infallible, time::Duration};

use anyhow::{Context, Result};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// Answers a change by closing its connection.
pub(super) struct PriceServer {
    listener: TcpListener,
    pub(super) address: String,
}

/// A change that waits for its answer. Dropping this value answers it.
pub(super) struct Change {
    _connection: TcpStream,
}

impl PriceServer {
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.context("cannot listen on 127.0.0.1")?;
        let address = listener.local_addr()?.to_string();
        Ok(Self { listener, address })
    }

    /// Returns the next change that asks.
    pub(super) async fn change(&self) -> Result<Change> {
        let (connection, _) = self.listener.accept().await?;
        Ok(Change {
            _connection: connection,
        })
    }

    /// Returns the next change, if one asks within `limit`.
    pub(super) async fn change_within(&self, limit: Duration) -> Result<Option<Change>> {
        timeout(limit, self.change()).await.ok().transpose()
    }

    /// Answers each change at once, until there is an error.
    pub(super) async fn answer(&self) -> Result<Infallible> {
        loop {
            drop(self.change().await?);
        }
    }

    /// Answers each change at once while `work` runs.
    pub(super) async fn during<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.plan(work, async { self.answer().await }).await
    }

    /// Answers changes as `plan` says while `work` runs.
    pub(super) async fn plan<T>(
        &self,
        work: impl Future<Output = Result<T>>,
        plan: impl Future<Output = Result<Infallible>>,
    ) -> Result<T> {
        tokio::select! {
            result = work => result,
            result = plan => match result? {},
        }
    }
}
