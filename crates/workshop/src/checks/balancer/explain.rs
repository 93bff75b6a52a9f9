//! Explains why HAProxy doesn't send visits to both instances alternately.

use testkit::{HaproxyState, Instance, Response};

/// The order in which two visitors come. A server that is chosen at random would hardly ever be the right one each time.
pub(super) const ORDER: [usize; 12] = [0, 0, 1, 1, 0, 1, 1, 0, 0, 1, 0, 1];

/// A busy server may delay any visit, so these visits alternate in some runs and not in others.
pub(super) const LEASTCONN: &str = "balance leastconn prefers the server with fewer requests. While one instance is busy with a slow request, the other gets all visits";

/// Explains why the servers that HAProxy knows don't serve `apps` alternately.
pub(super) fn explain(state: &HaproxyState, apps: &[Instance], seen: &[Response]) -> String {
    if let Some(wrong) = explain_servers(state, apps) {
        return wrong;
    }
    let visits = |app: &Instance| {
        let by = seen.iter().map(|seen| seen.instance.as_deref());
        by.filter(|name| *name == Some(app.name())).count()
    };
    let counts: Vec<_> = apps.iter().map(visits).collect();
    let all = seen.len();
    match (state.algorithm.as_str(), &state.cookie) {
        ("source", _) => "balance source chooses by the visitor's address, so a visitor always reaches the same server".to_owned(),
        ("first", _) => "balance first fills the first server, and the next one gets only the remaining visits".to_owned(),
        // HAProxy 2.6 calls this algorithm unknown.
        ("random" | "unknown", _) if !each_stays(seen) => "the visits follow no fixed order, as with balance random, which draws a server for each visit. In the newest versions of HAProxy that is the default".to_owned(),
        ("uri", _) => "balance uri chooses by the path, and all these visits have the same path".to_owned(),
        ("roundrobin" | "static-rr", Some(cookie)) if each_stays(seen) => {
            format!("HAProxy's cookie {cookie} ties each visitor to one server")
        }
        ("roundrobin" | "static-rr", None) if each_stays(seen) => {
            "HAProxy knows both servers, but each visitor stays at one. Does a line tie visitors to a server?".to_owned()
        }
        ("roundrobin" | "static-rr", _) if counts[0] + counts[1] == all && counts[0] != counts[1] => format!(
            "HAProxy knows both servers, but of {all} visits app-1 got {} and app-2 {}. Do the server lines give them different weights?",
            counts[0], counts[1]
        ),
        ("roundrobin" | "static-rr", _) => "HAProxy knows both servers, but they don't alternate. What else is on the server lines?".to_owned(),
        ("leastconn", _) => LEASTCONN.to_owned(),
        (other, _) => format!("balance {other} doesn't alternate between the servers"),
    }
}

/// Returns whether each of the two visitors, who came in the given [`ORDER`], always reached the same instance.
fn each_stays(seen: &[Response]) -> bool {
    (0..2).all(|visitor| {
        let own = ORDER.iter().zip(seen);
        let own = own.filter(|(other, _)| **other == visitor);
        let mut names: Vec<_> = own.map(|(_, seen)| &seen.instance).collect();
        names.dedup();
        names.len() == 1
    })
}

/// Explains what is wrong with the list of servers, if something is.
fn explain_servers(state: &HaproxyState, apps: &[Instance]) -> Option<String> {
    let servers = &state.servers;
    let app_at = |address: &str| {
        let app = apps.iter().find(|app| app.address().to_string() == address);
        app.map(Instance::name)
    };
    let listed = |app: &Instance| {
        let names = servers.iter().map(|server| app_at(&server.address));
        names.filter(|name| *name == Some(app.name())).count()
    };
    if let Some(server) = servers
        .iter()
        .find(|server| app_at(&server.address).is_none())
    {
        let (name, address) = (&server.name, &server.address);
        return Some(format!(
            "no instance listens at {address}, the address of server {name}"
        ));
    }
    if let Some(missed) = apps.iter().find(|app| listed(app) == 0) {
        let missed = missed.name();
        return Some(match &servers[..] {
            [] => "HAProxy knows no server, so it cannot send a visit anywhere".to_owned(),
            [one] => format!(
                "HAProxy knows only one server, {}. The file doesn't list {missed}, which never gets a visit",
                one.name
            ),
            [one, ..] => format!(
                "both server lines lead to {}. They are two names for one address, and {missed} never gets a visit",
                app_at(&one.address).unwrap_or_default()
            ),
        });
    }
    if let Some(twice) = apps.iter().find(|app| listed(app) > 1) {
        let (name, times) = (twice.name(), listed(twice));
        return Some(format!(
            "the file lists {name} {times} times, under different names, so it gets more visits than the other"
        ));
    }
    let backup = servers.iter().find(|server| server.backup)?;
    let name = &backup.name;
    Some(format!(
        "{name} is a backup: it gets visits only when no other server is up"
    ))
}
