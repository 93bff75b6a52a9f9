//! From the session in the cookie to the session in Redis.

use anyhow::Result;
use testkit::{Demo, Endpoint, Instance, TestEnv, Topology, Visitor, binary};

use crate::{Expect, Telling};

/// Visits a server whose sessions are in the visitor's own cookie, until the count is 1.
async fn with_a_cookie(telling: &mut Telling<'_>, endpoint: &Endpoint) -> Result<Visitor> {
    let mut visitor = Visitor::new();
    for count in 0..2 {
        telling
            .visit(&mut visitor, endpoint, "/", Expect::count(count))
            .await?;
    }
    Ok(visitor)
}

pub(super) async fn cookie_to_redis(telling: &mut Telling<'_>) -> Result<()> {
    telling.say("Until now the whole session is in the visitor's cookie, signed. Then Redis takes over, and takes no notice of it.")?;
    let env = TestEnv::new()?;
    let mut server = Instance::of(
        &env,
        binary("demo-cookie")?,
        "cookie-1",
        telling.place().secret(),
    )?;
    telling
        .act("start demo-cookie: one instance", server.start())
        .await?;
    let mut visitor = with_a_cookie(telling, &server.endpoint()).await?;
    let deployment = telling.deployment(Topology::balanced(Demo::Redis)).await?;
    telling
        .visit(&mut visitor, &deployment.endpoint, "/", Expect::count(0))
        .await?;
    telling
        .visit(&mut visitor, &deployment.endpoint, "/", Expect::count(1))
        .await?;

    telling.say("The same with --migrate-cookies: what the cookie holds is carried over, once. A copy of it is worth nothing then.")?;
    let mut visitor = with_a_cookie(telling, &server.endpoint()).await?;
    let mut copy = visitor.copied()?;
    let settings = [("MIGRATE_COOKIES", "true"), ("ROTATION_GRACE", "1ms")];
    let deployment = telling
        .world_with(Topology::balanced(Demo::Redis), &settings)
        .await?;
    for count in 2..4 {
        telling
            .visit(
                &mut visitor,
                &deployment.endpoint,
                "/",
                Expect::count(count),
            )
            .await?;
    }
    telling
        .visit(&mut copy, &deployment.endpoint, "/", Expect::count(0))
        .await?;
    telling.unset(Demo::Redis).await
}
