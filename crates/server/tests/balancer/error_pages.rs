//! The errors that HAProxy answers itself: pages for browsers, and its usual text for other clients.

use std::time::Duration;

use anyhow::{Context, Result};
use testkit::{Demo, Deployment, Endpoint, TestEnv, Topology, wait_until};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sends a request to `/session` until its status is `status`. Returns the head and the body of the response.
async fn request(
    endpoint: &Endpoint,
    accept: &str,
    (method, rest): (&str, &str),
    status: u16,
) -> Result<(String, String)> {
    let host = endpoint.host();
    let request = format!(
        "{method} /session HTTP/1.1\r\nHost: {host}\r\nAccept: {accept}\r\nConnection: close\r\n{rest}"
    );
    wait_until("the error", Duration::from_secs(10), async || {
        let mut client = TcpStream::connect(endpoint.address()).await?;
        client.write_all(request.as_bytes()).await?;
        let mut response = String::new();
        client.read_to_string(&mut response).await?;
        let (head, body) = response.split_once("\r\n\r\n").context("no response")?;
        let is_expected = head.starts_with(&format!("HTTP/1.1 {status} "));
        Ok(is_expected.then(|| (head.to_owned(), body.to_owned())))
    })
    .await
}

/// Sends `sent` as a program, which gets `text`, and as a browser, which gets a page with `part`.
async fn check(
    endpoint: &Endpoint,
    sent: (&str, &str),
    status: u16,
    text: &str,
    part: &str,
) -> Result<()> {
    let (head, body) = request(endpoint, "*/*", sent, status).await?;
    assert_eq!(body, text);
    assert!(!head.contains("\r\nrefresh: "), "{head}");

    let (head, body) = request(endpoint, "text/html", sent, status).await?;
    assert!(head.contains("\r\ncontent-type: text/html"), "{head}");
    let again = status == 503 && sent.0 != "POST";
    assert_eq!(head.contains("\r\nrefresh: 5"), again, "{head}");
    assert_eq!(body.contains("tries again by itself"), again, "{body}");
    assert!(!head.contains("x-served-by"), "{head}");
    assert!(body.starts_with("<!DOCTYPE html>"), "{body}");
    assert!(body.contains(part), "no {part} in {body}");
    Ok(())
}

#[actix_web::test]
async fn haproxys_errors_are_pages_for_browsers() -> Result<()> {
    let settings = [("NEW_SESSIONS_PER_ADDRESS", "1"), ("REQUEST_TIMEOUT", "1s")];
    let topology = Topology::balanced(Demo::Memory);
    let mut it = Deployment::start_with(&TestEnv::new()?, topology, &settings).await?;

    let slow = ("POST", "Content-Length: 10\r\n\r\nvalue");
    let text = "<html><body><h1>408 Request Time-out</h1>\n\
                Your browser didn't send a complete request in time.\n</body></html>\n";
    let part = "HAProxy did not get the whole request in time.";
    check(&it.endpoint, slow, 408, text, part).await?;

    let chunked = (
        "POST",
        "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    );
    let text = "declare the length of the body\n";
    let part = "Declare the length of the body.";
    check(&it.endpoint, chunked, 411, text, part).await?;

    let long = format!("Content-Length: 60000\r\n\r\n{}", "a".repeat(33_000));
    let part = "The body is too long.";
    check(
        &it.endpoint,
        ("POST", &long),
        413,
        "the body is too long\n",
        part,
    )
    .await?;

    // Each form begins a session, until HAProxy refuses it.
    let form =
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\nvalue=v";
    let text = "too many new sessions from your address; try again in a second\n";
    let part = "Too many new sessions from your address; try again in a second.";
    check(&it.endpoint, ("POST", form), 429, text, part).await?;

    for instance in &mut it.instances {
        instance.kill().await?;
    }
    let text = "<html><body><h1>503 Service Unavailable</h1>\n\
                No server is available to handle this request.\n</body></html>\n";
    let part = "HAProxy found no instance that is up.";
    check(&it.endpoint, ("GET", "\r\n"), 503, text, part).await?;
    // Loading the page again would send a GET, without the value.
    check(&it.endpoint, ("POST", form), 503, text, part).await
}
