//! The name of an instance is HAProxy's name for it, wherever it shows.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{Balancer, Demo, Endpoint, Instance, Response, TestEnv, Visitor};

/// Starts two instances of demo-memory behind HAProxy. They call themselves other names than HAProxy does.
async fn two() -> Result<([Instance; 2], Balancer, Endpoint)> {
    let env = TestEnv::new()?;
    let start = |name| Instance::started(&env, Demo::Memory, name, &[("BEHIND_PROXY", "true")]);
    let instances = [start("called-a").await?, start("called-b").await?];
    let servers = instances.each_ref().map(Instance::address).to_vec();
    let balancer = Balancer::start(&env, &[(Demo::Memory, servers)], &[]).await?;
    let endpoint = balancer.endpoint().named(&Demo::Memory.host_name());
    Ok((instances, balancer, endpoint))
}

/// Requests a page, and names an instance that HAProxy has not chosen.
async fn page(visitor: &mut Visitor, endpoint: &Endpoint) -> Result<Response> {
    let request = visitor
        .request(Method::GET, endpoint, "/")
        .insert_header(("Accept", "text/html"))
        .append_header(("X-Instance", "forged"))
        .append_header(("X-Instance", "forged-too"));
    visitor.send(request, "").await
}

#[actix_web::test]
async fn page_header_and_log_have_haproxys_name() -> Result<()> {
    let (instances, _balancer, endpoint) = two().await?;
    let mut visitor = Visitor::new();
    for name in ["memory-1", "memory-2", "memory-1", "memory-2"] {
        let seen = page(&mut visitor, &endpoint).await?;
        assert_eq!(seen.instance.as_deref(), Some(name), "{seen:?}");
        assert!(seen.body.contains(name), "{seen:?}");
        for other in ["called-a", "called-b", "forged"] {
            assert!(!seen.body.contains(other), "{seen:?}");
        }
    }
    for (instance, name) in instances.iter().zip(["memory-1", "memory-2"]) {
        let log = instance.log();
        let lines = log.matches(&format!("{name} GET / 200")).count();
        assert_eq!(lines, 2, "{log}");
    }
    Ok(())
}

/// HAProxy notices that it cannot connect, and sends the request to the other instance.
#[actix_web::test]
async fn redirected_request_has_the_name_of_its_instance() -> Result<()> {
    let ([mut killed, survivor], _balancer, endpoint) = two().await?;
    let mut visitor = Visitor::new();
    let seen = page(&mut visitor, &endpoint).await?;
    assert_eq!(seen.instance.as_deref(), Some("memory-1"), "{seen:?}");

    killed.kill().await?;
    for _ in 0..4 {
        let seen = page(&mut visitor, &endpoint).await?;
        assert_eq!(seen.status, 200, "{seen:?}");
        assert_eq!(seen.instance.as_deref(), Some("memory-2"), "{seen:?}");
    }
    let log = survivor.log();
    assert!(!log.contains("memory-1 GET"), "{log}");
    Ok(())
}
