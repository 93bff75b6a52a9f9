//! A message between instances.

use anyhow::{Context, Result, ensure};
use testkit::Demo;

use crate::{expect::Expect, narrator::Narrator, visitor::Visitor};

pub(crate) async fn message(narrator: &mut Narrator<'_>) -> Result<()> {
    const MESSAGE: &str = r#"{"message":"hello"}"#;
    const RECEIVED: &str = r#"{"from":"alice","message":"hello"}"#;
    narrator.say(
        "Someone who is not logged in cannot send a message. A message from alice \
         reaches bob on both instances.",
    )?;
    let (deployment, mut stranger) = narrator.balanced(Demo::Login, &[]).await?;
    narrator
        .post(&mut stranger, "/message", MESSAGE, Expect::status("403"))
        .await?;
    let mut alice = Visitor::new(&deployment.endpoint);
    let mut bob = Visitor::new(&deployment.endpoint);
    narrator.log_in(&mut alice, "alice").await?;
    narrator.log_in(&mut bob, "bob").await?;
    // HAProxy alternates, so each instance gets one of the two streams.
    let open = async { tokio::try_join!(bob.listen("/messages"), bob.listen("/messages")) };
    let streams = narrator
        .act("bob opens two streams, one on each instance", open)
        .await?;
    narrator
        .post(&mut alice, "/message", MESSAGE, Expect::status("202"))
        .await?;
    for mut stream in [streams.0, streams.1] {
        let read = async {
            let data = stream.next().await?.context("the stream has ended")?;
            ensure!(data == RECEIVED, "bob reads {data}");
            Ok(())
        };
        narrator.act(&format!("bob reads {RECEIVED}"), read).await?;
    }
    Ok(())
}
