//! A reader of server-sent events, on a connection of its own.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use testkit::{Endpoint, Visitor};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(15);

/// A stream that has begun.
pub(crate) struct Stream {
    connection: TcpStream,
    seen: Vec<u8>,
}

impl Stream {
    /// Opens one with the cookie of `visitor`.
    pub(crate) async fn open(endpoint: &Endpoint, visitor: &Visitor) -> Result<Self> {
        let cookie = visitor
            .cookie()
            .context("no cookie")?
            .encoded()
            .stripped()
            .to_string();
        let mut connection = TcpStream::connect(endpoint.address()).await?;
        let request = format!(
            "GET /messages HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\n\r\n",
            endpoint.host()
        );
        connection.write_all(request.as_bytes()).await?;
        let mut stream = Self {
            connection,
            seen: Vec::new(),
        };
        let head = stream.wait_until("retry: ").await?;
        ensure!(
            head.starts_with("HTTP/1.1 200 ") && head.contains("content-type: text/event-stream"),
            "{head}"
        );
        ensure!(head.contains("cache-control: no-store"), "{head}");
        Ok(stream)
    }

    /// Reads up to and including `text`.
    pub(crate) async fn wait_until(&mut self, text: &str) -> Result<String> {
        timeout(PATIENCE, async {
            let mut byte = [0];
            while !self.seen.ends_with(text.as_bytes()) {
                if self.connection.read(&mut byte).await? == 0 {
                    bail!(
                        "it ended before {text:?}: {}",
                        String::from_utf8_lossy(&self.seen)
                    );
                }
                self.seen.push(byte[0]);
            }
            Ok(String::from_utf8_lossy(&std::mem::take(&mut self.seen)).into_owned())
        })
        .await
        .with_context(|| format!("{text:?} didn't come"))?
    }

    /// Reads to the end of the stream: its last, empty chunk.
    pub(crate) async fn end(mut self) -> Result<()> {
        self.wait_until("\r\n0\r\n\r\n").await.map(drop)
    }
}
