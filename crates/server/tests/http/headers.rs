//! Headers of every response: the instance, and no caching.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{TestEnv, Visitor};

use crate::common::{memory, send};

/// `outage` checks the headers of a 503.
#[actix_web::test]
async fn responses_name_the_instance_and_are_not_cached() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let cross_site = ("Sec-Fetch-Site", "cross-site");
    let no_store = Some("no-store");
    for (method, path, headers, status, cache_control) in [
        (Method::GET, "/", &[][..], 200, no_store),
        (Method::GET, "/session/", &[], 200, no_store),
        (Method::GET, "/session/set/v", &[], 200, no_store),
        (Method::GET, "/session/unset/", &[], 200, no_store),
        (Method::GET, "/session/set/%FF", &[], 400, no_store),
        (Method::GET, "/session/other", &[], 404, no_store),
        (Method::POST, "/session", &[], 415, no_store),
        (Method::POST, "/session", &[form], 400, no_store),
        (Method::POST, "/session", &[form, cross_site], 403, no_store),
        (Method::PUT, "/session", &[], 405, no_store),
        (Method::PUT, "/", &[], 405, no_store),
        (Method::GET, "/healthz", &[], 200, None),
        (Method::GET, "/readyz", &[], 200, None),
        (Method::GET, "/nothing", &[], 404, None),
    ] {
        let mut visitor = Visitor::new();
        let seen = send(
            &mut visitor,
            method.clone(),
            &server.endpoint(),
            path,
            headers,
        )
        .await?;
        assert_eq!(
            (
                seen.status,
                seen.instance.as_deref(),
                seen.header("cache-control")
            ),
            (status, Some("memory-1"), cache_control),
            "{method} {path} {headers:?}"
        );
    }
    let seen = Visitor::new()
        .post(&server.endpoint(), "/session", "value=v")
        .await?;
    assert_eq!((seen.status, seen.header("cache-control")), (303, no_store));
    Ok(())
}
