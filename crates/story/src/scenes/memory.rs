//! Sessions in the server's own memory.

use anyhow::Result;
use testkit::{Demo, Topology};

use super::steps::{alternate, through_a_restart};
use crate::{narrator::Narrator, visitor::Visitor};

pub(super) async fn restart(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "The server keeps its sessions in memory. A visitor comes three times, \
         then the server restarts.",
    )?;
    through_a_restart(narrator, Demo::Memory, 2, 0).await
}

pub(super) async fn two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "HAProxy alternates: it sends each request to the other instance. The cookie \
         stays the same.",
    )?;
    let deployment = narrator.deploy(Topology::balanced(Demo::Memory)).await?;
    let mut visitor = Visitor::new(&deployment.endpoint);
    alternate(narrator, Demo::Memory, &mut visitor, &[0, 0, 1, 1]).await?;
    Ok(())
}
