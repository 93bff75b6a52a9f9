//! Clients that take their time to send a request.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use testkit::{Demo, Deployment, Endpoint, TestEnv, Topology, Visitor};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

const SLOW_CLIENTS: usize = 400;

const TIMEOUT: Duration = Duration::from_secs(3);

/// Starts two instances of demo-memory behind HAProxy, which waits `TIMEOUT` for a request.
async fn start() -> Result<Deployment> {
    let settings = [("REQUEST_TIMEOUT", "3s")];
    Deployment::start_with(
        &TestEnv::new()?,
        Topology::balanced(Demo::Memory),
        &settings,
    )
    .await
}

/// Opens a connection to `endpoint`. Begins a POST with `headers` and the start of a body.
async fn begin_post(endpoint: &Endpoint, headers: &str, body: &str) -> Result<TcpStream> {
    let mut client = TcpStream::connect(endpoint.address()).await?;
    let host = endpoint.host();
    let head = format!(
        "POST /session HTTP/1.1\r\nHost: {host}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{headers}\r\n\r\n"
    );
    client.write_all((head + body).as_bytes()).await?;
    Ok(client)
}

/// Returns the status of the response, and whether an instance has answered.
async fn answer(client: &mut TcpStream) -> Result<(u16, bool)> {
    let mut head = String::new();
    let mut lines = BufReader::new(client);
    while !head.ends_with("\r\n\r\n") {
        ensure!(lines.read_line(&mut head).await? > 0, "cut off: {head}");
    }
    // "HTTP/1.1 408 Request Time-out"
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    Ok((status, head.contains("x-served-by:")))
}

#[actix_web::test]
async fn slow_clients_get_408_and_delay_no_visitor() -> Result<()> {
    let deployment = start().await?;
    let started = Instant::now();
    let mut clients = Vec::new();
    for _ in 0..SLOW_CLIENTS {
        clients.push(begin_post(&deployment.endpoint, "Content-Length: 10", "value").await?);
    }

    let mut visitor = Visitor::new();
    for count in 0..4 {
        let response = visitor.get(&deployment.endpoint, "/").await?;
        assert_eq!(response.status, 200, "visit {count}: {response:?}");
        assert!(response.took < Duration::from_secs(1), "{response:?}");
    }
    assert!(started.elapsed() < TIMEOUT, "the slow clients had gone");

    for client in &mut clients {
        assert_eq!(answer(client).await?, (408, false));
    }
    let took = started.elapsed();
    assert!(took < 2 * TIMEOUT, "{took:?}");
    Ok(())
}

/// HAProxy waits for a body only as long as it fits into its buffer.
#[actix_web::test]
async fn bodies_of_unknown_or_excessive_length_are_refused() -> Result<()> {
    let deployment = start().await?;
    let (fitting, excessive) = ("a".repeat(30_000), "a".repeat(33_000));
    let chunk = format!("8000\r\n{}", &excessive[..32_768]);
    for (headers, body, expected) in [
        ("Content-Length: 7", "value=a", (303, true)),
        // It is too long for the instance, which refuses it too.
        ("Content-Length: 30000", fitting.as_str(), (413, true)),
        ("Content-Length: 1000000", &excessive, (413, false)),
        (
            "Transfer-Encoding: chunked",
            "1\r\nv\r\n0\r\n\r\n",
            (411, false),
        ),
        ("Transfer-Encoding: chunked", &chunk, (411, false)),
        ("Transfer-Encoding: chunked", "1\r\nv\r\n", (408, false)),
    ] {
        let started = Instant::now();
        let mut client = begin_post(&deployment.endpoint, headers, body).await?;
        let start = &body[..body.len().min(20)];
        assert_eq!(answer(&mut client).await?, expected, "{headers}: {start}");
        assert!(started.elapsed() < 2 * TIMEOUT, "{headers}: {start}");
    }
    Ok(())
}

/// 300 files are fewer than 150 connections. Without a limit, those that are open would keep the others out for 10 s.
#[actix_web::test]
async fn idle_connections_keep_no_visitor_out() -> Result<()> {
    let settings = [("MAX_FILES", "300")];
    let topology = Topology::balanced(Demo::Memory);
    let deployment = Deployment::start_with(&TestEnv::new()?, topology, &settings).await?;
    let endpoint = &deployment.endpoint;
    let request = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", endpoint.host());

    let started = Instant::now();
    let mut idle = Vec::new();
    for _ in 0..200 {
        let mut client = TcpStream::connect(endpoint.address()).await?;
        client.write_all(request.as_bytes()).await?;
        let (status, _) = answer(&mut client).await?;
        // Their sessions are too many, which does not matter here.
        assert!([200, 429].contains(&status), "{status}");
        idle.push(client);
    }
    let took = started.elapsed();
    assert!(took < Duration::from_secs(8), "{took:?}");
    Ok(())
}

/// Each connection takes two files, and HAProxy needs some for itself.
#[actix_web::test]
async fn thousands_of_connections_fit_if_the_system_allows() -> Result<()> {
    let output = Command::new("sh").args(["-c", "ulimit -Hn"]).output()?;
    let limit = String::from_utf8(output.stdout)?;
    let expected = match limit.trim() {
        "unlimited" => 2000,
        files => 2000.min(files.parse::<usize>()? / 2 - 50),
    };

    let deployment = start().await?;
    let statistics = deployment.endpoint.named("stats.localhost");
    let csv = Visitor::new().get(&statistics, "/;csv").await?.body;
    let frontend = csv.lines().find(|line| line.starts_with("web,FRONTEND,"));
    let limit = frontend.and_then(|line| line.split(',').nth(6)); // "slim"
    let connections: usize = limit.context("no limit of connections")?.parse()?;
    assert!(connections >= expected, "{connections} of {expected}");
    Ok(())
}
