//! HAProxy hides two pages when anyone can reach it: the viewer and the statistics.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use testkit::{Demo, Deployment, TestEnv, Topology, Visitor};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};

/// Returns the first line of the response to a request for HAProxy's statistics that comes from `source`.
async fn statistics_from(source: Ipv4Addr, haproxy: SocketAddr) -> Result<String> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((source, 0).into())?;
    let mut stream = socket.connect(haproxy).await?;
    let request = b"GET /;csv HTTP/1.0\r\nHost: stats.localhost\r\n\r\n";
    stream.write_all(request).await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    Ok(response.lines().next().unwrap_or_default().to_owned())
}

#[actix_web::test]
async fn public_haproxy_hides_the_viewer_and_the_statistics() -> Result<()> {
    let topology = Topology::balanced(Demo::Memory);
    for (settings, viewer, elsewhere) in [
        (&[][..], 503, "HTTP/1.1 200 OK"),
        (&[("PUBLIC", "true")], 404, "HTTP/1.1 404 Not Found"),
    ] {
        let deployment = Deployment::start_with(&TestEnv::new()?, topology, settings).await?;
        let endpoint = &deployment.endpoint;
        // No viewer runs here.
        let sessions = endpoint.named("sessions.example.com");
        let response = Visitor::new().get(&sessions, "/").await?;
        assert_eq!(response.status, viewer, "{settings:?}: {response:?}");
        // The health check of HAProxy's container.
        let statistics = endpoint.named("stats.localhost");
        let response = Visitor::new().get(&statistics, "/;csv").await?;
        assert_eq!(response.status, 200, "{settings:?}: {response:?}");
        // A proxy in front of HAProxy may run on the same machine.
        for (host, path) in [
            ("stats.shop.example", "/;csv"),
            ("stats.localhost", "/"),
            ("stats.localhost", "/haproxy;csv"),
        ] {
            let response = Visitor::new().get(&endpoint.named(host), path).await?;
            let line = format!("HTTP/1.1 {} ", response.status);
            assert!(elsewhere.starts_with(&line), "{settings:?} {host} {path}");
        }
        // Linux has all addresses that begin with 127, other systems only this one.
        if cfg!(target_os = "linux") {
            let source = Ipv4Addr::new(127, 0, 0, 2);
            let line = statistics_from(source, endpoint.address()).await?;
            assert_eq!(line, elsewhere, "{settings:?}");
        }
    }
    Ok(())
}
