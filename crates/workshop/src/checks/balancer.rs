//! Exercise 6: HAProxy in front of two instances, which serve visits alternately.

mod explain;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use testkit::{Balancer, Instance, Response, wait_until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use self::explain::{LEASTCONN, ORDER, explain};
use crate::checker::{Checker, Finding, RESPONSE_LIMIT, Visitor, summary};

/// The head of a request whose body never comes.
const SLOW: &str = "POST /session/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\
                    Content-Type: application/x-www-form-urlencoded\r\n\r\n";

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let mut apps = checker.two_demos().await?;
    let balancer = checker.balancer_from_work(&apps).await?;
    let mut visitors = [(); 2].map(|()| checker.visitor(&balancer.endpoint()));
    let mut seen = Vec::new();
    for visitor in ORDER {
        seen.push(visitors[visitor].get("/").await?);
    }
    if !alternate(&seen) {
        let meaning = explain(&balancer.inspect().await?, &apps, &seen);
        bail!(Finding::new(ALTERNATELY, summary(&seen), meaning));
    }
    let [visitor, _] = &mut visitors;
    expect_alternation_of_all(visitor).await?;
    expect_alternation_beside_a_slow_request(checker, &balancer, visitor).await?;
    if let Some(finding) = unchecked(&balancer).await? {
        bail!(finding);
    }
    expect_failover(checker, &balancer, &mut apps, visitor).await
}

const ALTERNATELY: &str = "app-1 and app-2 alternately";

/// Returns whether all visits succeeded, and none reached the same instance as the one before.
fn alternate(seen: &[Response]) -> bool {
    seen.iter().all(|seen| seen.status == 200)
        && seen
            .windows(2)
            .all(|pair| pair[0].instance != pair[1].instance)
}

/// Returns a finding if a server is not up for HAProxy, although all instances run.
pub(super) async fn unchecked(balancer: &Balancer) -> Result<Option<Finding>> {
    let servers = balancer.inspect().await?.servers;
    Ok(servers.iter().find(|server| !server.up).map(|server| {
        let expected = "both servers UP by their health checks";
        let observed = format!("HAProxy doesn't list {} as UP", server.name);
        let meaning = "HAProxy would not notice that an instance hangs, and visitors would wait for it. Is its health check off?";
        Finding::new(expected, observed, meaning)
    }))
}

/// Expects that requests alternate whatever their method and path.
async fn expect_alternation_of_all(visitor: &mut Visitor<'_>) -> Result<()> {
    let posts = [
        visitor.post("/session/", "value=tea").await?,
        visitor.post("/session/", "value=milk").await?,
    ];
    let gets = [
        visitor.get("/session/").await?,
        visitor.get("/session/").await?,
    ];
    let meaning = if posts[0].instance == posts[1].instance && alternate(&gets) {
        "visits alternate, but requests that change something all reach one server. Does a line choose the server by the method?"
    } else if posts[0].instance == posts[1].instance || !alternate(&gets) {
        "visits to / alternate, but those to another path all reach one server. Does a line choose the server by the path?"
    } else {
        return Ok(());
    };
    let seen = [posts, gets].concat();
    let names = seen.iter().filter_map(|seen| seen.instance.as_deref());
    bail!(Finding::new(
        ALTERNATELY,
        names.collect::<Vec<_>>().join(" "),
        meaning
    ))
}

/// Expects that the visits alternate even while one of the instances has a request in flight.
async fn expect_alternation_beside_a_slow_request(
    checker: &Checker,
    balancer: &Balancer,
    visitor: &mut Visitor<'_>,
) -> Result<()> {
    let mut slow = TcpStream::connect(balancer.endpoint().address()).await?;
    slow.write_all(SLOW.as_bytes()).await?;
    // With 100 Continue, an instance asks for the body. So the request has reached it.
    let mut answer = [0; 64];
    timeout(RESPONSE_LIMIT, slow.read(&mut answer))
        .await
        .context("no instance asked for the body of the slow request")??;
    checker.log("a slow request begins, which keeps one instance busy");
    let seen = visitor.visits(4).await?;
    if alternate(&seen) {
        return Ok(());
    }
    let expected = format!("{ALTERNATELY}, whatever else they do");
    let algorithm = balancer.inspect().await?.algorithm;
    let meaning = if algorithm == "leastconn" {
        LEASTCONN
    } else {
        "while one instance is busy with a slow request, the visits don't alternate"
    };
    bail!(Finding::new(expected, summary(&seen), meaning))
}

/// Kills one instance and starts it again. Expects no error, and that HAProxy notices both.
async fn expect_failover(
    checker: &Checker,
    balancer: &Balancer,
    apps: &mut [Instance; 2],
    visitor: &mut Visitor<'_>,
) -> Result<()> {
    let [first, second] = apps;
    first.kill().await?;
    checker.log("app-1 is killed");
    let after = visitor.visits(4).await?;
    let is_other = |name: &Option<String>| name.as_deref() == Some(second.name());
    if let Some(failed) = after.iter().find(|seen| !is_other(&seen.instance)) {
        let observed = format!("status {}", failed.status);
        let meaning =
            "app-1 is down, and HAProxy doesn't send its visits on to app-2. Is redispatch off?";
        bail!(Finding::new("responses from app-2 only", observed, meaning));
    }
    let is_down = async || {
        let servers = balancer.inspect().await?.servers;
        Ok(servers.iter().any(|server| !server.up).then_some(()))
    };
    let limit = Duration::from_secs(3);
    if wait_until("a failed health check", limit, is_down)
        .await
        .is_err()
    {
        let observed = "after 3 s it still lists both servers as UP";
        let meaning = "HAProxy doesn't notice that an instance is down, so it goes on to try it first. How often does it check?";
        bail!(Finding::new(
            "app-1 DOWN in HAProxy's list",
            observed,
            meaning
        ));
    }
    first.start().await?;
    checker.log("app-1 is started again");
    let is_up = async || Ok(unchecked(balancer).await?.is_none().then_some(()));
    if wait_until("a health check that succeeds", limit, is_up)
        .await
        .is_err()
    {
        let observed = "after 3 s HAProxy does not list it as UP";
        let meaning = "app-1 runs again, but HAProxy sends it no visits. How often does it check?";
        bail!(Finding::new(
            "app-1 UP in HAProxy's list",
            observed,
            meaning
        ));
    }
    Ok(())
}
