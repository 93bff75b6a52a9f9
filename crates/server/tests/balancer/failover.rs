//! Instances that freeze or restart while visitors are there.

use std::{
    cell::Cell,
    rc::Rc,
    time::{Duration, Instant},
};

use actix_web::rt::spawn;
use anyhow::{Context, Result};
use testkit::{Demo, Deployment, Endpoint, TestEnv, Topology, Visitor, wait_until};

const PATIENCE: Duration = Duration::from_secs(10);

/// HAProxy takes a frozen instance out of service after 1.8 s at most. The rest is for a slow machine.
const OUT_OF_SERVICE: Duration = Duration::from_millis(2500);

#[actix_web::test]
async fn requests_to_a_frozen_instance_end_in_time() -> Result<()> {
    let topology = Topology::balanced(Demo::Redis);
    let deployment = Deployment::start_with(&TestEnv::new()?, topology, &[]).await?;
    let endpoint = &deployment.endpoint;
    let frozen = &deployment.instances[0];

    frozen.freeze()?;
    let requests: Vec<_> = (0..10)
        .map(|_| {
            let endpoint = endpoint.clone();
            spawn(async move {
                let sent = Instant::now();
                let response = Visitor::new().get(&endpoint, "/").await;
                // HAProxy 2.6 answers 502, and 3.0 closes the connection.
                let served = response.is_ok_and(|response| response.status == 200);
                (served, sent.elapsed())
            })
        })
        .collect();
    let mut failed = 0;
    for request in requests {
        let (served, took) = request.await?;
        assert!(took < OUT_OF_SERVICE, "{took:?}");
        failed += usize::from(!served);
    }
    assert!((1..10).contains(&failed), "{failed} of 10 failed");

    let mut visitor = Visitor::new();
    for count in 0..10 {
        let response = visitor.get(endpoint, "/").await?;
        assert_eq!(response.count(), Some(count), "{response:?}");
        assert_eq!(response.instance.as_deref(), Some("redis-2"));
    }

    frozen.thaw()?;
    wait_until("the instance to serve again", PATIENCE, async || {
        let response = visitor.get(endpoint, "/").await?;
        assert_eq!(response.status, 200, "{response:?}");
        Ok((response.instance.as_deref() == Some(frozen.name())).then_some(()))
    })
    .await
}

/// Sends the requests of a visitor, one after the other, until `stop`. Each must succeed. Returns their number.
async fn click(endpoint: Endpoint, stop: Rc<Cell<bool>>) -> Result<usize> {
    let (mut visitor, mut clicks) = (Visitor::new(), 0);
    while !stop.get() {
        let response = visitor.get(&endpoint, "/login").await?;
        assert_eq!(response.status, 200, "{response:?}");
        clicks += 1;
    }
    Ok(clicks)
}

#[actix_web::test]
async fn a_rolling_restart_costs_no_request() -> Result<()> {
    let topology = Topology::balanced(Demo::Login);
    let settings = [("LAB", "true")];
    let mut deployment = Deployment::start_with(&TestEnv::new()?, topology, &settings).await?;
    let endpoint = deployment.endpoint.clone();
    let stop = Rc::new(Cell::new(false));
    let visitors: Vec<_> = (0..4)
        .map(|_| spawn(click(endpoint.clone(), Rc::clone(&stop))))
        .collect();

    for instance in &mut deployment.instances {
        let mut slow = Visitor::new();
        slow.post(&endpoint, "/login", "userId=alice").await?;
        // Round robin: repeat the request until this instance gets it.
        let begun = instance.log().matches("slow: begun").count();
        let request = wait_until(
            "the instance to get the slow request",
            PATIENCE,
            async || {
                let (mut slow, endpoint) = (slow.clone(), endpoint.clone());
                let request =
                    spawn(async move { slow.post(&endpoint, "/slow?for=1500ms", "").await });
                Ok(wait_until("slow", Duration::from_millis(200), async || {
                    Ok((instance.log().matches("slow: begun").count() > begun).then_some(()))
                })
                .await
                .ok()
                .map(|()| request))
            },
        )
        .await?;

        instance.restart().await?;
        let response = request.await??;
        assert_eq!(response.status, 204, "{response:?}");
        assert_eq!(response.instance.as_deref(), Some(instance.name()));
        wait_until("the instance to serve again", PATIENCE, async || {
            let response = Visitor::new().get(&endpoint, "/login").await?;
            Ok((response.instance.as_deref() == Some(instance.name())).then_some(()))
        })
        .await?;
    }

    stop.set(true);
    for visitor in visitors {
        let clicks = visitor.await.context("a request failed")??;
        assert!(clicks > 10, "{clicks} requests only");
    }
    Ok(())
}
