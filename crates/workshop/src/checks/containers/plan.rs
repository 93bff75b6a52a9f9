//! Reads what Compose would start, before anything starts.

use anyhow::{Result, bail};
use serde_json::Value;
use testkit::{Compose, Demo};

use crate::checker::Finding;

/// The number of instances of a demo for which HAProxy has room in containers.
const ROOM: u64 = 8;

/// Explains why Compose rejects the two files. `error` is its message.
pub(super) fn rejected(error: String) -> Finding {
    let meaning = if error.contains("yaml:") {
        "this is not valid YAML. The spaces at the beginning of a line show what belongs to what, and tabs are not allowed there"
    } else if error.contains("'scale' and 'deploy.replicas'") {
        "these are two names of one setting. docker-compose.yml gives each demo a number of replicas, so replace that one"
    } else if error.contains("additional properties") {
        "Compose doesn't know the setting at this place. The service in docker-compose.yml shows the section that contains it"
    } else {
        "Compose cannot combine the two files. Services and settings must have the names that docker-compose.yml uses"
    };
    Finding::new("two files that Compose accepts", error, meaning)
}

/// Expects that the plan uses nothing outside the project of the check: the attendee's own containers and volumes stay
/// untouched.
pub(super) fn expect_own(planned: &Value, compose: &Compose) -> Result<()> {
    let entries = |section: &str| planned[section].as_object().into_iter().flatten();
    for (section, kind) in [("volumes", "volume"), ("networks", "network")] {
        for (_, entry) in entries(section) {
            let name = entry["name"].as_str().unwrap_or_default();
            if !name.starts_with(&format!("{}_", compose.project())) {
                bail!(not_own(format!("the {kind} {name}")));
            }
        }
    }
    for (_, service) in entries("services") {
        if let Some(name) = service["container_name"].as_str() {
            bail!(not_own(format!("a container with the fixed name {name}")));
        }
        let ports = service["ports"].as_array().into_iter().flatten();
        let mut ports = ports.filter_map(|port| port["published"].as_str());
        if let Some(port) = ports.find(|port| *port != compose.port().to_string()) {
            bail!(not_own(format!("port {port} of this machine")));
        }
    }
    Ok(())
}

fn not_own(observed: String) -> Finding {
    let expected = "containers, volumes and a port of their own for the check";
    let meaning = "your own containers may use this, and the check doesn't touch them. The task needs no such setting: the check has not started anything";
    Finding::new(expected, observed, meaning)
}

/// Returns the demo that plain localhost should serve, and its number of instances.
pub(super) fn served(planned: &Value) -> Result<(Demo, usize)> {
    let services = &planned["services"];
    let named = services["haproxy"]["environment"]["DEMO"].as_str();
    let named = named.unwrap_or("nothing");
    let Ok(demo) = named.parse::<Demo>() else {
        let observed = format!("DEMO: {named}");
        let meaning = "the demos that count visits are memory, file, redis and cookie";
        bail!(Finding::new("DEMO: redis", observed, meaning));
    };
    let expected = "4 instances of demo-redis";
    let instances = |service: &str| {
        let service = &services[service];
        let count = service["scale"].as_u64();
        count
            .or_else(|| service["deploy"]["replicas"].as_u64())
            .unwrap_or(1)
    };
    for (service, meaning) in [
        (
            "redis",
            "the service redis is Redis itself, and several of them share no sessions. The service of the demo is demo-redis",
        ),
        (
            "haproxy",
            "the service haproxy is the load balancer, and only one container can have its port. The service of the demo is demo-redis",
        ),
    ] {
        let count = instances(service);
        if count != 1 {
            let observed = format!("{count} instances of {service}");
            bail!(Finding::new(expected, observed, meaning));
        }
    }
    for demo in Demo::STORES {
        let count = instances(demo.service());
        if !(1..=ROOM).contains(&count) {
            let observed = format!("{count} instances of {}", demo.service());
            let meaning = format!(
                "HAProxy has room for 1 to {ROOM} instances of each demo (haproxy/compose.cfg)"
            );
            bail!(Finding::new(expected, observed, meaning));
        }
    }
    Ok((demo, usize::try_from(instances(demo.service()))?))
}
