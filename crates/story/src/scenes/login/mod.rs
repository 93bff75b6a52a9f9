//! Act III: a login, and what it needs from its session.

pub(super) mod logout;
pub(super) mod message;
pub(super) mod session;
pub(super) mod timeouts;

use anyhow::Result;
use testkit::Response;

use crate::{expect::Expect, narrator::Narrator, visitor::Visitor};

impl Narrator<'_> {
    /// Logs `visitor` in as `user`.
    async fn log_in(&mut self, visitor: &mut Visitor, user: &str) -> Result<Response> {
        let json = format!(r#"{{"userId":"{user}"}}"#);
        let expect = Expect::text(&json);
        self.post(visitor, "/login", &json, expect).await
    }

    /// Visits the dashboard on both instances and expects the same of each.
    async fn dashboards(&mut self, visitor: &mut Visitor, expect: fn() -> Expect) -> Result<()> {
        let first = self.get(visitor, "/dashboard", expect()).await?;
        let expect = expect().other_instance(&first);
        self.get(visitor, "/dashboard", expect).await.map(drop)
    }
}

/// The dashboard of alice.
fn welcome() -> Expect {
    Expect::text("Welcome alice!")
}

/// The response to someone who is not logged in.
fn to_login() -> Expect {
    Expect::status("303 to /login")
}
