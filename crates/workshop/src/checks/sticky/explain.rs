//! Explains why HAProxy doesn't keep each visitor at one of both instances.

use std::collections::BTreeSet;

use testkit::{HaproxyState, Response};

/// Explains why visitors don't stay at their instance, or why all of them stay at the same one. These are the responses
/// that one or several of them have `seen`.
pub(super) fn explain(state: &HaproxyState, seen: &[Response]) -> String {
    let HaproxyState {
        algorithm,
        cookie,
        servers,
    } = state;
    let mut values: Vec<_> = servers
        .iter()
        .filter_map(|server| server.cookie.as_deref())
        .collect();
    let count = values.len();
    values.sort_unstable();
    values.dedup();
    let reached = |name: &str| {
        seen.iter()
            .any(|seen| seen.instance.as_deref() == Some(name))
    };
    let is_at_one = !(reached("app-1") && reached("app-2"));
    let visitors: BTreeSet<_> = seen.iter().map(|seen| &seen.session).collect();
    let sets = |name: &str| {
        let start = format!("{name}=");
        let cookies = seen
            .iter()
            .flat_map(|seen| seen.headers.get_all("set-cookie"));
        cookies
            .flat_map(|cookie| cookie.to_str())
            .any(|cookie| cookie.starts_with(&start))
    };
    if algorithm == "source" {
        return "balance source chooses by address, and here all visitors come from one address. The visitors behind one proxy or in one office would all reach the same server"
            .to_owned();
    }
    if let Some(backup) = servers.iter().find(|server| server.backup) {
        let name = &backup.name;
        return format!("{name} is a backup: it gets no visitors while the other server is up");
    }
    if cookie.as_deref() == Some("sessionID") {
        return "HAProxy's cookie has the name of the session cookie and replaces it. Give it another name"
            .to_owned();
    }
    match cookie {
        Some(name) if count < servers.len() => {
            let which = if count == 0 { "no" } else { "not every" };
            format!("HAProxy should set the cookie {name}, but {which} server line has a value for it")
        }
        _ if values.len() < count => {
            "both server lines have the same value, so the cookie doesn't show HAProxy which of them the visitor was at".to_owned()
        }
        Some(name) if !sets(name) => format!(
            "HAProxy looks for the cookie {name}, but no response sets it. The instances don't know it, so HAProxy has to insert it"
        ),
        None if is_at_one && visitors.len() > 1 => {
            "all visitors reach one instance, and HAProxy sets no cookie to tell them apart. All of them come from one address".to_owned()
        }
        None if algorithm.starts_with("hdr") => format!(
            "balance {algorithm} chooses by a header, which the first request of a visitor doesn't have. So the second request can reach another server than the first"
        ),
        None if algorithm == "roundrobin" => {
            "each instance counts separately, and visits go to both alternately: nothing ties the visitor to the instance that has the session".to_owned()
        }
        _ => format!(
            "HAProxy chooses by {algorithm}. Either a visitor doesn't stay, or one server gets no visitors"
        ),
    }
}
