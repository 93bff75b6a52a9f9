//! Sessions in the server's own memory.

use anyhow::Result;
use testkit::Demo;

use crate::{expect::Expect, narrator::Narrator};

pub(crate) async fn restart(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "The server keeps its sessions in memory. A visitor comes three times, \
         then the server restarts.",
    )?;
    narrator.restart(Demo::Memory, 2, 0).await
}

pub(crate) async fn two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "HAProxy alternates: it sends each request to the other instance. The cookie \
         stays the same.",
    )?;
    let (_servers, mut visitor) = narrator.balanced(Demo::Memory, &[]).await?;
    let counts = [0, 0, 1, 1].map(Expect::count);
    let visits = narrator.alternate(&mut visitor, None, counts);
    visits.await.map(drop)
}
