//! Sessions in files.

use anyhow::Result;
use testkit::Demo;

use crate::{expect::Expect, narrator::Narrator};

pub(crate) async fn restart(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say("The server keeps each session in a file, in a folder of its own.")?;
    narrator.restart(Demo::File, 1, 2).await
}

pub(crate) async fn two(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "Each instance has its own folder. A visitor sets a value once, then looks six times.",
    )?;
    let (_servers, mut visitor) = narrator.balanced(Demo::File, &[]).await?;
    let set = narrator.set_hello(&mut visitor).await?;
    // The request after the one that set the value goes to the other instance.
    let values = [None, Some("hello")].into_iter().cycle();
    let expected = [0, 0, 1, 1, 2, 2].into_iter().zip(values);
    let expected = expected.map(|(count, value)| Expect::count(count).value(value));
    let visits = narrator.alternate(&mut visitor, Some(set), expected);
    visits.await.map(drop)
}

pub(crate) async fn two_ports(narrator: &mut Narrator<'_>) -> Result<()> {
    narrator.say(
        "A browser sends a host's cookies to all its ports. A visitor sets red on one \
         instance and blue on the other.",
    )?;
    let set = [
        (0, "/session/set/red", "value set: red"),
        (1, "/session/set/blue", "value set: blue"),
    ];
    let shown = [(0, "/session/", "red"), (1, "/session/", "blue")];
    narrator
        .on_two_ports(Demo::File, set.into_iter().chain(shown))
        .await?;
    narrator.say("The same with Redis. Both instances show the value that was set last.")?;
    let shown = [(0, "/session/", "blue"), (1, "/session/", "blue")];
    narrator
        .on_two_ports(Demo::Redis, set.into_iter().chain(shown))
        .await
}
