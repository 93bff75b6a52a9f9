//! Requests whose body arrives late.

use std::io;

use anyhow::Result;
use awc::{
    body::SizedStream,
    http::{Method, header::EXPECT},
};
use futures_util::{FutureExt, stream::once};

use crate::{Endpoint, Response, Visitor};

impl Visitor {
    /// Posts `text`, but sends the body only when `go` completes. Until then the request is in flight.
    pub async fn post_slowly(
        &mut self,
        endpoint: &Endpoint,
        path: &str,
        text: &str,
        go: impl Future<Output = ()> + 'static,
    ) -> Result<Response> {
        let (length, text) = (text.len() as u64, text.to_owned());
        let body = once(go.map(|()| Ok::<_, io::Error>(text.into())));
        // With this header the client sends the head at once. Without it, awc waits for the first part of the body.
        // (RFC 9110, section 10.1.1)
        let request = self
            .request(Method::POST, endpoint, path)
            .content_type("text/plain")
            .insert_header((EXPECT, "100-continue"));
        Box::pin(self.send(request, SizedStream::new(length, Box::pin(body)))).await
    }
}
