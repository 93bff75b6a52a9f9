//! What other sites' pages may make a browser do here: nothing.

use actix_web::http::Method;
use anyhow::Result;
use testkit::{TestEnv, Visitor};

use crate::common::{ask, deployment, signed_in, welcome_everywhere};

/// Everything that changes something.
const CHANGES: [(Method, &str); 6] = [
    (Method::POST, "/login"),
    (Method::POST, "/logout"),
    (Method::POST, "/message"),
    (Method::POST, "/sessions/revoke-others"),
    (Method::POST, "/sessions/0123456789abcdef"),
    (Method::DELETE, "/sessions/0123456789abcdef"),
];

#[actix_web::test]
async fn what_changes_anything_is_refused_to_foreign_pages_and_changes_nothing() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let mut alice = signed_in(&deployment.endpoint, "alice").await?;
    let id = alice.session_id().map(str::to_owned);
    let foreign: [&[(&str, &str)]; 5] = [
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Origin", "http://evil.example")],
        &[("Origin", "http://memory.localhost:5000")],
        &[("Origin", "null")],
    ];
    for (method, path) in CHANGES {
        for headers in foreign {
            let seen = ask(
                &mut alice,
                method.clone(),
                &deployment.endpoint,
                path,
                headers,
            )
            .await?;
            assert_eq!(
                (seen.status, seen.body.as_str()),
                (
                    403,
                    r#"{"error":"this request came from another site's page"}"#
                ),
                "{path}"
            );
            assert!(
                seen.header("set-cookie").is_none() && seen.header("clear-site-data").is_none(),
                "{path}"
            );
            let seen = ask(
                &mut Visitor::new(),
                method.clone(),
                &deployment.endpoint,
                path,
                headers,
            )
            .await?;
            assert!(
                seen.status == 403 && seen.header("set-cookie").is_none(),
                "nobody is signed in by a foreign page: {path}"
            );
        }
    }
    assert_eq!(alice.session_id().map(str::to_owned), id);
    assert_eq!(
        welcome_everywhere(&mut alice, &deployment.endpoint)
            .await?
            .as_deref(),
        Some("alice")
    );
    Ok(())
}

#[actix_web::test]
async fn our_own_pages_and_programs_without_a_page_are_served() -> Result<()> {
    let env = TestEnv::new()?;
    let deployment = deployment(&env, &[]).await?;
    let own = format!("http://{}", deployment.endpoint.host());
    let ours: [&[(&str, &str)]; 4] = [
        &[],
        &[("Sec-Fetch-Site", "same-origin"), ("Origin", &own)],
        &[("Sec-Fetch-Site", "none")],
        &[("Origin", &own)],
    ];
    for headers in ours {
        let mut alice = Visitor::new();
        let request = alice
            .request(Method::POST, &deployment.endpoint, "/login")
            .content_type("application/x-www-form-urlencoded");
        let request = headers
            .iter()
            .fold(request, |request, header| request.insert_header(*header));
        let seen = alice.send(request, "userId=alice").await?;
        assert_eq!(
            (seen.status, seen.header("location")),
            (303, Some("/dashboard")),
            "{headers:?}"
        );
        assert_eq!(
            ask(
                &mut alice,
                Method::POST,
                &deployment.endpoint,
                "/logout",
                headers
            )
            .await?
            .header("location"),
            Some("/login")
        );
    }
    Ok(())
}
