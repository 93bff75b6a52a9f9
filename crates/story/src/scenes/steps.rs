//! Steps that several scenes share.

use std::ops::RangeInclusive;

use anyhow::{Context, Result};
use testkit::{Demo, Deployment, Response, Topology};

use crate::{expect::Expect, narrator::Narrator, visitor::Visitor};

impl Narrator<'_> {
    /// Starts two instances of `demo` with `settings` behind HAProxy. Returns them and a visitor.
    pub(super) async fn balanced(
        &mut self,
        demo: Demo,
        settings: &[(&str, &str)],
    ) -> Result<(Deployment, Visitor)> {
        let topology = Topology::balanced(demo);
        let deployment = self.deploy(topology, settings).await?;
        let visitor = Visitor::new(&deployment.endpoint);
        Ok((deployment, visitor))
    }

    /// Visits one instance until the count is `last`, and restarts it. Expects that the session is the same and that
    /// its count is `next`.
    pub(super) async fn restart(&mut self, demo: Demo, last: u64, next: u64) -> Result<()> {
        let mut deployment = self.deploy(Topology::one(demo), &[]).await?;
        let mut visitor = Visitor::new(&deployment.endpoint);
        let before = self.visits(&mut visitor, 0..=last).await?;
        let instance = &mut deployment.instances[0];
        let what = format!("restart {}", instance.name());
        self.incident(&what, instance.restart()).await?;
        let expect = Expect::count(next).same_session(&before);
        self.get(&mut visitor, "/", expect).await.map(drop)
    }

    /// Sets the value `hello`.
    pub(super) async fn set_hello(&mut self, visitor: &mut Visitor) -> Result<Response> {
        let expect = Expect::text("value set: hello");
        self.get(visitor, "/session/set/hello", expect).await
    }

    /// Visits until all `counts` were seen in this order, in one session. Returns the last response.
    pub(super) async fn visits(
        &mut self,
        visitor: &mut Visitor,
        counts: RangeInclusive<u64>,
    ) -> Result<Response> {
        let mut last = None;
        for count in counts {
            let mut expect = Expect::count(count);
            if let Some(earlier) = &last {
                expect = expect.same_session(earlier);
            }
            last = Some(self.get(visitor, "/", expect).await?);
        }
        last.context("no count is expected")
    }

    /// Sends a visit for each of `expected`, in the session of `earlier` and on alternating instances. Returns the last
    /// response.
    pub(super) async fn alternate(
        &mut self,
        visitor: &mut Visitor,
        earlier: Option<Response>,
        expected: impl IntoIterator<Item = Expect>,
    ) -> Result<Response> {
        let mut last = earlier;
        for mut expect in expected {
            if let Some(earlier) = &last {
                expect = expect.same_session(earlier).other_instance(earlier);
            }
            last = Some(self.get(visitor, "/", expect).await?);
        }
        last.context("no response is expected")
    }

    /// Starts two instances of `demo` without a load balancer. Sends each request to the instance with that index, and
    /// expects that text, in one session.
    pub(super) async fn on_two_ports(
        &mut self,
        demo: Demo,
        requests: impl IntoIterator<Item = (usize, &str, &str)>,
    ) -> Result<()> {
        let deployment = self.deploy(Topology::two(demo), &[]).await?;
        let mut visitor = Visitor::new(&deployment.endpoint);
        let mut earlier = None;
        for (index, path, text) in requests {
            let mut expect = Expect::text(text);
            if let Some(earlier) = &earlier {
                expect = expect.same_session(earlier);
            }
            let visitor = visitor.at(&deployment.instances[index].endpoint());
            earlier = Some(self.get(visitor, path, expect).await?);
        }
        Ok(())
    }
}
