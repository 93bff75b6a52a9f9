//! Exercise 6: HAProxy in front of two instances, in turn.

use anyhow::{Result, bail};
use testkit::{HaproxyState, Instance, Visitor};

use crate::{
    bench::Bench,
    finding::{Finding, seen_by},
};

pub(super) async fn check(bench: &Bench) -> Result<()> {
    let mut apps = bench.two_demos().await?;
    let balancer = bench.configured(&apps).await?;
    let endpoint = balancer.endpoint();
    let mut visitor = Visitor::new();
    let seen = bench.visits(&mut visitor, &endpoint, 4).await?;
    let in_turn = seen.iter().all(|seen| seen.status == 200)
        && seen
            .windows(2)
            .all(|pair| pair[0].instance != pair[1].instance);
    if !in_turn {
        let meaning = reason(&balancer.inspect().await?, &apps);
        bail!(Finding::new(
            "app-1 and app-2 in turn",
            seen_by(&seen),
            meaning
        ));
    }
    let [app, other] = &mut apps;
    app.kill().await?;
    bench.did("app-1 is killed");
    let after = bench.visits(&mut visitor, &endpoint, 4).await?;
    if let Some(failed) = after
        .iter()
        .find(|seen| seen.instance.as_deref() != Some(other.name()))
    {
        let meaning =
            "app-1 is gone, and a visit meant for it is not sent on to app-2: is redispatch off?";
        bail!(Finding::new(
            "answers of app-2 only",
            format!("status {}", failed.status),
            meaning
        ));
    }
    Ok(())
}

/// Why the servers of `understood` don't take turns as `apps` should.
fn reason(inspect: &HaproxyState, apps: &[Instance]) -> String {
    let HaproxyState {
        algorithm, servers, ..
    } = inspect;
    let app_at = |address: &str| {
        apps.iter()
            .find(|app| app.address().to_string() == address)
            .map(Instance::name)
    };
    if let Some(server) = servers
        .iter()
        .find(|server| app_at(&server.address).is_none())
    {
        return format!(
            "nobody listens where server {} leads to, {}",
            server.name, server.address
        );
    }
    if let Some(missed) = apps.iter().find(|app| {
        servers
            .iter()
            .all(|server| app_at(&server.address) != Some(app.name()))
    }) {
        return match &servers[..] {
            [] => "HAProxy knows no server at all, and has nobody to send a visit to".to_owned(),
            [one] => format!(
                "HAProxy knows one server, {}: nothing tells it of {}, which never gets a visit",
                one.name,
                missed.name()
            ),
            [one, ..] => {
                let place = app_at(&one.address).unwrap_or_default();
                format!(
                    "both server lines lead to {place}: two names for one address, and {} never gets a visit",
                    missed.name()
                )
            }
        };
    }
    if let Some(server) = servers.iter().find(|server| server.backup) {
        return format!(
            "{} is a backup: it gets a visit only when no other server is left",
            server.name
        );
    }
    match algorithm.as_str() {
        "roundrobin" => "both servers are known, and they don't take turns; what else does a server line say?".to_owned(),
        "source" => "balance source chooses by the visitor's address, so one visitor always meets one server".to_owned(),
        "first" => "balance first gives the first server all that it can take, and the next one what is left over".to_owned(),
        other => format!("balance {other} is another way to choose than in turn"),
    }
}
