//! Requests that pages of other sites cause. The tests of the server show which requests these are.

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
            ("Origin", "http://memory.localhost:5000"),
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
