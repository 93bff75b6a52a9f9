//! Steps that several scenes share.

use std::ops::RangeInclusive;

use anyhow::{Context, Result};
use testkit::{Demo, Response, Topology};

use crate::{
    expect::Expect,
    matrix::{Incident, kept, shared},
    narrator::Narrator,
    visitor::Visitor,
};

/// Visits one instance until the count is `last`, and restarts it. Expects that the session is the
/// same and that its count is `next`.
pub(super) async fn through_a_restart(
    narrator: &mut Narrator<'_>,
    demo: Demo,
    last: u64,
    next: u64,
) -> Result<()> {
    let mut deployment = narrator.deploy(Topology::one(demo)).await?;
    let mut visitor = Visitor::new(&deployment.endpoint);
    let before = visits(narrator, &mut visitor, 0..=last).await?;
    let instance = &mut deployment.instances[0];
    let what = format!("restart {}", instance.name());
    narrator.act(&what, instance.restart()).await?;
    let expect = Expect::count(next).same_session(&before);
    let after = narrator.get(&mut visitor, "/", expect).await?;
    let saw = kept(count(&before)?, count(&after)?);
    narrator.record(demo, Incident::Restart, saw);
    Ok(())
}

/// Visits until all `counts` were seen in this order, in one session. Returns the last response.
pub(super) async fn visits(
    narrator: &mut Narrator<'_>,
    visitor: &mut Visitor,
    counts: RangeInclusive<u64>,
) -> Result<Response> {
    let mut last = None;
    for count in counts {
        let mut expect = Expect::count(count);
        if let Some(earlier) = &last {
            expect = expect.same_session(earlier);
        }
        last = Some(narrator.get(visitor, "/", expect).await?);
    }
    last.context("no count is expected")
}

/// Visits until all `counts` were seen in this order, in one session and on alternating instances.
/// Returns the last response.
pub(super) async fn alternate(
    narrator: &mut Narrator<'_>,
    demo: Demo,
    visitor: &mut Visitor,
    counts: &[u64],
) -> Result<Response> {
    let mut seen: Vec<Response> = Vec::new();
    for &count in counts {
        let mut expect = Expect::count(count);
        if let Some(earlier) = seen.last() {
            expect = expect.same_session(earlier).other_instance(earlier);
        }
        seen.push(narrator.get(visitor, "/", expect).await?);
    }
    let counts = seen.iter().map(count).collect::<Result<Vec<_>>>()?;
    narrator.record(demo, Incident::SecondInstance, shared(&counts));
    seen.pop().context("no count is expected")
}

/// Returns the count of a response.
pub(super) fn count(seen: &Response) -> Result<u64> {
    seen.count()
        .with_context(|| format!("the response has no count: {}", seen.body))
}
