//! A POST from another site's page is rejected. A POST from our own page, or from no page, is served.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{Endpoint, Response, TestEnv, Visitor};

use crate::common::memory;

async fn post(
    visitor: &mut Visitor,
    endpoint: &Endpoint,
    headers: &[(&str, &str)],
) -> Result<Response> {
    let mut request = visitor
        .request(Method::POST, endpoint, "/session")
        .content_type("application/x-www-form-urlencoded");
    for header in headers {
        request = request.insert_header(*header);
    }
    visitor.send(request, "value=theirs").await
}

#[actix_web::test]
async fn a_cross_origin_post_is_403_and_changes_nothing() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let endpoint = server.endpoint();
    let own = format!("http://{}", endpoint.host());

    let cross_origin: [&[(&str, &str)]; 7] = [
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", &own)],
        &[("Origin", "http://evil.example")],
        &[("Origin", "http://localhost:1")],
        &[("Origin", "null")],
        &[("Origin", "")],
    ];
    for headers in cross_origin {
        let mut visitor = Visitor::new();
        let seen = post(&mut visitor, &endpoint, headers).await?;
        let cookie = seen.header("set-cookie");
        assert_eq!((seen.status, cookie), (403, None), "{headers:?}");
        visitor.get(&endpoint, "/session/set/mine").await?;
        let seen = post(&mut visitor, &endpoint, headers).await?;
        assert_eq!(seen.status, 403, "{headers:?}");
        let shown = visitor.get(&endpoint, "/session/").await?;
        assert_eq!(shown.body, "mine\n", "{headers:?}");
    }

    let same_origin: [&[(&str, &str)]; 5] = [
        &[],
        &[("Sec-Fetch-Site", "same-origin"), ("Origin", &own)],
        &[("Sec-Fetch-Site", "same-origin"), ("Origin", "null")],
        &[("Sec-Fetch-Site", "none")],
        &[("Origin", &own)],
    ];
    for headers in same_origin {
        let mut visitor = Visitor::new();
        let seen = post(&mut visitor, &endpoint, headers).await?;
        assert_eq!(seen.status, 303, "{headers:?}");
        let shown = visitor.get(&endpoint, "/session/").await?;
        assert_eq!(shown.body, "theirs\n", "{headers:?}");
    }
    Ok(())
}
