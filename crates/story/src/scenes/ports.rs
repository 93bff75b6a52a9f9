//! Two servers on two ports, and nothing in between.

use anyhow::Result;
use testkit::{Demo, Topology, Visitor};

use crate::{Expect, Telling};

pub(super) async fn two(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("A browser sends one host's cookies to all its ports. A visitor sets red at one server and blue at the other.")?;
    red_and_blue(telling, Demo::File, "red", "blue").await?;
    telling.say("The same with Redis: whoever sets last, sets it for all.")?;
    red_and_blue(telling, Demo::Redis, "blue", "blue").await
}

async fn red_and_blue(
    telling: &mut Telling<'_>,
    demo: Demo,
    first: &str,
    second: &str,
) -> Result<()> {
    let deployment = telling.deployment(Topology::two(demo)).await?;
    let [one, two] = [
        deployment.instances[0].endpoint(),
        deployment.instances[1].endpoint(),
    ];
    let mut visitor = Visitor::new();
    let set = telling
        .visit(
            &mut visitor,
            &one,
            "/session/set/red",
            Expect::text("value set: red"),
        )
        .await?;
    telling
        .visit(
            &mut visitor,
            &two,
            "/session/set/blue",
            Expect::text("value set: blue").same_session(&set),
        )
        .await?;
    telling
        .visit(
            &mut visitor,
            &one,
            "/session/",
            Expect::text(first).same_session(&set),
        )
        .await?;
    telling
        .visit(
            &mut visitor,
            &two,
            "/session/",
            Expect::text(second).same_session(&set),
        )
        .await?;
    Ok(())
}
