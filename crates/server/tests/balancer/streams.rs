//! Streams of messages, which stay open.

use std::time::Duration;

use actix_web::rt::time::timeout;
use anyhow::Result;
use testkit::{Demo, Deployment, Endpoint, TestEnv, Topology, Visitor, wait_until};

const PATIENCE: Duration = Duration::from_secs(10);

async fn assert_refused(visitor: &mut Visitor, endpoint: &Endpoint) -> Result<()> {
    // The instances decode paths too.
    for path in ["/messages", "/messages?as=alice", "/%6d%65ssages"] {
        // The response to an accepted request would not end.
        let response = timeout(PATIENCE, visitor.get(endpoint, path)).await??;
        assert_eq!(response.status, 503, "{path}: {response:?}");
        assert_eq!(response.header("retry-after"), Some("5"), "{path}");
        assert_eq!(response.instance, None, "{path}");
    }
    Ok(())
}

#[actix_web::test]
async fn streams_above_the_limit_get_503_until_another_ends() -> Result<()> {
    let settings = [("MAX_STREAMS", "2")];
    let topology = Topology::balanced(Demo::Login);
    let deployment = Deployment::start_with(&TestEnv::new()?, topology, &settings).await?;
    let endpoint = &deployment.endpoint;
    let mut alice = Visitor::new();
    let response = alice.post(endpoint, "/login", "userId=alice").await?;
    assert!(alice.cookie().is_some(), "{response:?}");

    let first = alice.listen(endpoint, "/messages").await?;
    let _second = alice.listen(endpoint, "/messages").await?;
    assert_refused(&mut alice, endpoint).await?;
    assert_eq!(alice.get(endpoint, "/dashboard").await?.status, 200);
    assert_eq!(Visitor::new().get(endpoint, "/login").await?.status, 200);

    drop(first);
    let _third = wait_until("a place for a stream", PATIENCE, async || {
        // HAProxy notices that a client has left when it sends something to it.
        alice.post(endpoint, "/message", "message=hello").await?;
        Ok(alice.listen(endpoint, "/messages").await.ok())
    })
    .await?;
    assert_refused(&mut alice, endpoint).await
}
