//! The cookies that the instances have handed out, and why an instance rejects one of them.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use testkit::{Instance, Visitor};

use super::plan::{Secret, Secrets};
use crate::checker::Finding;

/// The idle timeout, as a setting and as a time.
pub(super) const IDLE_TIMEOUT: (&str, Duration) = ("30m", Duration::from_secs(30 * 60));

/// An instance, and what it runs with.
pub(super) struct Server {
    pub(super) instance: Instance,
    pub(super) secrets: Secrets,
    /// The number of the step, or 0 before the first one.
    pub(super) step: usize,
}

/// A visitor whose last visit gave them a cookie.
pub(super) struct Cookie {
    pub(super) visitor: Visitor,
    signed: Secret,
    /// The instance that signed it, and its step.
    by: String,
    step: usize,
    /// The time since the last visit.
    age: Duration,
}

impl Cookie {
    /// Logs a new visitor in at `server`.
    pub(super) async fn from(server: &Server) -> Result<Self> {
        let mut visitor = Visitor::new();
        let endpoint = server.instance.endpoint();
        let seen = visitor.post(&endpoint, "/login", "userId=alice").await?;
        ensure!(seen.status == 303, "cannot log in: {seen:?}");
        Ok(Self {
            visitor,
            signed: server.secrets.sign,
            by: server.instance.name().to_owned(),
            step: server.step,
            age: Duration::ZERO,
        })
    }

    pub(super) fn wait(&mut self, time: Duration) {
        self.age = self.age.saturating_add(time);
    }

    /// Returns whether the session has not expired.
    pub(super) fn is_active(&self) -> bool {
        self.age < IDLE_TIMEOUT.1
    }

    /// Expects that `server` accepts a copy of the cookie. `before` has the secrets of the step before the server's.
    pub(super) async fn expect(&self, server: &Server, before: &Secrets) -> Result<()> {
        if is_accepted(&self.visitor, server).await? {
            return Ok(());
        }
        let name = server.instance.name();
        let Self { signed, by, .. } = self;
        let expected = format!("{name} accepts a cookie that {by} signed with {signed}");
        let observed = format!(
            "it rejects it, in step {} ({})",
            server.step, server.secrets
        );
        let meaning = if self.step > server.step {
            format!(
                "in a rollout, instances of two steps run side by side. {by} signs with {signed} already, and {name} doesn't accept that yet. The visitor is logged out at every other request"
            )
        } else if before.sign == *signed {
            format!(
                "until this step the instances signed with {signed}, so all visitors have such a cookie. All of them are logged out"
            )
        } else {
            let away = match self.age {
                Duration::ZERO => "the plan leaves the visitors no time to come again".to_owned(),
                age => {
                    let age = humantime::format_duration(age);
                    let (timeout, _) = IDLE_TIMEOUT;
                    format!("the visitor was away for {age}, and the session lasts for {timeout}")
                }
            };
            format!(
                "{away}. So the cookie still has the signature of {signed}, and this step drops that secret"
            )
        };
        bail!(Finding::new(expected, observed, meaning).at(Some(name)))
    }
}

/// Returns whether a copy of the visitor's cookie is logged in at `server`.
pub(super) async fn is_accepted(visitor: &Visitor, server: &Server) -> Result<bool> {
    let endpoint = server.instance.endpoint();
    let seen = visitor.clone().get(&endpoint, "/dashboard").await?;
    Ok(seen.status == 200)
}
