//! From sessions in the cookie to sessions in Redis.

use anyhow::Result;
use testkit::Demo;

use crate::{expect::Expect, narrator::Narrator, visitor::Visitor};

pub(crate) async fn cookie_to_redis(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "At first the whole session is in the visitor's cookie, signed. Then Redis \
         takes over, and ignores what the cookie holds.",
    )?;
    let (cookie, mut visitor) = narrator.balanced(Demo::Cookie, &[]).await?;
    narrator.visits(&mut visitor, 0..=1).await?;
    let (redis, _) = narrator.balanced(Demo::Redis, &[]).await?;
    narrator.visits(visitor.at(&redis.endpoint), 0..=1).await?;

    narrator.say(
        "The same with --migrate-cookies: Redis imports the session from the cookie, \
         once. After that, a copy of the cookie is worth nothing.",
    )?;
    let mut visitor = Visitor::new(&cookie.endpoint);
    narrator.visits(&mut visitor, 0..=1).await?;
    let mut copy = visitor.copied()?;
    let settings = [("MIGRATE_COOKIES", "true"), ("ROTATION_GRACE", "1ms")];
    let (redis, _) = narrator.balanced(Demo::Redis, &settings).await?;
    narrator.visits(visitor.at(&redis.endpoint), 2..=3).await?;
    narrator.say("The visitor with the copy starts again:")?;
    narrator
        .get(copy.at(&redis.endpoint), "/", Expect::count(0))
        .await?;
    narrator.reset(Demo::Redis).await
}
