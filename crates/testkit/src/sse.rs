//! Streams of server-sent events.

use std::pin::Pin;

use anyhow::{Result, anyhow, ensure};
use awc::{
    error::PayloadError,
    http::{Method, header::ACCEPT},
};
use futures_util::{Stream, StreamExt};

use crate::{Endpoint, Visitor};

/// An open stream of server-sent events.
pub struct Events {
    parts: Pin<Box<dyn Stream<Item = Result<Vec<u8>, PayloadError>>>>,
    buffer: String,
}

impl Visitor {
    /// Opens the stream of server-sent events at `path`. Any status but 200 is an error.
    pub async fn listen(&self, endpoint: &Endpoint, path: &str) -> Result<Events> {
        let request = self
            .request(Method::GET, endpoint, path)
            .insert_header((ACCEPT, "text/event-stream"));
        let response = request
            .send()
            .await
            .map_err(|error| anyhow!("GET {path}: {error}"))?;
        ensure!(
            response.status() == 200,
            "GET {path}: {}",
            response.status()
        );
        Ok(Events {
            parts: Box::pin(response.map(|part| part.map(|bytes| bytes.to_vec()))),
            buffer: String::new(),
        })
    }
}

impl Events {
    /// Waits for the next event and returns its data, or `None` when the server has ended the stream.
    pub async fn next(&mut self) -> Result<Option<String>> {
        loop {
            if let Some(end) = self.buffer.find("\n\n") {
                let event: String = self.buffer.drain(..end + 2).collect();
                if let Some(data) = data(&event) {
                    return Ok(Some(data));
                }
            } else {
                let Some(part) = self.parts.next().await else {
                    return Ok(None);
                };
                let part = part.map_err(|error| anyhow!("the events ended: {error}"))?;
                self.buffer += &String::from_utf8_lossy(&part);
            }
        }
    }
}

/// Returns the data of an event, or `None` for a comment.
fn data(event: &str) -> Option<String> {
    let lines: Vec<_> = event
        .lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .map(|line| line.trim_start_matches(' '))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_data_and_a_comment_has_none() {
        assert_eq!(
            data("event: message\ndata: one\ndata:two").unwrap(),
            "one\ntwo"
        );
        assert_eq!(data(": still here"), None);
    }
}
