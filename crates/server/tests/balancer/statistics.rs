//! HAProxy's statistics, in a page that has the navigation.

use anyhow::Result;
use testkit::{Balancer, Demo, Instance, TestEnv, Visitor, serving};

#[actix_web::test]
async fn statistics_link_to_the_demos_at_the_same_port() -> Result<()> {
    let balancer = Balancer::start(&TestEnv::new()?, &[], &[]).await?;
    let endpoint = balancer.endpoint();
    let port = endpoint.address().port();
    for (host, site) in [
        ("stats.localhost", "localhost"),
        ("STATS.workshop.example", "workshop.example"),
        ("stats.a\"onclick='alert(1)'<b>", "aonclickalert1b"),
    ] {
        let seen = Visitor::new().get(&endpoint.named(host), "/").await?;
        assert_eq!(seen.status, 200, "{seen:?}");
        for demo in ["memory", "file", "redis", "cookie", "webserver", "sessions"] {
            let link = format!("<a href=\"//{demo}.{site}:{port}/\">");
            assert!(seen.body.contains(&link), "no {link} in {seen:?}");
        }
        assert!(seen.body.contains("<iframe src=\"/haproxy\""), "{seen:?}");
    }
    Ok(())
}

#[actix_web::test]
async fn statistics_show_a_killed_instance_as_down() -> Result<()> {
    let env = TestEnv::new()?;
    let settings = [("BEHIND_PROXY", "true")];
    let mut killed = Instance::started(&env, Demo::Memory, "memory-1", &settings).await?;
    let running = Instance::started(&env, Demo::Memory, "memory-2", &settings).await?;
    let servers = vec![killed.address(), running.address()];
    let balancer = Balancer::start(&env, &[(Demo::Memory, servers)], &[]).await?;
    let endpoint = balancer.endpoint();
    serving(&endpoint, Demo::Memory, 2).await?;

    killed.kill().await?;
    serving(&endpoint, Demo::Memory, 1).await?;
    let statistics = endpoint.named("stats.localhost");
    let page = Visitor::new().get(&statistics, "/haproxy").await?.body;
    for (class, name) in [("active_down", "memory-1"), ("active_up", "memory-2")] {
        let row = format!("<tr class=\"{class}\"><td class=ac><a name=\"demo-memory/{name}\">");
        assert!(page.contains(&row), "no {row} in {page}");
    }
    Ok(())
}
