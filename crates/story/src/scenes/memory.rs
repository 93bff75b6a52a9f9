//! Sessions in the server's own memory.

use anyhow::Result;
use testkit::{Demo, Topology, Visitor};

use super::{in_turn, through_a_restart};
use crate::Telling;

pub(super) async fn restart(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("The sessions are a map in the server's memory. A visitor comes three times; then the server is restarted.")?;
    through_a_restart(telling, Demo::Memory, 2, 0).await
}

pub(super) async fn two(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("HAProxy sends the requests of one visitor to both servers in turn. The cookie is the same all the time.")?;
    let deployment = telling.deployment(Topology::balanced(Demo::Memory)).await?;
    in_turn(
        telling,
        Demo::Memory,
        &mut Visitor::new(),
        &deployment.endpoint,
        &[0, 0, 1, 1],
    )
    .await
}
