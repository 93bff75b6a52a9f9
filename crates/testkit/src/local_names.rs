//! The host names of the demos, such as `file.localhost`, which not every system resolves.

use std::{net::ToSocketAddrs, sync::mpsc, thread, time::Duration};

use crate::Demo;

/// How long the system may take to resolve a name.
const PATIENCE: Duration = Duration::from_secs(2);

/// Returns whether this system resolves `name` to an address of this machine.
pub fn resolves_locally(name: &str) -> bool {
    let (sender, answer) = mpsc::channel();
    let target = (name.to_owned(), 80);
    // A name server that doesn't answer would hold us up for longer. The thread ends with the process.
    thread::spawn(move || sender.send(target.to_socket_addrs()));
    let found = answer.recv_timeout(PATIENCE);
    found.is_ok_and(|found| found.is_ok_and(|mut all| all.any(|it| it.ip().is_loopback())))
}

/// Returns the line for `/etc/hosts` with all names that HAProxy knows.
pub fn hosts_line() -> String {
    let demos = Demo::ALL.map(Demo::host_name);
    format!(
        "127.0.0.1 {} sessions.localhost stats.localhost",
        demos.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_resolve_locally() {
        assert!(resolves_locally("localhost"));
        for name in ["file.invalid", "192.0.2.1", ""] {
            assert!(!resolves_locally(name), "{name}");
        }
    }
}
