//! Requests that pages of other sites cause.

use actix_web::http::Method;
use anyhow::Result;

use crate::common::App;

/// All routes that change something.
const CHANGES: [(Method, &str); 6] = [
    (Method::POST, "/login"),
    (Method::POST, "/logout"),
    (Method::POST, "/message"),
    (Method::POST, "/sessions/revoke-others"),
    (Method::POST, "/sessions/0123456789abcdef"),
    (Method::DELETE, "/sessions/0123456789abcdef"),
];

#[actix_web::test]
async fn pages_of_other_sites_change_nothing() -> Result<()> {
    let app = App::start(&[]).await?;
    let mut alice = app.logged_in("alice").await?;
    let id = alice.id()?;
    let refusal = r#"{"error":"this request came from another site's page"}"#;
    for (method, path) in CHANGES {
        for header in [
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
            ("Origin", "http://evil.example"),
            ("Origin", "http://memory.localhost:5000"),
            ("Origin", "null"),
        ] {
            for client in [&mut alice, &mut app.client()] {
                let response = client.send(method.clone(), path, &[header]).await?;
                assert_eq!((response.status, &*response.body), (403, refusal), "{path}");
                assert!(response.header("set-cookie").is_none(), "{path}");
                assert!(response.header("clear-site-data").is_none(), "{path}");
            }
        }
    }
    assert_eq!(alice.id()?, id);
    assert_eq!(alice.user().await?.as_deref(), Some("alice"));
    Ok(())
}

#[actix_web::test]
async fn own_pages_and_programs_are_served() -> Result<()> {
    let app = App::start(&[]).await?;
    let own = format!("http://{}", app.deployment.endpoint.host());
    let accepted: [&[(&str, &str)]; 4] = [
        &[],
        &[("Sec-Fetch-Site", "same-origin"), ("Origin", &own)],
        &[("Sec-Fetch-Site", "none")],
        &[("Origin", &own)],
    ];
    for headers in accepted {
        let mut alice = app.logged_in("alice").await?;
        let response = alice.send(Method::POST, "/logout", headers).await?;
        assert_eq!(response.header("location"), Some("/login"), "{headers:?}");
    }
    Ok(())
}
