//! Two instances on two ports, without a load balancer.

use anyhow::Result;
use testkit::{Demo, Topology};

use crate::{expect::Expect, narrator::Narrator, visitor::Visitor};

pub(super) async fn two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "A browser sends a host's cookies to all its ports. A visitor sets red on one \
         instance and blue on the other.",
    )?;
    red_and_blue(narrator, Demo::File, "red").await?;
    narrator.say("The same with Redis. Both instances show the value that was set last.")?;
    red_and_blue(narrator, Demo::Redis, "blue").await
}

/// Sets red on the first instance, then blue on the second. Expects `first` on the first one and
/// blue on the second.
async fn red_and_blue(narrator: &mut Narrator<'_>, demo: Demo, first: &str) -> Result<()> {
    let deployment = narrator.deploy(Topology::two(demo)).await?;
    let (one, two) = (
        deployment.instances[0].endpoint(),
        deployment.instances[1].endpoint(),
    );
    let mut visitor = Visitor::new(&one);
    let expect = Expect::text("value set: red");
    let set = narrator
        .get(&mut visitor, "/session/set/red", expect)
        .await?;
    for (endpoint, path, text) in [
        (&two, "/session/set/blue", "value set: blue"),
        (&one, "/session/", first),
        (&two, "/session/", "blue"),
    ] {
        let expect = Expect::text(text).same_session(&set);
        narrator.get(visitor.at(endpoint), path, expect).await?;
    }
    Ok(())
}
