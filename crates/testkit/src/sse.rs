//! Requests and answers that come in parts.

use std::{io, pin::Pin};

use anyhow::{Result, anyhow, ensure};
use awc::{
    body::SizedStream,
    error::PayloadError,
    http::{
        Method,
        header::{ACCEPT, EXPECT},
    },
};
use futures_util::{FutureExt, Stream, StreamExt, stream::once};

use crate::{Endpoint, Response, Visitor};

/// An open stream of server-sent events.
pub struct Events {
    parts: Pin<Box<dyn Stream<Item = Result<Vec<u8>, PayloadError>>>>,
    seen: String,
}

impl Visitor {
    /// Sends a text, which comes only when `go` is over: until then the request has begun, and waits for its body.
    ///
    /// # Errors
    /// There was no answer.
    pub async fn post_slowly(
        &mut self,
        endpoint: &Endpoint,
        path: &str,
        text: &str,
        go: impl Future<Output = ()> + 'static,
    ) -> Result<Response> {
        let (length, text) = (text.len() as u64, text.to_owned());
        let body = once(go.map(|()| Ok::<_, io::Error>(text.into())));
        // A client that expects to be told to go on sends the head at once; another keeps it until there is something to
        // send with it (RFC 9110, section 10.1.1).
        let request = self
            .request(Method::POST, endpoint, path)
            .content_type("text/plain")
            .insert_header((EXPECT, "100-continue"));
        Box::pin(self.send(request, SizedStream::new(length, Box::pin(body)))).await
    }

    /// Listens to the server-sent events at `path`.
    ///
    /// # Errors
    /// There was no answer, or another than 200.
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
            seen: String::new(),
        })
    }
}

impl Events {
    /// The data of the next event; nothing when the server has ended the stream.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn next(&mut self) -> Result<Option<String>> {
        loop {
            if let Some(end) = self.seen.find("\n\n") {
                let event: String = self.seen.drain(..end + 2).collect();
                if let Some(data) = data(&event) {
                    return Ok(Some(data));
                }
            } else {
                let Some(part) = self.parts.next().await else {
                    return Ok(None);
                };
                self.seen += &String::from_utf8_lossy(
                    &part.map_err(|error| anyhow!("the events ended: {error}"))?,
                );
            }
        }
    }
}

/// The data of an event; a comment has none.
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
    fn an_event_has_its_lines_of_data_and_a_comment_has_none() {
        assert_eq!(
            data("event: message\ndata: one\ndata:two").unwrap(),
            "one\ntwo"
        );
        assert_eq!(data(": still here"), None);
    }
}
