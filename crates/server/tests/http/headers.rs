//! Headers of every response: the instance, and no caching.

use actix_web::http::Method;
use anyhow::Result;
use testkit::Visitor;

use crate::common::{memory, send};

/// Health checks need no session. `outage` checks their bodies, and the headers of a 503.
#[actix_web::test]
async fn responses_name_the_instance_and_are_not_cached() -> Result<()> {
    let (_server, endpoint, _) = memory(&[]).await?;
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let cross_site = ("Sec-Fetch-Site", "cross-site");
    for (method, path, headers, body, status) in [
        (Method::GET, "/", &[][..], "", 200),
        (Method::GET, "/session/", &[], "", 200),
        (Method::GET, "/session/set/v", &[], "", 200),
        (Method::GET, "/session/unset/", &[], "", 200),
        (Method::GET, "/session/set/%FF", &[], "", 400),
        (Method::POST, "/session", &[], "", 415),
        (Method::POST, "/session", &[form], "", 400),
        (Method::POST, "/session", &[form, cross_site], "", 403),
        (Method::POST, "/session", &[form], "value=v", 303),
        (Method::PUT, "/session", &[], "", 405),
        (Method::PUT, "/", &[], "", 405),
        (Method::GET, "/healthz", &[], "", 200),
        (Method::HEAD, "/healthz", &[], "", 200),
        (Method::POST, "/healthz", &[], "", 405),
        (Method::GET, "/readyz", &[], "", 200),
        (Method::HEAD, "/readyz", &[], "", 200),
        (Method::POST, "/readyz", &[], "", 405),
        (Method::GET, "/nothing", &[], "", 404),
    ] {
        let what = format!("{method} {path} {headers:?}");
        let mut visitor = Visitor::new();
        let seen = send(&mut visitor, method, &endpoint, path, headers, body).await?;
        assert_eq!(seen.status, status, "{what}");
        assert_eq!(seen.instance.as_deref(), Some("memory-1"), "{what}");
        let has_session = path == "/" || path.starts_with("/session");
        let expected = has_session.then_some("no-store");
        assert_eq!(seen.header("cache-control"), expected, "{what}");
        if path.ends_with('z') {
            let allow = (status == 405).then_some("GET, HEAD");
            assert_eq!(seen.header("allow"), allow, "{what}");
            assert_eq!(seen.header("set-cookie"), None, "{what}");
        }
    }
    Ok(())
}
