//! A client with a cookie jar.

use std::{
    fmt::Display,
    io,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use awc::{
    Client, ClientRequest,
    body::{MessageBody, SizedStream},
    cookie::{Cookie, CookieJar},
    http::{
        Method,
        header::{COOKIE, EXPECT, HOST, SET_COOKIE},
    },
};
use futures_util::{FutureExt, stream::once};

use crate::{Endpoint, Response};

/// A client with its own cookie jar. It opens a connection for each request, as `curl` does. A clone has a copy of the
/// jar.
#[derive(Clone)]
pub struct Visitor {
    client: Client,
    /// The cookies with decoded values.
    jar: CookieJar,
    /// The same cookies as the servers wrote them, and as the visitor sends them back. HAProxy doesn't decode values.
    as_they_came: CookieJar,
}

impl Default for Visitor {
    fn default() -> Self {
        Self::new()
    }
}

impl Visitor {
    pub fn new() -> Self {
        let client = Client::builder()
            .timeout(Duration::from_secs(30))
            .disable_redirects()
            .finish();
        Self {
            client,
            jar: CookieJar::new(),
            as_they_came: CookieJar::new(),
        }
    }

    pub async fn get(&mut self, endpoint: &Endpoint, path: &str) -> Result<Response> {
        let request = self.request(Method::GET, endpoint, path);
        Box::pin(self.send(request, "")).await
    }

    /// Posts a form. `body` is already URL-encoded.
    pub async fn post(&mut self, endpoint: &Endpoint, path: &str, body: &str) -> Result<Response> {
        let request = self
            .request(Method::POST, endpoint, path)
            .content_type("application/x-www-form-urlencoded");
        Box::pin(self.send(request, body.to_owned())).await
    }

    pub async fn post_json(
        &mut self,
        endpoint: &Endpoint,
        path: &str,
        json: &str,
    ) -> Result<Response> {
        let request = self
            .request(Method::POST, endpoint, path)
            .content_type("application/json");
        Box::pin(self.send(request, json.to_owned())).await
    }

    /// Posts nothing, with a `header`, which is a name and a value.
    pub async fn post_with_header(
        &mut self,
        endpoint: &Endpoint,
        path: &str,
        header: (&str, &str),
    ) -> Result<Response> {
        let request = self.request(Method::POST, endpoint, path);
        Box::pin(self.send(request.insert_header(header), "")).await
    }

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

    /// Builds a request with this visitor's cookies. Pass it to [`send`](Self::send).
    pub fn request(&self, method: Method, endpoint: &Endpoint, path: &str) -> ClientRequest {
        let request = self
            .client
            .request(method, format!("http://{}{path}", endpoint.address()))
            .insert_header((HOST, endpoint.host()));
        let cookies = self.as_they_came.iter();
        let cookies: Vec<_> = cookies.map(|it| it.stripped().to_string()).collect();
        if cookies.is_empty() {
            return request.force_close();
        }
        let cookies = cookies.join("; ");
        request.force_close().insert_header((COOKIE, cookies))
    }

    /// Sends `request` and keeps the cookies of the response.
    pub async fn send(
        &mut self,
        request: ClientRequest,
        body: impl MessageBody + 'static,
    ) -> Result<Response> {
        let started = Instant::now();
        let what = format!("{} {}", request.get_method(), request.get_uri());
        let failed = |error: &dyn Display| anyhow!("{what}: {error}");
        let sent = request.send_body(body).await;
        let mut response = sent.map_err(|error| failed(&error))?;
        let bytes = response.body().await.map_err(|error| failed(&error))?;
        let headers = response.headers().clone();
        for cookie in headers.get_all(SET_COOKIE) {
            self.keep(cookie.to_str().context("a cookie is not ASCII")?)?;
        }
        let instance = headers.get("x-served-by");
        Ok(Response {
            status: response.status().as_u16(),
            body: String::from_utf8_lossy(&bytes).into_owned(),
            instance: instance.and_then(|name| Some(name.to_str().ok()?.to_owned())),
            session: self.session_id().map(|id| id[..8].to_owned()),
            headers,
            took: started.elapsed(),
        })
    }

    /// Keeps the cookie of a `Set-Cookie` header, or removes it if its `Max-Age` is not positive (RFC 6265, 3.1).
    fn keep(&mut self, header: &str) -> Result<()> {
        let as_it_came = Cookie::parse(header.to_owned())?;
        let cookie = Cookie::parse_encoded(header.to_owned())?;
        if cookie.max_age().is_some_and(|age| !age.is_positive()) {
            self.jar.force_remove(&cookie);
            self.as_they_came.force_remove(&as_it_came);
        } else {
            self.jar.add(cookie);
            self.as_they_came.add(as_it_came);
        }
        Ok(())
    }

    /// Returns the session cookie, whose name ends in `sessionID`.
    pub fn cookie(&self) -> Option<&Cookie<'static>> {
        self.jar
            .iter()
            .find(|cookie| cookie.name().ends_with("sessionID"))
    }

    /// Returns a new visitor with the same session cookie, like a thief or another tab of the same browser.
    pub fn copied(&self) -> Result<Self> {
        let cookie = self.cookie().context("no session cookie to copy")?;
        let mut copy = Self::new();
        let name = cookie.name();
        let as_it_came = self.as_they_came.get(name).context("no such cookie")?;
        copy.keep(&as_it_came.to_string())?;
        Ok(copy)
    }

    /// Replaces the value of the session cookie `name`.
    pub fn forge(&mut self, name: &str, value: &str) {
        let cookie = Cookie::new(name.to_owned(), value.to_owned());
        if let Some((name, value)) = cookie.encoded().to_string().split_once('=') {
            let as_it_came = Cookie::new(name.to_owned(), value.to_owned());
            self.as_they_came.add(as_it_came);
        }
        self.jar.add(cookie);
    }

    /// Returns the whole session ID. A signed cookie starts with 44 characters of signature.
    pub fn session_id(&self) -> Option<&str> {
        self.cookie()?.value().get(44..).filter(|id| id.len() >= 8)
    }
}
