//! Who may ask, and from where.

use tokio::process::Command;

use anyhow::Result;
use testkit::{TestEnv, Visitor, binary};

use crate::common::viewed;

#[actix_web::test]
async fn it_answers_to_names_of_this_machine_only() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    let endpoint = viewed.viewer.endpoint();
    for (name, status) in [
        ("localhost", 200),
        ("sessions.localhost", 200),
        ("127.0.0.1", 200),
        ("[::1]", 200),
        ("Sessions.LOCALHOST", 200),
    ]
    .into_iter()
    .chain(
        [
            "evil.example",
            "localhost.evil.example",
            "notlocalhost",
            "192.168.1.1",
            "127.0.0.1.evil.example",
        ]
        .map(|name| (name, 421)),
    ) {
        for path in ["/", "/rows", "/viewer.js", "/healthz"] {
            assert_eq!(
                Visitor::new()
                    .get(&endpoint.named(name), path)
                    .await?
                    .status,
                status,
                "{name}{path}"
            );
        }
    }
    Ok(())
}

#[actix_web::test]
async fn a_balancer_that_names_no_host_is_told_that_it_is_ready() -> Result<()> {
    use std::io::{Read, Write};

    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    let mut balancer = std::net::TcpStream::connect(viewed.viewer.address())?;
    balancer.write_all(b"GET /readyz HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    balancer.read_to_string(&mut answer)?;
    assert!(
        answer.starts_with("HTTP/1.0 200 OK\r\n") && answer.ends_with("\r\n\r\nready\n"),
        "{answer}"
    );
    Ok(())
}

#[actix_web::test]
async fn it_listens_where_others_can_connect_only_if_told_that_a_proxy_stands_there() -> Result<()>
{
    let env = TestEnv::new()?;
    let mut command = Command::new(binary("demo-viewer")?);
    let refused = env
        .run(
            command
                .env_clear()
                .args(["--port", "0", "--host", "0.0.0.0"]),
        )
        .await?;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(
        said.contains("others can reach 0.0.0.0") && said.contains("--behind-proxy"),
        "{said}"
    );

    let viewed = viewed(&env, &[("APP_HOST", "0.0.0.0"), ("BEHIND_PROXY", "true")]).await?;
    assert_eq!(viewed.get("/").await?.status, 200);
    Ok(())
}

#[actix_web::test]
async fn the_log_has_a_line_for_each_request_that_no_path_can_forge() -> Result<()> {
    let env = TestEnv::new()?;
    let viewed = viewed(&env, &[]).await?;
    viewed.get("/").await?;
    for path in ["/rows", "/healthz", "/x%0Aforged%1B%C2%9B31m"] {
        viewed.get(path).await?;
    }
    let log = viewed.viewer.log();
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("viewer GET /"))
        .collect();
    let [page, odd] = &lines[..] else {
        panic!("what is asked for all the time is not told: {log}")
    };
    assert!(
        page.contains("viewer GET / 200 ") && page.ends_with("ms"),
        "{page}"
    );
    assert!(
        odd.contains(" 404 ") && !log.contains('\u{9b}') && !log.contains("\nforged"),
        "{log}"
    );
    Ok(())
}
