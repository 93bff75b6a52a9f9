//! The application under test, and its clients.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use actix_web::http::Method;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use testkit::{
    Demo, Deployment, Endpoint, FaultProxy, Instance, Persistence, Redis, Response, TestEnv,
    Topology, Visitor, wait_until,
};

/// The settings of instances that do not limit how fast visitors log in and send.
pub(crate) const NO_RATES: [(&str, &str); 3] = [
    ("MESSAGES_PER_SESSION", "0"),
    ("LOGINS_PER_USER", "0"),
    ("LOGINS_PER_ADDRESS", "0"),
];

/// Two instances, `webserver-1` and `webserver-2`, behind HAProxy, and one Redis.
pub(crate) struct App {
    pub(crate) deployment: Deployment,
    pub(crate) env: TestEnv,
}

impl App {
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Result<Self> {
        Self::start_in(TestEnv::new()?, Topology::balanced(Demo::Login), settings).await
    }

    /// Starts instances that do not limit the rates of visitors, unless `settings` say so.
    pub(crate) async fn start_in(
        env: TestEnv,
        topology: Topology,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let settings = [&NO_RATES, settings].concat();
        let deployment = Deployment::start_with(&env, topology, &settings).await?;
        Ok(Self { deployment, env })
    }

    /// Starts one instance with one worker, and a proxy between it and Redis.
    pub(crate) async fn behind_proxy(redis_timeout: &str) -> Result<(Self, Redis, FaultProxy)> {
        let env = TestEnv::new()?;
        let redis = Redis::start(&env, Persistence::None).await?;
        let proxy = FaultProxy::start(&redis)?;
        let url = proxy.url();
        let settings = [
            ("REDIS_URL", url.as_str()),
            ("REDIS_TIMEOUT", redis_timeout),
            ("WORKERS", "1"),
        ];
        let app = Self::start_in(env, Topology::one(Demo::Login), &settings).await?;
        Ok((app, redis, proxy))
    }

    /// Creates a client without cookies, which sends its requests to HAProxy.
    pub(crate) fn client(&self) -> Client {
        Client {
            visitor: Visitor::new(),
            endpoint: self.deployment.endpoint.clone(),
        }
    }

    /// Creates a client that has just logged in.
    pub(crate) async fn logged_in(&self, user: &str) -> Result<Client> {
        let mut client = self.client();
        client.log_in(user).await?;
        Ok(client)
    }

    pub(crate) fn redis(&mut self) -> Result<&mut Redis> {
        self.deployment.redis()
    }

    /// Returns the logs of all instances.
    pub(crate) fn log(&self) -> String {
        self.deployment
            .instances
            .iter()
            .map(Instance::log)
            .collect()
    }
}

/// The status and body for a request that needs a login.
pub(crate) const LOG_IN_FIRST: (u16, &str) = (403, r#"{"error":"log in first"}"#);

/// Returns where a redirect with 303 leads.
pub(crate) fn location(response: &Response) -> Option<&str> {
    response
        .header("location")
        .filter(|_| response.status == 303)
}

/// Asserts that an error response has this status and names this part of the request.
#[track_caller]
pub(crate) fn assert_error(response: &Response, status: u16, field: &str) {
    let error: Value = serde_json::from_str(&response.body).unwrap_or_default();
    let seen = (response.status, &error["field"]);
    assert_eq!(seen, (status, &json!(field)), "{response:?}");
    assert!(error["error"].as_str().is_some_and(|text| !text.is_empty()));
}

/// A visitor and the address it sends its requests to.
pub(crate) struct Client {
    visitor: Visitor,
    pub(crate) endpoint: Endpoint,
}

impl Deref for Client {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl DerefMut for Client {
    fn deref_mut(&mut self) -> &mut Visitor {
        &mut self.visitor
    }
}

impl Client {
    /// Creates a client with a copy of the session cookie: another tab, or a thief.
    pub(crate) fn copied(&self) -> Result<Self> {
        Ok(Self {
            visitor: self.visitor.copied()?,
            endpoint: self.endpoint.clone(),
        })
    }

    /// Returns the whole session ID.
    pub(crate) fn id(&self) -> Result<String> {
        let id = self.visitor.session_id().context("no session cookie")?;
        Ok(id.to_owned())
    }

    pub(crate) async fn get(&mut self, path: &str) -> Result<Response> {
        self.visitor.get(&self.endpoint, path).await
    }

    /// Gets `path` as a browser does.
    pub(crate) async fn page(&mut self, path: &str) -> Result<Response> {
        self.send(Method::GET, path, &[("Accept", "text/html")])
            .await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Result<Response> {
        self.visitor.post(&self.endpoint, path, form).await
    }

    pub(crate) async fn post_json(&mut self, path: &str, json: &str) -> Result<Response> {
        self.visitor.post_json(&self.endpoint, path, json).await
    }

    /// Sends a request with `headers` and without a body.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Response> {
        let mut request = self.visitor.request(method, &self.endpoint, path);
        for header in headers {
            request = request.insert_header(*header);
        }
        self.visitor.send(request, "").await
    }

    pub(crate) async fn log_in(&mut self, user: &str) -> Result<Response> {
        let json = json!({ "userId": user }).to_string();
        let response = self.post_json("/login", &json).await?;
        ensure!(response.status == 200, "{response:?}");
        Ok(response)
    }

    /// Sends a message to all users. Returns the body of the response.
    pub(crate) async fn send_message(&mut self, message: &str) -> Result<String> {
        let json = json!({ "message": message }).to_string();
        let response = self.post_json("/message", &json).await?;
        ensure!(response.status == 202, "{response:?}");
        Ok(response.body)
    }

    /// Waits until the ID has been rotated. Returns a client with the new one; this one keeps the old ID.
    pub(crate) async fn rotated(&self) -> Result<Self> {
        wait_until("a new ID", Duration::from_secs(10), async || {
            let mut copy = self.copied()?;
            ensure!(copy.get("/dashboard").await?.status == 200);
            Ok((copy.id()? != self.id()?).then_some(copy))
        })
        .await
    }

    /// Returns the user whom the dashboard welcomes. Both instances must agree.
    pub(crate) async fn user(&mut self) -> Result<Option<String>> {
        let mut seen = Vec::new();
        for _ in 0..2 {
            let response = self.get("/dashboard").await?;
            let user = match (response.status, location(&response)) {
                (_, Some("/login")) => None,
                (200, _) => {
                    let welcome = response.body.lines().next().unwrap_or_default();
                    let user = welcome.strip_prefix("Welcome ");
                    let user = user.and_then(|rest| rest.strip_suffix('!'));
                    Some(user.context("no welcome")?.to_owned())
                }
                _ => bail!("{response:?}"),
            };
            seen.push((response.instance, user));
        }
        ensure!(seen[0].0 != seen[1].0, "one instance answered: {seen:?}");
        ensure!(seen[0].1 == seen[1].1, "the instances disagree: {seen:?}");
        Ok(seen.remove(0).1)
    }
}
