//! A client with a cookie jar, and what it saw.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use awc::{
    Client, ClientRequest,
    body::MessageBody,
    cookie::{Cookie, CookieJar},
    http::{
        Method,
        header::{self, HeaderMap},
    },
};

/// Where visitors go: an address, and the name they ask for there.
///
/// The name is sent as `Host` and never looked up, because not every system resolves `*.localhost`.
#[derive(Debug, Clone)]
pub struct Endpoint {
    address: SocketAddr,
    host: String,
}

impl Endpoint {
    /// The server at `address`, asked for as `localhost`.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            host: format!("localhost:{}", address.port()),
        }
    }

    /// The same, asked for as `name`.
    #[must_use]
    pub fn named(&self, name: &str) -> Self {
        Self {
            address: self.address,
            host: format!("{name}:{}", self.address.port()),
        }
    }

    /// Where connections go.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The `Host` that is asked for.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// What a visitor saw.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// The body, as text.
    pub body: String,
    /// The instance that answered (`X-Served-By`).
    pub instance: Option<String>,
    /// The first 8 characters of the session id in the visitor's jar after the answer.
    pub session: Option<String>,
    /// The response's headers.
    pub headers: HeaderMap,
    /// From the request to the end of the answer.
    pub took: Duration,
}

impl Response {
    /// N of `Hello World #N`, if that is the first line.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.body
            .lines()
            .next()?
            .strip_prefix("Hello World #")?
            .parse()
            .ok()
    }

    /// The value that a second line names.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.body.lines().nth(1)?.strip_prefix("value: ")
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A client with its own cookie jar. It opens a connection for each request, as `curl` does. A clone has a copy of the jar:
/// somebody who got hold of the cookies.
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
    /// A visitor who has never been anywhere.
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

    /// Asks for `path`.
    ///
    /// # Errors
    /// There was no answer.
    pub async fn get(&mut self, endpoint: &Endpoint, path: &str) -> Result<Response> {
        let request = self.request(Method::GET, endpoint, path);
        Box::pin(self.send(request, "")).await
    }

    /// Sends a form, `body` being what a browser would make of it.
    ///
    /// # Errors
    /// There was no answer.
    pub async fn post(&mut self, endpoint: &Endpoint, path: &str, body: &str) -> Result<Response> {
        let request = self
            .request(Method::POST, endpoint, path)
            .content_type("application/x-www-form-urlencoded");
        Box::pin(self.send(request, body.to_owned())).await
    }

    /// Sends `json`, as programs do.
    ///
    /// # Errors
    /// There was no answer.
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

    /// A request with this visitor's cookies, to be sent with [`send`](Self::send).
    #[must_use]
    pub fn request(&self, method: Method, endpoint: &Endpoint, path: &str) -> ClientRequest {
        let request = self
            .client
            .request(method, format!("http://{}{path}", endpoint.address))
            .insert_header((header::HOST, endpoint.host.as_str()));
        self.jar
            .iter()
            .fold(request.force_close(), |request, cookie| {
                request.cookie(cookie.clone())
            })
    }

    /// Sends `request`, keeps the cookies of its answer, and tells what there was to see.
    ///
    /// # Errors
    /// There was no answer.
    pub async fn send(
        &mut self,
        request: ClientRequest,
        body: impl MessageBody + 'static,
    ) -> Result<Response> {
        let started = Instant::now();
        let what = format!("{} {}", request.get_method(), request.get_uri());
        let mut response = request
            .send_body(body)
            .await
            .map_err(|error| anyhow!("{what}: {error}"))?;
        let bytes = response
            .body()
            .await
            .map_err(|error| anyhow!("{what}: {error}"))?;
        if let Ok(cookies) = response.cookies() {
            cookies.iter().for_each(|cookie| self.keep(cookie));
        }
        Ok(Response {
            status: response.status().as_u16(),
            body: String::from_utf8_lossy(&bytes).into_owned(),
            instance: response
                .headers()
                .get("x-served-by")
                .and_then(|value| Some(value.to_str().ok()?.to_owned())),
            session: self.session_id().map(|id| id[..8].to_owned()),
            headers: response.headers().clone(),
            took: started.elapsed(),
        })
    }

    /// Keeps a cookie, or drops it if the server removes it so (RFC 6265, section 3.1).
    fn keep(&mut self, cookie: &Cookie<'static>) {
        if cookie
            .max_age()
            .is_some_and(|age| age.is_zero() || age.is_negative())
        {
            self.jar.force_remove(cookie);
        } else {
            self.jar.add(cookie.clone());
        }
    }

    /// The session cookie: its name ends in `sessionID`.
    #[must_use]
    pub fn cookie(&self) -> Option<&Cookie<'static>> {
        self.jar
            .iter()
            .find(|cookie| cookie.name().ends_with("sessionID"))
    }

    /// Another visitor with the same session cookie: who has copied it, or the same browser's other tab.
    ///
    /// # Errors
    /// There is no cookie to copy.
    pub fn copied(&self) -> Result<Self> {
        let cookie = self.cookie().context("no session cookie to copy")?;
        let mut copy = Self::new();
        copy.forge(cookie.name(), cookie.value());
        Ok(copy)
    }

    /// Puts `value` into the session cookie, as somebody who tampers with it would.
    pub fn forge(&mut self, name: &str, value: &str) {
        self.jar.add(Cookie::new(name.to_owned(), value.to_owned()));
    }

    /// The whole session id: a signed cookie is 44 characters of signature, and then the value.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.cookie()?.value().get(44..).filter(|id| id.len() >= 8)
    }
}
