//! A client with a cookie jar.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use awc::{
    Client, ClientRequest,
    body::MessageBody,
    cookie::{Cookie, CookieJar},
    http::{Method, header::HOST},
};

use crate::{Endpoint, Response};

/// A client with its own cookie jar. It opens a connection for each request, as `curl` does. A clone has a copy of the jar.
#[derive(Clone)]
pub struct Visitor {
    client: Client,
    jar: CookieJar,
}

impl Default for Visitor {
    fn default() -> Self {
        Self::new()
    }
}

impl Visitor {
    /// Creates a visitor without cookies.
    #[must_use]
    pub fn new() -> Self {
        let client = Client::builder()
            .timeout(Duration::from_secs(30))
            .disable_redirects()
            .finish();
        Self {
            client,
            jar: CookieJar::new(),
        }
    }

    /// Sends a GET request.
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

    /// Posts `json`.
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

    /// Builds a request with this visitor's cookies. Pass it to [`send`](Self::send).
    #[must_use]
    pub fn request(&self, method: Method, endpoint: &Endpoint, path: &str) -> ClientRequest {
        let request = self
            .client
            .request(method, format!("http://{}{path}", endpoint.address()))
            .insert_header((HOST, endpoint.host()));
        self.jar
            .iter()
            .fold(request.force_close(), |request, cookie| {
                request.cookie(cookie.clone())
            })
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
        for cookie in response.cookies().iter().flat_map(|cookies| cookies.iter()) {
            self.keep(cookie);
        }
        let headers = response.headers().clone();
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

    /// Keeps `cookie`, or removes it if its `Max-Age` is not positive (RFC 6265, section 3.1).
    fn keep(&mut self, cookie: &Cookie<'static>) {
        if cookie.max_age().is_some_and(|age| !age.is_positive()) {
            self.jar.force_remove(cookie);
        } else {
            self.jar.add(cookie.clone());
        }
    }

    /// Returns the session cookie, whose name ends in `sessionID`.
    #[must_use]
    pub fn cookie(&self) -> Option<&Cookie<'static>> {
        self.jar
            .iter()
            .find(|cookie| cookie.name().ends_with("sessionID"))
    }

    /// Returns a new visitor with the same session cookie, like a thief or another tab of the same browser.
    pub fn copied(&self) -> Result<Self> {
        let cookie = self.cookie().context("no session cookie to copy")?;
        let mut copy = Self::new();
        copy.forge(cookie.name(), cookie.value());
        Ok(copy)
    }

    /// Replaces the value of the session cookie `name`.
    pub fn forge(&mut self, name: &str, value: &str) {
        self.jar.add(Cookie::new(name.to_owned(), value.to_owned()));
    }

    /// Returns the whole session ID. A signed cookie starts with 44 characters of signature.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.cookie()?.value().get(44..).filter(|id| id.len() >= 8)
    }
}
