//! Sessions in files.

use anyhow::Result;
use testkit::{Demo, Topology, Visitor};

use super::{count, through_a_restart};
use crate::{Event, Expect, Telling, matrix::shared};

pub(super) async fn restart(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("Each session is a file in a folder of the server's.")?;
    through_a_restart(telling, Demo::File, 1, 2).await
}

pub(super) async fn two(telling: &mut Telling<'_>) -> Result<()> {
    telling.say(
        "Each server has a folder of its own. A visitor sets a value once, and looks six times.",
    )?;
    let deployment = telling.deployment(Topology::balanced(Demo::File)).await?;
    let endpoint = deployment.endpoint.clone();
    let mut visitor = Visitor::new();
    let set = telling
        .visit(
            &mut visitor,
            &endpoint,
            "/session/set/hello",
            Expect::text("value set: hello"),
        )
        .await?;
    let mut earlier = set.clone();
    let mut counts = Vec::new();
    for look in 0..6 {
        // The turn after the one that set the value is the other server's.
        let value = if look % 2 == 0 { None } else { Some("hello") };
        let expect = Expect::count(look / 2)
            .value(value)
            .same_session(&set)
            .another_instance(&earlier);
        earlier = telling.visit(&mut visitor, &endpoint, "/", expect).await?;
        counts.push(count(&earlier)?);
    }
    telling.cell(Demo::File, Event::SecondInstance, shared(&counts));
    Ok(())
}
