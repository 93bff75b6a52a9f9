//! Ports, and who holds them.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use testkit::{PortOwner, port_owner};

use super::Matter;

/// Where a Redis of one's own is looked for.
pub(super) const REDIS: u16 = 6379;

/// What macOS calls the process of its AirPlay receiver, cut short as lsof does.
const AIRPLAY: &str = "ControlCe";

/// How a server's port stands.
pub(super) fn of_server(port: u16) -> Matter {
    match port_owner(port) {
        Ok(None) => Matter::ok(format!("port {port} is free")),
        Ok(Some(taken)) => Matter::careful(taken.to_string(), way_out(&taken)),
        Err(error) => Matter::careful(format!("port {port}: {error:#}"), OTHER),
    }
}

const OTHER: &str = "another port: APP_PORT=5050 for a demo, scripts/demo.sh --port 5050";

fn way_out(taken: &PortOwner) -> String {
    if taken
        .by
        .as_deref()
        .is_some_and(|by| by.starts_with(AIRPLAY))
    {
        format!(
            "AirPlay holds it: System Settings > General > AirDrop & Handoff > AirPlay Receiver turns it off; or {OTHER}. \
             `curl localhost` may reach AirPlay even where a demo could start"
        )
    } else {
        OTHER.to_owned()
    }
}

/// How the port of a Redis of one's own stands; exercises have theirs elsewhere.
pub(super) fn of_redis(port: u16) -> Matter {
    match port_owner(port) {
        Ok(None) => Matter::ok(format!("port {port} is free for a Redis of your own")),
        Ok(Some(taken)) => match ask(port).as_deref() {
            Some("+PONG") => Matter::ok(format!(
                "port {port}: a Redis answers, and demo-redis finds it there"
            )),
            Some("-NOAUTH") => Matter::careful(
                format!("port {port}: a Redis answers, and wants a password"),
                format!("demo-redis needs it: REDIS_URL=redis://:PASSWORD@127.0.0.1:{port}"),
            ),
            _ => Matter::careful(
                format!("{taken}, and that is no Redis"),
                "a Redis elsewhere: redis-server --port 6380, and for demo-redis REDIS_URL=redis://127.0.0.1:6380",
            ),
        },
        Err(error) => Matter::careful(
            format!("port {port}: {error:#}"),
            "redis-server --port 6380",
        ),
    }
}

/// The first word of the answer to a PING.
fn ask(port: u16) -> Option<String> {
    let patience = Duration::from_millis(500);
    let mut stream =
        TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), patience)
            .ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    stream.write_all(b"PING\r\n").ok()?;
    let mut answer = [0; 64];
    let length = stream.read(&mut answer).ok()?;
    let text = String::from_utf8_lossy(&answer[..length]);
    Some(text.split_whitespace().next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use testkit::{Persistence, Redis, TestEnv};

    use super::*;

    fn port_of(redis: &Redis) -> u16 {
        redis.address().rsplit(':').next().unwrap().parse().unwrap()
    }

    #[actix_rt::test]
    async fn a_redis_on_the_port_of_redis_is_fine_and_its_password_is_asked_for() {
        let env = TestEnv::new().unwrap();
        let open = Redis::start(&env, Persistence::None).await.unwrap();
        let matter = of_redis(port_of(&open));
        assert!(
            matches!(&matter, Matter::Ok(what) if what.contains("a Redis answers")),
            "{matter:?}"
        );
        let closed = Redis::start_with(&env, Persistence::None, Some("secret"), &[])
            .await
            .unwrap();
        let matter = of_redis(port_of(&closed));
        assert!(
            matches!(&matter, Matter::Careful(_, fix) if fix.contains("REDIS_URL=redis://:PASSWORD@")),
            "{matter:?}"
        );
    }

    #[test]
    fn another_on_the_port_of_redis_is_told() {
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let matter = of_redis(other.local_addr().unwrap().port());
        assert!(
            matches!(&matter, Matter::Careful(what, fix) if what.contains("no Redis") && fix.contains("REDIS_URL")),
            "{matter:?}"
        );
    }

    #[test]
    fn airplay_is_told_how_to_turn_off() {
        let airplay = PortOwner {
            port: 5000,
            by: Some("ControlCe (pid 1)".to_owned()),
        };
        let fix = way_out(&airplay);
        assert!(
            fix.contains("AirPlay Receiver")
                && fix.contains("--port 5050")
                && fix.contains("APP_PORT"),
            "{fix}"
        );
        let other = PortOwner {
            port: 5000,
            by: None,
        };
        assert!(!way_out(&other).contains("AirPlay"));
    }
}
