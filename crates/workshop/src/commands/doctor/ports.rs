//! Examines ports, and finds the programs that use them.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use testkit::{PortOwner, port_owner};

use super::diagnosis::Diagnosis;

/// The port where demo-redis looks for Redis.
pub(super) const REDIS: u16 = 6379;

const OTHER_PORT: &str = "another port: APP_PORT=5050 for a demo, scripts/demo.sh --port 5050, \
                          scripts/workshop.sh serve STEP --port 5050";

const OTHER_SERVED_REDIS: &str = "another port: scripts/workshop.sh serve STEP --redis-port 6390";

/// Examines a port for a demo.
pub(super) fn of_server(port: u16) -> Diagnosis {
    free_port(port, "", server_fix)
}

/// Examines the port of the Redis that `serve` starts.
pub(super) fn of_served_redis(port: u16) -> Diagnosis {
    let fix = |_: &PortOwner| OTHER_SERVED_REDIS.to_owned();
    free_port(port, " for the Redis of `serve`", fix)
}

/// Expects that `port` is free. Otherwise `fix` returns what to do about its owner.
fn free_port(port: u16, purpose: &str, fix: impl Fn(&PortOwner) -> String) -> Diagnosis {
    match port_owner(port) {
        Ok(None) => Diagnosis::ok(format!("port {port} is free{purpose}")),
        Ok(Some(owner)) => Diagnosis::warning(owner.to_string(), fix(&owner)),
        Err(error) => {
            let fix = fix(&PortOwner::default());
            Diagnosis::warning(format!("port {port}: {error:#}"), fix)
        }
    }
}

fn server_fix(owner: &PortOwner) -> String {
    if !owner.is_airplay() {
        return OTHER_PORT.to_owned();
    }
    format!(
        "AirPlay uses it. Turn it off in System Settings > General > AirDrop & Handoff > AirPlay \
         Receiver; or {OTHER_PORT}. `curl localhost` may reach AirPlay even if a demo starts"
    )
}

/// Examines the attendee's own Redis. The exercises start theirs on other ports.
pub(super) fn of_redis(port: u16) -> Diagnosis {
    let other_redis = "start Redis on another port: redis-server --port 6390, and for demo-redis \
                       REDIS_URL=redis://127.0.0.1:6390";
    match port_owner(port) {
        Ok(None) => Diagnosis::ok(format!("port {port} is free for your own Redis")),
        Ok(Some(owner)) => match ping(port).as_deref() {
            Some("+PONG") => {
                Diagnosis::ok(format!("port {port}: demo-redis finds your Redis there"))
            }
            Some("-NOAUTH") => Diagnosis::warning(
                format!("port {port}: your Redis there needs a password"),
                format!("for demo-redis: REDIS_URL=redis://:PASSWORD@127.0.0.1:{port}"),
            ),
            _ => Diagnosis::warning(format!("{owner}, which is not Redis"), other_redis),
        },
        Err(error) => Diagnosis::warning(format!("port {port}: {error:#}"), other_redis),
    }
}

/// Sends a PING, and returns the first word of the response.
fn ping(port: u16) -> Option<String> {
    let patience = Duration::from_millis(500);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, patience).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    stream.write_all(b"PING\r\n").ok()?;
    let mut response = [0; 64];
    let length = stream.read(&mut response).ok()?;
    let text = String::from_utf8_lossy(&response[..length]);
    Some(text.split_whitespace().next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use testkit::{Persistence, Redis, TestEnv};

    use super::*;

    #[actix_rt::test]
    async fn port_of_redis_may_have_redis_with_or_without_a_password() {
        let env = TestEnv::new().unwrap();
        let open = Redis::start(&env, Persistence::None).await.unwrap();
        let closed = Redis::start_with(&env, Persistence::None, Some("secret"), &[]);
        let closed = closed.await.unwrap();
        let diagnosis = |redis: &Redis| {
            let address = redis.address();
            let (_, port) = address.rsplit_once(':').unwrap();
            of_redis(port.parse().unwrap()).text().replace(port, "PORT")
        };
        assert_eq!(
            diagnosis(&open),
            "  ok        port PORT: demo-redis finds your Redis there"
        );
        assert_eq!(
            diagnosis(&closed),
            "  warning   port PORT: your Redis there needs a password\n            \
             -> for demo-redis: REDIS_URL=redis://:PASSWORD@127.0.0.1:PORT"
        );
    }

    #[test]
    fn port_of_redis_with_another_program_is_a_warning() {
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let text = of_redis(other.local_addr().unwrap().port()).text();
        for part in ["  warning", "Redis\n", "REDIS_URL=redis://127.0.0.1:6390"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn port_of_the_served_redis_must_be_free() {
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = other.local_addr().unwrap().port();
        let text = of_served_redis(port).text();
        assert!(text.contains("  warning") && text.contains("--redis-port 6390"));
        drop(other);
        let text = of_served_redis(port).text();
        assert!(text.ends_with("is free for the Redis of `serve`"), "{text}");
    }

    #[test]
    fn airplay_can_be_turned_off_or_avoided() {
        let fix = |by: Option<&str>| {
            server_fix(&PortOwner {
                by: by.map(str::to_owned),
                ..PortOwner::default()
            })
        };
        let airplay = fix(Some("ControlCe (pid 1)"));
        for part in ["AirPlay Receiver", "serve STEP --port 5050", "APP_PORT"] {
            assert!(airplay.contains(part), "{airplay}");
        }
        assert_eq!(fix(None), OTHER_PORT);
    }
}
