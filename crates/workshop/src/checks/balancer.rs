//! Exercise 6: HAProxy in front of two instances, which serve visits alternately.

use anyhow::{Result, bail};
use testkit::{HaproxyState, Instance};

use crate::checker::{Checker, Finding, summary};

pub(super) async fn check(checker: &Checker) -> Result<()> {
    let mut apps = checker.two_demos().await?;
    let balancer = checker.balancer_from_work(&apps).await?;
    let mut visitor = checker.visitor(&balancer.endpoint());
    let seen = visitor.visits(4).await?;
    let alternate = seen
        .windows(2)
        .all(|pair| pair[0].instance != pair[1].instance);
    if !alternate || seen.iter().any(|seen| seen.status != 200) {
        let expected = "app-1 and app-2 alternately";
        let meaning = explain(&balancer.inspect().await?, &apps);
        bail!(Finding::new(expected, summary(&seen), meaning));
    }
    let [app, other] = &mut apps;
    app.kill().await?;
    checker.log("app-1 is killed");
    let after = visitor.visits(4).await?;
    let is_other = |name: &Option<String>| name.as_deref() == Some(other.name());
    if let Some(failed) = after.iter().find(|seen| !is_other(&seen.instance)) {
        let observed = format!("status {}", failed.status);
        let meaning =
            "app-1 is down, and HAProxy doesn't send its visits on to app-2. Is redispatch off?";
        bail!(Finding::new("responses from app-2 only", observed, meaning));
    }
    Ok(())
}

/// Explains why the servers that HAProxy knows don't serve `apps` alternately.
fn explain(state: &HaproxyState, apps: &[Instance]) -> String {
    let servers = &state.servers;
    let app_at = |address: &str| {
        let app = apps.iter().find(|app| app.address().to_string() == address);
        app.map(Instance::name)
    };
    if let Some(server) = servers
        .iter()
        .find(|server| app_at(&server.address).is_none())
    {
        let (name, address) = (&server.name, &server.address);
        return format!("no instance listens at {address}, the address of server {name}");
    }
    let unlisted = |app: &&Instance| {
        let mut listed = servers.iter().map(|server| app_at(&server.address));
        !listed.any(|name| name == Some(app.name()))
    };
    if let Some(missed) = apps.iter().find(unlisted).map(Instance::name) {
        return match &servers[..] {
            [] => "HAProxy knows no server, so it cannot send a visit anywhere".to_owned(),
            [one] => format!(
                "HAProxy knows only one server, {}. The file doesn't list {missed}, which never gets a visit",
                one.name
            ),
            [one, ..] => format!(
                "both server lines lead to {}. They are two names for one address, and {missed} never gets a visit",
                app_at(&one.address).unwrap_or_default()
            ),
        };
    }
    if let Some(server) = servers.iter().find(|server| server.backup) {
        let name = &server.name;
        return format!("{name} is a backup: it gets visits only when no other server is up");
    }
    match state.algorithm.as_str() {
        "roundrobin" => "HAProxy knows both servers, but they don't alternate. What else is on the server lines?".to_owned(),
        "source" => "balance source chooses by the visitor's address, so a visitor always reaches the same server".to_owned(),
        "first" => "balance first fills the first server, and the next one gets only the remaining visits".to_owned(),
        other => format!("balance {other} doesn't alternate between the servers"),
    }
}
