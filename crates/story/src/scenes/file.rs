//! Sessions in files.

use anyhow::Result;
use testkit::{Demo, Topology};

use super::steps::{count, through_a_restart};
use crate::{
    expect::Expect,
    matrix::{Incident, shared},
    narrator::Narrator,
    visitor::Visitor,
};

pub(super) async fn restart(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("The server keeps each session in a file, in a folder of its own.")?;
    through_a_restart(narrator, Demo::File, 1, 2).await
}

pub(super) async fn two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Each instance has its own folder. A visitor sets a value once, then looks six times.",
    )?;
    let deployment = narrator.deploy(Topology::balanced(Demo::File)).await?;
    let mut visitor = Visitor::new(&deployment.endpoint);
    let expect = Expect::text("value set: hello");
    let set = narrator
        .get(&mut visitor, "/session/set/hello", expect)
        .await?;
    let mut earlier = set.clone();
    let mut counts = Vec::new();
    for visit in 0..6 {
        // The request after the one that set the value goes to the other instance.
        let value = (visit % 2 == 1).then_some("hello");
        let expect = Expect::count(visit / 2)
            .value(value)
            .same_session(&set)
            .other_instance(&earlier);
        earlier = narrator.get(&mut visitor, "/", expect).await?;
        counts.push(count(&earlier)?);
    }
    narrator.record(Demo::File, Incident::SecondInstance, shared(&counts));
    Ok(())
}
