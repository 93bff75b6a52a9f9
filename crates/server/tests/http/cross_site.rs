//! POSTs that other sites' pages make.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{Endpoint, TestEnv, Visitor};

use crate::common::memory;

async fn post(
    visitor: &mut Visitor,
    endpoint: &Endpoint,
    headers: &[(&str, &str)],
) -> Result<(u16, bool)> {
    let request = visitor
        .request(Method::POST, endpoint, "/session")
        .content_type("application/x-www-form-urlencoded");
    let seen = visitor
        .send(
            headers
                .iter()
                .fold(request, |request, header| request.insert_header(*header)),
            "value=theirs",
        )
        .await?;
    Ok((seen.status, seen.header("set-cookie").is_some()))
}

#[actix_web::test]
async fn a_post_from_another_site_is_refused_and_changes_nothing() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let endpoint = server.endpoint();
    let own = format!("http://{}", endpoint.host());
    let foreign: [&[(&str, &str)]; 7] = [
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", &own)],
        &[("Origin", "http://evil.example")],
        &[("Origin", "http://localhost:1")],
        &[("Origin", "null")],
        &[("Origin", "")],
    ];
    for headers in foreign {
        let mut visitor = Visitor::new();
        assert_eq!(
            post(&mut visitor, &endpoint, headers).await?,
            (403, false),
            "{headers:?}, without a session"
        );
        visitor.get(&endpoint, "/session/set/mine").await?;
        assert_eq!(
            post(&mut visitor, &endpoint, headers).await?.0,
            403,
            "{headers:?}"
        );
        assert_eq!(
            visitor.get(&endpoint, "/session/").await?.body,
            "mine\n",
            "{headers:?}"
        );
    }
    Ok(())
}

#[actix_web::test]
async fn a_post_from_our_own_page_or_from_no_page_is_served() -> Result<()> {
    let env = TestEnv::new()?;
    let server = memory(&env, &[]).await?;
    let endpoint = server.endpoint();
    let own = format!("http://{}", endpoint.host());
    let ours: [&[(&str, &str)]; 5] = [
        &[],
        &[("Sec-Fetch-Site", "same-origin"), ("Origin", &own)],
        &[("Sec-Fetch-Site", "same-origin"), ("Origin", "null")],
        &[("Sec-Fetch-Site", "none")],
        &[("Origin", &own)],
    ];
    for headers in ours {
        let mut visitor = Visitor::new();
        assert_eq!(
            post(&mut visitor, &endpoint, headers).await?,
            (303, true),
            "{headers:?}"
        );
        assert_eq!(
            visitor.get(&endpoint, "/session/").await?.body,
            "theirs\n",
            "{headers:?}"
        );
    }
    Ok(())
}
