//! A visitor logs out.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{Demo, Deployment, TestEnv, Topology, Visitor};

/// With memory, files and Redis, the copy of a cookie is worth nothing after the logout.
#[actix_web::test]
async fn a_logout_ends_the_session_on_the_server() -> Result<()> {
    for demo in [Demo::Memory, Demo::File, Demo::Redis] {
        let server = Deployment::start_with(&TestEnv::new()?, Topology::one(demo), &[]).await?;
        let mut visitor = Visitor::new();
        visitor.get(&server.endpoint, "/session/set/mine").await?;
        let mut copy = visitor.copied()?;

        let seen = visitor.post(&server.endpoint, "/logout", "").await?;
        let observed = (seen.status, seen.header("location"));
        assert_eq!(observed, (303, Some("/")), "{demo:?}");
        assert!(visitor.cookie().is_none(), "{demo:?}");
        for client in [&mut visitor, &mut copy] {
            let seen = client.get(&server.endpoint, "/session/").await?;
            assert_eq!(seen.body, "no value set\n", "{demo:?}");
        }
    }
    Ok(())
}

/// A cookie that holds the session itself can be removed from the browser only.
#[actix_web::test]
async fn a_copy_of_a_whole_session_outlives_the_logout() -> Result<()> {
    let topology = Topology::one(Demo::Cookie);
    let server = Deployment::start_with(&TestEnv::new()?, topology, &[]).await?;
    let mut visitor = Visitor::new();
    visitor.get(&server.endpoint, "/session/set/mine").await?;
    let mut copy = visitor.copied()?;

    visitor.post(&server.endpoint, "/logout", "").await?;
    assert!(visitor.cookie().is_none());
    for (client, shown) in [(&mut visitor, "no value set\n"), (&mut copy, "mine\n")] {
        let seen = client.get(&server.endpoint, "/session/").await?;
        assert_eq!(seen.body, shown);
    }
    Ok(())
}

#[actix_web::test]
async fn another_site_cannot_log_a_visitor_out() -> Result<()> {
    let topology = Topology::one(Demo::Memory);
    let server = Deployment::start_with(&TestEnv::new()?, topology, &[]).await?;
    let mut visitor = Visitor::new();
    visitor.get(&server.endpoint, "/session/set/mine").await?;

    let request = visitor
        .request(Method::POST, &server.endpoint, "/logout")
        .insert_header(("Sec-Fetch-Site", "cross-site"));
    assert_eq!(visitor.send(request, "").await?.status, 403);
    let seen = visitor.get(&server.endpoint, "/session/").await?;
    assert_eq!(seen.body, "mine\n");
    Ok(())
}
