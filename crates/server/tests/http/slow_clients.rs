//! Clients that never finish their requests, and many connections.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Result;
use testkit::{Demo, Instance, TestEnv, Visitor, binary};

use crate::common::{connect, memory};

const FORM: &str = "POST /session HTTP/1.1\r\nHost: localhost\r\n\
                    Content-Type: application/x-www-form-urlencoded\r\n";

/// Sends `more` every 50 ms until the server closes the connection. Returns what it sent, and how long that took.
fn trickle(mut stream: TcpStream, more: &str) -> Result<(String, Duration)> {
    let started = Instant::now();
    stream.set_read_timeout(Some(Duration::from_millis(50)))?;
    let (mut response, mut buffer) = (Vec::new(), [0; 1024]);
    while started.elapsed() < Duration::from_secs(20) {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => response.extend(&buffer[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                // The next read shows an error.
                let _ = stream.write_all(more.as_bytes());
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok((String::from_utf8(response)?, started.elapsed()))
}

#[actix_web::test]
async fn slow_heads_and_bodies_end_with_the_request_timeout() -> Result<()> {
    let (server, ..) = memory(&[("REQUEST_TIMEOUT", "1s")]).await?;
    let not_found =
        "POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    let not_found_page = not_found.replace("Host:", "Accept: text/html\r\nHost:");
    let trickled_chunks = format!("{FORM}Transfer-Encoding: chunked\r\n\r\n");
    let trickled_body = format!("{FORM}Content-Length: 9999\r\n\r\n");
    let second_head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\n";
    let cases = [
        ("", "", "408"),
        ("GET / HTTP/1.1\r\n", "Accept: text/plain\r\n", "408"),
        (second_head, "Accept: text/plain\r\n", "200"),
        (&trickled_body, "", "408"),
        (&trickled_body, "a", "408"),
        (&trickled_chunks, "1\r\na\r\n", "408"),
        // The response does not wait for the body, and the connection is closed after it.
        (not_found, "1\r\na\r\n", "404"),
        (&not_found_page, "1\r\na\r\n", "404"),
    ];
    let clients = cases.map(|(start, more, status)| {
        let stream = connect(&server, start.as_bytes());
        let case = format!("{start:?} {more:?}");
        let more = more.to_owned();
        let client = std::thread::spawn(move || trickle(stream?, &more));
        (client, case, status)
    });
    for (client, case, status) in clients {
        let (response, took) = client.join().expect("no panic")?;
        let start = format!("HTTP/1.1 {status} ");
        assert!(response.starts_with(&start), "{case}: {response}");
        // A busy server notices late, and actix-web's own clock has steps of half a second.
        assert!(took < Duration::from_secs(4), "{case}: {took:?}");
    }
    Ok(())
}

#[actix_web::test]
async fn four_hundred_unfinished_bodies_delay_no_other_visitor() -> Result<()> {
    let (server, endpoint, mut visitor) = memory(&[]).await?;
    let start = format!("{FORM}Content-Length: 10\r\n\r\nval");
    let slow: Vec<_> = (0..400)
        .map(|_| connect(&server, start.as_bytes()))
        .collect::<Result<_>>()?;
    for count in 0..5 {
        let seen = visitor.get(&endpoint, "/").await?;
        assert_eq!(seen.count(), Some(count));
        assert!(seen.took < Duration::from_secs(1), "{:?}", seen.took);
    }
    drop(slow);
    Ok(())
}

/// A process often starts with a limit of 256 or 1024 open files, and may raise it.
#[actix_web::test]
async fn a_server_raises_its_limit_of_open_files() -> Result<()> {
    let env = TestEnv::new()?;
    let mut command = Command::new("sh");
    let program = binary("demo-memory")?;
    command
        .args(["-c", "ulimit -Sn 64; exec \"$0\""])
        .arg(program);
    let mut server = Instance::of(
        &env,
        command,
        Demo::Memory.name(),
        &[("BEHIND_PROXY", "true")],
    )?;
    server.start().await?;
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut open = Vec::new();
    let started = Instant::now();
    for _ in 0..100 {
        let mut stream = connect(&server, request)?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        assert_eq!(&status, b"HTTP/1.1 200");
        open.push(stream);
    }
    let seen = Visitor::new().get(&server.endpoint(), "/").await?;
    assert_eq!(seen.status, 200);
    // An unused connection is closed after 5 seconds, so all of them were open at once.
    let took = started.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
    Ok(())
}
