//! The name that a proxy sends, to an instance that calls itself `memory-1`.

use actix_web::http::Method;
use anyhow::Result;
use testkit::Visitor;

use crate::common::{memory, send};

/// Sends the name `sent` and expects that the instance has the name `expected`, in `X-Served-By` and in its log.
async fn assert_name(settings: &[(&str, &str)], sent: &str, expected: &str) -> Result<()> {
    let (server, endpoint, _) = memory(settings).await?;
    let (mut visitor, headers) = (Visitor::new(), [("X-Instance", sent)]);
    let seen = send(&mut visitor, Method::GET, &endpoint, "/", &headers, "").await?;
    assert_eq!(seen.status, 200, "{sent}: {seen:?}");
    assert_eq!(seen.instance.as_deref(), Some(expected), "{sent}: {seen:?}");
    let log = server.log();
    assert!(
        log.contains(&format!(" {expected} GET / 200")),
        "{sent}: {log}"
    );
    Ok(())
}

#[actix_web::test]
async fn a_proxy_names_the_instance() -> Result<()> {
    let longest = "n".repeat(64);
    for name in ["redis-7", "[::1]:5000", &longest] {
        assert_name(&[("BEHIND_PROXY", "true")], name, name).await?;
    }
    Ok(())
}

#[actix_web::test]
async fn without_a_proxy_the_header_is_ignored() -> Result<()> {
    assert_name(&[], "redis-7", "memory-1").await
}

#[actix_web::test]
async fn an_invalid_name_is_ignored() -> Result<()> {
    let too_long = "n".repeat(65);
    for name in ["", "a b", "<b>", "a\tb", "größe", &too_long] {
        assert_name(&[("BEHIND_PROXY", "true")], name, "memory-1").await?;
    }
    Ok(())
}
